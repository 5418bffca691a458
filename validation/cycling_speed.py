"""Ten thousand cycles in time and memory."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.cycling import CYCLES, measure

from validation.marks import Mark, finish

MOST_SECONDS = 20.0
MOST_MEMORY = 4.0


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    for case in ("solith", "solith, uncounted"):
        found = measure(case)
        how = "cycles counted in the record" if case == "solith" else "told by the current"
        yield Mark(
            f"{CYCLES:,} cycles of 1000 rows, {how}: analysed in a process of its own",
            f"{found.seconds:.1f} s, at most {found.peak:.2f} GiB ({found.record:.2f} GiB to make "
            "the record)",
            f"at most {MOST_SECONDS:g} s and {MOST_MEMORY:g} GiB",
            found.seconds <= MOST_SECONDS and found.peak <= MOST_MEMORY,
        )
    written = measure("solith, json")
    yield Mark(
        f"{CYCLES:,} cycles: the result written as JSON",
        f"{written.seconds:.1f} s",
        "less than 5 s",
        written.seconds < 5,
    )


if __name__ == "__main__":
    finish(marks())
