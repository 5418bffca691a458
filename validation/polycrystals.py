"""Tessellations against brute force and known statistics; speed; images of grains."""

from __future__ import annotations

from collections.abc import Iterator

from validation import _polycrystals
from validation.marks import Mark, finish


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    yield from _polycrystals.marks()


if __name__ == "__main__":
    finish(marks())
