"""How many spectra a series of absorption spectra is made of: principal components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._options import positive, whole_number, yes_or_no
from solith.analysis._xanes.aligned import Aligned, align
from solith.analysis._xanes.normalisation import range_of
from solith.analysis.xanes import SMOOTHING
from solith.core.errors import InputError
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["find_components"]

Array = NDArray[np.float64]

_LEAST = 4
_LEAST_ENERGIES = 20
_LINE = 2  # terms
_LEVEL = 0.05  # of the F test: a component is more than noise below it
_TRACY_WIDOM = 0.9793  # 95 % of the law of order 1
_WHITE = 3.0  # times the noise's own value: structure in what components leave


def find_components(
    series: Sequence[Record] | Mapping[str, Record],
    *,
    components: int | None = None,
    window: Any = None,
    normalise: bool = True,
    pre_edge: Any = None,
    post_edge: Any = None,
    smoothing: Any = SMOOTHING,
) -> Result:
    """How many components a series of spectra has, and what they are, by singular values.

    Spectra are taken at the energies of the first, within ``window`` [eV], in units of their
    edge steps. Straight lines are taken out of all of them: a pre-edge line of few rows, drawn
    on over the whole spectrum, would bring components of its own. ``normalise=False`` leaves
    everything as it is. Spectra are not centred, so that n species give n components.

    * ``components``: how many singular values are above those that the noise of the rows makes
      (95 % of its largest, by Johnstone's law, 10.1214/aos/1009210544); or as given.
    * ``components_by_f_test``: Malinowski's, of the reduced eigenvalues at 5 % (J. Chemometrics 3,
      49 (1988), found; its DOI, 10.1002/cem.1180030106, is recalled), the highest that passes. It
      does not know the noise and misses small components that the first finds.
    * ``components_by_indicator``: where the factor indicator function IND is least (Malinowski,
      Anal. Chem. 49, 612 (1977), 10.1021/ac50012a027, DOI looked up).
    * ``real_error``: the deviation of one row that the components leave, and ``noise``, that
      which rows have from their neighbours. A flag says where the first is much larger, or the
      three numbers of components differ.
    * ``unexplained``: the part of the squares that the components leave.

    ``details``: eigenvalues, IND and the F test's level for each number, ``scores`` (spectrum by
    component), ``loadings`` (component by energy), ``reconstructed`` spectra. Components are
    no species: they are the axes that the species' spectra span. Raises :class:`InputError`
    for fewer than four spectra.
    """
    wanted = (
        None
        if components is None
        else whole_number(components, "a number of components, 1 or more", "components")
    )
    aligned = align(
        series,
        smoothing=positive(smoothing, "eV", "smoothing"),
        normalise=yes_or_no(normalise, "normalise"),
        pre_edge=pre_edge,
        post_edge=post_edge,
        at_least=_LEAST,
    )
    energy, spectra = _matrix(aligned, window)
    scores, singular, loadings = np.linalg.svd(spectra, full_matrices=False)
    rows, columns = spectra.shape
    if aligned.how is not None:
        columns -= _LINE
        kept_axes = min(rows, columns)  # the lines that were taken out leave no axes
        scores, singular, loadings = (
            scores[:, :kept_axes],
            singular[:kept_axes],
            loadings[:kept_axes],
        )
    eigenvalues = singular**2
    levels = _levels(eigenvalues, rows, columns)
    indicator, errors = _indicator(eigenvalues, rows, columns)
    by_test = max((n + 1 for n, level in enumerate(levels) if level <= _LEVEL), default=1)
    by_indicator = int(np.argmin(indicator)) + 1
    noise = float(np.sqrt(np.mean((aligned.noise / aligned.steps) ** 2)))
    by_noise = max(_above_noise(singular, noise, rows, columns), 1)
    kept = min(by_noise, len(singular) - 1) if wanted is None else wanted
    if kept >= len(singular):
        raise InputError(
            f"{kept} components of {len(singular)} leave nothing; expected at most "
            f"{len(singular) - 1}",
            where="components",
        )
    flags = aligned.flags
    if by_noise >= len(singular):
        flags += ("no axis is as small as noise: spectra are too few, or noise is not white",)
    if not by_noise == by_test == by_indicator:
        flags += (f"the noise tells {by_noise}, the F test {by_test}, IND {by_indicator}",)
    if errors[kept - 1] > _WHITE * noise:
        flags += ("what the components leave is more than noise",)
    left = float(np.sum(eigenvalues[kept:]) / np.sum(eigenvalues))
    method = "above the noise at 95 %" if wanted is None else "as given"
    values = (
        Value("components", float(kept), "", method=method, flags=flags),
        Value("components_by_f_test", float(by_test), ""),
        Value("components_by_indicator", float(by_indicator), ""),
        Value("real_error", float(errors[kept - 1]), ""),
        Value("noise", noise, ""),
        Value("unexplained", left, ""),
    )
    made = (scores[:, :kept] * singular[:kept]) @ loadings[:kept]
    details = {
        "technique": "xanes",
        "records": list(aligned.titles),
        "energy_ev": energy.tolist(),
        "eigenvalues": eigenvalues.tolist(),
        "f_test_level": levels,
        "indicator": indicator.tolist(),
        "scores": (scores[:, :kept] * singular[:kept]).tolist(),
        "loadings": loadings[:kept].tolist(),
        "reconstructed": made.tolist(),
    }
    return Result("components of a series of absorption spectra", values, details)


def _matrix(aligned: Aligned, window: Any) -> tuple[Array, Array]:
    """Energies within the window, and the spectra there, without straight lines."""
    kept = np.ones(len(aligned.energy), dtype=bool)
    if window is not None:
        low, high = range_of(window, "window")
        kept = (aligned.energy >= low) & (aligned.energy <= high)
    energy, spectra = aligned.energy[kept], (aligned.raw / aligned.steps[:, None])[:, kept]
    if len(energy) < _LEAST_ENERGIES:
        raise InputError(
            f"{len(energy)} energies lie within; expected at least {_LEAST_ENERGIES}",
            where="window",
        )
    if aligned.how is None:
        return energy, spectra
    lines, _ = np.linalg.qr(np.vander(energy - np.mean(energy), _LINE))
    return energy, spectra - (spectra @ lines) @ lines.T


def _above_noise(singular: Array, noise: float, rows: int, columns: int) -> int:
    """How many singular values are above the largest of noise in what those before them leave."""
    for count, value in enumerate(singular):
        high, low = float(columns - count), float(rows - count)
        sides = high**0.5 + low**0.5
        edge = sides**2 + _TRACY_WIDOM * sides * (high**-0.5 + low**-0.5) ** (1 / 3)
        if value <= noise * edge**0.5:
            return count
    return len(singular)


def _levels(eigenvalues: Array, rows: int, columns: int) -> list[float]:
    """For each eigenvalue but the last, how likely noise alone makes one as large."""
    from scipy.stats import f

    most = len(eigenvalues)
    place = np.arange(most)
    weights = (rows - place) * (columns - place)
    levels = []
    for n in range(most - 1):
        rest = float(np.sum(eigenvalues[n + 1 :]))
        if rest <= 0:
            levels.append(0.0 if eigenvalues[n] > 0 else 1.0)
            continue
        ratio = np.sum(weights[n + 1 :]) / weights[n] * eigenvalues[n] / rest
        levels.append(float(f.sf(ratio, 1, most - n - 1)))
    return levels


def _indicator(eigenvalues: Array, rows: int, columns: int) -> tuple[Array, Array]:
    """IND and the real error after each number of components but all."""
    least, most = min(rows, columns), max(rows, columns)
    kept = np.arange(1, least)
    left = np.cumsum(eigenvalues[::-1])[::-1][1:]
    errors = np.sqrt(left / (most * (least - kept)))
    return errors / (least - kept) ** 2, errors
