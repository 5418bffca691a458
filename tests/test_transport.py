"""Voxel conduction: against a dense solution, exact cases, symmetries, errors."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.dense_conduction import effective_conductivity

from solith import Volume
from solith.core import threads
from solith.core.errors import ConvergenceError, InputError, InterruptedRunError, UnknownNameError
from solith.core.progress import SILENT, Progress
from solith.core.surface_sums import sum_faces
from solith.core.volume import GreyVolume
from solith.structure import generate_composite, measure_contact
from solith.transport import (
    ElectrodeConduction,
    coarsen_volume,
    find_voxel_limit,
    solve_conduction,
    solve_conductivity_tensor,
    solve_electrode,
)

BOUNDARIES = ("dirichlet", "periodic", "periodic-sides")
TABLE = {0: 0.0, 1: 1.0, 2: 20.0}
LAYERS = {0: 1.0, 1: 10.0}


def random_labels(shape: tuple[int, ...], seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 3, shape).astype(np.uint8)


def blobs(shape: tuple[int, ...], fraction: float, seed: int = 0) -> NDArray[np.uint8]:
    from scipy.ndimage import gaussian_filter

    field = gaussian_filter(np.random.default_rng(seed).standard_normal(shape), 2, mode="wrap")
    return (field < np.quantile(field, fraction)).astype(np.uint8)


def stairs_between(
    volume: Volume, one: int, other: int
) -> tuple[float, tuple[float, float, float]]:
    """Area of the faces between two labels over the contact area, and the part of each axis."""
    contact = sum_faces(volume, (one, other), 0, SILENT).contact
    if contact.tensor is None:
        return 1.0, (1.0, 1.0, 1.0)
    labels, size = volume.labels, np.array(volume.voxel_size)
    areas = []
    for d in range(3):
        pairs = np.sort(
            [np.moveaxis(labels, d, 0)[:-1].ravel(), np.moveaxis(labels, d, 0)[1:].ravel()], 0
        )
        areas.append(np.sum((pairs[0] == one) & (pairs[1] == other)) * np.prod(size) / size[d])
    most = math.sqrt(np.count_nonzero(areas))
    x, y, z = (
        float(np.clip(contact.area * contact.tensor[d, d] / area, 0, 1)) if area else 1.0
        for d, area in enumerate(areas)
    )
    return float(np.clip(sum(areas) / contact.area, 1, most)), (x, y, z)


# --- against a dense solution -------------------------------------------------------------


@settings(max_examples=40)
@given(
    shape=st.tuples(*[st.integers(1, 6)] * 3),
    voxel_size=st.tuples(*[st.sampled_from((0.3, 1.0, 4.0))] * 3),
    axis=st.integers(0, 2),
    boundary=st.sampled_from(BOUNDARIES),
    lowest=st.sampled_from((0.0, 1e-3)),
    resistance=st.sampled_from((0.0, 0.7, math.inf)),
    seed=st.integers(0, 10**6),
)
def test_small_volumes_agree_with_a_dense_solution(
    shape: tuple[int, int, int],
    voxel_size: tuple[float, float, float],
    axis: int,
    boundary: str,
    lowest: float,
    resistance: float,
    seed: int,
) -> None:
    labels = np.random.default_rng(seed).integers(0, 3, shape)
    conductivity = {0: lowest, 1: 1.0, 2: 20.0}
    volume = Volume(labels, {"a": 0, "b": 1, "c": 2}, voxel_size)
    exact = effective_conductivity(
        labels,
        conductivity,
        axis,
        boundary,
        voxel_size,
        {(1, 2): resistance},
        stairs_between(volume, 1, 2),
    )
    found = solve_conduction(
        volume,
        {"a": lowest, "b": 1.0, "c": 20.0},
        axis,
        boundary,
        {("b", "c"): resistance},
        1e-9,
    )
    assert found.effective_conductivity == pytest.approx(exact, abs=1e-6, rel=1e-6)
    assert (found.effective_conductivity == 0) == bool(found.flags)


@settings(max_examples=25)
@given(
    shape=st.tuples(*[st.integers(1, 6)] * 3),
    axis=st.integers(0, 2),
    fraction=st.floats(0.2, 0.7),
    seed=st.integers(0, 10**6),
)
def test_a_period_is_spanned_only_by_a_path_that_winds_round_it(
    shape: tuple[int, int, int], axis: int, fraction: float, seed: int
) -> None:
    labels = (np.random.default_rng(seed).random(shape) < fraction).astype(int)
    exact = effective_conductivity(labels, {0: 0.0, 1: 1.0}, axis, "periodic")
    found = solve_conduction(labels, {0: 0.0, 1: 1.0}, axis, "periodic", tolerance=1e-9)
    assert bool(found.flags) == (exact < 1e-9)
    assert found.effective_conductivity == pytest.approx(exact, abs=1e-7)


# --- exact cases --------------------------------------------------------------------------


@pytest.mark.parametrize("contrast", [10.0, 1000.0])
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_laminates(contrast: float, boundary: str) -> None:
    labels = (np.indices((12, 9, 15))[0] // 3) % 2
    conductivity = {0: 1.0, 1: contrast}
    series = solve_conduction(labels, conductivity, "x", boundary)
    parallel = solve_conduction(labels, conductivity, "y", boundary)
    assert series.effective_conductivity == pytest.approx(2 / (1 + 1 / contrast), rel=1e-6)
    assert parallel.effective_conductivity == pytest.approx((1 + contrast) / 2, rel=1e-6)


def test_resistances_on_faces_add_to_a_laminate() -> None:
    labels = np.indices((6, 5, 4))[0] // 3
    volume = Volume(labels, ["active", "electrolyte"], "2 um")
    resistances = {("electrolyte", "active"): "1e-4 ohm cm2"}
    found = solve_conduction(
        volume, {"active": "1 S/m", "electrolyte": "10 mS/cm"}, 0, "dirichlet", resistances
    )
    exact = 12e-6 / (12e-6 + 1e-8)
    assert found.effective_conductivity == pytest.approx(exact, rel=1e-6)
    blocked = {("active", "electrolyte"): math.inf}
    nothing = solve_conduction(volume, {0: 1.0, 1: 1.0}, 0, "dirichlet", blocked)
    assert nothing.effective_conductivity == 0
    assert nothing.flags == ("what conducts does not span the volume along x",)


@pytest.mark.parametrize(("steps", "normal"), [((1, 1), 2**0.5), ((1, 2), 5**0.5 / 2)])
def test_the_resistance_of_slanted_layers_counts_by_their_area(
    steps: tuple[int, int], normal: float
) -> None:
    """Two interfaces a period along x: across them 1 / (1 + 2 r normal), with the true area."""
    i, _, k = np.indices((48, 1, 48))
    layers = ((steps[0] * i + steps[1] * k) // 24) % 2
    volume = Volume(layers, ["a", "b"], 1 / 48)
    resistance = 10.0 / steps[0]
    tensor = solve_conductivity_tensor(
        volume, {"a": 1, "b": 1}, "periodic", {("a", "b"): resistance}
    ).tensor
    across = np.linalg.eigvalsh(tensor[np.ix_([0, 2], [0, 2])])[0]
    spacing = 0.5 / math.hypot(*steps)
    assert across == pytest.approx(1 / (1 + resistance / spacing), rel=0.02)


def test_a_coated_sphere_follows_maxwell() -> None:
    """Hasselman and Johnson 1987 (recalled, doi:10.1177/002199838702100602), low fractions."""
    radius, resistance, n = 0.3, 0.3, 40
    places = (np.indices((n, n, n)) + 0.5) / n - 0.5
    ball = (places**2).sum(axis=0) < radius**2
    volume = Volume(ball.astype(np.uint8), ["matrix", "ball"], 1 / n)
    found = solve_conduction(
        volume, {"matrix": 1, "ball": 10}, "z", "periodic", {("ball", "matrix"): resistance}
    )
    inside = 10 / (1 + 10 * resistance / radius)
    part = 2 * ball.mean() * (inside - 1) / (inside + 2)
    exact = (1 + part) / (1 - 0.5 * part)
    assert exact < 1  # more than the sphere's better conductivity gains, its coating loses
    assert found.effective_conductivity == pytest.approx(exact, rel=0.01)


def test_resistances_that_block_nothing_or_touch_nothing_change_nothing() -> None:
    labels = np.zeros((6, 6, 6), int)
    labels[2:4] = 1
    labels[4:] = 2
    table = {0: 1.0, 1: 2.0, 2: 3.0}
    plain = solve_conduction(labels, table, "x").effective_conductivity
    apart = solve_conduction(labels, table, "x", face_resistance={(0, 2): 5.0})
    assert apart.effective_conductivity == pytest.approx(plain, rel=1e-9)
    table[0] = 0.0
    beside = solve_conduction(labels, table, "y", face_resistance={(0, 1): 5.0})
    assert beside.effective_conductivity == pytest.approx((2 + 3) / 3, rel=1e-6)


def test_straight_pores_have_no_tortuosity_and_dead_ends_count_in_the_fraction() -> None:
    labels = np.zeros((10, 10, 10), np.uint8)
    labels[2, 3] = 1
    assert solve_conduction(labels, {0: 0, 1: 2.0}).tortuosity_factor == pytest.approx(1)
    labels[7, 7, :5] = 1
    found = solve_conduction(labels, {0: 0, 1: 2.0})
    assert found.effective_conductivity == pytest.approx(0.02)
    assert found.tortuosity_factor == pytest.approx(1.5)
    assert found.spanning_fraction == pytest.approx(10 / 15)


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_one_voxel(boundary: str) -> None:
    volume = Volume([[[4]]], {"a": 4}, (1.0, 2.0, 3.0))
    found = solve_conduction(volume, {"a": 7.0}, "y", boundary)
    assert found.effective_conductivity == pytest.approx(7)
    assert found.current_density[:, 0, 0, 0] == pytest.approx([0, 3.5, 0])


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("shape", [(1, 1, 37), (41, 1, 1), (2, 1, 31), (1, 17, 23)])
def test_slender_volumes_of_one_phase(shape: tuple[int, int, int], boundary: str) -> None:
    for axis in range(3):
        found = solve_conduction(np.ones(shape, int), {1: 3.0, 0: 0.0}, axis, boundary)
        assert found.effective_conductivity == pytest.approx(3, rel=1e-6)
        assert found.tortuosity_factor == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize("thin", [0, 1, 2])
def test_a_plate_of_two_voxels_is_solved_along_its_sides(thin: int) -> None:
    shape = [300, 300, 300]
    shape[thin] = 2
    axis = (thin + 1) % 3
    layers = (np.arange(300) * 7 // 5) % 3
    profile = layers.reshape([-1 if d == axis else 1 for d in range(3)])
    conductivity = {0: 1.0, 1: 30.0, 2: 4.0}
    found = solve_conduction(np.broadcast_to(profile, shape), conductivity, axis)
    exact = 1 / np.mean([1 / conductivity[int(layer)] for layer in layers])
    assert found.effective_conductivity == pytest.approx(exact, rel=1e-6)


def test_what_does_not_span_gives_zero_with_a_flag() -> None:
    labels = np.ones((6, 6, 6), int)
    labels[:, 3] = 0
    found = solve_conduction(labels, {0: 0, 1: 1.0}, "y")
    assert found.effective_conductivity == 0
    assert found.tortuosity_factor == math.inf
    assert found.flags == ("what conducts does not span the volume along y",)
    assert np.isnan(found.potential).all()
    assert not found.current_density.any()
    assert found.result["tortuosity_flux"].value is None
    period = solve_conduction(labels, {0: 0, 1: 1.0}, "y", "periodic")
    assert period.flags == ("what conducts does not span the period along y",)
    nothing = solve_conduction(labels, {0: 0, 1: 0}, "y")
    assert nothing.flags == ("no phase conducts",)


# --- symmetries ---------------------------------------------------------------------------


@settings(max_examples=15)
@given(
    seed=st.integers(0, 1000),
    order=st.permutations((0, 1, 2)),
    flips=st.tuples(*[st.sampled_from((1, -1))] * 3),
    boundary=st.sampled_from(BOUNDARIES),
    scale=st.floats(1e-6, 1e6),
    length=st.floats(1e-9, 1e3),
)
def test_turning_and_scaling(
    seed: int,
    order: list[int],
    flips: tuple[int, int, int],
    boundary: str,
    scale: float,
    length: float,
) -> None:
    labels = random_labels((5, 7, 6), seed)
    size = np.array([1.0, 2.0, 1.0])
    conductivity = {0: 0.1, 1: 1.0, 2: 20.0}
    one = solve_conduction(Volume(labels, voxel_size=size), conductivity, 1, boundary, None, 1e-9)
    turned = labels[tuple(slice(None, None, flip) for flip in flips)].transpose(order)
    other = solve_conduction(
        Volume(turned, voxel_size=length * size[order]),
        {label: scale * value for label, value in conductivity.items()},
        order.index(1),
        boundary,
        None,
        1e-9,
    )
    assert other.effective_conductivity == pytest.approx(
        scale * one.effective_conductivity, rel=1e-6
    )
    if boundary != "periodic":
        back = other.potential.transpose(np.argsort(order))
        back = back[tuple(slice(None, None, flip) for flip in flips)]
        expected = one.potential if flips[1] == 1 else 1 - one.potential
        assert back == pytest.approx(expected, abs=1e-5)


@settings(max_examples=10)
@given(shift=st.tuples(*[st.integers(0, 6)] * 3), axis=st.integers(0, 2))
def test_a_periodic_volume_may_be_shifted(shift: tuple[int, int, int], axis: int) -> None:
    labels = random_labels((5, 7, 6), 3)
    moved = np.roll(labels, shift, (0, 1, 2))
    one, other = (solve_conduction(v, TABLE, axis, "periodic", None, 1e-9) for v in (labels, moved))
    assert other.effective_conductivity == pytest.approx(one.effective_conductivity, rel=1e-6)


def test_layout_type_and_names_of_labels_do_not_matter(tmp_path: Path) -> None:
    labels = random_labels((9, 8, 10))
    expected = solve_conduction(labels, TABLE, "x").effective_conductivity
    np.save(tmp_path / "labels.npy", labels)
    wide = np.zeros((18, 16, 10), np.uint8)
    wide[::2, ::2] = labels
    volumes: list[tuple[Any, Any]] = [
        (np.asfortranarray(labels), TABLE),
        (wide[::2, ::2], TABLE),
        (np.load(tmp_path / "labels.npy", mmap_mode="r"), TABLE),
        (labels.astype(np.int64), TABLE),
        (labels.astype(">u4"), TABLE),
        (labels.tolist(), TABLE),
        (labels.astype(np.int64) * 10**9 - 5, {-5: 0, 10**9 - 5: 1.0, 2 * 10**9 - 5: 20.0}),
        (Volume(labels, ["void", "b", "c"]), {"void": 0, "b": 1.0, "c": "200 mS/cm"}),
    ]
    for volume, conductivity in volumes:
        found = solve_conduction(volume, conductivity, "x")
        assert found.effective_conductivity == pytest.approx(expected, rel=1e-6)
        assert found.potential.shape == labels.shape
    mask = labels > 0
    by_mask = solve_conduction(mask, {0: 0, 1: 1.0}, "x")
    assert by_mask.spanning_fraction > 0.9


def test_the_numbers_do_not_depend_on_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = blobs((64, 56, 72), 0.5)
    together = solve_conduction(labels, {0: 0, 1: 1.0}, "x")

    def alone(process: int) -> Any:
        from concurrent.futures import ThreadPoolExecutor

        return pools.setdefault(process, ThreadPoolExecutor(1))

    pools: dict[int, Any] = {}
    monkeypatch.setattr(threads, "_pool", alone)
    one_by_one = solve_conduction(labels, {0: 0, 1: 1.0}, "x")
    assert os.getpid() in pools
    pools[os.getpid()].shutdown()
    assert one_by_one.effective_conductivity == together.effective_conductivity
    assert np.array_equal(one_by_one.potential, together.potential, equal_nan=True)


# --- fields -------------------------------------------------------------------------------


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_currents_agree_with_the_effective_conductivity(boundary: str, axis: int) -> None:
    volume = Volume(random_labels((10, 12, 14)), voxel_size=("1 um", "2 um", "1.5 um"))
    found = solve_conduction(volume, {0: 0.0, 1: 1.0, 2: 20.0}, axis, boundary, None, 1e-8)
    density = found.current_density
    field = 1 / volume.size[axis]
    assert density[axis].mean() == pytest.approx(found.effective_conductivity * field, rel=1e-5)
    planes = density[axis].sum(axis=tuple(d for d in range(3) if d != axis))
    assert np.ptp(planes) < 1e-4 * planes.mean()
    assert found.flux_balance < 1e-5
    assert not density[:, np.isnan(found.potential)].any()
    if boundary == "dirichlet":
        inside = found.potential[~np.isnan(found.potential)]
        assert 0 < inside.min() < inside.max() < 1


def test_currents_balance_in_every_voxel() -> None:
    labels = blobs((20, 18, 22), 0.6)
    found = solve_conduction(labels, {0: 0.0, 1: 1.0}, "x", tolerance=1e-9)
    voltage = np.pad(found.potential, ((0, 0), (1, 1), (1, 1)), constant_values=math.nan)
    voltage = np.concatenate([2 - voltage[:1], voltage, -voltage[-1:]])  # mirrored at the ends
    left = np.zeros(labels.shape)
    for d in range(3):
        for step in (1, -1):
            fall = (voltage - np.roll(voltage, step, d))[1:-1, 1:-1, 1:-1]
            left += np.nan_to_num(fall)
    assert np.abs(left[~np.isnan(found.potential)]).max() < 1e-7
    assert found.residual < 1e-9


def test_the_tensor_of_a_periodic_volume_is_symmetric() -> None:
    labels = blobs((16, 20, 18), 0.5)
    volume = Volume(labels, voxel_size=(1.0, 1.5, 2.0))
    found = solve_conductivity_tensor(volume, {0: 0.1, 1: 1.0}, tolerance=1e-8)
    assert found.tensor == pytest.approx(found.tensor.T, abs=1e-7)
    assert np.linalg.eigvalsh(found.tensor).min() > 0.1
    assert abs(found.tensor[0, 1]) > 1e-4
    assert found.result["effective_conductivity_xy"].value == pytest.approx(found.tensor[0, 1])
    fixed = solve_conductivity_tensor(volume, {0: 0.1, 1: 1.0}, "dirichlet")
    assert np.isnan(fixed.tensor[~np.eye(3, dtype=bool)]).all()
    assert [value.quantity for value in fixed.result] == [
        f"effective_conductivity_{axis}" for axis in ("xx", "yy", "zz")
    ]


def test_the_tensor_of_slanted_layers_nears_that_of_flat_ones_with_finer_voxels() -> None:
    def off(n: int) -> tuple[float, float]:
        i, j, _ = np.indices((n, n, 2))
        tensor = solve_conductivity_tensor(((i + j) % n < n // 2).astype(int), LAYERS).tensor
        assert tensor[0, 0] == pytest.approx(tensor[1, 1], rel=1e-5)
        assert tensor[2, 2] == pytest.approx(5.5, rel=1e-6)
        along, across = tensor[0, 0] - tensor[0, 1], tensor[0, 0] + tensor[0, 1]
        return 1 - along / 5.5, across / (2 / 1.1) - 1

    coarse, fine = off(16), off(32)
    assert fine == pytest.approx(np.array(coarse) / 2, rel=0.1, abs=1e-5)


# --- electrode ----------------------------------------------------------------------------


def columns(wide: int, layers: int) -> Volume:
    x, y, _ = np.indices((wide, wide, layers))
    return Volume((x + y) % 2, ["electrolyte", "active"], 1e-6)


def test_an_electrode_of_columns_follows_the_transmission_line() -> None:
    """Newman and Tobias 1962, with half a voxel of electrolyte in series with the interface."""
    volume = columns(8, 64)
    for interface in (1e-4, 1e-3, 1e-2):
        found = solve_electrode(
            volume,
            ionic={"electrolyte": 0.1},
            electronic={"active": 1e5},
            interface_resistance=interface,
            reacting="active",
            tolerance=1e-8,
        )
        rho = 1 / (0.1 * 0.5)
        contact = 2 * 8 * 7 / 8**2 / 1e-6
        r = (interface + 0.5e-6 / 0.1) / contact
        exact = math.sqrt(r * rho) / math.tanh(64e-6 * math.sqrt(rho / r))
        # What is left is lateral resistance inside columns, most at the lowest interface's.
        assert found.resistance == pytest.approx(exact, rel=0.05 * (1e-4 / interface) ** 0.5)
        assert found.reaction.sum() * 1e-6 == pytest.approx(1, rel=1e-6)
        assert found.contact_area == pytest.approx(contact * 64e-6)
        assert found.working_fraction == 1
        profile = np.cosh((64e-6 - found.depth) * math.sqrt(rho / r))
        assert np.corrcoef(profile, found.reaction)[0, 1] > 0.999
        assert found.utilisation[0] > found.utilisation[-1]


def slab_electrode(scale: int) -> float:
    """Two plates side by side, each fed at its own end, in voxels of 1/scale um."""
    labels = np.zeros((2 * scale, 1, 16 * scale), np.uint8)
    labels[scale:] = 1
    volume = Volume(labels, ["electrolyte", "active"], 1e-6 / scale)
    return solve_electrode(
        volume,
        ionic={"electrolyte": 1.0},
        electronic={"active": 1.0},
        interface_resistance=1e-6,
        reacting="active",
        tolerance=1e-9,
    ).resistance


def test_the_electrode_converges_with_the_voxels() -> None:
    coarse, middle, fine = (slab_electrode(scale) for scale in (2, 4, 8))
    order = math.log2((coarse - middle) / (middle - fine))
    assert order > 0.9
    assert fine == pytest.approx(coarse, rel=0.05)


def test_limits_of_the_electrode() -> None:
    labels = np.zeros((4, 4, 20), np.uint8)
    labels[:, :, 8:] = 1
    volume = Volume(labels, ["electrolyte", "active"], "1 um")
    settings_: dict[str, Any] = {
        "ionic": {0: "1 mS/cm"},
        "electronic": {1: "10 mS/cm"},
        "reacting": "active",
        "tolerance": 1e-8,
    }
    none = solve_electrode(volume, interface_resistance=0, **settings_)
    assert none.resistance == pytest.approx(8e-6 / 0.1 + 12e-6 / 1.0, rel=1e-6)
    some = solve_electrode(volume, interface_resistance="10 ohm cm2", **settings_)
    assert some.resistance == pytest.approx(none.resistance + 1e-3, rel=1e-6)
    assert some.contact_area == pytest.approx(1)
    assert np.isnan(some.utilisation[0])
    assert some.result["mean_reaction_depth"].value == pytest.approx(8e-6)
    large = solve_electrode(columns(4, 10), interface_resistance=1e3, **settings_)
    area = 2 * 4 * 3 * 10 / 16
    assert large.resistance == pytest.approx(1e3 / area, rel=1e-4)
    assert large.utilisation == pytest.approx(np.ones(10), abs=1e-4)


def test_carbon_carries_electrons_but_does_not_react() -> None:
    labels = np.zeros((6, 1, 12), np.uint8)
    labels[3:5] = 1
    labels[5] = 2
    volume = Volume(labels, ["electrolyte", "active", "carbon"], 1e-6)
    arguments = {"ionic": {0: 1.0}, "interface_resistance": 1e-6, "reacting": "active"}
    with_carbon = solve_electrode(volume, electronic={1: 1e-3, 2: 1e3}, **arguments)
    without = solve_electrode(volume, electronic={1: 1e-3}, **arguments)
    assert with_carbon.resistance < 0.7 * without.resistance
    swapped = Volume(labels[[0, 1, 2, 5, 3, 4]], ["electrolyte", "active", "carbon"], 1e-6)
    apart = solve_electrode(swapped, electronic={1: 1e-3, 2: 1e3}, **arguments)
    assert apart.flags == ("electrolyte and active material do not touch",)
    assert apart.resistance == math.inf
    assert apart.result["electrode_resistance"].value is None


def test_a_slanted_electrode_has_the_area_of_its_interface() -> None:
    x, y, _ = np.indices((32, 32, 4))
    volume = Volume(((x + y) % 32 < 16).astype(np.uint8), ["electrolyte", "active"], 1e-6)
    found = solve_electrode(
        volume,
        ionic={"electrolyte": 10},
        electronic={"active": 10},
        interface_resistance=0.01,
        reacting="active",
    )
    contact = measure_contact(volume, "electrolyte", "active")["contact_area"].value
    assert contact is not None
    assert found.contact_area == pytest.approx(contact / 32e-6**2, rel=1e-9)
    assert found.contact_area == pytest.approx(4 * 64 * 2**0.5 / 32**2, rel=0.03)
    assert found.resistance == pytest.approx(0.01 / found.contact_area, rel=0.005)


def carbon_electrode(carbon: float, **changes: Any) -> ElectrodeConduction:
    volume = generate_composite(
        (48,) * 3, 0.5e-6, 0.5, 6e-6, void_fraction=0.05, carbon_fraction=0.05, seed=3
    )
    arguments: dict[str, Any] = {
        "ionic": {"electrolyte": 0.1},
        "electronic": {"active": 0.1, "carbon": carbon},
        "interface_resistance": 1e-3,
        "reacting": "active",
        **changes,
    }
    return solve_electrode(volume, **arguments)


def test_islands_of_a_very_good_conductor() -> None:
    good = carbon_electrode(1e3)
    assert not good.flags
    assert good.residual <= 1e-6
    best = carbon_electrode(1e6)
    (flag,) = best.flags
    assert flag.startswith("conductivities above 100 S/m are taken as 100 S/m: the current changes")
    assert best.resistance == pytest.approx(good.resistance, rel=0.01)
    assert best.result["mean_reaction_depth"].value is not None


def test_currents_that_differ_from_plane_to_plane_are_told() -> None:
    found = carbon_electrode(1.0, tolerance=0.5)
    assert found.flux_balance > 1e-2
    assert found.flags[0].startswith("the current through planes differs by ")
    conduction = solve_conduction(blobs((20, 20, 20), 0.6), {0: 0, 1: 1}, tolerance=0.5)
    assert conduction.flux_balance > 1e-2
    assert conduction.flags[0].endswith("%: lower the tolerance")
    assert conduction.effective_conductivity > 0


def test_an_electrode_without_a_path() -> None:
    labels = np.zeros((4, 4, 12), np.uint8)
    labels[:, :, 6:10] = 1
    labels[:, :, 10:] = 2
    volume = Volume(labels, ["electrolyte", "active", "void"], 1e-6)
    found = solve_electrode(
        volume,
        ionic={0: 1.0},
        electronic={1: 1.0},
        interface_resistance=1e-6,
        reacting="active",
    )
    assert found.flags == (
        "no path leads from the separator through an interface to the collector",
    )
    assert found.working_fraction == 0


# --- voxels of no size --------------------------------------------------------------------


def sized(*sizes: float) -> list[Volume]:
    return [Volume([[[0]]], voxel_size=size) for size in sizes]


def test_a_limit_finds_order_and_value() -> None:
    for order in (0.5, 1.0, 1.8):

        def law(volume: Volume, order: float = order) -> float:
            return 3 + 0.4 * volume.voxel_size[0] ** order

        limit = find_voxel_limit(iter(sized(1, 0.5, 2, 0.25)), law)
        assert limit.value == pytest.approx(3, abs=1e-4)
        assert limit.order == pytest.approx(order, abs=1e-3)
        assert limit.voxel_sizes == (2, 1, 0.5, 0.25)
        assert not limit.flags
        given_order = find_voxel_limit(sized(1, 0.5, 0.25), law, order=order)
        assert given_order.value == pytest.approx(3)
        assert given_order.uncertainty == pytest.approx(0, abs=1e-9)


def test_a_limit_of_scattered_numbers_says_so() -> None:
    numbers = iter((1.0, 1.2, 1.1))
    limit = find_voxel_limit(sized(3, 2, 1), lambda volume: next(numbers))
    assert limit.order == 1
    assert limit.flags == ("order 1 assumed: the numbers scatter",)
    assert limit.uncertainty > 0.05
    exact = find_voxel_limit(sized(3, 2, 1), lambda volume: 2.0)
    assert (exact.value, exact.uncertainty) == (2.0, 0.0)
    assert exact.result["limit"].value == 2.0
    assert exact.as_value("effective_conductivity", "S/m").unit == "S/m"


def test_arguments_of_the_limit() -> None:
    volumes = [Volume(np.zeros((n, n, n), int), None, 1 / n) for n in (2, 4, 8)]

    def size(volume: Volume) -> float:
        return 1 + float(volume.voxel_size[0])

    assert find_voxel_limit(volumes, size, "1").value == pytest.approx(1)
    wrong: list[tuple[tuple[Any, ...], str]] = [
        ((volumes, size, "x"), "order: 'x' does not begin with a number"),
        ((volumes, size, 5), "order: 5 is not between 0 and 4"),
        ((volumes, lambda volume: None), "measure: it gives NoneType, no number, as in"),
        ((volumes[0], size), "volumes: expected several volumes, in a list or from a generator"),
        ((None, size), "volumes: expected several volumes, in a list or from a generator"),
        (([volumes[0].labels], size), "volumes: one is no volume but ndarray"),
    ]
    for arguments, message in wrong:
        with pytest.raises(InputError) as caught:
            find_voxel_limit(*arguments)
        assert str(caught.value).startswith(message)


def test_messages_of_the_limit() -> None:
    with pytest.raises(InputError, match="at least 3 different voxel sizes, not 2 m, 1 m, 1 m"):
        find_voxel_limit(sized(1, 2, 1), lambda volume: 1.0)
    with pytest.raises(InputError, match="at least 3 different voxel sizes, not none"):
        find_voxel_limit([], lambda volume: 1.0)
    with pytest.raises(InputError, match="measure: in voxels of 3 m the number is inf"):
        find_voxel_limit(sized(3, 2, 1), lambda volume: math.inf)
    with pytest.raises(InputError, match="order: 0 is not between 0 and 4"):
        find_voxel_limit(sized(3, 2, 1), lambda volume: 1.0, order=0)
    with pytest.raises(InputError, match="factor: 0 is no whole number from 1 up"):
        coarsen_volume(NAMED, 0)
    with pytest.raises(InputError, match="factor: 5 voxels are more than the volume has: 4 x 4"):
        coarsen_volume(NAMED, 5)


def test_coarsening_takes_the_majority_and_favours_no_phase() -> None:
    fine = Volume(random_labels((5, 3, 1)), ["a", "b", "c"], (1.0, 2.0, 3.0))
    repeated = Volume(fine.labels.repeat(3, 0).repeat(3, 1), fine.phases, (1 / 3, 2 / 3, 3.0))
    back = coarsen_volume(repeated, 3)
    assert np.array_equal(back.labels, fine.labels)
    assert back.voxel_size == pytest.approx(fine.voxel_size)
    assert coarsen_volume(Volume(random_labels((7, 9, 8))), 2).shape == (3, 4, 4)
    even = np.random.default_rng(0).integers(0, 2, (80, 80, 80))
    assert coarsen_volume(Volume(even), 2).labels.mean() == pytest.approx(0.5, abs=0.01)


# --- errors -------------------------------------------------------------------------------

ONE = np.indices((4, 4, 4)).sum(axis=0) % 2
NAMED = Volume(ONE, ["void", "electrolyte"])
BOTH = {0: 1.0, 1: 1.0}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"volume": NAMED, "conductivity": {"elektrolyte": 1.0, 0: 0}},
            "conductivity: unknown phase 'elektrolyte'; did you mean 'electrolyte'?",
        ),
        (
            {"volume": NAMED, "conductivity": {"void": 0}},
            "conductivity: nothing is given for electrolyte; a phase that does not conduct has 0",
        ),
        ({"conductivity": {0: 1.0, 1: -2}}, "conductivity.1: -2 is negative"),
        (
            {"conductivity": {0: 1.0, 1: math.nan}},
            "conductivity.1: nan is not a finite number; expected a conductivity such as "
            "'38.7 uS/cm'",
        ),
        ({"conductivity": 3.0}, "conductivity: give a table by phase or label"),
        ({"axis": 3}, "axis: axis 3 is none of x, y, z (or 0, 1, 2)"),
        ({"axis": "t"}, "axis: axis 't' is none of x, y, z (or 0, 1, 2)"),
        ({"boundary": "neumann"}, "unknown boundary 'neumann'. Choose from: dirichlet, periodic"),
        ({"tolerance": 0}, "tolerance: 0 is not between 1e-12 and 1"),
        ({"tolerance": "small"}, "tolerance: 'small' does not begin with a number"),
        (
            {"face_resistance": {(0, 0): 1.0}},
            "face_resistance: a face resistance stands between two phases, not 0 and itself",
        ),
        ({"face_resistance": {0: 1.0}}, "face_resistance: 0 is no pair of phases"),
        ({"face_resistance": 5}, "face_resistance: give a table by pair of phases"),
        ({"face_resistance": {(0, 1): -1}}, "face_resistance.(0, 1): -1 is negative"),
        ({"face_resistance": {(0, 7): 1.0}}, "face_resistance: unknown phase '7'"),
        (
            {"face_resistance": {(0, 1): 1.0, (1, 0): 2.0}},
            "face_resistance: the pair (1, 0) is given twice, with two values: give one",
        ),
        (
            {"volume": NAMED, "conductivity": {"void": 0, "electrolyte": 1.0, 1: 2.0}},
            "conductivity: 1 is given by name and by label, with two values: give one",
        ),
        (
            {"conductivity": {0: 1.0, 1: 1e-40}},
            "a conductivity leaves less than 1e-38 of the best conductance, which cannot be told "
            "from nothing: give 0 for one that blocks",
        ),
        ({"conductivity": {0: 1.0, 1: 1e-320}}, "a conductivity leaves less than 1e-38 of the"),
        (
            {"face_resistance": {(0, 1): 1e50}},
            "a face resistance leaves less than 1e-38 of the best conductance, which cannot be "
            "told from nothing: give inf for one that blocks",
        ),
        (
            {"volume": np.ones((2, 2, 2, 2), int)},
            "a volume has three axes (or two, an image), this array 4",
        ),
        ({"volume": np.ones((0, 2, 2), int)}, "the volume is empty: 0 x 2 x 2 voxels"),
        ({"volume": np.ones((2, 2, 2))}, "labels are whole numbers, these are float64"),
        ({"volume": np.full((2, 2, 2), math.nan)}, "labels are whole numbers, these are float64"),
        (
            {"volume": GreyVolume(np.ones((2, 2, 2)))},
            "grey values have no phases: segment_phases turns them into a Volume",
        ),
        (
            {
                "volume": np.arange(300).reshape(10, 10, 3),
                "conductivity": {label: 1.0 + label for label in range(300)},
            },
            "300 phases conduct differently; at most 254 can",
        ),
    ],
)
def test_messages(changes: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {"volume": ONE, "conductivity": BOTH, **changes}
    with pytest.raises(InputError) as caught:
        solve_conduction(**arguments)
    assert str(caught.value).startswith(message)


def test_many_labels_of_few_conductivities_are_few_codes() -> None:
    labels = np.arange(1000).reshape(10, 10, 10)
    found = solve_conduction(labels, dict.fromkeys(range(1000), 2.0))
    assert found.effective_conductivity == pytest.approx(2)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ionic": {"active": 1.0}}, "electronic: active would carry ions and electrons"),
        ({"ionic": {"electrolyte": 0}}, "ionic: no phase of the volume carries ionic current"),
        ({"electronic": {}}, "electronic: no phase of the volume carries electronic current"),
        ({"reacting": "electrolyte"}, "reacting: electrolyte must be among the electronic phases"),
        ({"reacting": ["active", "electrolyte"]}, "reacting: active, electrolyte must be among"),
        ({"reacting": "carbon"}, "reacting: unknown phase 'carbon'"),
        ({"interface_resistance": -1.0}, "interface_resistance: -1.0 is negative"),
        ({"interface_resistance": "5 ohm"}, "interface_resistance: '5 ohm'"),
        ({"axis": 5}, "axis: axis 5 is none of"),
        ({"tolerance": 0}, "tolerance: 0 is not between 1e-12 and 1"),
        ({"tolerance": 5}, "tolerance: 5 is not between 1e-12 and 1"),
        ({"tolerance": "x"}, "tolerance: 'x' does not begin with a number"),
        ({"reacting": None}, "reacting: name the active phase, or several in a list"),
        ({"reacting": []}, "reacting: name the active phase, or several in a list"),
        ({"reacting": 1.5}, "reacting: unknown phase '1.5'"),
        ({"interface_resistance": 1e50}, "a face resistance leaves less than 1e-38 of the best"),
        ({"volume": ONE}, "expected a volume, as in solith.Volume(labels, ['void', 'active'],"),
        ({"volume": GreyVolume(np.ones((2, 2, 2)))}, "grey values have no phases: segment_phases"),
    ],
)
def test_messages_of_the_electrode(changes: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {
        "volume": columns(3, 4),
        "ionic": {"electrolyte": 1.0},
        "electronic": {"active": 1.0},
        "interface_resistance": 1e-3,
        "reacting": "active",
        **changes,
    }
    with pytest.raises(InputError) as caught:
        solve_electrode(**arguments)
    assert str(caught.value).startswith(message)


def test_values_may_be_given_twice_alike_and_as_text() -> None:
    table = {"void": 2.0, "electrolyte": 1.0, 1: "1 S/m"}
    faces = {("void", 1): 3.0, (1, 0): "3 ohm m2"}
    once = solve_conduction(ONE, BOTH | {0: 2.0}, "x", "dirichlet", {(0, 1): 3.0}, 1e-8)
    twice = solve_conduction(NAMED, table, "x", "dirichlet", faces, "1e-8")  # type: ignore[arg-type]
    assert twice.effective_conductivity == once.effective_conductivity
    assert type(once.tortuosity_factor) is type(once.effective_conductivity) is float
    of_names = [
        carbon_electrode(1.0, reacting=phase).resistance for phase in ("active", np.int64(1))
    ]
    assert of_names[0] == of_names[1]


def test_unknown_names_keep_their_kind() -> None:
    with pytest.raises(UnknownNameError):
        solve_conduction(NAMED, {"x": 1.0})


@pytest.mark.parametrize("contrast", [1e3, 1e6])
def test_high_contrast_near_the_percolation_threshold(contrast: float) -> None:
    labels = random_labels((9, 9, 9), 4)
    conductivity = {0: 1 / contrast, 1: 1.0, 2: contrast}
    exact = effective_conductivity(labels.astype(int), conductivity, 0, "dirichlet")
    found = solve_conduction(labels, conductivity, "x")
    assert found.effective_conductivity == pytest.approx(exact, rel=1e-4)
    assert found.flux_balance < 1e-4


def test_a_contrast_beyond_all_precision_is_told() -> None:
    labels = random_labels((24, 24, 24))
    with pytest.raises(ConvergenceError, match="too far apart to be resolved: set what hardly"):
        solve_conduction(labels, {0: 1e-15, 1: 1.0, 2: 1e15})


def test_progress_is_told_and_can_stop_the_solution() -> None:
    heard: list[tuple[float, str]] = []
    labels = blobs((20, 20, 20), 0.5)
    solve_conductivity_tensor(
        labels, {0: 0.1, 1: 1.0}, progress=Progress(lambda *told: heard.append(told))
    )
    fractions = [fraction for fraction, _ in heard]
    assert fractions == sorted(fractions)
    assert heard[-1] == (1.0, "conduction solved")
    assert any(message.startswith("iteration 2, residual") for _, message in heard)

    def listen(fraction: float, message: str) -> None:
        if message.startswith("iteration 2"):
            stopping.cancel()

    stopping = Progress(listen)
    with pytest.raises(InterruptedRunError, match="interrupted: iteration 3"):
        solve_conduction(labels, {0: 0.1, 1: 1.0}, progress=stopping)


def test_results_print_and_become_json() -> None:
    found = solve_conduction(blobs((12, 12, 12), 0.5), {0: 0.1, 1: 1.0}, "x")
    assert "effective_conductivity" in str(found)
    assert found.result.from_json(found.result.to_json()) == found.result
    electrode = solve_electrode(
        columns(3, 4),
        ionic={0: 1.0},
        electronic={1: 1.0},
        interface_resistance=1e-3,
        reacting="active",
    )
    assert electrode.result.to_json()
    assert "electrode_resistance" in repr(electrode)
