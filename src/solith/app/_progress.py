"""Progress for a person: a bar on a terminal, plain lines elsewhere; on standard error."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from solith.core.progress import Progress

__all__ = ["shown_progress"]

_EVENT = re.compile(r": (started|kept|done in .*|failed: .*)$", re.DOTALL)
_EVERY = 5.0  # s between plain lines about the inside of tasks


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """A progress that is shown while the block runs."""
    if sys.stderr.isatty():
        with _bar() as progress:
            yield progress
    else:
        yield Progress(_Lines())


class _Lines:
    def __init__(self) -> None:
        self._last = ""
        self._when = 0.0

    def __call__(self, fraction: float, message: str) -> None:
        now = time.monotonic()
        if not message or message == self._last:
            return
        if _EVENT.search(message) or now - self._when > _EVERY:
            self._last, self._when = message, now
            print(f"{100 * fraction:3.0f} %  {_one_line(message)}", file=sys.stderr, flush=True)


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    columns = (
        BarColumn(bar_width=30),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with RichProgress(*columns, console=Console(stderr=True)) as bar:
        shown = bar.add_task("", total=1.0)

        def listen(fraction: float, message: str) -> None:
            if message:
                bar.update(shown, completed=fraction, description=_one_line(message))
            else:
                bar.update(shown, completed=fraction)

        yield Progress(listen)


def _one_line(message: str) -> str:
    return " ".join(message.split())
