"""Tables of text: delimiters, decimal signs, encodings, headings, units, kinds, signs, errors."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.real_files import real_file

from solith.core.errors import InputError, SolithError, StorageError
from solith.core.record import RECORD_KINDS, Record
from solith.readers import format_of, read, table
from solith.readers._headings import EXAMPLES, heading_of
from solith.readers._swept_potential import is_swept

FREQUENCIES = [10 ** (5 - k / 3) for k in range(19)]
SPECTRUM = ("frequency_hertz", "real_impedance_ohm", "imaginary_impedance_ohm")


def impedance(frequency: float, resistance: float = 100.0) -> complex:
    return 10 + resistance / (1 + 2j * math.pi * frequency * resistance * 1e-5)


TRUTH = np.array([[f, impedance(f).real, impedance(f).imag] for f in FREQUENCIES])


def put(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def lines(heading: str, *rows: str) -> str:
    return "\n".join([heading, *rows]) + "\n"


def spectrum_text(heading: str, separator: str = ",", form: str = "{f!r} {r!r} {i!r}") -> str:
    rows = (
        form.format(f=f, r=impedance(f).real, i=impedance(f).imag, n=-impedance(f).imag)
        for f in FREQUENCIES
    )
    return lines(heading, *(row.replace(" ", separator) for row in rows))


def values(record: Record) -> np.ndarray:
    return np.column_stack([record.array(name) for name in SPECTRUM])


@pytest.mark.parametrize(
    ("text", "name", "unit", "slope", "minus"),
    [
        ("Freq/Hz", "frequency_hertz", "Hz", 1, False),
        ("Frequency [kHz]", "frequency_hertz", "Hz", 1e3, False),
        ("f, MHz", "frequency_hertz", "Hz", 1e6, False),
        ("ω (rad/s)", "frequency_hertz", "Hz", 0.5 / math.pi, False),
        ("Z' (Ω)", "real_impedance_ohm", "ohm", 1, False),
        ("Re(Z)/Ohm", "real_impedance_ohm", "ohm", 1, False),
        ("Z_real", "real_impedance_ohm", "ohm", 1, False),
        ("Zre (kOhm)", "real_impedance_ohm", "ohm", 1e3, False),
        ("real_impedance_ohm", "real_impedance_ohm", "ohm", 1, False),
        ("-Z'' (Ω)", "imaginary_impedance_ohm", "ohm", 1, True),
        ("−Im(Z) / mOhm", "imaginary_impedance_ohm", "ohm", 1e-3, True),
        ("neg. Zimag", "imaginary_impedance_ohm", "ohm", 1, True),
        ("Z″", "imaginary_impedance_ohm", "ohm", 1, False),
        (' Z"/ohm', "imaginary_impedance_ohm", "ohm", 1, False),
        ("|Z| (ohm)", "absolute_impedance_ohm", "ohm", 1, False),
        ("Phase(Z)/deg", "phase_degree", "deg", 1, False),
        ("-Phase (°)", "phase_degree", "deg", 1, True),
        ("theta [rad]", "phase_degree", "deg", 180 / math.pi, False),
        ("time_h", "test_time_second", "s", 3600, False),
        ("Test Time (min)", "test_time_second", "s", 60, False),
        ("t/s", "test_time_second", "s", 1, False),
        ("T/°C", "temperature_celsius", "degC", 1, False),
        ("Temperature [K]", "temperature_celsius", "degC", 1, False),
        ("Ewe/V", "voltage_volt", "V", 1, False),
        ("E (V vs. Li/Li+)", "voltage_volt", "V", 1, False),
        ("U_mV", "voltage_volt", "V", 1e-3, False),
        ("<I>/mA", "current_ampere", "A", 1e-3, False),
        ("Im (A)", "current_ampere", "A", 1, False),
        ("I (µA)", "current_ampere", "A", 1e-6, False),
        ("Charge Capacity (mAh)", "charging_capacity_ah", "Ah", 1e-3, False),
        ("Cycle_Index", "cycle_count", "", 1, False),
        ("Step Index", "step_index", "", 1, False),
        ("p / MPa", "pressure_pa", "Pa", 1e6, False),
        ("Force (kN)", "force_newton", "N", 1e3, False),
        ("Aux_Voltage_1(V)", "aux_voltage_1_volt", "V", 1, False),
        ("Z' (ohm cm2)", "z_ohm_cm2", "", 1, False),
        ("Current density (mA/cm2)", "current_density_ampere_per_m2", "A/m2", 10, False),
        ("j / mA cm-2", "current_density_ampere_per_m2", "A/m2", 10, False),
        ("Current [µA·cm⁻²]", "current_density_ampere_per_m2", "A/m2", 1e-2, False),
        ("I (A/m^2)", "current_density_ampere_per_m2", "A/m2", 1, False),
        ("Current density", "current_density", "", 1, False),
        ("Cs / F", "cs_farad", "F", 1, False),
        ("Phase_A", "phase_a", "", 1, False),
        ("Row", "row_number", "", 1, False),
        ("Pressure", "pressure", "", 1, False),
    ],
)
def test_what_a_heading_means(text: str, name: str, unit: str, slope: float, minus: bool) -> None:
    heading = heading_of(text)
    assert (heading.name, heading.unit, heading.minus) == (name, unit, minus)
    assert heading.slope == pytest.approx(slope, rel=1e-12)
    assert heading.offset == (-273.15 if "[K]" in text else 0.0)


@pytest.mark.parametrize("ending", ["\n", "\r", "\r\n", "\r\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize(
    ("separator", "decimal"), [(",", "."), (";", "."), (";", ","), ("\t", ","), ("  ", ",")]
)
def test_any_delimiter_decimal_sign_encoding_and_line_ending(
    tmp_path: Path, separator: str, decimal: str, encoding: str, ending: str
) -> None:
    heading = separator.join(["Freq(Hz)", "Z'(ohm)", "Z''(ohm)", "T(°C)"])
    form = "{f!r} {r!r} {i!r} 25.5"
    text = spectrum_text(heading, separator, form)
    if decimal == ",":
        text = text.replace(".", ",")
    path = put(tmp_path / "x.dat", text.replace("\n", ending), encoding)
    assert format_of(path) == table.FORMAT
    (record,) = read(path)
    assert np.array_equal(values(record), TRUTH)
    assert record.array("temperature_celsius").tolist() == [25.5] * 19
    assert record.provenance.notes == ()


def test_text_above_and_a_row_of_units(tmp_path: Path) -> None:
    above = "Sample: A1, pressed at 380 MPa\nOperator; nobody\n\n"
    text = spectrum_text("f;Re Z;-Im Z\nkHz;mOhm;mOhm", ";", "{f!r} {r!r} {n!r}")
    (record,) = read(put(tmp_path / "x.csv", above + text))
    scaled = TRUTH * [1e3, 1e-3, 1e-3]
    assert values(record) == pytest.approx(scaled, rel=1e-14)
    assert record.provenance.notes == (
        "imaginary_impedance_ohm: the heading '-Im Z' names its negative; it was turned",
        "converted: frequency_hertz from kHz, real_impedance_ohm from mOhm, "
        "imaginary_impedance_ohm from mOhm",
    )


def test_aligned_columns_and_a_comment_sign(tmp_path: Path) -> None:
    text = spectrum_text("# Freq (Hz)  Z' (ohm)   Z'' (ohm)", "   ")
    (record,) = read(put(tmp_path / "x.txt", text))
    assert np.array_equal(values(record), TRUTH)
    (record,) = read(put(tmp_path / "y.txt", spectrum_text("# Freq (Hz) Z' (ohm) Z'' (ohm)", " ")))
    assert np.array_equal(values(record), TRUTH)


def test_no_headings_at_all(tmp_path: Path) -> None:
    text = spectrum_text("").lstrip()
    (record,) = read(put(tmp_path / "x.csv", text))
    assert np.array_equal(values(record), TRUTH)
    assert any("no headings" in note for note in record.provenance.notes)
    (turned,) = read(put(tmp_path / "y.csv", spectrum_text("", " ", "{f!r} {r!r} {n!r}").lstrip()))
    assert np.array_equal(values(turned), TRUTH)
    assert any("Im Z is positive over most of the arc" in note for note in turned.provenance.notes)
    linear = lines("1,5,6", *(f"{k},5,6" for k in range(2, 30)))
    with pytest.raises(StorageError, match="of unknown format"):
        read(put(tmp_path / "z.csv", linear))


def test_the_sign_comes_from_the_heading_where_it_tells(tmp_path: Path) -> None:
    positive = spectrum_text("f/Hz,Z'/ohm,Z''/ohm", ",", "{f!r} {r!r} {n!r}")
    (record,) = read(put(tmp_path / "a.csv", positive))
    assert np.array_equal(values(record), TRUTH)
    assert any("it was turned" in note for note in record.provenance.notes)
    contrary = spectrum_text("f/Hz,Z'/ohm,-Z''/ohm")
    (record,) = read(put(tmp_path / "b.csv", contrary))
    assert np.array_equal(record.array("imaginary_impedance_ohm"), -TRUTH[:, 2])
    assert any("the heading was followed, check it" in note for note in record.provenance.notes)


@pytest.mark.parametrize(
    ("heading", "angle", "told"),
    [
        ("f/Hz,|Z|/ohm,phase/deg", math.degrees, False),
        ("f/Hz,|Z|/ohm,phase/rad", float, False),
        ("f/Hz,|Z|/ohm,-phase/deg", lambda phase: -math.degrees(phase), True),
        ("f/Hz,|Z|/ohm,phase/deg", lambda phase: -math.degrees(phase), False),
        ("f/Hz,|Z|/ohm,phase", float, False),
        ("f/Hz,|Z|/ohm,phase", math.degrees, False),
    ],
)
def test_amount_and_phase(
    tmp_path: Path, heading: str, angle: Callable[[float], float], told: bool
) -> None:
    rows = (
        f"{f!r},{abs(impedance(f))!r},{angle(cmath.phase(impedance(f)))!r}" for f in FREQUENCIES
    )
    (record,) = read(put(tmp_path / "x.csv", lines(heading, *rows)))
    assert values(record) == pytest.approx(TRUTH, rel=1e-9)
    phase = np.degrees([cmath.phase(impedance(f)) for f in FREQUENCIES])
    assert record.array("phase_degree") == pytest.approx(phase, rel=1e-9)
    notes = record.provenance.notes
    assert "Re Z and Im Z were calculated from the amount and the phase" in notes
    assert any("names its negative" in note for note in notes) == told


POLAR = "f/Hz,|Z|/ohm,phase"


def polar_text(spectrum: Callable[[float], complex], angle: Callable[[float], float]) -> str:
    return lines(
        POLAR,
        *(f"{f!r},{abs(spectrum(f))!r},{angle(cmath.phase(spectrum(f)))!r}" for f in FREQUENCIES),
    )


def test_small_phases_in_degrees_are_not_taken_for_radians(tmp_path: Path) -> None:
    def cell(frequency: float) -> complex:
        return 1e4 + 180 / (1 + 2j * math.pi * frequency * 1e-3)

    (record,) = read(put(tmp_path / "x.csv", polar_text(cell, math.degrees)))
    assert np.max(np.abs(record.array("phase_degree"))) < 0.6
    truth = np.array([[f, cell(f).real, cell(f).imag] for f in FREQUENCIES])
    assert values(record) == pytest.approx(truth, rel=1e-9)


def test_phases_beyond_a_quarter_turn_may_be_radians(tmp_path: Path) -> None:
    def blocking(frequency: float) -> complex:
        return cmath.rect(1e6 / frequency, -1.61)

    (record,) = read(put(tmp_path / "x.csv", polar_text(blocking, float)))
    assert record.array("phase_degree") == pytest.approx(math.degrees(-1.61))


def test_phases_that_may_be_either_are_refused(tmp_path: Path) -> None:
    text = lines(POLAR, "100,10,-0.5", "1,10,-0.5", "0.1,11,-0.5")
    with pytest.raises(InputError) as told:
        read(put(tmp_path / "x.csv", text))
    assert str(told.value) == (
        f"{tmp_path / 'x.csv'}: column 'phase': no value is above 0.5 and the heading gives no "
        "unit, so it may be in degrees or in radians; name the unit in the heading"
    )
    (record,) = read(put(tmp_path / "y.csv", text.replace("phase", "phase/deg")))
    assert record.array("phase_degree").tolist() == [-0.5] * 3


def test_much_text_above_a_table(tmp_path: Path) -> None:
    above = "".join(
        f"Remark {place}: pressed, annealed and measured again\n" for place in range(900)
    )
    assert 40_000 < len(above) < 60_000
    path = put(tmp_path / "x.csv", above + spectrum_text("f/Hz,Z'/ohm,Z''/ohm"))
    assert format_of(path) == table.FORMAT
    (record,) = read(path)
    assert np.array_equal(values(record), TRUTH)


def test_several_spectra(tmp_path: Path) -> None:
    heading = "Frequency (Hz),Zre (ohm),Zim (ohm)"
    one = spectrum_text(heading)
    records = read(put(tmp_path / "heads.csv", one + "\n" + one))
    assert [record.name for record in records] == ["heads, part 1", "heads, part 2"]
    assert all(np.array_equal(values(record), TRUTH) for record in records)
    body = one.split("\n", 1)[1]
    assert [len(r) for r in read(put(tmp_path / "jump.csv", one + body + body))] == [19] * 3
    rows = [f"{f!r},{impedance(f).real},{impedance(f).imag},{t}" for t in (25, 60) for f in (9, 1)]
    short = lines(f"{heading},Loop", *(row.replace("25", "1") for row in rows))
    assert [len(r) for r in read(put(tmp_path / "loop.csv", short))] == [2, 2]


def test_a_row_that_cannot_be_read_is_left_out_and_told(tmp_path: Path) -> None:
    text = spectrum_text("f/Hz,Z'/ohm,Z''/ohm").split("\n")
    text[5] = text[5].rsplit(",", 1)[0] + ",overload"
    text.insert(9, "paused by the operator")
    text.insert(12, "1,2,3,4,5")
    text[15] = text[15].rsplit(",", 1)[0]
    (record,) = read(put(tmp_path / "x.csv", "\n".join(text)))
    assert len(record) == 17
    notes = "; ".join(record.provenance.notes)
    assert "'overload' in line 6" in notes
    assert "(line 10 the first) is no row of the table and was left out: 'paused" in notes
    assert "line 16 has fewer fields than the table" in notes
    assert "2 rows without a whole impedance were left out (line 6 the first)" in notes


def test_a_file_that_breaks_off(tmp_path: Path) -> None:
    text = spectrum_text("f/Hz,Z'/ohm,Z''/ohm")
    whole = text.rstrip().rsplit(",", 1)[0]
    (record,) = read(put(tmp_path / "x.csv", whole))
    assert len(record) == 18
    assert "the file breaks off in line 20 (2 of 3 fields), which is left out" in (
        record.provenance.notes
    )
    (record,) = read(put(tmp_path / "y.csv", text.rstrip()))
    assert len(record) == 19
    assert "the last line has no end: its last value may be cut short" in record.provenance.notes


CYCLE = (
    "0:00:00;3,0;1,5;Charge;1,0;2",
    "0:30:00;3,5;1,5;Charge;1,1;2",
    "1:00:00,5;3,4;-1,5;Discharge;1,2;2",
)


def test_cycling_with_clock_times_and_auxiliary_channels(tmp_path: Path) -> None:
    heading = "Time (hh:mm:ss);Voltage [V];I / mA;State;Pressure (MPa);F_kN"
    (record,) = read(put(tmp_path / "x.csv", lines(heading, *CYCLE)))
    assert record.kind == "cycling"
    assert record.array("test_time_second").tolist() == [0, 1800, 3600.5]
    assert record.array("current_ampere").tolist() == [0.0015, 0.0015, -0.0015]
    assert record.array("pressure_pa") == pytest.approx([1.0e6, 1.1e6, 1.2e6])
    assert record.array("force_newton").tolist() == [2000] * 3
    assert record.data["step_type"].values.tolist() == ["Charge", "Charge", "Discharge"]
    assert record.data["pressure_pa"].attrs["units"] == "Pa"
    assert any("hours:minutes:seconds" in note for note in record.provenance.notes)


def test_a_current_that_counts_discharge_as_positive(tmp_path: Path) -> None:
    heading = "Time (hh:mm:ss);Voltage [V];I / mA;State;Pressure (MPa);F_kN"
    rows = [
        row.replace(";1,5;", ";x;").replace("-1,5", "1,5").replace("x", "-1,5") for row in CYCLE
    ]
    (record,) = read(put(tmp_path / "x.csv", lines(heading, *rows)))
    assert record.array("current_ampere").tolist() == [0.0015, 0.0015, -0.0015]
    assert any("turned round" in note for note in record.provenance.notes)


def test_dates_become_the_time_since_the_first_row(tmp_path: Path) -> None:
    rows = ("2024-02-28 23:59:00;3;1", "2024-02-29 00:01:30.5;3.5;1")
    (record,) = read(put(tmp_path / "x.csv", lines("Time;Ecell/V;I/mA", *rows)))
    assert record.array("test_time_second").tolist() == [0, 150.5]
    assert any("holds dates" in note for note in record.provenance.notes)


@pytest.mark.parametrize(
    ("above", "heading", "kind"),
    [
        ("", "time/s;Ewe/V;<I>/mA", "cycling"),
        ("Cyclic Voltammetry at 0.1 mV/s\n", "time/s;Ewe/V;<I>/mA", "voltammogram"),
        ("Method: CV\n", "time/s;Ewe/V;<I>/mA", "voltammogram"),
        ("Technique\tCV\n", "time/s;Ewe/V;<I>/mA", "voltammogram"),
        ("\nCV\n\n", "time/s;Ewe/V;<I>/mA", "voltammogram"),
        ("Three voltammograms of Cell 5\n", "time/s;Ewe/V;<I>/mA", "voltammogram"),
        ("Method: CC-CV\n", "time/s;Ewe/V;<I>/mA", "cycling"),
        ("Steps: CC, CV\n", "time/s;Ewe/V;<I>/mA", "cycling"),
        (
            "Protocol: CC 0.1C to 4.2 V, then CV to 0.02C\n",
            "time/s;Ewe/V;<I>/mA",
            "cycling",
        ),
        ("", "scan rate;Ewe/V;<I>/mA;t/s", "voltammogram"),
        ("", "Ewe/V;<I>/mA", "current-voltage"),
    ],
)
def test_the_kind_of_a_table(tmp_path: Path, above: str, heading: str, kind: str) -> None:
    width = heading.count(";") + 1
    rows = [";".join([str(place + 1)] * width) for place in range(3)]
    (record,) = read(put(tmp_path / "x.csv", above + lines(heading, *rows)))
    assert record.kind == kind
    assert record.array("current_ampere").tolist() == [0.001, 0.002, 0.003]


def test_rows_without_a_frequency_are_direct_current(tmp_path: Path) -> None:
    heading = "t/s;Ewe/V;I/A;freq/Hz;Re(Z)/ohm;-Im(Z)/ohm"
    rows = ("0;3;1;0;0;0", "1;3.1;1;;;", "2;3.1;0;100;10;1", "3;3.1;0;1;20;2")
    cycling, spectrum = read(put(tmp_path / "x.csv", lines(heading, *rows)))
    assert (cycling.kind, cycling.array("voltage_volt").tolist()) == ("cycling", [3, 3.1])
    assert spectrum.array("imaginary_impedance_ohm").tolist() == [-1, -2]
    assert "real_impedance_ohm" not in cycling.data
    rows = ("0;10;1", "100;10;1", "1;20;2")
    (record,) = read(put(tmp_path / "y.csv", lines("freq/Hz;Re(Z)/ohm;-Im(Z)/ohm", *rows)))
    assert len(record) == 2
    assert "1 rows without a frequency above 0 were left out (line 2 the first)" in (
        record.provenance.notes
    )


def test_rows_that_are_neither_are_told(tmp_path: Path) -> None:
    heading = "t/s;Ewe/V;I/A;freq/Hz;Re(Z)/ohm;-Im(Z)/ohm"
    rows = ("0;;;0;0;0", "2;3.1;0;100;10;1", "3;3.1;0;1;20;2")
    (record,) = read(put(tmp_path / "x.csv", lines(heading, *rows)))
    assert "1 rows without a frequency above 0 were left out (line 2 the first)" in (
        record.provenance.notes
    )
    rows = ("0;;1;0;0;0", "1;3;1;0;0;0", "2;3.1;0;100;10;1", "3;3.1;0;1;20;2")
    cycling, spectrum = read(put(tmp_path / "y.csv", lines(heading, *rows)))
    assert (len(cycling), len(spectrum)) == (1, 2)
    assert any("were left out (line 2 the first)" in note for note in cycling.provenance.notes)


def test_the_clearer_of_two_headings_is_taken(tmp_path: Path) -> None:
    rows = ("0;10;3;1", "1;11;3;1")
    (record,) = read(put(tmp_path / "x.csv", lines("Time/s;Test Time/s;E/V;I/A", *rows)))
    assert record.array("test_time_second").tolist() == [10, 11]
    assert record.array("other_test_time_second").tolist() == [0, 1]
    assert "test_time_second is the column 'Test Time/s', not 'Time/s'" in record.provenance.notes
    with pytest.raises(InputError, match=r"'E/V' and 'E /V' are both voltage_volt; keep one"):
        read(put(tmp_path / "y.csv", lines("t/s;E/V;E /V;I/A", *rows)))


def test_headings_that_messages_name_are_understood(tmp_path: Path) -> None:
    for name, heading in EXAMPLES.items():
        assert (heading_of(heading).name, heading_of(heading).slope) == (name, 1.0)
    for header in (
        "Frequenz/Hz;Realteil/Ohm;Imaginärteil/Ohm",
        "f/Hz;Wirkwiderstand;Blindwiderstand",
    ):
        (record,) = read(put(tmp_path / "x.csv", lines(header, "1;2;-3", "0.1;3;-4")))
        assert record.array("real_impedance_ohm").tolist() == [2, 3]
        assert record.array("imaginary_impedance_ohm").tolist() == [-3, -4]


@pytest.mark.parametrize(
    ("text", "error", "told"),
    [
        (lines("f/Hz;Z'/ohm;x", "1;2;3"), InputError, "(headed 'Im(Z)/Ohm'); "),
        (
            lines("f/Hz;Re Z/ohm cm2;Im Z/ohm", "1;2;3"),
            InputError,
            "ohm (divide by the area in cm2)",
        ),
        (lines("t/s;E/V;I/mA cm-2", "1;2;3"), InputError, "per area: give the geometric area of"),
        (lines("t/s;E/V;x", "1;2;3"), InputError, "ampere (headed 'Current/A'); the file has"),
        (lines("f/Hz;Z'/ohm;Z''/ohm"), StorageError, "the table has headings but no rows"),
        (lines("f/Hz;Z'/ohm;Z''/ohm", "1;2"), StorageError, "fits the headings"),
        (lines("f/Hz;Z'/ohm;Z''/ohm", "0;2;3"), InputError, "no row has a frequency above 0"),
        (lines("t/s;E/V;I/A", "0;x;3", "1;y;3"), InputError, "column 'E/V': 'x' in line 2 is not"),
        (lines("t/s;E/V;I/A", "0;nan;3"), InputError, "no row of the table has all the numbers"),
    ],
)
def test_errors_say_what_is_missing(
    tmp_path: Path, text: str, error: type[SolithError], told: str
) -> None:
    path = put(tmp_path / "x.csv", text)
    with pytest.raises(error, match=r"x\.csv") as caught:
        table.read(path)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "exampleDataAutolab.txt",
        "exampleDataCHInstruments.txt",
        "exampleDataParstat.txt",
        "exampleDataPowersuite.txt",
    ],
)
def test_real_headings_lead_to_what_the_instrument_s_own_reader_finds(name: str) -> None:
    path = real_file(f"eis/{name}")
    own, found = read(path), table.read(path)
    assert [(record.kind, len(record)) for record in found] == [
        (record.kind, len(record)) for record in own
    ]
    for one, other in zip(own, found, strict=True):
        required = RECORD_KINDS[one.kind].required
        for variable in required:
            assert np.array_equal(one.array(variable), other.array(variable))


def test_lines_of_separators_only_are_no_rows(tmp_path: Path) -> None:
    (record,) = read(put(tmp_path / "x.csv", "t/s;E/V;I/A\n0;1;2\n1;2;3\n;;;\n;;\n"))
    assert len(record) == 2
    assert not any("left out" in note for note in record.provenance.notes)


@pytest.mark.parametrize(
    "name",
    ["xas/CaS_rt_001.xdi", "xps/specs_xy__MgFe2O4_small.xy", "xrd/xylib__BT86_.UXD"],
)
def test_other_text_is_not_claimed(name: str) -> None:
    path = real_file(name)
    assert not table.recognises(path.read_bytes()[:4096])


def test_what_belongs_to_others_is_left_to_them() -> None:
    assert not table.recognises(b"EC-Lab ASCII FILE\nfreq/Hz\tRe(Z)/Ohm\t-Im(Z)/Ohm\n1\t2\t3\n")
    assert not table.recognises(b"Record voltage and current against time\nfor 3 days 4 hours\n")
    assert not table.recognises(b"\0\1\2time,voltage\0,current\n1,2,3\n")


WORDS = (
    "f/Hz Z'/ohm -Z'' t/s E/V I/mA |Z| phase cycle T/K V kHz 12:00:00 0000-00-00T00:00 ( / # \" ''"
)
NUMBERS = "1 -2.5 1e999 -1e308 1e-320 nan inf 1_0 x , \0 \u0663 \u22121 \ufeff"
PIECES = st.sampled_from([*WORDS.split(" "), *NUMBERS.split(" "), "", "2024-01-01 00:00"])
ROWS = st.lists(st.lists(PIECES, min_size=1, max_size=6), min_size=1, max_size=12)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=ROWS, separator=st.sampled_from(",;\t "), head=st.sampled_from(["f,Z',Z''", "t,E,I", ""])
)
def test_nothing_but_records_and_errors(
    tmp_path: Path, rows: list[list[str]], separator: str, head: str
) -> None:
    text = "\n".join([head.replace(",", separator), *(separator.join(row) for row in rows)])
    path = put(tmp_path / "x", text)
    table.recognises(path.read_bytes())
    try:
        records = table.read(path)
    except SolithError:
        return
    for record in records:
        assert len(record)
        for name in SPECTRUM if record.kind == "impedance" else ("voltage_volt", "current_ampere"):
            assert np.all(np.isfinite(record.array(name)))


def swept(cycles: int, rows: int, rest: int, noise: float, seed: int = 0) -> np.ndarray:
    """Time, potential and current of a triangle wave with peaks, after a rest at open circuit."""
    scatter = np.random.default_rng(seed)
    half = np.linspace(2.5, 4.2, rows)
    wave = np.concatenate([half[rows // 3 :], *(cycles * [half[::-1], half])])
    potential = np.concatenate([np.full(rest, wave[0]), wave])
    way = np.sign(np.gradient(potential))
    peaks = np.exp(-(((potential - 3.5 - 0.1 * way) / 0.08) ** 2))
    current = way * (2e-5 + 1e-3 * peaks)
    potential = potential + noise * scatter.standard_normal(len(potential))
    current = current + 2e-6 * scatter.standard_normal(len(potential)) * (noise > 0)
    return np.column_stack([1.7e4 / rows * np.arange(len(potential)), potential, current])


def with_heading(heading: str, data: np.ndarray) -> str:
    """A table under headings of time, potential and current in any order, current in A or mA."""
    columns = []
    for name in heading.split(","):
        found = heading_of(name)
        places = {"test_time_second": 0, "voltage_volt": 1, "current_ampere": 2}
        column = data[:, places.get(found.name, 1)]
        columns.append(column / found.slope if found.slope < 1 else column)
    rows = (",".join(f"{x:.9g}" for x in row) for row in np.column_stack(columns))
    return lines(heading, *rows)


@pytest.mark.parametrize(
    "heading",
    [
        "time/s,Ewe/V,<I>/mA",
        "time/s,control/V,Ewe/V,<I>/mA",
        "Potential (V),Current (A),Time (s)",
        "Time (s),Potential (V vs Li),Current (mA)",
        "Time (s),WE(1).Potential (V),WE(1).Current (A)",
        "Potential applied (V),Time (s),WE(1).Current (A)",
        "Potential applied (V),Time (s),WE(1).Current (A),WE(1).Potential (V)",
    ],
)
@pytest.mark.parametrize(("rest", "noise"), [(0, 0.0), (150, 0.0), (150, 2e-3)])
def test_a_triangle_wave_of_potential_is_a_voltammogram(
    tmp_path: Path, heading: str, rest: int, noise: float
) -> None:
    text = with_heading(heading, swept(2, 400, rest, noise))
    (record,) = read(put(tmp_path / "x.csv", text))
    assert record.kind == "voltammogram"
    assert any("up and down at one constant rate" in note for note in record.provenance.notes)
    (record,) = read(put(tmp_path / "y.csv", "Steps: CC, CV\n" + text))
    assert record.kind == "voltammogram"


def test_sweeps_in_few_rows_in_steps_and_in_many_cycles() -> None:
    for data in (swept(1, 40, 0, 0.0), swept(30, 200, 20, 1e-3), swept(60, 5000, 100, 1e-3)):
        assert is_swept(*data.T)
    time, potential, current = swept(3, 800, 0, 0.0).T
    assert is_swept(time, np.round(potential / 0.01) * 0.01, current)
    assert is_swept(time, potential, potential / 1e4)
    upwards = slice(0, 500)
    assert not is_swept(time[upwards], potential[upwards], current[upwards])


def cycled(kind: str, halves: int, rows: int, noise: float, seed: int) -> np.ndarray:
    """Time, voltage and current at a controlled current; the voltage is linear in charge."""
    scatter = np.random.default_rng(seed)
    current = []
    for half in range(halves):
        way = 1.0 - 2.0 * (half % 2)
        one = np.full(rows, way)
        if kind == "pulses":
            one[np.arange(rows) % 20 >= 12] = 0.0
        if kind == "overshoot":
            one[: rows // 20] *= 1.5
        if kind == "hold":
            one = np.append(one, way * np.exp(-np.arange(rows // 2) / rows * 8))
        current.append(one)
    flow = 1e-3 * np.concatenate(current)
    charge = np.cumsum(flow) - flow[0]
    resistance = 20.0 if kind != "symmetric" else 100.0
    voltage = 3.0 + (charge / 1e-3 / rows if kind != "symmetric" else 0.0) + resistance * flow
    if kind == "hold":
        voltage = np.clip(voltage, 3.0, 3.9)
    if kind == "power":
        flow = 3e-3 * flow / 1e-3 / voltage
    flow = flow * (1 + noise * scatter.standard_normal(len(flow)))
    voltage = voltage + 0.1 * noise * scatter.standard_normal(len(flow))
    return np.column_stack([10.0 * np.arange(len(flow)), voltage, flow])


@given(
    kind=st.sampled_from(["constant", "pulses", "hold", "symmetric", "overshoot", "power"]),
    halves=st.integers(1, 12),
    rows=st.integers(10, 700),
    noise=st.sampled_from([0.0, 1e-4, 1e-3, 0.01, 0.05]),
    seed=st.integers(0, 99),
)
def test_controlled_currents_are_no_voltammograms(
    kind: str, halves: int, rows: int, noise: float, seed: int
) -> None:
    assert not is_swept(*cycled(kind, halves, rows, noise, seed).T)


@pytest.mark.parametrize(
    "name", ["batmo_bdf.csv", "maccor_001.txt", "neware_uio.csv", "sample.bdf.csv"]
)
def test_real_cycling_is_no_voltammogram(name: str) -> None:
    path = real_file(f"cycler/{name}")
    for record in read(path):
        assert record.kind == "cycling"
        assert not is_swept(*(record.array(n) for n in RECORD_KINDS["cycling"].required))


def test_a_clock_that_restarts_is_joined_and_told(tmp_path: Path) -> None:
    times = [0, 10, 20, 30, 40, 0, 10, 20, 30, 2, 12, 22]
    rows = [f"{t};{3 + 0.1 * n};1" for n, t in enumerate(times)]
    (record,) = read(put(tmp_path / "x.csv", lines("t/s;E/V;I/A", *rows)))
    assert record.array("test_time_second").tolist() == [10.0 * n for n in range(12)]
    (told,) = record.provenance.losses
    assert told.startswith("the clock restarts in line 7, 11: the times after it were joined")


@pytest.mark.parametrize(
    "times",
    [
        [0, 10, 20, 30, 25, 40, 50, 60],
        [0, 10, 20, 1, 30, 40, 50, 60],
        [0, 10, 20, 900, 30, 40, 50, 60],
        [0, 10, 20, 30, 40, 50, 60, 0],
        [0, 10, 20, 30, 40, 50, 60, 40, 50, 60, 70],
        [*range(5)] * 12,
    ],
)
def test_rows_in_disorder_are_left_as_they_are(tmp_path: Path, times: list[int]) -> None:
    rows = [f"{t};3;1" for t in times]
    (record,) = read(put(tmp_path / "x.csv", lines("t/s;E/V;I/A", *rows)))
    assert record.array("test_time_second").tolist() == times
    assert record.provenance.losses == ()


def test_a_current_density_is_refused_without_an_area(tmp_path: Path) -> None:
    path = put(tmp_path / "x.csv", lines("Time (s),E (V),Current Density (mA/cm2)", "0,3,1"))
    with pytest.raises(InputError, match=r"no column for current_ampere \(headed 'Current/A'\)"):
        read(path)
    told = r"'Current Density \(mA/cm2\)' is per area: give the geometric area of the cell \(--area"
    with pytest.raises(InputError, match=told):
        read(path)
    path = put(tmp_path / "x.csv", lines("Time (s),E (V),Current Density", "0,3,1"))
    with pytest.raises(InputError, match=r"name the unit of the current density .* in its heading"):
        read(path, area="1 cm2")


@pytest.mark.parametrize(
    ("area", "told"),
    [("0.5", "area: '0.5' has no unit"), ("5 g", "area: '5 g' has"), (-1.0, "area: -1.0 must be")],
)
def test_what_is_no_area(tmp_path: Path, area: object, told: str) -> None:
    path = put(tmp_path / "x.csv", lines("Time (s),E (V),I (A)", "0,3,1"))
    with pytest.raises(InputError, match=told):
        read(path, area=area)


@given(st.floats(1e-3, 1e3), st.sampled_from([("mA/cm2", 10.0), ("A/m^2", 1.0), ("µA cm-2", 1e-2)]))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_current_density_times_the_area(
    tmp_path: Path, square_cm: float, unit: tuple[str, float]
) -> None:
    rows = [f"{n},{3 + 0.1 * n},{density}" for n, density in enumerate([1.0, -2.0, 0.5])]
    path = put(tmp_path / "x.csv", lines(f"t (s),E (V),j ({unit[0]})", *rows))
    (record,) = read(path, area=f"{square_cm!r} cm2")
    scale = unit[1] * square_cm * 1e-4
    assert record.array("current_ampere") == pytest.approx([scale, -2 * scale, 0.5 * scale])
    assert record.data["current_ampere"].attrs["units"] == "A"
    assert record.data.attrs["geometric_area_m2"] == pytest.approx(square_cm * 1e-4)
    told = (
        f"current_ampere is 'j ({unit[0]})' times the given geometric area of {square_cm:.4g} cm2"
    )
    assert told in record.provenance.notes


def test_an_area_changes_nothing_where_the_current_is_there(tmp_path: Path) -> None:
    text = lines("t (s),E (V),I (mA),j (mA/cm2)", "0,3,1,5", "1,3.1,-1,-5")
    (record,) = read(put(tmp_path / "x.csv", text), area=1e-4)
    assert record.array("current_ampere").tolist() == [0.001, -0.001]
    assert record.array("current_density_ampere_per_m2").tolist() == [50, -50]
    assert "geometric_area_m2" not in record.data.attrs


def test_a_table_of_voltage_and_current_density_is_a_curve(tmp_path: Path) -> None:
    rows = [f"{0.1 * n},{n}" for n in range(6)]
    path = put(tmp_path / "x.csv", lines("V (V);j (A/m2)", *rows).replace(",", ";"))
    (record,) = read(path, area="2 m2")
    assert record.kind == "current-voltage"
    assert record.array("current_ampere").tolist() == [2.0 * n for n in range(6)]


def test_a_cycler_s_clock_that_restarts_is_joined_too(tmp_path: Path) -> None:
    heading = "Data_Point,Test_Time(s),Step_Index,Cycle_Index,Current(A),Voltage(V)"
    times = [0, 5, 10, 15, 0, 5, 10]
    rows = [f"{n + 1},{t},1,1,0.1,3.{n}" for n, t in enumerate(times)]
    (record,) = read(put(tmp_path / "x.csv", lines(heading, *rows)))
    assert record.provenance.instrument == "Arbin"
    assert record.array("test_time_second").tolist() == [5.0 * n for n in range(7)]
    assert record.provenance.losses[0].startswith("the clock restarts in row 5: ")
