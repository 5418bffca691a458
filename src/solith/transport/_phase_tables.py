"""From conductivities and contact resistances of phases to conductances of faces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import to_si
from solith.core.volume import Volume, labels_present
from solith.transport._stair_law import resistance_on_stairs
from solith.transport._stairs import Stairs

__all__ = ["FaceTables", "conductivities_of", "face_tables", "not_negative", "resistances_of"]

Array = NDArray[Any]


@dataclass(frozen=True)
class FaceTables:
    """What a face conducts, by the codes of the phases on its two sides, over ``scale`` [S].

    ``between[d]`` has a row and a column a code: a face in direction d. ``first[d]`` and
    ``last[d]`` are those of half a voxel, from its centre to the outer face at either end. The
    last code conducts nothing.
    """

    between: tuple[Array, Array, Array]
    first: tuple[Array, Array, Array]
    last: tuple[Array, Array, Array]
    scale: float

    def in_order(self, order: tuple[int, int, int]) -> FaceTables:
        """The same tables for axes in another order."""
        i, j, k = order
        return FaceTables(
            (self.between[i], self.between[j], self.between[k]),
            (self.first[i], self.first[j], self.first[k]),
            (self.last[i], self.last[j], self.last[k]),
            self.scale,
        )


def conductivities_of(
    volume: Volume, given: Mapping[Any, Any], where: str = "conductivity", *, complete: bool = True
) -> dict[int, float]:
    """The conductivity of the labels that are present [S/m]; of all of them, if ``complete``."""
    if not isinstance(given, Mapping):
        raise InputError(
            "give a table by phase or label, as in {'electrolyte': '2 mS/cm', 'void': 0}, "
            f"not {given!r}",
            where=where,
        )
    found: dict[int, float] = {}
    for phase, value in given.items():
        label = _label(volume, phase, where)
        number = not_negative(value, "S/m", f"{where}.{phase}")
        if found.setdefault(label, number) != number:
            raise InputError(
                f"{phase!r} is given by name and by label, with two values: give one", where=where
            )
    present = labels_present(volume.labels)
    names = {label: name for name, label in volume.phases.items()}
    lacking = [names[label] for label in present if label not in found]
    if lacking and complete:
        raise InputError(
            f"nothing is given for {', '.join(lacking)}; a phase that does not conduct has 0",
            where=where,
        )
    return {label: found[label] for label in present if label in found}


def resistances_of(
    volume: Volume, given: Mapping[tuple[Any, Any], Any] | None
) -> dict[tuple[int, int], float]:
    """The resistance of the faces between two labels [ohm m2], in both orders."""
    if given is not None and not isinstance(given, Mapping):
        raise InputError(
            "give a table by pair of phases, as in {('active', 'electrolyte'): '5 ohm cm2'}, "
            f"not {given!r}",
            where="face_resistance",
        )
    found: dict[tuple[int, int], float] = {}
    for pair, value in (given or {}).items():
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise InputError(
                f"{pair!r} is no pair of phases, as in {{('active', 'electrolyte'): '5 ohm cm2'}}",
                where="face_resistance",
            )
        one, other = (_label(volume, phase, "face_resistance") for phase in pair)
        if one == other:
            raise InputError(
                f"a face resistance stands between two phases, not {pair[0]!r} and itself",
                where="face_resistance",
            )
        blocked = isinstance(value, (float, np.floating)) and value == np.inf
        resistance = np.inf if blocked else not_negative(value, "ohm m2", f"face_resistance.{pair}")
        if found.setdefault((one, other), resistance) != resistance:
            raise InputError(
                f"the pair {pair!r} is given twice, with two values: give one",
                where="face_resistance",
            )
        found[other, one] = resistance
    return found


def not_negative(value: Any, unit: str, where: str) -> float:
    """A quantity in SI units that is zero or more."""
    try:
        number = to_si(value, unit)
    except InputError as error:
        raise error.inside(where) from None
    if number < 0:
        raise InputError(f"{value!r} is negative", where=where)
    return number


def face_tables(
    conductivities: Array,
    resistances: Array,
    voxel_size: tuple[float, float, float],
    stairs: Stairs,
    at_first: Array,
    at_last: Array,
) -> FaceTables:
    """Two half voxels and the resistance between them in series: A / (h/2 s + h/2 s' + R).

    ``conductivities`` [S/m] by code; ``resistances`` [ohm m2] by pair of codes, per contact area,
    from which R follows by the ``stairs``; ``at_first`` and ``at_last`` say which codes the two
    ends are joined to. Raises :class:`InputError` where something conducts too little to be told
    from what does not.
    """
    h = np.array(voxel_size)
    area = np.prod(h) / h
    with np.errstate(divide="ignore", over="ignore"):
        half = 0.5 / conductivities
        voxels = [d * (half[:, None] + half) for d in h]
        between = [
            a / (v + _on_stairs(resistances, across, stairs.total - across, v))
            for a, v, across in zip(area, voxels, stairs.across, strict=True)
        ]
        end = [a / (d * half) for a, d in zip(area, h, strict=True)]
    scale = float(max(np.max(table) for table in (*between, *end)) or 1.0)
    conducts = conductivities > 0
    _require_resolved(end, conducts, scale, "conductivity", "0 for one")
    joined = conducts[:, None] & conducts & np.isfinite(resistances)
    _require_resolved(between, joined, scale, "face resistance", "inf for one")
    single = [(table / scale).astype(np.float32) for table in between]
    first = [(table * at_first / scale).astype(np.float32) for table in end]
    last = [(table * at_last / scale).astype(np.float32) for table in end]
    return FaceTables(
        (single[0], single[1], single[2]),
        (first[0], first[1], first[2]),
        (last[0], last[1], last[2]),
        scale,
    )


def _on_stairs(plain: Array, across: Array, beside: Array, voxels: Array) -> Array:
    finite = np.isfinite(plain)
    found: Array = resistance_on_stairs(np.where(finite, plain, 0.0), across, beside, voxels)
    return np.where(finite, found, np.inf)


def _require_resolved(
    tables: list[Array], conducts: Array, scale: float, what: str, instead: str
) -> None:
    """In single precision nothing that conducts may become nothing."""
    least = float(np.finfo(np.float32).tiny)
    if any((conducts & (table / scale < least)).any() for table in tables):
        raise InputError(
            f"a {what} leaves less than {least:.0e} of the best conductance, which cannot be told "
            f"from nothing: give {instead} that blocks"
        )


def _label(volume: Volume, phase: Any, where: str) -> int:
    try:
        return volume.label_of(phase)
    except UnknownNameError as error:
        raise error.inside(where) from None
