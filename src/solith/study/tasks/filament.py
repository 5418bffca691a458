"""Tasks on filaments: triggering under a contact, the memristor, stepped lithium cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solith.core.errors import InputError
from solith.core.progress import Progress
from solith.core.record import Record
from solith.core.result import Result, Value
from solith.study.tasks._registry import task_kind

__all__: list[str] = []


@task_kind("tip_contact")
def _tip_contact(*, radius: Any, force: Any, modulus: Any, hardness: Any | None = None) -> Result:
    """Hertz contact of a tip; ``tip_contact_area`` [nm2]."""
    from solith.interface import hertz_contact

    return hertz_contact(radius, force, modulus, hardness=hardness).result


@task_kind("trigger")
def _trigger(
    *,
    experiment: Mapping[str, Any],
    places: int = 400,
    on_boundary: bool | None = None,
    seed: int = 0,
) -> Result:
    """``trigger_bias`` [V, of the contact against lithium], the median of many places."""
    from solith.interface import TriggeringExperiment

    made = TriggeringExperiment.from_mapping(experiment)
    found = made.run(places, seed=seed, on_boundary=on_boundary)
    touched = Value("boundaries_touched", made.boundaries_touched)
    biases = {"bias_volt": found.bias.tolist(), "limit_volt": found.limit}
    return Result(
        "triggering", (found.median("trigger_bias"), *found.result.values, touched), biases
    )


@task_kind("triggering_places")
def _triggering_places(*, places: Mapping[str, Result]) -> Result:
    """How triggering biases are distributed at places, each the result of a ``trigger`` task."""
    import numpy as np

    from solith.analysis import compare_triggering
    from solith.interface import TriggerBiases

    groups = {}
    for name, found in places.items():
        if not isinstance(found, Result) or "limit_volt" not in found.details:
            raise InputError("is no result of a task of the kind trigger", where=f"places.{name}")
        bias = np.array(found.details["bias_volt"], dtype=float)
        groups[name] = TriggerBiases(bias, np.zeros(bias.shape, int), found.details["limit_volt"])
    return compare_triggering(groups)


@task_kind("memristor", gives="record")
def _memristor(
    *,
    electrode_radius: Any,
    sweep: Mapping[str, Any] | None = None,
    instrument: Mapping[str, Any] | None = None,
    seed: int = 0,
    sample: str = "",
    progress: Progress,
) -> Record:
    """The current-voltage record of the LLZO memristor under an electrode."""
    from solith.cell import BiasSweep, SourceMeter, llzo_memristor, simulate_memristor

    return simulate_memristor(
        llzo_memristor(electrode_radius),
        BiasSweep.from_mapping(sweep or {}),
        SourceMeter.from_mapping(instrument or {}),
        seed=seed,
        sample=sample,
        progress=progress,
    )


@task_kind("current_limit")
def _current_limit(
    *,
    calibrated_current: Any,
    calibrated_resistance: Any,
    area_resistance: Any,
    calibrated_concentration: Any = 1.0,
    concentration: Any = 1.0,
    modulus: float = 5.0,
) -> Result:
    """Critical current density of an interface, from one that was measured.

    ``calibrated_concentration`` is that of the flux at the measured interface, ``concentration``
    that at the other one.
    """
    from solith.interface import CurrentLimit

    limit = CurrentLimit.calibrated(
        calibrated_current, calibrated_resistance, modulus, calibrated_concentration
    )
    return limit.replace(area_resistance=area_resistance, concentration=concentration).result


@task_kind("stepped_lithium", gives="record")
def _stepped_lithium(
    *,
    area_resistance: Any,
    critical_current_density: Any,
    electrolyte: Mapping[str, Any],
    area: Any = "0.785 cm2",
    start: str = "0.05 mA/cm2",
    step: str = "0.05 mA/cm2",
    highest: str = "3 mA/cm2",
    half_period: str = "30 min",
    temperature: Any = "25 degC",
    sample: str = "",
    progress: Progress,
) -> Record:
    """A lithium symmetric cell by stepped current, shorted by a filament.

    ``area_resistance`` is that of one interface, on the geometric area.
    """
    from solith.cell import SymmetricCell, simulate, stepped_current
    from solith.cell.filament_short import short_by_filament

    cell = SymmetricCell.from_mapping(
        {
            "area": area,
            "temperature": temperature,
            "electrode": {"charge_transfer": {"law": "linear", "area_resistance": area_resistance}},
            "electrolyte": electrolyte,
        }
    )
    if not isinstance(critical_current_density, str):
        raise InputError(
            f"{critical_current_density!r} has no unit; expected as '0.1 mA/cm2'",
            where="critical_current_density",
        )
    protocol = stepped_current(start, step, highest, half_period)
    record = simulate(cell, protocol, sample=sample, progress=progress)
    return short_by_filament(record, critical_current_density)
