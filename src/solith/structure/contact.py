"""Contact between two phases of a volume: how much, which way, and on which particles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.errors import InputError
from solith.core.progress import SILENT, Progress
from solith.core.result import Result, Value
from solith.core.surface_sums import FaceSums, Surface, sum_faces
from solith.core.volume import AXES, Volume, axis_number
from solith.structure._chosen_phases import checked_labels, checked_particles, thin_axes
from solith.structure._surface_values import cosine_edges, surface_values, tensor_rows

__all__ = ["ParticleContacts", "find_particle_contacts", "measure_contact"]

_CLASSES = 20
"""Of the histogram of contact fractions."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ParticleContacts:
    """For each particle its number, surface [m2] and contact [m2]; all of one length.

    Surface is that to other phases, inside the volume: particles that touch each other share none,
    and one that the volume's boundary cuts has less. Particles without any are left out.
    """

    numbers: NDArray[np.int64]
    surface_area: Floats
    contact_area: Floats

    @property
    def contact_fraction(self) -> Floats:
        """Share of each particle's surface that is in contact."""
        fractions: Floats = np.clip(self.contact_area / self.surface_area, 0.0, 1.0)
        return fractions


def measure_contact(
    volume: Volume,
    a: str | int,
    b: str | int,
    *,
    axis: str | int = "z",
    particles: ArrayLike | None = None,
    isolated: ArrayLike = (),
    progress: Progress = SILENT,
) -> Result:
    """Contact between the phases ``a`` and ``b``: area, fraction of their surfaces, direction.

    Values: ``contact_area`` [m2] and ``contact_area_per_volume`` [1/m]; ``contact_fraction``, the
    share of ``a``'s whole surface, and ``contact_fraction_b``, that of ``b``'s;
    ``surface_area_a`` and ``surface_area_b``; the contact-normal tensor ``contact_normal_xx`` ...
    and ``contact_anisotropy`` relative to the pressing ``axis``, as in :func:`measure_surface`,
    with normals from ``a`` to ``b``. The outer boundary of the volume is no surface.

    ``details["rose"]`` tells, in equal steps of the cosine between ``a``'s outward normal and the
    axis, ``a``'s surface, its contact with ``b`` and their ratio: where a particle touches
    electrolyte and where a void.

    ``particles`` numbers the particles of ``a``, for each voxel 1, 2, 3, ... or 0 for none. Then
    ``particle_contact_fraction_median``, ``_mean``, ``_std`` and ``particle_fraction_untouched``
    (share of particles without any contact) tell how contact is spread over them, and
    ``details["particles"]`` has the histogram. :func:`find_particle_contacts` lists them.
    ``contact_fraction_accessible`` is the share of the surface of all particles but the
    ``isolated``, whose numbers :func:`find_isolated_particles` finds.

    The area is the same from ``b`` to ``a``. Beside a third phase, a face's normal follows the
    surface of ``a`` or of ``b``, whichever goes on smoothly. Where contact ends is known to half a
    voxel, which limits the contact fraction of small particles: what touches a surface is told by
    the centre of the voxel before it.

    :class:`InputError` for a phase that is unknown or has no voxel, and for particles that do not
    fit the volume.
    """
    first, second = checked_labels(volume, a=a, b=b)
    pressing = axis_number(axis)
    numbered, last = (None, -1) if particles is None else checked_particles(particles, volume)
    sums = sum_faces(volume, (first, second), pressing, progress, numbered, last)
    flags = thin_axes(volume)
    values = [
        *surface_values(
            "contact", sums.contact, volume, pressing, f"contact of {a} and {b}", flags
        ),
        Value("surface_area_a", sums.first.area, "m2", area=f"surface of {a}", flags=flags),
        Value("surface_area_b", sums.second.area, "m2", area=f"surface of {b}", flags=flags),
        _fraction("contact_fraction", sums.contact, sums.first, f"surface of {a}", flags),
        _fraction("contact_fraction_b", sums.contact, sums.second, f"surface of {b}", flags),
    ]
    details: dict[str, Any] = {
        "a": str(a),
        "b": str(b),
        "axis": AXES[pressing],
        "normal_tensor": tensor_rows(sums.contact),
        "rose": _rose(sums),
    }
    if numbered is not None:
        contacts = _contacts(sums.of_particles)
        values += _spread(contacts, f"surface of {a}", flags)
        values.append(_accessible(contacts, isolated, f"surface of accessible {a}", flags))
        details["particles"] = _histogram(contacts)
    return Result(f"contact of {a} with {b}", tuple(values), details)


def find_particle_contacts(
    volume: Volume,
    a: str | int,
    b: str | int,
    particles: ArrayLike,
    *,
    progress: Progress = SILENT,
) -> ParticleContacts:
    """Surface and contact with ``b`` of each particle of ``a``; as :func:`measure_contact`."""
    first, second = checked_labels(volume, a=a, b=b)
    numbered, last = checked_particles(particles, volume)
    sums = sum_faces(volume, (first, second), 2, progress, numbered, last)
    return _contacts(sums.of_particles)


def _fraction(
    quantity: str, contact: Surface, surface: Surface, area: str, flags: tuple[str, ...]
) -> Value:
    if surface.area <= 0:
        return Value(quantity, None, area=area, flags=("no surface inside the volume", *flags))
    return Value(quantity, contact.area / surface.area, area=area, flags=flags)


def _accessible(
    contacts: ParticleContacts, isolated: ArrayLike, area: str, flags: tuple[str, ...]
) -> Value:
    reached = ~np.isin(contacts.numbers, isolated)
    surface = float(contacts.surface_area[reached].sum())
    touching = float(contacts.contact_area[reached].sum())
    if not surface:
        flags = ("no particle is accessible", *flags)
    return Value(
        "contact_fraction_accessible",
        min(touching / surface, 1.0) if surface else None,
        area=area,
        method="over the accessible particles alone",
        flags=flags,
    )


def _rose(sums: FaceSums) -> dict[str, Any]:
    surface, contact = sums.first.rose, sums.contact.rose
    fractions = [
        float(np.clip(touching / area, 0.0, 1.0)) if area > 0 else None
        for touching, area in zip(contact, surface, strict=True)
    ]
    return {
        "cosine_edges": cosine_edges(),
        "area": [float(area) for area in surface],
        "contact_area": [float(area) for area in contact],
        "contact_fraction": fractions,
    }


def _contacts(of_particles: Floats) -> ParticleContacts:
    surface, contact = of_particles[1:, 0], of_particles[1:, 1]
    there = np.flatnonzero(surface > 0)
    if there.size == 0:
        raise InputError(
            "no particle has a surface inside the volume; number the voxels of phase a",
            where="particles",
        )
    return ParticleContacts(there + 1, surface[there], contact[there])


def _spread(contacts: ParticleContacts, area: str, flags: tuple[str, ...]) -> list[Value]:
    fractions = contacts.contact_fraction
    found = {
        "particle_contact_fraction_median": float(np.median(fractions)),
        "particle_contact_fraction_mean": float(np.mean(fractions)),
        "particle_contact_fraction_std": float(np.std(fractions)),
        "particle_fraction_untouched": float(np.mean(fractions == 0)),
    }
    return [Value(name, value, area=area, flags=flags) for name, value in found.items()]


def _histogram(contacts: ParticleContacts) -> dict[str, Any]:
    fractions = contacts.contact_fraction
    edges = np.linspace(0, 1, _CLASSES + 1)
    numbers, _ = np.histogram(fractions, edges)
    areas, _ = np.histogram(fractions, edges, weights=contacts.surface_area)
    return {
        "number": int(fractions.size),
        "contact_fraction_edges": [float(edge) for edge in edges],
        "particles": [int(n) for n in numbers],
        "surface_area": [float(area) for area in areas],
    }
