"""A volume out of a file, whose format is recognised by its content."""

from __future__ import annotations

import glob
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from solith.core.errors import InputError, StorageError
from solith.core.volume import GreyVolume, Volume
from solith.volumes import _hdf5, _metaimage, _nrrd, _numpy, _png, _raw, _tiff, _zarr
from solith.volumes._stored import Asked, Stored, plain_numbers

__all__ = ["read_volume"]


class _Format(Protocol):
    FORMAT: str

    def recognises(self, head: bytes) -> bool: ...

    def read(self, path: Path, asked: Asked) -> Stored: ...


_FORMATS: tuple[_Format, ...] = (_tiff, _numpy, _hdf5, _nrrd, _metaimage, _png)
_HEAD = 512
_IMAGES = (".tif", ".tiff")


def read_volume(
    path: Path | str | Sequence[Path | str],
    *,
    phases: Mapping[str, int] | Sequence[str] | None = None,
    voxel_size: Any = None,
    shape: Sequence[int] | None = None,
    dtype: DTypeLike | None = None,
    offset: int = 0,
    dataset: str | None = None,
    axes: str | None = None,
) -> Volume | GreyVolume:
    """The volume in a file: of phases, if ``phases`` are given or the file names them, or grey.

    ``path`` is a file, a folder of TIFF images, a pattern ("scan/slice_*.tif"), a list of images in
    their order, or a Zarr store. ``voxel_size`` [m, or with unit, one or one for each axis] goes
    before the file's, and is needed where the file states none. ``shape`` (x, y, z), ``dtype``
    (">u2" for high bytes first) and ``offset`` in bytes describe a raw file; of another they are
    checked. ``dataset`` names one of several arrays of an HDF5, Zarr or .npz file, or gives the
    number of a TIFF's stack. ``axes`` names the stored array's axes, the slowest first: "zyx" (a
    stack of images; x fastest) unless the file says otherwise, "xyz" for NumPy's files.

    The array is mapped, not read, where the file has it in one piece and in this machine's byte
    order. Raises :class:`StorageError` for what is missing, empty, cut off, damaged or of no known
    format, :class:`InputError` for what does not fit together; each names the file.
    """
    if not isinstance(path, (str, Path)) and not _is_list(path):
        raise InputError(f"a volume is read from a path or a list of them, not {path!r}")
    asked = _asked(shape, dtype, offset, dataset, axes)
    where = str(path) if isinstance(path, (str, Path)) else "the list of images"
    stored = _stored(path, asked)
    array = _in_order(stored, where)
    _check(array, asked, where)
    size = stored.voxel_size if voxel_size is None else voxel_size
    if size is None:
        told = f" ({stored.remark})" if stored.remark else ""
        raise InputError(
            f"the file does not state the voxel size{told}: give it, as in voxel_size='0.5 um'",
            where="voxel_size",
            file=where,
        )
    named = stored.phases if phases is None else phases
    try:
        if named is not None:
            return Volume(array, named, size)
        if array.dtype == np.bool_:
            array = array.view(np.uint8)
        return GreyVolume(array, size)
    except InputError as error:
        raise error.inside(file=where) from None


def _asked(
    shape: Sequence[int] | None,
    dtype: DTypeLike | None,
    offset: int,
    dataset: str | None,
    axes: str | None,
) -> Asked:
    sides: tuple[int, int, int] | None = None
    if shape is not None:
        numbers = list(shape) if isinstance(shape, (Sequence, np.ndarray)) else []
        if len(numbers) != 3 or not all(_is_count(n) for n in numbers):
            raise InputError(f"{shape!r} is not three numbers of voxels", where="shape")
        x, y, z = (int(n) for n in numbers)
        sides = x, y, z
    try:
        kind = None if dtype is None else np.dtype(dtype)
    except (TypeError, ValueError, SyntaxError):
        kind = np.dtype(object)
    if kind is not None and kind.kind not in "buif":
        raise InputError(
            f"{dtype!r} is no type of numbers, as 'uint8', '<u2' or 'float32'", where="dtype"
        )
    if not isinstance(offset, (int, np.integer)) or isinstance(offset, bool) or offset < 0:
        raise InputError(f"{offset!r} is no number of bytes", where="offset")
    if axes is not None and (not isinstance(axes, str) or sorted(axes.lower()) != ["x", "y", "z"]):
        raise InputError(f"{axes!r} is no order of x, y and z, as 'zyx'", where="axes")
    return Asked(
        None if dataset is None else str(dataset),
        sides,
        kind,
        int(offset),
        None if axes is None else axes.lower(),
    )


def _is_list(paths: Any) -> bool:
    listed = isinstance(paths, (Sequence, np.ndarray)) and not isinstance(paths, bytes)
    return listed and all(isinstance(one, (str, Path)) for one in paths)


def _is_count(number: Any) -> bool:
    real = isinstance(number, (int, float, np.integer, np.floating)) and not isinstance(
        number, bool
    )
    return real and 1 <= number < 2**62 and float(number).is_integer()


def _refuse(asked: Asked, path: Path, *, dataset: bool = False, offset: bool = False) -> None:
    """:class:`InputError` for what the caller says and this file's format has no place for."""
    if dataset and asked.dataset is not None:
        raise InputError(
            "holds one array, without a name: leave dataset out", where="dataset", file=str(path)
        )
    if offset and asked.offset:
        raise InputError(
            "is no raw file, its format says where the voxels begin: leave offset out",
            where="offset",
            file=str(path),
        )


def _stored(given: Path | str | Sequence[Path | str], asked: Asked) -> Stored:
    if not isinstance(given, (str, Path)):
        return _from_images([Path(one) for one in given], "the list of images", asked)
    path = Path(given)
    if path.is_dir():
        _refuse(asked, path, offset=True)
        if _zarr.is_store(path):
            return _zarr.read(path, asked)
        images = [one for one in path.iterdir() if one.suffix.lower() in _IMAGES]
        return _from_images(sorted(images, key=_natural), str(path), asked)
    if not path.exists() and glob.has_magic(str(given)):
        found = sorted((Path(one) for one in glob.glob(str(given))), key=_natural)
        return _from_images(found, str(given), asked)
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except FileNotFoundError:
        raise StorageError(f"{path}: there is no such file") from None
    except OSError as error:
        raise StorageError(f"{path}: cannot be opened ({error.strerror})") from None
    if not head:
        raise StorageError(f"{path}: is empty")
    for form in _FORMATS:
        if form.recognises(head) or (form is _hdf5 and _hdf5.has_user_block(path)):
            _refuse(asked, path, offset=True, dataset=form in (_nrrd, _metaimage, _png))
            try:
                return form.read(path, asked)
            except InputError as error:
                raise (error if error.file else error.inside(file=str(path))) from None
    if asked.shape is not None and asked.dtype is not None:
        _refuse(asked, path, dataset=True)
        return _raw.read(path, asked)
    known = ", ".join([*(one.FORMAT for one in _FORMATS), _zarr.FORMAT])
    raise StorageError(
        f"{path}: is of no known format ({known}); a raw file needs shape= and dtype="
    )


def _from_images(paths: list[Path], where: str, asked: Asked) -> Stored:
    _refuse(asked, Path(where), offset=True)
    if not paths:
        raise StorageError(f"{where}: there is no TIFF image")
    for path in paths:
        try:
            with path.open("rb") as stream:
                head = stream.read(8)
        except OSError as error:
            raise StorageError(f"{path}: cannot be opened ({error.strerror})") from None
        if not _tiff.recognises(head):
            raise StorageError(f"{path}: is {'no TIFF image' if head else 'empty'}")
    if len(paths) == 1:
        return _tiff.read(paths[0], asked)
    return _tiff.read_images(paths, asked)


def _natural(path: Path) -> list[tuple[int, str]]:
    """A key that puts slice_10 behind slice_9."""
    parts = re.split(r"(\d+)", path.name)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def _in_order(stored: Stored, where: str) -> NDArray[Any]:
    """The stored array with the axes x, y, z, in this machine's byte order; a view if it can be."""
    array = stored.array
    if array.dtype.kind not in "buif":
        raise InputError(f"holds {array.dtype}, which are no grey values or labels", file=where)
    while array.ndim > 3 and 1 in array.shape:
        array = array.squeeze(array.shape.index(1))
    if array.ndim == 3:
        array = array.transpose([stored.axes.index(axis) for axis in "xyz"])
    if not array.dtype.isnative and plain_numbers(array[:0]).dtype == array.dtype:
        return array.astype(array.dtype.newbyteorder("="))
    return plain_numbers(array)


def _check(array: NDArray[Any], asked: Asked, where: str) -> None:
    if asked.shape is not None and array.shape != asked.shape:
        raise InputError(
            f"holds {' x '.join(map(str, array.shape))} voxels, not "
            f"{' x '.join(map(str, asked.shape))}",
            where="shape",
            file=where,
        )
    if asked.dtype is None:
        return
    wanted = plain_numbers(np.empty(0, asked.dtype.newbyteorder("="))).dtype
    if array.dtype != wanted:
        raise InputError(f"holds {array.dtype}, not {wanted}", where="dtype", file=where)
