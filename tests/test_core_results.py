from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solith.core.errors import StorageError, UnitError, UnknownNameError, near_names
from solith.core.result import Result, Value

numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
words = st.text("abc Ω²<&\"'", max_size=6)
values = st.builds(
    Value,
    quantity=words,
    value=numbers,
    unit=words,
    uncertainty=numbers,
    area=st.sampled_from(["", "geometric", "active", "contact"]),
    method=words,
    source=words,
    flags=st.lists(words, max_size=2).map(tuple),
)
results = st.builds(
    Result,
    name=words,
    values=st.lists(values, max_size=4).map(tuple),
    details=st.dictionaries(words, st.lists(numbers, max_size=3), max_size=2),
)


@given(results)
def test_json_gives_back_an_equal_result(result: Result) -> None:
    assert Result.from_json(result.to_json()) == result


def test_what_is_not_finite_becomes_null() -> None:
    result = Result("r", (Value("a", math.nan),), {"b": [math.inf, {"c": math.nan}]})
    back = Result.from_json(result.to_json())
    assert back["a"].value is None
    assert back.details == {"b": [None, {"c": None}]}
    assert "NaN" not in result.to_json()
    assert "Infinity" not in result.to_json()


def test_names_units_and_tables() -> None:
    value = Value("resistance", 0.2, "ohm m2", uncertainty=0.01, area="geometric", flags=("f",))
    result = Result("a <b>", (value,))
    other = result["resistance"].to("ohm cm2")
    assert (other.value, other.uncertainty) == (pytest.approx(2000), pytest.approx(100))
    assert (other.area, other.flags) == ("geometric", ("f",))
    assert Value("t", 300.0, "K", uncertainty=1.0).to("degC").uncertainty == pytest.approx(1)
    assert "resistance" in result
    assert "capacity" not in result
    assert len(result) == 1
    assert "resistance  0.2 ± 0.01  ohm m2  geometric  f" in str(result)
    assert "a &lt;b&gt;" in result._repr_html_()
    assert Value("x", math.nan).shown == "-"
    with pytest.raises(UnknownNameError, match="unknown quantity 'resistence'; did you mean 're"):
        result["resistence"]
    with pytest.raises(UnitError, match="of the wrong dimension"):
        value.to("V")


def test_a_name_is_near_by_spelling_or_by_a_word() -> None:
    among = ["carbon black", "fumed silica", "share_of_mass", "LPSCl"]
    assert near_names("carbon", among) == ["carbon black"]
    assert near_names("Silica", among) == ["fumed silica"]
    assert near_names("mass", among) == ["share_of_mass"]
    assert near_names("lpscl", among) == ["LPSCl"]
    assert near_names("unobtainium", among) == []
    assert near_names("of", [f"share of {what}" for what in ("mass", "area", "cost")]) != []
    assert near_names("of", [f"share of {what}" for what in ("mass", "area", "cost", "time")]) == []
    none = UnknownNameError.among("experiment", "eis", [])
    assert str(none) == "unknown experiment 'eis': there is none of any name"
    error = UnknownNameError.among("phase", "LPSC", ["Li6PS5Cl"], also=["LPSCl"])
    assert str(error) == "unknown phase 'LPSC'; did you mean 'LPSCl'? Choose from: Li6PS5Cl"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": 1, "values": [{}], "details": {}}'])
def test_damaged_json_is_told(text: str) -> None:
    with pytest.raises(StorageError, match="a result cannot be read"):
        Result.from_json(text)


def test_an_uncertainty_of_rounding_is_not_shown() -> None:
    assert Value("a", 0.4514, uncertainty=6.2e-17).shown == "0.4514"
    assert Value("a", 1.0, uncertainty=0.0).shown == "1"
    assert Value("a", 0.4514, uncertainty=6.2e-7).shown == "0.4514 ± 6.2e-07"
    assert Value("a", 0.0, uncertainty=1e-20).spread == 1e-20
