"""Spots of a lattice in windows of an image: where they stand, and which belong together."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.analysis._crystallinity.windows import Windows

__all__ = ["Ring", "Spots", "find_rings", "find_spots", "largest_crystal", "shows_ring"]

Array = NDArray[np.float64]

_SURER = 1.1
"""By what the threshold is raised, because expectations are estimates."""
_TOGETHER = 1.0
"""Cycles a window within which spots are of one lattice, or of one ring."""
_KERNEL = 0.35
_BESIDE = 0.01
"""Of the strongest spot of a window: less is a side lobe of the Hann window (-31 dB)."""
_WEAK_ALARM = 0.01
"""Probability of a false spot in one window where the place is known from others."""
_CANDIDATES = 8
_SLOPE = 0.04
"""Cycles a window by which a steep power of what is amorphous draws a ring aside (measured)."""
_FEWEST = 3


@dataclass(frozen=True)
class Spots:
    """Spots of all windows: window (n,), place (n, 2) in cycles a window (y, x), power over noise.

    ``threshold`` is what the power had to exceed.
    """

    window: NDArray[np.int64]
    place: Array
    power: Array
    threshold: float

    @property
    def radius(self) -> Array:
        """Distance from the middle (n,) in cycles a window."""
        radius: Array = np.hypot(self.place[:, 0], self.place[:, 1])
        return radius


@dataclass(frozen=True)
class Ring:
    """One spacing [m] with its standard uncertainty, the windows that show it, how many ways."""

    spacing: float
    uncertainty: float
    windows: int
    power: float
    angles: tuple[float, ...]
    """Directions [deg], 0 to 180 from the image's rows, of the spots that several windows share."""


def find_spots(windows: Windows, false_alarm: float) -> Spots:
    """Local maxima above what an image without a lattice reaches anywhere with ``false_alarm``."""
    threshold = _SURER * math.log(windows.power.size / false_alarm)
    full = np.abs(windows.transform) ** 2
    own = full[:, windows.rows, windows.columns]
    highest = np.ones(windows.power.shape, dtype=bool)
    for y in (-1, 0, 1):
        for x in (-1, 0, 1):
            rows, columns = (windows.rows + y) % windows.size, (windows.columns + x) % windows.size
            highest &= own >= full[:, rows, columns]
    strong = windows.power > _BESIDE * windows.power.max(axis=1, keepdims=True)
    where, which = np.nonzero(highest & strong & (windows.power > threshold))
    place = np.stack(
        [windows.place[which, axis] + _between(windows, where, which, axis) for axis in (0, 1)],
        axis=1,
    ).reshape(-1, 2)
    return Spots(where, place, windows.power[where, which], threshold)


def _between(
    windows: Windows, where: NDArray[np.int64], which: NDArray[np.int64], axis: int
) -> Array:
    r"""How far beside the pixel a spot lies, from the complex values on both sides of it.

    One wave at :math:`\delta` pixels under a Hann window has, seen from the window's middle,
    :math:`(X_{+1} - X_{-1}) / X_0 = 6 \delta / (4 - \delta^2)`, of which noise moves the real part
    by as much up as down; magnitudes alone are drawn away from the pixel.
    """
    step = np.array([1, 0]) if axis == 0 else np.array([0, 1])
    rows, columns = windows.rows[which], windows.columns[which]
    middle = windows.transform[where, rows, columns]
    after, before = (
        windows.transform[
            where, (rows + sign * step[0]) % windows.size, (columns + sign * step[1]) % windows.size
        ]
        for sign in (1, -1)
    )
    slope = np.clip(((before - after) / middle).real, -1, 1)
    safe = np.where(np.abs(slope) < 1e-9, 1e-9, slope)
    beside: Array = (np.sqrt(9 + 4 * safe**2) - 3) / safe
    return beside


def find_rings(windows: Windows, spots: Spots) -> list[Ring]:
    """The spacings that spots gather at, the clearest first.

    A ring's uncertainty is its spots' scatter over the root of as many windows as do not overlap,
    and 0.04 cycles a window for the slope of the noise below.
    """
    radius = spots.radius
    if not len(radius):
        return []
    axis = np.arange(0.0, radius.max() + 3, 0.05)
    density = np.zeros_like(axis)
    for one in radius:
        density += np.exp(-0.5 * ((axis - one) / _KERNEL) ** 2)
    inner = density[1:-1]
    tops = np.flatnonzero((inner >= density[:-2]) & (inner > density[2:])) + 1
    nearest = np.argmin(np.abs(radius[:, None] - axis[tops][None, :]), axis=1)
    overlap = max(len(windows.power) / windows.apart, 1.0)
    rings = []
    for number, top in enumerate(tops):
        own = (nearest == number) & (np.abs(radius - axis[top]) < _TOGETHER)
        shown = len(set(spots.window[own].tolist()))
        if shown < _FEWEST:
            continue
        middle, scatter = float(np.median(radius[own])), float(np.std(radius[own], ddof=1))
        single = 0.55 / math.sqrt(float(np.mean(spots.power[own])))
        apart = max(shown / overlap, 1.0)
        off = math.hypot(max(scatter, single) / math.sqrt(apart), _SLOPE)
        spacing = windows.side / middle
        angles = _directions(spots, own)
        power = float(np.sum(spots.power[own]))
        rings.append(Ring(spacing, spacing * off / middle, shown, power, angles))
    return sorted(rings, key=lambda ring: -ring.power)


def _directions(spots: Spots, own: NDArray[np.bool_]) -> tuple[float, ...]:
    """Directions that a tenth of the ring's windows share, the commonest first."""
    place, window = spots.place[own], spots.window[own]
    left = np.ones(len(place), dtype=bool)
    least = max(_FEWEST, 0.1 * len(set(window.tolist())))
    directions: list[float] = []
    while left.any():
        counts = _counts(place, left)
        best = int(np.argmax(counts))
        if counts[best] < least:
            break
        near = _near(place, place[best : best + 1])[:, 0] & left
        turned = np.where((place[near] @ place[best] < 0)[:, None], -1.0, 1.0)
        y, x = np.mean(turned * place[near], axis=0)
        directions.append(round(math.degrees(math.atan2(y, x)) % 180, 2))
        left &= ~near
    return tuple(directions)


def shows_ring(windows: Windows, rings: list[Ring]) -> NDArray[np.bool_]:
    """Which windows (n,) have a spot on one of the rings that are known by now.

    On a known ring less has to be looked at, so that a weaker spot is enough: one without a
    lattice has it with a probability of 1 % a ring.
    """
    radius = np.hypot(windows.place[:, 0], windows.place[:, 1])
    shown = np.zeros(len(windows.power), dtype=bool)
    for ring in rings:
        on_ring = np.abs(radius - windows.side / ring.spacing) < _TOGETHER
        shown |= _exceeds(windows.power[:, on_ring])
    return shown


def largest_crystal(windows: Windows, spots: Spots) -> NDArray[np.bool_]:
    """In which windows (n,) the commonest spot stands: those of one crystal, as it is oriented.

    Where it is known to be, a weaker spot is enough, as for :func:`shows_ring`.
    """
    best = np.zeros(len(windows.power), dtype=bool)
    left = np.ones(len(spots.window), dtype=bool)
    for _ in range(_CANDIDATES):
        counts = _counts(spots.place, left)
        if not left.any() or counts.max() < _FEWEST:
            break
        chosen = int(np.argmax(counts))
        at = _near(windows.place, spots.place[chosen : chosen + 1])[:, 0]
        shown = _exceeds(windows.power[:, at])
        best = shown if shown.sum() > best.sum() else best
        left &= ~_near(spots.place, spots.place[chosen : chosen + 1])[:, 0]
    return best


def _exceeds(power: Array) -> NDArray[np.bool_]:
    """Which rows of powers have one above what 1 % of rows without a lattice have."""
    limit = _SURER * math.log(max(power.shape[1], 1) / _WEAK_ALARM)
    exceeds: NDArray[np.bool_] = np.any(power > limit, axis=1)
    return exceeds


def _counts(place: Array, left: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many of the spots that are ``left`` lie near each of them (n,), 0 for the others.

    By a tree: a table of pairs takes 10 GB for the spots of an image of 2000 pixels a side.
    """
    from scipy.spatial import cKDTree

    counts = np.zeros(len(place), dtype=np.int64)
    if left.any():
        own = place[left]
        tree = cKDTree(np.concatenate([own, -own]))
        reach = np.nextafter(_TOGETHER, 0.0)
        counts[left] = tree.query_ball_point(own, reach, return_length=True)
    return counts


def _near(first: Array, second: Array) -> NDArray[np.bool_]:
    """Which places are one, a place and its opposite being the same."""
    plus = np.linalg.norm(first[:, None] - second[None], axis=2)
    minus = np.linalg.norm(first[:, None] + second[None], axis=2)
    near: NDArray[np.bool_] = np.minimum(plus, minus) < _TOGETHER
    return near
