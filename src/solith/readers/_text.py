"""Text files of any encoding, line ending and decimal sign."""

from __future__ import annotations

import codecs
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import StorageError

__all__ = ["decoded", "numbers", "read_lines"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decoded(content: bytes) -> str:
    """The text in ``content``, with "\\n" as the only line ending.

    By its byte order mark; else UTF-16 where every other byte is zero, UTF-8 where it is
    valid (a character cut off at the end is dropped), Windows-1252 otherwise. It never
    fails: bytes that mean nothing, and zeros, become U+FFFD.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _plain(content.decode(encoding, errors="replace"))
    if content[1:64:2].count(0) > 24 or content[:64:2].count(0) > 24:
        order = "utf-16-le" if content[1:64:2].count(0) > 24 else "utf-16-be"
        return _plain(content.decode(order, errors="replace"))
    try:
        return _plain(codecs.getincrementaldecoder("utf-8")().decode(content))
    except UnicodeDecodeError:
        return _plain(content.decode("cp1252", errors="replace"))


def read_lines(path: Path) -> list[str]:
    """The lines of a text file, without their ends."""
    try:
        return decoded(path.read_bytes()).split("\n")
    except OSError as error:
        raise StorageError(f"{path}: cannot be read ({error.strerror})") from None


def numbers(fields: list[str], decimal: str = ".") -> NDArray[np.float64] | None:
    """The fields as numbers (an empty one is NaN), or ``None`` if one is something else."""
    if decimal == ",":
        fields = [field.replace(",", ".") for field in fields]
    try:
        return np.array([field if field.strip() else "nan" for field in fields], dtype=float)
    except ValueError:
        return None


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
