"""Rate table, Ragone's points, formation loss, and like cells summarised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solith.analysis import (
    analyse_cycling,
    find_formation_loss,
    find_rate_capability,
    summarise_replicates,
)
from solith.analysis._outliers import find_outliers
from solith.core.errors import InputError, UnknownNameError
from solith.core.intervals import half_width_95
from solith.core.record import Record
from solith.core.result import Result, Value
from solith.figures import plot_ragone, plot_replicates
from solith.study import summarise

RATES = (0.1, 0.1, 0.1, 1.0, 1.0, 2.0, 0.1, 0.1)
SIZES = (2.0, 2.0, 2.0, 1.6, 1.5, 1.0, 1.9, 1.8)  # mAh


def cycled(
    discharges: Sequence[float],
    rates: Sequence[float],
    charges: Sequence[float] | None = None,
    *,
    first: int = 1,
    **attributes: Any,
) -> Record:
    """Charge and discharge [mAh] from 3 to 4 V and back; 1 C is 2 mA."""
    time, voltage, current, end = [], [], [], 0.0
    for charge, discharge, rate in zip(charges or discharges, discharges, rates, strict=True):
        halves = ((charge, 0.1, 1), (discharge, rate, -1))
        for size, its_rate, way in halves[::first]:
            seconds = np.linspace(0, size / (2 * its_rate) * 3600, 21)
            time.append(end + 60 + seconds)
            voltage.append(np.linspace(3, 4, 21)[::way])
            current.append(np.full(21, way * 2e-3 * its_rate))
            end = float(time[-1][-1])
    return Record.from_arrays(
        "cycling",
        name="rates",
        attributes=attributes,
        test_time_second=np.concatenate(time),
        voltage_volt=np.concatenate(voltage),
        current_ampere=np.concatenate(current),
    )


def test_a_rate_table() -> None:
    record = cycled(SIZES, RATES, one_c_ampere=2e-3, active_mass_kg=1e-5, geometric_area_m2=1e-4)
    result = find_rate_capability(record)
    rows = result.details["rates"]
    assert [row["cycles"] for row in rows] == [[1, 2, 3], [4, 5], [6], [7, 8]]
    assert [row["c_rate"] for row in rows] == pytest.approx([0.1, 1, 2, 0.1])
    assert [row["current_density"] for row in rows] == pytest.approx([0.2, 2, 4, 0.2])
    assert [row["discharge_capacity"] for row in rows] == pytest.approx([200, 155, 100, 185])
    assert [row["relative_capacity"] for row in rows] == pytest.approx([100, 77.5, 50, 92.5])
    assert rows[1]["spread"]["discharge_capacity"] == pytest.approx(10 / 2**0.5)
    one_c = result["discharge_capacity_1C"]
    # two cycles: Student's t of one degree of freedom is 12.706
    assert 1.959964 * (one_c.uncertainty or 0) == pytest.approx(12.7062 * 5, rel=1e-4)
    assert one_c.method == "mean of 2 cycles (4 to 5), per mass of active material"
    assert result["discharge_capacity_2C"].flags == ("a single cycle",)
    assert result["recovery"].value == pytest.approx(92.5)
    # 2 C is 4 mA, at 3.5 V, over 10 mg and over 1 cm2
    assert result["mean_discharge_power_2C"].value == pytest.approx(4e-3 * 3.5 / 1e-5)
    assert result["discharge_energy_2C"].value == pytest.approx(100 * 3.5)
    assert result["areal_power_2C"].value == pytest.approx(4e-3 * 3.5 / 1e-4)
    assert result["areal_capacity_0.1C_2"].area == "geometric"
    assert plot_ragone(result).layout.xaxis.title.text == "Specific power (W/kg, active material)"
    figure = plot_ragone({"a": result}, areal=True)
    assert figure.layout.yaxis.title.text == "Areal energy (Wh/m2, geometric area)"
    assert list(figure.data[0].x) == pytest.approx([7, 70, 140])


def test_a_rate_is_told_by_the_current_and_the_mass_by_its_name() -> None:
    record = cycled(SIZES, RATES)
    result = find_rate_capability(record)
    assert result["discharge_capacity_4mA"].value == pytest.approx(1.0)
    assert result.details["mass_of"] == ""
    heavy = find_rate_capability(record, mass="50 mg", mass_of="cathode composite")
    assert heavy["discharge_energy_4mA"].value == pytest.approx(1e-3 * 3.5 / 5e-5)
    assert heavy["discharge_energy_4mA"].method.endswith("per mass of cathode composite")
    with pytest.raises(InputError, match="mass_of: mass and mass_of belong together"):
        find_rate_capability(record, mass="50 mg")
    with pytest.raises(InputError, match="the energies are not of one kind"):
        plot_ragone({"a": result, "b": heavy})
    with pytest.raises(InputError, match="a: holds no power; expected a result of find_rate_cap"):
        plot_ragone({"a": result}, areal=True)


def test_a_rate_table_of_a_result() -> None:
    result = find_rate_capability(analyse_cycling(cycled(SIZES, RATES, one_c_ampere=2e-3)))
    assert result["discharge_capacity_1C"].value == pytest.approx(1.55)
    assert result["recovery"].value == pytest.approx(92.5)
    assert "mean_discharge_power_1C" not in result
    with pytest.raises(InputError, match="know no C rate; give the record, whose currents tell"):
        find_rate_capability(analyse_cycling(cycled(SIZES, RATES)))
    with pytest.raises(InputError, match="mass: a result keeps its own mass; give the record"):
        find_rate_capability(result, mass=1.0, mass_of="cell")


def split_first_cycle() -> Record:
    """A rest of a discharge, then charge and discharge, all three counted to cycle 1."""
    record = cycled((1.2, 1.6, 1.6, 1.5), (0.1,) * 4, (2.0, 1.58, 1.6, 1.5))
    rows = np.arange(21, len(record))
    count = np.repeat([1, 1, 1, 2, 2, 3, 3], 21)
    data = record.data.isel(row=rows).assign(cycle_count=("row", count))
    return Record("cycling", data, record.provenance, record.name)


def test_flows_of_one_cycle_are_taken_apart_by_their_order() -> None:
    record = split_first_cycle()
    loss = find_formation_loss(record)
    assert loss["first_cycle_efficiency"].value == pytest.approx(100 * 1.6 / 1.58)
    assert loss.details["first"] == "charge"
    assert "the record begins with a part of a discharge" in loss.values[0].flags[0]
    rates = find_rate_capability(record)
    assert rates["discharge_capacity_0.2mA"].value == pytest.approx((1.6 + 1.6 + 1.5) / 3)
    assert rates["discharge_capacity_0.2mA"].flags == (
        "the part of a discharge in cycle 1 is left out",
    )
    result = analyse_cycling(record.with_facts(one_c_current="2 mA"))
    assert result["discharge_capacity"].method == "cycle 2, trapezoid rule"
    table = find_rate_capability(result)["discharge_capacity_0.1C"]
    assert table.value == pytest.approx(1.55)
    assert table.flags == ("cycle 1 holds 2 discharges, left out",)


def test_parts_of_discharges_and_wrong_signs_are_told() -> None:
    record = cycled((0.4, 2.0, 2.0, 2.0, 0.3), (0.1,) * 5)
    found = find_rate_capability(record)["discharge_capacity_0.2mA"]
    assert found.value == pytest.approx(2.0)
    assert found.flags == (
        "the part of a discharge in cycle 1 is left out",
        "the part of a discharge in cycle 5 is left out",
    )
    swapped = Record(
        "cycling",
        record.data.assign(current_ampere=-record.data["current_ampere"]),
        record.provenance,
    )
    for result in (find_rate_capability(swapped), find_formation_loss(swapped)):
        assert any("sign may be the wrong way round" in flag for flag in result.values[0].flags)


@settings(max_examples=20, deadline=None)
@given(st.floats(1e-3, 1e3), st.floats(0, 1e7))
def test_a_larger_cell_has_the_same_table(factor: float, shift: float) -> None:
    record = cycled(SIZES, RATES)
    larger = Record.from_arrays(
        "cycling",
        test_time_second=record.array("test_time_second") + shift,
        voltage_volt=record.array("voltage_volt"),
        current_ampere=factor * record.array("current_ampere"),
    )
    rows = [find_rate_capability(each).details["rates"] for each in (record, larger)]
    for one, other in zip(*rows, strict=True):
        assert other["discharge_capacity"] == pytest.approx(factor * one["discharge_capacity"])
        assert other["relative_capacity"] == pytest.approx(one["relative_capacity"])
        assert other["mean_discharge_power"] == pytest.approx(factor * one["mean_discharge_power"])


def test_formation_loss() -> None:
    charges = (2.0, 1.5, 1.42, 1.4, 1.4, 1.4, 1.4, 1.4)
    discharges = (1.5, 1.42, 1.4, 1.4, 1.4, 1.4, 1.4, 1.4)
    result = find_formation_loss(cycled(discharges, (0.1,) * 8, charges))
    assert result["first_cycle_loss"].value == pytest.approx(0.5)
    assert result["first_cycle_efficiency"].value == pytest.approx(75)
    assert result["formation_cycles"].value == 3
    assert result["formation_loss"].value == pytest.approx(0.6)
    assert result["settled_efficiency"].value == pytest.approx(100)
    assert result["formation_loss"].flags == ()
    two = find_formation_loss(cycled(discharges, (0.1,) * 8, charges), formation_cycles=2)
    assert two["formation_loss"].value == pytest.approx(0.58)
    with pytest.raises(InputError, match="formation_cycles: 9 is not a number of cycles from 1 to"):
        find_formation_loss(cycled(discharges, (0.1,) * 8, charges), formation_cycles=9)


def test_formation_that_begins_with_a_discharge() -> None:
    whole = find_formation_loss(cycled((2.0, 1.5), (0.1,) * 2, (1.8, 1.49), first=-1))
    assert whole["first_cycle_loss"].value == pytest.approx(0.2)
    assert whole.details["first"] == "discharge"
    flags = whole["first_cycle_loss"].flags
    assert "the record begins with a discharge; losses are discharge less charge" in flags
    assert "2 cycles are too few to tell when the efficiency settles" in flags
    part = find_formation_loss(cycled((0.3, 1.5, 1.4), (0.1,) * 3, (1.8, 1.49, 1.4), first=-1))
    assert part["first_cycle_loss"].value == pytest.approx(0.3)
    told = "the record begins with a part of a discharge, which is left out"
    assert told in part["first_cycle_loss"].flags


def cells(numbers: Sequence[float]) -> list[Result]:
    return [
        Result(f"cell {place}", (Value("q", number, "mAh/g"),))
        for place, number in enumerate(numbers, start=1)
    ]


def test_like_cells_have_a_mean_a_confidence_and_outliers() -> None:
    numbers = (150.0, 151.0, 149.5, 150.5, 149.0, 110.0)
    result = summarise_replicates(cells(numbers))
    told = result.details["summary"]["q"]
    assert told["outliers"] == [6]
    assert "outlier: number 6, cell 6 (110 mAh/g)" in result["q"].flags
    assert "outliers by Dixon's Q and the distance from the median (1 %)" in result["q"].method
    assert summarise_replicates(cells(numbers[:3]))["q"].method == (
        "mean and sample standard deviation of 3 replicates"
    )
    assert result["q"].value == pytest.approx(np.mean(numbers))
    error = np.std(numbers, ddof=1) / 6**0.5
    assert told["half_width_95"] == pytest.approx(2.5706 * error, rel=1e-4)
    assert summarise is summarise_replicates
    with pytest.raises(InputError, match=r"results\.1: expected the result of an analysis"):
        summarise_replicates(["x"])  # type: ignore[list-item]


def test_records_of_like_cells_are_analysed_and_drawn() -> None:
    results = [
        analyse_cycling(cycled(tuple(factor * size for size in SIZES), RATES))
        for factor in (0.98, 1.0, 1.03)
    ]
    result = summarise_replicates(results)
    row = result.details["cycles"][3]
    assert row["discharge_capacity"] == pytest.approx(1.6 * 3.01 / 3)
    assert row["uncertainty"]["discharge_capacity"] == pytest.approx(
        1.6 * np.std([98, 100, 103], ddof=1) / 100
    )
    figure = plot_replicates({"NMC": result})
    assert figure.data[1].name == "NMC (3 cells)"
    assert max(figure.data[0].y) == pytest.approx(
        2.0 * (3.01 / 3 + np.std([0.98, 1, 1.03], ddof=1))
    )
    wide = plot_replicates(result, band="confidence")
    assert max(wide.data[0].y) > max(figure.data[0].y)
    with pytest.raises(UnknownNameError, match="band 'range'"):
        plot_replicates(result, band="range")
    with pytest.raises(InputError, match="is no summary over cycles"):
        plot_replicates(results[0])


def test_outliers_are_rare_among_normal_numbers() -> None:
    scatter = np.random.default_rng(8)
    for number in (4, 5, 6, 7, 12):
        alarms = sum(bool(find_outliers(scatter.normal(size=number))) for _ in range(3000))
        assert 10 <= alarms <= 55  # 1 % of 3000 is 30
    assert find_outliers([1.0, 1.0, None, 1.0, 1.0, 1.1]) == [5]
    assert find_outliers([1.0, 1.0, 9.0]) == []
    assert find_outliers([1.0] * 5) == find_outliers([0.0] * 5) == []
    for low in (0.5, 0.6, 0.7, 0.8):
        assert find_outliers([1.0, 1.01, 0.985, 1.02, low]) == [4]
    assert find_outliers([1.0, 1.01, 0.985, 1.02, 0.97]) == []
    assert find_outliers([1.0, 1.01, 0.985, 1.02, 0.99, 0.3, 0.32]) == [5, 6]


def test_the_interval_of_a_mean() -> None:
    assert half_width_95([1.0]) is None
    assert half_width_95([1.0, 2.0, 3.0]) == pytest.approx(4.3027 / 3**0.5, rel=1e-4)
