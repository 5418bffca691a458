"""PANalytical's XML of a diffractometer (.xrdml): scans of counts, angles by their ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import StorageError
from solith.readers._pattern import Pattern, pattern_records
from solith.readers._text import decoded

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["FORMAT", "UNVERIFIED", "read", "recognises"]

FORMAT = "PANalytical XRDML (.xrdml)"
UNVERIFIED = (
    "PANalytical XRDML: several scans, listed positions, attenuation factors and the `counts` of "
    "version 2 are read as their layout is described; only one scan of version 1.5 was at hand."
)

_AXES = {"2theta": "two_theta", "gonio": "two_theta", "2theta-omega": "two_theta"} | {
    "omega-2theta": "two_theta",
    "omega": "omega",
    "phi": "phi",
    "chi": "chi",
}
_COLUMNS = {"two_theta": "2theta", "omega": "omega", "phi": "phi", "chi": "chi"}
_MOST_DEGREES = 360.0
_LARGEST = 1e30
"""What no instrument counts, and whose square overflows."""
Array = NDArray[np.float64]


def recognises(head: bytes) -> bool:
    """Whether the root element is PANalytical's, with or without a declaration before it."""
    return "<xrdMeasurements" in decoded(head)[:1500]


def read(path: Path) -> list[Record]:
    """A record for each scan of a file: counts against the angle that was scanned.

    Counts behind an attenuator are multiplied by its factor, and a note says so. Raises
    :class:`StorageError` for a file that is no whole XML, declares entities, or holds no scan that
    can be read.
    """
    patterns = list(_patterns(path, _tree(path)))
    if not patterns:
        raise StorageError(f"{path}: holds no scan with data points")
    return pattern_records(path, patterns, "PANalytical")


def _tree(path: Path) -> ElementTree.Element:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path}: cannot be read ({error.strerror})") from None
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise StorageError(f"{path}: declares entities, which no diffractometer writes")
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise StorageError(f"{path}: the XML breaks off or is damaged ({error})") from None
    for element in root.iter():
        element.tag = str(element.tag).rpartition("}")[2]
    return root


def _patterns(path: Path, root: ElementTree.Element) -> Iterator[Pattern]:
    sample = (root.findtext("sample/id") or root.findtext("sample/name") or "").strip()
    for measurement in root.iter("xrdMeasurement"):
        lengths, ratio = _wavelengths(measurement)
        for scan in measurement.findall("scan"):
            points = scan.find("dataPoints")
            if points is None:
                continue
            axis = scan.get("scanAxis", "2Theta")
            yield _pattern(path, points, axis, lengths, ratio, sample)


def _wavelengths(measurement: ElementTree.Element) -> tuple[tuple[float, ...], float | None]:
    used = measurement.find("usedWavelength")
    if used is None:
        return (), None
    first, second = (_number(used.findtext(name)) for name in ("kAlpha1", "kAlpha2"))
    ratio = _number(used.findtext("ratioKAlpha2KAlpha1"))
    known = [length for length in (first, second) if length is not None and 0 < length < 100]
    lengths = tuple(known) if first in known else ()
    return lengths, ratio if ratio is not None and 0 <= ratio <= 1 else None


def _pattern(
    path: Path,
    points: ElementTree.Element,
    axis: str,
    lengths: tuple[float, ...],
    ratio: float | None,
    sample: str,
) -> Pattern:
    element = points.find("intensities")
    element = points.find("counts") if element is None else element
    if element is None:
        raise StorageError(f"{path}: a scan has neither intensities nor counts")
    unit = {"cps": "1/s"}.get(element.get("unit", "counts"), "counts")
    intensity = _numbers(path, element.text, "intensities")
    notes = []
    factors = points.findtext("beamAttenuationFactors")
    if factors is not None and element.tag == "counts":
        factor = _numbers(path, factors, "beamAttenuationFactors")
        if len(factor) != len(intensity):
            raise StorageError(f"{path}: has {len(factor)} factors for {len(intensity)} counts")
        intensity = intensity * factor
        if np.any(factor != 1):
            notes.append("counts behind the attenuator were multiplied by its factor")
    quantity = _AXES.get(axis.lower(), axis.lower())
    angles = _angles(path, points, _COLUMNS.get(quantity, quantity), len(intensity))
    seconds = _number(points.findtext("commonCountingTime"))
    return Pattern(angles, intensity, unit, quantity, lengths, ratio, seconds, sample, tuple(notes))


def _angles(path: Path, points: ElementTree.Element, column: str, count: int) -> Array:
    for positions in points.findall("positions"):
        if positions.get("axis", "").lower() != column:
            continue
        listed = positions.findtext("listPositions")
        if listed is not None:
            angles = _numbers(path, listed, "listPositions")
        else:
            start = _number(positions.findtext("startPosition"))
            end = _number(positions.findtext("endPosition"))
            if start is None or end is None:
                continue
            angles = np.linspace(start, end, count)
        if len(angles) != count:
            raise StorageError(f"{path}: has {len(angles)} positions for {count} intensities")
        if np.max(np.abs(angles)) > _MOST_DEGREES:
            raise StorageError(f"{path}: an angle of {np.max(np.abs(angles)):g} degrees is none")
        return angles
    raise StorageError(f"{path}: a scan does not tell the positions of its axis {column!r}")


def _numbers(path: Path, text: str | None, what: str) -> Array:
    try:
        found = np.array((text or "").split(), dtype=float)
    except ValueError:
        raise StorageError(f"{path}: {what} are not all numbers") from None
    if not len(found) or not np.all(np.abs(found) < _LARGEST):
        raise StorageError(f"{path}: {what} are empty or not finite")
    return found


def _number(text: str | None) -> float | None:
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if abs(found) < _LARGEST else None
