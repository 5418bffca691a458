"""A task's whole inputs: those that are written and those that its sample gives."""

from __future__ import annotations

from typing import Any

from solith.core.errors import InputError
from solith.study._description import Study, Task
from solith.study.tasks import find_kind

__all__ = ["complete_inputs"]


def complete_inputs(study: Study, task: Task) -> dict[str, Any]:
    """The inputs of a task with the sample's name, its cell and the study's folder.

    Each is there only if the kind of task asks for it. What other tasks give is not in
    yet. A cell that is asked for and not there is an :class:`InputError`.
    """
    kind = find_kind(task.do)
    inputs = dict(task.inputs)
    if kind.takes("cell") and "cell" not in inputs:
        if not task.sample:
            raise InputError(f"is missing; {task.do!r} needs the cell of one", where="sample")
        from solith.cell import write_cell

        cell = study.samples[task.sample].cell
        if cell is None:
            raise InputError(
                f"sample {task.sample!r} has no cell, which {task.do!r} needs; "
                f"describe it in [samples.{task.sample}.cell]"
            )
        inputs["cell"] = write_cell(cell)
    if kind.takes("sample"):
        inputs["sample"] = task.sample
    if kind.takes("folder"):
        inputs["folder"] = str(study.folder)
    return inputs
