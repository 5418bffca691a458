"""Maps: the Nanoscope file's own numbers, and synthetic maps whose answers are known.

python -m validation.microscopy_maps [--trials N]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
from tests.real_files import DATA

from solith.analysis import (
    analyse_coverage,
    analyse_cross_section,
    analyse_profile,
    compare_boundary,
    correlate_channels,
    fit_map_interdiffusion,
    level_map,
)
from solith.core.record import Record
from solith.core.result import Value
from solith.readers import read
from validation._known_sections import (
    PIXEL,
    coated_particles,
    correlated,
    couple,
    grey_section,
    scan,
)
from validation.marks import Mark, finish

TRIALS = 200
_FEWER = 30
_LOW, _HIGH = 0.92, 0.98
_TEN_TO_NINETY = 2.5631031310892007


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--trials", type=int, default=TRIALS, help="of each Monte Carlo")
    finish(marks(parser.parse_args().trials))


def marks(trials: int = TRIALS) -> Iterator[Mark]:
    """All marks of maps and profiles."""
    yield from _nanoscope()
    yield from _interdiffusion()
    yield from _coverage()
    yield from _intervals(trials)


def _nanoscope() -> Iterator[Mark]:
    path = DATA / "afm" / "nanoscope__full_multiple_images.txt"
    if not path.is_file():
        return
    (record,) = read(path)
    held = ", ".join(
        f"{name} [{one.attrs['units']}]" for name, one in record.data.data_vars.items()
    )
    yield Mark(
        "channels of the Nanoscope file", held, "height [m], amplitude [V]",
        held == "height [m], amplitude [V]",
    )  # fmt: skip
    mean = 1e9 * float(record.array("height").mean())
    yield Mark(
        "mean height of the Nanoscope file", f"{mean:.3f} nm", "-579.746 nm",
        abs(mean + 579.746) < 5e-4,
    )  # fmt: skip
    flat = 1e9 * float(level_map(record, "height", "lines").array("height").std())
    yield Mark(
        "its standard deviation with a straight line off each line of the scan",
        f"{flat:.4f} nm", "4.3247 nm", abs(flat - 4.3247) < 5e-5,
    )  # fmt: skip


def _interdiffusion() -> Iterator[Mark]:
    truth = _TEN_TO_NINETY * 80e-9
    lean = 0.8e-6 * np.tan(0.2)
    line = [(0.8e-6 + lean, 0.0), (0.8e-6 - lean, 1.6e-6)]
    found = [
        fit_map_interdiffusion(couple(seed), boundary=line, reach=0.5e-6)["width"]
        for seed in range(_FEWER)
    ]
    errors = [100 * (one.value / truth - 1) for one in found if one.value is not None]
    worst = max(map(abs, errors))
    yield Mark(
        f"interdiffusion width on maps of 40 counts, {_FEWER} seeds",
        f"mean error {np.mean(errors):+.2f} %, largest {worst:.2f} %",
        "each within 3 %",
        worst < 3 and len(errors) == _FEWER,
    )


def _coverage() -> Iterator[Mark]:
    for counts in (30.0, 12.0):
        errors = []
        for seed in range(_FEWER):
            made = coated_particles(seed, counts=counts)
            found = analyse_coverage(made.record, "nb", particles=made.particles)["coverage"]
            errors.append(100 * ((found.value or 0.0) - made.coverage))
        worst = max(map(abs, errors))
        yield Mark(
            f"coverage by maps of {counts:g} counts in a coated pixel, {_FEWER} seeds",
            f"mean error {np.mean(errors):+.2f}, largest {worst:.2f} points",
            "each within 1 point",
            worst < 1,
        )
    made = coated_particles(0, counts=2.0)
    told = analyse_coverage(made.record, "nb", particles=made.particles)["coverage"].flags
    yield Mark(
        "coverage where the coating gives as many counts as the ground",
        told[0] if told else "no flag",
        "a flag",
        bool(told),
    )


def _intervals(trials: int) -> Iterator[Mark]:
    """Shares of 95 % intervals that hold the truth; pixels alike over 0 and 1.5 pixels."""
    held: dict[str, list[bool]] = {}

    def note(what: str, value: Value, truth: float) -> None:
        reach = 1.959964 * (value.uncertainty or 0.0)
        held.setdefault(what, []).append(abs((value.value or 0.0) - truth) <= reach)

    pixels = {"pixel_size_x_metre": PIXEL, "pixel_size_y_metre": PIXEL}
    for seed in range(trials):
        record, labels = scan(seed)
        note(
            "boundary less interior of 16 grains",
            compare_boundary(record, labels=labels, width=3 * PIXEL)["difference"], 1.0,
        )  # fmt: skip
        first = correlated(2 * seed, (96, 96), 1.5)
        second = correlated(2 * seed + 1, (96, 96), 1.5)
        step = first + 2.0 * (np.arange(96) >= 48)
        both = Record.from_arrays("map", attributes=pixels, a=first, b=second, c=step)
        line = [(48 * PIXEL, 96 * PIXEL), (48 * PIXEL, 0.0)]
        note(
            "step across a line",
            analyse_profile(both, "c", boundary=line)["difference"], 2.0,
        )  # fmt: skip
        p = correlate_channels(both, "a", "b")["p_value"].value
        held.setdefault("channels that have nothing to do with each other", []).append(
            p is not None and p > 0.05
        )
    for seed in range(trials // 2):
        record, porosity, contact = grey_section(seed)
        found = analyse_cross_section(
            record, phases=("pore", "electrolyte", "active"), particle="active"
        )
        note("porosity of a section, for the whole", found["porosity"], porosity)
        note(
            "contact of particles with electrolyte, for the whole",
            found["contact_fraction_electrolyte"], contact,
        )  # fmt: skip
    for what, hits in held.items():
        share = float(np.mean(hits))
        yield Mark(
            f"{what}: 95 % intervals that hold", f"{100 * share:.1f} % of {len(hits)}",
            "92 to 98 %", _LOW <= share <= _HIGH,
        )  # fmt: skip


if __name__ == "__main__":
    main()
