"""The kinds of cell, as a study file tells them apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solith.cell.cell import Cell
from solith.cell.liquid import LiquidCell
from solith.cell.symmetric import SymmetricCell
from solith.cell.thin_film import ThinFilmCell
from solith.core.description import Description, Family

__all__ = ["CELLS", "read_cell", "write_cell"]

CELLS = Family("cell", key="type")
CELLS.register(Cell)
CELLS.register(LiquidCell)
CELLS.register(SymmetricCell)
CELLS.register(ThinFilmCell)


def read_cell(written: Any) -> Any:
    """The cell that plain data describe; of type "solid" unless ``type`` says otherwise."""
    if isinstance(written, Mapping) and "type" not in written:
        return Cell.from_mapping(written)
    return CELLS.read(written)


def write_cell(cell: Description) -> dict[str, Any]:
    """Plain data from which :func:`read_cell` makes an equal cell."""
    return cell.to_mapping() if isinstance(cell, Cell) else CELLS.write(cell)
