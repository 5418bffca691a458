"""Every real file is read as its own text says; the analyses give what is known of them.

    python -m validation.real_files

The files lie in the folder that SOLITH_TEST_DATA names, by default ``../shared/data``; what is
known of them stands in its SOURCES.md.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
from tests.real_files import DATA

from solith.analysis import fit_drt, fit_impedance
from solith.core.result import Result
from solith.readers import read
from validation._real_tables import (
    BINARIES,
    FIRST_POINT,
    POINT,
    TEXTS,
    ends_of_points,
    table_of,
)
from validation.marks import Mark, finish

PELLET = "eis/PEIS_LPSCl_IonBlocking_-25C"
CELL = "eis/PEIS_SSB.mpr"
NOTES = "eis/hybrid_drt_sample_info.txt"
TWIN = {
    "freq/Hz": ("frequency_hertz", 1.0),
    "Re(Z)/Ohm": ("real_impedance_ohm", 1.0),
    "-Im(Z)/Ohm": ("imaginary_impedance_ohm", -1.0),
    "|Z|/Ohm": ("absolute_impedance_ohm", 1.0),
    "Phase(Z)/deg": ("phase_degree", 1.0),
    "time/s": ("test_time_second", 1.0),
    "<Ewe>/V": ("voltage_volt", 1.0),
    "<I>/mA": ("current_ampere", 1e3),
    "cycle number": ("cycle_count", 1.0),
    "Ns": ("step_index", 1.0),
}
EXAMPLE = {"R1": (6.79e-3, 1.08e-3), "R2": (3.91e-3, 1.09e-3), "Wo1_R": (5.88e-2, 0.13e-2)}
MORE = {
    "photograph.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde",
    "empty.mpt": b"",
    "notes.txt": b"Cell 12, pressed at 380 MPa.\nSpectrum before cycling, 25 C.\n",
}
"""What lies among measured files."""


def main() -> None:
    if not DATA.is_dir():
        sys.exit(f"there is no folder {DATA}: set SOLITH_TEST_DATA")
    finish(marks())


def marks() -> Iterator[Mark]:
    """All marks, each when it is found."""
    yield everything_is_checked()
    for name in TEXTS:
        yield from text_mark(name)
    for name in BINARIES:
        yield binary_mark(name)
    yield twin_mark()
    yield from pellet_marks()
    yield from cell_marks()
    yield example_mark()
    yield from folder_marks()


# --- reading -------------------------------------------------------------------------


def everything_is_checked() -> Mark:
    """Every file in the two folders has its expectation here."""
    there = {f"{p.parent.name}/{p.name}" for p in (*DATA.glob("eis/*"), *DATA.glob("cycler/*"))}
    expected = {*TEXTS, *BINARIES, f"{PELLET}.mpr", NOTES}
    both = len(there & expected)
    return Mark(
        "real files in eis/ and cycler/ with an expectation here",
        f"{both} of {len(there)}",
        "all",
        there == expected,
    )


def text_mark(name: str) -> Iterator[Mark]:
    """Whole columns of a file's records beside those of its text."""
    path = DATA / name
    records = [record for record in read(path) if len(record)]
    for text, record in zip(TEXTS[name], records, strict=True):
        table = table_of(path, text)
        worst, ends = 0.0, []
        for variable, expected in table.items():
            found = record.array(variable)
            if len(found) != len(expected):
                worst = math.inf
                continue
            off = np.abs(found - expected) / np.maximum(np.abs(expected), 1e-300)
            worst = max(worst, float(np.max(np.where(found == expected, 0.0, off))))
            ends.append(f"{variable} {found[0]:.6g} ... {found[-1]:.6g}")
        counts = {len(record), text.count, *map(len, table.values())}
        yield Mark(
            f"{name}: {text.kind}, rows, whole columns beside its own text",
            f"{len(record)} rows, at most {worst:.1e} apart; {'; '.join(ends[:3])}",
            f"{text.count} rows, at most 1e-14 apart",
            (record.kind, counts) == (text.kind, {text.count}) and worst <= 1e-14,
        )


def binary_mark(name: str) -> Mark:
    """Count, first and last values of a binary file."""
    path, expected = DATA / name, BINARIES[name]
    (record,) = read(path)
    worst = 0.0
    values = {variable: np.array(ends) for variable, ends in expected.values.items()}
    if name == CELL:
        points = np.stack(ends_of_points(path))
        values = {
            "frequency_hertz": points[:, 0],
            "real_impedance_ohm": points[:, 1],
            "imaginary_impedance_ohm": -points[:, 2],
        }
    shown = []
    for variable, ends in values.items():
        found = record.array(variable)[[0, -1]]
        worst = max(worst, float(np.max(np.abs(found - ends) / np.maximum(np.abs(ends), 1.0))))
        shown.append(f"{variable} {found[0]:.8g} ... {found[1]:.8g}")
    return Mark(
        f"{name}: {expected.kind}, points, first and last values",
        f"{len(record)}, at most {worst:.1e} apart; {'; '.join(shown)}",
        f"{expected.count}, at most {expected.tolerance:g} apart",
        (record.kind, len(record)) == (expected.kind, expected.count)
        and worst <= expected.tolerance,
    )


def twin_mark() -> Mark:
    """The binary file beside every printed digit of its text."""
    (record,) = read(DATA / f"{PELLET}.mpr")
    lines = (DATA / f"{PELLET}.txt").read_text(encoding="cp1252").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("freq/Hz"))
    headings = lines[start].strip().split("\t")
    rows = [line.split("\t") for line in lines[start + 1 :] if line.strip()]
    agree = total = 0
    for place, heading in enumerate(headings):
        name, factor = TWIN[heading]
        for row, value in zip(rows, factor * record.array(name), strict=True):
            printed = Decimal(row[place].strip())
            place_value = Decimal(1).scaleb(int(printed.as_tuple().exponent))
            agree += Decimal(float(value)).quantize(place_value, ROUND_HALF_UP) == printed
            total += 1
    return Mark(
        "the pellet's .mpr beside its .txt: printed numbers that agree to the last digit",
        f"{agree} of {total} ({len(headings)} columns, {len(record)} points)",
        "all",
        agree == total and len(record) == len(rows),
    )


# --- analyses ------------------------------------------------------------------------


def pellet_marks() -> Iterator[Mark]:
    """The LPSCl pellet between steel, at -25 degC."""
    for ending in ("mpr", "txt"):
        (record,) = read(DATA / f"{PELLET}.{ending}")
        result = fit_impedance(record, "blocking-pellet")
        total, uncertainty = _number(result, "R_total")
        circuit = str(result.details["circuit"])
        blocking = max(map(int, re.findall(r"CPE(\d+)", circuit)))
        exponent, _ = _number(result, f"CPE{blocking}_n")
        yield Mark(
            f"LPSCl pellet at -25 degC (.{ending}): total resistance",
            f"{total:.0f} +- {uncertainty:.0f} ohm ({circuit})",
            "about 1.5 kohm (1.4 to 1.6)",
            1400 <= total <= 1600,
        )
        yield Mark(
            f"LPSCl pellet at -25 degC (.{ending}): exponent of the blocking CPE",
            f"{exponent:.3f}",
            "near 0.89 (0.87 to 0.91)",
            0.87 <= exponent <= 0.91,
        )


def cell_marks() -> Iterator[Mark]:
    """The NCM-LPSCl | LPSCl | In-Li cell."""
    (record,) = read(DATA / CELL)
    for cell_type in (None, "composite-half-cell"):
        result = fit_impedance(record, cell_type)
        residual, _ = _number(result, "residual")
        yield Mark(
            f"NCM-LPSCl / LPSCl / In-Li cell, cell type {cell_type}: residual of the circuit",
            f"{residual:.2f} % ({result.details['circuit']})",
            "below 1.5 %",
            residual < 1.5,
        )
    residual, _ = _number(fit_drt(record), "residual_rms")
    yield Mark(
        "NCM-LPSCl / LPSCl / In-Li cell: residual of the distribution of relaxation times",
        f"{residual:.2f} %",
        "below 0.5 %",
        residual < 0.5,
    )


def example_mark() -> Mark:
    """impedance.py's example with R0 and the time of diffusion held as in its documentation."""
    (record,) = read(DATA / "eis/exampleData.csv")
    result = fit_impedance(
        record, circuit="R0-p(R1,C1)-p(R2-Wo1,C2)", fixed={"R0": 0.02, "Wo1_tau": 200}
    )
    off = {name: (_number(result, name)[0] - v) / u for name, (v, u) in EXAMPLE.items()}
    return Mark(
        "exampleData.csv: R1, R2, Wo1_R beside impedance.py, in its uncertainties",
        ", ".join(f"{name} {_number(result, name)[0]:.3e} ({d:+.2f})" for name, d in off.items()),
        "each within 1",
        all(abs(d) <= 1 for d in off.values()),
    )


def _number(result: Result, name: str) -> tuple[float, float]:
    """A quantity's value and uncertainty, NaN for what it does not have."""
    found = result[name]
    value, spread = found.value, found.uncertainty
    return math.nan if value is None else value, math.nan if spread is None else spread


# --- the command ---------------------------------------------------------------------


def folder_marks() -> Iterator[Mark]:
    """``solith analyse`` on all of them, and on what lies among them."""
    with tempfile.TemporaryDirectory() as place:
        folder, out = Path(place) / "files", Path(place) / "out"
        folder.mkdir()
        used = mixed_files(folder)
        done = subprocess.run(
            [sys.executable, "-m", "solith", "analyse", "files", "--out", "out", "--json"],
            cwd=place,
            capture_output=True,
            text=True,
            check=False,
        )
        report = out / "report.html"
        page = report.read_text(encoding="utf-8") if report.is_file() else ""
    told = re.compile(r"solith: | *\d+ %  ")  # messages and progress
    strange = [line for line in done.stderr.splitlines() if not told.match(line)]
    yield Mark(
        f"solith analyse on a folder of {len(used)} files: exit code, lines that are no message",
        f"{done.returncode}, {len(strange)}",
        "0, 0",
        done.returncode == 0 and not strange,
    )
    stated = {name: _state(page, name) for name in used}
    right = sum(stated[name] == ("used" if used[name] else "not used") for name in used)
    yield Mark("files whose state stands in the one report", f"{right} of {len(used)}", "all",
               right == len(used))  # fmt: skip
    reasons = sum(f"files/{name}: not used: " in done.stderr for name in used if not used[name])
    unused = sum(not ready for ready in used.values())
    yield Mark("files that are not used, with the reason on standard error",
               f"{reasons} of {unused}", "all", reasons == unused)  # fmt: skip
    promise = "the file breaks off: 50 of 89 promised points are there"
    yield Mark("the truncated file is read, and the report says that it breaks off",
               "yes" if promise in page else "no", "yes", promise in page)  # fmt: skip
    rows = json.loads(done.stdout or "[]")
    with_rows = {Path(row["file"]).name for row in rows}
    impedance = {
        Path(name).name for name, texts in TEXTS.items() if texts[-1].kind == "impedance"
    } | {Path(name).name for name, one in BINARIES.items() if one.kind == "impedance"}
    resistances = {
        Path(row["file"]).name
        for row in rows
        if (row["technique"], row["quantity"], row["unit"]) == ("impedance", "R0", "ohm")
    }
    times = {Path(row["file"]).name for row in rows if row["technique"] == "drt"}
    yield Mark(
        "--json: spectra with R0 in ohm; files with values that could not be used",
        f"{len(impedance & resistances)} of {len(impedance)}; "
        f"{sum(not used[name] for name in with_rows)} ({len(with_rows)} files have values)",
        "all; 0",
        impedance <= resistances and all(used[name] for name in with_rows),
    )
    yield Mark(
        "--json: spectra with rows of the distribution of relaxation times",
        f"{len(impedance & times)} of {len(impedance)}",
        "all",
        impedance <= times,
    )


def _state(page: str, name: str) -> str:
    """What the report's table of files says of a file: used, not used, or nothing."""
    for row in re.findall(r"<tr><td class=\"file\">.*?</tr>", page, flags=re.DOTALL):
        words = re.sub(r"<[^>]+>", "\n", row).split("\n")
        if name in words:
            return "not used" if "not used" in words else "used"
    return ""


def mixed_files(folder: Path) -> dict[str, bool]:
    """Puts the files there, and says of each whether it can be used."""
    used = {}
    for source in sorted((*DATA.glob("eis/*"), *DATA.glob("cycler/*"))):
        shutil.copyfile(source, folder / source.name)
        used[source.name] = source.name != Path(NOTES).name
    for name, content in MORE.items():
        (folder / name).write_bytes(content)
        used[name] = False
    whole = (DATA / CELL).read_bytes()
    (folder / "cut.mpr").write_bytes(whole[: FIRST_POINT + 50 * POINT + 11])
    used["cut.mpr"] = True
    (folder / "cut.ndax").write_bytes((DATA / "cycler/test_2.ndax").read_bytes()[:-1000])
    used["cut.ndax"] = False
    return used


if __name__ == "__main__":
    main()
