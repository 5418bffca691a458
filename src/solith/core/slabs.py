"""A volume cut into slabs across the axis along which its memory steps farthest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.progress import Progress
from solith.core.volume import Volume

__all__ = ["Slabs"]

_FEWEST = 16
_THICKEST = 16


@dataclass(frozen=True, eq=False)
class Slabs:
    """The slabs of a volume: ``labels`` with the axes in ``order``, ``spacing`` [m] of these.

    ``progress`` hears of every slab that is done, from whichever thread.
    """

    labels: NDArray[Any]
    order: tuple[int, ...]
    spacing: NDArray[np.float64]
    thickness: int
    progress: Progress
    _done: Iterator[int] = field(default_factory=lambda: count(1), repr=False)

    @classmethod
    def of(cls, volume: Volume, progress: Progress) -> Slabs:
        """The slabs of a volume, at least 16 where it has as many layers, up to 16 layers thick."""
        steps = [-abs(step) for step in volume.labels.strides]
        order = tuple(int(d) for d in np.argsort(steps, kind="stable"))
        labels = volume.labels.transpose(order)
        spacing = np.array([volume.voxel_size[d] for d in order])
        return cls(labels, order, spacing, _thickness(labels.shape[0]), progress)

    def __len__(self) -> int:
        layers: int = self.labels.shape[0]
        return -(-layers // self.thickness)

    def bounds(self, slab: int) -> tuple[int, int]:
        """First layer of a slab, and the one after its last."""
        start = slab * self.thickness
        return start, min(start + self.thickness, self.labels.shape[0])

    def codes(
        self, slab: int, phases: tuple[int, ...], before: int, behind: int, beyond: int
    ) -> NDArray[np.uint8]:
        """A slab with a margin on all sides: 1, 2, ... for the phases, 0 for all others.

        What of the margin lies outside the volume is ``beyond``.
        """
        start, stop = self.bounds(slab)
        low, high = max(start - before, 0), min(stop + behind, self.labels.shape[0])
        part = self.labels[low:high]
        shape = (stop - start + before + behind, *(n + before + behind for n in part.shape[1:]))
        codes = np.full(shape, beyond, np.uint8)
        inside = codes[low - start + before :][: high - low, before:-behind, before:-behind]
        inside[:] = 0
        for code, phase in enumerate(phases, 1):
            inside[part == phase] = code
        return codes

    def tell(self, what: str) -> None:
        """One more slab is done."""
        self.progress.report(next(self._done) / len(self), what)


def _thickness(layers: int) -> int:
    return max(1, min(_THICKEST, layers // _FEWEST))
