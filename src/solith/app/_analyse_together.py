"""Spectra of several files together: a series of absorption, a photoelectron region of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from solith.analysis import analyse_xanes_series, find_components, fit_xps, follow_edges
from solith.app._analyse_asked import Along, OfSpectra
from solith.app._analyse_outcomes import Outcome, attempted
from solith.app._analyse_spectra import covered_by, fit_options
from solith.app.analyse import AnalysedFile
from solith.app.analyse_joined import Joined, Member
from solith.core.errors import InputError
from solith.core.record import Record
from solith.core.result import Result

__all__ = ["join_spectra", "require_asked"]

_FOR_SERIES = 4
_CLOCKS = ("measured_from", "measured_until", "time_second")


def join_spectra(
    files: Sequence[AnalysedFile], asked: OfSpectra, *, series: bool = False
) -> list[Joined]:
    """What the spectra of several files tell together.

    With ``series`` those of X-ray absorption, in order of their dates where all have one, along
    what is asked: :func:`solith.analysis.follow_edges`, and of four or more
    :func:`solith.analysis.analyse_xanes_series` and :func:`solith.analysis.find_components`. Of a
    photoelectron region that several spectra are of, all fitted with the same positions and
    widths: :func:`solith.analysis.fit_xps`.

    Raises :class:`InputError` where a region is asked for that none of the photoelectron spectra
    is of, and where what the series is along has not one value for each spectrum.
    """
    joined = []
    if series and len(_with(files, "xanes")) > 1:
        joined.append(_absorption(_with(files, "xanes"), asked))
    if asked.components:
        joined += _region(files, asked)
    return joined


def require_asked(files: Sequence[AnalysedFile]) -> None:
    """Raise :class:`InputError` where there are images only, and it is not said what to look for.

    Among other records such an image is told of like any other that could not be analysed.
    """
    records = [one for file in files for one in file.records]
    if records and all("image" in one.outcomes for one in records):
        error = next(iter(records[0].errors.values()))
        raise InputError(str(error))


def _with(files: Sequence[AnalysedFile], technique: str) -> list[Member]:
    return [(file, one) for file in files for one in file.records if technique in one.results]


def _named(members: Sequence[Member]) -> dict[str, Member]:
    """The members by the name of their file, or of record and file where that is not enough."""
    found: dict[str, Member] = {}
    for file, one in members:
        name = file.path.stem if len(file.records) == 1 else one.record.name or file.path.stem
        number, free = 1, name
        while free in found:
            number += 1
            free = f"{name} ({number})"
        found[free] = (file, one)
    return found


def _absorption(members: Sequence[Member], asked: OfSpectra) -> Joined:
    dates = [_date(one.record) for _, one in members]
    ordered = list(members)
    seconds: list[float] | None = None
    known = [date for date in dates if date is not None]
    if len(known) == len(members) and _comparable(known) and not _by_hand(asked.along):
        places = sorted(range(len(members)), key=known.__getitem__)
        ordered = [members[place] for place in places]
        first = known[places[0]]
        seconds = [(known[place] - first).total_seconds() for place in places]
        if not _rising([known[place] for place in places], len(places)):
            seconds = None
    named = _named(ordered)
    results = {name: one.results["xanes"] for name, (_, one) in named.items()}
    records = {name: one.record for name, (_, one) in named.items()}
    if _by_hand(asked.along) and not _rising(known, len(members)):
        records = {name: _undated(record) for name, record in records.items()}
    along, told = _axis(asked.along, seconds, len(ordered))
    outcomes: dict[str, Outcome] = {"xanes-edges": attempted(follow_edges, results, **along)}
    if len(ordered) >= _FOR_SERIES:
        smooth = {} if asked.smoothing is None else {"smoothing": asked.smoothing}
        more = {**smooth, **_history(asked.along)}
        outcomes["xanes-series"] = attempted(
            analyse_xanes_series,
            records,
            **_times(asked.along),
            window=asked.window,
            **more,
        )
        outcomes["xanes-components"] = attempted(
            find_components, records, window=asked.window, **smooth
        )
        rest = ""
    else:
        rest = f" Differences and components need {_FOR_SERIES} spectra."
    taken = f"{len(ordered)} spectra taken as a series of one sample"
    return Joined(
        "Absorption spectra of a series",
        f"{taken}, {told}.{rest}",
        {"": ordered},
        outcomes,
        (taken,),
    )


def _by_hand(along: Along | None) -> bool:
    """Whether each file is told its place, in the order in which files are given."""
    return along is not None and bool(along.quantity)


def _axis(
    along: Along | None, seconds: list[float] | None, count: int
) -> tuple[dict[str, Any], str]:
    """Options of :func:`follow_edges`, and in words what the spectra are along."""
    if along is not None and along.values:
        if len(along.values) != count:
            raise InputError(
                f"has {len(along.values)} values for {count} spectra; give one for each, in the "
                "order of the files",
                where="--along",
            )
        told = f"along the {along.quantity} that was given for each file, in the order of the files"
        return {"along": along.quantity, "values": along.values}, told
    if seconds is not None:
        return {"along": "time", "values": seconds}, "in order of their dates"
    asked = "as asked" if along is not None and along.quantity else "their dates tell no other"
    return {}, f"in the order of the files, {asked}"


def _times(along: Along | None) -> dict[str, Any]:
    return {"times": list(along.values)} if along is not None and along.quantity == "time" else {}


def _history(along: Along | None) -> dict[str, Any]:
    if along is None:
        return {}
    if along.cycling is not None:
        return {"cycling": along.cycling, "clock_offset": along.clock_offset}
    column = {"potential": "potentials", "charge": "charges"}.get(along.quantity)
    return {column: list(along.values)} if column else {}


def _date(record: Record) -> datetime | None:
    try:
        return datetime.fromisoformat(str(record.data.attrs.get("measured_from", "")))
    except ValueError:
        return None


def _undated(record: Record) -> Record:
    """The spectrum without its date, which is not that of its place in the series."""
    kept = {key: told for key, told in record.data.attrs.items() if key not in _CLOCKS}
    data = record.data.copy()
    data.attrs = kept
    return replace(record, data=data)


def _rising(dates: Sequence[datetime], count: int) -> bool:
    """Whether each of ``count`` spectra has a date later than the one before."""
    known = len(dates) == count and _comparable(dates)
    return known and all(one < later for one, later in pairwise(dates))


def _comparable(dates: Sequence[datetime]) -> bool:
    return len({date.tzinfo is None for date in dates}) == 1


def _region(files: Sequence[AnalysedFile], asked: OfSpectra) -> Iterator[Joined]:
    spectra = [
        one.record
        for file in files
        for one in file.records
        if {"xps", "xps-fit"} & set(one.outcomes)
    ]
    fitted = [(file, one) for file in files for one in file.records if "xps-fit" in one.outcomes]
    if spectra and not fitted:
        there = ", ".join(dict.fromkeys(_told(record) for record in spectra))
        raise InputError(
            f"none of the {len(spectra)} photoelectron spectra is of {asked.region}; there is: "
            f"{there}",
            where="--region",
        )
    members = [(file, one) for file, one in fitted if "xps-fit" in one.results]
    if len(members) < 2:
        return
    named = _named(members)
    records = {name: one.record for name, (_, one) in named.items()}
    taken = f"{len(members)} spectra fitted with the same positions and widths"
    order = "; numbers at the end of names are " + ", ".join(
        f"{n} {name}" for n, name in enumerate(named, start=1)
    )
    found: Result | Any = attempted(fit_xps, records, **fit_options(asked))
    yield Joined(
        f"{asked.region} of all files",
        f"{taken}{order}.",
        {"": members},
        {"xps-series": found},
        (taken,),
    )


def _told(record: Record) -> str:
    low, high = covered_by(record)
    region = str(record.data.attrs.get("region", "")) or record.name
    return f"{region} ({low:.4g} to {high:.4g} eV)"
