"""Calibrations in the report: what was adjusted, to what, and how well it is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from solith.app._report_numbers import show_name
from solith.core.result import Result, Value
from solith.figures import show_number

if TYPE_CHECKING:
    from solith.study import StudyRun

__all__ = ["calibration_tables"]

_STRONG = 0.8  # a correlation worth a word


def calibration_tables(run: StudyRun) -> str:
    """Parameters with their uncertainties, targets and correlations of every calibration."""
    parts = []
    for name, item in run.study.calibrations.items():
        result = run.results.get(item.task)
        if result is not None:
            about = f"<p>{escape(item.about)}</p>" if item.about else ""
            parts.append(f"<h3>{escape(name)}</h3>{about}{_one(result)}")
    if not parts:
        return ""
    said = (
        "<p>Run every time, by weighted least squares; uncertainties are one standard "
        "deviation, from those of the targets. A calibrated number is no prediction.</p>"
    )
    return said + "".join(parts)


def _one(result: Result) -> str:
    details = result.details
    parameters = [value for value in result if value.quantity != "chi_squared"]
    rows = [
        (value.quantity, value.shown, value.unit, "; ".join(_own_flags(value, parameters)))
        for value in parameters
    ]
    common = _common_flags(parameters)
    targets = [
        (
            row.get("sample", ""),
            show_name(row.get("quantity", row["name"])),
            show_number(row["predicted"]),
            f"{show_number(row['target'])} ± {show_number(row['uncertainty'], 2)}",
            row.get("unit", ""),
        )
        for row in details["targets"]
    ]
    return (
        _table(("Parameter", "Value", "Unit", "Flags"), rows)
        + "".join(f"<p>{escape(flag)}</p>" for flag in common)
        + _table(("Sample", "Target", "Reached", "Wanted", "Unit"), targets)
        + _correlations(details, [value.quantity for value in parameters])
    )


def _common_flags(parameters: Sequence[Value]) -> list[str]:
    """Flags that every parameter has, told once."""
    if len(parameters) < 2:
        return []
    first = parameters[0]
    return [flag for flag in first.flags if all(flag in other.flags for other in parameters)]


def _own_flags(value: Value, parameters: Sequence[Value]) -> list[str]:
    common = _common_flags(parameters)
    return [flag for flag in value.flags if flag not in common]


def _correlations(details: Mapping[str, Any], names: Sequence[str]) -> str:
    matrix = details.get("correlation")
    if not matrix:
        return ""
    told = [
        f"{names[i]} and {names[j]} {matrix[i][j]:+.2f}"
        for i in range(len(names))
        for j in range(i)
        if matrix[i][j] is not None and abs(matrix[i][j]) >= _STRONG
    ]
    return f"<p>Correlations: {escape(', '.join(told))}.</p>" if told else ""


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in headings)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
