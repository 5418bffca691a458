"""Series of spectra: known laws come back, arcs keep their numbers, doubts are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from solith.analysis import fit_series, parse_circuit
from solith.analysis._lines import bends, fit_linear
from solith.analysis._series.laws import fit_growth
from solith.core.constants import GAS_CONSTANT
from solith.core.errors import InputError, UnitError, UnknownNameError
from solith.core.record import Record
from solith.core.result import Result
from solith.figures import plot_series

Array = NDArray[np.float64]

ONE_ARC = "R0-p(R1,CPE1)"
TWO_ARCS = "R0-p(R1,CPE1)-p(R2,CPE2)"
PELLET = "R0-p(R1,CPE1)-p(R2,CPE2)-CPE3"
FREQUENCY = np.logspace(6, -1, 43)


def spectrum(
    circuit: str,
    values: Sequence[float],
    rng: np.random.Generator,
    *,
    name: str = "",
    noise: float = 0.005,
    frequency: Array = FREQUENCY,
    **attributes: Any,
) -> Record:
    impedance = parse_circuit(circuit).impedance(frequency, values)
    scatter = rng.normal(size=(2, len(frequency))) * noise
    impedance = impedance * (1 + scatter[0] + 1j * scatter[1])
    return Record.from_arrays(
        "impedance",
        name=name,
        frequency_hertz=frequency,
        real_impedance_ohm=impedance.real,
        imaginary_impedance_ohm=impedance.imag,
        attributes=attributes,
    )


def arrhenius(at_300: float, energy: float, temperature: float) -> float:
    return float(at_300 * np.exp(energy / GAS_CONSTANT * (1 / temperature - 1 / 300)))


def against(
    variable: str, x: Sequence[float], resistance: Callable[[float], float], seed: int = 0
) -> list[Record]:
    """One arc of the given resistance at each value of an attribute."""
    rng = np.random.default_rng(seed)
    return [
        spectrum(
            ONE_ARC,
            [10, resistance(one), 1e-6, 0.9],
            rng,
            name=f"n{one:g}",
            **{variable: float(one)},
        )
        for one in x
    ]


def pellets(seed: int = 0, noise: float = 0.005, **attributes: Any) -> list[Record]:
    """Bulk (30 kJ/mol) and boundaries (40 kJ/mol) of a pellet between blocking electrodes."""
    rng = np.random.default_rng(seed)
    return [
        spectrum(
            PELLET,
            [
                1e-3,
                arrhenius(200, 3e4, temperature),
                5e-11,
                0.98,
                arrhenius(100, 4e4, temperature),
                1e-8,
                0.92,
                5e-6,
                0.9,
            ],
            rng,
            name=f"{temperature:.0f} K",
            noise=noise,
            frequency=np.logspace(7, -1, 57),
            temperature_kelvin=float(temperature),
            **attributes,
        )
        for temperature in np.linspace(220, 300, 6)
    ]


def crossing(seed: int) -> list[Record]:
    """Two arcs whose time constants cross near 284 K."""
    rng = np.random.default_rng(seed)
    return [
        spectrum(
            TWO_ARCS,
            [
                10,
                arrhenius(200, 2e4, temperature),
                2e-6,
                0.95,
                arrhenius(100, 5.5e4, temperature),
                2e-6,
                0.9,
            ],
            rng,
            name=f"{temperature:.0f} K",
            frequency=np.logspace(6, -2, 65),
            temperature_kelvin=float(temperature),
        )
        for temperature in np.linspace(240, 340, 11)
    ]


@pytest.fixture(scope="module")
def fitted() -> Result:
    return fit_series(pellets(), "temperature", cell_type="blocking-pellet")


# --- temperature --------------------------------------------------------------------------


def test_energies_of_a_pellet_without_a_guess(fitted: Result) -> None:
    assert fitted.details["circuit"] == PELLET
    for name, energy in (("R1", 30.0), ("R2", 40.0)):
        value = fitted[f"{name}_activation_energy_sigma"]
        assert value.unit == "kJ/mol"
        assert value.uncertainty is not None
        assert value.value is not None
        assert value.uncertainty < 0.2
        assert abs(value.value - energy) < 4 * value.uncertainty
        other = fitted[f"{name}_activation_energy_sigma_T"].value
        assert other is not None
        assert 1.8 < other - value.value < 2.4  # R T at 220 to 290 K
        of_name = fitted.details["laws"][name]["sigma"]
        assert of_name["activation_energy_electronvolt"] == pytest.approx(
            value.value / 96.485, rel=1e-4
        )
        in_volts = fitted[f"{name}_activation_energy_sigma_eV"]
        assert in_volts.unit == "eV"
        assert in_volts.value == of_name["activation_energy_electronvolt"]
        assert in_volts.uncertainty == pytest.approx(value.uncertainty / 96.485, rel=1e-4)


def test_prefactors_give_the_resistance_back(fitted: Result) -> None:
    energy = fitted["R2_activation_energy_sigma"].value
    prefactor = fitted["R2_prefactor_sigma"]
    assert energy is not None
    assert prefactor.value is not None
    assert prefactor.unit == "S"
    assert np.exp(1e3 * energy / (GAS_CONSTANT * 260)) / prefactor.value == pytest.approx(
        arrhenius(100, 4e4, 260), rel=0.01
    )


def test_an_arc_that_leaves_the_range_is_flagged_and_keeps_its_number(fitted: Result) -> None:
    table = fitted.details["table"]
    assert table[-1]["record"] == "300 K"
    assert "apex outside the measured frequencies" in table[-1]["values"]["R1"]["flags"]
    assert table[-1]["values"]["R2"]["value"] == pytest.approx(100, rel=0.1)
    assert table[0]["values"]["R2"]["value"] == pytest.approx(arrhenius(100, 4e4, 220), rel=0.02)
    flags = fitted["R1_activation_energy_sigma"].flags
    assert any("left out at" in flag and "300 K" in flag for flag in flags)


def test_the_total_of_two_energies_is_no_straight_line(fitted: Result) -> None:
    flags = fitted["R_total_activation_energy_sigma"].flags
    assert any(flag.startswith("not one straight line: ") for flag in flags)
    assert fitted.details["laws"]["R_total"]["sigma"]["straight"] is False
    assert fitted.details["laws"]["R2"]["sigma"]["straight"] is True


@pytest.mark.parametrize("seed", range(3))
def test_arcs_that_cross_keep_their_energies(seed: int) -> None:
    result = fit_series(crossing(seed), "temperature", circuit=TWO_ARCS)
    found = sorted(float(result[f"R{n}_activation_energy_sigma"].value or 0) for n in (1, 2))
    assert found == pytest.approx([20, 55], abs=1.0)
    told = " ".join(result["R1_activation_energy_sigma"].flags)
    assert "left out at" in told
    assert "cannot be told apart from R2" in told


def test_shared_exponents_are_one_and_know_more() -> None:
    records = crossing(4)
    apart = fit_series(records, "temperature", circuit=TWO_ARCS)
    shared = fit_series(records, "temperature", circuit=TWO_ARCS, share_exponents=True)
    for name in ("CPE1_n", "CPE2_n"):
        assert len({row["values"][name]["value"] for row in shared.details["table"]}) == 1
    for name in ("R1", "R2"):
        better = shared[f"{name}_activation_energy_sigma"].uncertainty
        worse = apart[f"{name}_activation_energy_sigma"].uncertainty
        assert better is not None
        assert worse is not None
        assert better < worse
    energies = sorted(float(shared[f"R{n}_activation_energy_sigma"].value or 0) for n in (1, 2))
    assert energies == pytest.approx([20, 55], abs=0.5)


def test_what_shares_nothing_is_as_uncertain_as_apart() -> None:
    # A capacitance for a depressed arc: the misfit is systematic and widens uncertainties.
    records = against("temperature_kelvin", [280, 300, 320], lambda t: arrhenius(100, 3e4, t))
    apart, shared = (
        fit_series(records, "temperature", circuit="R0-p(R1,C1)", share_exponents=share)
        for share in (False, True)
    )
    for own, joint in zip(apart.details["table"], shared.details["table"], strict=True):
        for name in ("R0", "R1", "C1"):
            expected = own["values"][name]["uncertainty"]
            assert joint["values"][name]["uncertainty"] == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"records": "ab"}, "a series is a list of records, or records by name, not str"),
        ({"records": [1, 2]}, "expected a record, as in .*, not int"),
        ({"values": 300}, "values: 300 is not a list with one value for each record"),
        ({"values": "300 K"}, "values: '300 K' is not a list with one value for each record"),
        ({"variable": ["temperature"]}, "the variable of a series is one name, as temperature"),
        ({"cpe": ["brug"]}, "unknown CPE conversion"),
        ({"cell_type": ["lithium-pellet"]}, "unknown cell type"),
    ],
)
def test_what_is_no_series_is_told(change: dict[str, Any], message: str) -> None:
    records = against("temperature_kelvin", [280, 320], lambda t: arrhenius(100, 3e4, t))
    given: dict[str, Any] = {"records": records, "variable": "temperature", **change}
    with pytest.raises(InputError, match=message):
        fit_series(**given)


def test_conductivity_prefactor_with_geometry() -> None:
    records = pellets(geometric_area_m2=7.85e-5, thickness_m=6e-4)
    result = fit_series(records, "temperature", cell_type="blocking-pellet", circuit=PELLET)
    value = result["R2_prefactor_sigma"]
    plain = fit_series(pellets(), "temperature", circuit=PELLET)["R2_prefactor_sigma"]
    assert (value.unit, value.area) == ("S/m", "geometric")
    assert value.value is not None
    assert plain.value is not None
    assert value.value == pytest.approx(plain.value * 6e-4 / 7.85e-5, rel=1e-6)


def test_values_may_be_given_and_records_named() -> None:
    records = {f"T{n}": record for n, record in enumerate(pellets()[1:4])}
    temperatures = ["-37.15 degC", "252 K", 268.0]
    result = fit_series(records, "temperature", temperatures, circuit=PELLET)
    assert [row["record"] for row in result.details["table"]] == ["T0", "T1", "T2"]
    assert result.details["table"][0]["temperature"] == pytest.approx(236.0)


# --- other variables ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("law", "resistance", "unit"),
    [
        ("linear", lambda t: 100 + 2e-3 * t, "ohm s^-1"),
        ("root of time", lambda t: 100 + 0.6 * t**0.5, "ohm s^-1/2"),
        ("logarithm", lambda t: 100 + 20 * np.log1p(t / 500), "ohm"),
    ],
)
def test_the_law_of_growth_is_chosen(
    law: str, resistance: Callable[[float], float], unit: str
) -> None:
    times = np.linspace(0, 4e4, 9)
    result = fit_series(against("time_second", times, resistance), "time", circuit=ONE_ARC)
    assert result.details["laws"]["R1"]["law"] == law
    rate = result["R1_growth_rate"]
    expected = {"linear": 2e-3, "root of time": 0.6, "logarithm": 20.0}[law]
    assert rate.unit == unit
    assert rate.value is not None
    assert rate.uncertainty is not None
    assert abs(rate.value - expected) < 4 * rate.uncertainty


def test_what_does_not_grow_is_constant() -> None:
    result = fit_series(against("cycle", range(1, 8), lambda _: 100.0), "cycle", circuit=ONE_ARC)
    assert result.details["laws"]["R1"]["law"] == "constant"
    assert "R1_growth_rate" not in result
    assert result["R1_growth_start"].value == pytest.approx(100, rel=0.01)


def test_power_law_of_pressure() -> None:
    pressures = np.array([10, 20, 50, 100, 200]) * 1e6
    records = against("pressure_pa", pressures, lambda p: 100 * (p / 1e7) ** -0.4)
    value = fit_series(records, "pressure", circuit=ONE_ARC)["R1_pressure_exponent"]
    assert value.value is not None
    assert value.uncertainty is not None
    assert abs(value.value + 0.4) < 4 * value.uncertainty < 0.02


def test_against_potential_there_is_a_table_and_no_law() -> None:
    records = against("potential_volt", [3.4, 3.0, 3.8], lambda u: 100 + (u - 3.4) * 50)
    result = fit_series(records, "potential_volt", circuit=ONE_ARC)
    assert [row["potential"] for row in result.details["table"]] == [3.0, 3.4, 3.8]
    assert result["R1_highest"].value == pytest.approx(120, rel=0.01)


# --- lines ----------------------------------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(st.integers(3, 9), st.floats(-5, 5), st.floats(-5, 5), st.integers(0, 2**32 - 1))
def test_a_line_through_exact_points(number: int, a: float, b: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = np.cumsum(rng.uniform(0.5, 1.5, number))
    factor = rng.normal(size=(number, number))
    covariance = factor @ factor.T + np.eye(number)
    line = fit_linear(np.stack([np.ones(number), x], axis=1), a + b * x, covariance)
    assert line.coefficients == pytest.approx([a, b], abs=1e-6)
    assert not line.scattered


def test_intervals_of_a_line_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    x = np.linspace(0, 1, 6)
    design = np.stack([np.ones(6), x], axis=1)
    held = 0
    for _ in range(600):
        line = fit_linear(design, 1 + 2 * x + 0.1 * rng.normal(size=6), 0.01 * np.eye(6))
        low, high = line.interval(1)
        held += low <= 2 <= high
    assert 0.925 < held / 600 < 0.98


def test_scatter_widens_the_uncertainty() -> None:
    rng = np.random.default_rng(4)
    x = np.linspace(0, 1, 12)
    y = x + 0.1 * rng.normal(size=12)
    line = fit_linear(np.stack([np.ones(12), x], axis=1), y, 1e-4 * np.eye(12))
    assert line.scattered
    assert 0.05 < line.uncertainty(1) < 0.2
    assert line.reach > 2.2


def test_bends_are_found_where_they_are() -> None:
    rng = np.random.default_rng(5)
    x = np.linspace(0, 1, 8)
    noise = 0.01 * rng.normal(size=8)
    bent = bends(x, x + 0.3 * x**2 + noise, 1e-4 * np.eye(8))
    straight = bends(x, x + noise, 1e-4 * np.eye(8))
    assert bent is not None
    assert bent[0]
    assert straight is not None
    assert not straight[0]
    assert bends(x[:3], x[:3], np.eye(3)) is None


def test_power_law_of_growth_with_its_exponent() -> None:
    rng = np.random.default_rng(6)
    x = np.linspace(1, 100, 20)
    y = 50 + 3 * x**0.75 + 0.1 * rng.normal(size=20)
    best = fit_growth(x, y, 0.01 * np.eye(20))[0]
    assert best.law == "power"
    assert best.extra is not None
    assert abs(best.extra - 0.75) < 4 * best.line.uncertainty(2) < 0.2


# --- what is refused, and figures ---------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        ({"variable": "temprature"}, UnknownNameError, "did you mean 'temperature'"),
        (
            {"variable": "pressure"},
            InputError,
            r"no attribute 'pressure_pa'; say record.with_facts",
        ),
        ({"values": [300.0]}, InputError, "1 values for 3 records"),
        ({"values": [300.0, "5 V", 310.0]}, UnitError, "values.1: .*wrong dimension"),
        ({"values": [300.0, -5.0, 310.0]}, InputError, "temperature: -5.0 must be above 0"),
        ({"cell_type": "pouch"}, UnknownNameError, "unknown cell type 'pouch'"),
        ({"cpe": "guess"}, UnknownNameError, "unknown CPE conversion 'guess'"),
        ({"circuit": "R0-p(R1"}, InputError, "cannot be read"),
        ({"records": []}, InputError, "a series needs at least 2 spectra, not 0"),
        ({"records": 5}, InputError, "a series is a list of records, or records by name, not int"),
    ],
)
def test_what_is_refused(change: dict[str, Any], error: type[Exception], told: str) -> None:
    asked: dict[str, Any] = {
        "records": pellets()[:3],
        "variable": "temperature",
        "circuit": PELLET,
        **change,
    }
    with pytest.raises(error, match=told):
        fit_series(**asked)


def test_too_few_points_for_the_circuit() -> None:
    rng = np.random.default_rng(0)
    few = [
        spectrum(ONE_ARC, [1, 9, 1e-5, 0.9], rng, name="few", frequency=np.logspace(4, 0, 5))
        for _ in range(2)
    ]
    with pytest.raises(InputError, match="few: 5 points do not determine the 13 parameters"):
        fit_series(few, "temperature", [290, 300], circuit=TWO_ARCS + "-p(R3,CPE3)-p(R4,CPE4)")


def test_arrhenius_plot(fitted: Result) -> None:
    figure = plot_series(fitted)
    points = {trace.name: trace for trace in figure.data if trace.mode == "markers"}
    assert set(points) == {"R1", "R2", "R_total"}
    assert points["R2"].x[0] == pytest.approx(1000 / 220)
    assert list(points["R1"].marker.symbol)[-1] == "circle-open"
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.xaxis.title.text == "1000/<i>T</i> (1/K)"


def test_a_figure_needs_a_series() -> None:
    with pytest.raises(
        InputError, match="the result 'x' is no series; expected that of fit_series"
    ):
        plot_series(Result("x", ()))


def test_inductive_points_are_left_out_without_costing_the_law() -> None:
    records = []
    for record in against("temperature_kelvin", [280.0, 300.0, 320.0], lambda t: 3e4 / t):
        inductive = record.array("imaginary_impedance_ohm") + 1e-6 * 2 * np.pi * FREQUENCY
        data = record.data.assign(imaginary_impedance_ohm=("row", inductive))
        records.append(Record("impedance", data, record.provenance, record.name))
    result = fit_series(records, "temperature", circuit=ONE_ARC)
    flags = result.details["table"][0]["values"]["residual"]["flags"]
    assert len(flags) == 1
    assert "points with Im Z > 0 left out: the circuit has no inductance" in flags[0]
    assert result["R1_activation_energy_sigma"].value is not None


def test_a_spectrum_of_zeros_is_refused() -> None:
    zeros = Record.from_arrays(
        "impedance",
        name="dead",
        frequency_hertz=FREQUENCY,
        real_impedance_ohm=0 * FREQUENCY,
        imaginary_impedance_ohm=0 * FREQUENCY,
    )
    with pytest.raises(InputError, match=r"dead: \|Z\| goes from 0 to"):
        fit_series([zeros, zeros], "cycle", [1, 2])
    with pytest.raises(InputError, match=r"cycle: -1\.0 must not be below 0"):
        fit_series(pellets()[:2], "cycle", [-1, 2])


def test_spectra_that_the_circuit_does_not_explain_are_named() -> None:
    flags = fit_series(pellets()[:3], "temperature", circuit=ONE_ARC)["residual"].flags
    assert flags == (f"{ONE_ARC} does not explain 220 K, 236 K, 252 K",)


def test_two_spectra_give_energies_without_a_test_of_the_line() -> None:
    result = fit_series(pellets()[:2], "temperature", circuit=PELLET)
    for name, energy in (("R1", 30.0), ("R2", 40.0)):
        value = result[f"{name}_activation_energy_sigma"]
        assert value.value == pytest.approx(energy, abs=1)
        told = "no more temperatures than the law has parameters: it is not tested"
        assert told in value.flags
        assert "which arc is which is not sure at and beyond 236 K" in value.flags
