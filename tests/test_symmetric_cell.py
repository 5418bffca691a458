"""The symmetric cell against the formulas it is made of, and what it refuses."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import solith
from solith.analysis import analyse_cycling
from solith.cell import (
    Cycling,
    Gitt,
    Impedance,
    SymmetricCell,
    Voltammetry,
    read_cell,
    simulate,
    stepped_current,
    write_cell,
)
from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.errors import ConvergenceError, InputError

THERMAL = GAS_CONSTANT * 298.15 / FARADAY
GROWING = {
    "thickness": "10 nm",
    "conductivity": "1e-7 S/cm",
    "growth": {"law": "diffusion", "rate": "1e-20 m2/s"},
}
LINEAR = {"law": "linear", "area_resistance": "20 ohm cm2"}
BUTLER_VOLMER = {"law": "butler-volmer", "exchange_current_density": "0.5 mA/cm2"}


def symmetric_cell(transfer=None, film=None, thickness=None, **changes) -> SymmetricCell:
    electrode = {"charge_transfer": transfer or BUTLER_VOLMER}
    if film is not None:
        electrode["interphase"] = film
    if thickness is not None:
        electrode["thickness"] = thickness
    return SymmetricCell.from_mapping(
        {
            "electrode": electrode,
            "electrolyte": {
                "material": "LGPS",
                "thickness": "500 um",
                "conductivity": "2 mS/cm",
                "activation_energy": "25 kJ/mol",
                "grain_boundary": {"resistance": "5 ohm cm2", "capacitance": "10 nF/cm2"},
            },
            "area": "0.5 cm2",
            **changes,
        }
    )


def run(cell: SymmetricCell, *steps: str) -> solith.Record:
    return simulate(cell, Cycling(steps))


def last(record: solith.Record, name: str) -> float:
    return float(record.array(name)[-1])


@pytest.mark.parametrize(("action", "sign"), [("charge", 1), ("discharge", -1)])
def test_the_voltage_is_that_of_layer_and_two_electrodes(action, sign):
    film = {"thickness": "10 nm", "conductivity": "1e-7 S/cm"}
    record = run(symmetric_cell(film=film), f"{action} at 1 mA/cm2 for 1 h")
    layer = 10.0 * (500e-6 / 0.2 + 5e-4)
    side = 10.0 * 1e-8 / 1e-5 + 2 * THERMAL * np.arcsinh(10.0 / (2 * 5.0))
    assert record.array("voltage_volt") == pytest.approx(sign * (layer + 2 * side), rel=1e-12)
    assert last(record, "loss_electrolyte_layer_volt") == pytest.approx(-sign * layer, rel=1e-12)
    assert last(record, "loss_anode_volt") == pytest.approx(-sign * side, rel=1e-12)


def test_the_losses_add_up_to_the_voltage():
    cell = symmetric_cell(film=GROWING)
    protocol = stepped_current("0.1 mA/cm2", "0.3 mA/cm2", "1 mA/cm2", "2 h", rest="10 min")
    record = simulate(cell, protocol)
    parts = sum(
        record.array(f"loss_{part}_volt") for part in ("electrolyte_layer", "anode", "counter")
    )
    gap = record.array("open_circuit_voltage_volt") - record.array("voltage_volt")
    assert np.max(np.abs(parts - gap)) < 1e-15
    assert not any("loss" in str(name) for name in simulate(cell, protocol, losses=False).data)


@given(density=st.floats(1e-3, 10), hours=st.floats(1e-3, 100))
@settings(max_examples=25, deadline=None)
def test_plated_lithium_follows_faraday_and_returns(density, hours):
    words = f"at {density!r} mA/cm2 for {hours!r} h"
    record = run(symmetric_cell(), f"charge {words}", f"discharge {words}")
    plated = record.select(step_count=1).array("counter_plated_thickness_metre")[-1]
    # molar mass over density of the materials table: 1 mAh/cm2 is 4.85 um
    expected = density * 10 * hours * 3600 / FARADAY * 0.00694 / 534
    assert plated == pytest.approx(expected, rel=1e-12)
    assert abs(last(record, "counter_plated_thickness_metre")) < 1e-12 * plated
    both = record.array("working_plated_charge_ah") + record.array("counter_plated_charge_ah")
    assert np.all(both == 0)
    passed = np.trapezoid(
        record.array("current_ampere")[:11], record.array("test_time_second")[:11]
    )
    assert passed / 3600 == pytest.approx(record.array("counter_plated_charge_ah")[10], rel=1e-12)


def test_an_interphase_that_grows_raises_the_voltage_with_the_root_of_time():
    film = {**GROWING, "thickness": "0.01 nm"}
    record = run(symmetric_cell(LINEAR, film), "rest for 20 h", "charge at 0.1 mA/cm2 for 80 h")
    time, thickness = (
        record.array(name) for name in ("test_time_second", "counter_interphase_thickness_metre")
    )
    assert thickness**2 == pytest.approx(1e-22 + 1e-20 * time, rel=1e-12)
    charging = record.array("step_count") == 2
    film_drop = 2 * thickness[charging] / 1e-5
    still = 500e-6 / 0.2 + 5e-4 + 2 * 20e-4
    assert record.array("voltage_volt")[charging] == pytest.approx(still + film_drop, rel=1e-12)


def test_a_film_on_one_side_alone_costs_half():
    both = symmetric_cell(LINEAR, GROWING)
    one = both.replace(counter={"charge_transfer": LINEAR})
    drops = [
        last(run(cell, "charge at 0.1 mA/cm2 for 1 h"), "voltage_volt") for cell in (both, one)
    ]
    bare = last(run(symmetric_cell(LINEAR), "charge at 0.1 mA/cm2 for 1 h"), "voltage_volt")
    assert drops[0] - bare == pytest.approx(2 * (drops[1] - bare), rel=1e-9)
    assert "counter_interphase_thickness_metre" not in run(one, "rest for 1 h").data


def test_a_held_voltage_gives_its_current_back():
    cell = symmetric_cell(film=GROWING)
    record = run(cell, "hold at 80 mV vs counter for 10 h", "hold at -80 mV vs counter for 1 h")
    voltage = record.array("voltage_volt")
    held = record.array("step_count") == 1
    assert voltage[held] == pytest.approx(0.08, rel=1e-12)
    assert voltage[~held] == pytest.approx(-0.08, rel=1e-12)
    current = record.array("current_ampere")
    assert np.all(np.diff(current[held]) < 0)
    assert np.all(current[~held] < 0)


def test_a_hold_ends_at_its_current():
    """With linear kinetics the film's thickness at the end is known, and with it the time."""
    cell = symmetric_cell(LINEAR, GROWING)
    record = run(cell, "hold at 10 mV vs counter until 0.1 mA/cm2")
    films = 0.01 / 1.0 - (500e-6 / 0.2 + 5e-4 + 2 * 20e-4)
    expected = ((films / 2 * 1e-5) ** 2 - 1e-16) / 1e-20
    assert last(record, "test_time_second") == pytest.approx(expected, rel=1e-6)
    assert record.data.attrs["step_ends"] == ["cut-off reached"]


def test_a_charge_ends_at_its_voltage():
    cell = symmetric_cell(LINEAR, GROWING)
    record = run(cell, "charge at 0.1 mA/cm2 for 300 h or until 10 mV vs counter")
    films = 0.01 / 1.0 - (500e-6 / 0.2 + 5e-4 + 2 * 20e-4)
    expected = ((films / 2 * 1e-5) ** 2 - 1e-16) / 1e-20
    assert last(record, "test_time_second") == pytest.approx(expected, rel=1e-6)
    assert last(record, "voltage_volt") == pytest.approx(0.01, rel=1e-9)


def test_a_cut_off_passed_at_its_start_leaves_the_step_out():
    record = run(
        symmetric_cell(), "charge at 1 mA/cm2 for 1 h or until 1 mV vs Li", "rest for 1 min"
    )
    assert record.data.attrs["step_ends"] == ["cut-off passed at its start", "time over"]
    assert set(record.array("step_count")) == {2}
    with pytest.raises(ConvergenceError, match="the cut-off is passed at its start"):
        run(symmetric_cell(), "charge at 1 mA/cm2 until 1 mV vs Li")


def test_lithium_that_runs_out_ends_the_step():
    cell = symmetric_cell(thickness="10 um")
    record = run(cell, "charge at 1 mA/cm2 for 5 h", "discharge at 1 mA/cm2 for 1 h")
    ends = record.data.attrs["step_ends"]
    assert ends == ["lithium of the working electrode used up", "time over"]
    stop = record.select(step_count=1).array("test_time_second")[-1]
    assert stop == pytest.approx(10e-6 * FARADAY / (0.00694 / 534) / 10.0, rel=1e-9)
    stripped = record.array("working_plated_thickness_metre")
    assert stripped.min() == pytest.approx(-10e-6, rel=1e-9)
    with pytest.raises(
        ConvergenceError, match=r"step 2 \('charge .*no lithium is left on the working electrode"
    ):
        run(cell, "charge at 1 mA/cm2 for 5 h", "charge at 1 mA/cm2 for 1 h")
    full = run(cell, "charge at 1 mA/cm2 for 5 h", "discharge at 1 mA/cm2 for 9 h")
    assert full.data.attrs["step_ends"][1] == "lithium of the counter electrode used up"


def test_lithium_runs_out_of_a_hold_too():
    cell = symmetric_cell(film=GROWING, thickness="2 um")
    record = run(cell, "hold at 80 mV vs counter for 10 h")
    assert record.data.attrs["step_ends"] == ["lithium of the working electrode used up"]
    assert last(record, "counter_plated_thickness_metre") == pytest.approx(2e-6, rel=1e-3)


def test_the_spectrum_ends_at_the_slope_of_the_voltage():
    cell = symmetric_cell(film={"thickness": "10 nm", "conductivity": "1e-7 S/cm"})
    record = simulate(cell, Impedance(potential="0 V vs Li", lowest="1 mHz", highest="10 GHz"))
    small = run(cell, "charge at 1 nA/cm2 for 1 s")
    slope = last(small, "voltage_volt") / last(small, "current_ampere")
    assert record.array("real_impedance_ohm")[-1] == pytest.approx(slope, rel=1e-6)
    # above the layer's own relaxation at 2 GHz only capacitances are left
    assert record.array("real_impedance_ohm")[0] < 0.2 * 500e-6 / 0.2 / cell.area
    assert np.all(record.array("imaginary_impedance_ohm") < 0)


def test_each_element_of_the_spectrum_has_its_arc():
    cell = symmetric_cell(film={"thickness": "10 nm", "conductivity": "1e-7 S/cm"})
    frequency = 1e3
    record = simulate(cell, Impedance(potential="0 V vs Li", highest="1 kHz", lowest="100 Hz"))
    omega = 2j * np.pi * frequency
    film = cell.electrode.interphase
    whole = sum(
        r / (1 + omega * r * c)
        for r, c in (
            (cell.electrolyte.area_resistance, cell.electrolyte.area_capacitance),
            (5e-4, 1e-4),
            *[(THERMAL / 5.0, 0.1), (1e-3, film.area_capacitance)] * 2,
        )
    )
    found = record.array("real_impedance_ohm")[0] + 1j * record.array("imaginary_impedance_ohm")[0]
    assert found == pytest.approx(whole / cell.area, rel=1e-12)


def test_a_warm_cell_conducts_by_its_activation_energies():
    cell = symmetric_cell().replace(temperature="60 degC")
    step = "charge at 0.1 mA/cm2 for 1 h"
    cold, warm = run(symmetric_cell(), step), run(cell, step)
    factor = np.exp(25e3 / GAS_CONSTANT * (1 / 333.15 - 1 / 298.15))
    layer = 500e-6 / 0.2 * factor + 5e-4
    assert last(warm, "loss_electrolyte_layer_volt") == pytest.approx(-layer, rel=1e-12)
    eta = 2 * THERMAL * 333.15 / 298.15 * np.arcsinh(1.0 / 10.0)
    assert last(warm, "loss_anode_volt") == pytest.approx(-eta, rel=1e-12)
    assert cold.data.attrs["notes"] == []
    assert (
        "at 333.15 K: no activation energy is given for grain boundary, working electrode's "
        "charge transfer, counter electrode's charge transfer; these stay as at 298.15 K"
    ) in warm.data.attrs["notes"]


def test_stepped_currents_rise_and_return():
    protocol = stepped_current(
        "0.1 mA/cm2", "0.1 mA/cm2", "0.3 mA/cm2", "30 min", cycles_each=2, limit="0.5 V"
    )
    assert len(protocol.steps) == 12
    assert protocol.steps[:2] == (
        "charge at 0.1 mA/cm2 for 30 min or until 0.5 V vs counter",
        "discharge at 0.1 mA/cm2 for 30 min or until -0.5 V vs counter",
    )
    assert protocol.steps[-1].startswith("discharge at 0.3 mA/cm2")
    record = simulate(symmetric_cell(film=GROWING), protocol)
    assert set(record.array("cycle_count")) == {1, 2, 3, 4, 5, 6}
    assert last(record, "counter_plated_charge_ah") == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("0.1 C", "0.1 mA/cm2", "1 mA/cm2"), "'0.1 C' is not a current density"),
        (("1 mA", "0.1 mA/cm2", "1 mA/cm2"), "start: '1 mA' is not a current density"),
        (("1 mA/cm2", "0.1 mA/cm2", "0.5 mA/cm2"), "highest: '0.5 mA/cm2' is below start"),
        (("1 mA/cm2", "0 mA/cm2", "2 mA/cm2"), "step: '0 mA/cm2' must be above 0"),
    ],
)
def test_stepped_currents_that_make_no_sense_are_refused(given, told):
    with pytest.raises(InputError) as caught:
        stepped_current(*given, "1 h")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("protocol", "told"),
    [
        (
            Cycling(("charge at 0.1 C for 1 h",)),
            "steps.1: 'charge at 0.1 C for 1 h': a symmetric cell has no C rate; give a current "
            "density such as '0.1 mA/cm2'",
        ),
        (Cycling(("rest for 1 h", "charge at 1 mA/g for 1 h")), "steps.2: "),
        (Cycling(("hold at 0.1 V vs Li until C/20",)), "has no C rate"),
        (Cycling(("charge at 1 mA until -1 V vs Li",)), "a charge ends above 0 V"),
        (Cycling(("discharge at 1 mA until 1 V vs Li",)), "a discharge ends below 0 V"),
        (Cycling(("rest for 1 h",), double_layers=True), "double_layers: double layers take no"),
        (Gitt("1 mA/cm2", "1 h", "1 h", "1 V vs Li"), "takes no titration"),
        (Voltammetry("1 mV/s", "0.1 V vs Li", "-0.1 V vs Li"), "takes no cyclic voltammetry"),
        (Impedance(lithium_fraction=0.5), "give potential = '0 V vs Li'"),
        (Impedance(potential="1 V vs Li"), "one state of rest"),
    ],
)
def test_what_a_symmetric_cell_cannot_do_is_refused(protocol, told):
    with pytest.raises(InputError) as caught:
        simulate(symmetric_cell(), protocol)
    assert told in str(caught.value)
    with pytest.raises(InputError):
        protocol.check_on(symmetric_cell())


def test_a_cut_off_that_never_comes_is_told():
    with pytest.raises(ConvergenceError, match="its end is not reached in a year"):
        run(symmetric_cell(), "charge at 0.1 mA/cm2 until 5 V vs Li")


@pytest.mark.parametrize(
    ("film", "told"),
    [
        (
            {**GROWING, "growth": {"law": "potential", "rate": "1e-20 m2/s", "onset": "3 V"}},
            "electrode.interphase.growth: the potential of lithium does not change",
        ),
        (
            {
                **GROWING,
                "growth": {"law": "diffusion", "rate": "0 m2/s", "lithium_content": "1 mol/L"},
            },
            "electrode.interphase.growth.lithium_content: the lithium that an interphase binds",
        ),
        (
            {"thickness": "10 nm", "material": "LNTO-450"},
            "electrode.interphase.conductivity: is missing; give it",
        ),
    ],
)
def test_interphases_that_lithium_cannot_have_are_refused(film, told):
    with pytest.raises(InputError) as caught:
        symmetric_cell(film=film)
    assert told in str(caught.value)


def test_a_metal_has_no_fraction():
    with pytest.raises(InputError, match="a metal has no lithium fraction"):
        symmetric_cell({**LINEAR, "concentration": "square root"})


def test_a_study_file_holds_the_cell_without_loss():
    cell = symmetric_cell(film=GROWING, thickness="20 um", counter={"charge_transfer": LINEAR})
    written = write_cell(cell)
    assert written["type"] == "symmetric"
    assert read_cell(written) == cell


def test_its_record_is_analysed_and_drawn_as_any_other():
    record = simulate(
        symmetric_cell(film=GROWING), stepped_current("1 mA/cm2", "1 mA/cm2", "2 mA/cm2", "1 h")
    )
    result = solith.analyse(record)
    assert result["critical_current_density"].value == pytest.approx(2)  # mA/cm2, a lower bound
    cycles = analyse_cycling(record)
    assert cycles["charge_capacity"].value == pytest.approx(0.5)  # mAh on 0.5 cm2
    assert cycles["initial_coulombic_efficiency"].value == pytest.approx(100)
    assert solith.plot(record).data


def test_ends_are_called_as_in_the_other_cells():
    from solith.cell import _runner, _symmetric_simulation

    for name in ("TIME_OVER", "REACHED", "PASSED"):
        assert getattr(_symmetric_simulation, name) == getattr(_runner, name)


def test_pybamm_is_not_needed():
    script = (
        "import sys; from solith.cell import Cycling, SymmetricCell, simulate; "
        "cell = SymmetricCell.from_mapping({'area': '1 cm2', 'electrode': {'charge_transfer': "
        "{'law': 'linear', 'area_resistance': '1 ohm cm2'}}, 'electrolyte': {'material': 'LGPS', "
        "'thickness': '1 mm'}}); simulate(cell, Cycling(('rest for 1 h',))); "
        "print('pybamm' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False", done.stderr
