"""The packaged sets of formation energies, and sets from a file of one's own.

Two sets, of two schemes that are never put together:

* ``enthalpies``: measured enthalpies of formation at 298 K, oxides, chlorides, fluorides, nitrides,
  sulfides and alloys; no phosphides of lithium and no P2S5, whose enthalpies were not found in a
  public source. They leave out the entropy of gases: T S of O2 is 0.63 eV.
* ``sulfides``: Li-Ge-P-S-Cl in the scheme of Zhu, He and Mo (10.1021/acsami.5b07517): density
  functional energies, got back from published potentials of the reactions.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from solith.core.constants import FARADAY
from solith.core.errors import InputError, StorageError, UnknownNameError
from solith.design.entries import Entry, EntrySet
from solith.design.formula import parse_formula

__all__ = ["ENTRY_SETS", "choose_entries", "load_entries", "packaged_entries"]

ENTRY_SETS = ("sulfides", "enthalpies")
"""Names of the packaged sets, in the order in which they are tried."""

FILE = "formation_energies.toml"

_SET_KEYS = ("name", "scheme", "sources", "entry")
_MORE_SET_KEYS = ("uncertainty", "note")
_ROW_KEYS = ("formula", "energy", "unit", "source", "certainty")
_MORE_ROW_KEYS = ("fitted", "character", "note")
_UNITS = ("eV", "eV/atom", "kJ/mol")


def packaged_entries(name: str) -> EntrySet:
    """The packaged set called ``name``, one of :data:`ENTRY_SETS`."""
    if name not in ENTRY_SETS:
        raise UnknownNameError.among("entry set", name, ENTRY_SETS)
    return _packaged()[name]


def load_entries(path: str | Path) -> EntrySet:
    """The set of formation energies in a TOML file, laid out like the packaged ones.

    Keys ``name``, ``scheme``, ``uncertainty`` [eV/atom], a table ``sources`` and rows ``[[entry]]``
    with ``formula``, ``energy``, ``unit`` (eV or kJ/mol per formula unit, or eV/atom), ``source``
    (a key of ``sources``) and ``certainty``, and if needed ``fitted``, ``character``, ``note``.
    Raises :class:`StorageError` if it cannot be read, :class:`InputError` naming file and row.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"{path}: the entries cannot be read: {error}") from None
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"this is no TOML: {error}", file=str(path)) from None
    return _entry_set(table, str(path))


def choose_entries(elements: Collection[str], entries: EntrySet | None) -> EntrySet:
    """``entries`` if given, else the first packaged set that covers all ``elements``."""
    if entries is not None:
        return entries
    for name in ENTRY_SETS:
        if packaged_entries(name).elements.issuperset(elements):
            return packaged_entries(name)
    covered = {name: sorted(packaged_entries(name).elements) for name in ENTRY_SETS}
    told = "; ".join(f"{name}: {', '.join(found)}" for name, found in covered.items())
    raise InputError(
        f"no packaged entry set covers {', '.join(sorted(elements))} ({told}); give your own "
        "EntrySet as entries, for example of entries_from_pymatgen"
    )


@lru_cache(maxsize=1)
def _packaged() -> dict[str, EntrySet]:
    file = resources.files("solith.design").joinpath("data", FILE)
    tables = tomllib.loads(file.read_text(encoding="utf-8"))["set"]
    return {table["name"]: _entry_set(table, FILE) for table in tables}


def _entry_set(table: Mapping[str, Any], file: str) -> EntrySet:
    name = str(table.get("name", "?"))
    try:
        _check_keys(table, _SET_KEYS, _MORE_SET_KEYS)
        rows = table["entry"]
        entries = tuple(_row_inside(row, table, index) for index, row in enumerate(rows))
        return EntrySet(name, entries, **_given(table, "uncertainty"))
    except InputError as error:
        raise error.inside("" if error.where == name else name, file=file) from None


def _row_inside(row: Mapping[str, Any], table: Mapping[str, Any], index: int) -> Entry:
    try:
        _check_keys(row, _ROW_KEYS, _MORE_ROW_KEYS)
        if row["unit"] not in _UNITS:
            raise UnknownNameError.among("unit", row["unit"], _UNITS)
        sources = table["sources"]
        if row["source"] not in sources:
            raise UnknownNameError.among("source", row["source"], sources)
        return Entry(
            formula=row["formula"],
            formation_energy=_per_atom(row),
            source=sources[row["source"]],
            scheme=table["scheme"],
            certainty=row["certainty"],
            **_given(row, *_MORE_ROW_KEYS),
        )
    except InputError as error:
        raise error.inside(f"entry[{index}]") from None


def _per_atom(row: Mapping[str, Any]) -> float:
    atoms = sum(parse_formula(row["formula"]).values())
    energy = row["energy"]
    if isinstance(energy, bool) or not isinstance(energy, (int, float)):
        raise InputError(f"the energy must be a number, not {energy!r}", where=row["formula"])
    if row["unit"] == "eV/atom":
        return float(energy)
    scale = 1e3 / FARADAY if row["unit"] == "kJ/mol" else 1.0
    return float(energy * scale / atoms)


def _given(table: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: table[key] for key in keys if key in table}


def _check_keys(table: Mapping[str, Any], needed: tuple[str, ...], more: tuple[str, ...]) -> None:
    for key in table:
        if key not in (*needed, *more):
            raise UnknownNameError.among("key", key, (*needed, *more))
    for key in needed:
        if key not in table:
            raise InputError(f"the key {key!r} is missing; needed are {', '.join(needed)}")
