"""What share of a resistance a coating can carry, on named areas."""

from __future__ import annotations

import numpy as np

from solith.cell.cell import REFERENCE_TEMPERATURE, Cell
from solith.cell.losses import LOSS_PARTS
from solith.core.errors import InputError
from solith.core.quantities import in_unit, to_si
from solith.core.record import Record
from solith.core.result import Result, Value
from solith.interface.arrhenius import arrhenius_factor

__all__ = ["INTERFACE_PARTS", "attribute_resistance"]

INTERFACE_PARTS = (
    "coating",
    "interphase",
    "further_resistance",
    "space_charge",
    "contact",
    "charge_transfer",
)
"""Parts of the loss budget that lie at the cathode's interface."""


def attribute_resistance(cell: Cell, record: Record, resistance: float | str) -> Result:
    r"""Whether the coating's own ohmic resistance carries an interfacial ``resistance`` [ohm].

    From the loss budget of the discharge in ``record``, a simulation of ``cell``:

    * ``coating_ohmic_share``: loss in the coating over loss at the cathode's interface, both
      means over the discharge weighted by charge, the coating's with its part of what the
      contact fraction costs;
    * ``interface_share``: loss at the interface over the whole loss.

    From the coating's thickness t and conductivity :math:`\sigma` at the cell's temperature:

    * ``coating_area_resistance`` :math:`t/\sigma` on the area that ions cross;
      ``coating_resistance``: the same over the *contact* area;
    * ``coating_share_of_resistance``: that over ``resistance``;
    * ``area_needed`` :math:`t/(\sigma R)`: the area through which the coating alone would have
      the whole resistance, and ``area_needed_over_contact_area``, ``_over_geometric_area``.

    Raises :class:`InputError` for a cell without a coating or with sorts of particles that touch
    unequally (their shares are not in the budget), a resistance that is not above
    zero and a record without a loss budget or a discharge.
    """
    ohm = to_si(resistance, "ohm")
    coating = cell.cathode.coating
    if coating is None:
        raise InputError("the cell has no coating; there is nothing to attribute to it")
    touching = {cell.contact_fraction_of(member) for member in cell.cathode.particle_classes}
    if len(touching) > 1:
        raise InputError("the cell's sorts of particles touch unequally; the budget mixes them")
    if not ohm > 0:
        raise InputError(f"{resistance!r} must be above 0 ohm", where="resistance")
    means = _mean_losses(record)
    interface = sum(means[part] for part in INTERFACE_PARTS)
    own = _mean(record, "coating", over_contact=cell.contact_fraction)
    thermal = arrhenius_factor(
        coating.activation_energy or 0.0, cell.temperature, REFERENCE_TEMPERATURE
    )
    per_area = coating.area_resistance / thermal
    needed = per_area / ohm
    in_cell = per_area / cell.contact_area
    budget = "loss budget, mean over the discharge weighted by charge"
    ohmic = "thickness / conductivity"
    return Result(
        f"Interface of {record.name or 'the cell'}",
        (
            Value("coating_ohmic_share", own / interface, "", area="contact", method=budget),
            Value("interface_share", interface / sum(means.values()), "", method=budget),
            Value(
                "coating_area_resistance",
                in_unit(per_area, "ohm m2", "ohm cm2"),
                "ohm cm2",
                area="contact",
                method=ohmic,
            ),
            Value("coating_resistance", in_cell, "ohm", area="contact", method=ohmic),
            Value("coating_share_of_resistance", in_cell / ohm, "", area="contact", method=ohmic),
            Value("area_needed", in_unit(needed, "m2", "cm2"), "cm2", method=ohmic),
            Value("contact_area", in_unit(cell.contact_area, "m2", "cm2"), "cm2", area="contact"),
            Value("area_needed_over_contact_area", needed / cell.contact_area, "", area="contact"),
            Value("area_needed_over_geometric_area", needed / cell.area, "", area="geometric"),
        ),
    )


def _mean_losses(record: Record) -> dict[str, float]:
    """Mean of each loss over the record's discharge, weighted by charge [V]."""
    missing = [part for part in LOSS_PARTS if f"loss_{part}_volt" not in record.data]
    if missing:
        raise InputError(f"{record.name or 'the record'} holds no loss budget")
    return {part: _mean(record, part) for part in LOSS_PARTS}


def _mean(record: Record, part: str, over_contact: float | None = None) -> float:
    """Mean of one loss [V]; at the contact as it is, not at full contact, with ``over_contact``."""
    current, time = record.array("current_ampere"), record.array("test_time_second")
    flows = (current[1:] < 0) & (current[:-1] < 0)
    charge = np.where(flows, -(current[1:] + current[:-1]) / 2 * np.diff(time), 0.0)
    if not charge.sum() > 0:
        raise InputError(f"{record.name or 'the record'} holds no discharge")
    loss = record.array(f"loss_{part}_volt")
    if over_contact is not None:
        known = "contact_fraction_1" in record.data
        loss = loss / (record.array("contact_fraction_1") if known else over_contact)
    return float(np.sum((loss[1:] + loss[:-1]) / 2 * charge) / charge.sum())
