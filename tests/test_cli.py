"""The command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import solith
from solith.app.cli import main
from solith.core.errors import InputError
from solith.core.progress import Progress
from solith.core.result import Result, Value
from solith.study import starter_text, task_kind

STUDY = """
name = "little"
[samples.450]
[experiments.twice]
do = "test-cli-double"
number = 70
[[compare]]
quantity = "capacity_0C1"
experiment = "twice"
value = "twice"
published = "lnto_2020:samples.{sample}.capacity_0C1"
"""


@task_kind("test-cli-double")
def double(*, number: float, progress: Progress) -> Result:
    progress.report(0.5, "doubling")
    if number < 0:
        raise InputError(f"{number} must be at least 0", where="number")
    return Result("double", (Value("twice", 2.0 * number, "mAh/g"),))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study.toml").write_text(STUDY)
    return tmp_path


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["solith", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_help_and_version_answer_at_once() -> None:
    def best(option: str) -> tuple[float, str]:
        times = []
        for _ in range(3):
            begun = time.monotonic()
            command = [sys.executable, "-m", "solith", option]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            times.append(time.monotonic() - begun)
        return min(times), done.stdout

    seconds, text = best("--help")
    assert seconds < 1.0
    assert all(command in text for command in ("run", "list", "new", "reproduce"))
    seconds, text = best("--version")
    assert seconds < 1.0
    assert text == f"solith {solith.__version__}\n"


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['solith', '--version']\n"
        "from solith.app.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([m for m in ('numpy', 'xarray', 'pybamm', 'plotly', 'pint') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


def test_run_prints_the_table_and_where_the_report_is(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "run", "study.toml") == 0
    shown = capsys.readouterr()
    report = Path("little-results") / "report.html"
    assert shown.out.endswith(f"\nThe report is {report}\n")
    assert [line.split()[:4] for line in shown.out.splitlines()[2:3]] == [
        ["450", "capacity_0C1", "140", "152"]
    ]
    assert "  0 %  450/twice: started\n" in shown.err
    assert "<html" in report.read_text(encoding="utf-8")

    assert call(monkeypatch, "run", "study.toml") == 2
    assert capsys.readouterr().err == (
        "solith: error: little-results: the folder holds a finished run of 'little'; give "
        "another one with --out, or --force to replace the run\n"
    )
    assert call(monkeypatch, "run", "study.toml", "--force") == 0
    report.unlink()  # as after a kill at the very end
    assert call(monkeypatch, "run", "study.toml") == 0
    assert report.is_file()


def test_json_is_a_bare_list(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "run", "study.toml", "--json", "--out", "a/b") == 0
    first = capsys.readouterr().out
    (row,) = json.loads(first)
    assert list(row) == [
        "study",
        "sample",
        "quantity",
        "computed",
        "published",
        "unit",
        "role",
        "uncertainty",
        "area",
        "flags",
    ]
    assert (row["computed"], row["published"], row["unit"]) == (140, 152, "mAh/g")
    assert call(monkeypatch, "reproduce", "study.toml", "--json", "--out", "a/b") == 0
    again = capsys.readouterr()
    assert again.out == first
    assert again.err == "100 %  450/twice: kept\n"


def test_reproduce_prints_the_table_alone(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "reproduce", "study.toml") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0].split() == [
        "sample", "quantity", "computed", "published", "unit", "role", "area", "flags"
    ]  # fmt: skip


def test_a_failed_task_gives_exit_code_1_and_a_report(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "study.toml").write_text(STUDY.replace("70", "-70"))
    assert call(monkeypatch, "run", "study.toml", "--json") == 1
    shown = capsys.readouterr()
    assert json.loads(shown.out)[0]["computed"] is None
    assert json.loads(shown.out)[0]["flags"] == ["not computed"]
    assert shown.err.splitlines()[-1] == (
        "solith: error: task 450/twice: number: -70 must be at least 0"
    )
    report = (here / "little-results" / "report.html").read_text(encoding="utf-8")
    assert "must be at least 0" in report


def test_bad_input_is_one_line(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def error(*arguments: str) -> str:
        assert call(monkeypatch, *arguments) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        return shown.err

    assert error("run", "first-cel") == (
        "solith: error: unknown study 'first-cel'; did you mean 'first-cell'? "
        "Choose from: ceramic-flux, coated-cathode, filament, first-cell, interface-architectures, "
        "interphase, solid-energy, stack-pressure, thin-film; "
        "or give the path of a study file\n"
    )
    assert error("run", "missing.toml").startswith("solith: error: missing.toml: there is no such")
    (here / "study.toml").write_text(STUDY.replace("number =", "nubmer ="))
    assert error("run", "study.toml") == (
        "solith: error: study.toml: experiments.twice: unknown field 'nubmer'; did you mean "
        "'number'? Choose from: do, number, samples\n"
    )
    (here / "study.toml").write_text(STUDY)
    assert error("run", "study.toml", "--workers", "0") == (
        "solith: error: workers: 0 must be at least 1\n"
    )
    assert sorted(path.name for path in here.iterdir()) == ["study.toml"]


def test_new_writes_a_study_that_is_read_and_overwrites_nothing(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "new", "mine.toml") == 0
    assert capsys.readouterr().out == "Wrote mine.toml. Run it with: solith run mine.toml\n"
    assert (here / "mine.toml").read_text(encoding="utf-8") == starter_text("mine")
    assert call(monkeypatch, "new", "copy.toml", "--like", "first-cell") == 0
    copied = (here / "copy.toml").read_text(encoding="utf-8")
    assert copied == starter_text("copy", like="first-cell")
    assert copied.startswith('name = "copy"')
    assert solith.load_study(here / "mine.toml").name == "mine"
    assert call(monkeypatch, "new", "mine.toml") == 2
    assert capsys.readouterr().err == (
        "solith: error: mine.toml: is there already and is not overwritten; give another name\n"
    )
    assert call(monkeypatch, "new", "no/mine.toml") == 2
    assert "there is no folder 'no'" in capsys.readouterr().err


def test_list(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "list") == 0
    assert "A coated NMC532 cell" in capsys.readouterr().out


def test_the_packaged_studies_are_read_and_written_without_loss() -> None:
    from solith.study import Study, load_packaged_study, packaged_studies

    for name in packaged_studies():
        study = load_packaged_study(name)
        assert study.name == name
        assert Study.from_mapping(study.to_mapping()) == study


def test_ctrl_c_ends_with_130_and_says_how_to_go_on(here: Path) -> None:
    (here / "sleeper.py").write_text(
        "import sys, time\n"
        "from solith.study import task_kind\n"
        "from solith.core.result import Result\n"
        "@task_kind('sleep')\n"
        "def sleep(*, seconds: float) -> Result:\n"
        "    time.sleep(seconds)\n"
        "    return Result('slept', ())\n"
        "if __name__ == '__main__':\n"
        "    import signal\n"
        "    signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored in background
        "    from solith.app.cli import main\n"
        "    main()\n"
    )
    (here / "study.toml").write_text(
        'name = "sleepy"\n'
        '[[tasks]]\nname = "short"\ndo = "sleep"\ninputs = {seconds = 0}\n'
        '[[tasks]]\nname = "long"\ndo = "sleep"\ninputs = {seconds = 100}\n'
    )
    with (here / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "sleeper.py", "run", "study.toml", "--workers", "2"],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + 60
    while "short: done" not in (here / "log").read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) == 130
    assert (here / "log").read_text().splitlines()[-1] == (
        "solith: error: interrupted; 1 of 2 tasks are done and kept in sleepy-results: "
        "the same command goes on from there"
    )
