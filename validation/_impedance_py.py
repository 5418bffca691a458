"""Fits a batch of spectra with impedance.py: run by the interpreter that has it.

python _impedance_py.py INPUT.json OUTPUT.json
"""

from __future__ import annotations

import json
import sys
import time
import warnings

import numpy as np
from impedance.models.circuits import CustomCircuit  # type: ignore[import-not-found]


def main(source: str, target: str) -> None:
    warnings.simplefilter("ignore")
    with open(source, encoding="utf-8") as stream:
        batch = json.load(stream)
    frequency = np.array(batch["frequency"])
    results = []
    for item in batch["spectra"]:
        impedance = np.array(item["real"]) + 1j * np.array(item["imaginary"])
        start = time.process_time()
        try:
            circuit = CustomCircuit(
                item["circuit"], initial_guess=guess(frequency, impedance, item)
            )
            circuit.fit(frequency, impedance, weight_by_modulus=True)
            values = circuit.parameters_.tolist()
        except Exception as error:
            values = str(error)
        results.append({"values": values, "seconds": time.process_time() - start})
    with open(target, "w", encoding="utf-8") as stream:
        json.dump(results, stream)


def guess(frequency: np.ndarray, impedance: np.ndarray, item: dict) -> list[float]:
    """What a careful user reads off the plot: the span shared out, apexes evenly in decades."""
    number = item["circuit"].count("CPE")
    series = float(impedance.real.min())
    size = (float(impedance.real.max()) - series) / number
    apexes = np.logspace(np.log10(frequency[0]), np.log10(frequency[-1]), number + 2)[1:-1]
    values = [series]
    for apex in apexes:
        values += [size, (1 / (2 * np.pi * apex)) ** 0.9 / size, 0.9]
    values.append(abs(impedance[-1].imag) * np.sqrt(2 * np.pi * frequency[-1]))
    return values


if __name__ == "__main__":
    main(*sys.argv[1:3])
