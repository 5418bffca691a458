"""NRRD, header and voxels in one file or two: x fastest, mapped where the voxels are raw.

Header fields: https://teem.sourceforge.net/nrrd/format.html (recalled).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, StorageError
from solith.volumes._nrrd_axes import in_space
from solith.volumes._raw import read_voxels, write_images
from solith.volumes._stored import (
    IMAGES_FIRST,
    Asked,
    Sizes,
    Stored,
    phases_from,
    phases_text,
    sizes_along,
)

__all__ = ["FORMAT", "read", "recognises", "write"]

FORMAT = "NRRD (.nrrd, .nhdr)"
_LONGEST_HEADER = 1 << 20
_TYPES = {
    "i1": "signed char, int8, int8_t",
    "u1": "uchar, unsigned char, uint8, uint8_t",
    "i2": "short, short int, signed short, signed short int, int16, int16_t",
    "u2": "ushort, unsigned short, unsigned short int, uint16, uint16_t",
    "i4": "int, signed int, int32, int32_t",
    "u4": "uint, unsigned int, uint32, uint32_t",
    "i8": "longlong, long long, long long int, signed long long, int64, int64_t",
    "u8": "ulonglong, unsigned long long, unsigned long long int, uint64, uint64_t",
    "f4": "float",
    "f8": "double",
}
_CODES = {name: code for code, names in _TYPES.items() for name in names.split(", ")}
_ENCODINGS = {"raw": "", "gzip": "gzip", "gz": "gzip", "bzip2": "bzip2", "bz2": "bzip2"}
_PHASES = "phases"


def recognises(head: bytes) -> bool:
    """Whether a file begins as NRRD."""
    return head.startswith(b"NRRD0")


def read(path: Path, asked: Asked) -> Stored:
    """The volume, and its voxel size where spacings stand with units."""
    fields, values, end = _header(path)
    try:
        sizes = [int(one) for one in fields["sizes"].split()]
        dtype = np.dtype(_CODES[fields["type"].lower()])
        encoding = _ENCODINGS[fields["encoding"].lower()]
        skip, lines = int(fields.get("byte skip", 0)), int(fields.get("line skip", 0))
    except (KeyError, ValueError) as error:
        raise InputError(
            f"its NRRD header has no {error.args[0]!r} that is understood", file=str(path)
        ) from None
    if dtype.itemsize > 1:
        dtype = dtype.newbyteorder(_byte_order(fields, path))
    if skip < -1 or (skip and encoding):
        raise InputError(
            f"has a byte skip of {skip}, which is not supported for its encoding", file=str(path)
        )
    axes = asked.axes or IMAGES_FIRST
    spatial = in_space(fields, sizes, path, turned=asked.axes is not None)
    sizes = spatial.sizes
    data, offset = _where(path, fields, end)
    if lines:
        raise InputError("has a line skip, which is not supported", file=str(path))
    shape = tuple(reversed(sizes))
    if skip == -1 and not encoding:
        offset = data.stat().st_size - int(np.prod(shape, dtype=object)) * dtype.itemsize
        if offset < 0:
            offset = data.stat().st_size
    elif not encoding:
        offset += skip
    array = read_voxels(data, shape, dtype, offset=offset, compression=encoding)
    phases = phases_from(values.get(_PHASES))
    if len(shape) == 2:
        array = array[np.newaxis]
    voxel_size = sizes_along(axes, spatial.voxel_size)
    return Stored(array, axes, voxel_size, phases, spatial.remark)


def write(path: Path, array: NDArray[Any], voxel_size: Sizes, phases: Any) -> None:
    """Write header and raw voxels in one file, spacings in um."""
    little = array.dtype.newbyteorder("<")
    x, y, z = (f"{size * 1e6!r}" for size in voxel_size)
    names = {code: names.split(", ")[-1] for code, names in _TYPES.items()}
    lines = [
        "NRRD0005",
        f"type: {names[f'{array.dtype.kind}{array.dtype.itemsize}']}",
        "dimension: 3",
        "space dimension: 3",
        f"sizes: {' '.join(map(str, array.shape))}",
        f"space directions: ({x},0,0) (0,{y},0) (0,0,{z})",
        'space units: "um" "um" "um"',
        "kinds: domain domain domain",
        "endian: little",
        "encoding: raw",
    ]
    if phases is not None:
        lines.append(f"{_PHASES}:={phases_text(phases)}")
    with path.open("wb") as stream:
        stream.write(("\n".join(lines) + "\n\n").encode())
        write_images(stream, array.astype(little, copy=False))


def _header(path: Path) -> tuple[dict[str, str], dict[str, str], int]:
    """Fields, key/value pairs, and the byte behind the empty line that ends them."""
    fields, values = {}, {}
    with path.open("rb") as stream:
        stream.readline(1024)
        while (line := stream.readline(_LONGEST_HEADER)).strip():
            if line.startswith(b"#"):
                continue
            text = line.decode("utf-8", errors="replace").rstrip("\r\n")
            if ":=" in text:
                key, _, value = text.partition(":=")
                values[key.strip()] = value
            elif ": " in text:
                field, _, value = text.partition(": ")
                fields[field.strip().lower()] = value.strip()
            if stream.tell() > _LONGEST_HEADER:
                raise StorageError(f"{path}: its NRRD header does not end")
        return fields, values, stream.tell()


def _where(path: Path, fields: dict[str, str], end: int) -> tuple[Path, int]:
    name = fields.get("data file", fields.get("datafile"))
    if name is None:
        return path, end
    if name.upper().startswith("LIST") or "%" in name:
        raise InputError("has its voxels in several files: join them first", file=str(path))
    data = path.parent / name
    if not data.is_file():
        raise StorageError(f"{path}: its voxels should be in {name}, which is not there")
    return data, 0


def _byte_order(fields: dict[str, str], path: Path) -> Literal["<", ">"]:
    told = fields.get("endian", "").lower()
    if told not in ("big", "little"):
        raise InputError(
            f"its NRRD header says endian {told!r}, neither big nor little"
            if told
            else "its NRRD header lacks endian (big or little), which its type needs",
            file=str(path),
        )
    return ">" if told == "big" else "<"
