"""Measured peaks set against the reflections of a structure."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, StorageError
from solith.core.intervals import widening_95
from solith.core.result import Result, Value

__all__ = ["Reflection", "compare_lists", "reflections_of"]

Array = NDArray[np.float64]
Reflection = tuple[float, float, str]
"""Angle 2 theta [deg], intensity, name."""

_LARGEST_OFFSET = 0.3
"""Degrees by which a sample's height and the goniometer's zero move a pattern."""
_TRIALS = 61
_FEWEST = 3
"""Reflections with a peak that tell offset and strain."""


@dataclass(frozen=True)
class _Shift:
    """Offset [deg] and strain of a pattern, with standard uncertainties where they are known."""

    offset: float
    strain: float
    offset_error: float | None = None
    strain_error: float | None = None


def reflections_of(
    structure: Path | str | Sequence[Mapping[str, Any]],
    wavelength: float,
    span: tuple[float, float],
) -> list[Reflection]:
    """The reflections within ``span`` [deg] of a CIF or of a table, by angle."""
    if isinstance(structure, (str, Path)):
        lines = _of_cif(Path(structure), wavelength, span)
    else:
        lines = _of_table(structure, wavelength)
    inside = sorted(line for line in lines if span[0] <= line[0] <= span[1] and line[1] > 0)
    if not inside:
        raise InputError(f"the structure has no reflection from {span[0]:g} to {span[1]:g} degrees")
    return inside


def compare_lists(
    peaks: Sequence[Mapping[str, Any]],
    lines: Sequence[Reflection],
    tolerance: float,
    largest_strain: float,
) -> Result:
    """The comparison of a table of peaks with reflections; values as ``compare_pattern`` says."""
    angles = np.array([row["position_degree"] for row in peaks], dtype=float)
    areas = np.array([row["area"] for row in peaks], dtype=float)
    merged = _merged(lines, tolerance)
    there = np.array([line[0] for line in merged])
    intensity = np.array([line[1] for line in merged])
    shift = _registered(angles, areas, there, intensity, tolerance, largest_strain)
    moved = _moved(there, shift.offset, shift.strain)
    owner = _owners(angles, moved, tolerance)
    measured = np.zeros(len(there))
    for peak, line in enumerate(owner):
        if line >= 0:
            measured[line] += areas[peak]
    beside = areas[owner < 0] if len(areas) else areas
    whole = math.sqrt(float(np.sum(measured**2) + np.sum(beside**2)) * float(np.sum(intensity**2)))
    score = float(measured @ intensity) / whole if whole else 0.0
    met = measured > 0
    scale, scale_error = _scale(measured, intensity)
    flags = () if met.sum() >= _FEWEST else ("fewer than three reflections have a peak",)
    values = (
        Value("match_score", score, flags=flags),
        Value("intensity_found", float(intensity[met].sum() / intensity.sum())),
        Value("area_explained", float(measured.sum() / areas.sum()) if areas.sum() else 0.0),
        Value(
            "offset", shift.offset if met.any() else None, "deg", shift.offset_error, flags=flags
        ),
        Value("strain", shift.strain if met.any() else None, "", shift.strain_error, flags=flags),
        Value("scale", scale if met.any() else None, "", scale_error, flags=flags),
    )
    matches = [
        {
            "name": name,
            "position_degree": float(at),
            "expected_degree": float(moved[number]),
            "intensity": float(strength),
            "area": float(measured[number]),
        }
        for number, (at, strength, name) in enumerate(merged)
    ]
    unexplained = [float(angles[peak]) for peak in np.flatnonzero(owner < 0)]
    details = {"matches": matches, "unexplained_degree": unexplained}
    return Result("comparison of a pattern with a structure", values, details)


def _of_table(table: Sequence[Mapping[str, Any]], wavelength: float) -> list[Reflection]:
    if not isinstance(table, (list, tuple)):
        raise InputError(
            f"{table!r} is neither a CIF's path nor a list of reflections", where="structure"
        )
    lines = []
    for number, row in enumerate(table):
        try:
            spacing, intensity = float(row["spacing_metre"]), float(row["intensity"])
        except (KeyError, TypeError, ValueError):
            raise InputError(
                "a reflection has spacing_metre and intensity", where=f"structure.{number}"
            ) from None
        if not (spacing > 0 and math.isfinite(intensity)):
            raise InputError(
                f"{row!r} is no reflection: a spacing above 0 and a finite intensity are needed",
                where=f"structure.{number}",
            )
        sine = wavelength / (2 * spacing)
        if sine < 1:
            lines.append((2 * math.degrees(math.asin(sine)), intensity, str(row.get("name", ""))))
    return lines


def _of_cif(path: Path, wavelength: float, span: tuple[float, float]) -> list[Reflection]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise StorageError(f"{path}: cannot be read ({error.strerror})") from None
    try:
        from pymatgen.analysis.diffraction.xrd import XRDCalculator
        from pymatgen.core import Structure
    except ImportError:
        raise InputError(
            "the reflections of a CIF are computed by pymatgen, which is not installed: "
            "pip install 'solith[pymatgen]', or give a table of reflections"
        ) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            crystal = Structure.from_str(text, fmt="cif")
            calculator = XRDCalculator(wavelength=wavelength * 1e10)
            pattern = calculator.get_pattern(crystal, two_theta_range=span)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, ZeroDivisionError):
            raise StorageError(f"{path}: is no CIF from which pymatgen makes a structure") from None
    names = [
        " ".join("(" + "".join(str(i) for i in one["hkl"]) + ")" for one in family)
        for family in pattern.hkls
    ]
    return [
        (float(angle), float(intensity), name)
        for angle, intensity, name in zip(pattern.x, pattern.y, names, strict=True)
    ]


def _merged(lines: Sequence[Reflection], tolerance: float) -> list[Reflection]:
    """Reflections nearer than the tolerance as one, at their centre of intensity."""
    groups: list[list[Reflection]] = []
    for line in lines:
        if groups and line[0] - groups[-1][-1][0] < tolerance:
            groups[-1].append(line)
        else:
            groups.append([line])
    merged = []
    for group in groups:
        total = sum(line[1] for line in group)
        centre = sum(line[0] * line[1] for line in group) / total
        merged.append((centre, total, " ".join(line[2] for line in group if line[2])))
    return merged


def _moved(angles: Array, offset: float, strain: float) -> Array:
    sine = np.sin(np.radians(angles) / 2) / (1 + strain)
    moved: Array = 2 * np.degrees(np.arcsin(np.minimum(sine, 1.0))) + offset
    return moved


def _owners(angles: Array, moved: Array, tolerance: float) -> NDArray[np.int64]:
    """The reflection of each peak, -1 for none."""
    if not len(angles):
        return np.empty(0, dtype=np.int64)
    apart = np.abs(angles[:, None] - moved[None, :])
    nearest: NDArray[np.int64] = np.argmin(apart, axis=1)
    nearest[apart[np.arange(len(angles)), nearest] > tolerance] = -1
    return nearest


def _registered(
    angles: Array,
    areas: Array,
    there: Array,
    intensity: Array,
    tolerance: float,
    largest_strain: float,
) -> _Shift:
    """Offset and strain for which most intensity meets most area, then by least squares."""
    if not len(angles):
        return _Shift(0.0, 0.0)
    strains = np.linspace(-largest_strain, largest_strain, _TRIALS) if largest_strain else [0.0]
    offsets = np.linspace(-_LARGEST_OFFSET, _LARGEST_OFFSET, 13)
    weight = np.sqrt(np.outer(areas / areas.sum(), intensity / intensity.sum()))
    best, chosen = -1.0, (0.0, 0.0)
    for strain in strains:
        moved = _moved(there, 0.0, float(strain))
        apart = angles[:, None] - moved[None, :]
        for offset in offsets:
            close = np.exp(-0.5 * ((apart - offset) / (tolerance / 2)) ** 2)
            met = float(np.sum(weight * close)) - 1e-3 * (abs(offset) / _LARGEST_OFFSET)
            if met > best:
                best, chosen = met, (float(offset), float(strain))
    return _by_least_squares(angles, areas, there, chosen, tolerance, largest_strain)


def _by_least_squares(
    angles: Array,
    areas: Array,
    there: Array,
    chosen: tuple[float, float],
    tolerance: float,
    largest_strain: float,
) -> _Shift:
    """The shift by peaks weighted by the roots of their areas; errors by how far they miss it."""
    offset, strain = chosen
    errors: tuple[float | None, float | None] = (None, None)
    for _ in range(4):
        moved = _moved(there, offset, strain)
        owner = _owners(angles, moved, tolerance)
        met = owner >= 0
        if met.sum() < _FEWEST:
            return _Shift(offset, strain)
        tangent = -2 * np.degrees(np.tan(np.radians(there[owner[met]]) / 2))
        columns = [np.ones(int(met.sum()))] + ([tangent] if largest_strain else [])
        weight = np.sqrt(areas[met])
        left = np.stack(columns, axis=1) * weight[:, None]
        step = np.linalg.lstsq(left, (angles[met] - moved[owner[met]]) * weight, rcond=None)[0]
        offset = float(np.clip(offset + step[0], -_LARGEST_OFFSET, _LARGEST_OFFSET))
        if largest_strain:
            strain = float(np.clip(strain + step[1], -largest_strain, largest_strain))
        errors = _errors(left, (angles[met] - moved[owner[met]]) * weight - left @ step)
    return _Shift(offset, strain, *errors)


def _errors(left: Array, residuals: Array) -> tuple[float | None, float | None]:
    """Standard uncertainties of offset and strain, widened by Student's t."""
    freedom = len(residuals) - left.shape[1]
    if freedom < 1:
        return None, None
    inverse = np.linalg.pinv(left)
    scatter = math.sqrt(float(residuals @ residuals) / freedom) * widening_95(freedom)
    errors = (np.linalg.norm(inverse, axis=1) * scatter).tolist()
    return errors[0], errors[1] if len(errors) > 1 else None


def _scale(measured: Array, intensity: Array) -> tuple[float, float | None]:
    """Measured over computed intensity by least squares over all reflections, and its error."""
    squares = float(intensity @ intensity)
    scale = float(measured @ intensity) / squares
    freedom = len(intensity) - 1
    if freedom < 1 or not measured.any():
        return scale, None
    misfit = float(np.sum((measured - scale * intensity) ** 2)) / freedom
    return scale, math.sqrt(misfit / squares) * widening_95(freedom)
