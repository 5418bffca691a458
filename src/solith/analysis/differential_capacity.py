"""Differential capacity dQ/dV and differential voltage dV/dQ of charge and discharge."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._cycling.constant_current import ConstantCurrent, constant_current
from solith.analysis._cycling.smooth_density import Density, DensityPeak, find_peaks, smooth_density
from solith.analysis._half_cycles import NOISE, HalfCycle, find_half_cycles
from solith.analysis._options import fact, positive
from solith.analysis._rows import title_of
from solith.core.errors import InputError, UnknownNameError
from solith.core.full_cycle import first_full_cycle
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["find_differential_capacity"]

Array = NDArray[np.float64]
Smoothed = Callable[[float, int], Density]

_LEAST_ROWS = 12
_TARGET = 0.02  # relative noise of dQ/dV where the middle of the charge passes
_VOLTAGE_TARGET = 0.05  # the same of dV/dQ
_FINEST = 1 / 300  # of the range
_VOLTAGE_FINEST = 1 / 500
_WIDEST = 1 / 10
_WIDER = 1.25
_FINE_ROWS = 2000
_RESOLVED = 4.0  # smoothing widths: full width of the narrowest peak whose height is right
_BLUR = 2 / 3  # of the noise's variance: places between two rows that scatter alike
_FROM_END = 6.0  # widths: the noise of the last row itself stands in dV/dQ there
_OF_PEAK = 0.16  # of its full width: peaks of dV/dQ are sharp and skew
_OF_ORDERS = 1.5  # of the difference between orders, what their bias comes to without noise
_MOST_BINS = 1e4  # widths of the smoothing in the range of the voltage
_MOST_NAMED = 4  # peaks of a curve that are values
_WAYS = {1: "charge", -1: "discharge"}


def find_differential_capacity(
    record: Record,
    *,
    cycle: int | Iterable[int] | None = None,
    smoothing: float | str | None = None,
    noise: float = NOISE,
) -> Result:
    """dQ/dV against voltage and dV/dQ against capacity, with their peaks.

    ``cycle`` names one cycle or several; without it, it is the first whose charge and discharge
    both pass at least half of the usual charge. Only the part at constant current is taken
    (within 5 % of the current that passes most charge): no holds, no rests.

    dQ/dV is the charge that passes at each voltage, spread evenly between neighbouring rows (of
    sparse rows, along a monotone cubic) and smoothed by a kernel that keeps parabolas and the
    capacity: the integral of dQ/dV over the voltage is the capacity, whatever the noise,
    plateaus or the instrument's resolution; ``closure_percent`` in the details tells by how
    much it is not. dV/dQ is smoothed in the same way over the capacity. Both are positive in
    charge and discharge.

    ``smoothing`` [V] is the kernel's standard deviation. Without it, it is the narrowest with
    which the voltage's noise, found from row to row, makes 2 % in dQ/dV where the median of the
    charge passes, not below the voltage's resolution nor the usual distance of rows, between
    1/300 and 1/10 of the range; that of dV/dQ makes 5 % and goes down to
    1/500. Methods and details name both.

    Values, for each half-cycle of the first cycle chosen and the four largest peaks of a curve
    (height times width; the details have all): ``charge_peak_1_potential`` [V] and
    ``charge_peak_1_height`` [mAh/V, mAh/g/V where the record knows its ``active_mass_kg``], from
    low potential to high, and ``charge_voltage_peak_1_capacity`` [mAh or mAh/g] and
    ``charge_voltage_peak_1_height`` of dV/dQ [V per capacity]. Uncertainties are those by the
    voltage's noise, taken as uncorrelated. A drift of the voltage or a resistance shifts a peak
    and is not in them. ``details["half_cycles"]`` has curves and peaks of every half-cycle.

    Raises :class:`InputError` for another kind of record, for a cycle without 12 rows at
    constant current, and for a ``smoothing`` below 1e-4 of the voltage's range or above it;
    :class:`UnknownNameError` for a cycle that the record does not hold.
    """
    width = None if smoothing is None else positive(smoothing, "V", "smoothing")
    halves, dropped = find_half_cycles(record, noise=noise)
    cycles = _chosen_cycles(record, cycle, halves)
    mass = fact(record, "active_mass_kg")
    scale, unit = (1 / 3.6, "mAh") if mass is None else (1 / 3600 / mass, "mAh/g")
    found = []
    for half in halves:
        if half.cycle in cycles and half.charge > 0:
            part = constant_current(record, half)
            if len(part.charge) >= _LEAST_ROWS and np.ptp(part.voltage) > 0:
                found.append(_describe(part, width, scale, dropped))
    if not found:
        raise InputError(
            f"{title_of(record)}: cycle {', '.join(map(str, cycles))} has fewer than "
            f"{_LEAST_ROWS} rows at constant current; there is no dQ/dV"
        )
    found.sort(key=lambda told: (cycles.index(told["cycle"]), -told["direction"]))
    first = [told for told in found if told["cycle"] == found[0]["cycle"]]
    values = [value for told in first for value in _values(told, unit)]
    details = {"half_cycles": found, "capacity_unit": unit, "cycles_chosen": cycles}
    return Result(f"Differential capacity of {title_of(record)}", tuple(values), details)


def _chosen_cycles(
    record: Record, cycle: int | Iterable[int] | None, halves: list[HalfCycle]
) -> list[int]:
    known = list(dict.fromkeys(half.cycle for half in halves))
    if not known:
        raise InputError(f"{title_of(record)} holds no charge and no discharge")
    if cycle is None:
        full = first_full_cycle({(half.cycle, half.direction): half.charge for half in halves})
        return [known[0] if full is None else full]
    wanted = list(cycle) if isinstance(cycle, Iterable) and not isinstance(cycle, str) else [cycle]
    if not wanted:
        raise InputError("names no cycle", where="cycle")
    for number in wanted:
        if isinstance(number, bool) or not isinstance(number, (int, np.integer)):
            raise InputError(f"{number!r} is not the number of a cycle", where="cycle")
        if number not in known:
            raise UnknownNameError.among("cycle", str(number), map(str, known))
    return [int(number) for number in dict.fromkeys(wanted)]


def _describe(
    part: ConstantCurrent, width: float | None, scale: float, dropped: tuple[str, ...]
) -> dict[str, Any]:
    """Curves and peaks of one half-cycle, in V and ``scale`` times C."""
    direction = part.half.direction
    by_voltage, by_capacity = _by_voltage(part), _by_capacity(part)
    of_voltage = _of_voltage(part, by_voltage, width)
    of_capacity = _of_capacity(part, by_capacity)
    flags = [*part.flags, *dropped]
    if width is None and of_voltage.width >= 0.99 * _WIDEST * float(np.ptp(part.voltage)):
        flags.append(
            f"the voltage's noise of {1e3 * part.noise:.2g} mV allows no smoothing below "
            f"{1e3 * of_voltage.width:.2g} mV at which dQ/dV is sure"
        )
    peaks = [
        _peak(peak, of_voltage, part.gaps, 1.0, scale)
        for peak in find_peaks(of_voltage, part.noise, by_voltage, blur=_BLUR * part.noise**2)
    ]
    voltage_peaks = [
        _peak(peak, of_capacity, part.gap_charges, scale, 1 / scale)
        for peak in find_peaks(
            of_capacity,
            part.noise,
            by_capacity,
            from_end=_FROM_END,
            of_peak=_OF_PEAK,
            of_orders=_OF_ORDERS,
        )
    ]
    return {
        "cycle": part.half.cycle,
        "direction": direction,
        "current_ampere": direction * part.current,
        "capacity": scale * part.capacity,
        "integral": scale * of_voltage.total,
        "closure_percent": 100 * (of_voltage.total / part.capacity - 1),
        "smoothing_volt": of_voltage.width,
        "capacity_smoothing": scale * of_capacity.width,
        "noise_volt": part.noise,
        "resolution_volt": part.resolution,
        "peaks": peaks,
        "voltage_peaks": voltage_peaks,
        "voltage_volt": of_voltage.places.tolist(),
        "dq_dv": (scale * of_voltage.values).tolist(),
        "capacities": (scale * of_capacity.places).tolist(),
        "dv_dq": (of_capacity.values / scale).tolist(),
        "flags": flags,
    }


def _by_voltage(part: ConstantCurrent) -> Smoothed:
    charge, voltage = _made_dense(part.charge, part.voltage)
    passed, weights = np.diff(charge), _around(part.charge)

    def smoothed(width: float, order: int = 4) -> Density:
        return smooth_density(
            voltage, passed, width, row_places=part.voltage, row_weights=weights, order=order
        )

    return smoothed


def _by_capacity(part: ConstantCurrent) -> Smoothed:
    # Where the current's sign is wrong, too, dV/dQ is positive.
    way = 1.0 if part.voltage[-1] >= part.voltage[0] else -1.0
    rise, weights = way * np.diff(part.voltage), _around(part.charge)

    def smoothed(width: float, order: int = 4) -> Density:
        return smooth_density(
            part.charge, rise, width, row_places=part.charge, row_weights=weights, order=order
        )

    return smoothed


def _of_voltage(part: ConstantCurrent, smoothed: Smoothed, width: float | None) -> Density:
    reach = float(np.ptp(part.voltage))
    if width is not None:
        if not reach / _MOST_BINS <= width <= reach:
            raise InputError(
                f"{width:g} V is not between {reach / _MOST_BINS:.2g} and {reach:.2g} V, the range "
                f"of the voltage in cycle {part.half.cycle}",
                where="smoothing",
            )
        return smoothed(width, 4)
    least = max(part.resolution, float(np.median(np.abs(np.diff(part.voltage)))))
    return _narrowest(smoothed, reach, least, part.noise, (_FINEST, _TARGET))


def _of_capacity(part: ConstantCurrent, smoothed: Smoothed) -> Density:
    least = max(float(np.median(np.diff(part.charge))), _longest_level(part))
    return _narrowest(
        smoothed, part.capacity, least, part.noise, (_VOLTAGE_FINEST, _VOLTAGE_TARGET)
    )


def _longest_level(part: ConstantCurrent) -> float:
    """The most charge that passes while the voltage is written as one number."""
    if not part.resolution:
        return 0.0
    levels = np.round((part.voltage - np.min(part.voltage)) / part.resolution).astype(np.intp)
    return float(np.max(np.bincount(levels, weights=_around(part.charge))))


def _narrowest(
    smoothed: Smoothed, span: float, least: float, noise: float, aims: tuple[float, float]
) -> Density:
    """The smoothing that is just wide enough for the noise; ``aims``: finest part, noise."""
    (finest, target), widest = aims, _WIDEST * span
    width = min(max(finest * span, least), widest)
    while True:
        density = smoothed(width, 4)
        if width >= widest or noise * _relative_noise(density) <= target:
            return density
        width = min(width * _WIDER, widest)


def _relative_noise(density: Density) -> float:
    """Noise over value where the median of the amount lies."""
    held = np.maximum(density.values, 0.0)
    heights = np.sort(held)
    level = heights[np.searchsorted(np.cumsum(heights), np.sum(heights) / 2)]
    at = int(np.argmin(np.abs(density.values - level)))
    return float(density.noise[at] / level) if level > 0 else 0.0


def _around(charge: Array) -> Array:
    """The charge that belongs to each row: half of that to either neighbour."""
    passed = np.diff(charge)
    result: Array = (np.append(passed, 0.0) + np.insert(passed, 0, 0.0)) / 2
    return result


def _made_dense(charge: Array, voltage: Array) -> tuple[Array, Array]:
    """More rows along a monotone cubic, where there are few."""
    from scipy.interpolate import PchipInterpolator

    parts = int(np.ceil(_FINE_ROWS / len(charge)))
    if parts < 2:
        return charge, voltage
    places = np.arange(parts * (len(charge) - 1) + 1) / parts
    dense = np.interp(places, np.arange(len(charge)), charge)
    return dense, PchipInterpolator(charge, voltage)(dense)


def _peak(
    peak: DensityPeak,
    density: Density,
    gaps: tuple[tuple[float, float], ...],
    place_scale: float,
    height_scale: float,
) -> dict[str, Any]:
    """A peak as plain data with the flags of its own."""
    flags = []
    if peak.full_width < _RESOLVED * peak.width:
        flags.append("hardly wider than the smoothing: the height is a lower bound")
    reach = 2 * density.width
    if any(min(gap) - reach <= peak.place <= max(gap) + reach for gap in gaps):
        flags.append("in or beside a gap without rows")
    return {
        "place": place_scale * peak.place,
        "place_uncertainty": place_scale * peak.place_uncertainty,
        "height": height_scale * peak.height,
        "height_uncertainty": height_scale * peak.height_uncertainty,
        "full_width": place_scale * peak.full_width,
        "smoothing": place_scale * peak.width,
        "flags": flags,
    }


def _largest(peaks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The peaks that become values, in their order along the axis."""
    sizes = sorted((peak["height"] * peak["full_width"] for peak in peaks), reverse=True)
    least = sizes[min(len(sizes), _MOST_NAMED) - 1] if sizes else 0.0
    return [peak for peak in peaks if peak["height"] * peak["full_width"] >= least]


def _values(told: dict[str, Any], unit: str) -> list[Value]:
    way = _WAYS[told["direction"]]
    about = f"cycle {told['cycle']}, smoothing {1e3 * told['smoothing_volt']:.3g} mV"
    about_capacity = f"cycle {told['cycle']}, smoothing {told['capacity_smoothing']:.3g} {unit}"
    values = [
        Value(
            f"{way}_capacity",
            told["capacity"],
            unit,
            method=f"cycle {told['cycle']}, part at constant current, trapezoid rule",
            flags=tuple(told["flags"]),
        )
    ]
    kinds = (
        ("peaks", f"{way}_peak", "potential", "V", f"{unit}/V", about),
        ("voltage_peaks", f"{way}_voltage_peak", "capacity", unit, f"V/({unit})", about_capacity),
    )
    for key, name, place, place_unit, height_unit, method in kinds:
        for number, peak in enumerate(_largest(told[key]), start=1):
            flags = tuple(dict.fromkeys([*peak["flags"], *told["flags"]]))
            parts = (("place", place, place_unit), ("height", "height", height_unit))
            for part, what, its_unit in parts:
                spread = peak[f"{part}_uncertainty"]
                full_name = f"{name}_{number}_{what}"
                values.append(
                    Value(full_name, peak[part], its_unit, spread, method=method, flags=flags)
                )
        if key == "peaks" and not told[key]:
            why = (f"no peak stands out of the noise at {about.split(', ')[1]}", *told["flags"])
            values.append(Value(f"{name}_1_potential", None, "V", method=method, flags=why))
    return values
