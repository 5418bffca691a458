"""VAMAS files (.vms, ISO 14976): every block a spectrum, what CasaXPS wrote into them kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import StorageError
from solith.readers._photoelectrons import (
    BINDING,
    KINETIC,
    Spectrum,
    spectrum_records,
    variable_name,
)
from solith.readers._text import decoded, read_lines
from solith.readers._vamas_blocks import FIRST_LINE, Block, blocks_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solith.core.record import Record

__all__ = ["FORMAT", "UNVERIFIED", "read", "recognises"]

FORMAT = "VAMAS (.vms, ISO 14976)"
UNVERIFIED = (
    "VAMAS files with an inclusion or exclusion list, of depth profiles and with several blocks "
    "are read as the standard describes them; the files at hand have one block each."
)

_REGION = re.compile(r"CASA region \(\*(?P<name>.*?)\*\) \(\*(?P<background>.*?)\*\)(?P<rest>.*)")
_COMPONENT = re.compile(r"CASA comp \(\*(?P<name>.*?)\*\) \(\*(?P<shape>.*?)\*\)(?P<rest>.*)")
_QUANTITY = re.compile(r"(?<![A-Za-z])(Area|MFWHM|Position)\s+(\S+)")
_RATES = ("1/s", "/s", "c/s", "cps", "counts/s", "s-1", "counts per second", "c s-1")
_COUNTS = ("counts", "count", "c", "d", "")
_KNOWN = (
    ("source_label", "source label"),
    ("analyser_mode", "analyser mode"),
    ("species", "species"),
    ("transition", "transition"),
    ("signal_mode", "signal mode"),
)
_NUMBERS = (
    ("pass_energy_ev", "pass energy or retard ratio"),
    ("take_off_angle_degree", "take off polar angle"),
    ("tilt_degree", "tilt"),
)


def recognises(head: bytes) -> bool:
    """Whether a file begins with the line that the standard prescribes."""
    return decoded(head).lstrip("\ufeff \n").startswith(FIRST_LINE)


def read(path: Path) -> list[Record]:
    """The spectra of a file, one for each block, regular or irregular.

    The first ordinate that is no transmission is the intensity, the others are kept as further
    variables. The binding energy is the source's energy less the kinetic energy. Regions and
    components that CasaXPS wrote into a block's comment become ``casa_regions`` and
    ``casa_components`` (background, limits, area, width and position as it has them), and notes.

    Raises :class:`StorageError` for a file that breaks off before the last block's values and
    for a line that is not what belongs there.
    """
    lines = read_lines(path)
    while lines and not lines[0].strip("\ufeff \t"):
        lines = lines[1:]
    return spectrum_records(path, [_spectrum(path, block) for block in blocks_of(path, lines)])


def _spectrum(path: Path, block: Block) -> Spectrum:
    energy, columns = _abscissa(block)
    place = _place_of_intensity([label for label, _, _ in columns])
    label, unit, intensity = columns[place]
    notes: list[str] = []
    if block.short:
        notes.append(f"the file breaks off: {block.short} values of {block.name!r} are missing")
    quantity = BINDING if "binding" in block.label.lower() else KINETIC
    if "energy" not in block.label.lower():
        raise StorageError(
            f"{path}: the abscissa of {block.name!r} is {block.label!r}; expected a kinetic or "
            "binding energy"
        )
    if block.unit.lower() != "ev":
        raise StorageError(
            f"{path}: the abscissa of {block.name!r} is in {block.unit!r}; expected eV"
        )
    regions, components, told = _casa(block.comment)
    time = (block.number("collection time") or 0.0) * (block.number("number of scans") or 0.0)
    unit, counts = _counting(unit, label, block.texts.get("signal mode", ""), time)
    region = f"{block.texts.get('species', '')} {block.texts.get('transition', '')}".strip()
    known: dict[str, Any] = {name: block.texts[key] for name, key in _KNOWN if block.texts.get(key)}
    known |= {name: block.number(key) for name, key in _NUMBERS if block.number(key) is not None}
    if time > 0:
        known["counting_time_second"] = time
    if block.sample:
        known["sample"] = block.sample
    if region:
        known["region"] = region
    for variable, unit_of, value in block.variables:
        known[f"variable_{variable_name(variable, 1)}"] = f"{value} {unit_of}".strip()
    if regions:
        known["casa_regions"] = regions
    if components:
        known["casa_components"] = components
    more = {
        variable_name(other, n): values
        for n, (other, _, values) in enumerate(columns, start=1)
        if n != place + 1
    }
    return Spectrum(
        block.name,
        energy,
        intensity,
        quantity,
        unit,
        block.number("source energy"),
        _if_positive(block.number("work function")),
        counts,
        block.texts["technique"].lower(),
        more,
        (*notes, *told),
        known,
    )


def _abscissa(
    block: Block,
) -> tuple[NDArray[np.float64], Sequence[tuple[str, str, NDArray[np.float64]]]]:
    if block.start is None or block.step is None:
        return block.columns[0][2], block.columns[1:]
    steps = np.arange(len(block.columns[0][2]), dtype=float)
    energy: NDArray[np.float64] = block.start + block.step * steps
    return energy, block.columns


def _place_of_intensity(labels: Sequence[str]) -> int:
    return next(
        (n for n, label in enumerate(labels) if "transmission" not in label.lower()),
        0,
    )


def _counting(unit: str, label: str, mode: str, time: float) -> tuple[str, float | None]:
    """The intensity's unit, and what makes counts of it, as far as the block tells."""
    if unit.lower() in _RATES or "per second" in label.lower():
        return "1/s", time if time > 0 else None
    if mode.lower().startswith("pulse counting") and unit.lower() in _COUNTS:
        return "counts", 1.0
    return ("counts" if "count" in unit.lower() else ""), None


def _if_positive(value: float | None) -> float | None:
    return value if value is not None and value > 0 else None


def _casa(
    comment: Sequence[str],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """Regions, components and a note of each, from the lines that CasaXPS wrote.

    Limits and positions are kinetic energies [eV], as in the file.
    """
    regions, components, notes = [], [], []
    for line in comment:
        if match := _REGION.match(line):
            numbers = _numbers_of(match["rest"])
            one: dict[str, Any] = {"name": match["name"], "background": match["background"]}
            if len(numbers) > 1:
                one |= {"low_kinetic_energy_ev": numbers[0], "high_kinetic_energy_ev": numbers[1]}
            one["numbers"] = numbers
            regions.append(one)
            notes.append(f"CasaXPS region {one['name']!r} with background {one['background']!r}")
        elif match := _COMPONENT.match(line):
            found = {key: _float(text) for key, text in _QUANTITY.findall(match["rest"])}
            components.append(
                {
                    "name": match["name"],
                    "shape": match["shape"],
                    "area": found.get("Area"),
                    "width_ev": found.get("MFWHM"),
                    "kinetic_energy_ev": found.get("Position"),
                }
            )
            notes.append(f"CasaXPS component {match['name']!r} of shape {match['shape']!r}")
    return regions, components, notes


def _numbers_of(text: str) -> list[float]:
    """The numbers up to the next name, and those after it."""
    found = [_float(part) for part in re.sub(r"\(\*.*?\*\)", " ", text).split()]
    return [number for number in found if number is not None]


def _float(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None
