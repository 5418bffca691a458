"""Neware's text export of single points: one row a point, English or Chinese headings.

The software (BTSDA) writes times within a step beside the time of the test, capacities and
energies once for both directions and once for each, and columns per mass. Headings: those of
a real export, and of the Battery Data Alliance's list for this make
(https://w3id.org/battery-data-alliance/ontology/battery-data-format/schema/vendors/neware-csv);
the Chinese ones beyond that list are recalled.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from solith.core.errors import StorageError
from solith.readers._cycler import Dialect, cycler_record, known_names
from solith.readers._delimited import delimiter_of, split_table
from solith.readers._text import decoded

if TYPE_CHECKING:
    from solith.core.record import Record

__all__ = ["FORMAT", "read", "recognises"]

FORMAT = "Neware points (CSV)"

_HEADINGS = {
    "record_index": "datapoint record recordid recordindex recordnumber 数据序号 记录序号",
    "cycle_count": "cycle cycleindex cycleid 循环号 循环序号",
    "step_id": "step steps stepindex stepid 工步号 工步序号",
    "step_count": "stepnumber stepcount",
    "step_type": "steptype stepname state status 工步类型 工步名称 状态",
    "step_time_second": "time steptime relativetime statetime 时间 相对时间 工步时间",
    "test_time_second": "cumulativetime totaltime testtime 总时间 测试时间",
    "current_ampere": "current 电流",
    "voltage_volt": "voltage 电压",
    "capacity_ah": "capacity cap 容量",
    "charging_capacity_ah": "chgcap chgcapacity chargecapacity 充电容量",
    "discharging_capacity_ah": "dchgcap dchgcapacity dischargecapacity 放电容量",
    "energy_wh": "energy 能量",
    "charging_energy_wh": "chgenergy chargeenergy 充电能量",
    "discharging_energy_wh": "dchgenergy dischargeenergy 放电能量",
    "power_watt": "power 功率",
    "internal_resistance_ohm": "dcir",
    "contact_resistance_ohm": "contactresistance 接触电阻",
    "date_time": "date datetime realtime absolutetime 绝对时间 日期 系统时间",
}
_DIALECT = Dialect(
    "Neware", {word: name for name, words in _HEADINGS.items() for word in words.split()}
)
_CYCLE_IN_GB18030 = "循环".encode("gb18030")


def recognises(head: bytes) -> bool:
    """Whether the first line heads a Neware table: step type, current, voltage and a time."""
    line = _text(head).split("\n", 1)[0]
    names = known_names(line.split(delimiter_of(line)), _DIALECT)
    return {"step_type", "current_ampere", "voltage_volt", "cycle_count"} <= set(names) and bool(
        {"step_time_second", "test_time_second"} & set(names)
    )


def read(path: Path) -> list[Record]:
    """The cycling record in a table of points.

    Raises :class:`StorageError` for what is no such table, :class:`InputError` for a missing
    column or one that does not hold numbers.
    """
    try:
        text = _text(path.read_bytes())
    except OSError as error:
        raise StorageError(f"{path}: cannot be read ({error.strerror})") from None
    table = split_table(path, text, delimiter_of(text.split("\n", 1)[0]))
    return [cycler_record(path, table, _DIALECT)]


def _text(content: bytes) -> str:
    if _CYCLE_IN_GB18030 in content[:4096] and b"\0" not in content[:64]:
        return content.decode("gb18030", errors="replace").replace("\r\n", "\n")
    return decoded(content)
