"""Interphase growth against the root of time, and the balance of oxidation's charge."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solith.cell import Cell, cycle, simulate
from solith.core.constants import FARADAY
from solith.core.record import Record
from validation.cells import coated_cell
from validation.marks import Mark, finish

UPPER, LOWER = "3.7 V vs Li-In", "2.1 V vs Li-In"
VOLUME = 3e-5  # m3 per mole of electrons


def growing_cell() -> Cell:
    """An interphase that grows at a constant rate from next to nothing."""
    growth = {"law": "diffusion", "rate": "2e-21 m2/s"}
    film = {"thickness": "0.1 nm", "conductivity": "2e-8 S/cm", "growth": growth}
    return coated_cell(interphase=film)


def oxidising_cell(coating: bool) -> Cell:
    """A cell whose electrolyte is oxidised, strongly."""
    oxidation = {
        "law": "tafel",
        "current_density": "3e-4 A/m2",
        "potential": "4.2 V",
        "product_volume": f"{VOLUME} m3/mol",
        "product_decay": "20 nm",
        "coating_decay": "5 nm",
    }
    film = {"thickness": "0.1 nm", "conductivity": "2e-8 S/cm"}
    cell = coated_cell(interphase=film, oxidation=oxidation)
    return cell if coating else cell.replace(cathode=cell.cathode.replace(coating=None))


def charge_of(record: Record) -> float:
    """Net charge that has passed the terminals [C]; the current is constant within a step."""
    total = 0.0
    for step in np.unique(record.array("step_count")):
        part = record.select(step_count=step)
        time = part.array("test_time_second")
        total += float(np.median(part.array("current_ampere")) * (time[-1] - time[0]))
    return total


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    record = simulate(growing_cell(), cycle("0.5 C", UPPER, LOWER, cycles=5))
    thickness = record.array("mean_interphase_thickness_metre")
    expected = np.sqrt(1e-20 + 2e-21 * record.array("test_time_second"))
    worst = float(np.max(np.abs(thickness / expected - 1)))
    yield Mark(
        f"interphase at constant rate, {1e9 * thickness[0]:.1f} to {1e9 * thickness[-1]:.1f} nm in "
        "5 cycles, against the root of time",
        f"{100 * worst:.2g} %",
        "within 0.1 %",
        worst < 1e-3,
    )
    for coating in (False, True):
        cell = oxidising_cell(coating)
        record = simulate(cell, cycle("0.5 C", UPPER, LOWER, cycles=3))
        oxidised = 3600 * record.array("oxidation_charge_ah")[-1]
        thickness = record.array("mean_interphase_thickness_metre")
        grown = (thickness[-1] - thickness[0]) * cell.contact_area * FARADAY / VOLUME
        sites = cell.full_capacity * cell.area * cell.cathode.composite.accessible_fraction
        fraction = record.array("mean_lithium_fraction")
        missing = charge_of(record) - sites * (fraction[0] - fraction[-1])
        name = "coated" if coating else "bare"
        passed = float(np.sum(np.abs(np.diff(fraction))) * sites)
        for what, other in (("interphase", grown), ("terminals less lithium", missing)):
            error = abs(other - oxidised) / oxidised
            yield Mark(
                f"{name}: charge of oxidation ({oxidised:.3g} C of {passed:.3g} C passed) against "
                f"that of the {what}",
                f"{error:.1e}",
                "within 1e-6",
                error < 1e-6,
            )


if __name__ == "__main__":
    finish(marks())
