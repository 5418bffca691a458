"""Elastic contact of a sphere with a flat: the tip of a force microscope on a pellet."""

from __future__ import annotations

import math
from dataclasses import dataclass

from solith.core.result import Result, Value
from solith.interface._arguments import positive
from solith.interface.elastic import ElasticSolid

__all__ = ["SphereContact", "hertz_contact", "reduced_modulus"]


@dataclass(frozen=True)
class SphereContact:
    """A round contact, in SI; ``flags`` say where it is outside Hertz's range."""

    radius: float
    indentation: float
    peak_pressure: float
    mean_pressure: float
    flags: tuple[str, ...] = ()

    @property
    def area(self) -> float:
        """Area of the contact [m2]."""
        return math.pi * self.radius**2

    @property
    def result(self) -> Result:
        """``tip_contact_area`` [nm2], ``indentation`` [nm] and ``mean_pressure`` [GPa]."""
        method = "Hertz, sphere on a flat"
        rows = (
            ("tip_contact_area", 1e18 * self.area, "nm2"),
            ("indentation", 1e9 * self.indentation, "nm"),
            ("mean_pressure", 1e-9 * self.mean_pressure, "GPa"),
        )
        return Result(
            "Contact of tip and surface",
            tuple(
                Value(name, number, unit, area="contact", method=method, flags=self.flags)
                for name, number, unit in rows
            ),
        )


def hertz_contact(
    radius: float | str,
    force: float | str,
    modulus: float | str,
    *,
    hardness: float | str | None = None,
) -> SphereContact:
    r"""Contact of a sphere of ``radius`` r [m] pressed by ``force`` P [N] on a flat.

    .. math:: A = \pi a^2 = \pi \left(\frac{3 P r}{4 E^*}\right)^{2/3}, \qquad
        d = \frac{a^2}{r}, \qquad p_0 = \frac{3P}{2\pi a^2}

    with the reduced ``modulus`` E* [Pa] (:func:`reduced_modulus`), the indentation d and the
    peak pressure :math:`p_0`, 3/2 of the mean (Hertz, 1882; recalled). The formula for A is
    also that of Lu et al. (10.1002/aenm.202003811): 20 nm, 400 nN and 145 GPa give 37.6 nm2,
    which they print as about 30; a tip that yields too makes it larger.

    **Range**: smooth, elastic, without adhesion, a small against r. Beyond a = 0.2 r, and
    where the mean pressure exceeds ``hardness`` [Pa, if given], the contact is flagged:
    there the surface flows and the area is at least P over the hardness. So is a sphere above
    1 cm, and a modulus below 1 kPa: plain numbers are m, N and Pa.

    Raises :class:`InputError` for what is not above 0.
    """
    sphere = positive(radius, "m", "radius")
    load = positive(force, "N", "force")
    stiffness = positive(modulus, "Pa", "modulus")
    contact = (3 * load * sphere / (4 * stiffness)) ** (1 / 3)
    mean = load / (math.pi * contact**2)
    flags = []
    if sphere > _WIDEST or stiffness < _SOFTEST:
        flags.append(
            f"a sphere of {sphere:.3g} m on {stiffness:.3g} Pa: plain numbers are m, N and Pa"
        )
    if contact > _SMALL * sphere:
        flags.append(
            f"contact radius is {contact / sphere:.2g} of the sphere's: not a small contact"
        )
    if hardness is not None and mean > (hard := positive(hardness, "Pa", "hardness")):
        flags.append(
            f"mean pressure {1e-9 * mean:.3g} GPa exceeds the hardness: the surface flows to at "
            f"least {1e18 * load / hard:.3g} nm2"
        )
    return SphereContact(contact, contact**2 / sphere, 1.5 * mean, mean, tuple(flags))


def reduced_modulus(first: ElasticSolid, second: ElasticSolid | None = None) -> float:
    r"""E* [Pa] of two bodies in contact, :math:`1/E^* = (1-\nu_1^2)/E_1 + (1-\nu_2^2)/E_2`.

    Without a ``second`` body that one is rigid. Hertz (1882; recalled).
    """
    bodies = [first] if second is None else [first, second]
    return 1 / sum(1 / body.plane_strain_modulus for body in bodies)


_SMALL = 0.2
_WIDEST, _SOFTEST = 1e-2, 1e3  # m, Pa
