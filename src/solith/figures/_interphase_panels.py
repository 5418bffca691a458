"""The panels of a figure of interphases, one function for each row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from solith.core.intervals import NORMAL_95
from solith.figures._interphase_data import Drawn, Shared
from solith.figures._style import INK, label, log_axis

__all__ = ["ROWS", "Panel"]

_DIVERGING = [
    [0.0, "#0b3c6f"],
    [0.25, "#5b9bc8"],
    [0.5, "#ffffff"],
    [0.75, "#e58a5b"],
    [1.0, "#8c2d04"],
]
_FRESH, _CYCLED = "#9fb4c7", "#D55E00"
_RESISTANCE = "#0072B2"
_GREY = "#8a949e"
_SHOWN = (-6.0, 16.0)  # eV about the edge
_EDGE_GUESS = 0.5  # edge steps
_GAP = 0.16  # of the width, between columns


@dataclass(frozen=True)
class Panel:
    """One of the panels: its axes, and where it lies."""

    figure: go.Figure
    axis: int
    row: int
    column: int
    columns: int

    @property
    def x(self) -> str:
        return f"x{self.axis if self.axis > 1 else ''}"

    @property
    def y(self) -> str:
        return f"y{self.axis if self.axis > 1 else ''}"

    @property
    def across(self) -> tuple[float, float]:
        width = (1 - _GAP * (self.columns - 1)) / self.columns
        start = self.column * (width + _GAP)
        return start, min(start + width, 1.0)

    def frame(self, low: float, high: float) -> None:
        """Place the axes, and a letter at the panel's upper left corner."""
        number = self.axis if self.axis > 1 else ""
        self.figure.update_layout(
            {
                f"xaxis{number}": {"domain": self.across, "anchor": self.y},
                f"yaxis{number}": {"domain": (max(low, 0.0), min(high, 1.0)), "anchor": self.x},
            }
        )
        letter = chr(ord("a") + self.row * self.columns + self.column)
        self.figure.add_annotation(
            text=f"<b>{letter}</b>",
            xref=f"{self.x} domain",
            yref=f"{self.y} domain",
            x=0.0,
            y=1.0,
            xshift=-46,
            yshift=4,
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
            font={"size": 16, "color": INK},
        )

    def heading(self, text: str) -> None:
        """The sample's name above its column."""
        self.note(f"<b>{text}</b>", 0.5, 1.0, yanchor="bottom", yshift=8, size=15)

    def note(self, text: str, x: float, y: float, *, size: int = 12, **more: Any) -> None:
        """Words in the panel, at parts of its width and height."""
        placed = {
            "xref": f"{self.x} domain",
            "yref": f"{self.y} domain",
            "xanchor": "center",
            "yanchor": "top",
            "font": {"size": size, "color": INK},
            "showarrow": False,
        }
        self.figure.add_annotation(text=text, x=x, y=y, **{**placed, **more})

    def axes(
        self,
        across: str,
        up: str,
        *,
        x: Mapping[str, Any] | None = None,
        y: Mapping[str, Any] | None = None,
    ) -> None:
        """Titles, and more of x and y; the title upwards stands in the first column alone."""
        number = self.axis if self.axis > 1 else ""
        self.figure.update_layout(
            {
                f"xaxis{number}": {"title": {"text": across}, **(x or {})},
                f"yaxis{number}": {
                    "title": {"text": up if self.column == 0 else ""},
                    **(y or {}),
                },
            }
        )

    def add(self, kind: str, **trace: Any) -> None:
        """A trace on this panel's axes."""
        getattr(self.figure, f"add_{kind}")(**{"xaxis": self.x, "yaxis": self.y, **trace})


_CAPACITY = "Charge (mAh/g)"


def _voltage(panel: Panel, one: Drawn, shared: Shared) -> None:
    panel.add(
        "scatter", x=one.charge, y=one.voltage, mode="lines", line={"color": INK, "width": 1.8},
        hovertemplate="%{x:.1f} mAh/g, %{y:.3f} V<extra></extra>",
    )  # fmt: skip
    panel.add(
        "scatter", x=one.at, y=one.given.series.details["potential_volt"], mode="markers",
        marker={"size": 9, "color": one.colours, "line": {"color": INK, "width": 0.8}},
        hovertemplate="spectrum at %{x:.1f} mAh/g, %{y:.3f} V<extra></extra>",
    )  # fmt: skip
    reference = str(one.given.cycling.data.attrs.get("reference", ""))
    panel.axes(
        _CAPACITY,
        f"Voltage (V{f' {reference}' if reference else ''})",
        y={"range": [shared.low, shared.high]},
    )


def _impedance(panel: Panel, one: Drawn, shared: Shared) -> None:
    charges = [charge for charge, *_ in one.given.impedances]
    for (charge, record, _), colour in zip(
        one.given.impedances, one.colours_at(charges), strict=True
    ):
        panel.add(
            "scatter",
            x=record.array("real_impedance_ohm"),
            y=-record.array("imaginary_impedance_ohm"),
            mode="lines+markers",
            line={"color": colour, "width": 1.3},
            marker={"size": 4.5, "color": colour, "line": {"color": INK, "width": 0.4}},
            customdata=record.array("frequency_hertz"),
            hovertemplate=f"{charge:.1f} mAh/g<br>%{{x:.4g}} − %{{y:.4g}} i Ω, "
            "%{customdata:.3g} Hz<extra></extra>",
        )
    records = [record for _, record, _ in one.given.impedances]
    right = max(float(np.max(record.array("real_impedance_ohm"))) for record in records)
    top = max(float(np.max(-record.array("imaginary_impedance_ohm"))) for record in records)
    panel.axes(
        "Re <i>Z</i> (Ω)",
        "−Im <i>Z</i> (Ω)",
        x={"range": [0.0, 1.04 * right], "constraintoward": "left"},
        y={"range": [-0.02 * top, 1.1 * top], "scaleanchor": panel.x, "constraintoward": "bottom"},
    )


def _spectra(panel: Panel, one: Drawn, shared: Shared) -> None:
    shown = one.given.series.details["spectra"]
    for energy, values, colour, at in zip(
        shown["energy_ev"], shown["normalised"], one.colours, one.at, strict=True
    ):
        panel.add(
            "scatter", x=energy, y=values, mode="lines", line={"color": colour, "width": 1.3},
            hovertemplate=f"{at:.1f} mAh/g<br>%{{x:.2f}} eV, %{{y:.3f}}<extra></extra>",
        )  # fmt: skip
    panel.axes(
        "Photon energy (eV)",
        "Absorption (edge steps)",
        x={"range": _window(one)},
        y={"range": [shared.low, shared.high]},
    )


def _window(one: Drawn) -> list[float]:
    """The energies that are shown: about the edge, within those of the map."""
    details = one.given.series.details
    low, high = float(details["energy_ev"][0]), float(details["energy_ev"][-1])
    if "spectra" not in details:
        return [low, high]
    energy, values = (np.asarray(details["spectra"][key][0]) for key in ("energy_ev", "normalised"))
    edge = float(energy[int(np.argmax(values > _EDGE_GUESS))])
    return [max(low, edge + _SHOWN[0]), min(high, edge + _SHOWN[1])]


def _map(panel: Panel, one: Drawn, shared: Shared) -> None:
    details = one.given.series.details
    known = np.isfinite(one.at)
    panel.add(
        "heatmap",
        x=details["energy_ev"],
        y=one.at[known],
        z=np.array(details["derivative_difference"])[known],
        zmin=-shared.high,
        zmax=shared.high,
        colorscale=_DIVERGING,
        showscale=panel.column == panel.columns - 1,
        colorbar={
            "title": {"text": "Change of slope (1/eV)", "side": "right", "font": {"size": 12}},
            "thickness": 11,
            "outlinewidth": 0.5,
            "x": 1.01,
            "y": float(np.mean(panel.figure.layout[f"yaxis{panel.axis}"].domain)),
            "len": float(np.ptp(panel.figure.layout[f"yaxis{panel.axis}"].domain)),
            "exponentformat": "none",
            "nticks": 5,
        },
        hovertemplate="%{x:.2f} eV, %{y:.1f} mAh/g<br>%{z:.4f} /eV<extra></extra>",
    )
    growing = [
        float(row["energy"])
        for row in details["features"]
        if row["name"].startswith("derivative") and row["way"] == "grows"
    ]
    for place, energy in enumerate(growing):
        panel.figure.add_shape(
            type="line", xref=panel.x, yref=f"{panel.y} domain", x0=energy, x1=energy, y0=0, y1=1,
            line={"color": INK, "width": 1, "dash": "dash"},
        )  # fmt: skip
        side = "center" if len(growing) == 1 else ("right", "left")[place % 2]
        panel.note(
            f"{energy:.1f}", energy, 1.0, xref=panel.x, xanchor=side, yanchor="bottom", yshift=1
        )
    if not growing:
        panel.note("no feature grows", 0.98, 0.96, xanchor="right")
    ends = one.at[known]
    panel.axes(
        "Photon energy (eV)",
        _CAPACITY,
        x={"range": _window(one), "ticks": "outside"},
        y={"range": [float(ends[0]), float(ends[-1])], "ticks": "outside"},
    )


def _growth(panel: Panel, one: Drawn, shared: Shared) -> None:
    if one.given.put_in:
        panel.add(
            "scatter", x=one.at, y=[100 * share for share in one.given.put_in], mode="lines",
            line={"color": _GREY, "width": 1.6, "dash": "dot"},
            hovertemplate="put in %{y:.2f} %<extra></extra>",
        )  # fmt: skip
    if one.given.fractions:
        panel.add(
            "scatter",
            x=one.at,
            y=[100 * value for value, _ in one.given.fractions],
            error_y={
                "array": [100 * NORMAL_95 * spread for _, spread in one.given.fractions],
                "thickness": 1,
                "width": 3,
                "color": INK,
            },
            mode="markers",
            marker={"size": 8, "color": one.colours, "line": {"color": INK, "width": 0.8}},
            hovertemplate="%{x:.1f} mAh/g, %{y:.2f} %<extra></extra>",
        )
    panel.axes(
        _CAPACITY,
        f"{label(one.given.species).replace('_', ' ').capitalize() or 'Product'} (%)",
        y={"range": [shared.low, shared.high]},
    )
    if not one.given.resistances:
        return
    second = panel.axis + 1
    low, high = np.log10(shared.resistances)
    panel.figure.update_layout(
        {
            f"yaxis{second}": {
                **log_axis(shared.resistances),
                "overlaying": panel.y,
                "anchor": panel.x,
                "side": "right",
                "mirror": False,
                "range": [float(low), float(high)],
                "title": {
                    "text": "Resistance (Ω)" if panel.column == panel.columns - 1 else "",
                    "font": {"color": _RESISTANCE},
                },
                "tickfont": {"color": _RESISTANCE, "size": 13},
                "tickcolor": _RESISTANCE,
            }
        }
    )
    charges, ohms = zip(*sorted(one.given.resistances), strict=True)
    panel.add(
        "scatter", x=charges, y=ohms, yaxis=f"y{second}", mode="lines+markers",
        line={"color": _RESISTANCE, "width": 1.6},
        marker={"symbol": "square-open", "size": 9, "line": {"width": 1.8}},
        hovertemplate="%{x:.1f} mAh/g, %{y:.4g} Ω<extra></extra>",
    )  # fmt: skip


def _photoelectrons(panel: Panel, one: Drawn, shared: Shared) -> None:
    products = one.products()
    if not products:
        return
    states = len(products[0][2])
    colours = (_FRESH, _CYCLED) if states > 1 else (_CYCLED,)
    width = 0.76 / states
    for state, colour in enumerate(colours):
        places = [number + (state - 0.5 * (states - 1)) * width for number in range(len(products))]
        values = [found[state] for *_, found in products]
        panel.add(
            "bar",
            x=places,
            y=[100 * value for value, *_ in values],
            width=width,
            error_y={
                "array": [100 * NORMAL_95 * spread for _, spread, _ in values],
                "thickness": 1,
                "width": 3,
                "color": INK,
            },
            marker={"color": colour, "line": {"color": INK, "width": 0.5}},
            hovertemplate="%{y:.2f} %<extra></extra>",
        )
        known = [
            (at, 100 * put_in)
            for at, (*_, put_in) in zip(places, values, strict=True)
            if put_in is not None
        ]
        if known:
            ends = [(at - 0.5 * width, at + 0.5 * width, None) for at, _ in known]
            panel.add(
                "scatter",
                x=[x for row in ends for x in row],
                y=[y for _, value in known for y in (value, value, None)],
                mode="lines",
                line={"color": INK, "width": 1.6},
                hovertemplate="put in %{y:.2f} %<extra></extra>",
            )
    panel.axes(
        "",
        "Part of the area (%)",
        x={
            "tickvals": list(range(len(products))),
            "ticktext": [label(name) for _, name, _ in products],
            "tickangle": -35,
            "range": [-0.6, len(products) - 0.4],
            "ticks": "",
        },
        y={"range": [shared.low, shared.high]},
    )
    _regions(panel, [region for region, *_ in products])
    if states > 1:
        told = (
            f'<span style="color:{_FRESH}">■</span> {label(_state(one, 0))}  '
            f'<span style="color:{_CYCLED}">■</span> {label(_state(one, -1))}'
        )
        panel.note(told, 1.0, 1.0, xanchor="right", yanchor="bottom", yshift=3)


def _regions(panel: Panel, regions: Sequence[str]) -> None:
    """The name of each region over its bars, and a line where the next one begins."""
    for region in dict.fromkeys(regions):
        places = [number for number, one in enumerate(regions) if one == region]
        panel.note(label(region), float(np.mean(places)), 0.97, xref=panel.x)
        if places[0] > 0:
            panel.figure.add_shape(
                type="line", xref=panel.x, yref=f"{panel.y} domain", x0=places[0] - 0.5,
                x1=places[0] - 0.5, y0=0, y1=1, line={"color": _GREY, "width": 1},
            )  # fmt: skip


def _state(one: Drawn, place: int) -> str:
    result = next(iter(one.given.regions.values()))
    return str(result.details["curves"][place]["name"])


ROWS: dict[str, Callable[[Panel, Drawn, Shared], None]] = {
    "voltage": _voltage,
    "impedance": _impedance,
    "spectra": _spectra,
    "map": _map,
    "growth": _growth,
    "photoelectrons": _photoelectrons,
}
