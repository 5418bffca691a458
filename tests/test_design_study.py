"""``solith design``, the study ``solid-energy``, its tasks and figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from solith.app.cli import app
from solith.app.report import render_report
from solith.core.errors import InputError, UnknownNameError
from solith.core.result import Result
from solith.design import compute_energy, find_preset
from solith.figures import (
    plot,
    plot_pareto,
    plot_sensitivities,
    plot_stack_components,
    plot_stack_energy,
)
from solith.study import StudyRun, load_study, run_study
from solith.study.stack_energy import measure_stack_choice, measure_stack_energy

THIN = {"anode_collector.thickness": "0 um", "cathode_collector.thickness": "5 um"}
STACK = """
voltage = "3.6 V"
separator = {material = "LGPS", thickness = "20 um"}
anode = {kind = "foil", excess = 0.2}
cathode_collector = {material = "Al", thickness = "10 um", density = "2.7 g/cm3"}
[cathode]
active = {material = "NCA", mass_fraction = 0.8, density = "4.7 g/cm3"}
additives = [{material = "LGPS", mass_fraction = 0.2}]
capacity = "200 mAh/g"
loading = "20 mg/cm2"
porosity = 0.1
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> StudyRun:
    return run_study(load_study("solid-energy"), tmp_path_factory.mktemp("solid-energy"))


def test_the_study_gives_the_publications_numbers(run: StudyRun) -> None:
    assert run.failures == {}
    rows = {(row.sample, row.quantity): row for row in run.rows}
    compared = [row for row in run.rows if row.published is not None]
    assert len(compared) == 14
    for row in compared:
        assert row.computed is not None
        assert row.published is not None
        if row.unit == "um":
            assert row.computed == pytest.approx(row.published, abs=2), row
        else:
            assert row.computed == pytest.approx(row.published, rel=0.02), row
    for sample, quantity in (
        ("LLZO, 10 mg/cm2", "break_even_gravimetric"),
        ("LLZO, 50 mg/cm2", "break_even_gravimetric"),
        ("LLZO, 100 um", "volumetric_crossover_loading"),
        ("LLZO, 1 mg/cm2", "collector_gain_gravimetric"),
        ("LLZO, 50 mg/cm2", "collector_gain_volumetric"),
    ):
        assert rows[sample, quantity].computed is not None


def test_the_report_has_the_six_panels_and_the_choice(run: StudyRun) -> None:
    page = render_report(run)
    for title in ("Separator thickness", "Cathode loading", "Collectors"):
        for kind in ("gravimetric", "volumetric"):
            assert f"{title}, {kind}" in page
    assert "Pareto set (choice)" in page
    assert "Pareto set (choice of loading)" in page
    assert "What decides the highest power (choice of loading)" in page
    assert "Full foils: every cell has both of its collectors to itself" in page


def test_gains_and_curves_of_a_task() -> None:
    found = measure_stack_energy(
        "LLZO",
        preset="wu-2016",
        reference="liquid",
        changes={"cathode.loading": "1 mg/cm2"},
        compared=THIN,
        curves={"cathode.loading": ["1 mg/cm2", "50 mg/cm2"]},
    )
    stack = find_preset("wu-2016").stack("LLZO").with_value("cathode.loading", "1 mg/cm2")
    thin = stack.replace(anode_collector=None).with_value("cathode_collector.thickness", "5 um")
    before, after = compute_energy(stack).gravimetric.value, compute_energy(thin).gravimetric.value
    assert before is not None
    assert after is not None
    assert found["gain_gravimetric"].value == pytest.approx(100 * (after / before - 1))
    curve = found.details["curves"]["cathode.loading"]
    assert curve["gravimetric"][0] == pytest.approx(before, rel=1e-3)
    assert curve["compared_gravimetric"][0] == pytest.approx(after, rel=1e-3)
    assert found.details["compared"]["before"]["anode_collector.thickness"] == "5 um"
    assert Result.from_json(found.to_json()) == found
    names = [
        trace.name for trace in plot_stack_energy(found, "cathode.loading", compared=True).data
    ]
    assert names == [
        "anode collector 5 µm, cathode collector 10 µm",
        "anode collector 0 µm, cathode collector 5 µm",
    ]


def test_figures_of_stacks() -> None:
    found = {
        name: measure_stack_energy(
            name,
            preset="wu-2016",
            reference="liquid",
            curves={"separator.thickness": ["1 um", "150 um"]},
        )
        for name in ("LLZO", "LGPS")
    }
    drawn = plot_stack_energy(found, energy="volumetric")
    assert [trace.name for trace in drawn.data] == ["LLZO", "LGPS"]
    assert drawn.layout.annotations[0].text == "liquid"
    bars = plot_stack_components(found, "volume").data
    assert sum(bar.x[0] for bar in bars) == pytest.approx(100)
    with pytest.raises(InputError, match=r"LLZO: holds no curve along cathode\.loading"):
        plot_stack_energy(found, "cathode.loading")
    with pytest.raises(InputError, match="LLZO: holds no compared stack"):
        plot_stack_energy(found, compared=True)
    with pytest.raises(UnknownNameError, match="unknown energy 'areal'"):
        plot_stack_energy(found, energy="areal")
    with pytest.raises(UnknownNameError, match="unknown share 'cost'"):
        plot_stack_components(found, "cost")
    with pytest.raises(InputError, match="x: holds no components; expected an energy"):
        plot_stack_components({"x": Result("x", ())})


def test_a_choice_of_loading_trades_energy_at_a_load_for_power() -> None:
    found = measure_stack_choice(
        ["NMC532, coating 450"],
        preset="wang-2020",
        ranges=[{"path": "cathode.loading", "low": "5 mg/cm2", "high": "40 mg/cm2", "source": "x"}],
        samples=60,
        maximise=["gravimetric_at_load", "highest_power"],
        load="1 C",
    )
    drawn = found.details["pareto"]
    loading = drawn["inputs"]["cathode.loading"]
    best = sorted(drawn["best"], key=lambda place: loading[place])
    assert len(best) > 5
    outputs = drawn["outputs"]
    energies = [outputs["gravimetric_at_load"][place] for place in best]
    powers = [outputs["highest_power"][place] for place in best]
    assert energies == sorted(energies)
    assert powers == sorted(powers, reverse=True)


def test_the_least_of_a_varied_place_may_be_an_aim() -> None:
    found = measure_stack_choice(
        ["LLZO"],
        preset="wu-2016",
        samples=50,
        maximise=["gravimetric"],
        minimise=["cathode.loading"],
    )
    drawn = found.details["pareto"]
    lightest = min(range(50), key=lambda place: drawn["inputs"]["cathode.loading"][place])
    assert lightest in drawn["best"]
    assert drawn["best_of_each"]["LLZO"] == drawn["best"]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (
            lambda: measure_stack_energy(
                "LLZO", preset="wu-2016", changes={"separator.thickness": 30}
            ),
            "'30' has no unit; expected a length",
        ),
        (
            lambda: measure_stack_energy(
                "LLZO", preset="wu-2016", curves={"separator.thickness": [1, 150]}
            ),
            "'1' has no unit; expected a length",
        ),
        (
            lambda: measure_stack_choice(
                ["LLZO"],
                preset="wu-2016",
                ranges=[{"path": "separator.thickness", "low": 5, "high": 100, "source": "x"}],
            ),
            "separator.thickness: '5' has no unit; expected a length",
        ),
    ],
)
def test_numbers_of_a_study_file_have_their_units(make: Any, told: str) -> None:
    with pytest.raises(InputError) as error:
        make()
    assert told in str(error.value)


def test_the_choice_is_drawn() -> None:
    found = measure_stack_choice(
        ["LLZO", "LGPS"],
        preset="wu-2016",
        samples=100,
        maximise=["gravimetric", "separator_thickness"],
    )
    shares = [found[f"share_of_pareto_set, {name}"].value for name in ("LLZO", "LGPS")]
    assert sum(one or 0.0 for one in shares) == pytest.approx(1)
    drawn = plot_pareto(found)
    assert sum(len(trace.x) for trace in drawn.data) == 100
    best = [trace for trace in drawn.data if trace.name.endswith("best of all")]
    assert sum(len(trace.x) for trace in best) == found["in_pareto_set"].value
    with pytest.raises(UnknownNameError, match="unknown output 'cost'"):
        plot_pareto(found, "cost")
    bars = plot_sensitivities(found, "break_even_gravimetric").data
    assert [bar.name for bar in bars] == ["LLZO", "LGPS"]
    # How thick the separator is has no part in how thick it may be.
    assert bars[0].x[list(bars[0].y).index("separator thickness")] == pytest.approx(0, abs=1e-9)
    assert sum(bars[0].x) > 95
    with pytest.raises(UnknownNameError, match="unknown output 'cost'"):
        plot_sensitivities(found, "cost")
    with pytest.raises(InputError, match="'x' holds no sensitivities; expected a choice"):
        plot_sensitivities(Result("x", ()))
    assert len(plot(found).data) == len(drawn.data)
    assert len(plot(compute_energy(find_preset("wu-2016").stack("LLZO"))).data) == 5
    with pytest.raises(InputError, match="'x' holds no Pareto set; expected a choice"):
        plot_pareto(Result("x", ()))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"stack": "LLZO"}, "preset: 'LLZO' is a name; give the preset that has it"),
        ({"stack": {"cathode": 1}}, "stack: separator, anode is missing"),
        (
            {"stack": "LLZO", "preset": "wu-2016", "ohmic": {"drop": "1 mV"}},
            "ohmic: give three of drop",
        ),
        (
            {"stack": "LLZO", "preset": "wu-2016", "ohmic": {"voltage": "1 mV"}},
            "ohmic: unknown field 'voltage'",
        ),
        (
            {"stack": "LLZO", "preset": "wu-2016", "curves": {"voltage": "3 V"}},
            "curves.voltage: '3 V' is no list of two ends",
        ),
    ],
)
def test_bad_inputs_of_a_task_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        measure_stack_energy(given.pop("stack"), **given)
    assert message in str(error.value)


# --- the command ------------------------------------------------------------------------


def design(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["design", *arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0
    return done.stdout


def test_the_command_prints_a_preset() -> None:
    text = design("--preset", "wu-2016")
    assert "gravimetric" in text
    assert "361.5 mAh/g: not printed, and calibrated" in text
    assert "* full foils: every cell" in text
    rows = json.loads(design("--preset", "wu-2016", "--json"))
    found = {(row["sample"], row["quantity"]): row for row in rows}
    assert found["LLZO", "break_even_gravimetric"]["value"] == pytest.approx(41, abs=1)
    assert found["LGPS", "thickness_for_50_percent_gain"]["unit"] == "um"
    assert found["liquid", "gravimetric"]["convention"].startswith("full foils")


def test_the_command_reads_a_stack(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(STACK)
    text = design(str(file))
    assert "cathode collector  Al" in text
    assert "full foils" in text
    inner = STACK.replace("[cathode]", "[stack.cathode]")
    ranges = '[[ranges]]\npath = "separator.thickness"\nlow = "10 um"\nhigh = "30 um"\n'
    file.write_text(
        f"[stack]{inner}\n[reference]{STACK.replace('[cathode]', '[reference.cathode]')}"
    )
    rows = {row["quantity"]: row for row in json.loads(design(str(file), "--json"))}
    assert rows["break_even_gravimetric"]["value"] == pytest.approx(20)
    file.write_text(f'[stack]{inner}\n{ranges}source = "assumed"\n')
    assert "gravimetric, 5 % = " in design(str(file))
    file.write_text(f"[stack]{inner}\n{ranges}")
    with pytest.raises(InputError, match=r"mine\.toml: ranges\.1: source is missing"):
        design(str(file))
    file.write_text(f"[stack]{inner}\n[cell]\n")
    with pytest.raises(UnknownNameError, match=r"mine\.toml: unknown table 'cell'"):
        design(str(file))
    file.write_text(STACK.replace("porosity = 0.1", "porosity = 1.0"))
    with pytest.raises(InputError, match=r"mine\.toml: cathode\.porosity: 1 leaves no room"):
        design(str(file))


def test_the_command_needs_one_thing_to_design(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="give either a FILE or --preset NAME"):
        design()
    with pytest.raises(InputError, match="there is no such file; expected a stack in TOML"):
        design(str(tmp_path / "none.toml"))
    (tmp_path / "empty.toml").write_text("")
    with pytest.raises(InputError, match="the file is empty; expected a stack in TOML"):
        design(str(tmp_path / "empty.toml"))
    with pytest.raises(UnknownNameError, match="unknown preset 'wu'"):
        design("--preset", "wu")
