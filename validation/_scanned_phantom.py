"""A phantom of discs in a disc, its exact sinogram, and what a detector makes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Phantom", "disc_phantom"]

Array = NDArray[np.float64]

GREYS = {"void": 0.2, "electrolyte": 1.0, "active": 2.0}
"""Attenuation of the phases [per unit length], the width of the detector being 1.4."""


@dataclass(frozen=True)
class Phantom:
    """Discs: centre x, y, radius [columns from the axis] and what each adds to what lies below."""

    discs: Array
    width: int
    scale: float

    def sinogram(self, degrees: Array, centre: float) -> Array:
        """Line integrals (angles, width), by chords, the mean of four rays a column."""
        rays = (np.arange(4) + 0.5) / 4 - 0.5
        total = np.zeros((len(degrees), self.width))
        for x, y, radius, grey in self.discs:
            place = centre + x * np.cos(np.radians(degrees)) + y * np.sin(np.radians(degrees))
            low = np.maximum(np.floor(place - radius - 1).astype(int), 0)
            span = int(2 * radius + 4)
            columns = low[:, None] + np.arange(span)[None, :]
            apart = columns[..., None] + rays - place[:, None, None]
            chord = 2 * np.sqrt(np.maximum(radius**2 - apart**2, 0)).mean(axis=-1)
            inside = columns < self.width
            rows = np.broadcast_to(np.arange(len(degrees))[:, None], columns.shape)
            np.add.at(total, (rows[inside], columns[inside]), (grey * self.scale * chord)[inside])
        return total

    def slice(self) -> Array:
        """Labels (x, y), 0 void, 1 electrolyte, 2 active, by the middle of pixels; -1 outside."""
        middle = (self.width - 1) / 2
        x, y = (np.indices((self.width, self.width)) - middle) * 1.0
        grey = np.zeros((self.width, self.width))
        for a, b, radius, step in self.discs:
            grey += step * ((x - a) ** 2 + (y - b) ** 2 < radius**2)
        labels = np.full(grey.shape, -1.0)
        for number, value in enumerate(GREYS.values()):
            labels[np.abs(grey - value) < 0.05] = number
        return labels


def disc_phantom(width: int, seed: int = 0) -> Phantom:
    """Electrolyte in a disc that nearly fills the width, active discs and voids in it."""
    rng = np.random.default_rng(seed)
    outer = 0.46 * width
    discs: list[tuple[float, float, float, float]] = [(0.0, 0.0, outer, GREYS["electrolyte"])]
    placed = np.empty((0, 3))
    for name, low, high, wanted in (("active", 0.025, 0.06, 0.42), ("void", 0.008, 0.02, 0.12)):
        filled = 0.0
        for _ in range(40000):
            if filled >= wanted * outer**2:
                break
            radius = width * rng.uniform(low, high)
            away, turn = outer * np.sqrt(rng.uniform()), rng.uniform(0, 2 * np.pi)
            at = away * np.array([np.cos(turn), np.sin(turn)])
            if away + radius > outer - 2:
                continue
            gap = np.hypot(placed[:, 0] - at[0], placed[:, 1] - at[1]) - placed[:, 2] - radius
            if len(placed) and gap.min() < 1.5:
                continue
            placed = np.vstack([placed, [*at, radius]])
            discs.append((at[0], at[1], radius, GREYS[name] - GREYS["electrolyte"]))
            filled += radius**2
    return Phantom(np.array(discs), width, 1.4 / width)
