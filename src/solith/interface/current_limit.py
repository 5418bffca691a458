"""The critical current density that follows from resistance, concentration of flux and flaws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from solith.core.description import Description, part, quantity
from solith.core.result import Result, Value
from solith.interface._arguments import Array, numbers, positive
from solith.interface.onset_threshold import OnsetThreshold

__all__ = ["CurrentLimit"]


@dataclass(frozen=True)
class CurrentLimit(Description):
    r"""Critical current density of an interface at which the local overpotential is the threshold.

    .. math:: j_c = \frac{\eta_c}{\kappa\,R}

    * ``threshold`` of the local overpotential :math:`\eta_c`, with its scatter between samples;
    * ``area_resistance`` R [ohm m2] of the *one* interface that plates, on the *geometric* area;
    * ``concentration`` :math:`\kappa`: local over mean current density where the filament starts
      (window means; never a point maximum, which has no limit as the mesh is refined);
    * ``links``: the electrode's area over the one the threshold was found on.

    An ohmic interface whose resistance is the same everywhere (no source; written here). If R was
    read where flux was concentrated it already holds a part of :math:`\kappa`.

    **Range**: compares interfaces of one electrolyte, tested alike. Calibrated on the bare
    interface of Lu et al. (10.1002/aenm.202003811: 0.1 mA/cm2, 1000 ohm cm2, hence 0.1 V) it gives
    2.0 mA/cm2 for the layer of 50 ohm cm2, where they print 1.8, with one :math:`\kappa` for
    both; with 10 for the bare one and 1 for the layer 20, eleven times too much. They print
    "below 0.1" in one place and "about 0.2" in another for the bare one: with 0.2 it gives 4.0.
    For bare single crystals Flatscher et al. (10.1039/c9ta14177d; abstract read) found an
    exponential fall with R and at most 0.28 mA/cm2: 1/R is no general law.
    """

    threshold: OnsetThreshold = part(OnsetThreshold)
    area_resistance: float = quantity("ohm m2", above=0)
    concentration: float = quantity("", low=1, default=1.0)
    links: float = quantity("", above=0, default=1.0)

    @property
    def mean(self) -> float:
        """Mean over samples [A/m2]."""
        return self.threshold.mean(self.links) / self._per_current

    def quantile(self, probability: ArrayLike) -> Array:
        """Current density [A/m2] at which the part ``probability`` of samples has failed."""
        return np.asarray(self.threshold.quantile(probability, self.links) / self._per_current)

    def failure_probability(self, current_density: ArrayLike | str) -> Array:
        """Part of the samples that has failed at ``current_density`` [A/m2]."""
        local = self._per_current * numbers(current_density, "A/m2", "current_density")
        return self.threshold.failure_probability(local, self.links)

    def sample(self, count: int, seed: int | np.random.Generator = 0) -> Array:
        """Critical current densities [A/m2] of ``count`` samples."""
        return np.asarray(self.threshold.sample(count, self.links, seed) / self._per_current)

    @property
    def result(self) -> Result:
        """``critical_current_density`` [mA/cm2]: the mean, with the scatter as its uncertainty."""
        scatter = self.threshold.coefficient_of_variation
        low, high = self.quantile([0.025, 0.975])
        return Result(
            "Critical current density of an interface",
            (
                Value(
                    "critical_current_density",
                    0.1 * self.mean,
                    "mA/cm2",
                    0.1 * self.mean * scatter,
                    area="geometric",
                    method="local overpotential reaches the threshold; scatter between samples",
                    flags=(f"95 % of samples between {0.1 * low:.3g} and {0.1 * high:.3g} mA/cm2",),
                ),
            ),
            {
                "area_resistance_ohm_cm2": 1e4 * self.area_resistance,
                "concentration": self.concentration,
                "samples_95": [0.1 * float(low), 0.1 * float(high)],
            },
        )

    @classmethod
    def calibrated(
        cls,
        critical_current: float | str,
        area_resistance: float | str,
        modulus: float,
        concentration: float = 1.0,
    ) -> CurrentLimit:
        """The limit whose mean is a measured ``critical_current`` [A/m2] at ``area_resistance``.

        Other interfaces follow by :meth:`replace`: ``limit.replace(area_resistance="50 ohm cm2")``.
        """
        current = positive(critical_current, "A/m2", "critical_current")
        resistance = positive(area_resistance, "ohm m2", "area_resistance")
        focus = positive(concentration, "", "concentration")
        threshold = OnsetThreshold.from_mean(current * resistance * focus, modulus)
        return cls(threshold, resistance, focus)

    @property
    def _per_current(self) -> float:
        return self.concentration * self.area_resistance
