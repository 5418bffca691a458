"""The one question to any record: what does it tell? By one analysis, or by all that fit."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from solith.analysis._circuit_choice import CELL_TYPES
from solith.analysis._options import chosen
from solith.analysis.circuit import parse_circuit
from solith.analysis.cycling import analyse_cycling
from solith.analysis.drt import fit_drt
from solith.analysis.gitt import fit_gitt
from solith.analysis.impedance import find_resistances
from solith.analysis.impedance_fit import fit_impedance
from solith.analysis.kramers_kronig import check_kramers_kronig
from solith.analysis.pellet import PELLET_TYPES, find_conductivity
from solith.analysis.voltammetry import analyse_voltammogram
from solith.core.errors import InputError, SolithError, unknown_name_message
from solith.core.given import require_record
from solith.core.result import Result

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["ANALYSES", "TECHNIQUES", "analyse", "analyse_fully", "analyse_impedance"]


def analyse_impedance(
    record: Record,
    *,
    fit: bool = False,
    cell_type: str | None = None,
    circuit: str | None = None,
) -> Result:
    """The resistances between the arcs' ends of a spectrum, and those of a fitted circuit.

    The values of :func:`solith.analysis.find_resistances`; with ``fit``, or where a
    ``cell_type`` or ``circuit`` is given, those of :func:`solith.analysis.fit_impedance` after
    them, with its details. Raises what these raise.
    """
    found = find_resistances(record)
    if not fit and cell_type is None and circuit is None:
        return found
    fitted = fit_impedance(record, cell_type, circuit)
    return Result(found.name, (*found.values, *fitted.values), {**found.details, **fitted.details})


ANALYSES: dict[str, Callable[..., Result]] = {
    "cycling": analyse_cycling,
    "impedance": analyse_impedance,
    "voltammogram": analyse_voltammogram,
}
"""The usual analysis of each kind of record; a new kind adds its line here."""

TECHNIQUES: dict[tuple[str, str], Callable[..., Result]] = {("cycling", "gitt"): fit_gitt}
"""The analysis of a kind of record whose attribute ``technique`` names one of its own."""


def analyse(record: Record, **options: Any) -> Result:
    """The usual analysis of a record, chosen by its technique, then by its kind.

    Cycling: :func:`solith.analysis.analyse_cycling`, with the attribute ``technique =
    "gitt"`` :func:`solith.analysis.fit_gitt`; impedance:
    :func:`solith.analysis.analyse_impedance`; voltammogram:
    :func:`solith.analysis.analyse_voltammogram`. ``options`` are those of the chosen one.

    Raises :class:`InputError` for a kind that has no analysis, and lists those that have
    one, for an option that the analysis does not take, and lists those it takes, and for what
    is no record.
    """
    require_record(record)
    if record.kind not in ANALYSES:
        raise InputError(
            f"there is no analysis for a record of kind {record.kind!r}; "
            f"there is one for: {', '.join(sorted(ANALYSES))}"
        )
    technique = str(record.data.attrs.get("technique", ""))
    run = TECHNIQUES.get((record.kind, technique), ANALYSES[record.kind])
    taken = [
        name
        for name, parameter in inspect.signature(run).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    ]
    for name in options:
        if name not in taken:
            told = unknown_name_message("option", name, taken)
            raise InputError(f"{run.__name__}: {told if taken else 'takes no options'}")
    return run(record, **options)


def analyse_fully(
    record: Record, *, cell_type: str | None = None, circuit: str | None = None
) -> dict[str, Result | SolithError]:
    """Every analysis that fits a record, by the name of its technique.

    Impedance: "impedance" (:func:`solith.analysis.fit_impedance`, with ``cell_type`` and
    ``circuit``), for a ``cell_type`` that is a pellet whose area and thickness the record knows
    "conductivity" (:func:`solith.analysis.find_conductivity`, with the same), "drt"
    (:func:`solith.analysis.fit_drt`) and "kramers-kronig"
    (:func:`solith.analysis.check_kramers_kronig`). Cycling: "cycling", or "gitt" where that is
    the attribute ``technique``. Voltammograms: "voltammetry". A kind of record without an
    analysis gives an empty table.

    One that does not succeed leaves the others be: its error stands in its place. Raises
    :class:`InputError` for a ``cell_type`` or ``circuit`` that
    :func:`solith.analysis.fit_impedance` does not know, whatever the record, and for what is no
    record.
    """
    require_record(record)
    if cell_type is not None:
        chosen("cell type", cell_type, CELL_TYPES)
    if circuit is not None:
        parse_circuit(circuit)
    outcomes: dict[str, Result | SolithError] = {}
    for technique, run in _all_for(record, cell_type, circuit).items():
        try:
            outcomes[technique] = run(record)
        except SolithError as error:
            outcomes[technique] = error
    return outcomes


def _all_for(
    record: Record, cell_type: str | None, circuit: str | None
) -> dict[str, Callable[[Record], Result]]:
    if record.kind == "impedance":
        told: dict[str, Any] = {"cell_type": cell_type, "circuit": circuit}
        known = {"geometric_area_m2", "thickness_m"} <= record.data.attrs.keys()
        pellet = cell_type in PELLET_TYPES and known
        return {
            "impedance": partial(fit_impedance, **told),
            **({"conductivity": partial(find_conductivity, **told)} if pellet else {}),
            "drt": fit_drt,
            "kramers-kronig": check_kramers_kronig,
        }
    if record.kind == "cycling":
        is_gitt = record.data.attrs.get("technique") == "gitt"
        return {"gitt": fit_gitt} if is_gitt else {"cycling": analyse_cycling}
    if record.kind == "voltammogram":
        return {"voltammetry": analyse_voltammogram}
    return {}
