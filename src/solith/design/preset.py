"""Designs from publications: stacks, what was assumed of them, ranges."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from solith.core.errors import UnknownNameError
from solith.design.exchange import exchange_electrolyte
from solith.design.ranges import Range
from solith.design.stack import Stack

__all__ = ["Preset", "find_preset", "preset_names"]


@dataclass(frozen=True)
class Preset:
    """Stacks of one publication by name; ``reference`` names the one that others are held to."""

    name: str
    title: str
    source: str
    reference: str
    assumptions: tuple[str, ...]
    stacks: Mapping[str, Stack]
    ranges: tuple[Range, ...]

    def stack(self, name: str) -> Stack:
        """The stack of this name; :class:`UnknownNameError` lists them."""
        if name not in self.stacks:
            raise UnknownNameError.among(f"stack of {self.name}", name, self.stacks)
        return self.stacks[name]

    @property
    def reference_stack(self) -> Stack:
        """The stack that others are compared with."""
        return self.stacks[self.reference]


def preset_names() -> tuple[str, ...]:
    """The presets on offer."""
    folder = resources.files("solith.design") / "presets"
    names = (item.name for item in folder.iterdir() if item.name.endswith(".toml"))
    return tuple(sorted(name.removesuffix(".toml") for name in names))


@lru_cache(maxsize=4)
def find_preset(name: str) -> Preset:
    """The preset called ``name``, such as "wu-2016"; :class:`UnknownNameError` lists them."""
    if name not in preset_names():
        raise UnknownNameError.among("preset", name, preset_names())
    file = resources.files("solith.design") / "presets" / f"{name}.toml"
    written = tomllib.loads(file.read_text(encoding="utf-8"))
    stacks = {key: Stack.from_mapping(value) for key, value in written["stacks"].items()}
    for entry in written.get("exchanged", ()):
        stacks[entry["name"]] = exchange_electrolyte(
            stacks[entry["of"]],
            entry["name"],
            density=entry["density"],
            conductivity=entry["conductivity"],
        )
    for entry in written.get("changed", ()):
        stack = stacks[entry["of"]]
        for path, value in entry["values"].items():
            stack = stack.with_value(path, value)
        stacks[entry["name"]] = stack
    return Preset(
        name,
        written["title"],
        written["source"],
        written["reference"],
        tuple(written["assumptions"]),
        stacks,
        tuple(Range.from_mapping(entry) for entry in written["ranges"]),
    )
