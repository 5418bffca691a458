"""Measured files of a sample, which stand beside what is simulated of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Measured"]


@dataclass(frozen=True)
class Measured:
    """One record of a measured file, with what is known of the cell that was measured.

    ``name`` is that of the experiment it stands beside, or one of its own; ``record`` counts
    the file's records from 1. In place of one ``file`` there may be ``files``, spectra in their
    order (or patterns such as "scan_*.xdi", by name), which make one record.
    ``facts`` are those of :meth:`solith.Record.with_facts`; ``state`` says where on the cell's
    cycling it was measured, as :func:`solith.analysis.join_cycling` takes it. ``analysis`` holds
    options; true means those of the experiment, false no analysis.
    """

    name: str
    file: str = ""
    record: int = 1
    facts: Mapping[str, Any] = field(default_factory=dict)
    analysis: Mapping[str, Any] | bool = True
    files: tuple[str, ...] = ()
    state: Mapping[str, Any] = field(default_factory=dict)

    def to_mapping(self) -> dict[str, Any]:
        """Plain data, the name apart."""
        written: dict[str, Any] = {"files": list(self.files)} if self.files else {"file": self.file}
        if self.record != 1:
            written["record"] = self.record
        if self.state:
            written["state"] = self.state
        if self.analysis is not True:
            written["analysis"] = self.analysis
        return {**written, **self.facts}

    def task(self, sample: str) -> str:
        """The name of the task that reads it for this sample."""
        return f"{sample}/{self.name}/measured"
