"""Which species a feature of an absorption spectrum may belong to: a table, and distances."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from solith.analysis._options import chosen, require_text, yes_or_no
from solith.core.errors import InputError, StorageError, UnknownNameError
from solith.core.quantities import to_si
from solith.core.result import Result, Value

__all__ = ["XanesReference", "find_xanes_candidates", "xanes_references"]

CALIBRATION_SPREAD = 1.0
"""How far apart the energy scales of different sources are, about [eV]."""

_FEATURES = ("edge", "white line", "pre-edge", "feature")
_CERTAINTIES = ("read", "derived", "recalled")
_TEXTS = ("element", "edge", "species", "formula", "group", "feature", "source", "certainty")
_NUMBERS = ("energy", "spread")
_NEVER = "one energy does not name a species: compare whole spectra (fit_mixture)"


@dataclass(frozen=True)
class XanesReference:
    """A published or measured energy of a feature of a species, ``energy`` ± ``spread`` [eV]."""

    element: str
    edge: str
    species: str
    formula: str
    group: str
    feature: str
    energy: float
    spread: float
    source: str
    certainty: str


def xanes_references(table: Path | str | None = None) -> tuple[XanesReference, ...]:
    """The table of reference energies: the packaged one, or a file that is written like it.

    Raises :class:`StorageError` for a file that cannot be read and :class:`InputError`
    for a row that lacks a key, has one too many, or a value that does not fit, by its number.
    """
    if table is None:
        return _packaged()
    if not isinstance(table, (str, Path)):
        raise InputError(f"{table!r} is not the path of a table", where="table")
    try:
        text = Path(table).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise StorageError(f"{table}: cannot be read ({error})") from None
    return _references_in(text, str(table))


def find_xanes_candidates(
    energy: Any,
    *,
    uncertainty: Any = 0.0,
    element: str = "S",
    edge: str = "K",
    feature: str | None = None,
    calibrated: bool = False,
    table: Path | str | None = None,
) -> Result:
    """The species of the reference table near an energy [eV], nearest first, never one alone.

    A candidate lies within two standard deviations: of the ``uncertainty`` of the energy, the
    spread of the reference, and, unless ``calibrated`` says that both have one energy scale, 1 eV
    between the calibrations of sources. ``feature`` ("edge", "white line", "pre-edge",
    "feature") leaves only rows of that feature. Values are the candidates' energies, by species
    and feature; ``details["candidates"]`` has distance, its standard deviation, source and
    certainty of each, ``details["groups"]`` the kinds of species among them. Every value has
    the flag that one energy does not name a species.
    """
    try:
        at, doubt = to_si(energy, "eV"), to_si(uncertainty, "eV")
    except InputError as error:
        raise error.inside("energy") from None
    if doubt < 0:
        raise InputError(f"{uncertainty!r} must not be below 0", where="uncertainty")
    require_text(element, "element")
    require_text(edge, "edge")
    yes_or_no(calibrated, "calibrated")
    if feature is not None:
        chosen("feature", feature, _FEATURES)
    rows = [row for row in xanes_references(table) if (row.element, row.edge) == (element, edge)]
    if not rows:
        known = sorted({f"{row.element} {row.edge}" for row in xanes_references(table)})
        raise UnknownNameError.among("element and edge", f"{element} {edge}", known)
    between = 0.0 if calibrated else CALIBRATION_SPREAD
    near = []
    for row in rows:
        deviation = math.hypot(doubt, row.spread, between)
        if (feature in (None, row.feature)) and abs(at - row.energy) <= 2.0 * deviation:
            near.append((abs(at - row.energy), deviation, row))
    near.sort(key=lambda found: (found[0], found[2].species, found[2].feature))
    values = tuple(
        Value(
            f"{row.species}: {row.feature}",
            row.energy,
            "eV",
            row.spread,
            source=row.source,
            flags=(_NEVER, *(("recalled",) if row.certainty == "recalled" else ())),
        )
        for _, _, row in near
    )
    details = {
        "energy": at,
        "uncertainty": doubt,
        "between_calibrations": between,
        "groups": sorted({row.group for _, _, row in near}),
        "candidates": [
            {**row.__dict__, "distance": at - row.energy, "deviation": deviation}
            for _, deviation, row in near
        ],
    }
    return Result(f"candidates at {at:.2f} eV ({element} {edge} edge)", values, details)


@lru_cache(maxsize=1)
def _packaged() -> tuple[XanesReference, ...]:
    file = resources.files("solith.analysis").joinpath("data", "xanes_references.toml")
    return _references_in(file.read_text(encoding="utf-8"), file.name)


def _references_in(text: str, file: str) -> tuple[XanesReference, ...]:
    try:
        rows = tomllib.loads(text).get("reference", [])
    except tomllib.TOMLDecodeError as error:
        raise StorageError(f"{file}: is no TOML ({error})") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or not rows:
        raise InputError("has no [[reference]]", file=file)
    return tuple(_reference(row, f"reference {n}", file) for n, row in enumerate(rows, 1))


def _reference(row: dict[str, Any], where: str, file: str) -> XanesReference:
    expected = {*_TEXTS, *_NUMBERS}
    if missing := sorted(expected - row.keys()):
        raise InputError(f"lacks {', '.join(missing)}", where=where, file=file)
    if extra := sorted(row.keys() - expected):
        told = UnknownNameError.among("key", extra[0], expected)
        raise told.inside(where, file=file)
    try:
        for name in _TEXTS:
            require_text(row[name], name)
        numbers = {name: to_si(row[name], "eV") for name in _NUMBERS}
        if not (numbers["energy"] > 0 and numbers["spread"] >= 0):
            raise InputError("energy must be above 0 and spread not below 0")
        chosen("feature", row["feature"], _FEATURES)
        chosen("certainty", row["certainty"], _CERTAINTIES)
    except InputError as error:
        raise error.inside(where, file=file) from None
    return XanesReference(**{**row, **numbers})
