"""Malformed studies, at least twenty, through the real command line: one clear error each.

    python -m validation.malformed_studies

Each must end with exit code 2 and exactly one line on standard error, which names the
file and the field, and nothing may be written.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from solith.study import starter_text
from validation.marks import Mark, finish

# what is done to the starter study: text to replace, replacement, what the error must name
CHANGES: list[tuple[str, str, str, str]] = [
    ("unknown material", 'material = "NMC532"', 'material = "NMC533"',
     "samples.coated.cell.cathode.material: unknown material 'NMC533'; did you mean 'NMC532'?"),
    ("wrong unit", 'thickness = "7.5 nm"', 'thickness = "7.5 uS/cm"',
     "samples.coated.cell.cathode.coating.thickness: '7.5 uS/cm' has the unit 'uS/cm', of the "
     "wrong dimension; expected a length such as '7.5 nm'"),
    ("no unit", 'area = "0.785 cm2"', 'area = "0.785"',
     "samples.coated.cell.area: '0.785' has no unit; expected an area such as '0.785 cm2'"),
    ("bare number", 'thickness = "7.5 nm"', "thickness = 7.5",
     "samples.coated.cell.cathode.coating.thickness: 7.5 has no unit; expected a length"),
    ("no electronic conductivity", 'electronic_conductivity = "5 mS/cm"', "",
     "samples.coated.cell.cathode.composite.electronic_conductivity: is missing; give it"),
    ("discharge that ends too high", "discharge at 0.1 C until 2.1 V",
     "discharge at 0.1 C until 4 V",
     "experiments.cycle.protocol.steps.3: 'discharge at 0.1 C until 4 V vs Li-In': 4.620 V vs Li "
     "is outside"),
    ("unknown coating", 'conductivity = "38.7 uS/cm"', 'material = "unobtainium"',
     "samples.coated.cell.cathode.coating.material: unknown material 'unobtainium'"),
    ("unknown unit", 'thickness = "600 um"', 'thickness = "600 umm"',
     "samples.coated.cell.electrolyte.thickness: '600 umm': the unit 'umm' is not known"),
    ("negative thickness", 'thickness = "7.5 nm"', 'thickness = "-7.5 nm"',
     "samples.coated.cell.cathode.coating.thickness: '-7.5 nm' must be above 0 m"),
    ("thickness NaN", 'thickness = "7.5 nm"', "thickness = nan",
     "samples.coated.cell.cathode.coating.thickness: nan is not a finite number"),
    ("contact above 1", "contact_fraction = 1.0", "contact_fraction = 1.2",
     "samples.coated.cell.cathode.composite.contact_fraction: 1.2 must be at most 1"),
    ("unreachable cut-off", "charge at 0.1 C until 3.8 V", "charge at 0.1 C until 4.8 V",
     "experiments.cycle.protocol.steps.1: 'charge at 0.1 C until 4.8 V vs Li-In': 5.420 V vs Li "
     "is outside"),
    ("unreachable state", 'potential = "3.6 V vs Li-In"', 'potential = "5 V vs Li-In"',
     "experiments.impedance.protocol"),
    ("step not understood", "rest for 10 min", "pause for 10 min",
     "experiments.cycle.protocol.steps.2: 'pause for 10 min' is not a step; write one of:"),
    ("misspelt key", "loading =", "laoding =",
     "samples.coated.cell.cathode: unknown field 'laoding'; did you mean 'loading'?"),
    ("misspelt table", "[experiments.cycle]", "[experimants.cycle]",
     "unknown field 'experimants'; did you mean 'experiments'?"),
    ("missing field", 'one_c = "1.3 mA/cm2"', "",
     "samples.coated.cell: one_c is missing"),
    ("like nobody", 'like = "coated"', 'like = "caoted"',
     "samples.half-contact.like: unknown sample 'caoted'; did you mean 'coated'?"),
    ("like in a circle", 'like = "coated"', 'like = "half-contact"',
     "samples.half-contact: samples are like each other in a circle"),
    ("unknown experiment", 'experiment = "cycle"', 'experiment = "cycel"',
     "compare.1.experiment: unknown experiment 'cycel'; did you mean 'cycle'?"),
    ("not TOML", "[samples.coated.cell]", "[samples.coated.cell",
     "is not valid TOML: "),
]  # fmt: skip

FILES: list[tuple[str, bytes | None, str]] = [
    ("missing file", None, "there is no such file"),
    ("empty file", b"", "the file is empty"),
    ("binary file", b"\x89HDF\r\n\x1a\n\x00\x00\x00\x00", "is a binary file"),
]


def main() -> None:
    cases: list[tuple[str, bytes | None, str]] = []
    for what, old, new, error in CHANGES:
        text = starter_text()
        if old not in text:
            sys.exit(f"{what}: the starter study has no {old!r} to change")
        cases.append((what, text.replace(old, new, 1).encode(), error))
    cases += FILES
    good = sum(check(what, content, error) for what, content, error in cases)
    finish(
        [
            Mark(
                "malformed studies that give one clear error, exit code 2, and leave nothing",
                f"{good} of {len(cases)}",
                "all, at least 20",
                good == len(cases) >= 20,
            )
        ]
    )


def check(what: str, content: bytes | None, error: str) -> bool:
    """Run one malformed study; prints a line of the table."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if content is not None:
            (folder / "study.toml").write_bytes(content)
        before = sorted(folder.rglob("*"))
        done = subprocess.run(
            [sys.executable, "-m", "solith", "run", "study.toml"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        faults = []
        if done.returncode != 2:
            faults.append(f"exit code {done.returncode}")
        if done.stderr.count("\n") != 1:
            faults.append(f"{done.stderr.count(chr(10))} lines of error")
        if not done.stderr.startswith(f"solith: error: study.toml: {error}"):
            faults.append(f"expected: {error}")
        if done.stdout:
            faults.append("something on standard output")
        if sorted(folder.rglob("*")) != before:
            faults.append("something was written")
    print(f"{'ok  ' if not faults else 'FAIL'}  {what:20}  {done.stderr.strip()}")
    for fault in faults:
        print(f"      {fault}")
    return not faults


if __name__ == "__main__":
    main()
