"""GITT gives a known diffusivity back; voltammetry the textbook's peak."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solith.analysis import analyse_voltammogram, fit_gitt, fit_scan_rates
from solith.cell import Cell, Gitt, Voltammetry, simulate
from solith.core.constants import FARADAY, GAS_CONSTANT
from validation.marks import Mark, finish

SITES = 48239.0  # mol/m3, NMC532
RATES = (0.05e-3, 0.1e-3, 0.2e-3, 0.5e-3)  # V/s


def titrated_cell(diffusivity: str, radius: str, contact: float = 1.0) -> Cell:
    """An NMC532 cell whose diffusivity and area are known."""
    return _cell(
        {
            "loading": "8.7 mg/cm2",
            "initial_lithium_fraction": 0.75,
            "diffusivity": diffusivity,
            "composite": {
                "active_fraction": 0.45,
                "electrolyte_fraction": 0.45,
                "particle_radius": radius,
                "ionic_conductivity": "1 mS/cm",
                "electronic_conductivity": "10 mS/cm",
                "contact_fraction": contact,
            },
            "charge_transfer": {"law": "butler-volmer", "area_resistance": "50 ohm cm2"},
        }
    )


def langmuir_cell(diffusivity: float) -> Cell:
    """A full host of sites that do not know each other, in particles that are semi-infinite."""
    return _cell(
        {
            "thickness": "100 um",
            "initial_lithium_fraction": 0.9999989,
            "diffusivity": f"{diffusivity} m2/s",
            "composite": {
                "active_fraction": 0.5,
                "electrolyte_fraction": 0.5,
                "particle_radius": "2 mm",
                "ionic_conductivity": "1e3 S/m",
                "electronic_conductivity": "1e3 S/m",
            },
            "potential_curve": {"law": "langmuir", "standard_potential": "3.9 V"},
            "charge_transfer": {"law": "butler-volmer", "area_resistance": "1e-2 ohm cm2"},
        }
    )


def _cell(cathode: dict[str, object]) -> Cell:
    layer = {"material": "LGPS", "thickness": "10 um", "conductivity": "1e3 S/m"}
    anode = {"material": "Li", "interface": {"resistance": "0 ohm cm2", "capacitance": "1 uF/cm2"}}
    return Cell.from_mapping(
        {
            "area": "0.785 cm2",
            "one_c": "1.3 mA/cm2",
            "cathode": {"material": "NMC532", **cathode},
            "electrolyte": layer,
            "anode": anode,
        }
    )


def titrations() -> Iterator[Mark]:
    """Known diffusivities, where the method is valid and where it is not."""
    cases = (
        ("1e-11 cm2/s", "10 um", "10 s", "150 h"),
        ("1e-10 cm2/s", "20 um", "4 s", "60 h"),
        ("1e-12 cm2/s", "5 um", "25 s", "400 h"),
    )
    for diffusivity, radius, pulse, rest in cases:
        cell = titrated_cell(diffusivity, radius)
        protocol = Gitt(
            "0.02 C",
            pulse,
            rest,
            "4.3 V vs Li",
            direction="charge",
            begin=("rest for 1 h",),
            most_pulses=6,
        )
        record = simulate(cell, protocol, particle_cells=200, tolerance=1e-8, losses=False)
        found = fit_gitt(record, delay="0.2 s", least_change="1 uV")
        value = found["diffusivity_active_area"].to("m2/s").value
        known = cell.cathode.diffusivity.value  # type: ignore[union-attr]
        assert value is not None
        error = value / known - 1
        yield Mark(
            f"GITT, {diffusivity}, {radius}, pulses of {pulse}, rests of {rest}: D on the active "
            "area",
            f"{100 * error:+.2f} %, flags: {_flags(found) or 'none'}",
            "within 3 %, not flagged",
            abs(error) < 0.03 and not _flags(found),
        )
    wrong = (
        ("pulses of 1 h", "1e-10 cm2/s", "2 um", "0.1 C", "1 h", "10 h", "pulse too long"),
        ("rests of 10 min", "1e-12 cm2/s", "5 um", "0.1 C", "10 min", "10 min", "not relaxed"),
        ("strong pulses", "1e-11 cm2/s", "10 um", "1 C", "10 s", "150 h", "not linear"),
    )
    for what, diffusivity, radius, current, pulse, rest, flag in wrong:
        begin = ("rest for 1 h",)
        protocol = Gitt(
            current, pulse, rest, "4.3 V vs Li", direction="charge", begin=begin, most_pulses=5
        )
        cell = titrated_cell(diffusivity, radius)
        found = fit_gitt(simulate(cell, protocol, particle_cells=200, losses=False))
        told = _flags(found)
        yield Mark(
            f"GITT, {what}, {diffusivity}, {radius}",
            f"flags: {told}",
            f"says {flag!r}",
            flag in told,
        )


def voltammograms() -> Iterator[Mark]:
    """Nernstian insertion, full at first, semi-infinite."""
    diffusivity = 1e-13
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
    fit = fit_scan_rates(records)
    slope = fit["exponent_anodic"].value
    assert slope is not None
    yield Mark(
        "voltammetry, Langmuir insertion: exponent of the peak current over four scan rates",
        f"{slope:.4f}",
        "0.50 within 0.02",
        abs(slope - 0.5) < 0.02,
    )
    for rate, record in zip(RATES, records, strict=True):
        found = analyse_voltammogram(record)
        peak = found["peak_current_anodic"].value
        separation = found["peak_separation"].value
        assert peak is not None
        assert separation is not None
        scale = np.sqrt(FARADAY * rate * diffusivity / (GAS_CONSTANT * 298.15))
        constant = peak / (FARADAY * cell.active_area * SITES * scale)
        yield Mark(
            f"Randles-Sevcik constant at {1e3 * rate:g} mV/s (peaks {1e3 * separation:.1f} mV "
            "apart)",
            f"{constant:.4f}, {100 * (constant / 0.4463 - 1):+.2f} %",
            "0.4463 within 2 %",
            abs(constant / 0.4463 - 1) < 0.02,
        )


def _flags(result) -> str:  # type: ignore[no-untyped-def]
    return "; ".join(result["diffusivity_active_area"].flags)


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    yield from titrations()
    yield from voltammograms()


if __name__ == "__main__":
    finish(marks())
