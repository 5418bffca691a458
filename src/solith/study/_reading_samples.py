"""From plain data to samples, with everything checked on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import to_si
from solith.study._checks import check_keys, read_table, read_text, read_texts, read_whole
from solith.study._description import Output, Sample
from solith.study._inherit import resolve
from solith.study._places import multiplied, read_place, with_value
from solith.study._reading_measured import read_measured
from solith.study.replicates import Replicates

__all__ = ["read_samples"]


def read_samples(table: Mapping[str, Any]) -> dict[str, Sample]:
    """The samples that plain data describe; what they are calibrated by is checked later."""
    samples = {}
    for name, written in resolve(table).items():
        where = f"samples.{name}"
        cell = _read_cell(written, where)
        samples[name] = Sample(
            name,
            about=read_text(written, "about", where, ""),
            cell=cell,
            calibrated_by=read_texts(written, "calibrated_by", where),
            takes=_read_takes(written, where, cell),
            stands_for=read_text(written, "stands_for", where, ""),
            varies=_read_varied(written, where, table),
            replicates=_read_replicates(written, where, cell),
            measured=read_measured(written, where),
        )
    return samples


def _read_varied(written: Mapping[str, Any], where: str, samples: Mapping[str, Any]) -> str:
    other = read_text(written, "varies", where, "")
    if other and other not in samples:
        raise UnknownNameError.among("sample", other, samples).inside(f"{where}.varies")
    return other


def _read_cell(written: Mapping[str, Any], where: str) -> Any:
    if "cell" not in written:
        return None
    from solith.cell import read_cell

    try:
        return read_cell(written["cell"])
    except InputError as error:
        raise error.inside(f"{where}.cell") from None


def _read_takes(written: Mapping[str, Any], where: str, cell: Any) -> dict[str, Output]:
    takes = {}
    where = f"{where}.takes"
    for place, item in read_table(written, "takes", "", {}).items():
        within = f"{where}.{place!r}"
        table = read_table({"": item}, "", within)
        check_keys(table, ("task", "value", "cycle"), within)
        try:
            with_value(_plain_cell(place, cell), place, None)
        except InputError as error:
            raise InputError(f"{place!r}: {error}", where=where) from None
        takes[place] = Output(
            read_text(table, "task", within),
            read_text(table, "value", within),
            read_whole(table, "cycle", within),
        )
    return takes


def _read_replicates(written: Mapping[str, Any], where: str, cell: Any) -> Replicates | None:
    if "replicates" not in written:
        return None
    table = read_table(written, "replicates", where)
    where = f"{where}.replicates"
    check_keys(table, ("number", "spread", "seed"), where)
    number = read_whole(table, "number", where)
    if number is None or number < 2:
        raise InputError("give how many cells there are, at least 2", where=f"{where}.number")
    spread = read_table(table, "spread", where)
    if not spread:
        raise InputError(
            "names nothing that scatters; give a place and its relative standard deviation, "
            'as in {"cell.cathode.loading" = "3 %"}',
            where=f"{where}.spread",
        )
    for place in spread:
        try:
            multiplied(read_place(_plain_cell(place, cell), place), 1.0)
        except InputError as error:
            raise InputError(f"{place!r}: {error}", where=f"{where}.spread") from None
        try:
            deviation = to_si(read_text(spread, place, ""), "")
            if not 0 < deviation < 1:
                raise InputError(f"{spread[place]!r} must be above 0 and below 100 %")
        except InputError as error:
            raise InputError(f"{place!r}: {error.problem}", where=f"{where}.spread") from None
    seed = table.get("seed", 1)
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise InputError(f"{seed!r} is not a whole number", where=f"{where}.seed")
    return Replicates(number, dict(spread), seed)


def _plain_cell(place: str, cell: Any) -> dict[str, Any]:
    if not place.startswith("cell."):
        raise InputError("is no place of the cell; begin it with cell.")
    if cell is None:
        raise InputError("the sample has no cell; describe it")
    from solith.cell import write_cell

    return {"cell": write_cell(cell)}
