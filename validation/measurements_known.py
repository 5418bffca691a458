"""Synthetic records of each technique with known answers, clean and with faults."""

from __future__ import annotations

from collections.abc import Iterator

from validation import (
    _known_current_voltage,
    _known_cycling,
    _known_differential,
    _known_gitt,
    _known_symmetric,
    _known_voltammetry,
)
from validation.marks import Mark, finish

TECHNIQUES = (
    _known_gitt,
    _known_voltammetry,
    _known_cycling,
    _known_differential,
    _known_symmetric,
    _known_current_voltage,
)


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    for technique in TECHNIQUES:
        yield from technique.marks()


if __name__ == "__main__":
    finish(marks())
