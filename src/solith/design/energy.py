"""Energy of a stack, by mass and by volume, with what it consists of and costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from solith.core.errors import InputError
from solith.core.quantities import in_unit
from solith.core.result import LOWER_BOUND, Result, Value
from solith.core.table import text_table
from solith.design._plausible import capacity_flags
from solith.design._weights import Weights, weigh
from solith.design.stack import Stack

__all__ = ["EnergyResult", "compute_energy", "require_stack"]

_HEADINGS = ("layer", "material", "count", "mass (mg/cm2)", "volume (um)", "mass share")


@dataclass(frozen=True)
class EnergyResult(Result):
    """What :func:`compute_energy` found; values carry their units, areas are geometric."""

    @property
    def gravimetric(self) -> Value:
        """Energy per mass [Wh/kg]."""
        return self["gravimetric"]

    @property
    def volumetric(self) -> Value:
        """Energy per volume [Wh/L]."""
        return self["volumetric"]

    @property
    def convention(self) -> str:
        """How collectors were counted."""
        return str(self.details["convention"])

    @property
    def components(self) -> list[dict[str, Any]]:
        """One row for each material in each layer: masses [kg/m2] and volumes [m3/m2] of all
        layers of the kind together, their shares, and the cost per area where known."""
        return list(self.details["components"])

    def __str__(self) -> str:
        priced = any(row["cost"] is not None for row in self.components)
        rows = [
            (
                row["layer"],
                row["material"],
                f"{row['count']:g}",
                f"{100 * row['mass']:.4g}",
                f"{1e6 * row['volume']:.4g}",
                f"{row['mass_share']:.1%}",
                *(_cost(row),) * priced,
            )
            for row in self.components
        ]
        table = text_table((*_HEADINGS, *("cost",) * priced), rows)
        return f"{super().__str__()}\n\n{table}\n\n{self.convention}"


def compute_energy(stack: Stack) -> EnergyResult:
    """Gravimetric and volumetric energy of ``stack``, its areal capacity, thickness, mass and cost.

    Energy is capacity times mean voltage over the sum of masses, or of volumes, of everything that
    the stack has (10.1039/c6ta05439k, section 3). Areas are geometric, those of one face. Pores are
    part of their layer's volume; a liquid fills them without a volume of its own. ``convention``
    says how collectors are counted, ``components`` what each material weighs. The cost, where any
    price is known, is flagged as a lower bound until every price is.

    Raises :class:`InputError` for what is no :class:`Stack`.
    """
    require_stack(stack)
    weights = weigh(stack)
    told = stack.convention
    flags = ("the anode has less capacity than the cathode and limits the cell",)
    limited = (*capacity_flags(stack), *(flags if weights.limited else ()))
    values = [
        _value("gravimetric", weights.gravimetric, "J/kg", "Wh/kg", told, limited),
        _value("volumetric", weights.volumetric, "J/m3", "Wh/L", told, limited),
        _value("areal_capacity", weights.capacity, "C/m2", "mAh/cm2", told, limited, "geometric"),
        _value("areal_energy", weights.energy, "J/m2", "mWh/cm2", told, limited, "geometric"),
        _value("voltage", weights.voltage, "V", "V", told),
        _value("thickness", weights.thickness, "m", "um", told),
        _value("areal_mass", weights.mass, "kg/m2", "mg/cm2", told, (), "geometric"),
    ]
    if stack.face is not None:
        energy, mass = weights.energy * stack.face, weights.mass * stack.face
        volume = weights.volume * stack.face
        values += [
            _value("energy", energy, "J", "Wh", told, limited),
            _value("mass", mass, "kg", "g", told),
            _value("volume", volume, "m3", "cm3", told),
        ]
    if stack.separator.conductivity is not None and stack.separator.thickness > 0:
        resistance = stack.separator.thickness / stack.separator.conductivity
        values.append(
            _value("separator_resistance", resistance, "ohm m2", "ohm cm2", told, (), "geometric")
        )
    rows = _components(weights)
    values += _costs(rows, weights, told)
    details = {
        "convention": told,
        "arrangement": stack.arrangement,
        "cells": stack.cells,
        "components": rows,
        "volume": float(weights.volume),
    }
    return EnergyResult("energy of a stack", tuple(values), details)


def require_stack(stack: Any) -> None:
    """Refuse what is no :class:`Stack`."""
    if not isinstance(stack, Stack):
        raise InputError(
            f"{type(stack).__name__} is no stack; expected a solith.design.Stack "
            "(Stack.from_mapping reads plain data)"
        )


def _value(
    name: str,
    number: Any,
    unit: str,
    shown: str,
    convention: str,
    flags: tuple[str, ...] = (),
    area: str = "",
) -> Value:
    value = in_unit(float(number), unit, shown)
    return Value(name, value, shown, method=convention, flags=flags, area=area)


def _components(weights: Weights) -> list[dict[str, Any]]:
    rows = []
    for layer in weights.layers:
        for share in layer.shares:
            mass, volume = layer.count * float(share.mass), layer.count * float(share.volume)
            price = share.price
            rows.append(
                {
                    "layer": layer.name,
                    "material": share.material,
                    "count": layer.count,
                    "mass": mass,
                    "volume": volume,
                    "mass_share": mass / float(weights.mass),
                    "volume_share": volume / float(weights.volume),
                    "cost": None
                    if price is None
                    else price.per_mass * mass + price.per_area * layer.count,
                    "currency": "" if price is None else price.currency,
                    "price_source": "" if price is None else price.source,
                }
            )
    return rows


def _cost(row: dict[str, Any]) -> str:
    if row["cost"] is None:
        return "no price given" if row["mass"] > 0 else "weighs nothing"
    return f"{row['cost']:.4g} {row['currency']}/m2"


def _costs(rows: list[dict[str, Any]], weights: Weights, convention: str) -> list[Value]:
    weighing = [row for row in rows if row["mass"] > 0]
    priced = [row for row in weighing if row["cost"] is not None]
    currencies = sorted({row["currency"] for row in priced})
    if not priced:
        return []
    if len(currencies) > 1:
        raise InputError(
            f"prices are in {', '.join(currencies)}; give them in one currency", where="price"
        )
    unpriced = [row["material"] for row in weighing if row["cost"] is None]
    flags = (f"{LOWER_BOUND}: no price of {', '.join(dict.fromkeys(unpriced))}",) * bool(unpriced)
    source = "; ".join(dict.fromkeys(row["price_source"] for row in priced))
    cost = sum(row["cost"] for row in priced)
    per_energy = cost / in_unit(float(weights.energy), "J", "kWh")
    money = currencies[0]
    return [
        Value("areal_cost", cost, f"{money}/m2", None, "geometric", convention, source, flags),
        Value("cost_per_energy", per_energy, f"{money}/kWh", None, "", convention, source, flags),
    ]
