"""How the places of a phase, or of two, depend on each other over a distance."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

from solith.core.result import Result, Value
from solith.core.volume import AXES, Volume
from solith.structure._chosen_phases import checked_labels

__all__ = ["measure_correlation"]

_AT_ONCE = 2**24
"""Voxels transformed at a time."""

Floats = NDArray[np.float64]


def measure_correlation(volume: Volume, phase: str | int, other: str | int | None = None) -> Result:
    """Two-point correlation along x, y and z: the chance to be in ``phase`` at both ends of a line.

    With ``other``, the chance to be in ``phase`` at one end and in ``other`` at the other, either
    way round. ``details["correlation"]`` has it by axis, from 0 to half the volume's side, against
    ``details["distance"]`` [m]; pairs are counted inside the volume, nothing is periodic.

    Values: ``correlation_length_x``, ``_y``, ``_z`` [m], the integral of the autocovariance (with
    ``other``, the cross-covariance) over its value at 0, up to its first zero; none, with a
    flag, where a phase fills the volume or where there is no zero up to half the side.
    ``surface_area_per_volume`` (``contact_area_per_volume`` with ``other``) [1/m] is 4 times the
    slope at 0, the mean over the axes (Debye, Anderson and Brumberger 1957,
    https://doi.org/10.1063/1.1722830, recalled): a check of :func:`measure_surface` for surfaces
    without preferred direction; on voxels it is within a few percent.

    Exact to the rounding of single precision. Memory: some 200 MB besides the volume.
    :class:`InputError` for a phase that is unknown or absent.
    """
    if other is None:
        (label,) = checked_labels(volume, phase=phase)
        second = label
    else:
        label, second = checked_labels(volume, phase=phase, other=other)
    curves, slopes = {}, []
    values = []
    for axis, (name, size) in enumerate(zip(AXES, volume.voxel_size, strict=True)):
        curve, fractions = _along(volume, label, second, axis)
        curves[name] = curve[: max(2, volume.shape[axis] // 2 + 1)]
        if curve.size > 1:
            slopes.append(abs(float(curve[1] - curve[0])) / size)
        length, flags = _length(curves[name], fractions, size, name)
        values.append(Value(f"correlation_length_{name}", length, "m", flags=flags))
    what = "surface" if other is None else "contact"
    area = f"surface of {phase}" if other is None else f"contact of {phase} and {other}"
    slope = 4 * float(np.mean(slopes)) if slopes else None
    return Result(
        f"two-point correlation of {phase}" + ("" if other is None else f" and {other}"),
        (
            *values,
            Value(
                f"{what}_area_per_volume",
                slope,
                "1/m",
                area=area,
                method="slope of the two-point correlation",
                flags=() if slopes else ("the volume is a single voxel",),
            ),
        ),
        {
            "phase": str(phase),
            "other": None if other is None else str(other),
            "distance": {
                name: (np.arange(curves[name].size) * size).tolist()
                for name, size in zip(AXES, volume.voxel_size, strict=True)
            },
            "correlation": {name: curve.tolist() for name, curve in curves.items()},
        },
    )


def _along(volume: Volume, label: int, other: int, axis: int) -> tuple[Floats, tuple[float, float]]:
    """The correlation at all whole distances along an axis, and the two phases' fractions."""
    from scipy.fft import irfft, next_fast_len, rfft

    voxels = volume.shape[axis]
    long = next_fast_len(2 * voxels, real=True)
    power = np.zeros(long // 2 + 1)
    found = np.zeros(2)
    workers = os.cpu_count() or 1
    # Slabs are cut across another axis than the one that is transformed.
    source = np.moveaxis(volume.labels, 1 if axis == 0 else 0, 0)
    thick = max(1, _AT_ONCE // (2 * source[0].size))
    along = 1 if axis != 2 else 2
    for start in range(0, len(source), thick):
        labels = source[start : start + thick]
        one = labels == label
        two = one if other == label else labels == other
        found += np.count_nonzero(one), np.count_nonzero(two)
        first = rfft(one.astype(np.float32), long, axis=along, workers=workers)
        second = (
            first if two is one else rfft(two.astype(np.float32), long, axis=along, workers=workers)
        )
        product = first.real * second.real + first.imag * second.imag
        across = 0, 3 - along
        power += product.sum(axis=across, dtype=np.float64)
    lines = volume.labels.size // voxels
    pairs = lines * (voxels - np.arange(voxels))
    curve = np.clip(irfft(power, long)[:voxels] / pairs, 0.0, 1.0)
    return curve, (found[0] / volume.labels.size, found[1] / volume.labels.size)


def _length(
    curve: Floats, fractions: tuple[float, float], size: float, name: str
) -> tuple[float | None, tuple[str, ...]]:
    covariance = curve - fractions[0] * fractions[1]
    if abs(covariance[0]) < 1e-6:
        return None, ("the phase fills the volume",)
    ratio = covariance / covariance[0]
    below = np.flatnonzero(ratio <= 0)
    if below.size == 0:
        return None, (f"correlated over more than half the volume along {name}",)
    last = int(below[0])
    zero = last - 1 + ratio[last - 1] / (ratio[last - 1] - ratio[last])
    points = np.append(np.arange(last), zero)
    return float(np.trapezoid(np.append(ratio[:last], 0.0), points) * size), ()
