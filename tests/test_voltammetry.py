"""Voltammograms: the reversible one of theory, and what is flagged."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from solith.analysis import (
    analyse,
    analyse_voltammogram,
    find_capacitive_share,
    fit_scan_rates,
)
from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.errors import InputError, UnknownNameError
from solith.core.record import Record
from solith.core.result import Result
from solith.figures import (
    plot_capacitive_current,
    plot_capacitive_share,
    plot_scan_rates,
    plot_voltammogram,
)

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
        "half-peak width anodic (V): 0.0416, expected 56.5 mV within 10 %",
        f"peak separation (V): {result.details['validity'][3]['found']:.3g}, "
        "expected 57 mV within 6.4",
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
    with pytest.raises(
        UnknownNameError, match=r"unknown baseline 'x'. Choose from: capacitive, linear, zero"
    ):
        analyse(record, baseline="x")
    with pytest.raises(InputError, match=r"analyse_voltammogram: unknown option 'delay'.*baseline"):
        analyse(record, delay=3)
    spectrum = Record.from_arrays("spectrum", abscissa=[1.0], intensity=[1.0])
    with pytest.raises(InputError, match="expected kind 'voltammogram'"):
        analyse_voltammogram(spectrum)


def surface(
    *, step: float = 1e-3, noise: float = 0.0, cycles: int = 1, side: float = 0.0
) -> Record:
    """A peak of 1 mA at 3.5 V on a sloping capacitive current, with a shoulder at 3.43 V."""
    time, potential = triangle(3.0, *(4.0, 3.0) * cycles, rate=1e-3, step=step)
    wave = np.exp(-(((potential - 3.5) / 0.05) ** 2)) + 0.1 + 0.1 * (potential - 3.0)
    wave += side * np.exp(-(((potential - 3.43) / 0.035) ** 2))
    sign = np.sign(np.diff(potential, prepend=2 * potential[0] - potential[1]))
    scatter = np.random.default_rng(3).normal(0, 1, len(wave)) * noise
    return Record.from_arrays(
        "voltammogram",
        name="a surface",
        test_time_second=time,
        voltage_volt=potential,
        current_ampere=1e-3 * (sign * wave + scatter),
    )


def changed(record: Record, **columns: NDArray[np.float64]) -> Record:
    return replace(
        record, data=record.data.assign({name: ("row", rows) for name, rows in columns.items()})
    )


def all_flags(result: Result) -> set[str]:
    return {flag for value in result for flag in value.flags}


def test_a_peak_over_a_capacitive_baseline_with_its_uncertainties() -> None:
    result = analyse_voltammogram(surface(noise=0.01), baseline="capacitive")
    width = 0.05 * np.log(2) ** 0.5
    for side, sign in (("anodic", 1), ("cathodic", -1)):
        truth = {
            "peak_potential": 3.5,
            "peak_current": sign * 1e-3,
            "half_peak_width": width,
            "width_at_half_height": 2 * width,
            "peak_charge": sign * 0.05 * np.pi**0.5 / 3.6,
        }
        for name, true in truth.items():
            value = result[f"{name}_{side}"]
            assert value.value == pytest.approx(true, abs=4 * value.uncertainty)  # type: ignore[operator]
            assert 0 < value.uncertainty < 0.05 * abs(true)  # type: ignore[operator]
    assert all_flags(result) == set()
    smoothing = result.details["sweeps"][0]["smoothing"]
    assert smoothing["current_noise_ampere"] == pytest.approx(1e-5, rel=0.1)
    assert Result.from_json(result.to_json()) == result
    quiet = analyse_voltammogram(surface(noise=0.001), baseline="capacitive")
    assert quiet.details["sweeps"][0]["smoothing"]["window_points"] < smoothing["window_points"]
    ratio = result["peak_current_anodic"].uncertainty / quiet["peak_current_anodic"].uncertainty  # type: ignore[operator]
    assert ratio > 3


@pytest.mark.parametrize("noise", [0.0, 0.005, 0.02, 0.05])
def test_noise_makes_no_peaks_and_no_shoulders(noise: float) -> None:
    rows = analyse(surface(noise=noise)).details["sweeps"]
    assert [(len(row["peaks"]), len(row["shoulders"])) for row in rows] == [(1, 0)] * 2


def test_a_shoulder_is_no_peak() -> None:
    result = analyse(surface(noise=0.003, side=0.4))
    for row in result.details["sweeps"]:
        assert len(row["peaks"]) == 1
        (shoulder,) = row["shoulders"]
        assert shoulder["potential_volt"] == pytest.approx(3.43, abs=0.015)
        assert shoulder["significance"] > 8
    figure = plot_voltammogram(surface(side=0.4), analyse_voltammogram(surface(side=0.4)))
    assert [trace.name for trace in figure.data] == ["a surface", "Peaks", "Shoulders"]


def test_faults_are_named() -> None:
    record = surface(cycles=2)
    current = record.array("current_ampere")
    turned = changed(record, current_ampere=-current)
    told = "sign of the current: negative while the potential rises, or the reverse"
    assert told in all_flags(analyse(turned))
    ramp = np.linspace(0, 2e-4, len(current))
    drifts = all_flags(analyse(changed(record, current_ampere=current + ramp)))
    assert any(flag.startswith("the cycle does not close: current drifts") for flag in drifts)
    potential = record.array("voltage_volt")
    kept = ~((potential > 3.47) & (potential < 3.52))
    gap = all_flags(analyse(replace(record, data=record.data.isel(row=kept))))
    assert {"gaps in the potential: 2", "rows missing in the peak"} <= gap
    coarse = analyse(surface(step=0.04))
    assert any(
        "rows above half of the peak: sampled too coarsely" in flag for flag in all_flags(coarse)
    )
    fine = analyse(surface())["peak_potential_anodic"].uncertainty
    assert coarse["peak_potential_anodic"].uncertainty > 10 * fine  # type: ignore[operator]
    steps = surface(step=0.2)
    assert any("fewer than seven potentials" in flag for flag in all_flags(analyse(steps)))
    scatter = np.random.default_rng(4).normal(0, 5e-3, len(potential))
    noisy = analyse(changed(record, voltage_volt=potential + scatter))
    assert len(noisy.details["sweeps"]) == 4
    assert noisy["peak_potential_anodic"].value == pytest.approx(3.5, abs=2e-3)


@settings(max_examples=20, deadline=None)
@given(scale=st.floats(1e-6, 1e3), later=st.floats(0, 1e5), lift=st.floats(-3, 3))
def test_units_and_origins_change_nothing(scale: float, later: float, lift: float) -> None:
    record = surface(noise=0.005)
    plain = analyse_voltammogram(record)
    moved = analyse_voltammogram(
        changed(
            record,
            current_ampere=scale * record.array("current_ampere"),
            test_time_second=later + record.array("test_time_second"),
            voltage_volt=lift + record.array("voltage_volt"),
        )
    )
    for side in ("anodic", "cathodic"):
        current, at = (plain[f"peak_{name}_{side}"] for name in ("current", "potential"))
        assert moved[f"peak_current_{side}"].value == pytest.approx(scale * current.value, rel=1e-4)  # type: ignore[operator]
        assert moved[f"peak_potential_{side}"].value == pytest.approx(lift + at.value, abs=1e-4)  # type: ignore[operator]


def test_the_tests_of_randles_and_sevcik() -> None:
    options: dict[str, Any] = {"concentration": 10.0, "area": AREA, "temperature": TEMPERATURE}
    records = [voltammogram(*WINDOW, WINDOW[0], rate=rate) for rate in (1e-4, 1e-3, 1e-2)]
    fit = fit_scan_rates(records, **options)
    assert all(row["passed"] for row in fit.details["validity"])
    assert len(fit.details["validity"]) == 6
    assert fit["diffusivity_anodic"].flags == ()
    ohmic = [
        changed(r, voltage_volt=r.array("voltage_volt") + 200 * r.array("current_ampere"))
        for r in records
    ]
    bent = fit_scan_rates(ohmic, **options)
    assert bent["uncompensated_resistance"].value == pytest.approx(200, rel=0.05)
    assert any("peak separation" in flag for flag in bent["diffusivity_anodic"].flags)
    slow = fit_scan_rates(records, transfer="irreversible", transfer_coefficient=0.5, **options)
    ratio = slow["diffusivity_anodic"].value / fit["diffusivity_anodic"].value  # type: ignore[operator]
    assert ratio == pytest.approx((0.4463 / 0.4958) ** 2 / 0.5)
    two = fit_scan_rates(records, electrons=2, **options)
    ratio = two["diffusivity_anodic"].value / fit["diffusivity_anodic"].value  # type: ignore[operator]
    assert ratio == pytest.approx(1 / 8)
    with pytest.raises(InputError, match="electrons: 0 must be a whole number above 0"):
        fit_scan_rates(records, electrons=0)
    with pytest.raises(UnknownNameError, match="unknown transfer 'x'"):
        fit_scan_rates(records, transfer="x")
    assert plot_scan_rates(fit).layout.xaxis.type == "log"


def split_series(
    rates: tuple[float, ...], window: tuple[float, float] = (3.0, 4.0)
) -> list[Record]:
    """Currents 0.2 v bell + 8e-3 v^(1/2) bell, both with a floor."""
    records = []
    for rate in rates:
        time, potential = triangle(window[0], window[1], window[0], rate=rate, step=1e-3)
        bell = 0.2 + np.exp(-(((potential - 3.5) / 0.08) ** 2))
        current = way(potential) * bell * (0.2 * rate + 8e-3 * rate**0.5)
        records.append(
            Record.from_arrays(
                "voltammogram",
                test_time_second=time,
                voltage_volt=potential,
                current_ampere=current,
            )
        )
    return records


def test_the_capacitive_share() -> None:
    rates = (1e-4, 5e-4, 2e-3)
    result = find_capacitive_share(split_series(rates)[::-1])
    for rate, row in zip(rates, result.details["rates"], strict=True):
        share = 0.2 * rate / (0.2 * rate + 8e-3 * rate**0.5)
        assert row["scan_rate_volt_per_second"] == pytest.approx(rate)
        assert row["capacitive_share"] == pytest.approx(share, rel=1e-3)
        assert result[f"capacitive_share_at_{1e3 * rate:.4g}_mV_per_s"].value == pytest.approx(
            share, rel=1e-3
        )
    assert 0.5 < result["exponent_median"].value < 1  # type: ignore[operator]
    columns = result.details["potentials"]["anodic"]
    bell = 0.2 + np.exp(-(((np.array(columns["potential_volt"]) - 3.5) / 0.08) ** 2))
    np.testing.assert_allclose(columns["k1"], 0.2 * bell, rtol=5e-3)
    assert all_flags(result) == set()
    assert Result.from_json(result.to_json()) == result
    assert len(plot_capacitive_share(result).data) == 2
    assert "0.1 mV/s" in plot_capacitive_current(result, scan_rate=1e-4).data[0].name
    few = find_capacitive_share(split_series((1e-3, 2e-3)))
    assert few.values[0].uncertainty is None
    assert all_flags(few) == {
        "2 scan rates: the split is not tested; measure at least three",
        "scan rates span a factor of 2 only: k1 and k2 are hardly apart",
    }
    with pytest.raises(InputError, match="2 voltammograms with scan rates that do not differ"):
        find_capacitive_share(split_series((1e-3, 1e-3)))
    apart = [*split_series((1e-3, 2e-3)), *split_series((4e-3,), (3.7, 4.7))]
    with pytest.raises(InputError, match=r"the voltammograms share 0.3 V of 1 V"):
        find_capacitive_share(apart)
    with pytest.raises(InputError, match="points: 3 must be a whole number of at least 10"):
        find_capacitive_share(split_series(rates), points=3)
    with pytest.raises(InputError, match="holds no capacitive share; take find_capacitive_share"):
        plot_capacitive_share(fit_scan_rates(split_series(rates)))


def test_peaks_that_shift_make_the_share_doubtful() -> None:
    records = [
        changed(r, voltage_volt=r.array("voltage_volt") + 100 * r.array("current_ampere"))
        for r in split_series((1e-4, 5e-4, 2e-3))
    ]
    assert any("peak shifts by" in flag for flag in all_flags(find_capacitive_share(records)))
