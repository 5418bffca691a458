"""How the peaks of voltammograms change with the scan rate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._lines import fit_straight
from solith.analysis._options import AREAS, chosen, fact, positive
from solith.analysis._rows import title_of
from solith.analysis._voltammetry.randles_sevcik import (
    IRREVERSIBLE,
    REVERSIBLE,
    find_resistance,
    validity_rows,
)
from solith.analysis._voltammetry.scan_rates import rates_differ, rates_of
from solith.analysis.voltammetry import analyse_voltammogram
from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.errors import InputError
from solith.core.given import records_among
from solith.core.intervals import NORMAL_95, half_width_95, widening_95
from solith.core.quantities import in_unit
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["fit_scan_rates"]

_SIDES = ("anodic", "cathodic")
_TRANSFERS = ("reversible", "irreversible")

_NEAR_HALF = 0.05


def fit_scan_rates(
    records: Iterable[Record] | Mapping[str, Record],
    *,
    concentration: Any = None,
    area: Any = None,
    temperature: Any = None,
    diffusivity: Any = None,
    electrons: int = 1,
    transfer: str = "reversible",
    transfer_coefficient: Any = 0.5,
    cycle: int | None = None,
    baseline: str = "zero",
    prominence: Any = 0.02,
) -> Result:
    """How the peak currents of voltammograms grow with the scan rate.

    * ``exponent_anodic``, ``exponent_cathodic``: b of i_p = a v^b, by least squares over the
      logarithms, with its standard error (from three scan rates on;
      1.96 of it hold 95 %, by Student's t); 1/2 where diffusion in
      a thick body sets the current, 1 where a thin body or a surface fills in step.
    * With ``concentration`` [mol/m3] of the species far from the electrode (of lithium, or of
      empty sites, in a solid), ``area`` [m2, or "geometric", "active", "contact" of the
      records] and ``temperature`` [K, or the records' ``temperature_kelvin``]:
      ``diffusivity_anodic``, ``_cathodic`` [cm2/s] from the peak currents of all scan rates,

          i_p = 0.4463 n F A c sqrt(n F v D / (R T))         (``transfer`` "reversible"),
          i_p = 0.4958 n F A c sqrt(alpha F v D / (R T))     ("irreversible", with the
                                                             ``transfer_coefficient`` alpha),

      J. E. B. Randles, Trans. Faraday Soc. 44, 327 (1948), 10.1039/tf9484400327, and A.
      Sevcik, Coll. Czech. Chem. Commun. 13, 349 (1948), 10.1135/cccc19480349; constants and
      both forms: IUPAC, 10.1515/pac-2018-0109. For n ``electrons`` and a body thicker than the
      diffusion layer. A test in ``details["validity"]`` that fails is a flag.
    * With a known ``diffusivity`` [m2/s] besides: ``randles_sevcik_constant_anodic``,
      ``_cathodic``, the factor i_p / (n F A c sqrt(n F v D / (R T))) (alpha for the second n
      where irreversible) to be set beside 0.4463 or 0.4958.
    * ``uncompensated_resistance`` [ohm], from three scan rates on: slope of the peak separation
      over the sum of both peak currents, as a resistance in series gives it; flagged where
      the separation follows the logarithm of the rate better, as slow transfer makes it.

    ``details["validity"]`` has rows of test, found, expected and passed: b near 1/2; half-peak
    width 2.20 R T / (n F) (1.857 R T / (alpha F) where irreversible); separation 2.22 R T / (n F)
    and the same at all scan rates; ratio of the peak currents 1.

    The peaks are those of :func:`analyse_voltammogram`, which takes ``cycle``, ``baseline``
    and ``prominence``. Raises :class:`InputError` for fewer than two different scan rates.
    """
    chosen("transfer", transfer, _TRANSFERS)
    alpha = positive(transfer_coefficient, "", "transfer_coefficient")
    if isinstance(electrons, bool) or not isinstance(electrons, int) or electrons < 1:
        raise InputError(f"{electrons!r} must be a whole number above 0", where="electrons")
    for name, quantity, unit in (
        ("concentration", concentration, "mol/m3"),
        ("diffusivity", diffusivity, "m2/s"),
        ("temperature", temperature, "K"),
    ):
        if quantity is not None:
            positive(quantity, unit, name)
    if area is not None:
        _named_area(area)
    given = records_among(records)
    results = [
        analyse_voltammogram(record, cycle=cycle, baseline=baseline, prominence=prominence)
        for record in given
    ]
    rates = rates_of(results, "tell nothing of the scan rate; give at least two")
    values: list[Value] = []
    scale, name = _randles_scale(given, rates, concentration, area, temperature)
    if scale is not None:
        scale = scale * electrons * (electrons if transfer == "reversible" else alpha) ** 0.5
    exponents: dict[str, float | None] = {}
    fitted: dict[str, list[Value]] = {}
    of_area: dict[str, NDArray[np.float64]] = {}
    for side in _SIDES:
        peaks = [result[f"peak_current_{side}"].value for result in results]
        known = np.array([peak is not None for peak in peaks])
        heights = np.abs(np.array([peak for peak in peaks if peak is not None], dtype=float))
        fitted[side] = _fit_side(side, rates[known], heights, int(np.sum(~known)))
        exponents[side] = fitted[side][0].value
        if scale is not None:
            of_area[side] = heights / scale[known]
    warmths = {_temperature(record, temperature) for record in given}
    warmth = warmths.pop() if len(warmths) == 1 else None
    validity = validity_rows(results, exponents, warmth, electrons, transfer, alpha)
    for side in _SIDES:
        values += fitted[side]
        if scale is not None:
            told = _failed(side, validity)
            constant = REVERSIBLE if transfer == "reversible" else IRREVERSIBLE
            values += _randles_values(
                side, name, of_area[side], diffusivity, exponents[side], constant, told
            )
    values += _resistance(results, rates)
    details = {
        "voltammograms": [
            {
                "name": title_of(record),
                "scan_rate_volt_per_second": result["scan_rate"].value,
                "peak_current_anodic_ampere": result["peak_current_anodic"].value,
                "peak_current_cathodic_ampere": result["peak_current_cathodic"].value,
                "peak_separation_volt": result["peak_separation"].value,
            }
            for record, result in zip(given, results, strict=True)
        ],
        "transfer": transfer,
        "validity": validity,
    }
    return Result(f"Scan rates of {title_of(given[0])}", tuple(values), details)


def _fit_side(
    side: str, rates: NDArray[np.float64], heights: NDArray[np.float64], missing: int
) -> list[Value]:
    flags: tuple[str, ...] = ()
    if missing:
        flags = (f"voltammograms left out that show no {side} peak: {missing}",)
    method = f"least squares over the logarithms of {len(rates)} scan rates"
    if not rates_differ(rates):
        flags = ("peaks at fewer than two scan rates", *flags)
        return [Value(f"exponent_{side}", None, "", method=method, flags=flags)]
    line = fit_straight(np.log(rates), np.log(heights))
    error = line.slope_error * widening_95(line.freedom) if line.freedom else None
    return [Value(f"exponent_{side}", line.slope, "", error, method=method, flags=flags)]


def _randles_scale(
    records: Sequence[Record],
    rates: NDArray[np.float64],
    concentration: Any,
    area: Any,
    temperature: Any,
) -> tuple[NDArray[np.float64] | None, str]:
    """F A c sqrt(F v / (R T)) of each record, and the name of the area."""
    if concentration is None or area is None:
        return None, ""
    content = positive(concentration, "mol/m3", "concentration")
    name = _named_area(area)
    factors = []
    for record, rate in zip(records, rates, strict=True):
        named = name in AREAS
        size = fact(record, f"{name}_area_m2") if named else positive(area, "m2", "area")
        if size is None:
            raise InputError(
                f"{title_of(record)} has no {name}_area_m2; give the area with its unit",
                where="area",
            )
        warmth = _temperature(record, temperature)
        if warmth is None:
            raise InputError(
                f"{title_of(record)} has no temperature_kelvin; give the temperature",
                where="temperature",
            )
        factors.append(FARADAY * size * content * (FARADAY * rate / GAS_CONSTANT / warmth) ** 0.5)
    return np.array(factors), name


def _named_area(area: Any) -> str:
    """The name of an area of the record, or "given" for one with a number."""
    if isinstance(area, str) and area.isidentifier():
        return chosen("area", area, AREAS)
    positive(area, "m2", "area")
    return "given"


def _temperature(record: Record, given: Any) -> float | None:
    if given is None:
        return fact(record, "temperature_kelvin")
    return positive(given, "K", "temperature")


def _failed(side: str, validity: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The tests beside that of the exponent which failed, for one side."""
    other = "cathodic" if side == "anodic" else "anodic"
    return tuple(
        f"{row['test']}: {'none' if row['found'] is None else format(row['found'], '.3g')}, "
        f"expected {row['expected']}"
        for row in validity
        if not row["passed"] and other not in row["test"] and "exponent" not in row["test"]
    )


def _resistance(results: Sequence[Result], rates: NDArray[np.float64]) -> list[Value]:
    found = find_resistance(results, rates)
    if found is None:
        return []
    flags: tuple[str, ...] = ()
    if found.ohm <= 1.96 * found.error:
        flags = ("the separation does not grow with the current beyond its scatter",)
    elif found.closer:
        flags = ("the separation follows the logarithm of the scan rate: rather slow transfer",)
    return [
        Value(
            "uncompensated_resistance",
            found.ohm,
            "ohm",
            found.error,
            method="least squares, peak separation over the sum of peak currents",
            flags=flags,
        )
    ]


def _randles_values(
    side: str,
    area: str,
    roots: NDArray[np.float64],
    diffusivity: Any,
    exponent: float | None,
    constant: float,
    flags: tuple[str, ...],
) -> list[Value]:
    """D from i_p, and the constant where D is known; ``roots`` is i_p / (F A c sqrt(Fv/RT))."""
    if exponent is None or abs(exponent - 0.5) > _NEAR_HALF:
        shown = "not known" if exponent is None else f"{exponent:.3g}, not 1/2"
        flags = (f"exponent {shown}: not the diffusion that Randles and Sevcik assume", *flags)
    found = (roots / constant) ** 2
    means = [("diffusivity", "Randles and Sevcik", _mean(found, "m2/s", "cm2/s"))]
    if diffusivity is not None:
        known = positive(diffusivity, "m2/s", "diffusivity")
        own = _mean(roots / known**0.5, "", "")
        means.append(("randles_sevcik_constant", f"to compare with {constant}", own))
    return [
        Value(
            f"{name}_{side}",
            *mean,
            area=area,
            method=f"{method}, mean over {len(found)} scan rates",
            source="10.1039/tf9484400327",
            flags=flags if len(found) else ("no peak", *flags),
        )
        for name, method, mean in means
    ]


def _mean(
    numbers: NDArray[np.float64], unit: str, wanted: str
) -> tuple[float | None, str, float | None]:
    """Mean, unit and standard uncertainty from the scatter."""
    if len(numbers) == 0:
        return None, wanted, None
    in_wanted = numbers * in_unit(1.0, unit, wanted) if unit else numbers
    reach = half_width_95(in_wanted.tolist())
    return float(np.mean(in_wanted)), wanted, None if reach is None else reach / NORMAL_95
