"""What is measured on maps: levels, profiles, correlation, coverage, sections."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from validation._known_sections import (
    PIXEL,
    coated_particles,
    correlated,
    couple,
    grey_section,
    scan,
)

from solith.analysis import (
    analyse_coverage,
    analyse_cross_section,
    analyse_profile,
    compare_boundary,
    correlate_channels,
    fit_map_interdiffusion,
    level_map,
)
from solith.core.errors import InputError
from solith.core.record import Record
from solith.core.result import Result
from solith.figures import plot, plot_joint_histogram, plot_map, plot_profile

Y, X = np.mgrid[:40, :50]


def made(**channels: object) -> Record:
    return Record.from_arrays("map", **channels).with_facts(pixel_size=PIXEL)  # type: ignore[arg-type]


@settings(max_examples=25, deadline=None)
@given(st.floats(-9, 9), st.floats(-9, 9), st.floats(-9, 9), st.sampled_from([2.0, 1e-9]))
def test_levelling_takes_off_planes_and_nothing_else(
    tilt: float, bow: float, height: float, unit: float
) -> None:
    shape = np.random.default_rng(3).standard_normal((40, 50))
    bare = level_map(made(z=unit * shape)).array("z")
    tilted = level_map(made(z=unit * (shape + tilt * X + bow * Y + height))).array("z")
    assert tilted == pytest.approx(bare, abs=1e-10 * unit)
    bent = level_map(made(z=unit * bow * X * Y), method="polynomial").array("z")
    assert bent == pytest.approx(np.zeros_like(bent), abs=1e-9 * unit)
    jumps = unit * tilt * (Y % 3 + X * Y)
    lines = level_map(made(z=jumps), method="lines")
    assert lines.array("z") == pytest.approx(np.zeros(Y.shape), abs=1e-9 * unit)
    assert "z was levelled: lines" in lines.provenance.notes


def test_levelling_by_a_mask_leaves_the_grains() -> None:
    grain = (X > 10) & (X < 30) & (Y > 5)
    leveled = level_map(made(z=0.1 * X + 5.0 * grain), mask=~grain).array("z")
    assert leveled == pytest.approx(5.0 * grain, abs=1e-9)
    with pytest.raises(InputError, match="line 1 has 0 pixels to fit; 2 are needed"):
        level_map(made(z=1.0 * X), method="lines", mask=Y > 3)
    with pytest.raises(InputError, match="'plane' has no order"):
        level_map(made(z=1.0 * X), order=2)
    with pytest.raises(InputError, match="several channels, say which: a, b"):
        level_map(made(a=1.0 * X, b=1.0 * Y))
    with pytest.raises(InputError, match="unknown channel 'c'"):
        level_map(made(a=1.0 * X), "c")


def test_a_profile_across_a_line_has_its_sides_and_its_step() -> None:
    noise = 0.01 * np.random.default_rng(1).standard_normal(X.shape)
    record = made(z=noise + 1.0 * (X >= 25))
    upwards = [(25 * PIXEL, 40 * PIXEL), (25 * PIXEL, 0.0)]
    result = analyse_profile(record, boundary=upwards)
    assert result["difference"].value == pytest.approx(1.0, abs=0.01)
    assert result["mean_left"].value == pytest.approx(0.0, abs=0.01)
    position, mean = (np.array(result.details[key]) for key in ("position_metre", "mean"))
    assert mean == pytest.approx(1.0 * (position > 0), abs=0.02)
    assert np.diff(position) == pytest.approx(np.full(len(position) - 1, PIXEL))
    turned = analyse_profile(record, boundary=upwards[::-1])
    assert turned["difference"].value == pytest.approx(-1.0, abs=0.01)
    texts = analyse_profile(record, boundary=[("250 nm", "400 nm"), ("250 nm", "0 nm")])
    assert texts["difference"].value == pytest.approx(result["difference"].value)


def test_uncertainties_grow_where_pixels_resemble_each_other() -> None:
    labels = (np.mgrid[:128, :128][0] // 32).astype(int)
    errors = []
    for length in (0.0, 3.0):
        record = made(z=correlated(5, (128, 128), length))
        result = compare_boundary(record, labels=labels, width=4 * PIXEL)
        errors.append(result["difference"].uncertainty)
        assert result["significance"].value < 4
    assert errors[0] == pytest.approx(np.sqrt(1 / 1536 + 1 / 12288), rel=0.35)
    assert errors[1] > 3 * errors[0]


def test_boundaries_that_conduct_are_found() -> None:
    record, labels = scan(2)
    result = compare_boundary(record, labels=labels, width=3 * PIXEL)
    assert result["difference"].value == pytest.approx(1.0, abs=0.4)
    assert result["significance"].value > 4
    profile = analyse_profile(record, labels=labels, reach=12 * PIXEL)
    assert profile["boundary_contrast"].value == pytest.approx(1.0, abs=0.4)
    assert "mean_far" in profile
    assert "difference" not in profile


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "give either a line of points or labels"),
        ({"boundary": [(0, 0), (1, 1)], "labels": X}, "give either"),
        ({"labels": np.zeros_like(X)}, "there is one label only"),
        ({"labels": X[:3]}, "has the shape"),
        ({"boundary": [(0, 0)]}, "needs two points"),
        ({"boundary": [(0, 0), (0, 0)]}, "two points in a row are the same"),
        ({"boundary": 3}, "is a list of points"),
        ({"boundary": [("1 V", 0), (0, 1)]}, "wrong dimension"),
        ({"boundary": [(2.5e-7, 0), (2.5e-7, 4e-7)], "reach": "15 nm"}, "three steps"),
        ({"boundary": [(-1e-3, 0), (-1e-3, 4e-7)]}, "0 pixels lie"),
    ],
)
def test_profiles_that_cannot_be(options: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        analyse_profile(made(z=1.0 * X), **options)  # type: ignore[arg-type]


def test_a_map_without_scatter_has_means_and_no_uncertainty() -> None:
    step = made(z=np.where(X < 25, 1.0, 3.0))
    labels = (X >= 25).astype(int)
    found = analyse_profile(step, labels=labels)
    assert found["boundary_mean"].value == pytest.approx(2.0)
    flat = compare_boundary(made(z=np.ones(X.shape)), labels=labels, width=2 * PIXEL)
    assert flat["boundary_mean"].value == 1.0
    assert flat["difference"].uncertainty is None
    assert flat["significance"].value is None
    assert flat["difference"].flags == ("all pixels are alike: nothing tells how sure",)


def test_maps_too_small_or_too_large_in_value_are_refused() -> None:
    particles = np.ones((1, 60), dtype=bool)
    particles[:, :30] = False
    line = made(z=np.random.default_rng(0).normal(size=(1, 60)))
    with pytest.raises(InputError, match="reach: a map of 60 x 1 pixels is no wider than twice"):
        analyse_coverage(line, "z", particles=particles)
    with pytest.raises(InputError, match=r"z: has numbers beyond 1e\+100"):
        level_map(made(z=1e200 * X))


def test_a_map_without_pixel_size_says_what_to_do() -> None:
    record = Record.from_arrays("map", z=1.0 * X)
    with pytest.raises(InputError, match=r"record.with_facts\(pixel_size='5 nm'\)"):
        analyse_profile(record, labels=X // 25)


def test_channels_that_go_together_and_channels_that_do_not() -> None:
    one, other = correlated(1, (96, 96), 2.0), correlated(2, (96, 96), 2.0)
    record = made(a=one, b=other, c=0.6 * one + 0.8 * other)
    apart, together = (correlate_channels(record, "a", name) for name in "bc")
    assert apart["p_value"].value > 0.01
    assert together["p_value"].value < 1e-6
    assert together["correlation"].value == pytest.approx(0.6, abs=0.2)
    assert 30 < apart["effective_pairs"].value < 1500
    assert np.sum(apart.details["histogram"]) == 96 * 96
    with pytest.raises(InputError, match="does not vary"):
        correlate_channels(made(a=one, b=np.ones((96, 96))), "a", "b")


@pytest.mark.parametrize("seed", [0, 1])
def test_coverage_of_particles(seed: int) -> None:
    case = coated_particles(seed)
    result = analyse_coverage(case.record, "nb", particles=case.particles)
    assert result["coverage"].value == pytest.approx(case.coverage, abs=0.01)
    assert result["intensity_variation"].value == pytest.approx(0.2, abs=0.08)
    # 3 pixels of 30 counts, over the outline's length.
    assert result["mean_intensity"].value == pytest.approx(90 * PIXEL, rel=0.15)
    assert result["mean_intensity"].unit == "counts m"
    assert len(result.details["coverage_of_particles"]) == 9
    assert Result.from_json(result.to_json())["coverage"] == result["coverage"]


def test_coverage_by_an_element_of_the_particles_and_none_at_all() -> None:
    case = coated_particles(1)
    counts = np.random.default_rng(0).poisson(3.0 + 200 * case.particles)
    both = Record(
        "map",
        case.record.data.assign(ni=(("y", "x"), counts.astype(float))),
        case.record.provenance,
    )
    by_element = analyse_coverage(both, "nb", particles="ni")["coverage"]
    assert by_element.value == pytest.approx(case.coverage, abs=0.015)
    bare = made(nb=np.random.default_rng(1).poisson(4.0, case.particles.shape))
    none = analyse_coverage(bare, "nb", particles=case.particles)["coverage"]
    assert none.value == 0.0
    assert "no coating is seen above the noise" in none.flags[0]
    with pytest.raises(InputError, match="the mask has no outline"):
        analyse_coverage(bare, "nb", particles=np.zeros_like(case.particles))
    with pytest.raises(InputError, match=r"too small, or too close, for the reach|lie on outlines"):
        analyse_coverage(bare, "nb", particles=case.particles, reach="600 nm")


def test_the_width_of_interdiffusion() -> None:
    lean = 0.8e-6 * np.tan(0.2)
    line = [(0.8e-6 + lean, 0.0), (0.8e-6 - lean, 1.6e-6)]
    result = fit_map_interdiffusion(couple(4), boundary=line, reach=0.5e-6)
    assert result["width"].value == pytest.approx(2.5631 * 80e-9, rel=0.03)
    probed = fit_map_interdiffusion(couple(4), boundary=line, reach=0.5e-6, resolution="100 nm")
    assert probed["width"].value < result["width"].value


def test_a_resolution_of_zero_may_have_a_unit() -> None:
    line = [(0.8e-6, 0.0), (0.8e-6, 1.6e-6)]
    record = couple(7)
    plain = fit_map_interdiffusion(record, boundary=line)
    assert fit_map_interdiffusion(record, boundary=line, resolution="0 nm") == plain
    with pytest.raises(InputError, match="resolution: -1 must be 0 to 1 m"):
        fit_map_interdiffusion(record, boundary=line, resolution=-1)


def test_a_section_of_stripes() -> None:
    labels = np.repeat([0, 1, 2, 1], 25)[None, :] * np.ones((100, 1), dtype=int)
    labels[:50, 25:50] = 0
    result = analyse_cross_section(
        made(grey=1.0 * labels), phases=["void", "electrolyte", "active"], particle="active",
        labels=labels,
    )  # fmt: skip
    assert result["fraction_active"].value == pytest.approx(0.25)
    assert result["porosity"].value == pytest.approx(0.375)
    # Of two sides of the stripe, half of one touches the void.
    assert result["contact_fraction_void"].value == pytest.approx(0.25, abs=0.01)
    shares = [result[f"contact_fraction_{name}"].value for name in ("void", "electrolyte")]
    assert sum(shares) == pytest.approx(1.0)
    assert result["fraction_active"].uncertainty > 0.1


def test_a_section_that_is_not_alike_in_all_directions_is_told() -> None:
    # Particles that rest on pores: lines across the image meet them, lines along it do not.
    draw = np.random.default_rng(0)
    labels = np.ones((256, 256), dtype=int)
    for y, x in draw.integers(10, 240, (60, 2)):
        labels[y : y + 8, x : x + 8] = 2
        labels[y + 8 : y + 10, x : x + 8] = 0
    phases = ["pore", "electrolyte", "active"]
    told = []
    for turned in (labels, labels.T):
        result = analyse_cross_section(
            made(grey=1.0 * turned), phases=phases, particle="active", labels=turned
        )
        told.append(result["contact_fraction_pore"].flags)
    assert "lines along the image meet 0.0" in told[0][-1]
    assert ", lines across it 0.0" in told[1][-1]
    even = analyse_cross_section(grey_section(2)[0], phases=phases, particle="active")
    assert even["contact_fraction_pore"].flags == ()


def test_evenness_of_a_coating_has_its_uncertainty() -> None:
    found = []
    for seed in range(24):
        case = coated_particles(seed)
        found.append(analyse_coverage(case.record, "nb", particles=case.particles))
    for name in ("mean_intensity", "intensity_variation"):
        scatter = float(np.std([one[name].value for one in found], ddof=1))
        told = float(np.mean([one[name].uncertainty for one in found]))
        assert 0.5 * scatter < told < 3 * scatter


def test_levels_of_grey_and_what_cannot_be_parted() -> None:
    grey = np.where(X < 10, 20.0, np.where(X < 30, 110.0, 200.0))
    noisy = grey + np.random.default_rng(0).normal(0, 8, grey.shape)
    phases = ["pore", "electrolyte", "active"]
    result = analyse_cross_section(made(grey=noisy), phases=phases)
    assert result["porosity"].value == pytest.approx(0.2, abs=0.001)
    same = analyse_cross_section(made(grey=noisy), phases=phases, thresholds=[65, 155])
    assert same["porosity"].value == pytest.approx(0.2, abs=0.001)
    for options, told in (
        ({"phases": phases, "thresholds": [5, 1]}, "needs 2 values that rise"),
        ({"phases": ["pore"]}, "needs two names"),
        ({"phases": phases, "particle": "carbon"}, "unknown phase 'carbon'"),
        ({"phases": phases, "thresholds": [-99, 65]}, "no pixel is pore"),
        ({"phases": phases, "labels": X % 5}, "go from 0 to 4; 3 phases are named"),
    ):
        with pytest.raises(InputError, match=told):
            analyse_cross_section(made(grey=noisy), **options)  # type: ignore[arg-type]


def test_figures_of_maps() -> None:
    record, labels = scan(1)
    profile = analyse_profile(record, labels=labels, reach=12 * PIXEL)
    across = plot(profile)
    assert across.layout.yaxis.title.text == "Conductance (mS)"
    assert plot_profile({"a": profile, "b": profile}).layout.showlegend
    drawn = plot_map(made(height=(1e-9 * X, "m"), other=1.0 * Y))
    assert [trace.type for trace in drawn.data] == ["heatmap", "heatmap"]
    assert drawn.data[0].colorbar.title.text == "nm"
    assert {note.text for note in drawn.layout.annotations} == {"height", "other", "100 nm"}
    both = correlate_channels(made(a=1.0 * X, b=1.0 * Y + X), "a", "b")
    assert plot(both).layout.xaxis.title.text == "B"
    with pytest.raises(InputError, match="holds no joint histogram"):
        plot_joint_histogram(profile)
    with pytest.raises(InputError, match="holds no profile"):
        plot_profile(both)
