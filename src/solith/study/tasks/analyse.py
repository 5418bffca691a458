"""The task ``analyse``: what a record tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solith.core.errors import InputError
from solith.core.record import Record
from solith.core.result import Result
from solith.study.tasks._registry import task_kind

__all__: list[str] = []


def _check(inputs: Mapping[str, Any]) -> None:
    if not isinstance(inputs.get("options", {}), Mapping):
        raise InputError(f"{inputs['options']!r} is not a table", where="options")


@task_kind("analyse", check=_check)
def _analyse(*, record: Record, options: Mapping[str, Any] | None = None) -> Result:
    from solith.analysis import analyse

    return analyse(record, **(options or {}))
