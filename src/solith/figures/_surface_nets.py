"""A surface of triangles through a field on a grid, for drawing."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["surface_net"]

Array = NDArray[Any]


def surface_net(field: Array, level: float) -> tuple[Array, Array]:
    """Vertices (n, 3) in units of the grid and triangles (m, 3) where ``field`` crosses ``level``.

    Naive surface nets (Gibson 1998, doi:10.1007/BFb0056277): each cell that the surface crosses
    has one vertex, in the middle of where its edges cross; each edge that it crosses has a quad.
    """
    cells = tuple(n - 1 for n in field.shape)
    sums, counts = np.zeros((3, *cells), np.float32), np.zeros(cells, np.int32)
    crossings = [_crossings(field, level, axis) for axis in range(3)]
    for axis, (where, share, _) in enumerate(crossings):
        others = [d for d in range(3) if d != axis]
        place = np.stack([where[:, d] + (share if d == axis else 0.0) for d in range(3)])
        for step in itertools.product((0, 1), repeat=2):
            cell = where.copy()
            for d, back in zip(others, step, strict=True):
                cell[:, d] -= back
            fits = np.all((cell >= 0) & (cell < cells), axis=1)
            at = tuple(cell[fits].T)
            np.add.at(counts, at, 1)
            for d in range(3):
                np.add.at(sums[d], at, place[d][fits])
    used = counts > 0
    numbers = np.full(cells, -1, np.int32)
    numbers[used] = np.arange(np.count_nonzero(used), dtype=np.int32)
    vertices = (sums[:, used] / counts[used]).T
    triangles = [_triangles(numbers, axis, *crossings[axis][::2]) for axis in range(3)]
    return vertices, np.concatenate(triangles)


def _crossings(field: Array, level: float, axis: int) -> tuple[Array, Array, Array]:
    """Where edges along an axis cross: their lower end, how far along, whether from inside."""
    low = np.take(field, range(field.shape[axis] - 1), axis=axis)
    high = np.take(field, range(1, field.shape[axis]), axis=axis)
    crossed = (low > level) != (high > level)
    where = np.argwhere(crossed)
    share = (level - low[crossed]) / (high[crossed] - low[crossed])
    return where, share.astype(np.float32), low[crossed] > level


def _triangles(numbers: Array, axis: int, where: Array, outward: Array) -> Array:
    b, c = ((axis + 1) % 3, (axis + 2) % 3)
    inner = np.all([(where[:, d] >= 1) & (where[:, d] < numbers.shape[d]) for d in (b, c)], axis=0)
    corners = []
    for back_b, back_c in ((1, 1), (0, 1), (0, 0), (1, 0)):
        cell = where[inner].copy()
        cell[:, b] -= back_b
        cell[:, c] -= back_c
        corners.append(numbers[tuple(cell.T)])
    quads = np.stack(corners, axis=1)
    quads[~outward[inner]] = quads[~outward[inner]][:, ::-1]
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
