"""Synthetic element maps and sections whose answers are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.core.record import Record
from solith.virtual import element_maps

__all__ = ["Coated", "coated_particles", "couple", "correlated", "grey_section", "scan"]

PIXEL = 10e-9


@dataclass(frozen=True)
class Coated:
    """A map of a coating's element, the mask of its particles, and the share that is coated."""

    record: Record
    particles: NDArray[np.bool_]
    coverage: float


def coated_particles(seed: int, *, counts: float = 30.0, variation: float = 0.2) -> Coated:
    """Round particles, parts of whose outline carry 3 pixels of coating, through a probe.

    ``counts`` is the mean of a coated pixel, on 2 of the ground; ``variation`` that of the
    coating's strength from patch to patch.
    """
    drawn = element_maps.coated_particles(seed, counts=counts, variation=variation)
    record = Record.from_arrays(
        "map",
        nb=(drawn.coating, "counts"),
        attributes={"pixel_size_x_metre": PIXEL, "pixel_size_y_metre": PIXEL},
    )
    return Coated(record, drawn.inside, drawn.coverage)


def couple(seed: int, *, deviation: float = 80e-9) -> Record:
    """Counts across a straight, slanted interface that interdiffused: an error function."""
    from scipy.special import erfc

    random = np.random.default_rng(seed)
    y, x = (np.mgrid[:160, :160] + 0.5) * PIXEL
    away = (x - 0.8e-6) * np.cos(0.2) + (y - 0.8e-6) * np.sin(0.2)
    rate = 4 + 36 * 0.5 * erfc(away / (np.sqrt(2) * deviation))
    return Record.from_arrays(
        "map",
        co=(random.poisson(rate).astype(float), "counts"),
        attributes={"pixel_size_x_metre": PIXEL, "pixel_size_y_metre": PIXEL},
    )


def correlated(seed: int, shape: tuple[int, int], length: float) -> NDArray[np.float64]:
    """A Gaussian field of unit variance, alike over ``length`` pixels."""
    from scipy.ndimage import gaussian_filter

    wide = np.random.default_rng(seed).standard_normal((shape[0] + 64, shape[1] + 64))
    smooth = gaussian_filter(wide, length) if length else wide
    # The kernel's own norm, so that the variance is that of the whole material.
    norm = 2 * length * np.sqrt(np.pi) if length else 1.0
    return np.asarray(norm * smooth[32 : 32 + shape[0], 32 : 32 + shape[1]])


def grey_section(seed: int) -> tuple[Record, float, float]:
    """A section of three phases with grey noise; its porosity and contact fraction, of the whole.

    Two fields make the phases: particles where the first is above 0, pores where the second is
    below -0.5 outside them. The outline of the particles is met by each in proportion to the
    second field alone, as both are independent: its share beside electrolyte is P(second > -0.5).
    """
    from scipy.special import ndtr

    shape = (256, 256)
    solid, hollow = correlated(2 * seed, shape, 5.0), correlated(2 * seed + 1, shape, 5.0)
    grey = np.where(solid > 0, 200.0, np.where(hollow < -0.5, 20.0, 110.0))
    noise = np.random.default_rng(seed).normal(0, 12, shape)
    record = Record.from_arrays(
        "map",
        grey=grey + noise,
        attributes={"pixel_size_x_metre": PIXEL, "pixel_size_y_metre": PIXEL},
    )
    return record, 0.5 * float(ndtr(-0.5)), float(ndtr(0.5))


def scan(seed: int) -> tuple[Record, NDArray[np.intp]]:
    """Grains whose boundaries conduct more by 1.0 than the interiors, in correlated noise."""
    rows, columns = np.mgrid[:128, :128]
    labels = (rows // 32) * 4 + columns // 32
    away = np.min([np.abs(axis + 0.5 - at) for axis in (rows, columns) for at in (32, 64, 96)], 0)
    values = correlated(seed, (128, 128), 1.5) + 1.0 * (away < 2.0)
    record = Record.from_arrays(
        "map",
        conductance=(values, "S"),
        attributes={"pixel_size_x_metre": PIXEL, "pixel_size_y_metre": PIXEL},
    )
    return record, labels
