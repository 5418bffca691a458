"""Pressed particles that swell and shrink."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest

from solith.compaction import POWDERS, Mixture, Powder, PressedState, breathe, press
from solith.core.errors import ConvergenceError, InputError, UnknownNameError

HARD = Powder("glass", "10 um", "2.5 g/cm3", "1 GPa", friction=0.0, phase="active")


@cache
def composite() -> PressedState:
    return press("NMC:LGPS=1:1", ["20 MPa"], particles=400, seed=2)[0]


@cache
def hard() -> PressedState:
    return press(Mixture((HARD,), (1.0,)), ["2 MPa"], particles=300, balance=1e-3)[0]


def active_volume(state: PressedState) -> float:
    return float(np.sum(state.radii[state.kinds == 0] ** 3))


def test_only_the_active_particles_change_their_volume() -> None:
    state = composite()
    shrunk, back = breathe(state, [-0.02, 0.0], hold="gap")
    assert active_volume(shrunk) == pytest.approx(0.98 * active_volume(state), rel=1e-12)
    assert active_volume(back) == pytest.approx(active_volume(state), rel=1e-12)
    soft = state.kinds == 1
    np.testing.assert_array_equal(shrunk.radii[soft], state.radii[soft])
    assert shrunk.size == state.size


def test_at_a_constant_gap_pressure_falls_and_does_not_wholly_come_back() -> None:
    state = composite()
    shrunk, back = breathe(state, [-0.02, 0.0], hold="gap")
    assert shrunk.pressure < 0.5 * state.pressure
    assert shrunk.pressure < back.pressure < state.pressure


def test_at_constant_pressure_the_body_follows() -> None:
    state = composite()
    shrunk, back = breathe(state, ["-2 %", 0])
    assert shrunk.pressure == back.pressure == state.pressure
    assert shrunk.thickness < state.thickness
    assert back.porosity < state.porosity  # breathing kneads it
    assert shrunk.contacts.area("NMC", "LGPS") > 0


def test_elastic_particles_come_back_to_their_pressure() -> None:
    """Without friction and flow nothing is lost but what particles rearrange."""
    state = hard()
    swollen, back = breathe(state, ["1 %", 0.0], hold="gap", balance=1e-3)
    assert swollen.pressure > 1.1 * state.pressure
    assert back.pressure == pytest.approx(state.pressure, rel=5e-3)


def test_swelling_in_a_fixed_box_is_pressing_the_box() -> None:
    """Lengths count in proportion alone, so porosity and pressure go together either way."""
    glass = Mixture((HARD,), (1.0,))
    free = press(glass, ["2 MPa"], particles=300, mode="isostatic", balance=1e-3)[0]
    swollen = breathe(free, [0.01], hold="gap", balance=1e-3)[0]
    pressures = [free.pressure, swollen.pressure]
    pressed = press(glass, pressures, particles=300, mode="isostatic", balance=1e-3)[1]
    assert swollen.pressure > 1.2 * free.pressure
    assert free.porosity - swollen.porosity == pytest.approx(
        free.porosity - pressed.porosity, rel=0.05
    )


def test_the_state_breathes_again_the_same() -> None:
    state = composite()
    one = breathe(state, [-0.01], hold="gap")[0]
    other = breathe(state, [-0.01], hold="gap")[0]
    np.testing.assert_array_equal(one.positions, other.positions)
    assert one.pressure == other.pressure


def test_particles_that_let_go_of_the_platens_exert_nothing() -> None:
    gone = breathe(hard(), [-0.15], hold="gap")[0]
    assert gone.pressure == pytest.approx(0, abs=1e3)


def test_a_stiff_skeleton_that_lets_go_comes_to_rest() -> None:
    state = press("NMC:LGPS=7:3", ["6 MPa"], seed=0, particles=300)[0]
    gone = breathe(state, [-0.1], hold="gap")[0]
    assert abs(gone.pressure) < 1e-3 * state.pressure


def test_a_stiff_skeleton_that_lets_go_comes_to_rest_and_bears_again() -> None:
    state = press("NMC:LGPS=7:3", ["6 MPa"], particles=800)[0]
    gone, back = breathe(state, [-0.1, 0.0], hold="gap")
    assert abs(gone.pressure) < 1e-4 * state.pressure
    assert 0.2 * state.pressure < back.pressure < state.pressure


@pytest.mark.parametrize(
    ("strains", "told"),
    [
        ([], "strains: no strain is given; give at least one"),
        (None, "None is not a quantity; expected a pure number"),
        ([0.5], "strains: a strain of 0.5 of the volume is beyond 0.2"),
        (["1 um"], "'1 um' has the unit 'um', of the wrong dimension"),
    ],
)
def test_strains_that_cannot_be(strains: Any, told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        breathe(composite(), strains)


def test_what_cannot_breathe_is_told() -> None:
    with pytest.raises(UnknownNameError, match="unknown hold 'volume'"):
        breathe(composite(), [0.01], hold="volume")
    with pytest.raises(InputError, match="phase: the mixture has no powder of the phase carbon"):
        breathe(composite(), [0.01], phase="carbon")
    with pytest.raises(UnknownNameError, match="unknown phase 'binder'"):
        breathe(composite(), [0.01], phase="binder")
    with pytest.raises(InputError, match=r"state: expected a PressedState, .* not str"):
        breathe("state", [0.01])  # type: ignore[arg-type]
    with pytest.raises(InputError, match="most_steps: 0 is no whole number from 1"):
        breathe(composite(), [-0.02], hold="gap", most_steps=0)
    with pytest.raises(InputError, match="balance: -1 must lie between"):
        breathe(composite(), [-0.02], balance=-1)
    with pytest.raises(ConvergenceError, match="did not come to rest in 20 steps"):
        breathe(composite(), [-0.02], hold="gap", most_steps=20)


def test_swelling_that_leaves_no_voids_is_told() -> None:
    layer = press(Mixture((POWDERS["LGPS"],), (1.0,)), ["100 MPa"], particles=100)[0]
    told = r"strains: a strain of \+0\.2 of the volume leaves no voids"
    with pytest.raises(InputError, match=told):
        breathe(layer, [0.2], hold="gap", phase="electrolyte")


def test_a_body_that_has_let_go_has_no_pressure_to_hold() -> None:
    gone = breathe(hard(), [-0.15], hold="gap")[0]
    with pytest.raises(InputError, match=r"hold: the state exerts .* hold the \"gap\""):
        breathe(gone, [0.0])


def test_a_soft_layer_has_nothing_to_breathe() -> None:
    layer = press(Mixture((POWDERS["LGPS"],), (1.0,)), ["20 MPa"], particles=100)[0]
    with pytest.raises(InputError, match="no powder of the phase active"):
        breathe(layer, [0.01])
