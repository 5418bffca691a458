"""Which figures a report shows, and what stands under each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from solith.app._report_cases import Case, split_by_rate
from solith.app._report_ceramics import find_ceramic_panels
from solith.app._report_filaments import find_filament_panels, is_stepped_test, is_switching
from solith.app._report_interphase import find_interphase_panels, is_shown_with_spectra
from solith.app._report_page import Panel
from solith.app._report_pressure import find_pressure_panels
from solith.app._report_stacks import find_stack_panels
from solith.core.cycles import cycles_by_rate
from solith.core.errors import InputError
from solith.core.record import Record
from solith.core.result import Result
from solith.figures import (
    discharge_rates,
    first_cycle,
    plot_charge_discharge,
    plot_current_voltage,
    plot_cycle_life,
    plot_impedance,
    plot_loss_bars,
    plot_losses,
    plot_rate,
    plot_spectrum,
    show_number,
)

__all__ = ["find_panels"]

# A discharge that ends in a rise to more than this many times the usual loss would leave
# no room for the rest of it.
_LEAVES_SCALE = 2.5


def find_panels(
    cases: list[Case], published: Mapping[tuple[str, str], float] | None = None
) -> list[Panel]:
    """The figures for all records and results; what cannot be drawn is left out.

    ``published`` are the numbers that computed ones are compared with, by sample and quantity.
    """
    panels: list[Panel] = find_interphase_panels(cases)
    for collect in (_curves, _rates, _cycle_lives, _impedances, _others, _bars, _budgets):
        panels += collect(cases)
    panels += find_ceramic_panels(cases)
    panels += find_filament_panels(cases, published or {})
    panels += find_pressure_panels(cases, published or {})
    panels += find_stack_panels(cases)
    return panels


def _curves(cases: list[Case]) -> list[Panel]:
    panels = []
    for experiment, group in _by_experiment(_but_stepped_tests(cases), "cycling").items():
        several = any(len(case.rates) > 1 for case in group)
        what = (
            "Voltage of each rate's discharge against capacity"
            if several
            else "Voltage of the first cycle against capacity; charge and discharge both start "
            "at zero"
        )
        panels.append(
            Panel(
                "Charge and discharge",
                f"Charge and discharge {_at(group[0])}".strip(),
                f"{what}{_named(experiment, group[0].condition)}.{_beside(group)}",
                plot_charge_discharge(_records(group)),
            )
        )
    return panels


def _rates(cases: list[Case]) -> list[Panel]:
    samples: dict[str, list[Case]] = {}
    for case in cases:
        if case.rates and case.result is not None and "discharge_capacity" in case.result:
            samples.setdefault(case.label, []).append(case)
    if len({rate for group in samples.values() for case in group for rate in case.rates}) < 2:
        return []
    given = {name: _results_with_rates(group) for name, group in samples.items()}
    caption = "Capacity of every discharge against its rate, on a logarithmic scale."
    return _if_possible("Charge and discharge", "Rate capability", caption, plot_rate, given)


def _results_with_rates(group: list[Case]) -> list[Result] | dict[float, Result]:
    """Results whose cycles know their rate, or else results by the rate of their record."""
    found = [case.result for case in group if case.result is not None]
    if all(cycles_by_rate(result) for result in found):
        return found
    return {case.rates[0]: case.result for case in group if case.result is not None}


def _cycle_lives(cases: list[Case]) -> list[Panel]:
    panels = []
    for experiment, group in _by_experiment(cases, "cycling").items():
        results = {
            case.label: case.result
            for case in group
            if case.result is not None and _has_cycle_life(case.result)
        }
        if results:
            title = f"Cycle life {_at(group[0])}".strip()
            caption = f"Discharge capacity of each cycle{_named(experiment, group[0].condition)}."
            panels += _if_possible("Charge and discharge", title, caption, plot_cycle_life, results)
    return panels


def _has_cycle_life(result: Result) -> bool:
    """Whether rates recur, so that the cycles tell of more than the rate."""
    cycles = result.details.get("cycles", ())
    return len(cycles) > 2 and len(cycles) > len(cycles_by_rate(result))


def _impedances(cases: list[Case]) -> list[Panel]:
    panels = []
    others = [case for case in cases if not is_shown_with_spectra(case, cases)]
    for experiment, group in _by_experiment(others, "impedance").items():
        records = _records(group)
        title = f"Impedance: {experiment}" if experiment.lower() != "impedance" else "Impedance"
        nyquist = (
            f"Nyquist view in ohm of the whole cell, not normalised to an area{_per_area(group)}; "
            f"filled marks stand at the decades of frequency.{_beside(group)}"
        )
        bode = f"Magnitude and phase of the same impedance against frequency.{_beside(group)}"
        draw_bode = partial(plot_impedance, view="bode")
        panels += _if_possible("Impedance", title, nyquist, plot_impedance, records)
        panels += _if_possible("Impedance", f"{title}, Bode view", bode, draw_bode, records)
    return [replace(panel, wide=True) for panel in panels]


def _per_area(group: list[Case]) -> str:
    """What 1 kohm of the cells is on their geometric area, where that is known and the same."""
    areas = {
        case.record.data.attrs.get("geometric_area_m2") for case in group if case.record is not None
    }
    area = areas.pop() if len(areas) == 1 else None
    return "" if area is None else f" (1 kΩ is {show_number(1e7 * float(area), 3)} Ω cm²)"


def _others(cases: list[Case]) -> list[Panel]:
    panels = []
    drawn = (
        ("current-voltage", "Current against voltage", plot_current_voltage),
        ("voltammogram", "Voltammogram", plot_current_voltage),
        ("spectrum", "Spectrum", plot_spectrum),
    )
    for kind, title, draw in drawn:
        others = [case for case in cases if not is_switching(case)]
        for experiment, group in _by_experiment(others, kind).items():
            caption = f"{title} of {len(group)} record{'' if len(group) == 1 else 's'}."
            caption += _beside(group)
            name = f"{title}: {experiment}" if experiment else title
            panels.append(Panel("Further records", name, caption, draw(_records(group))))
    return panels


def _bars(cases: list[Case]) -> list[Panel]:
    results = {
        f"{case.sample}/{case.condition}" if case.condition else case.sample: case.result
        for case in split_by_rate(cases)
        if case.result is not None and _has_losses(case.result)
    }
    if not results:
        return []
    caption = (
        "Which part of the cell costs how much: mean voltage loss of each part over the "
        "discharge, weighted by charge; a part too thin to see has its number in the legend."
    )
    title = "Mean voltage loss by part"
    found = _if_possible("Voltage losses", title, caption, plot_loss_bars, results)
    return [replace(panel, wide=True) for panel in found]


def _budgets(cases: list[Case]) -> list[Panel]:
    panels = []
    for group in _by_experiment(_but_stepped_tests(cases), "cycling").values():
        simulated = [(case, record) for case in group if (record := _with_budget(case)) is not None]
        if not simulated:
            continue
        cycles = [max(discharge_rates(r), default=first_cycle(r)) for _, r in simulated]
        spans = [_loss_span(r, n) for (_, r), n in zip(simulated, cycles, strict=True)]
        usual, peak = (max(values) for values in zip(*spans, strict=True))
        highest = 1.8 * usual if peak > _LEAVES_SCALE * usual else 1.05 * peak
        for (case, record), cycle, (_, own_peak) in zip(simulated, cycles, spans, strict=True):
            rate = discharge_rates(record).get(cycle)
            at = f"at {rate}, cycle {cycle}" if rate else _at(case)
            rise = ""
            if own_peak > highest:
                rise = f"; its steep end, up to {show_number(own_peak, 3)} mV, leaves the scale"
            panels += _if_possible(
                "Voltage losses",
                f"Loss budget of sample {case.sample} {at}".strip(),
                "Open-circuit voltage minus cell voltage along the discharge, divided into its "
                f"parts; same scale for all samples of one experiment{rise}.",
                partial(plot_losses, cycle=cycle, highest=highest or None),
                record,
            )
    return panels


def _but_stepped_tests(cases: list[Case]) -> list[Case]:
    """All but the tests of stepped current, which have no discharge and figures of their own."""
    return [case for case in cases if not is_stepped_test(case)]


def _by_experiment(cases: list[Case], kind: str) -> dict[str, list[Case]]:
    groups: dict[str, list[Case]] = {}
    for case in cases:
        if case.record is not None and case.record.kind == kind:
            groups.setdefault(case.experiment, []).append(case)
    return groups


def _records(group: list[Case]) -> dict[str, Record]:
    """The records by sample, measured ones last: their marks lie on the lines."""
    ordered = sorted(group, key=lambda case: case.measured)
    return {case.label: case.record for case in ordered if case.record is not None}


def _beside(group: list[Case]) -> str:
    """What tells measured from simulated where a figure holds both."""
    if len({case.measured for case in group}) == 1:
        return ""
    return " Lines are simulated, marks measured."


def _has_losses(result: Result) -> bool:
    return any(
        value.quantity.startswith("loss_")
        and value.quantity != "loss_total"
        and value.value is not None
        for value in result
    )


def _with_budget(case: Case) -> Record | None:
    record = case.record
    if record is None or not any(str(name).startswith("loss_") for name in record.data.data_vars):
        return None
    return record


def _loss_span(record: Record, cycle: int) -> tuple[float, float]:
    """The loss [mV] not exceeded over 95 % of a discharge's charge, and the largest."""
    current = record.array("current_ampere")
    rows = current < -1e-6 * np.nanmax(np.abs(current), initial=0.0)
    if "cycle_count" in record.data.variables:
        rows &= record.array("cycle_count") == cycle
    if not rows.any():
        return 0.0, 0.0
    total = np.zeros(len(record))
    for name in record.data.data_vars:
        if str(name).startswith("loss_") and str(name) != "loss_total_volt":
            total += np.maximum(record.array(str(name)), 0)
    total = 1000 * total[rows]
    passed = np.abs(current[rows]) * np.diff(record.array("test_time_second")[rows], prepend=np.nan)
    order = np.argsort(total)
    share = np.cumsum(np.nan_to_num(passed)[order])
    usual = total[order][np.searchsorted(share, 0.95 * share[-1])]
    return float(usual), float(np.nanmax(total))


def _if_possible(
    group: str, title: str, caption: str, draw: Any, given: Mapping[Any, Any] | Record
) -> list[Panel]:
    """A panel, or none where the data do not allow the figure (no discharge, mixed units)."""
    try:
        return [Panel(group, title, caption, draw(given))]
    except InputError:
        return []


def _at(case: Case) -> str:
    if not case.condition:
        return ""
    return f"({case.condition})" if len(case.rates) > 1 else f"at {case.condition}"


def _named(experiment: str, condition: str) -> str:
    return f" (experiment {experiment})" if experiment and experiment not in condition else ""
