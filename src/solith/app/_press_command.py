"""``solith press``: a mixture through a series of pressures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from solith.core.errors import InputError, InterruptedRunError

if TYPE_CHECKING:
    from solith.study.pressure_series import PressedPoint

__all__ = ["press"]


def press(
    mix: Annotated[
        str,
        typer.Option(
            metavar="NAMES=SHARES",
            help='Powders and shares by mass, as "NMC:LGPS:C=1:1:0.1".',
            show_default=False,
        ),
    ],
    pressure: Annotated[
        str,
        typer.Option(
            metavar="PRESSURES", help='In order, as "6, 12, 25, 50, 100 MPa".', show_default=False
        ),
    ],
    particles: Annotated[int, typer.Option(metavar="N", help="How many particles.")] = 2000,
    voxel: Annotated[
        str, typer.Option(metavar="LENGTH", help="Of the voxels that are measured.")
    ] = "0.5 um",
    conductivity: Annotated[
        str, typer.Option(metavar="VALUE", help="Of the electrolyte itself.")
    ] = "2.8 mS/cm",
    seed: Annotated[int, typer.Option(metavar="N", help="Of the random packing.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where to; ./pressed if not given."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print the values as a JSON list only; no folder without DIR."),
    ] = False,
) -> None:
    """Press powders, and measure porosity, contact, paths and conduction at every pressure."""
    from solith.app._progress import shown_progress
    from solith.app._result_folder import check_free
    from solith.study.pressure_series import measure_pressure_series

    pressures = _pressures(pressure)
    folder = out if out is not None or as_json else Path("pressed")
    if folder is not None:
        check_free(folder)
    try:
        with shown_progress() as progress:
            points = measure_pressure_series(
                mix,
                pressures,
                particles=particles,
                voxel_size=voxel,
                electrolyte_conductivity=conductivity,
                seed=seed,
                progress=progress,
            )
    except KeyboardInterrupt:
        raise InterruptedRunError("interrupted; nothing was written") from None
    if folder is not None:
        told = f"{particles} particles, seed {seed}, voxels of {voxel}, electrolyte {conductivity}."
        _write(folder, mix, points, told)
    if as_json:
        print(json.dumps(_rows(points), indent=1))
        return
    print(_text(points))
    if folder is not None:
        print(f"\nThe report is {folder / 'report.html'}, the voxels are beside it")


def _pressures(text: str) -> list[str]:
    """Texts with units; the last one's unit is that of those without."""
    from solith.core.quantities import split_quantity

    try:
        read = [split_quantity(part) for part in text.split(",")]
    except InputError:
        read = []
    if not read or not read[-1][1]:
        raise InputError(
            f"{text!r} are no pressures with a unit, as in '6, 12, 25 MPa'", where="pressure"
        )
    return [f"{number:.12g} {unit or read[-1][1]}" for number, unit in read]


def _samples(points: Sequence[PressedPoint]) -> list[str]:
    """Pressures in MPa; one that is there before is called "6-2" the second time."""
    names = [f"{point.pressure / 1e6:.6g}" for point in points]
    return [
        name if name not in names[:place] else f"{name}-{names[:place].count(name) + 1}"
        for place, name in enumerate(names)
    ]


def _rows(points: Sequence[PressedPoint]) -> list[dict[str, Any]]:
    return [
        {
            "sample": sample,
            "quantity": value.quantity,
            "value": value.value,
            "unit": value.unit,
            "uncertainty": value.uncertainty,
            "flags": list(value.flags),
        }
        for sample, point in zip(_samples(points), points, strict=True)
        for value in point.result
    ]


def _text(points: Sequence[PressedPoint]) -> str:
    from solith.core.table import text_table

    heads = ("quantity", *(f"{point.pressure / 1e6:.4g} MPa" for point in points), "unit")
    rows = [
        (value.quantity, *(_shown(point.result[value.quantity].value) for point in points),
         value.unit)
        for value in points[0].result
    ]  # fmt: skip
    return text_table(heads, rows)


def _shown(number: float | None) -> str:
    return "-" if number is None else f"{number:.4g}"


def _write(folder: Path, mix: str, points: Sequence[PressedPoint], told: str) -> None:
    from solith.app._result_folder import replace_folder
    from solith.app.press_report import render_pressed
    from solith.core.storage import write_text
    from solith.volumes import write_volume

    page = render_pressed(mix, points, told)

    def fill(fresh: Path) -> None:
        write_text(fresh / "report.html", page)
        write_text(fresh / "values.json", json.dumps(_rows(points), indent=1) + "\n")
        for sample, point in zip(_samples(points), points, strict=True):
            write_volume(point.volume, fresh / f"pressed-{sample}MPa.tif")

    replace_folder(folder, fill)
