"""How a reader hands over what it found: a measured record, with the file it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from solith.core.provenance import Provenance, fingerprint_file
from solith.core.record import RECORD_KINDS, Record, unit_of_variable

__all__ = ["CONVENTIONS", "measured_record", "named_apart"]

CONVENTIONS = "positive current charges the cell; Im Z is negative for a capacitance"


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


def named_apart(stem: str, number: int, count: int) -> str:
    """The name of the record with this number (from 1) among ``count`` in one file."""
    return stem if count == 1 else f"{stem}, part {number}"
