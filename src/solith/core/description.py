"""Descriptions: frozen dataclasses that check themselves and fit into a study file.

A description is written once, in Python or in TOML, in quantities with units; it holds
SI floats. Its fields declare what they hold::

    @dataclass(frozen=True)
    class Coating(Description):
        thickness: float = quantity("m", above=0)
        conductivity: float = quantity("S/m", above=0)

    Coating("7.5 nm", "38.7 uS/cm") == Coating.from_mapping(
        {"thickness": "7.5 nm", "conductivity": "38.7 uS/cm"})

Whatever is wrong is one :class:`InputError` that carries the path of the field.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field
from typing import Any, Self, TypeVar

from solith.core.errors import InputError, UnitError, UnknownNameError
from solith.core.quantities import in_unit, no_unit_message, split_quantity, to_si
from solith.core.table import html_table, text_table

__all__ = [
    "Description",
    "Family",
    "choice",
    "column",
    "flag",
    "part",
    "parts",
    "quantity",
    "text",
    "whole",
]

T = TypeVar("T", bound="Description")


@dataclass(frozen=True)
class Description:
    """Base of everything a user describes: converts, checks, and maps to plain data."""

    def __post_init__(self) -> None:
        for item in dataclasses.fields(self):
            convert: Callable[[Any], Any] | None = item.metadata.get("convert")
            if convert is None:
                continue
            try:
                value = convert(getattr(self, item.name))
            except InputError as error:
                raise error.inside(item.name) from None
            object.__setattr__(self, item.name, value)
        self.check()

    def check(self) -> None:
        """Raise :class:`InputError` where fields do not fit together."""

    @classmethod
    def from_mapping(cls, mapping: Any) -> Self:
        """The description written as plain data (as in a study file).

        There a quantity has its unit: a bare number, which in Python is SI, is refused.
        """
        if not isinstance(mapping, Mapping):
            raise InputError(
                f"{mapping!r} is not a table; expected the fields {', '.join(_names(cls))}"
            )
        for key in mapping:
            if key not in _names(cls):
                raise UnknownNameError.among("field", key, _names(cls))
        missing = [
            item.name
            for item in dataclasses.fields(cls)
            if item.name not in mapping
            and item.default is MISSING
            and item.default_factory is MISSING
        ]
        if missing:
            raise InputError(f"{', '.join(missing)} is missing; give a value for it")
        for item in dataclasses.fields(cls):
            if item.metadata.get("unit") and _is_bare(mapping.get(item.name)):
                error = UnitError(no_unit_message(mapping[item.name], item.metadata["unit"]))
                raise error.inside(item.name)
        return cls(**mapping)

    def to_mapping(self) -> dict[str, Any]:
        """Plain data from which :meth:`from_mapping` makes an equal description."""
        written = {}
        for item in dataclasses.fields(self):
            value = getattr(self, item.name)
            if value is not None:
                write = item.metadata.get("write", _as_it_is)
                written[item.name] = write(value)
        return written

    def table(self) -> list[tuple[str, str]]:
        """Path and value of every field that is set, parts of parts included."""
        return list(_flat("", self.to_mapping()))

    def __str__(self) -> str:
        return f"{type(self).__name__}\n{text_table(_HEADINGS, self.table())}"

    def _repr_html_(self) -> str:
        return html_table(_HEADINGS, self.table(), title=type(self).__name__)

    def replace(self, **changes: Any) -> Self:
        """The same description with some fields changed."""
        for key in changes:
            if key not in _names(type(self)):
                raise UnknownNameError.among("field", key, _names(type(self)))
        return dataclasses.replace(self, **changes)


@dataclass(frozen=True)
class Family:
    """Alternative descriptions of one thing, told apart by the class variable ``law``.

    Modules register their law with :meth:`register`; a study file chooses one with
    ``{law = "NAME", ...}`` (or another ``key`` that reads better there).
    """

    what: str
    key: str = "law"
    members: dict[str, type[Description]] = field(default_factory=dict)

    def register(self, cls: type[T]) -> type[T]:
        """Class decorator: offer ``cls`` under its class variable ``law``."""
        self.members[cls.law] = cls  # type: ignore[attr-defined]
        return cls

    def read(self, value: Any) -> Description:
        """The member that ``value`` is or describes."""
        if isinstance(value, Description) and type(value) in self.members.values():
            return value
        if not isinstance(value, Mapping):
            raise InputError(f"{value!r} is not a {self.what}; expected a table with {self.key!r}")
        chosen = value.get(self.key)
        if chosen is None:
            offered = ", ".join(sorted(self.members))
            raise InputError(f"{self.key} is missing; choose from: {offered}")
        if chosen not in self.members:
            raise UnknownNameError.among(self.what, chosen, self.members)
        rest = {key: item for key, item in value.items() if key != self.key}
        return self.members[chosen].from_mapping(rest)

    def write(self, value: Description) -> dict[str, Any]:
        """``value`` as plain data that :meth:`read` understands."""
        return {self.key: value.law, **value.to_mapping()}  # type: ignore[attr-defined]


def quantity(
    unit: str,
    *,
    default: Any = MISSING,
    above: float | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Any:
    """A field that holds a float in the SI ``unit``.

    ``above`` is an exclusive lower bound, ``low`` and ``high`` are inclusive. With
    ``default=None`` the field may be left out.
    """

    def convert(value: Any) -> float | None:
        if value is None and default is None:
            return None
        number = to_si(value, unit)
        if above is not None and not number > above:
            raise InputError(f"{value!r} must be above {_bound(above, unit)}")
        if low is not None and number < low:
            raise InputError(f"{value!r} must be at least {_bound(low, unit)}")
        if high is not None and number > high:
            raise InputError(f"{value!r} must be at most {_bound(high, unit)}")
        return number

    def write(value: float) -> str | float:
        return f"{value!r} {unit}" if unit else value

    return field(default=default, metadata={"convert": convert, "write": write, "unit": unit})


def column(unit: str) -> Any:
    """A field that holds a tuple of floats in the SI ``unit``."""

    def convert(given: Any) -> tuple[float, ...]:
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise InputError(f"{given!r} is not a list")
        return tuple(to_si(item, unit) for item in given)

    def write(values: tuple[float, ...]) -> list[str | float]:
        return [f"{value!r} {unit}" if unit else value for value in values]

    return field(metadata={"convert": convert, "write": write})


def whole(*, default: Any = MISSING, low: int | None = None) -> Any:
    """A field that holds a whole number."""

    def convert(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise InputError(f"{value!r} is not a whole number")
        if low is not None and value < low:
            raise InputError(f"{value!r} must be at least {low}")
        return value

    return field(default=default, metadata={"convert": convert})


def choice(options: Iterable[str], *, default: Any = MISSING, what: str = "choice") -> Any:
    """A field that holds one of the ``options``; with ``default=None`` it may be left out."""
    offered = tuple(options)

    def convert(value: Any) -> str | None:
        if value is None and default is None:
            return None
        if value not in offered:
            raise UnknownNameError.among(what, str(value), offered)
        return str(value)

    return field(default=default, metadata={"convert": convert})


def text(*, default: Any = MISSING) -> Any:
    """A field that holds words."""

    def convert(value: Any) -> str | None:
        if value is None and default is None:
            return None
        if not isinstance(value, str):
            raise InputError(f"{value!r} is not a text")
        return value

    return field(default=default, metadata={"convert": convert})


def flag(*, default: Any = MISSING) -> Any:
    """A field that is true or false."""

    def convert(value: Any) -> bool:
        if not isinstance(value, bool):
            raise InputError(f"{value!r} must be true or false")
        return value

    return field(default=default, metadata={"convert": convert})


def part(kind: type[Description] | Family, *, default: Any = MISSING) -> Any:
    """A field that holds another description (or one of a family)."""

    def convert(value: Any) -> Any:
        if value is None and default is None:
            return None
        return _read_part(kind, value)

    return field(default=default, metadata={"convert": convert, "write": _writer(kind)})


def parts(kind: type[Description] | Family, *, default: Any = MISSING) -> Any:
    """A field that holds a tuple of descriptions."""
    write_one = _writer(kind)

    def convert(value: Any) -> tuple[Any, ...]:
        if isinstance(value, (str, Mapping)) or not isinstance(value, Iterable):
            raise InputError(f"{value!r} is not a list")
        read = []
        for place, item in enumerate(value, start=1):
            try:
                read.append(_read_part(kind, item))
            except InputError as error:
                raise error.inside(str(place)) from None
        return tuple(read)

    def write(value: tuple[Any, ...]) -> list[Any]:
        return [write_one(item) for item in value]

    return field(default=default, metadata={"convert": convert, "write": write})


def _read_part(kind: type[Description] | Family, value: Any) -> Any:
    if isinstance(kind, Family):
        return kind.read(value)
    return value if isinstance(value, kind) else kind.from_mapping(value)


def _writer(kind: type[Description] | Family) -> Callable[[Any], Any]:
    if isinstance(kind, Family):
        return kind.write
    return lambda value: value.to_mapping()


def _names(cls: type[Description]) -> list[str]:
    return [item.name for item in dataclasses.fields(cls)]


_HEADINGS = ("field", "value")
_SHOWN_IN = {"ohm m2": "ohm cm2"}
"""Units that a table for a person shows in place of the SI unit, as results do."""


def _flat(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(f"{path}.{key}" if path else str(key), item)
    elif isinstance(value, list):
        for place, item in enumerate(value, start=1):
            yield from _flat(f"{path}.{place}", item)
    else:
        yield path, _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    try:
        number, unit = split_quantity(value) if isinstance(value, str) else (float(value), "")
    except (InputError, TypeError, ValueError):
        return str(value)
    shown = _SHOWN_IN.get(unit, unit)
    return f"{number if shown == unit else in_unit(number, unit, shown):.6g} {shown}".strip()


def _is_bare(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _bound(value: float, unit: str) -> str:
    return f"{value:g} {unit}".strip()


def _as_it_is(value: Any) -> Any:
    return value
