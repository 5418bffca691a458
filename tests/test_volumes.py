"""Files of volumes: round trips, what other programs write, and what is wrong with a file."""

from __future__ import annotations

import gzip
import importlib.util
import json
import struct
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import solith
from solith.core.errors import InputError, StorageError
from solith.volumes import read_volume, write_fields, write_surface, write_volume

SIZE = (0.5e-6, 0.25e-6, 2e-6)
PHASES = {"void": 0, "active": 1, "electrolyte": 7}
KEEPING = [".tif", ".h5", ".nrrd", ".mha", ".mhd", ".zarr"]


def labels(shape: tuple[int, ...] = (5, 4, 3), dtype: Any = np.uint8) -> np.ndarray:
    choice = np.random.default_rng(1).integers(0, 3, shape)
    return np.array([0, 1, 7])[choice].astype(dtype)


def needs(ending: str) -> None:
    if ending == ".zarr":
        pytest.importorskip("zarr")


# --- round trips ------------------------------------------------------------------------


@pytest.mark.parametrize("ending", KEEPING)
@pytest.mark.parametrize("order", ["C", "F"])
def test_phases_and_voxel_size_come_back(tmp_path: Path, ending: str, order: str) -> None:
    needs(ending)
    path = tmp_path / f"cathode{ending}"
    volume = solith.Volume(np.asarray(labels(), order=order), PHASES, SIZE)
    write_volume(volume, path)
    write_volume(volume, path)  # over what is there
    back = read_volume(path)
    assert isinstance(back, solith.Volume)
    np.testing.assert_array_equal(back.labels, volume.labels)
    assert dict(back.phases) == PHASES
    assert back.voxel_size == pytest.approx(SIZE, rel=1e-7)
    left = {path.name} | ({"cathode.raw"} if ending == ".mhd" else set())
    assert {one.name for one in tmp_path.iterdir()} == left


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    array=st.sampled_from(
        [np.uint8, np.int8, ">u2", np.int32, np.uint64, np.float32, ">f8"]
    ).flatmap(
        lambda kind: arrays.arrays(
            kind,
            arrays.array_shapes(min_dims=3, max_dims=3, max_side=5),
            elements={"allow_nan": False} if np.dtype(kind).kind == "f" else None,
        )
    ),
    ending=st.sampled_from([".h5", ".nrrd", ".mha", ".mhd"]),
    size=st.tuples(*[st.floats(1e-9, 1e-3)] * 3),
)
def test_any_array_comes_back(array: np.ndarray, ending: str, size: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{ending}"
        write_volume(solith.GreyVolume(array, size), path)
        back = read_volume(path)
        assert isinstance(back, solith.GreyVolume)
        assert back.values.dtype == array.dtype.newbyteorder("=")
        np.testing.assert_array_equal(back.values, array)
        assert back.voxel_size == pytest.approx(size, rel=1e-12)


@settings(max_examples=25)
@given(
    array=st.sampled_from([np.uint8, np.uint16, np.float32]).flatmap(
        lambda kind: arrays.arrays(
            kind,
            arrays.array_shapes(min_dims=3, max_dims=3, max_side=5),
            elements={"allow_nan": False} if kind == np.float32 else None,
        )
    ),
    size=st.tuples(*[st.floats(1e-9, 1e-3)] * 3),
)
def test_any_stack_comes_back(array: np.ndarray, size: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.tif"
        write_volume(solith.GreyVolume(array, size), path)
        back = read_volume(path)
        assert isinstance(back, solith.GreyVolume)
        np.testing.assert_array_equal(back.values, array)
        assert back.voxel_size == pytest.approx(size, rel=1e-6)


def test_numpy_keeps_the_array_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    write_volume(solith.Volume(labels(), PHASES, SIZE), path)
    back = read_volume(path, phases=PHASES, voxel_size="0.5 um")
    assert isinstance(back, solith.Volume)
    np.testing.assert_array_equal(back.labels, labels())
    assert isinstance(back.labels.base, np.memmap) or isinstance(back.labels, np.memmap)
    with pytest.raises(InputError, match=r"a\.npy: voxel_size: the file does not state the voxel"):
        read_volume(path)


def test_bits_become_bytes(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", labels() == 1)
    grey = read_volume(tmp_path / "a.npy", voxel_size=1)
    assert isinstance(grey, solith.GreyVolume)
    assert grey.values.dtype == np.uint8
    named = read_volume(tmp_path / "a.npy", voxel_size=1, phases=["rest", "active"])
    assert isinstance(named, solith.Volume)
    assert named.mask("active").sum() == (labels() == 1).sum()


# --- TIFF -------------------------------------------------------------------------------


@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_pages_are_z_and_mapped(tmp_path: Path, byteorder: str) -> None:
    stack = np.arange(60, dtype=np.uint8).reshape(3, 4, 5)  # z, y, x
    tifffile.imwrite(tmp_path / "a.tif", stack, byteorder=byteorder, photometric="minisblack")
    grey = read_volume(tmp_path / "a.tif", voxel_size="1 um")
    assert isinstance(grey, solith.GreyVolume)
    assert grey.shape == (5, 4, 3)
    assert grey.values[4, 2, 1] == stack[1, 2, 4]
    assert isinstance(grey.values, np.memmap)


@pytest.mark.parametrize("bigtiff", [False, True])
def test_packed_pages_are_decoded(tmp_path: Path, bigtiff: bool) -> None:
    stack = labels((3, 64, 64), np.uint16)
    tifffile.imwrite(
        tmp_path / "a.tif", stack, compression="zlib", photometric="minisblack", bigtiff=bigtiff
    )
    back = read_volume(tmp_path / "a.tif", voxel_size=1e-6, phases=PHASES)
    assert isinstance(back, solith.Volume)
    np.testing.assert_array_equal(back.labels, stack.T)


def test_imagej_and_ome_state_the_voxel_size(tmp_path: Path) -> None:
    stack = labels((3, 4, 5))
    for unit, factor in [("micron", 1e-6), ("\\u00B5m", 1e-6), ("nm", 1e-9), ("mm", 1e-3)]:
        tifffile.imwrite(
            tmp_path / "a.tif",
            stack,
            imagej=True,
            resolution=(2, 4),
            metadata={"axes": "ZYX", "spacing": 3.0, "unit": unit},
        )
        told = read_volume(tmp_path / "a.tif").voxel_size
        assert told == pytest.approx((0.5 * factor, 0.25 * factor, 3 * factor))
    sizes = {"PhysicalSizeX": 500, "PhysicalSizeY": 250, "PhysicalSizeZ": 2}
    units = {"PhysicalSizeXUnit": "nm", "PhysicalSizeYUnit": "nm"}
    tifffile.imwrite(
        tmp_path / "a.ome.tif",
        stack,
        photometric="minisblack",
        metadata={"axes": "ZYX", **sizes, **units},
    )
    assert read_volume(tmp_path / "a.ome.tif").voxel_size == pytest.approx((5e-7, 2.5e-7, 2e-6))


def test_a_size_without_unit_or_depth_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, labels(), imagej=True, resolution=(2, 2), metadata={"axes": "ZYX"})
    with pytest.raises(InputError, match=r"voxel size \(0\.5 x 0\.5 x 1 without a unit\): give it"):
        read_volume(path)
    tifffile.imwrite(
        path, labels(), imagej=True, resolution=(2, 2), metadata={"axes": "ZYX", "unit": "um"}
    )
    with pytest.raises(InputError, match=r"pixels are 0\.5 x 0\.5 um, but nothing about z"):
        read_volume(path)
    assert read_volume(path, voxel_size="0.5 um").voxel_size == pytest.approx([5e-7] * 3)


def test_single_images_are_stacked_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    stack = np.arange(12 * 20, dtype=np.uint16).reshape(12, 4, 5)
    for number, image in enumerate(stack):
        tifffile.imwrite(tmp_path / f"slice_{number}.tif", image)
    (tmp_path / "notes.txt").write_text("x")
    named = [tmp_path / f"slice_{number}.tif" for number in range(12)]
    for given_as in (tmp_path, str(tmp_path), str(tmp_path / "slice_*.tif"), named):
        grey = read_volume(given_as, voxel_size=1)
        assert isinstance(grey, solith.GreyVolume)
        np.testing.assert_array_equal(grey.values, stack.T)
    tifffile.imwrite(tmp_path / "slice_7.tif", stack[7, :3])
    with pytest.raises(InputError, match=r"slice_7\.tif: is 5 x 3 of uint16, the first .* 5 x 4"):
        read_volume(tmp_path, voxel_size=1)
    (tmp_path / "slice_7.tif").write_bytes(b"")
    with pytest.raises(StorageError, match=r"slice_7\.tif: is empty"):
        read_volume(tmp_path, voxel_size=1)
    with pytest.raises(StorageError, match=r"other_\*\.tif: there is no TIFF image"):
        read_volume(tmp_path / "other_*.tif", voxel_size=1)


def test_stacks_that_are_no_volume(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((3, 4, 5, 3), np.uint8), photometric="rgb")
    with pytest.raises(InputError, match="is a colour image: make it grey first"):
        read_volume(path, voxel_size=1)
    two = np.zeros((2, 3, 4, 5), np.uint8)
    tifffile.imwrite(path, two, imagej=True, metadata={"axes": "TZYX"})
    with pytest.raises(InputError, match=r"has the axes TZYX \(2 x 3 x 4 x 5\)"):
        read_volume(path, voxel_size=1)
    with tifffile.TiffWriter(path) as writer:
        writer.write(labels((2, 4, 5)), photometric="minisblack")
        writer.write(labels((3, 6, 7)), photometric="minisblack")
    with pytest.raises(InputError, match=r"say which stack is meant .* 0 \(2 x 4 x 5\), 1 \(3 x 6"):
        read_volume(path, voxel_size=1)
    assert read_volume(path, voxel_size=1, dataset="1").shape == (7, 6, 3)
    with pytest.raises(InputError, match="holds the stacks 0 to 1, not '5'"):
        read_volume(path, voxel_size=1, dataset="5")


@pytest.mark.parametrize("code", [5, 50000])
def test_a_compression_that_needs_more(tmp_path: Path, code: int) -> None:
    if importlib.util.find_spec("imagecodecs"):
        pytest.skip("imagecodecs is installed, which decodes LZW and Zstandard")
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, labels((3, 64, 64)), compression="zlib", photometric="minisblack")
    packed = path.read_bytes()
    entries = [struct.pack("<HHII", 259, 3, 1, one) for one in (8, 32946, code)]
    path.write_bytes(packed.replace(entries[0], entries[2]).replace(entries[1], entries[2]))
    with pytest.raises(StorageError, match=r"a\.tif: is compressed in a way for which imagecodecs"):
        read_volume(path, voxel_size=1)


def test_what_tiff_cannot_hold(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with pytest.raises(InputError, match=r"a\.tif: a TIFF that ImageJ reads .* not -1 to 1: write"):
        write_volume(solith.GreyVolume(np.array([[[-1, 1]]])), path)
    assert not list(tmp_path.iterdir())
    write_volume(solith.GreyVolume(np.array([[[0, 300]]])), path)
    back = read_volume(path)
    assert isinstance(back, solith.GreyVolume)
    assert back.values.dtype == np.uint16
    write_volume(solith.GreyVolume(np.array([[[0.1, 300]]])), path)
    back = read_volume(path)
    assert isinstance(back, solith.GreyVolume)
    assert back.values.dtype == np.float32


# --- HDF5 and Zarr ----------------------------------------------------------------------


def test_the_only_array_with_three_axes(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    stack = labels((3, 4, 5))
    with h5py.File(path, "w") as file:
        file["times"] = np.arange(7)
        file["scan/data"] = stack
        file["scan/data"].attrs["element_size_um"] = [2.0, 0.25, 0.5]
        file["name"] = "x"
    volume = read_volume(path, phases=PHASES)
    assert isinstance(volume, solith.Volume)
    assert volume.voxel_size == pytest.approx(SIZE)
    np.testing.assert_array_equal(volume.labels, stack.T)
    assert isinstance(volume.labels, np.memmap)
    turned = read_volume(path, phases=PHASES, axes="xyz")
    assert turned.shape == (3, 4, 5)
    assert turned.voxel_size == pytest.approx(SIZE[::-1])
    with h5py.File(path, "a") as file:
        file.create_dataset("other", data=stack[np.newaxis] * 2, compression="gzip")
    with pytest.raises(InputError, match=r"a\.h5: dataset: holds 2 arrays .* other \(1 x 3 x 4"):
        read_volume(path)
    grey = read_volume(path, dataset="/other", voxel_size=1)
    assert isinstance(grey, solith.GreyVolume)
    np.testing.assert_array_equal(grey.values, stack.T * 2)
    with pytest.raises(InputError, match=r"a\.h5: dataset: unknown dataset 'othr'; did you mean"):
        read_volume(path, dataset="othr")


def test_sizes_as_other_writers_state_them(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["volume"] = labels((3, 4, 5))
        file["volume"].attrs["voxel_size"] = [2.0, 0.25, 0.5]
    with pytest.raises(InputError, match=r"\(voxel_size = \[2\.0, 0\.25, 0\.5\] without a unit\)"):
        read_volume(path)
    with h5py.File(path, "a") as file:
        file.attrs["unit"] = "um"
    assert read_volume(path).voxel_size == pytest.approx(SIZE)


def test_ome_zarr(tmp_path: Path) -> None:
    zarr = pytest.importorskip("zarr")
    stack = labels((1, 3, 4, 5))
    group = zarr.open_group(str(tmp_path / "a.zarr"), mode="w", zarr_format=2)
    group.create_array("0", shape=stack.shape, dtype=stack.dtype)[...] = stack
    group.create_array("1", shape=(1, 3, 2, 2), dtype=stack.dtype)
    axes = [{"name": "c", "type": "channel"}]
    axes += [{"name": axis, "unit": "micrometer"} for axis in "zyx"]
    scale = [{"type": "scale", "scale": [1, 2.0, 0.25, 0.5]}]
    group.attrs["multiscales"] = [
        {"axes": axes, "datasets": [{"path": "0", "coordinateTransformations": scale}]}
    ]
    volume = read_volume(tmp_path / "a.zarr", phases=PHASES)
    assert isinstance(volume, solith.Volume)
    np.testing.assert_array_equal(volume.labels, stack[0].T)
    assert volume.voxel_size == pytest.approx(SIZE)


def test_a_store_is_no_place_for_a_folder(tmp_path: Path) -> None:
    pytest.importorskip("zarr")
    (tmp_path / "a.zarr").mkdir()
    with pytest.raises(StorageError, match=r"a\.zarr: cannot be written \(there is something else"):
        write_volume(solith.Volume(labels(), PHASES), tmp_path / "a.zarr")
    with pytest.raises(StorageError, match=r"none.*a\.zarr: cannot be written \(No such file"):
        write_volume(solith.Volume(labels(), PHASES), tmp_path / "none" / "a.zarr")


# --- headers and raw --------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["gzip", "raw"])
def test_nrrd_of_other_programs(tmp_path: Path, encoding: str) -> None:
    stack = labels((3, 4, 5), ">u2")
    voxels = gzip.compress(stack.tobytes()) if encoding == "gzip" else stack.tobytes()
    header = (
        "NRRD0004\n# made by hand\ntype: unsigned short\ndimension: 3\nsizes: 5 4 3\n"
        f'spacings: 0.5 0.25 2\nunits: "um" "um" "um"\nendian: big\nencoding: {encoding}\n'
    )
    path = tmp_path / "a.nhdr"
    (tmp_path / "a.bin").write_bytes(voxels)
    path.write_text(header + "data file: a.bin\n")
    for other in (path, tmp_path / "a.nrrd"):
        if other != path:
            other.write_bytes(header.encode() + b"\n" + voxels)
        volume = read_volume(other, phases=PHASES)
        assert isinstance(volume, solith.Volume)
        np.testing.assert_array_equal(volume.labels, stack.T)
        assert volume.voxel_size == pytest.approx(SIZE)
    (tmp_path / "a.bin").write_bytes(voxels[:-3])
    with pytest.raises(StorageError, match=r"a\.bin: (is cut off|its gzip data are damaged)"):
        read_volume(path)
    path.write_text(header.replace("unsigned short", "block") + "data file: a.bin\n")
    with pytest.raises(InputError, match=r"a\.nhdr: its NRRD header has no 'block' that is"):
        read_volume(path)
    path.write_text(header.replace('units: "um" "um" "um"\n', "") + "data file: a.bin\n")
    (tmp_path / "a.bin").write_bytes(voxels)
    with pytest.raises(InputError, match=r"\(0\.5 x 0\.25 x 2 without a unit\)"):
        read_volume(path)


def test_metaimage_of_other_programs(tmp_path: Path) -> None:
    import zlib

    stack = labels((3, 4, 5), ">i2")
    (tmp_path / "a.zraw").write_bytes(zlib.compress(stack.tobytes()))
    path = tmp_path / "a.mhd"
    header = (
        "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = True\n"
        "CompressedData = True\nElementSpacing = 0.5 0.25 2\nDimSize = 5 4 3\n"
        "ElementType = MET_SHORT\nElementDataFile = a.zraw\n"
    )
    path.write_text(header)
    volume = read_volume(path, phases=PHASES, voxel_size=SIZE)
    assert isinstance(volume, solith.Volume)
    np.testing.assert_array_equal(volume.labels, stack.T)
    with pytest.raises(InputError, match=r"\(0\.5 x 0\.25 x 2 without a unit\): give it"):
        read_volume(path)
    path.write_text(header.replace("a.zraw", "b.zraw"))
    with pytest.raises(StorageError, match=r"its voxels should be in b\.zraw, which is not there"):
        read_volume(path)
    path.write_text(header.replace("MET_SHORT\n", "MET_SHORT\nElementNumberOfChannels = 3\n"))
    with pytest.raises(InputError, match="5 x 4 x 3 voxels of 3 values: not a volume"):
        read_volume(path)
    path.write_text("ObjectType = Image\nNDims = 3\n")
    with pytest.raises(InputError, match="its MetaImage header has no 'DimSize'"):
        read_volume(path)


def test_raw_files_are_as_told(tmp_path: Path) -> None:
    path = tmp_path / "scan_5x4x3.raw"
    stack = labels((3, 4, 5), ">u2")
    path.write_bytes(b"head" + stack.tobytes())
    told: dict[str, Any] = {"shape": (5, 4, 3), "dtype": ">u2", "voxel_size": SIZE}
    volume = read_volume(path, phases=PHASES, offset=4, **told)
    assert isinstance(volume, solith.Volume)
    np.testing.assert_array_equal(volume.labels, stack.T)
    turned = read_volume(path, offset=4, axes="xyz", shape=(3, 4, 5), dtype=">u2", voxel_size=1)
    assert isinstance(turned, solith.GreyVolume)
    np.testing.assert_array_equal(turned.values, stack)
    with pytest.raises(InputError, match=r"shape: holds 124 bytes of voxels; 5 x 4 x 3 voxels of"):
        read_volume(path, **told)
    with pytest.raises(StorageError, match="is cut off: holds 114 bytes of voxels instead of 120"):
        read_volume(path, offset=10, **told)
    with pytest.raises(StorageError, match=r"is of no known format .* needs shape= and dtype="):
        read_volume(path)


# --- what is wrong ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"shape": (5, 4)}, r"shape: \(5, 4\) is not three numbers"),
        ({"shape": (5, 4, 0)}, r"shape: \(5, 4, 0\) is not three numbers"),
        ({"shape": (5, 4, 4)}, r"a\.npy: shape: holds 5 x 4 x 3 voxels, not 5 x 4 x 4"),
        ({"dtype": "u2"}, r"a\.npy: dtype: holds uint8, not uint16"),
        ({"dtype": "complex"}, "dtype: 'complex' is no type of numbers"),
        ({"dtype": "grey"}, "dtype: 'grey' is no type of numbers"),
        ({"axes": "tzyx"}, "axes: 'tzyx' is no order of x, y and z"),
        ({"offset": -1}, "offset: -1 is no number of bytes"),
        ({"voxel_size": "0.5"}, r"a\.npy.*0\.5"),
        ({"voxel_size": 0}, r"a\.npy: voxel_size: .* is no voxel size"),
        ({"phases": {"void": 0}}, r"a\.npy: phases: the volume holds the labels 1, 7, which no"),
    ],
)
def test_what_the_caller_says_is_checked(
    tmp_path: Path, options: dict[str, Any], told: str
) -> None:
    np.save(tmp_path / "a.npy", labels())
    with pytest.raises(InputError, match=told):
        read_volume(tmp_path / "a.npy", **{"voxel_size": 1, **options})


@pytest.mark.parametrize("ending", [*KEEPING[:-1], ".npy"])
def test_every_cut_gives_one_clear_error(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    write_volume(solith.Volume(labels((16, 16, 8)), PHASES, SIZE), path)
    cut = path.with_suffix(".raw") if ending == ".mhd" else path
    whole = cut.read_bytes()
    for part in (0.95, 0.7, 0.5, 0.1, 20 / len(whole), 6 / len(whole), 0):
        cut.write_bytes(whole[: int(part * len(whole))])
        with pytest.raises((StorageError, InputError), match=r"a\.(\w+): "):
            read_volume(path, voxel_size=1)


@pytest.mark.parametrize("ending", [".tif", ".packed.tif", ".npy", ".npz", ".h5", ".nrrd", ".mha"])
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_changed_bytes_never_give_a_foreign_error(tmp_path: Path, ending: str, seed: int) -> None:
    path = tmp_path / f"a{ending}"
    if ending == ".packed.tif":
        tifffile.imwrite(path, labels(), compression="zlib", photometric="minisblack")
    elif ending == ".npz":
        np.savez_compressed(path, labels=labels())
    else:
        write_volume(solith.Volume(labels(), PHASES, SIZE), path)
    whole = path.read_bytes()
    chance = np.random.default_rng(seed)
    for _ in range(30):
        changed = bytearray(whole)
        for place in chance.integers(0, min(len(whole), 1000), 3):
            changed[place] = chance.choice([0, 10, 32, 45, 57, 255, chance.integers(256)])
        path.write_bytes(changed)
        with suppress(StorageError, InputError):
            read_volume(path, voxel_size=1)


def test_a_header_of_python_2_is_read_without_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.zeros((4, 4, 4), np.uint8))
    old = path.read_bytes().replace(b"(4, 4, 4), }", b"(4, 4, 4L),}")
    path.write_bytes(old)
    assert read_volume(path, voxel_size=1).shape == (4, 4, 4)


def test_floats_are_no_labels(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", labels().astype(float))
    with pytest.raises(InputError, match=r"a\.npy: labels are whole numbers, these are float64"):
        read_volume(tmp_path / "a.npy", voxel_size=1, phases=PHASES)


def test_arrays_that_are_no_volumes(tmp_path: Path) -> None:
    for array, told in [
        (np.zeros(5), "a volume has three axes"),
        (np.zeros((0, 3, 3)), "the volume is empty"),
        (np.zeros((2, 2, 2), complex), "holds complex128, which are no grey values or labels"),
        (np.zeros((2, 3, 4, 5)), r"a volume has three axes \(or two, an image\), this array 4"),
    ]:
        np.save(tmp_path / "a.npy", array)
        with pytest.raises(InputError, match=rf"a\.npy: {told}"):
            read_volume(tmp_path / "a.npy", voxel_size=1)
    np.save(tmp_path / "a.npy", np.array([{}]), allow_pickle=True)
    with pytest.raises(StorageError, match=r"a\.npy: cannot be read as NumPy"):
        read_volume(tmp_path / "a.npy", voxel_size=1)


def test_missing_files_and_endings(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"a\.tif: there is no such file"):
        read_volume(tmp_path / "a.tif")
    with pytest.raises(StorageError, match="there is no TIFF image"):
        read_volume(tmp_path)
    (tmp_path / "a.txt").write_text("some words that are no volume")
    with pytest.raises(StorageError, match=r"a\.txt: is of no known format \(TIFF"):
        read_volume(tmp_path / "a.txt")
    volume = solith.Volume(labels(), PHASES)
    with pytest.raises(InputError, match=r"a\.doc: '\.doc' is no format; choose from \.h5, "):
        write_volume(volume, tmp_path / "a.doc")
    with pytest.raises(InputError, match="a Volume or GreyVolume is written, not ndarray"):
        write_volume(labels(), tmp_path / "a.tif")  # type: ignore[arg-type]
    with pytest.raises(StorageError, match=r"none/a\.nrrd: cannot be written"):
        write_volume(volume, tmp_path / "none" / "a.nrrd")


# --- ParaView ---------------------------------------------------------------------------


def appended(path: Path) -> tuple[str, list[bytes]]:
    """The header of a VTK file and the appended blocks, taken apart by their lengths."""
    head, _, rest = path.read_bytes().partition(b'<AppendedData encoding="raw">\n_')
    blocks = []
    while not rest.startswith(b"\n</AppendedData>"):
        length = int.from_bytes(rest[:8], "little")
        blocks.append(rest[8 : 8 + length])
        rest = rest[8 + length :]
    return head.decode(), blocks


def test_fields_lie_as_vtk_reads_them(tmp_path: Path) -> None:
    potential = np.random.default_rng(0).random((4, 3, 2))
    current = np.random.default_rng(1).random((3, 4, 3, 2)).astype(np.float32)
    write_fields(tmp_path / "a.vti", {"potential": potential, "current & <": current}, SIZE)
    head, blocks = appended(tmp_path / "a.vti")
    assert 'WholeExtent="0 4 0 3 0 2"' in head
    assert 'Spacing="5e-07 2.5e-07 2e-06"' in head
    assert 'Name="current &amp; &lt;" NumberOfComponents="3"' in head
    assert f'offset="{8 + potential.nbytes}"' in head
    np.testing.assert_array_equal(np.frombuffer(blocks[0]), potential.T.ravel())
    vectors = np.frombuffer(blocks[1], np.float32).reshape(2, 3, 4, 3)
    np.testing.assert_array_equal(vectors, current.transpose(3, 2, 1, 0))


def test_fields_that_do_not_fit(tmp_path: Path) -> None:
    one, two = np.zeros((2, 3, 4)), np.zeros((2, 3, 5))
    for fields, told in [
        ({"a": one, "b": two}, "fields.b: has 2 x 3 x 5 voxels, a 2 x 3 x 4"),
        ({"a": one[0]}, r"fields.a: has the shape \(3, 4\), not \(x, y, z\)"),
        ({"a": one * 1j}, "fields.a: holds complex"),
        ({}, "fields: there is no field to write"),
    ]:
        with pytest.raises(InputError, match=told):
            write_fields(tmp_path / "a.vti", fields, 1.0)
    with pytest.raises(InputError, match=r"fields are written as \.vti, not '\.vtk'"):
        write_fields(tmp_path / "a.vtk", {"a": one}, 1.0)
    assert not list(tmp_path.iterdir())


CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1.0]])
FACES = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])


def test_surfaces(tmp_path: Path) -> None:
    for ending in (".vtp", ".ply", ".stl"):
        write_surface(tmp_path / f"a{ending}", CORNERS, FACES)
    head, blocks = appended(tmp_path / "a.vtp")
    assert 'NumberOfPoints="4" NumberOfPolys="4"' in head
    np.testing.assert_array_equal(np.frombuffer(blocks[0]).reshape(-1, 3), CORNERS)
    np.testing.assert_array_equal(np.frombuffer(blocks[1], np.int64), FACES.ravel())
    np.testing.assert_array_equal(np.frombuffer(blocks[2], np.int64), [3, 6, 9, 12])
    stl = (tmp_path / "a.stl").read_bytes()
    assert len(stl) == 84 + 4 * 50
    np.testing.assert_allclose(np.frombuffer(stl, "<f4", 12, 84)[:3], [0, 0, -1])
    ply = (tmp_path / "a.ply").read_bytes()
    assert ply.endswith(struct.pack("<B3i", 3, 1, 2, 3))


@pytest.mark.parametrize(
    ("vertices", "triangles", "told"),
    [
        (CORNERS[:, :2], FACES, r"vertices: has the shape \(4, 2\), not \(n, 3\)"),
        (CORNERS * np.nan, FACES, "vertices: holds what is no finite number"),
        (CORNERS, FACES + 1.0, r"triangles: has the shape \(4, 3\) of float64"),
        (CORNERS, FACES + 1, "triangles: names corner 4 of 4 vertices, counted from 0"),
        (CORNERS, FACES[:0], "triangles: there is no triangle"),
    ],
)
def test_surfaces_that_do_not_fit(tmp_path: Path, vertices: Any, triangles: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        write_surface(tmp_path / "a.stl", vertices, triangles)
    with pytest.raises(InputError, match=r"surfaces are written as \.vtp, \.ply, \.stl, not"):
        write_surface(tmp_path / "a.obj", vertices, triangles)


def test_phases_are_plain_text_in_the_files(tmp_path: Path) -> None:
    write_volume(solith.Volume(labels(), PHASES, SIZE), tmp_path / "a.nrrd")
    head = (tmp_path / "a.nrrd").read_bytes().partition(b"\n\n")[0].decode()
    assert f"phases:={json.dumps(PHASES)}" in head.splitlines()


def test_an_axis_may_be_written_as_a_number() -> None:
    from solith.core.volume import axis_number

    assert [axis_number(text) for text in ("0", "1", "2", "Z")] == [0, 1, 2, 2]
    with pytest.raises(InputError, match="axis '3' is none of x, y, z"):
        axis_number("3")
