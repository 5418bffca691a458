"""pymatgen on the entries it is given, in an environment that need not have solith.

Reads JSON from the standard input: sets of entries (formula and energy [eV] of the formula unit),
formulas and pairs of formulas for each. Writes for every formula the energy of its hull [eV/atom]
and the potentials [V vs Li] at which its phases change, for every pair the least energy of its
pseudo-binary [eV/atom].
"""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

__all__ = ["answer"]


def answer(problem: dict[str, Any]) -> dict[str, Any]:
    """What pymatgen says to one set of entries with its formulas and pairs."""
    from pymatgen.analysis.interface_reactions import InterfacialReactivity
    from pymatgen.analysis.phase_diagram import PDEntry, PhaseDiagram
    from pymatgen.core import Composition, Element

    def diagram(*formulas: str) -> Any:
        wanted = {"Li"} | {str(e) for formula in formulas for e in Composition(formula)}
        rows = [(Composition(formula), energy) for formula, energy in problem["entries"]]
        inside = [row for row in rows if wanted >= {str(e) for e in row[0]}]
        return PhaseDiagram([PDEntry(*row) for row in inside])

    energies, potentials, reactions = {}, {}, {}
    for formula in problem["formulas"]:
        phases, composition = diagram(formula), Composition(formula)
        energies[formula] = phases.get_hull_energy_per_atom(composition)
        profile = phases.get_element_profile(Element("Li"), composition)
        potentials[formula] = sorted(-step["chempot"] for step in profile)
    for first, second in problem["pairs"]:
        reactivity = InterfacialReactivity(
            Composition(first),
            Composition(second),
            diagram(first, second),
            norm=True,
            use_hull_energy=True,
        )
        reactions[f"{first}|{second}"] = float(reactivity.minimum[1])
    return {"energies": energies, "potentials": potentials, "reactions": reactions}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps([answer(problem) for problem in json.load(sys.stdin)]))
