"""Several spectra of one sample as one record, and back: a series in time, states of a sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.core.errors import InputError
from solith.core.given import listed, records_among, require_record
from solith.core.provenance import Provenance
from solith.core.record import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["TIME_OF_SPECTRUM", "join_spectra", "split_spectra"]

TIME_OF_SPECTRUM = "time_second"
"""Attribute of a spectrum: when it was measured, on the clock of the cell [s]."""

_PARTS = "spectra"
_SHARED = ("abscissa", "intensity")


def join_spectra(
    records: Sequence[Record] | Mapping[str, Record], *, times: Sequence[float] | None = None
) -> Record:
    """One record of kind "spectra" that holds spectra one after another, counted from 1.

    ``records`` are spectra in a list or by name; ``times`` [s] become their attribute
    ``time_second``. Of variables abscissa and intensity are kept; attributes and names stay with
    each spectrum, so that :func:`split_spectra` gives them back. The provenance is that of the
    first, with every file in its notes.

    Raises :class:`InputError` for what is no spectrum, for units or origins that differ, and for
    another number of times.
    """
    spectra = records_among(records)
    if not spectra:
        raise InputError("there is no spectrum to join; expected at least one")
    names = list(records) if isinstance(records, Mapping) else [one.name for one in spectra]
    if times is not None and len(listed(times, "times")) != len(spectra):
        raise InputError(f"expected a time for each of {len(spectra)} spectra", where="times")
    for number, one in enumerate(spectra, start=1):
        if one.kind != "spectrum":
            raise InputError(
                f"record {number} is of kind {one.kind!r}; expected spectra", where="records"
            )
    units = {key: _alike(spectra, key) for key in _SHARED}
    if len({one.provenance.origin for one in spectra}) > 1:
        raise InputError("some are measured and some simulated; join them apart", where="records")
    parts: list[dict[str, Any]] = []
    for number, (name, one) in enumerate(zip(names, spectra, strict=True)):
        attributes = dict(one.data.attrs)
        if times is not None:
            attributes[TIME_OF_SPECTRUM] = float(times[number])
        parts.append({"name": str(name), "attributes": attributes})
    counts = [np.full(len(one), float(number)) for number, one in enumerate(spectra, start=1)]
    common = {
        key: value
        for key, value in parts[0]["attributes"].items()
        if all(part["attributes"].get(key) == value for part in parts)
    }
    record = Record.from_arrays(
        "spectra",
        name=spectra[0].name,
        provenance=_joined([one.provenance for one in spectra]),
        attributes={**common, _PARTS: parts},
        **{key: np.concatenate([one.array(key) for one in spectra]) for key in _SHARED},
        spectrum_count=np.concatenate(counts),
    )
    for key, unit in units.items():
        record.data[key].attrs["units"] = unit
    return record


def split_spectra(record: Record) -> list[Record]:
    """The spectra that a record of kind "spectra" holds; a spectrum by itself is one of one.

    Raises :class:`InputError` for a record of another kind.
    """
    require_record(record)
    if record.kind == "spectrum":
        return [record]
    if record.kind != "spectra":
        raise InputError(f"a record of kind {record.kind!r} holds no spectra")
    counted = record.array("spectrum_count")
    numbers = np.unique(counted[np.isfinite(counted)])
    told: Any = record.data.attrs.get(_PARTS, [])
    known = told if isinstance(told, list) and len(told) == len(numbers) else [{}] * len(numbers)
    common = {key: value for key, value in record.data.attrs.items() if key != _PARTS}
    spectra = []
    for number, part in zip(numbers, known, strict=True):
        data = record.data.isel(row=np.flatnonzero(counted == number)).drop_vars("spectrum_count")
        data.attrs = {**common, **part.get("attributes", {})}
        name = str(part.get("name", "") or f"{record.name} {number:g}".strip())
        spectra.append(replace(record, kind="spectrum", data=data, name=name))
    return spectra


def _alike(spectra: Sequence[Record], variable: str) -> str:
    units = {str(one.data[variable].attrs.get("units", "")) for one in spectra}
    if len(units) > 1:
        raise InputError(
            f"the spectra have {variable} in different units: {', '.join(sorted(units))}",
            where="records",
        )
    return units.pop()


def _joined(origins: Sequence[Provenance]) -> Provenance:
    first = origins[0]
    notes = dict.fromkeys(note for one in origins for note in one.notes)
    files = [f"{one.file} (SHA-256 {one.sha256[:16]})" for one in origins if one.file]
    if len(files) > 1:
        notes[f"{len(files)} files: {', '.join(files)}"] = None
    return replace(first, notes=tuple(notes))
