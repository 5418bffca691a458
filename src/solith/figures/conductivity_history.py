"""Measured ionic conductivities over the year of their publication."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.figures._style import INK, label, log_axis, looks, new_figure, style_axes
from solith.figures.numbers import show_number

__all__ = ["plot_conductivity_history"]

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star")
_SI_TO_SHOWN = 1e-2  # S/m to S/cm
_FAINT = "#5b6672"
_MOST_FAMILIES = 9
_OTHERS = "others"
_MARGIN = 0.8  # decades above the highest


class Measured(Protocol):
    """What a row must tell: the rows of :func:`solith.materials.find_measurements` do."""

    @property
    def quantity(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def counts(self) -> bool: ...
    @property
    def year(self) -> int | None: ...
    @property
    def material(self) -> str: ...
    @property
    def composition(self) -> str: ...
    @property
    def family(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def doi(self) -> str: ...


def plot_conductivity_history(
    rows: Iterable[Measured],
    *,
    reference: Mapping[str, float] | None = None,
    lowest: float = 1e-7,
) -> go.Figure:
    """Ionic conductivity [S/cm] over the year, a mark a measurement, a colour a family.

    ``rows`` are those of :func:`solith.materials.find_measurements`: drawn are the
    conductivities that come from a source and have a year and a DOI. The grey line is the
    highest value so far. ``reference`` are conductivities [S/m] by name that stand as dashed
    lines, for example that of a liquid electrolyte. Families beyond the nine of most rows
    share one colour. The axis begins at ``lowest`` [S/m]; how many values lie below it is
    written at its foot.

    Raises :class:`InputError` if no row can be drawn, or if ``lowest`` or a reference is not
    above 0.
    """
    drawn = sorted((row for row in rows if _can_be_drawn(row)), key=lambda row: row.year or 0)
    if not drawn:
        raise InputError("no row is an ionic conductivity from a source with a year and a DOI")
    for name, value in {"lowest": lowest, **(reference or {})}.items():
        if not value > 0:
            raise InputError(f"the conductivity is {value:g} S/m; expected above 0", where=name)
    families = _families(drawn)
    style = looks(families)
    figure = new_figure(height=520)
    figure.add_scatter(**_highest_so_far(drawn))
    for place, (family, members) in enumerate(families.items()):
        figure.add_scatter(
            x=[row.year for row in members],
            y=[row.value * _SI_TO_SHOWN for row in members],
            mode="markers",
            name=label(family),
            marker={
                "size": 9,
                "symbol": _SYMBOLS[place % len(_SYMBOLS)] + "-open" * (place >= len(_SYMBOLS)),
                "color": _FAINT if family == _OTHERS else style[family]["color"],
                "opacity": 0.85,
                "line": {"width": 1.4}
                if place >= len(_SYMBOLS)
                else {"width": 0.6, "color": "white"},
            },
            customdata=[[label(row.composition or row.material), row.source] for row in members],
            hovertemplate=(
                "<b>%{customdata[0]}</b>, %{x}<br>%{y:.3g} S/cm<br>%{customdata[1]}<extra></extra>"
            ),
        )
    floor = lowest * _SI_TO_SHOWN
    shown = [row.value * _SI_TO_SHOWN for row in drawn if row.value >= lowest]
    for name, value in (reference or {}).items():
        _add_reference(figure, name, value * _SI_TO_SHOWN)
        shown.append(value * _SI_TO_SHOWN)
    years = [row.year for row in drawn if row.year is not None]
    style_axes(figure, "Year", "Ionic conductivity near room temperature (S/cm)")
    figure.update_xaxes(range=[min(years) - 1.5, max(years) + 1.5], dtick=5, tickformat="d")
    top = math.log10(max([floor, *shown])) + _MARGIN
    figure.update_yaxes(**log_axis([floor, *shown]), range=[math.log10(floor), top])
    if below := sum(row.value < lowest for row in drawn):
        _add_note(
            figure, f"{below} below {show_number(floor, 2)} S/cm not shown", math.log10(floor)
        )
    return figure


def _can_be_drawn(row: Measured) -> bool:
    return (
        row.quantity == "ionic_conductivity"
        and row.counts
        and row.year is not None
        and row.value > 0
        and bool(row.doi)
    )


def _families(rows: list[Measured]) -> dict[str, list[Measured]]:
    """The rows by family, the families of most rows first, the rest as one."""
    found: dict[str, list[Measured]] = {}
    for row in rows:
        found.setdefault(row.family or _OTHERS, []).append(row)
    others = found.pop(_OTHERS, [])
    ranked = sorted(found.items(), key=lambda item: -len(item[1]))
    kept = dict(ranked[:_MOST_FAMILIES])
    for _, members in ranked[_MOST_FAMILIES:]:
        others += members
    return {**kept, _OTHERS: others} if others else kept


def _highest_so_far(rows: list[Measured]) -> dict[str, Any]:
    years: list[int] = []
    values: list[float] = []
    for row in rows:
        if row.year is not None and (not values or row.value * _SI_TO_SHOWN > values[-1]):
            years.append(row.year)
            values.append(row.value * _SI_TO_SHOWN)
    last = rows[-1].year
    if last is not None and years[-1] != last:
        years.append(last)
        values.append(values[-1])
    return {
        "x": years,
        "y": values,
        "mode": "lines",
        "name": "highest so far",
        "line": {"color": "#b8c0c8", "width": 2, "shape": "hv"},
        "hoverinfo": "skip",
    }


def _add_reference(figure: go.Figure, name: str, value: float) -> None:
    figure.add_hline(y=value, line={"color": INK, "width": 1, "dash": "dash"})
    _add_note(figure, f"{label(name)}, {show_number(value, 2)} S/cm", math.log10(value))


def _add_note(figure: go.Figure, text: str, power: float) -> None:
    figure.add_annotation(
        x=0.01,
        xref="paper",
        xanchor="left",
        y=power,  # a position on a logarithmic axis is the power of ten
        yref="y",
        yanchor="bottom",
        showarrow=False,
        text=text,
        font={"size": 12, "color": INK},
    )
