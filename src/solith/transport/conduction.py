"""Steady conduction through a voxel volume."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError, UnknownNameError
from solith.core.progress import SILENT, Progress
from solith.core.result import Result, Value
from solith.core.threads import share_out
from solith.core.volume import AXES, GreyVolume, Volume, axis_number
from solith.transport import _current_kernels
from solith.transport._codes import code_volume, order_of_axes
from solith.transport._contrast import Resolved, solve_resolved
from solith.transport._network import Solution, solve_network, tolerance_of, unbalanced
from solith.transport._phase_tables import (
    FaceTables,
    conductivities_of,
    face_tables,
    resistances_of,
)
from solith.transport._stairs import find_stairs

__all__ = ["BOUNDARIES", "Conduction", "solve_conduction"]

Array = NDArray[Any]

BOUNDARIES = ("dirichlet", "periodic", "periodic-sides")


@dataclass(frozen=True, eq=False, repr=False)
class Conduction:
    """How a volume conducts along one axis.

    * ``effective_conductivity`` [S/m]: of a homogeneous medium of the same resistance.
    * ``tortuosity_factor``: the mean of the conductivities over the effective one; for a single
      conducting phase, fraction x conductivity / effective conductivity, the flux tortuosity
      factor. Infinite where nothing spans.
    * ``residual``: the norm of what currents do not balance, over that without any voltage.
    * ``flux_balance``: the spread (highest less lowest) of the current through all planes across
      the axis, over its mean.
    * ``spanning_fraction``: part of the conducting voxels that are joined to both ends.
    * ``flags``: what makes a value doubtful or zero.
    """

    volume: Volume
    axis: int
    boundary: str
    effective_conductivity: float
    tortuosity_factor: float
    residual: float
    flux_balance: float
    iterations: int
    spanning_fraction: float
    flags: tuple[str, ...]
    solution: Solution
    codes: Array
    tables: FaceTables
    order: tuple[int, int, int]

    @cached_property
    def potential(self) -> Array:
        """The potential by voxel [V], for a drop of 1 V along the axis; NaN where none spans."""
        return self.solution.voltage.transpose(np.argsort(self.order))

    @cached_property
    def current_density(self) -> Array:
        """Current density in the middle of every voxel [A/m2], shape (3, x, y, z), for 1 V.

        The mean of those through the two faces of a voxel across each axis; zero where nothing
        spans. Takes 12 bytes a voxel.
        """
        found = np.zeros((3, *self.codes.shape), np.float32)
        periodic = _periodic(self.boundary, self.axis)
        size = self.volume.voxel_size
        for place, d in enumerate(self.order):
            per_area = self.tables.scale * size[d] / np.prod(size)
            step = [int(place == other) for other in range(3)]
            share_out(
                _current_kernels.current_density,
                self.codes.shape[0],
                self.codes.size,
                self.codes,
                self.solution.voltage,
                self.tables.between[d],
                self.tables.first[d] * (d == self.axis),
                self.tables.last[d] * (d == self.axis),
                periodic[d],
                float(d == self.axis),
                *step,
                per_area,
                found[d],
            )
        return found.transpose(0, *(1 + np.argsort(self.order)))

    @property
    def result(self) -> Result:
        """The values as a result that prints itself and goes into a report."""
        told = partial(Value, method=f"steady conduction on voxels, {self.boundary}")
        tortuosity = self.tortuosity_factor if math.isfinite(self.tortuosity_factor) else None
        return Result(
            f"conduction along {AXES[self.axis]}",
            (
                told(
                    "effective_conductivity", self.effective_conductivity, "S/m", flags=self.flags
                ),
                told("tortuosity_flux", tortuosity, flags=self.flags),
                told("connected_fraction", self.spanning_fraction),
            ),
            {
                "residual": self.residual,
                "flux_balance": self.flux_balance,
                "iterations": self.iterations,
            },
        )

    def __repr__(self) -> str:
        return str(self.result)

    def _repr_html_(self) -> str:
        return self.result._repr_html_()


def solve_conduction(
    volume: Volume | ArrayLike,
    conductivity: Mapping[Any, Any],
    axis: str | int = "z",
    boundary: str = "dirichlet",
    face_resistance: Mapping[tuple[Any, Any], Any] | None = None,
    tolerance: float = 1e-6,
    *,
    progress: Progress = SILENT,
) -> Conduction:
    """Steady conduction div(s grad V) = 0 through a volume along ``axis``.

    ``volume`` is a :class:`solith.Volume`, or an array of labels, whose voxels then have the size
    1 m. ``conductivity`` gives that of every phase that is present, by name or label [S/m or text
    with unit], zero included. ``face_resistance`` gives the resistance of the faces between two
    phases, as of a contact or a coating ({("active", "electrolyte"): "5 ohm cm2"}; ``inf``
    blocks), per contact area [ohm m2]: that of the surface itself, as :func:`measure_contact` gives
    it, not of the voxels' stairs, which are up to 1.7 times as large (``_stair_law.py``).

    ``boundary``: ``"dirichlet"``: 1 V and 0 V on the outer faces of the first and last voxels,
    insulating sides; ``"periodic-sides"``: the same with periodic sides; ``"periodic"``: periodic
    in all directions, with a drop of 1 V over the volume.

    Finite volumes: a face conducts as its two half voxels and its resistance in series. Solved by
    conjugate gradients with multigrid, until the residual, relative to that without any voltage,
    is ``tolerance``. Where islands of very good conductors keep it from that, they are taken as
    1000 (or 300) times as good as the next best phase, if that changes the current by less than
    1 %, and a flag tells. What the voxels themselves do wrong (stairs for slopes, necks of few
    voxels) is larger than the tolerance: compare two voxel sizes.

    Raises :class:`InputError` for unknown phases, a wrong axis or boundary, and
    :class:`ConvergenceError` where the tolerance is not reached.
    """
    given = volume if isinstance(volume, Volume) else _labelled(volume, conductivity)
    along = axis_number(axis)
    if boundary not in BOUNDARIES:
        raise UnknownNameError.among("boundary", str(boundary), BOUNDARIES)
    tolerance = tolerance_of(tolerance)
    by_label = conductivities_of(given, conductivity)
    resistances = resistances_of(given, face_resistance)
    codes_of = _codes(by_label, resistances)
    order = order_of_axes(given.labels, given.voxel_size)
    codes = code_volume(given, codes_of, order)
    by_code, tables_of = _tables(given, by_label, resistances, codes_of, codes, order)
    counts = _counts(codes, len(by_code))
    conducting = int(counts[:-1].sum())
    i, j, k = (_periodic(boundary, along)[d] for d in order)
    place = order.index(along)

    def solve(tables: FaceTables) -> Solution:
        return solve_network(codes, tables.in_order(order), place, (i, j, k), tolerance, progress)

    resolved = solve_resolved(by_code, tables_of, solve, place)
    mean = float(counts @ by_code) / codes.size
    return _conduction(given, along, boundary, mean, conducting, resolved, codes, order)


def _labelled(labels: ArrayLike, conductivity: Any) -> Volume:
    """Plain labels as a volume; those that have a conductivity may be absent from the array."""
    if isinstance(labels, GreyVolume):
        raise InputError("grey values have no phases: segment_phases turns them into a Volume")
    volume = Volume(labels)
    known = conductivity if isinstance(conductivity, Mapping) else {}
    also = {label for label in known if isinstance(label, (int, np.integer))}
    also |= set(volume.phases.values())
    return Volume(labels, {str(label): int(label) for label in sorted(also)})


def _conduction(
    volume: Volume,
    axis: int,
    boundary: str,
    mean: float,
    conducting: int,
    resolved: Resolved,
    codes: Array,
    order: tuple[int, int, int],
) -> Conduction:
    solution = resolved.solution
    planes = solution.planes[order.index(axis)]
    current = float(planes.mean())
    size = volume.size
    effective = current * size[axis] ** 2 / float(np.prod(size))
    flags = []
    if conducting == 0:
        flags.append("no phase conducts")
    elif solution.spanning == 0:
        what = "period" if boundary == "periodic" else "volume"
        flags.append(f"what conducts does not span the {what} along {AXES[axis]}")
    if flags:
        effective, balance = 0.0, 0.0
    else:
        balance = float(np.ptp(planes)) / current
        flags = [*resolved.flags, *unbalanced(balance)]
    return Conduction(
        volume=volume,
        axis=axis,
        boundary=boundary,
        effective_conductivity=effective,
        tortuosity_factor=mean / effective if effective > 0 else math.inf,
        residual=solution.residual,
        flux_balance=balance,
        iterations=solution.iterations,
        spanning_fraction=solution.spanning / conducting if conducting else 0.0,
        flags=tuple(flags),
        solution=solution,
        codes=codes,
        tables=resolved.tables,
        order=order,
    )


def _codes(
    conductivity: Mapping[int, float], resistances: Mapping[tuple[int, int], float]
) -> dict[int, int]:
    """A code for every kind of voxel, the last one for those that do not conduct."""
    kinds: dict[Any, int] = {}
    with_faces = {label for pair in resistances for label in pair}
    for label, value in conductivity.items():
        if value > 0:
            kinds.setdefault((value, label if label in with_faces else None), len(kinds))
    empty = len(kinds)
    return {
        label: kinds[value, label if label in with_faces else None] if value > 0 else empty
        for label, value in conductivity.items()
    }


def _tables(
    volume: Volume,
    conductivity: Mapping[int, float],
    resistances: Mapping[tuple[int, int], float],
    codes_of: Mapping[int, int],
    codes: Array,
    order: tuple[int, int, int],
) -> tuple[Array, Callable[[Array], FaceTables]]:
    """Conductivities by code, and what makes the tables of these or of others."""
    conducting = {label: code for label, code in codes_of.items() if conductivity[label] > 0}
    number = 1 + len(set(conducting.values()))
    by_code, across = np.zeros(number), np.zeros((number, number))
    for label, code in conducting.items():
        by_code[code] = conductivity[label]
    between = {pair: r for pair, r in resistances.items() if conducting.keys() >= set(pair)}
    for (one, other), resistance in between.items():
        across[conducting[one], conducting[other]] = resistance
    resisting = [pair for pair, resistance in between.items() if 0 < resistance < math.inf]
    stairs = find_stairs(volume, codes, order, conducting, resisting, number)
    ends = np.ones(number, bool)

    def tables_of(conductivities: Array) -> FaceTables:
        return face_tables(conductivities, across, volume.voxel_size, stairs, ends, ends)

    return by_code, tables_of


def _periodic(boundary: str, axis: int) -> tuple[bool, bool, bool]:
    x, y, z = (
        boundary == "periodic" or (boundary == "periodic-sides" and d != axis) for d in range(3)
    )
    return x, y, z


def _counts(codes: Array, number: int) -> Array:
    counts = np.zeros(number, np.int64)
    for part in codes:
        counts += np.bincount(part.ravel(), minlength=number)
    return counts
