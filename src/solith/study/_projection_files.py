"""Projections, flat and dark images and angles of a tomographic scan, out of its files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, SolithError
from solith.core.numpy_files import load_numpy
from solith.core.volume import GreyVolume

__all__ = ["files_of", "read_angles", "read_images"]

Array = NDArray[Any]

_HDF5 = (".h5", ".hdf5", ".hdf", ".nxs")


def files_of(given: Any, where: str, folder: str) -> list[Path]:
    """The files that are named: one, those in a folder of images, or those that fit a pattern.

    Raises :class:`InputError` for what names none, and where nothing lies there.
    """
    name, _ = _named(given, where)
    path = Path(folder) / name
    if path.is_dir():
        found = sorted(item for item in path.rglob("*") if item.is_file())
    elif path.is_file():
        found = [path]
    else:
        found = _fitting(name, where, folder)
    if not found:
        raise InputError(
            f"there is no file {name!r} (looked for from the study's folder)", where=where
        )
    return found


def read_images(given: Any, where: str, folder: str) -> Array:
    """Images (n, rows, columns) as they are stored; a NumPy file with two axes is a sinogram.

    It has the axes angle and column, and becomes images of one row. Arrays that lie in one piece
    are mapped. Raises :class:`InputError` for what cannot be read, and says which input it is.
    """
    from solith.volumes import read_volume

    files_of(given, where, folder)
    name, dataset = _named(given, where)
    path = Path(folder) / name
    try:
        if path.suffix == ".npy":
            flat = load_numpy(path, mapped=True)
            if flat.ndim == 2:
                return np.asarray(flat[:, None, :])
        volume = read_volume(path, voxel_size=1.0, dataset=dataset, axes="zyx")
    except (SolithError, ValueError, OSError) as error:
        raise InputError(str(error), where=where) from None
    stored = volume.values if isinstance(volume, GreyVolume) else volume.labels
    return stored.transpose(2, 1, 0)


def read_angles(given: Any, where: str, folder: str) -> NDArray[np.float64] | None:
    """Angles [deg]: a list, or a file of numbers (.npy, text, or a data set of an HDF5 file)."""
    if given is None:
        return None
    if isinstance(given, (list, tuple)):
        return _numbers(given, where)
    (path,) = files_of(given, where, folder)[:1]
    _, dataset = _named(given, where)
    try:
        if path.suffix in _HDF5:
            return _numbers(_from_hdf5(path, dataset, where), where)
        if path.suffix == ".npy":
            return _numbers(load_numpy(path), where)
        return _numbers(path.read_text(encoding="utf-8").replace(",", " ").split(), where)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path.name} holds no list of angles ({error})", where=where) from None


def _fitting(name: str, where: str, folder: str) -> list[Path]:
    if not any(sign in name for sign in "*?["):
        return []
    try:
        return sorted(item for item in Path(folder).glob(name) if item.is_file())
    except (ValueError, NotImplementedError) as error:
        raise InputError(f"{name!r} is no pattern ({error})", where=where) from None


def _from_hdf5(path: Path, dataset: str | None, where: str) -> Any:
    import h5py

    if dataset is None:
        raise InputError(f"{path.name} is HDF5: name the data set of the angles", where=where)
    with h5py.File(path, "r") as file:
        return file[dataset][()]


def _numbers(given: Any, where: str) -> NDArray[np.float64]:
    try:
        found = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.empty((0, 0))
    if found.ndim != 1 or not len(found):
        raise InputError("expected a list of angles in degrees, or a file of them", where=where)
    return found


def _named(given: Any, where: str) -> tuple[str, str | None]:
    """A file, and the data set in it: "scan.npy" or {file = "scan.h5", dataset = "..."}."""
    if isinstance(given, str) and given:
        return given, None
    if isinstance(given, Mapping) and set(given) <= {"file", "dataset"}:
        name, dataset = given.get("file"), given.get("dataset")
        if isinstance(name, str) and name and isinstance(dataset, (str, type(None))):
            return name, dataset
    raise InputError(
        f"{given!r:.80} is no file; expected its name or "
        "{file = 'scan.h5', dataset = 'exchange/data'}",
        where=where,
    )
