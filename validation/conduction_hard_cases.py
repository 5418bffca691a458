"""Voxel conduction where other solvers have trouble: against exact or dense solutions.

The dense reference is that of the tests (``tests/dense_conduction.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from tests.dense_conduction import effective_conductivity

from solith import Volume
from solith.transport import Conduction, solve_conduction, solve_conductivity_tensor
from validation.marks import Mark, finish

Labels = NDArray[np.int64]

BINARY = {0: 0.0, 1: 1.0}


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    yield _dead_ends()
    yield _throats()
    yield from _not_spanning()
    yield from _one_phase()
    yield from _slender()
    yield from _periodic()
    yield from _contrast()
    yield from _threshold()
    yield from _anisotropic()


def _near(what: str, found: Conduction, exact: float, most: float) -> Mark:
    error = abs(found.effective_conductivity / exact - 1)
    return Mark(
        what,
        f"off by {error:.1e}, {found.iterations} iterations, spread {found.flux_balance:.1e}",
        f"at most {most:g}, spread at most 1e-4",
        error <= most and found.flux_balance <= 1e-4,
    )


def _none(what: str, found: Conduction) -> Mark:
    return Mark(
        what,
        f"{found.effective_conductivity:g} S/m, flag: {'; '.join(found.flags) or 'none'}",
        "zero with a flag",
        found.effective_conductivity == 0 and bool(found.flags),
    )


def _dead_ends() -> Mark:
    """A straight pore with long blind branches: they carry nothing."""
    labels = np.zeros((30, 30, 60), np.int64)
    labels[15, 15] = 1
    labels[2:15, 15, 2::4] = 1
    labels[2, 3:15, 2::8] = 1
    return _near("a straight pore with blind branches", _solved(labels), 1 / 900, 1e-6)


def _throats() -> Mark:
    """Cubes of 8 voxels joined by throats of one voxel, beside the dense solution of one period."""
    cell = np.zeros((10, 10, 10), np.int64)
    cell[1:9, 1:9, 1:9] = 1
    cell[5, 5] = 1
    exact = effective_conductivity(cell, BINARY, 2, "periodic")
    found = solve_conduction(np.tile(cell, (5, 5, 5)), BINARY, "z", "periodic")
    return _near("125 cubes joined by throats of a single voxel", found, exact, 1e-5)


def _not_spanning() -> Iterator[Mark]:
    halves = np.ones((40, 40, 40), np.int64)
    halves[:, :, 20] = 0
    yield _none("two halves apart by one layer", _solved(halves))
    yield _none("the same, periodic", solve_conduction(halves, BINARY, "z", "periodic"))
    edges = np.indices((24, 24, 24)).sum(axis=0) % 2
    yield _none("voxels that touch at edges only", _solved(edges))
    random = (np.random.default_rng(2).random((64, 64, 64)) < 0.25).astype(int)
    yield _none("random voxels, 25 %, below the percolation threshold of 31 %", _solved(random))


def _one_phase() -> Iterator[Mark]:
    yield _near("one phase that conducts", _solved(np.ones((33, 20, 47), int)), 1.0, 1e-6)
    yield _none("one phase that does not", _solved(np.zeros((33, 20, 47), int)))


def _slender() -> Iterator[Mark]:
    """Layers across the axis: their series is exact, whatever the sides are."""
    for shape in ((1, 1, 997), (2, 300, 300), (101, 103, 7), (1, 997, 3), (13, 1, 499)):
        for axis in range(3):
            layers = (np.arange(shape[axis]) * 7 // 5) % 3
            profile = layers.reshape([-1 if d == axis else 1 for d in range(3)])
            labels = np.broadcast_to(profile, shape)
            conductivity = {0: 1.0, 1: 30.0, 2: 4.0}
            exact = 1 / np.mean([1 / conductivity[int(layer)] for layer in layers])
            found = solve_conduction(labels, conductivity, axis)
            what = f"layers in series, {' x '.join(map(str, shape))}, along {'xyz'[axis]}"
            yield _near(what, found, float(exact), 1e-5)


def _periodic() -> Iterator[Mark]:
    labels = _blobs((48, 40, 44))
    table = {0: 0.01, 1: 1.0}
    tensor = solve_conductivity_tensor(labels, table).tensor
    moved = np.roll(labels, (17, 5, 31), (0, 1, 2))
    shifted = solve_conductivity_tensor(moved, table).tensor
    skew = float(np.abs(tensor - tensor.T).max() / tensor.max())
    change = float(np.abs(tensor - shifted).max() / tensor.max())
    yield Mark(
        "a periodic volume: tensor against its transpose, and shifted",
        f"skew by {skew:.1e}, changed by {change:.1e}",
        "both at most 1e-5",
        max(skew, change) <= 1e-5,
    )
    slanted = np.zeros((12, 12, 3), np.int64)
    x, z, _ = np.indices(slanted.shape)
    slanted[((x + z) % 12 < 2)] = 1
    exact = effective_conductivity(slanted, BINARY, 0, "periodic")
    found = solve_conduction(slanted, BINARY, "x", "periodic")
    yield _near("a strand that spans only through the seams of the period", found, exact, 1e-5)


def _contrast() -> Iterator[Mark]:
    small = (np.random.default_rng(1).random((8, 9, 10)) < 0.4).astype(int)
    for contrast in (1e6, 1e9):
        for name, table in (("the rest", {0: 1 / contrast, 1: 1.0}), ("grains", {0: 1, 1: 1e6})):
            exact = effective_conductivity(small, table, 2, "dirichlet")
            found = solve_conduction(small, table)
            yield _near(f"random voxels, {name} at contrast {contrast:.0e}", found, exact, 1e-4)
    labels = _blobs((64, 64, 64), 0.4)
    void = _solved(labels).effective_conductivity
    for contrast in (1e6, 1e9):
        found = solve_conduction(labels, {0: 1 / contrast, 1: 1.0})
        what = f"blobs at contrast {contrast:.0e} against those in a void"
        yield _near(what, found, void, 1e-3 if contrast < 1e7 else 1e-5)


def _threshold() -> Iterator[Mark]:
    """Random voxels just above the threshold of 0.3116: tortuous paths, weak links."""
    generator = np.random.default_rng(3)
    small = (generator.random((10, 10, 10)) < 0.36).astype(int)
    exact = effective_conductivity(small, BINARY, 2, "dirichlet")
    yield _near("random voxels, 36 %, beside the dense solution", _solved(small), exact, 1e-5)
    large = (generator.random((96, 96, 96)) < 0.32).astype(np.uint8)
    loose, tight = _solved(large), solve_conduction(large, BINARY, tolerance=1e-9)
    what = "random voxels, 32 %, 96^3: tolerance 1e-6 against 1e-9"
    yield _near(what, loose, tight.effective_conductivity, 1e-4)


def _anisotropic() -> Iterator[Mark]:
    labels = np.random.default_rng(5).integers(0, 3, (7, 8, 6))
    table: Mapping[int, float] = {0: 0.0, 1: 1.0, 2: 20.0}
    for size in ((1.0, 1.0, 10.0), (10.0, 1.0, 1.0), (1.0, 0.1, 10.0)):
        for axis in range(3):
            exact = effective_conductivity(labels, table, axis, "dirichlet", size)
            found = solve_conduction(Volume(labels, voxel_size=size), dict(table), axis)
            what = f"voxels of {':'.join(f'{h:g}' for h in size)}, along {'xyz'[axis]}"
            yield _near(what, found, exact, 1e-5)
    thick = Volume(_blobs((64, 64, 64)), voxel_size=(1.0, 1.0, 10.0))
    found = solve_conduction(thick, {0: 1e-3, 1: 1.0}, "x")
    again = solve_conduction(thick, {0: 1e-3, 1: 1.0}, "x", tolerance=1e-9)
    what = "blobs in voxels of 1:1:10, 64^3: tolerance 1e-6 against 1e-9"
    yield _near(what, found, again.effective_conductivity, 1e-5)


def _solved(labels: NDArray[np.generic]) -> Conduction:
    return solve_conduction(labels, BINARY, "z")


def _blobs(shape: tuple[int, int, int], part: float = 0.5) -> Labels:
    from scipy.ndimage import gaussian_filter

    field = gaussian_filter(np.random.default_rng(0).standard_normal(shape), 3, mode="wrap")
    return (field < np.quantile(field, part)).astype(np.int64)


if __name__ == "__main__":
    finish(marks())
