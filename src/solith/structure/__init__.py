"""Geometry of voxel volumes: segment, generate, measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solith.core.lazy import fetch_from

if TYPE_CHECKING:
    from solith.structure.background import remove_background
    from solith.structure.blobs import generate_blobs
    from solith.structure.chords import measure_chord_lengths
    from solith.structure.composite import generate_composite
    from solith.structure.connectivity import (
        find_isolated_particles,
        measure_connectivity,
        measure_isolated_particles,
    )
    from solith.structure.constrictivity import measure_constrictivity
    from solith.structure.contact import ParticleContacts, find_particle_contacts, measure_contact
    from solith.structure.correlation import measure_correlation
    from solith.structure.denoising import denoise, estimate_noise
    from solith.structure.diameters import LognormalDiameters
    from solith.structure.exact_structures import (
        generate_checkerboard,
        generate_cubic_spheres,
        generate_laminate,
    )
    from solith.structure.fractions import measure_fractions
    from solith.structure.geodesic import measure_geodesic_tortuosity
    from solith.structure.grain_images import polycrystal_from_labels
    from solith.structure.grain_statistics import measure_grains
    from solith.structure.packing import Packing, pack_spheres
    from solith.structure.particles import measure_particles, split_particles
    from solith.structure.pixel_classifier import PixelClassifier, train_classifier
    from solith.structure.polycrystal import generate_polycrystal
    from solith.structure.polyhedra import generate_polyhedra
    from solith.structure.reconstruction import (
        normalise_projections,
        reconstruct_slice,
        reconstruct_volume,
        remove_stripes,
    )
    from solith.structure.representative import measure_representative
    from solith.structure.rotation_centre import RotationCentre, find_rotation_centre
    from solith.structure.segmentation import Segmentation, segment_phases
    from solith.structure.segmentation_uncertainty import measure_with_thresholds
    from solith.structure.spheres import draw_packing, generate_spheres
    from solith.structure.surface import measure_surface
    from solith.structure.triple_lines import measure_triple_lines

__all__ = [
    "LognormalDiameters",
    "Packing",
    "ParticleContacts",
    "PixelClassifier",
    "RotationCentre",
    "Segmentation",
    "denoise",
    "draw_packing",
    "estimate_noise",
    "find_isolated_particles",
    "find_particle_contacts",
    "find_rotation_centre",
    "generate_blobs",
    "generate_checkerboard",
    "generate_composite",
    "generate_cubic_spheres",
    "generate_laminate",
    "generate_polycrystal",
    "generate_polyhedra",
    "generate_spheres",
    "measure_chord_lengths",
    "measure_connectivity",
    "measure_constrictivity",
    "measure_contact",
    "measure_correlation",
    "measure_fractions",
    "measure_geodesic_tortuosity",
    "measure_grains",
    "measure_isolated_particles",
    "measure_particles",
    "measure_representative",
    "measure_surface",
    "measure_triple_lines",
    "measure_with_thresholds",
    "normalise_projections",
    "pack_spheres",
    "polycrystal_from_labels",
    "reconstruct_slice",
    "reconstruct_volume",
    "remove_background",
    "remove_stripes",
    "segment_phases",
    "split_particles",
    "train_classifier",
]

_HOMES = {
    "LognormalDiameters": "solith.structure.diameters",
    "Packing": "solith.structure.packing",
    "ParticleContacts": "solith.structure.contact",
    "PixelClassifier": "solith.structure.pixel_classifier",
    "RotationCentre": "solith.structure.rotation_centre",
    "Segmentation": "solith.structure.segmentation",
    "denoise": "solith.structure.denoising",
    "draw_packing": "solith.structure.spheres",
    "estimate_noise": "solith.structure.denoising",
    "find_isolated_particles": "solith.structure.connectivity",
    "find_particle_contacts": "solith.structure.contact",
    "find_rotation_centre": "solith.structure.rotation_centre",
    "generate_blobs": "solith.structure.blobs",
    "generate_checkerboard": "solith.structure.exact_structures",
    "generate_composite": "solith.structure.composite",
    "generate_cubic_spheres": "solith.structure.exact_structures",
    "generate_laminate": "solith.structure.exact_structures",
    "generate_polycrystal": "solith.structure.polycrystal",
    "generate_polyhedra": "solith.structure.polyhedra",
    "generate_spheres": "solith.structure.spheres",
    "measure_chord_lengths": "solith.structure.chords",
    "measure_connectivity": "solith.structure.connectivity",
    "measure_constrictivity": "solith.structure.constrictivity",
    "measure_contact": "solith.structure.contact",
    "measure_correlation": "solith.structure.correlation",
    "measure_fractions": "solith.structure.fractions",
    "measure_geodesic_tortuosity": "solith.structure.geodesic",
    "measure_grains": "solith.structure.grain_statistics",
    "measure_isolated_particles": "solith.structure.connectivity",
    "measure_particles": "solith.structure.particles",
    "measure_representative": "solith.structure.representative",
    "measure_surface": "solith.structure.surface",
    "measure_triple_lines": "solith.structure.triple_lines",
    "measure_with_thresholds": "solith.structure.segmentation_uncertainty",
    "normalise_projections": "solith.structure.reconstruction",
    "pack_spheres": "solith.structure.packing",
    "polycrystal_from_labels": "solith.structure.grain_images",
    "reconstruct_slice": "solith.structure.reconstruction",
    "reconstruct_volume": "solith.structure.reconstruction",
    "remove_background": "solith.structure.background",
    "remove_stripes": "solith.structure.reconstruction",
    "segment_phases": "solith.structure.segmentation",
    "split_particles": "solith.structure.particles",
    "train_classifier": "solith.structure.pixel_classifier",
}

__getattr__ = fetch_from(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
