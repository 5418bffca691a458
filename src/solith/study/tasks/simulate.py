"""The task ``simulate``: a cell under a protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from solith.core.errors import InputError
from solith.core.progress import Progress
from solith.core.record import Record
from solith.study.tasks._registry import task_kind

if TYPE_CHECKING:
    from solith.cell.simulation import Protocol

__all__: list[str] = []


def _check(inputs: Mapping[str, Any]) -> None:
    from solith.cell import read_cell
    from solith.study._description import outputs_in

    if outputs_in(inputs):  # what other tasks give is not known yet
        return
    try:
        cell = read_cell(inputs["cell"])
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

    names = dict.fromkeys(_materials_in(inputs["cell"]))
    return [version("pybamm"), *(repr(find_material(name).properties) for name in names)]


def _materials_in(written: Any) -> list[str]:
    """The materials that a cell's plain data name, whatever of it is still to be computed."""
    if not isinstance(written, Mapping):
        return []
    own = [written["material"]] if isinstance(written.get("material"), str) else []
    return own + [name for item in written.values() for name in _materials_in(item)]


@task_kind("simulate", gives="record", check=_check, depends_on=_depends_on)
def _simulate(
    *,
    cell: Mapping[str, Any],
    protocol: Mapping[str, Any],
    losses: bool = True,
    cathode_cells: int | None = None,
    particle_cells: int | None = None,
    tolerance: float | None = None,
    sample: str,
    progress: Progress,
) -> Record:
    from solith.cell import read_cell, simulate

    return simulate(
        read_cell(cell),
        _read_protocol(protocol),
        sample=sample,
        progress=progress,
        cathode_cells=cathode_cells,
        particle_cells=particle_cells,
        tolerance=tolerance,
        losses=losses,
    )


def _read_protocol(written: Mapping[str, Any]) -> Protocol:
    from solith.cell import PROTOCOLS

    return cast("Protocol", PROTOCOLS.read(written))
