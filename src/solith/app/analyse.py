"""Measured files, each by itself: what it is, what it tells, and why it could not be used."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from solith.analysis import CELL_TYPES, analyse_fully
from solith.app._analyse_files import find_files
from solith.core.errors import (
    InputError,
    InterruptedRunError,
    SolithError,
    unknown_name_message,
)
from solith.core.progress import SILENT, Progress
from solith.core.record import Record
from solith.core.result import Result
from solith.readers import format_of, read

__all__ = [
    "AnalysedFile",
    "AnalysedRecord",
    "Outcome",
    "analyse_files",
    "check_cell_type",
    "check_facts",
]

_OFFER = ". solith reads: "  # begins the list of formats in a message of the readers

Outcome = Result | SolithError
"""What an analysis gave, or why it gave nothing."""


@dataclass(frozen=True)
class AnalysedRecord:
    """A record with the outcome of each analysis that fits it, by technique."""

    record: Record
    outcomes: Mapping[str, Outcome]

    @property
    def results(self) -> dict[str, Result]:
        """The outcomes that are results."""
        return {name: one for name, one in self.outcomes.items() if isinstance(one, Result)}

    @property
    def errors(self) -> dict[str, SolithError]:
        """The outcomes that are errors."""
        return {name: one for name, one in self.outcomes.items() if isinstance(one, SolithError)}


@dataclass(frozen=True)
class AnalysedFile:
    """A file as it was given or found, and its records, or the ``problem`` with it.

    Where its format is unknown, ``offered`` lists those that are known.
    """

    path: Path
    format: str = ""
    records: tuple[AnalysedRecord, ...] = ()
    problem: str = ""
    offered: str = ""

    @property
    def used(self) -> bool:
        """Whether there are records in it."""
        return not self.problem


def analyse_files(
    paths: Iterable[Path],
    *,
    facts: Mapping[str, Any] | None = None,
    cell_type: str | None = None,
    progress: Progress = SILENT,
) -> list[AnalysedFile]:
    """Every file of ``paths`` (of a folder, every file below it), read and analysed.

    ``facts`` are those of :meth:`Record.with_facts` and hold for all records; ``cell_type``
    is that of :func:`solith.analysis.fit_impedance`. What cannot be used has its problem told
    and does not stop the others. Cancelling ``progress`` raises :class:`InterruptedRunError`.
    """
    files = find_files(paths)
    done = []
    for place, path in enumerate(files):
        part = progress.part(place / len(files), (place + 1) / len(files))
        part.report(0.0, f"{path}: reading")
        done.append(_analysed(path, facts or {}, cell_type, part))
    return done


def check_facts(given: Mapping[str, tuple[str, str | None]]) -> dict[str, str]:
    """The facts among ``given`` (option to fact and text), each with its text checked.

    Raises :class:`InputError` that names the option whose text is no such quantity.
    """
    anything = Record.from_arrays("spectrum", abscissa=[0.0], intensity=[0.0])
    facts = {}
    for option, (fact, text) in given.items():
        if text is None:
            continue
        try:
            anything.with_facts(**{fact: text})
        except InputError as error:
            raise InputError(error.problem, where=option) from None
        facts[fact] = text
    return facts


def check_cell_type(name: str | None) -> None:
    """Raise :class:`InputError` that names the option for a type of cell that is not known."""
    if name is not None and name not in CELL_TYPES:
        raise InputError(unknown_name_message("cell type", name, CELL_TYPES), where="--cell-type")


def _analysed(
    path: Path, facts: Mapping[str, Any], cell_type: str | None, progress: Progress
) -> AnalysedFile:
    begun = time.monotonic()
    try:
        known = format_of(path)
        records = read(path)
    except InterruptedRunError:
        raise
    except SolithError as error:
        problem, _, offered = str(error).removeprefix(f"{path}: ").partition(_OFFER)
        progress.report(1.0, f"{path}: not used")
        return AnalysedFile(path, problem=problem, offered=offered)
    analysed = []
    for place, record in enumerate(records):
        progress.report(place / len(records), f"{path}: {_which(place, records)}")
        informed = record.with_facts(**facts)
        analysed.append(AnalysedRecord(informed, analyse_fully(informed, cell_type=cell_type)))
    progress.report(1.0, f"{path}: done in {time.monotonic() - begun:.1f} s")
    return AnalysedFile(path, known, tuple(analysed), "" if analysed else "it holds no data")


def _which(place: int, records: Sequence[Record]) -> str:
    return "analysing" if len(records) == 1 else f"analysing {place + 1} of {len(records)}"
