"""Which figures the report of an analysis shows for a record, and what stands under each."""

from __future__ import annotations

from functools import partial

import numpy as np

from solith.app._analyse_panels import panel
from solith.app._analyse_spectra_figures import (
    DRAWN_TOGETHER,
    map_panels,
    spectra_panels,
    spectrum_panels,
)
from solith.app._report_page import Panel
from solith.app.analyse import AnalysedRecord
from solith.app.analyse_joined import Joined
from solith.core.record import Record
from solith.core.result import Result
from solith.figures import (
    plot,
    plot_capacitive_current,
    plot_capacitive_share,
    plot_charge_discharge,
    plot_critical_current,
    plot_current_voltage,
    plot_cycle_life,
    plot_differential_capacity,
    plot_differential_voltage,
    plot_diffusivity,
    plot_drt,
    plot_gitt,
    plot_impedance,
    plot_impedance_fit,
    plot_internal_resistance,
    plot_kramers_kronig,
    plot_ragone,
    plot_replicates,
    plot_scan_rates,
    plot_switching,
    plot_symmetric_cycling,
    plot_triggering,
    plot_voltammogram,
)

__all__ = ["joined_panels_of", "panels_of"]

_NYQUIST = (
    "Nyquist view in ohm of the whole cell, not normalised to an area; filled marks stand at the "
    "decades of frequency"
)
_LONG_TAIL = 5.0  # times the arcs' resistance; a longer one leaves no room for them
_MOST_CYCLES = 5
_BODE = "Magnitude and phase against frequency"


def panels_of(one: AnalysedRecord) -> list[Panel]:
    """The figures of a record and its results; what cannot be drawn is left out."""
    by_kind = {
        "impedance": _impedance,
        "cycling": _cycling,
        "voltammogram": _voltammogram,
        "current-voltage": _current_voltage,
        "spectrum": spectrum_panels,
        "map": map_panels,
    }
    return by_kind.get(one.record.kind, _other)(one.record, one.results)


def joined_panels_of(one: Joined) -> list[Panel]:
    """The figures of what records tell together; what cannot be drawn is left out."""
    panels = spectra_panels(one)
    for technique, result in one.results.items():
        if technique in DRAWN_TOGETHER:
            continue
        if technique == "scan-rates":
            caption = "Peak currents against scan rate, and the lines of the exponents b."
            panels += panel("Scan rates", caption, plot_scan_rates, result)
        elif technique == "capacitive-share":
            caption = "Part of the charge that grows with the scan rate, not with its root."
            panels += panel("Capacitive share", caption, plot_capacitive_share, result)
            caption = "The fastest voltammogram, and what grows with the scan rate in it."
            panels += panel("Capacitive current", caption, plot_capacitive_current, result)
        elif technique == "triggering":
            caption = (
                "Part of the curves that triggered up to a bias; dashed: the Weibull distribution."
            )
            panels += panel("Triggering", caption, plot_triggering, result)
        else:
            caption = "Mean over the replicates, and its band."
            panels += panel("Replicates", caption, plot_replicates, result)
    return panels


def _impedance(record: Record, results: dict[str, Result]) -> list[Panel]:
    panels = _spectrum(record, results.get("impedance"))
    if "drt" in results:
        caption = "Each peak is a process; its area is its resistance."
        panels += panel("Distribution of relaxation times", caption, plot_drt, results["drt"])
    if "kramers-kronig" in results:
        caption = (
            "What no linear, stable cell can have given; noise scatters about zero, while a bow "
            "or a point far off is a reason to doubt the spectrum there."
        )
        check = results["kramers-kronig"]
        if check.details.get("bad_frequencies_hertz"):
            caption += (
                " A cross marks a bad point, by what the other points say of it; at an end of the "
                "spectrum the fitted line can follow it, so that hardly a residual is left there."
            )
        panels += panel("Kramers-Kronig residuals", caption, plot_kramers_kronig, check)
    return panels


def _spectrum(record: Record, fit: Result | None) -> list[Panel]:
    if fit is None or "real_impedance_ohm" not in fit.details:
        bode = partial(plot_impedance, view="bode")
        return [
            *panel("Impedance", f"{_NYQUIST}.", plot_impedance, record),
            *panel("Impedance, Bode view", f"{_BODE}.", bode, record),
        ]
    draw = partial(plot_impedance_fit, record, fit)
    line = "; the line is the fitted circuit"
    panels = panel("Impedance", f"{_NYQUIST}{line}.", draw)
    arcs = _size_of_arcs(fit)
    if arcs is not None and _size(record) > _LONG_TAIL * arcs:
        caption = "The same without what the tail adds at low frequencies."
        panels += panel("Impedance, arcs alone", caption, partial(draw, largest=2 * arcs))
    return panels + panel("Impedance, Bode view", f"{_BODE}{line}.", partial(draw, view="bode"))


def _size_of_arcs(fit: Result) -> float | None:
    """The sum of the resistances [ohm]: where the arcs end."""
    return fit["R_total"].value if "R_total" in fit else None


def _size(record: Record) -> float:
    parts = (record.array(f"{part}_impedance_ohm") for part in ("real", "imaginary"))
    return float(np.nanmax(np.hypot(*parts), initial=0.0))


def _cycling(record: Record, results: dict[str, Result]) -> list[Panel]:
    if "gitt" in results:
        return _titration(record, results["gitt"])
    if "critical-current" in results or "symmetric-cycling" in results:
        return _symmetric_cell(record, results)
    found = results.get("cycling")
    if found is None or not any(value.value is not None for value in found):
        return panel("Voltage", "Voltage against time.", plot_gitt, record)
    panels = panel(
        "Charge and discharge",
        "Voltage against capacity of the first whole cycle, charge and discharge both from zero.",
        plot_charge_discharge,
        record,
    )
    if len(cycles := _some_cycles(found)) > 1:
        panels += panel(
            "Cycles",
            "Voltage against capacity of some cycles, from the first to the last.",
            partial(plot_charge_discharge, cycle=cycles),
            record,
        )
    if len(found.details.get("cycles", ())) > 2:
        caption = "Discharge capacity of each cycle, and coulombic efficiency."
        panels += panel("Cycle life", caption, plot_cycle_life, found)
    if "differential-capacity" in results:
        given = results["differential-capacity"]
        caption = "Charge above the axis, discharge below, smoothed as its table says."
        panels += panel("Differential capacity", caption, plot_differential_capacity, given)
        panels += panel("Differential voltage", caption, plot_differential_voltage, given)
    if "rates" in results:
        caption = "Energy of the discharges at each rate against their mean power."
        panels += panel("Ragone", caption, plot_ragone, results["rates"])
    return panels


def _some_cycles(found: Result) -> list[int]:
    """Cycles with charge and discharge, evenly chosen, the first and the last among them."""
    whole = [
        row["cycle"]
        for row in found.details.get("cycles", ())
        if row["charge_capacity"] and row["discharge_capacity"]
    ]
    places = np.linspace(0, len(whole) - 1, min(len(whole), _MOST_CYCLES)).round().astype(int)
    return [whole[place] for place in dict.fromkeys(places.tolist())]


def _titration(record: Record, found: Result) -> list[Panel]:
    content = "against lithium content; open symbols are pulses with a flag."
    return [
        *panel(
            "Titration", "Voltage against time, pulses in colour, rests grey.", plot_gitt, record
        ),
        *panel("Diffusivity", f"Diffusivity of each pulse {content}", plot_diffusivity, found),
        *panel(
            "Internal resistance",
            f"Internal resistance of each pulse {content}",
            plot_internal_resistance,
            found,
        ),
    ]


def _symmetric_cell(record: Record, results: dict[str, Result]) -> list[Panel]:
    if "symmetric-cycling" in results:
        caption = "Resistance of each half cycle; open from the one that failed."
        return [
            *panel("Polarisation", "Voltage against time.", plot_gitt, record),
            *panel("Resistance", caption, plot_symmetric_cycling, results["symmetric-cycling"]),
        ]
    caption = (
        "Voltage and current against time, the failing step shaded; below, the mean polarisation "
        "of each step against current density, with the ohmic line."
    )
    stepped = results["critical-current"]
    return panel("Critical current", caption, plot_critical_current, stepped, record)


def _voltammogram(record: Record, results: dict[str, Result]) -> list[Panel]:
    found = results.get("voltammetry")
    caption = "Current of the cell against potential" + ("; crosses mark peaks." if found else ".")
    return panel("Voltammogram", caption, plot_voltammogram, record, found)


def _current_voltage(record: Record, results: dict[str, Result]) -> list[Panel]:
    found = results.get("current-voltage")
    if found is None:
        return panel("Current and voltage", "As recorded.", plot_current_voltage, record)
    caption = "Triggers, compliance and ohmic back scans are marked."
    panels = panel("Current and voltage", caption, plot_current_voltage, record, found)
    if len(found.details.get("cycles", ())) < 2:
        return panels
    states = "Resistance of both states at the read voltage against the cycle's number."
    return panels + panel("Switching", states, plot_switching, found)


def _other(record: Record, results: dict[str, Result]) -> list[Panel]:
    return panel(record.kind.capitalize(), "As recorded.", plot, record)
