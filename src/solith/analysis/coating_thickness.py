"""The thickness of a coating along a particle's edge, from an image."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from solith.analysis._coating.edge import find_edge, find_levels
from solith.analysis._coating.profiles import Stretch, fit_stretches, profiles_of
from solith.analysis._crystallinity.image import image_of
from solith.analysis._options import chosen, positive
from solith.core.errors import InputError
from solith.core.intervals import widening_95
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["analyse_coating"]

_PARTICLE = ("dark", "bright")
_FEWEST = 3


def analyse_coating(
    image: Record | ArrayLike,
    pixel_size: float | str | None = None,
    *,
    channel: str | None = None,
    particle: str = "dark",
    expected: float | str = 7e-9,
    stretch: float | str = 3e-9,
    smoothing: float | str = 0.8e-9,
) -> Result:
    """How thick a coating is along the edge of a particle: mean, distribution, uncovered share.

    ``image`` is an array (y, x) with the side of a pixel [m], or a map, whose ``channel`` is named
    where it has several. It shows vacuum, coating and particle in grey levels that rise or fall in
    this order: the ``particle`` is "dark" (bright field) or "bright" (dark field). The edge to
    vacuum is traced in the image smoothed by ``smoothing`` [m]. Profiles along its normals are
    averaged over each ``stretch`` [m] of the edge, and two blurred steps (error functions of one
    blur) are fitted to the mean profile of the image as it is; their distance is the thickness.
    ``expected`` [m] is where the inner step is looked for first, and sets how deep profiles go
    (three times as much).

    Values: ``thickness`` [m], the mean over stretches, whose uncertainty holds the scatter along
    the edge, with stretches that resemble their neighbours counted as fewer, and that of the
    pixel size is not in it; ``thickness_median``, ``thickness_deviation`` along the edge, what
    the fits' own errors explain taken off; ``thickness_low`` and ``thickness_high``: 5 and 95 % of
    the stretches; ``uncovered``: share of stretches where no coating is told apart from the
    edge, or it is too thin to be;
    ``edge_length`` [m] that was looked at. Details list every stretch.

    The image is a projection: on a curved edge the coating is seen through its whole depth, so that
    for a particle much larger than the coating the thickness is that of the widest section.

    Raises :class:`InputError` for what is no image and where there are not three grey levels.
    """
    picture = image_of(image, pixel_size, channel)
    pixel = picture.pixel_size
    chosen("particle", particle, _PARTICLE)
    blur = positive(smoothing, "m", "smoothing") / pixel
    depth_expected = positive(expected, "m", "expected") / pixel
    length = max(4, round(positive(stretch, "m", "stretch") / pixel))
    if 3 * blur > max(picture.values.shape):
        raise InputError(f"{smoothing!r} is a third of the image or more", where="smoothing")
    if 3 * depth_expected > max(picture.values.shape):
        raise InputError(f"{expected!r} is a third of the image or more", where="expected")
    from scipy.ndimage import gaussian_filter

    smooth = gaussian_filter(picture.values, blur)
    levels = find_levels(smooth, particle)
    edge = find_edge(smooth, levels, max(2 * blur, 3.0), depth_expected)
    reach = min(depth_expected, 40.0 + 3 * blur)
    depth, profiles = profiles_of(picture.values, edge, reach, 3 * depth_expected)
    stretches = fit_stretches(depth, profiles, edge, length, depth_expected)
    if not stretches:
        raise InputError(
            "no two steps are seen across the edge: there is no coating on it, it is far from the "
            "expected thickness, or the edge is too short"
        )
    found = [one for one in stretches if one.thickness is not None]
    values = _values(found, len(stretches), pixel)
    values.append(Value("edge_length", len(stretches) * length * pixel, "m"))
    details = {
        "stretches": [_row(one, pixel) for one in stretches],
        "stretch_metre": length * pixel,
        "pixel_size_metre": pixel,
        "edge": edge.points.round(2).tolist(),
        "depth_metre": (depth * pixel).tolist(),
        "mean_profile": np.nanmean(profiles, axis=0).tolist(),
    }
    return Result("coating along an edge", tuple(values), details)


def _values(found: list[Stretch], count: int, pixel: float) -> list[Value]:
    uncovered = 1 - len(found) / count
    spread = math.sqrt((uncovered * (1 - uncovered) + 0.25 / count) / count)
    names = [f"thickness{end}" for end in ("", "_median", "_deviation", "_low", "_high")]
    bare = Value("uncovered", uncovered, "", spread)
    if len(found) < _FEWEST:
        told = (f"a coating is seen on {len(found)} of {count} stretches; {_FEWEST} are needed",)
        return [*(Value(name, None, "m", flags=told) for name in names), bare]
    thickness = np.array([one.thickness for one in found]) * pixel
    errors = np.array([one.uncertainty for one in found]) * pixel
    apart = _independent(thickness)
    scatter = float(np.std(thickness, ddof=1))
    own = float(np.sqrt(np.mean(errors**2)))
    error = scatter / math.sqrt(apart) * widening_95(max(apart - 1, 1.0))
    deviation = math.sqrt(max(scatter**2 - own**2, 0.0))
    low, median, high = (float(np.quantile(thickness, part)) for part in (0.05, 0.5, 0.95))
    flags = () if uncovered < 0.5 else ("more than half of the edge shows no coating",)
    return [
        Value("thickness", float(thickness.mean()), "m", error, method="two steps", flags=flags),
        Value("thickness_median", median, "m", 1.2533 * error),
        Value("thickness_deviation", deviation, "m", scatter / math.sqrt(2 * max(apart - 1, 1))),
        Value("thickness_low", low, "m"),
        Value("thickness_high", high, "m"),
        bare,
    ]


def _independent(thickness: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """As how many stretches these count, which may resemble their neighbours."""
    off = thickness - thickness.mean()
    squares = float(off @ off)
    if squares <= 0:
        return float(len(off))
    total = 1.0
    for lag in range(1, max(2, len(off) // 4)):
        alike = float(off[lag:] @ off[:-lag]) / squares
        if alike <= 0:
            break
        total += 2 * alike
    return max(len(off) / total, 2.0)


def _row(one: Stretch, pixel: float) -> dict[str, Any]:
    known = one.thickness is not None and one.uncertainty is not None
    return {
        "middle_pixel": list(one.middle),
        "normal": list(one.normal),
        "outer_metre": one.outer * pixel,
        "thickness_metre": one.thickness * pixel if one.thickness is not None else None,
        "uncertainty_metre": one.uncertainty * pixel if known and one.uncertainty else None,
    }
