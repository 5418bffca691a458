from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from solith.core.catalogue import Catalogue
from solith.core.errors import InterruptedRunError, StorageError
from solith.core.progress import Progress
from solith.core.record import Record
from solith.core.storage import write_atomically, write_record, write_text


def _fail_half_way(path: Path) -> None:
    path.write_text("half")
    raise RuntimeError("the disk is full")


def test_a_failing_writer_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old µ")
    with pytest.raises(RuntimeError, match="the disk is full"):
        write_atomically(path, _fail_half_way)
    assert path.read_text(encoding="utf-8") == "old µ"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_the_new_file_appears_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    seen: list[str | None] = []

    def write(temporary: Path) -> None:
        temporary.write_text("new")
        seen.append(path.read_text() if path.exists() else None)

    write_atomically(path, write)
    assert seen == [None]
    assert path.read_text() == "new"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"a.txt: cannot be written \(No such file"):
        write_text(tmp_path / "none" / "a.txt", "x")


def test_the_catalogue_remembers(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "c.sqlite")
    assert catalogue.entries() == {}
    assert catalogue.fact("study") is None
    catalogue.note("b", "2", "running", fraction=0.5, message="half")
    catalogue.note("a", "1", "done", seconds=1.5, file="a.nc")
    catalogue.note("b", "2", "failed", message="no")
    catalogue.set_fact("study", "one")
    catalogue.set_fact("study", "two")
    entries = Catalogue(catalogue.path).entries()
    assert list(entries) == ["a", "b"]
    assert (entries["a"].seconds, entries["a"].file) == (1.5, "a.nc")
    assert (entries["b"].state, entries["b"].message) == ("failed", "no")
    assert catalogue.fact("study") == "two"
    with pytest.raises(StorageError, match=r"c.sqlite: the catalogue cannot be used \(CHECK"):
        catalogue.note("c", "3", "lost")


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"

    def write(writer: str) -> None:
        for number in range(15):
            Catalogue(path).note(f"{writer}{number}", "f", "done")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, ["a", "b"]))
    assert len(Catalogue(path).entries()) == 30


def test_a_catalogue_waits_for_another_writer(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "c.sqlite")
    catalogue.note("a", "1", "running")
    other = sqlite3.connect(catalogue.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(catalogue.note, "a", "1", "done")
        assert catalogue.entries()["a"].state == "running"
        other.execute("COMMIT")
        waiting.result(timeout=20)
    other.close()
    assert catalogue.entries()["a"].state == "done"


def test_a_file_that_is_no_catalogue(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    path.write_text("not a database, but long enough to be looked at" * 30)
    with pytest.raises(StorageError, match=r"c.sqlite: the catalogue cannot be used"):
        Catalogue(path).entries()


def test_progress_is_scaled_and_can_be_cancelled() -> None:
    heard: list[tuple[float, str]] = []
    progress = Progress(lambda fraction, message: heard.append((fraction, message)))
    inner = progress.part(0.5, 1.0).part(0.0, 0.5)
    inner.report(0.5, "half")
    inner.report(7)
    assert heard == [(0.625, "half"), (0.75, "")]
    progress.cancel()
    with pytest.raises(InterruptedRunError, match="interrupted: later"):
        inner.report(0.6, "later")
    Progress().report(0.1)


def test_a_text_that_netcdf_cannot_hold_is_told(tmp_path: Path) -> None:
    record = Record.from_arrays("current-voltage", voltage_volt=[0], current_ampere=[1])
    data = record.data.assign(remark=("row", np.array(["a\0b"], dtype=object)))
    with pytest.raises(StorageError, match=r"a.nc: cannot be written as netCDF \("):
        write_record(tmp_path / "a.nc", Record("current-voltage", data, record.provenance))
    assert not list(tmp_path.iterdir())
