"""What ``solith design`` was asked of stacks, and what it finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solith.core.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from solith.core.result import Result, Value
    from solith.design import EnergyResult, Range, Stack

__all__ = ["Asked", "Found", "read_preset", "read_stacks"]

_GAIN = "50 %"
_ALSO_AT_REST = ("gravimetric", "volumetric", "voltage")
_TABLES = ("stack", "reference", "ranges")
_KINDS = ("gravimetric", "volumetric")
_EXPLAINED = "gravimetric"


@dataclass(frozen=True)
class Asked:
    """Stacks by name, what they are compared with, ranges, and what was assumed."""

    stacks: Mapping[str, Stack]
    reference: Stack | None = None
    reference_name: str = ""
    """That of the stack that is the reference; empty where it is none of them."""

    ranges: tuple[Range, ...] = ()
    notes: tuple[str, ...] = ()
    load: str | None = None
    coatings: tuple[str, ...] = ()
    potential: str | None = None

    def find(self) -> dict[str, Found]:
        """What there is to say of each stack."""
        return {name: self._found(name, stack) for name, stack in self.stacks.items()}

    def _found(self, name: str, stack: Stack) -> Found:
        from solith.design import compute_energy

        try:
            loaded = self.load is not None and self._tells_of_load(stack)
            return Found(
                stack,
                compute_energy(stack),
                self._against(name, stack),
                _at_load(stack, self.load or "") if loaded else (),
                self._coated(stack) if loaded and self.coatings else None,
                *self._over_ranges(stack, loaded=loaded),
            )
        except InputError as error:
            raise (error.inside(name) if self.load is not None else error) from None

    def _tells_of_load(self, stack: Stack) -> bool:
        """Of several stacks those that can; a single one must."""
        return stack.separator.conductivity is not None or len(self.stacks) == 1

    def _against(self, name: str, stack: Stack) -> tuple[Value, ...]:
        from solith.design import find_break_even, find_thickness_for_gain

        if self.reference is None or name == self.reference_name:
            return ()
        loads = [None] if self.load is None or not self._tells_of_load(stack) else [None, self.load]
        return tuple(
            value
            for load in loads
            for value in (
                *(find_break_even(stack, self.reference, kind, load=load) for kind in _KINDS),
                find_thickness_for_gain(stack, self.reference, _GAIN, load=load),
            )
        )

    def _coated(self, stack: Stack) -> Result:
        from solith.design import compare_coatings

        return compare_coatings(stack, self.coatings, self.load, potential=self.potential)

    def _over_ranges(
        self, stack: Stack, *, loaded: bool
    ) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
        """Spread of every output, and which range decides the energy."""
        from solith.design import find_sensitivities, sample_energy
        from solith.design.comparison import differences_around

        if not self.ranges:
            return (), ()
        load = self.load if loaded else None
        drawn = sample_energy(stack, self.ranges, reference=self.reference, load=load)
        unlike = differences_around(stack, self.reference)
        found = {one.quantity for one in drawn.result}
        spread = tuple(
            replace(
                one,
                quantity=one.quantity if one.quantity.endswith("%") else f"{one.quantity}, mean",
                flags=(*one.flags, *unlike * one.quantity.startswith("break_even")),
            )
            for one in drawn.result
        )
        spread += tuple(_missing(name, drawn.load) for name in drawn.outputs if name not in found)
        output = f"{_EXPLAINED}_at_load" if loaded else _EXPLAINED
        causes = find_sensitivities(stack, self.ranges, output, load=load)
        return spread, tuple(
            replace(one, quantity=f"share of the variance of {output}, {path}", unit="")
            for one in causes
            if (path := one.quantity.removeprefix("total ")) != one.quantity
        )


@dataclass(frozen=True)
class Found:
    """What was found of one stack."""

    stack: Stack
    energy: EnergyResult
    against: tuple[Value, ...]
    """Thicknesses that the reference's energy asks for."""

    loaded: tuple[Value, ...]
    """Energy and losses at the load; empty without one."""

    coatings: Result | None
    spread: tuple[Value, ...]
    causes: tuple[Value, ...]
    """Shares of the variance by range, total order."""

    @property
    def values(self) -> list[Value]:
        """All of it, one after another."""
        coated = () if self.coatings is None else self.coatings.values
        return [
            *self.energy.values,
            *self.against,
            *self.loaded,
            *coated,
            *self.spread,
            *self.causes,
        ]

    @property
    def plain(self) -> list[Value]:
        """Those that a table with a column for each stack can hold."""
        return [*self.energy.values, *self.loaded, *self.against]


def read_preset(name: str) -> Asked:
    """The stacks of a preset."""
    from solith.design import find_preset

    found = find_preset(name)
    notes = (f"{found.title}: {found.source}.", *found.assumptions)
    return Asked(found.stacks, found.reference_stack, found.reference, notes=notes)


def read_stacks(file: Path) -> Asked:
    """The stack of a TOML file, perhaps with a reference and ranges."""
    from solith.design import Range, Stack
    from solith.study._file import read_toml

    written = read_toml(file, what="stack")
    name = file.stem
    try:
        if "stack" not in written:
            return Asked({name: Stack.from_mapping(written)})
        for key in written:
            if key not in _TABLES:
                raise UnknownNameError.among("table", key, _TABLES)
        reference = written.get("reference")
        ranges = written.get("ranges", [])
        if not isinstance(ranges, list):
            raise InputError("is no list; write [[ranges]]", where="ranges")
        return Asked(
            {name: _inside("stack", Stack, written["stack"])},
            None if reference is None else _inside("reference", Stack, reference),
            "",
            tuple(_inside(f"ranges.{n}", Range, one) for n, one in enumerate(ranges, start=1)),
        )
    except InputError as error:
        raise error.inside(file=str(file)) from None


def _at_load(stack: Stack, load: str) -> tuple[Value, ...]:
    from solith.design import compute_energy_at

    return tuple(
        replace(value, quantity=f"{value.quantity}_at_load")
        if value.quantity in _ALSO_AT_REST
        else value
        for value in compute_energy_at(stack, load)
    )


def _missing(output: str, load: str) -> Value:
    """An output that no sample has, with the reason."""
    from solith.core.result import Value
    from solith.design.uncertainty import OUTPUTS

    if output.startswith("separator_"):
        why = "no separator.conductivity is given"
    elif output.startswith("interface_"):
        why = f"no resistances are given, or {load} is borne in no sample"
    elif output.startswith("break_even"):
        why = "not reached in any sample"
    else:
        why = f"{load} is borne in no sample"
    return Value(f"{output}, mean", None, OUTPUTS[output][1], flags=(why,))


def _inside(where: str, kind: Any, written: Any) -> Any:
    try:
        return kind.from_mapping(written)
    except InputError as error:
        raise error.inside(where) from None
