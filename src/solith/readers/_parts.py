"""The columns of a file to its records: what kind each is, with signs settled and sweeps apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.record import RECORD_KINDS
from solith.readers._columns import Columns
from solith.readers._current_sign import charging_positive
from solith.readers._impedance_sign import Sweep, imaginary_is_negated, phase_is_negated
from solith.readers._measured import Part
from solith.readers._sweeps import sweeps_apart

__all__ = ["parts_of"]

_SPECTRUM = RECORD_KINDS["impedance"].required
_SERIES = RECORD_KINDS["cycling"].required
_POLAR = ("absolute_impedance_ohm", "phase_degree")
_AREA = re.compile(r"[cm]?m\W{0,2}[2\u00b2]")
_ALTERNATING = ("impedance", "amplitude", "real_", "imaginary_")
_QUARTER_TURN = 1.6
"""A phase in radians is at most pi/2 for what has no negative resistance."""


def parts_of(
    path: Path, columns: Columns, *, series: str = "cycling", signed: bool = False
) -> list[Part]:
    """The parts of one table, those without a frequency first.

    ``signed`` says that the sign of the current is settled already. Rows with a frequency
    above 0 are impedance, each sweep a part; the others are of the kind ``series``, or left
    out with a note where they lack time, voltage or current. A table of voltage and current
    without time is a current-voltage curve. Raises :class:`InputError` that names the columns
    that are missing and those that are there.
    """
    if not signed:
        with np.errstate(all="ignore"):
            values, turned = charging_positive(columns.values)
        columns = replace(columns, values=values, notes=(*columns.notes, *turned))
    values = columns.values
    if any(name in values for name in _SPECTRUM):
        if not all(name in values for name in _SERIES) or np.any(_swept(columns)):
            return _with_spectra(path, columns, series)
        columns = _without_spectrum(columns, np.ones(len(columns.lines), dtype=bool))
    kind = series if "test_time_second" in values else "current-voltage"
    _require(path, columns, RECORD_KINDS[kind].required)
    part = _part(kind, columns, np.arange(len(columns.lines)))
    if not len(part.columns["voltage_volt"]):
        raise InputError("no row of the table has all the numbers it needs", file=str(path))
    return [part]


def _with_spectra(path: Path, columns: Columns, series: str) -> list[Part]:
    columns = _cartesian(path, columns)
    _require(path, columns, _SPECTRUM)
    swept = _swept(columns)
    still = np.flatnonzero(~swept)
    parts = []
    if len(still) and all(name in columns.values for name in _SERIES):
        part = _part(series, _without_spectrum(columns, ~swept), still)
        if len(part.columns["voltage_volt"]):
            parts.append(part)
            still = still[:0]
    whole = np.all([np.isfinite(columns.values[name]) for name in _SPECTRUM], axis=0)
    notes = (
        *columns.notes,
        *_left_out(columns, still, "without a frequency above 0"),
        *_left_out(columns, np.flatnonzero(swept & ~whole), "without a whole impedance"),
    )
    rows = np.flatnonzero(swept & whole)
    if not len(rows):
        if parts:
            return parts
        raise InputError("no row has a frequency above 0 and an impedance", file=str(path))
    sweeps = sweeps_apart({name: column[rows] for name, column in columns.values.items()})
    columns, signs = _signed(columns, [rows[sweep] for sweep in sweeps])
    for sweep in sweeps:
        kept = {name: column[rows[sweep]] for name, column in columns.values.items()}
        parts.append(Part("impedance", kept, columns.units, notes + signs))
    return parts


def _swept(columns: Columns) -> NDArray[np.bool_]:
    """The rows with a frequency above 0; all where there is no column of it."""
    if "frequency_hertz" not in columns.values:
        return np.ones(len(columns.lines), dtype=bool)
    with np.errstate(invalid="ignore"):
        return np.asarray(columns.values["frequency_hertz"] > 0)


def _part(kind: str, columns: Columns, rows: NDArray[np.intp]) -> Part:
    """Those of the rows that have all numbers the kind requires."""
    whole = np.all(
        [np.isfinite(columns.values[name][rows]) for name in RECORD_KINDS[kind].required], axis=0
    )
    missing = " or ".join(RECORD_KINDS[kind].required)
    left_out = _left_out(columns, rows[~whole], f"without {missing}")
    kept = {name: column[rows[whole]] for name, column in columns.values.items()}
    return Part(kind, kept, columns.units, columns.notes + left_out)


def _left_out(columns: Columns, rows: NDArray[np.intp], why: str) -> tuple[str, ...]:
    if not len(rows):
        return ()
    first = columns.lines[rows[0]]
    return (f"{len(rows)} rows {why} were left out (line {first} the first)",)


def _require(path: Path, columns: Columns, names: Iterable[str]) -> None:
    missing = [name for name in names if name not in columns.values]
    if missing:
        listed = ", ".join(repr(text) for text in columns.headings.values())
        hint = " (what is per area is of no use without the area)" if _AREA.search(listed) else ""
        raise InputError(
            f"no column for {', '.join(missing)}; the file has {listed}{hint}", file=str(path)
        )


def _without_spectrum(columns: Columns, rows: NDArray[np.bool_]) -> Columns:
    """The columns without those that only a spectrum fills."""
    kept = {
        name: column
        for name, column in columns.values.items()
        if name not in (*_SPECTRUM, *_POLAR)
        and (
            column.dtype.kind != "f"
            or not any(word in name for word in _ALTERNATING)
            or np.any(np.nan_to_num(column[rows]))
        )
    }
    return replace(columns, values=kept)


def _cartesian(path: Path, columns: Columns) -> Columns:
    """Re Z and Im Z from amount and phase where the file has only those."""
    if all(name in columns.values for name in _SPECTRUM[1:]):
        return columns
    if not all(name in columns.values for name in _POLAR):
        return columns
    size, phase = (columns.values[name] for name in _POLAR)
    notes = list(columns.notes)
    with np.errstate(all="ignore"):
        if "phase_degree" in columns.bare and np.all(np.nan_to_num(np.abs(phase)) < _QUARTER_TURN):
            phase = np.degrees(phase)
            notes.append("phase_degree: no value is above pi/2, so it was taken to be in radians")
        real, imaginary = size * np.cos(np.radians(phase)), size * np.sin(np.radians(phase))
    notes.append("Re Z and Im Z were calculated from the amount and the phase")
    values = {
        **columns.values,
        "phase_degree": phase,
        "real_impedance_ohm": real,
        "imaginary_impedance_ohm": imaginary,
    }
    units = {**columns.units, "real_impedance_ohm": "ohm", "imaginary_impedance_ohm": "ohm"}
    minus = columns.minus - {"imaginary_impedance_ohm"}
    if "phase_degree" in minus:
        minus |= {"imaginary_impedance_ohm"}
    return replace(columns, values=values, units=units, minus=minus, notes=tuple(notes))


def _signed(
    columns: Columns, sweeps: Sequence[NDArray[np.intp]]
) -> tuple[Columns, tuple[str, ...]]:
    """The columns with the sign of Im Z settled, and the phase with that of Im Z."""
    values = dict(columns.values)
    frequency, real, imaginary = (values[name] for name in _SPECTRUM)
    taken: list[Sweep] = [(frequency[rows], real[rows], imaginary[rows]) for rows in sweeps]
    notes = []
    if imaginary_is_negated(taken):
        if "imaginary_impedance_ohm" in columns.minus:
            notes.append(
                "Im Z is positive over most of the arc although the heading says that the file "
                "has its negative; the heading was followed, check it"
            )
        else:
            values["imaginary_impedance_ohm"] = -imaginary
            notes.append(
                "the file's Im Z is positive over most of the arc, as -Im Z of a capacitance "
                "is; it was turned"
            )
    if "phase_degree" in values:
        rows = np.concatenate(sweeps)
        phase = values["phase_degree"]
        if phase_is_negated(phase[rows], values["imaginary_impedance_ohm"][rows]):
            values["phase_degree"] = -phase
            notes.append("the phase has the other sign than Im Z; it was turned")
    return replace(columns, values=values), tuple(notes)
