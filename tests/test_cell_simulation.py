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
from solith.cell import LOSS_PARTS, Cycling, Impedance, SolidStateCell, cycle, simulate
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
        SolidStateCell(films=("rust",))
    with pytest.raises(InputError, match="unknown element 'cable'"):
        SolidStateCell({"surface form": "differential"}, capacitances=("cable",))


def test_a_record_says_what_it_holds():
    record = simulate(coated_cell(), cycle("0.5 C", UPPER, LOWER), sample="450")
    assert record.provenance.origin == "simulated"
    assert record.provenance.sample == "450"
    assert record.data.attrs["step_ends"][0] == "event: Voltage > 3.7 [V] [experiment]"
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
    """Half the contact doubles every interface resistance and halves its capacitance."""
    cell = coated_cell()
    composite = cell.cathode.composite
    spectrum = Impedance(lithium_fraction=0.6, lowest="1 Hz", highest="1 MHz")
    records = [
        simulate(cell.with_composite(composite.replace(contact_fraction=share)), spectrum)
        for share in (1.0, 0.5)
    ]
    # the interface alone: take off layer, anode and pores, which do not change
    planar = [
        r.array("real_impedance_ohm") + 1j * r.array("imaginary_impedance_ohm") for r in records
    ]
    exact = [
        impedance_limits.exact_impedance(
            cell.with_composite(composite.replace(contact_fraction=share)),
            records[0].array("frequency_hertz"),
        )
        for share in (1.0, 0.5)
    ]
    assert np.max(np.abs(planar[1] / exact[1] - 1)) < 5e-3
    assert (planar[1] - planar[0]).real.min() > 0


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
    assert np.all(record.array("loss_contact_volt") == 0)
    assert np.any(record.array("loss_coating_volt") != 0)
    assert all(f"loss_{part}_volt" in record.data for part in LOSS_PARTS)


def test_an_unreachable_cut_off_is_refused_before_anything_is_solved():
    with pytest.raises(InputError, match=r"5\.620 V vs Li is outside the open-circuit potential"):
        simulate(coated_cell(), cycle("0.1 C", "5.0 V vs Li-In", LOWER))


def test_an_early_end_says_where_and_why():
    endless = Cycling((f"charge at 0.1 C until {UPPER}", "discharge at 0.1 C for 100 h"))
    with pytest.raises(ConvergenceError) as caught:
        simulate(coated_cell(), endless)
    assert "cycle 1, step 2 ('discharge at 0.1 C for 100 h') ended early" in str(caught.value)
    assert "lithium fraction too high" in str(caught.value)


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
