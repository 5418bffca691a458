"""Kramers-Kronig finds what was put in, nothing else; DRT gives arcs back, with honest errors."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

import solith
from solith.analysis import check_kramers_kronig, fit_drt, parse_circuit
from solith.analysis._impedance.distribution_peaks import find_peaks
from solith.analysis._impedance.linear_consistency import fit_free
from solith.analysis._impedance.log_distribution import Distribution, scan_distributions
from solith.analysis._impedance.spectrum import Spectrum
from solith.core.result import Result
from validation._faulty_spectra import (
    Arcs,
    as_record,
    blocking_pellet,
    drifting_cell,
    exact_arcs,
    mu_number,
    random_arcs,
    three_arcs,
)
from validation._random_spectra import FREQUENCIES, random_spectrum
from validation.marks import Mark, finish

_SPECTRA = 500
_FAULTY = 200
_TOTALS_FROM = 80_000
_NOISES = 10 ** np.random.default_rng(0).uniform(-3, -2, _SPECTRA)  # 0.1 to 1 % of |Z|
_DATA = Path(os.environ.get("SOLITH_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))


def marks() -> Iterator[Mark]:
    check_kramers_kronig(random_spectrum(0).record)
    yield from _clean()
    yield from _faults()
    yield _number_of_elements()
    yield from _rules()
    yield from _arcs()
    yield from _totals()
    yield from _real()


def _clean() -> Iterator[Mark]:
    kinds: dict[str, Callable[[int], tuple[NDArray, NDArray]]] = {
        "arcs and diffusion": lambda seed: (
            FREQUENCIES,
            random_spectrum(seed, noise=_NOISES[seed]).impedance,
        ),
        "three arcs": lambda seed: drifting_cell(seed, growth=0.0, noise=_NOISES[seed])[:2],
        "blocking electrodes": lambda seed: blocking_pellet(seed, noise=_NOISES[seed]),
    }
    seconds = []
    for name, make in kinds.items():
        violated = suspicious = 0
        for seed in range(_SPECTRA):
            record = as_record(*make(seed))
            start = time.process_time()
            result = check_kramers_kronig(record)
            seconds.append(time.process_time() - start)
            violated += result["violated_bands"].value > 0
            suspicious += _doubted(result)
        yield Mark(
            f"{_SPECTRA} clean spectra ({name}), noise 0.1 to 1 %: doubted; violated",
            f"{100 * suspicious / _SPECTRA:.1f} %; {100 * violated / _SPECTRA:.1f} %",
            "1 % is the level stated: at most 2 %; 0.1 %: at most 0.6 %",
            suspicious <= 0.02 * _SPECTRA and violated <= 0.006 * _SPECTRA,
        )
    exact = [
        check_kramers_kronig(as_record(*drifting_cell(seed, growth=0.0, noise=0.0)[:2]))
        for seed in range(50)
    ] + [check_kramers_kronig(as_record(*blocking_pellet(seed, noise=0.0))) for seed in range(50)]
    doubts = sum(map(_doubted, exact))
    yield Mark("doubts about 100 spectra without noise", f"{doubts}", "at most 2", doubts <= 2)
    median = 1e3 * float(np.median(seconds))
    yield Mark(
        "time of a Kramers-Kronig test of 71 to 81 points, median (processor time, one core)",
        f"{median:.1f} ms (99 %: {1e3 * np.percentile(seconds, 99):.1f} ms)",
        "at most 50 ms",
        median <= 50,
    )


def _faults() -> Iterator[Mark]:
    found, told = {3: [], 5: [], 10: []}, 0
    for seed in range(2 * _FAULTY):
        growth = np.random.default_rng(seed + 5).uniform(0.05, 0.1)
        frequency, impedance, times_noise = drifting_cell(
            seed, growth=growth, noise=_NOISES[seed % _SPECTRA]
        )
        band = max((least for least in found if times_noise >= least), default=None)
        if band is None:
            continue
        result = check_kramers_kronig(as_record(frequency, impedance))
        low = result.details["bands"][-1]
        found[band].append(low["verdict"] != "consistent")
        told += low["verdict"] != "consistent" and "drift" in low["cause"]
    shares = {band: np.mean(hits) for band, hits in found.items()}
    yield Mark(
        "drift of the slowest arc by 5 to 10 %, found where it moves |Z| by 3 to 5, 5 to 10, "
        "more than 10 times the noise",
        ", ".join(f"{100 * share:.0f} % of {len(found[band])}" for band, share in shares.items()),
        "from 5 x noise on at least 95 %",
        min(shares[5], shares[10]) >= 0.95,
    )
    every = sum(map(sum, found.values()))
    yield Mark(
        "of these, the cause is told as drift",
        f"{100 * told / every:.0f} %",
        "at least 95 %",
        told >= 0.95 * every,
    )
    for size, both, least in ((5, True, 0.85), (10, True, 0.95), (5, False, None)):
        hits = others = 0
        for seed in range(_FAULTY):
            noise = _NOISES[seed]
            impedance = random_spectrum(seed, noise=noise).impedance.copy()
            draw = np.random.default_rng(seed + 99)
            row = int(draw.integers(len(FREQUENCIES)))
            turn = np.exp(2j * np.pi * draw.uniform())
            way = draw.choice([1, -1]) + 1j * draw.choice([1, -1]) if both else turn
            impedance[row] += size * noise * abs(impedance[row]) * way
            bad = check_kramers_kronig(as_record(FREQUENCIES, impedance)).details[
                "bad_frequencies_hertz"
            ]
            hit = bool(np.isclose(bad, FREQUENCIES[row]).any()) if bad else False
            hits += hit
            others += len(bad) - hit
        where = "in each part" if both else "in the plane, any direction"
        yield Mark(
            f"one bad point, {size} standard deviations {where}: named; others named",
            f"{100 * hits / _FAULTY:.0f} % of {_FAULTY}; {others}",
            f"at least {100 * least:.0f} %" if least else "told, no mark",
            least is None or hits >= least * _FAULTY,
        )
    yield from _artefacts()


def _artefacts() -> Iterator[Mark]:
    height = FREQUENCIES / FREQUENCIES[0]

    def cable(impedance: NDArray) -> NDArray:
        """Im Z alone grows by 5 % of |Z| at 1 MHz, with the root of frequency: no resistance."""
        return impedance + 0.05j * np.abs(impedance) * np.sqrt(height)

    def step(impedance: NDArray) -> NDArray:
        """Another range of the instrument from 10 kHz on, 3 % off."""
        return impedance * np.where(FREQUENCIES < 1e4, 1.03, 1.0)

    for name, fault, first in (
        ("Im Z alone inductive, 5 % at 1 MHz", cable, 1e4),
        ("step of 3 % at 10 kHz", step, 1e3),
    ):
        hits = []
        for seed in range(_FAULTY):
            impedance = fault(random_spectrum(seed, noise=_NOISES[seed]).impedance)
            result = check_kramers_kronig(as_record(FREQUENCIES, impedance))
            hits.append(
                "first_bad_frequency" in result and result["first_bad_frequency"].value > first
            )
        low = np.array(hits)[_NOISES[:_FAULTY] < 3e-3]
        yield Mark(
            f"{name}: found there; where noise is below 0.3 %",
            f"{100 * np.mean(hits):.0f} % of {_FAULTY}; {100 * np.mean(low):.0f} % of {low.size}",
            "at least 95 % of all",
            bool(np.mean(hits) >= 0.95),
        )
    hits = right = 0
    for seed in range(_FAULTY):
        coil = 10 ** np.random.default_rng(seed).uniform(-6.3, -5.5)
        impedance = random_spectrum(seed, noise=_NOISES[seed]).impedance
        impedance = impedance + 2j * np.pi * FREQUENCIES * coil
        result = check_kramers_kronig(as_record(FREQUENCIES, impedance))
        hits += _doubted(result)
        right += "inductance" not in result or abs(result["inductance"].value / coil - 1) < 0.1
    yield Mark(
        "a true inductance of 0.5 to 3 uH: doubted; found within 10 % where Im Z > 0",
        f"{100 * hits / _FAULTY:.1f} %; {100 * right / _FAULTY:.0f} %",
        "at most 3 %; at least 95 %",
        hits <= 0.03 * _FAULTY and right >= 0.95 * _FAULTY,
    )


def _number_of_elements() -> Mark:
    """Misfit of the exact spectrum, in noise, with the number of elements by AICc and by mu."""
    by_rule: dict[str, list[float]] = {"AICc": [], "mu": []}
    for seed in range(100):
        spectrum = random_spectrum(seed, noise=_NOISES[seed])
        exact = parse_circuit(spectrum.circuit).impedance(FREQUENCIES, spectrum.values)
        points = Spectrum(FREQUENCIES, spectrum.impedance)
        target = np.concatenate([exact.real, exact.imag]) / np.tile(abs(points.impedance), 2)
        for rule, fit in (
            ("AICc", fit_free(points, np.empty((2 * len(points), 0)))),
            ("mu", mu_number(points)),
        ):
            left = fit.outside(target[:, None])
            by_rule[rule].append(float(np.sqrt(np.mean(left**2))) / _NOISES[seed])
    worst = {rule: np.percentile(values, [50, 95]) for rule, values in by_rule.items()}
    return Mark(
        "what the elements cannot follow of the exact spectrum, in noise (median, 95 %): AICc; "
        "mu < 0.85",
        "; ".join(f"{low:.2f}, {high:.2f}" for low, high in worst.values()),
        "AICc below 0.5 in 95 %",
        worst["AICc"][1] < 0.5,
    )


def _rules() -> Iterator[Mark]:
    """Which rule chooses the strength of the penalty best."""
    rules: dict[str, list[float]] = {}
    for seed in range(100):
        arcs = random_arcs(seed, noise=_NOISES[seed])
        scanned = scan_distributions(Spectrum(arcs.frequency, arcs.impedance), whole=True)
        for rule in scanned[0].criteria:
            best = min(scanned, key=lambda one, rule=rule: one.criteria[rule])
            rules.setdefault(rule, []).append(_worst(arcs, _resistances(best, arcs)))
    within = {rule: float(np.mean(np.array(worst) < 0.1)) for rule, worst in rules.items()}
    counted = {rule: float(np.mean(np.isfinite(worst))) for rule, worst in rules.items()}
    yield Mark(
        "DRT, rules for the strength, 100 spectra: right number of arcs (all R within 10 %)",
        ", ".join(f"{r} {100 * counted[r]:.0f} % ({100 * within[r]:.0f} %)" for r in rules),
        "evidence among the best (within 3 %)",
        within["evidence"] >= max(within.values()) - 0.03,
    )


def _resistances(distribution: Distribution, arcs: Arcs) -> list[float]:
    w = 2 * np.pi * arcs.frequency
    return [peak.resistance for peak in find_peaks(distribution, 1 / w[0], 1 / w[-1]).peaks]


def _worst(arcs: Arcs, found: list[float]) -> float:
    """The largest relative error of a resistance; infinite where their number is wrong."""
    if len(found) != len(arcs.resistances):
        return np.inf
    return float(np.max(np.abs(np.array(found) / arcs.resistances - 1)))


def _arcs() -> Iterator[Mark]:
    for number in (2, 3):
        worst = [
            _worst(arcs, _peaks(fit_drt(as_record(arcs.frequency, arcs.impedance))))
            for arcs in (
                exact_arcs(number, noise, seed) for noise in (1e-3, 3e-3) for seed in range(25)
            )
        ]
        share = float(np.mean(np.array(worst) < 0.05))
        yield Mark(
            f"DRT of {number} arcs of 100 ohm, exponent 0.9, a decade apart, noise 0.1 and 0.3 %: "
            "all resistances within 5 %",
            f"{100 * share:.0f} % of 50 (largest error {100 * np.max(worst):.1f} %)",
            "at least 95 %",
            share >= 0.95,
        )
    seconds, errors, extra = [], [], 0
    deviations: dict[str, list[float]] = {"R": [], "tau": [], "total": []}
    for seed in range(_FAULTY):
        arcs = random_arcs(seed, noise=_NOISES[seed])
        record = as_record(arcs.frequency, arcs.impedance)
        start = time.process_time()
        result = fit_drt(record)
        seconds.append(time.process_time() - start)
        found = _peaks(result)
        errors.append(_worst(arcs, found))
        extra += len(found) > len(arcs.resistances)
        total = result["polarisation_resistance"]
        deviations["total"].append((total.value - arcs.resistances.sum()) / total.uncertainty)
        if np.isfinite(errors[-1]):
            for place in range(len(found)):
                for name, key, truth in (
                    ("R", "resistance", arcs.resistances),
                    ("tau", "time_constant", arcs.times),
                ):
                    value = result[f"peak_{place + 1}_{key}"]
                    deviations[name].append((value.value - truth[place]) / value.uncertainty)
    worst = np.array(errors)
    right = np.isfinite(worst)
    shares = [right.mean(), np.mean(worst < 0.05), np.mean(worst < 0.1), np.median(worst[right])]
    told = [f"{100 * share:.1f} %" for share in shares]
    yield Mark(
        "DRT, random arcs (10 to 200 ohm, exponents 0.75 to 1, a decade or more apart), noise 0.1 "
        "to 1 %: number right; too many; all R within 5 %; within 10 %; median of the worst",
        f"{told[0]}; {extra} of {_FAULTY}; {told[1]}; {told[2]}; {told[3]}",
        "number right in at least 85 %, too many in at most 2 %",
        bool(right.mean() >= 0.85 and extra <= 0.02 * _FAULTY),
    )
    covered = {
        name: [float(np.mean(np.abs(values) < width)) for width in (1, 2)]
        for name, values in deviations.items()
    }
    yield Mark(
        "intervals of one and of two standard uncertainties hold the truth: R; tau; all resistance",
        "; ".join(f"{100 * one:.0f} and {100 * two:.0f} %" for one, two in covered.values()),
        "two: at least 90 %",
        all(two >= 0.9 for _, two in covered.values()),
    )
    median = 1e3 * float(np.median(seconds))
    yield Mark(
        "time of a DRT with its Kramers-Kronig test, 71 points, median (processor time, one core)",
        f"{median:.0f} ms (99 %: {1e3 * np.percentile(seconds, 99):.0f} ms)",
        "below 200 ms",
        median < 200,
    )


def _totals() -> Iterator[Mark]:
    """Intervals of the totals, on seeds that the method was not chosen with."""
    for inside in (True, False):
        held: dict[str, list[float]] = {"R_inf": [], "polarisation_resistance": []}
        for seed in range(_TOTALS_FROM, _TOTALS_FROM + _FAULTY):
            arcs = three_arcs(seed, noise=1e-2, inside=inside)
            result = fit_drt(as_record(arcs.frequency, arcs.impedance))
            for name, truth in (("R_inf", 20.0), ("polarisation_resistance", 350.0)):
                held[name].append((result[name].value - truth) / result[name].uncertainty)
        shares = [float(np.mean(np.abs(one) < 1.96)) for one in held.values()]
        means = [float(np.mean(one)) for one in held.values()]
        where = "well inside the range" if inside else "anywhere, 1 Hz to 0.1 MHz"
        yield Mark(
            f"DRT, {_FAULTY} spectra of 50, 100 and 200 ohm {where}, noise 1 %: 95 % intervals of "
            "R_inf and of the polarisation resistance hold the truth (mean deviation in u)",
            ", ".join(
                f"{100 * share:.1f} % ({mean:+.2f})"
                for share, mean in zip(shares, means, strict=True)
            ),
            "92 to 98 %",
            all(0.92 <= share <= 0.98 for share in shares),
        )


def _peaks(result: Result) -> list[float]:
    return [
        value.value
        for value in result
        if value.quantity.startswith("peak_") and value.quantity.endswith("_resistance")
    ]


def _doubted(result: Result) -> bool:
    return any(band["verdict"] != "consistent" for band in result.details["bands"])


def _real() -> Iterator[Mark]:
    for name, least in (
        ("eis/PEIS_SSB.mpr", 0.5),
        ("eis/PEIS_LPSCl_IonBlocking_-25C.txt", 0.5),
        ("eis/exampleData.csv", 0.5),
    ):
        path = _DATA / name
        if not path.is_file():
            yield Mark(name, "the file is not there", "read", False)
            continue
        (record,) = solith.read(path)
        result, test = fit_drt(record), check_kramers_kronig(record)
        value = result["residual_rms"].value
        sizes = ", ".join(f"{size:.3g}" for size in _peaks(result))
        yield Mark(
            f"{path.name}: residual of the DRT",
            f"{value:.2f} % (noise {test['noise'].value:.2f} %; R_inf {result['R_inf'].value:.3g}, "
            f"peaks {sizes} ohm; violated bands {test['violated_bands'].value:.0f}, suspicious "
            f"{test['suspicious_bands'].value:.0f}, bad points {test['bad_points'].value:.0f})",
            f"below {least} %",
            value < least,
        )


if __name__ == "__main__":
    finish(marks())
