"""A cell under stack pressure: packings, what a cell takes of them, cycling, breathing."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.errors import InputError
from solith.core.progress import SILENT, Progress
from solith.core.quantities import to_si
from solith.core.result import Result, Value
from solith.core.volume import Volume
from solith.interface import LoadBearingContact, find_spot_resistance
from solith.study.pressure_series import PressedPoint, measure_pressure_series

if TYPE_CHECKING:
    from solith.cell import Cell
    from solith.compaction import PressedState

__all__ = [
    "breathe_pressed",
    "cycle_rising_pressure",
    "join_pressed",
    "press_electrode",
    "pressed_cell",
    "pressed_volume",
    "read_pressed",
]

_SHOWN_VOXEL = "1 um"
_NEXT_SEED = 1000
_OF_COMPOSITE = {
    "active_fraction": "fraction_active",
    "electrolyte_fraction": "fraction_electrolyte",
    "contact_fraction": "contact_fraction",
    "tortuosity_mode": "tortuosity_geodesic_mode",
    "tortuosity_minimum": "tortuosity_geodesic_minimum",
    "tortuosity_flux": "tortuosity_flux",
    "contact_anisotropy": "contact_pressing_over_lateral",
    "contacts_pressing_over_lateral": "contacts_pressing_over_lateral",
    "porosity_composite": "porosity_imaged",
    "porosity_of_particles": "porosity",
}
"""Names in a study by those of a pressed series."""


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

    Raises :class:`InputError` and :class:`ConvergenceError` as :func:`solith.compaction.press`.
    """
    if isinstance(packings, bool) or not isinstance(packings, int) or packings < 1:
        raise InputError(f"{packings!r} is no number of packings", where="packings")

    def conducting(pressure: float) -> float:
        own, size = to_si(conductivity, "S/m"), to_si(grain_size, "m")
        real = float(LoadBearingContact(hardness).fraction(pressure, 1.0))
        return 1 / (1 / own + find_spot_resistance(own, spot_radius, real) / size)

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
        mass = to_si(layer_mass, "kg/m2")
        rows = [
            _row(point, pressed, conducting(point.pressure), mass)
            for point, pressed in zip(points, layers, strict=True)
        ]
        details["packings"].append({"seed": chance, "points": rows})
        if shown and not number:
            details["shown"] = [_shown(point) for point in points]
    values = (
        Value("packings", float(packings)),
        Value("active_particles", float(_count(points[0].state, "active")), method="in a packing"),
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
            assert found is not None
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
    over the resistance at high frequency. Beside them what the ``cell`` was made of:
    ``charge_transfer_resistance_of_cell``, ``ionic_resistance_of_cathode`` (thickness over
    conductivity) and ``ionic_part_of_reading``, the part of the reading that is not charge
    transfer: a third of the ionic resistance where that is small.
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
        values = [
            Value("charge_transfer_resistance", read * geometric, "ohm m2", area="geometric"),
            Value("apparent_conductivity", cell.electrolyte.thickness / (high * geometric), "S/m"),
            Value("ionic_part_of_reading", 100 * (1 - own / (read * geometric)), "%"),
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
    progress: Progress = SILENT,
) -> Result:
    """What contact is left when active particles shrink by ``strain`` and come back.

    At constant pressure and at constant gap of the platens (:func:`solith.compaction.breathe`):
    ``contact_kept_...`` in the last of ``cycles``, charged (shrunk) and discharged (back): the area
    of contacts between active and electrolyte particles over that before; and what the body
    exerts on the platens at constant gap, ``pressure_charged`` and ``pressure_discharged`` [MPa].
    """
    from solith.compaction import breathe, press

    size = to_si(strain, "")
    state = press(
        mixture, [pressure], seed=seed, particles=particles, progress=progress.part(0.0, 0.3)
    )[0]
    before, active = _contact_area(state), _count(state, "active")
    strains = [-size, 0.0] * cycles
    values, rows = [], {}
    for place, hold in enumerate(("pressure", "gap")):
        part = progress.part(0.3 + 0.35 * place, 0.65 + 0.35 * place)
        states = breathe(state, strains, hold=hold, progress=part)
        kept = [_contact_area(one) / before for one in states]
        rows[hold] = {
            "strain": strains,
            "contact_kept": kept,
            "pressure": [one.pressure for one in states],
            "porosity": [one.porosity for one in states],
        }
        values += [
            Value(f"contact_kept_at_constant_{hold}_charged", kept[-2]),
            Value(f"contact_kept_at_constant_{hold}", kept[-1]),
        ]
        if hold == "gap":
            values += [
                Value("pressure_charged", states[-2].pressure / 1e6, "MPa"),
                Value("pressure_discharged", states[-1].pressure / 1e6, "MPa"),
            ]
    name = f"breathing by {size:.3g} of the volume, {cycles} times"
    return Result(name, tuple(values), {"breathing": rows, "active_particles": active})


def pressed_volume(packed: Mapping[str, Any]) -> Volume:
    """A volume of ``details["voxels"]`` of :func:`press_electrode`."""
    raw = zlib.decompress(base64.b64decode(packed["labels"]))
    labels = np.frombuffer(raw, np.uint8).reshape(packed["shape"])
    return Volume(labels, packed["phases"], tuple(packed["voxel_size"]))


def _shown(point: PressedPoint) -> dict[str, Any]:
    return {
        "pressure": point.pressure,
        "voxels": _packed(point.state.volume(_SHOWN_VOXEL)),
        "rose": point.result.details["rose"],
    }


def _packed(volume: Volume) -> dict[str, Any]:
    labels = np.ascontiguousarray(volume.labels, np.uint8)
    return {
        "labels": base64.b64encode(zlib.compress(labels.tobytes(), 9)).decode("ascii"),
        "shape": list(labels.shape),
        "phases": dict(volume.phases),
        "voxel_size": list(volume.voxel_size),
    }


def _row(point: PressedPoint, layer: PressedPoint, own: float, layer_mass: float) -> dict[str, Any]:
    """Values of a pressure by name, each with its unit; lengths of a whole cell included."""
    row: dict[str, Any] = {"pressure": [point.pressure, "Pa"]}
    for name, measured in _OF_COMPOSITE.items():
        known = point.result[measured] if measured in point.result else point.result["porosity"]
        row[name] = [known.value, known.unit]
    of_composite = point.result["effective_conductivity"].value
    of_layer = layer.result["effective_conductivity"].value
    density = layer.state.mixture.density * (1 - layer.state.porosity)
    row["grain_conductivity"] = [own, "S/m"]
    row["ionic_conductivity"] = [None if of_composite is None else of_composite * own, "S/m"]
    row["layer_conductivity"] = [None if of_layer is None else of_layer * own, "S/m"]
    row["layer_thickness"] = [layer_mass / density, "m"]
    row["porosity_electrolyte_layer"] = [layer.state.porosity, ""]
    row["contact_fraction_of_particles"] = [_contact_share(point.state), ""]
    row["particles_cut_off"] = [_cut_off(point.state), ""]
    return row


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


def _named(state: PressedState, phase: str) -> str:
    return next(powder.name for powder in state.mixture.powders if powder.phase == phase)


def _are(state: PressedState, phase: str) -> Any:
    phases = np.array([powder.phase for powder in state.mixture.powders])
    return phases[state.kinds] == phase


def _count(state: PressedState, phase: str) -> int:
    return int(np.count_nonzero(_are(state, phase)))


def _contact_area(state: PressedState) -> float:
    return state.contacts.area(_named(state, "active"), _named(state, "electrolyte"))


def _contact_share(state: PressedState) -> float:
    surface = 4 * np.pi * float(np.sum(state.radii[_are(state, "active")] ** 2))
    return _contact_area(state) / surface


def _cut_off(state: PressedState) -> float:
    """Part of the active volume in particles that touch no electrolyte particle."""
    active, soft = _are(state, "active"), _are(state, "electrolyte")
    pairs = state.contacts.pairs
    reached = np.zeros(len(state.radii), bool)
    for one, other in ((0, 1), (1, 0)):
        mine = active[pairs[:, one]] & soft[pairs[:, other]]
        reached[pairs[mine, one]] = True
    volumes = state.radii**3
    return float(volumes[active & ~reached].sum() / volumes[active].sum())
