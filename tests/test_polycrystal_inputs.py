"""What is given for polycrystals: widths, tables, distributions, layers; one clear error each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from validation.polycrystal_transport import bricks, voronoi

from solith import Polycrystal
from solith.core.errors import InputError, UnknownNameError
from solith.structure import generate_polycrystal, measure_grains
from solith.study.ceramic_flux import measure_ceramic_flux
from solith.transport import (
    Layer,
    Lognormal,
    Patches,
    find_layer,
    measure_boundary_leakage,
    solve_polycrystal,
)

GRAINS = voronoi((12, 12, 12), 8, seed=3)


def solve(grain: Any = 0.1, boundary: Any = 1e-5, width: Any = "5 nm", **more: Any) -> Any:
    return solve_polycrystal(GRAINS, grain, boundary, width, **more)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: solve(width="50 um"),
            r"boundary_width: '50 um' is 5 of the mean grain \(1e-05 m\)",
        ),
        (lambda: solve(width=5), r"boundary_width: 5 is 5e\+05 of .* a plain number is in m"),
        (
            lambda: measure_boundary_leakage(GRAINS, 1.0, "2 um"),
            r"boundary_width: '2 um' is 0\.2 of .* up to 0\.1 of a grain",
        ),
        (lambda: solve(layers=5), "layers: expected a Layer, not int"),
        (
            lambda: solve(boundary=lambda a, b: np.ones(3)),
            r"boundary_conductivity: the function gives 3 values for \d+ pairs of grains",
        ),
        (
            lambda: solve(boundary={("a", 1): 1.0, "others": 1.0}),
            r"boundary_conductivity: \('a', 1\) is no pair of grains",
        ),
        (
            lambda: solve(boundary={("a", "b"): 1.0, "others": 1.0}),
            r"boundary_conductivity: \('a', 'b'\) is no pair of grains",
        ),
        (
            lambda: solve(boundary={(0, 999): 1.0, "others": 1.0}),
            r"boundary_conductivity: \(0, 999\) names a grain that is not there; they are 0 to 7",
        ),
        (lambda: solve(1e300), r"grain_conductivity: 1e\+300 S/m is above 1e\+15 S/m: no cond"),
        (lambda: solve(boundary=1e300), r"boundary_conductivity: 1e\+300 S/m is above 1e\+15 S/m"),
        (lambda: solve(1e-300), r"grain_conductivity: 1e-300 S/m is below 1e-60 S/m: give 0 for"),
        (lambda: Layer("1 um", 1e300), r"conductivity: 1e\+300 S/m is above 1e\+15 S/m"),
        (lambda: Patches(0.5, "1 um", seed=-1), "seed: -1 is no whole number from 0"),
        (lambda: Patches("x", "1 um"), "fraction: 'x' does not begin with a number"),  # type: ignore[arg-type]
        (lambda: Lognormal(1.0, 1.0, seed=-1), "seed: -1 is no whole number from 0"),
        (lambda: Lognormal(1.0, 1e6), r"spread: 1000000\.0 is above 10; it is the standard dev"),
    ],
)
def test_what_cannot_be_used_is_told(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


def test_a_pair_that_does_not_touch_is_told() -> None:
    row = bricks((1, 1, 3), 4)
    with pytest.raises(
        InputError, match="the grains 0 and 2, which are named, do not touch; leave"
    ):
        solve_polycrystal(row, 1.0, {(0, 2): 1e-3, "others": 1e-4}, "5 nm")
    whole = {(0, 1): 1e-3, (0, 2): 1.0, (1, 2): 1e-3}
    found, plain = (solve_polycrystal(row, 1.0, one, "5 nm") for one in (whole, 1e-3))
    assert found.effective_conductivity == plain.effective_conductivity


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ratio": "x"}, "ratio: 'x' does not begin with a number"),
        ({"ratio": 1e4}, r"ratio: 10000\.0 has to be above 0 and at most 1000"),
        ({"grains_across": float("nan")}, "grains_across: nan is not a finite number"),
        ({"grains_deep": float("inf")}, "grains_deep: inf is not a finite number"),
        ({"voxel_size": "0 um"}, "voxel_size: '0 um' has to be above 0 m"),
        ({"grain_spread": -1}, "grain_spread: -1 has to be at least 0"),
        ({"realisations": True}, "realisations: True is no whole number from 1"),
        ({"seed": -1}, "seed: -1 is no whole number from 0"),
        ({"dimensions": 4}, "dimensions: 4 is neither 2 nor 3"),
    ],
)
def test_inputs_of_the_flux_study_are_told(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        measure_ceramic_flux(**({"ratio": 1e-3} | given))


def test_a_ratio_may_be_a_text() -> None:
    small: dict[str, Any] = {"grains_across": 4, "grains_deep": 2, "voxel_size": "1 um"}
    found = measure_ceramic_flux("1e-3", realisations=1, **small)  # type: ignore[arg-type]
    assert found.details["ratio"] == 1e-3


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ({"conductivity": 0}, InputError, r"conductivity: 0 is no conductivity above 0 S/m"),
        ({"conductivity": []}, InputError, r"conductivity: \[\] is no conductivity above 0"),
        ({"conductivity": "x"}, InputError, "conductivity: 'x' does not begin with a number"),
        ({"conductivity": 1e300}, InputError, r"conductivity: 1e\+300 S/m is above"),
        ({"wanted": "x"}, InputError, "wanted: 'x' does not begin with a number"),
        ({"side": "both"}, UnknownNameError, "unknown side 'both'"),
        ({"conduction": GRAINS}, InputError, "expected what solve_polycrystal gives"),
    ],
)
def test_inputs_of_the_search_are_told(
    given: dict[str, Any], kind: type[InputError], message: str
) -> None:
    usual = {"conduction": solve(), "wanted": 1.5, "conductivity": 0.1, "window": "2 um"}
    with pytest.raises(kind, match=message):
        find_layer(**(usual | given))


def test_each_layer_of_a_search_has_its_own_names_and_units() -> None:
    bare = solve()
    search = find_layer(bare, 1.5, np.array([0.01, 0.1]), window="2 um")
    table = search.result
    for number, one in enumerate(search.layers, 1):
        row = {name: table[f"layer_{number}_{name}"] for name in ("conductivity", "thickness")}
        assert row["conductivity"].unit == "mS/cm"
        assert row["conductivity"].value == pytest.approx(10 * one.conductivity)
        assert one.thickness is not None
        assert row["thickness"].to("m").value == pytest.approx(one.thickness)
        added = table[f"layer_{number}_added_resistance"]
        assert (added.unit, added.area) == ("ohm cm2", "geometric")
        assert added.to("ohm m2").value == pytest.approx(one.resistance)
    single = find_layer(bare, 1.5, 0.1, window="2 um")
    assert single.result["layer_thickness"].value == table["layer_2_thickness"].value
    short = find_layer(bare, 1.0 + 1e-7, 10.0, window="2 um").result["layer_thickness"]
    assert short.value is None
    assert short.flags[0].startswith("not reached: a layer as thick as the sample (20 um), the th")
    assert short.flags[0].endswith("of the mean above it")


def test_narrow_periodic_sides_are_flagged() -> None:
    narrow = voronoi((16, 16, 16), 8)  # two grains wide, free along z
    (flag,) = solve_polycrystal(narrow, 0.1, 1e-3, "5 nm").flags
    assert flag.startswith("periodic along x after 2.0 grains: some boundaries have the normal")
    assert flag in measure_grains(narrow)["boundary_area_per_volume"].flags
    free = Polycrystal(narrow.grains, narrow.voxel_size, narrow.seeds)
    assert free.doubts == ()
    assert voronoi((48, 1, 48), 36).doubts == ()


def test_shapes_beyond_the_memory_and_a_forgotten_voxel_size_are_told() -> None:
    with pytest.raises(InputError, match=r"shape: .* voxels need 3\.73e\+09 GiB, this machine has"):
        generate_polycrystal((10**6,) * 3, "10 um")
    with pytest.raises(InputError, match=r"voxel_size \(1 m where it is left out; plain numbers"):
        generate_polycrystal((20, 20, 20), "10 um")


def test_columns_are_measured_across_their_axis() -> None:
    made = generate_polycrystal((200, 200, 20), "10 um", voxel_size="1 um", columnar="z", seed=1)
    found = measure_grains(made)
    assert found.name == "columnar grains along z"
    assert found["column_diameter_mean"].to("m").value == pytest.approx(10e-6, rel=0.06)
    flat = measure_grains(generate_polycrystal((200, 200), "10 um", voxel_size="1 um", seed=1))
    assert found["column_diameter_std"].value == pytest.approx(flat["grain_size_std"].value)
    assert found["share_touching_face"].value == found["share_through"].value == 1
    assert found["grains"].value > found["grains_counted"].value  # type: ignore[operator]
    assert "grain_size_mean" not in found
    stacked = np.concatenate(
        [made.grains, made.grains + made.count, made.grains + 2 * made.count], 2
    )
    assert made.seeds is not None
    seeds = np.concatenate([made.seeds + np.array([0, 0, 20e-6 * n]) for n in range(3)])
    three = measure_grains(Polycrystal(stacked, 1e-6, seeds), columnar="z")
    assert three["share_touching_face"].value == pytest.approx(2 / 3)
    assert three["share_through"].value == 0
    assert three["column_diameter_mean"].value == found["column_diameter_mean"].value
    with pytest.raises(InputError, match="axis 'w' is none of x, y, z"):
        measure_grains(made, columnar="w")
