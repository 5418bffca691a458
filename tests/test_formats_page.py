"""The page of instruments lists what can be read, and what was not checked on a real file."""

from __future__ import annotations

from pathlib import Path

import pytest

from solith.readers._front import readers

PAGE = (Path(__file__).parents[1] / "docs" / "instruments.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("reader", readers(), ids=lambda reader: reader.__name__)
def test_every_format_is_listed(reader):
    assert f"| {reader.FORMAT} |" in PAGE


@pytest.mark.parametrize(
    "reader",
    [reader for reader in readers() if hasattr(reader, "UNVERIFIED")],
    ids=lambda reader: reader.__name__,
)
def test_what_was_not_checked_is_told(reader):
    unverified = PAGE.split("## Read as described", 1)[1].split("##", 1)[0]
    assert reader.UNVERIFIED.split()[0].removesuffix("'s") in unverified
