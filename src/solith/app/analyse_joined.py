"""Records of several files analysed together: scan rates, replicates, places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from solith.analysis import (
    compare_triggering,
    count_scan_rates,
    find_capacitive_share,
    fit_scan_rates,
    summarise_replicates,
)
from solith.app.analyse import Analysed, AnalysedFile, AnalysedRecord, Outcome, attempted
from solith.core.errors import InputError
from solith.core.result import Result

__all__ = ["Joined", "Member", "join_records", "scan_rates_of"]

Member = tuple[AnalysedFile, AnalysedRecord]
"""A record with the file it lies in."""

_REPEATED = ("cycling", "gitt", "critical-current", "symmetric-cycling")
"""Techniques whose results are summarised over replicates."""

_LEAST_RATES = 3
_WHAT = "replicates"


@dataclass(frozen=True)
class Joined(Analysed):
    """Records analysed together: what they are, and the outcomes by technique.

    ``groups`` holds the records by place, or all under "". ``assumed`` is what was taken for
    granted, a flag of every value.
    """

    title: str
    told: str
    groups: Mapping[str, Sequence[Member]]
    outcomes: Mapping[str, Outcome]
    assumed: tuple[str, ...] = ()

    @property
    def members(self) -> list[Member]:
        """All the records."""
        return [member for group in self.groups.values() for member in group]

    @property
    def paths(self) -> list[str]:
        """The files that the records lie in, each once."""
        return list(dict.fromkeys(str(file.path) for file, _ in self.members))

    @property
    def losses(self) -> list[str]:
        """What was lost in reading, with the file."""
        lost = (
            f"{file.path}: {loss}"
            for file, one in self.members
            for loss in one.record.provenance.losses
        )
        return list(dict.fromkeys(lost))


def join_records(
    files: Sequence[AnalysedFile],
    *,
    scan_rates: bool = False,
    replicates: bool = False,
    places: Mapping[str, Sequence[Path]] | None = None,
    side: str | None = None,
) -> list[Joined]:
    """What the records of several files tell together.

    With ``scan_rates`` all voltammograms, taken as those of one cell, at three or more scan rates:
    :func:`solith.analysis.fit_scan_rates` and :func:`solith.analysis.find_capacitive_share`.
    With ``replicates`` the results of cycling, for each technique that two or more files share, of
    which each holds one record of it:
    :func:`solith.analysis.summarise_replicates`. With ``places`` the current-voltage curves in
    the files of each: :func:`solith.analysis.compare_triggering` with ``side``. An analysis
    that does not succeed has its error in its place.
    """
    found = [_scan_rates(files)] if scan_rates else []
    if replicates:
        found += _replicates(files)
    if places:
        found.append(_places(files, places, side))
    return found


def scan_rates_of(files: Sequence[AnalysedFile]) -> int:
    """The number of different scan rates at which there are voltammograms, if three or more."""
    number = count_scan_rates(rate for _, rate in _voltammograms(files))
    return number if number >= _LEAST_RATES else 0


def _with_result(files: Sequence[AnalysedFile], technique: str) -> list[Member]:
    return [
        (file, one)
        for file in files
        for one in file.records
        if technique in one.results and technique not in one.empty
    ]


def _voltammograms(files: Sequence[AnalysedFile]) -> list[tuple[Member, float]]:
    """The voltammograms whose scan rate is known, and that [V/s]."""
    found = [
        (member, member[1].results["voltammetry"]["scan_rate"].value)
        for member in _with_result(files, "voltammetry")
    ]
    return [(member, rate) for member, rate in found if rate is not None]


def _scan_rates(files: Sequence[AnalysedFile]) -> Joined:
    title = "Voltammograms at several scan rates"
    known = _voltammograms(files)
    number = count_scan_rates(rate for _, rate in known)
    if number < _LEAST_RATES:
        error = InputError(
            f"voltammograms at {_LEAST_RATES} or more scan rates are needed; there are {number}"
        )
        return Joined(title, "", {}, {"scan-rates": error})
    members = [member for member, _ in known]
    records = [one.record for _, one in members]
    taken = "taken as those of one cell"
    return Joined(
        title,
        f"All {len(members)} voltammograms, {taken}.",
        {"": members},
        {
            "scan-rates": attempted(fit_scan_rates, records),
            "capacitive-share": attempted(find_capacitive_share, records),
        },
        (f"{len(members)} voltammograms {taken}",),
    )


def _replicates(files: Sequence[AnalysedFile]) -> Iterator[Joined]:
    kinds = {technique: _with_result(files, technique) for technique in _REPEATED}
    for technique, members in kinds.items():
        if len(members) < 2:
            continue
        title = f"Replicates: {technique}"
        name = f"{technique}-replicates"
        if error := _several_in_one(technique, members):
            yield Joined(title, "", {}, {name: error})
            continue
        results = [one.results[technique] for _, one in members]
        taken = f"{len(members)} records taken as replicate cells"
        yield Joined(
            title,
            f"{taken}; the uncertainty is the spread of one cell, not of the mean.",
            {"": members},
            {name: attempted(summarise_replicates, results, what=_WHAT)},
            (taken,),
        )
    if all(len(members) < 2 for members in kinds.values()):
        single = " and one of ".join(technique for technique, members in kinds.items() if members)
        found = f"; there is one of {single}" if single else ""
        error = InputError(f"two or more cycling records of one kind are needed{found}")
        yield Joined("Replicates", "", {}, {"replicates": error})


def _several_in_one(technique: str, members: Sequence[Member]) -> InputError | None:
    """The error where a file holds several records, which may be those of one cell."""
    counts = Counter(str(file.path) for file, _ in members)
    path, most = counts.most_common(1)[0]
    if most == 1:
        return None
    return InputError(
        f"holds {most} records of {technique}, which may be of one cell; replicates are one record "
        "a file",
        file=path,
    )


def _places(
    files: Sequence[AnalysedFile], places: Mapping[str, Sequence[Path]], side: str | None
) -> Joined:
    curves = _with_result(files, "current-voltage")
    groups: dict[str, list[Member]] = {}
    for name, paths in places.items():
        wanted = {path.resolve() for path in paths}
        groups[name] = [member for member in curves if member[0].path.resolve() in wanted]
    left_out = sum(len(paths) for paths in places.values()) - len(
        {file.path for members in groups.values() for file, _ in members}
    )
    told = "Current-voltage curves by the place they were measured at."
    if left_out:
        told += f" Left out: {left_out} of the files given, without an analysed curve."
    return Joined(
        "Triggering by place", told, groups, {"triggering": attempted(_compared, groups, side)}
    )


def _compared(groups: Mapping[str, Sequence[Member]], side: str | None) -> Result:
    for name, members in groups.items():
        if not members:
            raise InputError(
                "none of its files holds a current-voltage curve that could be analysed",
                where=f"place {name!r}",
            )
    results = {
        name: [one.results["current-voltage"] for _, one in members]
        for name, members in groups.items()
    }
    try:
        return compare_triggering(results, side=side)
    except InputError as error:
        raise InputError(str(error).replace("with side=", "with --side")) from None
