"""The command line: ``solith run``, ``list``, ``new``, ``reproduce``, ``analyse``, ``measure``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from solith.app._analyse_command import analyse
from solith.app._design_command import design
from solith.app._materials_command import materials
from solith.app._measure_command import measure
from solith.app._press_command import press
from solith.core.errors import ConvergenceError, InputError, InterruptedRunError, SolithError

if TYPE_CHECKING:
    from solith.study import Study, StudyRun

__all__ = ["app", "main"]

_FAILED = 1
_BAD_INPUT = 2
_INTERRUPTED = 130

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
_Full = Annotated[
    bool,
    typer.Option("--full", help="As much as the study can do: more realisations, longer runs."),
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
    full: _Full = False,
) -> None:
    """Run a study and write its report."""
    study = _find_study(which, full=full)
    folder = _folder(study, out, full=full)
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
    like: Annotated[
        str, typer.Option(metavar="STUDY", help="Copy this one, of those in solith list.")
    ] = "starter",
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
        write_text(file, starter_text(file.stem, like=like))
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
    full: _Full = False,
) -> None:
    """Run a study, or take its finished run, and print the comparison alone."""
    study = _find_study(which, full=full)
    folder = _folder(study, out, full=full)
    done = _run(study, folder, force=force, reuse=True, workers=workers)
    _print_rows(done, as_json)
    _end(done)


app.command()(analyse)
app.command()(design)
app.command()(materials)
app.command()(measure)
app.command()(press)


def _find_study(which: str, *, full: bool = False) -> Study:
    from solith.core.errors import unknown_name_message
    from solith.study import load_packaged_study, load_study, packaged_studies

    if which in packaged_studies():
        return load_packaged_study(which, full=full)
    path = Path(which)
    if not which or not (path.suffix or path.exists() or len(path.parts) > 1):
        message = unknown_name_message("study", which, packaged_studies())
        raise InputError(f"{message}; or give the path of a study file")
    return load_study(path, full=full)


def _folder(study: Study, out: Path | None, *, full: bool = False) -> Path:
    return out if out is not None else Path(f"{study.name}{'-full' * full}-results")


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
