"""Unequal particles: their sizes, and how well each sort touches the electrolyte."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from solith.core.description import Description, Family, parts, quantity, whole
from solith.core.errors import InputError

__all__ = ["PARTICLES", "LognormalSizes", "ParticleClass", "ParticleClasses"]

PARTICLES = Family("particle distribution")


@dataclass(frozen=True)
class ParticleClass(Description):
    """One sort of particle: its ``share`` of the active volume, ``radius`` [m] and contact.

    ``contact_fraction`` is that of its own surface; the composite's unless given.
    """

    share: float = quantity("", above=0, high=1)
    radius: float = quantity("m", above=0)
    contact_fraction: float | None = quantity("", above=0, high=1, default=None)


@PARTICLES.register
@dataclass(frozen=True)
class ParticleClasses(Description):
    """Sorts of particles, written out; their shares of the active volume sum to 1."""

    law: ClassVar[str] = "classes"
    members: tuple[ParticleClass, ...] = parts(ParticleClass)

    def check(self) -> None:
        if len(self.members) < 2:
            raise InputError(
                "give at least two; a single sort is the composite's own", where="members"
            )
        total = sum(member.share for member in self.members)
        if abs(total - 1) > 1e-6:
            raise InputError(f"the shares sum to {total:g}, not to 1", where="members")

    def classes(self) -> tuple[ParticleClass, ...]:
        """The sorts of particles."""
        return self.members


@PARTICLES.register
@dataclass(frozen=True)
class LognormalSizes(Description):
    r"""Radii whose logarithm is normally distributed by volume, in classes of equal volume.

    ``median_radius`` [m] halves the active volume; ``geometric_deviation`` :math:`\sigma_g` > 1
    is the factor of one standard deviation. Each of the ``number`` classes has the radius that
    halves its own volume.
    """

    law: ClassVar[str] = "lognormal"
    median_radius: float = quantity("m", above=0)
    geometric_deviation: float = quantity("", low=1)
    number: int = whole(default=5, low=2)

    def classes(self) -> tuple[ParticleClass, ...]:
        """The sorts of particles, from small to large."""
        from scipy.special import ndtri

        middles = (np.arange(self.number) + 0.5) / self.number
        radii = self.median_radius * self.geometric_deviation ** ndtri(middles)
        return tuple(ParticleClass(1 / self.number, float(radius)) for radius in radii)
