"""The report of a study: one HTML page that needs nothing but a browser."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from solith.app._report_answer import WITHIN_PERCENT, state_answer
from solith.app._report_calibrations import calibration_tables
from solith.app._report_cases import Case, find_cases
from solith.app._report_figures import find_panels
from solith.app._report_measured import measured_tables
from solith.app._report_page import panels_html, render_page
from solith.app._report_tables import (
    comparison_table,
    failures_table,
    inputs_table,
    provenance_table,
    results_tables,
    samples_list,
)
from solith.study.answer import fill_answer

if TYPE_CHECKING:
    from solith.core.record import Record
    from solith.study import StudyRun

__all__ = ["WITHIN_PERCENT", "render_report", "state_answer"]


def render_report(run: StudyRun) -> str:
    """The report of ``run`` as one self-contained HTML page (UTF-8 text).

    Question, answer in plain words, comparison with published or measured values,
    measured beside simulated, figures, assumptions, inputs, failures, provenance. The page
    loads nothing: style, script and data stand in it, and its content security policy forbids
    every request. The same run gives the same text.
    """
    cases = find_cases(run)
    sections = [
        (name, title, content)
        for name, title, render in _SECTIONS
        if (content := render(run, cases))
    ]
    study = run.study
    return render_page(
        kind="Study report",
        title=study.title or study.name,
        question=study.question,
        sections=sections,
    )


def _answer(run: StudyRun, cases: list[Case]) -> str:
    own = fill_answer(run.study.answer, run.rows)
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in own)
    found = "".join(f"<li>{escape(sentence)}</li>" for sentence in state_answer(run))
    if not said:
        return f'<ul class="answer">{found}</ul>'
    more = f"<details><summary>What each sample shows</summary><ul>{found}</ul></details>"
    return f'<ul class="answer">{said}</ul>{more}'


def _calibrations(run: StudyRun, cases: list[Case]) -> str:
    return calibration_tables(run)


def _comparison(run: StudyRun, cases: list[Case]) -> str:
    return comparison_table(run)


def _measured(run: StudyRun, cases: list[Case]) -> str:
    return measured_tables(cases)


def _figures(run: StudyRun, cases: list[Case]) -> str:
    parts = []
    number = 1
    published = {
        (row.sample, row.quantity): row.published for row in run.rows if row.published is not None
    }
    for group, members in groupby(find_panels(cases, published), key=lambda panel: panel.group):
        panels = list(members)
        parts.append(f"<h3>{escape(group)}</h3>{panels_html(panels, number)}")
        number += len(panels)
    return "".join(parts)


def _notes(run: StudyRun, cases: list[Case]) -> str:
    of_records = {
        f"{_whose(name, record)}: {note}": None
        for name, record in run.records.items()
        for note in (*record.data.attrs.get("notes", ()), *record.provenance.notes)
    }
    notes = "".join(f"<li>{escape(note)}</li>" for note in (*run.study.notes, *of_records))
    return f"<ul>{notes}</ul>" if notes else ""


def _whose(name: str, record: Record) -> str:
    """Notes of simulations are the sample's, those of a measured file its own."""
    return name if record.provenance.origin == "measured" else record.provenance.sample or name


def _inputs(run: StudyRun, cases: list[Case]) -> str:
    if not run.study.samples:
        return ""
    areas = (
        "<p>Geometric area: the face of the pellet. Active area: the whole surface of the "
        "active particles. Contact area: the part of the active area that touches "
        "electrolyte.</p>"
    )
    started = ""
    if calibrated := [s.name for s in run.study.samples.values() if s.calibrated_by]:
        started = (
            f"<p>For {escape(', '.join(calibrated))} the table shows what the study file has; "
            "what a calibration found stands under Calibrations and was used in its place.</p>"
        )
    return samples_list(run) + areas + started + inputs_table(run)


def _results(run: StudyRun, cases: list[Case]) -> str:
    tables = results_tables(cases)
    return f"<details><summary>Show all tables</summary>{tables}</details>" if tables else ""


def _failures(run: StudyRun, cases: list[Case]) -> str:
    return failures_table(run) if run.failures else ""


def _provenance(run: StudyRun, cases: list[Case]) -> str:
    return provenance_table(run)


_SECTIONS: tuple[tuple[str, str, Callable[[StudyRun, list[Case]], str]], ...] = (
    ("answer", "Answer", _answer),
    ("comparison", "Comparison with known values", _comparison),
    ("measured", "Measured beside simulated", _measured),
    ("calibrations", "Calibrations", _calibrations),
    ("figures", "Figures", _figures),
    ("assumptions", "Assumptions and notes", _notes),
    ("inputs", "Samples and inputs", _inputs),
    ("results", "All computed values", _results),
    ("failures", "What did not succeed", _failures),
    ("provenance", "Provenance", _provenance),
)
