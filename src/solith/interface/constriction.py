"""Contact that confines lithium's entry to patches and so constricts diffusion in a particle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
        \delta(t) &= \frac{q a}{D} \sum_n w_n \left[
            \frac{\operatorname{erf}\sqrt{x_n}}{\lambda_n a}
            + \frac{a}{R}\,\frac{1 - (1 - x_n)\,e^{-x_n}}{2\,(\lambda_n a)^2} \right],
            \qquad x_n = (\lambda_n a)^2 \tau \quad\text{(a step of } q \text{)} .

    The second part is the particle's curvature to first order in b/R: below the surface of a
    sphere of radius R there is less room (each mode's decay into the sphere, to the second
    order of WKB); it counts where ``particle_radius`` is given. All this is derived here (no
    source). The steady value on a flat particle is the isoflux spreading resistance of a flux
    tube, :math:`8/3\pi` for a lone patch; at short times :math:`\delta = 2(1-\theta)\,q
    \sqrt{t/\pi D}`, as if the patch were all there is.

    **Reduced law.** A simulator takes :meth:`modes`: ten states with
    :math:`\dot\delta_k = -p_k\,\delta_k D/a^2 + r_k\,q/a`, :math:`\delta = \sum_k \delta_k`.
    A step agrees with the sum within 1 % for :math:`\tau \ge 10^{-4}` at every
    :math:`\theta` (1.3 % at b = R), its steady value exactly; eight states would do for that
    above :math:`\theta = 0.005`; ten also follow the decay after a short pulse within 3 % of
    what is left of it, above 0.02. Before :math:`\tau = 10^{-4}` the states fall short by at most
    :math:`0.0012\,qa/D`: the concentration tends to that of entry through all the surface.

    **In a cell model** the open-circuit potential and the exchange current density are taken
    at :math:`c_{1D} + \delta`, and q is the interface's current on the *contact* area over F,
    positive into the particle; the particle's own boundary gets :math:`\theta q`. D is the
    particle's, at its surface; where D changes over :math:`\delta` the law is approximate.

    **Range** (``validation/confined_contact.py``; figures are relative to the change of the
    patch's concentration, worst over all times and :math:`\theta` of 0.02 to 0.8).

    1. With ``particle_radius`` the law is right to 0.3 % for b = R/4, 1 % for R/2, 3 % for R
       (:math:`\delta` alone: 0.6, 2.4, 10 %); beyond, a particle has few patches, none like
       the others (6 % for two, 12 % for one). Without it 3 % for R/4, 5 % for R/2. A slab
       should be as deep as b (2 % at half of it).
    2. Flux even over the patch. That holds where charge transfer resists more than the
       spreading, :math:`Bi = a k / D` small with :math:`k = (j_0/RT)\,|dU/dc|` [m/s]; to first
       order in Bi the mean over the patch is what the current feels. A patch of 0.5 um, D =
       1e-10 cm2/s, 1 A/m2 and 1 V over 50 kmol/m3 have Bi = 0.4. Where charge transfer is
       faster the current crowds at the patch's edge and the law overstates the change: by
       1.3 % at Bi = 1, 3 % at 3, 6 % at 10, 11 % where the patch has one concentration (the
       steady :math:`\delta` of a lone patch is then :math:`\pi/4`, 7.5 % less than
       :math:`8/3\pi`; recalled, no source read).
    3. Modes belong to one :math:`\theta`. A simulator that keeps the first ones while contact
       is lost misjudges :math:`\delta` as :meth:`spreading_resistance` differs: patches that
       become fewer, 0.5 to 0.32 of the surface, take it from 0.143 to 0.261.
    """

    law: ClassVar[str] = "patches"
    radius: float = quantity("m", above=0)

    def spacing(self, theta: float) -> float:
        """Radius b [m] of the cell of surface that one patch feeds at contact fraction theta."""
        return float(self.radius / np.sqrt(_checked(theta)))

    def modes(
        self, theta: float, particle_radius: float | str | None = None
    ) -> tuple[tuple[float, float], ...]:
        r"""Poles and residues :math:`(p_k, r_k)` of the reduced law, without dimension.

        Always the same number of modes, poles rising, residues at least 0 and continuous in
        the contact fraction ``theta`` (all 0 at 1); :math:`\sum r_k/p_k` is
        :meth:`spreading_resistance`. ``particle_radius`` R [m] counts curvature; left out,
        the particle is flat. :class:`InputError` for a ``theta`` outside
        :data:`LOWEST_FRACTION` to 1 and where not one patch fits on the particle (b > 2 R).
        """
        return _modes(_checked(theta), self._curvature(theta, particle_radius))

    def spreading_resistance(
        self, theta: float, particle_radius: float | str | None = None
    ) -> float:
        r"""Steady :math:`\delta D/(q a)` at contact fraction ``theta``, without dimension."""
        return _steady(_checked(theta), self._curvature(theta, particle_radius))

    def step_response(
        self,
        theta: float,
        time: ArrayLike,
        diffusivity: float | str,
        particle_radius: float | str | None = None,
    ) -> Array:
        r""":math:`\delta/q` [s/m] at each ``time`` [s] after a step of flux, of the full sum.

        ``diffusivity`` [m2/s], the particle's own.
        """
        scale = to_si(diffusivity, "m2/s")
        ratio = np.asarray(time, float) * scale / self.radius**2
        reached = _step(_checked(theta), self._curvature(theta, particle_radius), ratio)
        return np.asarray(reached * self.radius / scale)

    def apparent_diffusivity_ratio(
        self, theta: float, time: ArrayLike, diffusivity: float | str
    ) -> Array:
        r"""Diffusivity that a current step seems to show, over the true one, at each ``time`` [s].

        Read as usual (Weppner and Huggins, 10.1149/1.2133112; recalled, no source read) from
        the slope of concentration over the root of time in a deep flat particle, with the
        *active* area: :math:`[\theta/(\theta + \sum_n w_n e^{-x_n})]^2`, which rises
        from :math:`\theta^2` to 1 while :math:`\sqrt{Dt}` passes from a to b.
        ``diffusivity`` [m2/s], the particle's own.
        """
        roots, weights = _spectrum(_checked(theta))
        ratio = np.asarray(time, float) * to_si(diffusivity, "m2/s") / self.radius**2
        narrowed = np.exp(-np.multiply.outer(ratio, roots**2)) @ weights
        return np.asarray((theta / (theta + narrowed)) ** 2)

    def _curvature(self, theta: float, particle_radius: float | str | None) -> float:
        """a/R, 0 for a flat particle."""
        if particle_radius is None:
            return 0.0
        sphere = to_si(particle_radius, "m")
        spacing = self.spacing(theta)
        if not 0 < spacing <= 2 * sphere:
            raise InputError(
                f"patches of radius {self.radius:g} m at a contact fraction of {theta:g} lie "
                f"{spacing:g} m apart, which leaves less than one patch on a particle of radius "
                f"{sphere:g} m; take smaller patches",
                where="radius",
            )
        return self.radius / sphere


_COUNT = 10
_LONGEST, _SHORTEST = 1.25, 5e4  # poles: over that of the slowest mode, and by itself
_EARLIEST = 1e-4  # tau from which the reduced law is to hold
_EMPHASIS = 30.0  # weight of the steady value, which is then made exact by scaling
_FIRST_ZERO = 3.8317059702075125  # of J1


def _checked(theta: float) -> float:
    if not LOWEST_FRACTION <= theta <= 1:
        raise InputError(
            f"a contact fraction of {theta:g} is outside the range of patches of contact, "
            f"{LOWEST_FRACTION:g} to 1; change the contact or leave out the confinement"
        )
    return float(theta)


@lru_cache(maxsize=256)
def _modes(theta: float, curvature: float) -> tuple[tuple[float, float], ...]:
    """Non-negative least squares on the relative error of the step, steady value exact."""
    from scipy.optimize import nnls

    slowest = _FIRST_ZERO**2 * theta
    poles = np.geomspace(_LONGEST * slowest, _SHORTEST, _COUNT)
    steady = _steady(theta, curvature)
    if theta == 1 or steady == 0:
        return tuple((float(pole), 0.0) for pole in poles)
    times = np.geomspace(_EARLIEST / 2, 30 / slowest, 80)
    steps = -np.expm1(-np.outer(times, poles)) / poles
    matrix = np.vstack(
        [steps / _step(theta, curvature, times)[:, None], _EMPHASIS / poles / steady]
    )
    wanted = np.append(np.ones(len(times)), _EMPHASIS)
    size = np.linalg.norm(matrix, axis=0)
    residues = nnls(matrix / size, wanted, maxiter=100 * _COUNT)[0] / size
    residues *= steady / np.sum(residues / poles)
    return tuple(zip(poles.tolist(), residues.tolist(), strict=True))


def _steady(theta: float, curvature: float) -> float:
    roots, weights = _spectrum(theta)
    return float(np.sum(weights / roots * (1 + curvature / (2 * roots))))


def _step(theta: float, curvature: float, ratio: Array) -> Array:
    """Sum of the modes' answers to a step at times in a²/D."""
    from scipy.special import erf

    roots, weights = _spectrum(theta)
    passed = np.multiply.outer(ratio, roots**2)
    answer = erf(np.sqrt(passed)) @ (weights / roots)
    if curvature:
        bent = 1 - (1 - passed) * np.exp(-passed)
        answer = answer + bent @ (weights / roots**2) * curvature / 2
    return np.asarray(answer)


@lru_cache(maxsize=32)
def _spectrum(theta: float) -> tuple[Array, Array]:
    r""":math:`\lambda_n a` and :math:`w_n`; the last holds all weight beyond the others.

    Weights fall as :math:`n^{-2}`, whose tail beyond N weighs in :math:`w/\lambda` as one mode
    at :math:`2\lambda_N`.
    """
    from scipy.special import j0, j1

    share = np.sqrt(theta)
    zeros = _bessel_zeros(int(300 / share))
    roots = zeros * share
    weights = 4 * (j1(roots) / (zeros * j0(zeros))) ** 2
    rest = max(1 - theta - float(weights.sum()), 0.0)
    return np.append(roots, 2 * roots[-1]), np.append(weights, rest)


def _bessel_zeros(count: int) -> Array:
    """The first positive zeros of J1: McMahon's start, then Newton's steps."""
    from scipy.special import j0, j1

    start = (np.arange(1, count + 1) + 0.25) * np.pi
    zeros = np.asarray(start - 3 / (8 * start))
    for _ in range(3):
        zeros -= j1(zeros) / (j0(zeros) - j1(zeros) / zeros)
    return zeros
