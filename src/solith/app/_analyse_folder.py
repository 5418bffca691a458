"""The folder with the results of an analysis, written whole or not at all."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from solith.app._analyse_details import detail_tables
from solith.app._analyse_files import MARK
from solith.app._analyse_rows import to_csv, to_json_with_records
from solith.app.analyse import Analysed, AnalysedFile
from solith.app.analyse_joined import Joined
from solith.core.errors import InputError, StorageError
from solith.core.storage import write_record, write_text

__all__ = ["check_free", "write_folder"]


def check_free(folder: Path) -> None:
    """Raise :class:`InputError` where ``folder`` holds anything but an earlier analysis."""
    file = str(folder)
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError("is a file; give another folder with --out", file=file)
    lying = {item.relative_to(folder).as_posix() for item in folder.rglob("*") if item.is_file()}
    if lying and MARK not in lying:
        raise InputError(
            "the folder holds something else than an analysis; give another one with --out",
            file=file,
        )
    if foreign := sorted(lying - _written(folder)):
        more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
        raise InputError(
            f"the folder holds what no analysis wrote ({foreign[0]}{more}); move that away, or "
            "give another folder with --out",
            file=file,
        )


def write_folder(
    folder: Path, files: Sequence[AnalysedFile], page: str, joined: Sequence[Joined] = ()
) -> None:
    """Write report, values and records; an earlier analysis there is replaced by this one.

    All is written beside ``folder`` first and then put in its place. Raises
    :class:`InputError` as :func:`check_free` does, :class:`StorageError` where nothing can be
    written.
    """
    check_free(folder)
    folder = folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise StorageError(f"{folder}: cannot be made ({error.strerror})") from None
    try:
        fresh.chmod(0o755)
        _fill(fresh, files, page, joined)
        _exchange(fresh, folder)
    except OSError as error:
        raise StorageError(f"{folder}: cannot be written ({error.strerror})") from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


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
    written = [item for item in folder.rglob("*") if item.is_file()]
    names = sorted(item.relative_to(folder).as_posix() for item in written)
    write_text(folder / MARK, json.dumps([MARK, *names], indent=1, ensure_ascii=False) + "\n")


def _write_tables(folder: Path, name: str, one: Analysed) -> None:
    for table, text in detail_tables(one):
        (folder / "tables").mkdir(exist_ok=True)
        write_text(folder / "tables" / f"{name}-{table}.csv", text)


def _exchange(fresh: Path, folder: Path) -> None:
    """Put ``fresh`` in the place of ``folder``; where that fails, the old one comes back."""
    if not folder.exists():
        fresh.rename(folder)
        return
    old = fresh.with_name(f"{fresh.name}.old")
    folder.rename(old)
    try:
        fresh.rename(folder)
    except BaseException:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _written(folder: Path) -> set[str]:
    """The files that an earlier analysis wrote."""
    try:
        names = json.loads((folder / MARK).read_text(encoding="utf-8"))
        return {str(name) for name in names}
    except (OSError, ValueError, TypeError):
        return set()


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
