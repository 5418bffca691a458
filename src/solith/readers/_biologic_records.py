"""From the columns of a BioLogic file to records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.record import RECORD_KINDS
from solith.readers._biologic_columns import Columns, translated
from solith.readers._biologic_current import with_current
from solith.readers._measured import Part
from solith.readers._measured import records_of as records_of_parts
from solith.readers._restarts import counted_without_restarts
from solith.readers._sweeps import sweeps_apart

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["Measurement", "records_of"]

_VOLTAMMETRY = ("cv", "cva", "lsv")
_SPECTRUM = (
    "frequency_hertz",
    "real_impedance_ohm",
    "imaginary_impedance_ohm",
    "absolute_impedance_ohm",
    "phase_degree",
)
_GALVANOSTATIC, _POTENTIOSTATIC = 1, 2


@dataclass(frozen=True)
class Measurement:
    """What a BioLogic file holds, binary or text.

    ``technique`` is "" where the file does not tell one that is known; ``loop_starts`` are
    the rows at which loops begin.
    """

    columns: Columns
    technique: str = ""
    instrument: str = "BioLogic"
    attributes: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()
    loop_starts: Sequence[int] = ()


def records_of(path: Path, measurement: Measurement) -> list[Record]:
    """The records of a measurement: rows with a frequency are impedance, others are not.

    A new spectrum begins where the cycle, the step or the loop changes and where the frequency
    begins anew. A clock that restarts is joined where the counters go on. Raises
    :class:`InputError` that names the columns a record lacks.
    """
    with np.errstate(all="ignore"):  # a damaged file may hold any number
        parts = _parts(path, measurement)
    return records_of_parts(path, parts, measurement.instrument)


def _parts(path: Path, measurement: Measurement) -> list[Part]:
    attributes = dict(measurement.attributes)
    if len(measurement.loop_starts) > 1:
        attributes["loop_starts"] = list(measurement.loop_starts)
    values, units, notes = translated(measurement.columns)
    notes = [*measurement.notes, *notes]
    values = _controls_apart(values, notes)
    values = _means_for_missing(values, notes)
    values, restarts = counted_without_restarts(values)
    notes += restarts
    rows, spectra = _rows_apart(values, measurement.loop_starts)

    def part(kind: str, columns: Mapping[str, NDArray[Any]], told: Sequence[str]) -> Part:
        return Part(kind, columns, units, tuple(told), measurement.technique, attributes)

    parts = []
    if len(rows):
        kind = "voltammogram" if measurement.technique in _VOLTAMMETRY else "cycling"
        told = list(notes)
        columns = with_current(values, rows, measurement.technique, told)
        columns = {name: column for name, column in columns.items() if name not in _SPECTRUM}
        lacking = _lacking(kind, columns)
        if not lacking:
            parts.append(part(kind, columns, told))
        elif not spectra:
            raise _missing(path, lacking, measurement)
        else:
            left_out = f"{len(rows)} rows without a frequency are left out: they lack"
            notes.append(f"{left_out} {', '.join(lacking)}")
    if spectra:
        values = _with_both_parts(values, notes)
        if lacking := _lacking("impedance", values):
            raise _missing(path, lacking, measurement)
    for spectrum in spectra:
        picked = {name: column[spectrum] for name, column in values.items()}
        parts.append(part("impedance", picked, notes))
    return parts


def _controls_apart(values: dict[str, NDArray[Any]], notes: list[str]) -> dict[str, NDArray[Any]]:
    """The one column of control values as a voltage and a current, by the mode of the row."""
    mode, control = values.get("control_mode"), values.get("control")
    if control is None:
        return values
    if mode is None or not _are_numbers(mode, control):
        notes.append("control is in V or mA, by a mode that the file does not tell")
        return values
    apart = {name: column for name, column in values.items() if name != "control"}
    galvanostatic, potentiostatic = mode == _GALVANOSTATIC, mode == _POTENTIOSTATIC
    apart["control_ampere"] = np.where(galvanostatic, control / 1e3, np.nan)
    if np.any(potentiostatic):
        apart["control_volt"] = np.where(potentiostatic, control, np.nan)
    notes.append(
        "control/V/mA is parted by the mode into a voltage and a current (mA to A); it is left "
        "out where the cell rests and nothing is controlled"
    )
    return apart


def _means_for_missing(
    values: dict[str, NDArray[Any]], notes: list[str]
) -> dict[str, NDArray[Any]]:
    """Voltage and current under their plain names, where the file has other forms of them."""
    for wanted, others in (
        ("voltage_volt", ("mean_voltage_volt", "cell_voltage_volt", "mean_cell_voltage_volt")),
        ("current_ampere", ("mean_current_ampere",)),
    ):
        found = next((name for name in others if name in values), None)
        if wanted not in values and found:
            values = {wanted if name == found else name: x for name, x in values.items()}
            notes.append(f"{wanted} is the file's {found}")
    if "counter_electrode_voltage_volt" in values or "cell_voltage_volt" in values:
        notes.append("voltage_volt is that of the working electrode against the reference (Ewe)")
    return values


def _rows_apart(
    values: dict[str, NDArray[Any]], loop_starts: Sequence[int]
) -> tuple[NDArray[np.intp], list[NDArray[np.intp]]]:
    """The rows that are no impedance, and those of each spectrum."""
    rows = np.arange(len(next(iter(values.values()))))
    frequency = values.get("frequency_hertz")
    if frequency is None or not _are_numbers(frequency):
        return rows, []
    swept = np.isfinite(frequency) & (frequency > 0)
    changes = np.zeros(len(rows), dtype=bool)
    changes[1:] = swept[1:] != swept[:-1]
    for name in ("cycle_count", "step_index"):
        if name in values and _are_numbers(values[name]):
            column = np.nan_to_num(values[name].astype(float))
            changes[1:] |= column[1:] != column[:-1]
    changes[[start for start in loop_starts if start < len(rows)]] = True
    blocks = [block for block in np.split(rows, np.flatnonzero(changes)) if len(block)]
    spectra = [
        block[sweep]
        for block in blocks
        if swept[block[0]]
        for sweep in sweeps_apart({"frequency_hertz": frequency[block]})
    ]
    return rows[~swept], spectra


def _with_both_parts(values: dict[str, NDArray[Any]], notes: list[str]) -> dict[str, NDArray[Any]]:
    """Real and imaginary part of the impedance, from magnitude and phase if need be."""
    if "real_impedance_ohm" in values and "imaginary_impedance_ohm" in values:
        return values
    size, phase = values.get("absolute_impedance_ohm"), values.get("phase_degree")
    if size is None or phase is None or not _are_numbers(size, phase):
        return values
    notes.append("real and imaginary part are calculated from magnitude and phase")
    angle = np.radians(phase)
    return {
        **values,
        "real_impedance_ohm": size * np.cos(angle),
        "imaginary_impedance_ohm": size * np.sin(angle),
    }


def _lacking(kind: str, values: Mapping[str, NDArray[Any]]) -> list[str]:
    return [
        name
        for name in RECORD_KINDS[kind].required
        if name not in values or not _are_numbers(values[name])
    ]


def _missing(path: Path, lacking: Sequence[str], measurement: Measurement) -> InputError:
    return InputError(
        f"there is no column of numbers for {', '.join(lacking)}; the file has the columns "
        f"{', '.join(heading for heading, _ in measurement.columns)}",
        file=str(path),
    )


def _are_numbers(*columns: NDArray[Any]) -> bool:
    return all(column.dtype.kind in "fiu" for column in columns)
