"""How far intervals of normal scatter reach."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["NORMAL_95", "half_width_95"]

NORMAL_95 = 1.959964
"""Standard uncertainties on either side of a value that hold 95 % of a normal distribution."""


def half_width_95(numbers: Sequence[float]) -> float | None:
    """Half the width of the 95 % interval of a mean, by Student's t; ``None`` for one number."""
    import statistics

    from scipy.special import stdtrit

    if len(numbers) < 2:
        return None
    error = statistics.stdev(numbers) / len(numbers) ** 0.5
    return float(error * stdtrit(len(numbers) - 1, 0.975))
