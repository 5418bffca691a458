"""A memristor: lithium | ceramic | electrode, switched by filaments under a swept bias."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from solith.core.description import Description, part, quantity, whole
from solith.core.errors import InputError, UnknownNameError
from solith.core.progress import SILENT, Progress
from solith.core.record import Record
from solith.interface import Filament

__all__ = ["BiasSweep", "Memristor", "SourceMeter", "llzo_memristor", "simulate_memristor"]

_MOST_SITES = 10_000_000


@dataclass(frozen=True)
class Memristor(Description):
    """A round electrode of ``electrode_radius`` [m] on a ceramic of ``thickness`` [m] on lithium.

    * ``filament``: the law of one filament.
    * ``ionic_conductivity`` and ``electronic_conductivity`` of the ceramic [S/m]; the latter
      leaks, 4 a + pi a2/L times it [S]: the sum of a small and a wide electrode's limits.
    * ``site_density`` [1/m2]: places at boundaries where a filament can start. An electrode
      has as many as it covers, at least the one on which it was put.
    * ``site_spread``: standard deviation of the logarithm of the nucleation bias between sites;
      ``cycle_spread``: that between cycles of a site, and of the nucleus' radius.
    * ``temperature`` [K], at which conductivities are given; charge transfer is at 298.15 K and
      follows its activation energy from there.

    No filament's neck can be wider than the electrode. Nothing else depends on its size.
    """

    filament: Filament = part(Filament)
    electrode_radius: float = quantity("m", above=0)
    thickness: float = quantity("m", above=0)
    ionic_conductivity: float = quantity("S/m", above=0)
    electronic_conductivity: float = quantity("S/m", low=0)
    site_density: float = quantity("1/m2", low=0)
    site_spread: float = quantity("", low=0, high=2, default=0.0)
    cycle_spread: float = quantity("", low=0, high=2, default=0.0)
    temperature: float = quantity("K", low=150, high=450, default=298.15)

    @property
    def sites(self) -> int:
        """Sites under the electrode, at least one."""
        return max(1, round(self.site_density * math.pi * self.electrode_radius**2))

    @property
    def leakage(self) -> float:
        """Electronic conductance without a filament [S]."""
        across = 4 + math.pi * self.electrode_radius / self.thickness
        return self.electronic_conductivity * self.electrode_radius * across

    def check(self) -> None:
        nucleus = self.filament.nucleus_radius
        if nucleus > min(self.electrode_radius, self.thickness / 2):
            raise InputError(
                f"{nucleus:g} m does not fit under an electrode of radius "
                f"{self.electrode_radius:g} m on {self.thickness:g} m of ceramic; give a smaller "
                "nucleus",
                where="filament.nucleus_radius",
            )
        if self.sites > _MOST_SITES:
            raise InputError(
                f"gives {self.sites} sites under the electrode, more than {_MOST_SITES}; give "
                "fewer, or a smaller electrode",
                where="site_density",
            )


@dataclass(frozen=True)
class BiasSweep(Description):
    """A cyclic sweep in steps: 0 to ``set_limit``, to ``reset_limit``, and back to 0 [V].

    A negative bias of the electrode against the lithium sets. Each ``step`` [V] is held for
    step / ``rate`` [V/s] and read at its end, when the charging of interfaces has died away.
    """

    set_limit: float = quantity("V", high=0, default=-0.5)
    reset_limit: float = quantity("V", low=0, default=1.5)
    step: float = quantity("V", above=0, default=0.01)
    rate: float = quantity("V/s", above=0, default=0.1)
    cycles: int = whole(low=1, default=1)

    def check(self) -> None:
        for name in ("set_limit", "reset_limit"):
            limit = abs(getattr(self, name))
            if limit / self.step > 100_000:
                raise InputError(
                    f"{self.step:g} V makes {limit / self.step:.0f} rows up to {name}; give a "
                    "larger step",
                    where="step",
                )
            if limit and limit < 4 * self.step:
                raise InputError(
                    f"{getattr(self, name):g} V is less than four steps of {self.step:g} V; "
                    "give a smaller step, or 0 to leave out this side",
                    where=name,
                )
        if self.set_limit == self.reset_limit:
            raise InputError("is 0 V, as is reset_limit; give one to sweep to", where="set_limit")


@dataclass(frozen=True)
class SourceMeter(Description):
    """What sets the bias and reads the current.

    ``compliance`` [A] is the current that it holds where more would flow, ``series_resistance``
    [ohm] that of leads and contacts, ``noise`` the standard deviation of a reading [A].
    """

    compliance: float = quantity("A", above=0, default=1e-3)
    series_resistance: float = quantity("ohm", low=0, default=100.0)
    noise: float = quantity("A", low=0, default=1e-12)


def llzo_memristor(electrode_radius: float | str = "3.5 nm", **changes: Any) -> Memristor:
    """The memristor of Lu et al. (10.1002/aenm.202003811) with an electrode of a given radius.

    Tantalum-doped Li7La3Zr2O12, 300 um thick, between lithium and the tip of a conductive AFM
    (unless ``electrode_radius`` [m] is that of a pad); ``changes`` are other fields of
    :class:`Memristor`.

    * Published there: the thickness; the radius of the tip's contact, from its area, 30 to 38 nm2.
    * Calibrated on the tip: ``nucleation_bias`` 0.25 V on its set, ``wall_fraction`` 3e-6 on a
      reset at 1 V (a tip at 0.1 V/s with 1 mA; the publication tells no rate).
    * From elsewhere (recalled): ionic conductivity 0.5 mS/cm and electronic 1e-8 S/cm, usual
      for this ceramic; charge transfer of 0.1 ohm cm2, what Krauskopf et al.
      (10.1021/acsami.9b02537) give as its upper bound.
    * Assumed: ``nucleus_radius`` 2.5 nm, half the width that the publication's simulation gives
      a boundary; ``site_density`` 0.1 per um2, ten for a grain of 10 um, on which what a pad does
      hangs (``validation/_memristor.py``);
      spreads of 15 % between sites and 10 % between cycles; rate and step of the sweep, noise
      and series resistance (:class:`BiasSweep`, :class:`SourceMeter`).

    What follows then: the resistance of the set tip, its on/off ratio, and everything about
    pads. Raises :class:`InputError` for what no memristor can have.
    """
    law = {
        "charge_transfer": {"law": "butler-volmer", "area_resistance": "0.1 ohm cm2"},
        "nucleation_bias": "0.25 V",
        "nucleus_radius": "2.5 nm",
        "wall_fraction": 3e-6,
    }
    fields: dict[str, Any] = {
        "filament": Filament.from_mapping(law),
        "electrode_radius": electrode_radius,
        "thickness": "300 um",
        "ionic_conductivity": "0.5 mS/cm",
        "electronic_conductivity": "1e-8 S/cm",
        "site_density": "0.1 1/um2",
        "site_spread": 0.15,
        "cycle_spread": 0.1,
    }
    for name in changes:
        if name not in fields and name != "temperature":
            raise UnknownNameError.among("field", name, [*fields, "temperature"])
    return Memristor(**(fields | changes))


def simulate_memristor(
    memristor: Memristor,
    sweep: BiasSweep | None = None,
    instrument: SourceMeter | None = None,
    *,
    seed: int = 0,
    sample: str = "",
    progress: Progress = SILENT,
) -> Record:
    """The current-voltage record of a memristor under a cyclic sweep.

    Filaments nucleate, grow, conduct and rupture by their law
    (:class:`solith.interface.Filament`), all at the one local voltage that series resistance
    and compliance leave: the instrument's current through filaments and leak (the ionic
    one, which is small, is left out of the voltage's balance, not of the current). A dwell is
    integrated by an adaptive fifth-order Runge-Kutta scheme from event to event. Filaments of
    up to some tens of thousands of sites are followed in at most 40 classes, the sites
    easiest to nucleate one by one; ``seed`` draws sites, cycles and noise.

    Rows: set voltage, current, cycle and time, as :func:`solith.analysis.analyse_current_voltage`
    reads them, and what no instrument sees: ``local_voltage_volt``; ``deposited_charge_coulomb``,
    integrated from the ionic currents, and ``filament_charge_coulomb``, F/V_m times the
    filaments' volume, which are the same by conservation; ``conducting_filaments_1``, how many
    are through; ``neck_radius_metre``, that of the widest neck.

    Raises :class:`InputError` for what is none of these descriptions.
    """
    from solith.cell._memristor_simulation import run

    sweep = BiasSweep() if sweep is None else sweep
    instrument = SourceMeter() if instrument is None else instrument
    for given, kind in ((memristor, Memristor), (sweep, BiasSweep), (instrument, SourceMeter)):
        if not isinstance(given, kind):
            raise InputError(
                f"expected a {kind.__name__}, as in solith.cell.{kind.__name__}(...), not "
                f"{type(given).__name__}"
            )
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError(f"{seed!r} is not a whole number of at least 0", where="seed")
    return run(memristor, sweep, instrument, seed, sample, progress)
