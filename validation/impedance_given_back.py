"""Simulated impedance of the cell model gives back the resistances that made it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solith.analysis import fit_impedance
from solith.cell import Cell, Impedance, simulate
from solith.cell.parameters import effective_conductivities
from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.record import Record
from validation.impedance_limits import planar_cell, separated_cell
from validation.marks import Mark, finish

_MEASURED = Impedance(lowest="10 mHz", highest="7 MHz", points_per_decade=10, lithium_fraction=0.6)


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    cell = separated_cell()
    record = simulate(cell, _MEASURED)
    for noise in (0.0, 5e-3):
        noisy = _with_noise(record, noise)
        result = fit_impedance(noisy, "composite-half-cell")
        for name, (resistance, capacitance) in _arcs(cell).items():
            yield _arc_mark(name, result, resistance, capacitance, noise)
    yield from _transmission_line()


def _arc_mark(name, result, resistance, capacitance, noise) -> Mark:
    """The arc of the nearest apex against the resistance put in."""
    if capacitance is None:
        found = result["R0"]
    else:
        apex = 1.0 / (2.0 * np.pi * resistance * capacitance)
        arcs = [v for v in result if v.quantity.endswith("_frequency")]
        nearest = min(arcs, key=lambda v: abs(np.log(v.value / apex)))
        found = result[nearest.quantity.removesuffix("_frequency")]
    error = found.value / resistance - 1
    within = 0.02 if noise == 0 else 0.05
    return Mark(
        f"{name}, noise {100 * noise:g} %: {found.quantity} of {result.details['circuit']}",
        f"{found.value:.4g} ohm for {resistance:.4g} ohm ({100 * error:+.2f} %)",
        f"{100 * within:g} %",
        abs(error) <= within,
    )


def _arcs(cell: Cell) -> dict[str, tuple[float, float | None]]:
    """Resistance [ohm] and capacitance [F] of each part; the layer's arc lies out of sight."""
    cathode, anode = cell.cathode, cell.anode.interface
    transfer = cathode.charge_transfer
    area = cell.contact_area
    reaction = GAS_CONSTANT * cell.temperature / FARADAY / transfer.exchange(cell.temperature)
    return {
        "electrolyte layer": (cell.electrolyte.area_resistance / cell.area, None),
        "anode": (anode.resistance / cell.area, anode.capacitance * cell.area),
        "coating": (
            cathode.coating.area_resistance / area,
            cathode.coating.area_capacitance * area,
        ),
        "charge transfer": (reaction / area, transfer.double_layer * area),
    }


def _transmission_line() -> Iterator[Mark]:
    """A porous cathode: ions through its depth, charge transfer on its walls."""
    cell = planar_cell()
    composite = cell.cathode.composite.replace(ionic_conductivity="0.05 mS/cm")
    cathode = cell.cathode.replace(
        composite=composite,
        coating=None,
        interphase=None,
        further_resistance=None,
        diffusivity="1e-6 cm2/s",
    )
    anode = cell.anode.replace(interface={"resistance": "1e-3 ohm cm2", "capacitance": "1 mF/cm2"})
    cell = cell.replace(cathode=cathode, anode=anode)
    kappa, _ = effective_conductivities(cell)
    transfer = cell.cathode.charge_transfer
    reaction = GAS_CONSTANT * cell.temperature / FARADAY / transfer.exchange(cell.temperature)
    wanted = {
        "TLM1_Rion": cell.cathode.depth / kappa / cell.area,
        "TLM1_Rct": reaction / cell.contact_area,
    }
    result = fit_impedance(_with_noise(simulate(cell, _MEASURED), 0.0), circuit="R0-TLM1-C2")
    for name, resistance in wanted.items():
        found = result[name].value
        yield Mark(
            f"porous cathode, {name} of R0-TLM1-C2",
            f"{found:.4g} ohm for {resistance:.4g} ohm ({100 * (found / resistance - 1):+.2f} %)",
            "2 %",
            abs(found / resistance - 1) <= 0.02,
        )


def _with_noise(record: Record, noise: float) -> Record:
    """The spectrum with noise of this part of ``|Z|``, like a measured one."""
    impedance = record.array("real_impedance_ohm") + 1j * record.array("imaginary_impedance_ohm")
    scatter = np.random.default_rng(0).standard_normal((2, len(impedance)))
    impedance = impedance + noise * np.abs(impedance) * (scatter[0] + 1j * scatter[1])
    return Record.from_arrays(
        "impedance",
        frequency_hertz=record.array("frequency_hertz"),
        real_impedance_ohm=impedance.real,
        imaginary_impedance_ohm=impedance.imag,
        attributes={"geometric_area_m2": record.data.attrs["geometric_area_m2"]},
    )


if __name__ == "__main__":
    finish(marks())
