"""Measured files as tasks: one that reads, one that analyses as the experiment is analysed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solith.core.errors import InputError
from solith.study._analyses import analysis_task
from solith.study._calibration_tasks import settings_for
from solith.study._description import Calibration, Experiment, Sample, Task
from solith.study._references import for_sample

__all__ = ["measured_places", "measured_tasks"]

_KINDS = {
    "cycling": "cycling",
    "gitt": "cycling",
    "voltammetry": "voltammogram",
    "impedance": "impedance",
}
"""The kind of record that each protocol gives."""


def measured_tasks(
    sample: Sample,
    experiments: Mapping[str, Experiment],
    calibrations: Mapping[str, Calibration],
) -> list[Task]:
    """``SAMPLE/NAME/measured`` and its analysis for each measured file of a sample."""
    usual = _facts_of_cell(sample.cell)
    tasks = []
    for measured in sample.measured.values():
        experiment = experiments.get(measured.name)
        inputs: dict[str, Any] = {"number": measured.record}
        inputs |= {"files": list(measured.files)} if measured.files else {"file": measured.file}
        inputs |= _expected(experiment)
        if measured.facts:
            inputs["facts"] = measured.facts
        if usual:
            inputs["usual"] = usual
        if measured.state:
            inputs["state"] = measured.state
        reading = Task(measured.task(sample.name), "read", sample.name, inputs)
        tasks.append(reading)
        if isinstance(measured.analysis, Mapping):
            tasks.append(analysis_task(reading, measured.analysis))
        elif measured.analysis:
            options = for_sample(experiment.analysis, sample.name) if experiment else {}
            settings = settings_for(sample, measured.name, calibrations)
            tasks.append(analysis_task(reading, options, settings))
    return tasks


def measured_places(samples: Mapping[str, Sample]) -> dict[str, str]:
    """Where in a study the tasks of measured files come from, by the tasks' names."""
    return {
        f"{measured.task(sample.name)}{ending}": f"samples.{sample.name}.measured.{measured.name}"
        for sample in samples.values()
        for measured in sample.measured.values()
        for ending in ("", "/analysis")
    }


def _expected(experiment: Experiment | None) -> dict[str, str]:
    """The kind of record that the experiment simulates, and the technique that analyses it."""
    protocol = experiment.inputs.get("protocol") if experiment is not None else None
    kind = protocol.get("kind") if isinstance(protocol, Mapping) else None
    if kind not in _KINDS:
        return {}
    return {"kind": _KINDS[kind], **({"technique": kind} if kind == "gitt" else {})}


def _facts_of_cell(cell: Any) -> dict[str, str]:
    """What holds for a measured file of the sample unless something else is said."""
    if cell is None:
        return {}
    facts = {"geometric_area": f"{cell.area!r} m2"}
    if hasattr(cell, "one_c"):
        facts["one_c"] = f"{cell.one_c!r} A/m2"
    mass = _active_mass(cell)
    return facts if mass is None else {**facts, "active_mass": f"{mass!r} kg"}


def _active_mass(cell: Any) -> float | None:
    if not hasattr(type(cell), "active_mass"):
        return None
    try:
        return float(cell.active_mass)
    except InputError:  # a film whose density is not known
        return None
