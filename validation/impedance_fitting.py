"""The guess-free fit on 500 random spectra, beside impedance.py in the same run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from solith.analysis import fit_impedance, parse_circuit
from solith.analysis._impedance.circuit_fit import CircuitFit, fit_from
from solith.analysis._impedance.spectrum import Spectrum
from solith.core.result import Result
from validation._random_spectra import FREQUENCIES, RandomSpectrum, random_spectrum
from validation.marks import Mark, finish

_SPECTRA = 500
_TURN = 50
_WITHIN = 0.2
_FLOOR = 1.1  # times the residual of the fit that starts at the truth


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    spectra = [random_spectrum(seed) for seed in range(_SPECTRA)]
    fit_impedance(spectra[0].record)
    results: list[Result] = []
    ours: list[float] = []
    peers: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        python = _peer_environment(Path(folder))
        # In turns, so that both are timed on the machine as it is at that time.
        for first in range(0, _SPECTRA, _TURN):
            turn = spectra[first : first + _TURN]
            for spectrum in turn:
                start = time.process_time()
                results.append(fit_impedance(spectrum.record))
                ours.append(time.process_time() - start)
            if python is not None:
                peers += _peer(python, Path(folder), turn)
    yield from _success(spectra, results, "arcs a decade apart")
    median = 1e3 * float(np.median(ours))
    yield Mark(
        f"time a spectrum, median of {_SPECTRA} (processor time, one core)",
        f"{median:.1f} ms (95 %: {1e3 * np.percentile(ours, 95):.1f} ms)",
        "at most 50 ms",
        median <= 50,
    )
    yield from _beside_peer(spectra, results, median, peers)
    crowded = [random_spectrum(seed, apart=0.0) for seed in range(_SPECTRA)]
    yield from _success(
        crowded, [fit_impedance(spectrum.record) for spectrum in crowded], "arcs anywhere"
    )


def _success(spectra: list[RandomSpectrum], results: list[Result], which: str) -> Iterator[Mark]:
    known = found = reached = inside = counted = same = 0
    for spectrum, result in zip(spectra, results, strict=True):
        truth = _from_truth(spectrum)
        reached += result["residual"].value <= _FLOOR * truth.residual * 100
        names = list(spectrum.resistances)
        values = dict(zip(truth.circuit.parameter_names, truth.values, strict=True))
        if _near(spectrum, values):
            known += 1
            found += _near(spectrum, {value.quantity: value.value for value in result})
        if result.details["circuit"] == spectrum.circuit:
            same += 1
            for name in names:
                if name in result.details["intervals_95"]:
                    low, high = result.details["intervals_95"][name]
                    inside += low <= spectrum.resistances[name] <= high
                    counted += 1
    count = len(spectra)
    yield Mark(
        f"{which}: residual within 10 % of the fit from the truth",
        f"{100 * reached / count:.1f} % of {count}",
        "at least 99 %",
        reached >= 0.99 * count,
    )
    yield Mark(
        f"{which}: all resistances within 20 %, where the fit from the truth has them ({known})",
        f"{100 * found / known:.1f} %",
        "at least 98 %",
        found >= 0.98 * known,
    )
    share = 100 * inside / counted
    yield Mark(
        f"{which}: 95 % intervals of resistances hold the truth, where the circuit found is "
        f"the one that made the spectrum ({same})",
        f"{share:.1f} % of {counted}",
        "92 to 98 %",
        92 <= share <= 98,
    )


def _from_truth(spectrum: RandomSpectrum) -> CircuitFit:
    return fit_from(
        parse_circuit(spectrum.circuit),
        Spectrum(FREQUENCIES, spectrum.impedance),
        spectrum.values,
    )


def _near(spectrum: RandomSpectrum, values: dict[str, Any]) -> bool:
    """Whether there are these resistances, no more, and all are near the truth."""
    wanted = spectrum.resistances
    if f"R{len(wanted)}" in values:
        return False
    return all(
        name in values and abs(values[name] / true - 1) < _WITHIN for name, true in wanted.items()
    )


def _beside_peer(
    spectra: list[RandomSpectrum],
    results: list[Result],
    median: float,
    fits: list[dict[str, Any]],
) -> Iterator[Mark]:
    if not fits:
        yield Mark("beside impedance.py", "could not be installed here", "at least 15 times", False)
        return
    known = ours = theirs = 0
    for spectrum, result, fit in zip(spectra, results, fits, strict=True):
        truth = _from_truth(spectrum)
        values = dict(zip(truth.circuit.parameter_names, truth.values, strict=True))
        if not _near(spectrum, values):
            continue
        known += 1
        ours += _near(spectrum, {value.quantity: value.value for value in result})
        theirs += not isinstance(fit["values"], str) and _near(spectrum, _ordered(spectrum, fit))
    slow = 1e3 * float(np.median([fit["seconds"] for fit in fits]))
    yield Mark(
        "times as fast as impedance.py, which is told the circuit and given a guess",
        f"{slow / median:.0f} times ({median:.1f} and {slow:.0f} ms)",
        "at least 15 times",
        slow >= 15 * median,
    )
    yield Mark(
        "all resistances within 20 %: solith, without circuit or guess, and impedance.py with both",
        f"{100 * ours / known:.1f} % and {100 * theirs / known:.1f} %",
        "well ahead",
        ours > 1.1 * theirs,
    )


def _ordered(spectrum: RandomSpectrum, fit: dict[str, Any]) -> dict[str, Any]:
    """The peer's resistances with its arcs put in order of rising time constant."""
    values = np.array(fit["values"])
    arcs = values[1:-1].reshape(-1, 3)
    with np.errstate(all="ignore"):
        times = (arcs[:, 0] * arcs[:, 1]) ** (1 / arcs[:, 2])
    ordered = arcs[np.argsort(times)]
    return {"R0": values[0]} | {f"R{n + 1}": arc[0] for n, arc in enumerate(ordered)}


def _peer_environment(folder: Path) -> Path | None:
    """The interpreter of an environment with impedance.py, which needs numpy before 2."""
    python = folder / "venv" / "bin" / "python"
    steps = [
        [sys.executable, "-m", "venv", str(folder / "venv")],
        [str(python), "-m", "pip", "install", "-q", "impedance", "numpy<2", "pandas"],
    ]
    failed = any(subprocess.run(step, capture_output=True).returncode for step in steps)
    return None if failed else python


def _peer(python: Path, folder: Path, spectra: list[RandomSpectrum]) -> list[dict[str, Any]]:
    """What impedance.py makes of the spectra."""
    batch = {
        "frequency": FREQUENCIES.tolist(),
        "spectra": [
            {
                "circuit": spectrum.circuit,
                "real": spectrum.impedance.real.tolist(),
                "imaginary": spectrum.impedance.imag.tolist(),
            }
            for spectrum in spectra
        ],
    }
    source, target = folder / "in.json", folder / "out.json"
    source.write_text(json.dumps(batch))
    script = Path(__file__).with_name("_impedance_py.py")
    subprocess.run([str(python), str(script), str(source), str(target)], check=True)
    fits: list[dict[str, Any]] = json.loads(target.read_text())
    return fits


if __name__ == "__main__":
    finish(marks())
