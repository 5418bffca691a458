"""Spectra with known arcs and known faults."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.analysis._impedance.linear_consistency import LinearFit
from solith.analysis._impedance.relaxation import relaxation_columns, stacked, time_constants
from solith.analysis._impedance.spectrum import Spectrum
from solith.core.record import Record

__all__ = [
    "Arcs",
    "as_record",
    "blocking_pellet",
    "drifting_cell",
    "exact_arcs",
    "mu_number",
    "random_arcs",
    "three_arcs",
]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

_MU = 0.85  # Schoenleber's bound
_MOST = 50


@dataclass(frozen=True)
class Arcs:
    """Depressed arcs in series, from the fastest on."""

    frequency: Array
    impedance: Complex
    resistances: Array
    times: Array


def as_record(frequency: Array, impedance: Complex) -> Record:
    """The spectrum as a record."""
    return Record.from_arrays(
        "impedance",
        frequency_hertz=frequency,
        real_impedance_ohm=impedance.real,
        imaginary_impedance_ohm=impedance.imag,
    )


def random_arcs(seed: int, *, noise: float) -> Arcs:
    """Two or three arcs of 10 to 200 ohm, a decade or more apart, 1 Hz to 0.1 MHz."""
    draw = np.random.default_rng(seed)
    number = int(draw.integers(2, 4))
    sizes = 10 ** draw.uniform(1.0, 2.3, number)
    while True:
        apexes = np.sort(draw.uniform(0.0, 5.0, number))[::-1]
        if np.all(-np.diff(apexes) > 1.0):
            break
    exponents = draw.uniform(0.75, 1.0, number)
    series = 10 ** draw.uniform(0.5, 1.5)
    return _arcs(series, sizes, 10**apexes, exponents, noise, draw)


def exact_arcs(number: int, noise: float, seed: int) -> Arcs:
    """Arcs of 100 ohm, exponent 0.9, exactly a decade apart from 10 kHz down."""
    apexes = 10.0 ** (4 - np.arange(number))
    whole = np.full(number, 100.0)
    draw = np.random.default_rng(seed)
    return _arcs(10.0, whole, apexes, np.full(number, 0.9), noise, draw)


def three_arcs(seed: int, *, noise: float, inside: bool) -> Arcs:
    """Arcs of 50, 100 and 200 ohm in any order behind 20 ohm, exponents 0.75 to 1.

    ``inside``, their apexes are near 30 kHz, 300 Hz and 5 Hz, else anywhere from 1 Hz to 0.1 MHz
    and a decade or more apart.
    """
    draw = np.random.default_rng(seed)
    while True:
        apexes = np.sort(draw.uniform(0.0, 5.0, 3))[::-1]
        if inside:
            apexes = np.array([4.5, 2.5, 0.7]) + draw.uniform(-0.3, 0.3, 3)
        if np.all(-np.diff(apexes) > 1.0):
            break
    sizes, exponents = draw.permutation([50.0, 100.0, 200.0]), draw.uniform(0.75, 1.0, 3)
    return _arcs(20.0, sizes, 10**apexes, exponents, noise, draw)


def _arcs(
    series: float,
    sizes: Array,
    apexes: Array,
    exponents: Array,
    noise: float,
    draw: np.random.Generator,
) -> Arcs:
    frequency = np.logspace(6, -1, 71)
    relative = 1j * frequency[:, None] / apexes
    impedance = series + np.sum(sizes / (1 + relative**exponents), axis=1)
    return Arcs(frequency, _noisy(impedance, noise, draw), sizes, 1 / (2 * np.pi * apexes))


def drifting_cell(seed: int, *, growth: float, noise: float) -> tuple[Array, Complex, float]:
    """Three arcs, 1 MHz to 10 mHz, the slowest of which grows by ``growth`` as time goes by.

    A point takes three periods and 0.2 s. The last item is the largest change of |Z| in noise.
    """
    draw = np.random.default_rng(seed)
    frequency = np.logspace(6, -2, 81)
    sizes = 10 ** draw.uniform(1, 2.3, 3)
    apexes = 10 ** np.array([draw.uniform(4.5, 5.5), draw.uniform(2, 3.5), draw.uniform(-0.5, 1.5)])
    exponents = draw.uniform(0.75, 1, 3)
    passed = np.cumsum(3 / frequency + 0.2)
    arcs = sizes / (1 + (1j * frequency[:, None] / apexes) ** exponents)
    steady = 5 + arcs.sum(axis=1)
    grown = steady + growth * passed / passed[-1] * arcs[:, 2]
    moved = float(np.max(np.abs(grown - steady) / np.abs(steady)))
    return frequency, _noisy(grown, noise, draw), moved / noise if noise else 0.0


def blocking_pellet(seed: int, *, noise: float) -> tuple[Array, Complex]:
    """A pellet's arc between blocking electrodes, a CPE that goes on without end."""
    draw = np.random.default_rng(seed)
    frequency = np.logspace(6.8, -1, 79)
    size = 10 ** draw.uniform(2, 4)
    arc = size / (1 + (1j * frequency / 10 ** draw.uniform(5, 6.5)) ** draw.uniform(0.8, 1))
    decades, exponent = draw.uniform(-5, -3), draw.uniform(0.8, 0.95)
    electrode = 0.01 * size / (2j * np.pi * frequency * 10**decades) ** exponent
    return frequency, _noisy(0.1 * size + arc + electrode, noise, draw)


def mu_number(spectrum: Spectrum) -> LinearFit:
    """The linear test with Schoenleber's number of elements, time constants within the range."""
    w, modulus = spectrum.angular_frequency, np.abs(spectrum.impedance)
    target = stacked(spectrum.impedance, modulus)
    for number in range(3, _MOST + 1):
        tau = time_constants(w, number, faster=0.0, slower=0.0)
        columns = stacked(relaxation_columns(w, tau), modulus)
        lengths = np.linalg.norm(columns, axis=0)
        found = np.linalg.lstsq(columns / lengths, target, rcond=None)[0] / lengths
        sizes = found[3:]
        mu = 1 - np.abs(sizes[sizes < 0]).sum() / max(sizes[sizes >= 0].sum(), 1e-300)
        if mu < _MU:
            break
    basis = np.linalg.qr(columns / lengths)[0]
    return LinearFit(basis, target - basis @ (basis.T @ target), number, np.empty(0))


def _noisy(impedance: Complex, noise: float, draw: np.random.Generator) -> Complex:
    scatter = draw.standard_normal((2, impedance.size))
    return impedance + noise * np.abs(impedance) * (scatter[0] + 1j * scatter[1])
