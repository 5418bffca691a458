"""``solith design``: the energy of a stack from a file, or of a preset's stacks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from solith.core.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from solith.core.result import Value
    from solith.design import Range, Stack

__all__ = ["design"]

_GAIN = "50 %"
_ALSO_AT_REST = ("gravimetric", "volumetric", "voltage")
_TABLES = ("stack", "reference", "ranges")


def design(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help=r"A TOML file: a stack, or tables \[stack], \[reference] and \[\[ranges]].",
            show_default=False,
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Stacks that come with solith, as wu-2016."),
    ] = None,
    load: Annotated[
        str | None,
        typer.Option(
            metavar="LOAD",
            help="Energy under a load, and what interfaces take of it: '300 W/kg', '1 C'.",
        ),
    ] = None,
    coatings: Annotated[
        str | None,
        typer.Option(
            metavar="FORMULAS",
            help="Which coatings are stable, and what they cost under the load: LiNbO3,Li3PO4.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the values as a JSON list.")
    ] = False,
) -> None:
    """Energy, mass, thickness and cost of stacks, and how thin the separator must be."""
    if coatings is not None and load is None:
        raise InputError("give --load with --coatings: their cost depends on it")
    if preset is not None and file is None:
        task = _from_preset(preset)
    elif file is not None and preset is None:
        task = _from_file(file)
    else:
        raise InputError("give either a FILE or --preset NAME")
    found = {name: task.values(name) for name in task.stacks}
    for name, stack in task.stacks.items():
        found[name] += _under_load(name, stack, load, coatings, alone=len(task.stacks) == 1)
    if as_json:
        rows = [_row(name, task.stacks[name], one) for name in found for one in found[name]]
        print(json.dumps(rows, indent=1))
        return
    print(_text(task, found))


@dataclass(frozen=True)
class _Task:
    """Stacks, what they are compared with, ranges, and what was assumed."""

    stacks: Mapping[str, Stack]
    reference: Stack | None = None
    reference_name: str = ""
    ranges: tuple[Range, ...] = ()
    notes: tuple[str, ...] = ()

    def values(self, name: str) -> list[Value]:
        """Energy, break-even and spread of one stack."""
        from solith.design import (
            compute_energy,
            find_break_even,
            find_thickness_for_gain,
            sample_energy,
        )

        stack = self.stacks[name]
        values = list(compute_energy(stack).values)
        if self.reference is not None and name != self.reference_name:
            values += [
                find_break_even(stack, self.reference, kind)
                for kind in ("gravimetric", "volumetric")
            ]
            values.append(find_thickness_for_gain(stack, self.reference, _GAIN))
        if self.ranges:
            spread = sample_energy(stack, self.ranges, reference=self.reference).result
            values += [one for one in spread if one.quantity.endswith("%")]
        return values


def _from_preset(name: str) -> _Task:
    from solith.design import find_preset

    found = find_preset(name)
    notes = (f"{found.title}: {found.source}.", *found.assumptions)
    return _Task(found.stacks, found.reference_stack, found.reference, notes=notes)


def _from_file(file: Path) -> _Task:
    from solith.design import Range, Stack
    from solith.study._file import read_toml

    written = read_toml(file, what="stack")
    name = file.stem
    try:
        if "stack" not in written:
            return _Task({name: Stack.from_mapping(written)})
        for key in written:
            if key not in _TABLES:
                raise UnknownNameError.among("table", key, _TABLES)
        reference = written.get("reference")
        ranges = written.get("ranges", [])
        if not isinstance(ranges, list):
            raise InputError("is no list; write [[ranges]]", where="ranges")
        return _Task(
            {name: _inside("stack", Stack, written["stack"])},
            None if reference is None else _inside("reference", Stack, reference),
            "",
            tuple(_inside(f"ranges.{n}", Range, one) for n, one in enumerate(ranges, start=1)),
        )
    except InputError as error:
        raise error.inside(file=str(file)) from None


def _under_load(
    name: str, stack: Stack, load: str | None, coatings: str | None, *, alone: bool
) -> list[Value]:
    """Energy and losses at ``load``, and coatings; of several stacks those that can tell."""
    if load is None:
        return []
    from solith.design import compare_coatings, compute_energy_at
    from solith.design.load import read_load

    read_load(load)
    if stack.separator.conductivity is None and not alone:
        return []
    try:
        values = [
            replace(value, quantity=f"{value.quantity}_at_load")
            if value.quantity in _ALSO_AT_REST
            else value
            for value in compute_energy_at(stack, load)
        ]
        if coatings is not None:
            named = [one.strip() for one in coatings.split(",") if one.strip()]
            values += compare_coatings(stack, named, load).values
    except InputError as error:
        raise error.inside(name) from None
    return values


def _inside(where: str, kind: Any, written: Any) -> Any:
    try:
        return kind.from_mapping(written)
    except InputError as error:
        raise error.inside(where) from None


def _row(name: str, stack: Stack, value: Value) -> dict[str, Any]:
    return {
        "sample": name,
        "quantity": value.quantity,
        "value": value.value,
        "uncertainty": value.uncertainty,
        "unit": value.unit,
        "area": value.area,
        "convention": stack.convention,
        "method": value.method.replace(stack.convention, "").strip("; "),
        "source": value.source,
        "flags": list(value.flags),
    }


def _text(task: _Task, found: Mapping[str, list[Value]]) -> str:
    from solith.core.table import text_table
    from solith.design import compute_energy

    if len(task.stacks) == 1:
        ((name, stack),) = task.stacks.items()
        energy = compute_energy(stack)
        told = {value.quantity for value in energy}
        more = [value for value in found[name] if value.quantity not in told]
        lines = [str(energy)]
        lines += [f"{value}{_flags(value)}" for value in more]
        return "\n".join(lines)
    quantities = list(dict.fromkeys(value.quantity for own in found.values() for value in own))
    heads = ("quantity", *found, "unit")
    rows = []
    for quantity in quantities:
        own = [
            next((v for v in values if v.quantity == quantity), None) for values in found.values()
        ]
        unit = next(value.unit for value in own if value is not None)
        rows.append((quantity, *("-" if value is None else value.shown for value in own), unit))
    conventions = dict.fromkeys(stack.convention for stack in task.stacks.values())
    told_notes = [f"* {note}" for note in (*conventions, *task.notes)]
    return "\n".join([text_table(heads, rows), "", *told_notes])


def _flags(value: Value) -> str:
    return f"  ({'; '.join(value.flags)})" if value.flags else ""
