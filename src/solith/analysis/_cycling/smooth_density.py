"""An amount spread over an axis, smoothed to a density whose integral is the amount."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Density", "DensityPeak", "find_peaks", "smooth_density"]

Array = NDArray[np.float64]

_BINS = 4  # of a smoothing width
_REACH = 6.0  # widths at which the kernel is cut off
_SURE = 7.0  # standard uncertainties by which a peak must stand out of its surroundings
_LEAST_PART = 0.02  # of the largest density by which a peak must stand out
_KERNELS = {
    4: ((1.5, 0, -0.5), (0, -2.5, 0, 0.5), (-2.5, 0, 4, 0, -0.5)),
    6: (
        (15 / 8, 0, -10 / 8, 0, 1 / 8),
        (0, -35 / 8, 0, 14 / 8, 0, -1 / 8),
        (-35 / 8, 0, 77 / 8, 0, -19 / 8, 0, 1 / 8),
    ),
}
"""Kernel, slope and curvature by order: factors of the powers of u before the normal density."""


@dataclass(frozen=True)
class Density:
    """A density at the middles of even bins, its slope and curvature, and their noise.

    ``noise`` and ``slope_noise`` are standard uncertainties for a noise of 1 in the variable
    that scatters.
    """

    places: Array
    values: Array
    slopes: Array
    curvatures: Array
    noise: Array
    slope_noise: Array
    width: float

    @property
    def total(self) -> float:
        """The integral over all bins."""
        return float(np.sum(self.values) * (self.places[1] - self.places[0]))


@dataclass(frozen=True)
class DensityPeak:
    """A maximum: where, how high, its full width at half its prominence, uncertainties.

    ``width`` is the smoothing with which place and height were found.
    """

    place: float
    place_uncertainty: float
    height: float
    height_uncertainty: float
    full_width: float
    width: float


def smooth_density(
    ends: Array,
    amounts: Array,
    width: float,
    *,
    row_places: Array,
    row_weights: Array,
    order: int = 4,
) -> Density:
    """The density of ``amounts``, each spread evenly from one of ``ends`` to the next.

    ``ends`` (one more than ``amounts``) may turn back. What they give is convolved with the
    Gaussian kernel of ``order`` 4, K(u) = (3 - u^2) / 2 phi(u) with the normal density phi and
    u in ``width``, which leaves cubics as they are, or 6, K(u) = (15 - 10 u^2 + u^4) / 8 phi(u),
    which leaves quintics, and is mirrored at both ends of the range: the integral stays that of
    the amounts. (Wand and Schucany, Can. J. Stat. 18 (1990) 197; recalled.)

    A noise of 1 at rows that stand at ``row_places`` with ``row_weights`` gives the density a
    variance of sum(weight^2 K'^2) and its slope one of sum(weight^2 K''^2): the noise is in
    the places themselves (amounts of charge at noisy voltages), or in the amounts as
    differences of a noisy variable.
    """
    low, high = float(np.min(ends)), float(np.max(ends))
    count = max(int(np.ceil((high - low) / width * _BINS)), _BINS)
    edges = np.linspace(low, high, count + 1)
    step = (high - low) / count
    held = _amounts_in(edges, ends, amounts) / step
    reach = min(int(np.ceil(_REACH * width / step)), count)
    u = np.arange(-reach, reach + 1) * step / width
    bell = np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi) / width
    kernel, slope, curvature = (
        np.polynomial.polynomial.polyval(u, factors) * bell / width**power
        for power, factors in enumerate(_KERNELS[order])
    )
    kernel = kernel / (np.sum(kernel) * step)
    mirrored = np.concatenate([held[:reach][::-1], held, held[-reach:][::-1]]) * step
    squares, _ = np.histogram(row_places, bins=edges, weights=row_weights**2)
    squares = np.pad(squares.astype(float), reach)
    return Density(
        places=(edges[1:] + edges[:-1]) / 2,
        values=_convolved(mirrored, kernel),
        slopes=_convolved(mirrored, slope),
        curvatures=_convolved(mirrored, curvature),
        noise=np.sqrt(np.maximum(_convolved(squares, slope**2), 0.0)),
        slope_noise=np.sqrt(np.maximum(_convolved(squares, curvature**2), 0.0)),
        width=width,
    )


def find_peaks(
    density: Density,
    noise: float,
    smoothed: Callable[[float, int], Density],
    *,
    blur: float = 0.0,
    from_end: float = 1.5,
    of_peak: float = 0.2,
    of_orders: float = 0.3,
) -> list[DensityPeak]:
    """The maxima that stand out of the ``noise``, in order of place.

    A peak stands out by at least 7 standard uncertainties of its height and 2 % of the largest
    density, and lies at least ``from_end`` widths (or sixths of its full width) inside the range.
    Its place and height are those of a smoothing of its own, of order 6 and ``of_peak`` of its
    full width, where that is wider than the density's; ``smoothed`` gives the density of a width
    and order. Uncertainties are those by noise (of the place, that of the slope over the
    curvature) and, for what smoothing does, ``of_orders`` times the difference of order 4, in
    quadrature. ``blur`` is the variance of places that the noise itself adds; it is taken out of
    the height to first order.
    """
    from scipy.signal import find_peaks as local_maxima
    from scipy.signal import peak_widths

    places, values = density.places, density.values
    step = places[1] - places[0]
    found, told = local_maxima(values, prominence=_LEAST_PART * float(np.max(np.abs(values))))
    if not len(found):
        return []
    widths = peak_widths(values, found, rel_height=0.5)[0] * step
    inside = from_end * np.maximum(density.width, widths / 6)
    peaks = []
    to_end = np.minimum(places[found] - places[0], places[-1] - places[found])
    told_of = zip(found, told["prominences"], widths, to_end < inside, strict=True)
    for at, prominence, full_width, outside in told_of:
        if outside or prominence < _SURE * noise * density.noise[at]:
            continue
        width = max(density.width, of_peak * full_width)
        fine, coarse = (
            _summit(smoothed(width, order), float(places[at]), float(full_width))
            for order in (6, 4)
        )
        if fine is None:
            continue
        place, height, bend, slope_noise, value_noise = fine
        other = fine if coarse is None else coarse
        peaks.append(
            DensityPeak(
                place=place,
                place_uncertainty=float(
                    np.hypot(noise * slope_noise / bend, of_orders * (place - other[0]))
                ),
                height=height + blur * bend / 2,
                height_uncertainty=float(
                    np.hypot(noise * value_noise, of_orders * (height - other[1]))
                ),
                full_width=float(full_width),
                width=width,
            )
        )
    return peaks


def _summit(
    density: Density, near: float, full_width: float
) -> tuple[float, float, float, float, float] | None:
    """The highest maximum within half a peak's width of ``near``.

    Its place, height and (positive) curvature, and the noise of slope and value there.
    """
    places, values = density.places, density.values
    step = places[1] - places[0]
    close = np.flatnonzero(np.abs(places - near) <= max(full_width / 2, 2 * step))
    if not len(close):
        return None
    at = int(close[np.argmax(values[close])])
    bend = -float(density.curvatures[at])
    if at in (0, len(values) - 1) or not bend > 0:
        return None
    slope = float(density.slopes[at])
    offset = float(np.clip(slope / bend, -step, step))
    return (
        float(places[at]) + offset,
        float(values[at]) + slope * offset / 2,
        bend,
        float(density.slope_noise[at]),
        float(density.noise[at]),
    )


def _amounts_in(edges: Array, ends: Array, amounts: Array) -> Array:
    """How much lies in each bin."""
    step = edges[1] - edges[0]
    starts, stops = np.minimum(ends[:-1], ends[1:]), np.maximum(ends[:-1], ends[1:])
    narrow = stops - starts < step / 2
    # Shared between the two nearest bins: the rows of one bin then average.
    place = np.clip(((starts + stops)[narrow] / 2 - edges[0]) / step - 0.5, 0, len(edges) - 2)
    below, share = np.floor(place).astype(np.intp), place % 1
    above = np.minimum(below + 1, len(edges) - 2)
    held = np.bincount(below, amounts[narrow] * (1 - share), minlength=len(edges) - 1)
    held += np.bincount(above, amounts[narrow] * share, minlength=len(edges) - 1)
    starts, stops, wide = starts[~narrow], stops[~narrow], amounts[~narrow]
    steepness = wide / (stops - starts)
    passed = _ramps(edges, starts, steepness) - _ramps(edges, stops, steepness)
    result: Array = held + np.diff(passed)
    return result


def _ramps(at: Array, begins: Array, steepness: Array) -> Array:
    """The sum of ramps that rise from where each begins."""
    order = np.argsort(begins, kind="stable")
    begins, steepness = begins[order], steepness[order]
    slopes = np.concatenate([[0.0], np.cumsum(steepness)])
    offsets = np.concatenate([[0.0], np.cumsum(steepness * (begins - at[0]))])
    passed = np.searchsorted(begins, at, side="right")
    result: Array = slopes[passed] * (at - at[0]) - offsets[passed]
    return result


def _convolved(padded: Array, kernel: Array) -> Array:
    from scipy.signal import fftconvolve

    result: Array = fftconvolve(padded, kernel, mode="valid")
    return result
