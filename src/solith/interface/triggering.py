"""A simulated triggering experiment: at which bias filaments start under a tip, or a pad."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solith.core.description import Description, part, quantity
from solith.core.errors import InputError
from solith.core.result import LOWER_BOUND, Result, Value
from solith.interface._arguments import Array, numbers, within
from solith.interface.onset_threshold import OnsetThreshold
from solith.interface.tip_contact import TipContact

__all__ = ["TriggerBiases", "TriggeringExperiment"]


@dataclass(frozen=True)
class TriggerBiases:
    """What many places gave: ``bias`` [V, negative: lithium plates at the contact] of each.

    Not a number where nothing started up to ``limit`` [V]; ``boundaries`` is how many grain
    boundaries each contact touched.
    """

    bias: Array
    boundaries: NDArray[np.int64]
    limit: float

    @property
    def on_boundary(self) -> NDArray[np.bool_]:
        """Whether each contact touched a boundary."""
        return np.asarray(self.boundaries > 0)

    @property
    def result(self) -> Result:
        """Median ``trigger_bias`` of places on a boundary and inside a grain, and how many did.

        The median counts places that did not trigger; where more than half did not, it is a
        bound on its size.
        """
        touched = self.on_boundary
        return Result(
            "Triggering at many places",
            (
                self.median("trigger_bias_boundary", touched),
                self.median("trigger_bias_interior", ~touched),
                Value("places_on_boundary", float(np.mean(touched)), ""),
                Value("triggered", float(np.mean(np.isfinite(self.bias))), ""),
            ),
        )

    def median(self, name: str, chosen: NDArray[np.bool_] | None = None) -> Value:
        """The median bias [V] of the ``chosen`` places, or all, as a value of this ``name``."""
        chosen = np.ones(self.bias.shape, dtype=bool) if chosen is None else chosen
        if not np.any(chosen):
            return Value(name, None, "V", flags=("no such place",))
        size = np.where(np.isfinite(self.bias), -self.bias, np.inf)[chosen]
        middle = float(np.median(size))
        if math.isfinite(middle):
            return Value(name, -middle, "V", method=f"median of {size.size} places")
        told = f"{LOWER_BOUND}: most of {size.size} places did not trigger up to {-self.limit:g} V"
        return Value(name, -self.limit, "V", flags=(told,))


@dataclass(frozen=True)
class TriggeringExperiment(Description):
    r"""A contact set down at random on grains and swept until a filament starts below it.

    A filament starts where the overpotential across the contact's interface reaches the lowest
    threshold beneath: that of ``boundary`` for each grain boundary touched, that of ``interior``
    for the grains. The bias is that overpotential and the drop of spreading
    (:meth:`TipContact.trigger_bias`), up to the instrument's ``limit`` [V].

    * ``contact``: radius and the electrolyte's ionic conductivity;
    * ``area_resistance`` [ohm m2] of the interface, on the *contact* area;
    * ``grain_size`` d [m]: :math:`1/d^2` grains an area;
    * ``boundary``: threshold with one boundary as its link; ``interior``: with an area
      of :math:`\pi` ``interior_radius`` squared.

    A disc of radius R on a Poisson-Voronoi pattern touches :math:`4R/d + 3\pi(R/d)^2` boundaries
    on average (edges: three a grain, length 2/d an area, and Steiner's formula for a disc that
    hits them; recalled, checked by counting in ``validation/_onset_laws.py``). Their number is
    drawn from Poisson's law, which is right for a tip; under a pad it scatters less than that.
    :meth:`at` takes the boundaries of a real structure instead.

    Thresholds are calibrated, never predicted. Lu et al. (10.1002/aenm.202003811) print -0.12 V on
    boundaries and below -9 V inside grains for a tip; Kelvin probe and modulus explain 10 mV and
    9 % of that difference (:class:`BoundaryProfile`), the rest has no derivation here.
    """

    contact: TipContact = part(TipContact)
    area_resistance: float = quantity("ohm m2", above=0)
    grain_size: float = quantity("m", above=0)
    boundary: OnsetThreshold = part(OnsetThreshold)
    interior: OnsetThreshold = part(OnsetThreshold)
    interior_radius: float = quantity("m", above=0, default=3.5e-9)
    limit: float = quantity("V", above=0, default=10.0)

    @property
    def boundaries_touched(self) -> float:
        """How many grain boundaries the contact touches on average."""
        relative = self.contact.radius / self.grain_size
        return 4 * relative + 3 * math.pi * relative**2

    @property
    def touching_probability(self) -> float:
        """Part of the places at which the contact touches a boundary."""
        return -math.expm1(-self.boundaries_touched)

    def run(
        self, places: int, seed: int | np.random.Generator = 0, on_boundary: bool | None = None
    ) -> TriggerBiases:
        """The experiment at so many ``places``, repeatable by its ``seed``.

        ``on_boundary``: true puts every contact on a boundary, false into grains (no boundary
        beneath), ``None`` anywhere. Raises :class:`InputError` unless ``places`` is at least 1.
        """
        random = np.random.default_rng(seed)
        count = within(places, "", "places", low=1)
        if count != int(count):
            raise InputError(f"{places!r} must be a whole number", where="places")
        if on_boundary is False:
            return self.at(np.zeros(int(count)), random)
        if self.boundaries_touched > _MOST_BOUNDARIES:
            raise InputError(
                f"{self.grain_size:g} m puts {self.boundaries_touched:.3g} boundaries under a "
                f"contact of radius {self.contact.radius:g} m, more than {_MOST_BOUNDARIES:g}; "
                "give larger grains or a smaller contact",
                where="grain_size",
            )
        touched = random.poisson(self.boundaries_touched, int(count))
        return self.at(np.maximum(touched, 1) if on_boundary else touched, random)

    def at(self, boundaries: ArrayLike, seed: int | np.random.Generator = 0) -> TriggerBiases:
        """The experiment at places that touch so many ``boundaries`` each, as of a map of grains.

        The biases have the shape of ``boundaries``. Every place draws thresholds of its own, also
        two on one boundary. Raises :class:`InputError` for numbers below 0 or none.
        """
        touched = numbers(boundaries, "", "boundaries")
        if touched.size == 0 or np.any(touched < 0) or np.any(touched != np.floor(touched)):
            raise InputError("must be whole numbers of at least 0, one a place", where="boundaries")
        random = np.random.default_rng(seed)
        area = (self.contact.radius / self.interior_radius) ** 2
        inside = self.interior.sample(touched.size, area, random)
        edge = self.boundary.sample(touched.size, touched.ravel(), random)
        threshold = np.minimum(edge, inside).reshape(touched.shape)
        bias = threshold / self.contact.interface_share(self.area_resistance)
        biases = np.where(bias <= self.limit, -bias, np.nan)
        return TriggerBiases(biases, touched.astype(np.int64), self.limit)


_MOST_BOUNDARIES = 1e15
