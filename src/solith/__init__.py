"""solith: a workbench for the interfaces of all-solid-state lithium batteries.

The front door: everything here is fetched when it is first used, so that importing
solith is light. The rooms behind it (``solith.cell``, ``solith.analysis``, ...) offer
their own pages.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from solith.core.lazy import fetch_from

# solith calls nobody; PyBaMM, which it imports later, would report its use.
os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")

if TYPE_CHECKING:
    from solith.analysis import analyse
    from solith.cell import Cell, Cycling, Gitt, Impedance, SolidStateCell, Voltammetry, simulate
    from solith.core.composite import Composite
    from solith.core.errors import SolithError
    from solith.core.polycrystal import Polycrystal
    from solith.core.record import Record
    from solith.core.result import Result
    from solith.core.volume import GreyVolume, Volume
    from solith.figures import plot
    from solith.materials import find_material as material
    from solith.readers import read
    from solith.study import Study, load_study
    from solith.study.comparison import compare

__version__ = "0.1.0"

_HOMES = {
    "Cell": "solith.cell",
    "Composite": "solith.core.composite",
    "Cycling": "solith.cell",
    "Gitt": "solith.cell",
    "GreyVolume": "solith.core.volume",
    "Impedance": "solith.cell",
    "Polycrystal": "solith.core.polycrystal",
    "Record": "solith.core.record",
    "Result": "solith.core.result",
    "SolidStateCell": "solith.cell",
    "SolithError": "solith.core.errors",
    "Study": "solith.study",
    "Voltammetry": "solith.cell",
    "Volume": "solith.core.volume",
    "analyse": "solith.analysis",
    "compare": "solith.study",
    "load_study": "solith.study",
    "material": "solith.materials:find_material",
    "plot": "solith.figures",
    "read": "solith.readers",
    "simulate": "solith.cell",
}

__all__ = [
    "Cell",
    "Composite",
    "Cycling",
    "Gitt",
    "GreyVolume",
    "Impedance",
    "Polycrystal",
    "Record",
    "Result",
    "SolidStateCell",
    "SolithError",
    "Study",
    "Voltammetry",
    "Volume",
    "__version__",
    "analyse",
    "compare",
    "load_study",
    "material",
    "plot",
    "read",
    "simulate",
]


_ROOMS = (
    "analysis",
    "cell",
    "compaction",
    "core",
    "figures",
    "interface",
    "materials",
    "readers",
    "structure",
    "study",
    "transport",
    "volumes",
)
_fetch = fetch_from(__name__, _HOMES)


def __getattr__(name: str) -> Any:
    return import_module(f"{__name__}.{name}") if name in _ROOMS else _fetch(name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
