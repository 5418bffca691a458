"""Pieces of a report's tables: a table that scrolls, its cells, a number with its doubts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from solith.core.result import Value
from solith.figures import show_number

__all__ = ["boxed", "cell", "digits_of", "number_cell", "show_spread", "tag"]

_FEWEST_DIGITS, _MOST_DIGITS = 4, 9
_TAGS = ("input", "calibrated", "assumed", "predicted", "recovered", "recalled", "not used")


def boxed(
    headings: Sequence[str],
    body: Sequence[str],
    *,
    numbers: tuple[int, ...] = (),
    stacks: bool = False,
) -> str:
    """A table of rows in HTML; the columns at ``numbers`` are set to the right.

    One that ``stacks`` puts the words of a row under its numbers where the page is narrow.
    """
    head = "".join(
        f'<th scope="col"{" class=number" if place in numbers else ""}>{escape(text)}</th>'
        for place, text in enumerate(headings)
    )
    return (
        f'<div class="scroll{" stacks" if stacks else ""}"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def cell(kind: str, text: str) -> str:
    """A cell; ``kind`` is "tag", "code", a class of the style, or empty."""
    if kind == "tag":
        return f"<td>{tag(text)}</td>"
    if kind == "code":
        return f"<td><code>{escape(text)}</code></td>"
    return f'<td class="{kind}">{escape(text)}</td>' if kind else f"<td>{escape(text)}</td>"


def number_cell(value: Value) -> str:
    """A value with its uncertainty, and under it the reasons to doubt it."""
    flags = f'<span class="flags">{escape("; ".join(value.flags))}</span>' if value.flags else ""
    return f'<td class="number">{escape(show_spread(value))}{flags}</td>'


def show_spread(value: Value) -> str:
    """The number of a value, in as many digits as its uncertainty asks for, and that."""
    spread = "" if value.spread is None else f" ± {show_number(value.spread, 2)}"
    return show_number(value.value, digits_of(value)) + spread


def digits_of(value: Value) -> int:
    """How many digits of a value two digits of its uncertainty ask for; four at least.

    An edge at 2470.64 eV that is known to 0.02 eV would be none with four.
    """
    size, spread = abs(value.value or 0.0), value.spread or 0.0
    if not 0 < spread < size < math.inf:
        return _FEWEST_DIGITS
    apart = math.floor(math.log10(size)) - math.floor(math.log10(spread))
    return min(max(_FEWEST_DIGITS, apart + 2), _MOST_DIGITS)


def tag(text: str) -> str:
    """A word in a frame, coloured if the style knows it."""
    kind = text.replace(" ", "-") if text in _TAGS else "other"
    return f'<span class="tag {kind}">{escape(text)}</span>'
