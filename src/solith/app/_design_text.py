"""What ``solith design`` prints: tables in which nothing is missing without its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from solith.core.table import text_table

if TYPE_CHECKING:
    from solith.app._design_task import Asked, Found
    from solith.core.result import Value

__all__ = [
    "COATING_HEADS",
    "SPREAD_HEADS",
    "coating_rows",
    "judged_at",
    "missing_reason",
    "show_design",
    "spread_rows",
    "when",
]

_NONE = "none"
_LIKE = ("gravimetric", "volumetric", "areal_capacity", "areal_energy", "voltage", "thickness",
         "areal_mass")  # fmt: skip
_OF_FACE, _OF_PRICES = ("energy", "mass", "volume"), ("areal_cost", "cost_per_energy")
_AT_LOAD = ("gravimetric_at_load", "volumetric_at_load", "voltage_at_load")
SPREAD_HEADS = ("quantity", "mean", "5 %", "50 %", "95 %", "unit", "when", "notes")
COATING_HEADS = ("coating", "window (V vs Li)", "verdict", "with electrolyte (eV/atom)",
                 "with electrode (eV/atom)", "cost (Wh/kg)", "doubts")  # fmt: skip


def show_design(asked: Asked, found: Mapping[str, Found], reference: Found | None) -> str:
    """All that was found, as text; ``reference`` is what was found of one from a file."""
    if len(found) == 1:
        parts = list(_one(asked, *next(iter(found.items())), reference))
    else:
        parts = [*_several(asked, found), *_coatings(asked, found)]
    return "\n\n".join(parts)


def when(value: Value, convention: str) -> str:
    """A value's method without the convention of the collectors, which is told once."""
    return value.method.replace(convention, "").strip("; ")


def missing_reason(quantity: str, found: Found, *, is_reference: bool) -> str:
    """Why a stack of several has no such value."""
    if is_reference and ("break_even" in quantity or "thickness_for" in quantity):
        return "it is the reference itself"
    if quantity in _OF_FACE:
        return "no width and length of the face are given"
    if quantity in _OF_PRICES:
        return "no prices are given"
    if found.stack.separator.conductivity is None:
        return "no separator.conductivity is given, which a load and a resistance need"
    if quantity == "separator_resistance":
        return "the separator has no thickness"
    if quantity.startswith("lost_"):
        return "no such resistance is given"
    return "the load is not borne"


def judged_at(found: Found) -> str:
    """The potential that coatings were judged at, and which one it is."""
    assert found.coatings is not None
    value = found.coatings["coating_potential"]
    flags = f" ({'; '.join(value.flags)})" if value.flags else ""
    return f"{value.value:.2f} V {value.method.replace(';', ',')}{flags}"


def coating_rows(found: Found) -> list[tuple[str, ...]]:
    """One row for each coating, the best first, under :data:`COATING_HEADS`."""
    assert found.coatings is not None
    return [
        (
            row["formula"],
            row["window"],
            row["verdict"],
            f"{row['with_electrolyte']:.3f}",
            f"{row['with_electrode']:.3f}",
            "not known" if row["cost"] is None else f"{row['cost']:.3g}",
            _doubts(found.coatings[f"cost, {row['formula']}"]),
        )
        for row in found.coatings.details["coatings"]
    ]


def spread_rows(found: Found) -> Iterator[tuple[str, ...]]:
    """One row for each quantity over the ranges, under :data:`SPREAD_HEADS`."""
    by_name: dict[str, list[Value]] = {}
    for one in found.spread:
        by_name.setdefault(one.quantity.rsplit(", ", 1)[0], []).append(one)
    for name, values in by_name.items():
        mean, numbers = values[0], [_shown(one) for one in values]
        numbers += [_NONE] * (len(SPREAD_HEADS) - 4 - len(numbers))
        yield (name, *numbers, mean.unit, when(mean, found.stack.convention), _notes(mean))


def _doubts(cost: Value) -> str:
    """The flags of a coating's cost but for the verdict, which has its own column."""
    return "; ".join(flag for flag in cost.flags if not flag.startswith("not stable")) or _NONE


def _one(asked: Asked, name: str, found: Found, reference: Found | None) -> Iterator[str]:
    told = found.stack.convention
    yield str(replace(found.energy, name=f"{name}, at open circuit"))
    if reference is not None:
        yield _beside(name, found, reference)
    if found.against:
        footnotes = _Footnotes()
        table = _titled(
            "Separator thickness that has the reference's energy",
            ("quantity", "value", "unit", "both", "notes"),
            [
                (one.quantity, _shown(one), one.unit, when(one, told), footnotes.of(*one.flags))
                for one in found.against
            ],
        )
        yield "\n".join([table, *footnotes.lines()])
    if found.loaded:
        yield _titled(
            f"At {asked.load}",
            ("quantity", "value", "unit", "area", "notes"),
            [(one.quantity, _shown(one), one.unit, one.area, _notes(one)) for one in found.loaded],
        )
    yield from _coatings(asked, {name: found})
    if found.spread:
        footnotes = _Footnotes()
        rows = [(*row, footnotes.of(*(notes,) * bool(notes))) for *row, notes in spread_rows(found)]
        yield "\n".join([_titled("Over the ranges", SPREAD_HEADS, rows), *footnotes.lines()])
        yield _titled(
            f"What decides {found.causes[0].quantity.split(' of ')[-1].split(',')[0]}",
            ("range", "share of the variance"),
            [
                (one.quantity.split(", ", 1)[1], f"{100 * (one.value or 0.0):.3g} %")
                for one in sorted(found.causes, key=lambda one: -(one.value or 0.0))
            ],
        )


def _beside(name: str, found: Found, reference: Found) -> str:
    rows = []
    both = [{one.quantity: one for one in each.plain} for each in (found, reference)]
    for quantity in (*_LIKE, *_AT_LOAD):
        mine, its = (each.get(quantity) for each in both)
        if mine is None or its is None:
            continue
        more = _NONE
        if mine.value is not None and its.value:
            more = f"{100 * (mine.value / its.value - 1):+.3g} %"
        rows.append((quantity, _shown(mine), _shown(its), mine.unit, more))
    parts = [
        _titled(
            "Beside the reference, at open circuit unless a load is named",
            ("quantity", name, "reference", "unit", "difference"),
            rows,
        ),
        f"reference: {reference.stack.convention}",
    ]
    if found.loaded and not reference.loaded:
        parts.append(
            "reference: at open circuit alone, as it names no separator.conductivity, which a "
            "load needs"
        )
    unlike = dict.fromkeys(flag for one in found.against for flag in one.flags if "like" in flag)
    return "\n".join([*parts, *(f"! {flag}" for flag in unlike)])


def _coatings(asked: Asked, found: Mapping[str, Found]) -> Iterator[str]:
    for name, one in found.items():
        if one.coatings is None:
            continue
        of = f" of {name}" if len(found) > 1 else ""
        uncoated = one.coatings["reaction_energy, uncoated"]
        yield (
            _titled(
                f"Coatings{of} at {asked.load}, judged at {judged_at(one)}",
                COATING_HEADS,
                coating_rows(one),
            )
            + f"\nuncoated, {uncoated.method}: {uncoated.value:.3f} eV/atom"
        )


def _several(asked: Asked, found: Mapping[str, Found]) -> Iterator[str]:
    plain = {name: {one.quantity: one for one in each.plain} for name, each in found.items()}
    quantities = list(dict.fromkeys(quantity for own in plain.values() for quantity in own))
    footnotes = _Footnotes()
    rows = []
    for quantity in quantities:
        shown = []
        for name, own in plain.items():
            value = own.get(quantity)
            if value is not None and value.value is not None and not value.flags:
                shown.append(value.shown)
                continue
            is_reference = name == asked.reference_name
            why = (missing_reason(quantity, found[name], is_reference=is_reference),)
            marks = footnotes.of(*(value.flags if value else why))
            shown.append(f"{_shown(value) if value else _NONE} {marks}")
        known = next(own[quantity] for own in plain.values() if quantity in own)
        rows.append((quantity, *shown, known.unit, when(known, _convention(found, quantity))))
    yield text_table(("quantity", *found, "unit", "when"), rows)
    if footnotes.numbers:
        yield "\n".join(footnotes.lines())
    conventions = dict.fromkeys(each.stack.convention for each in found.values())
    yield "\n".join(f"* {note}" for note in (*conventions, *asked.notes))


def _convention(found: Mapping[str, Found], quantity: str) -> str:
    return next(
        each.stack.convention
        for each in found.values()
        if any(one.quantity == quantity for one in each.plain)
    )


@dataclass(frozen=True)
class _Footnotes:
    """Reasons under a table, each once, by number."""

    numbers: dict[str, int] = field(default_factory=dict)

    def of(self, *reasons: str) -> str:
        """The marks of these reasons."""
        return " ".join(
            f"[{self.numbers.setdefault(why, len(self.numbers) + 1)}]" for why in reasons
        )

    def lines(self) -> list[str]:
        return [f"[{number}] {why}" for why, number in self.numbers.items()]


def _shown(value: Value) -> str:
    return _NONE if value.shown == "-" else value.shown


def _notes(value: Value) -> str:
    return "; ".join(value.flags)


def _titled(title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    return f"{title}\n{text_table(heads, list(rows))}"
