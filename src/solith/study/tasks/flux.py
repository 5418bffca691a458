"""The task ``flux``: current through polycrystals, bare and under a layer."""

from __future__ import annotations

from typing import Any

from solith.core.progress import Progress
from solith.core.result import Result
from solith.study.tasks._registry import task_kind

__all__: list[str] = []


@task_kind("flux")
def _flux(
    *,
    ratio: float,
    grain_conductivity: Any = "0.61 mS/cm",
    boundary_width: Any = "5 nm",
    grain_size: Any = "10 um",
    grains_across: float = 20.0,
    grains_deep: float = 6.0,
    dimensions: int = 2,
    voxel_size: Any = "0.25 um",
    layer_thickness: Any = "10 um",
    layer_conductivity: Any = "0.1 mS/cm",
    other_thicknesses: Any = (),
    wanted_peak: float = 1.2,
    window: Any = "1 um",
    bias: Any = "0.1 V",
    grain_spread: float = 0.0,
    boundary_spread: float = 0.0,
    realisations: int = 20,
    finer: Any = (4,),
    layered: int = 8,
    seed: int = 0,
    progress: Progress,
) -> Result:
    from solith.study.ceramic_flux import measure_ceramic_flux

    return measure_ceramic_flux(
        ratio,
        grain_conductivity=grain_conductivity,
        boundary_width=boundary_width,
        grain_size=grain_size,
        grains_across=grains_across,
        grains_deep=grains_deep,
        dimensions=dimensions,
        voxel_size=voxel_size,
        layer_thickness=layer_thickness,
        layer_conductivity=layer_conductivity,
        other_thicknesses=other_thicknesses,
        wanted_peak=wanted_peak,
        window=window,
        bias=bias,
        grain_spread=grain_spread,
        boundary_spread=boundary_spread,
        realisations=realisations,
        finer=finer,
        layered=layered,
        seed=seed,
        progress=progress,
    )
