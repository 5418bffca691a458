"""A stack of collectors, electrodes and separators, and what is around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from solith.core.description import Description, choice, part, parts, quantity, text, whole
from solith.core.errors import InputError
from solith.design._paths import changed_at, unit_at, value_at
from solith.design.anode import AnodeFree, Foil
from solith.design.electrode import ANODES, Electrode
from solith.design.housing import Fixture, Pouch, Tab
from solith.design.resistances import Resistances
from solith.design.separator import Collector, Liquid, Separator

__all__ = ["ARRANGEMENTS", "Stack"]

_NAMED = ("cathode_collector", "anode_collector")


def _full(stack: Stack) -> tuple[str, dict[str, float]]:
    cells = stack.cells
    return (
        "full foils: every cell has both of its collectors to itself",
        dict.fromkeys(_NAMED, float(cells)),
    )


def _half(stack: Stack) -> tuple[str, dict[str, float]]:
    return (
        "half foils: the repeating unit of an endless stack of double-sided electrodes, whose "
        "collectors are shared by two cells each",
        dict.fromkeys(_NAMED, 0.5),
    )


def _double(stack: Stack) -> tuple[str, dict[str, float]]:
    cells = stack.cells
    outer, inner = cells // 2 + 1, (cells + 1) // 2
    names = _NAMED if stack.outer == "cathode" else _NAMED[::-1]
    counts = dict(zip(names, (float(outer), float(inner)), strict=True))
    told = (
        f"double-sided electrodes: {cells} cells in parallel have {cells + 1} collectors, "
        f"{counts[_NAMED[0]]:g} of the cathode and {counts[_NAMED[1]]:g} of the anode"
    )
    return told, counts


def _bipolar(stack: Stack) -> tuple[str, dict[str, float]]:
    between = stack.cells - 1
    told = (
        f"bipolar: {stack.cells} cells in series with {between} bipolar collectors between them "
        "and one collector of each electrode at the ends"
    )
    return told, {**dict.fromkeys(_NAMED, 1.0), "bipolar_collector": float(between)}


ARRANGEMENTS: dict[str, Callable[[Stack], tuple[str, dict[str, float]]]] = {
    "single-sided": _full,
    "half foils": _half,
    "double-sided": _double,
    "bipolar": _bipolar,
}
"""How cells share collectors: the words for it, and how many of each a stack has."""


@dataclass(frozen=True)
class Stack(Description):
    """Cells on top of each other: what an energy is computed of.

    ``voltage`` [V] is a cell's mean on discharge; without it, it is the difference of the
    electrodes' mean potentials. ``arrangement`` is one of :data:`ARRANGEMENTS` with ``cells``
    cells: "single-sided" (full foils), "half foils" (the repeating unit of an endless stack of
    double-sided electrodes), "double-sided" (``outer`` says which collector lies outside, the
    anode's by default) or "bipolar" (in series: a bipolar collector between the cells, and one of
    each electrode at the ends, which may be 0 um thick where an end needs none). ``width`` and
    ``length`` [m] of the face are needed where tabs, pouch or fixture are. ``resistances``, beside
    the separator's, are what a load needs. ``source`` says where its numbers are from. A part that
    nothing would come of, such as a liquid without pores to fill, is refused.
    """

    cathode: Electrode = part(Electrode)
    separator: Separator = part(Separator)
    anode: Electrode | Foil | AnodeFree = part(ANODES)
    cathode_collector: Collector | None = part(Collector, default=None)
    anode_collector: Collector | None = part(Collector, default=None)
    bipolar_collector: Collector | None = part(Collector, default=None)
    liquid: Liquid | None = part(Liquid, default=None)
    voltage: float | None = quantity("V", default=None, above=0)
    arrangement: str = choice(ARRANGEMENTS, default="single-sided", what="arrangement")
    cells: int = whole(default=1, low=1)
    outer: str | None = choice(("anode", "cathode"), default=None, what="outer collector")
    width: float | None = quantity("m", default=None, above=0)
    length: float | None = quantity("m", default=None, above=0)
    tabs: tuple[Tab, ...] = parts(Tab, default=())
    pouch: Pouch | None = part(Pouch, default=None)
    fixture: Fixture | None = part(Fixture, default=None)
    resistances: Resistances | None = part(Resistances, default=None)
    source: str | None = text(default=None)

    def check(self) -> None:
        """Refuse parts that do not make a cell together."""
        self._check_lithium()
        if self.cathode.excess is not None:
            raise InputError("excess is the anode's; give the cathode's loading", where="cathode")
        if isinstance(self.anode, Electrode) and self.anode.end_of_charge is not None:
            raise InputError("is the cathode's; leave it out", where="anode.end_of_charge")
        self._check_liquid()
        if self.arrangement == "half foils" and self.cells != 1:
            raise InputError(
                "half foils are those of one cell in an endless stack; leave cells out, or choose "
                "'double-sided'",
                where="cells",
            )
        if self.arrangement == "half foils" and (self.tabs or self.pouch or self.fixture):
            raise InputError(
                "an endless stack has no tabs, pouch or fixture around it; choose 'double-sided' "
                "with its number of cells",
                where="arrangement",
            )
        self._check_collectors()
        if (self.width is None) != (self.length is None):
            raise InputError(
                "is missing; a face has width and length",
                where="width" if self.width is None else "length",
            )
        if self.face is None and (self.tabs or self.pouch or self.fixture):
            raise InputError(
                "give width and length of the face: tabs, pouch and fixture are spread over it",
                where="width",
            )
        self._check_contact()
        if not self.cell_voltage > 0:
            raise InputError(
                f"the electrodes' mean potentials differ by {self.cell_voltage:g} V; the "
                "cathode's must be the higher one",
                where="voltage",
            )

    @property
    def face(self) -> float | None:
        """Geometric area of the face [m2], where width and length are given."""
        return None if self.width is None or self.length is None else self.width * self.length

    @property
    def pressure(self) -> Any:
        """Pressure on the face [Pa], where a fixture names one."""
        return None if self.fixture is None else self.fixture.pressure

    @property
    def cell_voltage(self) -> Any:
        """Mean voltage of one cell [V]."""
        if self.voltage is not None:
            return self.voltage
        high, low = self.cathode.mean_potential, self.anode.mean_potential
        if high is None or low is None:
            raise InputError(
                "is missing; give it, or the voltage vs Li of both electrodes", where="voltage"
            )
        return high - low

    @property
    def convention(self) -> str:
        """How collectors are counted, in words."""
        return ARRANGEMENTS[self.arrangement](self)[0]

    @property
    def collector_counts(self) -> dict[str, float]:
        """How many of each collector the stack has."""
        return ARRANGEMENTS[self.arrangement](self)[1]

    def with_value(self, path: str, value: Any) -> Stack:
        """The stack with one value changed, such as ``("separator.thickness", "20 um")``.

        A mass fraction takes from the other solids in proportion; a loading or a thickness of an
        electrode that has both leaves the porosity as it is.
        """
        return changed_at(self, path, value)

    def value_at(self, path: str) -> float | None:
        """The SI value at a place such as "separator.thickness"; ``None`` where it is left out."""
        return value_at(self, path)

    def unit_at(self, path: str) -> str:
        """The SI unit of the value at a place; :class:`InputError` where there is none."""
        return unit_at(self, path)

    def _check_collectors(self) -> None:
        if self.arrangement != "bipolar" and self.bipolar_collector is not None:
            raise InputError(
                f"lies between the cells of a bipolar stack, and this one is {self.arrangement}; "
                "leave it out, or set arrangement = 'bipolar'",
                where="bipolar_collector",
            )
        if self.arrangement != "double-sided" and self.outer is not None:
            raise InputError(
                f"is for double-sided electrodes, and this stack is {self.arrangement}; leave it "
                "out, or set arrangement = 'double-sided'",
                where="outer",
            )
        if self.arrangement != "bipolar":
            return
        if self.cells > 1 and self.bipolar_collector is None:
            raise InputError(
                "is missing; the cells of a bipolar stack share one", where="bipolar_collector"
            )
        for name in _NAMED:
            if getattr(self, name) is None:
                raise InputError(
                    "is missing; a bipolar stack ends in a collector of each electrode (one of "
                    "'0 um' where that end needs none)",
                    where=name,
                )

    def _check_liquid(self) -> None:
        filled = [
            name
            for name in ("cathode", "separator", "anode")
            if getattr(getattr(self, name), "filling", "") == "liquid"
        ]
        if filled and self.liquid is None:
            raise InputError(
                f"is missing; the pores of the {filled[0]} are said to be full of it",
                where="liquid",
            )
        if self.liquid is not None and not filled:
            raise InputError(
                "fills no pores; set filling = 'liquid' of the cathode, the separator or the "
                "anode, or leave it out",
                where="liquid",
            )

    def _check_contact(self) -> None:
        if self.resistances is None or self.resistances.pressure_contact is None:
            return
        if self.pressure is None:
            raise InputError(
                "is missing; the pressure_contact of the resistances needs it",
                where="fixture.pressure",
            )
        if not (self.pressure > 0 and self.resistances.contact_at(self.pressure) > 0):
            raise InputError(
                f"{self.pressure:g} Pa leaves no contact by the law of the resistances",
                where="fixture.pressure",
            )

    def _check_lithium(self) -> None:
        if self.cathode.lithiated or self.anode.lithiated:
            both = self.cathode.lithiated and self.anode.lithiated
            if both and isinstance(self.anode, Electrode):
                raise InputError(
                    "both electrodes hold lithium as assembled, so that nothing can take it up; "
                    "set lithiated = false for the one that does",
                    where="anode.lithiated",
                )
            return
        raise InputError(
            f"the cell has no lithium: neither the cathode of {self.cathode.active.material} nor "
            "the anode holds any as assembled",
            where="anode",
        )
