"""The liquid half cell: PyBaMM's own model beside solith's solid cell."""

from __future__ import annotations

import numpy as np
import pybamm
import pytest

import solith
from solith.cell import (
    Cell,
    Cycling,
    Gitt,
    Impedance,
    LiquidCell,
    Voltammetry,
    cycle,
    read_cell,
    simulate,
    write_cell,
)
from solith.cell import _liquid_simulation as liquid_simulation
from solith.cell._liquid_simulation import liquid_mapping, liquid_model
from solith.core.errors import InputError

UPPER, LOWER = "4.2 V vs Li", "2.8 V vs Li"
LINEAR = {"law": "linear", "area_resistance": "50 ohm cm2"}


def liquid_cell(electrolyte=None, anode=None, **cathode) -> LiquidCell:
    return LiquidCell.from_mapping(
        {
            "cathode": {
                "material": "NMC532",
                "loading": "8.7 mg/cm2",
                "active_fraction": 0.6,
                "porosity": 0.35,
                "particle_radius": "2 um",
                "initial_lithium_fraction": 0.98,
                "diffusivity": "2e-11 cm2/s",
                "charge_transfer": {"law": "butler-volmer", "area_resistance": "100 ohm cm2"},
                "electronic_conductivity": "1 S/m",
                **cathode,
            },
            "electrolyte": electrolyte or {},
            "anode": {
                "charge_transfer": anode
                or {"law": "butler-volmer", "exchange_current_density": "10 A/m2"}
            },
            "separator_thickness": "25 um",
            "separator_porosity": 0.4,
            "area": "0.785 cm2",
            "one_c": "1.3 mA/cm2",
        }
    )


def charge_of(record: solith.Record, step: int | None = None) -> float:
    """Charge of a step, or of all [C], positive in charge."""
    rows = record if step is None else record.select(step_count=step)
    return float(np.trapezoid(rows.array("current_ampere"), rows.array("test_time_second")))


def test_all_charge_is_lithium_of_the_active_material():
    cell = liquid_cell()
    record = simulate(cell, cycle("0.5 C", UPPER, LOWER, cycles=2))
    time, current, fraction = (
        record.array(name)
        for name in ("test_time_second", "current_ampere", "mean_lithium_fraction")
    )
    passed = np.cumsum(np.diff(time) * (current[1:] + current[:-1]) / 2)
    taken = (fraction[0] - fraction[1:]) * cell.full_capacity * cell.area
    assert np.max(np.abs(passed - taken)) < 1e-8 * np.ptp(passed)


def test_the_voltage_is_that_of_pybamms_half_cell():
    cell = liquid_cell()
    values = pybamm.ParameterValues(liquid_mapping(cell))
    values["Current function [A]"] = -cell.one_c * cell.area
    theirs = pybamm.Simulation(
        pybamm.lithium_ion.DFN(
            {
                "working electrode": "positive",
                "intercalation kinetics": "symmetric Butler-Volmer",
            }
        ),
        parameter_values=values,
        var_pts={"x_n": 1, "x_s": 10, "x_p": 20, "r_n": 1, "r_p": 100},
        solver=pybamm.IDAKLUSolver(rtol=1e-6, atol=1e-8),
    ).solve([0, 1500])
    ours = simulate(cell, Cycling(("charge at 1 C for 1500 s",)))
    times = np.linspace(30, 1490, 100)
    found = np.interp(times, ours.array("test_time_second"), ours.array("voltage_volt"))
    assert np.max(np.abs(found - theirs["Voltage [V]"](times))) < 1e-3


def test_in_the_common_limit_the_solid_cell_has_the_same_voltage():
    """A solution whose lithium alone moves, all particles touched, no films."""
    liquid = liquid_cell(
        {"transference_number": 1.0, "conductivity": "0.5 S/m", "diffusivity": "1e-9 m2/s"},
        anode=LINEAR,
    )
    cathode = liquid.cathode
    solid = Cell.from_mapping(
        {
            "area": "0.785 cm2",
            "one_c": "1.3 mA/cm2",
            "cathode": {
                "material": "NMC532",
                "loading": "8.7 mg/cm2",
                "initial_lithium_fraction": 0.98,
                "diffusivity": "2e-11 cm2/s",
                "charge_transfer": {"law": "butler-volmer", "area_resistance": "100 ohm cm2"},
                "composite": {
                    "active_fraction": 0.6,
                    "electrolyte_fraction": 0.35,
                    "particle_radius": "2 um",
                    "ionic_conductivity": f"{0.5 * cathode.porosity**1.5} S/m",
                    "electronic_conductivity": "1 S/m",
                },
            },
            "electrolyte": {
                "material": "LGPS",
                "thickness": "25 um",
                "conductivity": f"{0.5 * 0.4**1.5} S/m",
            },
            "anode": {
                "material": "Li",
                "interface": {"resistance": "50 ohm cm2", "capacitance": "1 mF/cm2"},
            },
        }
    )
    protocol = Cycling((f"charge at 1 C until {UPPER}", f"discharge at 2 C until {LOWER}"))
    records = [simulate(cell, protocol) for cell in (liquid, solid)]
    for step in (1, 2):
        charges = [abs(charge_of(record, step)) for record in records]
        assert charges[0] == pytest.approx(charges[1], rel=1e-3)
    times = np.linspace(10, 0.95 * records[1].array("test_time_second")[-1], 300)
    voltages = [
        np.interp(times, record.array("test_time_second"), record.array("voltage_volt"))
        for record in records
    ]
    first = times < records[1].select(step_count=1).array("test_time_second")[-1] - 5
    assert np.max(np.abs(voltages[0] - voltages[1])[first]) < 1e-3


def test_the_spectrum_is_that_of_its_elements():
    """Thin cathode, fast diffusion, lithium alone moves: three elements remain."""
    cell = liquid_cell(
        {"transference_number": 1.0, "conductivity": "1 S/m"},
        anode={**LINEAR, "double_layer": "50 uF/cm2"},
        loading="0.01 mg/cm2",
        diffusivity="1e-6 cm2/s",
    )
    record = simulate(cell, Impedance(lithium_fraction=0.6, lowest="10 Hz"))
    omega = 2j * np.pi * record.array("frequency_hertz")
    thickness, porosity = cell.separator_thickness, cell.separator_porosity
    expected = thickness / porosity**1.5 / cell.area + np.zeros_like(omega)
    for resistance, capacitance, area in (
        (50e-4, 0.5, cell.area),
        (100e-4, 0.1, cell.active_area),
    ):
        expected += resistance / (1 + omega * resistance * capacitance) / area
    found = record.array("real_impedance_ohm")
    path = cell.cathode.depth / (0.35**1.5 + 1.0) / cell.area  # of both conductors side by side
    assert np.max(np.abs(found / (expected.real + path) - 1)) < 2e-3


def test_the_potential_is_that_of_the_table_unbent():
    """To the end of the curve, where PyBaMM's own bends it by 126 mV."""
    cell = liquid_cell(initial_lithium_fraction=0.9997)
    record = simulate(cell, Cycling(("rest for 1 min",)))
    expected = cell.open_circuit_potential(0.9997)
    assert record.array("open_circuit_voltage_volt")[0] == pytest.approx(expected, abs=1e-9)
    assert record.array("voltage_volt")[0] == pytest.approx(expected, abs=1e-6)


def test_hindered_diffusion_costs_the_first_cycle():
    hindered = {
        "law": "hindered",
        "value": "2e-10 cm2/s",
        "hindered_from": 0.8,
        "decades": 4.0,
    }
    protocol = cycle("0.2 C", UPPER, "3.0 V vs Li")
    efficiency = [
        solith.analyse(simulate(liquid_cell(diffusivity=law), protocol))[
            "initial_coulombic_efficiency"
        ].value
        for law in ("2e-10 cm2/s", hindered)
    ]
    assert efficiency[0] > 98
    assert 50 < efficiency[1] < 95


def test_another_diffusivity_or_rate_needs_no_new_model():
    simulate(liquid_cell(), cycle("1 C", UPPER, LOWER))
    built = len(liquid_simulation._machines)
    slow = simulate(liquid_cell(diffusivity="5e-12 cm2/s"), cycle("2 C", UPPER, LOWER))
    assert len(liquid_simulation._machines) == built
    other = simulate(liquid_cell(diffusivity="5e-11 cm2/s"), cycle("2 C", UPPER, LOWER))
    assert abs(charge_of(other, 1)) > 1.1 * abs(charge_of(slow, 1))


def test_laws_with_other_shapes_are_built_anew():
    """A table of diffusivities is no input: a second one must not meet the first one's model."""
    tables = [
        {"law": "table", "lithium_fractions": [0.2, 1.0], "values": [value, value]}
        for value in ("5e-12 cm2/s", "5e-11 cm2/s")
    ]
    charged = [
        charge_of(simulate(liquid_cell(diffusivity=table), cycle("2 C", UPPER, LOWER)), 1)
        for table in tables
    ]
    constant = charge_of(
        simulate(liquid_cell(diffusivity="5e-11 cm2/s"), cycle("2 C", UPPER, LOWER)), 1
    )
    assert charged[1] > 1.1 * charged[0]
    assert charged[1] == pytest.approx(constant, rel=1e-3)


def test_titration_and_voltammetry_give_records_of_their_kind():
    cell = liquid_cell(diffusivity="1e-10 cm2/s")
    titration = simulate(
        cell, Gitt("0.2 C", "20 min", "30 min", "3.7 V vs Li", direction="charge", most_pulses=4)
    )
    assert titration.data.attrs["technique"] == "gitt"
    rested = titration.select(step_count=4)
    relaxed = rested.array("voltage_volt")[-1] - rested.array("open_circuit_voltage_volt")[-1]
    assert abs(relaxed) < 2e-3
    sweep = simulate(cell, Voltammetry("0.1 mV/s", UPPER, "3.0 V vs Li"))
    assert sweep.kind == "voltammogram"
    assert sweep.array("voltage_volt").max() == pytest.approx(4.2, abs=1e-6)


def test_the_record_names_its_areas_and_says_that_it_has_no_budget():
    cell = liquid_cell()
    record = simulate(cell, Cycling(("rest for 1 min",)))
    about = record.data.attrs
    assert about["contact_area_m2"] == about["active_area_m2"] == cell.active_area
    assert cell.active_area == pytest.approx(3 * cell.active_volume / 2e-6)
    assert about["active_mass_kg"] == pytest.approx(8.7e-2 * 0.785e-4)
    assert about["reference"] == "vs Li"
    assert about["notes"] == ["a liquid half cell has no loss budget"]
    assert not [name for name in record.data if str(name).startswith("loss_")]
    warm = simulate(cell.replace(temperature="60 degC"), Impedance(lithium_fraction=0.6))
    assert (
        "charge transfer, diffusivity, lithium electrode, electrolyte;"
        in (warm.data.attrs["notes"][1])
    )


def test_a_full_host_ends_the_discharge():
    cell = liquid_cell(diffusivity="1e-9 cm2/s")
    protocol = Cycling((f"charge at 0.1 C until {UPPER}", "discharge at 0.02 C until 2.0 V vs Li"))
    ends = simulate(cell, protocol).data.attrs["step_ends"]
    assert ends == ["cut-off reached", "active material full before the cut-off"]


def test_both_electrodes_may_have_their_own_law_and_double_layers():
    mixed = liquid_cell(anode={"law": "linear", "exchange_current_density": "10 A/m2"})
    assert liquid_model(mixed).options["intercalation kinetics"] == (
        "linear",
        "symmetric Butler-Volmer",
    )
    small = ("charge at 0.02 C for 10 min",)
    last = [
        simulate(cell, Cycling(small, double_layers=layers)).array("voltage_volt")[-1]
        for cell, layers in ((mixed, False), (mixed, True), (liquid_cell(), False))
    ]
    assert np.ptp(last) < 2e-5


def test_potentials_name_their_reference():
    charged = [
        charge_of(simulate(liquid_cell(), Cycling((f"charge at 1 C until {upper}",))))
        for upper in ("4.12 V vs Li", "3.5 V vs Li-In", "4.12 V vs counter")
    ]
    assert charged == pytest.approx([charged[0]] * 3, rel=1e-9)


def test_a_study_file_holds_the_cell_without_loss():
    cell = liquid_cell({"solution": "LiPF6 in PC:EC:DMC", "concentration": "1.2 mol/L"})
    written = write_cell(cell)
    assert written["type"] == "liquid"
    assert read_cell(written) == cell


def test_a_stronger_solution_has_another_resistance():
    protocol = Cycling(("charge at 2 C for 1 min",))
    voltages = [
        simulate(liquid_cell({"solution": name}), protocol).array("voltage_volt")[-1]
        for name in ("LiPF6 in EC:EMC", "LiPF6 in PC:EC:DMC")
    ]
    assert abs(voltages[0] - voltages[1]) > 1e-4


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"porosity": 0.5}, "active_fraction + porosity = 1.1 must be at most 1"),
        ({"material": "Li"}, "material: Li is of kind 'anode', expected 'active material'"),
        ({"thickness": "60 um"}, "give exactly one of loading and thickness"),
        ({"initial_lithium_fraction": 0.05}, "initial_lithium_fraction: 0.05 is outside the range"),
        (
            {"material": "LiFePO4", "electronic_conductivity": None},
            "electronic_conductivity: is missing; give it",
        ),
    ],
)
def test_what_does_not_fit_is_refused(changes, told):
    with pytest.raises(InputError) as caught:
        liquid_cell(**changes)
    assert f"cathode.{told}" in str(caught.value) or f"cathode: {told}" in str(caught.value)


def test_an_unknown_solution_and_a_metal_with_a_fraction_are_refused():
    with pytest.raises(InputError, match=r"electrolyte\.solution: unknown solution 'brine'"):
        liquid_cell({"solution": "brine"})
    with pytest.raises(InputError, match=r"anode\.charge_transfer\.concentration: a metal has no"):
        liquid_cell(anode={**LINEAR, "concentration": "square root"})


def test_an_unreachable_cut_off_is_refused():
    with pytest.raises(InputError, match=r"5\.000 V vs Li is outside the open-circuit potential"):
        simulate(liquid_cell(), cycle("0.1 C", "5 V vs Li", LOWER))
