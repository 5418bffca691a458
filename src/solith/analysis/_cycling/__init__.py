"""What stands behind the table of cycles: facts, faults, switches, and what lasts."""

from __future__ import annotations

__all__: list[str] = []
