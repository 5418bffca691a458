"""An equivalent circuit fitted to a spectrum, chosen and started without a guess."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from solith.analysis._impedance.arc_labels import suggest_labels
from solith.analysis._impedance.circuit_choice import CELL_TYPES, Candidate, fit_given
from solith.analysis._impedance.circuit_fit import CircuitFit
from solith.analysis._impedance.circuit_knowledge import Knowledge
from solith.analysis._impedance.circuit_values import (
    CPE_CONVERSIONS,
    METHOD,
    arc_values,
    area_values,
    parameter_values,
    total_values,
)
from solith.analysis._impedance.points_left_out import (
    choose_with_fewer_points,
    without_active_points,
    without_inductive_points,
)
from solith.analysis._impedance.spectrum import Spectrum, require_sizes, spectrum_of
from solith.analysis._options import chosen, fact
from solith.analysis._rows import title_of
from solith.analysis.circuit import Circuit, parse_circuit
from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import to_si
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["fit_impedance"]

_MUCH_LESS = 0.7  # than the residual: worth a word
_BAD = 0.03  # of |Z|
_EXACT = 1e-4  # of |Z|: below, as simulations without noise, misfit is of no account
_WIDE = 1.5  # times random residuals' uncertainty: worth a word


def fit_impedance(
    record: Record,
    cell_type: str | None = None,
    circuit: str | None = None,
    *,
    fixed: Mapping[str, Any] | None = None,
    cpe: str = "hsu-mansfeld",
) -> Result:
    """The circuit that explains a spectrum, its parameters, and reasons to doubt them.

    No guess is asked for. A given ``circuit`` (``"R0-p(R1,CPE1)-W2"``, see
    :func:`solith.analysis.parse_circuit`) is fitted; ``fixed`` holds some of its parameters at
    values (SI numbers or texts with units). Without one, arcs ``p(R,CPE)`` in series are tried,
    followed by semi-infinite diffusion, a constant phase element or nothing, with an inductance
    where the first points show one, and beside them what ``cell_type`` suggests:
    ``"blocking-pellet"`` (a pellet between blocking electrodes), ``"lithium-pellet"``,
    ``"symmetric-cell"``, ``"composite-half-cell"`` or ``None``. The lowest Bayesian information
    criterion (Schwarz 1978, 10.1214/aos/1176344136) decides among the circuits that the
    spectrum shows: every arc's resistance known to better than itself, no apex below the
    measured frequencies or a decade above them. Such a circuit may leave 3 %, or half more
    than the best one; where there is none, the lowest criterion alone decides.

    What is least is the sum of squares of ``(Z_circuit - Z) / |Z|``, real and imaginary; the
    scatter of the residuals gives the standard uncertainties, widened where neighbouring residuals
    are alike: then the misfit is systematic, and the points say less than their number. Arcs
    are numbered from high to low frequency. The result holds

    * each parameter by its name in the circuit: ``R0``, ``R1`` ... [ohm, of the cell as it was
      measured], ``CPE1_Q`` [S s^n], ``CPE1_n``, ``W3`` [ohm s^-1/2] ...;
    * ``R1_capacitance`` [F] of each arc, by ``cpe``: ``"hsu-mansfeld"``, ``(Q R^(1-n))^(1/n)``
      (Hsu and Mansfeld, Corrosion 57, 747 (2001), 10.5006/1.3280607), or ``"brug"``,
      ``Q^(1/n) (1/R_s + 1/R)^((n-1)/n)`` with all resistance before the arc as ``R_s`` (Brug et
      al., J. Electroanal. Chem. 176, 275 (1984), 10.1016/S0022-0728(84)80324-1);
    * ``R1_frequency`` [Hz], the apex ``1/(2 pi tau)`` of each arc;
    * ``R1_area_resistance`` [ohm cm2 of geometric area], and so of the other resistances, where
      the record knows that area;
    * ``R_total`` [ohm], the resistance at rest but for diffusion and tails;
    * ``residual`` [%], the root mean square of ``|Z_circuit - Z| / |Z|``.

    Points that no circuit can have (``Re Z`` not above 0) or that spoil every circuit at the
    high end are left out, as are inductive points where a given circuit has no inductance.
    Flags of the resistances and the residual say so. Flags also tell what the measured
    frequencies do not identify, which parameters cannot be told apart, what ended at a limit
    and what did not converge. ``details`` hold the circuit, the fitted curve, 95 % intervals
    (``R exp(+-1.96 u / R)``), correlations, the candidates, and for each arc a suggested
    meaning with confidence, reason and source.

    Raises :class:`InputError` for another kind of record, too few points, or a circuit, type of
    cell or parameter that does not exist; :class:`ConvergenceError` where a given circuit
    cannot be fitted from any start.
    """
    chosen("CPE conversion", cpe, CPE_CONVERSIONS)
    if cell_type is not None:
        chosen("cell type", cell_type, CELL_TYPES)
    if fixed is not None and not isinstance(fixed, Mapping):
        raise InputError(
            f"{fixed!r} is no table of parameters, such as {{'R0': 10}}", where="fixed"
        )
    if fixed and circuit is None:
        raise InputError("give the circuit whose parameters are fixed", where="fixed")
    spectrum, flags = spectrum_of(record, at_least=5)
    require_sizes(spectrum, title_of(record))
    candidates: list[Candidate] = []
    spectrum, more = without_active_points(spectrum, title_of(record))
    flags += more
    if circuit is None:
        fit, candidates, spectrum, more = choose_with_fewer_points(spectrum, cell_type)
        flags += more
    else:
        parsed = parse_circuit(circuit)
        if not parsed.has("L"):
            spectrum, more = without_inductive_points(spectrum)
            flags += more
        held = _held(parsed, fixed or {})
        _require_points(spectrum, parsed, len(held))
        fit = fit_given(parsed, spectrum, held)
    return _result(record, spectrum, fit, candidates, flags, cell_type, cpe)


def _systematic(fit: CircuitFit) -> tuple[str, ...]:
    """Flags of a misfit that is no noise."""
    told: tuple[str, ...] = ()
    if fit.residual > _BAD:
        told += (f"the circuit leaves {1e2 * fit.residual:.2g} % of |Z|",)
    if fit.widening > _WIDE and fit.residual > _EXACT:
        told += (
            f"the misfit is systematic; uncertainties are widened {fit.widening:.2g} times for it",
        )
    return told


def _finer(fit: CircuitFit, candidates: list[Candidate]) -> tuple[str, ...]:
    """A flag where a circuit that the spectrum does not identify leaves much less."""
    finest = min((candidate.residual for candidate in candidates), default=fit.residual)
    if finest > _MUCH_LESS * fit.residual:
        return ()
    return (
        f"circuits of more parts leave {100 * finest:.2g} %, but the spectrum does not show "
        "their parts one by one",
    )


def _held(circuit: Circuit, fixed: Mapping[str, Any]) -> dict[str, float]:
    parts = dict(zip(circuit.parameter_names, circuit.parameters, strict=True))
    held = {}
    for name, given in fixed.items():
        if name not in parts:
            raise UnknownNameError.among("parameter", name, parts).inside("fixed")
        try:
            held[name] = to_si(given, parts[name].unit)
        except InputError as error:
            raise error.inside(f"fixed.{name}") from None
        low, high = parts[name].lowest, parts[name].highest
        if not low <= held[name] <= high:
            raise InputError(f"{given!r} is outside {low:g} to {high:g}", where=f"fixed.{name}")
    if len(held) == len(parts):
        raise InputError(f"all parameters of {circuit} are held; leave one to fit", where="fixed")
    return held


def _require_points(spectrum: Spectrum, circuit: Circuit, held: int) -> None:
    free = len(circuit.parameters) - held
    if 2 * len(spectrum) <= free:
        raise InputError(
            f"{len(spectrum)} points do not determine the {free} parameters of {circuit}; "
            "give a smaller circuit"
        )


def _result(
    record: Record,
    spectrum: Spectrum,
    fit: CircuitFit,
    candidates: list[Candidate],
    flags: tuple[str, ...],
    cell_type: str | None,
    cpe: str,
) -> Result:
    if not fit.solution.converged:
        flags += (f"the fit did not converge: {fit.solution.reason}",)
    flags += _systematic(fit)
    area = fact(record, "geometric_area_m2")
    knowledge = Knowledge.of(fit)
    values = parameter_values(fit, knowledge, spectrum, flags)
    values += arc_values(fit, values, cpe, flags)
    values += total_values(fit, knowledge, values, flags)
    if area is not None:
        values += area_values(values, area)
    flags += _finer(fit, candidates)
    values.append(Value("residual", 1e2 * fit.residual, "%", method=METHOD, flags=flags))
    labels = suggest_labels(
        {
            value.quantity.removesuffix("_capacitance"): value.value
            for value in values
            if value.quantity.endswith("_capacitance") and value.value is not None
        },
        cell_type=cell_type,
        area=area,
        thickness=fact(record, "thickness_m"),
    )
    curve = fit.circuit.response(spectrum.angular_frequency, fit.values)[0]
    details = {
        "circuit": fit.circuit.text,
        "residual_percent": 1e2 * fit.residual,
        "frequency_hertz": spectrum.frequency.tolist(),
        "real_impedance_ohm": curve.real.tolist(),
        "imaginary_impedance_ohm": curve.imag.tolist(),
        "intervals_95": knowledge.intervals(fit),
        "correlation": knowledge.correlations(fit),
        "labels": {name: dict(label.__dict__) for name, label in labels.items()},
        "candidates": [
            {
                "circuit": candidate.circuit,
                "criterion": candidate.criterion,
                "residual_percent": 1e2 * candidate.residual,
            }
            for candidate in candidates
        ],
    }
    return Result(f"{fit.circuit} fitted to {title_of(record)}", tuple(values), details)
