"""What was found in a file, in a sentence made of its numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from solith.app._analyse_units import as_read
from solith.app._report_html import show_spread
from solith.app._report_numbers import show_name, show_unit
from solith.app.analyse import Analysed, AnalysedFile, AnalysedRecord
from solith.core.record import Record
from solith.core.result import Result, Value
from solith.figures import show_number

__all__ = ["doubtful_bands", "found_in", "kind_of", "sentence_on", "size_of"]

_MOST_TOLD = 4  # records of one file that are told one by one
_BESIDE = ("drt", "kramers-kronig", "differential-capacity", "formation", "rates")
"""Techniques that support what another one says of the same record."""

_BY_UNIT = {"impedance": "ohm", "conductivity": "S/m"}  # techniques whose values of it stand for it
_BY_BEGINNING = {  # whose values so named stand for it
    "triggering": ("median_bias", "p_value"),
    "cross-section": ("fraction_", "contact_fraction_"),
}
_BY_ENDING = {
    "map": ("_deviation",),
    "mixture": ("_fraction",),
    "xps-fit": ("_fraction",),
    "xanes-series": ("feature_1_onset", "feature_1_onset_potential", "feature_1_position"),
}
_BY_NAME = {
    "current-voltage": (
        "triggering_bias",
        "back_scan_resistance",
        "set_voltage",
        "reset_voltage",
        "on_off_ratio",
    ),
    "xanes": ("edge_position", "white_line_position"),
    "xanes-edges": ("edge_shift", "white_line_shift"),
    "xanes-components": ("components", "unexplained"),
    "crystallinity": ("crystallinity_index", "class_confidence", "spacing"),
    "coating": ("thickness", "thickness_deviation", "uncovered"),
}
_FIRST = 3  # values of a result that stand for it


def kind_of(file: AnalysedFile) -> str:
    """The kinds of record in a file, with their number, and the instrument."""
    counts: dict[str, int] = {}
    for one in file.records:
        technique = str(one.record.data.attrs.get("technique", ""))
        kind = one.record.kind
        named = f"{kind} ({technique})" if technique.lower() not in ("", kind) else kind
        counts[named] = counts.get(named, 0) + 1
    kinds = ", ".join(
        f"{number} × {kind}" if number > 1 else kind for kind, number in counts.items()
    )
    instrument = file.records[0].record.provenance.instrument
    return f"{kinds}; {instrument}" if instrument else kinds


def size_of(record: Record) -> str:
    """The number of rows of a record, of a map the pixels of both sides."""
    if record.kind != "map":
        return f"{len(record)} rows"
    return f"{record.data.sizes['x']} x {record.data.sizes['y']} pixels"


def found_in(file: AnalysedFile) -> list[str]:
    """Sentences on the records of a file, one each, or one on all where they are many."""
    if len(file.records) == 1:
        return [sentence_on(file.records[0])]
    if len(file.records) <= _MOST_TOLD:
        return [f"{one.record.name}: {sentence_on(one)}" for one in file.records]
    ranges = _ranges(file.records)
    return [f"{len(file.records)} records; {'; '.join(ranges)}." if ranges else "Read."]


def doubtful_bands(bands: Sequence[Mapping[str, Any]]) -> str:
    """How many bands of a Kramers-Kronig test are not consistent, in words; empty for none."""
    counts = Counter(str(band["verdict"]) for band in bands)
    told = [f"{counts[verdict]} {verdict}" for verdict in counts if verdict != "consistent"]
    return f"{', '.join(told)} of {len(bands)} bands" if told else ""


def sentence_on(one: Analysed) -> str:
    """What the analyses of one record, or of several together, say, made of their numbers."""
    if not one.results:
        first = next(iter(one.errors.values()), None)
        return "Read; drawn only." if first is None else f"Read, but not analysed: {first}."
    parts = [
        one.empty.get(technique) or _told(technique, result)
        for technique, result in one.results.items()
    ]
    return f"{'; '.join(part for part in parts if part) or 'Read'}."


def _told(technique: str, result: Result) -> str:
    if technique == "kramers-kronig":
        bands = result.details.get("bands", ())
        return f"Kramers-Kronig: {doubtful_bands(bands) or 'consistent'}" if bands else ""
    labels = result.details.get("labels", {})
    told = []
    for value in (as_read(technique, known) for known in _telling(technique, result)):
        label = labels.get(value.quantity, {})
        perhaps = "perhaps " if label.get("confidence") == "low" else ""
        named = f" ({perhaps}{label['meaning']})" if label else ""
        told.append(f"{show_name(value.quantity)} {_shown(value)}{named}")
    if not told:
        return "" if technique in _BESIDE else f"{technique}: {_why_none(technique, result)}"
    circuit = result.details.get("circuit") if technique == "impedance" else None
    residual = result.details.get("residual_percent")
    opening = f"{circuit}: " if circuit else ""
    ending = f"; residual {show_number(residual, 2)} %" if circuit and residual is not None else ""
    return f"{opening}{', '.join(told)}{ending}"


def _telling(technique: str, result: Result) -> list[Value]:
    """The values that stand for a result: resistances, conductivities, or the first few."""
    known = [value for value in result if value.value is not None]
    if technique == "xps-series":
        return [value for value in known if "_fraction" in value.quantity]
    if technique in _BY_ENDING:
        return [v for v in known if v.quantity.endswith(_BY_ENDING[technique])]
    if technique in _BY_BEGINNING:
        return [v for v in known if v.quantity.startswith(_BY_BEGINNING[technique])]
    if technique in _BY_NAME:
        return [v for v in known if v.quantity in _BY_NAME[technique]]
    if technique in _BY_UNIT:
        return [value for value in known if value.unit == _BY_UNIT[technique]]
    return [] if technique in _BESIDE else known[:_FIRST]


def _why_none(technique: str, result: Result) -> str:
    """Why a result has none of the values that stand for it."""
    named = (result[name] for name in _BY_NAME.get(technique, ()) if name in result)
    return next((flag for value in named for flag in value.flags), "no value found")


def _ranges(records: tuple[AnalysedRecord, ...]) -> list[str]:
    found: dict[tuple[str, str], list[float]] = {}
    for one in records:
        for technique, result in one.results.items():
            for value in (as_read(technique, known) for known in _telling(technique, result)):
                found.setdefault((value.quantity, value.unit), []).append(value.value or 0.0)
    return [
        f"{show_name(quantity)} {show_number(min(numbers), 3)} to {show_number(max(numbers), 3)} "
        f"{show_unit(unit)}".rstrip()
        for (quantity, unit), numbers in found.items()
    ]


def _shown(value: Value) -> str:
    doubt = " (flagged)" if value.flags else ""
    return f"{show_spread(value)} {show_unit(value.unit)}".rstrip() + doubt
