"""GITT on records whose answer is known: spheres in finite volumes, with every fault of a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from benchmarks.titration import measure
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal

from solith.analysis import fit_gitt
from solith.analysis._titration.found import looks_like_titration
from solith.core.errors import InputError
from solith.core.record import Record
from solith.core.result import Result
from validation.marks import Mark, finish

__all__ = ["marks"]

RADIUS = 1e-6  # m
DIFFUSIVITY = 1e-15  # m2/s: R^2 / D is 1000 s
TIME = RADIUS**2 / DIFFUSIVITY / 9  # s: (V / S)^2 / D
VOLUME = 1e-9  # m3
AREA = 3 * VOLUME / RADIUS  # m2
CURRENT = 1e-3  # A
STEP = 10.0  # mV: ohmic
SLOPE = 8.0  # mV by a pulse of 100 s
SHELLS = 400
LONG, MOST_SECONDS = 400, 5.0


@dataclass(frozen=True)
class Made:
    """A titration: seconds of ``pulse`` and ``rest``, seconds between rows, mV of noise, mV/h."""

    pulse: float = 100.0
    rest: float = 1200.0
    number: int = 8
    every: float = 1.0
    noise: float = 0.0
    drift: float = 0.0
    ways: tuple[int, ...] = (-1,)
    seed: int = 1


def marks() -> Iterator[Mark]:
    """All marks of this technique."""
    yield from _rights()
    yield from _faults()
    yield from _between_rows()
    yield from _irregular()
    yield from _coverages()
    yield from _coverages_of_means()
    yield _speed()


def _rights() -> Iterator[Mark]:
    """Errors of both methods; where the root of time does not hold, its flag."""
    short = Made(pulse=0.2, every=0.01, rest=800.0, number=2)
    cases: tuple[tuple[str, Made, float, str], ...] = (
        ("clean, pulses short", short, 0.5, ""),
        ("clean", Made(), 0.5, "pulse too long"),
        ("noise of 0.1 mV", Made(noise=0.1), 2.0, "pulse too long"),
        ("noise of 1 mV", Made(noise=1.0), 10.0, "pulse too long"),
        ("drift of 2 mV/h", Made(noise=0.1, drift=2.0), 3.0, "drift"),
        ("rows every 10 s", Made(every=10.0), 1.0, "pulse too long"),
        ("pulse of R^2 / D", Made(pulse=1000.0, rest=1500.0), 1.0, "pulse too long"),
        ("rests of a tenth of R^2 / D", Made(rest=100.0, noise=0.1), 5.0, "not relaxed"),
        (
            "charge and discharge interleaved",
            Made(ways=(-1, -1, 1), number=12, noise=0.1, rest=600.0),
            2.0,
            "pulse too long",
        ),
    )
    for what, made, most, flag in cases:
        delay = "0.02 s" if made.every < 1 else "2 s"
        found = fit_gitt(record_of(made), delay=delay, least_change="1 uV")
        fitted, root = (
            error_of(found, "diffusivity_fit_active_area"),
            error_of(found, "diffusivity_active_area"),
        )
        step = found["gitt_ir_drop_fit"].value
        assert step is not None
        flags = "; ".join(found["diffusivity_active_area"].flags)
        met = abs(fitted) < most and abs(step - STEP) < 0.1 + made.noise / 5
        met = met and (flag in flags if flag else abs(root) < 5 and not flags)
        yield Mark(
            f"GITT, {what}: D by fit, by root of time, ohmic step",
            f"{fitted:+.2f} %, {root:+.1f} % ({flag or 'no flag'}), {step - STEP:+.3f} mV",
            f"fit within {most:g} %, step within {0.1 + made.noise / 5:.2g} mV, root "
            + (f"says {flag!r}" if flag else "within 5 %, no flag"),
            met,
        )


def _faults() -> Iterator[Mark]:
    """Where the file lacks what the answer needs, or lies, it is said."""
    made = Made(noise=0.1)
    clean = record_of(made)
    time = clean.array("test_time_second")
    period = made.pulse + made.rest
    second = made.rest + period  # its current is switched on

    whole = fit_gitt(without(clean, (time > second + 30) & (time < second + 70)), delay="2 s")
    yield _said("rows missing within a pulse", whole, "gap", pulse=2)
    start = fit_gitt(without(clean, (time > second) & (time < second + 40)), delay="2 s")
    yield _said("rows missing at a pulse's start", start, "gap", pulse=2)
    switch = fit_gitt(without(clean, (time > second) & (time < second + 4.5)), delay="1 s")
    yield _said("the first 4 s of a pulse missing", switch, "IR not separated", pulse=2)
    rest = fit_gitt(without(clean, (time > second + 150) & (time < second + 600)), delay="2 s")
    yield Mark(
        "GITT, rows missing in a rest: D by fit",
        f"{error_of(rest, 'diffusivity_fit_active_area'):+.2f} %",
        "within 2 %",
        abs(error_of(rest, "diffusivity_fit_active_area")) < 2,
    )
    missing = fit_gitt(record_of(replace(made, ways=(-1, 0, -1)), joined=3), delay="2 s")
    error = error_of(missing, "diffusivity_fit_active_area")
    yield Mark(
        "GITT, a charge pulse right after a discharge pulse: said of both, D by fit of the others",
        f"{[row['pulse'] for row in missing.details['pulses'] if 'no rest' in row['fails']]}, "
        f"{error:+.2f} %",
        "one pulse without a rest, D within 2 %",
        sum("no rest" in row["fails"] for row in missing.details["pulses"]) == 1 and abs(error) < 2,
    )
    try:
        told = str(fit_gitt(turned(clean)))
    except InputError as error_told:
        told = str(error_told)
    yield Mark(
        "GITT, current of the wrong sign",
        told.split(": ", 1)[1].split(":")[0],
        "an error that says so",
        "the current has the wrong sign" in told,
    )
    slow = fit_gitt(record_of(Made(pulse=0.3, rest=2.0, every=0.02, noise=0.1)), delay="0.02 s")
    yield _unknown("rests of R^2 / 500 D", slow)
    fast = fit_gitt(
        record_of(Made(pulse=20000.0, rest=20000.0, every=500.0, noise=0.1)), delay="500 s"
    )
    yield _unknown("rows every R^2 / 2 D", fast)
    yield Mark(
        "GITT, told from the record alone",
        f"{looks_like_titration(clean)}, {looks_like_titration(turned(clean))}",
        "a titration, whatever its sign",
        looks_like_titration(clean) and looks_like_titration(turned(clean)),
    )


def _said(what: str, result: Result, name: str, pulse: int) -> Mark:
    row = result.details["pulses"][pulse - 1]
    others = [
        other["pulse"]
        for other in result.details["pulses"]
        if name in (*other["fails"], *other["notes"]) and other["pulse"] != pulse
    ]
    error = error_of(result, "diffusivity_fit_active_area")
    return Mark(
        f"GITT, {what}: flags of this pulse, D by fit of the record",
        f"{[*row['fails'], *row['notes']]}, {error:+.2f} %",
        f"{name!r} at this pulse alone, D within 2 %",
        name in (*row["fails"], *row["notes"]) and not others and abs(error) < 2,
    )


def _unknown(what: str, result: Result) -> Mark:
    value = result["diffusion_time_fit"]
    return Mark(
        f"GITT, {what}: the fit",
        f"{value.value}, {'; '.join(value.flags)}",
        "no number, says 'not identifiable'",
        value.value is None and "not identifiable" in "; ".join(value.flags),
    )


def _between_rows() -> Iterator[Mark]:
    """Rows not at the switch: the last up to ``every`` before it, the first 0.1 s after it."""
    for pulse, rest, every in (
        (1200.0, 3600.0, 60.0),
        (1200.0, 3600.0, 10.0),
        (600.0, 3600.0, 5.0),
    ):
        found = fit_gitt(between_rows(pulse, rest, every))
        time, step = found["diffusion_time_fit"], found["gitt_ir_drop_fit"]
        assert time.value is not None
        error = 100 * (4 * TIME / time.value - 1)
        flags = found["diffusion_time_fit"].flags
        assert step.value is not None
        yield Mark(
            f"GITT, rows not at the switch, {pulse:g} s and {rest:g} s, a row every {every:g} s: "
            "D by fit, ohmic step",
            f"{error:+.2f} %, {step.value - STEP:+.3f} mV, {'; '.join(flags) or 'no flag'}",
            "within 2 % and 0.12 mV, no flag",
            abs(error) < 2 and abs(step.value - STEP) < 0.12 and not flags,
        )
    for every, late, noise in ((60.0, 0.7, 0.2), (60.0, 1.0, 2.0)):
        unknown = fit_gitt(between_rows(1200.0, 3600.0, every, late=late, noise=noise))
        value = unknown["diffusion_time_fit"]
        assert value.value is not None
        assert value.uncertainty is not None
        told = "; ".join(value.flags)
        away = abs(value.value - 4 * TIME) / value.uncertainty
        yield Mark(
            f"GITT, rows every {every:g} s, switches {late:g} of this later, noise of {noise:g} mV"
            ": the fit",
            f"{away:.1f} standard uncertainties, {told}",
            "within 3, says 'switch known to ... only'",
            away < 3 and "switch known to" in told,
        )


def _irregular() -> Iterator[Mark]:
    """Rows dense after each switch, of which a coarse logger kept every so manyth."""
    for kept, first in ((4, 2), (5, 2), (6, 0), (7, 0), (9, 2)):
        found = fit_gitt(coarse(kept, first))
        value = found["diffusion_time_fit"]
        assert value.value is not None
        assert value.uncertainty is not None
        away = abs(value.value - 4 * TIME) / value.uncertainty
        flags = value.flags
        told = any("switch known to" in flag for flag in flags)
        yield Mark(
            f"GITT, coarse, irregular, every {kept}th row from {first}: the fit",
            f"D {100 * (4 * TIME / value.value - 1):+.2f} %, {away:.1f} standard uncertainties of "
            f"{100 * value.uncertainty / value.value:.1f} %, {'; '.join(flags) or 'no flag'}",
            "within 2, no drift, says 'switch known to ... only' or D within 2 %",
            away < 2
            and not any("drift" in flag for flag in flags)
            and (told or abs(value.value / (4 * TIME) - 1) < 0.02),
        )


def coarse(kept: int, first: int) -> Record:
    """Pulses as in :func:`between_rows`, rows 0.1 s to 5 s after each switch and every 10 s."""
    pulse, rest, number = 1200.0, 1800.0, 10
    begun = 1800.0 + np.arange(number) * (pulse + rest)
    edges = np.sort(np.concatenate([begun, begun + pulse]))
    close, lengths = [0.1, 0.5, 1.0, 2.0, 5.0], [pulse, rest] * number
    own = [np.append(close, np.arange(10.0, length, 10.0)) for length in lengths]
    steps = [at + rows for at, rows in zip(edges, own, strict=True)]
    time = np.concatenate([np.arange(0.0, 1800.0, 10.0), *steps])
    current = np.where(np.searchsorted(edges, time) % 2, CURRENT, 0.0)
    shifts = sum(4 * (surface((time - on) / 4) - surface((time - on - pulse) / 4)) for on in begun)
    scatter = 2e-4 * np.random.default_rng(5).normal(size=len(time))
    voltage = 3.6 + 0.04 / 1200 * shifts + 1e-3 * STEP * (current > 0) + scatter
    return _record(*(column[first::kept] for column in (time, voltage, current)))


def between_rows(
    pulse: float, rest: float, every: float, *, late: float | None = None, noise: float = 0.2
) -> Record:
    """Pulses of 40 mV in 1200 s into spheres of R^2 / D = 4000 s, with no row at a switch.

    Each step logs 0.1 s after it began and then every ``every`` seconds; with ``late`` rows
    come every ``every`` seconds whatever the steps do, the switches this part later.
    """
    number, shift = 6, 0.0 if late is None else late * every
    begun = 1800.0 + shift + np.arange(number) * (pulse + rest)
    edges = np.sort(np.concatenate([begun, begun + pulse]))
    if late is None:
        lengths = np.append(np.diff(edges), rest)
        steps = zip(edges, lengths, strict=True)
        own = [np.append(0.1, np.arange(every, length, every)) + at for at, length in steps]
        time = np.concatenate([np.arange(0.0, 1800.0, every), *own])
    else:
        time = np.arange(0.0, edges[-1] + rest, every)
    current = np.where(np.searchsorted(edges, time + 1e-6) % 2, CURRENT, 0.0)
    shifts = sum(4 * (surface((time - on) / 4) - surface((time - on - pulse) / 4)) for on in begun)
    scatter = 1e-3 * noise * np.random.default_rng(1).normal(size=len(time))
    voltage = 3.6 + 0.04 / 1200 * shifts + 1e-3 * STEP * (current > 0) + scatter
    return _record(time, voltage, current)


def _coverages() -> Iterator[Mark]:
    """The pulses' own 95 % intervals, over 400 pulses or more each."""
    truths = {
        "diffusion_time_fit": TIME,
        "ir_drop_fit": STEP,
        "change_rested_fit": -SLOPE,
    }
    for what, made in (
        ("noise of 0.1 mV", Made(noise=0.1, rest=600.0)),
        ("noise of 0.5 mV", Made(noise=0.5)),
        ("drift, noise of 0.2 mV", Made(noise=0.2, drift=2.0)),
        ("rows every 5 s, noise of 0.2 mV", Made(noise=0.2, every=5.0)),
    ):
        rows = [row for seed in range(50) for row in _pulses(replace(made, seed=seed))]
        for name, truth in truths.items():
            yield _covered(f"{what}: {name}", rows, name, truth)
    made = Made(pulse=5.0, rest=200.0, every=0.1, noise=0.05)
    exact = fit_gitt(record_of(replace(made, noise=0.0, number=2)), delay="0.2 s")
    truth_row = exact.details["pulses"][1]
    rows = [row for seed in range(100) for row in _pulses(replace(made, seed=seed), "0.2 s")]
    for name in ("diffusion_time", "ir_drop_start", "change_rested"):
        yield _covered(f"root of time, noise of 0.05 mV: {name}", rows, name, truth_row[name])


def _coverages_of_means() -> Iterator[Mark]:
    """The 95 % intervals of the mean D, over records with switches told by the step's time."""
    for number, records in ((4, 400), (8, 200)):
        made = Made(noise=0.2, every=5.0, rest=600.0, number=number)
        held = []
        for seed in range(records):
            record = record_of(replace(made, seed=seed), step_time=True)
            value = fit_gitt(record, delay="2 s")["diffusivity_fit_active_area"].to("m2/s")
            assert value.value is not None
            assert value.uncertainty is not None
            held.append(abs(value.value - DIFFUSIVITY) < 1.96 * value.uncertainty)
        share = 100 * float(np.mean(held))
        yield Mark(
            f"GITT, 95 % intervals of the mean D by fit over {number} pulses, {records} records, "
            "noise of 0.2 mV",
            f"{share:.1f} % hold the truth",
            "92 to 98 %",
            92 <= share <= 98,
        )


def _speed() -> Mark:
    found = measure(LONG)
    return Mark(
        f"GITT, {LONG} pulses of 200 rows: processor seconds on one core, error of D",
        f"{found.seconds:.2f} s, {100 * found.error:+.2f} %",
        f"at most {MOST_SECONDS:g} s, within 1 %",
        found.seconds <= MOST_SECONDS and abs(found.error) < 0.01,
    )


def _pulses(made: Made, delay: str = "2 s") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = fit_gitt(record_of(made), delay=delay).details["pulses"]
    return rows


def _covered(what: str, rows: list[dict[str, Any]], name: str, truth: float) -> Mark:
    known = [row for row in rows if row[name] is not None]
    inside = [abs(row[name] - truth) < 1.96 * row[f"{name}_uncertainty"] for row in known]
    share = 100 * float(np.mean(inside))
    return Mark(
        f"GITT, 95 % intervals of {len(known)} pulses, {what}",
        f"{share:.1f} % hold the truth",
        "92 to 98 %",
        92 <= share <= 98 and len(known) >= 300,
    )


def error_of(result: Result, name: str) -> float:
    """Error of a diffusivity in %, nan where there is none."""
    value = result[name].to("m2/s").value
    return float("nan") if value is None else 100 * (value / DIFFUSIVITY - 1)


# --- the records ------------------------------------------------------------------------


@cache
def _modes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rates [1/s] and weights of the surface's answer to a flux, by finite volumes.

    Shells of a sphere, finer towards the surface; the surface's concentration is that of the
    outermost shell, about 4e-6 R thick. The first rate is 0: the sphere fills. Per
    concentration averaged over the volume.
    """
    depth = np.concatenate([[0.0], np.cumsum(np.geomspace(1e-5, 1.5e-2, SHELLS))])
    edge = (1 - depth / depth[-1])[::-1]
    volume = np.diff(edge**3)
    middle = (edge[1:] + edge[:-1]) / 2
    pass_ = 3 * edge[1:-1] ** 2 / np.diff(middle)  # D / R^2 is 1
    root = np.sqrt(volume)
    main = (np.append(pass_, 0) + np.insert(pass_, 0, 0)) / volume
    rates, vectors = eigh_tridiagonal(main, -pass_ / (root[1:] * root[:-1]))
    weights = vectors[-1] ** 2 / volume[-1]
    return np.maximum(rates, 0) * DIFFUSIVITY / RADIUS**2, weights


def surface(time: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rise of the surface by a flux since 0 [s], which fills the whole sphere by 1 a second."""
    rates, weights = _modes()
    known = np.unique(np.maximum(time, 0.0))
    risen = weights[0] * known
    for rate, weight in zip(rates[1:], weights[1:], strict=True):
        risen += weight * -np.expm1(-rate * known) / rate
    found: NDArray[np.float64] = np.interp(np.maximum(time, 0.0), known, risen)
    return found


@cache
def _grid_surface(every: float, length: float) -> NDArray[np.float64]:
    return surface(np.arange(0.0, length + every / 2, every))


def record_of(made: Made, joined: int | None = None, *, step_time: bool = False) -> Record:
    """A record of pulses that begin and end on rows; a way of 0 is a rest in place of a pulse.

    The pulse ``joined`` goes the other way and begins where the one before ends.
    """
    every, period = made.every, made.pulse + made.rest
    rows = round((made.number * period + made.rest) / every) + 1
    time = np.arange(rows) * every
    rise = _grid_surface(every, float(time[-1]))
    current, shift = np.zeros(rows), np.zeros(rows)
    rate = 1e-3 * SLOPE / 100.0  # V/s
    for place in range(made.number):
        way = made.ways[place % len(made.ways)]
        start = made.rest + place * period
        if place == joined:
            way, start = 1, start - period + made.pulse
        on, off = round(start / every), round((start + made.pulse) / every)
        current[on + 1 : off + 1] = way * CURRENT
        shift[on:] += way * rate * rise[: rows - on]
        shift[off:] -= way * rate * rise[: rows - off]
    noise = 1e-3 * made.noise * np.random.default_rng(made.seed).normal(size=rows)
    voltage = 3.7 + shift + 1e-3 * STEP * np.sign(current) + noise
    voltage += 1e-3 * made.drift * time / 3600
    if not step_time:
        return _record(time, voltage, current)
    ends = np.flatnonzero(np.diff(current != 0))
    begun = np.append(0.0, time[ends])[np.searchsorted(ends, np.arange(rows))]
    return _record(time, voltage, current, step_time_second=time - begun)


def without(record: Record, missing: NDArray[np.bool_]) -> Record:
    """The record without some rows."""
    names = ("test_time_second", "voltage_volt", "current_ampere")
    return _record(*(record.array(name)[~missing] for name in names))


def turned(record: Record) -> Record:
    """The record with its current turned round."""
    time, voltage = record.array("test_time_second"), record.array("voltage_volt")
    return _record(time, voltage, -record.array("current_ampere"))


def _record(
    time: NDArray[Any], voltage: NDArray[Any], current: NDArray[Any], **others: NDArray[Any]
) -> Record:
    return Record.from_arrays(
        "cycling",
        name="a cell",
        test_time_second=time,
        voltage_volt=voltage,
        current_ampere=current,
        **others,
        attributes={"active_volume_m3": VOLUME, "active_area_m2": AREA},
    )


if __name__ == "__main__":
    finish(marks())
