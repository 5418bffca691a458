"""Options of ``solith analyse`` that none of the records can use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from solith.analysis import CYCLING_TECHNIQUES
from solith.app._analyse_asked import IMAGE_TECHNIQUES
from solith.app.analyse import AnalysedFile

__all__ = ["idle_options"]

_CURVE = "current-voltage curve"
_CYCLED = "record of time, voltage and current"
_ABSORBED = "spectrum of X-ray absorption"
_EMITTED = "photoelectron spectrum"
_IMAGE = "map or image"
_PATTERN = "diffraction pattern"
_HEAT = "heat flow"
_USED_BY = {
    _CURVE: ("current-voltage",),
    _CYCLED: ("cycling", "voltammogram"),
    _ABSORBED: ("xanes",),
    _EMITTED: ("xps",),
    _IMAGE: ("map",),
    _PATTERN: ("xrd",),
    _HEAT: ("dsc",),
}
"""Kinds and techniques of records, by what they are called."""

_FOR = {
    **dict.fromkeys(("--read-voltage", "--compliance"), _CURVE),
    **dict.fromkeys(("--shift", "--reference", "--along", "--smoothing"), _ABSORBED),
    **dict.fromkeys(("--pre-edge", "--post-edge"), _ABSORBED),
    **dict.fromkeys(("--region", "--background", "--charge-reference", "--mix"), _EMITTED),
    **dict.fromkeys(("--channel", "--phases", "--particle", "--pixel-size"), _IMAGE),
    **dict.fromkeys(("--wavelength", "--instrument-width", "--cif"), _PATTERN),
    **dict.fromkeys(("--heating-rate", "--exothermic"), _HEAT),
}
_FOR_TECHNIQUE = {
    **dict.fromkeys(CYCLING_TECHNIQUES, _CYCLED),
    **dict.fromkeys(IMAGE_TECHNIQUES, _IMAGE),
    "xanes": _ABSORBED,
    "xps": _EMITTED,
    "xrd": _PATTERN,
    "dsc": _HEAT,
    "tg": "thermogram",
}


def idle_options(
    files: Sequence[AnalysedFile], given: Mapping[str, object], technique: str | None
) -> Iterator[str]:
    """A sentence for what is ``given`` on the command line and no record could use."""
    found = {one.record.kind for file in files for one in file.records}
    found |= {
        str(one.record.data.attrs.get("technique", "")) for file in files for one in file.records
    }
    idle: dict[str, list[str]] = {}
    for option, value in given.items():
        if value and not found & set(_USED_BY[_FOR[option]]):
            idle.setdefault(_FOR[option], []).append(option)
    if technique is not None:
        what = _FOR_TECHNIQUE[technique]
        if not found & set(_USED_BY.get(what, (technique,))):
            idle.setdefault(what, []).append(f"--technique {technique}")
    for what, options in idle.items():
        yield f"{' and '.join(options)}: there is no {what} to use it for"
