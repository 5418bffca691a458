"""The laws of one interface, each a small frozen dataclass."""

from solith.interface.area_resistance import AreaResistance
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
from solith.interface.film import Film
from solith.interface.growth import GROWTH, DiffusionLimitedGrowth, PotentialDrivenGrowth
from solith.interface.oxidation import OXIDATION, TafelOxidation
from solith.interface.space_charge import SPACE_CHARGE, DepletionLayer

__all__ = [
    "CHARGE_TRANSFER",
    "CONFINEMENT",
    "GROWTH",
    "OXIDATION",
    "PRESSURE_CONTACT",
    "SPACE_CHARGE",
    "AccessLoss",
    "AreaResistance",
    "BreathingContact",
    "ButlerVolmer",
    "DepletionLayer",
    "DiffusionLimitedGrowth",
    "Film",
    "LinearTransfer",
    "LogarithmicContact",
    "PatchContact",
    "PotentialDrivenGrowth",
    "PowerLawContact",
    "TabulatedContact",
    "TafelOxidation",
]
