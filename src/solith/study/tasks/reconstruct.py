"""The task ``reconstruct``: from the projections of a tomographic scan to a volume."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from solith.core.errors import InputError, UnknownNameError
from solith.core.progress import Progress
from solith.core.provenance import fingerprint_file
from solith.core.quantities import to_si
from solith.core.result import Result
from solith.study._projection_files import files_of, read_angles, read_images
from solith.study.reconstructed import check_box, reconstruct_scan
from solith.study.tasks._registry import task_kind

__all__: list[str] = []

_WINDOWS = ("ramp", "shepp-logan", "hann")
_FILES = ("projections", "flats", "darks", "angles")
_VOLUME = ".npy"


def _check(inputs: Mapping[str, Any]) -> None:
    folder = inputs["folder"]
    for name in _FILES:
        if name in inputs and not isinstance(inputs[name], (list, tuple)):
            files_of(inputs[name], name, folder)
    read_angles(inputs.get("angles"), "angles", folder)
    if "darks" in inputs and "flats" not in inputs:
        raise InputError("dark images need the open beam's: give flats", where="darks")
    if inputs.get("window", _WINDOWS[0]) not in _WINDOWS:
        raise UnknownNameError.among("window", str(inputs["window"]), _WINDOWS)
    check_box(inputs.get("box", {}))
    if not isinstance(inputs.get("stripes", True), bool):
        raise InputError(f"{inputs['stripes']!r} is neither true nor false", where="stripes")
    centre = inputs.get("centre", 1.0)
    if isinstance(centre, (str, bool)):
        raise InputError(f"{centre!r} is no column of the detector", where="centre")
    if isinstance(inputs["pixel_size"], (str, int, float)):  # or what another task gives
        try:
            size = to_si(inputs["pixel_size"], "m")
        except InputError as error:
            raise error.inside("pixel_size") from None
        if not size > 0:
            raise InputError(f"{inputs['pixel_size']!r} must be above 0", where="pixel_size")


def _depends_on(inputs: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        name: [fingerprint_file(path) for path in files_of(inputs[name], name, inputs["folder"])]
        for name in _FILES
        if name in inputs and not isinstance(inputs[name], (list, tuple))
    }


@task_kind("reconstruct", check=_check, depends_on=_depends_on, keeps=_VOLUME)
def _reconstruct(
    *,
    projections: Any,
    pixel_size: Any,
    angles: Any = None,
    flats: Any = None,
    darks: Any = None,
    centre: float | None = None,
    window: str = "shepp-logan",
    stripes: bool = True,
    box: Mapping[str, Sequence[int]] | None = None,
    folder: str,
    output: str,
    progress: Progress,
) -> Result:
    """The volume of a parallel-beam scan, which the task ``measure`` takes as its ``file``.

    ``projections``, ``flats`` and ``darks`` are files, ``angles`` [deg] a list or a file; the
    options are those of :func:`solith.study.reconstructed.reconstruct_scan`. The volume lies
    beside the result, and work that was cut off goes on where it was.
    """
    return reconstruct_scan(
        read_images(projections, "projections", folder),
        Path(output).with_suffix(_VOLUME),
        pixel_size=pixel_size,
        angles=read_angles(angles, "angles", folder),
        flats=None if flats is None else read_images(flats, "flats", folder),
        darks=None if darks is None else read_images(darks, "darks", folder),
        centre=centre,
        window=window,
        stripes=stripes,
        box=box,
        name=projections if isinstance(projections, str) else str(projections["file"]),
        progress=progress,
    )
