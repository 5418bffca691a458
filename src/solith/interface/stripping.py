"""Voids under lithium that is stripped: what diffusion and creep bring back to the interface."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solith.core.constants import FARADAY
from solith.core.description import Description, part, quantity
from solith.core.errors import InputError
from solith.core.result import Result, Value
from solith.interface._arguments import Array, numbers, positive, within
from solith.interface.arrhenius import arrhenius_factor
from solith.interface.surface_flaw import LITHIUM_MOLAR_VOLUME

__all__ = ["PowerLawCreep", "StrippedInterface", "VacancyDiffusion"]

_REFERENCE = 298.15  # K


@dataclass(frozen=True)
class PowerLawCreep(Description):
    r"""Steady creep, :math:`\dot\epsilon = \dot\epsilon_0 (\sigma/\sigma_0)^n`.

    ``rate`` :math:`\dot\epsilon_0` [1/s] at ``stress`` :math:`\sigma_0` [Pa] and 298.15 K, with
    ``activation_energy`` [J/mol]. For lithium ``exponent`` n is 6.6 and the energy 37 kJ/mol
    (LePage et al., 10.1149/2.0221902jes; Masias et al., 10.1007/s10853-018-2971-3; both numbers are
    recalled). The rate has no default: samples differ by two orders of magnitude (Darnbrough et
    al., abstract read: nanoindentation of lithium).

    **Range**: steady creep under uniaxial stress between about 0.2 and 2 MPa (recalled). Lithium
    that is held sideways feels a part of the stack pressure only.
    """

    rate: float = quantity("1/s", above=0)
    stress: float = quantity("Pa", above=0)
    exponent: float = quantity("", low=1, default=6.6)
    activation_energy: float = quantity("J/mol", low=0, default=37e3)

    def rate_at(self, stress: ArrayLike | str, temperature: float = _REFERENCE) -> Array:
        """Strain rate [1/s] under ``stress`` [Pa, at least 0] at a ``temperature`` [K]."""
        load = numbers(stress, "Pa", "stress")
        if np.any(load < 0):
            raise InputError("must be at least 0 Pa; give the size of a pressure", where="stress")
        kelvin = positive(temperature, "K", "temperature")
        warmer = arrhenius_factor(self.activation_energy, kelvin, _REFERENCE)
        return np.asarray(self.rate * (load / self.stress) ** self.exponent * warmer)

    def flags_at(self, stress: ArrayLike | str) -> tuple[str, ...]:
        """Whether ``stress`` [Pa] leaves the range in which creep was measured."""
        load = numbers(stress, "Pa", "stress")
        low, high = _MEASURED
        if load.size == 0 or (load.min() >= low and load.max() <= high):
            return ()
        outside = load.min() if load.min() < low else load.max()
        return (
            f"the metal is under {1e-6 * float(outside):.3g} MPa, outside the {1e-6 * low:g} to "
            f"{1e-6 * high:g} MPa of the creep law: extrapolated",
        )


@dataclass(frozen=True)
class VacancyDiffusion(Description):
    r"""Vacancies that stripping leaves at the interface and that diffuse into the metal.

    ``diffusivity`` D [m2/s] of vacancies, ``critical_fraction`` :math:`x_c` of empty sites (beyond
    equilibrium) from which they gather to voids, ``molar_volume`` of the metal [m3/mol].

    Krauskopf et al. (10.1021/acsami.9b02537) describe stripping so; the equations are the standard
    solutions of Fick's law (Sand's time; recalled). Constant current, plane interface, no
    pressure, dilute vacancies: ``critical_fraction`` is at most 0.1.
    """

    diffusivity: float = quantity("m2/s", above=0)
    critical_fraction: float = quantity("", above=0, high=0.1)
    molar_volume: float = quantity("m3/mol", above=0, default=LITHIUM_MOLAR_VOLUME)

    def steady_current(self, thickness: float | str) -> float:
        r"""Current density [A/m2, contact area] that a metal of ``thickness`` L [m] bears for ever.

        :math:`F D x_c / (V_m L)`, vacancies vanishing at its far side.
        """
        depth = positive(thickness, "m", "thickness")
        return FARADAY * self.diffusivity * self.critical_fraction / (self.molar_volume * depth)

    def time_to_voids(self, current_density: float | str) -> float:
        r"""Time [s] of stripping at ``current_density`` j [A/m2, contact area] until voids form.

        In a metal that is thick against the depth reached:
        :math:`\pi D \left(\frac{F x_c}{2 V_m j}\right)^2`.
        """
        current = positive(current_density, "A/m2", "current_density")
        reach = FARADAY * self.critical_fraction / (2 * self.molar_volume * current)
        return math.pi * self.diffusivity * reach**2


@dataclass(frozen=True)
class StrippedInterface(Description):
    r"""A stripped interface whose contact lasts while lithium is replenished.

    .. math::
        j_r(P) &= j_d + \frac{F\,\ell}{V_m}\,\dot\epsilon(sP), \qquad
        h\,\frac{dc}{dt} = -\frac{V_m}{F}\,\left[j - c\,j_r(P)\right], \quad 0 \le c \le 1

    * ``diffusion_current`` :math:`j_d` [A/m2, contact area]: what diffusion brings back;
    * ``creep`` of the metal under the ``stress_share`` s of the stack pressure P that it feels
      (1 unless told; a foil that is held sideways feels less), over the ``length``
      :math:`\ell` [m] from which it flows to the interface;
    * ``roughness`` h [m]: the depth that must be stripped for contact to be lost.

    The contact fraction c decays once the current density j on the *geometric* area exceeds
    :math:`j_r`, the critical stripping current of Kasemchainan et al.
    (10.1038/s41563-019-0438-9), who found voids above it; they name creep and diffusion as what
    opposes them. This balance is written here (no source): its lengths are calibrated, never
    predicted. Their 0.2 mA/cm2 at 3 MPa and 1.0 at 7 MPa (Li6PS5Cl; recalled) fix
    :math:`j_d` and :math:`\ell` for a given creep and share (:meth:`from_critical_currents`) and
    leave nothing to test. :meth:`result_at` flags pressures beyond the creep law's range and a
    length below an atom's or above a foil's.
    """

    creep: PowerLawCreep = part(PowerLawCreep)
    length: float = quantity("m", low=0)
    diffusion_current: float = quantity("A/m2", low=0, default=0.0)
    roughness: float = quantity("m", above=0, default=1e-6)
    molar_volume: float = quantity("m3/mol", above=0, default=LITHIUM_MOLAR_VOLUME)
    stress_share: float = quantity("", above=0, high=1, default=1.0)

    def critical_current(self, pressure: ArrayLike | str, temperature: float = _REFERENCE) -> Array:
        """The highest current density [A/m2] without loss of contact at ``pressure`` [Pa]."""
        load = self.stress_share * numbers(pressure, "Pa", "pressure")
        flow = self.creep.rate_at(load, temperature)
        return np.asarray(self.diffusion_current + FARADAY * self.length * flow / self.molar_volume)

    def flags_at(self, pressure: ArrayLike | str) -> tuple[str, ...]:
        """What makes :meth:`critical_current` at ``pressure`` [Pa] doubtful."""
        flags = self.creep.flags_at(self.stress_share * numbers(pressure, "Pa", "pressure"))
        if 0 < self.length < _SHORTEST:
            flags += (
                f"length {self.length:.3g} m is below an atom's: the metal creeps more slowly, or "
                "feels a part of the pressure only (stress_share)",
            )
        if self.length > _LONGEST:
            flags += (f"length {1e3 * self.length:.3g} mm is more than a foil has: no creep fits",)
        return flags

    def result_at(self, pressure: float | str, temperature: float = _REFERENCE) -> Result:
        """The critical current at one ``pressure`` [Pa] with its two parts [mA/cm2], flagged."""
        load = within(pressure, "Pa", "pressure", low=0)
        flags = self.flags_at(load)
        current = 0.1 * float(self.critical_current(load, temperature))
        diffusion = 0.1 * self.diffusion_current
        rows = (
            ("critical_stripping_current", current, flags),
            ("diffusion_current", diffusion, ()),
            ("creep_current", current - diffusion, flags),
        )
        return Result(
            f"Stripping at {1e-6 * load:.3g} MPa",
            (
                *(
                    Value(name, one, "mA/cm2", area="contact", flags=told)
                    for name, one, told in rows
                ),
                Value("creep_length", 1e6 * self.length, "um", flags=flags),
            ),
        )

    def contact(
        self,
        time: ArrayLike,
        current_density: float | str,
        pressure: float | str,
        temperature: float = _REFERENCE,
    ) -> Array:
        """Contact fraction at each ``time`` [s] of stripping from full contact; 0 once it is lost.

        In closed form. At or below :meth:`critical_current` it stays 1.
        """
        current = within(current_density, "A/m2", "current_density", low=0)
        elapsed = numbers(time, "s", "time")
        supply = float(self.critical_current(pressure, temperature))
        if current <= supply:
            return np.ones_like(elapsed)
        pace = self.molar_volume / (FARADAY * self.roughness)
        grown = np.expm1(np.minimum(supply * pace * elapsed, _LATE))
        lost = pace * elapsed * current if supply == 0 else (current / supply - 1) * grown
        return np.clip(1 - lost, 0.0, 1.0)

    def time_to_loss(
        self,
        current_density: float | str,
        pressure: float | str,
        temperature: float = _REFERENCE,
    ) -> float:
        """Time [s] until no contact is left; infinite at or below :meth:`critical_current`."""
        current = within(current_density, "A/m2", "current_density", low=0)
        supply = float(self.critical_current(pressure, temperature))
        if current <= supply:
            return math.inf
        pace = self.molar_volume / (FARADAY * self.roughness)
        if supply == 0:
            return 1 / (pace * current)
        return math.log1p(supply / (current - supply)) / (pace * supply)

    @classmethod
    def from_critical_currents(
        cls,
        lower: tuple[float | str, float | str],
        higher: tuple[float | str, float | str],
        creep: PowerLawCreep,
        roughness: float | str = 1e-6,
        stress_share: float = 1.0,
    ) -> StrippedInterface:
        """The interface with two measured (pressure [Pa], critical current density [A/m2]).

        Raises :class:`InputError` where the current rises more steeply with pressure than this
        creep allows (the diffusion current would be below 0), or not at all.
        """
        points = [
            (positive(load, "Pa", "pressure"), positive(current, "A/m2", "current"))
            for load, current in (lower, higher)
        ]
        (low, least), (high, most) = points
        share = positive(stress_share, "", "stress_share")
        slow, fast = float(creep.rate_at(share * low)), float(creep.rate_at(share * high))
        if not (low < high and least < most and slow < fast):
            raise InputError("current must rise with pressure from the first point to the second")
        per_rate = (most - least) / (fast - slow)
        rest = least - per_rate * slow
        if rest < 0:
            raise InputError(
                f"current rises more steeply than pressure to the power {creep.exponent:g} of the "
                "creep law; take a higher exponent"
            )
        return cls(
            creep,
            per_rate * LITHIUM_MOLAR_VOLUME / FARADAY,
            rest,
            roughness,  # type: ignore[arg-type]
            stress_share=share,
        )


_MEASURED = (0.2e6, 2e6)  # Pa
_SHORTEST, _LONGEST = 3e-10, 1e-3  # m: an atom of lithium, a foil
_LATE = 700.0  # of an exponential that is still a number
