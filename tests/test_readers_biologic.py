from __future__ import annotations

import math
import struct
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.biologic_builders import (
    IMPEDANCE,
    LAYOUTS,
    MPT_COLUMNS,
    MPT_VALUES,
    data_module,
    module,
    mpr,
    mpt,
    points,
    sweep,
)
from tests.real_files import real_file

from solith.analysis import analyse
from solith.core.errors import InputError, SolithError, StorageError
from solith.core.record import Record
from solith.core.storage import read_record, write_record
from solith.readers import biologic_mpr, biologic_mpt, read, write_bdf
from solith.readers._biologic_columns import quantity_of

LPSCL = "eis/PEIS_LPSCl_IonBlocking_-25C"
LONG = "cycler/jdb11-1_c3_gcpl_5cycles_2V-3p8V_C-24_data_C09.mpr"

HEADINGS = {
    "frequency_hertz": ("freq/Hz", 1.0),
    "real_impedance_ohm": ("Re(Z)/Ohm", 1.0),
    "imaginary_impedance_ohm": ("-Im(Z)/Ohm", -1.0),
    "absolute_impedance_ohm": ("|Z|/Ohm", 1.0),
    "phase_degree": ("Phase(Z)/deg", 1.0),
    "test_time_second": ("time/s", 1.0),
    "voltage_volt": ("<Ewe>/V", 1.0),
    "current_ampere": ("<I>/mA", 1e-3),
    "cycle_count": ("cycle number", 1.0),
}


def printed(path: Path) -> dict[str, list[float]]:
    """The table in a text file, read here in the plainest way."""
    lines = path.read_text(encoding="cp1252").splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("freq/Hz"))
    headings = lines[place].strip().split("\t")
    rows = [line.strip().split("\t") for line in lines[place + 1 :] if line.strip()]
    return {name: [float(row[n]) for row in rows] for n, name in enumerate(headings)}


# --- real files -------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "rows"), [(f"{LPSCL}.txt", 79), (f"{LPSCL}.mpr", 79)])
def test_a_binary_file_and_its_text_agree_to_the_printed_digits(name: str, rows: int) -> None:
    text = printed(real_file(f"{LPSCL}.txt"))
    (record,) = read(real_file(name))
    assert (record.kind, len(record), record.data.attrs["technique"]) == ("impedance", rows, "peis")
    for variable, (heading, factor) in HEADINGS.items():
        close = 1e-14 if heading == "time/s" else 5.1e-8
        expected = factor * np.array(text[heading])
        np.testing.assert_allclose(record.array(variable), expected, rtol=close, atol=0)
    assert record.data.attrs["acquisition_start"] == "2025-05-15T01:18:45.867"
    area = record.data.attrs["header_claims"]["electrode_surface_area"]
    assert area == ("0.001 cm2" if name.endswith("txt") else 0.001)
    assert not {"geometric_area_m2", "active_mass_kg"} & set(record.data.attrs)
    assert "converted, sign turned: -Im(Z)/Ohm" in record.provenance.notes
    assert "converted, mA to A: <I>/mA" in record.provenance.notes


def test_the_text_example() -> None:
    path = real_file("eis/exampleDataBioLogic.mpt")
    text = printed(path)
    (record,) = read(path)
    assert (record.kind, len(record)) == ("impedance", 43)
    for variable, (heading, factor) in HEADINGS.items():
        np.testing.assert_allclose(record.array(variable), factor * np.array(text[heading]))
    assert record.array("frequency_hertz")[[0, -1]].tolist() == [1000.3201, 0.016895540]
    assert record.array("imaginary_impedance_ohm")[[0, -1]].tolist() == [-0.38998979, -2.3458567]
    np.testing.assert_allclose(
        record.array("series_capacitance_farad"), 1e-6 * np.array(text["Cs/µF"])
    )
    assert record.data["real_admittance_siemens"].attrs["units"] == "S"
    assert record.provenance.instrument == "BioLogic SP-150 (SN 10791079)"
    assert record.data.attrs["acquisition_start"] == "2018-02-04T10:02:46"
    assert record.data.attrs["settings"]["Va (mV)"] == ["20.0"]
    assert record.data.attrs["header_claims"]["electrode_surface_area"] == "0.001 cm2"


def test_the_solid_state_cell() -> None:
    path = real_file("eis/PEIS_SSB.mpr")
    (record,) = read(path)
    assert (record.kind, len(record), record.data.attrs["technique"]) == ("impedance", 89, "peis")
    # The first three columns of a point: frequency, Re Z, -Im Z, each of four bytes.
    points = path.read_bytes()[6864 + 65 + 1007 :]
    for row, place in ((0, 0), (-1, 88 * 72)):
        frequency, real, imaginary = struct.unpack_from("<3f", points, place)
        assert record.array("frequency_hertz")[row] == frequency
        assert record.array("real_impedance_ohm")[row] == real
        assert record.array("imaginary_impedance_ohm")[row] == -imaginary
    assert record.data.attrs["acquisition_start"] == "2025-04-14T12:01:05.290"


def test_a_long_file_of_cycles() -> None:
    path = real_file(LONG)
    began = time.perf_counter()
    (record,) = biologic_mpr.read(path)
    assert time.perf_counter() - began < 1.0
    assert (record.kind, len(record), record.data.attrs["technique"]) == ("cycling", 46102, "gcpl")
    seconds, volts, amperes = (
        record.array(name) for name in ("test_time_second", "voltage_volt", "current_ampere")
    )
    assert (seconds[0], volts[0], amperes[0]) == (0.0, np.float32(2.508576), 0.0)
    assert (seconds[-1], volts[-1]) == (456309.58615131397, np.float32(1.9999602))
    # What flowed is what the instrument counted, and its power over its voltage.
    counted = record.array("net_capacity_ah")[-1]
    assert np.trapezoid(amperes, seconds) / 3600 == pytest.approx(counted, rel=1e-4)
    np.testing.assert_allclose(amperes, record.array("power_watt") / volts, rtol=1e-6, atol=1e-12)
    assert any(
        "ox/red confirms it (45741 of 45741 rows agree)" in note for note in record.provenance.notes
    )
    half, charge = record.array("half_cycle_count"), record.array("charge_discharge_capacity_ah")
    by_instrument = [1e3 * abs(charge[half == n][-1]) for n in np.unique(half)]
    by_analysis = [
        row[f"{way}_capacity"]
        for row in analyse(record).details["cycles"]
        for way in ("discharge", "charge")
        if row[f"{way}_capacity"] is not None
    ]
    np.testing.assert_allclose(by_analysis, by_instrument, rtol=1e-5)
    assert any("charge dq divided by the time" in note for note in record.provenance.notes)
    assert set(record.array("control_mode")) == {1.0, 3.0}
    assert record.data.attrs["acquisition_start"] == "2020-10-26T12:49:58.000"


@pytest.mark.parametrize(
    ("name", "kind", "technique", "rows", "first", "last"),
    [
        ("GCPL-0", "cycling", "gcpl", 4, (0.0, 3.5150876), (2.812999928937643, 3.5146868)),
        ("MB-0", "cycling", "mb", 2, (0.0, 1.4890101), (9.99759974743938, 1.4890865)),
        (
            "PEIS-0",
            "impedance",
            "peis",
            60,
            (6108482.435051806, 3.0322132),
            (6111192.454667095, 3.0462732),
        ),
    ],
)
def test_short_files(
    name: str,
    kind: str,
    technique: str,
    rows: int,
    first: tuple[float, float],
    last: tuple[float, float],
) -> None:
    (record,) = read(real_file(f"cycler/{name}.mpr"))
    assert (record.kind, record.data.attrs["technique"], len(record)) == (kind, technique, rows)
    seen = np.stack([record.array("test_time_second"), record.array("voltage_volt")], axis=1)
    np.testing.assert_allclose(seen[[0, -1]], [first, last], rtol=1e-7)
    if kind == "cycling":
        assert np.all(record.array("current_ampere") == 0)
        assert (
            "the file has no current; the cell rests throughout, so it is 0"
            in record.provenance.notes
        )


def test_every_biologic_file_is_recognised_by_its_reader_alone() -> None:
    for name, reader in (
        (f"{LPSCL}.mpr", biologic_mpr),
        (f"{LPSCL}.txt", biologic_mpt),
        ("eis/exampleDataBioLogic.mpt", biologic_mpt),
        (LONG, biologic_mpr),
    ):
        head = real_file(name).read_bytes()[:4096]
        assert [r for r in (biologic_mpr, biologic_mpt) if r.recognises(head)] == [reader]
    for name in ("eis/exampleDataZPlot.z", "eis/exampleDataGamry.DTA", "cycler/maccor_001.txt"):
        head = real_file(name).read_bytes()[:4096]
        assert not biologic_mpr.recognises(head)
        assert not biologic_mpt.recognises(head)


# --- binary files made here -------------------------------------------------------------


def written(folder: Path, content: bytes, name: str = "a.mpr") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("version", LAYOUTS)
def test_every_layout(tmp_path: Path, version: int) -> None:
    ids = (1, 2, 3, 21, 131, 65, 4, 6, 8, 39)
    rows = [[0b1001_0101, 2, 0.0, 3.0, 1.5, 7], [0b0000_0010, 3, 60.0, 3.25, -1.5, 8]]
    (record,) = read(written(tmp_path, mpr(ids, rows, version=version)))
    assert record.kind == "cycling"
    assert record.array("test_time_second").tolist() == [0.0, 60.0]
    assert record.array("voltage_volt").tolist() == [3.0, 3.25]
    assert record.array("current_ampere").tolist() == [0.0015, -0.0015]
    assert record.array("step_index").tolist() == [2, 3]
    assert record.array("current_range_code").tolist() == [7, 8]
    flags = {
        "control_mode": [1, 2],
        "oxidation_flag": [1, 0],
        "error_flag": [0, 0],
        "control_change_flag": [1, 0],
        "counter_increment_flag": [1, 0],
    }
    assert {name: record.array(name).tolist() for name in flags} == flags
    assert record.data["current_ampere"].attrs["units"] == "A"
    assert record.data.attrs["technique"] == "gcpl"
    assert record.data.attrs["acquisition_start"] == "2025-05-15T12:00:00.000"
    assert record.data.attrs["header_claims"]["electrode_surface_area"] == 0.5
    assert record.data.attrs["header_claims"]["comments"] == "cell"
    assert any("ox/red confirms it (2 of 2 rows agree)" in n for n in record.provenance.notes)


@pytest.mark.parametrize(
    ("number", "technique", "kind"),
    [
        (0x04, "gcpl", "cycling"),
        (0x18, "ca", "cycling"),
        (0x19, "cp", "cycling"),
        (0x7F, "mb", "cycling"),
        (0x0B, "ocv", "cycling"),
        (0x06, "cv", "voltammogram"),
        (0x6C, "lsv", "voltammogram"),
    ],
)
def test_the_settings_tell_the_technique(
    tmp_path: Path, number: int, technique: str, kind: str
) -> None:
    content = mpr((4, 6, 8, 24), [[0, 3, 1, 1], [1, 3.1, 1, 2]], technique=number)
    (record,) = read(written(tmp_path, content))
    assert (record.data.attrs["technique"], record.kind) == (technique, kind)
    assert record.array("cycle_count").tolist() == [1, 2]


def test_a_technique_that_is_not_known_is_read_by_its_columns(tmp_path: Path) -> None:
    (spectrum,) = read(written(tmp_path, mpr(IMPEDANCE, sweep([9, 3, 1]), technique=0xEE)))
    (cycling,) = read(written(tmp_path, mpr((4, 6, 8), [[0, 3, 1]], technique=0xEE)))
    assert (spectrum.kind, cycling.kind) == ("impedance", "cycling")
    for record in (spectrum, cycling):
        assert "technique" not in record.data.attrs
        assert record.provenance.notes[0] == (
            "the settings name the technique 238, which is not known here; the columns alone "
            "tell what this is"
        )


@pytest.mark.parametrize("number", [0x1D, 0x1E])
def test_each_spectrum_of_a_file_is_a_record(tmp_path: Path, number: int) -> None:
    rows = [*sweep([9, 3, 1]), *sweep([9, 3, 1]), *sweep([1, 2], cycle=2), *sweep([3, 4], 2, 1)]
    found = read(written(tmp_path, mpr(IMPEDANCE, rows, technique=number)))
    assert [record.array("frequency_hertz").tolist() for record in found] == [
        [9, 3, 1],
        [9, 3, 1],
        [1, 2],
        [3, 4],
    ]
    assert [record.name for record in found] == [f"a, part {n}" for n in (1, 2, 3, 4)]
    assert {record.kind for record in found} == {"impedance"}
    assert found[0].array("imaginary_impedance_ohm").tolist() == [-2, -2, -2]


def test_a_small_step_back_does_not_part_a_spectrum(tmp_path: Path) -> None:
    frequencies = [1000, 500, 200, 200.1, 100, 50, 20, 10]
    rows = [*sweep(frequencies), *sweep(frequencies)]
    found = read(written(tmp_path, mpr(IMPEDANCE, rows, technique=0x1D)))
    assert [len(record) for record in found] == [8, 8]


def test_loops_part_spectra(tmp_path: Path) -> None:
    content = mpr(IMPEDANCE, sweep([5, 5, 5, 5]), technique=0x1D, loops=(0, 1, 4))
    found = read(written(tmp_path, content))
    assert [len(record) for record in found] == [1, 3]
    assert found[0].data.attrs["loop_starts"] == [0, 1]


def test_modulo_bat_with_impedance(tmp_path: Path) -> None:
    rest = [[0, 0, 0, 10, 3.5, 1.0, 1, 0], [0, 0, 0, 11, 3.6, 1.0, 1, 0]]
    rows = [*rest, *sweep([9, 3], step=1), *rest, *sweep([9, 3], step=1)]
    cycling, first, second = read(written(tmp_path, mpr(IMPEDANCE, rows, technique=0x7F)))
    assert [record.kind for record in (cycling, first, second)] == [
        "cycling",
        "impedance",
        "impedance",
    ]
    assert cycling.array("test_time_second").tolist() == [10, 11, 10, 11]
    assert "frequency_hertz" not in cycling.data
    assert {record.data.attrs["technique"] for record in (cycling, first, second)} == {"mb"}


def test_rows_of_a_spectrum_without_what_a_cycling_record_needs_are_told(tmp_path: Path) -> None:
    rows = [[0, 0, 0], [9, 1, 2], [3, 1, 2]]
    (record,) = read(written(tmp_path, mpr((32, 37, 38), rows, technique=0x1D)))
    assert len(record) == 2
    assert (
        "1 rows without a frequency are left out: they lack test_time_second, voltage_volt, "
        "current_ampere" in record.provenance.notes
    )


def test_open_circuit_has_no_current(tmp_path: Path) -> None:
    (record,) = read(written(tmp_path, mpr((4, 6), [[0, 3], [1, 3]], technique=0x0B)))
    assert record.array("current_ampere").tolist() == [0, 0]
    assert "the cell rests throughout, so it is 0" in record.provenance.notes[-1]


def test_a_current_that_is_not_stored(tmp_path: Path) -> None:
    path = written(tmp_path, mpr((4, 6, 7), [[0, 3, 0], [36, 3, 0.5], [36, 3, 0.1], [72, 3, -1]]))
    (record,) = read(path)
    assert record.array("current_ampere").tolist() == pytest.approx(
        [0, 0.05, math.nan, -0.1], nan_ok=True
    )
    assert "1 rows without a time step have no current" in record.provenance.notes
    (record,) = read(written(tmp_path, mpr((4, 6, 70), [[0, 4, 2.0], [1, 2, 2.0]])))
    assert record.array("current_ampere").tolist() == [0.5, 1.0]
    assert "it is the power divided by the voltage" in record.provenance.notes[0]


def test_the_sign_is_compared_with_the_counted_charge(tmp_path: Path) -> None:
    rows = [[0, 3, 0, 0], [1, 3, 5, 1], [2, 3, 5, 2], [3, 3, 5, 3]]
    (agreeing,) = read(written(tmp_path, mpr((4, 6, 8, 467), rows)))
    assert "Q confirms it (3 of 3 rows agree)" in agreeing.provenance.notes[-1]
    turned = [[t, v, -i, q] for t, v, i, q in rows]
    (against,) = read(written(tmp_path, mpr((4, 6, 8, 467), turned)))
    assert "Q contradicts it (0 of 3 rows agree)" in against.provenance.notes[-1]


RESTARTED = [0.0, 60, 120, 180, 0, 60, 120]


@pytest.mark.parametrize("cycles", [[1, 1, 1, 2, 2, 2, 3], [1, 1, 1, 2, 1, 1, 2]])
def test_a_clock_that_restarts_is_joined_where_the_cycles_go_on(
    tmp_path: Path, cycles: list[int]
) -> None:
    rows = [[t, 3.0, 1.0, c] for t, c in zip(RESTARTED, cycles, strict=True)]
    columns = ("time/s", "Ewe/V", "<I>/mA", "cycle number")
    text = tmp_path / "a.mpt"
    text.write_text(mpt(columns, rows))
    joined = cycles[4] == 2
    for path in (written(tmp_path, mpr((4, 6, 8, 24), rows)), text):
        (record,) = read(path)
        wanted = [60.0 * n for n in range(7)] if joined else RESTARTED
        assert record.array("test_time_second").tolist() == wanted
        told = "the clock restarts in row 5: the times after it were joined to those before at"
        assert [loss.startswith(told) for loss in record.provenance.losses] == [True] * joined


def test_the_control_is_parted_by_the_mode(tmp_path: Path) -> None:
    rows = [[1, 0, 3, 2, 5], [2, 1, 3, 2, 4], [3, 2, 3, 0, 9]]
    (record,) = read(written(tmp_path, mpr((1, 4, 6, 8, 5), rows)))
    amperes, volts = record.array("control_ampere"), record.array("control_volt")
    assert amperes.tolist() == pytest.approx([0.005, math.nan, math.nan], nan_ok=True)
    assert volts.tolist() == pytest.approx([math.nan, 4, math.nan], nan_ok=True)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, mpr((4, 6), [[0, 3]]))
    with pytest.raises(InputError) as told:
        read(path)
    assert str(told.value) == (
        f"{path}: there is no column of numbers for current_ampere; the file has the columns "
        "time/s, Ewe/V"
    )


def test_a_column_that_is_not_known_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, mpr((4, 6, 777), [[0, 3, 1]]))
    with pytest.raises(StorageError) as told:
        read(path)
    assert str(told.value) == (
        f"{path}: column 3 of 3 has the id 777, which this reader does not know; export the "
        "file as text (.mpt), which names its columns"
    )


def test_a_column_table_that_does_not_fit_its_data_is_refused(tmp_path: Path) -> None:
    ids = (4, 6)
    body = points(ids, [[0, 3], [1, 3]])
    head = mpr(ids, [])[: 52 + 65 + 1200]
    for count, wrong in ((3, body), (2, body + b"\0"), (2**32 - 1, body)):
        path = written(tmp_path, head + data_module(ids, wrong, count))
        with pytest.raises(StorageError) as told:
            read(path)
        assert (
            f"the data module does not fit its column table: {count} points of 12 bytes are "
            f"{12 * count} bytes, but it holds {len(wrong)} (column ids 4, 6)"
        ) in str(told.value)


@pytest.mark.parametrize(
    ("version", "told"),
    [(7, "has version 7; this reader knows 0, 2, 3, 10, 11"), (12, "has version 12")],
)
def test_a_version_that_is_not_known_is_named(tmp_path: Path, version: int, told: str) -> None:
    head = mpr((4, 6), [])[: 52 + 65 + 1200]
    content = head + module("VMP data", bytes(1100), new=version == 12, version=version)
    with pytest.raises(StorageError, match=told):
        read(written(tmp_path, content))


def test_files_without_points_or_modules(tmp_path: Path) -> None:
    for content, told in (
        (mpr((4, 6), []), "there are no data points: the measurement was stopped"),
        (mpr((4, 6), [])[:52], "there is no data module; the file holds none"),
        (mpr((4, 6), [])[:52] + b"rubbish", "no module begins at byte 52"),
        (mpr((), []), "it has 0 columns, which cannot be"),
    ):
        with pytest.raises(StorageError, match=told):
            read(written(tmp_path, content))


def test_a_file_cut_anywhere_gives_its_whole_points_or_an_error(tmp_path: Path) -> None:
    ids = (1, 4, 6, 8)
    rows = [[1, n, 3 + n, 1] for n in range(4)]
    content = mpr(ids, rows, loops=(0,))
    begin = 52 + 65 + 1200 + 65 + 1007
    width = 1 + 8 + 4 + 4
    borders = {0, 52, 52 + 65 + 1200, begin, *(begin + n * width for n in range(5))}
    borders |= {n for n in range(len(content)) if content[n : n + 6] == b"MODULE"}
    for size in sorted({border + n for border in borders for n in (-1, 0, 1, 5, 6, 64)}):
        if not 1 <= size < len(content):
            continue
        path = written(tmp_path, content[:size])
        whole = min(4, max(0, size - begin) // width)
        if not whole:
            with pytest.raises(StorageError):
                read(path)
            continue
        (record,) = read(path)
        assert record.array("voltage_volt").tolist() == [3.0, 4.0, 5.0, 6.0][:whole]
        promise = f"the file breaks off: {whole} of 4 promised points are there"
        told = record.provenance.notes
        if whole < 4:
            assert told[0] == promise
        elif content[size : size + 6] != b"MODULE":
            assert told[0].startswith("all 4 points are there, but the file ends"), size
    with pytest.raises(StorageError, match="the file ends within its column table"):
        read(written(tmp_path, content[: begin - 500]))


def test_damage_behind_the_points_is_told(tmp_path: Path) -> None:
    content = mpr((4, 6, 8), [[0, 3, 1]])
    broken = content[: content.rindex(b"MODULE")] + b"??"
    (record,) = read(written(tmp_path, broken))
    assert record.provenance.notes[0].startswith("all 1 points are there, but no module begins at")
    assert record.data.attrs["acquisition_start"] == "2025-05-15"


def test_external_devices_are_told(tmp_path: Path) -> None:
    body = bytearray(200)
    body[0x36 : 0x36 + 9] = b"\x08Pressure"
    content = mpr((4, 6, 8, 16), [[0, 3, 1, 2.5]]) + module("VMP ExtDev", bytes(body), new=True)
    (record,) = read(written(tmp_path, content))
    assert record.array("analog_in_1_volt").tolist() == [2.5]
    assert "analog inputs are set up as 'Pressure'" in record.provenance.notes[0]


# --- text files made here ---------------------------------------------------------------


def put(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "a.mpt"
    path.write_bytes(text.encode(encoding))
    return path


def check_cycling(record: Record) -> None:
    assert (record.kind, record.data.attrs["technique"]) == ("cycling", "gcpl")
    assert record.array("test_time_second").tolist() == [0, 60]
    assert record.array("voltage_volt").tolist() == [3.5, 3.4]
    assert record.array("current_ampere").tolist() == [0.0015, -0.0015]
    assert record.array("discharging_capacity_ah").tolist() == [0, 0.002]
    assert record.array("temperature_celsius").tolist() == [25, 25.5]
    assert record.data["temperature_celsius"].attrs["units"] == "degC"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_encoding_and_line_end(tmp_path: Path, encoding: str, end: str) -> None:
    (record,) = read(put(tmp_path, mpt().replace("\n", end), encoding))
    check_cycling(record)
    assert record.data.attrs["acquisition_start"] == "2018-02-13T10:02:46.5"


def test_a_decimal_comma(tmp_path: Path) -> None:
    text = mpt()
    table = text[text.index("mode\t") :]
    (record,) = read(
        put(tmp_path, text.replace(table, table.replace(".", ",").replace("mA,h", "mA.h")))
    )
    check_cycling(record)


@pytest.mark.parametrize("count", [3, 900, 1])
def test_a_wrong_number_of_header_lines(tmp_path: Path, count: int) -> None:
    (record,) = read(put(tmp_path, mpt(count=count)))
    check_cycling(record)


def test_a_table_without_a_header(tmp_path: Path) -> None:
    text = mpt()
    (record,) = read(put(tmp_path, text[text.index("mode\t") :]))
    assert record.kind == "cycling"
    assert record.array("current_ampere").tolist() == [0.0015, -0.0015]
    assert "no technique is named; the columns alone tell what this is" in record.provenance.notes


@pytest.mark.parametrize(
    ("title", "technique", "kind"),
    [
        ("Cyclic Voltammetry", "cv", "voltammogram"),
        ("Chronopotentiometry", "cp", "cycling"),
        ("Chronoamperometry / Chronocoulometry", "ca", "cycling"),
        ("Open Circuit Voltage", "ocv", "cycling"),
        ("Modulo Bat", "mb", "cycling"),
    ],
)
def test_the_title_tells_the_technique(
    tmp_path: Path, title: str, technique: str, kind: str
) -> None:
    (record,) = read(put(tmp_path, mpt(title=title)))
    assert (record.data.attrs["technique"], record.kind) == (technique, kind)


def test_a_title_that_is_not_known(tmp_path: Path) -> None:
    (record,) = read(put(tmp_path, mpt(title="Zero Resistance Ammeter")))
    assert record.kind == "cycling"
    assert "the technique 'Zero Resistance Ammeter' is not known here" in " ".join(
        record.provenance.notes
    )


def test_a_torn_last_line(tmp_path: Path) -> None:
    text = mpt(rows=[*MPT_VALUES, *MPT_VALUES])
    for cut in (8, 20, 4):
        (record,) = read(put(tmp_path, text[:-cut]))
        assert len(record) == 3
        assert record.provenance.notes[0] == (
            "the file breaks off: its last line is not whole and left out"
        )
    (record,) = read(put(tmp_path, text[:-1]))
    assert len(record) == 4
    with pytest.raises(StorageError, match="there is a heading but no whole row of values"):
        read(put(tmp_path, mpt(rows=[MPT_VALUES[0][:3]])))
    with pytest.raises(StorageError, match="there is no table; the file ends within its header"):
        read(put(tmp_path, text[: text.index("mode\t")]))


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = put(tmp_path, mpt(rows=[MPT_VALUES[0], MPT_VALUES[0][:4], MPT_VALUES[1]]))
    with pytest.raises(StorageError) as told:
        read(path)
    assert str(told.value) == f"{path}: line 10 has 4 values, the heading has 7"


def test_loops_in_the_header(tmp_path: Path) -> None:
    columns = ("freq/Hz", "Re(Z)/Ohm", "-Im(Z)/Ohm")
    more = [
        "Number of loops : 2",
        "Loop 0 from point number 0 to 0",
        "Loop 1 from point number 1 to 3",
    ]
    rows = [[9, 1, 2], [3, 1, 2], [1, 1, 2]]
    title = "Potentio Electrochemical Impedance Spectroscopy"
    found = read(put(tmp_path, mpt(columns, rows, title=title, more=more)))
    assert [len(record) for record in found] == [1, 2]
    assert found[0].data.attrs["technique"] == "peis"
    assert "the header promises 4 points, 3 are there" in found[0].provenance.notes


def test_magnitude_and_phase_alone(tmp_path: Path) -> None:
    columns, rows = ("freq/Hz", "|Z|/Ohm", "Phase(Z)/deg"), [[9, 2, -90], [3, 2, 0]]
    title = "Galvano Electrochemical Impedance Spectroscopy"
    (record,) = read(put(tmp_path, mpt(columns, rows, title=title)))
    assert record.data.attrs["technique"] == "geis"
    assert record.array("imaginary_impedance_ohm") == pytest.approx([-2, 0])
    assert record.array("real_impedance_ohm") == pytest.approx([0, 2])
    assert "real and imaginary part are calculated from magnitude and phase" in (
        record.provenance.notes
    )
    path = put(tmp_path, mpt(("freq/Hz", "|Z|/Ohm"), [[9, 2]], title=title))
    with pytest.raises(InputError, match="no column of numbers for real_impedance_ohm, imag"):
        read(path)


def test_times_of_day(tmp_path: Path) -> None:
    rows = [("02/13/2018 10:00:00.5", 3.0, 1.0), ("02/13/2018 10:01:00.0", 3.1, 1.0)]
    (record,) = read(put(tmp_path, mpt(("time/s", "Ewe/V", "I/mA"), rows)))
    assert record.array("test_time_second").tolist() == [0, 59.5]
    assert "times of day (%m/%d/%Y %H:%M:%S.%f) are turned into seconds since the first row" in (
        record.provenance.notes
    )


def test_columns_that_are_not_known_and_those_named_twice_are_kept(tmp_path: Path) -> None:
    columns = ("time/s", "Ewe/V", "I/mA", "Glow/cd.m-2", "Ewe/V", "remark", "row")
    rows = [(0, 3, 1, 7, 4, "x", 1), (1, 3, 1, 8, 4, "y", 1)]
    (record,) = read(put(tmp_path, mpt(columns, rows)))
    assert record.array("glow_cd_m_2").tolist() == [7, 8]
    assert record.data["glow_cd_m_2"].attrs["units"] == "cd.m-2"
    assert record.array("further_1_voltage_volt").tolist() == [4, 4]
    assert record.data["remark"].values.tolist() == ["x", "y"]
    assert record.array("row_number").tolist() == [1, 1]
    notes = record.provenance.notes
    assert "'Glow/cd.m-2' is kept in its own unit as glow_cd_m_2" in notes
    assert "a further column 'Ewe/V' is kept as further_1_voltage_volt" in notes
    assert "the column 'remark' is not all numbers and kept as text" in notes


def test_what_was_read_is_written_and_comes_back(tmp_path: Path) -> None:
    (record,) = read(put(tmp_path, mpt()))
    write_record(tmp_path / "a.nc", record)
    write_bdf(record, tmp_path / "a.bdf.csv")
    for back in (read_record(tmp_path / "a.nc"), *read(tmp_path / "a.bdf.csv")):
        assert back.data.identical(record.data)
        assert back.provenance == record.provenance


@pytest.mark.parametrize(
    ("heading", "name", "factor"),
    [
        ("Q charge/discharge/mA.h", "charge_discharge_capacity_ah", 1e-3),
        ("(Q-Qo)/C", "net_capacity_coulomb", 1),
        ("-Im(Zwe-ce)/Ohm", "imaginary_impedance_we_ce_ohm", -1),
        ("|Zce|/Ohm", "absolute_impedance_ce_ohm", 1),
        ("Phase(Z1) / deg", "phase_of_impedance_1_degree", 1),
        ("Cs-2/µF-2", "series_capacitance_to_minus_2", 1e12),
        ("<Ewe/V>", "mean_voltage_volt", 1),
        ("time/min", "test_time_second", 60),
        ("Pressure/MPa", "pressure_pa", 1e6),
        ("Force/kN", "force_newton", 1e3),
        ("Temperature/°C", "temperature_celsius", 1),
        ("Energy charge/W.h", "charging_energy_wh", 1),
        ("cycle number", "cycle_count", 1),
    ],
)
def test_headings(heading: str, name: str, factor: float) -> None:
    quantity = quantity_of(heading)
    assert quantity.name == name
    assert quantity.converted(np.array([2.0]))[0] == pytest.approx(2 * factor)


def test_kelvin_become_degrees_celsius(tmp_path: Path) -> None:
    columns = (*MPT_COLUMNS[:-1], "Temperature/K")
    rows = [
        (*row[:-1], kelvin) for row, kelvin in zip(MPT_VALUES, ("298.15", "333.15"), strict=True)
    ]
    (record,) = read(put(tmp_path, mpt(columns, rows)))
    assert record.array("temperature_celsius") == pytest.approx([25, 60])
    assert record.data["temperature_celsius"].attrs["units"] == "degC"
    assert "converted, K to degC: Temperature/K" in record.provenance.notes


# --- files of any content ---------------------------------------------------------------

SEEDS = {
    "mpr": mpr((1, 131, 4, 7, 6, 5), [[7, 0, n, 0.1, 3, 1] for n in range(5)], loops=(0, 2)),
    "old": mpr((1, 131, 4, 6, 70), [[7, 0, n, 3, 1] for n in range(3)], version=0),
    "eis": mpr(IMPEDANCE, [*sweep([9, 3, 1]), *sweep([9, 3])], technique=0x1D, loops=(0, 3)),
    "mpt": mpt(more=["Loop 0 from point number 0 to 1"]).encode(),
    "utf": mpt().encode("utf-16"),
}


@given(seed=st.sampled_from(sorted(SEEDS)), data=st.data())
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_content_ends_in_a_foreign_error(tmp_path: Path, seed: str, data: st.DataObject) -> None:
    content = bytearray(SEEDS[seed])
    interesting = [n for n in range(len(content)) if content[n]]
    for _ in range(data.draw(st.integers(1, 4))):
        place = min(data.draw(st.sampled_from(interesting)), len(content))
        what = data.draw(st.sampled_from(["set", "insert", "delete", "number", "end"]))
        if what == "set":
            content[place : place + 1] = data.draw(st.binary(min_size=1, max_size=1))
        elif what == "insert":
            content[place:place] = data.draw(st.binary(max_size=9))
        elif what == "delete":
            del content[place : place + data.draw(st.integers(1, 9))]
        elif what == "number":
            number = data.draw(st.sampled_from([0, 1, 2**31, 2**32 - 1]))
            content[place : place + 4] = struct.pack("<I", number)
        else:
            del content[place:]
    path = written(tmp_path, bytes(content))
    reader = biologic_mpt if seed in ("mpt", "utf") else biologic_mpr
    try:
        records = reader.read(path)
    except SolithError as error:
        told = str(error)
    else:
        told = f"{path}: {len(records)} records"
        assert records
        assert all(len(record) for record in records)
    assert told.startswith(f"{path}: ")
