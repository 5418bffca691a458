"""Direct-current polarisation: partial conductivities and transference numbers of pellets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._decay import Decay, Step, fit_decay, steps_of
from solith.analysis._lines import LinearFit, bends, fit_linear
from solith.analysis._options import chosen, positive
from solith.analysis._pellet_geometry import PelletGeometry, pellet_geometry
from solith.analysis._rows import title_of
from solith.core.errors import InputError
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["ELECTRODES", "find_transference", "fit_polarisation"]

Array = NDArray[np.float64]

ELECTRODES = ("ion-blocking", "electron-blocking")
"""Electrodes of a polarisation: the steady current is electronic, or ionic."""

_UNSTEADY = 0.02  # of the steady value: what may still have to decay at a step's end
_ROUNDING = 1e-12
_MOST_HALF = 100.0  # of a logarithm: half an interval that says nothing
_OWN = {"ion-blocking": "electronic", "electron-blocking": "ionic"}
_OTHER = {"electronic": "ionic", "ionic": "electronic"}
_SOURCES = {
    "ion-blocking": (
        "Hebb, J. Chem. Phys. 20, 185 (1952), 10.1063/1.1700165 (recalled); "
        "Wagner, Proc. CITCE 7, 361 (1957) (recalled)"
    ),
    "electron-blocking": "Wagner, Proc. CITCE 7, 361 (1957) (recalled)",
}
_BRUCE_VINCENT = (
    "Evans, Vincent and Bruce, Polymer 28, 2324 (1987), 10.1016/0032-3861(87)90394-6; Bruce and "
    "Vincent, J. Electroanal. Chem. 225, 1 (1987), 10.1016/0022-0728(87)80001-3"
)


def fit_polarisation(
    records: Record | Sequence[Record],
    electrodes: str,
    *,
    geometric_area: Any = None,
    thickness: Any = None,
    area_uncertainty: Any = None,
    thickness_uncertainty: Any = None,
    series_resistance: Any = None,
) -> Result:
    """Partial conductivities [S/m] from steps of constant voltage or current.

    ``electrodes`` are ``"ion-blocking"`` (steel | pellet | steel: what flows in the end is
    electrons) or ``"electron-blocking"`` (Li | electrolyte | composite | electrolyte | Li: ions).
    Cycling records hold the steps; rests between them are left out. The response to each is
    fitted with no, one or two exponentials on a steady value, chosen by Schwarz's criterion, so
    that steady and initial values have an uncertainty also where a step ended early. All steps
    together give one line, ``U = U_0 + R I``, weighted by these uncertainties (widened where the
    points scatter more, chi-squared test at 5 %): the steady one has the resistance of the
    carriers that pass, the initial one that of all carriers side by side.

    Values: ``electronic_resistance`` or ``ionic_resistance`` [ohm] of the carriers that pass,
    ``total_resistance``; ``electronic_conductivity``, ``ionic_conductivity`` and
    ``total_conductivity`` [S/m of geometric area]; ``ionic_transference``, the ionic part of the
    total; ``offset_voltage`` [V], with two steps or more. The pellet's geometry is the record's,
    unless given here, each with a standard uncertainty ("0.01 cm2"). ``series_resistance``
    ("12 ohm") of what stands in series (the electron-blocking layers, leads) is subtracted.

    The total is that of the first moment, as far as the rows resolve it: what is faster than
    they are (a double layer of 1 uF on 1 kohm takes 1 ms) is missing in it, and impedance knows
    it better.

    Flags: not steady at a step's end, drift, an initial value that the rows do not resolve, not
    ohmic (the line bends: 1 % test), a single step. Ion-blocking cells under more than some
    thermal voltages need not be ohmic: Hebb and Wagner's current is then exponential in U.

    Raises :class:`InputError` for other kinds of record, records without a held voltage or
    current or with both kinds, missing geometry.
    """
    chosen("electrodes", electrodes, ELECTRODES)
    given = list(records) if isinstance(records, Sequence) else [records]
    if not given:
        raise InputError("there is no record of a polarisation; expected at least one")
    geometry = pellet_geometry(
        given[0],
        geometric_area=geometric_area,
        thickness=thickness,
        area_uncertainty=area_uncertainty,
        thickness_uncertainty=thickness_uncertainty,
    )
    series = (
        0.0
        if series_resistance is None
        else positive(series_resistance, "ohm", "series_resistance")
    )
    steps = [step for record in given for step in steps_of(record)]
    if len({step.held for step in steps}) > 1:
        raise InputError("some steps hold the voltage, others the current; fit them apart")
    decays = [fit_decay(step) for step in steps]
    polarisation = _Polarisation.of(steps, decays, electrodes, geometry, series)
    return Result(
        f"polarisation between {electrodes} electrodes, {len(steps)} steps",
        tuple(polarisation.values()),
        {
            "held": steps[0].held,
            "steps": [_row(step, decay) for step, decay in zip(steps, decays, strict=True)],
            "geometric_area_m2": geometry.area,
            "thickness_m": geometry.thickness,
            "intervals_95": polarisation.intervals(),
        },
    )


def find_transference(
    record: Record,
    *,
    resistance_before: Any,
    resistance_after: Any,
) -> Result:
    """The steady part of the current that lithium ions carry in Li | electrolyte | Li.

    ``t = I_s (dU - I_0 R_0) / (I_0 (dU - I_s R_s))`` from one step of constant voltage ``dU``,
    with the interfaces' resistances before (``R_0``) and after it (``R_s``): texts ("120 ohm"),
    or values of :func:`solith.analysis.fit_impedance` with their uncertainties. Initial and
    steady current are those of the fitted decay, with their covariance. The formula holds for
    small voltages (about 10 mV) and counts electronic current as that of ions.

    Values: ``lithium_transference``, ``initial_current`` and ``steady_current`` [A]. Source:
    Evans, Vincent and Bruce 1987, 10.1016/0032-3861(87)90394-6. Raises :class:`InputError` for a
    record without exactly one step of constant voltage, and resistances that take up all of it.
    """
    steps = steps_of(record)
    if len(steps) != 1 or steps[0].held != "voltage":
        raise InputError(
            f"expected one step of constant voltage, found {len(steps)} of constant {steps[0].held}"
        )
    before, before_spread = _resistance(resistance_before, "resistance_before")
    after, after_spread = _resistance(resistance_after, "resistance_after")
    voltage, decay = steps[0].level, fit_decay(steps[0])
    steady, initial = decay.settled, decay.initial
    if not initial or not steady:
        raise InputError(f"{title_of(record)}: no current flows at its start or its end")
    first, last = voltage - initial * before, voltage - steady * after
    if first * voltage <= 0 or last * voltage <= 0:
        raise InputError(
            f"the interfaces' resistances leave none of {voltage:.4g} V to the electrolyte; "
            "check them and the area"
        )
    number = steady * first / (initial * last)
    # Derivatives of ln t by steady and initial current, R_0 and R_s
    slopes = np.array(
        [
            1.0 / steady + after / last,
            -1.0 / initial - before / first,
            -initial / first,
            steady / last,
        ]
    )
    covariance = np.zeros((4, 4))
    covariance[:2, :2] = decay.covariance
    covariance[1, 1] += decay.timing**2
    covariance[2, 2], covariance[3, 3] = before_spread**2, after_spread**2
    spread = float(np.sqrt(slopes @ covariance @ slopes))
    flags = _step_flags(steps[0], decay)
    if abs(voltage) > 0.02:
        flags += (f"{1e3 * abs(voltage):.3g} mV is not small: the formula is for about 10 mV",)
    method = "decay fitted with exponentials"
    values = (
        Value(
            "lithium_transference",
            number,
            "",
            abs(number) * spread,
            method="Bruce-Vincent, interfaces subtracted",
            source=_BRUCE_VINCENT,
            flags=flags,
        ),
        Value("initial_current", initial, "A", float(covariance[1, 1] ** 0.5), method=method),
        Value("steady_current", steady, "A", float(decay.covariance[0, 0] ** 0.5), method=method),
    )
    return Result("transference from polarisation", values, {"steps": [_row(steps[0], decay)]})


def _resistance(given: Any, where: str) -> tuple[float, float]:
    if isinstance(given, Value):
        if given.value is None:
            raise InputError(f"{given.quantity} has no value", where=where)
        scaled = given.to("ohm")
        return positive(scaled.value, "ohm", where), scaled.uncertainty or 0.0
    return positive(given, "ohm", where), 0.0


def _step_flags(step: Step, decay: Decay) -> tuple[str, ...]:
    unit = "V" if step.held == "voltage" else "A"
    flags = decay.flags
    if decay.left > _UNSTEADY:
        flags = (f"not steady at the end: {100 * decay.left:.2g} % still to go", *flags)
    return tuple(f"step of {step.level:.3g} {unit}: {flag}" for flag in flags)


def _row(step: Step, decay: Decay) -> dict[str, Any]:
    return {
        "held": step.held,
        "level": step.level,
        "steady": decay.settled,
        "steady_uncertainty": float(np.sqrt(decay.covariance[0, 0])),
        "initial": decay.initial,
        "initial_uncertainty": float(np.hypot(decay.covariance[1, 1] ** 0.5, decay.timing)),
        "time_constants_second": list(decay.times),
        "still_to_decay": decay.left,
        "flags": list(_step_flags(step, decay)),
    }


@dataclass(frozen=True)
class _Lines:
    """The steady and the initial line, and the covariance of their slopes."""

    steady: LinearFit
    initial: LinearFit
    shared: float


@dataclass(frozen=True)
class _Polarisation:
    """Everything that the values are made of."""

    lines: _Lines
    held: str
    number: int
    own: str
    electrodes: str
    geometry: PelletGeometry
    series: float
    flags: tuple[str, ...]

    @classmethod
    def of(
        cls,
        steps: Sequence[Step],
        decays: Sequence[Decay],
        electrodes: str,
        geometry: PelletGeometry,
        series: float,
    ) -> _Polarisation:
        flags = [
            flag
            for step, decay in zip(steps, decays, strict=True)
            for flag in _step_flags(step, decay)
        ]
        level = np.array([step.level for step in steps])
        offset = len(np.unique(np.round(level / np.max(np.abs(level)), 3))) > 1
        design = np.stack([level, np.ones_like(level)], axis=1) if offset else level[:, None]
        settled = np.array([decay.settled for decay in decays])
        initial = np.array([decay.initial for decay in decays])
        if not np.all(settled) or not np.all(initial):
            what = "current" if steps[0].held == "voltage" else "voltage"
            raise InputError(f"a step of constant {steps[0].held} has no {what}; leave it out")
        both = np.array([decay.covariance for decay in decays])
        if not np.all(np.isfinite(both)):
            raise InputError("a step does not determine its steady value; leave it out")
        steady = fit_linear(design, settled, np.diag(both[:, 0, 0]))
        timing = np.array([decay.timing for decay in decays])
        of_initial = np.diag(both[:, 1, 1]) + np.outer(timing, timing)
        first = fit_linear(design, initial, of_initial)
        # Both slopes are linear in the values of the same steps.
        by_steady = _weights(design, np.diag(both[:, 0, 0]))
        by_initial = _weights(design, of_initial)
        shared = float(np.sum(by_steady * by_initial * both[:, 0, 1]))
        if not offset:
            flags.append("steps of one level: neither offset nor ohmic behaviour is tested")
        if steady.scattered:
            times = math.sqrt(steady.chi_squared / steady.freedom)
            flags.append(f"steady values scatter {times:.1f} times as much as their uncertainties")
        bend = bends(level, settled, np.diag(both[:, 0, 0]))
        if bend is not None and bend[0]:
            flags.append("not ohmic: the steady values bend against the steps' level")
        return cls(
            _Lines(steady, first, shared),
            steps[0].held,
            len(steps),
            _OWN[electrodes],
            electrodes,
            geometry,
            series,
            tuple(flags),
        )

    def conductances(self) -> tuple[Array, Array]:
        """Conductance [S] of what passes in the end and of all carriers, and their covariance."""
        lines = self.lines
        slopes = np.array([lines.steady.coefficients[0], lines.initial.coefficients[0]])
        covariance = np.array(
            [
                [lines.steady.covariance[0, 0], lines.shared],
                [lines.shared, lines.initial.covariance[0, 0]],
            ]
        )
        resistance = slopes if self.held == "current" else 1.0 / slopes
        inner = resistance - self.series
        if np.any(inner <= 0):
            raise InputError(
                f"the series resistance of {self.series:.4g} ohm is not below the "
                f"{resistance.min():.4g} ohm that were measured"
            )
        by_slope = -1.0 / inner**2 * (1.0 if self.held == "current" else -1.0 / slopes**2)
        return 1.0 / inner, covariance * np.outer(by_slope, by_slope)

    def values(self) -> list[Value]:
        own, other = self.own, _OTHER[self.own]
        (passing, whole), covariance = self.conductances()
        rest = whole - passing
        geometry = self.geometry
        method = "line of steady values against the steps' level"
        of_initial = "line of initial values against the steps' level"
        source = _SOURCES[self.electrodes]
        found = [
            self._resistance(f"{own}_resistance", passing, covariance[0, 0], method),
            self._resistance("total_resistance", whole, covariance[1, 1], of_initial),
        ]
        for name, conductance, slopes, way in (
            (own, passing, (1.0, 0.0), method),
            ("total", whole, (0.0, 1.0), of_initial),
            (other, rest, (-1.0, 1.0), f"{of_initial}, less the {own} conductivity"),
        ):
            variance = float(np.array(slopes) @ covariance @ np.array(slopes))
            spread = math.hypot(
                math.sqrt(max(variance, 0.0)) * geometry.constant,
                conductance * geometry.constant * geometry.spread,
            )
            flags = self.flags + geometry.flags
            known = conductance > 2.0 * math.sqrt(max(variance, 0.0))
            if not known:
                flags = (*flags, "not told from zero")
            found.append(
                Value(
                    f"{name}_conductivity",
                    conductance * geometry.constant,
                    "S/m",
                    spread,
                    area="geometric",
                    method=way,
                    source=source,
                    flags=flags,
                )
            )
        found.append(self._transference(passing, whole, covariance, source))
        if len(self.lines.steady.coefficients) > 1:
            found.append(self._offset())
        return found

    def intervals(self) -> dict[str, list[float]]:
        """95 % intervals of the resistance of what passes."""
        (passing, _), covariance = self.conductances()
        half = self.lines.steady.reach * math.sqrt(covariance[0, 0]) / passing
        factor = math.exp(min(half, _MOST_HALF))
        return {f"{self.own}_resistance": [1 / factor / passing, factor / passing]}

    def _resistance(self, name: str, conductance: float, variance: float, method: str) -> Value:
        spread = math.sqrt(variance) / conductance**2
        return Value(name, 1.0 / conductance, "ohm", spread, method=method, flags=self.flags)

    def _transference(self, passing: float, whole: float, covariance: Array, source: str) -> Value:
        part = passing / whole
        slopes = np.array([1.0 / whole, -passing / whole**2])
        spread = float(np.sqrt(slopes @ covariance @ slopes))
        return Value(
            "ionic_transference",
            part if self.own == "ionic" else 1.0 - part,
            "",
            spread,
            method=f"{self.own} over total conductance",
            source=source,
            flags=self.flags,
        )

    def _offset(self) -> Value:
        line = self.lines.steady
        slope, constant = line.coefficients
        if self.held == "current":
            return Value(
                "offset_voltage", float(constant), "V", line.uncertainty(1), flags=self.flags
            )
        by = np.array([constant / slope**2, -1.0 / slope])
        spread = float(np.sqrt(by @ line.covariance @ by))
        return Value("offset_voltage", float(-constant / slope), "V", spread, flags=self.flags)


def _weights(design: Array, covariance: Array) -> Array:
    """The slope of a weighted line is the sum of these times the values."""
    variances = np.diag(covariance)
    least = _ROUNDING * float(np.max(variances)) or 1.0
    root = np.linalg.cholesky(covariance + np.diag(_ROUNDING * variances + least))
    inverse = np.linalg.pinv(np.linalg.solve(root, design))
    weights: Array = np.linalg.solve(root.T, inverse[0])
    return weights
