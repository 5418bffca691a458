"""What stands behind the analyses of impedance: arcs, circuits, consistency, distributions."""

from __future__ import annotations

__all__: list[str] = []
