"""Spectra measured against temperature, potential, cycle, time or pressure, fitted together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._impedance.arc_labels import suggest_labels
from solith.analysis._impedance.circuit_choice import CELL_TYPES
from solith.analysis._impedance.circuit_values import CPE_CONVERSIONS
from solith.analysis._impedance.points_left_out import (
    without_active_points,
    without_inductive_points,
)
from solith.analysis._impedance.spectrum import Spectrum, require_sizes, spectrum_of
from solith.analysis._options import chosen, fact, yes_or_no
from solith.analysis._rows import title_of
from solith.analysis._series.circuit import SeriesCandidate, choose_for_all
from solith.analysis._series.fit import SeriesFit, follow, search_all
from solith.analysis._series.rows import Trace, rows_of, traces_of
from solith.analysis._series.shared import with_shared_exponents
from solith.analysis._series.values import VARIABLES, law_of
from solith.analysis.circuit import parse_circuit
from solith.core.errors import InputError, UnknownNameError
from solith.core.given import require_record
from solith.core.quantities import to_si
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["fit_series"]

Array = NDArray[np.float64]

_NOT_EXPLAINED = 0.05  # of |Z|: a residual that no noise makes


def fit_series(
    records: Sequence[Record] | Mapping[str, Record],
    variable: str,
    values: Sequence[Any] | None = None,
    *,
    cell_type: str | None = None,
    circuit: str | None = None,
    share_exponents: bool = False,
    cpe: str = "hsu-mansfeld",
) -> Result:
    """One circuit for a series of spectra, its arcs followed through, and the law they obey.

    ``variable`` is ``"temperature"``, ``"pressure"``, ``"potential"``, ``"state_of_charge"``,
    ``"cycle"`` or ``"time"``; its values are attributes of the records (``temperature_kelvin``,
    ``pressure_pa``, ``potential_volt``, ``state_of_charge``, ``cycle``, ``time_second``), or
    ``values``, one for each record, as SI numbers or texts with units.

    Without a ``circuit`` it is the one with the lowest Bayesian information criterion, summed
    over the series, among those that more than half of the spectra identify; ``cell_type`` is
    that of :func:`solith.analysis.fit_impedance`. Each spectrum is begun from its own search,
    from its neighbours' solutions and from where these foretell its arcs. Arcs have the numbers
    of rising time constant where they are known best and keep them outwards, by continuity of
    ``ln R`` and ``ln tau``, also where they cross or leave the measured frequencies. Of
    solutions that a spectrum cannot tell apart the one is taken that goes on from its
    neighbours. ``share_exponents`` fits all spectra in one problem with common exponents of
    constant phase elements. What a spectrum does not identify is in the table with its flag and
    takes no part in a law.

    For each resistance, and ``R_total`` of ``R0`` and the arcs:

    * temperature: ``R1_activation_energy_sigma`` and ``R1_activation_energy_sigma_T`` [kJ/mol]
      (and the same [eV] as ``R1_activation_energy_sigma_eV``, ``R1_activation_energy_sigma_T_eV``),
      from ``1/R = A exp(-E/RT)`` and ``T/R = A exp(-E/RT)``, which differ by about ``R T``; with
      ``R1_prefactor_sigma`` [S, or S/m] and ``R1_prefactor_sigma_T`` [S K, or S K/m], per
      length over geometric area where all records of a blocking pellet know both. A flag says
      where the points bend away from one line (curvature of a parabola in 1/T, 1 % test);
    * cycle or time: ``R1_growth_rate`` ``b`` of the law with the lowest criterion among
      ``R = a``, ``a + b x``, ``a + b x^(1/2)``, ``a + b x^m``, ``a + b ln(1 + x/x0)``, with
      ``R1_growth_start`` ``a``, and ``R1_growth_exponent`` ``m`` of the power law;
    * pressure: ``R1_pressure_exponent`` ``m`` of ``R = A p^m``;
    * ``residual`` [%], over all spectra, with a flag that names those above 5 %.

    Lines are weighted by the fits' uncertainties (and correlations, where exponents are
    shared). Where points scatter more than these allow (chi-squared test, 5 %), uncertainties
    are widened by the root of the reduced chi-squared, with a flag. ``details`` hold ``table``
    (one row a record: all values, uncertainties, flags), ``laws`` (95 % intervals, energies in
    eV, curves, candidates of growth), circuit, candidates and labels.

    Raises :class:`InputError` for fewer than two records, a variable that is unknown or that a
    record lacks, and what :func:`solith.analysis.fit_impedance` refuses;
    :class:`ConvergenceError` where a spectrum cannot be fitted.
    """
    chosen("CPE conversion", cpe, CPE_CONVERSIONS)
    if cell_type is not None:
        chosen("cell type", cell_type, CELL_TYPES)
    if not isinstance(records, (Mapping, Sequence)) or isinstance(records, (str, bytes)):
        raise InputError(
            f"a series is a list of records, or records by name, not {type(records).__name__}"
        )
    given = list(records.values()) if isinstance(records, Mapping) else list(records)
    for record in given:
        require_record(record)
    names = list(records) if isinstance(records, Mapping) else [title_of(one) for one in given]
    name, share_exponents = _variable(variable), yes_or_no(share_exponents, "share_exponents")
    series = _Series.of(given, names, name, values)
    series = series.usable(circuit)
    fitted, candidates = _fitted(series, cell_type, circuit, share_exponents)
    return _result(series, fitted, candidates, cell_type, cpe, share_exponents)


@dataclass(frozen=True)
class _Series:
    """The spectra in order of rising ``x``."""

    variable: str
    records: list[Record]
    names: list[str]
    x: Array
    spectra: list[Spectrum]
    flags: list[tuple[str, ...]]

    @classmethod
    def of(
        cls,
        records: list[Record],
        names: list[str],
        variable: str,
        values: Sequence[Any] | None,
    ) -> _Series:
        if len(records) < 2:
            raise InputError(f"a series needs at least 2 spectra, not {len(records)}")
        x = np.array(_given(records, names, variable, values))
        if VARIABLES[variable].positive and np.any(x <= 0):
            raise InputError(f"{float(x.min())!r} must be above 0", where=variable)
        if VARIABLES[variable].counted and np.any(x < 0):
            raise InputError(f"{float(x.min())!r} must not be below 0", where=variable)
        read = [spectrum_of(record, at_least=5) for record in records]
        for name, (spectrum, _) in zip(names, read, strict=True):
            require_sizes(spectrum, name)
        order = np.argsort(x, kind="stable")
        return cls(
            variable,
            [records[n] for n in order],
            [names[n] for n in order],
            x[order],
            [read[n][0] for n in order],
            [read[n][1] for n in order],
        )

    def usable(self, circuit: str | None) -> _Series:
        """Each spectrum without the points that the circuit, or any, cannot have."""
        spectra, flags = [], []
        coil = circuit is None or parse_circuit(circuit).has("L")
        for name, spectrum, told in zip(self.names, self.spectra, self.flags, strict=True):
            left, more = without_active_points(spectrum, name)
            if not coil:
                left, others = without_inductive_points(left)
                more += others
            spectra.append(left)
            flags.append((*told, *more))
        return replace(self, spectra=spectra, flags=flags)


def _variable(name: str) -> str:
    if not isinstance(name, str):
        raise InputError(
            f"the variable of a series is one name, as {', '.join(VARIABLES)}, not {name!r}"
        )
    by_attribute = {variable.attribute: short for short, variable in VARIABLES.items()}
    short = by_attribute.get(name, name)
    if short not in VARIABLES:
        raise UnknownNameError.among("variable", str(name), VARIABLES)
    return short


def _given(
    records: list[Record], names: list[str], variable: str, values: Sequence[Any] | None
) -> list[float]:
    about = VARIABLES[variable]
    if values is None:
        for record, name in zip(records, names, strict=True):
            if about.attribute not in record.data.attrs:
                raise InputError(
                    f"{name} has no attribute {about.attribute!r}; {about.how_given}, or give "
                    "fit_series the values"
                )
        values = [record.data.attrs[about.attribute] for record in records]
    listed = isinstance(values, Sequence) and not isinstance(values, (str, bytes))
    if not listed and len(getattr(values, "shape", ())) != 1:
        raise InputError(f"{values!r} is not a list with one value for each record", where="values")
    if len(values) != len(records):
        raise InputError(f"{len(values)} values for {len(records)} records", where="values")
    found = []
    for place, one in enumerate(values):
        try:
            found.append(to_si(one, about.unit))
        except InputError as error:
            raise error.inside(f"values.{place}") from None
    return found


def _fitted(
    series: _Series, cell_type: str | None, circuit: str | None, share: bool
) -> tuple[SeriesFit, list[SeriesCandidate]]:
    candidates: list[SeriesCandidate] = []
    if circuit is None:
        solutions, candidates = choose_for_all(series.spectra, cell_type)
    else:
        parsed = parse_circuit(circuit)
        for name, spectrum in zip(series.names, series.spectra, strict=True):
            if 2 * len(spectrum) <= len(parsed.parameters):
                raise InputError(
                    f"{name}: {len(spectrum)} points do not determine the "
                    f"{len(parsed.parameters)} parameters of {parsed}; give a smaller circuit"
                )
        solutions = search_all(parsed, series.spectra)
    coordinate = VARIABLES[series.variable].coordinate(series.x)
    followed = follow(solutions, series.spectra, coordinate)
    return (with_shared_exponents(followed, series.spectra) if share else followed), candidates


def _result(
    series: _Series,
    fitted: SeriesFit,
    candidates: list[SeriesCandidate],
    cell_type: str | None,
    cpe: str,
    share: bool,
) -> Result:
    table = rows_of(fitted, series.spectra, series.flags, cpe)
    scales = _scales(series.records, cell_type)
    values: list[Value] = []
    laws: dict[str, Any] = {}
    for trace in traces_of(fitted, table):
        of_law, details = law_of(series.variable, _surely(trace, fitted, series), series.x, scales)
        values += of_law
        laws[trace.name] = details
    misfit = np.concatenate([fit.solution.residuals for fit in fitted.fits])
    residual = 1e2 * float(np.sqrt(2.0 * np.mean(misfit**2)))
    poor = [
        name
        for name, fit in zip(series.names, fitted.fits, strict=True)
        if fit.residual > _NOT_EXPLAINED
    ]
    flags = (f"{fitted.circuit} does not explain {', '.join(poor)}",) if poor else ()
    values.append(
        Value("residual", residual, "%", method="root mean square over all spectra", flags=flags)
    )
    best = fitted.anchor
    labels = suggest_labels(
        {
            name.removesuffix("_capacitance"): value["value"]
            for name, value in table[best].items()
            if name.endswith("_capacitance")
        },
        cell_type=cell_type,
        area=fact(series.records[best], "geometric_area_m2"),
        thickness=fact(series.records[best], "thickness_m"),
    )
    details = {
        "variable": series.variable,
        "unit": VARIABLES[series.variable].unit,
        "circuit": fitted.circuit.text,
        "shared_exponents": share,
        "table": [
            {"record": name, series.variable: float(x), "values": row}
            for name, x, row in zip(series.names, series.x, table, strict=True)
        ],
        "laws": laws,
        "labels": {name: dict(label.__dict__) for name, label in labels.items()},
        "candidates": [dict(candidate.__dict__) for candidate in candidates],
        "numbered_at": series.names[best],
    }
    title = f"{fitted.circuit} fitted to {len(series.x)} spectra against {series.variable}"
    return Result(title, tuple(values), details)


def _surely(trace: Trace, fitted: SeriesFit, series: _Series) -> Trace:
    """The trace with a flag where its arc might have been exchanged for another."""
    unsure = [
        f"{series.x[here]:.4g}"
        for here in fitted.doubtful
        if np.any((trace.places - here) * (here - fitted.anchor) >= 0)
    ]
    if not unsure or not trace.is_arc:
        return trace
    at = f"{', '.join(unsure)} {VARIABLES[series.variable].unit}".rstrip()
    return trace.flagged(f"which arc is which is not sure at and beyond {at}")


def _scales(records: Sequence[Record], cell_type: str | None) -> Array | None:
    """Thickness over geometric area [1/m] of pellets between blocking electrodes."""
    if cell_type != "blocking-pellet":
        return None
    pairs = [(fact(one, "thickness_m"), fact(one, "geometric_area_m2")) for one in records]
    known = [length / area for length, area in pairs if length is not None and area is not None]
    return np.array(known) if len(known) == len(pairs) else None
