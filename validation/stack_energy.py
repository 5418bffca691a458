"""Energy of stacks: the publication's numbers, closed forms, sums, conventions, speed, refusals."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from solith.core.errors import InputError
from solith.design import (
    Collector,
    Foil,
    Pouch,
    Stack,
    Tab,
    compute_energy,
    compute_energy_at,
    find_best_loading,
    find_best_thickness,
    find_break_even,
    find_ohmic_limit,
    find_preset,
    find_required_loading,
    find_thickness_for_gain,
    simulate_energy,
    stack_of_cell,
    trace_ragone,
)
from validation.cells import coated_cell
from validation.marks import Mark, finish

PRESET = find_preset("wu-2016")
WITHIN_PERCENT = 2.0
WITHIN_LENGTH = 2.0
"""um."""
CLOSED_FORM = 1e-10
SUMS = 1e-12
MOST_SECONDS = 10.0
CONSERVED = 1e-6
CLOSURE_PERCENT = 0.05
"""Of the cell model: its loss budget closes to 1 mV of about 3 V."""
BEST = 0.03
"""Relative: the step of the brute-force grid."""
DESIGNS = 80
"""Random stacks of the closed forms and sums."""


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    yield from _publication()
    yield from _closed_forms()
    yield _sums()
    yield _convention()
    yield _speed()
    yield from _under_load()
    yield from _best_sizes()
    yield from _cell_model()
    yield from _refusals()


def _publication() -> Iterator[Mark]:
    file = resources.files("solith.study") / "published" / "energy_2016.toml"
    facts = tomllib.loads(file.read_text(encoding="utf-8"))
    liquid = compute_energy(PRESET.reference_stack)
    for name in ("gravimetric", "volumetric"):
        row = facts["liquid_cell"][name]
        yield _near(f"liquid cell, {name} (graphite calibrated on it)", liquid[name].value, row)
    solid = facts["solid_cell"]
    for name in ("LLZO", "LATP", "LGPS"):
        row = {"value": solid["break_even_gravimetric"][name], "unit": "um"}
        found = find_break_even(PRESET.stack(name), PRESET.reference_stack)
        yield _near(f"break-even by mass, {name}", found.value, row)
        found = find_break_even(PRESET.stack(name), PRESET.reference_stack, "volumetric")
        yield _near(f"break-even by volume, {name}", found.value, solid["break_even_volumetric"])
    for name in ("LLZO", "LGPS"):
        row = {"value": solid["thickness_for_50_percent_gain"][name], "unit": "um"}
        found = find_thickness_for_gain(PRESET.stack(name), PRESET.reference_stack, "50 %")
        yield _near(f"thickness for 50 % more by mass, {name}", found.value, row)
    example = facts["ohmic_example"]
    given = {key: example[key] for key in ("drop", "current_density", "conductivity")}
    yield _near("ohmic example", find_ohmic_limit(**given).value, example["max_thickness"])


def _near(what: str, found: float | None, published: dict[str, Any]) -> Mark:
    value, unit = published["value"], published["unit"]
    number = np.nan if found is None else found
    length = unit == "um"
    off = abs(number - value) if length else 100 * abs(number / value - 1)
    return Mark(
        f"{what}: published {value} {unit}",
        f"{number:.4g} {unit}",
        f"within {WITHIN_LENGTH:g} um" if length else f"within {WITHIN_PERCENT:g} %",
        bool(off <= (WITHIN_LENGTH if length else WITHIN_PERCENT)),
    )


def _closed_forms() -> Iterator[Mark]:
    reference = PRESET.reference_stack
    for by in ("gravimetric", "volumetric"):
        target = compute_energy(reference)[by].value or 0.0
        errors = {"thickness": [], "loading": []}  # type: dict[str, list[float]]
        for stack in _random_stacks():
            for place, low, high, scale, found in (
                ("separator.thickness", 0.0, 1.0, 1e6, find_break_even(stack, reference, by)),
                ("cathode.loading", 1e-6, 1e3, 1e2, find_required_loading(stack, reference, by)),
            ):
                if found.value is None:
                    continue
                sign = 1.0 if place == "separator.thickness" else -1.0
                crossing = scale * _bisected(stack, place, by, target, sign, low, high)
                errors[place.split(".")[1]].append(abs(found.value / crossing - 1))
        for name, own in errors.items():
            yield Mark(
                f"{name} of break-even, {by}, closed form against bisection",
                f"{max(own):.1e} at most, {len(own)} random stacks",
                f"{CLOSED_FORM:.0e}, relative",
                max(own) <= CLOSED_FORM,
            )


def _bisected(
    stack: Stack, place: str, by: str, target: float, sign: float, low: float, high: float
) -> float:
    for _ in range(80):
        middle = 0.5 * (low + high)
        energy = compute_energy(stack.with_value(place, middle))[by].value or 0.0
        low, high = (middle, high) if sign * (energy - target) > 0 else (low, middle)
    return low


def _random_stacks() -> Iterator[Stack]:
    numbers = np.random.default_rng(9)
    for _ in range(DESIGNS // 8):
        for name in ("LLZO", "LATP", "LGPS", "liquid"):
            for arrangement in ("single-sided", "double-sided"):
                stack = PRESET.stack(name).replace(
                    arrangement=arrangement,
                    cells=int(numbers.integers(1, 40)),
                    width="10 cm",
                    length="20 cm",
                    tabs=(Tab("Al", "0.2 mm", "3 cm", "4 cm", "2.7 g/cm3"),),
                    pouch=Pouch("113 um", "1.6 g/cm3", "5 mm"),
                )
                stack = stack.with_value("cathode.loading", f"{numbers.uniform(5, 60)} mg/cm2")
                stack = stack.with_value("cathode.porosity", numbers.uniform(0, 0.6))
                yield stack.with_value("cathode.active.mass_fraction", numbers.uniform(0.3, 0.95))


def _sums() -> Mark:
    worst = 0.0
    for stack in _random_stacks():
        found = compute_energy(stack)
        mass = sum(row["mass"] for row in found.components)
        volume = sum(row["volume"] for row in found.components)
        worst = max(
            worst,
            abs(100 * mass / (found["areal_mass"].value or np.nan) - 1),
            abs(volume / found.details["volume"] - 1),
        )
    return Mark(
        "masses and volumes of all materials against those of layers and housing",
        f"{worst:.1e} at most, {DESIGNS} random stacks",
        f"{SUMS:.0e}, relative",
        worst <= SUMS,
    )


def _convention() -> Mark:
    stack = PRESET.reference_stack
    told = []
    for arrangement in ("single-sided", "half foils"):
        found = compute_energy(stack.replace(arrangement=arrangement))
        words = found.convention.split(":")[0]
        told.append((words, found.gravimetric.value or 0.0, found.volumetric.value or 0.0))
    (_, full, _), (_, half, _) = told
    return Mark(
        "effect of the foils' convention on the liquid cell",
        "; ".join(f"{words} {mass:.1f} Wh/kg, {volume:.0f} Wh/L" for words, mass, volume in told),
        "only full foils within 2 % of the published 264 Wh/kg",
        abs(full / 264 - 1) <= 0.02 < abs(half / 264 - 1),
    )


def _speed() -> Mark:
    script = (
        "from solith.design import find_preset, sample_energy; p = find_preset('wu-2016'); "
        "s = sample_energy({n: p.stack(n) for n in ('LLZO', 'LATP', 'LGPS')}, p.ranges, "
        "samples=1000); "
        "print(len(s.pareto_set(maximise=['gravimetric', 'separator_thickness'])))"
    )
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - begin
    return Mark(
        "a thousand samples with their Pareto set, from the start of Python",
        f"{seconds:.1f} s, {done.stdout.strip()} in the set",
        f"at most {MOST_SECONDS:g} s",
        seconds <= MOST_SECONDS,
    )


def _under_load() -> Iterator[Mark]:
    wang = find_preset("wang-2020")
    worst, borne = 0.0, 0
    for stack in wang.stacks.values():
        leaky = stack.replace(
            separator=stack.separator.replace(electronic_conductivity="1e-9 S/cm")
        )
        for one in (stack, leaky):
            for row in trace_ragone(one, points=101).details["rates"]:
                whole = row["discharge_energy"] + sum(row["losses"].values())
                worst = max(worst, abs(whole / row["open_circuit_energy"] - 1))
                borne += 1
    yield Mark(
        "energy under load: delivered and lost against open circuit, by resistances",
        f"{worst:.1e} at most, {borne} loads",
        f"{CONSERVED:.0e}, relative",
        worst <= CONSERVED,
    )
    costs = {
        name: compute_energy_at(stack, "1 C")["interface_cost"].value or 0.0
        for name, stack in wang.stacks.items()
    }
    series = [costs[f"NMC532, coating {degrees}"] for degrees in (450, 350, 550)]
    yield Mark(
        "what interfaces cost at 1 C, coatings of 124, 369 and 672 ohm",
        ", ".join(f"{cost:.1f}" for cost in series) + " Wh/kg",
        "in proportion to the measured resistances within 10 % (the anode's share is in them)",
        all(
            abs(cost / series[0] / (ohm / 124) - 1) < 0.1
            for cost, ohm in zip(series, (124, 369, 672), strict=True)
        ),
    )


def _best_sizes() -> Iterator[Mark]:
    stack = find_preset("wang-2020").reference_stack
    leaky = stack.replace(separator=stack.separator.replace(electronic_conductivity="1e-8 S/cm"))
    cases = (
        ("separator.thickness", leaky, "30 W/kg", np.geomspace(1e-6, 1e-3, 241), 1e6),
        ("separator.thickness", leaky, "0.2 C", np.geomspace(1e-6, 1e-3, 241), 1e6),
        ("cathode.loading", stack, "300 W/kg", np.geomspace(1e-2, 1.0, 161), 1e2),
        ("cathode.loading", stack, "1 C", np.geomspace(1e-2, 1.0, 161), 1e2),
    )
    for path, one, load, grid, scale in cases:
        energies = [
            compute_energy_at(one.with_value(path, float(at)), load)["gravimetric"].value or 0.0
            for at in grid
        ]
        by_force = scale * float(grid[int(np.argmax(energies))])
        found = (
            find_best_thickness(one, load, minimum="1 um")
            if path == "separator.thickness"
            else find_best_loading(one, load)
        ).values[0]
        value = found.value or np.nan
        yield Mark(
            f"best {path} at {load} against {len(grid)} stacks one by one",
            f"{value:.4g} against {by_force:.4g} {found.unit}",
            f"within {100 * BEST:g} %",
            bool(abs(value / by_force - 1) <= BEST),
        )


def _cell_model() -> Iterator[Mark]:
    upper, lower = "3.7 V vs Li-In", "2.1 V vs Li-In"
    cell = coated_cell()
    stack = stack_of_cell(cell, upper, lower, anode=Foil(excess=0.2))
    found = simulate_energy(stack, cell, ["0.1 C", "1 C"], upper, lower)
    closure = found["closure"].value or np.nan
    yield Mark(
        "energy under load: delivered and lost against open circuit, by the cell model",
        f"{closure:.1e} %",
        f"{CLOSURE_PERCENT:g} %, the loss budget's closure",
        bool(closure <= CLOSURE_PERCENT),
    )
    row = found.details["rates"][0]
    closed = compute_energy_at(stack, f"{row['current_density']!r} mA/cm2").details["rates"][0]
    flowed = row["areal_capacity"] / (compute_energy(stack)["areal_capacity"].value or np.nan)
    parts = ("electrolyte_layer", "charge_transfer", "anode")
    ratios = [row["losses"][part] / (closed["losses"][part] * flowed) for part in parts]
    yield Mark(
        "losses at 0.1 C, cell model over resistances: " + ", ".join(parts),
        ", ".join(f"{ratio:.3f}" for ratio in ratios),
        "within 5 % of 1 (Butler-Volmer and unevenness lower them)",
        all(abs(ratio - 1) <= 0.05 for ratio in ratios),
    )


def _refusals() -> Iterator[Mark]:
    stack = PRESET.stack("LLZO").to_mapping()
    cathode, anode = stack["cathode"], stack["anode"]
    active = {**cathode["active"], "mass_fraction": 1.1}
    whole = {**cathode["active"], "mass_fraction": 0.95}
    cases: dict[str, dict[str, Any]] = {
        "a fraction beyond 1": {**stack, "cathode": {**cathode, "active": active}},
        "fractions that sum beyond 1": {**stack, "cathode": {**cathode, "active": whole}},
        "porosity 1": {**stack, "cathode": {**cathode, "porosity": 1.0}},
        "a foil of porosity 1": {**stack, "anode": {**anode, "porosity": 1.0}},
        "no anode": {key: value for key, value in stack.items() if key != "anode"},
    }
    for what, mapping in cases.items():
        yield _refused(what, lambda mapping=mapping: Stack.from_mapping(mapping))  # type: ignore[misc]
    sulfur = PRESET.stack("LLZO").cathode.replace(lithiated=False)
    yield _refused(
        "no lithium in either electrode",
        lambda: Stack.from_mapping(
            {**stack, "cathode": sulfur.to_mapping(), "anode": {"kind": "anode-free"}}
        ),
    )
    yield _refused("a foil of unknown matter", lambda: Collector("unobtainium", "5 um"))
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "stack.toml"
        file.write_text('voltage = "3.6 V"\n', encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "solith", "design", str(file)], capture_output=True, text=True
        )
    lines = done.stderr.splitlines()
    told = lines[-1].partition(file.name)[2].lstrip(": ")
    yield Mark(
        "`solith design` on a file without electrodes",
        f"exit {done.returncode}, {len(lines)} line: {told}",
        "one line, exit 2",
        done.returncode == 2 and len(lines) == 1 and not done.stdout,
    )


def _refused(what: str, make: Callable[[], Any]) -> Mark:
    try:
        make()
        told = "accepted"
    except InputError as error:
        told = str(error)
    return Mark(f"refused: {what}", told, "one clear error", told != "accepted")


if __name__ == "__main__":
    finish(marks())
