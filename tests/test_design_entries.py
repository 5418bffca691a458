"""Formulas, entries, entry sets and where they come from."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solith.core.errors import InputError, StorageError
from solith.design import (
    ENTRY_SETS,
    Entry,
    EntrySet,
    entries_from_pymatgen,
    find_window,
    load_entries,
    packaged_entries,
    parse_formula,
    rank_coatings,
)
from solith.design.formula import ELEMENTS, write_formula

SCHEME = "measured"


def entry(formula: str, energy: float = 0.0, **more) -> Entry:
    return Entry(formula, energy, "made up", more.pop("scheme", SCHEME), **more)


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("Li3PS4", {"Li": 3, "P": 1, "S": 4}),
        ("Li1.3Al0.3Ti1.7(PO4)3", {"Li": 1.3, "Al": 0.3, "Ti": 1.7, "P": 3, "O": 12}),
        ("[Li(PO3)2]2", {"Li": 2, "P": 4, "O": 12}),
        ("Li₂S", {"Li": 2, "S": 1}),
        ("CoO", {"Co": 1, "O": 1}),
        ("LiNi1/3Mn2/3O2", {"Li": 1, "Ni": 1 / 3, "Mn": 2 / 3, "O": 2}),
    ],
)
def test_formulas_are_read(text, amounts):
    assert parse_formula(text) == pytest.approx(amounts)


@given(st.dictionaries(st.sampled_from(ELEMENTS), st.integers(1, 30), min_size=1, max_size=6))
def test_a_written_formula_reads_back_in_proportion(amounts):
    back = parse_formula(write_formula(amounts))
    scale = next(iter(amounts.values())) / next(iter(back.values()))
    assert {element: count * scale for element, count in back.items()} == pytest.approx(amounts)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "a chemical formula must be text such as 'Li3PS4', not ''"),
        (3, "not 3"),
        ("Li)", "the bracket ')' was never opened"),
        ("(Li]2", "the bracket ']' was never opened"),
        ("Li0", "the amount '0' is not above zero"),
        ("Li1/0", "the amount '1/0' is not above zero"),
        ("li2s", "'li2s' is no element, bracket or amount"),
    ],
)
def test_unreadable_formulas_are_refused(text, told):
    with pytest.raises(InputError) as raised:
        parse_formula(text)
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ((), "the entry set is empty"),
        (
            (entry("Li"), entry("GeS2", -0.4), entry("S")),
            "mine: the entry set is unbalanced: it has compounds of Ge and no entry of Ge itself",
        ),
        ((entry("Li", -1.9),), "the lowest entry of the element Li has -1.9 eV per atom"),
        ((entry("Li"), entry("S", scheme="PBE")), "energies of two schemes cannot be compared"),
    ],
)
def test_sets_that_cannot_be_used_are_refused(rows, told):
    with pytest.raises(InputError) as raised:
        EntrySet("mine", rows)
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"formation_energy": float("nan")}, "must be a number in eV per atom, not nan"),
        (
            {"formation_energy": -441.4},
            "Li2S: the formation energy of -441.4 eV per atom is outside the physical range, -6 to "
            "10; give it in eV and per atom: as kJ/mol of formula units it is -1.52 eV per atom, "
            "or as kJ/mol of atoms it is -4.57 eV per atom",
        ),
        ({"formation_energy": -6.1}, "as eV per formula unit it is -2.03 eV per atom"),
        ({"formation_energy": -2e4}, "it may be a total energy; subtract that of the elements"),
        ({"source": " "}, "Li2S: the source is empty"),
        ({"certainty": "guessed"}, "unknown certainty 'guessed'"),
        ({"character": "shiny"}, "unknown character 'shiny'"),
    ],
)
def test_entries_that_cannot_be_used_are_refused(given, told):
    fields = {"formula": "Li2S", "formation_energy": -1.5, "source": "x", "scheme": "y", **given}
    with pytest.raises(InputError) as raised:
        Entry(**fields)
    assert told in str(raised.value)


def test_metals_alloys_and_graphite_are_metallic():
    characters = {
        formula: entry(formula, -0.1).character
        for formula in ("Li", "LiAl", "Li15Ge4", "C", "LiC", "Ge", "Li3P", "Li2S", "ZrO2")
    }
    metallic = {formula for formula, found in characters.items() if found == "metallic"}
    assert metallic == {"Li", "LiAl", "Li15Ge4", "C"}


def test_no_energy_is_of_a_commercial_database():
    told = " ".join(row.source for name in ENTRY_SETS for row in packaged_entries(name).entries)
    for owned in ("SSUB", "SGTE", "FactSage", "HSC"):
        assert owned not in told


def test_calorimetry_of_ternary_oxides_is_as_its_source_prints_it():
    entries = packaged_entries("enthalpies")
    oxides = {name: entries.find(name) for name in ("La2O3", "CoO", "NiO", "LaCoO3", "LaNiO3")}
    energies = {name: row.formation_energy * row.atoms * 96.48533 for name, row in oxides.items()}
    # J. Mater. Res. 20 (2005) 191: from half La2O3, MO and a quarter of O2
    for oxide, perovskite, printed in (("CoO", "LaCoO3", -107.64), ("NiO", "LaNiO3", -57.31)):
        formed = energies[perovskite] - energies["La2O3"] / 2 - energies[oxide]
        assert formed == pytest.approx(printed, abs=0.1)


def test_the_lowest_entry_of_a_composition_counts():
    entries = EntrySet("mine", (entry("Li"), entry("S"), entry("Li2S", -1), entry("SLi2", -1.5)))
    assert entries.find("Li4S2").formation_energy == -1.5
    assert len(entries.within({"Li", "S"})) == 3


@pytest.mark.parametrize("name", ENTRY_SETS)
def test_a_packaged_set_is_sourced_and_balanced(name):
    entries = packaged_entries(name)
    assert entries.uncertainty == 0.025
    compositions = [row.composition for row in entries.entries]
    assert len(set(compositions)) == len(compositions)
    assert all(row.certainty == "derived" for row in entries.entries if row.fitted)


FILE = """
name = "mine"
scheme = "measured"
[sources]
own = "own calorimetry"
[[entry]]
formula = "Li"
energy = 0
unit = "eV"
source = "own"
certainty = "read"
[[entry]]
formula = "S"
energy = 0
unit = "eV"
source = "own"
certainty = "read"
[[entry]]
formula = "Li2S"
energy = -441.4
unit = "kJ/mol"
source = "own"
certainty = "read"
"""


def test_entries_of_ones_own_are_read(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(FILE)
    entries = load_entries(path)
    assert entries.find("Li2S").formation_energy == pytest.approx(-441.4 / 96.48533 / 3, rel=1e-6)
    assert find_window("Li2S", entries).oxidation_limit == pytest.approx(441.4 / 96.48533 / 2)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("kJ/mol", "kcal"), "mine.entry[2]: unknown unit 'kcal'"),
        (('"own"\ncertainty', '"other"\ncertainty'), "unknown source 'other'"),
        (("-441.4", '"low"'), "the energy must be a number, not 'low'"),
        (('scheme = "measured"', ""), "the key 'scheme' is missing"),
        (("[sources]", "sources"), "this is no TOML"),
        (('formula = "S"', 'formula = "Li2"'), "mine: the entry set is unbalanced"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(tmp_path, change, told):
    path = tmp_path / "mine.toml"
    path.write_text(FILE.replace(*change, 1))
    with pytest.raises(InputError) as raised:
        load_entries(path)
    assert told in str(raised.value)
    assert str(path) in str(raised.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(StorageError, match=r"none\.toml: the entries cannot be read"):
        load_entries(tmp_path / "none.toml")


# --- pymatgen, stood in for by what it offers ------------------------------------------------


def computed(energy: float, label: str = "", **amounts: float) -> SimpleNamespace:
    return SimpleNamespace(composition=amounts, energy=energy, entry_id=label)


LI_S = (
    computed(-1.9 * 2, "a", Li=2),
    computed(-1.8, "b", Li=1),
    computed(-4.1, "c", S=1),
    computed(-2 * 1.9 - 4.1 - 4.5, "d", Li=2, S=1),
)


def test_computed_entries_are_counted_from_the_lowest_elements():
    entries = entries_from_pymatgen(LI_S, scheme="PBE")
    assert entries.find("Li").formation_energy == 0
    assert entries.find("Li2S").formation_energy == pytest.approx(-1.5)
    assert find_window("Li2S", entries).oxidation_limit == pytest.approx(2.25)


def test_entries_are_asked_for_with_the_users_key(monkeypatch):
    class Rester:
        def __init__(self, key):
            assert key == "secret"

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def get_entries_in_chemsys(self, elements):
            assert elements == ["Li", "S"]
            return list(LI_S)

    stand_in = ModuleType("pymatgen.ext.matproj")
    stand_in.MPRester = Rester
    for name in ("pymatgen", "pymatgen.ext"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "pymatgen.ext.matproj", stand_in)
    entries = entries_from_pymatgen(["Li", "S"], key="secret")
    assert entries.scheme.startswith("Materials Project")


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: entries_from_pymatgen([]), "there is nothing to make entries from"),
        (lambda: entries_from_pymatgen(["Li", "S"]), "needs your own key"),
        (lambda: entries_from_pymatgen(["Li", "Sx"], key="k"), "'Sx' is no element"),
        (lambda: entries_from_pymatgen(["Li", LI_S[0]], key="k"), "not both"),
        (lambda: entries_from_pymatgen([object()]), "has composition and energy"),
        (lambda: entries_from_pymatgen(LI_S[2:]), "pymatgen: the entry set is unbalanced"),
    ],
)
def test_bad_computed_entries_are_refused(call, told):
    with pytest.raises(InputError) as raised:
        call()
    assert told in str(raised.value)


def test_without_pymatgen_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pymatgen.ext.matproj", None)
    with pytest.raises(InputError, match=r"install solith\[pymatgen\]"):
        entries_from_pymatgen(["Li", "S"], key="k")


# --- coatings --------------------------------------------------------------------------------


def test_coatings_are_ranked_by_window_energy_and_resistance():
    ranking = rank_coatings(
        ["Li2O", "LiNbO3", "Li3PO4"],
        "Li3PS4",
        "LiCoO2",
        "4 V",
        thickness="10 nm",
        conductivity={"LiNbO3": "1e-6 S/cm", "Li3PO4": "1e-8 S/cm"},
    )
    assert [coating.formula for coating in ranking.coatings] == ["LiNbO3", "Li3PO4", "Li2O"]
    best, last = ranking.coatings[0], ranking.coatings[-1]
    assert best.resistance == pytest.approx(10e-9 / 1e-4)
    assert best.is_within_window
    assert not last.is_within_window
    assert "not known" in str(ranking)


@pytest.mark.parametrize(
    ("coatings", "more", "told"),
    [
        ([], {}, "coatings: there is no coating to rank"),
        (["Li2O"], {"thickness": 0.0}, "thickness: it must be above zero"),
        (["Li2O"], {"conductivity": {"Li3N": 1.0}}, "unknown coating 'Li3N'"),
        (["Li2O"], {"conductivity": {"Li2O": 0.0}}, "conductivity.Li2O: it must be above zero"),
    ],
)
def test_bad_coatings_are_refused(coatings, more, told):
    with pytest.raises(InputError) as raised:
        rank_coatings(coatings, "Li3PS4", "LiCoO2", 4.0, **more)
    assert told in str(raised.value)
