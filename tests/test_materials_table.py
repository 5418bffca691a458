"""The table of measurements: its audit, its spread, and the values that cells stand on."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solith.core.errors import InputError, UnknownNameError
from solith.materials import (
    Conditions,
    Measurements,
    Property,
    find_material,
    find_materials,
    find_measurements,
)
from solith.materials._dois import doi_in, year_in
from solith.materials._quantities import SI_UNITS, show, show_span, si_value
from solith.materials._tables import materials_in

MATERIALS = find_materials()
ROWS = [row for material in MATERIALS for row in material.properties]

TABLE = """
[[material]]
name = "stuff"
formula = "X"
kind = "electrolyte"
family = "garnet"
[[material.property]]
quantity = "ionic_conductivity"
value = 1.50e-3
unit = "S/cm"
composition = "X2"
conditions.temperature = "298 K"
conditions.part = "bulk"
conditions.form = "pressed"
conditions.pressure = "362 MPa"
conditions.method = "EIS"
source = "10.1039/c6ta05439k"
place = "table 1"
seen_in = "a review; not the paper itself"
certainty = "read"
note = "as printed"
"""

PREFERRED = {
    "NMC532": (
        "molar_mass 96.553 g/mol; specific_capacity 277.6 mAh/g; "
        "molar_volume 20.73 cm3/mol; density 4.658 g/cm3; "
        "maximum_concentration 48239 mol/m3; volume_change 4 (2 to 6) %; "
        "young_modulus 140 GPa"
    ),
    "NMC111": (
        "molar_mass 96.460 g/mol; specific_capacity 277.8 mAh/g; density 4650 kg/m3; "
        "maximum_concentration 48207 mol/m3; volume_change 1.2 %; young_modulus 199 GPa"
    ),
    "LiCoO2": (
        "molar_mass 97.871 g/mol; specific_capacity 273.8 mAh/g; "
        "maximum_concentration 51555 mol/m3; density 5.046 g/cm3; young_modulus 375 GPa; "
        "poisson_ratio 0.2; volume_change 3 %"
    ),
    "LiFePO4": (
        "molar_mass 157.755 g/mol; specific_capacity 169.9 mAh/g; "
        "maximum_concentration 22806 mol/m3; density 3.598 g/cm3; young_modulus 124 GPa; "
        "volume_change 6.6 %"
    ),
    "LGPS": (
        "ionic_conductivity 12 mS/cm; activation_energy 0.25 eV; density 2.0 g/cm3; "
        "molar_mass 588.70 g/mol; young_modulus 21.7 GPa; "
        "electronic_conductivity 5.7e-9 S/cm; band_gap 3.6 eV"
    ),
    "Li6PS5Cl": (
        "ionic_conductivity 1.3 mS/cm; activation_energy 0.33 eV; density 1.86 g/cm3; "
        "molar_mass 268.36 g/mol; young_modulus 22.1 GPa; "
        "electronic_conductivity 5e-9 S/cm"
    ),
    "LLZO": (
        "ionic_conductivity 6.1e-4 S/cm; activation_energy 0.40 eV; density 5.0 g/cm3; "
        "molar_mass 881.12 g/mol; young_modulus 145 GPa; hardness 11.27 +- 1.38 GPa; "
        "electronic_conductivity 1e-8 S/cm; relative_permittivity 50; band_gap 5.1 eV"
    ),
    "LATP": (
        "ionic_conductivity 0.7 mS/cm; activation_energy 0.35 eV; density 3.0 g/cm3; "
        "molar_mass 383.40 g/mol; young_modulus 115 (81 to 115) GPa; "
        "electronic_conductivity 2.34e-14 S/cm"
    ),
    "LiPON": (
        "ionic_conductivity 1.6e-6 S/cm; activation_energy 0.58 eV; density 2.3 g/cm3; "
        "molar_mass 118.65 g/mol; young_modulus 77 GPa; "
        "electronic_conductivity 1e-15 S/cm; relative_permittivity 16; band_gap 6 eV"
    ),
    "LiNbO3": (
        "ionic_conductivity 6.39e-8 S/cm; activation_energy 0.62 eV; "
        "electronic_conductivity 1e-11 S/cm; density 4.628 g/cm3; "
        "molar_mass 147.843 g/mol; relative_permittivity 44 (28 to 84); "
        "young_modulus 170 GPa"
    ),
    "LiTaO3": (
        "ionic_conductivity 1e-8 S/cm; density 7.411 g/cm3; molar_mass 235.885 g/mol; "
        "relative_permittivity 47 (43 to 54); young_modulus 230 GPa"
    ),
    "LNTO-350": (
        "ionic_conductivity 13.2 uS/cm; electronic_conductivity 1e-11 S/cm; "
        "density 6.017 g/cm3; molar_mass 191.864 g/mol; relative_permittivity 45"
    ),
    "LNTO-450": (
        "ionic_conductivity 38.7 uS/cm; electronic_conductivity 1e-11 S/cm; "
        "density 6.017 g/cm3; molar_mass 191.864 g/mol; relative_permittivity 45"
    ),
    "LNTO-550": (
        "ionic_conductivity 2.43 uS/cm; electronic_conductivity 1e-11 S/cm; "
        "density 6.017 g/cm3; molar_mass 191.864 g/mol; relative_permittivity 45"
    ),
    "Li": (
        "potential_vs_lithium 0.0 V; density 0.534 g/cm3; molar_mass 6.94 g/mol; "
        "specific_capacity 3862 mAh/g; young_modulus 4.91 GPa; poisson_ratio 0.362; "
        "yield_strength 0.4 MPa"
    ),
    "In-Li": (
        "potential_vs_lithium 0.62 V; lithium_diffusivity 5.5e-7 cm2/s; "
        "molar_mass 114.818 g/mol; specific_capacity 233.4 mAh/g; density 7.31 g/cm3"
    ),
    "graphite": (
        "molar_mass 72.066 g/mol; specific_capacity 371.9 mAh/g; density 2.2 g/cm3; "
        "maximum_concentration 30528 mol/m3; young_modulus 15 GPa; poisson_ratio 0.3; "
        "volume_change 8 (6 to 10) %"
    ),
}

# the audit


def test_every_row_has_what_makes_it_a_fact() -> None:
    for row in ROWS:
        told = f"{row.material}, {row.quantity} {row.printed}"
        assert row.source.strip(), told
        assert row.unit == SI_UNITS[row.quantity], told
        assert row.certainty in ("read", "derived", "recalled"), told
        assert row.certainty != "derived" or row.note, told
        assert row.year is None or 1900 < row.year <= 2026, told
        assert not row.seen_in or row.certainty != "recalled", told
        assert row.material == find_material(row.material).name, told


@pytest.mark.parametrize("key", ["source", "unit", "certainty", "value", "quantity"])
def test_a_row_without_it_is_refused(key: str) -> None:
    text = re.sub(rf"^{key} = .*\n", "", TABLE, flags=re.MULTILINE)
    with pytest.raises(InputError, match=rf"property\[0\]: the key '{key}' is missing"):
        materials_in(text, "own.toml")


def test_at_least_sixty_entries_stand_on_sources() -> None:
    from_sources = [row for row in ROWS if row.certainty != "recalled"]
    assert len(from_sources) >= 60
    told = (row for row in ROWS if row.quantity != "molar_mass")  # which any formula has
    entries = {row.material for row in told if row.counts and row.certainty == "read"}
    assert len(entries) >= 60
    kinds = {find_material(name).kind for name in entries}
    assert kinds >= {"electrolyte", "active material", "coating", "anode", "collector", "polymer"}


def test_recalled_rows_do_not_count() -> None:
    assert all(row.counts == (row.certainty != "recalled") for row in ROWS)
    with pytest.raises(InputError) as error:
        _ = find_material("PEO-LiTFSI").measurements("ionic_conductivity").median
    assert str(error.value) == "no measurement of ionic_conductivity comes from a source"


def test_a_copy_that_was_read_is_told_apart_from_the_paper() -> None:
    copies = [row for row in ROWS if "repository" in row.source or "repository" in row.place]
    assert copies == []
    assert sum(bool(row.seen_in) for row in ROWS) > 100


@pytest.mark.parametrize(("name", "preferred"), PREFERRED.items())
def test_values_that_cells_stand_on_are_unchanged(name: str, preferred: str) -> None:
    material = find_material(name)
    for told in preferred.split("; "):
        quantity, _, printed = told.partition(" ")
        assert material.property(quantity).printed == printed


# rows


def test_row_keeps_all_that_it_says() -> None:
    (material,) = materials_in(TABLE, "own.toml")
    (row,) = material.properties
    assert material.family == row.family == "garnet"
    assert (row.material, row.composition, row.place) == ("stuff", "X2", "table 1")
    assert row.seen_in == "a review; not the paper itself"
    assert (row.year, row.doi) == (2016, "10.1039/c6ta05439k")
    assert row.conditions == Conditions(298.0, "298 K", "bulk", "pressed", "EIS", 362e6, "362 MPa")
    assert str(row.conditions) == "298 K, bulk, pressed, 362 MPa, EIS"
    html = material._repr_html_()
    assert "seen in: a review; not the paper itself; table 1; as printed" in html
    text = str(material)
    assert "stuff  X  (electrolyte, garnet)" in text
    assert "note on ionic_conductivity 1.50e-3 S/cm: as printed" in text


def test_year_may_be_given() -> None:
    text = TABLE.replace("certainty =", "year = 2017\ncertainty =")
    assert materials_in(text, "own.toml")[0].properties[0].year == 2017


def test_pressed_rows_are_there() -> None:
    pressed = [row for row in ROWS if row.conditions.pressure is not None]
    assert {row.conditions.pressure for row in pressed} == {362e6}
    hot, cold = (
        next(
            row.value
            for row in find_material("Li2.45In0.45Zn0.55Cl4.9").rows("ionic_conductivity")
            if row.conditions.form == form
        )
        for form in ("hot-pressed", "cold-pressed")
    )
    assert hot / cold == pytest.approx(9.2 / 2.4)


@pytest.mark.parametrize(
    ("doi", "year"),
    [
        ("10.1016/j.ssi.2012.06.008", 2012),
        ("10.1016/s0167-2738(00)00761-x", 2000),
        ("10.1016/0167-2738(83)90045-0", 1983),
        ("10.1039/a807007e", 1998),
        ("10.1039/b301189e", 2003),
        ("10.1039/c6ta05439k", 2016),
        ("10.1039/d4ma00405a", 2024),
        ("10.1021/acs.chemmater.8b00266", 2018),
        ("10.1021/acsaem.0c00147", 2020),
        ("10.1021/cm970078n", 1997),
        ("10.1021/cm001207u", 2000),
        ("10.1021/ja407393y", 2013),
        ("10.1038/nenergy.2016.30", 2016),
        ("10.1038/s41563-019-0431-3", 2019),
        ("10.1007/s11581-007-0097-8", 2007),
        ("10.1149/2.0501412jes", 2014),
        ("10.1149/2.053304jes", 2013),
        ("10.1002/adma.19960080205", 1996),
        ("10.1016/j.jallcom.2009.07.091; 10.1039/c6ta05439k", 2009),
        ("10.1149/1.1379028", None),
        ("10.1038/nmat3066", None),
        ("A. Author, Journal 12 (2013) 4", None),
        ("", None),
    ],
)
def test_year_of_a_doi(doi: str, year: int | None) -> None:
    assert year_in(doi) == year
    assert year_in(doi.upper()) == year


def test_doi_in_a_text() -> None:
    assert doi_in("see 10.1038/nmat3066, and more") == "10.1038/nmat3066"
    assert doi_in("Journal 12 (2013) 4") == ""


def test_cost_is_in_dollars_a_kilogram_only() -> None:
    assert find_material("LPSO").value("cost") == pytest.approx(14.42)
    with pytest.raises(InputError) as error:
        si_value("3", "USD/m2", "cost")
    assert str(error.value) == "'3 USD/m2' has the unit 'USD/m2'; a cost is in USD/kg"


def test_toughness_and_moduli_are_in_si() -> None:
    assert find_material("LATP").value("fracture_toughness") == pytest.approx(1.1e6)
    assert find_material("75Li2S-25P2S5 glass").value("shear_modulus") == pytest.approx(7e9)
    assert find_material("indium").value("young_modulus") == pytest.approx(10.8e9, rel=0.01)


@pytest.mark.parametrize(
    ("value", "quantity", "shown"),
    [
        (1.2, "ionic_conductivity", "1.2e-2 S/cm"),
        (1.31e-4, "ionic_conductivity", "1.31e-6 S/cm"),
        (100.0, "ionic_conductivity", "1 S/cm"),
        (2000.0, "density", "2 g/cm3"),
        (24121.3, "activation_energy", "0.25 eV"),
        (0.0, "potential_vs_lithium", "0 V"),
        (0.08, "volume_change", "8 %"),
        (14.42, "cost", "14.4 USD/kg"),
    ],
)
def test_values_are_shown_in_the_unit_of_the_field(value: float, quantity: str, shown: str) -> None:
    assert show(value, quantity) == shown
    assert show_span(value, value, quantity).endswith(shown)


# the spread


def test_measurements_show_their_spread_and_what_the_value_stands_on() -> None:
    found = find_material("LGPS").measurements("ionic_conductivity")
    assert found.rows == find_material("LGPS").rows("ionic_conductivity")
    assert found.preferred is found[0]
    assert found.preferred.value == find_material("LGPS").value("ionic_conductivity") == 1.2
    assert found.low == pytest.approx(0.12)
    assert found.high == pytest.approx(2.46)
    assert len(found) == len(list(found)) >= 8
    assert found.summary() == (
        f"{len(found)} values from sources, 1.2e-3 to 2.46e-2 S/cm, median 1.21e-2 S/cm; "
        "the preferred value is 12 mS/cm (read, 10.1038/nmat3066)"
    )
    assert str(found).endswith(f"ionic_conductivity: {found.summary()}")
    assert found._repr_html_().count("<tr>") == len(found) + 1
    assert repr(found) == f"Measurements('ionic_conductivity', {len(found)} rows)"
    assert found.summary() in str(find_material("LGPS"))


def test_measurements_of_a_recalled_value_say_so() -> None:
    found = find_material("Li6PS5Cl").measurements("density")
    assert found.summary().endswith("the preferred value is 1.86 g/cm3 (recalled, no source read)")
    assert find_material("PEO-LiTFSI").measurements("ionic_conductivity").summary() == (
        "no value from a source; the preferred value is 1e-4 S/cm (recalled, no source read)"
    )
    one = find_material("LiZr2(PO4)3").measurements("oxidation_potential").summary()
    assert one == (
        "1 value from a source, 5.5 V; the preferred value is 5.5 V (read, 10.1073/pnas.1615912113)"
    )


def test_measurements_of_a_missing_quantity_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="unknown quantity of Li3N 'band_gap'"):
        find_material("Li3N").measurements("band_gap")


@given(st.lists(st.floats(1e-12, 1e3), min_size=1, max_size=12), st.integers(0, 11))
def test_spread_is_that_of_the_rows_that_count(values: list[float], recalled: int) -> None:
    rows = [Property("density", v, "kg/m3", f"{v}", "10.1/1", "read") for v in values]
    lost = Property("density", 1e9, "kg/m3", "1e9", "recalled", "recalled")
    bound = Property("density", 1e-30, "kg/m3", "<", "10.1/1", "read", bound="upper")
    rows.insert(recalled, lost)
    rows.append(bound)
    found = Measurements("density", tuple(rows))
    assert (found.low, found.high) == (min(values), max(values))
    assert found.low <= found.median <= found.high
    assert len(found.counted) == len(values)


# searching


def test_find_measurements_over_all_materials() -> None:
    found = find_measurements("fracture_toughness")
    assert set(found.materials) >= {"LLZO", "LATP", "LiMn2O4"}
    assert found.summary().endswith(f"of {len(found.materials)} materials")
    garnets = find_measurements("ionic_conductivity", "garnet")
    assert {row.family for row in garnets} == {"garnet"}
    assert all(row.certainty != "recalled" for row in find_measurements("density"))
    assert any(row.certainty == "recalled" for row in find_measurements("density", recalled=True))


def test_find_measurements_by_composition_and_temperature() -> None:
    assert find_measurements("ionic_conductivity", "Li10SnP2S12").materials == ("LSnPS",)
    found = find_measurements("ionic_conductivity", "Li10.35Ge1.35P1.65S12")
    assert [row.composition for row in found] == ["Li10.35Ge1.35P1.65S12"]
    warm = find_measurements("ionic_conductivity", temperature=(320.0, 350.0))
    assert {row.material for row in warm} == {"PMCA-LiTFSA", "Li3PO4"}
    assert all(320 <= (row.conditions.temperature or 0) <= 350 for row in warm)


def test_find_measurements_joins_rows_of_the_users() -> None:
    own = Property("density", 3000.0, "kg/m3", "3 g/cm3", "10.1/1", "read", material="mine")
    other = Property("hardness", 1e9, "Pa", "1 GPa", "10.1/1", "read", material="mine")
    assert find_measurements("density", "mine", also=(own, other)).rows == (own,)
    assert find_measurements("density", also=(own,))[-1] is own


def test_find_measurements_refuses_and_finds_nothing() -> None:
    nothing = find_measurements("density", "unobtainium")
    assert len(nothing) == 0
    assert str(nothing) == "density: no measurement found"
    assert "density: none" in nothing._repr_html_()
    with pytest.raises(InputError, match="there is no measurement of density"):
        _ = nothing.preferred
    with pytest.raises(UnknownNameError, match="unknown quantity 'densty'; did you mean 'density'"):
        find_measurements("densty")
    with pytest.raises(InputError) as error:
        find_measurements("density", temperature=(300.0, 200.0))
    assert str(error.value) == "the temperatures 300 to 200 K are in the wrong order"
