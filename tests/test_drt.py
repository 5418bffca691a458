"""The distribution of relaxation times: arcs come back as peaks, tails wreck nothing."""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.real_files import real_file

import solith
from solith.analysis import fit_drt
from solith.core.errors import InputError
from solith.core.record import Record
from solith.core.result import Result

FREQUENCY = np.logspace(6, -1, 71)


def record(impedance: Any, frequency: Any = FREQUENCY) -> Record:
    return Record.from_arrays(
        "impedance",
        frequency_hertz=frequency,
        real_impedance_ohm=np.real(impedance),
        imaginary_impedance_ohm=np.imag(impedance),
    )


def arc(resistance: float, apex: float, exponent: float = 0.9) -> Any:
    return resistance / (1 + (1j * FREQUENCY / apex) ** exponent)


def noisy(impedance: Any, *, noise: float = 2e-3, seed: int = 0) -> Any:
    scatter = np.random.default_rng(seed).standard_normal((2, len(impedance)))
    return impedance + noise * np.abs(impedance) * (scatter[0] + 1j * scatter[1])


def peaks(result: Result, what: str = "resistance") -> list[float]:
    return [
        float(value.value or 0.0)
        for value in result
        if value.quantity.startswith("peak_") and value.quantity.endswith(what)
    ]


TWO = 10 + arc(100, 1e4) + arc(60, 1e2)


@pytest.mark.parametrize("noise", [0.0, 1e-3, 3e-3])
@pytest.mark.parametrize(
    ("sizes", "apexes"),
    [([100, 60], [1e4, 1e2]), ([100, 100], [1e4, 1e3]), ([50, 80, 60], [1e5, 1e3, 1e1])],
)
def test_arcs_come_back(noise: float, sizes: list[float], apexes: list[float]) -> None:
    impedance = 10 + sum(arc(size, apex) for size, apex in zip(sizes, apexes, strict=True))
    result = fit_drt(record(noisy(impedance, noise=noise)))
    assert peaks(result) == pytest.approx(sizes, rel=0.05)
    assert peaks(result, "frequency") == pytest.approx(apexes, rel=0.15)
    times = 1 / (2 * np.pi * np.array(peaks(result, "frequency")))
    assert peaks(result, "time_constant") == pytest.approx(times)
    assert peaks(result, "capacitance") == pytest.approx(times / peaks(result))
    assert result["R_inf"].value == pytest.approx(10, rel=0.1)
    assert result["polarisation_resistance"].value == pytest.approx(sum(peaks(result)))
    assert result["residual_rms"].value == pytest.approx(
        100 * noise * np.sqrt(2), rel=0.2, abs=2e-3
    )


def test_units_and_uncertainties() -> None:
    result = fit_drt(record(noisy(TWO)))
    units = {value.quantity: value.unit for value in result}
    assert units["R_inf"] == units["polarisation_resistance"] == units["peak_1_resistance"] == "ohm"
    assert units["peak_1_time_constant"] == "s"
    assert units["peak_1_frequency"] == "Hz"
    assert units["peak_1_capacitance"] == "F"
    assert units["residual_rms"] == "%"
    for name, truth in (("peak_1_resistance", 100), ("peak_2_resistance", 60), ("R_inf", 10)):
        assert 0 < result[name].uncertainty < 0.1 * truth
        assert abs(result[name].value - truth) < 3 * result[name].uncertainty
    noisier = fit_drt(record(noisy(TWO, noise=2e-2)))
    name = "polarisation_resistance"
    assert noisier[name].uncertainty > 3 * result[name].uncertainty


def test_intervals_of_the_totals_hold_the_truth() -> None:
    held = {"R_inf": 0, "polarisation_resistance": 0}
    for seed in range(40):
        draw = np.random.default_rng(90_000 + seed)
        impedance = 20 + sum(
            arc(size, 10 ** (place + draw.uniform(-0.3, 0.3)), draw.uniform(0.75, 1))
            for size, place in zip(draw.permutation([50, 100, 200]), [4.5, 2.5, 0.7], strict=True)
        )
        result = fit_drt(record(noisy(impedance, noise=1e-2, seed=seed)))
        for name, truth in (("R_inf", 20), ("polarisation_resistance", 350)):
            held[name] += abs(result[name].value - truth) < 1.96 * result[name].uncertainty
    assert min(held.values()) >= 35, held  # of 40; 38 expected


def test_no_pool_of_threads_is_started() -> None:
    spectra = [record(noisy(TWO, seed=seed)) for seed in range(3)]
    fit_drt(spectra[0])
    shares = []
    for one in spectra:
        time.sleep(0.1)  # what other threads still do
        process, thread = time.process_time(), time.thread_time()
        fit_drt(one)
        shares.append((time.process_time() - process) / (time.thread_time() - thread))
    assert min(shares) < 1.2, shares


def test_a_sharp_peak_has_no_ripples_beside_it() -> None:
    impedance = 10 + arc(100, 1e3, 1.0)
    result = fit_drt(record(noisy(impedance, noise=1e-3)))
    assert peaks(result) == pytest.approx([100], rel=0.01)


def test_gamma_integrates_to_the_resistance_and_gives_the_impedance() -> None:
    details = fit_drt(record(noisy(TWO))).details
    tau, gamma = np.array(details["tau_second"]), np.array(details["gamma_ohm"])
    assert np.all(gamma > 0)
    assert np.trapezoid(gamma, np.log(tau)) == pytest.approx(160, rel=0.02)
    fitted = np.array(details["real_impedance_ohm"]) + 1j * np.array(
        details["imaginary_impedance_ohm"]
    )
    assert details["frequency_hertz"] == pytest.approx(FREQUENCY)
    assert np.max(np.abs(fitted / TWO - 1)) < 0.01
    assert len(details["gamma_uncertainty_ohm"]) == len(tau)
    assert 1e-12 < details["regularisation"] < 1


@pytest.mark.parametrize(
    "tail",
    [
        1 / (2j * np.pi * FREQUENCY * 1e-3),
        500 / (2j * np.pi * FREQUENCY) ** 0.9,
        30 / np.sqrt(2j * np.pi * FREQUENCY),
    ],
    ids=["capacitance", "CPE", "Warburg"],
)
def test_a_tail_without_end_leaves_the_arcs_alone(tail: Any) -> None:
    result = fit_drt(record(noisy(10 + arc(100, 1e4) + tail)))
    assert peaks(result)[0] == pytest.approx(100, rel=0.08)
    assert peaks(result, "frequency")[0] == pytest.approx(1e4, rel=0.15)
    assert result["residual_rms"].value < 0.4
    assert len(peaks(result)) == 1


def test_a_series_capacitance_and_an_inductance_are_found() -> None:
    w = 2 * np.pi * FREQUENCY
    result = fit_drt(record(noisy(10 + arc(100, 1e3) + 1 / (1j * w * 1e-3) + 1j * w * 2e-6)))
    assert result["series_capacitance"].value == pytest.approx(1e-3, rel=0.1)
    assert result["series_capacitance"].unit == "F"
    assert result["inductance"].value == pytest.approx(2e-6, rel=0.05)
    assert result["inductance"].unit == "H"


def test_what_lies_beyond_the_range_is_flagged() -> None:
    fast = fit_drt(record(noisy(10 + arc(100, 1e7) + arc(60, 1e2))))
    assert any("relax beyond the highest frequency" in flag for flag in fast["R_inf"].flags)
    assert fast["R_inf"].value > 30
    slow = fit_drt(record(noisy(10 + arc(100, 1e4) + arc(60, 0.1))))
    last = f"peak_{len(peaks(slow))}_resistance"
    told = slow[last].flags + slow["polarisation_resistance"].flags
    assert any("ohm of it lie beyond" in flag or "the branch beyond" in flag for flag in told)
    sound = fit_drt(record(noisy(TWO)))
    assert all(value.flags == () for value in sound)


def test_what_kramers_and_kronig_doubt_is_flagged() -> None:
    impedance = noisy(TWO)
    impedance[20] *= 1.05  # 10 kHz, at the first arc
    result = fit_drt(record(impedance))
    assert any("Kramers-Kronig test: violated at" in flag for flag in result["R_inf"].flags)
    assert "Kramers-Kronig test: violated at this frequency" in result["peak_1_resistance"].flags
    assert result["peak_2_resistance"].flags == ()


def test_an_inductive_loop_is_told_not_to_fit() -> None:
    result = fit_drt(record(noisy(TWO - arc(40, 1.0, 1.0))))
    told = " ".join(result["residual_rms"].flags)
    assert "relaxations of positive resistance leave" in told


def test_points_that_no_inductance_explains_are_left_out() -> None:
    root = 0.8j * np.abs(TWO) * np.sqrt(FREQUENCY / 1e6)
    result = fit_drt(record(noisy(TWO + root, noise=1e-3)))
    assert any("no inductance explains them" in flag for flag in result["R_inf"].flags)
    assert len(result.details["frequency_hertz"]) < len(FREQUENCY)


def test_scale_does_not_matter() -> None:
    small, large = (peaks(fit_drt(record(size * noisy(TWO)))) for size in (1.0, 1e9))
    assert np.array(large) == pytest.approx(1e9 * np.array(small), rel=1e-3)


def test_real_cells() -> None:
    (cell,) = solith.read(real_file("eis/PEIS_SSB.mpr"))
    assert fit_drt(cell)["residual_rms"].value < 0.5
    (pellet,) = solith.read(real_file("eis/PEIS_LPSCl_IonBlocking_-25C.txt"))
    result = fit_drt(pellet)
    assert result["residual_rms"].value < 0.5
    whole = result["R_inf"].value + result["polarisation_resistance"].value
    assert whole == pytest.approx(1500, rel=0.1)


def test_bad_input_is_told() -> None:
    with pytest.raises(InputError, match=r"has 9 rows with numbers in .*; expected at least 10"):
        fit_drt(record(TWO[:9], FREQUENCY[:9]))
    with pytest.raises(InputError, match="frequency_hertz must be above 0 Hz everywhere"):
        fit_drt(record(TWO, -FREQUENCY))
    with pytest.raises(InputError, match=r"the impedance at 1e\+06 Hz is 0; leave the row out"):
        fit_drt(record(np.where(FREQUENCY > 9e5, 0, TWO)))


def test_a_result_is_plain_data_with_a_figure() -> None:
    result = fit_drt(record(noisy(TWO)))
    assert Result.from_json(result.to_json()) == result
    (curve,) = solith.plot(result).data
    assert np.array(curve.y) == pytest.approx(np.array(result.details["gamma_ohm"]))


numbers = st.floats(-1e9, 1e9, allow_nan=False).filter(lambda value: abs(value) > 1e-9)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.floats(1e-4, 1e7), numbers, numbers), min_size=10, max_size=25).filter(
        lambda rows: len({row[0] for row in rows}) >= 3
    )
)
def test_any_numbers_end_in_a_result(rows: list[tuple[float, float, float]]) -> None:
    frequency, real, imaginary = np.array(rows).T
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = fit_drt(record(real + 1j * imaginary, frequency))
    assert all(value.value is not None and np.isfinite(value.value) for value in result)
