"""What the generators share: the grid that particles are drawn on, and the fraction they meet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import ConvergenceError, InputError
from solith.core.threads import share_out
from solith.core.volume import voxel_size_of
from solith.structure._drawing_kernels import draw_ellipsoids
from solith.structure._given import whole_numbers

__all__ = ["Grid", "draw_spheres", "meet_fraction"]

_CLOSE = 2e-4
_REQUIRED = 5e-3
_TRIES = 14


@dataclass(frozen=True)
class Grid:
    """Voxels of a structure that is made unstretched and repeats after ``period`` voxels.

    ``voxel_size`` is that of the volume [m], ``spacing`` that before stretching.
    """

    shape: tuple[int, int, int]
    voxel_size: tuple[float, float, float]
    spacing: tuple[float, float, float]
    period: tuple[int, int, int]

    @classmethod
    def of(
        cls,
        shape: Sequence[int],
        voxel_size: Any,
        stretch: Sequence[float] = (1.0, 1.0, 1.0),
        *,
        periodic: bool = True,
        margin: float = 0.0,
    ) -> Grid:
        """The grid, which repeats at its sides or ``margin`` [m] behind them.

        :class:`InputError` for a shape, voxel size or stretch that is none.
        """
        sides = whole_numbers(shape, "voxels", "shape")
        if len(sides) != 3:
            raise InputError(f"{shape!r} is not three numbers of voxels", where="shape")
        x, y, z = sides
        sizes = voxel_size_of(voxel_size, sides)
        try:
            a, b, c = (float(one) for one in stretch)
        except (TypeError, ValueError):
            a = b = c = 0.0
        if not all(0.05 <= one <= 20 for one in (a, b, c)):
            raise InputError(
                f"{stretch!r} is not three factors from 0.05 to 20, for x, y and z", where="stretch"
            )
        spacing = sizes[0] / a, sizes[1] / b, sizes[2] / c
        more = [0 if periodic else int(np.ceil(margin / step)) for step in spacing]
        return cls((x, y, z), sizes, spacing, (x + more[0], y + more[1], z + more[2]))

    @property
    def box(self) -> NDArray[np.float64]:
        """The sides of the unstretched box after which the structure repeats [m]."""
        return np.array([n * step for n, step in zip(self.period, self.spacing, strict=True)])


def draw_spheres(
    labels: NDArray[np.uint8],
    grid: Grid,
    centres: NDArray[np.float64],
    radii: NDArray[np.float64],
    label: int,
    *,
    onto: int = -1,
    coating: float = 0.0,
) -> None:
    """Draw spheres [m, unstretched], grown by ``coating`` [m], on all voxels or those ``onto``."""
    spacing, sizes = np.array(grid.spacing), np.array(grid.voxel_size)
    axes = radii[:, np.newaxis] / spacing + coating / sizes
    period = np.array(grid.period, np.int64)
    share_out(
        draw_ellipsoids,
        labels.shape[0],
        labels.size,
        labels,
        label,
        onto,
        centres / spacing,
        axes,
        period,
    )


def meet_fraction(
    labels: NDArray[np.uint8],
    draw: Callable[[float], None],
    fraction: float,
    low: float,
    start: float,
    high: float,
) -> None:
    """Draw at the size between ``low`` and ``high`` where a ``fraction`` of voxels is labelled.

    ``draw(size)`` fills more voxels of the empty ``labels`` the larger the size. What voxels allow
    is met to 2 in 10,000; :class:`ConvergenceError` where 0.5 % is out of reach.
    """
    wanted = fraction * labels.size
    best = size = start
    nearest = float("inf")
    before: tuple[float, float] | None = None
    for _ in range(_TRIES):
        labels[...] = 0
        draw(size)
        miss = float(np.count_nonzero(labels) - wanted)
        if abs(miss) < nearest:
            nearest, best = abs(miss), size
        if nearest <= max(_CLOSE * wanted, 0.5):
            return
        low, high = (size, high) if miss < 0 else (low, size)
        if before is None or miss == before[1]:
            guess = size * (wanted / max(miss + wanted, 1)) ** (1 / 3)
        else:
            guess = size - miss * (size - before[0]) / (miss - before[1])
        before = size, miss
        size = guess if low < guess < high else (low + high) / 2
    if nearest > max(_REQUIRED * wanted, 0.5):
        raise ConvergenceError(
            f"a fraction of {fraction:.4g} is met within {nearest / wanted:.1%} only, with "
            f"{' x '.join(map(str, labels.shape))} voxels: take a larger volume, smaller voxels or "
            "other particles"
        )
    labels[...] = 0
    draw(best)
