"""Files of real instruments, which lie beside the checkout or where SOLITH_TEST_DATA says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

__all__ = ["DATA", "real_file"]

DATA = Path(os.environ.get("SOLITH_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))


def real_file(name: str) -> Path:
    """The file of this name; a test that needs it is skipped where there is none."""
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"there is no {name} in {DATA}; set SOLITH_TEST_DATA")
    return path
