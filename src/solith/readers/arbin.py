"""Arbin's text export of a channel: comma-separated, headings such as "Test_Time(s)".

Headings: the Battery Data Alliance's list for this make
(https://w3id.org/battery-data-alliance/ontology/battery-data-format/schema/vendors/arbin-csv).
Charge and discharge have counters of their own, which may run through the whole file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from solith.readers._cycler import Dialect, cycler_record, known_names
from solith.readers._delimited import delimiter_of, split_table
from solith.readers._text import decoded, read_lines

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["FORMAT", "UNVERIFIED", "read", "recognises"]

FORMAT = "Arbin channel (CSV)"
UNVERIFIED = "Arbin CSV is read by published headings; no real file was at hand to check it on."

_HEADINGS = {
    "record_index": "datapoint",
    "date_time": "datetime",
    "test_time_second": "testtime",
    "step_time_second": "steptime",
    "step_id": "stepindex stepid",
    "cycle_count": "cycleindex cycleid",
    "current_ampere": "current",
    "voltage_volt": "voltage",
    "charging_capacity_ah": "chargecapacity chgcapacity",
    "discharging_capacity_ah": "dischargecapacity dchgcapacity",
    "charging_energy_wh": "chargeenergy chgenergy",
    "discharging_energy_wh": "dischargeenergy dchgenergy",
    "internal_resistance_ohm": "internalresistance ir",
    "ac_impedance_ohm": "acimpedance acr",
    "power_watt": "power",
}
_DIALECT = Dialect(
    "Arbin", {word: name for name, words in _HEADINGS.items() for word in words.split()}
)
_NEEDED = {"record_index", "test_time_second", "step_id", "current_ampere", "voltage_volt"}


def recognises(head: bytes) -> bool:
    """Whether the first line heads an Arbin table."""
    line = decoded(head).split("\n", 1)[0]
    return set(known_names(line.split(delimiter_of(line)), _DIALECT)) >= _NEEDED


def read(path: Path) -> list[Record]:
    """The cycling record of a channel.

    Raises :class:`StorageError` for what is no such table, :class:`InputError` for a missing
    column or one that does not hold numbers.
    """
    lines = read_lines(path)
    table = split_table(path, "\n".join(lines), delimiter_of(lines[0]))
    return [cycler_record(path, table, _DIALECT)]
