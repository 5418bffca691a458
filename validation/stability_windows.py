"""Windows, products and reactions from the hull of formation energies, beside published ones.

    python -m validation.stability_windows

Published windows are those of Zhu, He and Mo (10.1021/acsami.5b07517), table 1, as printed in the
repository learningmatter-mit/AtomisticSkills; the paper itself was not read. Some energies of the
packaged sets were fitted to them: every row says whether it is fitted, follows from what was fitted
(a check of the hull, none of the energies), or is a prediction.

pymatgen is asked the same questions on the same entries, in this environment or in one of its own:

    python -m venv peers && peers/bin/pip install pymatgen
    SOLITH_PEERS=peers/bin/python python -m validation.stability_windows
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from solith.design import (
    EntrySet,
    StabilityWindow,
    find_decomposition,
    find_profile,
    find_reaction,
    find_window,
    packaged_entries,
    sample_window,
)
from validation.marks import Mark, finish

__all__ = ["PUBLISHED", "PublishedWindow", "marks"]


@dataclass(frozen=True)
class PublishedWindow:
    """A published window [V vs Li], and what of it the packaged energies were fitted to."""

    name: str
    formula: str
    reduction: float
    oxidation: float
    fitted: str = ""
    """``"reduction"``, ``"oxidation"``, ``"both"``, or nothing."""

    missed: str = ""
    """A limit that is known to be missed, and why."""


PUBLISHED = (
    PublishedWindow("Li2S", "Li2S", 0.0, 2.01, "oxidation"),
    PublishedWindow("Li3PS4", "Li3PS4", 1.71, 2.31, "both"),
    PublishedWindow("Li4GeS4", "Li4GeS4", 1.62, 2.14, "both"),
    PublishedWindow("Li7P3S11", "Li7P3S11", 2.28, 2.31, "reduction"),
    PublishedWindow("LGPS", "Li10GeP2S12", 1.71, 2.14),
    PublishedWindow("Li6PS5Cl", "Li6PS5Cl", 1.71, 2.01),
    PublishedWindow("LLZO", "Li7La3Zr2O12", 0.05, 2.91),
    PublishedWindow("LATP", "Li1.3Al0.3Ti1.7(PO4)3", 2.17, 4.21),
    PublishedWindow(
        "LiPON",
        "Li2PO2N",
        0.68,
        2.63,
        "oxidation",
        "the measured enthalpies hold no Li3P and no LiPN2, of which the published one is reduced",
    ),
)
"""The energies of LiTi2(PO4)3 and TiP2O7 are fitted to LiTi2(PO4)3, not to LATP."""

_COVERAGE = 2.0  # standard uncertainties
_AGREEMENT = 1e-6  # eV
_SAMPLES = 400


def marks() -> Iterator[Mark]:
    """Windows, products, uncertainty, pymatgen, time."""
    for published in PUBLISHED:
        yield from _window(published)
    yield from _products()
    yield from _uncertainty()
    yield from _peer()
    yield _speed()


def _window(published: PublishedWindow) -> Iterator[Mark]:
    found = find_window(published.formula)
    limits = (
        ("reduction", found.reduction_limit, found.reduction_uncertainty, published.reduction),
        ("oxidation", found.oxidation_limit, found.oxidation_uncertainty, published.oxidation),
    )
    for side, value, uncertainty, printed in limits:
        told = f"{value:.3f} +- {uncertainty:.3f} V ({found.entries})"
        name = f"{published.name}, {side} limit; published {printed:.2f} V"
        if published.fitted in (side, "both"):
            yield Mark(f"{name}; fitted", told, "no mark: fitted to it", True)
        elif published.missed and side == "reduction":
            yield Mark(f"{name}; {_basis(found)}", told, f"no mark: {published.missed}", True)
        else:
            near = abs(value - printed) <= max(_COVERAGE * uncertainty, 0.01)
            yield Mark(
                f"{name}; {_basis(found)}", told, f"within {_COVERAGE:g} uncertainties", near
            )


def _basis(found: StabilityWindow) -> str:
    return f"follows from fitted {', '.join(found.fitted)}" if found.fitted else "prediction"


def _products() -> Iterator[Mark]:
    found = find_decomposition("Li10GeP2S12", 0.0)
    yield Mark(
        "products of LGPS at 0 V; that the alloy is Li15Ge4 rests on recalled energies",
        ", ".join(sorted(found.phases)),
        "Li2S, Li3P and a germanide of lithium",
        {"Li2S", "Li3P", "Li15Ge4"} == set(found.phases),
    )
    for formula, energy in (("Li10GeP2S12", None), ("Li3PS4", -1.42)):
        at_zero = find_decomposition(formula, 0.0).energy
        yield Mark(
            f"energy of {formula} on lithium [eV/atom]"
            + ("" if energy is None else f"; interface_stability prints {energy:.2f}"),
            f"{at_zero:.3f}",
            "no mark" if energy is None else "within 0.01",
            energy is None or abs(at_zero - energy) < 0.01,
        )
    for formula, expected in (
        ("Li10GeP2S12", "mixed-conducting"),
        ("Li3PS4", "passivating"),
        ("Li7P3S11", "passivating"),
        ("Li6PS5Cl", "passivating"),
    ):
        kind = find_reaction(formula, "Li").interphase
        yield Mark(f"interphase of {formula} on lithium", kind, expected, kind == expected)


def _uncertainty() -> Iterator[Mark]:
    """The propagated uncertainty beside that of windows of entry sets that were varied."""
    for formula in ("Li2S", "Li3PS4", "Li10GeP2S12", "Li7La3Zr2O12"):
        found, sampled = find_window(formula), sample_window(formula, samples=_SAMPLES, seed=5)
        spread = sampled.oxidation_limit.std()
        alone = formula == "Li2S"
        yield Mark(
            f"{formula}: oxidation limit's uncertainty [V], propagated and of {_SAMPLES} varied "
            "sets, in which products change too",
            f"{found.oxidation_uncertainty:.3f}, {spread:.3f}",
            "within 10 %: one reaction" if alone else "no mark",
            not alone or abs(spread / found.oxidation_uncertainty - 1) < 0.1,
        )


PAIRS = {
    "sulfides": (("Li10GeP2S12", "Li"), ("Li3PS4", "Li"), ("Li6PS5Cl", "GeS2")),
    "enthalpies": (
        ("LiCoO2", "P2S5"),
        ("LiCoO2", "Li3PS4"),
        ("Li2ZrO3", "P2S5"),
        ("Li7La3Zr2O12", "Al2O3"),
        ("LiNbO3", "Li"),
    ),
}
FORMULAS = {
    "sulfides": ("Li2S", "Li3PS4", "Li10GeP2S12", "Li7P3S11", "Li6PS5Cl", "Li4GeS4"),
    "enthalpies": ("Li7La3Zr2O12", "Li1.3Al0.3Ti1.7P3O12", "Li2PO2N", "LiNbO3", "LiCoO2", "Al2O3"),
}


def _peer() -> Iterator[Mark]:
    peer = os.environ.get("SOLITH_PEERS") or (sys.executable if find_spec("pymatgen") else "")
    name = "agreement with pymatgen on the same entries"
    if not peer:
        yield Mark(name, "pymatgen is not here; set SOLITH_PEERS", "no mark", True)
        return
    problems = [
        {
            "entries": [
                (entry.formula, entry.formation_energy * entry.atoms)
                for entry in packaged_entries(which).entries
            ],
            "formulas": FORMULAS[which],
            "pairs": PAIRS[which],
        }
        for which in FORMULAS
    ]
    done = subprocess.run(
        [peer, str(Path(__file__).with_name("_pymatgen_peer.py"))],
        input=json.dumps(problems),
        capture_output=True,
        text=True,
        check=True,
    )
    for which, told in zip(FORMULAS, json.loads(done.stdout), strict=True):
        yield from _compared(which, told)


def _compared(which: str, told: dict[str, Any]) -> Iterator[Mark]:
    entries = packaged_entries(which)
    hull, changes, count = 0.0, 0.0, 0
    for formula in FORMULAS[which]:
        steps = find_profile(formula, entries)
        ours = [step.low for step in steps]
        theirs = [max(value, 0.0) for value in told["potentials"][formula]]
        count += len(ours)
        changes = max(changes, _apart(ours, theirs))
        hull = max(hull, abs(_hull_energy(formula, entries) - told["energies"][formula]))
    yield Mark(
        f"{which}: energies of the hull of {len(FORMULAS[which])} phases beside pymatgen [eV/atom]",
        f"apart by {hull:.1e}",
        f"{_AGREEMENT:g}",
        hull < _AGREEMENT,
    )
    yield Mark(
        f"{which}: {count} potentials at which their phases change beside pymatgen [V]",
        f"apart by {changes:.1e}",
        f"{_AGREEMENT:g}, as many",
        changes < _AGREEMENT,
    )
    reactions = [
        abs(find_reaction(*pair, entries=entries).mutual_energy - told["reactions"]["|".join(pair)])
        for pair in PAIRS[which]
    ]
    yield Mark(
        f"{which}: energies of {len(reactions)} pseudo-binaries beside pymatgen [eV/atom]",
        f"apart by {max(reactions):.1e}",
        f"{_AGREEMENT:g}",
        max(reactions) < _AGREEMENT,
    )


def _apart(ours: list[float], theirs: list[float]) -> float:
    same = len(ours) == len(theirs)
    return float(np.max(np.abs(np.subtract(sorted(ours), sorted(theirs))))) if same else np.inf


def _hull_energy(formula: str, entries: EntrySet) -> float:
    phases = find_window(formula, entries).stable.phases
    found = [(entries.find(name), amount) for name, amount in phases.items()]
    energy = sum(entry.formation_energy * entry.atoms * amount for entry, amount in found if entry)
    atoms = sum(entry.atoms * amount for entry, amount in found if entry)
    return energy / atoms


def _speed() -> Mark:
    find_window("Li10GeP2S12")
    begin = time.perf_counter()
    for published in PUBLISHED:
        find_window(published.formula)
    each = (time.perf_counter() - begin) / len(PUBLISHED)
    return Mark("a window with its products", f"{1e3 * each:.0f} ms", "below 200 ms", each < 0.2)


if __name__ == "__main__":
    finish(marks())
