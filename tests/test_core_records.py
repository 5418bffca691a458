from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from solith.core.errors import InputError, StorageError, UnknownNameError
from solith.core.provenance import Provenance, fingerprint_data
from solith.core.record import Record, unit_of_variable
from solith.core.storage import read_record, write_record

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text("abcµΩ²\"' ", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=3), inner),
    max_leaves=5,
)
columns = arrays(np.float64, 4, elements=st.floats(allow_nan=True, allow_infinity=True))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    columns,
    columns,
    columns,
    st.dictionaries(st.text("abc_", min_size=1, max_size=5), plain, max_size=3),
    st.text("abc Ω/", max_size=6),
)
def test_a_record_comes_back_bit_for_bit(
    tmp_path: Path, time: Any, voltage: Any, loss: Any, attributes: dict[str, Any], name: str
) -> None:
    record = Record.from_arrays(
        "cycling",
        provenance=Provenance("simulated", sample="450", parameters={"a": [1, None]}),
        name=name,
        attributes=attributes,
        test_time_second=time,
        voltage_volt=voltage,
        current_ampere=np.full(4, np.nan),
        loss_contact_volt=loss,
    )
    write_record(tmp_path / "a.nc", record)
    back = read_record(tmp_path / "a.nc")
    assert (back.kind, back.name, back.provenance) == ("cycling", name, record.provenance)
    assert back.data.attrs == attributes
    assert list(back.data.data_vars) == list(record.data.data_vars)
    for key in record.data.data_vars:
        assert back.data[key].values.tobytes() == record.data[key].values.tobytes()
        assert back.data[key].attrs == record.data[key].attrs


def test_writing_again_replaces(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    for voltage in (1.0, 2.0):
        record = Record.from_arrays("current-voltage", voltage_volt=[voltage], current_ampere=[0])
        write_record(path, record)
        assert read_record(path).array("voltage_volt") == [voltage]
    assert [file.name for file in tmp_path.iterdir()] == ["a.nc"]


def test_what_cannot_be_stored_or_read(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    bad = Record.from_arrays(
        "current-voltage", voltage_volt=[0], current_ampere=[0], attributes={"a": {1, 2}}
    )
    with pytest.raises(StorageError, match=r"a.nc: the attributes are not plain data \(.*set"):
        write_record(path, bad)
    assert not list(tmp_path.iterdir())
    with pytest.raises(StorageError, match=r"a.nc: there is no such file"):
        read_record(path)
    path.write_text("no netCDF at all")
    with pytest.raises(StorageError, match=r"a.nc: cannot be read as netCDF"):
        read_record(path)
    Record.from_arrays("current-voltage", voltage_volt=[0], current_ampere=[0]).data.to_netcdf(
        path, engine="h5netcdf"
    )
    with pytest.raises(StorageError, match=r"a.nc: is netCDF, but no record of solith"):
        read_record(path)


def test_a_damaged_provenance_is_told_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    write_record(path, Record.from_arrays("current-voltage", voltage_volt=[0], current_ampere=[0]))
    with h5py.File(path, "a") as file:
        file.attrs["solith_provenance"] = "{"
    with pytest.raises(StorageError, match=r"a.nc: a provenance cannot be read"):
        read_record(path)


def test_a_torn_file_is_told_wherever_it_is_torn(tmp_path: Path) -> None:
    record = Record.from_arrays("current-voltage", voltage_volt=[0, 1], current_ampere=[0, 2])
    whole, torn = tmp_path / "whole.nc", tmp_path / "torn.nc"
    write_record(whole, record)
    content = whole.read_bytes()
    for length in range(0, len(content), len(content) // 12):
        torn.write_bytes(content[:length])
        with pytest.raises(StorageError, match=r"torn.nc: cannot be read as netCDF"):
            read_record(torn)


def test_arrays_are_converted_and_checked() -> None:
    record = Record.from_arrays(
        "cycling",
        test_time_second=([0, 1], "h"),
        voltage_volt=([3000, 3100], "mV"),
        current_ampere=[1, -1],
        cell_temperature_celsius=([298.15, 273.15], "K"),
        cycle_count=[1, 2],
    )
    assert record.array("test_time_second").tolist() == [0, 3600]
    assert record.array("voltage_volt") == pytest.approx([3, 3.1])
    assert record.array("cell_temperature_celsius") == pytest.approx([25, 0])
    assert record.data["voltage_volt"].attrs == {"units": "V"}
    assert len(record.select(cycle_count=2)) == 1
    with pytest.raises(UnknownNameError, match=r"unknown variable 'voltage'; .*'voltage_volt'"):
        record.array("voltage")
    with pytest.raises(InputError, match="a record of kind 'cycling' lacks current_ampere"):
        Record.from_arrays("cycling", test_time_second=[0], voltage_volt=[1])
    with pytest.raises(InputError, match=r"the arrays differ in length: .*'voltage_volt': 2"):
        Record.from_arrays("cycling", test_time_second=[0], voltage_volt=[1, 2], current_ampere=[1])
    with pytest.raises(InputError, match="voltage_volt: the values are not numbers"):
        Record.from_arrays("current-voltage", voltage_volt=["a"], current_ampere=[1])
    with pytest.raises(InputError, match="voltage_volt: the array has 2 dimensions, expected 1"):
        Record.from_arrays("current-voltage", voltage_volt=[[1]], current_ampere=[1])
    with pytest.raises(UnknownNameError, match=r"unknown kind of record 'cycle'"):
        Record.from_arrays("cycle")


def _spectrum() -> Record:
    return Record.from_arrays(
        "impedance",
        frequency_hertz=[1e6, 1e5, 1e4, 1e3, np.nan],
        real_impedance_ohm=[1, 2, 3, 4, 5],
        imaginary_impedance_ohm=[0, -1, -2, -1, 0],
    )


@pytest.mark.parametrize(
    ("wanted", "rows"),
    [
        ({"frequency_hertz": (1e3, 1e5)}, [2, 3, 4]),
        ({"frequency_hertz": ["1 kHz", "0.1 MHz"]}, [2, 3, 4]),
        ({"frequency_hertz": (None, "10 kHz")}, [3, 4]),
        ({"frequency_hertz": (1e5, None)}, [1, 2]),
        ({"frequency_hertz": "10 kHz"}, [3]),
        ({"frequency_hertz": (1e3, 1e5), "imaginary_impedance_ohm": -1}, [2, 4]),
    ],
)
def test_rows_are_chosen_and_dropped_by_value_and_range(wanted: dict, rows: list[float]) -> None:
    record = _spectrum()
    others = [row for row in [1, 2, 3, 4, 5] if row not in rows]
    assert record.select(**wanted).array("real_impedance_ohm").tolist() == rows
    assert record.without(**wanted).array("real_impedance_ohm").tolist() == others


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"frequency_hertz": (2e6, "1 GHz")}, "no row is from 2000000.0 to 1000000000.0 Hz; they "),
        ({"frequency_hertz": 999}, "no row has 999.0 Hz; the nearest has 1000.0"),
        ({"frequency_hertz": ("1 MHz", "1 kHz")}, "no pair .*: the first is above the second"),
        ({"frequency_hertz": (1, 2, 3)}, r"\(1, 2, 3\) is neither one value nor a pair"),
        ({"frequency_hertz": ("1 kHz", "1 V")}, "'1 V' has the unit 'V', of the wrong dimension"),
        ({"frequency_hertz": ("1 kHz", "5")}, "'5' has no unit; expected a frequency"),
        ({"frequency_hertz": np.array([1e3, 1e4])}, "is not a quantity; expected a frequency"),
        ({"frequency_hertz": None}, "None is not a quantity"),
    ],
)
def test_what_chooses_no_row_is_one_clear_error(wanted: dict, said: str) -> None:
    for choose in (_spectrum().select, _spectrum().without):
        with pytest.raises(InputError, match=f"^frequency_hertz: .*{said}"):
            choose(**wanted)


def test_rows_that_cannot_be_chosen_or_are_all_dropped() -> None:
    record = _spectrum()
    with pytest.raises(UnknownNameError, match="did you mean 'frequency_hertz'"):
        record.select(frequency=1e3)
    with pytest.raises(InputError, match="no row has what is wanted of frequency_hertz, real_"):
        record.select(frequency_hertz=1e3, real_impedance_ohm=1)
    with pytest.raises(InputError, match="no row would be left"):
        record.without(real_impedance_ohm=(0, 9))
    words = record.data.assign(step_type=("row", ["a", "b", "c", "d", "e"]))
    with pytest.raises(InputError, match="step_type: the values are not numbers"):
        Record("impedance", words, record.provenance).select(step_type=1)
    plane = record.data.assign(loss_volt=(("row", "x"), np.zeros((5, 2))))
    with pytest.raises(InputError, match="loss_volt: does not have one number a row"):
        Record("impedance", plane, record.provenance).select(loss_volt=0)
    empty = Record.from_arrays("current-voltage", voltage_volt=[], current_ampere=[])
    with pytest.raises(InputError, match="the record has no rows to choose from"):
        empty.select(voltage_volt=0)


def test_an_area_without_its_name_is_hinted_at() -> None:
    with pytest.raises(
        UnknownNameError,
        match="unknown fact 'area'; did you mean 'active_area' or 'contact_area' or 'geometric_a",
    ):
        _spectrum().with_facts(area="1 cm2")


def test_a_record_shows_columns_without_a_number() -> None:
    record = Record.from_arrays(
        "current-voltage", voltage_volt=[0, np.nan], current_ampere=[np.nan, np.nan], name="<a>"
    )
    assert "voltage_volt    0       0        V" in str(record)
    assert "current_ampere  -       -        A" in str(record)
    assert "&lt;a&gt;" in record._repr_html_()


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("test_time_second", "s"),
        ("applied_pressure_pa", "Pa"),
        ("power_watt", "W"),
        ("phase_degree", "deg"),
        ("ambient_temperature_celsius", "degC"),
        ("charging_capacity_ah", "Ah"),
        ("cycle_count", ""),
    ],
)
def test_units_of_names_of_the_battery_data_format(name: str, unit: str) -> None:
    assert unit_of_variable(name) == unit


def test_provenance() -> None:
    with pytest.raises(InputError, match="origin 'guessed' must be one of measured, simulated"):
        Provenance("guessed")
    with pytest.raises(StorageError, match="a provenance cannot be read"):
        Provenance.from_json('{"orgin": "measured"}')
    assert fingerprint_data({"a": 1, "b": 2}) == fingerprint_data({"b": 2, "a": 1})
    assert fingerprint_data({"a": 1}) != fingerprint_data({"a": 2})
