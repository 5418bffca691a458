"""Current density on an electrode of a conforming solution: consistent, and its averages."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.transport._conforming_system import System, Trace, trace_mass

__all__ = ["density_map", "electrode_density", "grain_means"]

Array = NDArray[Any]

_PARTS = {1: 4, 2: 4}
"""Parts of a facet across a cell of the map, in one and two lateral directions."""


def electrode_density(system: System, values: Array, traces: list[Trace], order: int) -> Array:
    """Current density out of the system at the values of an electrode, NaN at all others.

    The current that balances every value there, as a function of the order of the elements: int q v
    is the residual of v for all v, which converges faster than k grad u does.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.linalg import spsolve

    dimensions = system.places.shape[1]
    nodes = np.concatenate([trace.nodes for trace in traces])
    measures = np.concatenate([trace.measures for trace in traces])
    there, numbers = np.unique(nodes, return_inverse=True)
    numbers = numbers.reshape(nodes.shape)
    width = nodes.shape[1]
    entries = (measures[:, None, None] * trace_mass(order, dimensions)).ravel()
    places = np.repeat(numbers, width, axis=1).ravel(), np.tile(numbers, width).ravel()
    mass = coo_array((entries, places), (len(there),) * 2).tocsc()
    density = np.full(len(values), np.nan)
    density[there] = spsolve(mass, -(system.whole @ values)[there])
    return density


def grain_means(density: Array, trace: Trace, order: int) -> tuple[float, float]:
    """Mean current density over a piece's part of an electrode, and its measure."""
    weights = trace_mass(order, trace.corners.shape[2]).sum(axis=0)
    area = float(trace.measures.sum())
    return float(trace.measures @ (density[trace.nodes] @ weights)) / area, area


def density_map(
    density: Array,
    traces: list[Trace],
    lateral: list[int],
    lengths: list[float],
    counts: list[int],
    order: int,
) -> Array:
    """The mean density in each of ``counts`` cells along the ``lateral`` directions.

    Facets are parted until they are smaller than cells, and their currents are given to the cells
    they lie in: none is lost at a corner, where the density has no bound. What lies beyond a side
    belongs to the other one: pieces at periodic sides are whole.
    """
    corners = np.concatenate([trace.corners[:, :, lateral] for trace in traces])
    values = np.concatenate([density[trace.nodes] for trace in traces])
    measures = np.concatenate([trace.measures for trace in traces])
    steps = np.array(lengths) / counts
    spans = np.ptp(corners, axis=1) / steps
    parts = np.ceil(_PARTS[len(lateral)] * spans.max(axis=1)).astype(int)
    found = np.zeros(counts)
    for number in np.unique(parts):
        mine = parts == number
        points = _points(len(lateral), int(number))
        places = np.einsum("qi,nid->nqd", points, corners[mine])
        currents = values[mine] @ _shapes(points, order).T * measures[mine, None] / len(points)
        cells = np.floor(places / steps).astype(int) % counts
        np.add.at(found, tuple(np.moveaxis(cells, -1, 0)), currents)
    return np.asarray(found / np.prod(steps))


def _points(dimensions: int, parts: int) -> Array:
    """Barycentric points of equal weight in a line or a triangle parted ``parts`` times.

    Exact for quadratic functions: 2 in each part of a line, 3 in each of a triangle.
    """
    if dimensions == 1:
        ends = np.arange(parts)[:, None] + 0.5 + np.array([-0.5, 0.5]) / np.sqrt(3)
        along = ends.ravel() / parts
        return np.column_stack([1 - along, along])
    i, j = (grid.ravel() for grid in np.meshgrid(*[np.arange(parts)] * 2, indexing="ij"))
    inner = np.array([[1, 1], [4, 1], [1, 4]]) / 6
    upright = np.column_stack([i, j])[i + j < parts]
    turned = np.column_stack([i + 1, j + 1])[i + j < parts - 1]
    both = (
        np.concatenate([upright[:, None] + inner, turned[:, None] - inner]).reshape(-1, 2) / parts
    )
    return np.column_stack([1 - both.sum(axis=1), both])


def _shapes(parts: Array, order: int) -> Array:
    """Values of the shape functions of a facet at barycentric coordinates (n, dimensions)."""
    if order == 1:
        return parts
    pairs = ((0, 1),) if parts.shape[1] == 2 else ((0, 1), (1, 2), (0, 2))
    middles = [4 * parts[:, i] * parts[:, j] for i, j in pairs]
    return np.column_stack([parts * (2 * parts - 1), *middles])
