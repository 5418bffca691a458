"""The geometry of a pellet: geometric area and thickness, each with its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from solith.analysis._options import fact, positive
from solith.analysis._rows import title_of
from solith.core.errors import InputError

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["PelletGeometry", "pellet_geometry"]

_LARGEST_AREA = 0.1  # m2
_THICKEST = 0.02  # m
_HIGHEST = 2.0  # times the root of the area
_EXAMPLES = {
    "geometric_area": ("m2", "0.785 cm2"),
    "thickness": ("m", "0.6 mm"),
}
_ATTRIBUTES = {"geometric_area": "geometric_area_m2", "thickness": "thickness_m"}


@dataclass(frozen=True)
class PelletGeometry:
    """``area`` [m2] of the face and ``thickness`` [m], with relative standard uncertainties.

    An uncertainty that was not given is ``None``.
    """

    area: float
    thickness: float
    area_spread: float | None
    thickness_spread: float | None

    @property
    def constant(self) -> float:
        """Thickness over area [1/m]: conductivity times resistance."""
        return self.thickness / self.area

    @property
    def spread(self) -> float:
        """Relative standard uncertainty of thickness over area."""
        return math.hypot(self.area_spread or 0.0, self.thickness_spread or 0.0)

    @property
    def doubts(self) -> tuple[str, ...]:
        """What is hardly the geometry of a pellet."""
        area, thickness = f"{1e4 * self.area:.4g} cm2", f"{1e3 * self.thickness:.4g} mm"
        told = []
        if self.area > _LARGEST_AREA:
            told.append(f"area {area}: was it given in cm2 without its unit?")
        if self.thickness > min(_HIGHEST * math.sqrt(self.area), _THICKEST):
            told.append(
                f"thickness {thickness} beside an area of {area}: check both and their units "
                "(a bare number is in m or m2)"
            )
        return tuple(told)

    @property
    def flags(self) -> tuple[str, ...]:
        """What was not given, and what is doubtful."""
        parts = {"area": self.area_spread, "thickness": self.thickness_spread}
        missing = " and ".join(name for name, spread in parts.items() if spread is None)
        told = (f"without the uncertainty of {missing}, which was not given",) if missing else ()
        return (*told, *self.doubts)


def pellet_geometry(
    record: Record,
    *,
    geometric_area: Any = None,
    thickness: Any = None,
    area_uncertainty: Any = None,
    thickness_uncertainty: Any = None,
) -> PelletGeometry:
    """The geometry given here, or else the record's own facts.

    Uncertainties are in units ("0.01 cm2") or parts ("1 %").
    Raises :class:`InputError` for what is missing, and says how to give it.
    """
    area = _length(record, "geometric_area", geometric_area)
    length = _length(record, "thickness", thickness)
    return PelletGeometry(
        area,
        length,
        _relative(area_uncertainty, "m2", area, "area_uncertainty"),
        _relative(thickness_uncertainty, "m", length, "thickness_uncertainty"),
    )


def _length(record: Record, name: str, given: Any) -> float:
    unit, example = _EXAMPLES[name]
    if given is not None:
        return positive(given, unit, name)
    known = fact(record, _ATTRIBUTES[name])
    if known is None:
        raise InputError(
            f"{title_of(record)}: no {name.replace('_', ' ')} is known; give {name}: "
            f"record.with_facts({name}={example!r})"
        )
    return known


def _relative(given: Any, unit: str, size: float, where: str) -> float | None:
    if given is None:
        return None
    if isinstance(given, str) and given.rstrip().endswith("%"):
        spread = positive(given, "", where)
    else:
        spread = positive(given, unit, where) / size
    if spread >= 1:
        raise InputError(
            f"{given!r} is {spread * size:.4g} {unit}, as large as what it belongs to, "
            f"{size:.4g} {unit}; write it with its unit or as a part, such as '1 %'",
            where=where,
        )
    return spread
