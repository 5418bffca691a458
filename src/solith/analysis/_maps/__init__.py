"""What the analyses of maps share: channels and masks, distances from boundaries, correlation."""

from __future__ import annotations

__all__: list[str] = []
