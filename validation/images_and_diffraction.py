"""High-resolution images, diffraction patterns and thermal curves whose answers are known.

    python -m validation.images_and_diffraction

Synthetic: ``_synthetic_images.py``, ``_known_diffraction.py``, ``_known_thermal.py`` say what is in
them. The comparison with pymatgen's pattern of a CIF is run where pymatgen is installed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from solith.analysis import (
    analyse_coating,
    analyse_crystallinity,
    analyse_thermal,
    compare_pattern,
    find_peaks,
)
from solith.core.result import Value
from validation._known_diffraction import SPACINGS, known_pattern
from validation._known_thermal import known_heat, known_mass
from validation._synthetic_images import SPACING, coated_edge, high_resolution
from validation.marks import Mark, finish

__all__ = ["marks"]

KINDS = ("amorphous", "nanocrystalline", "crystalline")
NOISES = (0.5, 1.0, 2.0)
IMAGES = 100
PATTERNS = 60
COVER = 1.96


def main() -> None:
    finish(marks())


def marks() -> Iterator[Mark]:
    """All marks of images, diffraction and thermal curves."""
    for noise in NOISES:
        yield from _classes(noise)
    yield _small_fields()
    yield from _coatings()
    yield from _patterns()
    yield _false_peaks()
    yield _comparison()
    yield from _thermal()


def _number(value: Value) -> tuple[float, float]:
    assert value.value is not None
    assert value.uncertainty is not None
    return value.value, value.uncertainty


def _classes(noise: float) -> Iterator[Mark]:
    right = wrong = unsure = 0
    errors, within = [], 0
    for seed in range(IMAGES):
        kind = KINDS[seed % 3]
        found = analyse_crystallinity(high_resolution(kind, 100 + seed, noise), 0.05e-9)
        named = found.details["class"]
        right += named == kind
        unsure += named == "undetermined"
        wrong += named not in (kind, "undetermined")
        if kind != "amorphous" and found["spacing"].value is not None:
            spacing, off = _number(found["spacing"])
            errors.append(abs(spacing / SPACING - 1))
            within += abs(spacing - SPACING) < COVER * off
    yield Mark(
        f"{IMAGES} images, noise {noise:g} times the contrast: class right, wrong, left open",
        f"{right}, {wrong}, {unsure}",
        "at least 95 right, none wrong",
        right >= 0.95 * IMAGES and wrong == 0,
    )
    yield Mark(
        f"their lattice spacing, noise {noise:g}: median and worst error, told uncertainty holds",
        f"{100 * np.median(errors):.2f} %, {100 * max(errors):.2f} %; {within} of {len(errors)}",
        "within 1 %; at least 90 %",
        max(errors) < 0.01 and within >= 0.9 * len(errors),
    )


def _small_fields() -> Mark:
    called = 0
    for seed in range(20):
        image = high_resolution("amorphous", seed, 1.0, shape=(128, 128))
        called += analyse_crystallinity(image, 0.05e-9).details["class"] == "amorphous"
    return Mark(
        "fields of 6.4 nm without a lattice that are called amorphous",
        f"{called} of 20",
        "0: four windows do not tell",
        called == 0,
    )


def _coatings() -> Iterator[Mark]:
    means, locals_, within, count = [], [], 0, 0
    for thickness in (2e-9, 3e-9, 5e-9, 7.5e-9, 12e-9):
        for noise in (0.2, 0.5, 1.0):
            for uneven in (0.0, 0.1):
                seed = len(means)
                edge = coated_edge(seed, noise, thickness=thickness, uneven=uneven * thickness)
                found = analyse_coating(edge.image, edge.pixel)
                length = found.details["stretch_metre"]
                rows = [r for r in found.details["stretches"] if r["thickness_metre"]]
                true = np.array([edge.local(row["middle_pixel"], length) for row in rows])
                told = np.array([row["thickness_metre"] for row in rows])
                spread = np.array([row["uncertainty_metre"] for row in rows])
                means.append(abs(_number(found["thickness"])[0] - float(true.mean())))
                locals_ += list(np.abs(told - true))
                within += int(np.sum(np.abs(told - true) < COVER * spread))
                count += len(rows)
    yield Mark(
        f"thickness of coatings from 2 to 12 nm, {len(means)} images, three noises: worst error",
        f"{1e9 * max(means):.3f} nm",
        "within 0.3 nm",
        max(means) < 0.3e-9,
    )
    yield Mark(
        f"thickness of {count} single stretches of 3 nm: 95 % of errors, 95 % intervals hold",
        f"{1e9 * np.quantile(locals_, 0.95):.2f} nm; {100 * within / count:.1f} %",
        "within 0.3 nm; at least 92 %",
        float(np.quantile(locals_, 0.95)) < 0.3e-9 and within >= 0.92 * count,
    )


def _patterns() -> Iterator[Mark]:
    held = {"position": 0, "area": 0}
    missed = extra = count = 0
    shares, shares_held = [], 0
    for seed in range(PATTERNS):
        share = (0.5, 0.7, 0.9)[seed % 3]
        known = known_pattern(seed, counts=(500.0, 4000.0)[seed % 2], share=share)
        found = find_peaks(known.record)
        rows = found.details["peaks"]
        at = np.array([row["position_degree"] for row in rows])
        near = [int(np.argmin(np.abs(at - place))) for place in known.positions]
        for number, row in zip(range(len(near)), (rows[k] for k in near), strict=True):
            off = row["position_degree"] - known.positions[number]
            if abs(off) > 0.1:
                missed += 1
                continue
            count += 1
            held["position"] += abs(off) < COVER * row["position_degree_uncertainty"]
            held["area"] += abs(row["area"] - known.areas[number]) < COVER * row["area_uncertainty"]
        extra += len(rows) - len(set(near))
        told, spread = _number(found["crystalline_share"])
        shares.append(abs(told - share))
        shares_held += abs(told - share) < COVER * spread
    yield Mark(
        f"{PATTERNS} patterns of 7 peaks, 500 and 4000 counts: peaks missed, peaks too many",
        f"{missed}, {extra} of {7 * PATTERNS}",
        "at most 1 % each",
        missed <= 0.01 * 7 * PATTERNS and extra <= 0.01 * 7 * PATTERNS,
    )
    yield Mark(
        "their 95 % intervals hold position, area",
        ", ".join(f"{100 * one / count:.1f} %" for one in held.values()),
        "92 to 98 %",
        all(0.92 <= one / count <= 0.98 for one in held.values()),
    )
    yield Mark(
        "crystalline share of 0.5, 0.7, 0.9: worst error, 95 % intervals hold",
        f"{max(shares):.3f}; {100 * shares_held / PATTERNS:.0f} %",
        "within 0.05; at least 92 %",
        max(shares) < 0.05 and shares_held >= 0.92 * PATTERNS,
    )


def _false_peaks() -> Mark:
    false = 0
    for seed in range(PATTERNS):
        known = known_pattern(seed, counts=(500.0, 4000.0)[seed % 2], spacings=())
        false += len(find_peaks(known.record).details["peaks"]) > 0
    return Mark(
        f"{PATTERNS} patterns of a halo alone: with a peak in them",
        f"{false}",
        "at most 3 (1 % is asked for)",
        false <= 3,
    )


def _comparison() -> Mark:
    strengths = (1.0, 0.45, 0.12, 0.1, 0.75, 0.2, 0.3)
    own = [
        {"spacing_metre": 1.004 * d, "intensity": 100 * s}
        for d, s in zip(SPACINGS, strengths, strict=True)
    ]
    other = [{"spacing_metre": d * 0.93, "intensity": 50.0} for d in SPACINGS]
    found = find_peaks(known_pattern(1).record)
    right, wrong = compare_pattern(found, own), compare_pattern(found, other)
    a, b = right["match_score"].value, wrong["match_score"].value
    strain = right["strain"].value
    assert a is not None
    assert b is not None
    assert strain is not None
    return Mark(
        "match with the right structure (strained by 0.4 %) and with another",
        f"{a:.3f} (strain {100 * strain:.3f} %), {b:.3f}",
        "above 0.99 (-0.40 +- 0.02 %), below 0.5",
        a > 0.99 and b < 0.5 and math.isclose(strain, 1 / 1.004 - 1, abs_tol=2e-4),
    )


def _thermal() -> Iterator[Mark]:
    heats, tops, held = [], [], 0
    for seed in range(40):
        found = analyse_thermal(known_heat(seed, (2e-4, 1e-3, 5e-3)[seed % 3]))
        heat, spread = _number(found["heat"])
        heats.append(abs(heat + 150e3) / 150e3)
        held += abs(heat + 150e3) < COVER * spread
        tops.append(abs(_number(found["top"])[0] - 290.0 - 273.15))
    yield Mark(
        "DSC, 40 curves: worst error of the heat, of the top; 95 % intervals hold the heat",
        f"{100 * max(heats):.2f} %, {max(tops):.2f} K; {held} of 40",
        "within 2 %, 0.2 K; at least 36",
        max(heats) < 0.02 and max(tops) < 0.2 and held >= 36,
    )
    errors = []
    for seed in range(20):
        rows = analyse_thermal(known_mass(seed, (0.005, 0.05)[seed % 2])).details["steps"]
        true = (-4.2, -18.5)
        errors.append(
            max(abs(row["change"] - t) for row, t in zip(rows, true, strict=True))
            if len(rows) == 2
            else math.inf
        )
    yield Mark(
        "TG, 20 curves of two steps: worst error of a change of mass",
        f"{max(errors):.3f} points",
        "within 0.1 point, two steps each",
        max(errors) < 0.1,
    )


if __name__ == "__main__":
    main()
