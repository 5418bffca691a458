"""Boundaries that conduct along themselves: planes, bricks, an exact network, currents, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.test_polycrystal_transport import bricks, voronoi
from validation._boundary_network import conductance_of_lines, section_of_cells, tilted_planes

from solith.core import threads
from solith.core.errors import InputError
from solith.core.polycrystal import Polycrystal
from solith.transport import Layer, Lognormal, measure_boundary_leakage, solve_polycrystal


@pytest.mark.parametrize("counts", [(3, 3, 1), (3, 1, 3), (1, 2, 3), (4, 4, 4)])
@pytest.mark.parametrize("axis", ["x", "y", "z"])
def test_sheets_beside_bricks_are_exact(counts: tuple[int, int, int], axis: str) -> None:
    # Nothing resists across: grains and sheets side by side.
    width, along = 5e-9, 2e3
    found = solve_polycrystal(
        bricks(counts, 4), 0.5, 1e6, width, along=along, axis=axis, tolerance=1e-9
    )
    sheets = sum((n - 1) / n for d, n in enumerate(counts) if "xyz"[d] != axis) * width / 10e-6
    whole = 0.5 + along * sheets
    assert found.effective_conductivity == pytest.approx(whole, rel=1e-6)
    assert found.along_share == pytest.approx(along * sheets / whole, rel=1e-5)
    shares = found.bulk_share + found.boundary_share + found.along_share
    assert shares == pytest.approx(1)
    assert found.flux_balance < 1e-6
    assert found.result["along_share"].value == pytest.approx(found.along_share)


@pytest.mark.parametrize("winds", [(1, 0), (1, 1), (1, 2), (1, 3), (2, 1), (1, 4)])
@pytest.mark.parametrize("matrix", [1e-6, 1e-3])
def test_a_tilted_strong_sheet_conducts_what_it_does(winds: tuple[int, int], matrix: float) -> None:
    made, _, seen = tilted_planes(*winds, 48)
    found = solve_polycrystal(made, matrix, 1e6, 1e-3, along=1e3)
    assert found.effective_conductivity - matrix == pytest.approx(seen, rel=0.02)


@pytest.mark.parametrize("winds", [(1, 1, 1), (1, 2, 1), (1, 3, 1)])
def test_a_sheet_tilted_in_space(winds: tuple[int, int, int]) -> None:
    x, z, y = winds
    made, _, seen = tilted_planes(x, z, 24, y)
    found = solve_polycrystal(made, 1e-4, 1e6, 1e-3, along=1e3)
    assert found.effective_conductivity - 1e-4 == pytest.approx(seen, rel=0.035)


def test_weak_sheets_add_what_they_do_on_the_average_over_directions() -> None:
    polycrystal = voronoi((32, 32, 32), 30, 3, (True, True, False))
    added, expected = 0.0, 0.0
    for axis in "xyz":
        found = solve_polycrystal(polycrystal, 1.0, 1e6, 5e-9, along=1.0, axis=axis, tolerance=1e-9)
        added += found.effective_conductivity - 1.0
        told = measure_boundary_leakage(polycrystal, 1.0, 5e-9, axis=axis)
        expected += told["leakage_conductivity"].to("S/m").value or 0.0
    assert added == pytest.approx(expected, rel=0.03)


def test_an_exact_network_of_boundaries_is_approached_as_voxels_shrink() -> None:
    seeds = np.random.default_rng(0).uniform(0, 1, (25, 2))
    exact = conductance_of_lines(seeds, 1.0)
    errors = []
    for voxels in (40, 80, 160):
        section = section_of_cells(seeds, 1.0, voxels)
        found = solve_polycrystal(section, 1e-6, 1e8, 1e-4, along=1e4)
        assert found.along_share > 0.999
        errors.append(found.effective_conductivity / exact - 1)
    assert errors[0] < 0.08
    assert errors[1] < 0.04
    assert abs(errors[2]) < 0.02


def test_electrons_leak_along_boundaries_of_grains_that_hardly_conduct() -> None:
    polycrystal = voronoi((24, 24, 24), 14, 1, (True, True, False))
    found = solve_polycrystal(polycrystal, "1e-12 S/cm", "1 uS/cm", "5 nm", along="1 uS/cm")
    told = measure_boundary_leakage(polycrystal, "1 uS/cm", "5 nm")
    bound = told["leakage_conductivity"].to("S/m").value
    assert bound is not None
    assert 0.8 * bound < found.effective_conductivity < 1.1 * bound
    assert found.along_share > 0.99


def test_grains_that_do_not_conduct_are_left_out() -> None:
    polycrystal = bricks((3, 3, 1), 6)
    values = np.full(9, 0.0)
    values[0] = 1e-30
    found = solve_polycrystal(polycrystal, values, 1e6, 5e-9, along=2e3)
    assert found.effective_conductivity == pytest.approx(2e3 * 5e-9 * 4 / 30e-6, rel=1e-4)
    assert np.isnan(found.potential).any()


def test_currents_at_the_electrode_and_inside_add_up() -> None:
    polycrystal = voronoi((20, 16, 24), 12, 4, (True, True, False))
    found = solve_polycrystal(polycrystal, 1.0, 1.0, 5e-9, along=5e3, tolerance=1e-9)
    assert found.along_share > 0.1
    for depth in (0.0, -5e-6, -11e-6):
        window = found.interface_current("4 um", depth=depth)
        assert window.density.mean() == pytest.approx(found.current_density, rel=1e-5)
    assert found.interface_current("4 um").density.max() > 1.5 * found.current_density
    under = solve_polycrystal(
        polycrystal, 1.0, 1.0, 5e-9, along=5e3, layers=Layer("4 um", 1.0), tolerance=1e-9
    )
    assert under.interface_current("4 um").density.mean() == pytest.approx(
        under.current_density, rel=1e-5
    )
    assert under.effective_conductivity < found.effective_conductivity


@settings(max_examples=6, deadline=None)
@given(
    order=st.permutations([0, 1, 2]),
    turned=st.tuples(*[st.booleans()] * 3),
    scale=st.sampled_from([1e-3, 7.0]),
)
def test_turning_mirroring_and_scaling(
    order: list[int], turned: tuple[bool, bool, bool], scale: float
) -> None:
    here = voronoi((10, 12, 8), 6, 5)
    assert here.seeds is not None
    seeds = np.where(turned, np.array(here.size) - here.seeds, here.seeds)
    grains = np.flip(here.grains, [d for d in range(3) if turned[d]])
    there = Polycrystal(grains.transpose(order), scale * 1e-6, scale * seeds[:, order])
    one = solve_polycrystal(here, 1.0, 10.0, 1e-8, along=1e3, axis=2, tolerance=1e-9)
    other = solve_polycrystal(
        there, 1.0, 10.0, scale * 1e-8, along=1e3, axis=order.index(2), tolerance=1e-9
    )
    assert other.effective_conductivity == pytest.approx(one.effective_conductivity, rel=1e-5)


def test_along_is_given_as_conductivities_across_are_and_threads_do_not_matter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    polycrystal = voronoi((14, 14, 14), 6, 0)
    count = polycrystal.count

    def solved(along: Any) -> float:
        found = solve_polycrystal(polycrystal, 1.0, 1.0, 5e-9, along=along)
        return found.effective_conductivity

    plain = solved(1e3)
    assert solved("10 S/cm") == plain
    assert solved(lambda one, other: np.full(len(one), 1e3)) == plain
    assert solved({"others": 1e3}) == plain
    assert solved(np.full((count, count), 1e3)) == plain
    assert solved(Lognormal("1e3 S/m", 0.5)) != plain
    without = solve_polycrystal(polycrystal, 1.0, 1.0, 5e-9)
    assert solved(0) == without.effective_conductivity
    assert "along_share" not in without.result
    monkeypatch.setattr(threads, "_WORTH_SHARING", 1)
    assert solved(1e3) == pytest.approx(plain, rel=1e-12)


@pytest.mark.parametrize(
    ("along", "message"),
    [
        (-1, "along: -1 is negative"),
        ("1 m", "along: .*dimension"),
        ({(0, 1): 1.0}, "along: nothing is given for the grains"),
        (np.ones((2, 2)), "along: an array has a row and a column for each of the 8 grains"),
    ],
)
def test_messages(along: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        solve_polycrystal(bricks((2, 2, 2), 2), 1.0, 1.0, 5e-9, along=along)
