"""The impedance of a polycrystal: the arcs of its grains and of its boundaries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.constants import VACUUM_PERMITTIVITY
from solith.core.errors import InputError
from solith.core.progress import SILENT, Progress
from solith.core.provenance import Provenance
from solith.core.quantities import in_unit, to_si
from solith.core.record import Record
from solith.core.result import Result, Value
from solith.core.volume import AXES
from solith.transport._repeated_network import resistance_with
from solith.transport.polycrystal import PolycrystalConduction

__all__ = ["PolycrystalImpedance", "solve_polycrystal_impedance"]

Array = NDArray[Any]

_PER_DECADE = 3
"""Solutions for each decade of the variable in which the spectrum is continued."""
_BEYOND = 10.0
"""How far the solutions reach beyond the range of that variable on the spectrum."""
_SLOWEST, _NEXT_TO_NOTHING = 1e-6, 1e-12
"""Rates relative to the fastest, from which on slower ones are sought: with boundaries or grains
that block, and without."""
_POLES = 12
"""Rates for each decade, from which least squares takes the few that there are."""
_TOLERANCE = 1e-9
_APART = 10.0
"""Ratio of the rates of grains and boundaries from which their arcs are told apart."""
_SURE = 0.01
"""Error of the continuation that is told, relative to the impedance."""


@dataclass(frozen=True, eq=False, repr=False)
class PolycrystalImpedance:
    """The impedance of a polycrystal between ideal electrodes, as a sum of arcs.

    * ``rates`` [1/s] and ``elastances`` [m2/F, geometric area]: Z = sum of elastance over
      (rate + i omega); each is a resistor beside a capacitor. ``error``: how far the spectrum
      moves, at most and relative to its modulus, when any one of the solutions is left out.
    * ``bulk_arc`` and ``boundary_arc`` [ohm m2, geometric area]: the resistances of the relaxations
      faster and slower than ``divide`` [1/s], the geometric mean of the grains' and the boundaries'
      own rates; NaN where these are less than a factor of ten apart. A boundary that does not
      conduct has an infinite arc.
    * ``solutions``: how many networks were solved.
    """

    conduction: PolycrystalConduction
    grain_permittivity: float
    boundary_permittivity: float
    rates: Array
    elastances: Array
    divide: float
    error: float
    solutions: int

    def at(self, frequency: Any) -> NDArray[np.complex128]:
        """Z [ohm m2, geometric area] at each ``frequency`` [Hz], complex."""
        return _spectrum(self.rates, self.elastances, _frequencies(frequency))

    @property
    def bulk_arc(self) -> float:
        return self._arc(self._bulk_is_fast)

    @property
    def boundary_arc(self) -> float:
        return self._arc(not self._bulk_is_fast)

    def record(
        self,
        frequency: Any = None,
        *,
        geometric_area: Any = None,
        thickness: Any = None,
        electrode_capacitance: Any = None,
    ) -> Record:
        """The spectrum as a record that the analyses of a measured one read.

        ``frequency`` [Hz or texts]: left out, ten points a decade from a hundred times above the
        fastest relaxation to as far below the slowest. ``geometric_area`` and ``thickness`` [m2, m
        or texts] are those of a pellet of this ceramic; left out, of the polycrystal as it is.
        ``electrode_capacitance`` [F/m2 or text]: of either electrode, if they block.

        Raises :class:`InputError`.
        """
        from solith import __version__

        conduction = self.conduction
        length = conduction.polycrystal.size[conduction.axis]
        area = conduction.stack.area
        if geometric_area is not None:
            area = _positive(geometric_area, "m2", "geometric_area")
        thick = length if thickness is None else _positive(thickness, "m", "thickness")
        points = self._usual_frequencies() if frequency is None else _frequencies(frequency)
        impedance = self.at(points) * (thick / length / area)
        if electrode_capacitance is not None:
            capacitance = _positive(electrode_capacitance, "F/m2", "electrode_capacitance")
            impedance += -1j / (np.pi * capacitance * area) / points
        return Record.from_arrays(
            "impedance",
            name="polycrystal impedance",
            provenance=Provenance(
                "simulated",
                method="voxel network of grains and boundaries, continued to imaginary frequencies",
                parameters={
                    "grain_permittivity": self.grain_permittivity,
                    "boundary_permittivity": self.boundary_permittivity,
                    "boundary_width": conduction.problem.boundaries.width,
                    "grains": conduction.polycrystal.count,
                    "axis": AXES[conduction.axis],
                    "continuation_error": self.error,
                },
                conventions="Im Z is negative for a capacitance",
                version=__version__,
            ),
            attributes={"geometric_area_m2": area, "thickness_m": thick},
            frequency_hertz=points,
            real_impedance_ohm=impedance.real,
            imaginary_impedance_ohm=impedance.imag,
        )

    @property
    def result(self) -> Result:
        """The arcs as a result that prints itself and goes into a report."""
        told = partial(Value, method="relaxations of the network")
        unsure: tuple[str, ...] = ()
        if self.error > _SURE:
            unsure = (f"the continuation is sure to {100 * self.error:.2g} % only",)
        values = []
        for name, fast in (("bulk", self._bulk_is_fast), ("boundary", not self._bulk_is_fast)):
            arc, flags = self._arc(fast), unsure
            if np.isnan(arc):
                flags = ("the arcs of grains and boundaries are not apart", *unsure)
            elif np.isinf(arc):
                flags = ("boundaries block: the arc does not close", *unsure)
            known = bool(np.isfinite(arc))
            value = in_unit(arc, "ohm m2", "ohm cm2") if known else None
            values.append(told(f"{name}_arc", value, "ohm cm2", area="geometric", flags=flags))
            apex = self._apex(fast) if known else None
            values.append(told(f"{name}_apex_frequency", apex, "Hz", flags=flags))
        return Result(
            f"impedance of a polycrystal along {AXES[self.conduction.axis]}",
            tuple(values),
            {"continuation_error": self.error, "solutions": self.solutions},
        )

    @property
    def _bulk_is_fast(self) -> bool:
        grains, boundaries = _own_rates(
            self.conduction, self.grain_permittivity, self.boundary_permittivity
        )
        return bool(np.median(grains) >= np.median(boundaries))

    def _in(self, fast: bool) -> Array:
        among: Array = self.elastances * ((self.rates > self.divide) == fast)
        return among

    def _arc(self, fast: bool) -> float:
        if np.isnan(self.divide):
            return float("nan")
        with np.errstate(divide="ignore", invalid="ignore"):
            parts = np.where(self._in(fast) > 0, self._in(fast) / self.rates, 0.0)
        return float(parts.sum())

    def _apex(self, fast: bool) -> float | None:
        """Where the relaxations of an arc are highest together [Hz]; none without an arc."""
        among = self._in(fast)
        if not among.any():
            return None
        of = self.rates[among > 0]
        omega = np.geomspace(of.min() / 3, of.max() * 3, 2001)
        height = -_spectrum(self.rates, among, omega / (2 * np.pi)).imag
        return float(omega[np.argmax(height)] / (2 * np.pi))

    def _usual_frequencies(self) -> Array:
        slow = self.rates[self.rates > 0].min()
        low, high = slow / 200 / np.pi, self.rates.max() * 50 / np.pi
        return np.geomspace(high, low, 1 + round(10 * np.log10(high / low)))

    def __repr__(self) -> str:
        return str(self.result)

    def _repr_html_(self) -> str:
        return self.result._repr_html_()


def solve_polycrystal_impedance(
    conduction: PolycrystalConduction,
    grain_permittivity: float,
    boundary_permittivity: float | None = None,
    *,
    progress: Progress = SILENT,
) -> PolycrystalImpedance:
    r"""The impedance of a solved polycrystal whose grains and boundaries are dielectrics too.

    Grains and boundaries have the relative permittivities given (boundaries that of the grains, if
    left out) beside their conductivities, whatever these are from grain to grain and from boundary
    to boundary; electrodes are ideal. All of it is a network of resistors and capacitors, so that

    .. math:: Z(\lambda) = \sum_k a_k / (\lambda + r_k), \qquad a_k > 0, \qquad
        \nu_0 \le r_k \le \nu_1, \qquad \lambda = i \omega

    with :math:`\nu_0, \nu_1` the least and the greatest of all ratios of conductivity and
    permittivity: the representation of Bergman (10.1016/0370-1573(78)90009-1, recalled) and Milton
    (10.1063/1.329385, recalled) for any number of components. In
    :math:`u = (\lambda + \nu_0) / (\lambda + \nu_1)` every positive u is a network of plain
    positive conductances: some three of them a decade are solved (see ``solutions``), and
    non-negative least squares finds the :math:`a_k`, which continues the spectrum to imaginary
    :math:`\lambda`. Two to four digits are sure, as ``error`` tells. The correction of stairs
    follows u, as the polycrystal that it stands for does. Without inductance and without what
    electrodes and interfaces add.

    Raises :class:`InputError` for a polycrystal with layers, and :class:`ConvergenceError`.
    """
    if not isinstance(conduction, PolycrystalConduction):
        raise InputError(
            f"expected what solve_polycrystal gives, not {type(conduction).__name__}",
            where="conduction",
        )
    if conduction.layers:
        raise InputError(
            "the impedance is that of the ceramic alone; solve it without layers",
            where="conduction",
        )
    if conduction.problem.boundaries.sheets is not None:
        raise InputError(
            "the impedance is that of boundaries across the current; solve it without along",
            where="conduction",
        )
    in_grains = _positive(grain_permittivity, "", "grain_permittivity")
    in_boundaries = in_grains
    if boundary_permittivity is not None:
        in_boundaries = _positive(boundary_permittivity, "", "boundary_permittivity")
    grains, boundaries = _own_rates(conduction, in_grains, in_boundaries)
    every = np.concatenate([grains, boundaries])
    # Where all rates are one, any bounds around it will do.
    low, high = min(every.min(), 0.5 * every.max()), every.max()
    slowest = max(low, (_NEXT_TO_NOTHING if low else _SLOWEST) * high)
    problem, vacuum = conduction.problem, VACUUM_PERMITTIVITY
    width = problem.boundaries.width
    held = vacuum * in_boundaries * np.maximum(boundaries, slowest)
    at_rest = replace(
        problem,
        conductivities=vacuum * in_grains * np.maximum(grains, slowest),
        boundaries=replace(problem.boundaries, resistances=width / held),
    )
    stack = at_rest.stack(())
    decades = np.log10(high / slowest * _BEYOND**2)
    places = np.geomspace(slowest / high / _BEYOND, _BEYOND, 1 + round(_PER_DECADE * decades))
    resistances = np.empty(len(places))
    for number, u in enumerate(places):
        progress.report(number / len(places), f"network {number + 1} of {len(places)}")
        resistances[number] = resistance_with(
            stack,
            vacuum * in_grains * (grains - low + (high - grains) * u) / (high - low),
            vacuum * in_boundaries * (boundaries - low + (high - boundaries) * u) / (high - low),
            _TOLERANCE,
        )
    progress.report(1.0, "impedance solved")
    rates, elastances = _relaxations(places, resistances, low, high)
    of_grains = float(np.median(grains))
    of_boundaries = max(float(np.median(boundaries)), slowest)
    apart = max(of_grains / of_boundaries, of_boundaries / of_grains) >= _APART
    return PolycrystalImpedance(
        conduction=conduction,
        grain_permittivity=in_grains,
        boundary_permittivity=in_boundaries,
        rates=rates,
        elastances=elastances,
        divide=float(np.sqrt(of_grains * of_boundaries)) if apart else float("nan"),
        error=_sensitivity(places, resistances, low, high),
        solutions=len(places),
    )


def _own_rates(
    conduction: PolycrystalConduction, in_grains: float, in_boundaries: float
) -> tuple[Array, Array]:
    """Conductivity over permittivity [1/s] of every grain and of every boundary."""
    problem = conduction.problem
    boundaries = problem.boundaries.width / problem.boundaries.resistances
    return (
        problem.conductivities / (VACUUM_PERMITTIVITY * in_grains),
        boundaries / (VACUUM_PERMITTIVITY * in_boundaries),
    )


def _relaxations(places: Array, resistances: Array, low: float, high: float) -> tuple[Array, Array]:
    """Rates and elastances: a constant, 1 / u and 1 / (u + t) with weights of zero or more.

    1 / (u + t) / (lambda + high) is an arc of the rate (low + t high) / (1 + t).
    """
    from scipy.optimize import nnls

    first, last = places[0] / _BEYOND**2, places[-1] * _BEYOND**2
    t = np.geomspace(first, last, round(_POLES * np.log10(last / first)))
    terms = np.column_stack([np.ones(len(places)), 1 / places, 1 / (places[:, np.newaxis] + t)])
    relative = terms / resistances[:, np.newaxis]
    lengths = np.linalg.norm(relative, axis=0)
    weights = nnls(relative / lengths, np.ones(len(places)), maxiter=100 * len(lengths))[0]
    rates = np.concatenate([[high, low], (low + t * high) / (1 + t)])
    elastances = weights / lengths / np.concatenate([[1.0, 1.0], 1 + t])
    kept = elastances > 0
    return rates[kept], elastances[kept]


def _sensitivity(places: Array, resistances: Array, low: float, high: float) -> float:
    """How far the spectrum moves when one solution inside the range is left out."""
    slow = low if low > 0 else _SLOWEST * high
    frequency = np.geomspace(slow / 100, high * 100, 200) / (2 * np.pi)
    whole = _spectrum(*_relaxations(places, resistances, low, high), frequency)
    worst = 0.0
    for number in range(1, len(places) - 1):
        kept = np.arange(len(places)) != number
        part = _spectrum(*_relaxations(places[kept], resistances[kept], low, high), frequency)
        worst = max(worst, float(np.max(np.abs(part / whole - 1))))
    return worst


def _spectrum(rates: Array, elastances: Array, frequency: Array) -> NDArray[np.complex128]:
    omega = 2j * np.pi * frequency
    return np.asarray((elastances / (omega[:, np.newaxis] + rates)).sum(axis=1), np.complex128)


def _frequencies(given: Any) -> Array:
    several = [given] if isinstance(given, (str, int, float)) else given
    try:
        found = np.array([to_si(one, "Hz") for one in several], np.float64)
    except TypeError:
        raise InputError(f"{given!r} is no list of frequencies", where="frequency") from None
    except InputError as error:
        raise error.inside("frequency") from None
    if not len(found) or not np.all(found > 0):
        raise InputError("frequencies are above 0 Hz, and at least one", where="frequency")
    return found


def _positive(given: Any, unit: str, where: str) -> float:
    try:
        found = to_si(given, unit)
    except InputError as error:
        raise error.inside(where) from None
    if not found > 0:
        raise InputError(f"{given!r} is not positive", where=where)
    return found
