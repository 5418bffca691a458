"""What targets say about parameters, and what they leave open, in numbers and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["AS_WIDE", "INSEPARABLE", "Knowledge", "find_knowledge", "principal_directions"]

Array = NDArray[np.float64]

INSEPARABLE = 0.98
"""The correlation from which two parameters cannot be told apart.

At 0.98 the uncertainty of each is 1 / sqrt(1 - 0.98 ** 2), five times what it would be if
the other were known: what is found is their common effect.
"""

AS_WIDE = 12**-0.5
"""A standard uncertainty, as a part of the range, from which targets determine nothing.

It is that of an even spread between the bounds, which needs no target.
"""

_SAME = 0.02
"""How far two effects must differ, both of length one, to be two.

Derivatives by differences are good to about a hundredth.
"""

_LARGEST = 1e3
"""The standard uncertainty, in ranges, at which what has no effect at all is put."""

_TAKES_PART = 0.5
"""The effect, in standard uncertainties of the targets, with which one belongs to a combination."""


@dataclass(frozen=True)
class Knowledge:
    """What a Jacobian tells of parameters scaled to a range of one.

    ``covariance`` and ``correlation`` hold zeros for the parameters ``held`` at a bound.
    ``flags`` has a tuple of sentences for each parameter. ``combinations`` tells of every
    singular direction, the best determined first: its ``standard_uncertainty`` as a part of
    the range, the ``parameters`` with their shares, whether it is ``determined``, in ``words``.
    """

    covariance: Array
    correlation: Array
    determined: tuple[bool, ...]
    flags: tuple[tuple[str, ...], ...]
    combinations: tuple[dict[str, Any], ...]


def find_knowledge(jacobian: Array, names: Sequence[str], held: Sequence[bool]) -> Knowledge:
    """What the targets determine, from residuals' derivatives in standard uncertainties.

    ``jacobian`` has a row for each residual and a column for each parameter. The covariance is
    the inverse of J^T J over the parameters that are not ``held``, from the singular values of
    J with its columns scaled to length one. Where such a value is below 0.02, effects are the
    same within the errors of derivatives, and the uncertainty along their difference is put at
    1000 ranges. A parameter without an effect of its own has the spread between its bounds.
    """
    size = len(names)
    free = [place for place in range(size) if not held[place]]
    idle = np.linalg.norm(jacobian, axis=0) * AS_WIDE < 1
    covariance, correlation = np.zeros((size, size)), np.zeros((size, size))
    combinations: list[dict[str, Any]] = []
    if free:
        inner = _covariance(jacobian[:, free], idle[free])
        covariance[np.ix_(free, free)] = inner
        widths = np.sqrt(np.diag(inner))
        correlation[np.ix_(free, free)] = np.clip(inner / np.outer(widths, widths), -1, 1)
        strengths = np.linalg.norm(jacobian[:, free], axis=0)
        combinations = [
            _combination([names[place] for place in free], direction, spread, strengths)
            for direction, spread in principal_directions(inner)
        ]
    deviations = np.sqrt(np.diag(covariance))
    flags = [
        _flags(place, names, idle, held, correlation, deviations, combinations)
        for place in range(size)
    ]
    determined = tuple(
        bool(not held[i] and not idle[i] and deviations[i] < AS_WIDE) for i in range(size)
    )
    return Knowledge(covariance, correlation, determined, tuple(flags), tuple(combinations))


def principal_directions(covariance: Array) -> list[tuple[Array, float]]:
    """Directions and standard uncertainties of a covariance, the best determined first."""
    variances, directions = np.linalg.eigh(covariance)
    return [
        (direction, float(np.sqrt(max(variance, 0.0))))
        for direction, variance in zip(directions.T, variances, strict=True)
    ]


def _covariance(jacobian: Array, idle: Any) -> Array:
    rows = np.vstack([jacobian, np.diag(np.where(idle, 1 / AS_WIDE, 0.0))])
    lengths = np.linalg.norm(rows, axis=0)
    _, values, directions = np.linalg.svd(rows / lengths, full_matrices=False)
    covariance = np.zeros((len(lengths), len(lengths)))
    for value, direction in zip(values, directions / lengths, strict=True):
        spread = _LARGEST / np.max(np.abs(direction)) if value < _SAME else 1 / value
        covariance += spread**2 * np.outer(direction, direction)
    return covariance


def _flags(
    place: int,
    names: Sequence[str],
    idle: Any,
    held: Sequence[bool],
    correlation: Array,
    deviations: Array,
    combinations: Sequence[dict[str, Any]],
) -> tuple[str, ...]:
    if held[place]:
        return ()
    if idle[place]:
        return ("not determined by these targets: they say no more than its bounds do",)
    flags = [
        f"cannot be told apart from {names[other]} (correlation {correlation[place, other]:.2f})"
        for other in range(len(names))
        if other != place and not idle[other] and abs(correlation[place, other]) > INSEPARABLE
    ]
    if not flags and deviations[place] >= AS_WIDE:
        partners = dict.fromkeys(
            name
            for combination in combinations
            if not combination["determined"] and names[place] in combination["parameters"]
            for name in combination["parameters"]
            if name != names[place]
        )
        flags.append(
            f"cannot be told apart from {' and '.join(partners)} together"
            if partners
            else "not determined by these targets: they say no more than its bounds do"
        )
    return tuple(flags)


def _combination(
    names: Sequence[str], direction: Array, spread: float, strengths: Array
) -> dict[str, Any]:
    largest = int(np.argmax(np.abs(direction)))
    shares = direction * np.sign(direction[largest])
    # What each parameter alone would do to the targets over the spread, or over the range.
    effects = min(spread, 1.0) * np.abs(shares) * strengths
    part = {
        name: float(f"{share:.3g}")
        for place, (name, share) in enumerate(zip(names, shares, strict=True))
        if place == largest or effects[place] > _TAKES_PART
    }
    determined = spread < 0.99 * AS_WIDE
    return {
        "standard_uncertainty": spread if spread < _LARGEST / 2 else None,
        "determined": determined,
        "parameters": part,
        "words": _words(part, determined),
    }


def _words(part: dict[str, float], determined: bool) -> str:
    rising = [name for name, share in part.items() if share > 0]
    falling = [name for name, share in part.items() if share < 0]
    if len(part) == 1:
        said = "is determined" if determined else "is not determined"
        return f"{rising[0]} {said}"
    together = f"{' and '.join(rising)} up" if falling else f"{' and '.join(rising)} up together"
    opposed = f" with {' and '.join(falling)} down" if falling else ""
    if determined:
        return f"{together}{opposed} shows in the targets"
    what = "product" if falling else "ratio"
    kept = f"; only what is like the {what} of the two is determined" if len(part) == 2 else ""
    return f"{together}{opposed} leaves the targets as they are{kept}"
