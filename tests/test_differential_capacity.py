"""dQ/dV and dV/dQ: known peaks, conserved capacity, what is left out and what is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.real_files import real_file

import solith
from solith.analysis import find_differential_capacity
from solith.analysis._cycling.smooth_density import smooth_density
from solith.analysis._voltage_noise import find_noise, find_resolution
from solith.core.errors import InputError, UnknownNameError
from solith.core.record import Record
from solith.figures import (
    plot_charge_discharge,
    plot_differential_capacity,
    plot_differential_voltage,
)

PEAKS = (3.7, 3.9)
WIDTH = 0.02
VOLTAGE = np.linspace(3.3, 4.2, 20001)


def capacity(voltage: Any) -> Any:
    """Two logistic steps of 1 mAh each on 0.5 mAh/V."""
    return sum(1 / (1 + np.exp(-(voltage - at) / WIDTH)) for at in PEAKS) + 0.5 * voltage


def cycle(rows: int = 800, *, noise: float = 0.0, hold: bool = False, **changes: Any) -> Record:
    """A charge and a discharge at 1 mA, with a hold at 4.2 V and a rest in between."""
    passed = np.linspace(capacity(3.3), capacity(4.2), rows)
    up = np.interp(passed, capacity(VOLTAGE), VOLTAGE)
    time = (passed - passed[0]) * 3600
    fade = np.linspace(10, 3600, 50)
    held = (time[-1] + fade, np.full(50, 4.2), 1e-3 * np.exp(-fade / 900)) if hold else ([],) * 3
    voltage = np.concatenate([up, held[1], [4.2, 4.2], up[::-1]])
    voltage = voltage + noise * np.random.default_rng(3).normal(size=voltage.size)
    columns: dict[str, Any] = {
        "test_time_second": np.concatenate(
            [time, held[0], time[-1] + np.array([4000, 5000]), time[-1] + 5001 + time]
        ),
        "voltage_volt": voltage,
        "current_ampere": np.concatenate(
            [np.full(rows, 1e-3), held[2], [0, 0], np.full(rows, -1e-3)]
        ),
    }
    return Record.from_arrays("cycling", name="two steps", **{**columns, **changes})


def test_peaks_are_where_they_were_put() -> None:
    result = find_differential_capacity(cycle())
    for way in ("charge", "discharge"):
        for number, at in enumerate(PEAKS, start=1):
            found = result[f"{way}_peak_{number}_potential"]
            assert found.value == pytest.approx(at, abs=1e-4)
            assert found.unit == "V"
            # 1 mAh / (4 x 20 mV), on 0.5 mAh/V and the foot of the other peak
            assert result[f"{way}_peak_{number}_height"].value == pytest.approx(13.0, rel=0.01)
    middle = result["charge_voltage_peak_1_capacity"].value
    assert middle == pytest.approx(1 + 0.5 * 0.5, abs=2e-3)  # half-way between the peaks
    assert "smoothing 3 mV" in result["charge_peak_1_potential"].method


@pytest.mark.parametrize("noise", [0.0, 1e-4, 2e-3, 2e-2])
def test_the_capacity_is_kept_whatever_the_noise(noise: float) -> None:
    result = find_differential_capacity(cycle(noise=noise))
    for half in result.details["half_cycles"]:
        volts, curve = np.array(half["voltage_volt"]), np.array(half["dq_dv"])
        assert np.sum(curve) * (volts[1] - volts[0]) == pytest.approx(half["capacity"], rel=1e-9)
        assert abs(half["closure_percent"]) < 1e-7


def test_smoothing_follows_the_noise_and_is_told() -> None:
    widths = []
    for noise in (1e-4, 1e-3, 5e-3):
        half = find_differential_capacity(cycle(noise=noise)).details["half_cycles"][0]
        assert half["noise_volt"] == pytest.approx(noise, rel=0.15)
        widths.append(half["smoothing_volt"])
    assert widths[0] < widths[1] < widths[2]
    given = find_differential_capacity(cycle(), smoothing="12 mV")
    assert given.details["half_cycles"][0]["smoothing_volt"] == pytest.approx(0.012)
    assert "smoothing 12 mV" in given["charge_peak_1_height"].method


def test_a_hold_is_left_out() -> None:
    plain, held = (find_differential_capacity(cycle(hold=hold)) for hold in (False, True))
    assert held["charge_capacity"].value == pytest.approx(plain["charge_capacity"].value, rel=2e-3)
    told = held["charge_capacity"].flags
    assert any("passed in a hold or at other currents than 1 mA and is left out" in f for f in told)
    assert held["charge_peak_2_potential"].value == pytest.approx(3.9, abs=1e-4)


def test_a_plateau_is_one_finite_peak() -> None:
    time = np.arange(400.0) * 36
    voltage = np.concatenate(
        [np.linspace(3.0, 3.4, 100), np.full(200, 3.4), np.linspace(3.4, 4, 100)]
    )
    record = Record.from_arrays(
        "cycling", test_time_second=time, voltage_volt=voltage, current_ampere=np.full(400, 1e-3)
    )
    result = find_differential_capacity(record)
    assert result["charge_peak_1_potential"].value == pytest.approx(3.4, abs=1e-3)
    assert "hardly wider than the smoothing" in result["charge_peak_1_height"].flags[0]
    assert np.isfinite(result["charge_peak_1_height"].value or np.nan)
    (half,) = result.details["half_cycles"]
    assert half["integral"] == pytest.approx(half["capacity"], rel=1e-9)


def test_of_many_gaps_the_largest_are_told() -> None:
    record = cycle()
    edges = ((3.4, 3.55), (3.66, 3.69), (3.7, 3.72), (3.87, 3.89), (3.91, 3.93))
    for edge in edges:
        record = record.without(voltage_volt=edge)
    told = find_differential_capacity(record)["charge_capacity"].flags
    gaps = [flag for flag in told if flag.startswith("no rows")]
    assert len(gaps) == 4
    assert any("between 3.7 and 3.72 V" in flag for flag in gaps[:3])
    assert gaps[3].startswith("no rows in 2 smaller gaps, ")


def test_a_gap_and_a_wrong_sign_are_told() -> None:
    gap = find_differential_capacity(cycle().without(voltage_volt=(3.85, 3.95)))
    told = gap["charge_capacity"].flags
    assert any(flag.startswith("no rows between 3.85 and 3.95 V") for flag in told)
    assert gap["charge_peak_1_potential"].value == pytest.approx(3.7, abs=1e-4)
    record = cycle()
    swapped = cycle(current_ampere=-record.array("current_ampere"))
    for value in find_differential_capacity(swapped):
        assert any("sign may be the wrong way round" in flag for flag in value.flags)


@settings(max_examples=15, deadline=None)
@given(
    current=st.floats(1e-6, 1e3),
    shift=st.floats(0, 1e6),
    offset=st.floats(-2, 2),
    mass=st.booleans(),
)
def test_units_time_and_reference_only_move_the_axes(
    current: float, shift: float, offset: float, mass: bool
) -> None:
    record = cycle(300, noise=5e-4)
    changed = cycle(
        300,
        noise=5e-4,
        current_ampere=record.array("current_ampere") * current,
        test_time_second=record.array("test_time_second") + shift,
        voltage_volt=record.array("voltage_volt") + offset,
    )
    one, other = (
        find_differential_capacity(record),
        find_differential_capacity(changed.with_facts(active_mass=1e-3) if mass else changed),
    )
    here, there = one["charge_peak_1_potential"], other["charge_peak_1_potential"]
    assert there.value == pytest.approx((here.value or 0) + offset, abs=2e-5)
    assert there.uncertainty == pytest.approx(here.uncertainty, rel=0.02)
    height = other["charge_peak_1_height"]
    assert height.unit == ("mAh/g/V" if mass else "mAh/V")
    assert height.value == pytest.approx(
        (one["charge_peak_1_height"].value or 0) * current, rel=5e-3
    )


def test_which_cycles() -> None:
    record = cycle()
    part = record.select(test_time_second=(0.0, 1800.0))
    later = {name: record.array(name) for name in ("voltage_volt", "current_ampere")}
    columns = {
        name: np.concatenate([part.array(name), values, values]) for name, values in later.items()
    }
    time = record.array("test_time_second")
    columns["test_time_second"] = np.concatenate(
        [part.array("test_time_second"), 3000 + time, 4000 + time[-1] + time]
    )
    columns["cycle_count"] = np.repeat([1, 2, 3], [len(part), len(record), len(record)])
    three = Record.from_arrays("cycling", name="three", **columns)
    assert find_differential_capacity(three).details["cycles_chosen"] == [2]
    several = find_differential_capacity(three, cycle=[3, 2])
    assert [half["cycle"] for half in several.details["half_cycles"]] == [3, 3, 2, 2]
    figure = plot_differential_capacity(several)
    assert [trace.name for trace in figure.data if trace.showlegend] == ["Cycle 3", "Cycle 2"]
    assert min(figure.data[1].y) < -10 < 10 < max(figure.data[0].y)
    assert figure.layout.yaxis.title.text == "dQ/dV (mAh V<sup>-1</sup>)"
    assert plot_differential_voltage(several).layout.xaxis.title.text == "Capacity (mAh)"
    drawn = plot_charge_discharge(three)
    assert drawn.data[0].name == "three, cycle 2"
    assert len(plot_charge_discharge(three, cycle=[2, 3]).data) == 4
    with pytest.raises(UnknownNameError, match=r"cycle '4'"):
        find_differential_capacity(three, cycle=4)
    with pytest.raises(InputError, match="'2' is not the number of a cycle"):
        find_differential_capacity(three, cycle="2")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="cycle: names no cycle"):
        find_differential_capacity(three, cycle=[])


def test_what_cannot_be_done_is_told() -> None:
    few = cycle(5)
    with pytest.raises(InputError, match="two steps: cycle 1 has fewer than 12 rows at constant"):
        find_differential_capacity(few)
    with pytest.raises(InputError, match="smoothing: '0 mV' must be above 0"):
        find_differential_capacity(cycle(), smoothing="0 mV")
    rest = cycle(20, current_ampere=np.zeros(42))
    with pytest.raises(InputError, match="two steps holds no charge and no discharge"):
        find_differential_capacity(rest)
    with pytest.raises(InputError, match="holds no dQ/dV; expected a result of find_diff"):
        plot_differential_capacity(solith.analyse(cycle()))


def test_noise_and_resolution_are_found() -> None:
    scatter = np.random.default_rng(1).normal(size=3000)
    charge = np.linspace(0, 1, 3000)
    curve = 3.5 + 0.5 * charge**2
    assert find_noise(charge, curve + 1e-3 * scatter) == pytest.approx(1e-3, rel=0.06)
    assert find_noise(charge, curve) < 1e-9
    assert find_resolution(np.round(curve, 3)) == pytest.approx(1e-3)
    assert find_resolution(curve + 1e-3 * scatter) == 0.0


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(-1, 1), min_size=3, max_size=40).filter(lambda ends: np.ptp(ends) > 1e-3),
    st.floats(0.01, 0.5),
)
def test_the_integral_of_a_density_is_the_amount(ends: list[float], part: float) -> None:
    places = np.array(ends)
    amounts = np.arange(1.0, len(ends))
    density = smooth_density(
        places, amounts, part * float(np.ptp(places)), row_places=places, row_weights=places * 0
    )
    assert density.total == pytest.approx(float(np.sum(amounts)), rel=1e-6)


def test_a_measured_cell_keeps_its_capacity() -> None:
    path = real_file("cycler/jdb11-1_c3_gcpl_5cycles_2V-3p8V_C-24_data_C09.mpr")
    result = find_differential_capacity(solith.read(path)[0])
    assert result.details["cycles_chosen"] == [2]
    for half in result.details["half_cycles"]:
        assert abs(half["closure_percent"]) < 1e-6
        assert len(half["peaks"]) >= 5
