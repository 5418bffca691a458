"""A polycrystal with all that is needed to solve it, read and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, UnknownNameError
from solith.core.polycrystal import Polycrystal
from solith.core.progress import Progress
from solith.core.quantities import to_si
from solith.core.volume import AXES
from solith.transport._polycrystal_inputs import grain_conductivities
from solith.transport._polycrystal_stack import Boundaries, Stack, boundaries_of, stack_of
from solith.transport.polycrystal_layers import Layer

__all__ = ["Problem", "read_layers", "read_problem", "read_width"]

Array = NDArray[Any]

_SIDES = ("periodic", "insulating")
_WIDEST = 0.1
"""Of the mean grain: a boundary that is wider is no thin one."""


@dataclass(frozen=True, eq=False)
class Problem:
    """A polycrystal with all it takes to be solved, but for the layers."""

    polycrystal: Polycrystal
    axis: int
    periodic: tuple[bool, bool, bool]
    conductivities: Array
    voxels: Array
    boundaries: Boundaries
    contact: tuple[Any, Any]
    bias: float
    tolerance: float

    def stack(self, layers: Sequence[Layer]) -> Stack:
        """The polycrystal with ``layers`` between its electrodes."""
        return stack_of(
            self.polycrystal,
            self.conductivities,
            self.boundaries,
            layers,
            self.contact,
            self.axis,
            self.periodic,
        )

    @property
    def mean_conductivity(self) -> float:
        """Over the whole polycrystal, voids included [S/m]."""
        return float(self.voxels @ self.conductivities) / float(np.prod(self.polycrystal.shape))

    @property
    def flags(self) -> tuple[str, ...]:
        """What makes its solution doubtful."""
        offsets, others = self.boundaries.offsets, self.boundaries.others
        touched = np.diff(offsets) + np.bincount(others, minlength=self.polycrystal.count)
        return self.polycrystal.doubts + self.polycrystal.surrounded(touched)


def read_problem(
    polycrystal: Polycrystal,
    grain_conductivity: Any,
    boundary_conductivity: Any,
    boundary_width: Any,
    axis: int,
    bias: Any,
    boundary: str | None,
    contact: Any,
    tolerance: float,
    progress: Progress,
    along: Any = None,
) -> Problem:
    if not isinstance(polycrystal, Polycrystal):
        raise InputError(
            "expected a Polycrystal, as from solith.structure.generate_polycrystal, "
            f"not {type(polycrystal).__name__}",
            where="polycrystal",
        )
    if boundary is not None and boundary not in _SIDES:
        raise UnknownNameError.among("boundary", str(boundary), _SIDES)
    if not 1e-12 <= _quantity(tolerance, "", "tolerance") < 1:
        raise InputError(f"{tolerance!r} is not between 1e-12 and 1", where="tolerance")
    volts = _quantity(bias, "V", "bias")
    if volts <= 0:
        raise InputError(f"{bias!r} is not positive", where="bias")
    width = read_width(polycrystal, boundary_width)
    sides = [d for d in range(3) if d != axis]
    wraps = [
        d in sides and (boundary == "periodic" or (boundary is None and polycrystal.periodic[d]))
        for d in range(3)
    ]
    periodic = wraps[0], wraps[1], wraps[2]
    for d in range(3):
        if periodic[d] and not polycrystal.periodic[d]:
            raise InputError(
                f"the polycrystal's grains do not go on at the sides along {AXES[d]}",
                where="boundary",
            )
    progress.report(0.0, "finding boundaries")
    voxels = _voxels_of(polycrystal)
    conductivities = grain_conductivities(grain_conductivity, polycrystal.count)
    return Problem(
        polycrystal,
        axis,
        periodic,
        conductivities,
        voxels,
        boundaries_of(polycrystal, boundary_conductivity, width, periodic, along),
        _contacts(contact),
        volts,
        tolerance,
    )


def read_width(polycrystal: Polycrystal, given: Any) -> float:
    """The boundaries' width [m]; an error where it is no small part of the grains'."""
    width = _quantity(given, "m", "boundary_width")
    if width <= 0:
        raise InputError(f"{given!r} is not positive", where="boundary_width")
    grain = polycrystal.mean_edge
    if width > _WIDEST * grain:
        raise InputError(
            f"{given!r} is {width / grain:.2g} of the mean grain ({grain:.3g} m): boundaries "
            f"are thin here, up to {_WIDEST:g} of a grain; a plain number is in m",
            where="boundary_width",
        )
    return width


def read_layers(
    polycrystal: Polycrystal, axis: int, given: Layer | Sequence[Layer] | None
) -> tuple[Layer, ...]:
    layers: tuple[Any, ...] = (given,)
    if given is None or isinstance(given, Sequence):
        layers = tuple(given or ())
    for layer in layers:
        if not isinstance(layer, Layer):
            raise InputError(f"expected a Layer, not {type(layer).__name__}", where="layers")
        thickness, length = to_si(layer.thickness, "m"), polycrystal.size[axis]
        if thickness > length:
            raise InputError(
                f"a layer of {layer.thickness} is thicker than the sample "
                f"({length:.3g} m along {AXES[axis]})",
                where="layers",
            )
    return layers


def _contacts(given: Any) -> tuple[Any, Any]:
    if not isinstance(given, Mapping):
        return None, given
    unknown = set(given) - {"first", "last"}
    if unknown:
        raise UnknownNameError.among("contact", str(unknown.pop()), ("first", "last"))
    return given.get("first"), given.get("last")


def _voxels_of(polycrystal: Polycrystal) -> Array:
    """Voxels of every grain; an error where grains are smaller than one."""
    counts = np.zeros(polycrystal.count, np.int64)
    for part in polycrystal.grains:
        counts += np.bincount(part[part >= 0], minlength=polycrystal.count)
    lost = int(np.count_nonzero(counts == 0))
    if counts.sum() < polycrystal.count or lost > polycrystal.count / 2:
        raise InputError(
            f"grains are smaller than a voxel: {lost} of {polycrystal.count} have none; "
            "generate the polycrystal with more voxels or fewer grains",
            where="polycrystal",
        )
    return counts


def _quantity(value: Any, unit: str, where: str) -> float:
    try:
        return to_si(value, unit)
    except InputError as error:
        raise error.inside(where) from None
