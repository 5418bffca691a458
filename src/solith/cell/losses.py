"""The loss budget: where the voltage between open circuit and terminals is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solith.cell.cell import Cell
from solith.cell.model import SolidStateCell
from solith.cell.parameters import effective_conductivities
from solith.cell.particles import ParticleClass
from solith.cell.structure import FILMS
from solith.core.constants import FARADAY, GAS_CONSTANT

if TYPE_CHECKING:
    import pybamm
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["LOSS_PARTS", "find_loss_budget"]

LOSS_PARTS = (
    "electrolyte_layer",
    "ionic_path",
    "electronic_path",
    "coating",
    "interphase",
    "further_resistance",
    "space_charge",
    "contact",
    "charge_transfer",
    "confinement",
    "solid_diffusion",
    "uneven_lithiation",
    "anode",
    "anode_diffusion",
)
"""Parts of the loss budget, in the order in which they are shown."""


def find_loss_budget(
    solution: pybamm.Solution, model: SolidStateCell, cell: Cell
) -> dict[str, Array]:
    r"""Each part of open-circuit minus terminal voltage [V], at every time of ``solution``.

    Positive in discharge, negative in charge. The open-circuit voltage is that of the
    accessible active material's mean lithium fraction (and of the anode's). With
    :math:`\langle\cdot\rangle` the mean over the cathode's depth and, by volume, over the
    sorts of particles, :math:`\xi` from 0 at the electrolyte layer to 1 at the collector and
    :math:`j` anodic on the contact area,

    * ionic path :math:`\int (1-\xi)\, i_e/\kappa\, dx`, electronic path
      :math:`\int \xi\, i_s/\sigma\, dx`, with :math:`i_e` summed up from the reaction;
    * a film: its drop at full contact, :math:`-\langle\theta v_k\rangle`; charge transfer
      likewise, :math:`-\langle\eta(\theta j)\rangle`;
    * contact: what the contact fraction :math:`\theta < 1` adds to these,
      :math:`-\langle\eta(j)-\eta(\theta j)\rangle - \langle(1-\theta)\sum_k v_k\rangle`;
    * confinement to patches :math:`\langle U(c_R(x)) - U(c_s(x))\rangle`, solid diffusion
      :math:`\langle U(\bar c(x)) - U(c_R(x))\rangle`, uneven lithiation
      :math:`U(\langle\bar c\rangle) - \langle U(\bar c(x))\rangle`;
    * electrolyte layer and anode: their own drops; in the anode's host
      :math:`U_a(c_R) - U_a(\bar c)`.

    Each is computed from its own current and resistance or potential; that they add up
    to the whole is a check, not a construction.
    """

    def series(name: str) -> Array:
        return np.asarray(solution[name].entries, dtype=float)

    sorts = [_sort(solution, model, cell, number) for number in range(len(_members(cell)))]
    shares = [member.share for member in _members(cell)]

    def mean(values: list[Array]) -> Array:
        over_sorts = [
            share * value.mean(axis=0) for share, value in zip(shares, values, strict=True)
        ]
        return np.asarray(sum(over_sorts))

    current = series("Total current density [A.m-2]")
    accessible = _over_time(series("Accessible fraction"), current)
    oxidation = series("Oxidation current density [A.m-2]") if model.structure.oxidation else 0.0
    ionic, electronic = _paths(current, sorts, accessible, oxidation, cell)
    transfer = mean([_overpotential(sort.faradaic, sort.exchange, cell) for sort in sorts])
    transfer_full = mean(
        [_overpotential(sort.contact * sort.faradaic, sort.exchange, cell) for sort in sorts]
    )
    averaged = mean([sort.averaged for sort in sorts])
    surface = mean([sort.surface for sort in sorts])
    anode_surface = series("Negative electrode open-circuit potential [V]")
    anode_mean = series("Negative electrode mean open-circuit potential [V]")
    bulk = series("Bulk open-circuit voltage [V]") + anode_mean
    films = {film: -mean([s.contact * s.films[film] for s in sorts]) for film in FILMS}
    parts = {
        "electrolyte_layer": series("Separator voltage drop [V]"),
        "ionic_path": ionic,
        "electronic_path": electronic,
        **{film.replace(" ", "_"): loss for film, loss in films.items()},
        "contact": -(transfer - transfer_full)
        - mean([(1 - sort.contact) * sum(sort.films.values()) for sort in sorts]),
        "charge_transfer": -transfer_full,
        "confinement": surface - mean([sort.at_contact for sort in sorts]),
        "solid_diffusion": averaged - surface,
        "uneven_lithiation": bulk - averaged,
        "anode": series("Negative interface voltage drop [V]"),
        "anode_diffusion": anode_surface - anode_mean,
    }
    return {name: parts[name] for name in LOSS_PARTS}


@dataclass(frozen=True)
class _SortSeries:
    """Over depth and time: contact fraction, currents, potentials, drops of one sort."""

    area: Array
    contact: Array
    crossing: Array
    faradaic: Array
    exchange: Array
    films: dict[str, Array]
    at_contact: Array
    surface: Array
    averaged: Array


def _members(cell: Cell) -> tuple[ParticleClass, ...]:
    return cell.cathode.particle_classes


def _sort(solution: pybamm.Solution, model: SolidStateCell, cell: Cell, number: int) -> _SortSeries:
    named = "" if len(_members(cell)) == 1 else f" of class {number + 1}"
    composite, member = cell.cathode.composite, _members(cell)[number]

    def series(name: str, unit: str = "V") -> Array:
        return np.asarray(solution[f"{name}{named} [{unit}]"].entries, dtype=float)

    crossing = series("Contact current density", "A.m-2")
    theta = _over_time(np.asarray(solution["Contact fraction"].entries, dtype=float), crossing[0])
    factor = cell.contact_fraction_of(member) / cell.contact_fraction
    at_contact = series("Positive electrode open-circuit potential")
    return _SortSeries(
        area=np.asarray(composite.active_area * member.share)
        * composite.particle_radius
        / member.radius,
        contact=theta * factor,
        crossing=crossing,
        faradaic=series("Contact faradaic current density", "A.m-2"),
        exchange=series("Positive electrode exchange current density", "A.m-2"),
        films={
            film: series(f"Positive {film} voltage drop")
            if film in model.structure.films
            else np.zeros_like(crossing)
            for film in FILMS
        },
        at_contact=at_contact,
        surface=series("Positive electrode surface open-circuit potential")
        if model.structure.confinement
        else at_contact,
        averaged=series("Positive electrode particle-average open-circuit potential"),
    )


def _over_time(values: Array, like: Array) -> Array:
    """``values``, or the constant they are, at every time."""
    return np.broadcast_to(values, like.shape)


def _overpotential(current: Array, exchange: Array, cell: Cell) -> Array:
    """Charge-transfer overpotential [V] at ``current`` per contact area [A/m2]."""
    thermal = GAS_CONSTANT * cell.temperature / FARADAY
    if cell.cathode.charge_transfer.law == "linear":
        return thermal * current / exchange
    return 2 * thermal * np.arcsinh(current / (2 * exchange))


def _paths(
    current: Array,
    sorts: list[_SortSeries],
    accessible: Array,
    oxidation: Array | float,
    cell: Cell,
) -> tuple[Array, Array]:
    """Losses of ions and of electrons on their way through the cathode [V]."""
    kappa, sigma = effective_conductivities(cell)
    source = sum(
        sort.area * accessible * sort.contact * (sort.crossing + oxidation) for sort in sorts
    )
    assert isinstance(source, np.ndarray)
    cells = source.shape[0]
    width = cell.cathode.depth / cells
    ionic = np.concatenate([current[None, :], current[None, :] + np.cumsum(width * source, axis=0)])
    place = np.linspace(0, 1, cells + 1)[:, None]
    return (
        _integral((1 - place), ionic, width) / kappa,
        _integral(place, current[None, :] - ionic, width) / sigma,
    )


def _integral(weight: Array, flow: Array, width: float) -> Array:
    """Integral of the product of two functions that are linear in every cell (Simpson)."""
    product = weight * flow
    middle = (weight[1:] + weight[:-1]) * (flow[1:] + flow[:-1]) / 4
    return np.asarray(width / 6 * (product[1:] + product[:-1] + 4 * middle).sum(axis=0))
