"""The public tables of conductors that a user may have."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solith.core.errors import InputError, StorageError
from solith.materials import find_measurements, read_conductors

OBELIX = (
    "ID,Reduced Composition,Z,True Composition,Ionic conductivity (S cm-1),IC (Total),IC (Bulk),"
    "Space group,DOI\n"
    "aaa,Li7X3Y2O12,8,Li56,1.5e-4,1.5e-4,6e-4,Ia-3d,10.1016/j.ssi.2012.03.045\n"
    "bbb,Li3XS4,2,Li6,2e-3,,,Pnma,10.1021/jacs.7b06327|10.1039/c3ee41655k\n"
    "ccc,Li2X,2,Li4,,,,Pnma,\n"
)
LIVERPOOL = (
    '"Terms of use, with a comma"\n\n'
    "ID,composition,source,temperature,target,log_target,family,ChemicalFamily\n"
    "1,Li7X3Y2O12,10.1016/j.jssc.2009.05.020,24.85,1.63E-06,-5.79,Garnet,Oxides\n"
    '2,"""(Li2S)0.5 (XS2)0.5""",10.1007/s11581-006-0054-y,-30,2.26E-07,-6.6,Glass,Sulphides\n'
    "3,Li9X,10.1007/s11581-006-0054-y,25,,,Glass,Sulphides\n"
)
LASKOWSKI = (
    "Unnamed: 0,Structure,\u03c3(RT)(S cm-1),Ea (eV),space group,ICSD Entry,DOI\n"
    "0,LiXS2,1.2E\u22124,0.17,12.0,,\n"
    "1,Li4X2O7,<1E-10,1.617,2.0,,10.1016/j.jssc.2013.12.015\n"
)


@pytest.fixture
def written(tmp_path: Path):  # type: ignore[no-untyped-def]
    def write(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "table.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def test_obelix_tells_bulk_and_total_apart(written) -> None:  # type: ignore[no-untyped-def]
    bulk, total, whole = read_conductors(written(OBELIX))
    assert [row.conditions.part for row in (bulk, total, whole)] == ["bulk", "total", ""]
    assert bulk.value == pytest.approx(0.06)
    assert total.value == pytest.approx(0.015)
    assert (bulk.printed, bulk.material, bulk.year) == ("6e-4 S/cm", "Li7X3Y2O12", 2012)
    assert bulk.conditions.temperature == 298.15
    assert bulk.seen_in == "OBELiX table, table.csv, line 2; not the paper itself"
    assert whole.source == "10.1021/jacs.7b06327; 10.1039/c3ee41655k"
    assert (whole.doi, whole.certainty) == ("10.1021/jacs.7b06327", "read")


def test_liverpool_has_terms_temperatures_and_families(written) -> None:  # type: ignore[no-untyped-def]
    garnet, glass = read_conductors(written(LIVERPOOL, "utf-8-sig"))
    assert garnet.conditions.temperature == pytest.approx(298.0)
    assert glass.conditions.temperature == pytest.approx(243.15)
    assert glass.conditions.temperature_printed == "-30 degC"
    assert (garnet.family, glass.family) == ("garnet", "glass")
    assert glass.material == "(Li2S)0.5 (XS2)0.5"
    assert glass.seen_in == "Liverpool table, table.csv, line 5; not the paper itself"


def test_laskowski_has_energies_and_bounds(written) -> None:  # type: ignore[no-untyped-def]
    first, energy, bound, _ = read_conductors(written(LASKOWSKI))
    assert first.value == pytest.approx(0.012)
    assert first.source == "Laskowski table, which names no paper here"
    assert energy.quantity == "activation_energy"
    assert energy.printed == "0.17 eV"
    assert (bound.bound, bound.counts, bound.printed) == ("upper", False, "<1E-10 S/cm")
    assert bound.value == pytest.approx(1e-8)


def test_rows_join_the_search(written) -> None:  # type: ignore[no-untyped-def]
    rows = read_conductors(written(OBELIX))
    found = find_measurements(
        "ionic_conductivity", "garnet", also=read_conductors(written(LIVERPOOL))
    )
    assert found[-1].material == "Li7X3Y2O12"
    assert find_measurements("ionic_conductivity", "li3xs4", also=rows).rows == (rows[-1],)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "has not the headings of a table of conductors that solith knows (OBELiX: "),
        ("", "has not the headings of a table of conductors that solith knows (OBELiX: "),
        (OBELIX.split("aaa")[0], "has the headings of a table of conductors but no row"),
        (OBELIX.replace("2e-3", "fast"), "line 3: 'fast' is no number; expected the ionic_cond"),
        (LIVERPOOL.replace("24.85", "warm"), "line 4: 'warm' is no number; expected the temper"),
        (OBELIX.replace("2e-3", "nan"), "line 3: 'nan' is not finite; expected the ionic_cond"),
    ],
)
def test_other_files_are_refused(written, text: str, message: str) -> None:  # type: ignore[no-untyped-def]
    path = written(text)
    with pytest.raises(InputError) as error:
        read_conductors(path)
    assert str(error.value).startswith(f"{path}: {message}")


def test_workbooks_and_missing_files_are_refused(tmp_path: Path) -> None:
    workbook = tmp_path / "all.xlsx"
    workbook.write_bytes(b"PK\x03\x04rest")
    with pytest.raises(InputError, match="is a workbook or an archive; save its sheet as CSV"):
        read_conductors(workbook)
    with pytest.raises(StorageError, match=r"none\.csv: cannot be read \(No such file"):
        read_conductors(tmp_path / "none.csv")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_give_rows_or_one_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(OBELIX.encode() + content)
    try:
        rows = read_conductors(path)
    except InputError as error:
        refused = str(error)
    else:
        refused = str(path)
        assert len(rows) >= 3
    assert refused.startswith(str(path))


def test_a_field_without_end_is_refused(written) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=r"line 5 is no CSV \(field larger than field limit"):
        read_conductors(written(OBELIX + "x" * 140_000))
    with pytest.raises(InputError, match="has not the headings"):
        read_conductors(written("x" * 140_000))
