"""Thresholds, critical currents, tips and triggering: statistics, published numbers, limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from validation._onset_laws import count_boundaries, tip_experiment

from solith.analysis import compare_triggering
from solith.core.errors import InputError
from solith.core.record import Record
from solith.interface import (
    CurrentLimit,
    OnsetThreshold,
    SurfaceFlaw,
    TipContact,
    TriggerBiases,
    TriggeringExperiment,
)

THRESHOLD = OnsetThreshold("0.1 V", 5.0)
BARE = CurrentLimit.calibrated("0.1 mA/cm2", "1000 ohm cm2", 5.0)
TIP = TipContact("3.46 nm", "3e-4 S/cm")


@given(
    modulus=st.floats(1, 50),
    links=st.floats(1e-3, 1e6),
    part=st.floats(0.001, 0.999),
)
def test_quantiles_undo_probabilities(modulus, links, part):
    law = OnsetThreshold(0.1, modulus)
    assert law.failure_probability(law.quantile(part, links), links) == pytest.approx(part)


def test_many_links_are_as_weak_as_their_weakest():
    weakest = THRESHOLD.sample(300 * 3000, seed=1).reshape(3000, 300).min(axis=1)
    error = THRESHOLD.coefficient_of_variation * THRESHOLD.mean(300) / math.sqrt(3000)
    assert abs(weakest.mean() - THRESHOLD.mean(300)) < 4 * error
    assert THRESHOLD.mean(32) == pytest.approx(THRESHOLD.mean() / 2)
    assert THRESHOLD.links_for(THRESHOLD.mean(32)) == pytest.approx(32)


def test_samples_repeat_by_their_seed_and_have_the_scatter():
    drawn = THRESHOLD.sample(20_000, seed=7)
    assert np.array_equal(drawn, THRESHOLD.sample(20_000, seed=7))
    assert drawn.std() / drawn.mean() == pytest.approx(THRESHOLD.coefficient_of_variation, rel=0.03)
    assert np.all(np.isinf(THRESHOLD.sample(3, links=0)))
    assert OnsetThreshold(0.1, 1.0).coefficient_of_variation == pytest.approx(1.0)  # exponential


def test_threshold_of_flaws_is_that_of_the_longest():
    flaw = SurfaceFlaw("1 um", "1 MPa m^0.5")
    law = OnsetThreshold.from_flaws(flaw, 3.0)
    assert law.modulus == 6
    assert law.scale == flaw.critical_overpotential()
    # A hundred times the area has one flaw of 100**(1/3) times the length.
    longer = flaw.replace(length=1e-6 * 100 ** (1 / 3))
    assert law.scale_of(100) == pytest.approx(longer.critical_overpotential())


def test_thresholds_refuse_what_they_cannot_use():
    with pytest.raises(InputError, match="probability: must lie between 0 and 1"):
        THRESHOLD.quantile([0.5, 1.0])
    with pytest.raises(InputError, match="count: 0 must be a whole number of at least 1"):
        THRESHOLD.sample(0)
    with pytest.raises(InputError, match="links: must be at least 0"):
        THRESHOLD.sample(2, links=[1, -1])
    with pytest.raises(InputError, match="links: 0 must be above 0"):
        THRESHOLD.mean(0)
    with pytest.raises(InputError, match="overpotential: holds numbers that are not finite"):
        THRESHOLD.failure_probability([0.1, np.nan])
    with pytest.raises(InputError, match=r"overpotential: .* are not numbers in V"):
        THRESHOLD.failure_probability([0.1, "x"])


ASKED = {
    "mean": lambda law, links: law.mean(links),
    "scale": lambda law, links: law.scale_of(links),
    "scatter": lambda law, links: law.coefficient_of_variation,
    "quantile": lambda law, links: law.quantile([1e-9, 0.5], links),
    "calibrated": lambda law, links: OnsetThreshold.from_mean(0.1, law.modulus, links).scale,
    "links": lambda law, links: law.links_for(1e-3),
    "limit": lambda law, links: CurrentLimit(law, 0.1, links=links).result.values[0].value,
}


@pytest.mark.parametrize("name", ASKED)
@given(st.floats(0.005, 0.1) | st.floats(1, 1e12), st.floats(1e-300, 1e300))
def test_thresholds_give_numbers_or_say_that_there_are_none(name, modulus, links):
    law = OnsetThreshold(0.1, modulus)
    try:
        found = np.asarray(ASKED[name](law, links))
    except InputError as error:
        assert "too large or too small to tell" in str(error)  # noqa: PT017
    else:
        assert np.all(np.isfinite(found))
        assert np.all(found > 0)
    assert np.all(law.failure_probability([0.0, 1e-3, 1e300], links) <= 1)
    assert not np.any(np.isnan(law.sample(5, links)))


def test_a_modulus_that_gives_no_numbers_is_named():
    with pytest.raises(InputError, match=r"modulus: 0\.005 gives a number that is too large"):
        OnsetThreshold(0.1, 0.005).mean()
    assert OnsetThreshold(0.1, 30.0).failure_probability(1e20) == 1


@pytest.mark.parametrize("modulus", [2.0, 49.0, 51.0, 1e3, 1e8, 1e14])
def test_scatter_of_high_moduli_does_not_cancel(modulus):
    """pi / (sqrt(6) m) in the limit; exact by the variance of ln of an exponential number."""
    found = OnsetThreshold(0.1, modulus).coefficient_of_variation
    if modulus >= 1e3:
        assert found == pytest.approx(math.pi / math.sqrt(6) / modulus, rel=3 / modulus)
    else:
        gammas = [math.gamma(1 + k / modulus) for k in (1, 2)]
        assert found == pytest.approx(math.sqrt(gammas[1] / gammas[0] ** 2 - 1), rel=1e-9)


def test_published_layer_follows_from_the_bare_interface():
    """10.1002/aenm.202003811: 0.1 mA/cm2 at 1000 ohm cm2 is calibrated; 1.8 at 50 is compared."""
    layer = BARE.replace(area_resistance="50 ohm cm2")
    assert 0.1 * BARE.mean == pytest.approx(0.1)
    assert 0.1 * layer.mean == pytest.approx(2.0)
    assert 0.1 * layer.mean == pytest.approx(1.8, rel=0.12)


def test_a_concentration_that_the_layer_removes_is_ten_times_too_much():
    focused = CurrentLimit.calibrated("0.1 mA/cm2", "1000 ohm cm2", 5.0, concentration=10)
    even = focused.replace(area_resistance="50 ohm cm2", concentration=1)
    assert 0.1 * even.mean == pytest.approx(20)


def test_critical_currents_scatter_as_thresholds_do():
    drawn = BARE.sample(20_000, seed=3)
    assert drawn.mean() == pytest.approx(BARE.mean, rel=0.01)
    assert np.quantile(drawn, [0.1, 0.9]) == pytest.approx(BARE.quantile([0.1, 0.9]), rel=0.02)
    assert BARE.failure_probability(BARE.quantile(0.3)) == pytest.approx(0.3)
    larger = BARE.replace(links=32)
    assert larger.mean == pytest.approx(BARE.mean / 2)
    value = BARE.result["critical_current_density"]
    assert value.area == "geometric"
    assert value.value == pytest.approx(0.1)
    assert value.uncertainty == pytest.approx(0.1 * THRESHOLD.coefficient_of_variation)
    assert value.flags[0].startswith("95 % of samples between 0.05")


def test_potential_solves_laplace_and_is_the_bias_on_the_contact():
    a, step = TIP.radius, 1e-3 * TIP.radius
    r, z = 0.7 * a, 0.4 * a
    near = [TIP.potential(1.0, r + i * step, z) for i in (-1, 0, 1)]
    deep = [TIP.potential(1.0, r, z + i * step) for i in (-1, 0, 1)]
    laplace = (near[0] - 2 * near[1] + near[2]) + (deep[0] - 2 * deep[1] + deep[2])
    laplace += (near[2] - near[0]) / 2 * step / r
    assert abs(laplace) < 1e-4 * abs(near[0] - 2 * near[1] + near[2])
    assert TIP.potential(1.0, [0, 0.5 * a, a], 0) == pytest.approx([1, 1, 1])
    assert TIP.potential(1.0, 100 * a, 0) == pytest.approx(2 / math.pi / 100, rel=1e-4)


def test_fields_are_slopes_of_the_potential():
    a = TIP.radius
    step = 1e-5 * a
    slope = (TIP.potential(1.0, 0, a - step) - TIP.potential(1.0, 0, a + step)) / (2 * step)
    assert TIP.field_below(1.0, a) == pytest.approx(slope, rel=1e-6)
    start = TIP.potential(1.0, 0.6 * a, 0) - TIP.potential(1.0, 0.6 * a, step)
    assert TIP.field_in_contact(1.0, 0.4 * a) == pytest.approx(start / step, rel=1e-4)
    assert TIP.field_in_contact(1.0, a) == pytest.approx(TIP.field_below(1.0, 0))


def test_field_carries_the_current_of_the_spreading_resistance():
    """The whole current crosses the contact: integral of the field over it is 4 a V."""
    from scipy.integrate import quad

    a = TIP.radius
    total = quad(
        lambda u: (
            2
            * math.pi
            * a
            * math.sin(u)
            * float(TIP.field_in_contact(1.0, a * (1 - math.sin(u))))
            * a
            * math.cos(u)
        ),
        0,
        math.pi / 2 - 1e-6,
    )[0]
    assert TIP.conductivity * total == pytest.approx(1 / TIP.spreading_resistance, rel=1e-5)


def test_the_edge_and_places_above_the_surface_are_refused():
    with pytest.raises(InputError, match="from_edge: must lie above 0 m, where the field has no"):
        TIP.field_in_contact(1.0, 0.0)
    with pytest.raises(InputError, match="depth: must be at least 0 m"):
        TIP.field_below(1.0, -1e-9)
    with pytest.raises(InputError, match="depth: must be at least 0 m"):
        TIP.potential(1.0, 0.0, -1e-9)


def test_interface_or_spreading_takes_the_bias():
    """A tip's bias falls on its interface, a large pad's on spreading."""
    assert TIP.interface_share("1000 ohm cm2") == pytest.approx(1, abs=2e-6)
    wide = TipContact("1 cm", "3e-4 S/cm")
    assert wide.interface_share("1 ohm cm2") < 0.01
    area = math.pi * TIP.radius**2
    own, spreading = 1e-7 / area, TIP.spreading_resistance
    assert TIP.interface_share(1e-7) == pytest.approx(own / (own + spreading))
    assert TIP.trigger_bias(0.12, 1e-7) == pytest.approx(0.12 * (own + spreading) / own)


@pytest.mark.parametrize(("relative", "seed"), [(0.05, 1), (1.0, 2)])
def test_boundaries_beneath_are_those_of_counted_patterns(relative, seed):
    counted, error = count_boundaries(relative, seed, discs=2000)
    found = tip_experiment(relative * 1e-5).boundaries_touched
    assert abs(counted - found) < 4 * error
    assert error < 0.1 * found


def test_published_triggers_are_given_back():
    """-0.12 V on boundaries, below -9 V in grains (10.1002/aenm.202003811): both calibrated."""
    experiment = tip_experiment(TIP.radius)
    edge = experiment.run(2000, seed=1, on_boundary=True)
    assert edge.on_boundary.all()
    assert edge.result["trigger_bias_boundary"].value == pytest.approx(-0.12, rel=0.05)
    assert edge.result["trigger_bias_interior"].value is None
    inside = experiment.run(2000, seed=1, on_boundary=False)
    assert np.nanmedian(inside.bias) < -9
    assert not inside.on_boundary.any()


def test_places_without_a_trigger_are_a_bound():
    strong = tip_experiment(TIP.radius).replace(limit="5 V")
    value = strong.run(50, on_boundary=False).result["trigger_bias_interior"]
    assert value.value == -5
    assert value.flags == ("lower bound: most of 50 places did not trigger up to -5 V",)


def test_larger_electrodes_trigger_earlier_and_more_alike():
    """Over N boundaries the mean falls as N^(-1/m)."""
    small, large = (tip_experiment(radius).run(3000, seed=2) for radius in (50e-6, 250e-6))
    assert -np.median(large.bias) < -np.median(small.bias)
    pad = tip_experiment(250e-6)
    expected = pad.boundary.mean(pad.boundaries_touched)
    expected /= pad.contact.interface_share(pad.area_resistance)
    assert -large.bias.mean() == pytest.approx(expected, rel=0.01)


def test_a_tip_seldom_meets_a_boundary():
    experiment = tip_experiment(TIP.radius)
    assert experiment.touching_probability == pytest.approx(4 * TIP.radius / 1e-5, rel=1e-2)
    found = experiment.run(100_000, seed=4).on_boundary.sum()
    mean = 1e5 * experiment.touching_probability
    assert abs(found - mean) < 4 * math.sqrt(mean)


def test_an_experiment_repeats_and_fits_into_a_study_file():
    experiment = tip_experiment(250e-6)
    assert np.array_equal(experiment.run(5, seed=9).bias, experiment.run(5, seed=9).bias)
    assert TriggeringExperiment.from_mapping(experiment.to_mapping()) == experiment
    with pytest.raises(InputError, match="places: 0 must be at least 1"):
        experiment.run(0)
    with pytest.raises(InputError, match=r"places: 1\.5 must be a whole number"):
        experiment.run(1.5)


def test_more_boundaries_than_can_be_drawn_are_refused():
    wide = tip_experiment(1.0).replace(grain_size="1 pm")
    with pytest.raises(InputError, match=r"grain_size: 1e-12 m puts 9\.42e\+24 boundaries under"):
        wide.run(10)


def test_simulated_places_are_compared_as_measured_ones():
    experiment = tip_experiment(TIP.radius).replace(limit="9.5 V")
    edge, inside = (experiment.run(40, seed=1, on_boundary=at) for at in (True, False))
    found = compare_triggering({"gb": edge, "grain": inside})
    assert found["number_gb"].value == 40
    assert found["median_bias_gb"].value == pytest.approx(-np.median(edge.bias), rel=0.02)
    assert found["triggered_fraction_grain"].value == np.mean(np.isfinite(inside.bias))
    assert found["p_value_gb_vs_grain"].value < 1e-3
    assert found.details["places"]["grain"]["not_up_to_volt"][0] == 9.5
    curves = [made(bias) for bias in edge.bias]
    assert compare_triggering({"gb": curves})["median_bias_gb"].value == pytest.approx(
        found["median_bias_gb"].value, abs=0.002
    )
    mixed = TriggerBiases(np.array([-1.0, 1.0]), np.zeros(2, int), 10.0)
    with pytest.raises(InputError, match="gb: expected biases of one sign, and a limit above 0 V"):
        compare_triggering({"gb": mixed})


def made(trigger):
    """A curve to -0.2 V in steps of 2 mV with a trigger."""
    bias = -np.append(np.arange(0, 101), np.arange(99, -1, -1)) * 0.002
    on = np.arange(201) >= np.argmax(bias <= trigger)
    current = np.where(on, bias / 1e5, bias * 1e-12)
    return Record.from_arrays("current-voltage", voltage_volt=bias, current_ampere=current)


def test_a_map_of_boundaries_gives_a_map_of_biases():
    grid = np.zeros((20, 30), int)
    grid[:, 10] = 1
    found = tip_experiment(TIP.radius).at(grid, seed=1)
    assert found.bias.shape == (20, 30)
    assert np.array_equal(found.on_boundary, grid > 0)
    assert np.all(found.bias[:, 10] > -0.3)
    assert np.nanmax(found.bias[:, :10]) < -5
    with pytest.raises(InputError, match="boundaries: must be whole numbers of at least 0"):
        tip_experiment(TIP.radius).at([0.5])
