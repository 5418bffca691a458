"""Heckel's and Kawakita's laws: given back with honest uncertainties."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from solith.compaction import DensityLaw, fit_heckel, fit_kawakita, parse_mixture, press
from solith.core.errors import ConvergenceError, InputError

LOAD = np.array([6, 12, 25, 50, 100, 200]) * 1e6


def kawakita(load: NDArray[np.float64], a: float, b: float, loose: float) -> NDArray[np.float64]:
    porosity: NDArray[np.float64] = 1 - (1 - loose) / (1 - a * b * load / (1 + b * load))
    return porosity


@given(st.floats(20, 400), st.floats(0.3, 1.2))
def test_heckel_is_given_back(pressure: float, intercept: float) -> None:
    result = fit_heckel(LOAD, np.exp(-(LOAD / (pressure * 1e6) + intercept)))
    assert result["yield_pressure"].value == pytest.approx(pressure * 1e6, rel=1e-5)
    assert result["intercept"].value == pytest.approx(intercept, rel=1e-5)
    assert result["initial_porosity"].value == pytest.approx(np.exp(-intercept), rel=1e-5)


@given(st.floats(0.3, 0.55), st.floats(5, 60))
def test_kawakita_is_given_back(reduction: float, half: float) -> None:
    data = kawakita(LOAD, reduction, 1 / (half * 1e6), 0.6)
    for loose in (0.6, None):
        result = fit_kawakita(LOAD, data, initial_porosity=loose)
        assert result["final_reduction"].value == pytest.approx(reduction, rel=1e-3)
        assert result["half_pressure"].value == pytest.approx(half * 1e6, rel=1e-3)
        assert result["initial_porosity"].value == pytest.approx(0.6, rel=1e-3)


def test_uncertainties_cover_the_truth() -> None:
    chance = np.random.default_rng(0)
    truth = np.exp(-(LOAD / 120e6 + 0.8))
    inside = 0
    for _ in range(400):
        noisy = truth + 0.003 * chance.standard_normal(6)
        value = fit_heckel(LOAD, noisy, uncertainty=0.003)["yield_pressure"]
        assert value.value is not None
        assert value.uncertainty is not None
        inside += abs(value.value - 120e6) < 1.96 * value.uncertainty
    assert 0.92 <= inside / 400 <= 0.98


def test_pressures_may_have_units() -> None:
    texts = [f"{load / 1e6} MPa" for load in LOAD]
    data = np.exp(-(LOAD / 80e6 + 0.7))
    assert fit_heckel(texts, data)["yield_pressure"].value == pytest.approx(80e6)


def test_a_law_that_does_not_hold_is_flagged() -> None:
    for pores in ([0.1, 0.12, 0.13, 0.15, 0.2, 0.3], [0.2] * 6):
        found = fit_heckel(LOAD, pores)["yield_pressure"]
        assert found.value is None
        assert found.flags == ("porosity does not fall with pressure",)
    noise = 0.3 + 0.02 * np.random.default_rng(0).standard_normal(6)
    half = fit_kawakita(LOAD, noise)["half_pressure"]
    assert half.flags == ("the porosities do not follow the law",)
    assert half.uncertainty is not None
    assert half.uncertainty > 0


def test_kawakita_tells_its_doubt() -> None:
    """Standard uncertainties of all three parameters against the scatter of many fits."""
    chance = np.random.default_rng(1)
    load = np.geomspace(2, 400, 12) * 1e6
    truth = kawakita(load, 0.45, 1 / 20e6, 0.6)
    fits = [
        fit_kawakita(load, truth + 1e-3 * chance.standard_normal(12), uncertainty=1e-3)
        for _ in range(200)
    ]
    for name in ("final_reduction", "half_pressure", "initial_porosity"):
        values = np.array([fit[name].value for fit in fits], float)
        told = np.array([fit[name].uncertainty for fit in fits], float)
        assert np.median(told) == pytest.approx(values.std(), rel=0.25)


@pytest.mark.parametrize(
    ("load", "pores", "told"),
    [
        ([1e6, 2e6], [0.3, 0.2], "2 different pressures do not determine 2 parameters"),
        ([1e6, 2e6, 3e6], [0.3, 0.2], "3 pressures and 2 porosities; give one for each"),
        ([1e6, 2e6, 3e6], [0.3, 0.2, -0.1], "porosities between 0 and 1"),
        ([1e6, 2e6, -3e6], [0.3, 0.2, 0.1], "pressures must be at least 0"),
        ([1e6, 2e6, 3e6], ["a", "b", "c"], "porosities: porosities must be numbers"),
        ("5 MPa", [0.1], "pressures: '5 MPa' is not a list of pressures"),
    ],
)
def test_data_that_do_not_fit_together(load: list[float], pores: list[float], told: str) -> None:
    with pytest.raises(InputError, match=told):
        fit_heckel(load, pores)


def test_other_bad_input() -> None:
    with pytest.raises(InputError, match="uncertainty: uncertainties must be above 0"):
        fit_heckel(LOAD, np.full(6, 0.2), uncertainty=0.0)
    for doubt in ("1 %", [0.1, 0.2]):
        with pytest.raises(InputError, match="uncertainty: must be a number, or 6 of them"):
            fit_heckel(LOAD, np.linspace(0.4, 0.1, 6), uncertainty=doubt)
    written = fit_kawakita(LOAD, np.linspace(0.4, 0.1, 6), initial_porosity="50 %")
    assert written == fit_kawakita(LOAD, np.linspace(0.4, 0.1, 6), initial_porosity=0.5)
    with pytest.raises(InputError, match=r"initial_porosity: 0\.1 must lie between the largest"):
        fit_kawakita(LOAD, np.linspace(0.4, 0.1, 6), initial_porosity=0.1)
    with pytest.raises(ConvergenceError, match="not determined"):
        fit_kawakita(LOAD, np.full(6, 0.2))


@given(st.floats(6, 200))
def test_a_law_gives_the_porosity_in_between(pressure: float) -> None:
    """Of exact data, with next to no uncertainty; the law survives being written."""
    exact = np.exp(-(LOAD / 120e6 + 0.8))
    wanted = float(np.exp(-(pressure / 120 + 0.8)))
    law = fit_heckel(LOAD, exact)
    for one in (law, DensityLaw.from_json(law.to_json())):
        assert isinstance(one, DensityLaw)
        found = one.porosity_at(f"{pressure} MPa")
        assert found.value == pytest.approx(wanted, rel=1e-6)
        assert found.uncertainty == pytest.approx(0, abs=1e-6)
    for loose in (0.6, None):
        squeezed = fit_kawakita(LOAD, kawakita(LOAD, 0.4, 1 / 20e6, 0.6), initial_porosity=loose)
        there = float(kawakita(np.array([pressure * 1e6]), 0.4, 1 / 20e6, 0.6)[0])
        assert squeezed.porosity_at(pressure * 1e6).value == pytest.approx(there, rel=1e-5)


@pytest.mark.parametrize("loose", ["heckel", 0.6, None])
def test_the_porosity_s_uncertainty_covers_what_is_measured_next(loose: str | float | None) -> None:
    """Two standard uncertainties against another measurement of the same scatter."""
    chance, load = np.random.default_rng(3), np.geomspace(6, 200, 10) * 1e6
    if loose == "heckel":
        truth, fit = np.exp(-(load / 120e6 + 0.8)), fit_heckel
    else:
        truth = kawakita(load, 0.45, 1 / 20e6, 0.6)
        fit = partial(fit_kawakita, initial_porosity=loose)
    inside = 0
    for _ in range(300):
        law = fit(load, truth + 3e-3 * chance.standard_normal(10))
        place = chance.integers(10)
        found = law.porosity_at(load[place])
        assert found.value is not None
        assert found.uncertainty is not None
        next_one = truth[place] + 3e-3 * chance.standard_normal()
        inside += abs(found.value - next_one) < 2 * found.uncertainty
    assert 0.88 <= inside / 300 <= 0.98


def test_a_law_does_not_reach_beyond_its_data() -> None:
    law = fit_heckel(LOAD, np.exp(-(LOAD / 120e6 + 0.8)))
    for pressure in ("5 MPa", "201 MPa", 0.0, float("nan")):
        with pytest.raises(InputError, match=r"outside the fitted range of 6 to 200 MPa|number"):
            law.porosity_at(pressure)
    rising = fit_heckel(LOAD, [0.1, 0.12, 0.13, 0.15, 0.2, 0.3])
    assert rising.porosity_at("50 MPa").flags == ("porosity does not fall with pressure",)


def test_fractions_follow_from_a_porosity() -> None:
    mixture = parse_mixture("NMC:LGPS:C=1:1:0.1")
    parts = mixture.fractions_at("20 %")
    assert sum(parts.values()) == pytest.approx(0.8)
    state = press(mixture, ["20 MPa"], particles=300)[0]
    for name, part in mixture.fractions_at(state.porosity).items():
        assert part == pytest.approx(state.fractions[name], rel=0.05)  # whole particles
    with pytest.raises(InputError, match=r"porosity: 1\.2 must be at least 0 and below 1"):
        mixture.fractions_at(1.2)
