"""The task ``attribute``: which share of an interface's resistance its coating carries."""

from __future__ import annotations

from solith.core.record import Record
from solith.core.result import Result
from solith.study.tasks._registry import task_kind

__all__: list[str] = []


@task_kind("attribute")
def _attribute(
    *, record: Record, resistances: Result, quantity: str = "interfacial_resistance"
) -> Result:
    """From a simulated discharge, whose cell the record knows, and the spectrum's analysis."""
    from solith.cell import attribute_resistance, read_cell

    value = resistances[quantity].to("ohm").value
    cell = read_cell(record.provenance.parameters["cell"])
    return attribute_resistance(cell, record, 0.0 if value is None else value)
