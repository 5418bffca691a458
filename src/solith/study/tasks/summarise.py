"""The task ``summarise``: mean, spread and number over results of replicate cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solith.core.errors import InputError
from solith.core.result import Result
from solith.study.tasks._registry import task_kind

__all__: list[str] = []


def _check(inputs: Mapping[str, Any]) -> None:
    results = inputs["results"]
    if not isinstance(results, (list, tuple)) or not results:
        raise InputError("is not a list of tasks' outputs ({task = ...})", where="results")


@task_kind("summarise", check=_check)
def _summarise(*, results: Sequence[Result], sample: str) -> Result:
    from solith.study.replicates import summarise

    for place, result in enumerate(results, start=1):
        if not isinstance(result, Result):
            raise InputError("is no result; summarise analyses", where=f"results.{place}")
    name = f"Mean of {len(results)} replicates of {sample}".removesuffix(" of ")
    return summarise(results, name=name)
