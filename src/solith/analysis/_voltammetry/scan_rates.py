"""The scan rates of voltammograms that are analysed together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._options import positive
from solith.core.errors import InputError
from solith.core.given import listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.result import Result

__all__ = ["SAME_RATE", "count_scan_rates", "rates_differ", "rates_of"]

SAME_RATE = 0.02
"""Part by which scan rates may differ and still be one."""


def count_scan_rates(rates: Iterable[float]) -> int:
    """How many different scan rates [V/s] there are; those that differ by 2 % at most are one.

    Raises :class:`InputError` for what is no scan rate.
    """
    number, last = 0, 0.0
    for rate in sorted(positive(rate, "V/s", "rates") for rate in listed(rates, "rates")):
        if rate > (1 + SAME_RATE) * last:
            number, last = number + 1, rate
    return number


def rates_of(results: Sequence[Result], in_vain: str) -> NDArray[np.float64]:
    """The scan rate of each voltammogram's analysis [V/s].

    Raises :class:`InputError` where one is not known, and where they do not differ; ``in_vain``
    ends the sentence that says so.
    """
    rates = np.array([result["scan_rate"].value for result in results], dtype=float)
    if not np.all(rates > 0):
        raise InputError("the scan rate of a voltammogram is not known: its time stands still")
    if not rates_differ(rates):
        raise InputError(
            f"{len(rates)} voltammogram{'' if len(rates) == 1 else 's'} with scan rates that do "
            f"not differ {in_vain}"
        )
    return rates


def rates_differ(rates: NDArray[np.float64]) -> bool:
    """Whether scan rates [V/s] are more than one."""
    return len(rates) > 1 and bool(np.ptp(rates) > SAME_RATE * np.max(rates))
