"""Windows of the current density."""

from __future__ import annotations

import numpy as np
import pytest

from solith.core.errors import InputError
from solith.core.volume import Volume
from solith.transport import measure_hot_spots, solve_conduction


def plate(shape: tuple[int, int, int]) -> Volume:
    """Half of it conducts, along z."""
    labels = np.zeros(shape, np.uint8)
    labels[: shape[0] // 2] = 1
    return Volume(labels, ["void", "electrolyte"], "1 um")


def test_windows_over_half_a_conductor() -> None:
    conduction = solve_conduction(plate((24, 24, 24)), {"void": 0, "electrolyte": 1})
    found = measure_hot_spots(conduction, "4.2 um")
    assert found["current_density_highest_window"].value == pytest.approx(2, rel=1e-3)
    assert found["current_density_p95"].value == pytest.approx(2, rel=1e-3)
    assert found.details["sides"] == pytest.approx([4e-6] * 3)
    assert found["current_density_p50"].method == (
        "mean over boxes of 4e-06 x 4e-06 x 4e-06 m over that of the volume, along z"
    )
    assert found["current_density_p50"].flags == ()


def test_a_window_larger_than_a_side_is_flagged() -> None:
    conduction = solve_conduction(plate((24, 6, 24)), {"void": 0, "electrolyte": 1})
    found = measure_hot_spots(conduction, "10 um")
    assert found.details["sides"] == pytest.approx([10e-6, 6e-6, 10e-6])
    for one in found:
        assert "boxes of 1e-05 x 6e-06 x 1e-05 m" in one.method
        assert one.flags == ("the volume is less than the window along y",)
    with pytest.raises(InputError, match="is not between one voxel"):
        measure_hot_spots(conduction, "13 um")


def test_only_conductions_have_hot_spots() -> None:
    with pytest.raises(InputError, match="conduction: expected what solve_conduction returns, not"):
        measure_hot_spots(plate((4, 4, 4)), "1 um")  # type: ignore[arg-type]
