"""The one question to any record: what does it tell?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from solith.analysis.cycling import analyse_cycling
from solith.analysis.impedance import find_resistances
from solith.core.errors import InputError

if TYPE_CHECKING:
    from solith.core.record import Record
    from solith.core.result import Result

__all__ = ["ANALYSES", "analyse"]

ANALYSES: dict[str, Callable[[Record], Result]] = {
    "cycling": analyse_cycling,
    "impedance": find_resistances,
}
"""The usual analysis of each kind of record; a new technique adds its line here."""


def analyse(record: Record) -> Result:
    """The usual analysis of a record, chosen by its kind.

    Cycling: :func:`solith.analysis.analyse_cycling`; impedance:
    :func:`solith.analysis.find_resistances`. Raises :class:`InputError` for a kind that
    has no analysis, and lists those that have one.
    """
    if record.kind not in ANALYSES:
        raise InputError(
            f"there is no analysis for a record of kind {record.kind!r}; "
            f"there is one for: {', '.join(sorted(ANALYSES))}"
        )
    return ANALYSES[record.kind](record)
