"""Lengths of the straight lines that lie in a phase."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.result import Result, Value
from solith.core.threads import share_out
from solith.core.volume import AXES, Volume
from solith.structure._chosen_phases import checked_labels, thin_axes

__all__ = ["measure_chord_lengths"]

_CLASSES = 50


def measure_chord_lengths(volume: Volume, phase: str | int) -> Result:
    """Mean length of a phase's chords along x, y and z [m], with histograms.

    ``chord_length_x``, ``_y``, ``_z``: the phase's length on lines along the axis over the number
    of its chords, where one that the volume's boundary cuts counts by half for each cut; so small
    volumes give no bias. ``chord_length``: their harmonic mean, 4 V / S for surfaces without
    preferred direction (Cauchy; recalled), 4 R / 3 for spheres.
    ``details["histogram"]`` has by axis the ``edges`` [m] of classes and the ``counts`` of the
    chords that no boundary cuts, and ``cut``, the number of the others. An axis on which every
    chord is cut twice has none and a flag, and counts as infinite in the mean; an axis of one voxel
    does not count. :class:`InputError` for a phase unknown or absent.
    """
    from solith.structure._chord_kernels import count_chords

    (label,) = checked_labels(volume, phase=phase)
    lengths: list[float | None] = []
    values, histograms = [], {}
    thin = thin_axes(volume, "chords")
    for axis, (name, size) in enumerate(zip(AXES, volume.voxel_size, strict=True)):
        mask = _rows_along(volume, label, axis)
        counts = share_out(count_chords, len(mask), mask.size, mask)
        chords = counts.sum(1) @ [1.0, 0.5, 0.0]
        filled = float(counts.sum(0) @ np.arange(counts.shape[1]))
        lengths.append(size * filled / chords if chords else None)
        flags = () if chords else (f"every line in {phase} along {name} goes from end to end",)
        values.append(Value(f"chord_length_{name}", lengths[-1], "m", flags=flags + thin))
        histograms[name] = _histogram(counts, size)
    known = [length for length in lengths if length is not None]
    long = sum(voxels > 1 for voxels in volume.shape)
    whole = long / sum(1 / length for length in known) if known else None
    flags = () if known else (f"{phase} fills the volume",)
    return Result(
        f"chord lengths in {phase}",
        (Value("chord_length", whole, "m", flags=flags + thin), *values),
        {"phase": str(phase), "histogram": histograms},
    )


def _rows_along(volume: Volume, label: int, axis: int) -> NDArray[np.uint8]:
    """Rows along an axis, (rows, voxels), 1 in the phase."""
    others = [volume.shape[other] for other in range(3) if other != axis]
    mask = np.empty((*others, volume.shape[axis]), np.uint8)
    target = np.moveaxis(mask, 2, axis)
    for plane, labels in zip(target, volume.labels, strict=True):
        plane[...] = labels == label
    return mask.reshape(-1, volume.shape[axis])


def _histogram(counts: NDArray[np.int64], size: float) -> dict[str, Any]:
    whole = counts[0]
    longest = int(np.flatnonzero(whole)[-1]) if whole.any() else 1
    step = -(-longest // _CLASSES)
    classes = -(-longest // step)
    edges = (np.arange(classes + 1) * step + 0.5) * size
    padded = np.zeros(classes * step, np.int64)
    padded[:longest] = whole[1 : longest + 1]
    return {
        "edges": edges.tolist(),
        "counts": padded.reshape(classes, step).sum(1).tolist(),
        "cut": int(counts[1:].sum()),
    }
