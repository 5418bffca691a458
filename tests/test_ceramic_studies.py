"""Tasks on ceramics: current through polycrystals, filaments, and studies in full."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import solith
from solith.analysis import find_critical_current
from solith.cell import SymmetricCell, short_by_filament, simulate, stepped_current
from solith.core.errors import InputError, UnknownNameError
from solith.core.progress import Progress
from solith.core.record import Record
from solith.figures import plot_flux_contrast, plot_flux_decay, plot_flux_section
from solith.study import Study, find_kind, load_study
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
    assert 0.5 < depth < 8
    assert slow["current_contrast_without_layer"].uncertainty is not None


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
        ({"ratio": 0.0}, r"ratio: 0\.0 is no ratio of conductivities above 0"),
        ({"dimensions": 4}, "dimensions: 4 is neither 2 nor 3"),
        ({"realisations": 0}, "realisations: 0 is no number of realisations"),
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
    assert inside.flags == ("lower bound: most places did not trigger up to 10 V",)
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
