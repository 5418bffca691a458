"""Chemical formulas: text to amounts of elements and back."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from solith.core.errors import InputError

__all__ = ["ELEMENTS", "parse_formula", "write_formula"]

# fmt: off
ELEMENTS: tuple[str, ...] = (
    "H", "He", "Li", "Be", "B", "C", "N", "O", "F", "Ne", "Na", "Mg", "Al", "Si", "P", "S",
    "Cl", "Ar", "K", "Ca", "Sc", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Ga",
    "Ge", "As", "Se", "Br", "Kr", "Rb", "Sr", "Y", "Zr", "Nb", "Mo", "Tc", "Ru", "Rh", "Pd",
    "Ag", "Cd", "In", "Sn", "Sb", "Te", "I", "Xe", "Cs", "Ba", "La", "Ce", "Pr", "Nd", "Pm",
    "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Hf", "Ta", "W", "Re", "Os",
    "Ir", "Pt", "Au", "Hg", "Tl", "Pb", "Bi", "Po", "At", "Rn", "Fr", "Ra", "Ac", "Th", "Pa",
    "U", "Np", "Pu", "Am", "Cm", "Bk", "Cf", "Es", "Fm", "Md", "No", "Lr",
)
# fmt: on
"""Symbols of the elements, by atomic number."""


def parse_formula(formula: str) -> dict[str, float]:
    """Atoms of each element in one formula unit, as ``"Li1.3Al0.3Ti1.7(PO4)3"`` says.

    Amounts are whole or decimal numbers or fractions (1/3), groups stand in round or square
    brackets and may be nested; subscript digits are read as digits. Elements come in the order of
    the text.
    Raises :class:`InputError` for an unknown symbol, a bracket without its partner, an amount
    of zero, and anything else that is no formula.
    """
    if not isinstance(formula, str) or not formula.strip():
        raise InputError(f"a chemical formula must be text such as 'Li3PS4', not {formula!r}")
    text = "".join(formula.translate(_PLAIN).split())
    levels: list[dict[str, float]] = [{}]
    opened: list[str] = []
    place = 0
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            raise _unreadable(formula, f"{text[place:]!r} is no element, bracket or amount")
        place = token.end()
        symbol, start, end, amount = token.group("symbol", "open", "close", "amount")
        if start:
            levels.append({})
            opened.append(start)
            continue
        number = _amount(amount, formula)
        if symbol:
            if symbol not in _KNOWN:
                raise _unreadable(formula, f"{symbol!r} is no element")
            group = {symbol: 1.0}
        else:
            if not opened or _PARTNER[opened.pop()] != end:
                raise _unreadable(formula, f"the bracket {end!r} was never opened")
            group = levels.pop()
        for element, count in group.items():
            levels[-1][element] = levels[-1].get(element, 0.0) + count * number
    if opened:
        raise _unreadable(formula, f"the bracket {opened[-1]!r} is never closed")
    return levels[0]


def write_formula(amounts: Mapping[str, float]) -> str:
    """``{"Li": 6, "P": 2, "S": 8}`` as ``"Li3PS4"``: the smallest whole numbers there are.

    Amounts without a whole ratio of up to 100 are written with up to four digits.
    """
    smallest = min(amounts.values())
    for units in range(1, 101):
        scaled = {element: units * amount / smallest for element, amount in amounts.items()}
        if all(abs(amount - round(amount)) < 1e-6 * units for amount in scaled.values()):
            whole = {element: round(amount) for element, amount in scaled.items()}
            shared = math.gcd(*whole.values())
            return "".join(
                element + (str(count // shared) if count != shared else "")
                for element, count in whole.items()
            )
    return "".join(f"{element}{amount:.4g}" for element, amount in amounts.items())


_KNOWN = frozenset(ELEMENTS)
_PARTNER = {"(": ")", "[": "]"}
_PLAIN = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_TOKEN = re.compile(
    r"(?:(?P<symbol>[A-Z][a-z]?)|(?P<close>[)\]]))(?P<amount>\d+/\d+|\d+\.?\d*|\.\d+)?|(?P<open>[(\[])"
)


def _amount(text: str | None, formula: str) -> float:
    above, _, below = (text or "1").partition("/")
    amount = float(above) / float(below or 1) if float(below or 1) else math.inf
    if not 0 < amount < math.inf:
        raise _unreadable(formula, f"the amount {text!r} is not above zero")
    return amount


def _unreadable(formula: str, why: str) -> InputError:
    return InputError(f"the chemical formula {formula!r} cannot be read: {why}; write Li3PS4")
