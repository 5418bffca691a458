"""Diffusion around one patch of contact, solved in two dimensions: the referee.

Finite volumes on an orthogonal mesh that crowds at the surface and at the patch's edge,
second order in space; in time an L-stable Runge-Kutta method of second order (SDIRK2) whose
steps double as time goes on. Everything is linear and without dimension: lengths in the patch
radius a, times in a²/D, concentrations in q a/D, q a flux on the patch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["Domain", "answer", "cone", "cylinder", "step_times"]

GRADING = 2
"""Power by which cells shrink toward the patch's edge."""

SURFACE = 0.01
"""Depth, in patch radii, from which cells grow with depth."""


@dataclass(frozen=True)
class Domain:
    """Cells with volumes, the conductances between them, and those that lie at the patch.

    ``touch`` numbers the cells at the patch, ``area`` and ``half`` are their faces there and
    the conductance from their middle to it.
    """

    volume: Array
    links: sp.csr_array
    touch: NDArray[np.int64]
    area: Array
    half: Array


def cylinder(theta: float, depth: float, cells: int) -> Domain:
    """The flux tube of one patch: radius 1/sqrt(theta), ``depth`` in tube radii.

    ``cells`` on either side of the patch's edge, half as many again in depth.
    """
    outer = 1 / np.sqrt(theta)
    radii = _around_edge(outer, cells)
    depths = _from_surface(depth * outer, cells)
    middle, below = _middles(radii), _middles(depths)
    ring = np.pi * np.diff(radii**2)
    sideways = np.outer(2 * np.pi * radii[1:-1] / np.diff(middle), np.diff(depths))
    down = np.outer(ring, 1 / np.diff(below))
    touching = middle < 1
    area = ring[touching]
    return _domain(np.outer(ring, np.diff(depths)), sideways, down, touching, area, area / below[0])


def cone(theta: float, spacing: float, cells: int) -> Domain:
    """A patch's share of a sphere: ``spacing`` b over the sphere's radius R, 2 for one patch.

    The cone from the centre whose part of the surface is b² pi; no flux through its side.
    Patch and cell are caps of area pi and pi/theta. With one patch or two (spacing 2 or
    sqrt(2)) the cone is the sphere or its half and the geometry exact.
    """
    sphere = 1 / np.sqrt(theta) / spacing
    edge = 2 * np.arcsin(0.5 / sphere)
    outer = 2 * np.arcsin(min(spacing / 2, 1.0))
    angles = edge * _around_edge(outer / edge, cells)
    radii = sphere - _from_surface(sphere, cells)
    middle, within = _middles(angles), _middles(radii)
    solid = 2 * np.pi * -np.diff(np.cos(angles))
    sideways = np.outer(
        2 * np.pi * np.sin(angles[1:-1]) / np.diff(middle), -np.diff(radii**2) / 2 / within
    )
    down = np.outer(solid, radii[1:-1] ** 2 / -np.diff(within))
    touching = middle < edge
    area = solid[touching] * sphere**2
    half = area / (sphere - within[0])
    return _domain(np.outer(solid, -np.diff(radii**3) / 3), sideways, down, touching, area, half)


def step_times(first: float, last: float, per_doubling: int) -> list[Array]:
    """Blocks of equal steps from 0 through ``last``; steps double from block to block."""
    blocks: list[Array] = []
    start, size = 0.0, first / per_doubling
    while start < last:
        blocks.append(start + size * np.arange(1.0, per_doubling + 1))
        start, size = float(blocks[-1][-1]), 2 * size if len(blocks) > 1 else size
    return blocks


def answer(
    domain: Domain,
    blocks: list[Array],
    *,
    flux: float = 1.0,
    biot: float | None = None,
    start: Array | None = None,
) -> tuple[Array, Array]:
    """Concentration that the patch shows at the end of every step, and the last field.

    The mean flux on the patch is ``flux``. Without ``biot`` it is even and the patch shows
    the mean over its face. With it the flux is ``biot`` times the difference of a common
    value to the local concentration (linear charge transfer, a k/D; infinity: one
    concentration in the patch), and the patch shows that value less flux/biot. ``start`` is
    the field to go on from, none at first.
    """
    masses = np.append(domain.volume, 0.0)
    matrix, feed = _even(domain, flux) if biot is None else _common(domain, flux, biot)
    field = np.zeros(len(masses)) if start is None else start.copy()
    gamma = 1 - np.sqrt(0.5)
    shown, before = [], 0.0
    for block in blocks:
        size = gamma * (block[0] - before)
        solve = splu((sp.diags_array(masses) + size * matrix).tocsc()).solve
        for _ in block:
            inner = solve(masses * field + size * feed)
            pushed = masses * (field + (1 / gamma - 1) * (inner - field))
            field = solve(pushed + size * feed)
            if biot is None:
                face = field[domain.touch] + flux * domain.area / domain.half
                shown.append(float(np.average(face, weights=domain.area)))
            else:
                shown.append(float(field[-1] - flux / biot))
        before = float(block[-1])
    return np.array(shown), field


def _even(domain: Domain, flux: float) -> tuple[sp.csr_array, Array]:
    """Links and feed of an even flux; the last unknown plays no part."""
    feed = np.zeros(len(domain.volume) + 1)
    feed[domain.touch] = flux * domain.area
    return sp.block_diag([domain.links, sp.eye_array(1)]), feed


def _common(domain: Domain, flux: float, biot: float) -> tuple[sp.csr_array, Array]:
    """Links and feed where the flux finds its way from one value, the last unknown."""
    feed = np.zeros(len(domain.volume) + 1)
    feed[-1] = flux * domain.area.sum()
    own = np.zeros(len(domain.volume))
    own[domain.touch] = 1 / (1 / domain.half + 1 / (biot * domain.area))
    column = sp.csr_array(own[:, None])
    links = [[domain.links + sp.diags_array(own), -column], [-column.T, [[own.sum()]]]]
    return sp.block_array(links), feed


def _domain(
    volume: Array,
    sideways: Array,
    down: Array,
    touching: NDArray[np.bool_],
    area: Array,
    half: Array,
) -> Domain:
    numbers = np.arange(volume.size).reshape(volume.shape)
    pairs = [(numbers[:-1], numbers[1:], sideways), (numbers[:, :-1], numbers[:, 1:], down)]
    links = sp.csr_array((volume.size, volume.size))
    for first, second, conductance in pairs:
        one, two, value = first.ravel(), second.ravel(), conductance.ravel()
        rows = np.concatenate([one, two, one, two])
        columns = np.concatenate([one, two, two, one])
        values = np.concatenate([value, value, -value, -value])
        links = links + sp.csr_array((values, (rows, columns)), shape=links.shape)
    return Domain(volume.ravel(), links, numbers[touching, 0], area, half)


def _graded(cells: int) -> Array:
    """Edges from 0 to 1 that crowd at 0."""
    return np.linspace(0, 1, cells + 1) ** GRADING


def _from_surface(depth: float, cells: int) -> Array:
    """Edges from 0 to ``depth`` that crowd at 0 and grow evenly further down."""
    steps = np.linspace(0, np.log1p(depth / SURFACE), 3 * cells // 2 + 1)
    return np.concatenate([SURFACE * np.expm1(steps)[:-1], [depth]])


def _around_edge(outer: float, cells: int) -> Array:
    """Edges from 0 to ``outer`` that crowd at 1 from both sides; only to 1 if that is all."""
    inside = 1 - _graded(cells)[::-1]
    return (
        inside
        if outer < 1 + 1e-9
        else np.concatenate([inside, 1 + (outer - 1) * _graded(cells)[1:]])
    )


def _middles(edges: Array) -> Array:
    return (edges[1:] + edges[:-1]) / 2
