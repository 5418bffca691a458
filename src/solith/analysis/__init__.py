"""Records to results: one module per technique, the same for measured and simulated data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solith.core.lazy import fetch_from

if TYPE_CHECKING:
    from solith.analysis._front import analyse, analyse_fully, analyse_impedance
    from solith.analysis._impedance.circuit_choice import CELL_TYPES
    from solith.analysis._technique import CYCLING_TECHNIQUES, SPECTRUM_TECHNIQUES, take_as
    from solith.analysis._voltammetry.scan_rates import count_scan_rates
    from solith.analysis._xps.backgrounds import TougaardLoss
    from solith.analysis._xps.components import ChargeReference, XpsComponent
    from solith.analysis.capacitive_share import find_capacitive_share
    from solith.analysis.cell_state import join_cycling
    from solith.analysis.circuit import parse_circuit
    from solith.analysis.coating_thickness import analyse_coating
    from solith.analysis.coverage import analyse_coverage
    from solith.analysis.critical_current import find_critical_current
    from solith.analysis.cross_section import analyse_cross_section
    from solith.analysis.crystallinity import CRYSTALLINITY_CLASSES, analyse_crystallinity
    from solith.analysis.current_voltage import analyse_current_voltage
    from solith.analysis.cycling import analyse_cycling
    from solith.analysis.differential_capacity import find_differential_capacity
    from solith.analysis.diffraction import compare_pattern, find_peaks
    from solith.analysis.drt import fit_drt
    from solith.analysis.formation import find_formation_loss
    from solith.analysis.gitt import fit_gitt
    from solith.analysis.impedance import find_resistances
    from solith.analysis.impedance_fit import fit_impedance
    from solith.analysis.interdiffusion import find_interdiffusivity, fit_interdiffusion
    from solith.analysis.kramers_kronig import check_kramers_kronig
    from solith.analysis.losses import find_losses
    from solith.analysis.map_profile import (
        analyse_profile,
        compare_boundary,
        fit_map_interdiffusion,
    )
    from solith.analysis.maps import analyse_map, correlate_channels, level_map
    from solith.analysis.pellet import find_conductivity
    from solith.analysis.polarisation import find_transference, fit_polarisation
    from solith.analysis.rate_table import find_rate_capability
    from solith.analysis.replicates import summarise_replicates
    from solith.analysis.scan_rates import fit_scan_rates
    from solith.analysis.series import fit_series
    from solith.analysis.symmetric_cycling import analyse_symmetric_cycling
    from solith.analysis.thermal import analyse_thermal
    from solith.analysis.triggering_statistics import compare_triggering
    from solith.analysis.voltammetry import analyse_voltammogram
    from solith.analysis.xanes import analyse_xanes, calibrate_energy
    from solith.analysis.xanes_components import find_components
    from solith.analysis.xanes_edges import follow_edges
    from solith.analysis.xanes_mixture import fit_mixture
    from solith.analysis.xanes_series import analyse_xanes_series
    from solith.analysis.xanes_species import find_xanes_candidates, xanes_references
    from solith.analysis.xps import find_xps_background, fit_xps
    from solith.analysis.xps_regions import find_species, xps_species

__all__ = [
    "CELL_TYPES",
    "CRYSTALLINITY_CLASSES",
    "CYCLING_TECHNIQUES",
    "SPECTRUM_TECHNIQUES",
    "ChargeReference",
    "TougaardLoss",
    "XpsComponent",
    "analyse",
    "analyse_coating",
    "analyse_coverage",
    "analyse_cross_section",
    "analyse_crystallinity",
    "analyse_current_voltage",
    "analyse_cycling",
    "analyse_fully",
    "analyse_impedance",
    "analyse_map",
    "analyse_profile",
    "analyse_symmetric_cycling",
    "analyse_thermal",
    "analyse_voltammogram",
    "analyse_xanes",
    "analyse_xanes_series",
    "calibrate_energy",
    "check_kramers_kronig",
    "compare_boundary",
    "compare_pattern",
    "compare_triggering",
    "correlate_channels",
    "count_scan_rates",
    "find_capacitive_share",
    "find_components",
    "find_conductivity",
    "find_critical_current",
    "find_differential_capacity",
    "find_formation_loss",
    "find_interdiffusivity",
    "find_losses",
    "find_peaks",
    "find_rate_capability",
    "find_resistances",
    "find_species",
    "find_transference",
    "find_xanes_candidates",
    "find_xps_background",
    "fit_drt",
    "fit_gitt",
    "fit_impedance",
    "fit_interdiffusion",
    "fit_map_interdiffusion",
    "fit_mixture",
    "fit_polarisation",
    "fit_scan_rates",
    "fit_series",
    "fit_xps",
    "follow_edges",
    "join_cycling",
    "level_map",
    "parse_circuit",
    "summarise_replicates",
    "take_as",
    "xanes_references",
    "xps_species",
]

_HOMES = {
    "CELL_TYPES": "_impedance.circuit_choice",
    "CRYSTALLINITY_CLASSES": "crystallinity",
    "CYCLING_TECHNIQUES": "_technique",
    "SPECTRUM_TECHNIQUES": "_technique",
    "ChargeReference": "_xps.components",
    "TougaardLoss": "_xps.backgrounds",
    "XpsComponent": "_xps.components",
    "analyse": "_front",
    "analyse_coating": "coating_thickness",
    "analyse_coverage": "coverage",
    "analyse_cross_section": "cross_section",
    "analyse_crystallinity": "crystallinity",
    "analyse_current_voltage": "current_voltage",
    "analyse_cycling": "cycling",
    "analyse_fully": "_front",
    "analyse_impedance": "_front",
    "analyse_map": "maps",
    "analyse_profile": "map_profile",
    "analyse_symmetric_cycling": "symmetric_cycling",
    "analyse_thermal": "thermal",
    "analyse_voltammogram": "voltammetry",
    "analyse_xanes": "xanes",
    "analyse_xanes_series": "xanes_series",
    "calibrate_energy": "xanes",
    "check_kramers_kronig": "kramers_kronig",
    "compare_boundary": "map_profile",
    "compare_pattern": "diffraction",
    "compare_triggering": "triggering_statistics",
    "correlate_channels": "maps",
    "count_scan_rates": "_voltammetry.scan_rates",
    "find_capacitive_share": "capacitive_share",
    "find_components": "xanes_components",
    "find_conductivity": "pellet",
    "find_critical_current": "critical_current",
    "find_differential_capacity": "differential_capacity",
    "find_formation_loss": "formation",
    "find_interdiffusivity": "interdiffusion",
    "find_losses": "losses",
    "find_peaks": "diffraction",
    "find_rate_capability": "rate_table",
    "find_resistances": "impedance",
    "find_species": "xps_regions",
    "find_transference": "polarisation",
    "find_xanes_candidates": "xanes_species",
    "find_xps_background": "xps",
    "fit_drt": "drt",
    "fit_gitt": "gitt",
    "fit_impedance": "impedance_fit",
    "fit_interdiffusion": "interdiffusion",
    "fit_map_interdiffusion": "map_profile",
    "fit_mixture": "xanes_mixture",
    "fit_polarisation": "polarisation",
    "fit_scan_rates": "scan_rates",
    "fit_series": "series",
    "fit_xps": "xps",
    "follow_edges": "xanes_edges",
    "join_cycling": "cell_state",
    "level_map": "maps",
    "parse_circuit": "circuit",
    "summarise_replicates": "replicates",
    "take_as": "_technique",
    "xanes_references": "xanes_species",
    "xps_species": "xps_regions",
}

__getattr__ = fetch_from(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
