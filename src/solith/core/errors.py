"""The errors that solith raises.

Every one of them is a :class:`SolithError`: a user's mistake or a calculation
that did not succeed, told in one message that says what, where and what to do.
The command line prints the message and exits with 2; it never shows a traceback
for one of these.
"""

from __future__ import annotations

import re
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
    def among(
        cls, what: str, name: str, choices: Iterable[str], *, also: Iterable[str] = ()
    ) -> UnknownNameError:
        """The error for ``name``, which is none of the ``choices`` of ``what``.

        ``also`` are further spellings that are taken, told only where one of them is near.
        """
        return cls(unknown_name_message(what, name, choices, also=also))


class ConvergenceError(SolithError):
    """A calculation that did not converge or ended early; says where and why."""


class StorageError(SolithError):
    """A file that cannot be read or written."""


class InterruptedRunError(SolithError):
    """Work that was stopped on request; what was finished is kept."""


_ALIKE = 0.6
_MOST_HINTS = 3


def unknown_name_message(
    what: str, name: str, choices: Iterable[str], *, also: Iterable[str] = ()
) -> str:
    """``unknown WHAT 'NAME'``, the nearest choices if there are any, and all choices.

    Near is as :func:`near_names` finds it.
    """
    offered = sorted(choices)
    if not offered:
        return f"unknown {what} {name!r}: there is none of any name"
    named = " or ".join(repr(choice) for choice in near_names(name, [*offered, *also]))
    hint = f"; did you mean {named}?" if named else "."
    return f"unknown {what} {name!r}{hint} Choose from: {', '.join(offered)}"


def near_names(name: str, choices: Iterable[str]) -> list[str]:
    """The choice that is spelled most like ``name``, or else up to three with it as a word.

    Words end at spaces, hyphens and underscores; upper and lower case are the same.
    """
    wanted = str(name).casefold()
    offered = {choice.casefold(): choice for choice in sorted(choices)}
    near = get_close_matches(wanted, offered, n=1, cutoff=_ALIKE)
    near = near or [choice for choice in offered if wanted in re.split(r"[\s_-]", choice)]
    return [offered[choice] for choice in near] if len(near) <= _MOST_HINTS else []
