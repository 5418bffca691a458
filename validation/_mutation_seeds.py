"""What mutated inputs start from: files made by hand, and short cuts of real ones if there."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

from tests.reader_seeds import made_seeds, zipped
from tests.real_files import DATA

from solith.readers._front import readers

__all__ = ["FORMATS", "seeds"]

FORMATS = tuple(sorted(reader.__name__.rpartition(".")[2] for reader in readers()))  # type: ignore[attr-defined]

_NUMERIC = re.compile(rb"\s*[-+]?\d")
_FIRST, _LAST = 5, 2
_TEXT = 8000
_BINARY = 18_000


def seeds() -> dict[str, tuple[bytes, ...]]:
    """By reader's name; exits where a reader has none."""
    found = {name: list(made) for name, made in made_seeds().items()}
    lacking = [name for name in FORMATS if not found.get(name)]
    if lacking:
        raise SystemExit(f"no seed for {', '.join(lacking)}: add one to tests/reader_seeds.py")
    for content in _cuts():
        name = next((r for r in readers() if r.recognises(content[:4096])), None)
        if name is not None:
            found[name.__name__.rpartition(".")[2]].append(content)  # type: ignore[attr-defined]
    return {name: tuple(found[name]) for name in FORMATS}


def _cuts() -> Iterator[bytes]:
    kinds = ("eis", "cycler", "xas", "xps", "xrd")
    whole = (".vms",)  # these count their rows, so that no shorter one can be cut from them
    found = (path for kind in kinds for path in DATA.glob(f"{kind}/*"))
    for path in sorted(path for path in found if path.suffix not in whole):
        content = path.read_bytes()
        if content.startswith(b"PK"):
            yield _thin_archive(content)
        elif b"\0" in content[:4096]:
            if len(content) < 30_000 or content.startswith(b"NEWARE"):
                yield content[:_BINARY]
        else:
            yield _thinned(content)


def _thinned(content: bytes) -> bytes:
    """A text with a few rows of each table."""
    kept: list[bytes] = []
    run: list[bytes] = []
    for line in [*content[:60_000].split(b"\n"), b"end"]:
        if _NUMERIC.match(line):
            run.append(line)
            continue
        kept += run if len(run) <= _FIRST + _LAST else run[:_FIRST] + run[-_LAST:]
        run = []
        kept.append(line)
    text = b"\n".join(kept[:-1])
    return text if len(text) <= _TEXT else text[: text.rindex(b"\n", 0, _TEXT) + 1]


def _thin_archive(content: bytes) -> bytes:
    """A Neware archive with the first records of its tables."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return zipped(
            {
                name: archive.read(name)[: 2 * 4096 if name.endswith(".ndc") else None]
                for name in archive.namelist()
            }
        )
