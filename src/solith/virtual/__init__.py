"""Virtual spectra and images of a sample: synthetic records whose answers are known.

They stand where a measured file would, are read by the same analyses, and say in their attributes,
notes and provenance that they are synthetic and what they were made with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from solith.core.lazy import fetch_from

if TYPE_CHECKING:
    from solith.virtual.absorption import (
        AbsorptionSpecies,
        simulate_absorption,
        simulate_absorption_series,
    )
    from solith.virtual.element_maps import simulate_coated_map, simulate_couple_map
    from solith.virtual.lattice_images import simulate_coating_image, simulate_lattice_image
    from solith.virtual.photoelectrons import PhotoelectronLine, simulate_photoelectrons
    from solith.virtual.truth import truth_of

__all__ = [
    "AbsorptionSpecies",
    "PhotoelectronLine",
    "simulate_absorption",
    "simulate_absorption_series",
    "simulate_coated_map",
    "simulate_coating_image",
    "simulate_couple_map",
    "simulate_lattice_image",
    "simulate_photoelectrons",
    "truth_of",
]

_HOMES = {
    "AbsorptionSpecies": "absorption",
    "PhotoelectronLine": "photoelectrons",
    "simulate_absorption": "absorption",
    "simulate_absorption_series": "absorption",
    "simulate_coated_map": "element_maps",
    "simulate_coating_image": "lattice_images",
    "simulate_couple_map": "element_maps",
    "simulate_lattice_image": "lattice_images",
    "simulate_photoelectrons": "photoelectrons",
    "truth_of": "truth",
}

__getattr__ = fetch_from(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
