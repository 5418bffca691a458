"""Growth of an interphase: the law by itself, and in the cell."""

from __future__ import annotations

import numpy as np
import pytest
from validation.cells import coated_cell
from validation.loss_budget import worst_closure

from solith.cell import LOSS_PARTS, Cell, Cycling, cycle, simulate
from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.errors import InputError
from solith.interface import DiffusionLimitedGrowth, Film, PotentialDrivenGrowth

RATE, START = 1e-22, 5e-9


def growing_cell(growth: dict) -> Cell:
    return coated_cell(
        interphase={"thickness": "5 nm", "conductivity": "2e-8 S/cm", "growth": growth}
    )


def test_an_interphase_at_constant_rate_follows_the_square_root_of_time():
    cell = growing_cell({"law": "diffusion", "rate": "1e-22 m2/s"})
    record = simulate(cell, cycle("0.5 C", "3.7 V vs Li-In", "2.1 V vs Li-In", cycles=3))
    thickness = record.array("mean_interphase_thickness_metre")
    expected = np.sqrt(START**2 + RATE * record.array("test_time_second"))
    assert np.max(np.abs(thickness / expected - 1)) < 1e-6
    assert thickness[-1] > 1.05 * START


def test_potential_drives_growth_at_rest():
    """At rest at a known potential the rate is the law's."""
    growth = {"law": "potential", "rate": "1e-22 m2/s", "onset": "3.6 V"}
    cell = growing_cell(growth)
    record = simulate(cell, Cycling(("rest for 50 h",)))
    potential = float(cell.cathode.open_circuit_potential(cell.cathode.initial_lithium_fraction))
    rate = RATE * np.exp(0.5 * FARADAY * (potential - 3.6) / (GAS_CONSTANT * 298.15))
    expected = np.sqrt(START**2 + rate * record.array("test_time_second")[-1])
    assert record.array("mean_interphase_thickness_metre")[-1] == pytest.approx(expected, rel=1e-5)


def test_growth_shows_in_its_own_part_of_the_loss_budget():
    cell = growing_cell({"law": "diffusion", "rate": "1e-21 m2/s"})
    record = simulate(cell, cycle("0.5 C", "3.7 V vs Li-In", "2.1 V vs Li-In", cycles=3))
    early, late = (
        record.select(step_count=step).array("loss_interphase_volt").mean() for step in (3, 11)
    )
    assert late > 1.3 * early > 0
    assert worst_closure(record) < 1e-3
    assert "loss_interphase_volt" in {f"loss_{part}_volt" for part in LOSS_PARTS}


def test_growth_goes_through_plain_data_without_loss():
    cell = growing_cell({"law": "potential", "rate": "1e-22 m2/s", "onset": "3.6 V"})
    assert Cell.from_mapping(cell.to_mapping()) == cell


def test_laws_at_their_reference():
    assert DiffusionLimitedGrowth(RATE).rate_at(4.0, 298.15) == pytest.approx(RATE)
    assert PotentialDrivenGrowth(RATE, 3.9).rate_at(3.9, 298.15) == pytest.approx(RATE)
    warm = DiffusionLimitedGrowth(RATE, "50 kJ/mol")
    assert warm.rate_at(4.0, 333.15) > 5 * RATE


def test_a_coating_does_not_grow():
    film = Film("5 nm", "1e-8 S/cm", growth={"law": "diffusion", "rate": "1e-22 m2/s"})
    with pytest.raises(InputError, match=r"coating\.growth: a coating does not grow"):
        coated_cell(coating=film)


def test_without_growth_nothing_is_recorded():
    record = simulate(coated_cell(), Cycling(("rest for 1 h",)))
    assert "mean_interphase_thickness_metre" not in record.data
