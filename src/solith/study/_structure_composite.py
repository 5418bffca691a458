"""A composite electrode out of what was measured of a volume."""

from __future__ import annotations

from collections.abc import Iterable

from solith.core.composite import Composite
from solith.core.errors import InputError
from solith.core.result import Value
from solith.study._structure_plan import Measure, Plan

__all__ = ["make_composite"]

_MEASURED = "measured on"
_ZERO = {
    "contact_fraction": "{active} does not touch {electrolyte}",
    "accessible_fraction": "no particle of {active} touches {electrolyte} that spans",
    "electronic_conductivity": "what conducts electrons does not span",
    "ionic_conductivity": "{electrolyte} does not span",
}
"""What a composite cannot do with: measured as 0, it would become what a cell has by default."""


def make_composite(
    measures: Iterable[Measure], plan: Plan, name: str
) -> tuple[Composite | None, str]:
    """The composite, and where there is none, why.

    ``particle_radius`` is half the median diameter of whole particles by volume, or else
    3 x fraction / surface; ``accessible_fraction`` the part of the active volume in particles
    that touch the electrolyte that spans. A cell counts the surface of these alone, so that
    ``contact_fraction`` is over theirs, too, and where particles were not measured over all.
    Conductivities are there where they were given. What could not be measured is left out; there
    is no composite where one of these is 0.
    """
    if plan.section:
        return None, plan.section
    known = {(one.value.quantity, one.phase, one.other): one.value for one in measures}
    active, electrolyte = plan.active, plan.electrolyte
    if active is None or electrolyte is None:
        missing = " and no ".join(
            role for role, phase in (("active", active), ("electrolyte", electrolyte)) if not phase
        )
        return None, f"no {missing} phase is known, which it needs"

    def find(quantity: str, phase: str, other: str = "") -> Value | None:
        value = known.get((quantity, phase, other))
        return value if value is not None and value.value is not None else None

    surface = find("surface_area_per_volume", active)
    share = find("fraction", active)
    taken: dict[str, tuple[float, str]] = {}

    def take(field: str, value: Value | None, scale: float = 1.0) -> None:
        if value is not None and value.value is not None:
            taken[field] = (value.value * scale, _source(value, name, scale))

    take("active_fraction", share)
    take("electrolyte_fraction", find("fraction", electrolyte))
    take("surface_area", surface)
    of_accessible = find("contact_fraction_accessible", active, electrolyte)
    take("contact_fraction", of_accessible or find("contact_fraction", active, electrolyte))
    take("particle_radius", find("diameter_d50", active), 0.5)
    if "particle_radius" not in taken and surface and share and surface.value and share.value:
        radius = 3 * share.value / surface.value
        taken["particle_radius"] = (radius, f"3 x fraction / surface, {_MEASURED} {name}")
    take("ionic_tortuosity_factor", find("tortuosity_flux", electrolyte))
    if isolated := find("isolated_particle_fraction", active, electrolyte):
        reached = 1 - float(isolated.value or 0.0)
        taken["accessible_fraction"] = (reached, _source(isolated, name, 1.0, "1 - "))
    for network in plan.networks:
        effective = find("effective_conductivity", network.name)
        if network.assumed or effective is None:
            continue
        if network.name == electrolyte:
            take("ionic_conductivity", effective)
        elif active in network.phases or plan.roles.get("carbon") in network.phases:
            take("electronic_conductivity", effective)
    if plan.insulating:
        taken["electronic_conductivity"] = (0.0, "given")
    zeros = [
        f"{field} is 0 ({why.format(active=active, electrolyte=electrolyte)})"
        for field, why in _ZERO.items()
        if field in taken and taken[field][0] <= 0
    ]
    if zeros:
        return None, "; ".join(zeros)
    lacking = [
        field
        for field in ("ionic_tortuosity_factor", "contact_fraction", "particle_radius")
        if field not in taken
    ]
    if lacking:
        return None, f"{', '.join(lacking)} could not be measured"
    # A share may be above its bound by the last digit, a factor below it.
    numbers = {field: number for field, (number, _) in taken.items()}
    numbers["ionic_tortuosity_factor"] = max(1.0, numbers["ionic_tortuosity_factor"])
    try:
        sources = {field: source for field, (_, source) in taken.items()}
        return Composite(**numbers, sources=sources), ""
    except InputError as error:
        return None, str(error)


def _source(value: Value, name: str, scale: float, before: str = "") -> str:
    spread = ""
    if value.uncertainty is not None:
        spread = f", ± {value.uncertainty * scale:.2g} {value.unit}".rstrip()
    method = f" ({value.method})" if value.method else ""
    return f"{before}{value.quantity} {_MEASURED} {name}{method}{spread}"
