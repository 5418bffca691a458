"""Pressed particles that breathe: they swell and shrink at constant pressure or constant gap."""

from __future__ import annotations

import math
from collections.abc import Iterable
from copy import deepcopy
from functools import partial
from typing import Any

import numpy as np

from solith.compaction._assembly import Assembly
from solith.compaction._servo import check_effort, press_to, settle
from solith.compaction.mixture import PHASES
from solith.compaction.pressed import PressedState, state_of
from solith.core.errors import InputError, UnknownNameError
from solith.core.progress import SILENT, Progress
from solith.core.quantities import to_si

__all__ = ["breathe"]

HOLDS = ("pressure", "gap")
_MOST = 0.2
_PART = 2.5e-3
"""The most that a volume changes at once, between two states at rest."""


def breathe(
    state: PressedState,
    strains: Iterable[Any],
    *,
    hold: str = "pressure",
    phase: str = "active",
    balance: float = 2e-3,
    most_steps: int = 100_000,
    progress: Progress = SILENT,
) -> list[PressedState]:
    """What becomes of a pressed ``state`` while the particles of a ``phase`` breathe.

    ``strains``: relative changes of their volume since ``state``, one after another: ``[-0.02, 0]``
    is once to 2 % less volume and back. The platens hold their "pressure", or keep their "gap":
    then the ``pressure`` of the states that come back is what the body exerts, 0 where it has let
    go of the platens. Contacts go on from what they remember of pressing, so that contact which
    plastic flow has made may be lost for good when particles shrink. ``balance`` and
    ``most_steps`` (for a part of a strain of 0.25 %) as in :func:`solith.compaction.press`.

    Raises :class:`InputError` for strains beyond 20 % or that leave no voids, for a phase that the
    mixture lacks, and for holding the pressure of a state that exerts none;
    :class:`ConvergenceError`.
    """
    if not isinstance(state, PressedState):
        raise InputError(
            f"expected a PressedState, as from solith.compaction.press, not {type(state).__name__}",
            where="state",
        )
    if hold not in HOLDS:
        raise UnknownNameError.among("hold", str(hold), HOLDS)
    if hold == "pressure" and state.pressure <= 0:
        raise InputError(
            f"the state exerts {state.pressure:.4g} Pa on its platens, which cannot be held; hold "
            'the "gap"',
            where="hold",
        )
    check_effort(balance, most_steps)
    wanted = _strains(strains)
    powders = state.mixture.powders
    if phase not in PHASES:
        raise UnknownNameError.among("phase", str(phase), PHASES)
    kinds = np.array([powder.phase == phase for powder in powders])
    if not kinds.any():
        raise InputError(f"the mixture has no powder of the phase {phase}", where="phase")
    assembly, scales = deepcopy(state.assembly), state.scales
    pressure, ratio = state.pressure / scales.pressure, 1.0
    states = []
    for number, strain in enumerate(wanted):
        before = ratio
        pieces = max(1, math.ceil(abs(1 + strain - before) / _PART - 1e-9))
        for piece in range(1, pieces + 1):
            goal = before + (1 + strain - before) * piece / pieces
            assembly.swell(kinds, goal / ratio)
            ratio = goal
            _require_voids(assembly, strain, 0.0)
            if hold == "gap":
                measured = settle(assembly, pressure, balance, most_steps)
            else:
                measured = press_to(
                    assembly, pressure, state.periodic, balance, most_steps,
                    partial(_require_voids, assembly, strain),
                )  # fmt: skip
            done = (number + piece / pieces) / len(wanted)
            progress.report(done, f"breathing to {strain:+.3g} of the volume")
        exerted = measured.stress.mean() if state.periodic else measured.stress[2]
        held = state.pressure if hold == "pressure" else float(exerted) * scales.pressure
        states.append(state_of(state.mixture, held, assembly, scales, measured))
    return states


def _require_voids(assembly: Assembly, strain: float, done: float) -> None:
    """Raise where there are none; what is ``done`` of the pressure plays no part."""
    if assembly.fraction >= 1.0:
        raise InputError(
            f"a strain of {strain:+.3g} of the volume leaves no voids; take a smaller one, or a "
            "state of lower pressure",
            where="strains",
        )


def _strains(given: Iterable[Any]) -> list[float]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        given = [given]
    wanted = [to_si(one, "") for one in given]
    if not wanted:
        raise InputError("no strain is given; give at least one", where="strains")
    for strain in wanted:
        if abs(strain) > _MOST:
            raise InputError(
                f"a strain of {strain:.4g} of the volume is beyond {_MOST:g}", where="strains"
            )
    return wanted
