"""Interdiffusion: closed forms, histories, and what is found again in noisy profiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import erfc

from solith.analysis import find_interdiffusivity, fit_interdiffusion
from solith.core.errors import InputError, UnknownNameError
from solith.core.result import Result
from solith.figures import plot_interdiffusion, plot_interdiffusivity
from solith.interface import Interdiffusion, solve_interdiffusion

LAW = Interdiffusion("1e-18 m2/s", "600 degC", "200 kJ/mol")
D, HOUR = 1e-18, 3600.0
LENGTH = np.sqrt(D * HOUR)
LINE = np.linspace(-6 * LENGTH, 6 * LENGTH, 121)
STEP = 0.2 + 0.5 * erfc(LINE / (2 * LENGTH)) / 2


def noise(size: float, seed: int = 0, number: int = 121) -> np.ndarray:
    return size * np.random.default_rng(seed).normal(size=number)


# --- the law ----------------------------------------------------------------------------


def test_anneals_add_up_and_widths_go_with_the_root_of_time():
    one, other = ("600 degC", "1 h"), ("700 degC", "20 min")
    both = LAW.spread_after([one, other])
    assert both == pytest.approx(LAW.spread_after([other]) + LAW.spread_after([one]))
    assert LAW.spread_after([one]) == pytest.approx(D * HOUR)
    assert LAW.width_after([("600 degC", "4 h")]) == pytest.approx(2 * LAW.width_after([one]))
    width = LAW.width_after([one])
    assert LAW.time_to_width(width, "600 degC") == pytest.approx(HOUR)
    ends = LAW.profile_after([-width / 2, width / 2], [one])
    assert ends == pytest.approx([0.9, 0.1], abs=1e-9)


def test_ramps_are_integrated_to_rounding():
    times, warm = [0.0, 7200.0, 10800.0, 18000.0], [300.0, 873.15, 873.15, 300.0]
    fine = np.linspace(0, 18000, 400_001)
    heat = np.interp(fine, times, warm)
    expected = np.trapezoid(LAW.diffusivity_at(heat), fine)
    assert LAW.spread_along(times, warm) == pytest.approx(expected, rel=1e-7)
    assert LAW.spread_along([0, HOUR], [873.15, 873.15]) == pytest.approx(D * HOUR)


def test_a_coating_keeps_its_amount():
    x = np.linspace(-1e-6, 1e-6, 20_001)
    worn = LAW.profile_after(x, [("600 degC", "1 h")], layer="10 nm")
    assert np.trapezoid(worn, x) == pytest.approx(1e-8, rel=1e-6)
    fresh = LAW.profile_after(x, [("600 degC", 0)], layer="10 nm")
    assert np.trapezoid(fresh, x) == pytest.approx(1e-8, abs=x[1] - x[0])


def test_a_constant_diffusivity_gives_the_error_function_in_second_order():
    errors = []
    for points in (100, 200, 400):
        x, c = solve_interdiffusion(lambda c: np.full_like(c, D), HOUR, points=points)
        errors.append(float(np.max(np.abs(c - erfc(x / (2 * LENGTH)) / 2))))
    assert errors[-1] < 1e-5
    assert np.all(np.abs(np.log2(np.array(errors[:-1]) / errors[1:]) - 2) < 0.1)


@settings(max_examples=20, deadline=None)
@given(st.floats(-2.0, 2.0), st.floats(-0.5, 0.5))
def test_what_leaves_one_side_comes_to_the_other(exponent, right):
    x, c = solve_interdiffusion(lambda c: D * np.exp(exponent * c), "1 h", 1.0, right)
    before = right * x[-1] - 1.0 * x[0]
    assert np.trapezoid(c, x) == pytest.approx(before, abs=1e-5 * (x[-1] - x[0]))
    assert np.all(np.diff(c) < 1e-9)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: LAW.spread_after([]), "anneals: .* no list of pairs of temperature and time"),
        (lambda: LAW.spread_after([("600 degC", "-1 h")]), "anneals.1.time: '-1 h' must be at"),
        (lambda: LAW.spread_along([0, 1], [300]), "times: need as many temperatures"),
        (lambda: LAW.spread_along([1, 0], [300, 300]), "times: must not fall"),
        (lambda: LAW.spread_along([0, 1], [300, -3]), "temperatures: must be above 0 K"),
        (lambda: LAW.diffusivity_at(0), "temperature: must be above 0 K"),
        (lambda: solve_interdiffusion(lambda c: c, 1.0), "diffusivity: must be above 0 m2/s"),
        (lambda: solve_interdiffusion(lambda c: "x", 1.0), "diffusivity: gives no number"),
        (lambda: solve_interdiffusion(lambda c: 1 + 0 * c, 1.0, 1, 1), "there is no interface"),
        (lambda: solve_interdiffusion(lambda c: 1 + 0 * c, 1.0, points=2), "of 20 at least"),
    ],
)
def test_what_cannot_be_is_told(call, told):
    with pytest.raises(InputError, match=told):
        call()


# --- the error function through a line --------------------------------------------------


@pytest.mark.parametrize("turned", [False, True])
def test_known_diffusivity_within_one_per_cent_with_noise(turned):
    measured = STEP + noise(0.0015)  # 0.3 % of the step
    order = slice(None, None, -1) if turned else slice(None)
    found = fit_interdiffusion(LINE[order], measured[order], "1 h")
    assert found["interdiffusivity"].value == pytest.approx(D, rel=0.01)
    assert found["centre"].value == pytest.approx(0, abs=0.02 * LENGTH)
    assert found["composition_left"].value == pytest.approx(0.7, abs=0.002)
    assert found["width"].value == pytest.approx(3.6248 * LENGTH, rel=0.005)
    assert found["interdiffusivity"].flags == ()


def test_intervals_hold_what_they_promise():
    held = 0
    for seed in range(400):
        found = fit_interdiffusion(LINE, STEP + noise(0.01, seed), HOUR)["interdiffusivity"]
        held += abs(found.value - D) < 1.96 * found.uncertainty
    assert 0.92 <= held / 400 <= 0.98


@settings(max_examples=25, deadline=None)
@given(st.floats(-9, 0), st.floats(-1e-3, 1e-3), st.floats(0.01, 1e4), st.floats(0.1, 1e7))
def test_units_and_places_do_not_matter(power, shift, height, lasted):
    scale = 10.0**power / LENGTH
    shift = shift * 10.0**power * 1e3
    found = fit_interdiffusion(
        scale * LINE + shift, height * (STEP + noise(0.005)), lasted, resolution=0
    )["interdiffusivity"]
    plain = fit_interdiffusion(LINE, STEP + noise(0.005), HOUR)["interdiffusivity"]
    assert found.value == pytest.approx(plain.value * scale**2 * HOUR / lasted, rel=1e-3)


def test_the_probe_is_taken_off():
    blurred = 6e-8  # m, full width at half height
    deviation = np.sqrt(2 * D * HOUR + (blurred / 2.35482) ** 2)
    measured = 0.5 * erfc(LINE / (np.sqrt(2) * deviation)) + noise(0.002)
    found = fit_interdiffusion(LINE, measured, HOUR, resolution="60 nm")
    assert found["interdiffusivity"].value == pytest.approx(D, rel=0.015)
    wider = fit_interdiffusion(LINE, measured, HOUR)
    assert wider["interdiffusivity"].value > 1.07 * D


def test_a_profile_as_sharp_as_the_probe_gives_an_upper_bound():
    probe = 1e-8
    x = np.linspace(-5e-8, 5e-8, 101)
    measured = 0.5 * erfc(x / (np.sqrt(2) * probe / 2.35482)) + noise(0.01, number=101)
    found = fit_interdiffusion(x, measured, HOUR, resolution=probe)["interdiffusivity"]
    assert found.uncertainty is None
    assert found.flags[0] == "upper bound: the probe explains the width"
    assert 0 < found.value < (probe / 2.35) ** 2 / HOUR


def test_oddities_of_a_line_are_flagged():
    x, c = solve_interdiffusion(lambda c: D * np.exp(4 * c), HOUR)
    bent = np.interp(2 * LINE, x, c) + noise(0.003)
    told = fit_interdiffusion(2 * LINE, bent, HOUR)["interdiffusivity"].flags
    assert any("residuals follow each other" in flag for flag in told)
    short = LINE > -1.0 * LENGTH
    told = fit_interdiffusion(LINE[short], (STEP + noise(0.002))[short])["width"].flags
    assert "the left plateau is not reached; measure a longer line" in told
    rows = slice(None, None, 12)
    told = fit_interdiffusion(4 * LINE[rows], 0.5 * erfc(2 * LINE[rows] / LENGTH))["width"].flags
    assert any("points lie within the step; measure a denser line" in flag for flag in told)


def test_rows_without_a_number_are_left_out():
    holed = STEP + noise(0.002)
    whole = fit_interdiffusion(np.delete(LINE, [5, 70]), np.delete(holed, [5, 70]), HOUR)
    holed[[5, 70]] = np.nan
    assert fit_interdiffusion(LINE, holed, HOUR).to_json() == whole.to_json()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((LINE, STEP[1:]), "composition: is of shape"),
        ((LINE[:5], STEP[:5]), "5 points are too few for a profile; at least 8"),
        ((0 * LINE, STEP), "position: all points lie at one place"),
        ((LINE, 0 * STEP), "composition: is the same everywhere"),
        ((LINE, ["x"] * 121), "composition: the values are not numbers"),
        ((LINE, noise(1.0)), "no step was found in the profile"),
        ((LINE, STEP, "0 h"), "time: '0 h' must be above 0 s"),
        ((LINE, STEP, "1 m"), "time: '1 m' has the unit 'm', of the wrong dimension"),
    ],
)
def test_lines_without_an_answer_are_told(arguments, told):
    with pytest.raises(InputError, match=told):
        fit_interdiffusion(*arguments)
    with pytest.raises(InputError, match="resolution: -1 must be 0 to 1 m"):
        fit_interdiffusion(LINE, STEP, resolution=-1)


# --- Boltzmann and Matano ---------------------------------------------------------------


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.3, -2.3])
def test_a_known_diffusivity_comes_back_over_its_range(exponent):
    x, c = solve_interdiffusion(lambda c: D * np.exp(exponent * c), HOUR, points=4000)
    line = np.linspace(x[np.argmin(np.abs(c - 0.9999))], x[np.argmin(np.abs(c - 1e-4))], 161)
    measured = np.interp(line, x, c) + noise(0.002, 3, 161)
    found = find_interdiffusivity(line, measured, "1 h")
    composition = np.array(found.details["curve_composition"])
    curve = np.array(found.details["curve_interdiffusivity"])
    middle = (composition > 0.15) & (composition < 0.85)
    off = curve / (D * np.exp(exponent * composition)) - 1
    assert np.max(np.abs(off[middle])) < 0.05
    assert found["defined_from"].value > 0.9
    assert found["defined_to"].value < 0.1
    plane = found["matano_plane"]
    assert abs(plane.value) < 4 * plane.uncertainty


def test_both_forms_are_one_function():
    measured = STEP + noise(0.003)
    one, other = (
        np.array(find_interdiffusivity(LINE, measured, HOUR, method=method).details[key])
        for method, key in (
            ("sauer-freise", "curve_interdiffusivity"),
            ("matano", "curve_interdiffusivity"),
        )
    )
    assert np.max(np.abs(one / other - 1)) < 1e-6
    with pytest.raises(UnknownNameError, match="unknown method 'hall'"):
        find_interdiffusivity(LINE, measured, HOUR, method="hall")


def test_uncertainty_holds_where_diffusivity_depends_on_composition():
    x, c = solve_interdiffusion(lambda c: D * np.exp(2.3 * c), HOUR)
    line = np.linspace(-12 * LENGTH, 10 * LENGTH, 121)
    clean, held = np.interp(line, x, c), 0
    for seed in range(60):
        found = find_interdiffusivity(line, clean + noise(0.01, seed), HOUR)["interdiffusivity"]
        held += abs(found.value - D * np.exp(1.15)) < 1.96 * found.uncertainty
    assert held >= 52  # 57 are expected; 52 or fewer would come once in fifty


def test_uncertainty_holds_where_diffusivity_changes_a_hundredfold():
    law = np.log(100)
    x, c = solve_interdiffusion(lambda c: D * np.exp(law * c), HOUR)
    ends = x[np.argmin(np.abs(c - 0.999))], x[np.argmin(np.abs(c - 0.001))]
    line = np.linspace(ends[0] - 0.3 * np.ptp(ends), ends[1] + 0.3 * np.ptp(ends), 151)
    clean, held = np.interp(line, x, c), 0
    for seed in range(60):
        found = find_interdiffusivity(
            line, clean + 0.005 * np.random.default_rng([7, seed]).normal(size=151), HOUR
        )["interdiffusivity_at_quarter"]
        held += abs(found.value - D * np.exp(0.75 * law)) < 1.96 * found.uncertainty
    assert held >= 54  # the points' scatter alone holds 51: it leaves out the choice of knots


def test_the_figures_show_points_curve_and_band():
    found = find_interdiffusivity(LINE, STEP + noise(0.003), HOUR)
    figure = plot_interdiffusion({"a": found, "b": fit_interdiffusion(LINE, STEP, HOUR)})
    assert [trace.mode for trace in figure.data] == ["markers", "lines"] * 2
    assert figure.layout.xaxis.title.text == "Position (nm)" or "µm" in str(figure.layout.xaxis)
    curve = plot_interdiffusivity(found)
    assert curve.layout.yaxis.type == "log"
    assert len(curve.data) == 2
    with pytest.raises(InputError, match="holds no curve_composition"):
        plot_interdiffusivity(fit_interdiffusion(LINE, STEP, HOUR))
    blank = Result("none", (), {**found.details, "curve_composition": []})
    blank.details["curve_interdiffusivity"] = blank.details["curve_uncertainty"] = []
    with pytest.raises(InputError, match="the profile tells no diffusivity"):
        plot_interdiffusivity(blank)
