"""Energy of a stack beside a reference, with the lines of its figures, and choices among many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import format_quantity, split_quantity, to_si
from solith.core.result import Result, Value
from solith.design import (
    Range,
    Stack,
    compute_energy,
    find_break_even,
    find_ohmic_limit,
    find_preset,
    find_required_loading,
    find_sensitivities,
    find_thickness_for_gain,
    sample_energy,
    sweep_energy,
)

__all__ = ["choose_among", "find_stack", "measure_stack_choice", "measure_stack_energy"]

_KINDS = ("gravimetric", "volumetric")
_EXPLAINED_ALONE: tuple[str, ...] = ("gravimetric", "volumetric")
_EXPLAINED = (*_EXPLAINED_ALONE, "break_even_gravimetric")
_EXPLAINED_AT_LOAD = ("gravimetric_at_load", "highest_power")
_OHMIC = ("drop", "current_density", "conductivity", "thickness")
_DRAWN = 4  # significant digits of what is kept for figures


def find_stack(
    stack: Any, preset: str = "", changes: Mapping[str, Any] | None = None, where: str = "stack"
) -> Stack:
    """A stack by its name in a preset, or from plain data, with values changed at places."""
    if isinstance(stack, Stack):
        found = stack
    elif isinstance(stack, str):
        if not preset:
            raise InputError(f"{stack!r} is a name; give the preset that has it", where="preset")
        found = find_preset(preset).stack(stack)
    else:
        try:
            found = Stack.from_mapping(stack)
        except InputError as error:
            raise error.inside(where) from None
    for path, value in (changes or {}).items():
        found = found.with_value(path, _written(value))
    return found


def _written(value: Any) -> Any:
    """A bare number as text, so that one of a quantity with a unit is refused."""
    return repr(value) if isinstance(value, (int, float)) and value is not True else value


def measure_stack_energy(
    stack: Any,
    *,
    preset: str = "",
    arrangement: str = "",
    changes: Mapping[str, Any] | None = None,
    reference: Any = None,
    gain: Any = "50 %",
    ohmic: Mapping[str, Any] | None = None,
    compared: Mapping[str, Any] | None = None,
    curves: Mapping[str, Sequence[Any]] | None = None,
) -> Result:
    """Everything that :func:`solith.design.compute_energy` tells, and more where it is asked for.

    ``stack`` and ``reference`` are names in ``preset`` or plain data, ``changes`` values by place
    ("cathode.loading") with their units, ``arrangement`` another way to share collectors. Values
    beside those of the energy:

    * with a ``reference``: ``break_even_gravimetric`` and ``..._volumetric`` [um], the same for a
      ``gain`` as ``thickness_for_50_percent_gain`` and ``volumetric_thickness_for_...``, and
      ``required_loading_gravimetric`` and ``..._volumetric`` [mg/cm2] as the stack is;
    * with ``ohmic`` (drop, current_density, conductivity): ``max_thickness`` [um];
    * with ``compared`` (other values by place): ``gain_gravimetric`` and ``gain_volumetric`` [%]
      that they bring.

    ``details`` have the lines of figures: energies along each place of ``curves``
    (``{"separator.thickness": ["1 um", "150 um"]}``).
    """
    found = find_stack(stack, preset, changes)
    made = _Compared.of(found.replace(arrangement=arrangement) if arrangement else found, compared)
    result = compute_energy(made.stack)
    values = list(result.values)
    details: dict[str, Any] = {**result.details, "stack": made.stack.to_mapping()}
    if reference is not None:
        other = find_stack(reference, preset, where="reference")
        values += _against(made.stack, other, gain)
        energies = compute_energy(other)
        details["reference"] = {kind: energies[kind].value for kind in _KINDS}
        details["reference"]["name"] = reference if isinstance(reference, str) else "reference"
    if ohmic is not None:
        values.append(_ohmic(ohmic))
    values += made.gains()
    if curves:
        details["curves"] = {path: made.curve(path, ends) for path, ends in curves.items()}
    if made.other is not None:
        details["compared"] = _differences(made.stack, compared or {})
    return Result(result.name, tuple(values), details)


def measure_stack_choice(
    stacks: Sequence[str],
    *,
    preset: str,
    ranges: Sequence[Mapping[str, Any]] | None = None,
    samples: int = 1000,
    seed: int = 0,
    maximise: Sequence[str] = ("gravimetric",),
    minimise: Sequence[str] = (),
    load: str | None = None,
) -> Result:
    """Stacks of a preset over its ranges (or given ones), and the Pareto set among all samples.

    Aims are outputs (:data:`solith.design.OUTPUTS`; those of a ``load`` with one) or places that
    the ranges vary, such as "fixture.pressure". Values are those of
    :meth:`solith.design.EnergySamples.choose`; ``details`` have every sample, which are in the
    set, which are in that of their own stack alone, and the shares of the variance that each range
    has.
    """
    found = find_preset(preset)
    return choose_among(
        {name: found.stack(name) for name in stacks},
        found.ranges if ranges is None else tuple(Range.from_mapping(one) for one in ranges),
        found.reference_stack,
        samples=samples,
        seed=seed,
        maximise=maximise,
        minimise=minimise,
        load=load,
    )


def choose_among(
    named: Mapping[str, Stack],
    given: Sequence[Range],
    against: Stack | None = None,
    *,
    samples: int = 1000,
    seed: int = 0,
    maximise: Sequence[str] = ("gravimetric",),
    minimise: Sequence[str] = (),
    load: str | None = None,
) -> Result:
    """What :func:`measure_stack_choice` tells, of stacks by name over ``given`` ranges.

    Without a stack to hold them ``against`` there are no break-even thicknesses.
    """
    drawn = sample_energy(named, given, samples=samples, seed=seed, reference=against, load=load)
    choice = drawn.choose(maximise=maximise, minimise=minimise)
    explained = _EXPLAINED if against is not None else _EXPLAINED_ALONE
    if load is not None:
        explained += _EXPLAINED_AT_LOAD
    causes = {
        name: {
            output: _causes(
                find_sensitivities(stack, given, output, seed=seed, reference=against, load=load)
            )
            for output in explained
        }
        for name, stack in named.items()
    }
    return Result(choice.name, choice.values, {**choice.details, "sensitivities": causes})


def _causes(found: Result) -> dict[str, float]:
    """Total-order sensitivities by place."""
    return {
        value.quantity.removeprefix("total "): float(f"{value.value or 0.0:.{_DRAWN}g}")
        for value in found
        if value.quantity.startswith("total ")
    }


def _ohmic(given: Mapping[str, Any]) -> Value:
    for name in given:
        if name not in _OHMIC:
            raise UnknownNameError.among("field", name, _OHMIC).inside("ohmic")
    try:
        return find_ohmic_limit(**given)
    except InputError as error:
        raise error.inside("ohmic") from None


def _against(stack: Stack, reference: Stack, gain: Any) -> list[Value]:
    values = []
    for kind in _KINDS:
        values.append(find_break_even(stack, reference, kind))
        wanted = find_thickness_for_gain(stack, reference, gain, kind)
        if kind == "volumetric":
            wanted = Value(**{**wanted.__dict__, "quantity": f"volumetric_{wanted.quantity}"})
        values += [wanted, find_required_loading(stack, reference, kind)]
    return values


@dataclass(frozen=True)
class _Compared:
    """A stack and, where one is asked for, the same with other values."""

    stack: Stack
    other: Stack | None

    @classmethod
    def of(cls, stack: Stack, changes: Mapping[str, Any] | None) -> _Compared:
        return cls(stack, find_stack(stack, changes=changes) if changes else None)

    def gains(self) -> list[Value]:
        if self.other is None:
            return []
        before, after = compute_energy(self.stack), compute_energy(self.other)
        return [
            Value(
                f"gain_{kind}",
                100 * ((after[kind].value or 0.0) / (before[kind].value or 1.0) - 1),
                "%",
                method=self.stack.convention,
            )
            for kind in _KINDS
        ]

    def curve(self, path: str, ends: Sequence[Any]) -> dict[str, Any]:
        if isinstance(ends, str) or len(ends) != 2:
            raise InputError(f"{ends!r} is no list of two ends", where=f"curves.{path}")
        line: dict[str, Any] = {}
        for name, stack in (("", self.stack), ("compared_", self.other)):
            if stack is None:
                continue
            swept = sweep_energy(stack, path, *map(_written, ends))
            line["x"], line["unit"] = _short(swept.inputs[path]), swept.units[path]
            line |= {f"{name}{kind}": _short(swept.outputs[kind]) for kind in _KINDS}
        return line


def _differences(stack: Stack, changes: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The values before and after, by place, in the units of the changes."""
    before = {}
    for path, value in changes.items():
        unit = split_quantity(value)[1] if isinstance(value, str) else ""
        own = stack.value_at(path)
        scale = to_si(f"1 {unit}", stack.unit_at(path)) if unit else 1.0
        before[path] = format_quantity(None if own is None else own / scale, unit)
    return {"before": before, "after": {path: str(value) for path, value in changes.items()}}


def _short(numbers: Any) -> list[float | None]:
    return [float(f"{number:.{_DRAWN}g}") if np.isfinite(number) else None for number in numbers]
