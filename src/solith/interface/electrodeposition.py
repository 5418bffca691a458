"""What elasticity does to plating at a crest (Monroe and Newman), in both of its readings."""

from __future__ import annotations

import math
from dataclasses import dataclass

from solith.core.errors import InputError
from solith.core.result import Result, Value
from solith.interface._arguments import positive, within
from solith.interface.elastic import ElasticSolid

__all__ = ["DepositionStability", "deposition_stability"]


@dataclass(frozen=True)
class DepositionStability:
    """What the published law says of roughness, and what its own stresses say; they may differ.

    All in Pa, of a crest, over its height times its wave number (see :func:`deposition_stability`):

    * ``growth_as_published`` S: the authors conclude that roughness grows where it is above 0.
    * ``drive_at_crest`` D: what the pressures of the same shape add to the drive to plate at its
      crests: above 0 they are plated faster, and roughness grows.
    * ``normal_imbalance``: what the normal stresses of that shape lack of balance. S has been
      derived as if it were 0; then D would be -S.

    ``shear_ratio`` is the electrolyte's shear modulus over the metal's, ``critical_ratio`` the one
    at which S changes sign (``None``: it has one sign). Roughness of a wavelength under
    ``levelled_below`` [m] is levelled by surface tension in the published reading (0 without
    tension, and where S is not above 0). ``flags`` say what both leave out.
    """

    growth_as_published: float
    drive_at_crest: float
    normal_imbalance: float
    shear_ratio: float
    critical_ratio: float | None
    levelled_below: float
    flags: tuple[str, ...] = ()

    @property
    def readings_agree(self) -> bool:
        """Whether both say that roughness grows, or both that it does not."""
        return (self.growth_as_published > 0) == (self.drive_at_crest > 0)

    @property
    def result(self) -> Result:
        """The stresses [GPa], the ratios, and ``levelled_below`` [nm]."""
        flags = self.flags
        return Result(
            "Plating on a bent interface",
            (
                Value("growth_as_published", 1e-9 * self.growth_as_published, "GPa", flags=flags),
                Value("drive_at_crest", 1e-9 * self.drive_at_crest, "GPa", flags=flags),
                Value("normal_imbalance", 1e-9 * self.normal_imbalance, "GPa"),
                Value("shear_ratio", self.shear_ratio),
                Value(
                    "critical_shear_ratio",
                    self.critical_ratio,
                    flags=() if self.critical_ratio is not None else ("S has one sign",),
                ),
                Value("levelled_below", 1e9 * self.levelled_below, "nm", flags=flags),
            ),
        )


def deposition_stability(
    electrolyte: ElasticSolid,
    metal: ElasticSolid,
    volume_ratio: float,
    surface_tension: float | str = 0.0,
) -> DepositionStability:
    r"""Stress at the crests of a metal that is plated through an elastic electrolyte.

    The interface is bent to :math:`A\cos kx` between two half-spaces in plane strain that stick
    to each other (equal displacement, equal shear stress); at a crest metal stands out into the
    electrolyte. With the pressures p and normal stresses :math:`\sigma = \tau - p` (tension above
    0) of electrolyte and metal there, and v the molar volume of the ion in the electrolyte over
    the metal's (``volume_ratio``), the electrons' level at which ions and metal are in equilibrium
    moves by

    .. math:: z\,\Delta\mu = \mu_m - \mu_{ion} = V_m (p_m - v\,p_e)

    A raised level is a lower potential: less drives plating at a crest. It is what
    :func:`solith.interface.plating_pressure` says of a metal under pressure, and
    ``drive_at_crest`` is

    .. math:: D = -2\,(p_m - v\,p_e) / (Ak)

    The law replaces :math:`p_m - p_e` by the balance of normal stress,
    :math:`p_m - p_e = \tau_m - \tau_e + \gamma\kappa`, with the ``surface_tension`` :math:`\gamma`
    [N/m] and the curvature :math:`\kappa = Ak^2` of a crest:

    .. math::
        z\,\Delta\mu &= \tfrac12 V_m A \left[k S + (1+v)\,\gamma k^2\right], \\
        S &= \frac{1}{Ak}\left[(1-v)(p_e + p_m) - (1+v)(\tau_e - \tau_m)\right]

    so that tension and S > 0 would both slow plating at a crest. Monroe and Newman
    (10.1149/1.1850854), and with v Ahmad and Viswanathan (10.1103/PhysRevLett.119.056003), conclude
    the reverse for S and not for tension: their current rises with
    :math:`\exp[(1-\alpha)\Delta\mu/RT]`, and they give :math:`\gamma\kappa` the sign that levels
    (abstracts read; kinetics and form recalled). ``growth_as_published`` is S in their reading:
    for large ions (v well above 1, salt in a polymer) stiff electrolytes are stable, from a shear
    ratio of about two (here 2.2 to 2.5 for v of 9 and more and Poisson's ratio 0.33), and for small
    ones (v below 1, ceramics) stiffness destabilises. ``levelled_below`` is
    :math:`2\pi(1+v)\gamma/S`, likewise in theirs.

    The bent shape is imposed, and elastic half-spaces so bent do not balance in normal stress:
    ``normal_imbalance`` :math:`(\sigma_m - \sigma_e)/(Ak)` is as large as the moduli, and
    :math:`D = -S + (1+v)(\sigma_m - \sigma_e)/(Ak)`. For garnet on lithium it decides the sign. A
    verdict thus hangs on the substitution and on the reading; none is given here. The stresses are
    solved in closed form, with :math:`g = G/(3-4\nu)` and the crest's sideways displacement t A:

    .. math::
        t &= \frac{(1-2\nu_m) g_m - (1-2\nu_e) g_e}{2[(1-\nu_m) g_m + (1-\nu_e) g_e]} \\
        p_e &= \tfrac43 (1+\nu_e) g_e (1-t) Ak, \quad p_m = -\tfrac43 (1+\nu_m) g_m (1+t) Ak \\
        \sigma_e &= -2 g_e [(1-2\nu_e) t + 2(1-\nu_e)] Ak, \quad
        \sigma_m = 2 g_m [2(1-\nu_m) - (1-2\nu_m) t] Ak

    **Range**: small roughness, linear elasticity, no creep, no flaws, even conduction: it says
    nothing on filaments that start in flaws and boundaries, which is how stiff ceramics fail
    (Porz et al., 10.1002/aenm.201701003). The result flags it.

    Raises :class:`InputError` for a negative volume ratio or surface tension.
    """
    ratio = within(volume_ratio, "", "volume_ratio", low=0)
    tension = within(surface_tension, "N/m", "surface_tension", low=0)
    for name, solid in (("electrolyte", electrolyte), ("metal", metal)):
        if not isinstance(solid, ElasticSolid):
            raise InputError("expected an ElasticSolid", where=name)
    stress = _stress(electrolyte, metal)
    growth = stress.growth(ratio)
    drive = -2 * (stress.pressure_m - ratio * stress.pressure_e)
    wavelength = 2 * math.pi * (1 + ratio) * tension / growth if growth > 0 else 0.0
    flags = [
        "flaws, grain boundaries and creep are left out",
        f"the imposed shape leaves {1e-9 * stress.imbalance:.3g} GPa of normal stress unbalanced: "
        "balanced, the drive at a crest would be -growth_as_published",
    ]
    if (growth > 0) != (drive > 0):
        flags.append("published reading and drive at the crest disagree on whether roughness grows")
    return DepositionStability(
        growth,
        drive,
        stress.imbalance,
        electrolyte.shear_modulus / metal.shear_modulus,
        _critical_ratio(electrolyte, metal, ratio),
        wavelength,
        tuple(flags),
    )


_SOFTEST, _STIFFEST = 1e-6, 1e6


@dataclass(frozen=True)
class _Stress:
    """At a crest, over A k [Pa]: pressures, and normal stresses with tension above 0."""

    pressure_e: float
    pressure_m: float
    normal_e: float
    normal_m: float

    @property
    def imbalance(self) -> float:
        return self.normal_m - self.normal_e

    def growth(self, ratio: float) -> float:
        """S of :func:`deposition_stability`."""
        deviators = (self.normal_e + self.pressure_e) - (self.normal_m + self.pressure_m)
        return (1 - ratio) * (self.pressure_e + self.pressure_m) - (1 + ratio) * deviators


def _stress(electrolyte: ElasticSolid, metal: ElasticSolid) -> _Stress:
    e, m = electrolyte.poisson_ratio, metal.poisson_ratio
    soft_e = electrolyte.shear_modulus / (3 - 4 * e)
    soft_m = metal.shear_modulus / (3 - 4 * m)
    aside = ((1 - 2 * m) * soft_m - (1 - 2 * e) * soft_e) / (
        2 * ((1 - m) * soft_m + (1 - e) * soft_e)
    )
    return _Stress(
        4 / 3 * (1 + e) * soft_e * (1 - aside),
        -4 / 3 * (1 + m) * soft_m * (1 + aside),
        -2 * soft_e * ((1 - 2 * e) * aside + 2 * (1 - e)),
        2 * soft_m * (2 * (1 - m) - (1 - 2 * m) * aside),
    )


def _critical_ratio(electrolyte: ElasticSolid, metal: ElasticSolid, ratio: float) -> float | None:
    """Shear ratio at which S changes its sign, Poisson's ratios kept; ``None`` if it does not."""
    from scipy.optimize import brentq

    equal = metal.shear_modulus / electrolyte.shear_modulus

    def growth(logarithm: float) -> float:
        scale = equal * math.exp(logarithm)
        young = positive(electrolyte.young_modulus * scale, "Pa", "electrolyte")
        return _stress(electrolyte.replace(young_modulus=young), metal).growth(ratio)

    low, high = math.log(_SOFTEST), math.log(_STIFFEST)
    if growth(low) * growth(high) >= 0:
        return None
    return math.exp(float(brentq(growth, low, high, xtol=1e-13)))
