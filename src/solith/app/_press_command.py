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
    parts = [part.strip() for part in text.split(",")]
    words = parts[-1].split()
    unit = words[-1] if len(words) > 1 else ""
    if not all(parts) or not unit:
        raise InputError(
            f"{text!r} are no pressures with a unit, as in '6, 12, 25 MPa'", where="pressure"
        )
    return [part if len(part.split()) > 1 else f"{part} {unit}" for part in parts]


def _rows(points: Sequence[PressedPoint]) -> list[dict[str, Any]]:
    return [
        {
            "sample": f"{point.pressure / 1e6:.6g}",
            "quantity": value.quantity,
            "value": value.value,
            "unit": value.unit,
            "uncertainty": value.uncertainty,
            "flags": list(value.flags),
        }
        for point in points
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
        for point in points:
            write_volume(point.volume, fresh / f"pressed-{point.pressure / 1e6:.4g}MPa.tif")

    replace_folder(folder, fill)
