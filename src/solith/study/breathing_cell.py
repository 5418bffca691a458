"""A cell whose particles breathe: its capacity at constant pressure and at constant gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.core.errors import InputError
from solith.core.progress import SILENT, Progress
from solith.core.quantities import to_si
from solith.core.result import LOWER_BOUND, UPPER_BOUND, Result, Value
from solith.study._pressed_rows import grain_conductivity
from solith.study.stack_pressure import pressed_cell

if TYPE_CHECKING:
    from solith.cell import Cell

__all__ = ["cycle_breathing", "find_fixture_swing", "find_holding_pressure"]

HOLDS = ("pressure", "gap")
_SAME = 1e-6
_SETTLE = "rest for 1 min"
"""Begins a protocol, so that a charge whose cut-off is passed at once is a charge of nothing."""
_STIFF = "the body's thickness does not follow its particles"


def cycle_breathing(
    cell: Cell,
    structures: Sequence[Result],
    breathings: Sequence[Result],
    rates: Sequence[str],
    upper: str,
    lower: str,
    *,
    conductivity: Any,
    grain_size: Any,
    hardness: Any,
    spot_radius: Any,
    layer_thickness: Any = None,
    share: Any = 0.98,
    progress: Progress = SILENT,
) -> Result:
    """Capacity of a ``cell`` whose pressure is held, or whose gap is, and what pressure holds it.

    ``structures`` (:func:`~solith.study.stack_pressure.join_pressed`) and ``breathings``
    (:func:`~solith.study.stack_pressure.breathe_pressed`) are of the same pressures. A charge to
    ``upper`` ends with the pressure and the particles' contact of the charged state, a discharge to
    ``lower`` with those of the discharged one: each half of the cycle is simulated with its own,
    since a capacity is set where the potential meets its limit. They reach the cell by its
    ``pressure_contact``, and by the contacts between grains of electrolyte (as
    :func:`~solith.study.stack_pressure.press_electrode`, with the same ``conductivity``,
    ``grain_size``, ``hardness`` and ``spot_radius``); fractions and paths stay as pressed. The
    layer is as thick as pressed, or ``layer_thickness``. A body that has let go of its platens, and
    a half cycle whose limit is passed at once, give no capacity.

    For each of ``rates`` ("0.01 C" is written 0.01C) and each pressure P in MPa:

    * ``capacity_at_constant_pressure_0.01C[P]`` and ``..._gap_...`` [mAh/g of active material];
    * ``capacity_kept_at_constant_gap_0.01C[P]``: over that at constant pressure;
    * ``holding_pressure_at_constant_pressure_0.01C`` and ``..._gap_...`` [MPa]
      (:func:`find_holding_pressure`): what holds ``share`` of the capacity at the highest
      pressure, held constant;
    * ``halving_stiffness[P]`` [MPa/um]: the stiffness of a fixture that halves the pressure swing
      of a constant gap (:func:`find_fixture_swing`).

    Uncertainties are standard deviations over the packings that breathed alone: what structures
    scatter by is not in them, and a holding pressure at constant pressure has none.

    Raises :class:`InputError` for structures and breathings that are not of the same two or more
    pressures, no rate or one that gives no capacity at the highest pressure, a ``share`` that is
    not above 0 and up to 1, and a cell without ``pressure_contact`` or with breathing of its own.
    """
    pairs = _paired(structures, breathings)
    if isinstance(rates, str) or not rates:
        raise InputError("give at least one rate, such as ['0.01 C']", where="rates")
    if cell.cathode.pressure_contact is None:
        raise InputError("is missing; pressure reaches the cell by it", where="pressure_contact")
    if cell.cathode.breathing is not None:
        raise InputError("leave it out: contact is that of the packings", where="breathing")
    wanted = _part(share)
    grains = {
        "conductivity": conductivity,
        "grain_size": grain_size,
        "hardness": hardness,
        "spot_radius": spot_radius,
    }
    pressures = [float(structure.details["pressure"]) for structure, _ in pairs]
    values: list[Value] = []
    rows = []
    runs = [(rate, hold) for rate in rates for hold in HOLDS]
    found: dict[tuple[str, str], list[list[float]]] = {run: [] for run in runs}
    for number, (structure, breathing) in enumerate(pairs):
        made = pressed_cell(cell, structure)
        if layer_thickness is not None:
            made = made.replace(electrolyte=made.electrolyte.replace(thickness=layer_thickness))
        for place, (rate, hold) in enumerate(runs):
            done = (number + place / len(runs)) / len(pairs)
            progress.report(done, f"{structure.name}, constant {hold}, {rate}")
            steps = (f"charge at {rate} until {upper}", f"discharge at {rate} until {lower}")
            found[rate, hold].append([
                _capacity(made, one[hold], grains, steps)
                for one in breathing.details["packings_breathing"]
            ])  # fmt: skip
        values.append(_halving(breathing, made.cathode.depth, pressures[number]))
    for rate in rates:
        held, gap = (np.array(found[rate, hold]) for hold in HOLDS)
        if not np.all(held[-1] > 0):
            raise InputError(
                f"{rate} gives no capacity even at the highest pressure; take a lower one",
                where="rates",
            )
        short = rate.replace(" ", "")
        for number, pressure in enumerate(pressures):
            label = f"{short}[{pressure / 1e6:.6g}]"
            kept = np.divide(gap[number], held[number], where=held[number] > 0,
                             out=np.full(gap.shape[1], np.nan))  # fmt: skip
            values += [
                _over_packings(f"capacity_at_constant_pressure_{label}", held[number], "mAh/g"),
                _over_packings(f"capacity_at_constant_gap_{label}", gap[number], "mAh/g"),
                _over_packings(f"capacity_kept_at_constant_gap_{label}", kept),
            ]
        for hold, capacities in zip(HOLDS, (held, gap), strict=True):
            name = f"holding_pressure_at_constant_{hold}_{short}"
            holding = _holding(name, pressures, capacities, held[-1], wanted)
            # Packings that breathe do not scatter the pressure where that is held.
            values.append(holding if hold == "gap" else replace(holding, uncertainty=None))
            rows.append({
                "rate": rate, "hold": hold, "share": wanted, "pressure": pressures,
                "kept": [_over_packings("", row / held[-1]).value for row in capacities],
                "spread": [_over_packings("", row / held[-1]).uncertainty for row in capacities],
            })  # fmt: skip
    progress.report(1.0)
    return Result("capacity while particles breathe", tuple(values), {"held_capacity": rows})


def find_holding_pressure(
    pressures: Sequence[Any],
    capacities: Sequence[float],
    *,
    share: Any = 0.98,
    reference: float | None = None,
) -> Value:
    """The least pressure [Pa] from which on a capacity keeps a ``share`` of a ``reference``.

    ``capacities`` at ``pressures`` [Pa, or with unit], in any unit; the ``reference`` is that at
    the highest pressure unless given. Between two pressures capacity is taken as linear in the
    logarithm of pressure. Where the lowest pressure holds already, the value is that one, flagged
    an upper bound; where the highest does not, a lower bound. :class:`InputError` for fewer than
    two pressures, or any that is twice or not above 0, and a share that is not above 0 up to 1.
    """
    loads = np.array([to_si(pressure, "Pa") for pressure in pressures], float)
    known = np.array(capacities, float)
    if loads.shape != known.shape or loads.size < 2:
        raise InputError(
            f"{loads.size} pressures and {known.size} capacities; give one for each, two at least",
            where="capacities",
        )
    order = np.argsort(loads)
    loads, known = loads[order], known[order]
    if not (loads[0] > 0 and np.all(np.diff(loads) > 0)):
        raise InputError("must be above 0, each given once", where="pressures")
    least = _part(share) * (known[-1] if reference is None else reference)
    short = np.flatnonzero(~(known >= least))
    if short.size == 0:
        told = f"{UPPER_BOUND}: the lowest pressure, {loads[0] / 1e6:.4g} MPa, holds it already"
        return Value("holding_pressure", float(loads[0]), "Pa", flags=(told,))
    last = int(short[-1])
    if last == loads.size - 1:
        told = f"{LOWER_BOUND}: the highest pressure, {loads[-1] / 1e6:.4g} MPa, does not hold it"
        return Value("holding_pressure", float(loads[-1]), "Pa", flags=(told,))
    between = (least - known[last]) / (known[last + 1] - known[last])
    found = loads[last] * (loads[last + 1] / loads[last]) ** between
    return Value("holding_pressure", float(found), "Pa")


def find_fixture_swing(breathing: Result, thickness: Any, stiffness: Any) -> Value:
    r"""Pressure [Pa], discharged minus charged, on a fixture that gives way like a spring.

    .. math:: \Delta p = \frac{\Delta h}{1/K + 1/k}, \qquad K = \frac{\Delta p_{gap}}{\Delta h}

    of an electrode of ``thickness`` [m] in a fixture of ``stiffness`` k [Pa/m, or such as
    "1 MPa/um"]: spring and body in series (derived here, linear). :math:`\Delta p_{gap}` at a
    constant gap and :math:`\Delta h`, the change of thickness at constant pressure, are those of
    ``breathing`` (:func:`~solith.study.stack_pressure.breathe_pressed`). Separator and anode are
    springs too, in series with the fixture's: :math:`1/k` adds up; a volume change of the anode is
    left out.
    """
    spring = to_si(stiffness, "Pa/m")
    if not spring > 0:
        raise InputError(f"{stiffness!r} is not above 0", where="stiffness")
    swing = _known(breathing, "pressure_swing") * 1e6
    own = _own_stiffness(breathing, to_si(thickness, "m"))
    spread = breathing["pressure_swing"].uncertainty
    share = spring / (spring + own)
    return Value(
        "pressure_swing", swing * share, "Pa", None if spread is None else spread * 1e6 * share
    )


def _paired(
    structures: Sequence[Result], breathings: Sequence[Result]
) -> list[tuple[Result, Result]]:
    """By pressure, rising."""
    for name, results, key in (
        ("structures", structures, "pressure"),
        ("breathings", breathings, "held"),
    ):
        for place, result in enumerate(results, start=1):
            if key not in result.details:
                raise InputError(f"{result.name} is not of a pressure", where=f"{name}.{place}")
    own = sorted(structures, key=lambda one: float(one.details["pressure"]))
    others = sorted(breathings, key=lambda one: float(one.details["held"]))
    loads = [float(one.details["pressure"]) for one in own]
    held = [float(one.details["held"]) for one in others]
    if len(loads) < 2 or len(loads) != len(held) or not np.allclose(loads, held, rtol=_SAME):
        raise InputError(
            f"structures at {_listed(loads)} MPa, breathing at {_listed(held)} MPa; give both for "
            "the same pressures, two at least",
            where="breathings",
        )
    return list(zip(own, others, strict=True))


def _capacity(
    cell: Cell, states: dict[str, list[float]], grains: dict[str, Any], steps: Sequence[str]
) -> float:
    """Of the last discharge [mAh/g]."""
    from solith.analysis import analyse_cycling
    from solith.cell import Cycling, cell_after, simulate

    pressures, contact = states["pressure"][-2:], states["contact_kept"][-2:]
    if not min(pressures) > 0:
        return 0.0
    now, found = cell, None
    for step, pressure, kept in zip(steps, pressures, contact, strict=True):
        now = _loaded(now, cell, pressure, kept, grains)
        record = simulate(now, Cycling.from_mapping({"steps": [_SETTLE, step]}), losses=False)
        now = cell_after(now, record)
        found = analyse_cycling(record)["discharge_capacity"].value
    return 0.0 if found is None else float(found)


def _loaded(now: Cell, pressed: Cell, pressure: float, kept: float, grains: dict[str, Any]) -> Cell:
    """A cell as it is ``now``, particles and grains of the ``pressed`` one under a pressure."""
    assert pressed.pressure is not None
    change = grain_conductivity(pressure, **grains) / grain_conductivity(pressed.pressure, **grains)
    composite, layer = pressed.cathode.composite, pressed.electrolyte
    assert composite.ionic_conductivity is not None
    assert layer.conductivity is not None
    in_cathode = now.cathode.composite.replace(
        contact_fraction=min(1.0, kept * composite.contact_fraction),
        ionic_conductivity=change * composite.ionic_conductivity,
    )
    in_layer = now.electrolyte.replace(conductivity=change * layer.conductivity)
    return now.with_composite(in_cathode).replace(electrolyte=in_layer, pressure=pressure)


def _holding(
    name: str, pressures: list[float], capacities: Any, references: Any, share: float
) -> Value:
    """Of the mean; the spread over packings where all of them lie within the range."""
    mean = find_holding_pressure(
        pressures, capacities.mean(axis=1), share=share, reference=float(references.mean())
    )
    each = [
        find_holding_pressure(pressures, own, share=share, reference=float(reference))
        for own, reference in zip(capacities.T, references, strict=True)
    ]
    spread = None
    if len(each) > 1 and not any(one.flags for one in (mean, *each)):
        spread = float(np.std([one.value for one in each if one.value is not None], ddof=1)) / 1e6
    assert mean.value is not None
    return Value(name, mean.value / 1e6, "MPa", spread, flags=mean.flags)


def _halving(breathing: Result, thickness: float, pressure: float) -> Value:
    name = f"halving_stiffness[{pressure / 1e6:.6g}]"
    if not _known(breathing, "thickness_change") > 0:
        return Value(name, None, "MPa/um", flags=(_STIFF,))
    own = _own_stiffness(breathing, thickness) * 1e-12
    doubts = [
        one.uncertainty / one.value
        for one in (breathing["pressure_swing"], breathing["thickness_change"])
        if one.uncertainty is not None and one.value
    ]
    spread = own * float(np.linalg.norm(doubts)) if doubts else None
    return Value(name, own, "MPa/um", spread)


def _own_stiffness(breathing: Result, thickness: float) -> float:
    """Of the breathing body [Pa/m]: what fixes the gap over what it gives way to."""
    change = _known(breathing, "thickness_change") * thickness
    if not change > 0:
        raise InputError(f"{breathing.name}: {_STIFF}", where="breathing")
    return _known(breathing, "pressure_swing") * 1e6 / change


def _known(result: Result, name: str) -> float:
    number = result[name].value
    if number is None:
        raise InputError(f"{result.name} has no {name}")
    return float(number)


def _over_packings(name: str, numbers: Any, unit: str = "") -> Value:
    known = np.asarray(numbers, float)
    if not np.all(np.isfinite(known)):
        return Value(name, None, unit, flags=("there is no capacity at constant pressure",))
    spread = float(np.std(known, ddof=1)) if known.size > 1 else None
    return Value(name, float(known.mean()), unit, spread)


def _part(share: Any) -> float:
    wanted = to_si(share, "")
    if not 0 < wanted <= 1:
        raise InputError(f"{share!r} is not above 0 and up to 1", where="share")
    return wanted


def _listed(loads: list[float]) -> str:
    return ", ".join(f"{load / 1e6:.6g}" for load in loads) or "no"
