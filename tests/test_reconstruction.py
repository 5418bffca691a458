"""Slices and volumes from projections: greys, the axis, stripes, resuming, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from validation._scanned_phantom import GREYS, disc_phantom
from validation.reconstruction import measured

from solith.core.errors import InputError, InterruptedRunError, StorageError
from solith.core.progress import Progress
from solith.structure import (
    find_rotation_centre,
    normalise_projections,
    reconstruct_slice,
    reconstruct_volume,
    remove_stripes,
)
from solith.volumes import read_volume

WIDTH, ANGLES, CENTRE = 192, 360, 97.3
DEGREES = np.arange(ANGLES) * 0.5


@pytest.fixture(scope="module")
def phantom():
    return disc_phantom(WIDTH, 5)


@pytest.fixture(scope="module")
def sinogram(phantom):
    return phantom.sinogram(DEGREES, CENTRE).astype(np.float32)


def insides(phantom):
    from scipy.ndimage import binary_erosion

    labels = phantom.slice()
    return [binary_erosion(labels == n, iterations=2) for n in range(len(GREYS))]


@pytest.mark.parametrize("window", ["ramp", "shepp-logan", "hann"])
def test_greys_come_back(phantom, sinogram, window):
    values = reconstruct_slice(sinogram, centre=CENTRE, window=window) / phantom.scale
    for inside, grey in zip(insides(phantom)[1:], list(GREYS.values())[1:], strict=True):
        assert values[inside].mean() == pytest.approx(grey, abs=0.02)


def test_a_disc_lies_where_it_is():
    degrees = np.arange(180.0)
    place = 63.5 + 20 * np.cos(np.radians(degrees)) - 10 * np.sin(np.radians(degrees))
    columns = np.arange(128)
    chord = 2 * np.sqrt(np.maximum(36 - (columns[None, :] - place[:, None]) ** 2, 0))
    values = reconstruct_slice(chord, degrees, centre=63.5)
    x, y = np.unravel_index(int(np.argmax(values)), values.shape)
    assert abs(x - 83.5) < 6
    assert abs(y - 53.5) < 6
    assert values[83:85, 53:55].mean() == pytest.approx(1.0, abs=0.05)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000), factor=st.floats(0.1, 10))
def test_it_is_linear_and_angles_may_come_in_any_order(seed, factor):
    rng = np.random.default_rng(seed)
    sinogram = rng.standard_normal((60, 64)).astype(np.float32)
    degrees = np.arange(60) * 3.0
    plain = reconstruct_slice(sinogram, degrees, centre=31.2)
    order = rng.permutation(60)
    shuffled = reconstruct_slice(factor * sinogram[order], degrees[order], centre=31.2)
    assert shuffled == pytest.approx(factor * plain, abs=2e-5 * factor, rel=1e-3)


def test_a_full_turn_gives_the_same_as_half(phantom):
    half = phantom.sinogram(DEGREES, 95.5)
    whole = phantom.sinogram(np.arange(720) * 0.5, 95.5)
    one = reconstruct_slice(half, DEGREES, centre=95.5)
    two = reconstruct_slice(whole, np.arange(720) * 0.5, centre=95.5)
    assert two == pytest.approx(one, abs=2e-4)


def test_values_are_per_metre(sinogram):
    plain = reconstruct_slice(sinogram, centre=CENTRE)
    metres = reconstruct_slice(sinogram, centre=CENTRE, pixel_size="0.5 um")
    assert metres == pytest.approx(plain / 0.5e-6, rel=1e-5)


def test_the_axis_is_found(phantom, sinogram):
    found = find_rotation_centre(sinogram)
    assert found.column == pytest.approx(CENTRE, abs=0.15)
    assert found.by_registration == pytest.approx(CENTRE, abs=0.3)
    assert found.by_moments == pytest.approx(CENTRE, abs=0.1)
    assert not found.flags
    noisy = remove_stripes(measured(sinogram, 1))
    assert find_rotation_centre(noisy).column == pytest.approx(CENTRE, abs=0.5)


def test_stripes_go_and_the_sample_stays(phantom, sinogram):
    quiet = measured(sinogram, 2, stripes=False)
    spoilt = quiet.copy()
    spoilt[:, 10::17] += 0.06
    spoilt[:, 120] = 0.7
    inside = insides(phantom)[1]
    spreads = [
        float((reconstruct_slice(one, centre=CENTRE) / phantom.scale)[inside].std())
        for one in (spoilt, remove_stripes(spoilt), quiet)
    ]
    assert spreads[2] < spreads[1] < 0.4 * spreads[0]


def test_attenuation_from_counts():
    rng = np.random.default_rng(0)
    dark, flat = 100.0 + rng.random((4, 30)), 5000.0 + 500 * rng.random((4, 30))
    wanted = rng.random((20, 4, 30))
    counts = dark + (flat - dark) * np.exp(-wanted)
    found = normalise_projections(counts, [flat, flat], [dark])
    assert found == pytest.approx(wanted, abs=1e-5)
    with pytest.raises(InputError, match="flats: images of"):
        normalise_projections(counts, flat[:, :5])
    with pytest.raises(InputError, match="flats: the open beam is not brighter"):
        normalise_projections(counts, dark, flat)


def test_a_volume_is_stopped_and_gone_on_with(tmp_path, sinogram):
    scan = np.stack([np.roll(sinogram, 7 * k, axis=0) for k in range(10)], axis=1)
    whole = reconstruct_volume(scan, tmp_path / "whole.npy", centre=CENTRE, pixel_size="1 um")
    assert whole.shape == (WIDTH, WIDTH, 10)
    one = reconstruct_slice(scan[:, 9], centre=CENTRE, stripes=True, pixel_size="1 um")
    assert whole.values[:, :, 9] == pytest.approx(
        one, rel=1e-4, abs=1e-4 * float(np.abs(one).max())
    )
    target = tmp_path / "resumed.npy"
    with pytest.raises(InterruptedRunError):
        reconstruct_volume(
            scan, target, centre=CENTRE, pixel_size="1 um", progress=stop_after_first()
        )
    assert not target.exists()
    told = []
    reconstruct_volume(
        scan,
        target,
        centre=CENTRE,
        pixel_size="1 um",
        progress=Progress(lambda fraction, _: told.append(fraction)),
    )
    assert told[0] == 0.8
    back = read_volume(target, voxel_size="1 um")
    assert np.array_equal(back.values, whole.values)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["resumed.npy", "whole.npy"]


def stop_after_first():
    def listen(fraction, _):
        calls.append(fraction)
        if len(calls) == 1:
            progress.cancel()

    calls: list[float] = []
    progress = Progress(listen)
    return progress


def test_another_scan_does_not_go_on_with_the_first_ones_work(tmp_path, sinogram):
    scan = np.stack([sinogram] * 9, axis=1)
    target = tmp_path / "a.npy"
    with pytest.raises(InterruptedRunError):
        reconstruct_volume(scan, target, centre=CENTRE, progress=stop_after_first())
    told = []
    reconstruct_volume(
        2 * scan,
        target,
        centre=CENTRE,
        progress=Progress(lambda fraction, _: told.append(fraction)),
    )
    assert told[0] == 0


def test_another_open_beam_does_not_go_on_with_the_first_ones_work(tmp_path, sinogram):
    counts = 1000 * np.exp(-np.stack([sinogram] * 9, axis=1))
    flats = np.full(counts.shape[1:], 1000.0)
    target = tmp_path / "a.npy"
    with pytest.raises(InterruptedRunError):
        reconstruct_volume(counts, target, flats=flats, centre=CENTRE, progress=stop_after_first())
    volume = reconstruct_volume(counts, target, flats=2 * flats, centre=CENTRE)
    assert np.allclose(volume.values[:, :, 0], volume.values[:, :, 8])


def test_counts_that_are_not_finite_are_refused(tmp_path, sinogram):
    counts = 1000 * np.exp(-np.stack([sinogram] * 9, axis=1))
    counts[5, 4, 7] = np.nan
    with pytest.raises(InputError, match="projections: the counts are not all finite"):
        reconstruct_volume(
            counts, tmp_path / "a.npy", flats=np.full(counts.shape[1:], 1e3), centre=CENTRE
        )


def test_an_axis_in_doubt_makes_no_slice(tmp_path):
    noise = np.random.default_rng(0).standard_normal((90, 64))
    assert find_rotation_centre(noise).flags
    with pytest.raises(InputError, match="centre: the axis is not told by the sinogram"):
        reconstruct_slice(noise)
    with pytest.raises(InputError, match="sinogram: it is the same everywhere"):
        reconstruct_slice(np.zeros((90, 64)))
    for wrong in (noise + 0j, noise.astype(object), [[1, 2], [3]]):
        with pytest.raises(InputError, match=r"array of real numbers|is no array"):
            reconstruct_volume(wrong, tmp_path / "a.npy")
    with pytest.raises(InputError, match="path: 3 is not the path of a file"):
        reconstruct_volume(noise[:, None], 3, centre=32.0)


@pytest.mark.parametrize(
    ("sinogram", "more", "told"),
    [
        (np.ones(9), {}, "this array is 9"),
        (np.full((20, 20), np.nan), {}, "not finite"),
        (np.ones((20, 20)), {"angles": np.arange(19)}, "20 projections need as many"),
        (np.ones((40, 20)), {"angles": np.linspace(0, np.pi, 40)}, "look like radians"),
        (np.ones((40, 20)), {"angles": np.linspace(0, 120, 40)}, "leave a gap of 60"),
        (np.ones((40, 20)), {"window": "boxcar"}, "unknown filter 'boxcar'"),
        (np.ones((40, 20)), {"centre": 1.0}, "centre: 1.0 is no column"),
        (np.ones((40, 20)), {"centre": 10.0, "pixel_size": -1.0}, "pixel_size: -1.0 must be above"),
    ],
)
def test_what_is_no_scan(sinogram, more, told):
    with pytest.raises(InputError, match=told):
        reconstruct_slice(sinogram, **{"centre": 10.0, **more})


def test_where_the_volume_cannot_be_written(tmp_path, sinogram):
    scan = sinogram[:, None]
    with pytest.raises(InputError, match=r"end it in \.npy"):
        reconstruct_volume(scan, tmp_path / "a.tif", centre=CENTRE)
    with pytest.raises(StorageError, match="cannot be written"):
        reconstruct_volume(scan, tmp_path / "none" / "a.npy", centre=CENTRE)
    with pytest.raises(InputError, match="projections have three axes"):
        reconstruct_volume(sinogram, tmp_path / "a.npy")
