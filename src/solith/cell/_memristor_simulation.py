"""A memristor's sites in classes, its sweep in cycles, and the record of both."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith import __version__
from solith.cell._memristor_kernels import EMPTY, Constants, sweep
from solith.cell.memristor import BiasSweep, Memristor, SourceMeter
from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.progress import Progress
from solith.core.provenance import Provenance
from solith.core.record import Record
from solith.interface import LinearTransfer
from solith.materials import find_material

__all__ = ["run"]

Array = NDArray[Any]

_CLASSES = 40
_COLUMNS = (
    "local_voltage_volt",
    "current_ampere",
    "deposited_charge_coulomb",
    "filament_charge_coulomb",
    "conducting_filaments_1",
    "neck_radius_metre",
)


def run(
    memristor: Memristor,
    bias: BiasSweep,
    instrument: SourceMeter,
    seed: int,
    sample: str,
    progress: Progress,
) -> Record:
    """The record of all cycles."""
    sites, cycles, noise = (np.random.default_rng([seed, stream]) for stream in range(3))
    weight, onset = _classes(memristor, sites)
    constants = _constants(memristor, instrument)
    kind = np.full(len(weight), EMPTY)
    size, body = np.zeros((2, len(weight))), np.zeros(len(weight))
    charge = 0.0
    voltage = _cycle(bias)
    dwell = np.abs(np.diff(voltage, prepend=-bias.step)) / bias.rate
    out = np.empty((bias.cycles, len(voltage), len(_COLUMNS)))
    spread = memristor.cycle_spread / np.sqrt(weight)
    for cycle in range(bias.cycles):
        drawn = np.exp(spread * cycles.normal(size=(2, len(weight))))
        charge = sweep(
            voltage,
            dwell,
            onset * drawn[0],
            memristor.filament.nucleus_radius * drawn[1],
            kind,
            size,
            body,
            charge,
            weight,
            constants,
            out[cycle],
        )
        progress.report((cycle + 1) / bias.cycles, f"cycle {cycle + 1} of {bias.cycles}")
    columns = dict(zip(_COLUMNS, out.reshape(-1, len(_COLUMNS)).T, strict=True))
    read = columns["current_ampere"] + instrument.noise * noise.normal(size=out[..., 0].size)
    columns["current_ampere"] = np.clip(read, -instrument.compliance, instrument.compliance)
    rows = np.arange(len(read))
    return Record.from_arrays(
        "current-voltage",
        provenance=_provenance(memristor, bias, instrument, seed, sample),
        name=sample or "memristor",
        attributes={"contact_area_m2": float(np.pi * memristor.electrode_radius**2)},
        test_time_second=np.cumsum(np.tile(dwell, bias.cycles)),
        voltage_volt=np.tile(voltage, bias.cycles),
        cycle_count=rows // len(voltage) + 1,
        **columns,
    )


def _classes(memristor: Memristor, random: np.random.Generator) -> tuple[Array, Array]:
    """How many sites each class has, and their nucleation bias [V] (geometric mean).

    The sites that nucleate first have classes of their own, no class has more than a twentieth.
    """
    count = memristor.sites
    drawn = np.sort(memristor.site_spread * random.normal(size=count))
    ends = [space(1, count + 1, _CLASSES // 2 + 1) for space in (np.geomspace, np.linspace)]
    edges = np.unique(np.round(np.concatenate(ends)).astype(int)) - 1
    weight = np.diff(edges)
    logs = np.add.reduceat(drawn, edges[:-1]) / weight
    return weight.astype(float), memristor.filament.nucleation_bias * np.exp(logs)


def _cycle(bias: BiasSweep) -> Array:
    """The set voltages of one cycle [V]: out and back on either side, each from 0."""
    sides = [limit for limit in (bias.set_limit, bias.reset_limit) if limit]
    legs = []
    for limit in sides:
        steps = round(abs(limit) / bias.step)
        out = limit * np.arange(steps + 1) / steps
        legs += [out, out[-2:0:-1]]
    return np.append(np.concatenate(legs), 0.0)


def _constants(memristor: Memristor, instrument: SourceMeter) -> Constants:
    law = memristor.filament
    lithium = find_material("Li")
    molar = lithium.value("molar_mass") / lithium.value("density")
    return Constants(
        thickness=memristor.thickness,
        widest=memristor.electrode_radius,
        ionic=memristor.ionic_conductivity,
        leak=memristor.leakage,
        resistivity=law.resistivity,
        exchange=law.exchange(memristor.temperature),
        thermal=2 * GAS_CONSTANT * memristor.temperature / FARADAY,
        linear=law.charge_transfer.law == LinearTransfer.law,
        part=law.wall_fraction,
        volume=molar / FARADAY,
        series=instrument.series_resistance,
        compliance=instrument.compliance,
    )


def _provenance(
    memristor: Memristor, bias: BiasSweep, instrument: SourceMeter, seed: int, sample: str
) -> Provenance:
    return Provenance(
        "simulated",
        sample=sample,
        method="memristor of lithium filaments",
        parameters={
            "memristor": memristor.to_mapping(),
            "sweep": bias.to_mapping(),
            "instrument": instrument.to_mapping(),
            "seed": seed,
        },
        conventions="voltage of the electrode against lithium; a negative one deposits lithium",
        version=__version__,
    )
