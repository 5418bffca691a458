"""Particles under pressure: powders pressed, contact by contact, and put on voxels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solith.core.lazy import fetch_from

if TYPE_CHECKING:
    from solith.compaction.breathing import breathe
    from solith.compaction.contact_laws import HertzContact, PlasticContact
    from solith.compaction.contacts import Contacts
    from solith.compaction.density_laws import DensityLaw, fit_heckel, fit_kawakita
    from solith.compaction.mixture import POWDERS, Mixture, Powder, parse_mixture
    from solith.compaction.pressed import PressedState
    from solith.compaction.pressing import press

__all__ = [
    "POWDERS",
    "Contacts",
    "DensityLaw",
    "HertzContact",
    "Mixture",
    "PlasticContact",
    "Powder",
    "PressedState",
    "breathe",
    "fit_heckel",
    "fit_kawakita",
    "parse_mixture",
    "press",
]

_HOMES = {
    "POWDERS": "solith.compaction.mixture",
    "Contacts": "solith.compaction.contacts",
    "DensityLaw": "solith.compaction.density_laws",
    "HertzContact": "solith.compaction.contact_laws",
    "Mixture": "solith.compaction.mixture",
    "PlasticContact": "solith.compaction.contact_laws",
    "Powder": "solith.compaction.mixture",
    "PressedState": "solith.compaction.pressed",
    "breathe": "solith.compaction.breathing",
    "fit_heckel": "solith.compaction.density_laws",
    "fit_kawakita": "solith.compaction.density_laws",
    "parse_mixture": "solith.compaction.mixture",
    "press": "solith.compaction.pressing",
}

__getattr__ = fetch_from(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
