"""Tasks on ceramics: current through polycrystals, filaments, and studies in full."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import solith
from solith.analysis import analyse_current_voltage, find_critical_current
from solith.app._report_cases import Case
from solith.app._report_figures import find_panels
from solith.cell import (
    BiasSweep,
    SymmetricCell,
    llzo_memristor,
    short_by_filament,
    simulate,
    simulate_memristor,
    stepped_current,
)
from solith.core.errors import InputError, UnknownNameError
from solith.core.progress import Progress
from solith.core.record import Record
from solith.figures import (
    plot_current_limits,
    plot_electrode_sizes,
    plot_flux_contrast,
    plot_flux_decay,
    plot_flux_section,
)
from solith.study import Study, find_kind, find_published, load_study
from solith.study._flux_levels import carry_on
from solith.study.ceramic_flux import measure_ceramic_flux

SMALL: dict[str, Any] = {"grains_across": 4, "grains_deep": 3, "voxel_size": "0.5 um"}


@pytest.fixture(scope="module")
def slow() -> solith.Result:
    return measure_ceramic_flux(1e-4, realisations=3, window="2 um", **SMALL)


def test_slow_boundaries_gather_current_and_a_layer_evens_it_out(slow: solith.Result) -> None:
    even = measure_ceramic_flux(1.0, realisations=2, window="2 um", **SMALL)
    assert even["current_contrast_without_layer"].value == pytest.approx(1.0, abs=1e-3)
    bare, layered = (slow[f"current_contrast_{name}_layer"].value for name in ("without", "with"))
    assert bare is not None
    assert layered is not None
    assert bare > 1.5 > layered > 1.0
    assert slow["boundary_share"].value > even["boundary_share"].value  # type: ignore[operator]
    depth = slow["decay_depth"].value
    assert depth is not None
    assert 0.2 < depth < 5
    assert slow["current_contrast_without_layer"].uncertainty is not None


def test_numbers_are_carried_on_by_the_finer_realisations(slow: solith.Result) -> None:
    """Of as many finer as coarse ones it is twice the fine mean less the coarse."""
    fine = measure_ceramic_flux(
        1e-4, realisations=3, finer=(), window="2 um", **SMALL | {"voxel_size": "0.25 um"}
    )
    name = "peak_over_mean_without_layer"
    coarse = float(np.mean(slow.details["realisations"][name]))
    assert slow[name].value == pytest.approx(2 * (fine[name].value or 0.0) - coarse)
    assert "a window is only 8.0 voxels wide: its peak may be 12 % low" in fine[name].flags
    assert not any("voxels wide" in flag for flag in slow[name].flags)
    assert slow["effective_conductivity"].value == pytest.approx(
        fine["effective_conductivity"].value, rel=0.02
    )


def test_the_highest_over_the_lowest_is_told_by_median_quartiles_and_cuts(
    slow: solith.Result,
) -> None:
    name = "grain_contrast_max_over_min_without_layer"
    low, middle, high = (
        slow[f"{name}{end}"].value for end in ("_low_quartile", "", "_high_quartile")
    )
    numbers = np.array(slow.details["realisations"][name])
    numbers *= slow.details["grid_factors"][name]["factor"]
    assert [low, middle, high] == pytest.approx(np.quantile(numbers, [0.25, 0.5, 0.75]).tolist())
    raw = slow.details["realisations"]
    for one, other in (("0.02", "0.1"), ("0.1", "0.2"), ("0.2", "0.5")):
        assert all(
            a >= b
            for a, b in zip(raw[f"{name}_cut_{one}"], raw[f"{name}_cut_{other}"], strict=True)
        )
    assert slow["max_over_min_above_ten_cut_50_percent"].value in (0, 1 / 3, 2 / 3, 1)


def test_thicker_layers_leave_less_and_one_is_thick_enough() -> None:
    def found(wanted: float) -> solith.Result:
        return measure_ceramic_flux(
            1e-4,
            realisations=2,
            finer=(),
            window="2 um",
            other_thicknesses=["20 um", "2 um", "10 um"],
            wanted_peak=wanted,
            **SMALL,
        )

    many = found(100.0)
    thin, thick = (many[f"peak_over_mean_under_{name}_um"].value or 0.0 for name in (2, 20))
    usual = float(np.mean(many.details["realisations"]["peak_over_mean_with_layer"][:2]))
    assert thin > usual > thick > 1
    enough = many["thickness_for_wanted_peak"]
    assert enough.value == pytest.approx(2)
    assert enough.flags == ("upper bound: 2 um do in 2 of 2",)
    between = found((thin * usual) ** 0.5)["thickness_for_wanted_peak"]
    assert 2 < (between.value or 0.0) < 10
    assert not between.flags
    short = found(1 + 1e-6)["thickness_for_wanted_peak"]
    assert short.value == pytest.approx(20)
    assert short.flags == ("lower bound: not reached in 2 of 2 by 20 um",)


@given(
    st.floats(0.5, 50),
    st.floats(-0.15, 0.15),
    st.lists(st.floats(0.5, 2), min_size=4, max_size=8),
    st.booleans(),
)
def test_an_error_proportional_to_the_voxel_is_carried_to_none(
    true: float, error: float, spreads: list[float], heavy: bool
) -> None:
    coarse = [true * one * (1 + error) for one in spreads]
    levels = [coarse, [true * one * (1 + error / 2) for one in spreads[:3]]]
    finest = [true * one * (1 + error / 4) for one in spreads[:1]]
    for given_levels in (levels, [*levels, finest]):
        found = carry_on(given_levels, heavy=heavy)
        assert found.factor * np.mean(coarse) == pytest.approx(true * np.mean(spreads))
        assert not found.bound
    scaled = carry_on([[3 * one for one in level] for level in levels], heavy=heavy)
    assert scaled.factor == pytest.approx(carry_on(levels, heavy=heavy).factor)
    assert carry_on([coarse]).factor == 1


def test_what_halving_the_voxel_changes_by_more_than_a_third_is_a_bound() -> None:
    assert carry_on([[2.0, 4.0], [1.0, 2.0]]).bound == "upper bound"
    assert carry_on([[1.0], [2.0]]).bound == "lower bound"
    assert carry_on([[1.0], [2.0]]).factor == 2
    assert np.isnan(carry_on([[np.nan], [2.0]]).factor)


def test_the_same_seed_gives_the_same_numbers(slow: solith.Result) -> None:
    again = measure_ceramic_flux(1e-4, realisations=3, window="2 um", **SMALL)
    assert again == slow
    assert solith.Result.from_json(slow.to_json()) == slow


def test_results_are_drawn(slow: solith.Result) -> None:
    faster = measure_ceramic_flux(1e-2, realisations=2, window="2 um", **SMALL)
    assert len(plot_flux_contrast({"a": slow, "b": faster}).data) == 4
    assert len(plot_flux_decay({"a": slow, "b": faster}).data) == 2
    assert plot_flux_section(slow).data[0].type == "heatmap"
    bare, layered = solith.plot(slow).data
    assert np.ptp(bare.y) > np.ptp(layered.y)
    with pytest.raises(InputError, match="holds no decays; expected a result of measure_ceramic"):
        plot_flux_decay(solith.Result("x", ()))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ratio": 0.0}, r"ratio: 0\.0 has to be above 0 and at most 1000"),
        ({"dimensions": 4}, "dimensions: 4 is neither 2 nor 3"),
        ({"realisations": 0}, "realisations: 0 is no whole number from 1"),
        ({"finer": 4}, "finer: 4 is no list of whole numbers"),
        ({"finer": [4, 0]}, r"finer\.2: 0 is no whole number from 1"),
        ({"wanted_peak": 1.0}, r"wanted_peak: 1\.0 is not above 1, the mean itself"),
        ({"other_thicknesses": ["0 um"]}, r"other_thicknesses\.1: '0 um' has to be above 0"),
        ({"voxel_size": "8 um"}, "are smaller than two voxels"),
        ({"layer_thickness": "5 mm"}, "thick"),
        ({"grain_conductivity": "1 mS"}, "has the unit 'mS', of the wrong dimension"),
    ],
)
def test_messages(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        measure_ceramic_flux(**({"ratio": 1e-3, "realisations": 1} | SMALL | given))


def lithium(highest: str = "0.3 mA/cm2") -> Record:
    cell = SymmetricCell.from_mapping(
        {
            "area": "0.785 cm2",
            "electrode": {"charge_transfer": {"law": "linear", "area_resistance": "500 ohm cm2"}},
            "electrolyte": {
                "material": "LLZO",
                "thickness": "300 um",
                "conductivity": "0.61 mS/cm",
            },
        }
    )
    return simulate(cell, stepped_current("0.1 mA/cm2", "0.1 mA/cm2", highest, "30 min"))


@pytest.fixture(scope="module")
def stepped() -> Record:
    return lithium()


def test_a_filament_shorts_the_first_step_above_its_current() -> None:
    record = lithium()
    shorted = short_by_filament(record, "0.15 mA/cm2")
    found = find_critical_current(shorted)
    assert found["critical_current_density"].value == pytest.approx(0.1)
    assert found["first_failing_current_density"].value == pytest.approx(0.2)
    late = shorted.array("test_time_second") >= 3600 + 300
    current = shorted.array("current_ampere")
    assert shorted.array("voltage_volt")[late] == pytest.approx(2 * current[late])
    assert np.array_equal(shorted.array("voltage_volt")[~late], record.array("voltage_volt")[~late])
    assert "it is through at" in shorted.data.attrs["notes"][-1]
    whole = short_by_filament(record, "1 mA/cm2")
    assert np.array_equal(whole.array("voltage_volt"), record.array("voltage_volt"))
    assert "which no step reaches" in whole.data.attrs["notes"][-1]


@given(st.floats(0, 1800))
@settings(max_examples=25, deadline=None)
def test_a_filament_is_a_hard_short_whenever_it_is_through(stepped: Record, after: float) -> None:
    """Rows lie 180 s apart; the short is in the second positive step, from 3600 s to 5400 s."""
    found = find_critical_current(short_by_filament(stepped, "0.15 mA/cm2", after=after))
    assert found.details["failure"] == "hard short"
    assert found.details["failing_step"] == 3
    at = found["time_of_failure"]
    assert at.value is not None
    assert at.uncertainty == pytest.approx(180 / 3600 / 12**0.5)
    assert abs(3600 * at.value - 3600 - after) <= 90.001


def test_a_filament_carries_the_loss_of_a_shorted_cell(stepped: Record) -> None:
    shorted = short_by_filament(stepped, "0.15 mA/cm2")
    parts = [str(name) for name in shorted.data.data_vars if str(name).startswith("loss_")]
    gap = shorted.array("open_circuit_voltage_volt") - shorted.array("voltage_volt")
    assert sum(shorted.array(name) for name in parts) == pytest.approx(gap, abs=1e-12)
    late = shorted.array("test_time_second") >= 3600 + 300
    assert not shorted.array("loss_anode_volt")[late].any()
    assert shorted.array("loss_filament_volt")[late] == pytest.approx(gap[late])
    assert not shorted.array("loss_filament_volt")[~late].any()
    plated = shorted.array("working_plated_charge_ah")
    assert np.ptp(plated[late]) == 0
    assert np.ptp(stepped.array("working_plated_charge_ah")[late]) > 0


def test_messages_of_the_short() -> None:
    with pytest.raises(InputError, match="are above 0, after is not below"):
        short_by_filament(lithium(), "0 mA/cm2")
    spectrum = Record.from_arrays(
        "impedance",
        frequency_hertz=[1.0],
        real_impedance_ohm=[1.0],
        imaginary_impedance_ohm=[0.0],
    )
    with pytest.raises(InputError, match="a symmetric cell's record in steps is needed"):
        short_by_filament(spectrum, "1 mA/cm2")


def outcome(kind: str, **inputs: Any) -> solith.Result:
    found = find_kind(kind).function(**inputs)
    assert isinstance(found, solith.Result)
    return found


def test_tasks_of_filaments() -> None:
    contact = outcome("tip_contact", radius="20 nm", force="400 nN", modulus="145 GPa")
    assert contact["tip_contact_area"].value == pytest.approx(37.6, abs=0.1)
    limit = outcome(
        "current_limit",
        calibrated_current="0.1 mA/cm2",
        calibrated_resistance="1000 ohm cm2",
        area_resistance="50 ohm cm2",
    )
    assert limit["critical_current_density"].value == pytest.approx(2.0)
    alike = outcome(
        "current_limit",
        calibrated_current="0.1 mA/cm2",
        calibrated_resistance="1000 ohm cm2",
        calibrated_concentration=10,
        area_resistance="1000 ohm cm2",
        concentration="10",
    )
    assert alike["critical_current_density"].value == pytest.approx(0.1)
    tip = {"radius": "3.5 nm", "conductivity": "0.6 mS/cm"}
    experiment = {
        "contact": tip,
        "area_resistance": "1000 ohm cm2",
        "grain_size": "10 um",
        "boundary": {"scale": "0.12 V", "modulus": 10},
        "interior": {"scale": "20 V", "modulus": 30},
    }
    on = outcome("trigger", experiment=experiment, on_boundary=True)
    assert on["trigger_bias"].value == pytest.approx(-0.12, abs=0.01)
    inside = outcome("trigger", experiment=experiment, on_boundary=False)["trigger_bias"]
    assert inside.value == -10.0
    assert inside.flags == ("lower bound: most of 400 places did not trigger up to -10 V",)
    stored = solith.Result.from_json(outcome("trigger", experiment=experiment).to_json())
    places = outcome("triggering_places", places={"gb": on, "anywhere": stored})
    assert places["median_bias_gb"].value == pytest.approx(0.1163, rel=0.01)
    with pytest.raises(InputError, match=r"places\.gb: is no result of a task of the kind trigger"):
        outcome("triggering_places", places={"gb": limit})
    swept: Any = find_kind("memristor").function(
        electrode_radius="3.5 nm", sweep={"cycles": 2}, progress=Progress()
    )
    assert swept.kind == "current-voltage"
    stepped = find_kind("stepped_lithium").function
    given = {"area_resistance": "500 ohm cm2", "electrolyte": {"material": "LLZO"}}
    with pytest.raises(InputError, match=r"0\.1 has no unit; expected as '0\.1 mA/cm2'"):
        stepped(
            **given | {"electrolyte": {"material": "LLZO", "thickness": "0.3 mm"}},
            critical_current_density=0.1,
            progress=Progress(),
        )


def swept(radius: str) -> Case:
    record = simulate_memristor(llzo_memristor(radius), BiasSweep(cycles=2))
    found = analyse_current_voltage(record, read_voltage="0.1 V")
    return Case(radius.replace(" ", "-"), "sweep", record, found)


def test_figures_of_filaments_in_a_report(stepped: Record) -> None:
    short = short_by_filament(stepped, "0.15 mA/cm2")
    given = {"calibrated_current": "0.1 mA/cm2", "calibrated_resistance": "1000 ohm cm2"}
    limits = {
        name: outcome("current_limit", **given, area_resistance=f"{size} ohm cm2")
        for name, size in (("layer", 50), ("bare", 1000))
    }
    cases = [swept("3.5 nm"), swept("1 um"), swept("10 um")]
    cases += [Case(name, "limit", None, found) for name, found in limits.items()]
    cases.append(Case("bare", "stepped", short, find_critical_current(short)))
    published = {("layer", "critical_current_density"): 1.8, ("10-um", "on_off_ratio_last"): 10.0}
    panels = {panel.title: panel for panel in find_panels(cases, published)}
    assert list(panels) == [
        "Current-voltage cycles of 3.5-nm and 10-um",
        "On/off ratio by the electrode's size",
        "Critical current density by interface",
        "Stepped test of bare",
    ]
    curves = panels["Current-voltage cycles of 3.5-nm and 10-um"].figure
    assert curves.layout.yaxis.type == "log"
    bars = panels["Critical current density by interface"].figure.data
    assert [trace.y[0] for trace in bars] == pytest.approx([0.1, 2.0, 1.8])
    assert bars[0].x[0] == "bare<br>1000 Ω cm²"
    assert "A hard short at 1.075" in panels["Stepped test of bare"].caption
    sizes = panels["On/off ratio by the electrode's size"].figure.data
    assert list(sizes[0].x) == pytest.approx([0.007, 2, 20])
    assert sizes[0].marker.symbol[0] == "triangle-up-open"
    assert sizes[-1].y[0] == 10


def test_figures_of_filaments_refuse_other_results() -> None:
    with pytest.raises(InputError, match="is no result of a CurrentLimit: it has no resistance"):
        plot_current_limits(solith.Result("x", ()))
    case = swept("3.5 nm")
    assert case.record is not None
    assert case.result is not None
    bare = replace(case.record, data=case.record.data.drop_attrs(deep=False))
    with pytest.raises(InputError, match="a: the record does not tell its contact area"):
        plot_electrode_sizes({"a": bare}, {"a": case.result})
    with pytest.raises(InputError, match="no result holds an on/off ratio"):
        plot_electrode_sizes({"a": case.record}, {"a": solith.Result("x", ())})


@pytest.mark.parametrize(
    ("place", "value", "unit", "note"),
    [
        ("interface.critical_current_density.layer", 1.8, "mA/cm2", "bare: below 0.1"),
        ("memristor.on_off_ratio_500um_pad", 10.0, "", "at most this; hardly resets"),
        ("conductive_afm.trigger_bias_interior", -9.0, "V", "against lithium; below -9 V"),
    ],
)
def test_published_numbers_of_several_and_bounds(
    place: str, value: float, unit: str, note: str
) -> None:
    found = find_published(f"llzo_flux_2021:{place}")
    assert found is not None
    assert (found.value, found.unit) == (value, unit)
    assert found.note.startswith(note)
    with pytest.raises(InputError, match="is no single published number with a unit"):
        find_published("llzo_flux_2021:interface.critical_current_density")


STUDY = """
name = "sized"

[samples.a]

[[tasks]]
name = "a/flux"
do = "flux"
sample = "a"
inputs = {ratio = 0.1}

[full]
flux = {realisations = 100}
"""


def test_a_study_in_full_takes_its_own_inputs(tmp_path: Path) -> None:
    file = tmp_path / "sized.toml"
    file.write_text(STUDY)
    assert "realisations" not in load_study(file).task("a/flux").inputs
    full = load_study(file, full=True)
    assert full.task("a/flux").inputs == {"ratio": 0.1, "realisations": 100}
    assert full.fingerprint() != load_study(file).fingerprint()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[full]\nflux", "[full]\nflx", r"full: unknown kind of this study's tasks 'flx'"),
        ("[full]\nflux = {realisations = 100}", "full = 3", "is no table of inputs by kind"),
        ("{realisations = 100}", "3", r"full\.flux: 3 is no table of inputs"),
        ("realisations = 100", "realisation = 100", "unknown input 'realisation'"),
    ],
)
def test_messages_of_what_a_study_does_in_full(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    file = tmp_path / "sized.toml"
    text = STUDY.replace(old, new)
    if new == "full = 3":
        text = "full = 3\n" + STUDY.replace(old, "")
    file.write_text(text)
    with pytest.raises((InputError, UnknownNameError), match=message):
        load_study(file, full=True)
    file.write_text(STUDY.replace("[full]\nflux = {realisations = 100}", ""))
    with pytest.raises(InputError, match="the study says nothing of what it does in full"):
        load_study(file, full=True)


def test_the_studies_of_ceramics_are_checked() -> None:
    for name in ("ceramic-flux", "filament"):
        study = load_study(name)
        assert isinstance(study, Study)
        assert study.answer
    assert load_study("ceramic-flux", full=True).task("1e-4/flux").inputs["realisations"] == 100
