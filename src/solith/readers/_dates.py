"""Dates as instruments write them, to seconds between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

__all__ = ["date_seconds"]

_FORMS = (
    ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S"),
    ("%m-%d-%Y %H:%M:%S.%f", "%m-%d-%Y %H:%M:%S", "%m-%d-%Y %I:%M:%S %p"),
    ("%d-%m-%Y %H:%M:%S.%f", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %I:%M:%S %p"),
)
"""Ways to read a date: year, month or day first."""

_DAY = re.compile(r"^(\d+)[-./](\d+)[-./](\d+)[T\s]+")


def date_seconds(texts: Sequence[str]) -> NDArray[np.float64] | None:
    """Seconds (text,) since the first of the texts, all dates with a time of the day.

    ``None`` where one is no such date, and where month and day could be either and the two
    readings do not agree: "03/04/2024" is in March or in April.
    """
    plain = [_DAY.sub(r"\1-\2-\3 ", text.strip()) for text in texts]
    read = [found for forms in _FORMS if (found := _read(plain, forms)) is not None]
    if not read or any(not np.array_equal(found, read[0]) for found in read[1:]):
        return None
    return read[0]


def _read(texts: Sequence[str], forms: Sequence[str]) -> NDArray[np.float64] | None:
    found = []
    for text in texts:
        dates = [date for form in forms if (date := _date(text, form)) is not None]
        if not dates:
            return None
        found.append(dates[0].timestamp())
    return np.array(found) - found[0] if found else None


def _date(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None
