"""The folder of a run: whose it is, what may be written there, and the names in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from solith.core.catalogue import Catalogue
from solith.core.errors import InputError, StorageError
from solith.study._description import Study, Task
from solith.study.tasks import KINDS, find_kind

__all__ = ["RunFolder", "open_folder"]

_DATABASE = "catalogue.sqlite"
_LOCK = ".lock"
_SUBFOLDERS = ("records", "results")
_PARTS = (".part", ".part.json")
"""What the names of kept files end in while they are made."""
_WRITTEN = ("study.json", "comparison.json", "report.html")


@dataclass(frozen=True)
class RunFolder:
    """A folder that is ours to write in."""

    path: Path

    @property
    def catalogue(self) -> Catalogue:
        """What is known of the run."""
        return Catalogue(self.path / _DATABASE)

    def output(self, task: Task) -> Path:
        """The file of a task's output."""
        if find_kind(task.do).gives == "record":
            return self.path / "records" / f"{_file_name(task.name)}.nc"
        return self.path / "results" / f"{_file_name(task.name)}.json"

    def clean(self) -> None:
        """Remove what was being written when a run was cut off."""
        for folder in (self.path, *(self.path / name for name in _SUBFOLDERS)):
            for part in folder.glob(".*.part"):
                part.unlink(missing_ok=True)


@contextmanager
def open_folder(study: Study, path: Path, *, force: bool, reuse: bool) -> Iterator[RunFolder]:
    """The folder for a run of the study, held against other runs meanwhile.

    An unfinished run of the same study is gone on with, a finished one only with
    ``reuse``. Anything else that lies there is an :class:`InputError`; with ``force``
    what an earlier run wrote is removed, and nothing else.
    """
    if not force:
        _check_free(study, path, reuse=reuse)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the folder cannot be made ({error.strerror})", file=str(path)) from None
    with _held(path):
        if not force:
            _check_free(study, path, reuse=reuse)  # another run may have ended meanwhile
        folder = RunFolder(path)
        if force:
            _remove_earlier(path)
        folder.clean()
        for name in _SUBFOLDERS:
            (path / name).mkdir(exist_ok=True)
        folder.catalogue.set_fact("study", study.fingerprint())
        folder.catalogue.set_fact("state", "running")
        yield folder
        folder.clean()


def _check_free(study: Study, path: Path, *, reuse: bool) -> None:
    file = str(path)
    if path.exists() and not path.is_dir():
        raise InputError("is a file; give another folder with --out", file=file)
    if not path.exists() or all(item.name.startswith(_LOCK) for item in path.iterdir()):
        return
    try:
        catalogue = Catalogue(path / _DATABASE)
        written_by_run = (path / _DATABASE).is_file()
        known = catalogue.fact("study") if written_by_run else None
        state = catalogue.fact("state") if written_by_run else None
    except StorageError:
        written_by_run = False
    if not written_by_run:
        raise InputError(
            "the folder holds something else than a run; give another one with --out, "
            "or --force to write into it",
            file=file,
        )
    if known is not None and known != study.fingerprint():
        raise InputError(
            "the folder holds a run of another study, or of this one before it was changed; "
            "give another one with --out, or --force to replace the run",
            file=file,
        )
    if state == "finished" and not reuse:
        raise InputError(
            f"the folder holds a finished run of {study.name!r}; give another one with "
            "--out, or --force to replace the run",
            file=file,
        )


def _remove_earlier(path: Path) -> None:
    database = path / _DATABASE
    if database.is_file():
        try:
            files = [entry.file for entry in Catalogue(database).entries().values()]
        except StorageError:
            files = []
        kept = [file.removesuffix(".json") for file in files if file.endswith(".json")]
        endings = [
            f"{kind.keeps}{part}" for kind in KINDS.values() if kind.keeps for part in ("", *_PARTS)
        ]
        beside = [f"{file}{ending}" for file in kept for ending in endings]
        for name in (*files, *beside, *_WRITTEN):
            target = path / name
            if name and target.is_file() and target.resolve().is_relative_to(path.resolve()):
                target.unlink()
    for ending in ("", "-wal", "-shm"):
        (path / f"{_DATABASE}{ending}").unlink(missing_ok=True)


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """A lock that ends with the process, however it ends."""
    lock = sqlite3.connect(path / _LOCK, timeout=0, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError as error:
        lock.close()
        if "locked" in str(error):
            raise InputError("another run is at work in this folder", file=str(path)) from None
        raise StorageError(f"{path}: the folder cannot be written in ({error})") from None
    try:
        yield
    finally:
        lock.close()


def _file_name(task: str) -> str:
    plain = task.replace("/", "--").replace(" ", "_")
    if " " in task or "--" in task:  # two tasks could come to the same name
        return f"{plain}-{sha256(task.encode()).hexdigest()[:8]}"
    return plain
