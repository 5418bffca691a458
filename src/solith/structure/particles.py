"""One phase as particles: split where it is narrow, counted, sized, and who touches whom."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError
from solith.core.result import Result, Value
from solith.core.threads import share_out
from solith.core.volume import Volume
from solith.structure._chosen_phases import checked_labels, checked_particles, thin_axes
from solith.structure._given import is_real

__all__ = ["measure_particles", "split_particles"]

Array = NDArray[Any]
_LEVELS = 8
"""Steps of distance in a voxel."""
_SPECK = 14
_QUANTILES = (10, 50, 90)


def split_particles(
    volume: Volume,
    phase: str | int,
    *,
    neck: float = 0.7,
    least: float = 1.0,
    smallest: int = _SPECK,
) -> NDArray[np.int32]:
    """Number of the particle that each voxel belongs to, from 1; 0 in other phases.

    A watershed of the distance to the phase's surface (exact Euclidean: Felzenszwalb and
    Huttenlocher, doi:10.4086/toc.2012.v008a019), flooded from its maxima. Two maxima are one
    particle where the neck between them is wider than ``neck`` times the smaller one's width, or
    less than ``least`` voxels narrower, which is what the surface's voxels do. So ``neck`` 0 splits
    nothing, 1 at each maximum that stands out by ``least``. Beyond the volume's boundary the phase
    is taken to go on. What has fewer than ``smallest`` voxels is a speck, no particle, and has no
    number: by default less than a sphere three voxels across. An axis of one voxel does not count.
    Memory: 4 bytes a voxel for the result, 8 besides.

    :class:`InputError` for a phase that is unknown or absent, or values out of range.
    """
    (label,) = checked_labels(volume, phase=phase)
    if not (is_real(neck) and is_real(least) and 0 <= neck <= 1 and least >= 0):
        raise InputError(f"neck is 0 to 1, least not negative, not {neck!r}, {least!r}")
    if not (is_real(smallest) and smallest >= 0):
        raise InputError(f"{smallest!r} is no number of voxels", where="smallest")
    from solith.structure._distance_kernels import count_levels, flood, order_levels

    distance = _distances(volume, label)
    edge = min(_sides(volume))
    labels = np.zeros(distance.shape, np.int32)
    if not np.isfinite(distance[0, 0, 0]):
        labels[...] = 1
        return labels
    flat = distance.reshape(-1)
    scale = _LEVELS / edge
    counts = np.zeros(int(float(flat.max()) * scale) + 2, np.int64)
    count_levels(flat, scale, counts)
    starts = counts.sum() - np.cumsum(counts)
    order = np.empty(int(counts.sum()), np.int32 if flat.size < 2**31 else np.int64)
    order_levels(flat, scale, starts, order)
    most = max(1024, order.size // 8)
    parent, peaks = np.zeros(most, np.int32), np.zeros(most, np.float32)
    _, nj, nk = distance.shape
    found = flood(flat, order, labels.reshape(-1), nj, nk, neck, least * edge, parent, peaks)
    if found < 0:
        raise InputError(
            f"{phase!r} falls into more than {most} pieces: it is noise rather than particles",
            where="phase",
        )
    _leave_out_specks(labels, found, smallest)
    return labels


def measure_particles(volume: Volume, phase: str | int, particles: ArrayLike) -> Result:
    """Sizes of particles, and how many others each touches.

    ``particles`` are numbers from :func:`split_particles`. Diameters [m] are those of spheres of
    the same volume, of particles that the volume's boundary does not cut: ``diameter_d10``,
    ``_d50`` and ``_d90`` by volume, ``diameter_number_d10`` ... by number. ``coordination_number``
    is the mean number of others, cut ones too, that a whole particle shares a voxel face with. Also
    ``particles`` and ``particles_cut``. In a section (one voxel along an axis) diameters are those
    of circles of the same area, with a flag: sections seldom pass through the middle of a particle,
    so spheres are larger.

    Large particles are cut more often than small ones, which makes the diameters too small where
    particles are not small against the volume: each whole particle counts by the inverse of its
    chance to be whole (Miles and Lantuejoul's correction, doi:10.1111/j.1365-2818.1976.tb02446.x,
    recalled), (side - extent) / side along each axis. Where no particle is whole, values are None.

    ``details`` has histograms of the whole particles: ``volume_share`` by diameter
    (``diameter_edges_m``), corrected in the same way, and ``coordination_counts`` as counted.

    :class:`InputError` for a phase that is unknown or absent, or particles that do not fit.
    """
    (label,) = checked_labels(volume, phase=phase)
    numbered, last = checked_particles(particles, volume)
    _require_inside(volume, label, numbered, phase)
    sizes, low, high = _extents(numbered, last)
    there = sizes > 0
    sides = np.array(volume.shape)
    cut = np.any(((low == 0) | (high == sides - 1)) & (sides > 1), axis=1)
    whole = there & ~cut
    chance = np.prod(np.where(sides > 1, (sides - (high - low + 1)) / sides, 1.0), axis=1)
    weights = 1 / np.maximum(chance[whole], 1e-3)
    body = sizes[whole] * float(np.prod(volume.voxel_size))
    diameters = _diameters(body, volume)
    touching = _touching(numbered, last)[whole]
    flags = (
        *_flags(int(whole.sum()), int((there & cut).sum())),
        *thin_axes(volume, "particles"),
    )
    values = [
        Value("particles", float(there.sum()), flags=flags),
        Value("particles_cut", float((there & cut).sum()), flags=flags),
    ]
    for name, weight in (("diameter", weights * body), ("diameter_number", weights)):
        for percent in _QUANTILES:
            at = _quantile(diameters, weight, percent / 100)
            values.append(Value(f"{name}_d{percent}", at, "m", flags=flags))
    mean = float(np.average(touching, weights=weights)) if whole.any() else None
    values.append(Value("coordination_number", mean, flags=flags))
    details: dict[str, Any] = {"phase": str(phase)}
    if whole.any():
        counts, edges = np.histogram(
            diameters, min(30, max(5, int(whole.sum() ** 0.5))), weights=weights * body
        )
        details["diameter_edges_m"] = edges.tolist()
        details["volume_share"] = (counts / counts.sum()).tolist()
        details["coordination_counts"] = np.bincount(touching).tolist()
    return Result(f"particles of {phase}", tuple(values), details)


def _sides(volume: Volume) -> list[float]:
    """Of a voxel, along the axes that have more than one; along all if none has."""
    sizes = zip(volume.voxel_size, volume.shape, strict=True)
    return [size for size, voxels in sizes if voxels > 1] or list(volume.voxel_size)


def _diameters(body: Array, volume: Volume) -> Array:
    """Of spheres of these volumes [m3]; in a section of circles, on a line of the lengths."""
    dimensions = len(_sides(volume))
    content = body * float(np.prod(_sides(volume)) / np.prod(volume.voxel_size))
    if dimensions == 1:
        return content
    found: Array = np.cbrt(6 * content / np.pi) if dimensions == 3 else np.sqrt(4 * content / np.pi)
    return found


def _distances(volume: Volume, label: int) -> NDArray[np.float32]:
    """Distance [m] of each voxel's centre to the phase's surface; infinite if there is none."""
    from solith.structure._distance_kernels import envelope

    squares = np.empty(volume.shape, np.float32)
    for part, inside in zip(squares, volume.labels, strict=True):
        part[:] = np.where(inside == label, np.inf, 0.0)
    ni, nj, nk = volume.shape
    share_out(envelope, ni * nj, squares.size, squares.reshape(-1, nk), volume.voxel_size[2])

    def planes(first: int, last: int) -> None:
        for plane in range(first, last):
            rows = np.ascontiguousarray(squares[plane].T)
            envelope(0, nk, rows, volume.voxel_size[1])
            squares[plane] = rows.T

    share_out(planes, ni, squares.size)

    def sections(first: int, last: int) -> None:
        for section in range(first, last):
            rows = np.ascontiguousarray(squares[:, section].T)
            envelope(0, nk, rows, volume.voxel_size[0])
            distance = np.sqrt(rows.T)
            squares[:, section] = distance

    share_out(sections, nj, squares.size)
    return squares


def _leave_out_specks(labels: NDArray[np.int32], last: int, smallest: int) -> None:
    """Numbers in place anew, in the same order, without those of too few voxels."""
    sizes = np.zeros(last + 1, np.int64)
    for part in labels:
        sizes += np.bincount(part.ravel(), minlength=last + 1)
    keep = sizes >= smallest
    keep[0] = False
    if keep[1:].all():
        return
    fresh = np.where(keep, np.cumsum(keep), 0).astype(np.int32)
    for part in labels:
        part[:] = fresh[part]


def _require_inside(volume: Volume, label: int, numbered: Array, phase: str | int) -> None:
    for part, labels in zip(numbered, volume.labels, strict=True):
        if np.any((part > 0) & (labels != label)):
            raise InputError(f"particles hold voxels that are not {phase!r}", where="particles")


def _extents(numbered: Array, last: int) -> tuple[Array, Array, Array]:
    """Voxels of each number from 0, and the first and last index along each axis."""
    sizes = np.zeros(last + 1, np.int64)
    low = np.full((last + 1, 3), np.iinfo(np.int64).max)
    high = np.full((last + 1, 3), -1)
    for i, part in enumerate(numbered):
        sizes += np.bincount(part.ravel(), minlength=last + 1)
        present = np.unique(part)
        low[present, 0] = np.minimum(low[present, 0], i)
        high[present, 0] = i
        j, k = np.nonzero(part)
        own = part[j, k]
        for axis, at in ((1, j), (2, k)):
            np.minimum.at(low[:, axis], own, at)
            np.maximum.at(high[:, axis], own, at)
    sizes[0] = 0
    return sizes, low, high


def _touching(numbered: Array, last: int) -> Array:
    """Of each number, with how many others it shares a voxel face."""
    pairs: list[Array] = []
    for i, part in enumerate(numbered):
        sides = [(part[1:], part[:-1]), (part[:, 1:], part[:, :-1])]
        if i:
            sides.append((part, numbered[i - 1]))
        for one, two in sides:
            meet = (one != two) & (one > 0) & (two > 0)
            a, b = one[meet].astype(np.int64), two[meet].astype(np.int64)
            pairs.append(np.unique(np.minimum(a, b) * (last + 1) + np.maximum(a, b)))
    keys = np.unique(np.concatenate(pairs))
    ends = np.concatenate([keys // (last + 1), keys % (last + 1)])
    return np.bincount(ends, minlength=last + 1)


def _quantile(values: Array, weights: Array, share: float) -> float | None:
    if not values.size:
        return None
    order = np.argsort(values)
    sums = np.cumsum(weights[order])
    return float(np.interp(share, (sums - weights[order] / 2) / sums[-1], values[order]))


def _flags(whole: int, cut: int) -> tuple[str, ...]:
    if not whole:
        return ("no particle is whole: the volume's boundary cuts all",)
    if cut > whole:
        return (f"{cut} of {whole + cut} particles are cut: sizes are those of the smaller ones",)
    return ()
