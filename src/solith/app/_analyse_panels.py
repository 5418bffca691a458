"""A figure of the report with its caption, where the data allow it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from solith.app._report_page import Panel
from solith.core.errors import InputError

__all__ = ["panel"]


def panel(title: str, caption: str, draw: Callable[..., Any], *given: Any) -> list[Panel]:
    """A panel, or none where the data do not allow the figure."""
    try:
        return [Panel("", title, caption, draw(*given))]
    except InputError:
        return []
