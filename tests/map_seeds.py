"""Small valid images of every format of maps, made by hand."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["gwy", "ibw", "map_seeds", "nanoscope", "png", "tiff"]

_HEIGHTS = np.arange(12, dtype="<i2").reshape(3, 4) * 100

_NANOSCOPE_HEAD = """\\*File list
\\Version: 0x05120130
\\*Scanner list
\\@Sens. Zscan: V 12.5 nm/V
\\*Ciao scan list
\\@Sens. Phase: V 1.000000
"""
_NANOSCOPE_IMAGE = """\\*Ciao image list
\\Data offset: {offset}
\\Data length: {length}
\\Bytes/pixel: {size}
\\Samps/line: {columns}
\\Number of lines: {rows}
\\Scan size: 2 2 ~m
\\Line direction: {direction}
\\@2:Image Data: S [{name}] "{name}"
\\@2:Z scale: V [Sens. {soft}] (0.0061 V/LSB) {value}
\\@2:Z offset: V [Sens. {soft}] (0.0061 V/LSB)       0 V
"""


def map_seeds() -> dict[str, tuple[bytes, ...]]:
    """For each reader of maps, by the name of its module, files that it reads."""
    return {
        "gwyddion": (gwy(), gwy(unit="m", mask=True)),
        "igor": (ibw(_HEIGHTS.T.astype("<f4")), ibw(np.dstack([_HEIGHTS.T] * 2).astype(">f8"))),
        "images": (png(), tiff(), tiff(colour=True)),
        "nanoscope": (nanoscope(), nanoscope([_HEIGHTS.astype("<i4")] * 2, size=4)),
    }


def nanoscope(
    images: Sequence[NDArray[np.integer]] = (_HEIGHTS, _HEIGHTS),
    *,
    size: int = 2,
    value: str = "400 V",
    titles: Sequence[tuple[str, str]] = (("Height", "Zscan"), ("Phase", "Phase")),
) -> bytes:
    """A Nanoscope file whose images are these numbers, the lowest line first."""
    text, start = _NANOSCOPE_HEAD, 2048
    for (name, soft), image in zip(titles, images, strict=True):
        text += _NANOSCOPE_IMAGE.format(
            offset=start, length=image.nbytes, size=size, columns=image.shape[1],
            rows=image.shape[0], direction="Trace", name=name, soft=soft, value=value,
        )  # fmt: skip
        start += image.nbytes
    head = (text + "\\*File list end\n").replace("\n", "\r\n").encode("latin-1") + b"\x1a"
    return head.ljust(2048, b"\0") + b"".join(image.tobytes() for image in images)


def gwy(*, unit: str = "", mask: bool = False) -> bytes:
    """A Gwyddion file with one image of 4 x 3 pixels, 1 um wide."""

    def item(name: str, kind: str, value: bytes) -> bytes:
        return name.encode() + b"\0" + kind.encode() + value

    def thing(name: str, *items: bytes) -> bytes:
        data = b"".join(items)
        return name.encode() + b"\0" + struct.pack("<I", len(data)) + data

    def field(values: NDArray[np.float64]) -> bytes:
        said = thing("GwySIUnit", item("unitstr", "s", unit.encode() + b"\0"))
        return thing(
            "GwyDataField",
            item("xres", "i", struct.pack("<i", values.shape[1])),
            item("yres", "i", struct.pack("<i", values.shape[0])),
            item("xreal", "d", struct.pack("<d", 1e-6)),
            item("yreal", "d", struct.pack("<d", 0.75e-6)),
            item("si_unit_xy", "o", said),
            item("si_unit_z", "o", said),
            item("data", "D", struct.pack("<I", values.size) + values.astype("<f8").tobytes()),
        )

    items = [
        item("/0/data/title", "s", b"Topography\0"),
        item("/0/data/visible", "b", b"\1"),
        item("/0/data", "o", field(_HEIGHTS * 1e-9)),
        item("/0/data/log", "S", struct.pack("<I", 2) + b"a\0b\0"),
    ]
    if mask:
        items.append(item("/0/mask", "o", field((_HEIGHTS > 500).astype(float))))
    return b"GWYP" + thing("GwyContainer", *items)


def ibw(wave: NDArray[np.floating], labels: Sequence[str] = ("HeightTrace", "Phase")) -> bytes:
    """An Igor wave of version 5 (Technical Note 003) whose first dimension goes across."""
    order = wave.dtype.byteorder if wave.dtype.byteorder in "<>" else "<"
    lengths = (*wave.shape, *[0] * (4 - wave.ndim))
    names = b"".join(text.encode().ljust(32, b"\0") for text in ("", *labels))
    names = names if wave.ndim == 3 else b""
    kind = {4: 2, 8: 4}[wave.dtype.itemsize]
    header = struct.pack(
        f"{order}4x8xihh6xh32s4x4x4i4d4d4s16shh2d",
        *(wave.size, kind, 0, 1, b"wave", *lengths, *[2e-9] * 4, *[0.0] * 4, b"m"),
        *(b"m\0\0\0m\0\0\0".ljust(16, b"\0"), 0, 0, 0.0, 0.0),
    ).ljust(320, b"\0")
    data = wave.tobytes(order="F")
    sizes = (len(header) + len(data), *[0] * 9, len(names), *[0] * 4)
    return struct.pack(f"{order}hh15i", 5, 0, *sizes) + header + data + names


def png() -> bytes:
    """A grey PNG."""
    from PIL import Image

    made = io.BytesIO()
    Image.fromarray(_HEIGHTS.astype(np.uint8)).save(made, "PNG")
    return made.getvalue()


def tiff(*, colour: bool = False) -> bytes:
    """A TIFF: grey with ImageJ's pixel size of 0.5 um, or of three colours."""
    import tifffile

    made = io.BytesIO()
    grey = _HEIGHTS.astype(np.uint16)
    if colour:
        image = np.stack([grey, 2 * grey, 3 * grey], -1).astype(np.uint8)
        tifffile.imwrite(made, image, photometric="rgb")
    else:
        tifffile.imwrite(made, grey, imagej=True, resolution=(2, 2), metadata={"unit": "um"})
    return made.getvalue()
