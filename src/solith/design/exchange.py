"""One electrolyte in the place of another."""

from __future__ import annotations

from typing import Any

from solith.core.errors import InputError
from solith.design._layer import find_density
from solith.design.electrode import Constituent, Electrode
from solith.design.energy import require_stack
from solith.design.stack import Stack

__all__ = ["exchange_electrolyte"]


def exchange_electrolyte(
    stack: Stack, material: str, *, density: Any = None, conductivity: Any = None
) -> Stack:
    """``stack`` with another solid electrolyte in separator and electrodes, volume for volume.

    Wherever the separator's material stands, ``material`` does, in the same volume: thicknesses,
    porosities and the loading of active material stay, mass fractions follow the density.
    ``density`` [kg/m3] is that of the materials table if not given. A price is not carried over.
    """
    require_stack(stack)
    old = stack.separator.material
    separator = stack.separator.replace(
        material=material, density=density, conductivity=conductivity, price=None
    )
    changes: dict[str, Any] = {"separator": separator}
    changes["cathode"] = _exchanged(stack.cathode, old, material, separator.density)
    if isinstance(stack.anode, Electrode):
        changes["anode"] = _exchanged(stack.anode, old, material, separator.density)
    return stack.replace(**changes)


def _exchanged(electrode: Electrode, old: str, material: str, density: float | None) -> Electrode:
    if electrode.active.material == old:
        raise InputError(f"{old!r} is the active material and cannot be exchanged", where="active")
    scaled = [
        (item, item.mass_fraction * find_density(material, density) / _density(item))
        if item.material == old
        else (item, item.mass_fraction)
        for item in (electrode.active, *electrode.additives)
    ]
    total = sum(amount for _, amount in scaled)
    made = [
        Constituent(material, amount / total, density)
        if item.material == old
        else item.replace(mass_fraction=amount / total)
        for item, amount in scaled
    ]
    # By thickness and porosity the loading stays, as it does by itself.
    return electrode.replace(active=made[0], additives=tuple(made[1:]))


def _density(item: Constituent) -> float:
    return find_density(item.material, item.density)
