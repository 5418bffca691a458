"""The space charge between two conductors of lithium ions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.result import Result
from solith.figures._style import INK, label, log_axis, looks, named_results, new_figure

__all__ = ["plot_space_charge"]

Array = NDArray[np.float64]

_NANO = 1e9
_MARGIN = 2.0  # widths of the layers that are in view on either side
_UPPER, _LOWER = (0.55, 1.0), (0.0, 0.45)
_LITRES = 1e-3  # m3
_PROFILES = ("position_metre", "conductor", "potential_volt", "concentration_mol_per_m3")


def plot_space_charge(results: Result | Mapping[str, Result]) -> go.Figure:
    """Electric potential [V] and ions [mol/L, logarithmic] against position [nm].

    ``results`` are those of :meth:`solith.interface.SpaceCharge.result`, one or several by name.
    The left conductor ends at 0; faces are dotted. The potential is 0 in the right bulk. In view is
    where the charge is. Raises :class:`InputError` for a result without profiles.
    """
    given = named_results(results, "space charge")
    style = looks(given)
    figure = new_figure(height=560)
    left, right, faces = 0.0, 0.0, {0.0}
    heights: list[float] = []
    for name, result in given.items():
        position, conductor, potential, concentration = (
            _profile(name, result, key) for key in _PROFILES
        )
        position = _NANO * position
        heights += list(_LITRES * concentration)
        others = np.flatnonzero(np.diff(conductor))
        faces |= {round(float(position[place]), 6) for place in others}
        far = max(faces)
        left = min(left, -_MARGIN * _NANO * float(result["width_left"].value or 0.0))
        right = max(right, far + _MARGIN * _NANO * float(result["width_right"].value or 0.0))
        shown: dict[str, Any] = {"mode": "lines", "line": style[name], "name": label(name)}
        figure.add_scatter(
            x=position,
            y=potential,
            hovertemplate="%{x:.3g} nm, %{y:.4g} V<extra></extra>",
            **shown,
        )
        figure.add_scatter(
            x=position,
            y=_LITRES * concentration,
            xaxis="x2",
            yaxis="y2",
            showlegend=False,
            hovertemplate="%{x:.3g} nm, %{y:.4g} mol/L<extra></extra>",
            **shown,
        )
    for face in sorted(faces):
        for axis in ("x", "x2"):
            figure.add_shape(
                type="line",
                x0=face,
                x1=face,
                y0=0,
                y1=1,
                xref=axis,
                yref=f"{axis.replace('x', 'y')} domain",
                line={"color": INK, "width": 1, "dash": "dot"},
                layer="below",
            )
    span = [left or -1.0, right or 1.0]
    figure.update_layout(
        showlegend=len(given) > 1,
        xaxis={"anchor": "y", "range": span, "showticklabels": False},
        yaxis={"domain": _UPPER, "title": {"text": "Electric potential (V)"}},
        xaxis2={"anchor": "y2", "range": span, "title": {"text": "Position (nm)"}},
        yaxis2={
            "domain": _LOWER,
            "title": {"text": "Lithium ions (mol/L)"},
            **log_axis(heights),
        },
    )
    return figure


def _profile(name: str, result: Result, key: str) -> Array:
    if key not in result.details:
        raise InputError(
            f"holds no profile {key}; expected SpaceCharge.result() of solith.interface",
            where=name,
        )
    return np.asarray(result.details[key], float)
