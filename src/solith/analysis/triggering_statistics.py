"""Triggering biases of many curves by place: distributions, and a test of the difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isfinite
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from solith.analysis._current_voltage.censored import (
    Sample,
    Weibull,
    bootstrap,
    fit_weibull,
    kaplan_meier,
    median_of,
    permuted_log_rank,
    superiority,
)
from solith.analysis._options import chosen, whole_number
from solith.analysis.current_voltage import analyse_current_voltage
from solith.core.errors import InputError
from solith.core.given import listed
from solith.core.intervals import NORMAL_95
from solith.core.record import Record
from solith.core.result import Result, Value

__all__ = ["Biases", "compare_triggering"]

_SIDES = ("negative", "positive")
_FEW = 5
_MOST_EXACT = 400
_RESAMPLES = 2000

_KAPLAN_MEIER = "Kaplan and Meier, 10.1080/01621459.1958.10501452 (recalled)"
_LOG_RANK = "Peto and Peto, 10.2307/2344317 (recalled)"
_MANN_WHITNEY = "Mann and Whitney, 10.1214/aoms/1177730491 (recalled)"


@runtime_checkable
class Biases(Protocol):
    """Biases of many curves without the curves, as a simulated experiment gives them.

    ``bias`` [V] is not a number where nothing triggered up to ``limit`` [V, a magnitude].
    """

    @property
    def bias(self) -> NDArray[np.float64]:
        """One a place [V]."""

    @property
    def limit(self) -> float:
        """The highest bias applied [V]."""


def compare_triggering(
    groups: Mapping[str, Sequence[Record | Result] | Biases],
    *,
    side: str | None = None,
    seed: int = 0,
) -> Result:
    """Triggering biases by place: how they are distributed, and whether places differ.

    ``groups`` holds by name of the place ("grain boundary", "grain interior") one curve each
    measured there: records, or results of
    :func:`solith.analysis.analyse_current_voltage`. What
    :meth:`solith.interface.TriggeringExperiment.run` gives takes the place of such a list. All
    numbers are magnitudes of the bias [V].
    A curve that did not trigger says that its bias is above the highest one applied (censored
    on the right), which all statistics here take into account. The highest bias is that
    of the side that is compared: ``side`` ("negative", "positive"), or else the one at which
    curves triggered. It is needed where curves triggered at both, or none did and both were
    scanned.

    For each place, ``NAME`` its name with underscores:

    * ``number_NAME`` of curves; ``triggered_fraction_NAME`` up to the highest bias (Clopper
      and Pearson's exact interval in the details);
    * ``median_bias_NAME`` [V]: Kaplan-Meier; the interval in ``details`` is not symmetric, the
      uncertainty a 3.92th of its width; a flag where fewer than half triggered, or where the
      interval has no upper end (always for fewer than six curves);
    * ``weibull_shape_NAME`` [-] and ``weibull_scale_NAME`` [V]: maximum likelihood with
      censoring; intervals symmetric in the logarithm, Student's t. For
      fewer than about ten curves the shape comes out too large.

    For each pair of places, ``PAIR`` as ``NAME_vs_NAME``:

    * ``p_value_PAIR``: two-sided. Mann and Whitney's test where every curve triggered (exact
      up to 400 pairs without ties), otherwise the log-rank test by permutation (exact for up to
      20000 assignments), which supposes that the places were censored alike: flagged where
      the highest biases differ by more than 5 %. ``details`` has both.
    * ``superiority_PAIR``: the probability that the second place needs the larger bias, pairs
      that censoring leaves undecided counted as half, with the part of them in a flag;
    * ``median_difference_PAIR`` [V]: second minus first, with a percentile interval of 2000
      bootstrap samples (in the details; uncertainty a 3.92th of its width).

    Flags warn of fewer than five curves. Random numbers come from ``seed``. Raises
    :class:`InputError` for empty groups, other results, a curve that was not scanned to the side
    that is compared, and a side that is not clear.
    """
    if side is not None:
        chosen("side", side, _SIDES)
    seed = whole_number(seed, "a seed of random numbers: a whole number from 0", "seed", least=0)
    samples = _samples(groups, side)
    keys = {name: _key(name) for name in samples}
    if len(set(keys.values())) < len(keys):
        raise InputError(f"places must differ in their letters: {', '.join(map(repr, keys))}")
    values: list[Value] = []
    details: dict[str, Any] = {"places": {}, "pairs": {}, "seed": seed}
    for name, sample in samples.items():
        own, row = _place(keys[name], sample)
        values += own
        details["places"][name] = row
    rng = np.random.default_rng(seed)
    for first, second in combinations(samples, 2):
        pair = f"{keys[first]}_vs_{keys[second]}"
        own, row = _pair(pair, samples[first], samples[second], rng)
        values += own
        details["pairs"][f"{first} vs {second}"] = row
    return Result(f"Triggering bias at {', '.join(samples)}", tuple(values), details)


def _key(name: str) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in str(name)).lower().split())


def _samples(
    groups: Mapping[str, Sequence[Record | Result] | Biases], side: str | None
) -> dict[str, Sample]:
    if not isinstance(groups, Mapping) or not groups:
        raise InputError(
            "there is no group of curves; expected a table such as {'grain boundary': [...]}"
        )
    found: dict[str, list[_Curve]] = {}
    for name, curves in groups.items():
        if isinstance(curves, Biases):
            found[str(name)] = _simulated(curves, str(name))
            continue
        try:
            given = listed(curves, "curves")
        except InputError as error:
            raise error.inside(str(name)) from None
        if not given:
            raise InputError("expected a list of curves, at least one", where=str(name))
        found[str(name)] = [_curve(curve, side, str(name)) for curve in given]
    only = side or _only_side([curve for curves in found.values() for curve in curves])
    return {
        name: Sample(
            np.array([_size(curve, only, name) for curve in curves]),
            np.array([curve.bias is not None for curve in curves]),
        )
        for name, curves in found.items()
    }


@dataclass(frozen=True)
class _Curve:
    """The triggering bias [V] on the side asked, and the highest bias [V] applied by side."""

    bias: float | None
    highest: Mapping[str, float]


def _simulated(biases: Biases, where: str) -> list[_Curve]:
    """The biases of an experiment as those of curves, all scanned to the side they lie on."""
    values = np.ravel(np.asarray(biases.bias, dtype=float))
    known = values[np.isfinite(values)]
    if not len(values) or not biases.limit > 0 or (len(known) and known.min() < 0 < known.max()):
        raise InputError("expected biases of one sign, and a limit above 0 V", where=where)
    side = "positive" if len(known) and known[0] > 0 else "negative"
    highest = {side: float(biases.limit)}
    return [_Curve(float(one) if isfinite(one) else None, highest) for one in values]


def _curve(curve: Record | Result, side: str | None, where: str) -> _Curve:
    result = analyse_current_voltage(curve) if isinstance(curve, Record) else curve
    if not isinstance(result, Result) or "highest_bias_volt" not in result.details:
        raise InputError("expected results of analyse_current_voltage, or records", where=where)
    name = "triggering_bias"
    if side is not None and f"{name}_{side}" in result:
        name = f"{name}_{side}"
    bias = result[name].value
    if bias is not None and side is not None and _side_of(bias) != side:
        bias = None
    return _Curve(bias, result.details["highest_bias_volt"])


def _only_side(curves: Sequence[_Curve]) -> str:
    """The side on which curves triggered, or where none did, on which they were scanned."""
    sides = {_side_of(curve.bias) for curve in curves if curve.bias is not None}
    if len(sides) > 1:
        raise InputError(
            "some curves triggered at negative, others at positive bias; choose with side="
        )
    sides = sides or {name for curve in curves for name in curve.highest}
    if len(sides) > 1:
        raise InputError(
            "no curve triggered, and they scan to negative and to positive bias; choose with side="
        )
    return next(iter(sides))


def _size(curve: _Curve, side: str, where: str) -> float:
    """The size of the triggering bias, or the highest bias of the side without one."""
    size = float(curve.highest.get(side, 0.0)) if curve.bias is None else abs(curve.bias)
    if size <= 0:
        raise InputError(f"a curve was not scanned to {side} bias", where=where)
    return size


def _side_of(bias: float) -> str:
    return "negative" if bias < 0 else "positive"


def _few(*samples: Sample) -> tuple[str, ...]:
    least = min(len(sample.sizes) for sample in samples)
    return (f"only {least} curve{'s' if least > 1 else ''}",) if least < _FEW else ()


def _place(key: str, sample: Sample) -> tuple[list[Value], dict[str, Any]]:
    from scipy.stats import binomtest

    number, triggered = len(sample.sizes), int(sample.seen.sum())
    few = _few(sample)
    fraction = triggered / number
    exact = binomtest(triggered, number).proportion_ci()
    median, low, high = median_of(sample)
    known = isfinite(median)
    told = few
    if not known:
        told = (f"{triggered} of {number} triggered: the median is above what was applied", *few)
    elif not isfinite(high):
        told = ("the upper end of the interval is above what was applied", *few)
        if triggered == number:
            told = (f"{number} curves are too few for the upper end of a 95 % interval", *few)
    times, happened, below, above = kaplan_meier(sample)
    weibull = fit_weibull(sample)
    values = [
        Value(f"number_{key}", float(number), "", flags=few),
        Value(
            f"triggered_fraction_{key}",
            fraction,
            "",
            float((exact.high - exact.low) / 2 / NORMAL_95),
            method=f"{triggered} of {number} up to {sample.sizes.max():.4g} V",
            flags=few,
        ),
        Value(
            f"median_bias_{key}",
            median if known else None,
            "V",
            (high - low) / 2 / NORMAL_95 if known and isfinite(high) else None,
            method="Kaplan-Meier",
            source=_KAPLAN_MEIER,
            flags=told,
        ),
        *_weibull_values(key, weibull, few),
    ]
    row = {
        "number": number,
        "triggered": triggered,
        "triggered_fraction_interval_95": [float(exact.low), float(exact.high)],
        "bias_volt": [float(size) for size in np.sort(sample.sizes[sample.seen])],
        "not_up_to_volt": [float(size) for size in np.sort(sample.sizes[~sample.seen])],
        "median_volt": median,
        "median_interval_95": [low, high],
        "kaplan_meier": {
            "bias_volt": times.tolist(),
            "triggered": happened.tolist(),
            "lowest_95": below.tolist(),
            "highest_95": above.tolist(),
        },
        "weibull": None
        if weibull is None
        else {
            "shape": weibull.shape,
            "scale_volt": weibull.scale,
            "shape_interval_95": list(weibull.interval(0)),
            "scale_interval_95": list(weibull.interval(1)),
        },
    }
    return values, row


def _weibull_values(key: str, found: Weibull | None, few: tuple[str, ...]) -> list[Value]:
    method = "maximum likelihood with right-censoring"
    flags = few if found else ("fewer than two different triggering biases", *few)
    shape = scale = shape_error = scale_error = None
    if found is not None:
        shape, shape_error = found.shape, found.uncertainty(0)
        scale, scale_error = found.scale, found.uncertainty(1)
    return [
        Value(f"weibull_shape_{key}", shape, "", shape_error, method=method, flags=flags),
        Value(f"weibull_scale_{key}", scale, "V", scale_error, method=method, flags=flags),
    ]


def _pair(
    pair: str, first: Sample, second: Sample, rng: np.random.Generator
) -> tuple[list[Value], dict[str, Any]]:
    few = _few(first, second)
    log_rank, how = permuted_log_rank(first, second, rng)
    exact = _mann_whitney(first, second)
    tests: tuple[str, ...] = few
    if exact is None:
        tops = [sample.sizes[~sample.seen] for sample in (first, second)]
        if _differ(np.concatenate(tops)):
            tests = ("curves end at different biases: the test supposes that they end alike", *few)
        p_value = Value(
            f"p_value_{pair}",
            log_rank,
            "",
            method=f"log-rank, {how}",
            source=_LOG_RANK,
            flags=tests,
        )
    else:
        p_value = Value(
            f"p_value_{pair}",
            exact,
            "",
            method="Mann-Whitney, two-sided",
            source=_MANN_WHITNEY,
            flags=few,
        )
    part, undecided = superiority(first, second)
    parts, differences = bootstrap(first, second, _RESAMPLES, rng)
    interval = [float(end) for end in np.quantile(parts, (0.025, 0.975))]
    told = (f"{100 * undecided:.2g} % of the pairs are undecided", *few) if undecided else few
    values = [
        p_value,
        Value(
            f"superiority_{pair}",
            part,
            "",
            (interval[1] - interval[0]) / 2 / NORMAL_95,
            method=f"pairs; {_RESAMPLES} bootstrap samples",
            flags=told,
        ),
    ]
    difference, spread = _difference(pair, first, second, differences, few)
    row = {
        "log_rank_p": log_rank,
        "mann_whitney_p": exact,
        "superiority": part,
        "superiority_interval_95": interval,
        "undecided_pairs": undecided,
        "median_difference_volt": difference.value,
        "median_difference_interval_95": spread,
    }
    return [*values, difference], row


def _mann_whitney(first: Sample, second: Sample) -> float | None:
    """p of the test; ``None`` where a curve did not trigger."""
    if not (first.seen.all() and second.seen.all()):
        return None
    from scipy.stats import mannwhitneyu

    together = np.concatenate([first.sizes, second.sizes])
    ties = len(np.unique(together)) < len(together)
    exact = not ties and len(first.sizes) * len(second.sizes) <= _MOST_EXACT
    found = mannwhitneyu(first.sizes, second.sizes, method="exact" if exact else "asymptotic")
    return float(found.pvalue)


def _differ(tops: Any) -> bool:
    return len(tops) > 1 and float(np.ptp(tops)) > 0.05 * float(np.max(tops))


def _difference(
    pair: str, first: Sample, second: Sample, differences: Any, few: tuple[str, ...]
) -> tuple[Value, list[float] | None]:
    name, method = f"median_difference_{pair}", f"medians; {_RESAMPLES} bootstrap samples"
    medians = median_of(first)[0], median_of(second)[0]
    if not np.all(np.isfinite(medians)):
        told = "a median is above what was applied"
        if isfinite(medians[0]):
            reach = float(second.sizes.max()) - medians[0]
            told += f": the difference is at least about {reach:.3g} V"
        return Value(name, None, "V", method=method, flags=(told, *few)), None
    known = differences[np.isfinite(differences)]
    value = medians[1] - medians[0]
    if len(known) < 0.975 * len(differences):
        told = "a median is above what was applied in many bootstrap samples: no interval"
        return Value(name, value, "V", method=method, flags=(told, *few)), None
    low, high = (float(end) for end in np.quantile(known, (0.025, 0.975)))
    return (
        Value(name, value, "V", (high - low) / 2 / NORMAL_95, method=method, flags=few),
        [low, high],
    )
