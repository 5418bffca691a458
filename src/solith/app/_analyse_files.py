"""The files that are meant by what stands on the command line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from solith.core.errors import InputError

__all__ = ["MARK", "find_files"]

MARK = ".solith-analysis"
"""The file by which a folder with the results of ``solith analyse`` is known."""

_RUN = ("study.json", "catalogue.sqlite")  # what a study's folder holds
_OUTPUTS = ("report.html",)
_METADATA = "-metadata.json"


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The files given, and those in the folders given and below, in order of their names.

    Each file once. Of folders, hidden files and what solith itself wrote (reports, metadata
    beside tables, folders with results) are left out; of a folder with results that is given
    itself, its records are taken. A path that does not exist stays, for its reader to say so.

    Raises :class:`InputError` where folders are given and hold no file at all.
    """
    listed = list(paths)
    found: dict[Path, Path] = {}
    for path in listed:
        for file in _below(path) if path.is_dir() else [path]:
            found.setdefault(file.resolve(), file)
    if not found:
        raise InputError(f"there is no file to read in {', '.join(map(str, listed))}")
    return list(found.values())


def _below(folder: Path) -> Iterator[Path]:
    top = folder / "records" if _is_results(folder) else folder
    for place, folders, files in os.walk(top):
        here = Path(place)
        folders[:] = sorted(
            name for name in folders if name[0] != "." and not _is_results(here / name)
        )
        for name in sorted(files):
            if name[0] != "." and name not in _OUTPUTS and not name.endswith(_METADATA):
                yield here / name


def _is_results(folder: Path) -> bool:
    return (folder / MARK).is_file() or all((folder / name).is_file() for name in _RUN)
