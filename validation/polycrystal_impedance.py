"""Impedance of polycrystals, the brick layer's reading of it, and conduction along boundaries."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

import numpy as np

from solith.analysis import find_conductivity
from solith.core.constants import VACUUM_PERMITTIVITY
from solith.core.polycrystal import Polycrystal
from solith.interface import BrickLayer
from solith.structure import generate_polycrystal, measure_grains
from solith.transport import (
    Lognormal,
    measure_boundary_leakage,
    solve_polycrystal,
    solve_polycrystal_impedance,
)
from validation._boundary_network import conductance_of_lines, section_of_cells, tilted_planes
from validation._direct_impedance import DirectNetwork
from validation.marks import Mark, finish

__all__ = ["marks"]

WIDTH = 5e-9


def marks() -> Iterator[Mark]:
    yield _bricks()
    yield _direct()
    yield from _readings()
    yield _planes()
    yield _lines()
    yield _weak()
    yield _leakage()


def _bricks() -> Mark:
    i, j, k = np.indices((12, 12, 12)) // 4
    seeds = (np.stack(np.unravel_index(np.arange(27), (3, 3, 3)), 1) + 0.5) * 10e-6
    bricks = Polycrystal(9 * i + 3 * j + k, 2.5e-6, seeds)
    frequency = np.geomspace(1e-2, 1e11, 131)
    omega = 2j * np.pi * frequency * VACUUM_PERMITTIVITY
    worst = 0.0
    for ratio in (1e-1, 1e-3, 1e-5):
        conduction = solve_polycrystal(bricks, 0.1, 0.1 * ratio, WIDTH)
        found = solve_polycrystal_impedance(conduction, 50, 30).at(frequency)
        exact = 30e-6 / (0.1 + 50 * omega) + 2 * WIDTH / (0.1 * ratio + 30 * omega)
        worst = max(worst, float(np.max(np.abs(found / exact - 1))))
    return Mark(
        "impedance of cubic grains at boundary ratios 1e-1 to 1e-5, 1e-2 to 1e11 Hz",
        f"off by {worst:.1e}",
        "1e-6",
        worst < 1e-6,
    )


def _direct() -> Mark:
    section = generate_polycrystal(
        (40, 40), "6 um", voxel_size="0.6 um", periodic=(True, False, False), seed=2
    )
    volume = generate_polycrystal(
        (10, 10, 10), "5 um", voxel_size="1 um", periodic=(True, True, False), seed=2
    )
    worst, told = 0.0, 0.0
    for polycrystal, boundaries in (
        (section, 1e-5),
        (section, 1e-7),
        (section, Lognormal("1e-5 S/m", 1.5)),
        (volume, 1e-5),
    ):
        axis = "y" if polycrystal.dimensions == 2 else "z"
        conduction = solve_polycrystal(polycrystal, 0.01, boundaries, WIDTH, axis=axis)
        found = solve_polycrystal_impedance(conduction, 50, 50)
        direct = DirectNetwork(conduction, 50, 50)
        for frequency in np.geomspace(found.rates.min() / 60, found.rates.max(), 5):
            exact = direct.impedance(frequency)
            worst = max(worst, float(abs(found.at(frequency)[0] / exact - 1)))
        told = max(told, found.error)
    return Mark(
        "the continued spectrum against a complex solution of the same network, four cases",
        f"off by {worst:.1e}, by its own word up to {told:.1e}",
        "1e-3, and no more than told",
        worst < 1e-3 and worst < told,
    )


def _readings() -> Iterator[Mark]:
    """What a brick layer reads off the arcs of random grains, over the truth."""
    polycrystal = generate_polycrystal(
        (48, 48, 48), "10 um", voxel_size="1 um", periodic=(True, True, False), seed=1
    )
    area = measure_grains(polycrystal)["boundary_area_per_volume"].to("1/m").value or 0.0
    ratios = (1e-2, 1e-3, 1e-4, 1e-5)
    bulk, geometric, by_apex, by_fit, began = [], [], [], [], perf_counter()
    for ratio in ratios:
        conduction = solve_polycrystal(polycrystal, 0.1, 0.1 * ratio, WIDTH)
        found = solve_polycrystal_impedance(conduction, 50)
        brick = BrickLayer.from_arcs(
            found.bulk_arc, found.boundary_arc, polycrystal.size[2], 3 / area, WIDTH
        )
        bulk.append(brick.grain_conductivity / 0.1)
        geometric.append(brick.boundary_conductivity / 0.1 / ratio)
        apex = found.result["boundary_apex_frequency"].value or np.nan
        by_apex.append(2 * np.pi * apex * 50 * VACUUM_PERMITTIVITY / 0.1 / ratio)
        record = found.record(geometric_area="1 cm2", thickness="1 mm")
        read = find_conductivity(record, circuit="p(R1,CPE1)-p(R2,CPE2)")
        by_fit.append((read["boundary_specific_conductivity"].value or np.nan) / 0.1 / ratio)
    took = perf_counter() - began
    shown = [" ".join(f"{one:.2f}" for one in some) for some in (bulk, geometric, by_apex, by_fit)]
    yield Mark(
        f"grain conductivity by the bulk arc of {polycrystal.count} random grains over the true "
        "one, at boundary ratios 1e-2 to 1e-5",
        f"{shown[0]} ({took:.0f} s)",
        "within 2 % down to 1e-4, within 15 % at 1e-5",
        all(abs(one - 1) < 0.02 for one in bulk[:3]) and abs(bulk[3] - 1) < 0.15,
    )
    yield Mark(
        "boundary conductivity by the brick layer with d = 3 / boundary area per volume",
        shown[1],
        "too high, the more so the more boundaries resist; within 10 % at 1e-2, 40 % at 1e-5",
        bool(np.all(np.diff(geometric) > 0)) and geometric[0] < 1.1 and geometric[3] < 1.4,
    )
    yield Mark(
        "boundary conductivity by the frequency of its arc's apex and the permittivity",
        shown[2],
        "within 20 %: grains take part in how boundaries relax",
        all(abs(one - 1) < 0.2 for one in by_apex),
    )
    yield Mark(
        "boundary conductivity by the ratio of capacitances, from a fit of two arcs p(R,CPE)",
        shown[3],
        "within 50 %: a constant phase element stands for detours that are not one",
        all(abs(one - 1) < 0.5 for one in by_fit),
    )


def _planes() -> Mark:
    flat, tilted = 0.0, 0.0
    for across, along in ((1, 0), (1, 1), (1, 2), (1, 3), (2, 1), (1, 4)):
        made, _, seen = tilted_planes(across, along, 48)
        found = solve_polycrystal(made, 1e-4, 1e6, 1e-3, along=1e3)
        flat = max(flat, abs((found.effective_conductivity - 1e-4) / seen - 1))
    for across, along, beside in ((1, 1, 1), (1, 2, 1), (1, 3, 1), (1, 2, 2)):
        made, _, seen = tilted_planes(across, along, 24, beside)
        found = solve_polycrystal(made, 1e-4, 1e6, 1e-3, along=1e3)
        tilted = max(tilted, abs((found.effective_conductivity - 1e-4) / seen - 1))
    return Mark(
        "strong sheets in planes tilted to the current: six about an axis, four in space",
        f"off by {100 * flat:.1f} % and {100 * tilted:.1f} %",
        "2 % and 3.5 %",
        flat < 0.02 and tilted < 0.035,
    )


def _lines() -> Mark:
    seeds = np.random.default_rng(1).uniform(0, 1, (40, 2))
    exact = conductance_of_lines(seeds, 1.0)
    errors = []
    for voxels in (48, 96, 192, 384):
        section = section_of_cells(seeds, 1.0, voxels)
        found = solve_polycrystal(section, 1e-6, 1e8, 1e-4, along=1e4)
        errors.append(found.effective_conductivity / exact - 1)
    shown = " ".join(f"{100 * one:+.1f}" for one in errors)
    return Mark(
        "40 cells that do not conduct, boundaries that do, against the exact network of lines, "
        "with 8, 15, 30 and 61 voxels across a cell",
        f"{shown} %",
        "within 8, 4, 2 and 1 %",
        all(abs(one) < most for one, most in zip(errors, (0.08, 0.04, 0.02, 0.01), strict=True)),
    )


def _weak() -> Mark:
    polycrystal = generate_polycrystal(
        (48, 48, 48), "12 um", voxel_size="1 um", periodic=(True, True, True), seed=3
    )
    added, expected = 0.0, 0.0
    for axis in "xyz":
        found = solve_polycrystal(polycrystal, 1.0, 1e6, WIDTH, along=5.0, axis=axis)
        added += found.effective_conductivity - 1
        leakage = measure_boundary_leakage(polycrystal, 5.0, WIDTH, axis=axis)
        expected += leakage["leakage_conductivity"].to("S/m").value or 0.0
    return Mark(
        "weak sheets of random grains over width x conductivity x area x (1 - n^2), three axes",
        f"{added / expected:.3f}",
        "1 within 3 %",
        abs(added / expected - 1) < 0.03,
    )


def _leakage() -> Mark:
    """Electrons: grains of 1e-9 S/cm, boundaries from as little to a million times as much."""
    polycrystal = generate_polycrystal(
        (64, 64, 64), "16 um", voxel_size="1 um", periodic=(True, True, False), seed=4
    )
    parts, shares = [], []
    for ratio in (1.0, 1e2, 1e4, 1e6):
        electronic = 1e-7 * ratio
        found = solve_polycrystal(polycrystal, 1e-7, electronic, WIDTH, along=electronic)
        leakage = measure_boundary_leakage(polycrystal, electronic, WIDTH)
        bound = 1e-7 + (leakage["leakage_conductivity"].to("S/m").value or 0.0)
        parts.append(found.effective_conductivity / bound)
        shares.append(found.along_share)
    shown = ", ".join(
        f"{part:.2f} ({100 * share:.2g} %)" for part, share in zip(parts, shares, strict=True)
    )
    return Mark(
        "electrons through grains of 1e-9 S/cm and along boundaries of 1, 1e2, 1e4, 1e6 times as "
        "much, over the bound of an even potential (share along boundaries)",
        shown,
        "0.85 to 1.05, share rising to above 99 %",
        all(0.85 < part < 1.05 for part in parts)
        and shares == sorted(shares)
        and shares[-1] > 0.99,
    )


if __name__ == "__main__":
    finish(marks())
