"""The capacitive share of the current from voltammograms at several scan rates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._rows import title_of
from solith.analysis._voltammetry.rate_split import Split, split_currents
from solith.analysis._voltammetry.scan_rates import SAME_RATE, rates_of
from solith.analysis._voltammetry.sweep_grid import Currents, currents_on_grid
from solith.analysis.voltammetry import analyse_voltammogram
from solith.core.errors import InputError
from solith.core.given import records_among
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.core.record import Record

__all__ = ["find_capacitive_share"]

_LEAST_RATES = 3
_LEAST_RANGE = 4.0
"""Factor that scan rates should span for k1 and k2 to be told apart."""

_MISFIT = 0.1
"""Part of the potentials at which the split may fail before it is flagged."""

_SHIFT = 0.25
"""Part of its half-peak width by which a peak may shift over the scan rates."""

_SOURCE = "10.1021/jp074464w"


def find_capacitive_share(
    records: Iterable[Record] | Mapping[str, Record],
    *,
    cycle: int | None = None,
    points: int = 100,
    prominence: Any = 0.02,
) -> Result:
    """The current that grows with the scan rate v apart from that which grows with v^(1/2).

    At each of ``points`` potentials that all voltammograms share, for both directions,

        i(V) = k1 v + k2 v^(1/2),

    J. Wang, J. Polleux, J. Lim, B. Dunn, J. Phys. Chem. C 111, 14925 (2007),
    10.1021/jp074464w. The currents are means over steps of the potential, taken from the last
    full cycle (or ``cycle``); 2 % of the window at both turns is left out. The squares of
    i / v^(1/2) - k1 v^(1/2) - k2 are weighted by the noise that each voltammogram shows.

    * ``capacitive_share_at_<rate>_mV_per_s``: part of the charge that k1 v passes at each
      scan rate, from both directions together. Its standard uncertainty is what the noise gives;
      from three scan rates on, where the whole charges miss the split by more than the noise
      explains (1 % chi-squared test), it is that times the root of chi-squared by its degrees of
      freedom, so wide that 1.96 of it hold 95 % by Student's t. There is none below;
    * ``exponent_median``: median over the potentials of b in i = a v^b, with the median
      deviation from it as a measure of spread in ``details``.

    ``details["potentials"]`` has both directions' potential [V], b, k1 [A s/V], k2
    [A (s/V)^(1/2)] with standard uncertainties, and whether the split holds there;
    ``details["rates"]`` the shares and charges [C], and ``details["curves"]`` the currents, in
    total and capacitive.

    Flagged: fewer than three scan rates, rates over less than a factor of four, peaks that shift
    by more than a quarter of their half-peak width (then one potential is not one state:
    ohmic drop or slow transfer), potentials at which the misfit is above noise and 5 % of the
    current, a share outside 0 to 1. Raises :class:`InputError` for fewer than two
    different scan rates, and for windows that share too little.
    """
    if isinstance(points, bool) or not isinstance(points, int) or points < 10:
        raise InputError(f"{points!r} must be a whole number of at least 10", where="points")
    given = records_among(records)
    results = [analyse_voltammogram(r, cycle=cycle, prominence=prominence) for r in given]
    rates = rates_of(results, "cannot be split by scan rate; give at least three")
    order = np.argsort(rates, kind="stable")
    given, results = [given[place] for place in order], [results[place] for place in order]
    rates = rates[order]
    grid = currents_on_grid(given, results, points)
    split = split_currents(rates, grid)
    told = (*_of_series(rates), *_of_shift(results), *_of_misfit(split), *_of_records(results))
    values = [
        Value(
            f"capacitive_share_at_{1e3 * rate:.4g}_mV_per_s",
            float(share),
            "",
            None if len(rates) < _LEAST_RATES else float(spread),
            method=f"k1 v + k2 v^0.5 at {points} potentials, {len(rates)} scan rates",
            source=_SOURCE,
            flags=(*(() if 0 <= share <= 1 else ("a share outside 0 to 1",)), *told),
        )
        for rate, share, spread in zip(rates, split.share, split.u_share, strict=True)
    ]
    values = [_named_once(value, place, values) for place, value in enumerate(values)]
    known = split.exponent[np.isfinite(split.exponent)]
    middle = float(np.median(known)) if len(known) else None
    values.append(
        Value(
            "exponent_median",
            middle,
            "",
            method=f"least squares over logarithms at {len(known)} potentials",
            flags=told if len(known) else ("the current changes its sign with the rate", *told),
        )
    )
    details = {
        "names": [title_of(record) for record in given],
        "rates": _rate_rows(rates, split),
        "potentials": _potential_rows(grid, split),
        "curves": _curves(rates, grid, split),
    }
    return Result(f"Capacitive share of {title_of(given[0])}", tuple(values), details)


def _named_once(value: Value, place: int, values: Sequence[Value]) -> Value:
    """A second voltammogram at one rate has a number behind its name."""
    before = sum(other.quantity == value.quantity for other in values[:place])
    if not before:
        return value
    return Value(**{**value.__dict__, "quantity": f"{value.quantity}_{before + 1}"})


def _of_series(rates: NDArray[np.float64]) -> tuple[str, ...]:
    flags: tuple[str, ...] = ()
    if len(rates) < _LEAST_RATES:
        flags = (f"{len(rates)} scan rates: the split is not tested; measure at least three",)
    span = float(rates[-1] / rates[0])
    if span < _LEAST_RANGE * (1 - SAME_RATE):
        flags += (f"scan rates span a factor of {span:.3g} only: k1 and k2 are hardly apart",)
    return flags


def _of_shift(results: Sequence[Result]) -> tuple[str, ...]:
    flags = []
    for side in ("anodic", "cathodic"):
        tops = [
            at for result in results if (at := result[f"peak_potential_{side}"].value) is not None
        ]
        widths = [
            width
            for result in results
            if (width := result[f"half_peak_width_{side}"].value) is not None
        ]
        if len(tops) > 1 and widths and max(tops) - min(tops) > _SHIFT * min(widths):
            flags.append(
                f"the {side} peak shifts by {1e3 * (max(tops) - min(tops)):.3g} mV with the scan "
                "rate: one potential is not one state (ohmic drop or slow transfer)"
            )
    return tuple(flags)


def _of_misfit(split: Split) -> tuple[str, ...]:
    part = 1 - float(np.mean(split.holds))
    if part <= _MISFIT:
        return ()
    return (f"k1 v + k2 v^0.5 does not hold at {100 * part:.0f} % of the potentials",)


def _of_records(results: Sequence[Result]) -> tuple[str, ...]:
    """What is wrong with a current, told by the analysis of each voltammogram."""
    flags = (flag for result in results for flag in result["charge_anodic"].flags)
    return tuple(dict.fromkeys(flags))


@dataclass(frozen=True)
class _Direction:
    """The columns of one direction of the sweep."""

    name: str
    part: slice


def _directions(grid: Currents) -> tuple[_Direction, ...]:
    count = len(grid.potential) // 2
    return (
        _Direction("anodic", slice(0, count)),
        _Direction("cathodic", slice(count, 2 * count)),
    )


def _rate_rows(rates: NDArray[np.float64], split: Split) -> list[dict[str, Any]]:
    rows = zip(rates, split.share, split.u_share, split.charge, strict=True)
    return [
        {
            "scan_rate_volt_per_second": float(rate),
            "capacitive_share": float(share),
            "capacitive_share_uncertainty": float(spread) if len(rates) >= _LEAST_RATES else None,
            "charge_coulomb": float(charge),
            "capacitive_charge_coulomb": float(charge * share),
        }
        for rate, share, spread, charge in rows
    ]


def _potential_rows(grid: Currents, split: Split) -> dict[str, dict[str, list[Any]]]:
    columns = {
        "potential_volt": grid.potential,
        "exponent": split.exponent,
        "exponent_uncertainty": split.u_exponent,
        "k1": split.k1,
        "k1_uncertainty": split.u_k1,
        "k2": split.k2,
        "k2_uncertainty": split.u_k2,
        "holds": split.holds,
    }
    return {
        way.name: {name: _plain(column[way.part]) for name, column in columns.items()}
        for way in _directions(grid)
    }


def _curves(rates: NDArray[np.float64], grid: Currents, split: Split) -> list[dict[str, Any]]:
    return [
        {
            "scan_rate_volt_per_second": float(rate),
            **{
                way.name: {
                    "potential_volt": _plain(grid.potential[way.part]),
                    "current_ampere": _plain(current[way.part]),
                    "capacitive_current_ampere": _plain(rate * split.k1[way.part]),
                }
                for way in _directions(grid)
            },
        }
        for rate, current in zip(rates, grid.current, strict=True)
    ]


def _plain(column: NDArray[Any]) -> list[Any]:
    return [None if item != item else item for item in column.tolist()]
