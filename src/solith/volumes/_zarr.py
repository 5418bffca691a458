"""Zarr stores (folders), through the zarr package: plain arrays and OME-Zarr images.

OME-Zarr's ``multiscales``: https://ngff.openmicroscopy.org/0.5/ (recalled): the first data set is
the finest, its axes have names and units, its transformations a scale for each axis.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, StorageError
from solith.volumes._hdf5 import axes_told, size_told
from solith.volumes._raw import images_of
from solith.volumes._stored import (
    IMAGES_FIRST,
    Asked,
    Sizes,
    Stored,
    in_metres,
    only_volume,
    phases_text,
)

__all__ = ["FORMAT", "is_store", "read", "write_store"]

FORMAT = "Zarr (a folder, with the zarr extra)"
_MARKS = ("zarr.json", ".zarray", ".zgroup")


def is_store(path: Path) -> bool:
    """Whether a folder is a Zarr store."""
    return any((path / mark).is_file() for mark in _MARKS)


def read(path: Path, asked: Asked) -> Stored:
    """The array itself, the one named ``asked.dataset``, or the only one with three axes.

    Of an OME-Zarr image it is the finest. The array is read whole: a store is in pieces.
    """
    zarr = _zarr(path)
    try:
        opened = zarr.open(str(path), mode="r")
        if isinstance(opened, zarr.Array):
            return _stored(opened[...], dict(opened.attrs), asked)
        scales = _multiscales(dict(opened.attrs))
        if scales and asked.dataset is None:
            name = str(scales["datasets"][0]["path"])
            array = np.asarray(opened[name][...])
            return _ome(array, scales, {**opened.attrs, **opened[name].attrs}, asked)
        arrays = dict(_arrays(zarr, opened))
        name = only_volume({name: one.shape for name, one in arrays.items()}, asked, path)
        facts = {**opened.attrs, **arrays[name].attrs}
        return _stored(np.asarray(arrays[name][...]), facts, asked)
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError, IndexError, RuntimeError) as error:
        raise StorageError(f"{path}: cannot be read as Zarr ({error})") from None


def write_store(path: Path, array: NDArray[Any], voxel_size: Sizes, phases: Any) -> None:
    """Write one array [z, y, x] as a store, whole or not at all; a store there is replaced."""
    zarr = _zarr(path)
    if path.exists() and not is_store(path):
        raise StorageError(f"{path}: cannot be written (there is something else of this name)")
    try:
        room = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
    except OSError as error:
        raise StorageError(f"{path}: cannot be written ({error.strerror})") from None
    try:
        x, y, z = array.shape
        chunks = (min(z, 64), min(y, 256), min(x, 256))
        facts = {
            "axes": IMAGES_FIRST,
            "element_size_um": [size * 1e6 for size in reversed(voxel_size)],
        }
        if phases is not None:
            facts["phases"] = phases_text(phases)
        into = zarr.create_array(
            store=str(room / "new"),
            shape=(z, y, x),
            chunks=chunks,
            dtype=array.dtype,
            attributes=facts,
        )
        first = 0
        for images in images_of(array):
            into[first : first + len(images)] = images
            first += len(images)
        if path.exists():
            path.rename(room / "old")
        (room / "new").rename(path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written ({error.strerror or error})") from None
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _zarr(path: Path) -> Any:
    try:
        import zarr
    except ImportError:
        raise StorageError(
            f"{path}: is a Zarr store, for which zarr is needed; "
            "install it with: pip install 'solith[zarr]'"
        ) from None
    return zarr


def _arrays(zarr: Any, group: Any) -> list[tuple[str, Any]]:
    return [(name, one) for name, one in group.members(None) if isinstance(one, zarr.Array)]


def _stored(array: Any, facts: dict[str, Any], asked: Asked) -> Stored:
    axes = asked.axes or axes_told(facts.get("axes")) or IMAGES_FIRST
    return Stored(np.asarray(array), axes, *size_told(facts, axes, facts.get("phases")))


def _multiscales(facts: dict[str, Any]) -> dict[str, Any] | None:
    scales = facts.get("multiscales") or facts.get("ome", {}).get("multiscales")
    return scales[0] if scales else None


def _ome(
    array: NDArray[Any], scales: dict[str, Any], facts: dict[str, Any], asked: Asked
) -> Stored:
    named = [
        (one, "") if isinstance(one, str) else (one["name"], one.get("unit", ""))
        for one in scales.get("axes", [])
    ]
    letters = "".join(name.lower()[:1] for name, _ in named)
    if len(letters) != array.ndim or not set("xyz") <= set(letters):
        return _stored(array, facts, asked)
    away = tuple(place for place, letter in enumerate(letters) if letter not in "xyz")
    kept = [place for place in range(array.ndim) if place not in away]
    if any(array.shape[place] > 1 for place in away):
        raise InputError(f"has the axes {letters}: write one channel and one time alone")
    scale = np.ones(array.ndim)
    told = [*scales["datasets"][0].get("coordinateTransformations", [])]
    for step in [*told, *scales.get("coordinateTransformations", [])]:
        if step.get("type") == "scale":
            scale = scale * np.asarray(step["scale"], float)
    axes = asked.axes or "".join(letters[place] for place in kept)
    order = [kept[axes.index(axis)] for axis in "xyz"]
    sizes = in_metres([scale[one] for one in order], [named[one][1] for one in order])
    _, phases, _ = size_told({}, axes, facts.get("phases"))
    remark = "" if sizes else f"scale = {[float(scale[one]) for one in order]} without a unit"
    return Stored(array.squeeze(away) if away else array, axes, sizes, phases, remark)
