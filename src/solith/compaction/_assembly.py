"""Spheres in a box that are moved step by step: the state, its neighbours, one step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.compaction._motion_kernels import GROWTH, move_spheres, pair_forces
from solith.compaction._neighbour_kernels import count_pairs, fill_pairs, link_pairs, sort_cells
from solith.core.threads import share_out

__all__ = ["Assembly", "Measured"]

Array = NDArray[Any]

_SKIN = 0.25
"""Of the smallest radius: how much farther than touching pairs are listed."""
_PAIR_COST = 6
"""Of a pair in cells, as :func:`share_out` counts them."""


@dataclass(frozen=True)
class Measured:
    """What one step found.

    ``stress`` along x, y, z; ``platen`` is the mean pressure on both platens (nan without);
    ``unbalanced`` is the mean resultant of a sphere that has two contacts or more, ``force`` the
    mean normal force of a contact; ``modulus`` is the stiffness against pressing if all spheres
    moved with the box; ``energy`` is kinetic.
    """

    stress: Array
    platen: float
    unbalanced: float
    force: float
    contacts: int
    modulus: float
    energy: float


@dataclass
class Assembly:
    """Spheres with what their contacts remember, in any units that fit together.

    ``table`` (kinds, kinds, 8) and ``walls`` (kinds, 8) are the laws of contact, columns as in
    ``_motion_kernels``. ``radii`` grow as soft spheres give way, ``own`` are those at first.
    ``masses`` of zero follow the contacts' stiffness, which suits a time
    step of 1: a state at rest does not depend on masses.
    """

    places: Array
    radii: Array
    kinds: Array
    box: Array
    periodic: Array
    table: Array
    walls: Array
    masses: Array
    dt: float = 1.0
    damping: float = 0.05
    least: float = 1.0
    steps: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        count = len(self.radii)
        self.speeds, self.spins = np.zeros((count, 3)), np.zeros((count, 3))
        self.confined: Array = np.zeros(count)
        self.platen_history = np.zeros((count, 2))
        self.moved = np.zeros((count, 4))
        self.own: Array = self.radii.copy()
        self._ranks: Array = self.radii.copy()
        self._listed: Array = self.radii.copy()
        self.volume = float(4.0 / 3.0 * np.pi * np.sum(self.radii**3))
        self.weight = 1.0
        self.skin = _SKIN * float(self.radii.min())
        self.starts = np.zeros(count + 1, np.int64)
        self.partners, self.history = np.empty(0, np.int32), np.empty((0, 4))
        self.forces = np.empty((0, 10))
        self._shrunk = np.inf

    @property
    def fraction(self) -> float:
        """Volume of the spheres over that of the box."""
        return self.volume / float(np.prod(self.box))

    def step(self, strain: Array) -> Measured:
        """Move all by one step while the box shortens at the rate ``strain`` (3,)."""
        moved = float(np.sqrt(self.moved[:, 3].max()) + np.max(self.radii - self._listed))
        if self._shrunk + 2.0 * moved > self.skin:
            self._rebuild()
        pairs = self._share(
            pair_forces, self.places, self.speeds, self.spins, self.own, self.radii, self.kinds,
            self.table, self.box, self.periodic, strain, self.dt, self.starts, self.partners,
            self.history, self.confined, self.forces,
        )  # fmt: skip
        space = float(np.prod(self.box))
        pores = space - self.volume if self.steps else space  # weights are not known at first
        spheres = self._share(
            move_spheres, self.places, self.speeds, self.spins, self.own, self.radii, self.kinds,
            self.walls, self.box, self.periodic, strain, self.dt, self.damping, self.masses,
            self.least, self.begin, self.links, self.forces, self.platen_history, self.confined,
            pores, self.weight, self.moved,
        )  # fmt: skip
        self.weight = float(spheres[4])
        face = float(self.box[0] * self.box[1])
        stress = pairs[:3] / space
        stress[2] += spheres[6] / space
        number = max(float(pairs[4]), 1.0)
        platens = not self.periodic[2]
        stiffness = float(pairs[5] + spheres[7]) if platens else float(pairs[6]) / 9.0
        measured = Measured(
            stress=stress,
            platen=float(spheres[2] + spheres[3]) / (2 * face) if platens else float("nan"),
            unbalanced=float(spheres[0]) / max(float(spheres[1]), 1.0),
            force=float(pairs[3]) / number,
            contacts=int(pairs[4]),
            modulus=stiffness / space,
            energy=float(spheres[5]),
        )
        shrink = 1.0 - strain * self.dt
        self.box = self.box * shrink
        self._shrunk += float(np.max(np.abs(strain))) * self.dt * 2.5 * float(self.radii.max())
        self.steps += 1
        return measured

    def swell(self, kinds: Array, ratio: float) -> None:
        """Multiply the volume of all spheres of some ``kinds`` (true and false) by ``ratio``."""
        chosen = kinds[self.kinds]
        self.own[chosen] *= ratio ** (1 / 3)
        self.radii[chosen] *= ratio ** (1 / 3)
        self.volume = float(4.0 / 3.0 * np.pi * np.sum(self.own**3))

    def _rebuild(self) -> None:
        for axis in range(3):
            if self.periodic[axis]:
                self.places[:, axis] %= self.box[axis]
        width = 2.0 * float(np.median(self.radii)) + self.skin
        cells = np.clip(np.floor(self.box / width), 1, 200).astype(np.int64)
        begin, order = sort_cells(self.places, self.box, cells)
        counts = np.zeros(len(self.radii), np.int64)
        swollen = max(float(np.max(self.own / self._ranks)), 1.0)
        look = (
            self.places,
            self._ranks,
            self.radii,
            GROWTH * swollen,
            self.box,
            self.periodic,
            self.skin,
            cells,
            begin,
            order,
        )
        self._share(count_pairs, *look, counts)
        starts = np.concatenate(([0], np.cumsum(counts)))
        partners, history = np.empty(starts[-1], np.int32), np.empty((starts[-1], 4))
        self._share(
            fill_pairs, *look, starts, partners, history, self.starts, self.partners, self.history
        )
        self.starts, self.partners, self.history = starts, partners, history
        self.begin, self.links = link_pairs(starts, partners)
        self.forces = np.zeros((len(partners), 10))
        self.forces[:, 6] = 1.0  # as if all had touched: those that no longer do forget theirs
        self.moved[:] = 0.0
        self._listed = self.radii.copy()
        self._shrunk = 0.0

    def _share(self, kernel: Any, *arguments: Any) -> Any:
        return share_out(kernel, len(self.radii), _PAIR_COST * len(self.partners), *arguments)
