"""How far the edge step of a scan depends on where and how its post-edge line is drawn."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from solith.analysis._xanes.normalisation import Normalisation
from solith.analysis._xanes.scan import Scan
from solith.core.errors import InputError

__all__ = ["RULE", "step_spread"]

RULE = "its changes with another post-edge line or two thirds of the range, in quadrature"
"""What :func:`step_spread` is, in words."""

_CUT = 1.0 / 3.0
_BY_NOISE = 3.0  # standard deviations within which a change is no more than noise


def step_spread(scan: Scan, how: Normalisation) -> float:
    """The standard uncertainty of the edge step from the choice of its line, over the step.

    The step is taken again, of the absorption less its pre-edge line, with the other ones of a
    constant and a linear post-edge line, and with the same line through the lower and the upper
    two thirds of its range. The changes in quadrature are the standard uncertainty; one within
    three standard deviations of the rows' noise is none. It is 0 where the absorption above the
    edge is the line that is fitted, and large where the range is short, or reaches into the tail
    of a white line. The rule is solith's own; ``validation/xanes.py`` says how often it holds for
    measured spectra.
    """
    lines = how.lines(scan.energy)
    own = lines.steps
    step = float(own @ scan.absorption)
    squares = 0.0
    for other in _others(how):
        try:
            other.require_rows(scan)
        except InputError:
            continue
        taken = other.lines(scan.energy).steps
        change = taken - lines.before.weights(taken) - own
        moved = abs(float(change @ scan.absorption))
        if moved > _BY_NOISE * float(np.linalg.norm(change * scan.scatter)):
            squares += moved**2
    return math.sqrt(squares) / step


def _others(how: Normalisation) -> Iterator[Normalisation]:
    low, high = how.post_edge
    cut = _CUT * (high - low)
    for law in ("constant", "linear"):
        if law != how.post_edge_law:
            yield replace(how, post_edge_law=law)
    yield replace(how, post_edge=(low, high - cut))
    yield replace(how, post_edge=(low + cut, high))
