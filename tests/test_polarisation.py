"""Polarisation: known partial conductivities come back from noisy transients, and doubts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from solith.analysis import find_transference, fit_polarisation
from solith.core.errors import InputError, UnknownNameError
from solith.core.record import Record
from solith.core.result import Value

AREA, THICKNESS = 7.85e-5, 6e-4
CONSTANT = THICKNESS / AREA
ELECTRONIC, IONIC = 1e6, 1e4  # ohm
LEVELS = (-0.02, 0.02, 0.03, 0.04)
INITIAL = 1 / (1 / ELECTRONIC + 1 / IONIC)


def step(
    level: float,
    seed: int = 0,
    *,
    length: float = 200.0,
    offset: float = 0.0,
    drift: float = 0.0,
    bend: float = 0.0,
    noise: float = 2e-9,
    **attributes: Any,
) -> Record:
    """An electronic resistance beside an ionic one that a blocking capacitance ends (20 s)."""
    time = np.arange(0, length, 1.0)
    drive = level - offset
    steady = drive / ELECTRONIC * (1 + bend * drive**2)
    current = steady * (1 + drift * time / length) + drive / IONIC * np.exp(-time / 20)
    current = current + noise * np.random.default_rng([seed, int(1e6 * abs(level))]).normal(
        size=len(time)
    )
    return Record.from_arrays(
        "cycling",
        name="pellet",
        test_time_second=time,
        voltage_volt=np.full(len(time), level),
        current_ampere=current,
        attributes={"geometric_area_m2": AREA, "thickness_m": THICKNESS, **attributes},
    )


def steps(seed: int = 0, levels: Sequence[float] = LEVELS, **options: Any) -> list[Record]:
    return [step(level, seed, **options) for level in levels]


def close(value: Value, expected: float, most: float) -> bool:
    """Whether a value is within 4 standard uncertainties, and these are small."""
    assert value.value is not None
    assert value.uncertainty is not None
    small = value.uncertainty < most * abs(expected)
    return small and abs(value.value - expected) < 4 * value.uncertainty


def test_partial_conductivities_between_ion_blocking_electrodes() -> None:
    result = fit_polarisation(steps(offset=0.002), "ion-blocking", area_uncertainty="0.01 cm2")
    assert close(result["electronic_resistance"], ELECTRONIC, 0.02)
    assert close(result["total_resistance"], INITIAL, 0.01)
    assert close(result["offset_voltage"], 0.002, 0.2)
    assert close(result["electronic_conductivity"], CONSTANT / ELECTRONIC, 0.03)
    assert close(result["ionic_conductivity"], CONSTANT / IONIC, 0.03)
    assert close(result["ionic_transference"], INITIAL / IONIC, 1e-3)
    value = result["ionic_conductivity"]
    assert (value.unit, value.area) == ("S/m", "geometric")
    assert "Hebb" in value.source
    relative = (value.uncertainty or 0) / (value.value or 1)
    assert relative == pytest.approx(0.01 / 0.785, rel=0.1)
    assert value.flags == ("without the uncertainty of thickness, which was not given",)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    held = {"electronic_resistance": 0, "total_resistance": 0}
    for seed in range(60):
        result = fit_polarisation(steps(seed, (0.02, 0.04), length=120.0), "ion-blocking")
        for name, truth in (("electronic_resistance", ELECTRONIC), ("total_resistance", INITIAL)):
            value = result[name]
            assert value.value is not None
            assert value.uncertainty is not None
            held[name] += abs(value.value - truth) < 1.96 * value.uncertainty
    assert all(number >= 52 for number in held.values()), held  # of 60; 57 expected


def test_electron_blocking_electrodes_with_what_stands_in_series() -> None:
    records = steps()
    result = fit_polarisation(records, "electron-blocking", series_resistance="2 kohm")
    assert close(result["ionic_resistance"], ELECTRONIC - 2000, 0.02)
    assert close(result["total_resistance"], INITIAL - 2000, 0.01)
    transference = result["ionic_transference"].value
    assert transference == pytest.approx((INITIAL - 2000) / (ELECTRONIC - 2000), rel=0.02)
    with pytest.raises(
        InputError, match=r"series resistance of 2e\+04 ohm is not below the 99\d\d ohm"
    ):
        fit_polarisation(records, "electron-blocking", series_resistance="20 kohm")


def test_steps_of_one_record_with_rests_between() -> None:
    parts = [step(level).data for level in LEVELS]
    rest = {"voltage": np.zeros(20), "current": np.zeros(20)}
    times, voltages, currents, counts, begin, number = [], [], [], [], 0.0, 0
    for part in parts:
        for voltage, current in (
            (rest["voltage"], rest["current"]),
            (part["voltage_volt"].values, part["current_ampere"].values),
        ):
            number += 1
            times.append(begin + np.arange(len(voltage)))
            begin = times[-1][-1] + 1.0
            voltages.append(voltage)
            currents.append(current)
            counts.append(np.full(len(voltage), number))
    columns = {
        "test_time_second": np.concatenate(times),
        "voltage_volt": np.concatenate(voltages),
        "current_ampere": np.concatenate(currents),
    }
    plain = Record.from_arrays("cycling", **columns).with_facts(
        geometric_area=AREA, thickness=THICKNESS
    )
    found = fit_polarisation(plain, "ion-blocking")
    assert len(found.details["steps"]) == len(LEVELS)
    assert close(found["electronic_resistance"], ELECTRONIC, 0.02)
    assert close(found["total_resistance"], INITIAL, 0.03)  # when it was switched is not known
    inner = np.concatenate([time - time[0] for time in times])
    counted = Record.from_arrays(
        "cycling", **columns, step_count=np.concatenate(counts), step_time_second=inner
    ).with_facts(geometric_area=AREA, thickness=THICKNESS)
    exact = fit_polarisation(counted, "ion-blocking")["total_resistance"]
    assert close(exact, INITIAL, 0.01)
    assert (exact.uncertainty or 1) < 0.2 * (found["total_resistance"].uncertainty or 0)


def with_open_circuit(*, counted: bool) -> Record:
    """Steps of 0.1, 0.2 and 0.3 V, and after each 200 s at open circuit, where voltage relaxes."""
    rows: dict[str, list[Any]] = {"voltage_volt": [], "current_ampere": [], "step_count": []}
    for number, level in enumerate((0.1, 0.2, 0.3)):
        part, time = step(level).data, np.arange(0, 200, 1.0)
        scatter = 1e-10 * np.random.default_rng(number).normal(size=len(time))
        relaxing = level * (0.2 + 0.8 * np.exp(-time / 100))
        rows["voltage_volt"] += [part["voltage_volt"].values, relaxing]
        rows["current_ampere"] += [part["current_ampere"].values, scatter]
        rows["step_count"] += [np.full(200, 2 * number), np.full(200, 2 * number + 1)]
    columns = {name: np.concatenate(parts) for name, parts in rows.items()}
    if not counted:
        del columns["step_count"]
    times = np.arange(0, 1200, 1.0)
    return Record.from_arrays("cycling", test_time_second=times, **columns).with_facts(
        geometric_area=AREA, thickness=THICKNESS
    )


@pytest.mark.parametrize("counted", [True, False])
def test_rests_at_open_circuit_are_left_out(counted: bool) -> None:
    result = fit_polarisation(with_open_circuit(counted=counted), "ion-blocking")
    assert len(result.details["steps"]) == 3
    assert close(result["electronic_resistance"], ELECTRONIC, 0.02)


@pytest.mark.parametrize("counted", [True, False])
def test_a_part_that_holds_nothing_takes_no_other_with_it(counted: bool) -> None:
    record = with_open_circuit(counted=counted)
    record.data["voltage_volt"][400:600] += 1e-3 * np.arange(200)  # of the step of 0.2 V
    result = fit_polarisation(record, "ion-blocking")
    assert len(result.details["steps"]) == 2
    assert close(result["electronic_resistance"], ELECTRONIC, 0.02)


def test_constant_current() -> None:
    time = np.arange(0, 300, 1.0)
    records = []
    for seed, current in enumerate((1e-6, 2e-6, 3e-6)):
        voltage = current * (5e3 + 2e4 * (1 - np.exp(-time / 30)))
        voltage = voltage + 1e-5 * np.random.default_rng(seed).normal(size=len(time))
        records.append(
            Record.from_arrays(
                "cycling",
                test_time_second=time,
                voltage_volt=voltage,
                current_ampere=np.full(len(time), current),
            ).with_facts(geometric_area=AREA, thickness=THICKNESS)
        )
    result = fit_polarisation(records, "ion-blocking")
    assert result.details["held"] == "current"
    assert close(result["electronic_resistance"], 2.5e4, 0.01)
    assert close(result["total_resistance"], 5e3, 0.02)
    with pytest.raises(InputError, match="some steps hold the voltage, others the current"):
        fit_polarisation([*records, step(0.02)], "ion-blocking")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"length": 60.0}, "not steady at the end"),
        ({"drift": 0.5, "noise": 1e-10}, "drifts by 37 % of its steady value over the step"),
        ({"bend": 300.0}, "not ohmic: the steady values bend"),
        ({"levels": (0.02,)}, "neither offset nor ohmic behaviour is tested"),
    ],
)
def test_flags(options: dict[str, Any], told: str) -> None:
    levels = options.pop("levels", (0.01, 0.02, 0.03, 0.04, 0.05))
    result = fit_polarisation(steps(0, levels, **options), "ion-blocking")
    flags = " ".join(result["electronic_resistance"].flags)
    assert told in flags


def lithium(seed: int = 0, level: float = 0.01) -> Record:
    """20 ohm of interfaces and 500 ohm; a tenth of the current is left to decay slowly."""
    time = np.arange(0, 3000, 5.0)
    first, last = level / 520.0, level / 1000.0
    current = last + (first - last) * np.exp(-time / 400)
    current = current * (1 + 1e-3 * np.random.default_rng(seed).normal(size=len(time)))
    return Record.from_arrays(
        "cycling",
        test_time_second=time,
        voltage_volt=np.full(len(time), level),
        current_ampere=current,
    )


def test_transference_of_lithium() -> None:
    result = find_transference(
        lithium(), resistance_before=Value("R2", 20.0, "ohm", 0.5), resistance_after="25 ohm"
    )
    first, last, level = 0.01 / 520, 0.01 / 1000, 0.01
    expected = last * (level - first * 20) / (first * (level - last * 25))
    assert close(result["lithium_transference"], expected, 0.01)
    assert "10.1016/0032-3861(87)90394-6" in result["lithium_transference"].source
    assert result["lithium_transference"].flags == ()


def test_a_large_voltage_is_told() -> None:
    result = find_transference(
        lithium(level=0.1), resistance_before="20 ohm", resistance_after="25 ohm"
    )
    assert "100 mV is not small: the formula is for about 10 mV" in (
        result["lithium_transference"].flags
    )


def test_what_is_refused() -> None:
    with pytest.raises(InputError, match=r"leave none of 0\.01 V to the electrolyte"):
        find_transference(lithium(), resistance_before="600 ohm", resistance_after="25 ohm")
    with pytest.raises(InputError, match="resistance_after: 0 must be above 0"):
        find_transference(lithium(), resistance_before="20 ohm", resistance_after=0)
    with pytest.raises(UnknownNameError, match="unknown electrodes 'gold'"):
        fit_polarisation(steps(), "gold")
    with pytest.raises(
        InputError, match=r"no thickness is known; give thickness: record\.with_facts"
    ):
        fit_polarisation(lithium().with_facts(geometric_area=AREA), "ion-blocking")
    with pytest.raises(InputError, match="there is no record of a polarisation"):
        fit_polarisation([], "ion-blocking")
    time = np.arange(50.0)
    wild = Record.from_arrays(
        "cycling", test_time_second=time, voltage_volt=time, current_ampere=time**2
    ).with_facts(geometric_area=AREA, thickness=THICKNESS)
    with pytest.raises(
        InputError, match="no step of at least 8 rows holds the voltage or the curr"
    ):
        fit_polarisation(wild, "ion-blocking")
