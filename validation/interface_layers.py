"""Layers at an interface in the continuum: space charge, interdiffusion, Wagner growth.

    python -m validation.interface_layers

Space charge is held against Gouy and Chapman, Debye and Hueckel, and Bikerman (in the form of
Kilic, Bazant and Ajdari, and Kornyshev), interdiffusion against the error function and against
couples whose diffusivity is known, with normal noise; Wagner's closed form against quadrature.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfc

from solith.analysis import find_interdiffusivity, fit_interdiffusion
from solith.core.constants import FARADAY, GAS_CONSTANT, VACUUM_PERMITTIVITY
from solith.interface import (
    Interdiffusion,
    LatticeConductor,
    SpaceCharge,
    WagnerGrowth,
    solve_interdiffusion,
    solve_space_charge,
)
from validation.marks import Mark, finish

Array = NDArray[np.float64]

VOLT = GAS_CONSTANT * 298.15 / FARADAY
DILUTE, PERMITTIVITY = (1e10, 1e-9), 10.0  # mol/m3 and defects: 10 mol/m3 of each
STEPS = (0.02, 0.1, 0.2, 0.4)  # V
CROWDED, CROWDED_STEPS = (1e-3, 0.05, 0.3), (0.02, 0.1, 0.4, 1.0, 2.0)
OXIDE = LatticeConductor("50 mol/L", 0.6, "1 mS/cm", 12, "-0.35 eV")
SULFIDE = LatticeConductor("20 mol/L", 0.02, "0.3 mS/cm", 15)
BUFFER = LatticeConductor("20 mol/L", 0.02, "1 uS/cm", 30, "-0.15 eV")
BIASES = (0.0, 0.1, -0.1, 0.3, -0.3)  # V
DIFFUSIVITY, HOUR = 1e-18, 3600.0
PROFILES, COUPLES, GROWTHS = 2000, 200, 2000


def main() -> None:
    finish(marks())


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    yield from gouy_chapman()
    yield from bikerman()
    yield from order()
    yield from steady()
    yield from arc()
    yield from error_function()
    yield from composition()
    yield from wagner()


def twins(step: float, sites: float, defects: float) -> list[LatticeConductor]:
    """Two conductors that differ in nothing but the ions' energy, by ``step`` [V]."""
    return [
        LatticeConductor.frenkel(sites, defects, 0.01, PERMITTIVITY, volt * FARADAY)
        for volt in (0.0, step)
    ]


def linear_capacitance(conductor: LatticeConductor) -> float:
    return VACUUM_PERMITTIVITY * PERMITTIVITY / conductor.debye_length(298.15)


def gouy_chapman() -> Iterator[Mark]:
    profile, near, capacitance = [], [], []
    for step in STEPS:
        left, right = twins(step, *DILUTE)
        solved = solve_space_charge(left, right)
        surface, own = step / VOLT / 2, solved.conductor == 0
        change = (solved.potential[own] - solved.potential[0]) / VOLT
        decay = np.exp(solved.position[own] / left.debye_length(298.15))
        exact = -4 * np.arctanh(np.tanh(surface / 4) * decay)
        profile.append(float(np.max(np.abs(change - exact))) / surface)
        seen = np.abs(exact) > 0.05 * surface
        near.append(float(np.max(np.abs(change / exact - 1)[seen])))
        expected = linear_capacitance(left) * np.cosh(surface / 2) / 2
        capacitance.append(abs(solved.area_capacitance / expected - 1))
    told = f"{len(STEPS)} steps of {STEPS[0]:g} to {STEPS[-1]:g} V"
    yield Mark(
        f"Potential against Gouy and Chapman, {told}, part of the surface's",
        f"{max(profile):.1e}",
        "at most 1e-3",
        max(profile) <= 1e-3,
    )
    yield Mark(
        "The same, part of the potential itself where it is above 5 % of the surface's",
        f"{max(near):.1e}",
        "at most 1e-3",
        max(near) <= 1e-3,
    )
    yield Mark(
        f"Differential capacitance against Gouy and Chapman, {told}",
        f"{max(capacitance):.1e}",
        "at most 1e-3",
        max(capacitance) <= 1e-3,
    )
    left, right = twins(1e-4, *DILUTE)
    solved = solve_space_charge(left, right)
    own = solved.conductor == 1
    exact = 0.5e-4 * np.exp(-solved.position[own] / right.debye_length(298.15))
    off = float(np.max(np.abs(solved.potential[own] - exact))) / 0.5e-4
    yield Mark("Small step against Debye and Hueckel", f"{off:.1e}", "at most 1e-3", off <= 1e-3)


def bikerman() -> Iterator[Mark]:
    off, fullest = [], 0.0
    for defects in CROWDED:
        for step in CROWDED_STEPS:
            left, right = twins(step, 2e4, defects)
            solved = solve_space_charge(left, right)
            gamma, surface = 2 * defects * (1 - defects), step / VOLT / 2
            crowd = 2 * gamma * np.sinh(surface / 2) ** 2
            one = linear_capacitance(left) * np.cosh(surface / 2) / (1 + crowd)
            one *= np.sqrt(crowd / np.log1p(crowd))
            off.append(abs(solved.area_capacitance / (one / 2) - 1))
            fullest = max(fullest, float(np.max(solved.occupied)))
    yield Mark(
        f"Differential capacitance against Bikerman's, defects {CROWDED[0]:g} to {CROWDED[-1]:g}, "
        f"steps to {CROWDED_STEPS[-1]:g} V",
        f"{max(off):.1e}",
        "at most 1e-3",
        max(off) <= 1e-3,
    )
    yield Mark("Filled part of the sites, highest", f"{fullest:.6g}", "at most 1", fullest <= 1)


def order() -> Iterator[Mark]:
    left, right = twins(0.2, *DILUTE)
    exact = linear_capacitance(left) * np.cosh(0.1 / VOLT / 2) / 2
    errors = np.array(
        [
            abs(solve_space_charge(left, right, points=points).area_capacitance / exact - 1)
            for points in (50, 100, 200, 400, 800)
        ]
    )
    orders = np.log2(errors[:-1] / errors[1:])
    yield Mark(
        "Order of the capacitance's error, 50 to 800 points",
        ", ".join(f"{one:.2f}" for one in orders),
        "2 within 0.1",
        bool(np.all(np.abs(orders - 2) < 0.1)),
    )


def steady() -> Iterator[Mark]:
    ends = {"left_thickness": 2e-8, "right_thickness": 2e-8}

    def solved_at(bias: float, *buffer: object) -> SpaceCharge:
        return solve_space_charge(OXIDE, SULFIDE, *buffer, bias=bias, **ends)  # type: ignore[arg-type]

    charges, currents, slopes = [], [], []
    for buffer in ((), (BUFFER, 5e-9), (BUFFER, 5e-10)):
        rest = solved_at(0.0, *buffer)
        charges.append(abs(sum(rest.excess_charge)) / abs(rest.excess_charge[0]))
        currents.append(abs(rest.current_density))
        for bias in BIASES:
            around = [
                solved_at(bias + part * 1e-4, *buffer).current_density for part in (-2, -1, 1, 2)
            ]
            slope = (around[0] - 8 * around[1] + 8 * around[2] - around[3]) / 12e-4
            slow = solved_at(bias, *buffer).impedance_at(1e-3)[0].real
            slopes.append(abs(slow * slope - 1))
    yield Mark(
        "Charge of the whole at rest over that of one side",
        f"{max(charges):.1e}",
        "at most 1e-9",
        max(charges) <= 1e-9,
    )
    yield Mark("Current at rest", f"{max(currents):.1e} A/m2", "0", max(currents) == 0)
    yield Mark(
        f"Impedance at 1 mHz against the slope of the steady curve, {len(slopes)} states with and "
        "without a buffer",
        f"{max(slopes):.1e}",
        "at most 1e-7",
        max(slopes) <= 1e-7,
    )


def arc() -> Iterator[Mark]:
    off = []
    for energy in ("-0.45 eV", "-0.55 eV", "-0.65 eV"):
        solved = solve_space_charge(
            OXIDE.replace(site_energy=energy), SULFIDE, right_thickness="20 um"
        )
        alone = 2 * np.pi * solved.area_resistance * solved.area_capacitance
        frequency = np.geomspace(0.03 / alone, 20 / alone, 3001)
        imaginary = -solved.impedance_at(frequency).imag
        off.append(abs(frequency[int(np.argmax(imaginary))] * alone - 1))
    yield Mark(
        "Apex of the layer's arc against 1 / (2 pi R C) of the element that a cell takes",
        f"{100 * max(off):.2g} %",
        "at most 5 %",
        max(off) <= 0.05,
    )


def error_function() -> Iterator[Mark]:
    random = np.random.default_rng(9)
    length = np.sqrt(DIFFUSIVITY * HOUR)
    law = Interdiffusion(DIFFUSIVITY, 873.15, 2e5)
    line = np.linspace(-6 * length, 6 * length, 121)
    clean = law.profile_after(line, [(873.15, HOUR)])
    off = [
        abs(fit_interdiffusion(line, clean + noise, HOUR)["interdiffusivity"].value or 0.0)
        for noise in 0.0025 * random.normal(size=(PROFILES, len(line)))
    ]
    errors = np.abs(np.array(off) / DIFFUSIVITY - 1)
    yield Mark(
        f"D of an error function, {PROFILES} lines of 121 points with noise of 0.25 % of the step",
        f"95 % within {100 * np.quantile(errors, 0.95):.2g} %, mean off by "
        f"{100 * abs(np.mean(off) / DIFFUSIVITY - 1):.2g} %",
        "95 % within 1 %, mean within 0.1 %",
        bool(np.quantile(errors, 0.95) <= 0.01 and abs(np.mean(off) / DIFFUSIVITY - 1) <= 0.001),
    )
    for size in (0.003, 0.01, 0.03):
        held = 0
        for noise in size * random.normal(size=(PROFILES, len(line))):
            found = fit_interdiffusion(line, clean + noise, HOUR)["interdiffusivity"]
            held += abs((found.value or 0) - DIFFUSIVITY) < 1.96 * (found.uncertainty or 0)
        share = held / PROFILES
        yield Mark(
            f"95 % intervals of D that hold it, noise {100 * size:g} % of the step",
            f"{100 * share:.1f} %",
            "92 to 98 %",
            0.92 <= share <= 0.98,
        )


def composition() -> Iterator[Mark]:
    random = np.random.default_rng(10)
    exact, plain = solve_interdiffusion(lambda c: np.full_like(c, DIFFUSIVITY), HOUR)
    off = float(np.max(np.abs(plain - erfc(exact / 2 / np.sqrt(DIFFUSIVITY * HOUR)) / 2)))
    yield Mark("A couple of constant D, solved", f"{off:.1e} of the step", "1e-5", off <= 1e-5)
    for factor in (1, 3, 10, 100):

        def law(c: Array, rise: float = float(np.log(factor))) -> Array:
            return DIFFUSIVITY * np.exp(rise * c)

        x, c = solve_interdiffusion(law, HOUR, points=4000)
        ends = x[int(np.argmin(np.abs(c - 0.999)))], x[int(np.argmin(np.abs(c - 0.001)))]
        line = np.linspace(ends[0] - 0.3 * np.ptp(ends), ends[1] + 0.3 * np.ptp(ends), 151)
        clean = np.interp(line, x, c)
        exactly = find_interdiffusivity(line, clean, HOUR)
        curve = np.array(exactly.details["curve_interdiffusivity"])
        told = np.array(exactly.details["curve_composition"])
        worst = float(np.max(np.abs(curve / law(told) - 1)))
        held, errors = 0, []
        for noise in 0.005 * random.normal(size=(COUPLES, len(line))):
            found = find_interdiffusivity(line, clean + noise, HOUR)
            for name, share in (("", 0.5), ("_at_quarter", 0.75), ("_at_three_quarters", 0.25)):
                value = found[f"interdiffusivity{name}"]
                truth = float(law(np.array(share)))
                held += abs((value.value or 0) - truth) < 1.96 * (value.uncertainty or 0)
                errors.append(abs((value.value or 0) / truth - 1))
        share = held / (3 * COUPLES)
        yield Mark(
            f"Matano, D rising {factor} times over the step: without noise, 5 to 95 % of the step",
            f"off by {100 * worst:.2g} %",
            "3 %",
            worst <= 0.03,
        )
        yield Mark(
            f"The same with noise of 0.5 %, {COUPLES} lines of 151 points, D at a quarter, a half "
            "and three quarters",
            f"median off by {100 * float(np.median(errors)):.2g} %; intervals hold "
            f"{100 * share:.1f} %",
            "median 3 %; 92 to 98 %",
            bool(np.median(errors) <= 0.03 and 0.92 <= share <= 0.98),
        )


def wagner() -> Iterator[Mark]:
    random = np.random.default_rng(11)
    points, weights = np.polynomial.legendre.leggauss(30)
    off, start = [], time.perf_counter()
    for _ in range(GROWTHS):
        ionic, electrons, holes, constant = (float(one) for one in 10 ** random.uniform(-12, 1, 4))
        drop = float(10 ** random.uniform(-3, 0.7))
        layer = WagnerGrowth(
            ionic, drop, 1e-5, 0.0, constant * random.integers(2), electrons, holes
        )
        ends = np.linspace(0, drop, 601)
        half, middle = np.diff(ends) / 2, (ends[1:] + ends[:-1]) / 2
        electronic = layer.electronic_conductivity_at(middle[:, None] + half[:, None] * points)
        whole = float(np.sum(half[:, None] * weights * ionic * electronic / (ionic + electronic)))
        off.append(abs(layer.rate / (2e-5 / FARADAY * whole) - 1))
    yield Mark(
        f"Wagner's rate against quadrature, {GROWTHS} random layers "
        f"({time.perf_counter() - start:.0f} s)",
        f"{max(off):.1e}",
        "at most 1e-11",
        max(off) <= 1e-11,
    )


if __name__ == "__main__":
    main()
