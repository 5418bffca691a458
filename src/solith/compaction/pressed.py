"""The pressed state: particles at rest under a pressure, and what follows from them."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.compaction._assembly import Assembly, Measured
from solith.compaction._filling import Body, fill_voxels
from solith.compaction._start import Scales
from solith.compaction.contacts import Contacts, contacts_of
from solith.compaction.mixture import PHASES, Mixture
from solith.core.errors import InputError
from solith.core.quantities import to_si
from solith.core.volume import Volume

__all__ = ["PressedState", "state_of"]

Array = NDArray[Any]


@dataclass(frozen=True, eq=False, repr=False)
class PressedState:
    """Particles of a ``mixture`` at rest under ``pressure`` [Pa] along z.

    * ``lateral_pressure`` [Pa] on the sides, which do not move (or move alike if isostatic).
    * ``size`` [m]: x and y repeat; z is between two platens, or repeats if ``periodic``.
    * ``positions`` (n, 3) [m], ``radii`` (n,) [m] and ``kinds`` (n,), the number of each
      particle's powder in the mixture. Soft particles overlap where they have flowed.
    * ``contacts``; ``unbalanced``: mean resultant of forces on a particle over the mean force of a
      contact; ``steps`` taken since the loose powder.
    * ``assembly`` and ``scales``: the spheres with what their contacts remember, and their units.
    """

    mixture: Mixture
    pressure: float
    lateral_pressure: float
    size: tuple[float, float, float]
    periodic: bool
    positions: Array
    radii: Array
    kinds: Array
    contacts: Contacts
    unbalanced: float
    steps: int
    assembly: Assembly
    scales: Scales

    @property
    def thickness(self) -> float:
        """Distance of the platens [m]."""
        return self.size[2]

    @property
    def fractions(self) -> dict[str, float]:
        """Each powder's volume over that of the pressed body, by name."""
        volumes = np.bincount(self.kinds, self.radii**3, len(self.mixture.powders))
        parts = 4 / 3 * np.pi * volumes / float(np.prod(self.size))
        return {p.name: float(v) for p, v in zip(self.mixture.powders, parts, strict=True)}

    @property
    def porosity(self) -> float:
        """Void volume over volume; what soft particles overlap has gone into the voids."""
        return 1.0 - sum(self.fractions.values())

    def volume(self, voxel_size: Any) -> Volume:
        """Voxels, ``voxel_size`` [m] wide, of phases void 0, active 1, electrolyte 2, carbon 3.

        Hard particles are drawn as spheres; each soft phase fills from its particles outwards
        until it has its volume. Volumes are kept to 0.1 % as far as there are voxels enough; the
        voxel is stretched a little, so that a whole number fits the body. :class:`InputError` for
        voxels that are no length or too large for the particles.
        """
        voxel = to_si(voxel_size, "m")
        if voxel <= 0:
            raise InputError(f"{voxel_size!r} is no positive length", where="voxel_size")
        periodic = np.array([1, 1, int(self.periodic)])
        bodies = [_body(self, phase, hardness) for hardness in ("hard", "soft") for phase in PHASES]
        hard = [body for body in bodies[: len(PHASES)] if len(body[2])]
        soft = [body for body in bodies[len(PHASES) :] if len(body[2])]
        labels, sides = fill_voxels(np.array(self.size), voxel, periodic, hard, soft)
        phases = {"void": 0} | {phase: n for n, phase in enumerate(PHASES, start=1)}
        return Volume(labels, phases, sides)

    def __repr__(self) -> str:
        parts = ", ".join(f"{name} {part:.1%}" for name, part in self.fractions.items())
        return (
            f"{len(self.radii)} particles at {self.pressure / 1e6:.4g} MPa: porosity "
            f"{self.porosity:.1%}, {parts}"
        )


def state_of(
    mixture: Mixture, pressure: float, assembly: Assembly, scales: Scales, measured: Measured
) -> PressedState:
    """The state of an ``assembly`` at rest, which may then be moved on: a copy is kept."""
    size = assembly.box * scales.length
    positions = assembly.places.copy()
    for axis in range(3):
        if assembly.periodic[axis]:
            positions[:, axis] %= assembly.box[axis]
    names = tuple(powder.name for powder in mixture.powders)
    return PressedState(
        mixture=mixture,
        pressure=pressure,
        lateral_pressure=float(np.mean(measured.stress[:2])) * scales.pressure,
        size=(float(size[0]), float(size[1]), float(size[2])),
        periodic=bool(assembly.periodic[2]),
        positions=positions * scales.length,
        radii=assembly.own * scales.length,
        kinds=assembly.kinds.copy(),
        contacts=contacts_of(assembly, scales.length, names),
        unbalanced=measured.unbalanced / max(measured.force, 1e-300),
        steps=assembly.steps,
        assembly=deepcopy(assembly),
        scales=scales,
    )


def _body(state: PressedState, phase: str, hardness: str) -> Body:
    """The particles of one phase that are hard, or soft."""
    powders = state.mixture.powders
    are = np.array([p.phase == phase and p.hardness == hardness for p in powders])[state.kinds]
    return PHASES.index(phase) + 1, state.positions[are], state.radii[are]
