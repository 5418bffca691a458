"""Contact between electrolyte and particles: under pressure, and while particles breathe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from solith.core.description import Description, Family, column, quantity
from solith.core.errors import InputError

__all__ = [
    "PRESSURE_CONTACT",
    "AccessLoss",
    "BreathingContact",
    "LogarithmicContact",
    "PowerLawContact",
    "TabulatedContact",
]

PRESSURE_CONTACT = Family("contact against pressure")


@PRESSURE_CONTACT.register
@dataclass(frozen=True)
class PowerLawContact(Description):
    r"""Contact fraction :math:`\theta = \min[\theta_{ref} (P/P_{ref})^n, \theta_{max}]`.

    :math:`\theta_{ref}` holds at ``reference_pressure`` [Pa]; ``exponent`` n is 1 for rough
    surfaces that touch at few places, 2/3 for a single elastic sphere (Hertz, 1882;
    recalled, no source read); ``highest`` is what no pressure exceeds.
    """

    law: ClassVar[str] = "power"
    reference_pressure: float = quantity("Pa", above=0)
    exponent: float = quantity("", low=0)
    highest: float = quantity("", above=0, high=1, default=1.0)

    def fraction(self, pressure: Any, reference_fraction: float) -> Any:
        """Contact fraction at ``pressure`` [Pa]."""
        grown = reference_fraction * (pressure / self.reference_pressure) ** self.exponent
        return np.minimum(grown, self.highest)


@PRESSURE_CONTACT.register
@dataclass(frozen=True)
class LogarithmicContact(Description):
    r"""Contact fraction :math:`\theta_{ref} [1 + s \ln(P/P_{ref})]` between 0 and ``highest``.

    An empirical law for a range of a decade or so around ``reference_pressure`` [Pa];
    ``slope`` s.
    """

    law: ClassVar[str] = "logarithm"
    reference_pressure: float = quantity("Pa", above=0)
    slope: float = quantity("", low=0)
    highest: float = quantity("", above=0, high=1, default=1.0)

    def fraction(self, pressure: Any, reference_fraction: float) -> Any:
        """Contact fraction at ``pressure`` [Pa]."""
        grown = 1 + self.slope * np.log(pressure / self.reference_pressure)
        return np.clip(reference_fraction * grown, 0.0, self.highest)


@PRESSURE_CONTACT.register
@dataclass(frozen=True)
class TabulatedContact(Description):
    """Contact ``fractions`` at rising ``pressures`` [Pa], linear in the logarithm of pressure.

    Outside the table the end value holds. The table is the contact fraction itself: the
    composite's own plays no part.
    """

    law: ClassVar[str] = "table"
    pressures: tuple[float, ...] = column("Pa")
    fractions: tuple[float, ...] = column("")

    def check(self) -> None:
        if len(self.pressures) != len(self.fractions) or len(self.fractions) < 2:
            raise InputError("pressures and fractions must be equally long, with at least 2 points")
        if min(self.pressures) <= 0 or any(np.diff(self.pressures) <= 0):
            raise InputError("pressures must be above 0 and rise", where="pressures")
        if not 0 < min(self.fractions) <= max(self.fractions) <= 1:
            raise InputError("fractions must lie above 0 and up to 1", where="fractions")

    def fraction(self, pressure: Any, reference_fraction: float) -> Any:
        """Contact fraction at ``pressure`` [Pa]; the reference fraction plays no part."""
        return np.interp(np.log(pressure), np.log(self.pressures), self.fractions)


@dataclass(frozen=True)
class BreathingContact(Description):
    r"""Contact that follows the particles' volume, and is lost and regained in cycling.

    .. math::
        \theta &= \theta_0\, m\, (1 + s\,\epsilon), \qquad
        \epsilon = \omega\,(\bar x - \bar x_0) \\
        \dot m &= -\lambda\,(m - m_\infty)\,\tfrac12 |\dot{\bar x}|
                  + (1 - m)/\tau

    :math:`\epsilon` is the particles' volume strain since assembly, :math:`\bar x` their mean
    lithium fraction, m the lasting part of the contact, 1 at first. Each full charge and
    discharge (:math:`\bar x` through 0 to 1 and back) takes the part
    :math:`1 - e^{-\lambda}` of what can be lost.

    * ``volume_change`` :math:`\omega`: relative change of volume from no lithium to full
      (negative if the particles shrink as they fill);
    * ``sensitivity`` s: relative change of contact per volume strain, at once and reversibly;
    * ``loss`` :math:`\lambda` per full cycle, down to the ``floor`` :math:`m_\infty`;
    * ``recovery_time`` :math:`\tau` [s] in which creep of the electrolyte regains contact;
      left out, what is lost stays lost;
    * ``lasting`` m and ``origin`` :math:`\bar x_0` of a cell that has been cycled: 1 and the
      fraction as assembled unless given.

    A phenomenological law (no source): its numbers are calibrated, never predicted.
    """

    volume_change: float = quantity("", low=-1, high=1, default=0.0)
    sensitivity: float = quantity("", low=0, default=0.0)
    loss: float = quantity("", low=0, default=0.0)
    floor: float = quantity("", low=0, high=1, default=0.0)
    recovery_time: float | None = quantity("s", above=0, default=None)
    lasting: float = quantity("", above=0, high=1, default=1.0)
    origin: float | None = quantity("", low=0, high=1, default=None)

    def check(self) -> None:
        if abs(self.sensitivity * self.volume_change) >= 1:
            raise InputError(
                "sensitivity x volume_change must be below 1, or contact would vanish within "
                "one charge",
                where="sensitivity",
            )

    def reversible_factor(self, change: Any) -> Any:
        """What the contact is multiplied by after a ``change`` of the mean lithium fraction."""
        return 1 + self.sensitivity * self.volume_change * change

    def lasting_rate(self, lasting: Any, lithiation_rate: Any) -> Any:
        """Rate [1/s] of the ``lasting`` part at a rate of the mean lithium fraction [1/s]."""
        lost = self.loss * (lasting - self.floor) * abs(lithiation_rate) / 2
        return -lost if self.recovery_time is None else (1 - lasting) / self.recovery_time - lost


@dataclass(frozen=True)
class AccessLoss(Description):
    r"""Active material that loses its connection in cycling.

    .. math:: \dot a = -\lambda\,(a - a_\infty)\,\tfrac12 |\dot{\bar x}|

    of the accessible fraction a: each full charge and discharge takes the part
    :math:`1 - e^{-\lambda}` of what can be lost. Particles that are cut off keep their
    lithium. ``loss`` :math:`\lambda` per full cycle; ``floor`` :math:`a_\infty`, as a part
    of the accessible fraction at first. Phenomenological (no source): calibrated, never
    predicted.
    """

    loss: float = quantity("", low=0)
    floor: float = quantity("", low=0, high=1, default=0.0)

    def rate(self, part: Any, lithiation_rate: Any) -> Any:
        """Rate [1/s] of the accessible ``part`` (of that at first) at a lithiation rate [1/s]."""
        return -self.loss * (part - self.floor) * abs(lithiation_rate) / 2
