"""Critical current density: steps, shorts, limits and what is none of these."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.real_files import real_file

import solith
from solith.analysis import analyse_symmetric_cycling, find_critical_current
from solith.analysis._symmetric.steps import find_current_steps, looks_symmetric
from solith.analysis._symmetric.table import LITHIUM_VOLUME
from solith.cell import Cycling, SymmetricCell, cycle, simulate, stepped_current
from solith.core.constants import FARADAY
from solith.core.errors import InputError
from solith.figures import plot_critical_current
from solith.materials import find_material

AREA = 1e-4  # m2: 1 mA is 1 mA/cm2
OHMS = 100.0
LEVELS = tuple(np.arange(1, 9) / 10)


def stepped(levels=LEVELS, per=60, rest=6, ways=(1, -1), noise=0.002, seed=1):
    """Time [s], voltage [V], current [A] and number of the step (0 at rest) of an ohmic test."""
    time, current, number, clock, count = [], [], [], 0.0, 0
    for level in levels:
        for way in ways:
            count += 1
            for rows, amperes, mark in ((per, way * level * 1e-3, count), (rest, 0.0, 0)):
                time.append(clock + 60.0 * np.arange(rows))
                current.append(np.full(rows, amperes))
                number.append(np.full(rows, mark))
                clock += 60.0 * rows
    columns = [np.concatenate(parts) for parts in (time, current, number)]
    rng = np.random.default_rng(seed)
    voltage = OHMS * columns[1] * (1 + noise * rng.normal(size=len(columns[1])))
    return columns[0], voltage + 1e-6 * rng.normal(size=len(voltage)), columns[1], columns[2]


def recorded(time, voltage, current, area=AREA):
    facts = {} if area is None else {"geometric_area_m2": area}
    return solith.Record.from_arrays(
        "cycling",
        attributes=facts,
        test_time_second=time,
        voltage_volt=voltage,
        current_ampere=current,
    )


def shorted(step, after=20, part=0.6, until=None, **changes):
    """A test that keeps ``part`` of its voltage from row ``after`` of ``step`` on."""
    time, voltage, current, number = stepped(**changes)
    first = int(np.flatnonzero(number == step)[0]) + after
    last = len(time) if until is None else int(np.flatnonzero(number == until)[0])
    voltage[first:last] *= part
    return recorded(time, voltage, current), time[first]


def test_without_a_short_the_value_is_a_lower_bound():
    result = find_critical_current(recorded(*stepped()[:3]))
    value = result["critical_current_density"]
    assert value.value == pytest.approx(0.8, rel=1e-3)
    assert (value.unit, value.area, value.uncertainty) == ("mA/cm2", "geometric", None)
    assert value.flags[0] == "lower bound: no failure up to 0.8 mA/cm2"
    assert result["first_failing_current_density"].value is None
    assert result["time_of_failure"].flags == ("no step failed",)
    assert result.details["failure"] == "none"
    resistance = result["area_resistance"]
    assert abs(resistance.value - OHMS) < 3 * resistance.uncertainty
    assert resistance.value == pytest.approx(OHMS, rel=1e-3)
    assert len(result.details["steps"]) == 16
    assert set(result.details["units"]) <= set(result.details["steps"][0])


@pytest.mark.parametrize(("part", "kind"), [(0.6, "soft short"), (0.02, "hard short")])
@pytest.mark.parametrize("after", [4, 30, 56])
def test_a_short_within_a_step_is_found_in_that_step(part, kind, after):
    record, time = shorted(9, after, part)
    result = find_critical_current(record)
    assert (result.details["failure"], result.details["failing_step"]) == (kind, 9)
    assert result["critical_current_density"].value == pytest.approx(0.4, rel=1e-3)
    assert result["first_failing_current_density"].value == pytest.approx(0.5, rel=1e-3)
    found = result["time_of_failure"]
    assert abs(3600 * found.value - time) <= 60
    spread = result["critical_current_density"].uncertainty
    assert spread == pytest.approx(0.1 / 3**0.5, rel=1e-2)
    event = result.details["events"][0]
    assert event["resistance_after"] == pytest.approx(part * OHMS, rel=0.02)
    passed = 4 * 2 * (0.1 + 0.2 + 0.3 + 0.4) / 4 + 0.5 * after / 60
    assert result["cumulative_capacity"].value == pytest.approx(passed, rel=0.03)


@pytest.mark.parametrize("after", [1, 2, 3, 57, 58, 59])
@pytest.mark.parametrize("rest", [0, 6])
def test_a_hard_short_at_the_ends_of_a_step_is_timed_to_a_row(after, rest):
    record, time = shorted(9, after=after, part=0.02, rest=rest)
    result = find_critical_current(record)
    assert result.details["failure"] == "hard short"
    assert result.details["failing_step"] == 9
    at = result["time_of_failure"]
    assert 3600 * at.value == pytest.approx(time - 30)
    assert 3600 * at.uncertainty == pytest.approx(60 / 12**0.5)


def test_a_low_last_row_alone_is_an_outlier():
    time, voltage, current, number = stepped(rest=0)
    voltage[np.flatnonzero(number == 9)[-1]] *= 0.1
    assert find_critical_current(recorded(time, voltage, current)).details["failure"] == "none"


def test_a_collapse_that_comes_back_is_a_soft_short():
    record, _ = shorted(9, 20, 0.02, until=11)
    result = find_critical_current(record)
    assert (result.details["failure"], result.details["failing_step"]) == ("soft short", 9)


def test_what_is_left_in_the_leads_does_not_hide_a_hard_short():
    record, _ = shorted(9, 20, 0.25)
    assert find_critical_current(record).details["failure"] == "soft short"
    assert find_critical_current(record, leads="20 ohm").details["failure"] == "hard short"


def test_a_short_in_the_rest_before_a_step_belongs_to_that_step():
    record, _ = shorted(10, 0, 0.5)
    result = find_critical_current(record)
    assert (result.details["failure"], result.details["failing_step"]) == ("soft short", 10)
    assert result.details["events"][0]["sign"].startswith("below the polarisation")


def test_a_fall_within_a_step_that_the_next_switch_takes_back_is_a_soft_short():
    time, voltage, current, number = stepped()
    mine = number == 9
    voltage[mine] *= np.linspace(1, 0.6, 60)
    result = find_critical_current(recorded(time, voltage, current))
    assert (result.details["failure"], result.details["failing_step"]) == ("soft short", 9)
    assert result.details["events"][0]["recovered"] > 0.8


def test_a_voltage_that_fluctuates_is_a_soft_short():
    time, voltage, current, number = stepped()
    mine = number == 9
    voltage[mine] *= 1 - 0.08 * np.abs(np.random.default_rng(0).normal(size=60))
    result = find_critical_current(recorded(time, voltage, current))
    assert (result.details["failure"], result.details["failing_step"]) == ("soft short", 9)
    assert result.details["events"][0]["sign"] == "the voltage fluctuates"


def test_slow_changes_are_no_short():
    time, voltage, current, _ = stepped()
    share = time / time[-1]
    rows = np.arange(len(time)) % 66
    for shape in (
        1 - 0.4 * share,
        1 + 0.4 * share,
        1 + 0.3 * np.exp(-rows / 5.0),
        1 - 0.3 * np.exp(-rows / 10.0),
    ):
        result = find_critical_current(recorded(time, voltage * shape, current))
        assert result.details["failure"] == "none", shape[:3]


def test_bent_kinetics_are_no_short_and_are_told():
    time, voltage, current, _ = stepped(levels=0.1 * 2.0 ** np.arange(7))
    bent = np.arcsinh(current / 5e-4) * 5e-4 / np.where(current == 0, 1, current)
    result = find_critical_current(
        recorded(time, voltage * np.where(current == 0, 1, bent), current)
    )
    assert result.details["failure"] == "none"
    assert "polarisation bends against current" in result["area_resistance"].flags[0]


def test_single_outliers_are_no_short():
    time, voltage, current, number = stepped()
    voltage[np.flatnonzero(number == 7)[[10, 30]]] *= [0.1, 3.0]
    result = find_critical_current(recorded(time, voltage, current))
    assert result.details["failure"] == "none"


def test_a_step_that_the_voltage_limit_ends_fails_by_polarisation():
    time, voltage, current, number = stepped()
    mine = np.flatnonzero(number == 9)
    voltage[mine] *= np.linspace(1, 2, 60)
    kept = np.ones(len(time), dtype=bool)
    kept[mine[30:]] = False
    later = time > time[mine[-1]]
    time = np.where(later, time - 30 * 60.0, time)
    result = find_critical_current(recorded(time[kept], voltage[kept], current[kept]))
    assert (result.details["failure"], result.details["failing_step"]) == ("polarisation limit", 9)
    assert result["critical_current_density"].value == pytest.approx(0.4, rel=1e-3)
    limit = find_critical_current(recorded(*stepped()[:3]), voltage_limit="75 mV")
    assert limit.details["failing_step"] == 15
    assert "0.075 V reached" in limit["first_failing_current_density"].method


def test_a_current_that_is_let_go_at_the_limit_fails_by_polarisation():
    time, voltage, current, number = stepped()
    mine = np.flatnonzero(number == 9)
    voltage[mine] *= np.linspace(1, 1.5, 60)
    current[mine[30:]] *= np.exp(-np.arange(30) / 10.0)
    voltage[mine[30:]] = voltage[mine[29]]
    result = find_critical_current(recorded(time, voltage, current))
    assert (result.details["failure"], result.details["failing_step"]) == ("polarisation limit", 9)
    assert result["first_failing_current_density"].value == pytest.approx(0.5, rel=1e-2)
    assert "the current was let go" in result["first_failing_current_density"].method


def test_a_last_step_that_was_stopped_does_not_count():
    time, voltage, current, _ = stepped(rest=0)
    result = find_critical_current(recorded(time[:-30], voltage[:-30], current[:-30]))
    assert result.details["failure"] == "none"
    assert "step 16 was cut short and does not count as completed" in (
        result["critical_current_density"].flags
    )
    alone = time < time[-1] - 59.5 * 60 - 30 * 60
    result = find_critical_current(recorded(time[alone], voltage[alone], current[alone]))
    assert result["critical_current_density"].value == pytest.approx(0.7, rel=1e-3)


def test_the_lowest_current_that_fails_leaves_no_value():
    record, _ = shorted(1, 20, 0.02)
    value = find_critical_current(record)["critical_current_density"]
    assert value.value is None
    assert "the lowest current failed" in value.flags[0]


def test_a_staircase_in_one_direction_without_rests():
    time, voltage, current, number = stepped(ways=(1,), rest=0)
    _, steps, _ = find_current_steps(recorded(time, voltage, current))
    assert [step.level for step in steps] == list(range(1, 9))
    voltage[np.flatnonzero(number == 5)[15] :] *= 0.7
    result = find_critical_current(recorded(time, voltage, current))
    assert (result.details["failure"], result.details["failing_step"]) == ("soft short", 5)


def test_repeated_steps_are_of_one_level():
    _, steps, _ = find_current_steps(recorded(*stepped(levels=(0.1, 0.1, 0.2, 0.2))[:3]))
    assert [step.level for step in steps] == [1, 1, 1, 1, 2, 2, 2, 2]


def test_without_an_area_nothing_is_a_density():
    result = find_critical_current(recorded(*stepped()[:3], area=None))
    value = result["critical_current"]
    assert (value.unit, value.area) == ("A", "")
    assert value.value == pytest.approx(8e-4, rel=1e-3)
    assert any(flag.startswith("no geometric area") for flag in value.flags)
    assert result["resistance"].unit == "ohm"
    assert result["plated_thickness"].value is None
    given = find_critical_current(recorded(*stepped()[:3], area=None), area="2 cm2")
    assert given["critical_current_density"].value == pytest.approx(0.4, rel=1e-3)


@given(
    scale=st.floats(1e-3, 1e3),
    shift=st.floats(-1e5, 1e5),
    turn=st.sampled_from([1, -1]),
    flip=st.sampled_from([1, -1]),
)
@settings(max_examples=15, deadline=None)
def test_scale_time_and_signs_do_not_matter(scale, shift, turn, flip):
    record, _ = shorted(9)
    plain = find_critical_current(record)
    other = find_critical_current(
        recorded(
            record.array("test_time_second") + shift,
            turn * record.array("voltage_volt"),
            turn * flip * scale * record.array("current_ampere"),
            area=scale * AREA,
        )
    )
    assert other.details["failing_step"] == plain.details["failing_step"]
    for one, same in zip(plain, other, strict=True):
        if one.value is not None and one.unit != "ohm cm2":
            assert same.value == pytest.approx(one.value, rel=1e-6)
    if flip < 0:
        assert any("opposite signs" in flag for flag in other["critical_current_density"].flags)


def test_lithium_is_that_of_the_materials_table():
    lithium = find_material("Li")
    volume = lithium.value("molar_mass") / lithium.value("density") / FARADAY
    assert pytest.approx(volume, rel=1e-12) == LITHIUM_VOLUME


def cell(film=None) -> SymmetricCell:
    electrode = {"charge_transfer": {"law": "linear", "area_resistance": "20 ohm cm2"}}
    if film is not None:
        electrode["interphase"] = film
    return SymmetricCell.from_mapping(
        {
            "electrode": electrode,
            "electrolyte": {"material": "LGPS", "thickness": "500 um", "conductivity": "2 mS/cm"},
            "area": "0.5 cm2",
        }
    )


def test_a_simulated_cell_gives_back_what_made_it():
    protocol = stepped_current("0.1 mA/cm2", "0.1 mA/cm2", "0.5 mA/cm2", "2 h", rest="10 min")
    record = simulate(cell(), protocol)
    result = find_critical_current(record)
    assert result["area_resistance"].value == pytest.approx(25 + 2 * 20, rel=1e-9)
    assert result["plated_capacity"].value == pytest.approx(1.0, rel=1e-9)
    assert result["plated_thickness"].value == pytest.approx(4.849, rel=1e-3)
    assert result.details["failure"] == "none"
    assert looks_symmetric(record)


def test_long_cycling_gives_growth_and_failure():
    film = {
        "thickness": "10 nm",
        "conductivity": "1e-7 S/cm",
        "growth": {"law": "diffusion", "rate": "1e-20 m2/s"},
    }
    steps = ("charge at 0.5 mA/cm2 for 1 h", "discharge at 0.5 mA/cm2 for 1 h")
    record = simulate(cell(film), Cycling(steps, cycles=10))
    result = analyse_symmetric_cycling(record)
    assert result["current_density"].value == pytest.approx(0.5)
    assert result["final_resistance"].value > result["initial_resistance"].value
    per_cycle, per_hour = (
        result[f"resistance_growth_per_{unit}"].value for unit in ("cycle", "hour")
    )
    assert per_cycle == pytest.approx(2 * per_hour, rel=1e-6)
    assert len(result.details["cycles"]) == 10
    assert result.details["failure"] == "none"


def test_long_cycling_stops_at_the_short():
    time, voltage, current, number = stepped(levels=(0.5,) * 20, rest=0)
    first = np.flatnonzero(number == 31)[10]
    voltage[first:] *= 0.05
    result = analyse_symmetric_cycling(recorded(time, voltage, current))
    assert (result.details["failure"], result.details["failing_step"]) == ("hard short", 31)
    growth = result["resistance_growth_per_cycle"]
    assert abs(growth.value) < 4 * growth.uncertainty
    assert result["asymmetry"].value == pytest.approx(0, abs=0.2)
    assert result["time_of_failure"].value == pytest.approx(time[first] / 3600, abs=0.02)
    assert len(result.details["cycles"]) == 15
    voltage[:first] *= 0.05
    few = analyse_symmetric_cycling(recorded(time[:240], voltage[:240], current[:240]))
    assert few["resistance_growth_per_cycle"].flags == ("fewer than 3 cycles",)


@pytest.mark.parametrize(
    "name",
    [
        "GCPL-0.mpr",
        "MB-0.mpr",
        "TestFile.nda",
        "batmo_bdf.csv",
        "jdb11-1_c3_gcpl_5cycles_2V-3p8V_C-24_data_C09.mpr",
        "maccor_001.txt",
        "neware_uio.csv",
        "sample.bdf.csv",
        "test_2.ndax",
    ],
)
def test_no_full_cell_looks_symmetric(name):
    for record in solith.read(real_file(f"cycler/{name}")):
        assert not looks_symmetric(record)


def test_what_looks_symmetric():
    time, voltage, current, _ = stepped()
    assert looks_symmetric(recorded(time, voltage, current))
    assert looks_symmetric(recorded(time, -voltage, current))
    assert looks_symmetric(shorted(9, 20, 0.001)[0])
    assert looks_symmetric(recorded(*stepped(ways=(1,))[:3]))
    assert not looks_symmetric(recorded(*stepped(ways=(1,), rest=0)[:3]))
    assert not looks_symmetric(recorded(time, voltage + 3, current))
    assert not looks_symmetric(recorded(time, voltage, 0 * current))
    curve = solith.Record.from_arrays(
        "current-voltage", voltage_volt=voltage, current_ampere=current
    )
    assert not looks_symmetric(curve)
    full = solith.load_study("first-cell").samples["450"].cell
    assert not looks_symmetric(simulate(full, cycle("0.5 C", "3.7 V vs Li-In", "2.1 V vs Li-In")))


def test_errors_name_what_is_wrong():
    time, voltage, current, _ = stepped()
    record = recorded(time, voltage, current)
    with pytest.raises(InputError, match="least_drop: 2 is no part between 0 and 1"):
        find_critical_current(record, least_drop=2)
    with pytest.raises(InputError, match="area: '-1 cm2' must be above 0"):
        find_critical_current(record, area="-1 cm2")
    with pytest.raises(InputError, match="holds no flow of current; expected steps of current"):
        find_critical_current(recorded(time, voltage, 0 * current))
    with pytest.raises(InputError, match="the first step failed; no cycle is left to follow"):
        analyse_symmetric_cycling(shorted(1, 20, 0.02)[0])


def test_the_figure_marks_the_step_that_failed():
    record, _ = shorted(9)
    result = find_critical_current(record)
    figure = plot_critical_current(result, record)
    assert [note.text for note in figure.layout.annotations] == ["Soft short, 0.5 mA/cm²"]
    assert {shape.x0 for shape in figure.layout.shapes} == {
        result.details["steps"][8]["start_time"]
    }
    (ohmic,) = (trace for trace in figure.data if (trace.name or "").startswith("Ohmic"))
    assert ohmic.y[-1] / ohmic.x[-1] == pytest.approx(OHMS, rel=1e-2)
    both = plot_critical_current({"one": result, "other": result})
    assert len(both.data) == 9
    assert both.data[-1].name == "Open: failed and after"
    with pytest.raises(InputError, match="a record belongs to one result; 2 are given"):
        plot_critical_current({"one": result, "other": result}, record)
    with pytest.raises(InputError, match="'nothing' holds no steps of current"):
        plot_critical_current(solith.Result("nothing", ()))


def test_the_result_survives_json():
    result = find_critical_current(shorted(9)[0])
    assert solith.Result.from_json(result.to_json()).details["failing_step"] == 9
