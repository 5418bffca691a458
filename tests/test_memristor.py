"""The memristor: its filament's law, conservation, sweeps, and what the analysis gives back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from solith.analysis import analyse_current_voltage
from solith.cell import (
    BiasSweep,
    Memristor,
    SourceMeter,
    llzo_memristor,
    simulate_memristor,
)
from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.errors import InputError, InterruptedRunError
from solith.core.progress import Progress
from solith.core.record import Record
from solith.interface import ButlerVolmer, Filament, LinearTransfer
from solith.interface.filament import conducting_section, front_resistance, wall_resistance
from solith.materials import find_material

QUIET = SourceMeter(noise=0.0)


def law(**changes: Any) -> Filament:
    fields: dict[str, Any] = {
        "charge_transfer": LinearTransfer(area_resistance=1e-5),
        "nucleation_bias": 0.1,
        "nucleus_radius": 1e-9,
        "wall_fraction": 1e-6,
    }
    return Filament(**(fields | changes))


def device(**changes: Any) -> Memristor:
    return llzo_memristor(**({"site_spread": 0.0, "cycle_spread": 0.0} | changes))


def lithium_volume() -> float:
    """Volume of lithium by charge [m3/C]."""
    lithium = find_material("Li")
    return lithium.value("molar_mass") / lithium.value("density") / FARADAY


def imbalance(record: Record) -> float:
    charge, volume = (record.array(f"{one}_charge_coulomb") for one in ("deposited", "filament"))
    return float(np.max(np.abs(charge - volume)) / max(np.max(volume), 1e-30))


def changes_of(record: Record) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The rows at which the first filament goes through, and the last one ruptures."""
    on = record.array("conducting_filaments_1") > 0
    turned = np.diff(on.astype(int), prepend=0)
    return np.flatnonzero(turned > 0), np.flatnonzero(turned < 0)


# --- the law -----------------------------------------------------------------------------


def test_linear_kinetics_are_resistances_in_series() -> None:
    found = law().current_density("-0.2 V", "3e-5 ohm m2")
    assert found == pytest.approx(0.2 / 4e-5, rel=1e-12)
    assert law().current_density("0.2 V", "3e-5 ohm m2") == -found


@given(st.floats(-5, 5), st.floats(0, 1e-3), st.floats(1e-4, 1e6))
def test_butler_volmer_in_series_with_the_ceramic(bias: float, ceramic: float, own: float) -> None:
    one = law(charge_transfer=ButlerVolmer(exchange_current_density=own))
    thermal = GAS_CONSTANT * 298.15 / FARADAY
    if ceramic == 0 and abs(bias) > 1:
        bias /= 5
    density = one.current_density(bias, ceramic)
    overpotential = 2 * thermal * math.asinh(density / (2 * own))
    assert overpotential + ceramic * density == pytest.approx(-bias, rel=1e-9, abs=1e-300)


def test_charge_transfer_follows_its_activation_energy() -> None:
    kinetics = ButlerVolmer(exchange_current_density=100.0, activation_energy=40e3)
    factor = math.exp(40e3 / GAS_CONSTANT * (1 / 298.15 - 1 / 333.15))
    assert law(charge_transfer=kinetics).exchange(333.15) == pytest.approx(100 * factor)
    assert law(charge_transfer=kinetics).exchange(298.15) == 100.0


def test_resistance_of_the_ceramic() -> None:
    disc = 1 / (4 * 0.05 * 2e-9)  # Holm
    assert front_resistance(2e-9, 0.05) == pytest.approx(disc * math.pi * 2e-9**2)
    assert wall_resistance(2e-9, 3e-4, 0.05) == pytest.approx(2e-9 * math.log(1.5e5) / 0.05, 1e-5)
    assert wall_resistance(0.0, 3e-4, 0.05) == 0.0


@given(st.floats(1e-4, 1e4))
def test_conductance_is_that_of_a_linear_section(ratio: float) -> None:
    along = (np.arange(20_000) + 0.5) / 20_000
    wanted = 1 / np.mean(1 / (1 + (ratio - 1) * along))
    assert conducting_section(ratio * 1e-18, 1e-18) == pytest.approx(1e-18 * wanted, rel=2e-4)


def test_conductance_of_a_cylinder_and_of_none() -> None:
    assert law().conductance("3.5 nm", "3.5 nm", "300 um") == pytest.approx(
        math.pi * 3.5e-9**2 / (9.28e-8 * 3e-4), rel=1e-12
    )
    near = law().conductance("3.5 nm", "3.5000001 nm", "300 um")
    assert near == pytest.approx(law().conductance("3.5 nm", "3.5 nm", "300 um"), rel=1e-6)
    assert law().conductance(0.0, "3.5 nm", "300 um") == 0.0


# --- the simulation against what is known exactly ----------------------------------------


def test_a_front_alone_advances_by_the_closed_form() -> None:
    one = law(wall_fraction=0.0, nucleation_bias=0.045)
    made = device(filament=one, thickness="1 mm")
    sweep = BiasSweep(set_limit=-0.2, reset_limit=0, step=0.01, rate=0.1)
    record = simulate_memristor(made, sweep, QUIET)
    voltage = record.array("voltage_volt")
    rows = slice(5, len(voltage))  # from the row of nucleation
    per_volt = 1 / (1e-5 + front_resistance(1e-9, made.ionic_conductivity))
    height = 1e-9 + per_volt * lithium_volume() * 0.1 * np.cumsum(-voltage[rows])
    wanted = math.pi * 1e-18 * height / lithium_volume()
    found = record.array("deposited_charge_coulomb")[rows]
    np.testing.assert_allclose(found, wanted, rtol=1e-9)
    flowing = (math.pi * 1e-18 * per_volt + made.leakage) * voltage[rows]
    np.testing.assert_allclose(record.array("current_ampere")[rows], flowing, rtol=1e-6)
    assert not record.array("conducting_filaments_1").any()


def test_growth_on_wall_and_front_agrees_with_another_integrator() -> None:
    from scipy.integrate import solve_ivp

    one = law(
        charge_transfer=ButlerVolmer(area_resistance=1e-5), wall_fraction=1e-3, nucleation_bias=0.04
    )
    made = device(filament=one, thickness="1 mm", electrode_radius="1 um")
    sweep = BiasSweep(set_limit=-0.2, reset_limit=0, step=0.05, rate=0.1)
    record = simulate_memristor(made, sweep, QUIET)
    volume, ionic = lithium_volume(), made.ionic_conductivity

    def rates(_: float, y: NDArray[np.float64], bias: float) -> list[float]:
        front = one.current_density(bias, front_resistance(y[1], ionic))
        wall = 1e-3 * one.current_density(bias, wall_resistance(y[1], y[0], ionic))
        total = math.pi * y[1] ** 2 * front + 2 * math.pi * y[1] * y[0] * wall
        return [front * volume, wall * volume, total]

    y = np.array([1e-9, 1e-9, math.pi * 1e-27 / volume])
    for row, bias in enumerate(record.array("voltage_volt")[1:], start=1):
        if bias < 0:
            y = solve_ivp(rates, (0, 0.5), y, "DOP853", args=(bias,), rtol=1e-11, atol=1e-25).y[
                :, -1
            ]
        assert record.array("deposited_charge_coulomb")[row] == pytest.approx(y[2], rel=1e-7)


def test_a_neck_is_stripped_by_the_closed_form() -> None:
    """With linear kinetics alone (a ceramic that conducts well) the radius falls as the bias."""
    one = law(wall_fraction=1e-4, charge_transfer=LinearTransfer(area_resistance=1e-2))
    made = device(filament=one, thickness="2 nm", ionic_conductivity="1e6 S/m")
    sweep = BiasSweep(set_limit=-0.2, reset_limit=1.5, step=0.01, rate=0.001)
    record = simulate_memristor(
        made, sweep, SourceMeter(noise=0, series_resistance=0, compliance=1)
    )
    neck, voltage = record.array("neck_radius_metre"), record.array("voltage_volt")
    rows = np.flatnonzero((neck > 0) & (voltage > 0))
    fall = 1e-4 * lithium_volume() / 1e-2 * 10 * np.cumsum(voltage[rows[1:]])
    assert len(rows) > 20
    np.testing.assert_allclose(neck[rows[1:]], neck[rows[0]] - fall, rtol=1e-6)
    gone = np.searchsorted(
        1e-4 * lithium_volume() / 1e-2 * 10 * np.cumsum(voltage[rows[0] + 1 :]), neck[rows[0]]
    )
    assert changes_of(record)[1][0] == rows[0] + 1 + gone


@settings(max_examples=40)
@given(
    radius=st.floats(-9, -4),
    thickness=st.floats(-8, -3),
    resistance=st.floats(-7, -2),
    part=st.floats(-7, 0),
    linear=st.booleans(),
    density=st.floats(6, 12),
    compliance=st.floats(-8, 0),
    limit=st.floats(0.2, 5),
    seed=st.integers(0, 10**6),
)
def test_lithium_is_conserved(
    radius: float,
    thickness: float,
    resistance: float,
    part: float,
    linear: bool,
    density: float,
    compliance: float,
    limit: float,
    seed: int,
) -> None:
    kinetics = LinearTransfer if linear else ButlerVolmer
    made = llzo_memristor(
        10**radius,
        filament=law(
            charge_transfer=kinetics(area_resistance=10**resistance),
            nucleus_radius=0.3 * min(10**radius, 10**thickness),
            wall_fraction=min(10**part, 1.0),
        ),
        thickness=10**thickness,
        site_density=10**density,
        site_spread=0.3,
    )
    sweep = BiasSweep(set_limit=-limit, reset_limit=limit, step=limit / 20, rate=0.1, cycles=2)
    instrument = SourceMeter(compliance=10**compliance, noise=0)
    record = simulate_memristor(made, sweep, instrument, seed=seed)
    assert imbalance(record) < 1e-6
    assert np.all(np.abs(record.array("current_ampere")) <= 10**compliance)
    assert np.all(
        np.abs(record.array("local_voltage_volt")) <= np.abs(record.array("voltage_volt"))
    )
    assert np.all(record.array("neck_radius_metre") <= 10**radius * (1 + 1e-12))


def test_a_leak_is_all_that_flows_without_a_filament() -> None:
    made = device(filament=law(nucleation_bias=5.0), electrode_radius="50 um")
    record = simulate_memristor(made, BiasSweep(), QUIET)
    voltage = record.array("voltage_volt")
    wanted = 1e-6 * (4 * 50e-6 + math.pi * 50e-6**2 / 300e-6)
    np.testing.assert_allclose(record.array("current_ampere"), wanted * voltage, rtol=1e-6)


# --- sweeps, and the analysis ------------------------------------------------------------


def test_the_analysis_gives_back_set_and_reset() -> None:
    """With noise above the ions' own current, which begins with the first nucleus."""
    record = simulate_memristor(
        llzo_memristor(site_spread=0.0), BiasSweep(cycles=20), SourceMeter(noise=1e-10), seed=3
    )
    sets, resets = changes_of(record)
    assert len(sets) == len(resets) == 20
    found = analyse_current_voltage(record, read_voltage="0.1 V")
    cycles = found.details["cycles"]
    voltage = record.array("voltage_volt")
    assert [row["cycle"] for row in cycles] == list(range(1, 21))
    for row, on, off in zip(cycles, sets, resets, strict=True):
        assert row["set_voltage_volt"] == pytest.approx(voltage[on] + 0.005, abs=0.0101)
        # a neck may rupture over two rows
        assert row["reset_voltage_volt"] == pytest.approx(voltage[off] - 0.005, abs=0.0301)
        assert row["lower_bound"]
    assert found["triggering_bias"].value == cycles[0]["set_voltage_volt"]
    assert found["set_voltage"].value == pytest.approx(-0.25, abs=0.03)


def test_the_analysis_gives_back_the_filament_s_resistance() -> None:
    """A wall that takes no part: the filament is a constant resistor on the way back."""
    made = device(filament=law(wall_fraction=0.0, nucleus_radius=2e-9), thickness="30 um")
    record = simulate_memristor(made, BiasSweep(reset_limit=0, set_limit=-1.5))
    found = analyse_current_voltage(record)
    wanted = 100 + 1 / made.filament.conductance(2e-9, 2e-9, made.thickness)
    value = found["back_scan_resistance"]
    assert value.value is not None
    assert value.uncertainty is not None
    assert value.value == pytest.approx(wanted, rel=1e-4)
    assert abs(value.value - wanted) < 4 * value.uncertainty


def test_the_analysis_gives_back_the_compliance() -> None:
    record = simulate_memristor(llzo_memristor("250 um"), BiasSweep(cycles=2))
    found = analyse_current_voltage(record)
    assert found["compliance_current"].value == pytest.approx(1e-3, rel=1e-9)
    assert "flat top" in found["compliance_current"].method


def test_a_tip_switches_and_a_pad_stays_on() -> None:
    tip, pad = (
        simulate_memristor(llzo_memristor(size), BiasSweep(cycles=6)) for size in (3.5e-9, 2.5e-4)
    )
    ratio = analyse_current_voltage(tip, read_voltage="0.1 V")["on_off_ratio"].value
    assert ratio is not None
    assert 2e4 < ratio < 5e5
    first, *others = analyse_current_voltage(pad, read_voltage="0.1 V").details["cycles"]
    assert first["on_off_ratio"] > 1e4
    assert [row["stays"] for row in others] == ["on"] * 5
    assert [row["on_off_ratio"] for row in others] == pytest.approx([1.0] * 5, abs=0.05)
    assert len(changes_of(pad)[1]) == 0


def test_a_pad_is_stuck_because_its_filaments_short_the_local_potential() -> None:
    """The same pad resets where nothing limits the current: its filaments are no thicker."""
    sweep = BiasSweep(cycles=2)
    free = SourceMeter(compliance=1e3, series_resistance=0.0)
    limited = simulate_memristor(llzo_memristor("250 um"), sweep)
    record = simulate_memristor(llzo_memristor("250 um"), sweep, free)
    assert len(changes_of(record)[1]) == 2
    reverse = limited.array("voltage_volt") >= 1
    assert np.max(limited.array("local_voltage_volt")[reverse]) < 0.2


def test_no_neck_is_wider_than_the_electrode() -> None:
    record = simulate_memristor(
        device(filament=law(wall_fraction=1e-3), thickness="3 um"), BiasSweep(), QUIET
    )
    assert np.max(record.array("neck_radius_metre")) == 3.5e-9


def test_sets_scatter_from_cycle_to_cycle_and_site_to_site() -> None:
    sweep = BiasSweep(set_limit=-0.8, step=0.002, cycles=100)
    record = simulate_memristor(device(cycle_spread=0.1), sweep, seed=5)
    bias = -record.array("voltage_volt")[changes_of(record)[0][1:]]
    assert np.std(np.log(bias)) == pytest.approx(0.1, rel=0.25)
    assert np.median(bias) == pytest.approx(0.25, rel=0.04)
    firsts = []
    for seed in range(40):
        record = simulate_memristor(
            device(site_spread=0.2, thickness="30 nm"), BiasSweep(), seed=seed
        )
        firsts.append(-record.array("voltage_volt")[changes_of(record)[0][0]])
    assert np.std(np.log(firsts)) == pytest.approx(0.2, rel=0.35)


def test_series_resistance_takes_voltage() -> None:
    made = device(filament=law(nucleation_bias=5.0), electrode_radius="50 um")
    record = simulate_memristor(
        made, BiasSweep(), SourceMeter(series_resistance=1 / made.leakage, noise=0)
    )
    half = record.array("voltage_volt") / 2
    np.testing.assert_allclose(record.array("local_voltage_volt"), half, rtol=1e-12)


def test_a_seed_gives_one_record_and_another_another() -> None:
    sweep = BiasSweep(cycles=2)
    one, same, other = (
        simulate_memristor(llzo_memristor(), sweep, seed=seed).array("current_ampere")
        for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_slower_sweep_sets_earlier() -> None:
    """Growth through 300 um takes its time, more so than nucleation where it is early."""
    bias = []
    for rate in (0.01, 0.1, 1.0):
        made = device(filament=law(nucleation_bias=0.02, charge_transfer=ButlerVolmer(1000.0)))
        record = simulate_memristor(made, BiasSweep(set_limit=-2, rate=rate, reset_limit=0), QUIET)
        bias.append(record.array("voltage_volt")[changes_of(record)[0][0]])
    assert bias[0] > bias[1] > bias[2]


def test_the_record_tells_what_was_simulated() -> None:
    made = llzo_memristor("10 um")
    record = simulate_memristor(made, BiasSweep(cycles=2), seed=7, sample="pad")
    kept = record.provenance.parameters
    assert Memristor.from_mapping(kept["memristor"]) == made
    assert BiasSweep.from_mapping(kept["sweep"]).cycles == 2
    assert SourceMeter.from_mapping(kept["instrument"]) == SourceMeter()
    assert kept["seed"] == 7
    assert record.data.attrs["contact_area_m2"] == pytest.approx(math.pi * 1e-10)
    assert made.sites == 31
    time, voltage = record.array("test_time_second"), record.array("voltage_volt")
    assert np.all(np.diff(time) >= 0)
    assert time[-1] == pytest.approx(2 * (2 * 0.5 + 2 * 1.5) / 0.1 + 0.2)
    assert voltage.min() == -0.5
    assert voltage.max() == 1.5


def test_it_stops_when_it_is_cancelled() -> None:
    progress = Progress(lambda fraction, message: progress.cancel())
    with pytest.raises(InterruptedRunError, match="interrupted: cycle 2 of 5"):
        simulate_memristor(llzo_memristor(), BiasSweep(cycles=5), progress=progress)


# --- what cannot be ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: law(nucleation_bias=0), "nucleation_bias: 0 must be above 0 V"),
        (
            lambda: law(charge_transfer=LinearTransfer(1.0, concentration="square root")),
            "charge_transfer.concentration: a metal has no lithium fraction; choose 'constant'",
        ),
        (lambda: law(wall_fraction=1.5), "wall_fraction: 1.5 must be at most 1"),
        (lambda: law(resistivity=-1), "resistivity: -1 must be above 0 ohm m"),
        (
            lambda: llzo_memristor("1 nm"),
            "filament.nucleus_radius: 2.5e-09 m does not fit under an electrode of radius 1e-09 m",
        ),
        (
            lambda: llzo_memristor("1 cm", site_density="1000 1/um2"),
            "site_density: gives 314159265359 sites under the electrode, more than 10000000",
        ),
        (lambda: llzo_memristor(thickness=0), "thickness: 0 must be above 0 m"),
        (lambda: llzo_memristor(ionic_conductivity=0), "ionic_conductivity: 0 must be above 0"),
        (lambda: llzo_memristor(thick="1 um"), "unknown field 'thick'; did you mean 'thickness'?"),
        (lambda: BiasSweep(set_limit=0.3), "set_limit: 0.3 must be at most 0 V"),
        (lambda: BiasSweep(step=0.2), "set_limit: -0.5 V is less than four steps of 0.2 V"),
        (lambda: BiasSweep(step=1e-9), "step: 1e-09 V makes 500000000 rows up to set_limit"),
        (
            lambda: BiasSweep(set_limit=0, reset_limit=0),
            "set_limit: is 0 V, as is reset_limit; give one to sweep to",
        ),
        (lambda: BiasSweep(cycles=0), "cycles: 0 must be at least 1"),
        (lambda: SourceMeter(compliance="0 A"), "compliance: '0 A' must be above 0 A"),  # type: ignore[arg-type]
        (
            lambda: simulate_memristor("a tip"),  # type: ignore[arg-type]
            "expected a Memristor, as in solith.cell.Memristor(...), not str",
        ),
        (
            lambda: simulate_memristor(llzo_memristor(), SourceMeter()),  # type: ignore[arg-type]
            "expected a BiasSweep, as in solith.cell.BiasSweep(...), not SourceMeter",
        ),
        (
            lambda: simulate_memristor(llzo_memristor(), seed=-1),
            "seed: -1 is not a whole number of at least 0",
        ),
    ],
)
def test_what_cannot_be_is_one_clear_error(make: Any, told: str) -> None:
    with pytest.raises(InputError) as caught:
        make()
    assert told in str(caught.value)


@pytest.mark.parametrize("seed", [0, 1, 3, 6])
def test_the_trigger_of_a_tip_is_where_the_filament_goes_through(seed: int) -> None:
    """The ions' own current, above the noise at the nucleus, is none; nor is 1 mA reached."""
    record = simulate_memristor(llzo_memristor(), BiasSweep(cycles=1), seed=seed)
    found = analyse_current_voltage(record)
    through = record.array("voltage_volt")[changes_of(record)[0][0]]
    assert found["triggering_bias"].value == pytest.approx(through + 0.005)
    assert found["compliance_current"].value is None
