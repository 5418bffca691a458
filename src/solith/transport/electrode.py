"""A composite electrode whose ions and electrons meet at the surface of its active material."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solith.core.errors import InputError, UnknownNameError
from solith.core.progress import SILENT, Progress
from solith.core.result import Result, Value
from solith.core.threads import share_out
from solith.core.volume import AXES, GreyVolume, Volume, axis_number
from solith.transport._codes import code_volume, order_of_axes
from solith.transport._contrast import solve_resolved
from solith.transport._current_kernels import crossing_currents
from solith.transport._network import Solution, solve_network, tolerance_of, unbalanced
from solith.transport._phase_tables import (
    FaceTables,
    conductivities_of,
    face_tables,
    not_negative,
)
from solith.transport._stairs import find_stairs

__all__ = ["ElectrodeConduction", "solve_electrode"]

Array = NDArray[Any]


@dataclass(frozen=True, eq=False, repr=False)
class ElectrodeConduction:
    """How an electrode works at its small-signal limit, with a linear resistance of its interface.

    * ``resistance`` [ohm m2, geometric area]: between the separator and the collector.
    * ``depth`` [m]: distance of each layer from the separator; ``reaction`` [1/m]: the part of the
      current that crosses the interface in the layer, per depth: its integral is 1.
    * ``utilisation``: by layer, the current across a unit of interface over its mean; NaN in a
      layer without interface.
    * ``contact_area``: between electrolyte and active material, over the geometric area: that of
      the surface itself, as :func:`measure_contact` gives it, not of the voxels' stairs.
    * ``working_fraction``: part of it that is joined to both ends.
    * ``flags``: what makes a value doubtful or zero.
    """

    volume: Volume
    axis: int
    resistance: float
    depth: Array
    reaction: Array
    utilisation: Array
    contact_area: float
    working_fraction: float
    residual: float
    flux_balance: float
    flags: tuple[str, ...]

    @property
    def result(self) -> Result:
        """The values as a result that prints itself and goes into a report."""
        told = partial(Value, method="ions and electrons on voxels, linear interface resistance")
        resistance = self.resistance if math.isfinite(self.resistance) else None
        return Result(
            f"electrode along {AXES[self.axis]}",
            (
                told(
                    "electrode_resistance",
                    resistance,
                    "ohm m2",
                    area="geometric",
                    flags=self.flags,
                ),
                told("mean_reaction_depth", self._mean_depth(), "m", flags=self.flags),
                told("working_contact_fraction", self.working_fraction),
            ),
            {
                "depth": self.depth.tolist(),
                "reaction": self.reaction.tolist(),
                "utilisation": self.utilisation.tolist(),
                "residual": self.residual,
                "flux_balance": self.flux_balance,
            },
        )

    def _mean_depth(self) -> float | None:
        if not math.isfinite(self.resistance):
            return None
        return float(np.average(self.depth, weights=self.reaction))

    def __repr__(self) -> str:
        return str(self.result)


def solve_electrode(
    volume: Volume,
    *,
    ionic: Mapping[Any, Any],
    electronic: Mapping[Any, Any],
    interface_resistance: Any,
    reacting: Any,
    axis: str | int = "z",
    tolerance: float = 1e-6,
    progress: Progress = SILENT,
) -> ElectrodeConduction:
    """Ions from the separator, electrons from the collector, joined at the active material.

    ``ionic`` and ``electronic`` give the conductivity of the phases that carry ions (electrolyte)
    and of those that carry electrons (active material, carbon) [S/m or text with unit]; a phase may
    be in one of them only, and phases in neither do not conduct. ``reacting`` names the active
    phase (or several): current crosses between it and the ionic phases, through
    ``interface_resistance`` [ohm m2 of contact area, that of the surface itself]. The separator
    lies before the first layer along ``axis`` and feeds ionic phases alone; the collector behind
    the last one touches electronic phases alone.

    The electrode's linear (small-signal, steady) limit of porous-electrode theory (Newman and
    Tobias 1962, doi:10.1149/1.2425269), on the voxels themselves, without concentration. In a
    homogeneous electrode it is R = sqrt(r rho) coth(L sqrt(rho / r)) where electrons meet no
    resistance (rho of the ions [ohm m], r the interface's times the volume per area [ohm m3]).

    Raises :class:`InputError` and :class:`ConvergenceError`.
    """
    _require_volume(volume)
    along = axis_number(axis)
    tolerance = tolerance_of(tolerance)
    ions = _present(volume, conductivities_of(volume, ionic, "ionic", complete=False), "ionic")
    electrons = _present(
        volume, conductivities_of(volume, electronic, "electronic", complete=False), "electronic"
    )
    both = [name for name, label in volume.phases.items() if label in ions and label in electrons]
    if both:
        raise InputError(
            f"{', '.join(both)} would carry ions and electrons; this model takes one or the other",
            where="electronic",
        )
    resistance = not_negative(interface_resistance, "ohm m2", "interface_resistance")
    active = _reacting(volume, reacting, ions, electrons)
    labels = [*ions, *electrons]
    empty = len(labels)
    codes_of = dict.fromkeys(volume.phases.values(), empty)
    codes_of |= {label: code for code, label in enumerate(labels)}
    is_ionic = np.array([*(label in ions for label in labels), False])
    is_electronic = np.array([*(label in electrons for label in labels), False])
    is_active = np.array([*(label in active for label in labels), False])
    across = np.where(is_ionic[:, None] & is_active, resistance, math.inf)
    across = np.minimum(across, across.T)
    alike = (is_ionic[:, None] & is_ionic) | (is_electronic[:, None] & is_electronic)
    across[alike] = 0.0
    conductivity = np.array([*ions.values(), *electrons.values(), 0.0])
    order = order_of_axes(volume.labels, volume.voxel_size)
    place = order.index(along)
    codes = code_volume(volume, codes_of, order)
    meeting = product(ions, active & set(electrons))
    stairs = find_stairs(volume, codes, order, codes_of, meeting, empty + 1)
    sides = np.where(is_ionic, 1, np.where(is_active, 2, 0)).astype(np.uint8)
    size = volume.voxel_size
    areas = np.array([np.prod(size) / size[d] / stairs.total for d in order])
    across_faces = partial(
        share_out, crossing_currents, codes.shape[0], codes.size, codes, sides, place
    )
    nothing = np.zeros((1, 1, 1))
    all_contact = across_faces(nothing, *[np.zeros((1, 1), np.float32)] * 3, areas)[:, 1].sum()

    def tables_of(conductivities: Array) -> FaceTables:
        return face_tables(conductivities, across, size, stairs, is_ionic, is_electronic)

    def solve(tables: FaceTables) -> Solution:
        ends = (False, False, False)
        return solve_network(codes, tables.in_order(order), place, ends, tolerance, progress)

    resolved = solve_resolved(conductivity, tables_of, solve, place)
    solution, in_order = resolved.solution, resolved.tables.in_order(order)
    geometric = float(np.prod(volume.size)) / volume.size[along]
    crossing = across_faces(solution.voltage, *in_order.between, areas)
    current, contact = crossing[:, 0] * in_order.scale, crossing[:, 1]
    flags = _flags(solution.spanning, all_contact)
    through = 0.0 if flags else float(solution.planes[place].mean())
    balance = float(np.ptp(solution.planes[place])) / through if through else 0.0
    flags = flags or (*resolved.flags, *unbalanced(balance))
    with np.errstate(divide="ignore", invalid="ignore"):
        per_area = np.where(contact > 0, current / contact, math.nan)
        mean = current.sum() / contact.sum() if contact.sum() else math.nan
    return ElectrodeConduction(
        volume,
        along,
        geometric / through if through else math.inf,
        (np.arange(len(current)) + 0.5) * size[along],
        current / through / size[along] if through else np.zeros(len(current)),
        per_area / mean if through else np.full(len(current), math.nan),
        float(all_contact) / geometric,
        float(contact.sum() / all_contact) if all_contact else 0.0,
        solution.residual,
        balance,
        flags,
    )


def _require_volume(volume: Any) -> None:
    if isinstance(volume, GreyVolume):
        raise InputError("grey values have no phases: segment_phases turns them into a Volume")
    if not isinstance(volume, Volume):
        raise InputError(
            f"expected a volume, as in solith.Volume(labels, ['void', 'active'], '0.5 um'), not "
            f"{type(volume).__name__}"
        )


def _present(volume: Volume, given: dict[int, float], where: str) -> dict[int, float]:
    conducting = {label: value for label, value in given.items() if value > 0}
    if not conducting:
        raise InputError(f"no phase of the volume carries {where} current", where=where)
    return conducting


def _reacting(
    volume: Volume, given: Any, ions: Mapping[int, float], electrons: Mapping[int, float]
) -> set[int]:
    single = isinstance(given, (str, int, np.integer)) or not isinstance(given, Iterable)
    phases = [given] if single else list(given)
    if not phases or given is None:
        raise InputError("name the active phase, or several in a list", where="reacting")
    try:
        labels = {volume.label_of(phase) for phase in phases}
    except UnknownNameError as error:
        raise error.inside("reacting") from None
    if not labels & set(electrons) or labels & set(ions):
        raise InputError(
            f"{', '.join(map(str, phases))} must be among the electronic phases", where="reacting"
        )
    return labels


def _flags(spanning: int, contact: float) -> tuple[str, ...]:
    if contact == 0:
        return ("electrolyte and active material do not touch",)
    if spanning == 0:
        return ("no path leads from the separator through an interface to the collector",)
    return ()
