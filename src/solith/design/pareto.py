"""The Pareto set: what nothing else beats in every respect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError

__all__ = ["find_pareto_set"]


def find_pareto_set(
    maximise: Sequence[ArrayLike] = (), minimise: Sequence[ArrayLike] = ()
) -> NDArray[np.intp]:
    """Indices of the points that no other point beats, in rising order.

    Each sequence holds one array (one number a point) for each objective. A point is beaten by
    another that is at least as good in all objectives and better in one; equal points stay
    together. Points with a number that is not finite are left out.
    """
    columns = [np.asarray(one, float) for one in maximise]
    columns += [-np.asarray(one, float) for one in minimise]
    if not columns:
        raise InputError("give at least one objective to maximise or to minimise")
    if len({column.shape for column in columns}) != 1 or columns[0].ndim != 1:
        raise InputError("the objectives must be lists of one number a point, all as long")
    points = np.column_stack(columns)
    kept = np.flatnonzero(np.isfinite(points).all(axis=1))
    # Nothing beats a point from further down this order, so that one pass is enough.
    order = kept[np.lexsort(points[kept].T[::-1])[::-1]]
    front: list[Any] = []
    for index in order:
        rivals = points[front]
        beaten = (rivals >= points[index]).all(axis=1) & (rivals > points[index]).any(axis=1)
        if not beaten.any():
            front.append(index)
    return np.sort(np.array(front, dtype=np.intp))
