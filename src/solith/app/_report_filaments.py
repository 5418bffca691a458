"""Figures of filaments in a study's report: triggering, switching, critical currents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from solith.app._report_cases import Case
from solith.app._report_page import Panel
from solith.core.record import Record
from solith.core.result import Result
from solith.figures import (
    plot_critical_current,
    plot_current_limits,
    plot_current_voltage,
    plot_electrode_sizes,
    plot_triggering,
)

__all__ = ["find_filament_panels", "is_stepped_test", "is_switching"]

_STARTS, _SWITCHES, _BEARS = "When a filament starts", "Switching", "Critical current density"
_SHOWN = 3  # cycles of a sweep that are drawn
_LIMIT = "critical_current_density"


def is_stepped_test(case: Case) -> bool:
    """Whether a case is a lithium symmetric cell under steps of rising current."""
    return case.result is not None and "bracket" in case.result.details


def is_switching(case: Case) -> bool:
    """Whether a case is a device on a known contact, swept through cycles."""
    return (
        case.record is not None
        and case.record.kind == "current-voltage"
        and "contact_area_m2" in case.record.data.attrs
        and case.result is not None
        and bool(case.result.details.get("cycles"))
    )


def find_filament_panels(
    cases: list[Case], published: Mapping[tuple[str, str], float]
) -> list[Panel]:
    """The figures; ``published`` numbers by sample and quantity stand beside computed ones."""
    return [*_triggering(cases), *_switching(cases, published), *_currents(cases, published)]


def _triggering(cases: list[Case]) -> list[Panel]:
    return [
        Panel(
            _STARTS,
            "Triggering biases by place",
            "Part of the places that have triggered up to a bias; steps by Kaplan and Meier, "
            "crosses are places that did not trigger up to the instrument's limit.",
            plot_triggering(case.result),
        )
        for case in cases
        if case.result is not None and case.result.details.get("places")
    ]


def _switching(cases: list[Case], published: Mapping[tuple[str, str], float]) -> list[Panel]:
    swept: dict[str, tuple[Record, Result]] = {}
    areas = set()  # of variants on one electrode the first is drawn
    for case in cases:
        if is_switching(case) and case.record is not None and case.result is not None:
            area = float(case.record.data.attrs["contact_area_m2"])
            if area not in areas:
                areas.add(area)
                swept[case.sample] = (case.record, case.result)
    if not swept:
        return []
    records = {name: record for name, (record, _) in swept.items()}
    by_size = sorted(records, key=lambda name: float(records[name].data.attrs["contact_area_m2"]))
    ends = dict.fromkeys((by_size[0], by_size[-1]))
    panels = [
        Panel(
            _SWITCHES,
            f"Current-voltage cycles of {' and '.join(ends)}",
            f"The first {_SHOWN} cycles; magnitude of the current on a logarithmic scale.",
            plot_current_voltage(
                {name: _first_cycles(records[name]) for name in ends}, logarithmic=True
            ),
        )
    ]
    if len(swept) > 2:
        results = {name: result for name, (_, result) in swept.items()}
        bounds = [
            number
            for (sample, quantity), number in published.items()
            if sample == by_size[-1] and quantity.startswith("on_off_ratio")
        ]
        panels.append(
            Panel(
                _SWITCHES,
                "On/off ratio by the electrode's size",
                "One set of parameters for all electrodes."
                + (f" Dashed: the most that is published of {by_size[-1]}." if bounds else ""),
                plot_electrode_sizes(records, results, bounds[0] if bounds else None),
            )
        )
    return panels


def _first_cycles(record: Record) -> Record:
    if "cycle_count" not in record.data.variables:
        return record
    count = record.array("cycle_count")
    rows = np.flatnonzero(count < np.nanmin(count) + _SHOWN)
    return replace(record, data=record.data.isel(row=rows))


def _currents(cases: list[Case], published: Mapping[tuple[str, str], float]) -> list[Panel]:
    limits = {
        case.sample: case.result
        for case in cases
        if case.result is not None and "area_resistance_ohm_cm2" in case.result.details
    }
    panels = []
    if limits:
        beside = {
            sample: number for (sample, quantity), number in published.items() if quantity == _LIMIT
        }
        panels.append(
            Panel(
                _BEARS,
                "Critical current density by interface",
                "Computed from the interface's resistance; lines span 95 % of the samples, "
                "diamonds are published.",
                plot_current_limits(limits, beside),
            )
        )
    panels += [
        Panel(
            _BEARS,
            f"Stepped test of {case.label}",
            "Voltage and current in time, the step that failed shaded; below, the mean "
            f"polarisation of each step. {_failure(case.result)}",
            plot_critical_current(case.result, case.record),
        )
        for case in cases
        if is_stepped_test(case) and case.record is not None and case.result is not None
    ]
    return panels


def _failure(result: Result) -> str:
    kind = result.details["failure"]
    if kind == "none":
        return "No step failed."
    when = result["time_of_failure"]
    return f"A {kind} at {when.shown} h." if when.value is not None else f"A {kind}."
