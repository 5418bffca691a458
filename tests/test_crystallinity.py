"""High-resolution images: classes with confidence, spacings, thickness of coatings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from validation._synthetic_images import SPACING, coated_edge, high_resolution

from solith.analysis import (
    CRYSTALLINITY_CLASSES,
    analyse_coating,
    analyse_crystallinity,
)
from solith.analysis._crystallinity.spots import _counts, _near
from solith.core.errors import InputError
from solith.core.record import Record
from solith.figures import plot_coating, plot_crystallinity

PIXEL = 0.05e-9


@pytest.mark.parametrize("kind", CRYSTALLINITY_CLASSES[:3])
@pytest.mark.parametrize("noise", [0.5, 2.0])
def test_classes_are_told_apart(kind, noise):
    found = analyse_crystallinity(high_resolution(kind, 11, noise), PIXEL)
    assert found.details["class"] == kind
    assert found["class_confidence"].value >= 0.95
    assert sum(found.details["odds"].values()) == pytest.approx(1, abs=1e-6)
    if kind != "amorphous":
        assert found["spacing"].value == pytest.approx(SPACING, rel=0.01)


def test_a_crystals_three_directions():
    ring = analyse_crystallinity(high_resolution("crystalline", 4, 0.5), PIXEL).details["rings"][0]
    assert len(ring["angles"]) == 3
    first, second, third = sorted(ring["angles"])
    assert second - first == pytest.approx(60, abs=1.5)
    assert third - second == pytest.approx(60, abs=1.5)


def test_spots_are_counted_as_a_table_of_pairs_counts_them():
    # The table is quadratic in the spots: 100 GB for a crystal in an image of 4000 x 4000.
    draw = np.random.default_rng(5)
    places = draw.uniform(4, 20, (300, 2)) * draw.choice([-1, 1], (300, 1))
    left = draw.random(300) < 0.7
    near = _near(places, places)
    assert np.array_equal(_counts(places, left), np.sum(near & left, axis=1) * left)
    assert _counts(places, left).max() > 2


def test_a_small_field_is_not_called_amorphous():
    image = high_resolution("amorphous", 0, 0.5, shape=(128, 128))
    found = analyse_crystallinity(image, PIXEL)
    assert found.details["class"] == "undetermined"
    assert found["class_confidence"].flags[1].startswith("the field has room for 4 windows only")


def test_noise_alone_is_not_called_amorphous():
    image = np.random.default_rng(0).standard_normal((512, 512))
    found = analyse_crystallinity(image, PIXEL)
    assert found.details["class"] == "undetermined"
    assert found["detection"].value < 0.5
    assert "too noisy" in found["class_confidence"].flags[1]


@settings(max_examples=6, deadline=None)
@given(
    scale=st.floats(0.01, 1e4),
    offset=st.floats(-1e3, 1e3),
    turn=st.integers(0, 3),
    flip=st.booleans(),
)
def test_grey_scale_and_orientation_do_not_matter(scale, offset, turn, flip):
    image = high_resolution("nanocrystalline", 2, 1.0, shape=(256, 256))
    plain = analyse_crystallinity(image, PIXEL)
    changed = np.rot90(image[::-1] if flip else image, turn) * scale + offset
    again = analyse_crystallinity(changed, PIXEL)
    assert again.details["class"] == plain.details["class"]
    assert again["spacing"].value == pytest.approx(plain["spacing"].value, rel=0.004)


def test_the_spacing_scales_with_the_pixel():
    image = high_resolution("crystalline", 5, 0.5, shape=(256, 256))
    one = analyse_crystallinity(image, "0.05 nm", window="3.2 nm")
    two = analyse_crystallinity(image, "0.1 nm", window="6.4 nm", spacings=("0.2 nm", "1.2 nm"))
    assert two["spacing"].value == pytest.approx(2 * one["spacing"].value, rel=1e-6)


def test_a_map_has_its_own_pixel_size():
    image = high_resolution("crystalline", 5, 0.5, shape=(256, 256))
    record = Record.from_arrays("map", brightness=image).with_facts(pixel_size="0.05 nm")
    of_map = analyse_crystallinity(record)
    assert of_map["spacing"].value == analyse_crystallinity(image, PIXEL)["spacing"].value
    both = Record.from_arrays("map", a=image, b=image).with_facts(pixel_size="0.05 nm")
    with pytest.raises(InputError, match="channel: the map has a, b: name one"):
        analyse_crystallinity(both)
    assert analyse_crystallinity(both, channel="b").details["class"] == of_map.details["class"]


@pytest.mark.parametrize(
    ("image", "more", "told"),
    [
        (np.ones((100, 100)), {}, "the image is the same everywhere"),
        (np.eye(100)[:20], {}, "64 pixels or more, this array is 20 x 100"),
        (np.full((100, 100), np.inf), {}, "values that are not finite"),
        (np.eye(100), {"pixel_size": None}, "the size of a pixel is not known"),
        (np.eye(100), {"window": "1 nm"}, "a window of 1e-09 m is 20 pixels"),
        (np.eye(100), {"spacings": (2e-10, 1e-10)}, "the first is not below the second"),
        (np.eye(100), {"false_alarm": 0.9}, "no probability below 0.5"),
        ([["a"]], {}, "an image is an array of real numbers"),
    ],
)
def test_what_is_no_image(image, more, told):
    with pytest.raises(InputError, match=told):
        analyse_crystallinity(image, **{"pixel_size": PIXEL, **more})


@pytest.mark.parametrize("thickness", [2e-9, 7.5e-9])
def test_a_coatings_thickness(thickness):
    edge = coated_edge(1, 0.5, thickness=thickness)
    found = analyse_coating(edge.image, edge.pixel)
    assert found["thickness"].value == pytest.approx(thickness, abs=0.3e-9)
    assert found["thickness_deviation"].value < 0.1e-9
    assert found["uncovered"].value == 0


def test_a_coatings_distribution():
    edge = coated_edge(2, 0.3, thickness=8e-9, uneven=1e-9)
    found = analyse_coating(edge.image, edge.pixel)
    rows = found.details["stretches"]
    true = np.array([edge.local(row["middle_pixel"], 3e-9) for row in rows])
    told = np.array([row["thickness_metre"] for row in rows])
    assert np.abs(told - true).max() < 0.35e-9
    assert found["thickness_deviation"].value == pytest.approx(true.std(), rel=0.15)
    assert found["thickness_low"].value < 7e-9 < 9e-9 < found["thickness_high"].value


def test_a_bright_particle_is_the_same_as_a_dark_one():
    edge = coated_edge(1, 0.5)
    dark = analyse_coating(edge.image, edge.pixel)["thickness"]
    bright = analyse_coating(-edge.image, edge.pixel, particle="bright")["thickness"]
    assert bright.value == pytest.approx(dark.value, rel=1e-6)


def test_what_has_no_coating():
    with pytest.raises(InputError, match=r"too alike in grey|does not show|no edge|no two steps"):
        analyse_coating(np.random.default_rng(0).standard_normal((256, 256)), 1e-10)
    with pytest.raises(InputError, match="unknown particle 'grey'"):
        analyse_coating(coated_edge(1, 0.5).image, 1e-10, particle="grey")
    with pytest.raises(InputError, match="expected: '1 um' is a third of the image or more"):
        analyse_coating(coated_edge(1, 0.5).image, 1e-10, expected="1 um")


def test_figures_of_images():
    image = high_resolution("nanocrystalline", 2, 1.0, shape=(256, 256))
    figure = plot_crystallinity(analyse_crystallinity(image, PIXEL), image)
    assert len([trace for trace in figure.data if trace.type == "heatmap"]) == 3
    edge = coated_edge(1, 0.5)
    found = analyse_coating(edge.image, edge.pixel)
    names = [trace.name for trace in plot_coating(found, edge.image).data]
    assert "coating to vacuum" in names
    with pytest.raises(InputError, match="has no map, rings"):
        plot_crystallinity(found, image)
