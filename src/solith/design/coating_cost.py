"""What a coating costs a stack in energy, beside whether it is stable there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from solith.core.errors import InputError, UnknownNameError
from solith.core.result import Result, Value
from solith.design._potentials import against_lithium
from solith.design.coatings import Coating, rank_coatings, show_window
from solith.design.entries import EntrySet
from solith.design.entry_sets import choose_entries
from solith.design.formula import parse_formula
from solith.design.load import read_load
from solith.design.rated import compute_energy_at
from solith.design.stability import find_reaction
from solith.design.stack import Stack

__all__ = ["compare_coatings"]


def compare_coatings(
    stack: Stack,
    coatings: Iterable[str],
    load: Any,
    *,
    potential: float | str | None = None,
    thickness: float | str = "10 nm",
    conductivity: Mapping[str, float | str] | None = None,
    entries: EntrySet | None = None,
) -> Result:
    """Which of ``coatings`` is stable in ``stack``, and what it costs of the energy at ``load``.

    Coatings are formulas; electrolyte and electrode are the separator's and the cathode's active
    material, by their formula in the materials table or as named. They are judged at the cathode's
    ``potential`` ([V vs Li], or with its reference, "3.8 V vs Li-In"): unless given its
    ``end_of_charge``, and where that is not known its mean one, with a flag. Stability is that of
    :func:`rank_coatings` (the best first), which also explains ``thickness``, ``conductivity`` and
    ``entries``. The cost [Wh/kg] is the energy at ``load`` without the coating's ohmic resistance
    less that with it, on the contact area of the stack's ``resistances``, whose own coating is
    left out; what a coating does to charge transfer is not known and not in it.

    Values: ``coating_potential`` [V vs Li], whose method says which one it is; for each coating
    ``reduction_limit, FORMULA``, ``oxidation_limit, FORMULA`` [V vs Li] and ``window_margin,
    FORMULA`` [V], how far the potential lies within them (negative outside; its method is the
    verdict in words); ``cost, FORMULA`` [Wh/kg] (none where no conductivity is known, with flags
    where the potential lies outside its window or energies are fitted or recalled) and
    ``reaction_energy, FORMULA`` [eV/atom], the larger one of its two sides; the same without a
    coating as ``reaction_energy, uncoated``.
    """
    bare, asked = _uncoated(stack), read_load(load)
    electrolyte = _formula(stack.separator.material)
    electrode = _formula(stack.cathode.active.material)
    judged = _judged_at(stack, potential)
    at = judged.value
    assert at is not None
    named = tuple(coatings)
    elements = {
        element for one in (*named, electrolyte, electrode) for element in parse_formula(one)
    }
    chosen = choose_entries({*elements, "Li"}, entries)
    ranking = rank_coatings(
        named,
        electrolyte,
        electrode,
        at,
        thickness=thickness,
        conductivity=conductivity,
        entries=chosen,
    )
    without = compute_energy_at(bare, asked)["gravimetric"]
    if without.value is None:
        raise InputError(f"{'; '.join(without.flags)}", where="load")
    uncoated = find_reaction(electrolyte, electrode, at, chosen)
    values, rows = [judged], []
    for coating in ranking.coatings:
        cost = _cost(bare, asked, coating, without.value)
        values += [
            *_window_values(coating, ranking.entries),
            Value(
                f"cost, {coating.formula}",
                cost,
                "Wh/kg",
                method=f"{asked.written}; {stack.convention}",
                flags=_flags(coating, cost == without.value),
            ),
            Value(
                f"reaction_energy, {coating.formula}",
                coating.worst_energy,
                "eV/atom",
                method=f"entries {ranking.entries}",
            ),
        ]
        rows.append(
            {
                "formula": coating.formula,
                "stable": coating.is_within_window,
                "verdict": coating.verdict,
                "window": show_window(coating.window),
                "reduction_limit": coating.window.reduction_limit,
                "oxidation_limit": _known(coating.window.oxidation_limit),
                "with_electrolyte": coating.with_electrolyte.mutual_energy,
                "with_electrode": coating.with_electrode.mutual_energy,
                "conductivity": _known(coating.conductivity),
                "cost": cost,
                "uncertain": list(coating.uncertain),
                "gaps": list(coating.gaps),
            }
        )
    values.append(
        Value(
            "reaction_energy, uncoated",
            uncoated.mutual_energy,
            "eV/atom",
            method=f"{electrolyte} on {electrode}",
        )
    )
    details = {
        "convention": stack.convention,
        "coatings": rows,
        "entries": ranking.entries,
        "electrolyte": electrolyte,
        "electrode": electrode,
        "potential": at,
        "potential_is": judged.method,
        "load": asked.written,
        "energy_without": without.value,
    }
    return Result("coatings of a stack", tuple(values), details)


def _uncoated(stack: Stack) -> Stack:
    resistances = stack.resistances
    if resistances is None or (
        resistances.particle_radius is None and resistances.surface_area is None
    ):
        raise InputError(
            "is missing; a coating's cost needs the area that it covers",
            where="resistances.particle_radius",
        )
    return stack.replace(resistances=resistances.replace(coating=0.0))


def _cost(bare: Stack, load: Any, coating: Coating, without: float) -> float | None:
    if math.isnan(coating.resistance):
        return None
    assert bare.resistances is not None
    coated = bare.replace(resistances=bare.resistances.replace(coating=coating.resistance))
    energy = compute_energy_at(coated, load)["gravimetric"].value
    return without if energy is None else without - energy


def _flags(coating: Coating, unborne: bool) -> tuple[str, ...]:
    flags = ["the load is no longer borne"] if unborne else []
    if not coating.is_within_window:
        flags.append(f"not stable at {coating.potential:.3g} V vs Li: {coating.verdict}")
    if math.isnan(coating.resistance):
        flags.append("no conductivity is known")
    if coating.uncertain:
        flags.append(f"fitted or recalled energies: {', '.join(coating.uncertain)}")
    if coating.gaps:
        flags.append(f"no entries with {', '.join(coating.gaps)}: such products are not considered")
    return tuple(flags)


def _judged_at(stack: Stack, given: float | str | None) -> Value:
    """The cathode's potential that coatings are judged at, and which one it is."""

    def judged(volts: float, told: str, *flags: str) -> Value:
        return Value("coating_potential", volts, "V", method=f"vs Li; {told}", flags=flags)

    if given is not None:
        try:
            return judged(against_lithium(given), "as given")
        except InputError as error:
            raise error.inside("potential") from None
    if stack.cathode.end_of_charge is not None:
        return judged(stack.cathode.end_of_charge, "the cathode's end of charge")
    flag = (
        "the end of charge is not known and lies higher: give cathode.end_of_charge, or the "
        "potential"
    )
    if stack.cathode.mean_potential is not None:
        return judged(stack.cathode.mean_potential, "the cathode's mean", flag)
    if stack.anode.mean_potential is None:
        raise InputError("is missing; give the cathode's potential vs Li", where="potential")
    volts = float(stack.cell_voltage + stack.anode.mean_potential)
    return judged(volts, "the cathode's mean, from the cell's voltage", flag)


def _window_values(coating: Coating, entries: str) -> tuple[Value, Value, Value]:
    window, told = coating.window, f"entries {entries}"
    never = ("it is never oxidised",) * math.isinf(window.oxidation_limit)
    return (
        Value(
            f"reduction_limit, {coating.formula}",
            window.reduction_limit,
            "V",
            window.reduction_uncertainty,
            method=told,
        ),
        Value(
            f"oxidation_limit, {coating.formula}",
            _known(window.oxidation_limit),
            "V",
            None if never else window.oxidation_uncertainty,
            method=told,
            flags=never,
        ),
        Value(
            f"window_margin, {coating.formula}",
            coating.margin,
            "V",
            coating.margin_uncertainty,
            method=coating.verdict,
        ),
    )


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _formula(material: str) -> str:
    from solith.materials import find_material

    try:
        return find_material(material).formula
    except UnknownNameError:
        return material
