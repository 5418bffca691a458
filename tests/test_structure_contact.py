"""Surfaces, contacts and triple lines of volumes: exact cases, symmetries, messages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from solith.core.errors import InputError, InterruptedRunError
from solith.core.progress import Progress
from solith.core.result import Result
from solith.core.volume import GreyVolume, Volume
from solith.structure import (
    find_particle_contacts,
    measure_contact,
    measure_surface,
    measure_triple_lines,
)

PHASES = ["void", "active", "electrolyte"]


def grid(voxels: int, voxel: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> list[Any]:
    """Coordinates of voxel centres from the middle of a cube of voxels."""
    axes = [(np.arange(voxels) - voxels / 2 + 0.5) * h for h in voxel]
    return list(np.meshgrid(*axes, indexing="ij", sparse=True))


def sphere(radius: float, centre: tuple[float, float, float] = (0.1, 0.2, 0.3)) -> NDArray[Any]:
    x, y, z = (q - c for q, c in zip(grid(int(2 * radius + 8)), centre, strict=True))
    return (x * x + y * y + z * z <= radius**2).astype(np.uint8)


def half_covered(radius: float, tilt: tuple[float, float, float]) -> NDArray[np.uint8]:
    """A sphere of label 1 whose equator lies in the surface of the matter with label 2.

    The centre is such that no voxel's centre lies in that plane.
    """
    centre = 0.25 if tilt == (0.0, 1.0, 1.0) else 0.0
    x, y, z = (q - centre for q in grid(int(2 * radius + 16)))
    ball = x * x + y * y + z * z <= radius**2
    below = x * tilt[0] + y * tilt[1] + z * tilt[2] <= 0
    return np.where(ball, 1, np.where(below, 2, 0)).astype(np.uint8)


def value(result: Result, quantity: str) -> float:
    found = result[quantity].value
    assert found is not None
    return found


def normal_tensor(result: Result) -> NDArray[np.float64]:
    return np.array(result.details["normal_tensor"])


# --- against what is exact --------------------------------------------------------------


@pytest.mark.parametrize("radius", [8, 12, 16, 24])
def test_a_sphere_has_its_area_and_no_direction(radius: int) -> None:
    found = measure_surface(Volume(sphere(radius), ["void", "active"], "0.5 um"), "active")
    exact = 4 * np.pi * (radius * 0.5e-6) ** 2
    assert value(found, "surface_area") == pytest.approx(exact, rel=0.005)
    assert value(found, "surface_anisotropy") == pytest.approx(0, abs=0.01)
    assert np.trace(normal_tensor(found)) == pytest.approx(1)
    across = (2 * radius + 8) * 0.5e-6
    assert value(found, "surface_area_per_volume") == pytest.approx(exact / across**3, rel=0.005)


@pytest.mark.parametrize(
    "tilt", [(0, 0, 1), (0, 1, 1), (1, 1, 1), (0, 1, 2), (2, 5, 9), (1, 1, 10)]
)
@pytest.mark.parametrize("voxel", [(1.0, 1.0, 1.0), (1.0, 1.0, 2.0)])
def test_a_plate_has_twice_its_area_however_it_lies(
    tilt: tuple[int, int, int], voxel: tuple[float, float, float]
) -> None:
    """Against the faces' sum projected on the known normal, which is the area without a rim.

    Nearly along an axis, steps lie farther apart than the smoothing reaches; steps of long voxels
    are higher: 3 % where the others are within 1.5 %.
    """
    near = 0.035 if tilt == (1, 1, 10) and voxel[2] > 1 else 0.015
    normal = np.array(tilt) / np.linalg.norm(tilt)
    distance = sum(q * n for q, n in zip(grid(48, voxel), normal, strict=True))
    labels = (abs(distance - 0.2) <= 2.0).astype(np.uint8)
    above = np.where(abs(distance - 0.2) <= 2.0, 1, np.where(distance < 0, 2, 0))
    found = measure_contact(Volume(above, PHASES, voxel), "active", "void")
    both = measure_surface(Volume(labels, ["void", "active"], voxel), "active")
    projected = 0.0
    for d in range(3):
        step = np.diff((above == 0).astype(int), axis=d)
        across = np.moveaxis(above, d, 0)
        touching = (across[1:] == 1) | (across[:-1] == 1)
        faces = np.moveaxis(step, d, 0)[touching].sum()
        projected += normal[d] * faces * np.prod(voxel) / voxel[d]
    assert value(found, "contact_area") == pytest.approx(projected, rel=near)
    assert value(both, "surface_area") == pytest.approx(2 * projected, rel=2 * near)
    along = normal @ normal_tensor(found) @ normal
    assert along == pytest.approx(1, abs=2 * near)


def test_a_plate_along_the_axes_is_exact() -> None:
    labels = np.zeros((10, 12, 14), np.uint8)
    labels[:, :, 5:8] = 1
    labels[:, :, 8:] = 2
    found = measure_contact(Volume(labels, PHASES, (1e-6, 2e-6, 3e-6)), "active", "electrolyte")
    assert value(found, "contact_area") == pytest.approx(10 * 12 * 2e-12, rel=1e-12)
    assert value(found, "surface_area_a") == pytest.approx(2 * 10 * 12 * 2e-12, rel=1e-12)
    assert value(found, "contact_fraction") == pytest.approx(0.5, rel=1e-12)
    assert value(found, "contact_fraction_b") == pytest.approx(1, rel=1e-12)
    assert value(found, "contact_anisotropy") == pytest.approx(1, rel=1e-12)
    rose = found.details["rose"]
    assert rose["contact_fraction"][-1] == 1
    assert rose["contact_fraction"][0] == 0
    assert rose["contact_fraction"][10] is None
    across = measure_contact(
        Volume(labels, PHASES, (1e-6, 2e-6, 3e-6)), "active", "electrolyte", axis="x"
    )
    assert value(across, "contact_anisotropy") == pytest.approx(-0.5, rel=1e-12)


def test_two_spheres_do_not_bend_each_other() -> None:
    """Two voxels apart, they have exactly twice the surface of one."""
    one = np.pad(sphere(8, (0, 0, 0)), ((0, 16), (0, 0), (0, 0)))
    shifted = np.roll(one, 18, axis=0)
    area = value(measure_surface(Volume(one), 1), "surface_area")
    both = value(measure_surface(Volume(one | shifted), 1), "surface_area")
    assert both == pytest.approx(2 * area, rel=1e-9)


@pytest.mark.parametrize("tilt", [(0.0, 0.0, 1.0), (0.0, 1.0, 1.0), (0.3, 0.5, 0.9)])
def test_a_sphere_half_in_contact_gives_one_half(tilt: tuple[float, float, float]) -> None:
    found = measure_contact(Volume(half_covered(16, tilt), PHASES), "active", "electrolyte")
    assert value(found, "contact_fraction") == pytest.approx(0.5, abs=0.01)
    assert value(found, "contact_area") == pytest.approx(2 * np.pi * 256, rel=0.02)
    if tilt == (0.0, 0.0, 1.0):
        fractions = found.details["rose"]["contact_fraction"]
        assert fractions[:10] == pytest.approx([1] * 10, abs=0.02)
        assert fractions[11:] == pytest.approx([0] * 10, abs=0.02)


def test_an_ellipsoids_normals_against_its_integral() -> None:
    """A spheroid of half axes 8, 8, 16 along z: the integral over polar angles, midpoint rule."""
    x, y, z = grid(40)
    labels = ((x / 8) ** 2 + (y / 8) ** 2 + (z / 16) ** 2 <= 1).astype(np.uint8)
    found = measure_surface(Volume(labels), 1)
    angle = (np.arange(4000) + 0.5) / 4000 * np.pi
    across, along = np.sin(angle) / 8, np.cos(angle) / 16
    weight = np.hypot(across, along) * np.sin(angle)
    exact = np.average(along**2 / (across**2 + along**2), weights=weight)
    area = 2 * np.pi * 8 * 8 * 16 * weight.sum() * np.pi / 4000
    assert value(found, "surface_normal_zz") == pytest.approx(exact, rel=0.02)
    assert value(found, "surface_normal_xx") == pytest.approx((1 - exact) / 2, rel=0.02)
    assert value(found, "surface_area") == pytest.approx(area, rel=0.005)


@pytest.mark.parametrize("tilt", [(0, 0, 1), (0, 1, 1), (1, 1, 1), (1, 2, 3), (0, 1, 10)])
def test_a_straight_triple_line_has_its_length(tilt: tuple[int, int, int]) -> None:
    along = np.array(tilt) / np.linalg.norm(tilt)
    first = np.cross(along, (1, 0.3, 0))
    first /= np.linalg.norm(first)
    second = np.cross(along, first)
    place = grid(48)
    u, v = (sum(q * c for q, c in zip(place, axis, strict=True)) for axis in (first, second))
    turn = np.mod(np.arctan2(v, u) + 0.4, 2 * np.pi)
    labels = np.where(turn < 2, 1, np.where(turn < 4, 2, 0)).astype(np.uint8)
    found = measure_triple_lines(Volume(labels, PHASES), "void", "active", "electrolyte")
    length = 48 / np.abs(along).max()
    assert value(found, "triple_line_length") == pytest.approx(length, rel=0.025)


def test_a_circle_of_three_phases() -> None:
    labels = half_covered(16, (0.3, 0.5, 0.9))
    found = measure_triple_lines(Volume(labels, PHASES, "1 um"), "active", "electrolyte", "void")
    assert value(found, "triple_line_length") == pytest.approx(2 * np.pi * 16e-6, rel=0.04)
    per_volume = value(found, "triple_line_length") / (48e-6) ** 3
    assert value(found, "triple_line_length_per_volume") == pytest.approx(per_volume)


# --- particles --------------------------------------------------------------------------


def two_spheres() -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """One sphere within the electrolyte, one half in it."""
    covered, half = sphere(8, (0, 0, 0)), half_covered(8, (0.0, 0.0, 1.0))[4:-4, 4:-4, 4:-4]
    labels = np.concatenate([np.where(covered == 1, 1, 2), half]).astype(np.uint8)
    particles = np.zeros(labels.shape, np.int32)
    particles[: len(covered)][labels[: len(covered)] == 1] = 4
    particles[len(covered) :][labels[len(covered) :] == 1] = 2
    return labels, particles


def test_each_particle_has_its_contact() -> None:
    labels, particles = two_spheres()
    volume = Volume(labels, PHASES)
    found = find_particle_contacts(volume, "active", "electrolyte", particles)
    assert found.numbers.tolist() == [2, 4]
    assert found.contact_fraction == pytest.approx([0.5, 1.0], abs=0.01)
    assert found.surface_area == pytest.approx([4 * np.pi * 64] * 2, rel=0.02)
    result = measure_contact(volume, "active", "electrolyte", particles=particles)
    assert value(result, "particle_contact_fraction_mean") == pytest.approx(0.75, abs=0.01)
    assert value(result, "particle_fraction_untouched") == 0
    assert sum(result.details["particles"]["particles"]) == 2
    assert value(result, "surface_area_a") == pytest.approx(found.surface_area.sum())
    assert value(result, "contact_area") == pytest.approx(found.contact_area.sum())
    assert Result.from_json(result.to_json()).details["particles"]["number"] == 2


def test_touching_particles_share_no_surface() -> None:
    labels = np.zeros((20, 10, 10), np.uint8)
    labels[5:15, 3:7, 3:7] = 1
    particles = np.where(labels == 1, 1, 0)
    particles[10:][labels[10:] == 1] = 2
    volume = Volume(np.where(labels == 0, 2, 1), PHASES)
    found = find_particle_contacts(volume, "active", "electrolyte", particles)
    whole = value(measure_surface(volume, "active"), "surface_area")
    assert found.surface_area == pytest.approx([whole / 2] * 2)
    assert found.contact_fraction == pytest.approx([1, 1])


# --- symmetries -------------------------------------------------------------------------


@st.composite
def three_phases(draw: st.DrawFn) -> NDArray[np.uint8]:
    """Random blobs of three phases, all present."""
    shape = draw(st.tuples(*[st.integers(3, 9)] * 3))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    field = random.normal(size=shape)
    for d in range(3):
        field = field + np.roll(field, 1, axis=d)
    return np.digitize(field, np.quantile(field, [0.3, 0.7])).astype(np.uint8)


@settings(max_examples=40, deadline=None)
@given(three_phases(), st.permutations([0, 1, 2]), st.tuples(*[st.booleans()] * 3))
def test_axes_may_be_exchanged_and_turned_round(
    labels: NDArray[np.uint8], order: list[int], flips: tuple[bool, ...]
) -> None:
    voxel = np.array([1.0, 1.3, 1.9])
    turned = labels.transpose(order)[tuple(slice(None, None, -1 if f else 1) for f in flips)]
    before = measure_contact(Volume(labels, PHASES, voxel), "active", "electrolyte", axis=2)
    after = measure_contact(
        Volume(np.ascontiguousarray(turned), PHASES, voxel[order]),
        "active",
        "electrolyte",
        axis=order.index(2),
    )
    for quantity in ("contact_area", "surface_area_a", "surface_area_b"):
        assert value(after, quantity) == pytest.approx(value(before, quantity), rel=1e-9, abs=1e-9)
    lines = [
        value(measure_triple_lines(volume, *PHASES), "triple_line_length")
        for volume in (Volume(labels, PHASES, voxel), Volume(turned, PHASES, voxel[order]))
    ]
    assert lines[1] == pytest.approx(lines[0], rel=1e-9)
    if before["contact_anisotropy"].value is not None:
        sign = np.array([-1.0 if f else 1.0 for f in flips])
        tensor = normal_tensor(before)[np.ix_(order, order)] * np.outer(sign, sign)
        assert normal_tensor(after) == pytest.approx(tensor, rel=1e-6, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(three_phases(), st.permutations([3, 7, 200]), st.floats(1e-8, 1e3))
def test_labels_names_and_scale_do_not_matter(
    labels: NDArray[np.uint8], others: list[int], scale: float
) -> None:
    first = measure_contact(Volume(labels, PHASES), "active", "electrolyte")
    back = measure_contact(Volume(labels, PHASES), "electrolyte", "active")
    renamed = Volume(
        np.array(others, np.int64)[labels], dict(zip(PHASES, others, strict=True)), scale
    )
    second = measure_contact(renamed, "active", others[2])
    area = value(first, "contact_area")
    assert value(back, "contact_area") == pytest.approx(area, rel=1e-9, abs=1e-9)
    assert value(second, "contact_area") == pytest.approx(area * scale**2, rel=1e-9, abs=1e-30)
    for quantity in ("contact_fraction", "contact_fraction_b"):
        assert second[quantity].value == pytest.approx(first[quantity].value, rel=1e-9, abs=1e-9)


def test_slabs_and_threads_change_nothing() -> None:
    """The other memory order lays the slabs across another axis."""
    random = np.random.default_rng(5)
    field = random.normal(size=(70, 50, 60))
    for d in (0, 1, 2, 0, 1, 2):
        field = field + np.roll(field, 1, axis=d)
    labels = np.digitize(field, np.quantile(field, [0.4, 0.7])).astype(np.uint8)
    whole = [measure_contact(Volume(labels, PHASES), "active", "electrolyte")]
    whole.append(
        measure_contact(Volume(np.asfortranarray(labels), PHASES), "active", "electrolyte")
    )
    for quantity in ("contact_area", "surface_area_a", "contact_fraction_b"):
        assert value(whole[1], quantity) == pytest.approx(value(whole[0], quantity), rel=1e-9)
    lines = [
        value(measure_triple_lines(Volume(array, PHASES), *PHASES), "triple_line_length")
        for array in (labels, np.asfortranarray(labels))
    ]
    assert lines[1] == pytest.approx(lines[0], rel=1e-9)


# --- what cannot be measured ------------------------------------------------------------


def test_no_contact_is_zero_and_has_no_direction() -> None:
    labels = np.zeros((9, 9, 9), np.uint8)
    labels[1:3], labels[6:8] = 1, 2
    found = measure_contact(Volume(labels, PHASES), "active", "electrolyte")
    assert found["contact_area"].value == 0
    assert found["contact_fraction"].value == 0
    assert found["contact_normal_zz"].value is None
    assert found["contact_normal_zz"].flags == ("no surface inside the volume",)
    lines = measure_triple_lines(Volume(labels, PHASES), *PHASES)
    assert lines["triple_line_length"].value == 0


def test_a_volume_of_one_phase_has_no_surface() -> None:
    found = measure_surface(Volume(np.ones((4, 4, 4), np.uint8), {"active": 1}), "active")
    assert found["surface_area"].value == 0
    assert found["surface_anisotropy"].value is None


def test_an_image_says_that_it_is_a_section() -> None:
    labels = np.zeros((30, 30), np.uint8)
    labels[:, 10:20] = 1
    found = measure_surface(Volume(labels), 1)
    assert value(found, "surface_area") == pytest.approx(60)
    assert found["surface_area"].flags == ("one voxel along z: surfaces of a section",)


VOLUME = Volume(np.array([[[0, 1, 1]]], np.uint8), PHASES)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((VOLUME, "active", "coating"), "unknown phase 'coating'"),
        ((VOLUME, "active", "electrolyte"), "b: no voxel of the volume is 'electrolyte'"),
        ((VOLUME, "active", "active"), "a: phase 'active' is given twice"),
        ((GreyVolume(np.zeros((2, 2, 2))), 0, 1), "volume: these are grey values"),
        ((np.zeros((2, 2, 2)), 0, 1), "volume: ndarray is no Volume"),
    ],
)
def test_phases_that_cannot_be(arguments: tuple[Any, ...], told: str) -> None:
    with pytest.raises(InputError, match=told):
        measure_contact(*arguments)


@pytest.mark.parametrize(
    ("particles", "told"),
    [
        (np.ones((1, 1, 2), int), "particles: 1 x 1 x 2 numbers of particles for 1 x 1 x 3 voxels"),
        (np.ones((1, 1, 3)), "particles: particles are numbered by whole numbers"),
        (np.full((1, 1, 3), -1), r"these from -1 to -1"),
        (np.full((1, 1, 3), 10**9), r"these from 1000000000 to 1000000000"),
        (np.zeros((1, 1, 3), int), "particles: no voxel belongs to a particle"),
        (np.array([[[1, 0, 0]]]), "particles: no particle has a surface inside the volume"),
    ],
)
def test_particles_that_cannot_be(particles: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        measure_contact(VOLUME, "active", "void", particles=particles)


def test_an_axis_that_is_none() -> None:
    with pytest.raises(InputError, match="axis: axis 'w' is none of x, y, z"):
        measure_surface(VOLUME, "active", axis="w")


def test_progress_is_told_and_work_can_be_stopped() -> None:
    heard: list[float] = []
    listened = Progress(lambda fraction, _: heard.append(fraction))
    labels, three = sphere(8), Volume(np.arange(3, dtype=np.uint8).reshape(3, 1, 1))
    measure_surface(Volume(labels), 1, progress=listened)
    assert heard[-1] == 1
    assert heard == sorted(heard)
    listened.cancel()
    with pytest.raises(InterruptedRunError, match="interrupted: surfaces"):
        measure_contact(Volume(labels), 0, 1, progress=listened)
    with pytest.raises(InterruptedRunError, match="interrupted: triple lines"):
        measure_triple_lines(three, 0, 1, 2, progress=listened)
