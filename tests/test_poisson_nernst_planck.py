"""The space-charge layer against its closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solith.core.constants import FARADAY, GAS_CONSTANT, VACUUM_PERMITTIVITY
from solith.core.errors import InputError
from solith.figures import plot_space_charge
from solith.interface import AreaResistance, LatticeConductor, solve_space_charge

TEMPERATURE = 298.15
VOLT = GAS_CONSTANT * TEMPERATURE / FARADAY
OXIDE = LatticeConductor("50 mol/L", 0.6, "1 mS/cm", 12, "-0.35 eV")
SULFIDE = LatticeConductor("20 mol/L", 0.02, "0.3 mS/cm", 15)
BUFFER = LatticeConductor("20 mol/L", 0.02, "1 uS/cm", 30, "-0.15 eV")


def pair(step: float, defects: float = 1e-9, sites: float = 1e10) -> list[LatticeConductor]:
    """Two conductors that differ in the energy of an ion by ``step`` [V], else alike."""
    return [
        LatticeConductor.frenkel(sites, defects, "0.1 mS/cm", 10, volt * FARADAY)
        for volt in (0.0, step)
    ]


@pytest.mark.parametrize("step", [0.001, 0.1, 0.2, 0.4])
def test_dilute_defects_are_gouy_and_chapmans(step):
    left, right = pair(step)
    solved = solve_space_charge(left, right)
    debye, surface = left.debye_length(TEMPERATURE), step / VOLT / 2
    own = solved.conductor == 0
    change = (solved.potential[own] - solved.potential[0]) / VOLT
    decay = np.exp(solved.position[own] / debye)
    exact = -4 * np.arctanh(np.tanh(surface / 4) * decay)
    assert np.max(np.abs(change - exact)) < 1e-4 * surface
    seen = np.abs(exact) > 0.05 * surface
    assert np.max(np.abs(change / exact - 1)[seen]) < 1e-3
    capacitance = VACUUM_PERMITTIVITY * 10 / debye * np.cosh(surface / 2) / 2
    assert solved.area_capacitance == pytest.approx(capacitance, rel=1e-3)
    assert solved.built_in_potential == pytest.approx(-step)


def test_small_steps_are_debye_and_hueckels():
    left, right = pair(1e-4)
    solved = solve_space_charge(left, right)
    own = solved.conductor == 1
    debye = right.debye_length(TEMPERATURE)
    exact = 0.5e-4 * np.exp(-solved.position[own] / debye)
    assert np.max(np.abs(solved.potential[own] - exact)) < 1e-3 * 0.5e-4


@pytest.mark.parametrize("defects", [1e-3, 0.05, 0.3])
@pytest.mark.parametrize("step", [0.1, 0.5, 1.5])
def test_crowded_defects_are_bikermans(defects, step):
    left, right = pair(step, defects, 2e4)
    solved = solve_space_charge(left, right)
    gamma, surface = 2 * defects * (1 - defects), step / VOLT / 2
    crowd = 2 * gamma * np.sinh(surface / 2) ** 2
    linear = VACUUM_PERMITTIVITY * 10 / left.debye_length(TEMPERATURE)
    one = linear * np.cosh(surface / 2) / (1 + crowd) * np.sqrt(crowd / np.log1p(crowd))
    assert solved.area_capacitance == pytest.approx(one / 2, rel=1e-3)
    assert 0 <= np.min(solved.occupied) <= np.max(solved.occupied) <= 1


def test_error_falls_with_the_square_of_the_points():
    left, right = pair(0.2)
    exact = VACUUM_PERMITTIVITY * 10 / left.debye_length(TEMPERATURE) * np.cosh(0.1 / VOLT / 2) / 2
    errors = [
        solve_space_charge(left, right, points=points).area_capacitance / exact - 1
        for points in (100, 200, 400)
    ]
    orders = np.log2(np.abs(errors[:-1]) / np.abs(errors[1:]))
    assert np.all(np.abs(orders - 2) < 0.1)


@pytest.mark.parametrize("buffer", [(), (BUFFER, "5 nm"), (BUFFER, "0.5 nm")])
def test_rest_is_neutral_and_without_a_current(buffer):
    solved = solve_space_charge(OXIDE, SULFIDE, *buffer)
    assert solved.current_density == 0
    assert abs(sum(solved.excess_charge)) < 1e-9 * abs(solved.excess_charge[0])
    drop = solved.potential[-1] - solved.potential[0]
    assert drop == pytest.approx(solved.built_in_potential)


@pytest.mark.parametrize("bias", [0.0, 0.1, -0.1, 0.4])
@pytest.mark.parametrize("buffer", [(), (BUFFER, "5 nm")])
def test_slow_impedance_is_the_slope_of_the_steady_curve(bias, buffer):
    ends = {"left_thickness": 2e-8, "right_thickness": 2e-8}
    solved = solve_space_charge(OXIDE, SULFIDE, *buffer, bias=bias, **ends)
    down2, down, up, up2 = (
        solve_space_charge(OXIDE, SULFIDE, *buffer, bias=bias + part * 1e-4, **ends).current_density
        for part in (-2, -1, 1, 2)
    )
    slope = (down2 - 8 * down + 8 * up - up2) / 12e-4
    slow = solved.impedance_at("1 mHz")[0]
    assert slow.real == pytest.approx(1 / slope, rel=1e-8)
    bulk = 2e-8 / OXIDE.conductivity + 2e-8 / SULFIDE.conductivity
    assert solved.area_resistance == pytest.approx(slow.real - bulk, rel=1e-6)


def test_resistance_does_not_know_the_bulk_and_the_arc_has_its_capacitance():
    deep = OXIDE.replace(site_energy="-0.6 eV")
    thin = solve_space_charge(deep, SULFIDE)
    thick = solve_space_charge(deep, SULFIDE, right_thickness="20 um")
    assert thick.area_resistance == pytest.approx(thin.area_resistance, rel=1e-3)
    record = thick.impedance(np.geomspace(1e9, 1e-2, 221), "1 cm2")
    imaginary = -record.array("imaginary_impedance_ohm")
    slow = record.array("frequency_hertz") < 1e4
    apex = record.array("frequency_hertz")[slow][np.argmax(imaginary[slow])]
    expected = 1 / (2 * np.pi * thick.area_resistance * thick.area_capacitance)
    assert apex == pytest.approx(expected, rel=0.1)
    element = thick.as_area_resistance()
    assert element == AreaResistance(thick.area_resistance, thick.area_capacitance)


def test_a_neutral_junction_has_no_layer():
    solved = solve_space_charge(SULFIDE, SULFIDE)
    assert np.max(np.abs(solved.charge_density)) < 1e-6
    assert abs(solved.area_resistance) < 1e-15
    assert solved.built_in_potential == 0


def test_accumulated_ions_are_not_a_resistance_of_a_cell():
    left, right = pair(0.2)
    solved = solve_space_charge(left, right)
    assert solved.area_resistance < 0
    with pytest.raises(InputError, match=r"conduct better than the bulk .* leave them out"):
        solved.as_area_resistance()


def test_limits_of_the_continuum_are_flagged():
    told = " ".join(solve_space_charge(OXIDE, SULFIDE.replace(site_energy="0.8 eV")).flags)
    assert "left: the Debye length, 0.049 nm, is below the distance of sites, 0.32 nm" in told
    assert "right: all sites are empty but for" in told
    crowded = LatticeConductor("40 mol/L", 0.5, "0.3 mS/cm", 15, "0.3 eV")
    told = " ".join(solve_space_charge(OXIDE, crowded).flags)
    assert "right: the field reaches" in told
    assert "V/nm, which breaks solids down" in told
    wide = LatticeConductor("20 mol/L", 1e-6, "1 uS/cm", 30)
    assert solve_space_charge(wide, wide).flags == ()


@settings(max_examples=30, deadline=None)
@given(
    step=st.floats(-1.0, 1.0),
    filled=st.floats(0.001, 0.999),
    other=st.floats(0.001, 0.999),
    bias=st.sampled_from([0.0, 0.05, -0.2]),
)
def test_mirrored_conductors_mirror_the_solution(step, filled, other, bias):
    left = LatticeConductor(3e4, filled, 1e-2, 12, step * FARADAY)
    right = LatticeConductor(2e4, other, 1e-3, 30)
    there = solve_space_charge(left, right, bias=bias)
    back = solve_space_charge(right, left, bias=-bias)
    assert there.built_in_potential == pytest.approx(-back.built_in_potential, abs=1e-12)
    assert there.area_capacitance == pytest.approx(back.area_capacitance, rel=1e-6)
    assert there.current_density == pytest.approx(-back.current_density, rel=1e-5)
    assert there.area_resistance == pytest.approx(back.area_resistance, rel=1e-4, abs=1e-13)
    assert there.current_density * bias >= 0
    assert 0 <= np.min(there.occupied) <= np.max(there.occupied) <= 1


def test_the_record_is_an_impedance_of_its_area():
    solved = solve_space_charge(OXIDE, SULFIDE)
    record = solved.impedance(["1 kHz", 1e6][1:], "2 cm2")
    assert record.kind == "impedance"
    assert record.data.attrs["geometric_area_m2"] == 2e-4
    found = record.array("real_impedance_ohm")[0] * 2e-4
    assert found == pytest.approx(solved.impedance_at(1e6)[0].real)
    with pytest.raises(InputError, match="frequencies: must be above 0 Hz"):
        solved.impedance([0.0])
    with pytest.raises(InputError, match="frequencies: must not be below 0 Hz"):
        solved.impedance_at([-1.0])


def test_the_figure_has_potential_and_ions():
    results = {
        "bare": solve_space_charge(OXIDE, SULFIDE).result(),
        "coated": solve_space_charge(OXIDE, SULFIDE, BUFFER, "5 nm").result(),
    }
    figure = plot_space_charge(results)
    assert len(figure.data) == 4
    assert figure.layout.xaxis2.title.text == "Position (nm)"
    assert len(figure.layout.shapes) == 4  # two faces in both panels
    bad = results["bare"].__class__("space charge", results["bare"].values)
    with pytest.raises(InputError, match="holds no profile position_metre"):
        plot_space_charge(bad)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((OXIDE, "LGPS"), "right: expected a LatticeConductor, not str"),
        ((OXIDE, SULFIDE, BUFFER), "buffer_thickness: goes with buffer; give both or none"),
        ((OXIDE, SULFIDE, None, 1e-9), "buffer_thickness: goes with buffer; give both or none"),
        ((OXIDE, SULFIDE, BUFFER, "0 nm"), "buffer_thickness: '0 nm' must be above 0 m"),
    ],
)
def test_wrong_layers_are_told(arguments, told):
    with pytest.raises(InputError, match=told):
        solve_space_charge(*arguments)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"points": 3}, "points: 3 must be from 20 to 20,000"),
        ({"points": 40.0}, "points: 40.0 is not a whole number"),
        ({"temperature": 0}, "temperature: 0 must be above 0 K"),
        ({"bias": "1 A"}, "bias: '1 A' has the unit 'A', of the wrong dimension"),
        ({"left_thickness": -1.0}, "left_thickness: -1.0 must be above 0 m"),
    ],
)
def test_wrong_options_are_told(options, told):
    with pytest.raises(InputError, match=told):
        solve_space_charge(OXIDE, SULFIDE, **options)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"occupancy": 1.0}, "occupancy: 1 leaves no free site"),
        ({"interstitial_density": 1e3}, "interstitial_density: .*give both or none"),
        (
            {"interstitial_density": 1e3, "interstitial_occupancy": 1.0},
            "interstitial_occupancy: 1 leaves no free site",
        ),
    ],
)
def test_wrong_lattices_are_told(fields, told):
    with pytest.raises(InputError, match=told):
        SULFIDE.replace(**fields)
    with pytest.raises(InputError, match=r"defects: 1\.0 must be below 1"):
        LatticeConductor.frenkel(1e4, 1.0, 1e-3)


def test_lattices_are_plain_data():
    assert LatticeConductor.from_mapping(OXIDE.to_mapping()) == OXIDE
