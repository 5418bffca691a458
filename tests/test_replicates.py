"""Replicate cells: drawn, run, summarised and compared."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.in_process import InProcess

from solith.core.errors import InputError
from solith.core.quantities import to_si
from solith.core.result import Result, Value
from solith.study import Replicates, Study, run_study, summarise, task_kind


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks run in this process."""
    monkeypatch.setattr("solith.study._engine.Processes", InProcess)


CELL: dict[str, Any] = {
    "area": "0.785 cm2",
    "one_c": "1.3 mA/cm2",
    "cathode": {
        "material": "NMC532",
        "loading": "8.7 mg/cm2",
        "initial_lithium_fraction": 0.9999,
        "diffusivity": "1e-10 cm2/s",
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


@task_kind("test-weigh")
def weigh(*, cell: Mapping[str, Any], factor: float = 1.0, sample: str) -> Result:
    """The loading in mg/cm2 times a factor."""
    loading = to_si(cell["cathode"]["loading"], "kg/m2") * 100 * factor
    flags = ("light",) if loading < 8.7 else ()
    cycles = [{"cycle": n, "loading": loading * n, "flags": {"loading": ["x"]}} for n in (1, 2)]
    return Result(
        sample,
        (Value("loading", loading, "mg/cm2", area="geometric", flags=flags),),
        {"units": {"loading": "mg/cm2"}, "cycles": cycles},
    )


def study_of(**changes: Any) -> Study:
    mapping: dict[str, Any] = {
        "name": "replicates",
        "samples": {
            "450": {
                "cell": CELL,
                "replicates": {"number": 4, "spread": {"cell.cathode.loading": "3 %"}, "seed": 7},
            },
            "350": {"like": "450"},
        },
        "experiments": {"weigh": {"do": "test-weigh"}},
        "compare": [
            {"quantity": "loading", "experiment": "weigh"},
            {"quantity": "loading", "experiment": "weigh", "cycle": 2},
            {"quantity": "loading", "experiment": "weigh", "ratio_to": "350"},
        ],
    }
    return Study.from_mapping({**mapping, **changes})


def test_a_sample_with_replicates_is_compared_by_mean_and_spread(tmp_path: Path) -> None:
    study = study_of()
    names = [task.name for task in study.tasks]
    assert names == [*(f"450/weigh/{n}" for n in (1, 2, 3, 4)), "450/weigh", "350/weigh"]
    assert Study.from_mapping(json.loads(json.dumps(study.to_mapping()))) == study
    run = run_study(study, tmp_path / "run", workers=1)
    found = [run.results[name]["loading"].value for name in names[:4]]
    replicates = study.samples["450"].replicates
    assert replicates is not None
    drawn = [8.7 * replicates.factors("450", n)[0][1] for n in (1, 2, 3, 4)]
    assert found == pytest.approx(drawn)
    mean, spread = statistics.fmean(drawn), statistics.stdev(drawn)
    value = run.results["450/weigh"]["loading"]
    assert (value.value, value.uncertainty) == pytest.approx((mean, spread))
    assert value.area == "geometric"
    light = sum(number < 8.7 for number in drawn)
    assert value.flags == (f"light ({light} of 4)",)
    assert value.method.startswith("mean and sample standard deviation of 4 replicates")
    summary = run.results["450/weigh"].details["summary"]["loading"]
    assert summary["number"] == 4
    assert (summary["minimum"], summary["maximum"]) == pytest.approx((min(drawn), max(drawn)))
    first, other, second, _, ratio = run.rows
    assert (first.computed, first.uncertainty) == pytest.approx((mean, spread))
    assert (other.computed, other.uncertainty) == (pytest.approx(8.7), None)
    assert (second.computed, second.uncertainty) == pytest.approx((2 * mean, 2 * spread))
    assert second.flags == ("x",)
    assert (ratio.computed, ratio.uncertainty) == pytest.approx((mean / 8.7, spread / 8.7))


def test_records_of_replicates_are_analysed_one_by_one() -> None:
    study = study_of(
        experiments={
            "cycle": {
                "do": "simulate",
                "protocol": {
                    "kind": "cycling",
                    "steps": ["charge at 0.1 C until 3.7 V vs Li-In"],
                },
            }
        },
        compare=[{"quantity": "charge_capacity", "experiment": "cycle"}],
    )
    names = [task.name for task in study.tasks]
    assert names[:3] == ["450/cycle/1", "450/cycle/1/analysis", "450/cycle/2"]
    summary = study.task("450/cycle/analysis")
    assert summary.do == "summarise"
    assert summary.needs() == tuple(f"450/cycle/{n}/analysis" for n in (1, 2, 3, 4))
    assert study.task("450/cycle/3").varied != study.task("450/cycle/2").varied


@pytest.mark.usefixtures("here")
def test_measured_replicates_are_summarised_too(tmp_path: Path) -> None:
    study = study_of(
        samples={"a": {"cell": CELL}, "b": {"cell": CELL}},
        experiments={"weigh": {"do": "test-weigh"}},
        tasks=[
            {
                "name": "both",
                "do": "summarise",
                "inputs": {"results": [{"task": "a/weigh"}, {"task": "b/weigh"}]},
            }
        ],
        compare=[{"quantity": "loading", "task": "both"}],
    )
    row = run_study(study, tmp_path / "run", workers=1).rows[0]
    assert (row.computed, row.uncertainty) == pytest.approx((8.7, 0.0))
    assert row.flags == ()


@pytest.mark.usefixtures("here")
def test_replicates_of_a_calibrated_sample_scatter_about_what_was_found(tmp_path: Path) -> None:
    parameter = {
        "name": "loading",
        "place": "cell.cathode.loading",
        "low": "1 mg/cm2",
        "high": "50 mg/cm2",
    }
    aim = {
        "experiment": "weigh",
        "value": "loading",
        "target": "17.4 mg/cm2",
        "uncertainty": "1 %",
        "samples": ["450"],
    }
    plain = study_of()
    replicates = plain.samples["450"].replicates
    assert replicates is not None
    study = study_of(
        samples={
            "450": {
                "cell": CELL,
                "calibrated_by": ["load"],
                "replicates": replicates.to_mapping(),
            },
            "350": {"cell": CELL},
        },
        calibrations={"load": {"samples": ["450"], "parameters": [parameter], "targets": [aim]}},
    )
    run = run_study(study, tmp_path / "run", workers=1)
    assert run.failures == {}
    factor = replicates.factors("450", 2)[0][1]
    assert run.results["450/weigh/2"]["loading"].value == pytest.approx(17.4 * factor, rel=1e-4)
    assert len(run.results["calibrate/load"].details["targets"]) == 1


@given(st.integers(), st.integers(1, 9))
def test_draws_are_those_of_the_seed_alone(seed: int, replicate: int) -> None:
    one = Replicates(2, {"cell.a": "3 %"}, seed)
    more = Replicates(9, {"cell.b": "5 %", "cell.a": "3 %"}, seed)
    assert dict(more.factors("x", replicate))["cell.a"] == one.factors("x", replicate)[0][1]
    assert one.factors("x", replicate) != one.factors("y", replicate)


def test_draws_have_the_spread_that_was_asked_for() -> None:
    replicates = Replicates(2, {"cell.a": "3 %"})
    drawn = [replicates.factors("x", number)[0][1] for number in range(4000)]
    assert statistics.fmean(drawn) == pytest.approx(1, abs=4 * 0.03 / 4000**0.5)
    assert statistics.stdev(drawn) == pytest.approx(0.03, rel=0.05)


def test_what_some_lack_is_the_mean_of_the_others() -> None:
    results = [
        Result("a", (Value("q", 1.0, "V"), Value("r", 5.0))),
        Result("b", (Value("q", 3000.0, "mV"),)),
        Result("c", (Value("q", None, "V", flags=("none found",)),)),
    ]
    summary = summarise(results)
    q, r = summary["q"], summary["r"]
    assert (q.value, q.unit) == (2.0, "V")
    assert q.uncertainty == pytest.approx(2**0.5)
    assert q.flags == ("mean of 2 of 3 replicates; the others have none", "none found (1 of 3)")
    assert (r.value, r.uncertainty) == (5.0, None)
    with pytest.raises(InputError, match="there is nothing to summarise; give at least one"):
        summarise([])
    with pytest.raises(InputError, match=r"^q: "):
        summarise([results[0], Result("d", (Value("q", 1.0, "ohm"),))])


def with_replicates(**changes: Any) -> dict[str, Any]:
    entry = {"number": 3, "spread": {"cell.cathode.loading": "3 %"}, "seed": 1}
    return {"samples": {"450": {"cell": CELL, "replicates": {**entry, **changes}}}, "compare": []}


WHERE = "samples.450.replicates"
BAD: list[tuple[dict[str, Any], str]] = [
    (with_replicates(number=1), f"{WHERE}.number: give how many cells there are, at least 2"),
    (with_replicates(number=2.5), f"{WHERE}.number: 2.5 is not a whole number from 1"),
    (with_replicates(seed="a"), f"{WHERE}.seed: 'a' is not a whole number"),
    (with_replicates(spread={}), f"{WHERE}.spread: names nothing that scatters; give a place"),
    (
        with_replicates(spread={"cell.cathode.laoding": "3 %"}),
        f"{WHERE}.spread: 'cell.cathode.laoding': cell.cathode: unknown place 'laoding'; did",
    ),
    (
        with_replicates(spread={"protocol.rate": "3 %"}),
        f"{WHERE}.spread: 'protocol.rate': is no place of the cell; begin it with cell.",
    ),
    (
        with_replicates(spread={"cell.cathode.material": "3 %"}),
        f"{WHERE}.spread: 'cell.cathode.material': 'NMC532' does not begin with a number",
    ),
    (
        with_replicates(spread={"cell.cathode.loading": "3 mg/cm2"}),
        f"{WHERE}.spread: 'cell.cathode.loading': '3 mg/cm2' has the unit",
    ),
    (
        with_replicates(spread={"cell.cathode.loading": "0 %"}),
        f"{WHERE}.spread: 'cell.cathode.loading': '0 %' must be above 0 and below 100 %",
    ),
    (
        with_replicates(spread={"cell.cathode.composite.contact_fraction": "3 %"}, number=9)
        | {
            "experiments": {
                "cycle": {
                    "protocol": {
                        "kind": "cycling",
                        "steps": ["charge at 0.1 C until 3.7 V vs Li-In"],
                    }
                }
            }
        },
        f"{WHERE}: one of the cells drawn is impossible: cell.cathode.composite.contact_fraction",
    ),
    (with_replicates(numbr=3), f"{WHERE}: unknown field 'numbr'; did you mean 'number'?"),
]


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_what_is_wrong_is_told_with_its_place(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        study_of(**changes)
    assert str(caught.value).startswith(message)
