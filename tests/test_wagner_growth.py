"""Wagner's growth against numerical integration and its limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.errors import InputError
from solith.interface import DiffusionLimitedGrowth, WagnerGrowth

VOLT = GAS_CONSTANT * 298.15 / FARADAY
VOLUME = 1e-5
LAYER = WagnerGrowth(
    ionic_conductivity="1 uS/cm",
    high_potential="1.7 V",
    volume_per_lithium="10 cm3/mol",
    n_type_conductivity="1 nS/cm",
)


def integrated(layer: WagnerGrowth) -> float:
    """The rate by Gauss and Legendre's rule on many short pieces."""
    points, weights = np.polynomial.legendre.leggauss(20)
    ends = np.linspace(layer.low_potential, layer.high_potential, 1001)
    half, middle = np.diff(ends) / 2, (ends[1:] + ends[:-1]) / 2
    electronic = layer.electronic_conductivity_at(middle[:, None] + half[:, None] * points)
    ionic = layer.ionic_conductivity
    whole = np.sum(half[:, None] * weights * ionic * electronic / (ionic + electronic))
    return 2 * layer.volume_per_lithium / FARADAY * float(whole)


conductivity = st.floats(-12, 2).map(lambda power: 10.0**power)
some = st.one_of(st.just(0.0), conductivity)


@settings(max_examples=200, deadline=None)
@given(conductivity, conductivity, some, some, st.floats(-3, 0.7).map(lambda power: 10.0**power))
def test_closed_form_is_the_integral(ionic, electrons, holes, constant, drop):
    layer = WagnerGrowth(ionic, 0.1 + drop, VOLUME, 0.1, constant, electrons, holes)
    assert layer.rate == pytest.approx(integrated(layer), rel=1e-10)


@pytest.mark.parametrize("shift", [0.0, 1e-12, 1e-6, -1e-6, 1e-3, -1e-3])
def test_equal_roots_lose_no_digits(shift):
    drop, ionic = 0.3, 1e-4
    holes = ionic**2 / 4 / 1e-5 * np.exp(drop / VOLT) * (1 + shift)
    layer = WagnerGrowth(ionic, drop, VOLUME, n_type_conductivity=1e-5, p_type_conductivity=holes)
    assert layer.rate == pytest.approx(integrated(layer), rel=1e-11)


def test_a_constant_conductivity_is_its_ambipolar_mean():
    layer = WagnerGrowth(2e-4, 1.5, VOLUME, electronic_conductivity=1e-4)
    assert layer.mean_conductivity == pytest.approx(2e-4 * 1e-4 / 3e-4)
    assert layer.rate == pytest.approx(2 * VOLUME * 1.5 / FARADAY * 2e-4 / 3)


def test_few_electrons_limit_the_growth_and_many_do_not():
    few = WagnerGrowth(1.0, 2.0, VOLUME, n_type_conductivity=1e-9)
    assert few.rate == pytest.approx(2 * VOLUME / FARADAY * 1e-9 * VOLT, rel=1e-8)
    many = WagnerGrowth(1e-6, 2.0, VOLUME, electronic_conductivity=1e3)
    assert many.rate == pytest.approx(2 * VOLUME / FARADAY * 1e-6 * 2.0, rel=1e-8)


def test_the_law_of_growth_has_its_rate():
    law = LAYER.as_growth("50 kJ/mol")
    assert law == DiffusionLimitedGrowth(LAYER.rate, "50 kJ/mol")
    assert law.rate_at(0.0, 298.15) == pytest.approx(LAYER.rate)
    assert LAYER.thickness_after("4 h") == pytest.approx(2 * LAYER.thickness_after("1 h"))
    assert LAYER.thickness_after(0.0, "3 nm") == pytest.approx(3e-9)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"n_type_conductivity": 0.0}, "a layer without electrons does not grow"),
        ({"high_potential": 0.0}, "high_potential: 0 V must lie above low_potential, 0 V"),
        ({"high_potential": 40.0}, "by at most 15 V"),
        ({"ionic_conductivity": 0.0}, "ionic_conductivity: 0.0 must be above 0 S/m"),
    ],
)
def test_layers_that_cannot_be_are_told(fields, told):
    with pytest.raises(InputError, match=told):
        LAYER.replace(**fields)
    with pytest.raises(InputError, match="time: must not be below 0 s"):
        LAYER.thickness_after(-1.0)
