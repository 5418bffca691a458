"""X-ray absorption near an edge: edge, white line, edge step, and the energy scale behind them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._options import positive, require_text
from solith.analysis._xanes.normalisation import Normalised, normalisation_of, range_of
from solith.analysis._xanes.scan import CALIBRATION, SHIFT, SHIFT_UNCERTAINTY, Scan, scan_of
from solith.analysis._xanes.smoothing import Extreme, Smoother, noise_near
from solith.analysis._xanes.step_spread import RULE, step_spread
from solith.core.errors import InputError
from solith.core.quantities import to_si
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["SMOOTHING", "analyse_xanes", "calibrate_energy", "edge_of"]

Array = NDArray[np.float64]

SMOOTHING = 0.5
"""Standard deviation of the smoothing's weights unless given [eV]."""

_WHITE_LINE_REACH = 10.0  # eV above the edge
_MARGIN = 2.0  # widths at both ends of a scan, where a derivative is one-sided
_SIGNIFICANT = 5.0  # standard deviations that the steepest rise is above the usual slope
_ROUNDING = 1e-9  # of the usual slope
_ALIKE = 2.0  # standard deviations by which two maxima differ before one is the higher
_LISTED = 0.2  # of the highest: rises that are named
_UNSURE = 0.1  # of the edge step
_FAR, _BROAD = 5.0, 4.0  # eV above the edge and width at 90 %: rather a resonance
_MOVES = 0.1  # eV that the edge may move with the smoothing unremarked


def analyse_xanes(
    record: Record,
    *,
    smoothing: Any = SMOOTHING,
    energy_shift: Any = None,
    energy_shift_uncertainty: Any = 0.0,
    edge_window: Any = None,
    white_line_window: Any = None,
    pre_edge: Any = None,
    post_edge: Any = None,
    pre_edge_law: str = "linear",
    post_edge_law: str = "linear",
) -> Result:
    """Edge position, white line and edge step of a spectrum of X-ray absorption.

    * ``edge_position`` [eV]: the maximum of the derivative, within ``edge_window`` (lowest,
      highest) or the whole scan. The derivative is that of local cubics with Gaussian weights of
      standard deviation ``smoothing`` [eV], or the step between rows where that is wider.
    * ``white_line_position`` [eV]: the highest maximum of the smoothed absorption, less the
      pre-edge line, within ``white_line_window`` [eV above the edge], by default from 0 to 10. A
      maximum more than 5 eV above the edge and wider than 4 eV at 90 % of its height is flagged:
      rather a resonance of the surroundings than the white line (solith's own rule).
    * ``white_line_height``: its absorption in units of the edge step.
    * ``edge_step``: post-edge less pre-edge line at the edge. ``pre_edge`` and ``post_edge`` are
      the ranges of the lines [eV]; by default from the first row to 8 eV below the edge (or 30 %
      of what lies below it), and from 20 eV above it (or 30 %) to the last row. ``pre_edge_law``
      is "constant", "linear" or "victoreen" (terms E^-3 and E^-4; Victoreen, J. Appl. Phys. 14,
      95 (1943), recalled), ``post_edge_law`` "constant", "linear" or "quadratic". Its uncertainty
      has what the step changes by with the other one of a constant and a linear post-edge line,
      and with the lower and the upper two thirds of the range, in quadrature, as far as that is
      more than noise: the step of a scan that ends soon above its edge is not well known.
    * ``energy_shift`` [eV]: what was added to the energies, here or before
      (:func:`calibrate_energy`); its uncertainty is in that of both positions. Where neither
      record nor caller says anything, a flag tells that energies are as stored.

    Uncertainties are those of noise, judged from each row's distance to its neighbours near the
    place, carried to first order: a maximum moves by the change of its slope over its bend; their
    95 % intervals hold the maximum of the smoothed spectrum without noise. What smoothing itself
    moves is told apart: ``details["edge_by_smoothing"]`` has the edge at half and twice the
    smoothing, and a flag says where that is more than 0.1 eV and twice the uncertainty. A flag
    names a second rise that noise cannot tell from the steepest.

    ``details`` hold energies, normalised absorption, smoothed and derivative (per eV), both lines,
    ranges and laws, the rises and peaks. Raises :class:`InputError` for no such spectrum, for one
    without an edge, and for ranges or laws that do not fit.
    """
    try:
        doubt = to_si(energy_shift_uncertainty, "eV")
    except InputError as error:
        raise error.inside("energy_shift_uncertainty") from None
    if energy_shift is None and doubt != 0:
        raise InputError(
            "it belongs to a shift: give energy_shift too, 0 where energies are right as stored",
            where="energy_shift_uncertainty",
        )
    if energy_shift is not None:
        record = calibrate_energy(record, energy_shift, uncertainty=doubt)
    scan = scan_of(record)
    width = positive(smoothing, "eV", "smoothing")
    smoother = Smoother(scan.energy, width)
    edge, rises = edge_of(scan, smoother, edge_window)
    normalised, problem = _normalised(
        scan, edge.energy, pre_edge, post_edge, pre_edge_law, post_edge_law
    )
    below = normalised.below if normalised else np.zeros_like(scan.energy)
    white, peaks, faults = _white_line(scan, smoother, edge.energy, white_line_window, below)
    by_smoothing = _by_smoothing(scan, width, edge.energy)
    scale = () if scan.calibrated else ("energies as stored: no calibration is known",)
    values = (
        Value(
            "edge_position",
            edge.energy,
            "eV",
            math.hypot(edge.spread, scan.shift_uncertainty),
            method=f"maximum of the derivative, smoothing {width:g} eV",
            flags=(*scan.flags, *scale, *_edge_flags(edge, rises, by_smoothing)),
        ),
        _white_line_value(white, width, scan, (*scan.flags, *scale, *faults)),
        *_heights(scan, smoother, white, normalised, (*scan.flags, *problem)),
        Value("energy_shift", scan.shift, "eV", scan.shift_uncertainty, source=scan.calibration),
    )
    details = {
        "technique": "xanes",
        "element": str(record.data.attrs.get("element", "")),
        "smoothing": width,
        "calibration": scan.calibration,
        "edge_by_smoothing": by_smoothing,
        "rises": [_row(one, scan) for one in rises],
        "peaks": [_row(one, scan) for one in peaks],
        **_curves(scan, smoother, normalised),
    }
    return Result(f"X-ray absorption of {scan.title}", values, details)


def calibrate_energy(record: Record, shift: Any, *, uncertainty: Any = 0.0, by: str = "") -> Record:
    """The record with ``shift`` [eV] added to its energies, which it remembers.

    ``by`` says what tells the shift (a standard's name and its energy, with source),
    ``uncertainty`` [eV] how well. A second shift adds to the first, its uncertainty in quadrature.
    A shift of 0 with a reason declares energies as right. Where a standard was measured in the
    same way, the shift is its known energy less ``analyse_xanes(standard)["edge_position"]``.
    """
    scan_of(record)
    require_text(by, "by")
    try:
        moved, doubt = to_si(shift, "eV"), to_si(uncertainty, "eV")
    except InputError as error:
        raise error.inside("energy_shift") from None
    if doubt < 0:
        raise InputError(f"{uncertainty!r} must not be below 0", where="uncertainty")
    attributes = record.data.attrs
    told = f"{moved:+g} eV" + (f" by {by}" if by else "")
    whole = "; ".join(filter(None, (str(attributes.get(CALIBRATION, "")), told)))
    unit = str(record.data["abscissa"].attrs.get("units", ""))
    kept = record.data["abscissa"]
    values = record.array("abscissa") + moved * (1e-3 if unit == "keV" else 1.0)
    data = record.data.assign(abscissa=(kept.dims, values, kept.attrs)).assign_attrs(
        {
            SHIFT: float(attributes.get(SHIFT, 0.0)) + moved,
            SHIFT_UNCERTAINTY: math.hypot(float(attributes.get(SHIFT_UNCERTAINTY, 0.0)), doubt),
            CALIBRATION: whole,
        }
    )
    notes = (*record.provenance.notes, f"energies were shifted by {told}")
    return replace(record, data=data, provenance=replace(record.provenance, notes=notes))


def edge_of(
    scan: Scan, smoother: Smoother, window: Any = None
) -> tuple[Extreme, tuple[Extreme, ...]]:
    """The steepest rise of a scan, and all rises at least a fifth as steep, steepest first.

    Raises :class:`InputError` where no rise is steeper than the scan's usual slope by five standard
    deviations.
    """
    first, last = float(scan.energy[0]), float(scan.energy[-1])
    margin = _MARGIN * smoother.width
    low, high = first + margin, last - margin
    ends = low, high
    if window is not None:
        wanted = range_of(window, "edge_window")
        low, high = max(low, wanted[0]), min(high, wanted[1])
    if not low < high:
        raise InputError(
            f"{scan.title} has energies from {first:.1f} to {last:.1f} eV; there is nothing to "
            "search for an edge",
            where="edge_window",
        )
    found = [
        smoother.extreme(scan.absorption, 1, at, noise_near(scan, at))
        for at in smoother.maxima(scan.absorption, 1, low, high)
    ]
    usual = float(np.median(smoother.curve(scan.absorption, smoother.grid(*ends), 1)))
    least = _SIGNIFICANT * found[0].deviation + _ROUNDING * abs(usual) if found else 0.0
    if not found or not found[0].height - max(usual, 0.0) > least:
        raise InputError(
            f"{scan.title} has no absorption edge from {low:.1f} to {high:.1f} eV: no rise "
            f"stands {_SIGNIFICANT:g} standard deviations above the noise"
        )
    steep = [one for one in found if one.height >= _LISTED * found[0].height]
    return found[0], tuple(steep)


def _normalised(
    scan: Scan, edge: float, pre_edge: Any, post_edge: Any, pre_law: str, post_law: str
) -> tuple[Normalised | None, tuple[str, ...]]:
    """The normalised scan; ``None`` with the reason where the scan is too short for it.

    What the caller asked for and cannot be had is an error.
    """
    try:
        how = normalisation_of(
            scan,
            edge,
            pre_edge=pre_edge,
            post_edge=post_edge,
            pre_edge_law=pre_law,
            post_edge_law=post_law,
        )
    except InputError as error:
        asked = {"pre_edge": pre_edge, "post_edge": post_edge}
        if error.where in asked and asked[error.where] is None:
            return None, (f"not normalised: {error.problem}",)
        raise
    return how.apply(scan), ()


def _white_line(
    scan: Scan, smoother: Smoother, edge: float, window: Any, below: Array
) -> tuple[Extreme | None, tuple[Extreme, ...], tuple[str, ...]]:
    """The highest maximum above the edge, all of them, and what is to be said of the search."""
    reach = (0.0, _WHITE_LINE_REACH) if window is None else range_of(window, "white_line_window")
    last = float(scan.energy[-1]) - smoother.width
    low, high = max(edge + reach[0], float(scan.energy[0])), min(edge + reach[1], last)
    if not low < high:
        return None, (), (f"the scan ends before {edge + reach[0]:.1f} eV",)
    values = scan.absorption - below
    found = [
        smoother.extreme(values, 0, at, noise_near(scan, at))
        for at in smoother.maxima(values, 0, low, high)
    ]
    if not found:
        told = f"no maximum from {low:.1f} to {high:.1f} eV; widen white_line_window"
        return None, (), (told,)
    faults = _rivals(found, "another maximum is as high within noise")
    ends = smoother.weights(np.array([low, high]), 0) @ values
    if ends[1] > found[0].height:
        faults += (f"the absorption is higher still at the end of the window ({high:.1f} eV)",)
    faults += _resonance(scan, smoother, values, edge, found)
    return found[0], tuple(found), faults


def _resonance(
    scan: Scan, smoother: Smoother, values: Array, edge: float, found: list[Extreme]
) -> tuple[str, ...]:
    """That the highest maximum is broad and far above the edge, and which others are nearer."""
    best, *others = found
    grid = smoother.grid(float(scan.energy[0]), float(scan.energy[-1]))
    low = smoother.curve(values, grid, 0) < 0.9 * best.height
    before, after = grid[low & (grid < best.energy)], grid[low & (grid > best.energy)]
    ends = before[-1] if len(before) else grid[0], after[0] if len(after) else grid[-1]
    if best.energy - edge <= _FAR or ends[1] - ends[0] <= _BROAD:
        return ()
    nearer = [f"{one.energy:.2f} eV" for one in others if one.energy < best.energy]
    also = f"; nearer to the edge there is a maximum at {', '.join(nearer)}" if nearer else ""
    return (
        f"broad ({ends[1] - ends[0]:.1f} eV at 90 % of its height) and "
        f"{best.energy - edge:.1f} eV above the edge: rather a resonance than the white line{also}",
    )


def _rivals(found: list[Extreme] | tuple[Extreme, ...], told: str) -> tuple[str, ...]:
    best, *others = found
    alike = [
        f"{one.energy:.2f} eV"
        for one in others
        if best.height - one.height < _ALIKE * math.hypot(best.deviation, one.deviation)
    ]
    return (f"{told}: {', '.join(alike)}",) if alike else ()


def _by_smoothing(scan: Scan, width: float, edge: float) -> list[dict[str, float]]:
    """The edge at half, once and twice the smoothing, searched within three widths of it."""
    rows = []
    for part in (0.5, 1.0, 2.0):
        smoother = Smoother(scan.energy, part * width)
        near = (edge - 3.0 * width, edge + 3.0 * width)
        found = smoother.maxima(scan.absorption, 1, *near, most=1)
        if found:
            rows.append({"smoothing": part * width, "edge_position": found[0]})
    return rows


def _edge_flags(
    edge: Extreme, rises: tuple[Extreme, ...], by_smoothing: list[dict[str, float]]
) -> tuple[str, ...]:
    flags = _rivals(rises, "another rise is as steep within noise")
    moved = [row["edge_position"] - edge.energy for row in by_smoothing]
    furthest = max(moved, key=abs, default=0.0)
    if abs(furthest) > max(_MOVES, 2.0 * edge.spread):
        flags += (f"smoothing moves the edge: by {furthest:+.2f} eV at half or twice of it",)
    return flags


def _white_line_value(
    white: Extreme | None, width: float, scan: Scan, flags: tuple[str, ...]
) -> Value:
    method = f"highest maximum above the edge, smoothing {width:g} eV"
    if white is None:
        return Value("white_line_position", None, "eV", method=method, flags=flags)
    spread = math.hypot(white.spread, scan.shift_uncertainty)
    return Value("white_line_position", white.energy, "eV", spread, method=method, flags=flags)


def _heights(
    scan: Scan,
    smoother: Smoother,
    white: Extreme | None,
    normalised: Normalised | None,
    flags: tuple[str, ...],
) -> tuple[Value, Value]:
    if normalised is None:
        return tuple(Value(name, None, flags=flags) for name in ("white_line_height", "edge_step"))  # type: ignore[return-value]
    how, step = normalised.how, normalised.step
    noise, spread = normalised.step_uncertainty(scan.energy), step * step_spread(scan, how)
    error = math.hypot(noise, spread)
    method = (
        f"{how.post_edge_law} line from {how.post_edge[0]:.1f} to {how.post_edge[1]:.1f} eV less "
        f"{how.pre_edge_law} line from {how.pre_edge[0]:.1f} to {how.pre_edge[1]:.1f} eV; "
        f"uncertainty of noise and {RULE}"
    )
    unsure: tuple[str, ...] = ()
    if error > _UNSURE * step:
        unsure = (
            f"the step is known to {100 * error / step:.0f} %: it depends on the post-edge range",
        )
    told = Value("edge_step", step, "", error, method=method, flags=(*flags, *unsure))
    if white is None:
        return Value("white_line_height", None, flags=("there is no white line", *flags)), told
    weights = smoother.weights(np.array([white.energy]), 0)[0]
    height, own = normalised.height(scan, weights, noise_near(scan, white.energy))
    whole = math.hypot(own, height * spread / step)
    return Value("white_line_height", height, "", whole, method=method, flags=flags), told


def _row(one: Extreme, scan: Scan) -> dict[str, float]:
    spread = math.hypot(one.spread, scan.shift_uncertainty)
    return {"energy": one.energy, "uncertainty": spread, "height": one.height}


def _curves(scan: Scan, smoother: Smoother, normalised: Normalised | None) -> dict[str, Any]:
    """Curves on the scan's rows; in units of the edge step where that is known."""
    step = normalised.step if normalised else 1.0
    below = normalised.below if normalised else np.zeros_like(scan.energy)
    curves: dict[str, Any] = {
        "energy_ev": scan.energy.tolist(),
        "absorption": scan.absorption.tolist(),
        "normalised": ((scan.absorption - below) / step).tolist(),
        "smoothed": (smoother.curve(scan.absorption - below, scan.energy, 0) / step).tolist(),
        "derivative_per_ev": (smoother.curve(scan.absorption, scan.energy, 1) / step).tolist(),
        "is_normalised": normalised is not None,
    }
    if normalised is not None:
        how = normalised.how
        curves |= {
            "pre_edge_line": normalised.below.tolist(),
            "post_edge_line": normalised.above.tolist(),
            "pre_edge": list(how.pre_edge),
            "post_edge": list(how.post_edge),
            "pre_edge_law": how.pre_edge_law,
            "post_edge_law": how.post_edge_law,
        }
    return curves
