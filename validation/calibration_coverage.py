"""Calibration on simulated data: how often the 95 % intervals hold the truth.

    python -m validation.calibration_coverage

A closed form of a discharge, made of solith's own parts (open-circuit potential of NMC532,
Butler-Volmer charge transfer and a coating in series, on the contact area): V = U(x) -
(2 R T / F) arsinh(j / (2 j0)) - j t / sigma. Its voltages at four depths of discharge and four
rates get normal noise, 200 times; the resistance of charge transfer, the coating's conductivity
and the initial lithium fraction are calibrated each time, from the same start, far from the
truth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.interface import ButlerVolmer, Film
from solith.materials import find_material
from solith.study import Parameter, Target, calibrate
from validation.marks import Mark, finish

TRIALS = 200
NOISE = 2e-3  # V
TEMPERATURE = 298.15
THICKNESS = 7.5e-9  # m
FULL_RATE = 0.5  # A/m2 on the contact area
RATES = (0.1, 0.5, 2.0, 5.0)
DEPTHS = (0.1, 0.25, 0.4, 0.55)
TRUTH = {"transfer resistance": 0.08, "conductivity": 2e-7, "initial fraction": 0.36}
PARAMETERS = [
    Parameter("transfer resistance", 1.0, 1e-3, 10.0, "log", "ohm m2"),
    Parameter("conductivity", 1e-5, 1e-9, 1e-3, "log", "S/m"),
    Parameter("initial fraction", 0.3, 0.27, 0.4),
]


def main() -> None:
    finish(marks())


def marks() -> Iterable[Mark]:
    """Coverage of each interval, bias of each parameter, and what it cost."""
    noise = np.random.default_rng(2026)
    exact = voltages(TRUTH)
    held = dict.fromkeys(TRUTH, 0)
    pulls: dict[str, list[float]] = {name: [] for name in TRUTH}
    evaluations, squares, flagged = [], [], 0
    for _ in range(TRIALS):
        targets = [
            Target(name, value + NOISE * noise.normal(), NOISE, "V")
            for name, value in exact.items()
        ]
        result = calibrate(voltages, PARAMETERS, targets)
        for name, truth in TRUTH.items():
            value = result[name]
            low, high = result.details["intervals"][name]
            held[name] += low <= truth <= high
            pulls[name].append((value.value - truth) / value.uncertainty)
            flagged += value.flags != ()
        evaluations.append(result.details["evaluations"])
        squares.append(result["chi_squared"].value)
    for name, count in held.items():
        share = 100 * count / TRIALS
        yield Mark(
            f"{TRIALS} trials: 95 % intervals of the {name} that hold the truth",
            f"{share:.1f} %",
            "92 to 98 %",
            92 <= share <= 98,
        )
    for name, listed in pulls.items():
        mean = float(np.mean(listed))
        yield Mark(
            f"{TRIALS} trials: mean of (found - true) / standard uncertainty, {name}",
            f"{mean:+.2f}",
            "within 0.25 (3.5 standard errors)",
            abs(mean) < 0.25,
        )
    freedom = len(exact) - len(TRUTH)
    mean = float(np.mean(squares))
    yield Mark(
        f"{TRIALS} trials: mean chi-squared at {freedom} degrees of freedom",
        f"{mean:.2f}",
        f"{freedom} within 10 %",
        abs(mean / freedom - 1) < 0.1,
    )
    yield Mark(
        f"{TRIALS} trials: model evaluations of a calibration of three parameters, mean and most",
        f"{np.mean(evaluations):.1f}, {max(evaluations)}",
        "at most 60",
        max(evaluations) <= 60,
    )


def voltages(values: Mapping[str, float]) -> dict[str, float]:
    """Cell voltage vs Li [V] by depth of discharge and rate."""
    curve = find_material("NMC532").open_circuit_potential
    assert curve is not None
    transfer = ButlerVolmer(area_resistance=values["transfer resistance"])
    film = Film(THICKNESS, values["conductivity"])
    exchange = transfer.exchange(TEMPERATURE)
    thermal = 2 * GAS_CONSTANT * TEMPERATURE / FARADAY
    found = {}
    for rate in RATES:
        density = rate * FULL_RATE
        drop = thermal * np.arcsinh(density / (2 * exchange)) + density * film.area_resistance
        for depth in DEPTHS:
            potential = float(curve(values["initial fraction"] + depth))
            found[f"{rate:g} C, {depth:g}"] = potential - float(drop)
    return found


if __name__ == "__main__":
    main()
