"""All-solid-state cells of the literature: capacities, rates, loadings and what lasts."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from solith.core.description import Description, choice, parts, quantity, text, whole
from solith.core.errors import InputError, StorageError
from solith.core.quantities import in_unit
from solith.materials._dois import doi_in, year_in
from solith.materials.property import CERTAINTIES

__all__ = [
    "CellCapacity",
    "CellRetention",
    "LiteratureCell",
    "find_literature_cells",
    "read_literature_cells",
]

_HIGHEST_RATE = 1e3
_FILE = "literature_cells.toml"


@dataclass(frozen=True)
class CellCapacity(Description):
    """A discharge ``capacity`` [C/kg of active material] at a ``rate`` [1 is 1 C]."""

    rate: float = quantity("", above=0, high=_HIGHEST_RATE)
    capacity: float = quantity("C/kg", above=0)


@dataclass(frozen=True)
class CellRetention(Description):
    """What is left after ``cycles``: ``retention`` of the first capacity, or ``capacity`` [C/kg].

    ``rate`` is that of cycling [1 is 1 C], where the source tells it.
    """

    cycles: int = whole(low=1)
    retention: float | None = quantity("", default=None, low=0, high=1.5)
    capacity: float | None = quantity("C/kg", default=None, low=0)
    rate: float | None = quantity("", default=None, above=0, high=_HIGHEST_RATE)

    def check(self) -> None:
        """Refuse one that says nothing of what is left."""
        if self.retention is None and self.capacity is None:
            raise InputError("give a retention or a capacity", where="retention")


@dataclass(frozen=True)
class LiteratureCell(Description):
    """One published all-solid-state cell; what its source does not tell is left out.

    ``loading`` [kg/m2 of geometric area] and ``one_c`` [A/kg] are of active material,
    ``mean_voltage`` [V] that of the discharge; ``temperature`` is as printed. ``derived`` says
    which numbers follow from printed ones and how, ``seen_in`` what was read where that was not
    the paper itself.
    """

    name: str = text()
    cathode: str = text()
    electrolyte: str = text()
    source: str = text()
    certainty: str = choice(CERTAINTIES, what="certainty")
    coating: str = text(default="")
    anode: str = text(default="")
    temperature: str = text(default="")
    capacities: tuple[CellCapacity, ...] = parts(CellCapacity, default=())
    retentions: tuple[CellRetention, ...] = parts(CellRetention, default=())
    loading: float | None = quantity("kg/m2", default=None, above=0)
    one_c: float | None = quantity("A/kg", default=None, above=0)
    mean_voltage: float | None = quantity("V", default=None, above=0)
    first_efficiency: float | None = quantity("", default=None, low=0, high=1.5)
    derived: str = text(default="")
    seen_in: str = text(default="")
    note: str = text(default="")

    def check(self) -> None:
        """Refuse a cell without a name, a source, or any result."""
        for field in ("name", "source"):
            if not getattr(self, field).strip():
                raise InputError("is empty", where=field)
        if not self.capacities and not self.retentions:
            raise InputError("give a capacity at a rate or a retention", where="capacities")

    @property
    def counts(self) -> bool:
        """Whether it comes from a source: what is only recalled does not count."""
        return self.certainty != "recalled"

    @property
    def doi(self) -> str:
        """The DOI in ``source``; empty if it has none."""
        return doi_in(self.source)

    @property
    def year(self) -> int | None:
        """The year that the DOI carries, which is the manuscript's; ``None`` if it has none."""
        return year_in(self.source)

    def beside(self) -> dict[str, Any]:
        """The row that :func:`solith.figures.plot_beside_literature` draws beside samples.

        ``capacities``: pairs of rate and mAh/g; ``areal``: of rate and mAh/cm2, where the loading
        is known; ``retentions``: of cycles and per cent.
        """
        specific = [(one.rate, in_unit(one.capacity, "C/kg", "mAh/g")) for one in self.capacities]
        load = None if self.loading is None else in_unit(self.loading, "kg/m2", "g/cm2")
        return {
            "name": self.name,
            "source": self.source,
            "certainty": self.certainty,
            "temperature": self.temperature,
            "capacities": specific,
            "areal": [] if load is None else [(rate, load * value) for rate, value in specific],
            "retentions": [
                (one.cycles, 100 * one.retention)
                for one in self.retentions
                if one.retention is not None
            ],
        }

    def energies(self) -> list[dict[str, Any]]:
        """Rows for :func:`solith.figures.plot_ragone`, per mass of active material.

        Energy [Wh/kg] is the capacity times the mean voltage, power [W/kg] the rate times the
        current of 1 C times the mean voltage. Empty where the mean voltage or the current is not
        known. A mean voltage of a slow discharge makes both too high at a fast one.
        """
        if self.mean_voltage is None or self.one_c is None:
            return []
        return [
            {
                "name": f"{self.name}, {one.rate:g} C",
                "energy": in_unit(one.capacity * self.mean_voltage, "J/kg", "Wh/kg"),
                "power": one.rate * self.one_c * self.mean_voltage,
                "source": self.source,
            }
            for one in self.capacities
        ]


def find_literature_cells(
    query: str = "", *, also: Iterable[LiteratureCell] = ()
) -> tuple[LiteratureCell, ...]:
    """Published all-solid-state cells, of the packaged table and ``also``.

    With ``query`` in name, cathode, coating, electrolyte, anode or source, whatever its case. The
    packaged table holds what was read in the sources that it names; it is a sample of the
    literature, not a survey, and of the best cells more than of the usual ones.

    Raises :class:`InputError` for what is no text and for rows that are no such cells.
    """
    if not isinstance(query, str):
        raise InputError(f"{query!r} is not a text", where="query")
    from solith.core.given import listed

    others = listed(also, "cells")
    for one in others:
        if not isinstance(one, LiteratureCell):
            raise InputError(f"{one!r:.60} is no LiteratureCell", where="also")
    wanted = query.casefold()
    return tuple(cell for cell in (*_packaged(), *others) if wanted in _words(cell))


def read_literature_cells(path: str | Path) -> tuple[LiteratureCell, ...]:
    """The cells of a user's own TOML file, one ``[[cell]]`` each, as in the packaged table.

    Raises :class:`StorageError` if the file cannot be read, :class:`InputError` for what is no
    such table, with the cell and the field.
    """
    file = Path(path)
    try:
        content = file.read_bytes().decode("utf-8")
    except OSError as error:
        raise StorageError(f"{file}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise InputError("is no text in UTF-8", file=str(file)) from None
    return _cells_in(content, str(file))


@lru_cache(maxsize=1)
def _packaged() -> tuple[LiteratureCell, ...]:
    file = resources.files("solith.materials") / "data" / _FILE
    return _cells_in(file.read_text(encoding="utf-8"), _FILE)


def _cells_in(content: str, file: str) -> tuple[LiteratureCell, ...]:
    try:
        rows = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is no TOML: {error}", file=file) from None
    cells = rows.get("cell")
    if not isinstance(cells, list) or set(rows) != {"cell"}:
        raise InputError("holds no list of cells; begin each with [[cell]]", file=file)
    found: list[LiteratureCell] = []
    for place, row in enumerate(cells, start=1):
        try:
            found.append(LiteratureCell.from_mapping(row))
        except InputError as error:
            raise error.inside(f"cell[{place}]", file=file) from None
        if found[-1].name in [one.name for one in found[:-1]]:
            raise InputError(f"{found[-1].name!r} stands there twice", file=file)
    return tuple(found)


def _words(cell: LiteratureCell) -> str:
    told = (cell.name, cell.cathode, cell.coating, cell.electrolyte, cell.anode, cell.source)
    return "\n".join(told).casefold()
