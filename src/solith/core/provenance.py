"""Where a record or a result comes from."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from solith.core.errors import InputError, StorageError

__all__ = ["Provenance", "fingerprint_data", "fingerprint_file"]

_ORIGINS = ("measured", "simulated", "calculated")

# The words in which readers tell that numbers of a file are not, or not whole, in its record.
_OF_LOSS = re.compile(
    r"breaks off"
    r"|may be cut short"
    r"|^\d+ rows .*left out"
    r"|no row of the table and (was|were) left out"
    r"|fewer fields than the table"
    r"|(promises|announces?|says that it has) \d+ (points|rows)"
    r"|not numbered without gaps"
    r"|^the clock restarts"
    r"|the measurement itself is missing"
)


@dataclass(frozen=True)
class Provenance:
    """The origin of numbers: measured, simulated, or calculated from other numbers.

    ``parameters`` holds plain data (what JSON can hold): the model's parameters or the
    reader's options. ``file`` is a file's name without its folder, ``sha256`` the hash of
    its bytes. ``conventions`` says what signs mean. ``notes`` are sentences about what was
    done or found in reading: a sign that was turned, a unit that was converted, a file that
    breaks off.
    """

    origin: str
    sample: str = ""
    method: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""
    sha256: str = ""
    instrument: str = ""
    conventions: str = ""
    version: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.origin not in _ORIGINS:
            raise InputError(f"origin {self.origin!r} must be one of {', '.join(_ORIGINS)}")

    @property
    def losses(self) -> tuple[str, ...]:
        """The notes that tell of a loss: a file that breaks off, rows that were left out."""
        return tuple(note for note in self.notes if _OF_LOSS.search(note))

    def to_json(self) -> str:
        """One line of JSON from which :meth:`from_json` makes an equal provenance."""
        return json.dumps(self.__dict__, sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Provenance:
        """The provenance written by :meth:`to_json`."""
        try:
            data = json.loads(text)
            return cls(**{**data, "notes": tuple(data.get("notes", ()))})
        except (ValueError, TypeError, AttributeError) as error:
            raise StorageError(f"a provenance cannot be read: {error}") from None


def fingerprint_file(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def fingerprint_data(data: Any) -> str:
    """SHA-256 of plain data, independent of the order of keys."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()
