"""A polycrystal with its layers as rows of voxels between two electrodes.

The faces between two grains, and those next to them, resist as ``_stair_law.py`` tells, with the
boundary's true normal and r = boundary width / boundary conductivity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.polycrystal import Polycrystal
from solith.core.quantities import to_si
from solith.core.threads import share_out
from solith.transport import _polycrystal_kernels as kernels
from solith.transport._boundary_kernels import find_pairs
from solith.transport._boundary_sheets import HALF_STRONG, Sheets, sheets_of
from solith.transport._codes import order_of_axes
from solith.transport._faces import Faces, no_faces, split_last_face
from solith.transport._polycrystal_inputs import (
    boundary_conductivities,
    covered_area,
)
from solith.transport._polycrystal_spanning import keep_joined
from solith.transport._sheet_kernels import add_sheets, sheet_currents
from solith.transport.polycrystal_layers import Layer

__all__ = ["Boundaries", "Stack", "boundaries_of", "stack_of"]

Array = NDArray[Any]

_LEVEL = 1e-6
"""A boundary of less |n|_1 - 1 lies along the voxels."""


@dataclass(frozen=True, eq=False)
class Boundaries:
    """The pairs of grains that touch: grain a has the neighbours ``others`` from its offset.

    ``resistances`` [ohm m2] by pair, infinite where nothing passes; ``normals`` the size of the
    unit normal's components along x, y and z; ``width`` [m] is that of all; ``sheets``: what they
    conduct along themselves, if anything.
    """

    offsets: Array
    others: Array
    resistances: Array
    normals: Array
    width: float
    sheets: Sheets | None = None


@dataclass(frozen=True, eq=False)
class Stack:
    """Rows of voxels between the electrodes; axes in the ``order`` of the loops.

    ``axis`` is the place in that order of the direction from electrode to electrode; the other
    names are those of :mod:`solith.transport._polycrystal_kernels`.
    """

    grains: Array
    order: tuple[int, int, int]
    axis: int
    periodic: tuple[bool, bool, bool]
    widths: Array
    rows: Array
    heights: Array
    maps: Array
    begin: int
    half: Array
    boundaries: Boundaries
    contacts: Array
    touched: Array

    @property
    def upon(self) -> Array:
        """By boundary, the resistance [ohm m2] of a voxel face: r |n|_1."""
        return np.asarray(self.boundaries.resistances * self.boundaries.normals.sum(axis=1))

    @property
    def stairs(self) -> Array:
        """The same, but zero where a boundary lies along the voxels and has no stairs."""
        tilted = self.boundaries.normals.sum(axis=1) > 1 + _LEVEL
        return np.where(tilted, self.upon, 0.0)

    @property
    def cells(self) -> tuple[int, int, int]:
        """Voxels in the order of the loops, layers included."""
        shape = list(self.grains.shape)
        shape[self.axis] = len(self.rows)
        i, j, k = shape
        return i, j, k

    @property
    def ceramic(self) -> slice:
        """Rows of the polycrystal."""
        return slice(self.begin, self.begin + self.grains.shape[self.axis])

    @property
    def area(self) -> float:
        """Of the cross-section [m2]."""
        shape = np.delete(self.grains.shape, self.axis)
        return float(np.prod(shape * np.delete(self.widths, self.axis)))

    @property
    def has_gaps(self) -> bool:
        """Whether any face may not conduct."""
        return bool(
            np.isinf(self.half[:-1]).any()
            or np.isinf(self.boundaries.resistances).any()
            or not self.touched.all()
            or min(int(part.min()) for part in self.grains) < 0
        )

    def faces(self, scale: float) -> tuple[Faces, Array, int]:
        """All conductances over ``scale``; which voxels carry none (1); how many do."""
        return self.joined(self.filled(scale))

    def filled(self, scale: float) -> tuple[Array, Array, Array]:
        """The conductances over ``scale`` of the faces in each direction."""
        cells = self.cells
        along = []
        for d in range(3):
            part = no_faces(cells, d)
            share_out(
                kernels.fill,
                cells[0],
                int(np.prod(cells)),
                *self._arguments,
                d,
                self.periodic[d],
                scale,
                part,
            )
            if self.along_sheets is not None:
                part += self.along_sheets[d] / np.float32(scale)
            along.append(part)
        return along[0], along[1], along[2]

    @cached_property
    def along_sheets(self) -> tuple[Array, Array, Array] | None:
        """What boundaries that conduct along themselves add to the faces [S]; None without any."""
        sheets = self.boundaries.sheets
        if sheets is None:
            return None
        i, j, k = (no_faces(self.cells, d) for d in range(3))
        height = self.grains.shape[self.axis]
        add_sheets(
            self.grains,
            self.boundaries.offsets,
            self.boundaries.others,
            sheets.conductances,
            sheets.normals[:, self.order],
            self.half,
            self.widths,
            self.axis,
            self.begin,
            np.array(self.periodic),
            np.array([self.begin == 0, self.begin + height == len(self.rows)]),
            self.touched,
            HALF_STRONG,
            i,
            j,
            k,
        )
        return i, j, k

    def joined(self, three: tuple[Array, Array, Array]) -> tuple[Faces, Array, int]:
        """What :meth:`faces` gives, from conductances that are changed in place."""
        cells = self.cells
        if self.has_gaps:
            dropped, kept = keep_joined(three, cells, self.periodic, self.axis)
        else:
            dropped = np.broadcast_to(np.uint8(0), cells)
            kept = dropped.size
        for d, part in enumerate(three):
            split_last_face(np.moveaxis(part, d, 0), cells[d], self.periodic[d])
        return Faces(three, cells, self.periodic), dropped, kept

    def account(self, voltage: Array) -> tuple[Array, Array]:
        """Power by part [W] (see the kernels) and current through every plane [A], for 1 V."""
        rows = self.cells[0]
        sums = share_out(
            kernels.account,
            rows,
            voltage.size,
            *self._arguments,
            np.array(self.periodic),
            voltage,
        )
        parts = kernels.LAYERS + len(self.maps)
        return sums[:parts], sums[parts:]

    def account_sheets(self, voltage: Array) -> tuple[float, Array]:
        """Power along boundaries [W] and their current through every plane [A], for 1 V."""
        if self.along_sheets is None:
            return 0.0, np.zeros(len(self.rows) + 1)
        sums = share_out(
            sheet_currents,
            self.cells[0],
            voltage.size,
            voltage,
            *self.along_sheets,
            self.axis,
            np.array(self.periodic),
        )
        return float(sums[0]), sums[1:]

    def planes(self, voltage: Array, first: int, last: int) -> Array:
        """Current density [A/m2] through the planes of faces ``first`` to before ``last``, for 1 V.

        Shape (planes, lateral, lateral), the lateral directions in the order of x, y, z.
        """
        one, other = (n for d, n in enumerate(self.grains.shape) if d != self.axis)
        out = np.zeros((last - first, one, other))
        share_out(kernels.planes, one, out.size, *self._arguments, voltage, first, out)
        if self.along_sheets is not None:
            ends = np.ones((1, one, other)), np.zeros((1, one, other))
            levels = np.concatenate([ends[0], np.moveaxis(voltage, self.axis, 0), ends[1]])
            drops = np.nan_to_num(levels[first:last] - levels[first + 1 : last + 1])
            faces = np.moveaxis(self.along_sheets[self.axis], self.axis, 0)[first:last]
            out += faces[:, :one, :other] * drops * self.widths[self.axis] / np.prod(self.widths)
        return out.transpose(0, 2, 1) if self._turned else out

    def footprint(self, side: str) -> Array:
        """The grain behind every voxel of a face, lateral directions in the order of x, y, z."""
        plane: Array = np.take(self.grains, 0 if side == "first" else -1, self.axis)
        return plane.T if self._turned else plane

    @property
    def lateral(self) -> tuple[tuple[float, float], tuple[bool, bool]]:
        """Spacing [m] and periodicity of the lateral directions, in the order of x, y, z."""
        return _lateral(self.widths, self.periodic, self.axis, self._turned)

    @property
    def _turned(self) -> bool:
        one, other = (self.order[d] for d in range(3) if d != self.axis)
        return one > other

    @property
    def _arguments(self) -> tuple[Any, ...]:
        return (
            self.grains,
            self.rows,
            self.heights,
            self.maps,
            self.begin,
            self.axis,
            self.widths,
            self.half,
            self.boundaries.offsets,
            self.boundaries.others,
            self.upon,
            self.contacts,
            self.stairs,
            self.touched,
        )


def boundaries_of(
    polycrystal: Polycrystal,
    conductivity: Any,
    width: float,
    periodic: tuple[bool, bool, bool],
    along: Any = None,
) -> Boundaries:
    """The resistance and the true normal of every boundary; its conductivity ``along`` itself."""
    keys = np.sort(find_pairs(polycrystal.grains, *periodic))
    if not len(keys):
        raise InputError(
            "there is no boundary between grains; solve_conduction solves a volume without",
            where="polycrystal",
        )
    one, other = keys >> 32, keys & (2**32 - 1)
    conducts = boundary_conductivities(conductivity, one, other, polycrystal.count)
    normals, _ = polycrystal.boundary_directions(one, other)
    with np.errstate(divide="ignore"):
        resistances = width / conducts
    offsets = np.searchsorted(one, np.arange(polycrystal.count + 1))
    sheets = None if along is None else sheets_of(polycrystal, along, one, other, width)
    return Boundaries(offsets, other.astype(np.int32), resistances, normals, width, sheets)


def stack_of(
    polycrystal: Polycrystal,
    conductivities: Array,
    boundaries: Boundaries,
    layers: Sequence[Layer],
    contact: tuple[Any, Any],
    axis: int,
    periodic: tuple[bool, bool, bool],
) -> Stack:
    """Layers of one side lie upon each other as they are listed, from the ceramic outwards."""
    order = order_of_axes(polycrystal.grains, polycrystal.voxel_size)
    grains = polycrystal.grains.transpose(order)
    place = order.index(axis)
    widths = np.array([polycrystal.voxel_size[d] for d in order])
    wraps = tuple(periodic[d] and polycrystal.shape[d] > 1 for d in order)
    one, other = (d for k, d in enumerate(order) if k != place)
    turned = one > other
    spacing, round_ = _lateral(widths, wraps, place, turned)
    face = tuple(n for d, n in enumerate(polycrystal.shape) if d != axis)

    def area(given: Any, where: str) -> Array:
        mask = covered_area(given, face, spacing, round_, where)  # type: ignore[arg-type]
        return mask.T if turned else mask

    count = polycrystal.count
    first = [layer for layer in layers if layer.side in ("first", "both")]
    last = [layer for layer in layers if layer.side in ("last", "both")]
    placed = [*reversed(first), *last]
    rows, heights, maps, contacts = [], [], [], []
    with np.errstate(divide="ignore"):
        half = [0.5 / conductivities]
        for number, layer in enumerate(placed):
            thickness = to_si(layer.thickness, "m")
            n = max(1, round(thickness / widths[place]))
            rows.append(np.full(n, number, np.int32))
            heights.append(np.full(n, thickness / n))
            code = count + 2 * number
            maps.append(np.where(area(layer.coverage, "layers.coverage"), code, code + 1))
            between = to_si(layer.interface_resistance, "ohm m2")
            contacts += [between, between]
            whole = layer.coverage is None
            gap = layer.conductivity if whole else layer.gap_conductivity
            half.append(0.5 / np.array([to_si(way, "S/m") for way in (layer.conductivity, gap)]))
    rows.insert(len(first), np.full(grains.shape[place], -1, np.int32))
    heights.insert(len(first), np.full(grains.shape[place], widths[place]))
    shape = tuple(n for d, n in enumerate(grains.shape) if d != place)
    i, j, k = wraps
    return Stack(
        grains=grains,
        order=order,
        axis=place,
        periodic=(i, j, k),
        widths=widths,
        rows=np.concatenate(rows),
        heights=np.concatenate(heights),
        maps=np.array(maps, np.int32).reshape(len(placed), *shape),
        begin=sum(map(len, rows[: len(first)])),
        half=np.concatenate([*half, [np.inf]]),
        boundaries=boundaries,
        contacts=np.array(contacts, np.float64),
        touched=np.array([area(one, "contact") for one in contact]),
    )


def _lateral(
    widths: Array, periodic: Sequence[bool], axis: int, turned: bool
) -> tuple[tuple[float, float], tuple[bool, bool]]:
    one, other = (d for d in range(3) if d != axis)
    if turned:
        one, other = other, one
    return (float(widths[one]), float(widths[other])), (bool(periodic[one]), bool(periodic[other]))
