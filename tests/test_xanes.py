"""X-ray absorption near an edge: readers, edge and white line, mixtures, components, series."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reader_seeds import ABSORPTION, XDI
from tests.real_files import real_file

from solith.analysis import (
    analyse_xanes,
    analyse_xanes_series,
    calibrate_energy,
    find_components,
    find_xanes_candidates,
    fit_mixture,
    xanes_references,
)
from solith.core.errors import InputError, SolithError, StorageError, UnknownNameError
from solith.core.record import Record
from solith.core.storage import read_record, write_record
from solith.figures import plot_mixture, plot_xanes, plot_xanes_series
from solith.readers import format_of, read

ENERGY = np.concatenate(
    [np.arange(2450, 2466, 1.0), np.arange(2466, 2490, 0.2), np.arange(2490, 2541, 1.0)]
)
EDGE, LINE = 2471.0, 2472.1


def rise(energy: np.ndarray, edge: float, height: float, width: float = 0.6) -> np.ndarray:
    """A step of one at an edge, a peak 1.1 eV above it."""
    step = 0.5 * (1 + np.tanh((energy - edge) / 0.8))
    return step + height * np.exp(-0.5 * ((energy - edge - 1.1) / width) ** 2)


def absorption(values: np.ndarray, energy: np.ndarray = ENERGY, **attributes: object) -> Record:
    return Record.from_arrays(
        "spectrum",
        name="made",
        abscissa=energy,
        intensity=values,
        attributes={"technique": "xanes", **attributes},
    )


def noisy(
    values: np.ndarray, noise: float, draw: np.random.Generator, scale: float = 1.0
) -> Record:
    line = 0.3 - 1e-3 * (ENERGY - 2470)
    return absorption(scale * (values + line + noise * draw.normal(size=len(ENERGY))))


# --- readers ------------------------------------------------------------------------------------


def put(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_real_scan_keeps_what_its_header_says():
    (record,) = read(real_file("xas/S_elemental_rt_01.xdi"))
    attributes = record.data.attrs
    assert attributes["technique"] == "xanes"
    assert (attributes["element"], attributes["edge"]) == ("S", "K")
    assert attributes["measured_from"] == "2013-10-16 16:23:32"
    assert record.provenance.instrument == "APS 13-ID-E"
    first = 6865.4573 / 230463.0
    assert record.array("intensity")[0] == pytest.approx(first, rel=1e-12)
    assert record.data["abscissa"].attrs["units"] == "eV"
    assert len(record) == 268


def test_fluorescence_and_transmission_are_two_spectra(tmp_path):
    fluorescence, transmission = read(put(tmp_path / "a.xdi", XDI[0]))
    assert fluorescence.name == "a, fluorescence"
    assert transmission.array("intensity")[0] == pytest.approx(np.log(100 / 90))
    assert "intensity is ln(i0/itrans)" in transmission.provenance.notes
    assert "signal_i0" in fluorescence.data


def test_angles_become_energies(tmp_path):
    (record,) = read(put(tmp_path / "a.xdi", XDI[1]))
    assert record.array("abscissa")[0] == pytest.approx(
        12398.419843 / (2 * 3.13477 * np.sin(np.radians(53.0)))
    )
    without = XDI[1].replace("# Mono.d_spacing: 3.13477\n", "")
    with pytest.raises(InputError, match=r"needs the spacing of the monochromator's planes"):
        read(put(tmp_path / "b.xdi", without))


def test_columns_with_a_heading(tmp_path):
    records = read(put(tmp_path / "a.txt", ABSORPTION[0]))
    assert [record.data.attrs["detection"] for record in records] == [
        "fluorescence",
        "transmission",
    ]
    (kilo,) = read(put(tmp_path / "b.csv", ABSORPTION[1]))
    assert kilo.array("abscissa")[[0, -1]] == pytest.approx([8300, 8323])


def test_bare_columns_are_taken_for_absorption_only_where_they_look_like_an_edge(tmp_path):
    path = put(tmp_path / "a.csv", ABSORPTION[2])
    (record,) = read(path)
    assert any("nothing in the file says so" in note for note in record.provenance.notes)
    flat = "".join(f"{2450 + n},{0.1 + 0.01 * (n % 3)}\n" for n in range(30))
    with pytest.raises(StorageError, match="of unknown format"):
        read(put(tmp_path / "flat.csv", flat))
    diffraction = "".join(f"{10 + n},{0.1 + (n > 12)}\n" for n in range(30))
    with pytest.raises(StorageError, match="of unknown format"):
        read(put(tmp_path / "pattern.csv", diffraction))


def test_a_table_of_a_cell_is_none_of_absorption(tmp_path):
    text = "Energy/Wh,Voltage/V,I/A,Time/s\n" + "".join(f"{n},3,1,{n}\n" for n in range(30))
    path = put(tmp_path / "a.csv", text)
    assert "absorption" not in format_of(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("#XDI/1.0\n# Column.1: energy eV\n", "has a header but no rows of data"),
        (XDI[0].replace("2460.0 ", "246x.0 "), r"line 19: '246x.0' is no number"),
        (XDI[0].replace("energy eV", "energy furlong"), "the energy is in 'furlong'"),
        (
            XDI[0].replace("Column.1: energy eV", "Column.1: k"),
            "EXAFS over the wave number k has no energies",
        ),
        (
            XDI[0].replace("ifluor", "a").replace("itrans", "b").replace("i0", "c"),
            "no column of absorption, or of the intensities that make it",
        ),
        (XDI[0].replace("energy eV", "energy keV"), "are not those of X-rays"),
    ],
)
def test_a_damaged_scan_is_one_clear_error(tmp_path, text, told):
    path = put(tmp_path / "a.xdi", text)
    with pytest.raises(SolithError, match=told) as caught:
        read(path)
    assert str(path) in str(caught.value)


def test_a_scan_survives_being_stored(tmp_path):
    record = calibrate_energy(read(put(tmp_path / "a.xdi", XDI[0]))[0], "0.3 eV", by="a foil")
    write_record(tmp_path / "a.nc", record)
    again = read_record(tmp_path / "a.nc")
    assert again.data.attrs["energy_shift_ev"] == pytest.approx(0.3)
    assert again.data.attrs["energy_calibration"] == "+0.3 eV by a foil"


# --- edge and white line ------------------------------------------------------------------------


def test_edge_line_and_step_of_a_known_spectrum():
    draw = np.random.default_rng(1)
    result = analyse_xanes(noisy(rise(ENERGY, EDGE, 0.0), 0.003, draw))
    edge = result["edge_position"]
    assert abs(edge.value - EDGE) < 3 * edge.uncertainty < 0.1
    step = result["edge_step"]
    assert abs(step.value - 1) < 3 * step.uncertainty
    peaked = analyse_xanes(noisy(rise(ENERGY, EDGE, 1.0), 0.003, draw))
    line = peaked["white_line_position"]
    assert line.value == pytest.approx(LINE, abs=0.15)
    assert line.uncertainty < 0.05
    assert peaked["white_line_height"].value == pytest.approx(1.9, abs=0.15)
    assert any("no calibration is known" in flag for flag in edge.flags)


@settings(deadline=None, max_examples=15)
@given(
    shift=st.floats(-50, 50),
    scale=st.floats(1e-6, 1e6),
    order=st.permutations(list(range(20))),
)
def test_positions_follow_the_energies_and_not_the_scale(shift, scale, order):
    values = rise(ENERGY, EDGE, 0.8) + 1e-3 * np.sin(np.arange(len(ENERGY)) * 2.3)
    known = analyse_xanes(absorption(values))
    mixed = np.concatenate([order, np.arange(20, len(ENERGY))]).astype(int)
    moved = analyse_xanes(absorption(scale * values[mixed], (ENERGY + shift)[mixed]))
    for quantity in ("edge_position", "white_line_position"):
        expected = known[quantity].value + shift
        assert moved[quantity].value == pytest.approx(expected, abs=2e-3)
    assert moved["white_line_height"].value == pytest.approx(
        known["white_line_height"].value, rel=1e-3
    )
    assert moved["edge_step"].value == pytest.approx(scale * known["edge_step"].value, rel=1e-3)


def test_a_shift_is_recorded_and_its_doubt_carried():
    draw = np.random.default_rng(2)
    record = noisy(rise(ENERGY, EDGE, 0.8), 0.003, draw)
    plain = analyse_xanes(record)["edge_position"]
    shifted = analyse_xanes(record, energy_shift=0.7, energy_shift_uncertainty="0.2 eV")
    assert shifted["edge_position"].value == pytest.approx(plain.value + 0.7, abs=1e-6)
    assert shifted["edge_position"].uncertainty == pytest.approx(
        np.hypot(plain.uncertainty, 0.2), rel=1e-3
    )
    assert shifted["edge_position"].flags[:1] != plain.flags[:1]
    twice = calibrate_energy(
        calibrate_energy(record, 1.0, uncertainty=0.3), -0.4, uncertainty=0.4, by="sulfur"
    )
    result = analyse_xanes(twice)["energy_shift"]
    assert (result.value, result.uncertainty) == (pytest.approx(0.6), pytest.approx(0.5))
    assert result.source == "+1 eV; -0.4 eV by sulfur"
    assert "energies were shifted by -0.4 eV by sulfur" in twice.provenance.notes


def test_laws_of_lines():
    curved = rise(ENERGY, EDGE, 0.5) + 5.0 * (EDGE / ENERGY) ** 3
    victoreen = analyse_xanes(absorption(curved), pre_edge_law="victoreen")
    assert victoreen["edge_step"].value == pytest.approx(1.0, abs=0.05)
    quadratic = analyse_xanes(absorption(curved), post_edge_law="quadratic")
    assert quadratic.details["post_edge_law"] == "quadratic"


def test_a_short_scan_has_positions_and_no_step():
    short = (ENERGY > 2466) & (ENERGY < 2480)
    result = analyse_xanes(absorption(rise(ENERGY, EDGE, 0.5)[short], ENERGY[short]))
    assert result["edge_position"].value == pytest.approx(EDGE, abs=0.3)
    assert result["edge_step"].value is None
    assert "not normalised" in result["edge_step"].flags[0]
    with pytest.raises(InputError, match=r"post_edge: .* expected at least 3 for a linear line"):
        analyse_xanes(
            absorption(rise(ENERGY, EDGE, 0.5)[short], ENERGY[short]),
            pre_edge=(2466, 2468),
            post_edge=(2500, 2520),
        )


def test_two_rises_that_noise_cannot_tell_apart_are_told():
    values = rise(ENERGY, EDGE, 0.0) + rise(ENERGY, EDGE + 8, 0.0)
    draw = np.random.default_rng(3)
    flags = analyse_xanes(noisy(values, 0.01, draw))["edge_position"].flags
    assert any(flag.startswith("another rise is as steep within noise") for flag in flags)


@pytest.mark.parametrize(
    ("change", "options", "told"),
    [
        (lambda v: v * 0 + 1 + 0.01 * np.cos(np.arange(len(v)) ** 2), {}, "no absorption edge"),
        (lambda v: v, {"smoothing": 0}, r"smoothing: 0 must be above 0"),
        (lambda v: v, {"edge_window": 3}, "edge_window: 3 is not a pair of energies"),
        (lambda v: v, {"pre_edge": (2470, 2460)}, "the first energy must be below the second"),
        (lambda v: v, {"pre_edge_law": "cubic"}, "unknown pre-edge law 'cubic'"),
        (lambda v: v, {"edge_window": (3000, 3100)}, "nothing to search for an edge"),
    ],
)
def test_what_cannot_be_analysed_is_refused(change, options, told):
    with pytest.raises(InputError, match=told):
        analyse_xanes(absorption(change(rise(ENERGY, EDGE, 0.5))), **options)


def test_a_straight_rise_is_no_edge():
    # The slope is the same everywhere: no place of it is an edge, however little noise there is.
    draw = np.random.default_rng(2)
    for noise in (0.0, 0.01):
        with pytest.raises(InputError, match="has no absorption edge"):
            analyse_xanes(absorption(0.05 * ENERGY + noise * draw.normal(size=len(ENERGY))))


def test_a_doubt_without_a_shift_is_refused_and_not_forgotten():
    record = absorption(rise(ENERGY, EDGE, 0.5))
    with pytest.raises(InputError, match="energy_shift_uncertainty: it belongs to a shift"):
        analyse_xanes(record, energy_shift_uncertainty="0.2 eV")
    result = analyse_xanes(record, energy_shift=0, energy_shift_uncertainty="0.2 eV")
    assert result["edge_position"].uncertainty > 0.2


def test_a_scan_of_many_rows_takes_little_memory():
    # 40 000 rows: a matrix of rows by rows would be 12.8 GB.
    import tracemalloc

    energy = np.linspace(2450, 2540, 40_000)
    draw = np.random.default_rng(12)
    record = absorption(rise(energy, EDGE, 0.5) + 0.01 * draw.normal(size=len(energy)), energy)
    tracemalloc.start()
    found = analyse_xanes(record)["edge_position"]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5e8
    truth = analyse_xanes(absorption(rise(ENERGY, EDGE, 0.5)))["edge_position"].value
    assert found.value == pytest.approx(truth, abs=0.1)


def test_other_spectra_are_refused():
    record = absorption(rise(ENERGY, EDGE, 0.5))
    record.data.attrs["technique"] = "xps"
    with pytest.raises(InputError, match="is a spectrum of 'xps'; expected X-ray absorption"):
        analyse_xanes(record)
    few = absorption(rise(ENERGY, EDGE, 0.5)[:10], ENERGY[:10])
    with pytest.raises(InputError, match="has 10 energies with an absorption"):
        analyse_xanes(few)
    with pytest.raises(InputError, match="expected a record"):
        analyse_xanes(3)


# --- mixtures -----------------------------------------------------------------------------------

SPECIES = {
    "sulfide": rise(ENERGY, 2470.3, 0.8),
    "sulfite": rise(ENERGY, 2476.6, 1.8),
    "sulfate": rise(ENERGY, 2480.8, 2.5),
}
SHARES = {"sulfide": 0.5, "sulfite": 0.2, "sulfate": 0.3}


def references() -> dict[str, Record]:
    return {name: absorption(7 * curve + 0.1) for name, curve in SPECIES.items()}


def mixed(draw: np.random.Generator, noise: float = 0.01) -> Record:
    return noisy(sum(SHARES[name] * SPECIES[name] for name in SPECIES), noise, draw, 3.0)


@pytest.mark.parametrize("bound", [True, False])
def test_a_mixture_is_recovered(bound):
    result = fit_mixture(mixed(np.random.default_rng(4)), references(), sum_to_one=bound)
    for name, share in SHARES.items():
        found = result[f"{name}_fraction"]
        assert abs(found.value - share) < 4 * found.uncertainty
        assert found.uncertainty < (0.004 if bound else 0.06)
    assert result["reduced_chi_square"].value == pytest.approx(1, abs=0.4)
    assert ("fraction_sum" in result) is not bound


def test_shifts_are_found():
    values = sum(
        SHARES[name] * np.interp(ENERGY - move, ENERGY, SPECIES[name])
        for name, move in zip(SPECIES, (0.3, 0.0, -0.2), strict=True)
    )
    result = fit_mixture(noisy(values, 0.005, np.random.default_rng(5)), references(), shifts=True)
    assert result["sulfide_shift"].value == pytest.approx(0.3, abs=0.05)
    assert result["sulfate_shift"].value == pytest.approx(-0.2, abs=0.05)
    assert result["sulfate_fraction"].value == pytest.approx(0.3, abs=0.02)


def test_a_missing_species_and_an_absent_one_are_told():
    two = {name: references()[name] for name in ("sulfide", "sulfate")}
    missing = fit_mixture(mixed(np.random.default_rng(6)), two)
    assert missing["sulfide_fraction"].flags[0].startswith("misfit: residuals have")
    pure = noisy(SPECIES["sulfide"] - 0.05 * SPECIES["sulfite"], 0.003, np.random.default_rng(7))
    absent = fit_mixture(pure, references())
    assert "below 0: the record does not hold it" in absent["sulfite_fraction"].flags


def test_references_that_are_the_same_are_refused():
    # Least squares of least length would share them evenly, and be certain of it.
    twice = {"one": references()["sulfide"], "other": references()["sulfide"]}
    for bound in (True, False):
        with pytest.raises(InputError, match="references: two references are the same"):
            fit_mixture(mixed(np.random.default_rng(6)), twice, sum_to_one=bound)


def test_the_noise_of_references_is_no_misfit():
    draw = np.random.default_rng(13)
    noisier = {name: noisy(curve, 0.02, draw, 7.0) for name, curve in SPECIES.items()}
    result = fit_mixture(mixed(draw, noise=0.002), noisier)
    assert result["reduced_chi_square"].value == pytest.approx(1, abs=0.4)
    assert not any("misfit" in flag for flag in result["sulfide_fraction"].flags)


def test_intensities_as_they_are():
    whole = absorption(sum(SHARES[name] * SPECIES[name] for name in SPECIES))
    plain = {name: absorption(curve) for name, curve in SPECIES.items()}
    result = fit_mixture(whole, plain, normalise=False)
    assert [result[f"{name}_fraction"].value for name in SHARES] == pytest.approx(
        list(SHARES.values()), abs=1e-9
    )


def test_a_mixture_of_one_is_refused():
    with pytest.raises(InputError, match=r"references: expected two references or more, by name"):
        fit_mixture(mixed(np.random.default_rng(8)), {"a": references()["sulfide"]})
    far = absorption(rise(ENERGY + 1000, EDGE + 1000, 0.5), ENERGY + 1000)
    with pytest.raises(InputError, match="energies in common"):
        fit_mixture(mixed(np.random.default_rng(8)), {**references(), "far": far})


# --- components, series, candidates -------------------------------------------------------------


def through(noise: float = 0.005, grow: float = 1.0, seed: int = 9) -> list[Record]:
    """A sulfide of which a sulfate grows from the sixth of twenty spectra on."""
    draw = np.random.default_rng(seed)
    base = rise(ENERGY, 2470.3, 0.8)
    bump = np.exp(-0.5 * ((ENERGY - 2481.5) / 0.8) ** 2)
    return [
        noisy(base + grow * 0.5 * max(0, n - 5) / 14 * bump, noise, draw, 2.0) for n in range(20)
    ]


def test_components_are_counted():
    assert find_components(through(grow=0.0))["components"].value == 1
    result = find_components(through())
    assert result["components"].value == 2
    assert result["real_error"].value == pytest.approx(result["noise"].value, rel=0.2)
    assert np.shape(result.details["loadings"])[0] == 2
    with pytest.raises(InputError, match="expected at least 4"):
        find_components(through()[:3])
    with pytest.raises(InputError, match="components: 20 components of 20 leave nothing"):
        find_components(through(), components=20)


def test_more_axes_than_noise_explains_are_told():
    # Wandering intensities are no white noise: every spectrum is an axis of its own.
    draw = np.random.default_rng(15)
    waves = [np.sin(ENERGY / (3 + n) + n) for n in range(6)]
    scans = [
        noisy(rise(ENERGY, EDGE, 0.5) + 0.05 * waves[n], 1e-5, draw) for n in range(len(waves))
    ]
    found = find_components(scans)["components"]
    assert found.value == 5
    assert any("no axis is as small as noise" in flag for flag in found.flags)


def test_components_of_as_many_spectra_as_energies():
    # Straight lines are taken out: 20 energies leave 18 axes, fewer than the 24 spectra.
    result = find_components([*through(grow=0.0), *through(grow=0.0, seed=1)], window=(2470, 2474))
    assert result["components"].value == 1
    assert len(result.details["eigenvalues"]) == len(result.details["energy_ev"]) - 2


def test_rows_between_those_measured_are_no_surer():
    # The first scan is finer than the others: what is drawn between their rows has no scatter.
    draw = np.random.default_rng(14)
    coarse = np.arange(2450.0, 2530.0, 0.25)
    noise_of = 0.01
    scans = [
        absorption(rise(energy, EDGE, 0.5) + noise_of * draw.normal(size=len(energy)), energy)
        for energy in [np.arange(2450.0, 2530.0, 0.1)] + 11 * [coarse]
    ]
    assert find_components(scans)["components"].value == 1
    assert not analyse_xanes_series(scans).details["features"]


def test_the_doubt_of_the_energies_is_in_the_place_of_a_feature():
    shifted = [calibrate_energy(one, 0.5, uncertainty=0.3) for one in through()]
    position = analyse_xanes_series(shifted)["feature_1_position"]
    assert position.value == pytest.approx(2482.0, abs=0.2)
    assert 0.3 < position.uncertainty < 0.4


def test_an_onset_is_not_rounded_to_a_grid():
    # Noise of a hundred-thousandth: the onset is known better than to 1/200 of the series.
    onset = analyse_xanes_series(through(noise=1e-5), times=list(np.arange(20) * 600.0))
    found = onset["feature_1_onset"]
    assert abs(found.value - 3000) < 4 * found.uncertainty < 30


def test_a_growing_feature_is_found_with_its_onset():
    times = np.arange(20) * 600.0
    clock = np.arange(0, 12000, 60.0)
    cell = Record.from_arrays(
        "cycling",
        test_time_second=clock,
        voltage_volt=3 + clock / 12000,
        current_ampere=np.full(200, 1e-4),
    )
    result = analyse_xanes_series(through(), times=list(times), cycling=cell)
    position, onset = result["feature_1_position"], result["feature_1_onset"]
    assert abs(position.value - 2481.5) < 4 * position.uncertainty < 0.2
    assert abs(onset.value - 3000) < 4 * onset.uncertainty < 600
    potential = result["feature_1_onset_potential"]
    assert potential.value == pytest.approx(3 + onset.value / 12000, abs=1e-6)
    charge = result["feature_1_onset_charge"].value
    assert charge == pytest.approx(1e-4 * onset.value / 3.6, rel=1e-6)
    row = result.details["features"][0]
    assert row["way"] == "grows"
    assert len(row["candidates"]) > 1
    assert "feature_2_position" not in result
    assert "derivative_feature_1_position" in result


def test_noise_makes_no_feature():
    found = [
        len(analyse_xanes_series(through(grow=0.0, seed=seed)).details["features"])
        for seed in range(6)
    ]
    assert sum(found) == 0


def test_times_come_from_dates_and_must_rise():
    dated = [
        absorption(record.array("intensity"), measured_from=f"2020-01-01 {n:02d}:00:00")
        for n, record in enumerate(through())
    ]
    result = analyse_xanes_series(dated)
    assert result.details["time_second"][2] == 7200
    with pytest.raises(InputError, match=r"times: spectrum 2 is not later"):
        analyse_xanes_series(through(), times=[0.0] * 20)
    with pytest.raises(InputError, match=r"times: expected a time for each of the 20 spectra"):
        analyse_xanes_series(through(), times=[0.0])


def test_a_cycling_record_of_another_time_is_refused():
    cell = Record.from_arrays(
        "cycling", test_time_second=[1e6, 2e6], voltage_volt=[3, 4], current_ampere=[1, 1]
    )
    times = [float(n) for n in range(len(through()))]
    with pytest.raises(InputError, match="no spectrum lies within"):
        analyse_xanes_series(through(), cycling=cell, times=times)
    with pytest.raises(InputError, match="times: none are known, by which to find the spectra"):
        analyse_xanes_series(through(), cycling=cell)


def test_one_energy_names_no_species():
    result = find_xanes_candidates(2470.4, uncertainty=0.1)
    species = {row["species"] for row in result.details["candidates"]}
    assert len(species) > 3
    distances = [abs(row["distance"]) for row in result.details["candidates"]]
    assert distances == sorted(distances)
    assert all("does not name a species" in value.flags[0] for value in result)
    narrow = find_xanes_candidates(2482.0, feature="white line", calibrated=True)
    assert narrow.details["groups"] == ["organic", "sulfate", "thiosulfate"]
    with pytest.raises(UnknownNameError, match="unknown element and edge 'Ni K'"):
        find_xanes_candidates(8333, element="Ni")


def test_a_doubt_below_zero_is_refused():
    with pytest.raises(InputError, match="uncertainty: -1 must not be below 0"):
        find_xanes_candidates(2470.4, uncertainty=-1)


def test_the_page_names_the_references_that_are_only_recalled():
    page = (Path(__file__).parents[1] / "docs" / "xanes.md").read_text(encoding="utf-8")
    told = " ".join(page[page.index("Only recalled, to be checked") :].split()).split(". ")[0]
    recalled = [row.species for row in xanes_references() if row.certainty == "recalled"]
    assert len(recalled) == 5
    for species in recalled:
        assert species.replace("thiosulfate, ", "") in told, species


def test_the_table_of_references_is_whole_and_may_be_the_users(tmp_path):
    rows = xanes_references()
    assert all(row.source and row.certainty in ("read", "derived", "recalled") for row in rows)
    text = (
        '[[reference]]\nelement="Ni"\nedge="K"\nspecies="nickel"\nformula="Ni"\ngroup="metal"\n'
        'feature="edge"\nenergy=8333\nspread=0.5\nsource="own foil"\ncertainty="read"\n'
    )
    own = put(tmp_path / "own.toml", text)
    assert find_xanes_candidates(8333.2, element="Ni", table=own).values[0].value == 8333
    with pytest.raises(InputError, match=r"reference 1: lacks spread"):
        xanes_references(put(tmp_path / "b.toml", text.replace("spread=0.5\n", "")))
    with pytest.raises(InputError, match="unknown certainty 'sure'"):
        xanes_references(put(tmp_path / "c.toml", text.replace('y="read"', 'y="sure"')))
    with pytest.raises(StorageError, match="is no TOML"):
        xanes_references(put(tmp_path / "d.toml", "[["))


# --- figures ------------------------------------------------------------------------------------


def test_figures_are_drawn():
    result = analyse_xanes(through()[0])
    assert len(plot_xanes(result).data) == 6
    fit = fit_mixture(mixed(np.random.default_rng(10)), references())
    names = [trace.name for trace in plot_mixture(fit).data]
    assert names[-3:] == ["measured", "sum", "residual"]
    series = analyse_xanes_series(through())
    assert plot_xanes_series(series).data[0].type == "heatmap"
    assert plot_xanes_series(series, derivative=True).data[0].type == "heatmap"
    with pytest.raises(InputError, match="was not joined with a cycling record"):
        plot_xanes_series(series, against="charge")
    with pytest.raises(InputError, match="it lacks measured"):
        plot_mixture(result)


# --- edge steps ---------------------------------------------------------------------------------


def test_the_doubt_of_edge_steps_is_in_fractions():
    bent = {
        name: absorption(7 * (curve + 4e-5 * np.maximum(ENERGY - EDGE, 0.0) ** 2) + 0.1)
        for name, curve in SPECIES.items()
    }
    draw = np.random.default_rng(4)
    free = fit_mixture(mixed(draw), bent)["sulfide_fraction"]
    known = fit_mixture(mixed(draw), bent, step_uncertainty=0)["sulfide_fraction"]
    assert free.uncertainty > 5 * known.uncertainty
    assert any("edge steps make most of the uncertainty" in flag for flag in free.flags)
    assert not any("edge steps" in flag for flag in known.flags)
    stated = fit_mixture(mixed(draw), references(), step_uncertainty=0.1)
    share = np.array(list(SHARES.values()))
    part = 0.1 * share[0] * np.hypot(1 - share[0], np.linalg.norm(share[1:]))
    assert stated["sulfide_fraction"].uncertainty == pytest.approx(part, rel=0.05)
    with pytest.raises(InputError, match="step_uncertainty: 2 is no number from 0 to 1"):
        fit_mixture(mixed(draw), references(), step_uncertainty=2)


def test_a_step_that_depends_on_its_line_is_unsure():
    draw = np.random.default_rng(1)
    plain = analyse_xanes(noisy(rise(ENERGY, EDGE, 0.0), 0.003, draw))["edge_step"]
    tail = rise(ENERGY, EDGE, 0.0) * (1 + np.exp(-(ENERGY - EDGE) / 15.0) * (ENERGY > EDGE))
    unsure = analyse_xanes(noisy(tail, 0.003, draw))["edge_step"]
    assert plain.uncertainty < 0.02
    assert abs(unsure.value - 1) < 2 * unsure.uncertainty
    assert unsure.uncertainty > 3 * plain.uncertainty


def test_a_broad_maximum_far_above_the_edge_is_told():
    hump = 0.8 * np.exp(-0.5 * ((ENERGY - EDGE - 8.0) / 4.0) ** 2)
    found = analyse_xanes(absorption(rise(ENERGY, EDGE, 0.0) + hump))["white_line_position"]
    assert any("rather a resonance than the white line" in flag for flag in found.flags)
    near = analyse_xanes(absorption(rise(ENERGY, EDGE, 0.8)))["white_line_position"]
    assert not any("resonance" in flag for flag in near.flags)
