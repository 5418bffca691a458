"""How far each pixel of a map lies from a boundary, and on which side."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._maps.given import Array, Mask
from solith.core.errors import InputError
from solith.core.quantities import to_si

__all__ = ["boundary_distance", "polyline_distance", "polyline_of", "signed_distance"]


def polyline_of(given: Any) -> Array:
    """Points (n, 2) [m], x to the right and y down from the map's upper left corner."""
    try:
        points = np.array([[to_si(number, "m") for number in point] for point in given])
    except TypeError:
        raise InputError(
            "a boundary is a list of points (x, y) [m], x to the right and y down from the upper "
            "left corner",
            where="boundary",
        ) from None
    except InputError as error:
        raise error.inside("boundary") from None
    if points.ndim != 2 or points.shape[1:] != (2,) or len(points) < 2:
        raise InputError("needs two points (x, y) at least", where="boundary")
    if (np.hypot(*np.diff(points, axis=0).T) == 0).any():
        raise InputError("two points in a row are the same", where="boundary")
    return points


def polyline_distance(
    points: Array, shape: tuple[int, ...], size: tuple[float, float]
) -> tuple[Array, Mask]:
    """Signed distance [m] of each pixel from a polyline, and which pixels lie beside it.

    Positive to the right of its course (on the map as it is seen), negative to the left. Pixels
    whose nearest point is an end of the line lie beyond it and not beside.
    """
    x = (np.arange(shape[1]) + 0.5) * size[0]
    y = (np.arange(shape[0]) + 0.5)[:, None] * size[1]
    nearest = np.full(shape, np.inf)
    side = np.ones(shape)
    beside = np.zeros(shape, dtype=bool)
    last = len(points) - 2
    for number, (start, end) in enumerate(pairwise(points)):
        along = end - start
        share = ((x - start[0]) * along[0] + (y - start[1]) * along[1]) / (along @ along)
        inside = np.clip(share, 0.0, 1.0)
        away_x, away_y = x - start[0] - inside * along[0], y - start[1] - inside * along[1]
        distance = np.hypot(away_x, away_y)
        closer = distance < nearest
        nearest = np.where(closer, distance, nearest)
        # y points down: what is to the right of the course has a positive product.
        product = along[0] * (y - start[1]) - along[1] * (x - start[0])
        side = np.where(closer, np.where(product >= 0, 1.0, -1.0), side)
        within = (share >= 0 if number == 0 else True) & (share <= 1 if number == last else True)
        beside = np.where(closer, within, beside)
    return side * nearest, beside


def boundary_distance(labels: NDArray[np.intp], size: tuple[float, float]) -> Array:
    """Distance [m] of each pixel from the nearest boundary between two labels.

    Boundaries run between pixels: those that touch one are half a pixel away.
    """
    from scipy.ndimage import distance_transform_edt

    # Faces between unlike pixels, on a grid of half pixels.
    fine = np.zeros((2 * labels.shape[0] - 1, 2 * labels.shape[1] - 1), dtype=bool)
    fine[1::2, ::2] = labels[1:] != labels[:-1]
    fine[::2, 1::2] = labels[:, 1:] != labels[:, :-1]
    away = distance_transform_edt(~fine, sampling=(size[1] / 2, size[0] / 2))
    return np.asarray(away[::2, ::2])


def signed_distance(inside: Mask, size: tuple[float, float]) -> Array:
    """Distance [m] from the outline of a mask, positive outside it and negative inside."""
    away = boundary_distance(inside.astype(np.intp), size)
    return np.where(inside, -away, away)
