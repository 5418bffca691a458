"""What a run holds, sample by sample: each experiment with its record and its result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from solith.core.cycles import cycles_by_rate, result_of_cycle
from solith.core.result import Result

if TYPE_CHECKING:
    from solith.core.record import Record
    from solith.study import StudyRun

__all__ = ["Case", "find_cases", "sample_names", "split_by_rate"]

_ANALYSIS = "/analysis"
_MEASURED = "/measured"


@dataclass(frozen=True)
class Case:
    """One experiment on one sample; record or result may be missing."""

    sample: str
    experiment: str
    record: Record | None
    result: Result | None
    alone: bool = False
    """Whether no other experiment of the run has the same C rate."""
    part: float | None = None
    """The C rate that ``result`` is about, where the record holds several."""
    measured: bool = False
    """Whether this is a measured file of the sample, beside the experiment of this name."""

    @property
    def name(self) -> str:
        """``sample/experiment``."""
        return f"{self.sample}/{self.experiment}" if self.experiment else self.sample

    @property
    def label(self) -> str:
        """The sample, or ``sample/measured``, which figures draw in the same colour."""
        return f"{self.sample}{_MEASURED}" if self.measured else self.sample

    @property
    def kind(self) -> str:
        """The kind of record, or what the result tells of it; empty if neither does."""
        if self.record is not None:
            return self.record.kind
        if self.result is not None and "discharge_capacity" in self.result:
            return "cycling"
        if self.result is not None and "interfacial_resistance" in self.result:
            return "impedance"
        return ""

    @property
    def rate(self) -> float | None:
        """The C rate of the discharge; none where the record holds several."""
        if self.part is not None:
            return self.part
        return self.rates[0] if len(self.rates) == 1 else None

    @property
    def rates(self) -> tuple[float, ...]:
        """The C rates of the discharges (median current over current at 1 C)."""
        if self.result is not None and (known := cycles_by_rate(self.result)):
            return tuple(known)
        if self.record is None or self.record.kind != "cycling":
            return ()
        one_c = self.record.data.attrs.get("one_c_ampere")
        current = self.record.array("current_ampere")
        flowing = current < -1e-3 * np.nanmax(np.abs(current), initial=0.0)
        numbers = np.ones(len(current))
        if "cycle_count" in self.record.data.variables:
            numbers = self.record.array("cycle_count")
            flowing &= np.isfinite(numbers)
        if not one_c or not flowing.any():
            return ()
        found = (
            -np.median(current[flowing & (numbers == number)]) / float(one_c)
            for number in np.unique(numbers[flowing])
        )
        return tuple(dict.fromkeys(float(f"{rate:.2g}") for rate in found))

    @property
    def condition(self) -> str:
        """What distinguishes this experiment, for a sentence: its C rate or its name."""
        if self.rate is None:
            return self.experiment
        rate = f"{self.rate:g} C"
        if self.alone or not self.experiment:
            return rate
        if rate in self.experiment:
            return self.experiment
        return f"{rate} ({self.experiment})"


def find_cases(run: StudyRun) -> list[Case]:
    """All experiments of a run, in the order of its samples and then of its tasks.

    Measured files stand after what is simulated of their sample.
    """
    samples = list(run.study.samples)
    calibrations = {item.task for item in run.study.calibrations.values()}
    names = dict.fromkeys(run.records)
    names.update(
        dict.fromkeys(key.removesuffix(_ANALYSIS) for key in run.results if key not in calibrations)
    )
    cases = []
    for name in names:
        sample, experiment = _split(name, samples)
        measured = experiment.endswith(_MEASURED)
        experiment = experiment.removesuffix(_MEASURED)
        result = run.results.get(name + _ANALYSIS) or run.results.get(name)
        record = run.records.get(name)
        cases.append(Case(sample, experiment, record, result, measured=measured))
    order = {sample: place for place, sample in enumerate(samples)}
    return sorted(
        _told_apart(cases),
        key=lambda case: (order.get(case.sample, len(order)), case.measured),
    )


def split_by_rate(cases: list[Case]) -> list[Case]:
    """The cases, those with several C rates as one case for each, with its own result."""
    return _told_apart([part for case in cases for part in _parts(case)])


def _parts(case: Case) -> list[Case]:
    if case.result is None or len(rates := cycles_by_rate(case.result)) < 2:
        return [case]
    parts = []
    for rate, cycle in rates.items():
        result = result_of_cycle(case.result, cycle)
        if cycle == case.result.details["cycles"][0]["cycle"]:
            whole = (v for v in case.result if v.quantity == "initial_coulombic_efficiency")
            result = Result(result.name, (*result.values, *whole))
        parts.append(replace(case, result=result, part=rate))
    return parts


def _told_apart(cases: list[Case]) -> list[Case]:
    named: dict[float | None, set[str]] = {}
    for case in cases:
        named.setdefault(case.rate, set()).add(case.experiment)
    return [replace(case, alone=len(named[case.rate]) == 1) for case in cases]


def sample_names(cases: list[Case]) -> list[str]:
    """The samples that the cases speak of, in order."""
    return list(dict.fromkeys(case.sample for case in cases))


def _split(name: str, samples: list[str]) -> tuple[str, str]:
    fitting = [sample for sample in samples if name == sample or name.startswith(f"{sample}/")]
    if fitting:
        sample = max(fitting, key=len)
        return sample, name[len(sample) + 1 :]
    head, _, tail = name.partition("/")
    return head, tail
