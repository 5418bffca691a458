"""The impedance of a polycrystal's network at one frequency after another, by a sparse solver."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.constants import VACUUM_PERMITTIVITY
from solith.transport import PolycrystalConduction
from solith.transport._stair_law import resistance_on_stairs

__all__ = ["DirectNetwork"]

Array = NDArray[Any]


class DirectNetwork:
    """Grains and boundaries with complex conductivities, stairs as they are at ``rest`` [1/s]."""

    def __init__(
        self, conduction: PolycrystalConduction, grain: float, boundary: float, rest: float = 0.0
    ) -> None:
        problem = conduction.problem
        self._area, self._width = conduction.stack.area, problem.boundaries.width
        self._grains = problem.conductivities, VACUUM_PERMITTIVITY * grain
        between = self._width / problem.boundaries.resistances
        self._boundaries = between, VACUUM_PERMITTIVITY * boundary
        at_rest = self._at(rest)
        numbers = problem.polycrystal.grains
        self._count, index = numbers.size, np.arange(numbers.size).reshape(numbers.shape)
        sizes = np.array(problem.polycrystal.voxel_size)
        self._faces = []
        for d, wraps in enumerate(problem.periodic):
            code, place = np.moveaxis(numbers, d, 0), np.moveaxis(index, d, 0)
            last = len(code) if wraps and len(code) > 1 else len(code) - 1
            before, after = slice(0, last), np.arange(1, last + 1) % len(code)
            a, b = code[before].ravel(), code[after].ravel()
            half, area = sizes[d] / 2, float(np.prod(sizes) / sizes[d])
            pair = self._pairs(problem.boundaries, a, b)
            voxels = half / at_rest[0][a] + half / at_rest[0][b]
            plain = self._width / at_rest[1][pair]
            normal = problem.boundaries.normals[pair]
            across = normal[:, d]
            found = resistance_on_stairs(plain, across, normal.sum(axis=1) - across, voxels)
            factor = np.where(pair >= 0, found / plain, 0.0)
            ways = a, b, place[before].ravel(), place[after].ravel()
            self._faces.append((*ways, pair, factor, half, area))
            if d == conduction.axis:
                ends = code[0].ravel(), place[0].ravel(), code[-1].ravel(), place[-1].ravel()
                self._ends = (*ends, half, area)

    def impedance(self, frequency: float) -> complex:
        """Z [ohm m2] at a frequency [Hz]."""
        from scipy.sparse import csc_matrix
        from scipy.sparse.linalg import spsolve

        grains, boundaries = self._at(2j * np.pi * frequency)
        diagonal = np.zeros(self._count, complex)
        one, other, values = [], [], []
        for a, b, i, j, pair, factor, half, area in self._faces:
            between = factor * self._width / boundaries[pair]
            g = area / (half / grains[a] + half / grains[b] + between)
            np.add.at(diagonal, i, g)
            np.add.at(diagonal, j, g)
            one.append(i), other.append(j), values.append(g)
        a, i, b, j, half, area = self._ends
        first, last = area * grains[a] / half, area * grains[b] / half
        np.add.at(diagonal, i, first)
        np.add.at(diagonal, j, last)
        source = np.zeros(self._count, complex)
        source[i] = first
        rows, columns, g = map(np.concatenate, (one, other, values))
        every = np.arange(self._count)
        matrix = csc_matrix(
            (
                np.concatenate([diagonal, -g, -g]),
                (
                    np.concatenate([every, rows, columns]),
                    np.concatenate([every, columns, rows]),
                ),
            )
        )
        voltage = spsolve(matrix, source)
        return complex(self._area / np.sum(first * (1 - voltage[i])))

    def _at(self, rate: complex) -> tuple[Array, Array]:
        return tuple(np.asarray(s + rate * e) for s, e in (self._grains, self._boundaries))

    @staticmethod
    def _pairs(boundaries: Any, a: Array, b: Array) -> Array:
        """The place of each pair in the list of boundaries, -1 inside a grain."""
        owner = np.repeat(np.arange(len(boundaries.offsets) - 1), np.diff(boundaries.offsets))
        keys = owner.astype(np.int64) << 32 | boundaries.others
        low, high = np.minimum(a, b).astype(np.int64), np.maximum(a, b)
        place = np.searchsorted(keys, low << 32 | high)
        return np.where(a == b, -1, np.minimum(place, len(keys) - 1))
