"""Measured files in a study: read, analysed, compared, and shown beside what is simulated."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.in_process import InProcess
from tests.test_replicates import CELL

from solith.app._report_cases import find_cases
from solith.app._report_figures import find_panels
from solith.app._report_measured import measured_tables
from solith.app._report_processes import of_other_processes
from solith.app.report import render_report, state_answer
from solith.cell import PROTOCOLS, read_cell, simulate
from solith.core.errors import InputError, UnitError
from solith.core.provenance import Provenance
from solith.core.record import Record
from solith.core.result import Result, Value
from solith.core.storage import read_record, write_record
from solith.figures import plot_charge_discharge, plot_current_voltage
from solith.readers import write_bdf
from solith.study import Study, StudyRun, run_study, task_kind
from solith.study.comparison import rows_to_data, rows_to_text

FREQUENCY = np.logspace(6, -1, 43)
STEPS = ["charge at 0.2 C until 3.7 V vs Li-In", "discharge at 0.2 C until 2.1 V vs Li-In"]
CYCLE = {"protocol": {"kind": "cycling", "steps": STEPS}, "losses": False}
IMPEDANCE = {
    "protocol": {
        "kind": "impedance",
        "lowest": "100 mHz",
        "highest": "1 MHz",
        "potential": "3.6 V vs Li-In",
    }
}


@pytest.fixture(autouse=True)
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks run in this process."""
    monkeypatch.setattr("solith.study._engine.Processes", InProcess)


def spectrum(resistance: float = 120.0, **attributes: Any) -> Record:
    """An intercept, an arc and a tail."""
    omega = 2j * np.pi * FREQUENCY
    impedance = 30 + resistance / (1 + omega * resistance * 1e-5) + 5 / np.sqrt(omega)
    return Record.from_arrays(
        "impedance",
        provenance=Provenance("measured", file="cell.nc", notes=("-Im Z was turned",)),
        attributes=attributes,
        frequency_hertz=FREQUENCY,
        real_impedance_ohm=impedance.real,
        imaginary_impedance_ohm=impedance.imag,
    )


def cycling() -> Record:
    return Record.from_arrays(
        "cycling",
        test_time_second=[0, 1800, 1801, 3601],
        voltage_volt=[3.2, 3.6, 3.5, 2.9],
        current_ampere=[1e-3, 1e-3, -1e-3, -1e-3],
    )


@task_kind("test-spectrum", gives="record")
def calculated(*, resistance: float, sample: str) -> Record:
    """Stands for a simulation that needs no cell."""
    return replace(spectrum(resistance), provenance=Provenance("simulated", sample=sample))


@task_kind("test-balance")
def balance(*, mass: float) -> Result:
    return Result("balance", (Value("mass", mass, "mg"),))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with measured files, one for each kind."""
    write_record(tmp_path / "eis.nc", spectrum())
    write_record(tmp_path / "known.nc", spectrum(geometric_area_m2=2e-4))
    write_bdf(cycling(), tmp_path / "cycle.csv")
    return tmp_path


def study_of(files: Path, *, sample: dict[str, Any] | None = None, **changes: Any) -> Study:
    measured = {"imp": {"file": "eis.nc"}}
    mapping: dict[str, Any] = {
        "name": "joined",
        "samples": {"450": sample if sample is not None else {"measured": measured}},
        "experiments": {"imp": {"do": "test-spectrum", "resistance": 100.0}},
    }
    return Study.from_mapping({**mapping, **changes}, folder=files)


def with_cell(**measured: Any) -> dict[str, Any]:
    return {"cell": CELL, "measured": measured}


# --- tasks ------------------------------------------------------------------------------


def test_a_measured_file_becomes_two_tasks(files: Path) -> None:
    study = study_of(files)
    assert [task.name for task in study.tasks] == [
        "450/imp/measured",
        "450/imp/measured/analysis",
        "450/imp",
        "450/imp/analysis",
    ]
    again = Study.from_mapping(json.loads(json.dumps(study.to_mapping())), folder=files)
    assert again == study
    run = run_study(study, files / "run")
    assert run.failures == {}
    record = run.records["450/imp/measured"]
    assert (record.provenance.origin, record.provenance.sample) == ("measured", "450")
    assert record.provenance.notes == ("-Im Z was turned",)
    found = run.results["450/imp/measured/analysis"]["interfacial_resistance"].value
    other = run.results["450/imp/analysis"]["interfacial_resistance"].value
    assert found is not None
    assert other is not None
    assert found / other == pytest.approx(1.2, rel=0.01)


def test_facts_of_the_cell_hold_unless_something_else_is_said(files: Path) -> None:
    sample = with_cell(
        a={"file": "eis.nc"},
        b={"file": "eis.nc", "geometric_area": "0.8 cm2", "active_mass": "5 mg"},
        c={"file": "known.nc"},
    )
    run = run_study(study_of(files, sample=sample, experiments={}), files / "run")
    assert run.failures == {}
    usual, given, own = (run.records[f"450/{name}/measured"] for name in "abc")
    cell = read_cell(CELL)
    assert usual.data.attrs["geometric_area_m2"] == pytest.approx(cell.area)
    assert usual.data.attrs["active_mass_kg"] == pytest.approx(cell.active_mass)
    assert usual.data.attrs["one_c_ampere"] == pytest.approx(13 * cell.area)
    assert usual.provenance.notes[1:] == (
        "geometric area 0.785 cm2, that of the sample's cell",
        f"active mass {1e6 * cell.active_mass:.6g} mg, that of the sample's cell",
    )
    assert given.data.attrs["geometric_area_m2"] == pytest.approx(8e-5)
    assert given.data.attrs["active_mass_kg"] == pytest.approx(5e-6)
    assert given.data.attrs["one_c_ampere"] == pytest.approx(13 * 8e-5)
    assert given.provenance.notes[1:] == (
        "geometric area 0.8 cm2, given in the study",
        "active mass 5 mg, given in the study",
    )
    assert own.data.attrs["geometric_area_m2"] == 2e-4
    areas = [
        run.results[f"450/{name}/measured/analysis"]["interfacial_area_resistance"].value
        for name in "abc"
    ]
    assert areas[1] / areas[0] == pytest.approx(0.8 / 0.785)  # type: ignore[operator]
    assert areas[2] / areas[0] == pytest.approx(2 / 0.785)  # type: ignore[operator]


def test_a_fact_may_come_from_a_task(files: Path) -> None:
    mass = {"task": "balance", "value": "mass"}
    study = study_of(
        files,
        sample={"measured": {"cycle": {"file": "cycle.csv", "active_mass": mass}}},
        experiments={},
        tasks=[{"name": "balance", "do": "test-balance", "inputs": {"mass": 2.0}}],
    )
    assert Study.from_mapping(json.loads(json.dumps(study.to_mapping())), folder=files) == study
    run = run_study(study, files / "run")
    assert run.failures == {}
    assert run.results["450/cycle/measured/analysis"]["discharge_capacity"].unit == "mAh/g"
    assert run.records["450/cycle/measured"].data.attrs["active_mass_kg"] == pytest.approx(2e-6)


def test_facts_have_their_units(files: Path) -> None:
    for name, told in (
        ("geometric_area", "an area such as '0.785 cm2'"),
        ("pressure", "a pres"),
    ):
        sample = {"measured": {"imp": {"file": "eis.nc", name: 0.785}}}
        with pytest.raises(UnitError) as caught:
            study_of(files, sample=sample)
        assert str(caught.value).startswith(
            f"samples.450.measured.imp.{name}: 0.785 has no unit; expected {told}"
        )


def test_a_sample_without_a_cell_is_not_simulated(files: Path) -> None:
    samples = {
        "450": with_cell(imp={"file": "eis.nc"}),
        "pellet": {"measured": {"imp": {"file": "eis.nc", "analysis": False}}},
    }
    study = study_of(files, samples=samples, experiments={"imp": IMPEDANCE})
    assert study.experiments["imp"].samples == ("450",)
    assert "pellet/imp/measured" in {task.name for task in study.tasks}
    assert not {"pellet/imp", "pellet/imp/measured/analysis"} & {t.name for t in study.tasks}
    del samples["450"]
    with pytest.raises(InputError) as caught:
        study_of(files, samples=samples, experiments={"imp": IMPEDANCE})
    assert str(caught.value) == (
        "experiments.imp: there is no sample to do it with; describe the cell of one"
    )
    named = {**IMPEDANCE, "samples": ["pellet"]}
    with pytest.raises(InputError, match=r"experiments\.imp: sample 'pellet' has no cell, which"):
        study_of(files, samples=samples, experiments={"imp": named})


def test_the_analysis_is_that_of_the_experiment(files: Path) -> None:
    own = {"file": "cycle.csv", "analysis": {"noise": 0.5}}
    sample = with_cell(cycle={"file": "cycle.csv"}, other=own)
    experiments = {"cycle": {**CYCLE, "analysis": {"noise": 0.25}}}
    study = study_of(files, sample=sample, experiments=experiments)
    options = {
        name: study.task(f"450/{name}/measured/analysis").inputs["options"]
        for name in ("cycle", "other")
    }
    assert options == {"cycle": {"noise": 0.25}, "other": {"noise": 0.5}}


def test_a_titration_is_analysed_as_one(files: Path) -> None:
    protocol = {"kind": "gitt", "current": "0.1 C", "pulse": "5 min", "rest": "2 h"}
    gitt = {"protocol": {**protocol, "until": "2.5 V vs Li-In"}}
    sample = with_cell(titration={"file": "cycle.csv"})
    study = study_of(files, sample=sample, experiments={"titration": gitt})
    inputs = study.task("450/titration/measured").inputs
    assert (inputs["kind"], inputs["technique"]) == ("cycling", "gitt")


def test_measured_files_are_the_samples_own(files: Path) -> None:
    samples = {"450": with_cell(imp={"file": "eis.nc"}), "350": {"like": "450"}}
    study = study_of(files, samples=samples)
    assert study.samples["350"].measured == {}
    assert study.samples["350"].cell == study.samples["450"].cell


def test_a_changed_file_is_read_again_and_nothing_else(files: Path) -> None:
    folder = files / "run"
    run_study(study_of(files), folder)
    before = {path.name: path.stat().st_mtime_ns for path in (folder / "records").iterdir()}
    write_record(files / "eis.nc", spectrum(240.0))
    run = run_study(study_of(files), folder, reuse=True)
    after = {path.name: path.stat().st_mtime_ns for path in (folder / "records").iterdir()}
    assert {name for name in after if after[name] != before[name]} == {"450--imp--measured.nc"}
    found = run.results["450/imp/measured/analysis"]["interfacial_resistance"].value
    assert found == pytest.approx(240, rel=0.02)
    again = run_study(study_of(files), folder, reuse=True)
    assert again.results == run.results
    assert after == {p.name: p.stat().st_mtime_ns for p in (folder / "records").iterdir()}


# --- what is wrong ----------------------------------------------------------------------

BAD: list[tuple[dict[str, Any], str]] = [
    ({"file": "no.nc"}, ".file: there is no file 'no.nc' (looked for from the study's folder)"),
    ({}, ".file: is missing; give a value for it"),
    ({"file": 3}, ".file: 3 is not a text"),
    ({"file": "eis.nc", "record": 2}, ": 'eis.nc' has no record 2; choose among: 1 (impedance)"),
    ({"file": "eis.nc", "record": 0}, ".record: 0 is not a whole number from 1"),
    (
        {"file": "cycle.csv"},
        ": record 1 of 'cycle.csv' is of the kind 'cycling', but 'impedance' is wanted; give "
        "another file or record (it holds: 1 (cycling)), or a name that is no experiment's",
    ),
    (
        {"file": "eis.nc", "geometric_aera": "1 cm2"},
        ": unknown field 'geometric_aera'; did you mean 'geometric_area'? Choose from: ",
    ),
    ({"file": "eis.nc", "active_mass": "5 cm2"}, ".active_mass: "),
    ({"file": "eis.nc", "active_mass": "-5 mg"}, ".active_mass: '-5 mg' must be above 0"),
    (
        {"file": "eis.nc", "analysis": "yes"},
        ".analysis: 'yes' is neither a table of options nor true or false",
    ),
    (
        {"file": "eis.nc", "analysis": {"x": float("nan")}},
        ".analysis.x: nan is not a finite number",
    ),
    (
        {"file": "eis.nc", "active_mass": {"task": "balance", "value": "mass"}},
        ": unknown task 'balance'. Choose from: ",
    ),
]


@pytest.mark.parametrize(("entry", "message"), BAD)
def test_what_is_wrong_is_told_with_its_place(
    files: Path, entry: dict[str, Any], message: str
) -> None:
    experiments = {"imp": IMPEDANCE}
    with pytest.raises(InputError) as caught:
        study_of(files, sample=with_cell(imp=entry), experiments=experiments)
    assert str(caught.value).startswith(f"samples.450.measured.imp{message}")
    assert "\n" not in str(caught.value)


def test_a_damaged_file_is_told_when_the_study_is_read(files: Path) -> None:
    (files / "torn.nc").write_bytes(b"\x89HDF\r\n\x1a\n torn")
    with pytest.raises(InputError) as caught:
        study_of(files, sample={"measured": {"imp": {"file": "torn.nc"}}})
    told = str(caught.value)
    assert told.startswith(f"samples.450.measured.imp.file: {files / 'torn.nc'}: ")
    assert "cannot be read as netCDF" in told


def test_names_of_measured_files(files: Path) -> None:
    with pytest.raises(InputError, match=r"samples\.450\.measured: '\.\./x' is no usable name"):
        study_of(files, sample={"measured": {"../x": {"file": "eis.nc"}}})
    with pytest.raises(InputError, match=r"samples\.450\.measured\.x: 3 is not a table"):
        study_of(files, sample={"measured": {"x": 3}})


# --- comparison -------------------------------------------------------------------------


def compared(files: Path, **row: Any) -> Study:
    sample = {"measured": {"imp": {"file": "eis.nc"}}}
    entry = {"quantity": "interfacial_resistance", "experiment": "imp", **row}
    return study_of(
        files,
        samples={"450": sample, "350": {}},
        experiments={"imp": {"do": "test-spectrum", "resistance": 100.0}},
        compare=[entry],
    )


def test_rows_compare_with_what_was_measured(files: Path) -> None:
    study = compared(files, measured=True)
    assert Study.from_mapping(json.loads(json.dumps(study.to_mapping())), folder=files) == study
    run = run_study(study, files / "run")
    first, second = run.rows
    assert (first.measured, first.unit, first.source) == (True, "ohm", "measured: eis.nc")
    assert first.computed == pytest.approx(100, rel=0.02)
    assert first.published == pytest.approx(120, rel=0.02)
    assert (second.sample, second.published, second.flags) == ("350", None, ())
    assert rows_to_data(run.rows)[0]["measured"] is True
    assert rows_to_text(run.rows).splitlines()[0].split()[3] == "measured"
    page = render_report(run)
    assert "class=number>Measured</th>" in page
    assert "Of 1 predicted value with a measured counterpart, none lies within 10 %" in page
    in_kilo = run_study(compared(files, measured=True, unit="kohm"), files / "kilo").rows[0]
    assert (in_kilo.computed, in_kilo.published) == (
        pytest.approx(0.1, rel=0.02),
        pytest.approx(0.12, rel=0.02),
    )


def test_a_row_may_be_compared_with_any_task(files: Path) -> None:
    known = {"task": "{sample}/imp/measured/analysis", "value": "low_frequency_resistance"}
    study = compared(files, published=known)
    assert Study.from_mapping(json.loads(json.dumps(study.to_mapping())), folder=files) == study
    row = run_study(study, files / "run").rows[0]
    assert row.published == pytest.approx(150, rel=0.03)
    missing = compared(files, published={**known, "value": "R1"})
    row = run_study(missing, files / "run", force=True).rows[0]
    assert row.published is None
    assert row.flags[0].startswith("450/imp/measured/analysis: unknown quantity 'R1'")


def test_a_ratio_is_compared_with_the_measured_ratio(files: Path) -> None:
    write_record(files / "other.nc", spectrum(60.0))
    study = study_of(
        files,
        samples={
            "450": {"measured": {"imp": {"file": "eis.nc"}}},
            "350": {"measured": {"imp": {"file": "other.nc"}}},
        },
        compare=[
            {
                "quantity": "interfacial_resistance",
                "experiment": "imp",
                "ratio_to": "350",
                "measured": True,
            }
        ],
    )
    (row,) = run_study(study, files / "run").rows
    assert (row.computed, row.unit) == (pytest.approx(1), "")
    assert row.published == pytest.approx(2, rel=0.02)
    assert row.source == "measured: eis.nc; over measured: other.nc"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"measured": "yes"}, "compare.1.measured: 'yes' is neither true nor false"),
        (
            {"measured": True, "published": {"value": 1}},
            "compare.1: give either published or measured",
        ),
        (
            {"published": {"task": "{sample}/x/measured/analysis"}},
            "compare.1: there is no task '450/x/measured/analysis' to compare with; add its "
            "measured file to the sample, or name another task",
        ),
        (
            {"published": {"task": "{sample}/imp/measured"}},
            "compare.1: 'read' gives a record, not values; compare with its analysis",
        ),
        (
            {"published": {"task": "x", "valeu": "y"}},
            "compare.1.published: unknown field 'valeu'; did you mean 'value'?",
        ),
    ],
)
def test_rows_that_cannot_be_compared(files: Path, row: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        compared(files, **row)
    assert str(caught.value).startswith(message)


def test_a_measured_row_needs_an_experiment(files: Path) -> None:
    row = {"quantity": "q", "task": "450/imp/analysis", "measured": True}
    with pytest.raises(InputError, match=r"compare\.1\.measured: needs an experiment, beside"):
        study_of(files, compare=[row])


# --- report -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> StudyRun:
    """A study whose measured files are simulations of another cell, with noise."""
    folder = tmp_path_factory.mktemp("joined")
    random = np.random.default_rng(1)
    transfer = {"law": "butler-volmer", "area_resistance": "3300 ohm cm2"}
    transfer["double_layer"] = "10 uF/cm2"
    cell = {**CELL, "cathode": {**CELL["cathode"], "charge_transfer": transfer}}
    made = simulate(read_cell(cell), PROTOCOLS.read(IMPEDANCE["protocol"]))
    impedance = made.array("real_impedance_ohm") + 1j * made.array("imaginary_impedance_ohm")
    noise = random.normal(size=(2, len(made)))
    impedance = impedance * (1 + 1e-3 * (noise[0] + 1j * noise[1]))
    write_record(
        folder / "eis.nc",
        Record.from_arrays(
            "impedance",
            frequency_hertz=made.array("frequency_hertz"),
            real_impedance_ohm=impedance.real,
            imaginary_impedance_ohm=impedance.imag,
        ),
    )
    made = simulate(read_cell(cell), PROTOCOLS.read(CYCLE["protocol"]), losses=False)
    names = ("test_time_second", "voltage_volt", "current_ampere", "cycle_count")
    arrays = {name: made.array(name) for name in names}
    arrays["voltage_volt"] += 1e-3 * random.normal(size=len(made))
    write_bdf(Record.from_arrays("cycling", **arrays), folder / "cycle.csv")
    transfer = {**transfer, "area_resistance": "2730 ohm cm2"}
    cell = {**CELL, "cathode": {**CELL["cathode"], "charge_transfer": transfer}}
    files = {"impedance": {"file": "eis.nc"}, "cycle": {"file": "cycle.csv"}}
    study = Study.from_mapping(
        {
            "name": "joined",
            "samples": {
                "450": {"cell": cell, "measured": files},
                "pellet": {"measured": {"impedance": files["impedance"]}},
            },
            "experiments": {"impedance": IMPEDANCE, "cycle": CYCLE},
        },
        folder=folder,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("solith.study._engine.Processes", InProcess)
        run = run_study(study, folder / "run")
    assert run.failures == {}
    return run


def test_figures_hold_both_curves(joined: StudyRun) -> None:
    panels = {panel.title: panel for panel in find_panels(find_cases(joined))}
    nyquist = panels["Impedance"]
    named = {trace.name: trace for trace in nyquist.figure.data if trace.name}
    assert {name: trace.mode for name, trace in named.items()} == {
        "450": "lines",
        "450, measured": "markers",
        "pellet, measured": "markers",
    }
    assert named["450"].line.color == named["450, measured"].marker.color
    measured = read_record(joined.folder / "records" / "450--impedance--measured.nc")
    assert list(named["450, measured"].x) == list(measured.array("real_impedance_ohm"))
    assert nyquist.caption.endswith("Lines are simulated, marks measured.")
    curves = panels["Charge and discharge at 0.2 C"]
    found = [(trace.name, trace.mode) for trace in curves.figure.data]
    assert found == [("450", "lines")] * 2 + [("450, measured", "markers")] * 2
    assert 30 < len(curves.figure.data[2].x) <= 70
    assert curves.caption.endswith("Lines are simulated, marks measured.")
    page = render_report(joined)
    data = re.findall(r'<script type="application/json" data-figure="figure-\d+">(.*?)</', page)
    names = [{trace.get("name") for trace in json.loads(text)["data"]} for text in data]
    assert sum({"450", "450, measured"} <= found for found in names) == 3


def test_the_page_tells_measured_from_simulated(joined: StudyRun) -> None:
    page = render_report(joined)
    assert '<section id="measured"><h2>Measured beside simulated</h2>' in page
    assert "450/cycle/measured: geometric area 0.785 cm2, that of the sample&#x27;s cell" in page
    text = state_answer(joined)
    assert sum(line.startswith("Sample 450 as measured delivers ") for line in text) == 1
    assert not any(line.startswith("Compared with sample 450") for line in text)
    assert any(line.startswith("Sample pellet as measured: its interfacial") for line in text)
    assert ">450, measured</th>" in page
    told = [(case.sample, case.measured) for case in find_cases(joined)]
    assert told == [("450", False)] * 2 + [("450", True)] * 2 + [("pellet", True)]


def test_values_stand_side_by_side(joined: StudyRun) -> None:
    table = measured_tables(find_cases(joined))
    simulated = joined.results["450/impedance/analysis"]["interfacial_resistance"].value
    measured = joined.results["450/impedance/measured/analysis"]["interfacial_resistance"].value
    assert simulated is not None
    assert measured is not None
    row = re.search(r">interfacial resistance<.*?</tr>", table)
    assert row is not None
    numbers = re.findall(r'<td class="number">(.*?)</td>', row[0])
    assert [float(text) for text in numbers[:2]] == pytest.approx([simulated, measured], rel=1e-3)
    assert numbers[2] == f"−{100 * (1 - simulated / measured):.3g} %"
    assert "loss" not in table
    assert "pellet" not in table


def test_how_values_are_set_against_each_other() -> None:
    simulated = [
        Value("R1", 0.1, "kohm"),
        Value("tau", 1.0, "s"),
        Value("efficiency", 99.0, "%"),
        Value("voltage", 3.7, "V", flags=("odd",)),
        Value("rest", 3.0, "V"),
        Value("capacity", 1.0, "mAh"),
        Value("area resistance", 5.0, "ohm cm2", area="contact"),
        Value("none", None, "V", flags=("not found",)),
    ]
    measured = [
        Value("R1", 80.0, "ohm", uncertainty=2.0),
        Value("tau", 10.0, "s"),
        Value("efficiency", 98.5, "%"),
        Value("voltage", 3.75, "V"),
        Value("rest", 3.0 + 1e-15, "V"),
        Value("capacity", 150.0, "mAh/g"),
        Value("area resistance", 5.0, "ohm cm2", area="geometric"),
        Value("none", 1.0, "V"),
        Value("R2", 7.0, "ohm", flags=("guessed",)),
    ]
    run = StudyRun(
        study=Study("x"),
        folder=Path(),
        rows=(),
        records={},
        results={
            "a/e/analysis": Result("s", tuple(simulated)),
            "a/e/measured/analysis": Result("m", tuple(measured)),
            "a/alone/measured/analysis": Result("m", tuple(measured)),
        },
        failures={},
    )
    table = measured_tables(find_cases(run))
    rows = [
        [re.sub(r"<.*?>", " ", text).strip() for text in re.findall(r"<td.*?</td>", row)]
        for row in table.split("<tr>")[2:]
    ]
    assert rows == [
        ["R1", "Ω", "100", "80 ± 2", "+25 %"],
        ["tau", "s", "1", "10", "× 0.1"],
        ["efficiency", "%", "99", "98.5", "+0.5 points"],
        ["voltage simulated: odd", "V", "3.7", "3.75", "−0.05 V"],
        ["rest", "V", "3", "3", "0 V"],
        ["none simulated: not found", "V", "–", "1", "–"],
    ]
    assert (
        "a, measured only: capacity = 150 mAh/g, area resistance = 5 Ω cm² (geometric area), "
        "R2 = 7 Ω (guessed)." in table
    )
    assert "alone" not in table


@pytest.mark.parametrize(
    ("frequencies", "apart"),
    [
        ({"R1": 2e4, "peak_1": 3e4}, set()),
        ({"R1": 5.6e6, "peak_1": 3e4}, {"R0", "R1", "CPE1_Q", "R1_capacitance", "R1_frequency"}),
        ({"R1": 2e4, "R2": 10.0, "peak_1": 3e4}, {"R0", "R1", "CPE1_Q", "R1_capacitance"}),
        ({"R1": 2e4}, {"peak_1_resistance"}),
    ],
)
def test_numbered_parts_are_compared_only_of_the_same_processes(
    frequencies: dict[str, float], apart: set[str]
) -> None:
    def result(apexes: dict[str, float]) -> Result:
        names = ("R0", "R1", "CPE1_Q", "R1_capacitance", "R_total", "peak_1_resistance")
        told = [Value(f"{name}_frequency", value, "Hz") for name, value in apexes.items()]
        return Result("r", (*(Value(name, 1.0, "ohm") for name in names), *told))

    found = of_other_processes(result({"R1": 3.1e4, "peak_1": 3.1e4}), result(frequencies))
    assert apart <= found
    assert "R_total" not in found
    assert bool(found) == bool(apart)


def test_marks_only_beside_a_simulation() -> None:
    measured = cycling()
    simulated = replace(measured, provenance=Provenance("simulated"))
    modes = {trace.mode for trace in plot_charge_discharge({"a": measured, "b": measured}).data}
    assert modes == {"lines"}
    both = plot_charge_discharge({"a": simulated, "a/measured": measured})
    assert [trace.mode for trace in both.data] == ["lines", "lines", "markers", "markers"]
    curve = Record.from_arrays(
        "current-voltage", voltage_volt=np.linspace(0, 1, 500), current_ampere=np.zeros(500)
    )
    line = replace(curve, provenance=Provenance("simulated"))
    first, second = plot_current_voltage({"a": line, "a/measured": curve}).data
    assert (first.mode, len(first.x)) == ("lines", 500)
    assert (second.mode, len(second.x)) == ("markers", 70)
    assert (second.x[0], second.x[-1]) == (0, 1)
