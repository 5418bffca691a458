"""Files of volumes that could be taken for something else, and what they must not overwrite."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import solith
from solith.core.errors import InputError, SolithError
from solith.volumes import read_volume, write_fields, write_volume

SIZE = (0.5e-6, 0.25e-6, 2e-6)
STACK = np.arange(60, dtype=np.uint8).reshape(3, 4, 5)
"""z, y, x."""


def nrrd(path: Path, *lines: str, voxels: bytes = STACK.tobytes(), sizes: str = "5 4 3") -> Path:
    kind = "" if any(line.startswith("type:") for line in lines) else "type: uint8\n"
    header = f"NRRD0005\n{kind}dimension: {len(sizes.split())}\nsizes: {sizes}\nencoding: raw\n"
    path.write_bytes((header + "".join(f"{line}\n" for line in lines) + "\n").encode() + voxels)
    return path


def meta(path: Path, *lines: str) -> Path:
    header = ["ObjectType = Image", "NDims = 3", "DimSize = 5 4 3", "ElementType = MET_UCHAR"]
    text = "\n".join([*header, *lines, "ElementDataFile = LOCAL", ""])
    path.write_bytes(text.encode() + STACK.tobytes())
    return path


def grey(path: Path, **options: Any) -> solith.GreyVolume:
    volume = read_volume(path, **options)
    assert isinstance(volume, solith.GreyVolume)
    return volume


# --- what is not overwritten ------------------------------------------------------------


def test_a_raw_file_of_something_else_is_not_overwritten(tmp_path: Path) -> None:
    volume = solith.GreyVolume(STACK.T, SIZE)
    (tmp_path / "tomo.raw").write_bytes(b"the tomogram")
    told = r"tomo\.mhd: its voxels would overwrite tomo\.raw, which is not of this header"
    with pytest.raises(InputError, match=told):
        write_volume(volume, tmp_path / "tomo.mhd")
    (tmp_path / "tomo.mhd").write_text("ObjectType = Image\nElementDataFile = other.raw\n")
    with pytest.raises(InputError, match=told):
        write_volume(volume, tmp_path / "tomo.mhd")
    assert (tmp_path / "tomo.raw").read_bytes() == b"the tomogram"
    (tmp_path / "tomo.mhd").write_text("ObjectType = Image\nElementDataFile = tomo.raw\n")
    write_volume(volume, tmp_path / "tomo.mhd")
    np.testing.assert_array_equal(grey(tmp_path / "tomo.mhd").values, STACK.T)


@pytest.mark.parametrize("ending", [".mhd", ".npy"])
def test_measured_files_are_no_place_for_labels(tmp_path: Path, ending: str) -> None:
    from solith.app._measure_command import _check_labels

    path = tmp_path / f"tomo{ending}"
    write_volume(solith.GreyVolume(STACK.T, SIZE), path)
    _check_labels(tmp_path / f"labels{ending}", path)
    for read in (path, tmp_path, tmp_path / "tomo.*"):
        with pytest.raises(InputError, match="labels would overwrite what is measured"):
            _check_labels(path, read)
    raw = tmp_path / "scan.raw"
    raw.write_bytes(STACK.tobytes())
    with pytest.raises(InputError, match=r"would overwrite scan\.raw"):
        _check_labels(tmp_path / "scan.mhd", raw)


# --- MetaImage --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("BinaryData = False", r"has its voxels as text \(BinaryData is not True\)"),
        ("ElementNumberOfChannels = abc", r"its MetaImage header has no .*'abc'.* understood"),
        ("HeaderSize = -5", "its HeaderSize is -5, which is no number of bytes"),
        ("HeaderSize = -700", "its HeaderSize is -700"),
    ],
)
def test_metaimage_headers_that_are_not_what_they_seem(
    tmp_path: Path, line: str, told: str
) -> None:
    with pytest.raises(InputError, match=rf"a\.mha: {told}"):
        read_volume(meta(tmp_path / "a.mha", line), voxel_size=1)


def test_metaimage_voxels_at_the_end(tmp_path: Path) -> None:
    path = meta(tmp_path / "a.mha", "BinaryData = True", "HeaderSize = -1")
    np.testing.assert_array_equal(grey(path, voxel_size=1).values, STACK.T)


# --- NRRD -------------------------------------------------------------------------------


def test_the_byte_order_is_told(tmp_path: Path) -> None:
    big = STACK.astype(">u2")
    path = nrrd(tmp_path / "a.nrrd", "type: uint16", "endian: Big", voxels=big.tobytes())
    np.testing.assert_array_equal(grey(path, voxel_size=1).values, STACK.T)
    with pytest.raises(InputError, match=r"a\.nrrd: its NRRD header lacks endian \(big or little"):
        read_volume(nrrd(path, "type: uint16", voxels=big.tobytes()), voxel_size=1)
    with pytest.raises(InputError, match="says endian 'middle', neither big nor little"):
        read_volume(nrrd(path, "type: uint16", "endian: middle"), voxel_size=1)


@pytest.mark.parametrize("lines", [["byte skip: -2"], ["byte skip: -70"]])
def test_bytes_are_not_skipped_backwards(tmp_path: Path, lines: list[str]) -> None:
    with pytest.raises(InputError, match=r"a\.nrrd: has a byte skip of -\d+, which is not supp"):
        read_volume(nrrd(tmp_path / "a.nrrd", *lines), voxel_size=1)


def test_colours_and_times_are_no_axes_of_space(tmp_path: Path) -> None:
    path = tmp_path / "a.nrrd"
    for sizes, kinds in [("3 5 4", "RGB-color domain domain"), ("5 4 3", "domain domain time")]:
        with pytest.raises(InputError, match=r"numbers \((rgb-color|time)\): not a volume of one"):
            read_volume(nrrd(path, f"kinds: {kinds}", sizes=sizes), voxel_size=1)
    nrrd(path, "space directions: none (1,0,0) (0,1,0) (0,0,1)", sizes="3 5 2 2")
    with pytest.raises(InputError, match="3 x 5 x 2 x 2 numbers: not a volume"):
        read_volume(path, voxel_size=1)


@pytest.mark.parametrize(
    "lines",
    [
        [
            "space directions: none (0.5,0,0) (0,-0.25,0) (0,0,2)",
            'space units: "um" "um" "um"',
        ],
        ["kinds: stub domain domain domain", "spacings: 7 0.5 0.25 2", 'units: "" "um" "um" "um"'],
        ["spacings: nan 0.5 0.25 2", 'units: "" "um" "um" "um"'],
    ],
)
def test_dropped_axes_take_their_spacing_along(tmp_path: Path, lines: list[str]) -> None:
    volume = grey(nrrd(tmp_path / "a.nrrd", *lines, sizes="1 5 4 3"))
    np.testing.assert_array_equal(volume.values, STACK.T)
    assert volume.voxel_size == pytest.approx(SIZE)


def test_a_volume_one_voxel_deep_keeps_its_axis(tmp_path: Path) -> None:
    lines = ["space directions: none (0.5,0,0) (0,2,0) (0,0,0.25)", 'space units: "um" "um" "um"']
    volume = grey(nrrd(tmp_path / "a.nrrd", *lines, sizes="1 5 1 12"))
    assert volume.shape == (5, 1, 12)
    assert volume.voxel_size == pytest.approx((0.5e-6, 2e-6, 0.25e-6))


def test_turned_axes_are_asked_for(tmp_path: Path) -> None:
    path, units = tmp_path / "a.nrrd", 'space units: "um" "um" "um"'
    permuted = "space directions: (0,0,2) (0,0.25,0) (0.5,0,0)"
    rotated = "space directions: (0.3,0.4,0) (-0.4,0.3,0) (0,0,2)"
    for lines in ([permuted, units], [rotated, units]):
        with pytest.raises(InputError, match=r"a\.nrrd: axes: .* are turned .* as axes='zyx'"):
            read_volume(nrrd(path, *lines))
    volume = grey(nrrd(path, permuted, units), axes="xyz")
    np.testing.assert_array_equal(volume.values, STACK)
    assert volume.voxel_size == pytest.approx(SIZE)
    for lines, told in [
        (["space directions: (1,0,0) (1,1,0) (0,0,1)", units], "are not square on each other"),
        (["space directions: (1,0,0) (0,0,0) (0,0,1)", units], "are no lengths"),
        (["space directions: (1,0,0) (0,1,0)", units], "are not one for each of 3 axes"),
        (["space directions: (1,0,0) (0,1) (0,0,1)", units], "are not of one space"),
        (["spacings: 1 2 x"], "are no numbers"),
    ]:
        with pytest.raises(InputError, match=told):
            read_volume(nrrd(path, *lines), voxel_size=1, axes="zyx")


@pytest.mark.parametrize("ending", [".tif", ".nrrd", ".mha", ".h5"])
def test_sizes_follow_the_axes_that_are_told(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    write_volume(solith.GreyVolume(STACK.T, SIZE), path)
    volume = grey(path, axes="xyz")
    assert volume.shape == STACK.shape
    assert volume.voxel_size == pytest.approx(SIZE[::-1])


# --- types ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [np.float16, ">f2", np.longdouble])
def test_rare_floats_become_common_ones(tmp_path: Path, kind: Any) -> None:
    values = (STACK.T / 4).astype(kind)
    back = np.float64 if kind == np.longdouble else np.float32
    (tmp_path / "a.raw").write_bytes(np.ascontiguousarray(values.T).tobytes())
    raw = grey(tmp_path / "a.raw", shape=values.shape, dtype=kind, voxel_size=1)
    np.testing.assert_array_equal(raw.values, values)
    assert raw.values.dtype == back
    endings = [".nrrd", ".mha", ".mhd", ".h5", ".npy"]
    for ending in endings:
        write_volume(solith.GreyVolume(values, SIZE), tmp_path / f"b{ending}")
        volume = grey(tmp_path / f"b{ending}", voxel_size=SIZE)
        np.testing.assert_array_equal(volume.values, values)
        assert volume.values.dtype == back
    write_volume(solith.GreyVolume(values, SIZE), tmp_path / "b.vti")
    write_fields(tmp_path / "c.vti", {"grey": values}, SIZE)
    assert (
        f'type="Float{8 * np.dtype(back).itemsize}"'.encode() in (tmp_path / "c.vti").read_bytes()
    )


def test_rare_floats_in_zarr(tmp_path: Path) -> None:
    pytest.importorskip("zarr")
    for kind in (np.float16, np.longdouble):
        values = STACK.T.astype(kind)
        write_volume(solith.GreyVolume(values, SIZE), tmp_path / "a.zarr")
        np.testing.assert_array_equal(grey(tmp_path / "a.zarr").values, values)


# --- HDF5 -------------------------------------------------------------------------------


@pytest.mark.parametrize("axes", [np.bytes_("xyz"), np.array([b"XYZ"]), [b"x", b"y", b"z"], "xyz"])
@pytest.mark.parametrize("unit", [np.bytes_("um"), np.array([b"um"])])
def test_attributes_of_fixed_length_are_read(tmp_path: Path, axes: Any, unit: Any) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["volume"] = STACK
        file["volume"].attrs["axes"] = axes
        file["volume"].attrs["voxel_size"] = SIZE[::-1] / np.float64(1e-6)
        file["volume"].attrs["unit"] = unit
    volume = grey(path)
    np.testing.assert_array_equal(volume.values, STACK)
    assert volume.voxel_size == pytest.approx(SIZE[::-1])


@pytest.mark.parametrize("block", [512, 1024, 4096])
@pytest.mark.parametrize("compression", [None, "gzip"])
def test_hdf5_behind_a_user_block(tmp_path: Path, block: int, compression: str | None) -> None:
    path = tmp_path / "a.mat"
    with h5py.File(path, "w", userblock_size=block) as file:
        file.create_dataset("volume", data=STACK, compression=compression)
    head = b"MATLAB 7.3 MAT-file".ljust(block)
    with path.open("r+b") as stream:
        stream.write(head)
    np.testing.assert_array_equal(grey(path, voxel_size=1).values, STACK.T)


# --- what the caller says ---------------------------------------------------------------


@pytest.mark.parametrize("ending", [".tif", ".npy", ".h5", ".nrrd", ".mha", ".zarr"])
def test_what_a_format_has_no_place_for_is_refused(tmp_path: Path, ending: str) -> None:
    if ending == ".zarr":
        pytest.importorskip("zarr")
    path = tmp_path / f"a{ending}"
    write_volume(solith.GreyVolume(STACK.T, SIZE), path)
    with pytest.raises(InputError, match=rf"a\{ending}: offset: is no raw file, its format says"):
        read_volume(path, offset=4, voxel_size=1)
    if ending in (".npy", ".nrrd", ".mha"):
        with pytest.raises(InputError, match=rf"a\{ending}: dataset: holds one array, without a"):
            read_volume(path, dataset="volume", voxel_size=1)


def test_a_raw_file_has_no_names(tmp_path: Path) -> None:
    (tmp_path / "a.raw").write_bytes(STACK.tobytes())
    told: dict[str, Any] = {"shape": (5, 4, 3), "dtype": "u1", "voxel_size": 1}
    with pytest.raises(InputError, match="dataset: holds one array, without a name"):
        read_volume(tmp_path / "a.raw", dataset="volume", **told)
    for shape in [(12.9, 4, 3), (True, 4, 3), "543", 5, (np.nan, 4, 3), (5, 4, "3")]:
        with pytest.raises(InputError, match=r"shape: .* is not three numbers of voxels"):
            read_volume(tmp_path / "a.raw", **{**told, "shape": shape})
    assert grey(tmp_path / "a.raw", **{**told, "shape": (5.0, 4, 3)}).shape == (5, 4, 3)


@pytest.mark.parametrize("path", [5, None, b"a.tif", [1, 2], {"a.tif": 1}])
def test_what_is_no_path(path: Any) -> None:
    with pytest.raises(InputError, match="a volume is read from a path or a list of them, not"):
        read_volume(path)


def test_what_cannot_be_written(tmp_path: Path) -> None:
    volume, nowhere, several = solith.GreyVolume(STACK), [None, 5], [[STACK], 5]
    for path in nowhere:
        with pytest.raises(InputError, match="a volume is written to a path, not"):
            write_volume(volume, path)  # type: ignore[arg-type]
        with pytest.raises(InputError, match="fields are written to a path, not"):
            write_fields(path, {"a": STACK}, 1)  # type: ignore[arg-type]
    for fields in several:
        with pytest.raises(InputError, match="fields are a table of names and arrays, not"):
            write_fields(tmp_path / "x.vti", fields, 1)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"fields\.a: has rows of unlike length"):
        write_fields(tmp_path / "x.vti", {"a": [[1], [1, 2]]}, 1)
    with pytest.raises(SolithError):
        write_fields(tmp_path / "x.vti", {"a": STACK}, (1, 2))
    assert not list(tmp_path.iterdir())
