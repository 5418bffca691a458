"""A polycrystal in two dimensions whose boundaries have their width: strips of triangles.

Every grain is moved back from its boundaries by half the width; what is left open is filled with
strips, and with a triangle where three of them meet. An ordinary mesh without jumps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.polycrystal import Polycrystal
from solith.transport._conforming_cells import FIRST, LAST, Piece, laguerre_pieces
from solith.transport._conforming_mesh import (
    BrokenMesh,
    Joint,
    MeshSizes,
    divide,
    mesh_polygon,
    mesher,
)
from solith.transport._conforming_system import build_system

__all__ = ["resolved_conductivity"]

Array = NDArray[Any]


def resolved_conductivity(
    polycrystal: Polycrystal, grain: float, boundary: float, width: float, inner: float
) -> tuple[float, int]:
    """Effective conductivity along z with insulating sides, and the unknowns it took.

    Elements of order 2, of ``inner`` inside and half the ``width`` where boundaries meet.
    """
    from scipy.sparse.linalg import spsolve

    x, _, z = polycrystal.size
    unit = (x * z / polycrystal.count) ** 0.5
    assert polycrystal.seeds is not None
    pieces = laguerre_pieces(
        polycrystal.seeds[:, [0, 2]] / unit,
        np.zeros(polycrystal.count),
        np.array([x, z]) / unit,
        (False, False),
        (False, False),
        1,
    )
    mesh = _resolved_mesh(
        pieces, width / unit, MeshSizes(inner / unit, width / unit / 2, 0.0, 1, (0.0, 0.0))
    )
    conductivities = np.append(np.full(len(pieces), grain), boundary)
    system = build_system(
        mesh, conductivities, np.zeros(len(mesh.joints)), 2, np.arange(len(pieces) + 1)
    )
    ends = {
        side: np.unique(
            np.concatenate([t.nodes.ravel() for t in system.traces if t.joint.other == side])
        )
        for side in (FIRST, LAST)
    }
    matrix = system.whole.tocsr()
    values = np.zeros(matrix.shape[0])
    values[ends[FIRST]] = 1.0
    free = np.setdiff1d(np.arange(len(values)), np.concatenate(list(ends.values())))
    values[free] = spsolve(matrix[free][:, free].tocsc(), -(matrix @ values)[free])
    return float(values @ (matrix @ values)) * z / x, len(values)


def _resolved_mesh(pieces: list[Piece], width: float, sizes: MeshSizes) -> BrokenMesh:
    points: list[Array] = []
    simplices: list[Array] = []
    numbers: list[Array] = []
    joints: list[Joint] = []
    lines: dict[tuple[int, int], Array] = {}
    corners: list[tuple[Array, int]] = []
    start = 0
    with mesher() as gmsh:
        for number, piece in enumerate(pieces):
            outline, parts, whole, labels = _moved_back(piece, width, sizes)
            inside, triangles = mesh_polygon(gmsh, outline)
            points.append(inside)
            simplices.append(triangles + start)
            numbers.append(np.full(len(triangles), number))
            for label, nodes in zip(labels, parts, strict=True):
                lines[number, label] = nodes + start
            for n, place in enumerate(whole):
                if labels[n] >= 0 and labels[n - 1] >= 0:
                    corners.append((place, start + int(parts[n][0])))
            start += len(inside)
    strips = []
    for (number, label), nodes in lines.items():
        if label in (FIRST, LAST):
            joints.append(_side(number, label, np.column_stack([nodes[:-1], nodes[1:]])))
        if label > number:
            a, b = nodes, lines[label, number][::-1]
            strips += [np.column_stack([a[:-1], a[1:], b[1:]])]
            strips += [np.column_stack([a[:-1], b[1:], b[:-1]])]
    strips.append(_meetings(corners))
    everywhere = np.concatenate(points)
    fill = np.concatenate(strips)
    joints += _ends(everywhere, lines, pieces)
    return BrokenMesh(
        everywhere,
        np.concatenate([*simplices, fill]),
        np.concatenate([*numbers, np.full(len(fill), len(pieces))]),
        tuple(joints),
    )


def _side(number: int, label: int, facets: Array) -> Joint:
    return Joint(number, label, facets, np.empty((0, 0), np.int64))


def _moved_back(
    piece: Piece, width: float, sizes: MeshSizes
) -> tuple[Array, list[Array], list[Array], list[int]]:
    """Outline, the nodes of each edge in it, the edges' first corners before, what is behind."""
    middle = np.mean([face.corners.mean(axis=0) for face in piece.faces], axis=0)
    edges = []
    for face in piece.faces:
        along = face.corners[1] - face.corners[0]
        normal = np.array([along[1], -along[0]]) / np.linalg.norm(along)
        offset = float(normal @ face.corners[0])
        if normal @ middle > offset:
            normal, offset = -normal, -offset
        edges.append((float(np.arctan2(normal[1], normal[0])), normal, offset, face.other))
    edges.sort(key=lambda edge: edge[0])
    normals, offsets = np.array([edge[1] for edge in edges]), np.array([edge[2] for edge in edges])
    labels = [edge[3] for edge in edges]
    back = np.where(np.array(labels) >= 0, width / 2, 0.0)
    before, after = (_corners(normals, offsets - moved) for moved in (0 * back, back))
    outline, parts, count = [], [], 0
    for n in range(len(edges)):
        following = (n + 1) % len(edges)
        ends = np.array([before[n], before[following]])
        divided = divide(ends, sizes)
        part = np.linalg.norm(divided - ends[0], axis=1) / np.linalg.norm(ends[1] - ends[0])
        outline.append(after[n] + part[:-1, None] * (after[following] - after[n]))
        parts.append(np.arange(count, count + len(part)))
        count += len(part) - 1
    parts[-1][-1] = 0
    return np.concatenate(outline), parts, list(before), labels


def _corners(normals: Array, offsets: Array) -> Array:
    """Where each edge begins: on the line before it."""
    return np.array(
        [
            np.linalg.solve(np.array([normals[n - 1], normals[n]]), offsets[[n - 1, n]])
            for n in range(len(normals))
        ]
    )


def _meetings(corners: list[tuple[Array, int]]) -> Array:
    """The triangles in which three boundaries meet."""
    places = np.array([place for place, _ in corners])
    nodes = np.array([node for _, node in corners])
    triangles = {
        tuple(sorted(nodes[np.linalg.norm(places - place, axis=1) < 1e-6])) for place in places
    }
    if any(len(triangle) != 3 for triangle in triangles):
        raise ValueError("not three boundaries meet: take other seeds")
    return np.array(sorted(triangles))


def _ends(points: Array, lines: dict[tuple[int, int], Array], pieces: list[Piece]) -> list[Joint]:
    """The ends of the strips at the electrodes."""
    joints = []
    for side in (FIRST, LAST):
        nodes = np.unique(np.concatenate([at for (_, label), at in lines.items() if label == side]))
        level = points[nodes[0], 1]
        for (number, label), line in lines.items():
            if label > number:
                other = lines[label, number][::-1]
                joints += [
                    _side(len(pieces), side, np.array([[line[end], other[end]]]))
                    for end in (0, -1)
                    if abs(points[line[end], 1] - level) < 1e-9
                    and abs(points[other[end], 1] - level) < 1e-9
                ]
    return joints
