"""Runs of conducting voxels along the last axis, and their union where they touch."""

from __future__ import annotations

from typing import Any

import numba
from numpy.typing import NDArray

__all__ = [
    "close_period",
    "count_runs",
    "drop_runs",
    "find_runs",
    "hand_to_roots",
    "root_of",
    "touch_ends",
    "unite_runs",
    "unite_seam",
]

Array = NDArray[Any]
_compiled = numba.njit(nogil=True, cache=True)


@_compiled
def count_runs(
    first: int, last: int, codes: Array, conducts: Array, along: Array, counts: Array
) -> None:
    """The number of runs of every row."""
    _, nj, nk = codes.shape
    for row in range(first, last):
        i, j = row // nj, row % nj
        runs = 0
        before = False
        for k in range(nk):
            here = conducts[codes[i, j, k]]
            if here and not (before and along[codes[i, j, k - 1], codes[i, j, k]]):
                runs += 1
            before = here
        counts[row] = runs


@_compiled
def find_runs(
    first: int,
    last: int,
    codes: Array,
    conducts: Array,
    along: Array,
    offsets: Array,
    starts: Array,
    stops: Array,
) -> None:
    """First voxel of every run, and the voxel after its last."""
    _, nj, nk = codes.shape
    for row in range(first, last):
        i, j = row // nj, row % nj
        run = offsets[row] - 1
        before = False
        for k in range(nk):
            here = conducts[codes[i, j, k]]
            if here:
                if not (before and along[codes[i, j, k - 1], codes[i, j, k]]):
                    run += 1
                    starts[run] = k
                stops[run] = k + 1
            before = here


@_compiled
def root_of(parents: Array, run: int) -> int:
    """The run that stands for all that ``run`` is united with."""
    while parents[run] != run:
        parents[run] = parents[parents[run]]
        run = parents[run]
    return run


@_compiled
def unite_runs(
    codes: Array,
    beside: Array,
    offsets: Array,
    starts: Array,
    stops: Array,
    parents: Array,
    di: int,
    dj: int,
) -> None:
    """Unites the runs of every row with those of the row that lies ``di``, ``dj`` further.

    ``beside`` says by the phases of both rows whether a face between them conducts.
    """
    ni, nj, _ = codes.shape
    for i in range(ni - di):
        for j in range(nj - dj):
            here, there = i * nj + j, (i + di) * nj + j + dj
            a, b = offsets[here], offsets[there]
            while a < offsets[here + 1] and b < offsets[there + 1]:
                for k in range(max(starts[a], starts[b]), min(stops[a], stops[b])):
                    if beside[codes[i, j, k], codes[i + di, j + dj, k]]:
                        one, other = root_of(parents, a), root_of(parents, b)
                        parents[max(one, other)] = min(one, other)
                        break
                if stops[a] < stops[b]:
                    a += 1
                else:
                    b += 1


@_compiled
def unite_seam(
    codes: Array, along: Array, offsets: Array, starts: Array, stops: Array, parents: Array
) -> None:
    """Unites the last run of every row with its first, where the last axis is periodic."""
    ni, nj, nk = codes.shape
    for row in range(ni * nj):
        a, b = offsets[row], offsets[row + 1] - 1
        i, j = row // nj, row % nj
        if (
            b >= a
            and starts[a] == 0
            and stops[b] == nk
            and along[codes[i, j, nk - 1], codes[i, j, 0]]
        ):
            one, other = root_of(parents, a), root_of(parents, b)
            parents[max(one, other)] = min(one, other)


@_compiled
def touch_ends(
    codes: Array,
    offsets: Array,
    starts: Array,
    stops: Array,
    parents: Array,
    touched: Array,
    at_first: Array,
    at_last: Array,
    axis: int,
) -> None:
    """Marks the roots of runs that are joined to the first end (1) and the last end (2)."""
    ni, nj, nk = codes.shape
    for row in range(ni * nj):
        i, j = row // nj, row % nj
        place, size = (i, ni) if axis == 0 else (j, nj)
        for run in range(offsets[row], offsets[row + 1]):
            marks = 0
            if axis == 2:
                marks |= int(starts[run] == 0 and at_first[codes[i, j, 0]])
                marks |= 2 * int(stops[run] == nk and at_last[codes[i, j, nk - 1]])
            else:
                for k in range(starts[run], stops[run]):
                    marks |= int(place == 0 and at_first[codes[i, j, k]])
                    marks |= 2 * int(place == size - 1 and at_last[codes[i, j, k]])
                    if 0 < place < size - 1:
                        break
            if marks:
                touched[root_of(parents, run)] |= marks


@_compiled
def close_period(
    codes: Array,
    across: Array,
    offsets: Array,
    starts: Array,
    stops: Array,
    parents: Array,
    turns: Array,
    marks: Array,
    axis: int,
) -> None:
    """Unites runs through the seam of a period, and marks (3) the roots of those that wind round.

    ``turns`` counts how many periods lie between a run and its parent: where a face joins two runs
    that are united already, but at another count, a path has gone round.
    """
    ni, nj, nk = codes.shape
    for row in range(ni * nj):
        i, j = row // nj, row % nj
        if (axis == 0 and i < ni - 1) or (axis == 1 and j < nj - 1):
            continue
        other = row
        if axis == 0:
            other = j
        elif axis == 1:
            other = i * nj
        a, b = offsets[row], offsets[other]
        if axis == 2:
            a = max(a, offsets[row + 1] - 1)
        while a < offsets[row + 1] and b < offsets[other + 1]:
            joined = False
            if axis == 2:
                joined = (
                    stops[a] == nk
                    and starts[b] == 0
                    and across[codes[i, j, nk - 1], codes[i, j, 0]]
                )
            else:
                for k in range(max(starts[a], starts[b]), min(stops[a], stops[b])):
                    there = codes[0, j, k] if axis == 0 else codes[i, 0, k]
                    if across[codes[i, j, k], there]:
                        joined = True
                        break
            if joined:
                one, here = _root_and_turns(parents, turns, a)
                two, beyond = _root_and_turns(parents, turns, b)
                if one == two and here + 1 != beyond:
                    marks[one] = 3
                elif one < two:
                    parents[two], turns[two] = one, here + 1 - beyond
                elif two < one:
                    parents[one], turns[one] = two, beyond - here - 1
            if axis == 2:
                break
            if stops[a] < stops[b]:
                a += 1
            else:
                b += 1


@_compiled
def _root_and_turns(parents: Array, turns: Array, run: int) -> tuple[int, int]:
    total = 0
    while parents[run] != run:
        turns[run] += turns[parents[run]]
        parents[run] = parents[parents[run]]
        total += turns[run]
        run = parents[run]
    return run, total


@_compiled
def hand_to_roots(parents: Array, marks: Array) -> None:
    """Every root takes the mark 3 that any of its runs has."""
    for run in range(len(parents)):
        if marks[run] == 3:
            marks[root_of(parents, run)] = 3


@_compiled
def drop_runs(
    codes: Array,
    offsets: Array,
    starts: Array,
    stops: Array,
    parents: Array,
    marks: Array,
    empty: int,
) -> int:
    """Voxels of runs that do not reach both ends get the code ``empty``; counts the others."""
    ni, nj, _ = codes.shape
    kept = 0
    for row in range(ni * nj):
        i, j = row // nj, row % nj
        for run in range(offsets[row], offsets[row + 1]):
            if marks[root_of(parents, run)] == 3:
                kept += stops[run] - starts[run]
            else:
                for k in range(starts[run], stops[run]):
                    codes[i, j, k] = empty
    return kept
