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
    Constituent,
    Fixture,
    Foil,
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
    find_break_even,
    find_preset,
    find_sensitivities,
    preset_names,
    published_cells,
    sample_energy,
    sweep_energy,
    trace_ragone,
)
from solith.design._plausible import capacity_flags
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
    assert not rows["LiNbO3"]["stable"]
    assert "the load is no longer borne" in found["cost, LiAlO2"].flags
    assert found.details["electrolyte"] == "Li10GeP2S12"
    uncoated = found["reaction_energy, uncoated"].value
    assert uncoated is not None
    assert uncoated < -0.1 < (found["reaction_energy, LiNbO3"].value or 0.0) + 0.05
    assert found.details["potential"] == pytest.approx(4.42)
    assert found["coating_potential"].method == "vs Li; the cathode's end of charge"
    assert found["coating_potential"].flags == ()
    with pytest.raises(InputError, match=r"resistances\.particle_radius: is missing; a coating"):
        compare_coatings(LLZO, ["LiNbO3"], "1 C")
    with pytest.raises(InputError, match="load: not reached"):
        compare_coatings(STACK, ["LiNbO3"], "1 MW/kg")


def test_coatings_are_judged_at_the_end_of_charge_where_it_is_known() -> None:
    mean = STACK.replace(cathode=STACK.cathode.replace(end_of_charge=None))
    given = compare_coatings(mean, ["LiNbO3", "Al2O3"], "1 C", potential="3.4 V vs Li-In")
    rows = {row["formula"]: row for row in given.details["coatings"]}
    assert given.details["potential"] == pytest.approx(4.02)
    assert given["coating_potential"].method == "vs Li; as given"
    assert rows["LiNbO3"]["stable"]
    assert rows["LiNbO3"]["verdict"] == "stable"
    high, margin = given["oxidation_limit, LiNbO3"], given["window_margin, LiNbO3"]
    assert high.value is not None
    assert margin.value == pytest.approx(high.value - 4.02)
    assert margin.uncertainty == high.uncertainty
    assert given["oxidation_limit, Al2O3"].value is None
    assert given["oxidation_limit, Al2O3"].flags == ("it is never oxidised",)
    beyond = compare_coatings(mean, ["LiNbO3"], "1 C", potential="4.8 V")
    assert beyond["window_margin, LiNbO3"].method.startswith("oxidised above 4.31 ± 0.15 V")
    assert (beyond["window_margin, LiNbO3"].value or 0.0) < 0
    assert beyond["cost, LiNbO3"].flags[0] == (
        "not stable at 4.8 V vs Li: oxidised above 4.31 ± 0.15 V"
    )
    close = compare_coatings(mean, ["LiNbO3"], "1 C", potential="4.25 V")
    assert close["window_margin, LiNbO3"].method == (
        "stable, but oxidised above 4.31 ± 0.15 V: too near to tell"
    )
    resting = compare_coatings(mean, ["LiNbO3"], "1 C")["coating_potential"]
    assert resting.value == pytest.approx(3.76)
    assert resting.method == "vs Li; the cathode's mean"
    assert "the end of charge is not known and lies higher" in resting.flags[0]
    with pytest.raises(InputError, match="potential: unknown reference electrode 'SHE'"):
        compare_coatings(mean, ["LiNbO3"], "1 C", potential="4.8 V vs SHE")


def test_area_resistances_are_printed_in_the_unit_of_results() -> None:
    assert "2727 ohm cm2" in str(STACK.resistances)
    assert "ohm m2" not in str(STACK)
    assert compute_energy_at(STACK, "1 C")["cell_resistance"].unit == "ohm cm2"


# --- what cannot be ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"cathode.capacity": "2000 mAh/g"},
            "cathode: 2000 mAh/g is implausible; NMC532 holds 277.6 mAh/g at most (theoretical, "
            "one Li per formula unit)",
        ),
        ({"cathode.capacity": "280 mAh/g"}, None),  # the theoretical one, rounded up
        ({"cathode.capacity": "281 mAh/g"}, "cathode: 281 mAh/g is implausible; NMC532 holds"),
    ],
)
def test_a_capacity_beyond_the_material_is_told(changes: Any, told: str | None) -> None:
    stack = STACK
    for path, changed in changes.items():
        stack = stack.with_value(path, changed)
    flags = compute_energy_at(stack, "0.1 C")["gravimetric"].flags
    assert (told is None and flags == ()) or (told is not None and flags[0].startswith(told))


def test_a_capacity_of_an_unknown_cathode_is_held_to_sulfurs() -> None:
    own = Constituent("own", 1.0, "4 g/cm3")
    cathode = STACK.cathode.replace(active=own, additives=())
    assert capacity_flags(STACK.replace(cathode=cathode.replace(capacity="1600 mAh/g"))) == ()
    assert capacity_flags(STACK.replace(cathode=cathode.replace(capacity="2000 mAh/g"))) == (
        "cathode: 2000 mAh/g is implausible; no cathode holds more than sulfur, 1672 mAh/g",
    )
    foil = Foil("own", capacity="3000 mAh/g", excess=0.2, density="1 g/cm3")
    assert capacity_flags(STACK.replace(anode=foil)) == ()
    indium = Foil("In-Li", capacity="1000 mAh/g", voltage="0.62 V", excess=0.2)
    (told,) = capacity_flags(STACK.replace(anode=indium))
    assert told.startswith("anode: 1000 mAh/g is implausible; In-Li holds 233.4 mAh/g at most")


@pytest.mark.parametrize("name", preset_names())
def test_presets_are_plausible(name: str) -> None:
    for stack in find_preset(name).stacks.values():
        assert capacity_flags(stack) == ()


# --- break-even at a load ---------------------------------------------------------------

OTHERS = [name for name in WANG.stacks if name not in (WANG.reference, "LiCoO2, bare")]


@given(
    st.sampled_from(OTHERS),
    st.sampled_from(["gravimetric", "volumetric"]),
    st.sampled_from(["1 C", "2 mA/cm2", "100 W/kg", "200 W/L", "5 mW/cm2"]),
)
@settings(max_examples=25, deadline=None)
def test_at_the_break_even_thickness_both_have_one_energy_at_the_load(
    name: str, by: str, load: str
) -> None:
    stack = WANG.stack(name)
    found = find_break_even(stack, STACK, by, load=load)
    target = compute_energy_at(STACK, load)[by].value
    assert target is not None
    if found.value is None:
        bare = compute_energy_at(stack.with_value("separator.thickness", "0 um"), load)[by].value
        assert (bare or 0.0) < target
        return
    thin = stack.with_value("separator.thickness", f"{found.value!r} um")
    assert compute_energy_at(thin, load)[by].value == pytest.approx(target, rel=1e-9)


def test_a_vanishing_load_leaves_the_break_even_at_open_circuit() -> None:
    thicker = STACK.with_value("separator.thickness", "40 um")
    for by in ("gravimetric", "volumetric"):
        at_rest = find_break_even(STACK, thicker, by)
        loaded = find_break_even(STACK, thicker, by, load="0.0001 C")
        assert at_rest.method.startswith("at open circuit; ")
        assert loaded.method.startswith("at 0.0001 C; ")
        assert loaded.quantity == f"break_even_{by}_at_load"
        assert loaded.value == pytest.approx(at_rest.value, rel=1e-4)


def test_a_break_even_at_a_load_by_hand() -> None:
    # At 1 C the current is fixed, so that mass and drop are linear in the thickness.
    poor = WANG.stack("NMC532, coating 350")
    wanted = at(STACK, "1 C")["discharge_energy"] * 3600
    current = 30.4
    bare = poor.with_value("separator.thickness", "0 um")
    voltage = at(bare, "1 C")["mean_discharge_voltage"]
    mass = (compute_energy(bare)["areal_mass"].value or 0.0) / 100
    charge = (compute_energy(bare)["areal_capacity"].value or 0.0) * 36_000
    slope = charge * current / 0.28 + wanted * poor.separator.mass_per_volume(None)
    by_hand = (charge * voltage - wanted * mass) / slope
    found = find_break_even(poor, STACK, load="1 C").value
    assert found == pytest.approx(1e6 * by_hand, rel=1e-4)


def test_what_a_break_even_at_a_load_leaves_open_is_told() -> None:
    found = find_break_even(LLZO, find_preset("wu-2016").reference_stack, load="1 C")
    assert found.value is not None
    assert found.value < (find_break_even(LLZO, "264 Wh/kg").value or 0.0) + 1
    assert found.flags[0].startswith("lower bound: the reference counts at open circuit")
    written = find_break_even(LLZO, "200 Wh/kg", load="1 C")
    assert written.flags == ("lower bound: the reference counts as it is: an energy has no load",)
    missed = find_break_even(STACK, "900 Wh/kg", load="1 C")
    assert missed.value is None
    assert missed.flags[0].startswith("not reached: without a separator the stack has 2")
    assert missed.flags[0].endswith(" Wh/kg at 1 C")
    bare = WANG.stack("LiCoO2, bare")
    assert find_break_even(STACK, bare, load="300 W/kg").flags == (
        "the reference cannot bear 300 W/kg",
    )
    assert find_break_even(bare, "2 Wh/kg", load="300 W/kg").flags[0] == (
        "not reached: even without a separator the stack cannot bear 300 W/kg"
    )
    leak = find_break_even(leaking(), "900 Wh/kg", load="1 C")
    assert "through which electrons leak" in leak.flags[0]
    thick = find_break_even(leaking("1e-13 S/cm"), "250 Wh/kg", load="1 C").value
    assert thick == pytest.approx(find_break_even(STACK, "250 Wh/kg", load="1 C").value, rel=1e-3)


def test_samples_say_what_is_at_the_load_and_what_at_open_circuit() -> None:
    ranges = [Range("separator.thickness", "10 um", "60 um", "assumed")]
    found = sample_energy(STACK, ranges, samples=20, load="1 C").result
    assert found["gravimetric, 5 %"].method.startswith("at open circuit; ")
    assert found["gravimetric_at_load, 5 %"].method.startswith("at 1 C; ")
    assert sweep_energy(STACK, "separator.thickness", "1 um", "2 um", points=2).load == ""


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
