"""BioLogic files made by hand: binary modules (``mpr``) and text (``mpt``)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

__all__ = [
    "IMPEDANCE",
    "LAYOUTS",
    "MPT_COLUMNS",
    "MPT_TITLE",
    "MPT_VALUES",
    "data_module",
    "module",
    "mpr",
    "mpt",
    "points",
    "sweep",
]

WIDTHS = {4: "d", 6: "f", 7: "d", 8: "f", 13: "d", 24: "d", 39: "H", 131: "H", 467: "d"}
IMPEDANCE = (32, 37, 38, 4, 6, 8, 24, 131)
FLAGS = (1, 2, 3, 21, 31, 65)
LAYOUTS = {0: (5, "B", 100), 2: (5, "H", 405), 3: (5, "H", 406), 11: (6, "H", 1007)}
"""By version of the data module: where column ids stand, their type, where points begin."""

DAY = b"05/15/25"
STARTED = 45792.5


def module(name: str, body: bytes, *, new: bool, version: int = 0, length: int = -1) -> bytes:
    length = len(body) if length < 0 else length
    names = name.encode().ljust(10) + f"VMP {name}".encode().ljust(25)[:25]
    if new:
        numbers = struct.pack("<4I", 0xFFFFFFFF, length, 0, version or 10)
    else:
        numbers = struct.pack("<2I", length, version)
    return b"MODULE" + names + numbers + DAY + body


def points(ids: Sequence[int], rows: Sequence[Sequence[float]]) -> bytes:
    """Rows of values, flags (if there are any) as one first value."""
    kinds = [WIDTHS.get(number, "f") for number in ids if number not in FLAGS]
    pattern = "<" + ("B" if set(ids) & set(FLAGS) else "") + "".join(kinds)
    whole = [
        [int(x) if k in "BH" else x for x, k in zip(r, pattern[1:], strict=True)] for r in rows
    ]
    return b"".join(struct.pack(pattern, *row) for row in whole)


def data_module(
    ids: Sequence[int], body: bytes, count: int, version: int = 11, extra: int = 0
) -> bytes:
    first, kind, start = LAYOUTS[version]
    table = struct.pack("<IB", count, len(ids)).ljust(first, b"\0")
    table += struct.pack(f"<{len(ids)}{kind}", *ids)
    whole = table.ljust(start, b"\0") + body
    new = version == 11
    return module(
        "VMP data", whole, new=new, version=1 + 10 if new else version, length=len(whole) + extra
    )


def settings_module(technique: int, *, new: bool = True) -> bytes:
    body = bytearray(1200)
    body[0] = technique
    body[7:12] = b"\x04cell"
    struct.pack_into("<f", body, 0x0211, 0.5)
    return module("VMP Set", bytes(body), new=new)


def log_module(*, new: bool = True) -> bytes:
    body = bytearray(700)
    struct.pack_into("<d", body, 585, STARTED)
    return module("VMP LOG", bytes(body), new=new)


def loop_module(starts: Sequence[int]) -> bytes:
    return module(
        "VMP loop", struct.pack(f"<{len(starts) + 1}I", len(starts), *starts) + b"\0" * 16, new=True
    )


def mpr(
    ids: Sequence[int],
    rows: Sequence[Sequence[float]],
    *,
    technique: int = 0x04,
    version: int = 11,
    loops: Sequence[int] = (),
) -> bytes:
    new = version == 11
    signature = b"BIO-LOGIC MODULAR FILE\x1a".ljust(48) + b"\0\0\0\0"
    parts = [
        signature,
        settings_module(technique, new=new),
        data_module(ids, points(ids, rows), len(rows), version),
        log_module(new=new),
    ]
    return b"".join([*parts, *([loop_module(loops)] if loops else [])])


def sweep(frequencies: Sequence[float], cycle: float = 1, step: int = 0) -> list[list[float]]:
    return [[f, 10.0 + f, 2.0, n, 3.5, 0.5, cycle, step] for n, f in enumerate(frequencies)]


MPT_TITLE = "Galvanostatic Cycling with Potential Limitation"
MPT_COLUMNS = ("mode", "ox/red", "time/s", "Ewe/V", "<I>/mA", "Q discharge/mA.h", "Temperature/°C")
MPT_VALUES = (
    (1, 1, "0.0000", "3.5000", "1.5000", "0.0000", "25.00"),
    (1, 0, "60.0000", "3.4000", "-1.5000", "2.0000", "25.50"),
)


def mpt(
    columns: Sequence[str] = MPT_COLUMNS,
    rows: Sequence[Sequence[Any]] = MPT_VALUES,
    *,
    title: str = MPT_TITLE,
    more: Sequence[str] = (),
    count: int | None = None,
) -> str:
    header = ["", title, "", "Acquisition started on : 02/13/2018 10:02:46.5", *more, ""]
    said = len(header) + 3 if count is None else count
    lines = ["EC-Lab ASCII FILE", f"Nb header lines : {said}          ", *header]
    lines.append("\t".join(columns) + "\t")
    lines += ["\t".join(map(str, row)) for row in rows]
    return "\n".join(lines) + "\n"
