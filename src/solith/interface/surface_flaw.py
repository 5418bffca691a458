"""Lithium plated into a flaw of the surface: its pressure, and when the flaw extends."""

from __future__ import annotations

import math
from dataclasses import dataclass

from solith.core.constants import FARADAY
from solith.core.description import Description, choice, quantity
from solith.core.result import Result, Value
from solith.interface._arguments import positive, within

__all__ = [
    "LITHIUM_MOLAR_VOLUME",
    "SurfaceFlaw",
    "plating_overpotential",
    "plating_pressure",
]

LITHIUM_MOLAR_VOLUME = 1.3e-5
"""Molar volume of lithium metal [m3/mol]: 6.94 g/mol over 0.534 g/cm3 (recalled)."""


@dataclass(frozen=True)
class SurfaceFlaw(Description):
    r"""A flaw of ``length`` a [m] into a solid of ``toughness`` :math:`K_{Ic}` [Pa m^0.5].

    Lithium that fills it presses on its walls; it extends, and the filament with it, from

    .. math:: p_c = \frac{K_{Ic}}{Y\sqrt{\pi a}}, \qquad \eta_c = \frac{p_c V_m}{F}

    (Griffith's condition with Irwin's toughness, as Porz et al. apply it to plating,
    10.1002/aenm.201701003; the equations are recalled, the text was not read). ``shape``: "edge", a
    long crack at the surface, Y = 1.1215; "penny", a round one inside, Y = :math:`2/\pi`
    (handbook values, recalled).

    **Range**: a brittle solid; a flaw filled to its tip with one even pressure, which lithium
    holds only where the flaw is narrow; no friction, no blunting. An upper bound for the
    overpotential where lithium enters grain boundaries that are weaker than the grains.
    Toughness of dense Li6.4La3Zr1.4Ta0.6O12 is 1.51 MPa m^0.5, 0.44 at 83 % density (Hu et al.,
    Chin. Phys. Lett. 38, 098401; abstract read).
    """

    length: float = quantity("m", above=0)
    toughness: float = quantity("Pa m^0.5", above=0)
    shape: str = choice(("edge", "penny"), default="edge", what="shape of a flaw")

    @property
    def critical_pressure(self) -> float:
        """Pressure in the flaw [Pa] from which it extends."""
        return self.toughness / (_SHAPES[self.shape] * math.sqrt(math.pi * self.length))

    def critical_overpotential(self, molar_volume: float | str = LITHIUM_MOLAR_VOLUME) -> float:
        """Plating overpotential [V] whose pressure extends the flaw."""
        return plating_overpotential(self.critical_pressure, molar_volume)

    @property
    def result(self) -> Result:
        """Length [um], toughness, the critical pressure [MPa] and the overpotential [mV] for it."""
        method = f"Griffith, {self.shape} flaw"
        flags = ("upper bound: lithium that flows out, or weaker boundaries, need less",)
        return Result(
            "Flaw filled with lithium",
            (
                Value("flaw_length", 1e6 * self.length, "um"),
                Value("toughness", 1e-6 * self.toughness, "MPa m^0.5"),
                Value("critical_pressure", 1e-6 * self.critical_pressure, "MPa", method=method),
                Value(
                    "critical_overpotential",
                    1e3 * self.critical_overpotential(),
                    "mV",
                    method=method,
                    flags=flags,
                ),
            ),
        )

    def stress_intensity(self, pressure: float | str) -> float:
        """Stress intensity [Pa m^0.5] under a ``pressure`` [Pa]; the toughness extends the flaw."""
        load = within(pressure, "Pa", "pressure", low=0)
        return load * _SHAPES[self.shape] * math.sqrt(math.pi * self.length)

    @classmethod
    def from_overpotential(
        cls,
        overpotential: float | str,
        toughness: float | str,
        shape: str = "edge",
        molar_volume: float | str = LITHIUM_MOLAR_VOLUME,
    ) -> SurfaceFlaw:
        """The flaw that an ``overpotential`` [V] just extends."""
        drive = positive(overpotential, "V", "overpotential")
        unit = cls(1.0, toughness, shape)  # type: ignore[arg-type]
        load = plating_pressure(drive, molar_volume)
        return unit.replace(length=(unit.critical_pressure / load) ** 2)


def plating_pressure(
    overpotential: float | str, molar_volume: float | str = LITHIUM_MOLAR_VOLUME
) -> float:
    r"""Pressure [Pa] at which confined plating stops, :math:`p = F\eta/V_m`.

    ``overpotential`` :math:`\eta` [V], its size; 7.4 GPa for each volt with lithium's
    ``molar_volume`` [m3/mol] (Porz et al., 10.1002/aenm.201701003; recalled). An upper bound:
    lithium that can flow out of the flaw, or cracks it, does not reach it.
    """
    drive = within(overpotential, "V", "overpotential", low=0)
    return FARADAY * drive / positive(molar_volume, "m3/mol", "molar_volume")


def plating_overpotential(
    pressure: float | str, molar_volume: float | str = LITHIUM_MOLAR_VOLUME
) -> float:
    """Overpotential [V] that plating needs against a ``pressure`` [Pa]."""
    load = within(pressure, "Pa", "pressure", low=0)
    return load * positive(molar_volume, "m3/mol", "molar_volume") / FARADAY


_SHAPES = {"edge": 1.1215, "penny": 2 / math.pi}
