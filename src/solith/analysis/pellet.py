"""The ionic conductivity of a pellet from one spectrum, bulk and grain boundaries apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._impedance.circuit_arcs import branches
from solith.analysis._impedance.circuit_knowledge import ALIKE
from solith.analysis._impedance.pellet_parts import (
    Parts,
    finer_circuits,
    in_front,
    is_blocking,
    parts_of,
    pellet_names,
    totals_of,
)
from solith.analysis._impedance.spectrum import Spectrum, spectrum_of
from solith.analysis._options import chosen
from solith.analysis._pellet_geometry import PelletGeometry, pellet_geometry
from solith.analysis.circuit import parse_circuit
from solith.analysis.impedance_fit import fit_impedance
from solith.core.constants import VACUUM_PERMITTIVITY
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["PELLET_TYPES", "find_conductivity"]

Array = NDArray[np.float64]

PELLET_TYPES = ("blocking-pellet", "lithium-pellet")
"""The cells that a conductivity is taken from: between blocking electrodes, or lithium."""

_PERMITTIVITIES = (5.0, 1e3)  # of bulk; outside, the arc is hardly that of bulk
_KNOWN = 0.5  # relative uncertainty
_LITTLE_KNOWN = 0.1  # relative uncertainty that is told
_IN_FRONT = 0.02  # of the pellet's resistance: what R0 may be beside a bulk arc without a word
_MOST_CONDUCTIVITY = 10.0  # S/m
_IMPEDANCE = "equivalent circuit"
_UNRESOLVED = "bulk and grain boundary are not resolved by this spectrum: read the total"
_BRICKS = (
    "Haile, West and Campbell, J. Mater. Res. 13, 1576 (1998), 10.1557/JMR.1998.0219 "
    "(the paper found, its formula and DOI recalled); Verkerk, Middelhuis and Burggraaf, Solid "
    "State Ionics 6, 159 (1982), 10.1016/0167-2738(82)90083-1 (recalled)"
)


def find_conductivity(
    record: Record,
    cell_type: str = "blocking-pellet",
    circuit: str | None = None,
    *,
    geometric_area: Any = None,
    thickness: Any = None,
    area_uncertainty: Any = None,
    thickness_uncertainty: Any = None,
) -> Result:
    """Conductivities of a pellet [S/m, by its geometric area] from an impedance record.

    The spectrum is fitted by :func:`solith.analysis.fit_impedance`, with the same ``cell_type``
    (``"blocking-pellet"`` or ``"lithium-pellet"``) and ``circuit``; arcs are bulk, grain
    boundary or interface by the labels it suggests. Area and thickness are the record's
    (:meth:`Record.with_facts`), unless given here; their standard uncertainties ("0.01 cm2",
    "1 %") enter every conductivity. Arcs' capacitances are by Hsu and Mansfeld's formula.

    * ``ionic_conductivity``: L / (A R) with R of ``R0`` and all arcs but the interfaces';
    * ``bulk_conductivity``: of the bulk's arc, or of ``R0`` where that arc lies above the
      measured frequencies, flagged;
    * ``boundary_conductivity``: L / (A R) of the grain boundaries' arc, as if they filled the
      pellet; ``boundary_specific_conductivity``: of the boundaries' own matter by the brick-layer
      model with equal permittivities, L / (A R_gb) C_bulk / C_gb (Haile et al. 1998, recalled);
    * ``bulk_permittivity`` C L / (A eps_0), a check: flagged outside 5 to 1000;
    * ``ionic_resistance`` [ohm] of the pellet.

    What a spectrum does not show is ``None`` with a flag that says why. Where the circuit leaves
    more than 1 % and another candidate less than half of that, bulk and grain boundary are such,
    and the uncertainty of the total holds how much the circuits differ: those that leave less
    are fitted too, and their greatest difference from it is the half width of a rectangular
    distribution (GUM, JCGM 100:2008, 4.3.7).

    All values carry the flags of the fit's residual, and flags where thickness, area or
    conductivity are those of no known pellet, or the spectrum does not block at low frequency
    between electrodes that should. ``details`` hold the circuit, the parts' names and the whole
    fit. Raises :class:`InputError` where area or thickness is missing, and what
    :func:`solith.analysis.fit_impedance` raises.
    """
    spectrum, _ = spectrum_of(record, at_least=5)
    chosen("cell type", cell_type, PELLET_TYPES)
    geometry = pellet_geometry(
        record,
        geometric_area=geometric_area,
        thickness=thickness,
        area_uncertainty=area_uncertainty,
        thickness_uncertainty=thickness_uncertainty,
    )
    known = record.with_facts(geometric_area=geometry.area, thickness=geometry.thickness)
    fit = fit_impedance(known, cell_type, circuit)
    finer = finer_circuits(fit)
    others = totals_of(finer, known, cell_type, fit, geometry)
    pellet = _Pellet(fit, geometry, parts_of(fit, geometry), others)
    values = [*pellet.total(), *(pellet.unresolved() if finer else pellet.apart())]
    doubts = (*_doubts(values[1], geometry, spectrum, cell_type), *fit["residual"].flags)
    details = {
        "circuit": fit.details["circuit"],
        "parts": {name: list(arcs) for name, arcs in pellet.parts.items()},
        "geometric_area_m2": geometry.area,
        "thickness_m": geometry.thickness,
        "relative_uncertainty_of_geometry": geometry.spread,
        "ionic_resistance_by_finer_circuits": others,
        "fit": {
            "values": [dict(value.__dict__, flags=list(value.flags)) for value in fit],
            **fit.details,
        },
    }
    flagged = [replace(one, flags=tuple(dict.fromkeys((*doubts, *one.flags)))) for one in values]
    return Result(f"conductivity from {fit.name}", tuple(flagged), details)


def _doubts(
    total: Value, geometry: PelletGeometry, spectrum: Spectrum, cell_type: str
) -> tuple[str, ...]:
    """What is wrong with all values if it is wrong."""
    doubts = geometry.doubts
    if total.value is not None and total.value > _MOST_CONDUCTIVITY:
        doubts += (
            f"{total.value:.3g} S/m is more than any lithium solid electrolyte has at room "
            "temperature, below 10 S/m (recalled): check area, thickness and the ohm of the file",
        )
    if cell_type == "blocking-pellet" and not is_blocking(spectrum):
        doubts += (
            "not blocking at low frequency: is it a pellet between blocking electrodes, and was "
            "it measured to frequencies low enough?",
        )
    return doubts


@dataclass(frozen=True)
class _Pellet:
    """A fit, the geometry, which arc is what, and the total by circuits that leave less."""

    fit: Result
    geometry: PelletGeometry
    parts: Parts
    others: Mapping[str, float]

    @property
    def front(self) -> list[str]:
        """The resistors in series with the arcs, usually ``R0``."""
        return in_front(self.fit)

    def apart(self) -> list[Value]:
        """What tells bulk and grain boundaries apart."""
        return [self.bulk(), self.permittivity(), self.boundary(), self.specific_boundary()]

    def unresolved(self) -> list[Value]:
        """The same where the circuit is too coarse to tell them apart."""
        flags = (_UNRESOLVED,)
        return [
            self._unknown("bulk_conductivity", _UNRESOLVED),
            Value("bulk_permittivity", None, "", flags=flags),
            self._unknown("boundary_conductivity", _UNRESOLVED),
            self._unknown("boundary_specific_conductivity", _UNRESOLVED),
        ]

    def total(self) -> list[Value]:
        names = pellet_names(self.fit, self.parts)
        flags = self._flags(names) if len(names) == 1 else self._labelled(names)
        if self.parts["interface"]:
            labels = self.fit.details["labels"]
            left = ", ".join(f"{arc} ({labels[arc]['meaning']})" for arc in self.parts["interface"])
            flags += (f"without {left}, by its capacitance or apex an interface or electrode",)
        if not names:
            missing = (*flags, f"{self.fit.details['circuit']} has no resistance of the pellet")
            return [
                Value("ionic_resistance", None, "ohm", flags=missing),
                Value("ionic_conductivity", None, "S/m", area="geometric", flags=missing),
            ]
        resistance = sum(self._of(name) for name in names)
        shares = {name: self._of(name) / resistance for name in names}
        spread = self._spread(shares)
        if spread > _LITTLE_KNOWN:
            flags += ("little known: its arcs are not told apart from the electrodes",)
        method = f"{_IMPEDANCE}: {' + '.join(names)}"
        if self.others:
            totals = self.others.values()
            furthest = max(abs(total / resistance - 1.0) for total in totals)
            spread = math.hypot(spread, furthest / math.sqrt(3.0))
            method += f"; uncertainty with the differences from {', '.join(self.others)}"
            low, high = min(totals), max(totals)
            flags += (f"circuits that leave less give {low:.4g} to {high:.4g} ohm",)
        return [
            Value(
                "ionic_resistance",
                resistance,
                "ohm",
                resistance * spread,
                method=method,
                flags=flags,
            ),
            self._conductivity("ionic_conductivity", resistance, spread, method, flags),
        ]

    def bulk(self) -> Value:
        name = "bulk_conductivity"
        arcs = self.parts["bulk"]
        if len(arcs) > 1:
            return self._unknown(name, f"{', '.join(arcs)} all look like bulk")
        if arcs:
            if self._is_at_the_end(arcs[0]):
                names = [*self.front, arcs[0]]
                resistance = sum(self._of(one) for one in names)
                return self._conductivity(
                    name,
                    resistance,
                    self._spread({one: self._of(one) / resistance for one in names}),
                    f"{_IMPEDANCE}: {' + '.join(names)}",
                    ("its arc lies at the end of the measured frequencies: leads are included",),
                )
            flags = self._flags(arcs)
            front = sum(self._of(one) for one in self.front)
            known = any(self._is_known(one) for one in self.front)
            if front > _IN_FRONT * (front + self._of(arcs[0])) and known:
                told = " + ".join(self.front)
                flags += (f"{told} = {front:.3g} ohm before the arc is not counted as bulk",)
            method = f"{_IMPEDANCE}: {arcs[0]}"
            return self._conductivity(
                name, self._of(arcs[0]), self._spread({arcs[0]: 1.0}), method, flags
            )
        if not self.parts["boundary"]:
            return self._unknown(
                name, "no arc of bulk or grain boundaries: they are not told apart"
            )
        if not self.front or not all(self._is_known(one) for one in self.front):
            return self._unknown(name, "neither an arc of bulk nor R0 is identified")
        told = " + ".join(self.front)
        flags = (f"its arc lies above the measured frequencies: {told} is taken, leads included",)
        resistance = sum(self._of(one) for one in self.front)
        return self._conductivity(
            name,
            resistance,
            self._spread({one: self._of(one) / resistance for one in self.front}),
            f"{_IMPEDANCE}: {told}",
            (*flags, *self._flags(self.front)),
        )

    def boundary(self) -> Value:
        name = "boundary_conductivity"
        arcs = self.parts["boundary"]
        if len(arcs) != 1:
            told = (
                ", ".join(arcs) + " all look like grain boundaries"
                if arcs
                else ("no arc of grain boundaries")
            )
            return self._unknown(name, told)
        return self._conductivity(
            name,
            self._of(arcs[0]),
            self._spread({arcs[0]: 1.0}),
            f"{_IMPEDANCE}: {arcs[0]}",
            self._flags(arcs),
        )

    def permittivity(self) -> Value:
        arcs = self.parts["bulk"]
        if len(arcs) != 1:
            return Value("bulk_permittivity", None, "", flags=("no single arc of bulk",))
        if self._is_at_the_end(arcs[0]):
            told = "the bulk's arc lies at the end of the measured frequencies"
            return Value("bulk_permittivity", None, "", flags=(told,))
        capacitance, slopes = self._capacitance(arcs[0])
        value = capacitance * self.geometry.constant / VACUUM_PERMITTIVITY
        low, high = _PERMITTIVITIES
        flags = self._flags(arcs)
        if not low <= value <= high:
            flags += (f"outside {low:g} to {high:g}: is {arcs[0]} bulk, is the geometry right?",)
        spread = math.hypot(self._spread(slopes), self.geometry.spread)
        return Value(
            "bulk_permittivity",
            value,
            "",
            value * spread,
            area="geometric",
            method="C L / (A eps_0), C by hsu-mansfeld",
            flags=(*flags, *self.geometry.flags),
        )

    def specific_boundary(self) -> Value:
        name = "boundary_specific_conductivity"
        bulk, boundary = self.parts["bulk"], self.parts["boundary"]
        if len(bulk) != 1 or len(boundary) != 1:
            return self._unknown(name, "needs an arc of bulk and one of grain boundaries")
        if self._is_at_the_end(bulk[0]):
            return self._unknown(name, "the bulk's arc lies at the end of the measured frequencies")
        inner, by_inner = self._capacitance(bulk[0])
        outer, by_outer = self._capacitance(boundary[0])
        slopes = dict(by_inner)
        for parameter, slope in by_outer.items():
            slopes[parameter] = slopes.get(parameter, 0.0) - slope
        slopes[boundary[0]] = slopes.get(boundary[0], 0.0) - 1.0
        return self._conductivity(
            name,
            self._of(boundary[0]) * outer / inner,
            self._spread(slopes),
            "brick-layer model: L / (A R_gb) C_bulk / C_gb",
            self._flags([*bulk, *boundary]),
            source=_BRICKS,
        )

    def _capacitance(self, arc: str) -> tuple[float, dict[str, float]]:
        """Capacitance [F] of an arc, and the derivatives of its logarithm.

        ``ln C = (ln Q + (1 - n) ln R) / n``, by ln Q and ln R, and by n itself.
        """
        capacitance = self._of(f"{arc}_capacitance")
        across = next(
            branch.across
            for branch in branches(parse_circuit(self.fit.details["circuit"]))
            if branch.resistor.label == arc
        )
        if across.element.symbol == "C":
            return capacitance, {across.label: 1.0}
        size, exponent = across.names
        n, resistance = self._of(exponent), self._of(arc)
        slope = -(math.log(self._of(size)) + math.log(resistance)) / n**2
        return capacitance, {size: 1.0 / n, arc: (1.0 - n) / n, exponent: slope}

    def _of(self, name: str) -> float:
        value = self.fit[name].value
        return 0.0 if value is None else value

    def _is_known(self, name: str) -> bool:
        if name not in self.fit or not self.fit[name].value:
            return False
        spread = self.fit[name].uncertainty
        return spread is not None and spread < _KNOWN * self._of(name)

    def _is_at_the_end(self, arc: str) -> bool:
        """Whether an arc's apex lies above the frequencies, or R0 may be part of it."""
        frequency = self.fit[f"{arc}_frequency"].value or 0.0
        above = frequency > max(self.fit.details["frequency_hertz"])
        correlations = self.fit.details["correlation"].get(arc, {})
        alike = any(correlations.get(one, 0.0) < -ALIKE for one in self.front)
        return bool(above or alike)

    def _flags(self, names: Sequence[str]) -> tuple[str, ...]:
        """The fit's flags on resistances, and doubts about what they are."""
        everywhere = self.fit["residual"].flags
        told = [
            f"{name}: {flag}"
            for name in names
            for flag in self.fit[name].flags
            if flag not in everywhere
        ]
        return (*told, *self._labelled(names))

    def _labelled(self, names: Sequence[str]) -> tuple[str, ...]:
        labels = self.fit.details["labels"]
        return tuple(
            f"{name} is {labels[name]['meaning']} with low confidence: {labels[name]['reason']}"
            for name in names
            if name in labels and labels[name]["confidence"] == "low"
        )

    def _spread(self, slopes: Mapping[str, float]) -> float:
        """Relative uncertainty of what has these derivatives of its logarithm."""
        sigma, correlation = [], self.fit.details["correlation"]
        names = list(slopes)
        for name in names:
            spread = self.fit[name].uncertainty or 0.0
            sigma.append(
                slopes[name] * (spread if name.endswith("_n") else spread / self._of(name))
            )
        matrix = np.array(
            [[1.0 if a == b else correlation.get(a, {}).get(b, 0.0) for b in names] for a in names]
        )
        parts = np.array(sigma)
        return float(np.sqrt(max(parts @ matrix @ parts, 0.0)))

    def _conductivity(
        self,
        name: str,
        resistance: float,
        spread: float,
        method: str,
        flags: tuple[str, ...],
        source: str = "",
    ) -> Value:
        value = self.geometry.constant / resistance
        return Value(
            name,
            value,
            "S/m",
            value * math.hypot(spread, self.geometry.spread),
            area="geometric",
            method=method,
            source=source,
            flags=(*flags, *self.geometry.flags),
        )

    def _unknown(self, name: str, why: str) -> Value:
        return Value(name, None, "S/m", area="geometric", flags=(why,))
