"""Synthetic photoelectron regions of three overlapping species, by ``solith.virtual``."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from solith.core.record import Record
from solith.virtual import PhotoelectronLine

__all__ = ["REGIONS", "Region", "counted", "expected"]

MIX = 0.3


@dataclass(frozen=True)
class Region:
    """``species``: name, true position [eV] of the stronger line, true area [counts eV]."""

    line: str
    splitting: float
    ratio: float
    window: tuple[float, float]
    width: float
    species: tuple[tuple[str, float, float], ...]
    height: float = 800.0
    step: float = 0.01
    spacing: float = 0.05
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(name for name, _, _ in self.species))


REGIONS = (
    Region(
        "S 2p",
        1.18,
        0.5,
        (156.0, 174.0),
        1.1,
        (
            ("thiophosphate", 161.67, 30_000.0),
            ("bridging_sulfur", 162.9, 15_000.0),
            ("elemental_sulfur", 164.15, 8_000.0),
        ),
    ),
    Region(
        "P 2p",
        0.87,
        0.5,
        (126.0, 142.0),
        1.0,
        (
            ("thiophosphate", 131.95, 40_000.0),
            ("thiodiphosphate", 132.85, 25_000.0),
            ("phosphate", 133.75, 15_000.0),
        ),
    ),
    Region(
        "Ge 3d",
        0.58,
        2 / 3,
        (24.0, 40.0),
        1.1,
        (
            ("germanium", 29.4, 8_000.0),
            ("thiogermanate", 30.9, 30_000.0),
            ("germanium_oxide", 32.45, 15_000.0),
        ),
    ),
)


def expected(region: Region) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Binding energies [eV] and expected counts: doublets on Shirley steps on a constant."""
    line = PhotoelectronLine(
        region.line,
        {name: position for name, position, _ in region.species},
        splitting=region.splitting,
        ratio=region.ratio,
        width=region.width,
        mix=MIX,
        window=region.window,
        spacing=region.spacing,
        floor=region.height,
        step=region.step,
    )
    return line.expected({name: area for name, _, area in region.species})


def counted(region: Region, seed: int) -> Record:
    """A spectrum with counting noise."""
    energy, counts = expected(region)
    noisy = np.random.default_rng(seed).poisson(counts).astype(float)
    return Record.from_arrays(
        "spectrum",
        name=f"synthetic {region.line}",
        abscissa=energy,
        intensity=noisy,
        attributes={
            "technique": "xps",
            "abscissa_quantity": "binding energy",
            "intensity_unit": "counts",
            "counts_per_intensity": 1.0,
        },
    )
