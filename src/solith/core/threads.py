"""A loop over rows shared out to threads, its sums always taken in the same order."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

__all__ = ["share_out"]

_PARTS = 8
"""Fixed, so that sums do not depend on the number of threads."""
_WORTH_SHARING = 150_000
"""Cells below which handing out costs more than it brings."""


def share_out(kernel: Callable[..., Any], rows: int, cells: int, *arguments: Any) -> Any:
    """Runs ``kernel(first, last, *arguments)`` for all rows, and adds up what it returns.

    The kernel must let other threads run (numba's ``nogil``), and its rows must not depend on each
    other. Threads wait asleep, so that a machine busy with other work is not slowed down further.
    """
    if cells < _WORTH_SHARING or rows < _PARTS:
        return kernel(0, rows, *arguments)
    bounds = [rows * part // _PARTS for part in range(_PARTS + 1)]
    pool = _pool(os.getpid())
    jobs = [pool.submit(kernel, first, last, *arguments) for first, last in pairwise(bounds)]
    parts = [job.result() for job in jobs]
    return None if parts[0] is None else sum(parts)


@cache
def _pool(process: int) -> ThreadPoolExecutor:
    """One pool a process: a fork inherits its parent's pool, but not the threads in it."""
    if hasattr(os, "sched_getaffinity"):
        return ThreadPoolExecutor(len(os.sched_getaffinity(process)), "solith")
    return ThreadPoolExecutor(os.cpu_count() or 1, "solith")
