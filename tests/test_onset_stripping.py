"""Voids on stripping: limits, equations solved otherwise, calibration, bad input."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from validation._onset_laws import diffused_time_to_voids

from solith.core.constants import FARADAY
from solith.core.errors import InputError
from solith.interface import PowerLawCreep, StrippedInterface, VacancyDiffusion

CREEP = PowerLawCreep("1e-3 1/s", "1 MPa")
POINTS = (("3 MPa", "0.2 mA/cm2"), ("7 MPa", "1 mA/cm2"))
INTERFACE = StrippedInterface.from_critical_currents(*POINTS, CREEP)


def test_creep_is_a_power_of_stress_and_faster_when_warm():
    assert CREEP.rate_at("1 MPa") == pytest.approx(1e-3)
    assert CREEP.rate_at(2e6) == pytest.approx(1e-3 * 2**6.6)
    factor = CREEP.rate_at(1e6, 333.15) / CREEP.rate_at(1e6)
    assert factor == pytest.approx(math.exp(37e3 / 8.314463 * (1 / 298.15 - 1 / 333.15)))
    with pytest.raises(InputError, match="stress: must be at least 0 Pa"):
        CREEP.rate_at(-1.0)


def test_time_to_voids_is_that_of_finite_differences():
    law = VacancyDiffusion("1e-14 m2/s", 1e-3)
    assert diffused_time_to_voids(law, 1.0) == pytest.approx(law.time_to_voids(1.0), rel=1e-3)
    assert law.time_to_voids(2.0) == pytest.approx(law.time_to_voids(1.0) / 4)


def test_steady_current_is_the_flux_of_a_straight_profile():
    law = VacancyDiffusion("1e-14 m2/s", 1e-3)
    flux = 1e-14 * 1e-3 / 1.3e-5 / 20e-6  # mol m-2 s-1
    assert law.steady_current("20 um") == pytest.approx(FARADAY * flux)


def test_the_published_stripping_currents_are_given_back():
    """10.1038/s41563-019-0438-9, recalled: 0.2 mA/cm2 at 3 MPa, 1.0 at 7 MPa."""
    assert INTERFACE.critical_current([3e6, 7e6]) == pytest.approx([2.0, 10.0])
    assert INTERFACE.diffusion_current == pytest.approx(1.97, abs=0.01)
    assert INTERFACE.critical_current("0 MPa") == pytest.approx(INTERFACE.diffusion_current)


def test_what_lies_outside_the_creep_law_is_flagged():
    """With the whole pressure on the metal the length would be a hundredth of an atom's."""
    (creep, atom) = INTERFACE.flags_at("7 MPa")
    assert creep.startswith("the metal is under 7 MPa, outside the 0.2 to 2 MPa of the creep law")
    assert atom.startswith("length 2.86e-12 m is below an atom's")
    part = StrippedInterface.from_critical_currents(
        *POINTS, PowerLawCreep("1e-4 1/s", "1 MPa"), stress_share=0.2
    )
    assert part.length == pytest.approx(1.17e-6, rel=1e-2)
    assert part.flags_at([3e6, 7e6]) == ()
    assert part.critical_current([3e6, 7e6]) == pytest.approx([2.0, 10.0])
    rest = part.result_at(0)
    assert rest["critical_stripping_current"].value == pytest.approx(0.197, abs=1e-3)
    assert "under 0 MPa, outside" in rest["critical_stripping_current"].flags[0]
    assert part.result_at("7 MPa")["creep_current"].value == pytest.approx(0.803, abs=1e-3)
    foil = part.replace(length="2 mm")
    assert foil.flags_at("5 MPa") == ("length 2 mm is more than a foil has: no creep fits",)
    with pytest.raises(InputError, match=r"stress_share: 0 must be above 0"):
        StrippedInterface.from_critical_currents(*POINTS, CREEP, stress_share=0)
    with pytest.raises(InputError, match="temperature: 0 must be above 0 K"):
        CREEP.rate_at("1 MPa", 0)


def test_points_that_the_creep_cannot_pass_are_refused():
    slow = PowerLawCreep("1e-3 1/s", "1 MPa", 1.0)
    with pytest.raises(InputError, match="rises more steeply than pressure to the power 1 of"):
        StrippedInterface.from_critical_currents(*POINTS, slow)
    with pytest.raises(InputError, match="current must rise with pressure"):
        StrippedInterface.from_critical_currents(POINTS[1], POINTS[0], CREEP)


def test_contact_follows_its_equation():
    from scipy.integrate import solve_ivp

    time = np.linspace(0, 0.9 * INTERFACE.time_to_loss("1 mA/cm2", "3 MPa"), 30)
    pace = 1.3e-5 / FARADAY / INTERFACE.roughness
    solved = solve_ivp(
        lambda _, c: -pace * (10.0 - c * 2.0), (0, time[-1]), [1.0], t_eval=time, rtol=1e-9
    )
    found = INTERFACE.contact(time, "1 mA/cm2", "3 MPa")
    assert found == pytest.approx(solved.y[0], abs=1e-6)


@given(current=st.floats(2.001, 1e3))
def test_contact_is_gone_when_it_says(current):
    end = INTERFACE.time_to_loss(current, "3 MPa")
    assert INTERFACE.contact([0, end], current, "3 MPa") == pytest.approx([1, 0], abs=1e-6)
    assert INTERFACE.contact(2 * end, current, "3 MPa") == 0


def test_below_the_critical_current_contact_lasts():
    assert INTERFACE.time_to_loss("0.2 mA/cm2", "7 MPa") == math.inf
    assert np.all(INTERFACE.contact([0, 1e9], "0.2 mA/cm2", "7 MPa") == 1)


def test_nothing_replenished_strips_the_roughness():
    """Contact is lost when the charge of the roughness has passed."""
    bare = StrippedInterface(CREEP, 0.0, roughness="2 um")
    charge = 2e-6 * FARADAY / 1.3e-5
    assert bare.time_to_loss(5.0, 0.0) == pytest.approx(charge / 5.0)
    assert bare.contact(charge / 10.0, 5.0, 0.0) == pytest.approx(0.5)
