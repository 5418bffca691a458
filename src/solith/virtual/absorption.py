"""X-ray absorption near an edge, of species in known fractions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, UnknownNameError
from solith.core.record import Record
from solith.core.spectra import join_spectra
from solith.virtual._given import number, number_rows, whole
from solith.virtual.truth import made

__all__ = ["AbsorptionSpecies", "simulate_absorption", "simulate_absorption_series"]

Array = NDArray[np.float64]

_ENERGIES = ((2450.0, 2464.0, 1.0), (2464.0, 2486.0, 0.2), (2486.0, 2540.0, 1.0))
_MOST_ROWS = 100_000
_SUM = 1e-6


@dataclass(frozen=True)
class AbsorptionSpecies:
    r"""The absorption of one species, in edge steps.

    .. math::
        \mu(E) = \sum_i \frac{h_i}{2} \left(1 + \operatorname{erf}\frac{E - E_i}
        {\sqrt 2 w_i}\right) + \sum_k h_k \exp\left(-\frac{(E - E_k)^2}{2 w_k^2}\right)

    ``steps`` and ``lines`` are rows of position [eV], height [edge steps] and width [eV]; the
    heights of the steps add up to 1. The derivative of a step by itself has its maximum at its
    position.
    """

    steps: tuple[tuple[float, float, float], ...]
    lines: tuple[tuple[float, float, float], ...] = ()

    def __post_init__(self) -> None:
        for name in ("steps", "lines"):
            rows = number_rows(getattr(self, name), 3, name)
            if any(not row[2] > 0 for row in rows):
                raise InputError("a width [eV], the third number of a row, is above 0", where=name)
            object.__setattr__(self, name, rows)
        if abs(sum(row[1] for row in self.steps) - 1.0) > _SUM:
            raise InputError("the heights of the steps, the second of each row, add up to 1",
                             where="steps")  # fmt: skip

    @classmethod
    def from_mapping(cls, written: Mapping[str, Any]) -> AbsorptionSpecies:
        """The species that plain data with ``steps`` and ``lines`` describe."""
        if not isinstance(written, Mapping):
            raise InputError(f"{written!r:.60} is no table of steps and lines")
        for name in written:
            if name not in ("steps", "lines"):
                raise UnknownNameError.among("field", str(name), ("steps", "lines"))
        return cls(written.get("steps", ()), written.get("lines", ()))

    def absorption_at(self, energy: Array) -> Array:
        """The absorption [edge steps] at each energy [eV]."""
        from scipy.special import erf

        total = np.zeros(len(energy))
        for at, height, width in self.steps:
            total += 0.5 * height * (1 + erf((energy - at) / (math.sqrt(2) * width)))
        for at, height, width in self.lines:
            total += height * np.exp(-0.5 * ((energy - at) / width) ** 2)
        return total


def simulate_absorption(
    species: Mapping[str, AbsorptionSpecies],
    fractions: Mapping[str, float],
    *,
    noise: float = 0.003,
    energies: Sequence[Sequence[float]] = _ENERGIES,
    element: str = "S",
    edge: str = "K",
    seed: int = 0,
    name: str = "synthetic absorption",
) -> Record:
    """A synthetic spectrum of X-ray absorption: species in given fractions of the atoms.

    ``fractions`` add up to 1. ``noise`` is the standard deviation of a row in edge steps, on a
    falling line as an instrument adds; ``energies`` are ranges [eV] of first, last and step. The
    record's truth is ``NAME_fraction`` of each species.

    Raises :class:`InputError` for fractions that do not add up to 1 and numbers that cannot be.
    """
    return _spectrum(
        species, fractions, noise, _energies(energies), element, edge, whole(seed, "seed"), 0, name
    )


def simulate_absorption_series(
    species: Mapping[str, AbsorptionSpecies],
    fractions: Sequence[Mapping[str, float]],
    times: Sequence[float],
    *,
    noise: float = 0.003,
    energies: Sequence[Sequence[float]] = _ENERGIES,
    element: str = "S",
    edge: str = "K",
    seed: int = 0,
    name: str = "synthetic absorption",
) -> Record:
    """A synthetic series through the time of a cell: a record of kind "spectra".

    ``fractions`` of the species in each spectrum, ``times`` [s] on the clock of the cell. The
    record's truth is ``NAME_fraction_N`` of the species in spectrum N. Otherwise as
    :func:`simulate_absorption`.
    """
    if len(fractions) != len(times) or not len(times):
        raise InputError(f"{len(fractions)} spectra, but {len(times)} times", where="times")
    grid, own = _energies(energies), whole(seed, "seed")
    spectra = [
        _spectrum(species, row, noise, grid, element, edge, own, place, f"{name} {place}")
        for place, row in enumerate(fractions, start=1)
    ]
    joined = join_spectra(spectra, times=[number(time, "times", low=0) for time in times])
    truth = {
        f"{one}_fraction_{place}": {"value": float(row.get(one, 0.0)), "unit": ""}
        for place, row in enumerate(fractions, start=1)
        for one in species
    }
    first = joined.provenance
    series = {"fractions": [dict(row) for row in fractions], "times": [float(t) for t in times]}
    parameters = {"truth": truth, "made_with": {**first.parameters["made_with"], **series}}
    provenance = replace(
        first, method="synthetic: simulate_absorption_series", parameters=parameters
    )
    return replace(joined, name=name, provenance=provenance)


def _spectrum(
    species: Mapping[str, AbsorptionSpecies],
    fractions: Mapping[str, float],
    noise: float,
    energy: Array,
    element: str,
    edge: str,
    seed: int,
    place: int,
    name: str,
) -> Record:
    if not isinstance(species, Mapping) or not species:
        raise InputError("expected species by name", where="species")
    for one in fractions:
        if one not in species:
            raise UnknownNameError.among("species", str(one), species).inside("fractions")
    shares = {one: number(fractions.get(one, 0.0), f"fractions.{one}", low=0) for one in species}
    if abs(sum(shares.values()) - 1.0) > _SUM:
        raise InputError(f"{sum(shares.values()):g} is their sum; expected 1", where="fractions")
    spread = number(noise, "noise", low=0)
    absorption = sum(
        (share * species[one].absorption_at(energy) for one, share in shares.items()),
        np.zeros(len(energy)),
    )
    middle = 0.5 * (energy[0] + energy[-1])
    line = 0.4 - 1e-3 * (energy - middle)
    drawn = np.random.default_rng([seed, place]).normal(size=len(energy))
    return made(
        "spectrum",
        {"abscissa": energy, "intensity": 1.5 * (absorption + line + spread * drawn)},
        by="simulate_absorption",
        name=name,
        truth={f"{one}_fraction": (share, "") for one, share in shares.items()},
        parameters={
            "species": {
                one: {"steps": [*map(list, s.steps)], "lines": [*map(list, s.lines)]}
                for one, s in species.items()
            },
            "noise": spread,
            "seed": seed,
        },
        attributes={
            "technique": "xanes",
            "abscissa_quantity": "photon energy",
            "abscissa_unit": "eV",
            "element": element,
            "edge": edge,
            "energy_calibration": "synthetic: exact",
        },
    )


def _energies(given: Any) -> Array:
    parts = []
    for first, last, step in number_rows(given, 3, "energies"):
        if not (0 < first < last and 0 < step <= last - first):
            raise InputError(
                f"{first:g} to {last:g} eV in steps of {step:g} is no range", where="energies"
            )
        if (last - first) / step > _MOST_ROWS:
            raise InputError(f"steps of {step:g} eV are too many", where="energies")
        parts.append(np.arange(first, last - 1e-6 * step, step))
    if not parts:
        raise InputError("expected ranges of first, last and step [eV]", where="energies")
    return np.unique(np.concatenate(parts))
