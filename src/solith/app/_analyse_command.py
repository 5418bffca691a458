"""``solith analyse``: its options, its work in order, and what it prints."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from solith.app._analyse_arguments import (
    AlongWhat,
    Background,
    Channel,
    Cif,
    ClockOffset,
    Components,
    Exothermic,
    HeatingRate,
    InstrumentWidth,
    OwnSpecies,
    Particle,
    Phases,
    PixelSize,
    PostEdge,
    PreEdge,
    ProfileMix,
    References,
    ReferredTo,
    Region,
    Shift,
    Smoothing,
    Wavelength,
    Window,
)
from solith.core.errors import InputError, InterruptedRunError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solith.app.analyse import AnalysedFile
    from solith.app.analyse_joined import Joined

__all__ = ["analyse"]

_CELL_TYPES = "blocking-pellet, lithium-pellet, symmetric-cell or composite-half-cell"


def analyse(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE...", help="Files of instruments, or folders of them.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where to; ./analyse-results if not given."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print the values as a JSON list only; no folder without DIR."),
    ] = False,
    cell_type: Annotated[
        str | None,
        typer.Option("--cell-type", metavar="NAME", help=f"Of impedance: {_CELL_TYPES}."),
    ] = None,
    circuit: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help='To fit to impedance, as "R0-p(R1,CPE1)-CPE2".'),
    ] = None,
    lowest_frequency: Annotated[
        str | None, typer.Option(metavar="FREQUENCY", help='Of impedance to use, as "1 Hz".')
    ] = None,
    highest_frequency: Annotated[
        str | None, typer.Option(metavar="FREQUENCY", help='Of impedance to use, as "1 MHz".')
    ] = None,
    technique: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Of time, voltage and current, where it is not told rightly: cycling, gitt, "
            "symmetric or voltammogram. Of spectra, where it is not told: xanes, xps, xrd, dsc or "
            "tg; xanes takes several files as a series. Of images: coating, coverage, "
            "cross-section or crystallinity.",
        ),
    ] = None,
    negate_current: Annotated[
        bool,
        typer.Option("--negate-current", help="Positive current discharges in these files."),
    ] = False,
    read_voltage: Annotated[
        str | None,
        typer.Option(
            metavar="VOLTAGE", help='At which current-voltage curves are read, as "0.1 V".'
        ),
    ] = None,
    compliance: Annotated[
        str | None,
        typer.Option(metavar="CURRENT", help='Limit of current-voltage curves, as "1 mA".'),
    ] = None,
    place: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=FILES",
            help="Current-voltage curves of one place, as 'boundary=gb*.csv'; once for each place, "
            "to compare their triggering.",
        ),
    ] = None,
    side: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Bias to compare places at: negative or positive."),
    ] = None,
    scan_rates: Annotated[
        bool,
        typer.Option(
            "--scan-rates",
            help="Take all voltammograms as those of one cell, and compare their scan rates.",
        ),
    ] = False,
    replicates: Annotated[
        bool,
        typer.Option("--replicates", help="Summarise cycling records of one kind as replicates."),
    ] = False,
    area: Annotated[
        str | None,
        typer.Option(metavar="AREA", help='Geometric area of all cells, as "0.785 cm2".'),
    ] = None,
    thickness: Annotated[
        str | None, typer.Option(metavar="LENGTH", help='Of the electrolyte, as "0.6 mm".')
    ] = None,
    mass: Annotated[
        str | None, typer.Option(metavar="MASS", help='Of active material, as "5 mg".')
    ] = None,
    temperature: Annotated[
        str | None, typer.Option(metavar="TEMPERATURE", help='As "25 degC".')
    ] = None,
    pressure: Annotated[str | None, typer.Option(metavar="PRESSURE", help='As "50 MPa".')] = None,
    one_c: Annotated[
        str | None, typer.Option("--one-c", metavar="CURRENT", help='Of the cell, as "1.5 mA".')
    ] = None,
    literature: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Your own published cells, beside solith's, in TOML."),
    ] = None,
    smoothing: Smoothing = None,
    shift: Shift = None,
    pre_edge: PreEdge = None,
    post_edge: PostEdge = None,
    reference: References = None,
    along: AlongWhat = None,
    clock_offset: ClockOffset = None,
    region: Region = None,
    components: Components = None,
    background: Background = None,
    mix: ProfileMix = None,
    charge_reference: ReferredTo = None,
    window: Window = None,
    species: OwnSpecies = None,
    wavelength: Wavelength = None,
    instrument_width: InstrumentWidth = None,
    cif: Cif = None,
    heating_rate: HeatingRate = None,
    exothermic: Exothermic = None,
    channel: Channel = None,
    pixel_size: PixelSize = None,
    phases: Phases = None,
    particle: Particle = None,
) -> None:
    """Read measured files, whatever they are, and report what they tell."""
    from solith.app._analyse_asked import check_along, check_maps, check_spectra
    from solith.app._analyse_folder import check_free, write_folder
    from solith.app._analyse_idle import idle_options
    from solith.app._analyse_options import (
        check_cell_type,
        check_cells,
        check_circuit,
        check_curves,
        check_facts,
        check_frequencies,
        check_places,
        check_side,
        check_technique,
    )
    from solith.app._analyse_patterns import check_patterns
    from solith.app._analyse_rows import rows_of, to_json, to_text
    from solith.app._analyse_together import join_spectra, require_asked
    from solith.app._progress import shown_progress
    from solith.app.analyse import analyse_files
    from solith.app.analyse_joined import join_records, scan_rates_of

    if not files and not place:
        raise InputError("give files or folders to analyse, or --place NAME=FILES")
    check_cell_type(cell_type)
    check_circuit(circuit)
    taken_as = check_technique(technique or ())
    check_cells(literature)
    of_spectra = check_spectra(
        smoothing=smoothing,
        shift=shift,
        references=reference or (),
        pre_edge=pre_edge,
        post_edge=post_edge,
        mix=mix,
        region=region,
        components=components,
        background=background,
        charge_reference=charge_reference,
        window=window,
        species=species,
        along=check_along(along, clock_offset),
    )
    of_patterns = check_patterns(
        wavelength=wavelength,
        instrument_width=instrument_width,
        structure=cif,
        heating_rate=heating_rate,
        exothermic=exothermic,
    )
    of_maps = check_maps(taken_as, channel, phases, particle)
    frequencies = check_frequencies(lowest_frequency, highest_frequency)
    facts = check_facts(
        {
            "--area": ("geometric_area", area),
            "--thickness": ("thickness", thickness),
            "--mass": ("active_mass", mass),
            "--temperature": ("temperature", temperature),
            "--pressure": ("pressure", pressure),
            "--one-c": ("one_c_current", one_c),
            "--pixel-size": ("pixel_size", pixel_size),
        }
    )
    of_curves = check_curves(read_voltage, compliance)
    check_side(side, places=bool(place))
    places = check_places(place or ())
    folder = out if out is not None or as_json else Path("analyse-results")
    if folder is not None:
        check_free(folder)
    try:
        with shown_progress() as progress:
            done = analyse_files(
                [*(files or ()), *(path for paths in places.values() for path in paths)],
                facts=facts,
                cell_type=cell_type,
                circuit=circuit,
                frequencies=frequencies,
                technique=taken_as,
                negate_current=negate_current,
                of_curves=of_curves,
                of_spectra=of_spectra,
                of_maps=of_maps,
                of_patterns=of_patterns,
                progress=progress,
            )
        require_asked(done)
        joined = join_records(
            done, scan_rates=scan_rates, replicates=replicates, places=places, side=side
        )
        joined += join_spectra(done, of_spectra, series=taken_as == "xanes")
        used = any(file.used for file in done)
        if folder is not None and used:
            from solith.app.analyse_report import render_analysis

            chosen = {
                "cell_type": cell_type,
                "circuit": circuit,
                "lowest_frequency": lowest_frequency,
                "highest_frequency": highest_frequency,
                "technique": taken_as,
                "negate_current": "yes" if negate_current else None,
                "scan_rates": "of one cell" if scan_rates else None,
                "replicates": "yes" if replicates else None,
                "places": ", ".join(places) or None,
                "side": side,
                "smoothing": smoothing,
                "shift": shift,
                "references": ", ".join(of_spectra.references) or None,
                "along": along,
                "clock_offset": clock_offset,
                "pre_edge": pre_edge,
                "post_edge": post_edge,
                "mix": mix,
                "region": of_spectra.region or None,
                "components": components,
                "background": background,
                "charge_reference": charge_reference,
                "window": window,
                "wavelength": wavelength,
                "instrument_width": instrument_width,
                "structure": None if cif is None else str(cif),
                "heating_rate": heating_rate,
                "exothermic": exothermic,
                "channel": channel,
                "phases": phases,
                "particle": particle,
            }
            asked = {name: text for name, text in chosen.items() if text is not None}
            page = render_analysis(done, facts | asked | of_curves, joined, literature)
            write_folder(folder, done, page, joined)
    except KeyboardInterrupt:
        raise InterruptedRunError("interrupted; nothing was written") from None
    if as_json:
        print(to_json(rows_of(done, joined)))
    elif used and folder is not None:
        print(to_text(done, joined))
        print(f"\nThe report is {folder / 'report.html'}")
    _tell_unused(done, joined)
    given = {
        "--read-voltage": read_voltage,
        "--compliance": compliance,
        "--shift": shift,
        "--reference": reference,
        "--along": along,
        "--smoothing": smoothing,
        "--pre-edge": pre_edge,
        "--post-edge": post_edge,
        "--mix": mix,
        "--region": region,
        "--background": background,
        "--charge-reference": charge_reference,
        "--wavelength": wavelength,
        "--instrument-width": instrument_width,
        "--cif": cif,
        "--heating-rate": heating_rate,
        "--exothermic": exothermic,
        "--channel": channel,
        "--phases": phases,
        "--particle": particle,
        "--pixel-size": pixel_size,
    }
    for told in idle_options(done, given, taken_as):
        _warning(told)
    if not scan_rates and (number := scan_rates_of(done)):
        _warning(
            f"there are voltammograms at {number} scan rates; if they are of one cell, "
            "--scan-rates compares them"
        )
    if not used:
        raise InputError(
            f"none of the {len(done)} files could be used"
            if len(done) > 1
            else "the file could not be used"
        )


def _tell_unused(files: Sequence[AnalysedFile], joined: Sequence[Joined]) -> None:
    """Which files, and which analyses of records, came to nothing, and why."""
    for file in files:
        if not file.used:
            _warning(f"{file.path}: not used: {file.problem}")
        for one in file.records:
            named = f"{file.path}, {one.record.name}" if len(file.records) > 1 else file.path
            for technique, error in one.errors.items():
                _warning(f"{named}: {technique}: {error}")
    for together in joined:
        for technique, error in together.errors.items():
            _warning(f"{technique}: {error}")
    for offered in sorted({file.offered for file in files} - {""}):
        _warning(f"known formats: {offered}")


def _warning(message: str) -> None:
    print(f"solith: {' '.join(message.split())}", file=sys.stderr)
