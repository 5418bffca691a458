"""Voltammograms whose answer is known: a diffusing couple, surface peaks, and split currents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_banded

from solith.analysis import analyse_voltammogram, find_capacitive_share, fit_scan_rates
from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.record import Record
from solith.core.result import Result
from validation.marks import Mark

Array = NDArray[np.float64]

TEMPERATURE, DIFFUSIVITY, CONCENTRATION, AREA = 298.15, 1e-9, 10.0, 1e-4
THERMAL = GAS_CONSTANT * TEMPERATURE / FARADAY
MIDDLE, WINDOW = 3.5, (3.1, 3.9)
RATES = (1e-4, 3e-4, 1e-3, 3e-3)
TRIALS = 300


def triangle(low: float, high: float, step: float, cycles: int = 1) -> Array:
    """Potentials of sweeps up and down."""
    count = round((high - low) / step)
    leg = low + step * np.arange(count)
    one = np.concatenate([leg, high - step * np.arange(count)])
    return np.append(np.tile(one, cycles), low)


def up(potential: Array) -> Array:
    """1 in rising sweeps, -1 in falling ones."""
    return np.sign(np.diff(potential, prepend=2 * potential[0] - potential[1]))


def diffusing(potential: Array, rate: float) -> Array:
    """Current of a reversible oxidation at a plane, by finite differences.

    Backward differences of second order in time, on a grid that widens away from the plane; the
    concentration at the plane is Nernst's for equal diffusivities. Nothing is shared with
    the analysis.
    """
    step = float(abs(potential[1] - potential[0])) / rate
    first = 0.02 * (DIFFUSIVITY * step) ** 0.5
    steps = first * 1.08 ** np.arange(400)
    steps = steps[
        : int(
            np.searchsorted(
                np.cumsum(steps), 8 * (DIFFUSIVITY * step) ** 0.5 * len(potential) ** 0.5
            )
        )
        + 2
    ]
    left, right = steps[:-1], steps[1:]
    lower = 2 * DIFFUSIVITY / (left * (left + right))
    upper = 2 * DIFFUSIVITY / (right * (left + right))
    count = len(left)
    bands = np.zeros((3, count))
    bands[0, 1:], bands[1], bands[2, :-1] = -upper[:-1], lower + upper, -lower[1:]
    bands[1] += 1.5 / step
    surface = CONCENTRATION / (1 + np.exp((potential - MIDDLE) / THERMAL))
    now = np.full(count, CONCENTRATION)
    before = now.copy()
    current = np.zeros(len(potential))
    a, b = steps[0], steps[0] + steps[1]
    for row in range(1, len(potential)):
        known = (2 * now - before / 2) / step
        known[0] += lower[0] * surface[row]
        known[-1] += upper[-1] * CONCENTRATION
        before, now = now, solve_banded((1, 1), bands, known)
        slope = (b**2 * (now[0] - surface[row]) - a**2 * (now[1] - surface[row])) / (
            a * b * (b - a)
        )
        current[row] = FARADAY * AREA * DIFFUSIVITY * slope
    return current


def surface_peaks(potential: Array, cycles_sign: Array) -> Array:
    """A gaussian peak of 1 mA at 3.5 V on a sloping capacitive current; symmetrical."""
    height = 1e-3 * np.exp(-(((potential - 3.5) / 0.05) ** 2))
    return cycles_sign * (height + 1e-4 + 1e-4 * (potential - 3.0))


def record(potential: Array, current: Array, rate: float, **facts: Any) -> Record:
    """A voltammogram at a constant scan rate."""
    time = np.append(0.0, np.cumsum(np.abs(np.diff(potential)))) / rate
    return Record.from_arrays(
        "voltammogram",
        name=f"{1e3 * rate:g} mV/s",
        attributes=facts,
        test_time_second=time,
        voltage_volt=potential,
        current_ampere=current,
    )


def without(given: Record, low: float, high: float) -> Record:
    """A record without the rows of rising potential between two potentials."""
    potential = given.array("voltage_volt")
    gone = (potential > low) & (potential < high) & (up(potential) > 0)
    return Record(given.kind, given.data.isel(row=~gone), given.provenance, name=given.name)


def flags_of(result: Result) -> str:
    """All flags, each once."""
    return "; ".join(dict.fromkeys(flag for value in result for flag in value.flags))


def theory() -> Iterator[Mark]:
    """The reversible voltammogram of theory, clean."""
    potential = triangle(*WINDOW, 5e-4)
    facts = {"geometric_area_m2": AREA, "temperature_kelvin": TEMPERATURE}
    records = [record(potential, diffusing(potential, r), r, **facts) for r in RATES]
    fit = fit_scan_rates(
        records, concentration=CONCENTRATION, area="geometric", diffusivity=DIFFUSIVITY
    )
    for name, truth, within in (
        ("exponent_anodic", 0.5, 1e-3),
        ("randles_sevcik_constant_anodic", 0.4463, 1e-3),
        ("diffusivity_anodic", DIFFUSIVITY * 1e4, 2e-3),
    ):
        found = fit[name].value or np.nan
        error = found / truth - 1
        yield Mark(
            f"diffusing couple, clean: {name.replace('_', ' ')}",
            f"{found:.5g}, error {100 * error:+.3f} %",
            f"{truth:.4g} within {100 * within:g} %",
            abs(error) < within and not fit[name].flags,
        )
    width = analyse_voltammogram(records[2])["half_peak_width_anodic"].value or np.nan
    yield Mark(
        "diffusing couple, clean: E_p - E_p/2",
        f"{1e3 * width:.2f} mV",
        "56.5 mV within 0.2 mV",
        abs(width - 56.5e-3) < 2e-4,
    )
    passed = [row["test"] for row in fit.details["validity"] if not row["passed"]]
    yield Mark(
        "diffusing couple: tests of Randles and Sevcik that fail",
        ", ".join(passed) or "none",
        "none",
        not passed,
    )
    ohmic = []
    resistance = 0.1 * THERMAL / np.max(np.abs(records[-1].array("current_ampere"))) * 10
    for item in records:
        current = item.array("current_ampere")
        shifted = item.array("voltage_volt") + resistance * current
        rate = float(item.name.split()[0]) / 1e3
        data = item.data.assign(voltage_volt=("row", shifted))
        ohmic.append(Record(item.kind, data, item.provenance, name=f"{rate:g}"))
    fit = fit_scan_rates(
        ohmic, concentration=CONCENTRATION, area="geometric", diffusivity=DIFFUSIVITY
    )
    found = fit["uncompensated_resistance"].value or np.nan
    told = "; ".join(fit["diffusivity_anodic"].flags)
    yield Mark(
        "diffusing couple behind a resistance: resistance; the tests say so",
        f"{100 * (found / resistance - 1):+.1f} %; {told}",
        "within 10 %, separation flagged",
        abs(found / resistance - 1) < 0.1 and "separation" in told,
    )


def faults() -> Iterator[Mark]:
    """One fault at a time on a surface peak over a capacitive current."""
    rng = np.random.default_rng(5)
    potential = triangle(3.0, 4.0, 1e-3, cycles=2)
    clean = surface_peaks(potential, up(potential))
    span = float(np.ptp(clean))
    time = np.arange(len(clean)) / (len(clean) - 1)
    coarse = triangle(3.0, 4.0, 0.04)
    cases: tuple[tuple[str, Record, str], ...] = (
        ("clean", record(potential, clean, 1e-3), ""),
        ("noise 2 %", record(potential, clean + 2e-5 * rng.normal(size=len(clean)), 1e-3), ""),
        ("drift 10 % over the record", record(potential, clean + 0.1 * span * time, 1e-3), "close"),
        ("gap of 60 mV in the peak", without(record(potential, clean, 1e-3), 3.46, 3.52), "gaps"),
        (
            "coarse, 2 rows above half",
            record(coarse, surface_peaks(coarse, up(coarse)), 1e-3),
            "coarsely",
        ),
        ("wrong sign", record(potential, -clean, 1e-3), "sign of the current"),
        (
            "staircase of 5 mV",
            record(potential, clean, 1e-3).with_facts(),
            "",
        ),
        (
            "potential noise 3 mV",
            record(potential, clean, 1e-3).with_facts(),
            "",
        ),
    )
    for what, given, flag in cases:
        if what.startswith("staircase"):
            stairs = np.round(potential / 5e-3) * 5e-3
            given = _with_potential(given, stairs)
        if what.startswith("potential"):
            given = _with_potential(given, potential + 3e-3 * rng.normal(size=len(potential)))
        found = analyse_voltammogram(given, baseline="capacitive", cycle=1)
        at, top = (found[f"peak_{name}_anodic"].value for name in ("potential", "current"))
        told = flags_of(found)
        if flag:
            yield Mark(f"surface peak, {what}", f"flags: {told}", f"says {flag!r}", flag in told)
            continue
        moved = np.nan if at is None else 1e3 * (at - 3.5)
        error = np.nan if top is None else 100 * (top / 1e-3 - 1)
        yield Mark(
            f"surface peak, {what}: potential and current over the capacitive baseline",
            f"{moved:+.2f} mV, {error:+.2f} %{'; ' if told else ''}{told}",
            "within 2 mV and 3 %, one peak, no flag",
            bool(abs(moved) < 2 and abs(error) < 3 and not told) and _peaks(found) == [1] * 4,
        )


def _with_potential(given: Record, potential: Array) -> Record:
    data = given.data.assign(voltage_volt=("row", potential))
    return Record(given.kind, data, given.provenance, name=given.name)


def _peaks(result: Result) -> list[int]:
    return [len(sweep["peaks"]) for sweep in result.details["sweeps"]]


def shoulders() -> Iterator[Mark]:
    """A peak with a shoulder, a hundred times with noise, and the peak alone."""
    rng = np.random.default_rng(6)
    potential = triangle(3.0, 4.0, 1e-3)
    alone = surface_peaks(potential, up(potential))
    side = up(potential) * 4e-4 * np.exp(-(((potential - 3.43) / 0.035) ** 2))
    for what, current, wanted in (("with a shoulder", alone + side, 1), ("without", alone, 0)):
        right, places = 0, []
        for _ in range(100):
            noisy = current + 5e-6 * rng.normal(size=len(current))
            row = analyse_voltammogram(record(potential, noisy, 1e-3)).details["sweeps"][0]
            right += len(row["shoulders"]) == wanted and len(row["peaks"]) == 1
            places += [shoulder["potential_volt"] for shoulder in row["shoulders"]]
        told = f", at {np.mean(places):.3f} V" if places else ""
        yield Mark(
            f"peak {what} at 3.43 V, noise 0.5 %: sweeps told right",
            f"{right} of 100{told}",
            "at least 98",
            right >= 98,
        )


def coverage() -> Iterator[Mark]:
    """How often 1.96 standard uncertainties hold the truth."""
    rng = np.random.default_rng(7)
    width = 0.05 * np.log(2) ** 0.5
    truth = {
        "peak_potential_anodic": 3.5,
        "peak_current_anodic": 1e-3,
        "half_peak_width_anodic": width,
        "width_at_half_height_anodic": 2 * width,
        "peak_charge_anodic": 0.05 * np.pi**0.5 / 3.6,
    }
    for step, noise in ((1e-3, 1e-5), (1e-3, 3e-5), (4e-3, 1e-5)):
        potential = triangle(3.0, 4.0, step)
        clean = surface_peaks(potential, up(potential))
        held = dict.fromkeys(truth, 0)
        for _ in range(TRIALS):
            noisy = clean + noise * rng.normal(size=len(clean))
            found = analyse_voltammogram(record(potential, noisy, 1e-3), baseline="capacitive")
            for name, true in truth.items():
                value = found[name]
                if value.value is not None and value.uncertainty is not None:
                    held[name] += abs(value.value - true) <= 1.96 * value.uncertainty
        for name, count in held.items():
            part = 100 * count / TRIALS
            yield Mark(
                f"coverage, noise {1e5 * noise:g} %, rows of {1e3 * step:g} mV: "
                f"{name.replace('_', ' ')}",
                f"{part:.1f} % of {TRIALS}",
                "92-98 %",
                92 <= part <= 98,
            )


def split() -> Iterator[Mark]:
    """Currents k1 v + k2 v^(1/2) with known k1 and k2."""
    rng = np.random.default_rng(8)
    potential = triangle(3.0, 4.0, 1e-3)
    sign = up(potential)
    inner = triangle(3.02, 3.98, 1e-3)

    def parts(at: Array, rate: float) -> tuple[Array, Array]:
        bell = np.exp(-(((at - 3.5) / 0.08) ** 2))
        return rate * (0.05 + 0.2 * bell), rate**0.5 * (1e-3 + 8e-3 * bell)

    def series(rates: tuple[float, ...], noise: float) -> list[Record]:
        return [
            record(
                potential,
                sign * sum(parts(potential, rate))
                + noise * rate**0.5 * 9e-3 * rng.normal(size=len(sign)),
                rate,
            )
            for rate in rates
        ]

    def true(rate: float) -> float:
        capacitive, other = (float(np.sum(part)) for part in parts(inner, rate))
        return capacitive / (capacitive + other)

    for what, noise in (("clean", 0.0), ("noise 2 %", 0.02)):
        found = find_capacitive_share(series(RATES, noise))
        worst = max(
            abs(row["capacitive_share"] - true(row["scan_rate_volt_per_second"]))
            for row in found.details["rates"]
        )
        yield Mark(
            f"k1 v + k2 v^0.5, {what}: capacitive share at four scan rates, largest error",
            f"{100 * worst:.2f} % of the charge; {flags_of(found) or 'no flags'}",
            "within 1 %, not flagged",
            worst < 0.01 and not flags_of(found),
        )
    held = total = 0
    for _ in range(100):
        for row in find_capacitive_share(series(RATES, 0.02)).details["rates"]:
            error = row["capacitive_share"] - true(row["scan_rate_volt_per_second"])
            held += abs(error) <= 1.96 * row["capacitive_share_uncertainty"]
            total += 1
    yield Mark(
        "coverage of the capacitive share, noise 2 %",
        f"{100 * held / total:.1f} % of {total}",
        "92-98 %",
        92 <= 100 * held / total <= 98,
    )
    for what, rates, flag in (
        ("two scan rates", (1e-4, 1e-3), "2 scan rates"),
        ("rates over a factor of 2", (1e-3, 1.4e-3, 2e-3), "factor of 2"),
    ):
        told = flags_of(find_capacitive_share(series(rates, 0.0)))
        yield Mark(f"k1 v + k2 v^0.5, {what}", f"flags: {told}", f"says {flag!r}", flag in told)
    shifted = []
    for item, rate in zip(series(RATES, 0.0), RATES, strict=True):
        current = item.array("current_ampere")
        shifted.append(_with_potential(item, item.array("voltage_volt") + 100.0 * current))
        shifted[-1] = Record(item.kind, shifted[-1].data, item.provenance, name=f"{rate:g}")
    told = flags_of(find_capacitive_share(shifted))
    yield Mark(
        "k1 v + k2 v^0.5 behind a resistance", f"flags: {told}", "says 'shifts'", "shifts" in told
    )


def marks() -> Iterator[Mark]:
    """All marks of voltammetry."""
    yield from theory()
    yield from faults()
    yield from shoulders()
    yield from coverage()
    yield from split()
