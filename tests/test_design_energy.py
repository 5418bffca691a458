"""Stacks: what they weigh, hold and cost; what is refused; the inverse answers."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solith.core.errors import InputError, UnknownNameError
from solith.design import (
    AnodeFree,
    Collector,
    Constituent,
    Electrode,
    EnergyResult,
    Fixture,
    Foil,
    Liquid,
    Pouch,
    Price,
    Separator,
    Stack,
    Tab,
    compute_energy,
    exchange_electrolyte,
    find_break_even,
    find_ohmic_limit,
    find_preset,
    find_required_loading,
    find_thickness_for_gain,
    preset_names,
)

WU = find_preset("wu-2016")
LLZO, LIQUID = WU.stack("LLZO"), WU.stack("liquid")
WANG = find_preset("wang-2020").reference_stack
STEEL = Collector("steel", "8 um", "7.9 g/cm3")
PARTS = {
    "width": "10 cm",
    "length": "20 cm",
    "tabs": (Tab("Al", "0.2 mm", "3 cm", "4 cm", "2.7 g/cm3"),) * 2,
    "pouch": Pouch("113 um", "1.6 g/cm3", "5 mm"),
    "fixture": Fixture("steel", mass_per_force="0.01 g/N", pressure="1 MPa", density="7.9 g/cm3"),
}


def value(result: EnergyResult, quantity: str) -> float:
    found = result[quantity].value
    assert found is not None
    return found


# --- the publication --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "by", "published"),
    [
        ("LLZO", "gravimetric", 41),
        ("LATP", "gravimetric", 74),
        ("LGPS", "gravimetric", 115),
        ("LLZO", "volumetric", 120),
        ("LATP", "volumetric", 120),
        ("LGPS", "volumetric", 120),
    ],
)
def test_the_publications_break_even(name: str, by: str, published: float) -> None:
    assert find_break_even(WU.stack(name), LIQUID, by).value == pytest.approx(published, abs=2)


def test_the_publications_other_numbers() -> None:
    liquid = compute_energy(LIQUID)
    assert value(liquid, "gravimetric") == pytest.approx(264, rel=2e-3)
    assert value(liquid, "volumetric") == pytest.approx(640, rel=2e-3)
    for name, published in (("LLZO", 5), ("LGPS", 24)):
        found = find_thickness_for_gain(WU.stack(name), LIQUID, "50 %")
        assert found.quantity == "thickness_for_50_percent_gain"
        assert found.value == pytest.approx(published, abs=1)
    thickest = find_ohmic_limit(drop="50 mV", current_density="3 mA/cm2", conductivity="0.1 mS/cm")
    assert thickest.quantity == "max_thickness"
    assert thickest.value == pytest.approx(50 / 3, rel=1e-12)
    assert WU.assumptions
    assert preset_names() == ("wang-2020", "wu-2016")


def test_half_foils_miss_the_publication_and_say_so() -> None:
    half = compute_energy(LIQUID.replace(arrangement="half foils"))
    assert value(half, "gravimetric") > 1.05 * 264
    assert half.convention.startswith("half foils")
    assert compute_energy(LIQUID).convention.startswith("full foils")
    assert all(one.method == half.convention for one in half)


# --- sums and conventions ---------------------------------------------------------------


@given(
    st.floats(0.05, 0.95),
    st.floats(0.0, 0.8),
    st.floats(1, 60),
    st.integers(1, 30),
    st.sampled_from(["single-sided", "double-sided", "bipolar"]),
)
def test_masses_and_volumes_sum_to_the_stack(
    fraction: float, porosity: float, loading: float, cells: int, arrangement: str
) -> None:
    between = {"bipolar_collector": STEEL} if arrangement == "bipolar" else {}
    stack = LIQUID.replace(arrangement=arrangement, cells=cells, **between, **PARTS)
    stack = stack.with_value("cathode.loading", f"{loading} mg/cm2")
    stack = stack.with_value("cathode.active.mass_fraction", fraction)
    stack = stack.with_value("cathode.porosity", porosity)
    found = compute_energy(stack)
    mass = sum(row["mass"] for row in found.components)
    volume = sum(row["volume"] for row in found.components)
    assert mass == pytest.approx(value(found, "areal_mass") / 100, rel=1e-12)
    assert volume == pytest.approx(found.details["volume"], rel=1e-12)
    for share in ("mass_share", "volume_share"):
        assert sum(row[share] for row in found.components) == pytest.approx(1, rel=1e-12)
    # One and the same mass by hand: energy over gravimetric energy.
    areal, specific = value(found, "areal_energy"), value(found, "gravimetric")
    assert areal / specific == pytest.approx(value(found, "areal_mass") / 1e3, rel=1e-12)


@given(st.integers(1, 50))
def test_conventions_of_collectors(cells: int) -> None:
    one = compute_energy(LLZO)
    several = compute_energy(LLZO.replace(cells=cells))
    assert value(several, "gravimetric") == pytest.approx(value(one, "gravimetric"))
    assert value(several, "thickness") == pytest.approx(cells * value(one, "thickness"))
    double = LLZO.replace(arrangement="double-sided", cells=cells)
    counts = double.collector_counts
    assert sum(counts.values()) == cells + 1
    assert counts["anode_collector"] - counts["cathode_collector"] == (cells + 1) % 2
    assert (
        double.replace(outer="cathode").collector_counts["cathode_collector"]
        == (counts["anode_collector"])
    )


def test_many_double_sided_cells_come_to_half_foils() -> None:
    many = compute_energy(LLZO.replace(arrangement="double-sided", cells=100_000))
    half = compute_energy(LLZO.replace(arrangement="half foils"))
    assert value(many, "gravimetric") == pytest.approx(value(half, "gravimetric"), rel=1e-5)
    assert value(many, "gravimetric") > value(compute_energy(LLZO), "gravimetric")


def test_a_bipolar_stack_adds_voltages() -> None:
    bipolar = LLZO.replace(arrangement="bipolar", cells=10, bipolar_collector=STEEL)
    found, single = compute_energy(bipolar), compute_energy(LLZO)
    assert value(found, "voltage") == pytest.approx(36)
    assert value(found, "areal_capacity") == value(single, "areal_capacity")
    assert value(found, "areal_energy") == pytest.approx(10 * value(single, "areal_energy"))
    assert "9 bipolar collectors" in found.convention


def test_an_end_of_a_bipolar_stack_may_be_told_to_need_no_collector() -> None:
    bipolar = LLZO.replace(arrangement="bipolar", cells=4, bipolar_collector=STEEL)
    without = bipolar.replace(anode_collector=Collector("Cu", "0 um", "8.96 g/cm3"))
    thicknesses = [value(compute_energy(one), "thickness") for one in (bipolar, without)]
    assert thicknesses[0] - thicknesses[1] == pytest.approx(5)


def test_what_is_around_the_layers_is_weighed_by_hand() -> None:
    found = compute_energy(LLZO.replace(**PARTS))
    by_layer = {row["layer"]: row["mass"] for row in found.components}
    face = 0.1 * 0.2
    assert by_layer["pouch"] == pytest.approx(2 * 0.11 * 0.21 * 113e-6 * 1600 / face)
    assert by_layer["tab"] == pytest.approx(2e-4 * 0.03 * 0.04 * 2700 / face)
    assert by_layer["fixture"] == pytest.approx(1e-5 * 1e6)
    assert value(found, "mass") == pytest.approx(face * value(found, "areal_mass") * 10)
    assert value(found, "energy") == pytest.approx(value(found, "areal_energy") * 0.2)
    heavier = LLZO.replace(**PARTS).with_value("fixture.pressure", "5 MPa")
    assert value(compute_energy(heavier), "gravimetric") < value(found, "gravimetric")
    by_mass = LLZO.replace(**{**PARTS, "fixture": Fixture("steel", mass="0.2 kg", density=7900)})
    assert value(compute_energy(by_mass), "gravimetric") == pytest.approx(
        value(found, "gravimetric")
    )


# --- anodes and cathodes ----------------------------------------------------------------


def test_lithium_by_its_excess_or_not_at_all() -> None:
    capacity = 19.5e-2 * 200 * 3600 / 1e3 * 1e3  # C/m2
    counted = {row["material"]: row for row in compute_energy(LLZO).components}
    per_mass = 96485.33212 / 6.94e-3
    assert counted["Li"]["mass"] == pytest.approx(1.2 * capacity / per_mass)
    excess = compute_energy(LLZO.replace(anode=Foil(excess=0.2, porosity=0.1, holds="excess")))
    own = {row["material"]: row for row in excess.components if row["layer"] == "anode"}
    assert own["Li"]["mass"] == pytest.approx(0.2 * capacity / per_mass)
    plated = own["Li, plated from the cathode"]
    assert plated["mass"] == 0
    assert plated["volume"] == pytest.approx(5 * own["Li"]["volume"])
    free = compute_energy(LLZO.replace(anode=AnodeFree()))
    bare = compute_energy(LLZO.replace(anode=Foil(excess=0.0, holds="excess")))
    for quantity in ("gravimetric", "volumetric", "thickness"):
        assert value(free, quantity) == pytest.approx(value(bare, quantity))
    assert value(free, "gravimetric") > value(excess, "gravimetric")


def test_sulfur_needs_lithium_and_lithium_sulfide_brings_it() -> None:
    sulfur = Electrode(
        Constituent("S", 0.6, "2.07 g/cm3"),
        "1400 mAh/g",
        (Constituent("LGPS", 0.3), Constituent("carbon", 0.1, "2 g/cm3")),
        voltage="2.1 V",
        porosity=0.1,
        thickness="50 um",
        lithiated=False,
    )
    stack = Stack(sulfur, Separator("LGPS", "30 um"), Foil(excess=1.0))
    assert value(compute_energy(stack), "voltage") == pytest.approx(2.1)
    with pytest.raises(InputError, match=r"anode: the cell has no lithium: neither the cathode"):
        stack.replace(anode=AnodeFree())
    sulfide = sulfur.replace(
        active=Constituent("Li2S", 0.6, "1.66 g/cm3"), capacity="1000 mAh/g", lithiated=True
    )
    assert value(compute_energy(stack.replace(cathode=sulfide, anode=AnodeFree())), "gravimetric")


def test_silicon_and_indium_anodes() -> None:
    silicon = Electrode(
        Constituent("Si", 0.7, "2.33 g/cm3"),
        "2000 mAh/g",
        (Constituent("LGPS", 0.3),),
        voltage="0.4 V",
        porosity=0.2,
        excess=0.1,
        lithiated=False,
    )
    cathode = LLZO.cathode.replace(voltage="3.8 V")
    found = compute_energy(LLZO.replace(voltage=None, cathode=cathode, anode=silicon))
    assert value(found, "voltage") == pytest.approx(3.4)
    own = {row["material"]: row["mass"] for row in found.components if row["layer"] == "anode"}
    assert own["Si"] == pytest.approx(1.1 * 3.9e-3 * 1e4 / 2000 * 1e0)
    indium = Foil("In-Li", "200 mAh/g", "0.62 V", thickness="100 um", density="6.5 g/cm3")
    with_indium = compute_energy(LLZO.replace(voltage=None, cathode=cathode, anode=indium))
    assert value(with_indium, "voltage") == pytest.approx(3.18)
    assert value(with_indium, "gravimetric") < value(found, "gravimetric")
    assert value(with_indium, "areal_capacity") == pytest.approx(3.9)


def test_room_to_swell_takes_volume_and_no_mass() -> None:
    silicon = Electrode(
        Constituent("Si", 1.0, "2.33 g/cm3"),
        "2000 mAh/g",
        porosity=0.3,
        excess=0.1,
        lithiated=False,
    )
    plain = compute_energy(LLZO.replace(anode=silicon))
    swollen = compute_energy(LLZO.replace(anode=silicon.replace(swelling=0.8)))
    volume = sum(row["volume"] for row in plain.components if row["layer"] == "anode")
    room = next(row for row in swollen.components if row["material"] == "room to swell")
    assert room["volume"] == pytest.approx(0.8 * volume)
    assert room["mass"] == 0
    assert value(swollen, "thickness") == pytest.approx(value(plain, "thickness") + 0.8e6 * volume)
    assert value(swollen, "gravimetric") == pytest.approx(value(plain, "gravimetric"))
    assert value(swollen, "volumetric") < value(plain, "volumetric")
    assert sum(row["volume"] for row in swollen.components) == pytest.approx(
        swollen.details["volume"], rel=1e-12
    )


def test_an_anode_of_fixed_size_may_limit_the_cell() -> None:
    graphite = LIQUID.anode.replace(excess=None, loading="5 mg/cm2")  # type: ignore[union-attr]
    found = compute_energy(LIQUID.replace(anode=graphite))
    assert value(found, "areal_capacity") == pytest.approx(5 * 0.3615)
    assert found.gravimetric.flags == (
        "the anode has less capacity than the cathode and limits the cell",
    )
    assert compute_energy(LIQUID).gravimetric.flags == ()
    limited = find_required_loading(LIQUID.replace(anode=graphite), "260 Wh/kg")
    assert limited.value is None
    assert "holds less than this loading asks for" in limited.flags[0]


def test_two_of_three_sizes_give_the_third() -> None:
    by_loading = compute_energy(LLZO)
    thickness = sum(r["volume"] for r in by_loading.components if r["layer"] == "cathode")
    cathode = LLZO.cathode.replace(porosity=None, thickness=thickness)
    assert cathode.pore_fraction() == pytest.approx(0.1, rel=1e-9)
    for sized in (cathode, LLZO.cathode.replace(loading=None, thickness=thickness)):
        found = compute_energy(LLZO.replace(cathode=sized))
        assert value(found, "volumetric") == pytest.approx(value(by_loading, "volumetric"))


def test_another_electrolyte_takes_the_same_volume() -> None:
    before, after = compute_energy(LLZO), compute_energy(exchange_electrolyte(LLZO, "LGPS"))
    for row, other in zip(before.components, after.components, strict=True):
        assert other["volume"] == pytest.approx(row["volume"], rel=1e-12)
    fractions = exchange_electrolyte(LLZO, "LGPS", density="2.0 g/cm3").cathode
    assert fractions.active.mass_fraction == pytest.approx(80 / 91)
    with pytest.raises(InputError, match="'LLZO' is the active material and cannot be exchanged"):
        exchange_electrolyte(
            LLZO.replace(cathode=LLZO.cathode.replace(active=Constituent("LLZO", 0.8))), "LGPS"
        )


# --- costs ------------------------------------------------------------------------------


def test_cost_is_a_lower_bound_until_all_is_priced() -> None:
    priced = LLZO.replace(
        separator=LLZO.separator.replace(price=Price("10 USD/m2", "10.1039/c6ta05439k"))
    )
    found = compute_energy(priced)
    assert value(found, "areal_cost") == pytest.approx(10)
    kwh = value(found, "areal_energy") * 1e4 / 1e6
    assert value(found, "cost_per_energy") == pytest.approx(10 / kwh)
    assert found["cost_per_energy"].unit == "USD/kWh"
    assert found["areal_cost"].source == "10.1039/c6ta05439k"
    assert found["areal_cost"].flags[0].startswith("lower bound: no price of NCA, carbon black")
    assert "areal_cost" not in compute_energy(LLZO)
    assert "10 USD/m2" in str(found)
    mixed = priced.replace(
        anode_collector=Collector("Cu", "5 um", 8960, Price("9 EUR/kg", "assumed"))
    )
    with pytest.raises(InputError, match="price: prices are in EUR, USD; give them in one"):
        compute_energy(mixed)
    assert Price("2 USD/g", "assumed").per_mass == pytest.approx(2000)
    framed = LLZO.replace(
        width="10 cm",
        length="20 cm",
        fixture=Fixture("steel", mass="0.2 kg", density=7900, price=Price("5 USD/kg", "assumed")),
        tabs=(Tab("Al", "0.2 mm", "3 cm", "4 cm", 2700, Price("10 USD/kg", "assumed")),),
    )
    costs = {row["layer"]: row["cost"] for row in compute_energy(framed).components}
    assert costs["fixture"] == pytest.approx(0.2 * 5 / 0.02)
    assert costs["tab"] == pytest.approx(2e-4 * 0.03 * 0.04 * 2700 * 10 / 0.02)


# --- as text, and refusals --------------------------------------------------------------


def as_toml(mapping: Mapping[str, Any]) -> str:
    def written(thing: Any) -> str:
        if isinstance(thing, Mapping):
            return "{" + ", ".join(f"{key} = {written(one)}" for key, one in thing.items()) + "}"
        if isinstance(thing, (list, tuple)):
            return "[" + ", ".join(map(written, thing)) + "]"
        return json.dumps(thing)

    return "\n".join(f"{key} = {written(thing)}" for key, thing in mapping.items())


@pytest.mark.parametrize("name", list(WU.stacks))
def test_a_stack_goes_through_toml_without_loss(name: str) -> None:
    stack = WU.stack(name).replace(**PARTS, cells=4, arrangement="double-sided")
    assert Stack.from_mapping(tomllib.loads(as_toml(stack.to_mapping()))) == stack


def change(path: str, new: Any) -> Callable[[dict[str, Any]], None]:
    def apply(mapping: dict[str, Any]) -> None:
        *places, last = path.split(".")
        for place in places:
            mapping = mapping[int(place)] if place.isdigit() else mapping[place]
        if new is None:
            del mapping[last]
        else:
            mapping[last] = new

    return apply


@pytest.mark.parametrize(
    ("path", "new", "told"),
    [
        ("anode", None, "anode is missing; give a value for it"),
        ("anode", "none", "anode: 'none' is not a kind of anode; expected a table with 'kind'"),
        ("cathode.active.mass_fraction", 1.2, "cathode.active.mass_fraction: 1.2 must be at most"),
        (
            "cathode.active.mass_fraction",
            0.9,
            "cathode.additives: the mass fractions of active material and additives sum to 1.1; "
            "they must sum to 1",
        ),
        ("cathode.porosity", 1.0, "cathode.porosity: 1 leaves no room for solids; it must be"),
        ("separator.porosity", 1, "separator.porosity: 1 leaves no solid; it must be below 1"),
        ("anode.porosity", 1.0, "anode.porosity: 1 leaves no metal; it must be below 1"),
        ("anode.excess", None, "anode.excess: give either excess or thickness of the foil"),
        ("anode.kind", "graphit", "anode: unknown kind of anode 'graphit'"),
        ("cathode.loading", None, "give two of loading, thickness and porosity; given: porosity"),
        ("cathode.loading", 0.195, "cathode.loading: 0.195 has no unit"),
        ("cathode.excess", 0.1, "cathode.excess: with excess give porosity, and neither loading"),
        ("cathode.filling", "liquid", "liquid: is missing; the pores of the cathode are said"),
        ("cathode.active.density", None, "the materials table has no density of 'unobtainium'"),
        ("voltage", None, "voltage: is missing; give it, or the voltage vs Li of both electrodes"),
        ("cells", 0, "cells: 0 must be at least 1"),
        ("arrangement", "rolled", "arrangement: unknown arrangement 'rolled'"),
        ("pouch", {"thickness": "0.1 mm", "density": "1 g/cm3"}, "width: give width and length"),
    ],
)
def test_impossible_stacks_are_refused(path: str, new: Any, told: str) -> None:
    mapping = LLZO.to_mapping()
    mapping["cathode"]["active"]["material"] = "unobtainium"
    change(path, new)(mapping)
    with pytest.raises(InputError) as error:
        Stack.from_mapping(mapping)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: LLZO.replace(arrangement="half foils", cells=2), "cells: half foils are those of"),
        (lambda: LLZO.replace(arrangement="bipolar", cells=2), "bipolar_collector: is missing"),
        (
            lambda: LLZO.replace(
                arrangement="bipolar", cells=2, bipolar_collector=STEEL, anode_collector=None
            ),
            "anode_collector: is missing; a bipolar stack ends in a collector of each electrode",
        ),
        (
            lambda: LLZO.replace(arrangement="bipolar", cathode_collector=None),
            "cathode_collector: is missing; a bipolar stack ends in a collector of each electrode",
        ),
        (
            lambda: LLZO.replace(bipolar_collector=STEEL),
            "bipolar_collector: lies between the cells of a bipolar stack, and this one is "
            "single-sided; leave it out, or set arrangement = 'bipolar'",
        ),
        (
            lambda: LLZO.replace(outer="anode"),
            "outer: is for double-sided electrodes, and this stack is single-sided; leave it out",
        ),
        (
            lambda: LLZO.replace(liquid=Liquid("1.1 g/cm3")),
            "liquid: fills no pores; set filling = 'liquid' of the cathode, the separator or the",
        ),
        (
            lambda: LLZO.replace(width="10 cm"),
            "length: is missing; a face has width and length",
        ),
        (
            lambda: LLZO.replace(length="10 cm"),
            "width: is missing; a face has width and length",
        ),
        (
            lambda: LIQUID.replace(anode=LIQUID.anode.replace(end_of_charge="1 V")),  # type: ignore[union-attr]
            "anode.end_of_charge: is the cathode's; leave it out",
        ),
        (
            lambda: WANG.replace(cathode=WANG.cathode.replace(end_of_charge="3 V vs Li")),
            "end_of_charge: 3 V vs Li lies below the mean potential, 3.76 V",
        ),
        (
            lambda: WANG.replace(cathode=WANG.cathode.replace(end_of_charge="4 V vs SHE")),
            "end_of_charge: unknown reference electrode 'SHE'",
        ),
        (lambda: find_break_even(LLZO, LIQUID, load="3 V"), "load: '3 V' is no load; expected a"),
        (
            lambda: LLZO.replace(arrangement="half foils", **PARTS),
            "arrangement: an endless stack has no tabs, pouch or fixture around it",
        ),
        (
            lambda: LLZO.with_value("separator.density", "5000 g/cm3"),
            "density: 5000000.0 must be at most",
        ),
        (
            lambda: LLZO.with_value("cathode.capacity", "200 Ah/g"),
            "capacity: 720000000.0 must be at most",
        ),
        (
            lambda: LIQUID.replace(anode=LIQUID.anode.replace(lithiated=True)),  # type: ignore[union-attr]
            "anode.lithiated: both electrodes hold lithium as assembled",
        ),
        (lambda: LLZO.replace(cathode=LIQUID.anode), "cathode: excess is the anode's"),
        (
            lambda: LLZO.replace(cathode=LLZO.cathode.replace(porosity=None, thickness="20 um")),
            "thickness: is too little for the loading, which without pores is 54.34 um thick",
        ),
        (
            lambda: LLZO.replace(voltage=None, cathode=LLZO.cathode.replace(voltage="-1 V")),
            "voltage: the electrodes' mean potentials differ by -1 V",
        ),
        (lambda: compute_energy("LLZO"), "str is no stack; expected a solith.design.Stack"),  # type: ignore[arg-type]
        (lambda: Fixture("steel", density=7900), "mass: give either mass, or mass_per_force and"),
        (lambda: Price("ten", "assumed"), "amount: 'ten' is no price; expected one like"),
        (lambda: Price("10 USD/V", "assumed"), "amount: '10 USD/V' is no price"),
        (lambda: Price("-1 USD/kg", "assumed"), "amount: '-1 USD/kg' must be at least 0"),
        (lambda: Price("1 USD/kg", " "), "source: is empty; give a DOI"),
        (lambda: Liquid(0.0), "density: 0.0 must be above 0 kg/m3"),
        (lambda: find_break_even(LLZO, LIQUID, "areal"), "by: unknown energy 'areal'"),
        (lambda: find_break_even(LLZO, 264), "reference: 264 is no reference; expected a stack"),  # type: ignore[arg-type]
        (lambda: find_break_even(LLZO, "264 Wh/L"), "reference: '264 Wh/L' has the unit 'Wh/L'"),
        (lambda: find_thickness_for_gain(LLZO, LIQUID, -1), "gain: -1 leaves no energy"),
        (lambda: find_ohmic_limit(drop="1 mV"), "give three of drop, current_density"),
        (
            lambda: find_ohmic_limit(drop=0, current_density=1, conductivity=1),
            "drop: 0 must be above 0",
        ),
        (
            lambda: LLZO.with_value("separator.thick", 1),
            "separator.thick: unknown quantity 'thick'",
        ),
        (lambda: LLZO.with_value("pouch.margin", 1), "pouch.margin: 'pouch' is not given; nothing"),
        (
            lambda: LLZO.with_value("cathode.additives.3.density", 1),
            "cathode.additives.3.density: '3' is no number from 1 to 2",
        ),
        (lambda: LLZO.with_value("separator.thickness", "5 V"), "'5 V' has the unit 'V'"),
    ],
)
def test_what_cannot_be_is_one_clear_error(make: Callable[[], Any], told: str) -> None:
    with pytest.raises(InputError) as error:
        make()
    assert told in str(error.value)


def test_unknown_presets_and_stacks_are_named() -> None:
    with pytest.raises(UnknownNameError, match="unknown preset 'wu-2015'; did you mean 'wu-2016'"):
        find_preset("wu-2015")
    with pytest.raises(UnknownNameError, match="unknown stack of wu-2016 'LISICON'"):
        WU.stack("LISICON")


# --- inverse answers --------------------------------------------------------------------


def bisected(over: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling ``over`` crosses 0."""
    for _ in range(70):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if over(middle) > 0 else (low, middle)
    return low


@given(
    st.sampled_from(["LLZO", "LATP", "LGPS", "liquid"]),
    st.sampled_from(["gravimetric", "volumetric"]),
    st.floats(10, 50),
    st.floats(-0.5, 0.1),
    st.sampled_from(["single-sided", "double-sided"]),
)
def test_thickness_against_bisection(
    name: str, by: str, loading: float, gain: float, arrangement: str
) -> None:
    stack = WU.stack(name).replace(arrangement=arrangement, cells=3, **PARTS)
    stack = stack.with_value("cathode.loading", f"{loading} mg/cm2")
    found = find_thickness_for_gain(stack, LIQUID, gain, by)
    target = (1 + gain) * value(compute_energy(LIQUID), by)

    def over(thickness: float) -> float:
        changed = stack.with_value("separator.thickness", thickness)
        return value(compute_energy(changed), by) - target

    if found.value is None:
        assert over(0.0) < 0
        assert "not reached: without a separator the stack has" in found.flags[0]
    else:
        assert found.value == pytest.approx(1e6 * bisected(over, 0.0, 1.0), rel=1e-10, abs=1e-9)


@settings(max_examples=20)
@given(st.sampled_from(["gravimetric", "volumetric"]), st.floats(5, 60))
def test_loading_against_bisection(by: str, thickness: float) -> None:
    stack = LLZO.with_value("separator.thickness", f"{thickness} um")
    found = find_required_loading(stack, LIQUID, by)
    target = value(compute_energy(LIQUID), by)

    def under(loading: float) -> float:
        changed = stack.with_value("cathode.loading", loading)
        return target - value(compute_energy(changed), by)

    assert found.value == pytest.approx(100 * bisected(under, 1e-6, 100.0), rel=1e-10)


def test_what_no_loading_reaches() -> None:
    found = find_required_loading(LIQUID, "700 Wh/kg")
    assert found.value is None
    assert found.flags == ("not reached at any loading: the electrodes alone have less energy",)


@given(st.floats(1, 100), st.floats(0.1, 10), st.floats(0.01, 10))
def test_ohms_law_in_all_directions(drop: float, current: float, conductivity: float) -> None:
    known = {
        "drop": f"{drop} mV",
        "current_density": f"{current} mA/cm2",
        "conductivity": f"{conductivity} mS/cm",
    }
    thickness = find_ohmic_limit(**known)
    known["thickness"] = f"{thickness.value} um"
    for name, quantity, expected in (
        ("drop", "ohmic_drop", drop),
        ("current_density", "max_current_density", current),
        ("conductivity", "required_conductivity", conductivity),
    ):
        found = find_ohmic_limit(**{key: one for key, one in known.items() if key != name})
        assert found.quantity == quantity
        assert found.value == pytest.approx(expected, rel=1e-12)


# --- like with like ---------------------------------------------------------------------


def test_a_packed_stack_beside_an_unpacked_reference_is_marked() -> None:
    packed = LLZO.replace(**PARTS)
    told = (
        "not like with like: the stack counts tabs and pouch and fixture, its reference nothing "
        "around the layers"
    )
    for found in (
        find_break_even(packed, LIQUID),
        find_break_even(packed, LIQUID, "volumetric"),
        find_thickness_for_gain(packed, LIQUID, "1000 %"),
        find_required_loading(packed, LIQUID),
    ):
        assert told in found.flags
    assert "its reference tabs" in find_break_even(LLZO, LIQUID.replace(**PARTS)).flags[0]
    alike = find_break_even(packed, LIQUID.replace(**PARTS), "volumetric").flags
    assert not [flag for flag in alike if flag.startswith("not like")]
    assert find_break_even(packed, "10 Wh/kg").flags == ()


def test_a_table_without_prices_has_no_column_of_costs() -> None:
    assert "cost" not in str(compute_energy(LLZO))
    priced = LLZO.replace(separator=LLZO.separator.replace(price=Price("20 USD/kg", "assumed")))
    text = str(compute_energy(priced))
    assert "no price given" in text
    assert "weighs nothing" in text
    assert " -\n" not in text


def test_a_capacity_that_no_such_material_has_is_told() -> None:
    stack = LLZO
    told = compute_energy(stack.with_value("cathode.capacity", "2000 mAh/g"))["gravimetric"].flags
    assert any("2000 mAh/g" in flag for flag in told), told
    assert not any("mAh/g" in flag for flag in compute_energy(stack)["gravimetric"].flags)
