"""Readers of diffraction patterns and of columns over angle or temperature."""

from __future__ import annotations

import numpy as np
import pytest
from tests.reader_seeds import ANGLES_AND_TEMPERATURES, UXD, UXD_COUNTS, XRDML, XRDML_LISTED
from tests.real_files import real_file

from solith.core.errors import InputError, StorageError
from solith.readers import read


def written(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_xrdml_by_its_ends(tmp_path):
    (record,) = read(written(tmp_path, "a.txt", XRDML))
    assert record.array("abscissa") == pytest.approx(np.linspace(30, 30.5, 6))
    assert record.array("intensity").tolist() == [8, 11, 6, 10, 10, 7]
    attributes = record.data.attrs
    assert attributes["technique"] == "xrd"
    assert attributes["wavelength_metre"] == pytest.approx(1.540598e-10)
    assert attributes["counting_time_second"] == 0.44
    assert attributes["sample"] == "A1"
    assert record.data["intensity"].attrs["units"] == "counts"


def test_xrdml_listed_attenuated_and_omega(tmp_path):
    first, second = read(written(tmp_path, "a.xrdml", XRDML_LISTED))
    assert first.array("abscissa").tolist() == [30, 30.1, 30.3]
    assert first.array("intensity").tolist() == [8, 110, 60]
    assert "attenuator" in first.provenance.notes[0]
    assert second.data.attrs["abscissa_quantity"] == "omega"
    assert second.data["intensity"].attrs["units"] == "1/s"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("</xrdMeasurements>", "", "breaks off or is damaged"),
        ("8 11 6 10 10 7", "8 x", "are not all numbers"),
        ("8 11 6 10 10 7", "", "are empty or not finite"),
        ("<startPosition>30.0</startPosition>", "", "does not tell the positions"),
        ("<sample", "<!DOCTYPE a><sample", "declares entities"),
        ("30.0<", "3000<", "degrees is none"),
    ],
)
def test_a_damaged_xrdml_is_told(tmp_path, old, new, told):
    assert old in XRDML
    with pytest.raises(StorageError, match=told):
        read(written(tmp_path, "a.xrdml", XRDML.replace(old, new)))


def test_uxd_pairs(tmp_path):
    (record,) = read(written(tmp_path, "a.uxd", UXD))
    assert record.array("abscissa").tolist() == [3.0, 3.02, 3.04]
    assert record.array("intensity").tolist() == [187, 183, 178]
    assert record.data.attrs["second_wavelength_metre"] == pytest.approx(1.54439e-10)


def test_uxd_counts_from_the_start(tmp_path):
    first, second = read(written(tmp_path, "a.uxd", UXD_COUNTS))
    assert first.array("abscissa") == pytest.approx([3.0, 3.02, 3.04, 3.06])
    assert first.array("intensity").tolist() == [187, 183, 178, 190]
    assert second.data.attrs["abscissa_quantity"] == "omega"
    assert second.array("abscissa") == pytest.approx([5.0, 5.02])


def test_uxd_without_data(tmp_path):
    with pytest.raises(StorageError, match="has no intensities below"):
        read(written(tmp_path, "a.uxd", UXD.split("_2THETACOUNTS")[0]))
    with pytest.raises(StorageError, match="no _START and _STEPSIZE"):
        read(written(tmp_path, "a.uxd", UXD_COUNTS.replace("_STEPSIZE=0.02\n", "")))


def test_columns_by_their_headings(tmp_path):
    pattern, plain, thermal, heat = (
        read(written(tmp_path, f"{n}.csv", text)) for n, text in enumerate(ANGLES_AND_TEMPERATURES)
    )
    assert pattern[0].data["intensity"].attrs["units"] == "counts"
    assert plain[0].array("abscissa").tolist() == [10.0, 10.1]
    assert [one.data.attrs["technique"] for one in thermal] == ["dsc", "tg"]
    assert thermal[1].array("intensity").tolist() == [100, 99.9]
    assert heat[0].data["abscissa"].attrs["units"] == "K"


def test_heating_and_cooling_are_records_of_their_own(tmp_path):
    up = np.arange(30.0, 100.0)
    rows = [f"{t:.1f},{t / 100:.3f}" for t in (*up, *up[::-1], *up)]
    text = "\n".join(["Temperature (degC),DSC (W/g)", *rows])
    records = read(written(tmp_path, "cycle.csv", text))
    assert [len(one.array("abscissa")) for one in records] == [70, 70, 70]
    assert np.all(np.diff(records[1].array("abscissa")) < 0)
    assert "run 2 of 3 of the temperature" in records[1].provenance.notes


def test_columns_that_are_no_numbers(tmp_path):
    text = ANGLES_AND_TEMPERATURES[0].replace("10.2,6", "10.2,seven")
    with pytest.raises(
        InputError, match="line 4: 'seven' below 'Intensity \\(counts\\)' is no number"
    ):
        read(written(tmp_path, "a.csv", text))
    with pytest.raises(InputError, match="no angle 2 theta"):
        read(written(tmp_path, "a.csv", ANGLES_AND_TEMPERATURES[0].replace("10.2", "1020")))


def test_real_patterns():
    (bruker,) = read(real_file("xrd/xylib__BT86_.UXD"))
    assert len(bruker) == 2374
    assert bruker.array("intensity")[:3].tolist() == [187, 183, 178]
    (panalytical,) = read(real_file("xrd/xylib__empyrean.xrdml"))
    assert len(panalytical) == 196
    assert panalytical.array("abscissa")[[0, -1]].tolist() == [30.05, 41.75]
