"""Tomographic reconstruction: a phantom with noise and stripes, back to its phases.

    python -m validation.reconstruction

The phantom is discs in a disc (``_scanned_phantom.py``), its line integrals exact. The detector
counts 20 000 photons in the open beam; a column in 25 has a gain that is off by 5 %, four
neighbours one of 8 %, and one does not respond.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InterruptedRunError
from solith.core.progress import Progress
from solith.core.volume import GreyVolume
from solith.structure import (
    find_rotation_centre,
    measure_fractions,
    reconstruct_slice,
    reconstruct_volume,
    remove_stripes,
    segment_phases,
)
from validation._scanned_phantom import GREYS, Phantom, disc_phantom
from validation.marks import Mark, finish

__all__ = ["marks", "measured"]

Array = NDArray[Any]

WIDTH, ANGLES = 1024, 1800
COUNTS = 2e4
CENTRE = 518.3


def main() -> None:
    finish(marks())


def marks() -> Iterator[Mark]:
    """All marks of reconstruction."""
    yield _exact()
    yield from _centres()
    yield from _publication_sized()
    yield _resumed()


def measured(sinogram: Array, seed: int, *, stripes: bool = True) -> NDArray[np.float32]:
    """What the detector makes of line integrals (angles, width): attenuation again."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(COUNTS * np.exp(-sinogram))
    noisy = -np.log(np.maximum(counts, 1) / COUNTS)
    if stripes:
        width = sinogram.shape[1]
        gain = np.zeros(width)
        gain[rng.choice(width, width // 25, replace=False)] = rng.normal(0, 0.05, width // 25)
        first = int(rng.integers(width // 4, width // 3))
        gain[first : first + 4] += 0.08
        noisy = noisy + gain
        noisy[:, int(0.68 * width)] = 0.7
    return np.asarray(noisy, dtype=np.float32)


def _degrees(count: int) -> NDArray[np.float64]:
    return np.arange(count) * (180.0 / count)


def _insides(phantom: Phantom) -> list[Array]:
    from scipy.ndimage import binary_erosion

    labels = phantom.slice()
    return [binary_erosion(labels == number, iterations=3) for number in range(len(GREYS))]


def _exact() -> Mark:
    phantom = disc_phantom(512, 1)
    sinogram = phantom.sinogram(_degrees(900), 260.2)
    values = reconstruct_slice(sinogram, centre=260.2, window="ramp") / phantom.scale
    found = [float(values[inside].mean()) for inside in _insides(phantom)]
    worst = max(abs(a - b) for a, b in zip(found, GREYS.values(), strict=True))
    return Mark(
        "phantom without noise: greys of three phases (0.2, 1, 2)",
        ", ".join(f"{one:.4f}" for one in found),
        "within 0.005",
        worst < 0.005,
    )


def _centres() -> Iterator[Mark]:
    worst, beyond = 0.0, 0
    places = (230.4, 243.1, 255.5, 261.77, 268.02, 281.3)
    for number, centre in enumerate(places):
        sinogram = disc_phantom(512, number).sinogram(_degrees(900), centre)
        clean = remove_stripes(measured(sinogram, number))
        found = find_rotation_centre(clean)
        worst = max(worst, abs(found.column - centre))
        beyond += abs(found.column - centre) > 2 * found.uncertainty
    yield Mark(
        f"axis found in {len(places)} sinograms with noise and stripes, 512 columns",
        f"worst {worst:.2f} columns; {beyond} beyond two of the told uncertainties",
        "within 0.5 column; at most 1",
        worst < 0.5 and beyond <= 1,
    )


def _publication_sized() -> Iterator[Mark]:
    phantom = disc_phantom(WIDTH)
    sinogram = phantom.sinogram(_degrees(ANGLES), CENTRE)
    spoilt, quiet = measured(sinogram, 0), measured(sinogram, 0, stripes=False)
    insides = _insides(phantom)
    reconstruct_slice(spoilt[:50], centre=CENTRE)
    begun, worked = time.perf_counter(), time.process_time()
    clean = remove_stripes(spoilt)
    slices = reconstruct_slice(clean, centre=CENTRE) / phantom.scale
    seconds, processor = time.perf_counter() - begun, time.process_time() - worked
    spreads = []
    for given in (quiet, spoilt):
        other = reconstruct_slice(given, centre=CENTRE) / phantom.scale
        spreads.append(float(other[insides[1]].std()))
    own = float(slices[insides[1]].std())
    yield Mark(
        "grey deviation inside one phase: stripes left in, taken out, never there",
        f"{spreads[1]:.3f}, {own:.3f}, {spreads[0]:.3f}",
        "at most 1.15 times that without stripes",
        own < 1.15 * spreads[0],
    )
    labels = phantom.slice()
    reach = int(0.31 * WIDTH)
    middle = slice(WIDTH // 2 - reach, WIDTH // 2 + reach)
    square = labels[middle, middle]
    grey = GreyVolume(slices[middle, middle], 1e-6)
    found = measure_fractions(segment_phases(grey, list(GREYS)).volume)
    told, worst = [], 0.0
    for number, name in enumerate(GREYS):
        true = float(np.mean(square == number))
        share = found[f"fraction_{name}"].value
        assert share is not None
        told.append(f"{name} {100 * share:.2f} ({100 * true:.2f})")
        worst = max(worst, abs(share - true))
    yield Mark(
        f"{WIDTH} columns, {ANGLES} projections, noise and stripes: fractions in per cent (true)",
        ", ".join(told),
        "within 1 point",
        worst < 0.01,
    )
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Mark(
        "time of that slice, stripes taken out and reconstructed",
        f"{seconds:.1f} s by the clock, {processor:.1f} s of the processors ({cores} cores, "
        f"load {os.getloadavg()[0]:.1f})",
        "at most 10 s of the processors",
        processor < 10,
    )


def _resumed() -> Mark:
    phantom = disc_phantom(128, 3)
    sinogram = measured(phantom.sinogram(_degrees(256), 64.0), 1)
    scan = np.stack([np.roll(sinogram, k, axis=0) for k in range(20)], axis=1)
    with tempfile.TemporaryDirectory() as folder:
        whole = reconstruct_volume(scan, Path(folder) / "whole.npy", centre=64.0)
        progress = Progress(lambda fraction, _: progress.cancel() if fraction > 0.3 else None)
        calls = 0
        target = Path(folder) / "resumed.npy"
        try:
            reconstruct_volume(scan, target, centre=64.0, progress=progress)
        except InterruptedRunError:
            calls += 1
        told: list[float] = []
        listener = Progress(lambda fraction, _: told.append(fraction))
        resumed = reconstruct_volume(scan, target, centre=64.0, progress=listener)
        same = bool(np.array_equal(whole.values, resumed.values))
        left = sorted(path.name for path in Path(folder).iterdir())
    return Mark(
        "a volume of 20 slices stopped on the way and gone on with",
        f"goes on at {100 * told[0]:.0f} %, {'the same' if same else 'another'} volume, "
        f"{len(left)} files left",
        "later than 0 %, the same, 2 files",
        calls == 1 and told[0] > 0 and same and len(left) == 2,
    )


if __name__ == "__main__":
    main()
