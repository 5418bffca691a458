"""A filament of lithium in a ceramic: how it grows, conducts and ruptures."""

from __future__ import annotations

import math
from dataclasses import dataclass

from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.description import Description, part, quantity
from solith.core.errors import InputError
from solith.core.quantities import to_si
from solith.interface.arrhenius import arrhenius_factor
from solith.interface.charge_transfer import CHARGE_TRANSFER, ButlerVolmer, LinearTransfer

__all__ = [
    "Filament",
    "conducting_section",
    "deposition_current",
    "front_resistance",
    "wall_resistance",
]


@dataclass(frozen=True)
class Filament(Description):
    r"""One filament from an electrode through a ceramic towards lithium.

    Seen from the electrode, at a local bias V against the lithium [V]; below zero, lithium
    is deposited.

    * **Nucleation.** A nucleus of ``nucleus_radius`` [m] forms where :math:`-V` reaches
      ``nucleation_bias`` [V].
    * **Growth.** The filament is a cylinder at the electrode's potential. Its front advances by
      :math:`\dot h = j V_m / F`, its wall by :math:`\dot r = \chi j V_m / F`: the ceramic holds
      the wall shut, and only the part :math:`\chi`, ``wall_fraction``, of it takes part. The
      current density on front and wall follows from ``charge_transfer`` in series with the
      ceramic that the ions cross, :math:`-V = \eta(j) + j s`: :func:`front_resistance` and
      :func:`wall_resistance` s [ohm m2].
    * **Conduction.** Once it is through, the potential along it falls from V at the electrode to
      zero at the lithium, and the wall's current with it, which is taken as linear: the
      cross-section runs from A at the *neck*, which feels all of V, to B at the lithium, which
      stays as it is: :math:`G = (A - B) / [\rho L \ln(A / B)]`, ``resistivity`` :math:`\rho`
      [ohm m].
    * **Rupture.** Where V above zero has stripped the neck to nothing, the filament is off; what
      is left of it, a cone at the lithium's potential, is inert until a nucleus closes the neck.

    Disc on a half space, :math:`R = 1/4\sigma r`, and cylinder of radius r and length L in
    it, are textbook fields (Holm, *Electric Contacts*; recalled, no source read). The growth
    laws and the linear section are this project's own. The resistivity of lithium, 9.28e-8
    ohm m at 20 degC unless given, is recalled (Chi, 10.1063/1.555598); suppliers print 9.29e-8.
    It is that of the bulk: surfaces scatter electrons in a filament thinner than their mean free
    path, about 10 nm (recalled), and make its resistance some two to four times larger.
    Pressure in the filament, its own surface tension, Joule heat and the double layer are left out.
    """

    charge_transfer: ButlerVolmer | LinearTransfer = part(CHARGE_TRANSFER)
    nucleation_bias: float = quantity("V", above=0)
    nucleus_radius: float = quantity("m", above=0)
    wall_fraction: float = quantity("", low=0, high=1)
    resistivity: float = quantity("ohm m", above=0, default=9.28e-8)

    def check(self) -> None:
        if self.charge_transfer.concentration != "constant":
            raise InputError(
                "a metal has no lithium fraction; choose 'constant'",
                where="charge_transfer.concentration",
            )

    def exchange(self, temperature: float) -> float:
        """Exchange current density [A/m2] at ``temperature`` [K], from its value at 298.15 K."""
        own = self.charge_transfer
        thermal = float(arrhenius_factor(own.activation_energy, temperature, _REFERENCE))
        return own.exchange(_REFERENCE) * thermal

    def current_density(
        self, bias: float | str, resistance: float | str, temperature: float | str = 298.15
    ) -> float:
        """Current density that deposits lithium [A/m2, on front or wall] at a local ``bias`` [V].

        Positive where the bias is below zero. ``resistance`` is that of the ceramic [ohm m2].
        """
        kelvin = to_si(temperature, "K")
        return deposition_current(
            -to_si(bias, "V"),
            to_si(resistance, "ohm m2"),
            self.exchange(kelvin),
            2 * GAS_CONSTANT * kelvin / FARADAY,
            self.charge_transfer.law == LinearTransfer.law,
        )

    def conductance(
        self, neck_radius: float | str, radius: float | str, length: float | str
    ) -> float:
        """Conductance [S] between a neck and a body of ``radius`` over ``length``, all [m]."""
        neck, body = (math.pi * to_si(size, "m") ** 2 for size in (neck_radius, radius))
        return conducting_section(neck, body) / (self.resistivity * to_si(length, "m"))


_REFERENCE = 298.15  # K
_ROUNDS = 60
_CLOSE = 1e-13


def deposition_current(
    drive: float, resistance: float, exchange: float, thermal: float, linear: bool
) -> float:
    """The current density [A/m2] that a ``drive`` [V] brings through kinetics and resistance.

    ``resistance`` is the ceramic's [ohm m2], ``exchange`` the exchange current density [A/m2],
    ``thermal`` 2 R T / F [V]. Plain arithmetic, which a simulator compiles.
    """
    slowest = resistance + thermal / (2 * exchange)
    if linear or drive == 0.0:
        return drive / slowest
    size = abs(drive)
    current = size / slowest  # not above the solution, from where Newton only rises
    for _ in range(_ROUNDS):
        ratio = current / (2 * exchange)
        left = size - thermal * math.asinh(ratio) - resistance * current
        slope = thermal / (2 * exchange * math.sqrt(1 + ratio * ratio)) + resistance
        current += left / slope
        if abs(left) <= _CLOSE * size:
            break
    return math.copysign(current, drive)


def front_resistance(radius: float, conductivity: float) -> float:
    r"""Resistance of the ceramic before a flat front [ohm m2], :math:`\pi r / 4\sigma`."""
    return math.pi * radius / (4 * conductivity)


def wall_resistance(radius: float, length: float, conductivity: float) -> float:
    r"""Resistance of the ceramic around a wall [ohm m2], :math:`r \ln(1 + L/r) / \sigma`."""
    return radius * math.log1p(length / radius) / conductivity if radius > 0 else 0.0


def conducting_section(neck: float, body: float) -> float:
    """The cross-section [m2] of even current: the logarithmic mean of both ends, 0 with a neck."""
    if neck <= 0.0 or body <= 0.0:
        return 0.0
    apart = (neck - body) / body
    if abs(apart) < 1e-5:
        return body * (1 + apart / 2 - apart * apart / 12)
    return body * apart / math.log1p(apart)
