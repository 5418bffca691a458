"""How area, direction and rose of a surface stand in a result."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from solith.core.result import Value
from solith.core.surface_sums import BINS, Surface
from solith.core.volume import AXES, Volume

__all__ = ["cosine_edges", "surface_values", "tensor_rows"]

_PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))


def surface_values(
    what: str,
    surface: Surface,
    volume: Volume,
    pressing: int,
    area: str,
    flags: tuple[str, ...],
) -> list[Value]:
    """Area, area per volume, normal tensor and anisotropy of a surface."""
    none = () if surface.tensor is not None else ("no surface inside the volume",)
    tensor: Any = surface.tensor if surface.tensor is not None else np.full((3, 3), None)
    along = tensor[pressing, pressing]
    values = [
        Value(f"{what}_area", surface.area, "m2", area=area, flags=flags),
        Value(
            f"{what}_area_per_volume",
            surface.area / math.prod(volume.size),
            "1/m",
            area=area,
            flags=flags,
        ),
        Value(
            f"{what}_anisotropy",
            None if along is None else float(1.5 * along - 0.5),
            area=area,
            flags=none + flags,
        ),
    ]
    for p, q in _PAIRS:
        entry = tensor[p, q]
        values.append(
            Value(
                f"{what}_normal_{AXES[p]}{AXES[q]}",
                None if entry is None else float(entry),
                area=area,
                flags=none + flags,
            )
        )
    return values


def tensor_rows(surface: Surface) -> list[list[float]] | None:
    """The normal tensor as lists."""
    return None if surface.tensor is None else [list(map(float, row)) for row in surface.tensor]


def cosine_edges() -> list[float]:
    """Edges of the rose's bins."""
    return [float(edge) for edge in np.linspace(-1, 1, BINS + 1)]
