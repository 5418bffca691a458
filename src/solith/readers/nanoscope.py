"""Nanoscope images of Veeco's and Bruker's microscopes, version 4.3 and later.

A header of text, lists of ``\\name: value``, says where the whole numbers of each image lie. A
value is number x hard value / 256^bytes x sensitivity. The hard scale in parentheses is that of
the recording and is not used: images are scaled anew to the full range when they are saved
(Nanoscope Command Reference Manual B.6.3, as told in nanoprobenetwork.org's open_di; the steps
between the numbers of the real file's second image bear it out). The first line of an image is its
lowest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from solith.core.errors import StorageError
from solith.readers._maps import Channel, in_si, map_records, require_pixels

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["FORMAT", "read", "recognises"]

FORMAT = "Nanoscope images (Bruker, Veeco)"

_STARTS = (b"\\*File list", b"?*File list", b"\\*EC File list")
_END = b"\x1a"
_MOST_HEADER = 4 << 20
_IMAGE = "ciao image list"
_CIAO = re.compile(
    r"(?P<type>[VCS])\s*(?:\[(?P<soft>[^\]]*)\])?\s*(?:\((?P<hard>[^)]*)\))?\s*(?P<value>.*)", re.S
)
_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*?)\s*$", re.S)
_KINDS = {2: "<i2", 4: "<i4"}

Section = dict[str, str]


def recognises(head: bytes) -> bool:
    """Whether a file begins with the list that all Nanoscope headers begin with."""
    return head.startswith(_STARTS)


def read(path: Path) -> list[Record]:
    """The images of a file as maps: all channels of one size are one record.

    Raises :class:`StorageError` for a file that is damaged, breaks off, holds no image (force
    curves are not read) or is older than version 4.3.
    """
    content = _content(path)
    sections = list(_sections(content))
    images = [section for name, section in sections if name == _IMAGE]
    if not images:
        held = ", ".join(dict.fromkeys(name for name, _ in sections if "list" in name)) or "nothing"
        raise StorageError(
            f"{path}: holds no image of Nanoscope version 4.3 or later (it has: {held:.200}); "
            "force curves and older images are not read, export them from the instrument's software"
        )
    facts = {key: value for _, section in sections for key, value in section.items()}
    heads = [_Image(path, section) for section in images]
    titles = [head.title for head in heads]
    channels = []
    for head in heads:
        twice = titles.count(head.title) > 1 and head.direction
        named = f"{head.title} {head.direction}" if twice else head.title
        channels.append(_channel(head, named, content, facts))
    version = facts.get("version", "")
    return map_records(
        path,
        channels,
        instrument=" ".join(filter(None, ("Nanoscope", facts.get("microscope", ""), version))),
    )


@dataclass(frozen=True)
class _Image:
    """What the header says of one image."""

    path: Path
    section: Section

    @property
    def title(self) -> str:
        given = _CIAO.match(self._ending("image data"))
        if given is None:
            return ""
        return given["value"].strip().strip('"') or (given["soft"] or "")

    @property
    def direction(self) -> str:
        return self.section.get("line direction", "")

    def whole(self, key: str) -> int:
        text = self.section.get(key, "")
        if not text.isdecimal() or len(text) > 12:
            raise StorageError(f"{self.path}: says {text[:40]!r} where an image's {key} should be")
        return int(text)

    @property
    def scale(self) -> tuple[float, str, str]:
        """The hard value, its unit, and the name of the sensitivity."""
        given = _CIAO.match(self._ending("z scale"))
        number = _NUMBER.match(given["value"]) if given else None
        if given is None or number is None:
            raise StorageError(
                f"{self.path}: the scale of the image {self.title!r} (Z scale) cannot be read"
            )
        return float(number[1]), number[2], given["soft"] or ""

    @property
    def offset(self) -> str:
        given = _CIAO.match(self._ending("z offset"))
        number = _NUMBER.match(given["value"]) if given else None
        return f"{number[1]} {number[2]}" if number and float(number[1]) != 0 else ""

    def _ending(self, name: str) -> str:
        """The value of "@2:name", whatever the group's number."""
        found = (value for key, value in self.section.items() if re.fullmatch(f"@.:{name}", key))
        return next(found, "")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path}: cannot be read ({error.strerror})") from None


def _sections(content: bytes) -> Iterator[tuple[str, Section]]:
    """The lists of the header, each with its name, keys in lower case."""
    text = content[:_MOST_HEADER].split(_END, 1)[0].decode("latin-1")
    name, section = "", Section()
    for line in text.splitlines():
        line = line.strip().lstrip("\\?")
        if line.startswith("*"):
            if name:
                yield name, section
            name, section = line[1:].strip().lower(), {}
            if name == "file list end":
                return
        elif ":" in line:
            group = re.match(r"@\d:", line)
            start = group.end() if group else 0
            key, _, value = line[start:].partition(":")
            section.setdefault((line[:start] + key).lower().strip(), value.strip())
    if name:
        yield name, section


def _channel(head: _Image, named: str, content: bytes, facts: Section) -> Channel:
    path = head.path
    columns, rows = head.whole("samps/line"), head.whole("number of lines")
    require_pixels(path, rows, columns)
    start, length = head.whole("data offset"), head.whole("data length")
    size = length // (rows * columns)
    if size not in _KINDS or length != size * rows * columns:
        raise StorageError(
            f"{path}: the image {head.title!r} has {length} bytes for {columns} x {rows} pixels; "
            "expected 2 or 4 each"
        )
    if start + length > len(content):
        held = max(len(content) - start, 0)
        raise StorageError(
            f"{path}: breaks off: the image {head.title!r} has {held} of {length} bytes"
        )
    raw = np.frombuffer(content, _KINDS[size], rows * columns, start).reshape(rows, columns)
    factor, unit, notes = _scale(head, facts, size)
    if head.offset:
        notes.append(f"the header's Z offset of {head.title}, {head.offset}, is not added")
    # The first line is the lowest of the image.
    values = factor * raw[::-1].astype(float)
    if not np.isfinite(values).all():
        raise StorageError(f"{path}: the scale of the image {head.title!r} is beyond all numbers")
    return Channel(named, values, unit, _pixel_size(head, rows, columns), tuple(notes))


def _scale(head: _Image, facts: Section, size: int) -> tuple[float, str, list[str]]:
    """The factor from a stored number to SI, the unit, and what is to be told of it."""
    value, hard_unit, soft = head.scale
    notes = []
    told = head.section.get("bytes/pixel", "")
    if told and told != str(size):
        notes.append(f"the header says {told} bytes for a pixel of {head.title}; there are {size}")
    factor, unit = in_si(hard_unit)
    factor *= value / 256.0**size
    sensitivity = _CIAO.match(facts.get(f"@{soft.lower()}", "")) if soft else None
    number = _NUMBER.match(sensitivity["value"]) if sensitivity else None
    if number is None:
        if soft:
            notes.append(f"the header has no {soft!r}: {head.title} is in {unit or 'its own unit'}")
        return factor, unit, notes
    factor *= float(number[1])
    above, _, below = number[2].partition("/")
    if not above:  # a sensitivity without a unit, as "V 1.000000"
        return factor, unit, notes
    prefix, base = in_si(above)
    divisor, _ = in_si(below or hard_unit)
    notes.append(f"{head.title}: {number[1]} {number[2]} ({soft})")
    return factor * prefix / divisor, base, notes


def _pixel_size(head: _Image, rows: int, columns: int) -> tuple[float, float]:
    """Width and height of a pixel [m], from "2 2 ~m" or "2000 nm" of a whole image."""
    text = head.section.get("scan size", "")
    words = text.split()
    try:
        lengths = [float(word) for word in words[:-1]]
    except ValueError:
        lengths = []
    factor, unit = in_si(words[-1]) if words else (0.0, "")
    if unit != "m" or len(lengths) not in (1, 2) or not all(0 < n < 1e12 for n in lengths):
        raise StorageError(f"{head.path}: the scan size of an image, {text[:40]!r}, is no length")
    # One length alone is that of the longer side; pixels are square.
    if len(lengths) == 1:
        return (factor * lengths[0] / max(rows, columns),) * 2
    return factor * lengths[0] / columns, factor * lengths[1] / rows
