"""The nonlinear least squares core: minimum, verdict, covariance, and what it refuses."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from validation.nist_strd import digits, load

from solith.analysis._least_squares import LeastSquares, minimise
from solith.core.errors import ConvergenceError, InputError

Array = NDArray[np.float64]
Function = Callable[[Array], tuple[Array, Array]]

X = np.linspace(0.0, 3.0, 40)
NOISE = 0.01 * np.random.default_rng(5).normal(size=X.size)


def decay(y: Array) -> Function:
    """Residuals and derivatives of ``b0 exp(-b1 x)`` against ``y``."""

    def function(b: Array) -> tuple[Array, Array]:
        shape = np.exp(-b[1] * X)
        return b[0] * shape - y, np.stack([shape, -b[0] * X * shape], axis=1)

    return function


NOISY = decay(2.0 * np.exp(-1.3 * X) + NOISE)


def rosenbrock(b: Array) -> tuple[Array, Array]:
    residuals = np.array([10 * (b[1] - b[0] ** 2), 1 - b[0]])
    return residuals, np.array([[-20 * b[0], 10.0], [-1.0, 0.0]])


# --- the minimum ------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 6),
    st.integers(1, 30),
    st.lists(st.integers(-9, 9), min_size=6, max_size=6),
    st.integers(0, 2**32 - 1),
)
def test_a_linear_problem_in_any_units(p: int, more: int, powers: list[int], seed: int) -> None:
    generator = np.random.default_rng(seed)
    units = 10.0 ** np.array(powers[:p])
    plain, y = generator.normal(size=(p + more, p)), generator.normal(size=p + more)
    if np.linalg.cond(plain) > 1e4:
        return
    best = np.linalg.lstsq(plain, y, rcond=None)[0]
    fit = minimise(lambda b: (plain * units @ b - y, plain * units), np.ones(p) / units)
    assert fit.converged, fit.reason
    assert fit.point * units == pytest.approx(best, rel=1e-7, abs=1e-7)
    inverse = np.linalg.inv(plain.T @ plain)
    unscaled, scaled = fit.covariance(scaled=False), fit.covariance()
    assert unscaled is not None
    assert scaled is not None
    assert unscaled * np.outer(units, units) == pytest.approx(inverse, rel=1e-6, abs=1e-9)
    assert scaled == pytest.approx(unscaled * fit.squares / more)


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("Misra1a", 0),
        ("BoxBOD", 0),
        ("ENSO", 0),  # slow at the minimum: only the gradient gives the last digits
        ("Thurber", 0),
        ("MGH09", 0),
        ("Bennett5", 0),  # a valley that takes MINPACK more than 500 evaluations
        ("MGH10", 1),
        ("Lanczos3", 0),
    ],
)
def test_certified_values_and_errors(name: str, start: int) -> None:
    data = load(name)
    fit = minimise(data.residuals, data.starts[start])
    covariance = fit.covariance()
    assert covariance is not None
    assert fit.converged, fit.reason
    assert digits(fit.point, data.values) > 8
    assert digits(np.sqrt(np.diag(covariance)), data.errors) > 8


def test_residuals_that_vanish() -> None:
    square = minimise(rosenbrock, np.array([-1.2, 1.0]))
    assert square.converged
    assert square.point == pytest.approx([1.0, 1.0], rel=1e-12)
    assert math.isnan(square.variance)
    exact = minimise(decay(2.0 * np.exp(-1.3 * X)), np.array([1.0, 1.0]))
    assert exact.converged
    assert exact.point == pytest.approx([2.0, 1.3], rel=1e-12)


def test_residuals_that_are_rounding() -> None:
    data = load("Lanczos1")  # a thousandth of the residuals is rounding, so no offset gets below
    fit = minimise(data.residuals, data.starts[0])
    assert fit.converged, fit.reason
    assert digits(fit.point, data.values) > 8


def test_the_start_may_be_the_minimum() -> None:
    fit = minimise(decay(np.zeros(X.size)), np.array([0.0, 1.0]))
    assert fit.squares == 0
    assert not fit.converged  # without an amplitude there is no decay rate
    assert fit.reason.startswith("1 of 2 parameters are not determined")


def test_a_coarse_tolerance_is_kept_and_takes_fewer_evaluations() -> None:
    data = load("ENSO")
    fine, coarse = (minimise(data.residuals, data.starts[0], tolerance=t) for t in (1e-10, 1e-3))
    assert coarse.converged
    assert coarse.iterations < 0.5 * fine.iterations
    assert np.all(np.abs(coarse.point - data.values) < 1e-2 * data.errors)
    assert np.all(np.abs(fine.point - data.values) < 1e-8 * data.errors)


def test_what_is_told_belongs_to_the_point() -> None:
    fit = minimise(NOISY, np.array([1.0, 0.5]))
    residuals, jacobian = NOISY(fit.point)
    assert np.array_equal(fit.residuals, residuals)
    assert np.array_equal(fit.jacobian, jacobian)
    assert fit.squares == pytest.approx(np.sum(residuals**2))
    assert fit.variance == pytest.approx(np.sum(residuals**2) / 38)
    assert re.fullmatch(r"converged: the relative offset is \d\.\de-1\d", fit.reason)


def test_correlation_is_the_scaled_covariance() -> None:
    fit = minimise(NOISY, np.array([1.0, 0.5]))
    covariance, correlation = fit.covariance(), fit.correlation
    assert covariance is not None
    assert correlation is not None
    assert np.diag(correlation) == pytest.approx([1.0, 1.0])
    expected = covariance[0, 1] / math.sqrt(covariance[0, 0] * covariance[1, 1])
    assert correlation[0, 1] == pytest.approx(expected)
    assert 0.1 < expected < 0.9


def test_errors_cover_the_truth_as_often_as_they_should() -> None:
    generator, within, runs = np.random.default_rng(11), 0, 3000
    for _ in range(runs):
        y = 2.0 * np.exp(-1.3 * X) + 0.01 * generator.normal(size=X.size)
        fit = minimise(decay(y), np.array([1.0, 1.0]), tolerance=1e-4)
        covariance = fit.covariance()
        assert covariance is not None
        within += abs(fit.point[1] - 1.3) < 2.024 * math.sqrt(covariance[1, 1])  # t, 38 degrees
    assert within / runs == pytest.approx(0.95, abs=0.012)  # three standard deviations


# --- what the function may do -----------------------------------------------------------


@pytest.mark.parametrize("bad", [math.nan, math.inf, 1e200])
@pytest.mark.parametrize("where", ["residuals", "derivatives"])
def test_steps_to_where_it_is_not_finite_are_refused(bad: float, where: str) -> None:
    refused = 0

    def function(b: Array) -> tuple[Array, Array]:
        nonlocal refused
        residuals, jacobian = NOISY(b)
        if not 0 < b[1] < 1.31:  # just beyond the minimum
            refused += 1
            if where == "residuals":
                residuals = np.full_like(residuals, bad)
            else:
                jacobian = np.full_like(jacobian, bad * 1e150)
        return residuals, jacobian

    fit = minimise(function, np.array([0.1, 1.305]))
    assert refused
    assert fit.converged, fit.reason
    assert fit.point == pytest.approx(minimise(NOISY, np.array([1.0, 0.5])).point, rel=1e-8)


def test_no_warning_where_the_function_overflows() -> None:
    fit = minimise(NOISY, np.array([1.0, -100.0]))  # exp(300): a step further it overflows
    assert math.isfinite(fit.squares)


def test_points_are_the_functions_to_keep_and_counted() -> None:
    seen: list[Array] = []
    copies: list[Array] = []

    def function(b: Array) -> tuple[Array, Array]:
        seen.append(b)
        copies.append(b.copy())
        return NOISY(b)

    start = np.array([1.0, 0.5])
    fit = minimise(function, start)
    assert np.array_equal(start, [1.0, 0.5])
    assert fit.iterations == len(seen)
    assert all(np.array_equal(a, b) for a, b in zip(seen, copies, strict=True))


def test_an_error_of_the_function_passes_through() -> None:
    def function(b: Array) -> tuple[Array, Array]:
        if b[0] != 1.0:
            raise ZeroDivisionError("inside")
        return NOISY(b)

    with pytest.raises(ZeroDivisionError, match="inside"):
        minimise(function, np.array([1.0, 0.5]))


# --- verdicts ---------------------------------------------------------------------------


def test_parameters_of_which_only_the_sum_matters() -> None:
    def function(b: Array) -> tuple[Array, Array]:
        residuals, jacobian = NOISY(np.array([b[0] + b[2], b[1]]))
        return residuals, jacobian[:, [0, 1, 0]]

    fit = minimise(function, np.array([1.0, 0.5, 0.3]))
    assert not fit.converged
    assert fit.reason.startswith("1 of 3 parameters are not determined (converged: ")
    assert fit.covariance() is None
    assert fit.correlation is None
    assert fit.squares == pytest.approx(minimise(NOISY, np.array([1.0, 0.5])).squares)


def test_a_parameter_without_any_effect() -> None:
    fit = minimise(
        lambda b: (NOISY(b[:2])[0], np.pad(NOISY(b[:2])[1], ((0, 0), (0, 1)))),
        np.array([1.0, 0.5, 7.0]),
    )
    assert not fit.converged
    assert fit.point[2] == 7.0
    assert fit.covariance() is None


@pytest.mark.parametrize("most", [1, 2, 5, 150, 153])
def test_evaluations_that_do_not_suffice(most: int) -> None:
    data = load("Bennett5")
    fit = minimise(data.residuals, data.starts[0], most_evaluations=most)
    assert not fit.converged
    assert fit.iterations <= most
    assert fit.reason.endswith(f" after {most} evaluations: allow more, or start nearer")


def test_wrong_derivatives_are_no_success() -> None:
    fit = minimise(lambda b: (NOISY(b)[0], -NOISY(b)[1]), np.array([1.0, 0.5]))
    assert not fit.converged
    assert fit.reason.endswith(
        "yet no step helps: a parameter ran off, or the derivatives are wrong"
    )
    assert np.array_equal(fit.point, [1.0, 0.5])


# --- what it refuses --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "start", "told"),
    [
        (NOISY, [[1.0, 2.0]], "the start is [[1.0, 2.0]], but has to be a list of finite numbers"),
        (NOISY, [], "the start is [], but has to be a list of finite numbers"),
        (NOISY, [1.0, math.nan], "the start is [1.0, nan], but has to be a list of finite numbers"),
        (
            lambda b: (np.ones(3), np.ones((3, 1))),
            [1.0, 2.0],
            "residuals of shape (3,) and derivatives of shape (3, 1) do not fit 2 parameters; "
            "give (n,) and (n, 2)",
        ),
        (
            lambda b: (np.ones((3, 1)), np.ones((3, 2))),
            [1.0, 2.0],
            "residuals of shape (3, 1) and derivatives of shape (3, 2) do not fit 2 parameters; "
            "give (n,) and (n, 2)",
        ),
        (
            lambda b: (np.ones(1), np.ones((1, 2))),
            [1.0, 2.0],
            "1 residuals do not determine 2 parameters; give at least as many residuals",
        ),
    ],
)
def test_what_does_not_fit_is_named(function: Function, start: list[float], told: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape('least squares: ' + told)}$"):
        minimise(function, start)  # type: ignore[arg-type]


def test_a_start_that_cannot_be_evaluated() -> None:
    told = "least squares: the function is not finite at the start values; start elsewhere"
    with pytest.raises(ConvergenceError, match=f"^{told}$"):
        minimise(NOISY, np.array([1.0, -1e4]))


def test_a_result_stands_by_itself() -> None:
    fit = LeastSquares(np.ones(1), np.array([3.0, 4.0]), np.array([[1.0], [1.0]]), 1, True, "")
    assert fit.squares == 25
    assert fit.variance == 25
    assert fit.covariance() == pytest.approx(12.5)
    assert fit.covariance(scaled=False) == pytest.approx(0.5)
