"""Voltammograms: the reversible one of theory, and what is flagged."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from solith.analysis import analyse, analyse_voltammogram, fit_scan_rates
from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.errors import InputError, UnknownNameError
from solith.core.record import Record
from solith.core.result import Result

AREA, CONCENTRATION, DIFFUSIVITY, TEMPERATURE = 1e-4, 10.0, 1e-9, 298.15
NERNST = FARADAY / GAS_CONSTANT / TEMPERATURE
MIDDLE = 3.5


def triangle(*turns: float, rate: float, step: float = 2e-4) -> tuple[Any, Any]:
    """Time and potential of sweeps between turning points."""
    legs = [np.linspace(a, b, round(abs(b - a) / step) + 1)[:-1] for a, b in pairwise(turns)]
    potential = np.append(np.concatenate(legs), turns[-1])
    time = np.append(0.0, np.cumsum(np.abs(np.diff(potential)))) / rate
    return time, potential


def way(potential: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 up to the highest potential, -1 after it."""
    return np.where(np.arange(len(potential)) <= np.argmax(potential), 1.0, -1.0)


def reversible(time: NDArray[np.float64], potential: NDArray[np.float64]) -> NDArray[np.float64]:
    """Current of a reversible oxidation, from equal steps of time.

    The semi-integral of the current is F A c sqrt(D) / (1 + exp(-F (E - E0) / R T)); the current
    is its semi-derivative, exact for a semi-integral that is linear between the rows.
    """
    held = 1 / (1 + np.exp(-NERNST * (potential - MIDDLE)))
    step = float(time[1] - time[0])
    roots = np.sqrt(np.arange(len(time)) * step)
    kernel = 2 / np.sqrt(np.pi) * np.diff(roots)
    current = fftconvolve(np.diff(held) / step, kernel)[: len(time) - 1]
    scale = FARADAY * AREA * CONCENTRATION * np.sqrt(DIFFUSIVITY)
    found: NDArray[np.float64] = scale * np.append(0.0, current)
    return found


def voltammogram(*turns: float, rate: float = 1e-3, **attributes: Any) -> Record:
    time, potential = triangle(*turns, rate=rate)
    return Record.from_arrays(
        "voltammogram",
        name="a cell",
        attributes=attributes,
        test_time_second=time,
        voltage_volt=potential,
        current_ampere=reversible(time, potential),
    )


WINDOW = (MIDDLE - 0.4, MIDDLE + 0.4)
FACTOR = FARADAY * AREA * CONCENTRATION * (NERNST * 1e-3 * DIFFUSIVITY) ** 0.5


def test_the_reversible_voltammogram_of_theory() -> None:
    record = voltammogram(WINDOW[0], WINDOW[1], WINDOW[0])
    result = analyse(record)
    assert result.name == "Voltammogram of a cell"
    anodic = result["peak_current_anodic"]
    # Nicholson and Shain: 0.4463 at 28.5 mV beyond the half-wave potential
    assert anodic.value == pytest.approx(0.4463 * FACTOR, rel=5e-4)
    assert result["peak_potential_anodic"].value == pytest.approx(MIDDLE + 0.0285, abs=2e-4)
    assert 0.057 < result["peak_separation"].value < 0.059  # type: ignore[operator]
    assert result["half_peak_width_anodic"].value == pytest.approx(2.2 / NERNST, rel=2e-3)
    assert result["scan_rate"].value == pytest.approx(1e-3)
    assert all(value.flags == () for value in result)
    assert result["peak_current_cathodic"].value < 0  # type: ignore[operator]
    assert Result.from_json(result.to_json()) == result


def test_charge_is_that_of_the_current() -> None:
    time, potential = triangle(3.0, 4.0, 3.0, rate=1e-3)
    wave = 1e-3 * np.exp(-(((potential - 3.5) / 0.05) ** 2)) * way(potential)
    record = Record.from_arrays(
        "voltammogram",
        test_time_second=time,
        voltage_volt=potential,
        current_ampere=wave,
        attributes={"active_mass_kg": 1e-6, "geometric_area_m2": 1e-4},
    )
    result = analyse(record)
    charge = 1e-3 * 0.05 * np.sqrt(np.pi) / 1e-3  # C
    for side, sign in (("anodic", 1), ("cathodic", -1)):
        assert result[f"charge_{side}"].value == pytest.approx(charge / 3.6 / 1e-3, rel=1e-3)
        assert result[f"charge_{side}"].unit == "mAh/g"
        assert result[f"peak_current_{side}"].value == pytest.approx(sign * 1e-3, rel=1e-4)
        density = result[f"peak_current_density_{side}"]
        assert density.value == pytest.approx(sign * 10, rel=1e-4)
        assert (density.unit, density.area) == ("A/m2", "geometric")
        assert result[f"specific_peak_current_{side}"].value == pytest.approx(sign * 1e3, rel=1e-4)
        width = result[f"half_peak_width_{side}"].value
        assert width == pytest.approx(0.05 * np.sqrt(np.log(2)), rel=1e-3)
    assert result["peak_separation"].value == pytest.approx(0, abs=1e-4)


def test_the_last_full_cycle_is_taken_whatever_the_record_begins_with() -> None:
    low, high = WINDOW
    result = analyse(voltammogram(3.5, high, low, high, low, 3.5))
    rows = result.details["sweeps"]
    assert [row["cycle"] for row in rows] == [0, 1, 1, 2, 2]
    assert [row["full"] for row in rows] == [False, True, True, True, False]
    assert result.details["cycle"] == 1
    assert result["peak_separation"].flags == ()
    first = analyse_voltammogram(voltammogram(low, high, low, high, low), cycle=1)
    last = analyse_voltammogram(voltammogram(low, high, low, high, low))
    assert (first.details["cycle"], last.details["cycle"]) == (1, 2)
    assert first["peak_current_anodic"].value > last["peak_current_anodic"].value  # type: ignore[operator]
    below = analyse(voltammogram(low - 0.2, high, low, high, low))
    assert [row["full"] for row in below.details["sweeps"]] == [True] * 4
    part = analyse(voltammogram(3.5, high, low, 3.5))
    assert part["peak_separation"].flags == ("cycle 1 is not a full cycle",)
    with pytest.raises(UnknownNameError, match=r"unknown cycle of a cell '7'. Choose from: 1, 2"):
        analyse_voltammogram(voltammogram(low, high, low, high, low), cycle=7)


def test_all_peaks_of_a_sweep_are_in_the_details() -> None:
    time, potential = triangle(3.0, 4.0, 3.0, rate=1e-3)
    peaks = {3.3: 2.0, 3.6: 3.0, 3.8: 1.0}
    wave = sum(h * np.exp(-(((potential - at) / 0.02) ** 2)) for at, h in peaks.items())
    slope = 4.0 * (potential - 3.0)
    record = Record.from_arrays(
        "voltammogram",
        test_time_second=time,
        voltage_volt=potential,
        current_ampere=((wave + slope) * way(potential), "mA"),
    )
    row = analyse(record).details["sweeps"][0]
    assert len(row["peaks"]) == 3
    result = analyse_voltammogram(record, baseline="linear")
    assert result["peak_potential_anodic"].value == pytest.approx(3.6, abs=2e-3)
    found = {peak["potential_volt"]: peak for peak in result.details["sweeps"][0]["peaks"]}
    assert sorted(found) == pytest.approx(sorted(peaks), abs=2e-3)
    assert [found[at]["current_ampere"] for at in sorted(found)] == pytest.approx(
        [2e-3, 3e-3, 1e-3], rel=0.02
    )
    assert len(analyse_voltammogram(record, prominence=0.5).details["sweeps"][0]["peaks"]) < 3


def test_a_maximum_at_the_end_is_no_peak() -> None:
    time, potential = triangle(3.0, 4.0, 3.0, rate=1e-3)
    current = 1e-3 * np.exp((potential - 4.0) / 0.1) * way(potential)
    record = Record.from_arrays(
        "voltammogram", test_time_second=time, voltage_volt=potential, current_ampere=current
    )
    result = analyse(record)
    at_end = "the largest current is at the end of the sweep: no peak there"
    assert result["peak_potential_anodic"].value is None
    assert result["peak_potential_anodic"].flags == (at_end,)
    assert result["peak_current_cathodic"].flags == ("no peak in the sweep",)
    assert result["peak_separation"].flags == ("no anodic and cathodic peak",)
    one_way = replace(record, data=record.data.isel(row=slice(0, 3000)))
    assert "cycle 1 has no cathodic sweep" in analyse(one_way)["peak_potential_cathodic"].flags


def test_noise_and_a_staircase_make_no_sweeps() -> None:
    record = voltammogram(WINDOW[0], WINDOW[1], WINDOW[0])
    scatter = np.random.default_rng(2).normal(0, 1e-3, len(record))
    stairs = np.round(record.array("voltage_volt") / 5e-3) * 5e-3
    for potential in (record.array("voltage_volt") + scatter, stairs):
        record.data["voltage_volt"].values[:] = potential
        result = analyse(record)
        assert len(result.details["sweeps"]) == 2
        assert result["scan_rate"].value == pytest.approx(1e-3, rel=2e-3)
        assert result["scan_rate"].flags == ()


def test_a_scan_rate_that_changes_is_flagged() -> None:
    record = voltammogram(*WINDOW, WINDOW[0], scan_rate_volt_per_second=2e-3)
    assert analyse(record)["scan_rate"].flags == ("the record says 0.002 V/s",)
    time = record.array("test_time_second")
    record.data["test_time_second"].values[:] = np.where(time > 800, 2 * time - 800, time)
    flags = analyse(record)["scan_rate"].flags
    assert "sweeps at 0.0005 to 0.001 V/s" in flags
    record.data["test_time_second"].values[:] = time**2
    assert "the potential does not change evenly with time" in analyse(record)["scan_rate"].flags


def test_the_exponent_and_the_constant_of_randles_and_sevcik() -> None:
    records = {
        f"{rate:g}": voltammogram(*WINDOW, WINDOW[0], rate=rate, geometric_area_m2=AREA)
        for rate in (1e-4, 3e-4, 1e-3, 3e-3)
    }
    options: dict[str, Any] = {"concentration": "10 mol/m3", "temperature": "25 degC"}
    result = fit_scan_rates(records, area="geometric", diffusivity="1e-5 cm2/s", **options)
    for side in ("anodic", "cathodic"):
        exponent = result[f"exponent_{side}"]
        assert exponent.value == pytest.approx(0.5, abs=1e-5)
        assert exponent.uncertainty == pytest.approx(0, abs=1e-5)
    constant = result["randles_sevcik_constant_anodic"]
    assert constant.value == pytest.approx(0.4463, rel=5e-4)
    assert (constant.area, constant.flags) == ("geometric", ())
    found = result["diffusivity_anodic"]
    assert found.to("m2/s").value == pytest.approx(DIFFUSIVITY, rel=1e-3)
    assert len(result.details["voltammograms"]) == 4
    assert Result.from_json(result.to_json()) == result
    bare = fit_scan_rates(list(records.values())[:2])
    assert bare["exponent_anodic"].uncertainty is None
    assert "diffusivity_anodic" not in bare


def test_a_surface_that_fills_in_step_has_exponent_one() -> None:
    records = []
    for rate in (1e-4, 1e-3, 1e-2):
        time, potential = triangle(3.0, 4.0, 3.0, rate=rate)
        wave = rate * np.exp(-(((potential - 3.5) / 0.05) ** 2)) * way(potential)
        records.append(
            Record.from_arrays(
                "voltammogram", test_time_second=time, voltage_volt=potential, current_ampere=wave
            )
        )
    result = fit_scan_rates(records, concentration=1.0, area="1 cm2", temperature=298.15)
    assert result["exponent_anodic"].value == pytest.approx(1)
    assert result["diffusivity_anodic"].flags == (
        "exponent 1, not 1/2: not the diffusion that Randles and Sevcik assume",
    )
    with pytest.raises(InputError, match="temperature: the voltammogram record has no temperature"):
        fit_scan_rates(records, concentration=1.0, area="1 cm2")
    with pytest.raises(InputError, match="area: the voltammogram record has no contact_area_m2"):
        fit_scan_rates(records, concentration=1.0, area="contact", temperature=298.15)
    with pytest.raises(InputError, match="2 voltammograms with scan rates that do not differ"):
        fit_scan_rates([records[0], records[0]])


def test_records_that_are_no_voltammogram() -> None:
    record = voltammogram(*WINDOW, WINDOW[0])
    still = replace(record, data=record.data.assign(voltage_volt=0 * record.data["voltage_volt"]))
    with pytest.raises(InputError, match="a cell: the potential does not change; there is no swee"):
        analyse(still)
    record.data["test_time_second"].values[10] = -1
    with pytest.raises(InputError, match=r"a cell: test_time_second runs backwards .*\(row 10\)"):
        analyse(record)
    with pytest.raises(UnknownNameError, match=r"unknown baseline 'x'. Choose from: linear, zero"):
        analyse(record, baseline="x")
    with pytest.raises(InputError, match=r"analyse_voltammogram: unknown option 'delay'.*baseline"):
        analyse(record, delay=3)
    spectrum = Record.from_arrays("spectrum", abscissa=[1.0], intensity=[1.0])
    with pytest.raises(InputError, match="expected kind 'voltammogram'"):
        analyse_voltammogram(spectrum)
