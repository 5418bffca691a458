"""Whether a coating carries the interface's resistance."""

from __future__ import annotations

import pytest
from validation.cells import coated_cell

from solith.cell import Cycling, attribute_resistance, cycle, simulate
from solith.core.errors import InputError

UPPER, LOWER = "3.7 V vs Li-In", "2.1 V vs Li-In"


def test_a_coating_that_is_all_there_is_has_the_whole_share() -> None:
    cell = coated_cell(
        interphase=None,
        further_resistance=None,
        charge_transfer={"law": "linear", "area_resistance": "1e-6 ohm cm2"},
        coating={"thickness": "10 nm", "conductivity": "1e-9 S/cm"},
    )
    record = simulate(cell, cycle("0.2 C", UPPER, LOWER))
    whole = 1e-8 / 1e-7 / cell.contact_area
    found = attribute_resistance(cell, record, whole)
    assert found["coating_ohmic_share"].value == pytest.approx(1, rel=1e-4)
    assert found["coating_share_of_resistance"].value == pytest.approx(1)
    assert found["area_needed_over_contact_area"].value == pytest.approx(1)
    assert found["area_needed"].value == pytest.approx(1e4 * cell.contact_area)


def test_share_and_area_agree_for_linear_kinetics() -> None:
    """Where every resistance is linear the budget's share is that of the resistances."""
    cell = coated_cell(
        interphase=None,
        further_resistance=None,
        charge_transfer={"law": "linear", "area_resistance": "99 ohm cm2"},
        coating={"thickness": "10 nm", "conductivity": "1e-6 S/cm"},
    )
    record = simulate(cell, cycle("0.2 C", UPPER, LOWER))
    found = attribute_resistance(cell, record, f"{100 / (1e4 * cell.contact_area)} ohm")
    assert found["coating_ohmic_share"].value == pytest.approx(0.01, rel=1e-3)
    assert found["coating_share_of_resistance"].value == pytest.approx(0.01, rel=1e-6)


def test_what_cannot_be_attributed_is_refused() -> None:
    cell = coated_cell()
    record = simulate(cell, Cycling((f"charge at 0.5 C until {UPPER}",)))
    with pytest.raises(InputError, match="holds no discharge"):
        attribute_resistance(cell, record, "100 ohm")
    with pytest.raises(InputError, match="resistance: '0 ohm' must be above 0 ohm"):
        attribute_resistance(cell, record, "0 ohm")
    with pytest.raises(InputError, match="has no coating"):
        attribute_resistance(coated_cell(coating=None), record, "100 ohm")
    bare = simulate(cell, Cycling((f"charge at 0.5 C until {UPPER}",)), losses=False)
    with pytest.raises(InputError, match="holds no loss budget"):
        attribute_resistance(cell, bare, "100 ohm")


def test_a_warm_coating_conducts_as_its_budget_says() -> None:
    cell = coated_cell(
        interphase=None,
        further_resistance=None,
        charge_transfer={"law": "linear", "area_resistance": "1e-6 ohm cm2"},
        coating={
            "thickness": "10 nm",
            "conductivity": "1e-9 S/cm",
            "activation_energy": "50 kJ/mol",
        },
    ).replace(temperature="60 degC")
    record = simulate(cell, cycle("0.2 C", UPPER, LOWER))
    discharge = record.select(step_count=3)
    current = abs(discharge.array("current_ampere")[5])
    theta = cell.cathode.composite.contact_fraction
    from_budget = discharge.array("loss_coating_volt")[5] / theta / current
    found = attribute_resistance(cell, record, "100 ohm")
    assert found["coating_resistance"].value == pytest.approx(from_budget, rel=0.02)
