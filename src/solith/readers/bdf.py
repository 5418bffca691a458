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
from solith.core.provenance import Provenance, fingerprint_file
from solith.core.record import RECORD_KINDS, Record
from solith.core.storage import write_text
from solith.readers._bdf_metadata import metadata_path, read_metadata, write_metadata
from solith.readers._bdf_names import Column, column_of, label_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["FORMAT", "read", "recognises", "write_bdf"]

FORMAT = "Battery Data Format (CSV)"

_KINDS = ("cycling", "impedance")
_SPECTRUM = RECORD_KINDS["impedance"].required
_KNOWN = {name for kind in _KINDS for name in RECORD_KINDS[kind].required}
_CONVENTIONS = "positive current charges the cell; Im Z is negative for a capacitance"
_TURNED = "; the file counts discharge as positive (by its step types) and was turned round"


def recognises(head: bytes) -> bool:
    """Whether a file's first line heads a column that the format requires."""
    try:
        line = head.split(b"\n", 1)[0].decode("utf-8-sig")
        cells = next(csv.reader([line]), [])
    except (UnicodeDecodeError, csv.Error):
        return False
    return any(column_of(cell).name in _KNOWN for cell in cells)


def read(path: Path) -> list[Record]:
    """The cycling record and the impedance records in a table.

    Rows with a frequency are impedance, each unbroken block of them a record; the others
    are cycling. Columns that are not all numbers stay as text. Where ``step_type`` shows
    that the file counts discharge as positive, the current is turned round and the
    provenance's conventions say so. A table that :func:`write_bdf` wrote comes back as the
    record it was.

    Raises :class:`StorageError` for what is no such table, :class:`InputError` for a
    required column that is missing or holds something else than numbers.
    """
    headings, rows = _table(path)
    columns = [column_of(heading) for heading in headings]
    _require_unique(columns, path)
    written = read_metadata(path)
    if written is not None:
        return [_restored(path, columns, rows, written)]
    values = {
        column.name: _values(path, column, [row[place] for row in rows])
        for place, column in enumerate(columns)
    }
    units = {column.name: column.unit for column in columns}
    return _records(path, values, units)


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
    if not any(set(RECORD_KINDS[kind].required) <= set(columns) for kind in _KINDS):
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


def _table(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        lines = [line for line in csv.reader(io.StringIO(text), strict=True) if line]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StorageError(f"{path}: cannot be read as comma-separated text ({error})") from None
    headings, rows = lines[0], lines[1:]
    if not rows:
        raise StorageError(f"{path}: the table has a heading but no rows")
    for place, row in enumerate(rows, start=1):
        if len(row) != len(headings):
            raise StorageError(
                f"{path}: row {place} has {len(row)} fields, the heading has {len(headings)}"
            )
    return headings, rows


def _require_unique(columns: Sequence[Column], path: Path) -> None:
    headings: dict[str, str] = {}
    for column in columns:
        if column.name in headings:
            raise InputError(
                f"the columns {headings[column.name]!r} and {column.heading!r} are both "
                f"{column.name}; keep one",
                file=str(path),
            )
        headings[column.name] = column.heading


def _values(path: Path, column: Column, fields: Sequence[str]) -> NDArray[Any]:
    """Numbers in the unit of the column's name, or the texts as they are."""
    numbers = np.empty(len(fields))
    for place, field in enumerate(fields):
        try:
            numbers[place] = float(field) if field.strip() else np.nan
        except ValueError:
            if column.name in _KNOWN:
                raise InputError(
                    f"{field!r} in row {place + 1} is not a number",
                    where=f"column {column.heading!r}",
                    file=str(path),
                ) from None
            texts: NDArray[Any] = np.array(fields, dtype=object)
            return texts
    return column.converted(numbers)


def _records(path: Path, values: dict[str, NDArray[Any]], units: dict[str, str]) -> list[Record]:
    wanted = _split(values)
    for kind, _ in wanted:
        _require_columns(path, kind, values)
    turned = _turned(values)
    if turned:
        values = {**values, "current_ampere": -values["current_ampere"]}
    provenance = Provenance(
        "measured",
        file=path.name,
        sha256=fingerprint_file(path),
        conventions=_CONVENTIONS + (_TURNED if turned else ""),
    )
    name = path.name.removesuffix(".csv").removesuffix(".bdf")
    names = [name] if len(wanted) == 1 else [f"{name}, part {n + 1}" for n in range(len(wanted))]
    records = []
    for (kind, rows), title in zip(wanted, names, strict=True):
        others = _SPECTRUM if kind == "cycling" else ()
        picked = {key: column[rows] for key, column in values.items() if key not in others}
        records.append(Record(kind, _dataset(kind, picked, units), provenance, title))
    return records


def _split(values: dict[str, NDArray[Any]]) -> list[tuple[str, NDArray[np.intp]]]:
    """The kinds of record in a table, each with its rows."""
    everything = np.arange(len(next(iter(values.values()))))
    if not any(name in values for name in _SPECTRUM):
        return [("cycling", everything)]
    if not set(RECORD_KINDS["cycling"].required) <= set(values):
        return [("impedance", everything)]
    if "frequency_hertz" not in values:
        return [("cycling", everything)]
    swept = np.isfinite(values["frequency_hertz"])
    series = [("cycling", np.flatnonzero(~swept))] if not np.all(swept) else []
    blocks = np.split(everything, np.flatnonzero(np.diff(swept)) + 1)
    return series + [("impedance", block) for block in blocks if swept[block[0]]]


def _require_columns(path: Path, kind: str, values: dict[str, NDArray[Any]]) -> None:
    missing = [name for name in RECORD_KINDS[kind].required if name not in values]
    if missing:
        named = ", ".join(f"{name} (or {label_of(name)!r})" for name in missing)
        raise InputError(
            f"the column {named} is missing; the table has {', '.join(values)}", file=str(path)
        )


def _turned(values: dict[str, NDArray[Any]]) -> bool:
    """Whether the step types show that discharge is counted as positive."""
    if "step_type" not in values or "current_ampere" not in values:
        return False
    types = np.array([str(kind).strip().lower() for kind in values["step_type"]])
    sign = np.sign(np.nan_to_num(values["current_ampere"]))
    against = np.sum(sign[np.char.startswith(types, "disch")]) - np.sum(
        sign[np.char.startswith(types, "charg")]
    )
    return bool(against > 0)


def _dataset(kind: str, values: dict[str, NDArray[Any]], units: dict[str, str]) -> xr.Dataset:
    dimension = RECORD_KINDS[kind].dimension
    return xr.Dataset(
        {key: (dimension, column, {"units": units[key]}) for key, column in values.items()}
    )


def _restored(
    path: Path, columns: Sequence[Column], rows: list[list[str]], written: dict[str, Any]
) -> Record:
    """The record that was written with this table and these metadata."""
    dimension = RECORD_KINDS[written["kind"]].dimension
    data = {}
    for place, column in enumerate(columns):
        about = written["variables"][column.name]
        fields = [row[place] for row in rows]
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
