"""One colour for each phase, the same in all figures, and lengths as they stand beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from solith.figures.numbers import show_number

__all__ = ["length_unit", "phase_colours", "round_length"]

_BY_WORD = {
    "void": "#20262c",
    "voids": "#20262c",
    "pore": "#20262c",
    "pores": "#20262c",
    "air": "#20262c",
    "active": "#4C8DC4",
    "electrolyte": "#F0C05A",
    "carbon": "#7A3B69",
}
_OTHERS = ("#4C8DC4", "#F0C05A", "#6FB08A", "#D98A6A", "#B9A3CF", "#A9B3BC", "#7A3B69")
_UNITS = ((1e-3, "mm", 1e3), (1e-6, "µm", 1e6), (0.0, "nm", 1e9))


def phase_colours(phases: Iterable[str]) -> dict[str, str]:
    """A colour for each phase: the usual ones by name, further ones in order."""
    names = list(phases)
    found: dict[str, str] = {}
    for name in names:
        words = re.findall(r"[a-z]+", name.lower())
        known = [_BY_WORD[word] for word in words if word in _BY_WORD]
        if known and known[0] not in found.values():
            found[name] = known[0]
    free = [colour for colour in _OTHERS if colour not in found.values()]
    for name in names:
        if name not in found:
            found[name] = free.pop(0) if len(free) > 1 else free[0]
    return {name: found[name] for name in names}


def length_unit(longest: float) -> tuple[str, float]:
    """The unit for lengths up to ``longest`` [m], and by what metres are multiplied."""
    for least, unit, scale in _UNITS:
        if longest >= 3 * least:
            return unit, scale
    return "nm", 1e9


def round_length(longest: float) -> tuple[float, str]:
    """A round length of about a quarter of ``longest`` [m], and how it is written."""
    unit, scale = length_unit(longest)
    wanted = longest * scale / 4
    power = 10.0 ** len(str(int(wanted))) / 10 if wanted >= 1 else 0.1
    value = max(step * power for step in (0.1, 0.2, 0.5, 1, 2, 5) if step * power <= wanted)
    return value / scale, f"{show_number(value, 2)} {unit}"
