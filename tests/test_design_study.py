"""``solith design``, the study ``solid-energy``, its tasks and figures."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from solith.app._report_cases import Case
from solith.app._report_stacks import find_stack_panels
from solith.app.cli import app
from solith.app.report import render_report
from solith.core.errors import InputError, UnknownNameError
from solith.core.result import Result
from solith.design import Range, compute_energy, find_preset, sample_energy
from solith.figures import (
    plot,
    plot_pareto,
    plot_sensitivities,
    plot_stack_components,
    plot_stack_energy,
)
from solith.study import StudyRun, load_study, run_study
from solith.study.stack_energy import measure_stack_choice, measure_stack_energy

DOCS = Path(__file__).parents[1] / "docs" / "stack-energy.md"
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
    # A separator's volume does not tell what it is of: the two lines are one.
    assert drawn.layout.legend.title.text == "LLZO and LGPS coincide"
    wide, thin = (trace.line for trace in drawn.data)
    assert (wide.dash, thin.dash) == ("solid", "18px,18px")
    assert wide.width > thin.width
    assert plot_stack_energy(found).layout.legend.title.text is None
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
    with pytest.raises(UnknownNameError, match="unknown output or input 'cost'"):
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
    with pytest.raises(
        InputError, match=r"no Pareto set; expected sample_energy\(\.\.\.\)\.result"
    ):
        plot_pareto(Result("x", ()))


def test_samples_of_ones_own_are_drawn_by_outputs_and_inputs() -> None:
    wu = find_preset("wu-2016")
    ranges = [
        Range("separator.thickness", "10 um", "60 um", "assumed"),
        Range("cathode.loading", "10 mg/cm2", "40 mg/cm2", "assumed"),
    ]
    drawn = sample_energy({"a": wu.stack("LLZO"), "b": wu.stack("LGPS")}, ranges, samples=60)
    figure = plot_pareto(drawn.result)
    assert len(plot(drawn.result).data) == len(figure.data)
    best = drawn.pareto_set(maximise=["gravimetric", "separator_thickness"])
    ringed = [trace for trace in figure.data if trace.name.endswith("best of all")]
    assert sum(len(trace.x) for trace in ringed) == len(best)
    aims = {"maximise": ["volumetric"], "minimise": ["cathode.loading"]}
    chosen = drawn.choose(**aims)
    assert chosen["in_pareto_set"].value == len(drawn.pareto_set(**aims))
    assert Result.from_json(chosen.to_json()).details["pareto"] == chosen.details["pareto"]
    plain = plot_pareto(chosen, "cathode.loading", "volumetric", marked=False)
    assert [trace.name for trace in plain.data] == ["a", "b"]
    assert plain.layout.xaxis.title.text == "Cathode loading (mg/cm²)"
    assert 10 <= min(plain.data[0].x) < max(plain.data[0].x) <= 40
    assert "cathode.loading: " in plain.data[0].customdata[0]
    assert plain.data[0].customdata[0].endswith("mg/cm²")
    with pytest.raises(InputError, match="give at least one objective"):
        drawn.choose()


def test_one_range_that_decides_all_is_drawn_against() -> None:
    found = measure_stack_choice(["LLZO", "LGPS"], preset="wu-2016", samples=50)
    panels = {one.title: one.figure for one in find_stack_panels([Case("c", "t", None, found)])}
    told = [title for title in panels if "break-even" in title.lower()]
    assert told == [
        "Break-even thickness by mass against the cathode loading, which decides it (c)"
    ]
    assert panels[told[0]].layout.xaxis.title.text == "Cathode loading (mg/cm²)"
    shares = panels["What decides the energy by mass (c)"].layout
    assert (shares.xaxis.title.text, shares.xaxis.range) == ("Share of the variance (%)", (0, 105))
    assert shares.legend.title.text == "Gravimetric energy"


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
    text = design(str(file))
    assert re.search(r"^quantity +mean +5 % +50 % +95 % +unit +when", text, re.M)
    assert "What decides gravimetric\n" in text
    assert "separator.thickness  100 %" in text
    file.write_text(f"[stack]{inner}\n{ranges}")
    with pytest.raises(InputError, match=r"mine\.toml: ranges\.1: source is missing"):
        design(str(file))
    file.write_text(f"[stack]{inner}\n[cell]\n")
    with pytest.raises(UnknownNameError, match=r"mine\.toml: unknown table 'cell'"):
        design(str(file))
    file.write_text(STACK.replace("porosity = 0.1", "porosity = 1.0"))
    with pytest.raises(InputError, match=r"mine\.toml: cathode\.porosity: 1 leaves no room"):
        design(str(file))


PACKED = """
width = "10 cm"
length = "10 cm"
pouch = {thickness = "113 um", density = "1.6 g/cm3"}
"""


def with_reference(own: str = "", others: str = "") -> str:
    inner = STACK.replace("[cathode]", "[stack.cathode]")
    other = STACK.replace("[cathode]", "[reference.cathode]").replace("20 um", "30 um")
    return f"[stack]{own}{inner}\n[reference]{others}{other}"


def test_the_command_tells_the_references_energy_and_what_is_unlike(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(with_reference())
    text = design(str(file))
    assert "Beside the reference, at open circuit unless a load is named" in text
    assert "not like with like" not in text
    rows = {
        (row["sample"], row["quantity"]): row for row in json.loads(design(str(file), "--json"))
    }
    mine, its = (rows[name, "gravimetric"]["value"] for name in ("mine", "reference"))
    assert mine > its
    line = next(one for one in text.splitlines() if one.startswith("gravimetric  ") and "+" in one)
    assert f"{mine:.4g}  {its:.4g}" in line
    assert f"{100 * (mine / its - 1):+.3g} %" in line
    assert rows["mine", "break_even_gravimetric"]["method"] == "at open circuit"
    file.write_text(with_reference(PACKED))
    told = "not like with like: the stack counts pouch, its reference nothing around the layers"
    assert f"! {told}" in design(str(file))
    rows = {
        (row["sample"], row["quantity"]): row for row in json.loads(design(str(file), "--json"))
    }
    assert told in rows["mine", "break_even_volumetric"]["flags"]
    file.write_text(with_reference(PACKED, PACKED))
    assert "not like with like" not in design(str(file))


def test_under_a_load_the_reference_is_under_it_too(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    conducting = with_reference().replace(
        '"LGPS", thickness', '"LGPS", conductivity = "1 mS/cm", thickness'
    )
    file.write_text(conducting)
    rows = json.loads(design(str(file), "--load", "5 C", "--json"))
    found = {(row["sample"], row["quantity"]): row for row in rows}
    assert found["mine", "break_even_gravimetric_at_load"]["value"] == pytest.approx(30)
    assert found["mine", "break_even_gravimetric_at_load"]["method"] == "at 5 C"
    assert found["reference", "gravimetric_at_load"]["value"] is not None
    text = design(str(file), "--load", "5 C")
    assert "gravimetric_at_load" in text.split("Separator thickness")[0]
    assert "interface_cost          none" in text
    assert "no resistances but the separator's are given" in text
    halves = conducting.split("[reference]")
    plain = halves[1].replace('conductivity = "1 mS/cm", ', "")
    file.write_text(f"{halves[0]}[reference]{plain}")
    text = design(str(file), "--load", "5 C")
    assert "reference: at open circuit alone, as it names no separator.conductivity" in text
    assert "] lower bound: the reference counts at open circuit" in text


def test_ranges_at_a_load_are_computed_there(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    ranges = (
        '[[ranges]]\npath = "separator.thickness"\nlow = "10 um"\nhigh = "90 um"\nsource = "x"\n'
    )
    inner = STACK.replace("[cathode]", "[stack.cathode]")
    inner = inner.replace('"LGPS", thickness', '"LGPS", conductivity = "0.1 mS/cm", thickness')
    file.write_text(f"[stack]{inner}\n{ranges}")
    rows = json.loads(design(str(file), "--load", "1 C", "--json"))
    found = {row["quantity"]: row for row in rows}
    assert found["gravimetric, 50 %"]["method"] == "at open circuit"
    assert found["gravimetric_at_load, 50 %"]["method"] == "at 1 C"
    assert found["gravimetric_at_load, 50 %"]["value"] < found["gravimetric, 50 %"]["value"]
    share = found["share of the variance of gravimetric_at_load, separator.thickness"]
    assert share["value"] == pytest.approx(1, abs=0.01)
    assert found["gravimetric"]["value"] != found["gravimetric, mean"]["value"]


def test_what_no_sample_has_is_told(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    ranges = '[[ranges]]\npath = "separator.thickness"\nlow = "1 mm"\nhigh = "2 mm"\nsource = "x"\n'
    inner = STACK.replace("[cathode]", "[stack.cathode]")
    file.write_text(f"[stack]{inner}\n{ranges}")
    assert "[1] no separator.conductivity is given" in design(str(file))
    inner = inner.replace('"LGPS", thickness', '"LGPS", conductivity = "1 nS/cm", thickness')
    file.write_text(f"[stack]{inner}\n{ranges}")
    text = design(str(file), "--load", "1 C", "--out", str(tmp_path / "out"))
    assert re.search(r"^gravimetric_at_load +none +none +none +none +Wh/kg +\[1\]$", text, re.M)
    assert "[1] 1 C is borne in no sample" in text


def test_a_stack_without_any_resistance_has_a_report(tmp_path: Path) -> None:
    file, out = tmp_path / "mine.toml", tmp_path / "out"
    file.write_text(
        STACK.replace(
            '"LGPS", thickness = "20 um"', '"LGPS", thickness = "0 um", conductivity = "1 mS/cm"'
        )
    )
    assert "gravimetric_at_load" in design(str(file), "--load", "1 C", "--out", str(out))
    assert "At 1 C" in (out / "report.html").read_text(encoding="utf-8")


def test_what_is_missing_has_its_reason() -> None:
    for arguments in (("wu-2016",), ("wang-2020", "--load", "1 C")):
        text = design("--preset", *arguments)
        table = text.split("\n\n")[0]
        assert not [line for line in table.splitlines()[2:] if " - " in line]
        for word in table.split("none ")[1:]:
            number = word.split("]")[0].strip("[")
            assert f"\n[{number}] " in text
    assert (
        "[1] not reached" in design("--preset", "wu-2016") or "] it is the reference itself" in text
    )
    assert "] no separator.conductivity is given" in design("--preset", "wu-2016", "--load", "1 C")


def test_the_design_is_reported(tmp_path: Path) -> None:
    page_of = re.search(r"^```toml\n(.*?)^```", DOCS.read_text(encoding="utf-8"), re.M | re.S)
    assert page_of is not None
    file, out = tmp_path / "stack.toml", tmp_path / "design"
    file.write_text(page_of[1])
    asked = ("--load", "1 C", "--coatings", "LiNbO3,Li3PO4", "--out", str(out))
    text = design(str(file), *asked)
    assert "Coatings at 1 C, judged at 4.30 V vs Li, the cathode's end of charge" in text
    assert "not like with like" not in text
    assert f"The report is {out / 'report.html'}" in text
    page = (out / "report.html").read_text(encoding="utf-8")
    for words in (
        "Separator thickness, gravimetric",
        "Ragone lines",
        "What the cells weigh",
        "Pareto set (choice)",
        "What decides the energy by mass at the load",
        "judged at 4.30 V vs Li, the cathode&#x27;s end of charge",
        "Double-sided electrodes: 20 cells in parallel",
        "reference: no separator.conductivity is given, which a load needs.",
        "it is the reference itself",
    ):
        assert words in page, words
    rows = json.loads((out / "values.json").read_text(encoding="utf-8"))
    assert rows == json.loads(design(str(file), *asked[:4], "--json"))
    with pytest.raises(InputError, match="the folder holds an earlier result"):
        design(str(file), "--out", str(out))
    design(str(file), "--out", str(out), "--force")
    assert "Ragone" not in (out / "report.html").read_text(encoding="utf-8").split("<script>")[0]


def test_a_preset_is_reported(tmp_path: Path) -> None:
    design("--preset", "wu-2016", "--out", str(tmp_path / "wu"))
    page = (tmp_path / "wu" / "report.html").read_text(encoding="utf-8")
    assert "361.5 mAh/g: not printed, and calibrated" in page
    assert "Cathode loading, volumetric" in page


def test_materials_are_judged_at_a_potential() -> None:
    def materials(*arguments: str) -> str:
        done = CliRunner().invoke(app, ["materials", *arguments])
        if isinstance(done.exception, InputError):
            raise done.exception
        return done.stdout

    text = materials("coating", "--potential", "3.98 V vs Li-In")
    assert "verdict at 4.60 V vs Li" in text
    assert "0.89 to 4.31 " in text
    assert "oxidised above 4.31 ± 0.15 V" in text
    assert "no packaged entry set covers B, Li, O" in text
    told = json.loads(materials("LGPS", "--potential", "2 V vs Li", "--json"))[0]["stability"]
    assert told["verdict"] == "stable"
    assert told["reduction_limit"] < 2 < told["oxidation_limit"]
    assert "it is what potentials are counted from" in materials("Li", "--potential", "0 V vs Li")
    assert "it gives off lithium as it works" in materials("LiCoO2", "--potential", "4 V vs Li")
    assert "no window: at every potential" in materials("ALD LiPON", "--potential", "4 V vs Li")
    with pytest.raises(InputError, match=r"--potential: '4\.3 V' names no reference"):
        materials("LGPS", "--potential", "4.3 V")


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
