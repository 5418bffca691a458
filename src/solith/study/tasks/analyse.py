"""The task ``analyse``: what a record tells."""

from __future__ import annotations

from solith.core.record import Record
from solith.core.result import Result
from solith.study.tasks._registry import task_kind

__all__: list[str] = []


@task_kind("analyse")
def _analyse(*, record: Record) -> Result:
    from solith.analysis import analyse

    return analyse(record)
