"""Units that people of a field read: lengths in images and of planes in nanometres."""

from __future__ import annotations

from solith.core.result import Value

__all__ = ["as_read"]

_SMALL = ("coating", "coverage", "cross-section", "crystallinity", "map", "xrd")
"""Techniques whose lengths are told in nanometres."""


def as_read(technique: str, value: Value) -> Value:
    """A value in the unit that a report and the terminal show; files hold SI."""
    return value.to("nm") if value.unit == "m" and technique in _SMALL else value
