"""How a reader of images hands over what it found: channels with their units, and pixel sizes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from solith.core.errors import StorageError
from solith.core.provenance import Provenance, fingerprint_file
from solith.core.record import Record

__all__ = ["CONVENTIONS", "MOST_PIXELS", "Channel", "in_si", "map_records", "require_pixels"]

CONVENTIONS = "rows from the top of the image down, columns from its left"

MOST_PIXELS = 400_000_000
"""More are refused: a damaged size must not take all memory."""

_PREFIXES = {
    **{"": 1.0, "f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "~": 1e-6},
    **{"m": 1e-3, "c": 1e-2, "k": 1e3, "M": 1e6, "G": 1e9},
}
_BASES = ("m", "V", "A", "Hz", "N", "s", "W", "F", "C", "Pa", "ohm", "Ω", "eV", "J", "S")
_DEGREES = ("°", "º", "deg", "degree", "degrees")


@dataclass(frozen=True)
class Channel:
    """One image of a file: (y, x) values in ``unit``, pixels [m] as wide and high, if known."""

    name: str
    values: NDArray[Any]
    unit: str = ""
    pixel_size: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()


def in_si(unit: str) -> tuple[float, str]:
    """The factor from a microscope's unit into that without prefix, and its name.

    >>> in_si("nm")
    (1e-09, 'm')

    Degrees stay degrees; a unit that is not known stays as it is.
    """
    text = unit.strip()
    if text in _DEGREES:
        return 1.0, "deg"
    for base in _BASES:
        if text.endswith(base) and text.removesuffix(base) in _PREFIXES:
            return _PREFIXES[text.removesuffix(base)], "ohm" if base == "Ω" else base
    return 1.0, text


def require_pixels(path: Path, rows: int, columns: int) -> None:
    """Raise :class:`StorageError` for an image without pixels, or with more than can be meant."""
    if rows < 1 or columns < 1:
        raise StorageError(f"{path}: has an image of {columns} x {rows} pixels")
    if rows * columns > MOST_PIXELS:
        raise StorageError(
            f"{path}: says that an image has {columns} x {rows} pixels, more than {MOST_PIXELS}"
        )


def map_records(
    path: Path,
    channels: Sequence[Channel],
    *,
    instrument: str = "",
    notes: Sequence[str] = (),
    attributes: Mapping[str, Any] | None = None,
) -> list[Record]:
    """The maps in a file: channels of one shape and one pixel size are one record.

    Channels become variables under the words of their names in lower case, numbered where several
    have the same; the name as the file has it is the attribute ``long_name``.
    """
    groups: dict[tuple[Any, ...], list[Channel]] = {}
    for channel in channels:
        groups.setdefault((channel.values.shape, channel.pixel_size), []).append(channel)
    sha256 = fingerprint_file(path)
    records = []
    for number, group in enumerate(groups.values(), start=1):
        size = group[0].pixel_size
        known = {} if size is None else _sizes(path, size)
        told = [note for channel in group for note in channel.notes]
        if size is None:
            told.append("the size of a pixel is not told: record.with_facts(pixel_size='5 nm')")
        provenance = Provenance(
            "measured",
            file=path.name,
            sha256=sha256,
            instrument=instrument,
            conventions=CONVENTIONS,
            notes=(*notes, *dict.fromkeys(told)),
        )
        name = path.stem if len(groups) == 1 else f"{path.stem}, part {number}"
        data = xr.Dataset(_variables(group), attrs={**known, **(attributes or {})})
        records.append(Record("map", data, provenance, name))
    return records


def _sizes(path: Path, size: tuple[float, float]) -> dict[str, float]:
    if not all(0 < length < math.inf for length in size):
        raise StorageError(f"{path}: says that a pixel is {size[0]:g} x {size[1]:g} m")
    return {"pixel_size_x_metre": size[0], "pixel_size_y_metre": size[1]}


def _variables(group: Sequence[Channel]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for channel in group:
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", channel.name).lower()
        plain = "_".join(re.findall(r"\w+", words)) or "intensity"
        name, number = plain, 2
        while name in found or name in ("x", "y"):
            name, number = f"{plain}_{number}", number + 1
        attributes = {"units": channel.unit, "long_name": channel.name or "Intensity"}
        # xarray and netCDF take no big-endian or half-precision arrays everywhere.
        with np.errstate(invalid="ignore"):
            values = np.ascontiguousarray(channel.values, float)
        found[name] = (("y", "x"), values, attributes)
    return found
