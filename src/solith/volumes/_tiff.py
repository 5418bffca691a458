"""TIFF stacks through tifffile: pages are z, rows y, columns x.

A stack that lies in one piece is mapped. The voxel size is read where ImageJ or OME put it, with
its unit; the resolution of any other TIFF is that of a printer or screen and is not believed.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, StorageError
from solith.volumes._raw import images_of
from solith.volumes._stored import (
    IMAGES_FIRST,
    Asked,
    Sizes,
    Stored,
    in_metres,
    phases_from,
    phases_text,
    sizes_along,
)

__all__ = ["FORMAT", "read", "read_images", "recognises", "write"]

FORMAT = "TIFF (.tif, or a folder of images)"
_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_PHASES = "solith phases: "
_DAMAGES: tuple[type[Exception], ...] = (
    *(ValueError, TypeError, LookupError, ArithmeticError, AttributeError, AssertionError),
    *(OSError, RuntimeError, ImportError, zlib.error, struct.error),
)
"""What tifffile was seen to raise on files with changed bytes."""
_MOST_BYTES = 2**32 - 2**25
"""ImageJ's stacks in one piece hold less."""


def recognises(head: bytes) -> bool:
    """Whether a file begins as TIFF or BigTIFF."""
    return head.startswith(_STARTS)


def read(path: Path, asked: Asked) -> Stored:
    """The one stack of a file, or the one whose number is ``asked.dataset``."""
    import tifffile

    _require_whole(path)
    try:
        with tifffile.TiffFile(path) as file:
            one = _series(path, file, asked)
            _require_voxels(path, one)
            axes = _axes(path, one)
            if one.dataoffset is not None and one.dtype.kind in "uif":
                shape = tuple(one.shape)
                stored = one.dtype.newbyteorder(file.byteorder)
                array: NDArray[Any] = np.memmap(path, stored, "r", one.dataoffset, shape)
            else:
                array = one.asarray(maxworkers=2)
            sizes, phases, remark = _facts(file)
    except InputError:
        raise
    except _DAMAGES as error:
        raise _unreadable(path, error) from None
    kept = tuple(place for place, letter in enumerate(axes) if letter != "-")
    flat = array.reshape([array.shape[place] for place in kept])
    if len(kept) == 2:
        flat = flat[np.newaxis]
    axes = asked.axes or IMAGES_FIRST
    return Stored(flat, axes, sizes_along(axes, sizes), phases, remark)


def read_images(paths: Sequence[Path], asked: Asked) -> Stored:
    """Single images, one upon the other in the given order, read into one array."""
    stack: NDArray[Any] | None = None
    first: Stored | None = None
    for place, path in enumerate(paths):
        image = read(path, Asked(dataset=asked.dataset))
        if len(image.array) != 1:
            raise InputError(
                f"holds {len(image.array)} images; a stack of files takes one each", file=str(path)
            )
        if stack is None or first is None:
            first = image
            stack = np.empty((len(paths), *image.array.shape[1:]), image.array.dtype)
        if image.array.shape[1:] != stack.shape[1:] or image.array.dtype != stack.dtype:
            raise InputError(
                f"is {_told(image.array)}, the first image of the stack {_told(first.array)}",
                file=str(path),
            )
        stack[place] = image.array[0]
    assert stack is not None
    return Stored(stack, asked.axes or IMAGES_FIRST)


def write(path: Path, array: NDArray[Any], voxel_size: Sizes, phases: Any) -> None:
    """Write a stack that ImageJ opens with its voxel size: 8 or 16 bit, or 32 bit floats.

    Whole numbers become the smallest of these that holds them; floats of 64 bit lose digits.
    """
    import tifffile

    dtype = _imagej_type(array)
    x, y, z = array.shape
    unit, in_unit = _unit(voxel_size)
    facts = {
        "axes": "TZCYXS",
        "unit": unit,
        "spacing": voxel_size[2] * in_unit,
    }
    if phases is not None:
        facts["Info"] = _PHASES + phases_text(phases)
    if array.size * dtype.itemsize > _MOST_BYTES:
        raise InputError(
            "a TIFF that ImageJ reads holds less than 4 GB: write .h5, .nrrd or .mhd",
            file=str(path),
        )
    images = (image.astype(dtype, copy=False) for part in images_of(array) for image in part)
    tifffile.imwrite(
        path,
        data=images,
        shape=(1, z, 1, y, x, 1),
        dtype=dtype,
        imagej=True,
        resolution=(_pixels(voxel_size[0] * in_unit), _pixels(voxel_size[1] * in_unit)),
        metadata=facts,
    )


def _unit(voxel_size: Sizes) -> tuple[str, float]:
    smallest = min(voxel_size)
    if smallest < 1e-8:
        return "nm", 1e9
    return ("um", 1e6) if smallest < 1e-3 else ("mm", 1e3)


def _pixels(size: float) -> tuple[int, int]:
    """Pixels for each unit of length, as the fraction of 32 bit numbers that a TIFF holds."""
    length = Fraction(size).limit_denominator(max(1, min(10**6, int(4e9 / size))))
    return length.denominator, length.numerator


def _imagej_type(array: NDArray[Any]) -> np.dtype[Any]:
    if array.dtype.kind == "f":
        return np.dtype(np.float32)
    if array.dtype in (np.uint8, np.uint16):
        return array.dtype
    low, high = int(array.min()), int(array.max())
    if low < 0 or high > 65535:
        raise InputError(
            f"a TIFF that ImageJ reads holds whole numbers from 0 to 65535, not {low} to {high}: "
            "write .h5, .nrrd or .mhd"
        )
    return np.dtype(np.uint8 if high < 256 else np.uint16)


def _series(path: Path, file: Any, asked: Asked) -> Any:
    series = file.series
    if asked.dataset is not None:
        if asked.dataset not in map(str, range(len(series))):
            raise InputError(
                f"holds the stacks 0 to {len(series) - 1}, not {asked.dataset!r}",
                where="dataset",
                file=str(path),
            )
        return series[int(asked.dataset)]
    if len(series) == 1:
        return series[0]
    if not series:
        raise StorageError(f"{path}: holds no image")
    shapes = ", ".join(
        f"{number} ({' x '.join(map(str, one.shape))})" for number, one in enumerate(series[:8])
    )
    raise InputError(
        f"its {len(file.pages)} pages are of several sizes or kinds; say which stack is meant "
        f"with dataset=: {shapes}",
        where="dataset",
        file=str(path),
    )


def _axes(path: Path, one: Any) -> str:
    """The axes, with a dash for those that are dropped because they are one long."""
    axes = "".join(
        "-" if n == 1 and letter not in "YX" else letter
        for n, letter in zip(one.shape, one.axes, strict=True)
    )
    kept = axes.replace("-", "")
    if "S" in kept:
        raise InputError("is a colour image: make it grey first", file=str(path))
    if not kept.endswith("YX") or len(kept) > 3:
        raise InputError(
            f"has the axes {kept} ({' x '.join(map(str, one.shape))}): write one channel and one "
            "time alone, as a stack of images",
            file=str(path),
        )
    return axes


def _facts(file: Any) -> tuple[Sizes | None, dict[str, int] | None, str]:
    """Voxel size, phases, and what the file says of the size without a unit."""
    if file.is_imagej:
        told = file.imagej_metadata or {}
        phases = _phases_in(str(told.get("Info", "")))
        tags = file.pages.first.tags
        if "XResolution" not in tags or "YResolution" not in tags:
            return None, phases, ""
        x, y = (_length(tags[name].value) for name in ("XResolution", "YResolution"))
        z = told.get("spacing", 1.0)
        unit = str(told.get("unit", "")).replace("\\u00B5", "µ")
        sizes = in_metres((x, y, z), [unit] * 3) if unit else None
        if unit and "spacing" not in told and (x, y) != (1.0, 1.0) and len(file.pages) > 1:
            return None, phases, f"pixels are {x:.6g} x {y:.6g} {unit}, but nothing about z"
        return sizes, phases, "" if sizes else f"{x:.6g} x {y:.6g} x {z:.6g} without a unit"
    if file.is_ome:
        import tifffile

        pixels = tifffile.xml2dict(file.ome_metadata)["OME"]["Image"]
        pixels = (pixels[0] if isinstance(pixels, list) else pixels)["Pixels"]
        numbers = [pixels.get(f"PhysicalSize{axis}") for axis in "XYZ"]
        units = [str(pixels.get(f"PhysicalSize{axis}Unit", "µm")) for axis in "XYZ"]
        return in_metres(numbers, units), None, ""
    return None, None, ""


def _length(rational: Any) -> float:
    pixels, units = rational
    return units / pixels if pixels else 0.0


def _phases_in(info: str) -> dict[str, int] | None:
    for line in info.splitlines():
        if line.startswith(_PHASES):
            return phases_from(line.removeprefix(_PHASES))
    return None


def _require_whole(path: Path) -> None:
    """Follow the chain of pages: one that leads out of the file means that its end is missing."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        try:
            pages = sum(1 for _ in _pages(stream, size))
        except (struct.error, EOFError):
            raise StorageError(f"{path}: is cut off: its list of pages leads out of it") from None
    if not pages:
        raise StorageError(f"{path}: holds no image")


def _pages(stream: Any, size: int) -> Iterator[int]:
    order = "<" if stream.read(2) == b"II" else ">"
    (kind,) = struct.unpack(f"{order}H", stream.read(2))
    big = kind == 43
    offset, number, entry = ("Q", "Q", 20) if big else ("I", "H", 12)
    stream.seek(8 if big else 4)
    seen = set()
    while True:
        (at,) = struct.unpack(order + offset, stream.read(struct.calcsize(offset)))
        if at == 0 or at in seen:
            return
        if at >= size:
            raise EOFError
        seen.add(at)
        yield at
        stream.seek(at)
        (entries,) = struct.unpack(order + number, stream.read(struct.calcsize(number)))
        stream.seek(entries * entry, 1)


def _require_voxels(path: Path, one: Any) -> None:
    size = path.stat().st_size
    if one.dataoffset is not None:
        needed = int(np.prod(one.shape, dtype=object)) * one.dtype.itemsize
        if one.dataoffset + needed > size:
            raise StorageError(
                f"{path}: is cut off: holds {max(size - one.dataoffset, 0)} bytes of voxels "
                f"instead of {needed}"
            )
        return
    for place, page in enumerate(one.pages):
        if page is None:
            raise StorageError(f"{path}: is cut off: page {place + 1} is missing")
        ends = [a + n for a, n in zip(page.dataoffsets, page.databytecounts, strict=True)]
        if max(ends, default=0) > size:
            raise StorageError(f"{path}: is cut off in page {place + 1} of {len(one.pages)}")


def _unreadable(path: Path, error: Exception) -> StorageError:
    if isinstance(error, ImportError) or "imagecodecs" in str(error):
        return StorageError(
            f"{path}: is compressed in a way for which imagecodecs is needed; install it with: "
            "pip install imagecodecs, or save the stack without compression"
        )
    return StorageError(f"{path}: cannot be read as TIFF ({error})")


def _told(stack: NDArray[Any]) -> str:
    return f"{' x '.join(map(str, stack.shape[:0:-1]))} of {stack.dtype.name}"
