"""The cells that the validation scripts measure on."""

from __future__ import annotations

from typing import Any

from solith.cell import Cell

__all__ = ["changing_cell", "coated_cell", "graphite_cell", "thick_cell"]


def coated_cell(**cathode: Any) -> Cell:
    """NMC532 with every interface part that the model has, against In-Li."""
    described: dict[str, Any] = {
        "material": "NMC532",
        "loading": "8.7 mg/cm2",
        "initial_lithium_fraction": 0.98,
        "diffusivity": "2e-11 cm2/s",
        "composite": {
            "active_fraction": 0.45,
            "electrolyte_fraction": 0.40,
            "particle_radius": "2 um",
            "ionic_tortuosity_factor": 2.0,
            "electronic_conductivity": "0.5 S/m",
            "contact_fraction": 0.6,
            "accessible_fraction": 0.9,
        },
        "charge_transfer": {"law": "butler-volmer", "area_resistance": "800 ohm cm2"},
        "coating": {"thickness": "7.5 nm", "conductivity": "1e-9 S/cm"},
        "interphase": {"thickness": "20 nm", "conductivity": "2e-8 S/cm"},
        "further_resistance": {"resistance": "100 ohm cm2", "capacitance": "1 uF/cm2"},
    }
    described.update(cathode)
    return Cell.from_mapping(
        {
            "area": "0.785 cm2",
            "one_c": "1.3 mA/cm2",
            "cathode": described,
            "electrolyte": {"material": "LGPS", "thickness": "500 um", "conductivity": "2.8 mS/cm"},
            "anode": {
                "material": "In-Li",
                "interface": {"resistance": "10 ohm cm2", "capacitance": "1 mF/cm2"},
            },
        }
    )


def thick_cell() -> Cell:
    """A thick cathode that conducts ions badly, so that lithiation is uneven."""
    cell = coated_cell(loading="40 mg/cm2")
    return cell.with_composite(cell.cathode.composite.replace(ionic_conductivity="0.2 mS/cm"))


def changing_cell() -> Cell:
    """Every law that a cathode may have at once: growth, oxidation, contact that changes."""
    return coated_cell(
        interphase={
            "thickness": "5 nm",
            "conductivity": "2e-8 S/cm",
            "growth": {"law": "diffusion", "rate": "1e-22 m2/s", "lithium_content": "10 mol/L"},
        },
        oxidation={
            "law": "tafel",
            "current_density": "1e-5 A/m2",
            "potential": "4.2 V",
            "product_volume": "3e-5 m3/mol",
        },
        space_charge={
            "law": "depletion",
            "resistance": "200 ohm cm2",
            "potential": "4.0 V",
            "flat_band": "3.4 V",
        },
        breathing={"volume_change": 0.04, "sensitivity": 5.0, "loss": 0.05, "recovery_time": "9 d"},
        access_loss={"loss": 0.01},
        confinement={"law": "patches", "radius": "0.4 um"},
        particles={
            "law": "classes",
            "members": [
                {"share": 0.6, "radius": "2 um", "contact_fraction": 0.7},
                {"share": 0.4, "radius": "4 um", "contact_fraction": 0.3},
            ],
        },
    )


def graphite_cell() -> Cell:
    """A full cell with a graphite anode."""
    cell = coated_cell()
    return Cell.from_mapping(
        {
            **cell.to_mapping(),
            "anode": {
                "material": "graphite",
                "interface": {"resistance": "20 ohm cm2", "capacitance": "1 mF/cm2"},
                "host": {
                    "loading": "6 mg/cm2",
                    "particle_radius": "5 um",
                    "diffusivity": "1e-10 cm2/s",
                    "initial_lithium_fraction": 0.02,
                },
            },
        }
    )
