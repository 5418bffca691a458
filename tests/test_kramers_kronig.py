"""The Kramers-Kronig test: what was put in is found, what is clean is left alone."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.real_files import real_file

import solith
from solith.analysis import check_kramers_kronig
from solith.core.errors import InputError
from solith.core.record import Record
from solith.core.result import Result

FREQUENCY = np.logspace(6, -2, 81)
ROW = 40  # 100 Hz


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


CELL = 10 + arc(50, 3e4) + arc(100, 3.0)


def verdicts(result: Result) -> list[str]:
    return [band["verdict"] for band in result.details["bands"]]


@pytest.mark.parametrize(
    "impedance",
    [
        CELL,
        CELL + 2j * np.pi * FREQUENCY * 1e-6,
        CELL + 20 / np.sqrt(2j * np.pi * FREQUENCY),
        CELL + 1e3 / (2j * np.pi * FREQUENCY) ** 0.9,
        10 + arc(50, 3e4) + 1 / (2j * np.pi * FREQUENCY * 1e-5),
    ],
    ids=["arcs", "inductance", "diffusion", "blocking CPE", "blocking capacitance"],
)
@pytest.mark.parametrize("noise", [0.0, 1e-3, 1e-2])
def test_a_sound_spectrum_is_consistent(impedance: Any, noise: float) -> None:
    result = check_kramers_kronig(record(noisy(impedance, noise=noise)))
    assert set(verdicts(result)) == {"consistent"}
    assert result["violated_bands"].value == result["suspicious_bands"].value == 0
    assert result["bad_points"].value == 0
    assert "first_bad_frequency" not in result
    assert all(value.flags == () for value in result)
    assert result["noise"].value == pytest.approx(100 * noise, rel=0.3, abs=2e-3)
    residuals = [result.details[f"{part}_residual_percent"] for part in ("real", "imaginary")]
    assert result["residual_rms"].value == pytest.approx(
        np.sqrt(np.mean(np.square(residuals).sum(axis=0)))
    )


def test_bands_are_decades_and_cover_all_points() -> None:
    bands = check_kramers_kronig(record(noisy(CELL))).details["bands"]
    assert len(bands) == 8
    assert bands[0]["from_hertz"] == pytest.approx(1e6)
    assert bands[-1]["to_hertz"] == pytest.approx(1e-2)
    for band in bands:
        assert 5 < band["from_hertz"] / band["to_hertz"] < 12


def test_a_bad_point_is_named() -> None:
    impedance = noisy(CELL)
    impedance[ROW] *= 1.03
    result = check_kramers_kronig(record(impedance))
    assert result.details["bad_frequencies_hertz"] == [pytest.approx(100.0)]
    assert result["bad_points"].value == result["violated_bands"].value == 1
    assert result["first_bad_frequency"].value == pytest.approx(100.0)
    assert result["first_bad_frequency"].unit == "Hz"
    (cause,) = result["violated_bands"].flags
    assert cause.startswith("bad point at 100 Hz, ")
    assert verdicts(result).count("consistent") == 7
    assert result["noise"].value == pytest.approx(0.2, rel=0.3)  # without the bad point
    assert abs(result.details["real_residual_percent"][ROW]) > 2  # which the residuals show


def test_drift_at_low_frequency_is_told() -> None:
    passed = np.cumsum(3 / FREQUENCY)
    drifting = CELL + 0.07 * passed / passed[-1] * arc(100, 3.0)
    result = check_kramers_kronig(record(noisy(drifting)))
    assert verdicts(result)[-1] != "consistent"
    assert set(verdicts(result)[:4]) == {"consistent"}
    causes = [band["cause"] for band in result.details["bands"]]
    assert "drift" in causes[-1]
    assert "Re Z grows with the time of measurement" in causes[-1]


@pytest.mark.parametrize("upwards", [False, True])
def test_the_order_of_rows_does_not_matter(upwards: bool) -> None:
    rows = np.random.default_rng(1).permutation(len(FREQUENCY))
    rows = rows[np.argsort(FREQUENCY[rows])] if upwards else rows
    plain = check_kramers_kronig(record(noisy(CELL)))
    assert check_kramers_kronig(record(noisy(CELL)[rows], FREQUENCY[rows])) == plain


def test_an_inductance_is_found_and_an_artefact_is_not_taken_for_one() -> None:
    coil = 2e-6
    sound = check_kramers_kronig(record(noisy(CELL + 2j * np.pi * FREQUENCY * coil)))
    assert sound["inductance"].value == pytest.approx(coil, rel=0.05)
    assert sound["inductance"].unit == "H"
    assert sound["inductance"].flags == ()
    root = 0.5j * np.abs(CELL) * np.sqrt(FREQUENCY / 1e6)  # no resistance goes with it
    result = check_kramers_kronig(record(noisy(CELL + root)))
    assert verdicts(result)[0] != "consistent"
    assert result.details["bands"][0]["cause"].startswith("inductive artefact from ")
    (flag,) = result["inductance"].flags
    assert flag.startswith("it does not explain the ")


def test_a_step_is_violated_where_it_is() -> None:
    result = check_kramers_kronig(record(noisy(CELL * np.where(FREQUENCY < 200, 1.05, 1.0))))
    assert "violated" in verdicts(result)[2:6]
    causes = " ".join(result["violated_bands"].flags)
    assert "no linear, stable cell gives the course from " in causes
    assert result["violated_bands"].value == verdicts(result).count("violated")


def test_a_loop_that_shows_is_no_violation() -> None:
    loop = 10 + arc(50, 3e4) + arc(100, 30.0) - arc(30, 0.1, 1.0)
    assert np.any(loop.imag[-20:] > 0)
    result = check_kramers_kronig(record(noisy(loop)))
    assert set(verdicts(result)) == {"consistent"}


def test_scale_and_units_do_not_matter() -> None:
    plain = check_kramers_kronig(record(noisy(CELL)))
    large = check_kramers_kronig(record(1e9 * noisy(CELL)))
    for quantity in ("residual_rms", "noise", "elements"):
        assert large[quantity].value == pytest.approx(plain[quantity].value, rel=1e-6)


def test_real_spectra() -> None:
    (pellet,) = solith.read(real_file("eis/PEIS_LPSCl_IonBlocking_-25C.txt"))
    result = check_kramers_kronig(pellet)
    assert result["violated_bands"].value == 0
    assert result["noise"].value < 0.15
    (cell,) = solith.read(real_file("eis/PEIS_SSB.mpr"))
    result = check_kramers_kronig(cell)
    assert set(verdicts(result)[1:]) == {"consistent"}
    assert result["noise"].value < 0.15


def test_bad_input_is_told() -> None:
    with pytest.raises(InputError, match=r"has 9 rows with numbers in .*; expected at least 10"):
        check_kramers_kronig(record(CELL[:9], FREQUENCY[:9]))
    with pytest.raises(InputError, match="frequency_hertz must be above 0 Hz everywhere"):
        check_kramers_kronig(record(CELL, -FREQUENCY))
    dead = CELL.copy()
    dead[ROW] = 0
    with pytest.raises(InputError, match="the impedance at 100 Hz is 0; leave the row out"):
        check_kramers_kronig(record(dead))
    with pytest.raises(InputError, match="expected kind 'impedance'"):
        check_kramers_kronig(Record.from_arrays("spectrum", abscissa=[1.0], intensity=[1.0]))


def test_a_result_is_plain_data() -> None:
    impedance = noisy(CELL)
    impedance[ROW] *= 1.03
    result = check_kramers_kronig(record(impedance))
    assert Result.from_json(result.to_json()) == result


def test_the_figure_shades_what_is_doubted() -> None:
    impedance = noisy(CELL)
    impedance[ROW] *= 1.03
    result = check_kramers_kronig(record(impedance))
    figure = solith.plot(result)
    assert [note.text for note in figure.layout.annotations] == ["violated"]
    assert {trace.name for trace in figure.data} == {"Re Z", "Im Z", "Bad point"}
    shaded = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    assert shaded[0].x0 < 100 < shaded[0].x1


numbers = st.floats(-1e9, 1e9, allow_nan=False).filter(lambda value: abs(value) > 1e-9)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.floats(1e-4, 1e7), numbers, numbers), min_size=10, max_size=25).filter(
        lambda rows: len({frequency for frequency, _, _ in rows}) > 2
    ),
)
def test_any_numbers_end_in_a_result(rows: list[tuple[float, float, float]]) -> None:
    frequency, real, imaginary = np.array(rows).T
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = check_kramers_kronig(record(real + 1j * imaginary, frequency))
    assert all(value.value is not None and np.isfinite(value.value) for value in result)
