"""Analyses that a study asks for by name: of maps, of several spectra, of one among references."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from solith.core.errors import InputError, UnknownNameError
from solith.core.quantities import to_si
from solith.core.record import Record
from solith.core.result import Result, Value
from solith.core.spectra import split_spectra

__all__ = ["NAMED_ANALYSES", "analyse_as", "check_named", "with_truth"]

_REACH = 1.0
"""eV within which a feature that is looked for counts as found."""


def analyse_as(name: str, record: Record, options: Mapping[str, Any]) -> Result:
    """What the analysis of this name, one of :data:`NAMED_ANALYSES`, tells of a record."""
    check_named(name, options)
    if name in _ADAPTED:
        return _ADAPTED[name][1](record, **options)
    import solith.analysis

    found: Result = getattr(solith.analysis, _PLAIN[name])(record, **options)
    return found


def check_named(name: Any, options: Mapping[str, Any]) -> None:
    """Refuse a name that is none of the analyses', and options that it does not take."""
    if name not in NAMED_ANALYSES:
        raise UnknownNameError.among("analysis", str(name), NAMED_ANALYSES).inside("by")
    taken = _options_of(name)
    for option in options:
        if option not in taken:
            raise UnknownNameError.among(f"option of {name!r}", option, taken)


def with_truth(result: Result, record: Record) -> Result:
    """The result with what a synthetic record was made with under ``details["truth"]``."""
    known = record.provenance.parameters.get("truth")
    if not isinstance(known, Mapping):
        return result
    return replace(result, details={**result.details, "truth": dict(known)})


def _xanes_series(
    record: Record, *, look_for: Mapping[str, Any] | None = None, **options: Any
) -> Result:
    """Features through a series; those that are looked for as values of their own.

    ``look_for`` are energies [eV] by name: of the growing features of the derivative the one
    nearest to each, within 1 eV, gives ``NAME_position`` and ``NAME_height``.
    ``growing_features`` counts those of the derivative that grow.
    """
    from solith.analysis import analyse_xanes, analyse_xanes_series

    spectra = split_spectra(record)
    result = analyse_xanes_series(spectra, **options)
    growing = [
        row
        for row in result.details["features"]
        if row["name"].startswith("derivative") and row["way"] == "grows"
    ]
    values = [Value("growing_features", float(len(growing)), "", method="of the derivative")]
    for name, energy in (look_for or {}).items():
        at = to_si(energy, "eV")
        near = min(growing, key=lambda row: abs(row["energy"] - at), default=None)
        if near is None or abs(near["energy"] - at) > _REACH:
            told = (f"no growing feature within {_REACH:g} eV of {at:g} eV",)
            values.append(Value(f"{name}_position", None, "eV", flags=told))
            values.append(Value(f"{name}_height", None, "1/eV", flags=told))
            continue
        for part in ("position", "height"):
            found = result[f"{near['name']}_{part}"]
            values.append(replace(found, quantity=f"{name}_{part}"))
    normalised = [analyse_xanes(one).details for one in spectra]
    shown = {
        "energy_ev": [one["energy_ev"] for one in normalised],
        "normalised": [one["normalised"] for one in normalised],
    }
    details = {**result.details, "spectra": shown}
    return replace(result, values=(*values, *result.values), details=details)


def _xanes_mixture(record: Record, *, references: Mapping[str, Record], **options: Any) -> Result:
    """The fractions of references in each spectrum: ``NAME_fraction_N`` in spectrum N."""
    from solith.analysis import fit_mixture

    spectra = split_spectra(record)
    given = {name: split_spectra(one)[0] for name, one in references.items()}
    fits = [fit_mixture(one, given, **options) for one in spectra]
    if len(fits) == 1:
        return fits[0]
    values = [
        replace(value, quantity=f"{value.quantity}_{place}")
        for place, fit in enumerate(fits, start=1)
        for value in fit
        if value.quantity != "r_factor"
    ]
    last = fits[-1].details
    details = {
        **last,
        "time_second": [one.data.attrs.get("time_second") for one in spectra],
        "fractions": {
            name: {
                "value": [fit[f"{name}_fraction"].value for fit in fits],
                "uncertainty": [fit[f"{name}_fraction"].uncertainty for fit in fits],
            }
            for name in given
        },
    }
    return Result(f"fractions in {record.name}", tuple(values), details)


def _xps_fit(
    record: Record,
    *,
    region: str,
    charge_reference: Mapping[str, Any] | None = None,
    **options: Any,
) -> Result:
    """A photoelectron region of one or several states, fitted together."""
    from solith.analysis import ChargeReference, XpsComponent, fit_xps

    if charge_reference is not None:
        options["charge_reference"] = _described(
            ChargeReference, charge_reference, "charge_reference"
        )
    components = options.get("components")
    if isinstance(components, (list, tuple)):
        options["components"] = [
            _described(XpsComponent, one, "components") if isinstance(one, Mapping) else one
            for one in components
        ]
    spectra = {one.name: one for one in split_spectra(record)}
    return fit_xps(spectra if len(spectra) > 1 else record, region=region, **options)


def _described(what: Callable[..., Any], written: Any, where: str) -> Any:
    if not isinstance(written, Mapping):
        raise InputError(f"{written!r:.60} is not a table", where=where)
    try:
        return what(**written)
    except TypeError as error:
        raise InputError(str(error).split("()", 1)[-1].strip(), where=where) from None


_PLAIN = {
    "coating": "analyse_coating",
    "coverage": "analyse_coverage",
    "cross-section": "analyse_cross_section",
    "crystallinity": "analyse_crystallinity",
    "interdiffusion": "fit_map_interdiffusion",
    "profile": "analyse_profile",
}
"""Analyses of one record as solith.analysis has them."""

_ADAPTED: dict[str, tuple[str, Callable[..., Result]]] = {
    "xanes-mixture": ("fit_mixture", _xanes_mixture),
    "xanes-series": ("analyse_xanes_series", _xanes_series),
    "xps-fit": ("fit_xps", _xps_fit),
}
"""Analyses of one or several spectra: the function of solith.analysis, and what calls it here."""

NAMED_ANALYSES = tuple(sorted((*_PLAIN, *_ADAPTED)))
"""The names that a study's ``analysis = {by = "..."}`` can give."""


def _options_of(name: str) -> list[str]:
    import solith.analysis

    home = _PLAIN.get(name) or _ADAPTED[name][0]
    taken = list(inspect.signature(getattr(solith.analysis, home)).parameters)[1:]
    if name in _ADAPTED:
        own = inspect.signature(_ADAPTED[name][1]).parameters.values()
        taken += [one.name for one in own if one.kind is inspect.Parameter.KEYWORD_ONLY]
    return list(dict.fromkeys(taken))
