"""What a run holds, sample by sample: each experiment with its record and its result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from solith.core.record import Record
    from solith.core.result import Result
    from solith.study import StudyRun

__all__ = ["Case", "find_cases", "sample_names"]

_ANALYSIS = "/analysis"


@dataclass(frozen=True)
class Case:
    """One experiment on one sample; record or result may be missing."""

    sample: str
    experiment: str
    record: Record | None
    result: Result | None
    alone: bool = False
    """Whether no other experiment of the run has the same C rate."""

    @property
    def name(self) -> str:
        """``sample/experiment``."""
        return f"{self.sample}/{self.experiment}" if self.experiment else self.sample

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
        """The C rate of the discharge (median current over current at 1 C)."""
        if self.record is None or self.record.kind != "cycling":
            return None
        one_c = self.record.data.attrs.get("one_c_ampere")
        current = self.record.array("current_ampere")
        discharge = -current[current < -1e-6 * np.nanmax(np.abs(current), initial=0.0)]
        if not one_c or not discharge.size:
            return None
        return float(f"{np.median(discharge) / float(one_c):.2g}")

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
    """All experiments of a run, in the order of its samples and then of its tasks."""
    samples = list(run.study.samples)
    names = dict.fromkeys(run.records)
    names.update(dict.fromkeys(key.removesuffix(_ANALYSIS) for key in run.results))
    cases = []
    for name in names:
        sample, experiment = _split(name, samples)
        result = run.results.get(name + _ANALYSIS) or run.results.get(name)
        cases.append(Case(sample, experiment, run.records.get(name), result))
    named: dict[float | None, set[str]] = {}
    for case in cases:
        named.setdefault(case.rate, set()).add(case.experiment)
    cases = [replace(case, alone=len(named[case.rate]) == 1) for case in cases]
    order = {sample: place for place, sample in enumerate(samples)}
    return sorted(cases, key=lambda case: order.get(case.sample, len(order)))


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
