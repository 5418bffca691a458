"""A cell under stack pressure: packings, what a cell takes of them, cycling, breathing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.errors import InputError
from solith.core.progress import SILENT, Progress
from solith.core.quantities import to_si
from solith.core.result import Result, Value
from solith.study._pressed_rows import (
    active_contact,
    count_active,
    grain_conductivity,
    pressed_volume,
    row_of,
    shown_point,
)
from solith.study.pressure_series import measure_pressure_series

if TYPE_CHECKING:
    from solith.cell import Cell
    from solith.compaction import Mixture

__all__ = [
    "breathe_pressed",
    "cycle_rising_pressure",
    "join_pressed",
    "press_electrode",
    "pressed_cell",
    "pressed_volume",
    "read_pressed",
]

_NEXT_SEED = 1000


def press_electrode(
    mixture: Any,
    layer: Any,
    pressures: Sequence[Any],
    *,
    layer_mass: Any,
    grain_size: Any,
    hardness: Any,
    spot_radius: Any,
    conductivity: Any,
    particles: int = 3000,
    layer_particles: int = 1000,
    voxel_size: Any = "0.5 um",
    seed: int = 0,
    packings: int = 1,
    shown: bool = False,
    progress: Progress = SILENT,
) -> Result:
    """Composite and electrolyte layer pressed through ``pressures``, in ``packings`` at random.

    Both are measured as :func:`measure_pressure_series` does, conduction with the electrolyte's
    own ``conductivity`` [S/m or text] lowered by the contacts between its grains: one of
    :func:`solith.interface.find_spot_resistance` every ``grain_size``, spots of ``spot_radius``
    covering the part of :class:`solith.interface.LoadBearingContact` with ``hardness``.
    ``layer_mass`` [kg/m2 or text] of the electrolyte layer, on the geometric area, gives its
    thickness. ``details["packings"]`` has for each a row of values for each pressure; with
    ``shown`` the first composites are there on voxels of 1 um and with their contact's rose.

    Raises :class:`InputError` and :class:`ConvergenceError` as :func:`solith.compaction.press`,
    :class:`InputError` for a composite without active material or without electrolyte.
    """
    from solith.compaction.mixture import as_mixture

    if isinstance(packings, bool) or not isinstance(packings, int) or packings < 1:
        raise InputError(f"{packings!r} is no number of packings", where="packings")
    mixture, layer = as_mixture(mixture), as_mixture(layer)
    _require_phases(mixture, ("active", "electrolyte"), "mixture")
    _require_phases(layer, ("electrolyte",), "layer")
    loads = [to_si(pressure, "Pa") for pressure in pressures]
    if len(set(loads)) < len(loads):
        raise InputError(
            "a pressure is there twice, which could not be told apart; press it again in a "
            "packing of its own",
            where="pressures",
        )

    between = {
        "conductivity": conductivity,
        "grain_size": grain_size,
        "hardness": hardness,
        "spot_radius": spot_radius,
    }
    mass = to_si(layer_mass, "kg/m2")
    grains = [grain_conductivity(load, **between) for load in loads]
    details: dict[str, Any] = {"packings": []}
    for number in range(packings):
        part = progress.part(number / packings, (number + 1) / packings)
        # Far apart, so that tasks with neighbouring seeds share no packing.
        chance = seed + _NEXT_SEED * number
        common = {"seed": chance, "voxel_size": voxel_size, "electrolyte_conductivity": 1.0}
        points = measure_pressure_series(
            mixture, pressures, particles=particles, progress=part.part(0.0, 0.8), **common
        )
        layers = measure_pressure_series(
            layer, pressures, particles=layer_particles, progress=part.part(0.8, 1.0), **common
        )
        rows = [
            row_of(point, pressed, grain, mass)
            for point, pressed, grain in zip(points, layers, grains, strict=True)
        ]
        details["packings"].append({"seed": chance, "points": rows})
        if shown and not number:
            details["shown"] = [shown_point(point) for point in points]
    values = (
        Value("packings", float(packings)),
        Value("active_particles", float(count_active(points[0].state)), method="in a packing"),
        Value("particles", float(len(points[0].state.radii)), method="in a packing"),
    )
    return Result(f"pressed electrode, seed {seed}", values, details)


def join_pressed(results: Sequence[Result], pressure: Any, stands: str = "") -> Result:
    """Means over packings at one ``pressure``; the uncertainty is their standard deviation.

    ``results`` are those of :func:`press_electrode`. Raises :class:`InputError` for a pressure
    that they do not hold.
    """
    wanted = to_si(pressure, "Pa")
    rows = [
        _at(packing["points"], wanted, place)
        for place, result in enumerate(results, start=1)
        for packing in result.details.get("packings", [{"points": []}])
    ]
    values = []
    for name, (_, unit) in rows[0].items():
        known = [row[name][0] for row in rows if row[name][0] is not None]
        spread = float(np.std(known, ddof=1)) if len(known) > 1 else None
        values.append(
            Value(
                name,
                float(np.mean(known)) if known else None,
                unit,
                spread,
                method=f"mean of {len(known)} packings, their standard deviation",
            )
        )
    details = {"pressure": wanted, "packings": len(rows)}
    shown = [one for result in results for one in result.details.get("shown", ())]
    for one in (one for one in shown if _alike(one["pressure"], wanted)):
        details |= {"voxels": one["voxels"], "rose": one["rose"]}
        break
    title = f"pressed at {wanted / 1e6:.4g} MPa" + (f" ({stands})" if stands else "")
    return Result(title, tuple(values), details)


def pressed_cell(cell: Cell, structure: Result) -> Cell:
    """``cell`` with the composite and the electrolyte layer of a ``structure``, at its pressure.

    ``structure`` is one of :func:`join_pressed`; loading, particle size and laws stay the cell's.
    """

    def of(name: str) -> float:
        number = structure[name].value
        if number is None:
            raise InputError(f"{structure.name} has no {name}")
        return float(number)

    cathode = cell.cathode
    composite = cathode.composite.replace(
        active_fraction=of("active_fraction"),
        electrolyte_fraction=of("electrolyte_fraction"),
        contact_fraction=of("contact_fraction"),
        ionic_conductivity=of("ionic_conductivity"),
    )
    layer = cell.electrolyte.replace(
        thickness=of("layer_thickness"), conductivity=of("layer_conductivity")
    )
    return cell.replace(
        cathode=cathode.replace(composite=composite),
        electrolyte=layer,
        pressure=float(structure.details["pressure"]),
    )


def cycle_rising_pressure(
    cell: Cell,
    structures: Sequence[Result],
    steps: Sequence[str],
    *,
    cycles: int = 2,
    progress: Progress = SILENT,
) -> Result:
    """Capacity of one cell as pressure rises, over that of a second one at the first pressure.

    ``structures`` (:func:`join_pressed`), in order, ``cycles`` of the protocol ``steps`` under
    each; the second cell does as many under the first alone. Both go on from where the cycles
    before have left them. ``capacity_ratio[P]`` (P in MPa) is the ratio of discharge capacities
    in the last cycle under each pressure, at the same number of cycles; ``capacity[P]`` the first
    cell's own [mAh/g of active material].
    """
    from solith.analysis import analyse_cycling
    from solith.cell import Cycling, cell_after, simulate

    protocol = Cycling.from_mapping({"steps": list(steps), "cycles": cycles})
    risen, held = pressed_cell(cell, structures[0]), pressed_cell(cell, structures[0])
    values, rows = [], []
    for number, structure in enumerate(structures):
        risen = pressed_cell(risen, structure)
        capacities = []
        for which, one in enumerate((risen, held)):
            progress.report((number + which / 2) / len(structures), f"{structure.name}, cycling")
            record = simulate(one, protocol, losses=False)
            found = analyse_cycling(record)["discharge_capacity"].value
            if found is None:
                raise InputError(
                    f"{structure.name}: the cell did not complete a discharge, so there is no "
                    "capacity; give other limits or a lower rate",
                    where="steps",
                )
            capacities.append((float(found), cell_after(one, record)))
        (capacity, risen), (reference, held) = capacities
        label = f"{structure.details['pressure'] / 1e6:.6g}"
        values += [
            Value(f"capacity_ratio[{label}]", capacity / reference),
            Value(f"capacity[{label}]", capacity, "mAh/g"),
        ]
        rows.append([structure.details["pressure"], capacity, reference])
    progress.report(1.0)
    return Result("capacity as pressure rises", tuple(values), {"rows": rows})


def read_pressed(cell: Cell, impedance: Result) -> Result:
    """What a spectrum of a pressed cell is read as, and what of it is what, on the geometric area.

    ``impedance`` is the analysis of its spectrum. ``charge_transfer_resistance``: the width of
    all arcs, as is read off the plot; ``apparent_conductivity``: thickness of the electrolyte layer
    over the resistance at high frequency, of which ``cathode_part_of_high_frequency`` is the
    composite's (ions and electrons side by side). ``ionic_part_of_reading`` is what of the arcs is
    neither charge transfer nor the anode's interface: a third of the composite's ionic resistance
    where that is small. Beside them what the ``cell`` was made of:
    ``charge_transfer_resistance_of_cell``, ``ionic_resistance_of_cathode`` (thickness over
    conductivity) and ``contact_fraction_real``.
    """
    from solith.cell.cell import REFERENCE_TEMPERATURE

    cathode = cell.cathode
    conductivity = cathode.composite.ionic_conductivity
    if conductivity is None:
        raise InputError("is missing", where="cathode.composite.ionic_conductivity")
    geometric = cell.area
    warm = REFERENCE_TEMPERATURE
    exchange = cathode.charge_transfer.exchange(warm)
    own = GAS_CONSTANT * warm / (FARADAY * exchange) * geometric / cell.contact_area
    read = impedance["interfacial_resistance"].value
    high = impedance["high_frequency_resistance"].value
    values = []
    if read is not None and high is not None:
        arcs, first = read * geometric, high * geometric
        rest = arcs - own - cell.anode.interface.resistance
        layer = cell.electrolyte.area_resistance
        values = [
            Value("charge_transfer_resistance", arcs, "ohm m2", area="geometric"),
            Value("apparent_conductivity", cell.electrolyte.thickness / first, "S/m"),
            Value("ionic_part_of_reading", 100 * rest / arcs, "%"),
            Value("cathode_part_of_high_frequency", 100 * (1 - layer / first), "%"),
        ]
    values += [
        Value("charge_transfer_resistance_of_cell", own, "ohm m2", area="geometric"),
        Value("ionic_resistance_of_cathode", cathode.depth / conductivity, "ohm m2",
              area="geometric"),
        Value("contact_fraction_real", cell.contact_fraction),
    ]  # fmt: skip
    return Result("what the spectrum is read as", tuple(values))


def breathe_pressed(
    mixture: Any,
    pressure: Any,
    strain: Any,
    *,
    cycles: int = 3,
    particles: int = 1500,
    seed: int = 0,
    packings: int = 1,
    progress: Progress = SILENT,
) -> Result:
    """What contact is left when active particles shrink by ``strain`` and come back.

    At constant pressure and at constant gap of the platens (:func:`solith.compaction.breathe`):
    ``contact_kept_...`` in the last of ``cycles``, charged (shrunk) and discharged (back): the area
    of contacts between active and electrolyte particles over that before; and what the body
    exerts on the platens at constant gap, ``pressure_charged``, ``pressure_discharged`` and their
    difference, the ``pressure_swing`` [MPa]. ``thickness_change``: what the body is thicker when
    discharged than charged at constant pressure; below 0 where it is kneaded denser by more than
    particles give back, as in a first cycle. Means over ``packings``, whose standard deviation
    is the uncertainty; ``details["packings_breathing"]`` has each.

    Raises :class:`InputError` for a ``strain`` that is not above 0, as a part of the volume, and a
    mixture without active material or electrolyte.
    """
    from solith.compaction.mixture import as_mixture

    mixture = as_mixture(mixture)
    _require_phases(mixture, ("active", "electrolyte"), "mixture")
    for name, number in (("cycles", cycles), ("packings", packings)):
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise InputError(f"{number!r} is no number of {name}", where=name)
    size = to_si(strain, "")
    if size <= 0:
        raise InputError(f"{strain!r} must be above 0", where="strain")
    each = []
    for number in range(packings):
        part = progress.part(number / packings, (number + 1) / packings)
        chance = seed + _NEXT_SEED * number
        each.append(_breathing_of(mixture, pressure, size, cycles, particles, chance, part))
    means = {
        hold: {name: np.mean([one[hold][name] for one in each], axis=0).tolist() for name in first}
        for hold, first in each[0].items()
    }
    details = {"breathing": means, "packings_breathing": each, "held": to_si(pressure, "Pa")}
    name = f"breathing by {size:.3g} of the volume, {cycles} times"
    return Result(name, tuple(_breathing_values(each)), details)


def _breathing_of(
    mixture: Mixture,
    pressure: Any,
    strain: float,
    cycles: int,
    particles: int,
    seed: int,
    progress: Progress,
) -> dict[str, Any]:
    """Of one packing, by what is held, one number for each state."""
    from solith.compaction import breathe, press

    state = press(
        mixture, [pressure], seed=seed, particles=particles, progress=progress.part(0.0, 0.3)
    )[0]
    before = active_contact(state)
    strains = [-strain, 0.0] * cycles
    rows = {}
    for place, hold in enumerate(("pressure", "gap")):
        part = progress.part(0.3 + 0.35 * place, 0.65 + 0.35 * place)
        states = breathe(state, strains, hold=hold, progress=part)
        rows[hold] = {
            "strain": strains,
            "contact_kept": [active_contact(one) / before for one in states],
            "pressure": [one.pressure for one in states],
            "porosity": [one.porosity for one in states],
            "thickness": [one.thickness for one in states],
        }
    return rows


def _breathing_values(each: Sequence[Mapping[str, Any]]) -> Iterator[Value]:
    """Of the last cycle of all packings."""

    def value(name: str, numbers: list[float], unit: str = "") -> Value:
        spread = float(np.std(numbers, ddof=1)) if len(numbers) > 1 else None
        return Value(name, float(np.mean(numbers)), unit, spread)

    for hold in ("pressure", "gap"):
        for place, state in ((-2, "_charged"), (-1, "")):
            kept = [one[hold]["contact_kept"][place] for one in each]
            yield value(f"contact_kept_at_constant_{hold}{state}", kept)
    charged, discharged = ([one["gap"]["pressure"][k] / 1e6 for one in each] for k in (-2, -1))
    yield value("pressure_charged", charged, "MPa")
    yield value("pressure_discharged", discharged, "MPa")
    swings = [back - low for low, back in zip(charged, discharged, strict=True)]
    yield value("pressure_swing", swings, "MPa")
    thin, thick = (np.array([one["pressure"]["thickness"][k] for one in each]) for k in (-2, -1))
    yield value("thickness_change", (1 - thin / thick).tolist())


def _at(rows: Sequence[Mapping[str, Any]], pressure: float, place: int) -> dict[str, Any]:
    for row in rows:
        if _alike(row["pressure"][0], pressure):
            return {name: value for name, value in row.items() if name != "pressure"}
    there = ", ".join(f"{row['pressure'][0] / 1e6:.6g}" for row in rows) or "none"
    raise InputError(
        f"no state at {pressure / 1e6:.6g} MPa (there are: {there} MPa)", where=f"results.{place}"
    )


def _alike(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-6 * other


def _require_phases(mixture: Mixture, phases: Sequence[str], where: str) -> None:
    for phase in phases:
        if not mixture.names_of(phase):
            raise InputError(f"the mixture has no powder of the phase {phase}", where=where)
