"""Sweeps of potential: curves, baselines, peaks, and their laws in the scan rate."""

from __future__ import annotations

__all__: list[str] = []
