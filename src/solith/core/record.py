"""The record: what was measured or simulated, in one form for both."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from solith.core.errors import InputError, UnknownNameError
from solith.core.provenance import Provenance
from solith.core.quantities import in_unit, split_quantity, to_si
from solith.core.table import html_table, text_table

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["CLOCK_PART", "FACTS", "RECORD_KINDS", "Record", "RecordKind"]

CLOCK_PART = "clock_part"
"""Variable that counts the parts of a record, from 1, between which an unknown time passed."""


@dataclass(frozen=True)
class RecordKind:
    """What a kind of record holds: its dimensions and the variables it cannot lack.

    Variables carry the names of the Battery Data Format where it has one; the last word
    or words of a name are its unit. Those of a map are free.
    """

    dimensions: tuple[str, ...]
    required: tuple[str, ...]

    @property
    def dimension(self) -> str:
        """The first dimension, the only one of all kinds but maps."""
        return self.dimensions[0]


RECORD_KINDS: dict[str, RecordKind] = {
    "cycling": RecordKind(("row",), ("test_time_second", "voltage_volt", "current_ampere")),
    "impedance": RecordKind(
        ("row",), ("frequency_hertz", "real_impedance_ohm", "imaginary_impedance_ohm")
    ),
    "voltammogram": RecordKind(("row",), ("test_time_second", "voltage_volt", "current_ampere")),
    "current-voltage": RecordKind(("row",), ("voltage_volt", "current_ampere")),
    "spectrum": RecordKind(("row",), ("abscissa", "intensity")),
    "spectra": RecordKind(("row",), ("abscissa", "intensity", "spectrum_count")),
    "map": RecordKind(("y", "x"), ()),
}

_UNITS = {
    "second": "s",
    "volt": "V",
    "ampere": "A",
    "hertz": "Hz",
    "ohm": "ohm",
    "ah": "Ah",
    "wh": "Wh",
    "celsius": "degC",
    "kelvin": "K",
    "metre": "m",
    "pascal": "Pa",
    "pa": "Pa",
    "watt": "W",
    "degree": "deg",
    "newton": "N",
    "farad": "F",
    "coulomb": "C",
    "1": "",
}


@dataclass(frozen=True)
class Record:
    """A measured or simulated data set with its provenance.

    ``kind`` is one of :data:`RECORD_KINDS`; ``data`` an :class:`xarray.Dataset` whose
    variables lie along the kind's dimension, with their unit in ``attrs["units"]``. A map has
    two, y and x: rows from the top of the image down, columns from its left; its channels are
    variables of any name, the size of a pixel is in the attributes ``pixel_size_x_metre`` and
    ``pixel_size_y_metre`` where it is known.
    Positive current charges the cell; ``imaginary_impedance_ohm`` is Im Z, negative for
    a capacitance. Further facts about the cell (areas, masses) are attributes of
    ``data``.
    """

    kind: str
    data: xr.Dataset
    provenance: Provenance
    name: str = ""

    def __post_init__(self) -> None:
        if self.kind not in RECORD_KINDS:
            raise UnknownNameError.among("kind of record", self.kind, RECORD_KINDS)
        kind = RECORD_KINDS[self.kind]
        missing = [name for name in kind.required if name not in self.data.variables]
        if missing:
            raise InputError(f"a record of kind {self.kind!r} lacks {', '.join(missing)}")
        for name in kind.required:
            if self.data[name].dims != (kind.dimension,):
                raise InputError(
                    f"{name} of a record of kind {self.kind!r} must lie along "
                    f"{kind.dimension!r} alone, not {self.data[name].dims}"
                )
        if self.kind == "map":
            _require_map(self.data)

    @classmethod
    def from_arrays(
        cls,
        kind: str,
        *,
        provenance: Provenance | None = None,
        name: str = "",
        attributes: Mapping[str, Any] | None = None,
        **arrays: ArrayLike | tuple[ArrayLike, str],
    ) -> Record:
        """A record from arrays of equal length, in the unit of the name or with a unit.

        Those of a map are of equal shape (y, x); where a name ends in no unit, the one given with
        the array stays.

        >>> Record.from_arrays("current-voltage", voltage_volt=[0, 1],
        ...                    current_ampere=([0, 2], "mA")).array("current_ampere")
        array([0.   , 0.002])
        """
        if kind not in RECORD_KINDS:
            raise UnknownNameError.among("kind of record", kind, RECORD_KINDS)
        dimensions = RECORD_KINDS[kind].dimensions
        columns = {key: _column(key, given, len(dimensions)) for key, given in arrays.items()}
        shapes = {key: column.shape for key, column in columns.items()}
        if len(set(shapes.values())) > 1:
            if len(dimensions) == 1:
                lengths = {key: shape[0] for key, shape in shapes.items()}
                raise InputError(f"the arrays differ in length: {lengths}")
            raise InputError(f"the arrays differ in shape: {shapes}")
        data = xr.Dataset(
            {
                key: (dimensions, column, {"units": _unit_kept(key, arrays[key], kind)})
                for key, column in columns.items()
            },
            attrs=dict(attributes or {}),
        )
        return cls(kind, data, provenance or Provenance("measured"), name)

    def array(self, variable: str) -> NDArray[np.float64]:
        """The values of a variable; an error lists what the record holds."""
        if variable not in self.data.variables:
            names = [str(name) for name in self.data.variables]
            raise UnknownNameError.among("variable", variable, names)
        try:
            return np.asarray(self.data[variable].values, dtype=float)
        except (TypeError, ValueError):
            raise InputError("the values are not numbers", where=variable) from None

    def select(self, **wanted: Any) -> Record:
        """The rows in which each named variable is what is wanted of it.

        A single value is one to equal; a pair is a range, lowest and highest, both ends
        included, ``None`` for an open end. Numbers are in the variable's own unit, texts have
        one. Raises :class:`InputError` where no row is left.

        >>> spectrum.select(frequency_hertz=("1 Hz", "1 MHz"))
        >>> cycling.select(cycle_count=3, voltage_volt=(3.0, None))
        """
        return self._rows_where(self._matches(wanted))

    def without(self, **unwanted: Any) -> Record:
        """The other rows than :meth:`select` gives for the same values and ranges.

        Raises :class:`InputError` where there is no such row to drop, or nothing is left.

        >>> spectrum.without(frequency_hertz=50.0)
        """
        return self._rows_where(~self._matches(unwanted))

    def with_facts(self, **facts: Any) -> Record:
        """The record with what the user knows of the cell: SI numbers or texts with units.

        ``geometric_area``, ``active_area`` and ``contact_area`` [m2], ``active_mass`` [kg],
        ``thickness`` [m], ``temperature`` [K], ``pressure`` [Pa], ``particle_radius`` [m],
        ``one_c_current`` [A], that of the cell at 1 C; of a map ``pixel_size`` [m], or
        ``pixel_size_x`` and ``pixel_size_y`` where they differ.
        They become attributes of ``data`` (``geometric_area_m2``, ...), from which analyses
        take them. Raises :class:`UnknownNameError` for another fact and :class:`InputError`
        for what is no such quantity above 0.

        >>> spectrum.with_facts(geometric_area="0.785 cm2", thickness="0.6 mm")
        """
        known: dict[str, float] = {}
        for name, given in facts.items():
            if name not in FACTS:
                raise UnknownNameError.among("fact", name, FACTS)
            unit, *attributes = FACTS[name]
            try:
                value = to_si(given, unit)
            except InputError as error:
                raise error.inside(name) from None
            if not value > 0:
                raise InputError(f"{given!r} must be above 0", where=name)
            known |= dict.fromkeys(attributes, value)
        return replace(self, data=self.data.assign_attrs(known))

    def negated(self, variable: str) -> Record:
        """The record with the sign of a variable turned, and a note that says so.

        For a current that the instrument counts the other way: positive current charges.

        >>> record.negated("current_ampere")
        """
        column = self.array(variable)
        kept = self.data[variable]
        data = self.data.assign({variable: (kept.dims, -column, kept.attrs)})
        note = f"the sign of {variable} was turned by the user"
        notes = (*self.provenance.notes, note)
        return replace(self, data=data, provenance=replace(self.provenance, notes=notes))

    def _matches(self, wanted: Mapping[str, Any]) -> NDArray[np.bool_]:
        """Which rows have all that is wanted of them; some have."""
        if self.kind == "map":
            raise InputError("a map has no rows to choose from: give an analysis a mask of pixels")
        if not len(self):
            raise InputError(f"{self.name or 'the record'} has no rows to choose from")
        matches = np.ones(len(self), dtype=bool)
        for variable, given in wanted.items():
            column = self.array(variable)
            if column.shape != (len(self),):
                raise InputError("does not have one number a row", where=variable)
            unit = str(self.data[variable].attrs.get("units", unit_of_variable(variable)))
            try:
                matches &= _equal_or_within(column, given, unit)
            except InputError as error:
                raise error.inside(variable) from None
        if not matches.any():
            raise InputError(f"no row has what is wanted of {', '.join(wanted)} at once")
        return matches

    def _rows_where(self, kept: NDArray[np.bool_]) -> Record:
        if not kept.any():
            raise InputError("no row would be left")
        dimension = RECORD_KINDS[self.kind].dimension
        return replace(self, data=self.data.isel({dimension: np.flatnonzero(kept)}))

    def __len__(self) -> int:
        """The number of rows, of a map that of its pixels."""
        return math.prod(self.data.sizes[name] for name in RECORD_KINDS[self.kind].dimensions)

    def __str__(self) -> str:
        return f"{self._title()}\n{text_table(_HEADINGS, self._rows())}"

    def _repr_html_(self) -> str:
        return html_table(_HEADINGS, self._rows(), title=self._title())

    def _title(self) -> str:
        about = ", ".join(
            part
            for part in (self.provenance.origin, self.provenance.sample, self.provenance.method)
            if part
        )
        sizes = self.data.sizes
        size = f"{sizes['x']} x {sizes['y']} pixels" if self.kind == "map" else f"{len(self)} rows"
        return f"{self.name or self.kind} ({self.kind}, {size}; {about})"

    def _rows(self) -> list[tuple[str, ...]]:
        rows = []
        for name, variable in self.data.data_vars.items():
            values = np.asarray(variable.values)
            if values.size == 0 or values.dtype.kind not in "fiu":
                continue
            known = values[~np.isnan(values)]
            shown = tuple(f"{pick(known):.5g}" if known.size else "-" for pick in (np.min, np.max))
            rows.append((str(name), *shown, str(variable.attrs.get("units", ""))))
        return rows


FACTS: dict[str, tuple[str, ...]] = {
    "geometric_area": ("m2", "geometric_area_m2"),
    "active_area": ("m2", "active_area_m2"),
    "contact_area": ("m2", "contact_area_m2"),
    "active_mass": ("kg", "active_mass_kg"),
    "thickness": ("m", "thickness_m"),
    "particle_radius": ("m", "particle_radius_m"),
    "temperature": ("K", "temperature_kelvin"),
    "pressure": ("Pa", "pressure_pa"),
    "one_c_current": ("A", "one_c_ampere"),
    "pixel_size": ("m", "pixel_size_x_metre", "pixel_size_y_metre"),
    "pixel_size_x": ("m", "pixel_size_x_metre"),
    "pixel_size_y": ("m", "pixel_size_y_metre"),
}
"""What :meth:`Record.with_facts` takes: its unit and the attributes that it becomes."""

_HEADINGS = ("variable", "lowest", "highest", "unit")


def unit_of_variable(name: str) -> str:
    """The unit that the name of a variable ends in ("" where it names none)."""
    return _UNITS.get(name.rsplit("_", 1)[-1], "")


def _equal_or_within(column: NDArray[np.float64], given: Any, unit: str) -> NDArray[np.bool_]:
    """Where a column equals a value, or lies within a pair of ends; somewhere it does."""
    if not isinstance(given, (tuple, list)):
        value = to_si(given, unit)
        found = np.equal(column, value)
        if not found.any():
            nearest = column[np.argmin(np.abs(np.nan_to_num(column, nan=np.inf) - value))]
            raise InputError(
                f"no row has {value!r} {unit}".rstrip() + f"; the nearest has {float(nearest)!r}"
            )
        return found
    if len(given) != 2:
        raise InputError(f"{given!r} is neither one value nor a pair (lowest, highest)")
    low = -math.inf if given[0] is None else to_si(given[0], unit)
    high = math.inf if given[1] is None else to_si(given[1], unit)
    if low > high:
        raise InputError(f"{given!r} is no pair (lowest, highest): the first is above the second")
    found = (column >= low) & (column <= high)
    if not found.any():
        lowest, highest = np.fmin.reduce(column), np.fmax.reduce(column)
        raise InputError(
            f"no row is from {low!r} to {high!r} {unit}".rstrip()
            + f"; they go from {float(lowest)!r} to {float(highest)!r}"
        )
    return found


def _require_map(data: xr.Dataset) -> None:
    """Raise :class:`InputError` for channels that lie along anything but y and x, or for none."""
    dimensions = RECORD_KINDS["map"].dimensions
    if not data.data_vars:
        raise InputError("a record of kind 'map' needs at least one channel")
    for name, variable in data.data_vars.items():
        if variable.dims != dimensions:
            raise InputError(
                f"{name} of a record of kind 'map' must lie along y and x, not {variable.dims}"
            )
    for axis in dimensions:
        size = data.attrs.get(f"pixel_size_{axis}_metre")
        number = isinstance(size, (int, float)) and not isinstance(size, bool)
        if size is not None and not (number and 0 < size < math.inf):
            raise InputError(
                f"{size!r} must be a number of metres above 0", where=f"pixel_size_{axis}_metre"
            )


def _unit_kept(name: str, given: Any, kind: str) -> str:
    """The unit of a variable: that of its name, or of a map the one given where it has none."""
    own = unit_of_variable(name)
    return str(given[1]) if kind == "map" and not own and isinstance(given, tuple) else own


def _column(name: str, given: Any, dimensions: int) -> NDArray[np.float64]:
    values, unit = given if isinstance(given, tuple) else (given, "")
    try:
        column = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError("the values are not numbers", where=name) from None
    if column.ndim != dimensions:
        raise InputError(
            f"the array has {column.ndim} dimensions, expected {dimensions}", where=name
        )
    own = unit_of_variable(name)
    if not unit or (dimensions > 1 and not own):
        return column
    split_quantity(f"1 {unit}")
    slope = in_unit(1.0, unit, own) - in_unit(0.0, unit, own)
    return column * slope + in_unit(0.0, unit, own)
