"""Inverse answers: how thin, how much, how conductive, for a wanted energy or drop."""

from __future__ import annotations

from typing import Any

from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import in_unit, to_si
from solith.core.result import LOWER_BOUND, Value
from solith.design._paths import with_arrays
from solith.design._thickness_at_load import energy_at_load, thickness_at_load
from solith.design._weights import weigh
from solith.design.comparison import differences_around
from solith.design.energy import EnergyResult, compute_energy, require_stack
from solith.design.load import Load, read_load
from solith.design.stack import Stack

__all__ = [
    "break_even_thickness",
    "find_break_even",
    "find_ohmic_limit",
    "find_required_loading",
    "find_thickness_for_gain",
    "read_target",
]

_AT_REST = "at open circuit"
_UNITS = {"gravimetric": ("J/kg", "Wh/kg", "mass"), "volumetric": ("J/m3", "Wh/L", "volume")}


def find_break_even(
    stack: Stack,
    reference: Stack | EnergyResult | str,
    by: str = "gravimetric",
    *,
    load: Any = None,
) -> Value:
    """Separator thickness [um] at which ``stack`` has the energy of ``reference``.

    ``reference`` is a stack, its energy, or a quantity such as "264 Wh/kg"; ``by`` is
    "gravimetric" or "volumetric". Closed form: with E the energy per area, M the mass of all but
    separators, n cells and m the separator's mass per volume, the thickness is (E / e - M) / (n m);
    with volumes m is 1. Where the energy is not reached even without a separator, there is no
    value and a flag says so; another flag tells of tabs, pouch or fixture that only one of the two
    has.

    Both are taken at open circuit, or with a ``load`` ("1 C", "300 W/kg") each at that load, as
    ``break_even_<by>_at_load``, found numerically. A reference that is no stack, or whose
    separator has no conductivity, counts as it is, with a flag: the thickness is then a lower
    bound.
    """
    return _thickness(stack, reference, by, 0.0, f"break_even_{by}", load)


def find_thickness_for_gain(
    stack: Stack,
    reference: Stack | EnergyResult | str,
    gain: Any,
    by: str = "gravimetric",
    *,
    load: Any = None,
) -> Value:
    """Separator thickness [um] at which ``stack`` has (1 + ``gain``) times the reference's energy.

    ``gain`` is a number or "50 %"; the rest is as of :func:`find_break_even`.
    """
    more = to_si(gain, "")
    if more <= -1:
        raise InputError(f"{gain!r} leaves no energy; it must be above -1", where="gain")
    name = f"thickness_for_{100 * more:g}_percent_gain"
    return _thickness(stack, reference, by, more, name, load)


def find_required_loading(
    stack: Stack, reference: Stack | EnergyResult | str, by: str = "gravimetric"
) -> Value:
    """Cathode loading [mg/cm2] at which ``stack`` has the energy of ``reference``.

    Energy, mass and volume are linear in the loading L: with energy c L and mass A + B L it is
    e A / (c - e B). An anode given by its excess grows with it; one of fixed size must hold what
    the loading asks for, or there is no value and a flag says so.
    """
    require_stack(stack)
    target = read_target(reference, by)
    cathode = stack.cathode.sized_by_loading()
    one = float(cathode.loading or 0.0)
    base = stack.replace(cathode=cathode)
    lines = [_of(weigh(with_arrays(base, {"cathode.loading": n * one})), by) for n in (1.0, 2.0)]
    slope = (lines[1] - lines[0]) / one
    constant = lines[0] - slope * one
    room = stack.cells * cathode.capacity * stack.cell_voltage - target * slope
    name, unlike = f"required_loading_{by}", differences_around(stack, reference)
    method = f"{_AT_REST}; {stack.convention}"
    if room <= 0:
        flag = "not reached at any loading: the electrodes alone have less energy"
        return Value(name, None, "mg/cm2", method=method, flags=(flag, *unlike))
    loading = target * constant / room
    if weigh(with_arrays(base, {"cathode.loading": loading})).limited:
        flag = "not reached: the anode of fixed size holds less than this loading asks for"
        return Value(name, None, "mg/cm2", method=method, flags=(flag, *unlike))
    shown = in_unit(loading, "kg/m2", "mg/cm2")
    return Value(name, shown, "mg/cm2", area="geometric", method=method, flags=unlike)


def find_ohmic_limit(
    *,
    drop: Any = None,
    current_density: Any = None,
    conductivity: Any = None,
    thickness: Any = None,
) -> Value:
    """The one left out of drop, current density, conductivity and thickness of a separator.

    Ohm's law in a layer: ``drop`` = ``current_density`` ``thickness`` / ``conductivity``, on the
    geometric area. Three of the four are given; the fourth is found: "max_thickness" [um],
    "required_conductivity" [mS/cm], "max_current_density" [mA/cm2] or "ohmic_drop" [mV].
    """
    units = {
        "drop": "V",
        "current_density": "A/m2",
        "conductivity": "S/m",
        "thickness": "m",
    }
    written = {
        "drop": drop,
        "current_density": current_density,
        "conductivity": conductivity,
        "thickness": thickness,
    }
    missing = [name for name, value in written.items() if value is None]
    if len(missing) != 1:
        raise InputError(
            "give three of drop, current_density, conductivity and thickness; "
            f"left out: {', '.join(missing) or 'none'}"
        )
    si = {}
    for name, value in written.items():
        if value is None:
            continue
        try:
            si[name] = to_si(value, units[name])
        except InputError as error:
            raise error.inside(name) from None
        if not si[name] > 0:
            raise InputError(f"{value!r} must be above 0", where=name)
    method = "Ohm's law in the separator alone"
    if missing == ["thickness"]:
        found = si["drop"] * si["conductivity"] / si["current_density"]
        return Value("max_thickness", 1e6 * found, "um", method=method)
    if missing == ["conductivity"]:
        found = si["current_density"] * si["thickness"] / si["drop"]
        return Value("required_conductivity", 10 * found, "mS/cm", method=method)
    if missing == ["current_density"]:
        found = si["drop"] * si["conductivity"] / si["thickness"]
        return Value("max_current_density", found / 10, "mA/cm2", area="geometric", method=method)
    found = si["current_density"] * si["thickness"] / si["conductivity"]
    return Value("ohmic_drop", 1e3 * found, "mV", method=method)


def break_even_thickness(stack: Stack, target: float, by: str) -> Any:
    """Separator thickness [m] at which the energy is ``target`` [J/kg or J/m3].

    Negative where it is not reached; an array where the stack holds arrays of samples.
    """
    bare = weigh(with_arrays(stack, {"separator.thickness": 0.0}))
    each = stack.separator.mass_per_volume(stack.liquid) if by == "gravimetric" else 1.0
    return (bare.energy / target - _of(bare, by)) / (stack.cells * each)


def read_target(reference: Any, by: str) -> float:
    """The energy of a reference [J/kg or J/m3]: a stack, its energy, or a quantity."""
    if by not in _UNITS:
        raise UnknownNameError.among("energy", by, _UNITS).inside("by")
    si, shown, _ = _UNITS[by]
    if isinstance(reference, Stack):
        reference = compute_energy(reference)
    if isinstance(reference, EnergyResult):
        return in_unit(float(reference[by].value or 0.0), shown, si)
    if isinstance(reference, str):
        try:
            target = to_si(reference, si)
        except InputError as error:
            raise error.inside("reference") from None
        if target > 0:
            return target
    raise InputError(
        f"{reference!r} is no reference; expected a stack, its energy, or a quantity such as "
        f"'250 {shown}'",
        where="reference",
    )


def _thickness(stack: Stack, reference: Any, by: str, gain: float, name: str, load: Any) -> Value:
    require_stack(stack)
    unlike = differences_around(stack, reference)
    if load is not None:
        return _thickness_at_load(stack, reference, by, gain, name, load, unlike)
    method = f"{_AT_REST}; {stack.convention}"
    found = break_even_thickness(stack, read_target(reference, by) * (1 + gain), by)
    if found < 0:
        bare = weigh(with_arrays(stack, {"separator.thickness": 0.0}))
        most = float(bare.energy / _of(bare, by))
        return Value(name, None, "um", method=method, flags=(_missed(most, by), *unlike))
    return Value(name, 1e6 * float(found), "um", method=method, flags=unlike)


def _thickness_at_load(
    stack: Stack, reference: Any, by: str, gain: float, name: str, load: Any, flags: tuple[str, ...]
) -> Value:
    asked, name = read_load(load), f"{name}_at_load"
    method = f"at {asked.written}; {stack.convention}"
    target, resting = read_target(reference, by), ""
    if not isinstance(reference, Stack):
        resting = "the reference counts as it is: an energy has no load"
    elif reference.separator.conductivity is None:
        resting = "the reference counts at open circuit: its separator.conductivity is not given"
    else:
        target = float(energy_at_load(reference, asked, by))
        if not target > 0:
            flag = f"the reference cannot bear {asked.written}"
            return Value(name, None, "um", method=method, flags=(flag, *flags))
    target *= 1 + gain
    at_rest = float(break_even_thickness(stack, target, by))
    found = None if at_rest < 0 else thickness_at_load(stack, target, at_rest, asked, by)
    if found is None:
        told = (_missed_at(stack, asked, by), *(resting,) * bool(resting), *flags)
        return Value(name, None, "um", method=method, flags=told)
    bound = (f"{LOWER_BOUND}: {resting}",) * bool(resting)
    return Value(name, 1e6 * found, "um", method=method, flags=(*bound, *flags))


def _missed_at(stack: Stack, load: Load, by: str) -> str:
    if stack.separator.electronic_conductivity is not None:
        return "not reached at any thickness of the separator, through which electrons leak"
    bare = with_arrays(stack, {"separator.thickness": 0.0})
    most = float(energy_at_load(bare, load, by))
    if not most > 0:
        return f"not reached: even without a separator the stack cannot bear {load.written}"
    return f"{_missed(most, by)} at {load.written}"


def _missed(most: float, by: str) -> str:
    si, shown, _ = _UNITS[by]
    most = in_unit(most, si, shown)
    return f"not reached: without a separator the stack has {most:.4g} {shown}"


def _of(weights: Any, by: str) -> Any:
    return getattr(weights, _UNITS[by][2])
