"""Shows 3: impedance against exact circuits, and arcs where R and C put them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from solith.cell import Cell, Impedance, simulate
from solith.cell.cell import REFERENCE_TEMPERATURE
from solith.cell.parameters import effective_conductivities
from solith.core.constants import FARADAY, GAS_CONSTANT
from solith.interface.arrhenius import arrhenius_factor
from validation.cells import coated_cell
from validation.marks import Mark, finish

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Complex = NDArray[np.complex128]

FRACTION = 0.6
SPECTRUM = Impedance(
    lowest="0.1 mHz", highest="10 MHz", points_per_decade=6, lithium_fraction=FRACTION
)


def exact_impedance(cell: Cell, frequency: NDArray[np.float64]) -> Complex:
    r"""The cell's impedance [ohm] as a circuit with analytic diffusion and porous electrode.

    Interface on the contact area: films :math:`R\|C` in series with
    :math:`(R_{ct} + Z_D)\|C_{dl}`, :math:`Z_D` of a sphere. Porous electrode with ionic and
    electronic conductivity after Meyers et al. (J. Electrochem. Soc. 147, 2930, 2000):
    :math:`Z = \frac{L}{\kappa+\sigma}\left[1 + \frac{2 + (\sigma/\kappa +
    \kappa/\sigma)\cosh\nu}{\nu\sinh\nu}\right]`, :math:`\nu = L\sqrt{(\kappa+\sigma) a_c /
    (\kappa\sigma z)}`.
    """
    omega = 2j * np.pi * frequency
    cathode, composite = cell.cathode, cell.cathode.composite

    def parallel(resistance: float, capacitance: float, energy: float | None = 0.0) -> Complex:
        warm = resistance / arrhenius_factor(energy or 0.0, cell.temperature, REFERENCE_TEMPERATURE)
        return np.asarray(warm / (1 + omega * warm * capacitance))

    transfer = cathode.charge_transfer
    exchange = transfer.exchange(REFERENCE_TEMPERATURE) * arrhenius_factor(
        transfer.activation_energy, cell.temperature, REFERENCE_TEMPERATURE
    )
    charge_transfer = GAS_CONSTANT * cell.temperature / FARADAY / exchange
    interface = 1 / (
        1 / (charge_transfer + _diffusion(cell, omega)) + omega * transfer.double_layer
    )
    for film in (cathode.coating, cathode.interphase):
        if film is not None:
            interface = interface + parallel(
                film.area_resistance, film.area_capacitance, film.activation_energy
            )
    further = cathode.further_resistance
    if further is not None:
        interface = interface + parallel(further.resistance, further.capacitance)

    kappa, sigma = effective_conductivities(cell)
    depth = cathode.depth
    area = composite.active_area * composite.accessible_fraction * composite.contact_fraction
    nu = depth * np.sqrt((kappa + sigma) * area / (kappa * sigma * interface))
    # coth and 1/sinh without overflow
    coth, csch = 1 / np.tanh(nu), 2 * np.exp(-nu) / (1 - np.exp(-2 * nu))
    electrode = (
        depth / (kappa + sigma) * (1 + (2 * csch + (sigma / kappa + kappa / sigma) * coth) / nu)
    )
    layer, anode = cell.electrolyte, cell.anode.interface
    total = electrode + parallel(
        layer.area_resistance, layer.area_capacitance, layer.activation_energy
    )
    grain = layer.grain_boundary
    if grain is not None:
        total = total + parallel(grain.resistance, grain.capacitance, grain.activation_energy)
    total = total + parallel(anode.resistance, anode.capacitance)
    return np.asarray(total / cell.area)


def _diffusion(cell: Cell, omega: Complex) -> Complex:
    """Finite-space spherical diffusion per contact area [ohm m2]."""
    cathode, composite = cell.cathode, cell.cathode.composite
    curve, radius = cathode.open_circuit_potential, composite.particle_radius
    diffusivity = cathode.diffusivity.value  # type: ignore[union-attr]
    step = 1e-6
    slope = (curve(FRACTION + step) - curve(FRACTION - step)) / (2 * step)
    sites = cathode.active_material.value("maximum_concentration")
    root = np.sqrt(omega * radius**2 / diffusivity)
    # (tanh s)/(s - tanh s), with its series where the difference cancels
    small = np.abs(root) < 0.05
    shape = np.where(small, 3 / root**2 + 0.2, np.tanh(root) / (root - np.tanh(root)))
    flux_per_current = composite.contact_fraction / FARADAY
    return np.asarray(-slope / sites * flux_per_current * radius / diffusivity * shape)


def worst_error(cell: Cell, **mesh: int) -> tuple[float, float]:
    """Largest relative error of the spectrum, and the frequency where it stands."""
    record = simulate(cell, SPECTRUM, **mesh)  # type: ignore[arg-type]
    frequency = record.array("frequency_hertz")
    found = record.array("real_impedance_ohm") + 1j * record.array("imaginary_impedance_ohm")
    error = np.abs(found / exact_impedance(cell, frequency) - 1)
    return float(error.max()), float(frequency[error.argmax()])


def planar_cell() -> Cell:
    """A cathode whose ions and electrons meet no resistance: all particles alike."""
    cell = coated_cell()
    return cell.with_composite(
        cell.cathode.composite.replace(ionic_conductivity=1e4, electronic_conductivity=1e4)
    )


def porous_cell(conductivity: str) -> Cell:
    """A thick cathode with the given effective ionic conductivity."""
    cell = coated_cell(loading="30 mg/cm2")
    return cell.with_composite(cell.cathode.composite.replace(ionic_conductivity=conductivity))


def separated_cell() -> Cell:
    """A planar cell whose four arcs lie decades apart."""
    cell = planar_cell()
    cathode = cell.cathode.replace(
        coating={"thickness": "7.5 nm", "conductivity": "1e-9 S/cm", "capacitance": "20 nF/cm2"},
        interphase=None,
        further_resistance=None,
        charge_transfer=cell.cathode.charge_transfer.replace(double_layer="20 uF/cm2"),
        diffusivity="1e-6 cm2/s",
    )
    anode = cell.anode.replace(interface={"resistance": "30 ohm cm2", "capacitance": "10 nF/cm2"})
    return cell.replace(cathode=cathode, anode=anode)


def arcs() -> Iterator[Mark]:
    """Apex frequency and diameter of each arc against its R and C."""
    cell = separated_cell()
    cathode, layer, anode = cell.cathode, cell.electrolyte, cell.anode.interface
    assert cathode.coating is not None
    transfer = cathode.charge_transfer
    resistance = GAS_CONSTANT * cell.temperature / FARADAY / transfer.exchange(cell.temperature)
    expected = {
        "electrolyte layer": (layer.area_resistance, layer.area_capacitance, cell.area),
        "coating": (
            cathode.coating.area_resistance,
            cathode.coating.area_capacitance,
            cell.contact_area,
        ),
        "charge transfer": (resistance, transfer.double_layer, cell.contact_area),
        "anode": (anode.resistance, anode.capacitance, cell.area),
    }
    record = simulate(
        cell,
        Impedance(lowest="10 mHz", highest="10 GHz", points_per_decade=40, lithium_fraction=0.6),
    )
    frequency, height = record.array("frequency_hertz"), -record.array("imaginary_impedance_ohm")
    peaks = [
        k
        for k in range(1, len(height) - 1)
        if height[k] >= height[k - 1] and height[k] > height[k + 1]
    ]
    for name, (area_resistance, capacitance, area) in expected.items():
        apex = 1 / (2 * np.pi * area_resistance * capacitance)
        nearest = min(peaks, key=lambda k: abs(np.log(frequency[k] / apex)))
        found, diameter = frequency[nearest], 2 * height[nearest]
        wanted = area_resistance / area
        yield Mark(
            f"arc of {name}: apex and diameter",
            f"{found:.3g} Hz, {diameter:.3g} ohm",
            f"{apex:.3g} Hz within 10 %, {wanted:.3g} ohm within 10 %",
            abs(found / apex - 1) < 0.1 and abs(diameter / wanted - 1) < 0.1,
        )


def marks() -> Iterator[Mark]:
    """All marks of this script."""
    error, place = worst_error(planar_cell())
    yield Mark(
        "planar limit against the exact circuit, 0.1 mHz to 10 MHz",
        f"{100 * error:.3g} % (worst at {place:.2g} Hz)",
        "0.1 %",
        error <= 1e-3,
    )
    for conductivity in ("0.5 mS/cm", "0.1 mS/cm", "0.02 mS/cm"):
        error, place = worst_error(porous_cell(conductivity))
        yield Mark(
            f"porous electrode, {conductivity}, against the analytic transmission line",
            f"{100 * error:.3g} % (worst at {place:.2g} Hz)",
            "1 %",
            error <= 1e-2,
        )
    cell = porous_cell("0.1 mS/cm")
    grain = {"resistance": "20 ohm cm2", "capacitance": "1 nF/cm2", "activation_energy": "0.4 eV"}
    transfer = cell.cathode.charge_transfer.replace(activation_energy="0.35 eV")
    warm = cell.replace(
        temperature="60 degC",
        electrolyte=cell.electrolyte.replace(grain_boundary=grain),
        cathode=cell.cathode.replace(charge_transfer=transfer),
    )
    error, place = worst_error(warm)
    yield Mark(
        "the same at 60 degC, with grain boundaries and activation energies",
        f"{100 * error:.3g} % (worst at {place:.2g} Hz)",
        "1 %",
        error <= 1e-2,
    )
    yield from arcs()


if __name__ == "__main__":
    finish(marks())
