"""The publication on ceramics carried out: time, and its numbers beside finite elements.

Every compared row is printed, too, as it was found: "told" is no mark.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from validation import _flux_conforming
from validation.marks import Mark, finish

STUDIES = {
    "ceramic-flux": {
        "current_contrast_without_layer",
        "current_contrast_with_layer",
        "decay_depth",
    },
    "filament": {
        "trigger_bias",
        "on_off_ratio",
        "critical_current_density",
        "tip_contact_area",
    },
}
SECONDS = 300.0


def marks() -> Iterator[Mark]:
    """All marks of this script; what was found is printed on the way, beside what is published."""
    yield from _flux_conforming.marks()
    for study, names in STUDIES.items():
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            out = ["--out", str(Path(folder) / "run")]
            run = subprocess.run(
                [sys.executable, "-m", "solith", "reproduce", study, "--json", *out],
                capture_output=True,
                text=True,
                check=False,
            )
            seconds = time.perf_counter() - start
        rows = json.loads(run.stdout) if run.stdout.strip() else []
        known = {row["quantity"] for row in rows}
        lacking = [row["quantity"] for row in rows if row["computed"] is None]
        yield Mark(
            f"`solith reproduce {study} --json`, {len(rows)} rows",
            f"{seconds:.0f} s, exit {run.returncode}; {len(lacking)} not computed",
            f"at most {SECONDS:g} s, every row computed, with {', '.join(sorted(names))}",
            seconds <= SECONDS and run.returncode == 0 and not lacking and names <= known,
        )
        for row in rows:
            if row["computed"] is not None:
                print(_told(row), flush=True)


def _told(row: dict[str, Any]) -> str:
    spread = row.get("uncertainty")
    shown = f"{row['computed']:.4g}" + (f" +- {spread:.2g}" if spread else "")
    published = row["published"]
    beside = "" if published is None else f" | published {published:.4g}"
    what = f"{row['study']}, {row['sample']}: {row['quantity']}, {row['role']}"
    return f"told   | {what} | {shown} {row['unit'] or ''}".rstrip() + beside


if __name__ == "__main__":
    finish(marks())
