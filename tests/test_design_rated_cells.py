"""A cell and a stack of it, its energy at rates by the cell model, the study and the command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from solith.app.cli import app
from solith.cell import Cell
from solith.core.errors import InputError, UnknownNameError
from solith.core.result import Result
from solith.design import (
    Collector,
    Foil,
    Stack,
    cell_of_stack,
    compute_energy,
    compute_energy_at,
    simulate_energy,
    stack_of_cell,
)
from solith.design.joined import find_window_of
from solith.figures import plot_energy_losses, plot_ragone
from solith.study.stack_load import measure_stack_load, simulate_stack_load

UPPER, LOWER = "3.7 V vs Li-In", "2.9 V vs Li-In"
CELL = Cell.from_mapping(
    {
        "area": "0.785 cm2",
        "one_c": "1 mA/cm2",
        "cathode": {
            "material": "NMC532",
            "loading": "8.7 mg/cm2",
            "initial_lithium_fraction": 0.9,
            "diffusivity": "1e-9 cm2/s",
            "composite": {
                "active_fraction": 0.45,
                "electrolyte_fraction": 0.40,
                "particle_radius": "2 um",
                "ionic_tortuosity_factor": 2.0,
                "electronic_conductivity": "1 S/m",
                "contact_fraction": 0.5,
            },
            "charge_transfer": {"law": "linear", "area_resistance": "300 ohm cm2"},
            "coating": {"thickness": "7.5 nm", "conductivity": "3e-8 S/cm"},
            "space_charge": {
                "law": "depletion",
                "resistance": "20 ohm cm2",
                "potential": "4.2 V",
                "flat_band": "3.0 V",
            },
        },
        "electrolyte": {
            "material": "LGPS",
            "thickness": "30 um",
            "conductivity": "2.8 mS/cm",
            "grain_boundary": {"resistance": "1 ohm cm2", "capacitance": "1 nF/cm2"},
        },
        "anode": {
            "material": "In-Li",
            "interface": {"resistance": "10 ohm cm2", "capacitance": "1 mF/cm2"},
        },
    }
)
PARTS: dict[str, Any] = {
    "anode": Foil(excess=0.2),
    "cathode_collector": Collector("Al", "10 um"),
    "anode_collector": Collector("Cu", "5 um"),
}
STACK = stack_of_cell(CELL, UPPER, LOWER, **PARTS)


@pytest.fixture(scope="module")
def simulated() -> Result:
    return simulate_energy(STACK, CELL, ["0.1 C", "1 C"], UPPER, LOWER)


def test_a_stack_of_a_cell_is_the_cell() -> None:
    assert STACK.cathode.loading == pytest.approx(0.087)
    layer = STACK.cathode.layer("cathode", None)
    assert layer.thickness == pytest.approx(CELL.cathode.depth)
    assert layer.shares[0].volume / layer.thickness == pytest.approx(0.45)
    assert layer.shares[1].volume / layer.thickness == pytest.approx(0.40)
    found = STACK.resistances
    assert found is not None
    contact = found.contact_at(None) * found.active_area(layer.thickness, None)
    assert contact * CELL.area == pytest.approx(CELL.contact_area)
    assert found.charge_transfer == pytest.approx(0.03)
    assert found.coating == pytest.approx(7.5e-9 / 3e-6)
    assert 0 < found.space_charge < 20e-4
    assert found.ionic_conductivity == pytest.approx(0.28 * 0.4 / 2)
    assert STACK.separator.conductivity == pytest.approx(30e-6 / (30e-6 / 0.28 + 1e-4))
    window = find_window_of(CELL, UPPER, LOWER)
    assert compute_energy(STACK)["areal_energy"].value == pytest.approx(window.energy / 3.6e4)
    curve = CELL.open_circuit_potential
    assert curve(window.low) == pytest.approx(3.7 + CELL.anode_potential())
    warm = stack_of_cell(CELL.replace(temperature=333.15), UPPER, LOWER, **PARTS)
    assert (warm.separator.conductivity or 0) > (STACK.separator.conductivity or 0)


def test_a_cell_of_a_stack_has_its_layers() -> None:
    thick = STACK.with_value("cathode.loading", "20 mg/cm2")
    thick = thick.with_value("separator.thickness", "50 um")
    made = cell_of_stack(thick, CELL)
    assert made.cathode.active_loading == pytest.approx(0.2)
    assert made.cathode.depth == pytest.approx(thick.cathode.layer("cathode", None).thickness)
    assert made.cathode.composite.electrolyte_fraction == pytest.approx(0.40)
    assert made.electrolyte.thickness == pytest.approx(50e-6)
    assert made.electrolyte.area_resistance == pytest.approx(
        50e-6 / (thick.separator.conductivity or 0)
    )
    assert made.electrolyte.grain_boundary is None
    assert made.cathode.coating == CELL.cathode.coating
    capacity = compute_energy(thick)["areal_capacity"].value
    assert capacity is not None
    assert made.one_c == pytest.approx(10 * capacity)
    again = stack_of_cell(made, UPPER, LOWER, **PARTS)
    energy = compute_energy(again).gravimetric.value
    assert energy == pytest.approx(compute_energy(thick).gravimetric.value, rel=1e-9)


def test_energy_of_the_cell_model_adds_up(simulated: Result) -> None:
    for row in simulated.details["rates"]:
        assert row["closure"] < 0.01
        assert row["discharge_energy"] + sum(row["losses"].values()) == pytest.approx(
            row["open_circuit_energy"], rel=1e-4
        )
    slow, fast = simulated.details["rates"]
    assert slow["discharge_energy"] > fast["discharge_energy"]
    assert slow["losses"]["undelivered"] < fast["losses"]["undelivered"]
    assert simulated["gravimetric_1C"].value == fast["discharge_energy"]
    assert fast["c_rate"] == pytest.approx(1)
    at_rest = compute_energy(STACK).gravimetric.value
    assert slow["open_circuit_energy"] == pytest.approx(at_rest)


def test_resistances_agree_with_the_loss_budget(simulated: Result) -> None:
    """A linear law and fast diffusion: what is left is the unevenness of the reaction."""
    for row in simulated.details["rates"]:
        closed = compute_energy_at(STACK, f"{row['current_density']!r} mA/cm2").details["rates"][0]
        flowed = row["areal_capacity"] / (compute_energy(STACK)["areal_capacity"].value or np.nan)
        for part in ("electrolyte_layer", "charge_transfer", "coating", "contact", "anode"):
            assert row["losses"][part] == pytest.approx(closed["losses"][part] * flowed, rel=0.01)
        assert row["losses"]["ionic_path"] == pytest.approx(
            closed["losses"]["ionic_path"] * flowed, rel=0.1
        )


def test_more_cells_change_no_energy_by_mass(simulated: Result) -> None:
    doubled = STACK.replace(arrangement="double-sided", cells=2)
    found = simulate_energy(doubled, CELL, ["1 C"], UPPER, LOWER, charge="0.1 C")
    once, twice = simulated.details["rates"][1], found.details["rates"][0]
    assert twice["areal_energy"] == pytest.approx(2 * once["areal_energy"], rel=0.02)
    assert twice["discharge_energy"] > once["discharge_energy"]


def test_figures_of_the_cell_model(simulated: Result) -> None:
    assert len(plot_ragone({"cell": simulated}).data[0].x) == 2
    names = {trace.name for trace in plot_energy_losses(simulated).data}
    assert {"Undelivered", "Charge transfer", "Coating"} <= names


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (
            lambda: simulate_energy(
                STACK.with_value("separator.thickness", "90 um"), CELL, ["1 C"], UPPER, LOWER
            ),
            "cell: the thickness of the separator is 9e-05 in the stack and 3e-05 in the cell",
        ),
        (lambda: simulate_energy(STACK, CELL, [], UPPER, LOWER), "rates: give at least one rate"),
        (lambda: stack_of_cell(CELL, LOWER, UPPER, **PARTS), "upper: .* leaves no lithium"),
        (lambda: stack_of_cell(CELL, "3.7 V", LOWER, **PARTS), "upper: '3.7 V' names no reference"),
        (lambda: stack_of_cell(STACK, UPPER, LOWER, **PARTS), "Stack is no solid cell"),  # type: ignore[arg-type]
        (
            lambda: cell_of_stack(
                STACK.replace(
                    cathode=STACK.cathode.replace(
                        active=STACK.cathode.active.replace(material="LiCoO2")
                    )
                ),
                CELL,
            ),
            r"cathode\.active\.material: the stack's active material is LiCoO2, the cell's NMC532",
        ),
        (
            lambda: simulate_stack_load(CELL, ["1 C"], UPPER, LOWER, parts={}),
            r"parts\.anode: is missing; a cell does not say",
        ),
    ],
)
def test_refusals(make: Callable[[], Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        make()


def test_the_tasks_of_the_study() -> None:
    found = measure_stack_load(
        "NMC532, coating 450",
        "1 C",
        preset="wang-2020",
        best_loading=True,
        minimum_thickness="10 um",
    )
    assert found["best_thickness"].value == pytest.approx(10)
    assert (found["gravimetric_at_best_loading"].value or 0) > (found["gravimetric"].value or 0)
    assert found.details["at_load"]["label"] == "1 C"
    assert len(found.details["beside"]) == 3
    with pytest.raises(UnknownNameError, match="parts: "):
        simulate_stack_load(CELL, ["1 C"], UPPER, LOWER, parts={"anodes": 1})


def test_the_command_tells_energy_under_load_and_coatings(tmp_path: Path) -> None:
    def run(*arguments: str) -> Any:
        return CliRunner().invoke(app, ["design", *arguments])

    rows = json.loads(run("--preset", "wang-2020", "--load", "1 C", "--json").stdout)
    found = {(row["sample"], row["quantity"]): row["value"] for row in rows}
    assert found["NMC532, coating 550", "interface_cost"] == pytest.approx(52.6, abs=0.1)
    assert found["NMC532, coating 450", "gravimetric"] == pytest.approx(280.9, abs=0.1)
    assert found["NMC532, coating 450", "gravimetric_at_load"] == pytest.approx(269.1, abs=0.1)
    file = tmp_path / "mine.toml"
    stack = {key: value for key, value in STACK.to_mapping().items() if key != "arrangement"}
    file.write_text(toml(stack))
    assert Stack.from_mapping(stack) == STACK
    text = run(str(file), "--load", "1 C", "--coatings", "LiNbO3, LiAlO2").stdout
    judged = f"{STACK.cathode.end_of_charge:.2f} V vs Li, the cathode's end of charge"
    assert f"Coatings at 1 C, judged at {judged}" in text
    assert "uncoated, Li10GeP2S12 on LiNi0.5Mn0.3Co0.2O2: -0." in text
    assert "LiAlO2   0.13 to 3.68      oxidised above 3.68 ± 0.12 V" in text
    low = ("--coatings", "LiNbO3", "--potential", "3 V vs Li-In")
    text = run(str(file), "--load", "1 C", *low).stdout
    assert "Coatings at 1 C, judged at 3.62 V vs Li, as given" in text
    assert "LiNbO3   0.89 to 4.31      stable " in text
    rows = json.loads(run(str(file), "--load", "1 C", *low, "--json").stdout)
    told = {row["quantity"]: row for row in rows}
    assert told["coating_potential"]["value"] == pytest.approx(3.62)
    assert told["coating_potential"]["method"] == "vs Li; as given"
    assert told["window_margin, LiNbO3"]["method"] == "stable"
    with pytest.raises(InputError, match=r"--potential: '4\.3 V' names no reference"):
        raise run(str(file), "--load", "1 C", *low[:3], "4.3 V").exception
    with pytest.raises(InputError, match="give --coatings with --potential"):
        raise run(str(file), "--load", "1 C", *low[2:]).exception
    with pytest.raises(InputError, match="--coatings: there is no coating to judge"):
        raise run(str(file), "--load", "1 C", "--coatings", " , ").exception
    with pytest.raises(InputError, match="give --load with --coatings"):
        raise run(str(file), "--coatings", "LiNbO3").exception
    with pytest.raises(InputError, match="load: 'fast' is no load"):
        raise run(str(file), "--load", "fast").exception


def toml(mapping: dict[str, Any], at: str = "") -> str:
    """A table of texts, numbers and tables, and lists of tables, as TOML."""
    lines = [
        f"{key} = {inline(value)}" for key, value in mapping.items() if not isinstance(value, dict)
    ]
    for key, value in mapping.items():
        if isinstance(value, dict):
            lines += [f"[{at}{key}]", toml(value, f"{at}{key}.")]
    return "\n".join(lines)


def inline(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(inline(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key} = {inline(item)}' for key, item in value.items())}}}"
    return json.dumps(value)
