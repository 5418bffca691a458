"""Photoelectron spectra: components with area fractions, their uncertainty, and backgrounds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._options import chosen, whole_number, yes_or_no
from solith.analysis._xps.backgrounds import (
    BACKGROUNDS,
    TougaardLoss,
    linear_background,
    running_integral,
    shirley_background,
    tougaard_background,
)
from solith.analysis._xps.components import ChargeReference, XpsComponent, peaks_of, reference_of
from solith.analysis._xps.fit import Fit, fit_counts
from solith.analysis._xps.model import Choices
from solith.analysis._xps.profiles import PROFILES
from solith.analysis._xps.species import species_table
from solith.analysis._xps.spectra import spectra_of, spectrum_of, window_of
from solith.analysis._xps.values import (
    constraints_of,
    curves_of,
    fractions_of,
    tests_of,
    values_of,
)
from solith.core.errors import ConvergenceError, InputError
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solith.analysis._xps.components import Peak
    from solith.analysis._xps.species import SpeciesTable
    from solith.analysis._xps.spectra import Spectrum
    from solith.core.record import Record

__all__ = ["ChargeReference", "TougaardLoss", "XpsComponent", "find_xps_background", "fit_xps"]

_LARGEST_LOSS = 1e9
_MANY = 2.0  # standard uncertainties by which another background moves a fraction notably
_UNEXPLAINED = 8.0  # standard deviations of counting above the fitted sum
_MISPLACED = 1.0  # eV from the nearest line
_AS_ONE = 0.9  # correlation of areas from which two components are hardly told apart


def fit_xps(
    records: Any,
    *,
    region: str,
    components: Sequence[Any],
    background: str = "shirley",
    charge_reference: ChargeReference | None = None,
    window: tuple[float, float] | None = None,
    shape: str = "gl_sum",
    mix: float | None = None,
    one_width: bool = True,
    shared_positions: bool = True,
    background_from_ends: bool = False,
    loss: TougaardLoss | None = None,
    species: Any = None,
    compare_backgrounds: bool = True,
) -> Result:
    """Components of a photoelectron region: areas, fractions and positions with uncertainty.

    ``records`` is one spectrum, a list, or spectra by name; several are fitted together, with the
    same positions (unless ``shared_positions`` is false) and widths. ``region`` names the line as
    "S 2p"; the table of species gives its doublet. ``components`` are names of species in the
    table, or :class:`XpsComponent`; ``species`` is a table of the user's own that goes before it.
    ``charge_reference`` says what the binding energies are referred to, and moves them;
    ``window`` is the range that is fitted [eV], as referred to.

    Each component is a doublet with the line's splitting and hard area ratio, both lines of equal
    width (one for all components, unless ``one_width`` is false), of ``shape`` "gl_sum",
    "gl_product" or "voigt" with the Lorentzian part ``mix``: fitted, one for all, or the number
    that is given (one that is wrong by 0.3 moves areas by some 10 %, fractions by less).
    The ``background`` "linear", "shirley" or "tougaard" (with the cross-section ``loss``, whose B
    is fitted) has two parameters that are fitted with the peaks, so that areas have its
    uncertainty; with ``background_from_ends`` it is fixed by the ends of the window, as the field
    often does it, and areas then do not have it.

    Values are ``NAME_area`` [unit of the intensity times eV], ``NAME_fraction`` [1] (none where all
    areas together are less than four uncertainties), ``NAME_position`` and ``width`` [eV], of
    several spectra with their number at the end.
    Weights are those of counting. Where the record does not tell its counts, or chi-square does not
    fit counting, the variance is multiplied by the reduced chi-square. The 95 % interval is 1.96
    uncertainties either way; of 300 synthetic spectra each of S 2p, P 2p and Ge 3d it holds the
    true area in 93 to 97 % (``validation/xps.py``). The fit is repeated with each other background:
    ``background_spread`` is by how much a fraction changes at most.

    Details: ``constraints`` in sentences, ``intervals``, ``area_covariance``, ``curves``,
    ``backgrounds``, ``candidates`` (other species near each position), ``overlaps``.

    Raises :class:`InputError` for what is no such spectrum, :class:`UnknownNameError` for another
    region, species or option, :class:`ConvergenceError` where the fit or a background that is fixed
    by the ends does not settle.
    """
    table = species_table(species)
    line = table.line(region)
    reference = reference_of(charge_reference)
    peaks = peaks_of(components, line, table)
    choices = Choices(
        chosen("shape", shape, PROFILES),
        _mixing(mix),
        chosen("background", background, BACKGROUNDS),
        yes_or_no(background_from_ends, "background_from_ends"),
        _loss(loss),
        yes_or_no(shared_positions, "shared_positions"),
        yes_or_no(one_width, "one_width"),
    )
    spectra = spectra_of(records, window, reference.shift if reference else 0.0)
    _require_within(peaks, spectra)
    fit = _fitted(spectra, peaks, choices)
    tests = tests_of(fit, all(one.factor is not None for one in spectra))
    values, details = values_of(fit, spectra, reference, tests)
    values = _with_misplaced(values, fit, spectra, bool(reference))
    if yes_or_no(compare_backgrounds, "compare_backgrounds"):
        spread, details["backgrounds"] = _other_backgrounds(fit, spectra, peaks, choices)
        values = _with_spread(values, spread, len(spectra), [peak.name for peak in peaks])
    details |= {
        "region": region,
        "components": [peak.name for peak in peaks],
        "background": background,
        "charge_reference": "none: as stored" if reference is None else str(reference),
        "constraints": constraints_of(fit, reference, region, line.source),
        "candidates": _candidates(values, peaks, table, region),
        "overlaps": _overlaps(fit, table, region),
        "curves": curves_of(fit, spectra),
    }
    return Result(f"{region} of {', '.join(one.name for one in spectra)}", tuple(values), details)


def find_xps_background(
    record: Record,
    *,
    background: str = "shirley",
    window: tuple[float, float] | None = None,
    loss: TougaardLoss | None = None,
    end_points: int = 3,
) -> Result:
    """The background of a spectrum from its ends alone, and the area above it.

    ``background`` is "linear", "shirley" (iterated until it settles) or "tougaard" with the
    cross-section ``loss``, whose B is found where it is ``None``. The heights of the ends are means
    of ``end_points`` rows about the ends of the ``window`` [eV], as far as the record goes.
    Values are ``area_above`` and ``background_area`` [unit of the intensity times eV], and ``b``
    [eV2] of Tougaard's; the curve is in details.

    Raises :class:`InputError` for what is no spectrum of photoelectrons,
    :class:`ConvergenceError` where Shirley's background does not settle.
    """
    chosen("background", background, BACKGROUNDS)
    points = whole_number(end_points, "a number of rows from 1", "end_points")
    section = _loss(loss)
    spectrum = spectrum_of(record, window, 0.0)
    whole = spectrum_of(record, None, 0.0)
    energy, intensity = spectrum.energy, spectrum.intensity
    low, high = (_height(whole, float(end), points) for end in (energy[0], energy[-1]))
    values = []
    if background == "linear":
        curve = linear_background(energy, low, high)
    elif background == "shirley":
        curve = shirley_background(energy, intensity, low, high)
    else:
        curve, b = tougaard_background(energy, intensity, low, high, section)
        values.append(Value("b", b, "eV2", method="scale of the energy-loss cross-section"))
    unit = f"{spectrum.unit} eV".strip()
    areas = {
        "area_above": float(running_integral(energy, intensity - curve)[-1]),
        "background_area": float(running_integral(energy, curve)[-1]),
    }
    values += [Value(name, area, unit, method=background) for name, area in areas.items()]
    details = {
        "background": background,
        "window": list(window_of(window)) if window else None,
        "curve": {
            "energy": energy.tolist(),
            "intensity": intensity.tolist(),
            "background": curve.tolist(),
        },
    }
    return Result(f"{background} background of {spectrum.name}", tuple(values), details)


def _height(spectrum: Spectrum, end: float, points: int) -> float:
    place = int(np.argmin(np.abs(spectrum.energy - end)))
    first = max(place - (points - 1) // 2, 0)
    return float(np.mean(spectrum.intensity[first : place + points // 2 + 1]))


def _mixing(mix: Any) -> float | None:
    if mix is None:
        return None
    if isinstance(mix, bool) or not isinstance(mix, (int, float)) or not 0 <= mix <= 1:
        raise InputError(f"{mix!r} is neither a number from 0 to 1 nor None", where="mix")
    return float(mix)


def _loss(loss: Any) -> TougaardLoss:
    if loss is None:
        return TougaardLoss()
    if not isinstance(loss, TougaardLoss):
        raise InputError("expected solith.analysis.TougaardLoss(b, c, d, t0)", where="loss")
    for key in ("b", "c", "d", "t0"):
        value = getattr(loss, key)
        if key == "b" and value is None:
            continue
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        least = 0.0 if key == "t0" else 1e-12
        if not number or not least <= value <= _LARGEST_LOSS:
            raise InputError(f"{value!r} is no such number above 0", where=f"loss.{key}")
    return loss


def _require_within(peaks: Sequence[Peak], spectra: Sequence[Spectrum]) -> None:
    for peak in peaks:
        for one in spectra:
            low, high = float(one.energy[0]), float(one.energy[-1])
            if not low <= peak.position <= high:
                raise InputError(
                    f"{peak.name} at {peak.position:.5g} eV lies outside of {one.name}, which goes "
                    f"from {low:.5g} to {high:.5g} eV; widen the window or leave it out",
                    where="components",
                )


def _fitted(spectra: Sequence[Spectrum], peaks: Sequence[Peak], choices: Choices) -> Fit:
    counts = [one.intensity * one.scale for one in spectra]
    return fit_counts([one.energy for one in spectra], counts, peaks, choices)


def _other_backgrounds(
    fit: Fit, spectra: Sequence[Spectrum], peaks: Sequence[Peak], choices: Choices
) -> tuple[Any, dict[str, Any]]:
    """How far each fraction changes with the background (records, peaks), and what each gave."""
    names = [peak.name for peak in peaks]
    found = []
    told: dict[str, Any] = {}
    for kind in BACKGROUNDS:
        try:
            other = fit
            if kind != choices.background:
                other = _fitted(spectra, peaks, replace(choices, background=kind))
        except (ConvergenceError, InputError) as error:
            told[kind] = {"failed": str(error)}
            continue
        fractions = fractions_of(other)
        found.append(fractions)
        told[kind] = {
            "fractions": [dict(zip(names, map(float, row), strict=True)) for row in fractions],
            "reduced_chi_square": other.chi_square / other.freedom,
        }
    return np.ptp(np.array(found), axis=0), told


def _with_misplaced(
    values: list[Value], fit: Fit, spectra: Sequence[Spectrum], referred: bool
) -> list[Value]:
    """The values flagged where the spectrum's highest peak is at no component."""
    told = []
    for one, curve in zip(spectra, curves_of(fit, spectra), strict=True):
        above = np.array(curve["intensity"]) - np.array(curve["total"])
        top = int(np.argmax(np.convolve(above, np.ones(5) / 5, mode="same")))
        lines = [
            peak.position + offset for peak in fit.model.peaks for offset in (0.0, peak.splitting)
        ]
        energy = float(one.energy[top])
        noise = float(np.sqrt(max(one.intensity[top], 0.0) / one.scale))
        away = min(abs(energy - line) for line in lines)
        if above[top] > _UNEXPLAINED * noise and away > _MISPLACED:
            reference = "may be wrong" if referred else "or a shift is probably missing"
            told.append(
                f"no component lies at the peak at {energy:.2f} eV of {one.name}, the nearest line "
                f"is {away:.2g} eV away: the charge reference {reference}, or a component "
                "is missing"
            )
    if not told:
        return values
    return [replace(value, flags=(*told, *value.flags)) for value in values]


def _with_spread(
    values: list[Value], spread: Any, records: int, names: Sequence[str]
) -> list[Value]:
    """The values with a flag where another background moves a fraction, and the largest change."""
    flagged = []
    changes = {
        f"{name}_fraction{f'_{record + 1}' if records > 1 else ''}": float(spread[record, n])
        for record in range(records)
        for n, name in enumerate(names)
    }
    for value in values:
        change = changes.get(value.quantity, 0.0)
        if value.uncertainty is not None and change > _MANY * value.uncertainty:
            told = (
                f"changes by {change:.2g} ({100 * change:.2g} points of 100) with the background, "
            )
            told += "more than counting tells"
            value = replace(value, flags=(*value.flags, told))
        flagged.append(value)
    method = "largest change of a fraction among linear, Shirley and Tougaard background"
    known = spread[np.isfinite(spread)]
    if not len(known):
        lost = ("there are no fractions to compare",)
        return [*flagged, Value("background_spread", None, "", method=method, flags=lost)]
    return [*flagged, Value("background_spread", float(known.max()), "", method=method)]


def _candidates(
    values: Sequence[Value], peaks: Sequence[Peak], table: SpeciesTable, region: str
) -> dict[str, list[dict[str, Any]]]:
    """The species near each position: one energy by itself names none."""
    known = {value.quantity: value for value in values}
    found = {}
    for peak in peaks:
        alone = f"{peak.name}_position"
        value = known[alone] if alone in known else known[f"{alone}_1"]
        position = float(value.value or 0.0)
        found[peak.name] = [
            {
                "species": one.name,
                "distance_ev": position - one.position,
                "spread_ev": one.spread,
                "source": one.source,
                "certainty": one.certainty,
            }
            for one in table.near(position, region, value.uncertainty or 0.0)
        ]
    return found


def _overlaps(fit: Fit, table: SpeciesTable, region: str) -> list[str]:
    names = [peak.name for peak in fit.model.peaks]
    told = []
    for one, other in table.overlapping(names, region):
        elsewhere = [
            part.line
            for part in (*table.lines_of(one.name), *table.lines_of(other.name))
            if part.line != region
        ]
        decided = f"; decide with {', '.join(dict.fromkeys(elsewhere))}" if elsewhere else ""
        told.append(f"{one.name} and {other.name} overlap in {region}{decided}")
    layout = fit.model.layout
    rows = slice(layout.area(0, 0), layout.area(0, layout.peaks))
    own = fit.covariance[rows, rows]
    spread = np.sqrt(np.diag(own))
    for n, name in enumerate(names):
        for m in range(n + 1, len(names)):
            known = spread[n] > 0 and spread[m] > 0
            correlation = float(own[n, m] / (spread[n] * spread[m])) if known else 0.0
            if abs(correlation) > _AS_ONE:
                told.append(
                    f"the areas of {name} and {names[m]} are hardly told apart: correlation "
                    f"{correlation:.2f}"
                )
    return told
