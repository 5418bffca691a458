from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.real_files import real_file

from solith.analysis import analyse
from solith.core.errors import InputError, SolithError, StorageError
from solith.core.provenance import Provenance, fingerprint_file
from solith.core.record import Record
from solith.core.storage import write_record
from solith.readers import _front, format_of, read, write_bdf


def put(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_the_example_of_the_format() -> None:
    path = real_file("cycler/sample.bdf.csv")
    (record,) = read(path)
    assert (record.kind, record.name, len(record)) == ("cycling", "sample", 3)
    assert record.array("voltage_volt").tolist() == [3.7, 3.6, 3.5]
    assert record.data["test_time_second"].attrs == {"units": "s"}
    assert record.provenance.origin == "measured"
    assert record.provenance.file == "sample.bdf.csv"
    assert record.provenance.sha256 == fingerprint_file(path)
    assert "positive current charges" in record.provenance.conventions


def test_a_long_measurement_with_other_units_and_the_opposite_sign() -> None:
    (record,) = read(real_file("cycler/batmo_bdf.csv"))
    assert len(record) == 21206
    assert record.array("test_time_second")[0] == pytest.approx(500)
    assert "was turned round" in record.provenance.notes[0]
    kinds = record.data["step_type"].values
    assert np.all(record.array("current_ampere")[kinds == "charge"] > 0)
    assert np.all(record.array("current_ampere")[kinds == "discharge"] < 0)
    cycles = {row["cycle"]: row for row in analyse(record).details["cycles"]}
    assert len(cycles) == 109
    for number in (2, 50, 109):
        here = record.select(cycle_count=number)
        counted = here.array("charge_capacity_ah").max()
        assert cycles[number]["charge_capacity"] == pytest.approx(1e3 * counted, rel=2e-2)


def test_both_forms_of_a_heading(tmp_path: Path) -> None:
    labels = "Test Time / min,Voltage / mV,Current / mA,Cycle Count / 1,Surface Temperature / K"
    names = "test_time_second,voltage_volt,current_ampere,cycle_count,surface_temperature_celsius"
    (first,) = read(put(tmp_path / "a.csv", labels, "0,3000,1,1,298.15", "1,3100,,1,299.15"))
    (second,) = read(put(tmp_path / "b.csv", names, "0,3,0.001,1,25", "60,3.1,,1,26"))
    assert list(first.data.data_vars) == list(second.data.data_vars) == names.split(",")
    for name in names.split(","):
        assert first.array(name) == pytest.approx(second.array(name), nan_ok=True)
        assert first.data[name].attrs == second.data[name].attrs


RESTARTED = [0.0, 10, 20, 30, 0, 10, 20, 30]


@pytest.mark.parametrize(
    ("name", "counter", "joined"),
    [
        ("cycle_count", [1, 1, 1, 1, 2, 2, 3, 3], True),
        ("cycle_count", [1, 1, 1, 2, 2, 2, 3, 3], False),
        ("cycle_count", [1] * 8, False),
        ("record_index", [1, 2, 3, 4, 5, 6, 7, 8], True),
        ("record_index", [1, 2, 3, 4, 1, 2, 3, 4], False),
        ("cycle_count", [1, 1, 1, 2, 1, 1, 1, 2], False),
        ("step_index", [1, 2, 2, 2, 3, 3, 1, 2], True),
        ("step_index", [1, 2, 2, 2, 1, 2, 2, 2], False),
        ("temperature_celsius", [25] * 8, False),
    ],
)
def test_a_clock_that_restarts_is_joined_where_the_counters_go_on(
    tmp_path: Path, name: str, counter: list[int], joined: bool
) -> None:
    head = f"test_time_second,voltage_volt,current_ampere,{name}"
    rows = [f"{t},3.{n},1,{counter[n]}" for n, t in enumerate(RESTARTED)]
    (record,) = read(put(tmp_path / "a.bdf.csv", head, *rows))
    wanted = [10.0 * n for n in range(8)] if joined else RESTARTED
    assert record.array("test_time_second").tolist() == wanted
    told = " ".join(record.provenance.losses)
    went_on = "the clock restarts in row 5: the times after it were joined to those"
    assert (went_on in told) == joined
    stands_still = counter[3] == counter[4] and name != "temperature_celsius"
    assert ("in row 5, where no counter goes on and voltage" in told) == stands_still


def test_one_step_that_goes_on_is_joined_unless_days_passed(tmp_path: Path) -> None:
    head = "test_time_second,voltage_volt,current_ampere,cycle_count,unix_time_second"
    for pause, joined in ((600, True), (3 * 86400, False)):
        rows = [f"{t},3,1,1,{t + n // 4 * (30 + pause)}" for n, t in enumerate(RESTARTED)]
        (record,) = read(put(tmp_path / f"{pause}.bdf.csv", head, *rows))
        wanted = [t + n // 4 * (30 + pause) for n, t in enumerate(RESTARTED)]
        time = record.array("test_time_second").tolist()
        assert time == (wanted if joined else RESTARTED)
        told = "by unix_time_second, after 600 s" if joined else "3 days passed"
        assert told in " ".join(record.provenance.losses)
        assert "clock_part" not in " ".join(record.data.data_vars)


def test_rows_without_a_time_do_not_hinder_the_joining(tmp_path: Path) -> None:
    head = "test_time_second,voltage_volt,current_ampere,cycle_count"
    rows = [f"{t},3,1,1" for t in (0, 10, 20, 30, "", 0, 10, 20)]
    (record,) = read(put(tmp_path / "a.bdf.csv", head, *rows))
    wanted = [0, 10, 20, 30, float("nan"), 40, 50, 60]
    assert record.array("test_time_second") == pytest.approx(wanted, nan_ok=True)
    assert "the clock restarts in row 6" in record.provenance.losses[0]


def test_a_byte_order_mark_crlf_and_a_unit_that_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        b"\xef\xbb\xbfTest Time / s,Voltage / V,Current / A,Light / foo,Phase / deg\r\n"
        b"1,2,3,4,5\r\n"
    )
    (record,) = read(path)
    assert list(record.data.data_vars)[3:] == ["light_foo", "phase_degree"]
    assert record.data["light_foo"].attrs == {"units": "foo"}


def test_impedance_alone_and_among_cycling(tmp_path: Path) -> None:
    head = "Frequency / kHz,Real Impedance / ohm,Imaginary Impedance / ohm"
    (record,) = read(put(tmp_path / "a.bdf.csv", head, "1,10,-1", "0.1,12,-2", "0.01,13,-1"))
    assert (record.kind, record.name) == ("impedance", "a")
    assert record.array("frequency_hertz") == pytest.approx([1000, 100, 10])
    both = "test_time_second,voltage_volt,current_ampere,frequency_hertz,real_impedance_ohm,"
    rows = ["0,3,1,,,", "1,3,1,,,", "2,3,0,100,1,-1", "3,3,0,10,2,-1", "4,3,1,,,", "5,3,0,9,1,0"]
    path = put(tmp_path / "b.csv", f"{both}imaginary_impedance_ohm", *rows)
    series, first, second = read(path)
    assert [r.kind for r in (series, first, second)] == ["cycling", "impedance", "impedance"]
    assert [len(r) for r in (series, first, second)] == [3, 2, 1]
    assert [r.name for r in (series, first)] == ["b, part 1", "b, part 2"]
    assert "frequency_hertz" not in series.data


@pytest.mark.parametrize(
    "heads",
    [
        "Frequency / Hz,Real Impedance / ohm,Imaginary Impedance / ohm",
        "frequency_hertz,real_impedance_ohm,imaginary_impedance_ohm",
    ],
)
@pytest.mark.parametrize("series", [False, True])
def test_two_spectra_in_one_table(tmp_path: Path, heads: str, series: bool) -> None:
    sweep = [f"{10**k},{10 - k},-1" for k in (4, 3, 2, 1)]
    rows = ["0,0,0", *sweep, *sweep]
    if series:
        heads += ",Test Time / s,Voltage / V,Current / A"
        rows = [f"{row},{time},3,0" for time, row in enumerate(rows)]
    *others, first, second = read(put(tmp_path / "a.csv", heads, *rows))
    assert [(record.kind, len(record)) for record in others] == [("cycling", 1)] * series
    for record in (first, second):
        assert record.kind == "impedance"
        assert record.array("frequency_hertz").tolist() == [1e4, 1e3, 1e2, 10]
    told = "1 rows without a frequency above 0 were left out (row 1 the first)"
    assert (told in first.provenance.notes) is not series


def test_a_record_of_two_sweeps_comes_back_as_one(tmp_path: Path) -> None:
    frequency = np.tile([1e4, 1e3, 1e2, 10], 2)
    record = Record.from_arrays(
        "impedance",
        frequency_hertz=frequency,
        real_impedance_ohm=np.arange(8.0),
        imaginary_impedance_ohm=-np.ones(8),
    )
    write_bdf(record, tmp_path / "a.bdf.csv")
    (back,) = read(tmp_path / "a.bdf.csv")
    assert back.data.identical(record.data)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            ["frequency_hertz,real_impedance_ohm,imaginary_impedance_ohm", "0,1,2", ",1,2"],
            "no row has a frequency above 0",
        ),
        (
            ["Voltage / V,Current / A", "1,2"],
            "the column test_time_second (or 'Test Time / s') is missing; "
            "the table has voltage_volt, current_ampere",
        ),
        (
            ["frequency_hertz,real_impedance_ohm", "1,2"],
            "the column imaginary_impedance_ohm (or 'Imaginary Impedance / ohm') is missing",
        ),
        (
            ["Test Time / s,Voltage / V,Current / A", "1,2,3", "2,x,3"],
            "column 'Voltage / V': 'x' in row 2 is not a number",
        ),
        (
            ["Test Time / s,Voltage / V,Current / A", "1,2,3", "2,3", "3,4,5"],
            "row 2 has 2 fields, the heading has 3",
        ),
        (
            ["Test Time / s,Voltage / V,Current / A", "1,2,3", "2,3,4,5"],
            "row 2 has 4 fields, the heading has 3",
        ),
        (["Test Time / s,Voltage / V,Current / A", "1,2"], "the file breaks off in its first row"),
        (["Test Time / s,Voltage / V,Current / A"], "the table has a heading but no rows"),
        (
            ["Test Time / s,test_time_second,Voltage / V,Current / A", "1,1,2,3"],
            "the columns 'Test Time / s' and 'test_time_second' are both test_time_second",
        ),
        (["a,b", "1,2"], "a text file (it begins 'a,b') of unknown format. solith reads: "),
        (['voltage_volt,"b', "1,2"], "cannot be read as comma-separated text (unexpected end"),
        (["", " "], "the file is empty"),
    ],
)
def test_text_that_cannot_be_used(tmp_path: Path, lines: list[str], message: str) -> None:
    path = put(tmp_path / "a.csv", *lines)
    with pytest.raises((InputError, StorageError)) as told:
        read(path)
    assert str(told.value).startswith(f"{path}: ")
    assert message in str(told.value)


@pytest.mark.parametrize("given", [5, None, b"a.csv", ["a.csv"], "a\0b"])
@pytest.mark.parametrize("opened", [read, format_of])
def test_what_is_no_path(opened: Callable[[Any], object], given: object) -> None:
    with pytest.raises(InputError) as told:
        opened(given)
    assert str(told.value) == (f"the path of a file is needed, as text or as a Path, not {given!r}")


def test_what_is_no_file_of_data(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"none.csv: there is no such file"):
        read(tmp_path / "none.csv")
    with pytest.raises(StorageError, match="is a folder; give one of the files in it"):
        read(str(tmp_path))
    path = tmp_path / "a.bin"
    path.write_bytes(b"")
    with pytest.raises(StorageError, match=r"a.bin: the file is empty"):
        read(path)
    path.write_bytes(b"\x00\x01\xff" * 100)
    with pytest.raises(StorageError, match=r"a binary file of unknown format. .*netCDF"):
        read(path)


def test_a_table_that_breaks_off_gives_its_whole_part(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    whole = "Test Time / s,Voltage / V,Current / A\n1,2,3\n2,2.5,3.25\n"
    for end in ("3", "3,2.", "3,2.5,", "3,2.5,-"):
        path.write_text(whole + end, encoding="utf-8")
        (record,) = read(path)
        assert record.array("test_time_second").tolist() == [1, 2]
        assert "the file breaks off in row 3" in record.provenance.notes[0]
    path.write_text(f"{whole}3,2.5,3.2", encoding="utf-8")
    (record,) = read(path)
    assert len(record) == 3
    assert "its last value, '3.2', may be cut short" in record.provenance.notes[0]
    path.write_text(f"{whole}3,2.5,3.25", encoding="utf-8")
    assert not [note for note in read(path)[0].provenance.notes if "row 3" in note or "cut" in note]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_encoding_and_line_ending(tmp_path: Path, encoding: str, end: str) -> None:
    path = tmp_path / "a.csv"
    lines = [
        "Test Time / s,Voltage / V,Current / A,Stra\u00dfe / 1",
        "1,2,3,\u00b5",
        "2,3,4,\u00b5",
        "",
    ]
    path.write_bytes(end.join(lines).encode(encoding))
    (record,) = read(path)
    assert record.array("voltage_volt").tolist() == [2, 3]
    assert record.data["stra\u00dfe"].values.tolist() == ["\u00b5", "\u00b5"]


@given(st.binary(max_size=200), st.booleans())
@example(b"\r\0", False)
@example(b"\x1c", False)
@example(b"1,2,3\r\0", True)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_content_gives_a_foreign_error(tmp_path: Path, content: bytes, headed: bool) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"test_time_second,voltage_volt,current_ampere\n" * headed + content)
    try:
        records, told = read(path), str(path)
    except SolithError as error:
        records, told = [], str(error)
    assert str(path) in told
    assert all(record.kind in ("cycling", "impedance") for record in records)


def test_solith_reads_its_own_files_and_tells_torn_ones(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    record = Record.from_arrays("current-voltage", voltage_volt=[0, 1], current_ampere=[0, 2])
    write_record(path, record)
    (back,) = read(path)
    assert back.kind == "current-voltage"
    assert back.data.identical(record.data)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(StorageError, match=r"a.nc: cannot be read as netCDF"):
        read(path)


numbers = arrays(np.float64, 3, elements=st.floats(allow_nan=True, allow_infinity=True))


@given(
    numbers, numbers, numbers, st.lists(st.text("ab ,\"'\n1", max_size=4), min_size=3, max_size=3)
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_table_comes_back_without_loss(
    tmp_path: Path, voltage: Any, current: Any, loss: Any, texts: list[str]
) -> None:
    record = Record.from_arrays(
        "voltammogram",
        provenance=Provenance("simulated", sample="s", parameters={"a": [1, None]}),
        name="n µ",
        attributes={"active_mass_kg": 1e-5, "steps": ["a", "b"]},
        test_time_second=[0, 1, 2],
        voltage_volt=voltage,
        current_ampere=current,
        loss_contact_volt=loss,
    )
    data = record.data.assign(
        step_type=("row", np.array(texts, dtype=object)),
        cycle_count=("row", np.array([1, 1, 2], dtype=np.int64)),
    )
    record = Record(record.kind, data, record.provenance, record.name)
    write_bdf(record, tmp_path / "a.bdf.csv")
    (back,) = read(tmp_path / "a.bdf.csv")
    assert (back.kind, back.name, back.provenance) == ("voltammogram", "n µ", record.provenance)
    assert back.data.identical(record.data)
    assert [back.data[name].dtype for name in data] == [data[name].dtype for name in data]
    assert sorted(f.name for f in tmp_path.iterdir()) == ["a.bdf.csv", "a.bdf.csv-metadata.json"]


def test_a_table_without_its_metadata_keeps_its_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.bdf.csv"
    record = Record.from_arrays(
        "impedance",
        frequency_hertz=[1e3, 1 / 3],
        real_impedance_ohm=[0.1, np.nan],
        imaginary_impedance_ohm=[-0.0, -1e-300],
    )
    write_bdf(record, path)
    (tmp_path / "a.bdf.csv-metadata.json").unlink()
    (back,) = read(path)
    assert back.kind == "impedance"
    for name in record.data.data_vars:
        assert back.data[name].values.tobytes() == record.data[name].values.tobytes()
    assert back.provenance.origin == "measured"


def test_metadata_that_do_not_fit(tmp_path: Path) -> None:
    path, metadata = tmp_path / "a.csv", tmp_path / "a.csv-metadata.json"
    record = Record.from_arrays(
        "cycling", test_time_second=[0, 1], voltage_volt=[1, 2], current_ampere=[1, 2]
    )
    write_bdf(record, path)
    path.write_text(path.read_text().replace("2", "3"))
    with pytest.raises(StorageError, match=r"a.csv: was changed after a.csv-metadata.json was"):
        read(path)
    metadata.write_text('{"notes": [{"solith_record": {}}]}')
    with pytest.raises(StorageError, match=r"a.csv-metadata.json: the metadata are incomplete"):
        read(path)
    metadata.write_text("{")
    with pytest.raises(StorageError, match=r"a.csv-metadata.json: the metadata cannot be read"):
        read(path)
    metadata.write_text('{"@context": "http://www.w3.org/ns/csvw", "notes": "of others"}')
    assert read(path)[0].array("voltage_volt").tolist() == [1, 3]


def test_what_the_format_has_no_place_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    record = Record.from_arrays("current-voltage", voltage_volt=[0], current_ampere=[1])
    with pytest.raises(InputError, match=r"a.csv: a record of kind 'current-voltage' has no form"):
        write_bdf(record, path)
    record = Record.from_arrays(
        "cycling", test_time_second=[0], voltage_volt=[0], current_ampere=[1]
    )
    wide = Record(
        "cycling", record.data.assign(x=(("row", "y"), np.ones((1, 2)))), Provenance("measured")
    )
    with pytest.raises(InputError, match=r"a.csv: x cannot be a column of a table; write the rec"):
        write_bdf(wide, path)
    with pytest.raises(StorageError, match=r"a.csv: cannot be written"):
        write_bdf(record, tmp_path / "none" / "a.csv")
    assert not list(tmp_path.iterdir())


@pytest.fixture
def new_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A reader in a file of its own, in a folder added to the room."""
    import solith.readers as room

    folder = tmp_path / "more"
    folder.mkdir()
    put(
        folder / "shout.py",
        "from solith.core.record import Record",
        "FORMAT = 'shouted numbers'",
        "def recognises(head): return head.startswith(b'!!!')",
        "def read(path): return [Record.from_arrays('current-voltage', voltage_volt=[1],",
        "                                           current_ampere=[2])]",
    )
    monkeypatch.setattr(room, "__path__", [*room.__path__, str(folder)])
    _front.readers.cache_clear()
    yield room
    _front.readers.cache_clear()
    sys.modules.pop("solith.readers.shout", None)


def test_a_new_format_is_one_new_file(tmp_path: Path, new_format: ModuleType) -> None:
    (record,) = new_format.read(put(tmp_path / "a", "!!! 1 2"))
    assert record.kind == "current-voltage"
    with pytest.raises(StorageError, match=r"solith reads: .*; shouted numbers"):
        new_format.read(put(tmp_path / "b", "??? 1 2"))
