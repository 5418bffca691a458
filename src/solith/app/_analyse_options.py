"""What is given on the command line for all records, checked before any work."""

from __future__ import annotations

from collections.abc import Mapping

from solith.analysis import CELL_TYPES, parse_circuit, take_as
from solith.app.analyse import Frequencies
from solith.core.errors import InputError, unknown_name_message
from solith.core.quantities import to_si
from solith.core.record import Record

__all__ = [
    "check_cell_type",
    "check_circuit",
    "check_facts",
    "check_frequencies",
    "check_technique",
]


def check_facts(given: Mapping[str, tuple[str, str | None]]) -> dict[str, str]:
    """The facts among ``given`` (option to fact and text), each with its text checked.

    Raises :class:`InputError` that names the option whose text is no such quantity.
    """
    anything = Record.from_arrays("spectrum", abscissa=[0.0], intensity=[0.0])
    facts = {}
    for option, (fact, text) in given.items():
        if text is None:
            continue
        try:
            anything.with_facts(**{fact: text})
        except InputError as error:
            raise InputError(error.problem, where=option) from None
        facts[fact] = text
    return facts


def check_cell_type(name: str | None) -> None:
    """Raise :class:`InputError` that names the option for a type of cell that is not known."""
    if name is not None and name not in CELL_TYPES:
        raise InputError(unknown_name_message("cell type", name, CELL_TYPES), where="--cell-type")


def check_technique(name: str | None) -> None:
    """Raise :class:`InputError` that names the option for a technique that is not known."""
    if name is None:
        return
    nothing = [0.0, 1.0]
    anything = Record.from_arrays(
        "cycling", test_time_second=nothing, voltage_volt=nothing, current_ampere=nothing
    )
    try:
        take_as(anything, name)
    except InputError as error:
        raise InputError(str(error), where="--technique") from None


def check_circuit(text: str | None) -> None:
    """Raise :class:`InputError` that names the option for what is no circuit."""
    if text is None:
        return
    try:
        parse_circuit(text)
    except InputError as error:
        raise InputError(str(error), where="--circuit") from None


def check_frequencies(lowest: str | None, highest: str | None) -> Frequencies:
    """The two frequencies [Hz]; raises :class:`InputError` that names the wrong option."""
    low = _frequency("--lowest-frequency", lowest)
    high = _frequency("--highest-frequency", highest)
    if low is not None and high is not None and low > high:
        raise InputError(
            f"{lowest!r} is above --highest-frequency {highest!r}", where="--lowest-frequency"
        )
    return low, high


def _frequency(option: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        hertz = to_si(text, "Hz")
    except InputError as error:
        raise error.inside(option) from None
    if not hertz > 0:
        raise InputError(f"{text!r} must be above 0", where=option)
    return hertz
