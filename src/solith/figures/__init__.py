"""Figures: one function per kind of record or result, all in one look."""

from __future__ import annotations

from solith.figures._half_cycle import discharge_rates, first_cycle
from solith.figures.ceramic_flux import (
    plot_flux_contrast,
    plot_flux_decay,
    plot_flux_profile,
    plot_flux_section,
)
from solith.figures.charge_discharge import plot_charge_discharge
from solith.figures.conductivity_history import plot_conductivity_history
from solith.figures.contact_rose import plot_contact_rose
from solith.figures.coverage import plot_coverage
from solith.figures.critical_current import plot_critical_current
from solith.figures.crystallinity import plot_coating, plot_crystallinity
from solith.figures.current_limits import plot_current_limits
from solith.figures.current_map import plot_current_map
from solith.figures.current_voltage import plot_current_voltage
from solith.figures.cycle_life import plot_cycle_life
from solith.figures.differential_capacity import (
    plot_differential_capacity,
    plot_differential_voltage,
)
from solith.figures.diffraction import plot_diffraction, plot_thermal
from solith.figures.dispatch import plot
from solith.figures.electrode_sizes import plot_electrode_sizes
from solith.figures.energy_at_rate import plot_energy_losses, plot_interface_costs
from solith.figures.geodesic_tortuosity import plot_geodesic_tortuosity
from solith.figures.gitt import plot_diffusivity, plot_gitt, plot_internal_resistance
from solith.figures.grey_histogram import plot_grey_histogram
from solith.figures.impedance import plot_impedance
from solith.figures.impedance_fit import plot_impedance_fit
from solith.figures.interdiffusion import plot_interdiffusion, plot_interdiffusivity
from solith.figures.interphase import InterphaseSample, plot_interphase
from solith.figures.kramers_kronig import plot_kramers_kronig
from solith.figures.literature import plot_beside_literature
from solith.figures.loss_bars import plot_loss_bars
from solith.figures.losses import LOSS_LABELS, plot_losses
from solith.figures.maps import plot_joint_histogram, plot_map, plot_profile
from solith.figures.numbers import show_number
from solith.figures.pareto import plot_pareto, plot_sensitivities
from solith.figures.particle_sizes import plot_particle_sizes
from solith.figures.phase_profiles import plot_phase_profiles
from solith.figures.phase_surfaces import plot_phase_surfaces
from solith.figures.ragone import plot_ragone
from solith.figures.rate import plot_rate
from solith.figures.relaxation_times import plot_drt
from solith.figures.replicates import plot_replicates
from solith.figures.scan_rates import (
    plot_capacitive_current,
    plot_capacitive_share,
    plot_scan_rates,
)
from solith.figures.series import plot_series
from solith.figures.space_charge import plot_space_charge
from solith.figures.spectral_components import plot_spectral_components
from solith.figures.spectrum import plot_spectrum
from solith.figures.stack_energy import plot_stack_components, plot_stack_energy
from solith.figures.stack_pressure import plot_breathing, plot_under_pressure
from solith.figures.switching import plot_switching
from solith.figures.symmetric_cycling import plot_symmetric_cycling
from solith.figures.triggering import plot_triggering
from solith.figures.voltammogram import plot_voltammogram
from solith.figures.volume_slices import plot_segmentation, plot_slices
from solith.figures.xanes import plot_mixture, plot_xanes, plot_xanes_series
from solith.figures.xanes_edges import plot_edges
from solith.figures.xps import plot_xps, plot_xps_background, plot_xps_fractions

__all__ = [
    "InterphaseSample",
    "LOSS_LABELS",
    "discharge_rates",
    "first_cycle",
    "plot",
    "plot_beside_literature",
    "plot_breathing",
    "plot_capacitive_current",
    "plot_capacitive_share",
    "plot_charge_discharge",
    "plot_coating",
    "plot_conductivity_history",
    "plot_contact_rose",
    "plot_critical_current",
    "plot_crystallinity",
    "plot_current_limits",
    "plot_coverage",
    "plot_current_map",
    "plot_current_voltage",
    "plot_cycle_life",
    "plot_differential_capacity",
    "plot_differential_voltage",
    "plot_diffraction",
    "plot_diffusivity",
    "plot_drt",
    "plot_edges",
    "plot_electrode_sizes",
    "plot_energy_losses",
    "plot_flux_contrast",
    "plot_flux_decay",
    "plot_flux_profile",
    "plot_flux_section",
    "plot_geodesic_tortuosity",
    "plot_gitt",
    "plot_grey_histogram",
    "plot_impedance",
    "plot_impedance_fit",
    "plot_interdiffusion",
    "plot_interdiffusivity",
    "plot_interface_costs",
    "plot_internal_resistance",
    "plot_joint_histogram",
    "plot_interphase",
    "plot_kramers_kronig",
    "plot_loss_bars",
    "plot_losses",
    "plot_map",
    "plot_mixture",
    "plot_pareto",
    "plot_particle_sizes",
    "plot_phase_profiles",
    "plot_phase_surfaces",
    "plot_profile",
    "plot_ragone",
    "plot_rate",
    "plot_replicates",
    "plot_scan_rates",
    "plot_segmentation",
    "plot_sensitivities",
    "plot_series",
    "plot_slices",
    "plot_space_charge",
    "plot_spectral_components",
    "plot_spectrum",
    "plot_stack_components",
    "plot_stack_energy",
    "plot_switching",
    "plot_symmetric_cycling",
    "plot_thermal",
    "plot_triggering",
    "plot_under_pressure",
    "plot_voltammogram",
    "plot_xanes",
    "plot_xanes_series",
    "plot_xps",
    "plot_xps_background",
    "plot_xps_fractions",
    "show_number",
]
