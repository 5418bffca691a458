"""Every law of an interface at its limits, by itself and in the cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from validation.cells import coated_cell
from validation.growth_and_oxidation import marks as growth_and_oxidation_marks
from validation.loss_budget import worst_closure

from solith.cell import Cell, Cycling, Impedance, cell_after, cycle, simulate
from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.errors import InputError
from solith.core.record import Record
from solith.interface import (
    AccessLoss,
    BreathingContact,
    DepletionLayer,
    ElasticRoughContact,
    LoadBearingContact,
    LogarithmicContact,
    PlasticRoughContact,
    PowerLawContact,
    TabulatedContact,
    TafelOxidation,
    find_spot_resistance,
)

UPPER, LOWER = "3.7 V vs Li-In", "2.1 V vs Li-In"
OXIDATION = {
    "law": "tafel",
    "current_density": "1e-4 A/m2",
    "potential": "4.2 V",
    "product_volume": "3e-5 m3/mol",
}


def test_growth_and_oxidation_meet_their_marks() -> None:
    missed = [str(mark) for mark in growth_and_oxidation_marks() if not mark.met]
    assert not missed


def test_oxidation_is_tafel_and_slowed_by_what_covers() -> None:
    law = TafelOxidation(1e-4, 4.2, 3e-5, product_decay="5 nm", coating_decay="2 nm")
    thermal = GAS_CONSTANT * 298.15 / FARADAY
    bare = law.current_density_at(4.2, 0.0, 0.0, 298.15)
    assert bare == pytest.approx(1e-4)
    decade = 2 * thermal * np.log(10)
    assert law.current_density_at(4.2 + decade, 0.0, 0.0, 298.15) == pytest.approx(1e-3)
    assert law.current_density_at(4.2, 5e-9, 2e-9, 298.15) == pytest.approx(1e-4 * np.exp(-2))
    unslowed = law.replace(product_decay=None, coating_decay=None)
    assert unslowed.current_density_at(4.2, 1e-6, 1e-6, 298.15) == pytest.approx(1e-4)


def test_a_coating_slows_oxidation_in_the_cell() -> None:
    oxidation = {**OXIDATION, "coating_decay": "5 nm"}
    bare, coated = (
        simulate(
            coated_cell(coating=coating, oxidation=oxidation), cycle("0.5 C", UPPER, LOWER)
        ).array("oxidation_charge_ah")[-1]
        for coating in (None, {"thickness": "7.5 nm", "conductivity": "1e-6 S/cm"})
    )
    assert coated / bare == pytest.approx(np.exp(-1.5), rel=0.02)


def test_oxidation_without_an_interphase_is_refused() -> None:
    with pytest.raises(InputError, match="oxidation: makes interphase; describe interphase"):
        coated_cell(interphase=None, oxidation=OXIDATION)


def test_a_depletion_layer_is_nothing_below_flat_band_and_rises_with_the_root() -> None:
    law = DepletionLayer("100 ohm cm2", "4.0 V", "3.6 V")
    assert law.resistance_at(4.0) == pytest.approx(1e-2, rel=1e-2)
    assert law.resistance_at(5.2) / law.resistance_at(4.0) == pytest.approx(2, rel=1e-2)
    assert law.resistance_at(3.0) < 0.03 * law.resistance_at(4.0)
    with pytest.raises(InputError, match=r"flat_band: 4\.1 V must lie below potential, 4 V"):
        law.replace(flat_band=4.1)


def test_a_depletion_layer_costs_what_its_resistance_says() -> None:
    layer = {"law": "depletion", "resistance": "500 ohm cm2", "potential": "4.0 V"}
    cell = coated_cell(space_charge={**layer, "flat_band": "3.4 V"})
    record = simulate(cell, cycle("0.5 C", UPPER, LOWER))
    assert worst_closure(record) < 1e-4
    discharge = record.select(step_count=3)
    assert np.all(discharge.array("loss_space_charge_volt") > 0)
    without = simulate(coated_cell(), cycle("0.5 C", UPPER, LOWER))
    assert np.all(without.array("loss_space_charge_volt") == 0)


@given(st.floats(1e5, 1e9), st.floats(0.01, 1.0))
def test_pressure_laws_agree_at_their_reference(pressure: float, fraction: float) -> None:
    for law in (PowerLawContact(pressure, 0.7), LogarithmicContact(pressure, 0.2)):
        assert law.fraction(pressure, fraction) == pytest.approx(fraction)
        assert law.fraction(1e3 * pressure, fraction) <= 1
        assert law.fraction(2 * pressure, fraction) >= fraction


def test_pressure_laws_at_other_pressures() -> None:
    assert PowerLawContact("50 MPa", 1.0).fraction(25e6, 0.4) == pytest.approx(0.2)
    assert LogarithmicContact("50 MPa", 0.2).fraction(50e6 * np.e, 0.4) == pytest.approx(0.48)
    table = TabulatedContact(["10 MPa", "100 MPa"], [0.2, 0.6])
    assert table.fraction(np.sqrt(10) * 1e7, 0.9) == pytest.approx(0.4)
    assert table.fraction(1e9, 0.9) == pytest.approx(0.6)
    with pytest.raises(InputError, match="fractions: fractions must lie above 0 and up to 1"):
        TabulatedContact(["10 MPa", "100 MPa"], [0.2, 1.6])


@given(st.floats(1e2, 1e11), st.floats(0.01, 1.0))
def test_rough_contact_grows_with_pressure_and_fills(pressure: float, fraction: float) -> None:
    for law in (
        ElasticRoughContact("50 GPa", 0.1),
        PlasticRoughContact("1 GPa"),
        LoadBearingContact("1 GPa"),
    ):
        here, there = law.fraction(pressure, fraction), law.fraction(2 * pressure, fraction)
        assert 0 < here <= there <= fraction
        assert there <= 2 * here * (1 + 1e-9)


def test_rough_contact_in_its_limits() -> None:
    elastic, plastic = ElasticRoughContact("50 GPa", 0.1), PlasticRoughContact("1 GPa")
    slope = np.sqrt(8 / np.pi) / (50e9 * 0.1)
    assert elastic.fraction(1e5, 1.0) == pytest.approx(1e5 * slope, rel=1e-6)
    assert plastic.fraction(1e5, 1.0) == pytest.approx(1e5 / 1e9, rel=2e-4)
    assert elastic.fraction(1e12, 0.4) == pytest.approx(0.4)
    # A decade of pressure is a decade of contact as long as it is far from full.
    assert plastic.fraction(1e7, 0.5) / plastic.fraction(1e6, 0.5) == pytest.approx(10, rel=0.01)


def test_pressure_sets_the_contact_of_a_cell() -> None:
    law = {"law": "power", "reference_pressure": "50 MPa", "exponent": 1.0}
    plain = coated_cell()
    cell = plain.replace(cathode=plain.cathode.replace(pressure_contact=law), pressure="50 MPa")
    assert cell.replace(pressure="25 MPa").contact_area == pytest.approx(
        cell.replace(pressure="50 MPa").contact_area / 2
    )
    loss = [
        simulate(cell.replace(pressure=p), Cycling(("charge at 0.5 C for 10 min",))).array(
            "loss_contact_volt"
        )[-1]
        for p in ("25 MPa", "50 MPa")
    ]
    assert loss[0] < loss[1] < 0
    with pytest.raises(InputError, match="pressure: is missing; the cathode's pressure_contact"):
        cell.replace(pressure=None)


def test_breathing_contact_by_itself() -> None:
    law = BreathingContact(volume_change=0.04, sensitivity=5.0, loss=0.1, floor=0.2)
    assert law.reversible_factor(0.0) == 1
    assert law.reversible_factor(-0.5) == pytest.approx(0.9)
    assert law.lasting_rate(1.0, 2e-4) == pytest.approx(-0.1 * 0.8 * 1e-4)
    assert law.lasting_rate(1.0, -2e-4) == law.lasting_rate(1.0, 2e-4)
    assert law.lasting_rate(0.2, 1.0) == 0
    assert law.replace(recovery_time="1 h").lasting_rate(0.5, 0.0) == pytest.approx(0.5 / 3600)
    with pytest.raises(InputError, match="sensitivity x volume_change must be below 1"):
        BreathingContact(volume_change=0.5, sensitivity=3.0)


def test_contact_is_lost_with_the_lithium_that_passes() -> None:
    """Without recovery the lasting part is exp(-loss x full cycles)."""
    cell = coated_cell(breathing={"loss": 0.3})
    record = simulate(cell, cycle("0.5 C", UPPER, LOWER, cycles=3))
    passed = _throughput(record)
    expected = np.exp(-0.3 * passed / 2)
    assert np.max(np.abs(record.array("lasting_contact_1") / expected - 1)) < 1e-4
    contact = record.array("contact_fraction_1")
    assert contact[0] == pytest.approx(cell.contact_fraction)
    assert contact[-1] < 0.9 * contact[0]
    assert worst_closure(record) < 1e-4


def test_contact_comes_back_at_rest() -> None:
    breathing = {"loss": 0.5, "recovery_time": "5 h"}
    steps = (f"charge at 0.5 C until {UPPER}", "rest for 10 h")
    record = simulate(coated_cell(breathing=breathing), Cycling(steps))
    rest = record.select(step_count=2).array("lasting_contact_1")
    assert (1 - rest[-1]) / (1 - rest[0]) == pytest.approx(np.exp(-2), rel=1e-3)


def test_contact_follows_the_particles_volume_and_returns() -> None:
    cell = coated_cell(breathing={"volume_change": 0.05, "sensitivity": 8.0})
    record = simulate(cell, cycle("0.5 C", UPPER, LOWER))
    change = record.array("mean_lithium_fraction") - cell.cathode.initial_lithium_fraction
    expected = cell.contact_fraction * (1 + 0.4 * change)
    assert np.max(np.abs(record.array("contact_fraction_1") - expected)) < 1e-6


def test_access_that_is_lost_takes_its_lithium_with_it() -> None:
    cell = coated_cell(access_loss=AccessLoss(0.2))
    record = simulate(cell, cycle("0.5 C", UPPER, LOWER, cycles=2))
    accessible = record.array("accessible_fraction_1")
    expected = cell.cathode.composite.accessible_fraction * np.exp(-0.2 * _throughput(record) / 2)
    assert np.max(np.abs(accessible / expected - 1)) < 1e-4
    assert worst_closure(record) < 1e-4
    # What the accessible part takes up and gives off is the current, all the way.
    current, time = record.array("current_ampere"), record.array("test_time_second")
    sites = cell.full_capacity * cell.area * accessible
    rate = np.gradient(record.array("mean_lithium_fraction"), time) * sites
    charging = record.data["step_count"].values == 1
    inside = slice(5, int(charging.sum()) - 5)
    assert np.allclose(-rate[inside], current[inside], rtol=0.05)


def test_growth_takes_lithium_when_told() -> None:
    growth = {"law": "diffusion", "rate": "1e-21 m2/s", "lithium_content": "20 mol/L"}
    film = {"thickness": "5 nm", "conductivity": "2e-8 S/cm", "growth": growth}
    cell = coated_cell(interphase=film)
    record = simulate(cell, Cycling(("rest for 20 h",)))
    thickness = record.array("mean_interphase_thickness_metre")
    bound = record.array("bound_lithium_mole")
    assert bound[-1] == pytest.approx(
        2e4 * (thickness[-1] - thickness[0]) * cell.contact_area, rel=1e-6
    )
    fraction = record.array("mean_lithium_fraction")
    sites = cell.full_capacity * cell.area * cell.cathode.composite.accessible_fraction / FARADAY
    assert (fraction[0] - fraction[-1]) * sites == pytest.approx(bound[-1], rel=1e-4)


def test_a_cell_after_cycling_is_a_cell() -> None:
    growth = {"law": "diffusion", "rate": "1e-21 m2/s"}
    cell = coated_cell(
        interphase={"thickness": "5 nm", "conductivity": "2e-10 S/cm", "growth": growth},
        breathing={"loss": 0.1, "floor": 0.3},
        access_loss={"loss": 0.1},
    )
    record = simulate(cell, cycle("0.5 C", UPPER, LOWER, cycles=3))
    aged, older = cell_after(cell, record, cycle=1), cell_after(cell, record)
    assert Cell.from_mapping(older.to_mapping()) == older
    assert cell.contact_area > aged.contact_area > older.contact_area
    assert older.cathode.interphase is not None
    assert older.cathode.interphase.thickness == pytest.approx(
        record.array("mean_interphase_thickness_metre")[-1]
    )
    at = Impedance(lithium_fraction=0.6)
    assert _span(simulate(older, at)) > _span(simulate(cell, at))
    with pytest.raises(InputError, match="there is no cycle 7 in the record; it holds 1 to 3"):
        cell_after(cell, record, cycle=7)


def test_new_laws_go_through_plain_data_without_loss() -> None:
    cell = coated_cell(
        oxidation=OXIDATION,
        breathing={"volume_change": 0.04, "sensitivity": 2.0, "loss": 0.01},
        access_loss={"loss": 0.01},
        confinement={"law": "patches", "radius": "0.4 um"},
        space_charge={
            "law": "depletion",
            "resistance": "10 ohm cm2",
            "potential": "4 V",
            "flat_band": "3 V",
        },
        particles={"law": "lognormal", "median_radius": "2 um", "geometric_deviation": 1.5},
    )
    assert Cell.from_mapping(cell.to_mapping()) == cell


def _throughput(record: Record) -> Any:
    fraction = record.array("mean_lithium_fraction")
    return np.concatenate([[0.0], np.cumsum(np.abs(np.diff(fraction)))])


def _span(record: Record) -> float:
    real = record.array("real_impedance_ohm")
    return float(real.max() - real.min())


@pytest.mark.parametrize("pressure", [None, "table", "power"])
def test_the_cell_after_cycling_touches_as_its_record_says(pressure: str | None) -> None:
    """Whatever gives the contact: the composite, a pressure law, sorts of particles."""
    plain = coated_cell(breathing={"loss": 0.5, "volume_change": 0.04, "sensitivity": 3.0})
    laws = {
        "table": {"law": "table", "pressures": ["10 MPa", "100 MPa"], "fractions": [0.3, 0.7]},
        "power": {"law": "power", "reference_pressure": "50 MPa", "exponent": 1.0, "highest": 0.8},
    }
    if pressure is not None:
        cathode = plain.cathode.replace(pressure_contact=laws[pressure])
        plain = plain.replace(cathode=cathode, pressure="80 MPa")
    record = simulate(plain, cycle("0.5 C", UPPER, LOWER, cycles=2))
    aged = cell_after(plain, record)
    assert aged.contact_fraction == pytest.approx(record.array("contact_fraction_1")[-1], rel=1e-6)
    onward = simulate(aged, Cycling((f"charge at 0.5 C until {UPPER}",)))
    assert onward.array("contact_fraction_1")[0] == pytest.approx(aged.contact_fraction, rel=1e-6)


def test_sorts_with_their_own_contact_age_too() -> None:
    members = [
        {"share": 0.5, "radius": "2 um", "contact_fraction": 0.6},
        {"share": 0.5, "radius": "3 um", "contact_fraction": 0.3},
    ]
    cell = coated_cell(breathing={"loss": 0.5}, particles={"law": "classes", "members": members})
    record = simulate(cell, cycle("0.5 C", UPPER, LOWER))
    aged = cell_after(cell, record)
    left = record.array("lasting_contact_1")[-1]
    assert aged.contact_area / cell.contact_area == pytest.approx(left, rel=1e-6)


def test_a_spectrum_names_the_contact_that_it_was_computed_with() -> None:
    cell = coated_cell(breathing={"volume_change": 0.05, "sensitivity": 8.0})
    spectrum = simulate(cell, Impedance(lithium_fraction=0.5))
    change = 0.5 - cell.cathode.initial_lithium_fraction
    assert spectrum.data.attrs["contact_area_m2"] == pytest.approx(
        cell.contact_area * (1 + 0.4 * change)
    )


def test_contact_never_exceeds_the_whole_surface() -> None:
    with pytest.raises(InputError, match=r"cathode\.breathing: contact_fraction x \(1 \+ sensit"):
        coated_cell(breathing={"volume_change": 0.1, "sensitivity": 9.0})


def test_an_origin_of_the_potential_is_no_number_to_share_a_machine_by() -> None:
    rest = Cycling(("rest for 1 min",))
    ends = []
    for standard, anode in (("3.5 V", "0 V"), ("4.0 V", "0.5 V"), ("3.5 V", "0 V")):
        cell = coated_cell(
            potential_curve={"law": "langmuir", "standard_potential": standard},
            initial_lithium_fraction=0.5,
        )
        cell = cell.replace(anode=cell.anode.replace(potential=anode))
        ends.append(simulate(cell, rest).array("voltage_volt")[-1])
    assert ends == pytest.approx([3.5, 3.5, 3.5], abs=1e-6)


def test_a_space_charge_without_resistance_is_none() -> None:
    layer = {"law": "depletion", "resistance": "0 ohm cm2", "potential": "4 V", "flat_band": "3 V"}
    spectrum = simulate(coated_cell(space_charge=layer), Impedance(lithium_fraction=0.6))
    assert _span(spectrum) == pytest.approx(
        _span(simulate(coated_cell(), Impedance(lithium_fraction=0.6)))
    )


def test_contact_that_bears_the_load_goes_from_load_over_hardness_to_what_is_imaged() -> None:
    law = LoadBearingContact("2 GPa")
    for imaged in (0.1, 0.8):
        assert law.fraction(1e3, imaged) == pytest.approx(1e3 / 2e9, rel=1e-4)
        assert law.fraction(1e15, imaged) == pytest.approx(imaged, rel=1e-4)
    plastic = PlasticRoughContact("2 GPa")
    # The load rests on the imaged contact alone.
    assert law.fraction(3e7, 0.4) == pytest.approx(plastic.fraction(3e7 / 0.4, 0.4))


def test_spots_resist_as_holm_says_and_not_at_all_where_they_fill_the_contact() -> None:
    sigma, radius, share = 0.5, 2e-8, 1e-6
    spots = share / (np.pi * radius**2)
    resistance = find_spot_resistance("5 mS/cm", "20 nm", share)
    assert resistance == pytest.approx(1 / (2 * sigma * radius * spots), rel=2e-3)
    assert find_spot_resistance(0.5, 2e-8, 1.0) == 0
    with pytest.raises(InputError, match=r"real_fraction: 0 is not above 0 and up to 1"):
        find_spot_resistance(0.5, 2e-8, 0)
    with pytest.raises(InputError, match=r"spot_radius: -1e-08 is not above 0"):
        find_spot_resistance(0.5, -1e-8, 0.5)
