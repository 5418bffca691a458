"""The task ``simulate``: a cell under a protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from solith.core.errors import InputError
from solith.core.progress import Progress
from solith.core.record import Record
from solith.study.tasks._registry import task_kind

if TYPE_CHECKING:
    from solith.cell import Cycling, Impedance

__all__: list[str] = []


def _check(inputs: Mapping[str, Any]) -> None:
    from solith.cell import Cell

    try:
        cell = Cell.from_mapping(inputs["cell"])
    except InputError as error:
        raise error.inside("cell") from None
    try:
        _read_protocol(inputs["protocol"]).check_on(cell)
    except InputError as error:
        raise error.inside("protocol") from None


def _depends_on(inputs: Mapping[str, Any]) -> Any:
    """What the record depends on beside its inputs: PyBaMM, and the facts of the materials."""
    from importlib.metadata import version

    from solith.materials import find_material

    cell = inputs["cell"]
    names = [cell["cathode"]["material"], cell["anode"]["material"]]
    return [version("pybamm"), *(repr(find_material(name).properties) for name in names)]


@task_kind("simulate", gives="record", check=_check, depends_on=_depends_on)
def _simulate(
    *, cell: Mapping[str, Any], protocol: Mapping[str, Any], sample: str, progress: Progress
) -> Record:
    from solith.cell import Cell, simulate

    return simulate(
        Cell.from_mapping(cell), _read_protocol(protocol), sample=sample, progress=progress
    )


def _read_protocol(written: Mapping[str, Any]) -> Cycling | Impedance:
    from solith.cell import PROTOCOLS

    return cast("Cycling | Impedance", PROTOCOLS.read(written))
