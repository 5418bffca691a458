"""Conduction on a small volume by a dense matrix, written down voxel by voxel."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

__all__ = ["effective_conductivity"]

Matrix = NDArray[np.float64]


def effective_conductivity(
    labels: NDArray[np.int64],
    conductivity: Mapping[int, float],
    axis: int,
    boundary: str,
    voxel_size: tuple[float, float, float] = (1.0, 1.0, 1.0),
    resistance: Mapping[tuple[int, int], float] | None = None,
    stairs: tuple[float, tuple[float, float, float]] = (1.0, (1.0, 1.0, 1.0)),
) -> float:
    """What ``solve_conduction`` should find: the current for 1 V, from a pseudo-inverse.

    ``stairs``: of all faces with a resistance, their area over that of the surface, and by
    direction the mean size of the normal's component.
    """
    shape, size = labels.shape, np.array(voxel_size)
    area = np.prod(size) / size
    matrix, inflow = np.zeros((labels.size, labels.size)), np.zeros(labels.size)
    entries: list[tuple[int, int | None, float, float]] = []
    for place in np.ndindex(shape):
        own = conductivity[labels[place]]
        one = int(np.ravel_multi_index(place, shape))
        for d in range(3):
            drop = 0.0
            there = list(place)
            there[d] += 1
            if there[d] == shape[d]:
                if boundary != "periodic" and (boundary == "dirichlet" or d == axis):
                    continue
                there[d], drop = 0, float(d == axis)
            pair = (labels[place], labels[tuple(there)])
            its = conductivity[pair[1]]
            if own == 0 or its == 0:
                continue
            between = (resistance or {}).get(pair, (resistance or {}).get(pair[::-1], 0.0))
            voxels = size[d] / 2 / own + size[d] / 2 / its
            if 0 < between < np.inf:
                strong = between / (between + 4.5 * voxels)
                between *= stairs[1][d] * (1 - strong) + stairs[0] * strong
            g = area[d] / (voxels + between)
            other = int(np.ravel_multi_index(there, shape))
            _join(matrix, one, other, g)
            inflow[one] -= g * drop
            inflow[other] += g * drop
            if drop:
                entries.append((one, other, g, drop))
        for end in (0, shape[axis] - 1):
            if boundary != "periodic" and place[axis] == end and own > 0:
                # For one voxel in a row, both ends.
                g = area[axis] * 2 * own / size[axis]
                matrix[one, one] += g * (2 if shape[axis] == 1 else 1)
                if end == 0:
                    inflow[one] += g
                    entries.append((one, None, g, 1.0))
                if shape[axis] == 1:
                    break
    voltage = np.linalg.lstsq(matrix, inflow, rcond=1e-12)[0]
    current = sum(
        g * (drop + (voltage[one] - voltage[other] if other is not None else -voltage[one]))
        for one, other, g, drop in entries
    )
    return float(current * (shape[axis] * size[axis]) ** 2 / np.prod(np.array(shape) * size))


def _join(matrix: Matrix, one: int, other: int, conductance: float) -> None:
    matrix[one, one] += conductance
    matrix[other, other] += conductance
    matrix[one, other] -= conductance
    matrix[other, one] -= conductance
