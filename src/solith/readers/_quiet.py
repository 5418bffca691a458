"""Libraries that log what they find wrong with a file: not onto the user's screen."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["silenced"]


@contextmanager
def silenced(library: str) -> Iterator[None]:
    """Nothing that the library logs is printed within."""
    log = logging.getLogger(library)
    spread, disabled = log.propagate, logging.NullHandler()
    log.propagate = False
    log.addHandler(disabled)
    try:
        yield
    finally:
        log.removeHandler(disabled)
        log.propagate = spread
