"""What is pressed: powders and how much of each."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from solith.core.description import Description, choice, column, parts, quantity, text
from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import to_si

__all__ = ["POWDERS", "Mixture", "Powder", "as_mixture", "parse_mixture"]

PHASES = ("active", "electrolyte", "carbon")
_RATIO = re.compile(r"\s*([^=]+?)\s*=\s*([^=]+?)\s*")
_WIDEST, _LIGHTEST, _WEAKEST = 1e-3, 10.0, 1e6
"""Diameter [m], density [kg/m3] and modulus [Pa] beyond which no powder is that is pressed here."""


@dataclass(frozen=True)
class Powder(Description):
    """Spherical particles of one material.

    * ``diameter``: median by volume [m], of lognormal diameters with the geometric standard
      ``deviation`` (1: all alike), cut off at two deviations.
    * ``density`` of the solid [kg/m3]; ``modulus`` E [Pa] and ``poisson_ratio``.
    * ``yield_stress`` [Pa] of a soft powder, the effective one of the powder; without it the
      powder is hard: its contacts are elastic.
    * ``friction``: coefficient between its particles; between unlike ones the geometric mean.
    * ``cohesion``: tension that its contacts bear per contact area [Pa]; between unlike ones the
      smaller. Hard powders bear none among themselves.
    * ``phase``: what its voxels are called: active, electrolyte or carbon.
    * ``about``: where the numbers come from, for a report.

    :class:`InputError` for what no powder is: wider than 1 mm, lighter than 10 kg/m3, or of a
    modulus below 1 MPa, as numbers without their unit (5 for 5 um) come out.
    """

    name: str = text()
    diameter: float = quantity("m", above=0)
    density: float = quantity("kg/m3", above=0)
    modulus: float = quantity("Pa", above=0)
    poisson_ratio: float = quantity("", low=0, high=0.49, default=0.3)
    yield_stress: float | None = quantity("Pa", above=0, default=None)
    friction: float = quantity("", low=0, high=2, default=0.3)
    cohesion: float = quantity("Pa", low=0, default=0.0)
    deviation: float = quantity("", low=1, high=2, default=1.0)
    phase: str = choice(PHASES, default="electrolyte", what="phase")
    about: str | None = text(default=None)

    @property
    def hardness(self) -> str:
        """ "hard" (elastic) or "soft" (flows)."""
        return "hard" if self.yield_stress is None else "soft"

    @property
    def bulk_modulus(self) -> float:
        """K = E / 3(1 - 2 nu) [Pa]."""
        return self.modulus / (3 * (1 - 2 * self.poisson_ratio))

    @property
    def plane_strain_modulus(self) -> float:
        """E / (1 - nu^2) [Pa]."""
        return self.modulus / (1 - self.poisson_ratio**2)

    def check(self) -> None:
        for name, odd, unit, example in (
            ("diameter", self.diameter > _WIDEST, "m", "5 um"),
            ("density", self.density < _LIGHTEST, "kg/m3", "4.7 g/cm3"),
            ("modulus", self.modulus < _WEAKEST, "Pa", "190 GPa"),
        ):
            if odd:
                raise InputError(
                    f"{getattr(self, name):.4g} {unit} is no powder's; numbers without a unit are "
                    f"in SI units, so write it with its own, as in {example!r}",
                    where=name,
                )
        if self.yield_stress is not None and self.yield_stress > 0.1 * self.modulus:
            raise InputError(
                f"a yield stress of {self.yield_stress:.4g} Pa is more than a tenth of the modulus "
                f"({self.modulus:.4g} Pa); leave it out for a powder that stays elastic",
                where="yield_stress",
            )


@dataclass(frozen=True)
class Mixture(Description):
    """Powders and their ``shares``, any positive numbers, by "mass" or by "volume" of solid.

    :class:`InputError` for no powder, for shares that do not fit, and for names given twice.
    """

    powders: tuple[Powder, ...] = parts(Powder)
    shares: tuple[float, ...] = column("")
    basis: str = choice(("mass", "volume"), default="mass", what="basis")

    def check(self) -> None:
        if not self.powders:
            raise InputError("the mixture is empty: give at least one powder", where="powders")
        if len(self.shares) != len(self.powders):
            raise InputError(
                f"{len(self.powders)} powders have {len(self.shares)} shares; give each one",
                where="shares",
            )
        if min(self.shares) <= 0:
            raise InputError(
                f"shares {', '.join(f'{s:g}' for s in self.shares)} must be above 0; "
                "leave out what is not in the mixture",
                where="shares",
            )
        names = [powder.name for powder in self.powders]
        if len(set(names)) < len(names):
            raise InputError(f"powders have the same name: {', '.join(names)}", where="powders")

    def names_of(self, phase: str) -> tuple[str, ...]:
        """The powders of a phase."""
        return tuple(powder.name for powder in self.powders if powder.phase == phase)

    @property
    def volume_shares(self) -> dict[str, float]:
        """Each powder's part of the solid's volume, by name."""
        parts = list(self.shares)
        if self.basis == "mass":
            parts = [s / p.density for s, p in zip(self.shares, self.powders, strict=True)]
        whole = sum(parts)
        return {p.name: part / whole for p, part in zip(self.powders, parts, strict=True)}

    def fractions_at(self, porosity: Any) -> dict[str, float]:
        """Each powder's volume over that of a body of this ``porosity``, by name."""
        pores = to_si(porosity, "")
        if not 0 <= pores < 1:
            raise InputError(f"{porosity!r} must be at least 0 and below 1", where="porosity")
        return {name: (1 - pores) * share for name, share in self.volume_shares.items()}

    @property
    def density(self) -> float:
        """Mass of the solid over its volume [kg/m3]."""
        shares = self.volume_shares
        return sum(p.density * shares[p.name] for p in self.powders)


POWDERS: Mapping[str, Powder] = {
    powder.name: powder
    for powder in (
        Powder(
            "NMC",
            10e-6,
            4700.0,
            190e9,
            poisson_ratio=0.25,
            phase="active",
            about="Density and modulus (sintered oxide) recalled; friction assumed; stays elastic.",
        ),
        Powder(
            "LGPS",
            4e-6,
            2000.0,
            21.7e9,
            yield_stress=53e6,
            cohesion=5e6,
            about="Yield stress calibrated: a pure layer keeps 5 % of pores at 100 MPa. Density "
            "10.1039/c6ta05439k, modulus recalled; diameter, friction and cohesion assumed.",
        ),
        Powder(
            "C",
            3.5e-6,
            800.0,
            10e9,
            yield_stress=53e6,
            cohesion=5e6,
            phase="carbon",
            about="All assumed: carbon black as agglomerates with pores of their own (0.8 g/cm3, "
            "the solid has 1.9, so 5 % of the mass is some 15 % of the solid's volume), as soft "
            "as LGPS.",
        ),
    )
}
"""Powders by name, as in the composite of 10 um NMC, LGPS and acetylene black.

Densities: LGPS 10.1039/c6ta05439k; NMC recalled; carbon that of compressed acetylene black,
agglomerates with pores of their own (0.6 to 1.0 g/cm3, recalled; the solid has 1.9). Moduli: LGPS
21.7 GPa (first principles, recalled), NMC 190 GPa (sintered oxide, recalled). The yield stress of
LGPS is the powder's effective one: with it, this engine presses a pure layer to 5 % porosity at
100 MPa. Electrolyte and carbon diameters, Poisson's ratios, friction, cohesion, and all of
carbon's mechanics are assumptions: carbon is taken as agglomerates as soft as the electrolyte,
since single grains of some 40 nm are far too many to follow.
"""


def as_mixture(given: Mixture | str) -> Mixture:
    """A mixture as it is, or as :func:`parse_mixture` reads it."""
    mixed = parse_mixture(given) if isinstance(given, str) else given
    if not isinstance(mixed, Mixture):
        raise InputError(f"expected a Mixture or a text, not {type(given).__name__}")
    return mixed


def parse_mixture(
    given: str, powders: Mapping[str, Powder] = POWDERS, *, basis: str = "mass"
) -> Mixture:
    """The mixture written as "NMC:LGPS:C=1:1:0.1": names, then shares by mass (or ``basis``).

    Names are those of ``powders``, capitals or not. :class:`InputError` for what cannot be read.
    """
    read = _RATIO.fullmatch(given) if isinstance(given, str) else None
    if read is None:
        raise InputError(
            f"{given!r} is not a mixture; write names and shares, as in 'NMC:LGPS:C=1:1:0.1'",
            where="mixture",
        )
    names = [name.strip() for name in read[1].split(":")]
    known = {name.casefold(): powder for name, powder in powders.items()}
    for name in names:
        if name.casefold() not in known:
            raise UnknownNameError.among("powder", name, powders)
    try:
        shares = [float(share) for share in read[2].split(":")]
    except ValueError:
        shares = [math.nan]
    if not all(map(math.isfinite, shares)):
        raise InputError(f"{read[2]!r} are not numbers with ':' between", where="mixture")
    return Mixture(tuple(known[name.casefold()] for name in names), tuple(shares), basis)
