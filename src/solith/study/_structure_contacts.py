"""Contact between the phases of a volume, their surfaces, and the active particles."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from solith.core.errors import InputError
from solith.core.progress import Progress
from solith.core.result import Result, Value
from solith.core.volume import AXES, Volume
from solith.study._structure_plan import Measure, Plan

__all__ = ["measure_contacts"]

_CONTACT = (
    *("contact_fraction", "contact_fraction_accessible"),
    *("contact_area_per_volume", "contact_anisotropy"),
    *("particle_contact_fraction_median", "particle_contact_fraction_std"),
)
_SIZES = ("diameter_d10", "diameter_d50", "diameter_d90", "coordination_number", "particles")


def measure_contacts(
    volume: Volume, plan: Plan, present: Sequence[str], progress: Progress
) -> tuple[list[Measure], dict[str, Result], tuple[str, ...]]:
    """Contact of the plan's pairs, surfaces that go with it, and particles.

    Gives values, whole results, and notes on what was left out.
    """
    from solith.structure import measure_contact, measure_surface

    rows: list[Measure] = []
    results: dict[str, Result] = {}
    notes: tuple[str, ...] = ()
    axis, whole = AXES[plan.axis], math.prod(volume.size)
    particles, isolated = None, ()
    if plan.particles and plan.active in present and plan.active is not None:
        progress.report(0.0, f"particles of {plan.active}")
        particles, why = _split(volume, plan.active)
        notes = (why,) if why else ()
        if particles is not None:
            isolated = _particles(volume, plan, present, particles, rows, results)
    pairs = [pair for pair in plan.pairs if set(pair) <= set(present)]
    areas: set[str] = set()
    for number, (a, b) in enumerate(pairs):
        part = progress.part((number + 1) / (len(pairs) + 1), (number + 2) / (len(pairs) + 1))
        own = particles if b == plan.electrolyte else None
        contact = measure_contact(
            volume, a, b, axis=axis, particles=own, isolated=isolated, progress=part
        )
        rows += _surfaces(contact, a, b, whole, areas)
        results[f"contact of {a} with {b}"] = contact
        rows += [Measure(a, b, contact[name]) for name in _CONTACT if name in contact]
        back = replace(contact["contact_fraction_b"], quantity="contact_fraction")
        rows.append(Measure(b, a, back))
    if not pairs and plan.active in present and len(present) > 1 and plan.active is not None:
        surface = measure_surface(volume, plan.active, axis=axis)
        rows.append(Measure(plan.active, "", surface["surface_area_per_volume"]))
    return rows, results, notes


def _surfaces(contact: Result, a: str, b: str, whole: float, areas: set[str]) -> Iterator[Measure]:
    """The surfaces of both phases per volume, each once."""
    for phase, end in ((a, "a"), (b, "b")):
        if phase in areas:
            continue
        areas.add(phase)
        area = contact[f"surface_area_{end}"]
        per_volume = None if area.value is None else area.value / whole
        changes = {"quantity": "surface_area_per_volume", "value": per_volume, "unit": "1/m"}
        yield Measure(phase, "", Value(**{**area.__dict__, **changes}))


def _split(volume: Volume, active: str) -> tuple[Any, str]:
    """The numbers of the particles; or None, and why."""
    from solith.structure import split_particles

    try:
        particles = split_particles(volume, active)
    except InputError as error:
        return None, f"particles are left out: {error.problem}"
    if particles.any():
        return particles, ""
    return None, f"particles are left out: {active} has none, only specks of a few voxels"


def _particles(
    volume: Volume,
    plan: Plan,
    present: Sequence[str],
    particles: Any,
    rows: list[Measure],
    results: dict[str, Result],
) -> Any:
    """Adds sizes and isolation of the particles; gives the numbers of the isolated ones."""
    from solith.structure import (
        find_isolated_particles,
        measure_isolated_particles,
        measure_particles,
    )

    active, electrolyte, axis = str(plan.active), plan.electrolyte, AXES[plan.axis]
    sizes = measure_particles(volume, active, particles)
    results[f"particles of {active}"] = sizes
    rows.extend(Measure(active, "", sizes[name]) for name in _SIZES if name in sizes)
    if electrolyte is None or electrolyte not in present:
        return ()
    alone = measure_isolated_particles(volume, active, electrolyte, particles, axis=axis)
    results["isolated particles"] = alone
    rows.append(Measure(active, electrolyte, alone["isolated_particle_fraction"]))
    if not alone["isolated_particle_fraction"].value:
        return ()
    return find_isolated_particles(volume, active, electrolyte, particles, axis=axis)
