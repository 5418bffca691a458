"""Bad volumes and wrong wishes through the real command line: one clear error each.

Each must end with exit code 2 and exactly one line on standard error that names what is wrong and
where, and nothing may be written.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from validation.marks import Mark, finish

THREE = "void, electrolyte, active"


@dataclass(frozen=True)
class Case:
    """A file that ``write`` makes, the options it is measured with, and a part of the error."""

    what: str
    write: Callable[[Path], None]
    options: tuple[str, ...]
    told: str
    file: str = "scan.npy"


def main() -> None:
    """Run every case and print the mark."""
    cases = _cases()
    good = sum(_check(case) for case in cases)
    finish(
        [
            Mark(
                "bad volumes, unknown phases and wrong axes: one clear error, exit code 2, "
                "nothing written",
                f"{good} of {len(cases)}",
                "all, at least 20",
                good == len(cases) >= 20,
            )
        ]
    )


def _cases() -> list[Case]:
    voxel = ("--voxel", "0.5 um")
    grey = ("--phases", THREE, *voxel)
    scan, labels = _scan(), _labels()
    holed, endless = scan.astype(np.float32), scan.astype(np.float32)
    holed[3, 4, 5], endless[0, 0, 0] = np.nan, np.inf
    save = _saved
    return [
        Case("empty file", _bytes(b""), grey, "is empty"),
        Case("no file", lambda path: None, grey, "there is no such file"),
        Case("no voxels", save(np.zeros((0, 4, 4), np.uint8)), grey, "the volume is empty"),
        Case("one grey value", save(np.full((24, 24, 24), 7, np.uint8)), grey,
             "every voxel has the value 7"),
        Case("one grey value, not a whole number", save(np.full((24, 24, 24), 0.7)), grey,
             "every voxel has the grey value 0.7"),
        Case("NaN", save(holed), grey, "not finite"),
        Case("infinite", save(endless), grey, "not finite"),
        Case("truncated NumPy", _truncated(scan), grey, "cannot be read as NumPy"),
        Case("truncated TIFF", _tiff(scan, 0.5), grey, "scan.tif: ", "scan.tif"),
        Case("a picture", save(scan[0]), grey, "fewer peaks"),
        Case("text", _bytes(b"a,b\n1,2\n"), grey,
             "is of no known format", "scan.txt"),
        Case("raw without shape", _bytes(scan.tobytes()), grey,
             "needs shape= and dtype=", "scan.raw"),
        Case("raw of another size", _bytes(scan.tobytes()),
             (*grey, "--shape", "24 x 24 x 25", "--dtype", "uint8"), "cut off", "scan.raw"),
        Case("fewer phases than named", save(_scan(two=True)), grey, "fewer peaks"),
        Case("a grey volume without names", save(scan), voxel, "phases"),
        Case("one name twice", save(scan), ("--phases", "void, void, active", *voxel),
             "void, void, active are alike"),
        Case("one name with two labels", save(labels), ("--phases", "void=0, void=1", *voxel),
             "'void' is named twice"),
        Case("a label that is not there", save(labels),
             ("--phases", "void=0, electrolyte=1, active=7", *voxel), "7"),
        Case("a label without a name", save(labels), ("--phases", "void=0, active=2", *voxel), "1"),
        Case("role of an unknown phase", save(labels),
             ("--phases", "a=0, b=1, c=2", *voxel, "--role", "active=d"), "'d'"),
        Case("conductivity of an unknown phase", save(labels),
             ("--phases", "void=0, electrolyte=1, active=2", *voxel, "--conductivity",
              "elektrolyte=1 mS/cm"), "did you mean 'electrolyte'?"),
        Case("conductivity in a wrong unit", save(labels),
             ("--phases", "void=0, electrolyte=1, active=2", *voxel, "--conductivity",
              "electrolyte=1 mS"), "conductivities.electrolyte: '1 mS'"),
        Case("conductivity below zero", save(labels),
             ("--phases", "void=0, electrolyte=1, active=2", *voxel, "--conductivity",
              "electrolyte=-1 mS/cm"), "-1 mS/cm"),
        Case("a wrong axis", save(labels),
             ("--phases", "void=0, electrolyte=1, active=2", *voxel, "--axis", "w"), "'w'"),
        Case("no voxel size", save(labels), ("--phases", "void=0, electrolyte=1, active=2"),
             "--voxel '0.5 um'"),
        Case("a voxel without a length", save(labels),
             ("--phases", "void=0, electrolyte=1, active=2", "--voxel", "0.5"), "voxel"),
        Case("a voxel of no size", save(labels),
             ("--phases", "void=0, electrolyte=1, active=2", "--voxel", "0 um"), "voxel"),
        Case("falling thresholds", save(scan), (*grey, "--thresholds", "160, 90"),
             "need 2 rising thresholds"),
        Case("greys and thresholds", save(scan),
             (*grey, "--thresholds", "90, 160", "--greys", "60, 120, 200"), "not both"),
    ]  # fmt: skip


def _labels() -> NDArray[np.uint8]:
    """Balls in electrolyte with voids."""
    x, y, z = np.indices((24, 24, 24)) % 12 - 5.5
    radius = np.sqrt(x * x + y * y + z * z)
    return np.where(radius < 4, 2, np.where(radius > 8, 0, 1)).astype(np.uint8)


def _scan(*, two: bool = False) -> NDArray[np.uint8]:
    """The labels as grey values with noise; with ``two``, of two phases only."""
    table = np.array([60, 120, 60 if two else 200])
    noise = np.random.default_rng(0).normal(0, 4, (24, 24, 24))
    return np.clip(table[_labels()] + noise, 0, 255).astype(np.uint8)


def _saved(array: NDArray[Any]) -> Callable[[Path], None]:
    return lambda path: np.save(path, array)


def _bytes(content: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


def _truncated(array: NDArray[Any]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        np.save(path, array)
        path.write_bytes(path.read_bytes()[: array.nbytes // 2])

    return write


def _tiff(array: NDArray[Any], kept: float) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        import tifffile

        tifffile.imwrite(path, array)
        whole = path.read_bytes()
        path.write_bytes(whole[: int(kept * len(whole))])

    return write


def _check(case: Case) -> bool:
    """Run one case; prints a line of the table."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        case.write(folder / case.file)
        before = sorted(folder.rglob("*"))
        done = subprocess.run(
            [sys.executable, "-m", "solith", "measure", case.file, *case.options],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        errors = [line for line in done.stderr.splitlines() if "%  " not in line]
        faults = []
        if done.returncode != 2:
            faults.append(f"exit code {done.returncode}")
        if len(errors) != 1:
            faults.append(f"{len(errors)} lines of error")
        if not done.stderr.splitlines()[-1].startswith("solith: error: "):
            faults.append("not one of solith's errors")
        if case.told not in done.stderr:
            faults.append(f"expected: {case.told}")
        if done.stdout:
            faults.append("something on standard output")
        if sorted(folder.rglob("*")) != before:
            faults.append("something was written")
    print(f"{'ok  ' if not faults else 'FAIL'}  {case.what:32}  {done.stderr.strip()[-200:]}")
    for fault in faults:
        print(f"      {fault}")
    return not faults


if __name__ == "__main__":
    main()
