"""Laws of a filament's start, and the memristor, against limits and published examples."""

from __future__ import annotations

from collections.abc import Iterator

from validation import _memristor, _onset_laws
from validation.marks import Mark, finish


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    yield from _onset_laws.marks()
    yield from _memristor.marks()


if __name__ == "__main__":
    finish(marks())
