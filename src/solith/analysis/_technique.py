"""With which technique a record was made, where records of one kind are of several."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from solith.analysis._options import chosen
from solith.analysis._rows import title_of
from solith.analysis._symmetric.steps import find_current_steps, looks_symmetric
from solith.analysis._titration.found import looks_like_titration
from solith.core.errors import InputError
from solith.core.given import require_record

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["SPECTRUM_TECHNIQUES", "CYCLING_TECHNIQUES", "take_as", "technique_of"]

SPECTRUM_TECHNIQUES = ("dsc", "tg", "xanes", "xps", "xrd")
"""What a spectrum may say that it was measured by."""
CYCLING_TECHNIQUES = ("cycling", "gitt", "symmetric", "voltammogram")
"""What a record of time, voltage and current may be taken as."""


def technique_of(record: Record) -> str:
    """Of a cycling record "gitt", "critical-current", "symmetric-cycling" or "cycling".

    A titration is one whose attribute ``technique`` says "gitt", or that looks like one while
    the attribute does not say "cycling". A symmetric cell is one whose attribute says "symmetric"
    or whose voltage has the sign of the current; currents of several levels make a test of the
    critical current. That of a spectrum is what its attribute says. The technique of another kind
    of record is the kind.
    """
    told = str(record.data.attrs.get("technique", ""))
    if record.kind == "spectrum" and told in SPECTRUM_TECHNIQUES:
        return told
    if record.kind != "cycling":
        return record.kind
    if told == "gitt":
        return told
    if told == "symmetric" or looks_symmetric(record):
        return "symmetric-cycling" if _levels(record) == 1 else "critical-current"
    if told != "cycling" and looks_like_titration(record):
        return "gitt"
    return "cycling"


def take_as(record: Record, technique: str) -> Record:
    """The record as one made with ``technique``, which analyses follow instead of judging.

    Of time, voltage and current "cycling", "gitt", "symmetric" or "voltammogram"; of a spectrum
    "xanes", "xps", "xrd", "dsc" or "tg". Raises :class:`InputError` for a record of another kind
    than cycling, voltammogram or spectrum, and for a technique of another kind.
    """
    require_record(record)
    if record.kind == "spectrum":
        chosen("technique of a spectrum", technique, SPECTRUM_TECHNIQUES)
        return replace(record, data=record.data.assign_attrs(technique=technique))
    chosen("technique", technique, CYCLING_TECHNIQUES)
    if record.kind not in ("cycling", "voltammogram"):
        raise InputError(
            f"{title_of(record)} is a record of kind {record.kind!r}; only a spectrum, or one of "
            "time, voltage and current, can be taken as made with another technique"
        )
    kind = "voltammogram" if technique == "voltammogram" else "cycling"
    data = record.data.assign_attrs(technique=technique)
    return replace(record, kind=kind, data=data)


def _levels(record: Record) -> int:
    """How many different currents were held; 0 where that cannot be told."""
    try:
        _, steps, _ = find_current_steps(record)
    except InputError:
        return 0
    return len({step.level for step in steps})
