"""Protocols: what is done to a cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import MISSING, dataclass, field
from typing import Any, ClassVar

from solith.cell.reference import read_potential, read_voltage
from solith.cell.steps import Step, read_current, read_step
from solith.core.description import Description, Family, choice, flag, part, quantity, text, whole
from solith.core.errors import InputError

__all__ = [
    "PROTOCOLS",
    "Cycling",
    "Gitt",
    "Impedance",
    "Voltammetry",
    "cc_cv",
    "cycle",
    "rate_series",
]

PROTOCOLS = Family("protocol", key="kind")


def _steps(*, default: Any = MISSING) -> Any:
    def convert(given: Any) -> tuple[str, ...]:
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise InputError(f"{given!r} is not a list of steps")
        texts = tuple(given)
        if not texts and default is MISSING:
            raise InputError("the list is empty; give at least one step")
        for place, item in enumerate(texts, start=1):
            try:
                read_step(item)
            except InputError as error:
                raise error.inside(str(place)) from None
        return texts

    return field(default=default, metadata={"convert": convert, "write": list})


@PROTOCOLS.register
@dataclass(frozen=True)
class Cycling(Description):
    """Steps of charge, discharge, hold and rest, repeated ``cycles`` times.

    Steps are written as in ``["charge at 0.1 C until 3.8 V vs Li-In", "hold at 3.8 V vs
    Li-In until 0.02 C", "rest for 10 min", "discharge at 0.1 C until 2.1 V vs Li-In"]``.
    Currents are C rates (the cell says what 1 C is), densities on the geometric area, or
    amperes; potentials name their reference. With ``double_layers`` the capacitances of
    charge transfer and anode take part.
    """

    kind: ClassVar[str] = "cycling"
    law: ClassVar[str] = "cycling"
    steps: tuple[str, ...] = _steps()
    cycles: int = whole(default=1, low=1)
    double_layers: bool = flag(default=False)

    def read_steps(self) -> tuple[Step, ...]:
        """The steps of one cycle."""
        return tuple(read_step(item) for item in self.steps)

    def check_on(self, cell: Any) -> None:
        """Raise :class:`InputError` for a potential that ``cell`` can never reach.

        A charge must end, and a hold must stay, within the open-circuit potential that is
        known of the active material; a discharge must not end above it. Below it a
        discharge ends where the active material is full.
        """
        if hasattr(cell, "check_protocol"):  # a cell without an open-circuit potential
            cell.check_protocol(self)
            return
        check_steps(self.read_steps(), cell)


@PROTOCOLS.register
@dataclass(frozen=True)
class Gitt(Description):
    """Galvanostatic intermittent titration: pulses of current, each followed by a rest.

    After the steps of ``begin`` (written as in :class:`Cycling`), pulses of ``current`` and
    ``pulse`` [s] and rests of ``rest`` [s] in ``direction`` follow until a pulse reaches the
    potential ``until``, or ``most_pulses`` are done.
    """

    kind: ClassVar[str] = "gitt"
    law: ClassVar[str] = "gitt"
    current: str = text()
    pulse: float = quantity("s", above=0)
    rest: float = quantity("s", above=0)
    until: str = text()
    direction: str = choice(("discharge", "charge"), default="discharge", what="direction")
    begin: tuple[str, ...] = _steps(default=())
    most_pulses: int = whole(default=1000, low=1)

    def check(self) -> None:
        _read_at(self.until, "until")
        try:
            read_current(self.current)
        except InputError as error:
            raise error.inside("current") from None

    def read_steps(self) -> tuple[Step, ...]:
        """The steps before the titration."""
        return tuple(read_step(item) for item in self.begin)

    def read_pulse(self) -> Step:
        """One pulse."""
        words = f"{self.direction} at {self.current} for {self.pulse:g} s or until {self.until}"
        return read_step(words)

    def read_rest(self) -> Step:
        """The rest after a pulse."""
        return read_step(f"rest for {self.rest:g} s")

    def check_on(self, cell: Any) -> None:
        """Raise :class:`InputError` for a potential that ``cell`` can never reach."""
        if hasattr(cell, "check_protocol"):  # a cell without an open-circuit potential
            cell.check_protocol(self)
            return
        check_steps(self.read_steps(), cell, where="begin")
        check_steps((self.read_pulse(),), cell, where="until")


@PROTOCOLS.register
@dataclass(frozen=True)
class Voltammetry(Description):
    """Cyclic voltammetry: the potential swept at ``scan_rate`` [V/s] between two vertices.

    From open circuit (or ``start``) to ``upper``, down to ``lower``, up again, ``cycles``
    times (2 unless given, since the first begins wherever the cell stands); with
    ``first = "lower"`` down first.
    """

    kind: ClassVar[str] = "voltammetry"
    law: ClassVar[str] = "voltammetry"
    scan_rate: float = quantity("V/s", above=0)
    upper: str = text()
    lower: str = text()
    start: str | None = text(default=None)
    cycles: int = whole(default=2, low=1)
    first: str = choice(("upper", "lower"), default="upper", what="vertex")

    def check(self) -> None:
        for name in ("upper", "lower", "start"):
            if getattr(self, name) is not None:
                _read_at(getattr(self, name), name)

    def check_on(self, cell: Any) -> None:
        """Raise :class:`InputError` for a vertex that ``cell`` can never reach."""
        if hasattr(cell, "check_protocol"):  # a cell without an open-circuit potential
            cell.check_protocol(self)
            return
        upper, lower = read_voltage(self.upper), read_voltage(self.lower)
        if upper.in_cell(cell) <= lower.in_cell(cell):
            raise InputError(f"{self.upper!r} must lie above lower, {self.lower!r}", where="upper")
        for name, potential in (("upper", upper), ("lower", lower)):
            against_lithium = potential.against_lithium(cell)
            if against_lithium is None:
                continue
            lowest, highest = cell.open_circuit_potential.potential_range()
            if not lowest <= against_lithium <= highest:
                raise InputError(
                    f"{against_lithium:.3f} V vs Li is outside the open-circuit potential of the "
                    f"active material, known from {lowest:.3f} to {highest:.3f} V vs Li; choose a "
                    "vertex inside",
                    where=name,
                )


@PROTOCOLS.register
@dataclass(frozen=True)
class Impedance(Description):
    """An impedance spectrum of the equilibrated cell at a state of charge.

    ``points_per_decade`` frequencies from ``highest`` to ``lowest`` [Hz]. The state is one
    of: ``potential``, an open-circuit potential such as "3.6 V vs Li-In"; the
    ``lithium_fraction`` of the active material; or ``state_of_charge`` (0 to 1) between the
    two open-circuit ``window`` potentials that are called 0 and 1. With ``after`` the cell is
    first cycled so, and the spectrum is that of what cycling has left.
    """

    kind: ClassVar[str] = "impedance"
    law: ClassVar[str] = "impedance"
    lowest: float = quantity("Hz", above=0, default="10 mHz")
    highest: float = quantity("Hz", above=0, default="1 MHz")
    points_per_decade: int = whole(default=10, low=1)
    potential: str | None = text(default=None)
    lithium_fraction: float | None = quantity("", low=0, high=1, default=None)
    state_of_charge: float | None = quantity("", low=0, high=1, default=None)
    window: tuple[str, str] | None = field(default=None)
    after: Cycling | None = part(Cycling, default=None)

    def check(self) -> None:
        if self.lowest >= self.highest:
            raise InputError(f"{self.lowest:g} Hz must be below highest", where="lowest")
        given = [self.potential, self.lithium_fraction, self.state_of_charge]
        if sum(value is not None for value in given) != 1:
            raise InputError("give exactly one of potential, lithium_fraction, state_of_charge")
        if self.potential is not None:
            _read_at(self.potential, "potential")
        if (self.state_of_charge is None) != (self.window is None):
            raise InputError("state_of_charge and window belong together; give both or neither")
        if self.window is not None:
            if isinstance(self.window, str) or len(self.window) != 2:
                raise InputError("give the two potentials called 0 and 1", where="window")
            object.__setattr__(self, "window", tuple(self.window))
            for item in self.window:
                _read_at(item, "window")
            empty, full = (read_potential(item) for item in self.window)
            if empty >= full:
                raise InputError(
                    f"{self.window[0]!r}, called 0, must lie below {self.window[1]!r}, called 1",
                    where="window",
                )

    def check_on(self, cell: Any) -> None:
        """Raise :class:`InputError` for a state that ``cell`` can never be in."""
        if hasattr(cell, "check_protocol"):  # a cell without an open-circuit potential
            cell.check_protocol(self)
            return
        self.lithium_fraction_in(cell)

    def lithium_fraction_in(self, cell: Any) -> float:
        """The lithium fraction of the active material at which the spectrum is taken."""
        curve = cell.open_circuit_potential
        if self.lithium_fraction is not None:
            curve(self.lithium_fraction)  # refuses what lies outside the curve
            return self.lithium_fraction
        if self.potential is not None:
            return float(curve.lithium_fraction_at(read_potential(self.potential)))
        assert self.window is not None
        assert self.state_of_charge is not None
        empty, full = (float(curve.lithium_fraction_at(read_potential(v))) for v in self.window)
        return empty + self.state_of_charge * (full - empty)


def cycle(
    current: str, upper: str, lower: str, *, rest: str = "10 min", cycles: int = 1
) -> Cycling:
    """Charge to ``upper``, rest, discharge to ``lower``, rest, all at one ``current``."""
    return Cycling(
        (
            f"charge at {current} until {upper}",
            f"rest for {rest}",
            f"discharge at {current} until {lower}",
            f"rest for {rest}",
        ),
        cycles,
    )


def cc_cv(
    current: str, upper: str, lower: str, until: str, *, rest: str = "10 min", cycles: int = 1
) -> Cycling:
    """Charge to ``upper``, hold there until the current is ``until``, then discharge."""
    return Cycling(
        (
            f"charge at {current} until {upper}",
            f"hold at {upper} until {until}",
            f"rest for {rest}",
            f"discharge at {current} until {lower}",
            f"rest for {rest}",
        ),
        cycles,
    )


def rate_series(
    currents: Sequence[str], upper: str, lower: str, *, charge: str | None = None, rest: str = "1 h"
) -> Cycling:
    """One charge and discharge for each of ``currents``; charged at ``charge`` if given."""
    steps: list[str] = []
    for current in currents:
        steps += [
            f"charge at {charge or current} until {upper}",
            f"rest for {rest}",
            f"discharge at {current} until {lower}",
            f"rest for {rest}",
        ]
    return Cycling(tuple(steps))


def check_steps(steps: Sequence[Step], cell: Any, where: str = "steps") -> None:
    """Raise :class:`InputError` for a step whose potential ``cell`` can never reach."""
    lowest, highest = cell.open_circuit_potential.potential_range()
    for place, step in enumerate(steps, start=1):
        if step.potential is None:
            continue
        try:
            step.potential.in_cell(cell)
        except InputError as error:
            raise InputError(f"{step.text!r}: {error}", where=f"{where}.{place}") from None
        potential = step.potential.against_lithium(cell)
        if potential is None:
            continue
        if potential > highest or (potential < lowest and step.action != "discharge"):
            raise InputError(
                f"{step.text!r}: {potential:.3f} V vs Li is outside the open-circuit "
                f"potential of {cell.materials[0]}, known from {lowest:.3f} to "
                f"{highest:.3f} V vs Li; choose a cut-off inside",
                where=f"{where}.{place}",
            )


def _read_at(potential: str, where: str) -> None:
    try:
        read_voltage(potential)
    except InputError as error:
        raise error.inside(where) from None
