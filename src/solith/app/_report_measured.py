"""What was measured beside what is simulated: the values of both analyses, side by side."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from solith.app._report_cases import Case, split_by_rate
from solith.app._report_html import boxed, cell
from solith.app._report_numbers import show_deviation, show_name, show_unit
from solith.app._report_processes import of_other_processes
from solith.core.errors import InputError
from solith.core.result import Result, Value
from solith.figures import show_number

__all__ = ["measured_tables"]

# Of these a part says little: zero is a convention, or the number is a part already.
_BY_DIFFERENCE = ("V", "mV", "%", "degC", "K", "deg")
_FACTOR = 2.0  # from this ratio on it is told as such

_HEADINGS = ("Quantity", "Unit", "Simulated", "Measured", "Simulated to measured")
_SAID = (
    "<p>The analyses of both, side by side. The last column is the simulated value against the "
    "measured one: a difference for potentials and values in %, otherwise a deviation in % or, "
    "from a factor of two on, the ratio. Parts of circuits, peaks and apexes are numbered in each "
    "spectrum by itself: they are set against each other only where both have as many of them, at "
    "frequencies that differ by less than a factor of ten.</p>"
)
# A difference below this part of the value is one of rounding.
_ROUNDING = 1e-9


def measured_tables(cases: list[Case]) -> str:
    """A table for each experiment that has results of a simulation and of a measured file."""
    pairs: dict[str, list[tuple[str, Result, Result]]] = {}
    for experiment, name, simulated, measured in _pairs(split_by_rate(cases)):
        pairs.setdefault(experiment, []).append((name, simulated, measured))
    tables = "".join(
        f"<h3>{escape(experiment)}</h3>" + _table(members) for experiment, members in pairs.items()
    )
    return _SAID + tables if tables else ""


def _pairs(cases: list[Case]) -> Iterator[tuple[str, str, Result, Result]]:
    for case in cases:
        if not case.measured or case.result is None:
            continue
        for other in cases:
            same = (other.sample, other.experiment) == (case.sample, case.experiment)
            if same and not other.measured and other.result is not None and _fit(other, case):
                rate = "" if case.part is None else f", {case.part:g} C"
                yield case.experiment, f"{case.sample}{rate}", other.result, case.result


def _fit(simulated: Case, measured: Case) -> bool:
    """Whether both are about the same C rate, where one of them was divided by rate."""
    return simulated.part == measured.part or None in (simulated.part, measured.part)


def _table(members: list[tuple[str, Result, Result]]) -> str:
    body, rest = [], []
    for name, simulated, measured in members:
        rows = list(_shared(simulated, measured))
        if rows:
            body.append(
                f'<tr class="group"><th colspan="{len(_HEADINGS)}">{escape(name)}</th></tr>'
            )
        apart = of_other_processes(measured, simulated)
        body += [_row(*values, alike=values[1].quantity not in apart) for values in rows]
        shared = {value.quantity for _, value in rows}
        alone = [
            f"{show_name(v.quantity)} = {_told(v)}" for v in measured if v.quantity not in shared
        ]
        if alone:
            rest.append(f"<p>{escape(name)}, measured only: {escape(', '.join(alone))}.</p>")
    return (boxed(_HEADINGS, body, numbers=(2, 3, 4)) if body else "") + "".join(rest)


def _shared(simulated: Result, measured: Result) -> Iterator[tuple[Value, Value]]:
    """The values of each quantity that both have, in the unit and of the area that was measured."""
    for value in measured:
        if value.quantity not in simulated or simulated[value.quantity].area != value.area:
            continue
        try:
            yield simulated[value.quantity].to(value.unit), value
        except InputError:  # capacities with and without a mass
            continue


def _row(simulated: Value, measured: Value, *, alike: bool) -> str:
    flags = "".join(
        f'<span class="flags">{escape(f"{whose}: {flag}")}</span>'
        for whose, value in (("simulated", simulated), ("measured", measured))
        for flag in value.flags
    )
    quantity = f'<td class="quantity">{escape(show_name(measured.quantity))}{flags}</td>'
    against = _against(simulated, measured) if alike else "–"
    numbers = (_number(simulated), _number(measured), against)
    unit = cell("", show_unit(measured.unit, measured.area))
    return f"<tr>{quantity}{unit}{''.join(cell('number', text) for text in numbers)}</tr>"


def _number(value: Value) -> str:
    spread = "" if value.uncertainty is None else f" ± {show_number(value.uncertainty, 2)}"
    return show_number(value.value) + spread


def _told(value: Value) -> str:
    told = f"{_number(value)} {show_unit(value.unit, value.area)}".rstrip()
    return f"{told} ({'; '.join(value.flags)})" if value.flags else told


def _against(simulated: Value, measured: Value) -> str:
    if simulated.value is None or measured.value is None:
        return "–"
    if measured.unit in _BY_DIFFERENCE:
        step = simulated.value - measured.value
        step = 0.0 if abs(step) < _ROUNDING * abs(measured.value) else step
        unit = "points" if measured.unit == "%" else show_unit(measured.unit)
        return f"{'+' if step > 0 else ''}{show_number(step, 3)} {unit}"
    ratio = simulated.value / measured.value if measured.value else 0.0
    if ratio >= _FACTOR or 0 < ratio <= 1 / _FACTOR:
        return f"× {show_number(ratio, 3)}"
    return show_deviation(simulated.value, measured.value, measured.unit)
