"""Polycrystals on conforming finite elements: exact cases, and the voxel solver beside them."""

from __future__ import annotations

from collections.abc import Iterator

from validation import _conforming
from validation.marks import Mark, finish


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    yield from _conforming.marks()


if __name__ == "__main__":
    finish(marks())
