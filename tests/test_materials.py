"""The materials room: rows, curves, search, and the texts of its refusals."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.core.errors import InputError, UnknownNameError
from solith.materials import (
    CERTAINTIES,
    Conditions,
    Material,
    OpenCircuitPotential,
    Property,
    find_material,
    find_materials,
)
from solith.materials._curves import NMC532_MAXIMUM, NMC532_SPAN
from solith.materials._quantities import SI_UNITS
from solith.materials._tables import KINDS, materials_in

MATERIALS = find_materials()
WITH_CURVE = [m for m in MATERIALS if m.open_circuit_potential is not None]

FOR_CELLS = {
    *("NMC532", "NMC111", "LiCoO2", "LiFePO4"),
    *("LGPS", "Li6PS5Cl", "LLZO", "LATP", "LiPON"),
    *("LiNbO3", "LiTaO3", "LNTO-350", "LNTO-450", "LNTO-550"),
    *("Li", "In-Li", "graphite"),
}
"""The materials with all that a cell needs of their kind."""

rows_of_every_material = pytest.mark.parametrize(
    "rows", [pytest.param(m.properties, id=m.name) for m in MATERIALS]
)
every_curve = pytest.mark.parametrize(
    "curve", [pytest.param(m.open_circuit_potential, id=m.name) for m in WITH_CURVE]
)

TABLE = """
[[material]]
name = "stuff"
formula = "X"
kind = "electrolyte"
[[material.property]]
quantity = "density"
value = 2.50
unit = "g/cm3"
source = "10.0/0"
certainty = "read"
"""


# rows


@rows_of_every_material
def test_row_has_source_certainty_and_si_value(rows: tuple[Property, ...]) -> None:
    for row in rows:
        assert row.certainty in CERTAINTIES
        assert row.source.strip()
        assert row.unit == SI_UNITS[row.quantity]
        assert math.isfinite(row.value)
        assert row.value > 0 or row.quantity == "potential_vs_lithium"
        assert row.uncertainty is None or 0 < row.uncertainty < row.value


@rows_of_every_material
def test_recalled_rows_say_so_and_only_they(rows: tuple[Property, ...]) -> None:
    for row in rows:
        assert (row.certainty == "recalled") == row.source.startswith("recalled, no source read")


@rows_of_every_material
def test_derived_rows_say_how(rows: tuple[Property, ...]) -> None:
    for row in rows:
        assert row.certainty != "derived" or row.note


@rows_of_every_material
def test_range_encloses_the_value(rows: tuple[Property, ...]) -> None:
    for row in rows:
        assert (row.low is None) == (row.high is None)
        if row.low is not None and row.high is not None:
            assert row.low <= row.value <= row.high
            assert row.low < row.high


@rows_of_every_material
def test_temperature_is_the_printed_one(rows: tuple[Property, ...]) -> None:
    for row in rows:
        temperature, printed = row.conditions.temperature, row.conditions.temperature_printed
        assert (temperature is None) == (printed == "")
        if temperature is not None:
            assert 250 < temperature < 700
        if printed == "room temperature":
            assert temperature == 298.15


@pytest.mark.parametrize("kind", ["electrolyte", "coating"])
def test_preferred_conductivity_has_a_temperature(kind: str) -> None:
    for material in MATERIALS:
        if material.kind == kind and "ionic_conductivity" in material.quantities():
            reference = material.property("ionic_conductivity")
            assert reference.conditions.temperature is not None
            assert reference.certainty == "read"


def test_preferred_activation_energy_is_of_the_source_of_the_conductivity() -> None:
    for material in MATERIALS:
        if "activation_energy" in material.quantities():
            energy, reference = map(material.property, ("activation_energy", "ionic_conductivity"))
            assert energy.source == reference.source


def test_materials_asked_for_are_there() -> None:
    assert {m.name for m in MATERIALS} >= FOR_CELLS
    assert {m.kind for m in MATERIALS} == set(KINDS)


@pytest.mark.parametrize(
    "material", [m for m in MATERIALS if m.name in FOR_CELLS], ids=lambda m: m.name
)
def test_every_material_has_what_its_kind_needs(material: Material) -> None:
    needed = {
        "active material": {"density", "molar_mass", "specific_capacity", "young_modulus"}
        | {"maximum_concentration"},
        "electrolyte": {"ionic_conductivity", "activation_energy", "density", "young_modulus"},
        "coating": {"ionic_conductivity", "density", "relative_permittivity"},
        "anode": {"density", "molar_mass", "specific_capacity"},
    }[material.kind]
    assert needed <= set(material.quantities())
    assert material.kind != "active material" or material.open_circuit_potential is not None


def test_printed_values_stand_beside_their_si_values() -> None:
    row = find_material("LNTO-450").property("ionic_conductivity")
    assert row.printed == "38.7 uS/cm"
    assert row.value == pytest.approx(0.00387, rel=1e-12)
    assert row.source == "10.1016/j.nanoen.2020.104686"
    garnet = find_material("LLZO").rows("young_modulus")[2]
    assert garnet.printed == "149.8 +- 0.4 GPa"
    assert garnet.uncertainty == pytest.approx(0.4e9)
    assert find_material("LATP").property("density").printed == "3.0 g/cm3"


@pytest.mark.parametrize(
    ("name", "value"), [("LNTO-350", 1.32e-3), ("LNTO-450", 3.87e-3), ("LNTO-550", 2.43e-4)]
)
def test_the_three_coatings_of_the_study(name: str, value: float) -> None:
    assert find_material(name).value("ionic_conductivity") == pytest.approx(value)


def test_activation_energy_in_electronvolt_becomes_molar() -> None:
    assert find_material("LGPS").value("activation_energy") == pytest.approx(0.25 * FARADAY)


def test_indium_lithium_stands_at_0_62_volt_and_is_marked_as_recalled() -> None:
    row = find_material("In-Li").property("potential_vs_lithium")
    assert (row.value, row.unit, row.certainty) == (0.62, "V", "recalled")


# derived rows, computed again


@pytest.mark.parametrize("material", WITH_CURVE, ids=lambda m: m.name)
def test_maximum_concentration_density_and_capacity_agree(material: Material) -> None:
    capacity = material.value("maximum_concentration") * FARADAY / material.value("density")
    assert capacity == pytest.approx(material.value("specific_capacity"), rel=0.01)
    assert capacity == pytest.approx(FARADAY / material.value("molar_mass"), rel=0.002)


ATOMIC_WEIGHTS = dict(
    zip(
        (
            *("Li", "C", "N", "O", "P", "S", "Cl", "Al", "Ti"),
            *("Mn", "Fe", "Co", "Ni", "Ge", "Zr", "Nb", "La", "Ta"),
        ),
        (
            *(6.94, 12.011, 14.007, 15.999, 30.973762, 32.06, 35.45, 26.9815385, 47.867),
            *(54.938044, 55.845, 58.933194, 58.6934, 72.63, 91.224, 92.90637),
            *(138.90547, 180.94788),
        ),
        strict=True,
    )
)


@pytest.mark.parametrize(
    ("name", "composition"),
    [
        ("NMC532", {"Li": 1, "Ni": 0.5, "Mn": 0.3, "Co": 0.2, "O": 2}),
        ("NMC111", {"Li": 1, "Ni": 1 / 3, "Mn": 1 / 3, "Co": 1 / 3, "O": 2}),
        ("LiCoO2", {"Li": 1, "Co": 1, "O": 2}),
        ("LiFePO4", {"Li": 1, "Fe": 1, "P": 1, "O": 4}),
        ("LGPS", {"Li": 10, "Ge": 1, "P": 2, "S": 12}),
        ("Li6PS5Cl", {"Li": 6, "P": 1, "S": 5, "Cl": 1}),
        ("LLZO", {"Li": 6.5, "La": 3, "Zr": 1.5, "Ta": 0.5, "O": 12}),
        ("LATP", {"Li": 1.3, "Al": 0.3, "Ti": 1.7, "P": 3, "O": 12}),
        ("LiPON", {"Li": 3.3, "P": 1, "O": 3.9, "N": 0.17}),
        ("LiNbO3", {"Li": 1, "Nb": 1, "O": 3}),
        ("LiTaO3", {"Li": 1, "Ta": 1, "O": 3}),
        ("LNTO-450", {"Li": 1, "Nb": 0.5, "Ta": 0.5, "O": 3}),
        ("graphite", {"C": 6}),
    ],
)
def test_molar_mass_is_that_of_the_formula(name: str, composition: dict[str, float]) -> None:
    grams = sum(ATOMIC_WEIGHTS[element] * count for element, count in composition.items())
    assert find_material(name).value("molar_mass") == pytest.approx(grams / 1000, rel=1e-4)


def test_density_of_the_mixed_coating_is_that_of_the_mean_molar_volume() -> None:
    volumes = [
        find_material(name).value("molar_mass") / find_material(name).value("density")
        for name in ("LiNbO3", "LiTaO3")
    ]
    coating = find_material("LNTO-450")
    assert coating.value("density") == pytest.approx(
        coating.value("molar_mass") / np.mean(volumes), rel=1e-3
    )


def test_nmc532_scale_is_that_of_its_rows() -> None:
    concentrations = [row.value for row in find_material("NMC532").rows("maximum_concentration")]
    assert concentrations[0] == NMC532_MAXIMUM
    assert concentrations[2] == NMC532_SPAN
    assert 1 / find_material("NMC532").value("molar_volume") == pytest.approx(
        NMC532_MAXIMUM, rel=1e-5
    )


# open-circuit potentials


@every_curve
def test_curve_falls_strictly_over_its_extended_range(curve: OpenCircuitPotential) -> None:
    x = np.linspace(curve.extended_low, curve.extended_high, 20001)
    potential = curve(x)
    assert isinstance(potential, np.ndarray)
    assert np.all(np.diff(potential) < 0)
    assert curve.potential_range() == pytest.approx((potential[-1], potential[0]))


@every_curve
def test_extended_range_contains_the_valid_one_and_is_explained(
    curve: OpenCircuitPotential,
) -> None:
    assert 0 <= curve.extended_low <= curve.valid_low < curve.valid_high <= curve.extended_high
    assert curve.extended_high <= 1
    assert curve.is_extended == (curve.extension != "none")
    assert curve.source


@every_curve
def test_value_and_slope_are_continuous_where_the_source_ends(curve: OpenCircuitPotential) -> None:
    for end in (curve.valid_low, curve.valid_high):
        if not curve.extended_low < end < curve.extended_high:
            continue
        step = 1e-6
        below, at, above = (curve.function(end + shift) for shift in (-step, 0.0, step))
        assert below - at == pytest.approx(at - above, rel=1e-3)
        assert abs(below - above) < 1e-3


@pytest.mark.parametrize(
    ("name", "x", "volts"),
    [
        ("NMC532", 1.0, 2.8185838505),  # s = 1
        ("NMC532", 1 - 35380 / 48239, 4.3452),  # s = 0
        ("NMC532", 1 - 0.5 * 35380 / 48239, 3.81478125),  # s = 0.5
        ("NMC111", 0.5, 4.0387125),  # the polynomial alone
        ("LiFePO4", 0.5, 3.3975652247),
        ("LiCoO2", 0.5, 4.241654),
        ("graphite", 0.3, 0.1207),
    ],
)
def test_curve_values(name: str, x: float, volts: float) -> None:
    curve = find_material(name).open_circuit_potential
    assert curve is not None
    assert curve(x) == pytest.approx(volts, abs=2e-4 if name == "graphite" else 4e-6)


def test_nmc532_reaches_the_cutoffs_that_cells_use() -> None:
    curve = find_material("NMC532").open_circuit_potential
    assert curve is not None
    lowest, highest = curve.potential_range()
    assert lowest < 3.0
    assert highest > 4.45
    capacity = find_material("NMC532").value("specific_capacity") / 3600  # Ah/kg is mAh/g
    drawn = [(1 - curve.lithium_fraction_at(volts)) * capacity for volts in (4.345, 4.42)]
    assert drawn[0] == pytest.approx(203.6, abs=0.2)
    assert drawn[1] == pytest.approx(212.6, abs=1.0)


@every_curve
@given(share=st.floats(0.0, 1.0))
def test_lithium_fraction_inverts_the_curve(curve: OpenCircuitPotential, share: float) -> None:
    x = curve.extended_low + share * (curve.extended_high - curve.extended_low)
    assert curve.lithium_fraction_at(float(curve.function(x))) == pytest.approx(x, abs=1e-6)


def test_potential_out_of_reach_is_refused() -> None:
    curve = find_material("NMC532").open_circuit_potential
    assert curve is not None
    with pytest.raises(InputError) as error:
        curve.lithium_fraction_at(4.6)
    assert str(error.value) == (
        "the open-circuit potential of NMC532 spans 2.8186 to 4.4889 V vs Li "
        "and does not reach 4.6000 V"
    )
    with pytest.raises(InputError, match="does not reach nan V"):
        curve.lithium_fraction_at(math.nan)


@pytest.mark.parametrize(
    ("x", "shown"), [(0.42, "0.42"), ([0.6, 1.01, 0.42], "1.01"), (math.nan, "nan")]
)
def test_fraction_out_of_range_is_refused(x: float | list[float], shown: str) -> None:
    curve = find_material("LCO").open_circuit_potential
    assert curve is not None
    with pytest.raises(InputError) as error:
        curve(x)
    assert str(error.value) == (
        f"lithium fraction {shown} is outside 0.43 to 0.9999, the range of the open-circuit "
        "potential of LiCoO2 (its source covers 0.5 to 0.99)"
    )


def test_numbers_give_a_float_and_arrays_an_array() -> None:
    curve = find_material("LFP").open_circuit_potential
    assert curve is not None
    assert type(curve(0.5)) is float
    many = curve([[0.2, 0.5]])
    assert isinstance(many, np.ndarray)
    assert many.shape == (1, 2)


def test_symbols_and_numbers_evaluate_alike() -> None:
    pybamm = pytest.importorskip("pybamm")
    for material in WITH_CURVE:
        curve = material.open_circuit_potential
        assert curve is not None
        x = np.linspace(curve.extended_low, curve.extended_high, 101)
        symbol = curve.function(pybamm.StateVector(slice(0, x.size)))
        assert isinstance(symbol, pybamm.Symbol)
        np.testing.assert_allclose(symbol.evaluate(y=x).ravel(), curve(x), rtol=1e-12)
        with pytest.raises(InputError, match=r"for symbols use the raw formula, find_material\("):
            curve(pybamm.StateVector(slice(0, x.size)))


def test_curves_agree_with_pybamm_parameter_sets() -> None:
    pybamm = pytest.importorskip("pybamm")
    theirs = pybamm.ParameterValues("Mohtat2020")
    for name, key, scale in (
        ("NMC532", "Positive electrode OCP [V]", NMC532_SPAN / NMC532_MAXIMUM),
        ("graphite", "Negative electrode OCP [V]", 1.0),
    ):
        curve = find_material(name).open_circuit_potential
        assert curve is not None
        s = np.linspace(0.01, 0.99, 51)
        symbol = theirs[key](pybamm.StateVector(slice(0, s.size)))
        np.testing.assert_allclose(
            curve(1 - scale * (1 - s)), symbol.evaluate(y=s).ravel(), rtol=1e-9
        )


# conductivity against temperature


def test_conductivity_at_its_own_temperature_is_the_row() -> None:
    for name in ("LGPS", "LNTO-450"):
        material = find_material(name)
        assert material.ionic_conductivity(298.15) == material.value("ionic_conductivity")


def test_conductivity_follows_the_plain_arrhenius_law() -> None:
    lgps = find_material("LGPS")
    energy = lgps.value("activation_energy")
    for temperature in (250.0, 333.15):
        expected = 1.2 * math.exp(-energy / GAS_CONSTANT * (1 / temperature - 1 / 298.15))
        assert lgps.ionic_conductivity(temperature) == pytest.approx(expected, rel=1e-12)
    slope = (lgps.ionic_conductivity(298.16) - lgps.ionic_conductivity(298.14)) / 0.02
    assert slope == pytest.approx(1.2 * energy / (GAS_CONSTANT * 298.15**2), rel=1e-6)
    limit = 1.2 * math.exp(energy / (GAS_CONSTANT * 298.15))
    assert lgps.ionic_conductivity(1e12) == pytest.approx(limit, rel=1e-6)
    assert lgps.ionic_conductivity(1.0) < 1e-100


def test_conductivity_of_a_film_uses_its_printed_temperature() -> None:
    niobate = find_material("LiNbO3")
    assert niobate.property("ionic_conductivity").conditions.temperature == 303.0
    assert niobate.ionic_conductivity(303.0) == pytest.approx(6.39e-6)
    assert niobate.ionic_conductivity(298.15) < 6.39e-6


def test_conductivity_without_activation_energy_is_refused_elsewhere() -> None:
    with pytest.raises(InputError) as error:
        find_material("LNTO-450").ionic_conductivity(333.15)
    assert str(error.value) == (
        "LNTO-450 has no activation energy: its ionic conductivity is known at 298.15 K only, "
        "not at 333.15 K"
    )


def test_conductivity_refuses_what_it_cannot_know() -> None:
    with pytest.raises(InputError, match="the temperature must be positive, in K; got -5"):
        find_material("LGPS").ionic_conductivity(-5)
    with pytest.raises(InputError, match="the temperature must be positive, in K; got nan"):
        find_material("LGPS").ionic_conductivity(math.nan)
    row = Property("ionic_conductivity", 1.0, "S/m", "1 S/m", "10.0/0", "read")
    stuff = Material("stuff", "X", "electrolyte", (), (row,))
    with pytest.raises(
        InputError, match=r"the ionic conductivity of stuff \(1 S/m\) has no temperature"
    ):
        stuff.ionic_conductivity(300.0)
    with pytest.raises(UnknownNameError, match="unknown quantity of graphite 'ionic_conductivity'"):
        find_material("graphite").ionic_conductivity(300.0)


# finding


@pytest.mark.parametrize(
    ("name", "found"),
    [
        *(("NMC532", "NMC532"), ("NCM523", "NMC532"), ("nmc-523", "NMC532")),
        *(("LCO", "LiCoO2"), ("LFP", "LiFePO4"), ("lifepo4", "LiFePO4"), ("ncm 111", "NMC111")),
        *(("Li10GeP2S12", "LGPS"), ("argyrodite", "Li6PS5Cl"), ("Garnet", "LLZO")),
        *(("Li-In", "In-Li"), ("LiIn", "In-Li"), ("in-li", "In-Li"), ("li", "Li")),
        *(("LNTO 450", "LNTO-450"), ("lnto_450", "LNTO-450"), ("lithium metal", "Li")),
    ],
)
def test_find_material_by_any_spelling(name: str, found: str) -> None:
    assert find_material(name).name == found


def test_unknown_material_is_told_with_the_nearest_and_all() -> None:
    with pytest.raises(UnknownNameError) as error:
        find_material("NMC9")
    text = str(error.value)
    assert text.startswith("unknown material 'NMC9'; did you mean 'NMC811'? Choose from: ")
    assert text.endswith(", ".join(sorted(m.name for m in MATERIALS)))


def test_aliases_and_words_of_a_name_are_near() -> None:
    with pytest.raises(UnknownNameError, match="'acetylen'; did you mean 'acetylene black'"):
        find_material("acetylen")
    with pytest.raises(UnknownNameError, match="'carbon'; did you mean 'carbon black'"):
        find_material("carbon")


def test_nmc622_has_its_capacity_from_a_source_and_its_density_recalled() -> None:
    found = find_material("NCM622")
    assert found.value("specific_capacity") == pytest.approx(
        FARADAY / found.value("molar_mass"), rel=1e-4
    )
    practical = found.rows("specific_capacity")[1]
    assert (practical.source, practical.certainty) == ("10.1021/acsomega.3c04717", "read")
    assert found.property("density").certainty == "recalled"


def test_no_two_materials_share_a_name() -> None:
    owners: dict[str, set[str]] = {}
    for material in MATERIALS:
        for text in (material.name, *material.aliases):
            spelling = "".join(letter for letter in text.casefold() if letter not in " -_")
            owners.setdefault(spelling, set()).add(material.name)
    assert {text: found for text, found in owners.items() if len(found) > 1} == {}


def test_find_materials_searches_names_formulas_kinds_and_aliases() -> None:
    assert [m.name for m in find_materials("coating")][:5] == [
        *("LiNbO3", "LiTaO3", "LNTO-350", "LNTO-450", "LNTO-550"),
    ]
    assert [m.name for m in find_materials("nb0.5ta0.5")] == ["LNTO-350", "LNTO-450", "LNTO-550"]
    assert [m.name for m in find_materials("Li10GeP2S12")] == ["LGPS"]
    assert {m.family for m in find_materials("argyrodite")} == {"argyrodite"}
    assert len(find_materials("argyrodite")) > 3
    assert find_materials("unobtainium") == ()
    assert find_materials(None) == MATERIALS


def test_missing_quantity_lists_those_on_offer() -> None:
    with pytest.raises(UnknownNameError) as error:
        find_material("graphite").value("densty")
    assert str(error.value) == (
        "unknown quantity of graphite 'densty'; did you mean 'density'? Choose from: density, "
        "maximum_concentration, molar_mass, poisson_ratio, specific_capacity, volume_change, "
        "young_modulus"
    )


def test_first_row_is_the_preferred_one() -> None:
    lgps = find_material("LGPS")
    assert [row.printed for row in lgps.rows("ionic_conductivity")[:2]] == ["12 mS/cm", "2.8 mS/cm"]
    assert lgps.property("ionic_conductivity") is lgps.rows("ionic_conductivity")[0]
    assert lgps.value("ionic_conductivity") == pytest.approx(1.2)


# shown


def test_text_and_html_mark_recalled_rows() -> None:
    material = find_material("NMC532")
    text = str(material)
    line = next(line for line in text.splitlines() if "140 GPa" in line)
    assert "recalled" in line
    assert "beyond the source (derived): " in text
    assert "[2] 10.1149/1945-7111/aba5d1" in text
    html = material._repr_html_()
    assert html.count("<tr>") == len(material.properties) + 1 + 5
    assert "<td>recalled</td>" in html
    assert "beyond the source" not in str(find_material("graphite"))
    assert "open-circuit potential" not in str(find_material("LGPS"))
    assert repr(material) == "Material('NMC532', active material, 11 rows)"


def test_conditions_are_shown_in_order() -> None:
    conditions = Conditions(298.15, "25 degC", "total", "pellet")
    assert str(conditions) == "25 degC, total, pellet"
    assert str(Conditions()) == ""


# tables


def test_table_keeps_the_printed_digits() -> None:
    (material,) = materials_in(TABLE, "own.toml")
    assert material.property("density").printed == "2.50 g/cm3"
    assert material.value("density") == 2500.0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('certainty = "read"', 'certainty = "sure"', "unknown certainty 'sure'"),
        ('"density"', '"desnity"', "unknown quantity 'desnity'; did you mean 'density'?"),
        ('"10.0/0"', '""', "the source of density is empty; give a DOI or a full citation"),
        ('"g/cm3"', '"GPa"', "'2.50 GPa' has the unit 'GPa', of the wrong dimension"),
        ('unit = "g/cm3"\n', "", "the key 'unit' is missing; needed are quantity, value, unit"),
        ("unit =", "units =", "unknown key 'units'; did you mean 'unit'?"),
    ],
)
def test_broken_rows_are_refused_with_their_place(old: str, new: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        materials_in(TABLE.replace(old, new), "own.toml")
    assert str(error.value).startswith(f"own.toml: stuff.property[0]: {message}")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"electrolyte"', '"glue"', "unknown kind 'glue'. Choose from: active material, addit"),
        ('formula = "X"\n', "", "the key 'formula' is missing"),
        (
            'formula = "X"',
            'formula = "X"\nopen_circuit_potential = "NMC"',
            "unknown open-circuit potential 'NMC'",
        ),
    ],
)
def test_broken_materials_are_refused_with_their_name(old: str, new: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        materials_in(TABLE.replace(old, new), "own.toml")
    assert str(error.value).startswith(f"own.toml: stuff: {message}")


def test_import_is_light() -> None:
    code = (
        "import sys, solith.materials;"
        "print(sorted({'pint', 'pybamm', 'scipy', 'xarray'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
