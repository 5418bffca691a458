"""One circuit through a series of spectra: its fit, its rows, its laws."""

from __future__ import annotations

__all__: list[str] = []
