"""Maps made level, and two channels of a map against each other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from solith.analysis._maps.correlation import correlation_of, effective_pairs
from solith.analysis._maps.given import Array, Mask, channel_of, mask_for, unit_of
from solith.analysis._options import chosen, whole_number
from solith.core.errors import InputError
from solith.core.given import require_record
from solith.core.result import Result, Value

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["LEVELLINGS", "analyse_map", "correlate_channels", "level_map"]

LEVELLINGS = ("plane", "lines", "median", "polynomial")
"""The ways in which :func:`level_map` takes off what the scanner added."""

_FEWEST = 16
_MOST_BINS = 60
_HIGHEST_ORDER = 5


def analyse_map(record: Record, variable: str | None = None, *, method: str = "lines") -> Result:
    """Mean and roughness of each channel of a map, or of the one that is named.

    For each ``NAME_mean``, of the channel as it was measured, and ``NAME_deviation``, the root of
    the mean square (:math:`S_q` of ISO 25178-2, recalled) after :func:`level_map` by ``method``.
    Both are of this field of view, whose neighbourhood they need not be like. Raises what
    :func:`level_map` raises.
    """
    require_record(record)
    everything = [str(name) for name in record.data.data_vars]
    names = everything if variable is None else [variable]
    values = []
    for name in names:
        _, measured = channel_of(record, name)
        flat = level_map(record, name, method).array(name)
        unit = unit_of(record, name)
        told = f"root mean square after levelling by {method}"
        values += [
            Value(f"{name}_mean", float(np.nanmean(measured)), unit, method="as measured"),
            Value(f"{name}_deviation", float(np.nanstd(flat)), unit, method=told),
        ]
    return Result("channels of a map", tuple(values), {"channels": names, "levelling": method})


def level_map(
    record: Record,
    variable: str | None = None,
    method: str = "plane",
    *,
    order: int | None = None,
    mask: Any = None,
) -> Record:
    """The map with the tilt, bow and line jumps of the scan taken off one of its channels.

    ``method``: "plane", a tilted plane by least squares; "polynomial", all terms x^i y^j with
    i + j up to ``order`` (2 unless told); "lines", a polynomial of ``order`` (1 unless told) off
    each line of the scan, as Nanoscope's flatten; "median", the median off each line. ``mask``
    (y, x) says which pixels to fit, such as the ground and not the grains. The channel is named
    where there are several; the others stay. A note says what was done.

    Raises :class:`InputError` for what is no map, for an unknown channel or method, and for an
    order that the pixels cannot tell.
    """
    name, values = channel_of(record, variable)
    chosen("method", method, LEVELLINGS)
    used = np.isfinite(values)
    if mask is not None:
        used &= mask_for(mask, values.shape, "mask")
    degree = _degree(method, order)
    if method in ("lines", "median"):
        ground = _of_lines(values, used, degree, method)
    else:
        ground = _of_surface(values, used, degree)
    told = method if order is None and degree < 2 else f"{method} of order {degree}"
    note = f"{name} was levelled: {told}{' by a mask' if mask is not None else ''}"
    kept = record.data[name]
    data = record.data.assign({name: (kept.dims, values - ground, kept.attrs)})
    notes = (*record.provenance.notes, note)
    return replace(record, data=data, provenance=replace(record.provenance, notes=notes))


def correlate_channels(record: Record, first: str, second: str, *, mask: Any = None) -> Result:
    r"""How two channels of a map go together: joint histogram, correlation, significance.

    Neighbouring pixels are not independent: the significance of Pearson's r counts
    :math:`1 + N^2 / \sum_h n(h)\,\rho_1(h)\,\rho_2(h)` pairs (Clifford, Richardson and Hemon 1989,
    10.2307/2532039; DOI looked up, formula recalled), not the number N of pixels. ``mask`` (y, x)
    says which pixels count.

    Values: ``correlation`` with one standard uncertainty (of Fisher's transform), ``p_value`` of
    r = 0 (Student's t, two-sided), ``effective_pairs``, ``rank_correlation`` (Spearman's).
    Details: ``histogram`` (rows: first channel) and the ``first_edges`` and ``second_edges`` of its
    bins.

    Raises :class:`InputError` for channels that are not there, that do not vary, or with fewer
    than 16 pixels.
    """
    from scipy.special import stdtr
    from scipy.stats import rankdata

    one, a = channel_of(record, first)
    other, b = channel_of(record, second)
    used = np.isfinite(a) & np.isfinite(b)
    if mask is not None:
        used &= mask_for(mask, a.shape, "mask")
    if int(used.sum()) < _FEWEST:
        raise InputError(f"{int(used.sum())} pixels count; {_FEWEST} are needed", where="mask")
    standard = [_standard(name, values, used) for name, values in ((one, a), (other, b))]
    r = float(np.mean(standard[0][used] * standard[1][used]))
    alike = [correlation_of(field, used) for field in standard]
    pairs = effective_pairs(alike[0], alike[1], used)
    pairs = min(pairs, float(used.sum()))
    flags: tuple[str, ...] = ()
    p, spread = None, None
    if pairs > 4:
        freedom = pairs - 2
        t = abs(r) * np.sqrt(freedom / max(1 - r * r, 1e-300))
        p = 2 * float(stdtr(freedom, -t))
        spread = (1 - r * r) / np.sqrt(pairs - 3)
    else:
        flags = (
            f"the map is worth {pairs:.1f} independent pairs: too few to say; map a larger area",
        )
    ranks = np.corrcoef(rankdata(a[used]), rankdata(b[used]))[0, 1]
    values = (
        Value("correlation", r, "1", spread, method="Pearson", flags=flags),
        Value("p_value", p, "1", flags=flags),
        Value("effective_pairs", pairs, "1"),
        Value("rank_correlation", float(ranks), "1", method="Spearman"),
    )
    bins = int(np.clip(np.sqrt(used.sum()) / 4, 8, _MOST_BINS))
    histogram, rows, columns = np.histogram2d(a[used], b[used], bins)
    details = {
        "histogram": histogram.astype(int).tolist(),
        "first_edges": rows.tolist(),
        "second_edges": columns.tolist(),
        "first": {"name": one, "unit": unit_of(record, one)},
        "second": {"name": other, "unit": unit_of(record, other)},
    }
    return Result(f"{one} against {other}", values, details)


def _degree(method: str, order: int | None) -> int:
    usual = {"plane": 1, "lines": 1, "median": 0, "polynomial": 2}[method]
    if order is None:
        return usual
    if method in ("plane", "median"):
        raise InputError(f"{method!r} has no order; take 'polynomial' or 'lines'", where="order")
    what = f"an order, a whole number from 0 to {_HIGHEST_ORDER}"
    if whole_number(order, what, "order", least=0) > _HIGHEST_ORDER:
        raise InputError(f"{order!r} is not {what}", where="order")
    return order


def _of_surface(values: Array, used: Mask, degree: int) -> Array:
    y, x = (np.linspace(-1.0, 1.0, n) if n > 1 else np.zeros(1) for n in values.shape)
    powers = [(i, j) for i in range(degree + 1) for j in range(degree + 1 - i)]
    terms = [(y**i)[:, None] * x**j for i, j in powers]
    design = np.stack([term[used] for term in terms], axis=1)
    if np.linalg.matrix_rank(design) < len(powers):
        raise InputError(
            f"{int(used.sum())} pixels do not tell a surface of {len(powers)} terms", where="mask"
        )
    solved = np.linalg.lstsq(design, values[used], rcond=None)[0]
    return np.asarray(sum(c * term for c, term in zip(solved, terms, strict=True)))


def _of_lines(values: Array, used: Mask, degree: int, method: str) -> Array:
    least = int(used.sum(axis=1).min())
    if least <= degree:
        line = int(np.argmin(used.sum(axis=1))) + 1
        raise InputError(
            f"line {line} has {least} pixels to fit; {degree + 1} are needed", where="mask"
        )
    if method == "median":
        return np.nanmedian(np.where(used, values, np.nan), axis=1)[:, None]
    x = np.linspace(-1.0, 1.0, values.shape[1])
    terms = x[:, None] ** np.arange(degree + 1)
    weights = used.astype(float)
    normal = np.einsum("yx,xi,xj->yij", weights, terms, terms)
    right = np.einsum("yx,xi->yi", np.where(used, values, 0.0), terms)
    solved = np.linalg.solve(normal, right[..., None])[..., 0]
    return np.asarray(solved @ terms.T)


def _standard(name: str, values: Array, used: Mask) -> Array:
    """The values less their mean over their spread; 0 where they are not used."""
    inside = values[used]
    spread = float(inside.std())
    if not spread > 0:
        raise InputError("does not vary over the pixels", where=name)
    return np.where(used, (values - inside.mean()) / spread, 0.0)
