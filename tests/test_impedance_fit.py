"""Impedance fitted without a guess."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.real_files import real_file

from solith.analysis import fit_impedance, parse_circuit
from solith.analysis._impedance import circuit_choice
from solith.analysis._impedance.arc_labels import suggest_labels
from solith.core.errors import ConvergenceError, InputError, UnknownNameError
from solith.core.record import Record
from solith.core.result import Result
from solith.readers import read

FREQUENCY = np.logspace(6, -1, 71)
TWO_ARCS = {
    "R0": 12.0,
    "R1": 80.0,
    "CPE1_Q": 2e-7,
    "CPE1_n": 0.88,
    "R2": 150.0,
    "CPE2_Q": 5e-5,
    "CPE2_n": 0.8,
    "W3": 20.0,
}


def spectrum(
    circuit: str,
    values: dict[str, float],
    *,
    noise: float = 0.0,
    seed: int = 0,
    frequency: Any = FREQUENCY,
    **attributes: float,
) -> Record:
    impedance = parse_circuit(circuit).impedance(frequency, values)
    scatter = np.random.default_rng(seed).standard_normal((2, len(frequency)))
    impedance = impedance + noise * np.abs(impedance) * (scatter[0] + 1j * scatter[1])
    return Record.from_arrays(
        "impedance",
        name="made",
        attributes=attributes,
        frequency_hertz=frequency,
        real_impedance_ohm=impedance.real,
        imaginary_impedance_ohm=impedance.imag,
    )


def test_a_spectrum_gives_its_circuit_and_values_back() -> None:
    result = fit_impedance(spectrum("R0-p(R1,CPE1)-p(R2,CPE2)-W3", TWO_ARCS))
    assert result.details["circuit"] == "R0-p(R1,CPE1)-p(R2,CPE2)-W3"
    for name, value in TWO_ARCS.items():
        assert result[name].value == pytest.approx(value, rel=1e-6)
        assert result[name].flags == ()
    assert result["residual"].value < 1e-4
    assert result["R_total"].value == pytest.approx(242, rel=1e-6)
    assert str(result).startswith("R0-p(R1,CPE1)-p(R2,CPE2)-W3 fitted to made")
    assert Result.from_json(result.to_json())["R1"] == result["R1"]


@pytest.mark.parametrize(
    ("circuit", "values"),
    [
        ("R0-p(R1,C1)", {"R0": 5, "R1": 50, "C1": 1e-6}),
        ("R0-CPE1", {"R0": 5, "CPE1_Q": 1e-5, "CPE1_n": 0.9}),
        ("R0-C1", {"R0": 5, "C1": 1e-5}),
        ("L0-R0-p(R1,CPE1)", {"L0": 2e-6, "R0": 5, "R1": 50, "CPE1_Q": 1e-5, "CPE1_n": 0.8}),
    ],
)
def test_the_number_of_arcs_tail_and_coil_are_found(circuit: str, values: dict[str, float]) -> None:
    result = fit_impedance(spectrum(circuit, values, noise=5e-3))
    found = result.details["circuit"].replace("CPE", "C")
    assert found == circuit.replace("CPE", "C")
    for name in ("R0", "R1"):
        if name in values:
            assert result[name].value == pytest.approx(values[name], rel=0.05)


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_reached_and_uncertainties_tell(seed: int) -> None:
    result = fit_impedance(spectrum("R0-p(R1,CPE1)-p(R2,CPE2)-W3", TWO_ARCS, noise=1e-2, seed=seed))
    assert result["residual"].value == pytest.approx(np.sqrt(2), rel=0.25)
    for name in ("R0", "R1", "R2"):
        value, spread = result[name].value, result[name].uncertainty
        assert value is not None
        assert spread is not None
        assert abs(value - TWO_ARCS[name]) < 4 * spread
        low, high = result.details["intervals_95"][name]
        assert low < value < high


@given(st.floats(1e-3, 1e6), st.integers(0, 3))
@settings(max_examples=15)
def test_scale_and_order_of_points_do_not_matter(scale: float, seed: int) -> None:
    record = spectrum("R0-p(R1,CPE1)-W2", {k: TWO_ARCS.get(k, 20.0) for k in NAMES}, noise=2e-3)
    order = np.random.default_rng(seed).permutation(len(FREQUENCY))
    other = Record.from_arrays(
        "impedance",
        **{
            name: record.array(name)[order] * (1 if name == "frequency_hertz" else scale)
            for name in record.data
        },
    )
    first, second = fit_impedance(record), fit_impedance(other)
    assert first.details["circuit"] == second.details["circuit"]
    for name in ("R0", "R1", "W2"):
        assert second[name].value == pytest.approx(first[name].value * scale, rel=1e-4)


NAMES = parse_circuit("R0-p(R1,CPE1)-W2").parameter_names


def test_the_same_spectrum_gives_the_same_numbers() -> None:
    record = spectrum("R0-p(R1,CPE1)-p(R2,CPE2)-W3", TWO_ARCS, noise=1e-2)
    assert fit_impedance(record).to_json() == fit_impedance(record).to_json()


def test_a_given_circuit_is_fitted_with_what_is_held() -> None:
    record = spectrum("R0-p(R1-W1,C1)", {"R0": 10, "R1": 90, "W1": 30, "C1": 1e-6}, noise=1e-3)
    result = fit_impedance(record, circuit="R0-p(R1-W1,C1)")
    assert result["R1"].value == pytest.approx(90, rel=0.02)
    assert result["W1"].value == pytest.approx(30, rel=0.02)
    held = fit_impedance(record, circuit="R0-p(R1-W1,C1)", fixed={"R0": "0.01 kohm"})
    assert held["R0"].value == 10
    assert held["R0"].uncertainty is None
    assert held["R0"].flags == ("held",)
    swapped = fit_impedance(
        spectrum("R0-p(R1,CPE1)-p(R2,CPE2)-W3", TWO_ARCS), circuit="R0-p(R9,CPE9)-p(R3,CPE3)-W1"
    )
    assert swapped["R9"].value == pytest.approx(80, rel=1e-4)  # the faster arc comes first


def test_resistance_at_rest_of_any_circuit() -> None:
    values = {"R0": 10, "R1": 90, "W1": 30, "CPE1_Q": 1e-6, "CPE1_n": 0.9}
    randles = fit_impedance(spectrum("R0-p(R1-W1,CPE1)", values), circuit="R0-p(R1-W1,CPE1)")
    assert randles["R_total"].value == pytest.approx(100, rel=1e-3)
    assert randles["R1_capacitance"].value == pytest.approx((1e-6 * 90**0.1) ** (1 / 0.9), rel=1e-2)
    line = {"R0": 5, "TLM1_Rion": 60, "TLM1_Rct": 200, "TLM1_Q": 1e-4, "TLM1_n": 0.9}
    result = fit_impedance(spectrum("R0-TLM1", line, noise=1e-3), circuit="R0-TLM1")
    assert result["R_total"].value == pytest.approx(225, rel=0.02)
    assert result["R_total"].uncertainty < 5
    assert "R_total" not in fit_impedance(spectrum("R0-C1", {"R0": 5, "C1": 1e-5}))


def test_elements_are_known_by_their_kind_not_by_letters() -> None:
    values = {"L0": 1e-5, "R0": 5, "TLM1_Rion": 50, "TLM1_Rct": 100, "TLM1_Q": 1e-4, "TLM1_n": 0.9}
    result = fit_impedance(spectrum("L0-R0-TLM1", values), circuit="R0-TLM1")
    assert any("points with Im Z > 0 left out" in flag for flag in result["R0"].flags)
    other = {"R1": 100, "R2": 50, "CPE2_Q": 1e-5, "CPE2_n": 0.9}
    result = fit_impedance(spectrum("R1-p(R2,CPE2)", other), circuit="R1-p(R2,CPE2)")
    assert result["R_total"].value == pytest.approx(150, rel=1e-3)


def test_brugs_series_resistance_is_what_stands_before_the_arc() -> None:
    text = "R0-p(R1-Wo1,CPE1)-p(R2,CPE2)"
    values = {
        "R0": 20,
        "R1": 100,
        "Wo1_R": 50,
        "Wo1_tau": 30,
        "CPE1_Q": 1e-4,
        "CPE1_n": 0.9,
        "R2": 80,
        "CPE2_Q": 1e-7,
        "CPE2_n": 0.85,
    }
    result = fit_impedance(spectrum(text, values), circuit=text, cpe="brug")
    wanted = 1e-7 ** (1 / 0.85) * (1 / 20 + 1 / 80) ** ((0.85 - 1) / 0.85)
    assert result["R2_capacitance"].value == pytest.approx(wanted, rel=0.02)


@pytest.mark.parametrize("seed", range(4))
def test_what_ended_at_a_limit_is_not_shown(seed: int) -> None:
    values = {"R0": 10, "R1": 100, "CPE1_Q": 1e-6, "CPE1_n": 0.9}
    record = spectrum("R0-p(R1,CPE1)", values, noise=5e-3, seed=seed)
    result = fit_impedance(record, "composite-half-cell")
    limited = [v.quantity for v in result if "ended at its limit" in v.flags]
    assert not [name for name in limited if name.startswith("W")]


def test_a_circuit_that_does_not_explain_is_told() -> None:
    record = spectrum("R0-p(R1,CPE1)-p(R2,CPE2)-W3", TWO_ARCS, noise=2e-3)
    result = fit_impedance(record, circuit="R0-p(R1,CPE1)")
    assert any(flag.startswith("the circuit leaves ") for flag in result["R1"].flags)
    assert any("the misfit is systematic; uncertainties are wide" in f for f in result["R1"].flags)
    right = fit_impedance(record)
    assert result["R1"].uncertainty > 10 * right["R1"].uncertainty
    assert right["R1"].flags == ()


def test_inductive_points_are_left_out_for_a_circuit_without_a_coil() -> None:
    values = {"L0": 1e-5, "R0": 5, "R1": 50, "CPE1_Q": 1e-5, "CPE1_n": 0.8}
    record = spectrum("L0-R0-p(R1,CPE1)", values)
    result = fit_impedance(record, circuit="R0-p(R1,CPE1)")
    count = int(np.sum(record.array("imaginary_impedance_ohm") > 0))
    flag = f"{count} points with Im Z > 0 left out: the circuit has no inductance"
    assert flag in result["R1"].flags
    assert result["R1"].value == pytest.approx(50, rel=0.05)


def test_capacitances_by_both_conversions() -> None:
    record = spectrum("R0-p(R1,CPE1)-p(R2,CPE2)-W3", TWO_ARCS, geometric_area_m2=1e-4)
    q, n, r = 5e-5, 0.8, 150.0
    mansfeld = fit_impedance(record)["R2_capacitance"]
    assert mansfeld.value == pytest.approx((q * r ** (1 - n)) ** (1 / n), rel=1e-4)
    assert mansfeld.method == "from the CPE by hsu-mansfeld"
    brug = fit_impedance(record, cpe="brug")["R2_capacitance"]
    wanted = q ** (1 / n) * (1 / 92.0 + 1 / r) ** ((n - 1) / n)
    assert brug.value == pytest.approx(wanted, rel=1e-4)
    per_area = fit_impedance(record)["R2_area_resistance"]
    assert (per_area.value, per_area.unit, per_area.area) == (
        pytest.approx(150, rel=1e-4),
        "ohm cm2",
        "geometric",
    )
    apex = fit_impedance(record)["R2_frequency"].value
    assert apex == pytest.approx(1 / (2 * np.pi * (r * q) ** (1 / n)), rel=1e-4)


def test_what_the_frequencies_do_not_show_is_flagged() -> None:
    values = {"R0": 1.0, "R1": 100.0, "C1": 3e-10}
    result = fit_impedance(spectrum("R0-p(R1,C1)", values, noise=1e-2), circuit="R0-p(R1,C1)")
    assert "apex outside the measured frequencies" in result["C1"].flags
    hidden = spectrum("R0-p(R1,C1)", values | {"C1": 1e-12}, noise=1e-2)
    result = fit_impedance(hidden, circuit="R0-p(R1,C1)")
    assert "not identified by the measured frequencies" in result["C1"].flags


def test_labels_by_capacitance() -> None:
    area, thickness = 0.785e-4, 0.6e-3
    found = suggest_labels(
        {"R1": 4e-11, "R2": 5e-9, "R3": 5e-6},
        cell_type="lithium-pellet",
        area=area,
        thickness=thickness,
    )
    assert [label.meaning for label in found.values()] == [
        "bulk",
        "grain boundary",
        "lithium interface",
    ]
    assert [label.confidence for label in found.values()] == ["high", "medium", "medium"]
    assert "F/cm" in found["R1"].reason
    unknown = suggest_labels({"R1": 4e-11}, cell_type=None, area=None, thickness=None)["R1"]
    assert unknown.confidence == "low"
    assert "area or thickness not known and taken as 1 cm2 and 1 cm" in unknown.reason


def test_a_capacitance_that_fits_two_meanings_names_both() -> None:
    area, thickness = 0.785e-4, 0.6e-3
    label = suggest_labels(
        {"R1": 5e-8}, cell_type="lithium-pellet", area=area, thickness=thickness
    )["R1"]
    assert (label.meaning, label.confidence) == ("grain boundary or lithium interface", "low")


def test_mistakes_are_told() -> None:
    record = spectrum("R0-C1", {"R0": 5, "C1": 1e-5})
    with pytest.raises(UnknownNameError, match=r"unknown cell type 'pouch'. Choose from: blocking"):
        fit_impedance(record, "pouch")
    with pytest.raises(UnknownNameError, match=r"unknown CPE conversion 'orazem'"):
        fit_impedance(record, cpe="orazem")
    with pytest.raises(InputError, match=r"fixed: give the circuit whose parameters are fixed"):
        fit_impedance(record, fixed={"R0": 1})
    with pytest.raises(
        UnknownNameError, match=r"fixed: unknown parameter 'R1'. Choose from: C1, R"
    ):
        fit_impedance(record, circuit="R0-C1", fixed={"R1": 1})
    with pytest.raises(InputError, match=r"fixed.R0: '1 mF' has the unit 'mF', of the wrong dim"):
        fit_impedance(record, circuit="R0-C1", fixed={"R0": "1 mF"})
    with pytest.raises(InputError, match=r"fixed.CPE1_n: 1.5 is outside 0.3 to 1"):
        fit_impedance(record, circuit="R0-CPE1", fixed={"CPE1_n": 1.5})
    with pytest.raises(InputError, match=r"fixed: all parameters of R0-C1 are held; leave one to"):
        fit_impedance(record, circuit="R0-C1", fixed={"R0": 1, "C1": 1e-6})
    short = spectrum("R0-C1", {"R0": 5, "C1": 1e-5}, frequency=np.logspace(3, 0, 5))
    with pytest.raises(InputError, match=r"5 points do not determine the 10 parameters of R0-p"):
        fit_impedance(short, circuit="R0-p(R1,CPE1)-p(R2,CPE2)-p(R3,CPE3)")
    shorter = spectrum("R0-C1", {"R0": 5, "C1": 1e-5}, frequency=np.array([3.0, 2.0, 1.0]))
    with pytest.raises(InputError, match=r"made has 3 rows with numbers in .* expected at least 5"):
        fit_impedance(shorter)
    zero = Record.from_arrays(
        "impedance",
        frequency_hertz=np.arange(1, 9),
        real_impedance_ohm=np.zeros(8),
        imaginary_impedance_ohm=np.zeros(8),
    )
    turned = spectrum("R0-C1", {"R0": 5, "C1": 1e-5}).data
    turned = Record.from_arrays(
        "impedance",
        name="turned",
        frequency_hertz=FREQUENCY,
        real_impedance_ohm=-turned["real_impedance_ohm"].values,
        imaginary_impedance_ohm=-turned["imaginary_impedance_ohm"].values,
    )
    with pytest.raises(
        InputError, match=r"turned: Re Z is not above 0 at 71 of 71 points, as no p"
    ):
        fit_impedance(turned)
    with pytest.raises(InputError, match=r"5 is not the text of a circuit such as 'R0-p"):
        fit_impedance(record, circuit=5)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"a circuit may hold at most 50 parallel parts"):
        fit_impedance(record, circuit="p(" * 2000)
    with pytest.raises(InputError, match=r"\|Z\| goes from 0 to 0 ohm; a spectrum within"):
        fit_impedance(zero)


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=5, max_size=12))
@settings(max_examples=20)
def test_any_numbers_end_in_a_result_or_an_error(points: list[tuple[float, float]]) -> None:
    record = Record.from_arrays(
        "impedance",
        frequency_hertz=np.logspace(0, 4, len(points)),
        real_impedance_ohm=[point[0] for point in points],
        imaginary_impedance_ohm=[point[1] for point in points],
    )
    try:
        result = fit_impedance(record)
    except (InputError, ConvergenceError):
        return
    assert "residual" in result


def test_the_pellet_between_blocking_electrodes() -> None:
    (record,) = read(real_file("eis/PEIS_LPSCl_IonBlocking_-25C.mpr"))
    result = fit_impedance(record, "blocking-pellet")
    assert result["R_total"].value == pytest.approx(1500, rel=0.05)
    assert result["CPE2_n"].value == pytest.approx(0.89, abs=0.01)
    assert any("circuits of more parts leave" in flag for flag in result["residual"].flags)


def test_the_cell_of_ncm_and_lpscl() -> None:
    (record,) = read(real_file("eis/PEIS_SSB.mpr"))
    assert fit_impedance(record)["residual"].value < 1.5


def test_impedance_pys_example_within_its_uncertainties() -> None:
    data = np.loadtxt(real_file("eis/exampleData.csv"), delimiter=",")
    record = Record.from_arrays(
        "impedance",
        frequency_hertz=data[:, 0],
        real_impedance_ohm=data[:, 1],
        imaginary_impedance_ohm=data[:, 2],
    )
    result = fit_impedance(
        record, circuit="R0-p(R1,C1)-p(R2-Wo1,C2)", fixed={"R0": 0.02, "Wo1_tau": 200}
    )
    documented = {"R1": (6.79e-3, 1.08e-3), "R2": (3.91e-3, 1.09e-3), "Wo1_R": (5.88e-2, 0.13e-2)}
    for name, (value, uncertainty) in documented.items():
        assert abs(result[name].value - value) < uncertainty


def test_a_candidate_that_cannot_be_fitted_leaves_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an exact spectrum a circuit with too many arcs may run into all its limits."""
    fitted = circuit_choice.fit_from
    failed = []

    def first_fails(*given: Any, **options: Any) -> Any:
        if not failed:
            failed.append(given)
            raise ConvergenceError("every parameter ended at a limit")
        return fitted(*given, **options)

    record = spectrum("R0-p(R1,C1)", {"R0": 10.0, "R1": 100.0, "C1": 1e-6})
    monkeypatch.setattr(circuit_choice, "fit_from", first_fails)
    assert fit_impedance(record)["R0"].value is not None
    assert failed
