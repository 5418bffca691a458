"""Seconds and memory of voxel conduction; the peers' are in ``benchmarks/conduction.py``."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.conduction import CASES, SPREAD, measure

from validation.marks import Mark, finish

MOST_MEMORY = 48.0
MOST_SECONDS = 45.0
SMALL = 15.0
"""Of 256^3, where taufactor took 247 s of the processor."""


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    for name, case in CASES.items():
        found = measure(name)
        most = SMALL if max(case.shape) == 256 else MOST_SECONDS
        yield Mark(
            f"blobs, {name}",
            f"{found.seconds:.1f} s ({found.processor:.1f} s of the processors), "
            f"{found.memory:.0f} bytes a voxel, spread {found.spread:.1e}",
            f"at most {most:g} s, {MOST_MEMORY:g} bytes, {SPREAD:g}",
            found.seconds <= most and found.memory <= MOST_MEMORY and found.spread <= SPREAD,
        )


if __name__ == "__main__":
    finish(marks())
