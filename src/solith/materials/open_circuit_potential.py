"""Open-circuit potential against lithium as a function of the lithium fraction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError

__all__ = ["OpenCircuitPotential"]

_EDGE = 1e-12  # rounding that is forgiven at the ends of the range
_HALVINGS = 60  # of a range no wider than one: to the last bit of a float


@dataclass(frozen=True)
class OpenCircuitPotential:
    """A strictly falling curve: potential vs Li [V] over the lithium fraction x [-].

    x counts lithium on the scale of the material's preferred ``maximum_concentration``:
    x = 1 is that concentration. ``valid_low`` to ``valid_high`` is what the source covers;
    ``extended_low`` to ``extended_high`` contains it and is as far as solith goes, for the
    reason given in ``extension``. Outside the source's range the curve is ``"derived"``.
    """

    name: str
    function: Callable[[Any], Any]
    """The raw formula of x, unchecked; takes floats, arrays and PyBaMM symbols."""

    valid_low: float
    valid_high: float
    extended_low: float
    extended_high: float
    extension: str
    """How the curve is continued beyond the source's range, and why."""

    source: str
    """DOI or full citation."""

    place: str = ""
    """Which copy of the formula was read."""

    certainty: str = "read"
    """How the formula is known within the source's range."""

    note: str = ""

    @property
    def is_extended(self) -> bool:
        """Whether the curve goes beyond what its source covers."""
        return self.extended_low < self.valid_low or self.extended_high > self.valid_high

    def __call__(self, x: ArrayLike) -> float | NDArray[np.float64]:
        """Potential vs Li [V] at lithium fraction ``x``, a number or an array.

        Raises :class:`InputError` if ``x`` leaves the extended range.
        """
        fractions = _as_numbers(x, self.name)
        inside = (fractions >= self.extended_low - _EDGE) & (
            fractions <= self.extended_high + _EDGE
        )
        if not np.all(inside):
            worst = np.atleast_1d(fractions)[~np.atleast_1d(inside)][0]
            raise InputError(
                f"lithium fraction {worst:.6g} is outside {self.extended_low:.6g} to "
                f"{self.extended_high:.6g}, the range of the open-circuit potential of {self.name} "
                f"(its source covers {self.valid_low:.6g} to {self.valid_high:.6g})"
            )
        potential = np.asarray(self.function(fractions), dtype=np.float64)
        return float(potential) if potential.ndim == 0 else potential

    def potential_range(self) -> tuple[float, float]:
        """Lowest and highest potential vs Li [V] of the extended range."""
        return float(self.function(self.extended_high)), float(self.function(self.extended_low))

    def lithium_fraction_at(self, potential: float) -> float:
        """Lithium fraction at which the curve passes ``potential`` [V vs Li], by bisection.

        Raises :class:`InputError` if the curve does not reach that potential.
        """
        lowest, highest = self.potential_range()
        if not lowest <= potential <= highest:
            raise InputError(
                f"the open-circuit potential of {self.name} spans {lowest:.4f} to {highest:.4f} V "
                f"vs Li and does not reach {potential:.4f} V"
            )
        low, high = self.extended_low, self.extended_high
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            if self.function(middle) > potential:
                low = middle
            else:
                high = middle
        return 0.5 * (low + high)


def _as_numbers(x: Any, name: str) -> NDArray[np.float64]:
    try:
        return np.asarray(x, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"a lithium fraction must be a number or an array of numbers, not "
            f"{type(x).__name__}; for symbols use the raw formula, "
            f"find_material({name!r}).open_circuit_potential.function"
        ) from None
