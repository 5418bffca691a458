"""The study of ceramics on its own voxels, beside conforming elements on the same polycrystals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.result import Result
from solith.structure import generate_polycrystal
from solith.study.ceramic_flux import measure_ceramic_flux
from solith.transport import Layer, solve_conforming
from validation.marks import Mark

__all__ = ["marks"]

Array = NDArray[Any]

RATIOS = (1e-3, 1e-4, 1e-5)
SEEDS = 4
"""As many as the study solves in two voxel sizes."""
CUT = 0.05
GRAIN = 0.061
LAYER = Layer("10 um", "0.1 mS/cm", "both")
_BARE = "without_layer"


@dataclass(frozen=True)
class _Judged:
    """What conforming elements have for one polycrystal."""

    conductivity: float
    share: float
    peak: float
    over_others: float
    over_lowest: float


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    for ratio in RATIOS:
        yield from _bare(ratio)
    yield _layered(1e-4)
    yield from _depths()


def _bare(ratio: float) -> Iterator[Mark]:
    study = measure_ceramic_flux(ratio, realisations=SEEDS, finer=(SEEDS,))
    judged = [_judge(ratio, seed) for seed in range(SEEDS)]
    for told, name, right, most in (
        ("conductivity", "effective_conductivity", [one.conductivity for one in judged], 0.01),
        ("share of boundaries", "boundary_share", [one.share for one in judged], 0.02),
        ("1 um peak", f"peak_over_mean_{_BARE}", [one.peak for one in judged], 0.05),
        (
            "highest grain over the others",
            f"current_contrast_{_BARE}",
            [one.over_others for one in judged],
            0.05,
        ),
        (
            "highest grain over the lowest",
            f"grain_contrast_max_over_min_{_BARE}",
            [one.over_lowest for one in judged],
            0.1,
        ),
    ):
        yield _beside(study, name, f"study, ratio {ratio:g}: {told}", right, most)


def _beside(study: Result, name: str, told: str, right: list[float], most: float) -> Mark:
    middle = np.median if "max_over_min" in name else np.mean
    coarse = float(middle(study.details["realisations"][name])) / float(middle(right)) - 1
    carried = (study[name].value or 0.0) / float(middle(right)) - 1
    return Mark(
        f"{told}, {len(right)} polycrystals of 120 grains, carried on from voxels of 0.25 and "
        f"0.125 um, against finite elements ({float(middle(right)):.4g})",
        f"{carried:+.1%} ({coarse:+.1%} in voxels of 0.25 um alone)",
        f"within {most:.0%}",
        abs(carried) <= most,
    )


def _layered(ratio: float) -> Mark:
    study = measure_ceramic_flux(ratio, realisations=2, finer=(2,))
    right = [_solve(ratio, seed, LAYER).interface_current().peak_over_mean for seed in range(2)]
    told = f"study, ratio {ratio:g}: 1 um peak under the layer"
    return _beside(study, "peak_over_mean_with_layer", told, right, 0.02)


def _judge(ratio: float, seed: int) -> _Judged:
    found = _solve(ratio, seed)
    _, densities, areas = found.grain_densities()
    kept = densities[areas >= CUT * areas.mean()]
    others = np.delete(kept, np.argmax(kept))
    return _Judged(
        found.effective_conductivity,
        found.boundary_share,
        found.interface_current().peak_over_mean,
        float(kept.max() / others.mean()),
        float(kept.max() / kept.min()),
    )


def _solve(ratio: float, seed: int, layers: Layer | None = None) -> Any:
    crystal = generate_polycrystal(
        (800, 1, 240), "10 um", voxel_size="0.25 um", periodic=(True, True, False), seed=seed
    )
    return solve_conforming(
        crystal,
        GRAIN,
        GRAIN * ratio,
        "5 nm",
        layers=layers,
        element_size="2 um",
        refinement=16,
    )


def _depths() -> Iterator[Mark]:
    """The corners of boundaries at a layer make this one converge slowly."""
    small: dict[str, Any] = {"grains_across": 5, "grains_deep": 2, "layer_thickness": "5 um"}
    for seed in (0, 1):
        study, fine = (
            measure_ceramic_flux(
                1e-4, realisations=1, finer=(1,), seed=seed, voxel_size=voxel, **small
            )["decay_depth"].value
            or 0.0
            for voxel in ("0.25 um", "0.03125 um")
        )
        yield Mark(
            f"decay depth at 1e-4, 10 grains of seed {seed}: carried on from voxels of 0.25 and "
            "0.125 um, against from 0.0313 and 0.0156 um",
            f"{study:.3f} against {fine:.3f} um, {study / fine - 1:+.1%}",
            "within 20 %",
            abs(study / fine - 1) <= 0.2,
        )
