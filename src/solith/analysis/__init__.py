"""Records to results: one module per technique, the same for measured and simulated data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solith.core.lazy import fetch_from

if TYPE_CHECKING:
    from solith.analysis._front import analyse, analyse_fully, analyse_impedance
    from solith.analysis._impedance.circuit_choice import CELL_TYPES
    from solith.analysis._technique import take_as
    from solith.analysis._voltammetry.scan_rates import count_scan_rates
    from solith.analysis.capacitive_share import find_capacitive_share
    from solith.analysis.circuit import parse_circuit
    from solith.analysis.critical_current import find_critical_current
    from solith.analysis.current_voltage import analyse_current_voltage
    from solith.analysis.cycling import analyse_cycling
    from solith.analysis.differential_capacity import find_differential_capacity
    from solith.analysis.drt import fit_drt
    from solith.analysis.formation import find_formation_loss
    from solith.analysis.gitt import fit_gitt
    from solith.analysis.impedance import find_resistances
    from solith.analysis.impedance_fit import fit_impedance
    from solith.analysis.interdiffusion import find_interdiffusivity, fit_interdiffusion
    from solith.analysis.kramers_kronig import check_kramers_kronig
    from solith.analysis.losses import find_losses
    from solith.analysis.pellet import find_conductivity
    from solith.analysis.polarisation import find_transference, fit_polarisation
    from solith.analysis.rate_table import find_rate_capability
    from solith.analysis.replicates import summarise_replicates
    from solith.analysis.scan_rates import fit_scan_rates
    from solith.analysis.series import fit_series
    from solith.analysis.symmetric_cycling import analyse_symmetric_cycling
    from solith.analysis.triggering_statistics import compare_triggering
    from solith.analysis.voltammetry import analyse_voltammogram

__all__ = [
    "CELL_TYPES",
    "analyse",
    "analyse_current_voltage",
    "analyse_cycling",
    "analyse_fully",
    "analyse_impedance",
    "analyse_symmetric_cycling",
    "analyse_voltammogram",
    "check_kramers_kronig",
    "compare_triggering",
    "count_scan_rates",
    "find_capacitive_share",
    "find_conductivity",
    "find_critical_current",
    "find_differential_capacity",
    "find_formation_loss",
    "find_interdiffusivity",
    "find_losses",
    "find_rate_capability",
    "find_resistances",
    "find_transference",
    "fit_drt",
    "fit_gitt",
    "fit_impedance",
    "fit_interdiffusion",
    "fit_polarisation",
    "fit_scan_rates",
    "fit_series",
    "parse_circuit",
    "summarise_replicates",
    "take_as",
]

_HOMES = {
    "CELL_TYPES": "_impedance.circuit_choice",
    "analyse": "_front",
    "analyse_current_voltage": "current_voltage",
    "analyse_cycling": "cycling",
    "analyse_fully": "_front",
    "analyse_impedance": "_front",
    "analyse_symmetric_cycling": "symmetric_cycling",
    "analyse_voltammogram": "voltammetry",
    "check_kramers_kronig": "kramers_kronig",
    "compare_triggering": "triggering_statistics",
    "count_scan_rates": "_voltammetry.scan_rates",
    "find_capacitive_share": "capacitive_share",
    "find_conductivity": "pellet",
    "find_critical_current": "critical_current",
    "find_differential_capacity": "differential_capacity",
    "find_formation_loss": "formation",
    "find_interdiffusivity": "interdiffusion",
    "find_losses": "losses",
    "find_rate_capability": "rate_table",
    "find_resistances": "impedance",
    "find_transference": "polarisation",
    "fit_drt": "drt",
    "fit_gitt": "gitt",
    "fit_impedance": "impedance_fit",
    "fit_interdiffusion": "interdiffusion",
    "fit_polarisation": "polarisation",
    "fit_scan_rates": "scan_rates",
    "fit_series": "series",
    "parse_circuit": "circuit",
    "summarise_replicates": "replicates",
    "take_as": "_technique",
}

__getattr__ = fetch_from(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
