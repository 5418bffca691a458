"""Peaks, charges and scan rates of voltammograms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._options import AREAS, chosen, fact, positive
from solith.analysis._rows import title_of, usable_rows
from solith.analysis._sweeps import Peak, Sweep, find_peaks_of, split_sweeps
from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import in_unit
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["analyse_voltammogram", "fit_scan_rates"]

_VARIABLES = ("test_time_second", "voltage_volt", "current_ampere")
_BASELINES = ("zero", "linear")
_SIDES = {"anodic": 1, "cathodic": -1}

_EVEN_RATE = 0.02
"""Part by which scan rates may differ, and of its span a sweep may leave a straight line."""

_AT_END = "the largest current is at the end of the sweep: no peak there"

_RANDLES_SEVCIK = 0.4463
"""i_p / (F A c sqrt(F v D / (R T))) of a reversible one-electron transfer between dissolved
species at a plane: IUPAC, Pure Appl. Chem. 92, 641 (2020), 10.1515/pac-2018-0109 has 0.446;
the fourth digit from R. S. Nicholson and I. Shain, Anal. Chem. 36, 706 (1964),
10.1021/ac60210a007 (recalled, no source read)."""


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
    are maxima of the current; in a cathodic one they are minima. A peak falls on both sides by
    ``prominence`` x the sweep's span of current before the current is higher again; its top
    is that of a parabola through three points. The largest current at a sweep's end is no
    peak, and a flag says so.

    * ``peak_potential_anodic``, ``_cathodic`` [V]: of the largest peak of each sweep;
    * ``peak_current_anodic``, ``_cathodic`` [A], with sign; ``peak_current_density_...``
      [A/m2 of geometric area] and ``specific_peak_current_...`` [A/kg of active material]
      where the record knows ``geometric_area_m2`` and ``active_mass_kg``;
    * ``peak_separation`` [V]: anodic minus cathodic peak potential;
    * ``half_peak_width_anodic``, ``_cathodic`` [V]: from the peak to half its current on the
      side that the sweep comes from;
    * ``charge_anodic``, ``_cathodic`` [mAh, or mAh/g where the mass is known]: current of
      that sign over time (trapezoid rule) in the sweeps of the cycle;
    * ``scan_rate`` [V/s]: mean of abs(dV/dt) of the cycle's sweeps.

    With ``baseline = "linear"`` currents of peaks are above a straight line through the lowest
    points on both sides of the peak. All sweeps with all their peaks are in
    ``details["sweeps"]``.

    Raises :class:`InputError` for another kind of record, fewer than five usable rows, time
    that runs backwards, and a potential that does not change; :class:`UnknownNameError` for a
    cycle the record does not hold.
    """
    chosen("baseline", baseline, _BASELINES)
    least = positive(prominence, "", "prominence")
    sweeps, dropped = _sweeps(record)
    peaks, at_end = {}, {}
    for sweep in sweeps:
        found, risen = find_peaks_of(sweep, least, baseline=baseline == "linear")
        peaks[sweep.number], at_end[sweep.number] = found, risen
    number = _cycle(record, sweeps, cycle)
    mine = [sweep for sweep in sweeps if sweep.cycle == number]
    whole = sum(sweep.full for sweep in mine) >= 2
    flags = dropped if whole else (f"cycle {number} is not a full cycle", *dropped)
    method = f"cycle {number}, largest peak, parabola through three points"
    values: list[Value] = []
    tops: dict[str, float | None] = {}
    for side, direction in _SIDES.items():
        own = [sweep.number for sweep in mine if sweep.direction == direction]
        top, told = None, (f"cycle {number} has no {side} sweep", *flags)
        if own:
            top = next(iter(peaks[own[0]]), None)
            told = flags if top else ("no peak in the sweep", *flags)
            if at_end[own[0]]:
                told = (_AT_END, *flags)
        tops[side] = None if top is None else top.potential
        values += _peak_values(record, side, top, method, told)
    values.append(_separation(tops, number, flags))
    values += _charges(record, mine, number, flags)
    values.append(_scan_rate(record, mine, flags))
    details = {
        "cycle": number,
        "sweeps": [_row(sweep, peaks[sweep.number], at_end[sweep.number]) for sweep in sweeps],
    }
    return Result(f"Voltammogram of {title_of(record)}", tuple(values), details)


def _sweeps(record: Record) -> tuple[list[Sweep], tuple[str, ...]]:
    rows, dropped = usable_rows(record, "voltammogram", _VARIABLES, at_least=5)
    time, potential, current = (record.array(name)[rows] for name in _VARIABLES)
    back = np.flatnonzero(np.diff(time) < 0)
    if len(back):
        raise InputError(
            f"{title_of(record)}: test_time_second runs backwards after "
            f"{time[back[0]]:g} s (row {rows[back[0]] + 1})"
        )
    if np.ptp(potential) == 0:
        raise InputError(f"{title_of(record)}: the potential does not change; there is no sweep")
    return split_sweeps(time, potential, current), dropped


def _cycle(record: Record, sweeps: Sequence[Sweep], wanted: int | None) -> int:
    numbers = sorted({sweep.cycle for sweep in sweeps})
    if wanted is not None:
        if wanted not in numbers:
            raise UnknownNameError.among(
                f"cycle of {title_of(record)}", str(wanted), map(str, numbers)
            )
        return wanted
    full = [n for n in numbers if sum(s.full for s in sweeps if s.cycle == n) >= 2]
    both = [n for n in numbers if len({s.direction for s in sweeps if s.cycle == n}) == 2]
    return (full or both or numbers)[-1]


def _peak_values(
    record: Record, side: str, top: Peak | None, method: str, flags: tuple[str, ...]
) -> list[Value]:
    current = None if top is None else top.current
    width = None if top is None else top.half_width
    values = [
        Value(
            f"peak_potential_{side}",
            None if top is None else top.potential,
            "V",
            method=method,
            flags=flags,
        ),
        Value(f"peak_current_{side}", current, "A", method=method, flags=flags),
    ]
    for name, known, unit, area in (
        ("peak_current_density", "geometric_area_m2", "A/m2", "geometric"),
        ("specific_peak_current", "active_mass_kg", "A/kg", ""),
    ):
        size = fact(record, known)
        if size is not None:
            number = None if current is None else current / size
            values.append(
                Value(f"{name}_{side}", number, unit, area=area, method=method, flags=flags)
            )
    if top is not None and width is None:
        flags = ("the sweep does not begin below half of the peak", *flags)
    values.append(Value(f"half_peak_width_{side}", width, "V", method=method, flags=flags))
    return values


def _separation(tops: Mapping[str, float | None], number: int, flags: tuple[str, ...]) -> Value:
    anodic, cathodic = tops["anodic"], tops["cathodic"]
    method = f"cycle {number}, anodic minus cathodic peak potential"
    if anodic is None or cathodic is None:
        missing = " and ".join(side for side, top in tops.items() if top is None)
        return Value(
            "peak_separation", None, "V", method=method, flags=(f"no {missing} peak", *flags)
        )
    return Value("peak_separation", anodic - cathodic, "V", method=method, flags=flags)


def _charges(
    record: Record, sweeps: Sequence[Sweep], number: int, flags: tuple[str, ...]
) -> list[Value]:
    mass = fact(record, "active_mass_kg")
    values = []
    for side, sign in _SIDES.items():
        passed = sum(
            float(np.trapezoid(np.maximum(sign * sweep.current, 0), sweep.time)) for sweep in sweeps
        )
        if mass is None:
            charge, unit = in_unit(passed, "C", "mAh"), "mAh"
        else:
            charge, unit = in_unit(passed / mass, "C/kg", "mAh/g"), "mAh/g"
        method = f"cycle {number}, trapezoid rule over the {side} current"
        values.append(Value(f"charge_{side}", charge, unit, method=method, flags=flags))
    return values


def _scan_rate(record: Record, sweeps: Sequence[Sweep], flags: tuple[str, ...]) -> Value:
    rates = np.array([abs(sweep.rate) for sweep in sweeps])
    rate = float(np.mean(rates))
    if np.ptp(rates) > _EVEN_RATE * rate:
        flags = (f"sweeps at {rates.min():.4g} to {rates.max():.4g} V/s", *flags)
    if any(sweep.departure > _EVEN_RATE * float(np.ptp(sweep.potential)) for sweep in sweeps):
        flags = ("the potential does not change evenly with time", *flags)
    told = fact(record, "scan_rate_volt_per_second")
    if told is not None and abs(told - rate) > _EVEN_RATE * told:
        flags = (f"the record says {told:.4g} V/s", *flags)
    return Value("scan_rate", rate, "V/s", method="least squares over time", flags=flags)


def _row(sweep: Sweep, peaks: Sequence[Peak], at_end: bool) -> dict[str, Any]:
    return {
        "sweep": sweep.number,
        "cycle": sweep.cycle,
        "direction": "anodic" if sweep.direction > 0 else "cathodic",
        "full": sweep.full,
        "from_volt": float(sweep.potential[0]),
        "to_volt": float(sweep.potential[-1]),
        "scan_rate_volt_per_second": sweep.rate,
        "largest_at_end": at_end,
        "peaks": [
            {
                "potential_volt": peak.potential,
                "current_ampere": peak.current,
                "prominence_ampere": peak.prominence,
                "half_width_volt": peak.half_width,
            }
            for peak in peaks
        ],
    }


# --- several scan rates -----------------------------------------------------------------


def fit_scan_rates(
    records: Iterable[Record] | Mapping[str, Record],
    *,
    concentration: Any = None,
    area: Any = None,
    temperature: Any = None,
    diffusivity: Any = None,
    cycle: int | None = None,
    baseline: str = "zero",
    prominence: Any = 0.02,
) -> Result:
    """How the peak currents of voltammograms grow with the scan rate.

    * ``exponent_anodic``, ``exponent_cathodic``: b of i_p = a v^b, by least squares over the
      logarithms, with its standard error (from three scan rates on); 1/2 where diffusion in
      a thick body sets the current, 1 where a thin body or a surface fills in step.
    * With ``concentration`` [mol/m3] of the species far from the electrode (of lithium, or of
      empty sites, in a solid), ``area`` [m2, or "geometric", "active", "contact" of the
      records] and ``temperature`` [K, or the records' ``temperature_kelvin``]:
      ``diffusivity_anodic``, ``_cathodic`` [cm2/s] from the peak currents of all scan rates,

          i_p = 0.4463 F A c sqrt(F v D / (R T)),

      J. E. B. Randles, Trans. Faraday Soc. 44, 327 (1948), 10.1039/tf9484400327, and A.
      Sevcik, Coll. Czech. Chem. Commun. 13, 349 (1948), 10.1135/cccc19480349; for a reversible
      transfer of one electron and a body thicker than the diffusion layer. It is flagged where
      b is not within 0.05 of 1/2.
    * With a known ``diffusivity`` [m2/s] besides: ``randles_sevcik_constant_anodic``,
      ``_cathodic``, the factor i_p / (F A c sqrt(F v D / (R T))) to be set beside 0.4463.

    The peaks are those of :func:`analyse_voltammogram`, which takes ``cycle``, ``baseline``
    and ``prominence``. Raises :class:`InputError` for fewer than two different scan rates.
    """
    given = list(records.values()) if isinstance(records, Mapping) else list(records)
    results = [
        analyse_voltammogram(record, cycle=cycle, baseline=baseline, prominence=prominence)
        for record in given
    ]
    rates = np.array([result["scan_rate"].value for result in results], dtype=float)
    if len(given) < 2 or np.ptp(rates) <= _EVEN_RATE * rates.max():
        raise InputError(
            f"{len(given)} voltammogram{'' if len(given) == 1 else 's'} with scan rates that do "
            "not differ tell nothing of the scan rate; give at least two"
        )
    values: list[Value] = []
    scale, name = _randles_scale(given, rates, concentration, area, temperature)
    for side in _SIDES:
        peaks = [result[f"peak_current_{side}"].value for result in results]
        known = np.array([peak is not None for peak in peaks])
        heights = np.abs(np.array([peak for peak in peaks if peak is not None], dtype=float))
        values += _fit_side(side, rates[known], heights, int(np.sum(~known)))
        if scale is not None:
            values += _randles_values(
                side, name, heights / scale[known], diffusivity, values[-1].value
            )
    details = {
        "voltammograms": [
            {
                "name": title_of(record),
                "scan_rate_volt_per_second": result["scan_rate"].value,
                "peak_current_anodic_ampere": result["peak_current_anodic"].value,
                "peak_current_cathodic_ampere": result["peak_current_cathodic"].value,
                "peak_separation_volt": result["peak_separation"].value,
            }
            for record, result in zip(given, results, strict=True)
        ]
    }
    return Result(f"Scan rates of {title_of(given[0])}", tuple(values), details)


def _fit_side(
    side: str, rates: NDArray[np.float64], heights: NDArray[np.float64], missing: int
) -> list[Value]:
    flags: tuple[str, ...] = ()
    if missing:
        flags = (f"voltammograms left out that show no {side} peak: {missing}",)
    method = f"least squares over the logarithms of {len(rates)} scan rates"
    if len(rates) < 2 or np.ptp(rates) <= _EVEN_RATE * rates.max():
        flags = ("peaks at fewer than two scan rates", *flags)
        return [Value(f"exponent_{side}", None, "", method=method, flags=flags)]
    x, y = np.log(rates), np.log(heights)
    square = float(np.sum((x - x.mean()) ** 2))
    slope = float(np.sum((x - x.mean()) * (y - y.mean()))) / square
    error = None
    if len(x) > 2:
        left = y - y.mean() - slope * (x - x.mean())
        error = float(np.sqrt(np.sum(left**2) / (len(x) - 2) / square))
    return [Value(f"exponent_{side}", slope, "", error, method=method, flags=flags)]


def _randles_scale(
    records: Sequence[Record],
    rates: NDArray[np.float64],
    concentration: Any,
    area: Any,
    temperature: Any,
) -> tuple[NDArray[np.float64] | None, str]:
    """F A c sqrt(F v / (R T)) of each record, and the name of the area."""
    if concentration is None or area is None:
        return None, ""
    content = positive(concentration, "mol/m3", "concentration")
    named = isinstance(area, str) and area.isidentifier()
    name = chosen("area", area, AREAS) if named else "given"
    factors = []
    for record, rate in zip(records, rates, strict=True):
        size = fact(record, f"{name}_area_m2") if named else positive(area, "m2", "area")
        if size is None:
            raise InputError(
                f"{title_of(record)} has no {name}_area_m2; give the area with its unit",
                where="area",
            )
        warmth = (
            fact(record, "temperature_kelvin")
            if temperature is None
            else positive(temperature, "K", "temperature")
        )
        if warmth is None:
            raise InputError(
                f"{title_of(record)} has no temperature_kelvin; give the temperature",
                where="temperature",
            )
        factors.append(FARADAY * size * content * (FARADAY * rate / GAS_CONSTANT / warmth) ** 0.5)
    return np.array(factors), name


_NEAR_HALF = 0.05


def _randles_values(
    side: str,
    area: str,
    roots: NDArray[np.float64],
    diffusivity: Any,
    exponent: float | None,
) -> list[Value]:
    """D from i_p, and the constant where D is known; ``roots`` is i_p / (F A c sqrt(Fv/RT))."""
    flags: tuple[str, ...] = ()
    if exponent is None or abs(exponent - 0.5) > _NEAR_HALF:
        shown = "not known" if exponent is None else f"{exponent:.3g}, not 1/2"
        flags = (f"exponent {shown}: not the diffusion that Randles and Sevcik assume",)
    found = (roots / _RANDLES_SEVCIK) ** 2
    values = [
        Value(
            f"diffusivity_{side}",
            *_mean(found, "m2/s", "cm2/s"),
            area=area,
            method=f"Randles and Sevcik, mean over {len(found)} scan rates",
            source="10.1039/tf9484400327",
            flags=flags if len(found) else ("no peak", *flags),
        )
    ]
    if diffusivity is not None:
        known = positive(diffusivity, "m2/s", "diffusivity")
        values.append(
            Value(
                f"randles_sevcik_constant_{side}",
                *_mean(roots / known**0.5, "", ""),
                area=area,
                method=f"to compare with {_RANDLES_SEVCIK}, mean over {len(found)} scan rates",
                source="10.1039/tf9484400327",
                flags=flags if len(found) else ("no peak", *flags),
            )
        )
    return values


def _mean(
    numbers: NDArray[np.float64], unit: str, wanted: str
) -> tuple[float | None, str, float | None]:
    """Mean, unit and standard uncertainty from the scatter."""
    if len(numbers) == 0:
        return None, wanted, None
    in_wanted = numbers * in_unit(1.0, unit, wanted) if unit else numbers
    error = float(np.std(in_wanted, ddof=1) / len(numbers) ** 0.5) if len(numbers) > 1 else None
    return float(np.mean(in_wanted)), wanted, error
