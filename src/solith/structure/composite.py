"""A composite electrode: active particles in electrolyte, with voids and carbon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.quantities import to_si
from solith.core.volume import Volume
from solith.structure._drawing import Grid, draw_spheres, meet_fraction
from solith.structure._gaussian_field import choose_highest, make_field, smooth, width_of
from solith.structure._given import is_real, require_fraction, seeded
from solith.structure.diameters import widest
from solith.structure.packing import pack_spheres
from solith.structure.polyhedra import draw_grains, grain_margin

__all__ = ["generate_composite"]

_VOID, _ACTIVE, _ELECTROLYTE, _CARBON = range(4)


def generate_composite(
    shape: Sequence[int],
    voxel_size: Any,
    active_fraction: float,
    diameter: Any,
    *,
    void_fraction: float = 0.0,
    carbon_fraction: float = 0.0,
    particles: Literal["spheres", "polyhedra"] = "spheres",
    void_chord: Any = None,
    void_at_surface: float = 1.0,
    carbon_chord: Any = None,
    stretch: Sequence[float] = (1.0, 1.0, 1.0),
    periodic: bool = True,
    seed: int = 0,
) -> Volume:
    """Phases ``void`` 0, ``active`` 1, ``electrolyte`` 2, ``carbon`` 3 at the given fractions.

    Active particles are hard spheres or polyhedra with a ``diameter`` as in
    :func:`generate_spheres`. In what is left, voids and then clusters of carbon are where a random
    field is highest; the rest is electrolyte. Their chords are those of blobs anywhere, a fifth of
    the largest diameter unless given; ``void_at_surface`` is by how many standard deviations the
    field of voids is raised at a particle's surface: 0 leaves voids anywhere, 1 puts them partly,
    3 mostly at surfaces. ``stretch``, ``periodic`` (of the particles; voids and carbon always
    repeat), ``seed`` and the errors are those of :func:`generate_spheres`.
    """
    wanted = require_fraction(active_fraction, 0.95, "active_fraction")
    parts = {"void_fraction": void_fraction, "carbon_fraction": carbon_fraction}
    for name, part in parts.items():
        if not is_real(part) or part != 0:
            require_fraction(part, 1 - wanted, name)
    if wanted + void_fraction + carbon_fraction > 1:
        raise InputError(
            f"active material, voids and carbon are {wanted + void_fraction + carbon_fraction:.4g} "
            "of the volume"
        )
    if particles not in ("spheres", "polyhedra"):
        raise InputError(f"{particles!r} is neither spheres nor polyhedra", where="particles")
    if not (is_real(void_at_surface) and 0 <= void_at_surface <= 10):
        raise InputError(
            f"{void_at_surface!r} is no number of deviations from 0 to 10", where="void_at_surface"
        )
    spheres = particles == "spheres"
    margin = 2 * widest(diameter) if spheres else grain_margin(diameter, wanted)
    grid = Grid.of(shape, voxel_size, stretch, periodic=periodic, margin=margin)
    seeds = seeded(seed).generate_state(3)
    labels = np.zeros(grid.shape, np.uint8)
    if spheres:
        packing = pack_spheres(list(grid.box), wanted, diameter, seed=int(seeds[0]))
        meet_fraction(
            labels,
            lambda size: draw_spheres(labels, grid, packing.centres, packing.radii * size, _ACTIVE),
            wanted,
            *(0.3, 1.0, 3.0),
        )
    else:
        draw_grains(labels, grid, wanted, diameter, np.random.default_rng(seeds[0]))
    for plane in labels:
        plane[plane != _ACTIVE] = _ELECTROLYTE
    usual = widest(diameter) / 6
    rows = [
        (_VOID, void_fraction, void_chord, "void_chord", float(void_at_surface), seeds[1]),
        (_CARBON, carbon_fraction, carbon_chord, "carbon_chord", 0.0, seeds[2]),
    ]
    for label, part, chord, name, raised, own_seed in rows:
        length = usual if chord is None else to_si(chord, "m")
        if part:
            _put_blobs(labels, grid, label, part, length, name, raised, int(own_seed))
    names = ["void", "active", "electrolyte", "carbon"]
    return Volume(labels, names, grid.voxel_size)


def _put_blobs(
    labels: NDArray[np.uint8],
    grid: Grid,
    label: int,
    fraction: float,
    chord: float,
    name: str,
    raised: float,
    seed: int,
) -> None:
    """Turn electrolyte into blobs that are a ``fraction`` of the whole volume."""
    if chord < 2 * max(grid.spacing):
        raise InputError(f"{chord:.4g} m is less than two voxels", where=name)
    longest = max(n * step for n, step in zip(grid.shape, grid.spacing, strict=True))
    if chord > longest / 2:
        raise InputError(
            f"{chord:.4g} m is more than half of the volume, {longest:.4g} m", where=name
        )
    left = np.count_nonzero(labels == _ELECTROLYTE) / labels.size
    width = width_of(chord, min(fraction / left, 0.99))
    widths = (width / grid.spacing[0], width / grid.spacing[1], width / grid.spacing[2])
    field = make_field(grid.shape, widths, np.random.default_rng(seed))
    if raised:
        near = smooth((labels == _ACTIVE).astype(np.float32), widths)
        near *= np.float32(2 * raised)  # half of a flat surface's surroundings is inside
        field += near
    choose_highest(field, labels, _ELECTROLYTE, label, round(fraction * labels.size))
