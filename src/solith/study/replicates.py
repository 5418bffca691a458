"""Replicate cells, drawn around a sample's cell; the summary of their results."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from solith.analysis.replicates import summarise_replicates as summarise
from solith.core.quantities import to_si

__all__ = ["Replicates", "summarise"]


@dataclass(frozen=True)
class Replicates:
    """``number`` cells whose numbers at the places of ``spread`` scatter.

    ``spread`` gives relative standard deviations as texts ("3 %"). ``seed`` begins the
    draws: the same seed gives the same cells.
    """

    number: int
    spread: Mapping[str, str]
    seed: int = 1

    def to_mapping(self) -> dict[str, Any]:
        """Plain data."""
        return {"number": self.number, "spread": dict(self.spread), "seed": self.seed}

    def factors(self, sample: str, replicate: int) -> tuple[tuple[str, float], ...]:
        """Place and factor of everything that scatters, for one replicate of a sample.

        A factor is 1 + s z with s the relative standard deviation and z from the normal
        distribution, of a generator of its own for every sample, replicate and place: more
        replicates or places leave the others' draws as they were.
        """
        return tuple(
            (place, 1 + to_si(written, "") * _draw(f"{self.seed}/{sample}/{replicate}/{place}"))
            for place, written in self.spread.items()
        )


def _draw(seed: str) -> float:
    # The standard library's generator gives the same numbers in every version.
    return random.Random(seed).gauss(0.0, 1.0)
