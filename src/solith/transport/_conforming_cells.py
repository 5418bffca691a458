"""Grains as polygons or polyhedra, exactly from seeds and weights, with prisms of layers on them.

Each piece keeps its own coordinates. Along periodic sides pieces stay whole: they fill the torus,
and a face knows the translation into the coordinates of the piece behind it. Along the axis of the
current, and between insulating sides, they are cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError

__all__ = ["FIRST", "FREE", "LAST", "Face", "Piece", "add_layer", "laguerre_pieces"]

Array = NDArray[Any]
Label = tuple[int, tuple[int, ...]]
"""Whose a face is: grain and image; or a side, without image."""

FREE, FIRST, LAST = -1, -2, -3
"""What is behind a face that no other piece has: nothing, or one of the electrodes."""
_ITSELF, _THIN = -4, -5
_TOUCH = 1e-9
"""Of the mean grain's edge: planes that cut off less than that do not cut."""


@dataclass(frozen=True, eq=False)
class Face:
    """Corners (m, dimensions) in order, the piece behind it (or a side), the way to its own frame:
    coordinates plus ``shift`` are those of the other piece."""

    corners: Array
    other: int
    shift: Array


@dataclass(frozen=True, eq=False)
class Piece:
    """A convex part of one grain, or of layer number ``-1 - grain``."""

    grain: int
    faces: tuple[Face, ...]


def laguerre_pieces(
    seeds: Array,
    weights: Array,
    size: Array,
    images: Sequence[bool],
    whole: Sequence[bool],
    axis: int,
) -> list[Piece]:
    """The pieces of all cells, in two or three dimensions.

    ``images``: axes along which grains go on at the other side; ``whole``: those of them where the
    volume does too, so that pieces are not cut. All lengths are in edges of the mean grain.
    Raises :class:`InputError` where a grain touches itself, or two seeds coincide.
    """
    seeds = np.where(images, seeds % size, seeds)
    turns = np.array(list(product(*[(-1, 0, 1) if wraps else (0,) for wraps in images])))
    owners = np.tile(np.arange(len(seeds)), len(turns))
    shifts = np.repeat(turns, len(seeds), axis=0)
    places = seeds[owners] + shifts * size
    cells: dict[Label, list[tuple[Label, Array]]] = {}
    for number, (grain, shift, place) in enumerate(zip(owners, shifts, places, strict=True)):
        if np.any(shift[list(whole)]):
            continue
        start = _box(place, size, whole, axis)
        power = (places**2).sum(axis=1) - weights[owners]
        polygons = _cut_out(start, number, places, power, weights[owners])
        if polygons:
            cells[int(grain), tuple(shift.tolist())] = [
                (
                    (int(owners[label]), tuple(shifts[label].tolist()))
                    if label >= 0
                    else (label, ()),
                    polygon,
                )
                for label, polygon in polygons
                if label != _THIN
            ]
    return _named(cells, size, np.array(whole))


def add_layer(pieces: list[Piece], axis: int, side: int, thickness: float, grain: int) -> None:
    """Put a prism of a layer upon every face at a ``side`` (FIRST or LAST)."""
    below = {
        number: (place, face)
        for number, piece in enumerate(pieces)
        for place, face in enumerate(piece.faces)
        if face.other == side
    }
    above = {number: len(pieces) + n for n, number in enumerate(below)}
    dimensions = len(next(iter(below.values()))[1].corners[0])
    out = np.zeros(dimensions)
    out[axis] = thickness if side == LAST else -thickness
    still = np.zeros(dimensions)
    for number, (place, face) in below.items():
        faces = list(pieces[number].faces)
        prism = [Face(face.corners, number, still), Face(face.corners + out, side, still)]
        for edge in _edges_of(face.corners):
            beside = _face_at(faces, place, edge)
            other = above.get(beside.other, FREE) if beside.other >= 0 else beside.other
            if beside.other >= 0 and other == FREE:
                raise InputError("a grain touches the face in a line only", where="polycrystal")
            prism.append(Face(np.concatenate([edge, edge[::-1] + out]), other, beside.shift))
        faces[place] = Face(face.corners, above[number], still)
        pieces[number] = Piece(pieces[number].grain, tuple(faces))
        pieces.append(Piece(grain, tuple(prism)))


def _edges_of(corners: Array) -> list[Array]:
    """Parts between which a face's outline turns: edges of a polygon, ends of a line."""
    if corners.shape[1] == 2:
        return [corners[:1], corners[1:]]
    return [np.array(pair) for pair in pairwise([*corners, corners[0]])]


def _face_at(faces: list[Face], place: int, edge: Array) -> Face:
    """The other face of a piece that has an edge of the face at ``place``."""
    for number, face in enumerate(faces):
        gaps = np.linalg.norm(face.corners[:, None] - edge[None], axis=2).min(axis=0)
        if number != place and np.all(gaps < 100 * _TOUCH):
            return face
    raise InputError("the cells of the grains do not close at a face", where="polycrystal")


def _named(cells: dict[Label, list[tuple[Label, Array]]], size: Array, whole: Array) -> list[Piece]:
    """Faces know their pieces instead of grains and images."""
    numbers = {label: number for number, label in enumerate(cells)}
    pieces = []
    for (grain, _), polygons in cells.items():
        faces = []
        for (other, image), polygon in polygons:
            if other == _ITSELF or (other == grain and any(np.array(image)[whole])):
                raise InputError(
                    f"grain {grain} reaches around to itself: take more grains or insulating sides",
                    where="polycrystal",
                )
            if other < 0:
                faces.append(Face(polygon, other, np.zeros(len(size))))
                continue
            turn = np.where(whole, image, 0)
            piece = numbers.get((other, tuple((np.array(image) - turn).tolist())))
            if piece is None:
                raise InputError("the cells of the grains do not close", where="polycrystal")
            faces.append(Face(polygon, piece, -turn * size))
        pieces.append(Piece(grain, tuple(faces)))
    return pieces


def _box(place: Array, size: Array, whole: Sequence[bool], axis: int) -> list[tuple[int, Array]]:
    """What a cell is cut out of: faces with labels, a thin third direction in two dimensions."""
    low, high, labels = np.full(3, -0.5), np.full(3, 0.5), [(_THIN, _THIN)] * 3
    for d in range(len(size)):
        low[d], high[d] = (
            (place[d] - size[d] / 2, place[d] + size[d] / 2) if whole[d] else (0, size[d])
        )
        labels[d] = (_ITSELF, _ITSELF) if whole[d] else (FREE, FREE)
    if not whole[axis]:
        labels[axis] = (FIRST, LAST)
    faces = []
    for d, end in product(range(3), range(2)):
        a, b = [other for other in range(3) if other != d]
        polygon = np.empty((4, 3))
        polygon[:, d] = (low, high)[end][d]
        polygon[:, a] = np.array([low[a], high[a], high[a], low[a]])
        polygon[:, b] = np.array([low[b], low[b], high[b], high[b]])
        faces.append((labels[d][end], polygon))
    return faces


def _cut_out(
    faces: list[tuple[int, Array]], number: int, places: Array, power: Array, weights: Array
) -> list[tuple[int, Array]]:
    """The cell of one image among all: cut by the plane to each other one, near ones first."""
    dimensions = places.shape[1]
    centre = places[number]
    distances = np.linalg.norm(places - centre, axis=1)
    order = np.argsort(distances, kind="stable")
    order = order[order != number]
    if np.any(distances[order] == 0):
        raise InputError("two grains have one seed", where="polycrystal")
    spare = weights[number] - weights.max()
    for other in order:
        corners = np.concatenate([polygon for _, polygon in faces])[:, :dimensions]
        reach = np.linalg.norm(corners - centre, axis=1).max()
        away = distances[other]
        if away > reach and (away**2 + spare) / (2 * away) > reach:
            break
        normal = np.zeros(3)
        normal[:dimensions] = (places[other] - centre) / away
        offset = (power[other] - power[number]) / (2 * away)
        faces = _cut(faces, normal, offset, int(other))
        if not faces:
            return []
    return [
        (label, polygon if dimensions == 3 else polygon[polygon[:, 2] < 0][:, :2])
        for label, polygon in faces
        if label != _THIN
    ]


def _cut(
    faces: list[tuple[int, Array]], normal: Array, offset: float, label: int
) -> list[tuple[int, Array]]:
    """What of a convex polyhedron lies before the plane ``normal . x = offset``."""
    heights = [polygon @ normal - offset for _, polygon in faces]
    if max(height.max() for height in heights) <= _TOUCH:
        return faces
    kept, cut = [], []
    for (name, polygon), height in zip(faces, heights, strict=True):
        points = []
        for n in range(len(polygon)):
            here, there = height[n - 1], height[n]
            if min(here, there) < -_TOUCH and max(here, there) > _TOUCH:
                part = here / (here - there)
                points.append(polygon[n - 1] + part * (polygon[n] - polygon[n - 1]))
                cut.append(points[-1])
            if there <= _TOUCH:
                points.append(polygon[n])
                if there >= -_TOUCH:
                    cut.append(polygon[n])
        if len(points) >= 3 and np.min(height) < -_TOUCH:
            kept.append((name, np.array(points)))
    if not kept:
        return []
    return [*kept, (label, _ring(np.array(cut), normal))]


def _ring(points: Array, normal: Array) -> Array:
    """Different points of a plane in order around their middle."""
    different = [points[0]]
    for point in points[1:]:
        if min(float(np.linalg.norm(point - other)) for other in different) > 10 * _TOUCH:
            different.append(point)
    ring = np.array(different)
    along = np.eye(3)[np.argmin(np.abs(normal))]
    one = np.cross(normal, along)
    two = np.cross(normal, one)
    arms = ring - ring.mean(axis=0)
    return np.asarray(ring[np.argsort(np.arctan2(arms @ two, arms @ one))])
