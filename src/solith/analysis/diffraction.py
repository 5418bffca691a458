"""Diffraction patterns: peaks, halos, the crystalline share, and comparison with a structure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._diffraction.comparison import compare_lists, reflections_of
from solith.analysis._diffraction.halo import Halo, find_halos
from solith.analysis._diffraction.pattern import Pattern, pattern_of
from solith.analysis._diffraction.peak_model import Fit
from solith.analysis._diffraction.peak_search import search_peaks
from solith.analysis._options import positive
from solith.core.errors import InputError
from solith.core.given import require_record
from solith.core.result import LOWER_BOUND, Result, Value

if TYPE_CHECKING:
    from pathlib import Path

    from solith.core.record import Record

__all__ = ["compare_pattern", "find_peaks"]

_SCHERRER = 0.9
_LARGEST = 2e-7
"""Metres above which a laboratory's peak width tells of the instrument and not of the size."""
_RAD = math.pi / 180
_POOR_FIT = 2.0


def find_peaks(
    record: Record,
    *,
    wavelength: float | str | None = None,
    instrument_width: float = 0.0,
    false_alarm: float = 0.01,
) -> Result:
    r"""The peaks of a diffraction pattern, its halos, and the crystalline share.

    Pseudo-Voigt peaks, all of one Lorentzian share and each with its K-alpha 2 where the record
    knows that line, are fitted together with a smooth spline (knots 4 degrees apart). A peak is
    taken where it stands above the noise as chance would anywhere in the pattern with the
    probability ``false_alarm``; noise is that of counts where the record's unit is "counts" (or
    "1/s" with a counting time), else that between neighbouring points. Halos are bumps at least
    2.5 degrees wide in the smooth part, on a background of a line and a foot at low angles.

    ``wavelength`` [m] goes before the record's. ``instrument_width`` [deg]: full width at half
    height that the instrument gives to a perfect crystal's peak; it is taken off linearly for the
    Lorentzian share and in squares for the rest.

    ``details["peaks"]``: a row for each peak by angle, ``position_degree`` (2 theta of K-alpha 1),
    ``spacing_metre`` by Bragg's law, ``width_degree`` (full, at half height), ``area`` (both
    lines, intensity times degree), ``size_metre`` by Scherrer's formula, each with its
    ``_uncertainty``; ``background``: the smooth part below. The uncertainty of spacings is the
    fit's alone: an error of the zero or of the sample's height is not in it.

    Size: :math:`L = K \lambda / (\beta \cos\theta)`, K = 0.9, a volume-weighted length along the
    planes' normal (Scherrer 1918; Patterson 1939, 10.1103/PhysRev.56.978). Strain widens peaks too,
    so that it is a lower bound of the crystal's size; where the width is the instrument's or the
    size above 200 nm, it is a bound alone and a flag says so.

    Values: ``peak_count``; of the largest peak ``position`` [deg], ``spacing`` [m], ``width``
    [deg], ``size`` [m]; ``halo_position`` [deg] and ``halo_spacing`` [m] of the largest halo;
    ``crystalline_share``: area of peaks over that of peaks and halos. That is a share of what is
    scattered in the measured range, equal to the share of mass only for phases that scatter alike.

    Raises :class:`InputError` for what is no pattern.
    """
    pattern = pattern_of(record, wavelength)
    if not 0 < _number(false_alarm, "false_alarm") < 0.5:
        raise InputError(f"{false_alarm!r} is no probability below 0.5", where="false_alarm")
    broad = _number(instrument_width, "instrument_width")
    if not 0 <= broad < 5:
        raise InputError(f"{instrument_width!r} is not 0 to 5 degrees", where="instrument_width")
    fit = search_peaks(pattern, float(false_alarm))
    halos, background = find_halos(pattern, fit)
    rows = _rows(pattern, fit, broad)
    flags = (*pattern.flags, *_flags(fit))
    values = [Value("peak_count", float(len(rows)), flags=flags)]
    values += _largest(rows)
    values += _of_halos(pattern, halos)
    values.append(_share(fit, halos))
    details = {
        "wavelength_metre": pattern.wavelength,
        "peaks": rows,
        "halos": [dict(halo.__dict__) for halo in halos],
        "lorentzian_share": fit.peaks.share if len(fit.peaks) else None,
        "reduced_chi_squared": fit.chi_squared if len(fit.peaks) else None,
        "angle_degree": pattern.angle.tolist(),
        "intensity": pattern.intensity.tolist(),
        "fitted": fit.curve.tolist(),
        "background": fit.smooth.tolist(),
        "below_halos": background.tolist(),
    }
    return Result("peaks of a diffraction pattern", tuple(values), details)


def compare_pattern(
    found: Record | Result,
    structure: Path | str | list[Mapping[str, Any]],
    *,
    tolerance: float = 0.2,
    largest_strain: float = 0.01,
) -> Result:
    """How well a structure explains the peaks of a pattern.

    ``found`` is a pattern or the result of :func:`find_peaks`. ``structure`` is the path of a CIF,
    whose reflections pymatgen computes (``pip install 'solith[pymatgen]'``: kinematic, with
    Lorentz and polarisation factors, no thermal motion), or a table of reflections of any other
    origin: rows with ``spacing_metre`` and ``intensity``, and ``name`` if there is one.

    The offset of angles and one strain of all spacings, at most ``largest_strain``, are fitted;
    reflections belong to a peak within ``tolerance`` [deg] after that. Reflections closer than the
    tolerance are one.

    Values: ``match_score``, the cosine between computed and measured intensities, 1 where they
    are in proportion and nothing is missing or in excess (texture lowers it); ``intensity_found``:
    share of the computed intensity in the measured range whose reflection has a peak;
    ``area_explained``: share of the measured area; ``offset`` [deg]; ``strain`` of the spacings
    against the structure's; ``scale``: measured over computed intensity; uncertainties of these
    three are by how far the matches miss, where there are enough. Details list the ``matches``
    and the peaks that the structure does not explain.

    Raises :class:`InputError` for tables that hold no reflections and where pymatgen is missing,
    :class:`StorageError` for a file that is no CIF.
    """
    if not isinstance(found, Result):
        require_record(found)
        found = find_peaks(found)
    if "peaks" not in found.details or "wavelength_metre" not in found.details:
        raise InputError("expected a pattern or the result of find_peaks")
    reach = positive(tolerance, "", "tolerance")
    strain = _number(largest_strain, "largest_strain")
    if not 0 <= strain < 0.2:
        raise InputError(f"{largest_strain!r} is not 0 to 0.2", where="largest_strain")
    wavelength = float(found.details["wavelength_metre"])
    angles = found.details["angle_degree"]
    lines = reflections_of(structure, wavelength, (angles[0], angles[-1]))
    return compare_lists(found.details["peaks"], lines, reach, strain)


def _number(given: Any, where: str) -> float:
    if isinstance(given, bool) or not isinstance(given, (int, float, np.integer, np.floating)):
        raise InputError(f"{given!r} is not a number", where=where)
    return float(given)


def _flags(fit: Fit) -> tuple[str, ...]:
    if not len(fit.peaks):
        return ("no peak stands above the noise",)
    flags = []
    if fit.covariance is None:
        flags.append("the peaks are not determined by the pattern: no uncertainties")
    if fit.chi_squared > _POOR_FIT:
        flags.append(
            f"the peaks' shape leaves {fit.chi_squared:.1f} times the variance of the noise"
        )
    return tuple(flags)


def _rows(pattern: Pattern, fit: Fit, broad: float) -> list[dict[str, Any]]:
    peaks, count = fit.peaks, len(fit.peaks)
    rows = []
    for k in np.argsort(peaks.position):
        position, width = float(peaks.position[k]), float(peaks.width[k])
        off = fit.error(int(k))
        spacing = float(pattern.spacing(position))
        width_error = width * fit.error(2 * count + int(k))
        size, size_error, bound = _size(pattern, position, width, width_error, peaks.share, broad)
        rows.append(
            {
                "position_degree": position,
                "position_degree_uncertainty": off,
                "spacing_metre": spacing,
                "spacing_metre_uncertainty": spacing
                * off
                * _RAD
                / (2 * math.tan(position * _RAD / 2)),
                "width_degree": width,
                "width_degree_uncertainty": width_error,
                "area": float(peaks.area[k]),
                "area_uncertainty": fit.error(count + int(k)),
                "size_metre": size,
                "size_metre_uncertainty": size_error,
                "size_flag": bound,
            }
        )
    return rows


def _size(
    pattern: Pattern, position: float, width: float, error: float, share: float, broad: float
) -> tuple[float, float | None, str]:
    """Scherrer's size, its uncertainty, and what kind of bound it is ("" for a size)."""
    linear = max(width - broad, 0.0)
    squares = math.sqrt(max(width**2 - broad**2, 0.0))
    own = share * linear + (1 - share) * squares
    scale = _SCHERRER * pattern.wavelength / math.cos(position * _RAD / 2) / _RAD
    if not own > 2 * error or scale / own > _LARGEST:
        least = max(own + 2 * (error if math.isfinite(error) else width), 1e-9)
        return min(scale / least, _LARGEST), None, f"{LOWER_BOUND}: the width is the instrument's"
    slope = share + (1 - share) * width / max(squares, 1e-12)
    if not broad:
        return scale / own, scale / own**2 * error * slope, f"{LOWER_BOUND}: instrument_width is 0"
    return scale / own, scale / own**2 * error * slope, ""


def _largest(rows: list[dict[str, Any]]) -> list[Value]:
    names = (("position", "deg"), ("spacing", "m"), ("width", "deg"), ("size", "m"))
    if not rows:
        return [Value(name, None, unit, flags=("there is no peak",)) for name, unit in names]
    row = max(rows, key=lambda one: one["area"])
    values = []
    for name, unit in names:
        key = f"{name}_{'degree' if unit == 'deg' else 'metre'}"
        flags = (row["size_flag"],) if name == "size" and row["size_flag"] else ()
        method = "Scherrer, K = 0.9" if name == "size" else "largest peak"
        values.append(
            Value(name, row[key], unit, row[f"{key}_uncertainty"], method=method, flags=flags)
        )
    return values


def _of_halos(pattern: Pattern, halos: list[Halo]) -> list[Value]:
    if not halos:
        told = ("no halo is needed to explain the smooth part",)
        return [
            Value("halo_position", None, "deg", flags=told),
            Value("halo_spacing", None, "m", flags=told),
        ]
    halo = max(halos, key=lambda one: one.area)
    spacing = float(pattern.spacing(halo.position))
    off = spacing * halo.position_error * _RAD / (2 * math.tan(halo.position * _RAD / 2))
    return [
        Value("halo_position", halo.position, "deg", halo.position_error),
        Value("halo_spacing", spacing, "m", off, method="Bragg's law at the halo's top"),
    ]


def _share(fit: Fit, halos: list[Halo]) -> Value:
    count = len(fit.peaks)
    crystalline = float(np.sum(fit.peaks.area))
    broad = sum(halo.area for halo in halos)
    if not crystalline + broad > 0:
        return Value("crystalline_share", None, flags=("there is neither a peak nor a halo",))
    share = crystalline / (crystalline + broad)
    error = 0.0
    if count and fit.covariance is not None:
        block = fit.covariance[count : 2 * count, count : 2 * count]
        error = math.sqrt(max(float(block.sum()), 0.0))
    halo_error = math.sqrt(sum(halo.area_error**2 for halo in halos))
    spread = math.hypot((1 - share) * error, share * halo_error) / (crystalline + broad)
    flags: tuple[str, ...] = ("of the scattered intensity, not of the mass",)
    if not halos:
        flags += ("no halo was found: what is amorphous may be hidden in the background",)
    return Value("crystalline_share", share, "", spread, method="areas", flags=flags)
