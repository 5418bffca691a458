"""Columns of an X-ray absorption scan to records: which column is the energy, which make mu."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError
from solith.readers._measured import measured_record
from solith.readers._text import numbers

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["SIGNALS", "ScanColumns", "absorption_records", "columns_of_scan", "signal_of"]

Array = NDArray[np.float64]

SIGNALS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "energy": r"energy|e|photonenergy|monoenergy",
        "angle": r"angle|theta|braggangle",
        "k": r"k",
        "i0": r"i_?(?:0|zero|o)",
        "itrans": r"i_?(?:trans|t|1)|itransmission|transmission",
        "ifluor": r"i_?(?:fluor|f)|ifluorescence|fluorescence|fluo?r?",
        "irefer": r"i_?(?:refer|ref|r|2)",
        "mutrans": r"mu_?trans|mut",
        "mufluor": r"mu_?fluor|muf",
        "murefer": r"mu_?refer|muref",
        "mu": r"x?mu|mue|muofe|x?mud|absorption|absorbance|absorptioncoefficient|tey|tfy|pfy",
        "norm": r"norm(?:trans|fluor)?|normalized|normalised|normalizedabsorption|normmu|nmu",
    }.items()
}
"""What a column is, by its label without unit, blanks and capitals: XDI's names and usual ones."""

_PLANCK_TIMES_LIGHT = 12398.419843  # eV angstrom, from the exact constants of the SI
_IN_EV = {"ev": 1.0, "kev": 1e3, "": 1.0}
_LARGEST = 1e9
_LOWEST, _HIGHEST = 40.0, 3e5
"""Between what photon energies lie [eV]."""

_LEAST_ROWS = 5
_UNIT = re.compile(r"(?:[\s_]*[\[(/]\s*([^\[\]()/]{1,20}?)\s*[\])]?|[\s_]+(k?eV))\s*$", re.I)
_ODD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class ScanColumns:
    """A scan as numbers: labels, units and values of its columns, the line of each row."""

    labels: tuple[str, ...]
    units: tuple[str, ...]
    values: Array
    lines: tuple[int, ...]
    notes: tuple[str, ...] = ()


def signal_of(label: str) -> tuple[str, str]:
    """What a label stands for ("" for something else), and the unit in it, as "(eV)"."""
    found = _UNIT.search(label)
    unit = (found[1] or found[2]) if found else ""
    name = label[: found.start()] if found else label
    plain = name.strip().lower().replace("µ", "mu").replace("μ", "mu").replace(" ", "")
    plain = plain.replace("(e)", "").replace("-", "").strip("_")
    for signal, pattern in SIGNALS.items():
        if pattern.fullmatch(plain):
            return signal, unit
    return "", unit


def columns_of_scan(
    path: Path,
    labels: Sequence[str],
    units: Sequence[str],
    rows: Sequence[Sequence[str]],
    lines: Sequence[int],
    decimal: str = ".",
    notes: Sequence[str] = (),
) -> ScanColumns:
    """The rows as numbers. Raises :class:`InputError` for a field that is none, by its line."""
    table = np.empty((len(rows), len(labels)))
    for place, row in enumerate(rows):
        found = numbers(list(row), decimal)
        if found is None:
            strange = next(text for text in row if numbers([text], decimal) is None)
            raise InputError(
                f"{strange[:40]!r} is no number", where=f"line {lines[place]}", file=str(path)
            )
        table[place] = found
    return ScanColumns(tuple(labels), tuple(units), table, tuple(lines), tuple(notes))


def absorption_records(
    path: Path,
    columns: ScanColumns,
    *,
    attributes: Mapping[str, Any],
    instrument: str = "",
    spacing: float | None = None,
) -> list[Record]:
    """The spectra in a scan: sample in fluorescence, in transmission, and a reference behind it.

    Computed columns (mu, normalised mu) are taken before the intensities that make them: mu is
    ln(i0/itrans) in transmission, ifluor/i0 in fluorescence, ln(itrans/irefer) of a reference.
    ``spacing`` is that of the monochromator's planes [angstrom], for a scan of angles. Raises
    :class:`InputError` for a scan without energy or absorption, and for energies that are none.
    """
    known = _known(columns)
    energy, told = _energy(path, columns, known, spacing)
    with np.errstate(all="ignore"):
        spectra = _spectra(known, columns.values)
    if not spectra:
        raise InputError(
            f"no column of absorption, or of the intensities that make it (mu; i0 with itrans or "
            f"ifluor); the file has {_listed(columns.labels)}",
            file=str(path),
        )
    notes = (*columns.notes, *told)
    return [
        _record(path, columns, energy, spectrum, notes, attributes, instrument, len(spectra) > 1)
        for spectrum in spectra
    ]


@dataclass(frozen=True)
class _Spectrum:
    mode: str
    values: Array
    made_of: str


def _known(columns: ScanColumns) -> dict[str, int]:
    """The first column of each signal."""
    known: dict[str, int] = {}
    for place, label in enumerate(columns.labels):
        signal = signal_of(label)[0]
        if signal:
            known.setdefault(signal, place)
    return known


def _energy(
    path: Path, columns: ScanColumns, known: Mapping[str, int], spacing: float | None
) -> tuple[Array, tuple[str, ...]]:
    """Photon energies [eV] and what is to be said of them."""
    if "energy" in known:
        place = known["energy"]
        unit = (columns.units[place] or signal_of(columns.labels[place])[1]).strip().lower()
        if unit not in _IN_EV:
            raise InputError(
                f"the energy is in {unit!r}; expected eV or keV", where="energy", file=str(path)
            )
        with np.errstate(over="ignore"):
            energy = columns.values[:, place] * _IN_EV[unit]
        told = ("energies in keV were converted to eV",) if unit == "kev" else ()
    elif "angle" in known and spacing is not None:
        place = known["angle"]
        angle = columns.values[:, place]
        turned = columns.units[place].strip().lower() in ("rad", "radian", "radians")
        with np.errstate(all="ignore"):
            sine = np.sin(angle if turned else np.radians(angle))
            energy = _PLANCK_TIMES_LIGHT / (2.0 * spacing * sine)
        told = (f"energies were calculated from angles and a spacing of {spacing:g} angstrom",)
    else:
        hint = (
            "; a scan of angles needs the spacing of the monochromator's planes (Mono.d_spacing)"
            if "angle" in known
            else "; EXAFS over the wave number k has no energies"
            if "k" in known
            else ""
        )
        raise InputError(
            f"no column of the energy; the file has {_listed(columns.labels)}{hint}",
            file=str(path),
        )
    finite = energy[np.isfinite(energy)]
    if len(finite) and not _LOWEST <= float(np.median(finite)) <= _HIGHEST:
        raise InputError(
            f"energies about {float(np.median(finite)):.4g} eV are not those of X-rays; expected "
            f"{_LOWEST:g} to {_HIGHEST:g} eV. Name their unit in the heading, as 'energy (keV)'",
            where="energy",
            file=str(path),
        )
    return energy, told


def _spectra(known: Mapping[str, int], values: Array) -> list[_Spectrum]:
    def column(name: str) -> Array:
        return np.asarray(values[:, known[name]])

    def computed(mode: str, names: Sequence[str]) -> list[_Spectrum]:
        name = next((name for name in names if name in known), None)
        return [_Spectrum(mode, column(name), name)] if name else []

    def has(*names: str) -> bool:
        return all(name in known for name in names)

    found = computed("absorption", ("mu", "norm"))
    fluorescence = computed("fluorescence", ("mufluor",))
    if not fluorescence and not found and has("ifluor", "i0"):
        ratio = column("ifluor") / column("i0")
        fluorescence = [_Spectrum("fluorescence", ratio, "ifluor/i0")]
    transmission = computed("transmission", ("mutrans",))
    if not transmission and not found and has("itrans", "i0"):
        logarithm = np.log(column("i0") / column("itrans"))
        transmission = [_Spectrum("transmission", logarithm, "ln(i0/itrans)")]
    reference = computed("reference", ("murefer",))
    if not reference and has("itrans", "irefer"):
        logarithm = np.log(column("itrans") / column("irefer"))
        reference = [_Spectrum("reference", logarithm, "ln(itrans/irefer)")]
    sample = [*found, *fluorescence, *transmission]
    if not sample and has("ifluor"):
        sample = [_Spectrum("fluorescence", column("ifluor"), "ifluor, not divided by i0")]
    return [*sample, *reference] if sample else []


def _record(
    path: Path,
    columns: ScanColumns,
    energy: Array,
    spectrum: _Spectrum,
    notes: tuple[str, ...],
    attributes: Mapping[str, Any],
    instrument: str,
    several: bool,
) -> Record:
    usable = np.isfinite(energy) & np.isfinite(spectrum.values)
    usable &= (np.abs(np.nan_to_num(spectrum.values)) < _LARGEST**2) & (energy < _LARGEST)
    if dropped := len(energy) - int(np.sum(usable)):
        first = columns.lines[int(np.argmin(usable))]
        notes += (f"{dropped} rows without a number were left out (line {first} the first)",)
    if np.sum(usable) < _LEAST_ROWS:
        raise InputError(
            f"{int(np.sum(usable))} rows have an energy and an absorption; expected at least "
            f"{_LEAST_ROWS}",
            file=str(path),
        )
    kept = {"abscissa": energy[usable], "intensity": spectrum.values[usable]}
    for place, label in enumerate(columns.labels):
        name = "signal_" + _ODD.sub("_", label.lower()).strip("_")
        if signal_of(label)[0] not in ("energy", "angle") and name not in kept:
            kept[name] = columns.values[usable, place]
    record = measured_record(
        "spectrum",
        path,
        kept,
        name=f"{path.stem}, {spectrum.mode}" if several else path.stem,
        units={"abscissa": "eV"},
        instrument=instrument,
        technique="xanes",
        attributes={
            **attributes,
            "abscissa_quantity": "photon energy",
            "abscissa_unit": "eV",
            "intensity_quantity": "absorption",
            "detection": spectrum.mode,
        },
        notes=(*notes, f"intensity is {spectrum.made_of}"),
    )
    record.data["abscissa"].attrs["long_name"] = "Photon energy"
    record.data["intensity"].attrs["long_name"] = "Absorption"
    return record


def _listed(labels: Sequence[str]) -> str:
    return ", ".join(repr(label[:40]) for label in labels[:20]) or "no columns"
