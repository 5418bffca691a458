"""Profiles across the boundaries of a map, averaged along them; boundaries against interiors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._interdiffusion.line import given_probe
from solith.analysis._maps.correlation import Correlation, correlation_of
from solith.analysis._maps.distance import boundary_distance, polyline_distance, polyline_of
from solith.analysis._maps.given import (
    Array,
    Mask,
    channel_of,
    labels_for,
    mask_for,
    pixel_size_of,
    unit_of,
)
from solith.analysis._options import positive
from solith.analysis.interdiffusion import fit_interdiffusion
from solith.core.errors import InputError
from solith.core.intervals import widening_95
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["analyse_profile", "compare_boundary", "fit_map_interdiffusion"]

_REACH = 20
_MOST_BINS = 80
_PLATEAU = 2 / 3
_FEWEST = 4
_FEW_INDEPENDENT = 5.0


def analyse_profile(
    record: Record,
    variable: str | None = None,
    *,
    boundary: Any = None,
    labels: Any = None,
    reach: Any = None,
    step: Any = None,
    mask: Any = None,
) -> Result:
    r"""A channel against the distance from a boundary, averaged along the boundary.

    The boundary is a line of points, ``boundary`` [(x, y), ...] in metres or texts with units, x to
    the right and y down from the map's upper left corner: distances are positive to the right of
    its course. Or it runs between the ``labels`` (y, x) of grains or phases: then the distance is
    that to the nearest boundary, whatever its side. ``reach`` [m] is the largest distance (20
    pixels unless told), ``step`` [m] the width of a bin (a pixel); ``mask`` (y, x) says which
    pixels count.

    Values, with the channel's unit: ``boundary_mean`` within a step of the boundary and
    ``boundary_contrast``, that less the plateaus, which are the outer third of the reach;
    ``mean_left``, ``mean_right`` and ``difference`` (right less left) for a line, ``mean_far`` for
    labels. Uncertainties count how far pixels resemble their neighbours (:math:`\operatorname{var}
    = \sum_h A_w(h)\,C(h)`, autocovariance C of the residuals from the profile and the weights' own
    autocorrelation A_w) and are widened by Student's t: 1.96 of them hold 95 %.
    Details: ``position_metre``, ``mean``, ``uncertainty``, ``pixels`` of each bin.

    Raises :class:`InputError` for a map without pixel size, for both or none of ``boundary`` and
    ``labels``, and where no pixels lie beside the boundary.
    """
    name, values = channel_of(record, variable)
    unit = unit_of(record, name)
    size = pixel_size_of(record)
    distance, used, signed = _distances(boundary, labels, values.shape, size)
    used &= np.isfinite(values)
    if mask is not None:
        used &= mask_for(mask, values.shape, "mask")
    width = max(size) if step is None else positive(step, "m", "step")
    far = _REACH * max(size) if reach is None else positive(reach, "m", "reach")
    if far < 3 * width:
        raise InputError(f"{far:g} m must be three steps of {width:g} m at least", where="reach")
    if far / width > _MOST_BINS:
        raise InputError(
            f"{far:g} m are more than {_MOST_BINS} steps of {width:g} m", where="reach"
        )
    used &= np.abs(distance) <= far
    near = used & (np.abs(distance) <= width)
    zones = {"boundary_mean": near}
    outer = used & (np.abs(distance) >= _PLATEAU * far)
    if signed:
        zones |= {"mean_left": outer & (distance < 0), "mean_right": outer & (distance > 0)}
    else:
        zones |= {"mean_far": outer}
    for zone, pixels in zones.items():
        if int(pixels.sum()) < _FEWEST:
            raise InputError(
                f"{int(pixels.sum())} pixels lie where {zone.replace('_', ' ')} is taken; change "
                "the reach or the step",
                where="reach",
            )
    bins = _bins(distance, used, width, far, signed)
    profile = _Profile(values, distance, used, bins)
    found = [profile.value(zone, {zone: 1.0}, zones, unit) for zone in zones]
    others = [zone for zone in zones if zone != "boundary_mean"]
    contrast = {"boundary_mean": 1.0, **{zone: -1.0 / len(others) for zone in others}}
    found.insert(0, profile.value("boundary_contrast", contrast, zones, unit))
    if signed:
        sides = {"mean_right": 1.0, "mean_left": -1.0}
        found.insert(1, profile.value("difference", sides, zones, unit))
    details = {**profile.table(), "profile_of": name, "unit": unit, "signed": signed}
    return Result(f"profile of {name} across a boundary", tuple(found), details)


def compare_boundary(
    record: Record,
    variable: str | None = None,
    *,
    labels: Any,
    width: Any,
    mask: Any = None,
) -> Result:
    """A channel at the boundaries between labels against that in the interiors.

    ``labels`` (y, x) are numbers of grains or phases, ``width`` [m] that of the boundary's zone,
    half of it on each side; pixels more than a whole ``width`` from every boundary are interior.

    Values: ``boundary_mean``, ``interior_mean``, ``difference`` (boundary less interior) with
    uncertainties that count how far pixels resemble their neighbours, as in
    :func:`analyse_profile`; ``boundary_spread`` and ``interior_spread`` (standard deviations),
    ``effective_number`` of independent pixels in the smaller part, ``significance`` (the
    difference over its uncertainty).

    Raises :class:`InputError` for a map without pixel size and where either part has no pixels.
    """
    name, values = channel_of(record, variable)
    unit = unit_of(record, name)
    size = pixel_size_of(record)
    zone = positive(width, "m", "width")
    distance = boundary_distance(labels_for(labels, values.shape), size)
    used = np.isfinite(values)
    if mask is not None:
        used &= mask_for(mask, values.shape, "mask")
    zones = {
        "boundary_mean": used & (distance <= zone / 2),
        "interior_mean": used & (distance > zone),
    }
    for part, pixels in zones.items():
        if int(pixels.sum()) < _FEWEST:
            raise InputError(
                f"{int(pixels.sum())} pixels are left for the {part.replace('_', ' ')}",
                where="width",
            )
    bins = np.where(zones["boundary_mean"], 0, 1)
    profile = _Profile(values, distance, zones["boundary_mean"] | zones["interior_mean"], bins)
    difference = profile.value(
        "difference", {"boundary_mean": 1.0, "interior_mean": -1.0}, zones, unit
    )
    numbers = [profile.correlation.effective_number(pixels) for pixels in zones.values()]
    spread = difference.uncertainty
    found = (
        difference,
        *(profile.value(part, {part: 1.0}, zones, unit) for part in zones),
        Value("boundary_spread", float(values[zones["boundary_mean"]].std()), unit),
        Value("interior_spread", float(values[zones["interior_mean"]].std()), unit),
        Value("effective_number", min(numbers), "1"),
        Value(
            "significance",
            abs(difference.value or 0.0) / spread if spread else None,
            "1",
            flags=() if spread else difference.flags,
        ),
    )
    details = {
        "variable": name,
        "unit": unit,
        "boundary_pixels": int(zones["boundary_mean"].sum()),
        "interior_pixels": int(zones["interior_mean"].sum()),
    }
    return Result(f"{name} at boundaries and in interiors", found, details)


def fit_map_interdiffusion(
    record: Record,
    variable: str | None = None,
    *,
    boundary: Any,
    time: float | str | None = None,
    resolution: float | str = 0.0,
    reach: Any = None,
    mask: Any = None,
) -> Result:
    """The width of interdiffusion across a line on an element map, by an error function.

    The profile of :func:`analyse_profile` across ``boundary``, bins of one pixel, goes to
    :func:`solith.analysis.fit_interdiffusion` with ``time`` [s] and ``resolution`` [m]; what a
    bin's width adds is taken off with the probe. A boundary that is not straight, or lies beside
    where it is said to lie, makes the profile wider.

    Raises what both raise.
    """
    profile = analyse_profile(record, variable, boundary=boundary, reach=reach, mask=mask)
    step = max(pixel_size_of(record))
    probe = given_probe(resolution)
    # A uniform bin has the variance step^2 / 12, a Gaussian (full width / 2.3548)^2.
    whole = float(np.hypot(probe, 2.3548200450309493 * step / np.sqrt(12.0)))
    position, mean = profile.details["position_metre"], profile.details["mean"]
    found = fit_interdiffusion(position, mean, time, resolution=whole)
    return Result(found.name, found.values, {**found.details, "profile": dict(profile.details)})


class _Profile:
    """Means of bins, residuals from them and how these are correlated."""

    def __init__(self, values: Array, distance: Array, used: Mask, bins: Any) -> None:
        rows, columns = (np.flatnonzero(used.any(axis=axis)) for axis in (1, 0))
        self.window = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        self.values, self.distance = values[self.window], distance[self.window]
        self.used, self.bins = used[self.window], bins[self.window]
        self.number = int(bins[used].max()) + 1
        inside = self.bins[self.used]
        self.count = np.bincount(inside, minlength=self.number).astype(float)
        held = np.maximum(self.count, 1.0)
        self.mean = np.bincount(inside, self.values[self.used], self.number) / held
        self.centre = np.bincount(inside, self.distance[self.used], self.number) / held
        apart = np.where(self.used, self.values - self.mean[self.bins], 0.0)
        squares = np.bincount(inside, apart[self.used] ** 2, self.number)
        spread = np.sqrt(squares / np.maximum(self.count - 1.0, 1.0))
        self.spread = np.where(self.used, spread[self.bins], 0.0)
        standard = np.divide(apart, self.spread, out=np.zeros_like(apart), where=self.spread > 0)
        self.correlation: Correlation = correlation_of(standard, self.used)

    def value(self, name: str, sums: dict[str, float], zones: dict[str, Mask], unit: str) -> Value:
        """A sum of means over zones, with its widened standard uncertainty."""
        weights = np.zeros_like(self.values)
        independent = np.inf
        for zone, factor in sums.items():
            pixels = zones[zone][self.window]
            weights += factor * pixels / pixels.sum()
            independent = min(independent, self.correlation.effective_number(pixels))
        variance = max(self.correlation.variance(weights * self.spread), 0.0)
        wider = float(widening_95(max(independent - 1.0, 1.0)))
        flags: tuple[str, ...] = ()
        if independent < _FEW_INDEPENDENT:
            flags = (
                f"worth {independent:.1f} independent pixels: measure along a longer boundary",
            )
        found = float(np.sum(weights * np.where(self.used, self.values, 0.0)))
        if variance == 0:
            return Value(name, found, unit, flags=("all pixels are alike: nothing tells how sure",))
        return Value(name, found, unit, wider * float(np.sqrt(variance)), flags=flags)

    def table(self) -> dict[str, Any]:
        """The bins that hold pixels: position, mean, uncertainty and number of pixels."""
        held = np.flatnonzero(self.count > 0)
        errors = []
        for number in held:
            pixels = self.used & (self.bins == number)
            variance = self.correlation.variance(pixels * self.spread / self.count[number])
            independent = max(self.correlation.effective_number(pixels), 2.0)
            # The spread about a bin's own mean lacks the variance of that mean.
            variance *= independent / (independent - 1.0)
            wider = float(widening_95(independent - 1.0))
            errors.append(wider * float(np.sqrt(max(variance, 0.0))))
        return {
            "position_metre": self.centre[held].tolist(),
            "mean": self.mean[held].tolist(),
            "uncertainty": errors,
            "pixels": self.count[held].astype(int).tolist(),
        }


def _distances(
    boundary: Any, labels: Any, shape: tuple[int, ...], size: tuple[float, float]
) -> tuple[Array, Mask, bool]:
    if (boundary is None) == (labels is None):
        raise InputError("give either a line of points or labels", where="boundary")
    if boundary is not None:
        distance, beside = polyline_distance(polyline_of(boundary), shape, size)
        if not beside.any():
            raise InputError("no pixel of the map lies beside the line", where="boundary")
        return distance, beside, True
    away = boundary_distance(labels_for(labels, shape), size)
    return away, np.ones(shape, dtype=bool), False


def _bins(distance: Array, used: Mask, width: float, far: float, signed: bool) -> Any:
    """The number of each pixel's bin; pixels that are not used have any."""
    start = -width * np.ceil(far / width) if signed else 0.0
    # Rounding must not part pixels that lie equally far.
    number = np.floor((distance - start) / width + 1e-9).astype(np.intp)
    return np.where(used, np.maximum(number, 0), 0)
