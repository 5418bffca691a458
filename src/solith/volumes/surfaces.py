"""Surfaces of triangles, for ParaView and for programs that print or mesh."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError
from solith.core.storage import write_atomically
from solith.volumes._vtk import Piece, write_xml

__all__ = ["write_surface"]

Array = NDArray[Any]


def write_surface(path: Path | str, vertices: ArrayLike, triangles: ArrayLike) -> None:
    """Write a surface as .vtp (ParaView), .ply or .stl (binary), whole or not at all.

    ``vertices`` are points (n, 3) [m], ``triangles`` (m, 3) numbers of their corners from 0. STL
    has no unit and single precision: numbers in it are metres, too. Raises :class:`InputError` for
    arrays that are none of this or another ending, :class:`StorageError` where the file cannot be
    written.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in _WRITERS:
        raise InputError(
            f"surfaces are written as {', '.join(_WRITERS)}, not {ending or 'without ending'!r}",
            file=str(path),
        )
    points = np.asarray(vertices)
    corners = np.asarray(triangles)
    if points.ndim != 2 or points.shape[1] != 3 or points.dtype.kind not in "uif":
        raise InputError(f"has the shape {points.shape}, not (n, 3)", where="vertices")
    if not np.isfinite(points).all():
        raise InputError("holds what is no finite number", where="vertices")
    if corners.ndim != 2 or corners.shape[1] != 3 or corners.dtype.kind not in "ui":
        raise InputError(
            f"has the shape {corners.shape} of {corners.dtype}, not (m, 3) whole numbers",
            where="triangles",
        )
    if corners.size == 0:
        raise InputError("there is no triangle", where="triangles")
    if corners.min() < 0 or corners.max() >= len(points):
        raise InputError(
            f"names corner {int(corners.max())} of {len(points)} vertices, counted from 0",
            where="triangles",
        )
    write_atomically(path, lambda file: _WRITERS[ending](file, points.astype(float), corners))


def _write_vtp(path: Path, points: Array, corners: Array) -> None:
    count = len(corners)
    pieces = [
        Piece.of("Points", points),
        Piece.of("connectivity", corners.reshape(-1).astype(np.int64)),
        Piece.of("offsets", np.arange(3, 3 * count + 1, 3, dtype=np.int64)),
    ]

    def body(elements: list[str]) -> str:
        return (
            f'<PolyData>\n<Piece NumberOfPoints="{len(points)}" NumberOfPolys="{count}">\n'
            f"<Points>\n{elements[0]}\n</Points>\n"
            f"<Polys>\n{elements[1]}\n{elements[2]}\n</Polys>\n</Piece>\n</PolyData>"
        )

    write_xml(path, "PolyData", pieces, body)


def _write_stl(path: Path, points: Array, corners: Array) -> None:
    facets = np.zeros(
        len(corners), [("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")]
    )
    placed = points[corners]
    normals = np.cross(placed[:, 1] - placed[:, 0], placed[:, 2] - placed[:, 0])
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    facets["normal"] = np.divide(normals, lengths, where=lengths > 0, out=np.zeros_like(normals))
    facets["corners"] = placed
    with path.open("wb") as stream:
        stream.write(b"solith".ljust(80) + len(corners).to_bytes(4, "little"))
        stream.write(facets.tobytes())


def _write_ply(path: Path, points: Array, corners: Array) -> None:
    faces = np.zeros(len(corners), [("number", "u1"), ("corners", "<i4", 3)])
    faces["number"] = 3
    faces["corners"] = corners
    header = [
        *("ply", "format binary_little_endian 1.0", "comment lengths in m"),
        *(f"element vertex {len(points)}", *(f"property double {axis}" for axis in "xyz")),
        *(f"element face {len(corners)}", "property list uchar int vertex_indices", "end_header"),
    ]
    with path.open("wb") as stream:
        stream.write(("\n".join(header) + "\n").encode())
        stream.write(points.astype("<f8").tobytes())
        stream.write(faces.tobytes())


_WRITERS: dict[str, Callable[[Path, Array, Array], None]] = {
    ".vtp": _write_vtp,
    ".ply": _write_ply,
    ".stl": _write_stl,
}
