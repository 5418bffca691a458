"""Peaks, shoulders and charges of one cycle of a voltammogram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._options import chosen, cycle_among, fact, positive
from solith.analysis._rows import title_of
from solith.analysis._voltammetry.current_peaks import (
    Peak,
    Shoulder,
    find_peaks_of,
    find_shoulders_of,
)
from solith.analysis._voltammetry.curve import Curve, curve_of
from solith.analysis._voltammetry.scan_rates import SAME_RATE
from solith.analysis._voltammetry.sweep_faults import faults_of
from solith.analysis._voltammetry.sweeps import Sweep, sweeps_of
from solith.core.quantities import in_unit
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["analyse_voltammogram"]

_BASELINES = ("zero", "linear", "capacitive")
_SIDES = {"anodic": 1, "cathodic": -1}

_AT_END = "the largest current is at the end of the sweep: no peak there"


def analyse_voltammogram(
    record: Record,
    *,
    cycle: int | None = None,
    baseline: str = "zero",
    prominence: Any = 0.02,
) -> Result:
    """Peaks and charges of one cycle of a voltammogram.

    The record is split where the potential turns. Two sweeps, counted from the first that
    spans the whole window, are a cycle; what comes before is cycle 0. Without ``cycle`` the
    last one with two full sweeps is taken. In an anodic sweep the potential rises, and peaks
    are maxima of the current; in a cathodic one they are minima. A peak of the smoothed
    current falls on both sides by ``prominence`` x the sweep's span of current, and by eight
    times its noise, before the current is higher again. The smoothing window is chosen from
    the noise and told in ``details``. The largest current at a sweep's end is no peak, and a
    flag says so.

    * ``peak_potential_anodic``, ``_cathodic`` [V]: of the largest peak of each sweep;
    * ``peak_current_anodic``, ``_cathodic`` [A], with sign; ``peak_current_density_...``
      [A/m2 of geometric area] and ``specific_peak_current_...`` [A/kg of active material]
      where the record knows ``geometric_area_m2`` and ``active_mass_kg``;
    * ``peak_separation`` [V]: anodic minus cathodic peak potential;
    * ``half_peak_width_anodic``, ``_cathodic`` [V]: from the peak to half its current on the
      side that the sweep comes from; ``width_at_half_height_...`` [V]: on both sides;
    * ``peak_charge_anodic``, ``_cathodic`` [mAh, or mAh/g where the mass is known]: of the
      peak, where it is above its baseline;
    * ``charge_anodic``, ``_cathodic`` [the same]: current of that sign over time (trapezoid
      rule) in the sweeps of the cycle;
    * ``scan_rate`` [V/s]: slope of the potential over time, mean of the cycle's sweeps.

    ``baseline`` is what currents, widths and charges of peaks are above: "zero"; "linear", a
    straight line through the lowest points on both sides of the peak; "capacitive", a straight
    line fitted to the flat part before the peak and extended under it. The raw rows near the
    peak, as many as a quartic describes within the noise, give its top; standard uncertainties
    follow from the noise that the record itself shows (scatter from row to row; noise that
    is slow beside the peak is not seen), and of a peak with few rows from what a parabola says
    otherwise.

    All sweeps with all their peaks and shoulders are in ``details["sweeps"]``. A shoulder is
    a bulge between two inflections without a maximum, told by minus the second derivative.
    Flags name a current of the wrong sign, drift between cycles, missing rows, few rows.

    Raises :class:`InputError` for another kind of record, fewer than five usable rows, time
    that runs backwards, and a potential that does not change; :class:`UnknownNameError` for a
    cycle the record does not hold.
    """
    chosen("baseline", baseline, _BASELINES)
    least = positive(prominence, "", "prominence")
    sweeps, dropped = sweeps_of(record)
    found = {sweep.number: _found(sweep, least, baseline) for sweep in sweeps}
    number = _cycle(record, sweeps, cycle)
    mine = [sweep for sweep in sweeps if sweep.cycle == number]
    whole = sum(sweep.full for sweep in mine) >= 2
    faults = faults_of(sweeps, number)
    part = () if whole else (f"cycle {number} is not a full cycle",)
    flags = (*part, *faults, *dropped)
    method = f"cycle {number}, largest peak over baseline {baseline}, quartic through the rows near"
    values: list[Value] = []
    tops: dict[str, Peak | None] = {}
    for side, direction in _SIDES.items():
        own = [found[sweep.number] for sweep in mine if sweep.direction == direction]
        tops[side], told = None, (f"cycle {number} has no {side} sweep", *flags)
        if own:
            tops[side] = top = next(iter(own[0].peaks), None)
            told = (*top.flags, *flags) if top else (own[0].reason, *flags)
            if own[0].at_end:
                told = (_AT_END, *told[0 if top else 1 :])
        values += _peak_values(record, side, tops[side], method, told)
    values.append(_separation(tops, number, flags))
    values += _charges(record, mine, number, flags)
    values.append(_scan_rate(record, mine, flags))
    details = {
        "cycle": number,
        "baseline": baseline,
        "sweeps": [_row(sweep, found[sweep.number]) for sweep in sweeps],
    }
    return Result(f"Voltammogram of {title_of(record)}", tuple(values), details)


@dataclass(frozen=True)
class _Found:
    """What one sweep shows."""

    curve: Curve | None
    peaks: Sequence[Peak] = ()
    shoulders: Sequence[Shoulder] = ()
    at_end: bool = False

    @property
    def reason(self) -> str:
        """Why there is no peak."""
        if self.curve is None:
            return "fewer than seven potentials, or a current that does not change: no peak"
        return "no peak in the sweep"


def _found(sweep: Sweep, least: float, baseline: str) -> _Found:
    curve = curve_of(sweep, least)
    if curve is None:
        return _Found(None)
    peaks, at_end = find_peaks_of(curve, least, baseline)
    return _Found(curve, peaks, find_shoulders_of(curve, least, peaks), at_end)


def _cycle(record: Record, sweeps: Sequence[Sweep], wanted: int | None) -> int:
    numbers = sorted({sweep.cycle for sweep in sweeps})
    if wanted is not None:
        return cycle_among(wanted, numbers, f"cycle of {title_of(record)}")
    full = [n for n in numbers if sum(s.full for s in sweeps if s.cycle == n) >= 2]
    both = [n for n in numbers if len({s.direction for s in sweeps if s.cycle == n}) == 2]
    return (full or both or numbers)[-1]


def _peak_values(
    record: Record, side: str, top: Peak | None, method: str, flags: tuple[str, ...]
) -> list[Value]:
    def value(
        name: str,
        number: float | None,
        unit: str,
        uncertainty: float | None,
        area: str = "",
        told: tuple[str, ...] = (),
    ) -> Value:
        return Value(
            f"{name}_{side}",
            number,
            unit,
            None if number is None else uncertainty,
            area=area,
            method=method,
            flags=(*told, *flags),
        )

    def of(part: str) -> float | None:
        return None if top is None else getattr(top, part)

    current, u_current = of("current"), of("u_current")
    values = [
        value("peak_potential", of("potential"), "V", of("u_potential")),
        value("peak_current", current, "A", u_current),
    ]
    for name, known, unit, area in (
        ("peak_current_density", "geometric_area_m2", "A/m2", "geometric"),
        ("specific_peak_current", "active_mass_kg", "A/kg", ""),
    ):
        size = fact(record, known)
        if size is not None:
            number = None if current is None else current / size
            spread = None if u_current is None else u_current / size
            values.append(value(name, number, unit, spread, area))
    half, full = of("half_width"), of("full_width")
    before = ("the sweep does not begin below half of the peak",) if top and half is None else ()
    values.append(value("half_peak_width", half, "V", of("u_half_width"), told=before))
    after = ("the sweep does not end below half of the peak",) if top and full is None else ()
    told = before or after
    values.append(value("width_at_half_height", full, "V", of("u_full_width"), told=told))
    unit = _charge_unit(record)[1]
    charge, u_charge = (
        None if passed is None else _charge(record, passed)
        for passed in (of("charge"), of("u_charge"))
    )
    values.append(value("peak_charge", charge, unit, u_charge))
    return values


def _charge_unit(record: Record) -> tuple[float, str]:
    """What a charge is divided by, and its unit then."""
    mass = fact(record, "active_mass_kg")
    return (1.0, "mAh") if mass is None else (mass, "mAh/g")


def _charge(record: Record, passed: float) -> float:
    """A charge given in C, in the unit of the result."""
    size, unit = _charge_unit(record)
    return in_unit(passed / size, "C" if unit == "mAh" else "C/kg", unit)


def _separation(tops: Mapping[str, Peak | None], number: int, flags: tuple[str, ...]) -> Value:
    anodic, cathodic = tops["anodic"], tops["cathodic"]
    method = f"cycle {number}, anodic minus cathodic peak potential"
    if anodic is None or cathodic is None:
        missing = " and ".join(side for side, top in tops.items() if top is None)
        return Value(
            "peak_separation", None, "V", method=method, flags=(f"no {missing} peak", *flags)
        )
    return Value(
        "peak_separation",
        anodic.potential - cathodic.potential,
        "V",
        float(np.hypot(anodic.u_potential, cathodic.u_potential)),
        method=method,
        flags=(*dict.fromkeys((*anodic.flags, *cathodic.flags)), *flags),
    )


def _charges(
    record: Record, sweeps: Sequence[Sweep], number: int, flags: tuple[str, ...]
) -> list[Value]:
    values = []
    for side, sign in _SIDES.items():
        passed = sum(
            float(np.trapezoid(np.maximum(sign * sweep.current, 0), sweep.time)) for sweep in sweeps
        )
        method = f"cycle {number}, trapezoid rule over the {side} current"
        charge, unit = _charge(record, passed), _charge_unit(record)[1]
        values.append(Value(f"charge_{side}", charge, unit, method=method, flags=flags))
    return values


def _scan_rate(record: Record, sweeps: Sequence[Sweep], flags: tuple[str, ...]) -> Value:
    rates = np.array([abs(sweep.rate) for sweep in sweeps])
    rate = float(np.mean(rates))
    if not rate > 0:
        return Value("scan_rate", None, "V/s", flags=("time stands still in the sweeps", *flags))
    if np.ptp(rates) > SAME_RATE * rate:
        flags = (f"sweeps at {rates.min():.4g} to {rates.max():.4g} V/s", *flags)
    if not all(sweep.even for sweep in sweeps):
        flags = ("the potential does not change evenly with time", *flags)
    told = fact(record, "scan_rate_volt_per_second")
    if told is not None and abs(told - rate) > SAME_RATE * told:
        flags = (f"the record says {told:.4g} V/s", *flags)
    return Value("scan_rate", rate, "V/s", method="least squares over time", flags=flags)


def _row(sweep: Sweep, found: _Found) -> dict[str, Any]:
    return {
        "sweep": sweep.number,
        "cycle": sweep.cycle,
        "direction": "anodic" if sweep.direction > 0 else "cathodic",
        "full": sweep.full,
        "from_volt": float(sweep.potential[0]),
        "to_volt": float(sweep.potential[-1]),
        "end_current_ampere": float(sweep.current[-1]),
        "scan_rate_volt_per_second": sweep.rate,
        "smoothing": None if found.curve is None else found.curve.told(),
        "largest_at_end": found.at_end,
        "peaks": [
            {
                "potential_volt": peak.potential,
                "potential_uncertainty_volt": peak.u_potential,
                "current_ampere": peak.current,
                "current_uncertainty_ampere": peak.u_current,
                "prominence_ampere": peak.prominence,
                "half_width_volt": peak.half_width,
                "half_width_uncertainty_volt": peak.u_half_width,
                "width_at_half_height_volt": peak.full_width,
                "width_at_half_height_uncertainty_volt": peak.u_full_width,
                "charge_coulomb": peak.charge,
                "charge_uncertainty_coulomb": peak.u_charge,
                "baseline": [list(end) for end in peak.baseline],
                "flags": list(peak.flags),
            }
            for peak in found.peaks
        ],
        "shoulders": [
            {
                "potential_volt": shoulder.potential,
                "current_ampere": shoulder.current,
                "height_ampere": shoulder.height,
                "significance": shoulder.significance,
            }
            for shoulder in found.shoulders
        ],
    }
