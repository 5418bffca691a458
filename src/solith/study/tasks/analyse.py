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
    options = inputs.get("options", {})
    if not isinstance(options, Mapping):
        raise InputError(f"{options!r} is not a table", where="options")
    if "by" in options:
        from solith.study._named_analyses import check_named

        try:
            check_named(options["by"], {name: one for name, one in options.items() if name != "by"})
        except InputError as error:
            raise error.inside("options") from None


@task_kind("analyse", check=_check)
def _analyse(*, record: Record, options: Mapping[str, Any] | None = None) -> Result:
    """The usual analysis of a record, or the one that the option ``by`` names."""
    from solith.analysis import analyse
    from solith.study._named_analyses import analyse_as, with_truth

    given = dict(options or {})
    name = given.pop("by", None)
    found = analyse(record, **given) if name is None else analyse_as(name, record, given)
    return with_truth(found, record)
