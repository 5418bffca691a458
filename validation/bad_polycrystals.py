"""Wrong wishes about polycrystals: one clear error each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from solith.core.errors import SolithError
from solith.structure import generate_polycrystal, polycrystal_from_labels
from solith.transport import Layer, solve_polycrystal
from validation.marks import Mark, finish


def marks() -> Iterator[Mark]:
    """A mark for each case."""
    grains = generate_polycrystal((20, 20, 20), "10 um", voxel_size="1 um", seed=1)
    solve: dict[str, Any] = {
        "polycrystal": grains,
        "grain_conductivity": "1 mS/cm",
        "boundary_conductivity": "1e-3 mS/cm",
        "boundary_width": "5 nm",
    }

    def solved(**changes: Any) -> Callable[[], Any]:
        return lambda: solve_polycrystal(**solve | changes)

    yield _refused(
        "grains smaller than a voxel",
        lambda: generate_polycrystal((20, 20, 20), "0.5 um", voxel_size="1 um"),
        "smaller than two voxels",
    )
    yield _refused(
        "grains larger than the volume",
        lambda: generate_polycrystal((20, 20, 20), "1 mm", voxel_size="1 um"),
        "there would be no boundary",
    )
    yield _refused(
        "an image without boundaries",
        lambda: polycrystal_from_labels(np.ones((8, 8), int)),
        "no boundary between two grains",
    )
    yield _refused(
        "no grains but voids",
        lambda: polycrystal_from_labels(np.zeros((8, 8), int), void=0),
        "every label is a void",
    )
    yield _refused(
        "boundaries drawn as lines and not named",
        lambda: polycrystal_from_labels(_with_lines()),
        "give boundary_label=0",
    )
    yield _refused(
        "the same as voids",
        lambda: polycrystal_from_labels(_with_lines(), void=0),
        "none of the 36 grains touches another",
    )
    yield _refused(
        "an image in colours",
        lambda: polycrystal_from_labels(np.zeros((40, 40, 3), np.uint8)),
        "is an image in colours",
    )
    yield _refused("a file", lambda: polycrystal_from_labels("g.png"), "read_volume('g.png'")
    yield _refused("a boundary wider than grains", solved(boundary_width="50 um"), "0.1 of a grain")
    yield _refused(
        "a pair of grains that is not there",
        solved(boundary_conductivity={(0, 9999): 1.0, "others": 1.0}),
        "names a grain that is not there",
    )
    yield _refused("a conductivity of nothing", solved(grain_conductivity=1e300), "no conductor's")
    yield _refused("a conductivity of zero", solved(grain_conductivity=0), "conduct")
    yield _refused("a negative conductivity", solved(boundary_conductivity=-1.0), "negative")
    yield _refused("a layer thicker than the sample", solved(layers=Layer("1 mm", 1.0)), "thick")
    yield _refused("a wrong unit", solved(boundary_width="5 S"), "dimension")
    yield _refused("a wrong axis", solved(axis="w"), "none of x, y, z")
    blocked = solve_polycrystal(**solve | {"boundary_conductivity": 0})
    yield Mark(
        "boundaries that do not conduct",
        f"{blocked.effective_conductivity:g} S/m, flag: {'; '.join(blocked.flags) or 'none'}",
        "zero with a flag",
        blocked.effective_conductivity == 0 and bool(blocked.flags),
    )


def _with_lines() -> np.ndarray:
    i, j = np.indices((60, 60))
    return np.where((i % 10 == 9) | (j % 10 == 9), 0, 1 + 6 * (i // 10) + j // 10)


def _refused(what: str, call: Callable[[], Any], told: str) -> Mark:
    try:
        call()
    except SolithError as error:
        message = str(error)
        return Mark(what, message[:160], f"one error with {told!r}", told in message)
    return Mark(what, "nothing was said", f"one error with {told!r}", False)


if __name__ == "__main__":
    finish(marks())
