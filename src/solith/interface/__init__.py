"""The laws of one interface, each a small frozen dataclass."""

from solith.interface.area_resistance import AreaResistance
from solith.interface.charge_transfer import CHARGE_TRANSFER, ButlerVolmer, LinearTransfer
from solith.interface.film import Film
from solith.interface.growth import GROWTH, DiffusionLimitedGrowth, PotentialDrivenGrowth

__all__ = [
    "CHARGE_TRANSFER",
    "GROWTH",
    "AreaResistance",
    "ButlerVolmer",
    "DiffusionLimitedGrowth",
    "Film",
    "LinearTransfer",
    "PotentialDrivenGrowth",
]
