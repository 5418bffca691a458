"""How a reader hands over what it found: a measured record, with the file it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from solith.core.provenance import Provenance, fingerprint_file
from solith.core.record import RECORD_KINDS, Record, unit_of_variable

__all__ = ["CONVENTIONS", "Part", "measured_record", "records_of"]

CONVENTIONS = "positive current charges the cell; Im Z is negative for a capacitance"


@dataclass(frozen=True)
class Part:
    """What becomes one record: its kind, its columns and their units, what is said of them."""

    kind: str
    columns: Mapping[str, NDArray[Any]]
    units: Mapping[str, str]
    notes: tuple[str, ...] = ()
    technique: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)


def records_of(
    path: Path, parts: Sequence[Part], instrument: str = "", *, stem: str = ""
) -> list[Record]:
    """The records of a file's parts, in their order, named apart where there are several."""
    sha256 = fingerprint_file(path)
    stem = stem or path.stem
    names = [stem] if len(parts) == 1 else [f"{stem}, part {n + 1}" for n in range(len(parts))]
    return [
        measured_record(
            part.kind,
            path,
            part.columns,
            name=name,
            units=part.units,
            instrument=instrument,
            technique=part.technique,
            attributes=part.attributes,
            notes=part.notes,
            sha256=sha256,
        )
        for part, name in zip(parts, names, strict=True)
    ]


def measured_record(
    kind: str,
    path: Path,
    columns: Mapping[str, NDArray[Any]],
    *,
    name: str = "",
    units: Mapping[str, str] | None = None,
    instrument: str = "",
    technique: str = "",
    attributes: Mapping[str, Any] | None = None,
    notes: Sequence[str] = (),
    sha256: str = "",
) -> Record:
    """A record of ``kind`` from the columns of a file, under machine names and in their units.

    ``units`` adds those of columns whose name ends in none. ``technique`` and
    ``attributes`` (plain data) become attributes of the data set; ``notes`` says what was
    turned, converted or left out. Columns that are no numbers stay as text. ``sha256`` is the
    file's fingerprint where it is known already: of a file with many records it is taken once.
    """
    dimension = RECORD_KINDS[kind].dimension
    data = xr.Dataset(
        {
            key: (
                dimension,
                np.asarray(column),
                {"units": (units or {}).get(key, unit_of_variable(key))},
            )
            for key, column in columns.items()
        },
        attrs={**({"technique": technique} if technique else {}), **(attributes or {})},
    )
    provenance = Provenance(
        "measured",
        file=path.name,
        sha256=sha256 or fingerprint_file(path),
        instrument=instrument,
        conventions=CONVENTIONS,
        notes=tuple(notes),
    )
    return Record(kind, data, provenance, name or path.stem)
