"""What analyses share: straight lines, linear laws, correlated residuals, robust scatter."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solith.analysis._lines import fit_linear, fit_straight
from solith.analysis._neighbours import correlated, neighbour_correlation, neighbour_widening
from solith.core.intervals import NORMAL_95, student_95, widening_95
from solith.core.scatter import median, robust_deviation, row_noise


def test_a_straight_line_and_its_errors_are_those_of_textbooks() -> None:
    """Against the normal equations, with weights that differ."""
    rng = np.random.default_rng(1)
    x, weights = rng.uniform(2, 5, 30), rng.uniform(0.2, 3, 30)
    y = 4 - 0.7 * x + rng.normal(size=30) / weights**0.5
    line = fit_straight(x, y, weights)
    design = np.stack([np.ones(30), x], axis=1)
    inverse = np.linalg.inv(design.T @ (weights[:, None] * design))
    intercept, slope = inverse @ (design.T @ (weights * y))
    left = y - intercept - slope * x
    variance = weights @ left**2 / 28
    assert (line.slope, line.intercept) == pytest.approx((slope, intercept), rel=1e-10)
    assert (line.slope_error, line.intercept_error) == pytest.approx(
        np.sqrt(variance * np.diag(inverse)[::-1]), rel=1e-10
    )
    assert line.deviation == pytest.approx(variance**0.5, rel=1e-10)
    assert line.freedom == 28
    assert line.along(x) == pytest.approx(y - left, rel=1e-12)


@given(st.floats(-1e9, 1e9), st.floats(-1e3, 1e3))
def test_a_shifted_line_has_the_same_slope(along: float, up: float) -> None:
    x = np.arange(9.0)
    y = np.array([0, 3, 2, 5, 4, 7, 6, 9, 8.0])
    line, other = fit_straight(x, y), fit_straight(x + along, y + up)
    assert other.slope == pytest.approx(line.slope, rel=1e-5)
    assert other.slope_error == pytest.approx(line.slope_error, rel=1e-5)


def test_what_points_do_not_tell_has_an_infinite_error() -> None:
    two = fit_straight(np.array([1.0, 3.0]), np.array([2.0, 6.0]))
    assert (two.slope, two.intercept, two.freedom) == (2.0, 0.0, 0)
    assert two.slope_error == math.inf
    upright = fit_straight(np.ones(5), np.arange(5.0))
    assert (upright.slope, upright.slope_error) == (0.0, math.inf)


def test_a_linear_law_and_a_straight_line_agree() -> None:
    """Where points scatter more than they should, both take the scatter."""
    x = np.arange(8.0)
    y = np.array([1, 2, 2, 4, 5, 5, 7, 7.0])
    line = fit_straight(x, y)
    law = fit_linear(np.stack([x, np.ones(8)], axis=1), y, 1e-6 * np.eye(8))
    assert law.scattered
    assert law.coefficients[0] == pytest.approx(line.slope, rel=1e-9)
    assert law.uncertainty(0) == pytest.approx(line.slope_error, rel=1e-6)
    assert law.widened(0) == pytest.approx(line.slope_error * widening_95(6), rel=1e-6)
    low, high = law.interval(0)
    assert (high - low) / 2 == pytest.approx(NORMAL_95 * law.widened(0))


@pytest.mark.parametrize(("rho", "rows", "least"), [(0.0, 100, 93), (0.5, 100, 90), (0.6, 400, 92)])
def test_intervals_hold_where_neighbours_are_alike(rho: float, rows: int, least: float) -> None:
    rng = np.random.default_rng(2)
    x, hits, plain, trials = np.linspace(0, 1, rows), 0, 0, 1000
    for _ in range(trials):
        noise = rng.normal(size=rows)
        for row in range(1, rows):
            noise[row] = rho * noise[row - 1] + (1 - rho**2) ** 0.5 * noise[row]
        line = fit_straight(x, noise)
        alike = neighbour_correlation(noise - line.along(x))
        reach = student_95(line.freedom) * line.slope_error
        hits += abs(line.slope) < reach * neighbour_widening(alike, rows) ** 0.5
        plain += abs(line.slope) < reach
    assert least <= 100 * hits / trials <= 98
    assert rho == 0 or 100 * plain / trials < 80


def test_a_correlation_by_chance_widens_nothing() -> None:
    assert not correlated(0.19, 100)
    assert neighbour_widening(0.19, 100) == 1.0
    assert neighbour_widening(-0.5, 100) == 1.0
    assert neighbour_widening(0.5, 100) == pytest.approx(1.54 / 0.46)
    assert neighbour_widening(0.95, 100) == pytest.approx(1.95 / 0.05)
    assert neighbour_correlation(np.zeros(5)) == 0.0
    assert neighbour_correlation(np.ones(1000)) == 0.95


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_the_median_is_that_of_numpy(numbers: list[float]) -> None:
    assert median(np.array(numbers)) == float(np.median(numbers))


def test_a_median_with_a_number_unknown_is_unknown() -> None:
    assert math.isnan(median(np.array([1.0, math.nan, 2.0, 3.0])))


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_noise_from_row_to_row(order: int) -> None:
    """Of a polynomial below the order nothing is left, and wild rows do not count."""
    rows = np.arange(20_000.0)
    noise = 0.3 * np.random.default_rng(3).normal(size=len(rows))
    noise[::200] += 50
    curve = 1e-3 * (rows / 1e3) ** (order - 1)
    assert row_noise(curve + noise, order) == pytest.approx(0.3, rel=0.06)
    assert robust_deviation(noise) == pytest.approx(0.3, rel=0.03)


def test_student_of_many_freedoms_at_once() -> None:
    freedoms = np.array([1.0, 4.0, 30.0])
    assert student_95(freedoms) == pytest.approx([12.7062, 2.7764, 2.0423], rel=1e-4)
    assert widening_95(freedoms) == pytest.approx([widening_95(each) for each in freedoms])
    assert isinstance(student_95(4), float)
