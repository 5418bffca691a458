"""Stacks under load: closed forms, what sums to what, best sizes, coatings, refusals."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solith.core.errors import InputError, UnknownNameError
from solith.design import (
    Fixture,
    PublishedCell,
    Range,
    Resistances,
    Separator,
    Stack,
    compare_coatings,
    compute_energy,
    compute_energy_at,
    find_best_loading,
    find_best_thickness,
    find_preset,
    find_sensitivities,
    published_cells,
    sample_energy,
    sweep_energy,
    trace_ragone,
)
from solith.design.load import area_resistances
from solith.figures import plot_energy_losses, plot_interface_costs, plot_ragone

WANG = find_preset("wang-2020")
STACK = WANG.reference_stack
LLZO = find_preset("wu-2016").stack("LLZO")


def leaking(conductivity: str = "1e-8 S/cm", stack: Stack = STACK) -> Stack:
    return stack.replace(separator=stack.separator.replace(electronic_conductivity=conductivity))


def pressed(pressure: str = "5 MPa") -> Stack:
    contact = {"law": "rough-plastic", "hardness": "20 MPa"}
    assert STACK.resistances is not None
    return STACK.replace(
        width="10 cm",
        length="10 cm",
        fixture=Fixture("steel", mass_per_force="0.02 g/N", pressure=pressure, density="7.9 g/cm3"),
        resistances=STACK.resistances.replace(pressure_contact=contact),
    )


def at(stack: Stack, load: str) -> dict[str, Any]:
    row: dict[str, Any] = compute_energy_at(stack, load).details["rates"][0]
    return row


# --- the closed form --------------------------------------------------------------------


def test_resistances_are_those_of_their_places() -> None:
    found = area_resistances(STACK)
    depth = 0.2 / (0.7 / (0.7 / 4658 + 0.3 / 2000)) / 0.9
    active = 0.2 / 4658
    assert found["electrolyte_layer"] == pytest.approx(20e-6 / 0.28)
    assert found["ionic_path"] == pytest.approx(depth / 3 / 0.05)
    assert found["electronic_path"] == pytest.approx(depth / 3 / 0.5)
    assert found["charge_transfer"] == pytest.approx(0.2727 / (3 * active / 2e-6))
    assert found["anode"] == pytest.approx(2e-4)
    half = STACK.with_value("resistances.contact_fraction", 0.5)
    assert area_resistances(half)["contact"] == pytest.approx(found["charge_transfer"])
    assert area_resistances(half)["charge_transfer"] == found["charge_transfer"]


def test_energy_at_a_current_is_capacity_times_voltage_less_the_drop() -> None:
    whole = sum(area_resistances(STACK).values())
    found = compute_energy_at(STACK, "3 mA/cm2")
    voltage = 3.76 - 30 * whole
    assert found["voltage"].value == pytest.approx(voltage)
    rest = compute_energy(STACK).gravimetric.value
    assert rest is not None
    assert found["gravimetric"].value == pytest.approx(rest * voltage / 3.76)
    assert found["open_circuit_energy"].value == pytest.approx(rest)
    assert found["cell_resistance"].value == pytest.approx(1e4 * whole)
    one_c = compute_energy_at(STACK, "1 C")
    assert one_c["current_density"].value == pytest.approx(3.04)
    assert one_c["gravimetric_power"].value == pytest.approx(one_c["gravimetric"].value)


@settings(max_examples=60, deadline=None)
@given(
    share=st.floats(0.001, 0.99),
    leak=st.sampled_from([None, "1e-10 S/cm", "1e-7 S/cm"]),
    contact=st.floats(0.05, 1),
    cells=st.integers(1, 30),
    arrangement=st.sampled_from(["single-sided", "double-sided"]),
)
def test_delivered_and_lost_sum_to_the_open_circuit(
    share: float, leak: str | None, contact: float, cells: int, arrangement: str
) -> None:
    stack = STACK.replace(cells=cells, arrangement=arrangement)
    stack = stack.with_value("resistances.contact_fraction", contact)
    if leak:
        stack = leaking(leak, stack)
    most = trace_ragone(stack, points=2)["highest_power"].value
    assert most is not None
    row = at(stack, f"{share * most!r} W/kg")
    assert row["discharge_energy"] + sum(row["losses"].values()) == pytest.approx(
        row["open_circuit_energy"], rel=1e-9
    )
    assert row["mean_discharge_power"] == pytest.approx(share * most, rel=1e-9)
    again = at(stack, f"{row['current_density']!r} mA/cm2")
    assert again["discharge_energy"] == pytest.approx(row["discharge_energy"], rel=1e-6)
    assert again["mean_discharge_voltage"] >= 0.5 * 3.76 * (0.9 if leak else 1 - 1e-9)


def test_loads_in_other_words_are_one_load() -> None:
    row = at(STACK, "300 W/kg")
    for load in (
        f"{row['power_density']!r} W/L",
        f"{row['areal_power'] / 10!r} mW/cm2",
        f"{row['c_rate']!r} C",
        "0.3 kW/kg",
    ):
        assert at(STACK, load)["discharge_energy"] == pytest.approx(row["discharge_energy"])
    doubled = STACK.replace(arrangement="double-sided", cells=10)
    assert (
        at(doubled, "1 C")["mean_discharge_voltage"] == at(STACK, "1 C")["mean_discharge_voltage"]
    )


def test_the_highest_power_takes_half_of_the_voltage() -> None:
    line = trace_ragone(STACK, points=30)
    most = line["highest_power"].value
    assert most is not None
    rows = line.details["rates"]
    powers = [row["mean_discharge_power"] for row in rows]
    assert powers == sorted(powers)
    assert powers[-1] == pytest.approx(4 * 0.49 * 0.51 * most)
    assert rows[-1]["discharge_energy"] == pytest.approx(0.51 * rows[-1]["open_circuit_energy"])
    beyond = compute_energy_at(STACK, f"{1.001 * most} W/kg")
    assert beyond["gravimetric"].value is None
    assert beyond["gravimetric"].flags[0].startswith(f"not reached: the stack gives {most:.4g}")
    past = compute_energy_at(WANG.stack("LiCoO2, bare"), "1 C")
    assert past["gravimetric"].flags[0].startswith("past the highest power")


def test_what_nothing_is_known_of_costs_nothing_that_is_told() -> None:
    found = compute_energy_at(LLZO, "1 C")
    assert found["interface_cost"].value is None
    assert found["gravimetric"].flags == ("no resistances but the separator's are given",)
    assert found["lost_electrolyte_layer"].value == pytest.approx(
        39 * 20e-6 / 0.1 / 3.6 * found["open_circuit_energy"].value, rel=1e-9
    )


def test_electrons_that_leak_take_energy_at_low_power() -> None:
    tight, leaky = at(STACK, "0.05 C"), at(leaking(), "0.05 C")
    share = 3.76 * 1e-6 / 20e-6 / (0.05 * 30.4)
    assert leaky["losses"]["leakage"] / leaky["open_circuit_energy"] == pytest.approx(
        share / (1 + share), rel=0.02
    )
    assert leaky["discharge_energy"] < tight["discharge_energy"]


def test_pressure_buys_contact_and_weighs() -> None:
    low, high = at(pressed("1 MPa"), "1 C"), at(pressed("50 MPa"), "1 C")
    lost = [row["losses"]["contact"] / row["open_circuit_energy"] for row in (low, high)]
    assert lost[0] == pytest.approx(lost[1] * 20 / 0.4)
    assert low["open_circuit_energy"] > high["open_circuit_energy"]


# --- the best sizes ---------------------------------------------------------------------


def brute(stack: Stack, path: str, grid: Any, load: str, output: str = "gravimetric") -> int:
    found = [compute_energy_at(stack.with_value(path, float(one)), load)[output] for one in grid]
    return int(np.argmax([-1.0 if one.value is None else one.value for one in found]))


def test_without_a_leak_the_least_thickness_is_the_best() -> None:
    found = find_best_thickness(STACK, "300 W/kg", minimum="8 um")
    best = found["best_thickness"]
    assert best.value == pytest.approx(8)
    assert best.flags == ("the lowest that was allowed: the energy still rises beyond it",)
    one, two = (
        compute_energy_at(STACK.with_value("separator.thickness", t), "300 W/kg")["gravimetric"]
        for t in ("8 um", "8.01 um")
    )
    assert one.value is not None
    assert two.value is not None
    slope = (one.value - two.value) / 0.01
    both = [found[name].value or 0.0 for name in ("cost_by_mass", "cost_by_resistance")]
    assert sum(both) == pytest.approx(slope, rel=1e-3)
    assert both[0] > both[1] > 0
    largest = found["largest_thickness"].value
    assert largest is not None
    for factor, borne in ((0.999, True), (1.001, False)):
        stack = STACK.with_value("separator.thickness", f"{factor * largest} um")
        value = compute_energy_at(stack, "300 W/kg")["gravimetric"].value
        assert (value is not None) == borne


@pytest.mark.parametrize("by", ["gravimetric", "volumetric"])
@pytest.mark.parametrize("load", ["30 W/kg", "0.1 C", "0.5 mA/cm2"])
def test_the_best_thickness_of_a_leaking_separator(by: str, load: str) -> None:
    stack = leaking("1e-8 S/cm")
    found = find_best_thickness(stack, load, minimum="1 um", by=by)
    best = found["best_thickness"].value
    assert best is not None
    grid = np.geomspace(1e-6, 1e-3, 241)
    place = brute(stack, "separator.thickness", grid, load, by)
    assert 1e6 * grid[place - 1] < best < 1e6 * grid[place + 1]
    assert found["cost_by_mass"].value == pytest.approx(
        -(found["cost_by_resistance"].value or 0.0), rel=1e-3
    )


def test_small_losses_follow_the_square_root() -> None:
    stack = leaking("1e-11 S/cm")
    best = find_best_thickness(stack, "1 mA/cm2", minimum="10 nm")["best_thickness"].value
    mass = (compute_energy(stack.with_value("separator.thickness", "1 um"))["areal_mass"]).to(
        "kg/m2"
    )
    assert mass.value is not None
    root = math.sqrt(3.76 * 1e-9 / 10 / (10 / (0.28 * 3.76) + 2000 / mass.value))
    assert best == pytest.approx(1e6 * root, rel=0.05)


@pytest.mark.parametrize("load", ["300 W/kg", "1 C"])
def test_the_best_loading(load: str) -> None:
    found = find_best_loading(STACK, load)
    best = found["best_loading"].value
    assert best is not None
    grid = np.geomspace(0.01, 1, 201)
    place = brute(STACK, "cathode.loading", grid, load)
    assert 100 * grid[place - 1] < best < 100 * grid[place + 1]
    assert found["gravimetric"].value == pytest.approx(
        compute_energy_at(STACK.with_value("cathode.loading", f"{best} mg/cm2"), load)[
            "gravimetric"
        ].value
    )


def test_the_best_thickness_carries_what_ranges_leave_open() -> None:
    ranges = [
        Range("separator.electronic_conductivity", "1e-9 S/cm", "1e-8 S/cm", "assumed"),
        Range("cathode.loading", "10 mg/cm2", "30 mg/cm2", "assumed"),
    ]
    found = find_best_thickness(leaking(), "0.1 C", minimum="1 um", ranges=ranges, samples=60)
    spread = found["best_thickness"].uncertainty
    numbers = np.random.default_rng(3)
    own = []
    for _ in range(40):
        stack = leaking(f"{numbers.uniform(1e-9, 1e-8)} S/cm")
        stack = stack.with_value("cathode.loading", f"{numbers.uniform(10, 30)} mg/cm2")
        own.append(find_best_thickness(stack, "0.1 C", minimum="1 um")["best_thickness"].value)
    assert spread == pytest.approx(float(np.std(np.array(own, float), ddof=1)), rel=0.35)


def test_a_load_that_is_nowhere_borne() -> None:
    found = find_best_thickness(STACK, "50 kW/kg", minimum="5 um")
    assert found["best_thickness"].value is None
    assert found["best_thickness"].flags == (
        "not reached: no value in these bounds bears 50 kW/kg",
    )


# --- many stacks ------------------------------------------------------------------------


def test_samples_under_load_are_the_stacks_under_load() -> None:
    ranges = (
        *WANG.ranges,
        Range("fixture.pressure", "1 MPa", "50 MPa", "assumed", "log-uniform"),
    )
    drawn = sample_energy(pressed(), ranges, samples=24, seed=4, load="300 W/kg")
    for number in range(0, 24, 5):
        stack = pressed()
        for path, numbers in drawn.inputs.items():
            stack = stack.with_value(path, float(numbers[number]))
        found = compute_energy_at(stack, "300 W/kg")
        own = {name: drawn.outputs[name][number] for name in drawn.outputs}
        if found["gravimetric"].value is None:
            assert np.isnan(own["gravimetric_at_load"])
            continue
        assert own["gravimetric_at_load"] == pytest.approx(found["gravimetric"].value)
        assert own["volumetric_at_load"] == pytest.approx(found["volumetric"].value)
        assert own["interface_cost"] == pytest.approx(found["interface_cost"].value)
        assert own["cell_resistance"] == pytest.approx(found["cell_resistance"].value)
    best = drawn.pareto_set(maximise=["gravimetric_at_load"], minimise=["fixture.pressure"])
    pressures = drawn.inputs["fixture.pressure"][best]
    energies = drawn.outputs["gravimetric_at_load"][best]
    assert np.all(np.diff(energies[np.argsort(pressures)]) > 0)
    with pytest.raises(UnknownNameError, match=r"output or input .*'mass'"):
        drawn.pareto_set(maximise=["mass"])


def test_sweeps_and_sensitivities_under_load() -> None:
    swept = sweep_energy(STACK, "separator.thickness", "10 um", "100 um", load="300 W/kg", points=7)
    assert np.all(np.diff(swept.outputs["gravimetric_at_load"]) < 0)
    assert "gravimetric_at_load" not in sweep_energy(STACK, "voltage", 3.0, 4.0).outputs
    found = find_sensitivities(STACK, WANG.ranges, "interface_cost", load="200 W/kg", samples=256)
    shares = {v.quantity: v.value for v in found if v.quantity.startswith("total ")}
    assert max(shares, key=lambda name: shares[name] or 0) == "total resistances.charge_transfer"
    with pytest.raises(InputError, match="load: is missing; interface_cost needs it"):
        find_sensitivities(STACK, WANG.ranges, "interface_cost")
    bare = sample_energy(LLZO, find_preset("wu-2016").ranges, samples=8, load="1 C")
    assert np.all(np.isnan(bare.outputs["interface_cost"]))


# --- coatings ---------------------------------------------------------------------------


def test_a_coating_has_its_stability_and_its_cost() -> None:
    found = compare_coatings(
        STACK, ["LiNbO3", "Li3PO4", "LiAlO2"], "1 C", conductivity={"LiNbO3": "1e-6 S/cm"}
    )
    coated = STACK.with_value("resistances.coating", 1e-8 / 1e-4)
    less = (at(STACK, "1 C"), at(coated, "1 C"))
    assert found["cost, LiNbO3"].value == pytest.approx(
        less[0]["discharge_energy"] - less[1]["discharge_energy"]
    )
    rows = {row["formula"]: row for row in found.details["coatings"]}
    assert rows["LiNbO3"]["stable"]
    assert "the load is no longer borne" in found["cost, LiAlO2"].flags
    assert found.details["electrolyte"] == "Li10GeP2S12"
    uncoated = found["reaction_energy, uncoated"].value
    assert uncoated is not None
    assert uncoated < -0.1 < (found["reaction_energy, LiNbO3"].value or 0.0) + 0.05
    with pytest.raises(InputError, match=r"resistances\.particle_radius: is missing; a coating"):
        compare_coatings(LLZO, ["LiNbO3"], "1 C")
    with pytest.raises(InputError, match="load: not reached"):
        compare_coatings(STACK, ["LiNbO3"], "1 MW/kg")


# --- cells of the literature, figures ---------------------------------------------------


def test_every_published_cell_has_its_source() -> None:
    cells = published_cells()
    assert {one.certainty for one in cells} <= {"read", "derived", "recalled"}
    assert all(one.source for one in cells)
    assert cells[0].beside()["energy"] == pytest.approx(264)
    with pytest.raises(InputError, match="source: is empty; give a DOI"):
        PublishedCell("mine", " ", "read", gravimetric="1 Wh/kg")
    with pytest.raises(InputError, match="gravimetric: give an energy or a power"):
        PublishedCell("mine", "10.1/x", "read")


def test_figures_of_lines_and_costs() -> None:
    lines = {name: trace_ragone(WANG.stack(name)) for name in list(WANG.stacks)[:3]}
    beside = [one.beside() for one in published_cells()]
    beside.append({"name": "a cell", "energy": 200.0, "power": 50.0, "source": "10.1/x"})
    figure = plot_ragone(lines, beside=beside)
    assert len(figure.data) == 4
    assert figure.layout.xaxis.title.text == "Specific power (W/kg, the whole stack)"
    assert [one.text for one in figure.layout.annotations] == [
        "liquid, computed 2016",
        "lithium pouch, 2023",
        "record power, liquid",
    ]
    assert figure.layout.annotations[0].y == pytest.approx(math.log10(264))
    losses = plot_energy_losses(trace_ragone(leaking()))
    assert {trace.name for trace in losses.data} >= {"Charge transfer", "Leakage"}
    bars = plot_interface_costs(
        {name: compute_energy_at(WANG.stack(name), "1 C") for name in lines}
    )
    assert bars.data[0].name.startswith("Delivered (")
    assert len(bars.data[0].x) == 3
    with pytest.raises(InputError, match="holds one load only"):
        plot_energy_losses(compute_energy_at(STACK, "1 C"))
    with pytest.raises(InputError, match="holds no energies with losses"):
        plot_interface_costs({"rest": compute_energy(STACK)})


# --- what is refused --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: compute_energy_at(STACK, "3 V"), "load: '3 V' is no load; expected a power"),
        (lambda: compute_energy_at(STACK, 3), "load: 3 is no load; expected a power"),
        (lambda: compute_energy_at(STACK, "0 C"), "load: '0 C' must be above 0"),
        (
            lambda: compute_energy_at(find_preset("wu-2016").stack("liquid"), "1 C"),
            r"separator\.conductivity: is missing; a load needs it",
        ),
        (lambda: trace_ragone(STACK, points=1), "points: 1 is no number of points from 2 up"),
        (lambda: Resistances(charge_transfer="1 ohm cm2"), "particle_radius: is missing; the"),
        (
            lambda: Resistances(particle_radius="1 um", surface_area="1 1/m"),
            "surface_area: give particle_radius or surface_area, not both",
        ),
        (
            lambda: Separator("LLZO", "0 um", electronic_conductivity="1e-8 S/cm"),
            "thickness: must be above 0 to hold electrons back",
        ),
        (
            lambda: pressed().replace(fixture=None),
            r"fixture\.pressure: is missing; the pressure_contact",
        ),
        (lambda: pressed("0 MPa"), r"fixture\.pressure: 0 Pa leaves no contact"),
        (
            lambda: find_best_thickness(STACK, "1 C", minimum="2 mm"),
            "minimum: '2 mm' must be above 0 and below maximum, '1 mm'",
        ),
        (
            lambda: find_best_thickness(STACK, "1 C", minimum="1 V"),
            "minimum: '1 V' has the unit 'V', of the wrong dimension",
        ),
        (lambda: find_best_thickness(STACK, "1 C", minimum="1 um", by="mass"), "by: "),
        (
            lambda: find_best_thickness(
                STACK,
                "1 C",
                minimum="1 um",
                ranges=[Range("separator.thickness", "1 um", "2 um", "assumed")],
            ),
            "ranges: separator.thickness is what is sought; leave it out",
        ),
    ],
)
def test_refusals(make: Callable[[], Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        make()
