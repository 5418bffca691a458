"""``solith analyse`` on spectra, maps and images: what is asked, what comes of it, mistakes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.real_files import real_file

from solith.analysis import SPECTRUM_TECHNIQUES, analyse_map, take_as
from solith.app._analyse_asked import OfSpectra, check_along, check_maps, check_spectra
from solith.app._analyse_literature import literature_panels_of
from solith.app._analyse_spectra import is_of_region, map_outcomes
from solith.app.analyse import analyse_files
from solith.app.cli import main
from solith.core.errors import InputError
from solith.core.record import Record
from solith.core.storage import write_record
from solith.readers import read

Command = Callable[..., tuple[int, str, str]]

ENERGY = np.concatenate([np.arange(2450, 2466), np.arange(2466, 2490, 0.2), np.arange(2490, 2541)])


def species(edge: float, height: float) -> Any:
    step = 0.5 * (1 + np.tanh((ENERGY - edge) / 0.8))
    return step + height * np.exp(-0.5 * ((ENERGY - edge - 1.1) / 0.6) ** 2)


SULFIDE, SULFATE = species(2470.3, 0.8), species(2480.8, 2.5)


def absorption(path: Path, values: Any, seed: int) -> None:
    noise = np.random.default_rng(seed).normal(size=ENERGY.size)
    rows = np.column_stack([ENERGY, 3 * values + 0.2 + 0.015 * noise])
    np.savetxt(path, rows, header="energy mu")


def photoelectrons(path: Path, sulfate: float, seed: int) -> None:
    """Counts of S 2p, with all energies 0.8 eV too high."""
    energy = np.arange(156.0, 174.0, 0.05)
    counts = np.full(len(energy), 400.0)
    for position, area in ((161.6, 6000.0), (168.9, sulfate)):
        for line, share in ((position, 2 / 3), (position + 1.18, 1 / 3)):
            distance = (energy - 0.8 - line) / 1.1
            counts += share * area * np.exp(-4 * np.log(2) * distance**2) / 1.171
    rows = np.column_stack([energy, np.random.default_rng(seed).poisson(counts)])
    np.savetxt(path, rows, delimiter=",", header="Binding Energy (eV),Counts", comments="")


def picture(path: Path, **channels: Any) -> None:
    write_record(path, Record.from_arrays("map", **channels))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for n in range(8):
        absorption(tmp_path / f"s{n}.dat", SULFIDE + 0.04 * max(0, n - 2) * SULFATE, n)
    absorption(tmp_path / "sulfide.dat", SULFIDE, 11)
    absorption(tmp_path / "sulfate.dat", SULFATE, 12)
    photoelectrons(tmp_path / "fresh.csv", 100.0, 1)
    photoelectrons(tmp_path / "cycled.csv", 1200.0, 2)
    return tmp_path


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["solith", "analyse", *words])
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def values(out: str) -> dict[tuple[str, str], float]:
    """By technique and quantity; of the last file where several have one."""
    return {(row["technique"], row["quantity"]): row["value"] for row in json.loads(out)}


# --- absorption ----------------------------------------------------------------------


def test_several_spectra_are_a_series(here: Path, command: Command) -> None:
    code, out, _ = command(
        *(f"s{n}.dat" for n in range(8)),
        *("--technique", "xanes", "--along", "potential=2.8,2.9,3.0,3.1,3.2,3.3,3.4,3.5 V"),
        *("--json", "--out", "results"),
    )
    assert code == 0
    found = values(out)
    assert abs(found["xanes-edges", "edge_shift"]) < 0.1
    assert abs(found["xanes-edges", "edge_slope"]) < 0.2
    assert found["xanes-components", "components"] == 2
    grown = [
        key
        for key in found
        if key[0] == "xanes-series" and key[1].startswith("feature") and "position" in key[1]
    ]
    assert any(abs(found[key] - 2481.9) < 0.3 for key in grown)
    onset = found["xanes-series", f"{grown[-1][1].removesuffix('position')}onset_potential"]
    assert onset == pytest.approx(3.0, abs=0.05)
    assert not any("onset_charge" in quantity for _, quantity in found)
    rows = (here / "results/tables/together-xanes-edges-spectra.csv").read_text().splitlines()
    assert rows[0].startswith("spectrum,potential (V),edge_position (eV)")
    assert len(rows) == 9
    page = (here / "results/report.html").read_text()
    for title in ("Edge and white line", "Differences", "Principal components"):
        assert title in page


def test_a_series_is_joined_with_the_cell(here: Path, command: Command) -> None:
    time = np.arange(0, 7.01, 0.5)
    cell = Record.from_arrays(
        "cycling",
        test_time_second=time,
        voltage_volt=2.8 + 0.1 * time,
        current_ampere=np.full(len(time), 3.6e-3),
    )
    write_record(here / "cell.nc", cell)
    asked = ("--technique", "xanes", "--along", "cell.nc", "--json")
    _, _, err = command(*(f"s{n}.dat" for n in range(8)), *asked)
    assert "times: none are known, by which to find the spectra in the record of the cell" in err
    for n in range(8):
        (undated,) = read(here / f"s{n}.dat")
        dated = take_as(undated, "xanes")
        dated.data.attrs["measured_from"] = f"2020-01-01 00:00:0{n}"
        write_record(here / f"d{n}.nc", dated)
    _, out, _ = command(*(f"d{n}.nc" for n in range(8)), *asked)
    found = values(out)
    potential = found["xanes-series", "feature_1_onset_potential"]
    # 3.6 mA pass 1e-3 mAh a second
    charge = found["xanes-series", "feature_1_onset_charge"]
    assert potential == pytest.approx(2.8 + 0.1 * 1e3 * charge, abs=1e-6)


def test_two_spectra_have_edges_and_no_map(here: Path, command: Command) -> None:
    code, out, _ = command("sulfide.dat", "sulfate.dat", "--technique", "xanes", "--out", "r")
    assert code == 0
    assert "Differences and components need 4 spectra" in out
    assert "their dates tell no other" in out
    _, out, _ = command("sulfide.dat", "sulfate.dat", "--technique", "xanes", "--json")
    assert values(out)["xanes-edges", "edge_shift"] == pytest.approx(10.5, abs=0.1)
    assert not any(technique == "xanes-series" for technique, _ in values(out))


def test_without_the_technique_files_stay_apart(here: Path, command: Command) -> None:
    _, out, _ = command("s0.dat", "s1.dat", "--json")
    assert {technique for technique, _ in values(out)} == {"xanes"}


def test_dates_put_files_in_order(command: Command) -> None:
    files = [str(real_file(f"xas/{n}")) for n in ("pyrite1_rt_01.xdi", "Na2SO3_rt_01.xdi")]
    _, out, _ = command(*files, "--technique", "xanes", "--json")
    by_date = values(out)["xanes-edges", "edge_shift"]
    _, out, _ = command(*files, "--technique", "xanes", "--along", "order", "--json")
    assert values(out)["xanes-edges", "edge_shift"] == pytest.approx(-by_date)
    assert by_date == pytest.approx(-5.954, abs=0.2)  # sulfite was measured first


def test_a_mixture_of_references(here: Path, command: Command) -> None:
    absorption(here / "mixed.dat", 0.7 * SULFIDE + 0.3 * SULFATE, 5)
    references = ("--reference", "low=sulfide.dat", "--reference", "sulfate.dat")
    _, out, _ = command("mixed.dat", *references, "--smoothing", "0.4 eV", "--json")
    found = values(out)
    assert found["mixture", "low_fraction"] == pytest.approx(0.7, abs=0.02)
    assert found["mixture", "sulfate_fraction"] == pytest.approx(0.3, abs=0.02)


def test_a_shift_moves_records_and_references(here: Path, command: Command) -> None:
    _, out, _ = command("s0.dat", "--json")
    before = values(out)["xanes", "edge_position"]
    references = ("--reference", "sulfide.dat", "--reference", "sulfate.dat")
    _, out, _ = command("s0.dat", "--shift", "0.5", *references, "--json")
    found = values(out)
    assert found["xanes", "edge_position"] == pytest.approx(before + 0.5)
    assert found["xanes", "energy_shift"] == pytest.approx(0.5)
    assert found["mixture", "sulfide_fraction"] == pytest.approx(1.0, abs=0.01)
    flags = [flag for row in json.loads(out) for flag in row["flags"]]
    assert "energies as stored: no calibration is known" not in flags


# --- photoelectrons --------------------------------------------------------------------


def test_a_region_is_fitted_in_each_file_and_in_all(here: Path, command: Command) -> None:
    code, out, _ = command(
        *("fresh.csv", "cycled.csv", "--region", "S 2p"),
        *("--components", "thiophosphate,oxide=168.9", "--charge-reference", "C 1s=284.8,285.6"),
        *("--json", "--out", "results"),
    )
    assert code == 0
    found = values(out)
    assert found["xps-fit", "oxide_fraction"] == pytest.approx(1200 / 7200, abs=0.02)
    assert found["xps-series", "oxide_fraction_1"] == pytest.approx(100 / 6100, abs=0.02)
    assert found["xps-series", "oxide_fraction_2"] == pytest.approx(1200 / 7200, abs=0.02)
    assert found["xps-series", "thiophosphate_position"] == pytest.approx(161.6, abs=0.1)
    assert "Fractions" in (here / "results/report.html").read_text()


def test_a_background_is_chosen(here: Path, command: Command) -> None:
    areas = {}
    for kind in ("linear", "shirley"):
        _, out, _ = command("cycled.csv", "--background", kind, "--json")
        areas[kind] = values(out)["xps", "area_above"]
    assert areas["linear"] != areas["shirley"]
    _, out, _ = command("cycled.csv", "--window", "165,174", "--json")
    assert values(out)["xps", "area_above"] < 0.5 * areas["shirley"]


def test_a_region_that_no_file_is_of_is_one_error(command: Command) -> None:
    fitted = ("--region", "S 2p", "--components", "sulfate")
    code, out, err = command(str(real_file("xps/specs_xy__MgFe2O4_small.xy")), *fitted, "--json")
    assert (code, out) == (2, "")
    assert "--region: none of the 2 photoelectron spectra is of S 2p; there is: Survey (" in err
    assert "Fe2p (" in err


@pytest.mark.parametrize(
    ("region", "energies", "fits"),
    [
        ("", (156, 174), True),
        ("S2p", (0, 1200), True),
        ("Survey", (150, 180), False),
        ("P 2p", (150, 180), False),
        ("sample 4", (120, 150), False),
        ("", (0, 1200), False),
    ],
)
def test_which_spectrum_is_of_a_region(
    region: str, energies: tuple[float, float], fits: bool
) -> None:
    record = Record.from_arrays(
        "spectrum",
        abscissa=np.linspace(*energies, 50),
        intensity=np.ones(50),
        attributes={"technique": "xps", "region": region},
    )
    asked = check_spectra(region="S 2p", components="thiophosphate,sulfate")
    assert is_of_region(record, asked) == fits
    assert not is_of_region(take_as(record, "xanes"), asked)


# --- maps and images -------------------------------------------------------------------


def test_channels_with_units_are_described(command: Command) -> None:
    path = str(real_file("afm/nanoscope__full_multiple_images.txt"))
    _, out, _ = command(path, "--json")
    found = values(out)
    # as tests of the readers have it, from the header's scale
    assert found["map", "height_mean"] == pytest.approx(-579.746e-9, abs=1e-12)
    assert found["map", "height_deviation"] == pytest.approx(4.3247e-9, abs=1e-13)
    assert "map", "amplitude_mean" in found
    _, out, _ = command(path, "--channel", "amplitude", "--json")
    assert {quantity for _, quantity in values(out)} == {"amplitude_mean", "amplitude_deviation"}


def test_a_map_has_pixels_and_no_rows(here: Path, command: Command) -> None:
    picture(here / "scan.nc", height=(np.random.default_rng(1).normal(size=(20, 30)), "m"))
    code, out, _ = command("scan.nc", "--out", "results")
    assert code == 0
    assert "scan.nc: map, 30 x 20 pixels (" in out
    assert "30 x 20 pixels" in (here / "results/report.html").read_text()


def test_an_image_alone_asks_what_it_is(here: Path, command: Command) -> None:
    picture(here / "photo.nc", grey=np.zeros((8, 8)))
    code, out, err = command("photo.nc", "--json")
    assert (code, out) == (2, "")
    assert (
        "an image is not analysed unless you say as what; --technique with one of: coating, "
        "coverage, cross-section, crystallinity" in err
    )
    code, _, err = command("photo.nc", "s0.dat", "--json")
    assert code == 0  # among others it is told of
    assert "photo.nc: image: an image is not analysed unless" in err


def test_a_section_and_a_coverage(here: Path, command: Command) -> None:
    random = np.random.default_rng(2)
    y, x = np.mgrid[:120, :120]
    away = np.hypot(y - 60, x - 60)
    grey = np.where(away < 35, 200.0, np.where(y < 15, 20.0, 110.0)) + random.normal(0, 8, x.shape)
    picture(here / "section.nc", grey=grey)
    asked = ("--technique", "cross-section", "--phases", "pore, electrolyte, active")
    _, out, _ = command(
        "section.nc", *asked, "--particle", "active", "--pixel-size", "25 nm", "--json"
    )
    found = values(out)
    assert found["cross-section", "porosity"] == pytest.approx(15 / 120, abs=0.01)
    assert found["cross-section", "contact_fraction_electrolyte"] == pytest.approx(1.0, abs=0.01)

    coated = (away > 35) & (away < 39) & (x > 60)
    picture(
        here / "edx.nc", nb=random.poisson(2 + 30 * coated), co=random.poisson(60 * (away < 35))
    )
    asked = ("--technique", "coverage", "--channel", "Nb", "--particle", "co")
    _, out, _ = command("edx.nc", *asked, "--pixel-size", "10 nm", "--json")
    assert values(out)["coverage", "coverage"] == pytest.approx(0.5, abs=0.06)


def test_what_an_image_lacks_is_said_in_options() -> None:
    image = Record.from_arrays("map", red=np.zeros((80, 80)), green=np.ones((80, 80)))
    for technique in ("coating", "crystallinity"):
        (error,) = map_outcomes(image, check_maps(technique, None, None, None)).values()
        assert str(error) == "there are the channels red, green; name one with --channel"
        (error,) = map_outcomes(image, check_maps(technique, "red", None, None)).values()
        assert str(error) == "the size of a pixel is not known; give it, as --pixel-size '5 nm'"
    (error,) = map_outcomes(image, check_maps("cross-section", None, "a,b", None)).values()
    assert "name one with --channel" in str(error)


def test_the_size_of_a_pixel_is_told_once(here: Path) -> None:
    picture(here / "scan.nc", height=(np.random.default_rng(1).normal(size=(20, 30)), "m"))
    (file,) = analyse_files([here / "scan.nc"], facts={"pixel_size": "5 nm"})
    assert "the size of a pixel was given: 5 nm" in file.records[0].record.provenance.notes


def test_a_map_by_itself() -> None:
    y, x = np.mgrid[:40, :50]
    scan = Record.from_arrays("map", height=(3.0 * y + 2.0 * x + 1.0, "m"), other=np.ones((40, 50)))
    result = analyse_map(scan)
    assert result["height_mean"].value == pytest.approx(3 * 19.5 + 2 * 24.5 + 1)
    assert result["height_deviation"].value == pytest.approx(0.0, abs=1e-9)
    assert result["height_mean"].unit == "m"
    assert [value.quantity for value in analyse_map(scan, "height", method="median")][1:] == [
        "height_deviation"
    ]
    with pytest.raises(InputError, match="expected a map"):
        analyse_map(take_as(Record.from_arrays("spectrum", abscissa=[1.0], intensity=[1.0]), "xrd"))


# --- mistakes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--technique", "xanes", "--technique", "xps"), "--technique: xanes and xps are given"),
        (("--technique", "photo"), "--technique: unknown technique 'photo'"),
        (("--technique", "cross-section"), "--technique: cross-section needs --phases"),
        (("--technique", "coverage", "--particle", "co"), "--technique: coverage needs --channel"),
        (("--technique", "coverage", "--channel", "nb"), "coverage needs --particle"),
        (("--region", "S 2p"), "--region: it needs --components, too"),
        (("--components", "sulfate"), "--components: it needs --region, too"),
        (("--region", "S 9p", "--components", "x"), "--region: unknown photoelectron line 'S 9p'"),
        (
            ("--region", "S 2p", "--components", "sulphate"),
            "--components: unknown species of S 2p 'sulphate'; did you mean 'sulfate'?",
        ),
        (("--region", "S 2p", "--components", "a=b"), "--components: 'b eV' does not begin"),
        (("--region", "S 2p", "--components", ","), "--components: names no component"),
        (("--species", "no.toml"), "--species: it needs --region and --components"),
        (
            ("--region", "S 2p", "--components", "sulfate", "--species", "no.toml"),
            "--species: no.toml: there is no such file of species",
        ),
        (
            ("--region", "S 2p", "--region", "O 1s", "--components", "sulfate"),
            "--region: 'S 2p' and 'O 1s' are given; fit each region in a call of its own",
        ),
        (("--mix", "1.5"), "--mix: '1.5' is no number from 0 to 1"),
        (("--post-edge", "2500"), "--post-edge: '2500' is not of the form LOW,HIGH"),
        (("--pre-edge", "2460,2450 eV"), "--pre-edge: '2460,2450 eV' does not go from low"),
        (("--background", "shirly"), "--background: unknown background 'shirly'"),
        (("--charge-reference", "C 1s"), "--charge-reference: 'C 1s' is not of the form LINE="),
        (("--charge-reference", "C 1s=284.8,x"), "--charge-reference: 'x' does not begin"),
        (("--window", "174"), "--window: '174' is not of the form LOW,HIGH"),
        (("--window", "174,156"), "--window: '174,156' does not go from low to high"),
        (("--technique", "cross-section", "--phases", "pore"), "--phases: names one phase"),
        (
            ("--technique", "cross-section", "--phases", "a,b", "--particle", "c"),
            "--particle: unknown phase 'c'",
        ),
        (
            ("--technique", "coating", "--particle", "drak"),
            "--particle: unknown shade of particles 'drak'; did you mean 'dark'?",
        ),
        (("--wavelength", "0 nm"), "--wavelength: '0 nm' must be above 0"),
        (("--instrument-width", "1 nm"), "--instrument-width: '1 nm' has the unit 'nm'"),
        (("--cif", "none.cif"), "--cif: there is no file none.cif"),
        (("--heating-rate", "10"), "--heating-rate: '10' has no unit"),
        (("--exothermic", "left"), "--exothermic: unknown direction 'left'"),
        (("--smoothing", "0"), "--smoothing: '0' must be above 0"),
        (("--shift", "3 kg"), "--shift: '3 kg' has the unit 'kg'"),
        (("--reference", "sulfide.dat"), "--reference: a mixture has two references or more"),
        (("--reference", "none.dat"), "--reference: none.dat: there is no such file"),
        (
            ("--reference", "sulfide.dat", "--reference", "sulfide=sulfate.dat"),
            "--reference: 'sulfide' is given twice",
        ),
        (("--along", "volt=1,2 V"), "--along: unknown quantity 'volt'"),
        (("--along", "time=1,2"), "--along: 'time=1,2' is not of the form QUANTITY=V1,V2"),
        (("--along", "time=1 s"), "--along: 'time=1 s' is not of the form"),
        (("--along", "none.mpr"), "--along: none.mpr: there is no such file"),
        (("--along", "s1.dat"), "--along: s1.dat holds 0 cycling records, not one"),
        (("--clock-offset", "3 s"), "--clock-offset: it belongs to --along with a cycling file"),
        (("--literature", "none.toml"), "--literature: none.toml: cannot be read"),
        (("--pixel-size", "5"), "--pixel-size: '5' has no unit"),
    ],
)
def test_a_mistake_names_its_option(
    here: Path, command: Command, words: tuple[str, ...], told: str
) -> None:
    code, out, err = command("s0.dat", *words, "--json")
    assert (code, out) == (2, "")
    assert told in err
    assert err.count("solith: error") == 1


def test_values_along_are_as_many_as_files(here: Path, command: Command) -> None:
    along = ("--technique", "xanes", "--along", "time=1,2,3 h")
    code, _, err = command("s0.dat", "s1.dat", *along, "--json")
    assert code == 2
    assert "--along: has 3 values for 2 spectra; give one for each" in err


def test_options_without_a_use_are_told(here: Path, command: Command) -> None:
    _, _, err = command("s0.dat", "--region", "S 2p", "--components", "sulfate", "--json")
    assert "--region: there is no photoelectron spectrum to use it for" in err
    _, _, err = command("fresh.csv", "--shift", "1", "--channel", "a", "--json")
    assert "--shift: there is no spectrum of X-ray absorption to use it for" in err
    assert "--channel: there is no map or image to use it for" in err
    _, _, err = command("fresh.csv", "--technique", "gitt", "--json")
    assert "--technique gitt: there is no record of time, voltage and current" in err
    _, _, err = command("s0.dat", "--technique", "xanes", "--shift", "1", "--json")
    assert "to use it for" not in err


def test_a_spectrum_is_taken_as_what_is_said() -> None:
    untold = Record.from_arrays("spectrum", abscissa=[1.0, 2.0], intensity=[1.0, 2.0])
    assert {take_as(untold, name).data.attrs["technique"] for name in SPECTRUM_TECHNIQUES} == set(
        SPECTRUM_TECHNIQUES
    )


def test_what_is_asked_of_nothing() -> None:
    assert check_spectra() == OfSpectra()
    assert check_along(None, None) is None


def test_cycling_stands_beside_published_cells(here: Path, command: Command) -> None:
    rates, rows, end = (0.1, 0.1, 0.5, 1.0), [], 0.0
    for rate in rates:
        for way in (1, -1):
            hours = (1.3 - 0.3 * rate) / (1.5 * rate)
            part = np.linspace(0, 1, 21)
            rows.append(
                np.column_stack(
                    [
                        end + 3600 * hours * part,
                        3.4 + way * (0.5 * part - 0.2),
                        0 * part + way * rate,
                    ]
                )
            )
            end += 3600 * hours + 60
    table = np.concatenate(rows)
    cell = Record.from_arrays(
        "cycling",
        test_time_second=table[:, 0],
        voltage_volt=table[:, 1],
        current_ampere=1.5e-3 * table[:, 2],
    )
    write_record(here / "cell.nc", cell)
    facts = {"active_mass": "10 mg", "one_c_current": "1.5 mA"}
    (file,) = analyse_files([here / "cell.nc"], facts=facts)
    (panel,) = literature_panels_of(file.records[0])
    assert panel.title == "Beside published cells"
    (file,) = analyse_files([here / "cell.nc"])
    assert literature_panels_of(file.records[0]) == []  # mAh are not mAh/g
    code, _, _ = command("cell.nc", "--mass", "10 mg", "--one-c", "1.5 mA", "--out", "results")
    assert code == 0
    assert "Beside published cells" in (here / "results/report.html").read_text()
