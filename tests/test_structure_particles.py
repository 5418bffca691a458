"""Particles split, counted, sized."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solith.core.errors import InputError, UnknownNameError
from solith.core.result import Result
from solith.core.volume import Volume
from solith.structure.particles import measure_particles, split_particles


def balls(*given_balls, shape=(40, 40, 40)) -> Volume:
    """Balls (x, y, z, radius) in voxels."""
    x, y, z = np.meshgrid(*(np.arange(n) + 0.5 for n in shape), indexing="ij")
    labels = np.zeros(shape, np.uint8)
    for a, b, c, radius in given_balls:
        labels[(x - a) ** 2 + (y - b) ** 2 + (z - c) ** 2 < radius**2] = 1
    return Volume(labels, {"matrix": 0, "active": 1}, "1 um")


THREE = ((9, 10, 12, 7), (22.5, 10, 12, 7), (25, 25, 28, 9))


def test_touching_balls_are_told_apart():
    volume = balls(*THREE)
    found = split_particles(volume, "active")
    assert found.dtype == np.int32
    assert found.max() == 3
    assert found[9, 10, 12] != found[22, 10, 12] != found[25, 25, 28]
    assert np.array_equal(found > 0, volume.mask("active"))
    boundary = np.flatnonzero(np.diff(found[:, 10, 12]) != 0)
    assert 15 in boundary  # the plane half way between the two


def test_the_neck_decides():
    volume = balls((14, 20, 20, 9), (24, 20, 20, 9))  # the neck is 0.83 as wide as the balls
    assert split_particles(volume, "active").max() == 1
    assert split_particles(volume, "active", neck=0.95, least=0.2).max() == 2
    assert split_particles(volume, "active", neck=0.0).max() == 1


def test_specks_are_no_particles():
    volume = balls(*THREE, (36, 5, 5, 1.5), (5, 36, 5, 2.5))  # of 8 and 56 voxels
    found = split_particles(volume, "active")
    assert found.max() == 4
    assert found[35, 4, 4] == 0
    every = split_particles(volume, "active", smallest=0)
    assert every.max() == 5
    assert np.array_equal(every > 0, volume.mask("active"))
    only = split_particles(volume, "active", smallest=1000)
    assert sorted(np.unique(only)) == [0, 1, 2, 3]


def test_sizes_and_neighbours():
    volume = balls(*THREE, (38, 38, 5, 6))
    found = measure_particles(volume, "active", split_particles(volume, "active"))
    assert found["particles"].value == 4
    assert found["particles_cut"].value == 1
    assert found["diameter_number_d10"].value == pytest.approx(14e-6, rel=0.03)
    assert found["diameter_d90"].value == pytest.approx(18e-6, rel=0.03)
    assert 0.5 < found["coordination_number"].value < 0.8
    assert found.details["coordination_counts"] == [1, 2]
    assert sum(found.details["volume_share"]) == pytest.approx(1.0)
    assert Result.from_json(found.to_json()) == found


def test_a_chain_of_balls_has_two_neighbours_each_but_the_ends():
    volume = balls(*((x, 8, 8, 5.3) for x in range(8, 80, 10)), shape=(86, 16, 16))
    numbers = split_particles(volume, "active")
    assert numbers.max() == 8
    found = measure_particles(volume, "active", numbers)
    assert found.details["coordination_counts"] == [0, 2, 6]


@settings(max_examples=12, deadline=None)
@given(
    st.permutations([0, 1, 2]),
    st.lists(st.booleans(), min_size=3, max_size=3),
    st.floats(0.1, 10.0),
)
def test_turns_and_voxel_sizes_change_nothing(order, flips, size):
    volume = balls(*THREE)
    turn = tuple(slice(None, None, -1 if flip else 1) for flip in flips)
    labels = volume.labels.transpose(order)[turn]
    turned = Volume(labels, volume.phases, size)
    numbers = split_particles(turned, "active")
    assert numbers.max() == 3
    here = measure_particles(turned, "active", numbers)
    straight = measure_particles(volume, "active", split_particles(volume, "active"))
    assert here["diameter_d50"].value == pytest.approx(
        straight["diameter_d50"].value * size / 1e-6, rel=0.01
    )


def test_distances_follow_the_voxel_size_of_each_axis():
    from scipy.ndimage import distance_transform_edt

    from solith.structure.particles import _distances

    labels = (np.random.default_rng(0).uniform(size=(23, 17, 11)) < 0.9).astype(np.uint8)
    volume = Volume(labels, voxel_size=(1.0, 2.0, 0.7))
    exact = distance_transform_edt(labels, sampling=(1.0, 2.0, 0.7))
    assert np.allclose(_distances(volume, 1), exact, rtol=1e-5, atol=0)


def test_one_phase_alone_and_one_slice():
    alone = Volume(np.ones((6, 6, 6), np.uint8), {"active": 1})
    numbers = split_particles(alone, "active")
    assert np.all(numbers == 1)
    found = measure_particles(alone, "active", numbers)
    assert found["diameter_d50"].value is None
    assert found["diameter_d50"].flags == ("no particle is whole: the volume's boundary cuts all",)
    flat = balls((10, 10, 0.5, 6), (24, 24, 0.5, 8), shape=(40, 40, 1))
    numbers = split_particles(flat, "active")
    assert numbers.max() == 2
    assert measure_particles(flat, "active", numbers)["particles_cut"].value == 0


@pytest.mark.parametrize("depth", [1e-7, 1e-6, 1e-5])
def test_particles_of_a_section_have_the_diameters_of_circles(depth):
    flat = balls((10, 10, 0.5, 6), (24, 24, 0.5, 8), shape=(40, 40, 1))
    section = Volume(flat.labels, flat.phases, (1e-6, 1e-6, depth))
    numbers = split_particles(section, "active")
    assert numbers.max() == 2
    found = measure_particles(section, "active", numbers)
    areas = np.bincount(numbers.ravel())[1:] * 1e-12
    assert found["diameter_number_d10"].value == pytest.approx(min(np.sqrt(4 / np.pi * areas)))
    assert found["diameter_d90"].value == pytest.approx(16e-6, rel=0.03)
    for value in found:
        assert value.flags == ("one voxel along z: particles of a section",)


def test_sections_along_each_axis_are_alike():
    flat = balls((10, 10, 0.5, 6), (24, 24, 0.5, 8), shape=(40, 40, 1))
    sizes = []
    for axes in ((0, 1, 2), (0, 2, 1), (2, 0, 1)):
        turned = Volume(flat.labels.transpose(axes), flat.phases, 1e-6)
        found = measure_particles(turned, "active", split_particles(turned, "active"))
        sizes.append(found["diameter_d50"].value)
    assert sizes == pytest.approx([sizes[0]] * 3)


def test_shares_of_volume_are_corrected_as_the_diameters_are():
    volume = balls((6, 6, 6, 4), (22, 22, 22, 13), shape=(40, 40, 40))
    found = measure_particles(volume, "active", split_particles(volume, "active"))
    assert found["particles_cut"].value == 0
    numbers = split_particles(volume, "active")
    bodies = np.bincount(numbers.ravel())[1:]
    extents = [np.ptp(np.argwhere(numbers == n + 1), axis=0) + 1 for n in range(2)]
    weights = [np.prod(40 / (40 - extent)) * n for extent, n in zip(extents, bodies, strict=True)]
    shares = found.details["volume_share"]
    assert [shares[0], shares[-1]] == pytest.approx(np.array(weights) / sum(weights))
    assert shares[0] < 0.7 * bodies[0] / bodies.sum()


def test_bad_arguments_are_told():
    volume = balls(*THREE)
    numbers = split_particles(volume, "active")
    with pytest.raises(UnknownNameError, match="unknown phase 'activ'; did you mean 'active'"):
        split_particles(volume, "activ")
    with pytest.raises(InputError, match="no voxel of the volume is 'void'"):
        split_particles(Volume(volume.labels, {"matrix": 0, "active": 1, "void": 2}), "void")
    with pytest.raises(InputError, match="neck is 0 to 1"):
        split_particles(volume, "active", neck=2.0)
    with pytest.raises(InputError, match="particles hold voxels that are not 'matrix'"):
        measure_particles(volume, "matrix", numbers)
    with pytest.raises(InputError, match="numbers of particles for"):
        measure_particles(volume, "active", numbers[:4])
