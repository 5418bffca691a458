"""Which technique a record is taken for, and which analyses follow."""

from __future__ import annotations

import numpy as np
import pytest

from solith.analysis import analyse, analyse_fully, take_as
from solith.analysis._technique import technique_of
from solith.app._analyse_figures import panels_of
from solith.app.analyse import AnalysedRecord
from solith.cell import Cycling, SymmetricCell, simulate, stepped_current
from solith.core.errors import InputError
from solith.core.record import Record
from solith.figures import plot

AREA = 0.785e-4


def symmetric_cell() -> SymmetricCell:
    return SymmetricCell.from_mapping(
        {
            "area": "0.785 cm2",
            "electrolyte": {"material": "LLZO", "thickness": "500 um", "conductivity": "1 mS/cm"},
            "electrode": {
                "thickness": "50 um",
                "charge_transfer": {"law": "linear", "area_resistance": "20 ohm cm2"},
            },
        }
    )


def cycled(cycles: int = 3, rates: tuple[float, ...] = (1.0,)) -> Record:
    """A cell of 1 mAh with a sloping voltage, charged and discharged with rests."""
    time, voltage, current, clock = [], [], [], 0.0
    for rate in rates:
        for _ in range(cycles):
            for way in (1, 0, -1, 0):
                second = np.linspace(0, 3600 / rate if way else 600, 80)
                share = second / second[-1]
                level = share if way > 0 else 1 - share if way < 0 else np.full(80, 0.5)
                time.append(clock + second)
                voltage.append(3.5 + 0.5 * level + 0.05 * way * rate)
                current.append(np.full(80, 1e-3 * way * rate))
                clock += second[-1] + 1
    return Record.from_arrays(
        "cycling",
        test_time_second=np.concatenate(time),
        voltage_volt=np.concatenate(voltage),
        current_ampere=np.concatenate(current),
    )


def test_a_cell_is_no_symmetric_cell_and_no_titration() -> None:
    assert technique_of(cycled()) == "cycling"
    assert list(analyse_fully(cycled())) == ["cycling", "differential-capacity", "formation"]
    assert list(analyse_fully(cycled(rates=(1.0, 2.0)))) == [
        "cycling",
        "differential-capacity",
        "formation",
        "rates",
    ]


@pytest.mark.parametrize(
    ("protocol", "technique", "quantity"),
    [
        (
            stepped_current("0.1 mA/cm2", "0.1 mA/cm2", "0.5 mA/cm2", "1 h"),
            "critical-current",
            "critical_current_density",
        ),
        (
            Cycling(("charge at 0.2 mA/cm2 for 1 h", "discharge at 0.2 mA/cm2 for 1 h"), cycles=6),
            "symmetric-cycling",
            "resistance_growth_per_cycle",
        ),
    ],
)
def test_a_symmetric_cell_is_told_by_its_voltage(
    protocol: Cycling, technique: str, quantity: str
) -> None:
    record = simulate(symmetric_cell(), protocol)
    assert technique_of(record) == technique
    assert list(analyse_fully(record)) == [technique]
    result = analyse(record)
    assert quantity in result
    assert len(plot(result).data) >= 1


def test_the_attribute_decides_where_it_names_a_technique() -> None:
    record = cycled()
    record.data.attrs["technique"] = "gitt"
    assert technique_of(record) == "gitt"
    record.data.attrs["technique"] = "symmetric"
    assert technique_of(record) in ("critical-current", "symmetric-cycling")


def test_a_record_is_taken_as_what_the_user_says() -> None:
    record = cycled()
    swept = take_as(record, "voltammogram")
    assert swept.kind == "voltammogram"
    assert technique_of(take_as(swept, "gitt")) == "gitt"
    with pytest.raises(InputError, match="unknown technique 'eis'"):
        take_as(record, "eis")
    spectrum = Record.from_arrays("spectrum", abscissa=[0, 1], intensity=[0, 1])
    with pytest.raises(InputError, match="unknown technique of a spectrum 'gitt'"):
        take_as(spectrum, "gitt")


def test_a_current_is_negated_with_a_note() -> None:
    record = cycled()
    turned = record.negated("current_ampere")
    assert np.array_equal(turned.array("current_ampere"), -record.array("current_ampere"))
    assert turned.provenance.notes[-1] == "the sign of current_ampere was turned by the user"
    assert any("swapped" in flag for value in analyse(turned) for flag in value.flags)
    assert not any("swapped" in flag for value in analyse(record) for flag in value.flags)


def test_a_current_voltage_curve_has_an_analysis() -> None:
    voltage = np.concatenate([np.linspace(0, 2, 50), np.linspace(2, 0, 50)])
    record = Record.from_arrays(
        "current-voltage", voltage_volt=voltage, current_ampere=voltage * 1e-6
    )
    assert list(analyse_fully(record)) == ["current-voltage"]


@pytest.mark.parametrize(
    ("record", "titles"),
    [
        (
            cycled(rates=(1.0, 2.0)),
            [
                "Charge and discharge",
                "Cycles",
                "Cycle life",
                "Differential capacity",
                "Differential voltage",
                "Ragone",
            ],
        ),
        (
            simulate(
                symmetric_cell(), stepped_current("0.1 mA/cm2", "0.1 mA/cm2", "0.5 mA/cm2", "1 h")
            ),
            ["Critical current"],
        ),
        (
            simulate(
                symmetric_cell(),
                Cycling(
                    ("charge at 0.2 mA/cm2 for 1 h", "discharge at 0.2 mA/cm2 for 1 h"), cycles=6
                ),
            ),
            ["Polarisation", "Resistance"],
        ),
    ],
    ids=["cell", "stepped", "symmetric cell"],
)
def test_figures_of_a_report(record: Record, titles: list[str]) -> None:
    panels = panels_of(AnalysedRecord(record, analyse_fully(record)))
    assert [panel.title for panel in panels] == titles
