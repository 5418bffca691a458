"""Heckel's and Kawakita's laws: given back with honest uncertainties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from solith.compaction import fit_heckel, fit_kawakita
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
