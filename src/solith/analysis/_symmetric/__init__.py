"""Symmetric cells: steps of constant current, their voltages, and how they fail."""

from __future__ import annotations

__all__: list[str] = []
