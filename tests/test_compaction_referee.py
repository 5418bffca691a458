"""The referee of dense contacts: finite elements of one pressed sphere."""

from __future__ import annotations

import numpy as np
import pytest
from validation._pressed_spheres import CELLS, Cell, _octant, _volumes, press_sphere


def test_bricks_fill_an_eighth_of_the_sphere() -> None:
    nodes, bricks = _octant(6)
    volumes = _volumes(nodes, bricks)
    assert volumes.min() > 0
    assert volumes.sum() == pytest.approx(np.pi / 6, rel=0.01)
    assert len(np.unique(np.round(nodes, 9), axis=0)) == len(nodes)


@pytest.mark.parametrize("name", CELLS)
def test_planes_bear_what_stresses_inside_add_up_to(name: str) -> None:
    pressed = press_sphere(CELLS[name], 0.9, elements=3, steps=3000, samples=10)
    late = slice(4, None)
    np.testing.assert_allclose(pressed.stress[late, 2], pressed.inside[late, 2], rtol=0.05)
    if "die" not in name:
        np.testing.assert_allclose(pressed.stress[late, 0], pressed.stress[late, 2], rtol=0.02)
    assert np.all(np.diff(pressed.stress[late, 2]) > 0)


def test_a_sphere_barely_pressed_is_elastic() -> None:
    """So stiff a solid yields late: with a tiny modulus the pressure is in proportion to it."""
    cell: Cell = CELLS["simple cubic"]
    one, twice = (
        press_sphere(cell, 0.6, elements=3, stiffness=part, steps=2000, samples=4)
        for part in (0.5, 1.0)
    )
    np.testing.assert_allclose(twice.stress[2:, 0], 2 * one.stress[2:, 0], rtol=0.02)
