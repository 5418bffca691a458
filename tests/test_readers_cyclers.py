from __future__ import annotations

import logging
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.reader_seeds import (
    ARBIN,
    MACCOR_ABOVE,
    MACCOR_HEAD,
    MACCOR_MORE,
    MACCOR_POINTS,
    NEWARE,
    NEWARE_ROWS,
    parquet_bytes,
)
from tests.real_files import real_file

from solith.analysis.cycling import analyse_cycling
from solith.core.errors import InputError, SolithError, StorageError
from solith.core.record import Record
from solith.core.storage import read_record, write_record
from solith.readers import arbin, bdf_parquet, maccor, neware, neware_csv, read, write_bdf
from solith.readers._clock import clock_seconds
from solith.readers._current_sign import charging_positive

pyarrow: Any = pytest.importorskip("pyarrow")
parquet: Any = pytest.importorskip("pyarrow.parquet")


def notes_of(record: Record) -> str:
    return "\n".join(record.provenance.notes)


def put(path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
    return path


def first_and_last(record: Record, name: str) -> tuple[float, float]:
    values = record.array(name)
    return float(values[0]), float(values[-1])


def counted(record: Record, name: str, cycle: int) -> float:
    """What a counter that starts again with each step gave in a cycle [Ah]."""
    steps = "step_count" if "step_count" in record.data else "step_id"
    mine = record.select(cycle_count=cycle)
    number = mine.array(steps)
    return float(sum(mine.array(name)[number == step].max() for step in np.unique(number)))


# Signs


def columns(**given: list[Any]) -> dict[str, Any]:
    return {
        name: np.array(values, dtype=object if isinstance(values[0], str) else float)
        for name, values in given.items()
    }


def test_steps_give_an_unsigned_current_its_sign() -> None:
    before = columns(current_ampere=[0, 1, 2, 3, 9], step_type=["R", "C", "D", "D", "P"])
    after, notes = charging_positive(before)
    assert after["current_ampere"].tolist() == [0, 1, -2, -3, 9]
    assert before["current_ampere"].tolist() == [0, 1, 2, 3, 9]
    assert notes == (
        "the file's current has no sign; it was given one by the step types",
        "1 rows have a current but no direction; they are as in the file",
    )


@pytest.mark.parametrize("charge", ["charge", "CC Chg", "CCCV_Chg", "恒流充电", "C"])
@pytest.mark.parametrize("discharge", ["Discharge", "CC DChg", "CP_DChg", "恒流放电", "d"])
def test_steps_turn_a_current_round(charge: str, discharge: str) -> None:
    steps = ["Rest", charge, charge, discharge]
    after, notes = charging_positive(columns(current_ampere=[0, -1, -2, 3], step_type=steps))
    assert after["current_ampere"].tolist() == [0, 1, 2, -3]
    assert "was turned round" in notes[0]
    right = columns(current_ampere=[0, 1, 2, -3], step_type=steps)
    after, notes = charging_positive(right)
    assert (after["current_ampere"].tolist(), notes) == ([0, 1, 2, -3], ())


def test_counters_tell_where_steps_do_not() -> None:
    counters = {
        "charging_capacity_ah": [0, 0, 1, 2, 2, 2, 2],
        "discharging_capacity_ah": [0, 0, 0, 0, 0, 1, 2],
    }
    after, notes = charging_positive(columns(current_ampere=[0, 1, 1, 1, 2, 2, 2], **counters))
    assert after["current_ampere"].tolist() == [0, 1, 1, 1, -2, -2, -2]
    assert notes == (
        "the file's current has no sign; it was given one by the charge and discharge counters",
    )
    after, notes = charging_positive(columns(current_ampere=[0, -1, -1, -1, 2, 2, 2], **counters))
    assert after["current_ampere"].tolist() == [0, 1, 1, 1, -2, -2, -2]
    assert "(by its charge and discharge counters); the current was turned round" in notes[0]


def test_where_nothing_tells_or_all_contradicts() -> None:
    given = columns(current_ampere=[1, -1])
    after, notes = charging_positive(given)
    assert after["current_ampere"].tolist() == [1, -1]
    assert "it is taken to be the positive" in notes[0]
    assert charging_positive(columns(current_ampere=[0, 0]))[1] == ()
    assert charging_positive(columns(voltage_volt=[1]))[1] == ()
    mixed = columns(current_ampere=[1, -1, 1, -1], step_type=["C", "C", "D", "D"])
    after, notes = charging_positive(mixed)
    assert after["current_ampere"].tolist() == [1, -1, 1, -1]
    assert "contradict each other" in notes[0]


# Maccor


def test_maccor_by_hand(tmp_path: Path) -> None:
    (record,) = read(
        put(tmp_path / "x.071", *MACCOR_ABOVE, MACCOR_HEAD + MACCOR_MORE, *MACCOR_POINTS)
    )
    assert (record.kind, record.name, len(record)) == ("cycling", "x", 3)
    assert record.provenance.instrument == "Maccor"
    expected = {
        "test_time_second": [0, 5.25, 93601],
        "step_time_second": [0, 0.25, 93596],
        "current_ampere": [0, -2, 1],
        "voltage_volt": [3.4, 3.3, 3.5],
        "cycle_count": [0, 0, 1],
        "step_id": [1, 2, 3],
        "capacity_ah": [0, 0.5, 0.25],
        "charging_capacity_ah": [0, 0, 0.25],
        "discharging_capacity_ah": [0, 0.5, 0],
        "discharging_energy_wh": [0, 1, 0],
        "ac_impedance_ohm": [0, 0, 0.5],
        "internal_resistance_ohm": [0, 0.25, 0],
        "auxiliary_1_celsius": [25.5, 26, -300],
        "auxiliary_2_pa": pytest.approx([14.5 * 6894.757293168] * 3),
        "var1": [1, 2, 3],
    }
    for name, values in expected.items():
        assert record.array(name).tolist() == values, name
    assert record.data["step_type"].values.tolist() == ["R", "D", "C"]
    assert record.data["date_time"].values[2] == "12/12/2020 14:22:17"
    assert record.data["auxiliary_2_pa"].attrs == {"units": "Pa"}
    claims = record.data.attrs["header_claims"]
    assert (claims["Filename"], claims["Description"]) == ("cell_01", "10 mg, 2 cm2")
    assert set(record.data.attrs) == {"header_claims"}
    assert "the file's current has no sign" in notes_of(record)
    assert "is also given as a counter of each" in notes_of(record)
    assert "below absolute zero" not in notes_of(record)


def test_maccor_in_other_words(tmp_path: Path) -> None:
    seconds = "Rec#\tCyc#\tStep\tTest (Sec)\tStep (Sec)\tmAmp-hr\tmWatt-hr\tmAmps\tVolts\tState"
    (first,) = read(put(tmp_path / "a", seconds, "1\t1\t1\t1.5\t0.5\t2\t3\t500\t3.4\tC"))
    short = "Rec\tCycle P\tCycle C\tStep\tTestTime\tStepTime\tCap. [Ah]\tEner. [Wh]\tCurrent [A]"
    rows = ("1\t1\t7\t1\t0:0:1.5\t0:0:0.5\t0.002\t0.003\t0.5\t3.4\tC\t1\t", "")
    (second,) = read(put(tmp_path / "b", *MACCOR_ABOVE, f"{short}\tVoltage [V]\tMd\tES", *rows))
    bare = "Rec\tCycle\tStep\tTest Time\tStep Time\tCapacity\tEnergy\tCurrent\tVoltage\tMD"
    (third,) = read(put(tmp_path / "c", bare, "1\t1\t1\t1.5\t0.5\t0.002\t0.003\t0.5\t3.4\tC"))
    for record in (first, second, third):
        for name, value in {
            "test_time_second": 1.5,
            "step_time_second": 0.5,
            "charging_capacity_ah": 0.002,
            "charging_energy_wh": 0.003,
            "current_ampere": 0.5,
            "step_id": 1,
        }.items():
            assert record.array(name).tolist() == [pytest.approx(value)], name
    assert "converted: mAmp-hr from mAh to Ah, mWatt-hr from mWh to Wh, mAmps" in notes_of(first)
    assert second.array("cycle_c").tolist() == [7]
    assert "columns without a unit are taken to be in A, V, Ah and Wh" in notes_of(third)


def test_maccor_that_breaks_off_or_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "a"
    whole = "\n".join((*MACCOR_ABOVE, MACCOR_HEAD + MACCOR_MORE, *MACCOR_POINTS))
    for cut in range(whole.rindex("\n") + 2, len(whole) - 1, 7):
        path.write_text(whole[:cut], encoding="utf-8")
        (record,) = read(path)
        assert len(record) == 2
        assert "the file breaks off in row 3" in notes_of(record)
    path.write_text(whole.replace("\t3.3\tD", "\tD"), encoding="utf-8")
    with pytest.raises(StorageError, match="a: row 2 has 18 fields, the heading has 19"):
        read(path)
    path.write_text(whole.replace("\t3.3\t", "\tx3\t"), encoding="utf-8")
    with pytest.raises(InputError, match="a: column 'Volts': 'x3' in row 2 is not a number"):
        read(path)
    with pytest.raises(InputError, match="no column for test_time_second; the file has Rec#, Cyc#"):
        read(put(path, "Rec#\tCyc#\tStep\tAmps\tVolts\tState", "1\t1\t1\t1\t1\tC"))
    with pytest.raises(StorageError, match="a: has no line of Maccor's headings"):
        maccor.read(put(path, "1,2"))


def test_the_real_maccor_file() -> None:
    (record,) = read(real_file("cycler/maccor_001.txt"))
    assert len(record) == 6704
    assert first_and_last(record, "voltage_volt") == (3.46250, 3.55131)
    last = 2 * 86400 + 2 * 3600 + 52 * 60 + 51.5699996948242
    assert first_and_last(record, "test_time_second") == (0, pytest.approx(last, abs=1e-9))
    assert first_and_last(record, "auxiliary_16_celsius") == (-2541.54663, -2541.54663)
    assert record.array("current_ampere")[2] == -0.50401
    kinds = record.data["step_type"].values
    assert [int(np.sum(kinds == letter)) for letter in "CDRO"] == [2450, 2082, 2171, 1]
    assert np.all(record.array("current_ampere")[kinds == "D"] < 0)
    assert np.all(record.array("current_ampere")[kinds == "C"] > 0)
    assert "below absolute zero in every row" in notes_of(record)
    assert record.data.attrs["header_claims"]["Filename"] == "M50_Validation_0deg_01"
    cycles = analyse_cycling(record).details["cycles"]
    assert len(cycles) == 5  # the file counts none
    for name in ("charge", "discharge"):
        own = 1e3 * counted(record, f"{name[:-1]}ing_capacity_ah", 0)
        passed = sum(cycle[f"{name}_capacity"] or 0.0 for cycle in cycles)
        assert passed == pytest.approx(own, rel=5e-4)


# Neware CSV


def test_neware_points_by_hand(tmp_path: Path) -> None:
    (record,) = read(put(tmp_path / "a.csv", NEWARE, *NEWARE_ROWS))
    assert record.provenance.instrument == "Neware"
    expected = {
        "test_time_second": [0, 518460.5, 518460.5, 518490.5],
        "step_time_second": [0, 60.5, 0, 30],
        "current_ampere": [0.002, 0.002, -0.002, -0.002],
        "charging_capacity_ah": [0, 0.001, 0, 0],
        "discharging_capacity_ah": [0, 0, 0, 0.001],
        "contact_resistance_ohm": [0.001] * 4,
        "temperature_celsius": [25, 26, 27, 28],
        "step_id": [1, 1, 2, 2],
    }
    for name, values in expected.items():
        assert record.array(name).tolist() == values, name
    assert record.data["switch"].values.tolist() == ["Close"] * 4
    assert "spec_cap_mah_g" not in record.data
    assert "mass or area typed in at the instrument: Spec. Cap.(mAh/g)" in notes_of(record)
    assert "converted: Current(mA) from mA to A, Capacity(mAh) from mAh to Ah" in notes_of(record)
    assert "as the file has them; they start again 1 times" in notes_of(record)
    per_mass = NEWARE.replace("Capacity(mAh)", "Capacity(mAh/g)")
    (record,) = read(put(tmp_path / "b.csv", per_mass, *NEWARE_ROWS))
    assert "capacity_ah" not in record.data
    assert "at the instrument: Capacity(mAh/g), Spec. Cap.(mAh/g)" in notes_of(record)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1.02:00:40", 93640),
        ("1d 02:00:40", 93640),
        ("2d 02:52:51.57", 183171.57),
        ("  0d 00:00:5", 5),
        ("26:00:40.5", 93640.5),
        ("26:00:40,5", 93640.5),
        ("02:40", None),
        ("1:02:00:40", None),
        ("-1:00:00", None),
    ],
)
def test_what_a_clock_shows(text: str, seconds: float | None) -> None:
    found = clock_seconds([text, " "])
    if seconds is None:
        assert found is None
        return
    assert found is not None
    assert found == pytest.approx([seconds, np.nan], nan_ok=True)


def test_neware_times_of_more_than_a_day(tmp_path: Path) -> None:
    rows = [row.replace("144:01:00.5", "1.02:00:40") for row in NEWARE_ROWS]
    assert rows != list(NEWARE_ROWS)
    (record,) = read(put(tmp_path / "a.csv", NEWARE, *rows))
    assert record.array("test_time_second")[1] == 93640


def test_neware_points_in_other_words(tmp_path: Path) -> None:
    old = (
        "Record number;State;Cycle;Steps;Current(mA);Voltage(V);Capacity(mAh);"
        "Relative Time(h:min:s.ms);Real Time"
    )
    rows = ("1;CC_Chg;1;1;2,5;3,1;0;0:00:01.0;x", "2;CC_DChg;1;2;2,5;3,0;1,5;0:00:02.5;x")
    (record,) = read(put(tmp_path / "a.csv", old, *rows, encoding="utf-16"))
    assert record.array("current_ampere").tolist() == [0.0025, -0.0025]
    assert record.array("test_time_second").tolist() == [1, 3.5]
    assert record.array("discharging_capacity_ah").tolist() == [0, 0.0015]
    assert "test_time_second is the sum of the steps' times" in notes_of(record)
    chinese = (
        "数据序号,循环号,工步号,工步类型,时间,总时间,电流(A),电压(V),充电容量(Ah),放电容量(Ah)"
    )
    row = "1,1,1,恒流放电,00:00:01,00:00:01,0.5,3.1,0,0.25"
    for encoding in ("gb18030", "utf-8-sig"):
        (record,) = read(put(tmp_path / "b.csv", chinese, row, encoding=encoding))
        assert record.data["step_type"].values.tolist() == ["恒流放电"]
        assert record.array("current_ampere").tolist() == [-0.5]
        assert record.array("discharging_capacity_ah").tolist() == [0.25]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Voltage(V)", "Voltage(s)", "column 'Voltage(s)': '0.0 s' has the unit 's', of the wrong"),
        ("Voltage(V)", "Voltage(foo)", "column 'Voltage(foo)': '0.0 foo': the unit 'foo' is not"),
        (",144:01:00.5,2,3.2", ",144:01:00.5,2,", ""),
        ("00:01:00.5,144", "0:0:0:0:0,144", "column 'Time': '0:0:0:0:0' in row 2 is not a number"),
        ("2,1,1,CC Chg", "2,,1,CC Chg", ""),
        ("2,1,1,CC Chg", "2,one,1,CC Chg", "column 'Cycle Index': 'one' in row 2 is not a number"),
    ],
)
def test_neware_points_that_are_wrong(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = put(tmp_path / "a.csv", *(line.replace(old, new) for line in (NEWARE, *NEWARE_ROWS)))
    if not message:
        (record,) = read(path)
        assert len(record) == 4
        return
    with pytest.raises(InputError) as told:
        read(path)
    assert str(told.value).startswith(f"{path}: {message}")


def test_the_real_neware_points() -> None:
    (record,) = read(real_file("cycler/neware_uio.csv"))
    assert len(record) == 9065
    assert first_and_last(record, "voltage_volt") == (2.9170, 0.4251)
    assert first_and_last(record, "current_ampere") == (0, 0.00099171)
    assert first_and_last(record, "test_time_second") == (0, 144 * 3600 + 2 * 60 + 18)
    assert first_and_last(record, "charging_capacity_ah") == (0, 0.00143796)
    assert record.data["date_time"].values[-1] == "2022-05-24 16:29:53"
    cycles = {row["cycle"]: row for row in analyse_cycling(record).details["cycles"]}
    assert sorted(cycles) == [1, 2, 3, 4]
    for number, row in cycles.items():
        for name in ("charge", "discharge"):
            own = 1e3 * counted(record, f"{name[:-1]}ing_capacity_ah", number)
            assert row[f"{name}_capacity"] == pytest.approx(own, rel=2e-4)


# Arbin


def test_arbin_by_published_headings(tmp_path: Path) -> None:
    rows = ("1,a,0.5,0.5,1,1,0.1,3.5,0,0,0.01,0.05,25,10", "2,b,9,9,2,1,-0.1,3,1,2,0,0,26,10")
    (record,) = read(put(tmp_path / "a.csv", ARBIN, *rows))
    assert record.provenance.instrument == "Arbin"
    expected = {
        "record_index": [1, 2],
        "test_time_second": [0.5, 9],
        "step_id": [1, 2],
        "cycle_count": [1, 1],
        "current_ampere": [0.1, -0.1],
        "charging_capacity_ah": [0, 1],
        "discharging_capacity_ah": [0, 2],
        "internal_resistance_ohm": [0.05, 0],
        "temperature_1_celsius": [25, 26],
        "aux_pressure_1_pa": pytest.approx([68947.57293168] * 2),
    }
    for name, values in expected.items():
        assert record.array(name).tolist() == values, name
    assert record.data["dv_dt_v_s"].attrs == {"units": "V/s"}
    assert "run through the whole file" in notes_of(record)
    assert "no real file was at hand" in arbin.UNVERIFIED
    (spaced,) = read(put(tmp_path / "b.csv", ARBIN.replace("_", " ").replace("(", " ("), *rows))
    assert spaced.array("test_time_second").tolist() == [0.5, 9]


# Parquet


@pytest.mark.parametrize(
    "names",
    [
        ("test_time_second", "voltage_volt", "current_ampere", "step_type", "cycle_count"),
        ("Test Time / min", "Voltage / mV", "Current / mA", "Step Type", "Cycle Count / 1"),
    ],
)
def test_parquet_in_both_forms(tmp_path: Path, names: tuple[str, ...]) -> None:
    time, volt, milli = (1, 1, 1) if "_" in names[0] else (60, 1000, 1000)
    table = pyarrow.table(
        {
            names[0]: pyarrow.array([0.0, 60.0 / time], pyarrow.float32()),
            names[1]: [3.0 * volt, None],
            names[2]: pyarrow.array([2 * milli, -1 * milli], pyarrow.int64()).dictionary_encode(),
            names[3]: ["charge", None],
            names[4]: pyarrow.array([1, 1], pyarrow.uint8()),
        }
    )
    parquet.write_table(table, tmp_path / "a.bdf.parquet")
    (record,) = read(tmp_path / "a.bdf.parquet")
    assert (record.kind, record.name) == ("cycling", "a")
    assert record.array("test_time_second").tolist() == [0, 60]
    assert record.array("voltage_volt")[0] == 3
    assert np.isnan(record.array("voltage_volt")[1])
    assert record.array("current_ampere").tolist() == [2, -1]
    assert record.data["step_type"].values.tolist() == ["charge", ""]
    assert record.data["current_ampere"].attrs == {"units": "A"}


def test_parquet_that_cannot_be_used(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    parquet.write_table(pyarrow.table({"a": [1]}), path)
    with pytest.raises(InputError, match=r"a.parquet: the column test_time_second .* is missing"):
        read(path)
    whole = {"test_time_second": [1.0], "voltage_volt": ["x"], "current_ampere": [1.0]}
    parquet.write_table(pyarrow.table(whole), path)
    with pytest.raises(InputError, match="column 'voltage_volt': 'x' in row 1 is not a number"):
        read(path)
    parquet.write_table(pyarrow.table({**whole, "Voltage / V": [1.0]}), path)
    with pytest.raises(InputError, match="'voltage_volt' and 'Voltage / V' are both voltage_volt"):
        read(path)
    parquet.write_table(pyarrow.table({"voltage_volt": [1.0]}).slice(0, 0), path)
    with pytest.raises(StorageError, match=r"a.parquet: the table has no rows"):
        read(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(StorageError, match=r"a.parquet: cannot be read as Parquet"):
        read(path)


def test_parquet_without_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(StorageError, match=r"install it with: pip install 'solith\[parquet\]'"):
        bdf_parquet.read(path)


def test_a_small_parquet_with_too_many_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.parquet"
    parquet.write_table(pyarrow.table({"voltage_volt": [1.0] * 11}), path)
    monkeypatch.setattr(bdf_parquet, "_MOST_VALUES", 10)
    with pytest.raises(StorageError, match="has 11 rows of 1 columns, more than 10 values"):
        read(path)


# Neware binary


def test_the_real_nda_file(tmp_path: Path) -> None:
    path = real_file("cycler/TestFile.nda")
    unpack = zlib.decompress
    (record,) = read(path)
    assert zlib.decompress is unpack
    assert logging.getLogger("fastnda").handlers == []
    # Figures of NewareNDA 2026.6.11 on the same file.
    assert len(record) == 6670
    assert first_and_last(record, "voltage_volt") == pytest.approx((3.881992, 4.158703), abs=5e-7)
    assert first_and_last(record, "test_time_second") == pytest.approx(
        (0.01, 72373.257812), abs=5e-3
    )
    assert first_and_last(record, "auxiliary_temperature_celsius") == pytest.approx(
        (23.031403, 24.241840), abs=5e-6
    )
    assert record.array("step_count").max() == 11
    kinds = record.data["step_type"].values
    assert [int(np.sum(kinds == kind)) for kind in ("CC_Chg", "CC_DChg", "CV_Chg", "Rest")] == [
        3469,
        1306,
        176,
        1719,
    ]
    cycles = {row["cycle"]: row for row in analyse_cycling(record).details["cycles"]}
    assert cycles[1]["discharge_capacity"] == pytest.approx(3790.1682, rel=1e-4)
    assert cycles[2]["charge_capacity"] == pytest.approx(5811.0250, rel=1e-4)
    assert cycles[2]["discharge_capacity"] == pytest.approx(5806.6465, rel=1e-4)
    assert cycles[3]["charge_capacity"] == pytest.approx(5815.0910, rel=1e-4)
    cut = tmp_path / "named otherwise.bin"
    cut.write_bytes(path.read_bytes()[:200_000])
    (part,) = read(cut)
    assert len(part) == 3553
    assert part.array("voltage_volt").tolist() == record.array("voltage_volt")[:3553].tolist()
    assert "it may break off at its end" in notes_of(part)
    assert "break off" not in notes_of(record)


def test_the_real_ndax_file(tmp_path: Path) -> None:
    path = real_file("cycler/test_2.ndax")
    (record,) = read(path)
    # Figures of NewareNDA 2026.6.11 on the same file.
    assert len(record) == 108563
    assert first_and_last(record, "voltage_volt") == pytest.approx((0.199879, 3.191492), abs=5e-7)
    assert record.array("current_ampere")[-1] == pytest.approx(-0.316821e-3, abs=5e-10)
    assert first_and_last(record, "test_time_second") == pytest.approx((0, 93207.6), abs=1e-6)
    assert record.array("step_time_second")[-1] == 41
    assert record.array("discharging_capacity_ah")[-1] == pytest.approx(3.635e-6, abs=5e-10)
    assert record.array("cycle_count").max() == 54
    assert record.array("unix_time_second")[0] == pytest.approx(1742977375.474)
    cycles = {row["cycle"]: row for row in analyse_cycling(record).details["cycles"]}
    for number in (1, 2, 54):
        own = 1e3 * counted(record, "charging_capacity_ah", number)
        assert cycles[number]["charge_capacity"] == pytest.approx(own, rel=2e-3)
    cut = tmp_path / "a.ndax"
    cut.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(StorageError, match=r"a.ndax: the archive is damaged or breaks off"):
        read(cut)


def archive(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name.replace("_", "."), content)
    return path


def test_archives_that_are_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="would unpack to 30000000 bytes, far more than a"):
        read(archive(tmp_path / "a", data_ndc=bytes(30_000_000)))
    with pytest.raises(StorageError, match=r"the archive holds no data\.ndc"):
        read(archive(tmp_path / "a", other_ndc=b"1"))
    with pytest.raises(StorageError, match="cannot be read as a Neware file"):
        read(archive(tmp_path / "a", data_ndc=b"1"))
    path = archive(tmp_path / "a", data_ndc=bytes(range(250)) * 9)
    whole = bytearray(path.read_bytes())
    whole[60] ^= 255
    path.write_bytes(whole)
    with pytest.raises(StorageError, match="damaged"):
        read(path)


def test_neware_without_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.nda"
    path.write_bytes(b"NEWARE" + bytes(100))
    monkeypatch.setitem(sys.modules, "fastnda", None)
    with pytest.raises(StorageError, match=r"install it with: pip install 'solith\[neware\]'"):
        read(path)


class Panic(BaseException):
    """What polars raises."""


@pytest.mark.parametrize("error", [Panic("of polars"), RuntimeError("of the library")])
def test_whatever_the_library_raises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    fastnda: Any = pytest.importorskip("fastnda")

    def fail(path: Path) -> None:
        logging.getLogger("fastnda").warning("something")
        raise error

    monkeypatch.setattr(fastnda, "read", fail)
    path = tmp_path / "a.nda"
    path.write_bytes(b"NEWARE" + bytes(100))
    with pytest.raises(StorageError, match=r"a.nda: cannot be read as a Neware file \(.*: of "):
        neware.read(path)
    monkeypatch.setattr(fastnda, "read", lambda path: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        neware.read(path)


@pytest.mark.parametrize("cycles", [[1, 1, 1, 2, 2, 2], [1, 1, 2, 1, 1, 2]])
def test_a_neware_clock_that_restarts_is_joined_where_the_cycles_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cycles: list[int]
) -> None:
    fastnda: Any = pytest.importorskip("fastnda")
    polars: Any = pytest.importorskip("polars")
    times = [0.0, 10, 20, 0, 5, 15]
    frame = polars.DataFrame(
        {
            "index": range(1, 7) if cycles[3] == 2 else [1, 2, 3, 1, 2, 3],
            "total_time_s": times,
            "voltage_V": [3.0] * 6,
            "current_mA": [1.0] * 6,
            "cycle_count": cycles,
            "step_type": ["cc_chg"] * 6,
        }
    )
    monkeypatch.setattr(fastnda, "read", lambda path: frame)
    monkeypatch.setattr(fastnda, "read_metadata", lambda path: {})
    path = tmp_path / "a.nda"
    path.write_bytes(b"NEWARE" + bytes(100))
    (record,) = read(path)
    joined = cycles[3] == 2
    wanted = [0.0, 10, 20, 30, 35, 45] if joined else times
    assert record.array("test_time_second").tolist() == wanted
    told = [loss for loss in record.provenance.losses if "clock restarts in row 4" in loss]
    assert len(told) == joined


# All of them


WHOLE: dict[str, tuple[Callable[[Path], list[Record]], bytes]] = {
    "maccor": (
        maccor.read,
        "\n".join((*MACCOR_ABOVE, MACCOR_HEAD + MACCOR_MORE, *MACCOR_POINTS)).encode(),
    ),
    "neware_csv": (neware_csv.read, "\n".join((NEWARE, *NEWARE_ROWS)).encode()),
    "arbin": (arbin.read, f"{ARBIN}\n1,a,1,1,1,1,0.1,3.5,0,0,0.01,0.05,25,10\n".encode()),
    "bdf_parquet": (bdf_parquet.read, parquet_bytes()),
    "neware": (neware.read, b"NEWARE" + bytes(range(250)) * 20),
}
PIECES = st.sampled_from(
    [b"nan", b"inf", b"1e999", b"-", b'"', b"\t", b",", b"\n", b"\xff", b"\0", b"(mA)", b":", b""]
)


@pytest.mark.parametrize("format_name", WHOLE)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9), PIECES), max_size=4))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_content_gives_a_foreign_error(
    tmp_path: Path, format_name: str, changes: list[tuple[float, int, bytes]]
) -> None:
    reader, content = WHOLE[format_name]
    for place, gone, piece in changes:
        at = int(place * len(content))
        content = content[:at] + piece + content[at + gone :]
    path = tmp_path / "a"
    path.write_bytes(content)
    try:
        records, told = reader(path), str(path)
    except SolithError as error:
        records, told = [], str(error)
    assert str(path) in told
    assert all(record.kind == "cycling" for record in records)


def test_what_was_read_is_written_and_read_back(tmp_path: Path) -> None:
    put(tmp_path / "a.txt", *MACCOR_ABOVE, MACCOR_HEAD + MACCOR_MORE, *MACCOR_POINTS)
    put(tmp_path / "b.csv", NEWARE, *NEWARE_ROWS)
    for name in ("a.txt", "b.csv"):
        (record,) = read(tmp_path / name)
        write_bdf(record, tmp_path / "again.bdf.csv")
        (back,) = read(tmp_path / "again.bdf.csv")
        write_record(tmp_path / "again.nc", record)
        for same in (back, read_record(tmp_path / "again.nc")):
            assert same.data.attrs == record.data.attrs
            assert same.provenance == record.provenance
            for variable in record.data.data_vars:
                assert same.data[variable].values.tolist() == record.data[variable].values.tolist()
