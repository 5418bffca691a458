"""Samples of stacks in two of their outputs, the Pareto set among them drawn out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import in_unit
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

_SHOWN = {
    "m": ("um", "µm"),
    "kg/m2": ("mg/cm2", "mg/cm²"),
    "ohm m2": ("ohm cm2", "Ω cm²"),
    "C/kg": ("mAh/g", "mAh/g"),
    "Pa": ("MPa", "MPa"),
    "S/m": ("mS/cm", "mS/cm"),
    "kg/m3": ("g/cm3", "g/cm³"),
}
"""Units of inputs as figures show them, by the SI unit: the unit and its sign."""

_WHOLE = 105.0  # %, with room for shares whose estimate is beyond 100


def plot_pareto(
    result: Result,
    x: str = "separator_thickness",
    y: str = "gravimetric",
    *,
    marked: bool = True,
) -> go.Figure:
    """All samples in two outputs or inputs, by stack; drawn out are those that no other beats.

    ``result`` is that of samples, ``sample_energy(...).result`` or, with aims of your own,
    ``.choose(...)`` (:class:`solith.design.EnergySamples`), or one of
    :func:`solith.study.stack_energy.measure_stack_choice`. Discs are in the set of their own stack,
    those with a black ring in the set of all. A sample is in a set by all objectives, of which the
    figure shows two. Without ``marked`` the samples stand alone.
    """
    found = result.details.get("pareto")
    if not found:
        raise InputError(
            f"{result.name!r} holds no Pareto set; expected sample_energy(...).result, "
            ".choose(...) of it, or a choice among stacks"
        )
    across, up = _column(found, x), _column(found, y)
    best = set(found["best"])
    names = list(dict.fromkeys(found["stack"]))
    lines = looks(names)
    figure = new_figure()
    for name in names:
        own = {place for place, stack in enumerate(found["stack"]) if stack == name}
        good = set(found["best_of_each"][name]) if marked else set()
        groups = (
            (own - good, label(name), 4, 0.3 if marked else 0.7, 0.0),
            (good - best, f"{label(name)}, best of its own", 8, 1.0, 0.0),
            (good & best, f"{label(name)}, best of all", 9, 1.0, 1.6),
        )
        for group, told, size, opacity, ring in groups:
            if not group:
                continue
            places = sorted(group, key=lambda place: across.values[place] or 0.0)
            figure.add_scatter(
                x=[across.values[place] for place in places],
                y=[up.values[place] for place in places],
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
    style_axes(figure, across.title, up.title)
    return figure


def plot_sensitivities(result: Result, output: str = "gravimetric") -> go.Figure:
    """Share of the variance of ``output`` that each range takes part in, as bars by stack.

    ``result`` is one of :func:`solith.study.stack_energy.measure_stack_choice`; shares are Sobol's
    of total order, on the same axis for every output, 0 to 100 %.
    """
    found = result.details.get("sensitivities")
    if not found:
        raise InputError(f"{result.name!r} holds no sensitivities; expected a choice among stacks")
    title = _TITLES.get(output, output).partition(" (")[0]
    figure = new_figure(legend_title=title)
    lines = looks(found)
    for name, outputs in found.items():
        if output not in outputs:
            raise UnknownNameError.among("output", output, outputs)
        shares = outputs[output]
        figure.add_bar(
            y=[_words(path) for path in shares],
            x=[100 * share for share in shares.values()],
            name=label(name),
            orientation="h",
            marker={"color": lines[name]["color"]},
            hovertemplate="%{y}: %{x:.3g} %<extra></extra>",
        )
    style_axes(figure, "Share of the variance (%)", "")
    figure.update_xaxes(range=[0, _WHOLE])
    figure.update_yaxes(autorange="reversed")
    return figure


@dataclass(frozen=True)
class _Column:
    """What one axis shows."""

    values: list[float | None]
    title: str


def _column(found: dict[str, Any], name: str) -> _Column:
    if name in found["outputs"]:
        return _Column(found["outputs"][name], _TITLES.get(name, name))
    if name not in found["inputs"]:
        raise UnknownNameError.among("output or input", name, (*found["outputs"], *found["inputs"]))
    unit = found["units"][name]
    shown, sign = _SHOWN.get(unit, (unit, unit))
    values = [None if one is None else in_unit(one, unit, shown) for one in found["inputs"][name]]
    words = _words(name)
    return _Column(values, f"{words[0].upper()}{words[1:]}" + f" ({sign})" * bool(sign))


def _words(path: str) -> str:
    return path.replace("_", " ").replace(".", " ")


def _told(found: dict[str, Any], place: int) -> str:
    lines = []
    for path, values in found["inputs"].items():
        unit = found["units"][path]
        shown, sign = _SHOWN.get(unit, (unit, unit))
        lines.append(f"{path}: {in_unit(values[place], unit, shown):.3g} {sign}".rstrip())
    return "<br>".join(lines)
