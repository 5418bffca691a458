"""A mark to be met and the figure that was found."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Mark", "finish"]


@dataclass(frozen=True)
class Mark:
    """``what`` was measured gave ``figure``; the mark says what it should be."""

    what: str
    figure: str
    mark: str
    met: bool

    def __str__(self) -> str:
        return f"{'met   ' if self.met else 'MISSED'} | {self.what} | {self.figure} | {self.mark}"


def finish(marks: Iterable[Mark]) -> None:
    """Print every mark as it comes; exit with 1 if one was missed."""
    missed = 0
    for mark in marks:
        print(mark, flush=True)
        missed += not mark.met
    sys.exit(1 if missed else 0)
