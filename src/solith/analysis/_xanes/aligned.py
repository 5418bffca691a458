"""Spectra of one series on common energies, normalised alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._xanes.normalisation import Normalisation, range_of, ranges_for
from solith.analysis._xanes.scan import Scan, scan_of
from solith.analysis._xanes.smoothing import Smoother
from solith.analysis.xanes import edge_of
from solith.core.errors import InputError
from solith.core.given import records_among

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["Aligned", "align"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Aligned:
    """Spectra of ``titles`` (m,) at ``energy`` [eV] (n,), as measured: ``raw`` (m, n).

    ``noise`` (m,) is that of one row of each, ``how`` says how all are normalised;
    ``shift_uncertainty`` [eV] is that of the energies, the largest of all.
    """

    titles: tuple[str, ...]
    energy: Array
    raw: Array
    noise: Array
    how: Normalisation | None
    shift_uncertainty: float
    flags: tuple[str, ...]

    @cached_property
    def steps(self) -> Array:
        """The edge step of each, one where they are not normalised (m,)."""
        if self.how is None:
            return np.ones(len(self.raw))
        return np.asarray(self.raw @ self.how.lines(self.energy).steps)

    @cached_property
    def spectra(self) -> Array:
        """The spectra less their pre-edge lines, in units of their steps (m, n)."""
        if self.how is None:
            return self.raw
        below = self.how.lines(self.energy).before.through(self.raw)
        return np.asarray((self.raw - below) / self.steps[:, None])

    def deviations(self, weights: Array) -> Array:
        """The standard deviation of each ``weights`` (g, n) of each spectrum: (m, g).

        With that of the pre-edge line and of the step, which are of the same rows.
        """
        if self.how is None:
            return np.outer(self.noise, np.linalg.norm(weights, axis=1))
        lines = self.how.lines(self.energy)
        less = weights - lines.before.weights(weights)
        found = [
            noise / step * np.linalg.norm(less - np.outer(weights @ row, lines.steps), axis=1)
            for noise, step, row in zip(self.noise, self.steps, self.spectra, strict=True)
        ]
        return np.array(found)


def align(
    given: Sequence[Record] | Mapping[str, Record],
    *,
    smoothing: float,
    normalise: bool = True,
    pre_edge: Any = None,
    post_edge: Any = None,
    at_least: int = 3,
) -> Aligned:
    """The spectra on the energies of the first, where all have some; cubic splines between rows.

    Ranges of the lines hold for all, below the lowest and above the highest edge; steps are
    those at the first spectrum's edge. Raises :class:`InputError` for fewer spectra than
    ``at_least``, for those that do not overlap, and what a single one raises.
    """
    records = records_among(given)
    if len(records) < at_least:
        raise InputError(f"{len(records)} spectra are no series; expected at least {at_least}")
    scans = [scan_of(record) for record in records]
    titles = [str(name) for name in given] if isinstance(given, Mapping) else _titles(scans)
    first = max(float(one.energy[0]) for one in scans)
    last = min(float(one.energy[-1]) for one in scans)
    base = scans[0].energy
    common = base[(base >= first) & (base <= last)]
    if len(common) < 20:
        raise InputError(
            f"the spectra have {len(common)} energies of the first in common; expected at least 20"
        )
    flags = tuple(dict.fromkeys(flag for one in scans for flag in one.flags))
    if any(len(one.energy) != len(base) or np.any(one.energy != base) for one in scans):
        flags += ("spectra were interpolated to the energies of the first",)
    noise = np.array([_noise_on(one, common) for one in scans])
    scans = [_on(one, common) for one in scans]
    how = _common(scans, smoothing, pre_edge, post_edge) if normalise else None
    raw = np.array([one.absorption for one in scans])
    if len({one.calibration for one in scans}) > 1:
        flags += ("the spectra are not calibrated alike",)
    if not any(one.calibrated for one in scans):
        flags += ("energies as stored: no calibration is known",)
    doubt = max(one.shift_uncertainty for one in scans)
    aligned = Aligned(tuple(titles), common, raw, noise, how, doubt, flags)
    for title, step in zip(titles, aligned.steps, strict=True):
        if not step > 0:
            raise InputError(f"{title}: the absorption does not rise at its edge (step {step:.3g})")
    return aligned


def _titles(scans: list[Scan]) -> list[str]:
    return [f"{n}: {one.title}" for n, one in enumerate(scans, start=1)]


def _noise_on(scan: Scan, energy: Array) -> float:
    """The deviation of one row at other energies, as if its rows were independent.

    Rows drawn between a scan's own share their noise: of twice as many, each counts half, and
    their distance to their neighbours would tell no noise at all.
    """
    within = (scan.energy >= energy[0]) & (scan.energy <= energy[-1])
    own = float(np.sqrt(np.mean(scan.scatter[within] ** 2)))
    shared = np.interp(energy, scan.energy, scan.step) / np.gradient(energy)
    return own * float(np.sqrt(np.mean(np.maximum(shared, 1.0))))


def _on(scan: Scan, energy: Array) -> Scan:
    """The scan at other energies; as it is where they are its own."""
    from scipy.interpolate import CubicSpline

    within = (scan.energy >= energy[0]) & (scan.energy <= energy[-1])
    same = int(np.sum(within)) == len(energy) and bool(np.all(scan.energy[within] == energy))
    values = scan.absorption[within] if same else CubicSpline(scan.energy, scan.absorption)(energy)
    return _with(scan, energy, values)


def _common(scans: list[Scan], smoothing: float, pre_edge: Any, post_edge: Any) -> Normalisation:
    """Lines for all; the edges of all but the first are needed to a step of the grid only."""
    energy = scans[0].energy
    first, last = float(energy[0]), float(energy[-1])
    smoother = Smoother(energy, smoothing)
    edge = edge_of(scans[0], smoother)[0].energy
    grid = smoother.grid(first + 2.0 * smoothing, last - 2.0 * smoothing)
    slopes = smoother.curve(np.array([one.absorption for one in scans]), grid, 1)
    before, after = ranges_for(first, last, [edge, *grid[np.argmax(slopes, axis=1)].tolist()])
    how = Normalisation(
        edge=edge,
        pre_edge=before if pre_edge is None else range_of(pre_edge, "pre_edge"),
        post_edge=after if post_edge is None else range_of(post_edge, "post_edge"),
        pre_edge_law="linear",
        post_edge_law="linear",
    )
    for one in scans:
        how.require_rows(one)
    return how


def _with(scan: Scan, energy: Array, values: Array) -> Scan:
    return Scan(
        scan.title,
        energy,
        values,
        scan.shift,
        scan.shift_uncertainty,
        scan.calibration,
        scan.flags,
    )
