"""Plain data of a study file in which some values are outputs of tasks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from solith.core.errors import InputError
from solith.study._checks import read_text, read_whole
from solith.study._description import Output

__all__ = ["for_sample", "read_references"]


def read_references(value: Any, where: str) -> Any:
    """``value`` with ``{task = "NAME", ...}`` as outputs; only what JSON can hold is let in."""
    if isinstance(value, Mapping):
        if "task" in value and set(value) <= {"task", "value", "cycle"}:
            return Output(
                read_text(value, "task", where),
                read_text(value, "value", where, ""),
                read_whole(value, "cycle", where),
            )
        return {key: read_references(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [
            read_references(item, f"{where}.{place}") for place, item in enumerate(value, start=1)
        ]
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{value!r} is not a finite number", where=where)
    if not isinstance(value, (str, int, float)):
        raise InputError(f"{value} is a date or time; write a number or a text", where=where)
    return value


def for_sample(value: Any, sample: str) -> Any:
    """``value`` with the sample's name in place of ``{sample}`` in the names of tasks."""
    if isinstance(value, Output):
        return replace(value, task=value.task.replace("{sample}", sample))
    if isinstance(value, Mapping):
        return {key: for_sample(item, sample) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [for_sample(item, sample) for item in value]
    return value
