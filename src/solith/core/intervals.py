"""How far intervals of normal scatter reach."""

from __future__ import annotations

__all__ = ["NORMAL_95"]

NORMAL_95 = 1.959964
"""Standard uncertainties on either side of a value that hold 95 % of a normal distribution."""
