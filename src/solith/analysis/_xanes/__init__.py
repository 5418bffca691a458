"""What the analyses of X-ray absorption near an edge have in common."""

from __future__ import annotations

__all__: list[str] = []
