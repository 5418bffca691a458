"""What callers of generators give: seeds, fractions, whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from solith.core.errors import InputError

__all__ = ["is_real", "require_fraction", "seeded", "whole_number", "whole_numbers"]


def is_real(number: Any) -> bool:
    """Whether something is one real number: no text, no yes or no, no list."""
    return isinstance(number, (int, float, np.integer, np.floating)) and not isinstance(
        number, bool
    )


def require_fraction(fraction: Any, most: float, where: str = "fraction") -> float:
    """A fraction above 0 and at most ``most``, or :class:`InputError`."""
    if is_real(fraction) and 0 < fraction <= most:
        return float(fraction)
    raise InputError(f"{fraction!r} is no fraction above 0 and up to {most:.3g}", where=where)


def seeded(seed: Any) -> np.random.SeedSequence:
    """What random numbers begin with; :class:`InputError` for a seed that is none."""
    if isinstance(seed, (int, np.integer)) and not isinstance(seed, bool) and seed >= 0:
        return np.random.SeedSequence(int(seed))
    raise InputError(f"{seed!r} is no whole number from 0", where="seed")


def whole_number(number: Any, what: str, where: str) -> int:
    """A whole number from 1; :class:`InputError` for anything else."""
    if is_real(number) and 1 <= number < 2**31 and float(number).is_integer():
        return int(number)
    raise InputError(f"{number!r} is no number of {what}", where=where)


def whole_numbers(numbers: Sequence[Any], what: str, where: str) -> list[int]:
    """Whole numbers from 1; :class:`InputError` for anything else."""
    try:
        return [whole_number(one, what, where) for one in numbers]
    except (TypeError, InputError):
        raise InputError(f"{numbers!r} is no list of numbers of {what}", where=where) from None
