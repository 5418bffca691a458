"""Files to records: one module per format, each recognised by its content."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from solith.readers._front import read
    from solith.readers.bdf import write_bdf

__all__ = ["read", "write_bdf"]

_HOMES = {"read": "_front", "write_bdf": "bdf"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
