"""The tables of the real files, parsed in the plainest way, and figures of the binary ones."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BINARIES",
    "FIRST_POINT",
    "POINT",
    "TEXTS",
    "Binary",
    "Text",
    "ends_of_points",
    "table_of",
]

POINT = 72
"""Bytes of a point in ``PEIS_SSB.mpr``."""
FIRST_POINT = 6864 + 65 + 1007
"""Where they begin: the module of data stands at byte 6864, its head has 65 bytes."""


Reading = Callable[[str], float]


def _clock(text: str) -> float:
    """Seconds of "2d 02:52:51.5", "144:02:18" or "12.5"."""
    days, _, rest = text.strip().rpartition("d")
    seconds = 0.0
    for part in rest.split(":"):
        seconds = 60 * seconds + float(part)
    return 86400 * float(days or 0) + seconds


def _times(factor: float) -> Reading:
    return lambda text: factor * float(text)


@dataclass(frozen=True)
class Text:
    """A table in a text file: how it begins, and the columns of it that are compared.

    ``heading`` is how its line of headings begins ("" for none), ``columns`` gives for a
    variable the place of its column and how its fields become numbers; ``kept`` chooses among
    the rows; ``discharges`` is the place of a column by which the current gets its sign.
    """

    kind: str
    count: int
    heading: str
    separator: str
    columns: Mapping[str, tuple[int, Reading]]
    kept: Callable[[list[str]], bool] = field(default=lambda row: True)
    discharges: int | None = None


def _spectrum(*places: int, sign: float = 1.0) -> dict[str, tuple[int, Reading]]:
    names = ("frequency_hertz", "real_impedance_ohm", "imaginary_impedance_ohm")
    readings = (float, float, _times(sign))
    return dict(zip(names, zip(places, readings, strict=True), strict=True))


_EC_LAB = {
    **_spectrum(0, 1, 2, sign=-1.0),
    "absolute_impedance_ohm": (3, float),
    "phase_degree": (4, float),
    "test_time_second": (5, float),
    "voltage_volt": (6, float),
    "current_ampere": (7, _times(1e-3)),
}
_PARSTAT = {
    "voltage_volt": (0, float),
    "current_ampere": (1, float),
    "test_time_second": (2, float),
}

TEXTS: dict[str, tuple[Text, ...]] = {
    "eis/PEIS_LPSCl_IonBlocking_-25C.txt": (Text("impedance", 79, "freq/Hz", "\t", _EC_LAB),),
    "eis/exampleDataBioLogic.mpt": (Text("impedance", 43, "freq/Hz", "\t", _EC_LAB),),
    "eis/exampleData.csv": (Text("impedance", 66, "", ",", _spectrum(0, 1, 2)),),
    "eis/exampleDataAutolab.txt": (
        Text("impedance", 41, '"  Freq (Hz)', ",", _spectrum(0, 4, 5)),
    ),
    "eis/exampleDataCHInstruments.txt": (
        Text("impedance", 73, "Freq/Hz", ",", {**_spectrum(0, 1, 2), "phase_degree": (4, float)}),
    ),
    "eis/exampleDataGamry.DTA": (
        Text(
            "cycling", 387, "\tPt\tT\tVf", "\t", {"test_time_second": (2, float),
                                                  "voltage_volt": (3, float)},
        ),
        Text("impedance", 72, "\tPt\tTime\tFreq", "\t", _spectrum(3, 4, 5)),
    ),
    "eis/exampleDataParstat.txt": (
        Text("cycling", 781, "Potential (V)", "\t", _PARSTAT, lambda row: float(row[3]) == 0),
        Text(
            "impedance", 31, "Potential (V)", "\t", {**_PARSTAT, **_spectrum(3, 4, 5)},
            lambda row: float(row[3]) > 0,
        ),
    ),
    "eis/exampleDataPowersuite.txt": (
        Text("impedance", 30, "Frequency", "\t", _spectrum(0, 1, 2)),
    ),
    "eis/exampleDataVersaStudio.par": (
        Text(
            "impedance", 61, "Definition=Segment #", ",",
            {**_spectrum(9, 14, 15), "voltage_volt": (2, float), "test_time_second": (4, float)},
        ),
    ),
    "eis/exampleDataZPlot.z": (Text("impedance", 21, "End Comments", "\t", _spectrum(0, 4, 5)),),
    "cycler/maccor_001.txt": (
        Text(
            "cycling", 6704, "Rec#", "\t",
            {
                "test_time_second": (3, _clock),
                "current_ampere": (7, float),
                "voltage_volt": (8, float),
                "capacity_ah": (5, float),
            },
            discharges=9,
        ),
    ),
    "cycler/neware_uio.csv": (
        Text(
            "cycling", 9065, "DataPoint", ",",
            {
                "test_time_second": (5, _clock),
                "current_ampere": (6, float),
                "voltage_volt": (7, float),
                "charging_capacity_ah": (10, float),
                "discharging_capacity_ah": (12, float),
            },
        ),
    ),
    "cycler/batmo_bdf.csv": (
        Text(
            "cycling", 21206, "Test Time / h", ",",
            {
                "test_time_second": (0, _times(3600.0)),
                "current_ampere": (1, _times(-1.0)),  # the file counts discharge as positive
                "voltage_volt": (2, float),
                "charge_capacity_ah": (7, float),
                "discharge_capacity_ah": (8, float),
            },
        ),
    ),
    "cycler/sample.bdf.csv": (
        Text(
            "cycling", 3, "Test Time / s", ",",
            {"test_time_second": (0, float), "voltage_volt": (1, float),
             "current_ampere": (2, float)},
        ),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Binary:
    """A binary file: how many points, first and last value of variables as expected.

    Times, voltages and currents of ``.mpr`` were read off the bytes of their points, those of
    Neware's files are what NewareNDA 2026.6.11 gives.
    """

    kind: str
    count: int
    values: Mapping[str, tuple[float, float]]
    tolerance: float


BINARIES = {
    "eis/PEIS_SSB.mpr": Binary("impedance", 89, {}, 0.0),
    "cycler/GCPL-0.mpr": Binary(
        "cycling",
        4,
        {"test_time_second": (0.0, 2.812999928937643), "voltage_volt": (3.5150876, 3.5146868)},
        1e-7,
    ),
    "cycler/MB-0.mpr": Binary(
        "cycling",
        2,
        {"test_time_second": (0.0, 9.99759974743938), "voltage_volt": (1.4890101, 1.4890865)},
        1e-7,
    ),
    "cycler/PEIS-0.mpr": Binary(
        "impedance",
        60,
        {
            "test_time_second": (6108482.435051806, 6111192.454667095),
            "voltage_volt": (3.0322132, 3.0462732),
        },
        1e-7,
    ),
    "cycler/jdb11-1_c3_gcpl_5cycles_2V-3p8V_C-24_data_C09.mpr": Binary(
        "cycling",
        46102,
        {"test_time_second": (0.0, 456309.58615131397), "voltage_volt": (2.508576, 1.9999602)},
        1e-7,
    ),
    "cycler/TestFile.nda": Binary(
        "cycling",
        6670,
        {
            "voltage_volt": (3.881992, 4.158703),
            "test_time_second": (0.01, 72373.257812),
            "auxiliary_temperature_celsius": (23.031403, 24.241840),
        },
        1e-6,
    ),
    "cycler/test_2.ndax": Binary(
        "cycling",
        108563,
        {"voltage_volt": (0.199879, 3.191492), "test_time_second": (0.0, 93207.6)},
        1e-6,
    ),
}


def table_of(path: Path, text: Text) -> dict[str, NDArray[np.float64]]:
    """The columns of a table, its lines split and nothing else done."""
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    start = 0
    if text.heading:
        start = 1 + next(n for n, line in enumerate(lines) if line.startswith(text.heading))
    width = 1 + max(place for place, _ in text.columns.values())
    rows = []
    for line in lines[start:]:
        fields = line.split(text.separator)
        if re.match(r"\s*[-+]?\d", line) and len(fields) >= width and text.kept(fields):
            rows.append(fields)
        elif rows and line.strip() and not re.match(r"\s*[-+]?\d", line):
            break
    found = {
        name: np.array([reading(row[place]) for row in rows])
        for name, (place, reading) in text.columns.items()
    }
    if text.discharges is not None:
        signs = [-1.0 if row[text.discharges].strip() == "D" else 1.0 for row in rows]
        found["current_ampere"] = found["current_ampere"] * np.array(signs)
    return found


def ends_of_points(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Frequency, Re Z and -Im Z of the first and last point of ``PEIS_SSB.mpr``, by their bytes.

    A point begins with these three numbers of four bytes each.
    """
    content = path.read_bytes()
    first = struct.unpack_from("<3f", content, FIRST_POINT)
    last = struct.unpack_from("<3f", content, FIRST_POINT + 88 * POINT)
    return np.array(first), np.array(last)
