"""Studies from files, and those that come with solith."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from solith.core.errors import InputError, UnknownNameError
from solith.study._description import Study
from solith.study._file import read_toml

__all__ = ["load_packaged_study", "load_study", "packaged_studies", "starter_text"]

_STARTER = "starter"


def load_study(path: Path | str, *, full: bool = False) -> Study:
    """The study in a TOML file, or one that comes with solith by its name.

    With ``full``, inputs of its table ``full`` replace those of tasks: more realisations, finer
    meshes, longer runs. It is checked throughout. Raises one :class:`InputError` that names the
    file, the field, the value and what is expected.
    """
    path = Path(path)
    is_name = not (path.suffix or path.exists() or len(path.parts) > 1)
    if is_name:
        return load_packaged_study(str(path), full=full)
    mapping = read_toml(path)
    try:
        return Study.from_mapping(_sized(mapping, full=full), folder=path.parent)
    except InputError as error:
        raise error.inside(file=str(path)) from None


def load_packaged_study(name: str, *, full: bool = False) -> Study:
    """A study that comes with solith; ``full`` is that of :func:`load_study`."""
    if name not in packaged_studies():
        raise UnknownNameError.among("study", name, packaged_studies())
    mapping = tomllib.loads(_text(name))
    try:
        return Study.from_mapping(_sized(mapping, full=full))
    except InputError as error:
        raise error.inside(file=f"{name}.toml") from None


def _sized(mapping: Mapping[str, Any], *, full: bool) -> dict[str, Any]:
    """The study as it usually runs, or in full: inputs by kind of task, put into its tasks."""
    plain = {key: value for key, value in mapping.items() if key != "full"}
    inputs = mapping.get("full", {})
    tasks = mapping.get("tasks", [])
    kinds = {task.get("do") for task in tasks if isinstance(task, Mapping)}
    if not isinstance(inputs, Mapping):
        raise InputError(f"{inputs!r} is no table of inputs by kind of task", where="full")
    for kind, given in inputs.items():
        if kind not in kinds:
            raise UnknownNameError.among(
                "kind of this study's tasks", kind, map(str, kinds)
            ).inside("full")
        if not isinstance(given, Mapping):
            raise InputError(f"{given!r} is no table of inputs", where=f"full.{kind}")
    if not full:
        return plain
    if not inputs:
        raise InputError("the study says nothing of what it does in full", where="full")
    plain["tasks"] = [
        {**task, "inputs": {**task.get("inputs", {}), **inputs.get(task.get("do"), {})}}
        for task in tasks
    ]
    return plain


def packaged_studies() -> dict[str, str]:
    """The studies that come with solith: name to title."""
    folder = resources.files("solith.study") / "library"
    names = sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".toml"))
    return {
        name: str(tomllib.loads(_text(name)).get("title", name))
        for name in names
        if name != _STARTER
    }


def starter_text(name: str = _STARTER, *, like: str = _STARTER) -> str:
    """A study of the given name to start from, as the text of its file.

    The commented one, or a copy of the one that comes with solith and is called ``like``. Raises
    :class:`UnknownNameError` where there is none.
    """
    if like != _STARTER and like not in packaged_studies():
        raise UnknownNameError.among("study", like, packaged_studies())
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-.") or _STARTER
    text = _text(like).replace(f"./{_STARTER}-results", f"./{plain}-results")
    return text.replace(f'name = "{like}"', f'name = "{plain}"', 1)


def _text(name: str) -> str:
    file = resources.files("solith.study") / "library" / f"{name}.toml"
    return file.read_text(encoding="utf-8")
