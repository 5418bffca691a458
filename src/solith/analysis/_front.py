"""The one question to any record: what does it tell? By one analysis, or by all that fit."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from solith.analysis._impedance.circuit_choice import CELL_TYPES
from solith.analysis._options import chosen, yes_or_no
from solith.analysis._technique import technique_of
from solith.analysis.circuit import parse_circuit
from solith.analysis.critical_current import find_critical_current
from solith.analysis.current_voltage import analyse_current_voltage, read_and_compliance
from solith.analysis.cycling import analyse_cycling
from solith.analysis.differential_capacity import find_differential_capacity
from solith.analysis.diffraction import find_peaks
from solith.analysis.drt import fit_drt
from solith.analysis.formation import find_formation_loss
from solith.analysis.gitt import fit_gitt
from solith.analysis.impedance import find_resistances
from solith.analysis.impedance_fit import fit_impedance
from solith.analysis.kramers_kronig import check_kramers_kronig
from solith.analysis.pellet import PELLET_TYPES, find_conductivity
from solith.analysis.rate_table import find_rate_capability
from solith.analysis.symmetric_cycling import analyse_symmetric_cycling
from solith.analysis.thermal import analyse_thermal
from solith.analysis.voltammetry import analyse_voltammogram
from solith.analysis.xanes import analyse_xanes
from solith.analysis.xps import find_xps_background
from solith.core.errors import InputError, SolithError, unknown_name_message
from solith.core.given import require_record
from solith.core.result import Result

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["ANALYSES", "analyse", "analyse_fully", "analyse_impedance"]


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
    fit = yes_or_no(fit, "fit")
    found = find_resistances(record)
    if not fit and cell_type is None and circuit is None:
        return found
    fitted = fit_impedance(record, cell_type, circuit)
    return Result(found.name, (*found.values, *fitted.values), {**found.details, **fitted.details})


ANALYSES: dict[str, Callable[..., Result]] = {
    "critical-current": find_critical_current,
    "current-voltage": analyse_current_voltage,
    "cycling": analyse_cycling,
    "dsc": analyse_thermal,
    "gitt": fit_gitt,
    "impedance": analyse_impedance,
    "symmetric-cycling": analyse_symmetric_cycling,
    "tg": analyse_thermal,
    "voltammogram": analyse_voltammogram,
    "xanes": analyse_xanes,
    "xps": find_xps_background,
    "xrd": find_peaks,
}
"""The usual analysis of each technique; a new one adds its line here."""


def analyse(record: Record, **options: Any) -> Result:
    """The usual analysis of a record, chosen by its technique.

    Cycling: :func:`solith.analysis.analyse_cycling`, for a titration
    :func:`solith.analysis.fit_gitt`, for a symmetric cell at several currents
    :func:`solith.analysis.find_critical_current`, at one current
    :func:`solith.analysis.analyse_symmetric_cycling`; the attribute ``technique`` ("gitt",
    "symmetric", "cycling") decides which, and where it does not, current and voltage. Impedance:
    :func:`solith.analysis.analyse_impedance`; voltammogram:
    :func:`solith.analysis.analyse_voltammogram`; current-voltage:
    :func:`solith.analysis.analyse_current_voltage`. Spectra by their attribute ``technique``:
    "xanes" :func:`solith.analysis.analyse_xanes`, "xps"
    :func:`solith.analysis.find_xps_background` (a fit needs to be told of what:
    :func:`solith.analysis.fit_xps`), "xrd" :func:`solith.analysis.find_peaks`, "dsc" and "tg"
    :func:`solith.analysis.analyse_thermal`. ``options`` are those of the chosen one.

    Raises :class:`InputError` for a kind that has no analysis, and lists those that have
    one, for an option that the analysis does not take, and lists those it takes, and for what
    is no record.
    """
    require_record(record)
    technique = technique_of(record)
    if technique not in ANALYSES:
        raise InputError(
            f"there is no analysis for a record of kind {record.kind!r}; "
            f"there is one for: {', '.join(sorted(ANALYSES))}"
        )
    run = ANALYSES[technique]
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
    record: Record,
    *,
    cell_type: str | None = None,
    circuit: str | None = None,
    read_voltage: Any = None,
    compliance: Any = None,
) -> dict[str, Result | SolithError]:
    """Every analysis that fits a record, by the name of its technique.

    Impedance: "impedance" (:func:`solith.analysis.fit_impedance`, with ``cell_type`` and
    ``circuit``), for a ``cell_type`` that is a pellet whose area and thickness the record knows
    "conductivity" (:func:`solith.analysis.find_conductivity`, with the same), "drt"
    (:func:`solith.analysis.fit_drt`) and "kramers-kronig"
    (:func:`solith.analysis.check_kramers_kronig`). Cycling: "gitt" for a titration,
    "critical-current" or "symmetric-cycling" for a symmetric cell, as :func:`analyse` tells
    them; otherwise "cycling", and where a cycle has charge and discharge
    "differential-capacity", "formation" and, at several rates, "rates"
    (:func:`solith.analysis.find_differential_capacity`,
    :func:`solith.analysis.find_formation_loss`, :func:`solith.analysis.find_rate_capability`).
    Voltammograms: "voltammetry". Current-voltage curves: "current-voltage"
    (:func:`solith.analysis.analyse_current_voltage`, with ``read_voltage`` and ``compliance``). A
    kind of record without an analysis gives an empty table.

    One that does not succeed leaves the others be: its error stands in its place. Raises
    :class:`InputError` for an option that its analysis refuses, whatever the record, and for what
    is no record.
    """
    require_record(record)
    if cell_type is not None:
        chosen("cell type", cell_type, CELL_TYPES)
    if circuit is not None:
        parse_circuit(circuit)
    read_and_compliance(read_voltage, compliance)
    outcomes: dict[str, Result | SolithError] = {}
    impedance = {"cell_type": cell_type, "circuit": circuit}
    curves = {"read_voltage": read_voltage, "compliance": compliance}
    for technique, run in _all_for(record, impedance, curves).items():
        outcomes[technique] = _attempted(run, record)
    if "cycling" in outcomes:
        outcomes |= _of_cycles(record, outcomes["cycling"])
    return outcomes


def _attempted(run: Callable[[Record], Result], record: Record) -> Result | SolithError:
    try:
        return run(record)
    except SolithError as error:
        return error


def _all_for(
    record: Record, impedance: dict[str, Any], curves: dict[str, Any]
) -> dict[str, Callable[[Record], Result]]:
    technique = technique_of(record)
    if technique == "impedance":
        known = {"geometric_area_m2", "thickness_m"} <= record.data.attrs.keys()
        pellet = impedance["cell_type"] in PELLET_TYPES and known
        return {
            "impedance": partial(fit_impedance, **impedance),
            **({"conductivity": partial(find_conductivity, **impedance)} if pellet else {}),
            "drt": fit_drt,
            "kramers-kronig": check_kramers_kronig,
        }
    if technique == "voltammogram":
        return {"voltammetry": analyse_voltammogram}
    if technique == "current-voltage":
        return {technique: partial(analyse_current_voltage, **curves)}
    return {technique: ANALYSES[technique]} if technique in ANALYSES else {}


def _of_cycles(record: Record, found: Result | SolithError) -> dict[str, Result | SolithError]:
    """What is derived from cycles that have both charge and discharge."""
    if not isinstance(found, Result):
        return {}
    cycles = found.details["cycles"]
    if not any(row["charge_capacity"] and row["discharge_capacity"] for row in cycles):
        return {}
    derived = {
        "differential-capacity": _attempted(find_differential_capacity, record),
        "formation": _attempted(find_formation_loss, record),
    }
    rates = _attempted(find_rate_capability, record)
    if not isinstance(rates, Result) or len(rates.details["rates"]) > 1:
        derived["rates"] = rates
    return derived
