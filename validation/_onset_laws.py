"""Every law of onset against a published number, an exact limit or an independent solution."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from solith.core.constants import FARADAY
from solith.interface import (
    CurrentLimit,
    ElasticSolid,
    OnsetThreshold,
    PowerLawCreep,
    StrippedInterface,
    SurfaceFlaw,
    TipContact,
    TriggeringExperiment,
    VacancyDiffusion,
    deposition_stability,
    hertz_contact,
    plating_pressure,
)
from validation.marks import Mark

__all__ = [
    "count_boundaries",
    "diffused_time_to_voids",
    "half_space",
    "marks",
    "numerical_growth",
    "tip_experiment",
]

Array = NDArray[np.float64]


def marks() -> Iterator[Mark]:
    """All marks, mechanics first."""
    yield from mechanics()
    yield from voids()
    yield from statistics()
    yield from published_currents()
    yield from tips()


def mechanics() -> Iterator[Mark]:
    """Hertz, the pressure of plating, flaws, Monroe and Newman."""
    contact = hertz_contact("20 nm", "400 nN", "145 GPa")
    area = 1e18 * contact.area
    yield Mark(
        "contact of a 20 nm tip at 400 nN on 145 GPa (10.1002/aenm.202003811)",
        f"{area:.2f} nm2 (printed: about 30, {area / 30 - 1:+.0%})",
        "37.6 nm2 by the formula",
        abs(area / 37.6 - 1) < 2e-3,
    )
    slope = 1e-9 * plating_pressure(1.0)
    yield Mark(
        "pressure of confined plating",
        f"{slope:.3f} GPa/V",
        "7.4 GPa/V (10.1002/aenm.201701003; recalled)",
        abs(slope / 7.42 - 1) < 2e-3,
    )
    round_flaw = SurfaceFlaw(2e-6, 1e6, "penny")
    sneddon = 1e6 * math.sqrt(math.pi / 2e-6) / 2
    yield Mark(
        "pressure that extends a round flaw of 2 um",
        f"{1e-6 * round_flaw.critical_pressure:.1f} MPa",
        f"{1e-6 * sneddon:.1f} MPa (Sneddon, K = 2 p sqrt(a/pi))",
        abs(round_flaw.critical_pressure / sneddon - 1) < 1e-12,
    )
    rng = np.random.default_rng(0)
    worst = 0.0
    for _ in range(8):
        electrolyte, metal, ratio = random_pair(rng)
        exact = deposition_stability(electrolyte, metal, ratio).growth_as_published
        scale = electrolyte.shear_modulus + metal.shear_modulus
        worst = max(worst, abs(exact - numerical_growth(electrolyte, metal, ratio)) / scale)
    yield Mark(
        "stresses of a bent interface, closed form against collocation, 8 random pairs",
        f"{worst:.1g} of the moduli",
        "below 1e-5",
        worst < 1e-5,
    )
    polymer = deposition_stability(ElasticSolid(1e9, 0.33), LITHIUM, 1e6).critical_ratio
    salt = deposition_stability(ElasticSolid(1e9, 0.33), LITHIUM, 9.0).critical_ratio
    assert polymer is not None
    assert salt is not None
    yield Mark(
        "published convention: shear ratio from which plating is stable, large ions in a polymer "
        "of Poisson's ratio 0.33",
        f"{polymer:.2f} (v to infinity), {salt:.2f} (v = 9)",
        "about 2 (10.1149/1.1850854)",
        1.5 < polymer < 2.6 and 1.5 < salt < 2.6,
    )
    garnet = deposition_stability(ElasticSolid(150e9, 0.26), LITHIUM, 0.1)
    yield Mark(
        "published convention: garnet on lithium, small ions (v = 0.1)",
        f"shear ratio {garnet.shear_ratio:.0f}, S = {1e-9 * garnet.growth_as_published:+.0f} GPa",
        "above 0, unstable in spite of stiffness (10.1103/PhysRevLett.119.056003)",
        garnet.growth_as_published > 0,
    )
    balanced = -garnet.growth_as_published + 1.1 * garnet.normal_imbalance
    yield Mark(
        "the same: drive to plate at a crest from the shape's own pressures, against -S and what "
        "normal stress lacks of balance",
        f"{1e-9 * garnet.drive_at_crest:+.0f} GPa, of which the imbalance "
        f"{1e-9 * 1.1 * garnet.normal_imbalance:+.0f}; balanced it would be "
        f"{-1e-9 * garnet.growth_as_published:+.0f}: the verdict hangs on the substitution",
        "equal",
        abs(garnet.drive_at_crest / balanced - 1) < 1e-9,
    )


LITHIUM = ElasticSolid(9.66e9, 0.42)  # shear modulus 3.4 GPa (recalled)


def random_pair(rng: np.random.Generator) -> tuple[ElasticSolid, ElasticSolid, float]:
    """An electrolyte, a metal and a ratio of molar volumes."""
    young = 10 ** rng.uniform(8, 11, size=2)
    poisson = rng.uniform(0.0, 0.47, size=2)
    solids = [ElasticSolid(float(y), float(p)) for y, p in zip(young, poisson, strict=True)]
    return solids[0], solids[1], float(rng.uniform(0, 10))


def numerical_growth(electrolyte: ElasticSolid, metal: ElasticSolid, ratio: float) -> float:
    """S of the stability law from numerical solutions of both half-spaces."""
    above = [half_space(electrolyte, 1.0, 0.0), half_space(electrolyte, 0.0, 1.0)]
    below = [half_space(metal, -1.0, 0.0), half_space(metal, 0.0, 1.0)]
    # The metal's half-space is turned over, which turns the shear stress.
    shear = [up[1] + down[1] for up, down in zip(above, below, strict=True)]
    aside = -shear[0] / shear[1]
    normal_e, _, pressure_e = above[0] + aside * above[1]
    normal_m, _, pressure_m = below[0] + aside * below[1]
    deviators = (normal_e + pressure_e) - (normal_m + pressure_m)
    return float((1 - ratio) * (pressure_e + pressure_m) - (1 + ratio) * deviators)


def half_space(solid: ElasticSolid, normal: float, sideways: float) -> Array:
    """Normal stress, shear stress and pressure at the crest of a half-space z > 0, k = 1.

    Its surface is moved by ``normal`` cos x and ``sideways`` sin x; Navier's equations by
    collocation.
    """
    from scipy.integrate import solve_bvp

    shear = solid.shear_modulus
    lame = (solid.bulk_modulus - 2 * shear / 3) / shear

    def slopes(_: Array, state: Array) -> Array:
        x, dx, z, dz = state
        return np.array([dx, x + (lame + 1) * (x + dz), dz, (z - (lame + 1) * dx) / (lame + 2)])

    def ends(near: Array, far: Array) -> Array:
        return np.array([near[0] - sideways, near[2] - normal, far[0], far[2]])

    depth = np.linspace(0, 18, 200)
    decay = np.exp(-depth)
    guess = np.array([sideways * decay, -sideways * decay, normal * decay, -normal * decay])
    found = solve_bvp(slopes, ends, depth, guess, tol=1e-8, max_nodes=20_000)
    x, dx, z, dz = found.y[:, 0]
    dilatation = x + dz
    return np.array(
        [
            shear * (lame * dilatation + 2 * dz),
            shear * (dx - z),
            -shear * (lame + 2 / 3) * dilatation,
        ]
    )


def voids() -> Iterator[Mark]:
    """Vacancies against a diffusion solved by finite differences; contact against its equation."""
    law = VacancyDiffusion(1e-14, 1e-3)
    exact, numerical = law.time_to_voids(1.0), diffused_time_to_voids(law, 1.0)
    yield Mark(
        "time until vacancies gather, against finite differences",
        f"{100 * abs(numerical / exact - 1):.2g} %",
        "below 1 %",
        abs(numerical / exact - 1) < 1e-2,
    )
    creep = PowerLawCreep(1e-4, 1e6)
    fitted = StrippedInterface.from_critical_currents(
        ("3 MPa", "0.2 mA/cm2"), ("7 MPa", "1 mA/cm2"), creep, stress_share=0.2
    )
    given = 0.1 * fitted.critical_current(np.array([3e6, 7e6]))
    at_one, at_ten = 0.1 * fitted.critical_current(np.array([1e6, 1e7]))
    yield Mark(
        "critical stripping current, calibrated at 3 and 7 MPa (10.1038/s41563-019-0438-9; "
        "recalled)",
        f"{given[0]:.3g} and {given[1]:.3g} mA/cm2 with a length of {1e6 * fitted.length:.2g} um; "
        f"it predicts {at_one:.2g} at 1 and {at_ten:.2g} at 10 MPa, untested",
        "0.2 and 1.0 mA/cm2 given back, within the creep law's range",
        bool(np.allclose(given, [0.2, 1.0], rtol=1e-9)) and not fitted.flags_at([3e6, 7e6]),
    )


def diffused_time_to_voids(law: VacancyDiffusion, current_density: float) -> float:
    """Time at which the surface reaches the critical fraction, implicit finite differences."""
    from scipy.linalg import solveh_banded

    expected = law.time_to_voids(current_density)
    depth = 8 * math.sqrt(law.diffusivity * expected)
    cells, steps = 2000, 4000
    size, step = depth / cells, 1.5 * expected / steps
    mesh = law.diffusivity * step / size**2
    bands = np.zeros((2, cells))
    bands[0, 1:] = -mesh
    bands[1] = 1 + 2 * mesh
    bands[1, [0, -1]] = 1 + mesh
    source = law.molar_volume * current_density / FARADAY * step / size
    half = law.molar_volume * current_density / FARADAY * size / (2 * law.diffusivity)
    fraction, before = np.zeros(cells), 0.0
    for number in range(steps):
        fraction[0] += source
        fraction = np.asarray(solveh_banded(bands, fraction))
        surface = float(fraction[0]) + half
        if surface >= law.critical_fraction:
            part = (law.critical_fraction - before) / (surface - before)
            return (number + part) * step
        before = surface
    return math.inf


def statistics() -> Iterator[Mark]:
    """Weakest links, and flaws drawn one by one."""
    threshold = OnsetThreshold(0.1, 4.0)
    single = threshold.sample(400 * 5000, seed=1).reshape(5000, 400).min(axis=1)
    expected = threshold.mean(400)
    error = threshold.coefficient_of_variation * expected / math.sqrt(single.size)
    off = (float(single.mean()) - expected) / error
    yield Mark(
        "mean of the weakest of 400 links, 5000 samples",
        f"{off:+.1f} standard errors off",
        "within 4",
        abs(off) < 4,
    )
    flaw, exponent = SurfaceFlaw(1e-6, 1e6), 2.5
    law = OnsetThreshold.from_flaws(flaw, exponent)
    rng = np.random.default_rng(2)
    lengths = (rng.uniform(size=(4000, 500))) ** (-1 / exponent)  # Pareto above 1
    # 500 flaws longer than 1/500**(1/q) of the link's own: on average one longer than that.
    longest = 1e-6 * lengths.max(axis=1) * 500 ** (-1 / exponent)
    drawn = flaw.critical_overpotential() * np.sqrt(flaw.length / longest)
    ranks = np.quantile(drawn, [0.1, 0.5, 0.9])
    worst = float(np.max(np.abs(ranks / law.quantile([0.1, 0.5, 0.9]) - 1)))
    yield Mark(
        "thresholds of 4000 samples of flaws drawn one by one, against Weibull with m = 2q",
        f"{100 * worst:.2g} % (10, 50, 90 % quantiles)",
        "below 2 %",
        worst < 0.02,
    )


def published_currents() -> Iterator[Mark]:
    """One number calibrated, the others predicted (10.1002/aenm.202003811)."""
    bare = CurrentLimit.calibrated("0.1 mA/cm2", "1000 ohm cm2", 5.0)
    layer = 0.1 * bare.replace(area_resistance=0.005).mean
    later = 0.1 * bare.replace(area_resistance=0.0014).mean
    other = CurrentLimit.calibrated("0.2 mA/cm2", "1000 ohm cm2", 5.0)
    high = 0.1 * other.replace(area_resistance=0.005).mean
    focused = CurrentLimit.calibrated("0.1 mA/cm2", "1000 ohm cm2", 5.0, concentration=10)
    even = 0.1 * focused.replace(area_resistance=0.005, concentration=1).mean
    gold = 1e4 * bare.threshold.mean() / 2.0
    yield Mark(
        "critical current of the layer (50 ohm cm2), calibrated on the bare interface's 0.1 mA/cm2 "
        "at 1000 ohm cm2 alone",
        f"{layer:.2f} mA/cm2 ({layer / 1.8 - 1:+.0%}); calibrated on 0.2 instead {high:.1f}; with "
        f"a concentration of 10 that the layer removes {even:.0f}; after cycling (14 ohm cm2) "
        f"{later:.1f}; gold's 0.2 mA/cm2 would need {gold:.0f} ohm cm2, which is not printed",
        "1.8 mA/cm2, within a factor of 1.5",
        1 / 1.5 < layer / 1.8 < 1.5,
    )


def tips() -> Iterator[Mark]:
    """Fields, boundaries beneath a contact, and the published triggers."""
    contact = TipContact(3.46e-9, 0.03)
    rings = np.linspace(0, math.pi / 2, 20_001)
    radius = contact.radius * np.sin(rings)[:-1]
    density = contact.conductivity * contact.field_in_contact(1.0, contact.radius - radius)
    steps = 2 * math.pi * radius * density * contact.radius * np.cos(rings[:-1])
    current = float(np.sum(steps) * rings[1])
    yield Mark(
        "current through a tip's contact, field summed over it",
        f"{abs(current * contact.spreading_resistance - 1):.1g} from 1/R",
        "below 1e-3",
        abs(current * contact.spreading_resistance - 1) < 1e-3,
    )
    worst = 0.0
    for number, relative in enumerate((0.05, 0.5, 3.0)):
        experiment = tip_experiment(relative * 1e-5)
        counted, error = count_boundaries(relative, seed=number)
        worst = max(worst, abs(counted - experiment.boundaries_touched) / error)
    yield Mark(
        "grain boundaries under a disc of 0.05, 0.5 and 3 grain sizes, counted in Voronoi patterns",
        f"{worst:.1f} standard errors off at most",
        "within 4",
        worst < 4,
    )
    tip, pad = tip_experiment(contact.radius), tip_experiment(250e-6)
    edge = tip.run(4000, seed=3, on_boundary=True).result["trigger_bias_boundary"]
    inside = tip.run(4000, seed=4, on_boundary=False)
    cell = tip_experiment(math.sqrt(1e-4 / math.pi)).boundaries_touched
    alike = math.log(cell) / math.log(0.12 / 0.1)
    below = float(np.mean(~(inside.bias > -9)))
    wide = pad.run(4000, seed=5).result["trigger_bias_boundary"]
    assert edge.value is not None
    assert wide.value is not None
    yield Mark(
        "trigger of a tip, calibrated on boundary and interior (10.1002/aenm.202003811)",
        f"{edge.value:.3f} V on boundaries, {100 * below:.0f} % of places in grains below -9 V; a "
        f"tip meets a boundary at {100 * tip.touching_probability:.2g} % of places; a 500 um pad, "
        f"on {pad.boundaries_touched:.0f} boundaries, is predicted at {wide.value:.3f} V (m = "
        f"{tip.boundary.modulus:g} assumed); the bare cell's 0.1 V on 1 cm2 would need m = "
        f"{alike:.0f}",
        "-0.12 V within 5 %, more than half below -9 V; the pad below the tip's",
        abs(edge.value / -0.12 - 1) < 0.05 and below > 0.5 and -wide.value < -edge.value,
    )


def tip_experiment(radius: float) -> TriggeringExperiment:
    """The published tip and pellet with a contact of ``radius`` [m]; thresholds are calibrated."""
    return TriggeringExperiment(
        TipContact(radius, 0.03),
        area_resistance=0.1,
        grain_size=1e-5,
        boundary=OnsetThreshold.from_mean("0.12 V", 10.0),
        interior=OnsetThreshold.from_mean("9.5 V", 30.0),
    )


def count_boundaries(relative: float, seed: int, discs: int = 4000) -> tuple[float, float]:
    """Mean number of Voronoi edges that a disc of ``relative`` radius hits, and its error.

    In units of the grain size: one cell a unit of area. Discs of one pattern are not independent:
    the error is that between 20 patterns.
    """
    from scipy.spatial import Voronoi

    rng = np.random.default_rng(seed)
    width, rim = 40.0, 6.0
    means = []
    for _ in range(20):
        points = rng.uniform(0, width, size=(rng.poisson(width**2), 2))
        pattern = Voronoi(points)
        ridges = np.array([pair for pair in pattern.ridge_vertices if min(pair) >= 0])
        start, stop = pattern.vertices[ridges[:, 0]], pattern.vertices[ridges[:, 1]]
        centres = rng.uniform(rim, width - rim, size=(discs // 20, 2))
        means.append(float(np.mean([np.sum(hit(c, start, stop, relative)) for c in centres])))
    return float(np.mean(means)), float(np.std(means, ddof=1) / math.sqrt(len(means)))


def hit(centre: Array, start: Array, stop: Array, radius: float) -> NDArray[np.bool_]:
    """Which segments come nearer to ``centre`` than ``radius``."""
    along = stop - start
    length = np.maximum(np.sum(along**2, axis=1), 1e-30)
    part = np.clip(np.sum((centre - start) * along, axis=1) / length, 0, 1)
    return np.asarray(np.sum((start + part[:, None] * along - centre) ** 2, axis=1) < radius**2)
