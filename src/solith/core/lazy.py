"""Names that a package fetches when they are first asked for (PEP 562)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["fetch_from"]


def fetch_from(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """The ``__getattr__`` of ``package``: each name comes from the module that ``homes`` says.

    A home is a module of the package, or ``"module:attribute"`` where the module is named in
    full or the attribute has another name.
    """

    def fetch(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, _, attribute = homes[name].partition(":")
        full = module if module.startswith("solith.") else f"{package}.{module}"
        return getattr(import_module(full), attribute or name)

    return fetch
