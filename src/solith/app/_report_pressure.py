"""Figures of an electrode under stack pressure in a study's report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from solith.app._report_cases import Case
from solith.app._report_numbers import show_name
from solith.app._report_page import Panel
from solith.core.result import Result
from solith.figures import (
    plot_breathing,
    plot_contact_rose,
    plot_phase_surfaces,
    plot_slices,
    plot_under_pressure,
)

__all__ = ["find_pressure_panels"]

_GROUP = "Under stack pressure"
_SURFACES = ("active", "void")
_SHOWN_IN_SPACE = 3
"""States of a series that are drawn in space: first, middle and last."""

Rows = list[tuple[float, float, float | None]]


def find_pressure_panels(
    cases: list[Case], published: Mapping[tuple[str, str], float]
) -> list[Panel]:
    """Porosity, contact, paths, conduction, charge transfer, capacity, breathing, and the states.

    Of samples that hold a pressed structure each; those that were pressed otherwise are left out.
    ``published`` porosities [%], by sample and quantity, stand beside computed ones.
    """
    structures = {
        case.sample: case.result
        for case in cases
        if case.result is not None and "packings" in case.result.details
        and "pressure" in case.result.details
    }  # fmt: skip
    series = {name: one for name, one in structures.items() if _is_of(name, one)}
    if len(series) < 2:
        return []
    return [*_curves(cases, series, published), *_breathing(cases, series), *_states(series)]


def _is_of(name: str, result: Result) -> bool:
    """Whether a sample is named by its pressure, as those of a series are."""
    return name == f"{result.details['pressure'] / 1e6:.6g}"


def _curves(
    cases: list[Case], series: dict[str, Result], published: Mapping[tuple[str, str], float]
) -> Iterator[Panel]:
    def of_structure(names: tuple[str, ...], scale: float = 1.0) -> dict[str, Rows]:
        return {show_name(name): _rows(series, series, name, scale) for name in names}

    readings = {
        case.sample: case.result
        for case in cases
        if case.result is not None
        and case.sample in series
        and "charge_transfer_resistance_of_cell" in case.result
    }
    porosities = ("porosity_composite", "porosity_of_particles", "porosity_electrolyte_layer")
    yield Panel(
        _GROUP,
        "Porosity",
        "Means and standard deviations of packings. Composite: carbon counted as void, as in a "
        "tomogram of three phases; of particles: voids alone.",
        plot_under_pressure(
            of_structure(porosities, 100),
            "Porosity (%)",
            published={
                show_name(name): (float(series[sample].details["pressure"]), number)
                for (sample, name), number in published.items()
                if sample in series and name in porosities
            },
        ),
    )
    yield Panel(
        _GROUP,
        "Fractions",
        "Of the volume of the composite.",
        plot_under_pressure(
            of_structure(("active_fraction", "electrolyte_fraction"), 100), "Volume fraction (%)"
        ),
    )
    contacts = {
        "on voxels": _rows(series, series, "contact_fraction", 100),
        "of particles": _rows(series, series, "contact_fraction_of_particles", 100),
    }
    if readings:
        contacts["bearing the load"] = _rows(series, readings, "contact_fraction_real", 100)
    yield Panel(
        _GROUP,
        "Contact",
        "Part of the active surface: as voxels show it, as particles flatten, and what bears the "
        "load between rough surfaces (assumed hardness).",
        plot_under_pressure(contacts, "Contact (% of active surface)", logarithmic=True),
    )
    yield Panel(
        _GROUP,
        "Direction of contact",
        "Contact of surface that faces along the pressing axis over that of surface beside it; "
        "1: alike.",
        plot_under_pressure(
            of_structure(("contact_anisotropy",)),
            "Along over across",
            from_zero=False,
            level=("no direction", 1.0),
        ),
    )
    yield Panel(
        _GROUP,
        "Path lengths",
        "Shortest ways through the electrolyte over its thickness: the most frequent, and the "
        "shortest of all.",
        plot_under_pressure(
            of_structure(("tortuosity_mode", "tortuosity_minimum")),
            "Path length over thickness",
            from_zero=False,
            level=("straight", 1.0),
        ),
    )
    yield Panel(
        _GROUP,
        "Tortuosity",
        "The electrolyte's own conductivity times its volume fraction, over that of the composite: "
        "narrow places and detours alike. 1: straight channels.",
        plot_under_pressure(
            of_structure(("tortuosity_flux",)),
            "Flux tortuosity",
            from_zero=False,
            level=("straight channels", 1.0),
        ),
    )
    if not readings:
        return
    yield Panel(
        _GROUP,
        "Apparent conductivity",
        "Of the electrolyte layer, from the simulated spectrum's resistance at high frequency.",
        plot_under_pressure(
            {"apparent conductivity": _rows(series, readings, "apparent_conductivity", 10)},
            "Conductivity (mS/cm)",
            logarithmic=True,
            slope=("apparent conductivity", 1.0),
        ),
    )
    names = ("charge_transfer_resistance", "charge_transfer_resistance_of_cell")
    yield Panel(
        _GROUP,
        "Charge transfer",
        "As read from the simulated spectrum, which holds part of the electrode's ionic "
        "resistance, and what the cell was made of. Geometric area.",
        plot_under_pressure(
            {show_name(name): _rows(series, readings, name, 1e4) for name in names},
            "Resistance (ohm cm²)",
            logarithmic=True,
            slope=(show_name(names[1]), -1.0),
        ),
    )
    yield from _capacity(cases)
    yield from _held_capacity(cases)


def _capacity(cases: list[Case]) -> Iterator[Panel]:
    for case in cases:
        if case.result is None or "rows" not in case.result.details:
            continue
        rows: Rows = [(p, 100 * own / held, None) for p, own, held in case.result.details["rows"]]
        yield Panel(
            _GROUP,
            "Capacity",
            "Discharge capacity as pressure rises, over that of a second cell held at the first "
            "pressure, after as many cycles.",
            plot_under_pressure({"capacity ratio": rows}, "Capacity ratio (%)", from_zero=False),
        )


def _held_capacity(cases: list[Case]) -> Iterator[Panel]:
    for case in cases:
        if case.result is None or "held_capacity" not in case.result.details:
            continue
        held = case.result.details["held_capacity"]
        curves: dict[str, Rows] = {
            f"{one['rate']}, constant {one['hold']}": [
                (pressure, 100 * kept, None if spread is None else 100 * spread)
                for pressure, kept, spread in zip(
                    one["pressure"], one["kept"], one["spread"], strict=True
                )
            ]
            for one in held
        }
        share = 100 * held[0]["share"]
        yield Panel(
            _GROUP,
            f"Capacity while particles breathe: {case.sample}",
            "Discharge capacity over that at the highest pressure, held constant: each half of the "
            "cycle with the pressure and the contact that breathing leaves it.",
            plot_under_pressure(curves, "Capacity (%)", level=(f"{share:.3g} %", share)),
        )


def _breathing(cases: list[Case], series: dict[str, Result]) -> Iterator[Panel]:
    breathing = {
        f"{case.sample} MPa": case.result
        for case in cases
        if case.result is not None and "breathing" in case.result.details and case.sample in series
    }
    if breathing:
        yield Panel(
            _GROUP,
            "Breathing",
            "Area of contacts between active and electrolyte particles while the active ones "
            "shrink and come back, over that before.",
            plot_breathing(breathing),
        )


def _states(series: dict[str, Result]) -> Iterator[Panel]:
    from solith.study.stack_pressure import pressed_volume

    names = [name for name, result in series.items() if "voxels" in result.details]
    chosen = np.linspace(0, len(names) - 1, min(_SHOWN_IN_SPACE, len(names))).round().astype(int)
    for name in (names[place] for place in chosen):
        result = series[name]
        volume = pressed_volume(result.details["voxels"])
        yield Panel(
            _GROUP,
            f"Composite at {name} MPa",
            "Surfaces of active material and voids, one packing. Drag to turn.",
            plot_phase_surfaces(volume, [one for one in _SURFACES if one in volume.phases]),
        )
        if name not in (names[0], names[-1]):
            continue
        yield Panel(
            _GROUP,
            f"Cuts at {name} MPa",
            "Through the middle of the same packing, one scale.",
            plot_slices(volume),
        )
        if "rose" in result.details:
            contact = Result("contact", (), result.details["rose"])
            yield Panel(
                _GROUP,
                f"Contact by direction at {name} MPa",
                "Part of the active surface that touches electrolyte, by the angle of its normal "
                "to the pressing axis, which points up.",
                plot_contact_rose(contact),
            )


def _rows(series: dict[str, Result], results: dict[str, Result], name: str, scale: float) -> Rows:
    rows = []
    for sample, structure in series.items():
        if sample not in results or name not in results[sample]:
            continue
        value = results[sample][name]
        if value.value is not None:
            spread = None if value.uncertainty is None else value.uncertainty * scale
            rows.append((float(structure.details["pressure"]), value.value * scale, spread))
    return sorted(rows)
