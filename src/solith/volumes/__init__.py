"""Files of volumes, in and out: one module per format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solith.core.lazy import fetch_from

if TYPE_CHECKING:
    from solith.volumes.fields import write_fields
    from solith.volumes.reading import read_volume
    from solith.volumes.surfaces import write_surface
    from solith.volumes.writing import write_volume

__all__ = ["read_volume", "write_fields", "write_surface", "write_volume"]

_HOMES = {
    "read_volume": "solith.volumes.reading",
    "write_fields": "solith.volumes.fields",
    "write_surface": "solith.volumes.surfaces",
    "write_volume": "solith.volumes.writing",
}

__getattr__ = fetch_from(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
