"""Contact laws: Hertz, flow, elastic unloading, tension, closing pores."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solith.compaction import HertzContact, PlasticContact
from solith.core.errors import InputError

SOFT = PlasticContact("1 um", "12 GPa", "80 MPa", "5 MPa")


def test_hertz_force_and_area() -> None:
    contact = HertzContact("5 um", "100 GPa")
    assert contact.force(1e-8) == pytest.approx(4 / 3 * 1e11 * math.sqrt(5e-6) * 1e-12, rel=1e-12)
    assert contact.area(1e-8) == pytest.approx(math.pi * 5e-6 * 1e-8)
    assert contact.force(-1e-9) == 0
    assert contact.area(-1e-9) == 0
    assert contact.force("10 nm") == contact.force(1e-8)
    assert contact.area("10 nm") == contact.area(1e-8)


def test_before_yield_the_contact_is_hertz() -> None:
    overlap = 0.9 * SOFT.yield_overlap
    elastic = HertzContact(SOFT.radius, SOFT.modulus).force(overlap)
    assert SOFT.path([overlap])[0] == pytest.approx(elastic, rel=1e-12)


def test_at_yield_the_mean_pressure_is_the_hardness() -> None:
    overlap = SOFT.yield_overlap
    pressure = HertzContact(SOFT.radius, SOFT.modulus).force(overlap) / SOFT.area(overlap)
    assert pressure == pytest.approx(2.75 * SOFT.strength, rel=1e-9)


def test_flow_grows_the_area_as_the_section() -> None:
    deep = 100 * SOFT.yield_overlap
    slope = (SOFT.area(deep * 1.01) - SOFT.area(deep)) / (0.01 * deep)
    assert slope == pytest.approx(2 * math.pi * SOFT.radius, rel=1e-9)


def test_hardness_falls_to_the_yield_stress() -> None:
    contact = SOFT.replace(share=1e9)
    assert contact.path([1e-7])[0] == pytest.approx(contact.strength * contact.area(1e-7), rel=1e-6)


def test_unloading_is_elastic_and_loading_again_finds_the_limb() -> None:
    top = 0.1e-6
    up = np.linspace(0, top, 400)[1:]
    back = top * (1 - np.linspace(0, 0.05, 50))
    forces = SOFT.path([*up, *back, *back[::-1], 1.01 * top])
    loaded, unloaded, again = forces[398], forces[399:449], forces[449:499]
    assert unloaded[-1] < 0.8 * loaded
    np.testing.assert_allclose(again, unloaded[::-1], rtol=1e-9)
    assert forces[-1] == pytest.approx(SOFT.path([*up, 1.01 * top])[-1], rel=1e-9)


def test_pulled_apart_it_bears_tension_times_area() -> None:
    path = [*np.linspace(0, 1e-7, 400)[1:], *np.linspace(1e-7, 0, 4000)]
    forces = SOFT.path(path)
    least = int(np.argmin(forces))
    assert forces[least] == pytest.approx(-SOFT.tension * SOFT.area(path[least]), rel=1e-6)
    assert forces[-1] == 0
    assert SOFT.replace(tension=0.0).path(path).min() >= 0


@given(st.lists(st.floats(1e-9, 3e-7), min_size=2, max_size=8))
def test_no_closed_path_gains_energy(corners: list[float]) -> None:
    path = [0.0]
    for corner in (*corners, 0.0):
        path.extend(np.linspace(path[-1], corner, 300)[1:])
    forces = SOFT.path(path)
    work = float(np.sum((forces[1:] + forces[:-1]) / 2 * np.diff(path)))
    assert work >= -1e-9 * forces.max() * max(corners)


@given(st.floats(1e-3, 0.6), st.floats(0, 1e9))
def test_confined_contacts_bear_more(depth: float, confined: float) -> None:
    path = np.linspace(0, depth * SOFT.radius, 200)[1:]
    plain, held = SOFT.path(path), SOFT.path(path, confined)
    assert np.all(held >= plain * (1 - 1e-12))
    assert np.all(np.diff(plain) > 0)


def test_closing_pores_takes_ever_more_pressure() -> None:
    porosities = np.array([0.3, 0.2, 0.1, 0.02, 0.005])
    found = np.array([SOFT.confinement(p, "18 GPa") for p in porosities])
    assert found[0] < 1e-3 * SOFT.strength
    assert np.all(np.diff(found) > 0)
    hollow = 2 / 3 * SOFT.strength * np.log(0.75 / 12 / porosities[3:])
    np.testing.assert_allclose(found[3:], hollow, rtol=3e-3)
    closed = 2 * SOFT.strength / 3 / 18e9
    dense, denser = (SOFT.confinement(closed - part, "18 GPa") for part in (0.0, 0.01))
    assert denser - dense == pytest.approx(0.01 * 18e9)


def test_more_contacts_leave_pores_that_close_more_easily() -> None:
    assert SOFT.confinement(0.08, "18 GPa", 6) > 3 * SOFT.confinement(0.08, "18 GPa", 12)
    with pytest.raises(InputError, match="contacts: 0 must be above 0"):
        SOFT.confinement(0.08, "18 GPa", 0)


@pytest.mark.parametrize(
    ("change", "told"),
    [({"radius": 0.0}, "radius: 0.0 must be above 0"), ({"tension": -1.0}, "must be at least 0")],
)
def test_what_is_no_contact_is_told(change: dict[str, float], told: str) -> None:
    with pytest.raises(InputError, match=told):
        SOFT.replace(**change)
    with pytest.raises(InputError, match="bulk_modulus: '0 Pa' must be above 0 Pa"):
        SOFT.confinement(0.05, "0 Pa")
