"""The task ``measure``: what a volume of a composite electrode tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from solith.core.errors import InputError
from solith.core.progress import Progress
from solith.core.provenance import fingerprint_file
from solith.core.result import Result
from solith.core.volume import GreyVolume, Volume, axis_number
from solith.study.tasks._registry import task_kind

__all__: list[str] = []

_OF_FILES = ("voxel", "shape", "dtype", "dataset")


def _check(inputs: Mapping[str, Any]) -> None:
    from solith.core.quantities import to_si
    from solith.study._description import Output
    from solith.study._structure_roles import find_roles

    made = isinstance(inputs["file"], (Output, Result))
    if not made and not isinstance(inputs["file"], str):
        raise InputError(f"{inputs['file']!r} is not the name of a file", where="file")
    for name in _OF_FILES if made else ():
        if name in inputs:
            raise InputError(
                "describes a file; a reconstruction tells it: leave it out", where=name
            )
    if not made and not _files(inputs["file"], inputs["folder"]):
        raise InputError(
            f"there is no volume {inputs['file']!r} (looked for from the study's folder)",
            where="file",
        )
    for name in ("roles", "conductivities"):
        if not isinstance(inputs.get(name, {}), Mapping):
            raise InputError(f"{inputs[name]!r} is not a table", where=name)
    axis_number(inputs.get("axis", "z"))
    roles = inputs.get("roles", {})
    find_roles(map(str, roles.values()), roles)
    for phase, conductivity in inputs.get("conductivities", {}).items():
        if isinstance(conductivity, (str, int, float)):  # or what another task gives
            try:
                to_si(conductivity, "S/m")
            except InputError as error:
                raise error.inside(f"conductivities.{phase}") from None


def _depends_on(inputs: Mapping[str, Any]) -> list[str]:
    if not isinstance(inputs["file"], str):
        return []  # what another task made
    return [fingerprint_file(path) for path in _files(inputs["file"], inputs["folder"])]


@task_kind("measure", check=_check, depends_on=_depends_on)
def _measure(
    *,
    file: str | Result,
    phases: Sequence[str] | Mapping[str, int] | str | None = None,
    voxel: Any = None,
    axis: str = "z",
    roles: Mapping[str, str] | None = None,
    conductivities: Mapping[str, Any] | None = None,
    thresholds: Sequence[float] | None = None,
    greys: Sequence[float] | None = None,
    particles: bool = True,
    fast: bool = False,
    shape: Sequence[int] | None = None,
    dtype: str | None = None,
    dataset: str | None = None,
    folder: str,
    progress: Progress,
) -> Result:
    """The values of a volume's file, a folder of TIFF images or a pattern, by one name each.

    ``file`` may be the output of a task ``reconstruct``, ``{task = "..."}``, too: then its box is
    measured. Values of the composite have its own names, so that a cell can take them; the others
    end in the phase that they are of.
    """
    from solith.study._structure_input import split_phases
    from solith.study.reconstructed import reconstructed_volume
    from solith.study.structure_chain import measure_structure
    from solith.volumes import read_volume

    if isinstance(file, Result):
        volume: Volume | GreyVolume = reconstructed_volume(file)
    else:
        path = Path(folder) / file
        volume = read_volume(path, voxel_size=voxel, shape=shape, dtype=dtype, dataset=dataset)
    return measure_structure(
        volume,
        split_phases(phases) if isinstance(phases, str) else phases,
        roles=roles,
        conductivities=conductivities,
        axis=axis,
        thresholds=thresholds,
        greys=greys,
        particles=particles,
        fast=fast,
        name=file if isinstance(file, str) else file.name,
        progress=progress,
    ).result


def _files(file: str, folder: str) -> list[Path]:
    """All files that the volume is read from."""
    path = Path(folder) / file
    if path.is_dir():
        return sorted(item for item in path.rglob("*") if item.is_file())
    if path.is_file():
        beside = path.with_suffix(".raw") if path.suffix.lower() == ".mhd" else path
        return [path, beside] if beside != path and beside.is_file() else [path]
    return sorted(item for item in Path(folder).glob(file) if item.is_file())
