"""What the choices of a segmentation, its bias and its noise do to a number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from solith.core.progress import SILENT, Progress
from solith.core.result import Result, Value
from solith.core.volume import Volume
from solith.structure.segmentation import Segmentation

__all__ = ["measure_with_thresholds"]

_AGAIN = "imaging again"
_FINER = "resolution"
_DETAIL = 2.0
"""Steps of finer detail of the volume of which it is seen what blur takes away."""
_THIN = 2.5
"""Times what is seen to be lost, where a phase is hardly anywhere thicker than the blur."""


def measure_with_thresholds(
    segmentation: Segmentation,
    measure: Callable[[Volume], Result],
    *,
    most: int = 20_000_000,
    progress: Progress = SILENT,
) -> Result:
    """What ``measure`` gives on the volume, each value with the uncertainty of the segmentation.

    The squared standard uncertainty is the sum of the squares of

    - for each of :meth:`Segmentation.variants` (every threshold, the detail, the beginning), half
      of what the value differs from one standard uncertainty of the choice below to above;
    - the bias: how the value changes in the mean of two volumes :meth:`Segmentation.imaged_again`
      (a parametric bootstrap), and the noise: the scatter between these two;
    - the resolution: how the value changes if a volume with finer detail is imaged again, as what
      was lost to the blur is no longer in the volume found. Where greys were fitted because a phase
      is too thin for a peak, 2.5 times that, an allowance set on generated composites;
    - what the measure itself gives.

    Values are not corrected by the bias: all stay true of one volume, and on known phantoms the
    correction brought nothing. ``details["segmentation_bias"]`` holds it; it is too small where
    much detail is finer than the blur. ``details["segmentation"]`` holds each part.

    Of more than ``most`` voxels, a block in the middle is varied, with the choices of the whole;
    its shape is in ``details["segmentation_block"]``, and uncertainties are in proportion to the
    value. A value that a variant does not have is flagged.
    """
    block = _block(segmentation, most)
    result = whole = measure(segmentation.volume)
    if block is not segmentation:
        result = measure(block.volume)
    steps = len(segmentation.thresholds) + 4
    changes: dict[str, list[Result]] = {}
    for number, (name, low, high) in enumerate(block.variants()):
        progress.report((number + 1) / (steps + 1), name)
        changes[name] = [result if low is block.volume else measure(low), measure(high)]
    progress.report((steps - 1) / (steps + 1), "imaging finer detail")
    finer = block.at(detail=_DETAIL)
    changes[_FINER] = [measure(finer), measure(block.imaged_again(2, finer))]
    progress.report(steps / (steps + 1), "imaging again")
    changes[_AGAIN] = [measure(block.imaged_again(seed)) for seed in (0, 1)]
    values, parts, biases = [], {}, {}
    for value in whole:
        found = _parts(value.quantity, result, changes, _THIN if segmentation.fitted else 1.0)
        missing = [name for name in changes if name not in found.known]
        flags = (*value.flags, *segmentation.flags)
        if missing:
            flags = (*flags, f"unknown at other choices of {', '.join(missing)}")
        if value.value is None:
            values.append(replace(value, flags=flags))
            continue
        scale = _ratio(value, result)
        own = {name: part * abs(scale) for name, part in found.parts.items()}
        terms = [*own.values(), value.uncertainty or 0.0]
        values.append(replace(value, uncertainty=float(np.linalg.norm(terms)), flags=flags))
        parts[value.quantity] = own
        if found.bias is not None:
            biases[value.quantity] = found.bias * scale
    details = {**whole.details, "segmentation": parts, "segmentation_bias": biases}
    if block is not segmentation:
        details["segmentation_block"] = list(block.volume.shape)
    return Result(whole.name, tuple(values), details)


@dataclass(frozen=True)
class _Parts:
    """Of one value: which changes are known, what each does to it, and the bias."""

    known: tuple[str, ...]
    parts: dict[str, float]
    bias: float | None


def _parts(quantity: str, result: Result, changes: dict[str, list[Result]], thin: float) -> _Parts:
    here = _finite(quantity, result)
    known: list[str] = []
    parts: dict[str, float] = {}
    bias = None
    for name, ends in changes.items():
        first, second = (_finite(quantity, one) for one in ends)
        if here is None or first is None or second is None:
            continue
        known.append(name)
        if name == _AGAIN:
            bias = (first + second) / 2 - here
            parts["bias"] = abs(bias)
            parts["noise"] = abs(second - first) / 2**0.5
        elif name == _FINER:
            parts[name] = thin * abs(second - first)
        else:
            parts[name] = abs(second - first) / 2
    return _Parts(tuple(known), parts, bias)


def _finite(quantity: str, result: Result) -> float | None:
    value = result[quantity].value if quantity in result else None
    return value if value is not None and np.isfinite(value) else None


def _ratio(value: Value, result: Result) -> float:
    """The value to that of the block, 1 where that is zero or unknown."""
    on_block = _finite(value.quantity, result)
    return value.value / on_block if value.value and on_block else 1.0


def _block(segmentation: Segmentation, most: int) -> Segmentation:
    """The segmentation, or its middle of about ``most`` voxels; the longest sides are cut."""
    shape = segmentation.volume.shape
    if segmentation.volume.labels.size <= most:
        return segmentation
    sides = [0, 0, 0]
    room = float(most)
    for number, axis in enumerate(sorted(range(3), key=lambda axis: shape[axis])):
        sides[axis] = max(1, min(shape[axis], int(room ** (1 / (3 - number)) + 1e-6)))
        room /= sides[axis]
    x, y, z = (
        slice((n - side) // 2, (n - side) // 2 + side) for n, side in zip(shape, sides, strict=True)
    )
    return segmentation.part((x, y, z))
