"""Profiles of a photoelectron line: unit area, full width at half maximum of one."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["PROFILES", "profile", "profile_by_mix"]

Array = NDArray[np.float64]

PROFILES = {
    "gl_sum": "sum of a Gaussian and a Lorentzian of one width",
    "gl_product": "product of a Gaussian and a Lorentzian",
    "voigt": "Gaussian folded with a Lorentzian",
}

_FOUR_LN2 = 4 * math.log(2)
_SIGMA = 1 / math.sqrt(8 * math.log(2))
_STEP = 1e-6  # of the mixing, for its derivative


def profile(shape: str, t: Array, mix: float) -> tuple[Array, Array]:
    """The profile at ``t`` (any shape) and its derivative by ``t``.

    ``t`` is the distance from the middle over the width; the area over ``t`` is one. ``mix`` is the
    Lorentzian's part of the sum, the exponent's part of the product (exp(-4 ln2 (1 - m) t^2) /
    (1 + 4 m t^2); Jain, Biesinger and Linford 2018, 10.1016/j.apsusc.2018.03.190, DOI looked up,
    formula recalled), and for the Voigt profile the Lorentzian's full width over the Gaussian's.
    There the full width of both together is one to 0.02 % (Olivero and Longbothum 1977,
    10.1016/0022-4073(77)90161-3, DOI looked up); the width of the product is one only for m of 0
    and 1, and up to 10 % less between.
    """
    return {"gl_sum": _sum, "gl_product": _product, "voigt": _voigt}[shape](t, mix)


def profile_by_mix(shape: str, t: Array, mix: float) -> Array:
    """The profile's derivative by ``mix``."""
    low, high = max(mix - _STEP, 0.0), min(mix + _STEP, 1.0)
    change: Array = profile(shape, t, high)[0] - profile(shape, t, low)[0]
    return change / (high - low)


def _sum(t: Array, mix: float) -> tuple[Array, Array]:
    gauss = math.sqrt(_FOUR_LN2 / math.pi) * np.exp(-_FOUR_LN2 * t**2)
    lorentz = 2 / math.pi / (1 + 4 * t**2)
    slope = -2 * _FOUR_LN2 * t * gauss * (1 - mix) - mix * 8 * t / (1 + 4 * t**2) * lorentz
    return (1 - mix) * gauss + mix * lorentz, slope


def _product(t: Array, mix: float) -> tuple[Array, Array]:
    from scipy.special import erfcx

    a, b = _FOUR_LN2 * (1 - mix), 4 * mix
    if b < 1e-12:
        area = math.sqrt(math.pi / a)
    else:
        area = math.pi / math.sqrt(b) * float(erfcx(math.sqrt(max(a, 0.0) / b)))
    value = np.exp(-a * t**2) / (1 + b * t**2) / area
    slope = value * (-2 * a * t - 2 * b * t / (1 + b * t**2))
    return value, slope


def _voigt(t: Array, mix: float) -> tuple[Array, Array]:
    from scipy.special import wofz

    gauss = 1 / (0.5346 * mix + math.sqrt(0.2166 * mix**2 + 1))
    sigma, half = gauss * _SIGMA, mix * gauss / 2
    z = (t + 1j * half) / (sigma * math.sqrt(2))
    w = wofz(z)
    scale = 1 / (sigma * math.sqrt(2 * math.pi))
    slope = (-2 * z * w + 2j / math.sqrt(math.pi)) / (sigma * math.sqrt(2))
    return scale * w.real, scale * slope.real
