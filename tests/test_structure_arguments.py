"""What is given to volumes, generators and measures by mistake: one clear error, no foreign one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from solith.core.errors import InputError
from solith.core.polycrystal import Polycrystal
from solith.core.result import Result, Value
from solith.core.volume import GreyVolume, Volume, voxel_size_of
from solith.structure import (
    LognormalDiameters,
    generate_blobs,
    generate_composite,
    measure_fractions,
    measure_representative,
    pack_spheres,
    remove_background,
    segment_phases,
    split_particles,
)

CUBE = (48, 48, 48)
CHANCE = np.random.default_rng(0)
LABELS = CHANCE.integers(0, 2, (12, 12, 12)).astype(np.uint8)
VOLUME = Volume(LABELS, ["a", "b"], "1 um")
GREY = GreyVolume(CHANCE.random((12, 12, 12)))
NAMES = ["a", "b"]


def representative(**options: Any) -> Result:
    return measure_representative(VOLUME, measure_fractions, "fraction_a", **options)


# Whatever is given is wrong in its type, too.
wrong: Any = lambda given: given  # noqa: E731


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: Volume(LABELS, wrong(5)), "phases: phases are a list of names or a table, not 5"),
        (lambda: Volume(LABELS, wrong([["a"], ["b"]])), "phases: phases have texts as names"),
        (lambda: Volume([[1, 2], [3]]), "the rows of a volume are of unlike length"),
        (lambda: GreyVolume([[1, 2], [3]]), "the rows of a volume are of unlike length"),
        (lambda: Volume(LABELS, None, (1, 2)), r"voxel_size: \(1, 2\) is no voxel size"),
        (lambda: Volume(LABELS[:, :, 0], None, (1, -2)), "voxel_size: .* is no voxel size"),
        (lambda: Volume(LABELS, None, b"1 um"), "b'1 um' is not a quantity"),
        (lambda: VOLUME.label_of(True), "unknown phase 'True'"),
        (
            lambda: Polycrystal(LABELS, (1, 2), seeds=np.zeros((2, 3))),
            r"voxel_size: \(1, 2\) is no voxel size",
        ),
        (
            lambda: Polycrystal([[0, 1], [1]], seeds=np.zeros((2, 3))),
            "grains: the rows of grains are of unlike length",
        ),
        (lambda: representative(sizes=["a", "b"]), "sizes: .* is no list of numbers of voxels"),
        (lambda: representative(sizes=[4, np.nan]), "sizes: .* is no list of numbers of voxels"),
        (lambda: representative(sizes=["4 um", 8]), "sizes: .* is no list of numbers of voxels"),
        (lambda: representative(sizes=[3, 4, 4.5]), "sizes: .* is no list of numbers of voxels"),
        (lambda: representative(sizes=4), "sizes: 4 is no list of numbers of voxels"),
        (lambda: representative(seed=-1), "seed: -1 is no whole number from 0"),
        (lambda: representative(seed="x"), "seed: 'x' is no whole number from 0"),
        (lambda: representative(relative_error="5 %"), "relative_error: '5 %' is no share"),
        (lambda: representative(relative_error=None), "relative_error: None is no share"),
        (
            lambda: generate_composite(CUBE, "1 um", 0.3, "9 um", void_fraction=0.1, void_chord=1),
            "void_chord: 1 m is more than half of the volume, 4.8e-05 m",
        ),
        (
            lambda: generate_composite(CUBE, 1, 0.3, 9, void_at_surface=wrong("a")),
            "void_at_surface: 'a' is no number of deviations",
        ),
        (
            lambda: generate_composite(CUBE, 1, 0.3, 9, void_fraction=wrong("a")),
            "void_fraction: 'a' is no fraction",
        ),
        (lambda: generate_composite(CUBE, 1, 0.3, 9, void_chord="a"), "'a' does not begin with"),
        (lambda: generate_blobs(CUBE, (1, 1), 0.3, 9), r"voxel_size: \(1, 1\) is no voxel size"),
        (lambda: pack_spheres(wrong(5), 0.3, 1), "size: 5 is not three positive lengths"),
        (lambda: LognormalDiameters("5 um", wrong("a")), "deviation: 'a' is no geometric standard"),
        (lambda: split_particles(VOLUME, "a", neck=wrong("x")), "neck is 0 to 1, .* not 'x'"),
        (lambda: split_particles(VOLUME, "a", smallest=wrong("x")), "smallest: 'x' is no number"),
        (
            lambda: segment_phases(GREY, NAMES, thresholds=wrong(["x"])),
            r"thresholds: these phases need 1 rising thresholds, not \['x'\]",
        ),
        (
            lambda: segment_phases(GREY, NAMES, thresholds=wrong(120)),
            "thresholds: these phases need 1 rising thresholds, not 120",
        ),
        (lambda: segment_phases(GREY, NAMES, thresholds=[np.nan]), "need 1 rising thresholds"),
        (lambda: segment_phases(GREY, NAMES, smoothness=wrong("x")), "smoothness is positive, not"),
        (lambda: segment_phases(GREY, wrong(5)), "phases are 2 to 16 names, .* not 5"),
        (lambda: segment_phases(GREY, wrong([["a"], ["b"]])), "phases have names, each its own"),
    ],
)
def test_mistakes_are_told(call: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        call()


def test_sizes_of_voxels() -> None:
    assert Volume(LABELS, None, np.array(1e-6)).voxel_size == (1e-6,) * 3
    assert voxel_size_of((1.0, 4.0), (5, 5, 1)) == pytest.approx((1, 4, 2))
    assert voxel_size_of(("1 um", "2 um", 3), (5, 5, 5)) == pytest.approx((1e-6, 2e-6, 3))


# --- too small to tell ------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(2, 2, 2), (1, 1, 2), (3, 3, 3), (1, 3, 3), (5, 5, 5)])
@pytest.mark.parametrize("options", [{}, {"background": False}, {"slices": "z"}])
def test_few_voxels_are_too_few(shape: tuple[int, int, int], options: dict[str, Any]) -> None:
    grey = GreyVolume(np.random.default_rng(1).random(shape))
    with pytest.raises(InputError, match=r"grey: .* voxels are too few to tell 2 phases apart"):
        segment_phases(grey, NAMES, **options)
    if np.prod(shape) < 64:
        with pytest.raises(InputError, match=r"voxels inside phases are too few|fewer peaks"):
            remove_background(grey, 2)


def test_slices_of_few_voxels_are_too_few() -> None:
    with pytest.raises(InputError, match="slices: no slice has more than 20 voxels inside phases"):
        segment_phases(GreyVolume(np.random.default_rng(1).random((1, 1, 200))), NAMES, slices="z")


@pytest.mark.parametrize("side", [12, 16, 24])
@pytest.mark.parametrize("options", [{}, {"background": False}, {"thresholds": [100]}])
def test_without_noise(side: int, options: dict[str, Any]) -> None:
    labels = np.zeros((side,) * 3, np.uint8)
    labels[side // 2 :] = 1
    found = segment_phases(GreyVolume(50.0 + 100 * labels), NAMES, **options)
    np.testing.assert_array_equal(found.volume.labels, labels)
    assert all(np.isfinite(one.value) for one in found.result() if one.value is not None)


# --- boxes that do not scatter ----------------------------------------------------------


def test_boxes_without_scatter_tell_nothing() -> None:
    def constant(_: Volume) -> Result:
        return Result("constant", (Value("fraction_a", 0.1 + 0.2),))

    found = measure_representative(VOLUME, constant, "fraction_a")
    value = found["fraction_a"]
    assert value.value == 0.1 + 0.2
    assert value.uncertainty is None
    assert value.flags == ("boxes do not scatter: nothing is known of the uncertainty",)
    for name in ("relative_error", "representative_volume", "representative_edge"):
        assert found[name].value is None
    assert found["integral_range"].value is None
    assert Result.from_json(found.to_json()).values == found.values


def test_sizes_without_scatter_are_left_out() -> None:
    cells = np.random.default_rng(2).random((16,) * 3) < 0.3
    labels = cells.repeat(2, 0).repeat(2, 1).repeat(2, 2).astype(np.uint8)
    volume = Volume(labels, ["b", "a"])

    def measure(box: Volume) -> Result:
        if box.shape == (6, 6, 6):
            return Result("constant", (Value("fraction_a", 0.3),))
        return measure_fractions(box)

    some = measure_representative(volume, measure, "fraction_a", sizes=[6, 8, 16])["fraction_a"]
    both = measure_representative(volume, measure, "fraction_a", sizes=[8, 16])["fraction_a"]
    assert "1 of 3 sizes do not scatter and are left out" in some.flags
    assert some.uncertainty == both.uncertainty
    assert both.uncertainty is not None
