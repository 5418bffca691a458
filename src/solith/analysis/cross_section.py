"""Cross-sections seen in a microscope: phases, pores, and what particles touch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._maps.correlation import correlation_of
from solith.analysis._maps.given import Array, channel_of, labels_for, pixel_size_of
from solith.analysis._maps.levels import by_thresholds, split_levels
from solith.analysis._options import chosen
from solith.core.errors import InputError
from solith.core.intervals import widening_95
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["analyse_cross_section"]

_VOIDS = ("void", "voids", "pore", "pores")
_FEW_INDEPENDENT = 10.0
_UNLIKE = 3.0  # standard uncertainties between shares met along and across


def analyse_cross_section(
    record: Record,
    variable: str | None = None,
    *,
    phases: Sequence[str],
    particle: str | None = None,
    labels: Any = None,
    thresholds: Sequence[float] | None = None,
) -> Result:
    r"""Phases of a polished section, its porosity, and the share of the particles that touch.

    ``phases`` names the levels of grey from the darkest, ``thresholds`` the values between them;
    without these each pixel goes to the nearest mean. Thresholds give a false rim of the middle
    phase between dark and bright: ``labels`` (y, x), 0 for the first phase, from a segmentation
    (:func:`solith.structure.segment_phases` on one slice) are better and then
    used instead.

    With ``particle``, a phase, its outline is measured by the crossings of lines in four
    directions (Crofton, recalled). The share of its length that touches another phase equals, in
    sections of random direction, the share of the particles' surface in three dimensions: each is
    :math:`S_V = \frac{4}{\pi} L_A` (Underwood 1970, recalled). So does an area fraction equal the
    volume fraction (Delesse 1847, recalled). A film pressed from one side is not isotropic: cut it
    in several directions; a flag tells where lines along and across the image meet unlike shares.
    Contact between particles of the one phase is not seen.

    Values: ``fraction_<phase>``, ``porosity`` where a phase is called void or pore, and
    ``contact_fraction_<phase>`` of the particle with each other one. Uncertainties are those of
    this field of view for the whole material, neighbours counted
    (:math:`\operatorname{var} = \sum_h A(h)\,C(h)` with the autocovariance C of the residuals),
    widened by Student's t.

    Raises :class:`InputError` for phases, labels or thresholds that do not fit, and for a phase
    without pixels.
    """
    name, values = channel_of(record, variable)
    named = _phases(phases)
    found = _labels(values, named, labels, thresholds, name)
    results = []
    for number, phase in enumerate(named):
        share, spread, flags = _share(found == number)
        results.append(Value(f"fraction_{phase}", share, "1", spread, flags=flags))
    pores = [one for one, phase in zip(results, named, strict=True) if phase.lower() in _VOIDS]
    if pores:
        results.append(Value(**{**pores[0].__dict__, "quantity": "porosity"}))
    if particle is not None:
        chosen("phase", particle, named)
        results += _contacts(found, named, particle, pixel_size_of(record))
    details = {
        "phases": list(named),
        "pixels": [int((found == n).sum()) for n in range(len(named))],
    }
    return Result(f"cross-section by {name}", tuple(results), details)


def _phases(given: Any) -> tuple[str, ...]:
    if not isinstance(given, (str, list, tuple)):
        raise InputError(f"{given!r} is no list of names", where="phases")
    named = (given,) if isinstance(given, str) else tuple(given)
    if len(named) < 2 or not all(isinstance(one, str) and one for one in named):
        raise InputError("needs two names at least, the darkest phase first", where="phases")
    if len(set(named)) < len(named):
        raise InputError("names one phase twice", where="phases")
    return named


def _labels(
    values: Array, named: Sequence[str], labels: Any, thresholds: Any, name: str
) -> NDArray[np.intp]:
    if labels is not None:
        if thresholds is not None:
            raise InputError("give labels or thresholds, not both", where="thresholds")
        found = labels_for(labels, values.shape)
        if found.min() < 0 or found.max() >= len(named):
            raise InputError(
                f"go from {found.min()} to {found.max()}; {len(named)} phases are named, from 0",
                where="labels",
            )
    elif not np.isfinite(values).all():
        raise InputError("some pixels have no number", where=name)
    elif thresholds is None:
        found = split_levels(values, len(named), where=name)
    else:
        try:
            levels = np.asarray(thresholds, float)
        except (TypeError, ValueError):
            raise InputError(f"{thresholds!r} are no numbers", where="thresholds") from None
        if levels.shape != (len(named) - 1,) or not (np.diff(levels) > 0).all():
            raise InputError(
                f"needs {len(named) - 1} values that rise, between {len(named)} phases",
                where="thresholds",
            )
        found = by_thresholds(values, levels.tolist())
    for number, phase in enumerate(named):
        if not (found == number).any():
            raise InputError(f"no pixel is {phase}", where="phases")
    return found


def _share(pixels: NDArray[np.bool_]) -> tuple[float, float | None, tuple[str, ...]]:
    share = float(pixels.mean())
    field: Array = np.asarray(pixels, float) - share
    return share, *_spread_of_sum(field, float(pixels.size))


def _spread_of_sum(field: Array, whole: float) -> tuple[float | None, tuple[str, ...]]:
    """One widened standard uncertainty of sum(field) / whole, for a field of zero mean."""
    deviation = float(field.std())
    if deviation == 0:
        return None, ("it is the same all over this field of view: its uncertainty is not known",)
    everywhere = np.ones(field.shape, dtype=bool)
    alike = correlation_of(field / deviation, everywhere)
    independent = alike.effective_number(everywhere)
    error = deviation * field.size / np.sqrt(independent) / whole
    flags: tuple[str, ...] = ()
    if independent < _FEW_INDEPENDENT:
        flags = (
            f"the field of view is worth {independent:.0f} independent ones: take more images",
        )
    return float(error * widening_95(max(independent - 1.0, 1.0))), flags


def _contacts(
    labels: NDArray[np.intp], named: Sequence[str], particle: str, size: tuple[float, float]
) -> list[Value]:
    """The share of the particle's outline that touches each other phase."""
    own = named.index(particle)
    others = [phase for phase in named if phase != particle]
    outline = {phase: np.zeros(labels.shape) for phase in others}
    lines: dict[tuple[int, int], dict[str, Array]] = {}
    for (down, right), weight in _directions(size):
        here, there = _neighbours(labels, down, right)
        lines[down, right] = {phase: np.zeros(labels.shape) for phase in others}
        for phase in others:
            other = named.index(phase)
            touching = ((here == own) & (there == other)) | ((here == other) & (there == own))
            for field in (outline[phase], lines[down, right][phase]):
                first, _ = _neighbours(field, down, right)
                first += weight * touching
    values = []
    for phase in others:
        share, spread, flags = _contact(outline, phase)
        flags += _unlike([_contact(lines[way], phase) for way in ((0, 1), (1, 0))])
        values.append(
            Value(f"contact_fraction_{phase}", share, "1", spread, method="section", flags=flags)
        )
    return values


def _contact(outline: dict[str, Array], phase: str) -> tuple[float, float | None, tuple[str, ...]]:
    """The share of an outline that touches one phase; nan where there is no outline."""
    total = np.asarray(sum(outline.values()))
    length = float(total.sum())
    if not length > 0:
        return float("nan"), None, ()
    share = float(outline[phase].sum()) / length
    return share, *_spread_of_sum(outline[phase] - share * total, length)


def _unlike(found: list[tuple[float, float | None, tuple[str, ...]]]) -> tuple[str, ...]:
    """What is to be told of lines along and across whose shares differ by more than chance."""
    (along, along_error, _), (across, across_error, _) = found
    if along_error is None or across_error is None:
        return ()
    if not abs(along - across) > _UNLIKE * float(np.hypot(along_error, across_error)):
        return ()
    return (
        f"lines along the image meet {along:.2f}, lines across it {across:.2f}: not alike in all "
        "directions, and so not the share in three dimensions; cut several sections",
    )


def _directions(size: tuple[float, float]) -> list[tuple[tuple[int, int], float]]:
    """Steps to neighbours and the outline's length for each crossing [m].

    Lines of one direction lie an area of a pixel over the step's length apart; each direction
    stands for the angles nearest to it.
    """
    wide, high = size
    steps = ((0, 1), (1, 1), (1, 0), (1, -1))
    angles = np.array([np.arctan2(down * high, right * wide) for down, right in steps])
    around = np.concatenate([[angles[-1] - np.pi], angles, [angles[0] + np.pi]])
    shares = (around[2:] - around[:-2]) / 2 / np.pi
    apart = [wide * high / np.hypot(down * high, right * wide) for down, right in steps]
    return [
        (step, float(np.pi / 2 * share * gap))
        for step, share, gap in zip(steps, shares, apart, strict=True)
    ]


def _neighbours(field: NDArray[Any], down: int, right: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Views of pixels and of their neighbours one step on."""
    rows, columns = field.shape
    first = field[: rows - down, max(0, -right) : columns - max(0, right)]
    second = field[down:, max(0, right) : columns - max(0, -right)]
    return first, second
