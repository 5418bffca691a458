"""The command line: ``solith run``, ``list``, ``new``, ``reproduce`` and ``analyse``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from solith.core.errors import ConvergenceError, InputError, InterruptedRunError, SolithError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solith.app.analyse import AnalysedFile
    from solith.study import Study, StudyRun

__all__ = ["app", "main"]

_FAILED = 1
_BAD_INPUT = 2
_INTERRUPTED = 130
_CELL_TYPES = "blocking-pellet, lithium-pellet, symmetric-cell or composite-half-cell"

app = typer.Typer(
    name="solith",
    help="A workbench for the interfaces of all-solid-state lithium batteries.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_Which = Annotated[
    str, typer.Argument(metavar="NAME|FILE", help="A study of `solith list`, or a study file.")
]
_Out = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Where to; ./NAME-results if not given.")
]
_Json = Annotated[bool, typer.Option("--json", help="Print the comparison as a JSON list only.")]
_Force = Annotated[bool, typer.Option("--force", help="Replace an earlier run in the folder.")]
_Workers = Annotated[
    int | None,
    typer.Option("--workers", metavar="N", help="Processes side by side; all cores if not given."),
]


def main() -> None:
    """Run the command line; every error of solith is one line and an exit code."""
    try:
        app()
    except InterruptedRunError as error:
        sys.exit(_complaint(str(error), _INTERRUPTED))
    except ConvergenceError as error:
        sys.exit(_complaint(str(error), _FAILED))
    except SolithError as error:
        sys.exit(_complaint(str(error), _BAD_INPUT))


def _show_version(wanted: bool) -> None:
    if wanted:
        from solith import __version__

        print(f"solith {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    pass


@app.command()
def run(
    which: _Which,
    out: _Out = None,
    as_json: _Json = False,
    force: _Force = False,
    workers: _Workers = None,
) -> None:
    """Run a study and write its report."""
    study = _find_study(which)
    folder = _folder(study, out)
    # Without a report the run was cut off at its very end.
    cut_off = not (folder / "report.html").exists()
    done = _run(study, folder, force=force, reuse=cut_off, workers=workers)
    _print_rows(done, as_json)
    if not as_json:
        print(f"\nThe report is {folder / 'report.html'}")
    _end(done)


@app.command("list")
def list_studies() -> None:
    """List the studies that come with solith."""
    from solith.core.table import text_table
    from solith.study import packaged_studies

    print(text_table(("study", "what it answers"), list(packaged_studies().items())))


@app.command()
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The study file to write.")],
) -> None:
    """Write a commented study to start from; it runs as it is."""
    from solith.core.storage import write_text
    from solith.study import starter_text

    if file.exists():
        raise InputError(
            "is there already and is not overwritten; give another name", file=str(file)
        )
    if not file.parent.is_dir():
        raise InputError(f"there is no folder {str(file.parent)!r} to write it in", file=str(file))
    try:
        write_text(file, starter_text(file.stem))
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", file=str(file)) from None
    print(f"Wrote {file}. Run it with: solith run {file}")


@app.command()
def reproduce(
    which: _Which,
    out: _Out = None,
    as_json: _Json = False,
    force: _Force = False,
    workers: _Workers = None,
) -> None:
    """Run a study, or take its finished run, and print the comparison alone."""
    study = _find_study(which)
    done = _run(study, _folder(study, out), force=force, reuse=True, workers=workers)
    _print_rows(done, as_json)
    _end(done)


@app.command()
def analyse(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="Files of instruments, or folders of them.", show_default=False
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where to; ./analyse-results if not given."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print the values as a JSON list only; no folder without DIR."),
    ] = False,
    cell_type: Annotated[
        str | None,
        typer.Option("--cell-type", metavar="NAME", help=f"Of impedance: {_CELL_TYPES}."),
    ] = None,
    circuit: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help='To fit to impedance, as "R0-p(R1,CPE1)-CPE2".'),
    ] = None,
    lowest_frequency: Annotated[
        str | None, typer.Option(metavar="FREQUENCY", help='Of impedance to use, as "1 Hz".')
    ] = None,
    highest_frequency: Annotated[
        str | None, typer.Option(metavar="FREQUENCY", help='Of impedance to use, as "1 MHz".')
    ] = None,
    technique: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Of time, voltage and current, where it is not told rightly: cycling, gitt, "
            "symmetric or voltammogram.",
        ),
    ] = None,
    negate_current: Annotated[
        bool,
        typer.Option("--negate-current", help="Positive current discharges in these files."),
    ] = False,
    area: Annotated[
        str | None,
        typer.Option(metavar="AREA", help='Geometric area of all cells, as "0.785 cm2".'),
    ] = None,
    thickness: Annotated[
        str | None, typer.Option(metavar="LENGTH", help='Of the electrolyte, as "0.6 mm".')
    ] = None,
    mass: Annotated[
        str | None, typer.Option(metavar="MASS", help='Of active material, as "5 mg".')
    ] = None,
    temperature: Annotated[
        str | None, typer.Option(metavar="TEMPERATURE", help='As "25 degC".')
    ] = None,
    pressure: Annotated[str | None, typer.Option(metavar="PRESSURE", help='As "50 MPa".')] = None,
    one_c: Annotated[
        str | None, typer.Option("--one-c", metavar="CURRENT", help='Of the cell, as "1.5 mA".')
    ] = None,
) -> None:
    """Read measured files, whatever they are, and report what they tell."""
    from solith.app._analyse_folder import check_free, write_folder
    from solith.app._analyse_options import (
        check_cell_type,
        check_circuit,
        check_facts,
        check_frequencies,
        check_technique,
    )
    from solith.app._analyse_rows import rows_of, to_json, to_text
    from solith.app._progress import shown_progress
    from solith.app.analyse import analyse_files

    check_cell_type(cell_type)
    check_circuit(circuit)
    check_technique(technique)
    frequencies = check_frequencies(lowest_frequency, highest_frequency)
    facts = check_facts(
        {
            "--area": ("geometric_area", area),
            "--thickness": ("thickness", thickness),
            "--mass": ("active_mass", mass),
            "--temperature": ("temperature", temperature),
            "--pressure": ("pressure", pressure),
            "--one-c": ("one_c_current", one_c),
        }
    )
    folder = out if out is not None or as_json else Path("analyse-results")
    if folder is not None:
        check_free(folder)
    try:
        with shown_progress() as progress:
            done = analyse_files(
                files,
                facts=facts,
                cell_type=cell_type,
                circuit=circuit,
                frequencies=frequencies,
                technique=technique,
                negate_current=negate_current,
                progress=progress,
            )
        used = any(file.used for file in done)
        if folder is not None and used:
            from solith.app.analyse_report import render_analysis

            chosen = {
                "cell_type": cell_type,
                "circuit": circuit,
                "lowest_frequency": lowest_frequency,
                "highest_frequency": highest_frequency,
                "technique": technique,
                "negate_current": "yes" if negate_current else None,
            }
            told = {name: text for name, text in chosen.items() if text is not None}
            write_folder(folder, done, render_analysis(done, facts | told))
    except KeyboardInterrupt:
        raise InterruptedRunError("interrupted; nothing was written") from None
    if as_json:
        print(to_json(rows_of(done)))
    elif used and folder is not None:
        print(to_text(done))
        print(f"\nThe report is {folder / 'report.html'}")
    _tell_unused(done)
    if not used:
        raise InputError(
            f"none of the {len(done)} files could be used"
            if len(done) > 1
            else "the file could not be used"
        )


def _tell_unused(files: Sequence[AnalysedFile]) -> None:
    """Which files, and which analyses of records, came to nothing, and why."""
    for file in files:
        if not file.used:
            _warning(f"{file.path}: not used: {file.problem}")
        for one in file.records:
            named = f"{file.path}, {one.record.name}" if len(file.records) > 1 else file.path
            for technique, error in one.errors.items():
                _warning(f"{named}: {technique}: {error}")
    for offered in sorted({file.offered for file in files} - {""}):
        _warning(f"known formats: {offered}")


def _warning(message: str) -> None:
    print(f"solith: {' '.join(message.split())}", file=sys.stderr)


def _find_study(which: str) -> Study:
    from solith.core.errors import unknown_name_message
    from solith.study import load_packaged_study, load_study, packaged_studies

    if which in packaged_studies():
        return load_packaged_study(which)
    path = Path(which)
    if not which or not (path.suffix or path.exists() or len(path.parts) > 1):
        message = unknown_name_message("study", which, packaged_studies())
        raise InputError(f"{message}; or give the path of a study file")
    return load_study(path)


def _folder(study: Study, out: Path | None) -> Path:
    return out if out is not None else Path(f"{study.name}-results")


def _run(study: Study, folder: Path, *, force: bool, reuse: bool, workers: int | None) -> StudyRun:
    from solith.app._progress import shown_progress
    from solith.core.storage import write_text
    from solith.study import run_study

    with shown_progress() as progress:
        done = run_study(
            study, folder, progress=progress, force=force, reuse=reuse, workers=workers
        )
    from solith.app.report import render_report

    write_text(folder / "report.html", render_report(done))
    return done


def _print_rows(done: StudyRun, as_json: bool) -> None:
    from solith.study import rows_to_json, rows_to_text
    from solith.study.answer import fill_answer

    if as_json:
        print(rows_to_json(done.rows))
    elif done.rows:
        print(rows_to_text(done.rows))
        for sentence in fill_answer(done.study.answer, done.rows):
            print(f"\n{sentence}")
    else:
        print("The study compares nothing; add [[compare]] for a table.")


def _end(done: StudyRun) -> None:
    """Tell of failed tasks, with the exit code that belongs to them."""
    for task, message in done.failures.items():
        _complaint(f"task {task}: {message}", _FAILED)
    if done.failures:
        raise typer.Exit(_FAILED)


def _complaint(message: str, code: int) -> int:
    print(f"solith: error: {' '.join(message.split())}", file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
