"""``solith design``: the energy of a stack from a file, or of a preset's stacks."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from solith.core.errors import InputError

if TYPE_CHECKING:
    from solith.app._design_task import Asked, Found
    from solith.core.result import Value

__all__ = ["design"]

_REFERENCE = "reference"


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
    potential: Annotated[
        str | None,
        typer.Option(
            metavar="POTENTIAL",
            help="Where coatings are judged, as '4.3 V vs Li'; by default the cathode's "
            "end_of_charge, or else its mean.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write report and values there, too."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace an earlier result in the folder.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the values as a JSON list.")
    ] = False,
) -> None:
    """Energy, mass, thickness and cost of stacks, and how thin the separator must be."""
    from solith.app._design_text import show_design
    from solith.app._result_folder import check_free

    asked = _asked(file, preset, load, coatings, potential)
    if out is not None:
        check_free(out, replace=force)
    found = asked.find()
    reference = _reference(asked)
    rows = _rows(found, reference)
    if out is not None:
        given = {
            "--preset": preset,
            "--load": load,
            "--coatings": coatings,
            "--potential": potential,
        }
        words = ["solith", "design", *([] if file is None else [str(file)])]
        words += [one for pair in given.items() if pair[1] is not None for one in pair if one]
        title = preset or Path(file or "").name
        _write(out, title, shlex.join(words), asked, found, reference, rows)
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    print(show_design(asked, found, reference))
    if out is not None:
        print(f"\nThe report is {out / 'report.html'}")
    else:
        more = " and the Pareto set over the ranges" if asked.ranges else ""
        print(f"\nAdd --out DIR for a report with figures{more}")


def _asked(
    file: Path | None,
    preset: str | None,
    load: str | None,
    coatings: str | None,
    potential: str | None,
) -> Asked:
    from solith.app._design_task import read_preset, read_stacks

    if coatings is not None and load is None:
        raise InputError("give --load with --coatings: their cost depends on it")
    if potential is not None and coatings is None:
        raise InputError("give --coatings with --potential: it is where they are judged")
    if load is not None:
        from solith.design.load import read_load

        read_load(load)
    if potential is not None:
        _check_reference(potential)
    if preset is not None and file is None:
        task = read_preset(preset)
    elif file is not None and preset is None:
        task = read_stacks(file)
    else:
        raise InputError("give either a FILE or --preset NAME")
    named = tuple(one.strip() for one in (coatings or "").split(",") if one.strip())
    if coatings is not None and not named:
        raise InputError("there is no coating to judge; name at least one", where="--coatings")
    return replace(task, load=load, coatings=named, potential=potential)


def _check_reference(potential: str) -> None:
    """Refuse a potential that does not name what it is against."""
    from solith.cell.reference import read_potential

    try:
        read_potential(potential)
    except InputError as error:
        raise error.inside("--potential") from None


def _reference(asked: Asked) -> Found | None:
    """What there is to say of a reference that is none of the stacks."""
    if asked.reference is None or asked.reference_name:
        return None
    tells = asked.reference.separator.conductivity is not None
    alone = replace(
        asked,
        stacks={_REFERENCE: asked.reference},
        reference=None,
        ranges=(),
        coatings=(),
        load=asked.load if tells else None,
    )
    return alone.find()[_REFERENCE]


def _rows(found: Mapping[str, Found], reference: Found | None) -> list[dict[str, Any]]:
    told = dict(found) if reference is None else {**found, _REFERENCE: reference}
    return [_row(name, one, value) for name, one in told.items() for value in one.values]


def _row(name: str, found: Found, value: Value) -> dict[str, Any]:
    from solith.app._design_text import when

    return {
        "sample": name,
        "quantity": value.quantity,
        "value": value.value,
        "uncertainty": value.uncertainty,
        "unit": value.unit,
        "area": value.area,
        "convention": found.stack.convention,
        "method": when(value, found.stack.convention),
        "source": value.source,
        "flags": list(value.flags),
    }


def _write(
    folder: Path,
    title: str,
    command: str,
    asked: Asked,
    found: Mapping[str, Found],
    reference: Found | None,
    rows: list[dict[str, Any]],
) -> None:
    from solith.app._result_folder import replace_folder
    from solith.app.design_report import render_design
    from solith.core.storage import write_text

    page = render_design(title, command, asked, found, reference)

    def fill(fresh: Path) -> None:
        write_text(fresh / "report.html", page)
        write_text(fresh / "values.json", json.dumps(rows, indent=1) + "\n")

    replace_folder(folder, fill)
