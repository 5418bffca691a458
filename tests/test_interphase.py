"""Synthetic spectra and images, several spectra as one record, and both in studies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.in_process import InProcess

import solith
from solith.analysis import (
    analyse_coverage,
    analyse_crystallinity,
    fit_map_interdiffusion,
    fit_xps,
    join_cycling,
)
from solith.app._report_cases import Case, find_cases
from solith.app._report_figures import find_panels
from solith.app._report_interphase import _rows_of, is_shown_with_spectra
from solith.app.report import render_report, state_answer
from solith.core.constants import FARADAY
from solith.core.errors import InputError, UnknownNameError
from solith.core.record import Record
from solith.core.result import Result
from solith.core.spectra import join_spectra, split_spectra
from solith.core.storage import read_record, write_record
from solith.figures import InterphaseSample, plot_coverage, plot_interphase
from solith.study import Study, load_packaged_study, run_study, starter_text
from solith.virtual import (
    AbsorptionSpecies,
    PhotoelectronLine,
    simulate_absorption,
    simulate_absorption_series,
    simulate_coated_map,
    simulate_coating_image,
    simulate_couple_map,
    simulate_lattice_image,
    simulate_photoelectrons,
    truth_of,
)

STEPS = [[2470.0, 1.0, 0.7]]
GROWN = [[2470.0, 1.0, 0.7], [2470.0, 0.5, 0.45], [2472.0, 0.5, 0.45], [2478.5, -1.0, 2.2]]
SPECIES = {"host": {"steps": STEPS}, "product": {"steps": GROWN}}
SULFUR = PhotoelectronLine(
    "S 2p", {"thiophosphate": 161.6, "sulfate": 168.9}, splitting=1.18, ratio=0.5
)
STATES = {"fresh": {"thiophosphate": 40000}, "cycled": {"thiophosphate": 30000, "sulfate": 10000}}


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks run in this process."""
    monkeypatch.setattr("solith.study._engine.Processes", InProcess)


# --- several spectra as one record --------------------------------------------------------------


def line(name: str, **attributes: Any) -> Record:
    energy = np.linspace(1, 2, 5)
    return Record.from_arrays(
        "spectrum", name=name, attributes=attributes, abscissa=energy, intensity=energy**2
    )


def test_joined_spectra_come_apart_as_they_were(tmp_path: Path) -> None:
    given = [line("a", technique="xps", dwell=1), line("b", technique="xps", dwell=2)]
    joined = join_spectra(given, times=[0.0, 60.0])
    write_record(tmp_path / "joined.nc", joined)
    back = split_spectra(read_record(tmp_path / "joined.nc"))
    assert joined.data.attrs["technique"] == "xps"
    assert "dwell" not in {key for key in joined.data.attrs if key != "spectra"}
    for before, after, time in zip(given, back, (0.0, 60.0), strict=True):
        assert after.kind == "spectrum"
        assert after.name == before.name
        assert after.data.attrs == {**before.data.attrs, "time_second": time}
        assert np.array_equal(after.array("intensity"), before.array("intensity"))
    assert split_spectra(given[0]) == [given[0]]


def test_what_cannot_be_joined_is_told() -> None:
    with pytest.raises(InputError, match="there is no spectrum to join"):
        join_spectra([])
    with pytest.raises(InputError, match="times: expected a time for each of 2 spectra"):
        join_spectra([line("a"), line("b")], times=[1.0])
    other = line("b")
    other.data["abscissa"].attrs["units"] = "keV"
    with pytest.raises(InputError, match="abscissa in different units: , keV"):
        join_spectra([line("a"), other])
    scan = simulate_lattice_image("amorphous", size=(64, 64))
    with pytest.raises(InputError, match="record 1 is of kind 'map'; expected spectra"):
        join_spectra([scan])
    with pytest.raises(InputError, match="a record of kind 'map' holds no spectra"):
        split_spectra(scan)
    with pytest.raises(InputError, match="no analysis for a record of kind 'spectra'"):
        solith.analyse(join_spectra([line("a"), line("b")]))


# --- virtual experiments ------------------------------------------------------------------------


def test_a_step_has_its_slope_where_it_is_said_to_stand() -> None:
    energy = np.linspace(2460, 2485, 25001)
    slope = np.gradient(AbsorptionSpecies(((2470.0, 1.0, 0.7),)).absorption_at(energy), energy)
    assert energy[np.argmax(slope)] == pytest.approx(2470.0, abs=2e-3)
    host, product = (AbsorptionSpecies.from_mapping(one) for one in SPECIES.values())
    change = np.gradient(product.absorption_at(energy) - host.absorption_at(energy), energy)
    for position in (2470.0, 2472.0):
        near = np.abs(energy - position) < 0.8
        assert energy[near][np.argmax(change[near])] == pytest.approx(position, abs=0.02)
    assert product.absorption_at(np.array([3000.0]))[0] == pytest.approx(1.0)


def test_every_synthetic_record_says_so_and_repeats_by_its_seed() -> None:
    species = {name: AbsorptionSpecies.from_mapping(one) for name, one in SPECIES.items()}

    def made(seed: int) -> list[Record]:
        return [
            simulate_absorption(species, {"host": 0.7, "product": 0.3}, seed=seed),
            simulate_absorption_series(species, [{"host": 1.0}] * 4, [0, 1, 2, 3], seed=seed),
            simulate_photoelectrons(SULFUR, STATES, seed=seed),
            simulate_coated_map(0.5, seed=seed),
            simulate_couple_map("30 nm", seed=seed),
            simulate_coating_image("5 nm", size=(64, 64), seed=seed),
            simulate_lattice_image("crystalline", size=(64, 64), seed=seed),
        ]

    for one, same, other in zip(made(1), made(1), made(2), strict=True):
        assert "synthetic" in one.data.attrs["synthetic"]
        assert one.provenance.origin == "simulated"
        assert any(note.startswith("synthetic") for note in one.provenance.notes)
        assert truth_of(one)
        assert one.data.equals(same.data)
        assert not one.data.equals(other.data)
    assert truth_of(made(1)[0])["product_fraction"] == (0.3, "")
    assert truth_of(line("measured")) == {}


def test_photoelectrons_have_the_areas_that_were_asked_for() -> None:
    gaussian = replace(SULFUR, mix=0.0, step=0.0)
    energy, counts = gaussian.expected({"sulfate": 5000.0})
    assert np.trapezoid(counts - gaussian.floor, energy) == pytest.approx(5000.0, rel=1e-6)
    _, stepped = replace(gaussian, step=0.01).expected({"sulfate": 5000.0})
    assert stepped[-1] - counts[-1] == pytest.approx(0.01 * 5000.0)
    record = simulate_photoelectrons(SULFUR, STATES, shift=0.4, seed=3)
    names = [one.name for one in split_spectra(record)]
    assert names == ["fresh", "cycled"]
    assert truth_of(record)["sulfate_fraction_2"] == (0.25, "")
    found = fit_xps(
        {one.name: one for one in split_spectra(record)},
        region="S 2p", components=["thiophosphate", "sulfate"], compare_backgrounds=False,
    )  # fmt: skip
    value = found["sulfate_fraction_2"]
    assert abs(value.value - 0.25) < 4 * value.uncertainty
    assert found["thiophosphate_position"].value == pytest.approx(162.0, abs=0.02)


def test_maps_and_images_give_their_truth_back() -> None:
    covered = simulate_coated_map(0.6, seed=2)
    found = analyse_coverage(covered, "nb", particles="co")
    assert found["coverage"].value == pytest.approx(0.6, abs=0.015)
    assert len(plot_coverage(found, covered).data) == 3
    none = simulate_coated_map(0.0, seed=2)
    assert analyse_coverage(none, "nb", particles="co")["coverage"].value == 0.0
    couple = simulate_couple_map("40 nm", slant=0.0, pixel_size="2 nm", seed=1)
    across = [("160 nm", "320 nm"), ("160 nm", "0 nm")]
    width = fit_map_interdiffusion(couple, "co", boundary=across, reach="120 nm")["width"]
    assert width.value == pytest.approx(40e-9, rel=0.03)
    field = simulate_lattice_image("crystalline", spacing="0.274 nm", seed=4)
    result = analyse_crystallinity(field)
    assert result.details["class"] == "crystalline"
    assert result["spacing"].value == pytest.approx(0.274e-9, rel=0.01)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: AbsorptionSpecies(((2470.0, 0.5, 0.7),)), "steps: the heights of the steps"),
        (lambda: AbsorptionSpecies(((2470.0, 1.0, 0.0),)), r"steps: a width \[eV\]"),
        (lambda: AbsorptionSpecies(((2470.0, 1.0),)), "steps: .* is no row of 3 numbers"),
        (lambda: AbsorptionSpecies.from_mapping({"step": []}), "unknown field 'step'"),
        (
            lambda: simulate_absorption({"a": AbsorptionSpecies(tuple(STEPS))}, {"a": 0.5}),
            "fractions: 0.5 is their sum; expected 1",
        ),
        (
            lambda: simulate_absorption({"a": AbsorptionSpecies(tuple(STEPS))}, {"b": 1.0}),
            "fractions: unknown species 'b'",
        ),
        (lambda: simulate_coated_map(0.05), "coverage: 0.05 leaves no room for 3 patches"),
        (lambda: simulate_coated_map(1.5), "coverage: 1.5 is not from 0 to 1"),
        (lambda: simulate_couple_map("-3 nm"), "width: '-3 nm' must be above 0"),
        (lambda: simulate_lattice_image("glass"), "unknown lattice 'glass'"),
        (lambda: simulate_coating_image("5 nm", size=(8, 8)), "size: 8 is no whole number"),
        (lambda: PhotoelectronLine("S 2p", {}), "positions: expected positions"),
        (lambda: simulate_photoelectrons(SULFUR, {}), "states: expected areas"),
        (
            lambda: simulate_photoelectrons(SULFUR, {"a": {"sulphate": 1.0}}),
            "areas: unknown species 'sulphate'",
        ),
    ],
)
def test_impossible_wishes_give_one_clear_error(make: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        make()


# --- in studies ---------------------------------------------------------------------------------


def history(path: Path) -> Record:
    """A charge through which oxidation takes a tenth of the charge, and a discharge."""
    time = np.concatenate([np.linspace(0, 7200, 60), np.linspace(7200, 9000, 20)])
    current = np.where(np.arange(80) < 60, 1e-4, -1e-4)
    taken = 0.1 * 1e-4 * np.minimum(time, 7200) / 3600
    record = Record.from_arrays(
        "cycling",
        test_time_second=time,
        voltage_volt=3.3 + 0.3 * np.minimum(time, 7200) / 7200,
        current_ampere=current,
        oxidation_charge_ah=taken,
        attributes={"active_mass_kg": 7e-6, "reference": "vs In-Li", "technique": "cycling"},
    )
    write_record(path, record)
    return record


def mapping() -> dict[str, Any]:
    end = 0.1 * 1e-4 * 7200
    amount = end / FARADAY / 0.2  # a fifth is oxidised
    reference = {"do": "virtual_absorption", "inputs": {"noise": 0.001}}
    return {
        "name": "small",
        "samples": {
            "bare": {"measured": {"cycle": {"file": "cell.nc", "analysis": False}}},
        },
        "experiments": {
            "xanes": {
                "do": "virtual_absorption_series",
                "history": {"task": "{sample}/cycle/measured"},
                "species": SPECIES,
                "host": "host",
                "product": "product",
                "amount": f"{amount} mol",
                "spectra": 8,
                "analysis": {
                    "by": "xanes-series",
                    "cycling": {"task": "{sample}/cycle/measured"},
                    "look_for": {"low": "2470 eV", "high": "2472 eV", "far": "2465 eV"},
                },
            },
            "S_2p": {
                "do": "virtual_photoelectrons",
                "line": {
                    "region": "S 2p",
                    "positions": dict(SULFUR.positions),
                    "splitting": 1.18,
                    "ratio": 0.5,
                },
                "states": {"bare": STATES},
                "analysis": {
                    "by": "xps-fit",
                    "region": "S 2p",
                    "components": ["thiophosphate", "sulfate"],
                    "compare_backgrounds": False,
                },
            },
            "edge": {
                "do": "virtual_coating_image",
                "thickness": {"bare": "6 nm"},
                "analysis": {"by": "coating", "expected": "6 nm"},
            },
        },
        "tasks": [
            {
                **reference,
                "name": f"reference/{name}",
                "inputs": {"species": {name: SPECIES[name]}, "fractions": {name: 1.0}},
            }
            for name in SPECIES
        ]
        + [
            {
                "name": "bare/fractions",
                "do": "analyse",
                "sample": "bare",
                "inputs": {
                    "record": {"task": "bare/xanes"},
                    "options": {
                        "by": "xanes-mixture",
                        "references": {name: {"task": f"reference/{name}"} for name in SPECIES},
                    },
                },
            }
        ],
        "compare": [
            {
                "quantity": "thickness",
                "experiment": "edge",
                "unit": "nm",
                "synthetic": "assumed",
            },
            {
                "quantity": "oxidised",
                "task": "{sample}/fractions",
                "value": "product_fraction_8",
                "unit": "%",
                "synthetic": "the cell's oxidation",
            },
            {
                "quantity": "sulfate",
                "experiment": "S_2p",
                "value": "sulfate_fraction_2",
                "synthetic": "assumed",
            },
        ],
    }


def test_a_study_sets_synthetic_spectra_beside_the_cell(tmp_path: Path, in_process: None) -> None:
    history(tmp_path / "cell.nc")
    study = Study.from_mapping(mapping(), folder=tmp_path)
    assert Study.from_mapping(study.to_mapping(), folder=tmp_path) == study
    run = run_study(study, tmp_path / "run")
    assert run.failures == {}
    rows = {row.quantity: row for row in run.rows}
    assert {row.role for row in run.rows} == {"recovered"}
    assert rows["thickness"].published == pytest.approx(6.0)
    assert rows["thickness"].source == "put in: assumed"
    assert rows["oxidised"].published == pytest.approx(20.0, rel=2e-3)
    assert rows["sulfate"].published == 0.25
    for row in run.rows:
        assert abs(row.computed - row.published) < 4 * row.uncertainty
    series = run.results["bare/xanes/analysis"]
    assert series["growing_features"].value == 2
    assert series["low_position"].value == pytest.approx(2470.0, abs=0.3)
    assert series["high_position"].value == pytest.approx(2472.0, abs=0.3)
    assert series["far_position"].flags == ("no growing feature within 1 eV of 2465 eV",)
    panels = {panel.title: panel for panel in find_panels(find_cases(run))}
    whole = panels["Electrochemistry and spectra of bare"]
    assert whole.wide
    assert "Spectra are synthetic" in whole.caption
    kinds = [trace.type for trace in whole.figure.data]
    assert kinds.count("heatmap") == 1
    assert kinds.count("bar") == 2
    assert {"S 2p of bare", "Coating on bare", "Mixture in the last spectrum of bare"} <= set(
        panels
    )
    assert any("Spectra and images are synthetic" in told for told in state_answer(run))
    page = render_report(run)
    assert "Published or put in" not in page
    assert "Put in" in page


def scans(folder: Path) -> None:
    """Six spectra of X-ray absorption through the charge, each a file with its time."""
    species = {name: AbsorptionSpecies.from_mapping(one) for name, one in SPECIES.items()}
    for number in range(6):
        share = 0.04 * number
        one = simulate_absorption(species, {"host": 1 - share, "product": share}, seed=number)
        attributes = {**one.data.attrs, "time_second": 1400.0 * number}
        spectrum = Record.from_arrays(
            "spectrum", attributes=attributes,
            abscissa=one.array("abscissa"), intensity=one.array("intensity"),
        )  # fmt: skip
        write_record(folder / f"scan_{number}.nc", spectrum)


def test_measured_files_take_the_place_of_synthetic_ones(tmp_path: Path, in_process: None) -> None:
    record = history(tmp_path / "cell.nc")
    scans(tmp_path)
    written = mapping()
    written["experiments"] = {"xanes": {**written["experiments"]["xanes"], "samples": ["other"]}}
    written["samples"]["other"] = {"measured": {"cycle": {"file": "cell.nc", "analysis": False}}}
    written["samples"]["bare"]["measured"]["xanes"] = {"files": ["scan_*.nc"]}
    written["tasks"], written["compare"] = [], []
    study = Study.from_mapping(written, folder=tmp_path)
    assert Study.from_mapping(study.to_mapping(), folder=tmp_path) == study
    run = run_study(study, tmp_path / "run")
    assert run.failures == {}
    joined = run.records["bare/xanes/measured"]
    assert [one.name for one in split_spectra(joined)] == [f"scan_{n}" for n in range(6)]
    found = run.results["bare/xanes/measured/analysis"]
    assert found["growing_features"].value == 2
    assert "truth" not in found.details
    assert found.details["charge_mah"][-1] == pytest.approx(1e-4 * 7000 / 3.6, rel=1e-3)
    assert record.kind == "cycling"
    panels = [panel.title for panel in find_panels(find_cases(run))]
    assert "Electrochemistry and spectra of bare/measured and other" in panels


def impedance(path: Path, ohm: float) -> Record:
    """A spectrum of one arc of ``ohm`` after a series resistance."""
    frequency = np.logspace(5, -2, 43)
    whole = 30 + ohm / (1 + 2j * np.pi * frequency * ohm * 1e-5)
    record = Record.from_arrays(
        "impedance", frequency_hertz=frequency, real_impedance_ohm=whole.real,
        imaginary_impedance_ohm=whole.imag,
    )  # fmt: skip
    write_record(path, record)
    return record


def test_measured_impedances_stand_at_their_charge_beside_the_spectra(
    tmp_path: Path, in_process: None
) -> None:
    history(tmp_path / "cell.nc")
    scans(tmp_path)
    cell = {"task": "bare/cycle/measured"}
    places = {
        "eis_1": {"cycling": cell, "time": "930 s", "clock_offset": "30 s"},
        "eis_2": {"cycling": cell, "potential": "3.45 V"},
        "eis_3": {"cycling": cell, "charge": "0.15 mAh"},
        "eis_4": {"charge": "25 mAh/g"},
    }
    written = mapping()
    measured = written["samples"]["bare"]["measured"]
    measured["xanes"] = {
        "files": ["scan_*.nc"],
        "analysis": {"by": "xanes-series", "cycling": cell},
    }
    for number, (name, state) in enumerate(places.items(), start=1):
        impedance(tmp_path / f"{name}.nc", 100.0 * number)
        measured[name] = {"file": f"{name}.nc", "active_mass": "7 mg", "state": state}
    written["experiments"], written["tasks"], written["compare"] = {}, [], []
    study = Study.from_mapping(written, folder=tmp_path)
    assert Study.from_mapping(study.to_mapping(), folder=tmp_path) == study
    run = run_study(study, tmp_path / "run")
    assert run.failures == {}
    # 0.1 mA: 0.025 mAh in 900 s; 3.45 V is half of the 0.2 mAh until 3.6 V; 25 mAh/g of 7 mg.
    found = {
        name: 1e3 * run.records[f"bare/{name}/measured"].data.attrs["charge_passed_ah"]
        for name in places
    }
    assert found == pytest.approx(
        {"eis_1": 0.025, "eis_2": 0.1, "eis_3": 0.15, "eis_4": 0.175}, rel=1e-3
    )
    notes = run.records["bare/eis_2/measured"].provenance.notes
    assert any("mAh had passed: where" in note and "first came to 3.45 V" in note for note in notes)
    cases = find_cases(run)
    panels = {panel.title: panel for panel in find_panels(cases)}
    figure = panels["Electrochemistry and spectra of bare/measured"].figure
    lines = [trace for trace in figure.data if trace.type == "scatter"]
    shown = [trace for trace in lines if trace.marker.symbol == "square-open"]
    assert len(shown) == 1
    # The cycling record holds 7 mg: 0.025 mAh is 3.57 mAh/g.
    assert list(shown[0].x) == pytest.approx([1e3 * one / 7 for one in found.values()], rel=1e-3)
    assert list(shown[0].y) == pytest.approx([100, 200, 300, 400], rel=0.02)
    assert not any(title.startswith("Impedance") for title in panels)


def test_simulated_impedances_leave_measured_spectra_to_measured_ones() -> None:
    def state(measured: bool, charge: float) -> Case:
        record = Record.from_arrays(
            "impedance", frequency_hertz=[1.0], real_impedance_ohm=[1.0],
            imaginary_impedance_ohm=[-1.0], attributes={"charge_passed_ah": charge},
        )  # fmt: skip
        return Case("bare", "eis", record, None, measured=measured)

    details = {"derivative_difference": [], "charge_mah": []}
    series = Case("bare", "xanes", None, solith.Result("x", (), details), measured=True)
    simulated, own = state(False, 1e-3), state(True, 2e-3)
    assert is_shown_with_spectra(own, [series, simulated, own])
    assert not is_shown_with_spectra(simulated, [series, simulated, own])
    assert is_shown_with_spectra(simulated, [series, simulated])


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"time": "9001 s"}, "time: 9001 s lies outside cell, which goes from 0 to 9000 s"),
        ({"potential": "3.7 V"}, "potential: 3.7 V lies outside cell, which goes from 3.3 to 3.6"),
        ({"charge": "1 mAh"}, "charge: 1 mAh lies outside cell, which goes from 0 to 0.2 mAh"),
        ({"charge": "20 mV"}, "charge: .*20 mV"),
        ({"time": "1 h", "charge": "1 C"}, "time and charge both say where it belongs; give one"),
        ({}, "the files do not tell how long after the begin of the cell's record"),
        ({"time": "1 m"}, "time: .*1 m"),
    ],
)
def test_a_place_that_is_not_on_the_cycling_is_told(
    tmp_path: Path, state: dict[str, str], told: str
) -> None:
    cell = replace(history(tmp_path / "cell.nc"), name="cell")
    measured = impedance(tmp_path / "eis.nc", 100.0)
    with pytest.raises(InputError, match=told):
        join_cycling(measured, cell, **state)


def test_dates_of_the_files_place_an_impedance_and_mass_is_needed_for_charge_per_mass(
    tmp_path: Path,
) -> None:
    cell = history(tmp_path / "cell.nc")
    measured = impedance(tmp_path / "eis.nc", 100.0)
    cell.data.attrs["acquisition_start"] = "2024-03-01T23:30:00.000"
    measured.data.attrs["acquisition_start"] = "2024-03-02T00:30:00"
    placed = join_cycling(measured, cell)
    assert placed.data.attrs["charge_passed_ah"] == pytest.approx(1e-4)
    assert "by the dates of both files" in placed.provenance.notes[-1]
    assert "charge_passed_ah" not in measured.data.attrs
    measured.data.attrs["acquisition_start"] = "2024-03-02"  # a day is no time
    with pytest.raises(InputError, match="give time, potential or charge"):
        join_cycling(measured, cell)
    with pytest.raises(InputError, match="charge: '2 mAh/g' is per mass, and neither record"):
        join_cycling(measured, charge="2 mAh/g")
    with pytest.raises(InputError, match="cycling: is needed, unless the charge is given"):
        join_cycling(measured, time="2 s")
    falling = cell.negated("current_ampere")
    falling.data["voltage_volt"] = falling.data["voltage_volt"][::-1]
    assert join_cycling(measured, falling, potential=3.6).data.attrs["charge_passed_ah"] == 0.0
    later = join_cycling(measured, falling, potential="3.45 V").data.attrs["charge_passed_ah"]
    assert later < 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"by": "coatings"}, "options.by: unknown analysis 'coatings'; did you mean 'coating'"),
        ({"by": "coating", "expect": "6 nm"}, "options: unknown option of 'coating' 'expect'"),
    ],
)
def test_an_analysis_that_is_not_there_is_told_before_anything_runs(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    history(tmp_path / "cell.nc")
    written = mapping()
    written["experiments"]["edge"]["analysis"] = change
    with pytest.raises(InputError, match=told):
        Study.from_mapping(written, folder=tmp_path)


def test_wrong_comparisons_and_files_are_told(tmp_path: Path) -> None:
    history(tmp_path / "cell.nc")
    written = mapping()
    written["compare"][0]["published"] = {"value": 1, "unit": "nm", "source": "x"}
    with pytest.raises(InputError, match=r"compare.1: give either synthetic or published"):
        Study.from_mapping(written, folder=tmp_path)
    written = mapping()
    written["samples"]["bare"]["measured"]["xanes"] = {"files": ["no_*.nc"]}
    with pytest.raises(InputError, match=r"files: there is no file 'no_\*.nc'"):
        Study.from_mapping(written, folder=tmp_path)
    written["samples"]["bare"]["measured"]["xanes"] = {"files": ["cell.nc"]}
    with pytest.raises(InputError, match="is of the kind 'cycling', but 'spectrum' is wanted"):
        Study.from_mapping(written, folder=tmp_path)
    written["samples"]["bare"]["measured"]["xanes"] = {"files": ["cell.nc"], "file": "cell.nc"}
    with pytest.raises(InputError, match="xanes: give either file or files"):
        Study.from_mapping(written, folder=tmp_path)
    state = {"charges": "1 mAh"}
    written["samples"]["bare"]["measured"]["xanes"] = {"file": "cell.nc", "state": state}
    with pytest.raises(InputError, match="state: unknown field 'charges'; did you mean 'charge'"):
        Study.from_mapping(written, folder=tmp_path)
    del written["samples"]["bare"]["measured"]["xanes"]
    impedance(tmp_path / "eis.nc", 100.0)
    eis = {"file": "eis.nc", "state": {"potential": "3.5 V"}}
    written["samples"]["bare"]["measured"]["eis"] = eis
    with pytest.raises(InputError, match="cycling: is needed, unless the charge is given"):
        Study.from_mapping(written, folder=tmp_path)


def test_the_packaged_study_is_read_copied_and_has_both_samples() -> None:
    import tomllib

    study = load_packaged_study("interphase")
    assert {"bare", "coated"} <= set(study.samples)
    assert "SYNTHETIC" in study.answer[0]
    copied = tomllib.loads(starter_text("mine", like="interphase"))
    assert copied["name"] == "mine"
    assert Study.from_mapping(copied).samples == study.samples
    with pytest.raises(UnknownNameError, match="unknown study 'interfase'"):
        starter_text("mine", like="interfase")


def test_the_figure_says_what_it_lacks() -> None:
    with pytest.raises(InputError, match="samples: expected one to 3 samples by name"):
        plot_interphase({})
    with pytest.raises(InputError, match="a: expected an InterphaseSample, not int"):
        plot_interphase({"a": 3})  # type: ignore[dict-item]
    cell = Record.from_arrays(
        "cycling", test_time_second=[0, 1], voltage_volt=[3, 3.1], current_ampere=[1e-4, 1e-4]
    )
    other = solith.Result("x", ())
    with pytest.raises(InputError, match="a: is no series of absorption that was joined"):
        plot_interphase({"a": InterphaseSample(cell, other)})


def test_the_caption_names_the_rows_that_are_drawn() -> None:
    cell = Record.from_arrays("cycling", test_time_second=[0.0], current_ampere=[0.0],
                              voltage_volt=[3.0])  # fmt: skip
    bare = InterphaseSample(cell, Result("series", ()))
    told = _rows_of({"a": bare})
    assert "impedance" not in told
    assert "resistance" not in told
    assert "oxidised" not in told
    assert "photoelectrons" not in told
    full = replace(bare, fractions=((0.1, 0.01),), impedances=((1.0, cell, 50.0),))
    told = _rows_of({"a": bare, "b": full})
    assert "fraction of the oxidised species (dots, 95 % intervals) and interfacial" in told
    assert told.endswith("All rows but the impedance have one scale.")
