"""``solith analyse`` on records of several files together: scan rates, replicates, places."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from solith.analysis import (
    compare_triggering,
    find_capacitive_share,
    fit_scan_rates,
    summarise_replicates,
)
from solith.app._analyse_options import check_places
from solith.app.analyse import AnalysedFile, analyse_files
from solith.app.analyse_joined import Joined, join_records
from solith.app.cli import main
from solith.core.errors import InputError
from solith.core.result import Result
from solith.readers import read

RATES = (1e-4, 5e-4, 2e-3)


def text_of(head: str, *columns: Any) -> str:
    rows = zip(*(np.asarray(column, dtype=float).tolist() for column in columns), strict=True)
    return "\n".join([head, *(",".join(map(repr, row)) for row in rows)]) + "\n"


def voltammogram(rate: float) -> str:
    """Currents 0.2 v bell + 8e-3 v^(1/2) bell."""
    leg = np.linspace(3.0, 4.0, 401)
    potential = np.concatenate([leg, leg[-2::-1], leg[1:], leg[-2::-1]])
    time = np.append(0, np.cumsum(np.abs(np.diff(potential)))) / rate
    way = np.sign(np.diff(potential, prepend=2.9))
    bell = 0.2 + np.exp(-(((potential - 3.5) / 0.08) ** 2))
    current = way * bell * (0.2 * rate + 8e-3 * rate**0.5)
    return text_of("Time (s),Potential (V),Current (mA)", time, potential, 1e3 * current)


def cycling(hours: float) -> str:
    """Three cycles at 1 mA with steps of ``hours``."""
    second = np.linspace(0, 6 * hours * 3600, 600, endpoint=False)
    current = np.where((second // (hours * 3600)) % 2 == 0, 1e-3, -1e-3)
    part = np.where(current > 0, second % (hours * 3600), -(second % (hours * 3600)))
    voltage = 3.7 + 50 * current + 1e-5 * part
    head = "test_time_second,voltage_volt,current_ampere,cycle_count"
    return text_of(head, second, voltage, current, second // (2 * hours * 3600) + 1)


def curve(at: float, side: int = -1) -> str:
    """A trigger at ``at`` volt, none for one above 5 V."""
    out = np.linspace(0, 5, 101)
    bias = np.append(out, out[-2::-1])
    on = (np.arange(len(bias)) > np.searchsorted(out, at)) & (at < 5)
    current = np.where(on, bias / 1e7, 1e-11 * bias)
    return text_of("Voltage (V),Current (A)", side * bias, side * current)


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder ``lab`` of voltammograms, cells and curves, beside which one works."""
    for folder in ("cv", "cells", "tips"):
        (tmp_path / "lab" / folder).mkdir(parents=True)
    for rate in RATES:
        (tmp_path / "lab" / "cv" / f"cv{rate:g}.csv").write_text(voltammogram(rate))
    for place, hours in enumerate((1.0, 1.1)):
        (tmp_path / "lab" / "cells" / f"cell{place}.csv").write_text(cycling(hours))
    for place, at in enumerate((0.8, 1.0, 1.3, 1.1)):
        (tmp_path / "lab" / "tips" / f"gb{place}.csv").write_text(curve(at))
        (tmp_path / "lab" / "tips" / f"in{place}.csv").write_text(curve(2.4 * at))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["solith", "analyse", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    return call


Command = Callable[..., tuple[int, str, str]]
PLACES = ("--place", "boundary=lab/tips/gb*.csv", "--place", "grain interior=lab/tips/in*.csv")
EVERYTHING = ("lab", "--scan-rates", "--replicates", *PLACES)


def rows_of(text: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of values of several files, by technique."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in json.loads(text):
        if "files" in row:
            found.setdefault(row["technique"], []).append(row)
    return found


def same(rows: Sequence[dict[str, Any]], result: Result) -> bool:
    return [(row["quantity"], row["value"], row["uncertainty"], row["unit"]) for row in rows] == [
        (value.quantity, value.value, value.uncertainty, value.unit) for value in result
    ]


def test_joined_values_are_those_of_the_functions(lab: Path, command: Command) -> None:
    code, out, err = command(*EVERYTHING, "--json")
    assert (code, [line for line in err.splitlines() if "%" not in line]) == (0, [])
    joined = rows_of(out)
    assert set(joined) == {"scan-rates", "capacitive-share", "cycling-replicates", "triggering"}
    voltammograms = [read(f"lab/cv/cv{rate:g}.csv")[0] for rate in RATES]
    assert same(joined["scan-rates"], fit_scan_rates(voltammograms))
    assert same(joined["capacitive-share"], find_capacitive_share(voltammograms))
    cells = [read(f"lab/cells/cell{n}.csv")[0] for n in range(2)]
    assert same(joined["cycling-replicates"], summarise_replicates(cells))
    tips = {
        name: [read(f"lab/tips/{begin}{n}.csv")[0] for n in range(4)]
        for name, begin in (("boundary", "gb"), ("grain interior", "in"))
    }
    assert same(joined["triggering"], compare_triggering(tips))
    for rows in joined.values():
        assert {row["file"] for row in rows} == {""}
    files = [f"lab/cv/cv{rate:g}.csv" for rate in RATES]
    assert all(sorted(row["files"]) == sorted(files) for row in joined["scan-rates"])
    flags = [flag for row in joined["cycling-replicates"] for flag in row["flags"]]
    assert "mean of 2 replicates" not in flags


def test_the_folder_and_the_page_hold_them_too(lab: Path, command: Command) -> None:
    code, out, _ = command(*EVERYTHING)
    assert code == 0
    for line in (
        "Voltammograms at several scan rates, 3 records together",
        "Replicates: cycling, 2 records together",
        "Triggering by place, 8 records together",
    ):
        assert f"\n{line}\n" in out
    results = lab / "analyse-results"
    whole = json.loads((results / "values.json").read_text())
    assert whole["values"] == json.loads(command(*EVERYTHING, "--json")[1])
    assert [one["title"] for one in whole["joined"]] == [
        "Voltammograms at several scan rates",
        "Replicates: cycling",
        "Triggering by place",
    ]
    assert whole["joined"][2]["records"][0] == {
        "file": "lab/tips/gb0.csv",
        "record": "gb0",
        "place": "boundary",
    }
    with (results / "values.csv").open(encoding="utf-8", newline="") as stream:
        lines = [line for line in csv.DictReader(stream) if line["files"]]
    assert len(lines) == sum("files" in row for row in whole["values"])
    assert lines[0]["files"].count("; ") == 2
    tables = {path.name for path in (results / "tables").glob("together-*")}
    assert tables == {
        "together-scan-rates-voltammograms.csv",
        "together-scan-rates-validity.csv",
        "together-capacitive-share-rates.csv",
        "together-capacitive-share-potentials.csv",
        "together-cycling-replicates-cycles.csv",
        "together-triggering-places.csv",
        "together-triggering-pairs.csv",
    }
    with (results / "tables" / "together-triggering-places.csv").open(encoding="utf-8") as stream:
        places = list(csv.DictReader(stream))
    assert [row["place"] for row in places] == ["boundary", "grain interior"]
    assert not any("[" in field for row in places for field in row.values())
    with (results / "tables" / "together-cycling-replicates-cycles.csv").open() as stream:
        cycles = list(csv.reader(stream))
    assert cycles[0][:2] == ["cycle", "charge_capacity (mAh)"]
    assert "charge_capacity_half_width_95 (mAh)" in cycles[0]
    page = (results / "report.html").read_text(encoding="utf-8")
    assert re.findall(r'<section id="together-\d"><h2>(.*?)</h2>', page) == [
        "Voltammograms at several scan rates",
        "Replicates: cycling",
        "Triggering by place",
    ]
    section = page[page.index('id="together-1"') : page.index('id="file-1"')]
    assert re.findall(r"<b>Figure \d+\. (.*?)\.</b>", section) == [
        "Scan rates",
        "Capacitive share",
        "Capacitive current",
        "Replicates",
        "Triggering",
    ]
    assert "All 3 voltammograms, taken as those of one cell." in section
    links = set(re.findall(r'href="#([\w-]+)"', page))
    assert links <= set(re.findall(r'<section id="([\w-]+)"', page))
    overview = page[page.index('id="files"') : page.index('id="together-1"')]
    assert '<a href="#together-3">Triggering by place</a> (8 records): median bias' in overview
    assert "p value boundary vs grain interior" in overview


def test_without_the_options_nothing_is_joined(lab: Path, command: Command) -> None:
    files = analyse_files([Path("lab")])
    assert join_records(files) == []
    (joined,) = join_records(files, scan_rates=True)
    assert joined.title == "Voltammograms at several scan rates"
    fewer = [file for file in files if file.path.name != "cv0.0005.csv"]
    (refused,) = join_records(fewer, scan_rates=True)
    assert "at 3 or more scan rates are needed; there are 2" in str(refused.errors["scan-rates"])
    told = command("lab/cv", "--json")[2]
    assert "voltammograms at 3 scan rates; if they are of one cell, --scan-rates compares" in told
    rows = rows_of(command("lab/cv", "--scan-rates", "--json")[1])["scan-rates"]
    assert all("3 voltammograms taken as those of one cell" in row["flags"] for row in rows)


def test_scan_rates_that_differ_by_noise_are_one(lab: Path) -> None:
    for place in range(4):
        (lab / f"again{place}.csv").write_text(voltammogram(1e-3 * (1 + 4e-3 * place)))
    files = analyse_files(sorted(lab.glob("again*.csv")))
    (refused,) = join_records(files, scan_rates=True)
    assert str(refused.errors["scan-rates"]).endswith("scan rates are needed; there are 1")


def test_what_was_lost_in_reading_is_told_of_the_joined(lab: Path, command: Command) -> None:
    path = lab / "lab" / "cells" / "cell0.csv"
    path.write_text(path.read_text() + "1,2")
    (row, *_) = rows_of(command("lab/cells", "--replicates", "--json")[1])["cycling-replicates"]
    assert len([flag for flag in row["flags"] if flag.startswith("lab/cells/cell0.csv: ")]) == 1


def test_files_of_places_need_not_be_given_twice(lab: Path, command: Command) -> None:
    alone = command(*PLACES, "--json")[1]
    assert rows_of(alone) == rows_of(command("lab/tips", *PLACES, "--json")[1])
    assert {row["file"] for row in json.loads(alone)} == {
        "",
        *(f"lab/tips/{begin}{n}.csv" for begin in ("gb", "in") for n in range(4)),
    }


def test_patterns_of_one_place_add_up_and_folders_count(lab: Path) -> None:
    texts = ("a=lab/tips/gb0.csv", "a = lab/tips/gb*.csv", "b=lab/cells")
    assert check_places(texts) == {
        "a": [Path(f"lab/tips/gb{n}.csv") for n in range(4)],
        "b": [Path(f"lab/cells/cell{n}.csv") for n in range(2)],
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "give files or folders to analyse, or --place NAME=FILES"),
        (("--place", "boundary"), "--place: 'boundary' is not of the form NAME=FILES, as 'bou"),
        (("--place", "=x"), "--place: '=x' is not of the form NAME=FILES, as 'boundary=gb*.csv'"),
        (("--place", "a=no*.csv"), "--place: there is no file 'no*.csv' for 'a'"),
        (
            ("--place", "a=lab/tips", "--place", "b=lab/tips/gb0.csv"),
            "--place: lab/tips/gb0.csv is given for 'a' and 'b'",
        ),
        (("lab", "--side", "left"), "--side: unknown side 'left'. Choose from: negative, positive"),
        (("lab", "--read-voltage", "0 V"), "--read-voltage: '0 V' must not be zero"),
        (("lab", "--read-voltage", "1"), "--read-voltage: '1' has no unit"),
        (("lab", "--compliance", "0 A"), "--compliance: '0 A' must be above 0"),
        (("lab", "--compliance", "1 V"), "--compliance: '1 V' has the unit 'V', of the wrong"),
    ],
)
def test_wrong_options_are_one_error_before_any_work(
    lab: Path, command: Command, arguments: tuple[str, ...], told: str
) -> None:
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"solith: error: {told}")
    assert len(err.splitlines()) == 1
    assert not (lab / "analyse-results").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("lab/cells/cell0.csv", "--replicates"),
            "replicates: two or more cycling records of one kind are needed; there is one of "
            "cycling",
        ),
        (
            ("lab/cv/cv0.002.csv", "--replicates"),
            "replicates: two or more cycling records of one kind are needed",
        ),
        (
            ("--place", "a=lab/cells", "--place", "b=lab/tips/gb*.csv"),
            "triggering: place 'a': none of its files holds a current-voltage curve that could "
            "be analysed",
        ),
        (
            ("--place", "a=lab/tips/gb*.csv", "--side", "positive"),
            "triggering: a: a curve was not scanned to positive bias",
        ),
        (
            ("--place", "a=lab/tips/gb*.csv", "--place", "b=other.csv"),
            "triggering: some curves triggered at negative, others at positive bias; choose with "
            "--side",
        ),
    ],
)
def test_a_join_that_fails_is_one_line(
    lab: Path, command: Command, arguments: tuple[str, ...], told: str
) -> None:
    (lab / "other.csv").write_text(curve(1.0, side=1))
    code, _, err = command(*arguments)
    assert code == 0
    assert [line for line in err.splitlines() if "%" not in line] == [f"solith: {told}"]
    page = (lab / "analyse-results" / "report.html").read_text(encoding="utf-8")
    assert "did not succeed: " in page[page.index('id="together-1"') :]


def test_files_of_a_place_without_a_curve_are_counted(lab: Path) -> None:
    (lab / "lab" / "tips" / "gb9.csv").write_text("")
    places = check_places(PLACES[1::2])
    joined = join_records(analyse_files([Path("lab")]), places=places)[-1]
    assert joined.told.endswith(" Left out: 1 of the files given, without an analysed curve.")
    assert [len(members) for members in joined.groups.values()] == [4, 4]


def test_options_of_curves_are_passed_on(lab: Path, command: Command) -> None:
    text = command("lab/tips/gb0.csv", "--compliance", "0.2 uA", "--json")[1]
    values = {row["quantity"]: row["value"] for row in json.loads(text)}
    assert values["compliance_current"] == pytest.approx(2e-7)
    assert command("lab/tips/gb0.csv", "--read-voltage", "0.1 V", "--compliance", "1 uA")[0] == 0
    page = (lab / "analyse-results" / "report.html").read_text(encoding="utf-8")
    assert "Given for all records: read voltage 0.1 V, compliance 1 µA." in page
    with pytest.raises(InputError, match=r"^read_voltage: '0.1 kg' has the unit 'kg'"):
        analyse_files([Path("lab/tips/gb0.csv")], of_curves={"read_voltage": "0.1 kg"})


def test_the_area_makes_a_current_of_a_current_density(lab: Path, command: Command) -> None:
    bias = np.linspace(0, 1, 20)
    path = lab / "density.csv"
    path.write_text(text_of("Voltage (V),Current Density (mA/cm2)", bias, bias))
    code, _, err = command("density.csv")
    assert code == 2
    assert "'Current Density (mA/cm2)' is per area: give the geometric area of the cell (--a" in err
    assert command("density.csv", "--area", "0.5 cm2")[0] == 0
    (file,) = analyse_files([path], facts={"geometric_area": "0.5 cm2"})
    record = file.records[0].record
    assert record.array("current_ampere") == pytest.approx(5e-4 * bias)
    assert record.data.attrs["geometric_area_m2"] == pytest.approx(5e-5)


def test_an_error_keeps_the_others(lab: Path) -> None:
    files: list[AnalysedFile] = analyse_files([Path("lab/cv"), Path("lab/cells/cell0.csv")])
    rates, failed = join_records(files, scan_rates=True, replicates=True)
    assert isinstance(rates, Joined)
    assert set(rates.results) == {"scan-rates", "capacitive-share"}
    assert isinstance(failed.outcomes["replicates"], InputError)
