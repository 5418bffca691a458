"""Readers of maps, and the kind of record that they give."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.map_seeds import gwy, ibw, nanoscope, png, tiff
from tests.real_files import real_file

from solith.analysis import level_map
from solith.core.errors import InputError, StorageError
from solith.core.record import Record
from solith.core.storage import read_record, write_record
from solith.figures import plot
from solith.readers import format_of, read, read_with_rosettasciio

HEIGHTS = 100.0 * np.arange(12).reshape(3, 4)


def put(folder: Path, content: bytes, name: str = "image") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_the_real_nanoscope_file() -> None:
    path = real_file("afm/nanoscope__full_multiple_images.txt")
    (record,) = read(path)
    assert (record.kind, record.data.sizes["y"], len(record)) == ("map", 512, 512 * 512)
    units = {name: one.attrs["units"] for name, one in record.data.data_vars.items()}
    assert units == {"height": "m", "amplitude": "V"}
    assert record.array("height").mean() == pytest.approx(-579.746e-9, abs=5e-13)
    flat = level_map(record, "height", "lines").array("height")
    assert flat.std() == pytest.approx(4.3247e-9, abs=5e-14)
    assert record.data.attrs["pixel_size_x_metre"] == pytest.approx(2e-6 / 512)
    # Its numbers step by what one number of the recording, 0.3051758 mV, became when saved.
    steps = np.diff(np.unique(record.array("amplitude")))
    assert np.min(steps) == pytest.approx(0.3051758e-3, rel=0.01)


def test_an_image_whose_resolution_is_zero_has_no_pixel_size(tmp_path: Path) -> None:
    import tifffile

    path = tmp_path / "none.tif"
    grey = np.arange(12, dtype=np.uint16).reshape(3, 4)
    tifffile.imwrite(path, grey, imagej=True, resolution=(0, 0), metadata={"unit": "um"})
    (record,) = read(path)
    assert record.array("intensity").tolist() == grey.tolist()
    assert "pixel_size_x_metre" not in record.data.attrs


def test_the_real_gwyddion_file() -> None:
    (record,) = read(real_file("afm/gwyfile__test.gwy"))
    assert record.array("test").shape == (128, 128)
    assert record.array("test")[0, 0] == pytest.approx(0.00082517, rel=1e-3)
    assert "pixel_size_x_metre" not in record.data.attrs
    assert "the size of a pixel is not told" in record.provenance.notes[0]


def test_nanoscope_scales_by_the_hard_value_and_turns_the_lines(tmp_path: Path) -> None:
    (record,) = read(put(tmp_path, nanoscope()))
    assert format_of(tmp_path / "image") == "Nanoscope images (Bruker, Veeco)"
    assert record.array("height") == pytest.approx(HEIGHTS[::-1] * 400 / 65536 * 12.5e-9)
    assert record.array("phase") == pytest.approx(HEIGHTS[::-1] * 400 / 65536)
    assert record.data["height"].attrs == {"units": "m", "long_name": "Height"}
    wide = [np.full((3, 4), 2**20, "<i4")] * 2
    (record,) = read(put(tmp_path, nanoscope(wide, size=4, value="500 mV")))
    assert record.array("height") == pytest.approx(2**20 * 0.5 / 2**32 * 12.5e-9)


def test_nanoscope_channels_of_one_name_are_told_apart(tmp_path: Path) -> None:
    (record,) = read(put(tmp_path, nanoscope(titles=[("Height", "Zscan"), ("Height", "Zscan")])))
    assert list(record.data.data_vars) == ["height_trace", "height_trace_2"]


def test_nanoscope_with_a_sensitivity_that_is_missing(tmp_path: Path) -> None:
    (record,) = read(put(tmp_path, nanoscope(titles=[("Height", "Zscan"), ("Friction", "Other")])))
    assert record.data["friction"].attrs["units"] == "V"
    assert "the header has no 'Sens. Other': Friction is in V" in record.provenance.notes


def test_gwyddion_units_sizes_and_masks(tmp_path: Path) -> None:
    (record,) = read(put(tmp_path, gwy(unit="nm", mask=True)))
    assert record.array("topography") == pytest.approx(HEIGHTS * 1e-18, abs=1e-22)
    assert record.array("topography_mask").sum() == 6
    assert record.data.attrs == pytest.approx(
        {"pixel_size_x_metre": 2.5e-16, "pixel_size_y_metre": 2.5e-16}, abs=1e-20
    )


def test_gwyddion_with_a_signalling_nan(tmp_path: Path) -> None:
    whole = gwy(unit="nm")
    begin = whole.index(b"data\0D") + len(b"data\0D") + 4  # behind the number of values
    damaged = whole[:begin] + struct.pack("<Q", 0x7FF0000000000001) + whole[begin + 8 :]
    (record,) = read(put(tmp_path, damaged))
    assert np.isnan(record.array("topography")).sum() == 1


@pytest.mark.parametrize("order", ["<f4", ">f8"])
def test_igor_waves(tmp_path: Path, order: str) -> None:
    pytest.importorskip("igor2")
    stack = np.dstack([HEIGHTS.T, 2 * HEIGHTS.T]).astype(order)
    (record,) = read(put(tmp_path, ibw(stack)))
    assert record.array("height_trace") == pytest.approx(HEIGHTS[::-1])
    assert record.data["height_trace"].attrs["units"] == "m"
    assert record.data["phase"].attrs["units"] == "deg"
    assert record.data.attrs["pixel_size_y_metre"] == pytest.approx(2e-9)
    with pytest.raises(StorageError, match="holds a wave of 1 dimensions"):
        read(put(tmp_path, ibw(np.arange(5.0))))
    with pytest.raises(StorageError, match="its header promises"):
        read(put(tmp_path, ibw(stack)[:-9]))


def test_igor_without_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "igor2", None)
    with pytest.raises(StorageError, match=r"install it with: pip install 'solith\[igor\]'"):
        read(put(tmp_path, ibw(HEIGHTS.T)))


def test_images(tmp_path: Path) -> None:
    (grey,) = read(put(tmp_path, tiff()))
    assert grey.array("intensity") == pytest.approx(HEIGHTS)
    assert grey.data.attrs["pixel_size_x_metre"] == pytest.approx(0.5e-6)
    (coloured,) = read(put(tmp_path, tiff(colour=True)))
    assert list(coloured.data.data_vars) == ["red", "green", "blue"]
    pytest.importorskip("PIL")
    (record,) = read(put(tmp_path, png()))
    assert record.array("intensity").shape == (3, 4)
    told = record.with_facts(pixel_size="5 nm").data.attrs
    assert told["pixel_size_x_metre"] == told["pixel_size_y_metre"] == pytest.approx(5e-9)


def test_png_without_pillow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = png()
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(StorageError, match=r"needs Pillow; .*'solith\[images\]'"):
        read(put(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (nanoscope()[:-5], "breaks off: the image 'Phase' has 19 of 24 bytes"),
        (nanoscope().replace(b"Data offset", b"Data  offset"), "where an image's data offset"),
        (nanoscope().replace(b"Ciao image", b"Force image"), "holds no image of Nanoscope version"),
        (nanoscope().replace(b"2 2 ~m", b"2 2 ~V"), "'2 2 ~V', is no length"),
        (nanoscope().replace(b"line: 4", b"line: 0"), "has an image of 0 x 3 pixels"),
        (nanoscope().replace(b"line: 4", b"line: 5"), "has 24 bytes for 5 x 3 pixels"),
        (nanoscope(value="V"), "the scale of the image 'Height' \\(Z scale\\) cannot be read"),
        (gwy()[:-30], "is damaged or breaks off at byte"),
        (gwy().replace(b"/0/data\0o", b"/0/dato\0o"), "holds no image; it has /0/data/log"),
        (
            gwy().replace(b"xres\0i" + struct.pack("<i", 4), b"xres\0i" + struct.pack("<i", 5)),
            "has 12 values for 5 x 3 pixels",
        ),
        (b"GWYP", "is damaged or breaks off"),
        (tiff()[:-20], "cannot be read as TIFF|breaks off"),
        (png()[:40], "cannot be read as PNG"),
    ],
)
def test_damaged_files_are_refused_with_their_name(
    tmp_path: Path, content: bytes, told: str
) -> None:
    path = put(tmp_path, content)
    with pytest.raises(StorageError, match=told) as error:
        read(path)
    assert str(path) in str(error.value)


def test_rosettasciio_is_asked_for_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "rsciio" not in sys.modules
    monkeypatch.setitem(sys.modules, "rsciio", None)
    with pytest.raises(StorageError, match=r"pip install 'solith\[rosettasciio\]' .*GPL"):
        read_with_rosettasciio(put(tmp_path, b"x", "a.dm4"))
    with pytest.raises(StorageError, match="there is no such file"):
        read_with_rosettasciio(tmp_path / "b.dm4")
    with pytest.raises(InputError, match=r"the path of a file is needed"):
        read_with_rosettasciio(3)  # type: ignore[arg-type]


def test_a_map_is_stored_and_comes_back(tmp_path: Path) -> None:
    record = Record.from_arrays(
        "map", height_metre=(HEIGHTS, "nm"), counts=(HEIGHTS, "counts")
    ).with_facts(pixel_size_x="2 nm", pixel_size_y="3 nm")
    write_record(tmp_path / "a.nc", record)
    back = read_record(tmp_path / "a.nc")
    assert back.data.identical(record.data)
    assert (read(tmp_path / "a.nc")[0].kind, len(back)) == ("map", 12)
    assert back.array("height_metre") == pytest.approx(HEIGHTS * 1e-9)
    assert back.data["counts"].attrs["units"] == "counts"
    assert "(map, 4 x 3 pixels; measured)" in str(back)
    assert plot(back).data


def test_what_is_no_map() -> None:
    with pytest.raises(InputError, match="expected 2"):
        Record.from_arrays("map", height=[1, 2])
    with pytest.raises(InputError, match="differ in shape"):
        Record.from_arrays("map", a=[[1, 2]], b=[[1], [2]])
    with pytest.raises(InputError, match="needs at least one channel"):
        Record.from_arrays("map")
    with pytest.raises(InputError, match=r"pixel_size_x_metre: -1\.0 must be a number of metres"):
        Record.from_arrays("map", a=[[1.0]], attributes={"pixel_size_x_metre": -1.0})
    with pytest.raises(InputError, match="a map has no rows to choose from"):
        Record.from_arrays("map", a=[[1.0]]).select(a=1.0)
