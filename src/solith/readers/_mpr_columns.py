"""The column table of a BioLogic binary file: column ids, their headings and their widths.

Ids, headings and types after the tables of the public readers galvani 0.5.0
(https://github.com/echemdata/galvani) and yadg 7.0.1 (https://github.com/dgbowl/yadg), which
learnt them from files beside their text exports; facts only. Since EC-Lab 11.50 ids are two
bytes wide too; what those readers list there by the low byte alone stands here under its
whole id. The ids 475, 478, 481 and 504 are inferred from their neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.core.errors import StorageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.readers._biologic_columns import Columns

__all__ = ["record_type", "unpacked"]

_FLAGS: dict[int, tuple[str, int]] = {
    1: ("mode", 0b0000_0011),
    2: ("ox/red", 0b0000_0100),
    3: ("error", 0b0000_1000),
    21: ("control changes", 0b0001_0000),
    31: ("Ns changes", 0b0010_0000),
    65: ("counter inc.", 0b1000_0000),
}
"""Columns that share one byte, which stands where the first of them does: heading, bits."""

_SINGLE = {
    5: "control/V/mA",
    6: "Ewe/V",
    8: "I/mA",
    9: "Ece/V",
    16: "Analog IN 1/V",
    17: "Analog IN 2/V",
    19: "control/V",
    20: "control/mA",
    26: "Rapp/Ohm",
    27: "Ewe-Ece/V",
    32: "freq/Hz",
    33: "|Ewe|/V",
    34: "|I|/A",
    35: "Phase(Z)/deg",
    36: "|Z|/Ohm",
    37: "Re(Z)/Ohm",
    38: "-Im(Z)/Ohm",
    69: "R/Ohm",
    70: "P/W",
    75: "Analog OUT/V",
    76: "<I>/mA",
    77: "<Ewe>/V",
    78: "Cs-2/µF-2",
    96: "|Ece|/V",
    98: "Phase(Zce)/deg",
    99: "|Zce|/Ohm",
    100: "Re(Zce)/Ohm",
    101: "-Im(Zce)/Ohm",
    163: "|Estack|/V",
    168: "Rcmp/Ohm",
    169: "Cs/µF",
    172: "Cp/µF",
    173: "Cp-2/µF-2",
    174: "<Ewe>/V",
    241: "|E1|/V",
    242: "|E2|/V",
    271: "Phase(Z1)/deg",
    272: "Phase(Z2)/deg",
    301: "|Z1|/Ohm",
    302: "|Z2|/Ohm",
    331: "Re(Z1)/Ohm",
    332: "Re(Z2)/Ohm",
    361: "-Im(Z1)/Ohm",
    362: "-Im(Z2)/Ohm",
    391: "<E1>/V",
    392: "<E2>/V",
    422: "Phase(Zstack)/deg",
    423: "|Zstack|/Ohm",
    424: "Re(Zstack)/Ohm",
    425: "-Im(Zstack)/Ohm",
    426: "<Estack>/V",
    430: "Phase(Zwe-ce)/deg",
    431: "|Zwe-ce|/Ohm",
    432: "Re(Zwe-ce)/Ohm",
    433: "-Im(Zwe-ce)/Ohm",
    434: "(Q-Qo)/C",
    435: "dQ/C",
    441: "<Ecv>/V",
    462: "Temperature/°C",
    471: "<Ece>/V",
    473: "THD Ewe/%",
    474: "THD I/%",
    475: "THD Ece/%",
    476: "NSD Ewe/%",
    477: "NSD I/%",
    478: "NSD Ece/%",
    479: "NSR Ewe/%",
    480: "NSR I/%",
    481: "NSR Ece/%",
    **{486 + n: f"|Ewe h{n + 2}|/V" for n in range(6)},
    **{492 + n: f"|I h{n + 2}|/A" for n in range(6)},
    504: "Rac/Ohm",
    505: "Rdc/Ohm",
}
_DOUBLE = {
    4: "time/s",
    7: "dq/mA.h",
    11: "<I>/mA",
    13: "(Q-Qo)/mA.h",
    23: "dQ/mA.h",
    24: "cycle number",
    74: "|Energy|/W.h",
    110: "Energy ce/W.h",
    112: "Energy we/W.h",
    115: "Energy ce charge/W.h",
    116: "Energy ce discharge/W.h",
    123: "Energy charge/W.h",
    124: "Energy discharge/W.h",
    125: "Capacitance charge/µF",
    126: "Capacitance discharge/µF",
    438: "step time/s",
    467: "Q charge/discharge/mA.h",
    498: "Q charge/mA.h",
    499: "Q discharge/mA.h",
    500: "step time/s",
    501: "Efficiency/%",
    502: "Capacity/mA.h",
}
_OTHERS = {
    39: ("I Range", "<u2"),
    131: ("Ns", "<u2"),
    468: ("half cycle", "<u4"),
    469: ("z cycle", "<u4"),
    509: ("Acir/Dcir Control", "u1"),
}
_COLUMNS: dict[int, tuple[str, str]] = {
    **{number: (heading, "<f4") for number, heading in _SINGLE.items()},
    **{number: (heading, "<f8") for number, heading in _DOUBLE.items()},
    **_OTHERS,
}


def record_type(ids: Sequence[int]) -> np.dtype[Any]:
    """The type of one data point; its fields are named by their column's place.

    Raises :class:`StorageError` for an id that is not known and names it and its place.
    """
    fields: list[tuple[str, str]] = []
    flagged = False
    for place, number in enumerate(ids, start=1):
        if number in _FLAGS:
            if not flagged:
                fields.append(("flags", "u1"))
            flagged = True
        elif number in _COLUMNS:
            fields.append((str(place), _COLUMNS[number][1]))
        else:
            raise StorageError(
                f"column {place} of {len(ids)} has the id {number}, which this reader does not "
                "know; export the file as text (.mpt), which names its columns"
            )
    return np.dtype(fields)


def unpacked(points: NDArray[Any], ids: Sequence[int]) -> Columns:
    """The columns of an array of :func:`record_type`, flags as numbers of their own."""
    columns: list[tuple[str, NDArray[Any]]] = []
    for place, number in enumerate(ids, start=1):
        if number in _FLAGS:
            heading, bits = _FLAGS[number]
            lowest = (bits & -bits).bit_length() - 1
            columns.append((heading, (points["flags"] & bits) >> lowest))
        else:
            columns.append((_COLUMNS[number][0], np.ascontiguousarray(points[str(place)])))
    return columns
