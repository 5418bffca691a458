"""Records to results: one module per technique, the same for measured and simulated data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solith.core.lazy import fetch_from

if TYPE_CHECKING:
    from solith.analysis._circuit_choice import CELL_TYPES
    from solith.analysis._front import analyse, analyse_fully, analyse_impedance
    from solith.analysis.circuit import parse_circuit
    from solith.analysis.cycling import analyse_cycling
    from solith.analysis.drt import fit_drt
    from solith.analysis.gitt import fit_gitt
    from solith.analysis.impedance import find_resistances
    from solith.analysis.impedance_fit import fit_impedance
    from solith.analysis.kramers_kronig import check_kramers_kronig
    from solith.analysis.losses import find_losses
    from solith.analysis.pellet import find_conductivity
    from solith.analysis.polarisation import find_transference, fit_polarisation
    from solith.analysis.series import fit_series
    from solith.analysis.voltammetry import analyse_voltammogram, fit_scan_rates

__all__ = [
    "CELL_TYPES",
    "analyse",
    "analyse_cycling",
    "analyse_fully",
    "analyse_impedance",
    "analyse_voltammogram",
    "check_kramers_kronig",
    "find_conductivity",
    "find_losses",
    "find_resistances",
    "find_transference",
    "fit_drt",
    "fit_gitt",
    "fit_impedance",
    "fit_polarisation",
    "fit_scan_rates",
    "fit_series",
    "parse_circuit",
]

_HOMES = {
    "CELL_TYPES": "_circuit_choice",
    "analyse": "_front",
    "analyse_cycling": "cycling",
    "analyse_fully": "_front",
    "analyse_impedance": "_front",
    "analyse_voltammogram": "voltammetry",
    "check_kramers_kronig": "kramers_kronig",
    "find_conductivity": "pellet",
    "find_losses": "losses",
    "find_resistances": "impedance",
    "find_transference": "polarisation",
    "fit_drt": "drt",
    "fit_gitt": "gitt",
    "fit_impedance": "impedance_fit",
    "fit_polarisation": "polarisation",
    "fit_scan_rates": "voltammetry",
    "fit_series": "series",
    "parse_circuit": "circuit",
}

__getattr__ = fetch_from(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
