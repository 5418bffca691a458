"""The engine: collisions, neighbours, order of sums."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from solith.compaction import HertzContact
from solith.compaction._assembly import Assembly
from solith.core import threads

Floats = NDArray[np.float64]
STILL = np.zeros(3)
MODULUS = 1000.0


def spheres(
    places: Floats, radii: Floats, *, friction: float = 0.0, dt: float = 1e-3, damping: float = 0.0
) -> Assembly:
    """Elastic spheres of unit density in a box of 12, free along z."""
    table = np.array([[[MODULUS, np.inf, 0.0, friction, 0.8, 1.0, 1.0, 0.0]]])
    return Assembly(
        places, radii, np.zeros(len(radii), np.int64), np.full(3, 12.0), np.array([1, 1, 0]),
        table, table[0].copy(), 4 / 3 * np.pi * radii**3, dt=dt, damping=damping,
    )  # fmt: skip


def collide(friction: float, offset: float) -> tuple[Assembly, list[Floats], list[Floats]]:
    """Two unlike spheres that collide; momenta and energy before and after."""
    two = spheres(
        np.array([[5.0, 6.0, 6.0], [5.0 + np.sqrt(6.26 - offset**2), 6.0 + offset, 6.2]]),
        np.array([1.0, 1.5]),
        friction=friction,
        dt=5e-4,
    )
    two.speeds[0] = [0.03, 0.0, 0.01]
    two.speeds[1] = [-0.02, 0.004, 0.0]
    two.spins[0] = [0.0, 0.01, 0.02]
    states: list[list[Floats]] = []
    touched = 0
    for _ in range(4000):
        if not states:
            states.append(conserved(two))
        touched += two.step(STILL).contacts
    states.append(conserved(two))
    assert touched > 100
    assert two.forces[0, 6] == 0
    return two, states[0], states[1]


def conserved(two: Assembly) -> list[Floats]:
    masses = two.masses[:, np.newaxis]
    turn = 0.4 * masses * two.radii[:, np.newaxis] ** 2
    linear = (masses * two.speeds).sum(0)
    angular = (masses * np.cross(two.places, two.speeds) + turn * two.spins).sum(0)
    energy = 0.5 * (masses * two.speeds**2 + turn * two.spins**2).sum()
    return [linear, angular, np.array(energy)]


def test_elastic_collision_keeps_momentum_and_energy() -> None:
    _, before, after = collide(0.0, 0.3)
    np.testing.assert_allclose(after[0], before[0], rtol=1e-12)
    np.testing.assert_allclose(after[1], before[1], rtol=1e-10)
    assert after[2] == pytest.approx(before[2], rel=1e-4)


def test_friction_keeps_momentum_and_takes_energy() -> None:
    two, before, after = collide(0.3, 0.9)
    np.testing.assert_allclose(after[0], before[0], rtol=1e-12)
    np.testing.assert_allclose(after[1], before[1], rtol=1e-10)
    assert 0.5 * before[2] < after[2] < 0.9999 * before[2]
    assert abs(two.spins[1]).max() > 1e-5


@pytest.mark.parametrize("overlap", [1e-4, 1e-3, 1e-2, 0.05])
def test_two_spheres_meet_hertz(overlap: float) -> None:
    two = spheres(np.array([[5.0, 6.0, 6.0], [7.5 - overlap, 6.0, 6.0]]), np.array([1.0, 1.5]))
    two.step(STILL)
    assert abs(two.forces[0, 0]) == pytest.approx(
        4 / 3 * MODULUS * np.sqrt(0.6) * overlap**1.5, rel=1e-9
    )
    assert (two.speeds[:, 0] * two.masses).tolist() == pytest.approx(
        [-1e-3 * abs(two.forces[0, 0]), 1e-3 * abs(two.forces[0, 0])]
    )


def test_a_contact_across_the_side_is_seen() -> None:
    two = spheres(np.array([[0.4, 6.0, 6.0], [11.0, 6.0, 6.0]]), np.array([1.0, 1.0]))
    assert two.step(STILL).contacts == 1
    assert two.forces[0, 0] > 0


def test_platens_bear_the_same_force() -> None:
    one = spheres(np.array([[6.0, 6.0, 6.0]]), np.array([6.1]))
    measured = one.step(STILL)
    expected = HertzContact(6.1, MODULUS).force(0.1) / 144
    assert measured.platen == pytest.approx(expected, rel=1e-9)
    assert measured.stress[2] == pytest.approx(expected, rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.2, 1.0))
def test_every_near_pair_stands_once(seed: int, smallest: float) -> None:
    chance = np.random.default_rng(seed)
    radii = chance.uniform(smallest, 1.4, 60)
    places = chance.uniform(0, 12, (60, 3))
    many = spheres(places, radii, dt=0.0)
    many.step(STILL)
    step = many.places[:, np.newaxis] - many.places
    step[..., :2] -= 12 * np.rint(step[..., :2] / 12)
    near = np.linalg.norm(step, axis=-1) < np.add.outer(radii, radii) + many.skin
    expected = {(i, j) for i, j in np.argwhere(near) if i < j}
    rows = np.repeat(np.arange(60), np.diff(many.starts))
    found = [tuple(sorted(pair)) for pair in zip(rows, many.partners, strict=True)]
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_near_pairs_are_seen_when_the_smaller_one_has_swollen() -> None:
    """Most spheres are far smaller, so that cells are narrow and none is looked into by chance."""
    chance = np.random.default_rng(3)
    radii = np.concatenate([np.full(200, 0.2), chance.uniform(0.9, 1.0, 80)])
    many = spheres(chance.uniform(0, 12, (280, 3)), radii, dt=0.0)
    many.kinds[240:] = 1
    many.table = np.repeat(np.repeat(many.table, 2, axis=0), 2, axis=1)
    many.walls = np.repeat(many.walls, 2, axis=0)
    many.swell(np.array([False, True]), 8.0)
    many.step(STILL)
    step = many.places[:, np.newaxis] - many.places
    step[..., :2] -= 12 * np.rint(step[..., :2] / 12)
    near = np.linalg.norm(step, axis=-1) < np.add.outer(many.radii, many.radii) + many.skin
    assert len(many.partners) == np.count_nonzero(np.triu(near, 1))


def test_the_soft_sphere_of_a_pair_is_what_hardness_goes_by() -> None:
    """Whichever of the two is larger, and in whatever order they stand."""
    table = np.zeros((2, 2, 8))
    table[...] = [MODULUS, 1.0, 0.0, 0.0, 0.8, 1.0, 1e3, 1.0]
    table[1, 1, 1], table[1, 1, 7] = np.inf, 0.0
    for soft, hard in ((1.5, 0.75), (0.75, 1.5)):
        for order in (1, -1):
            radii, kinds = np.array([soft, hard])[::order], np.array([0, 1])[::order]
            two = spheres(np.array([[5.0, 6.0, 6.0], [7.2, 6.0, 6.0]]), radii.copy())
            two.kinds, two.table, two.walls = kinds.copy(), table, table[0].copy()
            two.step(STILL)
            part = 0.05 / soft
            reduced = soft * hard / 2.25
            hardness = 1 + 1.75 * np.exp(-4.4 * part)
            first = reduced * (0.75 * np.pi * 2.75 / MODULUS) ** 2
            expected = hardness * np.pi * reduced * (2 * 0.05 - first)
            assert abs(two.forces[0, 0]) == pytest.approx(expected, rel=1e-9)


def test_a_contact_that_parts_while_neighbours_are_listed_is_forgotten() -> None:
    two = spheres(np.array([[5.0, 6.0, 6.0], [6.9, 6.0, 6.0]]), np.array([1.0, 1.0]), friction=0.5)
    two.spins[0] = [0.0, 0.0, 1.0]
    two.step(STILL)
    assert np.any(two.history[0] != 0)
    two.places[1, 0] = 7.1
    two._rebuild()
    two.step(STILL)
    assert np.all(two.history == 0)


def test_results_do_not_depend_on_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = []
    for workers in (1, 2):
        with ThreadPoolExecutor(workers) as pool:
            monkeypatch.setattr(threads, "_pool", lambda process, pool=pool: pool)
            monkeypatch.setattr(threads, "_WORTH_SHARING", 1000)
            chance = np.random.default_rng(1)
            many = spheres(
                chance.uniform(1, 11, (800, 3)), np.full(800, 0.8), friction=0.3, damping=0.1
            )
            many.masses[:] = 0.0
            many.dt = 1.0
            many.step(STILL)
            assert 6 * len(many.partners) > 1000  # shared out
            for _ in range(40):
                measured = many.step(np.array([0.0, 0.0, 1e-4]))
            ends.append((many.places.copy(), many.spins.copy(), measured.stress))
    for one, other in zip(*ends, strict=True):
        np.testing.assert_array_equal(one, other)


def test_history_is_carried_when_neighbours_are_listed_anew() -> None:
    two = spheres(
        np.array([[5.0, 6.0, 6.0], [6.9, 6.0, 6.0]]), np.array([1.0, 1.0]), friction=0.5, dt=0.0
    )
    two.dt = 1e-9
    two.spins[0] = [0.0, 0.0, 1.0]
    for _ in range(10):
        two.step(STILL)
    kept = two.history.copy()
    assert np.any(kept[:, 1:] != 0)
    two._rebuild()
    np.testing.assert_array_equal(two.history, kept)
