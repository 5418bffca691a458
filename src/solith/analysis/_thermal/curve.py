"""A curve against temperature: out of a record, its noise, its smooth course."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.given import require_record
from solith.core.quantities import in_unit

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["Curve", "curve_of", "smooth_baseline"]

Array = NDArray[np.float64]

_LEAST = 50
_PIECES = 4
_ROUNDS = 40
_TURNED = 0.05
"""Part of the range by which a temperature that turns back has begun another run."""


@dataclass(frozen=True)
class Curve:
    """Temperatures [degC], rising, and what was measured (n,) in ``unit``; noise of one point.

    ``cooling`` says that the highest temperature was measured first.
    """

    temperature: Array
    value: Array
    unit: str
    noise: float
    cooling: bool = False

    def within(self, low: float, high: float) -> Curve:
        """The part from ``low`` to ``high`` [degC]; :class:`InputError` where hardly any is."""
        kept = (self.temperature >= low) & (self.temperature <= high)
        if kept.sum() < 8:
            raise InputError(f"has {kept.sum()} points from {low:g} to {high:g} degC")
        return replace(self, temperature=self.temperature[kept], value=self.value[kept])


def curve_of(record: Record, technique: str) -> Curve:
    """The curve in a spectrum of ``technique`` against temperature, degC or K.

    Points without a number are left out, those of one temperature averaged. The noise is that of
    second differences. Raises :class:`InputError` for other records, and for one that heats and
    cools: both runs would be averaged.
    """
    require_record(record)
    found = record.data.attrs.get("technique", "")
    if record.kind != "spectrum" or found != technique:
        raise InputError(
            f"expected a spectrum of technique {technique!r}, not a record of kind "
            f"{record.kind!r} and technique {found!r}"
        )
    given = str(record.data["abscissa"].attrs.get("units", ""))
    if given not in ("degC", "K"):
        raise InputError(
            f"the curve must lie over temperature in degC or K, not {given or 'no unit'!r}",
            where="abscissa",
        )
    temperature, value = record.array("abscissa"), record.array("intensity")
    usable = np.isfinite(temperature) & np.isfinite(value)
    temperature, value = temperature[usable], value[usable]
    shift = in_unit(0.0, given, "degC")
    temperature = temperature + shift
    cooling = _is_cooling(temperature)
    temperature, first, times = np.unique(temperature, return_inverse=True, return_counts=True)
    value = np.bincount(first, value) / times if len(times) else value
    if len(temperature) < _LEAST:
        raise InputError(f"has {len(temperature)} usable points; {_LEAST} are needed")
    second = np.diff(value, 2)
    noise = 1.4826 * float(np.median(np.abs(second - np.median(second)))) / math.sqrt(6)
    noise = max(noise, 1e-9 * float(np.ptp(value)))
    unit = str(record.data["intensity"].attrs.get("units", ""))
    return Curve(temperature, value, unit, noise, cooling)


def _is_cooling(temperature: Array) -> bool:
    """Whether a run goes down, by its points as they were measured."""
    if len(temperature) < _LEAST:
        return False
    rise = float(np.max(temperature - np.minimum.accumulate(temperature)))
    fall = float(np.max(np.maximum.accumulate(temperature) - temperature))
    if min(rise, fall) > _TURNED * float(np.ptp(temperature)):
        raise InputError(
            f"the temperature rises by {rise:.4g} and falls by {fall:.4g} K: give one run of "
            "heating or of cooling at a time (solith.read parts them)",
            where="abscissa",
        )
    return fall > rise


def smooth_baseline(curve: Curve) -> tuple[Array, float]:
    """A slow spline through most points, whatever stands above or below it, and their scatter.

    Least squares with Tukey's biweight, the scale from the median of the residuals.
    """
    from scipy.interpolate import BSpline

    t, y = curve.temperature, curve.value
    inner = np.linspace(t[0], t[-1], _PIECES + 1)
    knots = np.concatenate([[t[0]] * 3, inner, [t[-1]] * 3])
    basis = BSpline.design_matrix(t, knots, 3).toarray()
    weight = np.ones_like(y)
    scale = float(np.ptp(y)) or 1.0
    fitted = np.zeros_like(y)
    for _ in range(_ROUNDS):
        left = basis * weight[:, None]
        ridge = 1e-9 * np.eye(basis.shape[1])
        coefficients = np.linalg.solve(left.T @ left + ridge, left.T @ (weight * y))
        fitted = basis @ coefficients
        rest = y - fitted
        scale = max(1.4826 * float(np.median(np.abs(rest))), curve.noise)
        x = np.minimum(np.abs(rest) / (4.685 * scale), 1.0)
        weight = (1 - x * x) ** 2
    return fitted, scale
