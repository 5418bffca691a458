"""Patterns, heat flows and images on the command line: what is shown of them, and how."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile

from solith.app.cli import main
from solith.core.record import Record
from solith.readers import read

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["solith", "analyse", *words])
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def pattern(path: Path) -> None:
    """Two peaks of 0.2 deg on a flat background, in a table of two columns."""
    angle = np.arange(15.0, 50.0, 0.02)
    line = 4000 * np.exp(-4 * np.log(2) * ((angle - 18.95) / 0.2) ** 2)
    line += 2000 * np.exp(-4 * np.log(2) * ((angle - 37.4) / 0.2) ** 2)
    counts = np.random.default_rng(3).poisson(100 + line)
    rows = "\n".join(f"{a:.3f},{c}" for a, c in zip(angle, counts, strict=True))
    path.write_text(f"2theta (deg),intensity (counts)\n{rows}\n")


def image(path: Path, fringes: float) -> None:
    y, x = np.mgrid[:256, :256]
    grey = 200 + np.random.default_rng(1).normal(0, 20, x.shape)
    grey = grey + fringes * np.cos(2 * np.pi * (0.8 * x + 0.6 * y) * 0.05 / 0.274)
    pixels = {"resolution": (20.0, 20.0), "metadata": {"unit": "nm"}, "imagej": True}
    tifffile.imwrite(path, grey.astype(np.float32), **pixels)  # type: ignore[arg-type]


def test_all_peaks_of_a_pattern_are_told(tmp_path: Path, command: Command) -> None:
    pattern(tmp_path / "p.csv")
    asked = ("p.csv", "--technique", "xrd", "--wavelength", "0.15406 nm")
    code, out, _ = command(*asked, "--instrument-width", "0.05 deg", "--out", "found")
    assert code == 0
    table = out.partition("all peaks")[2]
    assert "are the largest one's" in table
    assert len([line for line in table.splitlines() if line.startswith(("18.9", "37.4"))]) == 2
    assert "0.4679" in table  # nm, by Bragg's law
    rows = (tmp_path / "found" / "tables" / "p-xrd-peaks.csv").read_text().splitlines()
    assert rows[0].startswith("position_degree,position_degree_uncertainty,spacing_metre")
    assert len(rows) == 3
    page = (tmp_path / "found" / "report.html").read_text()
    assert "All peaks; position, spacing" in page
    assert "positive current" not in page  # nothing here has a sign
    assert "lower bound: instrument_width is 0" not in page


def test_without_the_instruments_width_the_size_is_a_bound(
    tmp_path: Path, command: Command
) -> None:
    pattern(tmp_path / "p.csv")
    _, out, _ = command("p.csv", "--technique", "xrd", "--wavelength", "0.15406 nm", "--json")
    (size,) = [row for row in json.loads(out) if row["quantity"] == "size"]
    assert "lower bound: instrument_width is 0" in size["flags"]
    assert size["unit"] == "m"  # files hold SI


def test_heat_has_its_sign_and_mass(tmp_path: Path, command: Command) -> None:
    kelvin = np.arange(150.0, 400.0, 0.25)
    flow = 0.5 * np.exp(-(((kelvin - 290) / 8) ** 2))
    flow += np.random.default_rng(2).normal(0, 0.002, kelvin.shape)
    rows = "\n".join(f"{t:.2f},{f:.6f}" for t, f in zip(kelvin, flow, strict=True))
    (tmp_path / "h.csv").write_text(f"temperature (degC),heat flow (W/g)\n{rows}\n")
    asked = ("h.csv", "--technique", "dsc", "--json")
    _, out, _ = command(*asked, "--heating-rate", "10 K/min", "--exothermic", "up")
    (heat,) = [row for row in json.loads(out) if row["quantity"] == "heat"]
    # 0.5 W/g times 8 K times root pi, at 1/6 K/s, given off
    assert heat["value"] == pytest.approx(-0.5e3 * 8 * np.sqrt(np.pi) * 6, rel=0.03)
    _, _, err = command("h.csv", "--technique", "dsc", "--wavelength", "0.1 nm", "--json")
    assert "--wavelength: there is no diffraction pattern to use it for" in err


@pytest.mark.parametrize(
    ("fringes", "called", "meant"),
    [(0.0, "undetermined", "perhaps amorphous"), (40.0, "crystalline", "crystalline")],
)
def test_a_field_is_called_what_it_is(
    tmp_path: Path, command: Command, fringes: float, called: str, meant: str
) -> None:
    image(tmp_path / "field.tif", fringes)
    code, out, _ = command("field.tif", "--technique", "crystallinity", "--out", "found")
    assert code == 0
    assert f"crystallinity: {called}" in out
    kept = json.loads((tmp_path / "found" / "values.json").read_text())
    assert kept["records"][0]["labels"] == {"class_confidence": {"meaning": meant}}
    assert meant in (tmp_path / "found" / "values.csv").read_text()
    assert meant in (tmp_path / "found" / "report.html").read_text()
    if fringes:
        (line,) = [one for one in out.splitlines() if one.startswith("crystallinity  spacing")]
        assert " nm" in line
        assert "0.27" in line


def test_pages_go_by_the_names_that_imagej_gave_them(tmp_path: Path) -> None:
    stack = np.random.default_rng(0).poisson(5, (2, 20, 30)).astype(np.uint16)
    path = tmp_path / "edx.tif"
    tifffile.imwrite(path, stack, imagej=True, metadata={"Labels": ["Nb", "Co"]})
    (record,) = read(path)
    assert list(record.data.data_vars) == ["nb", "co"]
    assert record.data["nb"].attrs["long_name"] == "Nb"
    tifffile.imwrite(path, stack, imagej=True, metadata={"Labels": ["Nb", "Nb"]})
    (record,) = read(path)
    assert list(record.data.data_vars) == ["page_1_intensity", "page_2_intensity"]


def test_maps_of_lengths_are_told_in_nanometres(tmp_path: Path, command: Command) -> None:
    from solith.core.storage import write_record

    height = 3e-9 * np.random.default_rng(1).normal(size=(20, 30))
    scan = Record.from_arrays("map", height=(height, "m")).with_facts(pixel_size="5 nm")
    write_record(tmp_path / "scan.nc", scan)
    _, out, _ = command("scan.nc", "--out", "found")
    (line,) = [one for one in out.splitlines() if "height_deviation" in one]
    assert " nm" in line
