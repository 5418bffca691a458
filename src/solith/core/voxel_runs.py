"""Which voxels hang together through their faces: runs along the last axis, united."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core import _run_kernels
from solith.core.threads import share_out

__all__ = ["VoxelRuns", "unite_voxels"]

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class VoxelRuns:
    """Runs of voxels that pass into each other along the last axis, united where they touch.

    Row r of voxels has the runs ``offsets[r]`` to ``offsets[r + 1]``, each of the voxels from
    ``starts`` to before ``stops``; ``parents`` lead to the run that stands for a cluster.
    """

    codes: Array
    passes: tuple[Array, ...]
    offsets: Array
    starts: Array
    stops: Array
    parents: Array

    @property
    def table(self) -> tuple[Array, Array, Array, Array]:
        """The arrays in the order that kernels take them."""
        return self.offsets, self.starts, self.stops, self.parents

    def unite_seam(self, direction: int) -> None:
        """Unites what touches where the ``direction`` is periodic."""
        ni, nj, _ = self.codes.shape
        if direction == 2:
            _run_kernels.unite_seam(self.codes, self.passes[2], *self.table)
        elif direction == 1 and nj > 1:
            _run_kernels.unite_runs(self.codes, self.passes[1].T, *self.table, 0, nj - 1)
        elif direction == 0 and ni > 1:
            _run_kernels.unite_runs(self.codes, self.passes[0].T, *self.table, ni - 1, 0)

    def touch_ends(self, at_first: Array, at_last: Array, axis: int) -> Array:
        """Marks of clusters at their roots: 1 joined to the first end, 2 to the last, 3 to both.

        ``at_first`` and ``at_last`` say which codes the ends are joined to.
        """
        marks = np.zeros(len(self.parents), np.uint8)
        _run_kernels.touch_ends(self.codes, *self.table, marks, at_first, at_last, axis)
        return marks

    def wind_round(self, axis: int) -> Array:
        """Unites through the seam of a period; by run, 3 at the root of what winds round it."""
        marks = np.zeros(len(self.parents), np.uint8)
        turns = np.zeros(len(self.parents), np.int32)
        _run_kernels.close_period(self.codes, self.passes[axis], *self.table, turns, marks, axis)
        _run_kernels.hand_to_roots(self.parents, marks)
        return marks


def unite_voxels(codes: Array, conducts: Array, passes: tuple[Array, ...]) -> VoxelRuns:
    """Unites the voxels that pass into each other through their faces.

    ``conducts`` says which ``codes`` do at all, ``passes[d]`` by two codes whether a face in
    direction d does. Memory is taken for runs only (union-find with path halving).
    """
    ni, nj, nk = codes.shape
    counts = np.zeros(ni * nj, np.int64)
    share_out(_run_kernels.count_runs, ni * nj, codes.size, codes, conducts, passes[2], counts)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    kind = np.int32 if offsets[-1] < 2**31 else np.int64
    place = np.int32 if nk >= 2**16 - 1 else np.uint16
    starts, stops = np.zeros(offsets[-1], place), np.zeros(offsets[-1], place)
    share_out(
        _run_kernels.find_runs,
        ni * nj,
        codes.size,
        codes,
        conducts,
        passes[2],
        offsets,
        starts,
        stops,
    )
    runs = VoxelRuns(codes, passes, offsets, starts, stops, np.arange(offsets[-1], dtype=kind))
    _run_kernels.unite_runs(codes, passes[0], *runs.table, 1, 0)
    _run_kernels.unite_runs(codes, passes[1], *runs.table, 0, 1)
    return runs
