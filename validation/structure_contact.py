"""Surfaces, contact and triple lines of voxel volumes against bodies whose geometry is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from solith.core.result import Result
from solith.core.volume import Volume
from solith.structure import measure_contact, measure_surface, measure_triple_lines
from validation.marks import Mark, finish

__all__ = ["marks"]

PHASES = ("void", "active", "electrolyte")
TILTS = ((0, 0, 1), (0, 1, 1), (1, 1, 1), (0, 1, 2))
PLACES = 12

Labels = NDArray[np.uint8]
Floats = NDArray[np.float64]


def marks() -> Iterator[Mark]:
    """All marks of surfaces and contact."""
    yield from _spheres()
    yield from _planes()
    yield from _ellipsoids()
    yield from _thin_gaps()
    yield from _half_contact()
    yield from _triple_lines()


def _spheres() -> Iterator[Mark]:
    random = np.random.default_rng(1)
    for radius in (4, 6, 8, 12, 16, 24, 32):
        places = list(random.uniform(-0.5, 0.5, (PLACES if radius < 20 else 3, 3)))
        errors = [_sphere_error(radius, place)[0] for place in places]
        most = 0.02 if radius < 8 else 0.005
        yield Mark(
            f"Surface of a sphere of radius {radius} voxels, {len(places)} places in the grid",
            f"mean error {np.mean(errors):+.2%}, worst {_worst(errors):+.2%}",
            f"each within {most:.1%}",
            max(map(abs, errors)) <= most,
        )
    for where, offset in (("corner", 0.0), ("centre", 0.5)):
        both = {radius: _sphere_error(radius, [offset] * 3) for radius in (4, 6, 8, 12, 16)}
        told = ", ".join(
            f"{radius}: {error:+.2%} ({own:+.2%})" for radius, (error, own) in both.items()
        )
        beyond = max(abs(error - own) for error, own in both.values())
        yield Mark(
            f"Spheres about a voxel's {where}: error of the surface (of the voxels' own volume "
            "to the power 2/3)",
            told,
            "the two within 0.5 %",
            beyond <= 0.005,
        )


def _sphere_error(radius: int, centre: Any) -> tuple[float, float]:
    """Relative error of the surface, and that which the number of voxels alone would give."""
    labels = _ball(radius, centre)
    area = _value(measure_surface(Volume(labels), 1), "surface_area")
    digital = (int(labels.sum()) * 3 / (4 * np.pi * radius**3)) ** (2 / 3)
    return area / (4 * np.pi * radius**2) - 1, digital - 1


def _planes() -> Iterator[Mark]:
    random = np.random.default_rng(2)
    named: list[Any] = [*TILTS, *random.normal(size=(10, 3))]
    near = [(first, 1, last) for first in (0, 1) for last in range(4, 21, 2)]
    cubes, long = (1.0, 1.0, 1.0), (1.0, 1.0, 2.0)
    for what, tilts, voxel, most in (
        ("at 001, 011, 111, 012 and ten random tilts", named, cubes, 0.02),
        ("nearly along an axis, 0 1 n and 1 1 n, n from 4 to 20", near, cubes, 0.02),
        ("at the same 14 tilts, voxels 1 x 1 x 2", named, long, 0.02),
        ("nearly along an axis, voxels 1 x 1 x 2", near, long, 0.05),
    ):
        errors, entries = [], []
        for tilt in tilts:
            normal = np.array(tilt) / np.linalg.norm(tilt)
            distance = _along(_grid(56, voxel), normal)
            labels = (distance <= random.uniform(-0.5, 0.5)).astype(np.uint8)
            found = measure_surface(Volume(labels, voxel_size=voxel), 1)
            errors.append(_value(found, "surface_area") / _projected(labels, normal, voxel) - 1)
            tensor = np.array(found.details["normal_tensor"])
            entries.append(np.abs(tensor - np.outer(normal, normal)).max())
        yield Mark(
            f"Planes {what}",
            f"worst error of area {_worst(errors):+.2%}, of an entry of the normal tensor "
            f"{max(entries):.3f}",
            f"area within {most:.0%}",
            max(map(abs, errors)) <= most,
        )


def _ellipsoids() -> Iterator[Mark]:
    tensors, areas = [], []
    for axes in ((8, 8, 16), (10, 10, 20), (8, 16, 16), (10, 14, 20)):
        for turn in (np.eye(3), *Rotation.random(3, random_state=1).as_matrix()):
            place = np.stack(np.broadcast_arrays(*_grid(48)), -1) - [0.1, 0.23, 0.31]
            labels = (((place @ turn.T / axes) ** 2).sum(-1) <= 1).astype(np.uint8)
            exact_area, exact = _ellipsoid(np.array(axes, float), turn)
            found = measure_surface(Volume(labels), 1)
            difference = np.array(found.details["normal_tensor"]) - exact
            tensors.append(float(np.linalg.norm(difference) / np.linalg.norm(exact)))
            areas.append(_value(found, "surface_area") / exact_area - 1)
    yield Mark(
        "Normal tensor of 16 ellipsoids, turned, against the integral over their surface",
        f"worst error {max(tensors):.2%} (norm of the difference), of area {_worst(areas):+.2%}",
        "within 2 %",
        max(tensors) <= 0.02 and max(map(abs, areas)) <= 0.02,
    )


def _thin_gaps() -> Iterator[Mark]:
    errors = []
    for thickness in (2.0, 3.0, 4.0):
        for tilt in (*TILTS, (2, 5, 9)):
            normal = np.array(tilt) / np.linalg.norm(tilt)
            distance = _along(_grid(56), normal) - 0.1
            plate = (abs(distance) <= thickness / 2).astype(np.uint8)
            exact = sum(
                _projected((distance <= end).astype(np.uint8), normal)
                for end in (-thickness / 2, thickness / 2)
            )
            errors.append(_value(measure_surface(Volume(plate), 1), "surface_area") / exact - 1)
    yield Mark(
        "Plates two to four voxels thick, five tilts",
        f"worst error {_worst(errors):+.2%}",
        "within 2 %",
        max(map(abs, errors)) <= 0.02,
    )
    changes = []
    for axis in ((0, 0, 1), (0, 1, 1), (1, 1, 1), (0.3, 0.5, 0.8)):
        along = np.array(axis) / np.linalg.norm(axis)
        balls = [_ball(8, sign * 9 * along + 0.13, 44) for sign in (-1, 1)]
        apart = [_value(measure_surface(Volume(one), 1), "surface_area") for one in balls]
        both = measure_surface(Volume(balls[0] | balls[1]), 1)
        changes.append(_value(both, "surface_area") / sum(apart) - 1)
    yield Mark(
        "Two spheres of radius 8, two voxels apart, beside each alone",
        f"largest change of area {max(map(abs, changes)):.1e}",
        "within 0.1 %",
        max(map(abs, changes)) <= 1e-3,
    )


def _half_contact() -> Iterator[Mark]:
    random = np.random.default_rng(3)
    for radius in (8, 16, 32):
        fractions, areas = [], []
        for tilt in (*TILTS, *random.normal(size=(6, 3))):
            labels = _half_covered(radius, tilt, random.uniform(-0.5, 0.5, 3))
            found = measure_contact(Volume(labels, PHASES), "active", "electrolyte")
            fractions.append(_value(found, "contact_fraction") - 0.5)
            areas.append(_value(found, "contact_area") / (2 * np.pi * radius**2) - 1)
        half_voxel = 0.25 / radius
        yield Mark(
            f"A sphere of radius {radius} voxels half in contact, ten tilts and places",
            f"contact fraction {0.5 + np.mean(fractions):.4f} on average, "
            f"{0.5 + _worst(fractions):.4f} at worst; contact area {np.mean(areas):+.2%}, "
            f"{_worst(areas):+.2%}",
            f"0.5 within 0.005 on average; each within {half_voxel:.3f} more, half a voxel",
            abs(np.mean(fractions)) <= 0.005 and max(map(abs, fractions)) <= half_voxel + 0.005,
        )


def _triple_lines() -> Iterator[Mark]:
    random = np.random.default_rng(4)
    errors = []
    for tilt in (*TILTS, (0, 1, 10), *random.normal(size=(10, 3))):
        along = np.array(tilt) / np.linalg.norm(tilt)
        first = np.cross(along, (1, 0.3, 0))
        first /= np.linalg.norm(first)
        place = _grid(56)
        turn = np.arctan2(_along(place, np.cross(along, first)), _along(place, first))
        turn = np.mod(turn + random.uniform(0, 6), 2 * np.pi)
        labels = np.digitize(turn, [2.1, 4.2]).astype(np.uint8)
        found = measure_triple_lines(Volume(labels, PHASES), *PHASES)
        exact = 56 / np.abs(along).max()
        errors.append(_value(found, "triple_line_length") / exact - 1)
    yield Mark(
        "Straight triple lines, 15 tilts",
        f"worst error {_worst(errors):+.2%}",
        "within 2 %",
        max(map(abs, errors)) <= 0.02,
    )
    for radius, most in ((8, 0.06), (16, 0.03), (32, 0.02)):
        errors = []
        for tilt in (*TILTS, *random.normal(size=(6, 3))):
            labels = _half_covered(radius, tilt, random.uniform(-0.5, 0.5, 3))
            found = measure_triple_lines(Volume(labels, PHASES), *PHASES)
            errors.append(_value(found, "triple_line_length") / (2 * np.pi * radius) - 1)
        yield Mark(
            f"The circle round a half-covered sphere of radius {radius} voxels, ten tilts",
            f"mean error {np.mean(errors):+.2%}, worst {_worst(errors):+.2%}",
            f"mean within {most:.0%}",
            abs(np.mean(errors)) <= most,
        )


def _grid(voxels: int, voxel: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> list[Any]:
    axes = [(np.arange(voxels) - voxels / 2 + 0.5) * h for h in voxel]
    return list(np.meshgrid(*axes, indexing="ij", sparse=True))


def _along(place: list[Any], direction: Any) -> Floats:
    x, y, z = place
    return np.asarray(x * direction[0] + y * direction[1] + z * direction[2])


def _ball(radius: float, centre: Any, voxels: int | None = None) -> Labels:
    x, y, z = (q - c for q, c in zip(_grid(voxels or 2 * int(radius) + 8), centre, strict=True))
    return np.asarray(x * x + y * y + z * z <= radius**2).astype(np.uint8)


def _half_covered(radius: float, tilt: Any, centre: Any) -> Labels:
    """A sphere whose equator lies in the surface of an electrolyte."""
    voxels = 2 * int(radius) + 16
    place = [q - c for q, c in zip(_grid(voxels), centre, strict=True)]
    below = _along(place, tilt) <= 0
    return np.where(_ball(radius, centre, voxels) == 1, 1, 2 * below).astype(np.uint8)


def _projected(
    labels: Labels, normal: Floats, voxel: tuple[float, float, float] = (1.0, 1.0, 1.0)
) -> float:
    """Area of a plane of voxel faces: their sum as vectors, along the known normal."""
    steps = [int(np.diff(labels.astype(np.int8), axis=d).sum()) for d in range(3)]
    sizes = [float(np.prod(voxel) / h) for h in voxel]
    return -sum(n * step * size for n, step, size in zip(normal, steps, sizes, strict=True))


def _ellipsoid(axes: Floats, turn: Floats) -> tuple[float, Floats]:
    """Area and normal tensor by the midpoint rule over both angles."""
    polar = (np.arange(400) + 0.5)[:, np.newaxis] / 400 * np.pi
    azimuth = (np.arange(800) + 0.5)[np.newaxis, :] / 400 * np.pi
    unit = np.broadcast_arrays(
        np.sin(polar) * np.cos(azimuth), np.sin(polar) * np.sin(azimuth), np.cos(polar)
    )
    normals = np.stack(unit, -1) / axes
    length = np.linalg.norm(normals, axis=-1)
    weights = np.prod(axes) * length * np.sin(polar) * (np.pi / 400) ** 2
    normals /= length[..., np.newaxis]
    tensor = np.einsum("ij,ijp,ijq->pq", weights, normals, normals) / weights.sum()
    return float(weights.sum()), turn.T @ tensor @ turn


def _worst(errors: list[float]) -> float:
    return max(errors, key=abs)


def _value(result: Result, quantity: str) -> float:
    value = result[quantity].value
    if value is None:
        raise ValueError(f"{quantity} was not found")
    return value


if __name__ == "__main__":
    finish(marks())
