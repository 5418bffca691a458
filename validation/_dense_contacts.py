"""Up to which density the engine's contact law holds, against finite elements of one particle.

No published curve could be had as numbers, so the referee is solith's own: ``_pressed_spheres``,
elastic and perfectly plastic, on lattices of equal spheres. The engine presses the same lattices,
its spheres held in place, which without that would not stay on a simple cubic lattice.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.compaction import POWDERS
from solith.compaction._assembly import Assembly
from solith.compaction._start import Scales, _tables
from validation._pressed_spheres import CELLS, Pressed, press_sphere
from validation.marks import Mark, finish

__all__ = ["marks"]

Array = NDArray[Any]

ELEMENTS = 8
"""Along each edge of the inner cube; with 12, pressures differ by 5 % at most."""
DENSEST = 0.98
RATE = 1e-4
WITHIN = 0.1
SOUND = 0.85
LATTICES = {
    "simple cubic": ([[0, 0, 0]], 2.0),
    "body-centred cubic": ([[0, 0, 0], [0.5, 0.5, 0.5]], 4 / math.sqrt(3)),
    "face-centred cubic": (
        [[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]],
        2 * math.sqrt(2),
    ),
}


def marks() -> Iterator[Mark]:
    """One mark a lattice."""
    with ThreadPoolExecutor(2) as pool:
        referees = dict(zip(CELLS, pool.map(_resolved, CELLS), strict=True))
    for name, resolved in referees.items():
        apart = np.abs(resolved.stress / resolved.inside - 1)[len(resolved.density) // 5 :, 2]
        dense, pressed = _engine(name)
        first = float(resolved.density[0]) + 0.05
        places = np.linspace(first, DENSEST - 0.01, 60)
        law = np.interp(places, dense, pressed[:, 2])
        truth = np.interp(
            places, resolved.density, _smooth(resolved.density, resolved.stress[:, 2])
        )
        ratio = law / truth
        good = np.abs(ratio - 1) <= WITHIN
        shown = [d for d in (0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.94, 0.97) if d >= first]
        told = ", ".join(f"{d:g}: {float(np.interp(d, places, ratio)):.2f}" for d in shown)
        if name.endswith("die"):
            lateral = np.interp(shown, dense, pressed[:, 0])
            lateral /= np.interp(
                shown, resolved.density, _smooth(resolved.density, resolved.stress[:, 0])
            )
            told += "; on the sides " + ", ".join(f"{part:.2f}" for part in lateral)
        spans = _spans(places, good)
        within = " and ".join(f"from {low:.2f} to {high:.2f}" for low, high in sorted(spans))
        yield Mark(
            f"Plastic spheres pressed, {name}: pressure over that of finite elements (solith's "
            f"own; its planes bear what it bears inside to {100 * float(np.max(apart)):.1f} %), by "
            "relative density",
            f"{told}; within 10 % {within}",
            f"within 10 % without a break up to {SOUND:g} or more",
            spans[-1][1] >= SOUND,
        )


def _resolved(name: str) -> Pressed:
    return press_sphere(CELLS[name], DENSEST, elements=ELEMENTS, steps=8000, samples=80)


def _smooth(dense: Array, stress: Array) -> Array:
    """Local lines through the logarithm: contacts grow node by node, which makes steps."""
    out = np.empty(len(dense))
    for number, here in enumerate(dense):
        near = (np.abs(dense - here) < 0.025) & (stress > 0)
        line = np.polyfit(dense[near] - here, np.log(stress[near]), 1)
        out[number] = np.exp(line[1])
    return out


def _engine(name: str) -> tuple[Array, Array]:
    """Relative density, and stress along x, y, z in yield stresses, in steps of 1e-4."""
    base, edge = LATTICES[name.partition(",")[0]]
    repeats = 6 if "die" in name else 4
    cells = np.indices((repeats,) * 3).reshape(3, -1).T
    parts = ((cells[:, np.newaxis] + np.array(base)).reshape(-1, 3) + 0.2) / repeats
    powder = POWDERS["LGPS"].replace(friction=0.0, cohesion=0.0)
    table, walls = _tables((powder,), Scales(1.0).pressure)
    count = len(parts)
    spheres = Assembly(
        parts * repeats * edge, np.ones(count), np.zeros(count, np.int64),
        np.full(3, repeats * edge), np.array([1, 1, 1]), table, walls, np.zeros(count),
    )  # fmt: skip
    strain = RATE * np.array(CELLS[name].axes)
    unit = float(table[0, 0, 1])
    rows = []
    while spheres.fraction < DENSEST:
        spheres.places[:] = parts * spheres.box
        spheres.speeds[:] = 0.0
        dense = spheres.fraction
        rows.append([dense, *(spheres.step(strain).stress / unit)])
    found = np.array(rows)
    return found[:, 0], found[:, 1:]


def _spans(places: Array, good: Array) -> list[tuple[float, float]]:
    """Where it is good without a break, the longest last."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], good.astype(int), [0]))))
    spans = [
        (float(places[begin]), float(places[end - 1]))
        for begin, end in zip(edges[::2], edges[1::2], strict=True)
    ]
    return sorted(spans, key=lambda span: span[1] - span[0]) or [(0.0, 0.0)]


if __name__ == "__main__":
    finish(marks())
