"""The outer edge of a coated particle in an image: its line, and profiles across it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError

__all__ = ["Edge", "Levels", "find_edge", "find_levels"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_ROUNDS = 60
_LEAST_SHARE = 0.003
_APART = 3.0
"""Least distance of two levels, in deviations of the smoothed image's noise."""


@dataclass(frozen=True)
class Levels:
    """Grey levels of vacuum, coating and particle in the smoothed image."""

    vacuum: float
    coating: float
    particle: float


@dataclass(frozen=True)
class Edge:
    """Points (n, 2) [pixel, (y, x)] along the outer edge, a pixel apart, and inward normals.

    ``closed`` says whether the line returns to its start inside the image.
    """

    points: Array
    normals: Array
    closed: bool


def find_levels(smooth: Array, particle: str) -> Levels:
    """The grey levels of three regions, the coating's between the others'.

    ``particle`` is "dark" or "bright" against vacuum. By iterated means (k-means in one dimension)
    from the ends of the grey values. :class:`InputError` where there are not three levels.
    """
    values = smooth.ravel()
    low, high = np.quantile(values, (0.02, 0.98))
    levels = np.array([low, (low + high) / 2, high])
    for _ in range(_ROUNDS):
        cuts = (levels[1:] + levels[:-1]) / 2
        owner = np.searchsorted(cuts, values)
        if np.min(np.bincount(owner, minlength=3)) < _LEAST_SHARE * values.size:
            raise InputError("the image does not show vacuum, coating and particle by their grey")
        moved = np.array([np.median(values[owner == k]) for k in range(3)])
        if np.allclose(moved, levels, atol=1e-4):
            break
        levels = moved
    spread = max(float(np.std(values[owner == k])) for k in (0, 2))
    if min(np.diff(levels)) < _APART * 0.2 * spread:
        raise InputError("coating, particle and vacuum are too alike in grey to be told apart")
    dark, middle, bright = (float(one) for one in levels)
    return Levels(bright, middle, dark) if particle == "dark" else Levels(dark, middle, bright)


def find_edge(smooth: Array, levels: Levels, rounding: float, broad: float) -> Edge:
    """The line along the largest body's boundary to the largest vacuum, smoothed by ``rounding``.

    Normals are those of the line over ``broad``, about as far as the coating is thick, so that a
    wavy outer surface does not tilt them. Both are in pixels.
    """
    from scipy.ndimage import binary_fill_holes, gaussian_filter1d, label

    cut = (levels.vacuum + levels.coating) / 2
    vacuum = smooth > cut if levels.vacuum > levels.coating else smooth < cut
    vacuum = _largest(vacuum, label)
    body = _largest(binary_fill_holes(~vacuum), label)
    line = _longest_line(body)
    if len(line) < 20:
        raise InputError("there is no edge between the particle and vacuum in the image")
    closed = float(np.hypot(*(line[0] - line[-1]))) < 2
    mode = "wrap" if closed else "nearest"
    points = gaussian_filter1d(line, rounding, axis=0, mode=mode)
    points = _resampled(points)
    ahead = _tangents(points, max(broad, rounding), closed)
    normals = np.stack([ahead[:, 1], -ahead[:, 0]], axis=1)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    cut_off = 0 if closed else math.ceil(3 * rounding)
    kept = slice(cut_off, len(points) - cut_off)
    points, normals = points[kept], normals[kept]
    if len(points) < 20:
        raise InputError("the edge between the particle and vacuum is too short")
    inner = np.rint(points + 3 * normals).astype(int)
    inner = np.clip(inner, 0, np.array(smooth.shape) - 1)
    if np.mean(vacuum[inner[:, 0], inner[:, 1]]) > 0.5:
        normals = -normals
    return Edge(points, normals, closed)


def _tangents(points: Array, broad: float, closed: bool) -> Array:
    """Directions along the line: slopes of straight lines through what lies near on it."""
    reach = min(math.ceil(3 * broad), len(points) - 1)
    apart = np.arange(-reach, reach + 1)
    weight = np.exp(-0.5 * (apart / broad) ** 2)
    if closed:
        points = np.concatenate([points[-reach:], points, points[:reach]])

    def total(values: Array, power: int) -> Array:
        kernel = weight * apart**power
        summed: Array = np.convolve(values, kernel[::-1], mode="full")[reach : reach + len(values)]
        return summed

    ones = np.ones(len(points))
    n, first, second = (total(ones, power) for power in range(3))
    slopes = [
        (n * total(points[:, axis], 1) - first * total(points[:, axis], 0))
        / (n * second - first**2)
        for axis in (0, 1)
    ]
    tangents = np.stack(slopes, axis=1)
    return tangents[reach:-reach] if closed else tangents


def _largest(mask: Mask, label: object) -> Mask:
    numbered, count = label(mask)  # type: ignore[operator]
    if not count:
        raise InputError("the image does not show both the particle and vacuum")
    largest: Mask = numbered == 1 + int(np.argmax(np.bincount(numbered.ravel())[1:]))
    return largest


def _longest_line(body: Mask) -> Array:
    """The longest run of the body's boundary inside the image (n, 2), in order, by half pixels."""
    segments: dict[tuple[int, int], tuple[int, int]] = {}
    padded = np.zeros((body.shape[0] + 2, body.shape[1] + 2), dtype=np.int8)
    padded[1:-1, 1:-1] = np.where(body, 1, 0)
    known = np.zeros_like(padded, dtype=bool)
    known[1:-1, 1:-1] = True
    turns = (
        ((-1, 0), (0, 0), (0, 1)),
        ((0, 1), (0, 1), (1, 1)),
        ((1, 0), (1, 1), (1, 0)),
        ((0, -1), (1, 0), (0, 0)),
    )
    for (dy, dx), start, end in turns:
        beside = np.roll(padded, (-dy, -dx), axis=(0, 1))
        beside_known = np.roll(known, (-dy, -dx), axis=(0, 1))
        for y, x in np.argwhere((padded == 1) & (beside == 0) & beside_known):
            segments[(int(y) + start[0], int(x) + start[1])] = (int(y) + end[0], int(x) + end[1])
    best: list[tuple[int, int]] = []
    ends = set(segments.values())
    starts = [point for point in segments if point not in ends] + list(segments)
    while segments:
        point = next((one for one in starts if one in segments), None)
        if point is None:
            break
        line = [point]
        while point in segments:
            point = segments.pop(point)
            line.append(point)
        if len(line) > len(best):
            best = line
    return np.array(best, dtype=float).reshape(-1, 2) - 1.5


def _resampled(points: Array) -> Array:
    """The line with points one pixel apart."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    even = np.arange(0.0, along[-1], 1.0)
    return np.stack([np.interp(even, along, points[:, axis]) for axis in (0, 1)], axis=1)
