"""``solith press`` and the series behind it: numbers, folder, report, and what is refused."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from solith.app._press_mixture import read_mixture
from solith.app.cli import app
from solith.compaction import Mixture, parse_mixture
from solith.core.errors import InputError, InterruptedRunError
from solith.core.volume import Volume
from solith.study import pressure_series
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
    assert "fraction_carbon" not in point.result
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


def _press(*options: str) -> Any:
    few = ["--particles", "60", "--voxel", "1 um"]
    return CliRunner().invoke(app, ["press", *options, *few])


def test_a_finished_result_is_replaced_by_force_alone(tmp_path: Path) -> None:
    out = str(tmp_path / "here")
    layer = ["--mix", "LGPS=1", "--out", out, "--pressure"]
    assert _press(*layer, "12, 25 MPa").exit_code == 0
    again = _press(*layer, "50 MPa")
    assert isinstance(again.exception, InputError)
    assert "holds an earlier result; give another one with --out, or --force" in str(
        again.exception
    )
    assert (tmp_path / "here" / "pressed-25MPa.tif").exists()
    assert _press(*layer, "50 MPa", "--force").exit_code == 0
    assert sorted(path.name for path in (tmp_path / "here").glob("*.tif")) == ["pressed-50MPa.tif"]


def test_finished_pressures_are_kept_when_it_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = pressure_series.measure_each_pressure

    def cut_off(*given: Any, **options: Any) -> Iterator[PressedPoint]:
        yield next(whole(*given, **options))
        raise KeyboardInterrupt

    monkeypatch.setattr(pressure_series, "measure_each_pressure", cut_off)
    out = tmp_path / "here"
    done = _press("--mix", "LGPS=1", "--pressure", "12, 50 MPa", "--out", str(out))
    assert isinstance(done.exception, InterruptedRunError)
    assert f"interrupted; what was finished (12 MPa) is in {out}" in str(done.exception)
    assert {row["sample"] for row in json.loads((out / "values.json").read_text())} == {"12"}
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "was interrupted. Of 12 MPa, 50 MPa there is 12 MPa" in page


def test_finished_pressures_are_kept_when_a_later_one_cannot_be_reached(tmp_path: Path) -> None:
    out = tmp_path / "here"
    done = _press("--mix", "LGPS=1", "--pressure", "50, 500 MPa", "--out", str(out))
    assert isinstance(done.exception, InputError)
    assert "the mixture is dense below it (at 50 MPa" in str(done.exception)
    assert (out / "pressed-50MPa.tif").exists()


OWN = """
basis = "volume"
shares = [1, 2]

[[powders]]
name = "NCA"
phase = "active"
diameter = "6 um"
density = "4.8 g/cm3"
modulus = "140 GPa"
about = "sizes by the maker"

[[powders]]
name = "mine"
diameter = "3 um"
density = "1.9 g/cm3"
modulus = "22 GPa"
yield_stress = "100 MPa"
"""


def test_powders_come_from_a_file_and_packings_are_averaged(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN, encoding="utf-8")
    out = tmp_path / "here"
    options = ["--pressure", "100 MPa", "--conductivity", "2 mS/cm", "--seeds", "3"]
    done = _press(str(file), *options, "--isostatic", "--out", str(out))
    assert done.exit_code == 0, done.output
    rows = {row["quantity"]: row for row in json.loads((out / "values.json").read_text())}
    ratio = rows["fraction_electrolyte"]["value"] / rows["fraction_active"]["value"]
    assert ratio == pytest.approx(2.0, rel=5e-3)
    each = [
        measure_pressure_series(
            Mixture.from_mapping(tomllib.loads(OWN)), ["100 MPa"], particles=60, seed=seed,
            voxel_size="1 um", electrolyte_conductivity="2 mS/cm", mode="isostatic",
        )[0].result["porosity"].value
        for seed in range(3)
    ]  # fmt: skip
    assert rows["porosity"]["value"] == pytest.approx(np.mean(each), rel=1e-9)
    assert rows["porosity"]["uncertainty"] == pytest.approx(np.std(each, ddof=1), rel=1e-6)
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "sizes by the maker" in page
    assert "Means and standard deviations of 3 packings" in page
    assert "--isostatic" in page


def test_a_name_of_the_file_goes_before_one_that_solith_knows(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN.replace('"mine"', '"LGPS"'), encoding="utf-8")
    mixed = read_mixture(file, "nca:lgps:c=1:1:0.1", None)
    assert [powder.diameter for powder in mixed.powders] == [6e-6, 3e-6, 3.5e-6]
    assert mixed.basis == "volume"
    assert read_mixture(file, "nca:lgps=1:1", "mass").basis == "mass"


@pytest.mark.parametrize(
    ("text", "mix", "message"),
    [
        (OWN.replace("shares = [1, 2]", ""), None, "own.toml: has no shares; write shares ="),
        (OWN.replace('"6 um"', '"6 MPa"'), None, "own.toml: powders.1.diameter: "),
        (OWN.replace('"6 um"', '"6 MPa"'), "NCA:LGPS=1:1", "own.toml: powders.1.diameter: "),
        (OWN + "color = 1", None, "own.toml: powders.2: unknown field 'color'"),
        ("powder = 1", None, "own.toml: unknown field 'powder'; did you mean 'powders'?"),
        ("powders = 1", "NCA=1", "own.toml: powders: is not a list of tables"),
        (OWN, None, "--conductivity: the materials table has no conductivity of mine; give that"),
    ],
)
def test_messages_on_files(tmp_path: Path, text: str, mix: str | None, message: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    done = _press(str(file), *(["--mix", mix] if mix else []), "--pressure", "50 MPa", "--json")
    assert isinstance(done.exception, InputError)
    assert message in str(done.exception)


def test_grains_conduct_as_the_materials_table_has_it() -> None:
    value, source = pressure_series.find_grain_conductivity(parse_mixture("NMC:LGPS=1:1"))
    assert value == pytest.approx(1.2)
    assert "10.1038/nmat3066" in source


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
