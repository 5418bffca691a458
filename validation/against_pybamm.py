"""Shows 2: in the common limit the voltage is that of PyBaMM's DFN half cell, as fast."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.discharge import RATES, compare_discharge

from validation.marks import Mark, finish


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    for rate in RATES:
        found = compare_discharge(rate)
        yield Mark(
            f"voltage against PyBaMM's DFN half cell, {rate:g} C discharge",
            f"{1e3 * found.worst:.3f} mV",
            "within 1 mV",
            found.worst <= 1e-3,
        )
        if rate == 1.0:
            yield Mark(
                "repeated solve of a 1 C discharge on the same mesh",
                f"{found.ratio:.2f} times PyBaMM's ({1e3 * found.solith_seconds:.1f} ms against "
                f"{1e3 * found.pybamm_seconds:.1f} ms)",
                "at most 1.5 times",
                found.ratio <= 1.5,
            )


if __name__ == "__main__":
    finish(marks())
