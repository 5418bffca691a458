"""``solith analyse``: any files in, values and one report out."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from plotly.offline import get_plotlyjs
from tests.real_files import real_file

import solith
from solith.analysis import CELL_TYPES, analyse_fully
from solith.app._analyse_figures import panels_of
from solith.app._analyse_files import MARK, find_files
from solith.app._analyse_options import check_facts
from solith.app._analyse_rows import rows_of, to_json, to_text
from solith.app._analyse_words import found_in
from solith.app.analyse import AnalysedFile, AnalysedRecord, analyse_files
from solith.app.analyse_report import MOST_DRAWN, _drawn, render_analysis
from solith.app.cli import main
from solith.core.errors import InputError, InterruptedRunError
from solith.core.progress import Progress
from solith.core.provenance import Provenance
from solith.core.record import Record
from solith.core.result import Result, Value
from solith.core.storage import read_record, write_record
from solith.readers import write_bdf

KEYS = ["file", "technique", "quantity", "value", "unit", "uncertainty", "area", "flags"]
OF_IMPEDANCE = ["impedance", "drt", "kramers-kronig"]
UNUSED = {
    "cut.nc": "cannot be read as netCDF (",
    "empty.csv": "the file is empty",
    "notes.txt": "a text file (it begins 'Cell 12, pressed twice.') of unknown format",
    "photo.png": "cannot be read as PNG",
}


def spectrum(name: str = "", resistance: float = 110.0, notes: tuple[str, ...] = ()) -> Record:
    """40 ohm and arcs of 60 ohm and of ``resistance``, with 0.1 % noise."""
    frequency = np.logspace(6, -1, 57)
    omega = 2j * np.pi * frequency
    impedance = 40 + 60 / (1 + (omega * 60 * 2e-8) ** 0.95)
    impedance = impedance + resistance / (1 + (omega * resistance * 4e-5) ** 0.9)
    noise = np.random.default_rng(4).normal(size=(2, 57))
    impedance = impedance * (1 + 1e-3 * (noise[0] + 1j * noise[1]))
    return Record.from_arrays(
        "impedance",
        provenance=Provenance("measured", notes=notes),
        name=name,
        frequency_hertz=frequency,
        real_impedance_ohm=impedance.real,
        imaginary_impedance_ohm=impedance.imag,
    )


def table(columns: dict[str, np.ndarray]) -> str:
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return "\n".join([",".join(columns), *(",".join(map(repr, row)) for row in rows)]) + "\n"


def spectrum_text() -> str:
    record = spectrum()
    return table({str(name): record.array(str(name)) for name in record.data.data_vars})


def cycling_text() -> str:
    second = np.linspace(0, 4 * 3600, 400, endpoint=False)
    current = np.where((second // 3600) % 2 == 0, 1e-3, -1e-3)
    return table(
        {
            "Test Time / s": second,
            "Voltage / V": 3.7 + 200 * current,
            "Current / A": current,
            "Cycle Count / 1": second // 7200 + 1,
        }
    )


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a folder ``lab`` of files of all sorts."""
    lab = tmp_path / "lab"
    (lab / "deep").mkdir(parents=True)
    (lab / "cell.csv").write_text(spectrum_text())
    (lab / "cycles.bdf.csv").write_text(cycling_text())
    stored = lab / "deep" / "stored.nc"
    write_record(stored, spectrum("stored"))
    (lab / "cut.nc").write_bytes(stored.read_bytes()[: stored.stat().st_size // 2])
    (lab / "empty.csv").write_text("")
    (lab / "notes.txt").write_text("Cell 12, pressed twice.\n")
    (lab / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(100))
    (lab / ".hidden").write_text("x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """``solith analyse`` with arguments: exit code, standard output, standard error."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["solith", "analyse", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    return call


def given(records: list[Record], path: str = "file.csv") -> AnalysedFile:
    """A file with records as they come from the analysis."""
    analysed = (AnalysedRecord(record, analyse_fully(record)) for record in records)
    return AnalysedFile(Path(path), "a format", tuple(analysed))


# --- the command -------------------------------------------------------------------------


def test_a_folder_of_all_sorts(here: Path, command: Command) -> None:
    code, out, err = command("lab")
    assert code == 0
    for path, kind, rows in (
        ("lab/cell.csv", "impedance", 57),
        ("lab/cycles.bdf.csv", "cycling", 400),
        ("lab/deep/stored.nc", "impedance", 57),
    ):
        assert f"{path}: {kind}, {rows} rows (" in out
    line = next(line for line in out.splitlines() if "  discharge_capacity " in line)
    assert line.split()[:4] == ["cycling", "discharge_capacity", "0.99", "mAh"]
    assert out.endswith("\nThe report is analyse-results/report.html\n")
    for name, problem in UNUSED.items():
        assert f"solith: lab/{name}: not used: {problem}" in err
        assert name not in out
    known = [line for line in err.splitlines() if line.startswith("solith: known formats: ")]
    assert len(known) == 1
    assert "Battery Data Format (CSV); " in known[0]
    assert ".hidden" not in out + err


def test_what_lies_in_the_results(here: Path, command: Command) -> None:
    assert command("lab", "--out", "some/where", "--area", "0.785 cm2")[0] == 0
    folder = here / "some" / "where"
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    records = {"records/cell.nc", "records/cycles.nc", "records/stored.nc"}
    written = {"report.html", "values.csv", "values.json", MARK}
    assert set(names) == records | written | {"tables/cycles-cycling-cycles.csv"}
    with (folder / "tables" / "cycles-cycling-cycles.csv").open(encoding="utf-8") as text:
        cycles = list(csv.DictReader(text))
    assert [row["cycle"] for row in cycles] == ["1", "2"]
    assert float(cycles[1]["discharge_capacity (mAh)"]) == pytest.approx(0.99, rel=1e-3)
    assert [path.name for path in folder.parent.iterdir()] == ["where"]  # nothing left beside it
    whole = json.loads((folder / "values.json").read_text(encoding="utf-8"))
    rows = whole["values"]
    with (folder / "values.csv").open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert [line["quantity"] for line in lines] == [row["quantity"] for row in rows]
    assert [line["file"] for line in lines] == [row["file"] for row in rows]
    assert lines[0]["value"] == str(rows[0]["value"])
    about = {told["file"]: told for told in whole["records"]}
    assert about["lab/cycles.bdf.csv"]["circuit"] is None
    cell = about["lab/cell.csv"]
    assert cell["circuit"].startswith("R0-p(R1,")
    resistance = next(line for line in lines if line["quantity"] == "R1")
    assert resistance["circuit"] == cell["circuit"]
    assert resistance["meaning"] == cell["labels"]["R1"]["meaning"] != ""
    assert {line["circuit"] for line in lines if line["technique"] != "impedance"} == {""}
    stored = read_record(folder / "records" / "stored.nc")
    assert stored.data.attrs["geometric_area_m2"] == pytest.approx(7.85e-5)
    before = read_record(here / "lab" / "deep" / "stored.nc")
    assert stored.data.drop_attrs().identical(before.data.drop_attrs())


def test_json_is_a_bare_list_and_all_of_standard_output(here: Path, command: Command) -> None:
    code, out, err = command("lab", "--json")
    assert code == 0
    rows = json.loads(out)
    assert {row["file"] for row in rows} == {
        "lab/cell.csv",
        "lab/cycles.bdf.csv",
        "lab/deep/stored.nc",
    }
    assert all(list(row) == KEYS for row in rows)
    for row in rows:
        assert isinstance(row["flags"], list)
        assert row["value"] is None or isinstance(row["value"], float | int)
        assert row["uncertainty"] is None or row["uncertainty"] >= 0
    assert "not used: the file is empty" in err
    assert not (here / "analyse-results").exists()
    again = command("lab", "--json", "--out", "kept")
    assert again[1] == out
    assert (here / "kept" / "report.html").is_file()


def test_impedance_without_a_cell_type_has_resistances_by_number(
    here: Path, command: Command
) -> None:
    rows = json.loads(command("lab/cell.csv", "--json")[1])
    found = {row["quantity"]: row for row in rows if row["technique"] == "impedance"}
    for name, truth in (("R0", 40.0), ("R1", 60.0), ("R2", 110.0)):
        assert found[name]["unit"] == "ohm"
        assert found[name]["value"] == pytest.approx(truth, rel=0.05)
        assert 0 < found[name]["uncertainty"] < 0.2 * truth
    assert list(dict.fromkeys(row["technique"] for row in rows)) == OF_IMPEDANCE


def test_rows_of_several_records_name_the_record() -> None:
    file = given([spectrum("first"), spectrum("second")])
    rows = rows_of([file])
    assert {tuple(row) for row in rows} == {(*KEYS, "record")}
    assert list(dict.fromkeys(row["record"] for row in rows)) == ["first", "second"]


def test_what_is_not_finite_is_null() -> None:
    result = Result("r", (Value("q", float("nan"), "ohm", uncertainty=float("inf")),))
    file = AnalysedFile(Path("a"), "b", (AnalysedRecord(spectrum(), {"impedance": result}),))
    (row,) = json.loads(to_json(rows_of([file])))
    assert (row["value"], row["uncertainty"]) == (None, None)


def test_none_usable_gives_2_and_no_folder(here: Path, command: Command) -> None:
    code, out, err = command("lab/empty.csv", "lab/notes.txt", "missing.csv")
    assert (code, out) == (2, "")
    lines = err.splitlines()
    assert "solith: lab/empty.csv: not used: the file is empty" in lines
    assert "solith: missing.csv: not used: there is no such file" in lines
    assert lines[-1] == "solith: error: none of the 3 files could be used"
    assert not (here / "analyse-results").exists()
    code, out, err = command("lab/empty.csv", "--json")
    assert (code, out) == (2, "[]\n")
    assert err.splitlines()[-1] == "solith: error: the file could not be used"
    (here / "bare").mkdir()
    assert command("bare")[2] == "solith: error: there is no file to read in bare\n"


@pytest.mark.parametrize(
    ("option", "text", "message"),
    [
        ("--area", "0.785", "'0.785' has no unit; expected an area such as '0.785 cm2'"),
        ("--area", "0 cm2", "'0 cm2' must be above 0"),
        ("--thickness", "5 kg", "'5 kg' has the unit 'kg', of the wrong dimension"),
        ("--mass", "five mg", "'five mg' does not begin with a number"),
        ("--temperature", "25 grad C", "'25 grad C'"),
        ("--pressure", "50 N", "'50 N' has the unit 'N', of the wrong dimension"),
        ("--circuit", "R0-p(R1,X1)", "circuit 'R0-p(R1,X1)': unknown element 'X'"),
        ("--circuit", "R0-p(R1", "the circuit 'R0-p(R1'"),
        ("--lowest-frequency", "10", "'10' has no unit"),
        ("--highest-frequency", "0 Hz", "'0 Hz' must be above 0"),
    ],
)
def test_a_wrong_fact_names_the_option(
    here: Path, command: Command, option: str, text: str, message: str
) -> None:
    code, out, err = command("lab", option, text)
    assert (code, out) == (2, "")
    assert err.startswith(f"solith: error: {option}: {message}")
    assert len(err.splitlines()) == 1


def test_frequencies_in_the_wrong_order_are_one_error(here: Path, command: Command) -> None:
    code, out, err = command("lab", "--lowest-frequency", "1 MHz", "--highest-frequency", "1 kHz")
    assert (code, out) == (2, "")
    told = "--lowest-frequency: '1 MHz' is above --highest-frequency '1 kHz'"
    assert err == f"solith: error: {told}\n"


def test_a_given_circuit_is_fitted_to_the_frequencies_asked_for(
    here: Path, command: Command
) -> None:
    circuit = "R0-p(R1,CPE1)-p(R2,CPE2)"
    options = ("--circuit", circuit, "--lowest-frequency", "1 Hz", "--highest-frequency", "50 kHz")
    assert command("lab/cell.csv", *options)[0] == 0
    folder = here / "analyse-results"
    frequency = read_record(folder / "records" / "cell.nc").array("frequency_hertz")
    assert 1.0 <= frequency.min() < frequency.max() <= 5e4
    told = f"as asked, {57 - len(frequency)} of 57 points below 1 Hz or above 50000 Hz are cut"
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert f"<li>{told}</li>" in page
    given = f"circuit {circuit}, lowest frequency 1 Hz, highest frequency 50 kHz."
    assert f"Given for all records: {given}" in page
    assert f"Equivalent circuit: {circuit}" in page
    (about,) = json.loads((folder / "values.json").read_text(encoding="utf-8"))["records"]
    assert (about["circuit"], about["rows"]) == (circuit, len(frequency))


def test_frequencies_that_leave_nothing_are_told(here: Path, command: Command) -> None:
    code, out, err = command("lab/cell.csv", "--lowest-frequency", "1 GHz")
    assert code == 0
    assert "cell.csv: impedance, 57 rows" in out
    assert "solith: lab/cell.csv: impedance: frequency_hertz: " in err


def test_a_pellet_has_its_conductivity(here: Path, command: Command) -> None:
    facts = ("--area", "0.785 cm2", "--thickness", "0.6 mm")
    arguments = ("lab/cell.csv", "--cell-type", "lithium-pellet")
    rows = json.loads(command(*arguments, *facts, "--json")[1])
    found = {row["quantity"]: row for row in rows if row["technique"] == "conductivity"}
    conductivity = found["ionic_conductivity"]
    resistance = found["ionic_resistance"]["value"]
    assert conductivity["value"] == pytest.approx(0.6e-3 / 0.785e-4 / resistance)
    assert (conductivity["unit"], conductivity["area"]) == ("S/m", "geometric")
    techniques = list(dict.fromkeys(row["technique"] for row in rows))
    assert techniques == ["impedance", "conductivity", "drt", "kramers-kronig"]
    without = json.loads(command(*arguments, *facts[:2], "--json")[1])
    assert "conductivity" not in {row["technique"] for row in without}
    assert command(*arguments, *facts)[0] == 0
    page = (here / "analyse-results" / "report.html").read_text(encoding="utf-8")
    assert "; ionic conductivity " in page
    assert re.search(r'<td class="quantity">ionic conductivity</td><td class="number">[\d.]+', page)


def test_what_was_lost_is_told_everywhere(here: Path, command: Command) -> None:
    text = spectrum_text()
    (here / "torn.csv").write_text(text[: len(text) // 2].rpartition(",")[0])
    (record,) = solith.read(here / "torn.csv")
    (loss,) = record.provenance.losses
    assert loss.startswith("the file breaks off in ")
    assert loss in record.provenance.notes
    out = command("torn.csv")[1]
    assert out.splitlines()[1] == f"! {loss}"
    folder = here / "analyse-results"
    page = (folder / "report.html").read_text(encoding="utf-8")
    overview = page[page.index('id="files"') : page.index('id="file-1"')]
    assert f'<span class="flags">{loss}</span>' in overview
    assert page.count(f'<li class="flags">{loss}</li>') == 1
    rows = json.loads(command("torn.csv", "--json")[1])
    assert rows
    assert all(row["flags"][0] == loss for row in rows)
    assert rows == json.loads((folder / "values.json").read_text(encoding="utf-8"))["values"]
    with (folder / "values.csv").open(encoding="utf-8", newline="") as stream:
        assert all(line["flags"].startswith(loss) for line in csv.DictReader(stream))


@pytest.mark.parametrize(
    "name", ["eis/PEIS_SSB.mpr", "eis/exampleDataGamry.DTA", "cycler/neware_uio.csv"]
)
def test_a_file_that_breaks_off_has_losses_and_a_whole_one_none(tmp_path: Path, name: str) -> None:
    whole = real_file(name)
    assert {record.provenance.losses for record in solith.read(whole)} == {()}
    torn = tmp_path / whole.name
    data = whole.read_bytes()
    torn.write_bytes(data[: 6 * len(data) // 10])
    record = solith.read(torn)[-1]
    assert any("breaks off" in loss for loss in record.provenance.losses)


@pytest.mark.parametrize(
    ("note", "is_loss"),
    [
        ("3 rows without a whole impedance were left out (line 12 the first)", True),
        ("the only row has no end: its last value, '1.2', may be cut short", True),
        ("line 7 is no row of the table and was left out: 'overload'", True),
        ("line 7 has fewer fields than the table; the rest is empty", True),
        ("the settings announce 56 points and the file has 21", True),
        ("the points are not numbered without gaps: 2 jumps", True),
        ("the temperature is -327.67 in every row: no sensor, the column was left out", False),
        ("left out, as they rest on a mass or area typed in at the instrument: mAh/g", False),
        ("as asked, 3 of 57 points below 1 Hz are cut", False),
    ],
)
def test_notes_of_a_loss_are_known_by_their_words(note: str, is_loss: bool) -> None:
    assert Provenance("measured", notes=(note,)).losses == ((note,) if is_loss else ())


def test_flags_of_several_rows_are_told_once() -> None:
    values = (
        Value("a", 1.0, flags=("a long word on all", "on two")),
        Value("b", 2.0, flags=("a long word on all", "on two")),
        Value("c", 3.0, flags=("a long word on all", "on one")),
    )
    one = AnalysedRecord(spectrum(), {"impedance": Result("fit", values)})
    shown = to_text([AnalysedFile(Path("x"), "y", (one,))]).splitlines()
    assert shown[1:3] == ["[a] a long word on all", "[b] on two"]
    assert [line.split("  ")[-1] for line in shown[-3:]] == ["[a]; [b]", "[a]; [b]", "[a]; on one"]


def test_a_record_without_charge_or_discharge_says_so(here: Path, command: Command) -> None:
    columns = {"Test Time / s": np.arange(4.0), "Voltage / V": np.full(4, 3.0)}
    (here / "rest.csv").write_text(table(columns | {"Current / A": np.zeros(4)}))
    out = command("rest.csv")[1]
    assert "\ncycling: no charge or discharge in it\n" in out
    assert "charge_capacity" not in out
    page = (here / "analyse-results" / "report.html").read_text(encoding="utf-8")
    assert "<p>Cycling: no charge or discharge in it.</p>" in page
    assert '<td class="told">no charge or discharge in it.' in page
    assert "charge capacity</td>" not in page


def test_help_names_every_cell_type(command: Command) -> None:
    shown = " ".join(re.sub("[│|]", " ", command("--help")[1]).split())
    assert all(name in shown for name in CELL_TYPES)


def test_an_unknown_cell_type_is_one_error(here: Path, command: Command) -> None:
    code, out, err = command("lab", "--cell-type", "pouch")
    assert (code, out) == (2, "")
    assert err.startswith("solith: error: --cell-type: unknown cell type 'pouch'")
    assert len(err.splitlines()) == 1


def test_only_its_own_folder_is_replaced(here: Path, command: Command) -> None:
    assert command("lab/cell.csv")[0] == 0
    assert command("lab/cycles.bdf.csv")[0] == 0
    folder = here / "analyse-results"
    assert [path.name for path in (folder / "records").iterdir()] == ["cycles.nc"]

    (folder / "mine.txt").write_text("keep me")
    code, _, err = command("lab/cell.csv")
    assert (code, err) == (
        2,
        "solith: error: analyse-results: the folder holds what no analysis wrote (mine.txt); "
        "move that away, or give another folder with --out\n",
    )
    assert (folder / "mine.txt").read_text() == "keep me"
    code, _, err = command("lab/cell.csv", "--out", "lab")
    assert (code, err) == (
        2,
        "solith: error: lab: the folder holds something else than an analysis; "
        "give another one with --out\n",
    )
    code, _, err = command("lab/cell.csv", "--out", "lab/cell.csv")
    assert err == "solith: error: lab/cell.csv: is a file; give another folder with --out\n"


def test_a_failure_in_writing_leaves_the_old_results(
    here: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("lab/cell.csv")[0] == 0
    before = (here / "analyse-results" / "values.csv").read_text()

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    code, _, err = command("lab/cycles.bdf.csv")
    assert code == 2
    assert "analyse-results: cannot be written (No space left on device)" in err
    assert (here / "analyse-results" / "values.csv").read_text() == before
    assert sorted(path.name for path in here.iterdir()) == ["analyse-results", "lab"]


# --- which files -------------------------------------------------------------------------


def test_own_outputs_are_left_out(here: Path, command: Command) -> None:
    write_bdf(spectrum("again"), here / "lab" / "again.csv")
    assert (here / "lab" / "again.csv-metadata.json").is_file()
    (here / "lab" / "report.html").write_text("<html>")
    run = here / "lab" / "first-cell-results"
    (run / "records").mkdir(parents=True)
    for name in ("study.json", "catalogue.sqlite"):
        (run / name).write_text("{}")
    write_record(run / "records" / "a.nc", spectrum("a"))
    assert command("lab/cell.csv", "--out", "lab/results")[0] == 0
    names = [path.as_posix() for path in find_files([Path("lab")])]
    assert names == [
        "lab/again.csv",
        "lab/cell.csv",
        "lab/cut.nc",
        "lab/cycles.bdf.csv",
        "lab/empty.csv",
        "lab/notes.txt",
        "lab/photo.png",
        "lab/deep/stored.nc",
    ]
    # Given by itself, a folder of results stands for its records.
    assert find_files([Path("lab/results")]) == [Path("lab/results/records/cell.nc")]
    assert find_files([run]) == [run / "records" / "a.nc"]


def test_a_file_given_twice_is_read_once(here: Path) -> None:
    found = find_files([Path("lab/cell.csv"), Path("lab"), here / "lab" / "cell.csv"])
    assert found[0] == Path("lab/cell.csv")
    assert [path.name for path in found].count("cell.csv") == 1


def test_it_can_be_cancelled(here: Path) -> None:
    heard = []

    def listen(fraction: float, message: str) -> None:
        heard.append((fraction, message))
        if "cell.csv: done" in message:
            progress.cancel()

    progress = Progress(listen)
    with pytest.raises(InterruptedRunError):
        analyse_files([Path("lab")], progress=progress)
    assert heard[0] == (0.0, "lab/cell.csv: reading")
    assert [message for _, message in heard if "cut.nc" in message] == []


def test_ctrl_c_ends_with_130_and_leaves_nothing(here: Path) -> None:
    (here / "slow.py").write_text(
        "import signal, time\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored in the background
        "import solith.app.analyse as analyse\n"
        "from solith.app.cli import main\n"
        "analyse.analyse_fully = lambda record, **options: time.sleep(100)\n"
        "main()\n"
    )
    with (here / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "slow.py", "analyse", "lab"],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + 60
    while "reading" not in (here / "log").read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.2)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) == 130
    last = (here / "log").read_text().splitlines()[-1]
    assert last == "solith: error: interrupted; nothing was written"
    assert sorted(path.name for path in here.iterdir()) == ["lab", "log", "slow.py"]


# --- analyses ----------------------------------------------------------------------------


def test_analyse_fully_chooses_by_kind_and_technique() -> None:
    assert list(analyse_fully(spectrum())) == OF_IMPEDANCE
    spectrum_of_light = Record.from_arrays("spectrum", abscissa=[1.0, 2.0], intensity=[1.0, 2.0])
    assert analyse_fully(spectrum_of_light) == {}
    short = {"test_time_second": [0.0, 1.0], "voltage_volt": [3.0, 3.1]}
    for kind, attributes, name in (
        ("cycling", {}, "cycling"),
        ("cycling", {"technique": "gitt"}, "gitt"),
        ("voltammogram", {}, "voltammetry"),
    ):
        record = Record.from_arrays(
            kind, attributes=attributes, current_ampere=[1e-3, 1e-3], **short
        )
        assert list(analyse_fully(record)) == [name]


def test_an_analysis_that_fails_leaves_its_error(here: Path, command: Command) -> None:
    (here / "two.csv").write_text("\n".join(spectrum_text().splitlines()[:3]) + "\n")
    code, out, err = command("two.csv")
    assert code == 0
    assert "two.csv: impedance, 2 rows (" in out
    assert "no analysis succeeded" in out
    assert "solith: two.csv: impedance: two has 2 rows with numbers in frequency_hertz" in err
    page = (here / "analyse-results" / "report.html").read_text(encoding="utf-8")
    assert "Equivalent circuit did not succeed: two has 2 rows with numbers" in page


def test_what_is_no_record_is_one_clear_error() -> None:
    take = r"^read gives a list of records; take one: solith\.read\(path\)\[0\]$"
    for analysis in (
        solith.analysis.analyse,
        analyse_fully,
        solith.analysis.analyse_cycling,
        solith.analysis.analyse_voltammogram,
        solith.analysis.check_kramers_kronig,
        solith.analysis.find_conductivity,
        solith.analysis.find_losses,
        solith.analysis.find_resistances,
        solith.analysis.fit_drt,
        solith.analysis.fit_gitt,
        solith.analysis.fit_impedance,
    ):
        with pytest.raises(InputError, match=take):
            analysis([spectrum()])
    with pytest.raises(InputError, match=r"^'cell\.mpr' is no record; read the file and take one"):
        solith.analysis.fit_impedance("cell.mpr")
    with pytest.raises(InputError, match=r"expected a record, as in .*, not int$"):
        solith.analysis.fit_impedance(3)


def test_facts_are_checked_before_any_work() -> None:
    assert check_facts({"--mass": ("active_mass", "5 mg"), "--area": ("geometric_area", None)}) == {
        "active_mass": "5 mg"
    }
    with pytest.raises(InputError, match="--mass: '-5 mg' must be above 0"):
        check_facts({"--mass": ("active_mass", "-5 mg")})


# --- the report --------------------------------------------------------------------------


@pytest.fixture
def page(here: Path, command: Command) -> str:
    assert command("lab", "--area", "0.785 cm2")[0] == 0
    return (here / "analyse-results" / "report.html").read_text(encoding="utf-8")


def test_the_report_says_what_each_file_is(page: str) -> None:
    section = page[page.index('id="files"') : page.index('id="file-1"')]
    rows = re.findall(r'<tr><td class="file">(.*?)</tr>', section)
    assert len(rows) == 7
    told = {re.sub("<.*?>", "", row.split("</td>")[0]): row for row in rows}
    for name, problem in UNUSED.items():
        assert '<span class="tag not-used">not used</span>' in told[name]
        assert problem.replace("'", "&#x27;") in told[name]
    assert "In the folder lab" in page
    assert '<a href="#file-1">cell.csv</a>' in section
    assert "discharge capacity" in told["cycles.bdf.csv"]
    assert "<td>impedance</td>" in told["cell.csv"]
    assert section.count("solith&#x27;s own records (netCDF)") == 2  # of the record; all formats
    assert "Given for all records: geometric area 0.785 cm²." in section
    assert "<h1>7 files, 4 of them not used</h1>" in page


def test_the_report_shows_values_with_their_doubts(page: str) -> None:
    section = page[page.index('id="file-1"') : page.index('id="file-2"')]
    for text in ("Equivalent circuit: R0", "Distribution of relaxation times", "Kramers-Kronig"):
        assert text in section
    number = r'<td class="number">[\d.]+ ± [\d.]+</td><td class="value">Ω</td>'
    assert re.search(number, section)
    assert "Suggested meaning" in section
    assert "circuits compared</summary>" in section
    titles = re.findall(r"<b>Figure \d+\. (.*?)\.</b>", section)
    assert titles == [
        "Impedance",
        "Impedance, Bode view",
        "Distribution of relaxation times",
        "Kramers-Kronig residuals",
    ]


def test_the_report_loads_nothing(page: str) -> None:
    own = page.replace(get_plotlyjs(), "")
    assert page.count("* plotly.js v") == 1
    assert "default-src 'none'" in page
    assert not re.search(r"<(script|img|link|iframe)[^>]*(src|href)=\"(?!data:,)", own)
    assert "<script src" not in own
    assert "@import" not in own


def test_the_same_files_give_the_same_page(here: Path) -> None:
    files = analyse_files([Path("lab")])
    assert render_analysis(files) == render_analysis(analyse_files([Path("lab")]))


def current_voltage(*turns: float, trigger: float = 0.5) -> Record:
    """1 nS below the trigger, 10 uS from it on until zero volt is crossed."""
    legs = [np.linspace(a, b, 60) for a, b in pairwise(turns)]
    voltage = np.concatenate(legs)
    on = np.zeros(len(voltage), dtype=bool)
    for row in range(1, len(voltage)):
        on[row] = voltage[row] > trigger or (on[row - 1] and voltage[row] > 0)
    current = np.where(on, 1e-5, 1e-9) * voltage
    return Record.from_arrays("current-voltage", voltage_volt=voltage, current_ampere=current)


def test_switching_is_drawn_for_several_cycles_only() -> None:
    titles = {
        cycles: [
            panel.title
            for one in given([current_voltage(*[0.0, 1.0] * cycles, 0.0)]).records
            for panel in panels_of(one)
        ]
        for cycles in (1, 3)
    }
    assert titles == {1: ["Current and voltage"], 3: ["Current and voltage", "Switching"]}


def test_what_stands_for_a_current_voltage_curve() -> None:
    (told,) = found_in(given([current_voltage(0.0, 1.0, 0.0)]))
    assert re.match(r"triggering bias 0\.\d+ ± [\d.]+ V, back scan resistance 1000\d\d? ", told)
    (told,) = found_in(given([current_voltage(0.0, 1.0, 0.0, trigger=2.0)]))
    assert told == "current-voltage: no abrupt rise up to 1 V."


def test_notes_of_the_reader_are_told() -> None:
    record = spectrum("turned", notes=("-Im Z was turned round <here>",))
    page = render_analysis([given([record])])
    assert "<li>-Im Z was turned round &lt;here&gt;</li>" in page
    assert "1 note of the reader" in page


def test_flags_stand_beside_their_number() -> None:
    values = (Value("R0", 1.5, "ohm", 0.5, flags=("not identified <by> the data",)),)
    record = AnalysedRecord(spectrum("a"), {"impedance": Result("fit", values)})
    page = render_analysis([AnalysedFile(Path("a.csv"), "a format", (record,))])
    row = next(row for row in page.split("<tr>") if row.startswith('<td class="quantity">R0<'))
    assert '<td class="number">1.5 ± 0.5</td>' in row
    assert '<td class="doubts">not identified &lt;by&gt; the data</td>' in row
    assert "R0 1.5 ± 0.5 Ω (flagged)." in page


def test_doubtful_bands_are_told() -> None:
    def page(*verdicts: str) -> str:
        bands = [
            {
                "from_hertz": 10.0 ** (5 - place),
                "to_hertz": 10.0 ** (4 - place),
                "verdict": verdict,
                "residual_percent": 0.25,
                "cause": "" if verdict == "consistent" else "a bad <point>",
            }
            for place, verdict in enumerate(verdicts)
        ]
        result = Result("check", (Value("residual_rms", 0.2, "%"),), {"bands": bands})
        one = AnalysedRecord(spectrum("a"), {"kramers-kronig": result})
        return render_analysis([AnalysedFile(Path("a.csv"), "a format", (one,))])

    told = page("consistent", "violated", "suspicious")
    assert "Kramers-Kronig: 1 violated, 1 suspicious of 3 bands." in told
    assert "<details open><summary>Kramers-Kronig, band by band: 1 violated" in told
    row = next(row for row in told.split("<tr>") if "1000 to 10000 Hz" in row)
    assert '<td class="doubts">violated</td><td class="number">0.25</td>' in row
    assert "a bad &lt;point&gt;" in row
    fine = page("consistent", "consistent")
    assert "Kramers-Kronig: consistent." in fine
    assert "<details><summary>Kramers-Kronig, band by band: consistent</summary>" in fine


def test_many_records_stay_usable() -> None:
    result = Result("fit", (Value("R0", 1.5, "ohm"), Value("R1", 2.0, "ohm", flags=("odd",))))
    records = tuple(
        AnalysedRecord(spectrum(f"part {number}"), {"impedance": result}) for number in range(200)
    )
    file = AnalysedFile(Path("series.csv"), "a format", records)
    page = render_analysis([file])
    assert f"Of 200 records, {MOST_DRAWN} are drawn, evenly chosen from each file" in page
    assert page.count("<figcaption>") == 2 * MOST_DRAWN
    assert f"<summary>{200 - MOST_DRAWN} records without figures</summary>" in page
    assert "Equivalent circuit of all records" in page
    assert page.count('2<span class="doubt">*</span>') == 200
    assert "200 records; R0 1.5 to 1.5 Ω; R1 2 to 2 Ω." in page
    shown = to_text([file])
    assert "series.csv: 188 further records are not shown here" in shown


@pytest.mark.parametrize("counts", [[], [1], [200], [1, 200, 3], [1] * 100, [30, 30, 30]])
def test_drawn_records_are_shared_between_files(counts: list[int]) -> None:
    drawn = _drawn(counts)
    assert sum(map(len, drawn)) == min(MOST_DRAWN, sum(counts))
    for chosen, count in zip(drawn, counts, strict=True):
        assert chosen <= set(range(count))
        if len(chosen) >= 2:
            assert {0, count - 1} <= chosen
    if counts == [1, 200, 3]:
        assert [len(chosen) for chosen in drawn] == [1, MOST_DRAWN - 4, 3]


def test_a_fitted_curve_is_drawn_over_the_points() -> None:
    record = spectrum("a")
    details = {str(name): record.array(str(name)).tolist() for name in record.data.data_vars}
    result = Result("fit", (), {**details, "circuit": "R0-p(R1,C1)"})
    for view, traces in (("nyquist", 3), ("bode", 4)):
        figure = solith.figures.plot_impedance_fit(record, result, view=view)
        assert len(figure.data) == traces
        assert figure.data[-1].name == "Fit R0-p(R1,C1)"
        assert figure.data[-1].mode == "lines"
    size = np.hypot(record.array("real_impedance_ohm"), record.array("imaginary_impedance_ohm"))
    nearer = solith.figures.plot_impedance_fit(record, result, largest=150.0)
    assert len(nearer.data[0].x) == len(nearer.data[-1].x) == np.sum(size <= 150)
    with pytest.raises(InputError, match="the result 'r' holds no fitted curve: it lacks freq"):
        solith.figures.plot_impedance_fit(record, Result("r", ()))


def test_rows_that_cannot_be_drawn_are_left_out() -> None:
    def record(frequency: list[float], real: list[float]) -> Record:
        return Record.from_arrays(
            "impedance",
            name="odd",
            frequency_hertz=frequency,
            real_impedance_ohm=real,
            imaginary_impedance_ohm=np.zeros(len(real)),
        )

    gappy = record([1e3, np.nan, 0.0, -1.0, 10.0, 1.0], [1.0, 1.0, 1.0, 1.0, 0.0, np.nan])
    for view in ("nyquist", "bode"):
        assert len(solith.figures.plot_impedance(gappy, view=view).data[0].x) == 1
        with pytest.raises(InputError, match="odd holds no impedance that can be drawn"):
            solith.figures.plot_impedance(record([0.0, 1.0], [1.0, 0.0]), view=view)


def test_relaxation_times_and_residuals_are_drawn() -> None:
    drt = Result("d", (), {"tau_second": [1.0, 1e-3], "gamma_ohm": [2.0, 5.0]})
    figure = solith.plot(drt)
    assert list(figure.data[0].x) == [1e-3, 1.0]
    assert list(figure.data[0].y) == [5.0, 2.0]
    assert figure.layout.xaxis.type == "log"
    assert [trace.name for trace in solith.plot({"a": drt, "b": drt}).data] == ["a", "b"]
    details = {
        "frequency_hertz": [10.0, 1.0],
        "real_residual_percent": [0.1, -0.1],
        "imaginary_residual_percent": [0.2, 0.3],
    }
    check = Result("k", (), details)
    assert [trace.name for trace in solith.plot(check).data] == ["Re Z", "Im Z"]
    names = [trace.name for trace in solith.plot({"a": check, "b": check}).data]
    assert names == ["a, Re Z", "a, Im Z", "b, Re Z", "b, Im Z"]
    with pytest.raises(InputError, match="the result 'r' holds no distribution: it lacks tau"):
        solith.figures.plot_drt(Result("r", ()))
    with pytest.raises(InputError, match="the result 'r' holds no residuals: it lacks freq"):
        solith.figures.plot_kramers_kronig(Result("r", ()))


def test_a_long_tail_does_not_hide_the_arcs() -> None:
    record = spectrum("a")
    tail = record.data.assign(imaginary_impedance_ohm=100 * record.data.imaginary_impedance_ohm)
    details = {str(name): record.array(str(name)).tolist() for name in record.data.data_vars}
    result = Result("fit", (Value("R_total", 210.0, "ohm"),), details)
    for data, titles in (
        (record.data, ["Impedance", "Impedance, Bode view"]),
        (tail, ["Impedance", "Impedance, arcs alone", "Impedance, Bode view"]),
    ):
        one = AnalysedRecord(replace(record, data=data), {"impedance": result})
        assert [panel.title for panel in panels_of(one)] == titles
