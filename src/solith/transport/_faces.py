"""Conductances of the faces between cells: from phases, for coarser grids, and by colour."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.threads import share_out
from solith.transport._face_kernels import fill, join, split
from solith.transport._phase_tables import FaceTables

__all__ = [
    "Faces",
    "coarser",
    "dense",
    "faces_of",
    "no_faces",
    "split_by_color",
    "split_last_face",
]

Array = NDArray[Any]


@dataclass(frozen=True)
class Faces:
    """Conductances of all faces of a grid in natural order, ends included.

    ``along[d]`` has one face more than there are cells in direction d: face f lies between the
    cells f - 1 and f. In a periodic direction the first and the last are the same face. ``cells``
    are the cells of the volume; beyond them a direction may have one more, which halves the last
    face into two of twice its conductance and so changes nothing (see :func:`split_last_face`).
    """

    along: tuple[Array, Array, Array]
    cells: tuple[int, int, int]
    periodic: tuple[bool, bool, bool]

    @property
    def shape(self) -> tuple[int, int, int]:
        first, second, third = (part.shape[d] - 1 for d, part in enumerate(self.along))
        return first, second, third


def faces_of(
    codes: Array, tables: FaceTables, axis: int, periodic: tuple[bool, bool, bool]
) -> Faces:
    """The faces of a volume of phase codes; ends conduct along ``axis`` or where periodic."""
    cells: tuple[int, int, int] = codes.shape
    along = []
    for d in range(3):
        part = no_faces(cells, d)
        step = [int(d == other) for other in range(3)]
        share_out(fill, cells[0] - step[0], codes.size, codes, tables.between[d], part, *step)
        inside = tuple(slice(size) for size in cells)
        first, last = np.take(codes, 0, d), np.take(codes, cells[d] - 1, d)
        ends = np.moveaxis(part, d, 0)[:, *(s for o, s in enumerate(inside) if o != d)]
        if periodic[d]:
            ends[0] = ends[cells[d]] = tables.between[d][last, first]
        elif d == axis:
            ends[0], ends[cells[d]] = tables.first[d][first], tables.last[d][last]
        split_last_face(ends, cells[d], periodic[d])
        along.append(part)
    return Faces((along[0], along[1], along[2]), cells, periodic)


def no_faces(cells: tuple[int, int, int], direction: int) -> Array:
    """Room for the faces of ``cells`` in one direction, none of which conducts yet."""
    return np.zeros(_face_shape(_padded_shape(cells), direction), np.float32)


def coarser(faces: Faces, factors: tuple[int, int]) -> Faces:
    """The faces between joined cells: half their sum, because the distance has doubled."""
    steps = (*factors, 2)
    cells = tuple(math.ceil(size / step) for size, step in zip(faces.cells, steps, strict=True))
    # One periodic cell is its own neighbour, which carries no current.
    periodic = tuple(wraps and size > 1 for wraps, size in zip(faces.periodic, cells, strict=True))
    along = []
    for d, fine in enumerate(faces.along):
        part = no_faces(cells, d)  # type: ignore[arg-type]
        joined = faces.cells[d] > 1 and steps[d] > 1
        factor = np.float32(0.5 if joined else 1.0)
        share_out(join, part.shape[0], fine.size, fine, part, *steps, d, factor)
        ends = np.moveaxis(part, d, 0)
        if faces.periodic[d] and not periodic[d]:
            part[:] = 0.0
        if steps[d] > 1 and not joined:
            ends[1] *= 0.5  # of the fine grid's last face, split in two
        split_last_face(ends, cells[d], periodic[d])
        along.append(part)
    return Faces((along[0], along[1], along[2]), cells, periodic)  # type: ignore[arg-type]


def split_by_color(faces: Faces) -> Array:
    """The six conductances of every red cell, shape (6, i + 2, j + 2, k / 2 + 2)."""
    i, j, k = faces.shape
    red = np.zeros((6, i + 2, j + 2, k // 2 + 2), np.float32)
    share_out(split, (i + 2) * (j + 2), i * j * k, *faces.along, red)
    return red


def dense(faces: Faces) -> Array:
    """The conductance matrix of a small grid, its cells in the order of arrays by colour."""
    shape = faces.shape
    i, j, k = np.indices(shape)
    color = (i + j + k) % 2
    order = np.ravel_multi_index((color, i, j, k // 2), (2, *shape[:2], shape[2] // 2))
    matrix = np.zeros((order.size, order.size))
    for d, part in enumerate(faces.along):
        conductance = np.moveaxis(part, d, 0).astype(np.float64)
        cells = np.moveaxis(order, d, 0)
        pairs = [(conductance[1:-1], cells[:-1], cells[1:])]
        if faces.periodic[d]:
            pairs.append((conductance[:1], cells[-1:], cells[:1]))
        else:
            np.add.at(matrix, (cells[0], cells[0]), conductance[0])
            np.add.at(matrix, (cells[-1], cells[-1]), conductance[-1])
        for value, before, after in pairs:
            np.add.at(matrix, (before, before), value)
            np.add.at(matrix, (after, after), value)
            np.add.at(matrix, (before, after), -value)
            np.add.at(matrix, (after, before), -value)
    return matrix


def _padded_shape(cells: tuple[int, int, int]) -> tuple[int, int, int]:
    """Even numbers of cells, which the two colours and the joining of pairs ask for."""
    i, j, k = (size + size % 2 if size > 1 or d == 2 else size for d, size in enumerate(cells))
    return i, j, k


def _face_shape(shape: tuple[int, int, int], direction: int) -> tuple[int, int, int]:
    i, j, k = (size + (d == direction) for d, size in enumerate(shape))
    return i, j, k


def split_last_face(ends: Array, cells: int, periodic: bool) -> None:
    """A cell beyond the last halves the last face; two halves conduct twice as well each."""
    if ends.shape[0] - 1 == cells:
        return
    ends[cells] *= 2.0
    ends[cells + 1] = ends[cells]
    if periodic:
        ends[0] = ends[cells]
