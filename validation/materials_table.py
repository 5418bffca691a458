"""The audit of the materials table: sources, units, certainties, counts, and the values of cells.

    python -m validation.materials_table

Counted are rows that were read or derived; recalled rows never count. Derived crystal densities are
computed again here from the cells that their notes print, with weights of this file's own.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from solith.core.errors import InputError
from solith.materials import Property, find_material, find_materials, find_measurements
from solith.materials._tables import materials_in
from validation.marks import Mark, finish

ROWS = [row for material in find_materials() for row in material.properties]

BROKEN = """
[[material]]
name = "stuff"
formula = "X"
kind = "electrolyte"
[[material.property]]
quantity = "density"
value = 2.5
unit = "g/cm3"
source = "10.0/0"
certainty = "read"
"""

WANTED_QUANTITIES = (
    *("ionic_conductivity", "activation_energy", "density", "young_modulus", "shear_modulus"),
    *(
        "bulk_modulus",
        "hardness",
        "fracture_toughness",
        "reduction_potential",
        "oxidation_potential",
    ),
    *("volume_change", "band_gap", "electronic_conductivity", "cost"),
)
WANTED_KINDS = ("electrolyte", "active material", "coating", "anode", "collector", "polymer")

CELLS = {  # printed values that cells have stood on from the start
    ("LGPS", "ionic_conductivity"): "12 mS/cm",
    ("LGPS", "density"): "2.0 g/cm3",
    ("Li6PS5Cl", "ionic_conductivity"): "1.3 mS/cm",
    ("LLZO", "ionic_conductivity"): "6.1e-4 S/cm",
    ("LLZO", "density"): "5.0 g/cm3",
    ("LATP", "ionic_conductivity"): "0.7 mS/cm",
    ("LiPON", "ionic_conductivity"): "1.6e-6 S/cm",
    ("NMC532", "maximum_concentration"): "48239 mol/m3",
    ("Li", "density"): "0.534 g/cm3",
    ("graphite", "density"): "2.2 g/cm3",
}

_AVOGADRO = 6.02214076e23
_CELL = re.compile(
    r"mass of (\w[\w.]*) / volume of the cell, a = ([\d.]+), b = ([\d.]+), c = ([\d.]+) angstrom"
    r"(?:, ([\d.]+), ([\d.]+), ([\d.]+) degrees)?"
)
_WEIGHTS = {
    **{"H": 1.008, "Li": 6.94, "B": 10.81, "N": 14.007, "O": 15.999, "F": 18.998, "Al": 26.982},
    **{"Si": 28.085, "P": 30.974, "S": 32.06, "Cl": 35.45, "Ti": 47.867, "Fe": 55.845},
    **{"Zn": 65.38, "Ga": 69.723, "Ge": 72.63, "Br": 79.904, "Y": 88.906, "Zr": 91.224},
    **{"Nb": 92.906, "In": 114.818, "Sn": 118.71, "I": 126.904, "Ba": 137.327, "La": 138.905},
    **{"Ce": 140.116, "Er": 167.259, "Ta": 180.948},
}


def main() -> None:
    finish(marks())


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    yield from counts()
    yield audit()
    yield refusals()
    yield unchanged()
    yield densities()
    yield spreads()


def counts() -> Iterator[Mark]:
    """How many rows and entries stand on sources, and what they cover."""
    known = Counter(row.certainty for row in ROWS)
    sourced = known["read"] + known["derived"]
    copies = sum(bool(row.seen_in) for row in ROWS)
    told = f"{sourced} ({known['read']} read, {known['derived']} derived), {copies} of them in a "
    yield Mark(
        "rows that are read or derived",
        f"{told}compilation or parameter file; {known['recalled']} recalled",
        "at least 60, recalled ones not counted",
        sourced >= 60,
    )
    entries = {row.material for row in ROWS if row.counts and row.certainty == "read"}
    yield Mark(
        "entries with a value that was read",
        f"{len(entries)} of {len(find_materials())}",
        "at least 60",
        len(entries) >= 60,
    )
    kinds = Counter(find_material(name).kind for name in entries)
    yield Mark(
        "kinds of these entries",
        ", ".join(f"{number} {kind}" for kind, number in kinds.most_common()),
        f"each of {', '.join(WANTED_KINDS)}",
        all(kinds[kind] for kind in WANTED_KINDS),
    )
    quantities = Counter(row.quantity for row in ROWS if row.counts)
    yield Mark(
        "quantities with a value from a source",
        ", ".join(f"{quantities[name]} {name}" for name in WANTED_QUANTITIES),
        "each at least once",
        all(quantities[name] for name in WANTED_QUANTITIES),
    )


def audit() -> Mark:
    """No row lacks what makes it a fact."""
    faults = [fault for row in ROWS for fault in _faults(row)]
    return Mark(
        "rows without source, unit, certainty or, if derived, the way",
        f"{len(faults)} of {len(ROWS)}{''.join(f'; {fault}' for fault in faults[:3])}",
        "0",
        not faults,
    )


def refusals() -> Mark:
    """A row without one of its five needed keys is not read."""
    keys = ("source", "unit", "certainty", "value", "quantity")
    refused = [key for key in keys if _is_refused(re.sub(rf"(?m)^{key} = .*\n", "", BROKEN))]
    whole = not _is_refused(BROKEN)
    return Mark(
        "broken rows that are refused",
        f"{len(refused)} of {len(keys)}; the whole row is {'read' if whole else 'refused'}",
        "all, and the whole row is read",
        len(refused) == len(keys) and whole,
    )


def unchanged() -> Mark:
    """The values that cells stand on are those of before the table grew."""
    moved = [
        f"{name} {quantity}"
        for (name, quantity), printed in CELLS.items()
        if find_material(name).property(quantity).printed != printed
    ]
    return Mark(
        "preferred values of cells",
        f"{len(CELLS) - len(moved)} of {len(CELLS)} as before{', not ' if moved else ''}"
        + ", ".join(moved),
        "all",
        not moved,
    )


def densities() -> Mark:
    """Crystal densities against the cells that the notes print."""
    errors = {
        f"{row.material} {row.printed}": abs(row.value / _density(row) - 1)
        for row in ROWS
        if row.quantity == "density" and _CELL.search(row.note)
    }
    worst = max(errors, key=lambda name: errors[name])
    return Mark(
        "crystal densities computed again from their cells",
        f"{len(errors)} rows, largest difference {errors[worst]:.2%} ({worst})",
        "at most 0.1 %",
        errors[worst] <= 1e-3,
    )


def spreads() -> Mark:
    """The spread is shown, and the value of cells is one of its rows."""
    several = [
        found
        for material in find_materials()
        if "ionic_conductivity" in material.quantities()
        and len((found := material.measurements("ionic_conductivity")).counted) > 1
    ]
    widest = max(several, key=lambda found: found.high / found.low)
    inside = [found for found in several if found.low <= found.preferred.value <= found.high]
    near_room = find_measurements("ionic_conductivity", temperature=(288.15, 308.15))
    decades = math.log10(widest.high / widest.low)
    return Mark(
        "materials with several conductivities",
        f"{len(several)}, of {len(near_room)} conductivities near room temperature; widest "
        f"{widest.materials[0]}, {widest.span()} ({decades:.1f} decades)",
        "at least 20, and every preferred value within its spread",
        len(several) >= 20 and len(inside) == len(several),
    )


def _faults(row: Property) -> Iterator[str]:
    name = f"{row.material} {row.quantity} {row.printed}"
    if not row.source.strip():
        yield f"{name} has no source"
    if row.quantity not in ("poisson_ratio", "relative_permittivity", "volume_change") and not (
        row.unit
    ):
        yield f"{name} has no unit"
    if row.certainty not in ("read", "derived", "recalled"):
        yield f"{name} has no certainty"
    if row.certainty == "derived" and not row.note:
        yield f"{name} does not say how it was derived"
    if (row.certainty == "recalled") != row.source.startswith("recalled, no source read"):
        yield f"{name} does not say whether it was recalled"


def _is_refused(text: str) -> bool:
    try:
        materials_in(text, "own.toml")
    except InputError:
        return True
    return False


def _density(row: Property) -> float:
    """kg/m3, of the cell in the row's note."""
    found = _CELL.search(row.note)
    assert found is not None
    contents, *numbers = found.groups()
    a, b, c = map(float, numbers[:3])
    cosines = [math.cos(math.radians(float(angle or 90))) for angle in numbers[3:]]
    volume = a * b * c * math.sqrt(1 - sum(x * x for x in cosines) + 2 * math.prod(cosines))
    atoms = re.findall(r"([A-Z][a-z]?)([\d.]*)", contents)
    grams = sum(_WEIGHTS[element] * float(count or 1) for element, count in atoms) / _AVOGADRO
    return grams / 1e3 / (volume * 1e-30)


if __name__ == "__main__":
    main()
