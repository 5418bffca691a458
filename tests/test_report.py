"""The report: a page of its own, true to the numbers of the run."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from plotly.offline import get_plotlyjs

from solith.analysis import analyse
from solith.app._report_cases import find_cases
from solith.app._report_figures import find_panels
from solith.app._report_numbers import show_deviation, show_input, show_unit
from solith.app._report_origins import find_origin
from solith.app._report_tables import _marked, results_tables
from solith.app.report import render_report, state_answer
from solith.cell.parameters import default_cell
from solith.core.provenance import Provenance
from solith.core.record import Record
from solith.core.result import Result, Value
from solith.materials import find_material

PARTS = {
    "electrolyte_layer": 14.0,
    "ionic_path": 22.0,
    "electronic_path": 0.8,
    "coating": 0.012,
    "interphase": 6.0,
    "further_resistance": 18.0,
    "contact": 9.0,
    "charge_transfer": 25.0,
    "solid_diffusion": 30.0,
    "uneven_lithiation": 4.0,
    "anode": 11.0,
}
RESISTANCE = {"350": 369.0, "450": 124.0, "550": 672.0}
CAPACITY = {"350": 120.9, "450": 152.0, "550": 73.2}
RATES = {"slow": 0.1, "fast": 1.0}
MASS = 6.8e-6  # kg
ONE_C = 1.02e-3  # A


@dataclass(frozen=True)
class Row:
    study: str = "coated"
    sample: str = "450"
    quantity: str = "discharge_capacity"
    computed: float | None = 150.0
    published: float | None = 152.0
    unit: str = "mAh/g"
    role: str = "predicted"
    uncertainty: float | None = None
    area: str = ""
    flags: tuple[str, ...] = ()
    source: str = ""
    range: tuple[float, float] | None = None
    stands_for: str = ""
    measured: bool = False
    synthetic: bool = False


@dataclass(frozen=True)
class FakeCell:
    coating: str = "7.5e-09 m"
    conductivity: str = "0.00387 S/m"
    resistance: str = "0.0097 ohm m2"

    def to_mapping(self) -> dict[str, Any]:
        return {
            "cathode": {
                "material": "NMC532",
                "composite": {"active_fraction": 0.42, "particle_radius": "2e-06 m"},
                "coating": {"thickness": self.coating, "conductivity": self.conductivity},
                "charge_transfer": {"law": "butler_volmer", "area_resistance": "0.05 ohm m2"},
                "loading": "0.087 kg/m2",
            },
            "electrolyte": {"material": "LGPS", "thickness": "0.0007 m"},
            "anode": {"material": "In-Li", "interface": {"resistance": self.resistance}},
            "area": "7.85e-05 m2",
            "one_c": "13.0 A/m2",
            "temperature": "298.15 K",
        }


@dataclass(frozen=True)
class Run:
    study: Any
    rows: tuple[Row, ...] = ()
    records: dict[str, Record] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    folder: Path = Path("coated-results")


def make_cycling(sample: str, rate: float) -> Record:
    """A charge and discharge with the shape of an NMC half cell against In-Li."""
    share = CAPACITY[sample] / 160 / (1 + 0.35 * np.log10(rate / 0.1))
    pieces = []
    start = 0.0
    for sign, end in ((1, share / 0.87), (-1, share)):
        x = np.linspace(0, end, 160)
        delithiated = x if sign > 0 else share / 0.87 - x
        rest = 3.05 + 0.55 * delithiated + 0.16 * np.tanh((delithiated - 0.05) / 0.04)
        near_end = np.exp((x - end) / (0.03 * end))
        losses = {}
        for part, millivolts in PARTS.items():
            scale = rate / 0.1 if part != "solid_diffusion" else (rate / 0.1) ** 0.6
            if part in ("coating", "further_resistance"):
                scale *= RESISTANCE[sample] / 124
            shape = 1 + (9 * near_end if part == "solid_diffusion" else 0.3 * x / end)
            losses[part] = -sign * 1e-3 * millivolts * scale**0.75 * shape
        time = start + x * 160 * MASS * 1000 * 3.6 / (rate * ONE_C)
        start = time[-1]
        pieces.append(
            {
                "test_time_second": time,
                "open_circuit_voltage_volt": rest,
                "voltage_volt": rest - sum(losses.values()),
                "current_ampere": np.full_like(x, sign * rate * ONE_C),
                "cycle_count": np.ones_like(x),
                **{f"loss_{part}_volt": values for part, values in losses.items()},
            }
        )
    columns = {key: np.concatenate([piece[key] for piece in pieces]) for key in pieces[0]}
    return Record.from_arrays(
        "cycling",
        provenance=Provenance("simulated", sample=sample, method="cell model", version="0.1"),
        attributes={
            "active_mass_kg": MASS,
            "reference": "vs Li-In",
            "one_c_ampere": ONE_C,
            "geometric_area_m2": 7.85e-5,
        },
        **columns,
    )


def make_impedance(sample: str) -> Record:
    frequency = np.logspace(6, -2, 81)
    omega = 2j * np.pi * frequency
    big = RESISTANCE[sample]
    impedance = (
        60
        + 0.7 * big / (1 + (omega * 0.7 * big * 2e-8) ** 0.9)
        + 0.3 * big / (1 + (omega * 0.3 * big * 4e-5) ** 0.85)
        + 40 / (1 + omega * 40 * 4e-3)
        + 22 / np.sqrt(omega)
    )
    return Record.from_arrays(
        "impedance",
        provenance=Provenance("simulated", sample=sample, method="cell model", version="0.1"),
        frequency_hertz=frequency,
        real_impedance_ohm=impedance.real,
        imaginary_impedance_ohm=impedance.imag,
    )


def make_analysis(record: Record, sample: str, rate: float) -> Result:
    capacity = CAPACITY[sample] / (1 + 0.35 * np.log10(rate / 0.1))
    discharge = record.array("current_ampere") < 0
    losses = {p: 1e3 * record.array(f"loss_{p}_volt")[discharge].mean() for p in PARTS}
    values = [
        Value("charge_capacity", capacity / 0.87, "mAh/g"),
        Value("discharge_capacity", capacity, "mAh/g"),
        Value("initial_coulombic_efficiency", 87.0, "%"),
        *(Value(f"loss_{part}", float(loss), "mV") for part, loss in losses.items()),
        Value("loss_total", float(sum(losses.values())), "mV"),
    ]
    cycles = [{"cycle": n, "discharge_capacity": capacity * 0.998**n} for n in range(1, 31)]
    return Result("analysis", tuple(values), {"cycles": cycles if rate == 0.1 else cycles[:1]})


def make_study(**changes: Any) -> SimpleNamespace:
    cells = {"350": FakeCell(conductivity="0.00132 S/m"), "450": FakeCell(), "550": None}
    cells["550"] = FakeCell(conductivity="0.000243 S/m")
    given: dict[str, Any] = {
        "name": "coated",
        "title": "Lithium niobate tantalate coatings on NMC532 in In-Li / LGPS cells",
        "question": (
            "Does a coating that conducts lithium better make the cell better, and is it "
            "the coating's own resistance that decides?"
        ),
        "notes": ("The area is not stated and is taken as that of a 10 mm die.", "a < b & c"),
        "samples": {
            name: SimpleNamespace(
                name=name, about=f"annealed at {name} °C", cell=cell, calibrated_by=(), takes={}
            )
            for name, cell in cells.items()
        },
        "answer": (),
        "experiments": {},
        "calibrations": {},
        "tasks": (),
        "comparisons": (),
    }
    return SimpleNamespace(**{**given, **changes})


def make_run() -> Run:
    records, results = {}, {}
    for sample in CAPACITY:
        for name, rate in RATES.items():
            record = make_cycling(sample, rate)
            records[f"{sample}/{name}"] = record
            results[f"{sample}/{name}/analysis"] = make_analysis(record, sample, rate)
        records[f"{sample}/impedance"] = make_impedance(sample)
        results[f"{sample}/impedance/analysis"] = Result(
            "impedance", (Value("interfacial_resistance", RESISTANCE[sample], "ohm", area="cell"),)
        )
    source = "10.1016/j.nanoen.2020.104686, fig. 4"
    rows = tuple(
        Row(sample=s, computed=c, published=p, quantity=q, unit=u, role=r, source=source, flags=f)
        for s, q, c, p, u, r, f in (
            ("350", "discharge_capacity", 120.9, 120.9, "mAh/g", "calibrated", ()),
            ("450", "discharge_capacity", 150.1, 152.0, "mAh/g", "predicted", ()),
            ("550", "discharge_capacity", 91.5, 73.2, "mAh/g", "predicted", ("extrapolated",)),
            ("450", "interfacial_resistance", 124.0, 124.0, "ohm", "input", ()),
            ("550", "initial_coulombic_efficiency", None, 85.98, "%", "predicted", ("no charge",)),
        )
    )
    return Run(make_study(), rows, records, results, {"450/slow/long": "ended at 3 of 100 cycles"})


class Tags(HTMLParser):
    """All start tags with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def run() -> Run:
    return make_run()


@pytest.fixture(scope="module")
def page(run: Run) -> str:
    return render_report(run)


def without_library(page: str) -> str:
    return page.replace(get_plotlyjs(), "")


def test_the_library_stands_in_the_page_exactly_once(page: str) -> None:
    assert page.count(get_plotlyjs()[:300]) == 1
    assert page.count("* plotly.js v") == 1


def test_no_tag_loads_anything(page: str) -> None:
    for tag, attributes in Tags(without_library(page)).found:
        for key in ("src", "href", "data", "action", "poster", "srcset"):
            target = attributes.get(key)
            assert target is None or target.startswith(("#", "data:,")), (tag, target)
    assert "http://" not in without_library(page)
    assert "https://" not in without_library(page)
    assert "@import" not in without_library(page)
    assert "default-src 'none'" in page


def test_no_button_uploads_a_chart(page: str) -> None:
    assert "showSendToCloud: false" in page
    assert 'plotlyServerURL: ""' in page


def test_the_page_says_its_encoding_and_viewport(page: str) -> None:
    head = page[: page.index("<body>")]
    assert '<meta charset="utf-8">' in head
    assert '<meta name="viewport"' in head
    assert head.index("charset") < 200


def test_sections_stand_in_order(page: str) -> None:
    order = re.findall(r'<section id="(\w+)">', page)
    assert order == [
        "answer",
        "comparison",
        "figures",
        "assumptions",
        "inputs",
        "results",
        "failures",
        "provenance",
    ]


def test_every_figure_has_data_a_place_and_a_caption(page: str) -> None:
    places = re.findall(r'class="plot" id="(figure-\d+)"', page)
    data = re.findall(r'<script type="application/json" data-figure="(figure-\d+)">(.*?)</', page)
    assert [name for name, _ in data] == places
    # 2 rates, rate capability, cycle life, Nyquist, Bode, bars, 6 budgets
    assert len(places) == 13
    assert page.count("<figcaption>") == len(places)
    for _, text in data:
        figure = json.loads(text)
        assert figure["data"]
        for letter in "xy":
            axes = [
                axis for key, axis in figure["layout"].items() if key.startswith(f"{letter}axis")
            ]
            titles = [axis.get("title", {}).get("text", "") for axis in axes]
            # Samples, named on the vertical axis of the bars, and numbers of cycles have no unit.
            unitless = axes[0].get("type") == "category" or "Cycle number" in titles
            assert unitless or any("(" in title for title in titles)


def test_same_run_gives_same_page(run: Run, page: str) -> None:
    assert render_report(run) == page


def test_sentences_hold_the_numbers(run: Run) -> None:
    text = "\n".join(state_answer(run))
    assert "Sample 450 delivers 152 mAh/g at 0.1 C and 112.6 mAh/g at 1 C." in text
    assert "Its first coulombic efficiency is 87 % at 0.1 C and 87 % at 1 C." in text
    assert "Its interfacial resistance is 124 Ω (whole cell)." in text
    assert "sample 450 delivers 31.1 mAh/g (25.7 %) more at 0.1 C and 23.04" in text
    assert "has an interfacial resistance that is 245 Ω (66.4 %) lower." in text


def test_largest_loss_and_largest_change_are_named() -> None:
    def result(**losses: float) -> Result:
        return Result("r", tuple(Value(f"loss_{k}", v, "mV") for k, v in losses.items()))

    results = {
        "a/x/analysis": result(coating=5.0, anode=20.0, total=25.0),
        "b/x/analysis": result(coating=45.0, anode=10.0, total=55.0),
    }
    split, first, second, change = state_answer(Run(make_study(samples={}), results=results))
    assert split == (
        "Sample a loses 25 mV between open circuit and terminals (x) (mean over the discharge): "
        "anode 80 % and coating 20 %."
    )
    assert first == (
        "Sample a: its largest voltage loss (mean over the discharge) is anode (20 of 25 mV (x))."
    )
    assert "coating (45 of 55 mV (x))" in second
    assert change == (
        "Compared with sample a, sample b loses 30 mV more (x) (largest change: coating, +40 mV)."
    )


def test_a_change_within_the_numerics_is_called_none() -> None:
    def result(capacity: float, coating: float) -> Result:
        return Result(
            "r",
            (
                Value("discharge_capacity", capacity, "mAh/g"),
                Value("loss_anode", 10.0, "mV"),
                Value("loss_coating", coating, "mV"),
            ),
        )

    results = {"a/x/analysis": result(200.0, 1e-4), "b/x/analysis": result(200.001, 0.0)}
    assert state_answer(Run(make_study(), results=results))[-1] == (
        "Compared with sample a, sample b delivers the same (within 0.05 %) (x); loses the same "
        "(within 0.05 %) (x) (largest change: coating, −1 × 10⁻⁴ mV)."
    )


def test_compared_values_are_told_by_role(run: Run) -> None:
    text = "\n".join(state_answer(run))
    assert "Of 2 predicted values with a published counterpart, 1 lies within 10 % of it" in text
    assert "discharge capacity of 450 (−1.25 %)" in text
    assert "Outside: discharge capacity of 550 (+25 %, flagged)." in text
    assert "adjusted to 1 published value, whose agreement is therefore no prediction" in text
    assert "1 compared value was given to the model as input." in text
    assert "Not computed, so not compared: initial coulombic efficiency of 550." in text
    assert "1 task did not succeed (450/slow/long)" in text


def test_a_flag_goes_with_its_number() -> None:
    value = Value("discharge_capacity", 100.0, "mAh/g", flags=("cycle incomplete",))
    stated = state_answer(Run(make_study(), results={"450/x/analysis": Result("r", (value,))}))
    assert stated == ["Sample 450 delivers 100 mAh/g (flagged) (x)."]


def test_missing_pieces_do_not_break() -> None:
    bare = make_study(samples={}, notes=(), question="", title="")
    empty = Run(bare)
    assert state_answer(empty) == ["The run holds no number that answers the question."]
    assert "<h1>coated</h1>" in render_report(empty)
    whole = make_run()
    without_cells = make_study()
    for sample in without_cells.samples.values():
        sample.cell = None
    gappy = Result("r", (Value("discharge_capacity", None, "mAh/g", flags=("no discharge",)),))
    for partial in (
        replace(whole, records={}),
        replace(whole, results={}),
        replace(whole, study=without_cells),
        replace(whole, results={"450/slow/analysis": gappy, "fit": Result("fit", ())}),
    ):
        assert "</html>" in render_report(partial)


def test_a_record_without_a_discharge_leaves_out_its_budget() -> None:
    record = make_cycling("450", 0.1)
    charge = replace(record, data=record.data.isel(row=slice(0, 100)))
    assert "Loss budget" not in render_report(Run(make_study(), records={"450/x": charge}))


def test_a_steep_end_does_not_hide_the_rest_of_the_budget() -> None:
    record = make_cycling("450", 0.1)
    column = record.data["loss_solid_diffusion_volt"].values
    column[-1] = 2.0
    page = render_report(Run(make_study(), records={"450/x": record}))
    assert "its steep end, up to 2140 mV, leaves the scale" in page
    found = re.findall(r'<script type="application/json" data-figure="figure-2">(.*?)</', page)
    axis = json.loads(found[0])["layout"]["yaxis"]
    assert 200 < axis["range"][1] < 1000


def test_everything_from_outside_is_escaped() -> None:
    evil = "<script>alert(1)</script>"
    study = make_study(title=evil, question=evil, notes=(evil,))
    study.samples = {
        evil: SimpleNamespace(
            name=evil, about=evil, cell=FakeCell(coating=evil), calibrated_by=(), takes={}
        )
    }
    record = make_impedance("450")
    cycling = make_cycling("450", 0.1)
    result = Result(evil, (Value("loss_coating", 1.0, "mV", flags=(evil,)), Value(evil, 1.0, evil)))
    page = render_report(
        Run(
            study,
            rows=(
                Row(sample=evil, quantity=evil, unit=evil, source=evil, flags=(evil,), role=evil),
            ),
            records={f"{evil}/{evil}": record, f"{evil}/b": cycling},
            results={f"{evil}/{evil}/analysis": result},
            failures={evil: evil},
        )
    )
    assert "alert(1)" in page
    assert "<script>alert" not in page
    scripts = [
        attributes for tag, attributes in Tags(without_library(page)).found if tag == "script"
    ]
    assert sum("type" not in attributes for attributes in scripts) == 2


def test_inputs_show_differences_first_with_areas(page: str) -> None:
    section = page[page.index('id="inputs"') : page.index('id="results"')]
    differs = section.index("Differs between samples")
    same = section.index("The same in all")
    conductivity = section.index("cathode › coating › conductivity")
    assert differs < conductivity < same < section.index("cathode › coating › thickness")
    for text in ("38.7 µS/cm", "13.2 µS/cm", "7.5 nm", "1.3 mA/cm²", "97 Ω cm²"):
        assert text in section
    transfer = section[section.index("charge transfer › area resistance") :]
    assert re.match(r".*?<td>contact</td></tr>", transfer.split("</tr>")[0] + "</tr>")
    anode = section[section.index("anode › interface › resistance") :]
    assert "<td>geometric</td>" in anode.split("</tr>")[0]


def test_roles_are_explained(page: str) -> None:
    section = page[page.index('id="comparison"') : page.index('id="figures"')]
    assert '<span class="tag calibrated">calibrated</span>' in section
    assert "so its agreement is no prediction" in section


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("7.5e-09 m", "7.5 nm"),
        ("0.00387 S/m", "38.7 µS/cm"),
        ("1e-18 S/m", "1 × 10⁻⁸ pS/cm"),
        ("50000000.0 Pa", "50 MPa"),
        ("1.36e-14 m2/s", "1.36 × 10⁻¹⁰ cm²/s"),
        ("0.0 S/m", "0 S/cm"),
        ("298.15 K", "298.15 K"),
        (0.42, "0.42"),
        (True, "yes"),
        ("NMC532", "NMC532"),
        ([1.0, 2.0], "1, 2"),
        ([0.0] * 40, "40 values, 0 to 0"),
    ],
)
def test_inputs_are_written_for_people(value: Any, shown: str) -> None:
    assert show_input(value) == shown


def test_deviations_and_units() -> None:
    assert show_deviation(110.0, 100.0) == "+10 %"
    assert show_deviation(-110.0, -100.0) == "−10 %"
    assert show_deviation(0.2, 0.0, "V") == "+0.2 V"
    assert show_deviation(2470.1, 2470.0, "eV") == "+0.1 eV"  # a part of an energy tells nothing
    assert show_deviation(None, 1.0) == "–"
    assert show_unit("ohm cm2", "contact") == "Ω cm² (contact area)"
    assert show_unit("uS/cm") == "µS/cm"


def make_rate_series(sample: str) -> Record:
    """Charge and discharge at 0.1 C and then at 1 C, in one record."""
    parts = [make_cycling(sample, rate) for rate in (0.1, 1.0)]
    columns = {
        str(name): np.concatenate([part.array(str(name)) for part in parts])
        for name in parts[0].data.data_vars
    }
    columns["cycle_count"] = np.repeat([1.0, 2.0], len(parts[0]))
    columns["test_time_second"] = np.concatenate(
        [
            parts[0].array("test_time_second"),
            parts[1].array("test_time_second") + parts[0].array("test_time_second")[-1],
        ]
    )
    return Record.from_arrays(
        "cycling",
        provenance=parts[0].provenance,
        attributes=dict(parts[0].data.attrs),
        **columns,
    )


def test_a_rate_series_is_told_and_drawn_rate_by_rate() -> None:
    records = {f"{sample}/rates": make_rate_series(sample) for sample in ("450", "550")}
    results = {f"{name}/analysis": analyse(record) for name, record in records.items()}
    series = Run(make_study(), records=records, results=results)
    text = "\n".join(state_answer(series))
    assert "Sample 450 delivers 152 mAh/g at 0.1 C and 112.6 mAh/g at 1 C." in text
    assert "sample 550 delivers 78.8 mAh/g (51.8 %) less at 0.1 C and " in text
    panels = {panel.title: panel for panel in find_panels(find_cases(series))}
    rate = panels["Rate capability"].figure
    assert list(rate.data[0].x) == [0.1, 1.0]
    assert list(rate.data[0].y) == pytest.approx([152, 112.6], rel=1e-3)
    curves = panels["Charge and discharge (rates)"].figure
    assert [curve.name for curve in curves.data] == [
        "450, 0.1 C",
        "450, 1 C",
        "550, 0.1 C",
        "550, 1 C",
    ]
    assert list(panels["Mean voltage loss by part"].figure.data[0].y) == [
        "450<br>0.1 C",
        "450<br>1 C",
        "550<br>0.1 C",
        "550<br>1 C",
    ]
    assert "Loss budget of sample 450 at 1 C, cycle 2" in panels
    tables = results_tables(find_cases(series))
    for column in ("450, 0.1 C", "450, 1 C", "550, 1 C"):
        assert f">{column}</th>" in tables


def test_small_parts_are_told_as_small_except_the_coating() -> None:
    losses = {"anode": 10.0, "contact": 1e-3, "interphase": 1e-4, "coating": 1e-4}
    result = Result("r", tuple(Value(f"loss_{k}", v, "mV") for k, v in losses.items()))
    split = state_answer(Run(make_study(), results={"450/x/analysis": result}))[0]
    assert "coating 10 ppm and contact and interphase below 0.01 mV each." in split


def test_each_input_says_where_it_comes_from() -> None:
    cell = default_cell()
    values = {
        "electrolyte.material": "LGPS",
        "electrolyte.conductivity": f"{cell.electrolyte.conductivity!r} S/m",
        "cathode.charge_transfer.activation_energy": "0.0 J/mol",
        "cathode.loading": "0.087 kg/m2",
    }
    certainty = find_material("LGPS").property("ionic_conductivity").certainty
    origins = {path: find_origin(path, values, cell) for path in values}
    assert origins["electrolyte.conductivity"] == f"materials table, {certainty}"
    assert origins["cathode.charge_transfer.activation_energy"] == "default"
    assert origins["cathode.loading"] == origins["electrolyte.material"] == "given"
    given = values | {"electrolyte.conductivity": "0.9 S/m"}
    assert find_origin("electrolyte.conductivity", given, cell) == "given"


def test_recalled_inputs_are_marked() -> None:
    assert _marked("materials table, recalled") == (
        'materials table, <span class="tag recalled">recalled</span>'
    )
    assert _marked("given") == "given"


def test_the_source_stands_under_the_quantity(page: str) -> None:
    section = page[page.index('id="comparison"') : page.index('id="figures"')]
    assert ">Source</th>" not in section
    assert 'discharge capacity<span class="flags">extrapolated</span>' in section
    assert 'discharge capacity<span class="source">10.1016/j.nanoen.2020.104686, fig. 4' in section
