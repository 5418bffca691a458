"""Phases too thin for a peak of grey: what is fitted comes near the truth, what is not is told."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from solith.core.errors import InputError
from solith.core.volume import GreyVolume
from solith.structure._grey_fit import spectral_blur, told_otherwise, white_noise
from solith.structure._sharpen import Imaging
from solith.structure.composite import generate_composite
from solith.structure.segmentation import segment_phases

PHASES = ("void", "electrolyte", "active")
GREYS = np.array([60.0, 120.0, 200.0])


def steps(labels: np.ndarray, blur: float, noise: float) -> np.ndarray:
    grey = gaussian_filter(GREYS[labels], blur, mode="nearest")
    grey += noise * np.random.default_rng(0).normal(size=grey.shape)
    return np.rint(100 * grey + 5000).astype(np.uint16)


@pytest.fixture(scope="module")
def thin():
    """Voids of 10 % beside particles, five voxels long in the mean, many of one or two."""
    volume = generate_composite(
        (64,) * 3,
        "0.5 um",
        0.5,
        "8 um",
        void_fraction=0.1,
        void_chord="2.5 um",
        void_at_surface=2.0,
        seed=7,
    )
    return np.array([0, 2, 1], np.uint8)[volume.labels]


@pytest.fixture(scope="module")
def found(thin):
    return segment_phases(GreyVolume(steps(thin, 1.0, 12.0), "0.5 um"), PHASES)


@pytest.mark.parametrize(("blur", "noise"), [(0.7, 20.0), (1.0, 12.0), (1.4, 8.0)])
def test_blur_and_noise_are_told_without_labels(thin, blur, noise):
    values = steps(thin, blur, noise)
    assert white_noise(values) == pytest.approx(100 * noise, rel=0.03)
    assert spectral_blur(values) == pytest.approx(blur, abs=0.2)
    told = Imaging(100 * GREYS + 5000, blur, 100 * noise)
    assert not told_otherwise(values, told)
    assert told_otherwise(values, Imaging(told.levels, blur, 140 * noise))
    assert told_otherwise(values, Imaging(told.levels, 0.5 * blur, told.noise))


def test_a_volume_too_small_tells_no_blur():
    assert spectral_blur(np.zeros((8, 40, 40), np.uint16)) == 0.0


def test_a_phase_without_a_peak_is_fitted_and_flagged(thin, found):
    assert any("shows no peak: greys, blur and noise are those" in one for one in found.flags)
    means = (np.array(found.means) - 5000) / 100
    assert means == pytest.approx(GREYS, abs=15)
    truth = np.bincount(thin.ravel()) / thin.size
    share = np.bincount(found.volume.labels.ravel()) / thin.size
    assert share == pytest.approx(truth, abs=0.06)


def test_fitted_greys_are_uncertain_and_move_with_thresholds(found):
    wide = [high - low for low, high in found.ranges]
    assert min(wide) > 0.2 * min(np.diff(found.means))
    dark, bright = (
        np.bincount(found.at(shift).labels.ravel(), minlength=3) for shift in (1.0, -1.0)
    )
    assert dark[2] < bright[2]
    assert dark[0] > bright[0]
    assert min(*dark, *bright) > 0


@pytest.mark.parametrize("missing", ["void", "electrolyte", "active"])
def test_a_phase_that_is_not_there_is_still_refused(thin, missing):
    one = PHASES.index(missing)
    labels = np.where(thin == one, 1 if one != 1 else 0, thin)
    with pytest.raises(InputError, match="show fewer peaks"):
        segment_phases(GreyVolume(steps(labels, 1.0, 12.0)), PHASES)


def test_noise_alone_is_no_phase():
    noise = 4000 + 500 * np.random.default_rng(3).normal(size=(48, 48, 48))
    with pytest.raises(InputError, match="show fewer peaks"):
        segment_phases(GreyVolume(noise.astype(np.uint16)), ("void", "active"))
