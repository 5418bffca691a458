"""Figures: one function per kind of record or result, all in one look."""

from __future__ import annotations

from solith.figures._half_cycle import discharge_rates, first_cycle
from solith.figures.charge_discharge import plot_charge_discharge
from solith.figures.critical_current import plot_critical_current
from solith.figures.current_voltage import plot_current_voltage
from solith.figures.cycle_life import plot_cycle_life
from solith.figures.differential_capacity import (
    plot_differential_capacity,
    plot_differential_voltage,
)
from solith.figures.dispatch import plot
from solith.figures.gitt import plot_diffusivity, plot_gitt, plot_internal_resistance
from solith.figures.impedance import plot_impedance
from solith.figures.impedance_fit import plot_impedance_fit
from solith.figures.kramers_kronig import plot_kramers_kronig
from solith.figures.loss_bars import plot_loss_bars
from solith.figures.losses import LOSS_LABELS, plot_losses
from solith.figures.numbers import show_number
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
from solith.figures.spectrum import plot_spectrum
from solith.figures.switching import plot_switching
from solith.figures.symmetric_cycling import plot_symmetric_cycling
from solith.figures.triggering import plot_triggering
from solith.figures.voltammogram import plot_voltammogram

__all__ = [
    "LOSS_LABELS",
    "discharge_rates",
    "first_cycle",
    "plot",
    "plot_capacitive_current",
    "plot_capacitive_share",
    "plot_charge_discharge",
    "plot_critical_current",
    "plot_current_voltage",
    "plot_cycle_life",
    "plot_differential_capacity",
    "plot_differential_voltage",
    "plot_diffusivity",
    "plot_drt",
    "plot_gitt",
    "plot_impedance",
    "plot_impedance_fit",
    "plot_internal_resistance",
    "plot_kramers_kronig",
    "plot_loss_bars",
    "plot_losses",
    "plot_ragone",
    "plot_rate",
    "plot_replicates",
    "plot_scan_rates",
    "plot_series",
    "plot_spectrum",
    "plot_switching",
    "plot_symmetric_cycling",
    "plot_triggering",
    "plot_voltammogram",
    "show_number",
]
