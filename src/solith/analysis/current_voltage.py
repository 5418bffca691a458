"""Current-voltage curves: triggering bias, ohmic back scan, compliance, set and reset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._current_voltage.back_scan import BackScan, fit_back_scan
from solith.analysis._current_voltage.branches import (
    Branch,
    Loop,
    loops_of,
    split_branches,
    without_repeats,
    without_spikes,
)
from solith.analysis._current_voltage.current_noise import (
    Compliance,
    Noise,
    find_compliances,
    find_noise,
)
from solith.analysis._current_voltage.sweep_table import SIDES, sweep_row
from solith.analysis._current_voltage.switching import (
    Scan,
    cycles_of,
    find_offset,
    read_states,
    scan_of,
)
from solith.analysis._current_voltage.switching_values import cycle_rows, switching_values
from solith.analysis._neighbours import correlated
from solith.analysis._options import positive
from solith.analysis._rows import title_of, usable_rows
from solith.core.errors import InputError
from solith.core.quantities import format_quantity, to_si
from solith.core.result import LOWER_BOUND, UPPER_BOUND, Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["analyse_current_voltage", "read_and_compliance"]

_VARIABLES = ("voltage_volt", "current_ampere")
_READ_PART = 0.1
_SURE_OFFSET = 4.0
_FLOOR = 3.0
_SURE_INTERCEPT = 0.01
_AT_START = 3
_COMPETES = 0.5  # of the logarithm of the largest rise's factor


def analyse_current_voltage(
    record: Record,
    *,
    read_voltage: Any = None,
    compliance: Any = None,
    floor: Any = None,
) -> Result:
    """Triggering bias, ohmic back scan and switching of a current-voltage curve.

    The record may hold one scan or many: it is split where the voltage turns and at zero
    volt, so that every loop goes out from zero bias and back on one side. Rows at one voltage
    that follow each other are averaged.

    * ``triggering_bias`` [V]: where the current rises abruptly on the first scan out that has
      such a rise: by a factor of 2 or more within three rows, beyond what a smooth rise explains
      (ohmic, exponential, space charge; see
      :func:`solith.analysis._current_voltage.abrupt_rise.find_rise`). Of several the one of the
      largest factor; another whose logarithm is half of its or more is flagged. The middle
      of the last row before and the first after it, with the standard uncertainty of a uniform
      distribution, width / sqrt(12) (JCGM 100:2008, 4.3.7); rows that noise lets be the place as
      well (log-likelihood within 2 of the best) widen it. ``None`` with the highest bias where
      there is none. Where both polarities are scanned, also ``triggering_bias_negative`` and
      ``_positive``.
    * ``current_before_triggering``, ``current_after_triggering`` [A], with the voltage's sign.
    * ``back_scan_resistance`` [ohm] and ``back_scan_intercept`` [A] of the back scan that
      follows, a straight line through its rows outside compliance; uncertainties are a 1.96th of
      Student's 95 % half width; flagged where the intercept differs from 0, where the line
      bends (1 % tests), and where neighbouring residuals correlate.
    * ``compliance_current`` [A]: ``compliance``, or the level of a flat top; rows at it are left
      out, and a current after triggering that is limited is a lower bound.
    * ``current_floor`` [A]: ``floor``, or three standard deviations of the noise that rows with
      small currents have.
    * where the record holds a reset or several sets: those of :mod:`set and reset
      <solith.analysis._current_voltage.switching_values>` over its cycles, at ``read_voltage`` (a
      tenth of the smallest set voltage unless given; its sign does not matter: states are read on
      the side that sets): ``set_voltage``, ``reset_voltage`` [V], ``low_resistance``,
      ``high_resistance`` [ohm], ``on_off_ratio`` with ``_first``, ``_last``, ``_spread`` and
      ``_trend``.

    ``details["sweeps"]`` has a row for every loop, ``details["cycles"]`` one for every cycle.
    A current that flows against the voltage is turned round, with a flag. An instrument whose
    *measured* voltage falls in compliance makes turns that are none; record the set voltage.

    Raises :class:`InputError` for another kind of record, fewer than five usable rows, and a
    voltage that does not scan out from zero over at least four rows.
    """
    read, level = read_and_compliance(read_voltage, compliance)
    known_floor = None if floor is None else positive(floor, "A", "floor")
    curve = _Curve.of(record, level)
    cautious = curve.noise.cautious
    scans = [
        scan_of(loop, cautious, limit)
        for loop, limit in zip(curve.loops, curve.limits, strict=True)
    ]
    told_read = _reading_bias(scans, curve.loops) if read is None else read
    offset, offset_error = find_offset(curve.loops, curve.noise)
    if abs(offset) < _SURE_OFFSET * offset_error:
        offset = 0.0
    scans = [
        read_states(scan, told_read, curve.noise, limit, offset)
        for scan, limit in zip(scans, curve.limits, strict=True)
    ]
    numbers = cycles_of(scans, curve.counted)
    flags = curve.flags
    own_floor = known_floor if known_floor is not None else _FLOOR * curve.noise.additive
    if abs(offset) > own_floor:
        flags = (
            f"current of {format_quantity(offset, 'A', 3)} at zero bias: subtracted from readings "
            "of states",
            *flags,
        )
    backs = [_back_scan(scan, limit) for scan, limit in zip(scans, curve.limits, strict=True)]
    values = _trigger_values(scans, own_floor, known_floor is not None, flags)
    values += _back_values(scans, backs, flags)
    values.append(_compliance_value(curve, level, flags))
    values.append(
        Value(
            "current_floor",
            own_floor,
            "A",
            method="given" if known_floor is not None else "three times the additive noise",
            flags=flags,
        )
    )
    cycles = cycle_rows(scans, numbers, told_read, known_floor)
    sets = sum(scan.set is not None for scan in scans)
    if any(scan.reset for scan in scans) or sets > 1 or (sets and len(cycles) > 1):
        told = "given" if read is not None else "a tenth of the smallest set voltage"
        values += switching_values(cycles, told_read, told, flags)
    details = {
        "read_voltage_volt": told_read,
        "zero_bias_current_ampere": offset,
        "noise_additive_ampere": curve.noise.additive,
        "noise_relative": curve.noise.relative,
        "highest_bias_volt": {
            SIDES[side]: max(
                float(loop.outward.bias.max())
                for loop in curve.loops
                if loop.polarity == side and loop.outward is not None
            )
            for side in curve.scanned
        },
        "sweeps": [
            sweep_row(place, *found)
            for place, found in enumerate(
                zip(scans, numbers, backs, curve.limits, strict=True), start=1
            )
        ],
        "cycles": cycles,
    }
    return Result(f"Current-voltage curve of {title_of(record)}", tuple(values), details)


def read_and_compliance(read_voltage: Any, compliance: Any) -> tuple[float | None, float | None]:
    """Both options in SI, where they are given; :class:`InputError` for what they cannot be."""
    level = None if compliance is None else positive(compliance, "A", "compliance")
    if read_voltage is None:
        return None, level
    try:
        volts = abs(to_si(read_voltage, "V"))
    except InputError as error:
        raise error.inside("read_voltage") from None
    if volts == 0:
        raise InputError(f"{read_voltage!r} must not be zero", where="read_voltage")
    return volts, level


@dataclass(frozen=True)
class _Curve:
    """A record's loops, its noise, and the current's limit in each loop."""

    loops: list[Loop]
    noise: Noise
    limits: list[Compliance | None]
    counted: Mapping[int, int] | None
    flags: tuple[str, ...]

    @classmethod
    def of(cls, record: Record, limit: float | None) -> _Curve:
        rows, dropped = usable_rows(record, "current-voltage", _VARIABLES, at_least=5)
        voltage, current = (record.array(name)[rows] for name in _VARIABLES)
        if not np.any(current):
            raise InputError(f"{title_of(record)}: the current is zero in every row")
        firsts, voltage, current = without_repeats(voltage, current)
        kept = without_spikes(voltage, current)
        if len(kept) < len(voltage):
            dropped = (f"{len(voltage) - len(kept)} spikes of a single row left out", *dropped)
        branches, turned = split_branches(rows[firsts[kept]], voltage[kept], current[kept])
        loops = loops_of(branches)
        if not any(loop.outward for loop in loops):
            raise InputError(
                f"{title_of(record)}: the voltage, {voltage.min():g} to {voltage.max():g} V, does "
                "not scan out from zero volt over at least four rows; there is no curve to analyse"
            )
        noise = find_noise(branches)
        limits = find_compliances(loops, noise, limit)
        return cls(loops, noise, limits, _counted(record, branches), (*turned, *dropped))

    @property
    def scanned(self) -> list[int]:
        """The polarities with a scan out."""
        return sorted({loop.polarity for loop in self.loops if loop.outward is not None})


def _counted(record: Record, branches: Sequence[Branch]) -> Mapping[int, int] | None:
    if "cycle_count" not in record.data.variables:
        return None
    count = record.array("cycle_count")
    firsts = [int(branch.rows[0]) for branch in branches]
    middles = [int(branch.rows[len(branch.rows) // 2]) for branch in branches]
    if not np.all(np.isfinite(count[middles])):
        return None
    return {first: int(count[middle]) for first, middle in zip(firsts, middles, strict=True)}


def _reading_bias(scans: Sequence[Scan], loops: Sequence[Loop]) -> float:
    sets = [scan.set.bias for scan in scans if scan.set is not None]
    highest = [float(branch.bias.max()) for loop in loops for branch in loop.branches]
    return _READ_PART * min(sets or highest)


# --- triggering --------------------------------------------------------------------------


def _trigger_values(
    scans: Sequence[Scan], floor: float, floor_given: bool, flags: tuple[str, ...]
) -> list[Value]:
    sides = {side: [s for s in scans if s.loop.polarity == side] for side in (-1, 1)}
    scanned = {side: own for side, own in sides.items() if any(s.loop.outward for s in own)}
    first = next((scan for scan in scans if scan.set is not None), None)
    values = [_bias_value("triggering_bias", scans, flags)]
    if len(scanned) > 1:
        values += [
            _bias_value(f"triggering_bias_{SIDES[side]}", own, flags)
            for side, own in scanned.items()
        ]
    return values + _current_values(first, floor, floor_given, flags)


def _bias_value(name: str, scans: Sequence[Scan], flags: tuple[str, ...]) -> Value:
    method = "change-point of current against bias; uniform between the rows beside it"
    out = [scan for scan in scans if scan.loop.outward is not None]
    for scan in out:
        if scan.skipped:
            biases = ", ".join(f"{scan.loop.polarity * bias:.4g} V" for bias in scan.skipped)
            flags = (f"step without conduction after it left out: {biases}", *flags)
            break
    found = next((scan for scan in out if scan.set is not None), None)
    if found is None or found.set is None or found.set.rise is None:
        highest = {
            side: max(float(s.loop.outward.bias.max()) for s in own if s.loop.outward is not None)
            for side in (-1, 1)
            if (own := [s for s in out if s.loop.polarity == side])
        }
        reach = " and ".join(f"{side * bias:.4g} V" for side, bias in highest.items())
        return Value(
            name, None, "V", method=method, flags=(f"no abrupt rise up to {reach}", *flags)
        )
    event, rise = found.set, found.set.rise
    flags = (*_competing(found, rise.factor), *flags)
    width = abs(event.last - event.first)
    if rise.after - rise.before > 1:
        flags = (
            f"the rise takes {rise.after - rise.before} sampling steps, or noise hides its "
            "place among them",
            *flags,
        )
    if rise.before < _AT_START:
        flags = ("at the first rows of the scan: hard to tell from an ohmic start", *flags)
    return Value(
        name, found.loop.polarity * event.bias, "V", width / 12**0.5, method=method, flags=flags
    )


def _competing(scan: Scan, factor: float) -> tuple[str, ...]:
    """A flag for each other rise that is large enough to be the trigger."""
    return tuple(
        f"another abrupt rise, by a factor of {_rounded(other)}, at "
        f"{scan.loop.polarity * bias:.4g} V competes with this one, by {_rounded(factor)}"
        for bias, other in scan.others
        if np.log(other) >= _COMPETES * np.log(factor)
    )


def _rounded(factor: float) -> str:
    return f"{float(f'{factor:.2g}'):.6g}"


def _current_values(
    first: Scan | None, floor: float, floor_given: bool, flags: tuple[str, ...]
) -> list[Value]:
    names = ("current_before_triggering", "current_after_triggering")
    method = "straight line through the rows next to the rise, at the row beside it"
    if first is None or first.set is None or first.set.rise is None:
        return [Value(name, None, "A", flags=("no abrupt rise", *flags)) for name in names]
    side, rise = first.loop.polarity, first.set.rise
    least = floor if floor_given else _FLOOR * rise.low_error
    if rise.low < least:
        told = f"{UPPER_BOUND}: at the floor of the instrument"
        before = Value(names[0], side * least, "A", method=method, flags=(told, *flags))
    else:
        before = Value(names[0], side * rise.low, "A", rise.low_error, method=method, flags=flags)
    limited = (f"{LOWER_BOUND}: in compliance",) if rise.limited else ()
    after = Value(names[1], side * rise.high, "A", method=method, flags=(*limited, *flags))
    return [before, after]


# --- back scan ---------------------------------------------------------------------------


def _back_scan(scan: Scan, compliance: Compliance | None) -> BackScan | None:
    """The line through the way in, as long as the device is on and not limited."""
    back = scan.loop.inward
    if back is None:
        return None
    kept = np.ones(len(back.bias), dtype=bool)
    if compliance is not None:
        kept &= ~compliance.holds(back.current)
    if scan.relaxed is not None:
        kept &= back.rows < scan.relaxed.row
    return fit_back_scan(back.bias[kept], back.current[kept])


def _back_values(
    scans: Sequence[Scan], backs: Sequence[BackScan | None], flags: tuple[str, ...]
) -> list[Value]:
    names = (("back_scan_resistance", "ohm"), ("back_scan_intercept", "A"))
    place = next((place for place, scan in enumerate(scans) if scan.set is not None), None)
    if place is None:
        why = "no abrupt rise: no back scan after it"
        return [Value(name, None, unit, flags=(why, *flags)) for name, unit in names]
    scan, line = scans[place], backs[place]
    if line is None:
        why = "fewer than five rows of a back scan outside compliance"
        if scan.loop.inward is None:
            why = "the record has no back scan after the abrupt rise"
        elif not scan.loop.inward.outward and len(scan.loop.inward.bias) >= 5:
            why = "the back scan has no rising line outside compliance"
        return [Value(name, None, unit, flags=(why, *flags)) for name, unit in names]
    if scan.volatile:
        flags = ("volatile: the device falls back by itself before zero bias", *flags)
    if correlated(line.correlation, line.rows):
        flags = (
            f"neighbouring residuals correlate ({line.correlation:.2f}): uncertainty widened",
            *flags,
        )
    told = flags
    if line.intercept_p < _SURE_INTERCEPT:
        told = ("the line does not pass through zero current at zero bias (1 % test)", *told)
    if line.bends:
        told = (f"not ohmic: the line bends by {100 * line.bend:.2g} % (1 % test)", *told)
    method = f"weighted least squares over {line.rows} rows, Student's t"
    side = scan.loop.polarity
    return [
        Value(names[0][0], line.resistance, "ohm", line.uncertainty, method=method, flags=told),
        Value(
            names[1][0],
            side * line.intercept,
            "A",
            line.intercept_uncertainty,
            method=method,
            flags=told,
        ),
    ]


def _compliance_value(curve: _Curve, given: float | None, flags: tuple[str, ...]) -> Value:
    levels = [limit.level for limit in curve.limits if limit is not None]
    if given is not None:
        return Value("compliance_current", given, "A", method="given", flags=flags)
    if not levels:
        why = "no flat top of the current: no compliance reached"
        return Value("compliance_current", None, "A", flags=(why, *flags))
    if max(levels) > 1.02 * min(levels):
        flags = ("differs between the sweeps; the largest one", *flags)
    return Value(
        "compliance_current", max(levels), "A", method="flat top of the current", flags=flags
    )
