"""Ranges that numbers of a stack are taken from, each with its source."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from solith.core.description import Description, choice, text
from solith.core.errors import InputError
from solith.core.quantities import to_si
from solith.design._paths import unit_at
from solith.design.stack import Stack

__all__ = ["Range", "read_ranges"]


def _as_written() -> Any:
    """A bound: text with a unit, or an SI number, whose unit is that of the place."""

    def convert(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise InputError(f"{value!r} is not a quantity")
        return value if isinstance(value, str) else float(value)

    return dataclasses.field(metadata={"convert": convert})


@dataclass(frozen=True)
class Range(Description):
    """Values from ``low`` to ``high`` at a place of a stack, such as "separator.thickness".

    Bounds are texts with a unit or, in Python, SI numbers. ``shape`` is "uniform", or "log-uniform"
    for what is known by its order of magnitude. ``source`` is a DOI, or says that the range is
    assumed.
    """

    path: str = text()
    low: str | float = _as_written()
    high: str | float = _as_written()
    source: str = text()
    shape: str = choice(("uniform", "log-uniform"), default="uniform", what="shape")

    @classmethod
    def from_mapping(cls, mapping: Any) -> Self:
        """The range written as plain data, where a bound has its unit."""
        if isinstance(mapping, Mapping):
            mapping = {
                key: repr(value) if key in ("low", "high") and _is_bare(value) else value
                for key, value in mapping.items()
            }
        return super().from_mapping(mapping)

    def check(self) -> None:
        """Refuse a range without a source."""
        if not self.source.strip():
            raise InputError("is empty; give a DOI, or say that it is assumed", where="source")

    def bounds(self, stack: Stack) -> tuple[float, float]:
        """Both bounds in SI; :class:`InputError` where the stack cannot have one of them."""
        unit = unit_at(stack, self.path)
        try:
            low, high = to_si(self.low, unit), to_si(self.high, unit)
        except InputError as error:
            raise error.inside(self.path) from None
        if not low < high:
            raise InputError(f"{self.low!r} must be below {self.high!r}", where=self.path)
        if self.shape == "log-uniform" and low <= 0:
            raise InputError(f"{self.low!r} has no logarithm; choose 'uniform'", where=self.path)
        for bound in (low, high):
            stack.with_value(self.path, bound)
        return low, high


def _is_bare(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def read_ranges(stack: Stack, ranges: Sequence[Range]) -> _Box:
    """The ranges as they apply to one stack."""
    if not ranges or not all(isinstance(one, Range) for one in ranges):
        raise InputError("give at least one solith.design.Range", where="ranges")
    paths = [one.path for one in ranges]
    twice = sorted({path for path in paths if paths.count(path) > 1})
    if twice:
        raise InputError(f"{', '.join(twice)} is given twice", where="ranges")
    bounds = [one.bounds(stack) for one in ranges]
    logarithmic = [one.shape == "log-uniform" for one in ranges]
    return _Box(tuple(paths), np.array(bounds), np.array(logarithmic))


@dataclass(frozen=True)
class _Box:
    """Paths, their bounds (paths x 2) and which of them are spread by their logarithm."""

    paths: tuple[str, ...]
    bounds: NDArray[np.float64]
    logarithmic: NDArray[np.bool_]

    def draw(self, samples: int, numbers: np.random.Generator) -> dict[str, NDArray[np.float64]]:
        """``samples`` of each path, by a Latin hypercube.

        One number in each of ``samples`` equal parts of every range: McKay, Beckman and Conover,
        10.1080/00401706.1979.10489755.
        """
        paths = len(self.paths)
        cells = numbers.permuted(np.tile(np.arange(samples), (paths, 1)), axis=1).T
        return self.values((cells + numbers.random((samples, paths))) / samples)

    def values(self, unit: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Samples by path, of numbers between 0 and 1 (samples x paths)."""
        found = {}
        for place, path in enumerate(self.paths):
            low, high = self.bounds[place]
            share = unit[:, place]
            if self.logarithmic[place]:
                found[path] = low * (high / low) ** share
            else:
                found[path] = low + (high - low) * share
        return found
