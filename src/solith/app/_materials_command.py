"""``solith materials``: the table's entries, and the whole card of one."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from solith.materials import Material, Property

__all__ = ["materials"]

_HEADINGS = ("material", "formula", "kind", "family", "values", "ionic conductivity")
_LONGEST = 34
_CARRIER = "Li"
_HOST = "active material"


def materials(
    query: Annotated[
        str | None,
        typer.Argument(
            metavar="QUERY",
            help="A name such as LGPS, or a part of names, formulas, kinds or families.",
            show_default=False,
        ),
    ] = None,
    potential: Annotated[
        str | None,
        typer.Option(
            metavar="POTENTIAL",
            help="Also who is stable there, by computed windows: '4.3 V vs Li'.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the entries with all rows as a JSON list only.")
    ] = False,
) -> None:
    """List the materials, or show all measurements of one with their spread and sources."""
    at = None if potential is None else _read(potential)
    found, one = _found(query)
    if as_json:
        plain = [_plain(material) for material in found]
        if at is not None:
            for entry, material in zip(plain, found, strict=True):
                entry["stability"] = _judged(material, at)
        print(json.dumps(plain, indent=1, ensure_ascii=False))
    elif at is not None:
        print(_stability(found, at))
    elif one:
        print(found[0])
    else:
        print(_listed(found))
        counted = sum(row.counts for material in found for row in material.properties)
        print(
            f"\n{len(found)} materials, {counted} values from sources. "
            "`solith materials NAME` shows all of one."
        )


def _found(query: str | None) -> tuple[tuple[Material, ...], bool]:
    """The materials asked for, and whether one was asked for by name or is the only match."""
    from solith.core.errors import UnknownNameError
    from solith.materials import find_material, find_materials

    if query is None:
        return find_materials(), False
    try:
        return (find_material(query),), True
    except UnknownNameError:
        found = find_materials(query)
        if not found:
            raise
    return found, len(found) == 1


def _read(potential: str) -> float:
    """The potential [V vs Li] that a text with its reference states."""
    from solith.cell.reference import read_potential
    from solith.core.errors import InputError

    try:
        return read_potential(potential)
    except InputError as error:
        raise error.inside("--potential") from None


def _stability(found: Sequence[Material], at: float) -> str:
    """Windows and verdicts at ``at`` [V vs Li], as a table."""
    from solith.core.table import text_table

    rows = []
    for material in found:
        judged = _judged(material, at)
        cells = (judged["window"], judged["verdict"], judged["doubts"])
        rows.append((material.name, _short(material.formula), *cells))
    heads = ("material", "formula", "window (V vs Li)", f"verdict at {at:.2f} V vs Li", "doubts")
    return (
        f"{text_table(heads, rows)}\n\nWindows are computed from formation energies, without "
        "barriers; measured ones are among a material's own values. Contact with other phases is "
        "not in them: `solith design FILE --load LOAD --coatings FORMULAS` has it."
    )


def _judged(material: Material, at: float) -> dict[str, Any]:
    """Computed window and verdict of one material, or why there is none."""
    from solith.core.errors import InputError
    from solith.design import find_window
    from solith.design.coatings import judge_potential, show_window

    try:
        if material.formula == _CARRIER:
            raise InputError("it is what potentials are counted from")
        window = find_window(material.formula)
    except InputError as error:
        told = {"window": "not known", "verdict": "not known", "doubts": str(error)}
        return {"potential": at, "reduction_limit": None, "oxidation_limit": None, **told}
    named = {"fitted": window.fitted, "recalled": window.recalled}
    doubts = [f"{word}: {', '.join(names)}" for word, names in named.items() if names]
    if material.kind == _HOST:
        doubts.append("it gives off lithium as it works")
    never = math.isinf(window.oxidation_limit)
    return {
        "potential": at,
        "reduction_limit": window.reduction_limit,
        "oxidation_limit": None if never else window.oxidation_limit,
        "window": show_window(window),
        "verdict": judge_potential(window, at),
        "doubts": "; ".join(doubts) or "none",
    }


def _listed(found: Sequence[Material]) -> str:
    from solith.core.table import text_table

    return text_table(
        _HEADINGS,
        [
            (
                material.name,
                _short(material.formula),
                material.kind,
                material.family,
                str(sum(row.counts for row in material.properties)),
                _conductivity(material),
            )
            for material in found
        ],
    )


def _conductivity(material: Material) -> str:
    """The preferred conductivity, and the span of those that count."""
    from solith.materials._quantities import show

    if "ionic_conductivity" not in material.quantities():
        return ""
    rows = material.measurements("ionic_conductivity")
    told = show(rows.preferred.value, rows.quantity)
    if not rows.counted:
        return f"{told} (recalled)"
    if len(rows.counted) == 1:
        return told
    return f"{told}, of {len(rows.counted)}: {rows.span()}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _plain(material: Material) -> dict[str, Any]:
    return {
        "name": material.name,
        "formula": material.formula,
        "kind": material.kind,
        "family": material.family,
        "aliases": list(material.aliases),
        "rows": [_plain_row(row) for row in material.properties],
    }


def _plain_row(row: Property) -> dict[str, Any]:
    return {
        "quantity": row.quantity,
        "value": row.value,
        "unit": row.unit,
        "printed": row.printed,
        "uncertainty": row.uncertainty,
        "low": row.low,
        "high": row.high,
        "bound": row.bound,
        "composition": row.composition,
        "temperature_kelvin": row.conditions.temperature,
        "part": row.conditions.part,
        "form": row.conditions.form,
        "method": row.conditions.method,
        "pressure_pascal": row.conditions.pressure,
        "certainty": row.certainty,
        "source": row.source,
        "doi": row.doi,
        "year": row.year,
        "place": row.place,
        "seen_in": row.seen_in,
        "note": row.note,
    }
