"""The whole chain on a grey volume of the publication's size, as a user runs it.

A generated composite (hard spheres of 8 um, voids of chords of 4 um, electrolyte), blurred by a
voxel and noisy, goes as a TIFF file through ``solith measure``: segmented, measured, solved, with
uncertainties and a report. The labels that it was made of are the truth.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from solith import Volume
from solith.structure import generate_composite, measure_contact
from solith.transport import solve_conduction
from solith.volumes import write_volume
from validation.marks import Mark, finish

SHAPE = (1024, 1024, 100)
VOXEL = "0.5 um"
GREYS = {"void": 60.0, "electrolyte": 120.0, "active": 200.0}
NOISE = 12.0
MOST_SECONDS = 300.0
MOST_MEMORY = 10.0
"""GiB."""
QUANTITIES = {
    "fraction",
    "contact_fraction",
    "tortuosity_flux",
    "tortuosity_geodesic_mode",
    "tortuosity_geodesic_minimum",
    "effective_conductivity",
    "connected_fraction",
}


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        composite = _composite()
        _write_grey(composite, folder / "scan.tif")
        begin = time.perf_counter()
        done = _measure(folder)
        seconds = time.perf_counter() - begin
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
        size = " x ".join(map(str, SHAPE))
        yield Mark(
            f"solith measure on {size} grey voxels, with uncertainties and report",
            f"{seconds:.0f} s, {memory:.1f} GiB",
            f"at most {MOST_SECONDS:g} s and {MOST_MEMORY:g} GiB",
            seconds <= MOST_SECONDS and memory <= MOST_MEMORY,
        )
        told = [line for line in done.stderr.splitlines() if "%" in line]
        page = (folder / "measured" / "report.html").read_text(encoding="utf-8")
        yield Mark(
            "progress is told, and the report needs nothing else",
            f"{len(told)} lines of progress; report of {len(page) / 1e6:.1f} MB, "
            f"{page.count('<script src')} scripts from elsewhere",
            "some, and none from elsewhere",
            len(told) >= 5 and "<script src" not in page,
        )
        rows = json.loads((folder / "measured" / "values.json").read_text(encoding="utf-8"))
    yield from _against_the_truth(rows["values"], composite)


def _composite() -> Volume:
    made = generate_composite(
        SHAPE, VOXEL, 0.45, "8 um", void_fraction=0.15, void_chord="4 um", seed=1
    )
    phases = {name: label for name, label in made.phases.items() if name != "carbon"}
    return Volume(made.labels, phases, made.voxel_size)


def _write_grey(composite: Volume, path: Path) -> None:
    """Blurred by one voxel, with white noise, of 8 bits."""
    from scipy.ndimage import gaussian_filter

    from solith.core.volume import GreyVolume

    table = np.zeros(4, np.float32)
    for name, label in composite.phases.items():
        table[label] = GREYS[name]
    grey = table[composite.labels]
    gaussian_filter(grey, 1.0, output=grey, mode="nearest")
    chance = np.random.default_rng(0)
    for plane in grey:
        plane += NOISE * chance.standard_normal(plane.shape, np.float32)
    whole = np.clip(np.rint(grey, out=grey), 0, 255).astype(np.uint8)
    write_volume(GreyVolume(whole, composite.voxel_size), path)


def _measure(folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["measure", "scan.tif", "--phases", ", ".join(GREYS), "--voxel", VOXEL]
    command += ["--conductivity", "electrolyte=2 mS/cm", "--out", "measured"]
    return subprocess.run(
        [sys.executable, "-m", "solith", *command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )


def _against_the_truth(rows: list[dict[str, Any]], composite: Volume) -> Iterator[Mark]:
    names = {row["quantity"] for row in rows}
    yield Mark(
        "the quantities that others rely on",
        ", ".join(sorted(QUANTITIES & names)),
        "all seven",
        names >= QUANTITIES,
    )
    counts = np.bincount(composite.labels.ravel(), minlength=4) / composite.labels.size
    for phase, label in composite.phases.items():
        row = _row(rows, "fraction", phase)
        yield _points(f"fraction of {phase}", row, float(counts[label]), 1.0)
    contact = measure_contact(composite, "active", "electrolyte")["contact_fraction"].value
    assert contact is not None
    row = _row(rows, "contact_fraction", "active", "electrolyte")
    yield _points("contact fraction of active material with electrolyte", row, contact, 3.0)
    conductivity = dict.fromkeys(composite.phases, 0.0) | {"electrolyte": 0.2}
    exact = solve_conduction(composite, conductivity, "z").effective_conductivity
    row = _row(rows, "effective_conductivity", "electrolyte")
    error = row["value"] / exact - 1
    spread = row["uncertainty"] / exact
    yield Mark(
        "effective conductivity of the electrolyte, against that of the known labels",
        f"off by {error:+.1%}, standard uncertainty {spread:.1%}",
        "within 1.96 standard uncertainties",
        abs(error) <= 1.96 * spread,
    )


def _points(what: str, row: dict[str, Any], truth: float, most: float) -> Mark:
    error = 100 * (row["value"] - truth)
    return Mark(
        f"{what}, of the known labels {truth:.4f}",
        f"off by {error:+.2f} points, standard uncertainty {100 * row['uncertainty']:.2f}",
        f"within {most:g} point{'s' * (most > 1)}",
        abs(error) <= most,
    )


def _row(rows: list[dict[str, Any]], quantity: str, phase: str, other: str = "") -> dict[str, Any]:
    wanted = (quantity, phase, other)
    return next(row for row in rows if (row["quantity"], row["phase"], row["other"]) == wanted)


if __name__ == "__main__":
    finish(marks())
