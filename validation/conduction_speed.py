"""Seconds and memory of voxel conduction, and taufactor beside it where it is installed.

``SOLITH_PEERS`` names the Python that has it, as in ``benchmarks/conduction.py``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from benchmarks.conduction import CASES, SPREAD, measure, measure_peer

from validation.marks import Mark, finish

MOST_MEMORY = 48.0
MOST_SECONDS = 45.0
SMALL = 15.0
TIMES = 20.0
"""Times taufactor's speed at 256^3, though it stops at a hundred times the spread."""
BESIDE = "256^3, 0.4"


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
        if name == BESIDE and "SOLITH_PEERS" in os.environ:
            peer = measure_peer(name, "taufactor", 1e-2)
            yield Mark(
                f"the same by taufactor to a spread of {peer.spread:.1e}",
                f"{peer.seconds:.1f} s: {peer.seconds / found.seconds:.0f} times as long",
                f"at least {TIMES:g} times",
                peer.seconds >= TIMES * found.seconds,
            )


if __name__ == "__main__":
    finish(marks())
