"""Powders pressed to a sequence of pressures, particle by particle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from numbers import Integral
from typing import Any

from solith.compaction._assembly import Assembly
from solith.compaction._servo import check_effort, press_to
from solith.compaction._start import Scales, loose_powder
from solith.compaction.mixture import Mixture, as_mixture
from solith.compaction.pressed import PressedState, state_of
from solith.core.errors import InputError, UnknownNameError
from solith.core.progress import SILENT, Progress
from solith.core.quantities import to_si

__all__ = ["press", "press_each"]

MODES = ("uniaxial", "isostatic")
_MOST_STRAIN = 0.02
"""Pressure over a hard powder's modulus up to which overlaps are small enough for Hertz's law."""
_MOST_SQUEEZE = 0.03
"""Of the solid's volume, which pressing keeps: what pressure would take from it elastically."""
_LEAST_STRAIN = 1e-8
"""Below it contacts are so faint that nothing comes to rest."""
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

    Contacts of hard powders must stay small, as Hertz's law wants: up to 2 % of their modulus.
    Those of soft powders grow by their own law until voids are closed; what limits the pressure
    then is the volume that the solid would lose elastically and keeps here, 3 % (pressure times
    the mean of 1/K).

    ``mixture`` is a :class:`Mixture` or a text such as "NMC:LGPS:C=1:1:0.1". Raises
    :class:`InputError` for a mixture that cannot be packed with so few ``particles``, and for
    pressures that are not positive or cannot be reached; :class:`ConvergenceError` where one
    pressure takes more than ``most_steps``.
    """
    each = press_each(
        mixture, pressures, seed=seed, particles=particles, mode=mode, balance=balance,
        most_steps=most_steps, progress=progress,
    )  # fmt: skip
    return list(each)


def press_each(
    mixture: Mixture | str,
    pressures: Iterable[Any],
    *,
    seed: int = 0,
    particles: int = 2000,
    mode: str = "uniaxial",
    balance: float = 2e-3,
    most_steps: int = 100_000,
    progress: Progress = SILENT,
) -> Iterator[PressedState]:
    """The states of :func:`press`, each as soon as it is at rest.

    What is wrong with the arguments is told at once, before the first is asked for.
    """
    mixed = as_mixture(mixture)
    wanted = _pressures(mixed, pressures)
    if mode not in MODES:
        raise UnknownNameError.among("mode", mode, MODES)
    if not isinstance(particles, Integral) or not _FEWEST <= particles <= _MOST_PARTICLES:
        raise InputError(
            f"{particles!r} is no number of particles from {_FEWEST} to {_MOST_PARTICLES}",
            where="particles",
        )
    if not isinstance(seed, Integral) or isinstance(seed, bool) or seed < 0:
        raise InputError(f"{seed!r} is no whole number from 0", where="seed")
    check_effort(balance, most_steps)
    assembly, scales = loose_powder(mixed, int(particles), int(seed), mode == "isostatic")
    return _states(mixed, wanted, assembly, scales, mode, balance, most_steps, progress)


def _states(
    mixture: Mixture,
    wanted: list[float],
    assembly: Assembly,
    scales: Scales,
    mode: str,
    balance: float,
    most_steps: int,
    progress: Progress,
) -> Iterator[PressedState]:
    before = ""
    for number, pressure in enumerate(wanted):
        part = progress.part(number / len(wanted), (number + 1) / len(wanted))
        told = f"pressing to {pressure / 1e6:.4g} MPa"

        def tick(
            done: float, part: Progress = part, told: str = told, before: str = before
        ) -> None:
            part.report(done, told)
            if assembly.fraction >= 1.0:
                raise InputError(
                    f"{told} cannot be reached with voids: the mixture is dense below it{before}; "
                    "take a lower pressure or a higher yield stress",
                    where="pressures",
                )

        measured = press_to(
            assembly, pressure / scales.pressure, mode == "isostatic", balance, most_steps, tick
        )
        state = state_of(mixture, pressure, assembly, scales, measured)
        before = f" (at {pressure / 1e6:.4g} MPa it has {state.porosity:.2g} of voids)"
        yield state
    progress.report(1.0)


def _pressures(mixture: Mixture, given: Iterable[Any]) -> list[float]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        given = [given]
    wanted = [to_si(one, "Pa") for one in given]
    if not wanted:
        raise InputError("no pressure is given; give at least one", where="pressures")
    softest = min(powder.modulus for powder in mixture.powders)
    least = _LEAST_STRAIN * softest
    most, why = _most_pressure(mixture)
    for pressure in wanted:
        if pressure <= 0:
            raise InputError(f"a pressure of {pressure:.4g} Pa is not above 0", where="pressures")
        if pressure < least:
            raise InputError(
                f"a pressure of {pressure:.4g} Pa (numbers without a unit are in Pa) is out of "
                f"reach: the softest powder's contacts bear next to nothing below {least:.3g} Pa",
                where="pressures",
            )
        if pressure > most:
            raise InputError(
                f"a pressure of {pressure / 1e6:.4g} MPa is out of reach: beyond "
                f"{most / 1e6:.4g} MPa {why}; take a lower pressure or stiffer powders",
                where="pressures",
            )
    return wanted


def _most_pressure(mixture: Mixture) -> tuple[float, str]:
    """Up to which pressure [Pa] contacts and volumes are what is computed, and why."""
    shares = mixture.volume_shares
    squeeze = sum(shares[powder.name] / powder.bulk_modulus for powder in mixture.powders)
    limits = [
        (
            _MOST_SQUEEZE / squeeze,
            f"the solid would lose more than {_MOST_SQUEEZE:.0%} of its volume elastically, "
            "which pressing here keeps",
        )
    ]
    limits += [
        (
            _MOST_STRAIN * powder.modulus,
            f"({_MOST_STRAIN:.0%} of its modulus) contacts of {powder.name}, which is hard, are no "
            "longer small (a powder that flows has a yield_stress)",
        )
        for powder in mixture.powders
        if powder.hardness == "hard"
    ]
    return min(limits)
