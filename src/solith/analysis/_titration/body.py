"""Volume and areas of the active material of a titration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from solith.analysis._options import AREAS, areas_of, chosen, fact, positive
from solith.core.errors import InputError
from solith.core.quantities import in_unit

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["Body"]


@dataclass(frozen=True)
class Body:
    """Volume of active material [m3], the record's areas [m2], and the one to report."""

    volume: float | None
    areas: dict[str, float]
    chosen: str
    chosen_area: float | None
    missing: str

    @classmethod
    def of(cls, record: Record, area: Any, volume: Any, molar_volume: Any, molar_mass: Any) -> Body:
        areas = areas_of(record)
        body, missing = _volume(record, volume, molar_volume, molar_mass)
        if area is None:
            name = next((name for name in ("active", "geometric") if name in areas), "")
            found = areas.get(name)
        elif isinstance(area, str) and area.isidentifier():
            name = chosen("area", area, AREAS)
            if name not in areas:
                raise InputError(
                    f"the record has no {name}_area_m2; give the area as a number with its unit",
                    where="area",
                )
            found = areas[name]
        else:
            name, found = "given", positive(area, "m2", "area")
        if found is None and not missing:
            missing = "no area known: give one, or the record's active_area_m2"
        return cls(body, areas, name, found, missing)

    def length(self, radius: float) -> float:
        """V / S of the active particles [m], R / 3 where it is not known."""
        if self.volume is None or "active" not in self.areas:
            return radius / 3
        return self.volume / self.areas["active"]

    def diffusivity(self, diffusion_time: float | None, area: float | None) -> float | None:
        """(V / S)^2 / diffusion time, in cm2/s."""
        if diffusion_time is None or area is None or self.volume is None:
            return None
        return in_unit((self.volume / area) ** 2 / diffusion_time, "m2/s", "cm2/s")


def _volume(
    record: Record, volume: Any, molar_volume: Any, molar_mass: Any
) -> tuple[float | None, str]:
    """The volume [m3], or why it is not known."""
    if (molar_volume is None) != (molar_mass is None):
        raise InputError("molar_volume and molar_mass belong together; give both or neither")
    if volume is not None and molar_volume is not None:
        raise InputError("give either volume, or molar_volume and molar_mass", where="volume")
    if volume is not None:
        return positive(volume, "m3", "volume"), ""
    if molar_volume is not None:
        mass = fact(record, "active_mass_kg")
        if mass is None:
            raise InputError(
                "the record has no active_mass_kg, which molar_volume and molar_mass turn into "
                "a volume; give it, or volume instead",
                where="molar_volume",
            )
        per_mole = positive(molar_volume, "m3/mol", "molar_volume")
        return mass * per_mole / positive(molar_mass, "kg/mol", "molar_mass"), ""
    known = fact(record, "active_volume_m3")
    if known is not None:
        return known, ""
    return None, (
        "volume of active material not known: give volume, molar_volume and molar_mass, or the "
        "record's active_volume_m3"
    )
