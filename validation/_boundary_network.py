"""Boundaries in two dimensions that conduct along themselves alone: an exact network of lines."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.polycrystal import Polycrystal

__all__ = ["conductance_of_lines", "section_of_cells", "tilted_planes"]

Array = NDArray[Any]


def conductance_of_lines(seeds: Array, size: float) -> float:
    """From z = 0 to z = ``size``, of the lines between Voronoi cells, 1 S each at 1 m of length.

    ``seeds`` (n, 2) in a square that is periodic along x.
    """
    from scipy.sparse import coo_matrix, diags
    from scipy.sparse.linalg import spsolve
    from scipy.spatial import Voronoi

    count = len(seeds)
    # Images far above and below close all cells; their lines lie outside.
    shifts = [(dx * size, dz) for dx in (-1, 0, 1) for dz in (-4 * size, 0, 4 * size)]
    points = np.concatenate([seeds, *(seeds + shift for shift in shifts if any(shift))])
    cells = Voronoi(points)
    nodes: dict[tuple[int, int], int] = {}
    lines: dict[tuple[int, int], float] = {}
    first, last = set(), set()

    def node(point: Array) -> int:
        x, z = round(float(point[0] % size) / size * 1e7) % 10**7, round(point[1] / size * 1e7)
        return nodes.setdefault((x, z), len(nodes))

    for (a, b), ends in zip(cells.ridge_points, cells.ridge_vertices, strict=True):
        if min(a, b) >= count or -1 in ends:
            continue
        p, q = sorted(cells.vertices[ends], key=lambda point: float(point[1]))
        if q[1] <= 0 or p[1] >= size or np.linalg.norm(q - p) < 1e-9 * size:
            continue
        low = p + (q - p) * max(0.0, -p[1] / (q[1] - p[1]))
        high = q + (p - q) * max(0.0, (q[1] - size) / (q[1] - p[1]))
        pair = node(low), node(high)
        if p[1] < 0:
            first.add(pair[0])
        if q[1] > size:
            last.add(pair[1])
        lines[min(pair), max(pair)] = 1 / float(np.linalg.norm(high - low))
    one, other = np.array(list(lines)).T
    g = np.array(list(lines.values()))
    n = len(nodes)
    matrix = coo_matrix((g, (one, other)), (n, n)).tocsr()
    matrix = matrix + matrix.T
    matrix = diags(np.asarray(matrix.sum(axis=1)).ravel()) - matrix
    voltage = np.zeros(n)
    voltage[list(first)] = 1
    free = np.array([k for k in range(n) if k not in first | last])
    inside = matrix[free][:, free].tocsc() + 1e-12 * diags(np.ones(len(free))).tocsc()
    voltage[free] = spsolve(inside, -(matrix @ voltage)[free])
    return float(voltage @ (matrix @ voltage))


def section_of_cells(seeds: Array, size: float, voxels: int) -> Polycrystal:
    """The same cells as voxels, one deep along y."""
    h = size / voxels
    x = (np.arange(voxels) + 0.5) * h
    along = x[:, np.newaxis, np.newaxis] - seeds[:, 0]
    along -= size * np.round(along / size)
    grains = np.argmin(along**2 + (x[np.newaxis, :, np.newaxis] - seeds[:, 1]) ** 2, axis=-1)
    kept, numbers = np.unique(grains, return_inverse=True)
    points = np.column_stack([seeds[kept, 0], np.full(len(kept), h / 2), seeds[kept, 1]])
    return Polycrystal(numbers.reshape(voxels, 1, voxels), h, points, None, (True, False, False))


def tilted_planes(
    across: int, along: int, voxels: int, y: int | None = None
) -> tuple[Polycrystal, float, float]:
    """Parallel boundaries that wind so many times round x (and y), and through three lengths of z.

    Returns the polycrystal, the boundaries' area per volume, and what of it an even field along z
    meets: area times (1 - nz^2).
    """
    shape = (voxels, 1 if y is None else voxels, 3 * voxels)
    places = [(n + 0.5) / voxels for n in np.indices(shape)]
    winds = np.array([3.0 * across, 3.0 * (y or 0), float(along)])
    grains = np.floor(winds[0] * places[0] + winds[1] * places[1] + winds[2] * places[2]) % 3
    area = float(np.linalg.norm(winds))
    normal = winds / area
    pairs = np.array([[0, 1], [0, 2], [1, 2]], np.int32)
    wraps = (True, y is not None, False)
    made = Polycrystal(
        grains.astype(np.int32),
        1 / voxels,
        normals=(pairs, np.array([normal, -normal, normal])),
        periodic=wraps,
    )
    return made, area, area * (1 - normal[2] ** 2)
