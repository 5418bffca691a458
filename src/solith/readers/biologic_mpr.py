"""BioLogic's binary files (``.mpr``) of EC-Lab and BT-Lab, one technique each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from solith.core.errors import StorageError
from solith.readers._biologic_records import Measurement, records_of
from solith.readers._mpr_modules import (
    SIGNATURE,
    Module,
    acquisition_start,
    analog_inputs,
    header_claims,
    loop_starts,
    points_of,
    split_modules,
)

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["FORMAT", "read", "recognises"]

FORMAT = "BioLogic EC-Lab, binary (.mpr)"

_TECHNIQUES = {
    0x04: "gcpl",
    0x06: "cv",
    0x0B: "ocv",
    0x18: "ca",
    0x19: "cp",
    0x1D: "peis",
    0x1E: "geis",
    0x30: "cv",
    0x33: "cva",
    0x6C: "lsv",
    0x77: "gcpl",
    0x7F: "mb",
}
"""The first byte of the settings; after yadg 7.0.1 (facts only)."""


def recognises(head: bytes) -> bool:
    """Whether a file begins with the signature of BioLogic's binary files."""
    return head.startswith(SIGNATURE)


def read(path: Path) -> list[Record]:
    """The records in a file: cycling or a voltammogram, and each spectrum one of impedance.

    A file that breaks off gives its whole data points, and a note says how many were
    promised. Raises :class:`StorageError` where there is none, for a layout or column that
    is not known (by number and place), and where the column table does not fit the data.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path}: cannot be read ({error.strerror})") from None
    try:
        measurement = _measurement(content)
    except StorageError as error:
        raise StorageError(f"{path}: {error}") from None
    return records_of(path, measurement)


def _measurement(content: bytes) -> Measurement:
    modules, problem = split_modules(content)
    data = _first(modules, "VMP data")
    if data is None:
        raise StorageError(f"there is no data module; {problem or 'the file holds none'}")
    points = points_of(data)
    notes = []
    if points.whole < points.promised:
        notes.append(
            f"the file breaks off: {points.whole} of {points.promised} promised points are there"
        )
    elif problem:
        notes.append(f"all {points.whole} points are there, but {problem}")
    devices = _first(modules, "VMP ExtDev")
    if devices is not None and (names := analog_inputs(devices)):
        notes.append(
            f"analog inputs are set up as {', '.join(map(repr, names))}; their columns are kept "
            "as the file stores them, and whether that is in volts is not known"
        )
    settings, log = _first(modules, "VMP Set"), _first(modules, "VMP LOG")
    loops = _first(modules, "VMP loop")
    starts = loop_starts(loops) if loops is not None else ()
    attributes: dict[str, Any] = {}
    technique = ""
    if settings is not None and settings.body:
        number = settings.body[0]
        technique = _TECHNIQUES.get(number, "")
        if not technique:
            notes.append(
                f"the settings name the technique {number}, which is not known here; the "
                "columns alone tell what this is"
            )
        if started := acquisition_start(settings, log):
            attributes["acquisition_start"] = started
        if claims := header_claims(settings):
            attributes["header_claims"] = claims
    else:
        notes.append("there are no settings; the columns alone tell what this is")
    return Measurement(
        columns=points.columns,
        technique=technique,
        attributes=attributes,
        notes=tuple(notes),
        loop_starts=[start for start in starts if start < points.whole],
    )


def _first(modules: list[Module], name: str) -> Module | None:
    return next((module for module in modules if module.name == name), None)
