"""The answer of a study: words with the numbers of its comparison."""

from __future__ import annotations

import pytest

from solith.core.errors import InputError
from solith.study import Study, load_packaged_study
from solith.study.answer import check_answer, fill_answer
from solith.study.comparison import Row


def row(sample: str, computed: float | None) -> Row:
    return Row("s", sample, "capacity", computed, 152.0, "mAh/g", "predicted", None, "", ())


def test_numbers_of_the_comparison_are_put_in() -> None:
    rows = [row("450", 1415.2), row("350", None)]
    said = fill_answer(
        ["It has {450:capacity}, published {450:capacity:published}; {350:capacity}."], rows
    )
    assert said == ["It has 1420 mAh/g, published 152 mAh/g; (not computed)."]


def test_a_place_that_nothing_fills_is_refused() -> None:
    check_answer(["{450:capacity}"], [("450", "capacity")])
    with pytest.raises(InputError, match=r"answer\.2: '\{450:energy\}' is no row of the compar"):
        check_answer(["fine", "{450:energy}"], [("450", "capacity")])


@pytest.mark.parametrize(
    "name",
    [
        "ceramic-flux",
        "coated-cathode",
        "filament",
        "interface-architectures",
        "interphase",
        "solid-energy",
        "thin-film",
    ],
)
def test_packaged_studies_are_read_and_go_through_plain_data(name: str) -> None:
    study = load_packaged_study(name)
    assert Study.from_mapping(study.to_mapping()) == study
