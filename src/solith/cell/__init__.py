"""Cells made of interfaces and composites, protocols, and their simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solith.core.lazy import fetch_from

if TYPE_CHECKING:
    from solith.cell.aged import cell_after
    from solith.cell.assembly import build_model
    from solith.cell.attribution import attribute_resistance
    from solith.cell.cell import Anode, AnodeHost, Cathode, Cell, ElectrolyteLayer
    from solith.cell.diffusivity import (
        ConstantDiffusivity,
        HinderedDiffusivity,
        TabulatedDiffusivity,
    )
    from solith.cell.filament_short import short_by_filament
    from solith.cell.kinds import CELLS, read_cell, write_cell
    from solith.cell.liquid import (
        LiquidCathode,
        LiquidCell,
        LiquidElectrolyte,
        LithiumCounter,
    )
    from solith.cell.losses import LOSS_PARTS
    from solith.cell.memristor import (
        BiasSweep,
        Memristor,
        SourceMeter,
        llzo_memristor,
        simulate_memristor,
    )
    from solith.cell.model import SolidStateCell
    from solith.cell.parameters import parameter_values
    from solith.cell.particles import LognormalSizes, ParticleClass, ParticleClasses
    from solith.cell.potential import LangmuirPotential, TabulatedPotential
    from solith.cell.protocol import (
        PROTOCOLS,
        Cycling,
        Gitt,
        Impedance,
        Voltammetry,
        cc_cv,
        cycle,
        rate_series,
    )
    from solith.cell.simulation import Protocol, simulate
    from solith.cell.structure import ELEMENTS, FILMS, Structure
    from solith.cell.symmetric import LithiumElectrode, SymmetricCell, stepped_current
    from solith.cell.thin_film import (
        ActiveFilm,
        AsymmetricButlerVolmer,
        BinaryElectrolyte,
        LithiumMetal,
        ThinFilmCell,
    )

_HOMES = {
    "ActiveFilm": "thin_film",
    "AsymmetricButlerVolmer": "thin_film",
    "BinaryElectrolyte": "thin_film",
    "LithiumMetal": "thin_film",
    "ThinFilmCell": "thin_film",
    "attribute_resistance": "attribution",
    "Protocol": "simulation",
    "cell_after": "aged",
    "CELLS": "kinds",
    "read_cell": "kinds",
    "write_cell": "kinds",
    "Anode": "cell",
    "AnodeHost": "cell",
    "Cathode": "cell",
    "Cell": "cell",
    "ConstantDiffusivity": "diffusivity",
    "Cycling": "protocol",
    "ELEMENTS": "structure",
    "ElectrolyteLayer": "cell",
    "FILMS": "structure",
    "Gitt": "protocol",
    "HinderedDiffusivity": "diffusivity",
    "Impedance": "protocol",
    "LOSS_PARTS": "losses",
    "LangmuirPotential": "potential",
    "LiquidCathode": "liquid",
    "LiquidCell": "liquid",
    "LiquidElectrolyte": "liquid",
    "LithiumCounter": "liquid",
    "LithiumElectrode": "symmetric",
    "SymmetricCell": "symmetric",
    "stepped_current": "symmetric",
    "BiasSweep": "memristor",
    "Memristor": "memristor",
    "SourceMeter": "memristor",
    "llzo_memristor": "memristor",
    "simulate_memristor": "memristor",
    "LognormalSizes": "particles",
    "PROTOCOLS": "protocol",
    "ParticleClass": "particles",
    "ParticleClasses": "particles",
    "SolidStateCell": "model",
    "Structure": "structure",
    "TabulatedDiffusivity": "diffusivity",
    "TabulatedPotential": "potential",
    "Voltammetry": "protocol",
    "build_model": "assembly",
    "cc_cv": "protocol",
    "cycle": "protocol",
    "parameter_values": "parameters",
    "rate_series": "protocol",
    "short_by_filament": "filament_short",
    "simulate": "simulation",
}
__all__ = [
    "ActiveFilm",
    "AsymmetricButlerVolmer",
    "BinaryElectrolyte",
    "LithiumMetal",
    "ThinFilmCell",
    "attribute_resistance",
    "Protocol",
    "cell_after",
    "CELLS",
    "read_cell",
    "write_cell",
    "Anode",
    "AnodeHost",
    "Cathode",
    "Cell",
    "ConstantDiffusivity",
    "Cycling",
    "ELEMENTS",
    "ElectrolyteLayer",
    "FILMS",
    "Gitt",
    "HinderedDiffusivity",
    "Impedance",
    "LOSS_PARTS",
    "LangmuirPotential",
    "LiquidCathode",
    "LiquidCell",
    "LiquidElectrolyte",
    "LithiumCounter",
    "LithiumElectrode",
    "SymmetricCell",
    "stepped_current",
    "BiasSweep",
    "Memristor",
    "SourceMeter",
    "llzo_memristor",
    "simulate_memristor",
    "LognormalSizes",
    "PROTOCOLS",
    "ParticleClass",
    "ParticleClasses",
    "SolidStateCell",
    "Structure",
    "TabulatedDiffusivity",
    "TabulatedPotential",
    "Voltammetry",
    "build_model",
    "cc_cv",
    "cycle",
    "parameter_values",
    "rate_series",
    "short_by_filament",
    "simulate",
]

__getattr__ = fetch_from(__name__, _HOMES)
