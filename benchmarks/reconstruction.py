"""Filtered back-projection of one slice, beside scikit-image's iradon.

    python -m benchmarks.reconstruction

The phantom of ``validation/reconstruction.py``, 1024 columns and 1800 projections, exact and with
noise; both with the Shepp-Logan filter and the axis in the detector's middle. Error: root mean
square of what grey values differ inside the phases, three pixels from their edges, with that of the
electrolyte being 1. Loading and compiling are done before the clock starts. The peer runs in an
environment of
its own:

    python -m venv peers && peers/bin/pip install scikit-image
    SOLITH_PEERS=peers/bin/python python -m benchmarks.reconstruction
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["compare"]

WIDTH, ANGLES = 1024, 1800
RUNS = 3

_PEER = """
import sys, time
import numpy as np
from skimage.transform import iradon
sinogram = np.load(sys.argv[1]).astype(np.float64)
degrees = np.arange(len(sinogram)) * (180.0 / len(sinogram))
given = sinogram.T
iradon(given[:, :20], degrees[:20], filter_name="shepp-logan")
start, worked = time.perf_counter(), time.process_time()
image = iradon(given, degrees, filter_name="shepp-logan", circle=True)
print(time.perf_counter() - start, time.process_time() - worked)
np.save(sys.argv[2], image)
"""


def compare() -> list[dict[str, Any]]:
    """Rows: program, sinogram, seconds by the clock and of the processors, error."""
    from validation._scanned_phantom import disc_phantom
    from validation.reconstruction import measured

    phantom = disc_phantom(WIDTH)
    degrees = np.arange(ANGLES) * (180.0 / ANGLES)
    rows = []
    for program, centre in (("solith", (WIDTH - 1) / 2), ("scikit-image", WIDTH / 2)):
        exact = phantom.sinogram(degrees, centre)
        for what in ("exact", "noise"):
            sinogram = exact if what == "exact" else measured(exact, 0, stripes=False)
            if program == "solith":
                image, seconds, processor = _own(sinogram)
            elif "SOLITH_PEERS" in os.environ:
                image, seconds, processor = _peer(sinogram)
            else:
                continue
            rows.append(
                {
                    "program": program,
                    "sinogram": what,
                    "seconds": seconds,
                    "processor": processor,
                    "error": _error(image / phantom.scale, phantom.slice(), program),
                }
            )
    return rows


def _own(sinogram: NDArray[Any]) -> tuple[NDArray[Any], float, float]:
    from solith.structure import reconstruct_slice

    centre = (WIDTH - 1) / 2
    reconstruct_slice(sinogram[:20], centre=centre)
    best = (np.inf, np.inf)
    for _ in range(RUNS):
        start, worked = time.perf_counter(), time.process_time()
        image = reconstruct_slice(sinogram, centre=centre)
        best = min(best, (time.perf_counter() - start, time.process_time() - worked))
    return image, *best


def _peer(sinogram: NDArray[Any]) -> tuple[NDArray[Any], float, float]:
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "sinogram.npy", Path(folder) / "slice.npy"
        np.save(given, sinogram)
        done = subprocess.run(
            [os.environ["SOLITH_PEERS"], "-c", _PEER, str(given), str(made)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(done.stderr)
        seconds, processor = map(float, done.stdout.split())
        return np.load(made), seconds, processor


def _error(image: NDArray[Any], labels: NDArray[Any], program: str) -> float:
    """scikit-image's slice has rows down and x along columns, and its axis at a pixel's middle."""
    from scipy.ndimage import binary_erosion
    from validation._scanned_phantom import GREYS

    if program == "scikit-image":
        image = image[::-1].T
        image = np.roll(image, 1, axis=1)
    squares, count = 0.0, 0
    for number, grey in enumerate(GREYS.values()):
        inside = binary_erosion(labels == number, iterations=3)
        squares += float(np.sum((image[inside] - grey) ** 2))
        count += int(inside.sum())
    return (squares / count) ** 0.5


def main() -> None:
    print(f"{'program':14}{'sinogram':10}{'seconds':>9}{'processor':>11}{'error':>9}")
    for row in compare():
        print(
            f"{row['program']:14}{row['sinogram']:10}{row['seconds']:9.2f}"
            f"{row['processor']:11.2f}{row['error']:9.4f}"
        )


if __name__ == "__main__":
    main()
