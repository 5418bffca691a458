"""What readers once got wrong: found by ``validation/mutated_inputs.py`` and by use."""

from __future__ import annotations

import faulthandler
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.reader_seeds import GAMRY, GAMRY_SPECTRUM, made_seeds

from solith.core._hdf_heaps import damaged_heaps
from solith.core.errors import StorageError
from solith.core.record import Record
from solith.core.storage import write_record
from solith.readers import _measured, read

HEAP = b"GCOL\x01\0\0\0"


@pytest.fixture
def watched() -> Iterator[None]:
    """Ends the tests, with a traceback, where the library below loops for ever."""
    faulthandler.dump_traceback_later(60, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


def put(folder: Path, content: bytes) -> Path:
    path = folder / "input"
    path.write_bytes(content)
    return path


def test_netcdf_with_a_text_longer_than_its_heap(tmp_path: Path, watched: None) -> None:
    # HDF5 2.0.0 loops for ever on this when it reads the file's attributes.
    content = bytearray(made_seeds()["netcdf"][0])
    heap = content.index(HEAP)
    content[heap + 25] = 2
    path = put(tmp_path, bytes(content))
    assert damaged_heaps(path) == [heap]
    with pytest.raises(StorageError) as told:
        read(path)
    assert str(told.value) == (
        f"{path}: cannot be read as netCDF (the texts stored at byte {heap} are damaged)"
    )


def test_netcdf_heaps_that_are_whole_and_those_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "many.nc"
    record = Record.from_arrays(
        "current-voltage", voltage_volt=np.arange(3000.0), current_ampere=np.arange(3000.0)
    )
    texts = np.array([f"step {n}" * (n % 50) for n in range(3000)], dtype=object)
    record.data["step_type"] = ("row", texts)
    write_record(path, record)
    content = path.read_bytes()
    assert content.count(HEAP) > 1
    assert damaged_heaps(path) == []
    assert read(path)[0].data["step_type"].values.tolist() == texts.tolist()
    first, last = content.index(HEAP), content.rindex(HEAP)
    assert damaged_heaps(put(tmp_path, content[: first + 12])) == [first]
    assert damaged_heaps(put(tmp_path, content[: last + 100])) == [last]
    assert damaged_heaps(put(tmp_path, b"")) == []


def test_parquet_that_holds_fewer_rows_than_it_promises(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    content = made_seeds()["bdf_parquet"][0]
    assert len(read(put(tmp_path, content))[0]) == 1
    one, three = b"\x16\x02\x19", b"\x16\x06\x19"  # the footer's count, before its row groups
    assert content.count(one) == 1
    path = put(tmp_path, content.replace(one, three))
    with pytest.raises(StorageError) as told:
        read(path)
    assert str(told.value) == f"{path}: promises 3 rows and holds 1; the file is damaged"


def test_dates_are_the_time_where_there_is_no_other(tmp_path: Path) -> None:
    rows = "2024-01-01 00:00:01,3.5,1\n2024/01/01 00:01:01.5,3.6,1\n"
    (record,) = read(put(tmp_path, f"Date/Time,Voltage (V),Current (mA)\n{rows}".encode()))
    assert record.kind == "cycling"
    assert record.array("test_time_second").tolist() == [0, 60.5]
    assert record.data["date_time"].values[0] == "2024-01-01 00:00:01"
    told = "test_time_second is the time since the first row, by the dates of 'Date/Time'"
    assert told in record.provenance.notes
    timed = "Time (s),Date,Voltage (V),Current (mA)\n5,2024-01-01 00:00:01,3.5,1\n"
    (record,) = read(put(tmp_path, timed.encode()))
    assert record.array("test_time_second").tolist() == [5]


def test_a_current_that_is_turned_round_has_no_negative_zero(tmp_path: Path) -> None:
    heading = "Test Time / s,Voltage / V,Current / A,Step Type / 1\n"
    rows = "0,3,0,rest\n1,3,-1,charge\n2,3,1,discharge\n"
    (record,) = read(put(tmp_path, f"{heading}{rows}".encode()))
    assert record.array("current_ampere").tolist() == [0, 1, -1]
    assert not np.signbit(record.array("current_ampere")[0])


def test_a_file_is_read_once_for_the_fingerprint_of_its_many_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []
    monkeypatch.setattr(_measured, "fingerprint_file", lambda path: taken.append(path) or "f")
    rows = "".join(f"{f},10,-1,{cycle}\n" for cycle in range(5) for f in (100, 10, 1))
    records = read(put(tmp_path, f"Freq (Hz),Re Z,Im Z,Cycle\n{rows}".encode()))
    assert [record.provenance.sha256 for record in records] == ["f"] * 5
    assert len(taken) == 1


def test_gamry_that_breaks_off_before_its_spectrum_says_so(tmp_path: Path) -> None:
    rest = "OCVCURVE\tTABLE\t1\n\tPt\tT\tVf\n\t#\ts\tV vs. Ref.\n\t0\t1\t2.0E+000\n"
    told = "only the open circuit before EISPOT is there; the measurement itself is missing"
    (record,) = read(put(tmp_path, GAMRY.format(tag="EISPOT", tables=rest).encode()))
    assert told in record.provenance.notes
    whole = GAMRY.format(tag="EISPOT", tables=rest + GAMRY_SPECTRUM)
    for record in read(put(tmp_path, whole.encode())):
        assert told not in record.provenance.notes


@pytest.mark.parametrize("last", ["", "0", "0.1"])
def test_a_lone_row_that_has_no_end_says_so(tmp_path: Path, last: str) -> None:
    heading = "Test Time / s,Voltage / V,Current / A\n"
    (record,) = read(put(tmp_path, f"{heading}0,3.7,{last}".encode()))
    told = f"the only row has no end: its last value, {last!r}, may be cut short"
    assert told in record.provenance.notes
    (record,) = read(put(tmp_path, f"{heading}0,3.7,{last}\n".encode()))
    assert told not in record.provenance.notes


def test_zeros_in_a_text_can_be_stored(tmp_path: Path) -> None:
    text = b"test_time_second,voltage_volt,current_ampere,remark\n1,3.5,1,a\0b\n2,3.6,1,c\n"
    (record,) = read(put(tmp_path, text))
    assert record.data["remark"].values.tolist() == ["a\ufffdb", "c"]
    write_record(tmp_path / "a.nc", record)
    assert read(tmp_path / "a.nc")[0].data.identical(record.data)


@pytest.mark.parametrize("small", [1e-300, 1e-310])
def test_numbers_too_far_apart_to_divide_tell_no_sign(tmp_path: Path, small: float) -> None:
    middle = [(10.0**-n, small, -small) for n in range(1, 8)]
    rows = [(1e4, 1.0, -1.0), (1e3, 0.9, -0.5), *middle, (1e-8, 2e2, -1e2), (1e-9, 3e2, -1e1)]
    text = "Frequency\t Zre\t Zimg\n" + "".join(f"{f}\t {r}\t {i}\n" for f, r, i in rows)
    (record,) = read(put(tmp_path, text.encode()))
    assert record.array("imaginary_impedance_ohm").tolist() == [i for _, _, i in rows]
