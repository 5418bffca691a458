"""Whether the numbered parts of two results are about the same processes."""

from __future__ import annotations

import re

from solith.core.result import Result

__all__ = ["of_other_processes"]

_DECADE = 10.0
_FAMILIES = (
    (re.compile(r"[A-Z][A-Za-z]*\d+(_|$)"), re.compile(r"R(\d+)_frequency")),
    (re.compile(r"apex_frequency_\d+"), re.compile(r"apex_frequency_(\d+)")),
    (re.compile(r"peak_\d+_"), re.compile(r"peak_(\d+)_frequency")),
)
"""Names of parts of circuits, of apexes and of peaks, and which of them are the frequencies."""


def of_other_processes(one: Result, other: Result) -> set[str]:
    """The numbered quantities of ``one`` that are not about the same processes in ``other``.

    Both have to have as many arcs, and the frequencies of the same number have to differ by
    less than a decade: numbers only order the arcs of one spectrum.
    """
    apart: set[str] = set()
    for name, frequency in _FAMILIES:
        if not _agree(_frequencies(one, frequency), _frequencies(other, frequency)):
            apart |= {value.quantity for value in one if name.match(value.quantity)}
    return apart


def _frequencies(result: Result, name: re.Pattern[str]) -> dict[str, float | None]:
    found = ((name.fullmatch(value.quantity), value.value) for value in result)
    return {match[1]: value for match, value in found if match is not None}


def _agree(one: dict[str, float | None], other: dict[str, float | None]) -> bool:
    return one.keys() == other.keys() and all(
        _within_a_decade(one[number], other[number]) for number in one
    )


def _within_a_decade(one: float | None, other: float | None) -> bool:
    return bool(one and other and one / _DECADE < other < one * _DECADE)
