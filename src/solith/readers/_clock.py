"""Durations written as a clock shows them, with or without days, to seconds."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["clock_seconds"]

_CLOCK = re.compile(
    r"(?:(?P<days>\d{1,9})\s*(?:d|\.|-|\s)\s*)?"
    r"(?P<hours>\d{1,9}):(?P<minutes>\d{1,2}):(?P<seconds>\d{1,2}(?:[.,]\d{0,20})?)"
)


def clock_seconds(fields: Sequence[str]) -> NDArray[np.float64] | None:
    """Seconds from "26:00:40.5", "1.02:00:40" or "1d 02:00:40"; an empty field is NaN.

    ``None`` where a field is something else, as "02:40" is: hours and minutes to some,
    minutes and seconds to others.
    """
    found = []
    for field in fields:
        text = field.strip()
        match = _CLOCK.fullmatch(text)
        if match is not None:
            hours = 24.0 * float(match["days"] or 0) + float(match["hours"])
            seconds = float(match["seconds"].replace(",", "."))
            found.append(3600.0 * hours + 60.0 * float(match["minutes"]) + seconds)
        elif text:
            return None
        else:
            found.append(np.nan)
    return np.array(found)
