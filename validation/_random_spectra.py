"""Random spectra of solid-state cells with known answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solith.analysis import parse_circuit
from solith.core.record import Record

__all__ = ["FREQUENCIES", "RandomSpectrum", "random_spectrum"]

FREQUENCIES = np.logspace(6, -1, 71)
"""Seven decades, ten points in each [Hz]."""


@dataclass(frozen=True)
class RandomSpectrum:
    """A spectrum, the circuit and the values (in its order) that made it."""

    circuit: str
    values: NDArray[np.float64]
    impedance: NDArray[np.complex128]

    @property
    def resistances(self) -> dict[str, float]:
        """R0, R1, ... [ohm]."""
        names = parse_circuit(self.circuit).parameter_names
        return {
            name: float(value)
            for name, value in zip(names, self.values, strict=True)
            if name.startswith("R")
        }

    @property
    def record(self) -> Record:
        """The spectrum as a record."""
        return Record.from_arrays(
            "impedance",
            frequency_hertz=FREQUENCIES,
            real_impedance_ohm=self.impedance.real,
            imaginary_impedance_ohm=self.impedance.imag,
        )


def random_spectrum(seed: int, *, noise: float = 1e-2, apart: float = 1.0) -> RandomSpectrum:
    """R0, two or three arcs R||CPE and a semi-infinite tail, with noise.

    R0 is 3 to 30 ohm, each R 10 to 200 ohm, apexes lie between 1 Hz and 0.5 MHz and ``apart``
    decades or more from each other, CPE exponents between 0.75 and 1; the tail's real part at the
    lowest frequency is 3 to 30 % of all resistance. The standard deviation of real and of
    imaginary part is ``noise`` times ``|Z|``.
    """
    draw = np.random.default_rng(seed)
    number = int(draw.integers(2, 4))
    series = 10 ** draw.uniform(0.5, 1.5)
    sizes = 10 ** draw.uniform(1.0, 2.3, number)
    while True:
        apexes = np.sort(draw.uniform(0.0, 5.7, number))[::-1]
        if np.all(-np.diff(apexes) > apart):
            break
    exponents = draw.uniform(0.75, 1.0, number)
    times = 1.0 / (2.0 * np.pi * 10**apexes)
    share = 10 ** draw.uniform(-1.5, -0.5)
    tail = (series + sizes.sum()) * share * np.sqrt(2.0 * np.pi * FREQUENCIES[-1])
    values = [series]
    for size, time, exponent in zip(sizes, times, exponents, strict=True):
        values += [size, time**exponent / size, exponent]
    arcs = "-".join(f"p(R{n},CPE{n})" for n in range(1, number + 1))
    text = f"R0-{arcs}-W{number + 1}"
    whole = np.array([*values, tail])
    exact = parse_circuit(text).impedance(FREQUENCIES, whole)
    scatter = draw.standard_normal((2, len(FREQUENCIES)))
    noisy = exact + noise * np.abs(exact) * (scatter[0] + 1j * scatter[1])
    return RandomSpectrum(text, whole, noisy)
