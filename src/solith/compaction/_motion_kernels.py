"""One step of all spheres: forces of the pairs, then motion of the spheres.

Forces are written pair by pair and gathered sphere by sphere in a fixed order, so that nothing
depends on how rows are shared out. Axes of arrays: ``places``, ``speeds``, ``spins`` (n, 3);
``history`` (pairs, 4) is the overlap at rest and the tangential force; ``forces`` (pairs, 10) is
the force on the row's sphere, normal x tangential force, stiffness, area, and the volumes that
the row's sphere and the other one have had to give way with.

What a soft sphere gives way with it bears elsewhere: its radius grows by the volume of its caps,
so that contacts grow and new ones form as pores close (the idea of Arzt, Acta Metall. 30 (1982)
1883, recalled, and of the apparent radius in 10.1016/j.jmps.2023.105492).
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from solith.compaction._law_kernels import confinement, normal_force

__all__ = [
    "BULK",
    "FRICTION",
    "GROWTH",
    "MODULUS",
    "ONSET",
    "PLASTIC",
    "SHARE",
    "SIDEWAYS",
    "SURFACE",
    "TENSION",
    "YIELD",
    "move_spheres",
    "pair_forces",
]

Array = NDArray[Any]
_compiled = numba.njit(nogil=True, cache=True, error_model="numpy")

MODULUS, YIELD, TENSION, FRICTION, SIDEWAYS, SHARE, BULK, PLASTIC = range(8)
"""Columns of the tables of contacts: contact modulus E*, yield stress, tension, friction,
tangential over normal stiffness, part of the overlap that one soft sphere takes, bulk modulus,
number of soft spheres."""
SURFACE = 1.1
"""Surface of the space-filling polyhedron that a sphere becomes, over the sphere's."""
ONSET = 0.75
"""Porosity where closing pores begin to press back, times the number of contacts: chosen once so
that lattices of spheres meet finite elements of one particle (validation/_dense_contacts.py)."""
_BARE = 0.02
GROWTH = 1.13
"""Most that a radius grows: to the corners of the truncated octahedron of the same volume."""
_PACE = 0.2
_MOST_RATIO = 3.0


@_compiled
def _cap(radius: float, height: float) -> float:
    return math.pi / 3.0 * height * height * (3.0 * radius - height)


@_compiled
def pair_forces(
    first: int, last: int, places: Array, speeds: Array, spins: Array, own: Array, radii: Array,
    kinds: Array, table: Array, box: Array, periodic: Array, strain: Array, dt: float,
    starts: Array, partners: Array, history: Array, confined: Array, forces: Array,
) -> Array:  # fmt: skip
    """Forces of the pairs in rows ``first`` to ``last``.

    ``strain`` is the rate at which the box shortens along each axis; what spheres move with it
    counts as sliding. Returns sums over pairs: force times distance along x, y, z; size of the
    force; touching pairs; stiffness times distance along z squared; the same over all axes.
    """
    total = np.zeros(7)
    for i in range(first, last):
        for p in range(starts[i], starts[i + 1]):
            j = partners[p]
            x = places[i, 0] - places[j, 0]
            y = places[i, 1] - places[j, 1]
            z = places[i, 2] - places[j, 2]
            x -= box[0] * np.rint(x / box[0])
            y -= box[1] * np.rint(y / box[1])
            if periodic[2] == 1:
                z -= box[2] * np.rint(z / box[2])
            square = x * x + y * y + z * z
            touch = radii[i] + radii[j]
            if square >= touch * touch:
                if forces[p, 6] != 0.0:
                    forces[p, 6] = 0.0
                    for k in range(4):
                        history[p, k] = 0.0
                continue
            law = table[kinds[i], kinds[j]]
            distance = math.sqrt(square)
            overlap = touch - distance
            nx, ny, nz = x / distance, y / distance, z / distance
            radius = radii[i] * radii[j] / touch
            soft = min(radii[i], radii[j])
            extra = 0.0
            if law[PLASTIC] > 0.0:
                extra = (confined[i] + confined[j]) / law[PLASTIC]
            if law[PLASTIC] == 1.0:
                soft = radii[i] if table[kinds[i], kinds[i], PLASTIC] > 0.0 else radii[j]
            force, rest, area, stiff = normal_force(
                overlap, history[p, 0], radius, law[MODULUS], law[YIELD], law[TENSION],
                law[SHARE] / soft, extra,
            )  # fmt: skip
            history[p, 0] = rest
            fx, fy, fz = force * nx, force * ny, force * nz
            if law[FRICTION] > 0.0:
                shrunk = distance / touch
                a, b = radii[i] * shrunk, radii[j] * shrunk
                wx = a * spins[i, 0] + b * spins[j, 0]
                wy = a * spins[i, 1] + b * spins[j, 1]
                wz = a * spins[i, 2] + b * spins[j, 2]
                vx = speeds[i, 0] - speeds[j, 0] - strain[0] * x - (wy * nz - wz * ny)
                vy = speeds[i, 1] - speeds[j, 1] - strain[1] * y - (wz * nx - wx * nz)
                vz = speeds[i, 2] - speeds[j, 2] - strain[2] * z - (wx * ny - wy * nx)
                step = law[SIDEWAYS] * stiff * dt
                tx = history[p, 1] - step * vx
                ty = history[p, 2] - step * vy
                tz = history[p, 3] - step * vz
                along = tx * nx + ty * ny + tz * nz
                tx, ty, tz = tx - along * nx, ty - along * ny, tz - along * nz
                size = math.sqrt(tx * tx + ty * ty + tz * tz)
                most = law[FRICTION] * max(force + law[TENSION] * area * (rest > 0.0), 0.0)
                if size > most:
                    tx, ty, tz = tx * most / size, ty * most / size, tz * most / size
                history[p, 1], history[p, 2], history[p, 3] = tx, ty, tz
                forces[p, 3] = (ny * tz - nz * ty) * shrunk
                forces[p, 4] = (nz * tx - nx * tz) * shrunk
                forces[p, 5] = (nx * ty - ny * tx) * shrunk
                fx, fy, fz = fx + tx, fy + ty, fz + tz
            forces[p, 0], forces[p, 1], forces[p, 2] = fx, fy, fz
            forces[p, 6], forces[p, 7] = stiff, area
            if law[PLASTIC] > 0.0:
                near = (square + own[i] * own[i] - own[j] * own[j]) / (2.0 * distance)
                one = _cap(own[i], max(own[i] - near, 0.0))
                other = _cap(own[j], max(own[j] - distance + near, 0.0))
                if table[kinds[i], kinds[i], PLASTIC] == 0.0:
                    one, other = 0.0, one + other
                elif table[kinds[j], kinds[j], PLASTIC] == 0.0:
                    one, other = one + other, 0.0
                forces[p, 8], forces[p, 9] = one, other
            total[0] += fx * x
            total[1] += fy * y
            total[2] += fz * z
            total[3] += abs(force)
            total[4] += 1.0
            total[5] += stiff * nz * nz * z * z
            total[6] += stiff * square
    return total


@_compiled
def move_spheres(
    first: int, last: int, places: Array, speeds: Array, spins: Array, own: Array, radii: Array,
    kinds: Array, walls: Array, box: Array, periodic: Array, strain: Array, dt: float,
    damping: float, masses: Array, least: float, begin: Array, links: Array, forces: Array,
    history: Array, confined: Array, void: float, weight: float, moved: Array,
) -> Array:  # fmt: skip
    """Gather forces, add those of the platens, and move spheres ``first`` to ``last``.

    ``own`` are the radii of spheres apart, ``radii`` the grown ones. A mass of zero stands for
    one that follows the stiffness of the contacts, ``least`` times the radius at least.
    ``history`` (n, 2) is that of the platens. ``void`` is the volume of all pores, shared out to
    spheres by their ``weight``, free surface to the power 3/2, of which the old sum is given.
    Returns sums: size of what is unbalanced, spheres with two contacts or more, forces of the
    lower and the upper platen, weights, kinetic energy, the platens' force times height and
    stiffness times height squared.
    """
    total = np.zeros(8)
    for i in range(first, last):
        fx, fy, fz, tx, ty, tz, stiff, area = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        touching, gone, reaches = 0, 0.0, 0.0
        for place in range(begin[i], begin[i + 1]):
            link = links[place]
            sign = 1.0
            if link < 0:
                link, sign = -1 - link, -1.0
            if forces[link, 6] == 0.0:
                continue
            touching += 1
            fx += sign * forces[link, 0]
            fy += sign * forces[link, 1]
            fz += sign * forces[link, 2]
            tx -= radii[i] * forces[link, 3]
            ty -= radii[i] * forces[link, 4]
            tz -= radii[i] * forces[link, 5]
            stiff += forces[link, 6]
            area += forces[link, 7]
            reaches += math.sqrt(forces[link, 7])
            gone += forces[link, 8] if sign > 0.0 else forces[link, 9]
        law = walls[kinds[i]]
        if periodic[2] == 0:
            for side in range(2):
                height = places[i, 2] if side == 0 else box[2] - places[i, 2]
                overlap = radii[i] - height
                if overlap <= 0.0:
                    history[i, side] = 0.0
                    continue
                force, rest, patch, hard = normal_force(
                    overlap, history[i, side], radii[i], law[MODULUS], law[YIELD], 0.0,
                    1.0 / radii[i], confined[i],
                )  # fmt: skip
                history[i, side] = rest
                fz += force if side == 0 else -force
                stiff += hard
                area += patch
                reaches += math.sqrt(patch)
                gone += _cap(own[i], max(own[i] - height, 0.0))
                touching += 1
                total[2 + side] += force
                total[6] += force * height
                total[7] += hard * height * height
        if touching > 1:
            total[0] += math.sqrt(fx * fx + fy * fy + fz * fz)
            total[1] += 1.0
        surface = SURFACE * 4.0 * math.pi * own[i] ** 2
        share = (surface * max(1.0 - area / surface, _BARE)) ** 1.5
        total[4] += share
        if law[YIELD] < math.inf:
            volume = 4.0 / 3.0 * math.pi * own[i] ** 3
            pores = void * share / weight
            onset = ONSET * area / max(reaches * reaches, 1e-300)
            pressure = confinement(pores / (pores + volume), law[YIELD], law[BULK], onset)
            confined[i] = pressure * min(surface / max(area, 1e-12 * surface), _MOST_RATIO)
            grown = min((1.0 + gone / volume) ** (1.0 / 3.0), GROWTH) * own[i]
            radii[i] += _PACE * (grown - radii[i])
        mass = masses[i]
        turn = 0.4 * mass * radii[i] ** 2
        if mass == 0.0:
            mass = max(0.6 * stiff, least * radii[i])
            turn = mass * radii[i] ** 2
        kept = 1.0 - damping * dt
        speeds[i, 0] = speeds[i, 0] * kept + fx / mass * dt
        speeds[i, 1] = speeds[i, 1] * kept + fy / mass * dt
        speeds[i, 2] = speeds[i, 2] * kept + fz / mass * dt
        spins[i, 0] = spins[i, 0] * kept + tx / turn * dt
        spins[i, 1] = spins[i, 1] * kept + ty / turn * dt
        spins[i, 2] = spins[i, 2] * kept + tz / turn * dt
        far = 0.0
        for axis in range(3):
            step = speeds[i, axis] * dt
            total[5] += 0.5 * mass * speeds[i, axis] ** 2
            moved[i, axis] += step
            far += moved[i, axis] ** 2
            places[i, axis] = (places[i, axis] + step) * (1.0 - strain[axis] * dt)
        moved[i, 3] = far
    return total
