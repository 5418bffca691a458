"""solith: a workbench for the interfaces of all-solid-state lithium batteries.

The front door: everything here is fetched when it is first used, so that importing
solith is light. The rooms behind it (``solith.cell``, ``solith.analysis``, ...) offer
their own pages.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# solith calls nobody; PyBaMM, which it imports later, would report its use.
os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")

if TYPE_CHECKING:
    from solith.analysis import analyse
    from solith.cell import Cell, Cycling, Impedance, SolidStateCell, simulate
    from solith.core.composite import Composite
    from solith.core.errors import SolithError
    from solith.core.record import Record
    from solith.core.result import Result
    from solith.figures import plot
    from solith.materials import find_material as material
    from solith.readers import read
    from solith.study import Study, load_study
    from solith.study.comparison import compare

__version__ = "0.1.0"

_HOME = {
    "Cell": ("solith.cell", "Cell"),
    "Composite": ("solith.core.composite", "Composite"),
    "Cycling": ("solith.cell", "Cycling"),
    "Impedance": ("solith.cell", "Impedance"),
    "Record": ("solith.core.record", "Record"),
    "Result": ("solith.core.result", "Result"),
    "SolidStateCell": ("solith.cell", "SolidStateCell"),
    "SolithError": ("solith.core.errors", "SolithError"),
    "Study": ("solith.study", "Study"),
    "analyse": ("solith.analysis", "analyse"),
    "compare": ("solith.study", "compare"),
    "load_study": ("solith.study", "load_study"),
    "material": ("solith.materials", "find_material"),
    "plot": ("solith.figures", "plot"),
    "read": ("solith.readers", "read"),
    "simulate": ("solith.cell", "simulate"),
}

__all__ = [
    "Cell",
    "Composite",
    "Cycling",
    "Impedance",
    "Record",
    "Result",
    "SolidStateCell",
    "SolithError",
    "Study",
    "__version__",
    "analyse",
    "compare",
    "load_study",
    "material",
    "plot",
    "read",
    "simulate",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOME[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
