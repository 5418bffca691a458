"""Currents split into parts that grow with the scan rate and with its square root."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solith.core.intervals import widening_95

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.analysis._voltammetry.sweep_grid import Currents

__all__ = ["Split", "split_currents"]

_LEAST_NOISE = 1e-6
"""Part of a voltammogram's largest current below which its noise counts as rounding."""

_CURRENT = 0.05
"""Part of the current by which the split may miss it, whatever the noise."""


@dataclass(frozen=True)
class Split:
    """What each potential and each scan rate shows; ``u_`` are standard uncertainties.

    ``k1`` [A s/V], ``k2`` [A (s/V)^(1/2)], ``exponent`` (nan where the sign of the current is
    not one) and ``holds`` are by potential, ``share`` and ``charge`` [C] by rate.
    """

    k1: NDArray[np.float64]
    u_k1: NDArray[np.float64]
    k2: NDArray[np.float64]
    u_k2: NDArray[np.float64]
    exponent: NDArray[np.float64]
    u_exponent: NDArray[np.float64]
    holds: NDArray[np.bool_]
    share: NDArray[np.float64]
    u_share: NDArray[np.float64]
    charge: NDArray[np.float64]


def split_currents(rates: NDArray[np.float64], grid: Currents) -> Split:
    """Weighted least squares of i / v^(1/2) = k1 v^(1/2) + k2 at every potential."""
    root = np.sqrt(rates)
    floor = _LEAST_NOISE * np.max(np.abs(grid.current), axis=1)
    noise = np.maximum(grid.noise.mean(axis=1), floor)
    weight = root / noise
    columns = np.column_stack([root, np.ones_like(root)])
    gain = np.linalg.pinv(columns * weight[:, None]) * weight / root  # (2, rates), on currents
    k1, k2 = gain @ grid.current
    model = np.outer(rates, k1) + np.outer(root, k2)
    left = grid.current - model
    freedom = len(rates) - 2
    wide = _widening(left / noise[:, None], freedom)
    spread = np.sqrt((gain**2) @ noise**2)
    tolerance = np.maximum(4 * noise[:, None], _CURRENT * np.abs(grid.current))
    holds = np.all(np.abs(left) <= tolerance, axis=0)
    exponent, u_exponent = _exponents(rates, grid.current)
    share, u_share, charge = _shares(rates, grid, gain[0], noise)
    return Split(
        k1=k1,
        u_k1=np.full_like(k1, spread[0] * wide),
        k2=k2,
        u_k2=np.full_like(k2, spread[1] * wide),
        exponent=exponent,
        u_exponent=u_exponent,
        holds=holds,
        share=share,
        u_share=u_share,
        charge=charge,
    )


def _widening(scaled: NDArray[np.float64], freedom: int) -> float:
    """The root of chi squared by its freedom over all potentials, at least 1."""
    if freedom < 1:
        return 1.0
    return max(1.0, float(np.sqrt(np.sum(scaled**2) / (freedom * scaled.shape[1]))))


def _shares(
    rates: NDArray[np.float64],
    grid: Currents,
    gain: NDArray[np.float64],
    noise: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Capacitive share of the charge at each rate, its uncertainty, and the charge [C]."""
    whole = grid.current @ grid.sign  # (rates,), in currents
    capacitive = rates * float(gain @ whole)
    share = capacitive / whole
    # d share_j / d whole_r = (v_j gain_r - share_j delta_jr) / whole_j
    change = (np.outer(rates, gain) - np.diag(share)) / whole[:, None]
    of_noise = noise * np.sqrt(grid.current.shape[1])
    variance = (change**2) @ of_noise**2
    freedom = len(rates) - 2
    if freedom > 0:
        # The scatter of whole charges about the split holds what the potentials have in common.
        root = np.sqrt(rates)
        weight = 1 / noise
        columns = np.column_stack([rates, root]) * weight[:, None]
        left = whole * weight - columns @ (np.linalg.pinv(columns) @ (whole * weight))
        scatter = float(left @ left) / freedom / grid.current.shape[1]
        if scatter > _surely(freedom):
            variance = variance * scatter * widening_95(freedom) ** 2
    return share, np.sqrt(variance), grid.step * np.abs(whole) / rates


def _surely(freedom: int) -> float:
    """Chi squared by its freedom above which the noise alone does not explain a scatter."""
    from scipy.stats import chi2

    return float(chi2.ppf(0.99, freedom)) / freedom


def _exponents(
    rates: NDArray[np.float64], current: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """b and its standard uncertainty (Student's t folded in) at every potential."""
    one = np.all(current > 0, axis=0) | np.all(current < 0, axis=0)
    x = np.log(rates) - np.mean(np.log(rates))
    y = np.log(np.abs(np.where(one, current, 1.0)))
    square = float(x @ x)
    b = x @ y / square
    freedom = len(rates) - 2
    if freedom > 0:
        left = y - y.mean(axis=0) - np.outer(x, b)
        error = np.sqrt(np.sum(left**2, axis=0) / freedom / square) * widening_95(freedom)
    else:
        error = np.full_like(b, np.nan)
    return np.where(one, b, np.nan), np.where(one, error, np.nan)
