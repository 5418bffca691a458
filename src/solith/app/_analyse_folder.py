"""The folder with the results of an analysis, written whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from solith.app._analyse_details import detail_tables
from solith.app._analyse_rows import to_csv, to_json_with_records
from solith.app._result_folder import check_free, replace_folder
from solith.app.analyse import Analysed, AnalysedFile
from solith.app.analyse_joined import Joined
from solith.core.storage import write_record, write_text

__all__ = ["check_free", "write_folder"]


def write_folder(
    folder: Path, files: Sequence[AnalysedFile], page: str, joined: Sequence[Joined] = ()
) -> None:
    """Write report, values and records; an earlier analysis there is replaced by this one.

    Raises :class:`InputError` as :func:`check_free` does, :class:`StorageError` where nothing can
    be written.
    """
    replace_folder(folder, lambda fresh: _fill(fresh, files, page, joined))


def _fill(folder: Path, files: Sequence[AnalysedFile], page: str, joined: Sequence[Joined]) -> None:
    (folder / "records").mkdir()
    unused = _distinct()
    for file in files:
        for one in file.records:
            name = unused(one.record.name or file.path.stem)
            write_record(folder / "records" / f"{name}.nc", one.record)
            _write_tables(folder, name, one)
    name = unused("together")
    for together in joined:
        _write_tables(folder, name, together)
    write_text(folder / "values.csv", to_csv(files, joined))
    write_text(folder / "values.json", to_json_with_records(files, joined) + "\n")
    write_text(folder / "report.html", page)


def _write_tables(folder: Path, name: str, one: Analysed) -> None:
    for table, text in detail_tables(one):
        (folder / "tables").mkdir(exist_ok=True)
        write_text(folder / "tables" / f"{name}-{table}.csv", text)


def _distinct() -> Callable[[str], str]:
    """Names for files from names of records, no two the same."""
    taken: set[str] = set()

    def name(wanted: str) -> str:
        plain = re.sub(r"[^\w.-]+", "_", wanted).strip("._")[:80] or "record"
        number, free = 1, plain
        while free.lower() in taken:
            number += 1
            free = f"{plain}-{number}"
        taken.add(free.lower())
        return free

    return name
