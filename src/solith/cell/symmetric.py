"""The symmetric cell: lithium | solid electrolyte | lithium."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from solith.cell.cell import ElectrolyteLayer
from solith.cell.protocol import Cycling, Gitt, Impedance, Voltammetry
from solith.cell.reference import read_voltage
from solith.cell.steps import Step, read_current
from solith.core.description import Description, part, quantity
from solith.core.errors import InputError
from solith.core.quantities import in_unit, split_quantity, to_si
from solith.interface import (
    CHARGE_TRANSFER,
    ButlerVolmer,
    DiffusionLimitedGrowth,
    Film,
    LinearTransfer,
)
from solith.materials import find_material

__all__ = ["LithiumElectrode", "SymmetricCell", "stepped_current"]


@dataclass(frozen=True)
class LithiumElectrode(Description):
    """A flat electrode of lithium metal; all its areas are the *geometric* one.

    * ``charge_transfer`` between lithium and electrolyte, with its double layer;
    * ``interphase``: the film in series with it, which may grow with time (law "diffusion";
      what lithium it binds is not counted);
    * ``thickness`` of lithium at the start [m]; left out, it never runs out.
    """

    charge_transfer: ButlerVolmer | LinearTransfer = part(CHARGE_TRANSFER)
    interphase: Film | None = part(Film, default=None)
    thickness: float | None = quantity("m", above=0, default=None)

    def check(self) -> None:
        if self.charge_transfer.concentration != "constant":
            raise InputError(
                "a metal has no lithium fraction; choose 'constant'",
                where="charge_transfer.concentration",
            )
        film = self.interphase
        if film is None:
            return
        if film.conductivity is None:
            raise InputError("is missing; give it", where="interphase.conductivity")
        if film.growth is None:
            return
        if not isinstance(film.growth, DiffusionLimitedGrowth):
            raise InputError(
                "the potential of lithium does not change, so that it cannot drive growth; "
                "choose the law 'diffusion'",
                where="interphase.growth",
            )
        if film.growth.lithium_content > 0:
            raise InputError(
                "the lithium that an interphase binds is not counted in a symmetric cell; "
                "leave it out",
                where="interphase.growth.lithium_content",
            )


@dataclass(frozen=True)
class SymmetricCell(Description):
    """Two electrodes of lithium on either side of a solid electrolyte.

    ``electrode`` is the working electrode, ``counter`` the same unless given. ``area`` is the
    *geometric* area [m2], ``temperature`` [K]; conductivities, exchange current densities and
    resistances are those at 298.15 K and follow their activation energies from there.

    A charge (positive current, positive voltage) strips the working electrode and plates the
    counter electrode; a discharge does the reverse. At rest the voltage is zero. It has no
    C rate: currents are densities such as "0.1 mA/cm2", or amperes. A filament that grows
    through the electrolyte is not part of it.
    """

    law: ClassVar[str] = "symmetric"
    contact_fraction: ClassVar[float] = 1.0
    materials: ClassVar[tuple[str, ...]] = ("Li",)
    electrode: LithiumElectrode = part(LithiumElectrode)
    electrolyte: ElectrolyteLayer = part(ElectrolyteLayer)
    area: float = quantity("m2", above=0)
    counter: LithiumElectrode | None = part(LithiumElectrode, default=None)
    temperature: float = quantity("K", low=150, high=600, default=298.15)

    @property
    def counter_electrode(self) -> LithiumElectrode:
        """The counter electrode, given or the same as the working one."""
        return self.electrode if self.counter is None else self.counter

    @property
    def lithium_molar_volume(self) -> float:
        """Volume of a mole of lithium metal [m3/mol], from the materials table."""
        lithium = find_material("Li")
        return lithium.value("molar_mass") / lithium.value("density")

    def anode_potential(self, cathode_fraction: float | None = None) -> float:
        """The counter electrode's open-circuit potential vs Li+/Li [V], zero."""
        return 0.0

    def cell_potential(self, potential: float) -> float:
        """A potential of the working electrode vs Li+/Li [V] as voltage of this cell."""
        return potential

    def check_protocol(self, protocol: Any) -> None:
        """Raise :class:`InputError` for what a symmetric cell cannot do."""
        if isinstance(protocol, Gitt | Voltammetry):
            what = "titration" if isinstance(protocol, Gitt) else "cyclic voltammetry"
            raise InputError(
                f"a symmetric cell takes no {what}: its electrodes are lithium, whose potential "
                "does not change with charge; give Cycling or Impedance"
            )
        if isinstance(protocol, Impedance):
            self._check_state(protocol)
            return
        assert isinstance(protocol, Cycling)
        if protocol.double_layers:
            raise InputError(
                "double layers take no part in the steps of a symmetric cell; leave it out, or "
                "give Impedance",
                where="double_layers",
            )
        for place, step in enumerate(protocol.read_steps(), start=1):
            try:
                self._check_step(step)
            except InputError as error:
                raise InputError(f"{step.text!r}: {error}", where=f"steps.{place}") from None

    def _check_state(self, protocol: Impedance) -> None:
        given = protocol.potential
        if given is None or read_voltage(given).in_cell(self) != 0:
            raise InputError(
                "a symmetric cell has one state of rest and no lithium fraction; give "
                "potential = '0 V vs Li'",
                where="potential",
            )

    def _check_step(self, step: Step) -> None:
        current = step.current
        if current is not None and current.rate is not None:
            raise InputError(
                "a symmetric cell has no C rate; give a current density such as '0.1 mA/cm2'"
            )
        if current is not None and current.specific is not None:
            raise InputError(
                "a symmetric cell has no mass of active material; give a current density such "
                "as '0.1 mA/cm2'"
            )
        if step.potential is None or step.action not in ("charge", "discharge"):
            return
        voltage = step.potential.in_cell(self)
        if voltage * _SIGNS[step.action] <= 0:
            side = "above" if step.action == "charge" else "below"
            raise InputError(
                f"a {step.action} ends {side} 0 V, the open-circuit voltage of a symmetric "
                f"cell, not at {voltage:g} V"
            )


_SIGNS = {"charge": 1, "discharge": -1}


def stepped_current(
    start: str,
    step: str,
    highest: str,
    half_period: str,
    *,
    cycles_each: int = 1,
    rest: str | None = None,
    limit: str | None = None,
) -> Cycling:
    """Plating and stripping at currents that rise by ``step`` from ``start`` to ``highest``.

    The protocol with which critical current densities are measured. Each current flows for
    ``half_period`` one way and as long the other way, ``cycles_each`` times, with ``rest``
    after each half; a half also ends at the voltage ``limit`` ("0.5 V"), of either sign. The
    currents are densities on the geometric area ("0.1 mA/cm2").
    """
    _, unit = split_quantity(start, "A/m2")
    first, more, last = (
        _density(text, name)
        for name, text in (("start", start), ("step", step), ("highest", highest))
    )
    if last < first:
        raise InputError(f"{highest!r} is below start, {start!r}", where="highest")
    if cycles_each < 1:
        raise InputError(f"{cycles_each!r} must be at least 1", where="cycles_each")
    volts = None if limit is None else abs(to_si(limit, "V"))
    steps: list[str] = []
    for number in range(int((last - first) / more + 1e-9) + 1):
        density = f"{in_unit(first + number * more, 'A/m2', unit):.6g} {unit}"
        steps += _there_and_back(density, half_period, rest, volts) * cycles_each
    return Cycling(tuple(steps))


def _density(text: str, where: str) -> float:
    try:
        value = read_current(text).density
    except InputError as error:
        raise error.inside(where) from None
    if value is None:
        raise InputError(
            f"{text!r} is not a current density; write '0.1 mA/cm2', for instance", where=where
        )
    return value


def _there_and_back(
    density: str, half_period: str, rest: str | None, volts: float | None
) -> list[str]:
    steps = []
    for action, sign in _SIGNS.items():
        end = "" if volts is None else f" or until {sign * volts:g} V vs counter"
        steps.append(f"{action} at {density} for {half_period}{end}")
        if rest is not None:
            steps.append(f"rest for {rest}")
    return steps
