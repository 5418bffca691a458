"""Whether an elastic electrolyte keeps plating flat (Monroe and Newman)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from solith.core.errors import InputError
from solith.interface._arguments import positive, within
from solith.interface.elastic import ElasticSolid

__all__ = ["DepositionStability", "deposition_stability"]


@dataclass(frozen=True)
class DepositionStability:
    """Whether roughness grows, and where it would not.

    ``growth`` [Pa] is :math:`S` of :func:`deposition_stability`: roughness grows where it is above
    0. ``shear_ratio`` is the electrolyte's shear modulus over the metal's, ``critical_ratio`` the
    one at which S changes sign: stable above it for ions larger than the metal's atom, below it
    for smaller ones (``None``: S has one sign). Roughness of a wavelength under ``levelled_below``
    [m] is levelled by surface tension (0 without tension, and where all is stable). ``flags`` say
    what the verdict leaves out.
    """

    growth: float
    shear_ratio: float
    critical_ratio: float | None
    levelled_below: float
    flags: tuple[str, ...] = ()

    @property
    def stable(self) -> bool:
        """Whether roughness of every wavelength is levelled."""
        return self.growth <= 0


def deposition_stability(
    electrolyte: ElasticSolid,
    metal: ElasticSolid,
    volume_ratio: float,
    surface_tension: float | str = 0.0,
) -> DepositionStability:
    r"""Linear stability of plating a metal through an elastic electrolyte.

    The interface is bent to :math:`A\cos kx` between two half-spaces in plane strain that stick
    to each other (equal displacement, equal shear stress). Deformation moves the electrons'
    electrochemical potential at a crest by

    .. math::
        \Delta\mu &= \frac{V_m A}{2}\left[k S - (1+v)\,\gamma k^2\right], \\
        S &= \frac{1}{Ak}\left[(1-v)(p_e + p_m) - (1+v)(\tau_e - \tau_m)\right]

    with the pressures p and the normal deviatoric stresses :math:`\tau` of electrolyte and metal
    at the crest, v the molar volume of the ion in the electrolyte over that of the metal
    (``volume_ratio``) and :math:`\gamma` the ``surface_tension`` [N/m]; the interface is stable
    where :math:`\Delta\mu < 0`. Model: Monroe and Newman (10.1149/1.1850854), in the form with v of
    Ahmad and Viswanathan (10.1103/PhysRevLett.119.056003). Only their abstracts were read: form and
    sign are recalled; the stresses are solved here in closed form, with
    :math:`g = G/(3-4\nu)` and the crest's sideways displacement t A,

    .. math::
        t &= \frac{(1-2\nu_m) g_m - (1-2\nu_e) g_e}{2[(1-\nu_m) g_m + (1-\nu_e) g_e]} \\
        p_e &= \tfrac43 (1+\nu_e) g_e (1-t) Ak, \quad p_m = -\tfrac43 (1+\nu_m) g_m (1+t) Ak \\
        \sigma_e &= -2 g_e [(1-2\nu_e) t + 2(1-\nu_e)] Ak, \quad
        \sigma_m = 2 g_m [2(1-\nu_m) - (1-2\nu_m) t] Ak, \quad \tau = \sigma + p

    The form within the brackets follows from :math:`\mu_m - \mu_{ion} = V_m (p_m - v p_e)` and the
    balance of normal stress. The verdict's sign is taken from what the authors conclude: for large
    ions (v well above 1, salt in a polymer) stiff electrolytes are stable, from a shear ratio of
    about two; this law gives 2.2 to 2.5 for v of 9 and more and Poisson's ratio 0.33. For small
    ones (v below 1, ceramics) stiffness destabilises. That sign is the models' and disputable: a
    potential raised at a crest can as well be read as a smaller drive to plate there, which turns
    every verdict around.

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
    growth = _growth(electrolyte, metal, ratio)
    wavelength = 2 * math.pi * (1 + ratio) * tension / growth if growth > 0 else 0.0
    flags = ["flaws, grain boundaries and creep are left out"]
    if ratio < 1:
        flags.append("ion smaller than the metal's atom: stiffness destabilises")
    return DepositionStability(
        growth,
        electrolyte.shear_modulus / metal.shear_modulus,
        _critical_ratio(electrolyte, metal, ratio),
        wavelength,
        tuple(flags),
    )


_SOFTEST, _STIFFEST = 1e-6, 1e6


def _growth(electrolyte: ElasticSolid, metal: ElasticSolid, ratio: float) -> float:
    """S of :func:`deposition_stability`."""
    e, m = electrolyte.poisson_ratio, metal.poisson_ratio
    soft_e = electrolyte.shear_modulus / (3 - 4 * e)
    soft_m = metal.shear_modulus / (3 - 4 * m)
    aside = ((1 - 2 * m) * soft_m - (1 - 2 * e) * soft_e) / (
        2 * ((1 - m) * soft_m + (1 - e) * soft_e)
    )
    pressure_e = 4 / 3 * (1 + e) * soft_e * (1 - aside)
    pressure_m = -4 / 3 * (1 + m) * soft_m * (1 + aside)
    deviator_e = pressure_e - 2 * soft_e * ((1 - 2 * e) * aside + 2 * (1 - e))
    deviator_m = pressure_m + 2 * soft_m * (2 * (1 - m) - (1 - 2 * m) * aside)
    return (1 - ratio) * (pressure_e + pressure_m) - (1 + ratio) * (deviator_e - deviator_m)


def _critical_ratio(electrolyte: ElasticSolid, metal: ElasticSolid, ratio: float) -> float | None:
    """Shear ratio at which S changes its sign, Poisson's ratios kept; ``None`` if it does not."""
    from scipy.optimize import brentq

    equal = metal.shear_modulus / electrolyte.shear_modulus

    def growth(logarithm: float) -> float:
        scale = equal * math.exp(logarithm)
        young = positive(electrolyte.young_modulus * scale, "Pa", "electrolyte")
        return _growth(electrolyte.replace(young_modulus=young), metal, ratio)

    low, high = math.log(_SOFTEST), math.log(_STIFFEST)
    if growth(low) * growth(high) >= 0:
        return None
    return math.exp(float(brentq(growth, low, high, xtol=1e-13)))
