"""What of a phase hangs together from face to face, and which particles it does not reach."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError
from solith.core.result import Result, Value
from solith.core.volume import AXES, Volume, axis_number
from solith.structure._chosen_phases import checked_labels, checked_particles, thin_axes
from solith.structure._phase_mask import ENDS, phase_mask, unite_mask

__all__ = ["find_isolated_particles", "measure_connectivity", "measure_isolated_particles"]

_SPANS = 3


def measure_connectivity(volume: Volume, phase: str | int, *, axis: str | int = "z") -> Result:
    """How much of a phase spans the volume along ``axis``, and how much is cut off.

    Voxels hang together where they share a face, as conduction on voxels has it. Values, as shares
    of the phase's volume unless told otherwise:

    * ``fraction``: the phase's share of the volume;
    * ``connected_fraction``: joined to both faces across the axis;
    * ``connected_fraction_first`` and ``connected_fraction_last``: joined to the first face (at
      position 0), to the last; what spans counts in both;
    * ``isolated_fraction``: joined to neither;
    * ``clusters``: their number; ``largest_cluster_fraction``.

    A phase that does not span has 0, with a flag. Memory: 1 byte a voxel and some 8 a
    run of voxels. :class:`InputError` for a phase that is unknown or absent, or a wrong axis.
    """
    from solith.structure._cluster_kernels import add_up_clusters

    (label,) = checked_labels(volume, phase=phase)
    along = axis_number(axis)
    runs = unite_mask(phase_mask(volume, label))
    marks = runs.touch_ends(ENDS, ENDS, along)
    sizes = np.zeros(len(runs.parents), np.int64)
    add_up_clusters(runs.starts, runs.stops, runs.parents, sizes)
    roots = sizes > 0
    voxels = int(sizes.sum())
    by_mark = np.bincount(marks[roots], weights=sizes[roots], minlength=4) / voxels
    thin = thin_axes(volume, "clusters")
    flags = _does_not_span(phase, along) if by_mark[_SPANS] == 0 else ()
    area = f"volume of {phase}"
    shares = {
        "connected_fraction": by_mark[_SPANS],
        "connected_fraction_first": by_mark[1] + by_mark[_SPANS],
        "connected_fraction_last": by_mark[2] + by_mark[_SPANS],
        "isolated_fraction": by_mark[0],
        "largest_cluster_fraction": sizes.max() / voxels,
    }
    told = {
        name: Value(name, float(share), method=f"share of the {area}", flags=thin)
        for name, share in shares.items()
    }
    spanning = told["connected_fraction"]
    told["connected_fraction"] = Value(
        spanning.quantity, spanning.value, method=spanning.method, flags=flags + thin
    )
    return Result(
        f"connectivity of {phase} along {AXES[along]}",
        (
            Value("fraction", voxels / volume.labels.size),
            *told.values(),
            Value("clusters", float(np.count_nonzero(roots)), flags=thin),
        ),
        {"phase": str(phase), "axis": AXES[along]},
    )


def measure_isolated_particles(
    volume: Volume,
    phase: str | int,
    electrolyte: str | int,
    particles: ArrayLike,
    *,
    axis: str | int = "z",
) -> Result:
    """Particles of ``phase`` without contact to the ``electrolyte`` that spans along ``axis``.

    ``particles`` numbers them: for each voxel 1, 2, 3, ... or 0 for none; only voxels of ``phase``
    count. Contact is a shared voxel face. Values: ``isolated_particle_fraction`` (by volume),
    ``isolated_particle_number_fraction`` and ``particles``, their number. Where no electrolyte
    spans all are isolated, with a flag. ``details`` lists up to a thousand isolated numbers,
    :func:`find_isolated_particles` all.

    :class:`InputError` for a phase that is unknown or absent, and particles that do not fit.
    """
    sizes, touched, spans = _reached(volume, phase, electrolyte, particles, axis)
    there = np.flatnonzero(sizes)
    alone = there[~touched[there]]
    along = axis_number(axis)
    flags = () if spans else _does_not_span(electrolyte, along)
    flags += thin_axes(volume, "particles")
    return Result(
        f"particles of {phase} that {electrolyte} does not reach",
        (
            Value(
                "isolated_particle_fraction",
                float(sizes[alone].sum() / sizes.sum()),
                method=f"share of the volume of {phase} particles",
                flags=flags,
            ),
            Value("isolated_particle_number_fraction", alone.size / there.size, flags=flags),
            Value("particles", float(there.size)),
        ),
        {"axis": AXES[along], "isolated": [int(number) for number in alone[:1000]]},
    )


def find_isolated_particles(
    volume: Volume,
    phase: str | int,
    electrolyte: str | int,
    particles: ArrayLike,
    *,
    axis: str | int = "z",
) -> NDArray[np.int64]:
    """Numbers of the particles that :func:`measure_isolated_particles` counts, in order."""
    sizes, touched, _ = _reached(volume, phase, electrolyte, particles, axis)
    return np.flatnonzero((sizes > 0) & ~touched)


def _reached(
    volume: Volume,
    phase: str | int,
    electrolyte: str | int,
    particles: ArrayLike,
    axis: str | int,
) -> tuple[NDArray[np.int64], NDArray[np.bool_], bool]:
    """By number of a particle its voxels, whether what spans touches it; and if any spans."""
    from solith.structure._cluster_kernels import keep_clusters, touch_particles

    active, matrix = checked_labels(volume, phase=phase, electrolyte=electrolyte)
    numbered, last = checked_particles(particles, volume)
    along = axis_number(axis)
    mask: NDArray[np.uint8] = phase_mask(volume, matrix)
    runs = unite_mask(mask)
    spans = runs.touch_ends(ENDS, ENDS, along) == _SPANS
    keep_clusters(mask, *runs.table, spans)
    sizes, touched = np.zeros(last + 1, np.int64), np.zeros(last + 1, np.bool_)
    for i in range(volume.shape[0]):
        numbers = np.ascontiguousarray(numbered[i], np.int64)
        touch_particles(
            i, numbers, np.ascontiguousarray(volume.labels[i] == active), mask, sizes, touched
        )
    if not sizes.any():
        raise InputError(f"no voxel of {phase!r} belongs to a particle", where="particles")
    return sizes, touched, bool(spans.any())


def _does_not_span(phase: str | int, along: int) -> tuple[str, ...]:
    return (f"{phase} does not span along {AXES[along]}",)
