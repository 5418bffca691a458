"""Means over the pulses of a titration, with what has to be said of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.core.intervals import widening_95
from solith.core.result import Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.analysis._titration.body import Body
    from solith.analysis._titration.fits import Drift

__all__ = ["fit_values", "ir_drop", "pulses_of_means", "root_values"]

_SOURCE = "10.1149/1.2133112"


def root_values(
    used: Sequence[dict[str, Any]],
    rows: Sequence[dict[str, Any]],
    body: Body,
    flags: tuple[str, ...],
) -> list[Value]:
    """Diffusion time and diffusivities by the root of time, over the ``used`` of the rows."""
    of_mean = f"mean over {len(used)} of {len(rows)} pulses, Weppner and Huggins"
    time, error = _inverse(*_mean(used, "diffusion_time", inverse=True))
    values = [
        Value(
            "diffusion_time",
            time,
            "s",
            error,
            method=f"harmonic {of_mean}",
            source=_SOURCE,
            flags=flags,
        )
    ]
    area_name, flags_of_d = body.chosen, flags
    if body.missing:
        flags_of_d = (body.missing, *flags)
    spread = _known(used, "diffusivity_apparent")
    mean, error = _mean(used, "diffusivity_apparent")
    statistics = {
        "": (mean, error, of_mean),
        "_median": (_over(np.median, spread), None, of_mean.replace("mean", "median", 1)),
        "_minimum": (_over(np.min, spread), None, of_mean.replace("mean", "lowest", 1)),
        "_maximum": (_over(np.max, spread), None, of_mean.replace("mean", "highest", 1)),
    }
    for name, (number, uncertainty, method) in statistics.items():
        values.append(
            Value(
                f"diffusivity_apparent{name}",
                number,
                "cm2/s",
                uncertainty,
                area=area_name if number is not None else "",
                method=method,
                source=_SOURCE,
                flags=flags_of_d,
            )
        )
    for name in body.areas if body.volume is not None else ():
        mean, error = _mean(used, f"diffusivity_{name}_area")
        values.append(
            Value(
                f"diffusivity_{name}_area",
                mean,
                "cm2/s",
                error,
                area=name,
                method=of_mean,
                source=_SOURCE,
                flags=flags,
            )
        )
    return values


def fit_values(
    rows: Sequence[dict[str, Any]],
    body: Body,
    shape: str,
    drift: Drift | None,
    dropped: tuple[str, ...],
) -> list[Value]:
    """Means over the pulses that the fit of pulse and relaxation describes."""
    used = [row for row in rows if row["fit_used"]]
    left_out = Counter(name for row in rows if not row["fit_used"] for name in row["fit_fails"])
    counted = ", ".join(f"{name} ({number})" for name, number in left_out.items())
    flags: tuple[str, ...] = ()
    if not used:
        flags = (f"no pulse is described by the fit: {counted}",)
    elif len(used) < len(rows):
        flags = (f"{len(rows) - len(used)} of {len(rows)} pulses left out: {counted}",)
    if drift is not None and drift.held:
        flags += (
            f"drift: the rested voltage drifts by {_MILLIVOLT_PER_HOUR * drift.rate:.3g} mV/h, "
            "which the fit holds and the root of time does not",
        )
    flags += dropped
    method = f"{shape} fitted to pulse and rest, mean over {len(used)} of {len(rows)} pulses"
    mean, error = _mean(used, "diffusion_time_fit", inverse=True)
    asked = [row for row in used if row["ir_drop_fit_by_switch"] is not None]
    doubt = _common(
        [row["diffusion_time_fit_by_switch"] / row["diffusion_time_fit"] for row in asked]
    )
    time, error = _inverse(mean, _joined(error, doubt, mean))
    found = [
        Value(
            "diffusion_time_fit",
            time,
            "s",
            error,
            method=f"{method} (harmonic)",
            flags=flags,
        )
    ]
    names = {"apparent": body.chosen} | {f"{name}_area": name for name in body.areas}
    for name, area in names.items():
        mean, error = _mean(used, f"diffusivity_fit_{name}")
        error = _joined(error, doubt, mean)
        if name != "apparent" and body.volume is None:
            continue
        missing = (body.missing,) if body.missing and name == "apparent" else ()
        found.append(
            Value(
                f"diffusivity_fit_{name}",
                mean,
                "cm2/s",
                error,
                area=area if mean is not None else "",
                method=method,
                flags=missing + flags,
            )
        )
    mean, error = _mean(used, "ir_drop_fit")
    error = _joined(error, _common([row["ir_drop_fit_by_switch"] for row in asked]), 1.0)
    found.append(Value("gitt_ir_drop_fit", mean, "mV", error, method=method, flags=flags))
    if drift is not None:
        found.append(
            Value(
                "voltage_drift",
                _MILLIVOLT_PER_HOUR * drift.rate,
                "mV/h",
                _MILLIVOLT_PER_HOUR * drift.error,
                method="linear part of the fits, weighted mean over the pulses",
                flags=dropped,
            )
        )
    return found


_MILLIVOLT_PER_HOUR = 3.6e6
"""In one V/s."""


def pulses_of_means(
    rows: Sequence[dict[str, Any]], gates: Collection[str]
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The pulses that the means hold, and what has to be said of the choice."""
    flags: tuple[str, ...] = ()
    used = [row for row in rows if row["used"]]
    left_out = Counter(name for row in rows if not row["used"] for name in row["fails"])
    counted = ", ".join(f"{name} ({number})" for name, number in left_out.items())
    if used and len(used) < len(rows):
        flags += (f"{len(rows) - len(used)} of {len(rows)} pulses left out: {counted}",)
    if not used:
        used = [
            row
            for row in rows
            if row["diffusion_time"] is not None and set(row["fails"]) <= set(gates)
        ]
        for row in used:
            row["used"] = True
        kept = f"mean over the {len(used)} with a diffusivity" if used else "D not defined"
        flags += (f"no pulse passes the gates: {counted}; {kept}",)
    else:
        kept_failing = Counter(name for row in used for name in row["fails"])
        flags += tuple(f"{name} at {n} of {len(used)} pulses" for name, n in kept_failing.items())
    noted = Counter(name for row in used for name in row["notes"])
    flags += tuple(
        next(text for row in used if name in row["notes"] for text in _note(row, name))
        + (f" ({number} pulses)" if number > 1 else "")
        for name, number in noted.items()
    )
    return used, flags


def _note(row: dict[str, Any], name: str) -> list[str]:
    return [row["flags"][len(row["fails"]) + row["notes"].index(name)]]


def ir_drop(
    rows: Sequence[dict[str, Any]],
    delay: float,
    dropped: tuple[str, ...],
    doubts: tuple[str, ...],
) -> Value:
    """Mean drop of the voltage ``delay`` [s] after the switch on."""
    mean, error = _mean(rows, "ir_drop_start")
    number = len(_known(rows, "ir_drop_start"))
    unclear = sum("IR not separated" in row["notes"] for row in rows)
    flags: tuple[str, ...] = ()
    if unclear:
        flags = (f"IR not separated at {unclear} of {len(rows)} pulses",)
    if mean is None:
        flags += ("no rest before a pulse",)
    if unclear < len(rows):
        flags += doubts
    return Value(
        "gitt_ir_drop",
        mean,
        "mV",
        error,
        method=f"{delay:g} s after the switch on, mean over {number} pulses",
        flags=flags + dropped,
    )


def _known(rows: Sequence[dict[str, Any]], name: str) -> NDArray[np.float64]:
    """The numbers of a column where there are any."""
    return np.array([row[name] for row in rows if row[name] is not None])


def _mean(
    rows: Sequence[dict[str, Any]], name: str, *, inverse: bool = False
) -> tuple[float | None, float | None]:
    """Arithmetic mean of a column, or of its inverse, and its standard uncertainty.

    That is from the scatter, Student's t folded in; of one pulse it is the pulse's own.
    """
    numbers = _known(rows, name)
    if inverse:
        numbers = 1 / numbers
    if len(numbers) == 0:
        return None, None
    mean = float(np.mean(numbers))
    if len(numbers) == 1:
        own = next(row[f"{name}_uncertainty"] for row in rows if row[name] is not None)
        return mean, own * mean**2 if inverse and own is not None else own
    error = float(np.std(numbers, ddof=1) / np.sqrt(len(numbers)))
    return mean, error * widening_95(len(numbers) - 1)


def _inverse(mean: float | None, error: float | None) -> tuple[float | None, float | None]:
    """One over a mean, with its uncertainty."""
    if mean is None:
        return None, None
    return 1 / mean, None if error is None else error / mean**2


def _common(doubts: Sequence[float]) -> float:
    """An uncertainty that all pulses share, so that no mean makes it smaller."""
    return float(np.mean(doubts)) if doubts else 0.0


def _joined(error: float | None, doubt: float, size: float | None) -> float | None:
    """A scatter's uncertainty with a shared one, relative to ``size``."""
    if doubt <= 0 or size is None:
        return error
    return float(np.hypot(error or 0.0, doubt * size))


def _over(what: Any, numbers: NDArray[np.float64]) -> float | None:
    return float(what(numbers)) if len(numbers) else None
