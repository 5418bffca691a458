"""X-ray absorption: edges and white lines of measured spectra, mixtures, components, series.

    python -m validation.xanes

Measured spectra are sulfur K edges of XASDataLibrary; where they are absent the marks say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from tests.real_files import DATA

from solith.analysis import (
    analyse_xanes,
    analyse_xanes_series,
    find_components,
    fit_mixture,
)
from solith.core.errors import InputError
from solith.core.record import Record
from solith.core.result import Result, Value
from solith.readers import read
from validation.marks import Mark, finish

Array = NDArray[np.float64]

KNOWN = {
    "pyrite1_rt_01": ((2470.3, 2470.6), (2471.3, 2471.5)),
    "pyrite2_rt_01": ((2470.3, 2470.6), (2471.3, 2471.5)),
    "S_elemental_rt_01": ((2470.4, 2470.4), (2471.7, 2471.7)),
    "CdS_rt_01": ((2470.8, 2470.8), (2472.0, 2472.0)),
    "CaS_rt_001": ((2471.2, 2471.4), (2477.5, 2477.7)),
    "MgS_rt_001": ((2472.1, 2472.2), (2473.6, 2473.7)),
    "Na2SO3_rt_01": ((2476.6, 2476.6), (2477.4, 2477.4)),
    "CoSO4_rt_01": ((2480.5, 2481.1), (2481.4, 2482.6)),
    "gypsum_rt_01": ((2480.5, 2481.1), (2481.4, 2482.6)),
    "jarosite_rt_01": ((2480.5, 2481.1), (2481.4, 2482.6)),
}
"""Edge and white line [eV] of each file, lowest and highest as read by others."""

SULFATES = ("CoSO4_rt_01", "gypsum_rt_01", "jarosite_rt_01")
PARTS = {"pyrite2_rt_01": 0.5, "Na2SO3_rt_01": 0.2, "CoSO4_rt_01": 0.3}
BEFORE, AFTER = (2450.0, 2462.0), (2501.0, 2549.0)
TRIALS = 300
TIMES = np.arange(20) * 600.0
ONSET, PLACE = 3000.0, 2481.5

GRID = np.concatenate(
    [np.arange(2450, 2466, 1.0), np.arange(2466, 2490, 0.2), np.arange(2490, 2541, 1.0)]
)


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    if (DATA / "xas").is_dir():
        yield from positions()
        yield from mixtures()
        yield from cut_mixtures()
    else:
        yield Mark("measured spectra of X-ray absorption", "absent", "there", False)
    yield from coverage_of_positions()
    yield from components()
    yield from series()
    yield no_edge()


# --- measured spectra ---------------------------------------------------------------------------


@cache
def measured(name: str) -> Record:
    """The spectrum of a file."""
    return read(DATA / "xas" / f"{name}.xdi")[0]


@cache
def analysed(name: str) -> Result:
    return analyse_xanes(measured(name))


def positions() -> Iterator[Mark]:
    """Edges and white lines against what others read, and sulfate against sulfur."""
    for name, (edge, line) in KNOWN.items():
        found = analysed(name)
        at, white = found["edge_position"].value or 0.0, found["white_line_position"].value or 0.0
        off = max(beyond(at, edge), beyond(white, line))
        yield Mark(
            f"edge and white line of {name}, smoothing {found.details['smoothing']:g} eV",
            f"{at:.2f} and {white:.2f} eV",
            f"within 0.2 eV of {edge[0]} to {edge[1]} and {line[0]} to {line[1]} eV",
            off <= 0.2,
        )
    sulfur = analysed("S_elemental_rt_01")["white_line_position"].value or 0.0
    apart = [(analysed(name)["white_line_position"].value or 0.0) - sulfur for name in SULFATES]
    yield Mark(
        "white lines of sulfates less that of elemental sulfur",
        ", ".join(f"{one:.2f}" for one in apart) + " eV",
        "10.0 ± 0.5 eV",
        all(abs(one - 10.0) <= 0.5 for one in apart),
    )
    mgs = analysed("MgS_rt_001").details["edge_by_smoothing"]
    moved = max(r["edge_position"] for r in mgs) - min(r["edge_position"] for r in mgs)
    told = any("smoothing moves" in flag for flag in analysed("MgS_rt_001")["edge_position"].flags)
    yield Mark(
        "edge of MgS between smoothing of 0.25 and 1 eV, and whether a flag tells",
        f"{moved:.2f} eV, {'told' if told else 'not told'}",
        "told, as above 0.1 eV",
        told and moved > 0.1,
    )


def beyond(value: float, ends: tuple[float, float]) -> float:
    """How far a value lies outside a range."""
    return max(ends[0] - value, value - ends[1], 0.0)


# --- mixtures of measured spectra ---------------------------------------------------------------


def in_steps(energy: Array, values: Array, edge: float) -> Array:
    """Normalised by lines of ``numpy.polyfit``, apart from solith's own."""
    lines = []
    for low, high in (BEFORE, AFTER):
        within = (energy >= low) & (energy <= high)
        lines.append(np.polyfit(energy[within] - edge, values[within], 1))
    below, above = lines
    return (values - np.polyval(below, energy - edge)) / (above[1] - below[1])


def mixtures() -> Iterator[Mark]:
    """Three measured spectra in known parts, with 1 % of the edge step as noise."""
    references = {name: measured(name) for name in PARTS}
    edges = [analysed(name)["edge_position"].value or 0.0 for name in PARTS]
    edge = 0.5 * (min(edges) + max(edges))
    energy = references["Na2SO3_rt_01"].array("abscissa")
    whole = np.zeros(len(energy))
    for name, part in PARTS.items():
        own = references[name].array("abscissa")
        curve = in_steps(own, references[name].array("intensity"), edge)
        whole += part * CubicSpline(own, curve)(energy)
    draw = np.random.default_rng(10)
    for told, options, most in (
        ("sum one", {}, 0.01),
        ("sum one, shifts free", {"shifts": True}, 0.01),
        ("sum free", {"sum_to_one": False}, None),
    ):
        found: dict[str, list[Value]] = {name: [] for name in PARTS}
        for _ in range(TRIALS):
            noisy = whole + 0.2 - 1e-3 * (energy - edge) + 0.01 * draw.normal(size=len(energy))
            result = fit_mixture(
                Record.from_arrays("spectrum", abscissa=energy, intensity=noisy),
                references,
                pre_edge=BEFORE,
                post_edge=AFTER,
                step_uncertainty=0,  # mixed in the very ranges that are stated
                **options,  # type: ignore[arg-type]
            )
            for name in PARTS:
                found[name].append(result[f"{name}_fraction"])
        if most is not None:
            worst = max(
                abs((one.value or 0.0) - PARTS[name]) for name in PARTS for one in found[name]
            )
            yield Mark(
                f"three measured spectra, 1 % noise, {told}: worst of {TRIALS} trials",
                f"{100 * worst:.2f} points",
                "within 1 point",
                worst <= most,
            )
        yield covered(
            f"fractions of three measured spectra, {told}",
            [hit(one, PARTS[name]) for name in PARTS for one in found[name]],
        )
    two = {name: references[name] for name in list(PARTS)[:2]}
    told_of = 0
    for _ in range(20):
        noisy = whole + 0.01 * draw.normal(size=len(energy))
        record = Record.from_arrays("spectrum", abscissa=energy, intensity=noisy)
        flags = fit_mixture(record, two, pre_edge=BEFORE, post_edge=AFTER).values[0].flags
        told_of += any(flag.startswith("misfit") for flag in flags)
    yield Mark(
        "mixtures fitted without one of their species, and flagged",
        f"{told_of} of 20",
        "20 of 20",
        told_of == 20,
    )


def cut_mixtures() -> Iterator[Mark]:
    """Two spectra mixed as normalised over all their rows, all cut off above, in 60 mixtures."""
    sulfides = ("pyrite2_rt_01", "S_elemental_rt_01", "CdS_rt_01", "CaS_rt_001", "MgS_rt_001")
    oxides = ("Na2SO3_rt_01", "CoSO4_rt_01", "gypsum_rt_01", "jarosite_rt_01")
    draw = np.random.default_rng(15)
    for last in (2550.0, 2530.0, 2515.0):
        apart, by_noise = [], []
        for one in sulfides:
            for other in oxides:
                share = draw.uniform(0.2, 0.8)
                curves = [analysed(name).details for name in (one, other)]
                end = min(last, *(curve["energy_ev"][-1] for curve in curves))
                energy = np.arange(2450.0, end, 0.25)
                parts = [CubicSpline(c["energy_ev"], c["normalised"])(energy) for c in curves]
                whole = share * parts[0] + (1 - share) * parts[1]
                whole += 0.005 * draw.normal(size=len(energy))
                result = fit_mixture(
                    Record.from_arrays("spectrum", abscissa=energy, intensity=whole),
                    {name: cut(measured(name), last) for name in (one, other)},
                )
                found = result[f"{one}_fraction"]
                off = abs((found.value or 0.0) - share)
                apart.append(off / (found.uncertainty or 1.0))
                by_noise.append(off / result.details["noise_uncertainty"][one])
        inside = 100 * float(np.mean(np.array(apart) < 1.96))
        once = 100 * float(np.mean(np.array(apart) < 1))
        alone = 100 * float(np.mean(np.array(by_noise) < 1.96))
        yield Mark(
            f"fractions of {len(apart)} mixtures, all spectra cut at {last:g} eV: 95 % intervals "
            "with the doubt of edge steps that hold the truth",
            f"{inside:.0f} %, one standard uncertainty {once:.0f} %; by noise alone {alone:.0f} %",
            "at least 90 % (wider where spectra are long, and truth is their own normalisation)",
            inside >= 90,
        )


def cut(record: Record, last: float) -> Record:
    """The rows of a spectrum up to an energy."""
    energy = record.array("abscissa")
    kept = energy <= last
    return Record.from_arrays(
        "spectrum", abscissa=energy[kept], intensity=record.array("intensity")[kept]
    )


def hit(value: Value, truth: float) -> bool:
    """Whether the 95 % interval holds the truth."""
    spread = value.uncertainty or 0.0
    return value.value is not None and abs(value.value - truth) <= 1.96 * spread


def covered(what: str, hits: list[bool]) -> Mark:
    """That 95 % intervals hold the truth as often as they say."""
    share = 100 * float(np.mean(hits))
    return Mark(
        f"95 % intervals of {what} that hold the truth",
        f"{share:.1f} % of {len(hits)}",
        "92 to 98 %",
        92.0 <= share <= 98.0,
    )


# --- synthetic spectra --------------------------------------------------------------------------


def rise(edge: float, height: float) -> Array:
    """A step of one at an edge, a white line 1.1 eV above it."""
    step = 0.5 * (1 + np.tanh((GRID - edge) / 0.8))
    return np.asarray(step + height * np.exp(-0.5 * ((GRID - edge - 1.1) / 0.6) ** 2))


def noisy(values: Array, noise: float, draw: np.random.Generator) -> Record:
    """With a slanted background, a scale, and noise in edge steps."""
    line = 0.3 - 1e-3 * (GRID - 2470)
    intensity = 2.0 * (values + line + noise * draw.normal(size=len(GRID)))
    return Record.from_arrays("spectrum", abscissa=GRID, intensity=intensity)


def coverage_of_positions() -> Iterator[Mark]:
    """Intervals of positions, height and step hold those of the spectrum without noise."""
    draw = np.random.default_rng(11)
    values = rise(2471.0, 0.8)
    truth = analyse_xanes(noisy(values, 0.0, draw))
    names = ("edge_position", "white_line_position", "white_line_height", "edge_step")
    for noise in (0.005, 0.02):
        hits: dict[str, list[bool]] = {name: [] for name in names}
        for _ in range(TRIALS):
            result = analyse_xanes(noisy(values, noise, draw))
            for name in names:
                hits[name].append(hit(result[name], truth[name].value or 0.0))
        for name in names:
            yield covered(f"{name}, noise {100 * noise:g} %", hits[name])


def components() -> Iterator[Mark]:
    """Series of one, two and three species are counted."""
    draw = np.random.default_rng(12)
    species = np.array([rise(2470.3, 0.5), rise(2471.5, 0.9), rise(2480.8, 2.5)])
    along = np.linspace(0, 1, 15)
    shares = np.array([1 - 0.5 * along, 0.3 * along**2, 0.4 * along]).T
    for count in (1, 2, 3):
        mixed = shares[:, :count] / np.sum(shares[:, :count], axis=1, keepdims=True)
        right = 0
        for _ in range(40):
            records = [noisy(row @ species[:count], 0.01, draw) for row in mixed]
            right += find_components(records)["components"].value == count
        yield Mark(
            f"components counted in series of {count} species, noise 1 %",
            f"right in {right} of 40",
            "at least 34 (a test at 95 %)",
            right >= 34,
        )


def growing(noise: float, grow: float, draw: np.random.Generator) -> list[Record]:
    """A feature that grows linearly after a time, on a spectrum that stays."""
    bump = 0.5 * np.exp(-0.5 * ((GRID - PLACE) / 0.8) ** 2)
    base = rise(2470.3, 0.8)
    last = TIMES[-1] - ONSET
    return [
        noisy(base + grow * max(0.0, time - ONSET) / last * bump, noise, draw) for time in TIMES
    ]


def series() -> Iterator[Mark]:
    """A growing feature: found, where, when; and none where nothing grows."""
    draw = np.random.default_rng(13)
    false = sum(
        len(
            analyse_xanes_series(growing(0.01, 0.0, draw), times=TIMES.tolist()).details["features"]
        )
        for _ in range(50)
    )
    yield Mark(
        "features found in 50 series of noise",
        f"{false}",
        "at most 4 (1 % for each of two maps)",
        false <= 4,
    )
    places, onsets, alone = [], [], 0
    for _ in range(150):
        result = analyse_xanes_series(growing(0.01, 1.0, draw), times=TIMES.tolist())
        named = [row for row in result.details["features"] if row["name"].startswith("feature")]
        alone += len(named) == 1
        near = min(named, key=lambda row: abs(row["energy"] - PLACE), default=None)
        if near is None:
            places.append(False)
            continue
        places.append(hit(result[f"{near['name']}_position"], PLACE))
        onsets.append(hit(result[f"{near['name']}_onset"], ONSET))
    yield Mark(
        "series in which the one growing feature is found, and no other",
        f"{alone} of 150",
        "at least 145",
        alone >= 145,
    )
    yield covered("the position of a growing feature", places)
    yield covered("the onset of a growing feature", onsets)


def no_edge() -> Mark:
    """Noise on a line has no edge, and the analysis says so."""
    draw = np.random.default_rng(14)
    refused = 0
    for _ in range(50):
        try:
            analyse_xanes(noisy(np.zeros(len(GRID)), 0.01, draw))
        except InputError as error:
            refused += "no absorption edge" in str(error)
    return Mark(
        "spectra of noise without an edge, and refused", f"{refused} of 50", "50", refused == 50
    )


if __name__ == "__main__":
    finish(marks())
