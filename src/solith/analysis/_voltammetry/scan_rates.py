"""The scan rates of voltammograms that are analysed together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from solith.core.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.result import Result

__all__ = ["SAME_RATE", "rates_differ", "rates_of"]

SAME_RATE = 0.02
"""Part by which scan rates may differ and still be one."""


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
