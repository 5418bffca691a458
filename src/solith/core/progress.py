"""Progress that is handed down, and through which work can be interrupted.

Rooms below ``app`` never print. They are given a :class:`Progress`, report to it, and
stop with :class:`InterruptedRunError` at the next report once it has been cancelled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

from solith.core.errors import InterruptedRunError

__all__ = ["SILENT", "Progress"]

Listener = Callable[[float, str], None]


@dataclass(frozen=True)
class Progress:
    """Hears how far work has come.

    ``listener(fraction, message)`` is called with a fraction from 0 to 1. A part of the
    work gets a part of the scale with :meth:`part`.
    """

    listener: Listener | None = None
    start: float = 0.0
    stop: float = 1.0
    _cancelled: Event = field(default_factory=Event, repr=False)

    def report(self, fraction: float, message: str = "") -> None:
        """Tell that ``fraction`` of this work is done; raises if it was cancelled."""
        if self._cancelled.is_set():
            raise InterruptedRunError(f"interrupted: {message}" if message else "interrupted")
        if self.listener is not None:
            bounded = min(max(fraction, 0.0), 1.0)
            self.listener(self.start + bounded * (self.stop - self.start), message)

    def part(self, start: float, stop: float) -> Progress:
        """A progress whose 0 to 1 is ``start`` to ``stop`` of this one."""
        span = self.stop - self.start
        return Progress(
            self.listener, self.start + start * span, self.start + stop * span, self._cancelled
        )

    def cancel(self) -> None:
        """Stop the work at its next report."""
        self._cancelled.set()


SILENT = Progress()
"""A progress that nobody listens to; do not cancel it."""
