"""The loss budget of a thin-film cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solith.cell._thin_film_kinetics import SHAPES, exchange_factor, scaled_overpotential
from solith.cell._thin_film_parameters import LEAST_MOBILE, film_mapping, layer_resistances
from solith.cell.thin_film import BinaryElectrolyte, FilmTransfer, ThinFilmCell
from solith.core.constants import FARADAY, GAS_CONSTANT

if TYPE_CHECKING:
    import pybamm
    from numpy.typing import NDArray

    from solith.cell._thin_film_model import ThinFilmModel

    Array = NDArray[np.float64]

__all__ = ["FILM_LOSS_PARTS", "find_film_losses"]

FILM_LOSS_PARTS = (
    "electrolyte_layer",
    "electrolyte_concentration",
    "coating",
    "interphase",
    "further_resistance",
    "charge_transfer",
    "solid_diffusion",
    "anode",
    "anode_charge_transfer",
)
"""Parts of a thin-film cell's loss budget, in the order in which they are shown."""


def find_film_losses(
    solution: pybamm.Solution, model: ThinFilmModel, cell: ThinFilmCell
) -> dict[str, Array]:
    r"""Each part of open-circuit minus terminal voltage [V], at every time of ``solution``.

    Positive in discharge, negative in charge. The open-circuit voltage is that of the film's
    mean lithium fraction.

    * electrolyte layer: :math:`i \int dy / \sigma(a)`, grain boundaries included;
    * electrolyte concentration: :math:`(2 D_- / (D_+ + D_-)) (RT/F) \ln(a(0)/a(L))`;
    * coating, interphase, further resistance, anode: their resistance times the current;
    * charge transfer at the film and at the anode: the overpotential of the current;
    * solid diffusion: :math:`U(\bar x) - U(x|_0)`.

    Each is computed from concentrations and currents, apart from the model's voltage; that
    they add up to the whole is a check.
    """
    held = _Series(solution, model, cell)
    current = held("Total current density [A.m-2]")
    resistances = layer_resistances(cell)
    parts = {
        name.replace(" ", "_"): held.drop(name, resistance)
        for name, resistance in resistances.items()
        if name not in ("separator", "grain boundary")
    }
    if isinstance(cell.electrolyte, BinaryElectrolyte):
        ohmic, parts["electrolyte_concentration"] = _electrolyte(held, cell.electrolyte)
    else:
        ohmic = held.drop("separator", resistances["separator"])
    if "grain boundary" in resistances:
        ohmic = ohmic + held.drop("grain boundary", resistances["grain boundary"])
    parts["electrolyte_layer"] = np.broadcast_to(ohmic, current.shape)
    surface = held("Positive particle surface stoichiometry")
    mean = held("Mean positive electrode stoichiometry")
    parts["charge_transfer"] = -held.overpotential("Positive", cell.cathode.charge_transfer)
    if cell.anode.charge_transfer is not None:
        parts["anode_charge_transfer"] = held.overpotential("Negative", cell.anode.charge_transfer)
    curve = cell.open_circuit_potential.function
    parts["solid_diffusion"] = np.asarray(curve(mean)) - np.asarray(curve(surface))
    return {name: parts[name] for name in FILM_LOSS_PARTS if name in parts}


class _Series:
    """What the solution holds over time."""

    def __init__(self, solution: pybamm.Solution, model: ThinFilmModel, cell: ThinFilmCell) -> None:
        self.solution, self.model, self.cell = solution, model, cell
        self.mapping = film_mapping(cell)

    def __call__(self, name: str) -> Array:
        values = np.asarray(self.solution[name].entries, dtype=float)
        return values if values.ndim else np.full(len(self.solution.t), float(values))

    def drop(self, name: str, resistance: float) -> Array:
        """Drop across a layer in series; its own state where it has a capacitance."""
        if name in self.model.capacitances:
            return self(f"{name.capitalize()} voltage drop [V]")
        return resistance * self("Total current density [A.m-2]")

    def overpotential(self, where: str, law: FilmTransfer) -> Array:
        """Overpotential of the current that reacts, anodic."""
        at_film = where == "Positive"
        face = "cathode" if at_film else "anode"
        factor = exchange_factor(
            law,
            self("Positive particle surface stoichiometry") if at_film else None,
            self(f"Relative electrolyte concentration at {face}"),
        )
        reference = self.mapping[f"{where} electrode exchange-current density at reference [A.m-2]"]
        ratio = self(f"{where} electrode faradaic current density [A.m-2]") / (reference * factor)
        alpha = self.mapping[f"{where} electrode anodic transfer coefficient"]
        thermal = GAS_CONSTANT * self.cell.temperature / FARADAY
        return np.asarray(thermal * scaled_overpotential(SHAPES[law.law], ratio, alpha))


def _electrolyte(held: _Series, electrolyte: BinaryElectrolyte) -> tuple[Array, Array]:
    """Ohmic and concentration part of the drop across the electrolyte."""
    lithium = held.mapping["Electrolyte lithium diffusivity [m2.s-1]"]
    counter = held.mapping["Electrolyte counter charge diffusivity [m2.s-1]"]
    current = held("Total current density [A.m-2]")
    cells = np.asarray(held.solution["Electrolyte concentration [mol.m-3]"].entries, dtype=float)
    width = electrolyte.thickness / len(cells)
    slope = -current / (2 * FARADAY * lithium)
    # The parabola that has the means of the two outer cells and the slope at the face.
    left = (9 * cells[0] - cells[1]) / 8 - 3 * width * slope / 8
    right = (9 * cells[-1] - cells[-2]) / 8 + 3 * width * slope / 8
    least = LEAST_MOBILE * electrolyte.mobile_concentration
    fall = np.log(np.maximum(left, least) / np.maximum(right, least))
    # The integral of 1/a without its logarithm at an empty face, as in the model.
    edges = np.concatenate([slope[None], np.diff(cells, axis=0) / width, slope[None]])
    excess = width * (((edges[1:] + edges[:-1]) / 2 - slope) / cells).sum(axis=0)
    thermal = 2 * GAS_CONSTANT * held.cell.temperature / FARADAY / (lithium + counter)
    return thermal * lithium * (fall + excess), thermal * counter * fall
