"""Files of photoelectron spectra: VAMAS, SPECS' text, columns and CasaXPS' tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.reader_seeds import PHOTOELECTRONS, SPECS_XY, vamas
from tests.real_files import real_file

from solith.core.errors import StorageError
from solith.core.storage import read_record, write_record
from solith.readers import format_of, read


def written(tmp_path: Path, text: str, name: str = "file.txt") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("scan", ["REGULAR", "IRREGULAR"])
@pytest.mark.parametrize(("blocks", "listed"), [(1, 0), (3, 0), (3, -1)])
def test_vamas_blocks_are_read_whole(tmp_path, scan, blocks, listed):
    path = written(tmp_path, vamas(scan, blocks=blocks, listed=listed, rows=7))
    assert format_of(path) == "VAMAS (.vms, ISO 14976)"
    records = read(path)
    assert len(records) == blocks
    for number, record in enumerate(records):
        assert record.array("intensity").tolist() == [100 + 10 * row + number for row in range(7)]
        assert record.array("transmission").tolist() == [2.5] * 7
        assert record.array("kinetic_energy").tolist() == [1320.5 + 0.5 * row for row in range(7)]
        assert np.allclose(record.array("abscissa"), 1486.6 - record.array("kinetic_energy"))
        known = record.data.attrs
        assert known["technique"] == "xps"
        assert known["abscissa_quantity"] == "binding energy"
        assert known["counting_time_second"] == 2.0
        assert known["counts_per_intensity"] == 1.0
        assert known["work_function_ev"] == 4.3
        assert known["region"] == "S 2p"
        assert known["casa_regions"][0]["background"] == "Shirley"
        assert any("work function of 4.3 eV" in note for note in record.provenance.notes)


def test_a_vamas_record_is_stored_and_read_again(tmp_path):
    record = read(written(tmp_path, vamas("IRREGULAR")))[0]
    write_record(tmp_path / "kept.nc", record)
    again = read_record(tmp_path / "kept.nc")
    assert again.array("abscissa").tolist() == record.array("abscissa").tolist()
    assert again.data.attrs["casa_regions"] == record.data.attrs["casa_regions"]


def test_a_vamas_file_that_breaks_off_gives_whole_rows_and_a_note(tmp_path):
    text = vamas("IRREGULAR", rows=6)
    path = written(tmp_path, "\n".join(text.split("\n")[:-6]))
    record = read(path)[0]
    assert len(record) == 4
    assert any("the file breaks off: 4 values" in note for note in record.provenance.losses)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: "\n".join(text.split("\n")[:30]), "the file breaks off after line 30, where"),
        (lambda text: text.replace("REGULAR", "MAPPING"), "the scan mode REGULAR or IRREGULAR"),
        (lambda text: text.replace("\n110\n", "\nx11\n"), "expected an ordinate value, a number"),
        (lambda text: text.replace("Kinetic Energy", "Time"), "expected a kinetic or binding"),
        (lambda text: text.replace("Energy\neV", "Energy\nJ"), "in 'J'; expected eV"),
        (lambda text: text.replace("\n10\n0\n1", "\n9\n0\n1"), "a multiple of the 2 variables"),
        (lambda text: text.replace("\n1320.5\n", "\n1e30\n"), "is no energy of electrons"),
    ],
)
def test_a_damaged_vamas_file_is_told_plainly(tmp_path, change, told):
    path = written(tmp_path, change(vamas("REGULAR")))
    with pytest.raises(StorageError, match=r"file\.txt") as caught:
        read(path)
    assert told in str(caught.value)


def test_real_vamas_files_agree_with_the_text_of_the_same_scan():
    text = read(real_file("xps/specs_xy__MgFe2O4_small.xy"))
    survey = text[0]
    for name, scale in (("regular", 0.1), ("irregular", 1.0)):
        record = read(real_file(f"xps/vms_{name}__{name}.vms"))[0]
        assert len(record) == 1351
        assert np.allclose(record.array("abscissa"), survey.array("abscissa"), atol=1e-6)
        assert np.allclose(record.array("intensity"), survey.array("intensity") * scale, rtol=1e-5)
    assert [len(record) for record in text] == [1351, 56]
    assert text[1].data.attrs["counts_per_intensity"] == 0.3


def test_casaxps_comments_of_the_iron_file_are_kept():
    record = read(real_file("xps/vms_analysis__FeO_analyzed.vms"))[0]
    assert len(record) == 1121
    region = record.data.attrs["casa_regions"][0]
    assert region["background"] == "U 3 Tougaard"
    assert region["numbers"][6:10] == [335.44588, 551.0, 436.0, 3.0]
    components = record.data.attrs["casa_components"]
    assert [one["shape"] for one in components][:2] == ["LF(0.54,10,80,100,6)", "SGL(30)"]
    assert components[0]["area"] == 63507.374
    assert record.array("abscissa").max() == 750.0


def test_specs_text_has_a_record_for_each_scan(tmp_path):
    records = read(written(tmp_path, SPECS_XY, "scans.xy"))
    assert [record.name.split(": ", 1)[1] for record in records] == [
        "S2p, Cycle: 0, Curve: 0, Scan: 0",
        "S2p, Cycle: 0, Curve: 0, Scan: 1",
    ]
    assert records[1].array("intensity").tolist() == [101.0, 111.0, 106.0]
    assert records[0].data.attrs["counts_per_intensity"] == 0.1
    assert records[0].data.attrs["intensity_unit"] == "1/s"


def test_specs_text_of_kinetic_energy_is_turned(tmp_path):
    text = SPECS_XY.replace("Binding Energy", "Kinetic Energy").replace("\n170 ", "\n1316.61 ")
    record = read(written(tmp_path, text))[0]
    assert record.array("abscissa")[0] == pytest.approx(170.0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text.replace("169.9  110", "169.9  11o"), "line 26 is '169.9 11o'"),
        (lambda text: text.split("170")[0], "has no rows of energy and intensity"),
    ],
)
def test_a_damaged_specs_text_is_told_plainly(tmp_path, change, told):
    with pytest.raises(StorageError, match=r"file\.txt") as caught:
        read(written(tmp_path, change(SPECS_XY)))
    assert told in str(caught.value)


def test_columns_and_casaxps_tables_are_known_by_their_headings(tmp_path):
    plain = read(written(tmp_path, PHOTOELECTRONS[0]))[0]
    assert plain.array("abscissa").tolist() == [170.0, 169.9, 169.8]
    assert plain.data.attrs["counts_per_intensity"] == 1.0
    casa = read(written(tmp_path, PHOTOELECTRONS[1]))[0]
    assert casa.array("abscissa").tolist() == [170.0, 169.9]
    assert casa.array("intensity").tolist() == [100.0, 105.0]
    assert casa.array("background_cps").tolist() == [45.0, 46.0]
    assert casa.data.attrs["counts_per_intensity"] == 2.0


def test_columns_of_kinetic_energy_without_a_source_stay_kinetic(tmp_path):
    record = read(written(tmp_path, "Kinetic Energy (eV);CPS\n100,5;1,5\n101,5;2,5\n"))[0]
    assert record.data.attrs["abscissa_quantity"] == "kinetic energy"
    assert record.array("abscissa").tolist() == [100.5, 101.5]
    assert any("does not tell the source's energy" in note for note in record.provenance.notes)


def test_a_word_in_a_column_is_told_with_its_line(tmp_path):
    with pytest.raises(StorageError) as caught:
        read(written(tmp_path, "Binding Energy (eV),Counts,Remark\n170,100,1\n169.9,120,high\n"))
    assert "line 3 has 'high' in column 'Remark'; expected a number" in str(caught.value)
