"""What ``solith press`` presses: named powders, or those that a file describes."""

from __future__ import annotations

from pathlib import Path

from solith.compaction import POWDERS, Mixture, Powder, parse_mixture
from solith.core.errors import InputError, UnknownNameError
from solith.study._file import read_toml

__all__ = ["read_mixture"]

_FIELDS = ("powders", "shares", "basis")


def read_mixture(file: Path | None, mix: str | None, basis: str | None) -> Mixture:
    """The mixture of a command line.

    ``file`` describes ``powders`` in TOML and may give their ``shares`` and the ``basis`` of
    these. ``mix`` ("NMC:LGPS=1:1") names powders of the file, or those that solith knows; a
    ``basis`` that is given goes before that of the file.
    """
    if file is None and mix is None:
        raise InputError("give a mixture: --mix 'NMC:LGPS:C=1:1:0.1', or a file of powders")
    if file is None:
        return parse_mixture(mix or "", basis=basis or "mass")
    written = read_toml(file, "mixture")
    try:
        for name in written:
            if name not in _FIELDS:
                raise UnknownNameError.among("field", name, _FIELDS)
        if basis is not None:
            written["basis"] = basis
        if mix is None:
            if "shares" not in written:
                raise InputError("has no shares; write shares = [...] or give --mix")
            return Mixture.from_mapping(written)
        powders = _powders(written.get("powders", []))
    except InputError as error:
        raise error.inside(file=str(file)) from None
    return parse_mixture(mix, {**POWDERS, **powders}, basis=written.get("basis", "mass"))


def _powders(tables: object) -> dict[str, Powder]:
    if not isinstance(tables, list):
        raise InputError("is not a list of tables; write [[powders]] before each", where="powders")
    read = {}
    for place, table in enumerate(tables, start=1):
        try:
            powder = Powder.from_mapping(table)
        except InputError as error:
            raise error.inside(f"powders.{place}") from None
        read[powder.name] = powder
    return read
