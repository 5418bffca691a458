"""The publication on stack pressure carried out: time, each quantity with spread, each trend."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from validation.marks import Mark, finish

PRESSURES = (6, 12, 25, 50, 100)
QUANTITIES = (
    "porosity_composite",
    "porosity_electrolyte_layer",
    "contact_fraction",
    "contact_anisotropy",
    "tortuosity_mode",
    "tortuosity_minimum",
    "apparent_conductivity",
    "charge_transfer_resistance",
    "capacity_ratio",
)
SPREAD = QUANTITIES[:6]
SECONDS = 300.0
SOURCE = "Sakka et al. 2022"

Rows = dict[tuple[str, str], dict[str, Any]]


def marks() -> Iterator[Mark]:
    """Time and completeness, then the published facts and trends one by one."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        out = ["--out", str(Path(folder) / "run")]
        run = subprocess.run(
            [sys.executable, "-m", "solith", "reproduce", "stack-pressure", "--json", *out],
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - start
    listed = json.loads(run.stdout) if run.stdout.strip() else []
    rows: Rows = {(row["quantity"], row["sample"]): row for row in listed}
    wanted = [(name, str(pressure)) for name in QUANTITIES for pressure in PRESSURES]
    lacking = [key for key in wanted if key not in rows or rows[key]["computed"] is None]
    yield Mark(
        f"`solith reproduce stack-pressure --json`, {len(listed)} rows",
        f"{seconds:.0f} s, exit {run.returncode}; {len(lacking)} not computed",
        f"at most {SECONDS:g} s, nine quantities at five pressures",
        seconds <= SECONDS and run.returncode == 0 and not lacking,
    )
    if lacking:
        return
    bare = [key for key in wanted if key[0] in SPREAD and not rows[key]["uncertainty"]]
    yield Mark(
        "Quantities of the structure with their spread over five packings",
        f"{len(bare)} of {len(SPREAD) * len(PRESSURES)} without",
        "none without",
        not bare,
    )
    for name in QUANTITIES:
        yield _told(rows, name)
    yield from _porosity(rows)
    yield from _structure_trends(rows)
    yield from _cell_trends(rows)


def _course(rows: Rows, name: str) -> np.ndarray[Any, Any]:
    return np.array([rows[name, str(pressure)]["computed"] for pressure in PRESSURES])


def _told(rows: Rows, name: str) -> Mark:
    found = [rows[name, str(pressure)] for pressure in PRESSURES]
    shown = [
        f"{row['computed']:.4g}" + (f" ± {row['uncertainty']:.1g}" if row["uncertainty"] else "")
        for row in found
    ]
    unit = found[0]["unit"] or "1"
    finite = bool(np.all(np.isfinite([row["computed"] for row in found])))
    return Mark(f"{name} at 6 to 100 MPa [{unit}]", ", ".join(shown), "finite", finite)


def _porosity(rows: Rows) -> Iterator[Mark]:
    layer = rows["porosity_electrolyte_layer", "100"]["computed"]
    yield Mark(
        "Porosity of the electrolyte layer at 100 MPa, to which its yield stress was calibrated",
        f"{layer:.2f} %",
        f"5 % within 0.5 points ({SOURCE})",
        abs(layer - 5) <= 0.5,
    )
    composite = rows["porosity_composite", "100"]["computed"]
    dense, loose = (
        rows["porosity_composite", name]["computed"]
        for name in ("100-dense-carbon", "100-looser-carbon")
    )
    yield Mark(
        "Porosity of the composite at 100 MPa, carbon (0.8 g/cm3, assumed) counted as void",
        f"{composite:.1f} %; dense carbon {dense:.1f} %, of 0.6 g/cm3 {loose:.1f} %",
        f"23 % within 2 points ({SOURCE})",
        abs(composite - 23) <= 2,
    )
    void, layer = (
        _course(rows, "porosity_of_particles"),
        _course(rows, "porosity_electrolyte_layer"),
    )
    apart = float(np.max(np.abs(void - layer)[:2]))
    yield Mark(
        "Voids of composite and layer at 6 and 12 MPa",
        f"at most {apart:.1f} points apart",
        f"no great difference ({SOURCE}): at most 5 points",
        apart <= 5,
    )


def _structure_trends(rows: Rows) -> Iterator[Mark]:
    active, soft = _course(rows, "active_fraction"), _course(rows, "electrolyte_fraction")
    yield Mark(
        "Fractions from 6 to 12 MPa",
        f"active {active[1] - active[0]:+.1f}, electrolyte {soft[1] - soft[0]:+.1f} points",
        f"active up, electrolyte down ({SOURCE}); masses are conserved here",
        bool(active[1] > active[0] and soft[1] < soft[0]),
    )
    contact = _course(rows, "contact_fraction")
    steps = np.diff(contact) / np.diff(np.log(PRESSURES))
    yield Mark(
        "Imaged contact per factor e of pressure, first and last step",
        f"{steps[0]:.1f} and {steps[-1]:.1f} points",
        f"it saturates ({SOURCE}): the last at most half of the largest",
        bool(steps[-1] <= steps.max() / 2),
    )
    favoured = _course(rows, "contact_anisotropy")
    strongest = PRESSURES[int(np.argmax(favoured))]
    yield Mark(
        "Contact along the pressing direction over across",
        f"{favoured.min():.2f} to {favoured.max():.2f}, strongest at {strongest} MPa",
        f"above 1, strongest at low pressure ({SOURCE}): up to 12 MPa",
        bool(favoured.min() > 1 and strongest <= 12),
    )
    modes, least = _course(rows, "tortuosity_mode"), _course(rows, "tortuosity_minimum")
    yield Mark(
        "Tortuosity's mode and minimum",
        f"{modes[0]:.3f} to {modes[-1]:.3f} and {least[0]:.3f} to {least[-1]:.3f}",
        "fall as pressure rises",
        bool(np.all(np.diff(modes) < 0) and np.all(np.diff(least) < 0)),
    )


def _cell_trends(rows: Rows) -> Iterator[Mark]:
    logs = np.log(PRESSURES)
    for name, power in (("apparent_conductivity", 1.0), ("charge_transfer_resistance", -1.0)):
        course = _course(rows, name)
        found = float(np.polyfit(logs, np.log(course), 1)[0])
        factor = max(course[-1] / course[0], course[0] / course[-1])
        yield Mark(
            f"Power of pressure in {name} (hardness and spots assumed)",
            f"{found:.2f}, a factor of {factor:.1f} in all",
            f"{power:g} within 0.2 ({SOURCE})",
            abs(found - power) <= 0.2,
        )
    ratio = _course(rows, "capacity_ratio")
    straight = float(np.corrcoef(logs, ratio)[0, 1] ** 2)
    yield Mark(
        "Capacity ratio against the logarithm of pressure",
        f"100 to {ratio[-1]:.1f} %, r2 = {straight:.2f}",
        f"a straight line ({SOURCE}): r2 at least 0.95",
        bool(straight >= 0.95 and ratio[-1] > ratio[0]),
    )


if __name__ == "__main__":
    finish(marks())
