"""DSC and TG curves whose peaks and steps are known."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from solith.core.record import Record

__all__ = ["known_heat", "known_mass"]

Array = NDArray[np.float64]

RATE = 10 / 60
"""Heating rate [K/s] of every curve here."""


def known_heat(
    seed: int, noise: float, *, heat: float = 150e3, top: float = 290.0, width: float = 18.0
) -> Record:
    """W/g from 50 to 500 degC: an exothermic peak (up) of ``heat`` [J/kg] on a bent baseline.

    The peak is a Gaussian of full ``width`` [K]; ``noise`` [W/g] is white. The heat capacity rises
    by 0.02 W/g across the peak.
    """
    t = np.arange(50.0, 500.0, 0.2)
    sigma = width / 2.3548200450309493
    area = heat / 1000 * RATE
    shape = np.exp(-0.5 * ((t - top) / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))
    done = np.cumsum(shape) * 0.2
    base = 0.05 - 2e-4 * (t - 50) + 3e-7 * (t - 50) ** 2 - 0.02 * done
    y = base + area * shape + noise * np.random.default_rng(seed).standard_normal(len(t))
    return _record("dsc", t, y, "W/g", {"heating_rate_kelvin_per_second": RATE, "exothermic": "up"})


def known_mass(seed: int, noise: float) -> Record:
    """Per cent of mass: -4.2 at 120 degC, -18.5 at 310 degC, a drift of -0.1 over 600 K."""
    t = np.arange(30.0, 630.0, 0.25)
    y = 100 - 0.1 * (t - 30) / 600
    for change, at, wide in ((-4.2, 120.0, 9.0), (-18.5, 310.0, 12.0)):
        y = y + change / (1 + np.exp(-(t - at) / wide * 2))
    y = y + noise * np.random.default_rng(seed).standard_normal(len(t))
    return _record("tg", t, y, "percent", {})


def _record(technique: str, t: Array, y: Array, unit: str, more: dict[str, object]) -> Record:
    record = Record.from_arrays(
        "spectrum", abscissa=t, intensity=y, attributes={"technique": technique, **more}
    )
    record.data["abscissa"].attrs.update(units="degC", long_name="Temperature")
    record.data["intensity"].attrs.update(units=unit, long_name=technique.upper())
    return record
