"""One solve by pyamg, printed as JSON; run by a Python that has it, without solith.

python _polycrystal_peer.py FACES.npz
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

import numpy as np

__all__ = ["main"]

TOLERANCE = 1e-6


def main() -> None:
    """Solve and print."""
    import pyamg  # type: ignore[import-not-found]

    with np.load(sys.argv[1]) as data:
        along = [data[f"along_{d}"].astype(np.float64) for d in range(3)]
        axis, periodic = int(data["axis"]), data["periodic"]
    matrix, right, first = _system(along, axis, periodic)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin, used = time.perf_counter(), time.process_time()
    solver = pyamg.smoothed_aggregation_solver(matrix, max_coarse=500)
    residuals: list[float] = []
    voltage = solver.solve(right, tol=TOLERANCE, accel="cg", maxiter=500, residuals=residuals)
    seconds, processor = time.perf_counter() - begin, time.process_time() - used
    planes = _planes(along, axis, voltage.reshape(first.shape))
    n = planes.size - 1
    print(
        json.dumps(
            {
                "seconds": seconds,
                "processor": processor,
                "effective": float(planes.mean() * n / (first.size / n)),
                "spread": float(np.ptp(planes) / planes.mean()),
                "iterations": len(residuals) - 1,
                "memory": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - own)
                * 1024
                / first.size,
            }
        )
    )


def _system(along: list[Any], axis: int, periodic: Any) -> tuple[Any, Any, Any]:
    """The matrix, the currents of the first end at 1 V, and the numbers of the voxels."""
    from scipy import sparse

    shape = tuple(part.shape[d] - 1 for d, part in enumerate(along))
    number = np.arange(np.prod(shape)).reshape(shape)
    diagonal, right = np.zeros(number.size), np.zeros(shape)
    rows, columns, values = [], [], []
    for d, part in enumerate(along):
        faces, cells = np.moveaxis(part, d, 0), np.moveaxis(number, d, 0)
        pairs = [(faces[1:-1], cells[:-1], cells[1:])]
        if periodic[d]:
            pairs.append((faces[:1], cells[-1:], cells[:1]))
        elif d == axis:
            np.add.at(diagonal, cells[0].ravel(), faces[0].ravel())
            np.add.at(diagonal, cells[-1].ravel(), faces[-1].ravel())
            np.moveaxis(right, d, 0)[0] = faces[0]
        for value, one, other in pairs:
            np.add.at(diagonal, one.ravel(), value.ravel())
            np.add.at(diagonal, other.ravel(), value.ravel())
            rows += [one.ravel(), other.ravel()]
            columns += [other.ravel(), one.ravel()]
            values += [-value.ravel(), -value.ravel()]
    rows.append(number.ravel())
    columns.append(number.ravel())
    values.append(diagonal)
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.coo_matrix(entries).tocsr(), right.ravel(), number


def _planes(along: list[Any], axis: int, voltage: Any) -> Any:
    faces, x = np.moveaxis(along[axis], axis, 0), np.moveaxis(voltage, axis, 0)
    before = np.concatenate([np.ones_like(x[:1]), x])
    after = np.concatenate([x, np.zeros_like(x[:1])])
    return (faces * (before - after)).sum(axis=(1, 2))


if __name__ == "__main__":
    main()
