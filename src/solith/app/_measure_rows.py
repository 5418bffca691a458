"""What was measured of a volume: for other programs, for a terminal, for a cell."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from solith.core.composite import Composite
from solith.core.result import finite
from solith.core.table import text_table
from solith.study.structure_chain import MeasuredStructure

__all__ = ["composite_toml", "to_csv", "to_json", "to_json_with_details", "to_text"]

_KEYS = ("phase", "other", "quantity", "value", "unit", "uncertainty", "area", "method", "flags")


def to_json(found: MeasuredStructure) -> str:
    """The rows as a JSON list."""
    return json.dumps(found.rows(), indent=1, ensure_ascii=False, allow_nan=False)


def to_json_with_details(found: MeasuredStructure) -> str:
    """A JSON object: rows as ``values``, the composite, and what belongs to no single row.

    ``details`` has histograms, roses and profiles by the name of the measure.
    """
    volume = found.volume
    segmented = found.segmentation
    whole = {
        "name": found.name,
        "shape": list(volume.shape),
        "voxel_size_m": list(volume.voxel_size),
        "phases": dict(volume.phases),
        "roles": dict(found.roles),
        "axis": found.axis,
        "notes": list(found.notes),
        "values": found.rows(),
        "composite": None if found.composite is None else found.composite.to_mapping(),
        "no_composite": found.no_composite,
        "segmentation": {one.quantity: one.value for one in segmented or ()},
        "details": {name: dict(result.details) for name, result in found.results.items()},
    }
    return json.dumps(finite(whole), indent=1, ensure_ascii=False, allow_nan=False)


def to_csv(found: MeasuredStructure) -> str:
    """The rows as a table with commas; flags are joined by semicolons."""
    text = io.StringIO()
    table = csv.DictWriter(text, _KEYS, lineterminator="\n")
    table.writeheader()
    for row in found.rows():
        table.writerow(row | {"flags": "; ".join(row["flags"])})
    return text.getvalue()


def to_text(found: MeasuredStructure) -> str:
    """A table of the values, under what is to be said about all of them."""
    size = " x ".join(map(str, found.volume.shape))
    lines = [f"{found.name}: {size} voxels, along {found.axis}"]
    lines += [f"! {note}" for note in found.notes]
    rows = [
        (
            one.phase,
            one.other,
            one.value.quantity,
            one.value.shown,
            one.value.unit,
            "; ".join(one.value.flags),
        )
        for one in found.measures
    ]
    lines.append(text_table(("phase", "with", "quantity", "value", "unit", "flags"), rows))
    if found.composite is None:
        lines.append(f"\nThere is no composite: {found.no_composite}")
    return "\n".join(lines)


def composite_toml(composite: Composite, name: str) -> str:
    """The composite as a table of a study file; the sample's name is to be put in."""
    mapping = composite.to_mapping()
    sources = mapping.pop("sources", {})
    lines = [
        f"# A composite measured on {name}. In a study file, put the sample's name for SAMPLE.",
        "[samples.SAMPLE.cell.cathode.composite]",
        *(f"{field} = {_toml(value)}" for field, value in mapping.items() if value is not None),
        "",
        "[samples.SAMPLE.cell.cathode.composite.sources]",
        *(f"{field} = {_toml(source)}" for field, source in sources.items()),
    ]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
