"""Conduction through polycrystals: exact cases, a dense solution, layers, currents, errors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from solith.core.errors import InputError, UnitError, UnknownNameError
from solith.core.polycrystal import Polycrystal
from solith.transport import (
    Layer,
    Lognormal,
    Patches,
    PolycrystalConduction,
    extrapolate_peak,
    find_layer,
    measure_boundary_leakage,
    solve_polycrystal,
)
from solith.transport._lateral_maps import highest_window, window_average

Array = NDArray[Any]
NOT_PERIODIC = (False, False, False)


def bricks(counts: tuple[int, int, int], voxels: int, edge: float = 10e-6) -> Polycrystal:
    """Cubes, ``voxels`` across; one voxel in directions with one grain."""
    split = [voxels if n > 1 else 1 for n in counts]
    places = np.indices([n * m for n, m in zip(counts, split, strict=True)])
    i, j, k = (place // m for place, m in zip(places, split, strict=True))
    size = [edge / m for m in split]
    seeds = np.stack(np.meshgrid(*[(np.arange(n) + 0.5) * edge for n in counts], indexing="ij"), -1)
    grains = np.ravel_multi_index((i, j, k), counts).astype(np.int32)
    return Polycrystal(grains, size, seeds.reshape(-1, 3))


def voronoi(
    shape: tuple[int, int, int],
    number: int,
    seed: int = 0,
    periodic: tuple[bool, bool, bool] = NOT_PERIODIC,
    voxel_size: tuple[float, float, float] = (1e-6, 1e-6, 1e-6),
) -> Polycrystal:
    generator = np.random.default_rng(seed)
    size = np.array(shape) * voxel_size
    seeds = generator.uniform(0, 1, (number, 3)) * size
    seeds[:, np.array(shape) == 1] = 0.5 * size[np.array(shape) == 1]
    places = (np.moveaxis(np.indices(shape), 0, -1) + 0.5) * voxel_size
    apart = places[..., None, :] - seeds
    apart -= np.where(periodic, size * np.round(apart / size), 0.0)
    grains = np.argmin((apart**2).sum(-1), axis=-1).astype(np.int32)
    kept, numbers = np.unique(grains, return_inverse=True)
    return Polycrystal(
        numbers.reshape(shape).astype(np.int32), voxel_size, seeds[kept], None, periodic
    )


# --- exact cases --------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [1e-1, 1e-2, 1e-3, 1e-4, 1e-5])
@pytest.mark.parametrize("counts", [(4, 4, 4), (4, 1, 4), (1, 3, 4)])
def test_bricks_are_exact(counts: tuple[int, int, int], ratio: float) -> None:
    found = solve_polycrystal(bricks(counts, 4), "1 S/m", ratio, "5 nm", tolerance=1e-10)
    across = 3 * 5e-9 / ratio
    exact = 40e-6 / (40e-6 + across)
    assert found.effective_conductivity == pytest.approx(exact, rel=1e-8)
    assert found.stack_resistance == pytest.approx(40e-6 + across, rel=1e-8)
    assert found.bulk_share == pytest.approx(exact, rel=1e-6)
    assert found.bulk_share + found.boundary_share == pytest.approx(1)
    assert found.layer_share == found.interface_share == 0
    assert found.flux_balance < 1e-6
    assert found.tortuosity_factor == pytest.approx(1 / exact, rel=1e-8)


@pytest.mark.parametrize("axis", ["x", "y", "z"])
def test_grains_side_by_side_and_behind_each_other(axis: str) -> None:
    polycrystal = bricks((2, 3, 2), 3)
    along = "xyz".index(axis)
    values = np.array([1.0, 3.0])[np.indices((2, 3, 2))[along].ravel() % 2]
    found = solve_polycrystal(polycrystal, values, 1.0, "1 um", axis=axis, tolerance=1e-10)
    n = (2, 3, 2)[along]
    resistance = 10e-6 * sum(1 / (1.0, 3.0)[k % 2] for k in range(n)) + (n - 1) * 1e-6
    assert found.stack_resistance == pytest.approx(resistance, rel=1e-8)


def tilted(voxels: int, stretch: int) -> tuple[Polycrystal, float]:
    """Parallel boundaries through a box with periodic sides, and their cosine to z."""
    shape = (voxels, 1, 3 * voxels // stretch)
    h = 1 / voxels
    x, _, z = np.indices(shape) + 0.5
    turns = 3 * x / voxels + 3 * z / shape[2]
    normal = np.array([3.0, 0.0, 1.0]) / np.sqrt(10)
    pairs = np.array([[0, 1], [0, 2], [1, 2]], np.int32)
    normals = (pairs, np.tile(normal, (3, 1)))
    grains = np.floor(turns).astype(np.int32) % 3
    size = (h, 1.0, h * stretch)
    return Polycrystal(grains, size, normals=normals, periodic=(True, False, False)), normal[2]


@pytest.mark.parametrize("stretch", [1, 2])
def test_a_tilted_boundary_is_approached_from_below_as_voxels_shrink(stretch: int) -> None:
    errors = []
    for voxels in (48, 96, 192):
        polycrystal, cosine = tilted(voxels, stretch)
        spacing = 1 / np.sqrt(10)
        found = solve_polycrystal(polycrystal, 1.0, 1e-2, 1e-2 * spacing)  # a boundary as a lamella
        exact = 1 - (1 - 0.5) * cosine**2
        errors.append(1 - found.effective_conductivity / exact)
    # Uncorrected stairs would leave an error that does not shrink.
    assert errors[2] < 0.6 * errors[1] < 0.36 * errors[0]
    assert 0 < errors[2] < 0.01


@pytest.mark.parametrize("ratio", [1e-1, 1e-2, 1e-3])
def test_conductivity_hardly_depends_on_the_voxels(ratio: float) -> None:
    found = []
    for split in (1, 2):
        size = (4e-6 / split,) * 3
        shape = (16 * split, 16 * split, 16 * split)
        polycrystal = voronoi(shape, 60, 1, (True, True, False), size)
        found.append(solve_polycrystal(polycrystal, 1.0, ratio, "20 nm").effective_conductivity)
    assert found[0] < 0.995
    assert found[0] == pytest.approx(found[1], rel=0.02)


def test_a_boundary_along_the_current_does_nothing() -> None:
    columns = bricks((3, 3, 1), 4)
    found = solve_polycrystal(columns, 2.0, 1e-6, "5 nm")
    assert found.effective_conductivity == pytest.approx(2.0, rel=1e-9)
    assert found.boundary_share == pytest.approx(0, abs=1e-9)


# --- against a dense solution -------------------------------------------------------------


def dense(
    polycrystal: Polycrystal,
    conductivities: Array,
    resistance: float,
    axis: int,
    layer: tuple[float, float, Array, float] | None,
    touched: Array,
) -> float:
    """Resistance of a stack [ohm m2], from the face formula and a dense matrix."""
    grains = np.moveaxis(polycrystal.grains, axis, -1)
    lateral = [d for d in range(3) if d != axis]
    size = np.array([polycrystal.voxel_size[d] for d in (*lateral, axis)])
    wraps = [polycrystal.periodic[d] and polycrystal.shape[d] > 2 for d in lateral] + [False]
    order = [*lateral, axis]
    heights = np.full(grains.shape[2], size[2])
    s = conductivities[grains]
    if layer is not None:
        thickness, conductivity, covered, gap = layer
        n = max(1, round(thickness / size[2]))
        heights = np.concatenate([heights, np.full(n, thickness / n)])
        extra = np.where(covered, conductivity, gap)[:, :, None]
        s = np.concatenate([s, np.repeat(extra, n, axis=2)], axis=2)
        outside = np.full((*grains.shape[:2], n), -1)
        grains = np.concatenate([grains, outside], axis=2)
    shape = grains.shape
    number = np.arange(grains.size).reshape(shape)
    matrix = np.zeros((grains.size, grains.size))
    right = np.zeros(grains.size)
    area = size[0] * size[1]
    for d in range(3):
        turns = shape[d] if wraps[d] else 0

        def beyond(place: tuple[int, ...], by: int, d: int = d, turns: int = turns) -> Any:
            there = list(place)
            there[d] = (there[d] + by) % turns if turns else there[d] + by
            return tuple(there) if 0 <= there[d] < shape[d] else None

        def moved(near: Any, far: Any, d: int = d) -> float:
            """What the stairs of the boundary between two voxels take from the nearer grain."""
            if near is None or far is None or grains[near] == grains[far]:
                return 0.0
            if min(grains[near], grains[far]) < 0:
                return 0.0
            total = faces_per_area(polycrystal, grains[near], grains[far], order)
            voxels = size[d] / s[near]
            upon = resistance * total / voxels
            part = (np.sqrt(9 * upon**2 + 24 * upon) - 3 * upon) / 12
            return float(voxels * part) if total > 1 + 1e-6 else 0.0

        for place in np.ndindex(*shape):
            after = beyond(place, 1)
            if after is None:
                continue
            a, b = number[place], number[after]
            one, other = grains[place], grains[after]
            long = [heights[place[2]], heights[after[2]]] if d == 2 else [size[d]] * 2
            wide = area if d == 2 else heights[place[2]] * size[1 - d]
            if min(s[place], s[after]) == 0:
                continue
            voxels = long[0] / 2 / s[place] + long[1] / 2 / s[after]
            between = 0.0
            before, then = beyond(place, -1), beyond(place, 2)
            if one == other >= 0:
                between = -moved(place, before) - moved(after, then)
            elif min(one, other) >= 0:
                between = resistance * faces_per_area(polycrystal, one, other, order)
                if before is not None and grains[before] == one:
                    between += moved(place, after)
                if then is not None and grains[then] == other:
                    between += moved(after, place)
            g = wide / (voxels + between)
            matrix[a, a] += g
            matrix[b, b] += g
            matrix[a, b] -= g
            matrix[b, a] -= g
    for u, v in np.ndindex(*shape[:2]):
        first, last = number[u, v, 0], number[u, v, -1]
        g = 2 * area * s[u, v, 0] / heights[0]
        matrix[first, first] += g
        right[first] += g
        if touched[u, v]:
            matrix[last, last] += 2 * area * s[u, v, -1] / heights[-1]
    alone = np.diag(matrix) == 0
    matrix[alone, alone] = 1.0
    voltage = np.linalg.solve(matrix, right)
    into = 2 * area * s[:, :, 0] / heights[0] * (1 - voltage[number[:, :, 0]])
    return float(area * shape[0] * shape[1] / into.sum())


def faces_per_area(polycrystal: Polycrystal, one: Any, other: Any, order: list[int]) -> float:
    """|n|_1 of a boundary, in the directions with more than one voxel."""
    normal = np.abs(polycrystal.boundary_normals([min(one, other)], [max(one, other)])[0][order])
    normal[np.array(polycrystal.shape)[order] == 1] = 0
    return float(normal.sum() / np.linalg.norm(normal))


@settings(max_examples=25)
@given(
    shape=st.tuples(*[st.integers(1, 5)] * 3),
    seed=st.integers(0, 10**6),
    axis=st.integers(0, 2),
    sides=st.booleans(),
    size=st.tuples(*[st.sampled_from((0.5e-6, 1e-6, 2e-6))] * 3),
    ratio=st.sampled_from((1e-1, 1e-4)),
    layered=st.booleans(),
    thick=st.sampled_from((0.2, 1.0, 0.6)),
)
def test_small_polycrystals_agree_with_a_dense_solution(
    shape: tuple[int, int, int],
    seed: int,
    axis: int,
    sides: bool,
    size: tuple[float, float, float],
    ratio: float,
    layered: bool,
    thick: float,
) -> None:
    number = max(2, int(np.prod(shape)) // 4)
    wraps = tuple(sides and n > 2 for n in shape)
    polycrystal = voronoi(shape, number, seed, wraps, size)  # type: ignore[arg-type]
    if polycrystal.count < 2:
        return
    generator = np.random.default_rng(seed)
    values = generator.uniform(0.5, 2, polycrystal.count)
    face = tuple(n for d, n in enumerate(shape) if d != axis)
    covered, touched = generator.random(face) < 0.7, generator.random(face) < 0.7
    covered.flat[0] = touched.flat[0] = True
    gap = float(generator.choice([0.0, 0.2]))
    thickness = thick * polycrystal.size[axis]
    layer = (thickness, 0.3, covered, gap) if layered else None
    exact = dense(polycrystal, values, 5e-9 / ratio, axis, layer, touched)
    layers = [Layer(thickness, 0.3, coverage=covered, gap_conductivity=gap)] if layered else None
    found = solve_polycrystal(
        polycrystal,
        values,
        ratio,
        "5 nm",
        axis=axis,
        layers=layers,
        contact=touched,
        tolerance=1e-9,
    )
    assert found.stack_resistance == pytest.approx(exact, rel=1e-6)
    shares = found.layer_share + found.interface_share
    ceramic = polycrystal.size[axis] / found.effective_conductivity / found.stack_resistance
    assert ceramic + shares == pytest.approx(1)


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("part", [0.05, 1.0, 30.0])
def test_boundaries_along_the_diagonals_of_voxels_are_exact(deep: bool, part: float) -> None:
    """Planes of (11) and (111), ``part`` times a lamella; what a second length adds has no ends."""
    count, lamella = 12, 4
    spacing = lamella / np.sqrt(3 if deep else 2)
    resistances = []
    for long in (5 * count, 10 * count):
        places = np.indices((count, count if deep else 1, long))
        grains = places.sum(axis=0) // lamella % 3
        pairs = np.array([[0, 1], [0, 2], [1, 2]])
        normal = np.array([1.0, float(deep), 1.0]) * spacing / lamella
        crystal = Polycrystal(
            grains,
            1.0,
            normals=(pairs, np.tile(normal, (3, 1))),
            periodic=(True, deep, False),
        )
        width = 1e-3 * spacing
        found = solve_polycrystal(crystal, 1.0, 1e-3 / part, width, tolerance=1e-9)
        resistances.append(found.stack_resistance)
        assert found.bulk_share + found.boundary_share == pytest.approx(1)
    conductivity = 5 * count / np.diff(resistances)[0]
    exact = 1 - part / (1 + part) / (3 if deep else 2)
    assert conductivity == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize("ratio", [1e-1, 1e-2, 1e-4])
def test_the_share_of_boundaries_is_how_the_resistance_follows_theirs(ratio: float) -> None:
    polycrystal = voronoi((20, 1, 20), 9, 3)
    found, more, less = (
        solve_polycrystal(polycrystal, 0.1, 0.1 * ratio * part, "5 nm", tolerance=1e-9)
        for part in (1.0, 1 / 1.01, 1.01)
    )
    slope = np.log(more.stack_resistance / less.stack_resistance) / np.log(1.01**2)
    assert found.boundary_share == pytest.approx(slope, rel=1e-3)


# --- what conducts and what does not ------------------------------------------------------


def test_blocking_boundaries_give_zero_and_a_flag() -> None:
    found = solve_polycrystal(bricks((3, 3, 3), 3), 1.0, 0.0, "5 nm")
    assert found.effective_conductivity == 0
    assert found.flags[0] == "what conducts does not join the electrodes"
    assert found.result["stack_resistance"].value is None
    assert np.isnan(found.potential).all()
    with pytest.raises(InputError, match="there is no current: what conducts does not join"):
        found.interface_current("10 um")


def test_blocked_grains_carry_nothing_and_columns_go_on() -> None:
    columns = bricks((3, 3, 1), 4)
    values = np.arange(9.0)
    found = solve_polycrystal(columns, values, 0.0, "5 nm")
    assert found.effective_conductivity == pytest.approx(4.0)
    assert np.isnan(found.potential[:4, :4]).all()
    assert not np.isnan(found.potential[4:]).any()
    grains = found.grain_current()
    assert grains.densities == pytest.approx(values * found.current_density / 4)
    assert grains.max_over_median == pytest.approx(2)
    assert grains.max_over_others == pytest.approx(8 / 3.5)
    assert grains.max_over_min == np.inf
    assert grains.result["grain_contrast_max_over_min"].value is None


def test_voids_take_no_part() -> None:
    solid = bricks((3, 1, 3), 4)
    grains = solid.grains.copy()
    grains[4:8] = -1
    holed = Polycrystal(grains, solid.voxel_size, solid.seeds)
    found = solve_polycrystal(holed, 1.0, 1e-2, "5 nm")
    whole = solve_polycrystal(solid, 1.0, 1e-2, "5 nm")
    assert found.effective_conductivity == pytest.approx(2 / 3 * whole.effective_conductivity)


def test_ways_of_giving_boundaries_agree() -> None:
    polycrystal = voronoi((8, 8, 8), 6)
    n = polycrystal.count
    square = np.fromfunction(lambda a, b: 1e-3 * (1 + np.minimum(a, b)), (n, n))
    table = {(a, b): f"{square[a, b]} S/m" for a in range(n) for b in range(a + 1, n)}

    def function(a: Array, b: Array) -> Array:
        return 1e-3 * (1 + np.minimum(a, b))

    found = [
        solve_polycrystal(polycrystal, 1.0, one, "5 nm").effective_conductivity
        for one in (square, table, function)
    ]
    assert found[1:] == pytest.approx([found[0]] * 2, rel=1e-12)
    alike = [
        solve_polycrystal(polycrystal, given, other, "5 nm").effective_conductivity
        for given, other in (
            ("1 S/m", "1 mS/m"),
            (np.ones(n), Lognormal(1e-3, 0.0)),
            (Lognormal("1 S/m", 0), {"others": 1e-3}),
        )
    ]
    assert alike[1:] == pytest.approx([alike[0]] * 2, rel=1e-12)


def test_lognormal_values_have_their_median_and_spread_and_belong_to_a_pair() -> None:
    one, other = np.divmod(np.arange(40_000), 200)
    values = Lognormal("1 mS/m", 0.8, seed=3).draw(one, other)
    assert np.log(values / 1e-3).mean() == pytest.approx(0, abs=0.02)
    assert np.log(values).std() == pytest.approx(0.8, rel=0.02)
    some = Lognormal("1 mS/m", 0.8, seed=3).draw(one[7:9], other[7:9])
    assert (some == values[7:9]).all()
    assert (Lognormal("1 mS/m", 0.8, seed=4).draw(one, other) != values).all()
    assert abs(np.corrcoef(values[:-1], values[1:])[0, 1]) < 0.02


@settings(max_examples=10)
@given(seed=st.integers(0, 10**6), turn=st.permutations([0, 1, 2]), factor=st.floats(0.1, 10))
def test_the_frame_and_the_units_do_not_matter(seed: int, turn: list[int], factor: float) -> None:
    polycrystal = voronoi((7, 6, 9), 8, seed, (True, False, False))
    assert polycrystal.seeds is not None
    turned = Polycrystal(
        polycrystal.grains.transpose(turn),
        np.array(polycrystal.voxel_size)[turn],
        polycrystal.seeds[:, turn],
        None,
        tuple(np.array(polycrystal.periodic)[turn].tolist()),
    )
    layer = Layer("2 um", 0.2 * factor, "first")
    one = solve_polycrystal(polycrystal, factor, 1e-3 * factor, 5e-9, layers=layer, tolerance=1e-9)
    other = solve_polycrystal(
        turned,
        1.0,
        1e-3,
        5e-9,
        axis=turn.index(2),
        layers=Layer(2e-6, 0.2, "first"),
        tolerance=1e-9,
    )
    assert one.effective_conductivity / factor == pytest.approx(other.effective_conductivity, 1e-7)
    assert one.layer_share == pytest.approx(other.layer_share, rel=1e-5)


def test_small_grains_are_flagged() -> None:
    assert (
        "grains are only 3.0 voxels across"
        in solve_polycrystal(bricks((2, 2, 2), 3), 1, 1, "5 nm").flags
    )


@pytest.mark.parametrize("axis", ["x", "y", "z"])
def test_leakage_along_the_boundaries_of_bricks_is_exact(axis: str) -> None:
    found = measure_boundary_leakage(bricks((3, 4, 5), 2), "1e-6 S/cm", "5 nm", axis=axis)
    planes = [(n - 1) / (n * 10e-6) for n in (3, 4, 5)]
    beside = sum(planes) - planes["xyz".index(axis)]
    assert found["leakage_conductivity"].to("S/m").value == pytest.approx(1e-4 * 5e-9 * beside)
    assert found["boundary_area_per_volume"].to("1/m").value == pytest.approx(sum(planes))


def test_leakage_in_random_grains_is_two_thirds_of_their_area() -> None:
    polycrystal = voronoi((40, 40, 40), 60, periodic=(True, True, True))
    values = [measure_boundary_leakage(polycrystal, 1.0, 1e-9, axis=axis) for axis in "xyz"]
    mean = np.mean([one["leakage_conductivity"].to("S/m").value for one in values])
    area = values[0]["boundary_area_per_volume"].to("1/m").value
    assert mean == pytest.approx(2 / 3 * 1e-9 * area, rel=0.03)  # type: ignore[operator]
    # Of random points: 2.91 times the cube root of their number per volume (recalled).
    assert area == pytest.approx(2.91 * (60 / 40e-6**3) ** (1 / 3), rel=0.05)
    none = measure_boundary_leakage(polycrystal, 0.0, 1e-9)
    assert none["leakage_conductivity"].value == 0
    with pytest.raises(InputError, match="boundary_width: -1 is not positive"):
        measure_boundary_leakage(polycrystal, 1.0, -1)
    with pytest.raises(InputError, match="polycrystal: expected a Polycrystal, not ndarray"):
        measure_boundary_leakage(polycrystal.grains, 1.0, 1e-9)  # type: ignore[arg-type]


# --- layers and contacts ------------------------------------------------------------------


@pytest.mark.parametrize("thickness", ["0.3 um", "2.5 um", "9 um", "20 um"])
@pytest.mark.parametrize("side", ["first", "last", "both"])
def test_layers_add_in_series(thickness: str, side: str) -> None:
    layer = Layer(thickness, "1e-4 S/cm", side, interface_resistance="2 ohm cm2")
    found = solve_polycrystal(
        bricks((2, 2, 2), 4), 0.1, 1e-4, "5 nm", layers=layer, bias="0.1 V", tolerance=1e-10
    )
    sides = 2 if side == "both" else 1
    alone, ceramic = float(thickness.split()[0]) * 1e-6 / 1e-2, 20e-6 / 0.1 + 5e-5
    total = ceramic + sides * (alone + 2e-4)
    assert found.stack_resistance == pytest.approx(total, rel=1e-8)
    assert found.effective_conductivity == pytest.approx(20e-6 / ceramic, rel=1e-8)
    assert found.layer_share == pytest.approx(sides * alone / total, rel=1e-6)
    assert found.interface_share == pytest.approx(sides * 2e-4 / total, rel=1e-6)
    assert found.current_density == pytest.approx(0.1 / total, rel=1e-8)


def test_layers_of_one_side_lie_from_the_ceramic_outwards() -> None:
    polycrystal = bricks((1, 2, 2), 4)
    layers = [Layer("5 um", 0.1), Layer("2.5 um", 0.01)]
    found = solve_polycrystal(polycrystal, 0.1, 1e-2, "5 nm", layers=layers, bias=1.0)
    drop = found.potential[0, 0, -3] - found.potential[0, 0, -4]
    assert found.potential.shape == (1, 8, 11)
    assert drop == pytest.approx(-found.current_density * 2.5e-6 / 0.1, rel=1e-5)


def columns_with_layer(wave: int, side: str = "last") -> PolycrystalConduction:
    """Two kinds of columns, a wave of 2 x ``wave`` voxels, under a layer of one wavelength."""
    columns = bricks((8, 1, 1), wave, wave * 1e-6)
    tall = Polycrystal(
        columns.grains.repeat(4 * wave, 2), 1e-6, columns.seeds, None, (True, False, False)
    )
    values = np.where(np.arange(8) % 2, 0.1, 1.0)
    return solve_polycrystal(
        tall, values, 1e-4, "5 nm", layers=Layer(2e-6 * wave, "0.1 S/m", side), tolerance=1e-8
    )


@pytest.mark.parametrize("side", ["first", "last"])
def test_a_lateral_mode_decays_over_its_wavelength_by_two_pi(side: str) -> None:
    decay = columns_with_layer(12, side).decay("2 um", side=side)
    assert decay.wavelengths[0] == pytest.approx(24e-6)
    assert decay.decay_lengths[0] == pytest.approx(24e-6 / (2 * np.pi), rel=0.01)
    assert decay.amplitudes[0] > 0.01
    assert (np.diff(decay.excess) < 0).all()
    assert decay.depth[-1] == pytest.approx(24e-6)
    assert decay.decay_depth is not None
    left = np.interp(decay.decay_depth, decay.depth, decay.excess) / decay.excess[0]
    assert left == pytest.approx(0.2, abs=0.01)
    assert decay.result["decay_depth"].value == decay.decay_depth


def test_a_thin_layer_leaves_more_than_a_fifth() -> None:
    found = solve_polycrystal(
        bricks((2, 1, 2), 6), [1, 0.1, 1, 0.1], 1e-3, "5 nm", layers=Layer("1 um", 0.1)
    )
    decay = found.decay("2 um")
    assert decay.decay_depth is None
    assert decay.result["decay_depth"].flags == ("80 % are not gone at the electrode",)


def test_contact_in_patches_narrows_the_current() -> None:
    polycrystal = voronoi((24, 24, 12), 20, periodic=(True, True, False))
    touched = Patches(0.25, "6 um").draw((24, 24), (1e-6, 1e-6), (True, True))
    assert touched.mean() == pytest.approx(0.25, abs=1e-3)
    whole = solve_polycrystal(polycrystal, 1.0, 1e-3, "5 nm")
    for contact in (Patches(0.25, "6 um"), touched, {"last": touched}):
        found = solve_polycrystal(polycrystal, 1.0, 1e-3, "5 nm", contact=contact)
        assert found.effective_conductivity < 0.9 * whole.effective_conductivity
    at_last = found.interface_current("1 um")
    assert at_last.density[~touched] == pytest.approx(0)
    assert at_last.mean == pytest.approx(found.current_density, rel=1e-4)
    first = solve_polycrystal(polycrystal, 1.0, 1e-3, "5 nm", contact={"first": touched})
    assert first.interface_current("1 um", side="first").density[~touched] == pytest.approx(0)
    everywhere = solve_polycrystal(polycrystal, 1.0, 1e-3, "5 nm", contact=np.ones((24, 24), bool))
    assert everywhere.effective_conductivity == whole.effective_conductivity


# --- currents at the interface ------------------------------------------------------------


@pytest.mark.parametrize("axis", ["x", "y", "z"])
def test_windows_keep_the_mean_and_even_out(axis: str) -> None:
    polycrystal = voronoi((16, 12, 20), 12, periodic=(True, True, True))
    found = solve_polycrystal(polycrystal, 1.0, 1e-4, "5 nm", axis=axis, bias="0.1 V")
    peaks = []
    for window in ("1 um", "2.5 um", "4 um"):
        for side in ("first", "last"):
            current = found.interface_current(window, side=side)
            shape = tuple(n for d, n in enumerate(polycrystal.shape) if d != "xyz".index(axis))
            assert current.density.shape == shape
            assert current.mean == pytest.approx(found.current_density, rel=2e-4)
        peaks.append(current.result["peak_over_mean"].value)
    assert peaks[0] > peaks[1] > peaks[2] > 1
    narrow = found.interface_current("2 um").result["peak_over_mean"]
    assert narrow.flags == ("a window is only 2.0 voxels wide: its peak may be 23 % low",)


def test_a_window_of_many_voxels_has_no_flag() -> None:
    columns = bricks((2, 1, 1), 40)
    tall = Polycrystal(columns.grains.repeat(4, 2), 0.25e-6, columns.seeds)
    found = solve_polycrystal(tall, [1.0, 2.0], 0.0, "5 nm")
    assert found.interface_current("7 um").flags == ()
    assert found.interface_current("6.5 um").flags[0].startswith("a window is only 26.0 voxels")


@settings(max_examples=30)
@given(
    seed=st.integers(0, 10**6),
    width=st.floats(1.0, 6.0),
    wraps=st.tuples(st.booleans(), st.booleans()),
)
def test_no_window_is_higher_than_the_highest(
    seed: int, width: float, wraps: tuple[bool, bool]
) -> None:
    """Beside windows at many places of the map, a twentieth of a voxel apart."""
    density = np.random.default_rng(seed).random((6, 7))
    spacing, window = (1.0, 1.0), round(width * 10) / 10
    found = highest_window(density, window, spacing, wraps)
    fine = density.repeat(20, 0).repeat(20, 1)
    places = window_average(fine, window, (0.05, 0.05), wraps)
    assert places.max() <= found + 1e-12
    # The sides of a square are at most half of a small voxel away, along both directions.
    assert found <= places.max() + 0.05 / window
    assert found <= density.max() + 1e-12


@pytest.mark.parametrize("shape", [(24, 1, 24), (16, 14, 18)])
@pytest.mark.parametrize("ratio", [1e-1, 1e-2, 1e-4])
def test_the_boundary_share_is_how_the_resistance_follows_the_boundaries(
    shape: tuple[int, int, int], ratio: float
) -> None:
    """d ln R / d ln r of the voxels' own system."""
    crystal = voronoi(shape, 20, 3, (True, True, False))
    less, even, more = (
        solve_polycrystal(crystal, 0.1, 0.1 * ratio / factor, "20 nm", tolerance=1e-10)
        for factor in (0.99, 1.0, 1.01)
    )
    slope = np.log(more.stack_resistance / less.stack_resistance) / np.log(1.01 / 0.99)
    assert even.boundary_share == pytest.approx(slope, rel=1e-3)
    assert even.bulk_share + even.boundary_share == pytest.approx(1)


def test_a_peak_is_carried_on_to_voxels_without_size() -> None:
    columns = bricks((2, 1, 1), 40)
    tall = Polycrystal(columns.grains.repeat(4, 2), 0.25e-6, columns.seeds)
    known = solve_polycrystal(tall, [1.0, 2.0], 0.0, "5 nm").interface_current("4 um")
    coarse = replace(known, spacing=(0.5e-6, 0.25e-6), peak=1.2 * known.mean)
    fine = replace(known, peak=1.3 * known.mean)
    peak = extrapolate_peak(coarse, fine)["peak_over_mean"]
    assert peak.value == pytest.approx(1.4)
    assert peak.uncertainty == pytest.approx(0.05)
    with pytest.raises(InputError, match=r"coarse: its voxels are 0.5 times as large"):
        extrapolate_peak(fine, coarse)
    with pytest.raises(InputError, match="coarse: its window or depth is not that of the fine one"):
        extrapolate_peak(replace(coarse, window=5e-6), fine)


def test_a_window_averages_whole_and_cut_voxels() -> None:
    columns = bricks((3, 1, 1), 4, 4e-6)
    tall = Polycrystal(columns.grains.repeat(4, 2), 1e-6, columns.seeds)
    found = solve_polycrystal(tall, [1.0, 2.0, 6.0], 0.0, "5 nm", bias=4e-6)
    density = np.repeat([1.0, 2.0, 6.0], 4)
    mirrored = np.concatenate([density[::-1], density, density[::-1]])
    two_and_half = np.convolve(mirrored, np.array([0.75, 1, 0.75]) / 2.5, "same")[12:24]
    current = found.interface_current("2.5 um")
    assert current.density[:, 0] == pytest.approx(two_and_half, rel=1e-6)
    inside = found.interface_current("1 um", depth="-2 um")
    assert inside.depth == pytest.approx(-2e-6)
    assert inside.density[:, 0] == pytest.approx(density, rel=1e-6)


def test_small_footprints_are_left_out_of_the_contrast() -> None:
    polycrystal = voronoi((16, 16, 12), 30)
    found = solve_polycrystal(polycrystal, 1.0, 1e-3, "5 nm")
    every = found.grain_current(least_area=0.0)
    large = found.grain_current(least_area="10 um2")
    assert every.left_out == 0
    assert large.left_out == np.count_nonzero(every.areas < 10e-12)
    assert every.areas.sum() == pytest.approx(256e-12)
    total = (every.areas * every.densities).sum() / every.areas.sum()
    assert total == pytest.approx(found.current_density, rel=1e-4)
    with pytest.raises(InputError, match="fewer than two grains have an area"):
        found.grain_current(least_area="1 mm2")


def test_the_layer_that_is_found_brings_the_peak_down() -> None:
    polycrystal = voronoi((24, 24, 24), 12, seed=3, periodic=(True, True, False))
    bare = solve_polycrystal(polycrystal, 0.1, 1e-5, "5 nm")
    search = find_layer(bare, 1.3, ["1e-4 S/cm", 0.1])
    assert search.bare_peak == bare.interface_current().peak_over_mean > 2
    for one in search.layers:
        assert 1.3 - 0.05 * 0.3 <= one.peak <= 1.3
        assert one.thickness is not None
        assert one.estimated_thickness is not None
        assert 0.5 < one.thickness / one.estimated_thickness < 2
        again = solve_polycrystal(
            polycrystal, 0.1, 1e-5, "5 nm", layers=Layer(one.thickness, one.conductivity)
        )
        assert again.interface_current().peak_over_mean == pytest.approx(one.peak)
    poor, good = search.layers
    assert poor.thickness < good.thickness  # type: ignore[operator]
    assert search.best is good
    hopeless = find_layer(bare, 1.0001, 10.0)
    assert hopeless.best is None
    assert hopeless.layers[0].thickness is None
    assert hopeless.layers[0].peak > 1.0001


# --- errors -------------------------------------------------------------------------------


def wrong(match: str, kind: type[InputError] = InputError) -> Any:
    return pytest.raises(kind, match=match)


def test_what_is_wrong_is_told() -> None:
    cube = bricks((2, 2, 2), 3)

    def solve(grain: Any = 1.0, boundary: Any = 1e-3, width: Any = "5 nm", **more: Any) -> None:
        solve_polycrystal(cube, grain, boundary, width, **more)

    with wrong("grain_conductivity: no grain conducts: zero everywhere"):
        solve(0.0)
    with wrong("grain_conductivity: '1 S' has the unit 'S', of the wrong dimension", UnitError):
        solve("1 S")
    with wrong("grain_conductivity: give one value, or one for each of the 8 grains, not 3"):
        solve([1, 2, 3])
    with wrong("boundary_conductivity: '1 um' has the unit 'um'", UnitError):
        solve(boundary="1 um")
    with wrong("boundary_conductivity: nothing is given for the grains 0 and 2, which touch"):
        solve(boundary={(0, 1): 1.0})
    with wrong("boundary_conductivity: 3 is no pair of grains"):
        solve(boundary={3: 1.0})
    with wrong("boundary_conductivity: the array is not symmetric"):
        solve(boundary=np.arange(64.0).reshape(8, 8))
    with wrong("boundary_conductivity: all values have to be finite and zero or more"):
        solve(boundary=lambda a, b: -1.0 - a)
    with wrong("boundary_conductivity: expected a conductivity such as"):
        solve(boundary=lambda a, b: None)
    with wrong("boundary_width: 0 is not positive"):
        solve(width=0)
    with wrong("boundary_width: '5 S' has the unit 'S'", UnitError):
        solve(width="5 S")
    with wrong("bias: '-1 V' is not positive"):
        solve(bias="-1 V")
    with wrong("unknown boundary 'dirichlet'", UnknownNameError):
        solve_polycrystal(cube, 1.0, 1.0, "5 nm", boundary="dirichlet")
    with wrong("boundary: the polycrystal's grains do not go on at the sides along x"):
        solve_polycrystal(cube, 1.0, 1.0, "5 nm", boundary="periodic")
    with wrong("tolerance: 0.0 is not between 1e-12 and 1"):
        solve(tolerance=0.0)
    with wrong("axis: axis 'w' is none of x, y, z"):
        solve(axis="w")
    with wrong("layers: a layer of 30 um is thicker than the sample"):
        solve(layers=Layer("30 um", 1.0))
    with wrong("layers: expected a Layer, not float"):
        solve(layers=[1.0])
    with wrong("contact: expected Patches, or an array of true and false of the face's 6 x 6"):
        solve(contact=0.5)
    with wrong("unknown contact 'left'", UnknownNameError):
        solve(contact={"left": None})
    with wrong("polycrystal: expected a Polycrystal"):
        solve_polycrystal(cube.grains, 1.0, 1.0, "5 nm")  # type: ignore[arg-type]


def test_wrong_layers_and_patches_are_told() -> None:
    with wrong("thickness: '0 um' is not positive"):
        Layer("0 um", 1.0)
    with wrong("conductivity: 0 is not positive"):
        Layer("1 um", 0)
    with wrong("unknown side 'top'", UnknownNameError):
        Layer("1 um", 1.0, "top")
    with wrong("interface_resistance: '1 V' has the unit", UnitError):
        Layer("1 um", 1.0, interface_resistance="1 V")
    with wrong("gap_conductivity: -1 is negative"):
        Layer("1 um", 1.0, gap_conductivity=-1)
    with wrong("fraction: 0 is not above 0 and at most 1"):
        Patches(0, "1 um")
    with wrong("spread: -1 is negative"):
        Lognormal(1.0, -1)


def test_no_boundary_and_grains_below_a_voxel_are_told() -> None:
    one = np.zeros((4, 4, 4), np.int32)
    seeds = np.array([[2e-6, 2e-6, 2e-6]])
    with wrong("polycrystal: there is no boundary between grains"):
        solve_polycrystal(Polycrystal(one, 1e-6, seeds), 1.0, 1.0, "5 nm")
    many = np.random.default_rng(0).uniform(0, 4e-6, (100, 3))
    grains = np.arange(64, dtype=np.int32).reshape(4, 4, 4)
    with wrong("grains are smaller than a voxel"):
        solve_polycrystal(Polycrystal(grains, 1e-6, many), 1.0, 1.0, "5 nm")


def test_wrong_windows_and_depths_are_told() -> None:
    found = solve_polycrystal(voronoi((8, 8, 8), 6), 1.0, 1e-3, "5 nm", layers=Layer("3 um", 0.1))
    with wrong("window: '0.5 um' is not between one voxel"):
        found.interface_current("0.5 um")
    with wrong("window: '9 um' is not between one voxel"):
        found.interface_current("9 um")
    with wrong("depth: '4 um' is not between -8e-06 and 3e-06 m"):
        found.interface_current("1 um", depth="4 um")
    with wrong("side: there is no layer on the first face"):
        found.decay("1 um", side="first")
    with wrong("unknown side 'top'", UnknownNameError):
        found.decay("1 um", side="top")
    with wrong("side: the last face has a layer already"):
        find_layer(found, 1.5, 0.1)
    with wrong("wanted: 1 is not above 1"):
        find_layer(found, 1, 0.1, side="first")
    with wrong("wanted: the peak is .* times the mean without any layer"):
        find_layer(found, 100, 0.1, side="first")
