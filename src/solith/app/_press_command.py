"""``solith press``: a mixture through a series of pressures."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from solith.core.errors import InputError, InterruptedRunError, SolithError

if TYPE_CHECKING:
    from solith.app.press_report import Pressing
    from solith.compaction import Mixture
    from solith.study.pressure_series import PressedPoint

__all__ = ["press"]


def press(
    pressure: Annotated[
        str,
        typer.Option(
            metavar="PRESSURES", help='In order, as "6, 12, 25, 50, 100 MPa".', show_default=False
        ),
    ],
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help="Powders, and perhaps their shares, in TOML.", show_default=False
        ),
    ] = None,
    mix: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES=SHARES",
            help='Powders and shares by mass, as "NMC:LGPS:C=1:1:0.1".',
            show_default=False,
        ),
    ] = None,
    basis: Annotated[
        str | None, typer.Option(metavar="BASIS", help="Of the shares: mass or volume.")
    ] = None,
    isostatic: Annotated[
        bool, typer.Option("--isostatic", help="From all sides, not along z alone.")
    ] = False,
    particles: Annotated[int, typer.Option(metavar="N", help="How many particles.")] = 2000,
    voxel: Annotated[
        str, typer.Option(metavar="LENGTH", help="Of the voxels that are measured.")
    ] = "0.5 um",
    conductivity: Annotated[
        str | None,
        typer.Option(
            metavar="VALUE",
            help="Of the electrolyte's grains; by default that of the materials table.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Of the random packing.")] = 0,
    seeds: Annotated[
        int,
        typer.Option(metavar="N", help="So many packings from the seed on: mean and deviation."),
    ] = 1,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where to; ./pressed if not given."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace an earlier result in the folder.")
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print the values as a JSON list only; no folder without DIR."),
    ] = False,
) -> None:
    """Press powders, and measure porosity, contact, paths and conduction at every pressure."""
    from solith.app._press_mixture import read_mixture
    from solith.app._result_folder import check_free
    from solith.app.press_report import Pressing

    mixture = read_mixture(file, mix, basis)
    wanted = _pressures(pressure)
    if seeds < 1:
        raise InputError(f"{seeds} must be at least 1", where="seeds")
    value, source = _conductivity(mixture, conductivity)
    folder = out if out is not None or as_json else Path("pressed")
    if folder is not None:
        check_free(folder, replace=force)
    given = {
        "--mix": mix,
        "--pressure": pressure,
        "--basis": basis,
        "--particles": particles,
        "--voxel": voxel,
        "--conductivity": conductivity,
        "--seed": seed,
        "--seeds": seeds,
    }
    words = ["solith", "press", *([] if file is None else [str(file)])]
    words += [str(one) for pair in given.items() if pair[1] is not None for one in pair]
    pressing = Pressing(
        title=mix or Path(file or "").name,
        mixture=mixture,
        mode="isostatic" if isostatic else "uniaxial",
        particles=particles,
        voxel=voxel,
        conductivity=value,
        source=source,
        seeds=tuple(range(seed, seed + seeds)),
        command=shlex.join([*words, *["--isostatic"] * isostatic]),
    )
    points, packings, stop = _pressed(pressing, wanted)
    if folder is not None and points:
        told = _told(points, wanted, packings, seeds, stop)
        done = replace(pressing, seeds=pressing.seeds[:packings])
        _write(folder, done, points, told)
    if stop is not None:
        raise _stopped(stop, points, folder)
    if as_json:
        print(json.dumps(_rows(points), indent=1))
        return
    print(_text(points))
    if mixture.names_of("electrolyte"):
        print(f"\nConductivity of the electrolyte's grains: {value * 10:.4g} mS/cm ({source})")
    if seeds > 1:
        print(f"Means and standard deviations of {seeds} packings")
    if folder is not None:
        print(f"The report is {folder / 'report.html'}, the voxels are beside it")


def _conductivity(mixture: Mixture, given: str | None) -> tuple[float, str]:
    """Of the electrolyte's grains [S/m], and where that comes from."""
    from solith.core.quantities import to_si
    from solith.study.pressure_series import find_grain_conductivity

    if given is not None:
        return to_si(given, "S/m"), "given"
    try:
        return find_grain_conductivity(mixture)
    except InputError as error:
        raise InputError(error.problem, where="--conductivity") from None


def _pressed(
    pressing: Pressing, pressures: list[str]
) -> tuple[list[PressedPoint], int, BaseException | None]:
    """What is finished, of how many packings, and what stopped it.

    Whole packings, or else the pressures of the first.
    """
    from solith.app._progress import shown_progress
    from solith.study.pressure_series import average_packings, measure_each_pressure

    series: list[list[PressedPoint]] = []
    stop: BaseException | None = None
    try:
        with shown_progress() as progress:
            for number, seed in enumerate(pressing.seeds):
                each = measure_each_pressure(
                    pressing.mixture,
                    pressures,
                    particles=pressing.particles,
                    voxel_size=pressing.voxel,
                    electrolyte_conductivity=pressing.conductivity,
                    seed=seed,
                    mode=pressing.mode,
                    progress=progress.part(
                        number / len(pressing.seeds), (number + 1) / len(pressing.seeds)
                    ),
                )
                series.append([])
                for point in each:
                    series[-1].append(point)
    except (KeyboardInterrupt, SolithError) as error:
        stop = error
    whole = [points for points in series if len(points) == len(pressures)]
    kept = whole or series[:1]
    return average_packings(kept) if kept else [], len(kept), stop


def _told(
    points: list[PressedPoint],
    pressures: list[str],
    packings: int,
    seeds: int,
    stop: BaseException | None,
) -> str:
    """What the report says of a series that was stopped."""
    if stop is None:
        return ""
    why = "was interrupted" if isinstance(stop, KeyboardInterrupt) else f"stopped ({stop})"
    return (
        f"The run {why}. Of {', '.join(pressures)} there is {_finished(points)}, of {seeds} "
        f"packing{'s' * (seeds > 1)} {packings}."
    )


def _finished(points: Sequence[PressedPoint]) -> str:
    return ", ".join(f"{point.pressure / 1e6:.4g} MPa" for point in points)


def _stopped(
    stop: BaseException, points: Sequence[PressedPoint], folder: Path | None
) -> SolithError:
    kept = "nothing was written"
    if points and folder is not None:
        kept = (
            f"what was finished ({_finished(points)}) is in {folder}; "
            "press again with --force, or into another folder with --out"
        )
    if isinstance(stop, InputError):
        return InputError(f"{stop.problem}; {kept}" if points else stop.problem, where=stop.where)
    if isinstance(stop, SolithError):
        return type(stop)(f"{stop}; {kept}")
    return InterruptedRunError(f"interrupted; {kept}")


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
        (value.quantity, *(point.result[value.quantity].shown for point in points), value.unit)
        for value in points[0].result
    ]
    return text_table(heads, rows)


def _write(folder: Path, pressing: Pressing, points: Sequence[PressedPoint], told: str) -> None:
    from solith.app._result_folder import replace_folder
    from solith.app.press_report import render_pressed
    from solith.core.storage import write_text
    from solith.volumes import write_volume

    page = render_pressed(pressing, points, told)

    def fill(fresh: Path) -> None:
        write_text(fresh / "report.html", page)
        write_text(fresh / "values.json", json.dumps(_rows(points), indent=1) + "\n")
        for sample, point in zip(_samples(points), points, strict=True):
            write_volume(point.volume, fresh / f"pressed-{sample}MPa.tif")

    replace_folder(folder, fill)
