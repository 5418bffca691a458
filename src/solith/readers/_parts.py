"""The columns of a file to its records: what kind each is, with signs settled and sweeps apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.record import RECORD_KINDS
from solith.readers._columns import Columns
from solith.readers._current_sign import charging_positive
from solith.readers._headings import CURRENT_DENSITY, EXAMPLES
from solith.readers._impedance_sign import Sweep, imaginary_is_negated, phase_is_negated
from solith.readers._measured import Part
from solith.readers._restarts import without_restarts
from solith.readers._sweeps import sweeps_apart

__all__ = ["parts_of"]

_SPECTRUM = RECORD_KINDS["impedance"].required
_SERIES = RECORD_KINDS["cycling"].required
_TIME = "test_time_second"
_POLAR = ("absolute_impedance_ohm", "phase_degree")
_AREA = re.compile(r"[cm]?m\W{0,2}[2\u00b2]")
_OF_AREA = (
    "; there is no area in a file, so convert what is per area first: "
    "ohm cm2 to ohm (divide by the area in cm2)"
)
_CURRENT_LABEL = re.compile(r"\W*(?:currents?|strom|i)(?![^\W_])", re.IGNORECASE)
_DENSITY_LABEL = re.compile(r"\W*(?:current[\s_]*density|stromdichte|j)(?![^\W_])", re.IGNORECASE)
_PER_MASS = re.compile(r"/\s*m?k?g\b|g\W{0,2}-1")
_ALTERNATING = ("impedance", "amplitude", "real_", "imaginary_")
_HALF_TURN = 3.2
"""No phase in radians is above pi."""

_LIKE_RADIANS, _LIKE_DEGREES = 3.0, 20.0
"""Phase over slope of |Z|, which is about 1 for radians and about 57 for degrees."""

_LEAST_CHANGE = 0.3
"""Of ln |Z|: below it noise may be most of the slope."""


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
    told: tuple[str, ...] = ()
    if _TIME in RECORD_KINDS[kind].required:
        kept, told = without_restarts(kept, "line", columns.lines[rows[whole]])
    return Part(kind, kept, columns.units, columns.notes + left_out + told)


def _left_out(columns: Columns, rows: NDArray[np.intp], why: str) -> tuple[str, ...]:
    if not len(rows):
        return ()
    first = columns.lines[rows[0]]
    return (f"{len(rows)} rows {why} were left out (line {first} the first)",)


def _require(path: Path, columns: Columns, names: Iterable[str]) -> None:
    missing = [name for name in names if name not in columns.values]
    if missing:
        listed = ", ".join(repr(text) for text in columns.headings.values())
        hint = _hint_on_current(columns.headings) if "current_ampere" in missing else ""
        if not hint and any(name in _SPECTRUM for name in missing) and _AREA.search(listed):
            hint = _OF_AREA
        wanted = ", ".join(f"{name} (headed {EXAMPLES[name]!r})" for name in missing)
        raise InputError(f"no column for {wanted}; the file has {listed}{hint}", file=str(path))


def _hint_on_current(headings: Mapping[str, str]) -> str:
    """What to do about a current that is there in another form."""
    if CURRENT_DENSITY in headings:
        return (
            f"; {headings[CURRENT_DENSITY]!r} is per area: give the geometric area of the cell "
            '(--area "0.785 cm2"; in Python solith.read(path, area="0.785 cm2"))'
        )
    for text in headings.values():
        density = _DENSITY_LABEL.match(text)
        if (density or _CURRENT_LABEL.match(text)) and _PER_MASS.search(text):
            return f"; {text!r} is per mass: multiply it by the mass first"
        if density or (_CURRENT_LABEL.match(text) and _AREA.search(text)):
            return (
                f"; name the unit of the current density {text!r} in its heading, as 'j (mA/cm2)'"
            )
    return ""


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
        if "phase_degree" in columns.bare and _is_in_radians(path, columns):
            phase = np.degrees(phase)
            notes.append(
                "phase_degree: it fits the slope of |Z| if it is in radians, and was taken so"
            )
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


def _is_in_radians(path: Path, columns: Columns) -> bool:
    """Whether a phase without a unit is in radians rather than degrees.

    By its size beside the slope of |Z|: over wide ranges of the frequency the phase in radians
    is close to pi/2 times d ln|Z| / d ln f (H. W. Bode, Network Analysis and Feedback
    Amplifier Design, 1945; recalled). Raises :class:`InputError` where that does not tell.
    """
    size, phase = (columns.values[name] for name in _POLAR)
    largest = float(np.max(np.abs(phase[np.isfinite(phase)]), initial=0.0))
    if not 0.0 < largest <= _HALF_TURN or "frequency_hertz" not in columns.values:
        return False
    frequency = columns.values["frequency_hertz"]
    known = np.isfinite(frequency) & np.isfinite(phase) & (frequency > 0) & (size > 0)
    middle = 0.5 * (phase[known][1:] + phase[known][:-1])
    by_phase = np.cumsum(2.0 / np.pi * middle * np.diff(np.log(frequency[known])))
    change = float(np.ptp(np.log(size[known]))) if np.any(known) else 0.0
    expected = float(np.ptp(by_phase)) if len(by_phase) else 0.0
    if change >= _LEAST_CHANGE and expected < _LIKE_RADIANS * change:
        return True
    if expected > _LIKE_DEGREES * change > 0.0:
        return False
    raise InputError(
        f"no value is above {largest:.3g} and the heading gives no unit, so it may be in degrees "
        "or in radians; name the unit in the heading",
        where=f"column {columns.headings['phase_degree']!r}",
        file=str(path),
    )


def _signed(
    columns: Columns, sweeps: Sequence[NDArray[np.intp]]
) -> tuple[Columns, tuple[str, ...]]:
    """The columns with the sign of Im Z settled, and the phase with that of Im Z."""
    values = dict(columns.values)
    frequency, real, imaginary = (values[name] for name in _SPECTRUM)
    taken: list[Sweep] = [(frequency[rows], real[rows], imaginary[rows]) for rows in sweeps]
    notes = []
    headed = "imaginary_impedance_ohm" in columns.minus
    negated = imaginary_is_negated(taken)
    if negated is None and not headed:
        notes.append(
            "the sign of Im Z is as in the file: the data do not tell whether it is Im Z or -Im Z"
        )
    if negated:
        if headed:
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
