from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solith.core.composite import Composite
from solith.core.description import (
    Description,
    Family,
    choice,
    flag,
    part,
    parts,
    quantity,
    text,
    whole,
)
from solith.core.errors import InputError, UnitError, UnknownNameError

LAWS = Family("law of growth")


@LAWS.register
@dataclass(frozen=True)
class Power(Description):
    law: ClassVar[str] = "power"
    exponent: float = quantity("", above=0)


@LAWS.register
@dataclass(frozen=True)
class Steady(Description):
    law: ClassVar[str] = "steady"
    rate: float = quantity("m/s", low=0)


@dataclass(frozen=True)
class Film(Description):
    thickness: float = quantity("m", above=0, high=1e-3)
    growth: Description | None = part(LAWS, default=None)
    name: str = text(default="film")


@dataclass(frozen=True)
class Stack(Description):
    films: tuple[Film, ...] = parts(Film)
    cover: Film | None = part(Film, default=None)
    sides: int = whole(default=1, low=1)
    order: str = choice(["up", "down"], default="up", what="order")
    closed: bool = flag(default=False)

    def check(self) -> None:
        if self.closed and self.cover is None:
            raise InputError("closed needs a cover; give one")


films = st.builds(
    Film,
    thickness=st.floats(1e-12, 1e-3),
    growth=st.none()
    | st.builds(Power, exponent=st.floats(1e-6, 1e6))
    | st.builds(Steady, rate=st.floats(0, 1e-3)),
    name=st.text(max_size=5),
)
stacks = st.builds(
    Stack,
    films=st.lists(films, max_size=3).map(tuple),
    cover=films,
    sides=st.integers(1, 5),
    order=st.sampled_from(["up", "down"]),
    closed=st.booleans(),
)


@given(stacks)
def test_plain_data_give_back_an_equal_description(stack: Stack) -> None:
    assert Stack.from_mapping(stack.to_mapping()) == stack


@given(
    st.builds(
        Composite,
        active_fraction=st.floats(0.01, 0.5),
        electrolyte_fraction=st.floats(0.01, 0.5),
        particle_radius=st.floats(1e-9, 1e-4),
        ionic_conductivity=st.none() | st.floats(1e-9, 10),
        surface_area=st.none() | st.floats(1, 1e9),
        sources=st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=2),
    )
)
def test_a_composite_survives_plain_data(composite: Composite) -> None:
    assert Composite.from_mapping(composite.to_mapping()) == composite
    assert composite.active_area > 0


def test_a_composite_of_spheres() -> None:
    composite = Composite(0.5, 0.4, "5 um")
    assert composite.active_area == pytest.approx(3e5)
    with pytest.raises(InputError, match=r"active_fraction \+ electrolyte_fraction = 1.2 must be"):
        composite.replace(electrolyte_fraction=0.7)


def test_quantities_are_converted() -> None:
    film = Film("7.5 nm", {"law": "steady", "rate": "1 nm/h"})
    assert film == Film(7.5e-9, Steady(1e-9 / 3600))


GOOD = {"films": [{"thickness": "1 nm"}, {"thickness": "2 nm"}]}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"films": [{"thickness": "1 nm"}, {"thickness": "2 mV"}]},
            UnitError,
            "films.2.thickness: '2 mV' has the unit 'mV', of the wrong dimension",
        ),
        (
            {"films": [{"thickness": "1 nm", "growth": {"law": "power", "exponent": 0}}]},
            InputError,
            "films.1.growth.exponent: 0 must be above 0",
        ),
        (
            {"films": [{"thickness": "1 nm", "growth": {"law": "powr", "exponent": 1}}]},
            UnknownNameError,
            "films.1.growth: unknown law of growth 'powr'; did you mean 'power'? "
            "Choose from: power, steady",
        ),
        (
            {"films": [{"thickness": "1 nm", "growth": {"exponent": 1}}]},
            InputError,
            "films.1.growth: law is missing; choose from: power, steady",
        ),
        (
            {"cover": {"thicknes": "1 nm"}},
            UnknownNameError,
            "cover: unknown field 'thicknes'; did you mean 'thickness'? "
            "Choose from: growth, name, thickness",
        ),
        ({"cover": {}}, InputError, "cover: thickness is missing; give a value for it"),
        ({"cover": 3}, InputError, "cover: 3 is not a table; expected the fields thickness"),
        (
            {"cover": {"thickness": "1 m"}},
            InputError,
            "cover.thickness: '1 m' must be at most 0.001 m",
        ),
        ({"films": "one"}, InputError, "films: 'one' is not a list"),
        ({"sides": 0}, InputError, "sides: 0 must be at least 1"),
        ({"sides": 1.5}, InputError, "sides: 1.5 is not a whole number"),
        ({"order": "dwn"}, UnknownNameError, "order: unknown order 'dwn'; did you mean 'down'?"),
        ({"closed": "yes"}, InputError, "closed: 'yes' must be true or false"),
        ({"closed": True}, InputError, "closed needs a cover; give one"),
        (
            {"cover": {"thickness": "1 nm", "name": 7}},
            InputError,
            "cover.name: 7 is not a text",
        ),
    ],
)
def test_an_error_has_the_path_and_the_remedy(
    change: dict[str, object], error: type[InputError], message: str
) -> None:
    with pytest.raises(error) as told:
        Stack.from_mapping({**GOOD, **change})
    assert str(told.value).startswith(message)


def test_an_error_can_name_the_file() -> None:
    with pytest.raises(InputError) as told:
        Stack.from_mapping({**GOOD, "sides": 0})
    outer = told.value.inside("samples.450", file="study.toml")
    assert str(outer) == "study.toml: samples.450.sides: 0 must be at least 1"
    assert type(UnitError("x").inside("y")) is UnitError


def test_replace_checks_too() -> None:
    stack = Stack.from_mapping(GOOD)
    assert stack.replace(sides=2).sides == 2
    with pytest.raises(UnknownNameError, match=r"unknown field 'side'; did you mean 'sides'\?"):
        stack.replace(side=2)
    with pytest.raises(InputError, match="sides: 0 must be at least 1"):
        stack.replace(sides=0)


@dataclass(frozen=True)
class _Turned(Description):
    order: str | None = choice(["up", "down"], default=None, what="order")


def test_a_choice_may_be_left_out_where_its_default_is_none():
    assert _Turned().order is None
    assert _Turned().to_mapping() == {}
    assert _Turned.from_mapping({"order": "down"}).order == "down"
    with pytest.raises(UnknownNameError, match="order: unknown order 'left'"):
        _Turned("left")
