"""Machines that have been built, kept for cells of the same make."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from typing import Any

from solith.cell._runner import Machine
from solith.cell.assembly import build_model
from solith.cell.cell import Cell
from solith.cell.parameters import numbers_of, parameter_mapping
from solith.core.description import Description

__all__ = ["machine_for"]

_KEPT = 6
_machines: OrderedDict[Any, Machine] = OrderedDict()


def machine_for(
    cell: Cell,
    resolution: tuple[int, int, float],
    capacitances: tuple[str, ...] = (),
) -> tuple[Machine, dict[str, float]]:
    """The machine for ``cell`` and the numbers to run it with.

    Cells of the same make, which differ in numbers alone that the model takes as inputs,
    share a machine.
    """
    depth, particle, tolerance = resolution
    mapping = parameter_mapping(cell)
    numbers = numbers_of(mapping)
    model = build_model(cell, capacitances)
    fixed = tuple(
        (name, value)
        for name, value in mapping.items()
        if isinstance(value, float) and name not in numbers
    )
    curve = repr(cell.cathode.potential_curve)
    key = (model.structure, str(dict(model.options)), fixed, curve, _make(cell), resolution)
    if key not in _machines:
        mesh = {"x_n": 1, "x_s": 3, "x_p": depth, "r_n": particle, "r_p": particle}
        _machines[key] = Machine(
            model, mapping, numbers, mesh, tolerance, suppress_algebraic_error=bool(capacitances)
        )
        if len(_machines) > _KEPT:
            _machines.popitem(last=False)
    _machines.move_to_end(key)
    return _machines[key], numbers


def _make(held: Any) -> Any:
    """A description with its plain numbers left out."""
    if isinstance(held, float):
        return "number"
    if isinstance(held, Description):
        fields = dataclasses.fields(held)
        return (type(held).__name__, *(_make(getattr(held, item.name)) for item in fields))
    if isinstance(held, tuple) and held and isinstance(held[0], Description):
        return tuple(_make(item) for item in held)
    return repr(held)
