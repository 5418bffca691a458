"""DSC and TG curves: onset, top, heat and steps of mass."""

from __future__ import annotations

import numpy as np
import pytest
from validation._known_thermal import known_heat, known_mass

from solith.analysis import analyse_thermal
from solith.core.errors import InputError
from solith.core.record import Record
from solith.figures import plot_thermal


@pytest.mark.parametrize("noise", [2e-4, 5e-3])
def test_heat_top_and_onset(noise):
    found = analyse_thermal(known_heat(1, noise))
    heat = found["heat"]
    assert heat.value == pytest.approx(-150e3, rel=0.02)
    assert heat.unit == "J/kg"
    assert found["top"].value == pytest.approx(290 + 273.15, abs=0.2)
    assert found["onset"].value == pytest.approx(274.3 + 273.15, abs=0.5)
    assert found["peak_count"].value == 1


def test_direction_rate_and_mass_are_told():
    record = known_heat(1, 1e-3)
    for name in ("exothermic", "heating_rate_kelvin_per_second"):
        del record.data.attrs[name]
    bare = analyse_thermal(record)["heat"]
    assert bare.unit == "W/g K"
    assert any("heating rate is not known" in flag for flag in bare.flags)
    told = analyse_thermal(record, heating_rate="10 K/min", exothermic="down")["heat"]
    assert told.value == pytest.approx(150e3, rel=0.02)
    record.data["intensity"].attrs["units"] = "mW"
    sample = analyse_thermal(record, heating_rate="10 K/min", exothermic="up", mass="5 mg")["heat"]
    assert sample.value == pytest.approx(-150 * 1e-3 / 5e-6, rel=0.02)


def test_kelvin_and_celsius_agree():
    record = known_heat(1, 1e-3)
    data = record.data.copy(deep=True)
    data["abscissa"] = data["abscissa"].copy(data=data["abscissa"].values + 273.15)
    data["abscissa"].attrs["units"] = "K"
    kelvin = analyse_thermal(Record("spectrum", data, record.provenance))
    assert kelvin["top"].value == pytest.approx(analyse_thermal(record)["top"].value, abs=1e-6)


def test_a_span_of_ones_own():
    record = known_heat(1, 1e-3)
    found = analyse_thermal(record, spans=[(255, 325)])
    assert found["heat"].value == pytest.approx(-150e3, rel=0.02)
    with pytest.raises(InputError, match=r"spans\.0: \(3, 2\): the start is not below the end"):
        analyse_thermal(record, spans=[(3, 2)])
    with pytest.raises(InputError, match=r"points from|too few points"):
        analyse_thermal(record, spans=[(900, 950)])


def test_noise_has_no_peak():
    record = known_heat(1, 1e-3, heat=0.0)
    found = analyse_thermal(record)
    assert found["peak_count"].value == 0
    assert found["heat"].flags == ("no peak stands above the scatter",)


def test_steps_of_mass():
    found = analyse_thermal(known_mass(0, 0.02))
    first, second = found.details["steps"]
    assert first["change"] == pytest.approx(-4.2, abs=0.1)
    assert second["change"] == pytest.approx(-18.5, abs=0.1)
    assert found["steepest"].value == pytest.approx(310 + 273.15, abs=2)
    assert found["mass_change"].unit == "percent"


def as_measured(record: Record, order: slice) -> Record:
    return Record(
        "spectrum", record.data.isel({record.data["abscissa"].dims[0]: order}), record.provenance
    )


def test_the_onset_of_cooling_is_on_the_hot_side():
    heating = analyse_thermal(known_heat(1, 2e-4))
    cooling = analyse_thermal(as_measured(known_heat(1, 2e-4), slice(None, None, -1)))
    top = heating["top"].value
    assert cooling["top"].value == pytest.approx(top, abs=1e-6)
    assert cooling["heat"].value == pytest.approx(heating["heat"].value, rel=1e-6)
    # The peak is even: both sides are as far from its top.
    assert cooling["onset"].value - top == pytest.approx(top - heating["onset"].value, abs=0.3)
    gained = analyse_thermal(as_measured(known_mass(0, 0.02), slice(None, None, -1)))
    assert gained["mass_change"].value == pytest.approx(18.5, abs=0.1)
    assert gained["onset"].value > gained["steepest"].value


def test_heating_and_cooling_are_not_averaged():
    data = known_mass(0, 0.02).data
    rows = len(data["abscissa"])
    there = np.concatenate([np.arange(rows), np.arange(rows)[::-1]])
    both = Record(
        "spectrum", data.isel({data["abscissa"].dims[0]: there}), known_mass(0, 0.02).provenance
    )
    with pytest.raises(InputError, match=r"abscissa: the temperature rises by 59.* and falls by"):
        analyse_thermal(both)


def test_the_onset_of_a_step_has_an_uncertainty_of_its_own():
    found = [analyse_thermal(known_mass(seed, 0.05))["onset"] for seed in range(40)]
    scatter = float(np.std([one.value for one in found], ddof=1))
    told = float(np.mean([one.uncertainty for one in found]))
    assert 0.4 * scatter < told < 2.5 * scatter


def test_what_is_no_thermal_curve():
    record = Record.from_arrays("spectrum", abscissa=[1.0], intensity=[1.0])
    with pytest.raises(InputError, match="of technique 'dsc' or 'tg', not ''"):
        analyse_thermal(record)
    short = Record.from_arrays(
        "spectrum", abscissa=[1.0], intensity=[1.0], attributes={"technique": "tg"}
    )
    with pytest.raises(InputError, match="must lie over temperature in degC or K, not 'no unit'"):
        analyse_thermal(short)
    short.data["abscissa"].attrs["units"] = "degC"
    with pytest.raises(InputError, match="has 1 usable points; 50 are needed"):
        analyse_thermal(short)


def test_the_figures():
    for record in (known_heat(1, 1e-3), known_mass(0, 0.02)):
        figure = plot_thermal(analyse_thermal(record))
        assert {"onset"} <= {trace.name for trace in figure.data}
        assert np.all(np.isfinite(figure.data[0].y))
