"""Figures: right numbers on named axes, and clear refusals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solith.analysis import analyse, analyse_voltammogram, fit_gitt
from solith.core.errors import InputError, UnknownNameError
from solith.core.provenance import Provenance
from solith.core.record import Record
from solith.core.result import Result, Value
from solith.figures import (
    LOSS_LABELS,
    discharge_rates,
    plot,
    plot_charge_discharge,
    plot_cycle_life,
    plot_diffusivity,
    plot_drt,
    plot_gitt,
    plot_impedance,
    plot_impedance_fit,
    plot_kramers_kronig,
    plot_loss_bars,
    plot_losses,
    plot_rate,
    plot_series,
    plot_voltammogram,
    show_number,
)
from solith.figures._style import label, log_axis, looks
from solith.figures.numbers import show_value


def cycling(*, mass: float | None = 1e-5, cycles: bool = True, **losses: Any) -> Record:
    """1 h charge at 1 mA, a rest, 1 h discharge at 1 mA."""
    columns: dict[str, Any] = {
        "test_time_second": [0, 1800, 3600, 3600, 7200, 7200, 9000, 10800],
        "voltage_volt": [3.0, 3.3, 3.6, 3.6, 3.5, 3.4, 3.0, 2.5],
        "current_ampere": [1e-3, 1e-3, 1e-3, 0, 0, -1e-3, -1e-3, -1e-3],
    }
    if cycles:
        columns["cycle_count"] = np.ones(8)
    attributes = {"reference": "vs Li-In"} | ({"active_mass_kg": mass} if mass else {})
    return Record.from_arrays("cycling", attributes=attributes, **columns, **losses)


def budget(**parts: float) -> Record:
    return cycling(**{f"loss_{part}_volt": np.full(8, value) for part, value in parts.items()})


def impedance(origin: str = "simulated") -> Record:
    frequency = np.logspace(4, 0, 41)
    values = 10 + 50 / (1 + 2j * np.pi * frequency * 50 * 1e-4)
    return Record.from_arrays(
        "impedance",
        provenance=Provenance(origin),
        frequency_hertz=frequency,
        real_impedance_ohm=values.real,
        imaginary_impedance_ohm=values.imag,
    )


def capacity(value: float | None, unit: str = "mAh/g", **details: Any) -> Result:
    return Result("r", (Value("discharge_capacity", value, unit),), details)


def test_charge_and_discharge_start_at_zero_in_mah_per_gram() -> None:
    figure = plot_charge_discharge(cycling())
    charge, discharge = figure.data
    # 1 mA for 1 h over 10 mg
    np.testing.assert_allclose(charge.x, [0, 50, 100], rtol=1e-6)
    np.testing.assert_allclose(discharge.x, [0, 50, 100], rtol=1e-6)
    np.testing.assert_allclose(discharge.y, [3.4, 3.0, 2.5], rtol=1e-6)
    assert figure.layout.xaxis.title.text == "Specific capacity (mAh/g)"
    assert figure.layout.yaxis.title.text == "Voltage (V vs Li-In)"


def test_without_a_mass_the_capacity_is_that_of_the_cell() -> None:
    figure = plot_charge_discharge({"a": cycling(), "b": cycling(mass=None)})
    assert figure.layout.xaxis.title.text == "Capacity (mAh)"
    np.testing.assert_allclose(figure.data[0].x, [0, 0.5, 1.0], rtol=1e-6)


def test_samples_share_a_colour_and_experiments_a_dash() -> None:
    figure = plot_charge_discharge({f"{s}/{e}": cycling() for s in "ab" for e in ("1", "2")})
    lines = {trace.name: trace.line for trace in figure.data}
    assert lines["a, 1"].color == lines["a, 2"].color != lines["b, 1"].color
    assert lines["a, 1"].dash == lines["b, 1"].dash != lines["a, 2"].dash
    assert sum(trace.showlegend is not False for trace in figure.data) == 4


def test_cycles_are_found_where_they_are_not_recorded() -> None:
    once = cycling(cycles=False)
    columns = {
        name: np.concatenate([once.array(name), once.array(name) + shift])
        for name, shift in (("test_time_second", 10800), ("voltage_volt", 0.1))
    }
    columns["current_ampere"] = np.tile(once.array("current_ampere"), 2)
    twice = Record.from_arrays("cycling", **columns)
    np.testing.assert_allclose(plot_charge_discharge(twice, cycle=2).data[1].y, [3.5, 3.1, 2.6])
    with pytest.raises(InputError, match=r"the record has no cycle 3; it holds: 1, 2"):
        plot_charge_discharge(twice, cycle=3)


def test_losses_are_stacked_in_millivolt_with_means_in_the_legend() -> None:
    figure = plot_losses(budget(coating=1e-5, charge_transfer=0.05, anode=0.0))
    assert [trace.name for trace in figure.data] == [
        "Coating (0.01)",
        "Charge transfer (50)",
    ]
    np.testing.assert_allclose(figure.data[1].y, [50, 50, 50], rtol=1e-6)
    assert {trace.stackgroup for trace in figure.data} == {"cost"}
    assert figure.layout.yaxis.title.text == "Voltage loss (mV)"


def test_a_part_that_helps_lies_below_zero() -> None:
    figure = plot_losses(budget(coating=0.02, uneven_lithiation=-0.005))
    helping = figure.data[1]
    assert (helping.name, helping.stackgroup) == ("Uneven lithiation (−5)", "gain")
    np.testing.assert_allclose(helping.y, [-5, -5, -5], rtol=1e-6)


def test_losses_need_a_budget_and_a_discharge() -> None:
    with pytest.raises(InputError, match=r"holds no loss budget \(variables loss_<part>_volt\)"):
        plot_losses(cycling())
    record = budget(coating=0.01)
    charge = replace(record, data=record.data.isel(row=slice(0, 3)))
    with pytest.raises(InputError, match="cycle 1 of the record holds no discharge"):
        plot_losses(charge)


def test_loss_bars_keep_the_smallest_number() -> None:
    def losses(**parts: float) -> Result:
        return Result("r", tuple(Value(f"loss_{k}", v, "mV") for k, v in parts.items()))

    figure = plot_loss_bars(
        {
            "a/slow": losses(anode=10.0, coating=0.012, total=10.012),
            "b/slow": losses(anode=10.0, coating=0.15, total=10.15),
        }
    )
    assert [trace.name for trace in figure.data] == [
        "Coating (0.012 to 0.15)",
        "Anode (10)",
    ]
    assert list(figure.data[0].y) == ["a<br>slow", "b<br>slow"]
    with pytest.raises(InputError, match=r"no result holds a loss budget"):
        plot_loss_bars(capacity(1.0))


def test_nyquist_has_equal_scales_and_labels_the_decades() -> None:
    figure = plot_impedance({"a": impedance()})
    assert figure.layout.yaxis.scaleanchor == "x"
    assert figure.layout.yaxis.scaleratio == 1
    curve, decades = figure.data
    assert np.all(np.asarray(curve.y) > 0)
    assert len(decades.x) == 5
    texts = [annotation.text for annotation in figure.layout.annotations]
    assert set(texts) <= {"10 kHz", "1 kHz", "100 Hz", "10 Hz", "1 Hz"}
    assert len(texts) >= 3
    assert curve.customdata[0] == "10 kHz"
    assert "Ω of the cell" in figure.layout.xaxis.title.text


def test_nyquist_labels_a_decade_once_among_curves_side_by_side() -> None:
    near = impedance()
    columns = {str(name): near.array(str(name)) for name in near.data.variables}
    columns["real_impedance_ohm"] = columns["real_impedance_ohm"] + 8.0
    far = Record.from_arrays("impedance", **columns)
    texts = [a.text for a in plot_impedance({"a": near, "b": far}).layout.annotations]
    assert sorted(texts) == sorted(set(texts))


def test_measured_impedance_is_points_and_simulated_a_line() -> None:
    figure = plot_impedance({"m": impedance("measured"), "s": impedance()})
    assert [trace.mode for trace in figure.data[::2]] == ["markers", "lines"]


def test_bode_shows_magnitude_and_phase() -> None:
    figure = plot_impedance(impedance(), view="bode")
    magnitude, phase = figure.data
    assert magnitude.y[-1] == pytest.approx(60, rel=0.01)
    assert np.max(phase.y) == pytest.approx(45.6, abs=0.3)  # asin(50 / (2 * 10 + 50))
    with pytest.raises(UnknownNameError, match=r"unknown view 'bodé'; did you mean 'bode'"):
        plot_impedance(impedance(), view="bodé")


def test_rate_is_drawn_against_c_rate() -> None:
    figure = plot_rate({"a": {1.0: capacity(80.0), 0.1: capacity(120.0)}, "b": {0.1: capacity(9)}})
    assert list(figure.data[0].x) == [0.1, 1.0]
    assert list(figure.data[0].y) == [120.0, 80.0]
    assert figure.layout.yaxis.title.text == "Specific discharge capacity (mAh/g)"
    assert list(figure.layout.xaxis.ticktext) == ["0.1", "1"]


def test_rate_of_a_single_result_and_of_a_rate_table() -> None:
    cycles = [{"cycle": 1, "c_rate": 0.2, "discharge_capacity": 9.0}]
    alone = plot_rate(capacity(9.0, cycles=cycles)).data[0]
    assert (list(alone.x), list(alone.y)) == ([0.2], [9.0])
    rates = [{"c_rate": 1.0, "discharge_capacity": 7.0}, {"c_rate": 0.1, "discharge_capacity": 8.0}]
    details = {"rates": rates, "units": {"discharge_capacity": "mAh"}}
    figure = plot_rate(Result("table", (), details))
    assert (list(figure.data[0].x), list(figure.data[0].y)) == ([0.1, 1.0], [8.0, 7.0])
    assert figure.layout.yaxis.title.text == "Discharge capacity (mAh)"
    assert figure.data[0].name == "table"


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (Result("empty", ()), "empty: empty holds no discharge capacity"),
        ([capacity(1.0)], "expected the result of an analysis"),
        (
            Result(
                "t",
                (),
                {
                    "rates": [{"c_rate": None, "discharge_capacity": 7.0}],
                    "units": {"discharge_capacity": "mAh"},
                },
            ),
            "t: the cycles have no C rate",
        ),
        ({"a": {0.0: capacity(1.0)}}, "a: the C rate 0.0 must be above 0"),
        ({"a": {0.1: capacity(None)}}, "no result holds a discharge capacity"),
        ({"a": {0.1: capacity(1.0), 1.0: capacity(1.0, "mAh")}}, r"different units \(mAh, mAh/g\)"),
    ],
)
def test_rate_refuses(samples: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        plot_rate(samples)


def test_cycle_life_leaves_out_cycles_without_a_discharge() -> None:
    cycles = [{"cycle": 1, "discharge_capacity": 9.0}, {"cycle": 2, "discharge_capacity": None}]
    figure = plot_cycle_life(capacity(9.0, cycles=cycles))
    assert list(figure.data[0].x) == [1]
    with pytest.raises(InputError, match="no result holds the capacities of cycles"):
        plot_cycle_life(capacity(9.0))


@pytest.mark.parametrize("kind", ["current-voltage", "voltammogram"])
def test_plot_chooses_by_kind(kind: str) -> None:
    columns = {"voltage_volt": [0.0, 1.0], "current_ampere": [0.0, 2e-6]}
    if kind == "voltammogram":
        columns["test_time_second"] = [0.0, 1.0]
    figure = plot(Record.from_arrays(kind, **columns))
    assert figure.layout.yaxis.title.text == "Current (µA)"
    np.testing.assert_allclose(figure.data[0].y, [0, 2])


def test_plot_draws_the_other_kinds() -> None:
    spectrum = Record.from_arrays("spectrum", abscissa=[1.0, 2.0], intensity=[3.0, 4.0])
    assert plot(spectrum).layout.yaxis.title.text == "Intensity (as recorded)"
    assert plot(cycling()).layout.xaxis.title.text == "Specific capacity (mAh/g)"
    assert len(plot({"a": impedance(), "b": impedance()}).data) == 4


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (3, "int cannot be drawn; expected a record, a result"),
        (capacity(1.0), "the result 'r' holds no loss budget"),
        ({}, "must be of one kind, found: nothing"),
        ({"a": cycling(), "b": impedance()}, "of one kind, found: cycling, impedance"),
    ],
)
def test_plot_refuses_what_has_no_figure(what: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        plot(what)


def test_a_list_of_records_and_a_record_for_a_result_are_told() -> None:
    for draw in (plot, plot_impedance):
        with pytest.raises(InputError, match=r"take one: solith\.read\(path\)\[0\]$"):
            draw([impedance()])
    told = r"expected the result of an analysis, as in .*, not a record$"
    for draw in (plot_drt, plot_kramers_kronig, plot_diffusivity, plot_cycle_life, plot_loss_bars):
        with pytest.raises(InputError, match=f"^{told}"):
            draw(impedance())
        with pytest.raises(InputError, match=f"^one: {told}"):
            draw({"one": impedance()})
    with pytest.raises(InputError, match=told):
        plot_series(impedance())
    with pytest.raises(InputError, match=told):
        plot_impedance_fit(impedance(), impedance())


def test_a_branch_of_a_distribution_does_not_hide_its_peaks() -> None:
    tau = np.logspace(-9, 2, 111)
    peak = 700 * np.exp(-(np.log10(tau / 1e-6) ** 2) * 8)
    frequency = (1 / (2 * np.pi * tau[10:90])).tolist()

    def distribution(gamma: Any) -> Result:
        details = {"tau_second": tau, "gamma_ohm": gamma, "frequency_hertz": frequency}
        return Result("d", (), details)

    figure = plot_drt(distribution(peak + 1e6 * tau))
    low, high = figure.layout.yaxis.range
    assert low == 0
    assert 700 < high < 900
    left, right = figure.layout.xaxis.range
    assert left < -8
    assert -4 < right < -2.5
    (told,) = figure.layout.annotations
    assert "is out of view" in told.text
    np.testing.assert_allclose(figure.data[0].y, peak + 1e6 * tau)  # there to zoom out to
    for whole in (peak, peak + 20 * tau, 1e6 * tau):
        assert plot_drt(distribution(whole)).layout.yaxis.range is None


def test_bad_points_are_marked_with_the_word_of_the_test() -> None:
    details = {
        "frequency_hertz": [1e3, 1e2, 10.0],
        "real_residual_percent": [0.01, 0.1, -0.1],
        "imaginary_residual_percent": [0.02, 0.2, 0.3],
        "bad_frequencies_hertz": [1e3],
        "bands": [
            {
                "from_hertz": 1e3,
                "to_hertz": 1e2,
                "verdict": "consistent",
                "cause": "bad point at 1 kHz, 3.5 % of |Z| off",
            }
        ],
    }
    marks = [trace for trace in plot(Result("k", (), details)).data if trace.name == "Bad point"]
    assert [list(mark.x) for mark in marks] == [[1e3], [1e3]]
    assert [list(mark.y) for mark in marks] == [[0.01], [0.02]]
    assert list(marks[0].customdata) == ["bad point at 1 kHz, 3.5 % of |Z| off"]
    whole = Result("k", (), details | {"bad_frequencies_hertz": []})
    assert [trace.name for trace in plot(whole).data] == ["Re Z", "Im Z"]


def test_a_record_of_the_wrong_kind_is_named() -> None:
    with pytest.raises(
        InputError,
        match="b: a record of kind 'impedance' cannot be drawn here; "
        "expected a record of kind 'cycling'",
    ):
        plot_charge_discharge({"a": cycling(), "b": impedance()})
    with pytest.raises(InputError, match="there is no record to draw"):
        plot_impedance({})


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("450/rate", "450, rate"),
        ("0.5 mV/s", "0.5 mV/s"),
        ("NMC811/1 mA/cm2", "NMC811, 1 mA/cm2"),
        ("450 C/rate", "450 C, rate"),
        ("C/20", "C/20"),
        ("a/C/20/b", "a, C/20, b"),
        ("a/10 mV/s/anodic", "a, 10 mV/s, anodic"),
    ],
)
def test_a_unit_in_a_name_stays_whole(name: str, shown: str) -> None:
    assert label(name) == shown
    look = looks(["a", name])[name]
    assert (look["dash"] == "solid") == ("," not in shown)


@pytest.mark.parametrize(
    ("values", "seen"),
    [
        ([4.1e-13, 7e-13], "5 × 10⁻¹³"),
        ([3e-13, 2.5e-12], "5 × 10⁻¹³"),
        ([0.4, 0.9], "0.5"),
        ([5.0, 5.0], "5"),
        ([0.31, 57.0], "20"),
    ],
)
def test_a_short_logarithmic_axis_has_full_numbers(values: list[float], seen: str) -> None:
    axis = log_axis(values)
    assert seen in axis["ticktext"]
    inside = [tick for tick in axis["tickvals"] if min(values) / 1.3 < tick < max(values) * 1.3]
    assert len(inside) >= 2 or values[0] == values[1]


def test_a_long_logarithmic_axis_has_powers_of_ten() -> None:
    assert {"10⁻¹³", "10⁻¹²", "10⁻¹¹"} <= set(log_axis([1e-13, 1e-11])["ticktext"])
    axis = log_axis([1e-12, 3e6])
    assert len(axis["ticktext"]) <= 12
    assert axis["tickvals"][0] <= 1e-12
    assert axis["tickvals"][-1] >= 3e6


def test_a_number_ends_where_its_uncertainty_does() -> None:
    assert show_value(0.69413, 0.0224) == "0.694 ± 0.022"
    assert show_value(-12.345, 0.96) == "−12.35 ± 0.96"
    assert show_value(152.0, 31.0) == "152 ± 31"
    assert show_value(1.5e-11, 2e-12) == "1.5 × 10⁻¹¹ ± 2 × 10⁻¹²"
    assert show_value(3.14159, None) == "3.142"
    assert show_value(None, 0.1) == "–"


def test_names_cannot_bring_markup() -> None:
    figure = plot_charge_discharge({'<a href="http://x">b</a>': cycling()})
    assert "<a" not in figure.data[0].name
    assert "<a" not in figure.data[0].hovertemplate


def test_every_figure_names_units_and_lies_on_white() -> None:
    for figure in (plot(cycling()), plot(impedance()), plot_losses(budget(coating=0.1))):
        for axis in (figure.layout.xaxis, figure.layout.yaxis):
            assert axis.title.text.endswith(")")
        assert figure.layout.plot_bgcolor == "white"
        assert figure.layout.width is None
        assert figure.layout.template.layout.xaxis.ticks == "inside"


def test_every_loss_has_words() -> None:
    assert len(LOSS_LABELS) == 16
    assert all("_" not in words for words in LOSS_LABELS.values())


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (151.96, 4, "152"),
        (0.00387, 4, "0.00387"),
        (1.364e-10, 3, "1.36 × 10⁻¹⁰"),
        (-2.5e7, 4, "−2.5 × 10⁷"),
        (99999.6, 4, "100000"),
        (0.0, 4, "0"),
        (None, 4, "–"),
        (float("nan"), 4, "–"),
    ],
)
def test_numbers_for_people(value: float | None, digits: int, shown: str) -> None:
    assert show_number(value, digits) == shown


@given(st.floats(min_value=1e-3, max_value=1e5), st.integers(1, 6))
def test_shown_numbers_keep_their_digits(value: float, digits: int) -> None:
    assert float(show_number(value, digits)) == pytest.approx(value, rel=0.51 * 10 ** (1 - digits))


def rate_series() -> Record:
    """Two charges and discharges, the second discharge at twice the rate."""
    first = cycling()
    columns: dict[str, Any] = {
        str(name): np.concatenate([first.array(str(name))] * 2) for name in first.data.data_vars
    }
    columns["cycle_count"] = np.repeat([1, 2], 8)
    columns["test_time_second"][8:] += 10800
    columns["current_ampere"][13:] *= 2
    columns["loss_anode_volt"] = np.repeat([0.01, 0.02], 8)
    attributes = {"active_mass_kg": 1e-5, "one_c_ampere": 2e-3}
    return Record.from_arrays("cycling", attributes=attributes, **columns)


def test_discharges_at_several_rates_are_curves_of_their_own() -> None:
    figure = plot_charge_discharge(rate_series())
    assert [curve.name for curve in figure.data] == ["0.5 C", "1 C"]
    assert [curve.x[-1] for curve in figure.data] == pytest.approx([100, 200])
    named = plot_charge_discharge({"a": rate_series(), "b": cycling()})
    assert [curve.name for curve in named.data] == ["a, 0.5 C", "a, 1 C", "b", "b"]
    assert len(plot_charge_discharge(rate_series(), cycle=2).data) == 2


def test_losses_of_a_rate_series_are_those_of_one_cycle() -> None:
    last, first = plot_losses(rate_series()), plot_losses(rate_series(), cycle=1)
    assert last.data[0].name == "Anode (20)"
    assert "at 1 C" in last.layout.legend.title.text
    assert first.data[0].name == "Anode (10)"
    assert first.data[0].x[-1] == pytest.approx(100)


def test_each_cycle_stands_at_its_own_rate() -> None:
    result = analyse(rate_series())
    for held in (result, [result], {7.0: result}):
        figure = plot_rate({"a": held})
        assert list(figure.data[0].x) == [0.5, 1.0]
        assert list(figure.data[0].y) == pytest.approx([100, 200])
    with pytest.raises(InputError, match="a: the cycles have no C rate; give the results by rate"):
        plot_rate({"a": [capacity(3.0)]})
    bars = plot_loss_bars({"a": result})
    assert list(bars.data[0].y) == ["a<br>0.5 C", "a<br>1 C"]
    assert list(bars.data[0].x) == pytest.approx([10, 20])


def test_scatter_at_rest_and_a_recurring_rate_are_no_new_rates() -> None:
    record = rate_series()
    record.data["current_ampere"].values[3] = -1e-7
    record.data["current_ampere"].values[13:] = -1e-3
    assert discharge_rates(record) == {}
    record.data["current_ampere"].values[13:] = -2e-3
    record.data.attrs["one_c_ampere"] = 1.0
    assert discharge_rates(record) == {1: "0.001 C", 2: "0.002 C"}
    del record.data.attrs["one_c_ampere"]
    assert discharge_rates(record) == {1: "1 mA", 2: "2 mA"}
    record.data["current_ampere"].values[13:] = -1.06e-3
    record.data.attrs["one_c_ampere"] = 0.1
    assert discharge_rates(record) == {1: "0.01 C", 2: "0.011 C"}


def titration(**attributes: Any) -> Record:
    """Two discharge pulses of 600 s between rests; the voltage follows sqrt(t) and 20 mV steps."""
    times, voltages, currents = [np.linspace(0, 3600, 20)], [np.full(20, 3.7)], [np.zeros(20)]
    for place in range(2):
        since = np.linspace(1, 600, 100)
        times += [times[-1][-1] + since, times[-1][-1] + 600 + np.linspace(1, 3600, 50)]
        voltages += [3.69 - 0.02 * place - 2e-3 * np.sqrt(since), np.full(50, 3.68 - 0.02 * place)]
        currents += [np.full(100, -1e-3), np.zeros(50)]
    known = {"active_volume_m3": 1e-9, "active_area_m2": 1e-3, "technique": "gitt"}
    return Record.from_arrays(
        "cycling",
        attributes={k: v for k, v in {**known, **attributes}.items() if v is not None},
        test_time_second=np.concatenate(times),
        voltage_volt=np.concatenate(voltages),
        current_ampere=np.concatenate(currents),
    )


def test_pulses_and_rests_have_their_colours() -> None:
    record = titration()
    figure = plot(record)
    rest, pulses = figure.data
    assert (rest.name, pulses.name) == ("Rest", "Discharge")
    assert rest.line.color != pulses.line.color
    assert np.count_nonzero(np.isnan(pulses.x)) == 1
    assert np.count_nonzero(np.isfinite(pulses.x)) == 200
    assert figure.layout.xaxis.title.text == "Time (h)"
    assert len(plot({"a": record, "b": titration()}).data) == 4


def test_diffusivity_stands_below_on_a_logarithmic_axis() -> None:
    record = titration()
    result = fit_gitt(record)
    figure = plot_gitt(record, result)
    points = figure.data[-1]
    assert (points.xaxis, points.yaxis) == ("x2", "y2")
    assert figure.layout.yaxis2.type == "log"
    assert figure.layout.yaxis2.title.text == "Diffusivity (cm²/s, active area)"
    np.testing.assert_allclose(points.x, [75, 25])
    values = [row["diffusivity_apparent"] for row in result.details["pulses"]]
    np.testing.assert_allclose(points.y, values)
    alone = plot(result)
    assert alone.layout.xaxis.title.text == "State of charge (%)"
    without = plot_diffusivity({"a": fit_gitt(titration(active_volume_m3=None))})
    assert without.layout.yaxis.title.text == "Diffusion time (s)"
    with pytest.raises(InputError, match="no result holds a diffusion time of a pulse"):
        plot_diffusivity(capacity(1.0))
    with pytest.raises(InputError, match="a result belongs to one record; 2 are given"):
        plot_gitt({"a": record, "b": record}, result)


def voltammogram(cycles: int = 2) -> Record:
    potential = np.concatenate([np.linspace(3, 4, 200), np.linspace(4, 3, 200)] * cycles)
    rising = np.tile(np.repeat([1.0, -1.0], 200), cycles)
    return Record.from_arrays(
        "voltammogram",
        test_time_second=np.arange(len(potential)),
        voltage_volt=potential,
        current_ampere=2e-6 * rising * np.exp(-(((potential - 3.5) / 0.05) ** 2)),
        cycle_count=np.repeat(np.arange(cycles) + 1, 400),
    )


def test_cycles_of_a_voltammogram_are_curves_with_their_peaks() -> None:
    record = voltammogram()
    figure = plot_voltammogram(record, analyse_voltammogram(record))
    assert [trace.name for trace in figure.data] == ["Cycle 1", "Cycle 2", "Peaks"]
    np.testing.assert_allclose(figure.data[2].x, [3.5, 3.5], atol=1e-3)
    np.testing.assert_allclose(figure.data[2].y, [2, -2], rtol=1e-3)
    assert figure.layout.yaxis.title.text == "Current (µA)"
    assert [trace.name for trace in plot(voltammogram(12)).data] == [
        f"Cycle {number}" for number in (1, 3, 5, 8, 10, 12)
    ]
    assert len(plot({"a": record, "b": record}).data) == 2
    with pytest.raises(InputError, match="results of c belong to no record; there are: a"):
        plot_voltammogram({"a": record}, {"c": capacity(1.0)})
    with pytest.raises(InputError, match="a result belongs to one record; 2 are given"):
        plot_voltammogram({"a": record, "b": record}, capacity(1.0))


def test_efficiency_has_its_own_axis_and_retention_is_named() -> None:
    cycles = [
        {"cycle": n, "discharge_capacity": 100.0 - n, "coulombic_efficiency": 99.0 + n / 10}
        for n in (1, 2, 3)
    ]
    values = (Value("discharge_capacity", 99.0, "mAh/g"), Value("retention", 97.98, "%"))
    result = Result("r", values, {"cycles": cycles})
    capacities, efficiencies = plot(result).data
    assert capacities.name == "r (98 % retained)"
    assert efficiencies.yaxis == "y2"
    assert list(efficiencies.y) == pytest.approx([99.1, 99.2, 99.3])
    layout = plot_cycle_life(result).layout
    assert layout.yaxis2.range == (90, 102)
    assert "Coulombic efficiency (%)" in layout.yaxis2.title.text
    assert len(plot_cycle_life(result, efficiency=False).data) == 1


def test_a_poor_efficiency_and_a_dead_cell_are_not_hidden() -> None:
    cycles: list[dict[str, Any]] = [
        {"cycle": n, "discharge_capacity": 100.0 / n, "coulombic_efficiency": 99.5}
        for n in range(1, 26)
    ]
    cycles[0]["coulombic_efficiency"] = 85.0
    cycles[4]["flags"] = {"discharge_capacity": ["odd"]}
    values = (Value("discharge_capacity", 99.0, "mAh/g"), Value("retention", 0.0125, "%"))
    figure = plot_cycle_life(Result("r", values, {"cycles": cycles}))
    assert [trace.name for trace in figure.data] == [
        "r (retained &lt; 1 %)",
        "r",
        "Cycle with a flag",
    ]
    assert figure.layout.yaxis2.range == (84, 102)
    cycles[0]["coulombic_efficiency"] = 40.0
    figure = plot_cycle_life(Result("r", values, {"cycles": cycles}))
    assert figure.layout.yaxis2.range == (90, 102)
    poor = figure.data[1]
    assert (poor.y[0], poor.text[0], poor.marker.symbol[0]) == (90.5, "40 %", "triangle-down-open")
    assert (poor.y[1], poor.text[1], poor.customdata[0]) == (99.5, "", 40)
