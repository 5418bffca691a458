"""Series of spectra, pellets and polarisations with known answers, and a real pellet.

    python -m validation.series_and_pellets

Synthetic spectra of a pellet (bulk of 30 kJ/mol, boundaries of 40 kJ/mol, blocking electrodes) at
eight temperatures, with normal noise of 0.5 to 1 % of the modulus: the bulk's arc leaves the
measured frequencies at the warm end. Other series have arcs that cross. Geometries scatter by
their stated uncertainties. The real pellet's geometry is not known: only its resistance is told.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import solith
from solith.analysis import (
    find_conductivity,
    fit_impedance,
    fit_polarisation,
    fit_series,
    parse_circuit,
)
from solith.core.constants import GAS_CONSTANT
from solith.core.record import Record
from solith.core.result import Result
from validation.marks import Mark, finish

Array = NDArray[np.float64]

PELLET = "R0-p(R1,CPE1)-p(R2,CPE2)-CPE3"
CROSSING = "R0-p(R1,CPE1)-p(R2,CPE2)"
ENERGIES = {"R1": 30.0, "R2": 40.0}  # kJ/mol
SERIES, GUESS_FREE, CROSSED, SHARED, GROWN, PELLETS, POLARISED = 200, 20, 60, 200, 40, 200, 400
AREA, THICKNESS = 7.85e-5, 6e-4
AREA_SPREAD, THICKNESS_SPREAD = 1e-6, 1e-5
REAL = "eis/PEIS_LPSCl_IonBlocking_-25C.mpr"


def main() -> None:
    finish(marks())


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    yield from energies()
    yield from guess_free()
    yield from crossing()
    yield from growth()
    yield from pellets()
    yield from polarisation()
    yield from real_pellet()


def spectrum(
    circuit: str,
    values: Iterable[float],
    frequency: Array,
    rng: np.random.Generator,
    **facts: float,
) -> Record:
    """A spectrum with 0.5 to 1 % of noise."""
    impedance = parse_circuit(circuit).impedance(frequency, list(values))
    noise = rng.uniform(0.005, 0.01) * rng.normal(size=(2, len(frequency)))
    impedance = impedance * (1 + noise[0] + 1j * noise[1])
    return Record.from_arrays(
        "impedance",
        frequency_hertz=frequency,
        real_impedance_ohm=impedance.real,
        imaginary_impedance_ohm=impedance.imag,
        attributes=facts,
    )


def arrhenius(at_300: float, energy: float, temperature: float) -> float:
    """A resistance with an activation energy [kJ/mol]."""
    return float(at_300 * np.exp(1e3 * energy / GAS_CONSTANT * (1 / temperature - 1 / 300)))


def pellet_series(seed: int) -> list[Record]:
    """Eight temperatures of a pellet."""
    rng = np.random.default_rng(seed)
    return [
        spectrum(
            PELLET,
            [
                1e-3,
                *(arrhenius(200, ENERGIES["R1"], temperature), 5e-11, 0.98),
                *(arrhenius(100, ENERGIES["R2"], temperature), 1e-8, 0.92),
                *(5e-6, 0.9),
            ],
            np.logspace(7, -1, 65),
            rng,
            temperature_kelvin=float(temperature),
        )
        for temperature in np.linspace(220, 300, 8)
    ]


def crossing_series(seed: int) -> list[Record]:
    """Eleven temperatures of two arcs, 20 and 55 kJ/mol, that cross near 284 K."""
    rng = np.random.default_rng(seed)
    return [
        spectrum(
            CROSSING,
            [
                10,
                *(arrhenius(200, 20.0, temperature), 2e-6, 0.95),
                *(arrhenius(100, 55.0, temperature), 2e-6, 0.9),
            ],
            np.logspace(6, -2, 65),
            rng,
            temperature_kelvin=float(temperature),
        )
        for temperature in np.linspace(240, 340, 11)
    ]


def share(held: int, of: int, what: str) -> Mark:
    """A mark on how many 95 % intervals hold the truth."""
    part = 100 * held / of
    return Mark(
        f"{what}: 95 % intervals that hold the truth",
        f"{part:.1f} %",
        "92 to 98 %",
        92 <= part <= 98,
    )


def energies() -> Iterator[Mark]:
    """Energies of both arcs, fitted apart and with shared exponents; the arc that leaves."""
    for shared, trials in ((False, SERIES), (True, SHARED)):
        held, errors, told, seconds = dict.fromkeys(ENERGIES, 0), [], 0, []
        for seed in range(trials):
            records = pellet_series(seed)
            start = time.perf_counter()
            result = fit_series(records, "temperature", circuit=PELLET, share_exponents=shared)
            seconds.append(time.perf_counter() - start)
            for name, truth in ENERGIES.items():
                law = result.details["laws"][name]["sigma"]
                low, high = law["activation_energy_interval_95"]
                held[name] += low <= truth <= high
                errors.append(abs(value(result, f"{name}_activation_energy_sigma") - truth))
            last = result.details["table"][-1]["values"]["R1"]["flags"]
            told += any("apex outside" in flag for flag in last)
        words = "shared exponents" if shared else "series"
        for name in ENERGIES:
            yield share(held[name], trials, f"{trials} {words} of 8 temperatures, energy of {name}")
        yield Mark(
            f"{trials} {words}: error of the energies of 30 and 40 kJ/mol, median and most",
            f"{np.median(errors):.3f} and {max(errors):.3f} kJ/mol",
            "most at most 0.5 kJ/mol",
            max(errors) <= 0.5,
        )
        yield Mark(
            f"{trials} {words}: the arc that leaves the range keeps its number and is flagged",
            f"{told} of {trials}",
            "all",
            told == trials,
        )
        yield Mark(
            f"{trials} {words}: time of a series of 8 with its circuit given, median",
            f"{np.median(seconds):.2f} s",
            "at most 2 s",
            float(np.median(seconds)) <= 2,
        )


def guess_free() -> Iterator[Mark]:
    """The circuit chosen for the whole series."""
    right, errors, seconds = 0, [], []
    for seed in range(GUESS_FREE):
        records = pellet_series(1000 + seed)
        start = time.perf_counter()
        result = fit_series(records, "temperature", cell_type="blocking-pellet")
        seconds.append(time.perf_counter() - start)
        if result.details["circuit"] != PELLET:
            continue
        right += 1
        errors += [
            abs(value(result, f"{name}_activation_energy_sigma") - truth)
            for name, truth in ENERGIES.items()
        ]
    yield Mark(
        f"{GUESS_FREE} series without a guess: the circuit that made them is chosen",
        f"{right}; energies within {max(errors, default=np.inf):.2f} kJ/mol, "
        f"{np.median(seconds):.1f} s a series",
        f"at least {GUESS_FREE - 1}",
        right >= GUESS_FREE - 1,
    )


def crossing() -> Iterator[Mark]:
    """Arcs that cross: energies, and that what is not told apart is said."""
    near, told = 0, 0
    for seed in range(CROSSED):
        result = fit_series(crossing_series(seed), "temperature", circuit=CROSSING)
        found = sorted(value(result, f"R{n}_activation_energy_sigma") for n in (1, 2))
        near += bool(np.allclose(found, [20, 55], atol=1.0))
        told += any("told apart" in flag for flag in result["R1_activation_energy_sigma"].flags)
    yield Mark(
        f"{CROSSED} series of arcs that cross: both energies (20, 55 kJ/mol) within 1 kJ/mol",
        f"{near}",
        f"at least {round(0.95 * CROSSED)}",
        near >= 0.95 * CROSSED,
    )
    yield Mark(
        f"{CROSSED} series of arcs that cross: said where they are not told apart",
        f"{told}",
        "all",
        told == CROSSED,
    )


def growth() -> Iterator[Mark]:
    """The law of growth that made an arc, chosen by criterion."""
    laws = {
        "constant": lambda t: 100.0,
        "linear": lambda t: 100 + 2e-3 * t,
        "root of time": lambda t: 100 + 0.6 * t**0.5,
        "logarithm": lambda t: 100 + 20 * np.log1p(t / 500),
    }
    for law, resistance in laws.items():
        right = 0
        for seed in range(GROWN):
            rng = np.random.default_rng(seed)
            records = [
                spectrum(
                    "R0-p(R1,CPE1)",
                    [10, resistance(at), 1e-6, 0.9],
                    np.logspace(6, 0, 37),
                    rng,
                    time_second=float(at),
                )
                for at in np.linspace(0, 4e4, 9)
            ]
            result = fit_series(records, "time", circuit="R0-p(R1,CPE1)")
            right += result.details["laws"]["R1"]["law"] == law
        yield Mark(
            f"{GROWN} arcs of which the law is {law}: it is chosen",
            f"{right}",
            f"at least {round(0.85 * GROWN)}",
            right >= 0.85 * GROWN,
        )


def pellets() -> Iterator[Mark]:
    """Conductivities with the geometry's uncertainty."""
    names = ("ionic", "bulk", "boundary", "boundary_specific")
    held, known = dict.fromkeys(names, 0), dict.fromkeys(names, 0)
    for seed in range(PELLETS):
        rng = np.random.default_rng(seed)
        bulk, boundary = 10 ** rng.uniform(3.3, 4), 10 ** rng.uniform(3.3, 4)
        inner, outer = 10 ** rng.uniform(-10.7, -10.3), 10 ** rng.uniform(-8.7, -8.2)
        true_area = AREA + AREA_SPREAD * rng.normal()
        true_length = THICKNESS + THICKNESS_SPREAD * rng.normal()
        constant = true_length / true_area
        record = spectrum(
            "p(R1,C1)-p(R2,C2)-CPE3",
            [bulk, inner, boundary, outer, 5e-6, 0.9],
            np.logspace(7, -1, 65),
            rng,
            geometric_area_m2=AREA,
            thickness_m=THICKNESS,
        )
        result = find_conductivity(
            record, area_uncertainty=AREA_SPREAD, thickness_uncertainty=THICKNESS_SPREAD
        )
        truths = {
            "ionic": constant / (bulk + boundary),
            "bulk": constant / bulk,
            "boundary": constant / boundary,
            "boundary_specific": constant / boundary * inner / outer,
        }
        for name, truth in truths.items():
            found = result[f"{name}_conductivity"]
            if found.value is None or found.uncertainty is None:
                continue
            known[name] += 1
            held[name] += abs(found.value - truth) < 1.96 * found.uncertainty
    for name in names:
        yield Mark(
            f"{PELLETS} pellets: {name} conductivity is found",
            f"{known[name]}",
            f"at least {round(0.98 * PELLETS)}",
            known[name] >= 0.98 * PELLETS,
        )
        yield share(held[name], known[name], f"{name} conductivity with geometry")


def polarisation() -> Iterator[Mark]:
    """Electronic resistance beside a blocked ionic one, from three noisy transients."""
    electronic, ionic, number = 1e6, 1e4, 0
    truths = {
        "electronic_resistance": electronic,
        "total_resistance": 1 / (1 / electronic + 1 / ionic),
        "ionic_transference": 1 / (1 + ionic / electronic),
    }
    held = dict.fromkeys(truths, 0)
    for seed in range(POLARISED):
        rng = np.random.default_rng(seed)
        at = np.arange(0, rng.uniform(80, 250), 1.0)
        records = []
        for level in (0.02, 0.03, 0.05):
            current = level / electronic + level / ionic * np.exp(-at / 20)
            current = current + 2e-9 * rng.normal(size=len(at))
            record = Record.from_arrays(
                "cycling",
                test_time_second=at,
                voltage_volt=np.full(len(at), level),
                current_ampere=current,
            )
            records.append(record.with_facts(geometric_area=AREA, thickness=THICKNESS))
        result = fit_polarisation(records, "ion-blocking")
        number += 1
        for name, truth in truths.items():
            found = result[name]
            spread = found.uncertainty or 0.0
            held[name] += abs((found.value or 0.0) - truth) < 1.96 * spread
    for name in truths:
        yield share(held[name], number, f"{number} polarisations of 80 to 250 s, {name}")


def real_pellet() -> Iterator[Mark]:
    """The resistance of a real pellet between blocking electrodes."""
    folder = Path(os.environ.get("SOLITH_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not (folder / REAL).exists():
        return
    (record,) = solith.read(folder / REAL)
    result = fit_impedance(record, "blocking-pellet")
    total, residual = result["R_total"], value(result, "residual")
    exponent = [one for one in result if one.quantity.endswith("_n")][-1]
    yield Mark(
        f"real LPSCl pellet at -25 degC ({result.details['circuit']}): total resistance",
        f"{total.shown} ohm, residual {residual:.2f} %",
        "about 1.5 kohm (1.4 to 1.6)",
        1400 <= value(result, "R_total") <= 1600,
    )
    yield Mark(
        "real LPSCl pellet: exponent of the blocking electrodes",
        f"{exponent.shown} ({exponent.quantity})",
        "near 0.89 (within 0.02)",
        abs((exponent.value or 0.0) - 0.89) <= 0.02,
    )


def value(result: Result, name: str) -> float:
    """A value that may be missing."""
    found = result[name].value
    return float("nan") if found is None else found


if __name__ == "__main__":
    main()
