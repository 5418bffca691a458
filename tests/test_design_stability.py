"""Windows, decompositions and reactions from the hull of formation energies."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solith.core.errors import InputError
from solith.design import (
    Entry,
    EntrySet,
    find_decomposition,
    find_profile,
    find_reaction,
    find_window,
    packaged_entries,
    parse_formula,
    sample_window,
)
from solith.design._hull import Hull
from solith.design._named import find_formula

SCHEME = "test"


def entry(formula: str, energy: float) -> Entry:
    return Entry(formula, energy, "made up", SCHEME)


def entry_set(*rows: tuple[str, float], uncertainty: float = 0.025) -> EntrySet:
    return EntrySet("test", tuple(entry(*row) for row in rows), uncertainty)


LI_S = entry_set(("Li", 0.0), ("S", 0.0), ("Li2S", -1.5))


def total(phases: Mapping[str, float]) -> dict[str, float]:
    held: dict[str, float] = {}
    for formula, amount in phases.items():
        for element, count in parse_formula(formula).items():
            held[element] = held.get(element, 0.0) + amount * count
    return held


# --- closed form -----------------------------------------------------------------------------


def test_a_binary_is_oxidised_at_its_energy_per_lithium():
    window = find_window("Li2S", LI_S)
    assert window.reduction_limit == 0
    assert window.reduced is None
    assert window.oxidation_limit == pytest.approx(1.5 * 3 / 2, abs=1e-12)
    assert window.oxidation_uncertainty == pytest.approx(0.025 * 3 / 2)
    assert window.oxidised.phases == pytest.approx({"S": 1.0})
    assert window.stable.interphase == "stable"


def test_a_ternary_has_the_limits_of_its_reactions():
    entries = entry_set(
        ("Li", 0.0), ("P", 0.0), ("S", 0.0), ("Li2S", -1.34), ("P2S5", -0.17), ("Li3PS4", -0.94)
    )
    window = find_window("Li3PS4", entries)
    # Li3PS4 + 5 Li = P + 4 Li2S and Li3PS4 = 3 Li + 1/2 P2S5 + 3/2 S
    assert window.reduction_limit == pytest.approx((8 * 0.94 - 4 * 3 * 1.34) / -5, abs=1e-12)
    assert window.oxidation_limit == pytest.approx((8 * 0.94 - 0.5 * 7 * 0.17) / 3, abs=1e-12)
    assert window.reduced.uptake == pytest.approx(5)
    assert window.oxidised.uptake == pytest.approx(-3)
    expected = 0.025 * math.hypot(8, 4 * 3) / 5
    assert window.reduction_uncertainty == pytest.approx(expected)


def test_a_tolerated_driving_force_widens_the_window_by_its_slope():
    strict = find_window("Li2S", LI_S)
    wide = find_window("Li2S", LI_S, tolerance=0.1)
    # two of three atoms leave: the energy gained is 2/3 (phi - phi_0) eV per atom
    assert wide.oxidation_limit - strict.oxidation_limit == pytest.approx(0.15, abs=1e-12)


def test_a_phase_without_lithium_is_never_oxidised():
    window = find_window("Al2O3")
    assert window.oxidation_limit == math.inf
    assert 0.5 < window.reduction_limit < 1.2


def test_a_phase_above_the_hull_has_the_window_of_what_it_falls_into():
    entries = LI_S.with_entries(entry("Li4S", -0.2))
    window = find_window("Li4S", entries)
    assert window.energy_above_hull == pytest.approx(1.5 * 3 / 5 - 0.2)
    assert window.stable.phases == pytest.approx({"Li2S": 1.0, "Li": 2.0})
    assert window.reduction_limit == window.oxidation_limit == 0


def test_energy_gained_grows_linearly_beyond_the_limit():
    limit = find_window("Li2S", LI_S).oxidation_limit
    found = find_decomposition("Li2S", limit + 0.3, LI_S)
    assert found.energy == pytest.approx(-0.3 * 2 / 3, abs=1e-12)
    assert found.phases == pytest.approx({"S": 1.0})
    assert find_decomposition("Li2S", f"{limit - 0.1} V", LI_S).energy == 0


def test_varied_energies_spread_the_limit_as_propagation_says():
    samples = sample_window("Li2S", LI_S, samples=300, seed=3)
    window = find_window("Li2S", LI_S)
    assert np.mean(samples.oxidation_limit) == pytest.approx(window.oxidation_limit, abs=0.01)
    assert np.std(samples.oxidation_limit) == pytest.approx(window.oxidation_uncertainty, rel=0.15)
    assert samples.interval()[0] == (0, 0)
    again = sample_window("Li2S", LI_S, samples=300, seed=3)
    assert np.array_equal(samples.oxidation_limit, again.oxidation_limit)


def test_samples_without_uncertainty_are_the_window():
    exact = EntrySet("exact", packaged_entries("sulfides").entries, uncertainty=0.0)
    for formula in ("Li10GeP2S12", "Li6PS5Cl", "Ge"):
        samples, window = sample_window(formula, exact, samples=2), find_window(formula, exact)
        assert samples.reduction_limit == pytest.approx(window.reduction_limit, abs=1e-6)
        assert samples.oxidation_limit == pytest.approx(window.oxidation_limit, abs=1e-6)


# --- what the published sets give ------------------------------------------------------------


def test_lgps_becomes_sulfide_phosphide_and_an_alloy_of_germanium_at_zero():
    found = find_decomposition("Li10GeP2S12", 0.0)
    assert found.phases == pytest.approx({"Li2S": 12, "Li3P": 2, "Li15Ge4": 0.25})
    assert found.interphase == "mixed-conducting"
    assert found.recalled == ("Li15Ge4",)


def test_lgps_conducts_electrons_on_lithium_and_li3ps4_passivates():
    assert find_reaction("Li10GeP2S12", "Li").interphase == "mixed-conducting"
    assert find_reaction("Li3PS4", "Li").interphase == "passivating"
    assert find_reaction("Li7P3S11", "Li").interphase == "passivating"


@pytest.mark.parametrize(
    ("formula", "published"),
    [("Li10GeP2S12", (1.71, 2.14)), ("Li6PS5Cl", (1.71, 2.01)), ("Li7La3Zr2O12", (0.05, 2.91))],
)
def test_windows_of_phases_without_an_entry_are_the_published_ones(formula, published):
    window = find_window(formula)
    assert window.energy_above_hull is None
    assert window.reduction_limit == pytest.approx(published[0], abs=0.05)
    assert window.oxidation_limit == pytest.approx(published[1], abs=0.05)


def test_it_is_told_which_energies_were_fitted():
    window = find_window("Li10GeP2S12")
    assert {"Li3PS4", "Li4GeS4", "Li2S"} <= set(window.fitted)
    assert find_window("Li7La3Zr2O12").fitted == ()
    assert "fitted" in str(window)


@pytest.mark.parametrize(
    ("formula", "reduction", "oxidation"),
    [
        ("Li2S", 0.0, 2.01),
        ("Li3PS4", 1.71, 2.31),
        ("Li4GeS4", 1.62, 2.14),
        ("Li7P3S11", 2.28, 2.31),
        ("LiTi2(PO4)3", 2.17, 4.64),
        ("Li2PO2N", None, 2.63),
    ],
)
def test_fitted_energies_give_back_what_they_were_fitted_to(formula, reduction, oxidation):
    window = find_window(formula)
    assert reduction is None or window.reduction_limit == pytest.approx(reduction, abs=1e-4)
    assert window.oxidation_limit == pytest.approx(oxidation, abs=1e-4)


def test_packaged_sets_are_of_one_scheme_each():
    schemes = {packaged_entries(name).scheme for name in ("sulfides", "enthalpies")}
    assert len(schemes) == 2
    for name in ("sulfides", "enthalpies"):
        for row in packaged_entries(name).entries:
            assert row.source.strip()
            assert row.certainty in ("read", "derived", "recalled")


# --- reactions -------------------------------------------------------------------------------


def test_a_reaction_has_the_ratio_and_energy_of_its_equation():
    entries = entry_set(
        ("Li", 0.0), ("O2", 0.0), ("S", 0.0), ("Li2O", -2.0), ("Li2S", -1.5), ("SO2", -1.0)
    )
    # 2 Li2O + 3 S = 2 Li2S + SO2, nine atoms: -12 eV before, -9 - 3 after: nothing to gain
    assert find_reaction("Li2O", "S", entries=entries).interphase == "stable"
    more = entries.with_entries(entry("Li2SO4", -2.5))
    found = find_reaction("Li2O", "S", entries=more)
    # 4 Li2O + 4 S = 3 Li2S + Li2SO4, sixteen atoms
    assert found.share == pytest.approx(12 / 16)
    assert found.mutual_energy == pytest.approx((-13.5 - 17.5 + 24) / 16)
    assert found.phases == pytest.approx({"Li2S": 3 / 16, "Li2SO4": 1 / 16})


def test_what_does_not_react_says_so():
    found = find_reaction("Li2O", "Li2S")
    assert found.interphase == "stable"
    assert math.isnan(found.share)
    assert str(found) == "Li2O and Li2S, closed: no reaction"


def test_it_is_told_which_reactants_are_recalled_and_which_compounds_are_unknown():
    found = find_reaction("Li3PS4", "LiCoO2")
    assert "LiCoO2" in found.recalled  # a reactant: its energy enters as a product's does
    assert found.gaps == ()
    coated = find_reaction("LiNbO3", "Li3PS4")
    assert coated.gaps == ("Nb-P", "Nb-S")
    assert str(coated).endswith("no reaction; no entries with Nb-P, Nb-S")
    assert find_window("LiCoO2").recalled == ("LiCoO2",)
    assert "LiCoO2" in str(find_window("LiCoO2"))


def test_a_reaction_is_the_same_both_ways():
    one, other = find_reaction("LiCoO2", "P2S5"), find_reaction("P2S5", "LiCoO2")
    assert one.mutual_energy == pytest.approx(other.mutual_energy, abs=1e-12)
    assert one.share == pytest.approx(1 - other.share, abs=1e-9)


def test_the_best_ratio_beats_a_scan_of_ratios():
    first, second = parse_formula("LiCoO2"), parse_formula("P2S5")
    phases = packaged_entries("enthalpies").within({*first, *second})
    hull = Hull(phases)
    alone = [hull.mixture(one).energy / sum(one.values()) for one in (first, second)]
    gains = []
    for x in np.linspace(0, 1, 101):
        mix = {
            element: x * first.get(element, 0) / 4 + (1 - x) * second.get(element, 0) / 7
            for element in {*first, *second}
        }
        gains.append(hull.mixture(mix).energy - x * alone[0] - (1 - x) * alone[1])
    found = find_reaction("LiCoO2", "P2S5", entries=packaged_entries("enthalpies"))
    assert found.mutual_energy < -0.1
    assert found.mutual_energy <= min(gains) + 1e-9
    assert found.mutual_energy == pytest.approx(min(gains), abs=5e-3)


# --- properties ------------------------------------------------------------------------------

FORMULAS = ("Li2S", "P2S5", "Li3PS4", "LiPS2", "Li3P", "LiP", "PS", "Li7P3S11", "Li2PS3")
# In steps of a millionth of an eV: limits as near as 1e-78 V are one.
energies = st.lists(
    st.floats(-2, 0.2).map(lambda e: round(e, 6)), min_size=len(FORMULAS), max_size=len(FORMULAS)
)
potentials = st.floats(0, 5)
compositions = st.fixed_dictionaries(
    {"Li": st.integers(0, 9), "P": st.integers(0, 9), "S": st.integers(0, 9)}
).filter(lambda amounts: amounts["P"] + amounts["S"] > 0)


def ternary(values: list[float]) -> EntrySet:
    rows = [("Li", 0.0), ("P", 0.0), ("S", 0.0), *zip(FORMULAS, values, strict=True)]
    return entry_set(*rows)


def text(amounts: Mapping[str, int]) -> str:
    return "".join(f"{element}{count}" for element, count in amounts.items() if count)


@settings(max_examples=40, deadline=None)
@given(energies, compositions, potentials)
def test_decomposition_conserves_elements(values, amounts, potential):
    found = find_decomposition(text(amounts), potential, ternary(values))
    held = total(found.phases)
    for element in ("P", "S"):
        assert held.get(element, 0) == pytest.approx(amounts[element], abs=1e-9)
    assert held.get("Li", 0) == pytest.approx(amounts["Li"] + found.uptake, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(energies, compositions, potentials)
def test_no_other_combination_of_phases_is_lower(values, amounts, potential):
    entries = ternary(values)
    hull = Hull(entries.entries, "Li")
    best = hull.mixture(amounts, -potential).grand_energy(-potential)
    wanted = np.array([amounts["P"], amounts["S"]], float)
    costs = hull.costs(-potential)
    for pair in combinations(range(len(hull.phases)), 2):
        block = hull.atoms[:, pair]
        if abs(np.linalg.det(block)) < 1e-9:
            continue
        amount = np.linalg.solve(block, wanted)
        if np.all(amount >= -1e-12):
            assert best <= costs[list(pair)] @ amount + 1e-9


@settings(max_examples=40, deadline=None)
@given(energies, compositions, st.floats(-2, 0.5))
def test_another_entry_never_raises_the_hull(values, amounts, energy):
    entries = ternary(values)
    more = entries.with_entries(entry("Li4P2S7", energy))
    before, after = (Hull(each.entries).mixture(amounts).energy for each in (entries, more))
    assert after <= before + 1e-9


@settings(max_examples=40, deadline=None)
@given(energies, compositions, st.integers(2, 7))
def test_a_window_does_not_depend_on_the_formula_unit(values, amounts, factor):
    entries = ternary(values)
    once = find_window(text(amounts), entries)
    larger = {element: factor * count for element, count in amounts.items()}
    many = find_window(text(larger), entries)
    assert many.reduction_limit == pytest.approx(once.reduction_limit, abs=1e-9)
    assert many.oxidation_limit == pytest.approx(once.oxidation_limit, abs=1e-9)
    assert many.oxidation_uncertainty == pytest.approx(once.oxidation_uncertainty, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(energies, compositions)
def test_a_profile_gives_off_lithium_step_by_step(values, amounts):
    steps = find_profile(text(amounts), ternary(values))
    assert steps[0].low == 0
    assert steps[-1].high == math.inf
    for lower, upper in pairwise(steps):
        assert lower.high == upper.low
        assert lower.uptake > upper.uptake
    assert steps[-1].uptake == pytest.approx(-amounts["Li"])


@settings(max_examples=40, deadline=None)
@given(energies, compositions, compositions, st.none() | potentials)
def test_a_reaction_never_costs_energy(values, first, second, potential):
    found = find_reaction(text(first), text(second), potential, ternary(values))
    assert found.mutual_energy <= 0
    assert found.energy <= found.mutual_energy + 1e-7
    assert math.isnan(found.share) or 0 <= found.share <= 1


# --- errors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: find_window("Xx3PS4"), "'Xx' is no element"),
        (lambda: find_window("Li3(PS4"), "the bracket '(' is never closed"),
        (lambda: find_window("Li3PS4", LI_S), "test: there are no entries with P; the set covers"),
        (lambda: find_window("Na3PS4"), "no packaged entry set covers Li, Na, P, S"),
        (lambda: find_window("Li2S", LI_S, open_to="Mg"), "open_to: a potential is told against"),
        (lambda: find_window("Li2S", LI_S, tolerance=-1), "the tolerance must be zero or more"),
        (lambda: find_decomposition("Li2S", -0.1), "the metal plates; take 0 V or more"),
        (lambda: sample_window("Li2S", LI_S, samples=1), "samples must be a whole number of 2"),
        (lambda: find_reaction("Li2S", "Li2Uq"), "'Uq' is no element"),
    ],
)
def test_bad_questions_are_refused(call, told):
    with pytest.raises(InputError) as raised:
        call()
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("LPSCl", "Li6PS5Cl"),
        ("lgps", "Li10GeP2S12"),
        ("LiPON", "Li3.3PO3.9N0.17"),  # no LiPON of one atom each
        ("LiC6", "LiC6"),  # an alias of graphite, and a formula of its own
        ("NMC111", "LiNi1/3Mn1/3Co1/3O2"),
    ],
)
def test_names_of_the_materials_table_are_phases(name, formula):
    assert find_formula(name) == formula


def test_windows_and_reactions_take_names():
    assert str(find_window("LPSCl")) == str(find_window("Li6PS5Cl"))
    assert sample_window("LPSCl", samples=2).formula == "Li6PS5Cl"
    assert find_reaction("LCO", "LPSCl") == find_reaction("LiCoO2", "Li6PS5Cl")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("LPSCll", "or a name or alias of the materials table; did you mean 'LPSCl'?"),
        ("qqq", "write Li3PS4, or a name or alias of the materials table"),
        ("LPS glass", "the materials table tells it as '0.75Li2S-0.25P2S5', which is no formula"),
    ],
)
def test_what_is_neither_formula_nor_name_is_refused(name, told):
    with pytest.raises(InputError) as raised:
        find_window(name)
    assert told in str(raised.value)


def test_the_carrier_itself_has_no_window() -> None:
    with pytest.raises(InputError, match="formula: Li is the carrier itself, which has no window"):
        find_window("Li")
