"""Contact in patches: the sum over modes, the reduced law, and the axisymmetric solution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from validation._axisymmetric import answer, cone, cylinder, step_times
from validation.confined_contact import reduced_step, slab_step, step_on_sphere, step_on_tube

from solith.core.errors import InputError
from solith.interface import CONFINEMENT, PatchContact

PATCH = PatchContact("0.5 um")
UNIT = PatchContact(1.0)
FRACTIONS = st.floats(1e-3, 0.99)


def test_a_lone_patch_has_the_spreading_resistance_of_an_even_flux():
    """8/(3 pi) for a lone patch, falling as 1 - 1.304 sqrt(theta) while patches are far apart."""
    theta = np.array([1e-4, 4e-4])
    found = np.array([PATCH.spreading_resistance(one) for one in theta])
    slope = np.diff(found) / np.diff(np.sqrt(theta))
    assert found[0] - slope[0] * 0.01 == pytest.approx(8 / (3 * np.pi), rel=1e-4)
    assert PATCH.spreading_resistance(1.0) == pytest.approx(0, abs=1e-12)


@given(theta=FRACTIONS)
@settings(max_examples=30, deadline=None)
def test_early_the_patch_is_all_there_is(theta):
    patch, diffusivity = PatchContact("1 um"), 1e-14
    time = 1e-7 * 1e-12 / diffusivity * (1 - theta) ** 2
    expected = 2 * (1 - theta) * np.sqrt(time / np.pi / diffusivity)
    assert patch.step_response(theta, time, diffusivity) == pytest.approx(expected, rel=5e-3)


@given(theta=FRACTIONS)
@settings(max_examples=30, deadline=None)
def test_the_modes_repeat_the_sum_over_the_whole_range(theta):
    times = np.geomspace(1e-4, 100 / theta, 200)
    exact = UNIT.step_response(theta, times, 1.0)
    assert np.max(np.abs(reduced_step(theta, times) / exact - 1)) < 1e-2
    poles, residues = np.array(UNIT.modes(theta)).T
    assert np.sum(residues / poles) == pytest.approx(UNIT.spreading_resistance(theta), rel=1e-12)
    assert np.all(np.diff(poles) > 0)
    assert np.all(residues >= 0)


@pytest.mark.parametrize("theta", [0.005, 0.1, 0.7])
def test_the_modes_repeat_the_sum_under_alternating_flux(theta):
    """Exact transfer, of the zeros of J1 as scipy gives them."""
    from scipy.special import j0, j1, jn_zeros

    zeros = jn_zeros(1, 1200)
    roots = zeros * np.sqrt(theta)
    weights = 4 * (j1(roots) / (zeros * j0(zeros))) ** 2
    frequency = 1j * np.geomspace(1e-3, 50, 60)
    exact = (weights / np.sqrt(frequency[:, None] + roots**2)).sum(axis=1)
    poles, residues = np.array(PATCH.modes(theta)).T
    found = (residues / (frequency[:, None] + poles)).sum(axis=1)
    assert np.max(np.abs(found / exact - 1)) < 1e-2


def test_before_the_modes_reach_they_fall_short_by_little():
    times = np.geomspace(1e-9, 1e-4, 100)
    short = UNIT.step_response(0.05, times, 1.0) - reduced_step(0.05, times)
    assert np.max(short) < 0.0012
    assert np.min(short) > -1e-4


def test_full_contact_has_nothing_to_spread():
    assert [residue for _, residue in PATCH.modes(1.0)] == [0.0] * len(PATCH.modes(0.5))


def test_modes_change_smoothly_with_the_contact():
    theta = np.linspace(0.2, 0.21, 21)
    residues = np.array([[residue for _, residue in PATCH.modes(one)] for one in theta])
    first, second = np.diff(residues, axis=0), np.diff(residues, 2, axis=0)
    assert np.all(np.abs(second).max(axis=0) < 0.02 * np.abs(first).max(axis=0))


def test_the_apparent_diffusivity_rises_from_theta_squared_to_one():
    theta, diffusivity = 0.1, 1e-14
    time = np.geomspace(1e-9, 1e3, 200) * PATCH.radius**2 / diffusivity
    ratio = PATCH.apparent_diffusivity_ratio(theta, time, "1e-10 cm2/s")
    assert ratio[0] == pytest.approx(theta**2, rel=1e-3)
    assert ratio[-1] == pytest.approx(1, rel=1e-6)
    assert np.all(np.diff(ratio) >= -1e-12)
    # the same from the concentration itself
    patch = 2 * theta * np.sqrt(time / np.pi / diffusivity)
    patch = patch + PATCH.step_response(theta, time, diffusivity)
    slope = np.gradient(patch, np.sqrt(time))
    seen = (2 * theta / np.sqrt(np.pi * diffusivity) / slope) ** 2
    assert np.max(np.abs(seen[1:-1] / ratio[1:-1] - 1)) < 1e-2


def test_spacing():
    assert PATCH.spacing(0.25) == pytest.approx(1e-6)
    assert CONFINEMENT.read({"law": "patches", "radius": "0.5 um"}) == PATCH
    assert CONFINEMENT.write(PATCH) == {"law": "patches", "radius": "5e-07 m"}


@pytest.mark.parametrize("theta", [0.0, 5e-5, 1.1, float("nan")])
def test_a_contact_fraction_out_of_range_is_refused(theta):
    with pytest.raises(InputError, match=r"contact fraction of \S+ is outside .* 0\.0001 to 1"):
        PATCH.modes(theta)


def test_less_than_one_patch_on_a_particle_is_refused():
    told = r"radius: patches of radius 5e-07 m .* lie 5e-06 m apart, .* take smaller patches"
    with pytest.raises(InputError, match=told):
        PATCH.modes(0.01, "2 um")
    assert len(PATCH.modes(0.01, "3 um")) == len(PATCH.modes(0.01))


# --- the axisymmetric solution ----------------------------------------------------------


@pytest.mark.parametrize("domain", [cylinder(0.3, 2.0, 8), cone(0.3, 0.5, 8)])
@pytest.mark.parametrize("biot", [None, 1.0])
def test_the_axisymmetric_solution_keeps_what_enters(domain, biot):
    blocks = step_times(1e-3, 10.0, 4)
    _, field = answer(domain, blocks, biot=biot)
    held = field[:-1] @ domain.volume
    assert held == pytest.approx(domain.area.sum() * blocks[-1][-1], rel=1e-10)


def test_the_cone_of_one_patch_is_the_whole_sphere():
    theta = 0.2
    domain = cone(theta, 2.0, 6)
    sphere = PatchContact(1.0).spacing(theta) / 2
    assert domain.area.sum() == pytest.approx(np.pi)
    assert domain.volume.sum() == pytest.approx(4 / 3 * np.pi * sphere**3)


def test_a_sphere_fed_all_over_is_the_analytic_one():
    """Surface of a sphere under constant flux, late: q R/D (3 D t/R² + 1/5)."""
    spacing, cells = 0.2, 24
    blocks = step_times(1e-3, 100.0, 8)
    found, _ = answer(cone(1.0, spacing, cells), blocks)
    sphere = 1 / spacing
    expected = sphere * (3 * blocks[-1][-1] / sphere**2 + 0.2)
    assert found[-1] == pytest.approx(expected, rel=1e-3)


def test_the_slab_is_the_analytic_one():
    assert slab_step(0.5, 2.0, np.array([100.0])) == pytest.approx(0.5 * 2 * (25 + 1 / 3))
    assert slab_step(0.5, 2.0, np.array([0.01])) == pytest.approx(np.sqrt(0.01 / np.pi))
    around = slab_step(1.0, 1.0, np.array([0.3 - 1e-9, 0.3 + 1e-9]))
    assert around[0] == pytest.approx(around[1], rel=1e-7)


@pytest.mark.parametrize("theta", [0.05, 0.5])
def test_the_reduced_law_against_the_axisymmetric_solution(theta):
    concentration, delta = step_on_tube(theta, 2.0).errors()
    assert concentration.max() < 5e-3
    assert delta.max() < 5e-3


def test_curvature_is_counted():
    case = step_on_sphere(0.3, 0.5)
    flat = np.abs(reduced_step(0.3, case.times) - case.delta).max()
    assert case.errors()[0].max() < 1e-2
    assert np.abs(case.law - case.delta).max() < flat / 4
