"""How far intervals reach, of normal scatter whose deviation is known or estimated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

__all__ = ["NORMAL_95", "half_width_95", "student_95", "widening_95"]

NORMAL_95 = 1.959964
"""Standard uncertainties on either side of a value that hold 95 % of a normal distribution."""


@overload
def student_95(freedom: float) -> float: ...
@overload
def student_95(freedom: NDArray[np.float64]) -> NDArray[np.float64]: ...
def student_95(freedom: float | NDArray[np.float64]) -> float | NDArray[np.float64]:
    """Estimated standard errors on either side of a value that hold 95 %: Student's t.

    ``freedom`` are the degrees of freedom that the error was estimated from, at least one; of an
    array, each number has its own factor.
    """
    from scipy.special import stdtrit

    factor = stdtrit(freedom, 0.975)
    return np.asarray(factor) if isinstance(freedom, np.ndarray) else float(factor)


@overload
def widening_95(freedom: float) -> float: ...
@overload
def widening_95(freedom: NDArray[np.float64]) -> NDArray[np.float64]: ...
def widening_95(freedom: float | NDArray[np.float64]) -> float | NDArray[np.float64]:
    """What an estimated standard error is multiplied by, so that 1.96 of it hold 95 %."""
    return student_95(freedom) / NORMAL_95


def half_width_95(numbers: Sequence[float]) -> float | None:
    """Half the width of the 95 % interval of a mean, by Student's t; ``None`` for one number."""
    import statistics

    if len(numbers) < 2:
        return None
    error = statistics.stdev(numbers) / len(numbers) ** 0.5
    return float(error * student_95(len(numbers) - 1))
