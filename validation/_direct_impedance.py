"""The impedance of a polycrystal's network at one frequency after another, by a sparse solver."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.constants import VACUUM_PERMITTIVITY
from solith.transport import PolycrystalConduction

__all__ = ["DirectNetwork"]

Array = NDArray[Any]


class DirectNetwork:
    """Grains and boundaries with complex conductivities, which the correction of stairs follows."""

    def __init__(self, conduction: PolycrystalConduction, grain: float, boundary: float) -> None:
        problem = conduction.problem
        self._area, self._width = conduction.stack.area, problem.boundaries.width
        self._grains = problem.conductivities, VACUUM_PERMITTIVITY * grain
        between = self._width / problem.boundaries.resistances
        self._boundaries = between, VACUUM_PERMITTIVITY * boundary
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
            total = problem.boundaries.normals.sum(axis=1)
            factor = np.where(pair >= 0, total[pair], 0.0)
            shape = last, *code.shape[1:]
            ways = a, b, place[before].ravel(), place[after].ravel()
            self._faces.append((*ways, pair, factor, shape, last == len(code), half, area))
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
        for a, b, i, j, pair, factor, shape, wraps, half, area in self._faces:
            between = factor * self._width / boundaries[pair]
            stairs = np.where(factor > 1 + 1e-6, between, 0.0)
            low, high = (_moved(stairs * grains[one] / (2 * half)).reshape(shape) for one in (a, b))
            moved = _carried(pair.reshape(shape), low, high, wraps)
            voxels = half * moved[0] / grains[a] + half * moved[1] / grains[b]
            g = area / (voxels + between)
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


def _moved(ratio: Array) -> Array:
    """The law of ``_stair_law.py`` for complex ratios."""
    found = np.zeros(ratio.shape, complex)
    some = ratio != 0
    found[some] = 2 / (3 + np.sqrt(9 + 24 / ratio[some]))
    return found


def _carried(pair: Array, low: Array, high: Array, wraps: bool) -> tuple[Array, Array]:
    """How many half voxels resist in a face, of those before and after it, by lines of faces.

    ``low`` and ``high`` are what boundaries move on either side of theirs; grains have ``pair`` -1.
    """
    inner = pair < 0
    before, after = np.roll(inner, 1, 0), np.roll(inner, -1, 0)
    from_before, from_after = np.roll(high, 1, 0), np.roll(low, -1, 0)
    if not wraps and len(pair):
        before[0], after[-1] = False, False
        from_before[0], from_after[-1] = 0.0, 0.0
    one = np.where(inner, -from_before, np.where(before, low, 0.0))
    other = np.where(inner, -from_after, np.where(after, high, 0.0))
    return 1 + 2 * one.ravel(), 1 + 2 * other.ravel()
