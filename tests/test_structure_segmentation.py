"""Grey volumes to phases: known bodies come back, and what cannot be told apart is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solith.core import threads
from solith.core.errors import InputError
from solith.core.result import Result, Value
from solith.core.volume import GreyVolume, Volume
from solith.structure.background import remove_background
from solith.structure.denoising import denoise, estimate_noise
from solith.structure.pixel_classifier import train_classifier
from solith.structure.segmentation import segment_phases
from solith.structure.segmentation_uncertainty import measure_with_thresholds

PHASES = ("void", "electrolyte", "active")
SIDE = 48


def bodies(side: int = SIDE) -> np.ndarray:
    """An active ball in electrolyte, a void ball beside it and one on its surface."""
    x, y, z = np.mgrid[:side, :side, :side] + 0.5
    labels = np.ones((side,) * 3, np.uint8)
    labels[(x - 12) ** 2 + (y - 12) ** 2 + (z - 12) ** 2 < 8**2] = 0
    labels[(x - 28) ** 2 + (y - 16) ** 2 + (z - 26) ** 2 < 8**2] = 0
    labels[(x - 28) ** 2 + (y - 30) ** 2 + (z - 26) ** 2 < 13**2] = 2
    return labels


def photograph(labels: np.ndarray, noise: float = 12.0, seed: int = 0) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    grey = gaussian_filter(np.array([60.0, 120.0, 200.0])[labels], 1.0, mode="nearest")
    return grey + noise * np.random.default_rng(seed).normal(size=grey.shape)


def as_bytes(grey: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def labels():
    return bodies()


@pytest.fixture(scope="module")
def grey(labels):
    return GreyVolume(as_bytes(photograph(labels)), "0.5 um")


@pytest.fixture(scope="module")
def segmented(grey):
    return segment_phases(grey, PHASES)


def shares(volume: Volume) -> Result:
    counts = np.bincount(volume.labels.ravel(), minlength=3) / volume.labels.size
    return Result("shares", tuple(Value(n, float(c)) for n, c in zip(PHASES, counts, strict=True)))


def rim(found: np.ndarray, truth: np.ndarray) -> float:
    """Share of electrolyte between void and active, where in truth one touches the other."""
    from scipy.ndimage import maximum_filter, minimum_filter

    there = (minimum_filter(truth, 3) == 0) & (maximum_filter(truth, 3) == 2) & (truth != 1)
    return float(np.mean(found[there] == 1))


def test_phases_come_back(segmented, labels):
    found = segmented.volume
    assert found.phases == {"void": 0, "electrolyte": 1, "active": 2}
    assert found.voxel_size == pytest.approx((0.5e-6,) * 3)
    assert np.mean(found.labels == labels) > 0.975
    truth = np.bincount(labels.ravel()) / labels.size
    assert [value.value for value in shares(found)] == pytest.approx(list(truth), abs=0.01)


def test_the_greys_blur_and_noise_are_found(segmented):
    assert segmented.means == pytest.approx((60, 120, 200), abs=2.0)
    assert segmented.thresholds == pytest.approx((90, 160), abs=2.0)
    assert segmented.blur == pytest.approx(1.0, abs=0.15)
    assert segmented.noise == pytest.approx(12.0, rel=0.15)
    for (low, high), at in zip(segmented.ranges, segmented.thresholds, strict=True):
        assert low < at < high
    told = segmented.result()
    assert told["threshold_void_electrolyte"].value == segmented.thresholds[0]
    assert told["blur"].unit == "voxel"
    assert Result.from_json(told.to_json()) == told


def test_no_rim_of_the_middle_phase(segmented, grey, labels):
    thresholds = np.digitize(denoise(grey).values, segmented.thresholds)
    assert rim(thresholds, labels) > 0.5
    assert rim(segmented.volume.labels, labels) < 0.2


def test_shifts_move_boundaries_their_way(segmented):
    dark, bright = (shares(segmented.at(shift)) for shift in (1.96, -1.96))
    assert dark["active"].value < bright["active"].value
    assert dark["void"].value > bright["void"].value
    with pytest.raises(InputError, match="2 thresholds need as many shifts, or one"):
        segmented.at([1.0, 2.0, 3.0])


def test_values_carry_their_uncertainty(segmented, labels):
    found = measure_with_thresholds(segmented, shares)
    truth = np.bincount(labels.ravel()) / labels.size
    for value, true in zip(found, truth, strict=True):
        assert 0 < value.uncertainty < 0.02
        assert abs(value.value - true) < 3 * value.uncertainty
    parts = found.details["segmentation"]["active"]
    choices = ["threshold void|electrolyte", "threshold electrolyte|active", "detail"]
    assert list(parts) == [*choices, "beginning", "resolution", "bias", "noise"]
    assert found["active"].uncertainty == pytest.approx(np.linalg.norm(list(parts.values())))
    bias = found.details["segmentation_bias"]
    assert abs(bias["active"]) == parts["bias"]
    assert sum(bias.values()) == pytest.approx(0.0, abs=1e-12)
    assert found["active"].value == shares(segmented.volume)["active"].value
    assert Result.from_json(found.to_json()).values == found.values


def test_a_large_volume_is_varied_in_its_middle(segmented):
    asked = []

    def count(volume: Volume) -> Result:
        asked.append(volume.shape)
        return Result("x", (Value("electrolyte", 2.0 * shares(volume)["electrolyte"].value),))

    found = measure_with_thresholds(segmented, count, most=30**3)
    assert asked == [(48, 48, 48), *[(30, 30, 30)] * 12]
    assert found.details["segmentation_block"] == [30, 30, 30]
    assert found["electrolyte"].value == 2 * shares(segmented.volume)["electrolyte"].value
    block = segmented.part((slice(9, 39),) * 3)
    alone = measure_with_thresholds(block, count)
    one, whole = alone["electrolyte"], found["electrolyte"]
    assert "segmentation_block" not in alone.details
    assert whole.uncertainty / whole.value == pytest.approx(one.uncertainty / one.value)


def test_a_value_that_a_choice_does_not_have_is_flagged(segmented):
    def fickle(volume: Volume) -> Result:
        known = volume is segmented.volume
        return Result("x", (Value("y", 1.0 if known else None, uncertainty=0.5),))

    value = measure_with_thresholds(segmented, fickle)["y"]
    assert value.uncertainty == 0.5
    assert value.flags[0].startswith("unknown at other choices of threshold void|electrolyte")
    assert value.flags[0].endswith("detail, beginning, resolution, imaging again")


def test_imaged_again_is_much_the_same_volume(segmented):
    again = segmented.imaged_again(1)
    assert 0.97 < np.mean(again.labels == segmented.volume.labels) < 1
    assert np.array_equal(again.labels, segmented.imaged_again(1).labels)
    assert not np.array_equal(again.labels, segmented.imaged_again(2).labels)


@pytest.mark.parametrize("radius", [1.2, 1.8, 3.0])
def test_small_bodies_stay_where_the_grey_tells_them(radius):
    assert count_dark(radius, noise=2.0, seed=0) == 2


@pytest.mark.parametrize("seed", range(3))
def test_noise_makes_no_bodies(seed):
    assert count_dark(0.0, noise=30.0, seed=seed) == 1


def count_dark(radius: float, noise: float, seed: int) -> int:
    """Bodies found of a dark half space, and in the bright one a dark ball."""
    from scipy.ndimage import label

    x, y, z = np.mgrid[:40, :40, :40]
    labels = np.where(x < 20, 0, 1).astype(np.uint8)
    labels[(x - 30) ** 2 + (y - 20) ** 2 + (z - 20) ** 2 < radius**2] = 0
    grey = GreyVolume(photograph(labels, noise, seed))
    found = segment_phases(grey, PHASES[1:], smoothness=0.02).volume
    return int(label(found.labels == 0, np.ones((3, 3, 3)))[1])


@settings(max_examples=6, deadline=None)
@given(st.permutations([0, 1, 2]), st.lists(st.booleans(), min_size=3, max_size=3))
def test_turning_the_volume_turns_the_phases(order, flips):
    labels = bodies(32)
    grey = photograph(labels)
    turn = tuple(slice(None, None, -1 if flip else 1) for flip in flips)
    straight = segment_phases(GreyVolume(grey), PHASES).volume.labels
    turned = segment_phases(GreyVolume(grey.transpose(order)[turn]), PHASES).volume.labels
    assert np.mean(turned == straight.transpose(order)[turn]) > 0.985


@pytest.mark.parametrize("kind", [np.uint16, np.float32, np.float64, np.int16])
def test_grey_values_of_any_type_and_scale(labels, segmented, kind):
    scaled = 30 * photograph(labels) + 1000
    found = segment_phases(GreyVolume(np.asfortranarray(scaled.astype(kind))), PHASES)
    assert found.thresholds == pytest.approx(
        [30 * t + 1000 for t in segmented.thresholds], rel=0.02
    )
    assert np.mean(found.volume.labels == segmented.volume.labels) > 0.98


class CountingPool(ThreadPoolExecutor):
    handed = 0

    def submit(self, *arguments, **named):
        self.handed += 1
        return super().submit(*arguments, **named)


@pytest.mark.parametrize(("workers", "parts"), [(1, 1), (2, 2), (5, 7)])
def test_the_same_on_any_number_of_threads(grey, segmented, monkeypatch, workers, parts):
    again = segmented.imaged_again(3).labels
    with CountingPool(workers) as pool:
        monkeypatch.setattr(threads, "_WORTH_SHARING", 0)
        monkeypatch.setattr(threads, "_PARTS", parts)
        monkeypatch.setattr(threads, "_pool", lambda _: pool)
        found = segment_phases(grey, PHASES)
        assert np.array_equal(found.imaged_again(3).labels, again)
    assert np.array_equal(found.volume.labels, segmented.volume.labels)
    assert pool.handed > 4 * parts


def test_given_thresholds_are_kept(grey, labels):
    found = segment_phases(grey, PHASES, thresholds=[90, 160])
    assert found.thresholds == pytest.approx((90, 160))
    assert np.mean(found.volume.labels == labels) > 0.97


def test_a_single_slice(labels):
    found = segment_phases(GreyVolume(as_bytes(photograph(bodies(160))[:, :, 26])), PHASES[1:])
    assert found.volume.shape == (160, 160, 1)


def test_drifts_are_taken_away(labels):
    at = np.linspace(-1, 1, SIDE)
    drift = 12 * (at[:, None, None] ** 2 + at[None, :, None]) * np.ones(SIDE)
    grey = photograph(labels)
    drifting = GreyVolume((grey + drift).astype(np.float32))
    left = remove_background(drifting, 3).values - grey
    assert np.std(left) < 0.1 * np.std(drift)
    found = segment_phases(drifting, PHASES).volume.labels
    assert np.mean(found == labels) > 0.97


def test_slices_of_different_brightness(labels):
    steps = 8 * np.random.default_rng(1).normal(size=SIDE)
    grey = photograph(labels)
    uneven = GreyVolume((grey + steps).astype(np.float32))
    left = (remove_background(uneven, 3, order=0, slices="z").values - grey).mean(axis=(0, 1))
    assert np.std(left) < 0.15 * np.std(steps)


def test_noise_goes_and_edges_stay(labels):
    clean, noisy = photograph(labels, 0.0), photograph(labels, 15.0)
    assert estimate_noise(GreyVolume(noisy)) == pytest.approx(15.0, rel=0.05)
    for kind in (np.uint8, np.uint16, np.float32):
        given_grey = np.clip(noisy, 0, 255).astype(kind)
        quiet = denoise(GreyVolume(given_grey, 2.0))
        assert quiet.values.dtype == kind
        assert quiet.voxel_size == (2.0, 2.0, 2.0)
        error = quiet.values - clean + (0.0 if kind is np.float32 else 0.5)
        assert np.std(error) < 15 / 4
    slope = np.abs(np.gradient(clean)).max(axis=0)
    assert np.std((quiet.values - clean)[slope > 10]) < 15 / 2


def test_a_classifier_learns_texture_that_grey_does_not_tell():
    chance = np.random.default_rng(2)
    labels = np.zeros((40, 40, 24), np.uint8)
    labels[20:] = 1
    grey = 100 + np.where(labels == 1, 20.0, 4.0) * chance.normal(size=labels.shape)
    marked = np.zeros(labels.shape, np.uint8)
    marked[::3, ::3, ::6] = labels[::3, ::3, ::6] + 1
    found = train_classifier(GreyVolume(grey), marked, ("smooth", "rough"))
    assert found.accuracy > 0.9
    assert np.mean(found.segment(GreyVolume(grey, "1 um")).labels == labels) > 0.93
    assert "smooth, rough: " in repr(found)


def test_a_classifier_says_what_is_wrong_with_marks(grey):
    none = np.zeros(grey.shape, np.uint8)
    with pytest.raises(InputError, match="0 voxels are marked as void"):
        train_classifier(grey, none, PHASES)
    with pytest.raises(InputError, match="marks are 1 to 3 for void, electrolyte, active"):
        train_classifier(grey, none + np.uint8(4), PHASES)
    with pytest.raises(InputError, match="one for each of 48 x 48 x 48 voxels"):
        train_classifier(grey, none[:5], PHASES)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda grey: np.where(grey > 230, np.nan, grey), "grey values are not finite"),
        (lambda grey: np.where(grey > 230, np.inf, grey), "grey values are not finite"),
        (lambda grey: np.full_like(grey, 7.0), "every voxel has the grey value 7"),
        (lambda grey: np.random.default_rng(0).normal(size=grey.shape), "show fewer peaks"),
        (lambda _: photograph(np.maximum(bodies(), 1)), "show fewer peaks"),
        (lambda _: photograph(2 * (bodies() == 2)), "name fewer phases, or give their greys"),
    ],
)
def test_what_cannot_be_segmented_is_refused(labels, wrong, told):
    with pytest.raises(InputError, match=told):
        segment_phases(GreyVolume(wrong(photograph(labels))), PHASES)


def thin_voids() -> np.ndarray:
    """Active balls in electrolyte; voids three voxels thick between, too thin for a peak."""
    x, y, z = np.mgrid[:SIDE, :SIDE, :SIDE] % 24 + 0.5
    radius = np.sqrt((x - 12) ** 2 + (y - 12) ** 2 + (z - 12) ** 2)
    labels = np.where(radius < 8, 2, 1)
    labels[(radius >= 8) & (radius < 11) & (z > 16)] = 0
    return labels.astype(np.uint8)


def test_a_phase_too_thin_for_a_peak_is_told_by_its_grey():
    labels = thin_voids()
    volume = GreyVolume(as_bytes(photograph(labels)))
    fitted = segment_phases(volume, PHASES)
    assert fitted.fitted
    assert any("shows no peak" in flag for flag in fitted.flags)
    found = segment_phases(volume, PHASES, greys=[60, 120, 200])
    assert not found.fitted
    assert found.means == pytest.approx((60, 120, 200))
    share, true = np.mean(found.volume.labels == 0), np.mean(labels == 0)
    assert share == pytest.approx(true, abs=0.02)


def test_what_the_phases_do_not_explain_is_flagged():
    labels = np.ones((SIDE,) * 3, np.uint8)
    labels[:, :, 12:36] = 2
    labels[:, :, ::2] = np.where(labels[:, :, ::2] == 2, 2, 0)  # electrolyte and void, too fine
    labels[:, :, 40:] = 0
    found = segment_phases(
        GreyVolume(as_bytes(photograph(labels, noise=4.0))), PHASES, greys=[60, 120, 200]
    )
    assert any("times the noise unexplained" in flag for flag in found.flags)


def test_the_doubt_of_the_beginning_is_small_where_bodies_are_thick(segmented):
    name, first, second = list(segmented.variants())[-1]
    assert name == "beginning"
    assert first is segmented.volume
    assert 0 < np.mean(first.labels != second.labels) < 0.02


def test_bad_arguments_are_told(grey):
    with pytest.raises(InputError, match="phases are 2 to 16 names"):
        segment_phases(grey, ["void"])
    with pytest.raises(InputError, match="each its own"):
        segment_phases(grey, ["void", "void"])
    with pytest.raises(InputError, match="these phases need 2 rising thresholds"):
        segment_phases(grey, PHASES, thresholds=[160, 90])
    with pytest.raises(InputError, match=r"no voxels of phase 3 \(dark to bright\)"):
        segment_phases(grey, PHASES, thresholds=[90, 254])
    with pytest.raises(InputError, match="these phases need 3 rising greys"):
        segment_phases(grey, PHASES, greys=[60, 200])
    with pytest.raises(InputError, match="give thresholds or greys, not both"):
        segment_phases(grey, PHASES, greys=[60, 120, 200], thresholds=[90, 160])
    with pytest.raises(InputError, match="smoothness is positive"):
        segment_phases(grey, PHASES, smoothness=0)
    with pytest.raises(InputError, match="expected a GreyVolume"):
        segment_phases(Volume(np.zeros((2, 2, 2), int)), PHASES)
    with pytest.raises(InputError, match="the order of the drift"):
        remove_background(grey, 3, order=9)
    with pytest.raises(InputError, match=r"radius 0\.5 is to be 1 to 8"):
        denoise(grey, radius=0.5)
