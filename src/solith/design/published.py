"""Cells from the literature, to stand beside a stack's Ragone line."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from solith.core.description import Description, choice, quantity, text
from solith.core.errors import InputError
from solith.core.quantities import in_unit
from solith.materials import CERTAINTIES

__all__ = ["PublishedCell", "published_cells"]


@dataclass(frozen=True)
class PublishedCell(Description):
    """One cell of the literature, per mass and volume of the whole cell.

    ``gravimetric`` [J/kg] and ``volumetric`` [J/m3] energy, and the ``power`` [W/kg] at which they
    were found; what the ``source`` does not tell is left out.
    """

    name: str = text()
    source: str = text()
    certainty: str = choice(CERTAINTIES, what="certainty")
    gravimetric: float | None = quantity("J/kg", default=None, above=0)
    volumetric: float | None = quantity("J/m3", default=None, above=0)
    power: float | None = quantity("W/kg", default=None, above=0)
    note: str = text(default="")

    def check(self) -> None:
        """Refuse a cell without a source or without any number."""
        if not self.source.strip():
            raise InputError("is empty; give a DOI", where="source")
        if self.gravimetric is None and self.volumetric is None and self.power is None:
            raise InputError("give an energy or a power", where="gravimetric")

    def beside(self) -> dict[str, Any]:
        """The row that :func:`solith.figures.plot_ragone` draws beside its lines."""
        energy = None if self.gravimetric is None else in_unit(self.gravimetric, "J/kg", "Wh/kg")
        return {"name": self.name, "energy": energy, "power": self.power, "source": self.source}


@lru_cache(maxsize=1)
def published_cells() -> tuple[PublishedCell, ...]:
    """The packaged cells of the literature, each with its source and how it is known."""
    file = resources.files("solith.design") / "data" / "published_cells.toml"
    rows = tomllib.loads(file.read_text(encoding="utf-8"))["cell"]
    return tuple(PublishedCell.from_mapping(row) for row in rows)
