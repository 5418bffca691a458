"""Studies: reading, tasks, folders and the comparison."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from solith.app._report_tables import inputs_table
from solith.core.catalogue import Catalogue
from solith.core.errors import InputError, InterruptedRunError
from solith.core.progress import Progress
from solith.core.quantities import to_si
from solith.core.record import Record
from solith.core.result import Result, Value
from solith.core.storage import write_record
from solith.study import (
    Study,
    compare,
    find_published,
    load_study,
    published_sources,
    rows_to_data,
    rows_to_text,
    run_study,
    task_kind,
)


@task_kind("test-double")
def double(*, number: float, sample: str, progress: Progress) -> Result:
    progress.report(0.5, "doubling")
    return Result(sample, (Value("twice", 2 * number, "mAh/g", area="geometric"),))


@task_kind("test-series", gives="record")
def series(*, length: int) -> Record:
    return Record.from_arrays(
        "current-voltage", voltage_volt=range(length), current_ampere=range(length)
    )


@task_kind("test-last")
def last(*, record: Record) -> Result:
    return Result("last", (Value("last", record.array("voltage_volt")[-1], "V"),))


@task_kind("test-shown")
def shown(*, given: str) -> Result:
    return Result(given, ())


@task_kind("test-weight")
def weight(*, number: float) -> Result:
    return Result("", (Value("twice", 2 * number, "mg/cm2"),))


@task_kind("test-cycle", gives="record")
def cycle(*, height: float) -> Record:
    """A charge, and a discharge at full and then at a fifth of the current."""
    return Record.from_arrays(
        "cycling",
        test_time_second=[0, 2000, 2001, 3001, 3002, 5000],
        voltage_volt=[3.5, 3.5, 3.5, 3.5, 3.5, 3.5],
        current_ampere=[height * i for i in (1, 1, -1, -1, -0.2, -0.2)],
    )


@task_kind("test-cell")
def weigh(*, cell: Mapping[str, Any], sample: str) -> Result:
    return Result(sample, (Value("loading", to_si(cell["cathode"]["loading"], "kg/m2"), "kg/m2"),))


@task_kind("test-fail")
def fail(*, how: str) -> Result:
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "by itself":
        os._exit(3)
    if how == "told":
        raise InputError("cannot be done", where="number")
    raise RuntimeError("a mistake")


@task_kind("test-sleep")
def sleep(*, seconds: float, progress: Progress) -> Result:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        progress.report(0.1, "asleep")
        time.sleep(0.02)
    return Result("slept", ())


@task_kind("test-deep-sleep")
def deep_sleep(*, seconds: float) -> Result:
    time.sleep(seconds)
    return Result("slept", ())


def study_of(**changes: Any) -> Study:
    mapping: dict[str, Any] = {
        "name": "little",
        "samples": {"450": {"about": "the good one"}, "550": {}, "650": {}},
        "experiments": {"twice": {"do": "test-double", "number": 70}},
        "compare": [
            {
                "quantity": "capacity_0C1",
                "experiment": "twice",
                "value": "twice",
                "published": "lnto_2020:samples.{sample}.capacity_0C1",
            }
        ],
    }
    return Study.from_mapping({**mapping, **changes})


def tasks_of(*tasks: dict[str, Any]) -> Study:
    return Study.from_mapping({"name": "little", "tasks": list(tasks)})


SERIES = {"name": "series", "do": "test-series", "inputs": {"length": 4}}
LAST = {"name": "last", "do": "test-last", "inputs": {"record": {"task": "series"}}}


def events(study: Study, folder: Path, **options: Any) -> list[str]:
    heard: list[str] = []
    progress = Progress(lambda fraction, message: heard.append(message))
    run_study(study, folder, progress=progress, **options)
    return [message.split(" in ")[0] for message in heard if message]


def test_a_new_kind_of_task_runs_resumes_and_is_compared(tmp_path: Path) -> None:
    study = study_of()
    first = events(study, tmp_path / "run")
    assert {"450/twice: started", "450/twice: doubling", "450/twice: done"} <= set(first)
    run = run_study(study, tmp_path / "run", reuse=True)
    assert run.results["450/twice"]["twice"].value == 140
    assert [(row.sample, row.computed, row.published) for row in run.rows] == [
        ("450", 140, 152),
        ("550", 140, 73.2),
        ("650", 140, None),
    ]
    assert events(study, tmp_path / "run", reuse=True) == [
        "450/twice: kept",
        "550/twice: kept",
        "650/twice: kept",
    ]


def test_rows_as_data(tmp_path: Path) -> None:
    run = run_study(study_of(), tmp_path / "run")
    assert rows_to_data(compare(run))[0] == {
        "study": "little",
        "sample": "450",
        "quantity": "capacity_0C1",
        "computed": 140,
        "published": 152,
        "unit": "mAh/g",
        "role": "predicted",
        "uncertainty": None,
        "area": "geometric",
        "flags": [],
    }
    assert "10.1016/j.nanoen.2020.104686, samples.450.capacity_0C1" in run.rows[0].source
    assert json.loads((run.folder / "comparison.json").read_text())[2]["published"] is None


def test_rows_without_results_say_so() -> None:
    row = compare(study_of())[0]
    assert (row.computed, row.published, row.flags) == (None, 152, ("not computed",))


def test_a_row_of_the_wrong_dimension_is_flagged() -> None:
    study = study_of()
    results = {"450/twice": Result("x", (Value("twice", 1.0, "V"),))}
    row = compare(study, results)[0]
    assert row.computed is None
    assert row.flags == ("'V' cannot be given in 'mAh/g'",)


def test_a_cycle_is_compared_by_its_number() -> None:
    entry = {"quantity": "q", "experiment": "twice", "samples": ["450"], "unit": "mAh/g"}
    row = {"cycle": 2, "discharge_capacity": 120.0, "flags": {"discharge_capacity": ["odd"]}}
    details = {"units": {"discharge_capacity": "mAh/g"}, "cycles": [row]}
    results = {"450/twice": Result("x", (Value("discharge_capacity", 150.0, "mAh/g"),), details)}

    def found(**changes: Any) -> tuple[float | None, tuple[str, ...]]:
        study = study_of(compare=[entry | {"value": "discharge_capacity"} | changes])
        assert Study.from_mapping(study.to_mapping()) == study
        computed = compare(study, results)[0]
        return computed.computed, computed.flags

    assert found() == (150, ())
    assert found(cycle=2) == (120, ("odd",))
    assert found(cycle=7) == (None, ("unknown cycle '7'. Choose from: 2",))
    missing = "unknown quantity 'capacity'; did you mean 'discharge_capacity'? Choose from: "
    assert found(value="capacity") == (None, (f"{missing}discharge_capacity",))
    bare = {"450/twice": Result("x", ())}
    study = study_of(compare=[entry | {"cycle": 1}])
    assert compare(study, bare)[0].flags == (
        "x holds no cycles; take the analysis of a cycling record",
    )


@pytest.mark.parametrize("cycle", [0, -1, 1.0, "1", True])
def test_a_cycle_that_is_no_whole_number_is_refused(cycle: Any) -> None:
    with pytest.raises(InputError, match=r"compare\.1\.cycle: .* is not a whole number from 1"):
        study_of(compare=[{"quantity": "q", "experiment": "twice", "cycle": cycle}])


def test_what_is_not_finite_is_null() -> None:
    results = {"450/twice": Result("x", (Value("twice", float("inf"), "mAh/g"),))}
    assert rows_to_data(compare(study_of(), results))[0]["computed"] is None


def test_an_output_feeds_another_task(tmp_path: Path) -> None:
    run = run_study(tasks_of(LAST, SERIES), tmp_path / "run")
    assert run.results["last"]["last"].value == 3
    assert len(run.records["series"]) == 4


def test_a_quantity_feeds_another_task(tmp_path: Path) -> None:
    doubled = {"name": "doubled", "do": "test-double", "inputs": {"number": 2.5}}
    length = {"task": "doubled", "value": "twice"}
    with pytest.raises(InputError, match=r"tasks\.series\.inputs: unknown task 'last'"):
        tasks_of({**SERIES, "inputs": {"length": {"task": "last", "value": "none"}}})
    study = tasks_of({"name": "as text", "do": "test-shown", "inputs": {"given": length}}, doubled)
    assert Study.from_mapping(json.loads(json.dumps(study.to_mapping()))) == study
    run = run_study(study, tmp_path / "run", workers=1)
    assert run.results["as text"].name == "5.0 mAh/g"
    of_record = {**LAST, "inputs": {"record": {"task": "series", "value": "last"}}}
    with pytest.raises(InputError) as caught:
        tasks_of(SERIES, of_record)
    assert str(caught.value) == (
        "tasks.last.inputs: 'series' gives a record, which has no 'last'; take its analysis"
    )


def test_a_cell_takes_a_quantity_of_a_task(tmp_path: Path) -> None:
    weighed = {"task": "balance", "value": "twice"}
    cell = load_study("first-cell").samples["450"].to_mapping()["cell"]

    def study_with(place: str) -> Study:
        return Study.from_mapping(
            {
                "name": "weighed",
                "samples": {"a": {"cell": cell, "takes": {place: weighed}}},
                "experiments": {"weigh": {"do": "test-cell"}},
                "tasks": [
                    {"name": "balance", "do": "test-weight", "inputs": {"number": 4.0}},
                    {"name": "again", "do": "test-cell", "sample": "a"},
                ],
            }
        )

    study = study_with("cell.cathode.loading")
    assert Study.from_mapping(json.loads(json.dumps(study.to_mapping()))) == study
    run = run_study(study, tmp_path / "run", workers=1)
    assert run.failures == {}
    assert run.results["a/weigh"]["loading"].value == pytest.approx(0.08)
    assert run.results["again"]["loading"].value == pytest.approx(0.08)
    (row,) = re.findall(r"<tr>(?:(?!</tr>).)*cathode › loading.*?</tr>", inputs_table(run))
    assert "8 mg/cm²" in row
    assert "computed, task balance" in row
    with pytest.raises(InputError) as caught:
        study_with("cell.cathdoe.loading")
    assert str(caught.value).startswith(
        "samples.a.takes: 'cell.cathdoe.loading': cell: unknown place 'cathdoe'; did you mean"
    )


def test_options_of_an_analysis(tmp_path: Path) -> None:
    options = {"analysis": {"noise": 0.25}}
    study = Study.from_mapping(
        {
            "name": "options",
            "samples": {"a": {}},
            "experiments": {"cycle": {"do": "test-cycle", "height": 1.0, **options}},
            "compare": [{"quantity": "discharge_capacity", "experiment": "cycle"}],
        }
    )
    assert study.task("a/cycle/analysis").inputs["options"] == {"noise": 0.25}
    assert Study.from_mapping(json.loads(json.dumps(study.to_mapping()))) == study
    run = run_study(study, tmp_path / "run", workers=1)
    # The second half of the discharge, at a fifth of the current, counts as rest.
    assert run.rows[0].computed == pytest.approx(1000 / 3600 * 1000, rel=1e-2)
    with pytest.raises(InputError, match=r"experiments\.cycle: unknown field 'analysis'"):
        study_of(experiments={"cycle": {"do": "test-double", "number": 1, **options}})
    with pytest.raises(InputError, match=r"tasks\.x\.inputs\.options: 3 is not a table"):
        tasks_of(
            SERIES,
            {"name": "x", "do": "analyse", "inputs": {"record": {"task": "series"}, "options": 3}},
        )


def test_roles_of_samples_and_ratios_to_one() -> None:
    entry = {
        "quantity": "diffusivity_ratio",
        "value": "d",
        "experiment": "twice",
        "ratio_to": "550",
        "roles": {"450": "calibrated"},
        "published": "lnto_2020:samples.{sample}.diffusivity_apparent",
    }
    study = study_of(compare=[entry])
    assert Study.from_mapping(json.loads(json.dumps(study.to_mapping()))) == study
    results = {
        "450/twice": Result("x", (Value("d", 6e-11, "cm2/s", uncertainty=6e-12, area="active"),)),
        "550/twice": Result("x", (Value("d", 1e-15, "m2/s", uncertainty=2e-16, area="active"),)),
        "650/twice": Result("x", (Value("d", 5e-11, "cm2/s", area="geometric", flags=("odd",)),)),
    }
    first, second = compare(study, results)
    assert (first.sample, first.role, first.unit, first.area) == ("450", "calibrated", "", "active")
    assert first.computed == pytest.approx(6)
    assert first.uncertainty == pytest.approx(6 * 0.05**0.5)
    assert first.published == pytest.approx(13.6 / 1.11)
    assert (second.role, second.published) == ("predicted", None)
    assert second.uncertainty == pytest.approx(5 * 0.2)
    assert second.flags == ("odd", "areas differ: geometric over active")
    del results["550/twice"]
    assert compare(study, results)[0].flags[0] == "550: not computed"


def test_a_prediction_has_the_range_of_its_variants() -> None:
    study = study_of(
        samples={"450": {}, "450-a": {"varies": "450"}, "550": {"stands_for": "350"}},
        compare=[
            {
                "quantity": "capacity_0C1",
                "experiment": "twice",
                "value": "twice",
                "published": "lnto_2020:samples.{sample}.capacity_0C1",
            }
        ],
    )
    results = {
        f"{sample}/twice": Result("x", (Value("twice", value, "mAh/g"),))
        for sample, value in (("450", 140.0), ("450-a", 150.0), ("550", 70.0))
    }
    first, variant, alone = rows = compare(study, results)
    assert first.range == (140, 150)
    assert (variant.range, variant.published) == (None, 152)
    assert (alone.range, alone.published, alone.stands_for) == (None, 120.9, "350")
    data = rows_to_data(rows)
    assert data[0]["range"] == [140, 150]
    assert list(data[1])[-1] == "flags"
    assert data[2]["stands_for"] == "350"
    assert "550 (350)" in rows_to_text(rows)
    assert Study.from_mapping(json.loads(json.dumps(study.to_mapping()))) == study


def test_a_changed_input_runs_again_and_so_does_what_depends_on_it(tmp_path: Path) -> None:
    other = {**SERIES, "name": "other"}
    run_study(tasks_of(SERIES, other, LAST), tmp_path / "run")
    changed = tasks_of({**SERIES, "inputs": {"length": 5}}, other, LAST)
    Catalogue(tmp_path / "run" / "catalogue.sqlite").set_fact("study", changed.fingerprint())
    heard = events(changed, tmp_path / "run", reuse=True)
    assert heard == [
        "other: kept",
        "series: started",
        "series: done",
        "last: started",
        "last: done",
    ]


def test_a_file_is_read_and_read_again_when_it_changes(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    path = tmp_path / "study.toml"
    path.write_text(
        """
        name = "measured"
        [[tasks]]
        name = "file"
        do = "read"
        inputs = {file = "data/measured.nc"}
        [[tasks]]
        name = "last"
        do = "test-last"
        inputs = {record = {task = "file"}}
        """
    )
    with pytest.raises(InputError) as caught:
        load_study(path)
    assert str(caught.value) == (
        f"{path}: tasks.file.inputs.file: there is no file 'data/measured.nc' "
        "(looked for from the study's folder)"
    )
    write_record(tmp_path / "data" / "measured.nc", series(length=3))
    run = run_study(load_study(path), tmp_path / "run")
    assert run.results["last"]["last"].value == 2
    write_record(tmp_path / "data" / "measured.nc", series(length=9))
    run = run_study(load_study(path), tmp_path / "run", reuse=True)
    assert run.results["last"]["last"].value == 8


def test_a_torn_output_is_made_again(tmp_path: Path) -> None:
    run_study(tasks_of(SERIES), tmp_path / "run")
    (tmp_path / "run" / "records" / "series.nc").write_bytes(b"torn")
    assert "series: done" in events(tasks_of(SERIES), tmp_path / "run", reuse=True)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("killed", "its process was killed (SIGKILL); perhaps memory ran out: try --workers 1"),
        ("by itself", "its process ended by itself (exit code 3)"),
        ("told", "number: cannot be done"),
        ("mistaken", "unexpected RuntimeError: a mistake (test_study.py, line"),
    ],
)
def test_a_failed_task_stops_only_what_needs_it(tmp_path: Path, how: str, message: str) -> None:
    study = tasks_of(
        {"name": "bad", "do": "test-fail", "inputs": {"how": how}},
        {"name": "after", "do": "test-last", "inputs": {"record": {"task": "bad"}}},
        SERIES,
        LAST,
    )
    run = run_study(study, tmp_path / "run", workers=1)
    assert run.failures["bad"].startswith(message)
    assert run.failures["after"] == "not run, because 'bad' failed"
    assert set(run.results) == {"last"}
    entries = Catalogue(run.folder / "catalogue.sqlite").entries()
    assert (entries["bad"].state, entries["last"].state) == ("failed", "done")
    assert "last: kept" in events(study, run.folder)  # failed tasks are tried again, freely


@pytest.mark.parametrize("kind", ["test-sleep", "test-deep-sleep"])
def test_cancelling_stops_at_once_and_keeps_what_is_done(tmp_path: Path, kind: str) -> None:
    study = tasks_of(SERIES, {"name": "long", "do": kind, "inputs": {"seconds": 60}})
    when: list[float] = []

    def listen(fraction: float, message: str) -> None:
        if message.startswith("series: done"):
            when.append(time.monotonic())
            progress.cancel()

    progress = Progress(listen)
    with pytest.raises(InterruptedRunError) as caught:
        run_study(study, tmp_path / "run", progress=progress, workers=2)
    assert time.monotonic() - when[0] < 5
    assert str(caught.value).startswith("interrupted; 1 of 2 tasks are done and kept in ")
    assert str(caught.value).endswith(": the same command goes on from there")
    assert (tmp_path / "run" / "records" / "series.nc").is_file()


def test_a_finished_run_is_not_overwritten(tmp_path: Path) -> None:
    run_study(tasks_of(SERIES), tmp_path / "run")
    with pytest.raises(InputError, match="the folder holds a finished run of 'little'; give"):
        run_study(tasks_of(SERIES), tmp_path / "run")
    heard = events(tasks_of(SERIES), tmp_path / "run", force=True)
    assert heard == ["series: started", "series: done"]


def test_another_study_is_refused_and_replaced_with_force(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run_study(tasks_of(SERIES), folder)
    (folder / "mine.txt").write_text("keep")
    with pytest.raises(InputError, match="a run of another study, or of this one before it was"):
        run_study(tasks_of(SERIES, LAST), folder, reuse=True)
    renamed = {**SERIES, "name": "renamed"}
    run_study(tasks_of(renamed), folder, force=True)
    assert [file.name for file in (folder / "records").iterdir()] == ["renamed.nc"]
    assert (folder / "mine.txt").read_text() == "keep"


def test_a_foreign_folder_or_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="holds something else than a run; give another one"):
        run_study(tasks_of(SERIES), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(InputError, match=r"notes\.txt: is a file; give another folder"):
        run_study(tasks_of(SERIES), tmp_path / "notes.txt")


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    study = tasks_of(SERIES)

    def listen(fraction: float, message: str) -> None:
        with pytest.raises(InputError, match="another run is at work in this folder"):
            run_study(study, tmp_path / "run")

    run_study(study, tmp_path / "run", progress=Progress(listen))


def test_a_study_is_written_and_read_without_loss() -> None:
    study = study_of(
        title="A little study",
        question="How much?",
        notes=["one", "two"],
        tasks=[SERIES, LAST, {**LAST, "name": "deep/er", "sample": "450"}],
    )
    assert Study.from_mapping(json.loads(json.dumps(study.to_mapping()))) == study
    assert study.fingerprint() != study_of().fingerprint()


def test_published_values() -> None:
    assert len(published_sources()) == 5
    found = find_published("lnto_2020:samples.{sample}.interfacial_resistance_first", "450")
    assert found is not None
    assert (found.value, found.unit) == (124, "ohm")
    assert find_published("lnto_2020:samples.650.capacity_0C1") is None
    with pytest.raises(InputError, match="unknown publication 'lnto'; did you mean 'lnto_2020'"):
        find_published("lnto:samples.450.capacity_0C1")
    with pytest.raises(InputError, match="is no single published number with a unit"):
        find_published("lnto_2020:cell.coating_thickness")


SAMPLE = {"about": "x"}
BAD: list[tuple[dict[str, Any], str]] = [
    ({"nmae": "x"}, "unknown field 'nmae'; did you mean 'name'? Choose from: answer, "),
    ({"name": "../x"}, "name: '../x' is no usable name; expected letters, digits, spaces"),
    ({"name": 3}, "name: 3 is not a text"),
    ({"samples": {"a": 1}}, "samples.a: 1 is not a table"),
    ({"samples": {"a": {"like": "a"}}}, "samples.a: samples are like each other in a circle: "),
    ({"samples": {"a": {"like": "450"}}}, "samples.a.like: unknown sample '450'. Choose from: a"),
    ({"samples": {"a": {"abuot": ""}}}, "samples.a: unknown field 'abuot'; did you mean 'about'"),
    (
        {"experiments": {"e": {"do": "test-duoble"}}},
        "experiments.e.do: unknown do 'test-duoble'; did you mean 'test-double'?",
    ),
    (
        {"experiments": {"e": {"do": "test-double", "nubmer": 1}}},
        "experiments.e: unknown field 'nubmer'; did you mean 'number'?",
    ),
    (
        {"experiments": {"e": {"do": "test-double"}}, "compare": []},
        "experiments.e.number: is missing; 'test-double' needs it",
    ),
    (
        {"experiments": {"e": {"do": "test-double", "number": 1, "samples": ["a"]}}},
        "experiments.e.samples: unknown sample 'a'. Choose from: 450, 550, 650",
    ),
    (
        {"experiments": {"e": {"do": "test-double", "number": [1.0, float("nan")]}}},
        "experiments.e.number.2: nan is not a finite number",
    ),
    (
        {"experiments": {"e": {"do": "test-double", "number": date(2020, 1, 1)}}},
        "experiments.e.number: 2020-01-01 is a date or time; write a number or a text",
    ),
    ({"experiments": {}, "compare": []}, "there is nothing to do; add [experiments.NAME] or"),
    ({"tasks": [SERIES, SERIES]}, "tasks: a second task is named 'series'"),
    ({"tasks": [LAST]}, "tasks.last.inputs: unknown task 'series'. Choose from: "),
    (
        {
            "tasks": [
                {**LAST, "name": "a", "inputs": {"record": {"task": "b"}}},
                {**LAST, "name": "b", "inputs": {"record": {"task": "a"}}},
            ]
        },
        "tasks: tasks wait for each other: a -> b -> a",
    ),
    ({"compare": [{"quantity": "q"}]}, "compare.1: give either experiment or task"),
    (
        {"compare": [{"quantity": "q", "experiment": "twcie"}]},
        "compare.1.experiment: unknown experiment 'twcie'; did you mean 'twice'?",
    ),
    (
        {"compare": [{"quantity": "q", "experiment": "twice", "published": "lnto_2020:no.place"}]},
        "compare.1.published: the publication has nothing at 'lnto_2020:no.place'",
    ),
    (
        {"compare": [{"quantity": "q", "experiment": "twice", "unit": "mAh/pound of"}]},
        "compare.1.unit: ",
    ),
    (
        {"compare": [{"quantity": "q", "experiment": "twice", "role": "guessed"}]},
        "compare.1.role: unknown role 'guessed'. Choose from: assumed, calibrated, input, ",
    ),
    (
        {"compare": [{"quantity": "q", "experiment": "twice", "ratio_to": "45"}]},
        "compare.1.ratio_to: unknown sample '45'; did you mean '450'?",
    ),
    (
        {"compare": [{"quantity": "q", "experiment": "twice", "roles": {"45": "input"}}]},
        "compare.1.roles: unknown sample '45'; did you mean '450'?",
    ),
    (
        {"compare": [{"quantity": "q", "experiment": "twice", "roles": {"450": "guess"}}]},
        "compare.1.roles.450: unknown role 'guess'. Choose from: assumed, calibrated, input, ",
    ),
    (
        {"samples": {"450": {"varies": "540"}}},
        "samples.450.varies: unknown sample '540'; did you mean '450'? Choose from: 450",
    ),
    (
        {"samples": {"450": {"stands_for": 450}}},
        "samples.450.stands_for: 450 is not a text",
    ),
    (
        {"compare": [{"quantity": "q", "task": "series"}], "tasks": [SERIES]},
        "compare.1.task: 'series' gives a record, not values; compare its analysis",
    ),
]


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_what_is_wrong_is_told_with_its_place(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        study_of(**changes)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_sample_like_another(tmp_path: Path) -> None:
    from solith.study._inherit import resolve

    base = {"cell": {"coating": {"law": "a", "thickness": 1}, "area": 2}, "about": "first"}
    got = resolve(
        {
            "base": base,
            "thick": {"like": "base", "cell": {"coating": {"thickness": 5}}},
            "other law": {"like": "base", "cell": {"coating": {"law": "b"}}},
            "bare": {"like": "thick", "without": ["cell.coating"]},
        }
    )
    assert got["thick"] == {"cell": {"coating": {"law": "a", "thickness": 5}, "area": 2}}
    assert got["other law"]["cell"]["coating"] == {"law": "b"}
    assert got["bare"] == {"cell": {"area": 2}}
    with pytest.raises(InputError, match=r"samples\.x\.without: 'cell\.nothing' is not there"):
        resolve({"base": base, "x": {"like": "base", "without": ["cell.nothing"]}})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no such file; expected a study in TOML"),
        (b"  \n", "the file is empty; `solith new FILE` writes a study to start from"),
        (b"\x89HDF\x00\x00", "is a binary file; expected a study in TOML (text)"),
        (b"name = 'x'\n# \xff", "line 2 is not UTF-8 text; save the study as UTF-8"),
        (b"name = 'x'\nname", "is not valid TOML: Expected '=' after a key in a key/value pair"),
        (b"titel = 'x'", "unknown field 'titel'; did you mean 'title'?"),
    ],
)
def test_a_file_that_is_no_study(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "study.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        load_study(path)
    assert str(caught.value).startswith(f"{path}: {message}")
    with pytest.raises(InputError, match="is a folder; expected a study file"):
        load_study(tmp_path)
