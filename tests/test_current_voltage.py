"""Current-voltage curves: triggers and what is none, back scans, states, places."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import CensoredData, logrank, mannwhitneyu, weibull_min

from solith.analysis import analyse_current_voltage, compare_triggering
from solith.analysis._current_voltage.back_scan import fit_back_scan
from solith.analysis._current_voltage.censored import (
    Sample,
    fit_weibull,
    permuted_log_rank,
    superiority,
)
from solith.analysis._current_voltage.switching import Event, Reading, Scan
from solith.analysis._current_voltage.switching_values import cycle_rows
from solith.core.errors import InputError, UnitError, UnknownNameError
from solith.core.record import Record
from solith.core.result import Result, Value

STEP, TOP, AT, OHM = 0.01, 1.0, 0.505, 1e5


def there_and_back(top: float = TOP, step: float = STEP) -> Any:
    out = np.linspace(0, top, round(top / step) + 1)
    return np.append(out, out[-2::-1])


def triggered(
    *, side: int = -1, limit: float | None = None, noise: float = 1e-12, seed: int = 0
) -> Record:
    """A leak of 1 nA/V, a trigger between 0.50 and 0.51 V, and 100 kohm after it."""
    bias = there_and_back()
    on = np.arange(len(bias)) > 50
    current = np.where(on, bias / OHM, 1e-9 * bias)
    current = current + noise * np.random.default_rng(seed).normal(size=len(bias))
    if limit is not None:
        current = np.minimum(current, limit)
    return curve(side * bias, side * current)


def curve(voltage: Any, current: Any, **more: Any) -> Record:
    return Record.from_arrays(
        "current-voltage", name="a tip", voltage_volt=voltage, current_ampere=current, **more
    )


def test_one_trigger_with_its_ohmic_back_scan() -> None:
    result = analyse_current_voltage(triggered())
    assert result.name == "Current-voltage curve of a tip"
    bias = result["triggering_bias"]
    assert bias.value == pytest.approx(-AT)
    assert bias.uncertainty == pytest.approx(STEP / 12**0.5)
    assert bias.flags == ()
    assert result["current_before_triggering"].value == pytest.approx(-0.5e-9, rel=0.02)
    assert result["current_after_triggering"].value == pytest.approx(-5.1e-6, rel=1e-4)
    ohmic = result["back_scan_resistance"]
    assert ohmic.value == pytest.approx(OHM, rel=1e-5)
    assert not ohmic.flags
    assert result["compliance_current"].value is None
    row = result.details["sweeps"][0]
    assert row["set"]["between_volt"] == pytest.approx([-0.51, -0.5])
    assert row["set"]["row"] == 52
    assert result.details["highest_bias_volt"] == {"negative": pytest.approx(TOP)}
    assert Result.from_json(result.to_json())["triggering_bias"] == bias


def test_compliance_is_found_and_left_out() -> None:
    result = analyse_current_voltage(triggered(limit=4e-6))
    assert result["compliance_current"].value == pytest.approx(4e-6, rel=1e-3)
    after = result["current_after_triggering"]
    assert after.value == pytest.approx(-4e-6, rel=1e-3)
    assert after.flags == ("lower bound: in compliance",)
    assert result["back_scan_resistance"].value == pytest.approx(OHM, rel=1e-4)
    assert result.details["sweeps"][0]["back_scan"]["from_volt"] == pytest.approx(-0.39)
    given = analyse_current_voltage(triggered(limit=4e-6), compliance="4 uA")
    assert given["compliance_current"].method == "given"
    assert given["back_scan_resistance"].value == pytest.approx(OHM, rel=1e-4)


BIAS = there_and_back(10, 0.1)


@pytest.mark.parametrize(
    "current",
    [
        1e-6 * BIAS,
        1e-9 * BIAS**2,
        1e-12 * np.expm1(BIAS / 0.6),
        np.minimum(1e-12 * np.expm1(BIAS / 0.3), 1e-6),
        np.minimum(1e-7 * BIAS**2, 1e-6),
        1e-12 * np.ones_like(BIAS),
        1e-5 * BIAS**2 * np.exp(-40 / np.maximum(BIAS, 1e-3)),
    ],
    ids=["ohmic", "space charge", "exponential", "to compliance", "flat top", "flat", "tunnelling"],
)
def test_a_smooth_rise_is_no_trigger(current: Any) -> None:
    noise = np.random.default_rng(3).normal(size=(2, len(BIAS)))
    noisy = current * (1 + 0.03 * noise[0]) + 2e-12 * noise[1]
    for measured in (current, noisy):
        result = analyse_current_voltage(curve(BIAS, measured))
        bias = result["triggering_bias"]
        assert bias.value is None
        assert bias.flags[0] == "no abrupt rise up to 10 V"
        assert result["back_scan_resistance"].flags[0] == "no abrupt rise: no back scan after it"


def test_steps_and_spikes_of_the_amplifier_are_no_trigger() -> None:
    noise = 1e-12 * np.random.default_rng(4).normal(size=len(BIAS))
    moved = np.where(np.arange(len(BIAS)) > 40, 3e-11, 0) + noise
    result = analyse_current_voltage(curve(BIAS, moved))
    assert result["triggering_bias"].value is None
    assert "step without conduction after it left out: 4.05 V" in result["triggering_bias"].flags
    spiky = 1e-12 * BIAS + noise
    spiky[60] = 1e-8
    result = analyse_current_voltage(curve(BIAS, spiky))
    assert result["triggering_bias"].value is None
    assert "1 spikes of a single row left out" in result["triggering_bias"].flags


def test_a_rise_near_the_turning_point_is_confirmed_by_the_way_back() -> None:
    bias = there_and_back()
    on = np.arange(len(bias)) >= 99
    current = np.where(on, bias / OHM, 0) + 1e-12 * np.random.default_rng(1).normal(size=len(bias))
    result = analyse_current_voltage(curve(bias, current))
    assert result["triggering_bias"].value == pytest.approx(0.985)


def surging(first: float, second: float) -> Record:
    """Rises at 0.25 and 0.505 V: to ``first`` and to ``second`` siemens, from 1 nA/V."""
    bias = there_and_back()
    places = np.arange(len(bias))
    conducting = np.where(places > 50, second, np.where(places > 25, first, 1e-9))
    noise = 1e-12 * np.random.default_rng(0).normal(size=len(bias))
    return curve(bias, conducting * bias + noise)


def test_the_largest_of_two_rises_is_the_trigger() -> None:
    small = analyse_current_voltage(surging(5e-9, 1e-5))
    assert small["triggering_bias"].value == pytest.approx(AT)
    assert not any("competes" in flag for flag in small["triggering_bias"].flags)
    assert small.details["sweeps"][0]["other_rises_volt"] == pytest.approx([0.255])
    large = analyse_current_voltage(surging(1e-6, 1e-5))
    assert large["triggering_bias"].value == pytest.approx(0.255)
    rivals = analyse_current_voltage(surging(1e-7, 5e-5))["triggering_bias"]
    assert rivals.value == pytest.approx(AT)
    assert rivals.flags[0] == (
        "another abrupt rise, by a factor of 100, at 0.255 V competes with this one, by 510"
    )


def test_a_rounded_top_is_no_compliance() -> None:
    bias = there_and_back(1.5)
    out = bias[: len(bias) // 2 + 1]
    stripped = np.append(1e-6 * out * np.maximum(1 - (out / 1.4) ** 2, 0), 0 * out[1:])
    noise = 1e-12 * np.random.default_rng(0).normal(size=len(bias))
    found = analyse_current_voltage(curve(bias, stripped + noise))
    assert found["compliance_current"].value is None
    limited = np.minimum(1.5e-6 * bias * (np.arange(len(bias)) < 110), 5e-7)
    found = analyse_current_voltage(curve(bias, limited + noise))["compliance_current"]
    assert found.value == pytest.approx(5e-7, rel=1e-3)  # although it ends in a reset


def test_the_sign_of_the_current() -> None:
    right, turned = triggered(), triggered()
    turned = curve(turned.array("voltage_volt"), -turned.array("current_ampere"))
    found = analyse_current_voltage(turned)
    told = "the current is counted against the voltage: its sign was turned round"
    assert found["triggering_bias"].flags == (told,)
    assert [v.value for v in found] == [v.value for v in analyse_current_voltage(right)]
    both = np.concatenate([right.array("voltage_volt"), -right.array("voltage_volt")[1:]])
    size = np.abs(np.concatenate([right.array("current_ampere")] * 2)[:-1])
    found = analyse_current_voltage(curve(both, size))
    assert "has one sign at both polarities" in found["triggering_bias"].flags[0]
    assert found["triggering_bias_negative"].value == pytest.approx(-AT)
    assert found["back_scan_resistance"].value == pytest.approx(OHM, rel=1e-4)


def test_both_polarities_are_told_apart() -> None:
    first, second = triggered(side=-1), triggered(side=1)
    quiet = there_and_back() * 1e-9 + 1e-12 * np.random.default_rng(0).normal(size=201)
    voltage = np.concatenate([there_and_back(), first.array("voltage_volt")[1:]])
    current = np.concatenate([quiet, first.array("current_ampere")[1:]])
    result = analyse_current_voltage(curve(voltage, current))
    assert result["triggering_bias"].value == pytest.approx(-AT)
    assert result["triggering_bias_positive"].flags == ("no abrupt rise up to 1 V",)
    assert "triggering_bias_positive" not in analyse_current_voltage(second)


def test_rows_left_out_and_repeated() -> None:
    record = triggered()
    voltage, current = (record.array(n).copy() for n in ("voltage_volt", "current_ampere"))
    current[10] = np.nan
    kept = np.ones(len(voltage), dtype=bool)
    kept[48:53] = False
    result = analyse_current_voltage(curve(voltage[kept], current[kept]))
    bias = result["triggering_bias"]
    assert bias.value == pytest.approx(-0.5)
    assert bias.uncertainty == pytest.approx(0.06 / 12**0.5)
    assert bias.flags == ("1 rows without a number left out",)
    twice = analyse_current_voltage(curve(np.repeat(voltage, 3), np.repeat(current, 3)))
    assert twice["triggering_bias"].value == pytest.approx(-AT)


def test_a_back_scan_that_is_not_ohmic() -> None:
    bias = there_and_back()
    on = np.arange(len(bias)) > 50
    current = np.where(on, (bias + 0.2 * bias**2) / OHM, 1e-12)
    noise = 1e-9 * np.random.default_rng(2).normal(size=len(bias))
    result = analyse_current_voltage(curve(bias, current + noise))
    flags = result["back_scan_resistance"].flags
    assert any(flag.startswith("not ohmic: the line bends by 4.") for flag in flags)
    assert any("correlate" in flag for flag in flags)
    offset = np.where(on, bias / OHM + 1e-7, 1e-7)
    result = analyse_current_voltage(curve(bias, offset + noise))
    told = "the line does not pass through zero current at zero bias (1 % test)"
    assert told in result["back_scan_resistance"].flags
    assert result["back_scan_intercept"].value == pytest.approx(1e-7, rel=0.02)


def test_a_line_that_cannot_be_fitted() -> None:
    x = np.linspace(0, 1, 20)
    assert fit_back_scan(x[:4], x[:4]) is None
    assert fit_back_scan(x, -x) is None
    exact = fit_back_scan(x, x / 50)
    assert exact is not None
    assert exact.resistance == pytest.approx(50)
    assert not exact.bends


def test_a_record_without_a_back_scan_and_a_volatile_device() -> None:
    record = triggered()
    voltage, current = record.array("voltage_volt"), record.array("current_ampere")
    result = analyse_current_voltage(curve(voltage[:101], current[:101]))
    assert result["back_scan_resistance"].flags == (
        "the record has no back scan after the abrupt rise",
    )
    fallen = current.copy()
    fallen[171:] = 1e-9 * voltage[171:]
    result = analyse_current_voltage(curve(voltage, fallen))
    row = result.details["sweeps"][0]
    assert row["volatile"]
    assert row["fallen_back"]["volt"] == pytest.approx(-0.295)
    assert result["back_scan_resistance"].value == pytest.approx(OHM, rel=1e-3)
    assert "volatile" in result["back_scan_resistance"].flags[0]
    assert result.details["cycles"][0]["on_off_ratio"] is None


def memristor(
    cycles: int = 6, *, off: float = 1e8, gradual: bool = False, stuck: str = ""
) -> Record:
    """Set at -0.205 V, reset at 0.605 V; on 1 kohm, with a compliance of 0.3 mA.

    From the fourth cycle on it is ``stuck`` "on" or "off".
    """
    low = np.round(np.linspace(0, -0.4, 41), 10)
    high = np.round(np.linspace(0, 1, 101), 10)
    loop = np.concatenate([low, low[-2::-1], high[1:], high[-2::-1]])
    on = np.zeros(len(loop), dtype=bool)
    on[21 : 81 + 60] = True
    current = np.where(on, loop / 1e3, loop / off)
    if gradual:
        part = np.clip((loop - 0.5) / 0.5, 0, 1)
        first = np.arange(len(loop)) <= 180
        late = (np.arange(len(loop)) > 80) & first
        current = np.where(late, loop * 10 ** (-3 - part * np.log10(off / 1e3)), current)
    current = np.where(loop < 0, np.maximum(current, -3e-4), current)
    noise = np.random.default_rng(7)
    voltage = np.concatenate([loop, *[loop[1:]] * (cycles - 1)])
    later = [current[1:]] * (cycles - 1)
    if stuck:
        stays = np.maximum(loop / (1e3 if stuck == "on" else off), -3e-4)[1:]
        last_set = np.where(np.arange(len(loop)) > 21, np.append(0, stays), current)[1:]
        later[2:] = [last_set if stuck == "on" else stays, *[stays] * (cycles - 4)]
    whole = np.concatenate([current, *later])
    return curve(voltage, whole + 1e-12 * noise.normal(size=len(voltage)))


def test_set_reset_and_ratio_through_the_cycles() -> None:
    result = analyse_current_voltage(memristor())
    assert result["set_voltage"].value == pytest.approx(-0.205)
    assert result["reset_voltage"].value == pytest.approx(0.605)
    assert result["low_resistance"].value == pytest.approx(1e3, rel=1e-3)
    assert result["on_off_ratio"].value == pytest.approx(1e5, rel=0.03)
    assert "0.0205 V (a tenth of the smallest set voltage)" in result["on_off_ratio"].method
    assert len(result.details["cycles"]) == 6
    assert result["on_off_ratio_trend"].value == pytest.approx(0, abs=0.01)
    assert result["on_off_ratio_spread"].value == pytest.approx(1, abs=0.05)
    read = analyse_current_voltage(memristor(), read_voltage="-100 mV")
    assert "at 0.1 V (given)" in read["on_off_ratio"].method
    assert read["on_off_ratio_first"].value == pytest.approx(1e5, rel=0.01)
    beyond = analyse_current_voltage(memristor(), read_voltage=0.3)
    assert beyond["on_off_ratio"].value is None
    assert beyond.details["cycles"][0]["flags"] == ["set before the read voltage"]


@pytest.mark.parametrize("state", ["on", "off"])
def test_a_device_that_no_longer_switches_is_stuck(state: str) -> None:
    result = analyse_current_voltage(memristor(stuck=state))
    last = result["on_off_ratio_last"]
    assert last.value == pytest.approx(1, abs=0.05)
    assert last.flags[0] == f"cycle 6: not set, {state} throughout"
    for name in ("on_off_ratio", "on_off_ratio_last", "on_off_ratio_trend"):
        assert f"stuck {state} since cycle 4" in result[name].flags
    assert result["on_off_ratio"].value == pytest.approx(1e5, rel=0.03)
    idle = 2 if state == "on" else 3
    assert f"{idle} of 6 cycles stay in one state: not in the mean" in result["on_off_ratio"].flags
    ohm = {"on": 1e3, "off": 1e8}[state]
    for name in ("low_resistance_ohm", "high_resistance_ohm"):
        assert result.details["cycles"][5][name] == pytest.approx(ohm, rel=0.05)


def test_a_device_stuck_at_the_floor_has_no_last_ratio() -> None:
    last = analyse_current_voltage(memristor(off=1e13, stuck="off"))["on_off_ratio_last"]
    assert last.value is None
    assert "both currents are at the floor: no ratio" in last.flags[0]
    assert last.flags[1] == "stuck off since cycle 4"


def test_currents_of_the_wrong_sign_tell_no_state() -> None:
    loop: Any = SimpleNamespace(polarity=1)
    setting = Scan(
        loop,
        Event(0.4, 0.41, 41, True),
        None,
        None,
        (),
        outward=Reading(-2e-6, 1e-9, False),
        inward=Reading(-1e-6, 1e-9, False),
    )
    idle = replace(setting, set=None, outward=setting.inward)
    rows = cycle_rows([setting, idle], [1, 2], 0.05, None)
    assert [row["stays"] for row in rows] == ["", ""]
    assert rows[1]["flags"] == ["not set"]


def test_an_off_current_at_the_floor_bounds_the_ratio() -> None:
    result = analyse_current_voltage(memristor(off=1e13))
    ratio = result["on_off_ratio"]
    assert ratio.flags[0].startswith("lower bound: ")
    assert ratio.flags[0].endswith("6 of 6 cycles")
    assert 1e6 < (ratio.value or 0) < 1e10
    given = analyse_current_voltage(memristor(), floor="1 nA")
    assert given["on_off_ratio"].value == pytest.approx(0.0205e-3 / 1e-9, rel=0.01)
    assert given["on_off_ratio"].flags[0].startswith("lower bound: ")
    assert given["current_floor"].method == "given"


def test_a_gradual_reset_is_at_the_largest_current() -> None:
    result = analyse_current_voltage(memristor(gradual=True))
    assert result["reset_voltage"].value == pytest.approx(0.5, abs=0.03)
    assert result["reset_voltage"].flags[0] == "gradual in 6 cycles: at the largest current"


def test_unipolar_cycles_and_the_records_own_count() -> None:
    set_loop = there_and_back(0.6)
    on = np.arange(len(set_loop)) > 40
    setting = np.minimum(np.where(on, set_loop / 1e3, set_loop / 1e8), 3e-4)
    reset_loop = there_and_back(0.5)
    off = np.arange(len(reset_loop)) > 35
    resetting = np.where(off, reset_loop / 1e8, reset_loop / 1e3)
    voltage = np.concatenate([set_loop, reset_loop[1:]] + [set_loop[1:], reset_loop[1:]] * 2)
    current = np.concatenate([setting, resetting[1:]] + [setting[1:], resetting[1:]] * 2)
    current = current + 1e-12 * np.random.default_rng(0).normal(size=len(current))
    result = analyse_current_voltage(curve(voltage, current))
    assert [row["cycle"] for row in result.details["cycles"]] == [1, 2, 3]
    assert result["set_voltage"].value == pytest.approx(0.405)
    assert result["reset_voltage"].value == pytest.approx(0.355)
    count = np.ones(len(voltage))
    count[300:] = 9
    counted = analyse_current_voltage(curve(voltage, current, cycle_count=count))
    assert {row["cycle"] for row in counted.details["cycles"]} == {1, 9}


@settings(max_examples=25, deadline=None)
@given(
    scale=st.floats(-6, 6).map(lambda power: 10.0**power),
    stretch=st.floats(-2, 1).map(lambda power: 10.0**power),
    side=st.sampled_from([-1, 1]),
    seed=st.integers(0, 3),
)
def test_units_and_polarity_do_not_matter(
    scale: float, stretch: float, side: int, seed: int
) -> None:
    record = triggered(seed=seed, side=1)
    changed = curve(
        side * stretch * record.array("voltage_volt"),
        side * scale * record.array("current_ampere"),
    )
    one, other = analyse_current_voltage(record), analyse_current_voltage(changed)
    bias = one["triggering_bias"].value
    assert bias is not None
    assert other["triggering_bias"].value == pytest.approx(side * stretch * bias)
    resistance = one["back_scan_resistance"].value
    assert resistance is not None
    assert other["back_scan_resistance"].value == pytest.approx(resistance * stretch / scale)


@pytest.mark.parametrize(
    ("record", "options", "error", "message"),
    [
        (curve([1, 2, 3], [1, 2, 3]), {}, InputError, "a tip has 3 rows with numbers in"),
        (curve([1.0] * 9, [1.0] * 9), {}, InputError, "does not scan out from zero volt"),
        (curve(np.arange(9), np.zeros(9)), {}, InputError, "the current is zero in every row"),
        (triggered(), {"read_voltage": "1 A"}, UnitError, "read_voltage: '1 A'"),
        (triggered(), {"read_voltage": 0}, InputError, "read_voltage: 0 must not be zero"),
        (triggered(), {"compliance": -1}, InputError, "compliance: -1 must be above 0"),
        (triggered(), {"floor": "x"}, InputError, "floor: 'x' does not begin with a number"),
    ],
)
def test_what_cannot_be_analysed(
    record: Record, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        analyse_current_voltage(record, **options)


# --- places ------------------------------------------------------------------------------


def result_of(bias: float | None, highest: float = 10.0, side: str = "negative") -> Result:
    return Result(
        "a curve",
        (Value("triggering_bias", bias, "V"),),
        {"highest_bias_volt": {side: highest}},
    )


BOUNDARY = [0.08, 0.1, 0.12, 0.15, 0.2, 0.11]
INTERIOR = [8.0, 9.0, 9.5, 7.0, 9.9, 8.8]


def test_places_that_all_triggered() -> None:
    groups = {
        "grain boundary": [result_of(-bias) for bias in BOUNDARY],
        "Grain interior": [result_of(-bias) for bias in INTERIOR],
    }
    result = compare_triggering(groups)
    p_value = result["p_value_grain_boundary_vs_grain_interior"]
    assert p_value.value == pytest.approx(mannwhitneyu(BOUNDARY, INTERIOR, method="exact").pvalue)
    assert result["superiority_grain_boundary_vs_grain_interior"].value == 1
    assert result["triggered_fraction_grain_boundary"].value == 1
    assert result["median_bias_grain_boundary"].value == 0.11
    assert result["median_difference_grain_boundary_vs_grain_interior"].value == pytest.approx(8.69)
    assert compare_triggering(groups) == result


def test_the_interval_of_few_places_that_all_triggered() -> None:
    few = compare_triggering({"a": [result_of(-bias) for bias in INTERIOR[:5]]})["median_bias_a"]
    assert few.uncertainty is None
    assert few.flags == ("5 curves are too few for the upper end of a 95 % interval",)
    six = compare_triggering({"a": [result_of(-bias) for bias in INTERIOR]})
    assert six.details["places"]["a"]["median_interval_95"] == [7.0, 9.9]
    assert six["median_bias_a"].flags == ()


def test_places_of_which_some_did_not_trigger() -> None:
    groups = {
        "boundary": [result_of(-bias) for bias in BOUNDARY],
        "interior": [result_of(-9.0), *[result_of(None)] * 3],
    }
    result = compare_triggering(groups)
    assert result["median_bias_interior"].value is None
    assert result["median_bias_interior"].flags == (
        "1 of 4 triggered: the median is above what was applied",
        "only 4 curves",
    )
    assert "log-rank, all 210 permutations" in result["p_value_boundary_vs_interior"].method
    assert 0 < (result["p_value_boundary_vs_interior"].value or 0) < 0.02
    assert "at least about 9.89 V" in result["median_difference_boundary_vs_interior"].flags[0]
    short = {**groups, "interior": [result_of(-2.0), result_of(None, 3), result_of(None, 9)]}
    flags = compare_triggering(short)["p_value_boundary_vs_interior"].flags
    assert flags[0].startswith("curves end at different biases")


def test_records_are_analysed() -> None:
    result = compare_triggering({"a": [triggered(seed=seed) for seed in range(3)]})
    assert result["median_bias_a"].value == pytest.approx(AT)
    assert result["weibull_shape_a"].flags[0] == "fewer than two different triggering biases"


def test_statistics_agree_with_scipy() -> None:
    rng = np.random.default_rng(3)
    sizes = 3 * rng.weibull(2, size=30)
    sample = Sample(np.minimum(sizes, 3), sizes <= 3)
    found = fit_weibull(sample)
    assert found is not None
    right = np.full(int(np.sum(sizes > 3)), 3.0)
    peer = weibull_min.fit(CensoredData(uncensored=sizes[sizes <= 3], right=right), floc=0)
    assert (found.shape, found.scale) == pytest.approx((peer[0], peer[2]), rel=1e-3)
    other = Sample(np.minimum(1.3 * sizes[::-1], 3), 1.3 * sizes[::-1] <= 3)
    p, how = permuted_log_rank(sample, other, rng)
    censored = [
        CensoredData(uncensored=s.sizes[s.seen], right=s.sizes[~s.seen]) for s in (sample, other)
    ]
    assert p == pytest.approx(logrank(*censored).pvalue, abs=0.03)
    assert how == "9999 random permutations"
    assert superiority(sample, sample)[0] == pytest.approx(0.5)


def test_permutations_drawn_in_parts_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """And it does not matter which sample is the larger one."""
    rng = np.random.default_rng(4)
    few, many = (
        Sample(np.minimum(sizes, 3), sizes <= 3)
        for sizes in (3 * rng.weibull(2, size=12), 4 * rng.weibull(2, size=30))
    )

    def found() -> list[tuple[float, str]]:
        pairs = ((few, many), (many, few))
        return [permuted_log_rank(*pair, np.random.default_rng(5)) for pair in pairs]

    at_once = found()
    assert 0.1 < at_once[0][0] < 0.9
    assert at_once[1][0] == pytest.approx(at_once[0][0], abs=0.03)
    size = "solith.analysis._current_voltage.censored._AT_ONCE"
    monkeypatch.setattr(size, 42 * 1000)  # ten parts, the last one shorter
    assert found() == at_once


def test_all_permutations_of_a_single_curve_and_many() -> None:
    """One of many: its place among all, by enumeration, whichever comes first."""
    many, one = (
        Sample(np.arange(1.0, 20), np.ones(19, bool)),
        Sample(np.array([20.0]), np.ones(1, bool)),
    )
    for pair in ((one, many), (many, one)):
        assert permuted_log_rank(*pair, np.random.default_rng(0)) == (0.05, "all 20 permutations")


@pytest.mark.parametrize(
    ("groups", "options", "error", "message"),
    [
        ({}, {}, InputError, "there is no group of curves"),
        ({"a": []}, {}, InputError, "a: expected a list of curves"),
        ({"a": [3]}, {}, InputError, "a: expected results of analyse_current_voltage"),
        (
            {"a": [result_of(1.0, side="positive"), result_of(-1.0)]},
            {},
            InputError,
            "choose with side=",
        ),
        ({"a": [result_of(-1.0)]}, {"side": "up"}, UnknownNameError, "unknown side 'up'"),
        (
            {"a b": [result_of(-1.0)], "a-b": [result_of(-1.0)]},
            {},
            InputError,
            "places must differ in their letters",
        ),
    ],
)
def test_groups_that_cannot_be_compared(
    groups: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        compare_triggering(groups, **options)


def test_the_side_may_be_chosen() -> None:
    both = result_of(1.0, side="positive")
    both = replace(both, details={"highest_bias_volt": {"positive": 2.0, "negative": 5.0}})
    result = compare_triggering({"a": [both, result_of(-1.0)]}, side="negative")
    assert result.details["places"]["a"]["not_up_to_volt"] == [5.0]
    with pytest.raises(InputError, match="a: a curve was not scanned to positive bias"):
        compare_triggering({"a": [both, result_of(-1.0)]}, side="positive")


@pytest.mark.parametrize("side", [None, "negative"])
def test_curves_are_censored_on_the_side_that_is_compared(side: str | None) -> None:
    quiet = replace(
        result_of(None), details={"highest_bias_volt": {"negative": 2.0, "positive": 5.0}}
    )
    result = compare_triggering({"a": [result_of(-1.0), quiet]}, side=side)
    assert result.details["places"]["a"]["not_up_to_volt"] == [2.0]
    with pytest.raises(InputError, match="no curve triggered, and they scan to negative and"):
        compare_triggering({"a": [quiet]})
