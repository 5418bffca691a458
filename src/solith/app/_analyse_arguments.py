"""Options of ``solith analyse`` for spectra, maps and images, as typer reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "Cif",
    "Exothermic",
    "HeatingRate",
    "InstrumentWidth",
    "Wavelength",
    "AlongWhat",
    "Background",
    "Channel",
    "ClockOffset",
    "Components",
    "OwnSpecies",
    "Particle",
    "Phases",
    "PixelSize",
    "ReferredTo",
    "References",
    "Region",
    "PostEdge",
    "PreEdge",
    "ProfileMix",
    "Shift",
    "Smoothing",
    "Window",
]

_ABSORPTION = "X-ray absorption (XANES)"
_PHOTOELECTRONS = "Photoelectrons (XPS)"
_MAPS = "Maps and images"
_PATTERNS = "Diffraction (XRD) and heat flow (DSC)"

Smoothing = Annotated[
    str | None,
    typer.Option(metavar="ENERGY", help='Of edges, as "0.5 eV".', rich_help_panel=_ABSORPTION),
]
Shift = Annotated[
    str | None,
    typer.Option(
        metavar="ENERGY",
        help='Calibration that is added to all energies, as "0.3 eV"; references too.',
        rich_help_panel=_ABSORPTION,
    ),
]
PreEdge = Annotated[
    str | None,
    typer.Option(
        "--pre-edge",
        metavar="LOW,HIGH",
        help="Range of the line below the edge, as '2450,2462 eV'; references too.",
        rich_help_panel=_ABSORPTION,
    ),
]
PostEdge = Annotated[
    str | None,
    typer.Option(
        "--post-edge",
        metavar="LOW,HIGH",
        help="Range of the line above the edge, as '2500,2550 eV'; references too.",
        rich_help_panel=_ABSORPTION,
    ),
]
References = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[NAME=]FILE",
        help="A reference spectrum of a mixture; once for each of two or more.",
        rich_help_panel=_ABSORPTION,
    ),
]
AlongWhat = Annotated[
    str | None,
    typer.Option(
        metavar="WHAT",
        help="What a series (--technique xanes) was measured along: the file of the cell's cycling "
        "record; time, charge or potential of each file, as 'potential=2.8,3.1,3.4 V'; or order. "
        "Their dates, if not given.",
        rich_help_panel=_ABSORPTION,
    ),
]
ClockOffset = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Of the series when the clock of that cycling record was 0.",
        rich_help_panel=_ABSORPTION,
    ),
]
Region = Annotated[
    list[str] | None,
    typer.Option(metavar="LINE", help='To fit, as "S 2p".', rich_help_panel=_PHOTOELECTRONS),
]
Components = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES",
        help="Of the fit: species of the table, or NAME=POSITION, as "
        "'thiophosphate,sulfate,mine=165.2'.",
        rich_help_panel=_PHOTOELECTRONS,
    ),
]
Background = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="shirley if not given, linear or tougaard.",
        rich_help_panel=_PHOTOELECTRONS,
    ),
]
ProfileMix = Annotated[
    str | None,
    typer.Option(
        "--mix",
        metavar="PART",
        help="Lorentzian part of all lines, 0 to 1; fitted, one for all, if not given.",
        rich_help_panel=_PHOTOELECTRONS,
    ),
]
ReferredTo = Annotated[
    str | None,
    typer.Option(
        "--charge-reference",
        metavar="LINE=DECLARED,FOUND",
        help="What binding energies are referred to in eV, as 'C 1s=284.8,285.6'.",
        rich_help_panel=_PHOTOELECTRONS,
    ),
]
Window = Annotated[
    str | None,
    typer.Option(
        metavar="LOW,HIGH",
        help="Energies to use in eV, as '156,174'; of mixtures and series of absorption, too.",
        rich_help_panel=_PHOTOELECTRONS,
    ),
]
OwnSpecies = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Your own lines and species, before solith's, in TOML.",
        rich_help_panel=_PHOTOELECTRONS,
    ),
]
Wavelength = Annotated[
    str | None,
    typer.Option(
        metavar="LENGTH",
        help='Where a file does not tell it, as "0.15406 nm".',
        rich_help_panel=_PATTERNS,
    ),
]
InstrumentWidth = Annotated[
    str | None,
    typer.Option(
        "--instrument-width",
        metavar="ANGLE",
        help='At half height, of a perfect crystal\'s peak, as "0.08 deg"; without it the size of '
        "crystals is a lower bound.",
        rich_help_panel=_PATTERNS,
    ),
]
Cif = Annotated[
    Path | None,
    typer.Option(
        "--cif",
        metavar="FILE",
        help="A structure that patterns are compared with (pymatgen extra).",
        rich_help_panel=_PATTERNS,
    ),
]
HeatingRate = Annotated[
    str | None,
    typer.Option(
        "--heating-rate", metavar="RATE", help='As "10 K/min".', rich_help_panel=_PATTERNS
    ),
]
Exothermic = Annotated[
    str | None,
    typer.Option(
        metavar="DIRECTION",
        help="Where the curve goes as heat is released: up or down.",
        rich_help_panel=_PATTERNS,
    ),
]
Channel = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Of a map; the coating's of coverage.", rich_help_panel=_MAPS
    ),
]
PixelSize = Annotated[
    str | None,
    typer.Option(
        "--pixel-size",
        metavar="LENGTH",
        help='Where a file does not tell it, as "5 nm".',
        rich_help_panel=_MAPS,
    ),
]
Phases = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES",
        help="Of a cross-section from dark to bright, as 'pore,electrolyte,active'.",
        rich_help_panel=_MAPS,
    ),
]
Particle = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Of a coating dark (if not given) or bright; of a cross-section the phase whose "
        "contacts count; of coverage the channel of an element of the particles.",
        rich_help_panel=_MAPS,
    ),
]
