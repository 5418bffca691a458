"""A pixel classifier: phases learned from a few voxels that were marked by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError
from solith.core.progress import SILENT, Progress
from solith.core.volume import GreyVolume, Volume
from solith.structure._grey_steps import require_finite
from solith.structure._pixel_features import features_of, reach_of

__all__ = ["PixelClassifier", "train_classifier"]

Array = NDArray[Any]
_SCALES = (1.0, 2.0, 4.0)
_MOST = 20_000
"""Marked voxels of each phase that are learned from."""
_SLAB = 4_000_000
"""Voxels, halo included, whose features are in memory at once."""
_LEAST = 10
_RIDGE = 1e-4


@dataclass(frozen=True, eq=False, repr=False)
class PixelClassifier:
    """What was learned; ``accuracy`` is the share of marked voxels told right when held out.

    Held out are whole blocks of 16 voxels a side, about a fifth of them at a time, since neighbours
    are alike; ``None`` where the marks lie in too few blocks for that.
    """

    phases: tuple[str, ...]
    accuracy: float | None
    _weights: Array
    _centre: Array
    _scale: Array

    def segment(self, grey: GreyVolume, *, progress: Progress = SILENT) -> Volume:
        """The likeliest phase of every voxel, worked through in slabs.

        :class:`InputError` for grey values that are not finite.
        """
        require_finite(grey)
        labels = np.empty(grey.shape, np.uint8)
        for first, last in _slabs(grey):
            progress.report(first / grey.shape[0], "classifying voxels")
            features = _features(grey, first, last)
            rows = _design(features.reshape(-1, features.shape[-1]), self._centre, self._scale)
            best = np.argmax(rows @ self._weights, axis=1)
            labels[first:last] = best.reshape(last - first, *grey.shape[1:])
        progress.report(1.0)
        return Volume(labels, self.phases, grey.voxel_size)

    def __repr__(self) -> str:
        told = "not tested" if self.accuracy is None else f"{self.accuracy:.1%} right held out"
        return f"PixelClassifier of {', '.join(self.phases)}: {told}"


def train_classifier(
    grey: GreyVolume, marked: ArrayLike, phases: Sequence[str], *, seed: int = 0
) -> PixelClassifier:
    """Learn phases from marked voxels: 1, 2, ... are the first, second, ... phase, 0 is not marked.

    For what grey alone does not tell, such as phases of one grey but different texture. Features
    are grey values, and at 1, 2 and 4 voxels their Gaussian mean, slope, curvature and scatter.
    Learned is multinomial logistic regression on them and their squares: on such smooth features it
    does what a forest does, needs no further library, and is the same on every machine. ``seed``
    chooses among more than 20,000 marked voxels of a phase.

    :class:`InputError` for marks of another shape or beyond the phases, a phase with fewer than 10
    marked voxels, or grey values that are not finite.
    """
    names = tuple(phases)
    require_finite(grey)
    places = _marked_places(marked, grey, names, np.random.default_rng(seed))
    truth = np.repeat(np.arange(len(names)), [len(one) for one in places])
    where = np.concatenate(places)
    features = _features_at(grey, where)
    centre, scale = features.mean(axis=0), np.maximum(features.std(axis=0), 1e-6)
    rows = _design(features, centre, scale)
    accuracy = _held_out(rows, truth, where, len(names))
    return PixelClassifier(names, accuracy, _learned(rows, truth, len(names)), centre, scale)


def _marked_places(
    marked: ArrayLike, grey: GreyVolume, names: tuple[str, ...], chance: np.random.Generator
) -> list[Array]:
    """Indices of the marked voxels of each phase, at most so many."""
    marks = np.asanyarray(marked)
    if marks.ndim == 2:
        marks = marks[:, :, np.newaxis]
    if marks.shape != grey.shape or not np.issubdtype(marks.dtype, np.integer):
        raise InputError(
            f"marks are whole numbers, one for each of {' x '.join(map(str, grey.shape))} voxels, "
            f"these are {marks.dtype} of shape {' x '.join(map(str, marks.shape))}",
            where="marked",
        )
    least, most = int(marks.min()), int(marks.max())
    if len(names) < 2 or least < 0 or most > len(names):
        raise InputError(
            f"marks are 1 to {len(names)} for {', '.join(names)} (two phases at least) and 0 for "
            f"none, these go from {least} to {most}",
            where="marked",
        )
    places = []
    for number, name in enumerate(names, start=1):
        own = np.argwhere(marks == number)
        if len(own) < _LEAST:
            raise InputError(
                f"{len(own)} voxels are marked as {name} ({number}); mark at least {_LEAST}",
                where="marked",
            )
        places.append(own[np.sort(chance.permutation(len(own))[:_MOST])])
    return places


def _slabs(grey: GreyVolume) -> Iterator[tuple[int, int]]:
    area = grey.shape[1] * grey.shape[2]
    thickness = max(4, _SLAB // area - 2 * reach_of(_SCALES))
    for first in range(0, grey.shape[0], thickness):
        yield first, min(first + thickness, grey.shape[0])


def _features(grey: GreyVolume, first: int, last: int) -> Array:
    """Of the planes first to last, as they are amid their neighbours."""
    halo = reach_of(_SCALES)
    low = max(first - halo, 0)
    return features_of(grey.values[low : last + halo], _SCALES)[first - low : last - low]


def _features_at(grey: GreyVolume, places: Array) -> Array:
    found = np.empty((0, 0), np.float32)
    for first, last in _slabs(grey):
        here = (places[:, 0] >= first) & (places[:, 0] < last)
        if here.any():
            i, j, k = places[here].T
            features = _features(grey, first, last)[i - first, j, k]
            if not found.size:
                found = np.empty((len(places), features.shape[1]), np.float32)
            found[here] = features
    return found


def _design(features: Array, centre: Array, scale: Array) -> Array:
    """Standardised features within four deviations, their squares, and one."""
    near = np.clip((features - centre) / scale, -4, 4).astype(np.float32)
    return np.concatenate([near, near**2, np.ones((len(near), 1), np.float32)], axis=1)


def _held_out(rows: Array, truth: Array, places: Array, phases: int) -> float | None:
    blocks = np.unique(places // 16, axis=0, return_inverse=True)[1].reshape(-1)
    fold = blocks % 5
    right = asked = 0
    for part in range(5):
        held = fold == part
        if held.any() and len(np.unique(truth[~held])) == phases:
            weights = _learned(rows[~held], truth[~held], phases)
            right += int(np.sum(np.argmax(rows[held] @ weights, axis=1) == truth[held]))
            asked += int(held.sum())
    return right / asked if asked else None


def _learned(rows: Array, truth: Array, phases: int) -> Array:
    """Weights (features, phases) of the regression; every phase counts alike."""
    from scipy.optimize import minimize
    from scipy.special import logsumexp

    rows = rows.astype(float)
    wanted = np.eye(phases)[truth]
    share = 1 / np.bincount(truth, minlength=phases)[truth] / phases

    def cost(flat: Array) -> tuple[float, Array]:
        weights = flat.reshape(-1, phases)
        scores = rows @ weights
        logarithm = scores - logsumexp(scores, axis=1, keepdims=True)
        miss = np.exp(logarithm) - wanted
        slope = rows.T @ (share[:, None] * miss) + _RIDGE * weights
        value = -np.sum(share[:, None] * wanted * logarithm) + _RIDGE * np.sum(weights**2) / 2
        return float(value), slope.ravel()

    start = np.zeros(rows.shape[1] * phases)
    found = minimize(cost, start, jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return np.asarray(found.x.reshape(-1, phases), np.float32)
