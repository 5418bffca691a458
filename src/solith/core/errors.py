"""The errors that solith raises.

Every one of them is a :class:`SolithError`: a user's mistake or a calculation
that did not succeed, told in one message that says what, where and what to do.
The command line prints the message and exits with 2; it never shows a traceback
for one of these.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = [
    "ConvergenceError",
    "InputError",
    "InterruptedRunError",
    "SolithError",
    "StorageError",
    "UnitError",
    "UnknownNameError",
]


class SolithError(Exception):
    """Base of all errors of solith; its text is meant for the user."""


class InputError(SolithError, ValueError):
    """A value that cannot be used: names the field, the value and what is expected.

    ``where`` is the path of the field inside a description (for example
    ``"samples.450.cathode.coating.thickness"``), ``file`` the file it stands in.
    Both can be added on the way up with :meth:`inside`.
    """

    def __init__(self, problem: str, *, where: str = "", file: str = "") -> None:
        self.problem = problem
        self.where = where
        self.file = file
        super().__init__(problem)

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.where, self.problem) if part)

    def inside(self, where: str = "", *, file: str = "") -> InputError:
        """The same error, seen from one level further out."""
        path = ".".join(part for part in (where, self.where) if part)
        return type(self)(self.problem, where=path, file=file or self.file)


class UnitError(InputError):
    """A quantity whose unit is missing, unknown or of the wrong dimension."""


class UnknownNameError(InputError):
    """A name that is not on offer; the message lists the choices."""

    @classmethod
    def among(cls, what: str, name: str, choices: Iterable[str]) -> UnknownNameError:
        """The error for ``name``, which is none of the ``choices`` of ``what``."""
        return cls(unknown_name_message(what, name, choices))


class ConvergenceError(SolithError):
    """A calculation that did not converge or ended early; says where and why."""


class StorageError(SolithError):
    """A file that cannot be read or written."""


class InterruptedRunError(SolithError):
    """Work that was stopped on request; what was finished is kept."""


_MOST_HINTS = 3


def unknown_name_message(what: str, name: str, choices: Iterable[str]) -> str:
    """``unknown WHAT 'NAME'``, the nearest choices if there are any, and all choices.

    Near is a choice that is spelled alike, or else up to three that have the name as a word.
    """
    offered = sorted(choices)
    near = get_close_matches(str(name), offered, n=1, cutoff=0.6)
    near = near or [choice for choice in offered if str(name) in choice.split("_")]
    named = " or ".join(repr(choice) for choice in near)
    hint = f"; did you mean {named}?" if 0 < len(near) <= _MOST_HINTS else "."
    return f"unknown {what} {name!r}{hint} Choose from: {', '.join(offered)}"
