"""Fits of photoelectron spectra: areas, constraints, backgrounds, species across regions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.real_files import real_file
from validation._xps_spectra import REGIONS, counted

from solith.analysis import (
    ChargeReference,
    TougaardLoss,
    XpsComponent,
    find_species,
    find_xps_background,
    fit_xps,
    xps_species,
)
from solith.analysis._xps.backgrounds import shirley_background
from solith.analysis._xps.components import peaks_of
from solith.analysis._xps.model import Choices, Model
from solith.analysis._xps.profiles import PROFILES, profile, profile_by_mix
from solith.analysis._xps.species import species_table
from solith.core.errors import ConvergenceError, InputError, UnknownNameError
from solith.core.record import Record
from solith.figures import plot_xps, plot_xps_background, plot_xps_fractions
from solith.readers import read

SULFUR = REGIONS[0]
NAMES = list(SULFUR.names)
OXYGEN = replace(
    SULFUR,
    line="O 1s",
    splitting=1.0,
    ratio=0.0,
    window=(524.0, 540.0),
    species=(("lattice_oxide", 529.5, 20_000.0), ("sulfate", 532.0, 9_000.0)),
)
OXIDISED = replace(
    SULFUR, species=(("thiophosphate", 161.6, 30_000.0), ("sulfate", 168.9, 1_400.0))
)


def fitted(record: object, **more: object):
    options = {"region": "S 2p", "components": NAMES, "compare_backgrounds": False}
    return fit_xps(record, **{**options, **more})


@pytest.mark.parametrize("shape", PROFILES)
@pytest.mark.parametrize("mix", [0.0, 0.25, 0.8, 1.0])
def test_profiles_have_an_area_of_one_and_true_slopes(shape, mix):
    t = np.linspace(-300, 300, 600_001)
    value, slope = profile(shape, t, mix)
    tails = 2 * mix / np.pi / 600 if shape != "gl_product" or mix == 1 else 0.0
    assert np.trapezoid(value, t) == pytest.approx(1 - tails, abs=2e-3)
    assert np.allclose(slope, np.gradient(value, t), atol=1e-5)
    if shape == "gl_product" and mix == 1:
        return  # its area has a root there
    middle = t[np.abs(t) < 3]
    by_mix = profile_by_mix(shape, middle, mix)
    low, high = max(mix - 1e-5, 0), min(mix + 1e-5, 1)
    change = profile(shape, middle, high)[0] - profile(shape, middle, low)[0]
    assert np.allclose(by_mix, change / (high - low), atol=3e-3)


@pytest.mark.parametrize("background", ["linear", "shirley", "tougaard"])
@pytest.mark.parametrize("shape", PROFILES)
def test_the_model_has_true_derivatives(background, shape):
    table = species_table()
    peaks = peaks_of(["thiophosphate", "sulfate"], table.line("S 2p"), table)
    energy = np.arange(156.0, 174.0, 0.2)
    choices = Choices(shape, None, background, False, TougaardLoss(), False, False)
    counts = 100 + 50 * np.exp(-((energy - 162) ** 2))
    model = Model([energy, energy], [counts, 2 * counts], peaks, choices)
    point = np.random.default_rng(1).uniform(0.1, 0.4, model.layout.size)
    _, jacobian = model.evaluate(point)
    for n in range(len(point)):
        step = np.zeros(len(point))
        step[n] = 1e-6
        change = (model.evaluate(point + step)[0] - model.evaluate(point - step)[0]) / 2e-6
        assert np.allclose(jacobian[:, n], change, atol=1e-4 * max(1, np.abs(change).max()))


def test_known_areas_are_found_within_their_intervals():
    for region in REGIONS:
        record = counted(region, 7)
        result = fit_xps(
            record, region=region.line, components=list(region.names), compare_backgrounds=False
        )
        for name, position, area in region.species:
            found = result[f"{name}_area"]
            assert abs(found.value - area) < 3.5 * found.uncertainty
            assert found.unit == "counts eV"
            assert result[f"{name}_position"].value == pytest.approx(position, abs=0.1)
            low, high = result.details["intervals"][f"{name}_area"]
            assert high - low == pytest.approx(2 * 1.96 * found.uncertainty, rel=1e-3)
        total = sum(result[f"{name}_fraction"].value for name in region.names)
        assert total == pytest.approx(1.0)
        assert result.details["chi_square_probability"] > 1e-3
        json.loads(result.to_json())


def test_constraints_are_written_plainly():
    told = fitted(counted(SULFUR, 1)).details["constraints"]
    assert any(
        "doublet of S 2p, 1.18 eV apart, areas 1 to 0.5, equal widths" in one for one in told
    )
    assert "thiophosphate: position within 161.6 ± 0.4 eV" in told
    assert "one width for all components" in told
    assert "background shirley, fitted with the peaks" in told
    assert "no charge reference: binding energies as stored" in told


def test_the_charge_reference_moves_positions_and_is_carried():
    stored = counted(SULFUR, 2)
    charged = Record(
        stored.kind,
        stored.data.assign(abscissa=stored.data["abscissa"] + 2.5),
        stored.provenance,
    )
    reference = ChargeReference("adventitious C 1s", 284.8, 287.3, 0.1)
    plain, moved = fitted(stored), fitted(charged, charge_reference=reference)
    for name in NAMES:
        position = moved[f"{name}_position"]
        assert position.value == pytest.approx(plain[f"{name}_position"].value, abs=1e-3)
        assert position.uncertainty >= 0.1
        assert not position.flags
        assert plain[f"{name}_position"].flags == ("no charge reference is declared: as stored",)
        assert moved[f"{name}_area"].value == pytest.approx(plain[f"{name}_area"].value, rel=1e-4)
    assert "adventitious C 1s at 284.8 eV" in moved.details["charge_reference"]


@settings(max_examples=8, deadline=None)
@given(scale=st.floats(0.01, 100.0), order=st.sampled_from([1, -1]))
def test_areas_follow_the_unit_of_the_intensity_and_not_the_order(scale, order):
    record = counted(SULFUR, 3)
    plain = fitted(record)
    scaled = Record.from_arrays(
        "spectrum",
        abscissa=record.array("abscissa")[::order],
        intensity=record.array("intensity")[::order] * scale,
        attributes={"technique": "xps", "counts_per_intensity": 1 / scale},
    )
    found = fitted(scaled)
    for name in NAMES:
        one, other = plain[f"{name}_area"], found[f"{name}_area"]
        assert other.value == pytest.approx(scale * one.value, rel=1e-4)
        assert other.uncertainty == pytest.approx(scale * one.uncertainty, rel=1e-3)


def test_unknown_counts_take_their_variance_from_the_residuals():
    record = counted(SULFUR, 4)
    rate = Record.from_arrays(
        "spectrum",
        abscissa=record.array("abscissa"),
        intensity=record.array("intensity") / 40,
        attributes={"technique": "xps", "intensity_unit": "1/s"},
    )
    known, unknown = fitted(record), fitted(rate)
    assert unknown.details["chi_square_probability"] is None
    for name in NAMES:
        assert unknown[f"{name}_area"].uncertainty == pytest.approx(
            known[f"{name}_area"].uncertainty / 40, rel=0.15
        )


@pytest.mark.parametrize("scale", [1e-7, 1e5])
def test_an_unknown_unit_does_not_change_the_weights(scale):
    record = counted(SULFUR, 4)
    found = [
        fitted(
            Record.from_arrays(
                "spectrum",
                abscissa=record.array("abscissa"),
                intensity=record.array("intensity") * factor,
                attributes={"technique": "xps"},
            )
        )
        for factor in (1.0, scale)
    ]
    for name in NAMES:
        plain, scaled = (one[f"{name}_fraction"] for one in found)
        assert scaled.value == pytest.approx(plain.value, rel=1e-6)
        assert scaled.uncertainty == pytest.approx(plain.uncertainty, rel=1e-4)


def test_noise_alone_has_no_fractions():
    flat = replace(SULFUR, species=tuple((name, at, 0.0) for name, at, _ in SULFUR.species))
    result = fitted(counted(flat, 5), compare_backgrounds=True)
    for name in NAMES:
        fraction = result[f"{name}_fraction"]
        assert fraction.value is None
        assert fraction.uncertainty is None
        assert any("do not stand above the noise" in flag for flag in fraction.flags)
    json.loads(result.to_json())


def test_a_series_shares_positions_and_makes_areas_surer():
    records = {f"{n} cycles": counted(SULFUR, n) for n in range(4)}
    joined = fitted(records)
    assert sum(value.quantity.endswith("_position") for value in joined) == 3
    alone = fitted(records["0 cycles"])
    assert joined["bridging_sulfur_area_1"].uncertainty < alone["bridging_sulfur_area"].uncertainty
    own = fitted(records, shared_positions=False)
    assert sum("_position_" in value.quantity for value in own) == 12
    assert "all spectra have the same positions and widths" in joined.details["constraints"]


def test_a_component_that_is_not_there_is_told_and_its_position_held():
    result = fitted(counted(SULFUR, 5), components=[*NAMES, "sulfate"])
    assert any("not shown" in flag for flag in result["sulfate_area"].flags)
    held = "sulfate: position: held where it started, because too little of it shows"
    assert held in result.details["constraints"]


def test_a_model_that_does_not_fit_is_told():
    result = fitted(counted(SULFUR, 6), components=["thiophosphate", "bridging_sulfur"])
    assert any(
        "do not describe the spectrum" in flag for flag in result["thiophosphate_area"].flags
    )
    assert result["durbin_watson"].value < 1.5
    good = fitted(counted(SULFUR, 6))
    assert result["thiophosphate_area"].uncertainty > 3 * good["thiophosphate_area"].uncertainty


def test_the_change_with_the_background_is_told():
    result = fitted(counted(SULFUR, 8), compare_backgrounds=True)
    assert set(result.details["backgrounds"]) == {"linear", "shirley", "tougaard"}
    largest = max(
        max(one) - min(one)
        for one in (
            [told["fractions"][0][name] for told in result.details["backgrounds"].values()]
            for name in NAMES
        )
    )
    assert result["background_spread"].value == pytest.approx(largest)
    assert any("with the background" in flag for flag in result["thiophosphate_fraction"].flags)


def test_two_components_in_one_peak_are_one_and_a_zero():
    result = fitted(counted(SULFUR, 9), components=["thiophosphate", "thiogermanate"])
    assert result["thiogermanate_area"].value == 0.0
    assert any("held at zero" in flag for flag in result["thiogermanate_area"].flags)
    assert any("thiogermanate: area held at zero" in one for one in result.details["constraints"])


def test_candidates_and_overlaps_are_listed():
    result = fitted(counted(SULFUR, 9), components=["thiophosphate", "thiogermanate"])
    assert result.details["overlaps"][0] == (
        "thiophosphate and thiogermanate overlap in S 2p; decide with P 2p, Ge 3d"
    )
    good = fitted(counted(OXIDISED, 9), components=["thiophosphate", "sulfate"])
    near = good.details["candidates"]["thiophosphate"]
    names = [one["species"] for one in near]
    assert names[0] == "thiophosphate"
    assert {"thiogermanate", "polysulfide_terminal"} <= set(names)
    assert all(one["source"] for one in near)
    # What the position may be off by, the charge reference's uncertainty too, brings more near.
    unsure = ChargeReference("adventitious C 1s", 284.8, 284.8, 1.0)
    doubtful = fitted(
        counted(OXIDISED, 9), components=["thiophosphate", "sulfate"], charge_reference=unsure
    )
    assert len(doubtful.details["candidates"]["thiophosphate"]) > len(near)


def test_a_table_of_the_users_own_goes_first(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        '[lines."S 2p"]\nsplitting = 1.2\nratio = 0.5\n'
        '[[species]]\nname = "my_sulfide"\nline = "S 2p"\nposition = 161.65\nspread = 0.2\n'
    )
    names = ["my_sulfide", "bridging_sulfur", "elemental_sulfur"]
    told = fitted(counted(SULFUR, 1), components=names, species=path).details["constraints"]
    assert any("my_sulfide: doublet of S 2p, 1.2 eV apart" in one for one in told)
    path.write_text('[[species]]\nname = "x"\nline = "S 2p"\nposition = "here"\nspread = 0.2\n')
    with pytest.raises(InputError, match=r"species 1\.position: 'here' is not a number"):
        species_table(path)
    path.write_text("not TOML")
    with pytest.raises(InputError, match=r"mine\.toml: is no table of species in TOML"):
        species_table(path)


def test_every_entry_of_the_table_has_a_source_and_a_known_line():
    table = species_table()
    for one in table.species:
        assert one.source, one
        assert one.certainty in ("read", "derived", "recalled"), one
        assert one.line in table.lines
    for line in table.lines.values():
        assert not line.splitting or (line.source and line.certainty), line
    pairs = [(one.name, one.line) for one in table.species]
    assert len(pairs) == len(set(pairs))


def test_the_page_names_every_species_and_line_that_is_only_recalled():
    page = (Path(__file__).parents[1] / "docs" / "xps.md").read_text(encoding="utf-8")
    rows = [row for row in page.splitlines() if row.startswith("| ")]
    table = species_table()
    for one in table.species:
        told = any(one.line in row and f"`{one.name}`" in row for row in rows)
        assert told == (one.certainty == "recalled"), one
    for line in table.lines.values():
        told = any(line.name in row and "splitting" in row for row in rows)
        assert told == (line.certainty == "recalled") or line.name == "C 1s", line


def test_sulfate_is_decided_in_both_regions():
    sulfur = fitted(counted(OXIDISED, 1), components=["thiophosphate", "sulfate"])
    oxygen = fitted(counted(OXYGEN, 1), region="O 1s", components=["lattice_oxide", "sulfate"])
    both = find_species([sulfur, oxygen], sensitivities={"S 2p": 1.0, "O 1s": 9000 / 4 / 1400})
    assert both["sulfate_seen"].value == 1.0
    ratio = both["sulfate_O1s_per_S2p"]
    assert abs(ratio.value - 1) < 3 * ratio.uncertainty
    alone = find_species([sulfur])
    assert alone["sulfate_seen"].value is None
    assert "seen in S 2p alone: not decided" in alone["sulfate_seen"].flags
    bare = replace(OXYGEN, species=(("lattice_oxide", 529.5, 20_000.0),))
    none = fitted(counted(bare, 2), region="O 1s", components=["lattice_oxide", "sulfate"])
    refuted = find_species({"S": sulfur, "O": none})
    assert refuted["sulfate_seen"].value == 0.0
    assert "does not show in O 1s" in refuted["sulfate_seen"].flags
    with pytest.raises(InputError, match="two results are of S 2p"):
        find_species([sulfur, sulfur])


def test_shirley_is_iterated_until_it_settles_or_refused():
    energy = np.linspace(150, 170, 401)
    peak = 1000 * np.exp(-((energy - 160) ** 2))
    truth = 100 + 0.02 * np.concatenate([[0], np.cumsum((peak[1:] + peak[:-1]) / 2 * 0.05)])
    found = shirley_background(energy, peak + truth, truth[0], truth[-1])
    assert np.allclose(found, truth, rtol=1e-6)
    with pytest.raises(ConvergenceError, match="no area is above it between the ends"):
        shirley_background(energy, 100 - peak / 20, 100.0, 110.0)


def test_the_backgrounds_of_a_record_are_found():
    record = counted(SULFUR, 1)
    areas = {}
    for kind in ("linear", "shirley", "tougaard"):
        result = find_xps_background(record, background=kind, end_points=15)
        areas[kind] = result["area_above"].value
        assert len(result.details["curve"]["background"]) == len(record)
        assert plot_xps_background(result).data
    assert areas["shirley"] == pytest.approx(53_000, rel=0.03)
    universal = find_xps_background(record, background="tougaard", loss=TougaardLoss(b=2866.0))
    assert universal["b"].value == 2866.0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"region": "S 3p"}, "unknown photoelectron line 'S 3p'"),
        ({"components": ["sulfur"]}, "unknown species of S 2p 'sulfur'"),
        ({"components": []}, "components: expected at least one component"),
        ({"components": "sulfate"}, "components: expected a list of names"),
        ({"components": ["sulfate", "sulfate"]}, "'sulfate' stands there twice"),
        ({"components": [XpsComponent("far", 200.0)]}, "far at 200 eV lies outside of"),
        ({"components": [XpsComponent("a b", 162.0)]}, "is no name of letters"),
        ({"window": (170, 160)}, "window: .* is no pair"),
        ({"window": (161.0, 161.2)}, "rows from 161 to 161.2 eV; expected at least 12"),
        ({"background": "spline"}, "unknown background 'spline'"),
        ({"shape": "box"}, "unknown shape 'box'"),
        ({"mix": 1.5}, "mix: 1.5 is neither a number from 0 to 1 nor None"),
        ({"charge_reference": 284.8}, "charge_reference: expected solith.analysis.ChargeReference"),
        ({"loss": 3}, "loss: expected solith.analysis.TougaardLoss"),
    ],
)
def test_bad_input_is_told_plainly(change, told):
    with pytest.raises((InputError, UnknownNameError), match=told):
        fitted(counted(SULFUR, 1), **change)


def test_records_of_something_else_are_refused():
    with pytest.raises(InputError, match="expected a spectrum of photoelectrons"):
        fitted(Record.from_arrays("current-voltage", voltage_volt=[0, 1], current_ampere=[0, 1]))
    absorbed = Record.from_arrays(
        "spectrum", abscissa=[1.0], intensity=[1.0], attributes={"technique": "xanes"}
    )
    with pytest.raises(InputError, match="technique 'xanes' over binding energy"):
        fitted(absorbed)
    record = counted(SULFUR, 1)
    below = replace(record, data=record.data.assign(intensity=record.data["intensity"] - 2000))
    with pytest.raises(InputError, match="before any background is taken off"):
        fitted(below)


def test_the_binding_energy_falls_to_the_right_and_residuals_lie_below():
    result = fitted([counted(SULFUR, 1), counted(SULFUR, 2)])
    figure = plot_xps(result)
    left, right = figure.layout.xaxis.range
    assert left > right
    assert figure.layout.yaxis2.domain[1] < figure.layout.yaxis.domain[0]
    names = {trace.name for trace in figure.data}
    assert {"data", "sum", "background", "thiophosphate", "bridging sulfur"} <= names
    fractions = plot_xps_fractions(result)
    assert len(fractions.data) == 3
    with pytest.raises(InputError, match="is no result of fit_xps"):
        plot_xps(find_xps_background(counted(SULFUR, 1)))


def test_the_real_oxide_of_iron_finds_its_species_and_is_told_that_doublets_do_not_describe_it():
    names = [one.name for one in xps_species("Fe 2p")]
    assert {"iron", "iron_ii_oxide", "iron_iii_oxide", "pyrite", "iron_phosphate"} <= set(names)
    record = read(real_file("xps/vms_analysis__FeO_analyzed.vms"))[0]
    found = fit_xps(
        record,
        region="Fe 2p",
        components=["iron_ii_oxide", XpsComponent("satellite", 716.0, reach=1.5)],
        window=(702.0, 742.0),
        one_width=False,
        compare_backgrounds=False,
    )
    # CasaXPS's asymmetric lines in this file stand at 709.05 and 722.13 eV, the maximum at 710.2.
    position = found["iron_ii_oxide_position"]
    assert 709.0 < position.value < 710.5
    assert any("13.1 eV apart" in one for one in found.details["constraints"])
    near = {one["species"] for one in found.details["candidates"]["iron_ii_oxide"]}
    assert {"iron_ii_oxide", "iron_phosphate"} <= near
    assert "iron" not in near
    assert any("do not describe the spectrum" in flag for flag in found["iron_ii_oxide_area"].flags)


def test_the_mix_is_fitted_unless_it_is_given():
    record = counted(SULFUR, 4)
    told = fitted(record)
    assert "mix" in told
    assert any("mixing fitted, one for all" in one for one in told.details["constraints"])
    held = fitted(record, mix=0.3)
    assert "mix" not in held
    assert any("mixing held at 0.3" in one for one in held.details["constraints"])


def test_a_peak_where_no_component_lies_is_told():
    stored = counted(SULFUR, 2)
    moved = stored.data.assign(abscissa=stored.data["abscissa"] + 4.0)
    charged = Record(stored.kind, moved, stored.provenance)
    flags = fitted(charged)["thiophosphate_fraction"].flags
    assert any(
        "no component lies at the peak at" in flag and "shift is probably missing" in flag
        for flag in flags
    )
    assert not any("no component" in flag for flag in fitted(stored)["thiophosphate_area"].flags)


def test_a_file_of_species_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="there is no such file of species"):
        species_table(tmp_path / "none.toml")
