"""How far intervals reach, of normal scatter whose deviation is known or estimated."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["NORMAL_95", "half_width_95", "student_95", "widening_95"]

NORMAL_95 = 1.959964
"""Standard uncertainties on either side of a value that hold 95 % of a normal distribution."""


def student_95(freedom: float) -> float:
    """Estimated standard errors on either side of a value that hold 95 %: Student's t.

    ``freedom`` are the degrees of freedom that the error was estimated from, at least one.
    """
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))


def widening_95(freedom: float) -> float:
    """What an estimated standard error is multiplied by, so that 1.96 of it hold 95 %."""
    return student_95(freedom) / NORMAL_95


def half_width_95(numbers: Sequence[float]) -> float | None:
    """Half the width of the 95 % interval of a mean, by Student's t; ``None`` for one number."""
    import statistics

    if len(numbers) < 2:
        return None
    error = statistics.stdev(numbers) / len(numbers) ** 0.5
    return float(error * student_95(len(numbers) - 1))
