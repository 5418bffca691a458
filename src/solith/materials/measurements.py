"""The measurements of one quantity side by side, with their spread."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass

from solith.core.errors import InputError
from solith.core.table import html_table, text_table
from solith.materials._quantities import show, show_span
from solith.materials.property import Property

__all__ = ["Measurements"]

_HEADINGS = ("material", "value", "printed", "conditions", "year", "certainty", "source")


@dataclass(frozen=True, repr=False)
class Measurements:
    """Rows of one quantity, one a measurement, in the order in which they were found.

    Low, high and median are of the rows that count: a recalled row and one that prints only a
    bound are shown, but do not count.
    """

    quantity: str
    rows: tuple[Property, ...]

    @property
    def counted(self) -> tuple[Property, ...]:
        """The rows that come from a source and have a value."""
        return tuple(row for row in self.rows if row.counts)

    @property
    def preferred(self) -> Property:
        """The first row, which is the one that cells use where the rows are of one material."""
        if not self.rows:
            raise InputError(f"there is no measurement of {self.quantity}")
        return self.rows[0]

    @property
    def low(self) -> float:
        """The lowest value that counts [SI]."""
        return min(self._values())

    @property
    def high(self) -> float:
        """The highest value that counts [SI]."""
        return max(self._values())

    @property
    def median(self) -> float:
        """The median of the values that count [SI]."""
        return statistics.median(self._values())

    @property
    def materials(self) -> tuple[str, ...]:
        """The materials that the rows are of, each once."""
        return tuple(dict.fromkeys(row.material for row in self.rows))

    def span(self) -> str:
        """From the lowest to the highest value that counts, in the unit of the field."""
        return show_span(self.low, self.high, self.quantity)

    def summary(self) -> str:
        """How many rows count, their span and median, and which row the preferred value is."""
        if not self.counted:
            return f"no value from a source; {_stands_on(self.preferred)}"
        if len(self.counted) == 1:
            told = f"1 value from a source, {show(self.low, self.quantity)}"
        else:
            told = (
                f"{len(self.counted)} values from sources, "
                f"{self.span()}, median {show(self.median, self.quantity)}"
            )
        if len(self.materials) > 1:
            return f"{told}, of {len(self.materials)} materials"
        return f"{told}; {_stands_on(self.preferred)}"

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Property]:
        return iter(self.rows)

    def __getitem__(self, index: int) -> Property:
        return self.rows[index]

    def __repr__(self) -> str:
        return f"Measurements({self.quantity!r}, {len(self.rows)} rows)"

    def __str__(self) -> str:
        if not self.rows:
            return f"{self.quantity}: no measurement found"
        table = text_table(_HEADINGS, self._cells())
        return f"{table}\n{self.quantity}: {self.summary()}"

    def _repr_html_(self) -> str:
        title = f"{self.quantity}: {self.summary()}" if self.rows else f"{self.quantity}: none"
        return html_table(_HEADINGS, self._cells(), title=title)

    def _values(self) -> list[float]:
        if not self.counted:
            raise InputError(f"no measurement of {self.quantity} comes from a source")
        return [row.value for row in self.counted]

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (
                row.composition or row.material,
                show(row.value, self.quantity),
                row.printed,
                str(row.conditions),
                "" if row.year is None else str(row.year),
                row.certainty,
                row.source + (f" (seen in: {row.seen_in})" if row.seen_in else ""),
            )
            for row in self.rows
        ]


def _stands_on(row: Property) -> str:
    known = row.source if row.certainty == "recalled" else f"{row.certainty}, {row.source}"
    return f"the preferred value is {row.printed} ({known})"
