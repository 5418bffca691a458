"""The loss budget: where the voltage between open circuit and terminals is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from solith.cell.cell import Cell
from solith.cell.model import FILMS, SolidStateCell
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
    "contact",
    "charge_transfer",
    "solid_diffusion",
    "uneven_lithiation",
    "anode",
)
"""Parts of the loss budget, in the order in which they are shown."""


def find_loss_budget(
    solution: pybamm.Solution, model: SolidStateCell, cell: Cell
) -> dict[str, Array]:
    r"""Each part of open-circuit minus terminal voltage [V], at every time of ``solution``.

    Positive in discharge, negative in charge. The open-circuit voltage is that of the
    accessible active material's mean lithium fraction. With :math:`\langle\cdot\rangle` the
    mean over the cathode's depth, :math:`\xi` from 0 at the electrolyte layer to 1 at the
    collector and :math:`j` anodic on the contact area,

    * ionic path :math:`\int (1-\xi)\, i_e/\kappa\, dx`, electronic path
      :math:`\int \xi\, i_s/\sigma\, dx`, with :math:`i_e` summed up from the reaction;
    * a film: its drop at full contact, :math:`-\theta\langle v_k\rangle`; charge transfer
      likewise, :math:`-\langle\eta(\theta j)\rangle`;
    * contact: what the contact fraction :math:`\theta < 1` adds to these,
      :math:`-\langle\eta(j)-\eta(\theta j)\rangle - (1-\theta)\sum_k\langle v_k\rangle`;
    * solid diffusion :math:`\langle U(\bar c(x)) - U(c_R(x))\rangle`, uneven lithiation
      :math:`U(\langle\bar c\rangle) - \langle U(\bar c(x))\rangle`;
    * electrolyte layer and anode: their own drops.

    Each is computed from its own current and resistance or potential; that they add up
    to the whole is a check, not a construction.
    """

    def series(name: str) -> Array:
        return np.asarray(solution[name].entries, dtype=float)

    def depth_mean(values: Array) -> Array:
        return np.asarray(values.mean(axis=0))

    composite = cell.cathode.composite
    theta = composite.contact_fraction
    current = series("Total current density [A.m-2]")
    crossing = series("Contact current density [A.m-2]")
    faradaic = series("Contact faradaic current density [A.m-2]")
    exchange = series("Positive electrode exchange current density [A.m-2]")
    surface = depth_mean(series("Positive electrode open-circuit potential [V]"))
    averaged = depth_mean(series("Positive electrode particle-average open-circuit potential [V]"))
    assert cell.anode.potential is not None
    bulk = series("Bulk open-circuit voltage [V]") + cell.anode.potential

    films = {
        film: depth_mean(series(f"Positive {film} voltage drop [V]"))
        if film in model.films
        else np.zeros_like(current)
        for film in FILMS
    }
    transfer = depth_mean(_overpotential(faradaic, exchange, cell))
    transfer_full = depth_mean(_overpotential(theta * faradaic, exchange, cell))
    ionic, electronic = _paths(current, crossing, model, cell)
    parts = {
        "electrolyte_layer": series("Separator voltage drop [V]"),
        "ionic_path": ionic,
        "electronic_path": electronic,
        **{film.replace(" ", "_"): -theta * drop for film, drop in films.items()},
        "contact": -(transfer - transfer_full) - (1 - theta) * sum(films.values()),
        "charge_transfer": -transfer_full,
        "solid_diffusion": averaged - surface,
        "uneven_lithiation": bulk - averaged,
        "anode": series("Negative interface voltage drop [V]"),
    }
    return {name: parts[name] for name in LOSS_PARTS}


def _overpotential(current: Array, exchange: Array, cell: Cell) -> Array:
    """Charge-transfer overpotential [V] at ``current`` per contact area [A/m2]."""
    thermal = GAS_CONSTANT * cell.temperature / FARADAY
    if cell.cathode.charge_transfer.law == "linear":
        return thermal * current / exchange
    return 2 * thermal * np.arcsinh(current / (2 * exchange))


def _paths(
    current: Array, crossing: Array, model: SolidStateCell, cell: Cell
) -> tuple[Array, Array]:
    """Losses of ions and of electrons on their way through the cathode [V]."""
    kappa, sigma = _effective_conductivities(cell)
    composite = cell.cathode.composite
    cells = crossing.shape[0]
    width = cell.cathode.depth / cells
    area = composite.active_area * composite.accessible_fraction * composite.contact_fraction
    ionic = np.concatenate(
        [current[None, :], current[None, :] + np.cumsum(area * width * crossing, axis=0)]
    )
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


def _effective_conductivities(cell: Cell) -> tuple[float, float]:
    from solith.cell.parameters import parameter_values

    values: Any = parameter_values(cell)
    kappa = values["Positive electrode effective ionic conductivity [S.m-1]"]
    return (
        float(kappa(cell.temperature)),
        float(values["Positive electrode effective electronic conductivity [S.m-1]"]),
    )
