"""The rows of a record that an analysis can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solith.core.errors import InputError
from solith.core.given import require_record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["title_of", "usable_rows"]


def usable_rows(
    record: Record, kind: str, variables: tuple[str, ...], *, at_least: int
) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """The rows in which all ``variables`` are finite, and a flag if some are not.

    Raises :class:`InputError` for a record of another kind or with fewer usable rows
    than ``at_least``, and for what is no record.
    """
    require_record(record)
    if record.kind != kind:
        raise InputError(
            f"{title_of(record)} is a record of kind {record.kind!r}; expected kind {kind!r}"
        )
    finite = np.ones(len(record), dtype=bool)
    for variable in variables:
        finite &= np.isfinite(record.array(variable))
    rows = np.flatnonzero(finite)
    if len(rows) < at_least:
        raise InputError(
            f"{title_of(record)} has {len(rows)} rows with numbers in "
            f"{', '.join(variables)}; expected at least {at_least}"
        )
    dropped = len(record) - len(rows)
    return rows, (f"{dropped} rows without a number left out",) if dropped else ()


def title_of(record: Record) -> str:
    """What to call a record in a message or a result."""
    return record.name or f"the {record.kind} record"
