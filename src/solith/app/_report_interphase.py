"""Figures of an interphase seen by spectra and images, in a study's report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from solith.app._report_cases import Case
from solith.app._report_numbers import show_name
from solith.app._report_page import Panel
from solith.core.errors import InputError
from solith.core.record import Record
from solith.core.result import Result
from solith.figures import (
    InterphaseSample,
    plot_coating,
    plot_coverage,
    plot_crystallinity,
    plot_interphase,
    plot_mixture,
    plot_profile,
    plot_xps,
    show_number,
)

__all__ = ["find_interphase_panels", "is_shown_with_spectra"]

_GROUP, _SPECTRA, _IMAGES = "The interphase", "Photoelectrons and mixtures", "Maps and images"
_AT_ONCE = 2
_LOW = 360
_SERIES, _PASSED = "derivative_difference", "charge_passed_ah"
_RESISTANCE = "interfacial_resistance"


def find_interphase_panels(cases: list[Case]) -> list[Panel]:
    """Spectra beside electrochemistry, then fits and images one by one."""
    return [*_together(cases), *_fits(cases), *_images(cases)]


def is_shown_with_spectra(case: Case, cases: list[Case]) -> bool:
    """Whether the case is an impedance that stands in a figure beside the sample's spectra."""
    return any(
        case is one
        for series in cases
        if series.result is not None
        and _SERIES in series.result.details
        and "charge_mah" in series.result.details
        for one in _impedances_beside(cases, series)
    )


def _impedances_beside(cases: list[Case], series: Case) -> list[Case]:
    """Impedances of the sample whose charge is known: measured ones beside measured spectra and
    simulated beside simulated, as long as there are any; else the others."""
    own = [case for case in cases if case.sample == series.sample and _has_state(case)]
    alike = [case for case in own if case.measured == series.measured]
    return alike or own


def _together(cases: list[Case]) -> list[Panel]:
    samples = {}
    for case in cases:
        if case.result is None or _SERIES not in case.result.details:
            continue
        cycling = _cycling_of(cases, case)
        if cycling is not None and "charge_mah" in case.result.details:
            samples[case.label] = _sample(cases, case, cycling)
    names = list(samples)
    panels = []
    for first in range(0, len(names), _AT_ONCE):
        shown = {name: samples[name] for name in names[first : first + _AT_ONCE]}
        panels += _if_possible(
            _GROUP,
            f"Electrochemistry and spectra of {' and '.join(shown)}",
            f"{_rows_of(shown)}{_synthetic(cases, list(shown))}",
            plot_interphase,
            shown,
        )
    return panels


def _sample(cases: list[Case], series: Case, cycling: Record) -> InterphaseSample:
    own = [case for case in cases if case.sample == series.sample]
    mixtures = [case for case in own if _is_mixture_series(case.result)]
    mixtures.sort(key=lambda case: case.measured != series.measured)
    mixture = mixtures[0].result if mixtures else None
    species, fractions, put_in = _growing(mixture)
    grams = 1e3 * float(cycling.data.attrs.get("active_mass_kg", 0.0)) or 1.0
    impedances = []
    for case in _impedances_beside(cases, series):
        assert case.record is not None
        charge = 1e3 * float(case.record.data.attrs[_PASSED]) / grams
        known = case.result is not None and _RESISTANCE in case.result
        ohm = case.result[_RESISTANCE].value if known and case.result is not None else None
        impedances.append((charge, case.record, ohm))
    impedances.sort(key=lambda row: row[0])
    regions = {
        str(case.result.details["region"]): case.result
        for case in own
        if case.result is not None and _is_fit(case.result) and case.measured == series.measured
    }
    assert series.result is not None
    return InterphaseSample(
        cycling, series.result, species, fractions, put_in, tuple(impedances), regions
    )


def _growing(
    mixture: Result | None,
) -> tuple[str, tuple[tuple[float, float], ...], tuple[float, ...]]:
    """The species that grows most from the first to the last spectrum, and what was put in."""
    if mixture is None:
        return "", (), ()
    rows: Mapping[str, Any] = mixture.details["fractions"]

    def grown(name: str) -> float:
        values = [value or 0.0 for value in rows[name]["value"]]
        return float(values[-1] - values[0])

    species = max(rows, key=grown)
    one = rows[species]
    fractions = tuple(
        (value or 0.0, spread or 0.0)
        for value, spread in zip(one["value"], one["uncertainty"], strict=True)
    )
    known = mixture.details.get("truth", {})
    names = [f"{species}_fraction_{place}" for place in range(1, len(fractions) + 1)]
    put_in = tuple(float(known[name]["value"]) for name in names if name in known)
    return species, fractions, put_in if len(put_in) == len(fractions) else ()


def _cycling_of(cases: list[Case], series: Case) -> Record | None:
    """The sample's cycling record: the measured one beside measured spectra, if there is one."""
    found = [
        case
        for case in cases
        if case.sample == series.sample
        and case.record is not None
        and case.record.kind == "cycling"
    ]
    found.sort(key=lambda case: case.measured != series.measured)
    return found[0].record if found else None


def _fits(cases: list[Case]) -> list[Panel]:
    panels = []
    for case in cases:
        result = case.result
        if result is None:
            continue
        name = f"{case.label.replace('/', ', ')}"
        if _is_fit(result):
            panels += _if_possible(
                _SPECTRA,
                f"{result.details['region']} of {name}",
                "Dots: counts; filled: components on the background; line: sum; below: residuals "
                f"in standard deviations of counting. Charge reference: "
                f"{result.details['charge_reference']}.{_made(case)}",
                plot_xps,
                result,
            )
        elif "parts" in result.details and "fitted" in result.details:
            panels += _if_possible(
                _SPECTRA,
                f"Mixture in the last spectrum of {name}"
                if _is_mixture_series(result)
                else f"Mixture in {name}",
                "Dots: the spectrum; lines: references in the fractions found, and their sum; "
                f"below: residuals, with the band that holds 95 % of the noise.{_made(case)}",
                plot_mixture,
                _last_mixture(result),
            )
    return panels


def _images(cases: list[Case]) -> list[Panel]:
    panels = []
    for case in cases:
        result, record = case.result, case.record
        if result is None or record is None or record.kind != "map":
            continue
        details, name = result.details, case.label.replace("/", ", ")
        if "stretches" in details:
            panels += _if_possible(
                _IMAGES,
                f"Coating on {name}",
                f"{_said(result, 'thickness', 1e9, 'nm')} thick along the edge. The two edges as "
                f"found, and the thickness of each stretch.{_made(case)}",
                partial(_lower, plot_coating),
                result,
                record,
            )
        elif "corners" in details:
            sure = result["class_confidence"].value or 0.0
            panels += _if_possible(
                _IMAGES,
                f"Lattice in {name}",
                f"Called {details['class']} ({100 * sure:.4g} % sure); windows that show a lattice "
                f"are tinted, beside them the mean of their transforms.{_made(case)}",
                partial(_lower, plot_crystallinity),
                result,
                record,
            )
        elif "coated" in details:
            panels += _if_possible(
                _IMAGES,
                f"Coating along the outlines of {name}",
                f"{_said(result, 'coverage', 100, '%')} of the outline are coated.{_made(case)}",
                plot_coverage,
                result,
                record,
            )
    return panels + _profiles(cases)


def _profiles(cases: list[Case]) -> list[Panel]:
    """Profiles across interfaces, those of one experiment together."""
    groups: dict[str, list[Case]] = {}
    for case in cases:
        if case.result is not None and isinstance(case.result.details.get("profile"), Mapping):
            groups.setdefault(case.experiment, []).append(case)
    panels = []
    for experiment, group in groups.items():
        shown, told = {}, []
        for case in group:
            assert case.result is not None
            result, name = case.result, case.label
            shown[name] = Result(result.name, result.values, result.details["profile"])
            told.append(f"{name.replace('/', ', ')} {_said(result, 'width', 1e9, 'nm')}")
        panels += _if_possible(
            _IMAGES,
            f"Across the interface: {show_name(experiment)}",
            f"From 10 to 90 %: {', '.join(told)}. Means with the band that holds 95 % of them."
            f"{_made(group[0])}",
            plot_profile,
            shown,
        )
    return panels


def _lower(draw: Callable[..., Any], *given: Any) -> Any:
    """The figure as high as its panels are in half of the page."""
    return draw(*given).update_layout(height=_LOW)


def _said(result: Result, quantity: str, scale: float, unit: str) -> str:
    value = result[quantity]
    if value.value is None:
        return "Not found"
    spread = "" if value.uncertainty is None else f" ± {show_number(scale * value.uncertainty, 2)}"
    return f"{show_number(scale * value.value, 3)}{spread} {unit}"


def _last_mixture(result: Result) -> Result:
    """The mixture in the last spectrum of a series, under the names of a single one."""
    if not _is_mixture_series(result):
        return result
    rows: Mapping[str, Any] = result.details["fractions"]
    values = [
        replace(result[f"{name}_fraction_{len(one['value'])}"], quantity=f"{name}_fraction")
        for name, one in rows.items()
    ]
    return Result(result.name, tuple(values), result.details)


def _is_fit(result: Result | None) -> bool:
    return result is not None and "region" in result.details and "curves" in result.details


def _is_mixture_series(result: Result | None) -> bool:
    return (
        result is not None
        and isinstance(result.details.get("fractions"), Mapping)
        and ("parts" in result.details)
    )


def _has_state(case: Case) -> bool:
    """Whether a case is an impedance whose charge is known."""
    return (
        case.record is not None
        and case.record.kind == "impedance"
        and _PASSED in case.record.data.attrs
    )


def _barred(shown: Mapping[str, InterphaseSample]) -> str:
    known = any("truth" in one.details for two in shown.values() for one in two.regions.values())
    return " and what was put in (bars)" if known else ""


def _rows_of(shown: Mapping[str, InterphaseSample]) -> str:
    """What the rows of the figure are, from above, as far as a sample has them."""
    samples = list(shown.values())
    impedance = any(sample.impedances for sample in samples)
    rows = [
        "voltage of the first charge, a mark at each absorption spectrum",
        f"{'impedance and ' if impedance else ''}absorption in the colours of the marks",
        "change of the absorption's slope against charge, growing features dashed (eV)",
    ]
    last = []
    if any(sample.fractions for sample in samples):
        last.append(f"fraction of the oxidised species (dots, 95 % intervals{_dotted(shown)})")
    if any(sample.resistances for sample in samples):
        last.append("interfacial resistance (open squares, right axis)")
    rows += [" and ".join(last)] * bool(last)
    if any(sample.regions for sample in samples):
        beside = "parts of the photoelectrons' area beside the main component, 95 % intervals"
        rows.append(beside + _barred(shown))
    scale = "All rows but the impedance have" if impedance else "All rows have"
    return f"From above: {'; '.join(rows)}. {scale} one scale."


def _dotted(shown: Mapping[str, InterphaseSample]) -> str:
    return "; dotted: put in" if any(sample.put_in for sample in shown.values()) else ""


def _made(case: Case) -> str:
    """That a record, or the one behind a result, is synthetic."""
    synthetic = case.result is not None and "truth" in case.result.details
    return " Synthetic." if synthetic else ""


def _synthetic(cases: list[Case], labels: list[str]) -> str:
    made = any(_made(case) for case in cases if case.label in labels)
    return " Spectra are synthetic, the cell is simulated." if made else ""


def _if_possible(
    group: str, title: str, caption: str, draw: Callable[..., Any], *given: Any
) -> list[Panel]:
    """A panel, or none where the data do not allow the figure."""
    try:
        figure = draw(*given)
    except InputError:
        return []
    return [Panel(group, title, caption, figure, wide=group == _GROUP)]
