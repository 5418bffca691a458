"""Whatever is given to an analysis: an InputError, or a result whose numbers are numbers."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
from validation._synthetic_images import coated_edge

import solith.analysis
from solith.core.errors import ConvergenceError, InputError, StorageError
from solith.core.record import Record
from solith.core.result import Result

Columns = dict[str, np.ndarray]

FACTS = {"geometric_area_m2": 1e-4, "active_mass_kg": 1e-5, "one_c_ampere": 1e-3}
CIRCUIT = "R0-p(R1,C1)-p(R2,C2)"
TIMED = ("test_time_second", "voltage_volt", "current_ampere")


def cycling(cycles: int = 4, rows: int = 25) -> Columns:
    """Charge, rest, discharge, rest."""
    blocks, now = [], 0.0
    for way in (1, -1) * cycles:
        ramp = np.linspace(3.0, 4.0, rows)[::way]
        blocks.append((now + np.linspace(1, 3600, rows), ramp, np.full(rows, way * 1e-3)))
        rest = np.linspace(3601, 3900, 4)
        blocks.append((now + rest, ramp[-1] - way * np.linspace(0.02, 0.05, 4), np.zeros(4)))
        now += 3900.0
    columns = dict(zip(TIMED, np.concatenate(blocks, axis=1), strict=True))
    return columns | {"loss_contact_volt": 10.0 * columns["current_ampere"]}


def symmetric() -> Columns:
    columns = cycling()
    return columns | {"voltage_volt": 100.0 * columns["current_ampere"]}


def titration(rows: int = 20) -> Columns:
    blocks, now, rest = [], 0.0, 3.5
    for _ in range(4):
        pulse, after = np.linspace(1, 600, rows), np.linspace(1, 3600, rows)
        blocks.append((now + pulse, rest + 0.02 + 1e-3 * pulse**0.5, np.full(rows, 1e-4)))
        rest, now = rest + 0.01, now + 600
        blocks.append((now + after, rest + 0.02 * np.exp(-after / 300), np.zeros(rows)))
        now += 3600
    return dict(zip(TIMED, np.concatenate(blocks, axis=1), strict=True))


def voltammogram(rate: float = 1e-3) -> Columns:
    out = np.linspace(3, 4, 150)
    volts = np.concatenate([out, out[-2::-1]])
    way = np.where(np.arange(len(volts)) < len(out), 1.0, -1.0)
    current = way * (rate * 1e-3 + rate**0.5 * 1e-4 * np.exp(-(((volts - 3.5) / 0.05) ** 2)))
    time = np.concatenate([[0], np.cumsum(np.abs(np.diff(volts)))]) / rate
    return dict(zip(TIMED, (time, volts, current), strict=True))


def decay() -> Columns:
    time = np.linspace(0, 600, 60)
    current = 1e-6 + 4e-6 * np.exp(-time / 50)
    return dict(zip(TIMED, (time, np.full(60, 0.1), current), strict=True))


def sweep() -> Columns:
    """There and back, with an abrupt rise on the way out."""
    volts = np.concatenate([np.linspace(0, 2, 60), np.linspace(2, 0, 60)])
    high = (volts > 1.4) | (np.arange(120) >= 60)
    return {"voltage_volt": volts, "current_ampere": volts * np.where(high, 1e-3, 1e-7)}


def spectrum() -> Columns:
    frequency = np.logspace(6, -1, 12)
    omega = 2j * np.pi * frequency
    values = 20 + 100 / (1 + omega * 1e-5) + 50 / (1 + omega * 1e-2)
    return {
        "frequency_hertz": frequency,
        "real_impedance_ohm": values.real,
        "imaginary_impedance_ohm": values.imag,
    }


def photoelectrons() -> Columns:
    """Two doublets of sulfur on a step."""
    energy = np.arange(158.0, 172.0, 0.1)
    counts = np.full(len(energy), 300.0)
    for position, area in ((161.6, 3000.0), (168.9, 1500.0)):
        for line, share in ((position, 2 / 3), (position + 1.18, 1 / 3)):
            counts += share * area * np.exp(-2 * (energy - line) ** 2) + 20 * (energy > line)
    return {"abscissa": energy, "intensity": np.round(counts)}


def couple() -> dict[str, Any]:
    """A profile across an interface."""
    position = np.linspace(-1e-6, 1e-6, 81)
    return {"position": position, "composition": 0.5 * (1 - np.tanh(position / 2e-7))}


SHAPES: dict[str, tuple[str, Callable[[], Columns]]] = {
    "cycling": ("cycling", cycling),
    "symmetric": ("cycling", symmetric),
    "titration": ("cycling", titration),
    "decay": ("cycling", decay),
    "voltammogram": ("voltammogram", voltammogram),
    "sweep": ("current-voltage", sweep),
    "spectrum": ("impedance", spectrum),
    "photoelectrons": ("spectrum", photoelectrons),
}


def made(shape: str, change: Callable[[Columns], Columns] = dict, **facts: Any) -> Record:
    kind, columns = SHAPES[shape]
    return Record.from_arrays(kind, attributes=FACTS | facts, **change(columns()))


@cache
def usual(shape: str) -> Record:
    return made(shape)


@cache
def scans() -> tuple[Record, ...]:
    return tuple(
        Record.from_arrays("voltammogram", **voltammogram(rate)) for rate in (1e-3, 2e-3, 4e-3)
    )


@cache
def triggered() -> Result:
    return solith.analysis.analyse_current_voltage(usual("sweep"))


SULFUR = ("thiophosphate", "sulfate")


@cache
def sulfur() -> Result:
    return solith.analysis.fit_xps(
        usual("photoelectrons"), region="S 2p", components=SULFUR, compare_backgrounds=False
    )


def spectrum_of(
    technique: str, abscissa: Any, unit: str, intensity: Any, intensity_unit: str, **facts: Any
) -> Record:
    attributes = {"technique": technique, **facts}
    record = Record.from_arrays(
        "spectrum", attributes=attributes, abscissa=abscissa, intensity=intensity
    )
    record.data["abscissa"].attrs["units"] = unit
    record.data["intensity"].attrs["units"] = intensity_unit
    return record


@cache
def absorption(height: float = 2.0) -> Record:
    """An edge with a white line."""
    energy = np.arange(2440.0, 2540.0, 0.5)
    edge = 0.5 + np.arctan((energy - 2472) / 0.6) / np.pi
    line = height * np.exp(-(((energy - 2473.5) / 0.8) ** 2))
    scatter = 1e-3 * np.random.default_rng(int(10 * height)).standard_normal(len(energy))
    return spectrum_of(
        "xanes", energy, "eV", edge + line + scatter + 0.1, "", element="S", edge="K"
    )


@cache
def pattern() -> Record:
    """Two reflections on a background of counts."""
    angle = np.arange(20.0, 60.0, 0.04)
    counts = 200 + sum(5000 * np.exp(-(((angle - place) / 0.1) ** 2)) for place in (28.0, 45.0))
    drawn = np.random.default_rng(0).poisson(counts).astype(float)
    return spectrum_of("xrd", angle, "deg", drawn, "counts", wavelength_metre=1.5406e-10)


@cache
def heating() -> Record:
    """One peak of heat flow."""
    warm = np.arange(30.0, 300.0, 0.5)
    heat = np.exp(-(((warm - 150) / 8) ** 2)) + 1e-3 * np.random.default_rng(0).standard_normal(
        len(warm)
    )
    return spectrum_of("dsc", warm, "degC", heat, "W/g")


@cache
def image() -> Record:
    """A disc with a rim: two channels and their pixel."""
    y, x = np.indices((96, 96))
    away = np.hypot(x - 48, y - 48)
    scatter = np.random.default_rng(0).standard_normal((2, 96, 96))
    inside = (away < 30) + 0.05 * scatter[0]
    rim = np.exp(-(((away - 32) / 3) ** 2)) + 0.05 * scatter[1]
    return Record.from_arrays(
        "map",
        attributes={"pixel_size_x_metre": 2e-9, "pixel_size_y_metre": 2e-9},
        inside=(inside, "1"),
        rim=(rim, "1"),
    )


@cache
def coated() -> dict[str, Any]:
    edge = coated_edge(1, 0.5)
    return {"image": edge.image, "pixel_size": edge.pixel}


@cache
def two_sides() -> Any:
    return np.where(np.indices((96, 96))[1] < 48, 1, 2)


SIDE = [[96e-9, 0.0], [96e-9, 190e-9]]
IMAGES_AND_SPECTRA: dict[str, Callable[[], dict[str, Any]]] = {
    "analyse_coating": coated,
    "analyse_coverage": lambda: {
        "record": image(),
        "coating": "rim",
        "particles": np.hypot(*(np.indices((96, 96)) - 48)) < 30,
    },
    "analyse_cross_section": lambda: {
        "record": image(),
        "variable": "inside",
        "phases": ["void", "active"],
        "particle": "active",
    },
    "analyse_crystallinity": lambda: {"image": image().array("rim"), "pixel_size": 2e-11},
    "analyse_map": lambda: {"record": image(), "variable": "inside"},
    "analyse_profile": lambda: {"record": image(), "variable": "inside", "labels": two_sides()},
    "analyse_thermal": lambda: {"record": heating()},
    "analyse_xanes": lambda: {"record": absorption()},
    "analyse_xanes_series": lambda: {
        "records": [absorption(1.0 + 0.2 * step) for step in range(5)],
        "times": [60.0 * step for step in range(5)],
    },
    "calibrate_energy": lambda: {"record": absorption(), "shift": "0.5 eV"},
    "compare_boundary": lambda: {
        "record": image(),
        "variable": "inside",
        "labels": two_sides(),
        "width": "20 nm",
    },
    "compare_pattern": lambda: {
        "found": pattern(),
        "structure": [
            {"spacing_metre": 3.18e-10, "intensity": 100.0},
            {"spacing_metre": 2.01e-10, "intensity": 100.0},
        ],
    },
    "correlate_channels": lambda: {"record": image(), "first": "inside", "second": "rim"},
    "find_components": lambda: {"series": [absorption(1.0 + 0.2 * step) for step in range(5)]},
    "find_peaks": lambda: {"record": pattern()},
    "find_xanes_candidates": lambda: {"energy": "2472 eV"},
    "fit_map_interdiffusion": lambda: {
        "record": image(),
        "variable": "inside",
        "boundary": SIDE,
    },
    "fit_mixture": lambda: {
        "record": absorption(1.5),
        "references": {"one": absorption(1.0), "other": absorption(2.0)},
    },
    "follow_edges": lambda: {
        "results": [solith.analysis.analyse_xanes(absorption(1.0 + 0.2 * n)) for n in range(3)],
        "along": "time",
        "values": [0.0, 60.0, 120.0],
    },
    "level_map": lambda: {"record": image(), "variable": "inside"},
    "xanes_references": dict,
    "xps_species": lambda: {"region": "S 2p"},
}
"""Their records are not those of cells, and are spoiled in tests of their own."""

GOOD: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "analyse": ("cycling", dict),
    "analyse_current_voltage": ("sweep", dict),
    "analyse_cycling": ("cycling", dict),
    "analyse_fully": ("cycling", dict),
    "analyse_impedance": ("spectrum", dict),
    "analyse_symmetric_cycling": ("symmetric", dict),
    "analyse_voltammogram": ("voltammogram", dict),
    "check_kramers_kronig": ("spectrum", dict),
    "compare_triggering": ("", lambda: {"groups": {"grain": [triggered()]}}),
    "find_capacitive_share": ("", lambda: {"records": scans()}),
    "find_conductivity": (
        "spectrum",
        lambda: {"circuit": CIRCUIT, "geometric_area": 1e-4, "thickness": 1e-3},
    ),
    "find_critical_current": ("symmetric", dict),
    "find_differential_capacity": ("cycling", dict),
    "find_formation_loss": ("cycling", dict),
    "find_interdiffusivity": ("", lambda: {**couple(), "time": 3600.0}),
    "find_losses": ("cycling", dict),
    "find_rate_capability": ("cycling", dict),
    "find_resistances": ("spectrum", dict),
    "find_species": ("", lambda: {"results": [sulfur()]}),
    "find_transference": ("decay", lambda: {"resistance_before": 10.0, "resistance_after": 11.0}),
    "fit_drt": ("spectrum", dict),
    "fit_gitt": ("titration", dict),
    "fit_interdiffusion": ("", couple),
    "fit_impedance": ("spectrum", lambda: {"circuit": CIRCUIT}),
    "fit_polarisation": ("decay", lambda: {"electrodes": "ion-blocking", "thickness": 1e-3}),
    "fit_scan_rates": ("", lambda: {"records": scans()}),
    "fit_series": (
        "",
        lambda: {
            "records": [usual("spectrum")] * 2,
            "variable": "time",
            "values": [0.0, 1.0],
            "circuit": CIRCUIT,
        },
    ),
    "find_xps_background": ("photoelectrons", dict),
    "fit_xps": ("photoelectrons", lambda: {"region": "S 2p", "components": list(SULFUR)}),
    "join_cycling": ("spectrum", lambda: {"cycling": usual("cycling"), "time": 1800.0}),
    "parse_circuit": ("", lambda: {"text": "R0-p(R1,C1)"}),
    "summarise_replicates": ("", lambda: {"results": [triggered()] * 2}),
    "take_as": ("cycling", lambda: {"technique": "gitt"}),
} | {name: ("", given) for name, given in IMAGES_AND_SPECTRA.items()}
"""Every public function with a record it analyses and the arguments it needs besides."""

BAD: dict[str, Any] = {
    "None": None,
    "object": object(),
    "nonsense": "no such thing",
    "no text": "",
    "minus one": -1,
    "nought": 0,
    "a half": 0.5,
    "three": 3,
    "true": True,
    "nan": math.nan,
    "inf": math.inf,
    "huge": 1e200,
    "tiny": 1e-200,
    "complex": 1j,
    "no unit": "3 parsecs per fortnight",
    "empty list": [],
    "nones": [None],
    "mixture": (1, "x"),
    "empty table": {},
    "table": {"a": 3},
    "array": np.array([1.0, math.nan]),
    "function": len,
}


def parameters(name: str) -> Iterator[str]:
    for parameter in inspect.signature(getattr(solith.analysis, name)).parameters.values():
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD:
            yield parameter.name


def arguments(name: str) -> dict[str, Any]:
    shape, others = GOOD[name]
    return ({"record": usual(shape)} if shape else {}) | others()


def outcome(name: str, given: dict[str, Any]) -> Any:
    """What the function gives, or the error it raises for its input; whatever else fails."""
    function = getattr(solith.analysis, name)
    first = next(parameters(name))
    if "record" in given and first != "record":
        given = {first if key == "record" else key: value for key, value in given.items()}
    try:
        found = function(**given)
    except (InputError, ConvergenceError, StorageError) as error:
        return error
    if isinstance(found, Result):
        require_numbers(found)
    return found


def require_numbers(result: Result) -> None:
    for value in result:
        for number in (value.value, value.uncertainty):
            assert number is None or math.isfinite(number), value
        assert value.value is not None or value.flags, value
        assert value.uncertainty is None or value.uncertainty >= 0, value
    Result.from_json(result.to_json())
    str(result)


def test_every_public_function_is_tried() -> None:
    public = {
        name
        for name in solith.analysis.__all__
        if inspect.isroutine(getattr(solith.analysis, name))
    }
    no_result = {"count_scan_rates"}
    assert public - no_result == set(GOOD)


def test_scan_rates_are_counted_or_refused() -> None:
    assert solith.analysis.count_scan_rates([1e-3, 2e-3, 1.01e-3, 5e-3]) == 3
    assert solith.analysis.count_scan_rates([]) == 0
    for bad in (3, "1 mV/s", [None], [-1.0], [float("nan")], ["1 V"]):
        with pytest.raises(InputError):
            solith.analysis.count_scan_rates(bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(GOOD))
def test_the_usual_arguments_are_taken(name: str) -> None:
    assert not isinstance(outcome(name, arguments(name)), InputError)


@pytest.mark.parametrize(
    ("name", "parameter"), [(name, parameter) for name in GOOD for parameter in parameters(name)]
)
def test_bad_arguments(name: str, parameter: str) -> None:
    first = next(parameters(name))
    for told, bad in BAD.items():
        given = arguments(name)
        given["record" if parameter == first and "record" in given else parameter] = bad
        found = outcome(name, given)
        if told in ("object", "function"):
            assert isinstance(found, InputError), (told, bad)


def at(rows: Any, number: float) -> Callable[[Columns], Columns]:
    def change(columns: Columns) -> Columns:
        changed = {name: column.copy() for name, column in columns.items()}
        for column in changed.values():
            column[rows] = number
        return changed

    return change


def first_rows(number: int) -> Callable[[Columns], Columns]:
    return lambda columns: {name: column[:number] for name, column in columns.items()}


def scaled(by: float, which: str) -> Callable[[Columns], Columns]:
    return lambda columns: {
        name: column * (by if which in name else 1.0) for name, column in columns.items()
    }


def constant(number: float, which: str) -> Callable[[Columns], Columns]:
    return lambda columns: {
        name: np.full_like(column, number) if which in name else column
        for name, column in columns.items()
    }


def doubled(columns: Columns) -> Columns:
    return {name: np.repeat(column, 2) for name, column in columns.items()}


def backwards(columns: Columns) -> Columns:
    return {name: column[::-1] for name, column in columns.items()}


WRONG: dict[str, Callable[[Columns], Columns]] = {
    "empty": first_rows(0),
    "one row": first_rows(1),
    "two rows": first_rows(2),
    "five rows": first_rows(5),
    "twenty rows": first_rows(20),
    "all nan": at(slice(None), math.nan),
    "every second nan": at(slice(None, None, 2), math.nan),
    "one inf": at(7, math.inf),
    "all zero": at(slice(None), 0.0),
    "all one": at(slice(None), 1.0),
    "same time": constant(5.0, "time"),
    "no current": constant(0.0, "current"),
    "one current": constant(1e-3, "current"),
    "one voltage": constant(3.0, "voltage"),
    "no voltage": constant(0.0, "voltage"),
    "one frequency": constant(10.0, "frequency"),
    "no real part": constant(0.0, "real_"),
    "no imaginary part": constant(0.0, "imaginary"),
    "doubled": doubled,
    "backwards": backwards,
    **{
        f"{which or 'all'} times {by:g}": scaled(by, which)
        for which in ("", "current", "voltage", "time", "frequency", "impedance")
        for by in (1e200, 1e-320, -1.0, 1e-12)
    },
}

FAST = sorted(
    set(GOOD)
    - set(IMAGES_AND_SPECTRA)
    - {"parse_circuit", "find_interdiffusivity", "fit_interdiffusion"}
)


def given_record(name: str, record: Record) -> dict[str, Any]:
    """The function's arguments with the record, alone or beside its like."""
    shape, others = GOOD[name]
    if shape:
        return {"record": record} | others()
    given = others()
    first = next(iter(given))
    if name == "compare_triggering":
        return {first: {"grain": [record, triggered()]}}
    return given | {first: [record, *list(given[first])[1:]]}


SHAPE_OF = {
    "compare_triggering": "sweep",
    "find_capacitive_share": "voltammogram",
    "fit_scan_rates": "voltammogram",
    "fit_series": "spectrum",
    "find_species": "photoelectrons",
    "summarise_replicates": "cycling",
}


@pytest.mark.parametrize("name", FAST)
def test_wrong_records(name: str) -> None:
    shape = GOOD[name][0] or SHAPE_OF[name]
    columns = SHAPES[shape][1]()
    for change in WRONG.values():
        changed = change(columns)
        if all(np.array_equal(changed[key], column) for key, column in columns.items()):
            continue  # has no such column
        record = Record.from_arrays(SHAPES[shape][0], attributes=FACTS, **changed)
        outcome(name, given_record(name, record))


@pytest.mark.parametrize("told", ["all one", "doubled", "no imaginary part", "twenty rows"])
def test_circuits_are_not_found_in_anything(told: str) -> None:
    columns = WRONG[told](spectrum())
    outcome("fit_impedance", {"record": Record.from_arrays("impedance", **columns)})


@pytest.mark.parametrize("name", FAST)
def test_records_of_other_kinds(name: str) -> None:
    for shape in SHAPES:
        outcome(name, given_record(name, usual(shape)))


@pytest.mark.parametrize("name", FAST)
@pytest.mark.parametrize("bad", ["text", -1.0, 0.0, math.nan, math.inf, 1e200, 1e-200, None, [1.0]])
def test_wrong_facts(name: str, bad: Any) -> None:
    shape = GOOD[name][0] or SHAPE_OF[name]
    outcome(name, given_record(name, made(shape, **dict.fromkeys(FACTS, bad))))
