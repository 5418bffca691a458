"""What a figure of interphases draws: samples with their numbers ready, and the rows' scales."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from plotly.colors import sample_colorscale

from solith.core.errors import InputError
from solith.core.given import require_record, require_result
from solith.core.intervals import NORMAL_95
from solith.core.record import Record
from solith.core.result import Result

__all__ = ["Drawn", "InterphaseSample", "Shared"]

Array = NDArray[np.float64]

_CHARGE = "Cividis"
_CLIP = 99.7


@dataclass(frozen=True)
class InterphaseSample:
    """What is known of one sample.

    ``cycling`` is the cell's record, ``series`` the result of
    :func:`solith.analysis.analyse_xanes_series` that was joined with it. ``fractions`` are those of
    a ``species`` in each spectrum with their standard uncertainties [1], ``put_in`` what a
    synthetic series was made with. ``impedances`` are rows of charge [mAh/g], spectrum and
    interfacial resistance [ohm] (or ``None``); ``regions`` results of
    :func:`solith.analysis.fit_xps` by region.
    """

    cycling: Record
    series: Result
    species: str = ""
    fractions: tuple[tuple[float, float], ...] = ()
    put_in: tuple[float, ...] = ()
    impedances: tuple[tuple[float, Record, float | None], ...] = ()
    regions: Mapping[str, Result] = field(default_factory=dict)

    @property
    def resistances(self) -> list[tuple[float, float]]:
        """Charge [mAh/g] and interfacial resistance [ohm], where it is known, by charge."""
        known = [(charge, ohm) for charge, _, ohm in self.impedances if ohm is not None and ohm > 0]
        return sorted(known)


@dataclass(frozen=True)
class Drawn:
    """A sample with its numbers ready: charge [mAh/g] and voltage, charges of the spectra."""

    given: InterphaseSample
    charge: Array
    voltage: Array
    at: Array

    @classmethod
    def of(cls, name: str, sample: Any) -> Drawn:
        if not isinstance(sample, InterphaseSample):
            raise InputError(f"expected an InterphaseSample, not {type(sample).__name__}",
                             where=name)  # fmt: skip
        require_record(sample.cycling)
        require_result(sample.series)
        details = sample.series.details
        if "derivative_difference" not in details or "charge_mah" not in details:
            raise InputError(
                "is no series of absorption that was joined with the cell's record", where=name
            )
        mass = sample.cycling.data.attrs.get("active_mass_kg")
        if not mass:
            raise InputError("the cell's record does not tell its active mass", where=name)
        grams = 1e3 * float(mass)
        time, current, voltage = (
            sample.cycling.array(key)
            for key in ("test_time_second", "current_ampere", "voltage_volt")
        )
        passed = np.concatenate(
            [[0.0], np.cumsum(np.diff(time) * 0.5 * (current[1:] + current[:-1]))]
        )
        stops = np.flatnonzero(current <= 0)
        stops = stops[stops > np.argmax(current > 0)]
        last = int(stops[0]) if len(stops) else len(time)
        charge = passed[:last] / 3.6 / grams
        at = np.array(details["charge_mah"], dtype=float) / grams
        return cls(sample, charge, voltage[:last], at)

    @property
    def colours(self) -> list[str]:
        """Those of the spectra, by charge."""
        return self.colours_at(self.at)

    def colours_at(self, charges: Any) -> list[str]:
        """Colours by charge, from the first spectrum's to the last's."""
        low, high = float(np.nanmin(self.at)), float(np.nanmax(self.at))
        share = (np.asarray(charges, dtype=float) - low) / (high - low or 1.0)
        found: list[str] = sample_colorscale(_CHARGE, np.nan_to_num(share).clip(0, 1).tolist())
        return found

    def has(self, key: str) -> bool:
        """Whether there is anything to draw in this row."""
        if key == "spectra":
            return "spectra" in self.given.series.details
        if key == "impedance":
            return bool(self.given.impedances)
        if key == "growth":
            return bool(self.given.fractions or self.given.resistances)
        if key == "photoelectrons":
            return bool(self.given.regions)
        return True

    def products(self) -> list[tuple[str, str, list[tuple[float, float, float | None]]]]:
        """Region, component and (fraction, uncertainty, put in) of the first and last state.

        The component that is largest at first is left out: it is what all others come from.
        """
        found = []
        for region, result in self.given.regions.items():
            count = len(result.details["curves"])
            ends = [""] if count == 1 else ["_1", f"_{count}"]
            names = [str(one) for one in result.details["components"]]
            first = {name: result[f"{name}_fraction{ends[0]}"].value or 0.0 for name in names}
            host = max(first, key=lambda one: first[one])
            known = result.details.get("truth", {})
            for name in names:
                if name == host:
                    continue
                states = []
                for end in ends:
                    value = result[f"{name}_fraction{end}"]
                    put_in = known.get(f"{name}_fraction{end}", {}).get("value")
                    states.append((value.value or 0.0, value.uncertainty or 0.0, put_in))
                found.append((region, name.replace("_", " "), states))
        return found


@dataclass(frozen=True)
class Shared:
    """The scale of a row, the same for all samples."""

    low: float = 0.0
    high: float = 1.0
    resistances: tuple[float, float] = (1.0, 10.0)

    @classmethod
    def of(cls, key: str, drawn: Sequence[Drawn]) -> Shared:
        with_row = [one for one in drawn if one.has(key)]
        if key == "voltage":
            values = np.concatenate([one.voltage for one in with_row])
            margin = 0.06 * float(np.ptp(values))
            return cls(float(values.min()) - margin, float(values.max()) + margin)
        if key == "spectra":
            top = max(
                float(np.max(row)) for one in with_row
                for row in one.given.series.details["spectra"]["normalised"]
            )  # fmt: skip
            return cls(-0.1, 1.08 * top)
        if key == "map":
            values = np.concatenate(
                [np.abs(one.given.series.details["derivative_difference"]).ravel()
                 for one in with_row]
            )  # fmt: skip
            return cls(high=float(np.percentile(values, _CLIP)) or 1.0)
        if key == "growth":
            ends = [
                100 * (value + sign * NORMAL_95 * spread)
                for one in with_row
                for value, spread in one.given.fractions
                for sign in (-1, 1)
            ]
            low, high = min([0.0, *ends]), max([1.0, *ends])
            margin = 0.08 * (high - low)
            ohms = [ohm for one in with_row for _, ohm in one.given.resistances if ohm > 0]
            span = (min(ohms) / 2, max(ohms) * 2) if ohms else (1.0, 10.0)
            return cls(low - margin, high + margin, span)
        tops = [
            100 * (value + NORMAL_95 * spread)
            for one in with_row
            for *_, states in one.products()
            for value, spread, _ in states
        ]
        return cls(0.0, 1.3 * max(tops, default=1.0))
