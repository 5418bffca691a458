"""The thin-film cell: its films against closed forms, its losses, and its errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pybamm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solith.cell import Cycling, Gitt, Impedance, Voltammetry
from solith.cell import _thin_film_simulation as simulation
from solith.cell._settings import Settings
from solith.cell._thin_film_kinetics import scaled_current, scaled_overpotential
from solith.cell._thin_film_model import ThinFilmModel
from solith.cell._thin_film_parameters import FilmStructure, film_mapping
from solith.cell._thin_film_simulation import build_film_model, simulate_thin_film
from solith.cell.thin_film import BinaryElectrolyte, ThinFilmCell
from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.errors import InputError

THERMAL = GAS_CONSTANT * 298.15 / FARADAY
BINARY = {
    "law": "binary",
    "thickness": "1.5 um",
    "lithium_concentration": "60.1 kmol/m3",
    "mobile_fraction": 0.18,
    "lithium_diffusivity": "0.9e-15 m2/s",
    "counter_diffusivity": "5.1e-15 m2/s",
    "recombination_rate": "0.9e-6 m3/(mol s)",
}
OHMIC = {"material": "LiPON", "thickness": "1.5 um"}
ASYMMETRIC = {
    "law": "asymmetric",
    "exchange_current_density": "1 mA/cm2",
    "anodic_coefficient": 0.6,
}
TABLE = {
    "law": "table",
    "lithium_fractions": [0.45, 0.7, 0.95],
    "values": ["4e-15 m2/s", "6e-16 m2/s", "2e-15 m2/s"],
}
AROUND = Cycling(
    (
        "discharge at 8 C for 5 min",
        "rest for 2 min",
        "charge at 8 C until 4.1 V vs Li",
        "hold at 4.1 V vs Li until 1 C",
    )
)


def film_cell(electrolyte: Any = None, anode: Any = None, **film: Any) -> ThinFilmCell:
    cathode: dict[str, Any] = {
        "material": "LiCoO2",
        "thickness": "320 nm",
        "diffusivity": "1.76e-15 m2/s",
        "initial_lithium_fraction": 0.5,
        "charge_transfer": ASYMMETRIC,
    }
    return ThinFilmCell.from_mapping(
        {
            "area": "1 cm2",
            "one_c": "10 uA/cm2",
            "cathode": cathode | film,
            "electrolyte": electrolyte or BINARY,
            "anode": anode or {"material": "Li"},
        }
    )


# A film that takes all lithium it is given, so that the electrolyte alone is seen.
SINK = {"thickness": "100 um", "diffusivity": "1e-8 m2/s"}


def solve(
    cell: ThinFilmCell, current_density: float, end: float, x_s: int = 40, x_p: int = 40
) -> pybamm.Solution:
    """A constant current density [A/m2] from equilibrium, in PyBaMM as it is."""
    values = pybamm.ParameterValues(film_mapping(cell))
    values["Current function [A]"] = current_density * cell.area
    return pybamm.Simulation(
        build_film_model(cell),
        parameter_values=values,
        solver=pybamm.IDAKLUSolver(rtol=1e-9, atol=1e-11),
        var_pts={"x_s": x_s, "x_p": x_p},
    ).solve([0, end])


def gap(record: Any) -> Any:
    """By how much the parts of the loss budget miss the whole [V]."""
    names = [str(name) for name in record.data.data_vars if str(name).startswith("loss_")]
    whole = record.array("open_circuit_voltage_volt") - record.array("voltage_volt")
    return np.abs(whole - sum(record.array(name) for name in names))


# --- the film ---------------------------------------------------------------------------


def test_diffusion_in_the_film_converges_at_second_order_to_the_series():
    """Constant flux into one face of a slab, Crank, The Mathematics of Diffusion (recalled)."""
    cell, current, time = film_cell(OHMIC), 5.12, 20.0
    sites, thickness, diffusivity = cell.cathode.sites, 320e-9, 1.76e-15
    n = np.arange(1, 4000)
    decayed = np.exp(-diffusivity * (n * np.pi / thickness) ** 2 * time) / n**2
    shape = diffusivity * time / thickness**2 + 1 / 3 - 2 / np.pi**2 * decayed.sum()
    exact = 0.5 + current * thickness / (FARADAY * diffusivity * sites) * shape
    errors = []
    for cells in (10, 20, 40, 80):
        surface = solve(cell, current, time, x_p=cells)["Positive particle surface stoichiometry"]
        errors.append(abs(surface.entries[-1] - exact))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all(np.abs(orders - 2) < 0.05), (errors, orders)
    assert errors[2] < 1e-4


@pytest.mark.parametrize("diffusivity", ["1.76e-15 m2/s", TABLE], ids=["constant", "table"])
@pytest.mark.parametrize("double_layers", [False, True])
def test_lithium_is_conserved(diffusivity, double_layers):
    cell = film_cell(diffusivity=diffusivity)
    slow = ("charge transfer",) if double_layers else ()
    machine, numbers = simulation._machine_for(cell, Settings(), slow, double_layers)
    protocol = Cycling(AROUND.steps, double_layers=double_layers)
    run = machine.run(simulation._program(cell, protocol, Settings()), numbers)
    passed = 3600 * run.solution["Discharge capacity [A.h]"].entries
    lithium = FARADAY * run.solution["Total lithium in positive electrode [mol]"].entries
    stored = np.zeros_like(passed)
    if double_layers:
        jump = run.solution["Positive electrode overpotential [V]"].entries + (
            cell.open_circuit_potential(
                run.solution["Positive particle surface stoichiometry"].entries
            )
        )
        stored = 0.1 * cell.area * (jump - jump[0])
    assert np.ptp(passed) > 0.01
    assert np.max(np.abs(lithium - lithium[0] - passed - stored)) < 1e-9 * np.ptp(passed)


def test_a_higher_diffusivity_gives_more_of_the_films_charge():
    """At constant current the film ends at 1 - i M / (3 F D c_max), its steady profile."""
    ends = {}
    for value in (1.76e-15, 6e-15):
        cell = film_cell(OHMIC, diffusivity=f"{value} m2/s")
        record = simulate_thin_film(
            cell, Cycling(("discharge at 100 C until 2.5 V vs Li",)), Settings()
        )
        ends[value] = record.array("mean_lithium_fraction")[-1]
        short = 10 * 320e-9 / (3 * FARADAY * value * cell.cathode.sites)
        assert ends[value] == pytest.approx(1 - short, abs=0.02)
    assert ends[6e-15] > ends[1.76e-15] + 0.05


# --- the electrolyte --------------------------------------------------------------------


@pytest.mark.parametrize("part", [0.5, 0.9])
def test_the_limiting_current_without_dissociation(part):
    """A straight profile whose lower end is empty at 4 F D+ delta a0 / L."""
    cell = film_cell(BINARY | {"recombination_rate": "0 m3/(mol s)"}, **SINK)
    limit = cell.electrolyte.slow_limiting_current()
    assert limit == pytest.approx(2.505, rel=1e-3)  # 250 uA/cm2
    solution = solve(cell, part * limit, 3000)
    for face, value in (("anode", 1 + part), ("cathode", 1 - part)):
        found = solution[f"Relative electrolyte concentration at {face}"].entries[-1]
        assert found == pytest.approx(value, abs=1e-4)


def test_beyond_the_limiting_current_the_voltage_breaks_down_at_sands_time():
    """Semi-infinite until late: a = 0 after pi D (F D+ delta a0)^2 / (D i)^2 (Sand; recalled)."""
    cell = film_cell(BINARY | {"recombination_rate": "0 m3/(mol s)", "thickness": "20 um"}, **SINK)
    current = 10 * cell.electrolyte.slow_limiting_current()
    one_c = f"{current / cell.one_c:.6f} C"
    record = simulate_thin_film(
        cell, Cycling((f"discharge at {one_c} until 2.5 V vs Li",)), Settings()
    )
    ambipolar = 2 * 0.9e-15 * 5.1e-15 / 6e-15
    full = cell.electrolyte.mobile_concentration
    sand = np.pi * (2 * FARADAY * 0.9e-15 * full / current) ** 2 / (4 * ambipolar)
    assert record.data.attrs["step_ends"] == ["cut-off reached"]
    assert record.array("test_time_second")[-1] == pytest.approx(sand, rel=5e-3)
    assert gap(record).max() < 1e-3


def test_the_limiting_current_of_a_thick_layer_with_dissociation():
    """First integral of D a'' = k_r (a^2 + K a - K a0) from equilibrium to the face."""
    cell = film_cell(BINARY | {"thickness": "8 um"}, **SINK)
    electrolyte = cell.electrolyte
    full, total = electrolyte.mobile_concentration, electrolyte.lithium_concentration
    constant = electrolyte.dissociation_rate / electrolyte.recombination_rate
    ambipolar = 2 * 0.9e-15 * 5.1e-15 / 6e-15

    def current_at(face: float) -> float:
        left = (
            (face**3 - full**3) / 3
            + constant * (face**2 - full**2) / 2
            - constant * total * (face - full)
        )
        slope = np.sqrt(2 * electrolyte.recombination_rate * left / ambipolar)
        return float(2 * FARADAY * 0.9e-15 * slope)

    limit = current_at(0.0)
    assert limit > 4 * electrolyte.slow_limiting_current()
    solution = solve(cell, current_at(0.3 * full), 1000, x_s=200)
    assert solution["Relative electrolyte concentration at cathode"].entries[-1] == pytest.approx(
        0.3, abs=2e-3
    )


def test_dissociation_returns_to_its_equilibrium():
    """Everywhere alike, mobile lithium follows a Riccati equation in closed form."""
    cell = film_cell()
    electrolyte = cell.electrolyte
    delta, total = electrolyte.mobile_fraction, electrolyte.lithium_concentration
    rate = electrolyte.recombination_rate
    constant = electrolyte.dissociation_rate / rate
    assert constant == pytest.approx(total * delta**2 / (1 - delta))
    values = pybamm.ParameterValues(film_mapping(cell))
    values["Current function [A]"] = 0.0
    start = 0.2 * delta * total
    values["Initial concentration in electrolyte [mol.m-3]"] = start
    solution = pybamm.Simulation(
        build_film_model(cell),
        parameter_values=values,
        solver=pybamm.IDAKLUSolver(rtol=1e-9, atol=1e-11),
        var_pts={"x_s": 5, "x_p": 5},
    ).solve([0, 300])
    root, other = delta * total, -constant - delta * total
    ratio = (start - root) / (start - other) * np.exp(-rate * (root - other) * solution.t)
    exact = (root - other * ratio) / (1 - ratio)
    found = solution["X-averaged electrolyte concentration [mol.m-3]"].entries
    assert found == pytest.approx(exact, rel=1e-6)
    assert found[-1] == pytest.approx(root, rel=0.01)


def test_a_small_current_gives_the_electrolytes_linear_resistance():
    """L/sigma and 2 t- RT/F 2 g tanh(k L/2)/(k a), at rest of diffusion and reaction."""
    cell = film_cell(**SINK)
    electrolyte, current = cell.electrolyte, 1e-3
    solution = solve(cell, current, 2000)
    ambipolar = 2 * 0.9e-15 * 5.1e-15 / 6e-15
    full = electrolyte.mobile_concentration
    inverse = np.sqrt(
        (electrolyte.dissociation_rate + 2 * electrolyte.recombination_rate * full) / ambipolar
    )
    slope = current / (2 * FARADAY * 0.9e-15)
    spread = 2 * slope * np.tanh(inverse * 0.75e-6) / (inverse * full)
    wanted = current * 1.5e-6 / electrolyte.conductivity() + (
        2 * electrolyte.counter_transference * THERMAL * spread
    )
    assert solution["Separator voltage drop [V]"].entries[-1] == pytest.approx(wanted, rel=1e-3)


def test_counter_charges_that_hardly_move_leave_a_single_ion_conductor():
    still = film_cell(BINARY | {"counter_diffusivity": "1e-18 m2/s"})
    conductivity = still.electrolyte.conductivity()
    alone = film_cell(OHMIC | {"conductivity": f"{conductivity} S/m"})
    drops = [
        solve(cell, 1.0, 60, x_s=400)["Separator voltage drop [V]"].entries[-1]
        for cell in (still, alone)
    ]
    assert drops[0] == pytest.approx(drops[1], rel=5e-3)


def test_the_published_drop_across_the_electrolyte():
    """Figure 11 of 10.1149/1.3521414 at 512 uA/cm2, with k_r a hundred times as printed."""
    solution = solve(film_cell(), 5.12, 64.9)
    drop = solution["Separator voltage drop [V]"]
    found = [1e3 * float(drop(t)) for t in (15.0, 30.0, 50.4, 64.9)]
    assert found == pytest.approx([70.2, 86.3, 100.9, 108.7], abs=1.5)


@given(
    st.floats(1e-9, 1e-4),
    st.floats(1e-3, 0.99),
    st.floats(1e-18, 1e-10),
    st.floats(1e-18, 1e-10),
)
@settings(max_examples=30)
def test_a_binary_electrolyte_is_written_and_read_without_loss(thickness, part, lithium, counter):
    electrolyte = BinaryElectrolyte(thickness, 6e4, part, lithium, counter, 1e-6)
    assert BinaryElectrolyte.from_mapping(electrolyte.to_mapping()) == electrolyte
    ohmic = THERMAL / (FARADAY * part * 6e4 * (lithium + counter))
    assert 1 / electrolyte.conductivity() == pytest.approx(ohmic)
    assert 0 < electrolyte.counter_transference < 1


# --- interfaces and the whole cell ------------------------------------------------------


@given(
    st.sampled_from(["linear", "symmetric", "asymmetric"]),
    st.floats(0.1, 0.9),
    st.floats(-1e5, 1e5),
)
def test_the_overpotential_undoes_the_current(shape, alpha, ratio):
    scaled = scaled_overpotential(shape, ratio, alpha)
    assert scaled_current(shape, scaled, alpha) == pytest.approx(ratio, rel=1e-9, abs=1e-12)


def test_without_asymmetry_the_laws_agree():
    half = ASYMMETRIC | {"anodic_coefficient": 0.5}
    root = {
        "law": "butler-volmer",
        "exchange_current_density": "1 mA/cm2",
        "concentration": "square root",
    }
    voltages = [
        solve(film_cell(charge_transfer=law), 5.12, 40)["Voltage [V]"].entries[-1]
        for law in (half, root)
    ]
    assert voltages[0] == pytest.approx(voltages[1], abs=1e-8)


PARTS: dict[str, Any] = {
    "coating": {"thickness": "5 nm", "conductivity": "1e-8 S/cm"},
    "interphase": {"thickness": "20 nm", "conductivity": "1e-7 S/cm"},
    "further_resistance": {"resistance": "5 ohm cm2", "capacitance": "1e-2 F/m2"},
}
ANODE = {
    "material": "Li",
    "charge_transfer": {
        "law": "asymmetric",
        "exchange_current_density": "0.2 mA/cm2",
        "anodic_coefficient": 0.4,
    },
    "interface": {"resistance": "3 ohm cm2", "capacitance": "1e-3 F/m2"},
}


def test_the_lithium_side_adds_its_butler_volmer_overpotential():
    transfer = {"law": "butler-volmer", "exchange_current_density": "0.2 mA/cm2"}
    with_it = film_cell(anode={"material": "Li", "charge_transfer": transfer})
    voltages = [solve(cell, 5.12, 5)["Voltage [V]"].entries[-1] for cell in (film_cell(), with_it)]
    wanted = 2 * THERMAL * np.arcsinh(5.12 / 2 / 2)
    assert voltages[0] - voltages[1] == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("double_layers", [False, True])
@pytest.mark.parametrize(
    "electrolyte",
    [
        BINARY,
        OHMIC | {"grain_boundary": {"resistance": "20 ohm cm2", "capacitance": "1e-4 F/m2"}},
    ],
    ids=["binary", "ohmic"],
)
def test_the_loss_budget_adds_up(electrolyte, double_layers):
    cell = film_cell(electrolyte, ANODE, diffusivity=TABLE, **PARTS)
    record = simulate_thin_film(
        cell, Cycling(AROUND.steps, double_layers=double_layers), Settings()
    )
    # Beside a double layer the reaction sees the face as its cells alone give it.
    assert gap(record).max() < (1e-3 if double_layers else 1e-4)
    discharging = record.select(step_count=1)
    for name in record.data.data_vars:
        if str(name).startswith("loss_"):
            assert discharging.array(str(name))[-1] > 1e-4, name


def test_the_loss_budget_adds_up_to_the_end_of_a_discharge_beyond_the_limiting_current():
    cell = film_cell(BINARY | {"recombination_rate": "0.9e-8 m3/(mol s)"})
    record = simulate_thin_film(cell, Cycling(("discharge at 51.2 C until 3 V vs Li",)), Settings())
    assert gap(record).max() < 1e-3


def test_the_impedance_is_that_of_its_elements_in_closed_form():
    """R||C of every layer, finite-space diffusion in the film, diffusion with reaction beside
    the geometric capacitance in the electrolyte."""
    metal = ANODE | {"charge_transfer": {"law": "linear", "area_resistance": "10 ohm cm2"}}
    transfer = {"law": "butler-volmer", "area_resistance": "26 ohm cm2"}
    cell = film_cell(
        None,
        metal,
        charge_transfer=transfer,
        initial_lithium_fraction=0.7,
        coating=PARTS["coating"],
    )
    protocol = Impedance(
        lithium_fraction=0.7, lowest="1 mHz", highest="10 MHz", points_per_decade=3
    )
    record = simulate_thin_film(cell, protocol, Settings())
    omega = 2j * np.pi * record.array("frequency_hertz")
    curve, step = cell.open_circuit_potential, 1e-5
    slope = (curve(0.7 + step) - curve(0.7 - step)) / (2 * step)
    root = np.sqrt(omega * 320e-9**2 / 1.76e-15)
    film = -slope / (FARADAY * cell.cathode.sites) * 320e-9 / 1.76e-15 / root / np.tanh(root)
    electrolyte = cell.electrolyte
    full = electrolyte.mobile_concentration
    relaxing = electrolyte.dissociation_rate + 2 * electrolyte.recombination_rate * full
    inverse = np.sqrt((omega + relaxing) * 6e-15 / (2 * 0.9e-15 * 5.1e-15))
    layer = 1.5e-6 / electrolyte.conductivity() + (
        2 * electrolyte.counter_transference * THERMAL / (FARADAY * 0.9e-15 * full)
    ) * (np.tanh(inverse * 0.75e-6) / inverse)
    coating = cell.cathode.coating
    assert coating is not None
    exact = (
        1 / (omega * electrolyte.area_capacitance + 1 / layer)
        + 1 / (omega * coating.area_capacitance + 1 / coating.area_resistance)
        + 1 / (omega * 1e-3 + 1 / 3e-4)
        + 1 / (omega * 0.1 + 1 / 10e-4)
        + 1 / (omega * 0.1 + 1 / (26e-4 + film))
    )
    found = record.array("real_impedance_ohm") + 1j * record.array("imaginary_impedance_ohm")
    assert np.max(np.abs(found * cell.area / exact - 1)) < 2e-3


def test_titration_and_voltammetry_run():
    cell = film_cell()
    pulses = Gitt("2 C", "60 s", "60 s", "3.9 V vs Li", most_pulses=3)
    record = simulate_thin_film(cell, pulses, Settings())
    assert record.data.attrs["technique"] == "gitt"
    sweep = Voltammetry("1 mV/s", "4.1 V vs Li", "3.8 V vs Li")
    assert simulate_thin_film(cell, sweep, Settings()).kind == "voltammogram"


def test_a_machine_that_was_built_for_another_cell_gives_the_same():
    other = film_cell(diffusivity="3e-15 m2/s", initial_lithium_fraction=0.55)
    changed = other.replace(
        electrolyte=other.electrolyte.replace(recombination_rate=2e-7, mobile_fraction=0.25)
    )
    protocol = Cycling(("discharge at 20 C until 3 V vs Li",))
    simulation._machines.clear()
    simulate_thin_film(film_cell(), protocol, Settings())
    shared = simulate_thin_film(changed, protocol, Settings())
    assert len(simulation._machines) == 1
    simulation._machines.clear()
    alone = simulate_thin_film(changed, protocol, Settings())
    assert shared.data.identical(alone.data)


def test_the_model_runs_in_pybamm_as_it_is():
    assert pybamm.Simulation(ThinFilmModel()).solve([0, 60]).t[-1] == 60
    experiment = pybamm.Experiment([("Discharge at 2C for 5 minutes", "Rest for 1 minute")])
    cycled = pybamm.Simulation(ThinFilmModel(), experiment=experiment).solve(calc_esoh=False)
    assert len(cycled.cycles) == 1


# --- the description --------------------------------------------------------------------


def test_a_cell_is_written_and_read_without_loss():
    for electrolyte in (BINARY, OHMIC):
        cell = film_cell(electrolyte, ANODE, diffusivity=TABLE, **PARTS)
        assert ThinFilmCell.from_mapping(cell.to_mapping()) == cell


def test_a_cell_offers_what_protocols_need():
    cell = film_cell()
    assert cell.full_capacity == pytest.approx(FARADAY * 51555 * 320e-9)
    assert cell.active_mass == pytest.approx(5046e-4 * 320e-9, rel=1e-3)
    assert cell.cell_potential(3.9) == pytest.approx(3.9)
    assert cell.materials == ("LiCoO2", "Li")
    record = simulate_thin_film(cell, Cycling(("discharge at 5 C for 60 s",)), Settings())
    assert record.data.attrs["active_mass_kg"] == cell.active_mass


def test_a_film_of_unknown_density_has_no_mass():
    cell = film_cell(maximum_concentration="23.3 kmol/m3")
    with pytest.raises(InputError, match=r"cathode\.density: the mass of the film is not known"):
        _ = cell.active_mass
    record = simulate_thin_film(cell, Cycling(("discharge at 5 C for 60 s",)), Settings())
    assert "active_mass_kg" not in record.data.attrs
    assert "capacities are of the whole cell" in record.data.attrs["notes"][0]
    known = film_cell(maximum_concentration="23.3 kmol/m3", density="4 g/cm3")
    assert known.active_mass == pytest.approx(4000 * 320e-9 * 1e-4)


def test_temperature_without_activation_energies_is_told():
    cell = film_cell().replace(temperature=320.0)
    record = simulate_thin_film(cell, Cycling(("discharge at 5 C for 60 s",)), Settings())
    assert "no activation energy is given for charge transfer" in record.data.attrs["notes"][0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"material": "Li"}, r"cathode\.material: Li is of kind 'anode'"),
        ({"initial_lithium_fraction": 0.2}, r"cathode\.initial_lithium_fraction: 0\.2 is outside"),
        (
            {"coating": {"thickness": "5 nm", "material": "LNTO-450"}},
            r"cathode\.coating\.conductivity: is missing; give it",
        ),
        (
            {"charge_transfer": {"law": "tafel"}},
            r"cathode\.charge_transfer: unknown charge transfer 'tafel'",
        ),
    ],
)
def test_what_is_wrong_with_a_film_is_told(change, told):
    with pytest.raises(InputError, match=told):
        film_cell(**change)


def test_what_is_wrong_with_electrolyte_or_anode_is_told():
    with pytest.raises(InputError, match="electrolyte: unknown electrolyte 'ternary'"):
        film_cell(BINARY | {"law": "ternary"})
    with pytest.raises(InputError, match=r"electrolyte\.mobile_fraction: 1\.2 must be at most"):
        film_cell(BINARY | {"mobile_fraction": 1.2})
    root = {"law": "linear", "area_resistance": "1 ohm cm2", "concentration": "square root"}
    with pytest.raises(InputError, match="a metal has no lithium fraction"):
        film_cell(anode={"charge_transfer": root})
    with pytest.raises(InputError, match="has no constant potential in the materials table"):
        film_cell(anode={"material": "graphite"})
    with pytest.raises(InputError, match="unknown element 'cable'"):
        FilmStructure(capacitances=("cable",))
    with pytest.raises(InputError, match="unknown option of this model 'SEI'"):
        ThinFilmModel({"SEI": "reaction limited"})
    with pytest.raises(InputError, match="outside the open-circuit potential of LiCoO2"):
        simulate_thin_film(film_cell(), Cycling(("charge at 1 C until 4.9 V vs Li",)), Settings())
