"""Study files: TOML, read whole, with one clear error for whatever is wrong."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from solith.core.errors import InputError

__all__ = ["read_toml"]


def read_toml(path: Path, what: str = "study") -> dict[str, Any]:
    """The tables of a TOML file that describes a ``what``.

    Raises :class:`InputError` for what is missing, a folder, empty, not text or not TOML.
    """
    file = str(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"there is no such file; expected a {what} in TOML", file=file) from None
    except IsADirectoryError:
        raise InputError(f"is a folder; expected a {what} file in TOML", file=file) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot be read ({reason})", file=file) from None
    if not content.strip():
        hint = "`solith new FILE` writes a study to start from"
        told = hint if what == "study" else f"expected a {what} in TOML"
        raise InputError(f"the file is empty; {told}", file=file)
    if b"\x00" in content:
        raise InputError(f"is a binary file; expected a {what} in TOML (text)", file=file)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(
            f"line {line} is not UTF-8 text; save the {what} as UTF-8", file=file
        ) from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is not valid TOML: {error}", file=file) from None
    except RecursionError:
        raise InputError(f"is nested too deeply to be a {what}", file=file) from None
