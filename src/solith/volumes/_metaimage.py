"""MetaImage, .mha in one file or .mhd with its voxels beside it: x fastest, mapped where raw.

Header fields: https://itk.org/Wiki/ITK/MetaIO/Documentation (recalled). The format's spacing has no
unit of its own and is millimetres for some programs and anything for others: it is believed where
``DistanceUnits`` stands beside it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, StorageError
from solith.core.storage import write_atomically
from solith.volumes._raw import read_voxels, write_images
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

__all__ = ["FORMAT", "read", "recognises", "require_free", "write", "write_beside"]

FORMAT = "MetaImage (.mhd, .mha)"
_TYPES = {
    "MET_CHAR": "i1",
    "MET_UCHAR": "u1",
    "MET_SHORT": "i2",
    "MET_USHORT": "u2",
    "MET_INT": "i4",
    "MET_UINT": "u4",
    "MET_LONG_LONG": "i8",
    "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
_PHASES = "solith phases: "
_MOST_LINES = 1000


def recognises(head: bytes) -> bool:
    """Whether a file begins as a MetaImage header."""
    first = head.split(b"\n", 1)[0].split(b"=")[0].strip()
    return first in (b"ObjectType", b"NDims", b"Comment") and b"=" in head


def read(path: Path, asked: Asked) -> Stored:
    """The volume, and its voxel size where spacings stand with a unit."""
    fields, end = _header(path)
    try:
        sizes = [int(one) for one in fields["DimSize"].split()]
        dtype = np.dtype(_TYPES[fields["ElementType"]])
        name = fields["ElementDataFile"]
        skip = int(fields.get("HeaderSize", 0))
        channels = int(fields.get("ElementNumberOfChannels", 1))
    except (KeyError, ValueError) as error:
        raise InputError(
            f"its MetaImage header has no {error.args[0]!r} that is understood", file=str(path)
        ) from None
    big = _true(fields, "BinaryDataByteOrderMSB") or _true(fields, "ElementByteOrderMSB")
    if dtype.itemsize > 1:
        dtype = dtype.newbyteorder(">" if big else "<")
    if len(sizes) not in (2, 3) or min(sizes) < 1 or channels != 1:
        raise InputError(
            f"holds {' x '.join(map(str, sizes))} voxels of {channels} values: not a volume of one "
            "value a voxel",
            file=str(path),
        )
    if "BinaryData" in fields and not _true(fields, "BinaryData"):
        raise InputError(
            "has its voxels as text (BinaryData is not True): save it binary", file=str(path)
        )
    if skip < -1:
        raise InputError(f"its HeaderSize is {skip}, which is no number of bytes", file=str(path))
    local = name.upper() == "LOCAL"
    data = path if local else path.parent / name
    if name.upper().startswith("LIST") or "%" in name:
        raise InputError("has its voxels in several files: join them first", file=str(path))
    if not data.is_file():
        raise StorageError(f"{path}: its voxels should be in {name}, which is not there")
    compression = "zlib" if _true(fields, "CompressedData") else ""
    shape = tuple(reversed(sizes))
    offset = end if local else 0
    if skip == -1:
        offset = data.stat().st_size - int(np.prod(shape, dtype=object)) * dtype.itemsize
        offset = offset if offset >= 0 else data.stat().st_size
    else:
        offset += skip
    array = read_voxels(data, shape, dtype, offset=offset, compression=compression)
    if array.ndim == 2:
        array = array[np.newaxis]
    axes = asked.axes or IMAGES_FIRST
    voxel_size, remark = _spacing(fields)
    comment = fields.get("Comment", "")
    phases = phases_from(comment.removeprefix(_PHASES)) if comment.startswith(_PHASES) else None
    return Stored(array, axes, sizes_along(axes, voxel_size), phases, remark)


def write(path: Path, array: NDArray[Any], voxel_size: Sizes, phases: Any) -> None:
    """Write header and raw voxels in one file (.mha), spacings in mm."""
    with path.open("wb") as stream:
        stream.write(_text(array, voxel_size, phases, "LOCAL").encode())
        write_images(stream, _little(array))


def write_beside(path: Path, array: NDArray[Any], voxel_size: Sizes, phases: Any) -> None:
    """Write the voxels (.raw), then the header (.mhd) that names them, each whole or not at all.

    :class:`InputError` for a .raw that is there and not of this header.
    """
    require_free(path)
    data = path.with_suffix(".raw")
    header = _text(array, voxel_size, phases, data.name)
    write_atomically(data, lambda file: _voxels(file, array))
    write_atomically(path, lambda file: _put(file, header))


def require_free(path: Path) -> None:
    """:class:`InputError` where a header's voxels would overwrite a file of something else."""
    data = path.with_suffix(".raw")
    if not data.exists():
        return
    if path.is_file():
        with path.open("rb") as stream:
            known = recognises(stream.read(512))
        if known and _header(path)[0].get("ElementDataFile") == data.name:
            return
    raise InputError(
        f"its voxels would overwrite {data.name}, which is not of this header: choose another "
        "name, or .mha",
        file=str(path),
    )


def _voxels(path: Path, array: NDArray[Any]) -> None:
    with path.open("wb") as stream:
        write_images(stream, _little(array))


def _put(path: Path, header: str) -> None:
    path.write_bytes(header.encode())


def _little(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(array.dtype.newbyteorder("<"), copy=False)


def _text(array: NDArray[Any], voxel_size: Sizes, phases: Any, data: str) -> str:
    code = f"{array.dtype.kind}{array.dtype.itemsize}"
    names = {code: name for name, code in _TYPES.items()}
    lines = ["ObjectType = Image", "NDims = 3"]
    if phases is not None:
        lines.append(f"Comment = {_PHASES}{phases_text(phases)}")
    lines += [
        "BinaryData = True",
        "BinaryDataByteOrderMSB = False",
        "CompressedData = False",
        "DistanceUnits = mm",
        f"ElementSpacing = {' '.join(repr(size * 1e3) for size in voxel_size)}",
        f"DimSize = {' '.join(map(str, array.shape))}",
        f"ElementType = {names[code]}",
        f"ElementDataFile = {data}",
    ]
    return "\n".join(lines) + "\n"


def _header(path: Path) -> tuple[dict[str, str], int]:
    """The fields up to ``ElementDataFile``, which is the last, and the byte behind it."""
    fields: dict[str, str] = {}
    with path.open("rb") as stream:
        for _ in range(_MOST_LINES):
            line = stream.readline(1 << 16)
            if not line:
                break
            key, equals, value = line.decode("utf-8", errors="replace").partition("=")
            if equals:
                fields[key.strip()] = value.strip()
            if key.strip() == "ElementDataFile":
                return fields, stream.tell()
    return fields, os.stat(path).st_size


def _true(fields: dict[str, str], name: str) -> bool:
    return fields.get(name, "")[:1] in ("T", "t", "1")


def _spacing(fields: dict[str, str]) -> tuple[Sizes | None, str]:
    told = fields.get("ElementSpacing", fields.get("ElementSize", ""))
    try:
        numbers = [float(one) for one in told.split()]
    except ValueError:
        return None, ""
    if len(numbers) == 2:
        numbers.append(numbers[0])
    unit = fields.get("DistanceUnits", "")
    if unit and (sizes := in_metres(numbers, [unit] * 3)):
        return sizes, ""
    remark = f"{' x '.join(f'{one:.6g}' for one in numbers)} without a unit" if numbers else ""
    return None, remark
