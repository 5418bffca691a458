"""Contact, boundaries, flaws and stability: published examples, limits, bad input."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from validation._onset_laws import LITHIUM, half_space, numerical_growth

from solith.core.constants import FARADAY
from solith.core.errors import InputError
from solith.interface import (
    BoundaryProfile,
    ElasticSolid,
    SurfaceFlaw,
    deposition_stability,
    hertz_contact,
    plating_overpotential,
    plating_pressure,
    reduced_modulus,
)

GARNET = ElasticSolid("150 GPa", 0.26)
SEEN = BoundaryProfile("145 GPa", "120 GPa", "10 mV", "50 nm")


def test_elastic_moduli_belong_together():
    assert GARNET.shear_modulus == pytest.approx(59.6e9, rel=2e-3)  # 10.1007/s10853-012-6687-5
    again = 9 * GARNET.bulk_modulus * GARNET.shear_modulus
    assert again / (3 * GARNET.bulk_modulus + GARNET.shear_modulus) == pytest.approx(150e9)
    with pytest.raises(InputError, match=r"poisson_ratio: 0\.5 must be below 0\.5"):
        ElasticSolid("1 GPa", 0.5)


def test_the_published_tip_touches_38_square_nanometres():
    contact = hertz_contact("20 nm", "400 nN", "145 GPa")
    assert contact.area == pytest.approx(37.6e-18, rel=2e-3)
    assert contact.result["tip_contact_area"].value == pytest.approx(37.58, rel=1e-3)
    assert contact.result["tip_contact_area"].area == "contact"
    assert contact.mean_pressure * contact.area == pytest.approx(400e-9)
    assert contact.flags == ()


def test_a_compliant_tip_touches_more():
    tip = ElasticSolid("170 GPa", 0.38)  # platinum
    both = reduced_modulus(GARNET, tip)
    assert 1 / both == pytest.approx(1 / reduced_modulus(GARNET) + 1 / reduced_modulus(tip))
    assert reduced_modulus(GARNET, ElasticSolid(1e30, 0.3)) == pytest.approx(
        reduced_modulus(GARNET)
    )
    soft = hertz_contact("20 nm", "400 nN", both)
    assert soft.area > hertz_contact("20 nm", "400 nN", reduced_modulus(GARNET)).area


def test_contacts_beyond_the_range_are_flagged():
    hard = hertz_contact("20 nm", "400 nN", "145 GPa", hardness="6.3 GPa")
    assert hard.flags == (
        "mean pressure 10.6 GPa exceeds the hardness: the surface flows to at least 63.5 nm2",
    )
    deep = hertz_contact("20 nm", "4 uN", "145 GPa")
    assert deep.flags == ("contact radius is 0.37 of the sphere's: not a small contact",)
    plain = hertz_contact(20, 400, 145)
    assert plain.flags == ("a sphere of 20 m on 145 Pa: plain numbers are m, N and Pa",)
    with pytest.raises(InputError, match="force: 0 must be above 0 N"):
        hertz_contact("20 nm", 0, "145 GPa")
    with pytest.raises(InputError, match="radius: '20' has no unit"):
        hertz_contact("20", "400 nN", "145 GPa")


@given(
    radius=st.floats(1e-9, 1e-3),
    force=st.floats(1e-12, 1.0),
    modulus=st.floats(1e6, 1e12),
)
def test_work_of_the_contact_is_two_fifths_of_force_times_depth(radius, force, modulus):
    """The force is 5/2 of the energy over the indentation, as d rises with P^(2/3)."""
    contact = hertz_contact(radius, force, modulus)
    assert 4 / 3 * modulus * math.sqrt(radius) * contact.indentation**1.5 == pytest.approx(force)
    assert contact.peak_pressure == pytest.approx(1.5 * contact.mean_pressure)


def test_profile_has_the_published_depths_and_its_width():
    assert SEEN.young_modulus_at(0) == pytest.approx(120e9)
    assert SEEN.young_modulus_at(1.0) == pytest.approx(145e9)
    assert SEEN.young_modulus_at("25 nm") == pytest.approx(132.5e9)
    assert SEEN.potential_at([0, 25e-9]) == pytest.approx([-0.01, -0.005])
    assert SEEN.relative_drop == pytest.approx(0.172, abs=1e-3)


def test_what_the_published_contrast_is_worth():
    """9 % of the critical stress and 74 MPa: not the ratio of 75 between the triggers."""
    assert SEEN.stress_ratio == pytest.approx(0.910, abs=1e-3)
    assert SEEN.pressure_equivalent() == pytest.approx(74.2e6, rel=1e-3)


def test_blur_is_a_convolution_and_sharpening_undoes_it():
    narrow = BoundaryProfile("145 GPa", "140 GPa", "10 mV", "5 nm")
    place = np.linspace(-200e-9, 200e-9, 8001)
    probe = np.exp2(-((2 * place / 20e-9) ** 2))
    expected = np.convolve(narrow.potential_at(place), probe / probe.sum(), mode="same")
    assert narrow.blurred("20 nm").potential_at(place) == pytest.approx(expected, abs=1e-8)
    again = narrow.blurred("20 nm").sharpened("5 nm")
    assert again.boundary == pytest.approx(narrow.boundary)
    assert again.potential_drop == pytest.approx(0.01)


def test_a_boundary_too_narrow_for_what_was_seen_is_refused():
    with pytest.raises(InputError, match=r"would have to lack 250 GPa of 145"):
        SEEN.sharpened("5 nm")
    with pytest.raises(InputError, match="width: '60 nm' lies above the width seen"):
        SEEN.sharpened("60 nm")
    with pytest.raises(InputError, match=r"boundary: .* lies above the interior's"):
        BoundaryProfile("120 GPa", "145 GPa")


def test_a_volt_is_worth_seven_gigapascal():
    assert plating_pressure("1 V") == pytest.approx(FARADAY / 1.3e-5)
    assert plating_pressure("1 mV") == pytest.approx(7.42e6, rel=1e-3)
    assert plating_overpotential(plating_pressure("35 mV")) == pytest.approx(0.035)
    with pytest.raises(InputError, match="overpotential: -1 must be at least 0 V"):
        plating_pressure(-1)


def test_flaws_extend_at_their_toughness():
    flaw = SurfaceFlaw("1 um", "1 MPa m^0.5")
    assert flaw.stress_intensity(flaw.critical_pressure) == pytest.approx(1e6)
    assert flaw.critical_pressure == pytest.approx(503e6, rel=1e-3)
    assert flaw.critical_overpotential() == pytest.approx(0.0678, rel=1e-3)
    longer = flaw.replace(length="4 um")
    assert longer.critical_pressure == pytest.approx(flaw.critical_pressure / 2)
    penny = flaw.replace(shape="penny")
    assert penny.stress_intensity(1.0) == pytest.approx(2 * math.sqrt(1e-6 / math.pi))  # Sneddon
    assert SurfaceFlaw("1 um", "1 MPa sqrt(m)") == SurfaceFlaw("1 um", "1 MPa m^1/2") == flaw
    table = flaw.result
    assert (table["critical_pressure"].unit, table["critical_overpotential"].unit) == ("MPa", "mV")
    assert table["critical_overpotential"].value == pytest.approx(67.8, rel=1e-3)
    with pytest.raises(InputError, match="unknown shape of a flaw 'round'"):
        SurfaceFlaw("1 um", "1 MPa m^0.5", "round")


@given(drive=st.floats(1e-3, 1.0), shape=st.sampled_from(["edge", "penny"]))
def test_the_flaw_that_an_overpotential_extends(drive, shape):
    flaw = SurfaceFlaw.from_overpotential(drive, "1 MPa m^0.5", shape)
    assert flaw.critical_overpotential() == pytest.approx(drive)


def test_stiff_polymers_are_stable_as_published_from_about_twice_lithium():
    """10.1149/1.1850854: about two, for Poisson's ratio of a polymer and large ions."""
    polymer = deposition_stability(ElasticSolid("1 GPa", 0.33), LITHIUM, 1e9)
    assert polymer.critical_ratio == pytest.approx(2.17, abs=0.01)
    assert polymer.growth_as_published > 0
    stiff = deposition_stability(ElasticSolid("30 GPa", 0.33), LITHIUM, 1e9)
    assert stiff.shear_ratio > stiff.critical_ratio
    assert stiff.growth_as_published < 0
    assert stiff.levelled_below == 0


def test_stiffness_destabilises_as_published_where_the_ion_is_small():
    """10.1103/PhysRevLett.119.056003: ceramics are unstable, soft electrolytes stable."""
    garnet = deposition_stability(GARNET, LITHIUM, 0.1, "0.5 N/m")
    assert garnet.growth_as_published == pytest.approx(76.2e9, rel=1e-2)
    assert 0 < garnet.levelled_below < 1e-9
    soft = deposition_stability(ElasticSolid("1 GPa", 0.26), LITHIUM, 0.1)
    assert soft.growth_as_published < 0
    assert deposition_stability(GARNET, LITHIUM, 1.0).critical_ratio is None


def test_the_drive_at_a_crest_is_that_of_the_pressures_and_may_disagree():
    """The signs of p and of plating_pressure: a metal under pressure is plated less."""
    for electrolyte, ratio in ((GARNET, 0.1), (ElasticSolid("30 GPa", 0.33), 9.0)):
        found = deposition_stability(electrolyte, LITHIUM, ratio)
        above = half_space(electrolyte, 1.0, 0.0), half_space(electrolyte, 0.0, 1.0)
        below = half_space(LITHIUM, -1.0, 0.0), half_space(LITHIUM, 0.0, 1.0)
        aside = -(above[0][1] + below[0][1]) / (above[1][1] + below[1][1])
        normal_e, _, pressure_e = above[0] + aside * above[1]
        normal_m, _, pressure_m = below[0] + aside * below[1]
        assert pressure_e > 0 > pressure_m  # the crest presses on the electrolyte
        drive = -2 * (pressure_m - ratio * pressure_e)
        assert found.drive_at_crest == pytest.approx(drive, rel=1e-4)
        assert found.normal_imbalance == pytest.approx(normal_m - normal_e, rel=1e-4)
        balanced = -found.growth_as_published + (1 + ratio) * found.normal_imbalance
        assert found.drive_at_crest == pytest.approx(balanced)
        assert "of normal stress unbalanced" in found.flags[1]
    garnet = deposition_stability(GARNET, LITHIUM, 0.1)
    assert garnet.drive_at_crest == pytest.approx(20.1e9, rel=1e-2)
    assert garnet.readings_agree
    assert found.flags[2].startswith("published reading and drive at the crest disagree")
    assert not found.readings_agree
    table = garnet.result
    assert table["growth_as_published"].unit == "GPa"
    assert table["drive_at_crest"].value == pytest.approx(20.1, rel=1e-2)


def test_solids_that_keep_their_volume_balance_at_equal_stiffness():
    """Then S is 2 (1 - v) (G_e - G_m), by hand."""
    rubber, metal = ElasticSolid("6 GPa", 0.4999999), ElasticSolid("3 GPa", 0.4999999)
    found = deposition_stability(rubber, metal, 3.0)
    assert found.growth_as_published == pytest.approx(-4 * 1e9, rel=1e-5)
    assert found.critical_ratio == pytest.approx(1.0, rel=1e-5)


@given(
    young=st.tuples(st.floats(1e8, 1e11), st.floats(1e8, 1e11)),
    poisson=st.tuples(st.floats(0, 0.47), st.floats(0, 0.47)),
    ratio=st.floats(0, 10),
)
@settings(max_examples=8, deadline=None)
def test_closed_form_is_the_numerical_solution(young, poisson, ratio):
    electrolyte, metal = (ElasticSolid(y, p) for y, p in zip(young, poisson, strict=True))
    found = deposition_stability(electrolyte, metal, ratio).growth_as_published
    size = electrolyte.shear_modulus + metal.shear_modulus
    assert abs(found - numerical_growth(electrolyte, metal, ratio)) < 1e-5 * size


def test_stability_refuses_what_it_cannot_use():
    with pytest.raises(InputError, match="volume_ratio: -1 must be at least 0"):
        deposition_stability(GARNET, LITHIUM, -1)
    with pytest.raises(InputError, match="metal: expected an ElasticSolid"):
        deposition_stability(GARNET, "lithium", 1)
