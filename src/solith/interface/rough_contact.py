"""The part of an imaged contact that really touches: rough surfaces under pressure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from solith.core.description import Description, quantity
from solith.interface.contact import PRESSURE_CONTACT

__all__ = ["ElasticRoughContact", "PlasticRoughContact"]


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
