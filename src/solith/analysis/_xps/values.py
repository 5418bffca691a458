"""What a fit of photoelectron spectra says: values, intervals, tests, constraints, curves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._neighbours import correlated, neighbour_correlation, neighbour_widening
from solith.analysis._xps.components import ChargeReference, Peak
from solith.analysis._xps.fit import Fit
from solith.analysis._xps.profiles import PROFILES
from solith.analysis._xps.spectra import Spectrum
from solith.core.intervals import NORMAL_95
from solith.core.result import Value

__all__ = ["Tests", "constraints_of", "curves_of", "fractions_of", "tests_of", "values_of"]

Array = NDArray[np.float64]

_UNLIKELY = 1e-3
_SHOWN = 1.96
_SURE = 4.0  # standard uncertainties that all areas together are above zero, for fractions of them
_NO_AREA = "all areas together do not stand above the noise: there are no fractions"


@dataclass(frozen=True)
class Tests:
    """Whether residuals are those of counting, and by what the variance is multiplied if not."""

    reduced: float
    chance: float | None
    durbin_watson: float
    neighbours: bool
    widening: float
    flags: tuple[str, ...]


def tests_of(fit: Fit, counting: bool) -> Tests:
    """Chi-square with its probability, and Durbin and Watson's ratio over neighbouring residuals.

    Where counts are known (``counting``) chi-square has n - p as its mean; its probability is
    that of a value at least as far out. Durbin and Watson's ratio is 2 where neighbours are
    independent (1950, 10.1093/biomet/37.3-4.409, DOI looked up). Where the counts are not known, or
    chi-square is less likely than 0.1 %, the variance of all values is multiplied by the reduced
    chi-square, if that is above one or the counts are not known, and by the widening of residuals
    that resemble their neighbours.
    """
    from scipy.special import chdtr, chdtrc

    reduced = fit.chi_square / fit.freedom
    squares, steps = 0.0, 0.0
    parts = [
        fit.residuals[int(low) : int(high)]
        for low, high in zip(fit.model.rows[:-1], fit.model.rows[1:], strict=True)
    ]
    for part in parts:
        squares += float(part @ part)
        steps += float(np.sum(np.diff(part) ** 2))
    ratio = steps / squares if squares > 0 else 2.0
    rows = len(fit.residuals)
    correlation = float(np.mean([neighbour_correlation(part) for part in parts]))
    neighbours = correlated(correlation, rows)
    chance, flags = None, []
    widening = 1.0 if counting else reduced
    misfit = False
    if counting:
        above = float(chdtrc(fit.freedom, fit.chi_square))
        chance = min(2 * min(above, float(chdtr(fit.freedom, fit.chi_square))), 1.0)
        misfit = chance < _UNLIKELY
        if misfit and reduced > 1:
            widening = reduced
            flags.append(
                f"the components do not describe the spectrum: reduced chi-square {reduced:.3g}"
            )
        elif misfit:
            flags.append(
                f"the intensity scatters less than counts would: reduced chi-square {reduced:.3g}; "
                "its counts are not what the file tells"
            )
    if neighbours and (misfit or not counting):
        widening *= neighbour_widening(correlation, rows)
        flags.append(f"residuals resemble their neighbours: Durbin-Watson {ratio:.3g}")
    return Tests(reduced, chance, ratio, neighbours, widening, tuple(flags))


def fractions_of(fit: Fit) -> Array:
    """Each component's part of the area of its spectrum (records, peaks); nan where it has none."""
    layout = fit.model.layout
    areas = np.array(
        [
            fit.point[layout.area(record, 0) : layout.area(record, layout.peaks)]
            for record in range(layout.records)
        ]
    )
    total = areas.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(areas, total, out=np.full_like(areas, np.nan), where=total > 0))


def values_of(
    fit: Fit, spectra: Sequence[Spectrum], reference: ChargeReference | None, tests: Tests
) -> tuple[list[Value], dict[str, Any]]:
    """Areas, fractions, positions and widths, with their intervals and covariances as details."""
    layout = fit.model.layout
    covariance = fit.covariance * tests.widening
    values: list[Value] = []
    details: dict[str, Any] = {"area_covariance": [], "intervals": {}, "spectra": []}
    fractions = fractions_of(fit)
    for record, spectrum in enumerate(spectra):
        ending = f"_{record + 1}" if layout.records > 1 else ""
        factor = spectrum.scale
        unit = f"{spectrum.unit} eV".strip()
        rows = slice(layout.area(record, 0), layout.area(record, layout.peaks))
        own = covariance[rows, rows]
        areas = fit.point[rows]
        shares = _share_covariance(areas, own, fractions[record])
        lost = () if shares is not None else (_NO_AREA,)
        details["area_covariance"].append((own / factor**2).tolist())
        details["spectra"].append(spectrum.name)
        for n, peak in enumerate(fit.model.peaks):
            spread = math.sqrt(max(own[n, n], 0.0))
            flags = tests.flags + spectrum.flags
            at = layout.area(record, n)
            if at in fit.held:
                flags += (f"not shown: {fit.held[at]}",)
            elif areas[n] < _SHOWN * spread:
                flags += ("not shown: the area is within its 95 % interval of zero",)
            values += [
                Value(
                    f"{peak.name}_area{ending}",
                    float(areas[n] / factor),
                    unit,
                    spread / factor,
                    method="least squares with weights of counting",
                    flags=flags,
                ),
                Value(
                    f"{peak.name}_fraction{ending}",
                    None if shares is None else float(fractions[record, n]),
                    "",
                    None if shares is None else math.sqrt(max(shares[n, n], 0.0)),
                    method="area over the sum of all components' areas",
                    flags=flags + lost,
                ),
            ]
    values += _positions(fit, covariance, reference)
    values += _widths(fit, covariance)
    details["intervals"] = {
        value.quantity: [
            value.value - NORMAL_95 * value.uncertainty,
            value.value + NORMAL_95 * value.uncertainty,
        ]
        for value in values
        if value.value is not None and value.uncertainty is not None
    }
    values.append(Value("reduced_chi_square", tests.reduced, "", flags=tests.flags))
    values.append(Value("durbin_watson", tests.durbin_watson))
    details["chi_square_probability"] = tests.chance
    return values, details


def _share_covariance(areas: Array, covariance: Array, shares: Array) -> Array | None:
    """That of the fractions, to first order.

    ``None`` where all areas together are no more than noise, and their ratios could be anything.
    """
    total, spread = float(areas.sum()), math.sqrt(max(float(covariance.sum()), 0.0))
    if not total > _SURE * spread:
        return None
    slopes = (np.eye(len(areas)) - shares[:, None]) / total
    return np.asarray(slopes @ covariance @ slopes.T)


def _positions(fit: Fit, covariance: Array, reference: ChargeReference | None) -> list[Value]:
    layout = fit.model.layout
    values = []
    for group in range(layout.groups):
        ending = f"_{group + 1}" if layout.groups > 1 else ""
        for n, peak in enumerate(fit.model.peaks):
            at = layout.position(group, n)
            spread = math.sqrt(max(covariance[at, at], 0.0))
            flags: tuple[str, ...] = ()
            if reference is None:
                flags = ("no charge reference is declared: as stored",)
            else:
                spread = math.hypot(spread, reference.uncertainty)
            if at in fit.held:
                flags += (fit.held[at],)
            values.append(
                Value(
                    f"{peak.name}_position{ending}",
                    peak.position + float(fit.point[at]),
                    "eV",
                    spread if at not in fit.held else None,
                    method="binding energy of the stronger line",
                    flags=flags,
                )
            )
    return values


def _widths(fit: Fit, covariance: Array) -> list[Value]:
    layout = fit.model.layout
    values = []
    peaks = [None] if layout.choices.one_width else list(fit.model.peaks)
    for n, peak in enumerate(peaks):
        at = layout.width(n)
        width = math.exp(float(fit.point[at]))
        known = at not in fit.held
        values.append(
            Value(
                "width" if peak is None else f"{peak.name}_width",
                width,
                "eV",
                width * math.sqrt(max(covariance[at, at], 0.0)) if known else None,
                method="full width at half maximum of one line",
                flags=() if known else (fit.held[at],),
            )
        )
    if layout.mixes:
        at = layout.mix
        known = at not in fit.held
        spread = math.sqrt(max(covariance[at, at], 0.0)) if known else None
        flags = () if known else (fit.held[at],)
        values.append(Value("mix", float(fit.point[at]), "", spread, flags=flags))
    return values


def constraints_of(
    fit: Fit, reference: ChargeReference | None, line: str, source: str
) -> list[str]:
    """All that the fit was not free to choose, in sentences."""
    choices, peaks = fit.model.choices, fit.model.peaks
    told = [_doublet(peak, line, source) for peak in peaks]
    told += [
        f"{peak.name}: position within {peak.position:.5g} ± {peak.reach:.3g} eV" for peak in peaks
    ]
    told.append(
        "one width for all components" if choices.one_width else "each component has its own width"
    )
    mixing = "fitted, one for all" if choices.mix is None else f"held at {choices.mix:g}"
    told.append(f"profile: {PROFILES[choices.shape]}, mixing {mixing}")
    if fit.model.layout.records > 1:
        told.append(
            "all spectra have the same positions and widths"
            if choices.shared_positions
            else "all spectra have the same widths, and positions of their own"
        )
    told.append(
        f"background {choices.background}, "
        + ("fixed by the ends of the window" if choices.from_ends else "fitted with the peaks")
    )
    told.append("areas are free down to three standard uncertainties below zero")
    told.append(
        "no charge reference: binding energies as stored"
        if reference is None
        else f"charge reference: {reference}"
    )
    names = _names(fit)
    told += [f"{names[place]}: {why}" for place, why in sorted(fit.held.items())]
    return told


def _doublet(peak: Peak, line: str, source: str) -> str:
    if peak.ratio == 0:
        return f"{peak.name}: a single peak"
    told = (
        f"{peak.name}: doublet of {line}, {peak.splitting:.4g} eV apart, areas 1 to "
        f"{peak.ratio:.4g}, equal widths"
    )
    return f"{told} ({source})" if source else told


def _names(fit: Fit) -> dict[int, str]:
    layout = fit.model.layout
    names = {layout.mix: "mixing"} if layout.mixes else {}
    for n, peak in enumerate(fit.model.peaks):
        for group in range(layout.groups):
            ending = f" of spectrum {group + 1}" if layout.groups > 1 else ""
            names[layout.position(group, n)] = f"{peak.name}: position{ending}"
        for record in range(layout.records):
            ending = f" of spectrum {record + 1}" if layout.records > 1 else ""
            names[layout.area(record, n)] = f"{peak.name}{ending}"
        names[layout.width(n)] = "width" if layout.choices.one_width else f"{peak.name}: width"
    return names


def curves_of(fit: Fit, spectra: Sequence[Spectrum]) -> list[dict[str, Any]]:
    """For each spectrum data, background, components, sum and residuals, as a figure draws them."""
    curves = []
    for record, spectrum in enumerate(spectra):
        factor = spectrum.scale
        parts = fit.model.curves(fit.point, record)
        rows = slice(int(fit.model.rows[record]), int(fit.model.rows[record + 1]))
        curves.append(
            {
                "name": spectrum.name,
                "unit": spectrum.unit,
                "energy": spectrum.energy.tolist(),
                "intensity": spectrum.intensity.tolist(),
                "background": (parts.background / factor).tolist(),
                "components": {
                    peak.name: (parts.components[:, n] / factor).tolist()
                    for n, peak in enumerate(fit.model.peaks)
                },
                "total": (parts.total / factor).tolist(),
                "residual": (-fit.residuals[rows]).tolist(),
            }
        )
    return curves
