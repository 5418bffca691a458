"""The task ``attribute``: which share of an interface's resistance its coating carries."""

from __future__ import annotations

from solith.core.errors import InputError
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

    value = resistances[quantity].to("ohm")
    if value.value is None:
        raise InputError(f"{quantity} has no value ({'; '.join(value.flags) or 'no reason given'})")
    cell = read_cell(record.provenance.parameters["cell"])
    return attribute_resistance(cell, record, value.value)
