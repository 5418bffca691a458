"""``solith press`` and the series behind it: numbers, folder, report, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from solith.app.cli import app
from solith.core.errors import InputError
from solith.core.volume import Volume
from solith.figures import plot_pressure_series
from solith.study.pressure_series import PressedPoint, measure_pressure_series
from solith.volumes import read_volume

MIX = "NMC:LGPS:C=1:1:0.1"


@pytest.fixture(scope="module")
def points() -> list[PressedPoint]:
    return measure_pressure_series(MIX, ["12 MPa", "100 MPa"], particles=200, voxel_size="1 um")


def test_pressing_closes_voids_and_makes_contact(points: list[PressedPoint]) -> None:
    loose, dense = (point.result for point in points)
    for name, rises in (
        ("porosity", False),
        ("contact_fraction", True),
        ("effective_conductivity", True),
        ("tortuosity_flux", False),
        ("fraction_active", True),
    ):
        before, after = loose[name].value, dense[name].value
        assert before is not None
        assert after is not None
        assert (after > before) == rises, name
    shares = [
        dense[f"fraction_{phase}"].value or 0.0 for phase in ("active", "electrolyte", "carbon")
    ]
    porosity = dense["porosity"].value
    assert porosity is not None
    assert sum(shares) + porosity == pytest.approx(1.0, abs=5e-3)


def test_the_same_seed_gives_the_same_series(points: list[PressedPoint]) -> None:
    again = measure_pressure_series(MIX, ["12 MPa", "100 MPa"], particles=200, voxel_size="1 um")
    assert [point.result for point in again] == [point.result for point in points]


def test_an_electrolyte_alone_has_no_contact_with_active_material() -> None:
    (point,) = measure_pressure_series("LGPS=1", ["50 MPa"], particles=60, voxel_size="1 um")
    assert "contact_fraction" not in point.result
    assert point.result["fraction_electrolyte"].value > 0.6  # type: ignore[operator]


def test_the_command_writes_a_folder_with_report_and_voxels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = ["--pressure", "12, 100 MPa", "--particles", "200", "--voxel", "1 um"]
    done = CliRunner().invoke(app, ["press", "--mix", MIX, *options, "--out", "here"])
    assert done.exit_code == 0, done.output
    page = (tmp_path / "here" / "report.html").read_text(encoding="utf-8")
    assert "Report on a pressed mixture" in page
    assert "<script src" not in page
    rows = json.loads((tmp_path / "here" / "values.json").read_text(encoding="utf-8"))
    assert {row["sample"] for row in rows} == {"12", "100"}
    volume = read_volume(tmp_path / "here" / "pressed-100MPa.tif")
    assert isinstance(volume, Volume)
    assert sorted(volume.phases) == ["active", "carbon", "electrolyte", "void"]
    again = CliRunner().invoke(app, ["press", "--mix", MIX, *options, "--json"])
    assert json.loads(again.stdout) == rows


def test_a_pressure_that_comes_twice_keeps_both_states(tmp_path: Path) -> None:
    options = ["--pressure", "12MPa, 100MPa, 12 MPa", "--particles", "60", "--voxel", "1 um"]
    out = tmp_path / "here"
    done = CliRunner().invoke(app, ["press", "--mix", "LGPS=1", *options, "--out", str(out)])
    assert done.exit_code == 0, done.output
    rows = json.loads((out / "values.json").read_text(encoding="utf-8"))
    porosity = {row["sample"]: row["value"] for row in rows if row["quantity"] == "porosity"}
    assert list(porosity) == ["12", "100", "12-2"]
    assert porosity["12"] > porosity["12-2"] + 0.1
    sizes = [read_volume(out / f"pressed-{name}MPa.tif").shape for name in ("12", "12-2")]
    assert sizes[0] != sizes[1]


def test_what_is_refused_is_refused_before_pressing() -> None:
    for given, told in (
        ({"voxel_size": "10 um"}, "at most the radius of LGPS"),
        ({"voxel_size": "-1 um"}, "voxel_size: '-1 um' must be above 0"),
        ({"electrolyte_conductivity": "0 S/m"}, "electrolyte_conductivity: '0 S/m' must be above"),
    ):
        with pytest.raises(InputError, match=told):
            measure_pressure_series("LGPS=1", ["50 MPa"], particles=400_000, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mix", "pressure", "message"),
    [
        (MIX, "6, 12", "are no pressures with a unit, as in '6, 12, 25 MPa'"),
        (MIX, "6,, 12 MPa", "are no pressures with a unit"),
        (MIX, "0 MPa", "is not above 0"),
        (MIX, "-6 MPa", "is not above 0"),
        ("NMC:XX=1:1", "6 MPa", "unknown powder 'XX'"),
        ("NMC:LGPS=0:0", "6 MPa", "must be above 0; leave out what is not in the mixture"),
        ("", "6 MPa", "is not a mixture; write names and shares"),
    ],
)
def test_messages(mix: str, pressure: str, message: str) -> None:
    done = CliRunner().invoke(app, ["press", "--mix", mix, "--pressure", pressure, "--json"])
    assert isinstance(done.exception, InputError)
    assert message in str(done.exception)


def test_curves_need_as_many_values_as_pressures() -> None:
    with pytest.raises(InputError, match="2 pressures need curves of as many values"):
        plot_pressure_series([1e6, 2e6], {"a": [1.0]}, "x")
