"""The contacts of pressed particles: how many, how large, which way, between which powders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.compaction._assembly import Assembly
from solith.compaction._motion_kernels import SURFACE
from solith.core.errors import UnknownNameError

__all__ = ["Contacts", "contacts_of"]

Array = NDArray[Any]
Chosen = str | tuple[str, ...] | None


@dataclass(frozen=True, eq=False, repr=False)
class Contacts:
    """Contacts between particles, one a row.

    ``pairs`` (n, 2) are numbers of particles, ``areas`` (n,) [m2], ``normals`` (n, 3) unit
    vectors from the second particle to the first. ``kinds`` (particles,) is each particle's
    powder among ``names``. Powders are given by name, several as a tuple; none stands for all.
    """

    pairs: Array
    areas: Array
    normals: Array
    kinds: Array
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.areas)

    def __repr__(self) -> str:
        return f"{len(self)} contacts between {len(self.kinds)} particles"

    def number(self, a: Chosen = None, b: Chosen = None) -> int:
        """Contacts between particles of ``a`` and particles of ``b``."""
        return int(np.count_nonzero(self._between(a, b)))

    def area(self, a: Chosen = None, b: Chosen = None) -> float:
        """Area of the contacts between ``a`` and ``b`` [m2]."""
        return float(self.areas[self._between(a, b)].sum())

    def coordination(self, a: Chosen = None, b: Chosen = None) -> float:
        """Contacts that a particle of ``a`` has with particles of ``b``, on the mean."""
        of, others = self._are(a), self._are(b)
        first, second = self.pairs[:, 0], self.pairs[:, 1]
        ends = np.count_nonzero(of[first] & others[second])
        ends += np.count_nonzero(of[second] & others[first])
        return float(ends) / max(int(np.count_nonzero(of)), 1)

    def anisotropy(self, a: Chosen = None, b: Chosen = None) -> float:
        """Contact area that faces the pressing direction z over that facing a lateral one.

        The sums of area times squared component of the normal, along z and on the mean of x and
        y: 1 where contacts face all ways alike; nan without contacts.
        """
        among = self._between(a, b)
        along = self.areas[among] @ self.normals[among] ** 2
        lateral = (along[0] + along[1]) / 2
        return float(along[2] / lateral) if lateral > 0 else float("nan")

    def _between(self, a: Chosen, b: Chosen) -> Array:
        one, other = self._are(a), self._are(b)
        first, second = self.pairs[:, 0], self.pairs[:, 1]
        either: Array = (one[first] & other[second]) | (one[second] & other[first])
        return either

    def _are(self, powders: Chosen) -> Array:
        if powders is None:
            return np.ones(len(self.kinds), bool)
        wanted = (powders,) if isinstance(powders, str) else powders
        for name in wanted:
            if name not in self.names:
                raise UnknownNameError.among("powder", str(name), self.names)
        return np.isin(self.kinds, [self.names.index(name) for name in wanted])


def contacts_of(assembly: Assembly, length: float, names: tuple[str, ...]) -> Contacts:
    """The contacts of an assembly at rest, in units of ``length`` [m].

    Where the contacts of a particle add up to more than the surface of the polyhedron that it
    has become (1.1 times the sphere's), all of them are made smaller in proportion.
    """
    touching = np.flatnonzero(assembly.forces[:, 6] > 0)
    rows = np.repeat(np.arange(len(assembly.radii)), np.diff(assembly.starts))
    first, second = rows[touching], assembly.partners[touching].astype(np.int64)
    areas = assembly.forces[touching, 7]
    steps = assembly.places[first] - assembly.places[second]
    repeats = assembly.box * np.rint(steps / assembly.box)
    steps -= np.where(assembly.periodic > 0, repeats, 0.0)
    normals = steps / np.linalg.norm(steps, axis=1, keepdims=True)
    surface = SURFACE * 4 * np.pi * assembly.own**2
    covered = np.bincount(first, areas, len(surface)) + np.bincount(second, areas, len(surface))
    share = np.minimum(1.0, surface / np.maximum(covered, 1e-300))
    areas = areas * np.minimum(share[first], share[second])
    pairs = np.column_stack([first, second])
    return Contacts(pairs, areas * length**2, normals, assembly.kinds.copy(), names)
