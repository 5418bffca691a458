"""Generated structures: fractions, distances, directions, seeds, and those known exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import solith
from solith.core import threads
from solith.core.errors import ConvergenceError, InputError
from solith.structure import (
    LognormalDiameters,
    Packing,
    draw_packing,
    generate_blobs,
    generate_checkerboard,
    generate_composite,
    generate_cubic_spheres,
    generate_laminate,
    generate_polyhedra,
    generate_spheres,
    pack_spheres,
)
from solith.structure._drawing import meet_fraction

CUBE = (48, 48, 48)


def part(volume: solith.Volume, phase: str) -> float:
    return float(volume.mask(phase).mean())


def smallest_gap(packing: Packing) -> float:
    """All pairs, one by one: the distance of surfaces to the nearest images."""
    steps = packing.centres[:, np.newaxis] - packing.centres
    steps -= np.array(packing.size) * np.rint(steps / np.array(packing.size))
    gaps = np.sqrt((steps**2).sum(-1)) - packing.radii[:, np.newaxis] - packing.radii
    return float(gaps[~np.eye(len(gaps), dtype=bool)].min())


def mean_chord(mask: np.ndarray, axis: int) -> float:
    """Voxels of the phase for each run of it along an axis, the volume repeating."""
    begins = mask & ~np.roll(mask, 1, axis)
    return float(mask.sum() / begins.sum())


def pieces(mask: np.ndarray) -> int:
    """Connected parts of a volume that repeats on all sides."""
    from scipy import ndimage
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    numbered, count = ndimage.label(mask)
    joined = []
    for axis in range(3):
        first, last = numbered.take(0, axis), numbered.take(-1, axis)
        both = (first > 0) & (last > 0)
        joined.append(np.stack([first[both], last[both]]))
    a, b = np.concatenate(joined, axis=1)
    graph = coo_array((np.ones(a.size), (a - 1, b - 1)), (count, count))
    return int(connected_components(graph)[0])


# --- packings ---------------------------------------------------------------------------


@settings(max_examples=15)
@given(
    fraction=st.floats(0.02, 0.6),
    deviation=st.floats(1, 1.5),
    gap=st.sampled_from([0.0, 0.2e-6]),
    seed=st.integers(0, 2**32),
    sides=st.tuples(*[st.floats(26e-6, 40e-6)] * 3),
)
def test_hard_spheres_do_not_overlap(
    fraction: float, deviation: float, gap: float, seed: int, sides: Any
) -> None:
    if gap:
        fraction = min(fraction, 0.5)
    packing = pack_spheres(sides, fraction, LognormalDiameters(5e-6, deviation), gap=gap, seed=seed)
    assert packing.fraction == pytest.approx(fraction, rel=1e-9)
    assert (packing.centres >= 0).all()
    assert (packing.centres < packing.size).all()
    assert smallest_gap(packing) >= gap * (1 - 1e-9) - 1e-18
    nearest = packing.smallest_gap()
    assert nearest == pytest.approx(smallest_gap(packing), abs=1e-15) or nearest == np.inf


def test_diameters_are_lognormal_by_volume() -> None:
    packing = pack_spheres([150e-6] * 3, 0.3, LognormalDiameters("6 um", 1.4), seed=1)
    order = np.argsort(packing.radii)
    volume = np.cumsum(packing.radii[order] ** 3)
    below = volume / volume[-1]
    median, sixteenth = (2 * packing.radii[order][np.searchsorted(below, p)] for p in (0.5, 0.1587))
    assert median == pytest.approx(6e-6, rel=0.04)
    assert median / sixteenth == pytest.approx(1.4, rel=0.06)


def test_a_list_of_diameters_is_drawn_from() -> None:
    packing = pack_spheres([60.0] * 3, 0.3, [4.0, 8.0], seed=1)
    sizes, counts = np.unique(np.round(2 * packing.radii, 6), return_counts=True)
    assert sizes[1] / sizes[0] == pytest.approx(2)
    assert sizes[0] == pytest.approx(4, rel=0.02)
    assert counts[0] / counts[1] == pytest.approx(1, abs=0.4)


def test_packings_are_uniform_and_isotropic() -> None:
    packing = pack_spheres([1.0] * 3, 0.55, 0.06, seed=4)
    octants = np.bincount((packing.centres > 0.5) @ [1, 2, 4], minlength=8) / len(packing.radii)
    assert octants == pytest.approx(1 / 8, rel=0.08)
    steps = packing.centres[:, np.newaxis] - packing.centres
    steps -= np.rint(steps)
    distances = np.sqrt((steps**2).sum(-1))
    near = (distances > 0) & (distances < 0.063)
    squares = (steps[near] ** 2).mean(0) / (distances[near] ** 2).mean()
    assert squares == pytest.approx(1 / 3, abs=0.03)


def test_a_packing_on_voxels() -> None:
    packing = pack_spheres([40e-6] * 3, 0.5, "10 um", seed=2)
    volume = draw_packing(packing, "0.5 um")
    assert volume.shape == (80, 80, 80)
    assert part(volume, "particle") == pytest.approx(0.5, rel=2e-3)
    places = (np.indices(volume.shape).reshape(3, -1).T + 0.5) * 0.5e-6
    for one in (0, 7):
        steps = places - packing.centres[one]
        steps -= 40e-6 * np.rint(steps / 40e-6)
        inside = (steps**2).sum(1) < packing.radii[one] ** 2
        assert volume.labels.reshape(-1)[inside].all()
    with pytest.raises(InputError, match=r"voxel_size: the box is 133\.333 x .* wide, not whole"):
        draw_packing(packing, "0.3 um")


# --- spheres ----------------------------------------------------------------------------


@settings(max_examples=15)
@given(
    fraction=st.floats(0.05, 0.55),
    overlapping=st.booleans(),
    periodic=st.booleans(),
    seed=st.integers(0, 2**32),
)
def test_fractions_are_met_in_voxels(
    fraction: float, overlapping: bool, periodic: bool, seed: int
) -> None:
    options = {"overlapping": overlapping, "periodic": periodic, "seed": seed}
    volume = generate_spheres(CUBE, 1e-6, fraction, 10e-6, **options)
    assert part(volume, "particle") == pytest.approx(fraction, rel=5e-3)
    again = generate_spheres(CUBE, 1e-6, fraction, 10e-6, **options)
    np.testing.assert_array_equal(again.labels, volume.labels)


def test_seeds_differ_and_threads_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    shape = (64, 64, 64)
    one = generate_composite(shape, 1, 0.4, 12, void_fraction=0.1, carbon_fraction=0.05, seed=1)
    two = generate_composite(shape, 1, 0.4, 12, void_fraction=0.1, carbon_fraction=0.05, seed=2)
    assert (one.labels != two.labels).mean() > 0.3
    monkeypatch.setattr(threads, "_WORTH_SHARING", 10**12)
    alone = generate_composite(shape, 1, 0.4, 12, void_fraction=0.1, carbon_fraction=0.05, seed=1)
    np.testing.assert_array_equal(one.labels, alone.labels)


def test_hard_spheres_are_apart_and_repeat() -> None:
    volume = generate_spheres((64, 64, 64), 1.0, 0.2, 12, gap=3, seed=1)
    count = 0.2 * 64**3 / (np.pi / 6 * 12**3)
    assert pieces(volume.mask("particle")) == round(count)
    cut = generate_spheres((64, 64, 64), 1.0, 0.2, 12, gap=3, seed=1, periodic=False)
    assert pieces(cut.mask("particle")) != round(count)


def test_overlapping_spheres_have_the_surface_of_a_boolean_model() -> None:
    # Specific surface: 3 / radius times (1 - p) times -ln(1 - p).
    volume = generate_spheres((96, 96, 96), 1.0, 0.5, 16, overlapping=True, seed=3)
    mask = volume.mask("particle")
    crossings = 2 * 0.5 / np.mean([mean_chord(mask, axis) for axis in range(3)])
    expected = 3 / 8 * 0.5 * np.log(2)
    assert 2 * crossings == pytest.approx(expected, rel=0.08)


def test_coatings_lie_around_particles() -> None:
    volume = generate_spheres((64, 64, 64), "1 um", 0.1, "14 um", coating="3 um", seed=1)
    assert part(volume, "particle") == pytest.approx(0.1, rel=5e-3)
    assert part(volume, "coating") == pytest.approx(0.1 * ((10 / 7) ** 3 - 1), rel=0.03)
    core, bare = volume.mask("particle"), volume.mask("matrix")
    for axis in range(3):
        for way in (-1, 1):
            assert not (core & np.roll(bare, way, axis)).any()


@pytest.mark.parametrize("make", [generate_spheres, generate_polyhedra])
def test_stretched_structures(make: Any) -> None:
    options: dict[str, Any] = {"stretch": (1.4, 1.4, 0.5), "seed": 5}
    mask = make((70, 70, 50), 1.0, 0.4, 14, **options).mask("particle")
    along = [mean_chord(mask, axis) for axis in range(3)]
    assert along[0] / along[1] == pytest.approx(1, abs=0.1)
    assert along[0] / along[2] == pytest.approx(2.8, rel=0.1)
    even = make((70, 70, 70), 1.0, 0.4, 14, seed=5).mask("particle")
    chords = [mean_chord(even, axis) for axis in range(3)]
    assert max(chords) / min(chords) < 1.1


def test_voxels_of_unlike_sides_draw_the_same_structure() -> None:
    coarse = generate_spheres((40, 40, 20), (1.0, 1.0, 2.0), 0.3, 12, seed=1)
    fine = generate_spheres((40, 40, 40), 1.0, 0.3, 12, seed=1)
    pairs = fine.labels.reshape(40, 40, 20, 2)
    surely = pairs[..., 0] == pairs[..., 1]
    assert (coarse.labels == pairs[..., 0])[surely].mean() > 0.98


# --- polyhedra and blobs ----------------------------------------------------------------


@settings(max_examples=10)
@given(fraction=st.floats(0.05, 0.9), periodic=st.booleans(), seed=st.integers(0, 2**32))
def test_polyhedra_meet_their_fraction(fraction: float, periodic: bool, seed: int) -> None:
    volume = generate_polyhedra((64, 64, 64), 1.0, fraction, 11, periodic=periodic, seed=seed)
    assert part(volume, "particle") == pytest.approx(fraction, rel=5e-3)


def test_polyhedra_are_apart_and_convex() -> None:
    from scipy import ndimage

    volume = generate_polyhedra((96, 96, 96), 1.0, 0.55, LognormalDiameters(24, 1.2), seed=2)
    mask = volume.mask("particle")
    mean = np.pi / 6 * 24**3
    assert pieces(mask) == pytest.approx(0.55 * 96**3 / mean, rel=0.5)
    numbered, count = ndimage.label(mask)
    for place in ndimage.find_objects(numbered)[:count]:
        one = numbered[place] == numbered[place].max()
        for axis in range(3):
            runs = (np.diff(np.pad(one, 1).astype(np.int8), axis=axis) == 1).sum(axis)
            assert runs.max() <= 1  # a line meets a convex body once


@pytest.mark.parametrize("fraction", [0.1, 0.3, 0.5, 0.8])
def test_blobs_have_their_chord(fraction: float) -> None:
    volume = generate_blobs((96, 96, 96), 1e-6, fraction, 12e-6, seed=1)
    assert part(volume, "blob") == pytest.approx(fraction, abs=2e-4)
    mask = volume.mask("blob")
    assert np.mean([mean_chord(mask, axis) for axis in range(3)]) == pytest.approx(12, rel=0.08)
    sides = (volume.labels[0] != volume.labels[-1]).mean()
    within = (volume.labels[48] != volume.labels[49]).mean()
    assert sides < 2 * within + 0.01  # the last plane goes on in the first


def test_stretched_blobs() -> None:
    mask = generate_blobs((96, 96, 96), 1.0, 0.4, 10, stretch=(2, 1, 0.5), seed=1).mask("blob")
    along = [mean_chord(mask, axis) for axis in range(3)]
    assert along == pytest.approx([20, 10, 5], rel=0.15)


# --- composites -------------------------------------------------------------------------


@pytest.mark.parametrize("particles", ["spheres", "polyhedra"])
def test_composites_meet_all_fractions(particles: Any) -> None:
    volume = generate_composite(
        (72, 72, 48),
        "0.5 um",
        0.5,
        LognormalDiameters("6 um", 1.2),
        void_fraction=0.12,
        carbon_fraction=0.04,
        particles=particles,
        seed=3,
    )
    wanted = {"void": 0.12, "active": 0.5, "electrolyte": 0.34, "carbon": 0.04}
    for phase, fraction in wanted.items():
        assert part(volume, phase) == pytest.approx(fraction, rel=5e-3)


def test_voids_go_to_surfaces() -> None:
    shares = []
    for raised in (0.0, 1.0, 3.0):
        volume = generate_composite(
            (72, 72, 72), 1.0, 0.4, 16, void_fraction=0.1, void_at_surface=raised, seed=1
        )
        void, active = volume.mask("void"), volume.mask("active")
        touching = sum(
            int((active & np.roll(void, way, axis)).sum()) for axis in range(3) for way in (-1, 1)
        )
        surface = sum(
            int((active & ~np.roll(active, way, axis)).sum())
            for axis in range(3)
            for way in (-1, 1)
        )
        shares.append(touching / surface)
    # Anywhere: what is left is 1/6 void, and so is the surface's surroundings.
    assert shares[0] == pytest.approx(1 / 6, abs=0.04)
    assert shares[0] + 0.03 < shares[1]
    assert shares[1] + 0.03 < shares[2]


# --- exact structures -------------------------------------------------------------------


@settings(max_examples=20)
@given(
    st.sampled_from("xyz"), st.lists(st.integers(1, 4), min_size=1, max_size=4), st.integers(1, 3)
)
def test_laminates(axis: str, thicknesses: list[int], times: int) -> None:
    along = "xyz".index(axis)
    shape = [5, 5, 5]
    shape[along] = sum(thicknesses) * times
    volume = generate_laminate(shape, thicknesses, axis, "2 um")
    assert volume.voxel_size == (2e-6, 2e-6, 2e-6)
    for layer, voxels in enumerate(thicknesses):
        assert part(volume, str(layer)) == pytest.approx(voxels / sum(thicknesses))
    line = np.moveaxis(volume.labels, along, 0)[:, 0, 0]
    assert (np.moveaxis(volume.labels, along, 2) == line).all()
    assert list(line[: thicknesses[0]]) == [0] * thicknesses[0]


def test_checkerboards() -> None:
    labels = generate_checkerboard((8, 12, 3), 2).labels
    assert labels.mean() == 0.5
    assert (labels[..., :1] == labels).all()
    assert (labels[2:] != labels[:-2]).all()
    assert (labels[:, 2:] != labels[:, :-2]).all()
    np.testing.assert_array_equal(
        generate_checkerboard((3, 8, 12), 2, "x").labels, labels.transpose(2, 0, 1)
    )


def test_cubic_spheres() -> None:
    errors = [
        abs(part(generate_cubic_spheres(n, 0.4), "particle") - 0.4) for n in (16, 32, 64, 128)
    ]
    assert max(errors[-2:]) < 1e-3
    assert max(errors) < 0.02
    volume = generate_cubic_spheres(20, np.pi / 6, cells=2, voxel_size="1 um")
    assert volume.shape == (40, 40, 40)
    np.testing.assert_array_equal(volume.labels, volume.labels[::-1].transpose(1, 2, 0))
    np.testing.assert_array_equal(volume.labels[:20], volume.labels[20:])


# --- what is no structure ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: generate_spheres((9, 9), 1, 0.3, 2), r"shape: \(9, 9\) is not three numbers"),
        (
            lambda: generate_spheres((9, 9, 0), 1, 0.3, 2),
            "shape: .* is no list of numbers of voxels",
        ),
        (lambda: generate_spheres((9, 9, np.inf), 1, 0.3, 2), "shape: .* is no list of numbers"),
        (lambda: generate_spheres(CUBE, 1, 0.3, 9, seed=-1), "seed: -1 is no whole number"),
        (
            lambda: generate_blobs(CUBE, 1, 0.3, 9, stretch=(1, np.nan, 1)),
            "stretch: .* is not three",
        ),
        (lambda: generate_spheres(CUBE, 0, 0.3, 2), "voxel_size: .* is no voxel size"),
        (lambda: generate_spheres(CUBE, 1, 0.8, 9), "fraction: 0.8 is no fraction .* up to 0.7"),
        (lambda: generate_spheres(CUBE, 1, np.nan, 9), "fraction: nan is no fraction"),
        (lambda: generate_spheres(CUBE, 1, 0.3, -9), "diameter: -9 is no positive length"),
        (lambda: generate_spheres(CUBE, 1, 0.3, []), r"diameter: \[\] is no positive length"),
        (lambda: generate_spheres(CUBE, 1, 0.3, "9"), "'9'"),
        (lambda: generate_spheres(CUBE, 1, 0.1, 30), "size: the box is 48 m wide and the largest"),
        (lambda: generate_spheres(CUBE, 1, 0.01, 23), "diameter: one particle alone is larger"),
        (lambda: generate_spheres(CUBE, 1e3, 0.3, 1e-3), "diameter: that is .* more than 2000000"),
        (
            lambda: generate_spheres(CUBE, 1, 0.3, 9, overlapping=True, gap=1),
            "gap: spheres that overlap keep no gap",
        ),
        (lambda: generate_spheres(CUBE, 1, 0.3, 9, coating=0.5), "coating of 0.5 m is thinner"),
        (lambda: generate_spheres(CUBE, 1, 0.3, 9, stretch=(1, 1)), r"stretch: \(1, 1\) is not"),
        (lambda: pack_spheres((9, 9), 0.3, 1), r"size: \(9, 9\) is not three positive lengths"),
        (lambda: pack_spheres((9, 9, 9), 1.3, 1), "fraction: 1.3 is no fraction"),
        (lambda: pack_spheres((9, 9, 9), 0.3, 1, gap=-1), "gap: -1 is no distance"),
        (lambda: LognormalDiameters("0 um"), "median: '0 um' is no positive length"),
        (lambda: LognormalDiameters("3 um", 0.5), "deviation: 0.5 is no geometric standard"),
        (lambda: generate_polyhedra(CUBE, 1, 0.96, 9), "fraction: 0.96 is no fraction .* to 0.95"),
        (lambda: generate_blobs(CUBE, 1, 0.3, 1), "chord: 1 is 1 of 48 voxels"),
        (lambda: generate_blobs(CUBE, 1, 0.3, 40), "chord: 40 is 40 of 48 voxels"),
        (
            lambda: generate_composite(CUBE, 1, 0.5, 9, void_fraction=0.3, carbon_fraction=0.3),
            "active material, voids and carbon are 1.1 of the volume",
        ),
        (lambda: generate_composite(CUBE, 1, 0.5, 9, void_fraction=-1), "void_fraction: -1 is no"),
        (
            lambda: generate_composite(CUBE, 1, 0.5, 9, particles="cubes"),  # type: ignore[arg-type]
            "particles: 'cubes' is neither spheres nor polyhedra",
        ),
        (
            lambda: generate_composite(CUBE, 1, 0.5, 9, void_fraction=0.1, void_chord=1),
            "void_chord: 1 m is less than two voxels",
        ),
        (
            lambda: generate_composite(CUBE, 1, 0.5, 9, void_at_surface=-1),
            "void_at_surface: -1 is no number of deviations",
        ),
        (
            lambda: generate_laminate(CUBE, [5, 5]),
            "thicknesses: layers of 10 voxels do not fill 48",
        ),
        (lambda: generate_laminate(CUBE, [0, 5]), "thicknesses: .* is no list of numbers"),
        (lambda: generate_laminate(CUBE, [1], "w"), "axis 'w' is none of x, y, z"),
        (lambda: generate_checkerboard(CUBE, 5), "side: fields of 5 voxels are no even number"),
        (lambda: generate_checkerboard(CUBE, 0), "side: 0 is no number of voxels"),
        (
            lambda: generate_cubic_spheres(9, 0.6),
            "fraction: 0.6 is no fraction above 0 and up to 0.524",
        ),
        (lambda: generate_cubic_spheres(0, 0.3), "side: 0 is no number of voxels"),
    ],
)
def test_one_clear_error(call: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        call()


def test_what_does_not_fit_says_so() -> None:
    with pytest.raises(ConvergenceError, match=r"no place at a fraction of 0\.69: spheres of one"):
        pack_spheres((10, 10, 10), 0.69, 3)
    with pytest.raises(ConvergenceError, match=r"fraction of 0\.5 \(0\.97\d with the gaps\)"):
        pack_spheres((40, 40, 40), 0.5, 4, gap=1)
    labels = np.zeros((2, 2, 5), np.uint8)

    def all_or_half(size: float) -> None:
        labels[...] = size > 1
        labels[0] = 1

    with pytest.raises(ConvergenceError, match=r"0\.7 is met within 28\.6% only, with 2 x 2 x 5"):
        meet_fraction(labels, all_or_half, 0.7, 0.0, 0.5, 2.0)


@pytest.mark.parametrize("make", [generate_spheres, generate_polyhedra])
def test_one_voxel_thick(make: Any) -> None:
    volume = make((96, 96, 1), 1.0, 0.4, 12, periodic=False, seed=1)
    assert part(volume, "particle") == pytest.approx(0.4, rel=5e-3)
    image = generate_blobs((96, 96, 1), 1.0, 0.4, 8)
    assert part(image, "blob") == pytest.approx(0.4, abs=1e-3)
