from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solith.core.errors import InputError, UnitError
from solith.core.quantities import format_quantity, in_unit, split_quantity, to_si

SI_AND_OTHERS = [
    ("m", ["nm", "um", "µm", "mm", "cm", "m"]),
    ("m2", ["cm2", "cm^2", "cm²", "mm**2", "m2"]),
    ("S/m", ["uS/cm", "mS/cm", "S/cm", "S/m"]),
    ("Pa", ["MPa", "GPa", "bar", "Pa"]),
    ("V", ["mV", "V"]),
    ("A", ["uA", "µA", "mA", "A"]),
    ("A/m2", ["mA/cm2", "A/m2"]),
    ("ohm m2", ["ohm cm2", "Ω cm²", "ohm*cm2", "kohm m2"]),
    ("F/m2", ["uF/cm2", "F/m2"]),
    ("s", ["ms", "min", "h", "s"]),
    ("m2/s", ["cm2/s", "m2/s"]),
    ("mol/m3", ["mol/L", "mmol/cm3", "mol/m3"]),
    ("J/mol", ["kJ/mol", "J/mol"]),
    ("Hz", ["mHz", "kHz", "MHz", "Hz"]),
    ("1/m", ["1/um", "1/m"]),
    ("Ah", ["mAh", "Ah"]),
    ("mAh/g", ["Ah/kg", "C/kg"]),
]
PAIRS = [(unit, other) for unit, others in SI_AND_OTHERS for other in others]


@given(
    st.sampled_from(PAIRS),
    st.floats(-1e9, 1e9, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-12),
)
def test_a_value_goes_to_another_unit_and_back(pair: tuple[str, str], value: float) -> None:
    unit, other = pair
    there = in_unit(value, unit, other)
    assert in_unit(there, other, unit) == pytest.approx(value, rel=1e-12)
    assert to_si(f"{there!r} {other}", unit) == pytest.approx(value, rel=1e-12)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_si_values_survive_text_bit_for_bit(value: float) -> None:
    assert to_si(f"{value!r} m", "m") == value
    assert to_si(f"{value!r}", "") == value
    assert to_si(value, "S/m") == value


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("7.5 nm", "m", 7.5e-9),
        ("0.785 cm2", "m2", 0.785e-4),
        ("38.7 uS/cm", "S/m", 0.00387),
        ("50 MPa", "Pa", 50e6),
        ("3.8 V", "V", 3.8),
        ("130 uA", "A", 130e-6),
        ("1.3 mA/cm2", "A/m2", 13.0),
        ("97 ohm cm2", "ohm m2", 97e-4),
        ("10 uF/cm2", "F/m2", 0.1),
        ("2 h", "s", 7200.0),
        ("1e-10 cm2/s", "m2/s", 1e-14),
        ("35.4 mol/L", "mol/m3", 35400.0),
        ("35 kJ/mol", "J/mol", 35e3),
        ("1 MHz", "Hz", 1e6),
        ("1 1/um", "1/m", 1e6),
        ("5 %", "", 0.05),
    ],
)
def test_the_quantities_that_messages_offer(text: str, unit: str, expected: float) -> None:
    assert to_si(text, unit) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("text", "kelvin"), [("25 degC", 298.15), ("-40 degC", 233.15), ("298.15 K", 298.15)]
)
def test_temperatures_have_an_offset(text: str, kelvin: float) -> None:
    assert to_si(text, "K") == pytest.approx(kelvin, rel=1e-14)


@given(st.floats(1, 1000))
def test_offset_units_round_trip(kelvin: float) -> None:
    celsius = in_unit(kelvin, "K", "degC")
    assert celsius == pytest.approx(kelvin - 273.15, abs=1e-9)
    assert to_si(f"{celsius!r} degC", "K") == pytest.approx(kelvin, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("value", "unit", "error", "message"),
    [
        ("7.5", "m", UnitError, "'7.5' has no unit; expected a length such as '7.5 nm'"),
        (
            "7.5 mV",
            "m",
            UnitError,
            "'7.5 mV' has the unit 'mV', of the wrong dimension; "
            "expected a length such as '7.5 nm'",
        ),
        ("7.5 foos", "m", UnitError, "'7.5 foos': the unit 'foos' is not known"),
        ("long", "m", InputError, "'long' does not begin with a number"),
        ("", "m", InputError, "'' does not begin with a number"),
        ("nan m", "m", InputError, "'nan m' is not a finite number"),
        ("1e999 m", "m", InputError, "'1e999 m' is not a finite number"),
        (float("inf"), "S/m", InputError, "inf is not a finite number; expected a conductivity"),
        (None, "V", InputError, "None is not a quantity; expected a potential such as '3.8 V'"),
        (True, "V", InputError, "True is not a quantity"),
        ([1], "kg", InputError, "[1] is not a quantity; expected a quantity in a unit like 'kg'"),
    ],
)
def test_what_is_no_quantity_is_told(
    value: object, unit: str, error: type[InputError], message: str
) -> None:
    with pytest.raises(error) as told:
        to_si(value, unit)
    assert message in str(told.value)


@given(st.text(max_size=12), st.sampled_from(["m", "S/m", "", "K", "ohm m2"]))
def test_no_text_whatsoever_gives_another_error(text: str, unit: str) -> None:
    for written in (text, f"1 {text}"):
        try:
            number, told = to_si(written, unit), repr(written)
        except InputError as error:
            number, told = 0.0, str(error)
        assert math.isfinite(number)
        assert repr(written) in told


@pytest.mark.parametrize(
    "unit",
    [
        "MPa m^0.5",
        "MPa m^1/2",
        "MPa m^(1/2)",
        "MPa m1/2",
        "MPa sqrt(m)",
        "MPa·√m",
        "MPa√m",
        "MPa m½",
    ],
)
def test_a_toughness_is_read_as_it_is_printed(unit: str) -> None:
    assert to_si(f"1.5 {unit}", "Pa m^0.5") == pytest.approx(1.5e6)
    with pytest.raises(UnitError, match="of the wrong dimension"):
        to_si(f"1.5 {unit}", "Pa m")


def test_a_power_over_a_unit_is_no_root() -> None:
    assert to_si("3 m^1/s", "m/s") == 3
    assert to_si("3 cm2/s", "m2/s") == 3e-4


def test_a_decimal_comma_is_named() -> None:
    with pytest.raises(UnitError, match="'0,785 cm2' has a decimal comma; write a decimal point"):
        to_si("0,785 cm2", "m2")


def test_splitting_and_showing() -> None:
    assert split_quantity("  1.5e-3   mS/cm ") == (1.5e-3, "mS/cm")
    assert format_quantity(1234.567, "ohm") == "1235 ohm"
    assert format_quantity(0.5, "") == "0.5"
    assert format_quantity(None, "ohm") == "-"
    assert format_quantity(math.nan, "ohm") == "-"
