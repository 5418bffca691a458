"""Species decided together across photoelectron regions: what must show in each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solith.analysis._options import positive
from solith.analysis._xps.species import Species, SpeciesTable, species_table
from solith.core.errors import InputError
from solith.core.given import listed, require_result
from solith.core.result import Result, Value

__all__ = ["find_species", "xps_species"]

_SHOWN = 1.96


def xps_species(region: str, *, species: Any = None) -> tuple[Species, ...]:
    """The species that the table has for a line ("S 2p"): what :func:`fit_xps` takes by name.

    ``species`` is a table of the user's own that goes before it. Raises
    :class:`UnknownNameError` for a line that is in neither, and lists those that are.
    """
    table = species_table(species)
    line = table.line(region)
    return tuple(one for one in table.species if one.line == line.name)


def find_species(
    results: Any, *, species: Any = None, sensitivities: Mapping[str, Any] | None = None
) -> Result:
    """Which species show in every region that they must: sulfate in S 2p and in O 1s.

    ``results`` are those of :func:`fit_xps`, a list or by name, one for each region. For every
    component whose name stands in the table for more than one line, ``NAME_seen`` is 1 where its
    area is above its 95 % interval of zero in each of these lines that was fitted, 0 where it is
    not in one of them, and ``None`` where only one of its lines was fitted with it: then nothing is
    decided, and a flag says what to measure. ``sensitivities`` are relative sensitivity factors by
    region (area per atom); with them ``NAME_LINE_per_LINE`` is the ratio of the atoms that two
    lines tell, over that of the formula: 1 for the species alone in an even layer. Fits of several
    spectra are judged by their first.

    Raises :class:`InputError` for results of something else.
    """
    table = species_table(species)
    fitted = _by_region(listed(results, "results"))
    factors = _factors(sensitivities)
    names = list(dict.fromkeys(name for result in fitted.values() for name in _names(result)))
    values: list[Value] = []
    for name in names:
        values += _decided(name, fitted, table, factors)
    if not values:
        raise InputError("no component of these fits stands in the table for more than one line")
    return Result(f"species in {', '.join(fitted)}", tuple(values), {"regions": list(fitted)})


def _factors(given: Any) -> dict[str, float]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise InputError(
            "expected a table of sensitivity factors by region, as {'S 2p': 1.68}",
            where="sensitivities",
        )
    return {
        str(region): positive(value, "", f"sensitivities.{region}")
        for region, value in given.items()
    }


def _by_region(results: list[Any]) -> dict[str, Result]:
    fitted: dict[str, Result] = {}
    for one in results:
        require_result(one)
        region = one.details.get("region")
        if not isinstance(region, str) or "components" not in one.details:
            raise InputError(f"{one.name!r} is no result of fit_xps", where="results")
        if region in fitted:
            raise InputError(f"two results are of {region}; give one for each", where="results")
        fitted[region] = one
    return fitted


def _names(result: Result) -> list[str]:
    return [str(name) for name in result.details["components"]]


def _decided(
    name: str, fitted: Mapping[str, Result], table: SpeciesTable, factors: Mapping[str, float]
) -> list[Value]:
    known = table.lines_of(name)
    if len(known) < 2:
        return []
    lines = [one.line for one in known]
    with_it = [line for line in lines if line in fitted and name in _names(fitted[line])]
    without = [line for line in lines if line in fitted and line not in with_it]
    missing = [line for line in lines if line not in fitted]
    flags = [f"{line} was fitted without {name}" for line in without]
    flags += [f"also shows in {line}, of which there is no fit" for line in missing]
    shown = {line: _is_shown(fitted[line], name) for line in with_it}
    flags += [f"does not show in {line}" for line, is_shown in shown.items() if not is_shown]
    for line in with_it:
        near = [one for one in fitted[line].details.get("overlaps", ()) if name in str(one)]
        flags += [f"{line}: {one}" for one in near]
    seen = None
    if len(with_it) > 1 or not all(shown.values()):
        seen = float(all(shown.values()))
    elif with_it:
        flags.insert(0, f"seen in {with_it[0]} alone: not decided")
    values = [Value(f"{name}_seen", seen, "", method="in every region", flags=tuple(flags))]
    atoms = {one.line: one.atoms for one in known}
    first = next((line for line in with_it if line in factors and atoms[line]), None)
    for line in with_it:
        if first is None or line == first or line not in factors or not atoms[line]:
            continue
        values.append(_ratio(name, (first, line), fitted, factors, atoms))
    return values


def _ratio(
    name: str,
    lines: tuple[str, str],
    fitted: Mapping[str, Result],
    factors: Mapping[str, float],
    atoms: Mapping[str, float | None],
) -> Value:
    first, other = lines
    parts = []
    for line in (other, first):
        area = _area(fitted[line], name)
        scale = factors[line] * (atoms[line] or 1.0)
        parts.append(((area.value or 0.0) / scale, (area.uncertainty or 0.0) / scale))
    (upper, upper_spread), (lower, lower_spread) = parts
    quantity = f"{name}_{other}_per_{first}".replace(" ", "")
    method = "atoms of the areas and sensitivities over those of the formula"
    if lower <= 0:
        return Value(quantity, None, "", method=method, flags=(f"no area in {first}",))
    ratio = upper / lower
    spread = ((upper_spread / lower) ** 2 + (ratio * lower_spread / lower) ** 2) ** 0.5
    return Value(quantity, ratio, "", spread, method=method)


def _is_shown(result: Result, name: str) -> bool:
    area = _area(result, name)
    return (area.value or 0.0) > _SHOWN * (area.uncertainty or 0.0)


def _area(result: Result, name: str) -> Value:
    alone = f"{name}_area"
    return result[alone] if alone in result else result[f"{alone}_1"]
