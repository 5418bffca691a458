"""What an analysis gave: a result, or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from solith.core.errors import SolithError
from solith.core.result import Result

__all__ = ["Outcome", "attempted"]

Outcome = Result | SolithError
"""What an analysis gave, or why it gave nothing."""


def attempted(run: Callable[..., Result], *given: Any, **options: Any) -> Outcome:
    """What an analysis gives, or its error."""
    try:
        return run(*given, **options)
    except SolithError as error:
        return error
