"""From a volume to the numbers of a composite electrode: segment, measure, solve."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from solith.core.composite import Composite
from solith.core.errors import InputError
from solith.core.progress import SILENT, Progress
from solith.core.result import Result, Value
from solith.core.volume import AXES, GreyVolume, Volume
from solith.study._structure_composite import make_composite
from solith.study._structure_input import name_phases
from solith.study._structure_plan import Measure, Plan, make_plan
from solith.study._structure_steps import CurrentMap, measure_phases

__all__ = ["MeasuredStructure", "measure_structure"]


@dataclass(frozen=True, eq=False, repr=False)
class MeasuredStructure:
    """What a volume told: values by phase, whole results by name, and a composite.

    ``measures`` have a phase, another phase that it touches (or ""), and a value; ``results`` the
    details behind them (histograms, roses, profiles). ``composite`` is what a cell takes, or
    ``None``, and ``no_composite`` says why. ``segmentation`` has the thresholds of a grey volume,
    ``current`` a map of the current density, ``conduction`` the whole solution if it was kept.
    """

    name: str
    volume: Volume
    axis: str
    roles: Mapping[str, str]
    measures: tuple[Measure, ...]
    results: Mapping[str, Result]
    composite: Composite | None
    no_composite: str = ""
    notes: tuple[str, ...] = ()
    grey: GreyVolume | None = None
    segmentation: Result | None = None
    current: CurrentMap | None = field(default=None, repr=False)
    conduction: Any = field(default=None, repr=False)

    @property
    def present(self) -> tuple[str, ...]:
        """The phases that the volume has a voxel of."""
        return tuple(
            one.phase
            for one in self.measures
            if one.value.quantity == "fraction" and one.value.value
        )

    def value(self, quantity: str, phase: str, other: str = "") -> Value:
        """The value of a phase; :class:`InputError` where there is none."""
        for one in self.measures:
            if (one.value.quantity, one.phase, one.other) == (quantity, phase, other):
                return one.value
        others = [one.other for one in self.measures if one.value.quantity == quantity]
        if not other and any(others):
            raise InputError(
                f"{quantity} of {phase} is that with another phase: say with which, "
                f"{', '.join(dict.fromkeys(filter(None, others)))}"
            )
        told = f" with {other}" if other else ""
        raise InputError(f"there is no {quantity} of {phase}{told}")

    def rows(self) -> list[dict[str, Any]]:
        """One row of plain data a value; what is not finite is ``None``."""
        return [
            {
                "phase": one.phase,
                "other": one.other,
                "quantity": one.value.quantity,
                "value": _finite(one.value.value),
                "unit": one.value.unit,
                "uncertainty": _finite(one.value.uncertainty),
                "area": one.value.area,
                "method": one.value.method,
                "flags": list(one.value.flags),
            }
            for one in self.measures
        ]

    @property
    def result(self) -> Result:
        """All values under one name each: the composite's own, then ``fraction_active``, ..."""
        values = []
        if self.composite is not None:
            given = self.composite.to_mapping()
            for name in given:
                number = getattr(self.composite, name)
                if isinstance(number, float):
                    source = self.composite.sources.get(name, "")
                    values.append(Value(name, number, _UNITS.get(name, ""), source=source))
        for one in self.measures:
            name = "_".join(filter(None, (one.value.quantity, one.phase, one.other)))
            values.append(replace(one.value, quantity=name.replace(" + ", "_")))
        return Result(
            f"structure of {self.name}",
            tuple(values),
            {"axis": self.axis, "roles": dict(self.roles), "notes": list(self.notes)},
        )

    def __repr__(self) -> str:
        return str(self.result)

    def _repr_html_(self) -> str:
        return self.result._repr_html_()


_UNITS = {
    "particle_radius": "m",
    "surface_area": "1/m",
    "ionic_conductivity": "S/m",
    "electronic_conductivity": "S/m",
}


def measure_structure(
    volume: Volume | GreyVolume,
    phases: Mapping[str, int] | Sequence[str] | str | None = None,
    *,
    roles: Mapping[str, str] | None = None,
    conductivities: Mapping[str, Any] | None = None,
    axis: str | int = "z",
    thresholds: Sequence[float] | None = None,
    greys: Sequence[float] | None = None,
    particles: bool = True,
    fast: bool = False,
    fields: bool = False,
    name: str = "the volume",
    progress: Progress = SILENT,
) -> MeasuredStructure:
    """Segment a volume if it is grey, measure its phases, solve for current, make a composite.

    ``phases`` name a grey volume's phases dark to bright, or a volume's labels, as a list, a table
    or one text ("void, active", "void=0, active=2"). ``roles`` tell which phase is ``active``,
    ``electrolyte``, ``void`` and ``carbon``, where their names do not. ``conductivities`` of phases
    [S/m or text with unit] are solved for: ions through the electrolyte, electrons through active
    material and carbon together; the electrolyte is solved for in any case, with 1 S/m, for its
    tortuosity. ``thresholds`` and the phases' ``greys`` are as in
    :func:`solith.structure.segment_phases`. ``particles=False`` leaves out what regards single
    particles, ``fields`` keeps the potential and the current.

    Values of a grey volume have the uncertainty of its segmentation, as
    :func:`solith.structure.measure_with_thresholds` finds it, on a block of at most two million
    voxels in the middle; ``fast`` leaves that out.

    A volume one voxel deep is measured as the section it is, with a note, and gives no composite.

    :class:`InputError` for a grey volume without names, thresholds or greys for one of labels,
    roles or conductivities of phases that are not there, and what the measures themselves refuse.
    """
    given, names = name_phases(volume, phases)
    if isinstance(given, Volume):
        for what, values in (("thresholds", thresholds), ("greys", greys)):
            if values is not None:
                raise InputError(
                    "the volume holds labels, which are not segmented: leave it out", where=what
                )
        plan = make_plan(given, roles, conductivities, axis, particles=particles)
        found = measure_phases(given, plan, progress, fields=fields)
        return _measured(name, given, plan, found.measures, found)
    from solith.structure import segment_phases
    from solith.study._structure_doubt import doubt_block, measure_doubts, with_doubts

    if names is None:
        raise InputError("a grey volume's phases have names, dark to bright", where="phases")
    make_plan(_blank(given, names), roles, conductivities, axis, particles=particles)
    segmentation = segment_phases(
        given, names, thresholds=thresholds, greys=greys, progress=progress.part(0.0, 0.3)
    )
    plan = make_plan(segmentation.volume, roles, conductivities, axis, particles=particles)
    labels, told = segmentation.volume, segmentation.result()
    notes = segmentation.flags
    block = None
    if not fast:
        box = doubt_block(labels.shape, plan.axis)
        block = segmentation.part(box)
        if block.volume.shape != labels.shape:
            sides = " x ".join(map(str, block.volume.shape))
            notes += (f"uncertainties were found on a block of {sides} voxels in the middle",)
    del segmentation
    stop = 0.6 if block else 1.0
    found = measure_phases(labels, plan, progress.part(0.3, stop), fields=fields)
    measures = found.measures
    if block is not None:
        known = measures if block.volume.shape == labels.shape else None
        doubts = measure_doubts(block, plan, known, progress.part(stop, 1.0))
        measures = with_doubts(measures, doubts)
    progress.report(1.0)
    measured = _measured(name, labels, plan, measures, found)
    return replace(measured, notes=notes + measured.notes, grey=given, segmentation=told)


def _measured(
    name: str, volume: Volume, plan: Plan, measures: tuple[Measure, ...], found: Any
) -> MeasuredStructure:
    composite, why = make_composite(measures, plan, name)
    return MeasuredStructure(
        name,
        volume,
        AXES[plan.axis],
        plan.roles,
        measures,
        found.results,
        composite,
        why,
        ((plan.section,) if plan.section else ()) + found.notes,
        current=found.current,
        conduction=found.conduction,
    )


def _blank(grey: GreyVolume, names: Sequence[str]) -> Volume:
    """A volume with the phases' names, by which roles are checked before the work begins."""
    import numpy as np

    return Volume(np.zeros((1, 1, 1), np.uint8), names, grey.voxel_size)


def _finite(number: float | None) -> float | None:
    return None if number is None or not math.isfinite(number) else number
