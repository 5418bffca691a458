"""Records to results: one module per technique, the same for measured and simulated data."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from solith.analysis._front import analyse
    from solith.analysis.cycling import analyse_cycling
    from solith.analysis.impedance import find_resistances
    from solith.analysis.losses import find_losses

__all__ = ["analyse", "analyse_cycling", "find_losses", "find_resistances"]

_HOMES = {
    "analyse": "_front",
    "analyse_cycling": "cycling",
    "find_losses": "losses",
    "find_resistances": "impedance",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
