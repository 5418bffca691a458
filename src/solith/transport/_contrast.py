"""What to do where some phases conduct too well beside the others for the solver to converge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import ConvergenceError
from solith.transport._network import Solution
from solith.transport._phase_tables import FaceTables

__all__ = ["Resolved", "solve_resolved"]

Array = NDArray[Any]

_LIMITS = (1000.0, 300.0)
"""Times its surroundings, at which an island is as good as an ideal conductor; tried in turn."""
_HARMLESS = 0.01
"""Change of the current by the limit that is told in a flag; beyond it there is no answer."""


@dataclass(frozen=True)
class Resolved:
    """A solution, the tables it stands on, and what was changed to come by it."""

    solution: Solution
    tables: FaceTables
    flags: tuple[str, ...]


def solve_resolved(
    conductivities: Array,
    tables_of: Callable[[Array], FaceTables],
    solve: Callable[[FaceTables], Solution],
    place: int,
) -> Resolved:
    """The solution; if it does not converge, that with the best conductors limited.

    Islands of a very good conductor (carbon in an insulating composite) each leave the solver a
    slow mode, yet what flows through them hardly depends on how well they conduct. They are then
    taken as 1000 (or 300) times as good as the best phase below the gap. How much that changes the
    current through direction ``place`` follows from a second solution, at a third of the limit: the
    current goes as a constant less a part in proportion to 1 / conductivity. Where that is more
    than 1 %, as for a good conductor that spans, the first :class:`ConvergenceError` stands.
    """
    tables = tables_of(conductivities)
    try:
        return Resolved(solve(tables), tables, ())
    except ConvergenceError as error:
        failed = error
    for limit in _limits(conductivities):
        tables = tables_of(np.minimum(conductivities, limit))
        try:
            solution = solve(tables)
            less = solve(tables_of(np.minimum(conductivities, limit / 3)))
        except ConvergenceError:
            continue
        return _judged(solution, less, tables, limit, place, failed)
    raise failed


def _judged(
    solution: Solution,
    less: Solution,
    tables: FaceTables,
    limit: float,
    place: int,
    failed: ConvergenceError,
) -> Resolved:
    current = float(solution.planes[place].mean())
    change = 0.5 * abs(1 - float(less.planes[place].mean()) / current)
    if change > _HARMLESS:
        raise ConvergenceError(
            f"{failed} (or, if they are not what matters, lower the conductivity of the best "
            f"conductors: at {limit:.3g} S/m it converges, with a current that still changes by "
            f"{100 * change:.2g} %)"
        )
    return Resolved(
        solution,
        tables,
        (
            f"conductivities above {limit:.3g} S/m are taken as {limit:.3g} S/m: the current "
            f"changes by about {100 * change:.1g} %",
        ),
    )


def _limits(conductivities: Array) -> list[float]:
    """Those of the best conductors above the highest gap between conductivities; none without."""
    levels = np.unique(conductivities[conductivities > 0])
    gaps = np.flatnonzero(levels[1:] > _LIMITS[-1] * levels[:-1])
    return [float(times * levels[gap]) for gap in gaps[-1:] for times in _LIMITS]
