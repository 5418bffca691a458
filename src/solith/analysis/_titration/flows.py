"""What earlier flows of current left in a body, at a cost that does not grow with their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solith.analysis._titration.sphere import EARLY, Shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solith.analysis._titration.trace import Trace

__all__ = ["Flows", "Remains"]

_NODES = 48
"""Times at which what earlier flows left is evaluated; a cubic spline lies between."""

_DEAD = 30.0
"""Times the slowest decay after which a flow has spread: what is left of it is below 1e-13."""


@dataclass(frozen=True)
class Flows:
    """Flows of current in order of time, from ``starts`` to ``ends`` [s]; shapes (n,).

    ``charges`` [C] have the currents' signs.
    """

    starts: NDArray[np.float64]
    ends: NDArray[np.float64]
    charges: NDArray[np.float64]

    @classmethod
    def of(cls, traces: Sequence[Trace]) -> Flows:
        flowing = [trace for trace in traces if trace.duration > 0]
        return cls(
            np.array([trace.start for trace in flowing]),
            np.array([trace.end for trace in flowing]),
            np.array([trace.pulse.direction * trace.charge for trace in flowing]),
        )


class Remains:
    """What the flows before ``start`` have still to spread in a body, at ``times`` after it.

    Beside the lithium of a charge ``own`` [C], so that 1 is the rise of the surface where that
    has spread. A flow is one of three: too long ago to count (by 1e-13), so long ago that the
    body's first modes describe what is left, all flows together, or young: few, and evaluated
    one by one.
    """

    def __init__(
        self, flows: Flows, start: float, own: float, times: NDArray[np.float64], shape: Shape
    ) -> None:
        earlier = slice(0, int(np.searchsorted(flows.ends, start, side="right")))
        self.shape = shape
        self.starts, self.ends = flows.starts[earlier] - start, flows.ends[earlier] - start
        self.parts = flows.charges[earlier] / own
        self.size = len(times)
        if len(self.parts):
            last = float(self.ends[-1])
            span = times[[0, -1]] - last
            self.nodes = last + np.geomspace(max(span[0], 1e-9 * span[1]), span[1], _NODES)
            self.between = _between(self.nodes, times)

    def left(self, scales: NDArray[np.float64]) -> NDArray[np.float64]:
        """At each of the times (columns), for each L^2 / D of ``scales`` [s] (rows)."""
        if not len(self.parts):
            return np.zeros((len(scales), self.size))
        return np.stack([self._at_nodes(float(scale)) for scale in scales]) @ self.between

    def _at_nodes(self, scale: float) -> NDArray[np.float64]:
        first, rates = self.nodes[0], self.shape.rates
        edges = first - scale * np.array([_DEAD / rates[0], EARLY])
        alive, young = np.searchsorted(self.ends, edges, side="right")
        left = np.zeros(_NODES)
        if young > alive:
            old = slice(alive, young)
            lengths = self.ends[old] - self.starts[old]
            since = np.exp(np.multiply.outer(self.ends[old] - first, rates / scale))
            stirred = -since * np.expm1(-np.multiply.outer(lengths, rates / scale))
            by_mode = (self.parts[old] / lengths) @ stirred
            by_mode *= 2 * scale / (self.shape.inverse_length * rates)
            left += np.exp(-np.multiply.outer(self.nodes - first, rates / scale)) @ by_mode
        if young < len(self.ends):
            starts, ends = self.starts[young:], self.ends[young:]
            since, until = (self.nodes[:, None] - edge for edge in (starts, ends))
            risen = self.shape.rise(since / scale) - self.shape.rise(until / scale)
            risen *= scale / (self.shape.inverse_length * (ends - starts))
            left += (risen - 1) @ self.parts[young:]
        return left


def _between(nodes: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weight of each node (rows) in the cubic spline's value at each time (columns)."""
    from scipy.interpolate import CubicSpline

    weights: NDArray[np.float64] = CubicSpline(nodes, np.eye(len(nodes)))(times).T
    return weights
