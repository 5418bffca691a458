"""The task ``calibrate``: numbers of cells and protocols from what experiments should give."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from solith.core.errors import InputError, SolithError
from solith.core.progress import SILENT, Progress
from solith.core.quantities import in_unit, split_quantity
from solith.core.record import Record
from solith.core.result import Result, Value
from solith.study._places import with_value
from solith.study._values import value_in
from solith.study.tasks._registry import find_kind, task_kind

__all__: list[str] = []


def _check(inputs: Mapping[str, Any]) -> None:
    from solith.study._description import outputs_in

    for run in inputs["runs"]:
        _check_run(run, inputs)
    for item in inputs["parameters"]:
        _parameter(item)
        for end in ("low", "high", "start"):
            for place in item["places"]:
                changed = with_value(inputs, place, _written(item[end], item["unit"]))
                run = changed["runs"][int(place.split(".")[1]) - 1]
                if outputs_in(run):
                    continue
                try:
                    _check_cell(run, place)
                    _check_run(run, inputs)
                except InputError as error:
                    raise InputError(str(error), where=f"{item['where']}.{end}") from None


def _depends_on(inputs: Mapping[str, Any]) -> list[Any]:
    facts = []
    for run in inputs["runs"]:
        kind = find_kind(run["do"])
        if kind.depends_on is not None:
            facts.append(kind.depends_on(_complete(run, inputs["folder"])))
    return facts


def _uses(inputs: Mapping[str, Any]) -> Iterable[str]:
    return [run["do"] for run in inputs["runs"]]


@task_kind("calibrate", check=_check, depends_on=_depends_on, uses=_uses)
def _calibrate(
    *,
    parameters: Sequence[Mapping[str, Any]],
    targets: Sequence[Mapping[str, Any]],
    runs: Sequence[Mapping[str, Any]],
    name: str = "Calibration",
    folder: str,
    progress: Progress,
) -> Result:
    from solith.study.calibration import calibrate

    targets = [_resolved(target) for target in targets]
    trials = _Trials(parameters, targets, runs, folder)
    result = calibrate(
        trials,
        [_parameter(item) for item in parameters],
        [_aim(target) for target in targets],
        name=name,
        progress=progress,
    )
    return _told(result, parameters, targets, runs, trials)


class _Trials:
    """Predictions of the targets; no run is repeated with the same inputs."""

    def __init__(
        self,
        parameters: Sequence[Mapping[str, Any]],
        targets: Sequence[Mapping[str, Any]],
        runs: Sequence[Mapping[str, Any]],
        folder: str,
    ) -> None:
        self._parameters = parameters
        self._targets = targets
        self._runs = list(runs)
        self._folder = folder
        self._known: dict[str, Result | SolithError] = {}
        self._records: dict[str, Record] = {}
        self.simulations = 0

    def __call__(self, values: Mapping[str, float]) -> dict[str, float]:
        results = self._results(values)
        return {target["name"]: self._predicted(target, results)[0] for target in self._targets}

    def flags(self, values: Mapping[str, float]) -> dict[str, tuple[str, ...]]:
        """What is doubtful about each prediction."""
        results = self._results(values)
        return {target["name"]: self._predicted(target, results)[1] for target in self._targets}

    def _results(self, values: Mapping[str, float]) -> Callable[[int], Result]:
        data: Any = {"runs": self._runs}
        for item in self._parameters:
            written = _written(values[item["name"]], item["unit"])
            for place in item["places"]:
                data = with_value(data, place, written)
        return lambda number: self._result(data["runs"][number - 1])

    def _result(self, run: Mapping[str, Any]) -> Result:
        key = json.dumps(run, sort_keys=True, default=repr)
        if key not in self._known:
            try:
                self._known[key] = self._outcome(run)
            except (InputError, SolithError) as error:
                where = f"{run['sample']}/{run['experiment']}"
                self._known[key] = type(error)(f"{where}: {error}")
        found = self._known[key]
        if isinstance(found, SolithError):
            raise found
        return found

    def _outcome(self, run: Mapping[str, Any]) -> Result:
        """The result of a run; its record is used again where the analysis alone is changed."""
        done = {name: item for name, item in run.items() if name != "analysis"}
        key = json.dumps(done, sort_keys=True, default=repr)
        if key not in self._records:
            self.simulations += 1
            output = _output(run, self._folder, losses=self._wants_losses)
            if isinstance(output, Result):
                return output
            self._records = {
                key: output,
                **dict(list(self._records.items())[: 2 * len(self._runs)]),
            }
        from solith.analysis import analyse

        return analyse(self._records[key], **run["analysis"])

    @property
    def _wants_losses(self) -> bool:
        return any("loss" in target["value"] for target in self._targets)

    def _predicted(
        self, target: Mapping[str, Any], results: Callable[[int], Result]
    ) -> tuple[float, tuple[str, ...]]:
        try:
            value = _value(results(target["run"]), target)
            if target["over"] is None:
                return _number(value.to(target["unit"]), target), value.flags
            below = _value(results(target["over"]), target).to(value.unit)
            if not below.value:
                raise InputError(f"{target['value']!r} of the sample below is {below.value!r}")
            ratio = Value(target["value"], _number(value, target) / below.value)
            return in_unit(_number(ratio, target), "", target["unit"]), (*value.flags, *below.flags)
        except InputError as error:
            raise error.inside(f"{target['where']}.value") from None


def _output(run: Mapping[str, Any], folder: str, *, losses: bool) -> Record | Result:
    """What one experiment on one sample gives: the only place where a trial runs."""
    kind = find_kind(run["do"])
    inputs = _complete(run, folder)
    if kind.takes("progress"):
        inputs["progress"] = SILENT
    if kind.takes("losses"):
        inputs.setdefault("losses", losses)
    return kind.function(**inputs)


def _complete(run: Mapping[str, Any], folder: str) -> dict[str, Any]:
    kind = find_kind(run["do"])
    given = {"sample": run["sample"], "folder": folder}
    return {**run["inputs"], **{key: item for key, item in given.items() if kind.takes(key)}}


def _check_run(run: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
    find_kind(run["do"]).check_inputs(_complete(run, inputs["folder"]))


def _check_cell(run: Mapping[str, Any], place: str) -> None:
    if ".inputs.cell." not in place:
        return
    from solith.cell import read_cell

    try:
        read_cell(run["inputs"]["cell"])
    except InputError as error:
        raise error.inside("cell") from None


def _value(result: Result, target: Mapping[str, Any]) -> Value:
    return value_in(result, target["value"], target["cycle"])


def _number(value: Value, target: Mapping[str, Any]) -> float:
    if value.value is None:
        raise InputError(
            f"{target['name']} has no value ({'; '.join(value.flags) or 'no reason given'})"
        )
    return value.value


def _parameter(item: Mapping[str, Any]) -> Any:
    from solith.study.calibration import Parameter

    prior = tuple(item["prior"]) if item["prior"] is not None else None
    try:
        return Parameter(
            item["name"],
            item["start"],
            item["low"],
            item["high"],
            item["scale"],
            item["unit"],
            prior,
        )
    except InputError as error:
        last = error.where.removeprefix(item["name"]).strip(".")
        raise InputError(error.problem, where=".".join((item["where"], last)).strip(".")) from None


def _resolved(target: Mapping[str, Any]) -> Mapping[str, Any]:
    """The target with its own number and unit, where it is another task's quantity."""
    if not isinstance(target["target"], str):
        return target
    value, unit = split_quantity(target["target"])
    return {**target, "target": value, "unit": unit}


def _aim(target: Mapping[str, Any]) -> Any:
    from solith.study.calibration import Target, absolute_uncertainty

    value, unit = target["target"], target["unit"]
    try:
        uncertainty = absolute_uncertainty(target["uncertainty"], value, unit)
    except InputError as error:
        raise InputError(str(error), where=f"{target['where']}.uncertainty") from None
    return Target(target["name"], value, uncertainty, unit)


def _written(value: float, unit: str) -> str | float:
    return f"{value!r} {unit}" if unit else value


def _told(
    result: Result,
    parameters: Sequence[Mapping[str, Any]],
    targets: Sequence[Mapping[str, Any]],
    runs: Sequence[Mapping[str, Any]],
    trials: _Trials,
) -> Result:
    """The result with what the study says of its parameters and targets."""
    details = dict(result.details)
    flags = trials.flags({row["name"]: row["value"] for row in details["parameters"]})
    details["simulations"] = trials.simulations
    details["parameters"] = [
        {**row, "place": item["place"], "experiment": item["experiment"]}
        for row, item in zip(details["parameters"], parameters, strict=True)
    ]
    details["targets"] = [
        {
            **row,
            "sample": runs[item["run"] - 1]["sample"],
            "experiment": runs[item["run"] - 1]["experiment"],
            "quantity": item["value"],
            "source": item["source"],
            "flags": list(flags[item["name"]]),
        }
        for row, item in zip(details["targets"], targets, strict=True)
    ]
    return Result(result.name, result.values, details)
