"""A cell under stack pressure: packings joined, cells made of them, spectra read, cycles."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from solith.app._report_cases import Case
from solith.app._report_pressure import find_pressure_panels
from solith.cell import Cell
from solith.compaction import POWDERS, Mixture, press
from solith.core.errors import InputError
from solith.core.result import Result, Value
from solith.study import load_study
from solith.study._pressed_rows import active_contact, row_of
from solith.study.pressure_series import measure_pressure_series
from solith.study.stack_pressure import (
    breathe_pressed,
    cycle_rising_pressure,
    join_pressed,
    press_electrode,
    pressed_cell,
    pressed_volume,
    read_pressed,
)

CELL = {
    "area": "0.785 mm2",
    "one_c": "9.6 mA/cm2",
    "pressure": "6 MPa",
    "electrolyte": {"material": "LGPS", "thickness": "2 mm", "conductivity": "12 mS/cm"},
    "anode": {
        "material": "In-Li",
        "interface": {"resistance": "2 ohm cm2", "capacitance": "1 uF/cm2"},
    },
    "cathode": {
        "material": "NMC111",
        "loading": "60 mg/cm2",
        "initial_lithium_fraction": 0.99,
        "diffusivity": "1e-10 cm2/s",
        "charge_transfer": {"law": "butler-volmer", "area_resistance": "100 ohm cm2"},
        "pressure_contact": {"law": "load-bearing", "hardness": "1.9 GPa"},
        "composite": {
            "active_fraction": 0.2,
            "electrolyte_fraction": 0.4,
            "contact_fraction": 0.2,
            "ionic_conductivity": "0.5 mS/cm",
            "particle_radius": "5 um",
            "electronic_conductivity": "5 mS/cm",
        },
    },
}
STEPS = ["charge at 0.05 C until 3.7 V vs Li-In", "discharge at 0.05 C until 2.4 V vs Li-In"]


def structure(pressure: float, contact: float = 0.3, conductivity: float = 0.2) -> Result:
    values = {
        "active_fraction": 0.2,
        "electrolyte_fraction": 0.5,
        "contact_fraction": contact,
        "ionic_conductivity": conductivity,
        "layer_conductivity": 1.0,
        "layer_thickness": 1.5e-3,
    }
    told = tuple(Value(name, value) for name, value in values.items())
    return Result("pressed", told, {"pressure": pressure, "packings": 1})


@cache
def pressed() -> Result:
    return press_electrode(
        "NMC:LGPS:C=1:1:0.1",
        "LGPS=1",
        ["6 MPa", "50 MPa"],
        layer_mass="318 mg/cm2",
        grain_size="4 um",
        hardness="1.9 GPa",
        spot_radius="30 nm",
        conductivity="12 mS/cm",
        particles=800,
        layer_particles=100,
        voxel_size="1 um",
        packings=2,
        shown=True,
    )


def test_packings_are_joined_with_their_spread() -> None:
    low, high = (join_pressed([pressed()], pressure) for pressure in ("6 MPa", "50 MPa"))
    rows = [packing["points"] for packing in pressed().details["packings"]]
    contact = [row[0]["contact_fraction"][0] for row in rows]
    value = low["contact_fraction"]
    assert value.value == pytest.approx(np.mean(contact))
    assert value.uncertainty == pytest.approx(np.std(contact, ddof=1))
    assert low.details["packings"] == 2
    assert 0.5 > low["porosity_of_particles"].value > high["porosity_of_particles"].value > 0
    carbon = low["porosity_composite"].value - low["porosity_of_particles"].value
    assert carbon == pytest.approx(1 - sum(
        low[name].value for name in ("porosity_of_particles", "active_fraction",
                                     "electrolyte_fraction")
    ), abs=2e-3)  # fmt: skip
    assert low["contact_fraction"].value > low["contact_fraction_of_particles"].value
    assert low["ionic_conductivity"].value < high["ionic_conductivity"].value


def test_the_layer_keeps_its_mass() -> None:
    for pressure in ("6 MPa", "50 MPa"):
        joined = join_pressed([pressed()], pressure)
        pores, thick = joined["porosity_electrolyte_layer"].value, joined["layer_thickness"].value
        assert thick is not None
        assert pores is not None
        assert 2000 * (1 - pores) * thick == pytest.approx(3.18, rel=1e-3)


def test_the_report_shows_what_the_run_compares_with_and_nothing_else() -> None:
    cases = [
        Case(name, "structure", None, join_pressed([pressed()], f"{name} MPa"))
        for name in ("6", "50")
    ]
    given = {("50", "porosity_composite"): 31.0, ("50", "contact_fraction"): 7.0}
    for published, drawn in (({}, []), (given, [(50.0, 31.0)])):
        panels = find_pressure_panels(cases, published)
        figure = next(panel.figure for panel in panels if panel.title == "Porosity")
        marks = [trace for trace in figure.data if "published" in trace.name]
        assert [(mark.x[0], mark.y[0]) for mark in marks] == drawn


def test_the_shown_voxels_come_back() -> None:
    joined = join_pressed([pressed()], "50 MPa")
    volume = pressed_volume(joined.details["voxels"])
    share = np.mean(volume.labels == volume.phases["active"])
    assert share == pytest.approx(joined["active_fraction"].value, abs=0.01)
    assert joined.details["rose"]["a"] == "active"
    assert Result.from_json(joined.to_json()) == joined


def test_a_pressure_that_was_not_pressed_is_told() -> None:
    told = "results.1: no state at 7 MPa (there are: 6, 50 MPa)"
    with pytest.raises(InputError, match=re.escape(told)):
        join_pressed([pressed()], "7 MPa")


def test_the_number_of_packings_is_checked() -> None:
    with pytest.raises(InputError, match="packings: 0 is no number of packings"):
        press_electrode(
            "LGPS=1", "LGPS=1", ["6 MPa"], layer_mass=1.0, grain_size=1e-6, hardness=1e9,
            spot_radius=1e-8, conductivity=1.0, packings=0,
        )  # fmt: skip


def test_what_a_study_cannot_press_is_told_before_pressing() -> None:
    given = {"layer_mass": 1.0, "grain_size": 1e-6, "hardness": 1e9, "spot_radius": 1e-8}
    for mixture, layer, pressures, told in (
        ("LGPS=1", "LGPS=1", ["6 MPa"], "mixture: the mixture has no powder of the phase active"),
        ("NMC=1", "LGPS=1", ["6 MPa"], "mixture: the mixture has no powder of the phase electrol"),
        ("NMC:LGPS=1:1", "NMC=1", ["6 MPa"], "layer: the mixture has no powder of the phase elec"),
        ("NMC:LGPS=1:1", "LGPS=1", ["6 MPa", "100 MPa", "6 MPa"], "a pressure is there twice"),
    ):
        with pytest.raises(InputError, match=told):
            press_electrode(mixture, layer, pressures, conductivity=1.0, particles=400_000, **given)
    for mixture, strain, cycles, told in (
        ("LGPS=1", "2 %", 1, "mixture: the mixture has no powder of the phase active"),
        ("NMC:LGPS=1:1", "-2 %", 1, "strain: '-2 %' must be above 0"),
        ("NMC:LGPS=1:1", "2 %", 0, "cycles: 0 is no number of cycles"),
    ):
        with pytest.raises(InputError, match=told):
            breathe_pressed(mixture, "6 MPa", strain, cycles=cycles, particles=400_000)


def test_electrolyte_of_two_sizes_counts_whole() -> None:
    fine = POWDERS["LGPS"].replace(name="fine", diameter="3 um")
    mixed = Mixture((POWDERS["NMC"], POWDERS["LGPS"], fine), (2.0, 1.0, 1.0))
    state = press(mixed, ["20 MPa"], particles=400)[0]
    halves = [state.contacts.area("NMC", name) for name in ("LGPS", "fine")]
    assert min(halves) > 0
    assert active_contact(state) == pytest.approx(sum(halves))


def test_particles_that_no_electrolyte_joins_to_the_platen_are_cut_off() -> None:
    point = measure_pressure_series("NMC:LGPS=1:1", ["6 MPa"], particles=400, voxel_size="1 um")[0]
    state = point.state
    assert row_of(point, point, 1.0, 1.0)["particles_cut_off"][0] == 0.0
    middle = state.thickness / 2
    pairs = state.contacts.pairs
    crossing = np.ptp(np.sign(state.positions[pairs, 2] - middle), axis=1) > 0
    parted = replace(
        state.contacts,
        pairs=pairs[~crossing],
        areas=state.contacts.areas[~crossing],
        normals=state.contacts.normals[~crossing],
    )
    cut = replace(point, state=replace(state, contacts=parted))
    active = state.kinds == 0
    low = active & (state.positions[:, 2] < middle)
    expected = np.sum(state.radii[low] ** 3) / np.sum(state.radii[active] ** 3)
    assert row_of(cut, point, 1.0, 1.0)["particles_cut_off"][0] == pytest.approx(expected, abs=0.05)


def test_a_pressed_cell_has_the_structure_and_keeps_its_loading() -> None:
    cell = Cell.from_mapping(CELL)
    made = pressed_cell(cell, structure(25e6))
    assert made.pressure == 25e6
    assert made.active_mass == cell.active_mass
    assert made.cathode.composite.contact_fraction == 0.3
    assert made.electrolyte.thickness == 1.5e-3
    assert made.contact_fraction == pytest.approx(1 / (1 / 0.3 + 1.9e9 / 25e6))
    lacking = structure(25e6)
    lacking = replace(lacking, values=(Value("active_fraction", None), *lacking.values[1:]))
    with pytest.raises(InputError, match="pressed has no active_fraction"):
        pressed_cell(cell, lacking)


def test_what_the_spectrum_holds_is_told_apart() -> None:
    """In a thick electrode arcs hold a third of the ionic resistance besides charge transfer.

    The anode's interface is in them too, and is not the electrode's.
    """
    cell = pressed_cell(Cell.from_mapping(CELL), structure(25e6))
    area = cell.area
    ionic = cell.cathode.depth / 0.2
    transfer = 0.01 * area / cell.contact_area
    arcs = Result(
        "impedance",
        (
            Value("interfacial_resistance", (transfer + ionic / 3 + 2e-4) / area, "ohm"),
            Value("high_frequency_resistance", 1.5e-3 / area, "ohm"),
        ),
    )
    read = read_pressed(cell, arcs)
    assert read["charge_transfer_resistance_of_cell"].value == pytest.approx(transfer, rel=1e-9)
    assert read["ionic_resistance_of_cathode"].value == pytest.approx(ionic)
    assert read["ionic_part_of_reading"].value == pytest.approx(
        100 * ionic / 3 / (transfer + ionic / 3 + 2e-4)
    )
    assert read["apparent_conductivity"].value == pytest.approx(1.0)
    assert read["cathode_part_of_high_frequency"].value == pytest.approx(0.0, abs=1e-9)


def test_a_cell_that_stays_at_its_pressure_is_its_own_reference() -> None:
    cell = Cell.from_mapping(CELL)
    risen = cycle_rising_pressure(cell, [structure(6e6), structure(50e6)], STEPS, cycles=1)
    assert risen["capacity_ratio[6]"].value == pytest.approx(1.0, rel=1e-12)
    assert risen["capacity_ratio[50]"].value > 1.005
    assert risen["capacity[50]"].unit == "mAh/g"


def test_breathing_tells_what_is_left_at_pressure_and_at_gap() -> None:
    found = breathe_pressed("NMC:LGPS=1:1", "12 MPa", "2 %", cycles=1, particles=400)
    gap = found["contact_kept_at_constant_gap"].value
    assert found["contact_kept_at_constant_pressure"].value > gap > 0.3
    assert 0 < found["pressure_charged"].value < found["pressure_discharged"].value < 12


def test_variants_of_the_study_have_the_powders_that_solith_has() -> None:
    """They write powders out, which must not go stale when those are calibrated anew."""
    study = load_study("stack-pressure")
    written = [
        Mixture.from_mapping(task.inputs["mixture"])
        for task in study.tasks
        if task.do == "press" and not isinstance(task.inputs["mixture"], str)
    ]
    assert len(written) == 2
    for mixture in written:
        active, soft, carbon = mixture.powders
        as_solith = {name: powder.replace(about=None) for name, powder in POWDERS.items()}
        carbon = carbon.replace(name="C", density=POWDERS["C"].density)
        for powder in (active, soft, carbon):
            assert powder.replace(about=None) == as_solith[powder.name]
