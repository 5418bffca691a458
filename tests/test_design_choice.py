"""Many stacks at once: samples, sweeps, sensitivities and the Pareto set."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solith.core.errors import InputError, UnknownNameError
from solith.design import (
    Range,
    compute_energy,
    find_break_even,
    find_pareto_set,
    find_preset,
    find_sensitivities,
    sample_energy,
    sweep_energy,
)

WU = find_preset("wu-2016")
LLZO = WU.stack("LLZO")
SOLIDS = {name: WU.stack(name) for name in ("LLZO", "LATP", "LGPS")}
WIDE = (
    *WU.ranges,
    Range("cathode.active.mass_fraction", 0.6, 0.85, "assumed"),
    Range("cathode.capacity", "180 mAh/g", "200 mAh/g", "assumed"),
    Range("separator.conductivity", "0.1 mS/cm", "10 mS/cm", "assumed", "log-uniform"),
)


def test_every_sample_is_the_stack_with_its_numbers() -> None:
    drawn = sample_energy(SOLIDS, WIDE, samples=60, seed=3)
    assert len(drawn) == 60
    for number in range(0, 60, 7):
        stack = SOLIDS[str(drawn.stack[number])]
        for path, numbers in drawn.inputs.items():
            stack = stack.with_value(path, float(numbers[number]))
        found = compute_energy(stack)
        for name in ("gravimetric", "volumetric", "areal_capacity", "thickness", "areal_mass"):
            assert drawn.outputs[name][number] == pytest.approx(found[name].value, rel=1e-12)
        resistance = found["separator_resistance"].value
        assert resistance is not None
        assert drawn.outputs["separator_resistance"][number] == pytest.approx(resistance)
        capacity = found["areal_capacity"].value
        assert capacity is not None
        drop = drawn.outputs["separator_drop_at_1c"][number]
        assert drop == pytest.approx(capacity * resistance)


def test_every_sample_has_its_break_even() -> None:
    reference = WU.stack("liquid")
    drawn = sample_energy(LLZO, WU.ranges, samples=40, seed=2, reference=reference)
    missed = 0
    for number in range(40):
        stack = LLZO
        for path, numbers in drawn.inputs.items():
            stack = stack.with_value(path, float(numbers[number]))
        for by in ("gravimetric", "volumetric"):
            found = find_break_even(stack, reference, by).value
            own = drawn.outputs[f"break_even_{by}"][number]
            if found is None:
                missed += 1
                assert np.isnan(own)
            else:
                assert own == pytest.approx(found, rel=1e-12)
    dense = sample_energy(
        LLZO,
        [Range("cathode.loading", "1 mg/cm2", "20 mg/cm2", "assumed")],
        samples=50,
        reference=reference,
    ).result["break_even_gravimetric"]
    assert dense.flags[0].startswith("not reached in ")
    assert missed < 20


def test_the_same_seed_gives_the_same_samples() -> None:
    first, again, other = (sample_energy(LLZO, WU.ranges, samples=50, seed=s) for s in (1, 1, 2))
    assert np.array_equal(first.outputs["gravimetric"], again.outputs["gravimetric"])
    assert not np.array_equal(first.outputs["gravimetric"], other.outputs["gravimetric"])


def test_samples_fill_their_ranges() -> None:
    drawn = sample_energy(LLZO, WIDE, samples=500)
    for one in WIDE:
        low, high = one.bounds(LLZO)
        numbers = drawn.inputs[one.path]
        middle = np.sqrt(low * high) if one.shape == "log-uniform" else 0.5 * (low + high)
        assert low <= numbers.min() < numbers.max() <= high
        assert np.median(numbers) == pytest.approx(middle, rel=0.01)
        assert drawn.sources[one.path] == one.source
    result = drawn.result
    assert result["gravimetric, 5 %"].value < result["gravimetric"].value  # type: ignore[operator]
    assert all(value.method == f"at open circuit; {LLZO.convention}" for value in result)
    assert "gravimetric, LATP" in sample_energy(SOLIDS, WU.ranges, samples=30).result


def test_sensitivities_of_a_product_and_of_what_has_no_part() -> None:
    """Areal energy is capacity x loading x voltage: Sobol's indices of a product are known."""
    ranges = [
        Range("cathode.loading", "10 mg/cm2", "30 mg/cm2", "assumed"),
        Range("voltage", "3 V", "4 V", "assumed"),
        Range("separator.thickness", "5 um", "50 um", "assumed"),
    ]
    found = find_sensitivities(LLZO, ranges, "areal_energy", samples=4096, seed=5)
    relative = [(20 / np.sqrt(12) / 20) ** 2, (1 / np.sqrt(12) / 3.5) ** 2]
    whole = (1 + relative[0]) * (1 + relative[1]) - 1
    for path, own, other in (
        ("cathode.loading", *relative),
        ("voltage", *reversed(relative)),
    ):
        assert found[f"first {path}"].value == pytest.approx(own / whole, abs=0.01)
        assert found[f"total {path}"].value == pytest.approx(own * (1 + other) / whole, abs=0.01)
    assert found["total separator.thickness"].value == pytest.approx(0, abs=1e-12)
    assert found.details["sources"]["voltage"] == "assumed"


def test_one_range_alone_has_all_of_the_variance() -> None:
    only = [Range("cathode.loading", "10 mg/cm2", "30 mg/cm2", "assumed")]
    found = find_sensitivities(LLZO, only)
    assert [value.quantity for value in found] == ["first cathode.loading", "total cathode.loading"]
    assert found["first cathode.loading"].value == pytest.approx(1, abs=0.02)
    assert found["total cathode.loading"].value == pytest.approx(1, abs=0.02)


def test_a_range_written_as_data_has_units() -> None:
    written = {"path": "separator.thickness", "low": 1e-5, "high": "30 um", "source": "assumed"}
    with pytest.raises(InputError, match=r"separator.thickness: '1e-05' has no unit"):
        sample_energy(LLZO, [Range.from_mapping(written)])
    pores = Range.from_mapping({**written, "path": "cathode.porosity", "low": 0, "high": 0.2})
    assert pores.bounds(LLZO) == (0.0, 0.2)


def test_a_sweep_ends_where_it_should() -> None:
    swept = sweep_energy(LLZO, "separator.thickness", "10 um", "30 um", points=3)
    assert swept.outputs["separator_thickness"].tolist() == pytest.approx([10, 20, 30])
    assert swept.outputs["gravimetric"][1] == pytest.approx(compute_energy(LLZO).gravimetric.value)


points = st.lists(st.tuples(*[st.integers(0, 5)] * 3), min_size=1, max_size=30)


@given(points)
def test_the_pareto_set_against_all_pairs(given_points: list[tuple[int, int, int]]) -> None:
    columns = np.array(given_points, float).T

    def beats(one: int, two: int) -> bool:
        better = columns[:, one] - columns[:, two]
        better[2] *= -1
        return bool((better >= 0).all() and (better > 0).any())

    count = len(given_points)
    expected = [
        index for index in range(count) if not any(beats(other, index) for other in range(count))
    ]
    assert find_pareto_set(columns[:2], columns[2:]).tolist() == expected


def test_the_set_of_thin_and_thick() -> None:
    drawn = sample_energy(SOLIDS, WU.ranges, samples=300, seed=1)
    best = drawn.pareto_set(maximise=["gravimetric", "separator_thickness"])
    assert 3 < len(best) < 60
    thickness = drawn.outputs["separator_thickness"][best]
    energy = drawn.outputs["gravimetric"][best]
    order = np.argsort(thickness)
    assert all(a > b for a, b in itertools.pairwise(energy[order]))
    assert find_pareto_set([[1.0, np.nan, 0.5]]).tolist() == [0]


def test_a_thousand_samples_are_quick() -> None:
    begin = time.perf_counter()
    drawn = sample_energy(SOLIDS, WU.ranges, samples=1000)
    drawn.pareto_set(maximise=["gravimetric", "volumetric", "separator_thickness"])
    assert time.perf_counter() - begin < 10


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: sample_energy(LLZO, []), "ranges: give at least one solith.design.Range"),
        (lambda: sample_energy({}, WU.ranges), "stacks: give at least one stack"),
        (lambda: sample_energy(LLZO, WU.ranges, samples=1), "samples: 1 is no number of samples"),
        (lambda: sample_energy(LLZO, [*WU.ranges, WU.ranges[0]]), "thickness is given twice"),
        (
            lambda: sample_energy(LLZO, [Range("cathode.porosity", 0.2, 1.0, "assumed")]),
            "porosity: 1 leaves no room for solids",
        ),
        (
            lambda: sample_energy(LLZO, [Range("separator.thickness", "9 um", "1 um", "assumed")]),
            "separator.thickness: '9 um' must be below '1 um'",
        ),
        (
            lambda: sample_energy(
                LLZO, [Range("separator.thickness", 0, "1 um", "assumed", "log-uniform")]
            ),
            "separator.thickness: 0.0 has no logarithm; choose 'uniform'",
        ),
        (
            lambda: sample_energy(LLZO, [Range("separator.width", 0, 1, "assumed")]),
            "separator.width: unknown quantity 'width'",
        ),
        (lambda: Range("voltage", 3, 4, ""), "source: is empty; give a DOI"),
        (lambda: Range("voltage", True, 4, "assumed"), "low: True is not a quantity"),
        (
            lambda: find_sensitivities(LLZO, WU.ranges, samples=1000),
            "samples: 1000 is no power of 2",
        ),
        (
            lambda: find_sensitivities(WU.stack("liquid"), WU.ranges[:1], "separator_resistance"),
            "separator.conductivity: is missing; separator_resistance needs it",
        ),
        (
            lambda: find_sensitivities(LLZO, WU.ranges, "break_even_gravimetric"),
            "reference: is missing; break_even_gravimetric needs it",
        ),
        (find_pareto_set, "give at least one objective to maximise or to minimise"),
        (lambda: find_pareto_set([[1, 2]], [[1]]), "the objectives must be lists of one number"),
    ],
)
def test_what_cannot_be_sampled_is_refused(make: Callable[[], Any], told: str) -> None:
    with pytest.raises(InputError) as error:
        make()
    assert told in str(error.value)


def test_unknown_outputs_are_named() -> None:
    drawn = sample_energy(LLZO, WU.ranges, samples=10)
    with pytest.raises(UnknownNameError, match="unknown output or input 'energy'"):
        drawn.pareto_set(maximise=["energy"])
    with pytest.raises(UnknownNameError, match="unknown output 'cost'"):
        find_sensitivities(LLZO, WU.ranges, "cost")
