"""What of a stack cannot be: capacities beyond what the materials hold."""

from __future__ import annotations

from typing import Any

from solith.core.errors import UnknownNameError
from solith.core.quantities import in_unit
from solith.design.anode import Foil
from solith.design.electrode import Electrode
from solith.design.stack import Stack

__all__ = ["capacity_flags"]

_SULFUR = 6.02e6
"""Of the active material of any other cathode [C/kg]: sulfur's to Li2S, 1672 mAh/g."""
_ROUNDING = 1.01
"""Over the largest capacity: "372 mAh/g" of graphite, whose 371.9 are printed rounded."""


def capacity_flags(stack: Stack) -> tuple[str, ...]:
    """What to say of electrodes that use more than their active material holds.

    The most is the largest specific capacity of the materials table, the theoretical one where it
    has that, per mass of what the row says (of lithium-free graphite, silicon or sulfur). Of other
    cathodes it is sulfur's; other anodes are held to lithium's by their description.
    """
    used = {"cathode": stack.cathode, "anode": stack.anode}
    return tuple(
        flag for name, electrode in used.items() if (flag := _flag(name, electrode)) is not None
    )


def _flag(name: str, electrode: Any) -> str | None:
    if isinstance(electrode, Electrode):
        material = electrode.active.material
    elif isinstance(electrode, Foil):
        material = electrode.material
    else:
        return None
    most, told = _most(material, name)
    if most is None or electrode.capacity <= most * _ROUNDING:
        return None
    shown, limit = (f"{in_unit(one, 'C/kg', 'mAh/g'):.4g}" for one in (electrode.capacity, most))
    return f"{name}: {shown} mAh/g is implausible; {told.format(limit=f'{limit} mAh/g')}"


def _most(material: str, name: str) -> tuple[float | None, str]:
    from solith.materials import find_material

    try:
        rows = find_material(material).rows("specific_capacity")
    except UnknownNameError:
        if name == "cathode":
            return _SULFUR, "no cathode holds more than sulfur, {limit}"
        return None, ""
    most = max(rows, key=lambda row: row.value)
    return most.value, f"{material} holds {{limit}} at most ({most.conditions.form})"
