"""The catalogue of runs: which task ran, on what, with what outcome (SQLite, WAL)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from solith.core.errors import StorageError

__all__ = ["Catalogue", "Entry"]

_PATIENCE = 30.0
"""Seconds to wait for another writer."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS tasks (
    name TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    fraction REAL NOT NULL DEFAULT 0,
    message TEXT NOT NULL DEFAULT '',
    seconds REAL,
    file TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Entry:
    """One task of a run: ``fingerprint`` is that of everything it depends on."""

    name: str
    fingerprint: str
    state: str
    fraction: float
    message: str
    seconds: float | None
    file: str


@dataclass(frozen=True)
class Catalogue:
    """What is known of a run, in one SQLite file that many processes may read."""

    path: Path

    def note(
        self,
        name: str,
        fingerprint: str,
        state: str,
        *,
        fraction: float = 0.0,
        message: str = "",
        seconds: float | None = None,
        file: str = "",
    ) -> None:
        """Write the state of a task (``running``, ``done`` or ``failed``)."""
        with self._open() as database:
            database.execute(
                "INSERT OR REPLACE INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?)",
                (name, fingerprint, state, fraction, message, seconds, file),
            )

    def entries(self) -> dict[str, Entry]:
        """All tasks by name."""
        with self._open() as database:
            rows = database.execute("SELECT * FROM tasks ORDER BY name").fetchall()
        return {row[0]: Entry(*row) for row in rows}

    def set_fact(self, key: str, value: str) -> None:
        """Remember a fact about the whole run."""
        with self._open() as database:
            database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (key, value))

    def fact(self, key: str) -> str | None:
        """A fact about the whole run, or ``None``."""
        with self._open() as database:
            row = database.execute("SELECT value FROM facts WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            database = self._connected()
            try:
                with database:
                    yield database
            finally:
                database.close()
        except sqlite3.DatabaseError as error:
            raise StorageError(f"{self.path}: the catalogue cannot be used ({error})") from None

    def _connected(self) -> sqlite3.Connection:
        """A connection in WAL mode, with the tables.

        SQLite's own timeout does not cover the change to WAL nor the first opening after
        the last connection was closed: these are tried again.
        """
        last_try = monotonic() + _PATIENCE
        while True:
            database = sqlite3.connect(self.path, timeout=_PATIENCE)
            try:
                if database.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                    database.execute("PRAGMA journal_mode=WAL")
                database.executescript(_SCHEMA)
                return database
            except sqlite3.OperationalError as error:
                database.close()
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > last_try:
                    raise
                sleep(0.01)
            except BaseException:
                database.close()
                raise
