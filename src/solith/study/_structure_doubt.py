"""What the choices of a segmentation do to every measured value."""

from __future__ import annotations

from dataclasses import replace

from solith.core.progress import Progress
from solith.core.result import Result, Value
from solith.core.volume import Volume
from solith.structure import Segmentation, measure_with_thresholds
from solith.study._structure_plan import Measure, Plan
from solith.study._structure_steps import measure_phases

__all__ = ["doubt_block", "measure_doubts", "with_doubts"]

_BLOCK = 2_000_000
"""Voxels of the block on which a segmentation is varied."""
_LONGEST = 256
_UNKNOWN = "unknown at other choices"


def doubt_block(shape: tuple[int, int, int], axis: int) -> tuple[slice, slice, slice]:
    """A block in the middle of a volume, as deep as the volume along the axis if it can be."""
    sides = list(shape)
    sides[axis] = min(shape[axis], _LONGEST)
    across = sorted((d for d in range(3) if d != axis), key=lambda d: shape[d])
    room = _BLOCK / sides[axis]
    sides[across[0]] = min(shape[across[0]], max(1, int(room**0.5)))
    sides[across[1]] = min(shape[across[1]], max(1, int(room / sides[across[0]])))
    x, y, z = (
        slice((n - side) // 2, (n - side) // 2 + side) for n, side in zip(shape, sides, strict=True)
    )
    return x, y, z


def measure_doubts(
    segmentation: Segmentation,
    plan: Plan,
    known: tuple[Measure, ...] | None,
    progress: Progress,
) -> Result:
    """The plan's values on a segmented block, with the uncertainty of its choices.

    ``known`` are the values of the block, where it is the whole volume.
    """

    def measure(volume: Volume) -> Result:
        if volume is segmentation.volume and known is not None:
            return _flat(known)
        return _flat(measure_phases(volume, plan, mapped=False).measures)

    return measure_with_thresholds(segmentation, measure, progress=progress)


def with_doubts(measures: tuple[Measure, ...], doubts: Result) -> tuple[Measure, ...]:
    """The measures with the uncertainties found on the block, in proportion to the values."""
    return tuple(
        Measure(one.phase, one.other, _doubted(one.value, doubts, _key(one))) for one in measures
    )


def _doubted(value: Value, doubts: Result, key: str) -> Value:
    if key not in doubts:
        return value
    on_block = doubts[key]
    flags = dict.fromkeys((*value.flags, *(f for f in on_block.flags if _UNKNOWN in f)))
    spread = on_block.uncertainty
    if value.value is not None and spread is not None and on_block.value:
        spread *= abs(value.value / on_block.value)
    return replace(value, uncertainty=None if value.value is None else spread, flags=tuple(flags))


def _flat(measures: tuple[Measure, ...]) -> Result:
    return Result("block", tuple(replace(one.value, quantity=_key(one)) for one in measures))


def _key(one: Measure) -> str:
    return f"{one.value.quantity}|{one.phase}|{one.other}"
