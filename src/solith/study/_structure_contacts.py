"""Contact between the phases of a volume, their surfaces, and the active particles."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from solith.core.progress import Progress
from solith.core.result import Result, Value
from solith.core.volume import AXES, Volume
from solith.study._structure_plan import Measure, Plan

__all__ = ["measure_contacts"]

_CONTACT = (
    *("contact_fraction", "contact_area_per_volume", "contact_anisotropy"),
    *("particle_contact_fraction_median", "particle_contact_fraction_std"),
)
_SIZES = ("diameter_d10", "diameter_d50", "diameter_d90", "coordination_number", "particles")
_REST = "what no other phase touches"


def measure_contacts(
    volume: Volume, plan: Plan, present: Sequence[str], progress: Progress
) -> tuple[list[Measure], dict[str, Result]]:
    """Contact of the plan's pairs, surfaces that go with it, and particles: values and results.

    The last of several phases that the active one touches has what the others leave of its
    surface: all of it touches something, and a measurement less saves a third of the time.
    """
    from solith.structure import measure_contact, measure_surface

    rows: list[Measure] = []
    results: dict[str, Result] = {}
    axis, whole = AXES[plan.axis], math.prod(volume.size)
    particles = None
    if plan.particles and plan.active in present and plan.active is not None:
        progress.report(0.0, f"particles of {plan.active}")
        particles = _particles(volume, plan, present, rows, results)
    pairs = [pair for pair in plan.pairs if set(pair) <= set(present)]
    known: list[Result] = []
    areas: set[str] = set()
    for number, (a, b) in enumerate(pairs):
        part = progress.part((number + 1) / (len(pairs) + 1), (number + 2) / (len(pairs) + 1))
        if plan.active is not None and number and number == len(pairs) - 1:
            contact = _rest(known, a, b, whole)
        else:
            own = particles if b == plan.electrolyte else None
            contact = measure_contact(volume, a, b, axis=axis, particles=own, progress=part)
            rows += _surfaces(contact, a, b, whole, areas)
        known.append(contact)
        results[f"contact of {a} with {b}"] = contact
        rows += [Measure(a, b, contact[name]) for name in _CONTACT if name in contact]
        if "contact_fraction_b" in contact:
            back = replace(contact["contact_fraction_b"], quantity="contact_fraction")
            rows.append(Measure(b, a, back))
    if not pairs and plan.active in present and len(present) > 1 and plan.active is not None:
        surface = measure_surface(volume, plan.active, axis=axis)
        rows.append(Measure(plan.active, "", surface["surface_area_per_volume"]))
    return rows, results


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


def _rest(known: Sequence[Result], a: str, b: str, whole: float) -> Result:
    """The contact of ``a`` with ``b``: its surface less its contact with all other phases."""
    first = known[0]
    surface = float(first["surface_area_a"].value or 0.0)
    left = max(surface - sum(float(one["contact_area"].value or 0.0) for one in known), 0.0)
    rose = first.details["rose"]
    area = np.array(rose["area"])
    touching = area - sum(np.array(one.details["rose"]["contact_area"]) for one in known)
    touching = np.maximum(touching, 0.0)
    shares = [float(t / n) if n > 0 else None for t, n in zip(touching, area, strict=True)]
    flags = first["contact_area"].flags
    of_surface, of_contact = f"surface of {a}", f"contact of {a} and {b}"
    fraction = left / surface if surface > 0 else None
    return Result(
        f"contact of {a} with {b}",
        (
            Value("contact_area", left, "m2", area=of_contact, method=_REST, flags=flags),
            Value(
                "contact_area_per_volume",
                left / whole,
                "1/m",
                area=of_contact,
                method=_REST,
                flags=flags,
            ),
            Value("contact_fraction", fraction, area=of_surface, method=_REST, flags=flags),
        ),
        {
            "a": a,
            "b": b,
            "axis": first.details["axis"],
            "rose": {
                "cosine_edges": rose["cosine_edges"],
                "area": rose["area"],
                "contact_area": touching.tolist(),
                "contact_fraction": shares,
            },
        },
    )


def _particles(
    volume: Volume,
    plan: Plan,
    present: Sequence[str],
    rows: list[Measure],
    results: dict[str, Result],
) -> Any:
    from solith.structure import measure_particles, split_particles
    from solith.structure.connectivity import measure_isolated_particles

    active = str(plan.active)
    particles = split_particles(volume, active)
    sizes = measure_particles(volume, active, particles)
    results[f"particles of {active}"] = sizes
    rows.extend(Measure(active, "", sizes[name]) for name in _SIZES if name in sizes)
    if plan.electrolyte in present and plan.electrolyte is not None:
        alone = measure_isolated_particles(
            volume, active, plan.electrolyte, particles, axis=AXES[plan.axis]
        )
        results["isolated particles"] = alone
        rows.append(Measure(active, plan.electrolyte, alone["isolated_particle_fraction"]))
    return particles
