"""A sample beside published cells: capacity against rate, and what is left against cycles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.given import require_result
from solith.core.result import Result
from solith.figures._style import INK, label, log_axis, looks, new_figure, style_axes

__all__ = ["plot_beside_literature"]

_LEFT, _RIGHT = (0.0, 0.47), (0.57, 1.0)
_GREY, _PALE = "#7d8894", "#b9c1c9"
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
_SAME = 0.05  # part by which two rates may differ
_WHOLE = 100.0
_ROOM = 1.08

Given = Result | Iterable[Result]


def plot_beside_literature(
    samples: Result | Mapping[str, Given],
    beside: Iterable[Mapping[str, Any]],
    *,
    areal: bool = False,
) -> go.Figure:
    """Capacity against rate and retained capacity against cycles, beside published cells.

    ``samples`` is the result of :func:`solith.analysis.find_rate_capability` or
    :func:`solith.analysis.analyse_cycling`, or several by the sample's name, each alone or in a
    list. Capacities are in mAh/g, or with ``areal`` in mAh/cm2 of *geometric* area. On the left
    stands each rate (of cycles, the first at it); on the right the capacity of the cycles at the
    commonest rate over that of the first of them [%]. ``beside`` are rows as
    :meth:`solith.materials.LiteratureCell.beside` gives them: open marks, those of one cell joined;
    crosses where they are recalled. The mouse tells cell, temperature and source.

    Raises :class:`InputError` for results without a capacity at a rate, or with one that is not
    per mass (per area).
    """
    named = _named(samples)
    figure = new_figure()
    cells = list(beside)
    key = "areal" if areal else "capacities"
    for cell in cells:
        _draw_cell(figure, cell, key)
    rates = {rate for cell in cells for rate, _ in cell[key]}
    style = looks(named)
    highest = _WHOLE
    for place, (name, results) in enumerate(named.items()):
        points = _by_rate(results, name, areal)
        rates |= {rate for rate, _ in points}
        lasting = _lasting(results)
        highest = max([highest, *(percent for _, percent in lasting)])
        look = {"line": style[name], "legendgroup": name, "name": label(name)}
        marker = {"size": 9, "symbol": _SYMBOLS[place % len(_SYMBOLS)]}
        figure.add_scatter(
            x=[rate for rate, _ in points],
            y=[capacity for _, capacity in points],
            mode="lines+markers",
            marker=marker,
            hovertemplate=f"<b>{label(name)}</b><br>%{{x:.3g}} C, %{{y:.4g}}<extra></extra>",
            **look,
        )
        figure.add_scatter(
            x=[cycle for cycle, _ in lasting],
            y=[percent for _, percent in lasting],
            mode="lines",
            xaxis="x2",
            yaxis="y2",
            showlegend=False,
            hovertemplate=f"<b>{label(name)}</b><br>%{{x}} cycles, %{{y:.4g}} %<extra></extra>",
            **look,
        )
    _legend(figure, cells)
    _axes(figure, sorted(rates), areal)
    cycles = [count for cell in cells for count, _ in cell["retentions"]]
    cycles += [count for results in named.values() for count, _ in _lasting(results)]
    figure.update_layout(
        xaxis2={"title": {"text": "Cycles"}, "domain": _RIGHT, "anchor": "y2"}
        | (log_axis(cycles) if cycles else {}),
        yaxis2={
            "title": {"text": "Retained capacity (%)"},
            "anchor": "x2",
            "range": [0, _ROOM * highest],
        },
    )
    return figure


def _named(samples: Result | Mapping[str, Given]) -> dict[str, list[Result]]:
    given = samples if isinstance(samples, Mapping) else {"sample": samples}
    named = {}
    for name, results in given.items():
        named[str(name)] = [results] if isinstance(results, Result) else list(results)
        for result in named[str(name)]:
            require_result(result)
    if not named:
        raise InputError("there is no sample to draw beside published cells", where="samples")
    return named


def _by_rate(results: list[Result], name: str, areal: bool) -> list[tuple[float, float]]:
    """The capacity at each rate, the first one that is found, by rising rate."""
    quantity, unit = ("areal_capacity", "mAh/cm2") if areal else ("discharge_capacity", "mAh/g")
    found: dict[float, float] = {}
    for result in results:
        rows = result.details.get("rates") or result.details.get("cycles") or ()
        known = [row for row in rows if row.get("c_rate") and row.get(quantity) is not None]
        if known and result.details["units"].get(quantity) != unit:
            told = result.details["units"].get(quantity)
            raise InputError(
                f"the capacities are in {told}; published ones are in {unit}: give the record its "
                f"{'geometric_area' if areal else 'active_mass'}",
                where=name,
            )
        for row in known:
            if not any(_alike(row["c_rate"], rate) for rate in found):
                found[float(row["c_rate"])] = float(row[quantity])
    if not found:
        lacking = "geometric_area and one_c_current" if areal else "one_c_current"
        raise InputError(
            f"holds no {quantity} at a C rate; expected a result of find_rate_capability or "
            f"analyse_cycling from a record with its {lacking}",
            where=name,
        )
    return sorted(found.items())


def _lasting(results: list[Result]) -> list[tuple[int, float]]:
    """Cycles since the first at the commonest rate, and its capacity relative to that one [%]."""
    for result in results:
        rows = [
            row
            for row in result.details.get("cycles") or ()
            if row.get("c_rate") and row.get("discharge_capacity")
        ]
        if not rows:
            continue
        common, _ = Counter(f"{row['c_rate']:.1g}" for row in rows).most_common(1)[0]
        at = next(row["c_rate"] for row in rows if f"{row['c_rate']:.1g}" == common)
        kept = [row for row in rows if _alike(row["c_rate"], at)]
        first = kept[0]
        return [
            (
                int(row["cycle"] - first["cycle"] + 1),
                _WHOLE * row["discharge_capacity"] / first["discharge_capacity"],
            )
            for row in kept
        ]
    return []


def _alike(one: float, other: float) -> bool:
    return abs(one - other) <= _SAME * max(one, other)


def _draw_cell(figure: go.Figure, cell: Mapping[str, Any], key: str) -> None:
    told = ", ".join(filter(None, (str(cell["name"]), str(cell.get("temperature", "")))))
    hover = (
        f"<b>{label(told)}</b><br>%{{x:.3g}} TIMES, %{{y:.4g}}<br>{cell['source']}<extra></extra>"
    )
    recalled = cell.get("certainty") == "recalled"
    look = {
        "mode": "lines+markers",
        "line": {"color": _PALE, "width": 1},
        "marker": {
            "size": 7,
            "color": _GREY,
            "symbol": "x-thin-open" if recalled else "circle-open",
        },
        "legendgroup": "recalled" if recalled else "read",
        "showlegend": False,
    }
    points = sorted(cell[key])
    figure.add_scatter(
        x=[rate for rate, _ in points],
        y=[capacity for _, capacity in points],
        hovertemplate=hover.replace("TIMES", "C"),
        **look,
    )
    lasting = sorted(cell["retentions"])
    figure.add_scatter(
        x=[cycles for cycles, _ in lasting],
        y=[percent for _, percent in lasting],
        xaxis="x2",
        yaxis="y2",
        hovertemplate=hover.replace("TIMES", "cycles"),
        **look,
    )


def _legend(figure: go.Figure, cells: list[Mapping[str, Any]]) -> None:
    recalled = sum(cell.get("certainty") == "recalled" for cell in cells)
    for group, number, symbol in (
        ("read", len(cells) - recalled, "circle-open"),
        ("recalled", recalled, "x-thin-open"),
    ):
        if number:
            figure.add_scatter(
                x=[None],
                y=[None],
                mode="markers",
                marker={"size": 7, "color": _GREY, "symbol": symbol},
                name=f"{number} published cells" + (", recalled" if group == "recalled" else ""),
                legendgroup=group,
                hoverinfo="skip",
            )


def _axes(figure: go.Figure, rates: list[float], areal: bool) -> None:
    what = "Areal capacity (mAh/cm², geometric)" if areal else "Discharge capacity (mAh/g)"
    style_axes(figure, "Discharge rate (C)", what)
    figure.update_xaxes(domain=_LEFT, **log_axis(rates))
    figure.update_yaxes(rangemode="tozero", linecolor=INK)
