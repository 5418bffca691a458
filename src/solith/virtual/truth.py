"""How a synthetic record says that it is one, and what it was made with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solith.core.given import require_record
from solith.core.provenance import Provenance
from solith.core.record import Record

__all__ = ["TRUTH", "made", "truth_of"]

TRUTH = "truth"
"""Parameter of a provenance: quantities of the analysis to come, each with value and unit."""


def made(
    kind: str,
    arrays: Mapping[str, Any],
    *,
    by: str,
    name: str,
    truth: Mapping[str, tuple[float, str]],
    parameters: Mapping[str, Any],
    attributes: Mapping[str, Any],
) -> Record:
    """A synthetic record: the attribute ``synthetic``, a note, and its ``truth``."""
    from solith import __version__

    told = f"synthetic, made by solith.virtual.{by} with known answers; nothing was measured"
    known = {key: {"value": value, "unit": unit} for key, (value, unit) in truth.items()}
    return Record.from_arrays(
        kind,
        name=name,
        provenance=Provenance(
            "simulated",
            method=f"synthetic: {by}",
            parameters={TRUTH: known, "made_with": dict(parameters)},
            version=__version__,
            notes=(told,),
        ),
        attributes={**attributes, "synthetic": told},
        **arrays,
    )


def truth_of(record: Record) -> dict[str, tuple[float, str]]:
    """What a synthetic record was made with, by the names that its analysis gives: value, unit.

    Empty for a record that is not synthetic.
    """
    require_record(record)
    known = record.provenance.parameters.get(TRUTH, {})
    return {name: (float(one["value"]), str(one["unit"])) for name, one in known.items()}
