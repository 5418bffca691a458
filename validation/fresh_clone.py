"""Shows 1: a fresh clone in a fresh environment: the README's two commands.

The first ends in the report within 60 s after installation and within 4 GiB, the second
passes the tests. The commit at HEAD is cloned; what is not committed does not count.
"""

from __future__ import annotations

import os
import re
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
        code, seconds, memory = _timed("bash run.sh", clone, environment)
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
        yield Mark(
            "largest memory of all its processes together",
            f"{memory:.2f} GiB",
            f"at most {MEMORY_GIB} GiB",
            memory <= MEMORY_GIB,
        )
        code, seconds, _ = _timed("bash test.sh", clone, environment)
        yield Mark("the second command passes the tests", f"{seconds:.0f} s", "passes", code == 0)


def _timed(command: str, folder: Path, environment: dict[str, str]) -> tuple[int, float, float]:
    """Exit code, seconds, and the largest memory [GiB] of all processes of the command."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        memory = 0.0
        while process.poll() is None:
            memory = max(memory, _resident(process.pid))
            time.sleep(0.1)
        if process.returncode != 0:
            log.seek(0)
            print(log.read().decode(errors="replace")[-3000:], file=sys.stderr)
    return process.returncode, time.perf_counter() - start, memory


def _resident(session: int) -> float:
    """Proportional memory of all processes of a session [GiB]."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session:
                rollup = (folder / "smaps_rollup").read_text()
                total += int(re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)[1])  # type: ignore[index]
        except (OSError, TypeError):
            continue  # it ended while we looked
    return total / 2**20


if __name__ == "__main__":
    finish(marks())
