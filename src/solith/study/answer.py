"""The answer of a study in its author's words, with the numbers of its comparison put in."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from solith.core.errors import InputError

if TYPE_CHECKING:
    from solith.study.comparison import Row

__all__ = ["check_answer", "fill_answer"]

_PLACE = re.compile(r"\{([^{}:]+):([^{}:]+)(?::(published))?\}")
_DIGITS = 3


def fill_answer(sentences: Iterable[str], rows: Sequence[Row]) -> list[str]:
    """``sentences`` with every ``{SAMPLE:QUANTITY}`` replaced by the row's computed number.

    ``{SAMPLE:QUANTITY:published}`` stands for the published one. Numbers have three digits,
    or more where their uncertainty is smaller, and the row's unit; what was not computed says so.
    """
    known = {(row.sample, row.quantity): row for row in rows}

    def number(match: re.Match[str]) -> str:
        row = known.get((match[1].strip(), match[2].strip()))
        value = None if row is None else row.published if match[3] else row.computed
        if row is None or value is None:
            return "(not computed)"
        doubt = 0.0 if match[3] else row.uncertainty or 0.0
        spread = f" ± {doubt:.2g}" if doubt >= abs(value) and doubt > 0 else ""
        return f"{_shown(value, row)}{spread} {row.unit}".rstrip()

    return [" ".join(_PLACE.sub(number, sentence).split()) for sentence in sentences]


def _shown(value: float, row: Row) -> str:
    """Three digits, or as many as the first digit of the uncertainty needs."""
    digits = _DIGITS
    spread = row.uncertainty
    if spread is not None and 0 < spread < abs(value):
        apart = math.floor(math.log10(abs(value))) - math.floor(math.log10(spread))
        digits = max(digits, apart + 1)
    return f"{float(f'{value:.{digits}g}'):.{max(digits, 6)}g}"


def check_answer(sentences: Iterable[str], compared: Iterable[tuple[str, str]]) -> None:
    """Raise :class:`InputError` for a place that no comparison row fills."""
    rows = set(compared)
    for place, sentence in enumerate(sentences, start=1):
        for match in _PLACE.finditer(sentence):
            if (match[1].strip(), match[2].strip()) not in rows:
                raise InputError(
                    f"{match[0]!r} is no row of the comparison; write {{SAMPLE:QUANTITY}} with a "
                    "sample and a quantity of [[compare]]",
                    where=f"answer.{place}",
                )
