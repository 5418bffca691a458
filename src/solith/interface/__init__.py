"""The laws of one interface, each a small frozen dataclass."""

from solith.interface.area_resistance import AreaResistance
from solith.interface.charge_transfer import CHARGE_TRANSFER, ButlerVolmer, LinearTransfer
from solith.interface.film import Film

__all__ = ["CHARGE_TRANSFER", "AreaResistance", "ButlerVolmer", "Film", "LinearTransfer"]
