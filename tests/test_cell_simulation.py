"""Protocols run on cells: what comes out, what is conserved, and how it fails."""

from __future__ import annotations

import numpy as np
import pybamm
import pytest
from validation import (
    against_pybamm,
    conservation_and_order,
    impedance_limits,
    loss_budget,
)
from validation.cells import coated_cell

import solith
from solith.cell import (
    LOSS_PARTS,
    Cycling,
    Impedance,
    SolidStateCell,
    Structure,
    build_model,
    cycle,
    parameter_values,
    rate_series,
    simulate,
)
from solith.core.errors import ConvergenceError, InputError, InterruptedRunError
from solith.core.progress import Progress

UPPER, LOWER = "3.7 V vs Li-In", "2.1 V vs Li-In"


def capacity(record: solith.Record, step: int) -> float:
    """Charge of a step [C], positive in charge."""
    part = record.select(step_count=step)
    return float(np.trapezoid(part.array("current_ampere"), part.array("test_time_second")))


@pytest.mark.parametrize(
    "script", [loss_budget, impedance_limits, conservation_and_order], ids=lambda m: m.__name__
)
def test_the_physics_meets_its_marks(script):
    missed = [str(mark) for mark in script.marks() if not mark.met]
    assert not missed, "\n".join(missed)


def test_the_voltage_is_that_of_pybamms_half_cell():
    # Times are not asserted here: other work on the machine would decide.
    found = against_pybamm.compare_discharge(1.0, repeats=1)
    assert found.worst < 1e-3


def test_the_model_runs_in_pybamm_as_it_is():
    solution = pybamm.Simulation(SolidStateCell()).solve([0, 600])
    assert solution.t[-1] == 600
    experiment = pybamm.Experiment([("Charge at C/5 for 1 hour", "Rest for 10 minutes")])
    cycled = pybamm.Simulation(SolidStateCell(), experiment=experiment).solve(calc_esoh=False)
    assert len(cycled.cycles) == 1
    model = SolidStateCell({"surface form": "differential"})
    spectrum = pybamm.EISSimulation(model).solve(np.geomspace(1e5, 1e-1, 10)).impedance
    assert np.all(np.real(spectrum) > 0)


def test_pybamm_finds_the_model_and_its_parameters():
    assert "SolidStateCell" in list(pybamm.dispatch.models)
    assert "Solith2026" in list(pybamm.parameter_sets)
    assert pybamm.ParameterValues("Solith2026")["Separator thickness [m]"] == pytest.approx(5e-4)


def test_the_model_refuses_unknown_parts():
    with pytest.raises(InputError, match="unknown film 'rust'"):
        Structure(films=("rust",))
    with pytest.raises(InputError, match="unknown option of this model 'SEI'"):
        SolidStateCell({"SEI": "reaction limited"})
    with pytest.raises(InputError, match="unknown element 'cable'"):
        Structure(capacitances=("cable",))


def test_a_model_without_capacitances_is_refused_by_pybamms_impedance():
    with pytest.raises(ValueError, match="surface form"):
        pybamm.EISSimulation(SolidStateCell())


def test_the_model_of_a_cell_has_what_the_cell_has():
    """In PyBaMM by hand the same voltage as by solith, with every interface part."""
    cell = coated_cell(charge_transfer={"law": "linear", "area_resistance": "800 ohm cm2"})
    values = parameter_values(cell)
    values["Current function [A]"] = -0.5 * cell.one_c * cell.area
    by_hand = pybamm.Simulation(build_model(cell), parameter_values=values).solve([0, 600])
    record = simulate(cell, Cycling(("charge at 0.5 C for 10 min",)))
    assert by_hand["Voltage [V]"].entries[-1] == pytest.approx(
        record.array("voltage_volt")[-1], abs=1e-3
    )
    bare = coated_cell(coating=None, interphase=None, further_resistance=None)
    assert build_model(bare).structure.films == ()


def test_each_pair_of_charge_and_discharge_is_a_cycle():
    series = rate_series(["0.5 C", "1 C"], UPPER, LOWER, charge="0.5 C")
    twice = simulate(coated_cell(), Cycling(series.steps, cycles=2))
    counts = {step: twice.select(step_count=step).array("cycle_count")[0] for step in range(1, 17)}
    assert [counts[step] for step in (1, 3, 5, 7, 9, 11, 13, 15)] == [1, 1, 2, 2, 3, 3, 4, 4]


def test_a_record_says_what_it_holds():
    record = simulate(coated_cell(), cycle("0.5 C", UPPER, LOWER), sample="450")
    assert record.provenance.origin == "simulated"
    assert record.provenance.sample == "450"
    assert record.data.attrs["step_ends"][0] == "cut-off reached"
    assert record.array("current_ampere").max() > 0 > record.array("current_ampere").min()
    assert set(record.array("step_count")) == {1, 2, 3, 4}


def test_the_same_input_gives_the_same_output():
    first, second = (simulate(coated_cell(), cycle("1 C", UPPER, LOWER)) for _ in range(2))
    assert first.data.identical(second.data)


def test_capacity_scales_with_what_is_accessible():
    cell = coated_cell()
    composite = cell.cathode.composite
    slow = Cycling((f"charge at 0.005 C until {UPPER}",))
    full, half = (
        capacity(
            simulate(cell.with_composite(composite.replace(accessible_fraction=share)), slow), 1
        )
        for share in (1.0, 0.5)
    )
    assert half / full == pytest.approx(0.5, rel=0.01)


def test_contact_scales_the_whole_interface():
    """Half the contact doubles every resistance of the interface and halves its capacitance.

    Together that scales the interface's impedance by two at every frequency, diffusion
    apart, which sees the whole sphere.
    """
    cell = impedance_limits.planar_cell()
    cell = cell.replace(cathode=cell.cathode.replace(diffusivity="1e-5 cm2/s"))
    composite = cell.cathode.composite
    spectrum = Impedance(lithium_fraction=0.6, lowest="10 Hz", highest="1 MHz")

    def interface(share: float) -> np.ndarray:
        contact = cell.with_composite(composite.replace(contact_fraction=share))
        record = simulate(contact, spectrum)
        whole = record.array("real_impedance_ohm") + 1j * record.array("imaginary_impedance_ohm")
        omega = 2j * np.pi * record.array("frequency_hertz")
        for element in (
            (cell.electrolyte.area_resistance, cell.electrolyte.area_capacitance),
            (cell.anode.interface.resistance, cell.anode.interface.capacitance),
        ):
            whole = whole - element[0] / (1 + omega * element[0] * element[1]) / cell.area
        return whole

    assert np.max(np.abs(interface(0.5) / interface(1.0) / 2 - 1)) < 5e-3


def test_linear_and_butler_volmer_agree_at_small_current():
    cell = coated_cell()
    transfer = cell.cathode.charge_transfer
    linear = cell.replace(
        cathode=cell.cathode.replace(charge_transfer={"law": "linear", **transfer.to_mapping()})
    )
    small, large = (Cycling((f"charge at {rate} for 10 s",)) for rate in ("0.02 C", "10 C"))
    voltages = {
        name: [simulate(c, p).array("voltage_volt")[-1] for c in (cell, linear)]
        for name, p in (("small", small), ("large", large))
    }
    assert abs(np.diff(voltages["small"])[0]) < 1e-5
    assert np.diff(voltages["large"])[0] > 1e-2  # linear kinetics lose more


def test_resistances_fall_with_temperature():
    cell = coated_cell()
    transfer = cell.cathode.charge_transfer.replace(activation_energy="40 kJ/mol")
    warm = cell.replace(
        cathode=cell.cathode.replace(charge_transfer=transfer), temperature="60 degC"
    )
    rate = Cycling(("charge at 0.05 C for 10 min",))
    loss = [
        -simulate(c, rate).array("loss_charge_transfer_volt")[-1]
        for c in (warm.replace(temperature=298.15), warm)
    ]
    expected = np.exp(40e3 / 8.314462618 * (1 / 333.15 - 1 / 298.15))
    assert loss[1] / loss[0] == pytest.approx(expected * 333.15 / 298.15, rel=1e-3)


@pytest.mark.parametrize("material", ["NMC532", "NMC111", "LiCoO2", "LiFePO4"])
def test_every_active_material_charges_and_discharges(material):
    curve = solith.material(material).open_circuit_potential
    assert curve is not None
    upper = f"{curve.potential_range()[1] - 0.1:.3f} V vs Li"
    cell = coated_cell(material=material, initial_lithium_fraction=0.99)
    protocol = cycle("0.1 C", upper, "2.5 V vs Li", cycles=2)
    record = simulate(cell, protocol)
    first, second = (capacity(record, step) for step in (3, 7))
    assert second == pytest.approx(first, rel=0.01)
    assert set(record.data.attrs["step_ends"]) <= {
        "cut-off reached",
        "time over",
        "active material full before the cut-off",
    }


def test_the_model_uses_the_potential_of_the_table_unbent():
    """To the end of the curve, where PyBaMM's own would bend it by tens of millivolts."""
    cell = coated_cell(initial_lithium_fraction=0.9997)
    record = simulate(cell, Cycling(("rest for 1 min",)))
    expected = cell.cell_potential(cell.cathode.open_circuit_potential(0.9997))
    assert record.array("open_circuit_voltage_volt")[0] == pytest.approx(expected, abs=1e-9)
    assert record.array("voltage_volt")[0] == pytest.approx(expected, abs=1e-7)


def test_a_full_host_ends_the_discharge_and_says_so():
    record = simulate(coated_cell(), cycle("0.02 C", UPPER, "1.5 V vs Li-In", cycles=2))
    ends = record.data.attrs["step_ends"]
    assert ends[2] == ends[6] == "active material full before the cut-off"
    flags = solith.analyse(record)["discharge_capacity"].flags
    assert "active material full before the cut-off" in " ".join(flags)


def test_a_flat_table_of_diffusivities_is_a_constant():
    protocol = cycle("1 C", UPPER, LOWER)
    constant = simulate(coated_cell(diffusivity="1e-11 cm2/s"), protocol)
    table = {"law": "table", "lithium_fractions": [0.2, 1.0], "values": ["1e-11 cm2/s"] * 2}
    tabulated = simulate(coated_cell(diffusivity=table), protocol)
    assert capacity(tabulated, 3) == pytest.approx(capacity(constant, 3), rel=1e-4)


def test_full_contact_has_no_contact_loss():
    cell = coated_cell()
    full = cell.with_composite(cell.cathode.composite.replace(contact_fraction=1.0))
    record = simulate(full, cycle("1 C", UPPER, LOWER))
    assert np.max(np.abs(record.array("loss_contact_volt"))) < 1e-12
    assert np.any(record.array("loss_coating_volt") != 0)
    assert all(f"loss_{part}_volt" in record.data for part in LOSS_PARTS)


def test_an_unreachable_cut_off_is_refused_before_anything_is_solved():
    with pytest.raises(InputError, match=r"5\.620 V vs Li is outside the open-circuit potential"):
        simulate(coated_cell(), cycle("0.1 C", "5.0 V vs Li-In", LOWER))


@pytest.mark.parametrize(
    "step", ["charge at 1 C until 1 V vs Li", "discharge at 1 C until 5 V vs Li"]
)
def test_cut_offs_on_the_wrong_side_are_refused(step):
    with pytest.raises(InputError, match="is outside the open-circuit potential"):
        simulate(coated_cell(), Cycling((step, "rest for 1 min")))


def test_an_element_without_resistance_has_no_arc():
    nothing = {"resistance": "0 ohm cm2", "capacitance": "1 uF/cm2"}
    cell = coated_cell(further_resistance=None)
    bare = simulate(cell, Impedance(lithium_fraction=0.6))
    cathode = cell.cathode.replace(further_resistance=nothing)
    layer = cell.electrolyte.replace(grain_boundary=nothing)
    same = simulate(
        cell.replace(cathode=cathode, electrolyte=layer), Impedance(lithium_fraction=0.6)
    )
    assert same.data.identical(bare.data.assign_attrs(same.data.attrs))


def test_an_early_end_says_where_and_why():
    endless = Cycling((f"charge at 0.1 C until {UPPER}", "discharge at 0.1 C for 100 h"))
    with pytest.raises(ConvergenceError) as caught:
        simulate(coated_cell(), endless)
    assert "cycle 1, step 2 ('discharge at 0.1 C for 100 h') ended early" in str(caught.value)
    assert "lithium fraction too high" in str(caught.value)


@pytest.mark.parametrize("resistance", ["0 ohm cm2", "1 ohm cm2"])
def test_a_sweep_begins_at_open_circuit(resistance):
    cell = solith.Cell.from_mapping(
        {
            "area": "0.785 cm2",
            "one_c": "1.3 mA/cm2",
            "cathode": {
                "material": "NMC532",
                "loading": "8.7 mg/cm2",
                "initial_lithium_fraction": 0.75,
                "diffusivity": "1e-11 cm2/s",
                "composite": {
                    "active_fraction": 0.45,
                    "electrolyte_fraction": 0.45,
                    "particle_radius": "2 um",
                    "ionic_conductivity": "1 mS/cm",
                    "electronic_conductivity": "10 mS/cm",
                },
                "charge_transfer": {"law": "butler-volmer", "area_resistance": "50 ohm cm2"},
            },
            "electrolyte": {"material": "LGPS", "thickness": "10 um"},
            "anode": {
                "material": "Li",
                "interface": {"resistance": resistance, "capacitance": "1 uF/cm2"},
            },
        }
    )
    sweep = solith.Voltammetry("0.1 mV/s", "4.2 V vs Li", "3.6 V vs Li", cycles=1)
    record = simulate(cell, sweep, losses=False)
    current, voltage = record.array("current_ampere"), record.array("voltage_volt")
    assert abs(current[0]) < 1e-12  # the very state in which no current flows
    assert voltage.max() == pytest.approx(4.2, abs=1e-6)
    assert np.max(current) == pytest.approx(9.7e-4, rel=0.02)


def test_a_cut_off_passed_at_the_start_is_told():
    cell = coated_cell(charge_transfer={"law": "linear", "area_resistance": "1e7 ohm cm2"})
    record = simulate(cell, cycle("1 C", UPPER, LOWER))
    assert record.data.attrs["step_ends"][::2] == ["cut-off passed at its start"] * 2
    result = solith.analyse(record)
    assert result["charge_capacity"].value is None
    assert "no charge" in " ".join(result["charge_capacity"].flags)
    with pytest.raises(ConvergenceError, match="the cut-off is passed at its start"):
        simulate(cell, Cycling((f"charge at 1 C until {UPPER}",)))


def test_work_can_be_interrupted():
    progress = Progress(lambda fraction, message: None)
    heard: list[float] = []

    def listen(fraction: float, message: str) -> None:
        heard.append(fraction)
        if fraction > 0.2:
            progress.cancel()

    progress = Progress(listen)
    with pytest.raises(InterruptedRunError, match="interrupted: step"):
        simulate(coated_cell(), cycle("1 C", UPPER, LOWER), progress=progress)
    assert 0.2 < max(heard) < 1


def test_a_spectrum_outside_the_curve_is_refused():
    with pytest.raises(InputError, match=r"5\.62"):
        simulate(coated_cell(), Impedance(potential="5 V vs Li-In"))


def test_a_warm_cell_says_what_does_not_follow_its_temperature():
    warm = coated_cell().replace(temperature="60 degC")
    notes = simulate(warm, Impedance(lithium_fraction=0.6)).data.attrs["notes"]
    assert "no activation energy is given for charge transfer, diffusivity, coating" in notes[0]
    assert "electrolyte layer" not in notes[0]
    assert simulate(coated_cell(), Impedance(lithium_fraction=0.6)).data.attrs["notes"] == []
