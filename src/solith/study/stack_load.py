"""Energy of a stack under load, with its Ragone line: from resistances, and from the cell model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solith.cell import Cell
from solith.core.errors import InputError, UnknownNameError
from solith.core.progress import SILENT, Progress
from solith.core.result import Result, Value
from solith.design import (
    compute_energy_at,
    find_best_loading,
    find_best_thickness,
    published_cells,
    simulate_energy,
    stack_of_cell,
    trace_ragone,
)
from solith.study.stack_energy import find_stack

_PARTS = (
    "anode",
    "cathode_collector",
    "anode_collector",
    "bipolar_collector",
    "arrangement",
    "cells",
    "outer",
    "width",
    "length",
    "tabs",
    "pouch",
    "fixture",
    "source",
)

__all__ = ["measure_stack_load", "simulate_stack_load"]


def measure_stack_load(
    stack: Any,
    load: str,
    *,
    preset: str = "",
    changes: Mapping[str, Any] | None = None,
    best_loading: bool = False,
    minimum_thickness: str = "",
) -> Result:
    """What :func:`solith.design.compute_energy_at` tells, and the Ragone line.

    ``stack``, ``preset`` and ``changes`` as of :func:`measure_stack_energy`. Beside the values at
    ``load``: ``highest_power`` [W/kg]; with ``best_loading`` the loading of most energy there,
    with ``minimum_thickness`` the separator's best thickness from that up. ``details`` hold the
    line (``rates``), the row at the load (``at_load``) and cells of the literature (``beside``).
    """
    found = find_stack(stack, preset, changes)
    at, line = compute_energy_at(found, load), trace_ragone(found)
    values = [*at.values, line["highest_power"]]
    if best_loading:
        values += _named(find_best_loading(found, load), "best_loading")
    if minimum_thickness:
        values += _named(
            find_best_thickness(found, load, minimum=minimum_thickness), "best_thickness"
        )
    details = {**line.details, "stack": found.to_mapping(), "beside": _beside()}
    if at.details.get("rates"):
        details["at_load"] = at.details["rates"][0]
    return Result(at.name, tuple(values), details)


def simulate_stack_load(
    cell: Any,
    rates: Sequence[str],
    upper: str,
    lower: str,
    *,
    parts: Mapping[str, Any],
    charge: str | None = None,
    progress: Progress = SILENT,
) -> Result:
    """What :func:`solith.design.simulate_energy` tells of the stack that ``cell`` is.

    ``parts`` are what the cell does not say of its stack, such as ``anode`` and the collectors.
    """
    found = cell if isinstance(cell, Cell) else _cell(cell)
    for name in parts:
        if name not in _PARTS:
            raise UnknownNameError.among("part", name, _PARTS).inside("parts")
    if "anode" not in parts:
        raise InputError("is missing; a cell does not say how thick it is", where="parts.anode")
    stack = stack_of_cell(found, upper, lower, **parts)
    result = simulate_energy(stack, found, rates, upper, lower, charge=charge, progress=progress)
    details = {**result.details, "stack": stack.to_mapping(), "beside": _beside()}
    return Result(result.name, result.values, details)


def _cell(written: Any) -> Cell:
    try:
        return Cell.from_mapping(written)
    except InputError as error:
        raise error.inside("cell") from None


def _named(result: Result, name: str) -> list[Value]:
    """The best value, and the energy there under its name."""
    best, energy = result.values[:2]
    return [best, Value(**{**energy.__dict__, "quantity": f"{energy.quantity}_at_{name}"})]


def _beside() -> list[dict[str, Any]]:
    return [one.beside() for one in published_cells()]
