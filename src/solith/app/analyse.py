"""Measured files, each by itself: what it is, what it tells, and why it could not be used."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from solith.analysis import CYCLING_TECHNIQUES, SPECTRUM_TECHNIQUES, analyse_fully, take_as
from solith.app._analyse_asked import OfMaps, OfSpectra, shifted
from solith.app._analyse_files import find_files
from solith.app._analyse_outcomes import Outcome, attempted
from solith.app._analyse_patterns import PATTERN_TECHNIQUES, OfPatterns, pattern_outcomes
from solith.app._analyse_spectra import map_outcomes, spectrum_outcomes
from solith.core.errors import InputError, InterruptedRunError, SolithError
from solith.core.progress import SILENT, Progress
from solith.core.record import Record
from solith.core.result import Result
from solith.readers import format_of, read

__all__ = [
    "Analysed",
    "AnalysedFile",
    "AnalysedRecord",
    "Frequencies",
    "Outcome",
    "analyse_files",
    "attempted",
]

_OF_SPECTRA = ("xanes", "xps")
"""Techniques of spectra that have options of their own."""

_LABELLED = ("impedance", "crystallinity")
"""Techniques that say what their values mean."""

_PIXEL = "pixel_size"
_NO_PIXEL = "the size of a pixel is not told"  # begins a note of the readers
_OFFER = ". solith reads: "  # begins the list of formats in a message of the readers

Frequencies = tuple[float | None, float | None]
"""The lowest and the highest frequency [Hz] to use; ``None`` for all that there are."""


class Analysed:
    """What has ``outcomes`` of analyses, by technique."""

    outcomes: Mapping[str, Outcome]

    @property
    def results(self) -> dict[str, Result]:
        """The outcomes that are results."""
        return {name: one for name, one in self.outcomes.items() if isinstance(one, Result)}

    @property
    def empty(self) -> dict[str, str]:
        """The results without anything to show, and why."""
        return {
            name: "no charge or discharge in it"
            for name, result in self.results.items()
            if name == "cycling" and not result.details.get("cycles", True)
        }

    @property
    def labels(self) -> Mapping[str, Mapping[str, Any]]:
        """What values may mean: arcs of the fitted circuit, the class that a field is called."""
        return {
            quantity: label
            for technique in _LABELLED
            for quantity, label in self.labels_of(technique).items()
        }

    def labels_of(self, technique: str) -> Mapping[str, Mapping[str, Any]]:
        """What the values of one technique may mean."""
        found = self.results.get(technique) if technique in _LABELLED else None
        return {} if found is None else found.details.get("labels", {})

    @property
    def errors(self) -> dict[str, SolithError]:
        """The outcomes that are errors."""
        return {name: one for name, one in self.outcomes.items() if isinstance(one, SolithError)}


@dataclass(frozen=True)
class AnalysedRecord(Analysed):
    """A record with the outcome of each analysis that fits it, by technique."""

    record: Record
    outcomes: Mapping[str, Outcome]


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
    circuit: str | None = None,
    frequencies: Frequencies = (None, None),
    technique: str | None = None,
    negate_current: bool = False,
    of_curves: Mapping[str, Any] | None = None,
    of_spectra: OfSpectra | None = None,
    of_maps: OfMaps | None = None,
    of_patterns: OfPatterns | None = None,
    progress: Progress = SILENT,
) -> list[AnalysedFile]:
    """Every file of ``paths`` (of a folder, every file below it), read and analysed.

    ``facts`` are those of :meth:`Record.with_facts` and hold for all records; ``cell_type`` and
    ``circuit`` are those of :func:`solith.analysis.fit_impedance`; impedance records are cut to
    ``frequencies`` first, which a note of theirs tells; records of time, voltage and current are
    taken as made with ``technique``, and have their current's sign turned, where that is asked for;
    ``of_curves`` are options of :func:`solith.analysis.analyse_current_voltage`; ``of_spectra``,
    ``of_maps`` and ``of_patterns`` say what to look for in X-ray absorption and photoelectrons, in
    images, in diffraction and heat flow; a spectrum that does not tell its technique is taken as
    made with ``technique``, too. A current per area is multiplied by the ``geometric_area`` among
    the facts. What cannot be used has its problem
    told and does not stop the others. Cancelling ``progress`` raises :class:`InterruptedRunError`.
    """

    def analysed(record: Record) -> AnalysedRecord:
        informed = _informed(record, facts or {})
        if informed.kind in ("cycling", "voltammogram"):
            informed = take_as(informed, technique) if technique in CYCLING_TECHNIQUES else informed
            informed = informed.negated("current_ampere") if negate_current else informed
        try:
            informed = _cut(_as_asked(informed, technique, of_spectra), frequencies)
        except InputError as error:
            return AnalysedRecord(informed, {record.kind: error})
        if informed.data.attrs.get("technique") in _OF_SPECTRA and informed.kind == "spectrum":
            return AnalysedRecord(informed, spectrum_outcomes(informed, of_spectra or OfSpectra()))
        if informed.data.attrs.get("technique") in PATTERN_TECHNIQUES:
            return AnalysedRecord(informed, pattern_outcomes(informed, of_patterns or OfPatterns()))
        if informed.kind == "map":
            return AnalysedRecord(informed, map_outcomes(informed, of_maps or OfMaps()))
        outcomes = analyse_fully(
            informed, cell_type=cell_type, circuit=circuit, **(of_curves or {})
        )
        return AnalysedRecord(informed, outcomes)

    files = find_files(paths)
    area = (facts or {}).get("geometric_area")
    done = []
    for place, path in enumerate(files):
        part = progress.part(place / len(files), (place + 1) / len(files))
        part.report(0.0, f"{path}: reading")
        done.append(_read_and_analysed(path, area, analysed, part))
    return done


def _informed(record: Record, facts: Mapping[str, Any]) -> Record:
    """The record with the facts; the size of a pixel is one of maps only."""
    if record.kind != "map":
        return record.with_facts(**{n: told for n, told in facts.items() if n != _PIXEL})
    informed = record.with_facts(**facts)
    if _PIXEL not in facts:
        return informed
    notes = [note for note in record.provenance.notes if not note.startswith(_NO_PIXEL)]
    notes.append(f"the size of a pixel was given: {facts[_PIXEL]}")
    return replace(informed, provenance=replace(record.provenance, notes=tuple(notes)))


def _as_asked(record: Record, technique: str | None, asked: OfSpectra | None) -> Record:
    """A spectrum as made with the technique, where it tells none, and its energies moved."""
    if record.kind != "spectrum":
        return record
    if (
        technique in SPECTRUM_TECHNIQUES
        and record.data.attrs.get("technique") not in SPECTRUM_TECHNIQUES
    ):
        record = take_as(record, technique)
    if asked is not None and record.data.attrs.get("technique") == "xanes":
        record = shifted(record, asked.shift)
    return record


def _read_and_analysed(
    path: Path, area: Any, analysed: Callable[[Record], AnalysedRecord], progress: Progress
) -> AnalysedFile:
    begun = time.monotonic()
    try:
        known = format_of(path)
        records = read(path, area=area)
    except InterruptedRunError:
        raise
    except SolithError as error:
        problem, _, offered = str(error).removeprefix(f"{path}: ").partition(_OFFER)
        progress.report(1.0, f"{path}: not used")
        return AnalysedFile(path, problem=problem, offered=offered)
    done = []
    for place, record in enumerate(records):
        progress.report(place / len(records), f"{path}: {_which(place, records)}")
        done.append(analysed(record))
    progress.report(1.0, f"{path}: done in {time.monotonic() - begun:.1f} s")
    return AnalysedFile(path, known, tuple(done), "" if done else "it holds no data")


def _cut(record: Record, frequencies: Frequencies) -> Record:
    """An impedance record within the frequencies, with a note on what lies outside."""
    if record.kind != "impedance" or frequencies == (None, None):
        return record
    cut = record.select(frequency_hertz=frequencies)
    low, high = frequencies
    ends = [f"below {low:g} Hz"] if low is not None else []
    ends += [f"above {high:g} Hz"] if high is not None else []
    told = f"as asked, {len(record) - len(cut)} of {len(record)} points {' or '.join(ends)} are cut"
    notes = (*record.provenance.notes, told)
    return replace(cut, provenance=replace(record.provenance, notes=notes))


def _which(place: int, records: Sequence[Record]) -> str:
    return "analysing" if len(records) == 1 else f"analysing {place + 1} of {len(records)}"
