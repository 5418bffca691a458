"""The overpotential from which a filament starts, and its scatter: the weakest link decides."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solith.core.description import Description, quantity
from solith.core.errors import InputError
from solith.interface._arguments import Array, numbers, positive
from solith.interface.surface_flaw import LITHIUM_MOLAR_VOLUME, SurfaceFlaw

__all__ = ["OnsetThreshold"]


@dataclass(frozen=True)
class OnsetThreshold(Description):
    r"""Overpotential at which the weakest of many sites lets a filament start (Weibull).

    .. math:: P(\eta) = 1 - \exp\left[-N \left(\frac{\eta}{\eta_0}\right)^m\right]

    is the probability that one has started at the local plating overpotential :math:`\eta`.
    At ``scale`` :math:`\eta_0` [V] 63 % of single links have started one; ``modulus`` m is high
    where samples are alike. N is how many links there are, ``links`` in every method: an
    electrode's area over that which the threshold was found on, or a number of grain boundaries.
    Weibull (1951; recalled). That critical currents of ceramics scatter so is argued by Lowack
    (arXiv 2603.20113; abstract read).

    **Range**: links that do not know each other, all under the same overpotential. Extrapolation
    over many decades of area multiplies the doubt in m: :math:`N^{-1/m}`.
    """

    scale: float = quantity("V", above=0)
    modulus: float = quantity("", above=0)

    def failure_probability(self, overpotential: ArrayLike | str, links: float = 1.0) -> Array:
        """Probability that a filament has started at ``overpotential`` [V]; 0 below 0."""
        drive = np.maximum(numbers(overpotential, "V", "overpotential"), 0.0)
        count = positive(links, "", "links")
        return np.asarray(-np.expm1(-count * (drive / self.scale) ** self.modulus))

    def scale_of(self, links: float = 1.0) -> float:
        """Overpotential [V] at which 63 % of electrodes with ``links`` have started one."""
        return self.scale * float(positive(links, "", "links") ** (-1 / self.modulus))

    def mean(self, links: float = 1.0) -> float:
        r"""Mean over samples [V], :math:`\eta_0 N^{-1/m}\,\Gamma(1 + 1/m)`."""
        return self.scale_of(links) * math.gamma(1 + 1 / self.modulus)

    def quantile(self, probability: ArrayLike, links: float = 1.0) -> Array:
        """Overpotential [V] by which the part ``probability`` of samples has started one."""
        part = numbers(probability, "", "probability")
        if np.any((part <= 0) | (part >= 1)):
            raise InputError("must lie between 0 and 1", where="probability")
        return np.asarray(self.scale_of(links) * (-np.log1p(-part)) ** (1 / self.modulus))

    @property
    def coefficient_of_variation(self) -> float:
        """Standard deviation between samples over their mean; whatever the number of links."""
        mean = math.gamma(1 + 1 / self.modulus)
        return math.sqrt(max(math.gamma(1 + 2 / self.modulus) / mean**2 - 1, 0.0))

    def sample(
        self, count: int, links: ArrayLike = 1.0, seed: int | np.random.Generator = 0
    ) -> Array:
        """Thresholds [V] of ``count`` samples; ``links`` may differ (0: infinite threshold)."""
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise InputError(f"{count!r} must be a whole number of at least 1", where="count")
        sizes = np.broadcast_to(numbers(links, "", "links"), (count,))
        if np.any(sizes < 0):
            raise InputError("must be at least 0", where="links")
        drawn = np.random.default_rng(seed).exponential(size=count)
        with np.errstate(divide="ignore"):
            return np.asarray(self.scale * (drawn / sizes) ** (1 / self.modulus))

    @classmethod
    def from_mean(cls, mean: float | str, modulus: float, links: float = 1.0) -> OnsetThreshold:
        """The threshold whose ``mean`` [V] over samples of ``links`` is this."""
        unit = cls(1.0, modulus)
        return cls(positive(mean, "V", "mean") / unit.mean(links), modulus)

    @classmethod
    def from_flaws(
        cls,
        flaw: SurfaceFlaw,
        exponent: float,
        molar_volume: float | str = LITHIUM_MOLAR_VOLUME,
    ) -> OnsetThreshold:
        r"""The threshold of flaws of which few are long: :math:`N(>a) = (a/a_0)^{-q}` for a link.

        ``flaw`` is that of length :math:`a_0` of which a link has one as long or longer on
        average; ``exponent`` q. A flaw extends at :math:`\eta_c \propto a^{-1/2}`, so that
        m = 2q exactly (after Jayatilaka and Trustrum, 10.1007/BF00540858; recalled). Holds for
        the long flaws of the tail.
        """
        tail = positive(exponent, "", "exponent")
        return cls(flaw.critical_overpotential(molar_volume), 2 * tail)

    def links_for(self, mean: float | str) -> float:
        """How many links bring the mean over samples down, or up, to ``mean`` [V]."""
        return float((self.mean() / positive(mean, "V", "mean")) ** self.modulus)
