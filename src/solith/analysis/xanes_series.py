"""Absorption spectra of one sample over time: what appears, where, when and how fast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._cell_history import CellHistory, joined
from solith.analysis._options import positive, whole_number
from solith.analysis._xanes.aligned import Aligned, align
from solith.analysis._xanes.growth import Growth, Peak, growth_of, peaks_of
from solith.analysis._xanes.history import given_history, times_of
from solith.analysis._xanes.normalisation import range_of
from solith.analysis._xanes.smoothing import Smoother
from solith.analysis.xanes import SMOOTHING
from solith.analysis.xanes_species import find_xanes_candidates, xanes_references
from solith.core.errors import InputError
from solith.core.given import records_among
from solith.core.quantities import to_si
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["analyse_xanes_series"]

Array = NDArray[np.float64]

_GRID = 0.2  # of the smoothing: steps of the map
_BELOW, _ABOVE = 8.0, 25.0  # eV around the edges that are searched
_LEAST = 4
_NOT_LINEAR = 2.0  # of the noise's variance


def analyse_xanes_series(
    records: Sequence[Record] | Mapping[str, Record],
    *,
    times: Sequence[Any] | None = None,
    cycling: Record | None = None,
    clock_offset: Any = 0.0,
    potentials: Sequence[Any] | None = None,
    charges: Sequence[Any] | None = None,
    reference: int = 1,
    smoothing: Any = SMOOTHING,
    window: Any = None,
    pre_edge: Any = None,
    post_edge: Any = None,
) -> Result:
    """Features that appear, grow or fade through a series of spectra of X-ray absorption.

    ``times`` [s] of the spectra, or their attribute ``time_second``, or the dates in XDI files;
    without any they are counted. ``cycling`` is the record of the same cell: its potential, charge
    and current stand beside every spectrum; ``clock_offset`` [s] is the time of the spectra at
    which the cell's clock was 0. Without such a record ``potentials`` [V] or ``charges`` [C], one
    for each spectrum, stand in its place.

    Spectra are normalised in common ranges and the mean of the first ``reference`` ones is
    subtracted. Features are extremes of the differences (smoothed by Gaussian weights of deviation
    ``smoothing`` [eV]) within ``window`` [eV], by default from 8 eV below the first spectrum's
    edge to 25 eV above, and, apart, of the differences of the derivatives (local cubics). One
    counts where the mean over a quarter of the series stands above what noise, that of pre-edge
    lines and steps included, makes anywhere in one of a hundred maps, and four standard deviations
    above what parts it from its neighbours. For each, numbered by energy (``feature_1_...``, of
    the derivative ``derivative_feature_1_...``):

    * ``position`` [eV] and ``height`` (in edge steps, of the derivative edge steps per eV) of the
      mean where it stands out most: positive where absorption grows; the uncertainty of the
      energies' calibration is in that of the position;
    * ``onset`` [s] and ``rate`` [1/s]: a level that stays and then changes linearly, up to there;
      flagged where the change goes on from the first spectrum, or is not linear;
    * ``onset_potential`` [V] and ``onset_charge`` [mAh] where ``cycling`` is given.

    A feature at one energy does not name a species: ``details["features"]`` lists the candidates
    of :func:`solith.analysis.find_xanes_candidates` with their distance. ``details`` also hold
    energies, times, the maps of differences and their deviations, and the cell's history.

    Raises :class:`InputError` for fewer than four spectra, times that do not rise, a cycling record
    that does not overlap, and one without times of the spectra.
    """
    width = positive(smoothing, "eV", "smoothing")
    first = whole_number(reference, "a number of spectra, 1 or more", "reference")
    listed = records_among(records)
    aligned = align(
        records, smoothing=width, pre_edge=pre_edge, post_edge=post_edge, at_least=_LEAST
    )
    if first > len(listed) - _LEAST + 1:
        raise InputError(
            f"{first} of {len(listed)} spectra as reference leave too few", where="reference"
        )
    time, told = times_of(listed, times, needed=cycling is not None)
    history = None
    try:
        offset = to_si(clock_offset, "s")
    except InputError as error:
        raise error.inside("clock_offset") from None
    told_by_hand = potentials is not None or charges is not None
    if cycling is not None and told_by_hand:
        raise InputError("the record tells potentials and charges already", where="cycling")
    if cycling is not None:
        history = joined(cycling, time, offset)
    elif told_by_hand:
        history = given_history(potentials, charges, len(listed))
    clock = (*told, *(history.flags if history else ()))
    smoother = Smoother(aligned.energy, width)
    grid = _grid(aligned, smoother, window)
    level = _map(aligned, grid, smoother.means(grid), first)
    slope = _map(aligned, grid, smoother.weights(grid, 1), first)
    element, edge = (str(listed[0].data.attrs.get(key, "")) for key in ("element", "edge"))
    values: list[Value] = []
    rows: list[dict[str, Any]] = []
    for prefix, one, order in (("feature", level, 0), ("derivative_feature", slope, 1)):
        for number, peak in enumerate(one.peaks(width, first), start=1):
            feature = _feature(aligned, smoother, one, peak, order, time, first)
            values += _values(
                f"{prefix}_{number}", feature, order, time, history, aligned.flags, clock
            )
            rows.append({"name": f"{prefix}_{number}", **_row(feature, one, element, edge)})
    if not rows:
        nothing = "no feature stands above the noise of the series"
        values.append(Value("features", 0.0, "", flags=(*aligned.flags, nothing)))
    details = {
        "technique": "xanes",
        "records": list(aligned.titles),
        "time_second": time.tolist(),
        "energy_ev": grid.tolist(),
        "difference": level.difference.tolist(),
        "difference_deviation": np.hypot(level.deviation, level.reference).tolist(),
        "derivative_difference": slope.difference.tolist(),
        "derivative_deviation": np.hypot(slope.deviation, slope.reference).tolist(),
        "smoothing": width,
        "reference": first,
        "features": rows,
        **_history_rows(history),
    }
    return Result("absorption spectra through a series", tuple(values), details)


@dataclass(frozen=True)
class _Map:
    """Smoothed spectra (m, g), what was subtracted, deviations, and the weights that made them."""

    grid: Array
    levels: Array
    difference: Array
    deviation: Array
    reference: Array

    def peaks(self, width: float, first: int) -> list[Peak]:
        """The features, their spectra counted from the series' first."""
        found = peaks_of(
            self.grid, width, self.difference[first:], self.deviation[first:], self.reference
        )
        return [
            Peak(one.place, one.way, one.significance, one.first + first, one.last + first)
            for one in found
        ]


@dataclass(frozen=True)
class _Feature:
    peak: Peak
    energy: float
    energy_uncertainty: float
    height: float
    height_uncertainty: float
    growth: Growth | None
    trace: Array


def _grid(aligned: Aligned, smoother: Smoother, window: Any) -> Array:
    first, last = float(aligned.energy[0]), float(aligned.energy[-1])
    edge = aligned.how.edge if aligned.how else 0.5 * (first + last)
    wanted = (edge - _BELOW, edge + _ABOVE) if window is None else range_of(window, "window")
    low = max(wanted[0], first + smoother.width)
    high = min(wanted[1], last - smoother.width)
    if high - low < 4.0 * smoother.width:
        raise InputError(
            f"the spectra go from {first:.1f} to {last:.1f} eV; too little of that lies within",
            where="window",
        )
    return np.linspace(low, high, int((high - low) / (_GRID * smoother.width)) + 2)


def _map(aligned: Aligned, grid: Array, weights: Array, first: int) -> _Map:
    levels = aligned.spectra @ weights.T
    deviation = aligned.deviations(weights)
    base = np.mean(levels[:first], axis=0)
    reference = np.sqrt(np.sum(deviation[:first] ** 2, axis=0)) / first
    return _Map(grid, levels, levels - base, deviation, reference)


def _feature(
    aligned: Aligned,
    smoother: Smoother,
    one: _Map,
    peak: Peak,
    order: int,
    time: Array,
    first: int,
) -> _Feature:
    """The feature's place by the mean of the spectra where it stands out most, and its growth."""
    count = peak.last - peak.first
    rows = slice(peak.first, peak.last)
    mean = np.mean(aligned.spectra[rows], axis=0) - np.mean(aligned.spectra[:first], axis=0)
    noise = aligned.noise / aligned.steps
    error = np.hypot(
        np.sqrt(np.sum(noise[rows] ** 2)) / count, np.sqrt(np.sum(noise[:first] ** 2)) / first
    )
    about = float(one.grid[peak.place])
    near = smoother.maxima(peak.way * mean, order, about - smoother.width, about + smoother.width)
    found = smoother.extreme(peak.way * mean, order, near[0] if near else about, float(error))
    trace = one.levels[:, peak.place]
    spread = float(
        np.hypot(
            np.sqrt(np.sum(one.deviation[rows, peak.place] ** 2)) / count,
            one.reference[peak.place],
        )
    )
    seen = slice(0, peak.last)
    growth = growth_of(time[seen], trace[seen], one.deviation[seen, peak.place])
    off = float(np.hypot(found.spread, aligned.shift_uncertainty))
    return _Feature(peak, found.energy, off, peak.way * found.height, spread, growth, trace)


def _values(
    name: str,
    feature: _Feature,
    order: int,
    time: Array,
    history: CellHistory | None,
    flags: tuple[str, ...],
    clock: tuple[str, ...],
) -> list[Value]:
    """Flags of the energies stand at the position, those of the times at what needs them."""
    per = "1/eV" if order else ""
    rate_unit = "1/(eV s)" if order else "1/s"
    values = [
        Value(f"{name}_position", feature.energy, "eV", feature.energy_uncertainty, flags=flags),
        Value(f"{name}_height", feature.height, per, feature.height_uncertainty),
    ]
    growth = feature.growth
    if growth is None:
        return values
    crooked = growth.misfit > _NOT_LINEAR
    told = (*clock, *(("the change is not linear in time",) if crooked else ()))
    method = "a level that stays and then changes linearly"
    values.append(
        Value(
            f"{name}_rate", growth.rate, rate_unit, growth.rate_uncertainty, "", method, flags=told
        )
    )
    if growth.onset is None:
        early = (*told, "it changes from the first spectrum on")
        return [*values, Value(f"{name}_onset", None, "s", method=method, flags=early)]
    values.append(
        Value(f"{name}_onset", growth.onset, "s", growth.onset_uncertainty, "", method, flags=told)
    )
    if history is not None:
        for word, unit, column in (
            ("potential", "V", history.potential),
            ("charge", "mAh", history.charge),
        ):
            if not np.isfinite(column).any():
                continue
            ends = growth.onset + np.array([-1.0, 0.0, 1.0]) * (growth.onset_uncertainty or 0.0)
            low, at, high = np.interp(ends, time, column)
            known = bool(np.isfinite(at))
            # The longer side: a cycle may turn within the uncertainty, and come back to one value.
            furthest = float(max(abs(high - at), abs(at - low)))
            spread = furthest if np.isfinite(furthest) else None
            out = () if known else ("the onset lies outside the cycling record",)
            values.append(
                Value(
                    f"{name}_onset_{word}",
                    float(at) if known else None,
                    unit,
                    spread if known else None,
                    flags=(*told, *out),
                )
            )
    return values


def _row(feature: _Feature, one: _Map, element: str, edge: str) -> dict[str, Any]:
    known = (element or "S", edge or "K")
    listed: list[Any] = []
    if any((row.element, row.edge) == known for row in xanes_references()):
        listed = find_xanes_candidates(
            feature.energy,
            uncertainty=feature.energy_uncertainty,
            element=known[0],
            edge=known[1],
        ).details["candidates"]
    return {
        "energy": feature.energy,
        "uncertainty": feature.energy_uncertainty,
        "height": feature.height,
        "way": "grows" if feature.peak.way > 0 else "fades",
        "significance": feature.peak.significance,
        "trace": (feature.trace - feature.trace[0]).tolist(),
        "deviation": one.deviation[:, feature.peak.place].tolist(),
        "candidates": listed,
    }


def _history_rows(history: CellHistory | None) -> dict[str, Any]:
    if history is None:
        return {}
    columns = {
        "potential_volt": history.potential,
        "charge_mah": history.charge,
        "current_ampere": history.current,
    }
    return {name: row.tolist() for name, row in columns.items() if np.isfinite(row).any()}
