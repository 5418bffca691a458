"""Spectra in the text files of instruments: counts, first and last values, signs, whole parts."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from tests.reader_seeds import CHI, GAMRY, GAMRY_CURVE, VERSA
from tests.real_files import real_file

from solith.core.errors import InputError, SolithError, StorageError
from solith.core.record import Record
from solith.readers import format_of, read
from solith.readers._impedance_sign import imaginary_is_negated, phase_is_negated
from solith.readers._sweeps import sweeps_apart

SPECTRUM = ("frequency_hertz", "real_impedance_ohm", "imaginary_impedance_ohm")


def put(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def spectra(path: Path) -> list[Record]:
    return [record for record in read(path) if record.kind == "impedance"]


def rows_in_text(path: Path, places: tuple[int, int, int], width: int) -> np.ndarray:
    """Frequency, Re and Im of every line with ``width`` numbers, read with nothing but split."""
    found = []
    for line in path.read_text(encoding="latin-1").splitlines():
        fields = [field for field in re.split(r"[,\s]+", line.strip()) if field]
        if len(fields) != width:
            continue
        try:
            found.append([float(fields[place]) for place in places])
        except ValueError:
            continue
    return np.array(found)


@pytest.mark.parametrize(
    ("name", "shown", "places", "width", "count", "first", "last"),
    [
        (
            "exampleData.csv",
            "table of text (CSV, TSV, ...)",
            (0, 1, 2),
            3,
            66,
            (0.003162299999999999833, 0.04949989776405060160, -0.02043869854441892481),
            (1e4, 0.01577148266048593317, 0.01015747456493823649),
        ),
        (
            "exampleDataAutolab.txt",
            "Autolab (Z60W text)",
            (0, 4, 5),
            9,
            41,
            (10000, 0.013785863964281, 0.007191946305823),
            (0.1, 0.0345697771923854, -0.00390292888845954),
        ),
        (
            "exampleDataCHInstruments.txt",
            "CH Instruments text",
            (0, 1, 2),
            5,
            73,
            (9.961e4, 98.91, -2.748),
            (0.1, 5685, -15860),
        ),
        (
            "exampleDataPowersuite.txt",
            "PowerSuite text",
            (0, 1, 2),
            3,
            30,
            (0.1, 423929.46, -49014.063),
            (2000000, -470.54113, -1397.7358),
        ),
        (
            "exampleDataZPlot.z",
            "ZPlot/ZView (.z)",
            (0, 4, 5),
            9,
            21,
            (3e5, 147.77, -11.335),
            (3000, 613.68, -137.13),
        ),
        (
            "exampleDataVersaStudio.par",
            "VersaStudio (.par, text)",
            (9, 14, 15),
            24,
            61,
            (1e5, 55.31571, 4.575431),
            (0.02154435, 1516.313, -122.8279),
        ),
        (
            "exampleDataGamry.DTA",
            "Gamry (.DTA)",
            (2, 3, 4),
            11,
            72,
            (200015.6, 825.8584, -1367.239),
            (0.0158898, 17007.49, -6635.557),
        ),
    ],
)
def test_a_real_spectrum_is_what_its_text_says(
    name: str,
    shown: str,
    places: tuple[int, int, int],
    width: int,
    count: int,
    first: tuple[float, ...],
    last: tuple[float, ...],
) -> None:
    path = real_file(f"eis/{name}")
    assert format_of(path) == shown
    (record,) = spectra(path)
    table = np.column_stack([record.array(variable) for variable in SPECTRUM])
    assert len(record) == count
    assert table[0].tolist() == list(first)
    assert table[-1].tolist() == list(last)
    text = rows_in_text(path, places, width)
    assert np.array_equal(table, text)
    assert record.provenance.file == name
    assert "Im Z is negative for a capacitance" in record.provenance.conventions
    assert not any("turned" in note for note in record.provenance.notes)
    assert np.median(record.array("imaginary_impedance_ohm")) < 0


def test_the_parstat_file_has_a_discharge_and_a_spectrum() -> None:
    path = real_file("eis/exampleDataParstat.txt")
    assert format_of(path) == "Parstat text"
    cycling, spectrum = read(path)
    assert (cycling.kind, cycling.name) == ("cycling", "exampleDataParstat, part 1")
    assert (spectrum.kind, spectrum.name) == ("impedance", "exampleDataParstat, part 2")
    text = [line.split("\t")[:6] for line in path.read_text(encoding="ascii").split("\n")[1:]]
    rows = np.array([row for row in text if len(row) == 6], dtype=float)
    direct, swept = rows[rows[:, 3] == 0], rows[rows[:, 3] > 0]
    assert (len(cycling), len(spectrum)) == (len(direct), len(swept)) == (781, 31)
    for place, name in enumerate(("voltage_volt", "current_ampere", "test_time_second")):
        assert np.array_equal(cycling.array(name), direct[:, place])
    for place, name in enumerate(SPECTRUM, start=3):
        assert np.array_equal(spectrum.array(name), swept[:, place])
    assert cycling.array("voltage_volt")[0] == 3.49322700500488
    assert cycling.array("current_ampere")[0] == -0.149962306022644  # it discharges: E falls
    assert cycling.array("voltage_volt")[100] < cycling.array("voltage_volt")[0]
    assert spectrum.array("imaginary_impedance_ohm")[-1] == -0.00399791080333837
    assert spectrum.array("voltage_amplitude_volt")[-1] == 0.00492633426809519
    assert "frequency_hertz" not in cycling.data
    assert "voltage_amplitude_volt" not in cycling.data


def test_the_gamry_file_has_its_open_circuit_too() -> None:
    rest, spectrum = read(real_file("eis/exampleDataGamry.DTA"))
    assert (rest.kind, len(rest), rest.data.attrs["technique"]) == ("cycling", 387, "OCV")
    assert rest.array("voltage_volt")[0] == -0.346699
    assert rest.array("test_time_second")[0] == 0.258333
    assert not np.any(rest.array("current_ampere"))
    assert "open circuit: the file has no current, it is 0" in rest.provenance.notes
    assert any("no sensor" in note for note in rest.provenance.notes)
    assert spectrum.data.attrs == {
        "technique": "EISPOT",
        "header_claims": {"area_cm2": "1.00000E+000"},
    }
    assert spectrum.array("direct_current_ampere")[0] == -5.89286e-06
    assert spectrum.provenance.instrument == "Gamry REF3000-34128"


def test_what_the_settings_announce_is_compared_with_what_is_there() -> None:
    (record,) = read(real_file("eis/exampleDataZPlot.z"))
    assert "the settings announce 56 points and the file has 21" in record.provenance.notes
    assert record.data["amplitude_volt"].attrs["units"] == "V"
    (record,) = read(real_file("eis/exampleDataAutolab.txt"))
    assert record.provenance.notes == ()


@pytest.mark.parametrize(
    "name",
    [
        "exampleDataAutolab.txt",
        "exampleDataCHInstruments.txt",
        "exampleDataPowersuite.txt",
        "exampleDataZPlot.z",
        "exampleDataVersaStudio.par",
        "exampleDataGamry.DTA",
    ],
)
def test_a_file_that_breaks_off_gives_its_whole_rows_and_says_so(name: str, tmp_path: Path) -> None:
    path = real_file(f"eis/{name}")
    (whole,) = spectra(path)
    last = float(whole.array("frequency_hertz")[-1])
    content = path.read_bytes().rstrip()
    if name.endswith(".par"):
        content = content[: content.index(b"</Segment1>")].rstrip()
    cut = tmp_path / name
    cut.write_bytes(content[: content.rindex(b"\n") + 12])
    (record,) = spectra(cut)
    assert len(record) == len(whole) - 1
    assert record.array("frequency_hertz")[-1] != last
    assert np.array_equal(
        record.array("imaginary_impedance_ohm"), whole.array("imaginary_impedance_ohm")[:-1]
    )
    assert any("the file breaks off in line" in note for note in record.provenance.notes)


def test_gamry_curves_by_technique(tmp_path: Path) -> None:
    tables = GAMRY_CURVE.format(1, 2, 3, number=1) + GAMRY_CURVE.format(4, 5, 6, number=2)
    path = put(tmp_path / "x.DTA", GAMRY.format(tag="CV", tables=tables))
    first, second = read(path)
    assert [record.kind for record in (first, second)] == ["voltammogram"] * 2
    assert second.array("test_time_second").tolist() == [4, 5, 6]
    assert first.array("current_ampere").tolist() == [1e-6, 2e-6, -1e-6]
    assert first.array("temperature_celsius").tolist() == [25.5] * 3
    comma = GAMRY.format(tag="PWR800", tables=tables.replace(".", ","))
    first, _ = read(put(tmp_path / "y.DTA", comma))
    assert (first.kind, first.data.attrs["technique"]) == ("cycling", "PWR800")
    assert first.array("voltage_volt").tolist() == [2.0, 2.1, 2.0]


def test_gamry_tables_that_lack_something(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="has no table of measured values"):
        read(put(tmp_path / "a.DTA", GAMRY.format(tag="CV", tables="")))
    lacking = GAMRY_CURVE.format(1, 2, 3, number=1).replace("\tIm\t", "\tIq\t")
    with pytest.raises(InputError, match=r"no column for current_ampere .* has 'Pt', 'T'"):
        read(put(tmp_path / "b.DTA", GAMRY.format(tag="CV", tables=lacking)))
    short = GAMRY_CURVE.format(1, 2, 3, number=1).replace("TABLE\t3", "TABLE\t9")
    (record,) = read(put(tmp_path / "c.DTA", GAMRY.format(tag="CV", tables=short)))
    assert "the table announces 9 rows and has 3" in record.provenance.notes


def test_a_ch_voltammogram_gets_its_time_and_its_sign(tmp_path: Path) -> None:
    rows = "0.000, -1.0e-6\n0.005, -2.0e-6\n0.010, -3.0e-6\n0.005, 2.5e-6\n0.000, 2.0e-6"
    text = CHI.format(technique="Cyclic Voltammetry", heading="Potential/V, Current/A", rows=rows)
    (record,) = read(put(tmp_path / "x.txt", text))
    assert (record.kind, record.provenance.instrument) == ("voltammogram", "CHI660E")
    assert record.array("test_time_second") == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    assert record.array("current_ampere").tolist() == [1e-6, 2e-6, 3e-6, -2.5e-6, -2e-6]
    assert any("runs against the sweep" in note for note in record.provenance.notes)
    assert any("scan rate of 0.05 V/s" in note for note in record.provenance.notes)


def test_a_ch_open_circuit_and_a_ch_file_without_rows(tmp_path: Path) -> None:
    rest = CHI.format(
        technique="Open Circuit Potential - Time",
        heading="Time/sec, Potential/V",
        rows="0, 3.1\n1, 3.2",
    )
    (record,) = read(put(tmp_path / "x.txt", rest))
    assert (record.kind, record.array("current_ampere").tolist()) == ("cycling", [0, 0])
    with pytest.raises(StorageError, match="no table of measured values"):
        read(put(tmp_path / "y.txt", CHI.format(technique="A.C. Impedance", heading="", rows="")))


def test_versastudio_actions_become_records(tmp_path: Path) -> None:
    records = read(put(tmp_path / "x.par", VERSA))
    assert [(record.kind, len(record)) for record in records] == [
        ("cycling", 2),
        ("voltammogram", 3),
        ("impedance", 3),
        ("impedance", 3),
    ]
    assert records[1].data.attrs["technique"] == "Cyclic Voltammetry"
    assert records[1].array("segment").tolist() == [1, 1, 2]
    assert records[3].array("real_impedance_ohm").tolist() == [11, 13, 21]
    assert records[3].name == "x, part 4"


def test_versastudio_files_that_lack_something(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no segment with measured values"):
        read(put(tmp_path / "a.par", VERSA[: VERSA.index("<Segment1>")]))
    with pytest.raises(StorageError, match="no Definition of its columns"):
        read(put(tmp_path / "b.par", VERSA.replace("Definition=", "Columns=")))
    with pytest.raises(InputError, match="no column for imaginary_impedance_ohm"):
        read(put(tmp_path / "c.par", VERSA.replace("Z Imag", "Y Imag")))


def test_settings_without_an_end_are_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is no 'End Comments'"):
        read(put(tmp_path / "a.z", "ZPLOT2 ASCII\n  Data Points: 3\n"))
    with pytest.raises(StorageError, match="has no row of 9 values"):
        read(put(tmp_path / "b.z", "ZPLOT2 ASCII\nEnd Comments\n"))
    with pytest.raises(StorageError, match="there are no headings"):
        read(put(tmp_path / "c.txt", '"Z60W Data File: Version 1.1"\n""\n'))


def test_a_z_file_with_commas(tmp_path: Path) -> None:
    rows = "1.0E+05, 0, 0, 1.0, 12, -3.4, 0, 0, 1\n1.0E+03, 0, 0, 2.0, 22, -5.4, 0, 0, 1\n"
    (record,) = read(put(tmp_path / "a.z", f'"ZPlot2 ASCII"\nEnd Comments\n{rows}'))
    assert record.array("imaginary_impedance_ohm").tolist() == [-3.4, -5.4]


def arc(frequency: np.ndarray, resistance: float = 100.0) -> np.ndarray:
    angular = 2 * np.pi * frequency
    return 10 + resistance / (1 + 1j * angular * resistance * 1e-6)


def test_the_sign_of_the_imaginary_part() -> None:
    frequency = np.logspace(-1, 6, 50)
    impedance = arc(frequency) + 2j * np.pi * frequency * 1e-6
    wrong = (frequency, impedance.real, -impedance.imag)
    assert imaginary_is_negated([wrong])
    assert not imaginary_is_negated([(frequency, impedance.real, impedance.imag)])
    capacitor = 1 / (2j * np.pi * frequency * 1e-6)
    assert imaginary_is_negated([(frequency, np.full(50, 3.0), -capacitor.imag)])
    assert not imaginary_is_negated([(frequency, np.full(50, 3.0), capacitor.imag)])
    inductance = 2 * np.pi * frequency * 1e-6
    assert not imaginary_is_negated([(frequency, np.full(50, 3.0), inductance)])
    loop = 1 / (1 / 5 + 1 / (2j * np.pi * frequency * 1e-2))
    assert not imaginary_is_negated([(frequency, loop.real, loop.imag)])
    assert imaginary_is_negated([tuple(column[::-1] for column in wrong)])  # type: ignore[list-item]
    assert imaginary_is_negated([]) is None
    assert phase_is_negated(np.array([10.0, 20.0]), np.array([-1.0, -2.0]))
    assert not phase_is_negated(np.array([-10.0, 20.0, -3.0]), np.array([-1.0, 2.0, -1.0]))


def test_the_sign_of_noisy_cells_with_leads() -> None:
    random = np.random.default_rng(4)
    turned = missed = 0
    for _ in range(300):
        frequency = np.logspace(random.uniform(5, 7), random.uniform(-3, -1), 60)
        laplace = 2j * np.pi * frequency
        impedance = np.ones(60) + laplace * 10 ** random.uniform(-9, -6)
        for _ in range(2):
            time = 10 ** random.uniform(-5, 0)
            impedance = impedance + 10 ** random.uniform(-0.5, 1) / (
                1 + (laplace * time) ** random.uniform(0.75, 1)
            )
        noise = random.normal(size=60) + 1j * random.normal(size=60)
        impedance = impedance + 0.01 * np.abs(impedance) * noise
        turned += imaginary_is_negated([(frequency, impedance.real, impedance.imag)]) is True
        missed += not imaginary_is_negated([(frequency, impedance.real, -impedance.imag)])
    assert turned == 0
    assert missed <= 3  # 1 %: where the leads' reactance is many times the cell's impedance


@pytest.mark.parametrize(
    ("resistance", "inductance", "decades"), [(0.02, 0.5e-6, (6, 3)), (10.0, 0.5e-6, (2, -2))]
)
@pytest.mark.parametrize("points", [16, 31, 61])
def test_noise_does_not_turn_an_inductance(
    resistance: float, inductance: float, decades: tuple[int, int], points: int
) -> None:
    random = np.random.default_rng(5)
    frequency = np.logspace(*decades, points)
    whole = resistance + 2j * np.pi * frequency * inductance
    for _ in range(100):
        noise = random.normal(size=points) + 1j * random.normal(size=points)
        impedance = whole + 0.01 * np.abs(whole) * noise
        assert not imaginary_is_negated([(frequency, impedance.real, impedance.imag)])


def test_a_sign_that_cannot_be_told_is_left_and_noted(tmp_path: Path) -> None:
    frequency = np.logspace(2, -2, 41)
    random = np.random.default_rng(6)
    imaginary = 0.1 * random.normal(size=41)
    real = 10 + 0.1 * random.normal(size=41)
    assert imaginary_is_negated([(frequency, real, imaginary)]) is None
    rows = np.column_stack([frequency, real, imaginary]).tolist()
    body = "".join(f"{f!r},{r!r},{i!r}\n" for f, r, i in rows)
    (record,) = read(put(tmp_path / "a.csv", f"f/Hz,Z'/ohm,Z''/ohm\n{body}"))
    assert np.array_equal(record.array("imaginary_impedance_ohm"), imaginary)
    note = "the sign of Im Z is as in the file: the data do not tell whether it is Im Z or -Im Z"
    assert note in record.provenance.notes
    (headed,) = read(put(tmp_path / "b.csv", f"f/Hz,Z'/ohm,-Z''/ohm\n{body}"))
    assert np.array_equal(headed.array("imaginary_impedance_ohm"), -imaginary)
    assert note not in headed.provenance.notes


def test_points_too_far_apart_for_their_sign_are_left() -> None:
    frequency = np.logspace(6, -1, 8)
    impedance = 10 + 100 / (1 + 2j * np.pi * frequency * 1e-4)
    assert imaginary_is_negated([(frequency, impedance.real, -impedance.imag)]) is None


def sizes(**columns: object) -> list[int]:
    given = {name: np.asarray(column, dtype=float) for name, column in columns.items()}
    return [len(rows) for rows in sweeps_apart(given)]


def test_where_a_spectrum_ends() -> None:
    down = np.logspace(5, -1, 20)
    assert sizes(frequency_hertz=down) == [20]
    assert sizes(frequency_hertz=np.tile(down, 3)) == [20, 20, 20]
    assert sizes(frequency_hertz=np.concatenate([down, down[::-1]])) == [20, 20]
    assert sizes(frequency_hertz=np.concatenate([down[:10], [down[8]], down[10:]])) == [21]
    both = np.concatenate([down[:10], down[10:]])
    assert sizes(frequency_hertz=both, cycle_count=np.repeat([1, 2], 10)) == [10, 10]
    assert sizes(frequency_hertz=both, temperature_celsius=np.repeat([20, 30], 10)) == [10, 10]
    assert sizes(frequency_hertz=both, temperature_celsius=np.linspace(20, 21, 20)) == [20]
    assert sizes(frequency_hertz=[1000, 100, 1000, 100]) == [2, 2]
    assert sizes(frequency_hertz=[5.0]) == [1]


@pytest.mark.parametrize(
    "made", [GAMRY.format(tag="CV", tables=GAMRY_CURVE.format(1, 2, 3, number=1)), VERSA]
)
def test_every_cut_gives_records_or_an_error(made: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    for end in range(30, len(made), 3):
        path.write_text(made[:end], encoding="utf-8")
        try:
            records = read(path)
        except SolithError:
            continue
        assert all(len(record) for record in records)
