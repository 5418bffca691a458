"""Tasks on stacks: the energy of one, at rest and under load, and the choice among many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solith.core.progress import Progress
from solith.core.result import Result
from solith.study.tasks._registry import task_kind

__all__: list[str] = []


@task_kind("energy")
def _energy(
    *,
    stack: Any,
    preset: str = "",
    arrangement: str = "",
    changes: Mapping[str, Any] | None = None,
    reference: Any = None,
    gain: Any = "50 %",
    ohmic: Mapping[str, Any] | None = None,
    compared: Mapping[str, Any] | None = None,
    curves: Mapping[str, Sequence[Any]] | None = None,
) -> Result:
    from solith.study.stack_energy import measure_stack_energy

    return measure_stack_energy(
        stack,
        preset=preset,
        arrangement=arrangement,
        changes=changes,
        reference=reference,
        gain=gain,
        ohmic=ohmic,
        compared=compared,
        curves=curves,
    )


@task_kind("energy_choice")
def _energy_choice(
    *,
    stacks: Sequence[str],
    preset: str,
    ranges: Sequence[Mapping[str, Any]] | None = None,
    samples: int = 1000,
    seed: int = 0,
    maximise: Sequence[str] = ("gravimetric",),
    minimise: Sequence[str] = (),
    load: str | None = None,
) -> Result:
    from solith.study.stack_energy import measure_stack_choice

    return measure_stack_choice(
        stacks,
        preset=preset,
        ranges=ranges,
        samples=samples,
        seed=seed,
        maximise=maximise,
        minimise=minimise,
        load=load,
    )


@task_kind("energy_at_load")
def _energy_at_load(
    *,
    stack: Any,
    load: str,
    preset: str = "",
    changes: Mapping[str, Any] | None = None,
    best_loading: bool = False,
    minimum_thickness: str = "",
) -> Result:
    from solith.study.stack_load import measure_stack_load

    return measure_stack_load(
        stack,
        load,
        preset=preset,
        changes=changes,
        best_loading=best_loading,
        minimum_thickness=minimum_thickness,
    )


@task_kind("energy_simulated")
def _energy_simulated(
    *,
    cell: Mapping[str, Any],
    rates: Sequence[str],
    upper: str,
    lower: str,
    parts: Mapping[str, Any],
    progress: Progress,
    charge: str | None = None,
) -> Result:
    from solith.study.stack_load import simulate_stack_load

    return simulate_stack_load(
        cell, rates, upper, lower, parts=parts, charge=charge, progress=progress
    )
