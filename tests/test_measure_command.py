"""``solith measure`` and the chain behind it: rows, composite, report, and what is refused."""

from __future__ import annotations

import io
import json
import sys
import tomllib
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from solith.app.cli import main
from solith.core.composite import Composite
from solith.core.errors import InputError
from solith.core.volume import GreyVolume, Volume
from solith.study import Study, run_study
from solith.study._structure_input import name_phases, split_phases
from solith.study._structure_roles import find_roles
from solith.study.structure_chain import measure_structure

PHASES = "void, electrolyte, active"
SIDE = 40


def bodies(side: int = SIDE) -> np.ndarray:
    """Two active balls in electrolyte, a void ball between them that one touches."""
    x, y, z = np.mgrid[:side, :side, :side] + 0.5
    labels = np.ones((side,) * 3, np.uint8)
    labels[(x - 20) ** 2 + (y - 20) ** 2 + (z - 24) ** 2 < 7**2] = 0
    labels[(x - 12) ** 2 + (y - 12) ** 2 + (z - 12) ** 2 < 9**2] = 2
    labels[(x - 28) ** 2 + (y - 28) ** 2 + (z - 28) ** 2 < 9**2] = 2
    return labels


def photograph(labels: np.ndarray) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    grey = gaussian_filter(np.array([60.0, 120.0, 200.0])[labels], 0.8, mode="nearest")
    noisy = grey + np.random.default_rng(0).normal(0, 10, grey.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def solith(*arguments: Any) -> SimpleNamespace:
    """The command line, in this process."""
    out, errors, code = io.StringIO(), io.StringIO(), 0
    given, sys.argv = sys.argv, ["solith", *map(str, arguments)]
    try:
        with redirect_stdout(out), redirect_stderr(errors):
            main()
    except SystemExit as end:
        code = end.code or 0
    finally:
        sys.argv = given
    return SimpleNamespace(returncode=code, stdout=out.getvalue(), stderr=errors.getvalue())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the volume as labels and as grey values."""
    place = tmp_path_factory.mktemp("volumes")
    np.save(place / "labels.npy", bodies())
    np.save(place / "grey.npy", photograph(bodies()))
    return place


@pytest.fixture(scope="module")
def measured():
    volume = Volume(bodies(), ["void", "electrolyte", "active"], "0.5 um")
    return measure_structure(volume, conductivities={"electrolyte": "2 mS/cm", "active": 1.0})


@pytest.fixture(scope="module")
def ionic():
    """Without the conductivity of the active balls, which do not span."""
    volume = Volume(bodies(), ["void", "electrolyte", "active"], "0.5 um")
    return measure_structure(volume, conductivities={"electrolyte": "2 mS/cm"})


def test_values_are_those_of_the_measures(measured) -> None:
    labels = bodies()
    with pytest.raises(InputError, match="contact_fraction of active is that with another phase"):
        measured.value("contact_fraction", "active")
    assert measured.value("fraction", "active").value == pytest.approx(np.mean(labels == 2))
    assert measured.value("connected_fraction", "electrolyte").value > 0.999
    assert measured.value("connected_fraction", "active").value == 0
    flux = measured.value("tortuosity_flux", "electrolyte").value
    effective = measured.value("effective_conductivity", "electrolyte").value
    assert effective == pytest.approx(0.2 * np.mean(labels == 1) / flux)
    touching = measured.value("contact_fraction", "active", "electrolyte").value
    bare = measured.value("contact_fraction", "active", "void").value
    assert touching + bare == pytest.approx(1.0, abs=0.01)
    assert measured.value("tortuosity_geodesic_minimum", "electrolyte").value >= 1


def test_what_does_not_span_has_zero_and_a_flag(measured) -> None:
    value = measured.value("effective_conductivity", "active")
    assert value.value == 0
    assert value.flags == ("what conducts does not span the volume along z",)
    assert measured.value("tortuosity_flux", "active").value is None


def test_a_composite_follows_with_its_sources(ionic) -> None:
    composite = ionic.composite
    assert composite.active_fraction == ionic.value("fraction", "active").value
    assert composite.particle_radius == pytest.approx(9 * 0.5e-6, rel=0.03)
    assert composite.ionic_conductivity == pytest.approx(
        ionic.value("effective_conductivity", "electrolyte").value
    )
    assert composite.electronic_conductivity is None
    assert composite.accessible_fraction == 1.0
    # All particles are accessible, so that it is the same as over the whole surface.
    whole = ionic.value("contact_fraction", "active", "electrolyte").value
    assert composite.contact_fraction == pytest.approx(whole)


def test_there_is_no_composite_where_electrons_do_not_pass(measured) -> None:
    assert measured.composite is None
    assert measured.no_composite.startswith("electronic_conductivity is 0")


def test_a_composite_goes_into_a_cell_in_one_call(ionic) -> None:
    from solith.study import load_study

    samples = load_study("first-cell").samples.values()
    cell = next(sample.cell for sample in samples if sample.cell is not None)
    changed = cell.with_composite(ionic.composite.replace(electronic_conductivity=1.0))
    assert changed.cathode.composite.contact_fraction == ionic.composite.contact_fraction


def test_without_conductivities_one_siemens_is_told() -> None:
    found = measure_structure(Volume(bodies(), ["void", "se", "ncm622"]), particles=False)
    value = found.value("effective_conductivity", "se")
    assert value.flags == ("no conductivity was given: for 1 S/m",)
    assert found.composite.ionic_conductivity is None
    assert found.composite.particle_radius == pytest.approx(9, rel=0.06)  # 3 x fraction / surface


def test_phases_without_roles_stand_each_for_itself() -> None:
    layers = np.zeros((8, 8, 8), np.uint8)
    layers[4:] = 1
    found = measure_structure(Volume(layers), axis="z")
    for phase in ("0", "1"):
        assert found.value("tortuosity_flux", phase).value == pytest.approx(1.0)
    assert found.composite is None
    assert found.no_composite == "no active and no electrolyte phase is known, which it needs"


def test_a_volume_of_one_phase_is_measured() -> None:
    found = measure_structure(Volume(np.ones((6, 6, 6), np.uint8), {"electrolyte": 1}))
    assert found.value("tortuosity_flux", "electrolyte").value == pytest.approx(1.0)
    assert found.value("fraction", "electrolyte").value == 1
    assert found.composite is None


@pytest.mark.parametrize(
    ("phases", "told", "message"),
    [
        (["a", "b"], {"cathode": "a"}, "unknown role 'cathode'"),
        (["a", "b"], {"active": "c"}, "unknown phase 'c'"),
        (["a", "b"], {"active": "a", "void": "a"}, "'a' has two roles"),
        (["ncm", "lco"], {}, "ncm and lco are both active by their names"),
    ],
)
def test_roles_that_do_not_fit(phases, told, message) -> None:
    with pytest.raises(InputError, match=message):
        find_roles(phases, told)


def test_roles_by_name_and_told() -> None:
    names = ["Pores", "Li6PS5Cl (SE)", "NCM-622", "VGCF"]
    found = find_roles(names)
    assert list(found.values()) == ["NCM-622", "Li6PS5Cl (SE)", "Pores", "VGCF"]
    assert find_roles(["bright", "void"], {"active": "bright"}) == {
        "active": "bright",
        "void": "void",
    }


def test_phases_as_text() -> None:
    assert split_phases(" void, active ") == ["void", "active"]
    assert split_phases("void=0, active = 2") == {"void": 0, "active": 2}
    for text, message in (
        ("a,,b", "empty name"),
        ("a=1, b", "is not NAME=LABEL"),
        ("a=1, a=2", "'a' is named twice"),
    ):
        with pytest.raises(InputError, match=message):
            split_phases(text)


def test_labels_and_grey_values_are_told_apart() -> None:
    labels = GreyVolume(np.array([[[0, 127, 255]]], np.uint8))
    volume, grey = name_phases(labels, ["void", "se", "am"])
    assert grey is None
    assert volume.phases == {"void": 0, "se": 127, "am": 255}
    volume, _ = name_phases(labels, {"void": 0, "se": 127, "am": 255})
    assert volume.label_of("am") == 255
    shades = GreyVolume(np.arange(64, dtype=np.uint8).reshape(4, 4, 4))
    assert name_phases(shades, ["void", "solid"])[1] == ["void", "solid"]
    with pytest.raises(InputError, match="the volume is grey: name its phases, dark to bright"):
        name_phases(shades, None)
    with pytest.raises(InputError, match="4 names do not fit the 3 labels 0, 127, 255"):
        name_phases(labels, ["a", "b", "c", "d"])
    counted = GreyVolume(np.array([[[0, 1, 2]]], np.uint8))
    with pytest.raises(InputError, match="2 names do not fit the 3 labels 0, 1, 2; name all"):
        name_phases(counted, ["void", "active"])
    with pytest.raises(InputError, match="two of the phases a, a, b are alike"):
        name_phases(labels, ["a", "a", "b"])
    flat = GreyVolume(np.full((4, 4, 4), 7, np.uint8))
    with pytest.raises(InputError, match="every voxel has the value 7: there is nothing to tell"):
        name_phases(flat, ["a", "b"])
    with pytest.raises(InputError, match=r"conductivities\.se: '1 mS' has the unit 'mS'"):
        measure_structure(volume, conductivities={"se": "1 mS"})
    with pytest.raises(InputError, match="holds float32 grey values; give names only"):
        name_phases(GreyVolume(np.ones((2, 2, 2), np.float32)), {"a": 1})


def test_json_has_the_rows_alone(folder) -> None:
    given = ("--voxel", "0.5 um", "--phases", PHASES)
    done = solith("measure", folder / "labels.npy", *given, "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert {row["quantity"] for row in rows} >= {
        "fraction",
        "contact_fraction",
        "tortuosity_flux",
        "tortuosity_geodesic_mode",
        "tortuosity_geodesic_minimum",
        "effective_conductivity",
        "connected_fraction",
    }
    fraction = [row for row in rows if (row["phase"], row["quantity"]) == ("active", "fraction")]
    assert fraction[0]["value"] == pytest.approx(np.mean(bodies() == 2))
    assert set(fraction[0]) >= {"phase", "other", "unit", "uncertainty", "flags"}


def test_a_grey_volume_gives_a_folder_with_uncertainties(folder, tmp_path) -> None:
    out, labels = tmp_path / "out", tmp_path / "labels.nrrd"
    options = ("--voxel", "0.5 um", "--phases", PHASES, "--conductivity", "electrolyte=2 mS/cm")
    done = solith(
        "measure", folder / "grey.npy", *options, "--out", out, "--labels", labels, "--fields"
    )
    assert done.returncode == 0, done.stderr
    assert "The report is" in done.stdout
    names = {"report.html", "values.json", "values.csv", "composite.toml", "fields.vti"}
    assert {item.name for item in out.iterdir() if item.name[0] != "."} == names
    assert labels.is_file()
    whole = json.loads((out / "values.json").read_text())
    value = {(row["phase"], row["quantity"], row["other"]): row for row in whole["values"]}
    truth = np.mean(bodies() == 2)
    active = value["active", "fraction", ""]
    assert active["value"] == pytest.approx(truth, abs=0.01)
    assert 0 < active["uncertainty"] < 0.02
    assert value["electrolyte", "tortuosity_flux", ""]["uncertainty"] > 0
    assert whole["segmentation"]["threshold_void_electrolyte"] == pytest.approx(90, abs=6)
    written = tomllib.loads((out / "composite.toml").read_text())
    composite = Composite.from_mapping(written["samples"]["SAMPLE"]["cell"]["cathode"]["composite"])
    assert composite.active_fraction == pytest.approx(active["value"])
    page = (out / "report.html").read_text()
    for title in ("Phases in space", "Segmentation", "What active touches", "Paths through"):
        assert title in page
    assert len(page) < 12e6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.npy", "--voxel", "1 um"), "none.npy: there is no such file"),
        (("labels.npy",), "does not state the voxel size: give it, as in --voxel '0.5 um'"),
        (("labels.npy", "--voxel", "1 s"), "voxel: '1 s' has the unit 's'"),
        (("labels.npy", "--voxel", "1 um", "--axis", "w"), "axis 'w' is none of x, y, z"),
        (("grey.npy", "--voxel", "1 um"), "phases: the volume is grey"),
        (
            ("labels.npy", "--voxel", "1 um", "--conductivity", "se=1 S/m"),
            "conductivities: unknown phase 'se'",
        ),
        (("labels.npy", "--voxel", "1 um", "--conductivity", "se"), "'se' is not NAME=VALUE"),
        (("labels.npy", "--voxel", "1 um", "--role", "active=x"), "unknown phase 'x'"),
        (("grey.npy", "--thresholds", "dark"), "'dark' are no grey values"),
        (("labels.npy", "--fields", "--json"), "--fields needs a folder"),
        (("labels.npy", "--labels", "a.png"), "labels are written as .tif"),
    ],
)
def test_errors_are_one_line(folder, arguments, message) -> None:
    file, *options = arguments
    done = solith("measure", folder / file, *options, *([] if "--json" in options else ["--json"]))
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith("solith: error")]) == 1


def test_a_folder_that_holds_something_else_is_kept(folder, tmp_path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    done = solith(
        "measure", folder / "labels.npy", "--voxel", "1 um", "--phases", PHASES, "--out", tmp_path
    )
    assert done.returncode == 2
    assert "holds something else" in done.stderr
    assert (tmp_path / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize("out", [True, False])
def test_an_interruption_tells_what_was_written(folder, tmp_path, monkeypatch, out) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("solith.volumes.writing.write_volume", interrupted)
    monkeypatch.setattr("solith.volumes.write_volume", interrupted, raising=False)
    place, labels = tmp_path / "out", tmp_path / "labels.nrrd"
    options = ("--voxel", "0.5 um", "--phases", PHASES, "--labels", labels)
    done = solith(
        "measure", folder / "labels.npy", *options, *(("--out", place) if out else ("--json",))
    )
    assert done.returncode != 0
    assert place.exists() == out
    told = f"interrupted; {place} was written, {labels} was not"
    assert (told if out else "interrupted; nothing was written") in done.stderr


def test_a_study_measures_volumes_side_by_side_and_resumes(folder, tmp_path) -> None:
    np.save(folder / "small.npy", bodies()[:24, :24, :24])
    np.save(folder / "turned.npy", bodies()[:24, :24, :24].transpose(1, 0, 2)[::-1])
    tasks = [
        {
            "name": name,
            "do": "measure",
            "inputs": {"file": f"{name}.npy", "phases": PHASES, "voxel": "0.5 um"},
        }
        for name in ("small", "turned")
    ]
    study = Study.from_mapping({"name": "two volumes", "tasks": tasks}, folder=folder)
    done = run_study(study, tmp_path / "run")
    assert done.failures == {}
    first, second = (done.results[name] for name in ("small", "turned"))
    assert first["contact_fraction"].value == pytest.approx(second["contact_fraction"].value)
    assert first["fraction_void"].value == second["fraction_void"].value
    assert first["particle_radius"].unit == "m"
    heard: list[str] = []
    again = run_study(study, tmp_path / "run", reuse=True, progress=_hearing(heard))
    assert again.results["small"] == first
    assert not [message for message in heard if "started" in message]


def _hearing(heard: list[str]):
    from solith.core.progress import Progress

    return Progress(lambda fraction, message: heard.append(message))


def test_a_study_refuses_a_volume_that_is_not_there(tmp_path: Path) -> None:
    task = {"name": "a", "do": "measure", "inputs": {"file": "none.tif"}}
    with pytest.raises(InputError, match=r"there is no volume 'none.tif'"):
        Study.from_mapping({"name": "x", "tasks": [task]}, folder=tmp_path)
