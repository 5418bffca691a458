"""What a record holds beside its table: a file of metadata next to it.

The file's place and frame follow CSV on the Web (https://www.w3.org/TR/tabular-metadata/);
what is solith's own stands among its notes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.core.errors import InputError, StorageError
from solith.core.provenance import fingerprint_file
from solith.core.storage import write_text

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["metadata_path", "read_metadata", "write_metadata"]

_CONTEXT = "http://www.w3.org/ns/csvw"
_KEY = "solith_record"
_NEEDED = {"sha256", "kind", "name", "provenance", "attributes", "variables"}


def metadata_path(table: Path) -> Path:
    """Where the metadata of a table are: beside it, under its whole name."""
    return table.with_name(f"{table.name}-metadata.json")


def write_metadata(table: Path, record: Record) -> None:
    """Write beside ``table`` what the table cannot hold of ``record``."""
    variables = {
        str(name): {"type": _type(np.asarray(variable.values)), "attributes": dict(variable.attrs)}
        for name, variable in record.data.variables.items()
    }
    ours = {
        "sha256": fingerprint_file(table),
        "kind": record.kind,
        "name": record.name,
        "provenance": record.provenance.to_json(),
        "attributes": dict(record.data.attrs),
        "variables": variables,
    }
    whole = {"@context": _CONTEXT, "url": table.name, "notes": [{_KEY: ours}]}
    try:
        text = json.dumps(whole, indent=1, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"the record's attributes are not plain data ({error})", where=str(table)
        ) from None
    write_text(metadata_path(table), text)


def read_metadata(table: Path) -> dict[str, Any] | None:
    """What :func:`write_metadata` wrote beside ``table``; ``None`` where it did not.

    Raises :class:`StorageError` if it is damaged or the table has changed since.
    """
    path = metadata_path(table)
    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StorageError(f"{path}: the metadata cannot be read ({error})") from None
    notes = whole.get("notes") if isinstance(whole, dict) else None
    for note in notes if isinstance(notes, list) else []:
        if isinstance(note, dict) and _KEY in note:
            return _checked(note[_KEY], table, path)
    return None


def _checked(ours: Any, table: Path, path: Path) -> dict[str, Any]:
    if not isinstance(ours, dict) or not set(ours) >= _NEEDED:
        raise StorageError(f"{path}: the metadata are incomplete; remove this file or write anew")
    if ours["sha256"] != fingerprint_file(table):
        raise StorageError(
            f"{table}: was changed after {path.name} was written; remove that file to read "
            "the table by itself"
        )
    return ours


def _type(values: Any) -> str:
    return str(values.dtype) if values.dtype.kind in "fiu" else "text"
