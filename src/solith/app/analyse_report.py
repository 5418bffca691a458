"""The report on measured files: one HTML page that needs nothing but a browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from os.path import commonpath
from pathlib import Path

from solith.app._analyse_figures import joined_panels_of, panels_of
from solith.app._analyse_literature import literature_panels_of
from solith.app._analyse_tables import (
    files_table,
    joined_list,
    members_list,
    notes_list,
    origins_table,
    series_table,
    values_tables,
)
from solith.app._report_numbers import show_input, show_name
from solith.app._report_page import panels_html, render_page
from solith.app.analyse import AnalysedFile
from solith.app.analyse_joined import Joined

__all__ = ["MOST_DRAWN", "render_analysis"]

MOST_DRAWN = 24
"""Records with figures in one report; of more, some are chosen, evenly over each file."""


def render_analysis(
    files: Sequence[AnalysedFile],
    given: Mapping[str, str] | None = None,
    joined: Sequence[Joined] = (),
    literature: Path | None = None,
) -> str:
    """The report on ``files`` as one self-contained HTML page (UTF-8 text).

    A table of all files first: what each is, what was found, which could not be used and why. Then
    what records of several files tell together, as ``joined`` has it, and each file with its
    records: notes of the reader, values with the reasons to doubt them, figures. ``given`` is what
    was given for all records. Capacities per mass of active material stand beside published cells,
    and those of the user's own in the file ``literature``.
    """
    folder = _common_folder(files)
    names = [_within(file.path, folder) for file in files]
    used = [(file, name) for file, name in zip(files, names, strict=True) if file.used]
    drawn = _drawn([len(file.records) for file, _ in used])
    overview = _overview(files, given or {}, sum(map(len, drawn)))
    sections = [("files", "Files", overview + joined_list(joined) + files_table(files, names))]
    figures = 1
    named = {file.path: name for file, name in used}
    for number, together in enumerate(joined, start=1):
        content, figures = _together(together, named, figures)
        sections.append((f"together-{number}", together.title, content))
    for number, ((file, name), chosen) in enumerate(zip(used, drawn, strict=True), start=1):
        content, figures = _file(file, chosen, figures, literature)
        sections.append((f"file-{number}", name, content))
    origins = origins_table([file for file, _ in used], [name for _, name in used])
    sections.append(("origin", "Where the numbers come from", origins))
    return render_page(
        kind="Report on measured files",
        title=_title(files),
        question=f"In the folder {folder}" if folder is not None else "",
        sections=sections,
    )


def _common_folder(files: Sequence[AnalysedFile]) -> Path | None:
    """The folder that all files lie in, unless it goes without saying."""
    try:
        folder = Path(commonpath([file.path.parent for file in files]))
    except ValueError:  # relative and absolute paths
        return None
    return folder if folder.parts else None


def _within(path: Path, folder: Path | None) -> str:
    return str(path if folder is None else path.relative_to(folder))


def _title(files: Sequence[AnalysedFile]) -> str:
    if len(files) == 1:
        return files[0].path.name
    unused = sum(not file.used for file in files)
    return f"{len(files)} files" + (f", {unused} of them not used" if unused else "")


def _overview(files: Sequence[AnalysedFile], given: Mapping[str, str], drawn: int) -> str:
    told = ""
    if given:
        listed = ", ".join(f"{show_name(name)} {show_input(text)}" for name, text in given.items())
        told += f"<p>Given for all records: {escape(listed)}.</p>"
    records = sum(len(file.records) for file in files)
    if drawn < records:
        told += (
            f"<p>Of {records} records, {drawn} are drawn, evenly chosen from each file; the values "
            "of all stand in the tables, the records themselves in the folder <code>records</code> "
            "beside this report.</p>"
        )
    return told


def _together(one: Joined, names: Mapping[Path, str], figures: int) -> tuple[str, int]:
    """The content of a section on records of several files, and the number of the next figure."""
    content = f"<p>{escape(one.told)}</p>" if one.told else ""
    content += members_list(one, names) if one.groups else ""
    content += notes_list(one, (), one.losses) + values_tables(one)
    panels = joined_panels_of(one)
    content += panels_html(panels, figures) if panels else ""
    return content, figures + len(panels)


def _file(
    file: AnalysedFile, chosen: set[int], figures: int, literature: Path | None
) -> tuple[str, int]:
    """The content of a file's section, and the number of the next figure."""
    alone = len(file.records) == 1
    parts, rest = [series_table(file.records)], []
    for place, one in enumerate(file.records):
        origin = one.record.provenance
        content = "" if alone else f"<h3>{escape(one.record.name)}</h3>"
        content += notes_list(one, origin.notes, origin.losses) + values_tables(one)
        if place not in chosen:
            rest.append(content)
            continue
        if panels := [*panels_of(one), *literature_panels_of(one, literature)]:
            content += panels_html(panels, figures)
            figures += len(panels)
        parts.append(content)
    if rest:
        told = f"{len(rest)} record{'s' if len(rest) > 1 else ''} without figures"
        parts.append(f"<details><summary>{told}</summary>{''.join(rest)}</details>")
    return "".join(parts), figures


def _drawn(counts: Sequence[int]) -> list[set[int]]:
    """Which records of each file are drawn: as many of each as there is room for."""
    shares = [0] * len(counts)
    room = MOST_DRAWN
    while room and (open_places := [n for n, count in enumerate(counts) if shares[n] < count]):
        for place in open_places[:room]:
            shares[place] += 1
            room -= 1
    return [_spread(share, count) for share, count in zip(shares, counts, strict=True)]


def _spread(share: int, count: int) -> set[int]:
    """``share`` of the places from 0 to ``count`` - 1, first and last among them."""
    if share < 2:
        return set(range(share))
    return {round(place * (count - 1) / (share - 1)) for place in range(share)}
