"""Backgrounds of a spectrum from its own intensity, and what a background of peaks is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import ConvergenceError, InputError

__all__ = [
    "BACKGROUNDS",
    "TougaardLoss",
    "ends_of",
    "linear_background",
    "loss_integral",
    "running_integral",
    "shirley_background",
    "tougaard_background",
]

Array = NDArray[np.float64]

BACKGROUNDS = ("linear", "shirley", "tougaard")

_EDGE = 1e-6  # eV: rounding of a difference of energies
_MOST_ROUNDS = 200
_SETTLED = 1e-8  # of the step between the ends


@dataclass(frozen=True)
class TougaardLoss:
    """The cross-section of electrons' energy loss, K(T) = B T / ((C - T^2)^2 + D T^2) from T0 on.

    ``b`` [eV2], ``c`` [eV2], ``d`` [eV2], ``t0`` [eV]; ``b`` is fitted where it is ``None``.
    Three parameters: Tougaard 1997, 10.1002/(SICI)1096-9918(199703)25:3<137::AID-SIA230>3.0.CO;2-L
    (DOI looked up). The defaults are the universal B T / (C + T^2)^2 with C of 1643 eV2 (Tougaard
    1987, 10.1016/0038-1098(87)90166-9; DOI and number looked up in works that cite it), which is
    this formula with D = 4 C.
    """

    b: float | None = None
    c: float = 1643.0
    d: float = 6572.0
    t0: float = 0.0

    def at(self, energy: Array) -> Array:
        """K over B [1/eV3] at losses of ``energy`` [eV], zero below T0.

        A loss of exactly T0 counts whole, as in CasaXPS; half of it, as a trapezoid would have it,
        makes the background of FeO's Fe 2p 0.04 % lower.
        """
        lost = np.where((energy > 0) & (energy >= self.t0 - _EDGE), energy, 0.0)
        below = (self.c - lost**2) ** 2 + self.d * lost**2
        return np.divide(lost, below, out=np.zeros_like(lost), where=below > 0)


def ends_of(intensity: Array, points: int) -> tuple[float, float]:
    """The mean of the first and last ``points`` values."""
    return float(np.mean(intensity[:points])), float(np.mean(intensity[-points:]))


def linear_background(energy: Array, low: float, high: float) -> Array:
    """The straight line between the heights ``low`` and ``high`` of both ends."""
    part = (energy - energy[0]) / (energy[-1] - energy[0])
    return np.asarray(low + (high - low) * part)


def shirley_background(energy: Array, intensity: Array, low: float, high: float) -> Array:
    """Shirley's background between the heights of both ends, iterated until it does not change.

    In each round the step is shared out by the integral, from the low binding energy on, of
    what is above the last background (Shirley 1972, 10.1103/PhysRevB.5.4709; iteration of
    Proctor and Sherwood 1982, 10.1021/ac00238a008; DOIs looked up).

    ``energy`` (n,) is the binding energy, rising. Raises :class:`ConvergenceError` where there is
    no area above the background or 200 rounds do not settle it to 1e-8 of the step.
    """
    background = linear_background(energy, low, high)
    for _ in range(_MOST_ROUNDS):
        above = running_integral(energy, intensity - background)
        total = float(above[-1])
        if not np.isfinite(total) or total <= 0:
            raise ConvergenceError(
                "Shirley background: no area is above it between the ends; choose a window that "
                "holds the peaks whole, or another background"
            )
        following = low + (high - low) * above / total
        change = float(np.max(np.abs(following - background)))
        background = following
        if change <= _SETTLED * max(abs(high - low), 1e-300):
            return np.asarray(background)
    raise ConvergenceError(
        f"Shirley background: {_MOST_ROUNDS} rounds did not settle it; choose a window that holds "
        "the peaks whole, or another background"
    )


def tougaard_background(
    energy: Array, intensity: Array, low: float, high: float, loss: TougaardLoss
) -> tuple[Array, float]:
    """Tougaard's background and its B: what electrons of lower binding energy lose on their way.

    B(E) = j0 + the integral of K(E - E') (j(E') - j0) over all E' below E, j0 the height ``low`` at
    the low binding energy (Tougaard 1988, 10.1002/sia.740110902, DOI looked up). Where
    ``loss.b`` is ``None`` B is such that the background meets the height ``high``;
    :class:`InputError` where that takes a B of zero or less.
    """
    integral = loss_integral(energy, intensity - low, loss)
    b = loss.b
    if b is None:
        b = (high - low) / float(integral[-1]) if integral[-1] > 0 else 0.0
        if not b > 0:
            raise InputError(
                "Tougaard background: the spectrum does not rise from its peaks to higher binding "
                "energy; choose another window or background"
            )
    return low + b * integral, b


def loss_integral(energy: Array, intensity: Array, loss: TougaardLoss) -> Array:
    """The integral of K(E - E')/B times the intensity over all E' below E, by trapezoids."""
    weights = _weights(energy)
    kernel = loss.at(energy[:, None] - energy[None, :])
    return np.asarray(kernel @ (weights * intensity))


def running_integral(energy: Array, values: Array) -> Array:
    """The integral from the first energy to each, by trapezoids, along the first axis."""
    steps = np.diff(energy)
    parts = (values[1:] + values[:-1]) / 2
    parts = parts * (steps if values.ndim == 1 else steps[:, None])
    return np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(parts, axis=0)])


def _weights(energy: Array) -> Array:
    steps = np.diff(energy)
    weights = np.zeros(len(energy))
    weights[:-1] += steps / 2
    weights[1:] += steps / 2
    return weights
