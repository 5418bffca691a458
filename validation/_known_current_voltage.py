"""Current-voltage curves with known answers and the faults of measurements; places compared.

Every curve is a trigger with an ohmic back scan (:func:`validation._known_switching.abrupt_curve`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from solith.analysis import analyse_current_voltage, compare_triggering
from solith.core.intervals import NORMAL_95
from solith.core.result import Result, Value
from validation._known_switching import Curve, abrupt_curve, record_of
from validation.marks import Mark

__all__ = ["marks"]

Array = NDArray[np.float64]
Change = Callable[[Array, Array, np.random.Generator], tuple[Array, Array]]

TRIALS, CLEAN, COVERED = 100, 20, 500
PLACES, TESTED = 400, 400
SHAPE, BOUNDARY, INTERIOR, HIGHEST = 2.0, 3.0, 5.0, 6.0


def marks() -> Iterator[Mark]:
    """All marks of this module."""
    yield clean()
    for name, change in FAULTS.items():
        yield faulty(name, change)
    yield offset_told()
    yield from coverage()
    yield from places()
    yield from tests()


def clean() -> Mark:
    """No noise: bias to half a step, resistance to rounding."""
    bias, part = [], []
    for limit in (None, 8e-6):
        for place in np.linspace(20, 380, CLEAN).astype(int):
            voltage = -np.concatenate([np.linspace(0, 1, 401), np.linspace(1, 0, 401)[1:]])
            on = np.arange(voltage.size) > place
            current = np.where(on, voltage / 5e4, 1e-9 * voltage)
            if limit is not None:
                current = np.maximum(current, -limit)
            found = analyse_current_voltage(record_of(voltage, current))
            truth = (voltage[place] + voltage[place + 1]) / 2
            bias.append(error_of(found["triggering_bias"], truth) / 0.0025)
            part.append(error_of(found["back_scan_resistance"], 5e4) / 5e4)
    return Mark(
        f"clean curves ({2 * CLEAN}), half of them with compliance",
        f"triggering bias {max(bias):.1g} steps, resistance {max(part):.1g} (largest errors)",
        "bias below 0.51 steps, resistance below 1e-9",
        max(bias) < 0.51 and max(part) < 1e-9,
    )


def error_of(value: Value, truth: float) -> float:
    """The distance from the truth; inf for what was not found."""
    return np.inf if value.value is None else abs(value.value - truth)


def noise(voltage: Array, current: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Noise of the set voltage besides that of the current: a tenth of a step."""
    step = float(np.median(np.abs(np.diff(voltage))))
    return voltage + 0.1 * step * rng.normal(size=voltage.size), current


def drift(voltage: Array, current: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """A zero that is off by 10 pA and drifts by another 10 pA."""
    across = np.linspace(1, 2, voltage.size)
    return voltage, current + rng.choice([-1, 1]) * 1e-11 * across


def gaps(voltage: Array, current: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """A fifth of the rows missing, and 3 % of them without a number."""
    kept = rng.random(voltage.size) > 0.2
    kept[[0, int(np.argmax(np.abs(voltage))), -1]] = True
    current = np.where(rng.random(voltage.size) < 0.03, np.nan, current)
    return voltage[kept], current[kept]


def coarse(voltage: Array, current: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Every fourth row."""
    return voltage[::4], current[::4]


def turned(voltage: Array, current: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """The current counted the other way."""
    return voltage, -current


FAULTS: dict[str, Change] = {
    "noise of current and voltage": noise,
    "offset and drift of the current's zero": drift,
    "gaps": gaps,
    "coarse sampling": coarse,
    "wrong sign of the current": turned,
}


def faulty(name: str, change: Change) -> Mark:
    """Errors of curves with one fault; the bias may be off by a step of what is left."""
    bias, part, told = [], [], 0
    for seed in range(TRIALS):
        rng = np.random.default_rng(50_000 + seed)
        made = abrupt_curve(rng, decades=float(rng.uniform(1, 4)))
        voltage, current = change(
            made.record.array("voltage_volt"), made.record.array("current_ampere"), rng
        )
        found = analyse_current_voltage(record_of(voltage, current))
        value = found["triggering_bias"]
        told += any("turned round" in flag for flag in value.flags)
        bias.append(error_of(value, (made.before + made.after) / 2) / beside(voltage, made))
        part.append(error_of(found["back_scan_resistance"], made.resistance) / made.resistance)
    near = int(np.sum(np.array(bias) <= 1.001))
    signs = f", {told} of {TRIALS} told" if change is turned else ""
    return Mark(
        f"triggers with {name}",
        f"{near} of {TRIALS} within one step; resistance {100 * np.median(part):.2g} % "
        f"(median), {100 * np.quantile(part, 0.95):.2g} % (95 of 100){signs}",
        f"{TRIALS} of {TRIALS}; resistance below 1 % (median)",
        near == TRIALS and float(np.median(part)) < 0.01 and (change is not turned or told == near),
    )


def beside(voltage: Array, made: Curve) -> float:
    """The largest distance between neighbouring rows of the scan out near the trigger."""
    out = voltage[: int(np.argmax(np.abs(voltage))) + 1]
    place = int(np.argmin(np.abs(out - made.before)))
    return float(np.max(np.abs(np.diff(out[max(0, place - 3) : place + 4]))))


def offset_told() -> Mark:
    """A trigger below the zero's offset cannot be read: the floor or the offset is told."""
    told = 0
    for seed in range(TRIALS):
        rng = np.random.default_rng(60_000 + seed)
        made = abrupt_curve(rng, decades=1.0)
        voltage = made.record.array("voltage_volt")
        current = made.record.array("current_ampere")
        offset = 3 * float(np.max(np.abs(current)))
        found = analyse_current_voltage(record_of(voltage, current + np.sign(voltage[5]) * offset))
        value, line = found["triggering_bias"], found["back_scan_resistance"]
        flags = (*value.flags, *line.flags)
        told += value.value is None or any("zero bias" in flag for flag in flags)
    return Mark(
        "an offset above the current itself: told, or no trigger",
        f"{told} of {TRIALS}",
        f"{TRIALS} of {TRIALS}",
        told == TRIALS,
    )


def share(held: int, of: int, what: str) -> Mark:
    """A mark on how many 95 % intervals hold the truth."""
    part = 100 * held / of
    return Mark(
        f"{what}: 95 % intervals that hold the truth",
        f"{part:.1f} % of {of}",
        "92 to 98 %",
        92 <= part <= 98,
    )


def coverage() -> Iterator[Mark]:
    """Intervals of the bias, and of the resistance with white and with correlated noise."""
    held = lines = 0
    for seed in range(COVERED):
        rng = np.random.default_rng(70_000 + seed)
        made = abrupt_curve(rng, decades=float(rng.uniform(1, 4)))
        found = analyse_current_voltage(made.record)
        row = found.details["sweeps"][0]
        truth = rng.uniform(*sorted((made.before, made.after)))
        if row["set"]:
            low, high = row["set"]["interval_95"]
            held += low <= truth <= high
        line = found["back_scan_resistance"]
        if line.value is not None and line.uncertainty is not None:
            lines += abs(line.value - made.resistance) <= NORMAL_95 * line.uncertainty
    yield share(held, COVERED, "triggering bias, uniform between two rows")
    yield share(lines, COVERED, "back-scan resistance, 4 to 400 rows")
    for correlation in (0.5, 0.8):
        yield share(
            sum(correlated(seed, correlation) for seed in range(COVERED)),
            COVERED,
            f"back-scan resistance, noise correlated by {correlation:g} from row to row",
        )


def correlated(seed: int, correlation: float) -> bool:
    """Whether the interval holds a resistance measured with autoregressive noise."""
    from scipy.signal import lfilter

    rng = np.random.default_rng(80_000 + seed)
    voltage = np.concatenate([np.linspace(0, 1, 201), np.linspace(1, 0, 201)[1:]])
    on = np.arange(voltage.size) > 100
    white = rng.normal(size=voltage.size + 100)
    red = lfilter([(1 - correlation**2) ** 0.5], [1, -correlation], white)[100:]
    current = np.where(on, voltage / 1e6, 0) + 1e-8 * red
    line = analyse_current_voltage(record_of(voltage, current))["back_scan_resistance"]
    if line.value is None or line.uncertainty is None:
        return False
    return abs(line.value - 1e6) <= NORMAL_95 * line.uncertainty


# --- places ------------------------------------------------------------------------------


def result_of(bias: float, highest: float) -> Result:
    """The result of a curve that triggers at ``bias``, if that is applied."""
    seen = bias <= highest
    return Result(
        "a curve",
        (Value("triggering_bias", -bias if seen else None, "V"),),
        {"highest_bias_volt": {"negative": highest}},
    )


def drawn(rng: np.random.Generator, scale: float, number: int, highest: float) -> list[Result]:
    """Curves whose triggering bias follows a Weibull distribution."""
    return [result_of(float(bias), highest) for bias in scale * rng.weibull(SHAPE, size=number)]


def places() -> Iterator[Mark]:
    """Medians and Weibull parameters of one place, without and with censoring."""
    truth = BOUNDARY * np.log(2) ** (1 / SHAPE)
    for number, highest in ((10, 100.0), (20, 3.5), (40, 3.5)):
        held = {"median": 0, "shape": 0, "scale": 0}
        for seed in range(PLACES):
            rng = np.random.default_rng(90_000 + seed)
            found = compare_triggering({"a": drawn(rng, BOUNDARY, number, highest)})
            row = found.details["places"]["a"]
            for name, interval, true in (
                ("median", row["median_interval_95"], truth),
                ("shape", row["weibull"]["shape_interval_95"], SHAPE),
                ("scale", row["weibull"]["scale_interval_95"], BOUNDARY),
            ):
                held[name] += interval[0] <= true <= interval[1]
        limited = "" if highest > 10 else f", a quarter not triggered up to {highest:g} V"
        for name, count in held.items():
            what = "median bias" if name == "median" else f"Weibull {name}"
            yield share(count, PLACES, f"{what} of {number} curves{limited}")


def tests() -> Iterator[Mark]:
    """How often places that are alike are told to differ, and places that differ are."""
    for number, highest in ((4, HIGHEST), (15, HIGHEST), (15, 100.0)):
        alike = rate(number, highest, BOUNDARY)
        differing = rate(number, highest, INTERIOR)
        limited = "all triggered" if highest > 10 else f"up to {highest:g} V"
        yield Mark(
            f"test of {number} and {number} curves at 5 %, {limited}",
            f"alike: {100 * alike:.1f} % told to differ; {BOUNDARY:g} and {INTERIOR:g} V: "
            f"{100 * differing:.0f} %",
            "alike: at most 7.2 % (5 % and two standard errors)"
            + ("; different: more than half" if number >= 15 else ""),
            alike <= 0.072 and (number < 15 or differing > 0.5),
        )


def rate(number: int, highest: float, scale: float) -> float:
    """The part of trials with p of at most 5 %."""
    told = 0
    for seed in range(TESTED):
        rng = np.random.default_rng(100_000 + seed)
        groups = {
            "a": drawn(rng, BOUNDARY, number, highest),
            "b": drawn(rng, scale, number, highest),
        }
        value = compare_triggering(groups, seed=seed)["p_value_a_vs_b"].value
        told += value is not None and value <= 0.05
    return told / TESTED
