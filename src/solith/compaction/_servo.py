"""Pressure held by moving the platens: slowly enough, and until everything is at rest.

A state at rest does not depend on masses, so these follow the contacts' stiffness and one step
of time is as long as stability allows (adaptive dynamic relaxation, recalled). The rate of
pressing is cut back so that on the way the mean resultant of forces on a sphere stays below
``_ON_THE_WAY`` of the mean force of a contact, which takes the place of a small inertial number;
a state counts as converged when that is below what the caller asks for and the pressure is met to
0.3 %, five times in a row, ten steps apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.compaction._assembly import Assembly, Measured
from solith.compaction._motion_kernels import MODULUS
from solith.core.errors import ConvergenceError, InputError

__all__ = ["check_effort", "press_to", "settle"]

_ON_THE_WAY = 0.03
_MET = 3e-3
_BLOCK = 10
_QUIET = 5
_FASTEST, _SLOWEST = 2e-4, 2e-7
_TURN = 60.0
"""Steps in which the servo would make up what is missing."""
_FAINT = 0.1
"""Of the pressure wanted, times the square of a diameter: forces that do not matter yet."""
_LEAST = 0.25
"""Of E* (pressure / E*)^(1/3), near a contact's stiffness over its radius: slows loose spheres."""

_APART = 1e-3
_RESTLESS = 1500
_SHORTEST = 0.25

Tick = Callable[[float], None]


def check_effort(balance: Any, most_steps: Any) -> None:
    """Raise :class:`InputError` for a ``balance`` or a number of steps that ends nowhere."""
    if not isinstance(balance, (int, float)) or not 1e-7 <= balance <= 0.01:
        raise InputError(f"{balance!r} must lie between 1e-7 and 0.01", where="balance")
    if isinstance(most_steps, bool) or not isinstance(most_steps, int) or most_steps < 1:
        raise InputError(f"{most_steps!r} is no whole number from 1", where="most_steps")


def press_to(
    assembly: Assembly, pressure: float, isostatic: bool, balance: float, most: int, tick: Tick
) -> Measured:
    """Move the platens (or all sides) until ``pressure`` is met and all is at rest.

    At rest the mean resultant of forces on a sphere is below ``balance`` times the mean force of
    a contact. ``tick`` hears the part of the pressure that is reached. :class:`ConvergenceError`
    after ``most`` steps.
    """
    soft = float(assembly.table[..., MODULUS].min())
    assembly.least = _LEAST * soft ** (2 / 3) * pressure ** (1 / 3)
    axes = np.array([1.0, 1.0, 1.0]) if isostatic else np.array([0.0, 0.0, 1.0])
    faint = _FAINT * pressure * 4.0 * float(np.mean(assembly.radii**2))
    fastest, rate, quiet = _SLOWEST * 10, 0.0, 0
    before, modulus = None, 0.0
    ended = assembly.steps + most
    while assembly.steps < ended:
        for _ in range(_BLOCK):
            measured = assembly.step(rate * axes)
        now = _pressure(measured, isostatic)
        unbalanced = measured.unbalanced / max(measured.force, faint)
        tick(min(now / pressure, 1.0))
        missing = pressure - now
        at_rest = measured.unbalanced < balance * measured.force
        quiet = quiet + 1 if at_rest and abs(missing) < _MET * pressure else 0
        if quiet >= _QUIET:
            return measured
        stiffest = max(measured.modulus, 10 * pressure)
        if before is not None and abs(rate) > 0:
            found = (now - before) / (rate * _BLOCK)
            modulus += 0.2 * (min(max(found, 2 * pressure), stiffest) - modulus)
        modulus = min(max(modulus, 2 * pressure), stiffest)
        fastest *= 1.15 if unbalanced < _ON_THE_WAY else 0.8
        fastest = min(max(fastest, _SLOWEST), _FASTEST)
        wanted = missing / (modulus * _TURN)
        rate, before = float(np.clip(wanted, -fastest, fastest)), now
    raise ConvergenceError(
        f"pressing did not come to rest in {most} steps: the pressure is {now / pressure:.3f} of "
        f"that wanted and forces are unbalanced by {unbalanced:.2g}; allow more steps, or take a "
        "pressure that is a larger part of the modulus"
    )


def settle(assembly: Assembly, pressure: float, balance: float, most: int) -> Measured:
    """Leave the platens where they are until all is at rest, as :func:`press_to` tells rest.

    A body that has come apart is at rest when forces are a thousandth of those under ``pressure``.
    Contacts that open and close, as where a body lets go, can keep it moving for ever at the usual
    step of time: what is not at rest in ``_RESTLESS`` steps goes on with half of it, and a quarter.
    """
    still, quiet, usual = np.zeros(3), 0, assembly.dt
    faint = _APART * pressure * 4.0 * float(np.mean(assembly.radii**2))
    for step in range(most):
        assembly.dt = usual * max(0.5 ** (step // _RESTLESS), _SHORTEST)
        measured = assembly.step(still)
        if step % _BLOCK:
            continue
        quiet = quiet + 1 if measured.unbalanced <= balance * max(measured.force, faint) else 0
        if quiet >= _QUIET:
            assembly.dt = usual
            return measured
    raise ConvergenceError(
        f"particles did not come to rest in {most} steps: forces are unbalanced by "
        f"{measured.unbalanced / max(measured.force, 1e-300):.2g}; allow more steps"
    )


def _pressure(measured: Measured, isostatic: bool) -> float:
    stress: NDArray[np.float64] = measured.stress
    return float(stress.mean() if isostatic else stress[2])
