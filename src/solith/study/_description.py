"""What a study is: samples, experiments, tasks and comparisons, as frozen descriptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from solith.core.errors import UnknownNameError
from solith.core.provenance import fingerprint_data
from solith.study._published import Published
from solith.study.measured import Measured
from solith.study.replicates import Replicates

__all__ = [
    "ROLES",
    "Calibration",
    "CalibrationTarget",
    "Comparison",
    "Experiment",
    "FreeParameter",
    "Output",
    "Sample",
    "Setting",
    "Study",
    "Task",
    "outputs_in",
]

ROLES = ("input", "calibrated", "assumed", "predicted", "recovered")
"""What a compared number is: put in, fitted to the published one, found without it, or found again
in a synthetic record that was made with it."""


@dataclass(frozen=True)
class Output:
    """The output of a task, where another task takes it as an input.

    With ``value`` only that quantity of its result, as a text with its unit ("3.1 ohm") or
    as a bare number where it has none; with ``cycle`` that of one cycle.
    """

    task: str
    value: str = ""
    cycle: int | None = None

    def to_mapping(self) -> dict[str, Any]:
        """Plain data."""
        written: dict[str, Any] = {"task": self.task}
        if self.value:
            written["value"] = self.value
        if self.cycle is not None:
            written["cycle"] = self.cycle
        return written


@dataclass(frozen=True)
class Setting:
    """A quantity of a task, put at a place of another task's inputs before that runs."""

    place: str
    output: Output


@dataclass(frozen=True)
class Sample:
    """A sample: its cell, if it is to be simulated, and what there is to say about it.

    ``calibrated_by`` names the calibrations whose parameters its cell takes, a later one
    over an earlier one; ``takes`` puts quantities of tasks at places of its cell before
    them. ``stands_for`` is its name in publications, where that is another. A sample that
    ``varies`` another one is the same under another assumption; it counts into the range of
    that one's predictions. ``measured`` are files that stand beside what is simulated.
    """

    name: str
    about: str = ""
    cell: Any = None
    calibrated_by: tuple[str, ...] = ()
    takes: Mapping[str, Output] = field(default_factory=dict)
    stands_for: str = ""
    varies: str = ""
    replicates: Replicates | None = None
    measured: Mapping[str, Measured] = field(default_factory=dict)

    @property
    def is_only_measured(self) -> bool:
        """Whether it has measured files and no cell: then it is not simulated."""
        return self.cell is None and bool(self.measured)

    @property
    def published_as(self) -> str:
        """The name under which it is looked for in publications."""
        return self.stands_for or self.varies or self.name

    def to_mapping(self) -> dict[str, Any]:
        """Plain data, the name apart."""
        written: dict[str, Any] = {"about": self.about}
        if self.stands_for:
            written["stands_for"] = self.stands_for
        if self.varies:
            written["varies"] = self.varies
        if self.calibrated_by:
            written["calibrated_by"] = list(self.calibrated_by)
        if self.takes:
            written["takes"] = _plain(self.takes)
        if self.replicates is not None:
            written["replicates"] = self.replicates.to_mapping()
        if self.measured:
            written["measured"] = {
                name: _plain(item.to_mapping()) for name, item in self.measured.items()
            }
        if self.cell is not None:
            from solith.cell import write_cell

            written["cell"] = write_cell(self.cell)
        return written


@dataclass(frozen=True)
class Experiment:
    """What is done to samples: a kind of task and its inputs, and options of the analysis."""

    name: str
    do: str
    inputs: Mapping[str, Any]
    samples: tuple[str, ...]
    analysis: Mapping[str, Any] = field(default_factory=dict)

    def to_mapping(self) -> dict[str, Any]:
        """Plain data, the name apart."""
        written = {"do": self.do, "samples": list(self.samples), **_plain(self.inputs)}
        return {**written, "analysis": _plain(self.analysis)} if self.analysis else written


@dataclass(frozen=True)
class FreeParameter:
    """A number that a calibration finds: at a ``place``, between ``low`` and ``high``.

    The place begins with ``cell.`` (in the cells of ``samples``, or of all), or is one of the
    inputs of ``experiment`` (``protocol.scan_rate``), or ``analysis.`` and an option of its
    analysis. Numbers are in ``unit``; without ``start`` the search begins at what the study
    has at the place. With ``per_sample`` each sample of the calibration has its own value.
    """

    name: str
    place: str
    low: float
    high: float
    unit: str = ""
    start: float | None = None
    scale: str = "linear"
    experiment: str = ""
    per_sample: bool = False
    samples: tuple[str, ...] = ()
    prior: tuple[float, float] | None = None

    def to_mapping(self) -> dict[str, Any]:
        """Plain data."""
        written: dict[str, Any] = {
            "name": self.name,
            "place": self.place,
            "low": self._text(self.low),
            "high": self._text(self.high),
            "scale": self.scale,
        }
        if self.start is not None:
            written["start"] = self._text(self.start)
        if self.experiment:
            written["experiment"] = self.experiment
        if self.per_sample:
            written["per_sample"] = True
        if self.samples:
            written["samples"] = list(self.samples)
        if self.prior is not None:
            value, uncertainty = map(self._text, self.prior)
            written["prior"] = {"value": value, "uncertainty": uncertainty}
        return written

    def taken_by(self, sample: str) -> bool:
        """Whether this parameter is one of the sample's."""
        return not self.samples or sample in self.samples

    def name_for(self, sample: str) -> str:
        """The name of the sample's value in the calibration's result."""
        return f"{self.name}[{sample}]" if self.per_sample else self.name

    def _text(self, number: float) -> str | float:
        return f"{number!r} {self.unit}" if self.unit else number


@dataclass(frozen=True)
class CalibrationTarget:
    """A value that an experiment should give on each of ``samples``.

    ``published`` is a reference (with ``{sample}``), a number with its unit, or a quantity of
    another task. ``uncertainty`` is one standard uncertainty as a text; "%" is relative unless
    the target itself is in %. With ``ratio_to`` the value over that of another sample.
    """

    experiment: str
    value: str
    samples: tuple[str, ...]
    published: str | Published | Output
    uncertainty: str
    cycle: int | None = None
    ratio_to: str = ""

    def to_mapping(self) -> dict[str, Any]:
        """Plain data."""
        written: dict[str, Any] = {
            "experiment": self.experiment,
            "value": self.value,
            "samples": list(self.samples),
            "published": _written_published(self.published),
            "uncertainty": self.uncertainty,
        }
        if self.cycle is not None:
            written["cycle"] = self.cycle
        if self.ratio_to:
            written["ratio_to"] = self.ratio_to
        return written


@dataclass(frozen=True)
class Calibration:
    """Parameters of cells and experiments, found from targets on ``samples``."""

    name: str
    samples: tuple[str, ...]
    parameters: tuple[FreeParameter, ...]
    targets: tuple[CalibrationTarget, ...]
    about: str = ""

    @property
    def task(self) -> str:
        """The name of its task."""
        return f"calibrate/{self.name}"

    def to_mapping(self) -> dict[str, Any]:
        """Plain data, the name apart."""
        return {
            "about": self.about,
            "samples": list(self.samples),
            "parameters": [item.to_mapping() for item in self.parameters],
            "targets": [item.to_mapping() for item in self.targets],
        }


@dataclass(frozen=True)
class Task:
    """One task: a kind, a sample (or none), and inputs: values or outputs of tasks.

    What follows from the sample and is not written in a study: ``experiment`` it belongs
    to, ``settings`` put into its inputs before it runs, and then the factors by which
    numbers at places are ``varied`` in a replicate.
    """

    name: str
    do: str
    sample: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    experiment: str = ""
    settings: tuple[Setting, ...] = ()
    varied: tuple[tuple[str, float], ...] = ()

    def to_mapping(self) -> dict[str, Any]:
        """Plain data."""
        written: dict[str, Any] = {"name": self.name, "do": self.do}
        if self.sample:
            written["sample"] = self.sample
        return {**written, "inputs": _plain(self.inputs)}

    def needs(self) -> tuple[str, ...]:
        """The tasks whose outputs this one takes."""
        outputs = [*outputs_in(self.inputs), *(setting.output for setting in self.settings)]
        return tuple(dict.fromkeys(output.task for output in outputs))


@dataclass(frozen=True)
class Comparison:
    """Rows of the comparison table: one quantity of one task for each sample.

    ``quantity`` is the name shown, ``value`` the one in the task's result. ``task``, ``value``
    and ``published`` (a reference such as ``lnto_2020:samples.{sample}.capacity_0C1``) may
    hold ``{sample}``, which in ``published`` is the name that the sample stands for. A
    published value's own unit is the unit of the row; ``unit`` serves where there is none.
    In place of what is published there may be a task's output, such as that of a measured file.
    With ``cycle`` the value is that of one cycle, with ``ratio_to`` that over another
    sample's, both computed and referred to. ``roles`` are those of samples whose role is
    another than ``role``. With ``synthetic`` the row is compared with what its synthetic record
    was made with; the text says where that comes from.
    """

    quantity: str
    value: str
    task: str
    samples: tuple[str, ...]
    role: str = "predicted"
    unit: str = ""
    area: str = ""
    published: str | Published | Output = ""
    cycle: int | None = None
    ratio_to: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    synthetic: str = ""

    def to_mapping(self) -> dict[str, Any]:
        """Plain data."""
        written: dict[str, Any] = {
            "quantity": self.quantity,
            "value": self.value,
            "task": self.task,
            "samples": list(self.samples),
            "role": self.role,
        }
        for key in ("unit", "area", "ratio_to", "synthetic"):
            if getattr(self, key):
                written[key] = getattr(self, key)
        if self.roles:
            written["roles"] = dict(self.roles)
        if self.published:
            written["published"] = _written_published(self.published)
        if self.cycle is not None:
            written["cycle"] = self.cycle
        return written

    def task_for(self, sample: str) -> str:
        """The name of the task that gives the row of this sample."""
        return self.task.replace("{sample}", sample)

    def known_for(self, sample: str) -> Output | None:
        """The output that the row of this sample is compared with, where it is a task's."""
        if not isinstance(self.published, Output):
            return None
        task, value = (
            text.replace("{sample}", sample) for text in (self.published.task, self.published.value)
        )
        return Output(task, value, self.published.cycle)

    def value_for(self, sample: str) -> str:
        """The name of the quantity in the result for this sample."""
        return self.value.replace("{sample}", sample)

    def role_of(self, sample: str) -> str:
        """What the number of this sample is."""
        return self.roles.get(sample, self.role)


@dataclass(frozen=True)
class Study:
    """A question, the samples and tasks that answer it, and what is known of the answer.

    ``tasks`` are all tasks, first those from calibrations and experiments. ``answer`` is what
    its author says, with ``{SAMPLE:QUANTITY}`` for numbers of the comparison. ``folder`` is
    where the study file stands; files named in tasks are looked for there.
    """

    name: str
    title: str = ""
    question: str = ""
    answer: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    samples: Mapping[str, Sample] = field(default_factory=dict)
    experiments: Mapping[str, Experiment] = field(default_factory=dict)
    calibrations: Mapping[str, Calibration] = field(default_factory=dict)
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

        short = {task.name for task in expand(self.samples, self.experiments, self.calibrations)}
        return {
            "name": self.name,
            "title": self.title,
            "question": self.question,
            "answer": list(self.answer),
            "notes": list(self.notes),
            "samples": {name: item.to_mapping() for name, item in self.samples.items()},
            "experiments": {name: item.to_mapping() for name, item in self.experiments.items()},
            "calibrations": {name: item.to_mapping() for name, item in self.calibrations.items()},
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


def outputs_in(value: Any) -> list[Output]:
    """All outputs in plain data, at any depth."""
    if isinstance(value, Output):
        return [value]
    if isinstance(value, Mapping):
        return [output for item in value.values() for output in outputs_in(item)]
    if isinstance(value, (list, tuple)):
        return [output for item in value for output in outputs_in(item)]
    return []


def _written_published(published: str | Published | Output) -> Any:
    if isinstance(published, Published):
        return {key: item for key, item in published.__dict__.items() if item != ""}
    return published.to_mapping() if isinstance(published, Output) else published


def _plain(value: Any) -> Any:
    if isinstance(value, Output):
        return value.to_mapping()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
