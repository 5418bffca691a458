"""Maps with scale bar and colour bar, profiles with their band, joint histograms."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.intervals import NORMAL_95
from solith.core.record import Record
from solith.core.result import Result
from solith.figures._phase_colours import length_unit, round_length
from solith.figures._style import INK, label, looks, named_records, named_results, new_figure

__all__ = ["plot_joint_histogram", "plot_map", "plot_profile"]

_FINEST = 512
_SHARE = (0.5, 99.5)
"""Percentiles between which the colours change: a few spikes must not take them all."""
_GAP = 0.16
_PREFIXES = ((1e-12, "p"), (1e-9, "n"), (1e-6, "µ"), (1e-3, "m"), (1.0, ""), (1e3, "k"), (1e6, "M"))
_WITH_PREFIX = ("m", "V", "A", "Hz", "N", "s", "W", "S", "Pa", "ohm")
_FEWEST_COLUMNS = 2


def plot_map(
    records: Record | Mapping[str, Record], variables: str | list[str] | None = None
) -> go.Figure:
    """The channels of a map side by side, with a scale bar and a colour bar that has the unit.

    ``variables`` chooses channels, at most four of them are drawn. Of several maps by name the
    first channel of each is drawn. Colours end at the 0.5th and 99.5th percentile. A map whose
    pixel size is not known has no scale bar.
    """
    panels = _panels(named_records(records, ("map",)), variables)[:4]
    columns = min(len(panels), _FEWEST_COLUMNS)
    rows = -(-len(panels) // columns)
    figure = new_figure(height=400 * rows if len(panels) > 1 else 460, hovermode=False)
    for number, (title, record, variable) in enumerate(panels):
        row, column = divmod(number, columns)
        wide, high = (1 - _GAP * columns) / columns, (1 - 0.12 * (rows - 1)) / rows
        left, low = column * (wide + _GAP), 1 - (row + 1) * high - row * 0.12
        place = (left, left + wide), (low, low + high)
        _draw(figure, number + 1, record, variable, title if len(panels) > 1 else "", place)
    figure.update_layout(showlegend=False, margin={"l": 16, "r": 16, "t": 34, "b": 16})
    return figure


def plot_profile(results: Result | Mapping[str, Result]) -> go.Figure:
    """Means against the distance from a boundary, with the band that holds 95 % of them.

    ``results`` are those of :func:`solith.analysis.analyse_profile`, one or several by name.
    """
    given = named_results(results)
    for name, result in given.items():
        if "position_metre" not in result.details or "mean" not in result.details:
            raise InputError(f"{result.name!r} holds no profile", where=name)
    longest = max(float(np.ptp(one.details["position_metre"])) for one in given.values())
    unit, scale = length_unit(longest)
    highest = max(float(np.abs(one.details["mean"]).max()) for one in given.values())
    first = next(iter(given.values())).details
    shown, factor = _scaled(str(first.get("unit", "")), highest)
    style = looks(given)
    figure = new_figure()
    for name, result in given.items():
        x = np.asarray(result.details["position_metre"]) * scale
        y = np.asarray(result.details["mean"]) * factor
        reach = NORMAL_95 * np.asarray(result.details["uncertainty"]) * factor
        figure.add_scatter(
            x=np.concatenate([x, x[::-1]]),
            y=np.concatenate([y + reach, (y - reach)[::-1]]),
            fill="toself",
            fillcolor=style[name]["color"],
            opacity=0.2,
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            showlegend=False,
        )
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines",
            name=label(name),
            line=style[name],
            hovertemplate=f"%{{x:.4g}} {unit}, %{{y:.5g}} {shown}<extra></extra>",
        )
    if first.get("signed"):
        figure.add_vline(x=0, line={"color": INK, "width": 1, "dash": "dot"})
    figure.update_xaxes(title_text=f"Distance from the boundary ({unit})")
    figure.update_yaxes(title_text=_quantity(str(first.get("profile_of", "Mean")), shown))
    figure.update_layout(showlegend=len(given) > 1)
    return figure


def plot_joint_histogram(result: Result | Mapping[str, Result]) -> go.Figure:
    """How often two channels of a map have which values together, and their correlation.

    ``result`` is that of :func:`solith.analysis.correlate_channels`.
    """
    given = list(named_results(result).values())
    if len(given) != 1:
        raise InputError(f"one joint histogram is drawn at a time, not {len(given)}")
    result = given[0]
    if "histogram" not in result.details:
        raise InputError(f"{result.name!r} holds no joint histogram")
    counts = np.asarray(result.details["histogram"], float)
    axes = []
    for which in ("second", "first"):
        edges = np.asarray(result.details[f"{which}_edges"])
        about = result.details[which]
        shown, factor = _scaled(about["unit"], float(np.abs(edges).max()))
        axes.append((edges * factor, _quantity(about["name"], shown)))
    (across, across_title), (up, up_title) = axes
    figure = new_figure(hovermode=False)
    with np.errstate(divide="ignore"):
        seen = np.where(counts > 0, np.log10(counts), np.nan)
    top = int(np.ceil(np.nanmax(seen)))
    figure.add_heatmap(
        z=seen,
        x=across,
        y=up,
        colorscale="Viridis",
        zmin=0,
        zmax=max(top, 1),
        colorbar={
            **_BAR,
            "title": {"text": "Pixels", "side": "right", "font": {"size": 13}},
            "tickvals": list(range(max(top, 1) + 1)),
            "ticktext": [f"{10**power:d}" for power in range(max(top, 1) + 1)],
        },
    )
    r = result["correlation"]
    told = f"<i>r</i> = {r.value:.3f}" + (
        "" if r.uncertainty is None else f" ± {r.uncertainty:.2g}"
    )
    figure.add_annotation(
        text=told, x=0.02, y=0.98, xref="paper", yref="paper", showarrow=False, align="left",
        xanchor="left", yanchor="top", bgcolor="rgba(255,255,255,0.8)", font={"size": 13},
    )  # fmt: skip
    figure.update_xaxes(title_text=across_title)
    figure.update_yaxes(title_text=up_title)
    figure.update_layout(showlegend=False)
    return figure


_BAR = {"thickness": 14, "outlinewidth": 0.5, "ticks": "outside", "tickfont": {"size": 13}}
_FRAME = {
    "showline": True,
    "mirror": True,
    "linecolor": INK,
    "linewidth": 1,
    "ticks": "",
    "showticklabels": False,
    "constrain": "domain",
    "title": {"text": ""},
}

Panel = tuple[str, Record, str]


def _panels(given: Mapping[str, Record], variables: str | list[str] | None) -> list[Panel]:
    if len(given) > 1 and variables is None:
        return [(name, one, str(next(iter(one.data.data_vars)))) for name, one in given.items()]
    wanted = [variables] if isinstance(variables, str) else variables
    panels = []
    for name, record in given.items():
        for variable in wanted or [str(one) for one in record.data.data_vars]:
            record.array(variable)
            title = _name(record, variable)
            panels.append((title if len(given) == 1 else f"{name}, {title}", record, variable))
    return panels


def _draw(
    figure: go.Figure,
    number: int,
    record: Record,
    variable: str,
    title: str,
    place: tuple[tuple[float, float], tuple[float, float]],
) -> None:
    values = record.array(variable)
    steps = [max(1, -(-n // _FINEST)) for n in values.shape]
    shown = values[:: steps[0], :: steps[1]]
    known = shown[np.isfinite(shown)]
    if not known.size:
        raise InputError("no pixel has a number", where=variable)
    low, high = np.percentile(known, _SHARE)
    high = high if high > low else low + 1.0
    unit, factor = _scaled(str(record.data[variable].attrs.get("units", "")), max(abs(low), high))
    sizes = [record.data.attrs.get(f"pixel_size_{axis}_metre") for axis in ("x", "y")]
    width, height = (
        float(size or 1.0) * n for size, n in zip(sizes, reversed(values.shape), strict=True)
    )
    ending = "" if number == 1 else str(number)
    across, up = place
    figure.add_heatmap(
        z=(shown * factor).astype(np.float32),
        x0=0.5 * width / shown.shape[1],
        dx=width / shown.shape[1],
        y0=0.5 * height / shown.shape[0],
        dy=height / shown.shape[0],
        zmin=low * factor,
        zmax=high * factor,
        colorscale="Viridis",
        xaxis=f"x{ending}",
        yaxis=f"y{ending}",
        colorbar={
            **_BAR,
            "title": {"text": unit, "side": "top", "font": {"size": 13}},
            "x": across[1] + 0.01,
            "y": sum(up) / 2,
            "len": 0.8 * (up[1] - up[0]),
        },
    )
    figure.update_layout(
        {
            f"xaxis{ending}": {
                **_FRAME,
                "domain": across,
                "range": [0, width],
                "constraintoward": "left",
                "anchor": f"y{ending}",
            },
            f"yaxis{ending}": {
                **_FRAME,
                "domain": up,
                "range": [height, 0],
                "anchor": f"x{ending}",
                "scaleanchor": f"x{ending}",
                "constraintoward": "top",
            },
        }
    )
    if title:
        figure.add_annotation(
            text=label(title), x=across[0], y=up[1], xref="paper", yref="paper", showarrow=False,
            xanchor="left", yanchor="bottom", font={"size": 14},
        )  # fmt: skip
    if None not in sizes:
        _scale_bar(figure, ending, width, height)


def _scale_bar(figure: go.Figure, ending: str, width: float, height: float) -> None:
    """A bar on a white ground in the lower left corner of a panel."""
    length, text = round_length(width)
    left, thick = 0.03 * width, 0.012 * width
    low = height - left
    axes = {"xref": f"x{ending}", "yref": f"y{ending}"}
    figure.add_shape(
        type="rect", fillcolor="white", opacity=0.8, line={"width": 0}, **axes,
        x0=left / 2, x1=1.5 * left + length, y0=low + left / 2, y1=low - thick - 0.085 * width,
    )  # fmt: skip
    figure.add_shape(
        type="rect", fillcolor=INK, line={"width": 0}, **axes,
        x0=left, x1=left + length, y0=low, y1=low - thick,
    )  # fmt: skip
    figure.add_annotation(
        x=left + length / 2, y=low - thick, text=text, showarrow=False, yanchor="bottom", **axes,
        font={"size": 13, "color": INK},
    )  # fmt: skip


def _name(record: Record, variable: str) -> str:
    return str(record.data[variable].attrs.get("long_name", _words(variable)))


def _words(variable: str) -> str:
    return variable.replace("_", " ")


def _quantity(variable: str, unit: str) -> str:
    words = _words(variable)
    words = words[:1].upper() + words[1:]
    return f"{words} ({unit})" if unit else words


def _scaled(unit: str, largest: float) -> tuple[str, float]:
    """A unit in which numbers are neither long nor tiny, and the factor into it."""
    if unit not in _WITH_PREFIX or not largest > 0:
        return ("" if unit == "1" else unit), 1.0
    scale, prefix = max((one for one in _PREFIXES if one[0] <= largest), default=_PREFIXES[0])
    return f"{prefix}{'Ω' if unit == 'ohm' else unit}", 1.0 / scale
