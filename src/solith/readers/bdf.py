"""The Battery Data Format: a table of comma-separated values, one quantity a column.

Columns are headed by machine names (``voltage_volt``) or by labels (``Voltage / V``);
both lead to the machine name, and a label in another unit (``Test Time / h``) is
converted. The format counts charging current as positive, as solith does. Names and
conventions: Battery Data Alliance, ontology 1.2.0,
https://w3id.org/battery-data-alliance/ontology/battery-data-format
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from solith.core.errors import InputError, StorageError
from solith.core.provenance import Provenance
from solith.core.record import RECORD_KINDS, Record
from solith.core.storage import write_text
from solith.readers._bdf_metadata import metadata_path, read_metadata, write_metadata
from solith.readers._bdf_names import Column, column_of
from solith.readers._bdf_records import KINDS, KNOWN, no_number, records_of, require_unique
from solith.readers._delimited import Table, split_table
from solith.readers._text import decoded, numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["FORMAT", "read", "recognises", "write_bdf"]

FORMAT = "Battery Data Format (CSV)"


def recognises(head: bytes) -> bool:
    """Whether a file's first line heads columns that the format requires.

    One machine name (``voltage_volt``) is enough; a label alone may be anybody's.
    """
    try:
        cells = next(csv.reader([decoded(head).split("\n", 1)[0]]), [])
    except csv.Error:
        return False
    known = [cell for cell in cells if column_of(cell).name in KNOWN]
    return len(known) > 1 or any(cell.strip() in KNOWN for cell in known)


def read(path: Path) -> list[Record]:
    """The cycling record and the impedance records in a table.

    Rows with a frequency above 0 are impedance, each sweep of them a record; the others are
    cycling. Columns that are not all numbers stay as text. Where the file shows that it
    counts discharge as positive, or current without sign, the current is turned and a note
    of the provenance says so; so it does of a last row that is cut off. A table that
    :func:`write_bdf` wrote comes back as the record it was.

    Raises :class:`StorageError` for what is no such table, :class:`InputError` for a
    required column that is missing or holds something else than numbers.
    """
    try:
        table = split_table(path, decoded(path.read_bytes()))
    except OSError as error:
        raise StorageError(f"{path}: cannot be read ({error.strerror})") from None
    columns = [column_of(heading) for heading in table.headings]
    require_unique(columns, path)
    written = read_metadata(path)
    if written is not None:
        return [_restored(columns, table, written)]
    values = {
        column.name: _values(path, column, fields)
        for column, fields in zip(columns, table.columns, strict=True)
    }
    return records_of(path, columns, values, table.notes)


def write_bdf(record: Record, path: Path | str) -> None:
    """Write a record as Battery Data Format under machine names, and back without loss.

    Every number is written with the digits that give it back exactly; a value that is
    not a number is an empty field. What the table has no place for (kind, name,
    provenance, attributes, types) goes into ``<path>-metadata.json`` beside it, as CSV on
    the Web has it; :func:`read` takes it from there, and other programs may ignore it.

    Raises :class:`InputError` for a record with variables that are no column of a table,
    or that lacks what the format requires.
    """
    path = Path(path)
    dimension = RECORD_KINDS[record.kind].dimension
    columns: dict[str, list[str]] = {}
    for name, variable in record.data.variables.items():
        values = np.asarray(variable.values)
        if name in record.data.coords or variable.dims != (dimension,) or not _fits(values):
            raise InputError(
                f"{name} cannot be a column of a table; write the record as netCDF", where=str(path)
            )
        columns[str(name)] = _fields(values)
    if not any(set(RECORD_KINDS[kind].required) <= set(columns) for kind in KINDS):
        raise InputError(
            f"a record of kind {record.kind!r} has no form in the Battery Data Format; "
            "write it as netCDF",
            where=str(path),
        )
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(columns)
    table.writerows(zip(*columns.values(), strict=True))
    # Without its metadata for a moment, a table is still right; with another's it is not.
    metadata_path(path).unlink(missing_ok=True)
    write_text(path, text.getvalue())
    write_metadata(path, record)


def _values(path: Path, column: Column, fields: Sequence[str]) -> NDArray[Any]:
    """Numbers in the unit of the column's name, or the texts as they are."""
    found = numbers(list(fields))
    if found is not None:
        return column.converted(found)
    if column.name in KNOWN:
        row = next(n for n, field in enumerate(fields) if numbers([field]) is None)
        raise no_number(path, column, fields[row], row + 1)
    texts: NDArray[Any] = np.array(fields, dtype=object)
    return texts


def _restored(columns: Sequence[Column], table: Table, written: dict[str, Any]) -> Record:
    """The record that was written with this table and these metadata."""
    dimension = RECORD_KINDS[written["kind"]].dimension
    data = {}
    for column, fields in zip(columns, table.columns, strict=True):
        about = written["variables"][column.name]
        if about["type"] == "text":
            values: NDArray[Any] = np.array(fields, dtype=object)
        else:
            values = np.array([field or "nan" for field in fields]).astype(about["type"])
        data[column.name] = (dimension, values, about["attributes"])
    return Record(
        written["kind"],
        xr.Dataset(data, attrs=written["attributes"]),
        Provenance.from_json(written["provenance"]),
        written["name"],
    )


def _fits(values: NDArray[Any]) -> bool:
    texts = values.dtype.kind == "U" or all(isinstance(value, str) for value in values.flat)
    return values.dtype.kind in "fiu" or texts


def _fields(values: NDArray[Any]) -> list[str]:
    if values.dtype.kind == "f":
        return ["" if np.isnan(value) else repr(float(value)) for value in values]
    return [str(value) for value in values]
