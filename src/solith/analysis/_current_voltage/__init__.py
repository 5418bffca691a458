"""Current-voltage curves: branches, abrupt rises, back scans, switching, censored samples."""

from __future__ import annotations

__all__: list[str] = []
