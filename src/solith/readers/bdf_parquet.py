"""The Battery Data Format as an Apache Parquet file, read through pyarrow.

Columns are headed as in the text form, by machine names or by labels with a unit.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.core.errors import InputError, StorageError
from solith.readers._bdf_names import Column, column_of
from solith.readers._bdf_records import KNOWN, no_number, records_of, require_unique

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["FORMAT", "read", "recognises"]

FORMAT = "Battery Data Format (Parquet)"

_MOST_VALUES = 500_000_000
"""A small file can stand for any number of equal values; beyond this many it is refused."""


def recognises(head: bytes) -> bool:
    """Whether a file begins as Parquet does."""
    return head.startswith(b"PAR1")


def read(path: Path) -> list[Record]:
    """The cycling record and the impedance records in a table, as in the text form.

    A value that is null becomes NaN. Raises :class:`StorageError` for a file that is damaged
    or too large, or where pyarrow is not installed, :class:`InputError` for a required column
    that is missing or holds something else than numbers.
    """
    headings, table = _table(path)
    columns = [column_of(heading) for heading in headings]
    require_unique(columns, path)
    values = {
        column.name: _values(path, column, table.column(place))
        for place, column in enumerate(columns)
    }
    return records_of(path, columns, values)


def _table(path: Path) -> tuple[list[str], Any]:
    """The headings and the table itself."""
    try:
        import pyarrow as arrow
        import pyarrow.parquet as parquet
    except ImportError:
        raise StorageError(
            f"{path}: is a Parquet file, for which pyarrow is needed; "
            "install it with: pip install 'solith[parquet]'"
        ) from None
    try:
        with parquet.ParquetFile(path) as file:
            about = file.metadata
            if not about.num_rows or not about.num_columns:
                raise StorageError(f"{path}: the table has no rows")
            if about.num_rows * about.num_columns > _MOST_VALUES:
                raise StorageError(
                    f"{path}: has {about.num_rows} rows of {about.num_columns} columns, "
                    f"more than {_MOST_VALUES} values; split it"
                )
            table = file.read()
            table.validate(full=True)
            if table.num_rows != about.num_rows:
                raise StorageError(
                    f"{path}: promises {about.num_rows} rows and holds {table.num_rows}; "
                    "the file is damaged"
                )
            return [str(name) for name in table.column_names], table
    except (arrow.ArrowException, OSError, ValueError, TypeError, MemoryError) as error:
        raise StorageError(f"{path}: cannot be read as Parquet ({error})") from None


def _values(path: Path, column: Column, chunks: Any) -> NDArray[Any]:
    """Numbers in the unit of the column's name, or anything else as texts."""
    import pyarrow as arrow

    if arrow.types.is_dictionary(chunks.type):
        chunks = chunks.cast(chunks.type.value_type)
    kind = chunks.type
    if arrow.types.is_integer(kind) or arrow.types.is_floating(kind):
        found = np.asarray(chunks.cast(arrow.float64(), safe=False).to_numpy(), dtype=float)
        return column.converted(found)
    listed = [None if value is None else str(value) for value in _plain(path, column, chunks)]
    if column.name in KNOWN:
        for row, text in enumerate(listed, start=1):
            if text is not None:
                raise no_number(path, column, text, row)
        return np.full(len(listed), np.nan)
    return np.array([text or "" for text in listed], dtype=object)


def _plain(path: Path, column: Column, chunks: Any) -> list[Any]:
    try:
        listed: list[Any] = chunks.to_pylist()
    except (ValueError, OverflowError, TypeError, ImportError) as error:
        raise InputError(
            f"holds values that cannot be read ({error})",
            where=f"column {column.heading!r}",
            file=str(path),
        ) from None
    return listed
