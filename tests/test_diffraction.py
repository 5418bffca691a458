"""Peaks, halos and crystalline share of diffraction patterns; comparison with a structure."""

from __future__ import annotations

import importlib.util
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.real_files import real_file
from validation._known_diffraction import SPACINGS, known_pattern

import solith
from solith.analysis import compare_pattern, find_peaks, take_as
from solith.core.errors import InputError, StorageError
from solith.core.record import Record
from solith.figures import plot_diffraction


@pytest.fixture(scope="module")
def known():
    return known_pattern(3)


@pytest.fixture(scope="module")
def found(known):
    return find_peaks(known.record, instrument_width=0.05)


def test_every_peak_and_no_other(known, found):
    rows = found.details["peaks"]
    assert len(rows) == len(known.positions) == found["peak_count"].value
    for row, place, area in zip(rows, known.positions, known.areas, strict=True):
        assert abs(row["position_degree"] - place) < 4 * row["position_degree_uncertainty"]
        assert abs(row["area"] - area) < 4 * row["area_uncertainty"]
        assert abs(row["width_degree"] - 0.15) < 4 * row["width_degree_uncertainty"]


def test_spacing_share_and_halo(found):
    assert found["spacing"].value == pytest.approx(SPACINGS[0], rel=2e-4)
    share = found["crystalline_share"]
    assert abs(share.value - 0.7) < 3 * share.uncertainty < 0.1
    assert found["halo_position"].value == pytest.approx(25.0, abs=0.5)


def test_size_is_scherrers(known, found):
    # Half Lorentzian: linear and square parts of the width in equal shares.
    own = 0.5 * 0.10 + 0.5 * math.sqrt(0.15**2 - 0.05**2)
    position = math.radians(known.positions[0] / 2)
    size = 0.9 * 1.5405929e-10 / (math.radians(own) * math.cos(position))
    assert found["size"].value == pytest.approx(size, rel=0.06)


def test_without_the_instruments_width_the_size_is_a_bound(known):
    (flag,) = find_peaks(known.record)["size"].flags
    assert flag.startswith("lower bound: instrument_width is 0")
    wide = find_peaks(known.record, instrument_width=0.16)["size"]
    assert wide.uncertainty is None
    assert wide.flags[0].startswith("lower bound: the width is the instrument's")


def test_a_halo_alone_has_no_peak():
    found = find_peaks(known_pattern(0, spacings=()).record)
    assert found["peak_count"].value == 0
    assert found["crystalline_share"].value == 0
    assert found["position"].flags == ("there is no peak",)


@settings(max_examples=4, deadline=None)
@given(scale=st.sampled_from([0.25, 3.0, 1000.0]), seed=st.integers(0, 3))
def test_unknown_units_scale_areas_alone(scale, seed):
    record = known_pattern(seed, counts=2000, step=0.05).record
    record.data["intensity"].attrs["units"] = ""
    data = record.data.copy(deep=True)
    data["intensity"] = data["intensity"].copy(data=scale * data["intensity"].values)
    plain, scaled = find_peaks(record), find_peaks(Record("spectrum", data, record.provenance))
    assert plain["peak_count"].value == scaled["peak_count"].value
    assert scaled["position"].value == pytest.approx(plain["position"].value, abs=1e-4)
    areas = [[row["area"] for row in one.details["peaks"]] for one in (plain, scaled)]
    assert areas[1] == pytest.approx([scale * area for area in areas[0]], rel=1e-3)


def test_order_of_rows_does_not_matter(known):
    turned = known.record.data.isel(row=slice(None, None, -1))
    again = find_peaks(Record("spectrum", turned, known.record.provenance))
    assert again["position"].value == pytest.approx(find_peaks(known.record)["position"].value)


def reflections(factor=1.0):
    strengths = (1.0, 0.45, 0.12, 0.1, 0.75, 0.2, 0.3)
    return [
        {"spacing_metre": factor * d, "intensity": s}
        for d, s in zip(SPACINGS, strengths, strict=True)
    ]


def test_the_right_structure_matches(found):
    right = compare_pattern(found, reflections(1.003))
    assert right["match_score"].value > 0.99
    assert right["strain"].value == pytest.approx(-0.003, abs=2e-4)
    assert right["intensity_found"].value == 1
    assert not right.details["unexplained_degree"]
    wrong = compare_pattern(found, reflections(0.93))
    assert wrong["match_score"].value < 0.5
    assert wrong.details["unexplained_degree"]


def test_a_missing_and_an_excess_line_lower_the_score(found):
    more = [*reflections(), {"spacing_metre": 1.8e-10, "intensity": 1.0}]
    assert compare_pattern(found, more)["match_score"].value < 0.9
    assert compare_pattern(found, more)["intensity_found"].value < 0.8
    fewer = compare_pattern(found, reflections()[1:])
    assert fewer["area_explained"].value < 0.8


def test_offset_and_strain_have_uncertainties(found):
    right = compare_pattern(found, reflections(1.003))
    for name, truth in (("strain", 1 / 1.003 - 1), ("offset", 0.0)):
        value = right[name]
        assert value.uncertainty is not None
        assert abs(value.value - truth) < 4 * value.uncertainty
    assert right["strain"].uncertainty < 2e-4
    one = compare_pattern(found, reflections()[:1])
    assert one["strain"].uncertainty is None
    assert one["strain"].flags == ("fewer than three reflections have a peak",)


def test_a_given_wavelength_is_told_to_be_the_only_one(known):
    flags = find_peaks(known.record, wavelength="1.5406 angstrom")["peak_count"].flags
    assert any("a second line, as K-alpha 2, makes peaks of its own" in flag for flag in flags)


def test_a_wavelength_in_another_unit_is_refused(known):
    with pytest.raises(InputError, match=r"wavelength: 1\.5406 is 1\.541 m, .* '1\.5406 angstrom'"):
        find_peaks(known.record, wavelength=1.5406)


def test_what_is_no_table_of_reflections(found):
    with pytest.raises(InputError, match=r"structure\.0: a reflection has spacing_metre and"):
        compare_pattern(found, [{"d": 1}])
    with pytest.raises(InputError, match="a spacing above 0 and a finite intensity are needed"):
        compare_pattern(found, [{"spacing_metre": -1, "intensity": 1}])
    with pytest.raises(InputError, match="no reflection from 12 to"):
        compare_pattern(found, [{"spacing_metre": 1e-9, "intensity": 1}])


def test_a_cif_needs_pymatgen(found, tmp_path):
    path = tmp_path / "a.cif"
    with pytest.raises(StorageError, match=r"a\.cif: cannot be read"):
        compare_pattern(found, path)
    path.write_text("data_a\n", encoding="utf-8")
    if importlib.util.find_spec("pymatgen") is None:
        with pytest.raises(InputError, match=r"pip install 'solith\[pymatgen\]'"):
            compare_pattern(found, path)
    else:
        with pytest.raises(StorageError, match="is no CIF from which pymatgen makes"):
            compare_pattern(found, path)


def test_what_is_no_pattern(known):
    other = Record.from_arrays("spectrum", abscissa=[1.0], intensity=[1.0])
    with pytest.raises(InputError, match="has 1 usable points; a pattern has 40"):
        find_peaks(other)
    with pytest.raises(InputError, match="not a record of kind 'spectrum' and technique 'xps'"):
        find_peaks(
            Record.from_arrays(
                "spectrum", abscissa=[1], intensity=[1], attributes={"technique": "xps"}
            )
        )
    attrs = {"technique": "xrd", "abscissa_quantity": "omega"}
    with pytest.raises(InputError, match="the scan runs along 'omega'"):
        find_peaks(Record.from_arrays("spectrum", abscissa=[1], intensity=[1], attributes=attrs))
    flat = Record.from_arrays("spectrum", abscissa=np.arange(10.0, 60.0), intensity=np.ones(50))
    with pytest.raises(InputError, match="the intensity is the same everywhere"):
        find_peaks(flat)
    with pytest.raises(InputError, match="angles 2 theta lie between 0 and 180"):
        find_peaks(Record.from_arrays("spectrum", abscissa=np.arange(90.0) * 3, intensity=flat_y()))
    with pytest.raises(InputError, match=r"false_alarm: 0\.7 is no probability"):
        find_peaks(known.record, false_alarm=0.7)
    with pytest.raises(InputError, match="instrument_width: 9 is not 0 to 5"):
        find_peaks(known.record, instrument_width=9)


def flat_y():
    return np.arange(90.0) % 7


def test_the_figure_has_what_was_found(found):
    figure = plot_diffraction(found, compare_pattern(found, reflections()))
    names = {trace.name for trace in figure.data}
    assert {"measured", "fit", "below halos", "structure", "difference"} <= names
    assert "4.720 Å" in {note.text for note in figure.layout.annotations}
    with pytest.raises(InputError, match="has no peaks"):
        plot_diffraction(compare_pattern(found, reflections()))


def test_purely_gaussian_peaks_have_no_lorentzian_part():
    angle = np.arange(20.0, 40.0, 0.02)
    shape = 1e4 * np.exp(-4 * math.log(2) * ((angle - 30.001) / 0.2) ** 2)
    counts = np.random.default_rng(5).poisson(50 + shape).astype(float)
    record = Record.from_arrays(
        "spectrum",
        abscissa=angle,
        intensity=(counts, "counts"),
        attributes={"technique": "xrd"},
    )
    found = find_peaks(record, wavelength="1.5406 angstrom")
    (row,) = found.details["peaks"]
    assert found.details["lorentzian_share"] < 0.02
    assert abs(row["position_degree"] - 30.001) < 4 * row["position_degree_uncertainty"] < 0.01
    assert abs(row["width_degree"] - 0.2) < 4 * row["width_degree_uncertainty"] < 0.02
    turned = Record.from_arrays("spectrum", abscissa=(angle, "deg"), intensity=counts)
    with pytest.raises(InputError, match=r"abscissa: angles 2 theta up to 0\.698 are radians"):
        find_peaks(take_as(turned, "xrd"), wavelength="1.5406 angstrom")


def test_a_real_pattern_of_many_peaks():
    (record,) = solith.read(real_file("xrd/xylib__BT86_.UXD"))
    found = find_peaks(record)
    largest = max(found.details["peaks"], key=lambda row: row["area"])
    assert found["peak_count"].value == 32
    assert largest["position_degree"] == pytest.approx(19.587, abs=2e-3)


def test_a_real_pattern():
    (record,) = solith.read(real_file("xrd/xylib__empyrean.xrdml"))
    assert find_peaks(record)["peak_count"].value == 0  # 13 counts of noise on a flat ground
