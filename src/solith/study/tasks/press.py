"""Tasks on pressed electrodes: packings and their means, rising pressure, breathing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solith.core.errors import InputError
from solith.core.progress import Progress
from solith.core.result import Result
from solith.study.tasks._registry import task_kind

__all__: list[str] = []


def _check_mixtures(inputs: Mapping[str, Any]) -> None:
    for name in ("mixture", "layer"):
        if name in inputs:
            try:
                _mixture(inputs[name])
            except InputError as error:
                raise error.inside(name) from None


def _check_results(name: str) -> Any:
    def check(inputs: Mapping[str, Any]) -> None:
        if not isinstance(inputs[name], (list, tuple)) or not inputs[name]:
            raise InputError("is not a list of tasks' outputs ({task = ...})", where=name)

    return check


@task_kind("press", check=_check_mixtures)
def _press(
    *,
    mixture: Any,
    layer: Any,
    pressures: Sequence[Any],
    layer_mass: Any,
    grain_size: Any,
    hardness: Any,
    spot_radius: Any,
    conductivity: Any,
    particles: int = 3000,
    layer_particles: int = 1000,
    voxel_size: Any = "0.5 um",
    seed: int = 0,
    packings: int = 1,
    shown: bool = False,
    progress: Progress,
) -> Result:
    from solith.study.stack_pressure import press_electrode

    return press_electrode(
        _mixture(mixture),
        _mixture(layer),
        pressures,
        layer_mass=layer_mass,
        grain_size=grain_size,
        hardness=hardness,
        spot_radius=spot_radius,
        conductivity=conductivity,
        particles=particles,
        layer_particles=layer_particles,
        voxel_size=voxel_size,
        seed=seed,
        packings=packings,
        shown=shown,
        progress=progress,
    )


@task_kind("pressed", check=_check_results("results"))
def _pressed(*, results: Sequence[Result], pressure: Any, sample: str) -> Result:
    from solith.study.stack_pressure import join_pressed

    return join_pressed(results, pressure, sample)


@task_kind("raise_pressure", check=_check_results("structures"))
def _raise_pressure(
    *,
    cell: Mapping[str, Any],
    structures: Sequence[Result],
    steps: Sequence[str],
    cycles: int = 2,
    progress: Progress,
) -> Result:
    from solith.cell import Cell
    from solith.study.stack_pressure import cycle_rising_pressure

    return cycle_rising_pressure(
        Cell.from_mapping(cell), structures, steps, cycles=cycles, progress=progress
    )


@task_kind("read_pressed")
def _read_pressed(*, cell: Mapping[str, Any], impedance: Result) -> Result:
    from solith.cell import Cell
    from solith.study.stack_pressure import read_pressed

    return read_pressed(Cell.from_mapping(cell), impedance)


@task_kind("breathe", check=_check_mixtures)
def _breathe(
    *,
    mixture: Any,
    pressure: Any,
    strain: Any,
    cycles: int = 3,
    particles: int = 1500,
    seed: int = 0,
    packings: int = 1,
    progress: Progress,
) -> Result:
    from solith.study.stack_pressure import breathe_pressed

    return breathe_pressed(
        _mixture(mixture),
        pressure,
        strain,
        cycles=cycles,
        particles=particles,
        seed=seed,
        packings=packings,
        progress=progress,
    )


def _check_held(inputs: Mapping[str, Any]) -> None:
    for name in ("structures", "breathings"):
        _check_results(name)(inputs)


@task_kind("hold_capacity", check=_check_held)
def _hold_capacity(
    *,
    cell: Mapping[str, Any],
    structures: Sequence[Result],
    breathings: Sequence[Result],
    rates: Sequence[str],
    upper: str,
    lower: str,
    conductivity: Any,
    grain_size: Any,
    hardness: Any,
    spot_radius: Any,
    layer_thickness: Any = None,
    share: Any = 0.98,
    progress: Progress,
) -> Result:
    from solith.cell import Cell
    from solith.study.breathing_cell import cycle_breathing

    return cycle_breathing(
        Cell.from_mapping(cell),
        structures,
        breathings,
        rates,
        upper,
        lower,
        conductivity=conductivity,
        grain_size=grain_size,
        hardness=hardness,
        spot_radius=spot_radius,
        layer_thickness=layer_thickness,
        share=share,
        progress=progress,
    )


def _mixture(written: Any) -> Any:
    """A text such as "NMC:LGPS=1:1", or a table of powders and shares."""
    from solith.compaction import Mixture, parse_mixture

    return Mixture.from_mapping(written) if isinstance(written, Mapping) else parse_mixture(written)
