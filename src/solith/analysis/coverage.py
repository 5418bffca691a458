"""How much of the particles' surface a coating covers, from an element map of a section."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._maps.correlation import correlation_of
from solith.analysis._maps.distance import signed_distance
from solith.analysis._maps.given import (
    Array,
    Mask,
    channel_of,
    mask_for,
    pixel_size_of,
    unit_of,
)
from solith.analysis._maps.levels import split_levels
from solith.analysis._options import positive
from solith.core.errors import InputError
from solith.core.intervals import widening_95
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["analyse_coverage"]

_REACH = 4.0
_FEWEST = 40
_NEAR = 1.5  # pixels from the outline: narrower, and the pixels' lattice weighs directions unevenly
_STEP = 0.5
_SEEN = 3.0  # deviations of a bare place's signal above which there is coating
_SAFE = 3.0  # deviations between threshold and bare, above which places are told apart
_ROBUST = 1.4826
_NEARBY = (
    6.0  # pixels: deviation of the Gaussian over which the signal of coated places is averaged
)
_FADING = 3  # pixels from a bare place within which the signal fades
_ROUNDS = 4


def analyse_coverage(
    record: Record,
    coating: str,
    *,
    particles: Any,
    reach: Any = None,
    smoothing: Any = None,
) -> Result:
    r"""The share of the particles' outline that is coated, and how even the coating is.

    ``coating`` is the channel of an element that the coating has and the particles lack;
    ``particles`` a mask (y, x) of the particles, or the channel of an element of theirs, smoothed
    like the coating's and parted into two levels. At each place of the outline the coating's signal
    is added up across it, ``reach`` [m] to both sides (4 pixels unless told: more than the coating
    is thick), less the levels farther inside and outside; places with more than half the signal of
    the coated ones nearby are coated. The map is smoothed by a Gaussian of ``smoothing`` [m] first
    (a pixel unless told).

    In sections of random direction the share of the outline's length equals the share of the
    surface in three dimensions, as both length and surface are met in proportion
    (:math:`S_V = \frac{4}{\pi} L_A` for each; Underwood 1970, recalled).

    Values: ``coverage`` with its uncertainty for the whole material, of which these outlines are a
    sample (places that resemble their neighbours counted); ``mean_intensity`` of the coated places
    [channel's unit times metre], in proportion to thickness times concentration;
    ``intensity_variation``, its standard deviation over its mean, counting noise taken off (0 is
    even); ``signal_to_noise``, the threshold over the noise of a bare place. Details: ``x_metre``,
    ``y_metre``, ``intensity`` and ``coated`` of the places along the outlines,
    ``coverage_of_particles``.

    Raises :class:`InputError` for a map without pixel size or with oblong pixels, for masks without
    outline, and for particles too small for the reach.
    """
    name, signal = channel_of(record, coating)
    size = _square_pixel(record)
    if not np.isfinite(signal).all():
        raise InputError("some pixels have no number", where=name)
    far = _REACH if reach is None else positive(reach, "m", "reach") / size
    blur = 1.0 if smoothing is None else positive(smoothing, "m", "smoothing") / size
    if 3 * blur > max(signal.shape):
        raise InputError(f"{smoothing!r} is a third of the map or more", where="smoothing")
    inside = _particles(record, particles, signal.shape, blur)
    edge = _outline(inside, signal, far, blur)
    coated, level = _coated(edge)
    share = float(coated.mean())
    spread, independent = _spread(edge, coated, signal.shape)
    mean, variation = _uniformity(edge, coated)
    clear = 0.5 * level / edge.noise if edge.noise > 0 else np.inf
    flags = _flags(share, clear, len(coated), independent)
    unit = f"{unit_of(record, name)} m".strip()
    values = (
        Value("coverage", share, "1", spread, method="outline of a section", flags=flags),
        Value(
            "mean_intensity",
            None if mean[0] is None else mean[0] * size,
            unit,
            None if mean[1] is None else mean[1] * size,
        ),
        Value("intensity_variation", variation[0], "1", variation[1]),
        Value("signal_to_noise", float(clear) if np.isfinite(clear) else None, "1"),
    )
    numbers = np.unique(edge.particle)
    details = {
        "x_metre": ((edge.x + 0.5) * size).tolist(),
        "y_metre": ((edge.y + 0.5) * size).tolist(),
        "intensity": (edge.intensity * size).tolist(),
        "coated": coated.tolist(),
        "coverage_of_particles": [float(coated[edge.particle == n].mean()) for n in numbers],
        "variable": name,
        "unit": unit,
    }
    return Result(f"coverage by {name}", values, details)


@dataclass(frozen=True)
class _Edge:
    """Places along outlines: where, of which particle, their signal; what noise a bare one has."""

    x: Array
    y: Array
    pixels: Mask
    particle: Any
    intensity: Array
    noise: float
    floor: float
    """The signal that was taken off, whose counts make the noise."""


def _square_pixel(record: Record) -> float:
    wide, high = pixel_size_of(record)
    if abs(wide / high - 1.0) > 0.01:
        raise InputError(f"pixels of {wide:g} x {high:g} m are not square", where="pixel_size")
    return wide


def _particles(record: Record, given: Any, shape: tuple[int, ...], blur: float) -> Mask:
    if isinstance(given, str):
        from scipy.ndimage import gaussian_filter

        name, values = channel_of(record, given)
        if not np.isfinite(values).all():
            raise InputError("some pixels have no number", where=name)
        # A single pixel of few counts inside a particle would have an outline of its own.
        values = gaussian_filter(values, blur) if blur > 0 else values
        inside = split_levels(values, 2, where=name) == 1
    else:
        inside = mask_for(given, shape, "particles")
    if inside.all() or not inside.any():
        raise InputError("the mask has no outline", where="particles")
    return np.asarray(inside, dtype=bool)


def _outline(inside: Mask, signal: Array, far: float, blur: float) -> _Edge:
    from scipy.ndimage import gaussian_filter, label, map_coordinates

    margin = int(np.ceil(far)) + 1
    if min(inside.shape) <= 2 * margin:
        raise InputError(
            f"a map of {' x '.join(map(str, inside.shape[::-1]))} pixels is no wider than twice "
            f"the reach of {far:.3g} pixels",
            where="reach",
        )
    depth = gaussian_filter(signed_distance(inside, (1.0, 1.0)), 1.0)
    slope_y, slope_x = np.gradient(depth)
    steep = np.hypot(slope_y, slope_x)
    away = 3.0 * far
    pixels = (np.abs(depth) <= _NEAR) & (steep > 0.5)
    whole = np.zeros_like(pixels)
    whole[margin:-margin, margin:-margin] = True
    pixels &= whole
    if int(pixels.sum()) < _FEWEST:
        raise InputError(
            f"{int(pixels.sum())} pixels lie on outlines away from the map's edge; "
            f"{_FEWEST} are needed",
            where="particles",
        )
    row, column = np.nonzero(pixels)
    normal_y, normal_x = slope_y[pixels] / steep[pixels], slope_x[pixels] / steep[pixels]
    y, x = row - depth[pixels] * normal_y, column - depth[pixels] * normal_x
    smooth = gaussian_filter(signal, blur) if blur > 0 else signal
    deep, out = (smooth[zone] for zone in (
        (depth < -far) & (depth > -away), (depth > far) & (depth < away)
    ))  # fmt: skip
    if len(deep) < _FEWEST or len(out) < _FEWEST:
        raise InputError(
            f"too few pixels lie more than {far:.3g} pixels inside and outside of the outlines: "
            "the particles are too small, or too close, for the reach",
            where="reach",
        )
    levels = float(np.median(deep)), float(np.median(out))
    across = np.arange(-far, far + 1e-9, _STEP)
    intensity = np.zeros(len(y))
    bare = np.zeros(len(y))
    kept = np.ones(len(y), dtype=bool)
    for offset in across:
        half = 0.5 if offset in (across[0], across[-1]) else 1.0
        level = levels[0] if offset < 0 else levels[1]
        level = 0.5 * sum(levels) if abs(offset) < 1e-9 else level
        place = (y + offset * normal_y, x + offset * normal_x)
        intensity += half * _STEP * (map_coordinates(smooth, place, order=1) - level)
        # The same strip farther inside, where there is no coating: its noise alone.
        inner = (y + (offset - 2 * far) * normal_y, x + (offset - 2 * far) * normal_x)
        bare += half * _STEP * (map_coordinates(smooth, inner, order=1, mode="nearest") - levels[0])
        kept &= map_coordinates(depth, inner, order=1, mode="nearest") < 0
    trusted = bare[kept] if int(kept.sum()) >= _FEWEST else bare
    noise = _ROBUST * float(np.median(np.abs(trusted - np.median(trusted))))
    if levels[0] > 0:
        noise *= float(np.sqrt(0.5 * sum(levels) / levels[0]))
    numbers, _ = label(inside | (depth <= _NEAR))
    return _Edge(x, y, pixels, numbers[pixels], intensity, noise, sum(levels) * far)


def _coated(edge: _Edge) -> tuple[Mask, float]:
    """Which places are coated, and the median signal of those.

    The threshold is half the signal of the coated places nearby, so that a weak patch ends where
    it does as well as a strong one.
    """
    from scipy.ndimage import binary_dilation, gaussian_filter

    intensity, noise = edge.intensity, edge.noise
    found = intensity > _SEEN * max(noise, 1e-12 * float(np.abs(intensity).max()))
    # A few bare places are above three deviations by chance.
    if found.mean() < 0.01:
        return np.zeros(len(intensity), dtype=bool), 2.0 * _SEEN * noise
    level = float(np.median(intensity[found]))
    found = intensity > 0.5 * level
    for _ in range(_ROUNDS):
        level = float(np.median(intensity[found]))
        sums, counts, bare = (np.zeros(edge.pixels.shape) for _ in range(3))
        # The signal fades towards a patch's end, which is no place to take its level from.
        bare[edge.pixels] = ~found
        inner = found & ~binary_dilation(bare > 0, iterations=_FADING)[edge.pixels]
        sums[edge.pixels], counts[edge.pixels] = intensity * inner, inner
        sums, counts = (gaussian_filter(field, _NEARBY)[edge.pixels] for field in (sums, counts))
        near = np.divide(sums, counts, out=np.full(len(intensity), level), where=counts > 1e-6)
        found = intensity > np.maximum(0.5 * near, min(_SEEN * noise, 0.5 * level))
    return found, level


def _spread(edge: _Edge, coated: Mask, shape: tuple[int, ...]) -> tuple[float | None, float]:
    """One widened standard uncertainty of the share, and the number of independent places."""
    share = float(coated.mean())
    if share in (0.0, 1.0):
        return None, 0.0
    field = np.zeros(shape)
    field[edge.pixels] = (coated - share) / np.sqrt(share * (1.0 - share))
    alike = correlation_of(field, edge.pixels)
    independent = alike.effective_number(edge.pixels)
    error = np.sqrt(share * (1.0 - share) / independent)
    return float(error * widening_95(max(independent - 1.0, 1.0))), independent


def _uniformity(
    edge: _Edge, coated: Mask
) -> tuple[tuple[float | None, float | None], tuple[float | None, float | None]]:
    """Mean and relative deviation of the coated places' signal, each with its uncertainty.

    Both are for the whole material; counting noise is taken off the deviation.
    """
    kept = edge.intensity[coated]
    if len(kept) < 2:
        return (float(kept[0]) if len(kept) else None, None), (None, None)
    mean, whole = float(kept.mean()), float(kept.var())
    if whole == 0:
        return (mean, None), (0.0, None)
    places = np.zeros(edge.pixels.shape, dtype=bool)
    places[edge.pixels] = coated
    field = np.zeros(places.shape)
    field[places] = (kept - mean) / np.sqrt(whole)
    independent = max(correlation_of(field, places).effective_number(places), 2.0)
    wider = float(widening_95(independent - 1.0))
    variance = max(whole - edge.noise**2 * (mean + edge.floor) / max(edge.floor, 1e-300), 0.0)
    off = whole * wider * float(np.sqrt(2.0 / (independent - 1.0)))
    variation = float(np.sqrt(variance))
    spread = min(off / (2.0 * variation), off**0.5) if variation > 0 else off**0.5
    error = wider * float(np.sqrt(whole / independent))
    return (mean, error), (variation / mean, spread / mean)


def _flags(share: float, clear: float, number: int, independent: float) -> tuple[str, ...]:
    flags = []
    if share == 0.0:
        flags.append(f"no coating is seen above the noise at {number} places")
    if share == 1.0:
        flags.append(f"no bare place was found among {number}; the uncertainty is not known")
    if share > 0.0 and clear < _SAFE:
        flags.append(
            f"half the coating's signal is {clear:.1f} times the noise of a bare place: places are "
            "confused; count longer or smooth more"
        )
    if 0.0 < share < 1.0 and independent < 10.0:
        flags.append(f"worth {independent:.0f} independent places: measure more particles")
    return tuple(flags)
