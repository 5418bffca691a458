"""Runs that are killed: nothing torn, and the next run goes on (50 kills: validation/)."""

from __future__ import annotations

from pathlib import Path

from validation import random_kills

from solith.core.catalogue import Catalogue
from solith.study import run_study


def test_random_kills_leave_no_torn_file_and_the_next_run_goes_on() -> None:
    tally = random_kills.kill_at_random(4, seed=3)
    assert tally.kills == 4
    assert tally.faults == []
    assert tally.finished_runs >= 1


def test_the_check_sees_torn_files(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    for name in ("records", "results"):
        (folder / name).mkdir(parents=True)
    (folder / "records" / "a.nc").write_bytes(b"\x89HDF")
    (folder / "results" / "b.json").write_text("{")
    (folder / "results" / ".b.json.x.part").write_text("{")
    Catalogue(folder / "catalogue.sqlite").note("c", "f", "done", file="results/c.json")
    kinds = [fault.split(":")[0] for fault in random_kills._torn(folder)]
    assert kinds == [
        "torn record",
        "torn JSON",
        "c is called done, but its file is not there",
    ]


def test_what_a_cut_off_run_was_writing_is_cleaned(tmp_path: Path) -> None:
    study = random_kills.small_study()
    folder = tmp_path / "run"
    (folder / "records").mkdir(parents=True)
    Catalogue(folder / "catalogue.sqlite").set_fact("study", study.fingerprint())
    (folder / "records" / ".series-1.nc.abc.part").write_bytes(b"half")
    run = run_study(study, folder)
    assert len(run.results) == len(run.records)
    assert not list(folder.rglob("*.part"))
