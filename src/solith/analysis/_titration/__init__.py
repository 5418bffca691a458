"""What stands behind the titration analysis: its pulses, the moment of the switch, the fits."""

from __future__ import annotations

__all__: list[str] = []
