"""A resistance with its capacitance, on a named area."""

from __future__ import annotations

from dataclasses import dataclass

from solith.core.description import Description, quantity

__all__ = ["AreaResistance"]


@dataclass(frozen=True)
class AreaResistance(Description):
    """An R||C element per area: ``resistance`` [ohm m2], ``capacitance`` [F/m2].

    The area is that of the place where it stands: *geometric* in the electrolyte layer
    and at the anode, *contact* on the particles. ``activation_energy`` [J/mol] makes the
    resistance fall with temperature.
    """

    resistance: float = quantity("ohm m2", low=0)
    capacitance: float = quantity("F/m2", above=0)
    activation_energy: float = quantity("J/mol", low=0, default=0.0)
