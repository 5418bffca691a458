"""Entry sets from computed entries of pymatgen, one's own or the Materials Project's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from solith.core.errors import InputError
from solith.design.entries import Entry, EntrySet
from solith.design.formula import ELEMENTS, write_formula

__all__ = ["entries_from_pymatgen"]


def entries_from_pymatgen(
    source: Iterable[Any],
    *,
    key: str | None = None,
    name: str = "pymatgen",
    scheme: str = "",
    uncertainty: float = 0.025,
) -> EntrySet:
    """An entry set from pymatgen's computed entries, or fetched for a list of elements.

    ``source``: entries with ``composition`` and ``energy`` [eV] (``ComputedEntry``, ``PDEntry``),
    corrected to one scheme before, or symbols of elements, whose entries pymatgen then asks from
    the Materials Project with your ``key``. Formation energies are counted from the lowest entry
    of each element. ``scheme`` names how they were computed. Nothing is fetched unless symbols
    are given. Raises :class:`InputError` if pymatgen is needed and not there, the key is missing,
    the answer cannot be had, or an element has no entry of its own.
    """
    given = tuple(source)
    if not given:
        raise InputError("there is nothing to make entries from; give entries or element symbols")
    symbols = tuple(item for item in given if isinstance(item, str))
    if symbols and len(symbols) != len(given):
        raise InputError("give either element symbols or computed entries, not both")
    if symbols:
        given = _fetched(symbols, key)
        scheme = scheme or "Materials Project, mixed GGA and GGA+U with its corrections"
    rows = [_read(item) for item in given]
    references: dict[str, float] = {}
    for amounts, energy, _ in rows:
        if len(amounts) == 1:
            ((element, count),) = amounts.items()
            references[element] = min(energy / count, references.get(element, energy / count))
    elements = {element for amounts, _, _ in rows for element in amounts}
    if missing := sorted(elements - set(references)):
        raise InputError(
            f"the entry set is unbalanced: it has compounds of {missing[0]} and no entry of "
            f"{missing[0]} itself; add its reference state",
            where=name,
        )
    entries = tuple(
        Entry(
            formula=write_formula(amounts),
            formation_energy=_formation(amounts, energy, references),
            source=f"computed entry {label}" if label else "computed entry",
            scheme=scheme or "as computed",
        )
        for amounts, energy, label in rows
    )
    return EntrySet(name, entries, uncertainty)


def _fetched(symbols: tuple[str, ...], key: str | None) -> tuple[Any, ...]:
    for symbol in symbols:
        if symbol not in ELEMENTS:
            raise InputError(f"{symbol!r} is no element; give symbols such as 'Li'")
    if not key:
        raise InputError(
            "asking the Materials Project needs your own key of its interface; give it as key"
        )
    try:
        from pymatgen.ext.matproj import MPRester
    except ImportError:
        raise InputError(
            "asking the Materials Project needs pymatgen; install solith[pymatgen]"
        ) from None
    try:
        with MPRester(key) as rester:
            return tuple(rester.get_entries_in_chemsys(list(symbols)))
    except Exception as error:  # its client raises many kinds, most of them its own
        raise InputError(f"the Materials Project gave no entries: {error}") from None


def _read(item: Any) -> tuple[dict[str, float], float, str]:
    """Amounts, energy [eV] and label of one computed entry."""
    try:
        amounts = {str(element): float(count) for element, count in item.composition.items()}
        energy = float(item.energy)
    except (AttributeError, TypeError, ValueError):
        raise InputError(
            f"a computed entry has composition and energy, as pymatgen's have; {item!r} has not"
        ) from None
    for element in amounts:
        if element not in ELEMENTS:
            raise InputError(f"{element!r} of {item!r} is no element")
    return amounts, energy, str(getattr(item, "entry_id", None) or "")


def _formation(amounts: dict[str, float], energy: float, references: dict[str, float]) -> float:
    apart = sum(count * references[element] for element, count in amounts.items())
    formation = (energy - apart) / sum(amounts.values())
    return 0.0 if len(amounts) == 1 and abs(formation) < _ROUNDING else formation


_ROUNDING = 1e-12  # eV per atom
