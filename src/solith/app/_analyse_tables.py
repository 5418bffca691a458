"""The tables in the report of an analysis: files, values with their doubts, series, origins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from solith.app._analyse_peaks import PEAK_HEADS, peak_rows
from solith.app._analyse_units import as_read
from solith.app._analyse_words import doubtful_bands, found_in, kind_of, sentence_on, size_of
from solith.app._report_html import boxed, cell, digits_of, show_spread, tag
from solith.app._report_numbers import show_name, show_unit
from solith.app.analyse import Analysed, AnalysedFile, AnalysedRecord
from solith.app.analyse_joined import Joined
from solith.core.result import Result
from solith.figures import show_number

__all__ = [
    "files_table",
    "joined_list",
    "members_list",
    "notes_list",
    "origins_table",
    "series_table",
    "values_tables",
]

TITLES = {
    "impedance": "Equivalent circuit",
    "drt": "Distribution of relaxation times",
    "kramers-kronig": "Kramers-Kronig",
    "gitt": "GITT",
    "differential-capacity": "Differential capacity",
    "rates": "Rate capability",
    "critical-current": "Critical current",
    "symmetric-cycling": "Symmetric cell",
    "scan-rates": "Scan rates",
    "capacitive-share": "Capacitive share",
    "cycling-replicates": "Cycling",
    "gitt-replicates": "GITT",
    "critical-current-replicates": "Critical current",
    "symmetric-cycling-replicates": "Symmetric cell",
    "triggering": "Triggering bias",
    "xanes": "X-ray absorption",
    "mixture": "Mixture of references",
    "xps": "Background",
    "xps-fit": "Components",
    "xrd": "Diffraction",
    "structure": "Compared with the structure",
    "dsc": "Heat flow",
    "tg": "Mass",
    "map": "Channels",
    "xanes-edges": "Edge and white line",
    "xanes-series": "Features that grow or fade",
    "xanes-components": "Principal components",
    "xps-series": "Components of all spectra",
}
"""Headings of the techniques whose name is not one already."""

_DOUBT = '<span class="doubt">*</span>'
_MOST_LISTED = 12  # records analysed together; more are folded away
_FROM_SERIES = 3  # records of one file; fewer need no table of their own


def files_table(files: Sequence[AnalysedFile], names: Sequence[str]) -> str:
    """Every file by its name: what it is, what was found, or why it could not be used."""
    body = []
    number = 0
    for file, name in zip(files, names, strict=True):
        if file.used:
            number += 1
            link = _link(f"file-{number}", name)
            told = [cell("", kind_of(file)), cell("", file.format), cell("number", _rows(file))]
            told.append(f'<td class="told">{_found(file)}</td>')
        else:
            link = escape(name)
            told = [f'<td colspan="3">{tag("not used")}</td>', cell("told flags", file.problem)]
        body.append(f'<tr><td class="file">{link}</td>{"".join(told)}</tr>')
    table = boxed(("File", "What it is", "Format", "Rows", "What was found"), body, numbers=(3,))
    offered = sorted({file.offered for file in files} - {""})
    return table + "".join(f"<p>Known formats: {escape(listed)}.</p>" for listed in offered)


def joined_list(joined: Sequence[Joined]) -> str:
    """What was analysed together, and what was found; nothing for nothing."""
    items = "".join(
        f"<li>{_link(f'together-{number}', one.title)} "
        f"({len(one.members)} records): {escape(sentence_on(one))}</li>"
        for number, one in enumerate(joined, start=1)
    )
    return f"<p>Analysed together:</p><ul>{items}</ul>" if items else ""


def members_list(one: Joined, names: Mapping[Path, str]) -> str:
    """The records that are analysed together, by place, each a link to its file's section."""
    order = {path: number for number, path in enumerate(names, start=1)}
    items = []
    for place, members in one.groups.items():
        links = ", ".join(
            _link(f"file-{order[file.path]}", _member(names[file.path], file, record))
            for file, record in members
        )
        head = f"{place} ({len(members)}): " if place else ""
        items.append(f"<li>{escape(head)}{links}</li>")
    listed = f"<ul>{''.join(items)}</ul>"
    if len(one.members) <= _MOST_LISTED:
        return listed
    return f"<details><summary>The {len(one.members)} records</summary>{listed}</details>"


def _link(section: str, text: str) -> str:
    return f'<a href="#{section}">{escape(text)}</a>'


def _member(name: str, file: AnalysedFile, one: AnalysedRecord) -> str:
    return f"{name}, {one.record.name}" if len(file.records) > 1 else name


def notes_list(one: Analysed, notes: Sequence[str], losses: Sequence[str]) -> str:
    """What was lost, what else is said in ``notes``, and which analyses did not succeed."""
    told = [f'<li class="flags">{escape(note)}</li>' for note in losses]
    told += [f"<li>{escape(note)}</li>" for note in notes if note not in losses]
    told += [
        f'<li class="flags">{escape(_title(technique))} did not succeed: {escape(str(error))}</li>'
        for technique, error in one.errors.items()
    ]
    return f'<ul class="notes">{"".join(told)}</ul>' if told else ""


def values_tables(one: Analysed) -> str:
    """The values of all results, with suggested meanings, and the circuits compared."""
    labels = one.labels
    shown = {name: result for name, result in one.results.items() if name not in one.empty}
    doubted = any(value.flags for result in shown.values() for value in result)
    headings = ["Quantity", "Value", "Unit"]
    headings += ["Suggested meaning"] if labels else []
    headings += ["Reasons to doubt it"] if doubted else []
    body = []
    for technique, result in shown.items():
        if len(one.outcomes) > 1:
            circuit = result.details.get("circuit", "")
            title = escape(_title(technique) + (f": {circuit}" if circuit else ""))
            body.append(f'<tr class="group"><th colspan="{len(headings)}">{title}</th></tr>')
        for value in (as_read(technique, known) for known in result):
            row = cell("quantity", show_name(value.quantity))
            row += cell("number", show_spread(value))
            row += cell("" if value.area else "value", show_unit(value.unit, value.area))
            if labels:
                known = one.labels_of(technique).get(value.quantity)
                row += f'<td class="meaning">{_meaning(known) if known else ""}</td>'
            if doubted:
                row += cell("doubts", "; ".join(value.flags))
            body.append(f"<tr>{row}</tr>")
    empty = "".join(f"<p>{escape(_title(name))}: {why}.</p>" for name, why in one.empty.items())
    if not body:
        told = one.errors or one.empty
        return empty if told else "<p>solith has no analysis for this kind of record.</p>"
    table = boxed(headings, body, numbers=(1,), stacks=True)
    return empty + table + _peaks(one) + _bands(one.results) + _candidates(one.results)


def series_table(records: Sequence[AnalysedRecord]) -> str:
    """The values of many records of a file side by side, a table for each technique."""
    if len(records) < _FROM_SERIES:
        return ""
    counts = Counter(name for one in records for name in one.results)
    many = [technique for technique, count in counts.items() if count >= _FROM_SERIES]
    tables = "".join(_series(technique, records) for technique in many)
    if _DOUBT in tables:
        tables += "<p>* with a reason to doubt it, told in the table of the record.</p>"
    return tables


def _series(technique: str, records: Sequence[AnalysedRecord]) -> str:
    results = {
        place: one.results[technique]
        for place, one in enumerate(records)
        if technique in one.results
    }
    columns = list(
        dict.fromkeys(
            (value.quantity, value.unit, value.area)
            for result in results.values()
            for value in (as_read(technique, known) for known in result)
        )
    )
    body = []
    for place, result in results.items():
        read = [as_read(technique, known) for known in result]
        values = {(value.quantity, value.unit, value.area): value for value in read}
        told = [cell("value", records[place].record.name)]
        for column in columns:
            value = values.get(column)
            shown = "–" if value is None else show_number(value.value, digits_of(value))
            mark = _DOUBT if value is not None and value.flags else ""
            told.append(f'<td class="number">{escape(shown)}{mark}</td>')
        body.append(f"<tr>{''.join(told)}</tr>")
    units = (f" ({show_unit(unit)})" if unit else "" for _, unit, _ in columns)
    headings = [
        f"{show_name(name)}{unit}" for (name, _, _), unit in zip(columns, units, strict=True)
    ]
    numbers = tuple(range(1, len(columns) + 1))
    table = boxed(("Record", *headings), body, numbers=numbers)
    return f"<h3>{escape(_title(technique))} of all records</h3>{table}"


def origins_table(files: Sequence[AnalysedFile], names: Sequence[str]) -> str:
    """The hash of each file's bytes, the instrument, and what signs mean."""
    body = []
    for file, name in zip(files, names, strict=True):
        origin = file.records[0].record.provenance
        cells = (
            ("file", name),
            ("", origin.origin),
            ("", origin.instrument or origin.method or "–"),
            ("", (origin.conventions if _has_signs(file) else "") or "–"),
            ("code", origin.sha256[:16] or "–"),
        )
        body.append("<tr>" + "".join(cell(*one) for one in cells) + "</tr>")
    headings = ("File", "Origin", "Instrument or method", "Signs", "SHA-256 (first 16)")
    return boxed(headings, body)


def _has_signs(file: AnalysedFile) -> bool:
    """Whether there are currents or impedances, which have signs."""
    return any(one.record.kind not in ("spectrum", "map") for one in file.records)


def _rows(file: AnalysedFile) -> str:
    if all(one.record.kind == "map" for one in file.records):
        return ", ".join(dict.fromkeys(size_of(one.record) for one in file.records))
    counts = [len(one.record) for one in file.records]
    low, high = min(counts), max(counts)
    return f"{low}" if low == high else f"{low} to {high}"


def _found(file: AnalysedFile) -> str:
    sentences = "<br>".join(escape(sentence) for sentence in found_in(file))
    losses = Counter(loss for one in file.records for loss in one.record.provenance.losses)
    notes = sum(len(one.record.provenance.notes) for one in file.records)
    failed = sum(len(one.errors) for one in file.records)
    under = "".join(
        f'<span class="flags">{escape(loss)}{_in_records(count, file)}</span>'
        for loss, count in losses.items()
    )
    if notes:
        told = "1 note of the reader" if notes == 1 else f"{notes} notes of the reader"
        under += f'<span class="source">{told}</span>'
    if failed:
        told = f"{failed} analys{'i' if failed == 1 else 'e'}s did not succeed"
        under += f'<span class="flags">{told}</span>'
    return sentences + under


def _in_records(count: int, file: AnalysedFile) -> str:
    return f" ({count} of {len(file.records)} records)" if len(file.records) > 1 else ""


def _title(technique: str) -> str:
    return TITLES.get(technique, technique.capitalize())


def _meaning(label: Mapping[str, Any]) -> str:
    confidence = label.get("confidence")
    sure = f" ({confidence} confidence)" if confidence else ""
    under = "; ".join(str(label[key]) for key in ("reason", "source") if label.get(key))
    return (
        f"{escape(str(label.get('meaning', '')))}{escape(sure)}"
        f'<span class="source">{escape(under)}</span>'
    )


def _bands(results: Mapping[str, Result]) -> str:
    """The verdict of the Kramers-Kronig test on each band of frequency, the doubtful ones open."""
    check = results.get("kramers-kronig")
    listed = [] if check is None else list(check.details.get("bands", ()))
    if not listed:
        return ""
    body = []
    for band in listed:
        low, high = sorted((band["from_hertz"], band["to_hertz"]))
        verdict = str(band["verdict"])
        kind = "" if verdict == "consistent" else "doubts"
        row = cell("value", f"{show_number(low, 3)} to {show_number(high, 3)} Hz")
        row += cell(kind, verdict) + cell("number", show_number(band["residual_percent"], 2))
        body.append(f"<tr>{row}{cell('doubts', str(band.get('cause') or ''))}</tr>")
    table = boxed(("Frequencies", "Verdict", "Residual (%)", "Cause"), body, numbers=(2,))
    told = doubtful_bands(listed)
    opened = " open" if told else ""
    return (
        f"<details{opened}><summary>Kramers-Kronig, band by band: {escape(told or 'consistent')}"
        f"</summary>{table}</details>"
    )


def _peaks(one: Analysed) -> str:
    rows = peak_rows(one.results)
    if not rows:
        return ""
    body = ["<tr>" + "".join(cell("number", text) for text in row) + "</tr>" for row in rows]
    table = boxed(PEAK_HEADS, body, numbers=tuple(range(len(PEAK_HEADS))))
    told = "All peaks; position, spacing, width and size above are the largest one's"
    return f"<details open><summary>{told}</summary>{table}</details>"


def _candidates(results: Mapping[str, Result]) -> str:
    fit = results.get("impedance")
    listed = [] if fit is None else list(fit.details.get("candidates", ()))
    if len(listed) < 2:
        return ""
    body = [
        "<tr>"
        + cell("code", str(candidate["circuit"]))
        + cell("number", show_number(candidate["criterion"], 5))
        + cell("number", show_number(candidate["residual_percent"], 3))
        + "</tr>"
        for candidate in listed
    ]
    table = boxed(("Circuit", "Information criterion", "Residual (%)"), body, numbers=(1, 2))
    return f"<details><summary>The {len(listed)} circuits compared</summary>{table}</details>"
