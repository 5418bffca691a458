"""Cycling: resistances at switches, faults noticed, what lasts, many cycles."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.real_files import real_file
from validation._known_cycling import KnownCell, made

from solith.analysis._cycling.fade import find_knee, fit_fade
from solith.analysis._half_cycles import find_half_cycles
from solith.analysis.cycling import analyse_cycling
from solith.core.cycles import result_of_cycle
from solith.core.errors import InputError, UnknownNameError
from solith.core.record import Record
from solith.core.result import Result

CELL = KnownCell(cycles=8, rows=60)


def changed(record: Record, **columns: Any) -> Record:
    """The record with other columns or, under ``rows``, other rows."""
    rows = columns.pop("rows", slice(None))
    data = record.data.isel(row=rows).assign({k: ("row", v) for k, v in columns.items()})
    return Record("cycling", data, record.provenance, record.name)


def number(result: Result, name: str) -> float:
    found = result[name].value
    assert found is not None
    return found


def column(result: Result, name: str) -> list[Any]:
    return [row.get(name) for row in result.details["cycles"]]


def told(result: Result, text: str, quantity: str = "charge_capacity") -> list[int]:
    """The cycles in which a flag of a quantity holds a text."""
    return [
        row["cycle"]
        for row in result.details["cycles"]
        if text in str(row["flags"].get(quantity, ()))
    ]


# --- half-cycles -----------------------------------------------------------------------


def test_blocks_are_the_flows_and_the_charges_those_between_their_rows() -> None:
    record = made(CELL)
    halves, _ = find_half_cycles(record)
    current, time = record.array("current_ampere"), record.array("test_time_second")
    assert [(half.cycle, half.direction) for half in halves[:4]] == [
        (1, 1),
        (1, -1),
        (2, 1),
        (2, -1),
    ]
    for half in halves:
        ((first, last),) = half.blocks.tolist()
        assert first == half.first_row
        assert half.starts.tolist() == list(range(first, last))
        assert half.stops.tolist() == list(range(first + 1, last + 1))
        assert half.charge == pytest.approx(
            np.trapezoid(np.abs(current[first : last + 1]), time[first : last + 1])
        )


def test_scatter_at_rest_does_not_lengthen_a_flow() -> None:
    quiet = made(CELL)
    current = quiet.array("current_ampere")
    scatter = np.random.default_rng(2).normal(0, 1.5e-6, len(current))
    noisy = changed(quiet, current_ampere=current + scatter)
    ends = [half.blocks.tolist() for half in find_half_cycles(quiet)[0]]
    assert [half.blocks.tolist() for half in find_half_cycles(noisy)[0]] == ends


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e3))
@settings(max_examples=20, deadline=None)
def test_time_may_be_shifted_and_current_scaled(shift: float, factor: float) -> None:
    record = made(CELL)
    other = changed(
        record,
        test_time_second=record.array("test_time_second") + shift,
        current_ampere=record.array("current_ampere") * factor,
    )
    one, two = analyse_cycling(record), analyse_cycling(other)
    for name, power in (("discharge_capacity", 1), ("charge_resistance", -1), ("retention", 0)):
        assert number(two, name) == pytest.approx(number(one, name) * factor**power, rel=1e-6), name
    assert told(two, "") == told(one, "")


# --- resistances -----------------------------------------------------------------------


def test_the_jump_at_every_switch_is_the_resistance() -> None:
    result = analyse_cycling(made(CELL).with_facts(geometric_area="2 cm2"))
    for name in ("charge", "discharge", "charge_end", "discharge_end"):
        found = [value for value in column(result, f"{name}_resistance") if value is not None]
        assert found == pytest.approx([50.0] * len(found))
        assert len(found) == (7 if name == "discharge_end" else 8)
    value = result["charge_area_resistance"]
    assert value.value == pytest.approx(100)
    assert (value.unit, value.area) == ("ohm cm2", "geometric")
    assert "within 0.1 s of the current's" in value.method
    assert "charge_end_resistance" not in result
    one = result_of_cycle(result, 2)
    assert one["charge_end_resistance"].value == pytest.approx(50)
    assert one["charge_area_resistance"].area == "geometric"
    assert one["charge_seconds"].value == pytest.approx(0.1)
    last = result.details["cycles"][-1]["flags"]["discharge_end_resistance"]
    assert last == ["the switch of the current is not in the record"]


def test_scatter_gives_the_resistance_its_uncertainty() -> None:
    cell = dataclasses.replace(CELL, scatter=(1e-3, 0.0, 0.0, 0.0))
    result = analyse_cycling(made(cell))
    expected = np.sqrt(2) * 1e-3 / 1e-3
    assert result["discharge_resistance"].uncertainty == pytest.approx(expected, rel=0.15)
    assert result_of_cycle(result, 3)["charge_resistance"].uncertainty == pytest.approx(
        expected, rel=0.15
    )
    errors = np.array(column(result, "charge_resistance")) - 50
    assert np.max(np.abs(errors)) < 4 * expected


def test_a_delay_reads_the_voltage_later_and_rows_too_far_apart_are_told() -> None:
    record = made(CELL)
    later = analyse_cycling(record, delay="72 s")["charge_resistance"]
    # 72 s are a hundredth of the charge, along which the voltage rises by 1 V.
    assert later.value == pytest.approx(50 + 10, rel=0.02)
    assert "IR not separated: the voltage after 72 s moves by 16" not in str(later.flags)
    apart = analyse_cycling(made(dataclasses.replace(CELL, rows=12, first_row=600.0)))
    assert (
        "IR not separated: the voltage after 600 s moves by" in apart["charge_resistance"].flags[0]
    )
    beyond = analyse_cycling(record, delay="5 h")["charge_resistance"]
    assert (beyond.value, beyond.flags) == (None, ("the current changed again within 1.8e+04 s",))
    for wrong in (0, -1.0, "2 V"):
        with pytest.raises(InputError, match="delay"):
            analyse_cycling(record, delay=wrong)


def test_without_rests_the_current_that_turns_gives_the_resistance() -> None:
    result = analyse_cycling(made(dataclasses.replace(CELL, rests=False)))
    assert column(result, "discharge_resistance") == pytest.approx([50.0] * 8)
    assert column(result, "charge_resistance")[1:] == pytest.approx([50.0] * 7)
    assert result["charge_resistance"].value is None


def test_a_current_that_has_not_settled_waits_for_the_next_row() -> None:
    record = made(CELL)
    current = record.array("current_ampere").copy()
    starts = np.flatnonzero((current[1:] != 0) & (current[:-1] == 0)) + 1
    current[starts] /= 2
    result = analyse_cycling(changed(record, current_ampere=current))
    assert result["charge_resistance"].value == pytest.approx(50 + 1e3 / 59, rel=0.02)
    assert column(result, "charge_seconds")[0] > 100


# --- faults ----------------------------------------------------------------------------


def test_a_clean_record_is_not_blamed() -> None:
    for cell in (CELL, dataclasses.replace(CELL, scatter=(5e-4, 1e-6, 1e-3, 1e-4))):
        result = analyse_cycling(made(cell))
        for row in result.details["cycles"]:
            assert set(row["flags"]) <= {"discharge_end_resistance"}


@pytest.mark.parametrize(
    ("fault", "quantity", "text"),
    [
        ({"short": 5}, "coulombic_efficiency", "internal (soft) short likely: its voltage fell by"),
        ({"short": 5}, "charge_capacity", "the discharge gave 16.6 % of the charge"),
        ({"leak": 5}, "charge_capacity", "at rest after the charge it fell by 100 mV without slow"),
        ({"noisy": 5}, "charge_capacity", "the voltage scatters by"),
        ({"cut": 5}, "charge_capacity", "the charge ended at 3.85 V, those around it at 4.25 V"),
        ({"cut": 5}, "discharge_capacity", "the discharge ended at"),
        ({"stepped": 5}, "charge_capacity", "the current changes 1 times in the charge, to 1.3 mA"),
        ({"missing": 5}, "charge_capacity", "times the charge of the charges around it"),
    ],
)
def test_a_fault_is_told_where_it_is(fault: dict[str, Any], quantity: str, text: str) -> None:
    result = analyse_cycling(made(dataclasses.replace(CELL, **fault)))
    assert told(result, text, quantity) == [5]


def test_a_short_is_no_flag_of_the_discharge_and_is_counted_with_the_mean() -> None:
    result = analyse_cycling(made(dataclasses.replace(CELL, short=5)))
    assert told(result, "short likely", "discharge_capacity") == []
    (flag,) = result["mean_coulombic_efficiency"].flags
    assert flag.startswith("cycle 5: internal (soft) short likely: its voltage fell by 118 mV")
    assert flag.endswith("; the median is 99.5 %")


def test_gaps_tell_the_charge_that_they_hold() -> None:
    record = made(CELL)
    current = record.array("current_ampere")
    start = int(np.flatnonzero(current > 0)[0])
    kept = np.ones(len(record), dtype=bool)
    kept[start + 20 : start + 35] = False
    result = analyse_cycling(changed(record, rows=np.flatnonzero(kept)))
    (flag,) = result["charge_capacity"].flags
    assert flag.startswith("gaps of 1962 s in the charge: 0.545 mAh (27 %) are taken as if")
    assert result["charge_capacity"].value == pytest.approx(2 / 0.995, rel=1e-4)
    kept[:] = True
    kept[start + 30 : start + 65] = False
    result = analyse_cycling(changed(record, rows=np.flatnonzero(kept)))
    assert "may be missed" in result["charge_capacity"].flags[0]


@given(st.integers(0, 10), st.booleans())
@settings(max_examples=10, deadline=None)
def test_a_current_of_the_wrong_sign_is_told_on_every_value(seed: int, rests: bool) -> None:
    cell = dataclasses.replace(CELL, scatter=(1e-3, 1e-6, 1e-3, 1e-4), seed=seed, rests=rests)
    record = made(cell)
    right = analyse_cycling(record)
    wrong = analyse_cycling(changed(record, current_ampere=-record.array("current_ampere")))
    assert not any("sign" in str(value.flags) for value in right)
    for value in wrong:
        assert "the sign of the current is probably swapped" in str(value.flags)
        assert "negate current_ampere and analyse again" in str(value.flags)
        assert "short" not in str(value.flags)


def test_a_symmetric_cell_is_judged_by_the_voltage_not_by_its_slope() -> None:
    time = np.arange(0, 8 * 3600, 60.0)
    current = 1e-3 * np.where((time // 3600) % 2 == 0, 1, -1)
    ease = np.exp(-(time % 3600) / 600)
    for way, swapped in ((1, False), (-1, True)):
        record = Record.from_arrays(
            "cycling",
            test_time_second=time,
            current_ampere=current,
            voltage_volt=way * 40 * current * (1 + ease),
        )
        flags = str([value.flags for value in analyse_cycling(record)])
        assert ("sign of the current" in flags) is swapped
        assert "short" not in flags


def test_an_offset_of_the_current_and_repeated_rows_are_told() -> None:
    cell = dataclasses.replace(CELL, offset=5e-7)
    assert analyse_cycling(made(cell))["charge_capacity"].flags == (
        "the current at rest averages 0.0005 mA; if that is an offset, efficiencies are off by "
        "0.1 %",
    )
    record = made(CELL)
    twice = changed(record, rows=np.repeat(np.arange(len(record)), 2))
    result = analyse_cycling(twice)
    assert result["charge_capacity"].value == pytest.approx(
        analyse_cycling(record)["charge_capacity"].value
    )
    assert "rows repeat the row before them; they add no charge" in result["retention"].flags[-1]


def test_hysteresis_of_unlike_halves_is_told() -> None:
    result = analyse_cycling(made(dataclasses.replace(CELL, missing=5)))
    assert told(result, "of discharge: not the same range", "hysteresis") == [5]
    record = made(CELL)
    current = record.array("current_ampere")
    lower = record.array("voltage_volt") - np.where(current > 0, 0.2, 0.0)
    flags = analyse_cycling(changed(record, voltage_volt=lower))["hysteresis"].flags
    assert flags[0].startswith("negative: the mean voltage of the charge is below")


# --- efficiency and what lasts ---------------------------------------------------------


def test_cells_that_begin_with_a_discharge_have_an_efficiency() -> None:
    record = made(CELL)
    turned = changed(
        record,
        current_ampere=-record.array("current_ampere"),
        voltage_volt=4 - record.array("voltage_volt"),
    )
    result = analyse_cycling(turned)
    assert result.details["first"] == "discharge"
    value = result["initial_coulombic_efficiency"]
    assert value.value == pytest.approx(99.5)
    assert value.method.endswith("; charge relative to the discharge before it")
    assert result_of_cycle(result, 2)["coulombic_efficiency"].method == (
        "cycle 2, trapezoid rule; charge relative to the discharge before it"
    )
    across = analyse_cycling(turned, first="charge")
    sizes = turned, column(across, "charge_capacity"), column(across, "discharge_capacity")
    assert column(across, "coulombic_efficiency")[0] == pytest.approx(
        100 * sizes[2][1] / sizes[1][0]
    )
    assert across.details["cycles"][-1]["coulombic_efficiency"] is None
    with pytest.raises(UnknownNameError, match="unknown first 'rest'"):
        analyse_cycling(record, first="rest")


def test_a_first_discharge_that_is_not_whole_is_no_reference() -> None:
    record = made(CELL)
    begin = int(np.flatnonzero(record.array("current_ampere") < 0)[0]) + 40
    result = analyse_cycling(changed(record, rows=slice(begin, None)))
    assert result.details["first"] == "charge"
    assert result["retention"].method == "discharge capacity of cycle 8 relative to cycle 2"
    assert result["retention"].value == pytest.approx(100 * (1 - 0.014) / (1 - 0.002), rel=1e-3)
    assert result["initial_coulombic_efficiency"].value == pytest.approx(99.5, rel=1e-3)
    given_first = analyse_cycling(changed(record, rows=slice(begin, None)), reference_cycle=1)
    first, second = given_first["retention"].flags
    assert first == "more than at the start: the reference cycle is not a full one"
    assert second.startswith("cycle 1: 0.323 times the charge of the discharges around it")


def test_fade_and_the_cycles_to_80_percent() -> None:
    result = analyse_cycling(made(dataclasses.replace(CELL, cycles=30, fade=1e-2)))
    assert result["capacity_fade_per_cycle"].value == pytest.approx(1.0, rel=1e-3)
    end = result["cycles_to_80_percent"]
    assert end.value == pytest.approx(20, rel=1e-2)
    assert end.flags == ()
    assert end.method.startswith("measured, counted from cycle 1")
    soon = analyse_cycling(made(dataclasses.replace(CELL, cycles=15, fade=1e-2)))
    assert soon["cycles_to_80_percent"].value == pytest.approx(20, rel=1e-2)
    assert soon["cycles_to_80_percent"].flags == ("extrapolated along the straight line",)
    far = analyse_cycling(made(CELL))["cycles_to_80_percent"]
    assert (far.value, far.flags) == (
        None,
        ("beyond twice the 8 measured cycles: not extrapolated",),
    )


def test_one_bad_cycle_neither_bends_the_fade_nor_ends_the_cell() -> None:
    cell = dataclasses.replace(CELL, cycles=30, scatter=(0.0, 0.0, 1e-3, 0.0), cut=9)
    result = analyse_cycling(made(cell))
    fade = result["capacity_fade_per_cycle"]
    assert fade.uncertainty is not None
    assert fade.value == pytest.approx(0.2, abs=4 * fade.uncertainty)
    assert fade.uncertainty < 0.01
    assert result["cycles_to_80_percent"].value is None
    assert result["retention"].uncertainty == pytest.approx(0.14, rel=0.5)


def test_a_fade_that_is_no_straight_line_is_told() -> None:
    numbers = np.arange(40.0)
    for capacities, bent in ((2 - 0.3 * np.sqrt(numbers / 40), True), (2 - numbers / 99, False)):
        fade = fit_fade(numbers, capacities)
        assert fade is not None
        assert fade.bent is bent


def test_other_rates_are_left_out_of_the_fade() -> None:
    record = made(dataclasses.replace(CELL, cycles=9))
    current, time = record.array("current_ampere"), record.array("test_time_second")
    slow = time > time[np.flatnonzero(current < 0)[-70]] - 3000
    result = analyse_cycling(changed(record, current_ampere=np.where(slow, current / 2, current)))
    left_out = "at 1 mA (2 cycles at another rate left out)"
    assert left_out in result["capacity_fade_per_cycle"].method
    assert result["retention"].method == (
        f"discharge capacity of cycle 7 relative to cycle 1, {left_out}"
    )
    assert result["retention"].value == pytest.approx(98.8, rel=1e-3)
    asked = analyse_cycling(
        changed(record, current_ampere=np.where(slow, current / 2, current)), reference_cycle=1
    )
    assert "the cycles differ in current: 0.5 mA and 1 mA" in asked["retention"].flags


def of_capacities(
    capacities: Any, currents: Any = 1e-3, efficiency: float = 0.998, **facts: Any
) -> Record:
    """Cycles without rests that discharge to given capacities [mAh] at given currents [A]."""
    time, volts, amperes, count, end = [], [], [], [], 0.0
    along = np.linspace(0, 1, 60)
    currents = np.broadcast_to(currents, np.shape(capacities))
    for number, (size, current) in enumerate(zip(capacities, currents, strict=True), start=1):
        for way, part in ((1, size / efficiency), (-1, size)):
            seconds = 3.6 * part / current
            time.append(end + seconds / 60 + along * seconds)
            volts.append(3 + 1.2 * along[::way])
            amperes.append(np.full(60, way * current))
            count.append(np.full(60, facts.get("count", number)))
            end = float(time[-1][-1])
    return Record.from_arrays(
        "cycling",
        test_time_second=np.concatenate(time),
        voltage_volt=np.concatenate(volts),
        current_ampere=np.concatenate(amperes),
        cycle_count=np.concatenate(count),
    )


def test_the_end_is_where_the_capacity_came_below_80_percent() -> None:
    places = np.arange(28)
    died = np.where(places < 17, 2 * (1 - 0.003 * places), 1.9 * np.exp(-0.8 * (places - 16.0)))
    result = analyse_cycling(of_capacities(died))
    part = (died[16] - 1.6) / (died[16] - died[17])
    assert result["cycles_to_80_percent"].value == pytest.approx(16 + part)
    assert result["cycles_to_80_percent"].flags == ("sudden death in cycle 18",)
    assert result["capacity_fade_per_cycle"].value == pytest.approx(0.3)
    assert result["capacity_fade_per_cycle"].flags == (
        "sudden death in cycle 18: the fade is that before it",
    )
    soon = analyse_cycling(of_capacities(died[:19]))["cycles_to_80_percent"]
    assert soon.value == pytest.approx(16 + part)
    assert soon.flags[1] == "only the last 2 cycles lie below: perhaps not the end"


def test_a_knee_is_told_and_the_fade_is_that_before_it() -> None:
    places = np.arange(60)
    bent = np.where(places < 40, 2 * (1 - 0.001 * places), 2 * (0.96 - 0.04 * (places - 39)))
    bent = bent * (1 + np.random.default_rng(3).normal(0, 5e-4, 60))
    result = analyse_cycling(of_capacities(bent))
    fade = result["capacity_fade_per_cycle"]
    assert fade.value == pytest.approx(0.1, rel=0.05)
    assert fade.flags[0] == "knee about cycle 40: the fade is that before it"
    assert result["cycles_to_80_percent"].value == pytest.approx(43, abs=0.1)
    early = analyse_cycling(of_capacities(bent[:43]))["cycles_to_80_percent"]
    assert early.value is None
    assert early.flags[0].endswith(", and not yet at its end: not extrapolated")


@given(st.integers(0, 10**6), st.integers(9, 60))
@settings(max_examples=20, deadline=None)
def test_a_straight_fade_with_one_bad_cycle_has_no_knee(seed: int, cycles: int) -> None:
    draw = np.random.default_rng(seed)
    capacities = (2 - 0.004 * np.arange(cycles)) * (1 + draw.normal(0, 2e-3, cycles))
    capacities[draw.integers(cycles)] *= 0.6
    assert find_knee(np.arange(cycles, dtype=float), capacities) is None


@pytest.mark.parametrize(("before", "after"), [(3, 0), (6, 3)])
def test_what_lasts_is_told_at_the_rate_that_most_cycles_have(before: int, after: int) -> None:
    sizes = np.r_[[2.0] * before, 1.8 * (1 - 0.003 * np.arange(100)), [1.5] * after]
    currents = np.r_[[2e-4] * before, [1e-3] * 100, [2e-4] * after]
    result = analyse_cycling(of_capacities(sizes, currents))
    first, last = before + 1, before + 100
    others = f"at 1 mA ({before + after} cycles at another rate left out)"
    assert result["retention"].value == pytest.approx(70.3)
    assert result["retention"].method == (
        f"discharge capacity of cycle {last} relative to cycle {first}, {others}"
    )
    assert result["capacity_fade_per_cycle"].value == pytest.approx(0.3)
    assert result["cycles_to_80_percent"].value == pytest.approx(66.67, abs=0.01)
    assert others in result["mean_coulombic_efficiency"].method
    assert result["mean_coulombic_efficiency"].uncertainty is None  # but for rounding
    asked = analyse_cycling(of_capacities(sizes, currents), reference_cycle=1)["retention"]
    assert asked.value == pytest.approx(100 * sizes[-1] / 2)
    itself = analyse_cycling(of_capacities(sizes, currents), reference_cycle=len(sizes))
    assert itself["retention"].value is None
    assert itself["retention"].flags[0].endswith("compared with itself: it is the reference")


def test_a_counter_that_stands_still_does_not_count() -> None:
    result = analyse_cycling(of_capacities([2.0, 1.9, 1.8, 1.7], count=0))
    assert column(result, "discharge_capacity") == pytest.approx([2.0, 1.9, 1.8, 1.7])
    assert result["retention"].flags == (
        "cycle_count is the same in every row though the current turns 7 times: cycles are "
        "counted by the current",
    )


def test_a_gap_in_a_later_cycle_is_told_with_what_lasts_and_coarse_rows_are_no_fault() -> None:
    record = made(CELL)
    starts = np.flatnonzero(np.diff(np.sign(record.array("current_ampere"))) == 1) + 1
    for cycle, quantity in ((5, "mean_coulombic_efficiency"), (2, "retention")):
        kept = np.ones(len(record), dtype=bool)
        begin = [at for at in starts if record.array("current_ampere")[at] > 0][cycle - 1]
        kept[begin + 20 : begin + 40] = False
        result = analyse_cycling(changed(record, rows=np.flatnonzero(kept)))
        assert result[quantity].flags[0].startswith(f"cycle {cycle}: gaps of "), cycle
    coarse = analyse_cycling(made(dataclasses.replace(CELL, rows=12, first_row=600.0)))
    assert "may be missed" in coarse["charge_capacity"].flags[0]
    assert coarse["mean_coulombic_efficiency"].flags == ()
    assert coarse["retention"].flags == ()


def test_wild_efficiencies_have_no_mean() -> None:
    record = of_capacities([2.0, 2.0, 2.0, 2.0])
    current, count = record.array("current_ampere").copy(), record.array("cycle_count")
    current[(count > 2) & (current > 0)] *= 2
    current[(count == 3) & (current < 0)] /= 5
    current[(count == 4) & (current < 0)] *= 2
    value = analyse_cycling(changed(record, current_ampere=current))["mean_coulombic_efficiency"]
    assert value.uncertainty is None
    assert "the efficiencies lie between 9.98 and 99.8 %: no mean tells them" in value.flags


# --- many cycles, real files -----------------------------------------------------------


def test_two_thousand_cycles_are_light_to_analyse_and_to_print() -> None:
    result = analyse_cycling(made(KnownCell(cycles=2000, rows=12, fade=1e-4)))
    assert len(result.details["cycles"]) == 2000
    assert len(str(result)) < 4000
    assert Result.from_json(result.to_json()) == result


def test_the_real_files_that_were_wrong() -> None:
    from solith.readers import read

    name = "cycler/jdb11-1_c3_gcpl_5cycles_2V-3p8V_C-24_data_C09.mpr"
    result = analyse_cycling(read(real_file(name))[0])
    assert result["retention"].value == pytest.approx(103.1, abs=0.1)
    assert result["retention"].method.endswith("relative to cycle 2")
    assert result["initial_coulombic_efficiency"].value == pytest.approx(86.43, abs=0.01)
    result = analyse_cycling(read(real_file("cycler/neware_uio.csv"))[0])
    assert result["initial_coulombic_efficiency"].value == pytest.approx(83.55, abs=0.01)
    result = analyse_cycling(read(real_file("cycler/TestFile.nda"))[0])
    assert result["retention"].value is None
    assert result["retention"].flags[0] == (
        "cycle 2 would be compared with itself: no other whole discharge has its rate"
    )
    assert result["charge_capacity"].method == "cycle 2, trapezoid rule"
    assert result["initial_coulombic_efficiency"].value == pytest.approx(99.92, abs=0.01)
    result = analyse_cycling(read(real_file("cycler/test_2.ndax"))[0])
    assert any(flag.startswith("negative:") for flag in result["hysteresis"].flags)
