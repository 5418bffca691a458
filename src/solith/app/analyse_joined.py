"""Records of several files analysed together: scan rates, replicates, places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from solith.analysis import (
    compare_triggering,
    find_capacitive_share,
    fit_scan_rates,
    summarise_replicates,
)
from solith.app.analyse import Analysed, AnalysedFile, AnalysedRecord, Outcome, attempted
from solith.core.errors import InputError
from solith.core.result import Result

__all__ = ["Joined", "Member", "join_records"]

Member = tuple[AnalysedFile, AnalysedRecord]
"""A record with the file it lies in."""

_REPEATED = ("cycling", "gitt", "critical-current", "symmetric-cycling")
"""Techniques whose results are summarised over replicates."""

_EVEN_RATE = 0.02
"""Part by which scan rates may differ and still be one."""

_LEAST_RATES = 3
_WHAT = "replicates"


@dataclass(frozen=True)
class Joined(Analysed):
    """Records analysed together: what they are, and the outcomes by technique.

    ``groups`` holds the records by place, or all under "".
    """

    title: str
    told: str
    groups: Mapping[str, Sequence[Member]]
    outcomes: Mapping[str, Outcome]

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
    replicates: bool = False,
    places: Mapping[str, Sequence[Path]] | None = None,
    side: str | None = None,
) -> list[Joined]:
    """What the records of several files tell together.

    Voltammograms at three or more scan rates, taken as those of one cell:
    :func:`solith.analysis.fit_scan_rates` and :func:`solith.analysis.find_capacitive_share`.
    With ``replicates`` the results of cycling, for each technique that two or more records share:
    :func:`solith.analysis.summarise_replicates`. With ``places`` the current-voltage curves in
    the files of each: :func:`solith.analysis.compare_triggering` with ``side``. An analysis
    that does not succeed has its error in its place.
    """
    found = list(_scan_rates(files))
    if replicates:
        found += _replicates(files)
    if places:
        found.append(_places(files, places, side))
    return found


def _with_result(files: Sequence[AnalysedFile], technique: str) -> list[Member]:
    return [
        (file, one)
        for file in files
        for one in file.records
        if technique in one.results and technique not in one.empty
    ]


def _scan_rates(files: Sequence[AnalysedFile]) -> Iterator[Joined]:
    rates, members = [], []
    for member in _with_result(files, "voltammetry"):
        rate = member[1].results["voltammetry"]["scan_rate"].value
        if rate is not None:
            members.append(member)
            rates.append(rate)
    if _number_of_different(rates) < _LEAST_RATES:
        return
    records = [one.record for _, one in members]
    yield Joined(
        "Voltammograms at several scan rates",
        f"All {len(members)} voltammograms, taken as those of one cell.",
        {"": members},
        {
            "scan-rates": attempted(fit_scan_rates, records),
            "capacitive-share": attempted(find_capacitive_share, records),
        },
    )


def _number_of_different(rates: Sequence[float]) -> int:
    number, last = 0, 0.0
    for rate in sorted(rates):
        if rate > (1 + _EVEN_RATE) * last:
            number, last = number + 1, rate
    return number


def _replicates(files: Sequence[AnalysedFile]) -> Iterator[Joined]:
    kinds = {technique: _with_result(files, technique) for technique in _REPEATED}
    for technique, members in kinds.items():
        if len(members) < 2:
            continue
        results = [one.results[technique] for _, one in members]
        yield Joined(
            f"Replicates: {technique}",
            f"{len(members)} records taken as replicates of one cell; the uncertainty is the "
            "spread of one cell, not of the mean.",
            {"": members},
            {f"{technique}-replicates": attempted(summarise_replicates, results, what=_WHAT)},
        )
    if all(len(members) < 2 for members in kinds.values()):
        single = " and one of ".join(technique for technique, members in kinds.items() if members)
        found = f"; there is one of {single}" if single else ""
        error = InputError(f"two or more cycling records of one kind are needed{found}")
        yield Joined("Replicates", "", {}, {"replicates": error})


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
