"""``solith materials``: the table's entries, and the whole card of one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from solith.materials import Material, Property

__all__ = ["materials"]

_HEADINGS = ("material", "formula", "kind", "family", "values", "ionic conductivity")
_LONGEST = 34


def materials(
    query: Annotated[
        str | None,
        typer.Argument(
            metavar="QUERY",
            help="A name such as LGPS, or a part of names, formulas, kinds or families.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the entries with all rows as a JSON list only.")
    ] = False,
) -> None:
    """List the materials, or show all measurements of one with their spread and sources."""
    found, one = _found(query)
    if as_json:
        print(json.dumps([_plain(material) for material in found], indent=1, ensure_ascii=False))
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
