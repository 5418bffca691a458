"""The task that analyses the record of another task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from solith.study._description import Output, Setting, Task

__all__ = ["analysis_task"]

_PLACE = "analysis."


def analysis_task(
    first: Task, options: Mapping[str, Any], settings: Iterable[Setting] = ()
) -> Task:
    """``NAME/analysis`` of the record that the task NAME gives, with ``options``.

    Of the ``settings`` it takes those whose place begins with ``analysis.``.
    """
    taken = tuple(
        Setting(f"options.{item.place.removeprefix(_PLACE)}", item.output)
        for item in settings
        if item.place.startswith(_PLACE)
    )
    inputs: dict[str, Any] = {"record": Output(first.name)}
    if options or taken:
        inputs["options"] = options
    name = f"{first.name}/analysis"
    return Task(name, "analyse", first.sample, inputs, first.experiment, taken)
