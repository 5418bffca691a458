"""High-resolution images with known answers: those of ``solith.virtual``, as arrays."""

from __future__ import annotations

from solith.virtual.lattice_images import CoatedEdge, coated_edge
from solith.virtual.lattice_images import lattice_field as high_resolution

__all__ = ["SPACING", "CoatedEdge", "coated_edge", "high_resolution"]

SPACING = 2.44e-10
"""Distance of planes [m] of every crystal here."""
