"""Arrays in NumPy's files, without its remark on files of Python 2."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import IO, Any

import numpy as np

__all__ = ["load_numpy"]


def load_numpy(file: Path | IO[bytes], *, mapped: bool = False) -> Any:
    """What :func:`numpy.load` gives, never by pickle; ``mapped`` leaves an array on the disk.

    Headers of Python 2 are read like others: that they take a little longer is no reason to warn.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Reading `\.npy`", UserWarning)
        return np.load(file, mmap_mode="r" if mapped else None, allow_pickle=False)
