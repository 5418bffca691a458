"""Simulated records give back what made them, through the functions that read measured files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from solith.analysis import analyse, analyse_cycling, fit_gitt, fit_scan_rates
from solith.cell import Cell, Cycling, Gitt, Voltammetry, simulate
from solith.core.record import Record
from validation import _known_symmetric
from validation.gitt_and_voltammetry import RATES, SITES, langmuir_cell, titrated_cell
from validation.marks import Mark, finish

AREA = 0.785e-4  # m2
LAYER, ANODE, TRANSFER, COATING = 17.86, 10.0, 50.0, 25.0
"""ohm cm2: of the geometric area the first two, of the contact area the others."""


def unlabelled(record: Record) -> Record:
    """The record as a file would hold it: no word about its technique."""
    attributes = {key: told for key, told in record.data.attrs.items() if key != "technique"}
    data = record.data.copy()
    data.attrs = attributes
    return replace(record, data=data)


def resistive_cell() -> Cell:
    """Resistances that answer at once and are known; the rest next to nothing."""
    return Cell.from_mapping(
        {
            "area": "0.785 cm2",
            "one_c": "1.3 mA/cm2",
            "cathode": {
                "material": "NMC532",
                "loading": "8.7 mg/cm2",
                "initial_lithium_fraction": 0.75,
                "diffusivity": "1e-9 cm2/s",
                "composite": {
                    "active_fraction": 0.45,
                    "electrolyte_fraction": 0.45,
                    "particle_radius": "2 um",
                    "ionic_conductivity": "1e3 S/m",
                    "electronic_conductivity": "1e3 S/m",
                    "contact_fraction": 0.5,
                },
                "charge_transfer": {"law": "linear", "area_resistance": f"{TRANSFER} ohm cm2"},
                "coating": {"thickness": "10 nm", "conductivity": f"{1e-6 / COATING} S/cm"},
            },
            "electrolyte": {
                "material": "LGPS",
                "thickness": "500 um",
                "conductivity": f"{0.05 / LAYER} S/cm",
            },
            "anode": {
                "material": "Li",
                "interface": {"resistance": f"{ANODE} ohm cm2", "capacitance": "1 nF/cm2"},
            },
        }
    )


def cycled() -> Iterator[Mark]:
    """Capacity by the clock, efficiency, and the drop at each switch."""
    cell = resistive_cell()
    steps = (
        "rest for 1 h",
        "charge at 0.05 C for 4 h",
        "rest for 1 h",
        "discharge at 0.05 C for 4 h",
    )
    found = analyse_cycling(unlabelled(simulate(cell, Cycling(steps, cycles=2))), delay="0.01 s")
    capacity = 0.05 * 1.3 * 0.785 * 4  # mAh
    mass = cell.active_mass * 1e3  # g
    known = {
        "charge_capacity": capacity / mass,
        "discharge_capacity": capacity / mass,
        "initial_coulombic_efficiency": 100.0,
    }
    for quantity, truth in known.items():
        value = found[quantity].value
        assert value is not None
        error = 100 * (value / truth - 1)
        yield Mark(
            f"simulated cycling: {quantity}", f"{error:+.4f} %", "within 0.01 %", abs(error) < 0.01
        )
    interface = (TRANSFER + COATING) * 1e-4 / cell.contact_area
    truth = (LAYER + ANODE) * 1e-4 / AREA + interface
    for quantity in ("charge_resistance", "discharge_resistance"):
        value = found[quantity].value
        assert value is not None
        error = 100 * (value / truth - 1)
        yield Mark(
            f"simulated cycling: {quantity} against {truth:.2f} ohm of layer, anode, transfer and "
            "coating",
            f"{value:.2f} ohm, {error:+.2f} %; flags: {'; '.join(found[quantity].flags) or 'none'}",
            "within 1 %",
            abs(error) < 1,
        )


def titrated() -> Iterator[Mark]:
    """Diffusivity by both methods; the root of time holds for short pulses only.

    Larger currents reach where the open-circuit voltage bends, which neither method knows.
    """
    cases = (
        ("0.02 C", "10 um", "10 s", "150 h", True),
        ("0.02 C", "4 um", "10 min", "4 h", False),
        ("0.1 C", "4 um", "10 min", "4 h", False),
        ("0.1 C", "2 um", "1 h", "4 h", False),
    )
    diffusivity = "1e-11 cm2/s"
    for current, radius, pulse, rest, short in cases:
        what = f"{current}, {radius}, pulses of {pulse}, rests of {rest}"
        cell = titrated_cell(diffusivity, radius)
        protocol = Gitt(
            current,
            pulse,
            rest,
            "4.3 V vs Li",
            direction="charge",
            begin=("rest for 1 h",),
            most_pulses=6,
        )
        record = unlabelled(
            simulate(cell, protocol, particle_cells=200, tolerance=1e-8, losses=False)
        )
        found = fit_gitt(record, delay="0.2 s", least_change="1 uV")
        names = {"the fit of pulse and rest": "diffusivity_fit_active_area"}
        if short:
            names["the root of time"] = "diffusivity_active_area"
        for method, quantity in names.items():
            value = found[quantity].value
            assert value is not None
            error = 100 * (value / float(diffusivity.split()[0]) - 1)
            yield Mark(
                f"simulated titration, {what}: D by {method}",
                f"{error:+.2f} %; flags: {'; '.join(found[quantity].flags) or 'none'}",
                "within 3 %",
                abs(error) < 3,
            )
        if not short:
            told = analyse(record).name == found.name
            yield Mark(
                f"simulated titration, {what}: taken for a titration without a word of it",
                "yes" if told else "no",
                "yes",
                told,
            )


def swept() -> Iterator[Mark]:
    """Diffusivity from peak currents of a series of scan rates."""
    diffusivity = 1e-13  # m2/s
    cell = langmuir_cell(diffusivity)
    records = [
        simulate(
            cell,
            Voltammetry(rate, "4.2 V vs Li", "3.6 V vs Li", cycles=1),
            cathode_cells=3,
            particle_cells=200,
            losses=False,
        )
        for rate in RATES
    ]
    found = fit_scan_rates(records, concentration=SITES, area=cell.active_area)[
        "diffusivity_anodic"
    ]
    assert found.value is not None
    error = 100 * (found.value / (diffusivity * 1e4) - 1)
    yield Mark(
        "simulated voltammograms: D by Randles and Sevcik from four scan rates",
        f"{error:+.2f} %; flags: {'; '.join(found.flags) or 'none'}",
        "within 4 % (2 % of the current)",
        abs(error) < 4,
    )


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    yield from cycled()
    yield from titrated()
    yield from swept()
    yield from _known_symmetric.simulated()


if __name__ == "__main__":
    finish(marks())
