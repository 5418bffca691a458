"""Slices and volumes from the projections of a parallel beam, by filtered back-projection."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError, StorageError
from solith.core.progress import SILENT, Progress
from solith.core.quantities import to_si
from solith.core.threads import share_out
from solith.core.volume import GreyVolume, voxel_size_of
from solith.structure._given import is_real
from solith.structure._projections import Turns, filtered, numbers_of, sinogram_of, turns_of
from solith.structure._sinogram_stripes import without_stripes
from solith.structure.rotation_centre import find_rotation_centre

__all__ = [
    "normalise_projections",
    "reconstruct_slice",
    "reconstruct_volume",
    "remove_stripes",
]

Array = NDArray[Any]

_STRIPE_SHARE = 1 / 48
"""Of the width: columns over which the median takes stripes away."""
_LEAST_TRANSMISSION = 1e-4


def normalise_projections(
    projections: ArrayLike, flats: ArrayLike, darks: ArrayLike | None = None
) -> NDArray[np.float32]:
    r"""Attenuation from counts: :math:`-\ln\frac{P - D}{F - D}`, shape kept.

    ``projections`` (angles, ..., width); ``flats`` and ``darks`` are images of the open beam and of
    no beam, several of each along the first axis (their mean is taken) or one. Transmissions below
    1e-4 count as that. Raises :class:`InputError` where shapes do not fit, the open beam is not
    brighter than none in more than a tenth of the pixels, and for counts that are not finite.
    """
    given = numbers_of(projections, "projections")
    flat = _mean_image(flats, given, "flats")
    dark = np.zeros_like(flat) if darks is None else _mean_image(darks, given, "darks")
    span = flat - dark
    dim = ~(span > 0)
    if np.mean(dim) > 0.1:
        raise InputError("the open beam is not brighter than the dark image", where="flats")
    span = np.where(dim, np.median(span[~dim]), span)
    transmission = (given - dark) / span
    attenuation = -np.log(np.maximum(transmission, _LEAST_TRANSMISSION))
    if not np.all(np.isfinite(attenuation)):
        raise InputError("the counts are not all finite", where="projections")
    return np.asarray(attenuation, dtype=np.float32)


def remove_stripes(sinogram: ArrayLike, *, reach: int | None = None) -> NDArray[np.float32]:
    """A sinogram (angles, width) without stripes, which would become rings in the slice.

    By sorting (Vo, Atwood and Drakopoulos 2018, 10.1364/OE.26.028396), the median over ``reach``
    columns (a 48th of the width, at least 5, if left out): stripes up to half as wide go. Columns
    that do not respond are interpolated before. Raises :class:`InputError` for what is no
    sinogram.
    """
    values = sinogram_of(sinogram)
    return np.asarray(without_stripes(values, _reach(reach, values.shape[1])), dtype=np.float32)


def reconstruct_slice(
    sinogram: ArrayLike,
    angles: ArrayLike | None = None,
    *,
    centre: float | None = None,
    window: str = "shepp-logan",
    stripes: bool = False,
    pixel_size: float | str = 1.0,
) -> NDArray[np.float32]:
    """The slice (x, y) whose attenuation gives a sinogram (angles, width) in a parallel beam.

    Pixels are as wide as the detector's columns, the slice as wide as the detector, with the axis
    in its middle; it is 0 beyond the circle that fits in. ``angles`` [deg] over 180 degrees or
    more, even if left out; unlike gaps are weighted. A projection sees x cos + y sin to the right
    of the ``centre`` (column of the axis, found by :func:`find_rotation_centre` if left out).
    ``window`` over the ramp: "ramp" (none), "shepp-logan", "hann" (least noise, most blur).
    ``stripes`` takes stripes away first. Values are per ``pixel_size`` [m].

    Raises :class:`InputError` for what does not fit together, and where the axis that is looked for
    is in doubt.
    """
    values = sinogram_of(sinogram)
    turns = turns_of(angles, len(values))
    size = _length(pixel_size)
    if stripes:
        values = np.asarray(without_stripes(values, _reach(None, values.shape[1])))
    column = _column(centre, values, turns)
    weighted = values * _weights(turns)[:, None]
    from solith.structure._backprojection_kernels import project_back

    width = values.shape[1]
    margin = _margin(column, width)
    rows = filtered(weighted, window, margin)
    image = np.zeros((width, width), np.float32)
    middle = (width - 1) / 2
    share_out(
        project_back,
        width,
        image.size * len(rows),
        rows,
        turns.cosines,
        turns.sines,
        column + margin,
        middle,
        width / 2,
        1,
        image,
    )
    image /= np.float32(size)
    return image


def reconstruct_volume(
    projections: ArrayLike,
    path: Path | str,
    angles: ArrayLike | None = None,
    *,
    flats: ArrayLike | None = None,
    darks: ArrayLike | None = None,
    centre: float | None = None,
    window: str = "shepp-logan",
    stripes: bool = True,
    pixel_size: float | str = 1.0,
    progress: Progress = SILENT,
) -> GreyVolume:
    """The volume of a scan, slice by slice into a file that is mapped, not held in memory.

    ``projections`` (angles, rows, width), which may be mapped from a file: attenuation, or counts
    where ``flats`` (and ``darks``) are given, see :func:`normalise_projections`. Rows become z.
    The options are those of :func:`reconstruct_slice`; the ``centre``, one for all rows, is found
    in the middle row if left out.

    ``path`` becomes a NumPy file (.npy) of float32 (x, y, z) in x-fastest order, which
    :func:`solith.volumes.read_volume` reads. It is there whole or not at all: until then the work
    stands in ``path`` + ".part", and a call with the same arguments goes on where it was stopped
    (through ``progress``, or by the machine). Raises :class:`InputError` for what does not fit
    together and for an axis in doubt, :class:`StorageError` where the file cannot be written.
    """
    scan = numbers_of(projections, "projections")
    if scan.ndim != 3 or min(scan.shape[0], scan.shape[2]) < 8 or not scan.shape[1]:
        shape = " x ".join(map(str, scan.shape))
        raise InputError(
            f"projections have three axes, angles, rows and columns; these are {shape}",
            where="projections",
        )
    count, height, width = scan.shape
    turns = turns_of(angles, count)
    size = _length(pixel_size)
    attenuation = _attenuation(scan, flats, darks)
    if centre is None:
        middle = remove_stripes(attenuation(height // 2, height // 2 + 1)[:, 0])
        centre = _found(middle, turns)
    column = _column(centre, attenuation(0, 1)[:, 0], turns)
    told = [scan.shape, str(scan.dtype), turns.degrees.tolist(), column, window, stripes, size]
    images = [np.asarray(one, float) for one in (flats, darks) if one is not None]
    told += [_digest(one) for one in (scan[:, height // 2], *images)]
    work = _Work(path, (width, width, height), json.dumps(told))
    done = work.done
    while done < height:
        progress.report(done / height, f"slice {done} of {height}")
        last = min(done + 8, height)
        part = attenuation(done, last)
        if stripes:
            for k in range(last - done):
                part[:, k] = without_stripes(part[:, k], _reach(None, width))
        work.write(done, _slices(part, turns, column, window) / np.float32(size))
        done = last
    progress.report(1.0, f"{height} slices")
    return GreyVolume(work.finish(), voxel_size_of(size, (width, width, height)))


def _slices(part: Array, turns: Turns, column: float, window: str) -> NDArray[np.float32]:
    """Slices (x, y, n) of up to eight rows (angles, n, width)."""
    from solith.structure._backprojection_kernels import LANES, project_back_lanes

    count, rows, width = part.shape
    lanes = np.zeros((count, width, LANES), np.float32)
    lanes[:, :, :rows] = part.transpose(0, 2, 1) * _weights(turns)[:, None, None]
    margin = _margin(column, width)
    smeared = filtered(lanes, window, margin)
    images = np.zeros((width, width, LANES), np.float32)
    share_out(
        project_back_lanes,
        width,
        images.size * count,
        smeared,
        turns.cosines,
        turns.sines,
        column + margin,
        (width - 1) / 2,
        width / 2,
        images,
    )
    return images[:, :, :rows]


class _Work:
    """The file that grows slice by slice, and how far it is."""

    def __init__(self, given: Path | str, shape: tuple[int, int, int], told: str) -> None:
        if not isinstance(given, (str, Path)):
            raise InputError(f"{given!r:.60} is not the path of a file", where="path")
        path = Path(given)
        self.path, self.told = path, told
        self.part = path.with_name(path.name + ".part")
        self.log = path.with_name(path.name + ".part.json")
        self.done = 0
        if path.suffix != ".npy":
            raise InputError(f"{str(path)!r}: the volume becomes a NumPy file; end it in .npy")
        try:
            state = json.loads(self.log.read_text(encoding="utf-8"))
            known = state["told"] == told and self.part.is_file()
            self.done = int(state["done"]) if known else 0
        except (OSError, ValueError, KeyError, TypeError):
            known = False
        if not known:
            self._require_room(4 * math.prod(shape))
        try:
            self.array = np.lib.format.open_memmap(
                self.part,
                mode="r+" if known else "w+",
                dtype=None if known else np.float32,
                shape=None if known else shape,
                fortran_order=True,
            )
        except (OSError, ValueError) as error:
            raise StorageError(f"{self.part}: cannot be written ({error})") from None

    def _require_room(self, size: int) -> None:
        """A mapped file that does not fit would end the process, not raise."""
        try:
            free = shutil.disk_usage(self.path.parent).free
            free += self.part.stat().st_blocks * 512 if self.part.is_file() else 0
        except OSError as error:
            raise StorageError(f"{self.part}: cannot be written ({error.strerror})") from None
        if size > free:
            raise StorageError(
                f"{self.path}: the volume takes {size / 1e9:.3g} GB, {free / 1e9:.3g} GB are free"
            )

    def write(self, first: int, slices: NDArray[np.float32]) -> None:
        """Puts slices in their place; what is told as done is on the disk."""
        last = first + slices.shape[2]
        self.array[:, :, first:last] = slices
        self.array.flush()
        fresh = self.log.with_suffix(".new")
        try:
            fresh.write_text(json.dumps({"told": self.told, "done": last}), encoding="utf-8")
            os.replace(fresh, self.log)
        except OSError as error:
            raise StorageError(f"{self.log}: cannot be written ({error.strerror})") from None

    def finish(self) -> Array:
        """The whole volume under its own name, mapped."""
        self.array.flush()
        del self.array
        try:
            os.replace(self.part, self.path)
            self.log.unlink(missing_ok=True)
            mapped: Array = np.load(self.path, mmap_mode="r")
            return mapped
        except OSError as error:
            raise StorageError(f"{self.path}: cannot be written ({error.strerror})") from None


def _digest(values: Array) -> str:
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()


def _attenuation(
    scan: Array, flats: ArrayLike | None, darks: ArrayLike | None
) -> Callable[[int, int], NDArray[np.float32]]:
    """What gives the attenuation of rows ``first`` to ``last`` (angles, n, width)."""
    if flats is None and darks is not None:
        raise InputError("dark images need the open beam's: give flats", where="darks")
    if flats is not None:
        flat = _mean_image(flats, scan, "flats")
        dark = None if darks is None else _mean_image(darks, scan, "darks")

    def rows(first: int, last: int) -> NDArray[np.float32]:
        part = np.asarray(scan[:, first:last])
        if flats is not None:
            return normalise_projections(
                part, flat[first:last], None if dark is None else dark[first:last]
            )
        if not np.all(np.isfinite(part)):
            raise InputError(
                f"rows {first} to {last - 1} have values that are not finite", where="projections"
            )
        return np.array(part, dtype=np.float32)

    return rows


def _mean_image(given: ArrayLike, projections: Array, where: str) -> Array:
    image = np.asarray(numbers_of(given, where), dtype=float)
    wanted = projections.shape[1:]
    if image.ndim == len(wanted) + 1:
        image = image.mean(axis=0)
    if image.shape != wanted:
        raise InputError(
            f"images of {wanted} pixels are needed, as the projections; these are {image.shape}",
            where=where,
        )
    return image


def _column(centre: float | None, sinogram: Array, turns: Turns) -> float:
    if centre is None:
        return _found(sinogram, turns)
    width = sinogram.shape[1]
    if not is_real(centre) or not 0.1 * width < centre < 0.9 * width:
        raise InputError(
            f"{centre!r} is no column in the inner eight tenths of {width}", where="centre"
        )
    return float(centre)


def _found(sinogram: Array, turns: Turns) -> float:
    """The axis that a sinogram tells by itself; an axis in doubt makes no slice unasked."""
    found = find_rotation_centre(sinogram, turns.degrees)
    if found.flags:
        raise InputError(
            f"the axis is not told by the sinogram ({'; '.join(found.flags)}; best guess "
            f"{found.column:.2f}): give its column",
            where="centre",
        )
    return found.column


def _weights(turns: Turns) -> NDArray[np.float32]:
    """Each projection's share of the half turn's integral."""
    return np.asarray(np.pi * turns.shares, dtype=np.float32)


def _margin(column: float, width: int) -> int:
    """Columns added on both sides, so that every pixel of the circle is seen at all angles."""
    return int(abs(column - (width - 1) / 2)) + 3


def _reach(given: int | None, width: int) -> int:
    if given is None:
        return max(5, round(width * _STRIPE_SHARE))
    if not is_real(given) or not 3 <= given <= width / 2:
        raise InputError(f"{given!r} is no number of columns from 3", where="reach")
    return int(given)


def _length(given: float | str) -> float:
    try:
        size = to_si(given, "m")
    except InputError as error:
        raise error.inside("pixel_size") from None
    if not size > 0:
        raise InputError(f"{given!r} must be above 0", where="pixel_size")
    return size
