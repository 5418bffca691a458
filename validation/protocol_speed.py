"""Long cycling and GITT in time, beside PyBaMM's own."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.protocols import compare_cycling, compare_gitt

from validation.marks import Mark, finish


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    for compare, limit, what in (
        (compare_cycling, 10.0, "with an interphase that grows and contact that is lost"),
        (compare_gitt, 3.0, "with rests of two hours"),
    ):
        found = compare()
        yield Mark(
            f"{found.what}, {what}, model built and record made",
            f"{found.solith_seconds:.1f} s (PyBaMM's DFN half cell, which does not age: "
            f"{found.pybamm_seconds:.1f} s)",
            f"at most {limit:g} s",
            found.solith_seconds <= limit,
        )


if __name__ == "__main__":
    finish(marks())
