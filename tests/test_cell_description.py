"""Cells, protocols and interface laws as descriptions."""

from __future__ import annotations

import math

import numpy as np
import pybamm
import pytest
from hypothesis import given
from hypothesis import strategies as st
from validation.cells import coated_cell

from solith.cell import (
    PROTOCOLS,
    Cell,
    Cycling,
    Impedance,
    cc_cv,
    cycle,
    parameter_values,
    rate_series,
)
from solith.cell.reference import read_potential
from solith.cell.steps import read_step
from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.errors import InputError, UnitError, UnknownNameError
from solith.interface import AreaResistance, ButlerVolmer, Film, LinearTransfer
from solith.interface.arrhenius import arrhenius_factor
from solith.materials import find_material


def changed(path: str, value: object) -> dict:
    """The coated cell's mapping with one value replaced (or, with ``None``, removed)."""
    mapping = coated_cell().to_mapping()
    place = mapping
    *parents, last = path.split(".")
    for key in parents:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return mapping


def test_a_cell_goes_through_plain_data_without_loss():
    cell = coated_cell()
    assert Cell.from_mapping(cell.to_mapping()) == cell


@pytest.mark.parametrize(
    ("path", "value", "error", "text"),
    [
        ("anode.material", "LGPS", InputError, "expected 'anode'"),
        ("cathode.material", "NMC999", UnknownNameError, "cathode.material: unknown material"),
        ("cathode.material", "LGPS", InputError, "expected 'active material'"),
        ("cathode.coating.thickness", "-1 nm", InputError, "must be above 0 m"),
        ("cathode.coating.thickness", float("nan"), InputError, "is not a finite number"),
        ("cathode.coating.thickness", "7.5 V", UnitError, "of the wrong dimension"),
        ("cathode.coating.thickness", "7.5", UnitError, "has no unit"),
        ("cathode.composite.contact_fraction", 1.2, InputError, "must be at most 1"),
        ("cathode.composite.contact_fraction", 0, InputError, "must be above 0"),
        ("cathode.composite.active_fraction", 0.9, InputError, "must be at most 1"),
        ("cathode.loading", None, InputError, "give exactly one of loading and thickness"),
        ("cathode.initial_lithium_fraction", 0.1, InputError, "is outside the range"),
        (
            "cathode.charge_transfer.law",
            "tafel",
            UnknownNameError,
            "unknown charge transfer 'tafel'",
        ),
        ("cathode.charge_transfer.law", None, InputError, "law is missing"),
        ("electrolyte.thickness", None, InputError, "thickness is missing"),
        ("cathode.coating.thickness", 7.5, UnitError, "7.5 has no unit; expected a length"),
        ("cathode.diffusivity", 1e-14, UnitError, "has no unit; expected a diffusivity"),
        ("temperature", 25, UnitError, "25 has no unit; expected a temperature"),
        ("temperature", "25 K", InputError, "must be at least 150 K"),
        ("cathode.coating.material", "unobtainium", UnknownNameError, "unknown material"),
        ("cathode.coating.material", "NMC532", InputError, "expected 'coating' or 'electrolyte'"),
        (
            "cathode.composite.electronic_conductivity",
            None,
            InputError,
            "cathode.composite.electronic_conductivity: is missing; give it",
        ),
        ("area", "0.785 cm", UnitError, "expected an area such as '0.785 cm2'"),
    ],
)
def test_a_wrong_value_names_field_value_and_what_is_expected(path, value, error, text):
    with pytest.raises(error) as caught:
        Cell.from_mapping(changed(path, value))
    assert text in str(caught.value)
    assert path.split(".")[0] in str(caught.value)


def test_a_misspelt_key_is_named_with_the_nearest_one():
    mapping = coated_cell().to_mapping()
    mapping["cathode"]["coatting"] = mapping["cathode"].pop("coating")
    with pytest.raises(UnknownNameError, match="did you mean 'coating'"):
        Cell.from_mapping(mapping)


def test_areas_follow_from_the_composite():
    cell = coated_cell()
    composite = cell.cathode.composite
    spheres = 3 * composite.active_fraction / composite.particle_radius
    active = spheres * composite.accessible_fraction * cell.cathode.depth * cell.area
    assert cell.active_area == pytest.approx(active)
    assert cell.contact_area == pytest.approx(active * composite.contact_fraction)


def test_loading_and_thickness_say_the_same():
    by_loading = coated_cell()
    depth = by_loading.cathode.depth
    by_thickness = coated_cell(loading=None, thickness=f"{depth!r} m")
    assert by_thickness.active_mass == pytest.approx(by_loading.active_mass)


def test_a_film_is_thickness_over_conductivity():
    film = Film("7.5 nm", "38.7 uS/cm")
    assert film.area_resistance == pytest.approx(7.5e-9 / 3.87e-3)
    with pytest.raises(InputError, match="conductivity is missing"):
        Film("7.5 nm")


def test_a_coating_takes_its_conductivity_from_the_table():
    cell = coated_cell(coating={"material": "LNTO-450", "thickness": "7.5 nm"})
    assert cell.cathode.coating is not None
    assert cell.cathode.coating.conductivity == pytest.approx(38.7e-4)
    niobate = coated_cell(coating={"material": "LiNbO3", "thickness": "5 nm"}).cathode.coating
    table = find_material("LiNbO3")
    assert niobate is not None
    assert niobate.conductivity == pytest.approx(table.ionic_conductivity(298.15))
    assert niobate.activation_energy == pytest.approx(table.value("activation_energy"))


@pytest.mark.parametrize("place", ["layer", "coating", "interphase", "further", "anode", "grain"])
def test_every_resistance_follows_its_activation_energy(place):
    """At 60 degC each falls by its Arrhenius factor, whichever way it is stored."""
    energy = 40e3
    cell = coated_cell()
    element = {"resistance": "10 ohm cm2", "capacitance": "1 uF/cm2", "activation_energy": energy}
    described = {
        "layer": {"electrolyte": cell.electrolyte.replace(activation_energy=energy)},
        "coating": {
            "cathode": cell.cathode.replace(
                coating=cell.cathode.coating.replace(activation_energy=energy)
            )
        },
        "interphase": {
            "cathode": cell.cathode.replace(
                interphase=cell.cathode.interphase.replace(activation_energy=energy)
            )
        },
        "further": {"cathode": cell.cathode.replace(further_resistance=AreaResistance(**element))},
        "anode": {"anode": cell.anode.replace(interface=AreaResistance(**element))},
        "grain": {
            "electrolyte": cell.electrolyte.replace(grain_boundary=AreaResistance(**element))
        },
    }[place]
    name, rises = {
        "layer": ("Separator bulk area resistance [Ohm.m2]", False),
        "coating": ("Positive coating conductivity [S.m-1]", True),
        "interphase": ("Positive interphase conductivity [S.m-1]", True),
        "further": ("Positive further resistance [Ohm.m2]", False),
        "anode": ("Negative interface area resistance [Ohm.m2]", False),
        "grain": ("Separator grain boundary area resistance [Ohm.m2]", False),
    }[place]
    values = parameter_values(cell.replace(**described))
    factor = np.exp(-energy / GAS_CONSTANT * (1 / 333.15 - 1 / 298.15))
    warm, cold = (values.evaluate(values[name](pybamm.Scalar(t))) for t in (333.15, 298.15))
    assert warm / cold == pytest.approx(factor if rises else 1 / factor)


def test_a_tabulated_diffusivity_is_interpolated_in_its_logarithm():
    table = {
        "law": "table",
        "lithium_fractions": [0.3, 0.6, 0.9],
        "values": ["1e-10 cm2/s", "1e-12 cm2/s", "5e-11 cm2/s"],
    }
    values = parameter_values(coated_cell(diffusivity=table))
    function = values["Positive particle diffusivity [m2.s-1]"]
    for fraction, wanted in ((0.3, 1e-14), (0.45, 1e-15), (0.6, 1e-16), (0.2, 1e-14), (1, 5e-15)):
        found = values.evaluate(function(pybamm.Scalar(fraction), pybamm.Scalar(298.15)))
        assert float(np.squeeze(found)) == pytest.approx(wanted, rel=1e-9)


@given(st.floats(1e-3, 1e3), st.floats(250, 400))
def test_exchange_current_and_area_resistance_are_tied(resistance, temperature):
    law = ButlerVolmer(area_resistance=resistance)
    exchange = law.exchange(temperature)
    assert exchange * resistance == pytest.approx(GAS_CONSTANT * temperature / FARADAY)
    assert LinearTransfer(exchange_current_density=exchange).exchange(temperature) == exchange


def test_exactly_one_way_to_say_the_kinetics():
    with pytest.raises(InputError, match="exactly one of exchange_current_density"):
        ButlerVolmer()


@given(st.floats(1e3, 1e5), st.floats(250, 400), st.floats(250, 400))
def test_arrhenius_there_and_back(energy, one, other):
    product = arrhenius_factor(energy, one, other) * arrhenius_factor(energy, other, one)
    assert product == pytest.approx(1)
    assert (arrhenius_factor(energy, one, other) >= 1) == (one >= other)


@given(st.floats(0, 5, allow_subnormal=False))
def test_potentials_name_their_reference(value):
    assert read_potential(f"{value!r} V vs Li") == pytest.approx(value)
    assert read_potential(f"{value!r} V vs Li-In") == pytest.approx(value + 0.62)


@pytest.mark.parametrize(
    ("text", "message"),
    [("3.8 V", "names no reference"), ("3.8 V vs Ag/AgCl", "unknown reference electrode")],
)
def test_a_potential_without_a_known_reference_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        read_potential(text)


def test_steps_are_read_from_words():
    step = read_step("charge at C/10 for 2 h or until 3.8 V vs Li-In")
    assert step.action == "charge"
    assert step.current is not None
    assert step.current.rate == pytest.approx(0.1)
    assert step.duration == 7200
    assert step.potential is not None
    assert step.potential.value == pytest.approx(4.42)
    hold = read_step("hold at 4.2 V vs Li until 50 uA")
    assert hold.current is not None
    assert hold.current.amperes(coated_cell()) == pytest.approx(5e-5)
    density = read_step("discharge at 0.13 mA/cm2 until 2 V vs Li").current
    assert density is not None
    cell = coated_cell()
    assert density.amperes(cell) == pytest.approx(1.3 * cell.area)


@pytest.mark.parametrize(
    "text",
    [
        "charge",
        "rest",
        "charge at 0.1 C",
        "rest until 3 V vs Li",
        "jump at 1 C until 3 V vs Li",
        "",
    ],
)
def test_what_is_no_step_is_refused_with_the_forms_on_offer(text):
    with pytest.raises(InputError, match="is not a step; write one of: charge at CURRENT"):
        read_step(text)


def test_negative_currents_and_times_are_refused():
    with pytest.raises(InputError, match="must be above 0"):
        read_step("charge at -0.1 C until 4 V vs Li")
    with pytest.raises(InputError, match="must be above 0"):
        read_step("rest for 0 s")


@pytest.mark.parametrize(
    "protocol",
    [
        cycle("0.1 C", "3.8 V vs Li-In", "2.1 V vs Li-In"),
        cc_cv("0.1 C", "3.8 V vs Li-In", "2.1 V vs Li-In", "0.02 C", cycles=3),
        rate_series(["0.1 C", "1 C"], "3.8 V vs Li-In", "2.1 V vs Li-In"),
        Impedance(potential="3.6 V vs Li-In"),
        Impedance(state_of_charge=0.5, window=("2.5 V vs Li-In", "3.7 V vs Li-In")),
    ],
)
def test_protocols_go_through_plain_data_without_loss(protocol):
    assert PROTOCOLS.read(PROTOCOLS.write(protocol)) == protocol


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "exactly one of potential, lithium_fraction, state_of_charge"),
        ({"potential": "3.6 V"}, "names no reference"),
        ({"state_of_charge": 0.5}, "belong together"),
        ({"lithium_fraction": 0.5, "lowest": "10 Hz", "highest": "1 Hz"}, "must be below highest"),
    ],
)
def test_impedance_wants_one_state(fields, text):
    with pytest.raises(InputError, match=text):
        Impedance(**fields)


def test_state_of_charge_lies_between_its_potentials():
    cell = coated_cell()
    window = ("2.8 V vs Li-In", "3.7 V vs Li-In")
    ends = [Impedance(potential=v).lithium_fraction_in(cell) for v in window]
    middle = Impedance(state_of_charge=0.5, window=window).lithium_fraction_in(cell)
    assert middle == pytest.approx(np.mean(ends))


def test_cycling_counts_from_one():
    with pytest.raises(InputError, match="must be at least 1"):
        Cycling(("rest for 1 h",), cycles=0)
    with pytest.raises(InputError, match="the list is empty"):
        Cycling(())


def test_area_resistance_has_both_parts():
    element = AreaResistance("10 ohm cm2", "1 mF/cm2")
    assert math.isclose(element.resistance, 1e-3)
    assert math.isclose(element.capacitance, 10)


def test_an_anode_without_a_potential_is_refused():
    mapping = changed("anode.material", "graphite")
    del mapping["anode"]["potential"]
    with pytest.raises(InputError, match="has no constant potential in the materials table"):
        Cell.from_mapping(mapping)


def test_currents_may_be_given_per_mass():
    cell = coated_cell()
    current = read_step("charge at 20 mA/g for 1 h").current
    assert current is not None
    assert current.amperes(cell) == pytest.approx(20 * cell.active_mass)


@pytest.mark.parametrize("name", ["Li", "Li+/Li", "Li/Li+"])
def test_lithium_is_called_by_any_of_its_names(name):
    assert read_potential(f"3.7 V vs {name}") == pytest.approx(3.7)


def test_a_window_upside_down_is_refused():
    with pytest.raises(InputError, match="must lie below"):
        Impedance(state_of_charge=0.2, window=("3.7 V vs Li-In", "2.8 V vs Li-In"))


def test_a_cell_prints_its_fields_and_the_areas_that_follow():
    text = str(coated_cell())
    assert "cathode.coating.thickness" in text
    assert "contact area (follows)" in text
    assert coated_cell()._repr_html_().startswith("<table>")
