"""The right step of stepped lithium tests, and the right point of noisy I-V sets, each time."""

from __future__ import annotations

from collections.abc import Iterator

from validation import _known_shorts, _known_switching
from validation.marks import Mark, finish


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    yield from _known_shorts.marks()
    yield from _known_switching.marks()


if __name__ == "__main__":
    finish(marks())
