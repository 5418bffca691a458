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
    over many decades of area multiplies the doubt in m: :math:`N^{-1/m}`. Where a modulus
    (below about 0.01) or so many links give a number that no machine holds,
    :class:`InputError` says so.
    """

    scale: float = quantity("V", above=0)
    modulus: float = quantity("", above=0)

    def failure_probability(self, overpotential: ArrayLike | str, links: float = 1.0) -> Array:
        """Probability that a filament has started at ``overpotential`` [V]; 0 below 0."""
        drive = np.maximum(numbers(overpotential, "V", "overpotential"), 0.0)
        count = positive(links, "", "links")
        with np.errstate(over="ignore"):  # beyond all numbers it is certain
            return np.asarray(-np.expm1(-count * (drive / self.scale) ** self.modulus))

    def scale_of(self, links: float = 1.0) -> float:
        """Overpotential [V] at which 63 % of electrodes with ``links`` have started one."""
        return self._number(self._log_scale(links))

    def mean(self, links: float = 1.0) -> float:
        r"""Mean over samples [V], :math:`\eta_0 N^{-1/m}\,\Gamma(1 + 1/m)`."""
        return self._number(self._log_scale(links) + math.lgamma(1 + 1 / self.modulus))

    def quantile(self, probability: ArrayLike, links: float = 1.0) -> Array:
        """Overpotential [V] by which the part ``probability`` of samples has started one."""
        part = numbers(probability, "", "probability")
        if np.any((part <= 0) | (part >= 1)):
            raise InputError("must lie between 0 and 1", where="probability")
        logs = self._log_scale(links) + np.log(-np.log1p(-part)) / self.modulus
        if np.any(np.abs(logs) > _MOST_LOG):
            raise self._beyond()
        return np.asarray(np.exp(logs))

    @property
    def coefficient_of_variation(self) -> float:
        r"""Standard deviation between samples over their mean; whatever the number of links.

        :math:`\sqrt{\Gamma(1+2/m) / \Gamma(1+1/m)^2 - 1}`, for high m by the series of
        :math:`\ln\Gamma` in 1/m, whose first terms cancel.
        """
        small = 1 / self.modulus
        if small > _SERIES:
            logs = math.lgamma(1 + 2 * small) - 2 * math.lgamma(1 + small)
        else:
            logs = sum(
                zeta * (-small) ** power * (2**power - 2) / power
                for power, zeta in enumerate(_ZETA, start=2)
            )
        if logs > _MOST_LOG:
            raise self._beyond()
        return math.sqrt(math.expm1(logs))

    def sample(
        self, count: int, links: ArrayLike = 1.0, seed: int | np.random.Generator = 0
    ) -> Array:
        """Thresholds [V] of ``count`` samples; ``links`` may differ (0: infinite threshold).

        Infinite too is one that no machine holds.
        """
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise InputError(f"{count!r} must be a whole number of at least 1", where="count")
        sizes = np.broadcast_to(numbers(links, "", "links"), (count,))
        if np.any(sizes < 0):
            raise InputError("must be at least 0", where="links")
        drawn = np.random.default_rng(seed).exponential(size=count)
        with np.errstate(divide="ignore", over="ignore"):
            return np.asarray(self.scale * (drawn / sizes) ** (1 / self.modulus))

    @classmethod
    def from_mean(cls, mean: float | str, modulus: float, links: float = 1.0) -> OnsetThreshold:
        """The threshold whose ``mean`` [V] over samples of ``links`` is this."""
        unit = cls(1.0, modulus)
        logs = math.log(positive(mean, "V", "mean")) - math.log(unit.mean(links))
        return cls(unit._number(logs), modulus)

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
        the long flaws of the tail. Lowack (arXiv 2603.20113; abstract read) derives a critical
        *current density* that goes with the defect's length to a power of size 3/2 in place of
        1/2, from the detour of the current: the same flaws would then scatter with m = 2q/3.
        """
        tail = positive(exponent, "", "exponent")
        return cls(flaw.critical_overpotential(molar_volume), 2 * tail)

    def links_for(self, mean: float | str) -> float:
        """How many links bring the mean over samples down, or up, to ``mean`` [V]."""
        apart = math.log(self.mean()) - math.log(positive(mean, "V", "mean"))
        return self._number(apart * self.modulus)

    def _log_scale(self, links: float) -> float:
        return math.log(self.scale) - math.log(positive(links, "", "links")) / self.modulus

    def _number(self, logarithm: float) -> float:
        """Its exponential, if there is such a number."""
        if abs(logarithm) > _MOST_LOG:
            raise self._beyond()
        return math.exp(logarithm)

    def _beyond(self) -> InputError:
        return InputError(
            f"{self.modulus:g} gives a number that is too large or too small to tell; moduli of "
            "ceramics are about 1 to 100",
            where="modulus",
        )


_MOST_LOG = 700.0  # of the largest number, and below that of the smallest
_SERIES = 0.02  # 1/m below which the series is exact
_ZETA = (
    math.pi**2 / 6,
    1.2020569031595943,
    math.pi**4 / 90,
    1.0369277551433699,
    math.pi**6 / 945,
    1.0083492773819228,
    math.pi**8 / 9450,
    1.0020083928260822,
)
"""Riemann's zeta of 2, 3, ..."""
