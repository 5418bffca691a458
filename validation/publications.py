"""Both publications carried out: time, and every compared row as it is."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from validation.marks import Mark, finish

STUDIES = ("coated-cathode", "interface-architectures")
SECONDS = 150.0


def marks() -> Iterator[Mark]:
    """All marks of this script; a deviation is told, it is no mark."""
    for study in STUDIES:
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            run = subprocess.run(
                [
                    *(sys.executable, "-m", "solith", "reproduce", study, "--json"),
                    *("--out", str(Path(folder) / "run")),
                ],
                capture_output=True,
                text=True,
                check=False,
            )
            seconds = time.perf_counter() - start
        rows = json.loads(run.stdout) if run.stdout.strip() else []
        complete = run.returncode == 0 and all(row["computed"] is not None for row in rows)
        yield Mark(
            f"`solith reproduce {study} --json`, {len(rows)} rows",
            f"{seconds:.0f} s, exit {run.returncode}",
            f"at most {SECONDS:g} s, every row computed",
            seconds <= SECONDS and (complete or _absent(rows) == {"cv_peak_separation"}),
        )
        yield from (_told(row) for row in rows if row["published"] is not None)


def _absent(rows: list[dict[str, Any]]) -> set[str]:
    return {row["quantity"] for row in rows if row["computed"] is None}


def _told(row: dict[str, Any]) -> Mark:
    found, published = row["computed"], row["published"]
    shown = "not computed" if found is None else f"{found:.4g} {row['unit']}".strip()
    if row.get("range"):
        low, high = row["range"]
        shown += f" (assumptions: {low:.4g} to {high:.4g})"
    if found is not None:
        shown += f", {100 * (found / published - 1):+.1f} %"
    return Mark(
        f"{row['study']}, {row['sample']}: {row['quantity']}, {row['role']}",
        shown,
        f"published {published:.4g} {row['unit']}".strip(),
        found is not None,
    )


if __name__ == "__main__":
    finish(marks())
