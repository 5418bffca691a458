"""Powders pressed to a sequence of pressures, particle by particle."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from solith.compaction._servo import press_to
from solith.compaction._start import loose_powder
from solith.compaction.mixture import Mixture, parse_mixture
from solith.compaction.pressed import PressedState, state_of
from solith.core.errors import InputError, UnknownNameError
from solith.core.progress import SILENT, Progress
from solith.core.quantities import to_si

__all__ = ["press"]

MODES = ("uniaxial", "isostatic")
_MOST_STRAIN = 0.02
"""Pressure over modulus up to which overlaps are small enough for Hertz's law."""
_MOST_PARTICLES = 500_000
_FEWEST = 20


def press(
    mixture: Mixture | str,
    pressures: Iterable[Any],
    *,
    seed: int = 0,
    particles: int = 2000,
    mode: str = "uniaxial",
    balance: float = 2e-3,
    most_steps: int = 100_000,
    progress: Progress = SILENT,
) -> list[PressedState]:
    """The states of a powder mixture at rest under ``pressures`` [Pa, or with unit], in order.

    Discrete elements: spheres at random in a dilute packing (28 % of the box), x and y periodic,
    are pressed between two smooth platens along z ("uniaxial"), or from all sides with z periodic
    too ("isostatic"). Contacts are elastic for hard powders and as
    :class:`~solith.compaction.PlasticContact` for soft ones, with Coulomb friction on a spring of
    Mindlin's stiffness. All motion is quasi-static: masses are fictitious and the rate of
    pressing follows the unbalanced forces; a state is at rest when the mean resultant of forces on
    a particle is below ``balance`` times the mean force of a contact and the pressure is met to
    0.3 %. A pressure below the one before is reached by unloading. The same seed gives the same
    states, whatever the number of threads.

    ``mixture`` is a :class:`Mixture` or a text such as "NMC:LGPS:C=1:1:0.1". Raises
    :class:`InputError` for a mixture that cannot be packed with so few ``particles``, and for
    pressures that are not positive or cannot be reached; :class:`ConvergenceError` where one
    pressure takes more than ``most_steps``.
    """
    mixed = parse_mixture(mixture) if isinstance(mixture, str) else mixture
    if not isinstance(mixed, Mixture):
        raise InputError(f"expected a Mixture or a text, not {type(mixture).__name__}")
    wanted = _pressures(mixed, pressures)
    if mode not in MODES:
        raise UnknownNameError.among("mode", mode, MODES)
    if not isinstance(particles, int) or not _FEWEST <= particles <= _MOST_PARTICLES:
        raise InputError(
            f"{particles!r} is no number of particles from {_FEWEST} to {_MOST_PARTICLES}",
            where="particles",
        )
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise InputError(f"{seed!r} is no whole number from 0", where="seed")
    if not 1e-7 <= balance <= 0.01:
        raise InputError(f"{balance!r} must lie between 1e-7 and 0.01", where="balance")
    assembly, scales = loose_powder(mixed, particles, seed, mode == "isostatic")
    states = []
    for number, pressure in enumerate(wanted):
        part = progress.part(number / len(wanted), (number + 1) / len(wanted))
        told = f"pressing to {pressure / 1e6:.4g} MPa"

        def tick(done: float, part: Progress = part, told: str = told) -> None:
            part.report(done, told)
            if assembly.fraction >= 1.0:
                raise InputError(
                    f"{told} cannot be reached with voids: the mixture is dense below it; take "
                    "a lower pressure or a higher yield stress",
                    where="pressures",
                )

        measured = press_to(
            assembly, pressure / scales.pressure, mode == "isostatic", balance, most_steps, tick
        )
        states.append(state_of(mixed, pressure, assembly, scales, measured))
    progress.report(1.0)
    return states


def _pressures(mixture: Mixture, given: Iterable[Any]) -> list[float]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        given = [given]
    wanted = [to_si(one, "Pa") for one in given]
    if not wanted:
        raise InputError("no pressure is given; give at least one", where="pressures")
    most = _MOST_STRAIN * min(powder.modulus for powder in mixture.powders)
    for pressure in wanted:
        if pressure <= 0:
            raise InputError(f"a pressure of {pressure:.4g} Pa is not above 0", where="pressures")
        if pressure > most:
            raise InputError(
                f"a pressure of {pressure / 1e6:.4g} MPa is out of reach: beyond {most / 1e6:.4g} "
                f"MPa, {_MOST_STRAIN:.0%} of the softest powder's modulus, contacts are no longer "
                "small",
                where="pressures",
            )
    return wanted
