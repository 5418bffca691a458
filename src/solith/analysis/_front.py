"""The one question to any record: what does it tell?"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from solith.analysis.cycling import analyse_cycling
from solith.analysis.gitt import fit_gitt
from solith.analysis.impedance import find_resistances
from solith.analysis.voltammetry import analyse_voltammogram
from solith.core.errors import InputError, unknown_name_message

if TYPE_CHECKING:
    from solith.core.record import Record
    from solith.core.result import Result

__all__ = ["ANALYSES", "TECHNIQUES", "analyse"]

ANALYSES: dict[str, Callable[..., Result]] = {
    "cycling": analyse_cycling,
    "impedance": find_resistances,
    "voltammogram": analyse_voltammogram,
}
"""The usual analysis of each kind of record; a new kind adds its line here."""

TECHNIQUES: dict[tuple[str, str], Callable[..., Result]] = {("cycling", "gitt"): fit_gitt}
"""The analysis of a kind of record whose attribute ``technique`` names one of its own."""


def analyse(record: Record, **options: Any) -> Result:
    """The usual analysis of a record, chosen by its technique, then by its kind.

    Cycling: :func:`solith.analysis.analyse_cycling`, with the attribute ``technique =
    "gitt"`` :func:`solith.analysis.fit_gitt`; impedance:
    :func:`solith.analysis.find_resistances`; voltammogram:
    :func:`solith.analysis.analyse_voltammogram`. ``options`` are those of the chosen one.

    Raises :class:`InputError` for a kind that has no analysis, and lists those that have
    one, and for an option that the analysis does not take, and lists those it takes.
    """
    if record.kind not in ANALYSES:
        raise InputError(
            f"there is no analysis for a record of kind {record.kind!r}; "
            f"there is one for: {', '.join(sorted(ANALYSES))}"
        )
    technique = str(record.data.attrs.get("technique", ""))
    chosen = TECHNIQUES.get((record.kind, technique), ANALYSES[record.kind])
    taken = [
        name
        for name, parameter in inspect.signature(chosen).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    ]
    for name in options:
        if name not in taken:
            told = unknown_name_message("option", name, taken)
            raise InputError(f"{chosen.__name__}: {told if taken else 'takes no options'}")
    return chosen(record, **options)
