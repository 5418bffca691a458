"""Contact that confines lithium's entry to patches and so constricts diffusion in a particle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import nnls
from scipy.special import erf, j0, j1

from solith.core.description import Description, Family, quantity
from solith.core.errors import InputError
from solith.core.quantities import to_si

__all__ = ["CONFINEMENT", "LOWEST_FRACTION", "PatchContact"]

CONFINEMENT = Family("confinement")

LOWEST_FRACTION = 1e-4
"""Contact fraction below which patches, a hundred radii apart, are single and no layer."""

Array = NDArray[np.float64]


@CONFINEMENT.register
@dataclass(frozen=True)
class PatchContact(Description):
    r"""Round patches of one ``radius`` a [m], evenly spread over the particles' surface.

    The contact fraction :math:`\theta`, contact area over active area, comes from elsewhere.
    Each patch feeds a cell of radius :math:`b = a/\sqrt\theta` of the surface. A flux q [mol
    m-2 s-1, on the contact area] enters; its mean over the surface, :math:`\theta q`, drives
    one-dimensional diffusion in the particle, whose surface value is :math:`c_{1D}`; the mean
    concentration in the patch is :math:`c_{1D} + \delta`. For uniform flux in a patch, on a
    particle that is flat and deep on the scale b, separation of variables gives, with
    :math:`\lambda_n b` the zeros of :math:`J_1` and :math:`\tau = D t / a^2`,

    .. math::
        \delta(s) &= q \sum_n \frac{w_n}{\sqrt{D\,(s + D\lambda_n^2)}}, \qquad
        w_n = \frac{4 J_1^2(\lambda_n a)}{(\lambda_n b)^2 J_0^2(\lambda_n b)}, \qquad
        \theta + \sum_n w_n = 1 \\
        \delta(t) &= \frac{q a}{D} \sum_n \frac{w_n}{\lambda_n a}
                     \operatorname{erf}(\lambda_n a \sqrt\tau)
                     \quad\text{after a step of } q .

    Derived here (no source needed); its steady value is the isoflux spreading resistance of a
    flux tube (:math:`8/3\pi` for a lone patch), at short times
    :math:`\delta = 2(1-\theta)\,q\sqrt{t/\pi D}`, as if the patch were all there is.

    **Reduced law.** A simulator takes :meth:`modes`: few states with
    :math:`\dot\delta_k = -p_k\,\delta_k D/a^2 + r_k\,q/a`, :math:`\delta = \sum_k \delta_k`.
    Against the sum above a step agrees within 1 % for :math:`\tau \ge 10^{-4}` and
    :math:`\theta \ge 0.005` (within 3 % down to 1e-4), its steady value exactly. Before
    :math:`\tau = 10^{-4}` it falls short, by at most 0.012 qa/D, which is what
    :math:`\delta` then is.

    **In a cell model** the open-circuit potential and the exchange current density are taken
    at :math:`c_{1D} + \delta`, and q is the interface's current on the *contact* area over F,
    positive into the particle; the particle's own boundary gets :math:`\theta q`. D is the
    particle's, at its surface; where it changes with concentration over :math:`\delta` the
    law is an approximation.

    **Range.** (1) b up to about R/2 for particles of radius R, or the cell is neither flat
    nor deep. (2) Flux even over the patch, as where charge transfer resists more than the
    spreading: :math:`a k / D \ll 1` with :math:`k = (j_0/RT)\,|dU/dc|`. That is the common
    case (a = 0.5 um, D = 1e-10 cm2/s, 1 A/m2, 1 V over 50 kmol/m3: 0.6) and the law's mean
    over the patch is then what the current feels. Where charge transfer is fast instead, the
    patch has one concentration and the edge takes most of the current: the steady
    :math:`\delta` of a lone patch is :math:`\pi/4`, 7.5 % less than here. (3) Linear
    diffusion between states that are close. (4) Modes belong to one :math:`\theta`: where
    contact is lost in cycling, modes of the first :math:`\theta` misjudge :math:`\delta`
    as the spreading resistance differs (:meth:`spreading_resistance` of both tells how much).
    """

    law: ClassVar[str] = "patches"
    radius: float = quantity("m", above=0)

    def spacing(self, theta: float) -> float:
        """Radius b [m] of the cell of surface that one patch feeds at contact fraction theta."""
        return float(self.radius / np.sqrt(_checked(theta)))

    def modes(self, theta: float) -> tuple[tuple[float, float], ...]:
        r"""Poles and residues :math:`(p_k, r_k)` of the reduced law, without dimension.

        Always the same number of modes, poles rising, residues at least 0 and continuous in
        the contact fraction ``theta`` (all 0 at 1); :math:`\sum r_k/p_k` is
        :meth:`spreading_resistance`.
        """
        return _modes(_checked(theta))

    def spreading_resistance(self, theta: float) -> float:
        r"""Steady :math:`\delta D/(q a)` at contact fraction ``theta``, without dimension."""
        roots, weights = _spectrum(_checked(theta))
        return float(np.sum(weights / roots))

    def step_response(self, theta: float, time: ArrayLike, diffusivity: float | str) -> Array:
        r""":math:`\delta/q` [s/m] at each ``time`` [s] after a step of flux, of the full sum.

        ``diffusivity`` [m2/s].
        """
        scale = to_si(diffusivity, "m2/s")
        reached = _step(_checked(theta), np.asarray(time, float) * scale / self.radius**2)
        return np.asarray(reached * self.radius / scale)

    def apparent_diffusivity_ratio(
        self, theta: float, time: ArrayLike, diffusivity: float | str
    ) -> Array:
        r"""Diffusivity that a current step seems to show, over the true one, at each ``time`` [s].

        Read as usual (Weppner and Huggins, 10.1149/1.2133112) from the slope of concentration
        over the root of time in a deep particle, with the *active* area:
        :math:`[\theta/(\theta + \sum_n w_n e^{-\lambda_n^2 a^2 \tau})]^2`, which rises from
        :math:`\theta^2` to 1 while :math:`\sqrt{Dt}` passes from a to b.
        """
        theta = _checked(theta)
        ratio = np.asarray(time, float) * to_si(diffusivity, "m2/s") / self.radius**2
        roots, weights = _spectrum(theta)
        narrowed = np.exp(-np.multiply.outer(ratio, roots**2)) @ weights
        return np.asarray((theta / (theta + narrowed)) ** 2)


_COUNT = 8
_LONGEST, _SHORTEST = 1.25, 5e4  # poles, over that of the slowest mode and by itself
_EARLIEST = 1e-4  # τ from which the reduced law is to hold
_FIRST_ZERO = 3.8317059702075125  # of J1


def _checked(theta: float) -> float:
    if not LOWEST_FRACTION <= theta <= 1:
        raise InputError(
            f"a contact fraction of {theta:g} is outside the range of patches of contact, "
            f"{LOWEST_FRACTION:g} to 1; change the contact or leave out the confinement"
        )
    return float(theta)


@lru_cache(maxsize=256)
def _modes(theta: float) -> tuple[tuple[float, float], ...]:
    """Non-negative least squares on the relative error of the step, steady value exact."""
    slowest = _FIRST_ZERO**2 * theta
    poles = np.geomspace(_LONGEST * slowest, _SHORTEST, _COUNT)
    roots, weights = _spectrum(theta)
    steady = float(np.sum(weights / roots))
    if theta == 1 or steady == 0:
        return tuple((float(pole), 0.0) for pole in poles)
    times = np.geomspace(_EARLIEST / 2, 30 / slowest, 80)
    steps = -np.expm1(-np.outer(times, poles)) / poles / _step(theta, times)[:, None]
    emphasis = 30.0
    matrix = np.vstack([steps, emphasis / poles / steady])
    wanted = np.append(np.ones(len(times)), emphasis)
    size = np.linalg.norm(matrix, axis=0)
    residues = nnls(matrix / size, wanted, maxiter=100 * _COUNT)[0] / size
    residues *= steady / np.sum(residues / poles)
    return tuple(zip(poles.tolist(), residues.tolist(), strict=True))


def _step(theta: float, ratio: Array) -> Array:
    """Sum of the modes' answers to a step at times in a²/D."""
    roots, weights = _spectrum(theta)
    reached = erf(np.multiply.outer(np.sqrt(ratio), roots))
    return np.asarray(reached @ (weights / roots))


@lru_cache(maxsize=32)
def _spectrum(theta: float) -> tuple[Array, Array]:
    r""":math:`\lambda_n a` and :math:`w_n`; the last holds all weight beyond the others.

    Weights fall as :math:`n^{-2}`, whose tail beyond N weighs in :math:`w/\lambda` as one mode
    at :math:`2\lambda_N`.
    """
    share = np.sqrt(theta)
    zeros = _bessel_zeros(int(300 / share))
    roots = zeros * share
    weights = 4 * (j1(roots) / (zeros * j0(zeros))) ** 2
    rest = max(1 - theta - float(weights.sum()), 0.0)
    return np.append(roots, 2 * roots[-1]), np.append(weights, rest)


def _bessel_zeros(count: int) -> Array:
    """The first positive zeros of J1: McMahon's start, then Newton's steps."""
    start = (np.arange(1, count + 1) + 0.25) * np.pi
    zeros = np.asarray(start - 3 / (8 * start))
    for _ in range(3):
        zeros -= j1(zeros) / (j0(zeros) - j1(zeros) / zeros)
    return zeros
