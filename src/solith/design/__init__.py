"""Design: stacks and their energy, inverse answers, ranges and choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solith.core.lazy import fetch_from

if TYPE_CHECKING:
    from solith.design.anode import AnodeFree, Foil
    from solith.design.best import find_best_loading, find_best_thickness
    from solith.design.coating_cost import compare_coatings
    from solith.design.coatings import Coating, CoatingRanking, rank_coatings
    from solith.design.computed_entries import entries_from_pymatgen
    from solith.design.decomposition import Decomposition, Reaction, StabilityWindow
    from solith.design.electrode import Constituent, Electrode
    from solith.design.energy import EnergyResult, compute_energy
    from solith.design.entries import Entry, EntrySet
    from solith.design.entry_sets import ENTRY_SETS, load_entries, packaged_entries
    from solith.design.exchange import exchange_electrolyte
    from solith.design.formula import parse_formula
    from solith.design.housing import Fixture, Pouch, Tab
    from solith.design.inverse import (
        find_break_even,
        find_ohmic_limit,
        find_required_loading,
        find_thickness_for_gain,
    )
    from solith.design.joined import cell_of_stack, stack_of_cell
    from solith.design.pareto import find_pareto_set
    from solith.design.preset import Preset, find_preset, preset_names
    from solith.design.price import Price
    from solith.design.published import PublishedCell, published_cells
    from solith.design.ranges import Range
    from solith.design.rated import RATE_UNITS, compute_energy_at, trace_ragone
    from solith.design.resistances import INTERFACE_LOSSES, Resistances
    from solith.design.separator import Collector, Liquid, Separator
    from solith.design.simulated import simulate_energy
    from solith.design.stability import find_decomposition, find_profile, find_reaction, find_window
    from solith.design.stack import Stack
    from solith.design.uncertainty import (
        EnergySamples,
        find_sensitivities,
        sample_energy,
        sweep_energy,
    )
    from solith.design.window_samples import WindowSamples, sample_window

__all__ = [
    "AnodeFree",
    "Coating",
    "CoatingRanking",
    "Collector",
    "Constituent",
    "Decomposition",
    "ENTRY_SETS",
    "Electrode",
    "EnergyResult",
    "EnergySamples",
    "Entry",
    "EntrySet",
    "Fixture",
    "Foil",
    "INTERFACE_LOSSES",
    "Liquid",
    "Pouch",
    "Preset",
    "Price",
    "PublishedCell",
    "RATE_UNITS",
    "Range",
    "Reaction",
    "Resistances",
    "Separator",
    "StabilityWindow",
    "Stack",
    "Tab",
    "WindowSamples",
    "cell_of_stack",
    "compare_coatings",
    "compute_energy",
    "compute_energy_at",
    "entries_from_pymatgen",
    "exchange_electrolyte",
    "find_best_loading",
    "find_best_thickness",
    "find_break_even",
    "find_decomposition",
    "find_ohmic_limit",
    "find_pareto_set",
    "find_preset",
    "find_profile",
    "find_reaction",
    "find_required_loading",
    "find_sensitivities",
    "find_thickness_for_gain",
    "find_window",
    "load_entries",
    "packaged_entries",
    "parse_formula",
    "preset_names",
    "published_cells",
    "rank_coatings",
    "sample_energy",
    "sample_window",
    "simulate_energy",
    "stack_of_cell",
    "sweep_energy",
    "trace_ragone",
]

_HOMES = {
    "AnodeFree": "solith.design.anode",
    "Coating": "solith.design.coatings",
    "CoatingRanking": "solith.design.coatings",
    "Collector": "solith.design.separator",
    "Constituent": "solith.design.electrode",
    "Decomposition": "solith.design.decomposition",
    "ENTRY_SETS": "solith.design.entry_sets",
    "Electrode": "solith.design.electrode",
    "EnergyResult": "solith.design.energy",
    "EnergySamples": "solith.design.uncertainty",
    "Entry": "solith.design.entries",
    "EntrySet": "solith.design.entries",
    "Fixture": "solith.design.housing",
    "Foil": "solith.design.anode",
    "INTERFACE_LOSSES": "solith.design.resistances",
    "Liquid": "solith.design.separator",
    "Pouch": "solith.design.housing",
    "Preset": "solith.design.preset",
    "Price": "solith.design.price",
    "PublishedCell": "solith.design.published",
    "RATE_UNITS": "solith.design.rated",
    "Range": "solith.design.ranges",
    "Reaction": "solith.design.decomposition",
    "Resistances": "solith.design.resistances",
    "Separator": "solith.design.separator",
    "StabilityWindow": "solith.design.decomposition",
    "Stack": "solith.design.stack",
    "Tab": "solith.design.housing",
    "WindowSamples": "solith.design.window_samples",
    "cell_of_stack": "solith.design.joined",
    "compare_coatings": "solith.design.coating_cost",
    "compute_energy": "solith.design.energy",
    "compute_energy_at": "solith.design.rated",
    "entries_from_pymatgen": "solith.design.computed_entries",
    "exchange_electrolyte": "solith.design.exchange",
    "find_best_loading": "solith.design.best",
    "find_best_thickness": "solith.design.best",
    "find_break_even": "solith.design.inverse",
    "find_decomposition": "solith.design.stability",
    "find_ohmic_limit": "solith.design.inverse",
    "find_pareto_set": "solith.design.pareto",
    "find_preset": "solith.design.preset",
    "find_profile": "solith.design.stability",
    "find_reaction": "solith.design.stability",
    "find_required_loading": "solith.design.inverse",
    "find_sensitivities": "solith.design.uncertainty",
    "find_thickness_for_gain": "solith.design.inverse",
    "find_window": "solith.design.stability",
    "load_entries": "solith.design.entry_sets",
    "packaged_entries": "solith.design.entry_sets",
    "parse_formula": "solith.design.formula",
    "preset_names": "solith.design.preset",
    "published_cells": "solith.design.published",
    "rank_coatings": "solith.design.coatings",
    "sample_energy": "solith.design.uncertainty",
    "sample_window": "solith.design.window_samples",
    "simulate_energy": "solith.design.simulated",
    "stack_of_cell": "solith.design.joined",
    "sweep_energy": "solith.design.uncertainty",
    "trace_ragone": "solith.design.rated",
}

__getattr__ = fetch_from(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
