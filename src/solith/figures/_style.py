"""The one look of all figures: white, thin axes, ticks inside, colours for every eye."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.given import require_record, require_result
from solith.core.record import Record
from solith.core.result import Result
from solith.figures.numbers import show_number, show_power

__all__ = [
    "INK",
    "Look",
    "label",
    "log_axis",
    "looks",
    "named_records",
    "named_results",
    "new_figure",
    "style_axes",
]

INK = "#1c2733"
_GREY = "#5b6672"
_FONT = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif"

# The colours of Okabe and Ito in an order that sets neighbours apart; yellow is left out
# because a thin yellow line on white is hard to see.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", INK)
_WIDEST, _THINNEST = 3.6, 1.5
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")

_UNIT_OR_RATE = re.compile(
    r"((?:^|[\s/(])[-+]?\d+(?:\.\d+)?\s[A-Za-zµμΩ%°]+[²³\d]*/(?:s|min|h|g|kg|cm|m|mm|K|V|L|mol)"
    r"(?![A-Za-z])|(?:^|/)C/(?=\d))"
)
"""A number with a unit that has a slash ("0.5 mV/s", "1 mA/cm2"), or a rate ("C/20")."""

_FEWEST_POWERS = 3  # of ten on an axis; where there are fewer, ticks stand at 2 and 5 too
_MOST_POWERS = 8  # decades of a long axis that have a label
_LESS_THAN_A_DECADE = 5.0  # of largest over smallest value; below, at every digit

_AXIS: dict[str, Any] = {
    "showline": True,
    "mirror": True,
    "linecolor": INK,
    "linewidth": 1,
    "ticks": "inside",
    "ticklen": 5,
    "tickcolor": INK,
    "tickwidth": 1,
    "tickfont": {"size": 13},
    "title": {"font": {"size": 14}, "standoff": 10},
    "showgrid": False,
    "zeroline": False,
    "automargin": True,
}

Look = dict[str, Any]


def new_figure(
    *, height: int = 440, legend_title: str = "", hovermode: str | bool = "closest"
) -> go.Figure:
    """An empty figure in the shared look, as wide as its container.

    The legend lies above the axes, where its rows may wrap and push the axes down
    without ever meeting a label.
    """
    legend: dict[str, Any] = {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "y": 1.02,
        "yanchor": "bottom",
        "font": {"size": 13},
        "maxheight": 0.6,
        "tracegroupgap": 0,
    }
    if legend_title:
        legend["title"] = {
            "text": legend_title,
            "side": "top",
            "font": {"size": 13, "color": _GREY},
        }
    figure = go.Figure()
    figure.update_layout(
        template={"layout": {"xaxis": _AXIS, "yaxis": _AXIS, "colorway": list(_COLOURS)}},
        font={"family": _FONT, "size": 13, "color": INK},
        paper_bgcolor="white",
        plot_bgcolor="white",
        autosize=True,
        height=height,
        margin={"l": 64, "r": 22, "t": 24, "b": 56},
        legend=legend,
        hovermode=hovermode,
        hoverlabel={"bgcolor": "white", "font": {"size": 13}, "align": "left"},
        showlegend=True,
    )
    return figure


def style_axes(figure: go.Figure, x: str, y: str) -> None:
    """Give both axes their title, which names the unit."""
    figure.update_xaxes(title_text=x)
    figure.update_yaxes(title_text=y)


def log_axis(values: Iterable[float]) -> dict[str, Any]:
    """A logarithmic axis through ``values`` (above 0) whose every label is the full number.

    Over few decades (fewer than three powers of ten) ticks stand at 1, 2 and 5, within about a
    decade at every digit; plotly's own labels would be single digits without their power there,
    and larger than those of other axes at powers of ten.
    """
    listed = list(values)
    low, high = min(listed), max(listed)
    powers_within = math.floor(math.log10(high)) - math.ceil(math.log10(low)) + 1
    if powers_within >= _FEWEST_POWERS:
        step = math.ceil(math.log10(high / low) / _MOST_POWERS)
        first = step * (math.floor(math.log10(low) / step) - 1)
        exponents = range(first, math.ceil(math.log10(high)) + step + 1, step)
        return {
            "type": "log",
            "tickvals": [10.0**exponent for exponent in exponents],
            "ticktext": [show_power(exponent) for exponent in exponents],
        }
    digits = (1, 2, 5) if high > _LESS_THAN_A_DECADE * low else range(1, 10)
    powers = range(math.floor(math.log10(low)) - 1, math.floor(math.log10(high)) + 2)
    ticks = [float(f"{digit}e{power}") for power in powers for digit in digits]
    return {"type": "log", "tickvals": ticks, "ticktext": [show_number(tick, 1) for tick in ticks]}


def looks(names: Iterable[str]) -> dict[str, Look]:
    """Colour, dash and width of the line of each name.

    Names of the form ``sample/experiment`` share the colour of the sample and the dash
    of the experiment; other names have a colour each. Lines grow thinner from the first to the
    last, so that curves which coincide are all seen.
    """
    listed = list(names)
    pairs = [_split(name) for name in listed]
    heads = list(dict.fromkeys(head for head, _ in pairs))
    tails = list(dict.fromkeys(tail for _, tail in pairs))
    return {
        name: {
            "width": _WIDEST - (_WIDEST - _THINNEST) * heads.index(head) / max(len(heads) - 1, 1)
            if len(heads) > 1
            else 2.0,
            "color": _COLOURS[heads.index(head) % len(_COLOURS)],
            "dash": _DASHES[
                (tails.index(tail) + heads.index(head) // len(_COLOURS)) % len(_DASHES)
            ],
        }
        for name, (head, tail) in zip(listed, pairs, strict=True)
    }


def label(name: str) -> str:
    """A name as it stands in a figure; signs that would be read as markup are escaped."""
    return escape(", ".join(filter(None, _parts(name))), quote=False)


def named_records(
    records: Record | Mapping[str, Record], kinds: tuple[str, ...]
) -> dict[str, Record]:
    """The records by name, all of one of the ``kinds``; a single record names itself."""
    if isinstance(records, Record):
        name = records.name or records.provenance.sample or records.kind
        given = {name: records}
    elif isinstance(records, Mapping):
        given = dict(records)
    else:
        require_record(records)
    if not given:
        raise InputError("there is no record to draw; expected at least one")
    for name, record in given.items():
        if not isinstance(record, Record) or record.kind not in kinds:
            found = (
                f"a record of kind {record.kind!r}"
                if isinstance(record, Record)
                else type(record).__name__
            )
            raise InputError(
                f"{found} cannot be drawn here; expected a record of kind "
                f"{' or '.join(map(repr, kinds))}",
                where=str(name),
            )
    return given


def named_results(
    results: Result | Mapping[str, Result], alone: str | None = None
) -> dict[str, Result]:
    """The results by name; a single one is called ``alone``, or else by its own name."""
    if not isinstance(results, Mapping):
        require_result(results)
        return {results.name if alone is None else alone: results}
    for name, result in results.items():
        try:
            require_result(result)
        except InputError as error:
            raise error.inside(str(name)) from None
    return dict(results)


def _split(name: str) -> tuple[str, str]:
    head, *tail = _parts(name)
    return head, "/".join(tail)


def _parts(name: str) -> list[str]:
    """What slashes part, those of units and rates left aside."""
    kept = _UNIT_OR_RATE.sub(_kept, str(name))
    return [part.replace("\0", "/") for part in kept.split("/")]


def _kept(found: re.Match[str]) -> str:
    """The match with the slash of its unit or rate as a null, that before it as it is."""
    text = found.group()
    return text[0] + re.sub("/", "\0", text[1:]) if text[0] == "/" else text.replace("/", "\0")
