"""The part of an imaged contact that really touches: rough surfaces under pressure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from solith.core.description import Description, quantity
from solith.core.errors import InputError
from solith.core.quantities import to_si
from solith.interface.contact import PRESSURE_CONTACT

__all__ = [
    "ElasticRoughContact",
    "LoadBearingContact",
    "PlasticRoughContact",
    "find_spot_resistance",
]


@PRESSURE_CONTACT.register
@dataclass(frozen=True)
class ElasticRoughContact(Description):
    r"""Rough elastic surfaces: the real part of a nominal contact grows with pressure, then fills.

    .. math::
        \theta = \theta_{ref}\,\operatorname{erf}\!\left(\frac{\sqrt 2\,p}{E^* g}\right)

    Persson's theory of contact (J. Chem. Phys. 115 (2001) 3840, doi:10.1063/1.1388626; this closed
    form recalled), g being the ``slope``: the root mean square gradient of the surfaces' heights.
    At small pressure it is :math:`\sqrt{8/\pi}\,p/(E^* g)`; theories of asperities have up to
    :math:`\sqrt{2\pi}` there (Bush, Gibson and Thomas 1975, doi:10.1016/0043-1648(75)90145-3,
    recalled).

    * ``modulus`` E* [Pa]: contact modulus of the two bodies
      (:func:`solith.interface.reduced_modulus`);
    * ``slope`` g, of all lengths down to the smallest that counts: hard to measure, 0.01 to 1.

    :math:`\theta_{ref}` is the contact fraction that an image shows, whose voxels cannot see the
    roughness; p is the pressure on that nominal contact.
    """

    law: ClassVar[str] = "rough-elastic"
    modulus: float = quantity("Pa", above=0)
    slope: float = quantity("", above=0, high=10)

    def fraction(self, pressure: Any, reference_fraction: float) -> Any:
        """Contact fraction at ``pressure`` [Pa]."""
        from scipy.special import erf

        return reference_fraction * erf(2**0.5 * pressure / (self.modulus * self.slope))


@PRESSURE_CONTACT.register
@dataclass(frozen=True)
class PlasticRoughContact(Description):
    r"""Rough surfaces whose asperities flow: real contact carries the ``hardness`` H [Pa].

    .. math:: \theta = \theta_{ref}\,\frac{p}{p + H}

    Bowden and Tabor's p/H at small pressure (recalled), and what flows aside lifts the rest as
    contact fills (Pullen and Williamson, Proc. R. Soc. A 327 (1972) 159,
    doi:10.1098/rspa.1972.0058, recalled). The softer body's hardness counts.
    :math:`\theta_{ref}` as in :class:`ElasticRoughContact`.
    """

    law: ClassVar[str] = "rough-plastic"
    hardness: float = quantity("Pa", above=0)

    def fraction(self, pressure: Any, reference_fraction: float) -> Any:
        """Contact fraction at ``pressure`` [Pa]."""
        given = np.asarray(pressure, float)
        return reference_fraction * given / (given + self.hardness)


@PRESSURE_CONTACT.register
@dataclass(frozen=True)
class LoadBearingContact(Description):
    r"""Asperities that flow and carry the whole load, however much of the surface an image shows.

    .. math:: \frac1\theta = \frac1{\theta_{ref}} + \frac Hp

    The stack pressure p rests on the imaged contact alone, which therefore bears
    :math:`p/\theta_{ref}`; with it, :class:`PlasticRoughContact` gives this form (derived here). At
    small pressure :math:`\theta = p/H`, by load and ``hardness`` H [Pa] alone; what the image shows
    is only what contact cannot exceed. A charge-transfer resistance then falls as 1/p while the
    imaged contact has long filled up. Unloading follows the same curve: real contact that sticks
    is left out.
    """

    law: ClassVar[str] = "load-bearing"
    hardness: float = quantity("Pa", above=0)

    def fraction(self, pressure: Any, reference_fraction: float) -> Any:
        """Contact fraction at ``pressure`` [Pa]."""
        return 1 / (1 / reference_fraction + self.hardness / np.asarray(pressure, float))


def find_spot_resistance(conductivity: Any, spot_radius: Any, real_fraction: float) -> float:
    r"""Resistance of a contact of many small spots on the *nominal* contact area [ohm m2].

    .. math:: r = \frac{\pi a}{2 \sigma f}\,(1 - \sqrt f)^{3/2}

    for round spots of radius a (``spot_radius`` [m or text]) that cover the part f
    (``real_fraction``) of the area, between two bodies of conductivity :math:`\sigma`
    (``conductivity`` [S/m or text]): each spot constricts the current as Holm's :math:`1/2\sigma a`
    does, less so as they come to lie side by side (Cooper, Mikic and Yovanovich, Int. J. Heat Mass
    Transfer 12 (1969) 279, doi:10.1016/0017-9310(69)90011-8; both recalled). Nothing is left at
    f = 1. Raises :class:`InputError` for a fraction that is not above 0 and up to 1.
    """
    if not 0 < real_fraction <= 1:
        raise InputError(f"{real_fraction!r} is not above 0 and up to 1", where="real_fraction")
    sigma, radius = to_si(conductivity, "S/m"), to_si(spot_radius, "m")
    for name, value in (("conductivity", sigma), ("spot_radius", radius)):
        if not value > 0:
            raise InputError(f"{value!r} is not above 0", where=name)
    crowding = (1 - real_fraction**0.5) ** 1.5
    return float(np.pi * radius / (2 * sigma * real_fraction) * crowding)
