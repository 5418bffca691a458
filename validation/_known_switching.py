"""Noisy current-voltage curves with known answers: abrupt, smooth, and switching.

Floors of 1 to 100 pA are levels: three standard deviations of the additive noise. A jump of 0.5
decades is one from the current at the trigger, or from the floor if that is higher.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from solith.analysis import analyse_current_voltage
from solith.core.intervals import NORMAL_95
from solith.core.record import Record
from validation.marks import Mark

__all__ = ["Curve", "abrupt_curve", "loops_curve", "marks", "smooth_curve"]

Array = NDArray[np.float64]

TRIALS = 200
LOOPED, CYCLES = 100, 5


@dataclass(frozen=True)
class Curve:
    """A made curve; ``before`` and ``after`` are the voltages beside its trigger [V]."""

    record: Record
    before: float
    after: float
    resistance: float
    step: float


def marks() -> Iterator[Mark]:
    """All marks of this module."""
    yield from triggers()
    yield from smooth_rises()
    yield from amplifier()
    yield from memristors()


def voltage_of(*turns: float, step: float) -> Array:
    """Sweeps at even steps between turning points."""
    legs = [
        np.linspace(a, b, max(round(abs(b - a) / step), 1) + 1)[:-1] for a, b in pairwise(turns)
    ]
    return np.append(np.concatenate(legs), turns[-1])


def leakage(kind: str, bias: Array, top: float, level: float, rng: np.random.Generator) -> Array:
    """A smooth current that is ``level`` [A] at the bias ``top``."""
    part = bias / top
    if kind == "ohmic":
        return np.asarray(level * part)
    if kind == "exponential":
        steep = rng.uniform(2, 12)
        return np.asarray(level * np.expm1(steep * part) / np.expm1(steep))
    if kind == "space charge":
        return np.asarray(level * part**2)
    if kind == "trap filling":  # the exponent rises from 1 over 8 back to 2
        weak, steep = part / 0.6, (part / 0.6) ** 8
        return np.asarray(
            level * 1e-3 * (weak + 100 * (part / 0.6) ** 2 * steep / (steep + 5)) / 0.28
        )
    return np.zeros_like(bias)


LEAKAGES = ("none", "ohmic", "exponential", "space charge")
SMOOTH = ("ohmic", "exponential", "space charge", "trap filling")


def noisy(current: Array, floor: float, relative: float, rng: np.random.Generator) -> Array:
    """A current with additive noise, whose triple is the floor, and relative noise."""
    scatter = rng.normal(size=(2, len(current)))
    return np.asarray(current * (1 + relative * scatter[0]) + floor / 3 * scatter[1])


def abrupt_curve(rng: np.random.Generator, *, decades: float | None = None) -> Curve:
    """Out and back on one side with one trigger; the back scan is ohmic."""
    side, top = rng.choice([-1.0, 1.0]), 10 ** rng.uniform(-0.7, 1)
    step = top / rng.integers(60, 500)
    bias = np.abs(voltage_of(0, top, 0, step=step))
    turn = int(np.argmax(bias))
    place = int(rng.integers(round(0.08 * turn), round(0.95 * turn)))
    floor, relative = 10 ** rng.uniform(-12, -10), rng.uniform(0, 0.05)
    at = (bias[place] + bias[place + 1]) / 2
    own = leakage(
        str(rng.choice(LEAKAGES)), bias, float(at), floor * 10 ** rng.uniform(-0.5, 3), rng
    )
    jump = rng.uniform(0.5, 4) if decades is None else decades
    level = 10**jump * max(float(own[place]), floor)
    resistance = float(at / level)
    on = np.arange(len(bias)) > place
    current = np.where(on, bias / resistance, own)
    current = noisy(current, floor, relative, rng)
    if rng.random() < 0.5:
        current = np.minimum(current, level * rng.uniform(1.05, 30))
    return Curve(
        record_of(side * bias, side * current),
        side * float(bias[place]),
        side * float(bias[place + 1]),
        resistance,
        step,
    )


def record_of(voltage: Array, current: Array) -> Record:
    """A current-voltage record."""
    return Record.from_arrays("current-voltage", voltage_volt=voltage, current_ampere=current)


def smooth_curve(rng: np.random.Generator, *, limited: bool = True) -> Record:
    """Out and back on one side without a trigger, up to a compliance in half of the trials."""
    side, top = rng.choice([-1.0, 1.0]), 10 ** rng.uniform(-0.7, 1)
    bias = np.abs(voltage_of(0, top, 0, step=top / rng.integers(60, 500)))
    floor, relative = 10 ** rng.uniform(-12, -10), rng.uniform(0, 0.05)
    level = floor * 10 ** rng.uniform(0, 7)
    current = leakage(str(rng.choice(SMOOTH)), bias, top, level, rng)
    current = noisy(current, floor, relative, rng)
    if limited and rng.random() < 0.5:
        current = np.minimum(current, max(level * rng.uniform(0.05, 0.9), 3 * floor))
    return record_of(side * bias, side * current)


def triggers() -> Iterator[Mark]:
    """Right within one step each time, and told limited or not."""
    right, late = 0, []
    for seed in range(TRIALS):
        curve = abrupt_curve(np.random.default_rng(seed))
        found = analyse_current_voltage(curve.record)["triggering_bias"].value
        middle = (curve.before + curve.after) / 2
        near = found is not None and abs(found - middle) <= 1.001 * curve.step
        right += near
        if not near:
            late.append(seed)
    yield count("abrupt triggers found within one sampling step", right, TRIALS)


def smooth_rises() -> Iterator[Mark]:
    """No trigger in a smooth rise."""
    quiet = 0
    for seed in range(TRIALS):
        record = smooth_curve(np.random.default_rng(10_000 + seed))
        quiet += analyse_current_voltage(record)["triggering_bias"].value is None
    yield count("smooth rises without a trigger", quiet, TRIALS)


def amplifier() -> Iterator[Mark]:
    """Steps of the zero, single spikes, and changes of range by some percent are no triggers."""
    quiet = 0
    for seed in range(TRIALS):
        rng = np.random.default_rng(20_000 + seed)
        record = smooth_curve(rng, limited=False)
        current = record.array("current_ampere").copy()
        scale = 3 * float(np.std(np.diff(current[:8])))
        kind, place = seed % 3, int(rng.integers(5, len(current) - 5))
        if kind == 0:
            current[place:] += rng.choice([-1, 1]) * scale * rng.uniform(1, 10)
        elif kind == 1:
            current[place] += rng.choice([-1, 1]) * float(np.max(np.abs(current)))
        else:
            current[place:] *= 1 + rng.uniform(-0.15, 0.15)
        changed = record_of(record.array("voltage_volt"), current)
        quiet += analyse_current_voltage(changed)["triggering_bias"].value is None
    yield count(
        "smooth rises with a step or spike of the amplifier, without trigger", quiet, TRIALS
    )


@dataclass(frozen=True)
class Loops:
    """Made cycles of set and reset."""

    record: Record
    sets: tuple[float, ...]
    resets: tuple[float, ...]
    ratios: tuple[float, ...]
    step: float


def loops_curve(rng: np.random.Generator, *, cycles: int = CYCLES) -> Loops:
    """Cycles out to a set on one side and to an abrupt reset on the other, both ohmic."""
    side = rng.choice([-1.0, 1.0])
    set_top, reset_top = rng.uniform(0.3, 1.0), rng.uniform(0.5, 1.5)
    step = min(set_top, reset_top) / rng.integers(60, 200)
    turns = [0.0, *([side * set_top, -side * reset_top] * cycles), 0.0]
    voltage = voltage_of(*turns, step=step)
    floor, relative = 10 ** rng.uniform(-12, -10), rng.uniform(0, 0.05)
    low = 10 ** rng.uniform(3, 5)
    off = low * 10 ** rng.uniform(1, 6)
    compliance = set_top / low * rng.uniform(0.5, 2.0)
    sets, resets, ratios = [], [], []
    on = False
    now = np.zeros_like(voltage)
    own_low, own_off = low, off
    set_at = reset_at = 0.0
    armed: float | None = None
    for row, volt in enumerate(voltage):
        bias = side * volt
        previous = side * voltage[row - 1] if row else 0.0
        if bias > 0 and previous <= 0:
            set_at = set_top * rng.uniform(0.4, 0.9)
            own_low, own_off = low * 10 ** rng.normal(0, 0.1), off * 10 ** rng.normal(0, 0.1)
            ratios.append(own_off / own_low)
        if bias < 0 and previous >= 0:
            reset_at, armed = reset_top * rng.uniform(0.4, 0.9), 1.0
        if not on and bias > set_at > 0 and bias > previous:
            on = True
            sets.append(float(volt - side * step / 2))
        if on and armed and -bias > reset_at:
            on, armed = False, None
            resets.append(float(volt + side * step / 2))
        now[row] = volt / (own_low if on else own_off)
    measured = noisy(now, floor, relative, rng)
    limited = np.where(side * voltage > 0, np.clip(measured, -compliance, compliance), measured)
    return Loops(
        record_of(voltage, limited),
        tuple(sets),
        tuple(resets),
        tuple(ratios),
        step,
    )


def memristors() -> Iterator[Mark]:
    """Set, reset and ratio of each cycle."""
    right = held = 0
    errors: list[float] = []
    told = expected = 0
    for seed in range(LOOPED):
        made = loops_curve(np.random.default_rng(30_000 + seed))
        cycles = analyse_current_voltage(made.record).details["cycles"]
        right += agree([row["set_voltage_volt"] for row in cycles], made.sets, made.step) and agree(
            [row["reset_voltage_volt"] for row in cycles], made.resets, made.step
        )
        for row, ratio in zip(cycles, made.ratios, strict=False):
            if row["lower_bound"]:
                expected += 1
                told += row["on_off_ratio"] is not None and row["on_off_ratio"] <= 1.1 * ratio
            elif row["on_off_ratio"] is not None:
                error = abs(row["on_off_ratio"] - ratio)
                errors.append(error / ratio)
                held += error <= NORMAL_95 * row["on_off_uncertainty"]
    yield count(f"sets and resets of {CYCLES} cycles within one sampling step", right, LOOPED)
    middle = float(np.median(errors))
    yield Mark(
        f"on/off ratio of {len(errors)} cycles above the floor",
        f"error {100 * middle:.2g} % (median), intervals of {100 * held / len(errors):.1f} % hold "
        "the truth",
        "median below 3 %, 92 to 98 % of intervals",
        middle < 0.03 and 0.92 <= held / len(errors) <= 0.98,
    )
    yield Mark(
        f"on/off ratio at the floor ({expected} cycles): a lower bound, and flagged",
        f"{told} of {expected}",
        f"{expected} of {expected}, and at least 20",
        told == expected >= 20,
    )


def agree(found: Sequence[float | None], made: Sequence[float], step: float) -> bool:
    """Whether every made event is found within a step, and no more."""
    return len(found) == len(made) and all(
        own is not None and abs(own - truth) <= 1.001 * step
        for own, truth in zip(found, made, strict=True)
    )


def count(what: str, met: int, of: int) -> Mark:
    """A mark that all trials meet."""
    return Mark(what, f"{met} of {of}", f"{of} of {of}", met == of)
