"""What spectra, maps and images tell, by what was asked of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from solith.analysis import (
    analyse_coating,
    analyse_coverage,
    analyse_cross_section,
    analyse_crystallinity,
    analyse_map,
    analyse_xanes,
    find_xps_background,
    fit_mixture,
    fit_xps,
)
from solith.app._analyse_asked import IMAGE_TECHNIQUES, OfMaps, OfSpectra
from solith.app._analyse_outcomes import Outcome, attempted
from solith.core.errors import InputError
from solith.core.record import Record
from solith.core.result import Result

__all__ = [
    "AS_WHAT",
    "covered_by",
    "fit_options",
    "is_of_region",
    "map_outcomes",
    "spectrum_outcomes",
]

Outcomes = dict[str, Outcome]

AS_WHAT = "an image is not analysed unless you say as what; --technique with one of"
"""Begins the error of an image of which it is not said what to look for."""

_LINE = re.compile(r"^[a-z]{1,2}[1-7][spdf]([13579]2|[1-7]/2)?$")
_WIDE = 150.0  # eV: a spectrum over more is a survey, of which no region is fitted
_NO_SIZE = "the size of a pixel is not known; give it, as --pixel-size '5 nm'"
_ON_COMMAND_LINE = {
    "pixel": _NO_SIZE,
    "pixel_size": _NO_SIZE,
    "particles": "name the channel of an element of the particles with --particle",
}


def spectrum_outcomes(record: Record, asked: OfSpectra) -> Outcomes:
    """The analyses of a spectrum of X-ray absorption or photoelectrons, by technique.

    "xanes", and "mixture" where references are given; "xps-fit" where the spectrum is one of the
    region that is asked for, otherwise "xps", the background and what lies above it.
    """
    if record.data.attrs.get("technique") == "xanes":
        smooth: dict[str, Any] = {} if asked.smoothing is None else {"smoothing": asked.smoothing}
        smooth |= {"pre_edge": asked.pre_edge, "post_edge": asked.post_edge}
        outcomes: Outcomes = {"xanes": attempted(partial(analyse_xanes, **smooth), record)}
        if asked.references:
            fit = partial(fit_mixture, references=asked.references, window=asked.window, **smooth)
            outcomes["mixture"] = attempted(fit, record)
        return outcomes
    if asked.components and is_of_region(record, asked):
        return {"xps-fit": attempted(partial(fit_xps, **fit_options(asked)), record)}
    window = None if asked.components else asked.window
    background = partial(find_xps_background, background=asked.background, window=window)
    return {"xps": attempted(background, record)}


def fit_options(asked: OfSpectra) -> dict[str, Any]:
    """The options of :func:`solith.analysis.fit_xps`."""
    return {
        "region": asked.region,
        "components": list(asked.components),
        "background": asked.background,
        "charge_reference": asked.charge_reference,
        "window": asked.window,
        "species": asked.species,
        "mix": asked.mix,
    }


def is_of_region(record: Record, asked: OfSpectra) -> bool:
    """Whether a photoelectron spectrum is of the region asked for: by its name, or its energies."""
    if record.data.attrs.get("technique") != "xps":
        return False
    told = _plain(record.data.attrs.get("region", ""))
    if told == _plain(asked.region):
        return True
    if _LINE.match(told) or "survey" in told:
        return False
    low, high = covered_by(record)
    shift = asked.charge_reference.shift if asked.charge_reference else 0.0
    return high - low <= _WIDE and all(low + shift < at < high + shift for at in asked.positions)


def covered_by(record: Record) -> tuple[float, float]:
    """The lowest and the highest energy of a spectrum [eV]."""
    energy = record.array("abscissa")
    return float(np.nanmin(energy)), float(np.nanmax(energy))


def map_outcomes(record: Record, asked: OfMaps) -> Outcomes:
    """The analysis of a map or image that is asked for.

    Without any, channels that have a unit are levelled and described; grey values have none, and
    the error lists what they may be analysed as.
    """
    run = _map_analysis(record, asked)
    if run is None:
        return {"image": InputError(f"{AS_WHAT}: {', '.join(IMAGE_TECHNIQUES)}")}
    found = attempted(run, record)
    if isinstance(found, InputError):
        found = _on_command_line(found, record, asked.channel)
    elif isinstance(found, Result) and asked.channel is not None:
        found = replace(found, details={**found.details, "channel": asked.channel})
    return {asked.technique or "map": found}


def _on_command_line(error: InputError, record: Record, channel: str | None) -> InputError:
    """The error of an analysis with the option that helps."""
    names = [str(name) for name in record.data.data_vars]
    if channel is None and len(names) > 1 and "channel" in f"{error.where} {error.problem}":
        return InputError(f"there are the channels {', '.join(names)}; name one with --channel")
    if error.where in _ON_COMMAND_LINE:
        return InputError(_ON_COMMAND_LINE[error.where])
    return error


def _map_analysis(record: Record, asked: OfMaps) -> Callable[[Record], Result] | None:
    channel = asked.channel
    if asked.technique == "coating":
        return partial(analyse_coating, channel=channel, particle=asked.particle or "dark")
    if asked.technique == "crystallinity":
        return partial(analyse_crystallinity, channel=channel)
    if asked.technique == "coverage" and channel is not None:
        return partial(analyse_coverage, coating=channel, particles=asked.particle)
    if asked.technique == "cross-section":
        return partial(
            analyse_cross_section, variable=channel, phases=asked.phases, particle=asked.particle
        )
    if any(column.attrs.get("units") for column in record.data.data_vars.values()):
        return partial(analyse_map, variable=channel)
    return None


def _plain(name: Any) -> str:
    return re.sub(r"[\s_-]", "", str(name)).casefold()
