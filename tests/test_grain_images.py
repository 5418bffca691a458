"""Polycrystals from images: lines between grains, colours, files' volumes, circles and spheres."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from solith import GreyVolume, Polycrystal, Volume
from solith.core.errors import InputError
from solith.core.polycrystal import all_ways
from solith.structure import generate_polycrystal, measure_grains, polycrystal_from_labels
from solith.transport import measure_boundary_leakage, solve_polycrystal
from solith.volumes import read_volume, write_volume


def cells(seed: int = 1) -> NDArray[Any]:
    """Labels from 1 of some hundred grains 20 voxels across."""
    made = generate_polycrystal((160, 160), 20.0, relaxation=3, seed=seed)
    return made.grains[:, :, 0] + 1


def lines(labels: NDArray[Any]) -> NDArray[np.bool_]:
    """The voxels before a boundary, as a watershed draws it."""
    drawn = np.zeros(labels.shape, bool)
    drawn[:-1] |= labels[:-1] != labels[1:]
    drawn[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    return drawn


def told(polycrystal: Polycrystal, name: str) -> float:
    value = measure_grains(polycrystal)[name].value
    assert value is not None
    return value


def test_grains_grow_over_lines() -> None:
    labels = cells()
    drawn = np.where(lines(labels), 0, labels)
    whole = polycrystal_from_labels(labels, "1 um")
    grown = polycrystal_from_labels(drawn, "1 um", boundary_label=0)
    assert grown.count == whole.count
    assert int(grown.grains.min()) == 0
    owners = np.zeros(grown.count, int)
    owners[grown.grains[:, :, 0][drawn > 0]] = drawn[drawn > 0]
    away = owners[grown.grains[:, :, 0]] != labels
    assert not away[drawn > 0].any()
    assert away[drawn == 0].mean() < 0.6  # as near to the other side
    for name in ("grain_size_mean", "neighbours_mean", "boundary_area_per_volume"):
        assert told(grown, name) == pytest.approx(told(whole, name), rel=0.02)
    one, other = (
        solve_polycrystal(p, 0.1, 1e-5, "5 nm", axis="x").effective_conductivity
        for p in (whole, grown)
    )
    assert other == pytest.approx(one, rel=0.01)


def test_grains_of_one_label_between_lines_are_told_apart() -> None:
    labels = cells()
    binary = polycrystal_from_labels((~lines(labels)).astype(np.uint8), "1 um", boundary_label=0)
    assert binary.count == len(np.unique(labels))


@settings(max_examples=15)
@given(
    shape=st.tuples(st.integers(3, 12), st.integers(3, 12), st.integers(1, 5)),
    wraps=st.tuples(*[st.booleans()] * 3),
    seed=st.integers(0, 99),
)
def test_a_voxel_of_a_line_goes_to_the_nearest_grain(
    shape: tuple[int, int, int], wraps: tuple[bool, bool, bool], seed: int
) -> None:
    chance = np.random.default_rng(seed)
    labels = chance.choice([0, 1, 2, 3], shape, p=[0.7, 0.1, 0.1, 0.1])
    if len(np.unique(labels)) < 3:
        return
    size = (1.0, 1.5, 0.7)
    grown = polycrystal_from_labels(labels, size, boundary_label=0, periodic=wraps)
    places = np.argwhere(labels > 0)
    owners = grown.grains[tuple(places.T)]
    for at in np.argwhere(labels == 0):
        away = np.abs(places - at)
        away = np.where(np.array(wraps), np.minimum(away, np.array(shape) - away), away)
        distance = ((away * np.array(size)) ** 2).sum(axis=1)
        assert grown.grains[tuple(at)] in owners[distance <= distance.min() + 1e-9]


def test_lines_that_are_not_named_are_refused() -> None:
    drawn = np.where(lines(cells()), 0, cells())
    number = len(np.unique(cells()))
    with pytest.raises(
        InputError,
        match=rf"the label 0 is thin and touches {number} of {number} grains, .* boundary_label=0",
    ):
        polycrystal_from_labels(drawn)
    with pytest.raises(InputError, match=rf"none of the {number} grains touches another: void .*"):
        polycrystal_from_labels(drawn, void=[0])
    with pytest.raises(InputError, match="every label is a line or a void"):
        polycrystal_from_labels(np.ones((4, 4), int), boundary_label=1)


def test_wide_lines_and_noise_are_flagged() -> None:
    wide = lines(cells())
    for _ in range(2):
        wide[1:] |= wide[:-1].copy()
        wide[:, 1:] |= wide[:, :-1].copy()
    found = polycrystal_from_labels(np.where(wide, 0, cells()), "1 um")
    (flag,) = measure_grains(found)["grains"].flags
    assert "others: if it is the boundaries drawn as lines" in flag
    assert flag in solve_polycrystal(found, 1.0, 1e-3, "5 nm", axis="x").flags
    noise = np.random.default_rng(0).integers(0, 200, (50, 50))
    (flag,) = measure_grains(polycrystal_from_labels(noise))["grains"].flags
    assert flag == "grains are only 1.0 voxels across"


def test_grains_of_four_repeated_labels_are_no_lines() -> None:
    i, j = np.indices((60, 60)) // 10
    assert polycrystal_from_labels(2 * (i % 2) + j % 2).count == 36
    small = np.indices((20, 20)) // 2 % 2  # grains of four voxels, none of which lies inside
    assert polycrystal_from_labels(2 * small[0] + small[1]).count == 100


def test_colours_are_refused_or_labels() -> None:
    chance = np.random.default_rng(0)
    labels = cells()
    palette = chance.permutation(200**3)[: labels.max() + 1]
    colours = np.stack(np.unravel_index(palette, (200,) * 3), -1).astype(np.uint8)[labels]
    with pytest.raises(InputError, match="an array of 160 x 160 x 3 is an image in colours"):
        polycrystal_from_labels(colours)
    found = polycrystal_from_labels(colours, "1 um", colours=True)
    assert found.count == labels.max()
    opaque = np.concatenate([colours, np.full((160, 160, 1), 255, np.uint8)], axis=2)
    assert np.array_equal(polycrystal_from_labels(opaque, colours=True).grains, found.grains)
    assert polycrystal_from_labels(Volume(colours)).shape == (160, 160, 3)
    with pytest.raises(InputError, match=r"colours: an image in colours has the shape \(x, y, 3"):
        polycrystal_from_labels(labels, colours=True)


def test_volumes_of_files_are_taken(tmp_path: Path) -> None:
    labels = cells().astype(np.uint16)
    want = polycrystal_from_labels(labels, "0.5 um")
    for name in ("g.tif", "g.npy"):
        write_volume(GreyVolume(labels, "0.5 um"), tmp_path / name)
        found = polycrystal_from_labels(read_volume(tmp_path / name, voxel_size="0.5 um"))
        assert np.array_equal(found.grains, want.grains)
        assert found.voxel_size == pytest.approx(want.voxel_size)
    with pytest.raises(InputError, match=r"read_volume\('g\.png', voxel_size=\.\.\.\)\)"):
        polycrystal_from_labels("g.png", "0.5 um")
    with pytest.raises(InputError, match="is not the volume's own voxel size"):
        polycrystal_from_labels(GreyVolume(labels, "0.5 um"), "1 um")
    with pytest.raises(InputError, match="an image of grains has whole numbers"):
        polycrystal_from_labels(GreyVolume(labels.astype(float)))
    with pytest.raises(InputError, match="boundary_label: 'a' is no label"):
        polycrystal_from_labels(labels, boundary_label="a")  # type: ignore[arg-type]


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_circle_and_a_sphere_have_their_length_and_area(dimensions: int) -> None:
    radius, side = (40.0, 100) if dimensions == 2 else (22.0, 54)
    away = sum((x - (side - 1) / 2) ** 2 for x in np.indices((side,) * dimensions))
    found = polycrystal_from_labels((away < radius**2).astype(np.uint8))
    exact = {2: 2 * np.pi * radius, 3: 4 * np.pi * radius**2}[dimensions] / side**dimensions
    assert told(found, "boundary_area_per_volume") == pytest.approx(1e-6 * exact, rel=0.02)
    leakage = measure_boundary_leakage(found, 1.0, "1 nm", axis="x")
    assert leakage["boundary_area_per_volume"].value == pytest.approx(1e-6 * exact, rel=0.02)
    along = 1 - 1 / dimensions
    assert leakage["leakage_conductivity"].to("S/m").value == pytest.approx(
        1e-9 * along * exact, rel=0.02
    )
    sizes, squares = found.boundary_directions([0], [1])
    assert np.count_nonzero(sizes) == dimensions
    assert sizes[0] == pytest.approx(all_ways(found.shape))
    assert squares.sum() == pytest.approx(1)


def test_means_of_directions_are_those_of_random_ones() -> None:
    turns = np.random.default_rng(0).uniform(0, 2 * np.pi, 100_000)
    assert all_ways((5, 5, 1))[:2] == pytest.approx([np.mean(np.abs(np.cos(turns)))] * 2, rel=0.01)
    points = np.random.default_rng(0).standard_normal((100_000, 3))
    units = np.abs(points) / np.linalg.norm(points, axis=1, keepdims=True)
    assert all_ways((5, 5, 5)) == pytest.approx(units.mean(axis=0), rel=0.01)


def test_two_lamellae_round_a_periodic_image_keep_their_normal() -> None:
    labels = np.repeat([[0, 1]], 10, axis=0).repeat(5, axis=1)
    found = polycrystal_from_labels(labels, periodic=(False, True, False))
    assert found.boundary_normals([0], [1])[0] == pytest.approx([0, 1, 0])
