"""One solve by a peer, printed as JSON; run by a Python that has the peer, without solith.

python _conduction_peers.py PROGRAM LABELS.npy CONDUCTIVITY_OF_LABEL_0 SPREAD
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

import numpy as np

__all__ = ["PROGRAMS"]


def _taufactor(labels: Any, other: float, spread: float) -> tuple[float, float]:
    import taufactor  # type: ignore[import-not-found]

    if other:
        solver = taufactor.MultiPhaseSolver(labels + 1, {1: other, 2: 1.0}, device="cpu")
    else:
        solver = taufactor.Solver(labels, device="cpu")
    solver.solve(verbose=False, conv_crit=spread, iter_limit=100_000)
    flux = np.ravel(solver.flux_1d)
    return float(np.ravel(solver.D_eff)[0]), float(np.ptp(flux) / flux.mean())


def _porespy(labels: Any, other: float, spread: float) -> tuple[float, float]:
    import porespy  # type: ignore[import-not-found]

    if other:
        raise SystemExit("porespy solves one conducting phase")
    found = porespy.simulations.tortuosity_fd(labels > 0, axis=0, ftol=spread)
    flux = porespy.beta.flux(found.im_conc, axis=0, k=found.im).sum(axis=(1, 2))
    return float(1 / found.formation_factor), float(np.ptp(flux) / flux.mean())


PROGRAMS = {"taufactor": _taufactor, "porespy": _porespy}


def main() -> None:
    """Solve and print."""
    program, path, other, spread = sys.argv[1:]
    labels = np.load(path)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin, used = time.perf_counter(), time.process_time()
    effective, found = PROGRAMS[program](labels, float(other), float(spread))
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - begin,
                "processor": time.process_time() - used,
                "effective": effective,
                "spread": found,
                "memory": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - own)
                * 1024
                / labels.size,
            }
        )
    )


if __name__ == "__main__":
    main()
