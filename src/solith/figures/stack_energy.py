"""Energy of stacks: along separator thickness or loading, and what a stack consists of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import in_unit
from solith.core.result import Result
from solith.figures._style import INK, label, looks, named_results, new_figure, style_axes

__all__ = ["plot_stack_components", "plot_stack_energy"]

_ENERGIES = {
    "gravimetric": "Gravimetric energy (Wh/kg)",
    "volumetric": "Volumetric energy (Wh/L)",
}
_AXES = {
    "separator.thickness": ("Separator thickness (µm)", "um"),
    "cathode.loading": ("Cathode loading (mg/cm²)", "mg/cm2"),
}

_ON_EACH_OTHER: tuple[dict[str, Any], ...] = (
    {"dash": "solid", "width": 7},
    {"dash": "18px,18px", "width": 4},
    {"dash": "6px,12px", "width": 3.5},
)
"""Of lines that coincide, from the lowest to the uppermost."""

_SAME = 2e-3  # of the value; less cannot be seen


def plot_stack_energy(
    results: Result | Mapping[str, Result],
    against: str = "separator.thickness",
    energy: str = "gravimetric",
    *,
    compared: bool = False,
) -> go.Figure:
    """Energy of stacks along one of their values, with the reference's as a dashed line.

    ``results`` are those of :func:`solith.study.stack_energy.measure_stack_energy` that hold the
    curve of ``against``; ``energy`` is "gravimetric" or "volumetric". With ``compared`` the stack
    with other values that each result holds is drawn dashed in the same colour. Lines that lie on
    each other are drawn thin and broken over wide, and said to coincide above the axes.
    """
    if energy not in _ENERGIES:
        raise UnknownNameError.among("energy", energy, _ENERGIES)
    given = named_results(results)
    curves = {name: _curve(name, result, against) for name, result in given.items()}
    groups = [] if compared else _coinciding(curves, energy)
    figure = new_figure(legend_title="; ".join(_joined(group) for group in groups))
    title, unit = _AXES.get(against, (against, ""))
    lines = looks(given)
    for group in groups:
        for place, name in enumerate(group):
            lines[name] |= _ON_EACH_OTHER[place % len(_ON_EACH_OTHER)]
    for name, result in given.items():
        curve = curves[name]
        x = [in_unit(one, curve["unit"], unit or curve["unit"]) for one in curve["x"]]
        dashes = [(energy, lines[name]["dash"], label(name))]
        if compared:
            words = _differences(name, result)
            dashes = [(energy, "solid", words[0]), (f"compared_{energy}", "dash", words[1])]
        for kind, dash, told in dashes:
            figure.add_scatter(
                x=x,
                y=curve[kind],
                mode="lines",
                name=told,
                line={**lines[name], "dash": dash},
                hovertemplate="%{x:.4g}, %{y:.4g}<extra></extra>",
            )
    _draw_references(figure, given, energy)
    style_axes(figure, title, _ENERGIES[energy])
    figure.update_xaxes(rangemode="tozero")
    figure.update_yaxes(rangemode="tozero")
    return figure


def plot_stack_components(results: Result | Mapping[str, Result], by: str = "mass") -> go.Figure:
    """What each layer takes of the stack's ``by`` "mass" or "volume", stacked.

    ``results`` are energies of :func:`solith.design.compute_energy`, one or several by name; the
    materials of a layer show under the pointer.
    """
    if by not in ("mass", "volume"):
        raise UnknownNameError.among("share", by, ("mass", "volume"))
    given = named_results(results)
    shares: dict[str, dict[str, list[tuple[str, float]]]] = {}
    for name, result in given.items():
        if "components" not in result.details:
            raise InputError("holds no components; expected an energy", where=name)
        for row in result.details["components"]:
            own = shares.setdefault(row["layer"], {})
            own.setdefault(name, []).append((row["material"], 100 * row[f"{by}_share"]))
    figure = new_figure(height=150 + 34 * len(given))
    for layer, rows in shares.items():
        figure.add_bar(
            y=[label(name) for name in rows],
            x=[sum(share for _, share in own) for own in rows.values()],
            name=label(layer),
            orientation="h",
            customdata=[
                "<br>".join(f"{label(what)}: {share:.3g} %" for what, share in own)
                for own in rows.values()
            ],
            hovertemplate=f"<b>{label(layer)}</b>: %{{x:.3g}} %<br>%{{customdata}}<extra></extra>",
            marker={"line": {"color": "white", "width": 1}},
        )
    figure.update_layout(barmode="stack")
    style_axes(figure, f"Share of the stack's {by} (%)", "")
    figure.update_xaxes(range=[0, 100])
    figure.update_yaxes(autorange="reversed")
    return figure


def _curve(name: str, result: Result, against: str) -> dict[str, Any]:
    curves = result.details.get("curves", {})
    if against not in curves:
        raise InputError(
            f"holds no curve along {against}; expected a result of measure_stack_energy with it",
            where=name,
        )
    curve: dict[str, Any] = curves[against]
    return curve


def _coinciding(curves: Mapping[str, dict[str, Any]], energy: str) -> list[list[str]]:
    """Names of the curves that lie on each other, in groups of two or more."""
    groups: list[list[str]] = []
    for name, curve in curves.items():
        for group in groups:
            first = curves[group[0]]
            if first["x"] == curve["x"] and _is_same(first[energy], curve[energy]):
                group.append(name)
                break
        else:
            groups.append([name])
    return [group for group in groups if len(group) > 1]


def _is_same(first: list[float | None], second: list[float | None]) -> bool:
    pairs = zip(first, second, strict=True)
    return all(a == b or abs((a or 0.0) - (b or 0.0)) < _SAME * abs(a or 0.0) for a, b in pairs)


def _joined(names: list[str]) -> str:
    *most, last = (label(name) for name in names)
    return f"{', '.join(most)} and {last} coincide"


def _differences(name: str, result: Result) -> list[str]:
    """What differs between a stack and the one it is compared with, for the legend."""
    found = result.details.get("compared")
    if not found:
        raise InputError("holds no compared stack", where=name)
    return [
        label(", ".join(f"{_place(path)} {value}" for path, value in found[side].items())).replace(
            " um", " µm"
        )
        for side in ("before", "after")
    ]


def _place(path: str) -> str:
    return path.removesuffix(".thickness").replace("_", " ").replace(".", " ")


def _draw_references(figure: go.Figure, results: Mapping[str, Result], energy: str) -> None:
    known = {
        (one["name"], one[energy])
        for result in results.values()
        if (one := result.details.get("reference"))
    }
    for name, value in sorted(known):
        figure.add_hline(
            value,
            line={"color": INK, "width": 1.2, "dash": "dot"},
            annotation={"text": label(name), "font": {"size": 12}},
            annotation_position="top left",
        )
