"""Meshes of pieces that share their faces' meshes and nothing else: nodes on boundaries are double.

Edges are divided first, then faces are meshed (once for the two pieces that share one), then each
piece within its faces, by Gmsh (Geuzaine and Remacle 2009, https://doi.org/10.1002/nme.2579).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.transport._conforming_cells import Piece

__all__ = ["BrokenMesh", "Joint", "MeshSizes", "divide", "mesh_pieces", "mesh_polygon", "mesher"]

Array = NDArray[Any]

_SAME = 1e-6
"""Of the mean grain's edge: points that are nearer to each other are one."""
_GROWTH = 0.4
"""How much larger elements may be for each length away from a boundary's edge."""


@dataclass(frozen=True)
class MeshSizes:
    """Edges of elements ``inner`` inside and ``edge`` where boundaries meet.

    In three dimensions ``electrode`` where boundaries meet an electrode: planes at ``ends`` of the
    ``axis``. In edges of the mean grain.
    """

    inner: float
    edge: float
    electrode: float
    axis: int
    ends: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Joint:
    """A face between two pieces, or (``other`` negative) at a side.

    ``here`` and ``there`` (facets, dimensions): nodes of the mesh, those of one place at one place
    of the arrays.
    """

    piece: int
    other: int
    here: Array
    there: Array


@dataclass(frozen=True, eq=False)
class BrokenMesh:
    """Points (n, dimensions), simplices (k, dimensions + 1), the piece of each and all joints."""

    points: Array
    simplices: Array
    pieces: Array
    joints: tuple[Joint, ...]


def mesh_pieces(pieces: list[Piece], sizes: MeshSizes) -> BrokenMesh:
    """The mesh of all pieces. Raises :class:`InputError` where none is found."""
    surfaces: list[list[tuple[Array, Array]]] = [[] for _ in pieces]
    places: list[tuple[int, int, int, int]] = []
    with mesher() as gmsh:
        for number, piece in enumerate(pieces):
            for face in piece.faces:
                if 0 <= face.other < number:
                    continue
                points, facets = _mesh_face(gmsh, face.corners, sizes)
                place = len(surfaces[number])
                surfaces[number].append((points, facets))
                there = -1
                if face.other >= 0:
                    there = len(surfaces[face.other])
                    surfaces[face.other].append((points + face.shift, facets))
                places.append((number, face.other, place, there))
        cells = [_mesh_piece(gmsh, surface) for surface in surfaces]
    starts = np.cumsum([0, *(len(points) for points, _, _ in cells)])

    def nodes(piece: int, place: int) -> Array:
        facets: Array = cells[piece][2][place] + starts[piece]
        return facets

    joints = tuple(
        Joint(a, b, nodes(a, i), nodes(b, j) if b >= 0 else np.empty((0, 0), np.int64))
        for a, b, i, j in places
    )
    return BrokenMesh(
        np.concatenate([points for points, _, _ in cells]),
        np.concatenate([c[1] + start for c, start in zip(cells, starts[:-1], strict=True)]),
        np.repeat(np.arange(len(cells)), [len(simplices) for _, simplices, _ in cells]),
        joints,
    )


def divide(ends: Array, sizes: MeshSizes) -> Array:
    """Points from one end of an edge to the other, finer towards corners and electrodes.

    They are the same from either end.
    """
    arm = ends[1] - ends[0]
    length = float(np.linalg.norm(arm))
    along = np.linspace(0, 1, 2001)
    if len(arm) == 2:
        near = length * np.minimum(along, 1 - along)
        size = np.minimum(sizes.inner, sizes.edge + _GROWTH * near)
    else:
        height = ends[0, sizes.axis] + along * arm[sizes.axis]
        near = np.minimum(abs(height - sizes.ends[0]), abs(height - sizes.ends[1]))
        size = np.minimum(sizes.edge, sizes.electrode + _GROWTH * near)
    density = length / size
    steps = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(along))])
    count = max(1, int(np.ceil(steps[-1] - 1e-6)))
    parts = np.interp(np.linspace(0, steps[-1], count + 1), steps, along)
    return np.asarray(ends[0] + parts[:, None] * arm)


def mesh_polygon(gmsh: Any, outline: Array, inner: float | None = None) -> tuple[Array, Array]:
    """Triangles in a polygon, nodes on its outline only at its corners, which come first.

    Elements grow to ``inner`` from the outline; left out, as the outline's parts have them.
    """
    model = gmsh.model
    model.add("polygon")
    corners = [model.geo.addPoint(x, y, 0) for x, y in outline]
    lines = [
        model.geo.addLine(one, other)
        for one, other in zip(corners, [*corners[1:], corners[0]], strict=True)
    ]
    for line in lines:
        model.geo.mesh.setTransfiniteCurve(line, 2)
    model.geo.addPlaneSurface([model.geo.addCurveLoop(lines)])
    model.geo.synchronize()
    gmsh.option.setNumber("Mesh.MeshSizeExtendFromBoundary", 1 if inner is None else 0)
    if inner is not None:
        parts = np.linalg.norm(np.roll(outline, -1, axis=0) - outline, axis=1)
        here = np.maximum(parts, np.roll(parts, 1))

        def size(dim: int, tag: int, x: float, y: float, z: float, lc: float) -> float:
            away = np.hypot(outline[:, 0] - x, outline[:, 1] - y)
            return min(inner, float((here + _GROWTH * away).min()))

        model.mesh.setSizeCallback(size)
    return _generated(gmsh, 2, len(outline))


@contextmanager
def mesher() -> Iterator[Any]:
    """Gmsh, quiet, with its errors as :class:`InputError`."""
    try:
        import gmsh
    except (ImportError, OSError) as error:
        raise InputError(
            f"meshes are made by Gmsh, which cannot be loaded ({error}); "
            "install it with: pip install 'solith[fem]'"
        ) from None
    began = not gmsh.isInitialized()
    if began:
        gmsh.initialize(interruptible=False)
    gmsh.option.setNumber("General.Terminal", 0)
    try:
        yield gmsh
    finally:
        if began:
            gmsh.finalize()


def _mesh_face(gmsh: Any, corners: Array, sizes: MeshSizes) -> tuple[Array, Array]:
    """Points of a face and its facets: parts of a line, triangles of a polygon."""
    if corners.shape[1] == 2:
        points = divide(corners, sizes)
        numbers = np.arange(len(points))
        return points, np.column_stack([numbers[:-1], numbers[1:]])
    outline = np.concatenate(
        [divide(np.array([corners[n - 1], corners[n]]), sizes)[:-1] for n in range(len(corners))]
    )
    middle = corners.mean(axis=0)
    # The plane that fits best; the two directions in it.
    plane = np.linalg.svd(corners - middle)[2][:2]
    flat, triangles = mesh_polygon(gmsh, (outline - middle) @ plane.T, sizes.inner)
    points = middle + flat @ plane
    points[: len(outline)] = outline
    return points, triangles


def _mesh_piece(gmsh: Any, surface: list[tuple[Array, Array]]) -> tuple[Array, Array, list[Array]]:
    """Points and simplices of a piece, and its faces' facets in these points."""
    points, joined = _joined(np.concatenate([points for points, _ in surface]))
    starts = np.cumsum([0, *(len(part) for part, _ in surface)])
    faces = [
        joined[facets + start] for (_, facets), start in zip(surface, starts[:-1], strict=True)
    ]
    if points.shape[1] == 2:
        ring = _loop(np.concatenate(faces), len(points))
        inside, simplices = mesh_polygon(gmsh, points[ring])
        place = np.argsort(ring)
        return inside, simplices, [place[facets] for facets in faces]
    inside, simplices = _mesh_inside(gmsh, points, np.concatenate(faces))
    return inside, simplices, faces


def _joined(points: Array) -> tuple[Array, Array]:
    """The different points, and which of them each one is."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    pairs = cKDTree(points).query_pairs(_SAME, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), (len(points),) * 2)
    count, which = connected_components(graph, directed=False)
    first = np.empty(count, np.int64)
    first[which[::-1]] = np.arange(len(points))[::-1]
    return points[first], which


def _loop(lines: Array, count: int) -> Array:
    """The points of a closed line in order."""
    following: dict[int, list[int]] = {}
    for one, other in lines.tolist():
        following.setdefault(one, []).append(other)
        following.setdefault(other, []).append(one)
    if len(following) != count or any(len(ends) != 2 for ends in following.values()):
        raise InputError("the outline of a grain does not close", where="polycrystal")
    ring = [0, following[0][0]]
    while len(ring) < count:
        one, other = following[ring[-1]]
        ring.append(other if one == ring[-2] else one)
    return np.array(ring)


def _mesh_inside(gmsh: Any, points: Array, triangles: Array) -> tuple[Array, Array]:
    """Tetrahedra within a closed surface, whose points come first."""
    model = gmsh.model
    model.add("polyhedron")
    surface = model.addDiscreteEntity(2)
    model.mesh.addNodes(2, surface, np.arange(1, len(points) + 1), points.ravel())
    model.mesh.addElementsByType(surface, 2, [], (triangles + 1).ravel())
    model.geo.addVolume([model.geo.addSurfaceLoop([surface])])
    model.geo.synchronize()
    gmsh.option.setNumber("Mesh.MeshSizeExtendFromBoundary", 1)
    return _generated(gmsh, 3, len(points))


def _generated(gmsh: Any, dimensions: int, fixed: int) -> tuple[Array, Array]:
    """The mesh that Gmsh makes: points, of which the first are ``fixed``, and simplices."""
    kind = {2: 2, 3: 4}[dimensions]
    try:
        gmsh.model.mesh.generate(dimensions)
        gmsh.model.mesh.removeSizeCallback()
    except Exception as error:  # Gmsh has no other class for its errors
        gmsh.model.remove()
        raise InputError(
            f"Gmsh finds no mesh of a grain ({error}): take another element_size",
            where="element_size",
        ) from None
    tags, places, _ = gmsh.model.mesh.getNodes()
    _, corners = gmsh.model.mesh.getElementsByType(kind)
    gmsh.model.remove()
    order = np.argsort(tags)
    tags = np.asarray(tags, np.int64)[order]
    simplices = np.searchsorted(tags, np.asarray(corners, np.int64)).reshape(-1, dimensions + 1)
    if len(simplices) == 0 or not np.array_equal(tags[:fixed], np.arange(1, fixed + 1)):
        raise InputError("Gmsh does not keep a grain's faces", where="element_size")
    return np.asarray(places).reshape(-1, 3)[order, :dimensions], simplices
