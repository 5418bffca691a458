"""A cycling record of the report beside published cells."""

from __future__ import annotations

from pathlib import Path

from solith.app._analyse_panels import panel
from solith.app._report_page import Panel
from solith.app.analyse import AnalysedRecord
from solith.figures import plot_beside_literature
from solith.materials import find_literature_cells, read_literature_cells

__all__ = ["literature_panels_of"]


def literature_panels_of(one: AnalysedRecord, own: Path | None = None) -> list[Panel]:
    """Capacity against rate and what lasts beside published cells, where both are known.

    ``own`` is a file of the user's own cells, which stand among them.
    """
    found = [one.results[name] for name in ("rates", "cycling") if name in one.results]
    if not found:
        return []
    cells = find_literature_cells(also=() if own is None else read_literature_cells(own))
    beside = [cell.beside() for cell in cells]
    name = one.record.name or "this record"
    caption = (
        f"Open marks are {len(cells)} all-solid-state cells of the literature, a sample and not a "
        "survey, at their own temperatures, loadings and voltages; the mouse tells which."
    )
    return panel("Beside published cells", caption, plot_beside_literature, {name: found}, beside)
