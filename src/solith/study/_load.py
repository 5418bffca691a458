"""Studies from files, and those that come with solith."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

from solith.core.errors import InputError, UnknownNameError
from solith.study._description import Study
from solith.study._file import read_toml

__all__ = ["load_packaged_study", "load_study", "packaged_studies", "starter_text"]

_STARTER = "starter"


def load_study(path: Path | str) -> Study:
    """The study in a TOML file, or one that comes with solith by its name.

    It is checked throughout. Raises one :class:`InputError` that names the file, the field,
    the value and what is expected.
    """
    if str(path) in packaged_studies() and not Path(path).exists():
        return load_packaged_study(str(path))
    path = Path(path)
    mapping = read_toml(path)
    try:
        return Study.from_mapping(mapping, folder=path.parent)
    except InputError as error:
        raise error.inside(file=str(path)) from None


def load_packaged_study(name: str) -> Study:
    """A study that comes with solith."""
    if name not in packaged_studies():
        raise UnknownNameError.among("study", name, packaged_studies())
    mapping = tomllib.loads(_text(name))
    try:
        return Study.from_mapping(mapping)
    except InputError as error:
        raise error.inside(file=f"{name}.toml") from None


def packaged_studies() -> dict[str, str]:
    """The studies that come with solith: name to title."""
    folder = resources.files("solith.study") / "library"
    names = sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".toml"))
    return {
        name: str(tomllib.loads(_text(name)).get("title", name))
        for name in names
        if name != _STARTER
    }


def starter_text() -> str:
    """A commented study to start from, as the text of its file."""
    return _text(_STARTER)


def _text(name: str) -> str:
    file = resources.files("solith.study") / "library" / f"{name}.toml"
    return file.read_text(encoding="utf-8")
