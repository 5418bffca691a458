from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solith.analysis import analyse, analyse_cycling, find_losses, find_resistances
from solith.core.cycles import cycles_by_rate, result_of_cycle
from solith.core.errors import InputError, UnknownNameError
from solith.core.record import Record
from solith.core.result import Result


def cycling(
    halves: Sequence[tuple[float, float, float]], *, points: int = 50, **extra: Any
) -> Record:
    """A record of (current [A], hours, mean voltage) steps; the voltage runs 0.2 V with it."""
    times, voltages, currents, start = [], [], [], 0.0
    for current, hours, voltage in halves:
        times.append(np.linspace(start, start + 3600 * hours, points))
        reach = 0.1 * np.sign(current)
        voltages.append(np.linspace(voltage - reach, voltage + reach, points))
        currents.append(np.full(points, current))
        start += 3600 * hours
    return Record.from_arrays(
        "cycling",
        name="a cell",
        test_time_second=np.concatenate(times),
        voltage_volt=np.concatenate(voltages),
        current_ampere=np.concatenate(currents),
        **extra,
    )


CYCLE = [(1e-3, 10, 3.5), (0.0, 1, 3.5), (-1e-3, 8, 3.3), (0.0, 1, 3.3)]


def test_a_cycle_of_known_charge() -> None:
    result = analyse(cycling(CYCLE))
    assert result.name == "Cycling of a cell"
    expected = {
        "charge_capacity": (10, "mAh"),
        "discharge_capacity": (8, "mAh"),
        "initial_coulombic_efficiency": (80, "%"),
        "mean_charge_voltage": (3.5, "V"),
        "mean_discharge_voltage": (3.3, "V"),
        "hysteresis": (0.2, "V"),
        "charge_energy": (0.035, "Wh"),
        "discharge_energy": (0.0264, "Wh"),
        "discharge_resistance": (100, "ohm"),
    }
    assert {value.quantity for value in result} == set(expected)
    for quantity, (number, unit) in expected.items():
        assert result[quantity].value == pytest.approx(number), quantity
        assert (result[quantity].unit, result[quantity].flags) == (unit, ())


def test_per_gram_where_the_mass_is_known() -> None:
    record = cycling(CYCLE, attributes={"active_mass_kg": 50e-6})
    result = analyse(record)
    assert result["charge_capacity"].value == pytest.approx(200)
    assert result["charge_capacity"].unit == "mAh/g"
    assert result["discharge_energy"].value == pytest.approx(528)
    assert result["discharge_energy"].unit == "Wh/kg"
    assert Result.from_json(result.to_json()) == result
    for mass in (0, -1.0, "12 mg", True):
        with pytest.raises(InputError, match=r"active_mass_kg: .* is not a number of kg above 0"):
            analyse(cycling(CYCLE, attributes={"active_mass_kg": mass}))


@given(st.floats(1e-6, 10), st.floats(0.1, 100), st.floats(0.1, 100))
@settings(max_examples=30, deadline=None)
def test_efficiency_does_not_depend_on_size(
    current: float, charge: float, discharge: float
) -> None:
    record = cycling([(current, charge, 3.5), (-current, discharge, 3.3)], points=5)
    result = analyse(record)
    assert result["initial_coulombic_efficiency"].value == pytest.approx(100 * discharge / charge)
    assert result["charge_capacity"].value == pytest.approx(1e3 * current * charge)


def test_an_uneven_current_is_weighted_by_charge() -> None:
    time = np.linspace(0, 3600, 2001)
    record = Record.from_arrays(
        "cycling", test_time_second=time, voltage_volt=3 + time / 3600, current_ampere=time / 3600
    )
    result = analyse_cycling(record)
    assert result["charge_capacity"].value == pytest.approx(500, rel=1e-4)
    assert result["mean_charge_voltage"].value == pytest.approx(3 + 2 / 3, rel=1e-4)


def test_cycles_are_counted_from_the_current_or_as_the_record_counts() -> None:
    steps = [*CYCLE, (1e-3, 9, 3.5), (0, 1, 3.5), (1e-3, 1, 3.6), (-1e-3, 7, 3.3)]
    table = analyse(cycling(steps)).details["cycles"]
    assert [row["cycle"] for row in table] == [1, 2]
    assert [row["charge_capacity"] for row in table] == pytest.approx([10, 10])
    assert [row["coulombic_efficiency"] for row in table] == pytest.approx([80, 70])
    count = np.repeat([4, 4, 4, 4, 5, 5, 5, 5], 50)
    counted = analyse(cycling(steps, cycle_count=count)).details["cycles"]
    assert [row["cycle"] for row in counted] == [4, 5]
    assert [row["charge_capacity"] for row in counted] == pytest.approx([10, 10])
    constant = analyse(cycling(steps, cycle_count=np.ones(400)))
    assert constant["charge_capacity"].flags == ("cycle 1 holds 2 charges, taken together",)


def test_noise_of_a_resting_instrument_makes_no_cycles() -> None:
    generator = np.random.default_rng(1)
    quiet = cycling(CYCLE + CYCLE)
    noisy = quiet.array("current_ampere") + generator.normal(0, 2e-6, len(quiet))
    record = Record.from_arrays(
        "cycling",
        test_time_second=quiet.array("test_time_second"),
        voltage_volt=quiet.array("voltage_volt"),
        current_ampere=noisy,
    )
    result = analyse(record)
    assert len(result.details["cycles"]) == 2
    assert result["charge_capacity"].value == pytest.approx(10, rel=1e-3)
    assert result["initial_coulombic_efficiency"].value == pytest.approx(80, rel=1e-3)


@pytest.mark.parametrize(
    ("steps", "quantity", "flags"),
    [
        ([(1e-3, 1, 3.5)], "discharge_capacity", ("no discharge",)),
        ([(-1e-3, 1, 3.5)], "charge_capacity", ("no charge",)),
        ([(0, 1, 3.5)], "hysteresis", ("no charge", "no discharge")),
        (
            [(1e-3, 1, 3.5)],
            "initial_coulombic_efficiency",
            ("efficiency not defined", "no discharge"),
        ),
        (
            [(-1e-3, 1, 3.5), (1e-3, 1, 3.5)],
            "initial_coulombic_efficiency",
            ("efficiency not defined", "the cycle begins with a discharge"),
        ),
    ],
)
def test_what_is_not_defined_is_flagged(
    steps: Sequence[tuple[float, float, float]], quantity: str, flags: tuple[str, ...]
) -> None:
    value = analyse(cycling(steps), first="charge")[quantity]
    assert (value.value, value.flags) == (None, flags)


def test_rows_without_a_number_and_time_running_backwards() -> None:
    record = cycling(CYCLE)
    record.data["voltage_volt"].values[3] = np.nan
    assert analyse(record)["charge_capacity"].flags == ("1 rows without a number left out",)
    record.data["test_time_second"].values[10] = 0
    with pytest.raises(InputError, match=r"a cell: test_time_second runs backwards .*\(row 10\)"):
        analyse(record)
    with pytest.raises(InputError, match=r"the cycling record has 1 rows with numbers in .* least"):
        analyse(
            Record.from_arrays(
                "cycling", test_time_second=[0], voltage_volt=[1], current_ampere=[1]
            )
        )


def simulated() -> Record:
    """Losses that lie at 10 and 20 mV in the charge and change over the discharge."""
    record = cycling(CYCLE)
    current = record.array("current_ampere")
    contact = np.where(current > 0, -0.01, 0.0)
    diffusion = np.where(current > 0, -0.02, 0.0)
    discharge = current < 0
    contact[discharge] = 0.03
    diffusion[discharge] = np.linspace(0, 0.04, discharge.sum())
    return Record.from_arrays(
        "cycling",
        name="a cell",
        test_time_second=record.array("test_time_second"),
        voltage_volt=record.array("voltage_volt"),
        current_ampere=current,
        open_circuit_voltage_volt=record.array("voltage_volt") + contact + diffusion,
        loss_contact_volt=contact,
        loss_solid_diffusion_volt=diffusion,
    )


def test_losses_over_the_discharge_and_at_a_time() -> None:
    record = simulated()
    for result in (find_losses(record), analyse(record), find_losses(record, cycle=1)):
        assert result["loss_contact"].value == pytest.approx(30)
        assert result["loss_solid_diffusion"].value == pytest.approx(20)
        assert result["loss_total"].value == pytest.approx(50)
        assert (result["loss_total"].unit, result["loss_total"].flags) == ("mV", ())
    at = find_losses(record, time="17 h")
    assert at["loss_solid_diffusion"].value == pytest.approx(30)
    assert find_losses(record, time=5 * 3600)["loss_total"].value == pytest.approx(-30)


def test_losses_that_do_not_add_up_are_flagged() -> None:
    record = simulated()
    record.data["open_circuit_voltage_volt"].values[:] += 0.007
    assert find_losses(record)["loss_total"].flags == (
        "the parts miss open-circuit minus cell voltage by -7 mV",
    )


def test_losses_that_are_not_there() -> None:
    with pytest.raises(InputError, match="a cell holds no losses; a simulated cycling record"):
        find_losses(cycling(CYCLE))
    record = simulated()
    with pytest.raises(UnknownNameError, match=r"unknown cycle '3'. Choose from: 1"):
        find_losses(record, cycle=3)
    with pytest.raises(InputError, match="time: 144000 s is outside a cell, which lasts from 0 s"):
        find_losses(record, time="40 h")
    with pytest.raises(InputError, match="cycle and time cannot both be given"):
        find_losses(record, cycle=1, time=3)
    rest = Record("cycling", record.data.isel(row=slice(0, 60)), record.provenance)
    assert find_losses(rest)["loss_contact"].value is None
    assert find_losses(rest)["loss_contact"].flags == ("no discharge",)


FREQUENCY = np.logspace(6, -2, 161)


def spectrum(impedance: Any, frequency: Any = FREQUENCY, **attributes: Any) -> Record:
    return Record.from_arrays(
        "impedance",
        name="a pellet",
        attributes=attributes,
        frequency_hertz=frequency,
        real_impedance_ohm=np.real(impedance),
        imaginary_impedance_ohm=np.imag(impedance),
    )


def arc(resistance: float, apex: float, frequency: Any = FREQUENCY) -> Any:
    return resistance / (1 + 1j * frequency / apex)


def tail(coefficient: float, frequency: Any = FREQUENCY) -> Any:
    return coefficient * (1 - 1j) / np.sqrt(2 * np.pi * frequency)


def coil(inductance: float, frequency: Any = FREQUENCY) -> Any:
    return 2j * np.pi * frequency * inductance


def test_two_arcs_and_a_tail() -> None:
    impedance = 20 + arc(50, 3e4) + arc(100, 30) + tail(0.3) + coil(5e-7)
    result = analyse(spectrum(impedance, geometric_area_m2=0.785e-4))
    high, low = result["high_frequency_resistance"], result["low_frequency_resistance"]
    assert high.value == pytest.approx(20, abs=1.5)
    assert low.value == pytest.approx(170, abs=2)
    span = result["interfacial_resistance"]
    assert span.value == pytest.approx(low.value - high.value)  # type: ignore[operator]
    assert (span.unit, span.area, span.flags) == ("ohm", "", ())
    scaled = result["interfacial_area_resistance"]
    assert scaled.value == pytest.approx(span.value * 0.785)  # type: ignore[operator]
    assert (scaled.unit, scaled.area) == ("ohm cm2", "geometric")
    assert result["apex_frequency_1"].value == pytest.approx(3e4, rel=0.1)
    assert result["apex_frequency_2"].value == pytest.approx(30, rel=0.1)
    assert "apex_frequency_3" not in result
    assert Result.from_json(result.to_json()) == result


@given(st.floats(0.1, 1e3), st.floats(1, 1e4), st.floats(1, 1e4))
@settings(max_examples=40, deadline=None)
def test_one_arc_is_found_at_every_size(series: float, resistance: float, apex: float) -> None:
    impedance = series + arc(resistance, apex) + tail(2e-3 * resistance)
    result = find_resistances(spectrum(impedance))
    if resistance > 0.05 * series:
        assert result["interfacial_resistance"].value == pytest.approx(resistance, rel=0.06)
        assert result["apex_frequency_1"].value == pytest.approx(apex, rel=0.05)


def test_the_order_of_the_points_does_not_matter() -> None:
    impedance = 20 + arc(50, 3e3) + tail(0.3) + coil(1e-5)
    forwards = find_resistances(spectrum(impedance))
    backwards = find_resistances(spectrum(impedance[::-1], FREQUENCY[::-1]))
    assert forwards == backwards


def test_noise_of_a_good_instrument() -> None:
    impedance = 20 + arc(50, 3e4) + arc(100, 30) + tail(0.3) + coil(5e-7)
    scatter = np.random.default_rng(3).normal(0, 3e-4, (2, len(FREQUENCY)))
    noisy = find_resistances(spectrum(impedance * (1 + scatter[0] + 1j * scatter[1])))
    clean = find_resistances(spectrum(impedance))
    assert len(noisy) == len(clean)
    assert noisy["interfacial_resistance"].value == pytest.approx(
        clean["interfacial_resistance"].value, rel=0.02
    )


def test_ends_that_are_not_seen_are_flagged() -> None:
    outside = "intercept outside the measured frequencies; Re Z at the highest one taken"
    no_tail = "no tail after the last arc; Re Z at the lowest frequency taken"
    merged = "no separation between arc and tail; Re Z at the lowest frequency taken"
    assert find_resistances(spectrum(20 + arc(50, 1e3)))["high_frequency_resistance"].flags == ()
    result = find_resistances(spectrum(20 + arc(50, 1e5)))
    assert result["high_frequency_resistance"].flags == (outside,)
    assert result["low_frequency_resistance"].flags == (no_tail,)
    assert result["interfacial_resistance"].flags == (outside, no_tail)
    assert result["interfacial_resistance"].value == pytest.approx(50, rel=0.02)
    result = find_resistances(spectrum(20 + tail(3.0) + coil(1e-6)))
    assert result["low_frequency_resistance"].flags == (merged,)
    assert "apex_frequency_1" not in result
    cut = spectrum(20 + arc(50, 1e3)[:20] + tail(0.1)[:20], FREQUENCY[:20])
    assert find_resistances(cut)["low_frequency_resistance"].flags == (merged,)


def test_an_arc_whose_apex_is_above_the_highest_frequency() -> None:
    result = find_resistances(spectrum(20 + arc(50, 3e6) + tail(0.3)))
    assert result["low_frequency_resistance"].value == pytest.approx(70, abs=1)
    assert "apex_frequency_1" not in result
    assert len(result["interfacial_resistance"].flags) == 1


def test_spectra_that_are_odd() -> None:
    good = 20 + arc(50, 1e3) + tail(0.3)
    flags = find_resistances(spectrum(np.conj(good)))["high_frequency_resistance"].flags
    assert "Im Z is mostly positive: was -Im Z stored?" in flags
    twice = spectrum(np.tile(good, 2), np.tile(FREQUENCY, 2))
    flags = find_resistances(twice)["interfacial_resistance"].flags
    assert "frequencies occur more than once: several spectra in one record?" in flags
    holed = good.copy()
    holed[5] = np.nan
    flags = find_resistances(spectrum(holed))["interfacial_resistance"].flags
    assert "1 rows without a number left out" in flags
    with pytest.raises(InputError, match=r"a pellet has 2 rows with numbers in .* at least 3"):
        find_resistances(spectrum(good[:2], FREQUENCY[:2]))
    with pytest.raises(InputError, match="a pellet: frequency_hertz must be above 0 Hz"):
        find_resistances(spectrum(good, FREQUENCY - 1))
    for area in (0, "1 cm2", True):
        refused = r"geometric_area_m2: .* is not a number of m2 above 0"
        with pytest.raises(InputError, match=refused):
            find_resistances(spectrum(good, geometric_area_m2=area))


def test_a_kind_without_an_analysis_and_the_wrong_kind() -> None:
    record = Record.from_arrays("spectrum", abscissa=[0, 1], intensity=[0, 1])
    with pytest.raises(
        InputError,
        match="no analysis for a record of kind 'spectrum'; "
        "there is one for: critical-current, current-voltage, cycling, dsc, gitt, impedance",
    ):
        analyse(record)
    with pytest.raises(InputError, match="is a record of kind 'spectrum'; expected kind 'c"):
        analyse_cycling(record)
    with pytest.raises(InputError, match="expected kind 'impedance'"):
        find_resistances(record)


def test_the_room_opens_without_its_tools() -> None:
    script = "import sys, solith.analysis, solith.readers as r; print('xarray' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def test_each_cycle_has_its_rate_and_can_be_taken_out() -> None:
    steps = [*CYCLE, (1e-3, 8, 3.5), (-4e-3, 1, 3.2)]
    record = cycling(steps, attributes={"one_c_ampere": 10e-3})
    result = analyse(record)
    rows = result.details["cycles"]
    assert [row["c_rate"] for row in rows] == pytest.approx([0.1, 0.4])
    assert cycles_by_rate(result) == {0.1: 1, 0.4: 2}
    second = result_of_cycle(result, 2)
    assert second["discharge_capacity"].value == pytest.approx(4)
    assert second["coulombic_efficiency"].value == pytest.approx(50)
    with pytest.raises(UnknownNameError, match=r"unknown cycle '3'. Choose from: 1, 2"):
        result_of_cycle(result, 3)
    with pytest.raises(InputError, match="holds no cycles; take the analysis of a cycling record"):
        result_of_cycle(Result("spectrum", ()), 1)
    assert analyse(cycling(steps)).details["cycles"][0]["c_rate"] is None
    assert Result.from_json(result.to_json()) == result


def test_every_cycle_has_its_losses() -> None:
    result = analyse(simulated())
    assert result_of_cycle(result, 1)["loss_contact"].value == pytest.approx(30)


def test_how_steps_ended_is_a_flag_of_their_half_cycle() -> None:
    steps = [*CYCLE, *CYCLE]
    texts = ["charge at 0.1 C until 3.8 V", "rest for 1 h", "discharge at 0.1 C until 2 V", "rest"]
    full = "active material full before the cut-off"
    skipped = "cut-off passed at its start"
    count = np.repeat([1, 1, 1, 1, 2, 2, 2, 2], 50)
    number = np.repeat(np.arange(1, 9), 50)

    def flags(ends: list[str], cycle: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        record = cycling(
            steps,
            cycle_count=count,
            step_count=number,
            attributes={"steps": texts, "step_ends": ends},
        )
        one = result_of_cycle(analyse(record), cycle)
        return one["charge_capacity"].flags, one["discharge_capacity"].flags

    charge, discharge = flags(["cut-off reached"] * 2 + [full] + ["time over"] * 5, 1)
    assert charge == ()
    assert discharge[0].startswith(f"discharge ended with the {full}: ")
    assert flags(["cut-off reached"] * 2 + [full] + ["time over"] * 5, 2) == ((), ())
    assert flags(["time over"] * 4 + [skipped] + ["time over"] * 3, 2) == (
        (f"1 step skipped: {skipped}",),
        (),
    )
    unnamed = cycling(CYCLE, attributes={"step_ends": [skipped, skipped]})
    assert analyse(unnamed)["discharge_capacity"].flags == (f"2 steps skipped: {skipped}",)


def test_steps_that_left_no_rows_are_counted_to_their_pair() -> None:
    texts = ["charge at 1 C until 3 V", "hold at 3 V until 0.1 C", "discharge at 1 C until 2 V"]
    ends = ["time over"] * 3 + ["time over", "cut-off passed at its start", "time over"]
    record = cycling(CYCLE + CYCLE, attributes={"steps": texts, "step_ends": ends})
    result = analyse(record)
    assert result_of_cycle(result, 1)["charge_capacity"].flags == ()
    assert result_of_cycle(result, 2)["charge_capacity"].flags == (
        "1 step skipped: cut-off passed at its start",
    )


def test_more_charge_out_than_in_is_flagged() -> None:
    result = analyse(cycling([(1e-3, 8, 3.5), (-1e-3, 10, 3.3)]))
    value = result["initial_coulombic_efficiency"]
    assert value.value == pytest.approx(125)
    assert value.flags[0].startswith("above 100 %: more charge out than in (the cell was assembled")
    assert result["discharge_capacity"].flags == ()


def fading(number: int = 5, *, part: float = 0.9, **extra: Any) -> Record:
    """Cycles of which each discharge gives ``part`` of the one before, from 8 mAh."""
    steps = [
        step
        for cycle in range(number)
        for step in ((1e-3, 10 * part**cycle, 3.5), (0.0, 1, 3.5), (-1e-3, 8 * part**cycle, 3.3))
    ]
    return cycling(steps, points=10, **extra)


def test_retention_and_mean_efficiency_over_many_cycles() -> None:
    result = analyse(fading(), at_cycles=(2, 4, 9))
    assert result["retention"].value == pytest.approx(100 * 0.9**4)
    assert result["retention"].method == "discharge capacity of cycle 5 relative to cycle 1"
    assert result["retention_2"].value == pytest.approx(90)
    assert result["retention_4"].value == pytest.approx(72.9)
    assert (result["retention_9"].value, result["retention_9"].flags) == (
        None,
        ("the record holds 5 cycles",),
    )
    efficiency = result["mean_coulombic_efficiency"]
    assert efficiency.value == pytest.approx(80)
    assert efficiency.method == "mean over 3 cycles after the second"
    second = analyse(fading(), reference_cycle=2)
    assert second["retention"].value == pytest.approx(100 * 0.9**3)
    assert result_of_cycle(result, 3)["retention"].value == pytest.approx(81)
    assert Result.from_json(result.to_json()) == result


def test_what_retention_cannot_tell() -> None:
    two = analyse(fading(2))
    assert "retention" in two
    assert "mean_coulombic_efficiency" not in two
    one = analyse(cycling(CYCLE), at_cycles=[2])
    assert "retention" not in one
    assert one["retention_2"].flags == ("the record holds fewer than two discharges",)
    charged = [*CYCLE, *CYCLE, (1e-3, 9, 3.5)]
    assert analyse(cycling(charged))["retention"].flags == ("the last cycle has no discharge",)
    rates = analyse(
        cycling([*CYCLE, (1e-3, 8, 3.5), (-4e-3, 1, 3.2)], attributes={"one_c_ampere": 1e-2})
    )
    assert rates["retention"].flags == ("the cycles differ in rate: 0.4 C and 0.1 C",)
    with pytest.raises(UnknownNameError, match=r"unknown reference_cycle '7'. Choose from: 1, 2"):
        analyse(fading(2), reference_cycle=7)
    with pytest.raises(InputError, match="at_cycles: 0 is not the number of a cycle, counted from"):
        analyse(fading(2), at_cycles=[0])


def test_options_go_to_the_analysis_that_takes_them() -> None:
    with pytest.raises(
        InputError,
        match=r"analyse_cycling: unknown option 'nois'; did you mean 'noise'\? Choose from: "
        "at_cycles, delay, first, noise, reference_cycle",
    ):
        analyse(cycling(CYCLE), nois=1e-2)
    with pytest.raises(
        InputError, match=r"analyse_impedance: unknown option 'noise'. Choose from: c"
    ):
        analyse(spectrum(20 + arc(50, 1e3)), noise=1)
    assert analyse(cycling(CYCLE), noise=1e-2) == analyse(cycling(CYCLE))


def test_two_hundred_cycles_take_well_under_a_second() -> None:
    record = fading(200, part=0.999)
    rows = 4 * 10**5 // len(record) + 1
    time = np.linspace(0, record.array("test_time_second")[-1], rows * len(record))
    dense = Record.from_arrays(
        "cycling",
        test_time_second=time,
        voltage_volt=np.interp(
            time, record.array("test_time_second"), record.array("voltage_volt")
        ),
        current_ampere=np.repeat(record.array("current_ampere"), rows),
    )
    begin = perf_counter()
    result = analyse(dense)
    assert perf_counter() - begin < 1.0
    assert len(result.details["cycles"]) == 200


def test_impedance_is_fitted_where_that_is_asked_for() -> None:
    record = spectrum(20 + arc(50, 1e3))
    plain = analyse(record)
    assert plain == find_resistances(record)
    both = analyse(record, fit=True)
    assert both["low_frequency_resistance"] == plain["low_frequency_resistance"]
    assert both["R1"].value == pytest.approx(50, rel=1e-3)
    assert "apex_frequency_1" in both
    given = analyse(record, circuit="R0-p(R1,C1)")
    assert given.details["circuit"] == "R0-p(R1,C1)"
