"""Powders pressed: porosity, unloading, contacts, voxels, and what cannot be pressed."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from solith.compaction import POWDERS, Mixture, Powder, PressedState, parse_mixture, press
from solith.compaction._start import loose_powder
from solith.core.errors import ConvergenceError, InputError, InterruptedRunError, UnknownNameError
from solith.core.progress import Progress

LAYER = Mixture((POWDERS["LGPS"],), (1.0,))
HARD = Powder("glass", "10 um", "2.5 g/cm3", "1 GPa", friction=0.0, phase="active")


@cache
def layer() -> list[PressedState]:
    return press(LAYER, ["25 MPa", "100 MPa", "10 MPa"], particles=400)


@cache
def composite() -> PressedState:
    return press("NMC:LGPS:C=1:1:0.1", ["50 MPa"], particles=900, seed=3)[0]


def test_the_mixture_is_read_by_mass() -> None:
    mixture = parse_mixture("nmc : LGPS:C = 1:1:0.1")
    shares = mixture.volume_shares
    volumes = np.array([1 / 4.7, 1 / 2.0, 0.1 / 0.8])
    np.testing.assert_allclose(list(shares.values()), volumes / volumes.sum())
    assert list(shares) == ["NMC", "LGPS", "C"]
    assert Mixture.from_mapping(mixture.to_mapping()) == mixture
    assert mixture.density == pytest.approx(2.1e3 / volumes.sum())
    assert [powder.hardness for powder in mixture.powders] == ["hard", "soft", "soft"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("NMC:LGPS", "'NMC:LGPS' is not a mixture; write names and shares"),
        ("NMC:LGPS=1", "2 powders have 1 shares; give each one"),
        ("NMC:LGPS=1:x", "'1:x' are not numbers with ':' between"),
        ("NMC:LGPS=1:-1", "shares 1, -1 must be above 0"),
        ("NMC:NMC=1:1", "powders have the same name: NMC, NMC"),
        ("NMC:LLZO=1:1", "unknown powder 'LLZO'"),
    ],
)
def test_mixtures_that_cannot_be_read(text: str, told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        parse_mixture(text)


def test_an_empty_mixture_is_told() -> None:
    with pytest.raises(InputError, match=r"powders: the mixture is empty: give at least one"):
        Mixture((), ())


@pytest.mark.parametrize(
    ("pressures", "told"),
    [
        (["-1 MPa"], "pressures: a pressure of -1e+06 Pa is not above 0"),
        (["0 MPa"], "pressures: a pressure of 0 Pa is not above 0"),
        ([], "pressures: no pressure is given; give at least one"),
        ([6, 12], "a pressure of 6 Pa (numbers without a unit are in Pa) is out of reach"),
        (["2 GPa"], "out of reach: beyond 542.5 MPa the solid would lose more than 3%"),
        (["5 um"], "'5 um' has the unit 'um', of the wrong dimension"),
    ],
)
def test_pressures_that_cannot_be_reached(pressures: list[object], told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        press(LAYER, pressures, particles=100)


def test_a_pressure_beyond_density_is_told() -> None:
    soft = Mixture((POWDERS["LGPS"].replace(yield_stress="20 MPa"),), (1.0,))
    with pytest.raises(InputError, match="400 MPa cannot be reached with voids"):
        press(soft, ["400 MPa"], particles=100)


def test_a_mixture_that_cannot_pack_is_told() -> None:
    fine = POWDERS["LGPS"].replace(diameter="1 um")
    mixture = Mixture((POWDERS["NMC"], fine), (1.0, 1.0))
    with pytest.raises(InputError, match=r"cannot be packed: .* \(NMC, 1e-05 m\); take \d+ part"):
        press(mixture, ["6 MPa"], particles=3000)
    with pytest.raises(InputError, match=r"NMC would be 0\.\d+ of 500 particles; take \d+ part"):
        press(mixture, ["6 MPa"], particles=500)
    with pytest.raises(InputError, match="3 is no number of particles"):
        press(mixture, ["6 MPa"], particles=3)
    with pytest.raises(UnknownNameError, match="unknown mode 'wet'"):
        press(mixture, ["6 MPa"], mode="wet")
    with pytest.raises(InputError, match="seed: -1 is no whole number from 0"):
        press(mixture, ["6 MPa"], seed=-1)
    with pytest.raises(InputError, match=r"balance: 0\.5 must lie between 1e-7 and 0\.01"):
        press(mixture, ["6 MPa"], balance=0.5)
    with pytest.raises(InputError, match="most_steps: 0 is no whole number from 1"):
        press(mixture, ["6 MPa"], most_steps=0)
    with pytest.raises(InputError, match="expected a Mixture or a text, not int"):
        press(5, ["6 MPa"])  # type: ignore[arg-type]


def test_pressing_that_does_not_end_is_told() -> None:
    with pytest.raises(ConvergenceError, match="did not come to rest in 100 steps"):
        press(LAYER, ["6 MPa"], particles=100, most_steps=100)


def test_pressing_densifies_and_unloading_springs_back_a_little() -> None:
    low, high, back = layer()
    assert low.porosity > high.porosity + 0.1
    assert 0.001 < back.porosity - high.porosity < 0.06
    assert 0.2 < high.lateral_pressure / high.pressure < 0.9
    assert high.thickness < low.thickness
    assert high.unbalanced < 2e-3


def test_volume_is_that_of_the_powder() -> None:
    state = layer()[1]
    whole = 4 / 3 * np.pi * np.sum(state.radii**3)
    assert state.porosity == pytest.approx(1 - whole / np.prod(state.size))
    assert np.all(state.positions[:, 2] > 0)
    assert np.all(state.positions[:, 2] < state.thickness)


def test_contacts_add_up() -> None:
    state = composite()
    contacts = state.contacts
    names = ["NMC", "LGPS", "C"]
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i:]]
    assert sum(contacts.number(*pair) for pair in pairs) == len(contacts) == contacts.number()
    assert sum(contacts.area(*pair) for pair in pairs) == pytest.approx(contacts.area())
    assert contacts.coordination() == pytest.approx(2 * len(contacts) / len(state.radii))
    each = sum(contacts.coordination("NMC", name) for name in names)
    assert each == pytest.approx(contacts.coordination("NMC"))
    active = contacts.number("NMC", "LGPS") / np.sum(state.kinds == 0)
    assert contacts.coordination("NMC", "LGPS") == pytest.approx(active)
    assert np.linalg.norm(contacts.normals, axis=1) == pytest.approx(1)
    with pytest.raises(UnknownNameError, match="unknown powder 'Li'"):
        contacts.area("Li")
    soft = contacts.area("NMC", "LGPS") + contacts.area("NMC", "C")
    assert contacts.area("NMC", ("LGPS", "C")) == pytest.approx(soft)


def test_contacts_face_the_pressing_direction() -> None:
    assert composite().contacts.anisotropy("NMC", "LGPS") > 1.1
    even = press(LAYER, ["25 MPa"], particles=400, mode="isostatic")[0]
    assert even.contacts.anisotropy() == pytest.approx(1, abs=0.1)
    assert even.lateral_pressure == pytest.approx(even.pressure, rel=0.05)


@pytest.mark.parametrize("voxel", ["0.6 um", "1 um"])
def test_voxels_keep_every_volume(voxel: str) -> None:
    state = composite()
    volume = state.volume(voxel)
    assert volume.phases == {"void": 0, "active": 1, "electrolyte": 2, "carbon": 3}
    shares = np.bincount(volume.labels.ravel(), minlength=4) / volume.labels.size
    for share, name in zip(shares[1:], ("NMC", "LGPS", "C"), strict=True):
        assert share == pytest.approx(state.fractions[name], rel=1e-3)
    assert shares[0] == pytest.approx(state.porosity, abs=5e-3)
    assert volume.size == pytest.approx(state.size)


def test_volumes_that_leave_no_voids_do_not_fit() -> None:
    state = composite()
    pressed = replace(state, size=(*state.size[:2], state.thickness * 0.8))
    with pytest.raises(ConvergenceError, match=r"particles of \d+ voxels do not fit in the \d+"):
        pressed.volume("1 um")


def test_active_particles_are_drawn_as_spheres() -> None:
    state = composite()
    volume = state.volume("0.5 um")
    active = state.kinds == 0
    places = np.argwhere(volume.labels == 1) + 0.5
    steps = places[:, np.newaxis] * volume.voxel_size - state.positions[active]
    steps[..., :2] -= np.array(state.size[:2]) * np.rint(steps[..., :2] / state.size[:2])
    outside = np.min(np.linalg.norm(steps, axis=-1) - state.radii[active], axis=1)
    assert outside.max() < 0.05e-6


def test_voxels_that_show_nothing_are_told() -> None:
    with pytest.raises(InputError, match="voxel_size: voxels of 5e-06 m are wider than the rad"):
        composite().volume("5 um")
    with pytest.raises(InputError, match="voxel_size: '0 um' is no positive length"):
        composite().volume("0 um")
    with pytest.raises(InputError, match="in number; take larger ones"):
        composite().volume("1 nm")


def test_the_seed_decides() -> None:
    first, again, other = (
        press(LAYER, ["12 MPa"], particles=150, seed=seed)[0] for seed in (5, 5, 6)
    )
    np.testing.assert_array_equal(first.positions, again.positions)
    assert first.porosity == again.porosity != other.porosity


def test_progress_is_told_and_can_stop() -> None:
    heard: list[float] = []
    progress = Progress(lambda part, _: heard.append(part))
    press(LAYER, ["6 MPa", "12 MPa"], particles=100, progress=progress)
    assert heard[-1] == 1
    assert np.diff(heard).min() > -0.1
    progress.cancel()
    with pytest.raises(InterruptedRunError):
        press(LAYER, ["6 MPa"], particles=100, progress=progress)


def test_frictionless_spheres_jam_near_random_close_packing() -> None:
    state = press(
        Mixture((HARD,), (1.0,)), ["1 MPa", "0.1 MPa", "0.03 MPa"], particles=500, mode="isostatic"
    )
    dense = [1 - one.porosity for one in state]
    jammed = dense[2] - (dense[1] - dense[2]) * 0.03 ** (2 / 3) / (0.1 ** (2 / 3) - 0.03 ** (2 / 3))
    assert jammed == pytest.approx(0.64, abs=0.01)
    assert 6 < state[2].contacts.coordination() < 6.8


def test_diameters_are_lognormal_by_volume() -> None:
    wide = Mixture((POWDERS["LGPS"].replace(deviation=1.3),), (1.0,))
    assembly, scales = loose_powder(wide, 20_000, 0, isostatic=True)
    diameters = np.sort(2 * assembly.radii * scales.length)
    below = np.cumsum(diameters**3) / np.sum(diameters**3)
    median, high = np.interp([0.5, 0.84], below, diameters)
    assert median == pytest.approx(4e-6, rel=0.02)
    assert high / median == pytest.approx(1.3, rel=0.03)
    assert len(diameters) == pytest.approx(20_000, rel=0.01)


def test_a_yield_stress_near_the_modulus_is_told() -> None:
    with pytest.raises(InputError, match=r"yield_stress: .* is more than a tenth of the modulus"):
        POWDERS["LGPS"].replace(yield_stress="5 GPa")


def test_as_much_as_pellets_are_pressed_with_is_within_reach() -> None:
    """At 500 MPa forces balance, and hard contacts are smaller than hard powder alone may have."""
    firm = Powder("LPSCl", "3 um", "1.86 g/cm3", "22 GPa", yield_stress="150 MPa", cohesion="5 MPa")
    hard = Powder("NCA", "8 um", "4.8 g/cm3", "140 GPa", poisson_ratio=0.25, phase="active")
    mixture = Mixture((hard, firm), (70, 30))
    states = press(mixture, ["100 MPa", "300 MPa", "500 MPa"], particles=400, seed=1)
    porosity = [state.porosity for state in states]
    assert porosity[0] > porosity[1] > porosity[2] > 0.02
    last = states[-1]
    measured = last.assembly.step(np.zeros(3))
    assert measured.stress[2] * last.scales.pressure == pytest.approx(500e6, rel=5e-3)
    assert measured.platen == pytest.approx(measured.stress[2], rel=5e-3)
    assert measured.unbalanced < 2e-3 * measured.force
    (alone,) = press(Mixture((hard,), (1,)), ["2.8 GPa"], particles=400, seed=1)
    assert hard_overlap(last) < 0.5 * hard_overlap(alone)


def hard_overlap(state: PressedState) -> float:
    """Mean overlap of the first powder's particles, over their radius."""
    between = (state.kinds[state.contacts.pairs] == 0).all(axis=1)
    radii = state.radii[state.contacts.pairs[between]]
    effective = radii.prod(axis=1) / radii.sum(axis=1)
    return float(np.mean(state.contacts.areas[between] / (np.pi * effective * radii.min(axis=1))))


def test_a_hard_powder_limits_the_pressure_by_its_contacts() -> None:
    told = "beyond 20 MPa (2% of its modulus) contacts of glass, which is hard, are no longer small"
    with pytest.raises(InputError, match=re.escape(told)):
        press(Mixture((HARD, POWDERS["LGPS"]), (1, 1)), ["30 MPa"], particles=400)


def test_what_has_no_voids_left_says_what_it_had_before() -> None:
    told = "pressing to 500 MPa cannot be reached with voids: the mixture is dense below it (at 100"
    with pytest.raises(InputError, match=re.escape(told)):
        press("LGPS=1", ["100 MPa", "500 MPa"], particles=200)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"diameter": 5}, "diameter: 5 m is no powder's; numbers without a unit are in SI units"),
        ({"density": 4.8}, "density: 4.8 kg/m3 is no powder's"),
        ({"modulus": 140}, "modulus: 140 Pa is no powder's; numbers without a unit are in SI"),
    ],
)
def test_numbers_in_other_units_than_si_are_told(changes: dict[str, float], told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        POWDERS["NMC"].replace(**changes)
