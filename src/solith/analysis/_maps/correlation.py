r"""How far pixels resemble their neighbours, and what a mean over them is therefore worth.

A weighted sum :math:`\sum_p w_p z_p` of a stationary field has the variance :math:`\sum_h
A_w(h)\,C(h)`, with the autocovariance C at the lag h and the weights' own autocorrelation
:math:`A_w(h) = \sum_p w_p w_{p+h}`: for a plain mean of N pixels :math:`C(0)/N_\text{eff}`. The
sum ends where C first falls to zero, because beyond it is noise alone. The residuals' mean is
taken off and with it the variance of that mean, which is put back by iteration.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solith.analysis._maps.given import Array, Mask

__all__ = ["Correlation", "correlation_of", "effective_pairs"]

_SMALLEST = 1e-300


@dataclass(frozen=True)
class Correlation:
    """Autocorrelation of residuals at each lag (transform's order), 0 beyond ``length`` pixels."""

    at_lag: Array
    length: float

    def variance(self, weights: Array) -> float:
        """The variance of a weighted sum of a field of unit variance; weights are (y, x)."""
        return float(np.sum(_autocorrelation(weights, self.at_lag.shape) * self.at_lag))

    def effective_number(self, mask: Mask) -> float:
        """The number of independent pixels that the mean over the mask is worth, at least 1."""
        count = int(mask.sum())
        return max(count * count / max(self.variance(mask.astype(float)), _SMALLEST), 1.0)


def correlation_of(residuals: Array, mask: Mask) -> Correlation:
    """The correlation of residuals (y, x), of zero mean and unit variance where the mask is.

    Residuals that are all zero resemble none: each pixel counts.
    """
    shape = (2 * mask.shape[0], 2 * mask.shape[1])
    kept = np.where(mask, residuals, 0.0)
    pairs = np.maximum(np.round(_autocorrelation(mask.astype(float), shape)), 0.0)
    sums = _autocorrelation(kept, shape)
    raw = np.divide(sums, pairs, out=np.zeros(shape), where=pairs >= 1)
    distance = _lags(shape)
    count = float(pairs.flat[0])
    if not raw.flat[0] > _SMALLEST:
        return Correlation(np.where(distance == 0, 1.0, 0.0), 0.0)
    # The variance of the mean that was taken off is missing at every lag.
    missing = 0.0
    found = Correlation(raw, 0.0)
    for _ in range(4):
        whole = (raw + missing) / (raw.flat[0] + missing)
        length = _first_zero(whole, pairs, distance)
        found = Correlation(np.where(distance <= length, whole, 0.0), length)
        share = float(np.sum(pairs * found.at_lag)) / count**2
        missing = raw.flat[0] * share / max(1.0 - share, 0.1)
    return found


def effective_pairs(first: Correlation, second: Correlation, mask: Mask) -> float:
    """The number of independent pairs that the correlation of two fields is worth.

    :math:`1 + N^2 / \\sum_h n(h)\\,\\rho_1(h)\\,\\rho_2(h)` with n pairs of pixels at each lag
    (Clifford, Richardson and Hemon 1989, 10.2307/2532039; DOI looked up, formula recalled).
    """
    pairs = _autocorrelation(mask.astype(float), first.at_lag.shape)
    shared = float(np.sum(pairs * first.at_lag * second.at_lag))
    return 1.0 + float(mask.sum()) ** 2 / max(shared, _SMALLEST)


def _autocorrelation(values: Array, shape: tuple[int, ...]) -> Array:
    from scipy.fft import irfft2, rfft2

    power = np.abs(rfft2(values, shape)) ** 2
    return np.asarray(irfft2(power, shape))


def _lags(shape: tuple[int, ...]) -> Array:
    """The distance [pixels] of each lag, the lags in the order of a transform."""
    y, x = (np.abs(np.fft.fftfreq(n, 1.0 / n)) for n in shape)
    return np.asarray(np.hypot(y[:, None], x))


def _first_zero(whole: Array, pairs: Array, distance: Array) -> float:
    """The distance before which the mean over a ring of lags stays above its own noise."""
    reach = min(whole.shape) // 4
    near = distance < reach + 0.5
    ring = np.round(distance[near]).astype(np.intp)
    weight = np.bincount(ring, pairs[near], reach + 1)
    mean = np.bincount(ring, pairs[near] * whole[near], reach + 1) / np.maximum(weight, 1.0)
    below = np.flatnonzero(mean <= 0.0)
    return float(below[0]) - 0.5 if len(below) else reach + 0.5
