"""What is asked of spectra, maps and images on the command line, checked before any work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from solith.analysis import ChargeReference, XpsComponent, calibrate_energy, take_as, xps_species
from solith.core.errors import InputError, SolithError, unknown_name_message
from solith.core.quantities import to_si
from solith.core.record import Record
from solith.readers import read

__all__ = [
    "IMAGE_TECHNIQUES",
    "Along",
    "OfMaps",
    "OfSpectra",
    "check_along",
    "check_maps",
    "check_spectra",
    "shifted",
]

IMAGE_TECHNIQUES = ("coating", "coverage", "cross-section", "crystallinity")
"""What an image may be analysed as; none of them goes without saying."""

_BACKGROUNDS = ("linear", "shirley", "tougaard")
_ORDER = "order"
_ALONG = {"time": "s", "charge": "C", "potential": "V"}
_LEAST_REFERENCES = _LEAST_PHASES = 2
_SHADES = ("dark", "bright")


@dataclass(frozen=True)
class Along:
    """What a series of spectra was measured along: ``values`` of a quantity, or a cell's record.

    The quantity "order" has no values: the files are in order, whatever their dates.
    """

    quantity: str = ""
    values: tuple[float, ...] = ()
    cycling: Record | None = None
    clock_offset: float = 0.0


@dataclass(frozen=True)
class OfSpectra:
    """Options of the analyses of X-ray absorption and photoelectron spectra."""

    smoothing: float | None = None
    shift: float | None = None
    references: Mapping[str, Record] = field(default_factory=dict)
    along: Along | None = None
    region: str = ""
    components: tuple[str | XpsComponent, ...] = ()
    positions: tuple[float, ...] = ()
    background: str = "shirley"
    charge_reference: ChargeReference | None = None
    window: tuple[float, float] | None = None
    species: Path | None = None
    pre_edge: tuple[float, float] | None = None
    post_edge: tuple[float, float] | None = None
    mix: float | None = None


@dataclass(frozen=True)
class OfMaps:
    """What to look for in maps and images, and where."""

    technique: str | None = None
    channel: str | None = None
    phases: tuple[str, ...] = ()
    particle: str | None = None


def check_spectra(
    *,
    smoothing: str | None = None,
    shift: str | None = None,
    references: Sequence[str] = (),
    pre_edge: str | None = None,
    post_edge: str | None = None,
    region: str | Sequence[str] | None = None,
    components: str | None = None,
    mix: str | None = None,
    background: str | None = None,
    charge_reference: str | None = None,
    window: str | None = None,
    species: Path | None = None,
    along: Along | None = None,
) -> OfSpectra:
    """The options of spectra; :class:`InputError` names the one that is wrong."""
    smooth = None if smoothing is None else _energy("--smoothing", smoothing)
    if smooth is not None and not smooth > 0:
        raise InputError(f"{smoothing!r} must be above 0", where="--smoothing")
    moved = None if shift is None else _energy("--shift", shift)
    if background is not None and background not in _BACKGROUNDS:
        told = unknown_name_message("background", background, _BACKGROUNDS)
        raise InputError(told, where="--background")
    line = _one_region(region)
    named, positions = _components(line, components, species)
    return OfSpectra(
        smoothing=smooth,
        shift=moved,
        references=_references(references, moved),
        along=along,
        region=line or "",
        components=named,
        positions=positions,
        background=background or "shirley",
        charge_reference=_charge_reference(charge_reference),
        window=_window("--window", window),
        species=species,
        pre_edge=_window("--pre-edge", pre_edge),
        post_edge=_window("--post-edge", post_edge),
        mix=_mix(mix),
    )


def check_maps(
    technique: str | None, channel: str | None, phases: str | None, particle: str | None
) -> OfMaps:
    """The options of maps; :class:`InputError` names the one that is missing."""
    wanted = technique if technique in IMAGE_TECHNIQUES else None
    named = tuple(part.strip() for part in (phases or "").split(",") if part.strip())
    needed = {
        "cross-section": ((named, "--phases", "'pore,electrolyte,active', darkest first"),),
        "coverage": (
            (channel, "--channel", "the channel of an element that only the coating has"),
            (particle, "--particle", "the channel of an element of the particles"),
        ),
    }
    for given, option, told in needed.get(wanted or "", ()):
        if not given:
            raise InputError(f"{wanted} needs {option}: {told}", where="--technique")
    if wanted == "cross-section":
        if len(named) < _LEAST_PHASES:
            raise InputError("names one phase; a section has two or more", where="--phases")
        if particle is not None and particle not in named:
            told = unknown_name_message("phase", particle, named)
            raise InputError(told, where="--particle")
    if wanted == "coating" and particle is not None and particle not in _SHADES:
        told = unknown_name_message("shade of particles", particle, _SHADES)
        raise InputError(told, where="--particle")
    return OfMaps(wanted, channel, named, particle)


def check_along(text: str | None, clock_offset: str | None) -> Along | None:
    """What a series is along: "QUANTITY=V1,V2,... UNIT", "order", or a cycling file's path."""
    if text is None:
        if clock_offset is not None:
            raise InputError("it belongs to --along with a cycling file", where="--clock-offset")
        return None
    offset = _number("--clock-offset", clock_offset, "s") if clock_offset is not None else 0.0
    if text == _ORDER:
        return Along(_ORDER)
    name, equal, listed = (part.strip() for part in text.partition("="))
    if not equal or Path(text).exists():
        return Along(cycling=_cycling(Path(text).expanduser()), clock_offset=offset)
    if name not in _ALONG:
        raise InputError(unknown_name_message("quantity", name, _ALONG), where="--along")
    numbers, _, unit = listed.rpartition(" ")
    parts = [part.strip() for part in numbers.split(",")]
    if not numbers or len(parts) < 2:
        raise InputError(
            f"{text!r} is not of the form QUANTITY=V1,V2,... UNIT, as 'potential=2.8,3.1,3.4 V', "
            "nor the file of a cycling record",
            where="--along",
        )
    values = tuple(_number("--along", f"{part} {unit}", _ALONG[name]) for part in parts)
    return Along(name, values)


def _cycling(path: Path) -> Record:
    try:
        found = [one for one in read(path) if one.kind in ("cycling", "voltammogram")]
    except SolithError as error:
        raise InputError(str(error), where="--along") from None
    if len(found) != 1:
        raise InputError(f"{path} holds {len(found)} cycling records, not one", where="--along")
    return found[0]


def _components(
    region: str | None, text: str | None, species: Path | None
) -> tuple[tuple[str | XpsComponent, ...], tuple[float, ...]]:
    """Components of a fit with their positions [eV], names checked in the table of the line."""
    if (region is None) != (text is None):
        lacking, given = (
            ("--components", "--region") if text is None else ("--region", "--components")
        )
        raise InputError(
            f"it needs {lacking}, too, as --region 'S 2p' --components thiophosphate,sulfate",
            where=given,
        )
    if region is None or text is None:
        if species is not None:
            raise InputError("it needs --region and --components", where="--species")
        return (), ()
    try:
        known = {one.name: one.position for one in xps_species(region, species=species)}
    except InputError as error:
        where = "--species" if error.file else "--region"
        raise InputError(str(error), where=where) from None
    found: list[str | XpsComponent] = []
    positions = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equal, at = (piece.strip() for piece in part.partition("="))
        if equal:
            positions.append(_energy("--components", at if " " in at else f"{at} eV"))
            found.append(XpsComponent(name, positions[-1]))
        elif name in known:
            found.append(name)
            positions.append(known[name])
        else:
            told = unknown_name_message(f"species of {region}", name, known)
            raise InputError(f"{told}; one of your own is NAME=POSITION", where="--components")
    if not found:
        raise InputError("names no component", where="--components")
    return tuple(found), tuple(positions)


def _references(texts: Sequence[str], shift: float | None) -> dict[str, Record]:
    """The spectra of references by name: that given as NAME=FILE, or that of the file."""
    found: dict[str, Record] = {}
    for text in texts:
        name, equal, path = text.partition("=")
        file = Path(text if not equal or Path(text).exists() else path).expanduser()
        name = name.strip() if equal and not Path(text).exists() else file.stem
        try:
            spectra = [one for one in read(file) if one.kind == "spectrum"]
        except SolithError as error:
            raise InputError(str(error), where="--reference") from None
        if len(spectra) != 1:
            raise InputError(f"{file} holds {len(spectra)} spectra, not one", where="--reference")
        if name in found:
            raise InputError(f"{name!r} is given twice", where="--reference")
        record = spectra[0]
        if not record.data.attrs.get("technique"):
            record = take_as(record, "xanes")
        try:
            found[name] = shifted(record, shift)
        except InputError as error:
            raise InputError(f"{file}: {error}", where="--reference") from None
    if found and len(found) < _LEAST_REFERENCES:
        raise InputError(
            "a mixture has two references or more; give --reference for each", where="--reference"
        )
    return found


def shifted(record: Record, shift: float | None) -> Record:
    """A spectrum of X-ray absorption with its energies moved as asked, which it remembers."""
    return record if shift is None else calibrate_energy(record, shift, by="--shift")


def _charge_reference(text: str | None) -> ChargeReference | None:
    if text is None:
        return None
    line, equal, numbers = (part.strip() for part in text.partition("="))
    parts = [part.strip() for part in numbers.split(",")]
    if not (line and equal) or len(parts) != 2:
        raise InputError(
            f"{text!r} is not of the form LINE=DECLARED,FOUND, as 'C 1s=284.8,285.6'",
            where="--charge-reference",
        )
    declared, found = (_energy("--charge-reference", part) for part in parts)
    return ChargeReference(line, declared, found)


def _one_region(given: str | Sequence[str] | None) -> str | None:
    """The region; several have components of their own each, and take a call each."""
    if given is None or isinstance(given, str):
        return given
    if len(given) > 1:
        raise InputError(
            f"{' and '.join(map(repr, given))} are given; fit each region in a call of its own, "
            "with its --components",
            where="--region",
        )
    return given[0] if given else None


def _mix(text: str | None) -> float | None:
    if text is None:
        return None
    mix = _number("--mix", text, "")
    if not 0 <= mix <= 1:
        raise InputError(f"{text!r} is no number from 0 to 1", where="--mix")
    return mix


def _window(option: str, text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2:
        raise InputError(f"{text!r} is not of the form LOW,HIGH in eV, as '156,174'", where=option)
    unit = parts[1].lstrip("+-0123456789. ")
    if unit and not parts[0].lstrip("+-0123456789. "):
        parts[0] = f"{parts[0]} {unit}"
    low, high = (_energy(option, part) for part in parts)
    if not low < high:
        raise InputError(f"{text!r} does not go from low to high", where=option)
    return low, high


def _energy(option: str, text: str) -> float:
    """An energy [eV]; a bare number is one in eV."""
    bare = text.strip().lstrip("+-").replace(".", "", 1).isdigit()
    return _number(option, f"{text.strip()} eV" if bare else text, "eV")


def _number(option: str, text: Any, unit: str) -> float:
    try:
        return to_si(text, unit)
    except InputError as error:
        raise error.inside(option) from None
