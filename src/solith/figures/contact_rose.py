"""What a surface touches, by the angle to the pressing axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._phase_colours import phase_colours
from solith.figures._style import INK, label, named_results, new_figure
from solith.figures.numbers import show_number

__all__ = ["plot_contact_rose"]

_SIDE = ("45°", "90°", "135°")
_ENDS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Of the radial axis: the first that holds all shares."""


def plot_contact_rose(results: Result | Mapping[str, Result]) -> go.Figure:
    """Share of a phase's surface that touches others, against the angle of its outward normal.

    ``results`` are those of :func:`solith.structure.measure_contact` for one phase, by the name of
    the other; their shares are stacked. The axis points up; left and right are the same, because
    angles about the axis count together. The radial axis ends above the largest share.
    """
    given = named_results(results)
    for name, result in given.items():
        if "rose" not in result.details or "contact_fraction" not in result.details["rose"]:
            raise InputError("holds no rose; expected a result of measure_contact", where=name)
    axis = next(iter(given.values())).details["axis"]
    names = {name: str(result.details["b"]) for name, result in given.items()}
    colours = phase_colours(names.values())
    figure = new_figure(height=440)
    end = _end([result.details["rose"]["contact_fraction"] for result in given.values()])
    for name, result in given.items():
        rose = result.details["rose"]
        angles = np.degrees(np.arccos(np.clip(rose["cosine_edges"], -1, 1)))
        middle, width = (angles[1:] + angles[:-1]) / 2, angles[:-1] - angles[1:]
        shares = np.array([share or 0.0 for share in rose["contact_fraction"]])
        figure.add_barpolar(
            theta=np.concatenate([middle, 360 - middle]),
            width=np.concatenate([width, width]),
            r=np.concatenate([shares, shares]),
            name=label(names[name]),
            marker={"color": colours[names[name]], "line": {"width": 0}},
            hovertemplate="%{theta:.0f}°: %{r:.3f}<extra>" + label(names[name]) + "</extra>",
        )
    figure.update_layout(
        barmode="stack",
        polar={
            "bargap": 0,
            "domain": {"y": [0, 0.97]},
            "radialaxis": {
                "range": [0, end],
                "tickvals": [end / 4, end / 2, 3 * end / 4],
                "ticktext": [show_number(part * end, 3) for part in (0.25, 0.5, 0.75)],
                "angle": 90,
                "tickangle": 90,
                "tickfont": {"size": 12, "color": INK},
                "gridcolor": "#d5dade",
                "linecolor": INK,
            },
            "angularaxis": {
                "rotation": 90,
                "direction": "clockwise",
                "tickvals": [0, 45, 90, 135, 180, 225, 270, 315],
                "ticktext": [f"0° (+{axis})", *_SIDE, f"180° (−{axis})", *reversed(_SIDE)],
                "gridcolor": "#d5dade",
                "linecolor": INK,
            },
            "bgcolor": "white",
        },
        margin={"t": 30, "b": 30},
    )
    return figure


def _end(shares: Sequence[Sequence[float | None]]) -> float:
    stacked = max(sum(one or 0.0 for one in bin_) for bin_ in zip(*shares, strict=True))
    return next((end for end in _ENDS if stacked <= end), _ENDS[-1])
