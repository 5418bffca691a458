"""Samples of stacks in two of their outputs, the Pareto set among them drawn out."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from solith.core.errors import InputError, UnknownNameError
from solith.core.result import Result
from solith.figures._style import INK, label, looks, new_figure, style_axes

__all__ = ["plot_pareto", "plot_sensitivities"]

_TITLES = {
    "gravimetric": "Gravimetric energy (Wh/kg)",
    "volumetric": "Volumetric energy (Wh/L)",
    "areal_capacity": "Areal capacity (mAh/cm², geometric area)",
    "areal_energy": "Areal energy (mWh/cm², geometric area)",
    "thickness": "Thickness of the stack (µm)",
    "areal_mass": "Areal mass (mg/cm²)",
    "separator_thickness": "Separator thickness (µm)",
    "separator_resistance": "Separator resistance (Ω cm², geometric area)",
    "separator_drop_at_1c": "Ohmic drop of the separator at 1 C (mV)",
    "break_even_gravimetric": "Break-even thickness by mass (µm)",
    "break_even_volumetric": "Break-even thickness by volume (µm)",
    "gravimetric_at_load": "Gravimetric energy at the load (Wh/kg)",
    "volumetric_at_load": "Volumetric energy at the load (Wh/L)",
    "interface_cost": "What interfaces cost at the load (Wh/kg)",
    "interface_resistance": "Resistance of the interfaces (Ω cm², geometric area)",
    "cell_resistance": "Resistance of the cell (Ω cm², geometric area)",
    "highest_power": "Highest power (W/kg)",
}


def plot_pareto(
    result: Result, x: str = "separator_thickness", y: str = "gravimetric"
) -> go.Figure:
    """All samples in two outputs, by stack; drawn out are those that no other beats.

    ``result`` is one of :func:`solith.study.stack_energy.measure_stack_choice`. Discs are in the
    set of their own stack, those with a black ring in the set of all. A sample is in a set by all
    objectives, of which the figure shows two.
    """
    found = result.details.get("pareto")
    if not found:
        raise InputError(f"{result.name!r} holds no Pareto set; expected a choice among stacks")
    for name in (x, y):
        if name not in found["outputs"]:
            raise UnknownNameError.among("output", name, found["outputs"])
    best = set(found["best"])
    names = list(dict.fromkeys(found["stack"]))
    lines = looks(names)
    figure = new_figure()
    for name in names:
        own = {place for place, stack in enumerate(found["stack"]) if stack == name}
        good = set(found["best_of_each"][name])
        groups = (
            (own - good, label(name), 4, 0.3, 0.0),
            (good - best, f"{label(name)}, best of its own", 8, 1.0, 0.0),
            (good & best, f"{label(name)}, best of all", 9, 1.0, 1.6),
        )
        for group, told, size, opacity, ring in groups:
            if not group:
                continue
            places = sorted(group, key=lambda place: found["outputs"][x][place] or 0.0)
            figure.add_scatter(
                x=[found["outputs"][x][place] for place in places],
                y=[found["outputs"][y][place] for place in places],
                mode="markers",
                name=told,
                marker={
                    "size": size,
                    "color": lines[name]["color"],
                    "opacity": opacity,
                    "line": {"color": INK, "width": ring},
                },
                customdata=[_told(found, place) for place in places],
                hovertemplate=f"<b>{told}</b><br>%{{customdata}}<extra></extra>",
            )
    figure.update_layout(legend={"itemsizing": "constant"})
    style_axes(figure, _TITLES.get(x, x), _TITLES.get(y, y))
    return figure


def plot_sensitivities(result: Result, output: str = "gravimetric") -> go.Figure:
    """Share of the variance of ``output`` that each range takes part in, as bars by stack.

    ``result`` is one of :func:`solith.study.stack_energy.measure_stack_choice`; shares are Sobol's
    of total order.
    """
    found = result.details.get("sensitivities")
    if not found:
        raise InputError(f"{result.name!r} holds no sensitivities; expected a choice among stacks")
    figure = new_figure()
    lines = looks(found)
    for name, outputs in found.items():
        if output not in outputs:
            raise UnknownNameError.among("output", output, outputs)
        shares = outputs[output]
        figure.add_bar(
            y=[path.replace("_", " ").replace(".", " ") for path in shares],
            x=[100 * share for share in shares.values()],
            name=label(name),
            orientation="h",
            marker={"color": lines[name]["color"]},
            hovertemplate="%{y}: %{x:.3g} %<extra></extra>",
        )
    title = _TITLES.get(output, output).partition(" (")[0]
    style_axes(figure, f"Share of the variance of the {title[0].lower()}{title[1:]} (%)", "")
    figure.update_xaxes(rangemode="tozero")
    figure.update_yaxes(autorange="reversed")
    return figure


def _told(found: dict[str, Any], place: int) -> str:
    return "<br>".join(
        f"{path}: {values[place]:.3g} {found['units'][path]}".rstrip()
        for path, values in found["inputs"].items()
    )
