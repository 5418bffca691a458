"""The engine of compaction: contacts, packings, dense plastic lattices, speed, LAMMPS, bad input.

    SOLITH_PEERS=peers/bin/python python -m validation.compaction_engine

LAMMPS is run where SOLITH_PEERS names a Python that has it (see ``benchmarks/compaction.py``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.compaction import CASES, apart, first_state, move, move_peer

from solith.compaction import Mixture, Powder, parse_mixture, press
from solith.core.errors import SolithError
from validation import _compaction, _dense_contacts
from validation.marks import Mark, finish

__all__ = ["marks"]


def marks() -> Iterator[Mark]:
    """All marks, the slowest last."""
    yield from _bad_input()
    if "SOLITH_PEERS" in os.environ:
        yield from _beside_lammps()
    yield from _dense_contacts.marks()
    yield from _compaction.marks()


def _bad_input() -> Iterator[Mark]:
    """Show 6: one clear error each."""
    big, small = Powder("big", 100e-6, 2e3, 1e9), Powder("small", 1e-6, 2e3, 1e9)
    soft = Powder("soft", 1e-6, 2e3, 2e9, yield_stress=1e6)
    cases: tuple[tuple[str, Callable[[], Any], str], ...] = (
        ("a negative pressure", lambda: press("LGPS=1", ["-6 MPa"]), "is not above 0"),
        ("a pressure out of reach", lambda: press("LGPS=1", ["5 GPa"]), "out of reach"),
        (
            "a pressure that leaves no voids",
            lambda: press(Mixture((soft,), (1.0,)), ["40 MPa"], particles=200, mode="isostatic"),
            "cannot be reached with voids",
        ),
        ("no pressure", lambda: press("LGPS=1", []), "no pressure is given"),
        (
            "a mixture that cannot pack",
            lambda: press(Mixture((big, small), (1.0, 1.0)), [1e6], particles=500),
            "the mixture cannot be packed",
        ),
        ("an empty mixture", lambda: Mixture((), ()), "the mixture is empty"),
        ("a text that is no mixture", lambda: parse_mixture("NMC and LGPS"), "is not a mixture"),
    )
    for what, wrong, told in cases:
        try:
            wrong()
            figure, met = "no error", False
        except SolithError as error:
            figure = str(error).replace("\n", " ").replace("|", "/")
            met = told in figure
        yield Mark(f"Compaction of {what}", figure, "one clear error", met)


def _beside_lammps() -> Iterator[Mark]:
    """Show 1: the shared elastic case."""
    for case in CASES:
        state = first_state(case, 4000)
        ours, theirs = move(state, 100, 1), move_peer(state, 100, 1)
        places, stress = apart(ours, theirs, state["box"])
        yield Mark(
            f"{len(state['radii'])} elastic Hertz spheres, {case}, after 100 steps beside LAMMPS",
            f"places apart by {places:.0e} mean radii, stresses by {stress:.0e}",
            "1e-9",
            max(places, stress) <= 1e-9,
        )
        rates = []
        for _ in range(3):
            mine, its = move(state, 300, 1), move_peer(state, 300, 1)
            rate = 300 * len(state["radii"]) / mine.processor
            rates.append((its.processor / mine.processor, rate))
        ratio, rate = sorted(rates)[1]
        yield Mark(
            "The same, particle-steps a processor's second on one core, over LAMMPS's",
            f"{ratio:.2f} (solith {rate:.2g})",
            "told only",
            True,
        )


if __name__ == "__main__":
    finish(marks())
