"""Photoelectron spectra: files read whole, backgrounds against CasaXPS, areas of known spectra.

    python -m validation.xps

Needs the real files (``tests/real_files.py``) for its first marks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tests.real_files import DATA

from solith.analysis import TougaardLoss, XpsComponent, find_xps_background, fit_xps
from solith.core.errors import SolithError
from solith.core.intervals import NORMAL_95
from solith.readers import read
from validation._xps_spectra import REGIONS, Region, counted
from validation.marks import Mark, finish

TRIALS = 300
COMPARED = 100
Array = NDArray[np.float64]


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    yield from files()
    yield from tougaard()
    for region in REGIONS:
        yield from known_areas(region)
    yield from without_doublets(REGIONS[0])
    yield fixed_ends(replace(REGIONS[0], window=(158.5, 168.0)))
    yield series(REGIONS[0])


def files() -> Iterator[Mark]:
    """VAMAS files, regular and irregular, hold the spectrum of the same measurement's text."""
    text = read(DATA / "xps" / "specs_xy__MgFe2O4_small.xy")[0]
    for name, scale in (("vms_regular__regular.vms", 0.1), ("vms_irregular__irregular.vms", 1.0)):
        records = read(DATA / "xps" / name)
        record = records[0]
        rows = len(record)
        same = rows == len(text)
        energy = np.max(np.abs(record.array("abscissa") - text.array("abscissa"))) if same else 9.0
        ratio = record.array("intensity") / (text.array("intensity") * scale) if same else np.nan
        apart = float(np.max(np.abs(ratio - 1)))
        yield Mark(
            f"{name}: points, and what sets them apart from SPECS' text of the same scan",
            f"{rows} points, {energy:.1e} eV, {apart:.1e} of the intensity",
            "1351 points, 1e-3 eV, 1e-4 (six digits in the file)",
            same and energy < 1e-3 and apart < 1e-4,
        )


def tougaard() -> Iterator[Mark]:
    """The background that CasaXPS exported beside the FeO file."""
    record = read(DATA / "xps" / "vms_analysis__FeO_analyzed.vms")[0]
    exported = read(DATA / "xps" / "vms_analysis__FeO_analyzed_lineshapes_cols.txt")[0]
    region = record.data.attrs["casa_regions"][0]
    source = record.data.attrs["source_energy_ev"]
    window = (
        source - region["high_kinetic_energy_ev"],
        source - region["low_kinetic_energy_ev"],
    )
    for b in (335.446, None):
        loss = TougaardLoss(b, 551.0, 436.0, 3.0)
        result = find_xps_background(record, background="tougaard", window=window, loss=loss)
        curve = result.details["curve"]
        order = np.argsort(exported.array("abscissa"))
        heights = exported.array("background_cps")[order] * 2.0  # two scans of one second
        known = np.interp(curve["energy"], exported.array("abscissa")[order], heights)
        apart = float(np.max(np.abs(np.array(curve["background"]) / known - 1)))
        if b is not None:
            yield Mark(
                "FeO: Tougaard background against the exported one, B 335.446, C 551, D 436, T0 3",
                f"{100 * apart:.3f} % at most over {len(curve['energy'])} points",
                "0.1 %",
                apart < 1e-3,
            )
        else:
            found = result["b"].value or 0.0
            yield Mark(
                "FeO: B found by meeting the intensity at the end of the window",
                f"{found:.3f} eV2",
                "335.446 within 0.1 %",
                abs(found / 335.446 - 1) < 1e-3,
            )


@dataclass(frozen=True)
class Trials:
    """Areas and their standard uncertainties (trials, species), and fits that ended in an error."""

    areas: Array
    spreads: Array
    failed: int
    chances: Array


def trials(region: Region, number: int, **options: Any) -> Trials:
    """Fits of spectra that differ in their counting noise alone."""
    areas, spreads, chances, failed = [], [], [], 0
    groups = options.pop("groups", {name: (name,) for name in region.names})
    for seed in range(number):
        try:
            result = fit_xps(
                counted(region, seed),
                region=region.line,
                compare_backgrounds=False,
                **{"components": list(region.names), **options},
            )
        except SolithError:
            failed += 1
            continue
        names = list(result.details["components"])
        covariance = np.array(result.details["area_covariance"][0])
        chances.append(result.details["chi_square_probability"])
        found, spread = [], []
        for parts in groups.values():
            chosen = np.array([float(name in parts) for name in names])
            found.append(sum(result[f"{name}_area"].value or 0.0 for name in parts))
            spread.append(float(chosen @ covariance @ chosen) ** 0.5)
        areas.append(found)
        spreads.append(spread)
    return Trials(np.array(areas), np.array(spreads), failed, np.array(chances))


def truth(region: Region) -> Array:
    return np.array([area for _, _, area in region.species])


def known_areas(region: Region) -> Iterator[Mark]:
    """Areas and intervals of spectra with known areas and counting noise."""
    found = trials(region, TRIALS)
    errors = found.areas / truth(region) - 1
    largest = np.max(np.abs(errors), axis=0)
    told = ", ".join(
        f"{name} {100 * mean:+.2f} % on average, {100 * most:.2f} % at most"
        for name, mean, most in zip(region.names, errors.mean(axis=0), largest, strict=True)
    )
    yield Mark(
        f"{region.line}: error of areas of three overlapping species, {TRIALS} trials",
        f"{told}; {found.failed} failed",
        "3 % at most, none failed",
        bool(np.max(largest) <= 0.03) and not found.failed,
    )
    inside = np.abs(found.areas - truth(region)) < NORMAL_95 * found.spreads
    parts = inside.mean(axis=0)
    yield Mark(
        f"{region.line}: 95 % intervals of the areas that hold the true one",
        ", ".join(f"{100 * part:.1f} %" for part in parts),
        "92 to 98 %",
        bool(np.all((parts >= 0.92) & (parts <= 0.98))),
    )
    kept = float(np.mean(found.chances >= 0.05))
    yield Mark(
        f"{region.line}: fits that the chi-square test passes at 5 %",
        f"{100 * kept:.1f} %",
        "92 to 98 %",
        0.92 <= kept <= 0.98,
    )


def without_doublets(region: Region) -> Iterator[Mark]:
    """The same spectra fitted without the constraint, in the two ways that are met."""
    bound = trials(region, COMPARED)
    error = float(np.sqrt(np.mean((bound.areas / truth(region) - 1) ** 2)))
    single = trials(
        region,
        COMPARED,
        components=[
            XpsComponent(name, position, reach=0.6, splitting=0.0)
            for name, position, _ in region.species
        ],
        one_width=False,
    )
    worse = float(np.sqrt(np.mean((single.areas / truth(region) - 1) ** 2)))
    passed = float(np.mean(single.chances >= 0.05))
    yield Mark(
        f"{region.line} as single peaks, widths free: root mean square error of areas",
        f"{100 * worse:.1f} % against {100 * error:.2f} % with doublets; "
        f"{100 * passed:.0f} % pass chi-square; {single.failed} of {COMPARED} did not settle",
        "worse than with doublets, and told by chi-square",
        worse > 2 * error and passed < 0.05,
    )
    free = trials(
        region,
        COMPARED,
        components=[
            XpsComponent(f"{name}_{line}", position + offset, reach=0.6, splitting=0.0)
            for name, position, _ in region.species
            for line, offset in (("strong", 0.0), ("weak", region.splitting))
        ],
        groups={name: (f"{name}_strong", f"{name}_weak") for name in region.names},
    )
    looser = float(np.sqrt(np.mean((free.areas / truth(region) - 1) ** 2)))
    yield Mark(
        f"{region.line} as six lines, splitting and ratio free: root mean square error of areas",
        f"{100 * looser:.1f} % against {100 * error:.2f} % with doublets; {free.failed} of "
        f"{COMPARED} did not settle",
        "worse than with doublets",
        looser > 2 * error,
    )


def fixed_ends(region: Region) -> Mark:
    """The background fixed by the ends of a narrow window cuts the tails of the peaks off."""
    means = [
        np.abs(np.mean(trials(region, COMPARED, **options).areas / truth(region) - 1, axis=0))
        for options in ({"background_from_ends": True}, {})
    ]
    fixed, fitted = (", ".join(f"{100 * part:.2f} %" for part in parts) for parts in means)
    low, high = region.window
    return Mark(
        f"{region.line} from {low:g} to {high:g} eV, background fixed by the ends: mean errors",
        f"{fixed}, against {fitted} with the background fitted",
        "larger than with the background fitted, which is within 0.3 %",
        bool(np.all(means[0] > means[1]) and np.max(means[1]) < 0.003),
    )


def series(region: Region) -> Mark:
    """Five spectra together against each alone: shared positions make areas surer."""
    ratios = []
    for first in range(0, 50, 5):
        records = [counted(region, first + n) for n in range(5)]
        options: dict[str, Any] = {
            "region": region.line,
            "components": list(region.names),
            "compare_backgrounds": False,
        }
        joined = fit_xps(records, **options)
        for n, record in enumerate(records, start=1):
            alone = fit_xps(record, **options)
            ratios += [
                (joined[f"{name}_area_{n}"].uncertainty or 0.0)
                / (alone[f"{name}_area"].uncertainty or 1.0)
                for name in region.names
            ]
    return Mark(
        f"{region.line}: uncertainty of areas of five spectra fitted together, over each alone",
        f"{np.mean(ratios):.2f}",
        "less than one",
        float(np.max(ratios)) < 1,
    )


if __name__ == "__main__":
    finish(marks())
