"""Impedance of polycrystals: exact bricks, a complex sparse solution, records, brick layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.test_polycrystal_transport import bricks, voronoi
from validation._direct_impedance import DirectNetwork

from solith.analysis import find_conductivity, find_resistances
from solith.core.constants import VACUUM_PERMITTIVITY
from solith.core.errors import InputError
from solith.core.polycrystal import Polycrystal
from solith.interface import BrickLayer
from solith.transport import (
    Layer,
    Lognormal,
    PolycrystalConduction,
    PolycrystalImpedance,
    solve_polycrystal,
    solve_polycrystal_impedance,
)


def section(number: int = 25) -> Polycrystal:
    return voronoi((32, 1, 32), number, 1, (True, False, False), (0.5e-6, 1e-6, 0.5e-6))


@pytest.mark.parametrize("ratio", [10.0, 0.5, 1e-2, 1e-4])
def test_bricks_have_the_arcs_of_the_brick_layer(ratio: float) -> None:
    conduction = solve_polycrystal(bricks((3, 3, 3), 4), 0.1, 0.1 * ratio, "5 nm")
    found = solve_polycrystal_impedance(conduction, 40, 80)
    frequency = np.geomspace(1, 1e10, 41)
    omega = 2j * np.pi * frequency * VACUUM_PERMITTIVITY
    exact = 30e-6 / (0.1 + omega * 40) + 2 * 5e-9 / (0.1 * ratio + omega * 80)
    assert found.at(frequency) == pytest.approx(exact, rel=1e-7)
    assert found.error < 1e-6
    if ratio == 1e-4:
        assert found.bulk_arc == pytest.approx(300e-6, rel=1e-6)
        assert found.boundary_arc == pytest.approx(2 * 5e-9 / 1e-5, rel=1e-6)


@pytest.mark.parametrize(
    ("polycrystal", "grains", "boundaries"),
    [
        (section(), 1e-2, 1e-5),
        (section(), 1e-2, Lognormal("1e-5 S/m", 1.0)),
        (section(), np.geomspace(1e-3, 1e-1, 25), 1e-6),
        (voronoi((9, 9, 9), 10, 1, (True, True, False)), 1e-2, 1e-4),
    ],
    ids=["section", "scattered boundaries", "scattered grains", "volume"],
)
def test_the_spectrum_is_that_of_a_complex_solution(
    polycrystal: Polycrystal, grains: Any, boundaries: Any
) -> None:
    if isinstance(grains, np.ndarray):
        grains = grains[: polycrystal.count]
    conduction = solve_polycrystal(polycrystal, grains, boundaries, "20 nm")
    found = solve_polycrystal_impedance(conduction, 30, 60)
    direct = DirectNetwork(conduction, 30, 60)
    frequency = np.geomspace(found.rates.min() / 60, found.rates.max(), 7)
    exact = np.array([direct.impedance(f) for f in frequency])
    away = np.abs(found.at(frequency) / exact - 1)
    assert away.max() < 5e-4
    assert found.error < 3e-3
    assert away.max() < max(3 * found.error, 1e-5)
    assert found.at(1e-9)[0].real == pytest.approx(conduction.stack_resistance, rel=1e-5)


def test_boundaries_that_block_have_no_end_of_their_arc() -> None:
    conduction = solve_polycrystal(section(), 1e-2, 0, "20 nm")
    found = solve_polycrystal_impedance(conduction, 30)
    assert conduction.effective_conductivity == 0
    assert found.boundary_arc == np.inf
    assert "boundaries block" in str(found)
    low = found.at([1e-3, 1e-2])
    assert low[0].imag / low[1].imag == pytest.approx(10, rel=1e-6)
    direct = DirectNetwork(conduction, 30, 30)
    assert found.at(1e5)[0] == pytest.approx(direct.impedance(1e5), rel=1e-3)


@settings(max_examples=6, deadline=None)
@given(
    ratio=st.floats(-5, 1),
    permittivity=st.floats(5, 500),
    seed=st.integers(0, 50),
)
def test_the_network_is_passive(ratio: float, permittivity: float, seed: int) -> None:
    polycrystal = voronoi((12, 1, 12), 8, seed, (True, False, False))
    conduction = solve_polycrystal(polycrystal, 0.1, 0.1 * 10**ratio, "5 nm")
    found = solve_polycrystal_impedance(conduction, 50, permittivity)
    impedance = found.at(np.geomspace(1e-2, 1e11, 60))
    assert np.all(impedance.real > 0)
    assert np.all(impedance.imag < 0)
    assert np.all(np.diff(impedance.real) <= 0)
    assert np.all(found.elastances > 0)


@pytest.fixture(scope="module")
def solved() -> PolycrystalImpedance:
    polycrystal = voronoi((20, 20, 20), 20, 2, (True, True, False))
    conduction = solve_polycrystal(polycrystal, "1 mS/cm", "0.1 uS/cm", "5 nm")
    return solve_polycrystal_impedance(conduction, 50)


def test_the_analyses_of_a_measured_spectrum_read_it(solved: PolycrystalImpedance) -> None:
    record = solved.record(
        geometric_area="1 cm2", thickness="1 mm", electrode_capacitance="10 uF/cm2"
    )
    told = find_resistances(record)
    assert told["apex_frequency_1"].value == pytest.approx(
        0.1 / (100 * np.pi * 8.854e-12), rel=0.02
    )
    assert told["apex_frequency_2"].value is not None
    read = find_conductivity(record, circuit="p(R1,CPE1)-p(R2,CPE2)-CPE3")
    whole = solved.conduction.effective_conductivity
    assert read["ionic_conductivity"].value == pytest.approx(whole, rel=0.05)
    assert read["bulk_conductivity"].value == pytest.approx(0.1, rel=0.05)
    assert read["bulk_permittivity"].value == pytest.approx(50, rel=0.05)
    # Of the boundary, by the ratio of capacitances: detours enter both and hardly matter.
    assert read["boundary_specific_conductivity"].value == pytest.approx(1e-5, rel=0.15)


def test_a_record_has_the_size_of_the_pellet(solved: PolycrystalImpedance) -> None:
    as_it_is = solved.record([1e3, 1e6])
    assert as_it_is.data.attrs["thickness_m"] == pytest.approx(20e-6)
    assert as_it_is.data.attrs["geometric_area_m2"] == pytest.approx(400e-12)
    pellet = solved.record(["1 kHz", "1 MHz"], geometric_area="1 cm2", thickness="1 mm")
    scale = 50 * 400e-12 / 1e-4
    for name in ("real_impedance_ohm", "imaginary_impedance_ohm"):
        assert pellet.array(name) == pytest.approx(scale * as_it_is.array(name))
    usual = solved.record().array("frequency_hertz")
    assert usual[0] > 1e9
    assert usual[-1] < 1e2
    assert "boundary_arc" in solved.result
    assert solved.result.details["solutions"] == solved.solutions


def test_arcs_that_are_not_apart_are_not_told() -> None:
    conduction = solve_polycrystal(section(), 0.1, 0.05, "5 nm")
    found = solve_polycrystal_impedance(conduction, 50)
    assert np.isnan(found.bulk_arc)
    assert found.result["boundary_arc"].value is None
    assert "not apart" in str(found)


# --- the brick layer ----------------------------------------------------------------------


def test_the_brick_layer_is_what_it_says() -> None:
    bricks_ = BrickLayer("10 um", "5 nm", "1 mS/cm", "0.1 uS/cm", grain_permittivity=40)
    exact = 1 / (1 / 0.1 + 5e-4 / 1e-5)
    assert bricks_.conductivity == pytest.approx(exact)
    assert bricks_.apparent_boundary_conductivity == pytest.approx(0.02)
    assert bricks_.impedance_at(1e-6, "1 mm") == pytest.approx(1e-3 / exact)
    beside = bricks_.replace(boundary_along=2.0)
    assert beside.conductivity == pytest.approx(exact + 2e-3)
    high = bricks_.impedance_at([1e13], 1.0)[0]
    assert high.imag == pytest.approx(-1 / (2 * np.pi * 1e13 * 8.854e-12 * 40), rel=1e-3)
    told = find_resistances(bricks_.record(np.geomspace(1e10, 1, 101), "1 mm", "1 cm2"))
    assert told["low_frequency_resistance"].value == pytest.approx(10 / exact, rel=1e-3)
    assert told["apex_frequency_2"].value == pytest.approx(
        1e-5 / (100 * np.pi * 8.854e-12), rel=0.02
    )
    read = BrickLayer.from_arcs(1e-3 / 0.1, 1e-3 / 0.02, "1 mm", "10 um", "5 nm")
    assert read.boundary_conductivity == pytest.approx(1e-5)
    assert read.grain_conductivity == pytest.approx(0.1)


def test_bricks_that_conduct_along_themselves_are_the_model_with_parallel_paths() -> None:
    conduction = solve_polycrystal(bricks((4, 4, 4), 5), 0.1, 0.3, "5 nm", along=30.0)
    # Open at the sides: three planes of boundaries in each direction for four grains.
    model = BrickLayer(10e-6 * 4 / 3, 5e-9, 0.1, 0.3, boundary_along=30.0)
    assert conduction.effective_conductivity == pytest.approx(model.conductivity, rel=2e-3)


# --- errors -------------------------------------------------------------------------------


def small(**changes: Any) -> PolycrystalConduction:
    return solve_polycrystal(bricks((2, 2, 2), 2), 0.1, 1e-4, "5 nm", **changes)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: solve_polycrystal_impedance(3, 50), "conduction: expected what solve_polycrystal"),
        (
            lambda: solve_polycrystal_impedance(small(layers=Layer("5 um", 0.1)), 50),
            "the ceramic alone; solve it without layers",
        ),
        (
            lambda: solve_polycrystal_impedance(small(along=0.1), 50),
            "solve it without along",
        ),
        (
            lambda: solve_polycrystal_impedance(small(), -1),
            "grain_permittivity: -1 is not positive",
        ),
        (
            lambda: solve_polycrystal_impedance(small(), 50, 0),
            "boundary_permittivity: 0 is not positive",
        ),
        (
            lambda: solve_polycrystal_impedance(small(), 50).at([]),
            "frequency: frequencies are above 0 Hz",
        ),
        (lambda: solve_polycrystal_impedance(small(), 50).at("1 m"), "frequency: .*dimension"),
        (
            lambda: solve_polycrystal_impedance(small(), 50).record(thickness="1 s"),
            "thickness: .*dimension",
        ),
        (lambda: solve_polycrystal_impedance(small(), 50).at(None), "no list of frequencies"),
    ],
)
def test_messages(call: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


def test_grains_that_do_not_join_the_electrodes() -> None:
    cut = bricks((2, 2, 3), 2)
    grains = np.where(np.indices(cut.shape)[2] // 2 == 1, -1, cut.grains)
    apart = Polycrystal(grains, cut.voxel_size, cut.seeds)
    conduction = solve_polycrystal(apart, 0.1, 1e-4, "5 nm")
    with pytest.raises(InputError, match="conduction: the grains do not join the electrodes"):
        solve_polycrystal_impedance(conduction, 50)
