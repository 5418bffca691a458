"""The register of kinds of task."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from solith.core.errors import InputError, UnknownNameError
from solith.core.record import Record
from solith.core.result import Result

__all__ = ["KINDS", "TaskKind", "find_kind", "task_kind"]

Inputs = Mapping[str, Any]
Outputs = Literal["record", "result"]
F = TypeVar("F", bound=Callable[..., Record | Result])

_GIVEN_BY_ENGINE = ("progress", "sample", "folder", "output")


@dataclass(frozen=True)
class TaskKind:
    """One kind of task: a function, what it gives, and how its inputs are checked.

    ``keeps`` is the ending of a file that lies beside the output, or "". ``module`` and ``source``
    say where the function was registered, so that another
    process can register it too.
    """

    name: str
    function: Callable[..., Record | Result]
    gives: Outputs
    check: Callable[[Inputs], None] | None
    depends_on: Callable[[Inputs], Any] | None
    uses: Callable[[Inputs], Iterable[str]] | None
    module: str
    source: str
    keeps: str = ""

    @property
    def input_names(self) -> tuple[str, ...]:
        """The inputs that a study gives."""
        parameters = inspect.signature(self.function).parameters
        return tuple(name for name in parameters if name not in _GIVEN_BY_ENGINE)

    def takes(self, name: str) -> bool:
        """Whether the function has a parameter of this name."""
        return name in inspect.signature(self.function).parameters

    def check_inputs(self, inputs: Inputs) -> None:
        """Refuse inputs that the function does not know, lacks, or cannot use."""
        parameters = inspect.signature(self.function).parameters
        for name in inputs:
            if name not in parameters:
                raise UnknownNameError.among("input", name, self.input_names)
        for name in self.input_names:
            if name not in inputs and parameters[name].default is inspect.Parameter.empty:
                raise InputError(f"is missing; {self.name!r} needs it", where=name)
        if self.check is not None:
            self.check(inputs)


KINDS: dict[str, TaskKind] = {}
"""All registered kinds by name."""


def task_kind(
    name: str,
    *,
    gives: Outputs = "result",
    check: Callable[[Inputs], None] | None = None,
    depends_on: Callable[[Inputs], Any] | None = None,
    uses: Callable[[Inputs], Iterable[str]] | None = None,
    keeps: str = "",
) -> Callable[[F], F]:
    """Decorator that offers a function to studies as a kind of task.

    The function takes its inputs by name and returns a :class:`Record` (``gives =
    "record"``) or a :class:`Result`. Where it has a parameter ``sample`` it is given the
    sample's name, ``cell`` the sample's cell as plain data, ``folder`` the folder of the
    study file, ``progress`` a :class:`Progress`, ``output`` the path of the task's output.
    ``check`` looks at the inputs when a study is read (an input that is another task's output is an
    ``Output`` there).
    ``depends_on`` returns plain data that the output depends on beyond its inputs, such
    as the hash of a file; ``uses`` the other kinds of task that it calls. A kind whose result is
    too large for one ``keeps`` a file of this ending beside it; tasks that take the result find the
    path of the file under ``details["volume"]``, and without the file it is made again.

        @task_kind("double")
        def double(*, number: float) -> Result:
            return Result("double", (Value("twice", 2 * number),))
    """

    def register(function: F) -> F:
        code = inspect.unwrap(function).__code__
        KINDS[name] = TaskKind(
            name,
            function,
            gives,
            check,
            depends_on,
            uses,
            function.__module__,
            code.co_filename,
            keeps,
        )
        return function

    return register


def find_kind(name: str) -> TaskKind:
    """The registered kind of this name."""
    if name not in KINDS:
        raise UnknownNameError.among("kind of task", name, KINDS)
    return KINDS[name]
