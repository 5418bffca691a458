"""What figures of current against voltage share: the scale of currents, results by record."""

from __future__ import annotations

from collections.abc import Mapping

from solith.core.errors import InputError
from solith.core.record import Record
from solith.core.result import Result
from solith.figures._style import named_results

__all__ = ["current_scale", "results_of"]

_STEPS = ((1.0, "A"), (1e-3, "mA"), (1e-6, "µA"), (1e-9, "nA"))


def current_scale(largest: float) -> tuple[float, str]:
    """What currents up to ``largest`` [A] are divided by, and the unit they then have."""
    return next((step for step in _STEPS if largest >= step[0]), _STEPS[-1])


def results_of(
    records: Mapping[str, Record], results: Result | Mapping[str, Result] | None
) -> Mapping[str, Result]:
    """The results under the names of their records; one alone belongs to one record."""
    if results is None:
        return {}
    if isinstance(results, Result) and len(records) != 1:
        raise InputError(f"a result belongs to one record; {len(records)} are given")
    given = named_results(results, next(iter(records)))
    unknown = sorted(set(given) - set(records))
    if unknown:
        raise InputError(
            f"results of {', '.join(unknown)} belong to no record; there are: {', '.join(records)}"
        )
    return given
