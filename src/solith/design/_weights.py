"""A stack weighed and measured: layers, capacity and energy, per area of its face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from solith.design._layer import Layer
from solith.design.stack import Stack

__all__ = ["Weights", "weigh"]

_LESS = 1e-12
"""Relative; by less than this an anode does not limit the cell."""


@dataclass(frozen=True)
class Weights:
    """Sums over a stack per geometric area of its face; floats, or arrays of samples.

    ``capacity`` [C/m2] is that of one cell, ``voltage`` [V] the stack's; ``energy`` [J/m2],
    ``mass`` [kg/m2] and ``volume`` [m3/m2] are of all cells with what is around them;
    ``thickness`` [m] is that of the layers. ``limited`` tells where the anode has less capacity
    than the cathode.
    """

    layers: tuple[Layer, ...]
    capacity: Any
    voltage: Any
    energy: Any
    mass: Any
    volume: Any
    thickness: Any
    limited: Any

    @property
    def gravimetric(self) -> Any:
        """Energy per mass [J/kg]: C V / sum(w), 10.1039/c6ta05439k, section 3."""
        return self.energy / self.mass

    @property
    def volumetric(self) -> Any:
        """Energy per volume [J/m3]: C V / sum(w / rho), 10.1039/c6ta05439k, section 3."""
        return self.energy / self.volume


def weigh(stack: Stack) -> Weights:
    """All layers of the stack, and their sums."""
    layers = _layers(stack)
    cathode, anode = (next(one for one in layers if one.name == name) for name in _ELECTRODES)
    limited = anode.capacity < cathode.capacity * (1 - _LESS)
    capacity = np.where(limited, anode.capacity, cathode.capacity)[()]
    voltage = stack.cell_voltage * (stack.cells if stack.arrangement == "bipolar" else 1)
    return Weights(
        layers,
        capacity,
        voltage,
        stack.cells * capacity * stack.cell_voltage,
        sum(layer.count * layer.mass for layer in layers),
        sum(layer.count * layer.volume for layer in layers),
        sum(layer.count * layer.thickness for layer in layers),
        limited,
    )


_ELECTRODES = ("cathode", "anode")


def _layers(stack: Stack) -> tuple[Layer, ...]:
    cells = float(stack.cells)
    cathode = stack.cathode.layer("cathode", stack.liquid)
    anode = stack.anode.layer("anode", stack.liquid, cathode.capacity)
    inner = (cathode, stack.separator.layer(stack.liquid), anode)
    layers = [
        Layer(one.name, one.thickness, one.mass, one.volume, one.shares, cells, one.capacity)
        for one in inner
    ]
    for name, count in stack.collector_counts.items():
        foil = getattr(stack, name)
        if foil is not None and count:
            layers.append(foil.layer(name.replace("_", " "), count))
    face = stack.face
    if face is not None:
        layers += [tab.layer(face) for tab in stack.tabs]
        if stack.pouch is not None and stack.width is not None and stack.length is not None:
            layers.append(stack.pouch.layer(stack.width, stack.length))
        if stack.fixture is not None:
            layers.append(stack.fixture.layer(face))
    return tuple(layers)
