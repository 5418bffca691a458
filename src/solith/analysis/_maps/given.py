"""What is asked of a map: its channels, its pixels in metres, masks and labels of its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.analysis._options import fact
from solith.core.errors import InputError, UnknownNameError
from solith.core.given import require_record

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["Array", "Mask", "channel_of", "labels_for", "mask_for", "pixel_size_of", "unit_of"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_LARGEST = 1e100  # squares of more overflow


def channel_of(record: Record, variable: str | None = None) -> tuple[str, Array]:
    """The name and the values (y, x) of a channel, of the only one where none is named.

    A channel also goes by its name in the file ("Nb"), and capitals make no difference.
    """
    require_record(record)
    if record.kind != "map":
        raise InputError(
            f"{record.name or 'the record'} is of kind {record.kind!r}; expected a map"
        )
    names = [str(name) for name in record.data.data_vars]
    if variable is None:
        if len(names) > 1:
            raise InputError(f"the map has several channels, say which: {', '.join(names)}")
        variable = names[0]
    variable = _as_named(record, variable)
    values = record.array(variable)
    finite = values[np.isfinite(values)]
    if not finite.size:
        raise InputError("no pixel has a number", where=variable)
    if max(float(finite.max()), -float(finite.min())) > _LARGEST:
        raise InputError(f"has numbers beyond {_LARGEST:g}, which nothing measures", where=variable)
    return variable, values


def _as_named(record: Record, given: Any) -> str:
    names = [str(name) for name in record.data.data_vars]
    if isinstance(given, str) and given in names:
        return given
    told = {name: str(record.data[name].attrs.get("long_name", name)) for name in names}
    wanted = str(given).casefold()
    alike = [name for name in names if wanted in (name.casefold(), told[name].casefold())]
    if not isinstance(given, str) or len(alike) != 1:
        raise UnknownNameError.among("channel", str(given), names)
    return alike[0]


def unit_of(record: Record, variable: str) -> str:
    """The unit of a channel."""
    return str(record.data[variable].attrs.get("units", ""))


def pixel_size_of(record: Record) -> tuple[float, float]:
    """Width and height of a pixel [m]; an error says how to tell them."""
    sizes = [fact(record, f"pixel_size_{axis}_metre") for axis in ("x", "y")]
    wide, high = sizes
    if wide is None or high is None:
        raise InputError(
            "the size of a pixel is not known; say record.with_facts(pixel_size='5 nm')",
            where="pixel_size",
        )
    return wide, high


def mask_for(given: Any, shape: tuple[int, ...], where: str) -> Mask:
    """An array (y, x) of yes and no, of 0 and 1, of a map's shape."""
    mask = np.asarray(given)
    if mask.shape != tuple(shape):
        raise InputError(f"has the shape {mask.shape}, the map {tuple(shape)}", where=where)
    if mask.dtype.kind not in "biuf" or not np.isin(mask, (0, 1)).all():
        raise InputError("a mask holds True and False, or 1 and 0", where=where)
    return mask.astype(bool)


def labels_for(given: Any, shape: tuple[int, ...], where: str = "labels") -> NDArray[np.intp]:
    """An array (y, x) of whole numbers of a map's shape, at least two different ones."""
    labels = np.asarray(given)
    if labels.shape != tuple(shape):
        raise InputError(f"has the shape {labels.shape}, the map {tuple(shape)}", where=where)
    whole = labels.dtype.kind in "biu" or (
        labels.dtype.kind == "f" and bool(np.all(labels == np.round(labels)))
    )
    if not whole:
        raise InputError("labels are whole numbers", where=where)
    if labels.size == 0 or labels.min() == labels.max():
        raise InputError("there is one label only, and so no boundary", where=where)
    return labels.astype(np.intp)
