"""All measures on the phases of one volume, one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.progress import SILENT, Progress
from solith.core.result import Result, Value
from solith.core.volume import AXES, Volume
from solith.study._structure_contacts import measure_contacts
from solith.study._structure_plan import Measure, Network, Plan

__all__ = ["CurrentMap", "Found", "measure_phases"]

_ASSUMED = "no conductivity was given: for 1 S/m"
_LEAST_WINDOW = 3
_GEODESIC = ("mode", "minimum", "mean", "std")
_HOT = ("current_density_p95", "current_density_p99", "current_density_highest_window")


@dataclass(frozen=True, eq=False)
class CurrentMap:
    """The current density along the axis over its mean: in a plane, and as mean over the depth.

    ``plane`` lies along the axis in the middle of the volume: (across, along); ``depth_mean`` has
    the two other axes. ``voxel_size`` [m] of each, and the letters of their ``axes``.
    """

    phase: str
    plane: NDArray[np.float32]
    plane_axes: tuple[str, str]
    plane_voxel: tuple[float, float]
    depth_mean: NDArray[np.float32]
    mean_axes: tuple[str, str]
    mean_voxel: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Found:
    """What the measures gave: values by phase, whole results by name, and the current.

    ``notes`` tell what was left out.
    """

    measures: tuple[Measure, ...]
    results: Mapping[str, Result]
    current: CurrentMap | None = None
    conduction: Any = None
    notes: tuple[str, ...] = ()


def measure_phases(
    volume: Volume,
    plan: Plan,
    progress: Progress = SILENT,
    *,
    fields: bool = False,
    mapped: bool = True,
) -> Found:
    """Fractions, connection, contact, particles, paths and current of a volume's phases.

    Phases of the plan that are absent are left out. ``mapped`` adds the map of the current,
    ``fields`` keeps the whole solution of the first network.
    """
    from solith.structure.connectivity import measure_connectivity
    from solith.structure.fractions import measure_fractions
    from solith.structure.triple_lines import measure_triple_lines

    rows: list[Measure] = []
    results: dict[str, Result] = {}
    axis = AXES[plan.axis]
    parts = _shares(progress, plan)

    def keep(name: str, result: Result, phase: str, names: Iterable[str], other: str = "") -> None:
        results[name] = result
        rows.extend(Measure(phase, other, result[one]) for one in names if one in result)

    fractions = measure_fractions(volume, axis=axis)
    shares = fractions.details["fraction"]
    results["fractions"] = fractions
    for phase, share in shares.items():
        rows.append(Measure(phase, "", Value("fraction", share, method="voxels counted")))
    present = [phase for phase in plan.present if shares[phase] > 0]
    part = next(parts)
    for number, phase in enumerate(present):
        part.report(number / len(present), f"what hangs together in {phase}")
        keep(
            f"connectivity of {phase}",
            measure_connectivity(volume, phase, axis=axis),
            phase,
            ("connected_fraction", "isolated_fraction"),
        )
    contacts, found, notes = measure_contacts(volume, plan, present, next(parts))
    rows += contacts
    results |= found
    part = next(parts)
    if plan.triple and set(plan.triple) <= set(present):
        length = measure_triple_lines(volume, *plan.triple, progress=part)
        a, b, c = plan.triple
        keep("triple lines", length, a, ("triple_line_length_per_volume",), f"{b} + {c}")
    window = _window(volume, rows)
    current, conduction = None, None
    for number, network in enumerate(plan.networks):
        if not set(network.phases) <= set(present):
            continue
        if len(network.phases) == 1:
            rows.extend(_paths(volume, network.name, axis, results, next(parts)))
        solved = _current(volume, network, axis, next(parts))
        results[f"conduction of {network.name}"] = solved.result
        rows.extend(_conducted(network, solved.result, plan))
        if number == 0 and solved.effective_conductivity > 0:
            rows.extend(_hot_spots(network.name, solved, window, results))
            current = _map(network.name, solved) if mapped else None
        if fields and number == 0:
            conduction = solved
    progress.report(1.0)
    return Found(tuple(rows), results, current, conduction, notes)


def _shares(progress: Progress, plan: Plan) -> Iterator[Progress]:
    """Parts of the progress by how long the steps take."""
    weights = [2, 3 * len(plan.pairs) + (6 if plan.particles else 0), 2]
    for network in plan.networks:
        weights += [5] * (len(network.phases) == 1) + [8]
    done = 0
    for weight in weights:
        yield progress.part(done / sum(weights), (done + weight) / sum(weights))
        done += weight


def _paths(
    volume: Volume, phase: str, axis: str, results: dict[str, Result], progress: Progress
) -> Iterator[Measure]:
    from solith.structure.geodesic import measure_geodesic_tortuosity

    paths = measure_geodesic_tortuosity(volume, phase, axis=axis, progress=progress)
    results[f"paths through {phase}"] = paths
    for name in _GEODESIC:
        yield Measure(phase, "", paths[f"tortuosity_geodesic_{name}"])


def _current(volume: Volume, network: Network, axis: str, progress: Progress) -> Any:
    from solith.transport import solve_conduction

    conductivity = dict.fromkeys(volume.phases, 0.0) | dict(network.phases)
    progress.report(0.0, f"current through {network.name}")
    return solve_conduction(volume, conductivity, axis, progress=progress)


def _conducted(network: Network, solved: Result, plan: Plan) -> Iterator[Measure]:
    tortuosity, effective = (
        replace(solved[name], flags=solved[name].flags + ((plan.section,) if plan.section else ()))
        for name in ("tortuosity_flux", "effective_conductivity")
    )
    yield Measure(network.name, "", tortuosity)
    if network.assumed:
        effective = replace(effective, flags=(_ASSUMED, *effective.flags))
    yield Measure(network.name, "", effective)


def _window(volume: Volume, rows: list[Measure]) -> float:
    """The edge of the cubes that the current is averaged over: half a particle, or ten voxels."""
    largest = max(volume.voxel_size)
    sizes = [row.value.value for row in rows if row.value.quantity == "diameter_d50"]
    wanted = sizes[0] / 2 if sizes and sizes[0] else 10 * largest
    return float(min(max(wanted, _LEAST_WINDOW * largest), 0.5 * max(volume.size)))


def _hot_spots(
    phase: str, solved: Any, window: float, results: dict[str, Result]
) -> Iterator[Measure]:
    from solith.transport import measure_hot_spots

    if window < max(solved.volume.voxel_size):
        return
    spots = measure_hot_spots(solved, window)
    results["hot spots"] = spots
    for name in _HOT:
        yield Measure(phase, "", spots[name])


def _map(phase: str, solved: Any) -> CurrentMap:
    density = solved.current_density[solved.axis]
    size = solved.volume.voxel_size
    across = [d for d in range(3) if d != solved.axis]
    mean = density.mean(axis=solved.axis, dtype=np.float64)
    level = float(mean.mean())
    middle = np.take(density, density.shape[across[1]] // 2, axis=across[1])
    along = middle if across[0] < solved.axis else middle.T
    return CurrentMap(
        phase,
        (along / level).astype(np.float32),
        (AXES[across[0]], AXES[solved.axis]),
        (size[across[0]], size[solved.axis]),
        (mean / level).astype(np.float32),
        (AXES[across[0]], AXES[across[1]]),
        (size[across[0]], size[across[1]]),
    )
