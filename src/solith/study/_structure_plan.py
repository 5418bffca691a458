"""What is to be measured of a volume: from its phases, their roles and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import to_si
from solith.core.result import Value
from solith.core.volume import AXES, Volume, axis_number, labels_present
from solith.study._structure_roles import find_roles

__all__ = ["Measure", "Network", "Plan", "make_plan"]

_CARRY_ELECTRONS = ("active", "carbon")


@dataclass(frozen=True)
class Measure:
    """One value of one phase; ``other`` is the phase that it touches, where there is one."""

    phase: str
    other: str
    value: Value


@dataclass(frozen=True)
class Network:
    """Phases that conduct together, with their conductivities [S/m].

    ``assumed`` where no conductivity was given and 1 S/m stands for it.
    """

    phases: Mapping[str, float]
    assumed: bool = False

    @property
    def name(self) -> str:
        """The phases by name, as rows of results have them."""
        return " + ".join(self.phases)


@dataclass(frozen=True)
class Plan:
    """What is measured: along which axis, contact of which pairs, current through which phases.

    ``insulating`` where no electrons can pass, by the conductivities that were given. ``thin``
    are the axes along which the volume is one voxel deep.
    """

    axis: int
    roles: Mapping[str, str]
    present: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    networks: tuple[Network, ...]
    particles: bool
    insulating: bool = False
    thin: tuple[str, ...] = ()

    @property
    def section(self) -> str:
        """What is to be said of a volume one voxel deep; "" where it is deeper."""
        if not self.thin:
            return ""
        return f"one voxel deep along {' and '.join(self.thin)}: a section is no volume"

    @property
    def active(self) -> str | None:
        """The active phase, if the volume has one."""
        return self._present("active")

    @property
    def electrolyte(self) -> str | None:
        """The electrolyte, if the volume has one."""
        return self._present("electrolyte")

    @property
    def triple(self) -> tuple[str, str, str] | None:
        """Active material, electrolyte and carbon, where all are there."""
        a, b, c = (self._present(role) for role in ("active", "electrolyte", "carbon"))
        return (a, b, c) if a and b and c else None

    def _present(self, role: str) -> str | None:
        phase = self.roles.get(role)
        return phase if phase in self.present else None


def make_plan(
    volume: Volume,
    roles: Mapping[str, str] | None,
    conductivities: Mapping[str, Any] | None,
    axis: str | int,
    *,
    particles: bool,
) -> Plan:
    """The plan for a volume, checked against its phases.

    Ions go through the electrolyte, electrons through active material and carbon where their
    conductivities are given, and every other phase with a conductivity stands for itself. Without
    an electrolyte and without conductivities, each phase stands for itself.
    """
    found = find_roles(volume.phases, roles)
    labels = labels_present(volume.labels)
    present = tuple(name for name, label in volume.phases.items() if label in labels)
    given = _given(volume, conductivities)
    return Plan(
        axis_number(axis),
        found,
        present,
        _pairs(found, present),
        tuple(_networks(found, present, given)),
        particles,
        _insulating(found, present, given),
        tuple(name for name, voxels in zip(AXES, volume.shape, strict=True) if voxels == 1),
    )


def _insulating(
    roles: Mapping[str, str], present: tuple[str, ...], given: Mapping[str, float]
) -> bool:
    known = [
        given[roles[role]]
        for role in _CARRY_ELECTRONS
        if roles.get(role) in present and roles[role] in given
    ]
    return bool(known) and not any(known)


def _given(volume: Volume, conductivities: Mapping[str, Any] | None) -> dict[str, float]:
    given = {}
    if conductivities is not None and not isinstance(conductivities, Mapping):
        raise InputError(
            f"{conductivities!r} is no table of phases, as {{'electrolyte': '2 mS/cm'}}",
            where="conductivities",
        )
    for phase, conductivity in (conductivities or {}).items():
        if phase not in volume.phases:
            raise UnknownNameError.among("phase", str(phase), volume.phases).inside(
                "conductivities"
            )
        try:
            given[phase] = to_si(conductivity, "S/m")
        except InputError as error:
            raise error.inside(f"conductivities.{phase}") from None
        if not 0 <= given[phase] < float("inf"):
            raise InputError(
                f"{conductivity!r} is no conductivity", where=f"conductivities.{phase}"
            )
    return given


def _pairs(roles: Mapping[str, str], present: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The active phase with each other one, the electrolyte first; or else all pairs, by name."""
    active = roles.get("active")
    if active in present:
        last = (roles.get("electrolyte"), roles.get("void"), roles.get("carbon"))
        others = [phase for phase in last if phase in present]
        others += [phase for phase in present if phase not in (*others, active)]
        return tuple((str(active), str(other)) for other in others)
    return tuple(combinations(sorted(present), 2))


def _networks(
    roles: Mapping[str, str], present: tuple[str, ...], given: Mapping[str, float]
) -> list[Network]:
    conducting = {phase: value for phase, value in given.items() if value > 0 and phase in present}
    networks = []
    electrolyte = roles.get("electrolyte")
    if electrolyte in present:
        assumed = electrolyte not in given
        value = 1.0 if assumed else given[electrolyte]
        if value > 0:
            networks.append(Network({electrolyte: value}, assumed))
    electronic = [roles.get(role) for role in _CARRY_ELECTRONS]
    if joined := {phase: conducting[phase] for phase in conducting if phase in electronic}:
        networks.append(Network(joined))
    networks += [
        Network({phase: value})
        for phase, value in conducting.items()
        if phase != electrolyte and phase not in electronic
    ]
    if not networks and not given:
        networks = [Network({phase: 1.0}, assumed=True) for phase in present]
    return networks
