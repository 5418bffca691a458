"""Photoelectron regions of overlapping species with counting noise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, UnknownNameError
from solith.core.record import Record
from solith.core.spectra import join_spectra
from solith.virtual._given import number, whole
from solith.virtual.truth import made

__all__ = ["PhotoelectronLine", "simulate_photoelectrons"]

Array = NDArray[np.float64]

_ROOT = math.sqrt(4 * math.log(2))
_MOST_ROWS = 100_000


@dataclass(frozen=True)
class PhotoelectronLine:
    """A region: where its species stand, its doublet, and how the instrument shows it.

    ``positions`` [eV] of the stronger line of each species; ``splitting`` [eV] of the doublet and
    ``ratio`` of the weaker line's area over the stronger one's; ``width`` [eV] at half height,
    Lorentzian by ``mix``; ``window`` and ``spacing`` [eV]; ``floor`` [counts] under all, ``step``:
    what each line adds to the background on its side of high binding energy, over its area [1/eV].
    """

    region: str
    positions: Mapping[str, float]
    splitting: float = 0.0
    ratio: float = 0.0
    width: float = 1.1
    mix: float = 0.3
    window: tuple[float, float] = (156.0, 174.0)
    spacing: float = 0.05
    floor: float = 800.0
    step: float = 0.01

    def __post_init__(self) -> None:
        if not isinstance(self.positions, Mapping) or not self.positions:
            raise InputError("expected positions [eV] of species by name", where="positions")
        for name, position in self.positions.items():
            number(position, f"positions.{name}", low=0, high=1e4)
        for name in ("splitting", "ratio", "floor", "step"):
            number(getattr(self, name), name, low=0)
        number(self.mix, "mix", low=0, high=1)
        for name in ("width", "spacing"):
            number(getattr(self, name), name, low=1e-4, high=100)
        if not isinstance(self.window, (list, tuple)) or len(self.window) != 2:
            raise InputError(f"{self.window!r:.60} is no pair of energies [eV]", where="window")
        low, high = (number(end, "window", low=0, high=1e4) for end in self.window)
        if not 0 < (high - low) / self.spacing < _MOST_ROWS:
            raise InputError(f"{low:g} to {high:g} eV is no window for this spacing",
                             where="window")  # fmt: skip
        object.__setattr__(self, "window", (low, high))

    def expected(self, areas: Mapping[str, float]) -> tuple[Array, Array]:
        """Binding energies [eV] and expected counts for ``areas`` [counts eV] of the species.

        Gaussian and Lorentzian of one width added up, on a step each and on the floor.
        """
        from scipy.special import erf

        energy = np.arange(self.window[0], self.window[1], self.spacing)
        counts = np.full(len(energy), float(self.floor))
        share = 1 / (1 + self.ratio)
        for name, area in areas.items():
            if name not in self.positions:
                raise UnknownNameError.among("species", str(name), self.positions).inside("areas")
            area = number(area, f"areas.{name}", low=0, high=1e12)
            at = self.positions[name]
            for line, part in ((at, share), (at + self.splitting, self.ratio * share)):
                t = (energy - line) / self.width
                gauss = _ROOT / math.sqrt(math.pi) * np.exp(-((_ROOT * t) ** 2))
                lorentz = 2 / math.pi / (1 + 4 * t**2)
                below = (1 - self.mix) * (1 + erf(_ROOT * t)) / 2
                below += self.mix * (0.5 + np.arctan(2 * t) / math.pi)
                shape = ((1 - self.mix) * gauss + self.mix * lorentz) / self.width
                counts += area * part * (shape + self.step * below)
        return energy, counts


def simulate_photoelectrons(
    line: PhotoelectronLine,
    states: Mapping[str, Mapping[str, float]],
    *,
    shift: float = 0.0,
    seed: int = 0,
    name: str = "",
) -> Record:
    """Synthetic spectra of a region: states of one sample, in a record of kind "spectra".

    ``states`` by name ("fresh", "after 100 cycles") hold the areas [counts eV] of species; counts
    are drawn from a Poisson distribution. ``shift`` [eV] moves all energies, as charging does. The
    record's truth is ``NAME_fraction_N`` in state N (without the number where there is one).

    Raises :class:`InputError` for states without an area, and species without a position.
    """
    if not isinstance(states, Mapping) or not states:
        raise InputError("expected areas [counts eV] of species by state", where="states")
    drift = number(shift, "shift", low=-100, high=100)
    own = whole(seed, "seed")
    spectra: dict[str, Record] = {}
    truth: dict[str, tuple[float, str]] = {}
    for place, (state, areas) in enumerate(states.items(), start=1):
        if not isinstance(areas, Mapping) or not areas:
            raise InputError(f"{areas!r:.60} has no areas of species", where=f"states.{state}")
        energy, counts = line.expected(areas)
        total = sum(areas.values())
        if not total > 0:
            raise InputError("all areas are 0", where=f"states.{state}")
        ending = f"_{place}" if len(states) > 1 else ""
        truth |= {
            f"{one}_fraction{ending}": (areas.get(one, 0.0) / total, "") for one in line.positions
        }
        spectra[state] = _counted(line, energy + drift, counts, [own, place], state)
    record = join_spectra(spectra)
    parameters: dict[str, Any] = {
        "line": {**line.__dict__, "positions": dict(line.positions), "window": [*line.window]},
        "states": {state: dict(areas) for state, areas in states.items()},
        "shift": drift,
        "seed": own,
    }
    known = {key: {"value": value, "unit": unit} for key, (value, unit) in truth.items()}
    provenance = replace(record.provenance, parameters={"truth": known, "made_with": parameters})
    return replace(record, name=name or f"synthetic {line.region}", provenance=provenance)


def _counted(
    line: PhotoelectronLine, energy: Array, counts: Array, seed: list[int], state: str
) -> Record:
    drawn = np.random.default_rng(seed).poisson(counts).astype(float)
    return made(
        "spectrum",
        {"abscissa": energy, "intensity": drawn},
        by="simulate_photoelectrons",
        name=state,
        truth={},
        parameters={},
        attributes={
            "technique": "xps",
            "abscissa_quantity": "binding energy",
            "intensity_unit": "counts",
            "counts_per_intensity": 1.0,
            "region": line.region,
        },
    )
