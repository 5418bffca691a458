"""The loss budget: which part of the cell costs how much voltage along the discharge."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.core.record import Record
from solith.figures._half_cycle import capacity_scale, discharge_rates, first_cycle, half_cycle
from solith.figures._style import named_records, new_figure, style_axes
from solith.figures.numbers import show_number

__all__ = ["LOSS_COLOURS", "LOSS_LABELS", "loss_colour", "loss_label", "plot_losses"]

LOSS_LABELS: dict[str, str] = {
    "electrolyte_layer": "Electrolyte layer",
    "electrolyte_concentration": "Concentration in the electrolyte",
    "ionic_path": "Ions through the cathode",
    "electronic_path": "Electrons through the cathode",
    "coating": "Coating",
    "interphase": "Interphase",
    "further_resistance": "Further interface resistance",
    "space_charge": "Space charge",
    "contact": "Contact",
    "charge_transfer": "Charge transfer",
    "confinement": "Spreading under patches",
    "solid_diffusion": "Diffusion in the particles",
    "uneven_lithiation": "Uneven lithiation",
    "anode": "Anode",
    "anode_charge_transfer": "Charge transfer at the anode",
    "anode_diffusion": "Diffusion in the anode",
}
"""The parts of the voltage loss in plain words, from the separator inwards."""

# Blue: conduction; orange and red: films and contacts; pink and green: the particles.
LOSS_COLOURS: dict[str, str] = {
    "electrolyte_layer": "#0072B2",
    "electrolyte_concentration": "#003F66",
    "ionic_path": "#56B4E9",
    "electronic_path": "#B5DBF3",
    "coating": "#D55E00",
    "interphase": "#E69F00",
    "further_resistance": "#F3D08A",
    "space_charge": "#F0E442",
    "contact": "#8C3D0B",
    "charge_transfer": "#CC79A7",
    "confinement": "#5B8C2A",
    "solid_diffusion": "#009E73",
    "uneven_lithiation": "#8FCFB9",
    "anode": "#6B7580",
    "anode_charge_transfer": "#3F4850",
    "anode_diffusion": "#A5ADB5",
}

_NOTHING = 1e-9  # volt; below it a part is absent, not small


def plot_losses(
    record: Record, *, cycle: int | None = None, highest: float | None = None
) -> go.Figure:
    """Parts of the voltage loss [mV], stacked, against capacity along one discharge.

    ``record`` is a simulated cycling record that holds ``loss_<part>_volt``. Without
    ``cycle`` it is the first; of a record discharged at several rates the last. The legend
    gives the mean of each part over the discharge (by charge). Parts that help instead of
    cost lie below zero. ``highest`` [mV] fixes the end of the axis, so that figures of
    several samples can be compared.
    """
    named_records(record, ("cycling",))
    rates = discharge_rates(record)
    if cycle is None:
        cycle = max(rates, default=first_cycle(record))
    half = half_cycle(record, cycle=cycle, charging=False)
    parts = _loss_parts(record)
    if half.rows.size < 2:
        raise InputError(f"cycle {cycle} of the record holds no discharge to draw losses of")
    scales, unit = capacity_scale([record])
    capacity = (half.charge * scales[0]).astype(np.float32)
    at = f" at {rates[cycle]}" if cycle in rates else ""
    figure = new_figure(
        height=520,
        legend_title=f"Mean over the discharge{at} in brackets, in mV",
        hovermode="x unified",
    )
    for part in parts:
        volts = record.array(f"loss_{part}_volt")[half.rows]
        if np.nanmax(np.abs(volts)) < _NOTHING:
            continue
        _add_part(figure, part, capacity, 1000 * volts, half.charge)
    quantity = "Specific capacity" if unit == "mAh/g" else "Capacity"
    style_axes(figure, f"{quantity} ({unit})", "Voltage loss (mV)")
    figure.update_xaxes(range=[0, float(capacity[-1])], hoverformat=".4g", ticksuffix="")
    figure.update_yaxes(rangemode="tozero")
    if highest is not None:
        figure.update_yaxes(range=[0, highest])
    return figure


def loss_label(part: str) -> str:
    """A part of the loss in plain words."""
    return LOSS_LABELS.get(part, part.replace("_", " ").capitalize())


def loss_colour(part: str) -> str:
    """The colour that a part of the loss has in every figure."""
    return LOSS_COLOURS.get(part, "#B9C0C7")


def _add_part(
    figure: go.Figure,
    part: str,
    capacity: NDArray[np.float32],
    millivolts: NDArray[np.float64],
    charge: NDArray[np.float64],
) -> None:
    mean = float(np.trapezoid(millivolts, charge) / charge[-1]) if charge[-1] else float("nan")
    hover = f"{loss_label(part)} %{{customdata:.3g}} mV<extra></extra>"
    sides = {"cost": np.maximum(millivolts, 0), "gain": np.minimum(millivolts, 0)}
    shown = "cost" if mean >= 0 or not np.any(millivolts < 0) else "gain"
    for side, values in sides.items():
        if side != shown and not np.any(values):
            continue
        figure.add_scatter(
            x=capacity,
            y=values.astype(np.float32),
            customdata=millivolts.astype(np.float32),
            stackgroup=side,
            mode="lines",
            line={"width": 0.6, "color": "white"},
            fillcolor=loss_colour(part),
            name=f"{loss_label(part)} ({show_number(mean, 3)})",
            legendgroup=part,
            showlegend=side == shown,
            hovertemplate=hover if side == shown else None,
            hoverinfo=None if side == shown else "skip",
        )


def _loss_parts(record: Record) -> list[str]:
    held = [
        str(name)[len("loss_") : -len("_volt")]
        for name in record.data.data_vars
        if str(name).startswith("loss_") and str(name).endswith("_volt")
    ]
    parts = [part for part in LOSS_LABELS if part in held]
    parts += [part for part in held if part not in LOSS_LABELS and part != "total"]
    if not parts:
        raise InputError(
            "the record holds no loss budget (variables loss_<part>_volt); "
            "expected a simulated cycling record"
        )
    return parts
