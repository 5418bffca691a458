"""How, beside cell and protocol, a simulation is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from solith.cell.protocol import Cycling
from solith.core.progress import SILENT, Progress

__all__ = ["Settings"]

_MANY_CYCLES = 20
_FINE = (20, 30, 1e-6)  # cells in depth, cells in a particle, relative tolerance
_COARSE = (8, 16, 3e-5)


@dataclass(frozen=True)
class Settings:
    """Resolution, progress, and what to leave out; ``None`` stands for the usual value."""

    sample: str = ""
    progress: Progress = SILENT
    cathode_cells: int | None = None
    particle_cells: int | None = None
    tolerance: float | None = None
    losses: bool = True

    def resolution(self, protocol: Any) -> tuple[int, int, float]:
        """Cells in depth, cells in a particle and relative tolerance for a protocol."""
        many = isinstance(protocol, Cycling) and protocol.cycles > _MANY_CYCLES
        usual = _COARSE if many else _FINE
        return (
            self.cathode_cells or usual[0],
            self.particle_cells or usual[1],
            self.tolerance or usual[2],
        )
