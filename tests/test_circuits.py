"""Elements and circuits: code against the equation it declares, derivatives, texts."""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solith.analysis import parse_circuit
from solith.analysis.elements import ELEMENTS, Element
from solith.core.errors import InputError, UnknownNameError

NAMES: dict[str, Any] = {
    "sqrt": cmath.sqrt,
    "tanh": cmath.tanh,
    "coth": lambda s: 1 / cmath.tanh(s) if abs(s) < 300 else 1.0,
    "j": 1j,
}


@st.composite
def parameters(draw: Any, element: Element) -> list[float]:
    """Values in the middle of what an element may have."""
    values = []
    for part in element.parameters:
        if part.logarithmic:
            middle = {"ohm": 2.0, "F": -6.0, "H": -6.0, "S s^n": -5.0, "s": -1.0}.get(part.unit, 1)
            values.append(10 ** draw(st.floats(middle - 2, middle + 2)))
        else:
            values.append(draw(st.floats(0.4, 1.0)))
    return values


@pytest.mark.parametrize("symbol", sorted(ELEMENTS))
@given(data=st.data(), decade=st.floats(-2, 6))
def test_an_element_is_its_equation(symbol: str, data: Any, decade: float) -> None:
    element = ELEMENTS[symbol]
    values = data.draw(parameters(element))
    w = 10**decade
    names = dict(zip((part.symbol for part in element.parameters), values, strict=True))
    wanted = eval(element.equation, {"__builtins__": {}}, NAMES | names | {"w": w})
    found = element.law(np.array([w]), values)[0][0]
    assert found == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("symbol", sorted(ELEMENTS))
@given(data=st.data())
def test_derivatives_are_those_of_the_impedance(symbol: str, data: Any) -> None:
    element = ELEMENTS[symbol]
    values = data.draw(parameters(element))
    w = np.logspace(-1, 6, 8)
    _, slopes = element.law(w, values)
    for place, value in enumerate(values):
        step = 1e-4 * value
        above, below = (
            element.law(w, [*values[:place], value + sign * step, *values[place + 1 :]])[0]
            for sign in (1, -1)
        )
        scale = np.abs(slopes[place]) + 1e-4 * np.abs(above) / value
        assert np.all(np.abs((above - below) / (2 * step) - slopes[place]) <= 1e-4 * scale)


@pytest.mark.parametrize("symbol", sorted(ELEMENTS))
def test_an_element_says_what_it_is(symbol: str) -> None:
    element = ELEMENTS[symbol]
    assert element.symbol == symbol
    assert element.source
    assert element.name
    for part in element.parameters:
        assert part.lowest < part.highest
        assert part.symbol in element.equation


def test_lines_and_diffusion_in_their_limits() -> None:
    w = np.array([1e-9])
    # Walls that do not block: a third of the rail and all of the walls' resistance, at rest.
    found = ELEMENTS["TLM"].law(w, [30.0, 600.0, 1e-6, 1.0])[0][0]
    assert found.real == pytest.approx(600 + 30 / 3, rel=2e-3)
    slow = np.array([1e-4])
    assert ELEMENTS["TLMB"].law(slow, [30.0, 1e-3, 1.0])[0][0].real == pytest.approx(10, rel=1e-6)
    assert ELEMENTS["Ws"].law(w, [7.0, 2.0])[0][0].real == pytest.approx(7, rel=1e-6)
    assert ELEMENTS["Wo"].law(slow, [6.0, 2.0])[0][0].real == pytest.approx(2, rel=1e-6)
    fast = np.array([1e9])
    for symbol in ("Wo", "Ws"):
        ends = ELEMENTS[symbol].law(fast, [7.0, 2.0])[0][0]
        assert ends == pytest.approx(7 / cmath.sqrt(2j * 1e9), rel=1e-9)


def test_series_parallel_and_nesting() -> None:
    frequency = np.array([1.0, 1e3])
    w = 2 * math.pi * frequency
    circuit = parse_circuit("R0 - p(R1-W1, C1) - L2")
    assert circuit.text == "R0-p(R1-W1,C1)-L2"
    assert circuit.parameter_names == ("R0", "R1", "W1", "C1", "L2")
    found = circuit.impedance(frequency, {"R0": 1, "R1": 2, "W1": 3, "C1": 1e-3, "L2": 1e-4})
    inner = 2 + 3 * (1 - 1j) / np.sqrt(w)
    wanted = 1 + 1 / (1 / inner + 1j * w * 1e-3) + 1j * w * 1e-4
    assert found == pytest.approx(wanted, rel=1e-12)
    assert parse_circuit("p(R1,CPE1)").parameter_names == ("R1", "CPE1_Q", "CPE1_n")


@given(st.floats(0.5, 1.0), st.floats(1, 1e3), st.floats(1e-8, 1e-3))
def test_derivatives_of_nested_circuits(exponent: float, size: float, charge: float) -> None:
    circuit = parse_circuit("R0-p(R1-p(R2,CPE2),CPE1)-Wo3")
    values = np.array([10.0, size, 30.0, charge, exponent, 1e-6, 0.9, 20.0, 0.3])
    w = np.logspace(-1, 6, 15)
    _, slopes = circuit.response(w, values)
    for place in range(len(values)):
        step = np.zeros(len(values))
        step[place] = 1e-5 * values[place]
        above, below = (circuit.response(w, values + sign * step)[0] for sign in (1, -1))
        numeric = (above - below) / (2 * step[place])
        scale = np.abs(slopes[place]) + 1e-4 * np.abs(above) / values[place]
        assert np.all(np.abs(numeric - slopes[place]) <= 1e-4 * scale)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected an element or p( at character 1, found the end"),
        ("R0-", "expected an element or p( at character 4, found the end"),
        ("R0--R1", "expected an element or p( at character 4, found '-R1'"),
        ("R0-p(R1", "expected ',' or ')' at character 8, found the end"),
        ("R0-p(R1)", "expected a second branch after ',' at character 8, found ')'"),
        ("R0)R1", "expected '-' or the end at character 3, found ')R1'"),
        ("R0-R0", "'R0' occurs twice in the circuit 'R0-R0'; number each"),
    ],
)
def test_texts_that_are_no_circuit(text: str, message: str) -> None:
    with pytest.raises(InputError) as told:
        parse_circuit(text)
    assert message in str(told.value)


def test_what_is_not_known() -> None:
    with pytest.raises(UnknownNameError, match=r"circuit 'R0-Q1': unknown element 'Q'\. Choose f"):
        parse_circuit("R0-Q1")
    circuit = parse_circuit("R0-C1")
    with pytest.raises(InputError, match=r"R0-C1: no value for C1"):
        circuit.impedance([1.0], {"R0": 1})
    with pytest.raises(InputError, match=r"R0-C1 takes 2 values \(R0, C1\), not 1"):
        circuit.impedance([1.0], [1.0])
    with pytest.raises(UnknownNameError, match=r"unknown parameter 'R9'"):
        circuit.impedance([1.0], {"R0": 1, "C1": 1, "R9": 2})


@given(st.text("R0C1p(,)-LW ", max_size=14))
def test_no_text_gives_a_foreign_error(text: str) -> None:
    try:
        circuit = parse_circuit(text)
    except InputError:
        return
    assert parse_circuit(circuit.text) == circuit
