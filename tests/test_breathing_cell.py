"""A cell whose particles breathe: capacity at constant pressure and gap, what pressure holds it."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.test_study_stack_pressure import CELL, structure

from solith.analysis import analyse_cycling
from solith.cell import Cell, Cycling, simulate
from solith.core.errors import InputError
from solith.core.result import Result, Value
from solith.interface import BreathingContact
from solith.study.breathing_cell import (
    cycle_breathing,
    find_fixture_swing,
    find_holding_pressure,
)
from solith.study.stack_pressure import breathe_pressed, pressed_cell

LIMITS = ("3.7 V vs Li-In", "2.4 V vs Li-In")
GRAINS = {
    "conductivity": "12 mS/cm",
    "grain_size": "4 um",
    "hardness": "1.9 GPa",
    "spot_radius": "30 nm",
}
ONE_SIZE = {**GRAINS, "spot_radius": "0.001 nm"}
"""Grains that touch so finely that pressure does not change their conductivity."""


def breathing(
    pressure: float, charged: float, discharged: float, kept: float = 1.0, packings: int = 1
) -> Result:
    """At a constant gap that leaves these parts of the pressure; of each packing a bit less."""
    each = []
    for number in range(packings):
        less = 1 - 0.02 * number
        each.append({
            "pressure": {"pressure": [pressure] * 2, "contact_kept": [1.0, 1.0]},
            "gap": {
                "pressure": [charged * less * pressure, discharged * less * pressure],
                "contact_kept": [kept, kept],
            },
        })  # fmt: skip
    values = (
        Value("pressure_swing", (discharged - charged) * pressure / 1e6, "MPa", 0.1),
        Value("thickness_change", 0.002, "", 0.0004),
    )
    return Result("breathing", values, {"packings_breathing": each, "held": pressure})


def cycled(*, packings: int = 1, left: tuple[float, float] = (0.5, 0.8), **other: Any) -> Result:
    pressures = (6e6, 50e6)
    given: dict[str, Any] = {"rates": ["0.05 C"], **GRAINS, **other}
    return cycle_breathing(
        Cell.from_mapping(CELL),
        [structure(pressure) for pressure in pressures],
        [breathing(pressure, *left, packings=packings) for pressure in pressures],
        given.pop("rates"), *LIMITS, **given,
    )  # fmt: skip


def test_a_gap_that_keeps_its_pressure_keeps_the_capacity() -> None:
    found = cycled(left=(1.0, 1.0))
    for label in ("6", "50"):
        assert found[f"capacity_kept_at_constant_gap_0.05C[{label}]"].value == pytest.approx(1)
    same = [found[f"holding_pressure_at_constant_{hold}_0.05C"] for hold in ("pressure", "gap")]
    assert same[0].value == same[1].value


def test_pressure_that_falls_takes_capacity_most_where_it_is_low() -> None:
    found = cycled(packings=3)
    low, high = (found[f"capacity_kept_at_constant_gap_0.05C[{p}]"] for p in ("6", "50"))
    assert low.value is not None
    assert high.value is not None
    assert low.value < high.value < 1
    assert low.uncertainty is not None
    assert 0 < low.uncertainty < 0.1
    held, gap = (
        found[f"holding_pressure_at_constant_{hold}_0.05C"].value for hold in ("pressure", "gap")
    )
    assert held is not None
    assert gap is not None
    assert 6 < held < gap <= 50


def test_capacity_is_that_of_a_cell_held_at_its_pressure() -> None:
    """The two half cycles at one pressure, with no rest that matters, are a cycle."""
    rate = "0.01 C"
    cell = pressed_cell(Cell.from_mapping(CELL), structure(50e6))
    steps = [f"charge at {rate} until {LIMITS[0]}", f"discharge at {rate} until {LIMITS[1]}"]
    record = simulate(cell, Cycling.from_mapping({"steps": steps}), losses=False)
    whole = analyse_cycling(record)["discharge_capacity"].value
    found = cycled(rates=[rate])["capacity_at_constant_pressure_0.01C[50]"].value
    assert found == pytest.approx(whole, rel=2e-3)


def test_two_halves_come_near_to_contact_that_follows_the_lithium() -> None:
    """The cell's own law of breathing, its contact linear between both ends, as a peer."""
    charged, discharged, pressure = 0.6, 0.85, 25e6
    cell = pressed_cell(Cell.from_mapping(CELL), structure(pressure))
    ends = [cell.replace(pressure=part * pressure) for part in (charged, discharged)]
    low, high = (one.contact_fraction for one in ends)
    taken, start = 0.6, cell.cathode.initial_lithium_fraction
    law = BreathingContact(volume_change=0.5, sensitivity=(1 - low / high) / taken / 0.5)
    moving = ends[1].replace(cathode=ends[1].cathode.replace(breathing=law.replace(origin=start)))
    rate = "0.1 C"
    steps = [f"charge at {rate} until {LIMITS[0]}", f"discharge at {rate} until {LIMITS[1]}"]
    record = simulate(moving, Cycling.from_mapping({"steps": steps}), losses=False)
    peer = analyse_cycling(record)["discharge_capacity"].value
    found = cycle_breathing(
        Cell.from_mapping(CELL), [structure(pressure), structure(50e6)],
        [breathing(pressure, charged, discharged), breathing(50e6, 1.0, 1.0)],
        [rate], *LIMITS, **ONE_SIZE,
    )  # fmt: skip
    still = found["capacity_at_constant_pressure_0.1C[25]"].value
    ours = found["capacity_at_constant_gap_0.1C[25]"].value
    assert peer is not None
    assert still is not None
    assert ours is not None
    assert still > ours
    assert ours == pytest.approx(peer, rel=5e-3)


def test_a_body_that_has_let_go_and_a_limit_passed_at_once_give_nothing() -> None:
    gone = cycled(left=(0.0, 0.5))
    assert gone["capacity_at_constant_gap_0.05C[6]"].value == 0
    told = gone["holding_pressure_at_constant_gap_0.05C"]
    assert told.value == 50
    assert told.flags == (
        "lower bound: the highest pressure, 50 MPa, does not hold it",
    )  # fmt: skip
    faint = cycled(left=(1e-4, 1e-4))
    assert faint["capacity_at_constant_gap_0.05C[6]"].value == 0


def test_a_thinner_layer_costs_less() -> None:
    thick, thin = cycled(rates=["0.2 C"]), cycled(rates=["0.2 C"], layer_thickness="50 um")
    name = "capacity_at_constant_gap_0.2C[6]"
    less, more = thick[name].value, thin[name].value
    assert less is not None
    assert more is not None
    assert more > less


@cache
def breathed() -> Result:
    return breathe_pressed("NMC:LGPS=1:1", "12 MPa", "2 %", cycles=2, particles=300, packings=2)


def test_packings_that_breathe_have_a_spread_and_a_swing() -> None:
    found = breathed()
    rows = found.details["packings_breathing"]
    charged = [one["gap"]["pressure"][-2] / 1e6 for one in rows]
    assert found["pressure_charged"].value == pytest.approx(np.mean(charged))
    assert found["pressure_charged"].uncertainty == pytest.approx(np.std(charged, ddof=1))
    low, high = found["pressure_charged"].value, found["pressure_discharged"].value
    assert low is not None
    assert high is not None
    assert found["pressure_swing"].value == pytest.approx(high - low)
    changes = [
        1 - thin / thick for thin, thick in (one["pressure"]["thickness"][-2:] for one in rows)
    ]
    assert found["thickness_change"].value == pytest.approx(np.mean(changes))
    assert found.details["breathing"]["gap"]["pressure"][-2] == pytest.approx(1e6 * low)
    assert Result.from_json(found.to_json()) == found


def test_a_spring_takes_its_part_of_the_swing() -> None:
    told = breathing(20e6, 0.5, 0.8)  # 6 MPa at a gap, 0.2 % of 500 um: 6 MPa/um
    for stiffness, expected in (("6 MPa/um", 3e6), ("1e6 MPa/um", 6e6), ("2 MPa/um", 1.5e6)):
        found = find_fixture_swing(told, "500 um", stiffness)
        assert found.value == pytest.approx(expected, rel=1e-5)
    assert found.uncertainty == pytest.approx(0.1e6 / 4)
    made = cycled()["halving_stiffness[50]"]
    depth = pressed_cell(Cell.from_mapping(CELL), structure(50e6)).cathode.depth
    assert made.value == pytest.approx(0.3 * 50 / (0.002 * depth * 1e6))
    assert made.uncertainty == pytest.approx(made.value * np.hypot(0.1 / 15, 0.2))
    with pytest.raises(InputError, match="stiffness: 0 is not above 0"):
        find_fixture_swing(told, "500 um", 0)
    stiff = replace(told, values=(told.values[0], Value("thickness_change", 0.0)))
    with pytest.raises(InputError, match="the body's thickness does not follow its particles"):
        find_fixture_swing(stiff, "500 um", "1 MPa/um")


@given(st.floats(1, 80), st.floats(0.5, 0.99), st.floats(2, 20))
def test_the_holding_pressure_of_a_logarithmic_capacity(
    first: float, share: float, slope: float
) -> None:
    """Interpolation in the logarithm of pressure gives a logarithm back."""
    loads = first * np.array([1.0, 2.0, 5.0, 9.0])
    capacities = 100 + slope * np.log(loads / first)
    exact = first * np.exp((share * capacities[-1] - 100) / slope)
    found = find_holding_pressure([f"{load} MPa" for load in loads], list(capacities), share=share)
    if exact <= first:
        assert found.value == pytest.approx(first * 1e6)
        assert found.flags[0].startswith("upper bound: the lowest pressure")
    else:
        assert found.value == pytest.approx(exact * 1e6, rel=1e-9)
        assert found.flags == ()


def test_a_capacity_that_falls_again_holds_from_the_last_crossing_on() -> None:
    found = find_holding_pressure([1e6, 10e6, 20e6, 40e6], [99, 100, 90, 100], share=0.95)
    assert found.value == pytest.approx(20e6 * 2**0.5)
    out = find_holding_pressure([1e6, 2e6], [50, 60], reference=100.0)
    assert out.flags == ("lower bound: the highest pressure, 2 MPa, does not hold it",)


def test_bad_input_is_told() -> None:
    for loads, capacities, told in (
        ([1e6], [1.0], "capacities: 1 pressures and 1 capacities"),
        ([1e6, 2e6], [1.0], "capacities: 2 pressures and 1 capacities"),
        ([1e6, 1e6], [1.0, 2.0], "pressures: must be above 0, each given once"),
        ([0.0, 1e6], [1.0, 2.0], "pressures: must be above 0, each given once"),
    ):
        with pytest.raises(InputError, match=told):
            find_holding_pressure(loads, capacities)
    with pytest.raises(InputError, match=r"share: 1\.5 is not above 0 and up to 1"):
        find_holding_pressure([1e6, 2e6], [1.0, 2.0], share=1.5)
    cell = Cell.from_mapping(CELL)
    both = [structure(6e6), structure(50e6)]
    breaths = [breathing(6e6, 0.5, 0.8), breathing(50e6, 0.5, 0.8)]
    for one, structures, others, rates, told in (
        (cell, both, breaths[:1], ["1 C"],
         "breathings: structures at 6, 50 MPa, breathing at 6 MPa"),
        (cell, both, [both[0], breaths[1]], ["1 C"], "breathings.1: pressed is not of a pressure"),
        (cell, both, breaths, "1 C", "rates: give at least one rate"),
        (cell.replace(cathode=cell.cathode.replace(pressure_contact=None)), both, breaths,
         ["1 C"], "pressure_contact: is missing"),
        (cell.replace(cathode=cell.cathode.replace(breathing=BreathingContact())), both, breaths,
         ["1 C"], "breathing: leave it out"),
        (cell, both, breaths, ["50 C"], "rates: 50 C gives no capacity even at the highest"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=re.escape(told)):
            cycle_breathing(one, structures, others, rates, *LIMITS, **GRAINS)
