"""Run every script that can run by itself and write ``docs/validation.md``.

    python -m validation [NAME ...]

A figure stands in the page as it was found, met or missed. With names, only their sections are
made anew; the others stay as they are.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "validation.md"
SCRIPTS = {
    "fresh_clone": "Fresh clone, fresh environment: the README's two commands",
    "against_pybamm": "The voltage is that of PyBaMM's DFN half cell in the common limit",
    "impedance_limits": "Impedance against exact circuits",
    "loss_budget": "The loss budget adds up",
    "conservation_and_order": "Conservation, and the order of the mesh",
    "growth_and_oxidation": "Growth by the root of time, and oxidation's charge",
    "confined_contact": "Contact in patches against the axisymmetric solution",
    "gitt_and_voltammetry": "GITT gives a known diffusivity back; the Nernstian voltammogram",
    "calibration_coverage": "Calibration gives parameters back, with honest intervals",
    "impedance_fitting": "Impedance without a guess on random spectra, beside impedance.py",
    "impedance_given_back": "The cell model's impedance gives its resistances back",
    "kramers_kronig_and_drt": "Kramers-Kronig finds what was put in; DRT gives arcs back",
    "nist_strd": "NIST's nonlinear regression sets through the fitting core",
    "series_and_pellets": "Series, pellets and polarisation with known answers; a real pellet",
    "measurements_known": "Each technique on synthetic records with known answers, and faults",
    "measurements_given_back": "Simulated records give back the parameters that made them",
    "cycler_counters": "Cyclers' files against the instruments' own counters",
    "shorts_and_switches": "The right step and the right bias in each of 100 noisy trials",
    "cycling_speed": "Ten thousand cycles in time and memory",
    "protocol_speed": "Long cycling and GITT in time",
    "conduction_exact": "Voxel conduction in exact cases",
    "conduction_hard_cases": "Voxel conduction where other solvers have trouble",
    "conduction_speed": "Voxel conduction in time and memory",
    "structure_contact": "Surfaces, contact and normals on voxels",
    "structure_measures": "Paths, chords, correlations and standard errors",
    "structure_segmentation": "Grey phantoms whose phases are known",
    "structure_chain": "solith measure on a grey volume of the real size",
    "bad_volumes": "Bad volumes give one clear error each",
    "polycrystals": "Polycrystals: cells, statistics, images",
    "polycrystal_transport": "Conduction through polycrystals on voxels",
    "conforming_elements": "Polycrystals on conforming elements, and voxels beside them",
    "polycrystal_impedance": "Impedance of polycrystals, the brick layer, boundaries that conduct",
    "filament_laws": "Laws of a filament's start, and the memristor",
    "ceramic_publication": "The publication on ceramics carried out",
    "bad_polycrystals": "Wrong wishes about polycrystals give one clear error each",
    "compaction_engine": "The engine of compaction: exact cases, packings, speed, dense contact",
    "stack_pressure": "The publication on stack pressure carried out",
    "materials_table": "The materials table: every row with source, unit and certainty",
    "stack_energy": "Energy of stacks: published numbers, closed forms, sums, Monte Carlo",
    "stability_windows": "Windows of stability beside published ones and pymatgen",
    "xanes": "X-ray absorption: edges, mixtures, series",
    "xps": "Photoelectrons: backgrounds, doublets, intervals",
    "microscopy_maps": "Maps and profiles: AFM, EDX, sections",
    "images_and_diffraction": "High-resolution images, diffraction, thermal curves",
    "reconstruction": "Tomography: a phantom reconstructed and segmented",
    "interphase": "Spectra, images and cells of an interphase beside each other",
    "interface_layers": "Space charge, interdiffusion and growth in the continuum",
    "publications": "Two publications carried out",
    "real_files": "Real files are read as their own text says; what is known of them is found",
    "mutated_inputs": "A million mutated files end in records or in a reader's error",
    "malformed_studies": "Malformed studies give one clear error each",
    "random_kills": "Killed runs leave no torn file and are resumed",
    "report_in_browser": "The report in a browser",
}


def main(names: list[str]) -> int:
    """Run the scripts, print what they print, and write their sections of the page."""
    chosen = names or list(SCRIPTS)
    if unknown := [name for name in chosen if name not in SCRIPTS]:
        print(f"no script {', '.join(unknown)}; there are: {', '.join(SCRIPTS)}", file=sys.stderr)
        return 2
    sections, failed = _sections_of_page(), 0
    for name in chosen:
        start = time.perf_counter()
        run = subprocess.run(
            [sys.executable, "-m", f"validation.{name}"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        failed += run.returncode != 0
        rows = [line for line in run.stdout.splitlines() if re.match(r"(met +|MISSED) \|", line)]
        print(f"== {name}: exit {run.returncode}, {time.perf_counter() - start:.0f} s")
        print(run.stdout, run.stderr, sep="", flush=True)
        sections[SCRIPTS[name]] = _section(name, rows, run.returncode)
        _write_page(sections)
    return 1 if failed else 0


def _sections_of_page() -> dict[str, str]:
    """The page's sections by their titles."""
    if not PAGE.is_file():
        return {}
    parts = re.split(r"^(?=## )", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {part.splitlines()[0].removeprefix("## "): part.rstrip() + "\n" for part in parts}


def _write_page(sections: dict[str, str]) -> None:
    known = [sections[title] for title in SCRIPTS.values() if title in sections]
    PAGE.write_text("\n".join([_HEAD, *known]), encoding="utf-8")


def _section(name: str, rows: list[str], code: int) -> str:
    table = ["| | measured | found | mark |", "| --- | --- | --- | --- |"]
    table += [f"| {' | '.join(cell.strip() for cell in row.split(' | '))} |" for row in rows]
    if not rows:
        table = [f"The script ended with exit code {code} and printed no mark."]
    return "\n".join([f"## {SCRIPTS[name]}", "", f"`validation/{name}.py`", "", *table, ""])


_HEAD = """# Validation

Made by `python -m validation`; each row is a mark and the figure that was found on two cores,
met or missed.
"""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
