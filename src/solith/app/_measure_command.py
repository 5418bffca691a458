"""``solith measure``: its options, its work in order, and what it prints."""

from __future__ import annotations

import re
from collections.abc import Iterable
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from solith.core.errors import InputError, InterruptedRunError

if TYPE_CHECKING:
    from solith.core.volume import GreyVolume, Volume
    from solith.study.structure_chain import MeasuredStructure

__all__ = ["measure"]

_LABELS = (".tif", ".tiff", ".npy", ".h5", ".hdf5", ".nrrd", ".mha", ".mhd", ".vti", ".zarr")


def measure(
    volume: Annotated[
        Path,
        typer.Argument(
            metavar="VOLUME",
            help="A volume's file, a folder of TIFF images, or a pattern in quotes ('scan/*.tif').",
            show_default=False,
        ),
    ],
    phases: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help='Of a grey volume dark to bright, as "void, electrolyte, active"; of labels in '
            'their order, or as "void=0, active=2".',
        ),
    ] = None,
    voxel: Annotated[
        str | None,
        typer.Option(
            metavar="LENGTH", help='As "0.5 um", or three ("0.5, 0.5, 1 um") along x, y and z.'
        ),
    ] = None,
    axis: Annotated[
        str, typer.Option(metavar="AXIS", help="Of pressing and of current: x, y or z.")
    ] = "z",
    role: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ROLE=PHASE",
            help="Which phase is active, electrolyte, void or carbon, where its name does not "
            "tell; once for each.",
        ),
    ] = None,
    conductivity: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PHASE=VALUE", help="As electrolyte='2 mS/cm'; once for each conducting phase."
        ),
    ] = None,
    thresholds: Annotated[
        str | None,
        typer.Option(metavar="GREYS", help='Between the phases of a grey volume, as "90, 160".'),
    ] = None,
    greys: Annotated[
        str | None,
        typer.Option(
            metavar="GREYS",
            help="Of the phases themselves, as '60, 120, 200', where one is too thin for a peak.",
        ),
    ] = None,
    fast: Annotated[
        bool,
        typer.Option("--fast", help="Leave out what other thresholds would do to the values."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where to; ./VOLUME-measured if not given."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print the values as a JSON list only; no folder without DIR."),
    ] = False,
    labels: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the phases as a volume, too, as labels.tif or labels.vti."
        ),
    ] = None,
    fields: Annotated[
        bool,
        typer.Option(
            "--fields", help="Write potential and current for ParaView: fields.vti in the folder."
        ),
    ] = False,
    shape: Annotated[
        str | None, typer.Option(metavar="VOXELS", help='Of a raw file, as "1024 x 1024 x 100".')
    ] = None,
    dtype: Annotated[
        str | None, typer.Option(metavar="TYPE", help="Of a raw file's numbers, as uint8 or >u2.")
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of a file that holds several arrays.")
    ] = None,
) -> None:
    """Measure a volume: fractions, contact, tortuosity, current, and a composite for a cell."""
    from solith.app._progress import shown_progress
    from solith.study._structure_input import split_phases
    from solith.study.structure_chain import measure_structure

    named = None if phases is None else split_phases(phases)
    roles, conductivities = _pairs(role, "role"), _pairs(conductivity, "conductivity")
    cuts = None if thresholds is None else _numbers(thresholds, "thresholds")
    levels = None if greys is None else _numbers(greys, "greys")
    folder = _folder(volume, out, as_json)
    if fields and folder is None:
        raise InputError("--fields needs a folder: give it with --out")
    if folder is not None:
        from solith.app._result_folder import check_free

        check_free(folder)
    _check_labels(labels, volume)
    written = "nothing was written"
    try:
        with shown_progress() as progress:
            progress.report(0.0, f"reading {volume.name}")
            found = measure_structure(
                _read(volume, voxel, shape, dtype, dataset),
                named,
                roles=roles,
                conductivities=conductivities,
                axis=axis,
                thresholds=cuts,
                greys=levels,
                fast=fast,
                fields=fields,
                name=volume.name,
                progress=progress,
            )
        if folder is not None:
            given = {
                "phases": phases,
                "voxel": voxel,
                "axis": axis,
                **{f"conductivity of {phase}": text for phase, text in conductivities.items()},
                "thresholds": thresholds,
                "greys": greys,
                "fast": "yes" if fast else None,
            }
            _write(folder, found, {key: text for key, text in given.items() if text is not None})
            written = f"{folder} was written" + (f", {labels} was not" if labels else "")
        if labels is not None:
            from solith.volumes import write_volume

            write_volume(found.volume, labels)
    except KeyboardInterrupt:
        raise InterruptedRunError(f"interrupted; {written}") from None
    _tell(found, folder, as_json)


def _tell(found: MeasuredStructure, folder: Path | None, as_json: bool) -> None:
    from solith.app._measure_rows import to_json, to_text

    if as_json:
        print(to_json(found))
        return
    print(to_text(found))
    if folder is not None:
        print(f"\nThe report is {folder / 'report.html'}")


def _folder(volume: Path, out: Path | None, as_json: bool) -> Path | None:
    if out is not None or as_json:
        return out
    plain = volume.stem.strip("*?[]._- ") or "volume"
    return Path(f"{plain}-measured")


def _read(
    path: Path, voxel: str | None, shape: str | None, dtype: str | None, dataset: str | None
) -> Volume | GreyVolume:
    from solith.volumes import read_volume

    sides = None if shape is None else [_whole(part) for part in re.split(r"[x,\s]+", shape)]
    size = None if voxel is None else _lengths(voxel)
    try:
        return read_volume(path, voxel_size=size, shape=sides, dtype=dtype, dataset=dataset)
    except InputError as error:
        if error.where != "voxel_size":
            raise
        raise InputError(
            f"{error.problem.split(': give it')[0]}: give it, as in --voxel '0.5 um'",
            file=error.file,
        ) from None


def _lengths(text: str) -> list[float]:
    """One length [m], or three; the last one's unit is that of those without."""
    from solith.core.quantities import to_si

    parts = [part.strip() for part in text.split(",")]
    last = parts[-1].split()
    unit = last[-1] if len(last) > 1 else ""
    try:
        sizes = [to_si(part if len(part.split()) > 1 else f"{part} {unit}", "m") for part in parts]
    except InputError as error:
        raise error.inside("voxel") from None
    if len(sizes) not in (1, 3) or min(sizes) <= 0:
        raise InputError(f"{text!r} is not one positive length, or three", where="voxel")
    return sizes * (3 // len(sizes))


def _numbers(text: str, where: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"{text!r} are no grey values, as '90, 160'", where=where) from None


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InputError(f"{text!r} is no number of voxels", where="shape") from None


def _pairs(given: Iterable[str] | None, what: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in given or ():
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise InputError(f"{text!r} is not NAME=VALUE", where=what)
        pairs[name] = value
    return pairs


def _check_labels(path: Path | None, volume: Path) -> None:
    if path is None:
        return
    if path.suffix.lower() not in _LABELS:
        raise InputError(f"labels are written as {', '.join(_LABELS)}", file=str(path))
    if not path.parent.is_dir():
        raise InputError(f"there is no folder {str(path.parent)!r} to write it in", file=str(path))
    read = [volume] if volume.exists() else [Path(one) for one in glob(str(volume))]
    inside = volume.is_dir() and path.exists() and path.resolve().parent == volume.resolve()
    if inside or any(path.resolve() == one.resolve() for one in read):
        raise InputError("labels would overwrite what is measured", file=str(path))
    if path.suffix.lower() == ".mhd":
        from solith.volumes._metaimage import require_free

        require_free(path)


def _write(folder: Path, found: MeasuredStructure, given: dict[str, str]) -> None:
    from solith.app._measure_rows import composite_toml, to_csv, to_json_with_details
    from solith.app._result_folder import replace_folder
    from solith.app.measure_report import render_measured
    from solith.core.storage import write_text

    page = render_measured(found, given)

    def fill(fresh: Path) -> None:
        write_text(fresh / "values.csv", to_csv(found))
        write_text(fresh / "values.json", to_json_with_details(found) + "\n")
        write_text(fresh / "report.html", page)
        if found.composite is not None:
            write_text(fresh / "composite.toml", composite_toml(found.composite, found.name))
        if found.conduction is not None:
            from solith.volumes import write_fields

            shown = {
                "phase": found.volume.labels,
                "potential": found.conduction.potential,
                "current_density": found.conduction.current_density,
            }
            write_fields(fresh / "fields.vti", shown, found.volume.voxel_size)

    replace_folder(folder, fill)
