"""Polycrystals: tessellations against brute force, known statistics, images of grains, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from solith import Polycrystal, Volume
from solith.core import threads
from solith.core.errors import InputError
from solith.structure import generate_polycrystal, measure_grains, polycrystal_from_labels
from solith.structure._tessellation import Box, assign_cells

NO = (False, False, False)


def by_hand(box: Box, seeds: NDArray[Any], weights: NDArray[Any]) -> NDArray[np.int64]:
    axes = [(np.arange(n) + 0.5) * h for n, h in zip(box.shape, box.steps, strict=True)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 1, 3)
    away = points - seeds
    sizes = np.array(box.size)
    away = np.where(np.array(box.wraps), away - sizes * np.round(away / sizes), away)
    return np.asarray(np.argmin((away**2).sum(-1) - weights, axis=1).reshape(box.shape))


def value(polycrystal: Polycrystal, name: str) -> float:
    measured = measure_grains(polycrystal)[name]
    units = {"um": "m", "1/um": "1/m"}
    found = measured.to(units.get(measured.unit, "")).value
    assert found is not None
    return found


@settings(max_examples=25)
@given(
    shape=st.tuples(*[st.integers(1, 14)] * 3),
    wraps=st.tuples(*[st.booleans()] * 3),
    count=st.integers(1, 40),
    heavy=st.sampled_from([0.0, 3.0, 40.0]),
    seed=st.integers(0, 99),
)
def test_every_voxel_lies_in_the_cell_of_least_power(
    shape: tuple[int, int, int],
    wraps: tuple[bool, bool, bool],
    count: int,
    heavy: float,
    seed: int,
) -> None:
    box = Box(shape, (shape[0] * 1.0, shape[1] * 0.7, shape[2] * 2.0), wraps)
    chance = np.random.default_rng(seed)
    seeds = chance.random((count, 3)) * np.array(box.size)
    weights = heavy * chance.random(count)
    assert np.array_equal(assign_cells(box, seeds, weights), by_hand(box, seeds, weights))


def test_grains_do_not_depend_on_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def made() -> NDArray[np.int32]:
        return generate_polycrystal((60, 60, 60), 9.0, spread=0.3, periodic=True, seed=3).grains

    first = made()
    monkeypatch.setattr(threads, "_WORTH_SHARING", 10**12)
    assert np.array_equal(first, made())
    assert not np.array_equal(first, generate_polycrystal((60, 60, 60), 9.0, seed=4).grains)


def test_the_boundaries_of_random_cells_have_their_known_area() -> None:
    found = generate_polycrystal((120, 120, 120), 15.0, periodic=True, seed=1)
    density = found.count / 120**3
    area = value(found, "boundary_area_per_volume")
    # 2.910 n^(1/3) for Poisson-Voronoi cells (Meijering 1953, recalled); 600 grains scatter.
    assert area / density ** (1 / 3) == pytest.approx(2.910, rel=0.03)
    assert value(found, "neighbours_mean") == pytest.approx(15.54, abs=0.5)


def test_a_spread_is_met_and_zero_makes_grains_alike() -> None:
    for spread in (0.0, 0.3):
        found = generate_polycrystal((80, 80, 80), 12.0, spread=spread, periodic=True, seed=2)
        volumes = np.bincount(found.grains.ravel(), minlength=found.count)
        assert volumes.min() > 0
        assert np.std(np.log(volumes)) / 3 == pytest.approx(spread, abs=0.03)


def test_relaxed_grains_are_more_alike() -> None:
    spreads = [
        value(generate_polycrystal((200, 200), 12.0, relaxation=n, seed=0), "grain_size_std")
        for n in (0, 10)
    ]
    assert spreads[1] < 0.6 * spreads[0]


def test_columns_go_through_and_images_are_one_voxel_deep() -> None:
    columns = generate_polycrystal((30, 20, 25), 8.0, columnar="y", seed=0)
    assert columns.shape == (30, 20, 25)
    assert np.all(columns.grains == columns.grains[:, :1])
    assert np.all(columns.boundary_normals([0], [1])[:, 1] == 0)
    image = generate_polycrystal((40, 40), 8.0, voxel_size="1 m")
    assert image.shape == (40, 40, 1)
    assert image.dimensions == 2


def test_bricks_from_an_image_have_exact_normals_and_area() -> None:
    i, j, k = np.indices((12, 12, 12)) // 4
    bricks = polycrystal_from_labels(Volume(9 * i + 3 * j + k, None, 2.0))
    assert bricks.count == 27
    # two planes of 24 x 24 in each of three directions, in 24^3
    assert value(bricks, "boundary_area_per_volume") == pytest.approx(6 * 24**2 / 24**3)
    (normal,) = bricks.boundary_normals([0], [9])
    assert normal == pytest.approx([1, 0, 0])
    assert bricks.boundary_normals([9], [0])[0] == pytest.approx([-1, 0, 0])


@pytest.mark.parametrize("tilt", [(1, 0, 0), (1, 1, 0), (1, 2, 0), (1, 1, 1), (3, 2, 1)])
def test_a_tilted_plane_in_an_image_has_its_normal_and_area(tilt: tuple[int, ...]) -> None:
    unit = np.array(tilt) / np.linalg.norm(tilt)
    away = sum(u * (x - 19.3) for u, x in zip(unit, np.indices((40, 40, 40)), strict=True))
    grains = polycrystal_from_labels(Volume((away > 0).astype(np.uint8)))
    (normal,) = grains.boundary_normals([0], [1])
    assert normal == pytest.approx(unit, abs=0.02)


def test_regions_of_one_label_that_do_not_touch_are_grains_of_their_own() -> None:
    labels = np.array([[0, 1, 0, 7]])
    assert polycrystal_from_labels(labels).count == 4
    assert polycrystal_from_labels(labels, periodic=(False, True, False)).count == 4
    wrapped = polycrystal_from_labels(np.array([[0, 1, 2, 0]]), periodic=(False, True, False))
    assert wrapped.count == 3
    voids = polycrystal_from_labels(np.array([[0, 1, 2, 0]]), void=0)
    assert voids.grains.tolist() == [[[-1], [0], [1], [-1]]]


def test_a_boundary_that_turns_takes_the_mean_over_all_directions() -> None:
    x, y, z = np.indices((20, 20, 20)) - 9.5
    ball = ((x * x + y * y + z * z) < 49).astype(np.uint8)
    grains = polycrystal_from_labels(ball)
    assert grains.boundary_normals([0], [1])[0].tolist() == [0.5, 0.5, 0.5]
    area = value(grains, "boundary_area_per_volume")
    assert area == pytest.approx(4 * np.pi * 49 / 8000, rel=0.03)


@settings(max_examples=10)
@given(order=st.permutations([0, 1, 2]), scale=st.sampled_from([1e-6, 3.0]))
def test_turning_and_scaling(order: list[int], scale: float) -> None:
    here = generate_polycrystal((24, 18, 30), 8.0, periodic=(True, False, True), seed=5)
    turned = Polycrystal(
        here.grains.transpose(order),
        scale,
        scale * here.seeds[:, order] if here.seeds is not None else None,
        None,
        [here.periodic[d] for d in order],
    )
    for name, power in (("grain_size_mean", 1), ("boundary_area_per_volume", -1)):
        before, after = value(here, name), value(turned, name)
        assert after == pytest.approx(before * scale**power)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"grain_size": 1.5}, r"grain_size: grains of 1\.5 m are smaller than two voxels of 1 m"),
        ({"grain_size": 200.0}, "do not fit twice into 20 x 20 x 20 m: there would be no boundary"),
        ({"grain_size": "5 s"}, "has the unit 's', of the wrong dimension"),
        ({"shape": (20, 0, 20)}, "no list of numbers of voxels"),
        ({"shape": (20,)}, r"\(20,\) is no shape of two or three axes"),
        ({"shape": (1, 1, 1)}, "has no two axes for grains to lie in"),
        ({"spread": -1.0}, r"spread: -1\.0 is no spread from 0 to 0\.35"),
        ({"spread": 0.5}, r"spread: 0\.5 is no spread from 0 to 0\.35"),
        ({"grain_size": -5.0}, r"grain_size: -5\.0 is no positive length"),
        ({"relaxation": "x"}, "relaxation: 'x' is no number of steps"),
        ({"periodic": 3}, "periodic: 3 is not one yes or no for each axis"),
        ({"shape": (400, 400, 400), "grain_size": 0.1}, "smaller than two voxels"),
        ({"relaxation": -3}, "is no number of steps"),
        ({"periodic": "x"}, "is not one yes or no for each axis"),
        ({"columnar": "w"}, "axis 'w' is none of x, y, z"),
        ({"seed": -1}, "seed: -1 is no whole number from 0"),
        ({"voxel_size": 0.0}, "is no voxel size: one positive length"),
    ],
)
def test_messages(given: dict[str, Any], message: str) -> None:
    usual: dict[str, Any] = {"shape": (20, 20, 20), "grain_size": 6.0}
    with pytest.raises(InputError, match=message):
        generate_polycrystal(**(usual | given))


def test_messages_of_images_and_of_the_type() -> None:
    with pytest.raises(InputError, match="the image has no boundary between two grains"):
        polycrystal_from_labels(np.ones((4, 4), int))
    with pytest.raises(InputError, match="the image has no grain: every label is a void"):
        polycrystal_from_labels(np.ones((4, 4), int), void=1)
    with pytest.raises(InputError, match="an image of grains has whole numbers"):
        polycrystal_from_labels(np.ones((4, 4)))
    with pytest.raises(InputError, match="labels of grains are numbers from 0"):
        polycrystal_from_labels(np.array([[-1, 2]]))
    with pytest.raises(InputError, match="void: 'a' is no label, or several"):
        polycrystal_from_labels(np.array([[0, 1]]), void="a")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="the rows of labels are of unlike length"):
        polycrystal_from_labels([[0, 1], [1]])  # type: ignore[list-item]
    grains = np.array([[0, 1]])
    with pytest.raises(InputError, match="seeds are an array of numbers"):
        Polycrystal(grains, 1.0, "a")
    with pytest.raises(InputError, match="has seeds, or normals of its boundaries"):
        Polycrystal(grains)
    with pytest.raises(InputError, match="2 grains have 1 seeds"):
        Polycrystal(grains, 1.0, [[0, 0, 0]])
    with pytest.raises(InputError, match="grains have numbers from 0, voids have -1"):
        Polycrystal(np.array([[-2, 0]]), 1.0, [[0, 0, 0]])
    with pytest.raises(InputError, match="normals have unit length"):
        Polycrystal(grains, 1.0, normals=([[0, 1]], [[2, 0, 0]]))
    with pytest.raises(InputError, match="pairs of grains stand in rising order"):
        Polycrystal(grains, 1.0, normals=([[1, 0]], [[1, 0, 0]]))
    made = Polycrystal(np.array([[0, 1, 2]]), 1.0, normals=([[0, 1]], [[1, 0, 0]]))
    with pytest.raises(InputError, match="two of the grains have no boundary with each other"):
        made.boundary_normals([1], [2])
    with pytest.raises(InputError, match="a Polycrystal is measured here, not int"):
        measure_grains(3)  # type: ignore[arg-type]
    assert repr(made).startswith("Polycrystal of 3 grains on 1 x 3 x 1 voxels")
