"""How readers hand over photoelectron spectra: spectra of technique "xps" in binding energy."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import StorageError
from solith.readers._measured import Part, records_of

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["BINDING", "KINETIC", "Spectrum", "spectrum_records", "variable_name"]

BINDING, KINETIC = "binding energy", "kinetic energy"
_DECIMALS = 9  # of a difference of energies in eV; the rest is rounding
_LARGEST = 1e7  # eV, above any energy of an electron that is measured here


@dataclass(frozen=True)
class Spectrum:
    """One spectrum as the file has it.

    ``energy`` is the ``quantity`` [eV]; ``unit`` that of the intensity ("counts", "1/s" or "").
    ``counts_per_intensity`` is by what the intensity is multiplied to be counts, as far as the
    file tells. ``more`` are further columns under their variable's name.
    """

    name: str
    energy: NDArray[np.float64]
    intensity: NDArray[np.float64]
    quantity: str
    unit: str = ""
    source_energy: float | None = None
    work_function: float | None = None
    counts_per_intensity: float | None = None
    technique: str = "xps"
    more: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)


def spectrum_records(path: Path, spectra: Sequence[Spectrum], instrument: str = "") -> list[Record]:
    """The records of a file's spectra, in their order, with the binding energy as abscissa.

    A kinetic energy is turned to the binding energy by the energy of the source, and kept as
    ``kinetic_energy``. Instruments count it from the Fermi level, so that the work function which
    a file tells is in it already; it becomes an attribute, and a note says so. Where the source's
    energy is not told the abscissa stays the kinetic energy.

    Raises :class:`StorageError` for energies that no electron has.
    """
    records = records_of(path, [_part(path, one) for one in spectra], instrument)
    named = []
    for one, record in zip(spectra, records, strict=True):
        quantity = str(record.data.attrs["abscissa_quantity"])
        record.data["abscissa"].attrs["long_name"] = quantity.capitalize()
        record.data["intensity"].attrs["long_name"] = "Intensity"
        named.append(_named(record, one.name if len(spectra) > 1 else ""))
    return named


def variable_name(label: str, place: int) -> str:
    """A variable's name from a column's label, or from its ``place`` where that has none."""
    name = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")
    return name if name and name[0].isalpha() else f"column_{place}"


def _named(record: Record, name: str) -> Record:
    return replace(record, name=f"{record.name}: {name}") if name else record


def _part(path: Path, one: Spectrum) -> Part:
    energy, intensity = one.energy, one.intensity
    finite = np.isfinite(energy)
    if not finite.any() or float(np.max(np.abs(energy[finite]))) > _LARGEST:
        raise StorageError(
            f"{path}: the {one.quantity} of {one.name or 'the spectrum'} is no energy of electrons "
            f"in eV; expected numbers up to {_LARGEST:g}"
        )
    notes = list(one.notes)
    columns: dict[str, NDArray[np.float64]] = {}
    quantity = one.quantity
    if quantity == KINETIC and one.source_energy is not None:
        columns["abscissa"] = np.round(one.source_energy - energy, _DECIMALS) + 0.0
        columns["kinetic_energy"] = energy
        quantity = BINDING
        told = f"binding energy = {one.source_energy:.6g} eV (source) - kinetic energy"
        if one.work_function is not None:
            told += (
                f"; the work function of {one.work_function:.5g} eV which the file tells was not "
                "taken off again: kinetic energies are counted from the Fermi level"
            )
        notes.append(told)
    else:
        columns["abscissa"] = energy
        if quantity == KINETIC:
            notes.append("the file does not tell the source's energy: the abscissa is kinetic")
    columns["intensity"] = intensity
    columns |= {name: column for name, column in one.more.items() if name not in columns}
    known: dict[str, Any] = {
        "abscissa_quantity": quantity,
        "abscissa_unit": "eV",
        "intensity_unit": one.unit,
    }
    told_numbers = {
        "source_energy_ev": one.source_energy,
        "work_function_ev": one.work_function,
        "counts_per_intensity": one.counts_per_intensity,
    }
    known |= {
        name: value
        for name, value in told_numbers.items()
        if value is not None and math.isfinite(value)
    }
    return Part(
        "spectrum",
        columns,
        {"abscissa": "eV", "intensity": one.unit, "kinetic_energy": "eV"},
        notes=tuple(notes),
        technique=one.technique,
        attributes={**known, **one.attributes},
    )
