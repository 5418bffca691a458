"""Images of microscopes: TIFF through tifffile; PNG, JPEG and BMP through Pillow.

The size of a pixel is taken where a microscope or ImageJ wrote it with a unit; the resolution of
any other image is that of a printer or screen and is not believed.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import SolithError, StorageError
from solith.readers._maps import MOST_PIXELS, Channel, in_si, map_records, require_pixels
from solith.readers._quiet import silenced

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["FORMAT", "UNVERIFIED", "read", "recognises"]

FORMAT = "Images (.tif; .png, .jpg, .bmp with the images extra)"
UNVERIFIED = "Pixel sizes in TIFF images of FEI and Zeiss microscopes"

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_OTHERS = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG", b"BM": "BMP"}
_MOST_PAGES = 64
_COLOURS = ("red", "green", "blue")
_DAMAGES: tuple[type[Exception], ...] = (
    *(ValueError, TypeError, LookupError, ArithmeticError, AttributeError, AssertionError),
    *(OSError, RuntimeError, ImportError, MemoryError, SyntaxError, zlib.error, struct.error),
)
"""What the libraries raise on files with changed bytes."""


def recognises(head: bytes) -> bool:
    """Whether a file begins as one of the kinds of images."""
    if head.startswith(b"BM"):  # two letters alone are too common in texts
        return len(head) > 18 and head[6:10] == bytes(4) and head[14:18] in _BMP_HEADERS
    return head.startswith((*_TIFF, *_OTHERS))


_BMP_HEADERS = tuple(struct.pack("<I", size) for size in (12, 40, 52, 56, 108, 124))


def read(path: Path) -> list[Record]:
    """The images of a file as maps: each page of a TIFF is one, colours are channels.

    Grey saved as colour is one channel again. Raises :class:`StorageError` for a file that is
    damaged, breaks off or is a stack of more than 64 pages (a volume, for
    :func:`solith.volumes.read_volume`), and where Pillow or a TIFF's way of compression is not
    installed.
    """
    with path.open("rb") as stream:
        head = stream.read(16)
    kind = next((kind for start, kind in _OTHERS.items() if head.startswith(start)), "TIFF")
    try:
        with warnings.catch_warnings(), silenced("tifffile"), silenced("PIL"):
            warnings.simplefilter("ignore")
            channels = _of_tiff(path) if kind == "TIFF" else _by_pillow(path, kind)
    except SolithError:
        raise
    except _DAMAGES as error:
        if "imagecodecs" in str(error):
            raise StorageError(
                f"{path}: is compressed in a way for which imagecodecs is needed; install it with: "
                "pip install imagecodecs, or save the image without compression"
            ) from None
        raise StorageError(f"{path}: cannot be read as {kind} ({error!s:.200})") from None
    return map_records(path, channels)


def _by_pillow(path: Path, kind: str) -> list[Channel]:
    try:
        from PIL import Image
    except ImportError:
        raise StorageError(
            f"{path}: is a {kind} image, which needs Pillow; "
            "install it with: pip install 'solith[images]'"
        ) from None
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with path.open("rb") as file:
            image = Image.open(file, formats=[kind])
            require_pixels(path, image.height, image.width)
            image.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise StorageError(f"{path}: has too many pixels for an image: {error}") from None
    if image.mode in ("P", "PA", "CMYK", "YCbCr", "LAB", "HSV"):
        image = image.convert("RGB")
    return _channels(np.asarray(image), None, "")


def _of_tiff(path: Path) -> list[Channel]:
    import tifffile

    with tifffile.TiffFile(path) as file:
        pages = list(file.pages[: _MOST_PAGES + 1])
        if len(pages) > _MOST_PAGES:
            raise StorageError(
                f"{path}: is a stack of more than {_MOST_PAGES} pages; read it as a volume: "
                "solith.volumes.read_volume"
            )
        if not pages:
            raise StorageError(f"{path}: holds no image")
        size = _pixel_size(file)
        labels = _labels(file, len(pages))
        channels = []
        for number, page in enumerate(pages, start=1):
            require_pixels(path, page.imagelength, page.imagewidth)
            _require_whole(path, page)
            named = "" if len(pages) == 1 else f"page {number} "
            found = _channels(page.asarray(maxworkers=1), size, named)
            if len(found) == 1 and labels:
                found = [replace(found[0], name=labels[number - 1])]
            channels += found
    return channels


def _labels(file: Any, pages: int) -> list[str]:
    """Names of the pages as ImageJ keeps them; none unless each page has one of its own."""
    told = (file.imagej_metadata or {}).get("Labels") if file.is_imagej else None
    named = [str(one).strip() for one in told or ()]
    whole = len(named) == pages and all(named) and len(set(named)) == pages
    return named if whole else []


def _require_whole(path: Path, page: Any) -> None:
    """A page whose bytes lie in the file, and are not far fewer than its pixels."""
    length = path.stat().st_size
    ends = [a + n for a, n in zip(page.dataoffsets, page.databytecounts, strict=True)]
    if max(ends, default=0) > length:
        raise StorageError(f"{path}: breaks off: its pixels end at byte {max(ends)} of {length}")
    if page.size > 4 * MOST_PIXELS or page.nbytes > 2000 * max(sum(page.databytecounts), 1):
        raise StorageError(f"{path}: says that an image has {page.size} values, more than it holds")


def _channels(image: NDArray[Any], size: tuple[float, float] | None, named: str) -> list[Channel]:
    """One channel for grey, three for colours; opacity is left out."""
    *_, layers = image.shape if image.ndim == 3 else (1,)
    if image.ndim not in (2, 3) or layers > 4 or image.dtype.kind not in "biuf":
        raise ValueError(f"an image of {image.shape} {image.dtype} is neither grey nor coloured")
    colours = image.reshape(image.shape[0], -1, layers)[..., : 3 if layers > 2 else 1]
    if layers > 2 and not _is_grey(colours):
        return [
            Channel(f"{named}{colour}", colours[..., place], "", size)
            for place, colour in enumerate(_COLOURS)
        ]
    return [Channel(f"{named}intensity", colours[..., 0], "", size)]


def _is_grey(image: NDArray[Any]) -> bool:
    return bool(np.all(image[..., :1] == image[..., 1:]))


def _pixel_size(file: Any) -> tuple[float, float] | None:
    """Width and height of a pixel [m] as FEI's, Zeiss's or ImageJ's software wrote it."""
    if file.fei_metadata:
        scan = file.fei_metadata.get("Scan") or file.fei_metadata.get("EScan") or {}
        return _lengths(scan.get("PixelWidth"), scan.get("PixelHeight"), "m")
    if file.is_sem:
        about = file.sem_metadata or {}
        told: Any = about.get("ap_image_pixel_size") or about.get("ap_pixel_size") or ()
        return _lengths(told[1], told[1], str(told[2])) if len(told) > 2 else None
    if file.is_imagej:
        unit = str((file.imagej_metadata or {}).get("unit", "")).replace("\\u00B5", "u")
        unit = {"micron": "um", "microns": "um", "inch": ""}.get(unit, unit)
        tags = file.pages[0].tags
        if unit and "XResolution" in tags and "YResolution" in tags:
            x, y = (tags[name].value for name in ("XResolution", "YResolution"))
            return _lengths(x[1] / x[0], y[1] / y[0], unit) if x[0] and y[0] else None
    return None


def _lengths(x: Any, y: Any, unit: str) -> tuple[float, float] | None:
    factor, base = in_si(unit)
    numbers = (int, float)
    if base != "m" or not isinstance(x, numbers) or not isinstance(y, numbers):
        return None
    size = (factor * x, factor * y)
    return size if all(0 < length < 1.0 for length in size) else None
