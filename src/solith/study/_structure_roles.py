"""What the phases of a volume are in a cell: told by whoever knows, or by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from solith.core.errors import InputError, UnknownNameError

__all__ = ["ROLES", "find_roles"]

ROLES: Mapping[str, tuple[str, ...]] = {
    "active": (
        *("active", "am", "cam", "cathode", "ncm", "nmc", "nca", "lco", "lfp", "lmo", "lnmo"),
        *("lto", "graphite", "silicon"),
    ),
    "electrolyte": (
        *("electrolyte", "se", "sse", "lgps", "lps", "lpsc", "lpscl", "lpsbr", "lpsi", "llzo"),
        *("lzc", "lic", "argyrodite"),
    ),
    "void": ("void", "voids", "pore", "pores", "air", "crack", "cracks"),
    "carbon": ("carbon", "cb", "vgcf", "cnt", "swcnt", "mwcnt", "acetylene"),
}
"""The roles, and the words in a phase's name that tell them."""


def find_roles(phases: Iterable[str], told: Mapping[str, str] | None = None) -> dict[str, str]:
    """The phase that has each role, as far as there is one: ``{"active": "NCM622", ...}``.

    ``told`` goes before what the names say. :class:`InputError` for a role that is unknown, a phase
    that is unknown or has two roles, and for a role that two names tell.
    """
    names = list(phases)
    if told is not None and not isinstance(told, Mapping):
        raise InputError(f"{told!r} is no table, as {{'active': 'NCM622'}}", where="roles")
    roles = dict(told or {})
    for role, phase in roles.items():
        if role not in ROLES:
            raise UnknownNameError.among("role", str(role), ROLES).inside("roles")
        if phase not in names:
            raise UnknownNameError.among("phase", str(phase), names).inside(f"roles.{role}")
        if list(roles.values()).count(phase) > 1:
            raise InputError(f"{phase!r} has two roles", where=f"roles.{role}")
    free = [name for name in names if name not in roles.values()]
    for role, words in ROLES.items():
        if role in roles:
            continue
        found = [name for name in free if _says(name, words)]
        if len(found) > 1:
            raise InputError(
                f"{' and '.join(found)} are both {role} by their names; tell which one is",
                where=f"roles.{role}",
            )
        if found:
            roles[role] = found[0]
            free.remove(found[0])
    return {role: roles[role] for role in ROLES if role in roles}


def _says(name: str, words: tuple[str, ...]) -> bool:
    return any(part in words for part in re.findall(r"[a-z]+", name.lower()))
