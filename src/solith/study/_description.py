"""What a study is: samples, experiments, tasks and comparisons, as frozen descriptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solith.core.errors import UnknownNameError
from solith.core.provenance import fingerprint_data
from solith.study._published import Published

if TYPE_CHECKING:
    from solith.cell import Cell

__all__ = ["ROLES", "Comparison", "Experiment", "Output", "Sample", "Study", "Task"]

ROLES = ("input", "calibrated", "predicted")
"""What a compared number is: put in, fitted to the published one, or found without it."""


@dataclass(frozen=True)
class Output:
    """The output of a task, where another task takes it as an input."""

    task: str


@dataclass(frozen=True)
class Sample:
    """A sample: its cell, if it is to be simulated, and what there is to say about it."""

    name: str
    about: str = ""
    cell: Cell | None = None

    def to_mapping(self) -> dict[str, Any]:
        """Plain data, the name apart."""
        written: dict[str, Any] = {"about": self.about}
        if self.cell is not None:
            written["cell"] = self.cell.to_mapping()
        return written


@dataclass(frozen=True)
class Experiment:
    """What is done to samples: a kind of task and its inputs."""

    name: str
    do: str
    inputs: Mapping[str, Any]
    samples: tuple[str, ...]

    def to_mapping(self) -> dict[str, Any]:
        """Plain data, the name apart."""
        return {"do": self.do, "samples": list(self.samples), **_plain(self.inputs)}


@dataclass(frozen=True)
class Task:
    """One task: a kind, a sample (or none), and inputs: values or outputs of tasks."""

    name: str
    do: str
    sample: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)

    def to_mapping(self) -> dict[str, Any]:
        """Plain data."""
        written: dict[str, Any] = {"name": self.name, "do": self.do}
        if self.sample:
            written["sample"] = self.sample
        return {**written, "inputs": _plain(self.inputs)}

    def needs(self) -> tuple[str, ...]:
        """The tasks whose outputs this one takes."""
        return tuple(dict.fromkeys(_outputs(self.inputs)))


@dataclass(frozen=True)
class Comparison:
    """Rows of the comparison table: one quantity of one task for each sample.

    ``quantity`` is the name shown, ``value`` the one in the task's result. ``task`` and
    ``published`` (a reference such as ``lnto_2020:samples.{sample}.capacity_0C1``) may
    hold ``{sample}``. A published value's own unit is the unit of the row; ``unit``
    serves where there is none. With ``cycle`` the value is that of one cycle.
    """

    quantity: str
    value: str
    task: str
    samples: tuple[str, ...]
    role: str = "predicted"
    unit: str = ""
    area: str = ""
    published: str | Published = ""
    cycle: int | None = None

    def to_mapping(self) -> dict[str, Any]:
        """Plain data."""
        written: dict[str, Any] = {
            "quantity": self.quantity,
            "value": self.value,
            "task": self.task,
            "samples": list(self.samples),
            "role": self.role,
        }
        for key in ("unit", "area"):
            if getattr(self, key):
                written[key] = getattr(self, key)
        if isinstance(self.published, Published):
            written["published"] = {k: v for k, v in self.published.__dict__.items() if v != ""}
        elif self.published:
            written["published"] = self.published
        if self.cycle is not None:
            written["cycle"] = self.cycle
        return written

    def task_for(self, sample: str) -> str:
        """The name of the task that gives the row of this sample."""
        return self.task.replace("{sample}", sample)


@dataclass(frozen=True)
class Study:
    """A question, the samples and tasks that answer it, and what is known of the answer.

    ``tasks`` are all tasks in the order they are written, those from experiments first.
    ``folder`` is where the study file stands; files named in tasks are looked for there.
    """

    name: str
    title: str = ""
    question: str = ""
    notes: tuple[str, ...] = ()
    samples: Mapping[str, Sample] = field(default_factory=dict)
    experiments: Mapping[str, Experiment] = field(default_factory=dict)
    tasks: tuple[Task, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    folder: Path = field(default=Path(), compare=False)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], *, folder: Path = Path()) -> Study:
        """The study written as plain data (as in a study file), checked throughout.

        Raises :class:`InputError` with the path of the field that is wrong.
        """
        from solith.study._reading import read_study

        return read_study(mapping, folder=folder)

    def to_mapping(self) -> dict[str, Any]:
        """Plain data from which :meth:`from_mapping` makes an equal study."""
        from solith.study._expand import expand

        short = {task.name for task in expand(self.experiments.values())}
        return {
            "name": self.name,
            "title": self.title,
            "question": self.question,
            "notes": list(self.notes),
            "samples": {name: item.to_mapping() for name, item in self.samples.items()},
            "experiments": {name: item.to_mapping() for name, item in self.experiments.items()},
            "tasks": [task.to_mapping() for task in self.tasks if task.name not in short],
            "compare": [comparison.to_mapping() for comparison in self.comparisons],
        }

    def fingerprint(self) -> str:
        """A hash of all that the study says."""
        return fingerprint_data(self.to_mapping())

    def task(self, name: str) -> Task:
        """The task of this name."""
        tasks = {task.name: task for task in self.tasks}
        if name not in tasks:
            raise UnknownNameError.among("task", name, tasks)
        return tasks[name]


def _plain(value: Any) -> Any:
    if isinstance(value, Output):
        return {"task": value.task}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _outputs(value: Any) -> list[str]:
    if isinstance(value, Output):
        return [value.task]
    if isinstance(value, Mapping):
        return [name for item in value.values() for name in _outputs(item)]
    if isinstance(value, (list, tuple)):
        return [name for item in value for name in _outputs(item)]
    return []
