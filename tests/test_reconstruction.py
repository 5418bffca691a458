"""Slices and volumes from projections: greys, the axis, stripes, resuming, what is refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.in_process import InProcess
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
from solith.study import Study, run_study
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


# --- in a study ---------------------------------------------------------------------------------

ROWS = 3
PHASES = ["void", "electrolyte", "active"]


@pytest.fixture
def scan(tmp_path, sinogram):
    """Counts of a scan of three equal rows, as an HDF5 file of a beamline has them."""
    rng = np.random.default_rng(3)
    open_beam = 60000.0 * (1 + 0.05 * rng.standard_normal(WIDTH))
    counts = rng.poisson(open_beam * np.exp(-sinogram))[:, None, :] * np.ones((1, ROWS, 1))
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        file["exchange/data"] = counts
        file["exchange/data_white"] = np.tile(open_beam, (5, ROWS, 1))
        file["exchange/data_dark"] = np.zeros((2, ROWS, WIDTH))
        file["exchange/theta"] = DEGREES
    return tmp_path


def written(**changed: Any) -> dict[str, Any]:
    inputs = {
        "pixel_size": "0.5 um",
        **{
            name: {"file": "scan.h5", "dataset": f"exchange/{dataset}"}
            for name, dataset in (
                ("projections", "data"),
                ("flats", "data_white"),
                ("darks", "data_dark"),
                ("angles", "theta"),
            )
        },
        **changed,
    }
    measure = {"file": {"task": "scan"}, "phases": PHASES, "particles": False, "fast": True}
    return {
        "name": "tomography",
        "tasks": [
            {"name": "scan", "do": "reconstruct", "inputs": inputs},
            {"name": "electrode", "do": "measure", "inputs": measure},
        ],
    }


def test_a_study_goes_from_projections_to_the_measures_of_a_volume(
    scan: Path, monkeypatch, phantom
):
    monkeypatch.setattr("solith.study._engine.Processes", InProcess)
    heard: list[str] = []
    inside = {"x": [35, 157], "y": [35, 157]}  # of the sample, which is a disc of 88 pixels' radius
    study = Study.from_mapping(written(box=inside), folder=scan)
    assert Study.from_mapping(study.to_mapping(), folder=scan) == study
    run = run_study(
        study, scan / "run", progress=Progress(lambda fraction, message: heard.append(message))
    )
    assert run.failures == {}
    assert "scan: slice 0 of 3" in heard
    made = run.results["scan"]
    assert abs(made["rotation_centre"].value - CENTRE) < 0.3
    assert made["voxel_size"].value == 0.5e-6
    assert made["slices"].value == ROWS
    volume = read_volume(scan / "run" / "results" / "scan.npy", voxel_size="0.5 um")
    assert volume.shape == (WIDTH, WIDTH, ROWS)
    (x0, x1), (y0, y1), _ = made.details["box"]
    labels = phantom.slice()[x0:x1, y0:y1]
    assert labels.min() >= 0
    found = run.results["electrode"]
    for number, name in enumerate(PHASES):
        assert found[f"fraction_{name}"].value == pytest.approx((labels == number).mean(), abs=0.02)
    again = run_study(study, scan / "run", reuse=True, progress=Progress(lambda *_: None))
    assert again.results["electrode"]["fraction_active"] == found["fraction_active"]


def test_a_volume_that_is_gone_is_made_again_and_a_moved_run_is_gone_on_with(
    scan: Path, monkeypatch
):
    monkeypatch.setattr("solith.study._engine.Processes", InProcess)
    study = Study.from_mapping(written(centre=CENTRE, box={"z": [1, 2]}), folder=scan)

    def done(folder: Path, **more: Any) -> list[str]:
        heard: list[str] = []
        progress = Progress(lambda fraction, message: heard.append(message))
        run = run_study(study, folder, progress=progress, **more)
        assert run.failures == {}
        (first, last), _, along = run.results["scan"].details["box"]
        assert along == [1, 2]
        # The usual square lies in the circle that all projections see, its next one does not.
        middle = (WIDTH - 1) / 2
        assert np.hypot(last - 1 - middle, last - 1 - middle) < WIDTH / 2
        assert np.hypot(last + 1 - middle, last + 1 - middle) > WIDTH / 2 - 1
        assert first + last == WIDTH
        return [one for one in heard if one.startswith(("scan: kept", "electrode: kept"))]

    assert done(scan / "run") == []
    assert done(scan / "run", reuse=True) == ["scan: kept", "electrode: kept"]
    (scan / "run").rename(scan / "moved")
    (scan / "moved" / "results" / "electrode.json").unlink()
    assert done(scan / "moved", reuse=True) == ["scan: kept"]
    kept = scan / "moved" / "results" / "scan.npy"
    kept.unlink()
    assert done(scan / "moved", reuse=True) == []
    assert kept.is_file()
    os.utime(kept, (0, 0))
    (scan / "moved" / "results" / "mine.npy").write_bytes(b"not the run's")
    assert done(scan / "moved", force=True) == []
    assert kept.stat().st_mtime > 0
    assert (scan / "moved" / "results" / "mine.npy").is_file()


def test_a_sinogram_alone_is_a_scan_of_one_row(tmp_path: Path, monkeypatch, sinogram):
    monkeypatch.setattr("solith.study._engine.Processes", InProcess)
    np.save(tmp_path / "sinogram.npy", sinogram)
    (tmp_path / "angles.txt").write_text("\n".join(map(str, DEGREES)))
    inputs = {"projections": "sinogram.npy", "angles": "angles.txt", "pixel_size": 1e-6}
    tasks = [{"name": "scan", "do": "reconstruct", "inputs": inputs}]
    study = Study.from_mapping({"name": "one", "tasks": tasks}, folder=tmp_path)
    run = run_study(study, tmp_path / "run")
    assert run.failures == {}
    values = np.load(tmp_path / "run" / "results" / "scan.npy")[:, :, 0]
    direct = reconstruct_slice(
        sinogram, DEGREES, centre=run.results["scan"]["rotation_centre"].value, stripes=True,
        pixel_size=1e-6,
    )  # fmt: skip
    assert np.allclose(values, direct, rtol=1e-4, atol=1e-4 * float(np.abs(direct).max()))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"projections": "none.h5"}, "projections: there is no file 'none.h5'"),
        ({"projections": 3}, "projections: 3 is no file; expected its name"),
        ({"flats": "flat_*.tif"}, r"flats: there is no file 'flat_\*.tif'"),
        ({"angles": "scan.h5"}, "angles: scan.h5 is HDF5: name the data set of the angles"),
        ({"angles": {"file": "scan.h5", "dataset": "no"}}, "angles: scan.h5 holds no list"),
        ({"angles": [[0, 1]]}, "angles: expected a list of angles in degrees"),
        ({"window": "boxcar"}, "unknown window 'boxcar'"),
        ({"centre": "97"}, "centre: '97' is no column of the detector"),
        ({"stripes": "no"}, "stripes: 'no' is neither true nor false"),
        ({"pixel_size": "-1 um"}, "pixel_size: '-1 um' must be above 0"),
        ({"pixel_size": "2 s"}, "pixel_size: .*2 s"),
        ({"box": {"w": [0, 1]}}, "box: .* is no table of axes"),
        ({"box": {"z": [2, 1]}}, r"box.z: \[2, 1\] is not the first voxel"),
        ({"filter": "hann"}, "unknown input 'filter'"),
    ],
)
def test_inputs_of_a_reconstruction_are_checked_before_anything_runs(
    scan: Path, changed: dict[str, Any], told: str
):
    with pytest.raises(InputError, match=told):
        Study.from_mapping(written(**changed), folder=scan)


def test_what_shows_only_in_the_arrays_fails_the_task_with_one_error(scan: Path, monkeypatch):
    monkeypatch.setattr("solith.study._engine.Processes", InProcess)

    def failure(number: int, **changed: Any) -> str:
        study = Study.from_mapping(written(**changed), folder=scan)
        run = run_study(study, scan / f"run{number}")
        assert run.failures["electrode"] == "not run, because 'scan' failed"
        return run.failures["scan"]

    assert "box.z: 4 lies outside the 3 voxels along z" in failure(1, box={"z": [0, 4]})
    assert "360 projections need as many finite angles" in failure(2, angles=[0.0, 90.0])
    assert "centre: 3.0 is no column in the inner" in failure(3, centre=3.0)
    other = {"file": "scan.h5", "dataset": "exchange/no"}
    assert failure(4, projections=other).startswith("projections: ")


def test_measures_of_another_result_are_told_what_a_volume_is(scan: Path, monkeypatch):
    monkeypatch.setattr("solith.study._engine.Processes", InProcess)
    mapping = written(centre=CENTRE)
    mapping["tasks"][1]["inputs"]["voxel"] = "1 um"
    with pytest.raises(InputError, match="voxel: describes a file; a reconstruction tells it"):
        Study.from_mapping(mapping, folder=scan)
    mapping = written(centre=CENTRE)
    again = {**mapping["tasks"][1], "name": "again"}
    again["inputs"] = {**again["inputs"], "file": {"task": "electrode"}}
    mapping["tasks"].append(again)
    run = run_study(Study.from_mapping(mapping, folder=scan), scan / "run")
    assert "has no volume; expected a file or a reconstruction" in run.failures["again"]
