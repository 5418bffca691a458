"""Shows 1: a fresh clone in a fresh environment: the README's two commands.

The first ends in the report within 60 s after installation and within 4 GiB, the second
passes the tests. The commit at HEAD is cloned; what is not committed does not count.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from validation.marks import Mark, finish

ROOT = Path(__file__).parents[1]
REPORT_SECONDS = 60
MEMORY_GIB = 4


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "solith"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        environment = {
            key: value
            for key, value in os.environ.items()
            if key not in ("PYTHONPATH", "VIRTUAL_ENV")
        }
        installed = _timed("source tools/environment.sh", clone, environment)
        yield Mark(
            "installation into an empty environment",
            f"{installed[1]:.0f} s",
            "succeeds",
            installed[0] == 0,
        )
        code, seconds = _timed("bash run.sh", clone, environment)
        report = clone / "first-cell-results" / "report.html"
        whole = code == 0 and report.is_file()
        yield Mark(
            "the first command, after installation, ends in the report",
            f"{seconds:.1f} s, report of {report.stat().st_size / 1e6:.1f} MB"
            if whole
            else "failed",
            f"within {REPORT_SECONDS} s",
            whole and seconds <= REPORT_SECONDS,
        )
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
        yield Mark(
            "largest memory of one process (three run at most)",
            f"{peak:.2f} GiB",
            f"at most {MEMORY_GIB} GiB for all",
            3 * peak <= MEMORY_GIB,
        )
        code, seconds = _timed("bash test.sh", clone, environment)
        yield Mark("the second command passes the tests", f"{seconds:.0f} s", "passes", code == 0)


def _timed(command: str, folder: Path, environment: dict[str, str]) -> tuple[int, float]:
    start = time.perf_counter()
    run = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True
    )
    if run.returncode != 0:
        print(run.stdout[-3000:], run.stderr[-3000:], file=sys.stderr)
    return run.returncode, time.perf_counter() - start


if __name__ == "__main__":
    finish(marks())
