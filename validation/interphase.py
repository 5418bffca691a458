"""The study of an interphase: its time, its answers against what was put in, its report.

    python -m validation.interphase

Spectra and images of the study are synthetic. Tolerances are those that single analyses are held to
elsewhere (``xanes``, ``xps``, ``microscopy_maps``, ``images_and_diffraction``); where Chromium or
Chrome is found, the report is opened in it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from solith.core.intervals import NORMAL_95
from validation.marks import Mark, finish
from validation.report_in_browser import WIDTHS, check_report

SECONDS = 120.0
SAMPLES = ("bare", "coated")
CLASSES = {
    "LNTO-350": "amorphous",
    "LNTO-450": "nanocrystalline",
    "LNTO-550": "crystalline",
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

Rows = list[dict[str, Any]]


def marks() -> Iterator[Mark]:
    """All marks of the study."""
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "run"
        start = time.perf_counter()
        run = subprocess.run(
            [sys.executable, "-m", "solith", "run", "interphase", "--json", "--out", str(out)],
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - start
        rows: Rows = json.loads(run.stdout) if run.stdout.strip() else []
        lacking = [row for row in rows if row["computed"] is None]
        yield Mark(
            f"`solith run interphase --json`, {len(rows)} rows",
            f"{seconds:.0f} s, exit {run.returncode}; {len(lacking)} not computed",
            f"at most {SECONDS:g} s, exit 0, every row computed",
            seconds <= SECONDS and run.returncode == 0 and bool(rows) and not lacking,
        )
        if run.returncode or lacking:
            return
        yield from _answers([row for row in rows if row["role"] == "recovered"])
        yield from _electrochemistry(rows)
        yield _classes(out / "results")
        yield from _report(out)


def _answers(rows: Rows) -> Iterator[Mark]:
    for row in rows:
        error, told, allowed = _tolerance(row)
        spread = "" if row["uncertainty"] is None else f" ± {row['uncertainty']:.2g}"
        yield Mark(
            f"{row['sample']}: {row['quantity'].replace('_', ' ')}",
            f"{row['computed']:.6g}{spread} {row['unit']}, put in {row['published']:.6g}".strip(),
            told,
            error <= allowed,
        )
    known = [row for row in rows if row["uncertainty"]]
    within = [
        abs(row["computed"] - row["published"]) <= NORMAL_95 * row["uncertainty"] for row in known
    ]
    yield Mark(
        "answers whose 95 % interval holds what was put in",
        f"{sum(within)} of {len(within)}",
        "at least 90 %",
        sum(within) >= 0.9 * len(within),
    )


def _tolerance(row: dict[str, Any]) -> tuple[float, str, float]:
    """The error, the tolerance in words and as a number."""
    error, truth = abs(row["computed"] - row["published"]), abs(row["published"])
    quantity, unit = row["quantity"], row["unit"]
    if quantity == "growing_features":
        return error, "exactly", 0.0
    if unit == "eV":
        return error, "within 0.2 eV", 0.2
    if quantity == "coating_thickness":
        return error, "within 0.3 nm", 0.3
    if quantity == "lattice_spacing":
        return error, "within 1 %", 0.01 * truth
    if quantity == "cobalt_width":
        return error, "within 3 %", 0.03 * truth
    if quantity == "coverage":
        return error, "within 1 point", 1.0
    return error, "within 3 % or 0.2 points", max(0.03 * truth, 0.2)


def _electrochemistry(rows: Rows) -> Iterator[Mark]:
    found = {(row["sample"], row["quantity"]): row["computed"] for row in rows}
    bare, coated = (
        [found[sample, f"resistance_{state}"] for state in ("fresh", "charged")]
        for sample in SAMPLES
    )
    yield Mark(
        "interfacial resistance through the first charge, bare and coated",
        f"{bare[0]:.4g} to {bare[1]:.4g}, {coated[0]:.4g} to {coated[1]:.4g} ohm",
        "bare: grows, to over 3000 ohm as published; coated: within 5 %",
        bare[1] > max(3000.0, bare[0]) and abs(coated[1] / coated[0] - 1) < 0.05,
    )
    oxidised = [found[sample, "oxidised_at_end"] for sample in SAMPLES]
    yield Mark(
        "oxidised sulfur at the end of the first charge, bare and coated",
        f"{oxidised[0]:.3g} and {oxidised[1]:.2g} %",
        "only in the bare cell",
        oxidised[0] > 2.0 and abs(oxidised[1]) < 0.5,
    )


def _classes(folder: Path) -> Mark:
    found = {
        sample: json.loads((folder / f"{sample}--lattice--analysis.json").read_text("utf-8"))[
            "details"
        ]["class"]
        for sample in CLASSES
    }
    return Mark(
        "fields of LNTO annealed at 350, 450, 550 degC",
        ", ".join(found.values()),
        ", ".join(CLASSES.values()),
        found == CLASSES,
    )


def _report(out: Path) -> Iterator[Mark]:
    page = out / "report.html"
    text = page.read_text("utf-8")
    wanted = [f"Electrochemistry and spectra of {' and '.join(SAMPLES)}", "Spectra are synthetic"]
    yield Mark(
        "the report has the figure of electrochemistry and spectra, called synthetic",
        f"{sum(one in text for one in wanted)} of 2, {len(text) / 1e6:.0f} MB",
        "both",
        all(one in text for one in wanted),
    )
    notes = [
        f"{record.stem}" for record in (out / "records").glob("*.nc") if _is_marked(record) is False
    ]
    yield Mark(
        "spectra and maps among the records that do not say that they are synthetic",
        ", ".join(notes) or "none",
        "none",
        not notes,
    )
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        return
    for width in WIDTHS:
        checks = check_report(browser, page, width, None)
        failed = [f"{check.what}: {check.figure}" for check in checks if not check.passed]
        yield Mark(
            f"the report in a browser, {width} px wide",
            "; ".join(failed) or f"{len(checks)} checks passed",
            "no error, no request, every figure drawn, no label cut",
            not failed,
        )


def _is_marked(path: Path) -> bool | None:
    """Whether a record of spectra or images says that it is synthetic; ``None`` of a cell's."""
    from solith.core.storage import read_record

    record = read_record(path)
    if record.kind not in ("spectrum", "spectra", "map"):
        return None
    return "synthetic" in record.data.attrs and any(
        note.startswith("synthetic") for note in record.provenance.notes
    )


if __name__ == "__main__":
    finish(marks())
