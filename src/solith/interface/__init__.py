"""The laws of one interface, each a small frozen dataclass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solith.core.lazy import fetch_from

if TYPE_CHECKING:
    from solith.interface.area_resistance import AreaResistance
    from solith.interface.brick_layer import BrickLayer
    from solith.interface.charge_transfer import CHARGE_TRANSFER, ButlerVolmer, LinearTransfer
    from solith.interface.constriction import CONFINEMENT, PatchContact
    from solith.interface.contact import (
        PRESSURE_CONTACT,
        AccessLoss,
        BreathingContact,
        LogarithmicContact,
        PowerLawContact,
        TabulatedContact,
    )
    from solith.interface.current_limit import CurrentLimit
    from solith.interface.elastic import ElasticSolid
    from solith.interface.electrodeposition import DepositionStability, deposition_stability
    from solith.interface.filament import Filament
    from solith.interface.film import Film
    from solith.interface.grain_boundary import BoundaryProfile
    from solith.interface.growth import GROWTH, DiffusionLimitedGrowth, PotentialDrivenGrowth
    from solith.interface.hertz import SphereContact, hertz_contact, reduced_modulus
    from solith.interface.interdiffusion import Interdiffusion, solve_interdiffusion
    from solith.interface.lattice_conductor import LatticeConductor
    from solith.interface.onset_threshold import OnsetThreshold
    from solith.interface.oxidation import OXIDATION, TafelOxidation
    from solith.interface.poisson_nernst_planck import SpaceCharge, solve_space_charge
    from solith.interface.rough_contact import (
        ElasticRoughContact,
        LoadBearingContact,
        PlasticRoughContact,
        find_spot_resistance,
    )
    from solith.interface.space_charge import SPACE_CHARGE, DepletionLayer
    from solith.interface.stripping import PowerLawCreep, StrippedInterface, VacancyDiffusion
    from solith.interface.surface_flaw import (
        LITHIUM_MOLAR_VOLUME,
        SurfaceFlaw,
        plating_overpotential,
        plating_pressure,
    )
    from solith.interface.tip_contact import TipContact
    from solith.interface.triggering import TriggerBiases, TriggeringExperiment
    from solith.interface.wagner_growth import WagnerGrowth

__all__ = [
    "AccessLoss",
    "AreaResistance",
    "BoundaryProfile",
    "BreathingContact",
    "BrickLayer",
    "ButlerVolmer",
    "CHARGE_TRANSFER",
    "CONFINEMENT",
    "CurrentLimit",
    "DepletionLayer",
    "DepositionStability",
    "DiffusionLimitedGrowth",
    "ElasticRoughContact",
    "ElasticSolid",
    "Filament",
    "Film",
    "GROWTH",
    "Interdiffusion",
    "LITHIUM_MOLAR_VOLUME",
    "LatticeConductor",
    "LinearTransfer",
    "LoadBearingContact",
    "LogarithmicContact",
    "OXIDATION",
    "OnsetThreshold",
    "PRESSURE_CONTACT",
    "PatchContact",
    "PlasticRoughContact",
    "PotentialDrivenGrowth",
    "PowerLawContact",
    "PowerLawCreep",
    "SPACE_CHARGE",
    "SpaceCharge",
    "SphereContact",
    "StrippedInterface",
    "SurfaceFlaw",
    "TabulatedContact",
    "TafelOxidation",
    "TipContact",
    "TriggerBiases",
    "TriggeringExperiment",
    "VacancyDiffusion",
    "WagnerGrowth",
    "deposition_stability",
    "find_spot_resistance",
    "hertz_contact",
    "plating_overpotential",
    "plating_pressure",
    "reduced_modulus",
    "solve_interdiffusion",
    "solve_space_charge",
]

_HOMES = {
    "AccessLoss": "contact",
    "AreaResistance": "area_resistance",
    "BoundaryProfile": "grain_boundary",
    "BreathingContact": "contact",
    "BrickLayer": "brick_layer",
    "ButlerVolmer": "charge_transfer",
    "CHARGE_TRANSFER": "charge_transfer",
    "CONFINEMENT": "constriction",
    "CurrentLimit": "current_limit",
    "DepletionLayer": "space_charge",
    "DepositionStability": "electrodeposition",
    "DiffusionLimitedGrowth": "growth",
    "ElasticRoughContact": "rough_contact",
    "ElasticSolid": "elastic",
    "Filament": "filament",
    "Film": "film",
    "GROWTH": "growth",
    "Interdiffusion": "interdiffusion",
    "LITHIUM_MOLAR_VOLUME": "surface_flaw",
    "LatticeConductor": "lattice_conductor",
    "LinearTransfer": "charge_transfer",
    "LoadBearingContact": "rough_contact",
    "LogarithmicContact": "contact",
    "OXIDATION": "oxidation",
    "OnsetThreshold": "onset_threshold",
    "PRESSURE_CONTACT": "contact",
    "PatchContact": "constriction",
    "PlasticRoughContact": "rough_contact",
    "PotentialDrivenGrowth": "growth",
    "PowerLawContact": "contact",
    "PowerLawCreep": "stripping",
    "SPACE_CHARGE": "space_charge",
    "SpaceCharge": "poisson_nernst_planck",
    "SphereContact": "hertz",
    "StrippedInterface": "stripping",
    "SurfaceFlaw": "surface_flaw",
    "TabulatedContact": "contact",
    "TafelOxidation": "oxidation",
    "TipContact": "tip_contact",
    "TriggerBiases": "triggering",
    "TriggeringExperiment": "triggering",
    "VacancyDiffusion": "stripping",
    "WagnerGrowth": "wagner_growth",
    "deposition_stability": "electrodeposition",
    "find_spot_resistance": "rough_contact",
    "hertz_contact": "hertz",
    "plating_overpotential": "surface_flaw",
    "plating_pressure": "surface_flaw",
    "reduced_modulus": "hertz",
    "solve_interdiffusion": "interdiffusion",
    "solve_space_charge": "poisson_nernst_planck",
}

__getattr__ = fetch_from(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
