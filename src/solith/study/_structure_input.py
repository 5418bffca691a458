"""What a volume's file holds: phases by name, or grey values that are still to be segmented."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from solith.core.errors import InputError
from solith.core.volume import GreyVolume, Volume, labels_present

__all__ = ["name_phases", "split_phases"]

_MOST_PHASES = 16
_LOOKED_AT = 200_000


def split_phases(text: str) -> list[str] | dict[str, int]:
    """The phases in "void, electrolyte, active" or "void=0, active=2"."""
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        raise InputError(f"{text!r} has an empty name", where="phases")
    if not any("=" in part for part in parts):
        return parts
    named: dict[str, int] = {}
    for part in parts:
        name, equals, label = (piece.strip() for piece in part.partition("="))
        if name in named:
            raise InputError(f"{name!r} is named twice", where="phases")
        try:
            named[name] = int(label)
        except ValueError:
            equals = ""
        if not equals or not name:
            raise InputError(f"{part!r} is not NAME=LABEL, as 'active=2'", where="phases")
    return named


def name_phases(
    found: Volume | GreyVolume, phases: Mapping[str, int] | Sequence[str] | str | None
) -> tuple[Volume | GreyVolume, list[str] | None]:
    """The volume of labels with its phases; or the grey one, and its phases dark to bright.

    Whole numbers of at most sixteen kinds, and no more than there are names, are labels: names
    stand for 0, 1, 2, ... where these reach, or else for the labels in their order. One text is
    taken apart by :func:`split_phases`. :class:`InputError` for grey values without names, and for
    what is no volume.
    """
    if not isinstance(found, (Volume, GreyVolume)):
        raise InputError(
            f"{type(found).__name__} is no volume; Volume(labels, phases, voxel_size) or "
            "GreyVolume(values, voxel_size) makes one",
            where="volume",
        )
    if isinstance(phases, str):
        phases = split_phases(phases)
    if phases is not None and not isinstance(phases, (Mapping, Sequence)):
        raise InputError(f"phases are a list of names or a table, not {phases!r}", where="phases")
    if isinstance(found, Volume):
        return _renamed(found, phases), None
    present = _labels(found)
    if isinstance(phases, Mapping):
        return Volume(_as_labels(found), phases, found.voxel_size), None
    if phases is None:
        if present is None:
            raise InputError(
                "the volume is grey: name its phases, dark to bright, as 'void, electrolyte, "
                "active'",
                where="phases",
            )
        return Volume(found.values, None, found.voxel_size), None
    if present is not None and len(present) > len(phases) and _counted(present):
        raise InputError(
            f"{len(phases)} names do not fit the {len(present)} labels "
            f"{', '.join(map(str, present))}; name all, or give them as NAME=LABEL",
            where="phases",
        )
    if present is None or len(present) > len(phases):
        return found, list(phases)
    return Volume(found.values, _numbered(phases, present), found.voxel_size), None


def _renamed(volume: Volume, phases: Mapping[str, int] | Sequence[str] | None) -> Volume:
    if phases is None:
        return volume
    if not isinstance(phases, Mapping):
        phases = _numbered(phases, sorted(volume.phases.values()))
    return Volume(volume.labels, phases, volume.voxel_size)


def _numbered(names: Sequence[str], present: list[int]) -> dict[str, int]:
    listed = list(names)
    if len(set(listed)) < len(listed):
        raise InputError(f"two of the phases {', '.join(listed)} are alike", where="phases")
    if min(present) >= 0 and max(present) < len(listed):
        return {name: label for label, name in enumerate(listed)}
    if len(present) == 1 and len(listed) > 1:
        raise InputError(
            f"every voxel has the value {present[0]}: there is nothing to tell apart",
            where="phases",
        )
    if len(present) != len(listed):
        raise InputError(
            f"{len(listed)} names do not fit the {len(present)} labels "
            f"{', '.join(map(str, present))}; give them as NAME=LABEL",
            where="phases",
        )
    return dict(zip(listed, present, strict=True))


def _counted(present: list[int]) -> bool:
    """Whether values look like labels and not like grey values: 0, 1, 2, ..."""
    return present == list(range(len(present)))


def _labels(grey: GreyVolume) -> list[int] | None:
    """The labels, if these are labels: whole numbers of few kinds."""
    if not np.issubdtype(grey.values.dtype, np.integer):
        return None
    step = tuple(max(1, round(n / _LOOKED_AT ** (1 / 3))) for n in grey.shape)
    few = np.unique(grey.values[:: step[0], :: step[1], :: step[2]])
    if few.size > _MOST_PHASES:
        return None
    present = labels_present(grey.values)
    return present if len(present) <= _MOST_PHASES else None


def _as_labels(grey: GreyVolume) -> Any:
    if np.issubdtype(grey.values.dtype, np.integer):
        return grey.values
    raise InputError(
        f"phases have labels (NAME=LABEL), but the volume holds {grey.values.dtype} grey values; "
        "give names only, dark to bright",
        where="phases",
    )
