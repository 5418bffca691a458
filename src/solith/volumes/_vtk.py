"""VTK's XML files with the arrays appended raw, which ParaView opens.

Layout: VTK file formats, "XML File Formats", appended data with ``encoding="raw"``: an underscore,
then each array behind its number of bytes. https://docs.vtk.org/en/latest/vtk_file_formats/
vtkxml_file_format.html (recalled).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray

__all__ = ["Piece", "data_array", "write_xml"]

_NAMES = {"f": "Float", "i": "Int", "u": "UInt"}


@dataclass(frozen=True, eq=False)
class Piece:
    """One array: its name, type, components, number of bytes, and what writes them."""

    name: str
    dtype: np.dtype[Any]
    components: int
    size: int
    put: Callable[[IO[bytes]], None]

    @classmethod
    def of(cls, name: str, array: NDArray[Any]) -> Piece:
        """The piece for an array whose rows are values and whose columns are components."""
        flat = np.ascontiguousarray(array)
        columns = flat.shape[1] if flat.ndim == 2 else 1
        return cls(name, flat.dtype, columns, flat.nbytes, lambda stream: _put(stream, flat))


def data_array(piece: Piece, offset: int) -> str:
    """The element that tells of an array whose bytes are appended at ``offset``."""
    kind = f"{_NAMES[piece.dtype.kind]}{8 * piece.dtype.itemsize}"
    many = f' NumberOfComponents="{piece.components}"' if piece.components > 1 else ""
    return (
        f'<DataArray type="{kind}" Name={quoteattr(piece.name)}{many} '
        f'format="appended" offset="{offset}"/>'
    )


def write_xml(
    path: Path, kind: str, pieces: Iterable[Piece], body: Callable[[list[str]], str]
) -> None:
    """Write a file of one ``kind``; ``body`` makes its middle from the arrays' elements."""
    pieces = list(pieces)
    elements, offset = [], 0
    for piece in pieces:
        elements.append(data_array(piece, offset))
        offset += 8 + piece.size
    with path.open("wb") as stream:
        stream.write(
            (
                f'<?xml version="1.0"?>\n<VTKFile type="{kind}" version="1.0" '
                f'byte_order="LittleEndian" header_type="UInt64">\n{body(elements)}\n'
                '<AppendedData encoding="raw">\n_'
            ).encode()
        )
        for piece in pieces:
            stream.write(piece.size.to_bytes(8, "little"))
            piece.put(stream)
        stream.write(b"\n</AppendedData>\n</VTKFile>\n")


def _put(stream: IO[bytes], array: NDArray[Any]) -> None:
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    stream.write(little.reshape(-1).view(np.uint8).data)
