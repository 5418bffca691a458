"""Fractions, connectivity, paths, chords, correlations of volumes: exact cases and messages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from solith.core.errors import InputError, UnknownNameError
from solith.core.result import Result
from solith.core.volume import GreyVolume, Volume
from solith.structure import (
    find_isolated_particles,
    measure_chord_lengths,
    measure_connectivity,
    measure_constrictivity,
    measure_correlation,
    measure_fractions,
    measure_geodesic_tortuosity,
    measure_isolated_particles,
    measure_representative,
)

Labels = NDArray[np.uint8]


def value(result: Result, quantity: str) -> float:
    found = result[quantity].value
    assert found is not None, result[quantity].flags
    return found


def random_labels(seed: int, shape: tuple[int, ...] = (7, 6, 8), phases: int = 3) -> Labels:
    return np.random.default_rng(seed).integers(0, phases, shape).astype(np.uint8)


def ball(radius: float, side: int) -> Labels:
    axis = np.arange(side) - side / 2 + 0.5
    x, y, z = np.meshgrid(axis, axis, axis, indexing="ij", sparse=True)
    return (x * x + y * y + z * z <= radius**2).astype(np.uint8)


def overlapping_spheres(side: int, radius: float, number: int, seed: int) -> Labels:
    """1 in the matter between spheres at random places, periodic."""
    from scipy.ndimage import distance_transform_edt

    rng = np.random.default_rng(seed)
    seeds = np.ones((side,) * 3, np.uint8)
    seeds[tuple(rng.integers(0, side, (3, number)))] = 0
    near = distance_transform_edt(np.pad(seeds, int(radius) + 1, mode="wrap"))
    inner = slice(int(radius) + 1, -int(radius) - 1)
    return (near[inner, inner, inner] > radius).astype(np.uint8)


# --- fractions --------------------------------------------------------------------------


def test_fractions_and_profiles_of_layers() -> None:
    labels = np.zeros((4, 5, 10), np.uint8)
    labels[:, :, 3:] = 1
    labels[:, :, 8:] = 2
    found = measure_fractions(Volume(labels, ["void", "active", "carbon", "none"], "2 um"))
    assert {name: found.details["fraction"][name] for name in found.details["fraction"]} == (
        pytest.approx({"void": 0.3, "active": 0.5, "carbon": 0.2, "none": 0.0})
    )
    assert value(found, "porosity") == pytest.approx(0.3)
    profile = found.details["profile"]
    assert profile["position"] == pytest.approx((np.arange(10) + 0.5) * 2e-6)
    assert profile["fraction"]["active"] == [0, 0, 0, 1, 1, 1, 1, 1, 0, 0]
    assert Result.from_json(found.to_json()) == found


@given(seed=st.integers(0, 10**6), axis=st.integers(0, 2))
@settings(max_examples=20, deadline=None)
def test_profiles_are_those_of_the_axis(seed: int, axis: int) -> None:
    labels = random_labels(seed)
    profile = measure_fractions(Volume(labels), axis=axis).details["profile"]["fraction"]
    for name, shares in profile.items():
        others = tuple(other for other in range(3) if other != axis)
        assert shares == pytest.approx((labels == int(name)).mean(axis=others))


# --- connectivity -----------------------------------------------------------------------


def test_parts_of_a_phase_are_told_apart() -> None:
    labels = np.zeros((9, 1, 10), np.uint8)
    labels[0, 0, :] = 1  # spans: 10 voxels
    labels[2, 0, :4] = 1  # joined to the first face: 4
    labels[4, 0, 7:] = 1  # joined to the last: 3
    labels[6, 0, 4:6] = 1  # to none: 2
    labels[7, 0, 6] = 1  # touches that one at an edge only: 1
    found = measure_connectivity(Volume(labels), 1)
    assert value(found, "fraction") == pytest.approx(20 / 90)
    assert value(found, "connected_fraction") == pytest.approx(10 / 20)
    assert value(found, "connected_fraction_first") == pytest.approx(14 / 20)
    assert value(found, "connected_fraction_last") == pytest.approx(13 / 20)
    assert value(found, "isolated_fraction") == pytest.approx(3 / 20)
    assert value(found, "clusters") == 5
    assert value(found, "largest_cluster_fraction") == pytest.approx(0.5)
    across = measure_connectivity(Volume(labels), 1, axis="x")
    assert value(across, "connected_fraction") == 0
    assert across["connected_fraction"].flags == (
        "1 does not span along x",
        "one voxel along y: clusters of a section",
    )


@given(seed=st.integers(0, 10**6), axis=st.integers(0, 2))
@settings(max_examples=30, deadline=None)
def test_clusters_are_those_of_scipy(seed: int, axis: int) -> None:
    from scipy.ndimage import label

    labels = random_labels(seed, phases=2)
    labels.flat[0] = 1
    clusters, number = label(labels)
    found = measure_connectivity(Volume(labels), 1, axis=axis)
    first, last = clusters.take(0, axis), clusters.take(-1, axis)
    spanning = np.intersect1d(first[first > 0], last[last > 0])
    exact = np.isin(clusters, spanning).sum() / labels.sum()
    assert value(found, "connected_fraction") == pytest.approx(exact)
    assert value(found, "clusters") == number
    flipped = measure_connectivity(Volume(np.flip(labels, axis)), 1, axis=axis)
    assert value(flipped, "connected_fraction_last") == value(found, "connected_fraction_first")


def test_particles_without_the_spanning_electrolyte() -> None:
    labels = np.zeros((8, 3, 6), np.uint8)
    labels[0] = 2  # electrolyte that spans
    labels[1:3, :, 1:3] = 1  # a particle at it: 12 voxels
    labels[4:6, 1, 1:4] = 1  # one in the void: 6
    labels[7, 0, 2] = 1  # one at electrolyte that does not span: 1
    labels[7, 1, 2] = 2
    particles = np.zeros(labels.shape, np.int32)
    particles[1:3, :, 1:3] = 1
    particles[4:6, 1, 1:4] = 2
    particles[7, 0, 2] = 3
    volume = Volume(labels, ["void", "active", "electrolyte"])
    found = measure_isolated_particles(volume, "active", "electrolyte", particles)
    assert value(found, "isolated_particle_fraction") == pytest.approx(7 / 19)
    assert value(found, "isolated_particle_number_fraction") == pytest.approx(2 / 3)
    assert found.details["isolated"] == [2, 3]
    nowhere = measure_isolated_particles(volume, "active", "electrolyte", particles, axis="x")
    assert value(nowhere, "isolated_particle_fraction") == 1
    assert nowhere["isolated_particle_fraction"].flags == ("electrolyte does not span along x",)
    with pytest.raises(InputError, match="no voxel of 'active' belongs to a particle"):
        measure_isolated_particles(volume, "active", "electrolyte", (labels == 2).astype(int))


# --- paths ------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", ["x", "y", "z"])
def test_a_straight_channel_has_tortuosity_one(axis: str) -> None:
    labels = np.zeros((9, 9, 9), np.uint8)
    channel: list[Any] = [4, 4, 4]
    channel["xyz".index(axis)] = slice(None)
    labels[tuple(channel)] = 1
    found = measure_geodesic_tortuosity(Volume(labels, voxel_size=[1, 2, 3]), 1, axis=axis)
    for name in ("mode", "minimum", "mean"):
        assert value(found, f"tortuosity_geodesic_{name}") == pytest.approx(1, abs=1e-6)
    assert value(found, "reached_fraction") == 1


@pytest.mark.parametrize("slope", [0.2, 1 / 3, 0.5, 1.0])
@pytest.mark.parametrize("width", [8, 16])
def test_an_inclined_channel_within_two_percent(slope: float, width: int) -> None:
    long = 100
    z = np.arange(long) + 0.5
    y = np.arange(int(slope * long + width + 4)) + 0.5
    inside = np.abs(y[:, None] - (2 + width / 2 + slope * z)) <= width / 2
    found = measure_geodesic_tortuosity(Volume(inside[None].astype(np.uint8)), 1)
    exact = np.hypot(max(0.0, slope * long - width), long) / long
    assert value(found, "tortuosity_geodesic_minimum") == pytest.approx(exact, rel=0.015)


@pytest.mark.parametrize("voxel", [(1.0, 1.0, 1.0), (1.0, 2.0, 1.0), (1.0, 1.0, 2.0)])
def test_a_path_round_the_edge_of_a_plate(voxel: tuple[float, float, float]) -> None:
    long, wide, edge = 81, 100, 60
    labels = np.ones((1, wide, long), np.uint8)
    labels[:, :edge, 40] = 0
    found = measure_geodesic_tortuosity(Volume(labels, voxel_size=voxel), 1)
    y = (np.arange(wide) + 0.5) * voxel[1]
    around = np.hypot(np.maximum(edge * voxel[1] - y, 0), 40 * voxel[2])
    exact = (41 * voxel[2] + around) / (long * voxel[2])
    assert value(found, "tortuosity_geodesic_mean") == pytest.approx(exact.mean(), rel=0.015)
    assert value(found, "tortuosity_geodesic_minimum") == pytest.approx(1, abs=1e-5)
    histogram = found.details["histogram"]
    assert sum(histogram["counts"]) == wide
    assert histogram["edges"][-1] == pytest.approx(exact.max(), rel=0.015)


def test_paths_do_not_slip_through_edges() -> None:
    labels = np.zeros((4, 1, 4), np.uint8)
    np.fill_diagonal(labels[:, 0, :], 1)
    found = measure_geodesic_tortuosity(Volume(labels), 1)
    assert found["tortuosity_geodesic_mode"].value is None
    assert found["tortuosity_geodesic_mode"].flags == (
        "1 does not span along z",
        "one voxel along y: paths of a section",
    )
    assert value(found, "reached_fraction") == 0


@given(seed=st.integers(0, 10**6), flip=st.booleans())
@settings(max_examples=15, deadline=None)
def test_paths_follow_axes_flips_and_scale(seed: int, flip: bool) -> None:
    labels = (random_labels(seed, (20, 21, 22), 4) > 0).astype(np.uint8)
    names = [f"tortuosity_geodesic_{name}" for name in ("minimum", "mean")]
    once = measure_geodesic_tortuosity(Volume(labels, voxel_size=[1, 2, 3]), 1)
    turned = np.flip(labels, 1) if flip else labels
    again = measure_geodesic_tortuosity(
        Volume(turned.transpose(2, 0, 1) + 5, voxel_size=["3 um", "1 um", "2 um"]), 6, axis="x"
    )
    for name in names:
        assert value(again, name) == pytest.approx(value(once, name), rel=2e-4)
        assert value(once, name) >= 1


# --- bottlenecks ------------------------------------------------------------------------


def test_constrictivity_of_a_channel_and_of_one_with_a_neck() -> None:
    x, y = np.meshgrid(np.arange(41) - 20, np.arange(41) - 20, indexing="ij")
    wide = (x * x + y * y <= 15**2).astype(np.uint8)
    narrow = (x * x + y * y <= 6**2).astype(np.uint8)
    channel = np.repeat(wide[:, :, None], 60, axis=2)
    even = measure_constrictivity(Volume(channel, voxel_size="1 um"), 1)
    assert value(even, "constrictivity") == pytest.approx(1, abs=0.02)
    assert value(even, "radius_bulge") == pytest.approx(15e-6, rel=0.05)
    channel[:, :, 8:12] = narrow[:, :, None]
    neck = measure_constrictivity(Volume(channel, voxel_size="1 um"), 1)
    assert value(neck, "radius_bottleneck") == pytest.approx(6e-6, rel=0.1)
    assert value(neck, "constrictivity") == pytest.approx((6 / 15) ** 2, rel=0.2)
    channel[:, :, 8:12] = 0
    shut = measure_constrictivity(Volume(channel), 1)
    assert value(shut, "constrictivity") == 0
    assert shut["constrictivity"].flags == ("less than half of 1 is reached along z",)


# --- chords and correlations ------------------------------------------------------------


def test_chords_of_a_sphere() -> None:
    found = measure_chord_lengths(Volume(ball(20, 48), voxel_size="0.5 um"), 1)
    for name in ("chord_length", "chord_length_x", "chord_length_y", "chord_length_z"):
        assert value(found, name) == pytest.approx(4 / 3 * 20 * 0.5e-6, rel=0.01)
    assert found.details["histogram"]["x"]["cut"] == 0


def test_chords_of_layers() -> None:
    labels = np.tile(np.repeat(np.array([0, 1], np.uint8), [3, 5]), 10)
    volume = Volume(np.broadcast_to(labels, (4, 4, 80)), voxel_size=[1, 1, 2])
    found = measure_chord_lengths(volume, 1)
    assert value(found, "chord_length_z") == pytest.approx(80 * 5 / 8 * 2 / 9.5)
    assert found["chord_length_x"].value is None
    assert found["chord_length_x"].flags == ("every line in 1 along x goes from end to end",)


def test_chords_of_a_section() -> None:
    x, y = np.ogrid[:48, :48]
    disc = ((x - 23.5) ** 2 + (y - 23.5) ** 2 < 20**2).astype(np.uint8)
    for axis in range(3):
        found = measure_chord_lengths(Volume(np.expand_dims(disc, axis), voxel_size="0.5 um"), 1)
        assert value(found, "chord_length") == pytest.approx(np.pi / 2 * 20 * 0.5e-6, rel=0.02)
        thin = f"one voxel along {'xyz'[axis]}: chords of a section"
        assert all(thin in one.flags for one in found)


@pytest.mark.parametrize("depth", [0.1, 10])
def test_bottlenecks_of_a_section_do_not_depend_on_its_depth(depth: float) -> None:
    channel = np.zeros((41, 60, 1), np.uint8)
    channel[5:36] = 1
    channel[:, 8:12] = 0
    channel[14:27, 8:12] = 1
    cubes = measure_constrictivity(Volume(channel), 1, axis="y")
    found = measure_constrictivity(Volume(channel, voxel_size=(1, 1, depth)), 1, axis="y")
    assert value(found, "radius_bulge") == pytest.approx(15.5, abs=0.5)
    assert value(found, "radius_bottleneck") == pytest.approx(6.5, abs=0.5)
    for one in found:
        assert one.value == pytest.approx(value(cubes, one.quantity))
        assert one.flags == ("one voxel along z: circles of a section",)


def test_isolated_particles_are_listed() -> None:
    labels = np.zeros((6, 6, 6), np.uint8)
    labels[:, :, 0] = 1
    labels[2, 2, 1] = labels[4, 4, 4] = labels[2, 5, 4] = 2
    particles = np.zeros(labels.shape, np.int32)
    particles[2, 2, 1], particles[4, 4, 4], particles[2, 5, 4] = 1, 2, 4
    volume = Volume(labels, ["void", "electrolyte", "active"])
    found = find_isolated_particles(volume, "active", "electrolyte", particles, axis="x")
    assert found.tolist() == [2, 4]
    every = find_isolated_particles(volume, "active", "electrolyte", particles, axis="z")
    assert every.tolist() == [1, 2, 4]


@given(seed=st.integers(0, 10**6), axis=st.integers(0, 2))
@settings(max_examples=20, deadline=None)
def test_correlations_are_those_of_counted_pairs(seed: int, axis: int) -> None:
    labels = random_labels(seed)
    auto = measure_correlation(Volume(labels), 1).details["correlation"]["xyz"[axis]]
    cross = measure_correlation(Volume(labels), 1, 2).details["correlation"]["xyz"[axis]]
    lines = np.moveaxis(labels, axis, 0)
    for r in range(labels.shape[axis] // 2 + 1):
        a, b = lines[: len(lines) - r], lines[r:]
        assert auto[r] == pytest.approx(((a == 1) & (b == 1)).mean(), abs=1e-6)
        both = ((a == 1) & (b == 2)).mean() + ((a == 2) & (b == 1)).mean()
        assert cross[r] == pytest.approx(both / 2, abs=1e-6)


def test_overlapping_spheres_have_the_known_correlation() -> None:
    """Outside spheres of radius R: phi ** (v(r) / v), v(r) the volume of two together."""
    side, radius = 160, 8.0
    number = int(0.7 * side**3 / (4 / 3 * np.pi * radius**3))
    labels = overlapping_spheres(side, radius, number, seed=3)
    found = measure_correlation(Volume(labels), 1)
    phi = labels.mean()
    r = np.arange(0, 16)
    exact = phi ** (1 + 0.75 * r / radius - r**3 / (16 * radius**3))
    curve = np.mean([found.details["correlation"][axis][:16] for axis in "xyz"], axis=0)
    assert curve == pytest.approx(exact, abs=0.01)
    surface = -np.log(phi) * phi * 3 / radius
    assert value(found, "surface_area_per_volume") == pytest.approx(surface, rel=0.06)


# --- how large is enough ----------------------------------------------------------------


def checkerboard(cells: int, side: int, seed: int, share: float = 0.3) -> Volume:
    cell = (np.random.default_rng(seed).random((cells,) * 3) < share).astype(np.uint8)
    return Volume(cell.repeat(side, 0).repeat(side, 1).repeat(side, 2), ["other", "one"], "1 um")


def test_random_cells_have_their_volume_as_integral_range() -> None:
    ranges, errors, found = [], [], []
    for seed in range(12):
        result = measure_representative(
            checkerboard(24, 4, seed), measure_fractions, "fraction_one"
        )
        ranges.append(value(result, "integral_range"))
        errors.append(result["fraction_one"].uncertainty)
        found.append(value(result, "fraction_one"))
    exact = (0.3 * 0.7 / 24**3) ** 0.5
    assert np.median(ranges) == pytest.approx(64e-18, rel=0.35)
    assert np.median(errors) == pytest.approx(exact, rel=0.2)
    assert np.std(found) == pytest.approx(exact, rel=0.6)


def test_the_volume_for_a_wanted_error_is_the_one_that_has_it() -> None:
    volume = checkerboard(24, 4, 1)
    result = measure_representative(volume, measure_fractions, "fraction_one", relative_error=0.05)
    same = measure_representative(volume, measure_fractions, "fraction_one", relative_error=0.05)
    assert result == same
    error = value(result, "relative_error")
    needed = value(result, "representative_volume")
    assert needed == pytest.approx(np.prod(volume.size) * (error / 0.05) ** 2, rel=0.15)
    assert value(result, "representative_edge") == pytest.approx(needed ** (1 / 3))


def test_too_few_boxes_are_told() -> None:
    volume = checkerboard(3, 4, 1)
    with pytest.raises(InputError, match=r"0 of the sizes 8, 12 have 6 boxes with a value"):
        measure_representative(volume, measure_fractions, "fraction_one", sizes=[8, 12])
    with pytest.raises(UnknownNameError, match="unknown quantity 'porosity'"):
        measure_representative(volume, measure_fractions, "porosity")
    with pytest.raises(InputError, match="at least two numbers of voxels"):
        measure_representative(volume, measure_fractions, "fraction_one", sizes=[8])
    with pytest.raises(InputError, match="5 is no share between 0 and 1"):
        measure_representative(volume, measure_fractions, "fraction_one", relative_error=5)


# --- messages and odd volumes -----------------------------------------------------------

OF_A_PHASE: list[Callable[..., Result]] = [
    measure_connectivity,
    measure_geodesic_tortuosity,
    measure_constrictivity,
    measure_chord_lengths,
    measure_correlation,
]


@pytest.mark.parametrize("measure", OF_A_PHASE)
def test_what_cannot_be_measured_is_told(measure: Callable[..., Result]) -> None:
    volume = Volume(np.zeros((3, 3, 3), np.uint8), ["void", "active"])
    with pytest.raises(InputError, match="phase: no voxel of the volume is 'active'"):
        measure(volume, "active")
    with pytest.raises(InputError, match="unknown phase 'acive'; did you mean 'active'"):
        measure(volume, "acive")
    grey: Any = GreyVolume(np.ones((3, 3, 3)))
    with pytest.raises(InputError, match="these are grey values"):
        measure(grey, "active")


@pytest.mark.parametrize(
    "measure", [*(partial(one, phase=0) for one in OF_A_PHASE[:3]), measure_fractions]
)
def test_a_wrong_axis_is_told(measure: Callable[..., Result]) -> None:
    with pytest.raises(InputError, match="axis 'w' is none of x, y, z"):
        measure(volume=Volume(np.zeros((3, 3, 3), np.uint8)), axis="w")


@pytest.mark.parametrize("shape", [(1, 1, 1), (5, 1, 1), (1, 6, 4), (5, 5, 5)])
@pytest.mark.parametrize("measure", OF_A_PHASE)
def test_one_phase_and_thin_volumes_give_results(
    measure: Callable[..., Result], shape: tuple[int, int, int]
) -> None:
    found = measure(Volume(np.ones(shape, np.int64), ["void", "active"]), "active")
    assert Result.from_json(found.to_json()).values == found.values
    for one in found:
        assert one.value is None or np.isfinite(one.value)
        assert one.value is not None or one.flags
    if "connected_fraction" in found:
        assert value(found, "connected_fraction") == 1
    if "tortuosity_geodesic_mode" in found:
        assert value(found, "tortuosity_geodesic_mode") == pytest.approx(1)


def test_classes_of_the_histogram_are_checked() -> None:
    with pytest.raises(InputError, match="bins: 0 is no number of classes"):
        measure_geodesic_tortuosity(Volume(np.zeros((3, 3, 3), np.uint8)), 0, bins=0)
