"""One plastic sphere pressed by its neighbours, resolved with finite elements.

Spheres on a lattice press each other flat on planes halfway between them, so an eighth of one
sphere between its planes of symmetry and such planes, rigid and smooth, stands for all. Simple
cubic and face-centred cubic contacts are planes of symmetry; those of body-centred cubic are
taken as flat, as is usual.

Trilinear bricks with one pressure each (mean dilatation), large deformations step by step with
Jaumann's rate, elastic and perfectly plastic (von Mises). Explicit: masses follow the stiffness
and Cundall's damping acts on what is unbalanced alone, so that a slow run is a row of states at
rest. Lengths in radii, stresses in yield stresses.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["CELLS", "Cell", "Pressed", "press_sphere"]

Array = NDArray[Any]
_compiled = numba.njit(nogil=True, cache=True, error_model="numpy", fastmath=True)

_DAMPING = 0.5
_ROOT2, _ROOT3 = math.sqrt(2.0), math.sqrt(3.0)


@dataclass(frozen=True)
class Cell:
    """Planes of an eighth of the space around one sphere: ``normals`` (n, 3), ``distances`` (n,)
    when spheres just touch, ``volume`` then, and which axes shorten in pressing."""

    normals: tuple[tuple[float, float, float], ...]
    distances: tuple[float, ...]
    volume: float
    axes: tuple[float, float, float] = (1.0, 1.0, 1.0)


_AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
CELLS = {
    "simple cubic": Cell(_AXES, (1.0, 1.0, 1.0), 1.0),
    "body-centred cubic": Cell(
        (*_AXES, (1 / _ROOT3, 1 / _ROOT3, 1 / _ROOT3)),
        (2 / _ROOT3, 2 / _ROOT3, 2 / _ROOT3, 1.0),
        (4 / _ROOT3) ** 3 / 16,
    ),
    "face-centred cubic": Cell(
        ((1 / _ROOT2, 1 / _ROOT2, 0), (1 / _ROOT2, 0, 1 / _ROOT2), (0, 1 / _ROOT2, 1 / _ROOT2)),
        (1.0, 1.0, 1.0),
        1 / _ROOT2,
    ),
    "simple cubic, in a die": Cell(_AXES, (1.0, 1.0, 1.0), 1.0, (0.0, 0.0, 1.0)),
}


@dataclass(frozen=True)
class Pressed:
    """Relative ``density``; ``stress`` (n, 3) along x, y, z, pressing positive, as the planes bear
    it; and the same from the sum of stresses inside, over the cell (equal at rest)."""

    density: Array
    stress: Array
    inside: Array


def press_sphere(
    cell: Cell, dense: float, *, elements: int = 8, stiffness: float = 540.0, poisson: float = 0.3,
    steps: int = 20_000, samples: int = 100,
) -> Pressed:  # fmt: skip
    """A sphere of Young's modulus ``stiffness`` (in yield stresses) pressed to a density."""
    nodes, bricks = _octant(elements)
    shear = stiffness / 2 / (1 + poisson)
    bulk = stiffness / 3 / (1 - 2 * poisson)
    normals, distances = np.array(cell.normals), np.array(cell.distances)
    axes = np.array(cell.axes)
    rest = nodes.copy()
    speeds, deviators = np.zeros_like(nodes), np.zeros((len(bricks), 8, 6))
    volumes = _volumes(nodes, bricks)
    first = volumes.copy()
    solid = float(volumes.sum())
    shortest = (solid / cell.volume / dense) ** (1 / axes.sum())
    rows = []
    block = steps // samples
    for sample in range(samples):
        span = 1 - (1 - shortest) * np.array([sample, sample + 1]) / samples
        sums = _advance(
            nodes, speeds, rest, bricks, first, deviators, normals, distances, axes, span[0],
            span[1], block, shear, bulk,
        )  # fmt: skip
        middle = float(span.mean())
        space = cell.volume * middle ** axes.sum()
        rows.append([solid / space, *(sums / block / space)])
    table = np.array(rows)
    return Pressed(table[:, 0], table[:, 1:4], table[:, 4:7])


def _octant(number: int) -> tuple[Array, Array]:
    """An eighth of the unit sphere in bricks: a small cube and three blocks around it."""
    layers = max(2 * number // 3, 2)
    even = np.linspace(0, 1, number + 1)
    points: list[Array] = []
    bricks: list[Array] = []

    def add(grid: Array) -> None:
        a, b, c = np.array(grid.shape[:3])
        index = np.arange(a * b * c).reshape(a, b, c) + sum(map(len, points))
        corners = [
            index[i : a - 1 + i, j : b - 1 + j, k : c - 1 + k].ravel()
            for i, j, k in ((0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0),
                            (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1))
        ]  # fmt: skip
        points.append(grid.reshape(-1, 3))
        bricks.append(np.column_stack(corners))

    def core(u: Array, v: Array, w: Array) -> Array:
        """Points of the cube, its far faces bulged a little towards the sphere."""
        cube = np.stack([u, v, w], axis=-1)
        reach = 0.55 - 0.1 * (np.sum(cube**2, axis=-1) - 1) / 2
        bulged: Array = cube * reach[..., np.newaxis]
        return bulged

    u, v, w = np.meshgrid(even, even, even, indexing="ij")
    add(core(u, v, w))
    tangent = np.tan(np.pi / 4 * even)
    for axis in range(3):
        one, other = np.meshgrid(even, even, indexing="ij")
        near = [one, other]
        near.insert(axis, np.ones_like(one))
        inner = core(*near)
        far = [tangent[:, np.newaxis] + 0 * one, tangent[np.newaxis] + 0 * one]
        far.insert(axis, np.ones_like(one))
        outer = np.stack(far, axis=-1)
        outer /= np.linalg.norm(outer, axis=-1, keepdims=True)
        way = np.linspace(0, 1, layers + 1)[:, np.newaxis, np.newaxis, np.newaxis]
        grid = inner + way * (outer - inner)
        add(grid if axis != 1 else grid[::-1])
    everything = np.concatenate(points)
    _, kept, place = np.unique(
        np.rint(everything * 1e9).astype(np.int64), axis=0, return_index=True, return_inverse=True
    )
    return everything[kept].copy(), place.reshape(-1)[np.concatenate(bricks)].astype(np.int64)


_SIGNS = np.array(
    [[-1, -1, -1], [1, -1, -1], [1, 1, -1], [-1, 1, -1],
     [-1, -1, 1], [1, -1, 1], [1, 1, 1], [-1, 1, 1]], float,
)  # fmt: skip


def _slopes() -> Array:
    """Slopes of the eight shapes at the eight Gauss points (point, shape, axis)."""
    out = np.zeros((8, 8, 3))
    for g, point in enumerate(_SIGNS / _ROOT3):
        terms = 1 + _SIGNS * point
        for axis in range(3):
            others = [n for n in range(3) if n != axis]
            out[g, :, axis] = _SIGNS[:, axis] * terms[:, others[0]] * terms[:, others[1]] / 8
    return out


_SLOPES = _slopes()


@_compiled
def _gradients(x: Array, slopes: Array, out: Array) -> float:
    """Slopes of the shapes in space at one Gauss point; the determinant."""
    j = np.zeros((3, 3))
    for a in range(8):
        for r in range(3):
            for c in range(3):
                j[r, c] += slopes[a, r] * x[a, c]
    i00 = j[1, 1] * j[2, 2] - j[1, 2] * j[2, 1]
    i10 = j[1, 2] * j[2, 0] - j[1, 0] * j[2, 2]
    i20 = j[1, 0] * j[2, 1] - j[1, 1] * j[2, 0]
    det: float = j[0, 0] * i00 + j[0, 1] * i10 + j[0, 2] * i20
    i01 = j[0, 2] * j[2, 1] - j[0, 1] * j[2, 2]
    i11 = j[0, 0] * j[2, 2] - j[0, 2] * j[2, 0]
    i21 = j[0, 1] * j[2, 0] - j[0, 0] * j[2, 1]
    i02 = j[0, 1] * j[1, 2] - j[0, 2] * j[1, 1]
    i12 = j[0, 2] * j[1, 0] - j[0, 0] * j[1, 2]
    i22 = j[0, 0] * j[1, 1] - j[0, 1] * j[1, 0]
    for a in range(8):
        p, q, s = slopes[a, 0], slopes[a, 1], slopes[a, 2]
        out[a, 0] = (i00 * p + i01 * q + i02 * s) / det
        out[a, 1] = (i10 * p + i11 * q + i12 * s) / det
        out[a, 2] = (i20 * p + i21 * q + i22 * s) / det
    return det


@_compiled
def _volumes(nodes: Array, bricks: Array) -> Array:
    out = np.zeros(len(bricks))
    x, slope = np.empty((8, 3)), np.empty((8, 3))
    for e in range(len(bricks)):
        for a in range(8):
            for k in range(3):
                x[a, k] = nodes[bricks[e, a], k]
        for g in range(8):
            out[e] += _gradients(x, _SLOPES[g], slope)
    return out


@_compiled
def _advance(
    nodes: Array, speeds: Array, rest: Array, bricks: Array, first: Array, deviators: Array,
    normals: Array, distances: Array, axes: Array, begin: float, end: float, steps: int,
    shear: float, bulk: float,
) -> Array:  # fmt: skip
    """Steps of one, in which the cell shortens from ``begin`` to ``end`` of its first size.

    Returns sums over steps of forces of planes times distance (x, y, z) and of inner stresses
    times volume, pressing positive.
    """
    count = len(nodes)
    forces, masses = np.zeros((count, 3)), np.zeros(count)
    x, u = np.empty((8, 3)), np.empty((8, 3))
    slopes, weights = np.empty((8, 8, 3)), np.empty(8)
    sums = np.zeros(6)
    lower, before = 1e-9, np.zeros(3)
    for step in range(steps):
        forces[:] = 0.0
        renew = step % 50 == 0
        if renew:
            masses[:] = 0.0
        for e in range(len(bricks)):
            for a in range(8):
                for k in range(3):
                    x[a, k] = nodes[bricks[e, a], k]
                    u[a, k] = speeds[bricks[e, a], k]
            volume = 0.0
            for g in range(8):
                weights[g] = _gradients(x, _SLOPES[g], slopes[g])
                volume += weights[g]
            pressure = -bulk * math.log(volume / first[e])
            for g in range(8):
                d = np.zeros((3, 3))
                for a in range(8):
                    for r in range(3):
                        for c in range(3):
                            d[r, c] += u[a, r] * slopes[g, a, c]
                s = deviators[e, g]
                third = (d[0, 0] + d[1, 1] + d[2, 2]) / 3.0
                wxy = 0.5 * (d[0, 1] - d[1, 0])
                wxz = 0.5 * (d[0, 2] - d[2, 0])
                wyz = 0.5 * (d[1, 2] - d[2, 1])
                sxx, syy, szz, sxy, sxz, syz = s[0], s[1], s[2], s[3], s[4], s[5]
                nxx = sxx + 2.0 * (wxy * sxy + wxz * sxz) + 2 * shear * (d[0, 0] - third)
                nyy = syy + 2.0 * (-wxy * sxy + wyz * syz) + 2 * shear * (d[1, 1] - third)
                nzz = szz - 2.0 * (wxz * sxz + wyz * syz) + 2 * shear * (d[2, 2] - third)
                nxy = (
                    sxy + wxy * (syy - sxx) + wxz * syz + wyz * sxz
                    + shear * (d[0, 1] + d[1, 0])
                )  # fmt: skip
                nxz = (
                    sxz + wxz * (szz - sxx) + wxy * syz - wyz * sxy
                    + shear * (d[0, 2] + d[2, 0])
                )  # fmt: skip
                nyz = (
                    syz + wyz * (szz - syy) - wxy * sxz - wxz * sxy
                    + shear * (d[1, 2] + d[2, 1])
                )  # fmt: skip
                mises = math.sqrt(
                    1.5 * (nxx * nxx + nyy * nyy + nzz * nzz)
                    + 3.0 * (nxy * nxy + nxz * nxz + nyz * nyz)
                )
                back = 1.0 / mises if mises > 1.0 else 1.0
                s[0], s[1], s[2] = nxx * back, nyy * back, nzz * back
                s[3], s[4], s[5] = nxy * back, nxz * back, nyz * back
                w = weights[g]
                for a in range(8):
                    p, q, t = slopes[g, a, 0], slopes[g, a, 1], slopes[g, a, 2]
                    n = bricks[e, a]
                    forces[n, 0] -= w * ((s[0] - pressure) * p + s[3] * q + s[4] * t)
                    forces[n, 1] -= w * (s[3] * p + (s[1] - pressure) * q + s[5] * t)
                    forces[n, 2] -= w * (s[4] * p + s[5] * q + (s[2] - pressure) * t)
                    if renew:
                        masses[n] += (bulk + 4.0 / 3.0 * shear) * w * (p * p + q * q + t * t)
                sums[3] += w * (pressure - s[0])
                sums[4] += w * (pressure - s[1])
                sums[5] += w * (pressure - s[2])
        if renew:
            masses *= 1.5
        size = begin + (end - begin) * (step + 1) / steps
        for i in range(count):
            for k in range(3):
                before[k] = speeds[i, k]
                speeds[i, k] += forces[i, k] / masses[i]
                if rest[i, k] < lower:
                    speeds[i, k] = 0.0
            for _ in range(2):
                for m in range(len(normals)):
                    along, reach = 0.0, 0.0
                    for k in range(3):
                        along += normals[m, k] * (nodes[i, k] + speeds[i, k])
                    distance = distances[m]
                    if axes[0] == 1.0 or normals[m, 2] == 1.0:
                        distance *= size
                    over = along - distance
                    if over > 0.0:
                        for k in range(3):
                            if rest[i, k] >= lower:
                                reach += normals[m, k] * normals[m, k]
                        for k in range(3):
                            if rest[i, k] >= lower:
                                push = over * normals[m, k] / reach
                                speeds[i, k] -= push
                                sums[k] += masses[i] * push * (nodes[i, k] + speeds[i, k])
            for k in range(3):
                gained = abs(speeds[i, k] - before[k])
                speeds[i, k] -= _DAMPING * gained * np.sign(speeds[i, k])
                nodes[i, k] += speeds[i, k]
    return sums
