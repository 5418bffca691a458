"""PNG images: depths, palettes, what is refused, damaged files, grains out of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from solith import GreyVolume
from solith.core.errors import InputError, StorageError
from solith.structure import polycrystal_from_labels
from solith.volumes import read_volume


def grey(path: Path) -> NDArray[Any]:
    found = read_volume(path, voxel_size="1 um")
    assert isinstance(found, GreyVolume)
    return found.values[:, :, 0].T


@pytest.mark.parametrize("kind", [bool, np.uint8, np.uint16])
def test_depths_are_read(tmp_path: Path, kind: type) -> None:
    highest = {bool: 2, np.uint8: 256, np.uint16: 65536}[kind]
    values = np.random.default_rng(0).integers(0, highest, (9, 13)).astype(kind)
    Image.fromarray(values).save(tmp_path / "a.png")
    np.testing.assert_array_equal(grey(tmp_path / "a.png"), values.astype(int))


def test_a_palette_gives_its_numbers_and_opacity_is_left_out(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 9, (6, 7)).astype(np.uint8)
    image = Image.fromarray(values)
    image.putpalette(list(range(255, 255 - 27, -1)))
    image.save(tmp_path / "p.png")
    np.testing.assert_array_equal(grey(tmp_path / "p.png"), values)
    both = Image.merge("LA", [Image.fromarray(values), Image.fromarray(255 - values)])
    both.save(tmp_path / "la.png")
    np.testing.assert_array_equal(grey(tmp_path / "la.png"), values)


def test_grains_come_out_of_a_png(tmp_path: Path) -> None:
    labels = (np.indices((40, 60)) // 20 * np.array([3, 1])[:, None, None]).sum(axis=0)
    path = tmp_path / "g.png"
    Image.fromarray(labels.astype(np.uint8)).save(path)
    grains = polycrystal_from_labels(read_volume(path, voxel_size="0.5 um"))
    assert grains.count == 6
    assert grains.shape == (60, 40, 1)


def test_what_is_no_grey_png_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(path)
    with pytest.raises(InputError, match="is a colour image: make it grey"):
        read_volume(path, voxel_size="1 um")
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(path)
    with pytest.raises(InputError, match="leave dataset out"):
        read_volume(path, voxel_size="1 um", dataset="0")
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(StorageError, match=r"a\.png: is a damaged PNG"):
        read_volume(path, voxel_size="1 um")


def test_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(path)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(InputError, match=r"install the images extra: .*solith\[images"):
        read_volume(path, voxel_size="1 um")


def test_changed_bytes_give_one_kind_of_error(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(np.arange(48, dtype=np.uint8).reshape(4, 12)).save(path)
    whole = path.read_bytes()
    chance = np.random.default_rng(0)
    for _ in range(300):
        content = bytearray(whole)
        content[chance.integers(8, len(content))] = chance.integers(256)
        path.write_bytes(bytes(content[: chance.integers(8, len(content) + 1)]))
        try:
            read_volume(path, voxel_size="1 um")
        except (InputError, StorageError):
            continue
