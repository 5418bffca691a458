"""Shows 4: the loss budget adds up, and switching a mechanism off moves its own part."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from solith.cell import (
    LOSS_PARTS,
    Cell,
    Cycling,
    Gitt,
    Protocol,
    Voltammetry,
    cc_cv,
    cycle,
    rate_series,
    simulate,
)
from solith.core.record import Record
from validation.cells import changing_cell, coated_cell, graphite_cell, thick_cell
from validation.marks import Mark, finish

UPPER, LOWER = "3.7 V vs Li-In", "2.1 V vs Li-In"
CLOSURE = 1e-3  # V


def protocols() -> dict[str, Protocol]:
    """Every kind of time-domain protocol."""
    begin = (f"charge at 0.5 C until {UPPER}", "rest for 1 h")
    return {
        "cycle at 0.1 C": cycle("0.1 C", UPPER, LOWER),
        "cycle at 1 C": cycle("1 C", UPPER, LOWER),
        "CC-CV at 0.5 C, 2 cycles": cc_cv("0.5 C", UPPER, LOWER, "0.05 C", cycles=2),
        "rates 0.1, 0.5, 1, 2 C": rate_series(
            ["0.1 C", "0.5 C", "1 C", "2 C"], UPPER, LOWER, charge="0.1 C"
        ),
        "cycle at 0.5 C with double layers": Cycling(
            cycle("0.5 C", UPPER, LOWER).steps, double_layers=True
        ),
        "30 cycles at 1 C": cycle("1 C", UPPER, LOWER, cycles=30),
        "stepped current and a hold": Cycling(
            (
                "charge at 0.1 C for 1 h",
                "charge at 0.2 C for 1 h",
                "charge at 0.4 C for 30 min",
                f"hold at {UPPER} for 1 h",
            )
        ),
        "GITT, 10 pulses": Gitt("0.13 mA/cm2", "15 min", "1 h", LOWER, begin=begin, most_pulses=10),
        "voltammetry at 0.1 mV/s": Voltammetry("0.1 mV/s", UPPER, "2.4 V vs Li-In"),
    }


def worst_closure(record: Record) -> float:
    """Largest difference between the parts' sum and the whole [V]."""
    parts = sum(record.array(f"loss_{part}_volt") for part in LOSS_PARTS)
    whole = record.array("open_circuit_voltage_volt") - record.array("voltage_volt")
    return float(np.max(np.abs(parts - whole)))


def closures() -> Iterator[Mark]:
    """The sum of the parts at every stored time of every protocol."""
    cells = {"coated": coated_cell(), "thick": thick_cell(), "changing": changing_cell()}
    for name, cell in cells.items():
        for what, protocol in protocols().items():
            if name == "changing" and "double layers" in what:
                continue  # several sorts of particles do not go with double layers
            record = simulate(cell, protocol)
            worst = worst_closure(record)
            yield Mark(
                f"{name} cell, {what}: sum of parts against the whole, {len(record)} times",
                f"{1e3 * worst:.2g} mV",
                "within 1 mV",
                worst <= CLOSURE,
            )
    record = simulate(graphite_cell(), cycle("0.5 C", "4.1 V vs anode", "2.8 V vs anode"))
    worst = worst_closure(record)
    yield Mark(
        f"graphite cell, cycle at 0.5 C: sum of parts against the whole, {len(record)} times",
        f"{1e3 * worst:.2g} mV",
        "within 1 mV",
        worst <= CLOSURE,
    )


def switched_off() -> Iterator[tuple[str, Cell, Cell]]:
    """Each part with a cell that has its mechanism and the same cell without."""
    cell = coated_cell()
    # given by itself, so that it does not follow the electrolyte layer's conductivity
    cell = cell.with_composite(cell.cathode.composite.replace(ionic_conductivity="0.5 mS/cm"))
    cathode, composite = cell.cathode, cell.cathode.composite
    transfer = cathode.charge_transfer
    without = {
        "electrolyte_layer": cell.replace(electrolyte=cell.electrolyte.replace(conductivity=1e9)),
        "ionic_path": cell.with_composite(composite.replace(ionic_conductivity=1e9)),
        "electronic_path": cell.with_composite(composite.replace(electronic_conductivity=1e9)),
        "coating": cell.replace(cathode=cathode.replace(coating=None)),
        "interphase": cell.replace(cathode=cathode.replace(interphase=None)),
        "further_resistance": cell.replace(cathode=cathode.replace(further_resistance=None)),
        "contact": cell.with_composite(composite.replace(contact_fraction=1.0)),
        "charge_transfer": cell.replace(
            cathode=cathode.replace(charge_transfer=transfer.replace(area_resistance=1e-9))
        ),
        "solid_diffusion": cell.replace(cathode=cathode.replace(diffusivity=1e-8)),
        "anode": cell.replace(
            anode=cell.anode.replace(interface=cell.anode.interface.replace(resistance=0.0))
        ),
    }
    for part, changed in without.items():
        yield part, cell, changed
    thick = thick_cell()
    even = thick.with_composite(
        thick.cathode.composite.replace(ionic_conductivity=1e9, electronic_conductivity=1e9)
    )
    yield "uneven_lithiation", thick, even
    layer = {"law": "depletion", "resistance": "500 ohm cm2", "potential": "4 V"}
    charged = cell.replace(cathode=cathode.replace(space_charge={**layer, "flat_band": "3.4 V"}))
    yield "space_charge", charged, cell
    patches = {"law": "patches", "radius": "0.5 um"}
    confined = cell.replace(cathode=cathode.replace(confinement=patches))
    yield "confinement", confined, cell
    graphite = graphite_cell()
    assert graphite.anode.host is not None
    fast = graphite.anode.replace(host=graphite.anode.host.replace(diffusivity=1e-8))
    yield "anode_diffusion", graphite, graphite.replace(anode=fast)


def switches() -> Iterator[Mark]:
    """Mean losses at 0.5 C after switching off: the own part goes, others stay in place."""
    protocol = Cycling((f"charge at 0.5 C until {UPPER}", "discharge at 0.5 C for 30 min"))
    by_voltage = Cycling(("charge at 0.5 C until 4.0 V vs anode", "discharge at 0.5 C for 30 min"))
    for part, cell, changed in switched_off():
        steps = protocol if cell.anode.host is None else by_voltage
        before, after = _mean_losses(cell, steps), _mean_losses(changed, steps)
        others = max(
            (abs(after[name] - before[name]), name)
            for name in LOSS_PARTS
            if name not in (part, *_tied_to(part))
        )
        own, left = abs(before[part]), abs(after[part])
        yield Mark(
            f"{part} off: its own part from {1e3 * before[part]:.3g} mV to",
            f"{1e3 * after[part]:.2g} mV; largest move of an independent part: "
            f"{1e3 * others[0]:.2g} mV ({others[1]})",
            "own part falls by 99 %; independent parts move less than 5 % of it or 1 mV",
            left <= 0.01 * own and own > 1e-5 and others[0] <= max(0.05 * own, 1e-3),
        )


def _tied_to(part: str) -> tuple[str, ...]:
    # What the contact costs is a share of every interface part; the paths of ions and
    # electrons and the depth's unevenness follow one another through the current they share.
    interface = ("coating", "interphase", "further_resistance", "space_charge", "charge_transfer")
    paths = ("ionic_path", "electronic_path", "uneven_lithiation")
    if part in interface:
        return ("contact",)
    return paths if part in paths else ()


def _mean_losses(cell: Cell, protocol: Cycling) -> dict[str, float]:
    discharge = simulate(cell, protocol).select(step_count=2)
    time = discharge.array("test_time_second")
    span = time[-1] - time[0]
    return {
        part: float(np.trapezoid(discharge.array(f"loss_{part}_volt"), time) / span)
        for part in LOSS_PARTS
    }


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    yield from closures()
    yield from switches()


if __name__ == "__main__":
    finish(marks())
