"""Calibration: its mathematics on problems with known answers, and as a task of studies."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.in_process import InProcess

from solith.core.catalogue import Catalogue
from solith.core.errors import ConvergenceError, InputError
from solith.core.progress import Progress
from solith.core.quantities import to_si
from solith.core.result import Result, Value
from solith.study import (
    Parameter,
    Study,
    Target,
    calibrate,
    compare,
    load_study,
    propagate,
    run_study,
    task_kind,
)
from solith.study._least_squares import minimise
from solith.study.calibration import absolute_uncertainty

TIMES = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0)
TRUE = {"height": 2.0, "rate": 0.7}
DECAY = [
    Parameter("height", 1.0, 0.1, 10.0, "log", "V"),
    Parameter("rate", 0.1, 0.01, 10.0, "log", "1/s"),
]


def decay(values: Mapping[str, float]) -> dict[str, float]:
    return {f"t{t:g}": values["height"] * math.exp(-values["rate"] * t) for t in TIMES}


def targets_of(predicted: Mapping[str, float], uncertainty: float = 0.05) -> list[Target]:
    return [Target(name, value, uncertainty, "V") for name, value in predicted.items()]


# --- the mathematics ----------------------------------------------------------------------


def test_exact_targets_give_the_parameters_back() -> None:
    heard: list[str] = []
    progress = Progress(lambda fraction, message: heard.append(message))
    result = calibrate(decay, DECAY, targets_of(decay(TRUE)), progress=progress)
    for name, value in TRUE.items():
        found = result[name]
        assert found.value == pytest.approx(value, rel=1e-3)
        assert found.flags == ()
    assert result["chi_squared"].value == pytest.approx(0, abs=1e-3)
    assert result.details["converged"]
    assert result.details["degrees_of_freedom"] == 4
    assert result.details["evaluations"] == len(heard) <= 25
    assert heard[0].startswith("evaluation 1: chi-squared ")
    assert Result.from_json(result.to_json()) == result


def test_a_linear_problem_has_the_textbook_covariance() -> None:
    abscissae = np.linspace(-1, 2, 7)
    design = np.stack([np.ones(7), abscissae], axis=1)

    def line(values: Mapping[str, float]) -> dict[str, float]:
        return {str(i): values["a"] + values["b"] * x for i, x in enumerate(abscissae)}

    parameters = [Parameter("a", 0.0, -5.0, 5.0), Parameter("b", 0.0, -5.0, 5.0)]
    result = calibrate(line, parameters, targets_of(line({"a": 1.0, "b": -2.0}), 0.1))
    expected = np.linalg.inv(design.T @ design) * 0.1**2
    np.testing.assert_allclose(result.details["covariance"], expected, rtol=1e-6)
    np.testing.assert_allclose(result.details["sensitivities"], design, rtol=1e-6)
    assert result["b"].uncertainty == pytest.approx(math.sqrt(expected[1, 1]), rel=1e-6)
    low, high = result.details["intervals"]["b"]
    assert (high - low) / 2 == pytest.approx(1.96 * math.sqrt(expected[1, 1]), rel=1e-3)
    assert (high + low) / 2 == pytest.approx(-2, rel=1e-4)


def test_intervals_cover_as_often_as_they_say() -> None:
    noise = np.random.default_rng(4)
    hits = {"height": 0, "rate": 0}
    for _ in range(100):
        measured = {name: v + 0.05 * noise.normal() for name, v in decay(TRUE).items()}
        intervals = calibrate(decay, DECAY, targets_of(measured)).details["intervals"]
        for name, value in TRUE.items():
            hits[name] += intervals[name][0] <= value <= intervals[name][1]
    # 95 % of 100 with three standard deviations of the binomial distribution
    assert all(88 <= count <= 100 for count in hits.values()), hits


@given(
    height=st.floats(0.3, 8.0),
    rate=st.floats(0.05, 2.0),
    start=st.tuples(st.floats(0.2, 9.0), st.floats(0.05, 5.0)),
)
def test_it_does_not_matter_where_the_search_begins(
    height: float, rate: float, start: tuple[float, float]
) -> None:
    parameters = [
        Parameter("height", start[0], 0.1, 10.0, "log"),
        Parameter("rate", start[1], 0.01, 10.0, "log"),
    ]
    truth = {"height": height, "rate": rate}
    result = calibrate(decay, parameters, targets_of(decay(truth), 0.02 * height))
    for name, value in truth.items():
        found = result[name]
        assert found.value is not None
        if found.uncertainty is not None:
            assert abs(found.value - value) < 0.05 * found.uncertainty + 1e-6


def test_what_cannot_be_told_apart_is_said() -> None:
    def lump(values: Mapping[str, float]) -> dict[str, float]:
        lumped = values["resistance"] / values["contact_fraction"]
        return {"drop": lumped, "slope": 3 * math.sqrt(lumped)}

    parameters = [
        Parameter("resistance", 50.0, 1.0, 1e4, "log", "ohm cm2"),
        Parameter("contact_fraction", 0.5, 0.1, 1.0, "log"),
    ]
    result = calibrate(lump, parameters, [Target("drop", 200, 4), Target("slope", 42, 1)])
    assert result["resistance"].flags == (
        "cannot be told apart from contact_fraction (correlation 1.00)",
    )
    assert result["resistance"].uncertainty is None
    ratio = result["resistance"].value / result["contact_fraction"].value  # type: ignore[operator]
    assert ratio == pytest.approx(199.4, rel=5e-3)
    last = result.details["combinations"][-1]
    assert not last["determined"]
    assert last["words"] == (
        "resistance and contact_fraction up together leaves the targets as they are; "
        "only what is like the ratio of the two is determined"
    )
    # What depends on the lump alone is known, what depends on one of the two is not.
    rows = propagate(
        result, lambda v: {"lump": v["resistance"] / v["contact_fraction"], "one": v["resistance"]}
    )
    assert rows["lump"].uncertainty == pytest.approx(3.7, rel=0.1)
    assert rows["one"].uncertainty is None
    assert rows["one"].flags == ("leans on what its calibration does not determine",)


def test_three_that_only_go_together_are_said() -> None:
    def mixed(values: Mapping[str, float]) -> dict[str, float]:
        return {"sum": sum(values.values()), "difference": values["x"] - values["y"]}

    parameters = [Parameter(name, 0.5, 0.0, 1.0) for name in "xyz"]
    result = calibrate(mixed, parameters, [Target("sum", 1.4, 0.01), Target("difference", 0, 0.01)])
    assert result["z"].flags[0].startswith("cannot be told apart from x (correlation -1.00)")
    assert result["chi_squared"].flags == (
        "the targets are used up: nothing is left to test the model",
    )


def test_a_parameter_without_effect_is_not_determined() -> None:
    def predict(values: Mapping[str, float]) -> dict[str, float]:
        return {"x": values["x"]}

    parameters = [Parameter("x", 0.2, 0.0, 1.0), Parameter("idle", 0.3, 0.0, 1.0)]
    result = calibrate(predict, parameters, [Target("x", 0.5, 0.01)])
    assert result["x"].uncertainty == pytest.approx(0.01, rel=1e-3)
    assert result["x"].flags == ()
    assert (result["idle"].value, result["idle"].uncertainty) == (0.3, None)
    assert result["idle"].flags == (
        "not determined by these targets: they say no more than its bounds do",
    )
    assert result.details["warnings"] == [
        "idle: not determined by these targets: they say no more than its bounds do",
        "chi_squared: the targets are used up: nothing is left to test the model",
    ]


def test_a_prior_determines_what_targets_do_not() -> None:
    def predict(values: Mapping[str, float]) -> dict[str, float]:
        return {"sum": values["x"] + values["y"]}

    parameters = [Parameter("x", 1.0, 0.0, 9.0), Parameter("y", 1.0, 0.0, 9.0, prior=(2.0, 0.1))]
    result = calibrate(predict, parameters, [Target("sum", 5.0, 0.1)])
    assert result["x"].value == pytest.approx(3, abs=1e-3)
    assert result["x"].uncertainty == pytest.approx(0.1 * math.sqrt(2), rel=1e-3)
    assert result.details["priors"][0]["pull"] == pytest.approx(0, abs=1e-2)


def test_a_bound_is_held_and_said() -> None:
    def predict(values: Mapping[str, float]) -> dict[str, float]:
        return {"a": values["x"] + values["y"], "b": values["y"]}

    parameters = [Parameter("x", 0.5, 0.0, 1.0), Parameter("y", 0.5, 0.0, 1.0)]
    result = calibrate(predict, parameters, [Target("a", 1.9, 0.1), Target("b", 0.5, 0.1)])
    assert (result["x"].value, result["x"].uncertainty) == (1.0, None)
    assert result["x"].flags[0] == "at its bound 1; no uncertainty is defined there"
    assert result["y"].value == pytest.approx(0.7, abs=1e-3)
    assert result["y"].uncertainty == pytest.approx(0.1 / math.sqrt(2), rel=1e-3)
    assert result.details["intervals"]["x"] is None
    missed = "the targets are missed by more than their uncertainties"
    assert not any(missed in flag for flag in result["y"].flags)
    worse = calibrate(predict, parameters, [Target("a", 2.9, 0.1), Target("b", 0.5, 0.1)])
    assert any(missed in flag for flag in worse["y"].flags)


def test_a_trial_that_fails_is_a_refused_step() -> None:
    def predict(values: Mapping[str, float]) -> dict[str, float]:
        if values["x"] > 0.7:
            raise ConvergenceError("too far")
        return {"a": math.exp(3 * values["x"])}

    found = calibrate(predict, [Parameter("x", 0.05, 0.0, 1.0)], [Target("a", 7.0, 0.05)])
    assert found["x"].value == pytest.approx(math.log(7) / 3, abs=1e-4)
    assert found.details["failed_evaluations"] > 0
    with pytest.raises(ConvergenceError, match="too far"):
        calibrate(predict, [Parameter("x", 0.9, 0.0, 1.0)], [Target("a", 7.0, 0.05)])


def test_what_does_not_converge_is_marked() -> None:
    found = calibrate(decay, DECAY, targets_of(decay(TRUE)), most_evaluations=4)
    assert not found.details["converged"]
    assert found["rate"].flags[0].startswith("not converged after ")


def test_noise_of_a_simulator_does_not_disturb() -> None:
    def noisy(values: Mapping[str, float]) -> dict[str, float]:
        return {
            name: value * (1 + 1e-6 * math.sin(1e9 * values["rate"]))
            for name, value in decay(values).items()
        }

    found = calibrate(noisy, DECAY, targets_of(decay(TRUE)))
    assert found.details["converged"]
    assert found.details["evaluations"] <= 25
    assert found["rate"].value == pytest.approx(0.7, rel=1e-3)


def test_the_valley_of_rosenbrock_takes_few_evaluations() -> None:
    def valley(point: Any) -> Any:
        x, y = -2 + 4 * point
        return np.array([10 * (y - x * x), 1 - x])

    fit = minimise(valley, np.array([0.2, 0.75]), most_evaluations=200)
    np.testing.assert_allclose(-2 + 4 * fit.point, [1, 1], atol=0.01)
    assert fit.evaluations < 50


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: Parameter("x", 2, 0, 1, unit="nm"), "x.start: 2 nm is outside its bounds, 0 nm"),
        (lambda: Parameter("x", 0, 1, 0), "x.low: 1 must be below high, 0"),
        (lambda: Parameter("x", 1, 0, 2, "log"), "x.low: 0 must be above 0 on the scale log"),
        (lambda: Parameter("x", 1, 0, 2, "ln"), "x.scale: 'ln' must be linear or log"),
        (lambda: Parameter("x", 1, 0, math.inf), "x: start, low, high and prior must be finite"),
        (lambda: Parameter("x", 1, 0, 2, prior=(1, 0)), "x.prior: an uncertainty must be above 0"),
        (lambda: Target("t", 1, 0, "V"), "t: an uncertainty of 0 V is not above 0; every target"),
        (lambda: calibrate(decay, [], []), "parameters: there is nothing to find; give at least"),
        (lambda: calibrate(decay, DECAY, []), "targets: there is nothing to meet; give at least"),
        (
            lambda: calibrate(decay, [*DECAY, DECAY[0]], targets_of({"t0": 1})),
            "parameters: 'height' stands there twice",
        ),
        (lambda: calibrate(decay, DECAY, [Target("q", 1, 1)]), "targets: predict gives no 'q'"),
        (
            lambda: absolute_uncertainty("3 nm", 2.0, "V"),
            "'3.0 nm' has the unit 'nm', of the wrong",
        ),
        (lambda: absolute_uncertainty("0 %", 2.0, "V"), "'0 %' is no uncertainty above 0"),
    ],
)
def test_what_is_wrong_is_told(made: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        made()
    assert str(caught.value).startswith(message) or message in str(caught.value)


def test_relative_and_absolute_uncertainties() -> None:
    assert absolute_uncertainty("2 %", -50.0, "mAh/g") == pytest.approx(1.0)
    assert absolute_uncertainty("0.5 %", 87.0, "%") == pytest.approx(0.5)
    assert absolute_uncertainty("3 mV", 1.0, "V") == pytest.approx(3e-3)
    assert absolute_uncertainty("2 degC", 25.0, "degC") == pytest.approx(2)
    assert absolute_uncertainty(0.1, 0.3, "") == pytest.approx(0.1)


# --- in studies ---------------------------------------------------------------------------


@task_kind("test-discharge")
def discharge(*, cell: Mapping[str, Any], rate: float, offset: float = 0.0, sample: str) -> Result:
    """A closed form: capacity falls with rate over diffusivity, loss with resistance."""
    cathode = cell["cathode"]
    diffusivity = to_si(cathode["diffusivity"]["value"], "m2/s")
    resistance = to_si(cathode["charge_transfer"]["area_resistance"], "ohm m2")
    composite = cathode["composite"]
    capacity = 200 * composite["accessible_fraction"] / (1 + rate * 1e-15 / diffusivity)
    loss = rate * resistance / composite["contact_fraction"] + offset
    return Result(
        f"{sample} at {rate:g}",
        (Value("capacity", capacity, "mAh/g"), Value("loss", loss, "mV")),
        {
            "units": {"capacity": "mAh/g"},
            "cycles": [{"cycle": n, "capacity": capacity / n} for n in (1, 2)],
        },
    )


CELL: dict[str, Any] = {
    "area": "0.785 cm2",
    "one_c": "1.3 mA/cm2",
    "cathode": {
        "material": "NMC532",
        "loading": "8.7 mg/cm2",
        "initial_lithium_fraction": 0.9999,
        "diffusivity": "1e-11 cm2/s",
        "composite": {
            "active_fraction": 0.45,
            "electrolyte_fraction": 0.45,
            "particle_radius": "2 um",
            "ionic_conductivity": "0.5 mS/cm",
            "electronic_conductivity": "5 mS/cm",
        },
        "charge_transfer": {"law": "butler-volmer", "area_resistance": "2730 ohm cm2"},
    },
    "electrolyte": {"material": "LGPS", "thickness": "600 um", "conductivity": "2.8 mS/cm"},
    "anode": {
        "material": "In-Li",
        "interface": {"resistance": "2 ohm cm2", "capacitance": "10 uF/cm2"},
    },
}
DIFFUSIVITY = {
    "name": "diffusivity",
    "place": "cell.cathode.diffusivity.value",
    "low": "1e-13 cm2/s",
    "high": "1e-8 cm2/s",
    "scale": "log",
}
ACCESSIBLE = {
    "name": "accessible",
    "place": "cell.cathode.composite.accessible_fraction",
    "low": 0.2,
    "high": 1,
}


def capacity_at(rate: float, diffusivity: float, accessible: float) -> str:
    """The closed form, with the diffusivity in cm2/s."""
    return f"{200 * accessible / (1 + rate * 1e-11 / diffusivity)!r} mAh/g"


def target(experiment: str, value: str, **changes: Any) -> dict[str, Any]:
    return {
        "experiment": experiment,
        "value": "capacity",
        "target": value,
        "uncertainty": "1 mAh/g",
        **changes,
    }


def mapping_of(**changes: Any) -> dict[str, Any]:
    return {
        "name": "calibrated",
        "samples": {
            "450": {"cell": CELL, "calibrated_by": ["shared"]},
            "350": {"like": "450", "calibrated_by": ["shared", "own"]},
        },
        "experiments": {
            "slow": {"do": "test-discharge", "rate": 0.1},
            "fast": {"do": "test-discharge", "rate": 1.0},
        },
        "calibrations": {
            "own": {
                "samples": ["350"],
                "parameters": [{**ACCESSIBLE, "per_sample": True}],
                "targets": [target("slow", capacity_at(0.1, 2e-11, 0.6))],
            },
            "shared": {
                "samples": ["450"],
                "parameters": [DIFFUSIVITY, ACCESSIBLE],
                "targets": [
                    target("slow", capacity_at(0.1, 2e-11, 0.8)),
                    target("fast", capacity_at(1.0, 2e-11, 0.8)),
                ],
            },
        },
        "compare": [{"quantity": "capacity", "experiment": "fast", "roles": {"450": "calibrated"}}],
        **changes,
    }


def events(study: Study, folder: Path, **options: Any) -> list[str]:
    heard: list[str] = []
    run_study(study, folder, progress=Progress(lambda _, message: heard.append(message)), **options)
    return [message.split(" in ")[0] for message in heard if message]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks run in this process."""
    monkeypatch.setattr("solith.study._engine.Processes", InProcess)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The folder of a finished run of the study above, and what was heard of it."""
    folder = tmp_path_factory.mktemp("calibrated") / "run"
    return folder, events(Study.from_mapping(mapping_of()), folder, workers=1)


def test_calibrated_samples_take_the_parameters_that_were_found(
    finished: tuple[Path, list[str]],
) -> None:
    folder, heard = finished
    assert heard.index("calibrate/shared: done") < heard.index("calibrate/own: started")
    assert heard.index("calibrate/shared: done") < heard.index("450/slow: started")
    assert any(line.startswith("calibrate/shared: evaluation 3: chi-squared ") for line in heard)
    run = run_study(Study.from_mapping(mapping_of()), folder, reuse=True)
    assert run.failures == {}
    shared, own = run.results["calibrate/shared"], run.results["calibrate/own"]
    assert shared["diffusivity"].value == pytest.approx(2e-11, rel=1e-2)
    assert shared["diffusivity"].unit == "cm2/s"
    assert shared["accessible"].value == pytest.approx(0.8, abs=1e-3)
    assert own["accessible[350]"].value == pytest.approx(0.6, abs=1e-3)
    assert [(row.sample, row.role) for row in run.rows] == [
        ("450", "calibrated"),
        ("350", "predicted"),
    ]
    assert run.rows[0].computed == pytest.approx(200 * 0.8 / 1.5, rel=1e-3)
    assert run.rows[1].computed == pytest.approx(200 * 0.6 / 1.5, rel=1e-3)
    told = shared.details["targets"][1]
    assert (told["sample"], told["experiment"], told["quantity"]) == ("450", "fast", "capacity")
    again = events(run.study, folder, reuse=True)
    assert len(again) == len(run.study.tasks)
    assert all(line.endswith(": kept") for line in again)


def test_a_changed_target_runs_again_and_so_does_what_depends_on_it(
    finished: tuple[Path, list[str]], tmp_path: Path
) -> None:
    shutil.copytree(finished[0], tmp_path / "run")
    changed = mapping_of()
    changed["calibrations"]["own"]["targets"] = [target("slow", "100 mAh/g")]
    study = Study.from_mapping(changed)
    Catalogue(tmp_path / "run" / "catalogue.sqlite").set_fact("study", study.fingerprint())
    heard = events(study, tmp_path / "run", reuse=True, workers=1)
    again = {line.removesuffix(": done") for line in heard if line.endswith(": done")}
    assert again == {"calibrate/own", "350/slow", "350/fast"}


def test_it_is_written_and_read_without_loss() -> None:
    changed = mapping_of()
    changed["samples"]["350"]["stands_for"] = "350"
    changed["calibrations"]["own"]["parameters"][0] |= {
        "prior": {"value": 0.7, "uncertainty": "10 %"},
        "start": 0.9,
        "samples": ["350"],
    }
    study = Study.from_mapping(changed)
    assert study.calibrations["own"].parameters[0].prior == pytest.approx((0.7, 0.07))
    assert Study.from_mapping(json.loads(json.dumps(study.to_mapping()))) == study


@pytest.mark.usefixtures("here")
def test_a_number_of_a_protocol_is_found_on_one_sample_and_used_on_others(tmp_path: Path) -> None:
    study = Study.from_mapping(
        mapping_of(
            calibrations={
                "shared": {
                    "samples": ["450"],
                    "parameters": [
                        {
                            "name": "rate",
                            "place": "rate",
                            "experiment": "fast",
                            "low": 0.1,
                            "high": 10,
                            "scale": "log",
                        }
                    ],
                    "targets": [target("fast", capacity_at(3.0, 1e-11, 1.0), uncertainty="2 %")],
                }
            },
            samples={
                "450": {"cell": CELL, "calibrated_by": ["shared"]},
                "350": {"like": "450", "calibrated_by": ["shared"]},
                "250": {"like": "450"},
            },
            compare=[
                {"quantity": "capacity", "experiment": "fast"},
                {"quantity": "capacity", "experiment": "slow"},
                {"quantity": "rate", "task": "calibrate/shared", "role": "calibrated"},
            ],
        )
    )
    rows = run_study(study, tmp_path / "run").rows
    assert [row.computed for row in rows] == pytest.approx(
        [50, 50, 100, 2000 / 11, 2000 / 11, 2000 / 11, 3.0], rel=1e-3
    )
    assert rows[-1].sample == ""
    assert rows[-1].uncertainty is not None


def test_an_option_of_an_analysis_can_be_found() -> None:
    steps = ["charge at 0.1 C until 3.7 V vs Li-In", "discharge at 0.1 C until 2.1 V vs Li-In"]
    study = Study.from_mapping(
        mapping_of(
            experiments={"slow": {"protocol": {"kind": "cycling", "steps": steps}}},
            samples={"450": {"cell": CELL, "calibrated_by": ["shared"]}},
            calibrations={
                "shared": {
                    "parameters": [
                        {
                            "name": "noise",
                            "place": "analysis.noise",
                            "experiment": "slow",
                            "start": 0.01,
                            "low": 0.001,
                            "high": 0.1,
                        }
                    ],
                    "targets": [target("slow", "150 mAh/g") | {"value": "discharge_capacity"}],
                }
            },
            compare=[],
        )
    )
    analysis = study.task("450/slow/analysis")
    assert [setting.place for setting in analysis.settings] == ["options.noise"]
    assert analysis.inputs["options"] == {}
    assert analysis.needs() == ("450/slow", "calibrate/shared")
    assert study.task("450/slow").settings == ()
    found = study.task("calibrate/shared").inputs["parameters"][0]
    assert (found["start"], found["places"]) == (0.01, ["runs.1.analysis.noise"])


@pytest.mark.usefixtures("here")
def test_a_ratio_and_another_tasks_quantity_can_be_targets(tmp_path: Path) -> None:
    study = Study.from_mapping(
        mapping_of(
            samples={
                "450": {"cell": CELL, "calibrated_by": ["shared"]},
                "liquid": {"cell": CELL},
                "measured": {"like": "450", "cell": {"cathode": {"diffusivity": "3e-11 cm2/s"}}},
            },
            calibrations={
                "shared": {
                    "samples": ["450"],
                    "parameters": [DIFFUSIVITY, ACCESSIBLE],
                    "targets": [
                        target("fast", "x", ratio_to="liquid", uncertainty="1 %") | {"target": 1.6},
                        target("slow", "x")
                        | {
                            "target": {"task": "measured/slow", "value": "capacity", "cycle": 2},
                            "cycle": 2,
                        },
                    ],
                }
            },
            compare=[{"quantity": "capacity", "experiment": "fast", "ratio_to": "liquid"}],
        )
    )
    assert Study.from_mapping(json.loads(json.dumps(study.to_mapping()))) == study
    run = run_study(study, tmp_path / "run", workers=1)
    assert run.failures == {}
    predicted = run.results["calibrate/shared"].details["targets"]
    assert predicted[0]["predicted"] == pytest.approx(1.6, rel=1e-3)
    assert predicted[0]["name"] == "450/fast: capacity over liquid"
    assert predicted[1]["target"] == pytest.approx(100 / (1 + 0.1 / 3), rel=1e-6)
    assert predicted[1]["unit"] == "mAh/g"
    assert run.rows[0].computed == pytest.approx(1.6, rel=1e-3)


@pytest.mark.usefixtures("here")
def test_hypotheses_are_samples_with_calibrations_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    cell = json.dumps(CELL).replace('": ', '" = ')
    path.write_text(
        f"""
        name = "hypotheses"
        [samples.450]
        cell = {cell}
        [samples.450-diffusion]
        about = "slow diffusion alone"
        like = "450"
        stands_for = "450"
        calibrated_by = ["diffusion"]
        [samples.450-accessible]
        about = "material cut off alone"
        like = "450"
        stands_for = "450"
        varies = "450-diffusion"
        calibrated_by = ["accessible"]
        [experiments.slow]
        do = "test-discharge"
        rate = 0.1
        [experiments.fast]
        do = "test-discharge"
        rate = 1.0
        [calibrations.diffusion]
        samples = ["450-diffusion"]
        [[calibrations.diffusion.parameters]]
        name = "diffusivity"
        place = "cell.cathode.diffusivity.value"
        low = "1e-13 cm2/s"
        high = "1e-8 cm2/s"
        scale = "log"
        [[calibrations.diffusion.targets]]
        experiment = "slow"
        value = "capacity"
        published = "lnto_2020:samples.{{sample}}.capacity_0C1"
        uncertainty = "2 %"
        [calibrations.accessible]
        samples = ["450-accessible"]
        [[calibrations.accessible.parameters]]
        name = "accessible"
        place = "cell.cathode.composite.accessible_fraction"
        low = 0.2
        high = 1
        [[calibrations.accessible.targets]]
        experiment = "slow"
        value = "capacity"
        published = "lnto_2020:samples.{{sample}}.capacity_0C1"
        uncertainty = "2 %"
        [[compare]]
        quantity = "capacity_0C1"
        value = "capacity"
        experiment = "slow"
        samples = ["450-diffusion", "450-accessible"]
        role = "calibrated"
        published = "lnto_2020:samples.{{sample}}.capacity_0C1"
        [[compare]]
        quantity = "capacity_1C"
        value = "capacity"
        experiment = "fast"
        samples = ["450-diffusion", "450-accessible"]
        published = "lnto_2020:samples.{{sample}}.capacity_1C"
        """
    )
    rows = run_study(load_study(path), tmp_path / "run").rows
    assert [row.computed for row in rows[:2]] == pytest.approx([152, 152], rel=1e-3)
    assert [row.published for row in rows] == [152, 152, 107.5, 107.5]
    assert {row.stands_for for row in rows} == {"450"}
    slow_diffusion = 200 / (1 + 10 * (200 / 152 - 1))
    cut_off = 152 * 1.1 / 2
    assert [row.computed for row in rows[2:]] == pytest.approx([slow_diffusion, cut_off], rel=1e-2)
    assert rows[0].range is None
    assert rows[2].range == pytest.approx((slow_diffusion, cut_off), rel=1e-2)
    assert rows[3].range is None


def test_a_calibration_that_has_not_converged_is_said_beside_the_numbers() -> None:
    study = Study.from_mapping(mapping_of())
    results = {
        "calibrate/shared": Result("c", (), {"converged": False}),
        "450/fast": Result("r", (Value("capacity", 1.0, "mAh/g"),)),
    }
    assert compare(study, results)[0].flags == ("its calibration 'shared' has not converged",)


OTHER = {"name": "x", "place": "cell.cathode.loading", "low": "1 mg/cm2", "high": "20 mg/cm2"}


def changed(**of_shared: Any) -> dict[str, Any]:
    mapping = mapping_of()
    mapping["calibrations"]["shared"] |= of_shared
    return mapping


def with_parameter(**changes: Any) -> dict[str, Any]:
    return changed(parameters=[{**OTHER, **changes}])


def with_target(**changes: Any) -> dict[str, Any]:
    entry = {**target("slow", "150 mAh/g"), **changes}
    return changed(targets=[{key: item for key, item in entry.items() if item is not None}])


WHERE = "calibrations.shared."
CAPACITY_1C = "lnto_2020:samples.{sample}.capacity_1C"
BAD: list[tuple[dict[str, Any], str]] = [
    (
        with_parameter(place="cell.cathode.laoding"),
        WHERE + "parameters.1.place: 'cell.cathode.laoding': cell.cathode: unknown place "
        "'laoding'; did you mean 'loading'? Choose from: ",
    ),
    (
        with_parameter(place="cell.cathode.composite"),
        WHERE + "parameters.1.place: 'cell.cathode.composite' holds no number but ",
    ),
    (
        with_parameter(place="cell.cathode.material"),
        WHERE + "parameters.1: 'cell.cathode.material' holds 'NMC532': 'NMC532' does not begin",
    ),
    (
        with_parameter(low="1 nm", high="2 nm"),
        WHERE + "parameters.1: 'cell.cathode.loading' holds ",
    ),
    (
        with_parameter(low="10 mg/cm2"),
        WHERE + "parameters.1.start: 8.7 mg/cm2 is outside its bounds, 10 mg/cm2 to 20 mg/cm2",
    ),
    (with_parameter(low="30 mg/cm2"), WHERE + "parameters.1.low: '30 mg/cm2' must be below high"),
    (with_parameter(low=1), WHERE + "parameters.1.high: '20.0 mg/cm2' has the unit"),
    (
        with_parameter(scale="log", low="-1 mg/cm2"),
        WHERE + "parameters.1.low: '-1 mg/cm2' must be above 0 on the scale log",
    ),
    (
        with_parameter(low="-1 mg/cm2"),
        WHERE + "parameters.1.low: cell.cathode.loading: '-1.0 mg/cm2' must be above 0 kg/m2",
    ),
    (with_parameter(place="protocol.x"), WHERE + "parameters.1.experiment: is missing; 'protocol"),
    (
        with_parameter(place="protocol.x", experiment="slwo"),
        WHERE + "parameters.1.experiment: unknown experiment 'slwo'; did you mean 'slow'?",
    ),
    (
        {
            **with_parameter(samples=["350"]),
            "samples": {"450": {"cell": CELL}, "350": {"like": "450"}},
        },
        WHERE + "parameters.1.place: no target depends on 'cell.cathode.loading': no sample",
    ),
    (with_parameter(nmae=1), WHERE + "parameters.1: unknown field 'nmae'; did you mean 'name'?"),
    (with_parameter(name="chi_squared"), WHERE + "parameters.1.name: 'chi_squared' is the name"),
    (
        with_parameter(prior={"value": "8 mg/cm2", "uncertainty": "0 %"}),
        WHERE + "parameters.1.prior.uncertainty: '0 %' is no uncertainty above 0",
    ),
    (changed(parameters=[OTHER, OTHER]), WHERE + "parameters.2.name: a second parameter is named"),
    (changed(parameters=[]), WHERE + "parameters: are missing; give at least one as [["),
    (changed(targets=[]), WHERE + "targets: are missing; give at least one as [["),
    (changed(samples=["45"]), "calibrations.shared.samples: unknown sample '45'; did you mean"),
    (with_target(target=None), WHERE + "targets.1: give either published or target"),
    (with_target(uncertainty=None), WHERE + "targets.1.uncertainty: is missing; give a value"),
    (with_target(uncertainty="3 V"), WHERE + "targets.1.uncertainty: '3.0 V' has the unit 'V'"),
    (
        with_target(samples=["350"]),
        WHERE + "targets.1.samples: '350' is none of the calibration's samples (450)",
    ),
    (with_target(experiment="x"), WHERE + "targets.1.experiment: unknown experiment 'x'."),
    (
        {
            **mapping_of(),
            "calibrations": {
                "own": {
                    "samples": ["350"],
                    "parameters": [ACCESSIBLE],
                    "targets": [
                        {
                            "experiment": "fast",
                            "value": "capacity",
                            "published": CAPACITY_1C,
                            "uncertainty": "1 %",
                        }
                    ],
                }
            },
        },
        f"calibrations.own.targets.1.published: the publication has nothing at {CAPACITY_1C!r}",
    ),
    (
        {**mapping_of(), "samples": {"450": {"cell": CELL, "calibrated_by": ["shraed"]},
                                     "350": {"like": "450"}}},
        "samples.450.calibrated_by: unknown calibration 'shraed'; did you mean 'shared'?",
    ),
    (
        {**mapping_of(), "samples": {"450": {"cell": CELL, "calibrated_by": ["own"]},
                                     "350": {"like": "450"}}},
        "samples.450.calibrated_by: '450' takes no parameter of 'own'; name it in its samples",
    ),
    (
        {**mapping_of(), "samples": {"450": {"cell": CELL, "calibrated_by": ["shared", "own"]},
                                     "350": {"like": "450", "calibrated_by": ["own", "shared"]}}},
        "samples.450.calibrated_by: '450' takes no parameter of 'own'",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("mapping", "message"), BAD)
def test_what_is_wrong_in_a_study_is_told_with_its_place(
    mapping: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        Study.from_mapping(mapping)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_calibrations_that_wait_for_each_other_are_refused() -> None:
    mapping = mapping_of()
    mapping["samples"]["450"]["calibrated_by"] = ["shared", "own"]
    mapping["samples"]["350"]["calibrated_by"] = ["own", "shared"]
    mapping["calibrations"]["own"]["samples"] = ["450", "350"]
    mapping["calibrations"]["own"]["parameters"] = [ACCESSIBLE]
    mapping["calibrations"]["shared"]["samples"] = ["450", "350"]
    with pytest.raises(InputError) as caught:
        Study.from_mapping(mapping)
    assert str(caught.value) == (
        "tasks: tasks wait for each other: calibrate/own -> calibrate/shared -> calibrate/own"
    )


@pytest.mark.usefixtures("here")
def test_what_goes_wrong_in_a_run_is_told_with_its_place(tmp_path: Path) -> None:
    mapping = with_target(value="capactiy")
    run = run_study(Study.from_mapping(mapping), tmp_path / "run", workers=1)
    assert run.failures["calibrate/shared"] == (
        "calibrations.shared.targets.1.value: unknown quantity 'capactiy'; did you mean "
        "'capacity'? Choose from: capacity, loss"
    )
    assert run.failures["450/slow"] == "not run, because 'calibrate/shared' failed"
    assert run.rows[0].flags == ("not computed",)
