"""Whether a stack and what it is compared with were weighed alike."""

from __future__ import annotations

from typing import Any

from solith.design.stack import Stack

__all__ = ["differences_around"]

_AROUND = ("tabs", "pouch", "fixture")


def differences_around(stack: Stack, reference: Any) -> tuple[str, ...]:
    """Flags of what is weighed around one of the two only: tabs, pouch, pressure fixture.

    None where both have the same kinds of it, or where ``reference`` is no :class:`Stack`, of
    which nothing is known.
    """
    if not isinstance(reference, Stack):
        return ()
    own = [name for name in _AROUND if getattr(stack, name)]
    its = [name for name in _AROUND if getattr(reference, name)]
    if own == its:
        return ()
    return (
        f"not like with like: the stack counts {_told(own)}, its reference {_told(its)} around "
        "the layers",
    )


def _told(names: list[str]) -> str:
    return " and ".join(names) or "nothing"
